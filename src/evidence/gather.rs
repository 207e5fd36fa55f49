//! Gathering: sources in, redacted evidence out.
//!
//! In: [`Sources`]: a commit, the turns that led to it, notes, gaps. Out: [`Evidence`].
//! Never here: a text that reaches [`Evidence`] without having passed the redactor; its fields are private, and
//! [`gather`] is its only maker.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::redact::{Known, Redactor};
use crate::chat::matching::Match;
use crate::chat::turn::{Asked, Planned, Ran, Said, Turn};
use crate::chat::verdict::Reason;
use crate::chat::{Assistant, Gap, Outcome, SessionId};
use crate::git::{Change, Commit, Lines, Signature, Trailer};
use crate::journal::{Note, Relation};

/// The most files that are kept by name. A commit of more is described by its totals and its largest changes.
pub const FILES_KEPT: usize = 2_000;

/// How much of a failed command's output is kept: enough for the error, which stands at the end.
const OUTPUT_LINES: usize = 6;
const OUTPUT_CHARS: usize = 600;

/// What is gathered.
#[derive(Debug, Clone, PartialEq)]
pub struct Sources {
    /// The commit.
    pub commit: Commit,
    /// The journal's folder in the repository, `/`-separated, without a slash at the end; `None` if it lies outside.
    pub journal: Option<String>,
    /// The conversations that led to the commit.
    pub matches: Vec<Match>,
    /// Notes written since the last commit.
    pub notes: Vec<Note>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// The files of a merge that git could not merge by itself.
    pub conflicts: Vec<String>,
    /// How the commit stands to others.
    pub relations: Vec<Relation>,
}

impl Sources {
    /// What git alone knows.
    #[must_use]
    pub fn of(commit: Commit) -> Self {
        Self {
            commit,
            journal: None,
            matches: Vec::new(),
            notes: Vec::new(),
            gaps: Vec::new(),
            conflicts: Vec::new(),
            relations: Vec::new(),
        }
    }
}

/// What is known about a commit, redacted.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    commit: Commit,
    totals: Totals,
    sessions: Vec<SessionEvidence>,
    notes: Vec<Note>,
    gaps: Vec<Gap>,
    conflicts: Vec<String>,
    relations: Vec<Relation>,
}

/// The commit's size, over all its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Files, without those of the journal.
    pub files: u32,
    /// Lines added.
    pub added: u64,
    /// Lines removed.
    pub removed: u64,
    /// Files of the journal, which never become evidence.
    pub journal_files: u32,
    /// Files that are counted above but not kept by name.
    pub unnamed: u32,
    /// Files whose lines could not be counted: their content is not here, or time ran out.
    pub uncounted: u32,
}

/// What a session contributes.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionEvidence {
    /// The session's full id.
    pub id: SessionId,
    /// Which assistant.
    pub assistant: Assistant,
    /// The assistant's version.
    pub version: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// Why it was taken.
    pub reason: Reason,
    /// The turns that belong to the commit, oldest first; never empty.
    pub turns: Vec<Turn>,
    /// The turn before the first.
    pub antecedent: Option<Turn>,
    /// Whether everything that belongs was read.
    pub complete: bool,
}

impl Evidence {
    /// The commit, without journal files, its files by churn.
    #[must_use]
    pub fn commit(&self) -> &Commit {
        &self.commit
    }

    /// Its size.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// The sessions in the order of their first turn.
    #[must_use]
    pub fn sessions(&self) -> &[SessionEvidence] {
        &self.sessions
    }

    /// The notes, oldest first.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// What could not be read.
    #[must_use]
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// The files of a merge that git could not merge by itself.
    #[must_use]
    pub fn conflicts(&self) -> &[String] {
        &self.conflicts
    }

    /// How the commit stands to others.
    #[must_use]
    pub fn relations(&self) -> &[Relation] {
        &self.relations
    }
}

impl SessionEvidence {
    /// The first and the last instant that belong to the commit.
    #[must_use]
    pub fn span(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        let start = self.turns.iter().map(|turn| turn.span.0).min().unwrap_or_default();
        let end = self.turns.iter().map(|turn| turn.span.1).max().unwrap_or_default();
        (start, end)
    }
}

/// Whether a path is the journal's own.
#[must_use]
pub fn is_journal(path: &[u8], journal: Option<&str>) -> bool {
    journal.is_some_and(|folder| {
        path.strip_prefix(folder.as_bytes()).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
    })
}

/// Gathers and redacts. This is the only way to evidence.
#[must_use]
pub fn gather(sources: Sources, redactor: &Redactor) -> Evidence {
    let Sources { commit, journal, matches, notes, gaps, conflicts, relations } = sources;
    let clean = Clean { redactor, known: RefCell::default(), again: false };
    let (commit, totals) = clean.commit(commit, journal.as_deref());
    let evidence = Evidence {
        commit,
        totals,
        sessions: matches.into_iter().map(|found| clean.session(found)).collect(),
        notes: notes.into_iter().map(|note| Note { text: clean.text(note.text), ..note }).collect(),
        gaps: dedup(gaps).into_iter().map(|gap| clean.gap(gap)).collect(),
        conflicts: conflicts.into_iter().map(|path| clean.text(path)).collect(),
        relations,
    };
    if clean.known.borrow().is_empty() { evidence } else { Clean { again: true, ..clean }.evidence(evidence) }
}

fn dedup(gaps: Vec<Gap>) -> Vec<Gap> {
    let mut seen: BTreeSet<(PathBuf, String)> = BTreeSet::new();
    gaps.into_iter().filter(|gap| seen.insert((gap.source.clone(), gap.reason.clone()))).collect()
}

/// Walks every text of the sources through the redactor.
struct Clean<'r> {
    redactor: &'r Redactor,
    /// What was found to be secret in any of them.
    known: RefCell<Known>,
    /// Whether what is known is taken out of texts that have been redacted: its place may not say that it is secret.
    again: bool,
}

impl Clean<'_> {
    fn text(&self, text: String) -> String {
        if self.again {
            return self.known.borrow().take_out(&text).into_owned();
        }
        match self.redactor.redact_and_learn(&text, &mut self.known.borrow_mut()) {
            std::borrow::Cow::Borrowed(_) => text,
            std::borrow::Cow::Owned(clean) => clean,
        }
    }

    /// Evidence that has been redacted, without what is known by now.
    fn evidence(&self, mut evidence: Evidence) -> Evidence {
        let commit = &mut evidence.commit;
        commit.subject = self.text(std::mem::take(&mut commit.subject));
        commit.body = self.text(std::mem::take(&mut commit.body));
        for session in &mut evidence.sessions {
            session.turns = std::mem::take(&mut session.turns).into_iter().map(|turn| self.turn(turn)).collect();
            session.antecedent = session.antecedent.take().map(|turn| self.turn(turn));
        }
        for note in &mut evidence.notes {
            note.text = self.text(std::mem::take(&mut note.text));
        }
        evidence
    }

    fn option(&self, text: Option<String>) -> Option<String> {
        text.map(|text| self.text(text))
    }

    fn commit(&self, mut commit: Commit, journal: Option<&str>) -> (Commit, Totals) {
        let before = commit.changes.len();
        commit.changes.retain(|change| !is_journal(&change.path, journal));
        let mut totals = Totals {
            files: u32::try_from(commit.changes.len()).unwrap_or(u32::MAX),
            journal_files: u32::try_from(before - commit.changes.len()).unwrap_or(u32::MAX),
            ..Totals::default()
        };
        for change in &commit.changes {
            match change.lines {
                Lines::Counted { added, removed } => {
                    totals.added += u64::from(added);
                    totals.removed += u64::from(removed);
                }
                Lines::Uncounted => totals.uncounted += 1,
                Lines::Binary => {}
            }
        }
        if commit.is_merge() {
            // The others are told by the commits that are merged.
            let Commit { changes, both_sides, .. } = &mut commit;
            changes.retain(|change| both_sides.contains(&change.path));
        }
        // Stable: files of the same churn stay in git's order.
        commit.changes.sort_by_key(|change| std::cmp::Reverse(change.lines.churn()));
        totals.unnamed = u32::try_from(commit.changes.len().saturating_sub(FILES_KEPT)).unwrap_or(u32::MAX);
        commit.changes.truncate(FILES_KEPT);
        commit.changes = commit.changes.into_iter().map(|change| self.change(change)).collect();
        commit.subject = self.text(commit.subject);
        commit.body = self.text(commit.body);
        commit.branch = self.option(commit.branch);
        commit.author = self.signature(commit.author);
        commit.committer = self.signature(commit.committer);
        commit.trailers = commit.trailers.iter().map(|trailer| self.trailer(trailer)).collect();
        (commit, totals)
    }

    /// Key and value together: alone, the value of `Password: …` does not look like one.
    fn trailer(&self, trailer: &Trailer) -> Trailer {
        let line = format!("{}: {}", trailer.key, trailer.value);
        let clean = self.redactor.redact(&line);
        let (key, value) = clean.split_once(": ").unwrap_or((&clean, ""));
        Trailer { key: key.to_owned(), value: value.to_owned() }
    }

    fn gap(&self, gap: Gap) -> Gap {
        Gap { assistant: gap.assistant, source: self.file(gap.source), reason: self.text(gap.reason) }
    }

    fn file(&self, path: PathBuf) -> PathBuf {
        if let std::borrow::Cow::Owned(clean) = self.redactor.redact(&path.to_string_lossy()) {
            return clean.into();
        }
        path
    }

    fn signature(&self, signature: Signature) -> Signature {
        Signature { name: self.text(signature.name), email: self.text(signature.email), when: signature.when }
    }

    fn path(&self, path: Vec<u8>) -> Vec<u8> {
        match self.redactor.redact(&crate::git::change::path_text(&path)) {
            std::borrow::Cow::Owned(clean) => clean.into_bytes(),
            std::borrow::Cow::Borrowed(_) => path,
        }
    }

    fn change(&self, change: Change) -> Change {
        use crate::git::ChangeKind;
        let kind = match change.kind {
            ChangeKind::Renamed { from } => ChangeKind::Renamed { from: self.path(from) },
            ChangeKind::Copied { from } => ChangeKind::Copied { from: self.path(from) },
            kind => kind,
        };
        Change { path: self.path(change.path), kind, lines: change.lines }
    }

    fn session(&self, found: Match) -> SessionEvidence {
        SessionEvidence {
            id: SessionId(self.text(found.session.id.0)),
            assistant: found.session.assistant,
            version: self.option(found.session.version),
            model: self.option(found.session.model),
            reason: found.reason,
            turns: found.turns.into_iter().map(|turn| self.turn(turn)).collect(),
            antecedent: found.antecedent.map(|turn| self.turn(turn)),
            complete: found.session.complete,
        }
    }

    fn said(&self, said: Said) -> Said {
        Said { at: said.at, text: self.text(said.text) }
    }

    fn turn(&self, turn: Turn) -> Turn {
        Turn {
            prompt: turn.prompt.map(|said| self.said(said)),
            replies: turn.replies.into_iter().map(|said| self.said(said)).collect(),
            commands: turn.commands.into_iter().map(|ran| self.ran(ran)).collect(),
            questions: turn
                .questions
                .into_iter()
                .map(|asked| Asked {
                    at: asked.at,
                    question: self.text(asked.question),
                    answer: self.option(asked.answer),
                })
                .collect(),
            plans: turn
                .plans
                .into_iter()
                .map(|plan| Planned { at: plan.at, text: self.text(plan.text), approved: plan.approved })
                .collect(),
            edits: turn.edits.into_iter().map(|(at, path)| (at, self.file(path))).collect(),
            // They served to choose the turn; the words of their messages are not needed any more.
            made: Vec::new(),
            committed: turn.committed,
            span: turn.span,
            closed: turn.closed,
            carried_over: turn.carried_over,
        }
    }

    fn ran(&self, ran: Ran) -> Ran {
        let outcome = match ran.outcome {
            Outcome::Failed { exit, output } => Outcome::Failed { exit, output: end_of(&self.text(output)) },
            outcome => outcome,
        };
        Ran { at: ran.at, line: self.text(ran.line), outcome }
    }
}

/// The end of an output. Cut here and not where it was read: half a key is not known for one.
fn end_of(output: &str) -> String {
    let lines: Vec<&str> = output.lines().collect();
    let end = lines[lines.len().saturating_sub(OUTPUT_LINES)..].join("\n");
    let surplus = end.chars().count().saturating_sub(OUTPUT_CHARS);
    end.chars().skip(surplus).collect()
}
