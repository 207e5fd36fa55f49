//! Anthropic's messages: <https://docs.claude.com/en/api/messages>, and its stream of events.

use serde_json::{Value, json};

use super::answer::{Answer, End, sum};
use super::form::Form;
use crate::llm::asking::Request;

pub(super) fn body(model: &str, request: &Request, form: Form) -> Value {
    json!({
        "model": model,
        "max_tokens": request.most_tokens,
        "temperature": request.temperature,
        "system": request.system,
        "messages": [{ "role": "user", "content": request.user }],
        "stream": form.stream,
    })
}

/// A whole message, or an event: `message_start` holds the message's head, `content_block_delta` a piece of text,
/// `message_delta` the end. Thinking is passed over.
pub(super) fn take(value: &Value, answer: &mut Answer) {
    let message = value.get("message").unwrap_or(value);
    answer.name(&message["model"]);
    let used = message.get("usage").or(value.get("usage")).unwrap_or(&Value::Null);
    let cached = [&used["cache_creation_input_tokens"], &used["cache_read_input_tokens"]];
    answer.count(sum(&used["input_tokens"], &cached), sum(&used["output_tokens"], &[]));
    let blocks = message["content"].as_array().into_iter().flatten();
    for piece in blocks.chain([&value["delta"]]) {
        if matches!(piece["type"].as_str(), Some("text" | "text_delta")) {
            answer.text.push_str(piece["text"].as_str().unwrap_or_default());
        }
    }
    let reason = value["delta"]["stop_reason"].as_str().or(message["stop_reason"].as_str());
    answer.end(reason.map(|reason| match reason {
        "max_tokens" | "model_context_window_exceeded" => End::Cut,
        "refusal" => End::Refused("the model declined".to_owned()),
        _ => End::Complete,
    }));
}
