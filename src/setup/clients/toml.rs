//! One server's entry in a TOML file that a person keeps: comments, order and spacing stay.
//!
//! In: the text, where the entry stands, its fields. Out: the new text, or why it is not understood.
//! Never here: the assurance that nothing else has changed; `document` compares.

use anyhow::{Result, anyhow};
use serde_json::Value;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, TableLike};

use super::entry::Field;

fn parse(text: &str) -> Result<DocumentMut> {
    // The first line of its message has the place; those after it draw the file's lines, which are not ours to print.
    text.parse().map_err(|broken: toml_edit::TomlError| {
        let line = broken.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        anyhow!("line {line}: {}", broken.message())
    })
}

/// All that the text says.
///
/// # Errors
/// It is not TOML.
pub(super) fn value(text: &str) -> Result<Value> {
    Ok(plain(parse(text)?.as_item()))
}

/// The text with the fields in the entry, whose place is made where it is missing.
///
/// # Errors
/// Something else stands in the way.
pub(super) fn set(text: &str, path: &[&str], fields: &[Field]) -> Result<String> {
    let mut document = parse(text)?;
    let mut at: &mut dyn TableLike = document.as_table_mut();
    let mut inline = false;
    for (depth, name) in path.iter().enumerate() {
        let item = at.entry(name).or_insert_with(|| {
            let mut table = Table::new();
            table.set_implicit(depth + 1 < path.len());
            if inline { Item::Value(InlineTable::new().into()) } else { Item::Table(table) }
        });
        inline = item.is_inline_table();
        at = item.as_table_like_mut().ok_or_else(|| anyhow!("{name} is something else than a table"))?;
    }
    for field in fields {
        match at.get(field.key) {
            Some(old) if !field.decides || plain(old) == field.value => {}
            _ => {
                at.insert(field.key, Item::Value(input(&field.value)?));
            }
        }
    }
    Ok(line_ends(text, document.to_string()))
}

/// The text without the entry; without its section, too, if that is to go when it is empty.
///
/// # Errors
/// It is not TOML.
pub(super) fn remove(text: &str, path: &[&str], prune: bool) -> Result<String> {
    let mut document = parse(text)?;
    remove_in(document.as_table_mut(), path, prune);
    Ok(line_ends(text, document.to_string()))
}

fn remove_in(table: &mut dyn TableLike, path: &[&str], prune: bool) {
    let [name, rest @ ..] = path else { return };
    let mut empty = rest.is_empty();
    if let Some(inner) = table.get_mut(name).and_then(Item::as_table_like_mut).filter(|_| !rest.is_empty()) {
        remove_in(inner, rest, prune);
        empty = prune && inner.is_empty();
    }
    if empty {
        table.remove(name);
    }
}

/// `toml_edit` ends its lines as Unix does, whatever the file's were.
fn line_ends(before: &str, after: String) -> String {
    let is_windows = before.contains('\n') && before.matches('\n').count() == before.matches("\r\n").count();
    if is_windows { after.replace("\r\n", "\n").replace('\n', "\r\n") } else { after }
}

fn input(value: &Value) -> Result<toml_edit::Value> {
    match value {
        Value::Bool(flag) => Ok((*flag).into()),
        Value::String(text) => Ok(text.as_str().into()),
        Value::Array(list) => Ok(toml_edit::Value::Array(list.iter().map(input).collect::<Result<Array>>()?)),
        other => Err(anyhow!("cannot write {other} as TOML")),
    }
}

/// What an item says, for comparison: dates and numbers as they are written.
fn plain(item: &Item) -> Value {
    let table =
        |table: &dyn TableLike| Value::Object(table.iter().map(|(key, item)| (key.to_owned(), plain(item))).collect());
    match item {
        Item::None => Value::Null,
        Item::Table(found) => table(found),
        Item::ArrayOfTables(list) => list.iter().map(|found| table(found)).collect(),
        Item::Value(toml_edit::Value::InlineTable(found)) => table(found),
        Item::Value(toml_edit::Value::Array(list)) => {
            list.iter().map(|value| plain(&Item::Value(value.clone()))).collect()
        }
        Item::Value(toml_edit::Value::String(text)) => Value::String(text.value().clone()),
        Item::Value(toml_edit::Value::Boolean(flag)) => Value::Bool(*flag.value()),
        Item::Value(other) => Value::String(other.to_string().trim().to_owned()),
    }
}
