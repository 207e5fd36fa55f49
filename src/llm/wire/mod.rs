//! The formats in which servers are asked and answer.
//!
//! In: a [`Request`] with a model's name, or the JSON that came back. Out: a path, a header and a body to send; an
//! [`Answer`] or a [`Fault`].
//! Never here: a connection, or what a fault means for the caller.

mod form;

mod answer;

mod anthropic;

mod chat;

mod responses;

mod gemini;

mod ollama;

use serde_json::Value;

pub(super) use answer::{Answer, End, Fault};
pub(super) use form::Form;

use super::asking::Request;

/// A format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// Anthropic's messages.
    Anthropic,
    /// OpenAI's chat completions, which most other servers speak, too.
    Chat,
    /// OpenAI's responses.
    Responses,
    /// Gemini's content generation.
    Gemini,
    /// Ollama's own chat.
    Ollama,
}

impl Wire {
    /// The path below the base address.
    pub(super) fn path(self, model: &str, form: Form) -> String {
        match self {
            Self::Anthropic => "/messages".to_owned(),
            Self::Chat => "/chat/completions".to_owned(),
            Self::Responses => "/responses".to_owned(),
            Self::Gemini => gemini::path(model, form),
            Self::Ollama => "/api/chat".to_owned(),
        }
    }

    /// The header that carries the key, and what stands before the key in it.
    pub(super) fn key_header(self) -> (&'static str, &'static str) {
        match self {
            Self::Anthropic => ("x-api-key", ""),
            Self::Gemini => ("x-goog-api-key", ""),
            Self::Chat | Self::Responses | Self::Ollama => ("authorization", "Bearer "),
        }
    }

    /// What else the server wants to be told.
    pub(super) fn headers(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Anthropic => &[("anthropic-version", "2023-06-01")],
            _ => &[],
        }
    }

    /// What is sent.
    pub(super) fn body(self, model: &str, request: &Request, form: Form) -> Value {
        let mut body = match self {
            Self::Anthropic => anthropic::body(model, request, form),
            Self::Chat => chat::body(model, request, form),
            Self::Responses => responses::body(model, request, form),
            Self::Gemini => gemini::body(request),
            Self::Ollama => ollama::body(model, request, form),
        };
        if !form.temperature {
            answer::without(&mut body, "temperature");
        }
        body
    }

    /// Takes a whole reply, or one event of a stream.
    pub(super) fn take(self, value: &Value, answer: &mut Answer) -> Result<(), Fault> {
        if let Some(fault) = Fault::of(value) {
            return Err(fault);
        }
        match self {
            Self::Anthropic => anthropic::take(value, answer),
            Self::Chat => chat::take(value, answer),
            Self::Responses => return responses::take(value, answer),
            Self::Gemini => gemini::take(value, answer),
            Self::Ollama => ollama::take(value, answer),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// JSON that looks like a reply in some format, and is none.
    fn any_reply() -> impl Strategy<Value = Value> {
        const NAMES: &[&str] = &[
            "candidates",
            "choices",
            "code",
            "content",
            "delta",
            "done",
            "error",
            "finish_reason",
            "finishReason",
            "incomplete_details",
            "input_tokens",
            "message",
            "model",
            "output",
            "parts",
            "promptFeedback",
            "reason",
            "refusal",
            "response",
            "status",
            "stop_reason",
            "text",
            "type",
            "usage",
            "usageMetadata",
        ];
        const WORDS: &[&str] =
            &["", "error", "length", "message", "refusal", "response.completed", "text", "text_delta"];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            proptest::sample::select(WORDS).prop_map(Value::from),
        ];
        leaf.prop_recursive(6, 48, 4, |inner| {
            let fields = proptest::collection::vec((proptest::sample::select(NAMES), inner.clone()), 0..4);
            prop_oneof![
                proptest::collection::vec(inner, 0..3).prop_map(Value::from),
                fields.prop_map(|fields| fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_reply_is_too_strange(replies in proptest::collection::vec(any_reply(), 1..3)) {
            for wire in [Wire::Anthropic, Wire::Chat, Wire::Responses, Wire::Gemini, Wire::Ollama] {
                let mut answer = Answer::default();
                for reply in &replies {
                    let _ = wire.take(reply, &mut answer);
                }
            }
        }
    }
}
