//! Roles: by which words a claim means the developer or an assistant, and which verbs tell what somebody said.
//!
//! In: words. Out: whether they are such. Never here: who said what.

use super::words::Token;

pub(super) const DEVELOPER: &[&str] = &["developer", "human", "author", "maintainer", "programmer", "engineer"];
#[rustfmt::skip]
pub(super) const NAMES: &[&str] = &[
    "claude", "codex", "gemini", "copilot", "cursor", "cline", "aider", "goose", "amp", "droid", "chatgpt", "gpt",
    "windsurf", "qwen", "opencode", "kilo", "antigravity",
];
pub(super) const ASSISTANT: &[&str] = &["assistant", "ai", "agent", "chatbot"];

/// Verbs of saying, wanting and noticing: what follows them is somebody's own word.
#[rustfmt::skip]
pub(super) const TELLING: &[&str] = &[
    "ask", "asks", "asked", "asking", "want", "wants", "wanted", "wish", "wished", "need", "needed", "request",
    "requested", "requests", "suggest", "suggests", "suggested", "propose", "proposes", "proposed", "report",
    "reports", "reported", "notice", "noticed", "notices", "note", "noted", "notes", "say", "says", "said",
    "saying", "tell", "tells", "told", "write", "writes", "wrote", "mention", "mentions", "mentioned", "explain",
    "explains", "explained", "describe", "described", "point", "points", "pointed", "warn", "warns", "warned",
    "recommend", "recommends", "recommended", "prefer", "prefers", "preferred", "insist", "insists", "insisted",
    "argue", "argued", "argues", "object", "objected", "objects", "complain", "complained", "complains", "wonder",
    "wondered", "question", "questioned", "state", "stated", "claim", "claimed", "claims", "reply", "replied",
    "replies", "answer", "answered", "answers", "respond", "responded", "admit", "admitted", "admits", "remind",
    "reminded", "suspect", "suspected", "suspects", "find", "found", "finds", "discover", "discovered", "trace",
    "traced", "identify", "identified", "observe", "observed", "think", "thought", "believe", "believed", "expect",
    "expected", "hope", "hoped", "plan", "planned", "plans", "intend", "intended", "realise", "realised",
    "realized", "advise", "advised", "offer", "offered", "offers", "call", "called", "order", "ordered", "put",
    "stress", "stressed", "conclude", "concluded", "spot", "spotted", "guess", "guessed", "instruct", "instructed",
    "diagnosed", "add", "added", "settle", "settled", "settles", "opted", "opts", "demand", "demanded", "demands",
];

/// Verbs of agreeing: what follows them is the other's word.
#[rustfmt::skip]
pub(super) const AGREEING: &[&str] = &[
    "agree", "agreed", "agrees", "approve", "approved", "approves", "accept", "accepted", "confirm", "confirmed",
    "rejected", "rejects", "declined", "decide", "decided", "chose", "choose",
];

/// Words that make a mention the one who is spoken to.
pub(super) const TO: &[&str] = &[
    "told", "asked", "reminded", "warned", "informed", "to", "for", "with", "gave", "showed", "answered", "advised",
    "asks", "tells",
];

/// Whether a word means the developer or an assistant by what they are.
pub(super) fn is_role(lower: &str) -> bool {
    DEVELOPER.contains(&lower) || ASSISTANT.contains(&lower)
}

/// Whether a word is the name of an assistant.
pub(super) fn is_assistant(lower: &str) -> bool {
    NAMES.contains(&lower)
}

/// Whether a word tells what somebody said, wanted or decided.
pub(super) fn tells(token: &Token) -> bool {
    verb(token).is_some()
}

pub(super) fn verb(token: &Token) -> Option<bool> {
    let lower = token.lower.as_str();
    if AGREEING.contains(&lower) {
        Some(false)
    } else {
        (TELLING.contains(&lower) && !matches!(lower, "add" | "added")).then_some(true)
    }
}

/// What the human does, for the most part.
pub(super) const WANTING: &[&str] = &[
    "wanted",
    "wants",
    "insisted",
    "insists",
    "asked",
    "asks",
    "requested",
    "requests",
    "preferred",
    "prefers",
    "decided",
    "decides",
    "chose",
    "settled",
    "settles",
    "opted",
    "opts",
    "demanded",
    "demands",
];

/// Who proposes or finds something is the first to speak of it.
#[rustfmt::skip]
pub(super) const FIRST: &[&str] = &[
    "proposed", "proposes", "suggested", "suggests", "offered", "offers", "recommended", "recommends", "found",
    "finds", "discovered", "noticed", "notices", "spotted", "identified",
];
