//! What `.gitattributes` says about whether a path has lines.
//!
//! In: paths of a commit. Out: [`Marked`]. Never here: the repository's index. gix would read it whole to find attribute
//! files that are not checked out, which costs more than all the rest in a large repository; so only the work tree's
//! files on the way to a path that is asked for, `info/attributes` and the user's own are looked at.

use gix::attrs::StateRef;
use gix::attrs::search::Outcome;
use gix::bstr::{BStr, ByteSlice};
use gix::worktree::stack::state::attributes::Source;

/// The `diff` attribute of a path (`git help attributes`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marked {
    /// `diff`: text whatever its content.
    Text,
    /// `-diff` or `binary`.
    Binary,
    /// Nothing is said: the content decides.
    Unspecified,
}

/// The attribute files of one repository, read as paths need them.
pub(super) struct Attributes<'a> {
    repo: &'a gix::Repository,
    /// `None` when the attribute files cannot be used at all: then nothing is marked.
    stack: Option<(gix::AttributeStack<'a>, Outcome)>,
}

impl<'a> Attributes<'a> {
    pub(super) fn new(repo: &'a gix::Repository) -> Self {
        let source = if repo.workdir().is_some() { Source::WorktreeThenIdMapping } else { Source::IdMapping };
        let empty = gix::index::State::new(repo.object_hash());
        let stack = repo.attributes_only(&empty, source).ok().map(|stack| {
            let outcome = stack.selected_attribute_matches(["diff"]);
            (stack, outcome)
        });
        Self { repo, stack }
    }

    /// What is said about a path; unspecified also where an attribute file cannot be read.
    pub(super) fn of(&mut self, path: &[u8]) -> Marked {
        let Some((stack, outcome)) = &mut self.stack else { return Marked::Unspecified };
        outcome.reset();
        match stack.at_entry(path.as_bstr(), None) {
            Ok(place) => place.matching_attributes(outcome),
            Err(_) => return Marked::Unspecified,
        };
        let Some(found) = outcome.iter_selected().next() else { return Marked::Unspecified };
        match found.assignment.state {
            StateRef::Set => Marked::Text,
            StateRef::Unset => Marked::Binary,
            StateRef::Unspecified => Marked::Unspecified,
            StateRef::Value(driver) => driver_says(self.repo, driver.as_bstr()),
        }
    }
}

/// What the configuration says about a diff driver that the attributes name.
fn driver_says(repo: &gix::Repository, name: &BStr) -> Marked {
    match repo.config_snapshot().boolean(format!("diff.{name}.binary").as_str()) {
        Some(true) => Marked::Binary,
        Some(false) => Marked::Text,
        None => Marked::Unspecified,
    }
}
