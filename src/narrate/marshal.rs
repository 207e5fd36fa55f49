//! Evidence becomes numbered exhibits.
//!
//! In: [`Evidence`] and [`Patch`]es, both redacted. Out: [`Exhibits`]; the same evidence always gives the same ones.
//! Never here: a text that has not passed the redactor, a choice of what matters, or a cut.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset, Utc};

use super::exhibit::{Exhibit, Exhibits, Facts, Kind, Session};
use crate::chat::turn::Turn;
use crate::draft::{self, changes, commands, cut};
use crate::evidence::{Evidence, Patch, SessionEvidence};
use crate::git::{CommitId, Signature};
use crate::journal::{ChangeGroup, ChangedFile, Mark, Relation};

impl Exhibits {
    /// The exhibits of a commit: its message, then what was said, asked, run and noted in the order of time, then the
    /// files and their changed lines. Patches of other files are left out.
    #[must_use]
    pub fn of(evidence: &Evidence, patches: &[Patch]) -> Self {
        let commit = evidence.commit();
        let turns = evidence.sessions().iter().flat_map(|session| &session.turns);
        let runs = commands::runs(turns, commit.worktree.as_deref());
        let changes: Vec<ChangedFile> = commit.changes.iter().map(changes::file).collect();
        let mut items = vec![message(evidence)];
        items.extend(told(evidence, &runs));
        items.extend(files(&changes, patches));
        number(&mut items);
        Self { facts: facts(evidence, changes, &runs), items }
    }
}

/// Gives each exhibit its id: its letter, and its number among those of its kind.
fn number(items: &mut [Exhibit]) {
    let mut numbers: BTreeMap<char, usize> = BTreeMap::new();
    for item in items {
        let letter = item.kind.letter();
        let number = numbers.entry(letter).or_default();
        *number += 1;
        item.id = format!("{letter}{number}");
    }
}

fn exhibit(kind: Kind, text: String) -> Exhibit {
    Exhibit { id: String::new(), kind, at: None, session: None, earlier: false, text }
}

fn message(evidence: &Evidence) -> Exhibit {
    let commit = evidence.commit();
    let parts = [commit.subject.clone(), draft::body(commit)];
    exhibit(Kind::Message, parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n"))
}

/// What was said, asked, run and noted, in the order of time and each once: a session that was resumed or forked holds
/// copies of what stands in another.
fn told(evidence: &Evidence, runs: &[commands::Runs]) -> Vec<Exhibit> {
    let mut all: Vec<(DateTime<Utc>, Exhibit)> = Vec::new();
    for (nth, session) in evidence.sessions().iter().enumerate() {
        let mut said = Said { session: nth, earlier: true, all: &mut all };
        if let Some(turn) = &session.antecedent {
            said.turn(turn, session);
        }
        said.earlier = false;
        for turn in &session.turns {
            said.turn(turn, session);
        }
    }
    all.extend(runs.iter().flat_map(ran));
    for note in evidence.notes() {
        all.push((note.at.to_utc(), exhibit(Kind::Note(note.kind), note.text.clone())));
    }
    all.retain(|(_, exhibit)| !exhibit.text.trim().is_empty());
    // Stable: what has the same instant stays in the order of the transcript. Of copies, that which belongs goes first.
    all.sort_by_key(|(at, exhibit)| (*at, exhibit.earlier));
    let mut seen = BTreeSet::new();
    all.retain(|(at, exhibit)| seen.insert((*at, exhibit.kind.letter(), exhibit.text.clone())));
    let zone = *evidence.commit().author.when.offset();
    all.into_iter().map(|(at, exhibit)| Exhibit { at: Some(at.with_timezone(&zone)), ..exhibit }).collect()
}

/// Takes the words of turns.
struct Said<'a> {
    session: usize,
    earlier: bool,
    all: &'a mut Vec<(DateTime<Utc>, Exhibit)>,
}

impl Said<'_> {
    /// Everything but the commands, which are counted over all turns.
    fn turn(&mut self, turn: &Turn, session: &SessionEvidence) {
        if let Some(prompt) = &turn.prompt {
            let earlier = self.earlier || turn.carried_over;
            self.push(prompt.at, Kind::Prompt, &prompt.text, earlier);
        }
        for said in &turn.replies {
            self.push(said.at, Kind::Reply(session.assistant), &said.text, self.earlier);
        }
        for asked in &turn.questions {
            let text = match &asked.answer {
                Some(answer) => format!("{}\n{answer}", cut::one_line(&asked.question)),
                None => cut::one_line(&asked.question),
            };
            self.push(asked.at, Kind::Question { answer: asked.answer.clone() }, &text, self.earlier);
        }
        for plan in &turn.plans {
            self.push(plan.at, Kind::Plan { approved: plan.approved }, &plan.text, self.earlier);
        }
    }

    fn push(&mut self, at: DateTime<Utc>, kind: Kind, text: &str, earlier: bool) {
        let said = Exhibit { session: Some(self.session), earlier, ..exhibit(kind, text.trim().to_owned()) };
        self.all.push((at, said));
    }
}

/// What failed is one exhibit with all the lines by which it was run, as it is one roadblock on the page; what only
/// passed is one for each line.
fn ran(runs: &commands::Runs) -> Vec<(DateTime<Utc>, Exhibit)> {
    let Some(failed) = runs.roadblock() else {
        let passed = |times| Kind::Command { runs: times, failures: 0, passed_in_the_end: true, exit: None };
        let lines = runs.lines().iter();
        return lines.map(|(at, command)| (*at, exhibit(passed(command.times), command.line.clone()))).collect();
    };
    let kind = Kind::Command {
        runs: runs.lines().iter().map(|(_, command)| command.times).fold(0, u32::saturating_add),
        failures: failed.failures,
        passed_in_the_end: failed.passed_in_the_end,
        exit: failed.exit,
    };
    let others = runs.lines().iter().map(|(_, command)| &command.line).filter(|line| **line != failed.command);
    let mut lines = vec![failed.command.clone()];
    lines.extend(others.cloned());
    lines.extend(runs.output().map(|output| output.trim_end().to_owned()).filter(|output| !output.is_empty()));
    let first = runs.lines().iter().map(|(at, _)| *at).min().unwrap_or_default();
    vec![(first, exhibit(kind, lines.join("\n")))]
}

/// The files, and the changed lines of those that have any.
fn files(changes: &[ChangedFile], patches: &[Patch]) -> Vec<Exhibit> {
    let patches: BTreeMap<&str, &Patch> = patches.iter().map(|patch| (patch.path(), patch)).collect();
    let of = |file: &ChangedFile| patches.get(file.path.as_str()).copied();
    let named = changes.iter().map(|file| {
        let remark = of(file).and_then(Patch::remark).map(|remark| format!("; {remark}")).unwrap_or_default();
        exhibit(Kind::File(file.clone()), format!("{}{remark}", line(file)))
    });
    let shown = changes.iter().filter_map(|file| {
        let patch = of(file).filter(|patch| !patch.text().is_empty())?;
        Some(exhibit(Kind::Diff { path: file.path.clone() }, patch.text().to_owned()))
    });
    named.chain(shown).collect()
}

/// A file in a line: `src/retry.rs: modified, +2 −1, source`.
pub(super) fn line(file: &ChangedFile) -> String {
    let what = match &file.mark {
        Mark::Added => "added".to_owned(),
        Mark::Modified => "modified".to_owned(),
        Mark::Deleted => "deleted".to_owned(),
        Mark::RenamedFrom(from) => format!("renamed from {from}"),
        Mark::CopiedFrom(from) => format!("copied from {from}"),
        Mark::TypeChanged => "became another type of file".to_owned(),
        Mark::ModeChanged => "executable bit changed".to_owned(),
        Mark::Submodule => "submodule".to_owned(),
    };
    let lines = file.lines.map(|(added, removed)| format!(", +{added} −{removed}")).unwrap_or_default();
    let group = match file.group {
        ChangeGroup::Source => "source",
        ChangeGroup::Tests => "tests",
        ChangeGroup::Docs => "documentation",
        ChangeGroup::Config => "configuration",
        ChangeGroup::Generated => "generated",
    };
    format!("{}: {what}{lines}, {group}", file.path)
}

fn facts(evidence: &Evidence, changes: Vec<ChangedFile>, runs: &[commands::Runs]) -> Facts {
    let (commit, totals) = (evidence.commit(), evidence.totals());
    let Signature { name, when, .. } = &commit.author;
    let sessions: Vec<Session> =
        evidence.sessions().iter().map(|session| self::session(session, *when.offset())).collect();
    Facts {
        commit: commit.id.clone(),
        at: *when,
        author: name.clone(),
        branch: commit.branch.clone(),
        files: totals.files,
        added: totals.added,
        removed: totals.removed,
        changes,
        commits: commits(evidence),
        prompts: sessions.iter().map(|session| session.prompts).fold(0, u32::saturating_add),
        sessions,
        failures: runs.iter().filter_map(commands::Runs::roadblock).collect(),
        remarks: remarks(evidence),
    }
}

fn session(session: &SessionEvidence, zone: FixedOffset) -> Session {
    let (start, end) = session.span();
    let prompts = session.turns.iter().filter(|turn| turn.prompt.is_some()).count();
    Session {
        assistant: session.assistant,
        id: session.id.short().to_owned(),
        model: session.model.clone(),
        prompts: u32::try_from(prompts).unwrap_or(u32::MAX),
        span: (start.with_timezone(&zone), end.with_timezone(&zone)),
    }
}

/// The other commits that the evidence names.
fn commits(evidence: &Evidence) -> Vec<CommitId> {
    let mut commits = evidence.commit().parents.clone();
    for relation in evidence.relations() {
        match relation {
            Relation::PickedFrom(id) | Relation::Reverts(id) => commits.push(id.clone()),
            Relation::Squashes(ids) => commits.extend(ids.iter().cloned()),
        }
    }
    commits
}

/// What else is known, a sentence each.
fn remarks(evidence: &Evidence) -> Vec<String> {
    let mut remarks = Vec::new();
    let commit = evidence.commit();
    let short = |ids: &[CommitId]| ids.iter().map(CommitId::short).collect::<Vec<_>>().join(", ");
    if let Some((_, merged)) = commit.parents.split_first().filter(|(_, merged)| !merged.is_empty()) {
        remarks.push(format!("It is a merge of {}.", short(merged)));
        remarks.push("Of its files, those are listed that both sides had a part in.".to_owned());
    }
    for relation in evidence.relations() {
        remarks.push(match relation {
            Relation::PickedFrom(id) => format!("It repeats commit {} (cherry-pick).", id.short()),
            Relation::Reverts(id) => format!("It undoes commit {} (revert).", id.short()),
            Relation::Squashes(ids) => format!("It holds the changes of {} (squash).", short(ids)),
        });
    }
    if !evidence.conflicts().is_empty() {
        remarks.push(format!("Git could not merge by itself: {}.", evidence.conflicts().join(", ")));
    }
    for session in evidence.sessions().iter().filter(|session| !session.complete) {
        remarks.push(format!("The beginning of session {} was not read.", session.id.short()));
    }
    for gap in evidence.gaps() {
        // The reason may name somebody's home; that something is missing is all that matters here.
        remarks.push(format!("A conversation with {} could not be read.", gap.assistant.name()));
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::narrate::any::{Story, failed, passed, prompt, reply};

    fn ids(exhibits: &Exhibits) -> Vec<String> {
        exhibits.items.iter().map(|item| format!("{} {}", item.id, item.text)).collect()
    }

    #[test]
    fn exhibits_are_numbered_by_kind_in_the_order_of_time() {
        let story = Story::new("raise the limit")
            .session(vec![(1, prompt("it times out")), (2, reply("20m is too short")), (5, prompt("retry, too"))])
            .session(vec![(3, prompt("what is the default?")), (4, reply("20m"))])
            .file("src/a.rs", 2, 1);
        assert_eq!(
            ids(&story.exhibits()),
            [
                "M1 raise the limit",
                "P1 it times out",
                "A1 20m is too short",
                "P2 what is the default?",
                "A2 20m",
                "P3 retry, too",
                "F1 src/a.rs: modified, +2 −1, source",
            ]
        );
    }

    #[test]
    fn what_failed_is_one_exhibit_with_its_counts_and_its_last_output() {
        let story = Story::new("fix").session(vec![
            (1, prompt("fix it")),
            (2, failed("cargo test one", "error: one")),
            (3, failed("cargo test two", "error: two\nsecond line")),
            (4, passed("cargo test")),
            (5, passed("cargo fmt")),
            (6, passed("cargo fmt")),
            (7, passed("ls")),
        ]);
        let exhibits = story.exhibits();
        assert_eq!(
            ids(&exhibits)[2..],
            ["C1 cargo test two\ncargo test one\ncargo test\nerror: two\nsecond line", "C2 cargo fmt"]
        );
        let kind = |at: usize| exhibits.items[at].kind.clone();
        assert_eq!(kind(2), Kind::Command { runs: 3, failures: 2, passed_in_the_end: true, exit: Some(101) });
        assert_eq!(kind(3), Kind::Command { runs: 2, failures: 0, passed_in_the_end: true, exit: None });
        assert_eq!(exhibits.facts.failures.len(), 1);
    }

    #[test]
    fn copies_in_a_resumed_session_and_what_was_said_before_are_told_once_and_marked() {
        let story = Story::new("go on")
            .session(vec![(1, prompt("first")), (2, reply("one")), (3, prompt("second"))])
            .session(vec![(1, prompt("first")), (2, reply("one")), (4, prompt("third"))])
            .antecedent(vec![(0, prompt("before all")), (0, reply("indeed"))]);
        let exhibits = story.exhibits();
        let earlier: Vec<&str> =
            exhibits.items.iter().filter(|item| item.earlier).map(|item| item.text.as_str()).collect();
        assert_eq!(earlier, ["before all", "indeed"]);
        assert_eq!(ids(&exhibits)[1..], ["P1 before all", "A1 indeed", "P2 first", "A2 one", "P3 second", "P4 third"]);
        assert_eq!(exhibits.facts.prompts, 4, "as the page counts them");
    }

    #[test]
    fn what_else_git_knows_is_told_in_sentences_and_named_by_id() {
        let id = |digit: &str| CommitId::parse(&digit.repeat(40)).unwrap();
        let mut story = Story::new("merge").file("src/a.rs", 1, 1);
        story.sources.commit.parents = vec![id("b"), id("c")];
        story.sources.commit.both_sides = std::iter::once(b"src/a.rs".to_vec()).collect();
        story.sources.relations = vec![Relation::Reverts(id("d")), Relation::Squashes(vec![id("e"), id("f")])];
        story.sources.conflicts = vec!["src/a.rs".into()];
        let facts = story.exhibits().facts;
        assert_eq!(facts.commits, [id("b"), id("c"), id("d"), id("e"), id("f")]);
        assert_eq!(
            facts.remarks,
            [
                "It is a merge of cccccccc.",
                "Of its files, those are listed that both sides had a part in.",
                "It undoes commit dddddddd (revert).",
                "It holds the changes of eeeeeeee, ffffffff (squash).",
                "Git could not merge by itself: src/a.rs.",
            ]
        );
    }
}
