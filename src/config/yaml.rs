//! YAML of unknown origin into a small tree.
//!
//! In: text of a configuration file. Out: [`Node`], or the place and reason why it is no YAML.
//! Never here: unbounded work. An alias may name a large value a thousand times, and a parser's time may grow with the
//! square of the nesting, so the nodes made and the brackets open are counted.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess, Visitor};

/// The most values a file may hold, aliases expanded; the shipped one has 18.
const NODES: usize = 2000;

/// The most brackets that may be open at once.
const BRACKETS: usize = 32;

/// One YAML value.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// A number without a fraction and a sign.
    Count(u64),
    /// Any other number.
    Number(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the order of the file; no name stands twice.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// What it is, for a sentence: "found a list".
    #[must_use]
    pub fn noun(&self) -> String {
        match self {
            Self::Null => "nothing".to_owned(),
            Self::Flag(value) => value.to_string(),
            Self::Count(value) => format!("the number {value}"),
            Self::Number(value) => format!("the number {value}"),
            Self::Text(_) => "text".to_owned(),
            Self::List(_) => "a list".to_owned(),
            Self::Map(_) => "a section".to_owned(),
        }
    }
}

/// Why a file was left out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Broken {
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1.
    pub column: usize,
    /// In the parser's words, without the place.
    pub reason: String,
}

/// Parses one YAML document; an empty one is [`Node::Null`].
///
/// # Errors
/// The text is no YAML, uses tags, names a key twice, holds more than one document, or is larger when its aliases are
/// expanded, or deeper, than any configuration is.
pub fn parse(text: &str) -> Result<Node, Broken> {
    if let Some(line) = too_deep(text) {
        return Err(Broken { line, column: 1, reason: format!("more than {BRACKETS} brackets are open") });
    }
    let budget = Cell::new(NODES);
    Seed(&budget).deserialize(serde_yaml::Deserializer::from_str(text)).map_err(|error| {
        let (line, column) = error.location().map_or((1, 1), |place| (place.line().max(1), place.column().max(1)));
        let words = error.to_string();
        let reason = words.split(" at line ").next().unwrap_or(&words).chars().take(200).collect();
        Broken { line, column, reason }
    })
}

/// The line on which too many brackets are open. Brackets in quotes and comments count as well: that many without
/// their partners stand in no honest file, and the parser, whose time grows with their square, is never started.
fn too_deep(text: &str) -> Option<usize> {
    let (mut open, mut line) = (0_usize, 1);
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            b'\n' => line += 1,
            _ => {}
        }
        if open > BRACKETS {
            return Some(line);
        }
    }
    None
}

/// Makes nodes as long as the budget lasts.
#[derive(Clone, Copy)]
struct Seed<'a>(&'a Cell<usize>);

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        let left = self.0.get().checked_sub(1).ok_or_else(|| D::Error::custom("too many values"))?;
        self.0.set(left);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("plain text, a number, true, false, null, a list or a section")
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Flag(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Count(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "a negative number is only ever shown in a warning")]
    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(u64::try_from(value).map_or(Node::Number(value as f64), Node::Count))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, _tagged: A) -> Result<Node, A::Error> {
        Err(A::Error::custom("a tag (! before a value) means nothing here"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut map: Vec<(String, Node)> = Vec::new();
        while let Some(name) = entries.next_key::<String>()? {
            // The budget bounds the map, so looking through it for each name stays cheap.
            if map.iter().any(|(known, _)| *known == name) {
                let shown: String = name.chars().take(60).collect();
                return Err(A::Error::custom(format!("{shown} stands twice")));
            }
            map.push((name, entries.next_value_seed(self)?));
        }
        Ok(Node::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_types() {
        let check = |text: &str, expected: Node| assert_eq!(parse(text).unwrap(), expected, "{text}");
        check("", Node::Null);
        check("# only a comment\n", Node::Null);
        check("---\n", Node::Null);
        check("no", Node::Text("no".to_owned()));
        check("'1'", Node::Text("1".to_owned()));
        check("-1", Node::Number(-1.0));
        check("[true, 1, ~]", Node::List(vec![Node::Flag(true), Node::Count(1), Node::Null]));
        check("a: &x 1\nb: *x", Node::Map(vec![("a".to_owned(), Node::Count(1)), ("b".to_owned(), Node::Count(1))]));
    }

    #[test]
    fn broken_text_names_its_place() {
        let check = |text: &str, line: usize, reason: &str| {
            let broken = parse(text).unwrap_err();
            assert!(broken.line == line && broken.reason.contains(reason), "{text:?}: {broken:?}");
        };
        check("a: 1\nb: [1,\nc: 2\n", 4, "");
        check("a: 1\n\tb: 2\n", 2, "");
        check("a: 1\nb: 2\na: 3\n", 1, "a stands twice");
        check("a: !run x\n", 1, "a tag");
        check("a: *nowhere\n", 1, "unknown anchor");
        check("a: 1\n---\nb: 2\n", 1, "more than one document");
    }

    #[test]
    fn bombs_and_towers_end_at_once() {
        use std::fmt::Write as _;
        let mut laughs = "a0: &a0 [0,0,0,0,0,0,0,0,0]\n".to_owned();
        for level in 1..12 {
            let aliases = vec![format!("*a{}", level - 1); 9].join(",");
            writeln!(laughs, "a{level}: &a{level} [{aliases}]").unwrap();
        }
        let wide = format!("a: &a [{}]\nb: [{}]\n", "0,".repeat(4000), "*a,".repeat(30_000));
        for text in [
            laughs,
            wide,
            "a: &a [*a]\n".to_owned(),
            "[".repeat(250_000),
            "{a: ".repeat(60_000),
            "- ".repeat(120_000),
            "? ".repeat(120_000),
            "a: ".repeat(80_000),
            "&a ".repeat(80_000),
            "!a ".repeat(80_000),
            "'".repeat(249_999),
            "a:\n".repeat(80_000),
            (0..500).map(|depth| [&" ".repeat(depth), "a:\n"].concat()).collect(),
        ] {
            assert!(parse(&text).is_err(), "{}", &text[..40]);
        }
    }
}
