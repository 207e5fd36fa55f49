//! An entry as what it says, piece by piece.
//!
//! In: an [`Entry`]. Out: its [`Passage`]s: every word of it, with who said it and in which part of the entry.
//! Never here: Markdown, or a judgement about what matters more (the weights apart).

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset};

use crate::journal::{Decision, Entry, Imported, NoteKind, Relation, Speaker, Standing};

/// The parts of an entry that are looked through apart from each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The message's subject.
    Subject,
    /// The message's body.
    Message,
    /// What the human asked for.
    Prompts,
    /// What assistants answered.
    Replies,
    /// What was settled, and weighed.
    Decisions,
    /// Reflections, captured context, and what was written by hand.
    Notes,
    /// A model's prose.
    Prose,
    /// Commands that failed, and what they printed.
    Roadblocks,
    /// Files and other commands.
    Changes,
    /// The bookkeeping.
    Details,
    /// Texts of earlier programs.
    Imported,
}

impl Field {
    /// All, in the order of the index.
    pub const ALL: &[Self] = &[
        Self::Subject,
        Self::Message,
        Self::Prompts,
        Self::Replies,
        Self::Decisions,
        Self::Notes,
        Self::Prose,
        Self::Roadblocks,
        Self::Changes,
        Self::Details,
        Self::Imported,
    ];

    /// Its name, in queries and JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Message => "message",
            Self::Prompts => "prompts",
            Self::Replies => "replies",
            Self::Decisions => "decisions",
            Self::Notes => "notes",
            Self::Prose => "prose",
            Self::Roadblocks => "roadblocks",
            Self::Changes => "changes",
            Self::Details => "details",
            Self::Imported => "imported",
        }
    }

    /// How much a word counts there.
    #[must_use]
    pub fn weight(self) -> f64 {
        match self {
            Self::Subject => 10.0,
            Self::Prompts | Self::Decisions | Self::Notes => 5.0,
            Self::Message | Self::Prose => 3.0,
            Self::Replies | Self::Roadblocks => 2.0,
            Self::Imported => 1.5,
            // Lock files change with nearly every entry, and nobody looks for them.
            Self::Changes | Self::Details => 0.5,
        }
    }
}

/// A piece of an entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Passage<'a> {
    /// The part it stands in.
    pub field: Field,
    /// Who said it, where it is a quote.
    pub speaker: Option<Speaker>,
    /// When it was said, in the author's offset.
    pub at: Option<DateTime<FixedOffset>>,
    /// The words; never empty.
    pub text: Cow<'a, str>,
}

/// All passages of an entry.
#[must_use]
pub fn passages(entry: &Entry) -> Vec<Passage<'_>> {
    let mut all = Vec::new();
    add(&mut all, Field::Subject, &*entry.subject);
    add(&mut all, Field::Message, &*entry.body);
    for quote in entry.conversation.iter().flat_map(|turn| std::iter::once(&turn.prompt).chain(&turn.reply)) {
        let field = if quote.speaker == Speaker::Developer { Field::Prompts } else { Field::Replies };
        let (speaker, at) = (Some(quote.speaker), Some(quote.at));
        all.push(Passage { field, speaker, at, text: Cow::from(&quote.text) });
    }
    decisions(&mut all, entry);
    for note in &entry.notes {
        let speaker = (note.kind == NoteKind::Reflection).then_some(Speaker::Developer);
        let at = Some(note.at.with_timezone(entry.at.offset()));
        all.push(Passage { field: Field::Notes, speaker, at, text: Cow::from(&note.text) });
    }
    add(&mut all, Field::Notes, &*entry.by_hand);
    if let Some(prose) = &entry.narration {
        for text in
            [&prose.summary, &prose.synopsis, &prose.roadblocks, &prose.lessons, &prose.mood].into_iter().flatten()
        {
            add(&mut all, Field::Prose, &**text);
        }
        add(&mut all, Field::Details, &*prose.model);
    }
    for block in &entry.roadblocks {
        add(&mut all, Field::Roadblocks, &*block.command);
        add(&mut all, Field::Roadblocks, &*block.output);
    }
    changes(&mut all, entry);
    details(&mut all, entry);
    all.extend(entry.imported.iter().flat_map(imported));
    all.retain(|passage| !passage.text.trim().is_empty());
    all
}

/// The passages of a text that an earlier program wrote.
#[must_use]
pub fn imported(text: &Imported) -> [Passage<'_>; 2] {
    let passage = |text| Passage { field: Field::Imported, speaker: None, at: None, text: Cow::Borrowed(text) };
    [passage(&text.text), passage(&text.source)]
}

fn add<'a>(all: &mut Vec<Passage<'a>>, field: Field, text: impl Into<Cow<'a, str>>) {
    all.push(Passage { field, speaker: None, at: None, text: text.into() });
}

fn decisions<'a>(all: &mut Vec<Passage<'a>>, entry: &'a Entry) {
    for decision in &entry.decisions {
        match decision {
            Decision::Answered { question, answer } => {
                add(all, Field::Decisions, format!("{question} {answer}"));
            }
            Decision::Approved { plan } | Decision::Declined { plan } => add(all, Field::Decisions, &**plan),
        }
    }
    for weighed in entry.narration.iter().flat_map(|prose| &prose.decisions) {
        let files = match &weighed.standing {
            Standing::Implemented(files) => files.join(" "),
            Standing::Discussed => String::new(),
        };
        let colon = if weighed.why.is_empty() { "" } else { ": " };
        add(all, Field::Decisions, format!("{}{colon}{}", weighed.what, weighed.why));
        add(all, Field::Changes, files);
    }
}

fn changes<'a>(all: &mut Vec<Passage<'a>>, entry: &'a Entry) {
    for change in &entry.changes.listed {
        change.paths().for_each(|path| add(all, Field::Changes, path));
    }
    for command in &entry.commands.listed {
        add(all, Field::Changes, &*command.line);
    }
}

fn details<'a>(all: &mut Vec<Passage<'a>>, entry: &'a Entry) {
    let details = &entry.details;
    add(all, Field::Details, entry.commit.as_str());
    add(all, Field::Details, &*details.author);
    for text in details.branch.iter().chain(&details.conflicts).chain(&details.omissions) {
        add(all, Field::Details, &**text);
    }
    for commit in &details.merged {
        add(all, Field::Details, commit.as_str());
    }
    for relation in &details.relations {
        let others = match relation {
            Relation::PickedFrom(other) | Relation::Reverts(other) => std::slice::from_ref(other),
            Relation::Squashes(others) => others,
        };
        for other in others {
            add(all, Field::Details, other.as_str());
        }
    }
    for session in &details.sessions {
        add(all, Field::Details, session.assistant.name());
        add(all, Field::Details, &*session.session);
        add(all, Field::Details, session.model.as_deref().unwrap_or_default());
    }
}
