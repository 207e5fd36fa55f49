//! Work that was come back to on several days.
//!
//! In: a period's entries. Out: [`Thread`]s, each with the reasons why its commits are taken for one.
//! Never here: a guess. What commits have in common stands on their pages: a topic in the subject, the number of an issue,
//! a branch, a conversation, a file, a command that failed.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::material::{Material, Told};
use crate::journal::{ChangeGroup, Clue, Common, Listed, Thread, Unit};

/// Branches on which everything is made say nothing.
const TRUNKS: &[&str] = &["main", "master", "trunk", "develop", "development", "dev", "HEAD"];

/// Kinds of change that people begin subjects with, which say nothing of what is changed.
const KINDS: &[&str] = &[
    "feat", "feature", "fix", "fixes", "docs", "doc", "style", "refactor", "perf", "test", "tests", "build", "ci",
    "chore", "revert", "wip", "release", "merge", "fixup!", "squash!", "hotfix", "bugfix", "misc",
];

/// Names of standards and encodings look like those of issues.
const OTHERS: &[&str] = &["UTF", "ISO", "SHA", "RFC", "CVE", "BASE", "AES", "RSA", "UTC", "GMT", "HTTP", "TLS"];

/// So many reasons are named.
const FEW_CLUES: usize = 3;

/// Of more commits than these, what most of them have in common is no thread but the project.
const MANY: usize = 8;

/// The threads of a period, those of the most days first.
pub(super) fn threads(material: &Material, most: usize) -> Listed<Thread> {
    let Some(days) = days_needed(material.period.unit) else { return Listed::default() };
    let mut groups: BTreeMap<Common, BTreeSet<usize>> = BTreeMap::new();
    for (at, told) in material.entries.iter().enumerate() {
        for common in commons(told) {
            groups.entry(common).or_default().insert(at);
        }
    }
    let day = |at: &usize| material.entries[*at].day;
    let spans = |commits: &BTreeSet<usize>| commits.iter().map(day).collect::<BTreeSet<NaiveDate>>().len() >= days;
    let mut groups: Vec<(Common, BTreeSet<usize>)> = groups.into_iter().collect();
    groups.retain(|(common, commits)| spans(commits) && says(common, commits.len(), material.entries.len()));
    groups.sort_by_key(|(common, commits)| (Reverse(commits.len() * weight(common)), common.clone()));
    let mut threads: Vec<(BTreeSet<usize>, Vec<Clue>)> = Vec::new();
    for (common, commits) in groups {
        let clue = Clue { what: common, commits: commits.len() };
        let known = threads.iter_mut().find(|(of, _)| commits.intersection(of).count() * 4 >= commits.len() * 3);
        match known {
            // Most of what it holds is told by a stronger reason already.
            Some((_, clues)) if clues.len() < FEW_CLUES => clues.push(clue),
            Some(_) => {}
            None => threads.push((commits, vec![clue])),
        }
    }
    let mut threads: Vec<Thread> =
        threads.into_iter().filter_map(|(commits, clues)| thread(material, &commits, clues)).collect();
    threads.sort_by_key(|thread| (Reverse(thread.days.len()), Reverse(thread.commits), thread.first.at));
    threads.truncate(most);
    // The rest is no more than what every project has: commits that touch the same.
    Listed { listed: threads, more: 0 }
}

/// On so many days a thread must have been taken up; none within a day.
fn days_needed(unit: Unit) -> Option<usize> {
    match unit {
        Unit::Day => None,
        Unit::Week => Some(2),
        Unit::Month => Some(3),
        Unit::Quarter => Some(4),
        Unit::Year => Some(6),
    }
}

fn thread(material: &Material, commits: &BTreeSet<usize>, clues: Vec<Clue>) -> Option<Thread> {
    let of: Vec<&Told> = commits.iter().map(|at| &material.entries[*at]).collect();
    let days: BTreeSet<NaiveDate> = of.iter().map(|told| told.day).collect();
    let (first, last) = (of.first()?.link(), of.last()?.link());
    Some(Thread { clues, days: days.into_iter().collect(), commits: of.len(), first, last })
}

/// Whether so many of all commits having this in common says something.
fn says(common: &Common, commits: usize, all: usize) -> bool {
    let is_the_project = all > MANY && commits * 10 > all * 7;
    match common {
        Common::Issue(_) | Common::Branch(_) => true,
        Common::Topic(_) | Common::Session(..) | Common::Command(_) => !is_the_project,
        Common::File(_) => commits >= 3 && commits * 2 <= all.max(MANY),
    }
}

/// How much it says that a commit has it.
fn weight(common: &Common) -> usize {
    match common {
        Common::Issue(_) | Common::Topic(_) | Common::Branch(_) => 6,
        Common::Session(..) => 4,
        Common::Command(_) => 2,
        Common::File(_) => 1,
    }
}

/// What a commit may have in common with others.
fn commons(told: &Told) -> BTreeSet<Common> {
    let entry = &told.entry;
    let mut all = BTreeSet::new();
    all.extend(topic(&entry.subject).map(Common::Topic));
    let message = [entry.subject.as_str(), entry.body.as_str()];
    all.extend(message.iter().flat_map(|text| issues(text)).map(Common::Issue));
    let branch = entry.details.branch.iter().filter(|branch| !TRUNKS.contains(&branch.as_str()));
    all.extend(branch.cloned().map(Common::Branch));
    if !told.repeats() {
        let files = entry.changes.listed.iter();
        let files = files.filter(|file| matches!(file.group, ChangeGroup::Source | ChangeGroup::Tests));
        all.extend(files.map(|file| Common::File(file.path.clone())));
    }
    all.extend(entry.details.sessions.iter().map(|line| Common::Session(line.assistant, line.session.clone())));
    all.extend(entry.roadblocks.iter().map(|roadblock| Common::Command(roadblock.command.clone())));
    all
}

/// What a subject begins with: `uploads` of `uploads: resume` and of `fix(uploads): resume`.
fn topic(subject: &str) -> Option<String> {
    let (head, _) = subject.split_once(": ")?;
    let head = head.trim_end_matches('!').to_lowercase();
    let topic = match head.split_once('(') {
        Some((kind, scope)) if KINDS.contains(&kind.trim()) => scope.strip_suffix(')')?.trim().to_owned(),
        Some(_) => return None,
        None => head,
    };
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | '.' | ',' | ' ' | '&');
    let few = topic.split_whitespace().count() <= 3 && topic.chars().count() <= 40;
    (few && !topic.is_empty() && topic.chars().all(is_word) && !KINDS.contains(&&*topic)).then_some(topic)
}

/// The numbers of issues in a message: `#12`, `ABC-7`.
fn issues(text: &str) -> BTreeSet<String> {
    let is_outside = |c: char| c.is_whitespace() || "()[]{},;:.!?\"'`".contains(c);
    text.split(is_outside).filter(|word| is_issue(word)).map(str::to_owned).collect()
}

fn is_issue(word: &str) -> bool {
    let is_number = |text: &str| (1..=7).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(number) = word.strip_prefix('#') {
        return is_number(number);
    }
    word.split_once('-').is_some_and(|(project, number)| {
        let is_project = project.len() >= 2
            && project.starts_with(|c: char| c.is_ascii_uppercase())
            && project.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        is_project && is_number(number) && !OTHERS.contains(&project)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_names_its_topic_or_none() {
        let check =
            |subject: &str, expected: Option<&str>| assert_eq!(topic(subject).as_deref(), expected, "{subject}");
        check("uploads: resume where they broke off", Some("uploads"));
        check("fix(Uploads)!: resume", Some("uploads"));
        check("feat: resume uploads", None);
        check("fix: x: y", None);
        check("Resume uploads", None);
        check("a long sentence that goes on: and on", None);
        check("src/store: keep pages", Some("src/store"));
        check("say \"no\": twice", None);
    }

    #[test]
    fn issues_are_told_from_encodings() {
        let check = |text: &str, expected: &[&str]| {
            assert_eq!(issues(text).into_iter().collect::<Vec<_>>(), expected, "{text}");
        };
        check("Fixes #12, see (#7) and ABC-42.", &["#12", "#7", "ABC-42"]);
        check("read UTF-8, SHA-256 and ISO-8601", &[]);
        check("# 3 #x a#4 A-1 abc-1 #123456789", &[]);
    }
}
