//! One value: read from YAML or from text, checked against its kind.
//!
//! In: a [`Node`] or the text of a variable or flag, and the [`Kind`] it must have. Out: a [`Setting`], or what was
//! expected instead.
//! Never here: where the value came from and whether that place may say it.

use std::path::Path;

use super::keys::Kind;
use super::yaml::{self, Node};

/// The most words that one layer may have taken out, and the most characters of each.
const WORDS: (usize, usize) = (500, 200);

/// The most directories that one layer may name.
const DIRECTORIES: usize = 10;

/// The most arguments of a command, and the most characters of each; a text is no longer either.
const ARGUMENTS: (usize, usize) = (50, 500);

/// A value of the right type and size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// Of [`Kind::Flag`].
    Flag(bool),
    /// Of [`Kind::Count`].
    Count(u32),
    /// Of [`Kind::Folder`] or [`Kind::Directory`], as it was written.
    Path(String),
    /// Of [`Kind::Branch`].
    Branch(String),
    /// [`Kind::Directory`], [`Kind::Branch`] or [`Kind::Text`], not set.
    Nowhere,
    /// Of [`Kind::Directories`], as they were written.
    Paths(Vec<String>),
    /// Of [`Kind::Words`].
    Words(Vec<String>),
    /// Of [`Kind::Text`].
    Text(String),
    /// Of [`Kind::Command`].
    Command(Vec<String>),
}

impl Setting {
    /// The value as JSON, which is also a way to write it in YAML on one line.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        match self {
            Self::Flag(value) => (*value).into(),
            Self::Count(value) => (*value).into(),
            Self::Path(value) | Self::Branch(value) | Self::Text(value) => value.as_str().into(),
            Self::Nowhere => serde_json::Value::Null,
            Self::Words(list) | Self::Paths(list) | Self::Command(list) => list.as_slice().into(),
        }
    }

    /// The value as a person reads and types it: paths without quotes.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Path(value) | Self::Branch(value) | Self::Text(value) => value.clone(),
            other => other.json().to_string(),
        }
    }

    /// Whether a path begins with `~/`.
    #[must_use]
    pub fn needs_home(&self) -> bool {
        match self {
            Self::Path(path) => path.starts_with("~/"),
            Self::Paths(paths) => paths.iter().any(|path| path.starts_with("~/")),
            _ => false,
        }
    }

    /// The same with `~/` replaced by the home directory.
    #[must_use]
    pub fn at_home(self, home: Option<&Path>) -> Self {
        let Some(home) = home else { return self };
        let there = |path: String| match path.strip_prefix("~/") {
            Some(rest) => home.join(rest).to_string_lossy().into_owned(),
            None => path,
        };
        match self {
            Self::Path(path) => Self::Path(there(path)),
            Self::Paths(paths) => Self::Paths(paths.into_iter().map(there).collect()),
            other => other,
        }
    }
}

/// Reads a value from a file: the value, if there is one, and what is wrong, as sentences that follow the key.
///
/// Both at once for a list, of which the good words are kept when others are bad: a name that was to be taken out of the
/// journal must not come back because of its neighbour.
#[must_use]
pub fn read(kind: Kind, node: &Node) -> (Option<Setting>, Vec<String>) {
    let wrong = || (None, vec![format!("expected {}, found {}", kind.expected(), node.noun())]);
    match (kind, node) {
        (Kind::Flag, Node::Flag(value)) => (Some(Setting::Flag(*value)), Vec::new()),
        // YAML 1.1's words, which many people and programs still write.
        (Kind::Flag, Node::Text(text)) if matches!(text.to_lowercase().as_str(), "yes" | "on") => {
            (Some(Setting::Flag(true)), Vec::new())
        }
        (Kind::Flag, Node::Text(text)) if matches!(text.to_lowercase().as_str(), "no" | "off") => {
            (Some(Setting::Flag(false)), Vec::new())
        }
        (Kind::Count(most), Node::Count(value)) => match u32::try_from(*value) {
            Ok(value) if value <= most => (Some(Setting::Count(value)), Vec::new()),
            _ => wrong(),
        },
        (Kind::Folder | Kind::Directory, Node::Text(text)) => match path(kind, text) {
            Ok(setting) => (Some(setting), Vec::new()),
            Err(reason) => (None, vec![reason]),
        },
        (Kind::Directories, Node::Text(_)) => directories(std::slice::from_ref(node)),
        (Kind::Directories, Node::List(items)) => directories(items),
        (Kind::Branch, Node::Text(text)) if is_branch(text) => (Some(Setting::Branch(text.clone())), Vec::new()),
        (Kind::Branch, Node::Text(text)) => (None, vec![format!("expected {}, found {text:?}", kind.expected())]),
        (Kind::Text, Node::Text(text)) if is_short(text) => (Some(Setting::Text(text.trim().to_owned())), Vec::new()),
        (Kind::Command, Node::Text(_)) => command(std::slice::from_ref(node)),
        (Kind::Command, Node::List(items)) => command(items),
        (Kind::Directory | Kind::Branch | Kind::Text, Node::Null) => (Some(Setting::Nowhere), Vec::new()),
        (Kind::Words, Node::Text(_)) => words(std::slice::from_ref(node)),
        (Kind::Words, Node::List(items)) => words(items),
        _ => wrong(),
    }
}

/// Reads a value from a variable, a flag or the command line. Paths are taken as they are, all else as YAML.
///
/// # Errors
/// What is wrong, as a sentence that follows the key.
pub fn parse(kind: Kind, text: &str) -> Result<Setting, String> {
    let node = match kind {
        Kind::Folder => Node::Text(text.to_owned()),
        Kind::Directory | Kind::Branch | Kind::Text if !matches!(text, "" | "null" | "~") => {
            Node::Text(text.to_owned())
        }
        _ => yaml::parse(text).map_err(|broken| format!("expected {}, found {}", kind.expected(), broken.reason))?,
    };
    match read(kind, &node) {
        (Some(setting), wrong) if wrong.is_empty() => Ok(setting),
        (_, wrong) => Err(wrong.join("; ")),
    }
}

/// Whether git takes it for a branch's name, on every file system and without quotes in a shell: a part of what
/// git-check-ref-format(1) allows.
fn is_branch(name: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && !part.starts_with(['.', '-'])
            && !part.ends_with('.')
            && !part.to_ascii_lowercase().ends_with(".lock")
            && !part.contains("..")
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    name.len() <= 200 && name != "HEAD" && name.split('/').all(part)
}

/// A path that can be one on every system, and names something.
fn path(kind: Kind, text: &str) -> Result<Setting, String> {
    if text.len() > 1000 || text.chars().any(char::is_control) {
        return Err("the path is too long or holds control characters".to_owned());
    }
    let rooted = Path::new(text).is_absolute() || text.starts_with("~/");
    let named = Path::new(text).components().any(|part| !matches!(part, std::path::Component::CurDir));
    if text.trim().is_empty() || !named || (kind == Kind::Directory && !rooted) {
        // It may be the key itself, put where the path of its file belongs; this is logged and shown.
        let is_telling = text.len() <= 20 || text.contains(['/', '\\']);
        let found = if is_telling { format!("{text:?}") } else { "text".to_owned() };
        return Err(format!("expected {}, found {found}", kind.expected()));
    }
    Ok(Setting::Path(text.to_owned()))
}

/// Whether a text is one that a setting may hold.
fn is_short(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= ARGUMENTS.1 && !text.chars().any(char::is_control)
}

/// A program with its arguments: all of it, or none, because half a command does something else.
fn command(items: &[Node]) -> (Option<Setting>, Vec<String>) {
    let argument = |item: &Node| match item {
        Node::Text(text) if is_short(text) => Some(text.clone()),
        Node::Count(number) => Some(number.to_string()),
        _ => None,
    };
    match items.iter().map(argument).collect::<Option<Vec<_>>>() {
        Some(command) if command.len() <= ARGUMENTS.0 => (Some(Setting::Command(command)), Vec::new()),
        _ => (None, vec![format!("expected {}; an argument is no text, or too long", Kind::Command.expected())]),
    }
}

/// The good directories, and what is wrong with the others.
fn directories(items: &[Node]) -> (Option<Setting>, Vec<String>) {
    let (mut good, mut wrong) = (Vec::new(), Vec::new());
    for item in items {
        let found = match item {
            Node::Text(text) if good.len() < DIRECTORIES => path(Kind::Directory, text),
            Node::Text(_) => Err(format!("more than {DIRECTORIES} directories")),
            other => Err(format!("expected {}, found {}", Kind::Directories.expected(), other.noun())),
        };
        match found {
            Ok(Setting::Path(path)) => good.push(path),
            Ok(_) => {}
            Err(reason) => wrong.push(reason),
        }
    }
    (Some(Setting::Paths(good)), wrong)
}

/// The good words, and what is wrong with the others.
fn words(items: &[Node]) -> (Option<Setting>, Vec<String>) {
    let (mut good, mut wrong) = (Vec::new(), Vec::new());
    for (index, item) in items.iter().enumerate() {
        match item {
            Node::Text(word) if !word.trim().is_empty() && word.chars().count() <= WORDS.1 && good.len() < WORDS.0 => {
                good.push(word.trim().to_owned());
            }
            Node::Count(_) | Node::Number(_) | Node::Flag(_) => {
                wrong.push(format!("word {} is {}; put it in quotes", index + 1, item.noun()));
            }
            _ => wrong.push(format!("word {} is empty, no text, too long, or one too many", index + 1)),
        }
    }
    (Some(Setting::Words(good)), wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_taken_or_the_expected_type_is_named() {
        let check = |kind, text: &str, expected: &str| {
            let shown = parse(kind, text).map_or_else(|wrong| format!("no: {wrong}"), |setting| setting.text());
            assert_eq!(shown, expected, "{text:?}");
        };
        check(Kind::Flag, "true", "true");
        check(Kind::Flag, "yes", "true");
        check(Kind::Flag, "Off", "false");
        check(Kind::Flag, "maybe", "no: expected true or false, found text");
        check(Kind::Count(1000), "25", "25");
        check(Kind::Count(1000), "1001", "no: expected a whole number from 0 to 1000, found the number 1001");
        check(Kind::Count(1000), "-1", "no: expected a whole number from 0 to 1000, found the number -1");
        check(
            Kind::Count(1000),
            "[",
            "no: expected a whole number from 0 to 1000, found did not find expected node content",
        );
        check(Kind::Folder, "2026", "2026");
        check(Kind::Folder, "~/journals/a: b", "~/journals/a: b");
        check(Kind::Folder, "./.", "no: expected the path of a folder, found \"./.\"");
        check(Kind::Branch, "commit-story/journal", "commit-story/journal");
        check(Kind::Branch, "null", "null");
        for wrong in ["", "a b", "-a", "a//b", "a..b", "a.lock", "a/", "HEAD", "refs/.a", "a~1", "a:b", "@{1}"] {
            assert!(parse(Kind::Branch, wrong).is_err() || wrong.is_empty(), "{wrong}");
        }
        check(Kind::Directory, "null", "null");
        check(
            Kind::Directory,
            "here",
            "no: expected an absolute path, a path that starts with ~/, or null, found \"here\"",
        );
        let key = "sk-ant-api03-0123456789abcdef";
        check(Kind::Directory, key, "no: expected an absolute path, a path that starts with ~/, or null, found text");
        check(Kind::Directories, "[]", "[]");
        let other = if cfg!(windows) { "C:/Users/me" } else { "/mnt/c/Users/me" };
        check(Kind::Directories, other, &format!("[\"{other}\"]"));
        check(Kind::Directories, &format!("[{other}, ~/x]"), &format!("[\"{other}\",\"~/x\"]"));
        check(
            Kind::Directories,
            "[here, 7]",
            "no: expected an absolute path, a path that starts with ~/, or null, found \"here\"; expected a list of \
             absolute paths or paths that start with ~/, found the number 7",
        );
        check(Kind::Text, "claude-haiku-4-5", "claude-haiku-4-5");
        check(Kind::Text, "null", "null");
        check(Kind::Text, "a\nb", "no: expected a short text on one line, or null, found text");
        check(Kind::Command, "claude", "[\"claude\"]");
        check(Kind::Command, "[claude, -p]", "[\"claude\",\"-p\"]");
        check(Kind::Command, "[]", "[]");
        let none = "no: expected a program and its arguments, such as [program, --flag], or []; an argument is no text, or \
                    too long";
        check(Kind::Command, "[claude, [x]]", none);
        check(Kind::Words, "Acme", "[\"Acme\"]");
        check(Kind::Words, "[Acme, 'Big Co']", "[\"Acme\",\"Big Co\"]");
        check(Kind::Words, "[Acme, 12]", "no: word 2 is the number 12; put it in quotes");
    }

    #[test]
    fn good_words_are_kept_beside_bad_ones() {
        let node = yaml::parse("[Acme, 1.50, '', Globex]").unwrap();
        let (setting, wrong) = read(Kind::Words, &node);
        assert_eq!(setting, Some(Setting::Words(vec!["Acme".to_owned(), "Globex".to_owned()])));
        assert_eq!(wrong.len(), 2);
    }
}
