//! The changed lines of a commit, as far as a reader wants them.
//!
//! In: a repository and redacted evidence. Out: [`Patch`]es, redacted, sources before tests, documents and configuration.
//! Never here: a hook: this reads whole files. Nor lines of lock files, generated or vendored ones: they say nothing that
//! their name does not.

use crate::draft::changes::group;
use crate::env::Deadline;
use crate::evidence::redact::Redactor;
use crate::evidence::{Evidence, Patch, diff};
use crate::git::{Change, Repository};
use crate::journal::ChangeGroup;

/// Reads the changed lines of a commit's files. After the deadline no further file is read.
///
/// # Errors
/// The commit or its parent is not in the repository any more, or is broken.
pub fn read(
    repository: &Repository,
    evidence: &Evidence,
    redactor: &Redactor,
    deadline: Deadline,
) -> anyhow::Result<Vec<Patch>> {
    let mut versions = repository.versions(evidence.commit())?;
    let group = |change: &Change| group(&change.path_text());
    let mut changes: Vec<&Change> = evidence.commit().changes.iter().collect();
    // Stable: within a sort of file those with the most changed lines stay first.
    changes.sort_by_key(|change| group(change));
    let read = |change: &Change| match group(change) {
        ChangeGroup::Generated => Err("locked, generated or vendored"),
        _ if deadline.passed() => Err("there was no time"),
        _ => Ok(versions.of(change, diff::LARGEST)),
    };
    Ok(diff::gather(changes, read, redactor))
}
