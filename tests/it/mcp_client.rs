//! A client of the protocol that speaks it line by line, by hand: what is sent is what stands in a story.

#![expect(clippy::needless_pass_by_value, reason = "a story reads like what is sent")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Sandbox, binary};

/// How long an answer may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server on standard input and output, and what it said that nobody has asked for yet.
pub struct Client {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    /// Notifications, and requests of the server's, in order.
    pub heard: Vec<Value>,
    /// The roots that the client names when it is asked.
    pub roots: Vec<String>,
    next: u64,
}

impl Client {
    /// Starts the server and says nothing yet.
    pub fn start(sandbox: &Sandbox, args: &[&str]) -> Self {
        let mut command = sandbox.command(binary());
        command.args(args).arg("mcp").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            BufReader::new(stdout).lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        Self { child, stdin, lines, heard: Vec::new(), roots: Vec::new(), next: 0 }
    }

    /// Starts the server and shakes hands; `capabilities`: the client's.
    pub fn of(sandbox: &Sandbox, capabilities: Value) -> Self {
        let mut client = Self::start(sandbox, &[]);
        client.shake_hands("2025-11-25", capabilities);
        client
    }

    /// A client without roots.
    pub fn plain(sandbox: &Sandbox) -> Self {
        Self::of(sandbox, json!({}))
    }

    pub fn shake_hands(&mut self, version: &str, capabilities: Value) -> Value {
        let who = json!({"name": "story", "version": "1"});
        let params = json!({"protocolVersion": version, "capabilities": capabilities, "clientInfo": who});
        let answer = self.ask("initialize", params);
        self.line(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string());
        answer["result"].clone()
    }

    /// Sends a line as it is.
    pub fn line(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(line.as_bytes()).and_then(|()| stdin.write_all(b"\n")).unwrap();
        stdin.flush().unwrap();
    }

    /// Sends a request, and returns its id.
    pub fn send(&mut self, method: &str, params: Value) -> u64 {
        self.next += 1;
        self.line(&json!({"jsonrpc": "2.0", "id": self.next, "method": method, "params": params}).to_string());
        self.next
    }

    /// Sends a request and waits for its answer.
    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.send(method, params);
        self.answer(|message| message["id"] == id && message.get("method").is_none())
    }

    /// The result of a tool; panics where the protocol itself refuses.
    pub fn call(&mut self, name: &str, arguments: Value) -> Value {
        let answer = self.ask("tools/call", json!({"name": name, "arguments": arguments}));
        assert!(answer["error"].is_null(), "{name}: {answer}");
        answer["result"].clone()
    }

    /// The structured result of a tool that works.
    pub fn done(&mut self, name: &str, arguments: Value) -> Value {
        let result = self.call(name, arguments);
        assert_ne!(result["isError"], true, "{name}: {result}");
        assert!(result["content"][0]["text"].as_str().is_some_and(|text| !text.is_empty()), "{name}: {result}");
        result["structuredContent"].clone()
    }

    /// What is said of a tool that cannot do it.
    pub fn refused(&mut self, name: &str, arguments: Value) -> String {
        let result = self.call(name, arguments);
        assert_eq!(result["isError"], true, "{name}: {result}");
        result["content"][0]["text"].as_str().unwrap().to_owned()
    }

    /// The first answer that is like this; what else is said meanwhile is kept, and roots are named when asked for.
    pub fn answer(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.next_message();
            if wanted(&message) {
                return message;
            }
            if message["method"] == "roots/list" {
                let roots: Vec<Value> = self.roots.iter().map(|root| json!({"uri": root})).collect();
                let id = message["id"].clone();
                self.line(&json!({"jsonrpc": "2.0", "id": id, "result": {"roots": roots}}).to_string());
            }
            self.heard.push(message);
        }
    }

    /// The next notification of this method, of those kept or still to come.
    pub fn notified(&mut self, method: &str) -> Value {
        if let Some(at) = self.heard.iter().position(|message| message["method"] == method) {
            return self.heard.remove(at);
        }
        self.answer(|message| message["method"] == method)
    }

    fn next_message(&mut self) -> Value {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => serde_json::from_str(&line).unwrap_or_else(|_| panic!("on standard output: {line}")),
            Err(RecvTimeoutError::Timeout) => panic!("waited in vain for an answer; heard {:?}", self.heard),
            Err(RecvTimeoutError::Disconnected) => panic!("the server has ended; heard {:?}", self.heard),
        }
    }

    /// That the server is alive, and has answered all that came before.
    pub fn lives(&mut self) {
        let answer = self.ask("ping", json!({}));
        assert_eq!(answer["result"], json!({}), "{answer}");
    }

    /// Closes the server's input, and waits until it has ended well; returns what it said on standard error.
    pub fn leave(mut self) -> String {
        drop(self.stdin.take());
        let status = self.child.wait().unwrap();
        let mut said = String::new();
        std::io::Read::read_to_string(&mut self.child.stderr.take().unwrap(), &mut said).unwrap();
        assert!(status.success(), "{status}: {said}");
        said
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
