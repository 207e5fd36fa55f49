//! What a client is told: the command that serves the journal, in the client's own words.
//!
//! In: a program and its arguments. Out: the fields of a server's entry, in the order in which they are written.
//! Never here: a file, or a secret: nothing of the environment goes into an entry.

use std::path::Path;

use serde_json::{Value, json};

/// The name of our server in every client.
pub const SERVER: &str = "commit-story";

/// Fields that say that a server is reached by address, and not started.
const ADDRESSES: &[&str] = &["url", "serverUrl", "httpUrl"];

/// How the server is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The program, absolute or to be found on `PATH`.
    pub command: String,
    /// Its arguments.
    pub args: Vec<String>,
}

/// How a client wants it said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `command` and `args`.
    Plain,
    /// The same, and before them a `type` of this name.
    Typed(&'static str),
    /// `type: stdio`, `command` and `args`, and a list of the tools that may be used: all.
    Tools,
    /// One list `command`, and `enabled`.
    List,
}

/// One field of an entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name.
    pub key: &'static str,
    /// Its value.
    pub value: Value,
    /// Whether it is written over another value; else what the user has made of it stays.
    pub decides: bool,
}

impl Shape {
    /// The fields of an entry.
    #[must_use]
    pub fn fields(self, entry: &Entry) -> Vec<Field> {
        let decides = |key, value| Field { key, value, decides: true };
        let first = |key, value| Field { key, value, decides: false };
        let command = decides("command", json!(entry.command));
        let args = decides("args", json!(entry.args));
        match self {
            Self::Plain => vec![command, args],
            Self::Typed(kind) => vec![first("type", json!(kind)), command, args],
            Self::Tools => vec![first("type", json!("stdio")), command, args, first("tools", json!(["*"]))],
            Self::List => {
                let whole: Vec<&String> = std::iter::once(&entry.command).chain(&entry.args).collect();
                vec![first("type", json!("local")), decides("command", json!(whole)), first("enabled", json!(true))]
            }
        }
    }
}

impl Entry {
    /// What an entry says that stands in a client's file; `None` when it starts no program.
    #[must_use]
    pub fn read(found: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let texts = |value: &Value| value.as_array()?.iter().map(text).collect::<Option<Vec<String>>>();
        match found.get("command")? {
            Value::String(command) => {
                let args = found.get("args").map_or(Some(Vec::new()), texts)?;
                Some(Self { command: command.clone(), args })
            }
            list => {
                let mut words = texts(list)?.into_iter();
                Some(Self { command: words.next()?, args: words.collect() })
            }
        }
    }

    /// Whether it starts this program, whichever copy of it.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        let name = self.command.rsplit(['/', '\\']).next().unwrap_or_default();
        name.strip_suffix(".exe").unwrap_or(name) == SERVER && self.args.iter().any(|word| word == "mcp")
    }

    /// The repository that it is started for; `None`: whichever the client tells.
    #[must_use]
    pub fn repository(&self) -> Option<&Path> {
        self.args.windows(2).find(|pair| pair[0] == "-C").map(|pair| Path::new(&pair[1]))
    }
}

/// Whether an entry names a server that somebody else starts.
#[must_use]
pub fn has_address(found: &Value) -> bool {
    ADDRESSES.iter().any(|key| found.get(key).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_is_read_back_as_the_entry_it_was_made_from() {
        let entry = Entry { command: "/opt/commit-story".to_owned(), args: vec!["mcp".to_owned()] };
        for shape in [Shape::Plain, Shape::Typed("stdio"), Shape::Tools, Shape::List] {
            let object: Value =
                shape.fields(&entry).into_iter().map(|field| (field.key.to_owned(), field.value)).collect();
            assert_eq!(Entry::read(&object), Some(entry.clone()), "{shape:?}");
        }
    }

    #[test]
    fn ours_is_known_by_the_program_and_not_by_its_place() {
        let check = |command: &str, args: &[&str], expected: bool| {
            let args = args.iter().map(|&word| word.to_owned()).collect();
            assert_eq!(Entry { command: command.to_owned(), args }.is_ours(), expected, "{command}");
        };
        check("commit-story", &["mcp"], true);
        check("/usr/local/bin/commit-story", &["-C", "/x", "mcp"], true);
        check("C:\\Tools\\commit-story.exe", &["mcp"], true);
        check("npx", &["commit-story", "mcp"], false);
        check("/opt/commit-story-mcp", &["mcp"], false);
        check("commit-story", &["show"], false);
    }

    #[test]
    fn what_starts_nothing_is_no_entry() {
        for found in [
            json!({"url": "http://x"}),
            json!({"command": 1}),
            json!({"command": []}),
            json!(null),
            json!({"command": "x", "args": [1]}),
        ] {
            assert_eq!(Entry::read(&found), None, "{found}");
        }
        assert!(has_address(&json!({"serverUrl": "x"})) && !has_address(&json!({"command": "x"})));
    }
}
