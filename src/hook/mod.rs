//! What makes git run us: our lines inside hook files, and hooks in git's configuration.
//!
//! In: a hook file's bytes and state, what git says of its configuration, and the path of the binary to run.
//! Out: what is there, the bytes and the command that run us, what keeps them from running, and a trial.
//! Never here: a change in a repository (`setup` plans and applies it), or a hook of somebody else's that no longer runs.

pub mod event;

pub mod marked;

pub mod block;

pub mod interpreter;

pub mod file;

pub mod configured;

pub mod trial;

pub mod check;

pub use self::block::Block;
pub use self::check::{Fault, would_run};
pub use self::configured::{Configured, Scope, Turn};
pub use self::event::Event;
pub use self::file::{Found, HookFile, inspect, inspect_file, join, leave};
pub use self::interpreter::Interpreter;
