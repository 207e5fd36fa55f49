//! Gemini's content generation: <https://ai.google.dev/api/generate-content>.

use serde_json::{Value, json};

use super::answer::{Answer, End, sum};
use super::form::Form;
use crate::llm::asking::Request;

/// The path names the model; `models/` before it, as Google's own lists have it, is no part of the name.
pub(super) fn path(model: &str, form: Form) -> String {
    let model = model.strip_prefix("models/").unwrap_or(model);
    let call = if form.stream { "streamGenerateContent?alt=sse" } else { "generateContent" };
    format!("/models/{model}:{call}")
}

pub(super) fn body(request: &Request) -> Value {
    json!({
        "systemInstruction": { "parts": [{ "text": request.system }] },
        "contents": [{ "role": "user", "parts": [{ "text": request.user }] }],
        "generationConfig": { "temperature": request.temperature, "maxOutputTokens": request.most_tokens },
    })
}

/// A response; a stream is several of them, each with further parts. Thoughts are passed over, but counted.
pub(super) fn take(value: &Value, answer: &mut Answer) {
    answer.name(&value["modelVersion"]);
    let used = &value["usageMetadata"];
    answer
        .count(sum(&used["promptTokenCount"], &[]), sum(&used["candidatesTokenCount"], &[&used["thoughtsTokenCount"]]));
    if let Some(reason) = value["promptFeedback"]["blockReason"].as_str() {
        answer.end(Some(End::Refused(format!("blocked: {reason}"))));
    }
    let candidate = &value["candidates"][0];
    let parts = candidate["content"]["parts"].as_array().into_iter().flatten();
    for part in parts.filter(|part| part["thought"] != true) {
        answer.text.push_str(part["text"].as_str().unwrap_or_default());
    }
    answer.end(match candidate["finishReason"].as_str() {
        // "Unknown reason": no end at all.
        None | Some("OTHER" | "FINISH_REASON_UNSPECIFIED") => None,
        Some("STOP") => Some(End::Complete),
        Some("MAX_TOKENS") => Some(End::Cut),
        // SAFETY, RECITATION, BLOCKLIST, PROHIBITED_CONTENT, SPII, LANGUAGE and whatever else is not an answer.
        Some(reason) => Some(End::Refused(reason.to_owned())),
    });
}
