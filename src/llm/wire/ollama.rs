//! Ollama's own chat: <https://docs.ollama.com/api/chat>. Its stream is one JSON object per line.

use serde_json::{Value, json};

use super::answer::{Answer, End, sum};
use super::form::Form;
use crate::llm::asking::Request;
use crate::llm::tokens;

/// Ollama silently drops the beginning of a prompt that exceeds the context it was given, and gives little unless told
/// otherwise: it is told how much this request needs, in steps, as each new size loads the model anew.
pub(super) fn body(model: &str, request: &Request, form: Form) -> Value {
    let needed = tokens::count(&request.system)
        .saturating_add(tokens::count(&request.user))
        .saturating_add(request.most_tokens)
        .saturating_add(256);
    json!({
        "model": model,
        "messages": [
            { "role": "system", "content": request.system },
            { "role": "user", "content": request.user },
        ],
        "stream": form.stream,
        "options": {
            "temperature": request.temperature,
            "num_predict": request.most_tokens,
            "num_ctx": needed.checked_next_multiple_of(4096).unwrap_or(needed),
        },
    })
}

/// A whole reply, or a line of a stream: each has a piece of the message, the last the counts.
pub(super) fn take(value: &Value, answer: &mut Answer) {
    answer.name(&value["model"]);
    answer.text.push_str(value["message"]["content"].as_str().unwrap_or_default());
    answer.count(sum(&value["prompt_eval_count"], &[]), sum(&value["eval_count"], &[]));
    if value["done"] == true {
        answer.end(Some(if value["done_reason"] == "length" { End::Cut } else { End::Complete }));
    }
}
