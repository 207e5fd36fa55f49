//! The story behind a line: what was asked, decided and rejected when it was written.
//!
//! In: a [`Target`] or a commit, the repository and its journal. Out: a [`Story`], plain data for the terminal, JSON and
//! assistants. Never here: a word that neither git nor the journal says, a write, or a look at every page of the journal: an
//! entry stands on the page of its author's day.

pub mod target;

pub mod story;

mod about;

mod telling;

mod lookup;

pub mod ask;

pub mod asked;

pub mod json;

pub use self::ask::Asker;
pub use self::asked::{Asked, Unknown};
pub use self::json::StoryJson;
pub use self::story::{Brought, Change, Chapter, How, ShownLine, Story, Told, Touched};
pub use self::target::Target;
