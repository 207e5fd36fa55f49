//! Putting commit-story into a repository, and taking it out.
//!
//! In: plain paths and the user's choices. Out: what is there, a plan that can be shown, and the plan applied.
//! Never here: a question, a word printed, a look for the repository, or what a configuration file means.

pub mod sight;

pub mod plan;

pub mod lefthook;

pub mod tools;

pub mod detect;

pub mod exclude;

pub mod configure;

pub mod undo;

pub mod install;

pub mod clients;

pub use self::configure::{everywhere, nowhere};
pub use self::detect::{AssistantPlace, Detected, Lefthook, Place, Places, TextFile, detect};
pub use self::exclude::hide;
pub use self::install::{Choices, Way, plan};
pub use self::plan::{Action, ConfigFile, Plan, Refusal, Step, apply};
pub use self::sight::{Sight, sight};
pub use self::tools::{HookTool, Sighting};
pub use self::undo::{Also, undo};
