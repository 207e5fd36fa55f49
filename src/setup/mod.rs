//! Putting commit-story into a repository, and taking it out.
//!
//! In: plain paths and the user's choices. Out: what is there, a plan that can be shown, and the plan applied.
//! Never here: a question, a word printed, a look for the repository, or what a configuration file means.

pub mod sight;

pub mod plan;

pub mod detect;

pub mod exclude;

pub mod install;

pub mod undo;

pub use self::detect::{AssistantPlace, Detected, HookTool, Place, Places, Sighting, TextFile, detect};
pub use self::install::{Choices, plan};
pub use self::plan::{Action, Plan, Refusal, Step, apply};
pub use self::sight::{Sight, sight};
pub use self::undo::{Also, undo};
