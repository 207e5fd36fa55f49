//! A chat session of VS Code as events.
//!
//! In: the session's document. Out: what was said and done, into [`Gathered`].
//! Never here: the files and rules that were put around a human's words, or thinking.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::tools;
use crate::chat::document::{list, text, time};
use crate::chat::fields::Fields;
use crate::chat::gathered::Gathered;
use crate::chat::message::{EventKind, Outcome};
use crate::chat::transcript::Tool;
use crate::chat::{output, place};

/// Tells all requests of a session.
pub(super) fn tell(session: &Value, gathered: &mut Gathered) {
    let mut at = time(session, "/creationDate");
    for (nth, request) in list(session, "/requests").iter().enumerate() {
        at = time(request, "/timestamp").or(at);
        let Some(at) = at else { continue };
        // The human went back over it.
        if request.pointer("/shouldBeRemovedOnSend").is_some_and(|undone| !undone.is_null() && *undone != false) {
            continue;
        }
        let id = text(request, "/requestId").map_or_else(|| format!("r{nth}"), str::to_owned);
        Answer { gathered, id, at, edited: HashSet::new(), commands: HashSet::new(), replies: 0 }.tell(request);
    }
}

/// One request and what was answered.
struct Answer<'a> {
    gathered: &'a mut Gathered,
    id: String,
    at: DateTime<Utc>,
    edited: HashSet<PathBuf>,
    commands: HashSet<String>,
    replies: usize,
}

impl Answer<'_> {
    fn tell(mut self, request: &Value) {
        let program = request.get("isSystemInitiated").and_then(Value::as_bool) == Some(true);
        if let Some(words) = text(request, "/message/text").or_else(|| text(request, "/message")).filter(|_| !program) {
            self.gathered.push(&self.id, self.at, EventKind::Prompt(words.to_owned()));
        }
        let extension = text(request, "/agent/extensionVersion");
        self.gathered.version = extension.map(str::to_owned).or(self.gathered.version.take());
        let model = text(request, "/result/metadata/resolvedModel").or_else(|| text(request, "/modelId"));
        let model = model.map(|model| model.strip_prefix("copilot/").unwrap_or(model).to_owned());
        self.gathered.model = model.or(self.gathered.model.take());
        let mut said = String::new();
        let response = list(request, "/response");
        let last: HashMap<&str, usize> =
            response.iter().enumerate().filter_map(|(at, part)| Some((text(part, "/toolCallId")?, at))).collect();
        let mut called = HashSet::new();
        for part in response {
            match text(part, "/kind") {
                None => said.push_str(part.get("value").and_then(Value::as_str).unwrap_or_default()),
                Some("markdownContent") => said.push_str(text(part, "/content/value").unwrap_or_default()),
                Some("inlineReference") => said.push_str(&reference(part)),
                Some("textEditGroup" | "notebookEditGroup") => self.edit(part.get("uri").and_then(path)),
                Some("toolInvocationSerialized") => {
                    self.reply(&mut said, self.at);
                    // Written down again as it goes on: the first place and the last state count.
                    let id = text(part, "/toolCallId").unwrap_or_default();
                    if called.insert(id) || id.is_empty() {
                        self.terminal(last.get(id).map_or(part, |at| &response[*at]));
                    }
                }
                _ => {}
            }
        }
        self.calls(request);
        let elapsed = request.pointer("/result/timings/totalElapsed").and_then(Value::as_i64).unwrap_or(0);
        let end = TimeDelta::try_milliseconds(elapsed).and_then(|span| self.at.checked_add_signed(span));
        self.reply(&mut said, end.unwrap_or(self.at));
    }

    /// Says what was collected. The fences around an edit stand alone when the edit is taken out.
    fn reply(&mut self, said: &mut String, at: DateTime<Utc>) {
        let said = std::mem::take(said).replace("\n```\n\n```\n", "\n");
        let words = said.trim();
        if !words.trim_matches(['`', '\n', ' ']).is_empty() {
            self.replies += 1;
            let id = format!("{}.reply{}", self.id, self.replies);
            self.gathered.push(&id, at, EventKind::Reply(words.to_owned()));
        }
    }

    fn edit(&mut self, path: Option<PathBuf>) {
        let Some(path) = path.filter(|path| self.edited.insert(path.clone())) else { return };
        let id = format!("{}.edit{}", self.id, self.edited.len());
        self.gathered.push(&id, self.at, EventKind::Edit { path });
    }

    fn command(&mut self, line: &str, outcome: Outcome) {
        if self.commands.insert(line.to_owned()) || outcome != Outcome::Pending {
            let id = format!("{}.command{}", self.id, self.commands.len());
            self.gathered.push(&id, self.at, EventKind::Command { line: line.to_owned(), outcome });
        }
    }

    fn terminal(&mut self, call: &Value) {
        let of = "/toolSpecificData";
        let lines =
            ["/commandLine/userEdited", "/commandLine/toolEdited", "/commandLine/original", "/commandLine", "/command"];
        let line = lines.iter().find_map(|line| text(call, &format!("{of}{line}")));
        let Some(line) = line else { return };
        let exit = call.pointer(&format!("{of}/terminalCommandState/exitCode")).and_then(Value::as_i64);
        let exit = exit.and_then(|exit| i32::try_from(exit).ok());
        // VS Code's `ToolConfirmKind`: 0 is denied, 5 is skipped.
        let denied = call
            .pointer("/isConfirmed")
            .is_some_and(|is| *is == false || matches!(is.get("type").and_then(Value::as_u64), Some(0 | 5)));
        let outcome = match exit {
            _ if denied => Outcome::Refused,
            Some(0) => Outcome::Passed,
            Some(exit) => {
                let shown = text(call, &format!("{of}/terminalCommandOutput/text")).unwrap_or_default();
                Outcome::Failed { exit: Some(exit), output: output::end(shown) }
            }
            None => Outcome::Pending,
        };
        self.command(line, outcome);
    }

    /// What the model called, for what the response does not show, such as files that were made.
    fn calls(&mut self, request: &Value) {
        for round in list(request, "/result/metadata/toolCallRounds") {
            for call in list(round, "/toolCalls") {
                let (Some(name), Some(arguments)) = (text(call, "/name"), text(call, "/arguments")) else { continue };
                match Fields::of(arguments).and_then(|arguments| tools::tool(name, &arguments)) {
                    Some(Tool::Edit(paths, _)) => {
                        for path in paths {
                            let path = place::absolute(&path, self.gathered.here());
                            self.edit(Some(path));
                        }
                    }
                    Some(Tool::Command(line)) if !self.commands.contains(&line) => {
                        self.command(&line, Outcome::Pending);
                    }
                    _ => {}
                }
            }
        }
    }
}

/// The path of an address that VS Code took apart.
fn path(uri: &Value) -> Option<PathBuf> {
    let whole = || uri.as_str().or_else(|| text(uri, "/external")).and_then(place::of_uri);
    text(uri, "/fsPath").map(PathBuf::from).or_else(whole).or_else(|| text(uri, "/path").map(PathBuf::from))
}

fn reference(part: &Value) -> String {
    let to = part.get("inlineReference");
    let file = || to.and_then(|to| path(to.get("uri").unwrap_or(to)));
    let name = text(part, "/name").or_else(|| to.and_then(|to| text(to, "/name"))).map(str::to_owned);
    let name = name.or_else(|| Some(file()?.file_name()?.to_string_lossy().into_owned()));
    name.map(|name| format!("`{name}`")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::chat::message::{Assistant, SessionId, Wanted};
    use crate::chat::reader::Candidate;

    fn kinds(requests: &Value) -> Vec<EventKind> {
        let mut gathered = Gathered::default();
        tell(&json!({"creationDate": 1_767_225_600_000_i64, "requests": requests}), &mut gathered);
        let (id, modified) = (SessionId("s".to_owned()), DateTime::UNIX_EPOCH);
        let candidate = Candidate { id, file: PathBuf::from("f"), modified, named: true, size: 0 };
        let until = DateTime::<Utc>::MAX_UTC;
        let wanted = Wanted { roots: Vec::new(), named: Vec::new(), since: modified, until, thorough: false };
        let session = gathered.session(Assistant::CopilotVsCode, &candidate, &wanted).unwrap();
        session.events.into_iter().map(|event| event.kind).collect()
    }

    fn reply(text: &str) -> EventKind {
        EventKind::Reply(text.to_owned())
    }

    fn answered(response: &Value) -> Vec<EventKind> {
        kinds(&json!([{"requestId": "r", "response": response}]))
    }

    #[test]
    fn a_request_is_a_prompt_unless_it_was_undone_or_the_programs() {
        let request =
            |more: &str, value: Value| json!([{"requestId": "r", "message": {"text": "fix it"}, more: value}]);
        assert_eq!(kinds(&request("x", json!(0))), [EventKind::Prompt("fix it".to_owned())]);
        assert_eq!(kinds(&request("shouldBeRemovedOnSend", json!({"requestId": "r"}))), []);
        assert_eq!(kinds(&request("shouldBeRemovedOnSend", json!(true))), []);
        assert_eq!(kinds(&request("isSystemInitiated", json!(true))), []);
    }

    #[test]
    fn the_pieces_of_an_answer_are_put_together() {
        let pieces = json!([{"value": "I changed "},
            {"kind": "inlineReference", "inlineReference": {"fsPath": "/repo/a.rs"}}, {"value": "."},
            {"kind": "thinking", "value": "hm"}, 7]);
        assert_eq!(answered(&pieces), [reply("I changed `a.rs`.")]);
        let edit = json!([{"value": "\n```\n"}, {"kind": "textEditGroup", "uri": {"fsPath": "/repo/a.rs"}},
            {"kind": "textEditGroup", "uri": {"external": "file:///repo/a%20b.rs"}},
            {"kind": "textEditGroup", "uri": {"fsPath": "/repo/a.rs"}}, {"value": "\n```\n"}]);
        let edits = ["/repo/a.rs", "/repo/a b.rs"].map(|path| EventKind::Edit { path: PathBuf::from(path) });
        assert_eq!(answered(&edit), edits);
    }

    #[track_caller]
    fn check_command(more: &Value, confirmed: &Value, expected: Outcome) {
        let mut data = json!({"kind": "terminal", "commandLine": {"original": "make"}});
        data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let call = json!({"kind": "toolInvocationSerialized", "toolCallId": "t", "isConfirmed": confirmed, "toolSpecificData": data});
        let early =
            json!({"kind": "toolInvocationSerialized", "toolCallId": "t", "toolSpecificData": {"command": "make"}});
        let expected = [EventKind::Command { line: "make".to_owned(), outcome: expected }];
        assert_eq!(answered(&json!([early, call])), expected);
    }

    #[test]
    fn a_commands_outcome_is_what_is_recorded_last() {
        check_command(&json!({}), &json!({"type": 1}), Outcome::Pending);
        check_command(&json!({}), &json!({"type": 0}), Outcome::Refused);
        check_command(&json!({}), &json!({"type": 5}), Outcome::Refused);
        check_command(&json!({"terminalCommandState": {"exitCode": 0}}), &json!({"type": 4}), Outcome::Passed);
        let failed = json!({"terminalCommandState": {"exitCode": 2}, "terminalCommandOutput": {"text": "no rule"}});
        check_command(&failed, &json!(true), Outcome::Failed { exit: Some(2), output: "no rule".to_owned() });
    }

    #[test]
    fn what_only_the_models_calls_show_is_told_too() {
        let call = |name: &str, arguments: &str| json!({"name": name, "arguments": arguments});
        let calls = json!([
            call("create_file", r#"{"filePath": "/repo/new.rs"}"#),
            call("read_file", "{}"),
            call("run_in_terminal", r#"{"command": "make"}"#),
            call("create_file", "torn")
        ]);
        let request = json!([{"requestId": "r", "result": {"metadata": {"toolCallRounds": [{"toolCalls": calls}]}}}]);
        let made = EventKind::Edit { path: PathBuf::from("/repo/new.rs") };
        assert_eq!(kinds(&request), [made, EventKind::Command { line: "make".to_owned(), outcome: Outcome::Pending }]);
    }
}
