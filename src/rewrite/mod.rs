//! The journal follows the history when commits take the place of others.
//!
//! In: what git says of an amend or a rebase, a map of commits, or the journal and the history themselves. Out: entries
//! that stand under the ids of today, and tell what the entries before them told.
//! Never here: a conversation read anew, or an entry thrown away whose story no other tells: it stays, and says that its
//! commit is gone.

pub mod event;

pub mod follow;

pub mod reconcile;

use anyhow::Result;
use chrono::{DateTime, Utc};

use self::event::{Change, Event};
use crate::git::{CommitId, Repository};
use crate::missed;

/// Looks at what has happened in the repository since the last look: commits whose hook never ran go into the queue, and
/// where something has changed the history that no hook told of, an event says so. `own`: see [`missed::find`].
///
/// # Errors
/// The state directory is not writable.
pub fn look(repository: &Repository, own: Option<&CommitId>, now: DateTime<Utc>) -> Result<()> {
    if missed::find(repository, own, now)? {
        let top = repository.top();
        let event = Event::new(repository.git_dir().to_owned(), top.to_owned(), Change::Unknown);
        event.keep(&repository.state_dir(), now)?;
    }
    Ok(())
}
