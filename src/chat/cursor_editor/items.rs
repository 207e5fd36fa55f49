//! The table in which the editor keeps its state.
//!
//! In: a database, and a key. Out: the value. Never here: what it means, or the keys of an account (`cursorAuth/`).

use serde_json::Value;

use crate::chat::document;
use crate::chat::message::Gap;
use crate::chat::sqlite::{Database, bounded};

/// A value as JSON; nothing without such a table.
pub(super) fn item(database: &Database, key: &str) -> Result<Option<Value>, Gap> {
    if database.columns("ItemTable")?.is_empty() {
        return Ok(None);
    }
    let question = format!("SELECT {} FROM ItemTable WHERE key = ?1", bounded("value"));
    Ok(database.all(&question, &[key], |row| document::value(row.bytes(0)?))?.pop())
}
