//! Answers that fit into an assistant's window.
//!
//! In: a text or a JSON value, and how large it may be. Out: the same, or less of it, and whether something is missing.
//! Never here: a value of another shape: what its schema says stays true.

use serde_json::Value;

use crate::safe::printable;

/// The most bytes of one answer, as JSON or as text: some twelve thousand tokens.
pub const MOST: usize = 48 << 10;

/// The most bytes of a page that is read as a resource.
pub const PAGE: usize = 256 << 10;

/// The longest argument that is a name, a path or a revision.
pub const NAME: usize = 4 << 10;

/// What stands at the end of a text that was cut.
const CUT: &str = " […]";

/// Ever smaller limits: the longest text, and the most elements of a list.
const STEPS: [(usize, usize); 5] = [(8_000, 500), (2_000, 200), (600, 80), (200, 30), (60, 8)];

/// The beginning of a text, whole characters, and whether something was left out. What steers a terminal is replaced.
#[must_use]
pub fn cut(text: &str, most: usize) -> (String, bool) {
    let text = printable(text);
    if text.len() <= most {
        return (text, false);
    }
    let mut end = most.saturating_sub(CUT.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    (format!("{}{CUT}", &text[..end]), true)
}

/// The value, its longest texts cut and its longest lists ended until it is small enough, and whether that was needed.
#[must_use]
pub fn fit(mut value: Value, most: usize) -> (Value, bool) {
    let mut needed = false;
    for (text, list) in STEPS {
        if size(&value) <= most {
            return (value, needed);
        }
        needed = true;
        shorten(&mut value, text, list);
    }
    (value, needed)
}

/// How many bytes a value has as JSON.
#[must_use]
pub fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => 12,
        Value::String(text) => {
            text.len() + 2 + text.bytes().filter(|byte| matches!(byte, b'"' | b'\\' | b'\n')).count()
        }
        Value::Array(list) => 2 + list.iter().map(|one| size(one) + 1).sum::<usize>(),
        Value::Object(map) => 2 + map.iter().map(|(key, one)| key.len() + 4 + size(one)).sum::<usize>(),
    }
}

fn shorten(value: &mut Value, longest: usize, most: usize) {
    match value {
        Value::String(text) if text.len() > longest => *text = cut(text, longest).0,
        Value::Array(list) => {
            list.truncate(most);
            for one in list {
                shorten(one, longest, most);
            }
        }
        Value::Object(map) => {
            for one in map.values_mut() {
                shorten(one, longest, most);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_ends_between_characters_and_says_that_it_was_cut() {
        for (text, most, expected) in [
            ("short", 5, ("short", false)),
            ("a longer text", 10, ("a lo […]", true)),
            ("żżżżżżżżżż", 11, ("żż […]", true)),
            ("\u{1b}[31mred", 100, ("\u{fffd}[31mred", false)),
        ] {
            assert_eq!(cut(text, most), (expected.0.to_owned(), expected.1), "{text}");
        }
    }

    #[test]
    fn a_value_keeps_its_shape_and_loses_what_is_longest() {
        let large = json!({"a": "x".repeat(10_000), "b": [1, 2, 3], "c": null, "list": vec!["entry"; 1_000]});
        let (fitted, needed) = fit(large.clone(), 6_000);
        assert!(needed && size(&fitted) <= 6_000, "{}", size(&fitted));
        assert_eq!((&fitted["b"], &fitted["c"]), (&json!([1, 2, 3]), &Value::Null));
        assert!(fitted["a"].as_str().is_some_and(|text| text.ends_with(CUT)));
        assert_eq!(fit(large.clone(), 1 << 20), (large, false));
    }

    proptest::proptest! {
        #[test]
        fn the_size_is_never_less_than_what_is_written(text in "\\PC{0,40}", number in 0_u32..1000) {
            let value = json!({"text": text, "number": number, "list": [text, null, true]});
            proptest::prop_assert!(size(&value) + 8 >= value.to_string().len());
        }
    }
}
