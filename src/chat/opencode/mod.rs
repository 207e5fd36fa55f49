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
    places: |env, extra| places(env, extra, "opencode", "OPENCODE_DB"),
    find: |places, wanted, deadline| find(Assistant::OpenCode, places, wanted, deadline),
    read: |candidate, wanted, deadline| read(Assistant::OpenCode, candidate, wanted, deadline),
};

/// Kilo's line in the table of readers.
pub const KILO_READER: Reader = Reader {
    assistant: Assistant::Kilo,
    session_variable: None,
    places: |env, extra| places(env, extra, "kilo", "KILO_DB"),
    find: |places, wanted, deadline| find(Assistant::Kilo, places, wanted, deadline),
    read: |candidate, wanted, deadline| read(Assistant::Kilo, candidate, wanted, deadline),
};

/// `$XDG_DATA_HOME/<name>`, on every system, or the same in `~/.local/share`; and the database that a variable moves
/// elsewhere. What was said before it was moved stays where it was.
fn places(env: &Env, extra: Option<&Path>, name: &str, moved: &str) -> Vec<PathBuf> {
    let data = env.text("XDG_DATA_HOME").map(|dir| env.cwd.join(dir));
    let data = data.or_else(|| env.home.as_ref().map(|home| home.join(".local/share"))).map(|data| data.join(name));
    // A relative path lies in the directory of data; what is kept in memory is nowhere.
    let database = env.text(moved).filter(|path| *path != ":memory:").and_then(|path| Some(data.as_ref()?.join(path)));
    let database = database.filter(|file| file.is_file());
    let mut places = projects::existing(data, extra);
    places.extend(database.filter(|file| !listed(file, &places)));
    places
}

/// Whether a database is found by listing one of the directories.
fn listed(file: &Path, directories: &[PathBuf]) -> bool {
    let within = |directory: &Path| directories.iter().any(|known| known == directory);
    file.extension().is_some_and(|extension| extension == "db") && file.parent().is_some_and(within)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_a_variable_moves_is_a_place() {
        let home = tempfile::tempdir().unwrap();
        let data = home.path().join(".local/share/opencode");
        std::fs::create_dir_all(data.join("deep")).unwrap();
        let elsewhere = home.path().join("elsewhere.sqlite");
        for file in [&elsewhere, &data.join("own.db"), &data.join("own"), &data.join("deep/own.db")] {
            std::fs::write(file, "").unwrap();
        }
        let check = |value: &str, expected: &[&Path]| {
            let env = Env::of_test(home.path(), &[("OPENCODE_DB", value), ("KILO_DB", "absent.db")]);
            assert_eq!((READER.places)(&env, None), expected, "{value}");
            assert!((KILO_READER.places)(&env, None).is_empty());
        };
        check("", &[&data]);
        check(":memory:", &[&data]);
        check("absent.db", &[&data]);
        check("own.db", &[&data]);
        check("own", &[&data, &data.join("own")]);
        check("deep/own.db", &[&data, &data.join("deep/own.db")]);
        check(elsewhere.to_str().unwrap(), &[&data, &elsewhere]);
    }
}
