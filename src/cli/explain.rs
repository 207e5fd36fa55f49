//! `commit-story record --print --explain`: why each conversation was taken or left.
//!
//! In: a [`Story`]. Out: a few lines for people, or a part of the JSON.
//! Never here: a decision (that is `chat::matching`), or a word of a conversation.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::session::Session;
use super::sources::at_home;
use crate::chat::matching::{Start, Window};
use crate::chat::verdict::{Considered, Objection, Reason, Verdict};
use crate::record::Story;
use crate::safe::printable;
use crate::ui::style::{Part, paint};

/// What `--explain` adds to the JSON.
#[derive(Debug, Serialize)]
pub struct ExplanationJson {
    window: WindowJson,
    considered: Vec<ConsideredJson>,
    /// Transcripts of other repositories, or without anything in the span.
    strangers: usize,
    /// Transcripts that were not opened, because time ran out.
    unopened: usize,
}

#[derive(Debug, Serialize)]
struct WindowJson {
    since: String,
    until: String,
    /// `previous_commit`, `moved` or `unknown`.
    start: &'static str,
    /// How far back was looked; earlier than `since` where nothing newer explained the commit.
    looked_back_to: String,
}

#[derive(Debug, Serialize)]
struct ConsideredJson {
    session: String,
    assistant: &'static str,
    file: String,
    /// Whether all of the wanted span was read.
    complete: bool,
    taken: bool,
    /// Taken: `ran_the_commit`, `edited_files`, `names_files`, `nearby`. Left: `nothing_in_span`, `edited_before`, `told`,
    /// `other_files`, `other_work_tree`, `outdone`.
    reason: &'static str,
    /// Taken: how many of the commit's files it edited.
    files: Option<usize>,
    /// `told`: the commit; `outdone`: the other session's reason.
    by: Option<String>,
}

/// The explanation for people.
#[must_use]
pub fn text(session: &Session, story: &Story) -> String {
    let account = &story.account;
    let mut rows = span(session, story);
    rows.extend(account.considered.iter().flat_map(|one| considered(session, story, one)));
    if account.considered.is_empty() {
        rows.push("no conversation of this repository was found in that time".to_owned());
    }
    if account.strangers > 0 {
        let has = if account.strangers == 1 { "has" } else { "have" };
        rows.push(format!("{} more {has} nothing of this repository in that time", account.strangers));
    }
    if account.unopened > 0 {
        rows.push(format!("{} more not opened: time ran out", account.unopened));
    }
    rows.extend(story.evidence.gaps().iter().map(|gap| {
        let source = at_home(&gap.source, session.env.home.as_deref());
        format!("{} not read: {}: {}", gap.assistant.name(), printable(&source), printable(&gap.reason))
    }));
    rows.join("\n")
}

/// From when to when, and why.
fn span(session: &Session, story: &Story) -> Vec<String> {
    let Window { since, until, start } = story.window;
    let minute = |at: DateTime<Utc>| at.with_timezone(session.env.now.offset()).format("%Y-%m-%d %H:%M:%S");
    let why = match start {
        Start::PreviousCommit => "from the previous commit to this one",
        Start::Moved => "7 days up to the author date, because the commit was moved onto a younger one",
        Start::Unknown => "7 days, because no earlier commit says when the work began",
    };
    let id = story.evidence.commit().id.short();
    let mut rows = vec![format!("{id} from {} to {}: {why}", minute(since), minute(until))];
    if story.account.since < since {
        let back = minute(story.account.since);
        rows.push(format!("looked back to {back}, because no session since then edited a file of the commit"));
    }
    rows
}

fn considered(session: &Session, story: &Story, one: &Considered) -> [String; 2] {
    let colour = session.printer.colour_out;
    let sign = match one.verdict {
        Verdict::Taken { .. } => paint(Part::Good, "✓ taken", colour),
        Verdict::Left(_) => paint(Part::Quiet, "- left ", colour),
    };
    let name = format!("{} {}", one.assistant.name(), printable(one.session.short()));
    let part = if one.complete { "" } else { "; read in part only" };
    let totals = story.evidence.totals();
    let why = why(&one.verdict, totals.files + totals.journal_files);
    let file = printable(&at_home(&one.file, session.env.home.as_deref()));
    [
        format!("{sign} {}: {why}{part}", paint(Part::Strong, name, colour)),
        paint(Part::Quiet, format!("        {file}"), colour),
    ]
}

fn why(verdict: &Verdict, of: u32) -> String {
    let edited = |files: usize| format!("edited {files} of {of} file{}", if of == 1 { "" } else { "s" });
    match verdict {
        Verdict::Taken { reason: Reason::RanTheCommit, files: 0 } => "ran the commit".to_owned(),
        Verdict::Taken { reason: Reason::RanTheCommit, files } => format!("ran the commit, {}", edited(*files)),
        Verdict::Taken { reason: Reason::EditedFiles, files } => edited(*files),
        Verdict::Taken { reason: Reason::NamesFiles, .. } => "names a file of the commit".to_owned(),
        Verdict::Taken { reason: Reason::Nearby, .. } => {
            "went on in this repository, and nothing explains the commit better".to_owned()
        }
        Verdict::Left(Objection::NothingInSpan) => "nothing was said in that time".to_owned(),
        Verdict::Left(Objection::EditedBefore) => "edited files of the commit only before that time".to_owned(),
        Verdict::Left(Objection::Told(commit)) => format!("told by {}", commit.short()),
        Verdict::Left(Objection::OtherFiles) => "edited only other files".to_owned(),
        Verdict::Left(Objection::Copy) => "a copy of what another session holds".to_owned(),
        Verdict::Left(Objection::OtherWorkTree) => "edited only files in another work tree".to_owned(),
        Verdict::Left(Objection::Outdone(reason)) => match reason {
            Reason::RanTheCommit => "another session ran the commit".to_owned(),
            Reason::EditedFiles => "another session edited the files".to_owned(),
            Reason::NamesFiles | Reason::Nearby => "another session names the files".to_owned(),
        },
    }
}

/// The explanation as a part of the JSON.
#[must_use]
pub fn json(session: &Session, story: &Story) -> ExplanationJson {
    let Window { since, until, start } = story.window;
    let time = |at: DateTime<Utc>| at.with_timezone(session.env.now.offset()).to_rfc3339();
    let start = match start {
        Start::PreviousCommit => "previous_commit",
        Start::Moved => "moved",
        Start::Unknown => "unknown",
    };
    let account = &story.account;
    let window = WindowJson { since: time(since), until: time(until), start, looked_back_to: time(account.since) };
    let considered = account.considered.iter().map(considered_json).collect();
    ExplanationJson { window, considered, strangers: account.strangers, unopened: account.unopened }
}

fn considered_json(one: &Considered) -> ConsideredJson {
    let (taken, reason, files, by) = match &one.verdict {
        Verdict::Taken { reason, files } => (true, reason.slug(), Some(*files), None),
        Verdict::Left(objection) => {
            let by = match objection {
                Objection::Told(commit) => Some(commit.to_string()),
                Objection::Outdone(reason) => Some(reason.slug().to_owned()),
                _ => None,
            };
            (false, objection.slug(), None, by)
        }
    };
    ConsideredJson {
        session: one.session.0.clone(),
        assistant: one.assistant.slug(),
        file: one.file.display().to_string(),
        complete: one.complete,
        taken,
        reason,
        files,
        by,
    }
}
