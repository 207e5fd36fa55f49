//! What went wrong at a server's, and whether it may pass.
//!
//! In: a status with headers and body, a fault told within a reply, or an error of the connection. Out: a [`Failure`] in
//! one short line, with its cure.
//! Never here: a key; and a server's words only cut, visible, and after our own.

use std::time::Duration;

use chrono::DateTime;
use serde_json::Value;

use super::asking::Failure;
use super::key::{Key, Source};
use super::plain;
use super::provider::{Provider, Server};
use super::wire::{Fault, Wire};
use crate::web::{self, HeaderMap};

/// The longest wait that a server may ask for; more is a mistake or malice.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// Who was asked, for messages about it.
pub(super) struct Asked<'a> {
    pub(super) provider: &'a Provider,
    pub(super) server: &'a Server,
    pub(super) key: Option<&'a Key>,
}

impl Asked<'_> {
    /// "anthropic at api.anthropic.com".
    pub(super) fn named(&self) -> String {
        format!("{} at {}", self.provider.name, self.server.address.host)
    }

    /// A server's words, after a colon, if there are any.
    fn words(&self, words: &str) -> String {
        let words = self.line(words);
        if words.is_empty() { words } else { format!(": {words}") }
    }

    /// Foreign text of several lines without what cannot be seen, and without the key: in this order, as what is seen
    /// must not become the key.
    pub(super) fn text(&self, foreign: &str) -> String {
        let text = plain::text(foreign);
        self.key.map_or_else(|| text.clone(), |key| key.hide(&text))
    }

    /// Foreign text as one short line.
    pub(super) fn line(&self, foreign: &str) -> String {
        plain::line(&self.text(foreign))
    }

    /// A status that is no success.
    pub(super) fn status(&self, status: u16, headers: &HeaderMap, body: &[u8]) -> Failure {
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        let fault = Fault::of(&value).unwrap_or_else(|| match value {
            // No JSON: a server's few words, or a page of whatever stands between, which says nothing.
            Value::Null if body.trim_ascii_start().starts_with(b"<") => Fault::default(),
            Value::Null => Fault { message: String::from_utf8_lossy(body).into_owned(), ..Fault::default() },
            _ => Fault::within(&value),
        });
        if let 300..=399 = status {
            let to = headers.get("location").and_then(|to| to.to_str().ok()).unwrap_or("elsewhere");
            return Failure::lasting(format!(
                "{} sends us to {}, and keys are not carried along: set narration.base-url",
                self.named(),
                self.line(to)
            ));
        }
        self.judge(status, &fault, delay(headers, &value))
    }

    /// A fault that a server tells of within a reply.
    pub(super) fn fault(&self, fault: &Fault) -> Failure {
        // What breaks a reply that had begun is a matter of the moment, unless it says otherwise.
        let status = fault.kinds.iter().find_map(|kind| kind_status(kind)).unwrap_or(500);
        self.judge(status, fault, None)
    }

    fn judge(&self, status: u16, fault: &Fault, after: Option<Duration>) -> Failure {
        let (named, words) = (self.named(), self.words(&fault.message));
        let model = &self.provider.model;
        let is = |kind: &str| fault.kinds.iter().any(|told| told == kind);
        if status == 402 || is("insufficient_quota") || is("billing_error") {
            return Failure::lasting(format!("{named} wants to be paid first{words}"));
        }
        match status {
            429 => Failure::Passing { why: format!("{named} gets too many requests{words}"), after },
            408 | 409 | 425 => Failure::Passing { why: format!("{named} was not in time ({status}){words}"), after },
            529 => Failure::Passing { why: format!("{named} is overloaded{words}"), after },
            500..=599 => Failure::Passing { why: format!("{named} is out of order ({status}){words}"), after },
            401 => Failure::lasting(format!("{named} does not accept the key{words}; check {}", self.key_source())),
            403 => Failure::lasting(format!("{named} does not allow it{words}; check {}", self.key_source())),
            404 => {
                let pull = if self.server.known.wire == Wire::Ollama { ", or ollama pull it" } else { "" };
                let url = &self.server.address.url;
                let cure = format!("see narration.model{pull}, and narration.base-url");
                Failure::lasting(format!("{named} has no model {model}, or is not at {url}{words}; {cure}"))
            }
            407 => Failure::lasting(format!("the proxy before {named} wants a password{words}")),
            _ => Failure::Declined { why: format!("{named} refuses the request for {model} ({status}){words}") },
        }
    }

    /// Where the user looks for the key.
    fn key_source(&self) -> String {
        match &self.server.key {
            Source::Command(..) => "narration.key-command".to_owned(),
            Source::File(_) => "narration.key-file".to_owned(),
            Source::Found(_) | Source::None => match self.server.known.keys {
                [] => "narration.key-file".to_owned(),
                names => names.join(" or "),
            },
        }
    }

    /// An error of the connection. Nearly all may pass: a laptop is not always where its servers are.
    pub(super) fn transport(&self, error: &web::Error) -> Failure {
        let named = self.named();
        let via = if self.server.proxy.is_some() { " through the proxy" } else { "" };
        match web::Fault::of(error) {
            web::Fault::Untrusted(why) => {
                let why = plain::line(&why);
                Failure::passing(format!("this system does not trust the certificate of {named}: {why}"))
            }
            web::Fault::Tls(why) => {
                Failure::passing(format!("cannot talk to {named}{via} over TLS: {}", plain::line(&why)))
            }
            web::Fault::NoConnection => {
                Failure::Unreached { why: format!("cannot reach {named}{via}: no connection in time") }
            }
            web::Fault::Silent => Failure::unanswered(format!("{named} fell silent; see narration.timeout-seconds")),
            web::Fault::TooSlow => {
                let limit = self.provider.timeout.as_secs();
                Failure::unanswered(format!("{named} did not answer within {limit} s; see narration.timeout-seconds"))
            }
            web::Fault::NoHost => Failure::Unreached { why: format!("cannot reach {named}{via}: no such host") },
            web::Fault::TooLong(most) => Failure::unanswered(format!("{named} sent more than {} MiB", most >> 20)),
            web::Fault::NoHttp => Failure::unanswered(format!("{named} does not answer in HTTP that can be read")),
            web::Fault::BrokeOff => Failure::unanswered(format!("{named} broke off")),
            web::Fault::Other(why) => {
                Failure::Unreached { why: format!("cannot reach {named}{via}: {}", self.line(&why)) }
            }
        }
    }
}

/// The status that a kind of fault would have had, told at the beginning of a reply.
fn kind_status(kind: &str) -> Option<u16> {
    Some(match kind {
        "overloaded_error" | "overloaded" | "529" => 529,
        "rate_limit_error" | "rate_limit_exceeded" | "resource_exhausted" | "429" => 429,
        "timeout_error" | "408" => 408,
        "authentication_error" | "invalid_api_key" | "unauthenticated" | "401" => 401,
        "permission_error" | "permission_denied" | "403" => 403,
        "not_found_error" | "model_not_found" | "not_found" | "404" => 404,
        "insufficient_quota" | "billing_error" | "402" => 402,
        "invalid_request_error" | "invalid_argument" | "400" => 400,
        _ => return None,
    })
}

/// How long a server asks us to wait: `retry-after-ms`, `retry-after` (RFC 9110: seconds, or a date, taken from the
/// server's own clock), or Gemini's `RetryInfo`.
fn delay(headers: &HeaderMap, body: &Value) -> Option<Duration> {
    let header = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let seconds = |text: &str| text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let date = |text: &str| DateTime::parse_from_rfc2822(text).ok();
    let until = |text: &str| (date(text)? - date(header("date")?)?).to_std().ok();
    let by_header = header("retry-after-ms")
        .and_then(|ms| ms.parse().ok().map(Duration::from_millis))
        .or_else(|| header("retry-after").and_then(|after| seconds(after).or_else(|| until(after))));
    let by_body = || {
        let error = body.get(0).unwrap_or(body).get("error")?;
        let asked = error.get("details")?.as_array()?.iter().find_map(|detail| detail.get("retryDelay")?.as_str())?;
        seconds(asked.strip_suffix('s')?)
    };
    by_header.or_else(by_body).map(|wait| wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_delay_is_read_however_it_is_told() {
        let check = |told: &[(&'static str, &str)], body: Value, expected: Option<u64>| {
            let mut headers = HeaderMap::new();
            for (name, value) in told {
                headers.insert(*name, value.parse().expect("a header"));
            }
            assert_eq!(delay(&headers, &body), expected.map(Duration::from_millis), "{told:?} {body}");
        };
        check(&[], Value::Null, None);
        check(&[("retry-after", "30")], Value::Null, Some(30_000));
        check(&[("retry-after", "0.5")], Value::Null, Some(500));
        check(&[("retry-after", "30"), ("retry-after-ms", "1500")], Value::Null, Some(1_500));
        check(&[("retry-after", "-1")], Value::Null, None);
        check(&[("retry-after", "soon")], Value::Null, None);
        check(&[("retry-after", "1e300")], Value::Null, None);
        check(&[("retry-after", "99999999")], Value::Null, Some(86_400_000));
        let now = ("date", "Tue, 06 Jan 2026 15:02:06 GMT");
        check(&[now, ("retry-after", "Tue, 06 Jan 2026 15:04:06 GMT")], Value::Null, Some(120_000));
        check(&[now, ("retry-after", "Tue, 06 Jan 2026 15:00:06 GMT")], Value::Null, None);
        check(&[("retry-after", "Tue, 06 Jan 2026 15:04:06 GMT")], Value::Null, None);
        let info = json!({"error": {"details": [
            {"@type": "type.googleapis.com/google.rpc.Help"},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s"},
        ]}});
        check(&[], info.clone(), Some(34_500));
        check(&[], json!([info]), Some(34_500));
    }
}
