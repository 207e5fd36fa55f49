//! The server before the judges that the protocol's makers publish: the conformance suite over HTTP, and the inspector over
//! standard input and output. `tests/mcp/fetch` gets both.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};

use serde_json::{Value, json};

use crate::mcp_hostile::long;
use crate::support::{Sandbox, binary};

/// Where node and the two are; `None`, with a word, where they were not fetched.
fn fetched() -> Option<PathBuf> {
    let dir = std::env::var_os("MCP_TOOLS").map(PathBuf::from);
    if dir.is_none() {
        println!("skipped: MCP_TOOLS names no directory with what tests/mcp/fetch fetches; .ci/run does");
    }
    dir
}

/// A program of the protocol's, run by node in the sandbox.
fn node(sandbox: &Sandbox, tools: &Path, script: &str) -> Command {
    let mut command = sandbox.command(tools.join("node"));
    command.arg(tools.join("node_modules/@modelcontextprotocol").join(script)).stdout(Stdio::piped());
    command.stderr(Stdio::piped());
    command
}

fn ours(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mcp").join(file)
}

/// A program that serves at an address which it says in its first line. It ends with its input.
struct Serving {
    child: Child,
    address: String,
    _input: ChildStdin,
}

impl Serving {
    fn start(command: &mut Command, says: impl FnOnce(&mut Child) -> Box<dyn std::io::Read>) -> Self {
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(says(&mut child)).read_line(&mut line).unwrap();
        let address = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap_or_default().to_owned();
        assert!(!address.is_empty(), "{line}");
        Self { _input: child.stdin.take().unwrap(), address, child }
    }

    /// Our own server.
    fn journal(sandbox: &Sandbox) -> Self {
        let mut command = sandbox.command(binary());
        command.args(["mcp", "--http", "127.0.0.1:0"]).stderr(Stdio::piped());
        Self::start(&mut command, |child| Box::new(child.stderr.take().unwrap()))
    }

    /// The same behind `names.mjs`.
    fn renamed(&self, sandbox: &Sandbox, tools: &Path, names: &Value) -> Self {
        let mut command = sandbox.command(tools.join("node"));
        command.arg(ours("names.mjs")).arg(&self.address).arg(names.to_string()).stdout(Stdio::piped());
        Self::start(&mut command, |child| Box::new(child.stdout.take().unwrap()))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A journal with one entry, after so many commits that have none.
fn journal(before: usize) -> Sandbox {
    let sandbox = long(before, 3_600);
    sandbox.story_ok(&["init", "--yes"]);
    let sandbox = sandbox.at("2026-01-06T16:05:00+01:00");
    sandbox.commit("Retry with a pause", &[("retry.rs", "fn retry() {}\nfn pause() {}\n")]);
    sandbox
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

const SUITE: &str = "conformance/dist/index.js";
const INSPECTOR: &str = "inspector/clients/launcher/build/index.js";

#[test]
fn the_conformance_suite_finds_nothing_but_what_is_expected() {
    let Some(tools) = fetched() else { return };
    let sandbox = journal(3);
    let server = Serving::journal(&sandbox);
    let mut suite = node(&sandbox, &tools, SUITE);
    suite.args(["server", "--suite", "all", "--url", &server.address]);
    let output = suite.arg("--expected-failures").arg(ours("expected.yml")).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    println!("{}", said(&output));
}

#[test]
fn what_the_suite_asks_of_its_own_example_holds_for_ours_by_other_names() {
    let Some(tools) = fetched() else { return };
    // So many that writing their entries takes a while, and is reported on: no more often than every 100 ms.
    let sandbox = journal(2_500);
    // The suite asks for a page by these digits, and looks for them in it.
    let history = sandbox.git(&["log", "--format=%H"]);
    let id = history.lines().find(|id| id.contains("123")).unwrap();
    sandbox.story_ok(&["record", id]);
    let server = Serving::journal(&sandbox);
    let names = json!({
        "tools": {
            "test_simple_text": { "name": "journal_search", "arguments": { "query": "retry" } },
            "test_error_handling": { "name": "journal_read", "arguments": { "what": "2026-13-99" } },
            "test_tool_with_progress": { "name": "journal_backfill", "arguments": { "range": "main" } },
        },
        "prompts": {
            "test_simple_prompt": { "name": "capture_session" },
            "test_prompt_with_arguments": { "name": "explain_file", "arguments": { "path": "$arg1/$arg2" } },
        },
        "resources": {
            "test://static-text": "journal://today",
            "test://watched-resource": "journal://today",
            "test://template/123/data": format!("journal://entry/{id}"),
        },
    });
    let renamed = server.renamed(&sandbox, &tools, &names);
    let scenarios = [
        "completion-complete",
        "tools-call-simple-text",
        "tools-call-error",
        "tools-call-with-progress",
        "resources-read-text",
        "resources-templates-read",
        "resources-subscribe",
        "resources-unsubscribe",
        "prompts-get-simple",
        "prompts-get-with-args",
    ];
    let running = scenarios.map(|scenario| {
        let mut suite = node(&sandbox, &tools, SUITE);
        (scenario, suite.args(["server", "--url", &renamed.address, "--scenario", scenario]).spawn().unwrap())
    });
    for (scenario, child) in running {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{scenario}\n{}", said(&output));
    }
}

/// How the inspector calls each tool, and what it then prints.
fn calls() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("journal_add_reflection", json!({ "text": "It took longer than it should." }), "structuredContent"),
        ("journal_capture_context", json!({ "text": "Next: the jitter." }), "structuredContent"),
        ("journal_search", json!({ "query": "retry" }), "Retry with a pause"),
        ("journal_read", json!({ "what": "2026-01-06" }), "Retry with a pause"),
        ("journal_why", json!({ "target": "retry.rs" }), "Retry with a pause"),
        ("journal_summarize", json!({ "level": "day", "when": "2026-01-06" }), "Retry with a pause"),
        ("journal_draft", json!({ "kind": "standup", "range": "2026-01-06" }), "Retry with a pause"),
        ("journal_record", json!({ "commit": "HEAD~1" }), "structuredContent"),
        ("journal_backfill", json!({ "range": "main", "dry_run": true }), "step"),
        ("journal_status", json!({}), "structuredContent"),
    ]
}

#[test]
fn the_inspector_lists_and_calls_every_tool() {
    let Some(tools) = fetched() else { return };
    let sandbox = journal(3);
    // Clients give a server the home and the search path, and nothing else of their own environment.
    sandbox.git(&["config", "user.email", "ada@example.org"]);
    let inspect = |arguments: &[&str]| {
        let mut inspector = node(&sandbox, &tools, INSPECTOR);
        inspector.arg("--cli").arg(binary()).arg("mcp").args(arguments).spawn().unwrap()
    };
    let heard = |child: Child| {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    // Strict: a schema that some clients could not use is a fault.
    let list = inspect(&["--method", "tools/list", "--strict", "--format", "json"]);
    let others = [
        (inspect(&["--method", "resources/list"]), "journal://today"),
        (inspect(&["--method", "resources/templates/list"]), "journal://entry/{commit}"),
        (inspect(&["--method", "resources/read", "--uri", "journal://day/2026-01-06"]), "Retry with a pause"),
        (inspect(&["--method", "prompts/list"]), "weekly_review"),
        (inspect(&["--method", "prompts/get", "--prompt-name", "standup"]), "journal_read"),
    ];
    let list: Value = serde_json::from_str(&heard(list)).unwrap();
    let listed: Vec<&str> =
        list["result"]["tools"].as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    let calls = calls();
    assert_eq!(listed, calls.iter().map(|(name, ..)| *name).collect::<Vec<_>>(), "every tool is called below");
    let calling = calls.into_iter().map(|(name, arguments, words)| {
        let arguments = arguments.to_string();
        (inspect(&["--method", "tools/call", "--tool-name", name, "--tool-args-json", &arguments]), words)
    });
    for (child, words) in others.into_iter().chain(calling.collect::<Vec<_>>()) {
        let answer = heard(child);
        assert!(answer.contains(words) && !answer.contains("\"isError\": true"), "{answer}");
    }
}
