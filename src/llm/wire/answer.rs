//! What all formats have in common.
//!
//! In: JSON. Out: [`Answer`], which the formats fill, [`Fault`], which all of them say alike, and a few looks into JSON.
//! Never here: one format's names.

use serde_json::Value;

/// What has come so far.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Answer {
    /// The words.
    pub(crate) text: String,
    /// The model, by its own account.
    pub(crate) model: Option<String>,
    /// Tokens sent.
    pub(crate) sent: Option<u32>,
    /// Tokens received.
    pub(crate) received: Option<u32>,
    /// How it ended; `None` until it has.
    pub(crate) end: Option<End>,
}

/// How an answer ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// The model had said all.
    Complete,
    /// The most tokens were reached.
    Cut,
    /// The model or its provider did not want to answer, and why.
    Refused(String),
}

impl Answer {
    /// Takes the name of the model, if it is said.
    pub(super) fn name(&mut self, model: &Value) {
        if let Some(model) = model.as_str().filter(|model| !model.is_empty()) {
            self.model = Some(model.to_owned());
        }
    }

    /// Takes counts, where they are said: later ones stand for the whole.
    pub(super) fn count(&mut self, sent: Option<u32>, received: Option<u32>) {
        self.sent = sent.or(self.sent);
        self.received = received.or(self.received);
    }

    /// Takes how it ended, if it is said. A refusal stays one, whatever follows.
    pub(super) fn end(&mut self, end: Option<End>) {
        if !matches!(self.end, Some(End::Refused(_))) {
            self.end = end.or(self.end.take());
        }
    }
}

/// What a server says went wrong, in a reply that began well.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Fault {
    /// The provider's names for it: a type, a code, a status.
    pub(crate) kinds: Vec<String>,
    /// Its words.
    pub(crate) message: String,
}

impl Fault {
    /// The fault that this JSON tells of, in any format: `{"error": {…}}`, `{"error": "words"}`, the first of a list of
    /// those, `{"message": …}` or `{"detail": …}` with no error around it are not taken for one here.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        let value = value.get(0).unwrap_or(value);
        match value.get("error")? {
            Value::Null => None,
            Value::String(message) => Some(Self { kinds: Vec::new(), message: message.clone() }),
            error => Some(Self::within(error)),
        }
    }

    /// The fault that an object itself describes.
    pub(crate) fn within(error: &Value) -> Self {
        let kinds = ["type", "code", "status"].iter().filter_map(|name| match error.get(name)? {
            Value::String(kind) => Some(kind.to_ascii_lowercase()),
            Value::Number(code) => Some(code.to_string()),
            _ => None,
        });
        let message = ["message", "detail"].iter().find_map(|name| error.get(name)?.as_str()).unwrap_or_default();
        Self { kinds: kinds.collect(), message: message.to_owned() }
    }
}

/// A count of tokens.
pub(super) fn tokens(value: &Value) -> Option<u32> {
    value.as_u64().map(|count| u32::try_from(count).unwrap_or(u32::MAX))
}

/// The sum of counts, where the first is said.
pub(super) fn sum(first: &Value, others: &[&Value]) -> Option<u32> {
    let first = tokens(first)?;
    Some(others.iter().filter_map(|value| tokens(value)).fold(first, u32::saturating_add))
}

/// Takes a name out of an object and of the objects in it.
pub(super) fn without(value: &mut Value, name: &str) {
    if let Some(object) = value.as_object_mut() {
        object.remove(name);
        object.values_mut().for_each(|inner| without(inner, name));
    }
}
