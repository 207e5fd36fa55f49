//! A server that answers over HTTP.
//!
//! In: a provider's address, and a request. Out: its reply.
//! Never here: a redirect that is followed, a connection that is kept, or more bytes or seconds than are allowed.

use std::io::Read;
use std::sync::PoisonError;
use std::time::Duration;

use super::asking::{Failure, Reply, Request};
use super::fault::Asked;
use super::frames::{Frame, Frames, Torn};
use super::key::{Key, Source};
use super::provider::{Provider, Server};
use super::wire::{Answer, End, Fault, Form, Wire};
use crate::env::Deadline;
use crate::web::{self, Agent, Body, Manners, Response};

/// The longest reply with all that is around it, in bytes. A stream has some hundred for every token.
const MOST_BYTES: u64 = 16 << 20;

/// The longest error, in bytes.
const MOST_OF_ERROR: u64 = 64 << 10;

/// How often a request is put at all, in other forms where the first ones are refused.
const FORMS: usize = 4;

pub(super) fn ask(provider: &Provider, server: &Server, request: &Request) -> Result<Reply, Failure> {
    let key = server.key.key()?;
    let asked = Asked { provider, server, key: key.as_ref() };
    let deadline = Deadline::after(provider.timeout);
    let mut form = *server.form.lock().unwrap_or_else(PoisonError::into_inner);
    for _ in 0..FORMS {
        let agent = agent(server, deadline.left().unwrap_or_default(), form);
        let response = send(&agent, &asked, request, form).map_err(|error| asked.transport(&error))?;
        if response.status().is_success() {
            *server.form.lock().unwrap_or_else(PoisonError::into_inner) = form;
            return reply(&asked, answer(&asked, response, form)?, request);
        }
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        // What of an error cannot be read is missed only in the message.
        let _ = response.into_body().into_reader().take(MOST_OF_ERROR).read_to_end(&mut body);
        let refusal = String::from_utf8_lossy(&body);
        match form.other(&refusal).filter(|_| matches!(status, 400 | 422)) {
            Some(other) => form = other,
            None => return Err(asked.status(status, &headers, &body)),
        }
    }
    Err(Failure::lasting(format!("{} takes the request in none of the forms known", asked.named())))
}

/// One connection's settings.
fn agent(server: &Server, left: Duration, form: Form) -> Agent {
    web::agent(&Manners {
        whole: left,
        // A stream that is silent for half the time will not come to its end in the other half.
        silence: form.stream.then_some(left / 2),
        redirects: 0,
        // Which hosts may be asked unencrypted, the address was judged by.
        encrypted: false,
        proxy: server.proxy.clone(),
    })
}

fn send(agent: &Agent, asked: &Asked, request: &Request, form: Form) -> Result<Response<Body>, web::Error> {
    let (server, model) = (asked.server, &asked.provider.model);
    let wire = server.known.wire;
    let mut post = agent
        .post(format!("{}{}", server.address.url, wire.path(model, form)))
        .header("content-type", "application/json");
    for (name, value) in wire.headers() {
        post = post.header(*name, *value);
    }
    if let Some(key) = asked.key {
        let (name, before) = wire.key_header();
        post = post.header(name, format!("{before}{}", Key::expose(key)));
    }
    post.send(wire.body(model, request, form).to_string().as_bytes())
}

/// The request as it is put first; where the key stands, its header says that it does.
pub(super) fn preview(provider: &Provider, server: &Server, request: &Request) -> String {
    let form = *server.form.lock().unwrap_or_else(PoisonError::into_inner);
    let wire = server.known.wire;
    let key = (!matches!(server.key, Source::None)).then(|| {
        let (name, before) = wire.key_header();
        format!("{name}: {before}(the key)")
    });
    let first = format!("POST {}{}", server.address.url, wire.path(&provider.model, form));
    let headers = wire.headers().iter().map(|(name, value)| format!("{name}: {value}"));
    let head = [first, "content-type: application/json".to_owned()].into_iter().chain(headers).chain(key);
    let body = wire.body(&provider.model, request, form);
    format!("{}\n\n{body:#}\n", head.collect::<Vec<_>>().join("\n"))
}

/// Reads a reply, whole or in pieces, whichever it is.
fn answer(asked: &Asked, response: Response<Body>, form: Form) -> Result<Answer, Failure> {
    let wire = asked.server.known.wire;
    let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let whole = !form.stream || kind.starts_with("application/json") && wire != Wire::Ollama;
    let body = response.into_body().into_with_config().limit(MOST_BYTES).reader();
    let unread = |torn| match torn {
        Torn::Read(error) => asked.transport(&web::Error::from(error)),
        Torn::Nonsense => Failure::unanswered(format!("{} answers with something that is no reply", asked.named())),
    };
    let failed = |fault: Fault| asked.fault(&fault);
    let mut answer = Answer::default();
    if whole {
        let value = value(body).map_err(unread)?;
        wire.take(&value, &mut answer).map_err(failed)?;
        return Ok(answer);
    }
    let mut frames = Frames::of(body);
    loop {
        match frames.next() {
            Ok(Some(Frame::Value(value))) => wire.take(&value, &mut answer).map_err(failed)?,
            Ok(Some(Frame::Done)) => {
                // The end is said twice; a server that says it only like this has said all.
                answer.end = answer.end.or(Some(End::Complete));
                return Ok(answer);
            }
            Ok(None) => return Ok(answer),
            // What comes after the end, or that the connection stays open, does not take back what was said and paid.
            Err(_) if answer.end.is_some() => return Ok(answer),
            Err(torn) => return Err(unread(torn)),
        }
    }
}

fn value(mut body: impl Read) -> Result<serde_json::Value, Torn> {
    let mut bytes = Vec::new();
    body.read_to_end(&mut bytes).map_err(Torn::Read)?;
    serde_json::from_slice(&bytes).map_err(|_| Torn::Nonsense)
}

/// What an answer is worth.
fn reply(asked: &Asked, answer: Answer, request: &Request) -> Result<Reply, Failure> {
    let (named, model) = (asked.named(), &asked.provider.model);
    let text = without_thoughts(&asked.text(&answer.text)).trim().to_owned();
    let cut = match answer.end {
        Some(End::Refused(why)) => {
            return Err(Failure::Declined { why: format!("{model} of {named} refuses: {}", asked.line(&why)) });
        }
        None if text.is_empty() => return Err(Failure::unanswered(format!("{named} answers with nothing"))),
        None => return Err(Failure::unanswered(format!("{named} broke off in the middle of its reply"))),
        Some(End::Cut) => true,
        Some(End::Complete) => false,
    };
    if text.is_empty() && cut {
        return Err(Failure::lasting(format!(
            "{model} used all {} tokens without saying a word: commit-story config set --user narration.reply-tokens {}",
            request.most_tokens,
            request.most_tokens.saturating_mul(4)
        )));
    }
    if text.is_empty() {
        return Err(Failure::unanswered(format!("{named} answers with nothing")));
    }
    let told = answer.model.map(|told| asked.line(&told)).filter(|told| !told.is_empty());
    let model = told.unwrap_or_else(|| model.clone());
    Ok(Reply { text, model, sent: answer.sent, received: answer.received, cut })
}

/// Some servers leave in the text what a model thought, in front of what it says.
fn without_thoughts(text: &str) -> &str {
    match text.trim_start().strip_prefix("<think>") {
        Some(thoughts) => thoughts.split_once("</think>").map_or("", |(_, said)| said),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thoughts_are_no_part_of_what_is_said() {
        for (text, said) in [
            ("said", "said"),
            ("<think>thought</think>said", "said"),
            ("\n<think>\nthought\n</think>\n\nsaid", "\n\nsaid"),
            ("<think>thought without end", ""),
            ("said <think> said", "said <think> said"),
        ] {
            assert_eq!(without_thoughts(text), said, "{text:?}");
        }
    }
}
