//! A document that is kept as a log of what was done to it.
//!
//! In: the bytes of a `.jsonl` session of VS Code. Out: the document as it stands after the last line.
//! Never here: what the document means.
//!
//! VS Code's `objectMutationLog.ts`: `{kind, k, v, i}` with the way `k` of names and places into the document; kind 0 is
//! the whole, 1 sets, 2 appends to a list (cut to `i` elements before, if given), 3 deletes.

use serde_json::Value;

use crate::chat::document;

/// The longest list that a place may ask for; what is beyond is no session's.
const LONGEST_LIST: usize = 1 << 20;

/// The document; `None` when no line holds a whole one.
pub(super) fn document(bytes: &[u8]) -> Option<Value> {
    let mut whole = None;
    for mut line in document::lines(bytes) {
        let value = line.get_mut("v").map(Value::take);
        let kind = line.get("kind").and_then(Value::as_u64);
        match (kind, &mut whole) {
            (Some(0), _) => whole = value,
            (Some(kind), Some(whole)) => apply(whole, kind, &line, value),
            _ => {}
        }
    }
    whole
}

fn apply(whole: &mut Value, kind: u64, line: &Value, value: Option<Value>) {
    let keys = document::list(line, "/k");
    match kind {
        1 => {
            if let Some(place) = place(whole, keys) {
                *place = value.unwrap_or_default();
            }
        }
        2 => {
            let Some(place) = place(whole, keys) else { return };
            if place.is_null() {
                *place = Value::Array(Vec::new());
            }
            let Some(list) = place.as_array_mut() else { return };
            let kept = line.get("i").and_then(Value::as_u64).and_then(|kept| usize::try_from(kept).ok());
            list.truncate(kept.unwrap_or(usize::MAX));
            match value {
                Some(Value::Array(more)) => list.extend(more),
                Some(one) => list.push(one),
                None => {}
            }
        }
        3 => {
            let Some((last, way)) = keys.split_last() else { return };
            match (place(whole, way), last) {
                (Some(Value::Object(members)), Value::String(name)) => drop(members.remove(name)),
                (Some(Value::Array(elements)), last) => {
                    let at = last.as_u64().and_then(|at| usize::try_from(at).ok());
                    if let Some(at) = at.filter(|at| *at < elements.len()) {
                        elements.remove(at);
                    }
                }
                _ => {}
            }
        }
        _ => {}
    }
}

/// The place at the end of a way; members and elements that are missing are made.
fn place<'a>(mut here: &'a mut Value, way: &[Value]) -> Option<&'a mut Value> {
    for key in way {
        here = match key {
            Value::String(name) => {
                if here.is_null() {
                    *here = Value::Object(serde_json::Map::new());
                }
                here.as_object_mut()?.entry(name.as_str()).or_insert(Value::Null)
            }
            at => {
                let at = usize::try_from(at.as_u64()?).ok().filter(|at| *at < LONGEST_LIST)?;
                if here.is_null() {
                    *here = Value::Array(Vec::new());
                }
                let list = here.as_array_mut()?;
                // Only the next place: a gap would be filled with what nobody wrote.
                if at == list.len() {
                    list.push(Value::Null);
                }
                list.get_mut(at)?
            }
        };
    }
    Some(here)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(lines: &[Value], expected: impl Into<Option<Value>>) {
        let text: Vec<String> = lines.iter().map(Value::to_string).collect();
        assert_eq!(document(text.join("\n").as_bytes()), expected.into());
    }

    #[test]
    fn operations_are_done_in_their_order() {
        let whole = json!({"kind": 0, "v": {"a": [1, 2, 3], "b": {"c": 1}}});
        let after = |line: Value, expected: Value| check(&[whole.clone(), line], expected);
        after(json!({"kind": 1, "k": ["b", "c"], "v": 2}), json!({"a": [1, 2, 3], "b": {"c": 2}}));
        after(json!({"kind": 1, "k": ["a", 1], "v": 9}), json!({"a": [1, 9, 3], "b": {"c": 1}}));
        after(json!({"kind": 1, "k": ["d", "e"], "v": 9}), json!({"a": [1, 2, 3], "b": {"c": 1}, "d": {"e": 9}}));
        after(json!({"kind": 2, "k": ["a"], "v": [4]}), json!({"a": [1, 2, 3, 4], "b": {"c": 1}}));
        after(json!({"kind": 2, "k": ["a"], "v": [4], "i": 1}), json!({"a": [1, 4], "b": {"c": 1}}));
        after(json!({"kind": 2, "k": ["a"], "i": 1}), json!({"a": [1], "b": {"c": 1}}));
        after(json!({"kind": 2, "k": ["d"], "v": [4]}), json!({"a": [1, 2, 3], "b": {"c": 1}, "d": [4]}));
        after(json!({"kind": 3, "k": ["b"]}), json!({"a": [1, 2, 3]}));
        after(json!({"kind": 3, "k": ["a", 0]}), json!({"a": [2, 3], "b": {"c": 1}}));
        after(json!({"kind": 0, "v": 7}), json!(7));
    }

    #[test]
    fn what_leads_nowhere_does_nothing() {
        let whole = json!({"kind": 0, "v": {"a": [1]}});
        for line in [
            json!({"kind": 1, "k": ["a", 99], "v": 2}),
            json!({"kind": 1, "k": ["a", "b"], "v": 2}),
            json!({"kind": 2, "k": ["a", 0], "v": [2]}),
            json!({"kind": 3, "k": ["a", 7]}),
            json!({"kind": 3, "k": []}),
            json!({"kind": 9, "k": ["a"], "v": 2}),
            json!({"no": "kind"}),
        ] {
            check(&[whole.clone(), line], json!({"a": [1]}));
        }
        check(&[json!({"kind": 1, "k": ["a"], "v": 2})], None);
    }

    fn operation() -> impl Strategy<Value = Value> {
        let key =
            prop_oneof![Just(json!("a")), Just(json!("b")), (0u64..4).prop_map(|at| json!(at)), Just(json!(null))];
        let value = prop_oneof![Just(json!([1, 2])), Just(json!({"a": []})), Just(json!(7)), Just(json!(null))];
        (0u64..5, proptest::collection::vec(key, 0..4), value, 0u64..4)
            .prop_map(|(kind, k, v, i)| json!({"kind": kind, "k": k, "v": v, "i": i}))
    }

    proptest! {
        #[test]
        fn no_operations_make_it_panic(operations in proptest::collection::vec(operation(), 0..12)) {
            let text: Vec<String> = operations.iter().map(Value::to_string).collect();
            document(text.join("\n").as_bytes());
        }
    }
}
