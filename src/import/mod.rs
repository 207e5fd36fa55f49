//! Journals of earlier programs.
//!
//! In: a folder or a file that such a program has written. Out: its texts in this journal: those of a commit in the entry
//! of that commit, the others on the page of their day; and a report of what found no such place.
//! Never here: a word of a text changed (secrets apart), an entry of our own replaced, or a file of the old journal
//! touched. What is not understood stays within the text it stands in.

pub mod header;

pub mod part;

pub mod python;

pub mod javascript;

pub mod summary;

pub mod files;

pub mod reading;

pub mod place;

pub use self::files::{Found, JournalFile, Kind, LeftOut, find};
pub use self::part::Part;
pub use self::place::{Importer, Report, without_conversations};
pub use self::reading::parts;
