//! MCP clients: our server in the files from which other programs learn which servers to start.
//!
//! In: the surroundings, a repository, a client. Out: where its file is, what it says of us, and steps that change that.
//! Never here: a secret, a change to anything but our own entry, or an edit that was not read back and compared.

pub mod entry;

mod json;

mod toml;

pub mod document;

pub mod table;

pub mod place;

pub mod change;

pub mod leave;

pub use self::change::{Found, install, look, uninstall};
pub use self::entry::{Entry, SERVER};
pub use self::leave::{leave, targets};
pub use self::place::{Project, Scope, Target, found, of_project, of_user};
pub use self::table::{CLIENTS, Client};
