//! The bookkeeping of an entry, read back.
//!
//! In: the lines of *Details*. Out: plain data, and a problem for each line that does not follow the format.
//! Never here: the commit's own id, which the entry's first line has.

use chrono::{DateTime, FixedOffset};

use super::render::DROPPED;
use super::sections::{Cursor, Line, list};
use crate::chat::Assistant;
use crate::git::CommitId;
use crate::journal::{Details, Problem, Relation, SessionLine};

/// Reads *Details* of an entry of that instant. The commit's own id is not looked at: the entry's first line has it.
pub(super) fn details(lines: &[Line<'_>], entry: DateTime<FixedOffset>, problems: &mut Vec<Problem>) -> Details {
    let mut details = Details::default();
    list(lines, problems, |item| {
        let mut cursor = Cursor(item);
        if cursor.eat("Commit ").is_some() {
            cursor.code()?;
            details.branch = cursor.eat(" on ").and_then(|()| cursor.code()).map(str::to_owned);
        } else if cursor.eat("Author: ").is_some() {
            cursor.0.clone_into(&mut details.author);
        } else if cursor.eat("Merges ").is_some() {
            details.merged = ids(cursor.0)?;
        } else if cursor.eat("Conflicts resolved in ").is_some() {
            details.conflicts.push(cursor.code()?.to_owned());
            while cursor.eat(", ").is_some() {
                details.conflicts.push(cursor.code()?.to_owned());
            }
            cursor.end()?;
        } else if cursor.eat("Cherry-picked from ").is_some() {
            details.relations.push(Relation::PickedFrom(id(cursor.0)?));
        } else if cursor.eat("Reverts ").is_some() {
            details.relations.push(Relation::Reverts(id(cursor.0)?));
        } else if cursor.eat("Squashes ").is_some() {
            details.relations.push(Relation::Squashes(ids(cursor.0)?));
        } else if cursor.0 == DROPPED {
            details.dropped = true;
        } else if cursor.eat("Left out: ").is_some() {
            details.omissions.push(cursor.0.to_owned());
        } else {
            details.sessions.push(session(&mut cursor, entry)?);
        }
        Some(())
    });
    details
}

fn ids(text: &str) -> Option<Vec<CommitId>> {
    text.split(", ").map(id).collect()
}

fn id(text: &str) -> Option<CommitId> {
    CommitId::parse(text.trim_matches('`'))
}

fn session(cursor: &mut Cursor<'_>, entry: DateTime<FixedOffset>) -> Option<SessionLine> {
    let assistant = Assistant::ALL.iter().copied().find(|known| cursor.eat(known.name()).is_some())?;
    cursor.eat(", session ")?;
    let session = cursor.code()?.trim().to_owned();
    cursor.eat(", ")?;
    let prompts = cursor.counted("prompt")?;
    cursor.eat(", ")?;
    let first = cursor.moment(entry)?;
    cursor.eat(" to ")?;
    let last = cursor.moment(first)?;
    let model = match cursor.eat(", model ") {
        Some(()) => Some(cursor.code()?.to_owned()),
        None => None,
    };
    cursor.end()?;
    Some(SessionLine { assistant, session, model, prompts, span: (first, last) })
}
