//! Which part of a session which commit has told already.
//!
//! In: the repository's state directory. Out: the [`Use`]s of one session.
//! Never here: a rewrite of the file: uses are appended, one line each, so that writers need no lock and a kill leaves
//! at most one torn line, which is skipped.

use std::path::{Path, PathBuf};

use anyhow::Result;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::fingerprint::hexadecimal;
use super::message::{Assistant, SessionId};
use crate::fs;
use crate::git::CommitId;

/// The most that is read of one session's uses; 4 MiB are some 20,000 commits.
const LIMIT: u64 = 4 << 20;

/// A commit's claim on a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The commit.
    pub commit: CommitId,
    /// Everything up to this instant is told, there or before.
    pub through: DateTime<Utc>,
}

/// The file of one session. Session ids are foreign text: by its digest no id can name a place outside of the directory, no
/// two share a file, and nothing private that one may hold becomes a name.
fn file(state: &Path, assistant: Assistant, id: &SessionId) -> PathBuf {
    let digest = hexadecimal(&Sha256::digest(id.0.as_bytes())[..16]);
    state.join("cursors").join(format!("{}.{digest}", assistant.slug()))
}

/// A line of the file. The last one of a commit counts; without an instant it takes the claim back.
#[derive(Serialize, Deserialize)]
struct Line {
    commit: CommitId,
    through: Option<DateTime<Utc>>,
}

/// The uses of a session in the order in which they were made; none when the file is missing or unreadable.
#[must_use]
pub fn uses(state: &Path, assistant: Assistant, id: &SessionId) -> Vec<Use> {
    let Ok(Some(bytes)) = fs::read(&file(state, assistant, id), LIMIT) else { return Vec::new() };
    let mut lines: Vec<Line> = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Line>(line).ok()) {
        match lines.iter_mut().find(|before| before.commit == line.commit) {
            Some(before) => before.through = line.through,
            None => lines.push(line),
        }
    }
    lines.into_iter().filter_map(|Line { commit, through }| Some(Use { commit, through: through? })).collect()
}

/// Remembers that a commit has told a session up to an instant.
///
/// # Errors
/// The state directory is not writable.
pub fn remember(state: &Path, assistant: Assistant, id: &SessionId, claim: &Use) -> Result<()> {
    if uses(state, assistant, id).contains(claim) {
        return Ok(());
    }
    fs::create_private_dir(&state.join("cursors"))?;
    append(state, assistant, id, &Line { commit: claim.commit.clone(), through: Some(claim.through) })
}

/// Takes back what a commit has claimed of a session: on a second look another session led to it.
///
/// # Errors
/// The state directory is not writable.
pub fn withdraw(state: &Path, assistant: Assistant, id: &SessionId, commit: &CommitId) -> Result<()> {
    if uses(state, assistant, id).iter().any(|made| made.commit == *commit) {
        append(state, assistant, id, &Line { commit: commit.clone(), through: None })?;
    }
    Ok(())
}

fn append(state: &Path, assistant: Assistant, id: &SessionId, line: &Line) -> Result<()> {
    let mut line = serde_json::to_vec(line)?;
    line.push(b'\n');
    fs::append(&file(state, assistant, id), &line)
}

/// The claim of the *other*, earlier commit that has told most of the session.
///
/// A commit that is written again must find what it found the first time: its own claim and all later ones do not count.
#[must_use]
pub fn last_told<'a>(uses: &'a [Use], commit: &CommitId, until: DateTime<Utc>) -> Option<&'a Use> {
    let own = uses.iter().position(|made| made.commit == *commit);
    let earlier = uses[..own.unwrap_or(uses.len())].iter().filter(|made| made.through <= until);
    earlier.max_by_key(|made| made.through)
}

/// The instant up to which such commits have told it.
#[must_use]
pub fn lower_bound(uses: &[Use], commit: &CommitId, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
    last_told(uses, commit, until).map(|made| made.through)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: char) -> CommitId {
        CommitId::parse(&digit.to_string().repeat(40)).unwrap()
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    #[test]
    fn a_commit_written_again_sees_what_it_saw_the_first_time() {
        let made = [(id('a'), 10), (id('b'), 20), (id('c'), 30)].map(|(commit, t)| Use { commit, through: at(t) });
        assert_eq!(lower_bound(&made, &id('b'), at(20)), Some(at(10)));
        assert_eq!(lower_bound(&made, &id('d'), at(40)), Some(at(30)));
        assert_eq!(lower_bound(&made, &id('d'), at(15)), Some(at(10)), "an older commit, recorded late");
        assert_eq!(lower_bound(&made, &id('a'), at(10)), None);
    }

    #[test]
    fn a_claim_can_be_taken_back_and_made_again() {
        let dir = tempfile::tempdir().unwrap();
        let (state, session) = (dir.path(), SessionId("s".into()));
        let claims = [('a', 10), ('b', 20)].map(|(commit, t)| Use { commit: id(commit), through: at(t) });
        let check = |expected: &[Use]| assert_eq!(uses(state, Assistant::Codex, &session), expected);
        for claim in &claims {
            remember(state, Assistant::Codex, &session, claim).unwrap();
        }
        withdraw(state, Assistant::Codex, &session, &id('a')).unwrap();
        withdraw(state, Assistant::Codex, &session, &id('c')).unwrap();
        check(&claims[1..]);
        remember(state, Assistant::Codex, &session, &claims[0]).unwrap();
        check(&claims);
        withdraw(state, Assistant::Codex, &SessionId("never told".into()), &id('a')).unwrap();
        assert_eq!(std::fs::read_dir(state.join("cursors")).unwrap().count(), 1);
    }

    #[test]
    fn claims_are_kept_once_and_torn_lines_are_skipped() {
        let dir = tempfile::tempdir().unwrap();
        let session = SessionId("../../etc/passwd".into());
        let claim = Use { commit: id('a'), through: at(10) };
        remember(dir.path(), Assistant::ClaudeCode, &session, &claim).unwrap();
        remember(dir.path(), Assistant::ClaudeCode, &session, &claim).unwrap();
        fs::append(&file(dir.path(), Assistant::ClaudeCode, &session), b"{\"commit\":\"to").unwrap();
        assert_eq!(uses(dir.path(), Assistant::ClaudeCode, &session), [claim]);
        assert_eq!(std::fs::read_dir(dir.path().join("cursors")).unwrap().count(), 1);
    }
}
