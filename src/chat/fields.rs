//! Lenient ways into JSON that another program wrote.
//!
//! In: JSON that was found in a line. Out: members that are still unread, and their values when they are of the expected
//! type. Never here: what they mean, an error, or a copy of what nobody asks for.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::{Deserializer, Visitor};
use serde_json::value::RawValue;

/// An object whose members are kept unread, so that one of an unexpected type harms no other.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct Fields<'a>(#[serde(borrow)] BTreeMap<String, &'a RawValue>);

impl<'a> Fields<'a> {
    /// The object that a text is; programs also put JSON into strings.
    #[must_use]
    pub fn of(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// A member as it stands there; `null` counts as absent.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&'a RawValue> {
        self.0.get(name).copied().filter(|raw| raw.get() != "null")
    }

    /// A member that is a string.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        string(self.raw(name))
    }

    /// Whether a member is `true`.
    #[must_use]
    pub fn truth(&self, name: &str) -> bool {
        truth(self.raw(name))
    }

    /// A member that is a whole number.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<i64> {
        parse(self.raw(name))
    }

    /// A member that is an instant: RFC 3339 text, or milliseconds since 1970.
    #[must_use]
    pub fn time(&self, name: &str) -> Option<DateTime<Utc>> {
        let written = self.text(name).and_then(|text| Some(DateTime::parse_from_rfc3339(&text).ok()?.to_utc()));
        written.or_else(|| DateTime::from_timestamp_millis(self.number(name)?))
    }

    /// A member that is an object.
    #[must_use]
    pub fn fields(&self, name: &str) -> Option<Self> {
        parse(self.raw(name))
    }

    /// The objects in a member that is a list.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<Self> {
        self.raw(name).map(list).unwrap_or_default()
    }

    /// The strings in a member that is a list.
    #[must_use]
    pub fn strings(&self, name: &str) -> Vec<String> {
        let elements: Vec<&RawValue> = parse(self.raw(name)).unwrap_or_default();
        elements.into_iter().filter_map(|element| string(Some(element))).collect()
    }

    /// The texts in a member that is a string, or a list of blocks of which some have a `text`.
    #[must_use]
    pub fn texts(&self, name: &str) -> Vec<String> {
        match self.text(name) {
            Some(text) => vec![text],
            None => self.list(name).iter().filter_map(|block| block.text("text")).collect(),
        }
    }

    /// The members' names, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// The elements of a list that are of the expected shape.
#[must_use]
pub fn list<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Vec<T> {
    serde_json::from_str(raw.get()).unwrap_or_else(|_| {
        let elements: Vec<&RawValue> = serde_json::from_str(raw.get()).unwrap_or_default();
        elements.into_iter().filter_map(|element| parse(Some(element))).collect()
    })
}

/// The value, when it is of the expected shape.
#[must_use]
pub fn parse<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Option<T> {
    serde_json::from_str(raw?.get()).ok()
}

/// Whether it is `true`.
#[must_use]
pub fn truth(raw: Option<&RawValue>) -> bool {
    raw.is_some_and(|raw| raw.get() == "true")
}

/// The string, when it is one; half a surrogate pair, as programs that cut text at any place write it, becomes U+FFFD.
#[must_use]
pub fn string(raw: Option<&RawValue>) -> Option<String> {
    parse::<Lossy>(raw).map(|text| text.0)
}

struct Lossy(String);

impl<'de> Deserialize<'de> for Lossy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Lossy;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Lossy, E> {
                Ok(Lossy(String::from_utf8_lossy(bytes).into_owned()))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_of_another_type_is_absent_and_harms_no_other() {
        let fields = Fields::of(r#"{"a":7,"b":"x","c":null,"d":[1,{"text":"y"},"z"],"e":true,"f":"\ud83d"}"#).unwrap();
        assert_eq!((fields.text("a"), fields.text("b"), fields.number("b")), (None, Some("x".to_owned()), None));
        assert!(fields.raw("c").is_none() && fields.truth("e") && !fields.truth("a"));
        assert_eq!((fields.texts("d"), fields.strings("d")), (vec!["y".to_owned()], vec!["z".to_owned()]));
        assert_eq!(fields.text("f").unwrap().chars().last(), Some('\u{fffd}'));
        assert!(Fields::of("[1]").is_none());
    }

    #[test]
    fn an_instant_is_written_or_counted() {
        let fields = Fields::of(r#"{"a":"2026-01-01T01:00:00+01:00","b":1767225600000,"c":"soon"}"#).unwrap();
        assert_eq!(fields.time("a"), fields.time("b"));
        assert!(fields.time("a").is_some() && fields.time("c").is_none());
    }
}
