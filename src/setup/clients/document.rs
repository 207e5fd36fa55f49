//! A client's configuration file as text: what stands in it for our server, and the text with and without that.
//!
//! In: bytes of a file that another program reads. Out: new bytes, or an error; the old ones are then left alone.
//! Never here: a guess. Each edit is read back, and if anything but our entry says something else now, it is refused.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

use super::entry::Field;
use super::{json, toml};

/// Some editors begin a file with it; JSON's readers differ.
const BOM: &str = "\u{feff}";

/// What the file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON, with or without comments and trailing commas.
    Json,
    /// TOML.
    Toml,
}

impl Format {
    fn value(self, text: &str) -> Result<Value> {
        match self {
            Self::Json => json::value(text),
            Self::Toml => toml::value(text),
        }
    }

    /// What the file says at a path of names.
    ///
    /// # Errors
    /// The file is not of this format.
    pub fn get(self, bytes: &[u8], path: &[&str]) -> Result<Option<Value>> {
        let (_, text) = text(bytes)?;
        Ok(at(&self.value(text)?, path).cloned())
    }

    /// The file with these fields at the path; what else stands there stays.
    ///
    /// # Errors
    /// The file is not of this format, or is written in a way in which the fields cannot be added safely.
    pub fn with(self, bytes: &[u8], path: &[&str], fields: &[Field]) -> Result<Vec<u8>> {
        let (bom, text) = text(bytes)?;
        let mut expected = self.value(text)?;
        let entry = make(&mut expected, path).context("something else stands where the server belongs")?;
        for field in fields {
            if field.decides || !entry.contains_key(field.key) {
                entry.insert(field.key.to_owned(), field.value.clone());
            }
        }
        let after = match self {
            Self::Json => json::set(text, path, fields)?,
            Self::Toml => toml::set(text, path, fields)?,
        };
        self.checked(&after, &expected)?;
        Ok([bom, after.as_str()].concat().into_bytes())
    }

    /// The file without what stands at the path; the sections around it go, too, if they are empty and `prune` says so.
    ///
    /// # Errors
    /// As [`Format::with`].
    pub fn without(self, bytes: &[u8], path: &[&str], prune: bool) -> Result<Vec<u8>> {
        let (bom, text) = text(bytes)?;
        let mut expected = self.value(text)?;
        take(&mut expected, path, prune);
        let after = match self {
            Self::Json => json::remove(text, path, prune)?,
            Self::Toml => toml::remove(text, path, prune)?,
        };
        self.checked(&after, &expected)?;
        Ok([bom, after.as_str()].concat().into_bytes())
    }

    fn checked(self, after: &str, expected: &Value) -> Result<()> {
        if self.value(after).ok().as_ref() != Some(expected) {
            bail!("it is written in a way that only a person should edit");
        }
        Ok(())
    }

    /// Whether the file says nothing at all, not even in a comment.
    #[must_use]
    pub fn is_blank(self, bytes: &[u8]) -> bool {
        let Ok((_, text)) = text(bytes) else { return false };
        match self {
            Self::Json => text.chars().filter(|c| !c.is_whitespace()).eq("{}".chars()),
            Self::Toml => text.trim().is_empty(),
        }
    }
}

fn text(bytes: &[u8]) -> Result<(&str, &str)> {
    let text = std::str::from_utf8(bytes).context("it is not UTF-8")?;
    Ok(text.strip_prefix(BOM).map_or(("", text), |rest| (BOM, rest)))
}

fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, name| value.get(name))
}

/// The object at the path, made where it is missing; `None` where something else is in the way.
fn make<'a>(value: &'a mut Value, path: &[&str]) -> Option<&'a mut Map<String, Value>> {
    let mut object = value.as_object_mut()?;
    for name in path {
        object = object.entry(*name).or_insert_with(|| Value::Object(Map::new())).as_object_mut()?;
    }
    Some(object)
}

fn take(value: &mut Value, path: &[&str], prune: bool) {
    let ([name, rest @ ..], Some(object)) = (path, value.as_object_mut()) else { return };
    let mut goes = rest.is_empty();
    if let Some(inner) = object.get_mut(*name).filter(|_| !rest.is_empty()) {
        take(inner, rest, prune);
        goes = prune && inner.as_object().is_some_and(Map::is_empty);
    }
    if goes {
        object.remove(*name);
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::{Entry, SERVER, Shape};
    use super::*;

    fn fields() -> Vec<Field> {
        Shape::Plain.fields(&Entry { command: "/opt/commit-story".to_owned(), args: vec!["mcp".to_owned()] })
    }

    fn path(format: Format) -> [&'static str; 2] {
        [if format == Format::Json { "mcpServers" } else { "mcp_servers" }, SERVER]
    }

    fn check(format: Format, before: &str, expected: &str) {
        let (path, fields) = (path(format), fields());
        let after =
            format.with(before.as_bytes(), &path, &fields).unwrap_or_else(|error| panic!("{before}: {error:#}"));
        assert_eq!(String::from_utf8(after.clone()).unwrap(), expected);
        assert_eq!(format.with(&after, &path, &fields).unwrap(), after, "a second time changes nothing");
        let gone = format.without(&after, &path, true).unwrap();
        let said = |bytes: &[u8]| format.value(text(bytes).unwrap().1).unwrap();
        let mut left = said(before.as_bytes());
        take(&mut left, &path, true);
        assert_eq!(said(&gone), left);
    }

    fn refused(format: Format, before: &str, words: &str) {
        let error = format.with(before.as_bytes(), &path(format), &fields()).expect_err(before);
        assert!(format!("{error:#}").contains(words), "{before}: {error:#}");
    }

    #[test]
    fn an_entry_joins_what_json_is_there() {
        let ours = "\"commit-story\": {\n      \"command\": \"/opt/commit-story\",\n      \"args\": [\"mcp\"]\n    }\n  }\n}\n";
        check(Format::Json, "", &format!("{{\n  \"mcpServers\": {{\n    {ours}"));
        check(Format::Json, "{}\n", &format!("{{\n  \"mcpServers\": {{\n    {ours}"));
        check(
            Format::Json,
            "// mine\n{\n  \"b\": 1, // why\n  \"mcpServers\": {\n    \"x\": {\"command\": \"y\"} // keep\n  }\n}\n",
            &format!(
                "// mine\n{{\n  \"b\": 1, // why\n  \"mcpServers\": {{\n    \"x\": {{\"command\": \"y\"}}, // keep\n    {ours}"
            ),
        );
        check(
            Format::Json,
            "{\n\t\"a\": [],\n}",
            "{\n\t\"a\": [],\n\t\"mcpServers\": {\n\t\t\"commit-story\": {\n\t\t\t\"command\": \"/opt/commit-story\",\n\t\t\t\"args\": [\"mcp\"]\n\t\t}\n\t},\n}",
        );
    }

    #[test]
    fn line_ends_and_the_mark_before_the_first_one_stay() {
        for (format, before) in
            [(Format::Json, "\u{feff}{\r\n  \"a\": 1\r\n}\r\n"), (Format::Toml, "\u{feff}a = 1\r\n\r\n# c\r\n")]
        {
            let after = String::from_utf8(format.with(before.as_bytes(), &path(format), &fields()).unwrap()).unwrap();
            assert!(after.starts_with(BOM) && after.contains("/opt/commit-story"), "{after:?}");
            assert_eq!(after.matches('\n').count(), after.matches("\r\n").count(), "{after:?}");
        }
    }

    #[test]
    fn an_entry_joins_what_toml_is_there() {
        let ours = "[mcp_servers.commit-story]\ncommand = \"/opt/commit-story\"\nargs = [\"mcp\"]\n";
        check(Format::Toml, "", ours);
        check(Format::Toml, "model = \"x\" # why\n", &format!("model = \"x\" # why\n\n{ours}"));
        check(
            Format::Toml,
            "[mcp_servers.a]\ncommand = \"b\" # c\n\n[other]\nx = 1\n",
            &format!("[mcp_servers.a]\ncommand = \"b\" # c\n\n{ours}\n[other]\nx = 1\n"),
        );
        check(
            Format::Toml,
            "mcp_servers = { a = { command = \"b\" } }\n",
            "mcp_servers = { a = { command = \"b\" } , commit-story = { command = \"/opt/commit-story\", args = [\"mcp\"] } }\n",
        );
    }

    #[test]
    fn what_the_user_has_added_to_our_entry_stays() {
        let before = b"{\"mcpServers\": {\"commit-story\": {\"command\": \"npx\", \"disabled\": true}}}";
        let after = Format::Json.with(before, &path(Format::Json), &fields()).unwrap();
        let found = Format::Json.get(&after, &path(Format::Json)).unwrap().unwrap();
        assert_eq!(found, serde_json::json!({"command": "/opt/commit-story", "args": ["mcp"], "disabled": true}));
    }

    #[test]
    fn a_broken_or_odd_file_is_refused_with_its_place() {
        refused(Format::Json, "{\n  \"a\": \n}", "line 3");
        refused(Format::Json, "{\"mcpServers\": []}", "something else");
        refused(Format::Json, "{\"mcpServers\": null}", "something else");
        refused(Format::Json, "[1]", "something else");
        refused(Format::Json, "{a: 1}", "line 1");
        refused(Format::Json, "{} {}", "line 1");
        refused(Format::Json, "{\"mcpServers\": {}, \"mcpServers\": {}}", "twice");
        refused(Format::Json, &"[".repeat(100_000), "depth");
        refused(Format::Toml, "a = 1\nb = \n", "line 2");
        refused(Format::Toml, "mcp_servers = 3\n", "something else");
        refused(Format::Toml, "[[mcp_servers]]\n", "something else");
        refused(Format::Toml, &format!("a = {}", "[".repeat(100_000)), "line 1");
        let error = Format::Json.get(b"\xff", &["x"]).unwrap_err();
        assert!(error.to_string().contains("UTF-8"));
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_text_an_edit_is_right_or_refused(
            text in "(\\{|\\}|\\[|\\]|\"mcpServers\"|\"commit-story\"|\"a\"|:|,|1|null|// c\n|/\\* d \\*/|\n|\r\n|  |\t|\\[mcp_servers\\]\n|\\[mcp_servers\\.x\\]\n|mcp_servers\\.y = 1|a = \\{ b = 1 \\}|# e\n|x = 'y'\n){0,14}",
            json in proptest::bool::ANY,
        ) {
            let format = if json { Format::Json } else { Format::Toml };
            let path = path(format);
            if let Ok(after) = format.with(text.as_bytes(), &path, &fields()) {
                let found = format.get(&after, &path).unwrap().unwrap();
                proptest::prop_assert_eq!(found["command"].as_str(), Some("/opt/commit-story"));
                let comments = |text: &str| text.matches("// c").count() + text.matches("/* d */").count() + text.matches("# e").count();
                proptest::prop_assert_eq!(comments(std::str::from_utf8(&after).unwrap()), comments(&text));
                if let Ok(gone) = format.without(&after, &path, true) {
                    proptest::prop_assert!(format.get(&gone, &path).unwrap().is_none());
                }
            }
        }

        #[test]
        fn any_valid_json_keeps_all_it_says(
            names in proptest::collection::vec("[a-z\\\\\"é/ ]{1,6}", 0..4), ours in proptest::bool::ANY, tail in "\n?",
        ) {
            let mut object = Map::new();
            for (at, name) in names.iter().enumerate() {
                object.insert(name.clone(), serde_json::json!({ "n": at, "list": [name, { "x": null }] }));
            }
            if ours { object.insert("mcpServers".to_owned(), serde_json::json!({ "z": {} })); }
            for before in [Value::Object(object.clone()).to_string(), serde_json::to_string_pretty(&object).unwrap()] {
                let before = format!("{before}{tail}");
                let after = Format::Json.with(before.as_bytes(), &path(Format::Json), &fields()).unwrap();
                let gone = Format::Json.without(&after, &path(Format::Json), !ours).unwrap();
                proptest::prop_assert_eq!(Format::Json.value(std::str::from_utf8(&gone).unwrap()).unwrap(), Value::Object(object.clone()));
            }
        }
    }
}
