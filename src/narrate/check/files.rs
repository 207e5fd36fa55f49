//! Files: what happened to a file, and to a symbol, as git and the changed lines have it.
//!
//! In: a name in a [`Statement`]. Out: nothing, or that the commit did something else. Never here: whether the name exists.

use super::ledger::{Ledger, Voice};
use super::statement::Statement;
use super::words::{Kind, Token};
use crate::journal::{ChangedFile, Mark};

/// What a word says of the file beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    New,
    Gone,
    Moved,
    /// Changed in some way.
    Touched,
    /// Changed where it stood before.
    Changed,
}

fn fate(lower: &str) -> Option<Fate> {
    Some(match lower {
        "new" | "added" | "adds" | "add" | "adding" | "created" | "creates" | "create" | "creating" | "introduced"
        | "introduces" => Fate::New,
        "deleted" | "deletes" | "delete" | "deleting" | "removed" | "removes" | "remove" | "removing" | "gone"
        | "dropped" | "drops" => Fate::Gone,
        "renamed" | "renames" | "rename" | "renaming" | "moved" | "moves" | "moving" | "became" | "becomes" => {
            Fate::Moved
        }
        "modified" | "modifies" | "edited" | "edits" | "updated" | "updates" | "rewritten" | "rewrote" => Fate::Changed,
        "changed" | "changes" | "change" | "changing" | "touched" | "touches" | "gained" | "gains" | "lost"
        | "loses" => Fate::Touched,
        _ => return None,
    })
}

/// A file of which something is said to have happened, has that fate in the commit.
pub(super) fn status(said: &Statement, at: usize, token: &Token, ledger: &Ledger<'_>) -> Result<(), String> {
    let text = token.text.as_str();
    let is_path = text.contains('.') || text.contains('/');
    let facts = &ledger.exhibits.facts;
    let here = |path: &str| path == text || path.ends_with(&format!("/{text}"));
    let file = facts.changes.iter().find(|file| here(&file.path));
    let source = facts.changes.iter().find(|file| file.former().is_some_and(here));
    if !is_path && !text.contains(' ') && token.kind == Kind::Code && reworked(said, at) && !in_change(text, ledger) {
        return Err(format!("no change has \"{text}\""));
    }
    if !is_path || text.contains(' ') {
        return Ok(());
    }
    let last = text.rsplit('/').next().unwrap_or(text);
    let known_file = file.is_some()
        // `fastlane/Fastfile`
        || (text.contains('/') && last.ends_with("file") && last.starts_with(char::is_uppercase))
        || source.is_some()
        || text
            .rsplit('.')
            .next()
            .is_some_and(|end| (1..5).contains(&end.len()) && end.bytes().all(|b| b.is_ascii_lowercase()));
    if file.is_none() && source.is_none() && known_file && !is_symbol(text, ledger) && altered(said, at) {
        return Err(format!("the commit does not change \"{text}\""));
    }
    for said_fate in fates(said, at) {
        let right = match (file, source) {
            (Some(file), _) => agrees(file, said_fate),
            (None, Some(_)) => matches!(said_fate, Fate::Moved | Fate::Touched),
            // A symbol with a dot, or a file that the commit does not touch.
            (None, None) => !known_file || is_symbol(text, ledger),
        };
        if !right {
            return Err(format!("the commit has done something else with \"{text}\""));
        }
    }
    Ok(())
}

/// Whether the clause says that something was done in or with the file: "was added in x", "x now requires".
fn altered(said: &Statement, at: usize) -> bool {
    const BUT: &[&str] = &[
        "not",
        "no",
        "never",
        "would",
        "could",
        "can",
        "should",
        "asked",
        "wanted",
        "offered",
        "suggested",
        "proposed",
        "declined",
        "whether",
        "instead",
        "left",
        "alone",
        "cannot",
        "without",
        "because",
        "if",
        "considered",
        "discussed",
        "rejected",
        "later",
        "planned",
        "is",
        "has",
        "mentioned",
        "imports",
        "to",
        "unchanged",
    ];
    let clause = &said.tokens[said.clause(at)];
    let longer = clause.windows(2).any(|pair| pair[0].lower == "no" && pair[1].lower == "longer");
    if longer && clause.first().is_some_and(|first| matches!(first.kind, Kind::Code | Kind::Name)) {
        return true;
    }
    let passive = clause.windows(2).any(|pair| {
        pair[0].is(&["was", "were", "been", "got", "now"]) && (fate(&pair[1].lower).is_some() || pair[0].lower == "now")
    });
    passive && !said.words().any(|token| token.is(BUT) || token.lower.ends_with("n't"))
}

/// "`x` was fixed".
fn reworked(said: &Statement, at: usize) -> bool {
    let next = |offset: usize| said.tokens.get(at + offset);
    next(1).is_some_and(|token| token.is(&["was", "were", "is", "has"]))
        && (2..=3).any(|offset| {
            next(offset)
                .is_some_and(|token| token.is(&["fixed", "rewritten", "refactored", "changed", "updated", "extended"]))
        })
}

/// Whether changed lines or the message have a symbol, or an assistant tells in English what it did with it. True where no
/// changed lines are shown.
fn in_change(text: &str, ledger: &Ledger<'_>) -> bool {
    let shown = ledger.utterances.iter().any(|utterance| utterance.voice == Voice::Code);
    !shown
        || ledger.utterances.iter().any(|utterance| {
            let counts = matches!(utterance.voice, Voice::Code | Voice::Message)
                || matches!(utterance.voice, Voice::Assistant(Some(_)))
                    && !super::ledger::is_foreign(&utterance.folded);
            counts && super::ledger::stands(text, &utterance.folded, true)
        })
}

/// Whether changed lines have the name: then it is not the name of a file that the commit leaves alone.
fn is_symbol(text: &str, ledger: &Ledger<'_>) -> bool {
    !text.contains('/')
        && ledger
            .utterances
            .iter()
            .any(|utterance| utterance.voice == Voice::Code && super::ledger::stands(text, &utterance.folded, true))
}

fn agrees(file: &ChangedFile, fate: Fate) -> bool {
    match (&file.mark, fate) {
        (Mark::Added | Mark::CopiedFrom(_), Fate::New | Fate::Touched)
        | (Mark::Deleted, Fate::Gone)
        | (Mark::RenamedFrom(_), Fate::Moved | Fate::Changed | Fate::Touched | Fate::New) => true,
        (Mark::Added | Mark::Deleted | Mark::RenamedFrom(_) | Mark::CopiedFrom(_), _) => false,
        (_, fate) => matches!(fate, Fate::Changed | Fate::Touched),
    }
}

/// What the sentence says of the file that this token names: `x is new`, `x and y were deleted`, `deletes x`.
fn fates(said: &Statement, at: usize) -> Vec<Fate> {
    let tokens = &said.tokens;
    let before = |at: usize| at.checked_sub(1).map(|at| &tokens[at]);
    let nameish = |token: &Token| matches!(token.kind, Kind::Code | Kind::Name);
    // Back over `a, b and` to what stands before the row of names.
    let mut start = at;
    while let Some(token) = before(start)
        && (nameish(token)
            || token.is(&["and", "the", "a", "both", "file", "files", "old"])
            || (token.text == "," && !tokens[start].is(&["and"])))
    {
        start -= 1;
    }
    let mut found = Vec::new();
    if let Some(token) = before(start)
        && token.kind == Kind::Word
    {
        // `in x`, `to x`: the verb has another object.
        found.extend(fate(&token.lower));
    }
    let placed = before(start).is_some_and(|token| {
        token.is(&[
            "in", "to", "of", "from", "at", "into", "by", "within", "via", "under", "through", "with", "for", "on",
        ])
    });
    if placed {
        // "the fix is in x", "in x, which was changed"
        let changes = said.words().any(|token| token.is(&["fix", "fixed", "change", "changes", "correction"]));
        let relative = tokens.get(at + 1).is_some_and(|token| token.kind == Kind::Stop)
            && tokens.get(at + 2).is_some_and(|token| token.is(&["which"]));
        if relative {
            found.extend(tokens[at + 2..].iter().take(5).find_map(|token| fate(&token.lower)));
        } else if changes
            && tokens[..start].iter().rev().take(3).any(|token| token.is(&["is", "are", "was", "lies", "sits"]))
        {
            found.push(Fate::Touched);
        }
        return found;
    }
    // Forward over the rest of the row, then `was also renamed`.
    let mut end = at + 1;
    while tokens
        .get(end)
        .is_some_and(|token| nameish(token) || token.is(&["and", "both", "its", "test"]) || token.text == ",")
    {
        end += 1;
    }
    // "x was deleted and y renamed"
    let ends = |at: usize| tokens.get(at).is_none_or(|token| token.kind == Kind::Stop);
    if end == at + 1
        && ends(at + 2)
        && tokens.get(at + 1).is_some_and(|next| next.is(&["deleted", "renamed", "removed", "added"]))
    {
        found.extend(fate(&tokens[at + 1].lower));
    }
    let mut passive = false;
    for token in tokens[end.min(tokens.len())..].iter().take(6) {
        if token.kind == Kind::Stop {
            break;
        }
        if token.is(&["was", "were", "is", "are", "been", "has", "have", "which", "that", "got", "gets", "now", "also"])
        {
            passive = true;
        } else if token.is(&["a", "an", "the", "no"]) {
            // "has a new section"
            break;
        } else if let Some(found_fate) = fate(&token.lower) {
            let active =
                token.is(&["changed", "changes", "gained", "lost", "gains", "loses", "change", "became", "becomes"]);
            if passive || active {
                found.push(found_fate);
            }
            if !token.is(&["rewritten"]) {
                break;
            }
        } else if !passive || token.kind != Kind::Word {
            break;
        }
    }
    found
}
