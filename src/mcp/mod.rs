//! The journal for assistants: a server of the Model Context Protocol.
//!
//! In: requests of a client, on standard input or over HTTP. Out: entries, stories, notes taken, pages that changed.
//! Never here: trust. What comes in is bounded before it is read, and names nothing outside the repository; what goes out
//! is what the command line shows, and bounded, too. Work is done by the functions that the command line calls, away from
//! the one thread that listens.

pub mod bounds;

pub mod answer;

pub mod work;

pub mod roots;

pub mod desk;

pub mod tools;

pub mod prompts;

pub mod resources;

pub mod completion;

pub mod watch;

pub mod place;

pub mod session;

pub mod subscription;

pub mod server;

pub mod lines;

pub mod gate;

pub mod http;

pub mod serve;

pub use self::gate::{Gate, Token};
