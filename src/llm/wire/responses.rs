//! OpenAI's responses: <https://platform.openai.com/docs/api-reference/responses>, and its stream of events.

use serde_json::{Value, json};

use super::answer::{Answer, End, Fault, sum};
use super::form::Form;
use crate::llm::asking::Request;

/// The provider is asked not to store what was said.
pub(super) fn body(model: &str, request: &Request, form: Form) -> Value {
    json!({
        "model": model,
        "instructions": request.system,
        "input": request.user,
        "max_output_tokens": request.most_tokens,
        "temperature": request.temperature,
        "store": false,
        "stream": form.stream,
    })
}

/// A whole response, or an event: pieces of text, and at last the response as it would have come whole.
pub(super) fn take(value: &Value, answer: &mut Answer) -> Result<(), Fault> {
    match value["type"].as_str() {
        Some("response.output_text.delta") => answer.text.push_str(value["delta"].as_str().unwrap_or_default()),
        Some("response.completed" | "response.incomplete" | "response.failed") => {
            return whole(&value["response"], answer);
        }
        Some("error") => return Err(Fault::within(value)),
        Some(_) => {}
        None => return whole(value, answer),
    }
    Ok(())
}

fn whole(response: &Value, answer: &mut Answer) -> Result<(), Fault> {
    if let Some(fault) = Fault::of(response) {
        return Err(fault);
    }
    answer.name(&response["model"]);
    let used = &response["usage"];
    answer.count(sum(&used["input_tokens"], &[]), sum(&used["output_tokens"], &[]));
    let mut text = String::new();
    let messages = response["output"].as_array().into_iter().flatten().filter(|item| item["type"] == "message");
    for part in messages.flat_map(|message| message["content"].as_array().into_iter().flatten()) {
        text.push_str(part["text"].as_str().unwrap_or_default());
        if let Some(words) = part["refusal"].as_str() {
            answer.end(Some(End::Refused(words.to_owned())));
        }
    }
    if !text.is_empty() {
        answer.text = text;
    }
    answer.end(match (response["status"].as_str(), response["incomplete_details"]["reason"].as_str()) {
        (_, Some("content_filter")) => Some(End::Refused("a content filter stopped it".to_owned())),
        (Some("incomplete"), _) => Some(End::Cut),
        (Some("completed"), _) => Some(End::Complete),
        _ => None,
    });
    Ok(())
}
