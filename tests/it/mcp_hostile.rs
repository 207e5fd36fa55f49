//! What must not be trusted: requests, roots, and pages that lead elsewhere.

use serde_json::{Value, json};

use crate::mcp_client::Client;
use crate::support::Sandbox;

const SECRET: &str = "what nobody may read";

/// Two repositories side by side, each with a commit of its own.
fn two() -> Sandbox {
    let sandbox = Sandbox::ready();
    let other = sandbox.path("other");
    std::fs::create_dir_all(&other).unwrap();
    let git = |args: &[&str]| crate::support::checked(sandbox.command("git").current_dir(&other).args(args));
    git(&["init", "-q"]);
    std::fs::write(other.join("b.txt"), "b\n").unwrap();
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "Of the other"]);
    sandbox
}

fn subject(client: &mut Client, arguments: Value) -> String {
    client.done("journal_why", arguments)["commits"][0]["subject"].as_str().unwrap().to_owned()
}

fn uri(path: &std::path::Path) -> String {
    format!("file://{}", path.display())
}

#[test]
fn the_repository_is_the_clients_root_and_no_other() {
    let sandbox = two();
    let (here, other) = (sandbox.repo(), sandbox.path("other"));
    let mut client = Client::start(&sandbox, &[]);
    client.roots = vec![uri(&other)];
    client.shake_hands("2025-06-18", json!({"roots": {"listChanged": true}}));
    assert_eq!(subject(&mut client, json!({"target": "HEAD"})), "Of the other");
    let refused = client.refused("journal_why", json!({"target": "HEAD", "repository": here.to_str().unwrap()}));
    assert!(refused.contains("no repository") && refused.contains(other.to_str().unwrap()), "{refused}");

    client.roots = vec![uri(&other), uri(&here)];
    client.line("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/roots/list_changed\"}");
    client.lives();
    let refused = client.refused("journal_why", json!({"target": "HEAD"}));
    assert!(refused.contains("several repositories") && refused.contains(here.to_str().unwrap()), "{refused}");
    assert_eq!(subject(&mut client, json!({"target": "HEAD", "repository": "repo"})), "first");
    assert_eq!(subject(&mut client, json!({"target": "HEAD", "repository": "other"})), "Of the other");
    for other in ["..", "../other", "/", "", "other/.."] {
        client.refused("journal_why", json!({"target": "HEAD", "repository": other}));
    }
    client.refused("journal_why", json!({"target": "HEAD", "repository": 7}));
    let prompt = client.ask("prompts/get", json!({"name": "explain_file", "arguments": {"path": "b.txt"}}));
    assert!(prompt["result"]["messages"].is_array(), "{prompt}");
    let listed = client.ask("resources/list", json!({}))["result"]["resources"].to_string();
    assert!(listed.contains("?repository="), "{listed}");
    let several = client.ask("resources/read", json!({"uri": "journal://today"}));
    assert_eq!(several["error"]["code"], -32602, "{several}");
    let one = client.ask("resources/read", json!({"uri": "journal://today?repository=repo"}));
    assert!(one["result"]["contents"][0]["text"].is_string(), "{one}");

    for roots in [vec!["file:///".to_owned()], vec!["https://example.org".to_owned(), "file://server/share".to_owned()]]
    {
        client.roots = roots;
        client.line("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/roots/list_changed\"}");
        client.lives();
        let refused = client.refused("journal_why", json!({"target": "HEAD"}));
        assert!(refused.contains("none of the client's roots"), "{refused}");
    }
    client.roots = vec![];
    client.line("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/roots/list_changed\"}");
    client.lives();
    assert_eq!(subject(&mut client, json!({"target": "HEAD"})), "first");
    client.leave();
}

#[test]
fn a_client_of_the_newest_version_is_asked_for_its_roots_and_answers_with_its_request() {
    let sandbox = two();
    let mut client = Client::start(&sandbox, &[]);
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "story", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {"roots": {}},
    });
    let call = |more: Value| {
        let mut params = json!({"name": "journal_why", "arguments": {"target": "HEAD"}, "_meta": meta});
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    };
    let asked = client.ask("tools/call", call(json!({})));
    assert_eq!(asked["result"]["resultType"], "input_required", "{asked}");
    assert_eq!(asked["result"]["inputRequests"]["roots"]["method"], "roots/list", "{asked}");
    let roots = json!({"roots": [{"uri": uri(&sandbox.path("other"))}]});
    let answer = client.ask("tools/call", call(json!({"inputResponses": {"roots": roots}})));
    assert_eq!(answer["result"]["structuredContent"]["commits"][0]["subject"], "Of the other", "{answer}");
    let again = client.ask("tools/call", call(json!({})));
    assert_eq!(again["result"]["structuredContent"]["commits"][0]["subject"], "Of the other", "{again}");
    client.leave();
}

#[test]
fn a_request_that_cannot_be_understood_is_answered_and_the_server_lives_on() {
    let sandbox = Sandbox::ready();
    let mut client = Client::plain(&sandbox);
    let long = format!("{{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"ping\",\"params\":\"{}\"}}", "x".repeat(2 << 20));
    for (line, code) in [
        ("{\"jsonrpc\":\"2.0\",", -32700),
        ("GET / HTTP/1.1", -32700),
        (&"[".repeat(5_000), -32700),
        ("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]", -32600),
        ("{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"ping\"}", -32600),
        ("\"ping\"", -32600),
        (&long, -32600),
    ] {
        client.line(line);
        let answer = client.answer(|message| message.get("error").is_some());
        assert_eq!(answer["error"]["code"], code, "{}: {answer}", &line[..line.len().min(80)]);
        client.lives();
    }
    for (method, params, code) in [
        ("tools/list", json!({"cursor": "x"}), -32602),
        ("tools/call", json!({"name": "rm", "arguments": {}}), -32602),
        ("tools/call", json!({"arguments": {}}), -32602),
        ("tools/call", json!({"name": "journal_read", "arguments": []}), -32602),
        ("tools/call", json!("journal_read"), -32600),
        ("resources/read", json!({"uri": 7}), -32602),
        ("completion/complete", json!({"ref": {"type": "ref/file"}}), -32602),
        ("journal/delete", json!({}), -32601),
        ("tasks/get", json!({"taskId": "x"}), -32601),
    ] {
        let answer = client.ask(method, params.clone());
        assert_eq!(answer["error"]["code"], code, "{method} {params}: {answer}");
    }
    client.lives();
    client.leave();
}

#[test]
fn what_a_tool_cannot_take_is_said_with_what_it_could() {
    let sandbox = Sandbox::ready();
    sandbox.story_ok(&["record"]);
    std::fs::write(sandbox.path("secret.txt"), SECRET).unwrap();
    let before = sandbox.git(&["status", "--porcelain", "--ignored"]);
    let mut client = Client::plain(&sandbox);
    let long = "x".repeat(5_000);
    let outside = sandbox.path("secret.txt");
    for (name, arguments, said) in [
        ("journal_read", json!({"what": "soon"}), "hint: find entries with journal_search"),
        ("journal_read", json!({"what": "deadbeef"}), "cannot find the commit `deadbeef`"),
        ("journal_read", json!({"what": "x..y"}), "hint: give days"),
        ("journal_read", json!({"what": "1999-01-01"}), "no entry of `1999-01-01`"),
        ("journal_read", json!({"what": long}), "more than the 4096 allowed"),
        ("journal_read", json!({"what": "HEAD\u{1b}[31m"}), "control characters"),
        ("journal_read", json!({"limit": 1e40}), "invalid type"),
        ("journal_read", json!({"limit": -1}), "invalid value"),
        ("journal_read", json!({"offset": u64::MAX}), "after the first"),
        ("journal_read", json!({"days": "today"}), "unknown field `days`"),
        ("journal_search", json!({"query": ""}), "no word to look for"),
        ("journal_search", json!({"query": "x".repeat(5_000)}), "more than the 4096 allowed"),
        ("journal_search", json!({"query": "since:never x"}), "hint:"),
        ("journal_why", json!({"target": "../secret.txt"}), "hint: name a file of the repository"),
        ("journal_why", json!({"target": outside.to_str().unwrap()}), "hint: name a file of the repository"),
        ("journal_why", json!({"target": "/etc/passwd:1"}), "hint: name a file of the repository"),
        ("journal_why", json!({"target": "../secret.txt", "grep": "what"}), "hint: name a file of the repository"),
        ("journal_why", json!({"target": "a.txt:99999999"}), "the file has 1 lines"),
        ("journal_why", json!({"target": "b.txt"}), "b.txt"),
        ("journal_why", json!({"target": ".git/config"}), ".git/config"),
        ("journal_why", json!({"target": "a.txt", "rev": "nothing"}), "cannot find the commit `nothing`"),
        ("journal_record", json!({"commit": "nothing"}), "hint: give a commit's id"),
        ("journal_record", json!({"commit": "HEAD:a.txt"}), "cannot find the commit"),
        ("journal_backfill", json!({"since": "whenever"}), "hint: write YYYY-MM-DD"),
        ("journal_backfill", json!({"range": "--all"}), ""),
        ("journal_backfill", json!({"range": "HEAD", "all": true}), "hint: give one of them"),
        ("journal_status", json!({"verbose": true}), "unknown field `verbose`"),
    ] {
        let refused = client.refused(name, arguments.clone());
        assert!(refused.contains(said), "{name} {arguments}: {refused}");
        assert!(!refused.contains(SECRET) && !refused.contains('\u{1b}') && refused.len() < 6_000, "{refused}");
    }
    client.lives();
    client.leave();
    assert_eq!(sandbox.git(&["status", "--porcelain", "--ignored"]), before);
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_journal_or_the_repository_is_not_followed() {
    let sandbox = Sandbox::ready();
    sandbox.commit("More", &[("a.txt", "more\n")]);
    std::fs::create_dir(sandbox.path("outside")).unwrap();
    std::fs::write(sandbox.path("outside/secret.txt"), SECRET).unwrap();
    let page = sandbox.repo().join("journal/entries/2026-01/2026-01-06.md");
    std::fs::write(sandbox.path("outside/page.md"), format!("# {SECRET}\n")).unwrap();
    std::fs::remove_file(&page).unwrap();
    std::os::unix::fs::symlink(sandbox.path("outside/page.md"), &page).unwrap();
    std::os::unix::fs::symlink(sandbox.path("outside"), sandbox.repo().join("linked")).unwrap();
    std::os::unix::fs::symlink(sandbox.path("outside/secret.txt"), sandbox.repo().join("link.txt")).unwrap();
    let mut client = Client::plain(&sandbox);
    let mut said = Vec::new();
    for uri in ["journal://today", "journal://day/2026-01-06"] {
        said.push(client.ask("resources/read", json!({"uri": uri})));
    }
    for (name, arguments) in [
        ("journal_read", json!({})),
        ("journal_read", json!({"what": "today"})),
        ("journal_read", json!({"what": "HEAD"})),
        ("journal_search", json!({"query": "nobody"})),
        ("journal_record", json!({})),
        ("journal_why", json!({"target": "linked/secret.txt"})),
        ("journal_why", json!({"target": "link.txt"})),
        ("journal_why", json!({"target": "link.txt", "grep": "nobody"})),
    ] {
        said.push(client.call(name, arguments));
    }
    for answer in &said {
        assert!(!answer.to_string().contains(SECRET), "{answer}");
    }
    client.lives();
    client.leave();
    assert_eq!(std::fs::read_to_string(sandbox.path("outside/page.md")).unwrap(), format!("# {SECRET}\n"));
}

/// A history of so many commits, so many seconds apart, made at once.
pub fn long(commits: usize, apart: usize) -> Sandbox {
    let sandbox = Sandbox::new();
    let mut stream = String::new();
    for nth in 0..commits {
        let at = 1_767_600_000 + nth * apart;
        let commit = format!(
            "commit refs/heads/main\ncommitter Ada Example <ada@example.org> {at} +0100\ndata 4\nstep\n\
             M 100644 inline a.txt\ndata <<E\n{nth}\nE\n\n"
        );
        stream.push_str(&commit);
    }
    let mut import = sandbox.command("git");
    import.args(["fast-import", "--quiet"]).stdin(std::process::Stdio::piped());
    let mut import = import.spawn().unwrap();
    std::io::Write::write_all(&mut import.stdin.take().unwrap(), stream.as_bytes()).unwrap();
    assert!(import.wait().unwrap().success());
    sandbox
}

#[test]
fn long_work_tells_how_far_it_is_and_ends_when_it_is_cancelled() {
    // More than two threads do in a row: while the rest is read, there is time to change one's mind.
    let sandbox = long(5_000, 1);
    let mut client = Client::plain(&sandbox);
    let params = json!({"name": "journal_backfill", "arguments": {"range": "main"}, "_meta": {"progressToken": "far"}});
    let id = client.send("tools/call", params);
    let progress = client.notified("notifications/progress")["params"].clone();
    assert_eq!((&progress["progressToken"], &progress["total"]), (&json!("far"), &json!(5_000.0)), "{progress}");
    client
        .line(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}}).to_string());
    client.lives();
    assert!(client.heard.iter().all(|message| message["id"] != id), "a cancelled request has no answer");
    client.leave();
    let left: Value = serde_json::from_str(&sandbox.story_ok(&["backfill", "main", "--dry-run", "--json"])).unwrap();
    let left = left["entries"].as_array().unwrap().len();
    assert!(left > 0, "it went on to its end");
}
