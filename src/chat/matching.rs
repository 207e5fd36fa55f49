//! Which part of which session led to a commit.
//!
//! In: a commit, the sessions found for its repository, and what earlier commits have told of each.
//! Out: [`Match`]es: the turns that belong to the commit, with the reason.
//! Never here: I/O. A session that touched none of the commit's files does not get in beside one that did.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};

use super::cursor::{Use, lower_bound};
use super::message::Session;
use super::turn::{Turn, turns};
use crate::git::Commit;

/// How far back a session that edited the commit's files may lie when nothing newer explains the commit.
pub const LONGEST_GAP: TimeDelta = TimeDelta::days(7);

/// The span of time whose conversation can have led to a commit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// The commit before this one; for a commit that was moved on top of a younger one, the longest gap.
    pub since: DateTime<Utc>,
    /// The commit itself. Git keeps whole seconds: the last of them belongs to it.
    pub until: DateTime<Utc>,
}

impl Window {
    /// The window of a commit.
    ///
    /// A commit whose author date lies before its parent's commit date was rebased or cherry-picked: the parent says
    /// nothing about when the work began, and the author date says when it ended.
    #[must_use]
    pub fn of(commit: &Commit) -> Self {
        let parent = commit.parent_committed.map(|at| at.to_utc());
        let author = commit.author.when.to_utc();
        let moved = parent.is_some_and(|at| at > author);
        let whole = |second: DateTime<Utc>| second + TimeDelta::milliseconds(999);
        let until = whole(if moved { author } else { commit.committer.when.to_utc() });
        let since = parent.map(whole).filter(|at| !moved && *at <= until).unwrap_or(until - LONGEST_GAP);
        Self { since, until }
    }

    /// How far back to look a second time, when the first look explains nothing.
    #[must_use]
    pub fn far(self) -> DateTime<Utc> {
        self.since.min(self.until - LONGEST_GAP)
    }
}

/// Why a session was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// It went on in this work tree at the time, and nothing speaks against it.
    Nearby,
    /// It names a file of the commit.
    NamesFiles,
    /// It edited a file of the commit.
    EditedFiles,
    /// The environment of the commit names it.
    RanTheCommit,
}

/// The turns of one session that belong to a commit.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// The session; its events are those read, not only those that belong.
    pub session: Session,
    /// The turns that belong to the commit, oldest first.
    pub turns: Vec<Turn>,
    /// The exchange before the first turn, for a first prompt that means nothing alone ("do it").
    pub antecedent: Option<Turn>,
    /// Why.
    pub reason: Reason,
}

/// A session with what is known about it besides its transcript.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// The session.
    pub session: Session,
    /// Whether the environment names it.
    pub named: bool,
    /// What earlier commits have told of it.
    pub uses: Vec<Use>,
}

/// Chooses the sessions and turns that led to the commit, in the order of their first turn.
///
/// `floor` is the instant back to which the sessions were read. What lies between it and the window belongs to the
/// commit only where it edited the commit's files and no other commit has told it.
#[must_use]
pub fn choose(
    commit: &Commit,
    window: Window,
    floor: DateTime<Utc>,
    roots: &[PathBuf],
    heard: Vec<Heard>,
) -> Vec<Match> {
    let files = Files::of(commit, roots);
    let mut matches: Vec<Match> =
        heard.into_iter().filter_map(|one| consider(commit, window, floor, &files, one)).collect();
    let best = matches.iter().map(|found| found.reason).max();
    // Once a session is known to have worked on these files, one that merely went on nearby is somebody else's story.
    if best >= Some(Reason::NamesFiles) {
        matches.retain(|found| found.reason > Reason::Nearby);
    }
    if best >= Some(Reason::EditedFiles) {
        matches.retain(|found| found.reason > Reason::NamesFiles);
    }
    matches.sort_by(|a, b| a.turns[0].span.0.cmp(&b.turns[0].span.0).then_with(|| a.session.id.cmp(&b.session.id)));
    matches
}

fn consider(commit: &Commit, window: Window, floor: DateTime<Utc>, files: &Files, heard: Heard) -> Option<Match> {
    let Heard { session, named, uses } = heard;
    let lower = lower_bound(&uses, &commit.id, window.until).unwrap_or(floor);
    let events: Vec<_> = session.events.iter().filter(|event| event.at <= window.until).cloned().collect();
    let all = turns(&events);
    let mut own: Vec<Turn> = all.iter().filter_map(|turn| turn.after(lower)).collect();
    own.retain(|turn| turn.span.1 > window.since || files.edited_by(turn));
    if own.is_empty() {
        own.extend(all.last().and_then(|turn| still_running(turn, files)));
    }
    let first = own.first()?;
    let antecedent = antecedent(&all, first);
    let reason = if named {
        Reason::RanTheCommit
    } else if own.iter().any(|turn| files.edited_by(turn)) {
        Reason::EditedFiles
    } else if own.iter().any(|turn| files.named_by(turn)) {
        Reason::NamesFiles
    } else if own.iter().any(|turn| !turn.edits.is_empty()) {
        // It was at work on other files: this commit is not its doing.
        return None;
    } else {
        Reason::Nearby
    };
    Some(Match { session, turns: own, antecedent, reason })
}

/// A turn that was told already but was still running and had edited files of this commit: its prompt is the reason for
/// this commit, too, although nothing new has been written since.
fn still_running(turn: &Turn, files: &Files) -> Option<Turn> {
    if turn.closed || !files.edited_by(turn) {
        return None;
    }
    let mut rest = turn.clone();
    rest.carried_over = true;
    rest.replies.clear();
    rest.commands.clear();
    rest.questions.clear();
    rest.plans.clear();
    Some(rest)
}

/// The turn before `first` in the session.
fn antecedent(all: &[Turn], first: &Turn) -> Option<Turn> {
    let opened = first.prompt.as_ref()?.at;
    let mut before = all.iter().rev().find(|turn| turn.prompt.as_ref().is_some_and(|said| said.at < opened))?.clone();
    before.carried_over = true;
    Some(before)
}

/// The commit's files as a session would name them.
struct Files {
    roots: Vec<PathBuf>,
    relative: BTreeSet<String>,
}

impl Files {
    fn of(commit: &Commit, roots: &[PathBuf]) -> Self {
        let relative = commit.changes.iter().map(|change| change.path_text().into_owned()).collect();
        Self { roots: roots.to_vec(), relative }
    }

    fn edited_by(&self, turn: &Turn) -> bool {
        turn.edits.iter().any(|(_, path)| self.holds(path))
    }

    /// Whether an absolute path, as an assistant recorded it, is one of the commit's files. Under a root that is not
    /// known (a link, a work tree that is gone, another machine's home) the last two components at least must agree.
    fn holds(&self, path: &Path) -> bool {
        if let Some(inside) = self.roots.iter().find_map(|root| path.strip_prefix(root).ok()) {
            return self.relative.contains(&slashed(inside));
        }
        let text = slashed(path);
        text.match_indices('/').any(|(at, _)| {
            let suffix = &text[at + 1..];
            suffix.contains('/') && self.relative.contains(suffix)
        })
    }

    fn named_by(&self, turn: &Turn) -> bool {
        let said = turn.prompt.iter().chain(&turn.replies).map(|said| said.text.as_str());
        let mut texts = said.chain(turn.commands.iter().map(|ran| ran.line.as_str()));
        texts.any(|text| self.relative.iter().take(NAMES_LOOKED_FOR).any(|path| names(text, path)))
    }
}

/// How many of a commit's files are looked for by name; a commit of more is not explained by naming one of them.
const NAMES_LOOKED_FOR: usize = 200;

fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// Whether a text names a path: whole, or its last component when that is long enough to mean only it.
fn names(text: &str, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    text.contains(path) || (name.len() >= 6 && name.contains('.') && text.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::message::{Assistant, Event, EventKind, SessionId};
    use crate::git::{Change, ChangeKind, CommitId, Lines, Signature};

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(minute * 60, 0).unwrap()
    }

    fn commit(parent: i64, minute: i64, files: &[&str]) -> Commit {
        let who = Signature { name: "Ada".into(), email: String::new(), when: at(minute).fixed_offset() };
        Commit {
            id: CommitId::parse(&"a".repeat(40)).unwrap(),
            parents: vec![CommitId::parse(&"b".repeat(40)).unwrap()],
            parent_committed: Some(at(parent).fixed_offset()),
            author: who.clone(),
            committer: who,
            subject: String::new(),
            body: String::new(),
            trailers: Vec::new(),
            branch: None,
            worktree: None,
            changes: files
                .iter()
                .map(|path| Change {
                    path: path.as_bytes().to_vec(),
                    kind: ChangeKind::Modified,
                    lines: Lines::Counted { added: 1, removed: 0 },
                })
                .collect(),
        }
    }

    /// A session of prompts (`?`), replies (`.`) and edits (anything else), at the minutes given.
    fn session(id: &str, events: &[(i64, &str)]) -> Heard {
        let events = events.iter().map(|(minute, what)| {
            let kind = match what.split_at(1) {
                ("?", words) => EventKind::Prompt(words.to_owned()),
                (".", words) => EventKind::Reply(words.to_owned()),
                _ => EventKind::Edit { path: PathBuf::from(what) },
            };
            Event { id: format!("{id}{minute}"), at: at(*minute), kind }
        });
        Heard {
            session: Session {
                id: SessionId(id.to_owned()),
                assistant: Assistant::ClaudeCode,
                version: None,
                model: None,
                directories: vec!["/repo".into()],
                events: events.collect(),
                file: PathBuf::new(),
                complete: true,
            },
            named: false,
            uses: Vec::new(),
        }
    }

    /// The chosen sessions, each with the prompts that belong to the commit, carried-over ones in brackets.
    fn chosen(commit: &Commit, heard: Vec<Heard>) -> Vec<(String, Vec<String>)> {
        let window = Window::of(commit);
        let said = |turn: &Turn| {
            let text = turn.prompt.as_ref().map(|said| said.text.clone()).unwrap_or_default();
            if turn.carried_over { format!("({text})") } else { text }
        };
        choose(commit, window, window.since, &["/repo".into()], heard)
            .into_iter()
            .map(|found| (found.session.id.0, found.turns.iter().map(said).collect()))
            .collect()
    }

    #[test]
    fn what_was_said_since_the_last_commit_belongs_to_this_one() {
        let one =
            session("s", &[(1, "?old"), (2, ".ok"), (11, "?new"), (12, "/repo/src/a.rs"), (13, ".done"), (30, "?x")]);
        assert_eq!(chosen(&commit(10, 20, &["src/a.rs"]), vec![one]), [("s".into(), vec!["new".into()])]);
    }

    #[test]
    fn a_session_that_touched_none_of_the_files_stays_out() {
        let ours = session("ours", &[(11, "?fix"), (12, "/repo/src/a.rs")]);
        let next_tab = session("next", &[(11, "?other"), (12, "/repo/src/b.rs")]);
        let chatter = session("talk", &[(13, "?weather"), (14, ".fine")]);
        let commit = commit(10, 20, &["src/a.rs"]);
        assert_eq!(
            chosen(&commit, vec![next_tab.clone(), ours, chatter.clone()]),
            [("ours".into(), vec!["fix".into()])]
        );
        assert_eq!(chosen(&commit, vec![next_tab, chatter]), [("talk".into(), vec!["weather".into()])]);
    }

    #[test]
    fn the_second_of_two_quick_commits_keeps_the_prompt_that_led_to_it() {
        let mut one = session("s", &[(11, "?both"), (12, "/repo/a.rs"), (14, "/repo/b.rs")]);
        one.uses = vec![Use { commit: CommitId::parse(&"c".repeat(40)).unwrap(), through: at(13) }];
        assert_eq!(chosen(&commit(13, 15, &["b.rs"]), vec![one.clone()]), [("s".into(), vec!["(both)".into()])]);
        one.uses[0].through = at(15);
        let later = commit(15, 16, &["a.rs"]);
        assert_eq!(chosen(&later, vec![one.clone()]), [("s".into(), vec!["(both)".into()])], "still running");
        one.session.events.push(Event { id: "end".into(), at: at(14), kind: EventKind::Reply("done".into()) });
        assert_eq!(chosen(&later, vec![one]), [], "the turn had ended");
    }

    #[test]
    fn a_commit_moved_onto_a_younger_parent_ends_with_its_author_date() {
        let mut moved = commit(100, 20, &["a.rs"]);
        moved.committer.when = at(110).fixed_offset();
        let one = session("s", &[(11, "?mine"), (12, "/repo/a.rs"), (13, ".done"), (50, "?later"), (51, ".ok")]);
        assert_eq!(chosen(&moved, vec![one]), [("s".into(), vec!["mine".into()])]);
    }

    #[test]
    fn paths_of_unknown_roots_need_two_components() {
        let files = Files::of(&commit(1, 2, &["src/a.rs", "README.md"]), &["/repo".into()]);
        for (path, expected) in [
            ("/repo/src/a.rs", true),
            ("/repo/README.md", true),
            ("/elsewhere/repo/src/a.rs", true),
            ("/elsewhere/README.md", false),
            ("/repo/other/src/a.rs", false),
            ("C:\\code\\repo\\src\\a.rs", true),
        ] {
            assert_eq!(files.holds(Path::new(path)), expected, "{path}");
        }
    }
}
