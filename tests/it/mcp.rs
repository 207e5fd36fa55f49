//! The journal read and written by an assistant, on standard input and output.

use serde_json::{Value, json};

use crate::mcp_client::Client;
use crate::support::Sandbox;
use crate::transcript::Transcript;

/// Two commits, the second with a conversation about `src/retry.rs`.
fn told() -> Sandbox {
    let sandbox = Sandbox::ready();
    Transcript::new("488c5296-fc78", &sandbox.repo())
        .prompt("2026-01-06T16:03:00+01:00", "Can you back off in src/retry.rs when the server is down?")
        .edit("2026-01-06T16:03:10+01:00", "src/retry.rs")
        .reply("2026-01-06T16:03:20+01:00", "Done. The pause in src/retry.rs doubles up to retry_limit.")
        .save(&sandbox);
    sandbox.commit("Wait longer between tries", &[("src/retry.rs", "fn retry() {}\n")]);
    sandbox.settle();
    sandbox
}

fn head(sandbox: &Sandbox) -> String {
    sandbox.git(&["rev-parse", "HEAD"]).trim().to_owned()
}

/// What a request of the newest version says of itself.
fn newest(mut params: Value, capabilities: &Value) -> Value {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "story", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": capabilities,
    });
    params
}

#[test]
fn every_version_of_the_protocol_is_spoken_and_nothing_else_on_standard_output() {
    let sandbox = told();
    for (asked, answered) in [
        ("2024-11-05", "2024-11-05"),
        ("2025-03-26", "2025-03-26"),
        ("2025-06-18", "2025-06-18"),
        ("2025-11-25", "2025-11-25"),
        ("1999-01-01", "2025-11-25"),
    ] {
        let mut client = Client::start(&sandbox, &["-v"]);
        // Whoever says something before it says who it is is not heard, and not sent away.
        client.line("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
        let hello = client.shake_hands(asked, json!({}));
        assert_eq!(hello["protocolVersion"], answered);
        assert_eq!(hello["serverInfo"]["name"], "commit-story");
        for capability in ["tools", "resources", "prompts", "completions"] {
            assert!(hello["capabilities"][capability].is_object(), "{hello}");
        }
        assert!(hello["instructions"].as_str().unwrap().contains("journal_why"));
        client.lives();
        client.leave();
    }
    let mut client = Client::start(&sandbox, &[]);
    let found = client.ask("server/discover", newest(json!({}), &json!({})));
    assert!(found["result"]["supportedVersions"].as_array().unwrap().contains(&json!("2026-07-28")), "{found}");
    let tools = client.ask("tools/list", newest(json!({}), &json!({})));
    assert!(tools["result"]["tools"].as_array().unwrap().len() >= 8, "{tools}");
    client.leave();
}

#[test]
fn what_is_noted_stands_word_for_word_in_the_next_entry() {
    let sandbox = Sandbox::ready();
    let mut client = Client::plain(&sandbox);
    let thought = "Backing off — twice — would have been *enough*.\n\n  Look again.";
    let noted = client.done("journal_add_reflection", json!({"text": thought}));
    assert_eq!((&noted["kind"], &noted["bytes"]), (&json!("reflection"), &json!(thought.len())));
    client.done("journal_add_reflection", json!({"reflection": "A second thought."}));
    client.done("journal_capture_context", json!({"context": "The cap is 6.4 s, because the shift overflowed."}));
    client.done("journal_capture_context", json!({"text": "The key is AKIAIOSFODNN7EXAMPLA in the test."}));
    for (name, arguments, said) in [
        ("journal_add_reflection", json!({}), "missing field `text`"),
        ("journal_add_reflection", json!({"text": 7}), "invalid type"),
        ("journal_add_reflection", json!({"text": " \n"}), "empty"),
        ("journal_capture_context", json!({"text": "x".repeat(65 << 10)}), "more than the 65536 allowed"),
        ("journal_capture_context", json!({"text": "x", "file": "y"}), "unknown field `file`"),
    ] {
        let refused = client.refused(name, arguments);
        assert!(refused.contains(said), "{refused}");
    }
    client.leave();
    let sandbox = sandbox.at("2026-01-06T16:09:00+01:00");
    sandbox.commit("Cap the pause", &[("a.txt", "two\n")]);
    let page = sandbox.story_ok(&["show", "HEAD", "--raw", "--no-pager"]);
    for words in
        ["Backing off — twice — would have been *enough*.", "  Look again.", "A second thought.", "The cap is 6.4 s"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("AKIAIOSFODNN7EXAMPLA"), "{page}");
}

#[test]
fn the_journal_is_searched_read_and_asked_why() {
    let sandbox = told();
    let id = head(&sandbox);
    let mut client = Client::plain(&sandbox);
    let found = client.done("journal_search", json!({"query": "back off server"}));
    assert_eq!((&found["total"], &found["hits"][0]["commit"]), (&json!(1), &json!(id)));
    let printed: Value = serde_json::from_str(&sandbox.story_ok(&["search", "--json", "back off server"])).unwrap();
    assert_eq!(found["hits"][0]["snippet"], printed["hits"][0]["snippet"]);
    let none = client.call("journal_search", json!({"query": "retri"}));
    assert!(none["content"][0]["text"].as_str().unwrap().contains("some have"), "{none}");

    let read = client.done("journal_read", json!({"what": "HEAD"}));
    let printed: Value = serde_json::from_str(&sandbox.story_ok(&["show", "HEAD", "--json"])).unwrap();
    assert_eq!(read["entries"], printed["entries"]);
    for (what, entries) in [("today", 1), ("2026-01", 1), ("HEAD~1..HEAD", 1), (&id[..10], 1)] {
        assert_eq!(
            client.done("journal_read", json!({"what": what}))["entries"].as_array().unwrap().len(),
            entries,
            "{what}"
        );
    }
    let why = client.call("journal_why", json!({"target": "src/retry.rs:1"}));
    let printed: Value = serde_json::from_str(&sandbox.story_ok(&["why", "src/retry.rs:1", "--json"])).unwrap();
    assert_eq!(why["structuredContent"], printed);
    let text = why["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("Asked: Can you back off") && text.contains("Answer: Done."), "{text}");
    let lost = client.done("journal_why", json!({"target": "src/retry.rs", "grep": "retry()"}));
    assert_eq!(lost["commits"][0]["commit"], json!(id));
    client.leave();
}

#[test]
fn a_week_is_summarized_and_a_text_drafted() {
    let sandbox = told();
    let mut client = Client::plain(&sandbox);
    let read = client.ask("resources/read", json!({"uri": "journal://summary/2026-W02"}));
    assert!(read["result"]["contents"][0]["text"].as_str().unwrap().contains("Week 2 of 2026"), "{read}");
    let dry = client.done("journal_summarize", json!({"level": "week", "dry_run": true}));
    assert_eq!(
        (&dry["summaries"][0]["page"], &dry["summaries"][0]["summary"]["period"]),
        (&Value::Null, &json!("2026-W02"))
    );
    let told = client.call("journal_summarize", json!({"level": "week", "when": "2026-01"}));
    let one = &told["structuredContent"]["summaries"][0];
    assert_eq!((&one["page"], &one["summary"]["numbers"]["commits"]), (&json!("written"), &json!(1)), "{told}");
    assert!(told["content"][0]["text"].as_str().unwrap().contains("Week 2 of 2026"), "{told}");
    let listed = client.ask("resources/list", json!({}))["result"]["resources"].to_string();
    assert!(listed.contains("journal://summary/2026-W02"), "{listed}");
    for (arguments, said) in [
        (json!({}), "missing field `level`"),
        (json!({"level": "decade"}), "unknown variant `decade`"),
        (json!({"level": "day", "when": "soon"}), "hint: write 2026-01-06"),
        (json!({"level": "year", "when": "1999"}), "no entries of 1999"),
    ] {
        let refused = client.refused("journal_summarize", arguments);
        assert!(refused.contains(said), "{refused}");
    }
    let draft = client.call("journal_draft", json!({"kind": "standup", "range": "2026-01-06"}));
    assert_eq!(draft["structuredContent"]["kind"], "standup", "{draft}");
    let text = draft["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("Wait longer between tries") && text.contains("journal://entry/"), "{text}");
    assert!(client.refused("journal_draft", json!({"kind": "poem"})).contains("unknown variant `poem`"));
    assert!(client.refused("journal_draft", json!({"kind": "talk", "base": "x"})).contains("has a `base`"));
    client.leave();
}

#[test]
fn long_reading_comes_in_portions_that_together_are_all_of_it() {
    let sandbox = Sandbox::ready();
    for nth in 0..5 {
        sandbox.commit(&format!("Step {nth}"), &[("a.txt", &format!("{nth}\n"))]);
    }
    let mut client = Client::plain(&sandbox);
    let (mut subjects, mut offset) = (Vec::new(), json!(0));
    while !offset.is_null() {
        let read = client.done("journal_read", json!({"what": "today", "limit": 2, "offset": offset}));
        let entries = read["entries"].as_array().unwrap();
        subjects.extend(entries.iter().map(|entry| entry["subject"].as_str().unwrap().to_owned()));
        offset = read["next_offset"].clone();
    }
    assert_eq!(subjects, ["Step 0", "Step 1", "Step 2", "Step 3", "Step 4"]);
    let beyond = client.refused("journal_read", json!({"what": "today", "offset": 99}));
    assert!(beyond.contains("after the first 99"), "{beyond}");
    client.leave();
}

#[test]
fn a_note_of_the_largest_size_is_cut_in_an_answer_that_says_so() {
    let sandbox = Sandbox::ready();
    let mut client = Client::plain(&sandbox);
    client.done("journal_capture_context", json!({"text": "a long story ".repeat(5_000)}));
    sandbox.commit("Cap the pause", &[("a.txt", "two\n")]);
    let answer = client.call("journal_read", json!({}));
    let (text, structured) = (answer["content"][0]["text"].as_str().unwrap(), &answer["structuredContent"]);
    assert!(text.len() < 50_000 && text.contains("Parts were left out"), "{} bytes", text.len());
    assert!(structured.to_string().len() < 50_000 && structured["entries"][0]["subject"] == "Cap the pause");
    client.leave();
}

#[test]
fn entries_are_written_again_and_for_past_commits() {
    let sandbox = Sandbox::new();
    let first = sandbox.commit("first", &[("a.txt", "one\n")]);
    let second = sandbox.commit("second", &[("a.txt", "two\n")]);
    let mut client = Client::plain(&sandbox);
    let status = client.done("journal_status", json!({}));
    assert_eq!((&status["hook"], &status["newest"]), (&json!(false), &Value::Null));
    let refused = client.refused("journal_read", json!({}));
    assert!(refused.contains("the journal is empty") && refused.contains("journal_record"), "{refused}");
    let written = client.done("journal_record", json!({"commit": "HEAD"}));
    assert_eq!((&written["commit"], &written["outcome"]), (&json!(second), &json!("written")));
    assert_eq!(client.done("journal_record", json!({}))["outcome"], "unchanged");
    let plan = client.done("journal_backfill", json!({"all": true, "dry_run": true}));
    assert_eq!((&plan["entries"][0]["commit"], &plan["present"]), (&json!(first), &json!(1)));
    let done = client.done("journal_backfill", json!({"range": "HEAD"}));
    assert_eq!((done["entries"].as_array().unwrap().len(), &done["stopped"]), (1, &json!(false)));
    assert_eq!(client.done("journal_read", json!({"what": "today"}))["entries"].as_array().unwrap().len(), 2);
    let nothing = client.refused("journal_backfill", json!({}));
    assert!(nothing.contains("hint: give `since`"), "{nothing}");
    client.leave();
}

#[test]
fn pages_are_resources() {
    let sandbox = told();
    let id = head(&sandbox);
    let mut client = Client::plain(&sandbox);
    let listed = client.ask("resources/list", json!({}))["result"]["resources"].clone();
    assert_eq!((&listed[0]["uri"], &listed[1]["uri"]), (&json!("journal://today"), &json!("journal://day/2026-01-06")));
    let templates = client.ask("resources/templates/list", json!({}));
    assert_eq!(templates["result"]["resourceTemplates"][0]["uriTemplate"], "journal://entry/{commit}");
    let page = sandbox.page("2026-01-06");
    for (uri, is_page) in [
        ("journal://today".to_owned(), true),
        ("journal://day/2026-01-06".to_owned(), true),
        (format!("journal://entry/{id}"), false),
        (format!("journal://entry/{}", &id[..8]), false),
    ] {
        let read = client.ask("resources/read", json!({"uri": uri}))["result"]["contents"][0].clone();
        let text = read["text"].as_str().unwrap();
        assert_eq!((&read["mimeType"], text == page), (&json!("text/markdown"), is_page), "{uri}: {read}");
        assert!(text.contains("Can you back off"), "{uri}: {text}");
    }
    for uri in [
        "journal://day/2026-01-05",
        "journal://entry/00000000",
        "journal://entry/HEAD",
        "journal://day/../../.git/config",
        "journal://entry/../../../etc/passwd",
        "journal://summary/../x",
        "file:///etc/passwd",
        "",
    ] {
        let refused = client.ask("resources/read", json!({"uri": uri}));
        assert_eq!(refused["error"]["code"], -32002, "{uri}: {refused}");
    }
    for cursor in ["x", "-1", "99999999999999999999999"] {
        assert_eq!(client.ask("resources/list", json!({"cursor": cursor}))["error"]["code"], -32602);
    }
    client.leave();
}

#[test]
fn prompts_have_an_assistant_ask_the_journal() {
    let sandbox = told();
    let mut client = Client::plain(&sandbox);
    let listed = client.ask("prompts/list", json!({}))["result"]["prompts"].clone();
    let names: Vec<&str> = listed.as_array().unwrap().iter().map(|prompt| prompt["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["standup", "weekly_review", "explain_file", "capture_session"]);
    for (name, arguments, words) in [
        ("standup", json!({}), "from yesterday until today"),
        ("weekly_review", json!({"week": "2026-W02"}), "the journal of 2026-W02"),
        ("explain_file", json!({"path": "src/retry.rs"}), "why src/retry.rs is as it is"),
        ("capture_session", json!({}), "journal_capture_context"),
    ] {
        let prompt = client.ask("prompts/get", json!({"name": name, "arguments": arguments}));
        let text = prompt["result"]["messages"][0]["content"]["text"].as_str().unwrap_or_default();
        assert!(text.contains(words), "{name}: {prompt}");
    }
    for (name, arguments) in [
        ("nothing", json!({})),
        ("explain_file", json!({})),
        ("explain_file", json!({"path": "../../etc/passwd"})),
        ("explain_file", json!({"path": "/etc/passwd"})),
        ("standup", json!({"since": "a\nb"})),
    ] {
        let refused = client.ask("prompts/get", json!({"name": name, "arguments": arguments}));
        assert_eq!(refused["error"]["code"], -32602, "{name}: {refused}");
    }
    client.leave();
}

#[test]
fn arguments_are_completed_from_what_is_there() {
    let sandbox = told();
    let id = head(&sandbox);
    let mut client = Client::plain(&sandbox);
    let mut check = |reference: Value, name: &str, typed: &str, expected: &[&str]| {
        let params = json!({"ref": reference, "argument": {"name": name, "value": typed}});
        let values = client.ask("completion/complete", params)["result"]["completion"]["values"].clone();
        assert_eq!(values, json!(expected), "{name} {typed}");
    };
    let template = |uri: &str| json!({"type": "ref/resource", "uri": uri});
    let prompt = |name: &str| json!({"type": "ref/prompt", "name": name});
    check(template("journal://entry/{commit}"), "commit", &id[..3], &[&id]);
    check(template("journal://entry/{commit}"), "commit", "x", &[]);
    check(template("journal://day/{date}"), "date", "2026-", &["2026-01-06"]);
    check(template("journal://summary/{period}"), "period", "2026", &["2026", "2026-Q1", "2026-01", "2026-W02"]);
    check(prompt("explain_file"), "path", "retry", &["src/retry.rs"]);
    check(prompt("standup"), "since", "last", &["last week"]);
    check(prompt("weekly_review"), "week", "2026", &["2026-W02", "2026-W01"]);
    let unknown = json!({"ref": prompt("standup"), "argument": {"name": "nothing", "value": ""}});
    assert_eq!(client.ask("completion/complete", unknown)["error"]["code"], -32602);
    client.leave();
}

#[test]
fn who_subscribes_to_a_page_hears_of_its_next_entry() {
    let sandbox = told();
    let mut client = Client::plain(&sandbox);
    for uri in ["journal://today", "journal://day/2026-01-06", "journal://day/2020-01-01"] {
        let answer = client.ask("resources/subscribe", json!({"uri": uri}));
        assert_eq!(answer["result"], json!({}), "{answer}");
    }
    assert_eq!(client.ask("resources/subscribe", json!({"uri": "file:///etc"}))["error"]["code"], -32002);
    client.ask("resources/unsubscribe", json!({"uri": "journal://day/2026-01-06"}));
    sandbox.commit("More", &[("a.txt", "more\n")]);
    assert_eq!(client.notified("notifications/resources/updated")["params"]["uri"], "journal://today");
    let sandbox = sandbox.at("2026-01-07T10:00:00+01:00");
    sandbox.commit("Another day", &[("a.txt", "day\n")]);
    client.notified("notifications/resources/list_changed");
    let updated = |message: &&Value| message["method"] == "notifications/resources/updated";
    assert!(client.heard.iter().filter(updated).all(|message| message["params"]["uri"] == "journal://today"));
    client.leave();
}

#[test]
fn a_client_of_the_newest_version_listens_and_is_told() {
    let sandbox = told();
    let mut client = Client::start(&sandbox, &[]);
    let wanted =
        json!({"notifications": {"resourcesListChanged": true, "resourceSubscriptions": ["journal://today", "x:y"]}});
    let id = client.send("subscriptions/listen", newest(wanted, &json!({})));
    let accepted = client.notified("notifications/subscriptions/acknowledged");
    assert_eq!(accepted["params"]["notifications"]["resourceSubscriptions"], json!(["journal://today"]), "{accepted}");
    // The first look is taken when the next request has been answered after it.
    client.ask("tools/call", newest(json!({"name": "journal_status", "arguments": {}}), &json!({})));
    crate::support::wait_for("the page's change to be noticed", || {
        sandbox.commit("More", &[("a.txt", &format!("{:?}\n", std::time::Instant::now()))]);
        let answered = client.ask("tools/list", newest(json!({}), &json!({})));
        assert!(answered["error"].is_null());
        client.heard.iter().any(|message| message["method"] == "notifications/resources/updated")
    });
    client
        .line(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}}).to_string());
    client.leave();
}
