//! Where the texts of an earlier journal go.
//!
//! In: the files of such a journal, one after the other, and what records commits. Out: the texts in our journal, and a
//! [`Report`].
//! Never here: a text that has not passed the redactor, or one that is dropped without a word in the report.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::NaiveDate;

use super::files::{self, Found, JournalFile, LeftOut};
use super::part::Part;
use super::reading::parts;
use crate::chat::Assistant;
use crate::config::{AssistantConfig, Config};
use crate::env::Deadline;
use crate::evidence::redact::Redactor;
use crate::git::{Abbreviated, CommitId};
use crate::journal::Imported;
use crate::record::{Recorded, Recorder};
use crate::store::{Place, Store};

/// How long to wait for another writer of the journal.
const PATIENCE: Duration = Duration::from_secs(60);

/// Brings texts into the journal.
#[derive(Debug)]
pub struct Importer<'a> {
    /// What writes the entry of a commit that has none yet.
    pub recorder: Recorder<'a>,
    /// Whether nothing is written, only counted.
    pub dry_run: bool,
}

/// What became of a journal's texts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Files that had texts.
    pub files: usize,
    /// Texts that joined the entry of their commit.
    pub in_entries: usize,
    /// Texts that stand on the page of their day.
    pub on_days: usize,
    /// Texts that stood where they belong already.
    pub there: usize,
    /// Commits whose entry was written for their texts.
    pub entries_written: usize,
    /// Texts that found no commit although they name one, and what was not imported at all.
    pub left_out: Vec<LeftOut>,
}

/// What a text belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Commit(CommitId),
    Day(NaiveDate),
}

/// A text on its way.
struct Text<'a> {
    part: &'a Part,
    imported: Imported,
}

/// The settings without any assistant: the conversations of years ago are gone, and to look for them would take long.
#[must_use]
pub fn without_conversations(config: &Config) -> Config {
    let mut config = config.clone();
    let silent =
        |assistant: &Assistant| (assistant.slug().to_owned(), AssistantConfig { read: false, directory: None });
    config.assistants.by_name = Assistant::ALL.iter().map(silent).collect();
    config
}

impl Importer<'_> {
    /// Imports the files in their order. What was imported before changes nothing.
    ///
    /// # Errors
    /// The journal cannot be read or written. What was imported until then stays, and need not be undone.
    pub fn import(&self, found: &Found) -> Result<Report> {
        let mut run = Run {
            recorder: &self.recorder,
            only_count: self.dry_run,
            store: self.recorder.store(),
            redactor: Redactor::new(&self.recorder.config.redact),
            written: BTreeSet::new(),
            report: Report { left_out: found.left_out.clone(), ..Report::default() },
        };
        for file in &found.files {
            match files::read(file) {
                Ok(text) => {
                    run.file(file, &text).with_context(|| format!("cannot import {}", file.path.display()))?;
                }
                Err(error) => run.report.leave(file.name.clone(), format!("{error:#}"), None),
            }
        }
        Ok(run.report)
    }
}

/// One import under way.
struct Run<'a> {
    recorder: &'a Recorder<'a>,
    only_count: bool,
    store: Store,
    redactor: Redactor,
    /// The commits whose entries were written, or would have been.
    written: BTreeSet<CommitId>,
    report: Report,
}

impl Run<'_> {
    fn file(&mut self, file: &JournalFile, text: &str) -> Result<()> {
        let parts = parts(file.kind, text);
        if parts.is_empty() {
            self.report.leave(file.name.clone(), "no entry in it".to_owned(), None);
            return Ok(());
        }
        self.report.files += 1;
        let mut by_target: BTreeMap<Target, Vec<Text<'_>>> = BTreeMap::new();
        for part in &parts {
            let Some(imported) = clean(file, part, &self.redactor) else { continue };
            let (target, why) = self.target(file, part);
            if let Some(why) = why {
                self.report.leave(at(file, part), why, day_of(file, part));
            }
            if let Some(target) = target {
                by_target.entry(target).or_default().push(Text { part, imported });
            }
        }
        for (target, texts) in by_target {
            match target {
                Target::Commit(id) => self.commit(file, &id, texts)?,
                Target::Day(day) => self.day(file, day, texts)?,
            }
        }
        Ok(())
    }

    /// What a part belongs to, if anything, and why that is not what it says itself.
    fn target(&self, file: &JournalFile, part: &Part) -> (Option<Target>, Option<String>) {
        let day = day_of(file, part).map(Target::Day);
        let why = match &part.commit {
            Some(digits) => match self.recorder.repository.abbreviated(digits) {
                Abbreviated::Commit(id) => return (Some(Target::Commit(id)), None),
                Abbreviated::Ambiguous => Some(format!("several commits begin with {digits}")),
                Abbreviated::Unknown => Some(format!("no commit here begins with {digits}")),
            },
            None if part.of_commit => Some("no commit is named".to_owned()),
            None if day.is_none() => Some("no day is named".to_owned()),
            None => None,
        };
        (day, why)
    }

    fn commit(&mut self, file: &JournalFile, id: &CommitId, texts: Vec<Text<'_>>) -> Result<()> {
        let imported = imported(&texts);
        let why = match self.join_entry(id, &imported) {
            Ok(Some(added)) => {
                self.report.in_entries += added;
                self.report.there += imported.len() - added;
                return Ok(());
            }
            Ok(None) => format!("{} has no entry that can be added to", id.short()),
            // Of a partial clone, perhaps. A journal that cannot be written fails once more, with the day's page.
            Err(error) => format!("{error:#}"),
        };
        for text in texts {
            let day = day_of(file, text.part);
            self.report.leave(at(file, text.part), why.clone(), day);
            day.map_or(Ok(()), |day| self.day(file, day, vec![text]))?;
        }
        Ok(())
    }

    /// Adds texts to the entry of a commit, which is written first where there is none. `None` when the commit gets none
    /// (it changes the journal alone), or one that cannot be added to (of a later version of the format).
    fn join_entry(&mut self, id: &CommitId, texts: &[Imported]) -> Result<Option<usize>> {
        let day = self.recorder.repository.authored(id)?.date_naive();
        if let Some(added) = self.join(day, Place::Entry(id), texts)? {
            return Ok(Some(added));
        }
        if self.store.has(day, id)? || !self.write_entry(id)? {
            return Ok(None);
        }
        Ok(self.join(day, Place::Entry(id), texts)?.or(self.only_count.then_some(texts.len())))
    }

    fn day(&mut self, file: &JournalFile, day: NaiveDate, texts: Vec<Text<'_>>) -> Result<()> {
        let imported = imported(&texts);
        if let Some(added) = self.join(day, Place::Day, &imported)? {
            self.report.on_days += added;
            self.report.there += imported.len() - added;
            return Ok(());
        }
        for text in texts {
            self.report.leave(at(file, text.part), format!("the page of {day} is full"), None);
        }
        Ok(())
    }

    fn join(&self, day: NaiveDate, place: Place<'_>, texts: &[Imported]) -> Result<Option<usize>> {
        if self.only_count {
            return self.store.would_join(day, place, texts);
        }
        self.store.join(day, place, texts, Deadline::after(PATIENCE))
    }

    /// Writes the entry of a commit; false when it gets none.
    fn write_entry(&mut self, id: &CommitId) -> Result<bool> {
        if self.written.contains(id) {
            return Ok(true);
        }
        let has_entry = if self.only_count {
            self.recorder.tell(id, None)?.is_some()
        } else {
            self.recorder.record(id, None)? != Recorded::OnlyJournal
        };
        if has_entry {
            self.written.insert(id.clone());
            self.report.entries_written += 1;
        }
        Ok(has_entry)
    }
}

impl Report {
    fn leave(&mut self, place: String, why: String, kept_on: Option<NaiveDate>) {
        self.left_out.push(LeftOut { place, why, kept_on });
    }
}

fn imported(texts: &[Text<'_>]) -> Vec<Imported> {
    texts.iter().map(|text| text.imported.clone()).collect()
}

/// The text as it may be written down. Control characters go first: one in a key would hide it from the redactor.
fn clean(file: &JournalFile, part: &Part, redactor: &Redactor) -> Option<Imported> {
    let raw = Imported { source: file.name.clone(), text: part.text.clone() }.normalised()?;
    let redacted = |text: &str| redactor.redact(text).into_owned();
    Imported { source: redacted(&raw.source), text: redacted(&raw.text) }.normalised()
}

/// The day of a text that finds no commit.
fn day_of(file: &JournalFile, part: &Part) -> Option<NaiveDate> {
    part.day.or(file.day)
}

fn at(file: &JournalFile, part: &Part) -> String {
    format!("{}:{}", file.name, part.line)
}
