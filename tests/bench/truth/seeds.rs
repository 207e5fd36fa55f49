//! The seeds of the truth benchmark: evidence of invented commits, with claims that are true of it and claims that are not.
//!
//! In: the files `*.md` of a directory, in the format that `README.md` beside this file describes. Out: what became of each
//! claim. Never here: a rule of the check.

#![allow(dead_code, reason = "the benchmark and the test use different parts")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use chrono::{DateTime, FixedOffset, NaiveTime};
use commit_story::chat::Assistant;
use commit_story::config::RedactConfig;
use commit_story::evidence::redact::Redactor;
use commit_story::git::CommitId;
use commit_story::journal::{ChangeGroup, ChangedFile, Entry, Mark, NoteKind, Roadblock};
use commit_story::markdown;
use commit_story::narrate::check::{Dropped, check};
use commit_story::narrate::exhibit::{Exhibit, Exhibits, Facts, Kind, Session};
use commit_story::narrate::{reply, several};

/// One file.
pub(crate) struct Seed {
    pub(crate) name: String,
    pub(crate) evidence: Evidence,
    pub(crate) claims: Vec<Seeded>,
}

/// What its claims are about.
pub(crate) enum Evidence {
    /// A commit.
    Commit(Box<Exhibits>),
    /// Entries of the journal.
    Several(Vec<Entry>),
}

/// One claim.
pub(crate) struct Seeded {
    pub(crate) truth: bool,
    /// Whether it is a falsehood that is known to slip through: it is counted by itself.
    pub(crate) slips: bool,
    /// The section's word, in the singular.
    pub(crate) section: String,
    /// Of what kind a falsehood is.
    pub(crate) kind: String,
    /// The words, with the references, as a reply has them.
    pub(crate) text: String,
}

/// What became of a claim.
pub(crate) struct Outcome<'s> {
    pub(crate) seed: &'s Seed,
    pub(crate) claim: &'s Seeded,
    pub(crate) kept: bool,
    pub(crate) reason: String,
}

/// Reads every seed of a directory, by name, those about several entries in its directory `several` last.
pub(crate) fn read(directory: &Path) -> Vec<Seed> {
    let several = directory.join("several");
    let mut seeds = files(directory, false);
    if several.is_dir() {
        seeds.extend(files(&several, true));
    }
    seeds
}

fn files(directory: &Path, several: bool) -> Vec<Seed> {
    let mut paths: Vec<_> = std::fs::read_dir(directory)
        .unwrap_or_else(|error| panic!("cannot read {}: {error}", directory.display()))
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension().is_some_and(|end| end == "md") && path.file_stem().is_some_and(|name| name != "README")
        })
        .collect();
    paths.sort();
    paths.iter().map(|path| seed(path, several)).collect()
}

/// Checks every claim in a reply of its own.
pub(crate) fn outcomes(seeds: &[Seed]) -> Vec<Outcome<'_>> {
    let redactor = Redactor::new(&RedactConfig { emails: true, words: Vec::new() });
    let each = seeds.iter().flat_map(|seed| seed.claims.iter().map(move |claim| (seed, claim)));
    each.map(|(seed, claim)| {
        let (stands, dropped) = seed.check(&claim.reply(), &redactor);
        let kept = if claim.truth { stands > 0 && dropped.is_empty() } else { stands > 0 };
        let reason = dropped.iter().map(|dropped| dropped.reason.clone()).collect::<Vec<_>>().join("; ");
        Outcome { seed, claim, kept, reason }
    })
    .collect()
}

/// Checks everything that is true of a seed as one reply, for measuring time.
pub(crate) fn whole(seed: &Seed) -> (String, usize) {
    let mut reply = String::new();
    for section in ["summary", "synopsis", "decision", "roadblock", "lesson", "mood"] {
        let _ = writeln!(reply, "## {}\n", heading(section));
        for claim in seed.claims.iter().filter(|claim| claim.truth && claim.section == section) {
            let _ = writeln!(reply, "- {}", claim.text);
        }
    }
    let redactor = Redactor::new(&RedactConfig { emails: true, words: Vec::new() });
    let (kept, _) = seed.check(&reply, &redactor);
    (reply, kept)
}

impl Seed {
    /// How many claims of a reply stand, and those that do not.
    fn check(&self, reply: &str, redactor: &Redactor) -> (usize, Vec<Dropped>) {
        let claims = reply::parse(reply);
        match &self.evidence {
            Evidence::Commit(exhibits) => {
                let checked = check(&claims, exhibits, redactor);
                (checked.kept as usize, checked.dropped)
            }
            Evidence::Several(entries) => {
                let checked = several::check(&claims, entries, redactor);
                (checked.sentences.len(), checked.dropped)
            }
        }
    }
}

/// Accepted and all falsehoods by kind; dropped and all truths under `true`.
pub(crate) fn by_kind(outcomes: &[Outcome<'_>]) -> BTreeMap<String, (usize, usize)> {
    let mut kinds: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for outcome in outcomes {
        let name = match (outcome.claim.truth, outcome.claim.slips) {
            (true, _) => "true",
            (false, true) => "known slips",
            (false, false) => outcome.claim.kind.as_str(),
        };
        let (wrong, all) = kinds.entry(name.to_owned()).or_default();
        *all += 1;
        *wrong += usize::from(outcome.kept != outcome.claim.truth);
    }
    kinds
}

impl Seeded {
    fn reply(&self) -> String {
        format!("## {}\n\n- {}\n", heading(&self.section), self.text)
    }
}

fn heading(section: &str) -> &'static str {
    match section {
        "summary" => "Summary",
        "synopsis" => "Technical synopsis",
        "decision" => "Decisions",
        "roadblock" => "Roadblocks",
        "lesson" => "Lessons",
        "mood" => "Mood",
        other => panic!("there is no section {other}"),
    }
}

fn seed(path: &Path, several: bool) -> Seed {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let (evidence, claims) = text.split_once("\n## True").unwrap_or_else(|| panic!("{name} has no claims"));
    let (truths, lies) = claims.split_once("\n## False").unwrap_or((claims, ""));
    let (lies, slips) = lies.split_once("\n## Slips").unwrap_or((lies, ""));
    let mut all = Vec::new();
    for (truth, slips, part) in [(true, false, truths), (false, false, lies), (false, true, slips)] {
        for line in part.lines().filter_map(|line| line.strip_prefix("- ")) {
            let (head, text) = line.split_once(": ").unwrap_or_else(|| panic!("{name}: {line}"));
            let (section, kind) = head.split_once('/').unwrap_or((head, ""));
            all.push(Seeded {
                truth,
                slips,
                section: section.to_owned(),
                kind: kind.to_owned(),
                text: text.to_owned(),
            });
        }
    }
    let evidence = if several {
        Evidence::Several(entries(&name, evidence))
    } else {
        Evidence::Commit(Box::new(exhibits(&name, evidence)))
    };
    Seed { evidence, name, claims: all }
}

/// The entries of pages, one behind the other.
fn entries(name: &str, text: &str) -> Vec<Entry> {
    let page = markdown::parse_page(text);
    assert!(!page.entries.is_empty() && page.problems.is_empty(), "{name}: {:?}", page.problems);
    page.entries
}

fn exhibits(name: &str, text: &str) -> Exhibits {
    let (head, rest) = text.split_once("\n### ").unwrap_or((text, ""));
    let field = |key: &str| {
        head.lines()
            .filter_map(move |line| line.strip_prefix(key)?.strip_prefix(": "))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let one = |key: &str| field(key).into_iter().next().unwrap_or_else(|| panic!("{name} has no {key}"));
    let at = DateTime::parse_from_rfc3339(&one("at")).unwrap_or_else(|_| panic!("{name}: at is no time"));
    let clock = |text: &str| {
        let time = NaiveTime::parse_from_str(text, "%H:%M").unwrap_or_else(|_| panic!("{name}: {text} is no time"));
        at.date_naive().and_time(time).and_local_timezone(*at.offset()).single().expect("a fixed offset has no gaps")
    };
    let mut sessions: Vec<Session> = field("session")
        .iter()
        .map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            let [slug, id, model, from, to] = words[..] else { panic!("{name}: session: {line}") };
            let span = (clock(from), clock(to));
            Session { assistant: assistant(slug), id: id.to_owned(), model: Some(model.to_owned()), prompts: 0, span }
        })
        .collect();
    let first = sessions.first().map_or(Assistant::ClaudeCode, |session| session.assistant);
    let items: Vec<Exhibit> =
        rest.split("\n### ").filter(|part| !part.trim().is_empty()).map(|part| item(part, first, &clock)).collect();
    for item in items.iter().filter(|item| matches!(item.kind, Kind::Prompt)) {
        let at = item.at.expect("a prompt has a time");
        if let Some(session) = sessions.iter_mut().find(|session| session.span.0 <= at && at <= session.span.1) {
            session.prompts += 1;
        }
    }
    let files = items.iter().filter_map(|item| match &item.kind {
        Kind::File(file) => Some(file.clone()),
        _ => None,
    });
    let changes: Vec<ChangedFile> = files.collect();
    let facts = Facts {
        commit: CommitId::parse(&one("commit")).unwrap_or_else(|| panic!("{name}: commit is no id")),
        at,
        author: one("author"),
        branch: field("branch").into_iter().next(),
        files: u32::try_from(changes.len()).expect("a seed is small"),
        added: changes.iter().filter_map(|file| file.lines).map(|(added, _)| u64::from(added)).sum(),
        removed: changes.iter().filter_map(|file| file.lines).map(|(_, removed)| u64::from(removed)).sum(),
        changes,
        commits: field("also").iter().filter_map(|id| CommitId::parse(id)).collect(),
        prompts: u32::try_from(items.iter().filter(|item| matches!(item.kind, Kind::Prompt)).count())
            .expect("a seed is small"),
        sessions,
        failures: items.iter().filter_map(roadblock).collect(),
        remarks: Vec::new(),
    };
    Exhibits { facts, items }
}

fn roadblock(item: &Exhibit) -> Option<Roadblock> {
    let Kind::Command { failures, passed_in_the_end, exit, .. } = item.kind else { return None };
    let (command, output) = item.text.split_once('\n').unwrap_or((&item.text, ""));
    let roadblock =
        Roadblock { command: command.to_owned(), failures, passed_in_the_end, exit, output: output.to_owned() };
    (failures > 0).then_some(roadblock)
}

fn assistant(slug: &str) -> Assistant {
    *Assistant::ALL.iter().find(|assistant| assistant.slug() == slug).unwrap_or_else(|| panic!("no assistant {slug}"))
}

fn item(part: &str, first: Assistant, clock: &dyn Fn(&str) -> DateTime<FixedOffset>) -> Exhibit {
    let (head, text) = part.split_once('\n').unwrap_or((part, ""));
    let text = text.trim_end().to_owned();
    let words: Vec<&str> = head.split_whitespace().collect();
    let id = words[0].to_owned();
    let at = words.iter().find(|word| word.len() == 5 && word.as_bytes()[2] == b':').map(|word| clock(word));
    let after =
        |key: &str| words.iter().position(|word| *word == key).and_then(|at| words.get(at + 1)?.parse::<i64>().ok());
    let number = |key: &str| after(key).and_then(|number| u32::try_from(number).ok());
    let kind = match &id[..1] {
        "M" => Kind::Message,
        "P" => Kind::Prompt,
        "A" => Kind::Reply(words.get(1).filter(|word| !word.contains(':')).map_or(first, |slug| assistant(slug))),
        "Q" => Kind::Question { answer: text.split_once('\n').map(|(_, answer)| answer.to_owned()) },
        "L" => Kind::Plan {
            approved: words.last().and_then(|word| match *word {
                "approved" => Some(true),
                "declined" => Some(false),
                _ => None,
            }),
        },
        "C" => {
            let runs = number("runs").unwrap_or(1);
            // `failures N passed` is how many failed and how many passed; `failures N failed` never passed.
            let failures = number("failures").unwrap_or(0);
            Kind::Command {
                runs,
                failures,
                passed_in_the_end: failures < runs,
                exit: after("exit").and_then(|n| i32::try_from(n).ok()),
            }
        }
        "F" => Kind::File(file(&words, &text)),
        "D" => Kind::Diff { path: words[1].to_owned() },
        "N" => Kind::Note(if words.contains(&"capture") { NoteKind::Capture } else { NoteKind::Reflection }),
        other => panic!("no exhibit begins with {other}"),
    };
    let at = at.filter(|_| !matches!(kind, Kind::Message | Kind::File(_) | Kind::Diff { .. }));
    Exhibit { id, kind, at, session: None, earlier: false, text }
}

fn file(words: &[&str], path: &str) -> ChangedFile {
    let mark = match words[1] {
        "added" => Mark::Added,
        "modified" => Mark::Modified,
        "deleted" => Mark::Deleted,
        "renamed" => Mark::RenamedFrom(words[2].to_owned()),
        other => panic!("no file was {other}"),
    };
    let number = |sign: char| words.iter().find_map(|word| word.strip_prefix(sign)?.parse().ok()).unwrap_or(0);
    let group = match words.last() {
        Some(&"tests") => ChangeGroup::Tests,
        Some(&"docs") => ChangeGroup::Docs,
        Some(&"config") => ChangeGroup::Config,
        Some(&"generated") => ChangeGroup::Generated,
        _ => ChangeGroup::Source,
    };
    ChangedFile {
        path: path.lines().next().unwrap_or_default().to_owned(),
        mark,
        group,
        lines: Some((number('+'), number('-'))),
    }
}
