//! What a tool is.
//!
//! In: the types of its arguments and of its result. Out: how it is listed, and its arguments read.
//! Never here: a tool.

use std::sync::Arc;

use anyhow::Result;
use rmcp::handler::server::tool::{schema_for_input, schema_for_output};
use rmcp::model::{JsonObject, ToolAnnotations};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::advice::Usage;
use crate::mcp::answer::Answer;
use crate::mcp::desk::Desk;
use crate::mcp::work::Work;

/// The argument that every tool takes: which of the client's repositories is meant.
pub const REPOSITORY: &str = "repository";

/// The formats of texts that schemas know.
const FORMATS: &[&str] = &["date", "date-time"];

/// A tool.
#[derive(Debug)]
pub struct Tool {
    /// What it is called by.
    pub name: &'static str,
    /// What people see.
    pub title: &'static str,
    /// What a model chooses by.
    pub description: &'static str,
    /// What it does to the world.
    pub effect: Effect,
    /// What it takes.
    pub input: fn() -> Arc<JsonObject>,
    /// What it gives.
    pub output: fn() -> Arc<JsonObject>,
    /// Does it.
    pub call: fn(&Desk, JsonObject, &Work) -> Result<Answer>,
}

/// What a tool does to the world. None reaches out of this machine, and none takes away what a person wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It reads.
    Reads,
    /// It adds something each time.
    Adds,
    /// It writes what it would write again.
    Writes,
}

impl Tool {
    /// How it is listed.
    #[must_use]
    pub fn described(&self) -> rmcp::model::Tool {
        let mut input = self.input().as_ref().clone();
        let repository = json!({
            "type": "string",
            "description": "Which of the client's repositories, by its directory or that directory's name; needed where it has several open.",
        });
        if let Some(properties) = input.entry("properties").or_insert_with(|| json!({})).as_object_mut() {
            properties.insert(REPOSITORY.to_owned(), repository);
        }
        let annotations = ToolAnnotations::with_title(self.title)
            .read_only(self.effect == Effect::Reads)
            .destructive(false)
            .idempotent(self.effect != Effect::Adds)
            .open_world(false);
        rmcp::model::Tool::new(self.name, self.description, Arc::new(input))
            .with_title(self.title)
            .with_raw_output_schema((self.output)())
            .with_annotations(annotations)
    }

    fn input(&self) -> Arc<JsonObject> {
        (self.input)()
    }
}

/// The schema of a tool's arguments.
///
/// # Panics
/// The arguments are no struct: a bug, which a test finds.
#[must_use]
pub fn takes<T: JsonSchema + 'static>() -> Arc<JsonObject> {
    let schema = schema_for_input::<T>().expect("arguments are structs, whose schemas are objects");
    plain(&schema, true)
}

/// The schema of a tool's result.
#[must_use]
pub fn gives<T: JsonSchema + 'static>() -> Arc<JsonObject> {
    plain(&schema_for_output::<T>(), false)
}

/// The schema without formats that only Rust knows; and where `required` says enough, without `null` for what may be left
/// out: some clients know but one type for an argument.
fn plain(schema: &JsonObject, required_says: bool) -> Arc<JsonObject> {
    let mut schema = Value::Object(schema.clone());
    simplify(&mut schema, required_says);
    match schema {
        Value::Object(schema) => Arc::new(schema),
        _ => Arc::default(),
    }
}

fn simplify(schema: &mut Value, required_says: bool) {
    match schema {
        Value::Array(list) => {
            for one in list {
                simplify(one, required_says);
            }
        }
        Value::Object(map) => {
            if map.get("format").and_then(Value::as_str).is_some_and(|format| !FORMATS.contains(&format)) {
                map.remove("format");
            }
            if let Some(Value::Array(types)) = map.get_mut("type").filter(|_| required_says) {
                types.retain(|one| one != "null");
                if let [one] = &types[..] {
                    let one = one.clone();
                    map.insert("type".to_owned(), one);
                }
            }
            for one in map.values_mut() {
                simplify(one, required_says);
            }
        }
        _ => {}
    }
}

/// The arguments of a call.
///
/// # Errors
/// They are not what the schema says.
pub fn read<T: DeserializeOwned>(arguments: JsonObject) -> Result<T> {
    serde_json::from_value(Value::Object(arguments)).map_err(|error| {
        let message = format!("cannot understand the arguments: {error}");
        Usage { message, hint: "the tool's input schema says what it takes".to_owned() }.into()
    })
}

/// A name, a path or a revision, which nobody writes at such length.
///
/// # Errors
/// It is longer, or has characters that no such name has.
pub fn name(what: &str, text: &str) -> Result<()> {
    let message = if text.len() > crate::mcp::bounds::NAME {
        format!("`{what}` has {} bytes, more than the {} allowed", text.len(), crate::mcp::bounds::NAME)
    } else if text.contains(|c: char| c.is_control()) {
        format!("`{what}` has control characters")
    } else {
        return Ok(());
    };
    Err(Usage { message, hint: format!("give a shorter and plainer `{what}`") }.into())
}
