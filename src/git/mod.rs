//! Git facts, in process.
//!
//! In: the directory or hook environment, and a revision. Out: [`Repository`], [`Commit`] and its [`Change`]s.
//! Never here: a `git` child process, the network, writes to the repository but for a branch of our own, or a look at the whole index: the cost of
//! reading a commit follows the commit's size, not the repository's.

pub mod change;

pub mod commit;

pub mod header;

pub mod message;

mod tree;

mod attributes;

mod content;

mod similarity;

mod renames;

mod diff;

pub mod unified;

mod history;

pub mod reflog;

pub mod rewrite;

pub mod own_tree;
pub mod successors;

pub mod own_branch;

mod given;

pub mod repo;

mod versions;

pub mod blame;

mod range;

mod walk;

mod base;

pub mod select;

pub use self::base::Named;
pub use self::change::{Change, ChangeKind, Lines};
pub use self::commit::{Commit, CommitId, Signature, Trailer};
pub use self::history::Settled;
pub use self::own_branch::{OwnBranch, Tip};
pub use self::own_tree::{Files, Union};
pub use self::range::Abbreviated;
pub use self::repo::{OpenError, Repository};
pub use self::rewrite::Rewrite;
pub use self::select::{Listed, Selection};
pub use self::versions::{Version, Versions};
