//! A Claude Code transcript, written a record at a time.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::Sandbox;

/// A session's records, in the order in which they are added.
pub struct Transcript {
    pub id: String,
    begun: PathBuf,
    cwd: PathBuf,
    parent: Option<String>,
    lines: Vec<String>,
}

impl Transcript {
    /// A session in a directory. The id's beginning is what entries show.
    pub fn new(id: &str, cwd: &Path) -> Self {
        Self { id: id.to_owned(), begun: cwd.to_owned(), cwd: cwd.to_owned(), parent: None, lines: Vec::new() }
    }

    /// The session that goes on from this one under another id: what was said until now is copied, record by record.
    pub fn resumed(&self, id: &str) -> Self {
        let renamed =
            |line: &String| line.replace(&format!("\"sessionId\":\"{}\"", self.id), &format!("\"sessionId\":\"{id}\""));
        let lines = self.lines.iter().map(renamed).collect();
        Self { id: id.to_owned(), begun: self.begun.clone(), cwd: self.cwd.clone(), parent: self.parent.clone(), lines }
    }

    /// From here on it works in another directory; its file stays where it was begun.
    pub fn cd(&mut self, cwd: &Path) -> &mut Self {
        cwd.clone_into(&mut self.cwd);
        self
    }

    /// The human typed this. `at`: RFC 3339, as everywhere here.
    pub fn prompt(&mut self, at: &str, text: &str) -> &mut Self {
        self.record("user", at, &json!({"message": {"role": "user", "content": text}}))
    }

    /// The assistant said this.
    pub fn reply(&mut self, at: &str, text: &str) -> &mut Self {
        self.assistant(at, &json!({"type": "text", "text": text}))
    }

    /// The assistant edited a file; a relative path is below the session's directory.
    pub fn edit(&mut self, at: &str, path: &str) -> &mut Self {
        let path = self.cwd.join(path);
        self.tool(at, "Edit", &json!({"file_path": path, "old_string": "a", "new_string": "b"}), "updated", false)
    }

    /// The assistant ran a command; an exit status other than 0 is a failure.
    pub fn run(&mut self, at: &str, command: &str, exit: i32, output: &str) -> &mut Self {
        let result = if exit == 0 { output.to_owned() } else { format!("Exit code {exit}\n{output}") };
        self.tool(at, "Bash", &json!({"command": command}), &result, exit != 0)
    }

    /// The assistant asked, and the human answered.
    pub fn ask(&mut self, at: &str, question: &str, answer: &str) -> &mut Self {
        let input = json!({"questions": [{"question": question, "header": "Q", "options": [], "multiSelect": false}]});
        let result = format!("User has answered your questions: \"{question}\"=\"{answer}\".");
        self.tool(at, "AskUserQuestion", &input, &result, false)
    }

    /// A tool was used, with its result.
    pub fn tool(&mut self, at: &str, name: &str, input: &Value, result: &str, failed: bool) -> &mut Self {
        let id = format!("toolu_{}", self.lines.len());
        self.assistant(at, &json!({"type": "tool_use", "id": id, "name": name, "input": input}));
        let result = json!({"type": "tool_result", "tool_use_id": id, "content": result, "is_error": failed});
        self.record("user", at, &json!({"message": {"role": "user", "content": [result]}}))
    }

    /// A tool is being used: there is no result yet.
    pub fn pending(&mut self, at: &str, name: &str, input: &Value) -> &mut Self {
        let id = format!("toolu_{}", self.lines.len());
        self.assistant(at, &json!({"type": "tool_use", "id": id, "name": name, "input": input}))
    }

    /// A line as it is.
    pub fn raw(&mut self, line: &str) -> &mut Self {
        self.lines.push(line.to_owned());
        self
    }

    fn assistant(&mut self, at: &str, content: &Value) -> &mut Self {
        let message = json!({
            "id": format!("msg_{}", self.lines.len()), "role": "assistant", "model": "claude-opus-5-5", "content": [content],
        });
        self.record("assistant", at, &json!({"message": message}))
    }

    fn record(&mut self, kind: &str, at: &str, more: &Value) -> &mut Self {
        let uuid = format!("{}-{:04}", self.id, self.lines.len());
        let mut record = json!({
            "type": kind, "uuid": uuid, "parentUuid": self.parent, "timestamp": at, "sessionId": self.id, "cwd": self.cwd,
            "version": "2.1.330", "gitBranch": "main", "isSidechain": false, "userType": "external",
        });
        record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.parent = Some(uuid);
        self.lines.push(record.to_string());
        self
    }

    /// The whole file's text.
    pub fn text(&self) -> String {
        self.lines.join("\n") + "\n"
    }

    /// Where Claude Code keeps the session in a sandbox's home.
    pub fn path(&self, sandbox: &Sandbox) -> PathBuf {
        let cwd = self.begun.to_string_lossy();
        let folder: String = cwd.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        sandbox.home().join(".claude/projects").join(folder).join(format!("{}.jsonl", self.id))
    }

    /// Writes the file there.
    pub fn save(&self, sandbox: &Sandbox) -> PathBuf {
        let path = self.path(sandbox);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, self.text()).unwrap();
        path
    }
}
