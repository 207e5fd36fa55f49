//! A summary as JSON, for `summarize --json` and for assistants.
//!
//! In: a [`Summary`]. Out: what is serialized. Never here: a name that may change: `schema` counts up when one does.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::make::Made;
use crate::journal::{
    Asked, Clue, CommitLine, Common, Decided, Decision, EntryRef, Listed, Obstacle, Reflection, Source, Standing,
    Summary, Thread, Verdict,
};

/// The version of the shape of several.
const SCHEMA: u32 = 1;

/// The JSON of `summarize --json`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SummarizedJson {
    schema: u32,
    summaries: Vec<OneJson>,
}

/// A summary with what became of its page.
#[derive(Debug, Serialize, JsonSchema)]
struct OneJson {
    /// What happened to the page: `written`, `rewritten`, `unchanged`, or `edited` by somebody and left as it is; `null` where
    /// nothing was to be written.
    page: Option<&'static str>,
    path: Option<String>,
    summary: SummaryJson,
}

impl SummarizedJson {
    /// Summaries, each with what came of its page where it was to be written.
    #[must_use]
    pub fn new<'a>(summaries: impl IntoIterator<Item = (&'a Summary, Option<&'a Made>)>) -> Self {
        let one = |(summary, made): (&'a Summary, Option<&'a Made>)| {
            let (path, page) = made.and_then(Made::page).unzip();
            OneJson { page, path: path.map(|path| path.display().to_string()), summary: SummaryJson::from(summary) }
        };
        Self { schema: SCHEMA, summaries: summaries.into_iter().map(one).collect() }
    }
}

/// The JSON of a summary.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct SummaryJson(Value);

impl From<&Summary> for SummaryJson {
    fn from(summary: &Summary) -> Self {
        let prose = summary.prose.as_ref().map(|prose| {
            let (kept, dropped) = (prose.kept, prose.dropped);
            json!({ "text": prose.paragraphs.join("\n\n"), "model": prose.model, "at": prose.at, "kept": kept,
                "dropped": dropped, "is_current": prose.of == summary.fingerprint })
        });
        let numbers = &summary.numbers;
        let tally = |name: &str, commits: usize| json!({ "name": name, "commits": commits });
        Self(json!({
            "schema": 1,
            "period": summary.period.to_string(),
            "unit": summary.period.unit.name(),
            "title": summary.period.title(),
            "first": summary.period.first(),
            "last": summary.period.last(),
            "until": summary.until,
            "sources_fingerprint": summary.fingerprint,
            "reflections": listed(&summary.reflections, reflection),
            "prose": prose,
            "decisions": listed(&summary.decisions, decided),
            "roadblocks": listed(&summary.roadblocks, obstacle),
            "threads": listed(&summary.threads, thread),
            "asked": listed(&summary.asked, asked),
            "numbers": {
                "commits": numbers.commits, "days": numbers.days, "files": numbers.files, "added": numbers.added,
                "removed": numbers.removed, "sessions": numbers.sessions, "prompts": numbers.prompts,
                "unread": numbers.unread,
                "authors": numbers.authors.iter().map(|(name, commits)| tally(name, *commits)).collect::<Vec<_>>(),
                "assistants":
                    numbers.assistants.iter().map(|(one, commits)| tally(one.name(), *commits)).collect::<Vec<_>>(),
            },
            "areas": summary.areas,
            "files": summary.files,
            "commits": summary.commits.iter().map(commit).collect::<Vec<_>>(),
            "sources": summary.sources.iter().map(source).collect::<Vec<_>>(),
        }))
    }
}

fn listed<T>(all: &Listed<T>, one: impl Fn(&T) -> Value) -> Value {
    json!({ "listed": all.listed.iter().map(one).collect::<Vec<_>>(), "more": all.more })
}

fn entry(of: &EntryRef) -> Value {
    json!({ "commit": of.commit.as_str(), "at": of.at, "day": of.day, "subject": of.subject })
}

fn reflection(one: &Reflection) -> Value {
    json!({ "at": one.at, "text": one.text, "entry": entry(&one.of) })
}

fn decided(one: &Decided) -> Value {
    let what = match &one.what {
        Verdict::Said(Decision::Answered { question, answer }) => {
            json!({ "kind": "answered", "question": question, "answer": answer })
        }
        Verdict::Said(Decision::Approved { plan }) => json!({ "kind": "approved", "plan": plan }),
        Verdict::Said(Decision::Declined { plan }) => json!({ "kind": "declined", "plan": plan }),
        Verdict::Weighed(weighed) => {
            let kind = match weighed.standing {
                Standing::Implemented(_) => "implemented",
                Standing::Discussed => "discussed",
            };
            json!({ "kind": kind, "what": weighed.what, "why": weighed.why })
        }
    };
    json!({ "decision": what, "entry": entry(&one.of) })
}

fn obstacle(one: &Obstacle) -> Value {
    json!({ "command": one.command, "failures": one.failures, "entries": one.entries, "days": one.days,
        "overcome": one.overcome, "output": one.output, "last": entry(&one.of) })
}

fn thread(one: &Thread) -> Value {
    json!({ "clues": one.clues.iter().map(clue).collect::<Vec<_>>(), "days": one.days, "commits": one.commits,
        "first": entry(&one.first), "last": entry(&one.last) })
}

fn clue(one: &Clue) -> Value {
    let (kind, what) = match &one.what {
        Common::Topic(what) => ("topic", what.clone()),
        Common::Issue(what) => ("issue", what.clone()),
        Common::Branch(what) => ("branch", what.clone()),
        Common::File(what) => ("file", what.clone()),
        Common::Session(assistant, session) => ("conversation", format!("{} {session}", assistant.name())),
        Common::Command(what) => ("failed command", what.clone()),
    };
    json!({ "kind": kind, "what": what, "commits": one.commits })
}

fn asked(one: &Asked) -> Value {
    json!({ "at": one.at.to_rfc3339(), "text": one.text, "entry": entry(&one.of) })
}

fn commit(one: &CommitLine) -> Value {
    json!({ "entry": entry(&one.of), "files": one.files, "added": one.added, "removed": one.removed })
}

fn source(one: &Source) -> Value {
    json!({ "period": one.period.to_string(), "commits": one.commits, "added": one.added, "removed": one.removed,
        "headline": one.headline, "has_page": one.has_page })
}
