//! Cursor: the editor's databases, and the transcripts that its agent writes in the editor and on the command line.
//!
//! In: the places where they lie, and what is wanted. Out: candidates, and from each a
//! [`Session`].
//! Never here: thinking, what a tool read, the databases' checkpoints and contexts, or the keys of an account.
//!
//! The formats have no public description; these are those of Cursor 0.43 to 3.12.

mod tools;

mod agent;

mod workspace;

mod composer;

mod find;

use std::path::{Path, PathBuf};

use super::editors;
use super::message::{Assistant, Gap, Session, Wanted};
use super::projects;
use super::reader::{Candidate, Reader};
use crate::env::{Deadline, Env};

/// The line in the table of readers.
pub const READER: Reader = Reader {
    assistant: Assistant::Cursor,
    session_variable: Some("CURSOR_CONVERSATION_ID"),
    places,
    find: find::find,
    read,
};

/// The editor's `User` directories, and `~/.cursor/projects`.
fn places(env: &Env, extra: Option<&Path>) -> Vec<PathBuf> {
    let users = env.home.iter().flat_map(|home| editors::user_directories(home, &["Cursor"]));
    let agent = env.home.iter().map(|home| home.join(".cursor/projects"));
    projects::existing(users.filter(|user| user.join(find::GLOBAL).is_file()).chain(agent), extra)
}

fn read(candidate: &Candidate, wanted: &Wanted, deadline: Deadline) -> Result<Option<Session>, Gap> {
    if candidate.file.extension().is_some_and(|extension| extension == "jsonl") {
        agent::read(candidate, wanted, deadline)
    } else {
        composer::read(candidate, wanted, deadline)
    }
}
