//! A session in one of OpenCode's databases.
//!
//! In: a database and the session's id. Out: a session, with what its sub-agents did.
//! Never here: what sub-agents say, or the prompts that they were given.

use std::ops::ControlFlow;

use super::record;
use crate::chat::document::{self, text};
use crate::chat::entry::{Entry, Part};
use crate::chat::message::{Assistant, Gap, Session, Wanted};
use crate::chat::reader::Candidate;
use crate::chat::sqlite::{Database, bounded};
use crate::chat::stored::End;
use crate::env::Deadline;

/// So many sub-agents of a session are looked at.
const AGENTS: usize = 64;

/// A session's row.
struct Head {
    id: String,
    directory: Option<String>,
    version: Option<String>,
    model: Option<String>,
}

/// Which tables hold a session.
#[derive(Clone, Copy)]
pub(super) enum Tables {
    /// `session`, `message` and `part`.
    One,
    /// `session_v2` and `session_message`.
    Two,
}

impl Tables {
    /// The tables of a database, the newest first.
    pub(super) fn of(database: &Database) -> Result<Vec<Self>, Gap> {
        let mut tables = Vec::new();
        if !database.columns("session_v2")?.is_empty() && !database.columns("session_message")?.is_empty() {
            tables.push(Self::Two);
        }
        if !database.columns("session")?.is_empty() && !database.columns("message")?.is_empty() {
            tables.push(Self::One);
        }
        Ok(tables)
    }

    /// The name of the table of sessions.
    pub(super) fn sessions(self) -> &'static str {
        match self {
            Self::One => "session",
            Self::Two => "session_v2",
        }
    }

    /// The column, or nothing where this version has none of that name.
    pub(super) fn column<'a>(self, database: &Database, name: &'a str) -> Result<&'a str, Gap> {
        let columns = database.columns(self.sessions())?;
        Ok(if columns.iter().any(|column| column == name) { name } else { "NULL" })
    }
}

/// The wanted end of a session.
pub(super) fn read(
    assistant: Assistant,
    candidate: &Candidate,
    wanted: &Wanted,
    deadline: Deadline,
) -> Result<Option<Session>, Gap> {
    let database = Database::open(assistant, &candidate.file, deadline)?;
    for tables in Tables::of(&database)? {
        let Some(head) = heads(&database, tables, "id", &candidate.id.0)?.into_iter().next() else { continue };
        let mut entries = entries(&database, tables, &head.id, wanted)?;
        if tables.column(&database, "parent_id")? != "NULL" {
            for agent in heads(&database, tables, "parent_id", &head.id)?.into_iter().take(AGENTS) {
                entries.extend(self::entries(&database, tables, &agent.id, wanted)?.into_iter().map(only_done));
            }
        }
        // Stable: what was said in the same instant keeps its order.
        entries.sort_by_key(|(entry, _)| std::cmp::Reverse(entry.at));
        let mut end = End::new(wanted);
        for (entry, bytes) in entries {
            if !end.add(entry, bytes) {
                break;
            }
        }
        let first = Entry { directory: head.directory, version: head.version, model: head.model, ..Entry::default() };
        return Ok(end.session(assistant, &first, candidate, wanted));
    }
    Ok(None)
}

/// Of a sub-agent only what it did counts.
fn only_done((mut entry, bytes): (Entry, usize)) -> (Entry, usize) {
    entry.parts.retain(|part| matches!(part, Part::Use(..) | Part::Came(..)));
    entry.directory = None;
    entry.model = None;
    (entry, bytes)
}

fn heads(database: &Database, tables: Tables, by: &str, id: &str) -> Result<Vec<Head>, Gap> {
    let (version, model) = (tables.column(database, "version")?, tables.column(database, "model")?);
    let question = format!("SELECT id, directory, {version}, {model} FROM {} WHERE {by} = ?1", tables.sessions());
    database.all(&question, &[id], |row| {
        let model = row.bytes(3).and_then(document::value);
        let model = model.and_then(|model| text(&model, "/id").map(str::to_owned));
        Some(Head { id: row.text(0)?, directory: row.text(1), version: row.text(2), model })
    })
}

/// The records of a session with their sizes, from the newest as far back as is wanted.
fn entries(database: &Database, tables: Tables, id: &str, wanted: &Wanted) -> Result<Vec<(Entry, usize)>, Gap> {
    let data = bounded("data");
    let question = match tables {
        Tables::Two => format!(
            "SELECT id, time_created, {data}, type FROM session_message WHERE session_id = ?1 ORDER BY seq DESC"
        ),
        Tables::One => format!(
            "SELECT id, time_created, {data}, NULL FROM message WHERE session_id = ?1 ORDER BY time_created DESC, id DESC"
        ),
    };
    let mut end = End::new(wanted);
    let (mut entries, mut gap) = (Vec::new(), None);
    database.each(&question, &[id], |row| {
        let (Some(id), Some(data)) = (row.text(0), row.bytes(2)) else { return ControlFlow::Continue(()) };
        let (size, at) = (data.len(), row.time(1));
        let Some(data) = document::value(data) else { return ControlFlow::Continue(()) };
        let (entry, size) = match tables {
            Tables::Two => (record::message(&row.text(3).unwrap_or_default(), &id, at, &data), size),
            Tables::One => match parts(database, &id) {
                Ok((parts, bytes)) => (record::with_parts(&id, at, &data, &parts), size + bytes),
                Err(failed) => {
                    gap = Some(failed);
                    return ControlFlow::Break(());
                }
            },
        };
        entries.push((entry.clone(), size));
        if end.add(entry, size) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    gap.map_or(Ok(entries), Err)
}

/// The parts of a message in order, and their size.
fn parts(database: &Database, message: &str) -> Result<(Vec<(String, serde_json::Value)>, usize), Gap> {
    let question = format!("SELECT id, {} FROM part WHERE message_id = ?1 ORDER BY id", bounded("data"));
    let mut size = 0;
    let parts = database.all(&question, &[message], |row| {
        let data = row.bytes(1)?;
        size += data.len();
        Some((row.text(0)?, document::value(data)?))
    })?;
    Ok((parts, size))
}
