//! One server's entry in a JSON file that a person keeps: comments, order, indentation and line ends stay.
//!
//! In: the text, where the entry stands, its fields. Out: the new text, or why it is not understood.
//! Never here: the assurance that nothing else has changed; `document` compares.

use anyhow::{Result, anyhow, bail};
use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstObject, CstRootNode};
use serde_json::Value;

use super::entry::Field;

/// JSON with comments and trailing commas, as editors keep it; nothing of JSON5 besides.
const UNDERSTOOD: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_trailing_commas: true,
    allow_loose_object_property_names: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

fn parse(text: &str) -> Result<CstRootNode> {
    CstRootNode::parse(text, &UNDERSTOOD).map_err(|broken| anyhow!("{broken}"))
}

/// All that the text says; an empty object when it says nothing.
///
/// # Errors
/// It is not JSON, or not an object.
pub(super) fn value(text: &str) -> Result<Value> {
    let root = parse(text)?;
    let Some(found) = root.value() else { return Ok(Value::Object(serde_json::Map::new())) };
    if found.as_object().is_none() {
        bail!("it holds something else than an object");
    }
    root.to_serde_value().ok_or_else(|| anyhow!("it holds a value that is no JSON"))
}

/// The text with the fields in the entry, whose place is made where it is missing.
///
/// # Errors
/// Something else stands in the way, or a name is there twice.
pub(super) fn set(text: &str, path: &[&str], fields: &[Field]) -> Result<String> {
    let root = parse(text)?;
    let mut at = root.object_value_or_create().ok_or_else(|| anyhow!("it holds something else than an object"))?;
    for name in path {
        once(&at, name)?;
        at = at.object_value_or_create(name).ok_or_else(|| anyhow!("{name} is something else than an object"))?;
    }
    for field in fields {
        once(&at, field.key)?;
        match at.get(field.key) {
            Some(old) if !field.decides || old.to_serde_value().as_ref() == Some(&field.value) => {}
            Some(old) => old.set_value(input(&field.value)),
            None => {
                at.append(field.key, input(&field.value));
            }
        }
    }
    Ok(root.to_string())
}

/// The text without the entry; without its section, too, if that is to go when it is empty.
///
/// # Errors
/// A name is there twice.
pub(super) fn remove(text: &str, path: &[&str], prune: bool) -> Result<String> {
    let root = parse(text)?;
    let mut objects: Vec<CstObject> = root.object_value().into_iter().collect();
    for name in path {
        let Some(last) = objects.last() else { break };
        once(last, name)?;
        let Some(next) = last.object_value(name) else { break };
        objects.push(next);
    }
    if objects.len() > path.len() {
        for (depth, name) in path.iter().enumerate().rev() {
            let goes = depth + 1 == path.len() || prune && objects[depth + 1].properties().is_empty();
            match objects[depth].get(name) {
                Some(property) if goes => property.remove(),
                _ => break,
            }
        }
    }
    Ok(root.to_string())
}

/// Readers differ in which of two they take.
fn once(object: &CstObject, name: &str) -> Result<()> {
    let of_name = |property: &jsonc_parser::cst::CstObjectProp| property.decoded_name().as_deref() == Some(name);
    if object.properties().iter().filter(|property| of_name(property)).count() > 1 {
        bail!("{name} is there twice");
    }
    Ok(())
}

fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(flag) => CstInputValue::Bool(*flag),
        Value::Number(number) => CstInputValue::Number(number.to_string()),
        Value::String(text) => CstInputValue::String(text.clone()),
        Value::Array(list) => CstInputValue::Array(list.iter().map(input).collect()),
        Value::Object(map) => {
            CstInputValue::Object(map.iter().map(|(key, value)| (key.clone(), input(value))).collect())
        }
    }
}
