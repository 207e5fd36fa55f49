//! One record of a transcript, cut down to what can matter.
//!
//! In: a line. Out: [`Record`]s: their place in the conversation, and the parts that say or do something.
//! Never here: thinking blocks, a tool's whole input or output, or an error: what cannot be understood is left out.

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;

use super::raw::{Attachment, Block, Came, Head, Input, Message, Question, blocks, list, parse, string, truth};
use super::words::{self, Heard};
use crate::chat::jsonl;

/// One record.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record {
    /// Its id; stable over copies of the session.
    pub(super) uuid: Option<String>,
    /// The record it follows; over a compaction, the one it follows logically.
    pub(super) parent: Option<String>,
    /// Its line's place in the file, which stands in for a missing id, and its place among the line's objects.
    pub(super) offset: u64,
    pub(super) nth: usize,
    pub(super) at: Option<DateTime<Utc>>,
    /// Written by a sub-agent.
    pub(super) sidechain: bool,
    /// A sign of life of a running tool; it may come late and out of place.
    pub(super) progress: bool,
    pub(super) directory: Option<String>,
    pub(super) version: Option<String>,
    pub(super) model: Option<String>,
    pub(super) parts: Vec<Part>,
}

/// Something said or done.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    /// A text in the human's name.
    Heard(Heard),
    /// A text that the human typed while the assistant worked.
    Queued(Heard),
    /// A text put into the queue, and its way out of it.
    Enqueue(String),
    Dequeue,
    ClearQueue,
    /// The assistant's text, with the id of the message that it is part of.
    Reply {
        message: Option<String>,
        text: String,
    },
    /// The assistant's use of a tool that is a fact, with the use's id.
    Use {
        id: String,
        tool: Tool,
    },
    /// What came of a use.
    Result(ToolResult),
}

/// The tools whose use is a fact.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Tool {
    /// Changes a file; `plan` is what was written when the file is a plan's.
    Edit {
        path: String,
        plan: Option<String>,
    },
    Command(String),
    Questions(Vec<String>),
    Plan(Option<String>),
}

/// What came of a tool's use.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct ToolResult {
    /// The id of the use.
    pub(super) of: String,
    pub(super) failed: bool,
    pub(super) interrupted: bool,
    pub(super) backgrounded: bool,
    /// The text, when it is an error or tells something else that is used.
    pub(super) text: String,
    /// Questions with their answers.
    pub(super) answers: Vec<(String, String)>,
    pub(super) plan: Option<String>,
}

impl Record {
    /// Whether a human's prompt opens a turn here. Words queued, or given as the reason of a refusal, come within one.
    pub(super) fn opens_turn(&self) -> bool {
        !self.sidechain && self.parts.iter().any(|part| matches!(part, Part::Heard(Heard::Typed(_))))
    }
}

/// A result that is no error is read only if it is short and holds one of these (as JSON has them): a plan's approval,
/// a question with its answer, the status of a command. What else tools return is not used, and it is most of a file.
const SHORT: usize = 64 * 1024;
const TELLING: &[&str] = &["approved", r#"\"=\""#, "Exit code "];

/// The records in a line, in their order.
pub(super) fn records(offset: u64, line: &[u8]) -> Vec<Record> {
    let text = jsonl::text(line);
    jsonl::objects::<Head<'_>>(&text).iter().enumerate().map(|(nth, head)| record(offset, nth, head)).collect()
}

fn record(offset: u64, nth: usize, head: &Head<'_>) -> Record {
    let kind = string(head.kind).unwrap_or_default();
    let mut record = Record {
        uuid: string(head.uuid),
        parent: string(head.parent).or_else(|| string(head.logical_parent)),
        offset,
        nth,
        at: string(head.timestamp).and_then(|at| Some(DateTime::parse_from_rfc3339(&at).ok()?.to_utc())),
        sidechain: truth(head.sidechain),
        progress: kind == "progress",
        directory: string(head.cwd),
        version: string(head.version),
        model: None,
        parts: Vec::new(),
    };
    match kind.as_str() {
        "user" => record.parts = user_parts(head),
        "assistant" => assistant_parts(head, &mut record),
        "attachment" => record.parts.extend(queued_words(head.attachment)),
        "queue-operation" => record.parts.extend(queue_operation(head)),
        _ => {}
    }
    record
}

fn user_parts(head: &Head<'_>) -> Vec<Part> {
    let injected = truth(head.meta)
        || truth(head.compact_summary)
        || head.source_tool.is_some()
        || string(head.prompt_source).is_some_and(|source| source == "system");
    let Some(content) = parse::<Message<'_>>(head.message).and_then(|message| message.content) else {
        return Vec::new();
    };
    let mut parts = Vec::new();
    let mut typed = Vec::new();
    for block in blocks(content) {
        match string(block.kind).unwrap_or_default().as_str() {
            "tool_result" => parts.extend(result(&block, head.tool_result).map(Part::Result)),
            "text" if !injected => match words::hear(&string(block.text).unwrap_or_default()) {
                Heard::Nothing => {}
                Heard::Typed(text) => typed.push(text),
                other => parts.push(Part::Heard(other)),
            },
            _ => {}
        }
    }
    if !typed.is_empty() {
        parts.push(Part::Heard(Heard::Typed(typed.join("\n\n"))));
    }
    parts
}

fn assistant_parts(head: &Head<'_>, record: &mut Record) {
    let Some(message) = parse::<Message<'_>>(head.message) else { return };
    // The program itself speaks under this name, of errors of the service for instance.
    record.model = string(message.model);
    if record.model.as_deref() == Some("<synthetic>") {
        record.model = None;
        return;
    }
    let id = string(message.id);
    for block in message.content.map(blocks).unwrap_or_default() {
        match string(block.kind).unwrap_or_default().as_str() {
            "text" => {
                let text = string(block.text).unwrap_or_default();
                if !text.trim().is_empty() {
                    record.parts.push(Part::Reply { message: id.clone(), text: text.trim().to_owned() });
                }
            }
            "tool_use" => record.parts.extend(tool_use(&block)),
            _ => {}
        }
    }
}

fn tool_use(block: &Block<'_>) -> Option<Part> {
    let input = parse::<Input<'_>>(block.input)?;
    let tool = match string(block.name)?.as_str() {
        "Edit" | "MultiEdit" | "Write" | "NotebookEdit" => {
            let path = string(input.file_path).or_else(|| string(input.notebook_path))?;
            let plan = path.contains(".claude") && path.contains("plans");
            Tool::Edit { path, plan: if plan { string(input.content) } else { None } }
        }
        "Bash" | "PowerShell" => Tool::Command(string(input.command)?),
        "AskUserQuestion" => {
            let questions = list::<Question<'_>>(input.questions?);
            Tool::Questions(questions.iter().filter_map(|question| string(question.question)).collect())
        }
        "ExitPlanMode" | "exit_plan_mode" => Tool::Plan(string(input.plan)),
        _ => return None,
    };
    Some(Part::Use { id: string(block.id)?, tool })
}

fn result(block: &Block<'_>, came: Option<&RawValue>) -> Option<ToolResult> {
    let failed = truth(block.is_error);
    let came = parse::<Came<'_>>(came);
    let telling = |content: &str| content.len() <= SHORT && TELLING.iter().any(|sign| content.contains(sign));
    let content = block.content.filter(|content| failed || telling(content.get()));
    let text = content.map(|content| {
        let texts: Vec<String> = blocks(content).iter().filter_map(|block| string(block.text)).collect();
        texts.join("\n")
    });
    Some(ToolResult {
        of: string(block.tool_use_id)?,
        failed,
        interrupted: came.as_ref().is_some_and(|came| truth(came.interrupted)),
        backgrounded: came.as_ref().is_some_and(|came| came.background.is_some()),
        text: text.unwrap_or_default(),
        answers: came.as_ref().and_then(|came| came.answers).map(answers).unwrap_or_default(),
        plan: came.as_ref().and_then(|came| string(came.plan)),
    })
}

/// `{"question": "answer"}`; several choices are a list.
fn answers(raw: &RawValue) -> Vec<(String, String)> {
    let Ok(map) = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(raw.get()) else {
        return Vec::new();
    };
    map.into_iter()
        .filter_map(|(question, answer)| match answer {
            serde_json::Value::String(answer) => Some((question, answer)),
            serde_json::Value::Array(several) => {
                let several: Vec<&str> = several.iter().filter_map(serde_json::Value::as_str).collect();
                Some((question, several.join(", ")))
            }
            _ => None,
        })
        .collect()
}

/// What was typed while the assistant worked and handed to it in the midst of its turn.
fn queued_words(attachment: Option<&RawValue>) -> Option<Part> {
    let attachment = parse::<Attachment<'_>>(attachment)?;
    let human = string(attachment.mode).is_none_or(|mode| mode == "prompt") && !truth(attachment.meta);
    if string(attachment.kind)? != "queued_command" || !human {
        return None;
    }
    let texts: Vec<String> = blocks(attachment.prompt?).iter().filter_map(|block| string(block.text)).collect();
    Some(Part::Queued(words::hear(&texts.join("\n\n"))))
}

fn queue_operation(head: &Head<'_>) -> Option<Part> {
    match string(head.operation)?.as_str() {
        "enqueue" => Some(Part::Enqueue(string(head.content).unwrap_or_default())),
        "dequeue" | "remove" => Some(Part::Dequeue),
        "popAll" => Some(Part::ClearQueue),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn parts(line: &str) -> Vec<Part> {
        let mut records = records(0, line.as_bytes());
        assert_eq!(records.len(), 1, "{line}");
        records.remove(0).parts
    }

    fn typed(text: &str) -> Vec<Part> {
        vec![Part::Heard(Heard::Typed(text.to_owned()))]
    }

    #[test]
    fn a_prompt_is_a_string_or_blocks_of_text() {
        assert_eq!(parts(r#"{"type" : "user", "message" : {"content" : "do it"}}"#), typed("do it"));
        let blocks = r#"{"type":"user","message":{"content":[{"type":"text","text":"<ide_selection>x</ide_selection>"},
            {"type":"image","source":{}},7,{"type":"text","text":"one"},{"type":"text","text":"two"}]}}"#;
        assert_eq!(parts(blocks), typed("one\n\ntwo"));
    }

    #[test]
    fn a_field_of_an_unexpected_type_harms_no_other() {
        let line =
            r#"{"type":"user","uuid":7,"cwd":[],"timestamp":{},"isMeta":"no","message":{"id":{},"content":"hi"}}"#;
        assert_eq!(parts(line), typed("hi"));
        assert_eq!(parts(r#"{"type":"user","message":"gone"}"#), []);
        assert_eq!(parts(r#"{"type":"assistant","message":{"content":{"type":"text"}}}"#), []);
    }

    #[test]
    fn after_a_compaction_the_logical_parent_counts() {
        let parent = |line: &str| records(0, line.as_bytes())[0].parent.clone();
        assert_eq!(parent(r#"{"parentUuid":null,"logicalParentUuid":"a"}"#).as_deref(), Some("a"));
        assert_eq!(parent(r#"{"parentUuid":"b","logicalParentUuid":"a"}"#).as_deref(), Some("b"));
    }

    #[test]
    fn what_was_put_in_the_humans_name_is_not_heard() {
        let user = |flag: &str| parts(&format!(r#"{{"type":"user",{flag},"message":{{"content":"go on"}}}}"#));
        for flag in
            [r#""isMeta":true"#, r#""isCompactSummary":true"#, r#""promptSource":"system""#, r#""sourceToolUseID":"t""#]
        {
            assert_eq!(user(flag), [], "{flag}");
        }
        assert_eq!(user(r#""promptSource":"sdk""#), typed("go on"));
    }

    #[test]
    fn half_a_surrogate_pair_is_replaced() {
        assert_eq!(parts(r#"{"type":"user","message":{"content":"cut \ud83d"}}"#).len(), 1);
    }

    #[test]
    fn thinking_and_the_programs_own_messages_are_not_read() {
        let thinking =
            r#"{"type":"assistant","message":{"content":[{"type":"thinking","thinking":"hm","text":"hm"}]}}"#;
        assert_eq!(parts(thinking), []);
        let synthetic =
            r#"{"type":"assistant","message":{"model":"<synthetic>","content":[{"type":"text","text":"API Error"}]}}"#;
        assert_eq!(parts(synthetic), []);
    }

    #[test]
    fn what_was_queued_is_a_humans_only_in_prompt_mode() {
        let queued = |mode: &str, prompt: &str| {
            parts(&format!(
                r#"{{"type":"attachment","attachment":{{"type":"queued_command","commandMode":"{mode}","prompt":{prompt}}}}}"#
            ))
        };
        let said = Part::Queued(Heard::Typed("wait".to_owned()));
        assert_eq!(queued("prompt", r#""wait""#), std::slice::from_ref(&said));
        assert_eq!(queued("prompt", r#"[{"type":"text","text":"wait"}]"#), [said]);
        assert_eq!(queued("task-notification", r#""wait""#), []);
        assert_eq!(queued("prompt", r#""<task-notification>x""#), [Part::Queued(Heard::Nothing)]);
    }
}
