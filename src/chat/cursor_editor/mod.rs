//! Cursor: the editor's databases, the command line's, and the transcripts that the agent writes in both.
//!
//! In: the places where they lie, and what is wanted. Out: candidates, and from each a
//! [`Session`].
//! Never here: thinking, what a tool read, the databases' checkpoints and contexts, or the keys of an account.
//!
//! The formats have no public description; these are those of Cursor 0.42 to 3.12 and its command line until 2026.

mod words;

mod tools;

mod agent;

mod items;

mod tabs;

mod workspace;

mod composer;

mod root;

mod cli;

mod chats;

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

/// The editor's `User` directories, `~/.cursor/projects` and `~/.cursor/chats`.
fn places(env: &Env, extra: Option<&Path>) -> Vec<PathBuf> {
    let users = env.home.iter().flat_map(|home| editors::user_directories(home, &["Cursor"]));
    let agent = env.home.iter().map(|home| home.join(".cursor"));
    let agent = agent.flat_map(|agent| [agent.join("projects"), agent.join(chats::NAME)]);
    projects::existing(users.filter(|user| user.join(find::GLOBAL).is_file()).chain(agent), extra)
}

fn read(candidate: &Candidate, wanted: &Wanted, deadline: Deadline) -> Result<Option<Session>, Gap> {
    if candidate.file.extension().is_some_and(|extension| extension == "jsonl") {
        agent::read(candidate, wanted, deadline)
    } else if candidate.file.ends_with(cli::STORE) {
        cli::read(candidate, wanted, deadline)
    } else {
        composer::read(candidate, wanted, deadline)
    }
}
