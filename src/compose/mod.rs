//! Drafts from the journal: a stand-up, a pull request, a changelog, a self-review, a blog post, a talk.
//!
//! In: which draft, and of what. Out: an [`Outline`]: what the journal and git know, in the order in which that draft needs
//! it, each line with the entries that it is from. Never here: a word that nobody said, a network, or a file that is
//! written: prose comes from `narrate::several`, and `cli` prints.

pub mod outline;

pub mod matter;

mod subject;

mod reading;

mod commands;

mod threads;

mod standup;

mod pull_request;

mod changelog;

mod review;

mod blog;

mod talk;

mod told;

pub mod markdown;

pub mod json;

pub use self::matter::{Matter, Wanted, gather};
pub use self::outline::{Kind, Outline};
pub use self::told::{purpose, with_prose};
use crate::journal::Entry;

/// The entries that a draft tells of, oldest first: what a model is asked about.
#[must_use]
pub fn told_of(matter: &Matter) -> Vec<Entry> {
    match matter.kind {
        Kind::Blog => blog::entries(matter),
        Kind::Talk => talk::entries(matter),
        _ => matter.entries.clone(),
    }
}

/// The outline of a draft.
#[must_use]
pub fn compose(matter: &Matter) -> Outline {
    match matter.kind {
        Kind::Standup => standup::outline(matter),
        Kind::PullRequest => pull_request::outline(matter),
        Kind::Changelog => changelog::outline(matter),
        Kind::Review => review::outline(matter),
        Kind::Blog => blog::outline(matter),
        Kind::Talk => talk::outline(matter),
    }
}
