//! The journal as plain data.
//!
//! In: nothing. Out: [`Entry`] and its parts, [`Page`], [`Note`]; an entry's normal form and its JSON.
//! Never here: I/O, Markdown, or decisions about what an entry says (that is `draft`).

pub mod narration;

pub mod entry;

pub mod page;

pub mod period;

pub mod summary;

pub mod unite;

pub mod areas;

pub mod normal;

pub mod json;

#[cfg(test)]
pub(crate) mod any;

pub use self::areas::{Area, areas, main_area};
pub use self::entry::{
    ChangeGroup, ChangeSet, ChangedFile, Command, Commands, Decision, Details, Entry, Exchange, Imported, Mark, Note,
    NoteKind, Quote, Relation, Roadblock, SessionLine, Speaker,
};
pub use self::json::{EntryJson, ImportedJson};
pub use self::narration::{Narration, Section, Standing, Weighed};
pub use self::page::{MARKER, Page, Problem};
pub use self::period::{Days, Period, Unit};
pub use self::summary::{
    Asked, Churn, Clue, CommitLine, Common, Decided, EntryRef, Fingerprint, Listed, Numbers, Obstacle, Prose,
    Reflection, Source, Stamp, Summary, SummaryPage, Thread, Verdict,
};
pub use self::unite::unite;
