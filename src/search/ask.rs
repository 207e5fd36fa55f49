//! A query in the language of the index.
//!
//! In: a [`Query`]. Out: SQL with values beside it, and FTS5's expression as one of these.
//! Never here: a character that was typed within SQL, or one within FTS5's expression that is not between quotes.

use rusqlite::types::Value;

use super::passages::Field;
use super::query::{Kind, Query, Term};
use super::rows;

/// So many of the newest entries that match are ranked. Where a word stands in more, it says little, and the newest are
/// the likeliest.
const RANKED: usize = 4_000;

/// What the index is asked. Both take the values; the list two more: how many rows, and how many are left out before.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// How many match.
    pub count: String,
    /// The best of them: row, instant, commit, subject, score.
    pub list: String,
    /// What stands for `?1` and so on.
    pub values: Vec<Value>,
}

/// Puts a query.
#[must_use]
pub fn question(query: &Query) -> Question {
    let mut values = Vec::new();
    let mut conditions = Vec::new();
    let mut put = |value: Value| {
        values.push(value);
        format!("?{}", values.len())
    };
    // What FTS5 finds nothing to look for in cannot be asked of it.
    let table = if query.all.is_empty() { "entry" } else { "words" };
    let row = if query.all.is_empty() { "entry.id" } else { "words.rowid" };
    if !query.all.is_empty() {
        conditions.push(format!("words MATCH {}", put(Value::Text(expression(query)))));
    } else if !query.none.is_empty() {
        let none = within(&query.fields, &alternatives(&query.none));
        conditions
            .push(format!("entry.id NOT IN (SELECT rowid FROM words WHERE words MATCH {})", put(Value::Text(none))));
    }
    if let Some(days) = query.days {
        let first = put(Value::Integer(rows::first(days.first)));
        let after = days.last.succ_opt().map_or(i64::MAX, rows::first);
        conditions.push(format!("{row} >= {first} AND {row} < {}", put(Value::Integer(after))));
    }
    let only = only(query, put);
    let joined = if query.all.is_empty() || only.is_empty() { "" } else { " JOIN entry ON entry.id = words.rowid" };
    conditions.extend(only);
    let conditions = if conditions.is_empty() { "1".to_owned() } else { conditions.join(" AND ") };
    let from = format!("FROM {table}{joined} WHERE {conditions}");
    let (limit, offset) = (values.len() + 1, values.len() + 2);
    let list = if query.all.is_empty() {
        format!("SELECT id, at, commit_id, subject, 0.0 {from} ORDER BY entry.id DESC LIMIT ?{limit} OFFSET ?{offset}")
    } else {
        ranked(&from, limit, offset)
    };
    Question { count: format!("SELECT count(*) {from}"), list, values }
}

/// The best of what matches. bm25 counts downwards; an entry of today counts a fifth more than one of long ago.
fn ranked(from: &str, limit: usize, offset: usize) -> String {
    let weights: Vec<String> = Field::ALL.iter().map(|field| format!("{:.1}", field.weight())).collect();
    let day = rows::A_DAY;
    format!(
        "WITH newest AS (SELECT max(id) / {day} AS day FROM entry),
           found AS (SELECT words.rowid AS id, -bm25(words, {}) AS score {from}
                     ORDER BY words.rowid DESC LIMIT max({RANKED}, ?{limit} + ?{offset}))
         SELECT entry.id, entry.at, entry.commit_id, entry.subject,
                found.score * (1.0 + 0.2 / (1.0 + (newest.day - entry.id / {day}) / 180.0)) AS score
         FROM found JOIN entry ON entry.id = found.id, newest
         ORDER BY score DESC, entry.id DESC LIMIT ?{limit} OFFSET ?{offset}",
        weights.join(", ")
    )
}

/// The filters as conditions. Those of one kind that are wanted are alternatives.
fn only(query: &Query, mut put: impl FnMut(Value) -> String) -> Vec<String> {
    let mut wanted: [Vec<String>; 3] = Default::default();
    let mut conditions = Vec::new();
    for only in &query.only {
        let (kind, tests) = match &only.kind {
            Kind::Author(name) => (0, vec![format!("instr(entry.author, {}) > 0", put(Value::Text(name.clone())))]),
            Kind::File(path) => (1, vec![format!("instr(entry.files, {}) > 0", put(Value::Text(path.clone())))]),
            Kind::Assistant(which) => {
                let named = which.iter().map(|one| {
                    let slug = put(Value::Text(format!(",{},", one.slug())));
                    format!("instr(entry.assistants, {slug}) > 0")
                });
                (2, named.collect())
            }
        };
        if only.not {
            conditions.push(format!("NOT ({})", tests.join(" OR ")));
        } else {
            wanted[kind].extend(tests);
        }
    }
    conditions.extend(wanted.iter().filter(|tests| !tests.is_empty()).map(|tests| format!("({})", tests.join(" OR "))));
    conditions
}

/// FTS5's expression for the words.
fn expression(query: &Query) -> String {
    let all: Vec<String> = query.all.iter().map(|group| format!("({})", alternatives(group))).collect();
    let all = all.join(" AND ");
    if query.none.is_empty() {
        return within(&query.fields, &all);
    }
    within(&query.fields, &format!("({all}) NOT ({})", alternatives(&query.none)))
}

fn within(fields: &[Field], expression: &str) -> String {
    if fields.is_empty() {
        return expression.to_owned();
    }
    let names: Vec<&str> = fields.iter().map(|field| field.name()).collect();
    format!("{{{}}} : ({expression})", names.join(" "))
}

fn alternatives(terms: &[Term]) -> String {
    let phrase =
        |text: &str, prefix: bool| format!("\"{}\"{}", text.replace('"', "\"\""), if prefix { "*" } else { "" });
    let each = terms.iter().flat_map(|term| {
        let words = phrase(&term.words.join(" "), term.goes_on());
        std::iter::once(words).chain(term.whole.as_ref().map(|whole| phrase(whole, term.prefix)))
    });
    each.collect::<Vec<_>>().join(" OR ")
}
