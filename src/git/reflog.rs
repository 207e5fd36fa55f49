//! What git has noted about the moves of `HEAD`: which of them were commits made here.
//!
//! In: a reflog (`logs/HEAD` below a git directory), and how far it was read before. Out: a [`Reading`]: the commits made
//! since, oldest first, and how far it was read now.
//! Never here: more than [`PORTION`] bytes read, an error because of a malformed line, or a commit that was only brought
//! here: what `pull`, `merge`, `rebase` and their like moved `HEAD` to does not count.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::commit::CommitId;
use crate::fs;

/// The most that is read of a log at once, in bytes: some 1,500 lines.
pub const PORTION: u64 = 256 << 10;

/// How much of a line tells it from others, in bytes: both ids and the beginning of the name.
const TELLING: usize = 96;

/// A line of a log, for reading on behind it. Git cuts old lines off (`git reflog expire`), so where it began is not
/// enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Where the line begins, in bytes from the beginning of the log.
    start: u64,
    /// How it begins.
    line: String,
}

/// A commit that was made here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The commit.
    pub commit: CommitId,
    /// When, by the committer's clock.
    pub at: DateTime<Utc>,
    /// Its line.
    pub mark: Mark,
    /// Whether it took another commit's place (`git commit --amend`).
    pub amends: bool,
}

/// What a log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The commits made here, oldest first, without those that another one in the portion took the place of.
    pub commits: Vec<Made>,
    /// The last line that was read; `None` when there is none.
    pub end: Option<Mark>,
    /// Whether something happened that may have taken commits out or changed their ids, and that no hook tells of.
    pub unsettled: bool,
}

/// Reads a log on from behind a line; its last portion when that line is not known or no longer where it was. `None`
/// when there is no log.
///
/// # Errors
/// The log is there and cannot be read.
pub fn read(log: &Path, from: Option<&Mark>) -> std::io::Result<Option<Reading>> {
    let mut file = match fs::open(log) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Ok(None);
    }
    if let Some(mark) = from.filter(|mark| mark.start < meta.len()) {
        let bytes = portion(&mut file, mark.start)?;
        // A line that fills a portion was not written by git; what comes after it is found from the end.
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let is_it = end.is_some_and(|end| beginning(&bytes[..end]) == mark.line);
        if let Some(end) =
            end.filter(|end| is_it && ((bytes.len() as u64) < PORTION || bytes[end + 1..].contains(&b'\n')))
        {
            let mut reading = parse(&bytes[end + 1..], mark.start + end as u64 + 1);
            reading.end = reading.end.or_else(|| from.cloned());
            return Ok(Some(reading));
        }
    }
    let start = meta.len().saturating_sub(PORTION);
    let bytes = portion(&mut file, start)?;
    let whole =
        if start == 0 { 0 } else { bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1) };
    Ok(Some(parse(&bytes[whole..], start + whole as u64)))
}

fn portion(file: &mut File, start: u64) -> std::io::Result<Vec<u8>> {
    // Room for a few lines: a hook finds one or two.
    let mut bytes = Vec::with_capacity(1 << 10);
    file.seek(SeekFrom::Start(start))?;
    file.take(PORTION).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn beginning(line: &[u8]) -> String {
    String::from_utf8_lossy(&line[..line.len().min(TELLING)]).into_owned()
}

/// Whether the last move of `HEAD` went forward to a commit that was there already. `None` when the log does not say.
#[must_use]
pub fn was_fast_forward(log: &Path) -> Option<bool> {
    let mut file = fs::open(log).ok()?;
    let start = file.metadata().ok()?.len().saturating_sub(1 << 10);
    let bytes = portion(&mut file, start).ok()?;
    let last = bytes.trim_ascii_end().rsplit(|byte| *byte == b'\n').next()?;
    Some(memchr::memmem::find(last, b": Fast-forward").is_some())
}

/// The moves of `HEAD` back to a commit it had been at (`git reset`), oldest first, as far as the last portion of a log
/// tells: where it was, and where it went. None when the log cannot be read.
#[must_use]
pub fn resets(log: &Path) -> Vec<(CommitId, CommitId)> {
    let read = || {
        let mut file = fs::open(log).ok()?;
        let start = file.metadata().ok()?.len().saturating_sub(PORTION);
        portion(&mut file, start).ok()
    };
    let bytes = read().unwrap_or_default();
    let reset = |line: &[u8]| {
        let line = String::from_utf8_lossy(line);
        let (who, what) = line.split_once('\t')?;
        let mut ids = who.split(' ').map(CommitId::parse);
        what.starts_with("reset: ").then_some((ids.next()??, ids.next()??)).filter(|(from, to)| from != to)
    };
    bytes.split(|byte| *byte == b'\n').filter_map(reset).collect()
}

/// Takes whole lines apart; what follows the last of them is still being written.
fn parse(bytes: &[u8], mut start: u64) -> Reading {
    let mut reading = Reading { commits: Vec::new(), end: None, unsettled: false };
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let Some(text) = line.strip_suffix(b"\n") else { break };
        let mark = Mark { start, line: beginning(text) };
        if let Some(step) = step(text) {
            reading.commits.retain(|made| Some(&made.commit) != step.replaces.as_ref());
            let amends = step.replaces.is_some();
            reading.commits.push(Made { commit: step.commit, at: step.at, mark: mark.clone(), amends });
        }
        reading.end = Some(mark);
        reading.unsettled |= is_unsettling(text);
        start += line.len() as u64;
    }
    reading
}

/// Whether a line tells of something else than commits made, brought here or gone to. Programs that change history
/// without git's help write what they like.
fn is_unsettling(line: &[u8]) -> bool {
    const SETTLED: &[&str] = &[
        "commit",
        "checkout",
        "merge",
        "pull",
        "clone",
        "initial",
        "branch",
        "cherry-pick",
        "revert",
        "am",
        "rebase (start)",
        "rebase (pick)",
        "rebase (continue)",
        "rebase (abort)",
    ];
    let line = String::from_utf8_lossy(line);
    let Some((who, what)) = line.split_once('\t') else { return false };
    let mut ids = who.split(' ');
    let moved = ids.next() != ids.next();
    let finished = what.split(": ").next().is_some_and(|action| action.contains("(finish)"));
    moved && (finished || !SETTLED.iter().any(|action| what.starts_with(action)))
}

/// A line that tells of a commit made here.
struct Step {
    commit: CommitId,
    replaces: Option<CommitId>,
    at: DateTime<Utc>,
}

/// `OLD NEW NAME <ADDRESS> SECONDS OFFSET<tab>ACTION: SUBJECT` (`git help reflog`; the actions are those of
/// `builtin/commit.c` and `sequencer.c`).
fn step(line: &[u8]) -> Option<Step> {
    let line = String::from_utf8_lossy(line);
    let (who, what) = line.split_once('\t')?;
    let (action, subject) = what.split_once(": ").unwrap_or((what, ""));
    let amends = action == "commit (amend)";
    let made = match action {
        "commit" | "commit (initial)" | "commit (amend)" | "commit (merge)" | "commit (cherry-pick)" | "revert" => true,
        // Where the commit's parent is HEAD already, git takes the commit itself.
        "cherry-pick" => subject != "fast-forward",
        _ => false,
    };
    let mut ids = who.splitn(3, ' ');
    let (old, new) = (ids.next()?, ids.next()?);
    let mut clock = who.rsplit(' ');
    let (_offset, seconds) = (clock.next()?, clock.next()?);
    let at = DateTime::from_timestamp(seconds.parse().ok()?, 0)?;
    let replaces = amends.then(|| CommitId::parse(old)).flatten();
    made.then(|| CommitId::parse(new)).flatten().map(|commit| Step { commit, replaces, at })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    fn id(digit: char) -> String {
        digit.to_string().repeat(40)
    }

    fn line(old: char, new: char, message: &str) -> String {
        format!("{} {} Ada Example <ada@example.org> 1767711726 +0100\t{message}\n", id(old), id(new))
    }

    /// The commits in a log with these moves, from commit `0` on, each named by a letter.
    fn check(moves: &[(char, &str)], expected: &str) {
        let (mut text, mut old) = (String::new(), '0');
        for (new, message) in moves {
            text += &line(old, *new, message);
            old = *new;
        }
        assert_eq!(names(&parse(text.as_bytes(), 0)), expected, "{moves:?}");
    }

    fn names(reading: &Reading) -> String {
        reading.commits.iter().map(|made| &made.commit.as_str()[..1]).collect()
    }

    #[test]
    fn only_commits_that_were_made_here_count_and_of_amended_ones_the_last() {
        check(&[('a', "commit (initial): one"), ('b', "commit: two: with a colon"), ('c', "commit")], "abc");
        check(&[('a', "commit: x"), ('b', "commit (amend): x"), ('c', "commit (amend): x")], "c");
        check(&[('a', "cherry-pick: x"), ('b', "cherry-pick: fast-forward"), ('c', "revert: Revert \"x\"")], "ac");
        check(&[('a', "commit (merge): x"), ('b', "commit (cherry-pick): x")], "ab");
        for others in [
            "pull: Fast-forward",
            "merge x: Fast-forward",
            "merge x: Merge made by the 'ort' strategy.",
            "rebase (pick): x",
            "pull --rebase (finish): x",
            "reset: moving to HEAD~1",
            "checkout: moving from a to b",
            "clone: from x",
            "am: x",
            "commit-tree: x",
            "",
        ] {
            check(&[('a', others)], "");
        }
    }

    #[test]
    fn what_may_have_changed_ids_is_told_from_what_only_brings_or_goes() {
        for settled in
            ["commit: x", "checkout: moving from a to b", "pull: Fast-forward", "rebase (pick): x", "merge x: y"]
        {
            assert!(!parse(line('0', 'a', settled).as_bytes(), 0).unsettled, "{settled}");
        }
        for other in ["reset: moving to HEAD~1", "rebase (finish): x", "pull --rebase (finish): x", "jj: x", ""] {
            assert!(parse(line('0', 'a', other).as_bytes(), 0).unsettled, "{other}");
        }
        assert!(!parse(line('a', 'a', "reset: moving to HEAD").as_bytes(), 0).unsettled, "nothing moved");
        let (a, b) = (CommitId::parse(&"a".repeat(40)).unwrap(), CommitId::parse(&"b".repeat(40)).unwrap());
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("HEAD");
        assert!(resets(&log).is_empty() && was_fast_forward(&log).is_none());
        std::fs::write(&log, line('0', 'b', "commit: x") + &line('b', 'a', "reset: moving to HEAD~1")).unwrap();
        assert_eq!((resets(&log), was_fast_forward(&log)), (vec![(b, a)], Some(false)));
        std::fs::write(&log, line('0', 'b', "merge x: Fast-forward")).unwrap();
        assert_eq!(was_fast_forward(&log), Some(true));
    }

    #[test]
    fn lines_that_git_would_not_write_are_passed_over() {
        for odd in ["", "\t", "\tcommit: x", "a b c\tcommit: x", "\u{fffd} \u{fffd} <> 1 +0000\tcommit: x"] {
            let text = format!("{odd}\n{}", line('0', 'a', "commit: x"));
            assert_eq!(names(&parse(text.as_bytes(), 0)), "a", "{odd:?}");
        }
        assert_eq!(names(&parse(line('0', 'a', "commit: x").trim_end().as_bytes(), 0)), "", "still being written");
        let reading = parse(line('0', 'a', "commit: x").as_bytes(), 0);
        assert_eq!(reading.commits[0].at.timestamp(), 1_767_711_726);
    }

    #[test]
    fn reading_goes_on_behind_the_mark_also_when_old_lines_were_cut_off() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("HEAD");
        let read_on = |mark: Option<&Mark>| read(&log, mark).unwrap().unwrap();
        assert_eq!(read(&log, None).unwrap(), None);
        std::fs::write(&log, "").unwrap();
        assert_eq!(read_on(None), Reading { commits: Vec::new(), end: None, unsettled: false });
        let (one, two, three) = (line('0', 'a', "commit: x"), line('a', 'b', "commit: y"), line('b', 'c', "commit: z"));
        std::fs::write(&log, format!("{one}{two}")).unwrap();
        let first = read_on(None);
        assert_eq!(names(&first), "ab");
        let again = read_on(first.end.as_ref());
        assert_eq!((names(&again).as_str(), &again.end), ("", &first.end));
        std::fs::write(&log, format!("{one}{two}{three}")).unwrap();
        let second = read_on(first.end.as_ref());
        assert_eq!(names(&second), "c");
        assert_eq!(names(&read_on(Some(&first.commits[0].mark))), "bc");
        std::fs::write(&log, format!("{two}{three}")).unwrap();
        assert_eq!(names(&read_on(second.end.as_ref())), "bc", "the line is no longer where it was");
    }

    #[test]
    fn a_long_log_is_read_in_portions_and_without_a_mark_from_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("HEAD");
        let mut text = String::new();
        for nth in 0..5_000 {
            let _ = writeln!(text, "{nth:040x} {:040x} A <a@x> {nth} +0000\tcommit: x", nth + 1);
        }
        std::fs::write(&log, &text).unwrap();
        let last = read(&log, None).unwrap().unwrap();
        assert_eq!(last.commits.last().unwrap().at.timestamp(), 4_999);
        let mut mark = Some(Mark { start: 0, line: beginning(text.lines().next().unwrap().as_bytes()) });
        let (mut seen, mut portions) = (1, 0);
        while seen < 5_000 {
            let reading = read(&log, mark.as_ref()).unwrap().unwrap();
            assert_eq!(reading.commits[0].at.timestamp(), seen);
            seen += i64::try_from(reading.commits.len()).unwrap();
            mark = reading.end;
            portions += 1;
        }
        assert!(portions > 1);
        std::fs::write(&log, vec![b'x'; 600 << 10]).unwrap();
        assert_eq!(read(&log, mark.as_ref()).unwrap().unwrap().commits, []);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
            let reading = parse(&bytes, 0);
            proptest::prop_assert!(reading.end.is_some() == bytes.contains(&b'\n'));
            let _ = step(&bytes);
        }
    }
}
