//! Configuration: what it may say, where it comes from, and how it is edited.
//!
//! In: the shipped defaults, the user's file, the repository's file, `COMMIT_STORY_*` and flags, in rising order.
//! Out: one [`Config`], the origin of every value, and warnings about what was not understood.
//! Never here: a failure because of somebody's broken file: a bad value is left out, told, and the one below it holds.

pub mod schema;

pub mod outline;

pub mod keys;

pub mod yaml;

pub mod setting;

pub mod shipped;

pub mod origin;

pub mod trust;

pub mod file;

pub mod load;

pub mod edit;

pub mod starter;

pub mod command;

pub use self::load::{Loaded, Sources, Value, load};
pub use self::origin::{Origin, Warning};
pub use self::schema::{
    AssistantConfig, Assistants, Config, EntryConfig, HookConfig, JournalConfig, NarrationConfig, RedactConfig,
    SummariesConfig, UpdateConfig,
};
pub use self::trust::journal_folder_allowed;
