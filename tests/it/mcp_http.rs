//! The journal over HTTP: to whom it is served, and how much is taken.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Sandbox, binary};

const TOKEN: &str = "0123456789abcdef-a-token";

/// A server that listens, and where.
struct Server {
    child: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer: the status, the head and the body.
#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    /// The message in the body, be it an event or JSON itself.
    fn message(&self) -> Value {
        let events = self.body.lines().filter_map(|line| line.strip_prefix("data:"));
        let mut messages = events.filter_map(|data| serde_json::from_str(data.trim()).ok());
        messages.next_back().or_else(|| serde_json::from_str(&self.body).ok()).unwrap_or_else(|| panic!("{self:?}"))
    }

    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

impl Server {
    fn start(sandbox: &Sandbox, args: &[&str]) -> Self {
        let mut command = sandbox.command(binary());
        command.args(["mcp", "--http", "127.0.0.1:0"]).args(args).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
        let port =
            line.split("127.0.0.1:").nth(1).and_then(|rest| rest.split('/').next()).and_then(|port| port.parse().ok());
        Self { child, port: port.unwrap_or_else(|| panic!("{line}")) }
    }

    /// Sends a request with these lines in its head besides what has to be there, and reads the answer to its end.
    fn send(&self, method: &str, head: &[&str], body: &str) -> Answer {
        let host = format!("Host: 127.0.0.1:{}", self.port);
        let own = head.iter().any(|line| line.starts_with("Host:"));
        let mut lines = vec![format!("{method} /mcp HTTP/1.1"), format!("Content-Length: {}", body.len())];
        lines.extend((!own).then_some(host));
        lines.extend(head.iter().map(|line| (*line).to_owned()));
        lines.push("Connection: close\r\n\r\n".to_owned());
        self.raw(&format!("{}{body}", lines.join("\r\n")))
    }

    fn raw(&self, request: &str) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        // A server that has heard enough may close while we speak.
        let _ = stream.write_all(request.as_bytes());
        let mut text = Vec::new();
        let _ = stream.read_to_end(&mut text);
        let text = String::from_utf8_lossy(&text).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    fn post(&self, more: &[&str], message: &Value) -> Answer {
        let accepted = ["Content-Type: application/json", "Accept: application/json, text/event-stream"];
        self.send("POST", &[&accepted, more].concat(), &message.to_string())
    }
}

fn hello() -> Value {
    let who = json!({"name": "story", "version": "1"});
    let params = json!({"protocolVersion": "2025-11-25", "capabilities": {"roots": {}}, "clientInfo": who});
    json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params})
}

fn call(name: &str, arguments: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": name, "arguments": arguments}})
}

#[test]
fn a_program_of_this_machine_is_served_the_repository_that_the_server_was_started_in() {
    let sandbox = Sandbox::ready();
    let server = Server::start(&sandbox, &[]);
    let answer = server.post(&[], &hello());
    assert_eq!((answer.status, &answer.message()["result"]["protocolVersion"]), (200, &json!("2025-11-25")));
    let session = format!("Mcp-Session-Id: {}", answer.header("mcp-session-id").unwrap());
    let version = "Mcp-Protocol-Version: 2025-11-25";
    let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    assert_eq!(server.post(&[&session, version], &initialized).status, 202);
    let status = server.post(&[&session, version], &call("journal_status", &json!({}))).message();
    assert_eq!(status["result"]["structuredContent"]["repository"], sandbox.repo().to_str().unwrap(), "{status}");
    let other = server.post(&[&session, version], &call("journal_status", &json!({"repository": "/etc"}))).message();
    assert_eq!(other["result"]["isError"], true, "{other}");
    assert_eq!(server.send("DELETE", &[&session, version], "").status, 202);
    assert_eq!(server.post(&[&session, version], &call("journal_status", &json!({}))).status, 404);
}

#[test]
fn pages_of_others_and_names_of_others_are_turned_away() {
    let sandbox = Sandbox::ready();
    let server = Server::start(&sandbox, &[]);
    let own = format!("Origin: http://localhost:{}", server.port);
    for (head, status) in [
        ("Host: evil.example", 403),
        ("Host: 127.0.0.1.evil.example", 403),
        ("Origin: https://evil.example", 403),
        ("Origin: http://localhost:1", 403),
        ("Origin: null", 403),
        (own.as_str(), 200),
    ] {
        assert_eq!(server.post(&[head], &hello()).status, status, "{head}");
    }
}

#[test]
fn requests_are_bounded_and_the_server_lives_on() {
    let sandbox = Sandbox::ready();
    let server = Server::start(&sandbox, &[]);
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(3 << 20));
    let headers = ["Content-Type: application/json", "Accept: application/json, text/event-stream"];
    assert_eq!(server.send("POST", &headers, &large).status, 413);
    let many: Vec<String> = (0..2_000).map(|nth| format!("X-{nth}: {}", "y".repeat(50))).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert!(matches!(server.send("POST", &many, "{}").status, 0 | 400 | 431));
    for (request, statuses) in [
        ("nonsense\r\n\r\n".to_owned(), [400, 0]),
        ("GET /etc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".to_owned(), [404, 404]),
        ("GET /../mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".to_owned(), [404, 404]),
    ] {
        let answer = server.raw(&request);
        assert!(statuses.contains(&answer.status), "{request}: {answer:?}");
    }
    for (body, code) in [("{\"jsonrpc\":", -32700), ("[]", -32600)] {
        let answer = server.send("POST", &headers, body);
        assert_eq!((answer.status, &answer.message()["error"]["code"]), (400, &json!(code)));
    }
    let endless = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\nConnection: close\r\n\r\nx";
    assert_eq!(server.raw(endless).status, 413);
    let two = "GET /mcp HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    assert_eq!(server.raw(two).status, 400);
    assert_eq!(server.post(&[], &hello()).status, 200);
}

#[test]
fn a_new_session_takes_the_place_of_the_one_that_was_silent_longest() {
    let sandbox = Sandbox::ready();
    let server = Server::start(&sandbox, &[]);
    let version = "Mcp-Protocol-Version: 2025-11-25";
    let begin = || format!("Mcp-Session-Id: {}", server.post(&[], &hello()).header("mcp-session-id").unwrap());
    let (first, second) = (begin(), begin());
    (0..62).for_each(|_| drop(begin()));
    let status = |session: &str| server.post(&[session, version], &call("journal_status", &json!({}))).status;
    assert_eq!(status(&first), 200);
    begin();
    assert_eq!((status(&first), status(&second)), (200, 404));
}

#[test]
fn who_does_not_know_the_token_is_not_let_in() {
    let sandbox = Sandbox::ready();
    std::fs::write(sandbox.path("token"), format!("{TOKEN}\n")).unwrap();
    let server = Server::start(&sandbox, &["--token-file", sandbox.path("token").to_str().unwrap()]);
    for (head, status) in [
        (None, 401),
        (Some(format!("Authorization: Bearer {TOKEN}x")), 401),
        (Some(format!("Authorization: Basic {TOKEN}")), 401),
        (Some(format!("Authorization: Bearer {TOKEN}")), 200),
    ] {
        let head: Vec<&str> = head.iter().map(String::as_str).collect();
        let answer = server.post(&head, &hello());
        assert_eq!(answer.status, status, "{head:?}");
        assert_eq!(answer.header("www-authenticate").is_some(), status == 401);
    }
}

#[test]
fn other_machines_are_let_in_only_on_purpose_and_with_a_token() {
    let sandbox = Sandbox::ready();
    let said = |args: &[&str]| {
        let output = sandbox.story(&[&["mcp", "--http"], args].concat());
        assert!(!output.status.success() && output.stdout.is_empty());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(said(&["0.0.0.0:0"]).contains("add --allow-remote"));
    assert!(said(&["0.0.0.0:0", "--allow-remote"]).contains("--token-file"));
    std::fs::write(sandbox.path("token"), "short").unwrap();
    let short = said(&["127.0.0.1:0", "--token-file", sandbox.path("token").to_str().unwrap()]);
    assert!(short.contains("5 characters") && !short.contains("short"), "{short}");
    assert!(said(&["127.0.0.1:0", "--token-file", "nowhere"]).contains("cannot find"));
    assert!(said(&["nowhere"]).contains("--http"));
    let outside = sandbox.command(binary()).args(["mcp", "--http", "127.0.0.1:0"]).current_dir(sandbox.home()).output();
    assert!(String::from_utf8(outside.unwrap().stderr).unwrap().contains("not in a git repository"));
}
