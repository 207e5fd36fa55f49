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
pub fn settings() -> NarrationConfig {
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
            // Who is given no key has none to keep.
            if let (Err(failure), Some(_)) = (&answer, wire.variable()) {
                let failure = format!("{failure} {failure:?}");
                assert!(!failure.contains(&KEY[..10]), "{wire:?}: {failure}");
            }
            check(wire, stream, answer, &server.requests());
        }
    }
}

/// The words of a failure that may pass, with how long to wait, or of one that lasts.
fn passing(answer: Result<Reply, Failure>) -> (String, Option<Duration>) {
    match answer {
        Err(Failure::Passing { why, after }) => (why, after),
        Err(Failure::Unreached { why } | Failure::Unanswered { why }) => (why, None),
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
        if wire == Wire::Ollama {
            // Room for the prompt and the whole reply, or Ollama would drop the prompt's beginning without a word.
            assert_eq!(asked.body["options"]["num_ctx"], 4096);
        }
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
            assert!(started.elapsed() < Duration::from_secs(60), "{does:?}: {:?}", started.elapsed());
        }
    }
}

#[test]
fn a_reply_that_came_to_its_end_counts_although_the_connection_stays_open() {
    let ask = |wire| {
        let server = ModelServer::start(wire);
        server.reply_with_each([Does::StaysOpenAfter("Ready.".to_owned())]);
        let provider = at(&server, wire, |config| config.timeout_seconds = 4);
        assert_eq!(llm::ask(&provider, &request()).map(|reply| reply.text), Ok("Ready.".to_owned()), "{wire:?}");
    };
    // Each waits for the silence to last: all at once.
    std::thread::scope(|scope| Wire::ALL.map(|wire| scope.spawn(move || ask(wire))).map(|asked| asked.join().unwrap()));
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

#[test]
fn a_server_that_is_asked_for_pieces_may_answer_whole() {
    let whole = r#"{"model": "m", "choices": [{"message": {"content": "Ready."}, "finish_reason": "stop"}]}"#;
    let server = ModelServer::start(Wire::Chat);
    server.reply_with_each([Does::Raw("application/json", whole.as_bytes().to_vec())]);
    assert_eq!(llm::ask(&at(&server, Wire::Chat, |_| ()), &request()).unwrap().text, "Ready.");
}

#[test]
fn what_a_model_thought_is_no_part_of_its_reply() {
    ask_each(&Does::Says("<think>hm</think>\n\nReady.".to_owned()), |_, _, answer, _| {
        assert_eq!(answer.unwrap().text, "Ready.");
    });
}

#[test]
fn a_form_that_a_model_refuses_is_changed_once_and_for_all() {
    for wire in Wire::ALL {
        let server = ModelServer::start(wire);
        server.reply_with(|asked| {
            if asked.body.to_string().contains("temperature") {
                return Does::status(400, "`temperature` is deprecated for this model.");
            }
            Does::Says("Ready.".to_owned())
        });
        let provider = at(&server, wire, |_| ());
        for _ in 0..2 {
            assert_eq!(llm::ask(&provider, &request()).unwrap().text, "Ready.", "{wire:?}");
        }
        assert_eq!(server.requests().len(), 3, "{wire:?}");
    }
    let server = ModelServer::start(Wire::Chat);
    server.reply_with(|asked| {
        if asked.body["max_tokens"] != serde_json::Value::Null {
            return Does::status(400, "Unsupported parameter: use 'max_completion_tokens' instead of 'max_tokens'.");
        }
        Does::Says(asked.body["max_completion_tokens"].to_string())
    });
    assert_eq!(llm::ask(&at(&server, Wire::Chat, |_| ()), &request()).unwrap().text, "400");
    // A server that is never content is not asked for ever.
    server.reply_with_each([Does::status(400, "temperature stream_options max_completion_tokens")]);
    lasting(llm::ask(&at(&server, Wire::Chat, |_| ()), &request()));
    assert!(server.requests().len() < 10);
}

#[test]
fn a_fault_within_a_reply_lasts_where_it_says_so() {
    for (kind, lasts) in [
        ("overloaded_error", false),
        ("rate_limit_exceeded", false),
        ("server_error", false),
        ("invalid_request_error", true),
        ("insufficient_quota", true),
    ] {
        ask_each(&Does::FailsAfter("The limit".to_owned(), kind, "told so"), |wire, stream, answer, _| {
            let why = match answer {
                // Ollama says no kinds.
                Err(Failure::Lasting { why } | Failure::Declined { why }) if lasts && wire != Wire::Ollama => why,
                Err(Failure::Passing { why, .. }) if !lasts || wire == Wire::Ollama => why,
                other => panic!("{wire:?} {stream} {kind}: {other:?}"),
            };
            assert!(why.contains("told so"), "{wire:?} {stream} {kind}: {why}");
        });
    }
}

#[test]
fn gemini_tells_in_the_body_how_long_to_wait() {
    let body = r#"[{"error": {"code": 429, "message": "Resource exhausted", "status": "RESOURCE_EXHAUSTED", "details":
        [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34s"}]}}]"#;
    let server = ModelServer::start(Wire::Gemini);
    server.reply_with_each([Does::Status(429, Vec::new(), body.to_owned())]);
    let (why, after) = passing(llm::ask(&at(&server, Wire::Gemini, |_| ()), &request()));
    assert_eq!(after, Some(Duration::from_secs(34)));
    assert!(why.ends_with("too many requests: Resource exhausted"), "{why}");
}

#[test]
fn a_key_that_a_server_echoes_goes_no_further() {
    for does in [
        Does::status(401, &format!("bad key {KEY}\u{1b}[31m\u{202e} \r\n {}", "x".repeat(5_000))),
        Does::Status(500, Vec::new(), format!("no JSON, but {KEY}")),
        Does::FailsAfter("so far".to_owned(), "overloaded_error", KEY),
        // Hidden in what is taken out, and where a long message is cut.
        Does::status(401, &format!("{}\u{7}{}", &KEY[..6], &KEY[6..])),
        Does::status(401, &format!("{} {KEY}", "x".repeat(190))),
    ] {
        // `ask_each` looks for the key in every failure.
        ask_each(&does, |wire, _, answer, _| {
            let failure = answer.unwrap_err().to_string();
            assert!(failure.chars().count() < 400 && !failure.contains(char::is_control), "{wire:?}: {failure:?}");
        });
    }
    ask_each(&Does::Says(format!("Your key is {KEY}.")), |wire, _, answer, _| {
        let expected = if wire == Wire::Ollama { KEY } else { "[key]" };
        assert_eq!(answer.unwrap().text, format!("Your key is {expected}."), "{wire:?}");
    });
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = ModelServer::start(Wire::Anthropic);
    for status in [301, 302, 307, 308] {
        let does = Does::Status(status, vec![("location", elsewhere.url())], String::new());
        ask_each(&does, |wire, _, answer, _| {
            let why = lasting(answer);
            assert!(why.contains("narration.base-url"), "{wire:?} {status}: {why}");
        });
    }
    assert_eq!(elsewhere.requests(), []);
}

#[test]
fn a_proxy_is_asked_for_a_tunnel_and_sees_no_key() {
    let proxy = ModelServer::start(Wire::Anthropic);
    proxy.reply_with_each([Does::status(403, "not through here")]);
    let mut config = settings();
    config.provider = Some("anthropic".to_owned());
    let url = proxy.url();
    let variables = [("ANTHROPIC_API_KEY", KEY), ("HTTPS_PROXY", url.trim_end_matches("/v1"))];
    let provider = provider(&config, &variables).unwrap().unwrap();
    let (why, _) = passing(llm::ask(&provider, &request()));
    assert!(why.starts_with("cannot reach anthropic at api.anthropic.com through the proxy"), "{why}");
    let asked = proxy.requests();
    assert_eq!(asked[0].path, "api.anthropic.com:443");
    assert!(!format!("{asked:?}").contains(KEY), "{asked:?}");
}

#[test]
fn a_probe_is_a_small_request_that_we_know_for_our_own() {
    let server = ModelServer::start(Wire::Chat);
    assert_eq!(llm::probe(&at(&server, Wire::Chat, |_| ())).unwrap().text, "Ready.");
    assert!(commit_story::chat::ours::is_ours(&server.requests()[0].prompt()));
}

#[test]
fn a_provider_is_described_without_its_key() {
    let server = ModelServer::start(Wire::Anthropic);
    let provider = at(&server, Wire::Anthropic, |_| ());
    let described = llm::describe(&provider);
    assert_eq!((described.name.as_str(), described.model.as_str()), ("anthropic", "model-a"));
    assert_eq!((described.target, described.local), (server.url(), true));
    assert!(!format!("{provider:?}").contains(KEY), "{provider:?}");
    let env = Env::take_from([("ANTHROPIC_API_KEY".into(), KEY.into())], "/".into());
    assert!(!format!("{env:?}").contains(KEY), "{env:?}");
}

#[test]
fn settings_that_cannot_work_say_what_to_set() {
    let key = ("ANTHROPIC_API_KEY", KEY);
    let check = |change: &dyn Fn(&mut NarrationConfig), variables: &[(&str, &str)], expected: Option<&str>| {
        let mut config = settings();
        config.provider = Some("anthropic".to_owned());
        change(&mut config);
        let why = provider(&config, variables).err().map(|failure| lasting(Err(failure)));
        assert!(why.as_deref().unwrap_or_default().contains(expected.unwrap_or_default()), "{expected:?}: {why:?}");
        assert_eq!(why.is_some(), expected.is_some(), "{expected:?}: {why:?}");
    };
    check(&|_| (), &[key], None);
    check(&|_| (), &[], Some("set ANTHROPIC_API_KEY, or commit-story config set --user narration.key-file"));
    check(&|_| (), &[("ANTHROPIC_API_KEY", "two words")], Some("ANTHROPIC_API_KEY holds no key"));
    check(&|config| config.model = None, &[key], Some("commit-story config set --user narration.model"));
    check(&|config| config.model = Some("../x?y".to_owned()), &[key], Some("is no name of a model"));
    check(&|config| config.provider = Some("antropic".to_owned()), &[key], Some("did you mean anthropic?"));
    check(&|config| config.provider = Some("xyzzy".to_owned()), &[key], Some("docs/narration.md lists them"));
    check(&|config| config.provider = Some("command".to_owned()), &[], Some("narration.command '[claude, -p]'"));
    check(&|config| config.base_url = Some("http://example.com/v1".to_owned()), &[key], Some("unencrypted"));
    check(&|config| config.base_url = Some("http://localhost:1/v1".to_owned()), &[], None);
    check(&|config| config.provider = Some("ollama".to_owned()), &[], None);
    check(&|config| config.key_command = vec!["pass".to_owned()], &[], None);
    let mut config = settings();
    for (enabled, name) in [(true, None), (true, Some("none")), (false, Some("anthropic"))] {
        (config.enabled, config.provider) = (enabled, name.map(str::to_owned));
        assert!(provider(&config, &[]).unwrap().is_none(), "{enabled} {name:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_key_command_is_run_once() {
    let dir = tempfile::tempdir().unwrap();
    let runs = dir.path().join("runs");
    let server = ModelServer::start(Wire::Anthropic);
    let provider = at(&server, Wire::Anthropic, |config| {
        let script = format!("echo run >> {}; echo other-key-1234", runs.display());
        config.key_command = vec!["sh".to_owned(), "-c".to_owned(), script];
    });
    for _ in 0..2 {
        llm::ask(&provider, &request()).unwrap();
    }
    assert_eq!(server.requests()[1].header("x-api-key"), Some("other-key-1234"));
    assert_eq!(std::fs::read_to_string(runs).unwrap(), "run\n");
}

#[test]
fn a_call_costs_what_the_table_or_the_settings_say() {
    let cents = |name: &str, model: &str, change: &dyn Fn(&mut NarrationConfig)| {
        let mut config = settings();
        (config.provider, config.model) = (Some(name.to_owned()), Some(model.to_owned()));
        config.command = vec!["claude".to_owned()];
        change(&mut config);
        let variables = [("ANTHROPIC_API_KEY", KEY), ("OPENAI_API_KEY", KEY), ("GROQ_API_KEY", KEY)];
        let provider = provider(&config, &variables).unwrap().unwrap();
        llm::price::Price::of(&provider).map(|price| price.cents(1_000_000, 1_000_000).round())
    };
    let set = |config: &mut NarrationConfig| (config.price_in, config.price_out) = (1, 2);
    let elsewhere = |config: &mut NarrationConfig| config.base_url = Some("https://example.com/v1".to_owned());
    assert_eq!(cents("anthropic", "claude-haiku-4-5-20251001", &|_| ()), Some(600.0));
    assert_eq!(cents("openai-responses", "gpt-5-mini", &|_| ()), cents("openai", "gpt-5-mini", &|_| ()));
    assert_eq!(cents("anthropic", "claude-haiku-4-5", &set), Some(3.0));
    assert_eq!(cents("anthropic", "claude-haiku-4-5", &elsewhere), None);
    assert_eq!(cents("anthropic", "claude-of-tomorrow", &|_| ()), None);
    assert_eq!(cents("groq", "gpt-5-mini", &|_| ()), None);
    assert_eq!(cents("groq", "gpt-5-mini", &set), Some(3.0));
    assert_eq!(cents("ollama", "qwen3", &|_| ()), Some(0.0));
    assert_eq!(cents("command", "claude", &|_| ()), None);
}
