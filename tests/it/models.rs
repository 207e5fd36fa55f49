//! Asking models, each in its own format, however their servers behave.

use std::ffi::OsString;
use std::time::{Duration, Instant};

use commit_story::config::NarrationConfig;
use commit_story::env::Env;
use commit_story::llm::{self, Failure, Provider, Reply, Request};

use crate::model_server::{Asked, Does, ModelServer, Wire};

/// The key that must be nowhere but in its one header.
const KEY: &str = "sk-test-8f3a5c71";

/// The settings that a test changes.
fn settings() -> NarrationConfig {
    NarrationConfig {
        enabled: true,
        provider: None,
        model: Some("model-a".to_owned()),
        base_url: None,
        command: Vec::new(),
        key_command: Vec::new(),
        key_file: None,
        stream: true,
        timeout_seconds: 20,
        prompt_tokens: 16_000,
        reply_tokens: 400,
        day_tokens: 0,
        day_cents: 0,
        price_in: 0,
        price_out: 0,
        diffs: true,
        keep_days: 14,
        wait_seconds: 0,
    }
}

fn provider(config: &NarrationConfig, variables: &[(&str, &str)]) -> Result<Option<Provider>, Failure> {
    let variables = variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    Provider::from(config, &Env::take_from(variables, "/".into()))
}

/// The provider that speaks to this server.
fn at(server: &ModelServer, wire: Wire, change: impl FnOnce(&mut NarrationConfig)) -> Provider {
    let mut config = settings();
    config.provider = Some(wire.provider().to_owned());
    config.base_url = Some(server.url());
    change(&mut config);
    let variables: Vec<(&str, &str)> = wire.variable().map(|name| (name, KEY)).into_iter().collect();
    provider(&config, &variables).unwrap().unwrap()
}

fn request() -> Request {
    Request {
        system: "You are told the truth.".to_owned(),
        user: "What is new?".to_owned(),
        temperature: 0.5,
        most_tokens: 400,
    }
}

/// Asks a server of each format, in pieces and whole, that does this.
fn ask_each(does: &Does, mut check: impl FnMut(Wire, bool, Result<Reply, Failure>, &[Asked])) {
    for wire in Wire::ALL {
        for stream in [true, false] {
            let server = ModelServer::start(wire);
            server.reply_with_each([does.clone()]);
            let answer = llm::ask(&at(&server, wire, |config| config.stream = stream), &request());
            if let Err(failure) = &answer {
                let failure = format!("{failure} {failure:?}");
                assert!(!failure.contains(KEY), "{wire:?}: {failure}");
            }
            check(wire, stream, answer, &server.requests());
        }
    }
}

/// The words of a failure that may pass, with how long to wait, or of one that lasts.
fn passing(answer: Result<Reply, Failure>) -> (String, Option<Duration>) {
    match answer {
        Err(Failure::Passing { why, after }) => (why, after),
        Err(Failure::Unreached { why }) => (why, None),
        other => panic!("not a failure that may pass: {other:?}"),
    }
}

fn lasting(answer: Result<Reply, Failure>) -> String {
    match answer {
        Err(Failure::Lasting { why } | Failure::Declined { why }) => why,
        other => panic!("not a failure that lasts: {other:?}"),
    }
}

#[test]
fn a_reply_is_the_same_in_every_format_in_pieces_and_whole() {
    let text = "## Summary\n\nThe limit is 45 minutes now: é, 日本. [P1]";
    ask_each(&Does::Says(text.to_owned()), |wire, stream, answer, asked| {
        let expected = Reply {
            text: text.to_owned(),
            model: "model-of-the-test".to_owned(),
            sent: Some(11),
            received: Some(7),
            cut: false,
        };
        assert_eq!(answer, Ok(expected), "{wire:?} {stream}");
        assert_eq!(asked.len(), 1, "{wire:?} {stream}");
    });
}

#[test]
fn a_request_has_its_path_its_model_and_the_key_in_one_header_only() {
    ask_each(&Does::Says("Ready.".to_owned()), |wire, stream, _, asked| {
        let asked = &asked[0];
        let path = match (wire, stream) {
            (Wire::Anthropic, _) => "/v1/messages",
            (Wire::Chat, _) => "/v1/chat/completions",
            (Wire::Responses, _) => "/v1/responses",
            (Wire::Gemini, true) => "/v1beta/models/model-a:streamGenerateContent?alt=sse",
            (Wire::Gemini, false) => "/v1beta/models/model-a:generateContent",
            (Wire::Ollama, _) => "/api/chat",
        };
        assert_eq!(asked.path, path);
        assert_eq!(asked.streams(), stream, "{wire:?}");
        if wire != Wire::Gemini {
            assert_eq!(asked.body["model"], "model-a", "{wire:?}");
        }
        let prompt = asked.prompt();
        assert!(prompt.contains("You are told the truth.") && prompt.contains("What is new?"), "{wire:?}: {prompt}");
        let limit = match wire {
            Wire::Anthropic | Wire::Chat => &asked.body["max_tokens"],
            Wire::Responses => &asked.body["max_output_tokens"],
            Wire::Gemini => &asked.body["generationConfig"]["maxOutputTokens"],
            Wire::Ollama => &asked.body["options"]["num_predict"],
        };
        assert_eq!(limit, 400, "{wire:?}");
        let header = match wire {
            Wire::Anthropic => Some("x-api-key"),
            Wire::Chat | Wire::Responses => Some("authorization"),
            Wire::Gemini => Some("x-goog-api-key"),
            Wire::Ollama => None,
        };
        let carrying: Vec<&str> =
            asked.headers.iter().filter(|(_, value)| value.contains(KEY)).map(|(name, _)| name.as_str()).collect();
        assert_eq!(carrying, header.into_iter().collect::<Vec<_>>(), "{wire:?}");
        assert!(!asked.path.contains(KEY) && !asked.body.to_string().contains(KEY), "{wire:?}");
        assert!(asked.header("user-agent").unwrap().starts_with("commit-story/"), "{wire:?}");
        if wire == Wire::Anthropic {
            assert_eq!(asked.header("anthropic-version"), Some("2023-06-01"));
        }
        if wire == Wire::Responses {
            assert_eq!(asked.body["store"], false);
        }
    });
}

#[test]
fn a_reply_that_reached_the_most_tokens_is_told_to_be_cut() {
    ask_each(&Does::SaysUntilCut("The limit is".to_owned()), |wire, stream, answer, _| {
        let reply = answer.unwrap();
        assert!(reply.cut && reply.text == "The limit is", "{wire:?} {stream}: {reply:?}");
    });
    ask_each(&Does::SaysUntilCut(String::new()), |wire, stream, answer, _| {
        let why = lasting(answer);
        assert!(why.contains("narration.reply-tokens 1600"), "{wire:?} {stream}: {why}");
    });
}

#[test]
fn too_many_requests_may_pass_after_the_delay_that_the_server_names() {
    ask_each(&Does::status(429, "slow down"), |wire, stream, answer, asked| {
        let (why, after) = passing(answer);
        assert!(why.contains("too many requests: slow down") && after.is_none(), "{wire:?} {stream}: {why}");
        assert_eq!(asked.len(), 1, "{wire:?}: asked again at once");
    });
    let delayed = Does::Status(429, vec![("retry-after", "17".to_owned())], String::new());
    ask_each(&delayed, |_, _, answer, _| assert_eq!(passing(answer).1, Some(Duration::from_secs(17))));
}

#[test]
fn a_fault_at_the_server_may_pass() {
    for status in [408, 500, 502, 503, 504, 529] {
        let does = Does::Status(status, Vec::new(), "<html>Bad Gateway</html>".to_owned());
        ask_each(&does, |wire, stream, answer, _| {
            let (why, _) = passing(answer);
            assert!(why.contains("127.0.0.1") && !why.contains('<'), "{wire:?} {stream} {status}: {why}");
        });
    }
}

#[test]
fn what_will_not_pass_names_its_cure() {
    for (status, message, cure) in [
        (401, "invalid x-api-key", "check "),
        (403, "not for you", "check "),
        (404, "model: model-a", "see narration.model"),
        (400, "prompt is too long", "refuses the request for model-a (400): prompt is too long"),
        (402, "no credit", "paid"),
        (418, "teapot", "418"),
    ] {
        ask_each(&Does::status(status, message), |wire, stream, answer, _| {
            let why = lasting(answer);
            assert!(why.contains(cure) && why.contains(wire.provider()), "{wire:?} {stream} {status}: {why}");
        });
    }
    let poor = r#"{"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}"#;
    ask_each(&Does::Status(429, Vec::new(), poor.to_owned()), |_, _, answer, _| {
        assert!(lasting(answer).contains("paid"));
    });
}

#[test]
fn a_refusal_lasts() {
    ask_each(&Does::Refuses, |wire, stream, answer, _| {
        // Ollama has no way to refuse but words.
        if wire == Wire::Ollama {
            return;
        }
        let why = lasting(answer);
        assert!(why.contains("refuses"), "{wire:?} {stream}: {why}");
    });
}

#[test]
fn nothing_is_no_reply_and_may_pass() {
    ask_each(&Does::SaysNothing, |wire, stream, answer, _| {
        let (why, _) = passing(answer);
        assert!(why.contains("nothing"), "{wire:?} {stream}: {why}");
    });
    for (kind, bytes) in [
        ("text/html", &b"<html>Welcome to the hotel's network</html>"[..]),
        ("application/json", b"{\"choices\": [[["),
        ("application/json", b"\xff\xfe\x00\x01"),
        ("text/event-stream", b"data: {\"choices\"\n\n"),
        ("text/event-stream", b"\xff\xfe\x00\x01\n\n"),
        ("application/json", b""),
        ("application/json", b"[]"),
        ("application/json", b"{}"),
        ("application/json", b"null"),
        ("text/event-stream", b""),
    ] {
        ask_each(&Does::Raw(kind, bytes.to_vec()), |_, _, answer, _| drop(passing(answer)));
    }
}

#[test]
fn a_reply_that_breaks_off_may_pass() {
    let text = "The limit is 45 minutes now".to_owned();
    for does in [
        Does::BreaksOffAfter(text.clone()),
        Does::EndsEarlyAfter(text.clone()),
        Does::FailsAfter(text, "overloaded_error", "try later"),
    ] {
        ask_each(&does, |wire, stream, answer, _| {
            let (why, _) = passing(answer);
            assert!(why.contains("127.0.0.1"), "{wire:?} {stream} {does:?}: {why}");
        });
    }
}

#[test]
fn a_server_that_hangs_is_given_up() {
    for does in [Does::Hangs, Does::FallsSilentAfter("The limit".to_owned())] {
        for (wire, stream) in [(Wire::Anthropic, true), (Wire::Ollama, false)] {
            let server = ModelServer::start(wire);
            server.reply_with_each([does.clone()]);
            let provider = at(&server, wire, |config| (config.stream, config.timeout_seconds) = (stream, 1));
            let started = Instant::now();
            let (why, _) = passing(llm::ask(&provider, &request()));
            assert!(why.contains("silent") || why.contains("within 1 s"), "{why}");
            assert!(started.elapsed() < Duration::from_secs(10), "{does:?}: {:?}", started.elapsed());
        }
    }
}

#[test]
fn an_endless_reply_is_given_up() {
    ask_each(&Does::NeverEnds, |wire, stream, answer, _| {
        let (why, _) = passing(answer);
        assert!(why.contains("more than 16 MiB"), "{wire:?} {stream}: {why}");
    });
}

#[test]
fn a_server_that_is_not_there_may_come_back() {
    let server = ModelServer::start(Wire::Chat);
    let provider = at(&server, Wire::Chat, |config| {
        // Port 9 of this machine: nobody listens, or discards.
        config.base_url = Some("http://127.0.0.1:9/v1".to_owned());
    });
    let (why, _) = passing(llm::ask(&provider, &request()));
    assert!(why.starts_with("cannot reach openai at 127.0.0.1:9"), "{why}");
}
