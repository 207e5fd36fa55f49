//! What is asked of a reader, and the shape that every assistant's conversation is brought into.
//!
//! In: nothing. Out: plain data. Never here: where it came from, or what of it matters.

use std::fmt;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The assistants whose conversations can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Assistant {
    /// Anthropic's Claude Code.
    ClaudeCode,
    /// OpenAI's Codex: CLI, editor extension and desktop.
    Codex,
    /// GitHub Copilot in VS Code, its Insiders and VSCodium.
    CopilotVsCode,
    /// GitHub Copilot's command line.
    CopilotCli,
    /// Google's Gemini CLI.
    GeminiCli,
    /// Cline: the extension and its SDK.
    Cline,
    /// Roo Code.
    RooCode,
    /// Aider.
    Aider,
    /// Qwen Code.
    QwenCode,
    /// Factory's Droid.
    Droid,
    /// Pi.
    Pi,
    /// Google's Antigravity: command line, IDE and desktop.
    Antigravity,
    /// Cursor: the editor and its agent.
    Cursor,
    /// OpenCode.
    #[serde(rename = "opencode")]
    OpenCode,
    /// Kilo, which is made from it.
    Kilo,
    /// Goose.
    Goose,
    /// Zed's own agent.
    Zed,
    /// Continue: extension and command line.
    Continue,
    /// Amp.
    Amp,
}

impl Assistant {
    /// Every assistant, in the order in which they are listed to people.
    pub const ALL: &[Self] = &[
        Self::ClaudeCode,
        Self::Codex,
        Self::CopilotVsCode,
        Self::CopilotCli,
        Self::GeminiCli,
        Self::Cline,
        Self::RooCode,
        Self::Aider,
        Self::QwenCode,
        Self::Droid,
        Self::Pi,
        Self::Antigravity,
        Self::Cursor,
        Self::OpenCode,
        Self::Kilo,
        Self::Goose,
        Self::Zed,
        Self::Continue,
        Self::Amp,
    ];

    /// The product's own name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ClaudeCode => "Claude Code",
            Self::Codex => "Codex",
            Self::CopilotVsCode => "GitHub Copilot",
            Self::CopilotCli => "Copilot CLI",
            Self::GeminiCli => "Gemini CLI",
            Self::Cline => "Cline",
            Self::RooCode => "Roo Code",
            Self::Aider => "Aider",
            Self::QwenCode => "Qwen Code",
            Self::Droid => "Droid",
            Self::Pi => "Pi",
            Self::Antigravity => "Antigravity",
            Self::Cursor => "Cursor",
            Self::OpenCode => "OpenCode",
            Self::Kilo => "Kilo",
            Self::Goose => "Goose",
            Self::Zed => "Zed",
            Self::Continue => "Continue",
            Self::Amp => "Amp",
        }
    }

    /// The name in configuration keys and JSON.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::ClaudeCode => "claude-code",
            Self::Codex => "codex",
            Self::CopilotVsCode => "copilot-vscode",
            Self::CopilotCli => "copilot-cli",
            Self::GeminiCli => "gemini-cli",
            Self::Cline => "cline",
            Self::RooCode => "roo-code",
            Self::Aider => "aider",
            Self::QwenCode => "qwen-code",
            Self::Droid => "droid",
            Self::Pi => "pi",
            Self::Antigravity => "antigravity",
            Self::Cursor => "cursor",
            Self::OpenCode => "opencode",
            Self::Kilo => "kilo",
            Self::Goose => "goose",
            Self::Zed => "zed",
            Self::Continue => "continue",
            Self::Amp => "amp",
        }
    }

    /// The assistant of that product name or slug.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|assistant| assistant.name() == text || assistant.slug() == text)
    }
}

/// The assistant's own id of a session. Foreign text: never used as a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub String);

impl SessionId {
    /// The first eight characters, for people.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.char_indices().nth(8).map_or(self.0.as_str(), |(end, _)| &self.0[..end])
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which conversations a reader is to find.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// The tops of the repository's work trees, both as recorded and with links resolved.
    pub roots: Vec<PathBuf>,
    /// Session ids that the environment names; looked up first, wherever they lie.
    pub named: Vec<SessionId>,
    /// Sessions without a sign of life at or after this instant are left alone.
    pub since: DateTime<Utc>,
    /// Events after this instant are not read.
    pub until: DateTime<Utc>,
    /// Whether there is time to open every recent transcript, wherever it lies: for the worker and for a diagnosis.
    pub thorough: bool,
}

/// One conversation, or the end of it that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// The assistant's id of it.
    pub id: SessionId,
    /// Which assistant.
    pub assistant: Assistant,
    /// The assistant's version, the newest seen.
    pub version: Option<String>,
    /// The model that answered, the newest seen.
    pub model: Option<String>,
    /// The working directories that were recorded, newest last, without repeats.
    pub directories: Vec<PathBuf>,
    /// What happened, oldest first. Only the branch of the conversation that was kept: what the human rewound is out.
    pub events: Vec<Event>,
    /// The transcript it was read from.
    pub file: PathBuf,
    /// Whether everything in the wanted span was read; `false` when the deadline or a size limit cut it off.
    pub complete: bool,
}

/// How the id of an event begins that is a commit with a known id.
pub const COMMIT: &str = "commit:";

/// One thing that happened in a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The assistant's id of the record, for recognising copies; unique within the session. After [`COMMIT`] it is the
    /// beginning of the id of a commit that the assistant made.
    pub id: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub kind: EventKind,
}

/// The things that can happen in a session.
#[derive(Debug, Clone, PartialEq)]
pub enum EventKind {
    /// The human typed this (also while the assistant was still working, or as the reason for refusing a tool).
    Prompt(String),
    /// The assistant wrote this to the human.
    Reply(String),
    /// The assistant changed a file.
    Edit {
        /// The file, absolute as the assistant named it.
        path: PathBuf,
    },
    /// The assistant ran a command.
    Command {
        /// The command line.
        line: String,
        /// What came of it.
        outcome: Outcome,
    },
    /// The assistant put a question to the human.
    Question {
        /// The question.
        question: String,
        /// The answer; `None` while it is open or when it was refused.
        answer: Option<String>,
    },
    /// The assistant proposed a plan.
    Plan {
        /// The plan's text.
        text: String,
        /// Whether the human approved it; `None` while it is open.
        approved: Option<bool>,
    },
    /// The human stopped the assistant.
    Interruption,
}

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It has no result yet; a `git commit` whose hook we are in never has one.
    Pending,
    /// It ended well.
    Passed,
    /// It ended badly.
    Failed {
        /// The exit status, where it is recorded.
        exit: Option<i32>,
        /// The end of its output, a few lines at most.
        output: String,
    },
    /// The human did not let it run, or stopped it.
    Refused,
}

/// Something that could not be read. It is told, never hidden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// Which assistant's.
    pub assistant: Assistant,
    /// What: a file, or a directory.
    pub source: PathBuf,
    /// Why not, in a few words.
    pub reason: String,
}
