//! Which part of which session led to a commit.
//!
//! In: a commit, the sessions found for its repository, and what earlier commits have told of each.
//! Out: [`Match`]es: the turns that belong to the commit, with the reason; and what was decided about every session.
//! Never here: I/O. A session that touched none of the commit's files does not get in beside one that did.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::cursor::{Use, last_told};
use super::files::Files;
pub use super::files::View;
use super::message::Session;
use super::turn::{Made, Turn, turns};
use super::verdict::{Considered, Objection, Reason, Verdict};
use crate::git::{Commit, CommitId};

/// How far back a session that edited the commit's files may lie when nothing newer explains the commit.
pub const LONGEST_GAP: TimeDelta = TimeDelta::days(7);

/// A turn without a sign of life for longer than this is over, whether or not the assistant has said so.
const LONGEST_SILENCE: TimeDelta = TimeDelta::minutes(30);

/// The span of time whose conversation can have led to a commit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// The commit before this one; for a commit that was moved on top of a younger one, the longest gap.
    pub since: DateTime<Utc>,
    /// The commit itself. Git keeps whole seconds: the last of them belongs to it.
    pub until: DateTime<Utc>,
    /// What decides where it begins.
    pub start: Start,
}

/// Where a window begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// With the previous commit.
    PreviousCommit,
    /// With the longest gap, because the commit was moved onto a younger one; it ends with its author date.
    Moved,
    /// With the longest gap, because no earlier commit has a usable date.
    Unknown,
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
        let (since, start) = match parent.map(whole).filter(|at| !moved && *at <= until) {
            Some(at) => (at, Start::PreviousCommit),
            None => (until - LONGEST_GAP, if moved { Start::Moved } else { Start::Unknown }),
        };
        Self { since, until, start }
    }

    /// How far back to look a second time, when the first look explains nothing.
    #[must_use]
    pub fn far(self) -> DateTime<Utc> {
        self.since.min(self.until - LONGEST_GAP)
    }
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
    /// Whether these turns edited files of the commit, so that nothing more need be looked for.
    pub edited: bool,
    /// How many of the commit's files the turns edited, those of earlier edits included.
    pub files: usize,
}

/// What was chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// The sessions that led to the commit, in the order of their first turn.
    pub matches: Vec<Match>,
    /// Every session, in the order given.
    pub considered: Vec<Considered>,
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
    /// The commits that have told of it and whose place this one takes.
    pub replaced: Vec<CommitId>,
}

/// Chooses the sessions and turns that led to the commit.
///
/// What lies between the view's floor and the window belongs to the commit only where it edited the commit's files and
/// no other commit has committed these edits.
#[must_use]
pub fn choose(commit: &Commit, window: Window, view: View<'_>, heard: &[Heard]) -> Choice {
    let among = |view: View<'_>| -> Vec<Result<Match, Objection>> {
        let files = Files::of(commit, window.since, view);
        heard.iter().map(|one| consider(commit, window, view.floor, &files, one)).collect()
    };
    let best = |found: &[Result<Match, Objection>]| found.iter().flatten().map(|found| found.reason).max();
    let mut found = among(view);
    if !view.elsewhere.is_empty() && best(&found) <= Some(Reason::Nearby) {
        // Work may be done in one work tree and brought into another.
        let brought = among(View { elsewhere: &[], ..view });
        if best(&brought) > Some(Reason::Nearby) {
            found = brought;
        }
    }
    if let Some(best) = best(&found) {
        // Once a session is known to have worked on these files, one that merely went on nearby is somebody else's story.
        let least = best.min(Reason::EditedFiles);
        for one in found.iter_mut().filter(|one| one.as_ref().is_ok_and(|found| found.reason < least)) {
            *one = Err(Objection::Outdone(best));
        }
    }
    without_copies(&mut found);
    let considered = heard.iter().zip(&found).map(|(heard, found)| considered(&heard.session, found)).collect();
    let mut matches: Vec<Match> = found.into_iter().flatten().collect();
    matches.sort_by(earlier);
    Choice { matches, considered }
}

/// The order in which matches are told.
fn earlier(a: &Match, b: &Match) -> Ordering {
    a.turns[0].span.0.cmp(&b.turns[0].span.0).then_with(|| a.session.id.cmp(&b.session.id))
}

fn considered(session: &Session, found: &Result<Match, Objection>) -> Considered {
    Considered {
        session: session.id.clone(),
        assistant: session.assistant,
        file: session.file.clone(),
        complete: session.complete,
        verdict: match found {
            Ok(found) => Verdict::Taken { reason: found.reason, files: found.files },
            Err(objection) => Verdict::Left(objection.clone()),
        },
    }
}

/// Takes out the turns that stand in several sessions: one that was resumed or forked begins with a copy of the other.
/// Of copies the longest is kept, in the session that is told first.
fn without_copies(found: &mut [Result<Match, Objection>]) {
    let key =
        |session: &Session, turn: &Turn| Some((session.assistant, turn.prompt.as_ref()?.at, turn.prompt.clone()?.text));
    let mut ends = BTreeMap::new();
    for one in found.iter().flatten() {
        for turn in &one.turns {
            let end = ends.entry(key(&one.session, turn)).or_insert(turn.span.1);
            *end = turn.span.1.max(*end);
        }
    }
    let mut told: Vec<&mut Result<Match, Objection>> = found.iter_mut().filter(|one| one.is_ok()).collect();
    told.sort_by(|a, b| match (&**a, &**b) {
        (Ok(a), Ok(b)) => earlier(a, b),
        _ => Ordering::Equal,
    });
    for one in told {
        let Ok(Match { session, turns, .. }) = &mut *one else { continue };
        turns.retain(|turn| {
            let key = key(session, turn);
            key.is_none() || ends.get(&key) == Some(&turn.span.1) && ends.remove(&key).is_some()
        });
        if turns.is_empty() {
            *one = Err(Objection::Copy);
        }
    }
}

fn consider(
    commit: &Commit,
    window: Window,
    floor: DateTime<Utc>,
    files: &Files<'_>,
    heard: &Heard,
) -> Result<Match, Objection> {
    let Heard { session, named, uses, replaced } = heard;
    let teller = last_told(uses, &commit.id, window.until);
    let told = teller.map(|claim| claim.through);
    let events: Vec<_> = session.events.iter().filter(|event| event.at <= window.until).cloned().collect();
    let all = turns(&events);
    let tie = |turn: &Turn| tie(turn, commit, replaced);
    let led_here = |turn: &Turn| tie(turn).is_this() || tie(turn) == Tie::Open && files.edited_by(turn);
    let mut own = own_turns(&all, told.unwrap_or(floor), window, files, &tie);
    let far = floor < window.since;
    if far && !own.iter().any(led_here) {
        // Work on several things is often committed in several commits, one after the other.
        let before = told.into_iter().flat_map(|told| all.iter().filter(move |turn| turn.span.1 <= told));
        own.splice(0..0, before.filter(|turn| led_here(turn)).map(|turn| left(turn, window)));
    }
    let edited = own.iter().any(led_here);
    if edited {
        // What only edited other files is the story of another commit.
        own.retain(|turn| turn.edits.is_empty() || led_here(turn));
    }
    let named = *named || own.iter().any(|turn| tie(turn).is_this());
    let running = own
        .is_empty()
        .then(|| all.last().filter(|turn| tie(turn) == Tie::Open).and_then(|turn| still_running(turn, window, files)))
        .flatten();
    let is_running = running.is_some();
    own.extend(running);
    let Some(first) = own.first() else { return Err(silence(&all, teller, window, files)) };
    let mut antecedent = antecedent(&all, first);
    if let Some(turn) = antecedent.as_mut().filter(|_| is_running) {
        turn.replies.clear();
    }
    let reason = if named {
        Reason::RanTheCommit
    } else if is_running || edited {
        Reason::EditedFiles
    } else if own.iter().any(|turn| files.named_by(turn)) {
        Reason::NamesFiles
    } else if own.iter().any(|turn| !turn.edits.is_empty()) {
        // It was at work on other files: this commit is not its doing.
        let elsewhere = own.iter().flat_map(|turn| &turn.edits).all(|(_, path)| files.is_elsewhere(path));
        return Err(if elsewhere { Objection::OtherWorkTree } else { Objection::OtherFiles });
    } else {
        Reason::Nearby
    };
    let files = files.number_edited_by(&own);
    Ok(Match { session: session.clone(), turns: own, antecedent, reason, edited, files })
}

/// Why no turn of a session belongs to the commit.
fn silence(all: &[Turn], teller: Option<&Use>, window: Window, files: &Files<'_>) -> Objection {
    let edited = all.iter().any(|turn| files.ever_edited_by(turn));
    let spoke = all.last().is_some_and(|turn| turn.span.1 > window.since);
    match teller {
        Some(claim) if edited || spoke => Objection::Told(claim.commit.clone()),
        _ if edited => Objection::EditedBefore,
        _ => Objection::NothingInSpan,
    }
}

/// What an assistant that names its commits says of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tie {
    /// It led to this commit, its first.
    First,
    /// It led to this commit, and before to others.
    Later,
    /// It led to others, and to no more than them.
    Others,
    /// Nothing.
    Open,
}

impl Tie {
    fn is_this(self) -> bool {
        matches!(self, Self::First | Self::Later)
    }
}

fn tie(turn: &Turn, commit: &Commit, replaced: &[CommitId]) -> Tie {
    let is_this = |made: &Made| {
        std::iter::once(&commit.id).chain(replaced).any(|id| made.id.len() >= 7 && id.as_str().starts_with(&made.id))
    };
    // A commit that was moved has another id and the same message: which of them is meant cannot be told.
    let may_be_this = |made: &Made| made.line.contains(&commit.subject);
    if let Some(nth) = turn.made.iter().position(is_this) {
        if nth == 0 { Tie::First } else { Tie::Later }
    } else if turn.committed && !turn.made.iter().any(may_be_this) {
        Tie::Others
    } else {
        Tie::Open
    }
}

/// The turns after `lower` that may belong to the commit, and those that name it, whenever they were.
fn own_turns(
    all: &[Turn],
    lower: DateTime<Utc>,
    window: Window,
    files: &Files<'_>,
    tie: &dyn Fn(&Turn) -> Tie,
) -> Vec<Turn> {
    let rest = |turn: &Turn| {
        let rest = match tie(turn) {
            // Also where only the time is known at which the session began: it is not from before for certain.
            Tie::First => return Some(turn.clone()),
            Tie::Later => turn.after(lower).unwrap_or_else(|| stripped(turn)),
            Tie::Others => return None,
            Tie::Open => turn.after(lower)?,
        };
        // A request may be committed in parts while it is still being worked on.
        let edits = if files.edited_by(turn) { turn.edits.clone() } else { rest.edits };
        let carried_over = turn.prompt.as_ref().is_some_and(|said| said.at <= lower.max(window.since));
        Some(Turn { edits, carried_over, ..rest })
    };
    let mut own: Vec<Turn> = all.iter().filter_map(rest).collect();
    own.retain(|turn| turn.span.1 > window.since || files.edited_by(turn) || tie(turn).is_this());
    own
}

/// A turn whose edits another commit left for this one. If it was before the parent, its commands and decisions were
/// told there.
fn left(turn: &Turn, window: Window) -> Turn {
    if turn.span.1 > window.since {
        return turn.clone();
    }
    stripped(turn)
}

/// The prompt, replies and edits of a turn that was told before.
fn stripped(turn: &Turn) -> Turn {
    Turn { carried_over: true, commands: Vec::new(), questions: Vec::new(), plans: Vec::new(), ..turn.clone() }
}

/// A turn that was told already but was still running and had edited files of this commit: its prompt is the reason for
/// this commit, too, although nothing new has been written since.
fn still_running(turn: &Turn, window: Window, files: &Files<'_>) -> Option<Turn> {
    let is_over = turn.closed || window.until - turn.span.1 > LONGEST_SILENCE;
    (!is_over && files.ever_edited_by(turn)).then(|| stripped(turn)).map(|turn| Turn { replies: Vec::new(), ..turn })
}

/// The turn before `first` in the session, if it only led up to it: what edited files was a request of its own.
fn antecedent(all: &[Turn], first: &Turn) -> Option<Turn> {
    let opened = first.prompt.as_ref()?.at;
    let mut before = all.iter().rev().find(|turn| turn.prompt.as_ref().is_some_and(|said| said.at < opened))?.clone();
    if !before.edits.is_empty() {
        return None;
    }
    before.carried_over = true;
    Some(before)
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::chat::message::{Assistant, Event, EventKind, Outcome, SessionId};
    use crate::git::Settled;
    use crate::git::{Change, ChangeKind, Lines, Signature};

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
            both_sides: std::collections::BTreeSet::default(),
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
            replaced: Vec::new(),
        }
    }

    /// The chosen sessions, each with the prompts that belong to the commit, carried-over ones in brackets.
    fn chosen(commit: &Commit, heard: &[Heard]) -> Vec<(String, Vec<String>)> {
        let window = Window::of(commit);
        let said = |turn: &Turn| {
            let text = turn.prompt.as_ref().map(|said| said.text.clone()).unwrap_or_default();
            if turn.carried_over { format!("({text})") } else { text }
        };
        // The parent has committed all there was.
        let settled = || Settled::before(window.since);
        let view = View { roots: &["/repo".into()], elsewhere: &[], floor: window.since, settled: &settled };
        choose(commit, window, view, heard)
            .matches
            .into_iter()
            .map(|found| (found.session.id.0, found.turns.iter().map(said).collect()))
            .collect()
    }

    #[test]
    fn what_was_said_since_the_last_commit_belongs_to_this_one() {
        let one =
            session("s", &[(1, "?old"), (2, ".ok"), (11, "?new"), (12, "/repo/src/a.rs"), (13, ".done"), (30, "?x")]);
        assert_eq!(chosen(&commit(10, 20, &["src/a.rs"]), &[one]), [("s".into(), vec!["new".into()])]);
    }

    #[test]
    fn a_session_that_touched_none_of_the_files_stays_out() {
        let ours = session("ours", &[(11, "?fix"), (12, "/repo/src/a.rs")]);
        let next_tab = session("next", &[(11, "?other"), (12, "/repo/src/b.rs")]);
        let chatter = session("talk", &[(13, "?weather"), (14, ".fine")]);
        let commit = commit(10, 20, &["src/a.rs"]);
        assert_eq!(chosen(&commit, &[next_tab.clone(), ours, chatter.clone()]), [("ours".into(), vec!["fix".into()])]);
        assert_eq!(chosen(&commit, &[next_tab, chatter]), [("talk".into(), vec!["weather".into()])]);
    }

    #[test]
    fn the_second_of_two_quick_commits_keeps_the_prompt_that_led_to_it() {
        let mut one = session("s", &[(11, "?both"), (12, "/repo/a.rs"), (14, "/repo/b.rs")]);
        one.uses = vec![Use { commit: CommitId::parse(&"c".repeat(40)).unwrap(), through: at(13) }];
        assert_eq!(chosen(&commit(13, 15, &["b.rs"]), &[one.clone()]), [("s".into(), vec!["(both)".into()])]);
        one.uses[0].through = at(15);
        let later = commit(15, 16, &["a.rs"]);
        assert_eq!(chosen(&later, &[one.clone()]), [("s".into(), vec!["(both)".into()])], "still running");
        one.session.events.push(Event { id: "end".into(), at: at(14), kind: EventKind::Reply("done".into()) });
        assert_eq!(chosen(&later, &[one]), [], "the turn had ended");
    }

    #[test]
    fn work_that_was_brought_from_another_work_tree_is_found_if_there_is_none_here() {
        let there = session("there", &[(11, "?side"), (12, "/side/src/a.rs"), (13, ".done")]);
        let here = session("here", &[(14, "?main"), (15, "/repo/src/a.rs"), (16, ".done")]);
        let commit = commit(10, 20, &["src/a.rs"]);
        let window = Window::of(&commit);
        let settled = || Settled::before(window.since);
        let roots = ["/repo".into(), "/side".into()];
        let view = View { roots: &roots, elsewhere: &roots[1..], floor: window.since, settled: &settled };
        let chosen = |heard: &[Heard]| -> Vec<String> {
            choose(&commit, window, view, heard).matches.into_iter().map(|found| found.session.id.0).collect()
        };
        assert_eq!(chosen(&[there.clone(), here]), ["here"]);
        assert_eq!(chosen(&[there]), ["there"]);
    }

    #[test]
    fn every_session_gets_its_verdict() {
        let teller = CommitId::parse(&"c".repeat(40)).unwrap();
        let commit = commit(10, 20, &["src/a.rs", "src/b.rs"]);
        let check = |heard: &[Heard], expected: &[Verdict]| {
            let window = Window::of(&commit);
            let settled = || Settled::before(window.since);
            let roots = ["/repo".into(), "/side".into()];
            let view = View { roots: &roots, elsewhere: &roots[1..], floor: window.since, settled: &settled };
            let considered = choose(&commit, window, view, heard).considered;
            let ids: Vec<_> = considered.iter().map(|one| &one.session).collect();
            assert_eq!(ids, heard.iter().map(|one| &one.session.id).collect::<Vec<_>>());
            assert_eq!(considered.into_iter().map(|one| one.verdict).collect::<Vec<_>>(), expected);
        };
        let taken = |reason, files| Verdict::Taken { reason, files };
        let left = Verdict::Left;

        let both = session("both", &[(11, "?x"), (12, "/repo/src/a.rs"), (13, "/repo/src/b.rs"), (14, "/repo/c.rs")]);
        let other = session("other", &[(11, "?x"), (12, "/repo/src/c.rs")]);
        let side = session("side", &[(11, "?x"), (12, "/side/src/a.rs")]);
        let before = session("before", &[(1, "?x"), (2, "/repo/src/a.rs"), (3, ".ok")]);
        let silent = session("silent", &[(1, "?x"), (2, ".ok"), (30, "?y")]);
        let talk = session("talk", &[(11, "?weather"), (12, ".fine")]);
        let names = session("names", &[(11, "?see src/a.rs")]);
        let mut told = session("told", &[(11, "?x"), (12, "/repo/src/a.rs"), (13, ".ok")]);
        told.uses = vec![Use { commit: teller.clone(), through: at(13) }];
        check(
            &[both.clone(), other, side, before, silent.clone(), talk.clone(), names.clone(), told],
            &[
                taken(Reason::EditedFiles, 2),
                left(Objection::OtherFiles),
                left(Objection::OtherWorkTree),
                left(Objection::EditedBefore),
                left(Objection::NothingInSpan),
                left(Objection::Outdone(Reason::EditedFiles)),
                left(Objection::Outdone(Reason::EditedFiles)),
                left(Objection::Told(teller)),
            ],
        );
        let runner = Heard { named: true, ..talk.clone() };
        check(&[runner, both], &[taken(Reason::RanTheCommit, 0), taken(Reason::EditedFiles, 2)]);
        check(&[talk.clone(), names], &[left(Objection::Outdone(Reason::NamesFiles)), taken(Reason::NamesFiles, 0)]);
        check(&[talk, silent], &[taken(Reason::Nearby, 0), left(Objection::NothingInSpan)]);
    }

    #[test]
    fn a_commit_moved_onto_a_younger_parent_ends_with_its_author_date() {
        let mut moved = commit(100, 20, &["a.rs"]);
        moved.committer.when = at(110).fixed_offset();
        let one = session("s", &[(11, "?mine"), (12, "/repo/a.rs"), (13, ".done"), (50, "?later"), (51, ".ok")]);
        assert_eq!(chosen(&moved, &[one]), [("s".into(), vec!["mine".into()])]);
    }

    #[test]
    fn a_turn_whose_commit_is_named_belongs_to_that_commit_and_to_no_other() {
        let made = |id: &str, message: &str| Event {
            id: format!("commit:{id}"),
            at: at(12),
            kind: EventKind::Command { line: format!("git commit -m \"{message}\""), outcome: Outcome::Passed },
        };
        let named = |id: &str, message: &str| {
            let mut one = session("s", &[(12, "?mine"), (12, "/repo/a.rs")]);
            one.session.events.push(made(id, message));
            one
        };
        let mut commit = commit(10, 20, &["a.rs"]);
        "mend a".clone_into(&mut commit.subject);
        let mine = [("s".to_owned(), vec!["mine".to_owned()])];
        assert_eq!(chosen(&commit, &[named("aaaaaaa", "anything")]), mine);
        assert_eq!(chosen(&commit, &[named("ccccccc", "mend b")]), [], "another commit's");
        assert_eq!(chosen(&commit, &[named("ccccccc", "mend a")]), mine, "perhaps the same before it was moved");
        let mut amended = named("ccccccc", "mend b");
        amended.replaced.push(CommitId::parse(&"c".repeat(40)).unwrap());
        assert_eq!(chosen(&commit, &[amended]), mine);
        let mut going_on = named("ccccccc", "as it was before");
        going_on.session.events.push(Event {
            id: "e".into(),
            at: at(12),
            kind: EventKind::Edit { path: "/repo/a.rs".into() },
        });
        assert_eq!(chosen(&commit, &[going_on]), mine, "edited again after that commit");

        // The time of an older prompt, and files that it did not edit, do not speak against it.
        let mut early = session("s", &[(2, "?mine"), (2, "/repo/b.rs")]);
        early.session.events.push(Event { at: at(2), ..made("aaaaaaa", "x") });
        early.session.events.push(Event { id: "next".into(), at: at(11), kind: EventKind::Prompt("next".into()) });
        early.session.events.push(Event {
            id: "c".into(),
            at: at(11),
            kind: EventKind::Edit { path: "/repo/c.rs".into() },
        });
        let heard = [early, session("near", &[(11, "?weather")])];
        assert_eq!(chosen(&commit, &heard), [("s".into(), vec!["mine".into()])]);
    }

    #[test]
    fn paths_of_unknown_roots_need_two_components() {
        let commit = commit(1, 2, &["src/a.rs", "README.md"]);
        let never = || Settled::before(DateTime::UNIX_EPOCH);
        let view = View { roots: &["/repo".into()], elsewhere: &[], floor: at(1), settled: &never };
        let files = Files::of(&commit, Window::of(&commit).since, view);
        for (path, expected) in [
            ("/repo/src/a.rs", true),
            ("/repo/README.md", true),
            ("/elsewhere/repo/src/a.rs", true),
            ("/elsewhere/README.md", false),
            ("/repo/other/src/a.rs", false),
            ("C:\\code\\repo\\src\\a.rs", true),
        ] {
            assert_eq!(files.find(Path::new(path)).is_some(), expected, "{path}");
        }
    }
}
