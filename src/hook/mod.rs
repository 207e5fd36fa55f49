//! Our lines inside a hook file.
//!
//! In: a hook file's bytes and state, and the path of the binary that it should run.
//! Out: what the file is, the bytes it has with and without our lines, and what keeps it from running.
//! Never here: a change on disk (`setup` plans and applies it), or a hook of somebody else's that no longer runs.

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
