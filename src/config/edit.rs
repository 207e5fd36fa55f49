//! One setting changed in a file that a person keeps, every other byte left alone.
//!
//! In: the file's text, a key and a value. Out: the new text.
//! Never here: a guess. The change is made on lines whose form is understood, then the result is parsed, and if anything
//! but this key has changed, there is an error instead.

use anyhow::{Result, anyhow, bail};

use super::keys::{self, Key};
use super::outline::{Outline, Row};
use super::setting::{self, Setting};
use super::yaml::{self, Node};

/// Sets a key in a YAML text; an empty text is a new file.
///
/// # Errors
/// There is no such key, the value has not its type, the text is no YAML, or the key is written in a form that cannot
/// be changed safely: then the error names the line, and the cure is to edit it by hand.
pub fn set(text: &str, key: &str, value: &str) -> Result<String> {
    let (key, setting) = checked(key, value)?;
    let before = yaml::parse(text).map_err(|broken| {
        anyhow!("cannot edit a broken file: line {}, column {}: {broken}", broken.line, broken.column)
    })?;
    let outline = Outline::of(text);
    let line = outline.line(key.name).unwrap_or(1);
    let edited = edited(text, &outline, key, &yaml_text(&setting));
    edited.filter(|after| only_this_changed(&before, after, key, &setting)).ok_or_else(|| {
        anyhow!("cannot change {} safely: line {line} is written in a form that only a person should edit", key.name)
    })
}

/// The key and its value, if they go together.
///
/// # Errors
/// There is no such key, or the value has not its type.
pub fn checked(key: &str, value: &str) -> Result<(&'static Key, Setting)> {
    let Some(at) = keys::position(key) else { bail!("cannot set {key}: {}", keys::unknown(key)) };
    let key = &keys::KEYS[at];
    let setting =
        setting::parse(key.kind, value).map_err(|wrong| anyhow!("cannot set {} to {value:?}: {wrong}", key.name))?;
    Ok((key, setting))
}

/// The value on one line of YAML, in quotes only where it needs them.
#[must_use]
pub fn yaml_text(setting: &Setting) -> String {
    match setting {
        Setting::Path(path) | Setting::Branch(path) | Setting::Text(path) => {
            let plain = path.chars().all(|c| c.is_ascii_alphanumeric() || "_-./~".contains(c));
            let text = Node::Text(path.clone());
            if plain && yaml::parse(path).as_ref() == Ok(&text) { path.clone() } else { setting.json().to_string() }
        }
        Setting::Words(list) | Setting::Paths(list) | Setting::Command(list) => {
            let quoted: Vec<String> =
                list.iter().map(|word| serde_json::Value::from(word.as_str()).to_string()).collect();
            format!("[{}]", quoted.join(", "))
        }
        other => other.json().to_string(),
    }
}

/// The text with the key's line replaced or a new one put in; `None` where the form is not understood.
fn edited(text: &str, outline: &Outline, key: &Key, value: &str) -> Option<String> {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    if let Some(row) = outline.row(key.name) {
        replace(&mut lines, row, value)?;
        return Some(lines.concat());
    }
    let section = ancestor(outline, key.name);
    if section.is_some_and(|row| row.inline) {
        return None;
    }
    let (at, indent, prefix) = match section {
        Some(row) => (row.end, child_indent(outline, row), row.path.len() + 1),
        None => (lines.len(), 0, 0),
    };
    // The line before may be the last of a file that does not end with a line break.
    if let Some(last) = at.checked_sub(1).and_then(|last| lines.get_mut(last)).filter(|last| !last.ends_with('\n')) {
        last.push_str(end);
    }
    let mut new = String::new();
    let names: Vec<&str> = key.name[prefix..].split('.').collect();
    for (depth, name) in names.iter().enumerate() {
        let value = if depth + 1 == names.len() { format!(" {value}") } else { String::new() };
        new.extend([" ".repeat(indent + 2 * depth).as_str(), name, ":", &value, end]);
    }
    lines.insert(at, new);
    Some(lines.concat())
}

/// The innermost section of the key that the file has.
fn ancestor<'a>(outline: &'a Outline, key: &str) -> Option<&'a Row> {
    key.rmatch_indices('.').find_map(|(at, _)| outline.row(&key[..at]))
}

/// The indentation of the keys in a section: that of its first one.
fn child_indent(outline: &Outline, section: &Row) -> usize {
    let inner = outline.0.iter().find(|row| row.line > section.line && row.line <= section.end);
    inner.map_or(section.indent + 2, |row| row.indent)
}

/// Puts a value in the place of another, a comment after it kept.
fn replace(lines: &mut Vec<String>, row: &Row, value: &str) -> Option<()> {
    let (first, below) = (row.line - 1, row.line..row.end);
    let mut items = lines.get(below.clone())?.iter().map(|line| line.trim());
    // A list below its key goes; a comment in it would go, too, and a value in several lines has forms without number.
    if row.inline && row.end > row.line || items.any(|item| !item.starts_with('-') || item.contains('#')) {
        return None;
    }
    let line = lines.get(first)?;
    let body = line.trim_end_matches(['\r', '\n']);
    let (head, rest) = body.split_at_checked(row.value)?;
    let old = value_length(rest)?;
    let gap = if head.ends_with(':') { " " } else { "" };
    let before_comment = if old == 0 && !rest.is_empty() { " " } else { "" };
    let new = format!("{head}{gap}{value}{before_comment}{}{}", &rest[old..], &line[body.len()..]);
    lines[first] = new;
    lines.drain(below);
    Some(())
}

/// How many bytes of the line the value takes, without the blanks and the comment after it; `None` for an anchor, an
/// alias, a tag, a block of text, or quotes that do not close on the line.
fn value_length(rest: &str) -> Option<usize> {
    if rest.starts_with(['&', '*', '!', '|', '>', '{']) {
        return None;
    }
    // An apostrophe within plain text is no quote.
    let quotes = rest.starts_with(['"', '\'', '[']);
    let (mut open, mut escaped, mut previous, mut end) = (None, false, ' ', rest.len());
    for (at, c) in rest.char_indices() {
        match open {
            Some('"') if escaped => escaped = false,
            Some('"') if c == '\\' => escaped = true,
            Some(quote) if c == quote => open = None,
            None if quotes && matches!(c, '"' | '\'') => open = Some(c),
            None if c == '#' && previous.is_whitespace() => {
                end = at;
                break;
            }
            _ => {}
        }
        previous = c;
    }
    open.is_none().then(|| rest[..end].trim_end().len())
}

/// Whether the new text says the same as the old one but for this key, which has the new value.
fn only_this_changed(before: &Node, after: &str, key: &Key, setting: &Setting) -> bool {
    let Ok(after) = yaml::parse(after) else { return false };
    let (mut old, mut new) = (Vec::new(), Vec::new());
    leaves("", before, &mut old);
    leaves("", &after, &mut new);
    let value = new.iter().find(|(path, _)| path == key.name).map(|(_, node)| setting::read(key.kind, node));
    let others = |leaves: &mut Vec<(String, &Node)>| leaves.retain(|(path, _)| path != key.name);
    others(&mut old);
    others(&mut new);
    // An empty section that received the key was a leaf before.
    old.retain(|(path, node)| !(**node == Node::Null && is_within(key.name, path)));
    value == Some((Some(setting.clone()), Vec::new())) && old == new
}

fn is_within(key: &str, section: &str) -> bool {
    section.is_empty() || key.strip_prefix(section).is_some_and(|rest| rest.starts_with('.'))
}

/// Every value that is no section, with its path.
fn leaves<'a>(path: &str, node: &'a Node, into: &mut Vec<(String, &'a Node)>) {
    match node {
        Node::Map(map) if !map.is_empty() => {
            for (name, node) in map {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                leaves(&path, node, into);
            }
        }
        _ => into.push((path.to_owned(), node)),
    }
}

/// Whether a kind's value can be read back as it was given; used by the tests of this and other files.
#[cfg(test)]
pub(crate) fn sample(kind: keys::Kind) -> &'static [&'static str] {
    use super::keys::Kind;
    match kind {
        Kind::Flag => &["true", "false"],
        Kind::Count(_) => &["0", "7", "1000"],
        Kind::Folder => &["notes", "a b/c", "2026", "it's: #1", "true", "näh", "- x", "~/j", "C:\\x\\\"y\""],
        Kind::Branch => &["null", "commit-story/journal"],
        Kind::Directory if cfg!(windows) => &["null", "~/x y", "C:/srv/a#b"],
        Kind::Directory => &["null", "~/x y", "/srv/a#b"],
        Kind::Directories if cfg!(windows) => &["[]", "C:/Users/me", "[~/x y, 'C:\\srv\\a#b']"],
        Kind::Directories => &["[]", "/mnt/c/Users/me", "[~/x y, '/srv/a#b']"],
        Kind::Text => &["null", "plain", "http://127.0.0.1:1/v1"],
        Kind::Command => &["[]", "[claude, -p]"],
        Kind::Words => &["[]", "Acme", "[a, 'b # c', \"d\\\"e\"]"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::file;
    use crate::config::keys::{DEFAULT, KEYS, Kind};

    fn check(text: &str, key: &str, value: &str, expected: &str) {
        let edited = set(text, key, value).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(edited, expected);
    }

    #[test]
    fn a_value_is_replaced_and_its_comment_stays() {
        check("enabled: true   # for now\n", "enabled", "false", "enabled: false   # for now\n");
        check("enabled: # for now\n", "enabled", "false", "enabled: false # for now\n");
        check("enabled:", "enabled", "false", "enabled: false");
        check(
            "journal:\r\n  folder: 'a # b' # c\r\n",
            "journal.folder",
            "x y",
            "journal:\r\n  folder: \"x y\" # c\r\n",
        );
        check(
            "redact:\n  words:\n  - a\n  - b\n  emails: true\n",
            "redact.words",
            "[c]",
            "redact:\n  words: [\"c\"]\n  emails: true\n",
        );
        check("'enabled' : true\n", "enabled", "false", "'enabled' : false\n");
    }

    #[test]
    fn a_new_key_joins_its_section() {
        check("", "journal.folder", "x", "journal:\n  folder: x\n");
        check("# mine", "enabled", "false", "# mine\nenabled: false\n");
        check(
            "journal:\n    folder: x\n    # why\n\n# end\nenabled: true\n",
            "journal.private",
            "false",
            "journal:\n    folder: x\n    private: false\n    # why\n\n# end\nenabled: true\n",
        );
        check("hook:\n", "hook.worker", "false", "hook:\n  worker: false\n");
        check(
            "assistants:\n",
            "assistants.claude-code.read",
            "false",
            "assistants:\n  claude-code:\n    read: false\n",
        );
    }

    #[test]
    fn what_cannot_be_changed_safely_is_refused_with_its_line() {
        let check = |text: &str, key: &str, value: &str, words: &str| {
            let error = set(text, key, value).expect_err(text).to_string();
            assert!(error.contains(words), "{text:?}: {error}");
        };
        check("enabled: true\njournal: {folder: x}\n", "journal.folder", "y", "line 2 is written in a form");
        check("{enabled: true}\n", "enabled", "false", "line 1");
        check("journal:\n  folder: &f x\nx: *f\n", "journal.folder", "y", "line 2");
        check("journal:\n  folder: >\n    x\n", "journal.folder", "y", "line 2");
        check("journal:\n  folder: x\n    y\n", "journal.folder", "z", "line 2");
        check("redact:\n  words:\n    - a # secret\n", "redact.words", "[b]", "line 2");
        check("a: 1\n...\n", "enabled", "false", "safely");
        check("journal:\n\tfolder: x\n", "journal.folder", "y", "broken file: line 2");
        check("- a\n", "enabled", "false", "safely");
        check("", "journal.foldr", "x", "did you mean journal.folder?");
        check("", "enabled", "maybe", "cannot set enabled to \"maybe\": expected true or false");
    }

    #[test]
    fn every_key_can_be_set_and_is_read_back_while_comments_stay() {
        for key in KEYS {
            for value in sample(key.kind) {
                for text in ["", DEFAULT] {
                    let edited = set(text, key.name, value).unwrap();
                    let (found, faults) = file::read(edited.as_bytes());
                    let read = found.iter().find(|found| KEYS[found.key].name == key.name).map(|found| &found.setting);
                    assert_eq!(read, setting::parse(key.kind, value).ok().as_ref(), "{edited}");
                    assert!(faults.is_empty(), "{faults:?}");
                    let comments = |text: &str| -> Vec<String> {
                        text.lines().filter(|line| line.trim_start().starts_with('#')).map(str::to_owned).collect()
                    };
                    assert_eq!(comments(&edited), comments(text));
                }
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_file_an_edit_is_right_or_refused(
            text in "(enabled: true|journal:|  folder: x|  words: \\[a\\]|redact:|  emails: no|# c|  # c|  - a|x: \\{|---|\\.\\.\\.|hook: &a|  worker: *a|)( # why)?(\n(enabled: true|journal:|  folder: x|    - b|redact:|  # c|# d|  emails: true|y: 'z|')){0,8}\n?",
            key in 0..KEYS.len(),
            pick in 0..3_usize,
        ) {
            let key = KEYS[key];
            let value = sample(key.kind)[pick % sample(key.kind).len()];
            if let Ok(edited) = set(&text, key.name, value) {
                let read = file::read(edited.as_bytes()).0;
                let read = read.iter().find(|found| KEYS[found.key].name == key.name).map(|found| found.setting.clone());
                proptest::prop_assert_eq!(read, setting::parse(key.kind, value).ok());
                proptest::prop_assert_eq!(edited.matches('#').count() - value.matches('#').count(), text.matches('#').count());
            }
        }

        #[test]
        fn any_folder_name_is_written_so_that_it_is_read_back(folder in "[^\\p{C}]{1,30}") {
            if let Ok(edited) = set(DEFAULT, "journal.folder", &folder) {
                let found = file::read(edited.as_bytes()).0;
                proptest::prop_assert!(found.iter().any(|found| found.setting == Setting::Path(folder.clone())));
            } else {
                proptest::prop_assert!(setting::parse(Kind::Folder, &folder).is_err());
            }
        }
    }
}
