//! OpenCode, and Kilo, which is made from it.
//!
//! In: the places where its databases and older files lie, and what is wanted. Out: candidates, and from each a
//! [`Session`].
//! Never here: thinking, what a tool read, its accounts, or what is put into the user's mouth (`synthetic`).
//!
//! Since version 2 a database has `session_v2` and `session_message`; version 1 had `session`, `message` and `part`; before
//! that each record was a file below `storage`. A session that is there more than once is told from the newest.

mod record;

mod rows;

mod files;

mod find;

use std::path::{Path, PathBuf};

use super::message::{Assistant, Gap, Session, Wanted};
use super::projects;
use super::reader::{Candidate, Found, Reader};
use crate::env::{Deadline, Env};

/// OpenCode's line in the table of readers.
pub const READER: Reader = Reader {
    assistant: Assistant::OpenCode,
    session_variable: None,
    places: |env, extra| places(env, extra, "opencode"),
    find: |places, wanted, deadline| find(Assistant::OpenCode, places, wanted, deadline),
    read: |candidate, wanted, deadline| read(Assistant::OpenCode, candidate, wanted, deadline),
};

/// Kilo's line in the table of readers.
pub const KILO_READER: Reader = Reader {
    assistant: Assistant::Kilo,
    session_variable: None,
    places: |env, extra| places(env, extra, "kilo"),
    find: |places, wanted, deadline| find(Assistant::Kilo, places, wanted, deadline),
    read: |candidate, wanted, deadline| read(Assistant::Kilo, candidate, wanted, deadline),
};

/// `$XDG_DATA_HOME/<name>`, on every system, or the same in `~/.local/share`.
fn places(env: &Env, extra: Option<&Path>, name: &str) -> Vec<PathBuf> {
    let data = env.text("XDG_DATA_HOME").map(|dir| env.cwd.join(dir));
    let data = data.or_else(|| env.home.as_ref().map(|home| home.join(".local/share")));
    projects::existing(data.map(|data| data.join(name)), extra)
}

fn find(assistant: Assistant, places: &[PathBuf], wanted: &Wanted, deadline: Deadline) -> Found {
    find::find(assistant, places, wanted, deadline)
}

fn read(
    assistant: Assistant,
    candidate: &Candidate,
    wanted: &Wanted,
    deadline: Deadline,
) -> Result<Option<Session>, Gap> {
    if candidate.file.is_dir() {
        files::read(assistant, candidate, wanted, deadline)
    } else {
        rows::read(assistant, candidate, wanted, deadline)
    }
}
