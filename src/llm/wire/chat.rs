//! OpenAI's chat completions, and the servers that speak like it:
//! <https://platform.openai.com/docs/api-reference/chat>.

use serde_json::{Value, json};

use super::answer::{Answer, End, sum};
use super::form::Form;
use crate::llm::asking::Request;

pub(super) fn body(model: &str, request: &Request, form: Form) -> Value {
    let mut body = json!({
        "model": model,
        "temperature": request.temperature,
        "messages": [
            { "role": "system", "content": request.system },
            { "role": "user", "content": request.user },
        ],
        "stream": form.stream,
    });
    let limit = if form.newer_limit { "max_completion_tokens" } else { "max_tokens" };
    body[limit] = request.most_tokens.into();
    if form.stream && form.counts {
        body["stream_options"] = json!({ "include_usage": true });
    }
    body
}

/// A whole completion (`message`) or a chunk of one (`delta`). What a model thinks stands under names of its own, which
/// are passed over.
pub(super) fn take(value: &Value, answer: &mut Answer) {
    answer.name(&value["model"]);
    let used = &value["usage"];
    answer.count(sum(&used["prompt_tokens"], &[]), sum(&used["completion_tokens"], &[]));
    let choice = &value["choices"][0];
    let said = choice.get("message").or(choice.get("delta")).unwrap_or(&Value::Null);
    match &said["content"] {
        Value::String(text) => answer.text.push_str(text),
        Value::Array(parts) => parts.iter().filter(|part| part["type"] == "text").for_each(|part| {
            answer.text.push_str(part["text"].as_str().unwrap_or_default());
        }),
        _ => {}
    }
    if let Some(words) = said["refusal"].as_str().filter(|words| !words.is_empty()) {
        answer.end(Some(End::Refused(words.to_owned())));
    }
    answer.end(match choice["finish_reason"].as_str() {
        // `error` is how gateways say that the model's own server failed: no end at all.
        None | Some("error") => None,
        Some("length") => Some(End::Cut),
        Some("content_filter") => Some(End::Refused("a content filter stopped it".to_owned())),
        Some(_) => Some(End::Complete),
    });
}
