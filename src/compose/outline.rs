//! A draft as plain data.
//!
//! In: nothing. Out: [`Outline`] and its parts. Never here: Markdown, or where an entry's page lies.

use chrono::{DateTime, FixedOffset};

use crate::git::CommitId;
use crate::journal::Speaker;

/// The drafts there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// What was done, what fought back, what is open: ten lines.
    Standup,
    /// The description of a branch for who reviews it.
    PullRequest,
    /// What has changed for users since the last release.
    Changelog,
    /// What somebody has done in a period.
    Review,
    /// One story for readers outside of the project.
    Blog,
    /// Slides, one message each.
    Talk,
}

/// A draft.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline {
    /// Which.
    pub kind: Kind,
    /// Its title; plain text.
    pub title: String,
    /// Its parts, none of them empty.
    pub parts: Vec<Part>,
    /// Remarks of ours at its end: what was left out, who wrote the prose.
    pub remarks: Vec<String>,
}

/// A part under a heading.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The heading; plain text.
    pub heading: String,
    /// How deep it stands: 2 below the title, 3 below another part.
    pub level: u8,
    /// What stands there.
    pub items: Vec<Item>,
}

/// Something in a part, with the commits whose entries it is from, oldest first.
///
/// Texts are plain, on one line, with code between backticks as their only markup, but for the words of quotes.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// An item of a list.
    Point {
        /// Stands first and in bold; may be empty.
        lead: String,
        /// The rest; may be empty.
        text: String,
        /// What it is from.
        sources: Vec<CommitId>,
        /// Whether a model wrote it and the check let it stand.
        prose: bool,
    },
    /// What somebody said, as the entry has it.
    Quote {
        /// Who.
        speaker: Speaker,
        /// When.
        at: DateTime<FixedOffset>,
        /// The words, on as many lines as they have.
        words: String,
        /// Where it stands.
        source: CommitId,
    },
    /// What a command printed last when it failed.
    Output {
        /// The lines.
        text: String,
        /// Where it stands.
        source: CommitId,
    },
    /// Sentences of a model that stood the check, each with what it rests on; none where that was counted.
    Paragraph {
        /// The sentences.
        sentences: Vec<(String, Vec<CommitId>)>,
    },
    /// A word of ours to who goes on with the draft.
    Advice {
        /// The words.
        text: String,
    },
}

impl Kind {
    /// All, in the order of the help.
    pub const ALL: &[Self] = &[Self::Standup, Self::PullRequest, Self::Changelog, Self::Review, Self::Blog, Self::Talk];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Standup => "standup",
            Self::PullRequest => "pr",
            Self::Changelog => "changelog",
            Self::Review => "review",
            Self::Blog => "blog",
            Self::Talk => "talk",
        }
    }
}

impl Outline {
    /// A draft without a part yet.
    #[must_use]
    pub fn new(kind: Kind, title: impl Into<String>) -> Self {
        Self { kind, title: title.into(), parts: Vec::new(), remarks: Vec::new() }
    }

    /// The draft with a part more, if there is anything in it.
    #[must_use]
    pub fn with(mut self, heading: impl Into<String>, items: impl IntoIterator<Item = Item>) -> Self {
        self.add(2, heading, items);
        self
    }

    /// Adds a part, if there is anything in it.
    pub fn add(&mut self, level: u8, heading: impl Into<String>, items: impl IntoIterator<Item = Item>) {
        let items: Vec<Item> = items.into_iter().collect();
        if !items.is_empty() {
            self.parts.push(Part { heading: heading.into(), level, items });
        }
    }

    /// The commits that it names, each once, in the order in which they are named.
    #[must_use]
    pub fn sources(&self) -> Vec<&CommitId> {
        let mut sources = Vec::new();
        for source in self.parts.iter().flat_map(|part| &part.items).flat_map(Item::sources) {
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
        sources
    }
}

impl Item {
    /// An item of a list.
    #[must_use]
    pub fn point(text: impl Into<String>, sources: Vec<CommitId>) -> Self {
        Self::Point { lead: String::new(), text: text.into(), sources, prose: false }
    }

    /// An item of a list with its first words in bold.
    #[must_use]
    pub fn led(lead: impl Into<String>, text: impl Into<String>, sources: Vec<CommitId>) -> Self {
        Self::Point { lead: lead.into(), text: text.into(), sources, prose: false }
    }

    /// What it is from.
    #[must_use]
    pub fn sources(&self) -> Vec<&CommitId> {
        match self {
            Self::Point { sources, .. } => sources.iter().collect(),
            Self::Quote { source, .. } | Self::Output { source, .. } => vec![source],
            Self::Paragraph { sentences } => sentences.iter().flat_map(|(_, sources)| sources).collect(),
            Self::Advice { .. } => vec![],
        }
    }
}
