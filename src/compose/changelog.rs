//! The changelog: what has changed for users, in the groups of Keep a Changelog (<https://keepachangelog.com/en/1.1.0/>).
//!
//! In: [`Matter`] of commits. Out: an [`Outline`]. Never here: a wording that is not the commit's subject. Prefixes are those
//! of Conventional Commits (<https://www.conventionalcommits.org/en/v1.0.0/>); without one the subject's verb decides.

use super::matter::{Change, Matter};
use super::outline::{Item, Kind, Outline};
use super::subject::{Sort, capital, of_kind, prefix};
use crate::draft::cut;
use crate::journal::{ChangeGroup, Entry};
use crate::markdown::parts::counted;

/// The groups, in the order of the page.
const GROUPS: &[&str] = &["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];

/// So many of those that are left out are named.
const HIDDEN: usize = 20;

/// What a subject says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reading {
    /// Its place in [`GROUPS`]; `None` for what no user sees.
    group: Option<usize>,
    scope: Option<String>,
    breaking: bool,
    words: String,
}

/// The outline.
pub(super) fn outline(matter: &Matter) -> Outline {
    let mut groups: Vec<Vec<Item>> = vec![vec![]; GROUPS.len()];
    let mut hidden: Vec<&Change> = Vec::new();
    for commit in matter.commits.iter().filter(|commit| !commit.merge) {
        if is_undone(commit, matter) {
            hidden.push(commit);
            continue;
        }
        let reading = read(commit, matter.entry(&commit.id));
        match reading.group {
            Some(group) => groups[group].extend(items(&reading, commit)),
            None => hidden.push(commit),
        }
    }
    let mut outline = Outline::new(Kind::Changelog, "[Unreleased]");
    for (name, items) in GROUPS.iter().zip(groups) {
        outline.add(3, *name, items);
    }
    if outline.parts.is_empty() {
        outline.remarks.push("no commit changes anything for users".to_owned());
    }
    if let Some(base) = &matter.base {
        outline.remarks.push(format!("Since {}: {}", base.name, counted(matter.commits.len(), "commit")));
    }
    if !hidden.is_empty() {
        let name = |commit: &&Change| format!("{} {}", commit.id.short(), commit.subject);
        let mut names: Vec<String> = hidden.iter().take(HIDDEN).map(name).collect();
        names.extend((hidden.len() > HIDDEN).then(|| format!("and {} more", hidden.len() - HIDDEN)));
        outline.remarks.push(format!("Left out, as users do not see it: {}", names.join("; ")));
    }
    outline
}

/// What was changed, and what the message says of what it breaks.
fn items(reading: &Reading, commit: &Change) -> Vec<Item> {
    let lead = match (&reading.scope, reading.breaking) {
        (Some(scope), true) => format!("Breaking, {scope}:"),
        (None, true) => "Breaking:".to_owned(),
        (Some(scope), false) => format!("{scope}:"),
        (None, false) => String::new(),
    };
    let note = commit.body.split_once("BREAKING CHANGE:").or_else(|| commit.body.split_once("BREAKING-CHANGE:"));
    let note = note
        .map(|(_, text)| format!(". {}", cut::one_line(&cut::prose(text.split("\n\n").next().unwrap_or(text), 300))));
    vec![Item::led(lead, format!("{}{}", reading.words, note.unwrap_or_default()), vec![commit.id.clone()])]
}

fn read(commit: &Change, entry: Option<&Entry>) -> Reading {
    let (kind, scope, mark, words) = prefix(&commit.subject);
    let breaking = mark || commit.body.contains("BREAKING CHANGE:") || commit.body.contains("BREAKING-CHANGE:");
    let by_kind = kind.and_then(of_kind);
    let group = match by_kind {
        Some(Sort::Seen(group)) => Some(group),
        Some(Sort::Inward) => None,
        // A topic in front, as in "parser: add a rule", says where and not what.
        None if fixup(&commit.subject) || entry.is_some_and(is_inward) => None,
        None => Some(of_verb(&words)),
    };
    let scope = scope.or_else(|| kind.filter(|_| by_kind.is_none()).map(str::to_owned));
    // What breaks something is told, whatever its kind.
    let group = if breaking { group.or(Some(1)) } else { group };
    Reading { group, scope, breaking, words: capital(words.trim_end_matches('.')) }
}

/// The group of a subject without a kind, by the verb that it begins with.
fn of_verb(words: &str) -> usize {
    let lower = words.to_lowercase();
    if ["security", "cve-", "vulnerab"].iter().any(|word| lower.contains(word)) {
        return 5;
    }
    let first: String = lower.chars().take_while(|c| c.is_alphabetic()).collect();
    match first.as_str() {
        "add" | "adds" | "added" | "introduce" | "introduces" | "support" | "supports" | "allow" | "allows"
        | "implement" | "implements" | "provide" | "offer" | "offers" => 0,
        "deprecate" | "deprecates" | "deprecated" => 2,
        "remove" | "removes" | "removed" | "drop" | "drops" | "delete" | "deletes" | "deleted" => 3,
        "fix" | "fixes" | "fixed" | "correct" | "corrects" | "repair" | "repairs" | "mend" | "mends" | "prevent"
        | "avoid" | "handle" => 4,
        _ => 1,
    }
}

fn fixup(subject: &str) -> bool {
    ["fixup!", "squash!", "amend!", "wip"].iter().any(|start| subject.to_lowercase().starts_with(start))
}

/// Whether a commit changes nothing but tests, docs and generated files.
fn is_inward(entry: &Entry) -> bool {
    let inward = |group| matches!(group, ChangeGroup::Tests | ChangeGroup::Docs | ChangeGroup::Generated);
    let listed = &entry.changes.listed;
    !listed.is_empty() && listed.len() == entry.changes.files as usize && listed.iter().all(|file| inward(file.group))
}

/// Whether a commit undoes another of the same range, or is undone by one.
fn is_undone(commit: &Change, matter: &Matter) -> bool {
    let reverts = |one: &Change, other: &Change| {
        crate::git::rewrite::reverted_in(&one.body).is_some_and(|id| id == other.id)
            || one.subject == format!("Revert \"{}\"", other.subject)
    };
    matter.commits.iter().any(|other| reverts(commit, other) || reverts(other, commit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(subject: &str, body: &str) -> Reading {
        let commit = Change {
            id: crate::git::CommitId::parse(&"a".repeat(40)).unwrap(),
            at: chrono::DateTime::parse_from_rfc3339("2026-01-06T16:02:06+01:00").unwrap(),
            subject: subject.to_owned(),
            body: body.to_owned(),
            merge: false,
        };
        read(&commit, None)
    }

    #[test]
    fn subjects_are_sorted_by_their_kind_or_their_verb_and_keep_their_words() {
        let check = |subject: &str, group: Option<&str>, scope: Option<&str>, words: &str| {
            let reading = of(subject, "");
            let found = (reading.group.map(|at| GROUPS[at]), reading.scope.as_deref(), reading.words.as_str());
            assert_eq!(found, (group, scope, words), "{subject}");
        };
        check("feat(parser): take tabs", Some("Added"), Some("parser"), "Take tabs");
        check("fix: keep the last line.", Some("Fixed"), None, "Keep the last line");
        check("chore: update deps", None, None, "Update deps");
        check("Add an option for quiet output", Some("Added"), None, "Add an option for quiet output");
        check("parser: drop the old syntax", Some("Removed"), Some("parser"), "Drop the old syntax");
        check("Make it twice as fast", Some("Changed"), None, "Make it twice as fast");
        check("Update openssl for CVE-2026-1", Some("Security"), None, "Update openssl for CVE-2026-1");
        check("note: this: that", Some("Changed"), Some("note"), "This: that");
        check("a sentence, and then: more", Some("Changed"), None, "A sentence, and then: more");
        check("fixup! feat: x", None, None, "Fixup! feat: x");
        check("", Some("Changed"), None, "");
    }

    #[test]
    fn what_breaks_something_is_told_whatever_its_kind() {
        assert!(of("refactor!: rename the option", "").breaking);
        let told = of("chore: x", "Why.\n\nBREAKING CHANGE: the file moved");
        assert_eq!((told.group, told.breaking), (Some(1), true));
    }
}
