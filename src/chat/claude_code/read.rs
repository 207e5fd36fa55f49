//! One transcript, from its end backwards, as a session.
//!
//! In: a candidate, and what is wanted. Out: a [`Session`], nothing when it is not of this repository, or a [`Gap`].
//! Never here: more of the file than is needed.
//!
//! Needed is all since `wanted.since`, and before it the prompt that opened the turn then in progress and the exchange
//! before that one: the second of two quick commits has its reason there, and a prompt such as "do it" its meaning.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};

use super::record::{self, Record};
use super::{facts, lineage};
use crate::chat::jsonl::{Backwards, Line};
use crate::chat::message::{Assistant, Event, EventKind, Gap, Session, Wanted};
use crate::chat::place;
use crate::chat::reader::Candidate;
use crate::env::Deadline;
use crate::fs::written;

/// How much of a session is read at most. Whole transcripts have about 1 MB, nine of ten under 4 MB; what is larger
/// holds pictures, and a span between two commits that exceeds this says nothing more for being read whole.
const SESSION_BYTES: u64 = 32 * 1024 * 1024;

/// The same for all sub-agents of a session together, and how many of them are looked at, the newest first.
const SUBAGENT_BYTES: u64 = 8 * 1024 * 1024;
const SUBAGENTS: usize = 64;

/// Sub-agents lie one to three directories deep (`subagents/workflows/<name>/`).
const SUBAGENT_DEPTH: usize = 4;

/// Records are not quite in the order of their times: so many older ones in a row show that none of the span is left.
const OLDER_IN_A_ROW: usize = 48;

/// The prompt that opened the turn in progress, and the one before.
const PROMPTS_BEFORE: usize = 2;

/// So much of a transcript's end is looked at first: some five records.
const PEEK: usize = 8 * 1024;

/// When so many times stand there, and all lie this long before the span, nothing of the span is in the file. Records are
/// out of order by minutes, not by days; but a history that was copied has fresh modification times in all its files,
/// and to read a hundred blocks for nothing would take longer than the commit.
const PEEK_TIMES: usize = 3;
const PEEK_MARGIN: TimeDelta = TimeDelta::days(1);

/// Reads the wanted span of a session.
///
/// `None` when nothing was said in or shortly before the span, or when no working directory and no edited file that was
/// read lies in a root; a named session is read in any case.
/// [`Session::complete`] is `false` when the deadline, the size limit, an over-long line or a failing read cut it off.
///
/// # Errors
/// The transcript cannot be opened, or nothing of it could be read in time.
pub fn read(candidate: &Candidate, wanted: &Wanted, deadline: Deadline) -> Result<Option<Session>, Gap> {
    let gap = |reason: String| Gap { assistant: Assistant::ClaudeCode, source: candidate.file.clone(), reason };
    if !candidate.named && is_stale(candidate, wanted.since) {
        return Ok(None);
    }
    let reach = Reach { since: wanted.since, until: wanted.until, prompts: PROMPTS_BEFORE, bytes: SESSION_BYTES };
    let main = tail(&candidate.file, &reach, deadline).map_err(|error| gap(format!("cannot read it: {error}")))?;
    if main.records.is_empty() && !main.complete {
        return Err(gap("nothing of it could be read in time".to_owned()));
    }
    let counts = counting(&main.records, wanted.since);
    let mut events = facts::events(&main.records, &counts);
    let (below, below_complete) = subagent_events(candidate, wanted, deadline);
    let mut known: HashSet<String> = events.iter().map(|event| event.id.clone()).collect();
    events.extend(below.into_iter().filter(|event| known.insert(event.id.clone())));
    // Stable: what happened in the same instant keeps its order.
    events.sort_by_key(|event| event.at);

    let directories = directories(&main.records);
    let edits_inside = |event: &Event| match &event.kind {
        EventKind::Edit { path } => place::inside(path, &wanted.roots),
        _ => false,
    };
    let ours = candidate.named
        || directories.iter().any(|directory| place::inside(directory, &wanted.roots))
        || events.iter().any(edits_inside);
    let newest = |field: fn(&Record) -> &Option<String>| {
        main.records.iter().rev().filter(|record| !record.sidechain).find_map(|record| field(record).clone())
    };
    Ok(ours.then(|| Session {
        id: candidate.id.clone(),
        assistant: Assistant::ClaudeCode,
        version: newest(|record| &record.version),
        model: newest(|record| &record.model),
        directories,
        events,
        file: candidate.file.clone(),
        complete: main.complete && below_complete,
    }))
}

/// Whether a transcript's end shows that it ended long before the span. Its times are looked for as text, which is a
/// hundred times cheaper than to take records apart; in a quoted text the quotation marks would be escaped.
fn is_stale(candidate: &Candidate, since: DateTime<Utc>) -> bool {
    // What cannot be read here is told when it is read in earnest.
    let Ok(end) = read_end(candidate) else { return false };
    let times: Vec<DateTime<Utc>> = memchr::memmem::find_iter(&end, "\"timestamp\"")
        .filter_map(|at| {
            let value = end[at + "\"timestamp\"".len()..].trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
            let value = value.strip_prefix(b"\"")?;
            let value = std::str::from_utf8(&value[..memchr::memchr(b'"', value)?]).ok()?;
            Some(DateTime::parse_from_rfc3339(value).ok()?.to_utc())
        })
        .collect();
    times.len() >= PEEK_TIMES && times.iter().all(|at| *at < since - PEEK_MARGIN)
}

fn read_end(candidate: &Candidate) -> io::Result<Vec<u8>> {
    // Neither asked for its size nor read to its end again: with hundreds of files each call counts.
    let mut file = crate::fs::open(&candidate.file)?;
    file.seek(SeekFrom::Start(candidate.size.saturating_sub(PEEK as u64)))?;
    let mut end = vec![0; PEEK];
    let read = file.read(&mut end)?;
    end.truncate(read);
    Ok(end)
}

/// Which records count: those of the kept branch, from the exchange before the span on.
fn counting(records: &[Record], since: DateTime<Utc>) -> Vec<bool> {
    let mut counts = lineage::kept(records);
    let before: Vec<usize> = prompts_before(records, &counts, since).collect();
    let first = before.iter().rev().nth(PROMPTS_BEFORE - 1).or(before.first()).copied().unwrap_or(0);
    counts[..first].fill(false);
    counts
}

fn prompts_before<'a>(
    records: &'a [Record],
    kept: &'a [bool],
    since: DateTime<Utc>,
) -> impl Iterator<Item = usize> + 'a {
    let before = move |at: &usize| {
        let record = &records[*at];
        kept[*at] && record.opens_turn() && record.at.is_some_and(|at| at < since)
    };
    (0..records.len()).filter(before)
}

/// The recorded working directories, newest last.
fn directories(records: &[Record]) -> Vec<PathBuf> {
    let mut newest_first: Vec<&str> = Vec::new();
    for directory in records.iter().rev().filter_map(|record| record.directory.as_deref()) {
        if !newest_first.contains(&directory) {
            newest_first.push(directory);
        }
    }
    newest_first.into_iter().rev().map(PathBuf::from).collect()
}

/// How far back to read.
struct Reach {
    since: DateTime<Utc>,
    until: DateTime<Utc>,
    /// How many prompts of the kept branch from before `since`.
    prompts: usize,
    bytes: u64,
}

/// The end of a transcript.
struct Tail {
    /// In the order of the file, each id once, none after the span.
    records: Vec<Record>,
    complete: bool,
    /// How much was read.
    bytes: u64,
}

fn tail(path: &Path, reach: &Reach, deadline: Deadline) -> io::Result<Tail> {
    // Looked at before it is opened: opening a pipe would wait for its writer.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut lines = Backwards::new(crate::fs::open(path)?)?;
    let size = lines.position();
    let mut tail = Tail { records: Vec::new(), complete: true, bytes: 0 };
    let mut seen = HashSet::new();
    let mut progress = Progress::new(reach);
    loop {
        tail.bytes = size - lines.position();
        if deadline.passed() || tail.bytes > reach.bytes {
            tail.complete = false;
            break;
        }
        match lines.line() {
            Ok(Some(Line::Whole { offset, bytes })) => {
                for record in record::records(offset, bytes).into_iter().rev() {
                    let after = record.at.is_some_and(|at| at > reach.until);
                    // A resumed session repeats records of the one it continues.
                    let again = record.uuid.as_ref().is_some_and(|uuid| !seen.insert(uuid.clone()));
                    if !after && !again {
                        progress.note(&record);
                        tail.records.push(record);
                    }
                }
            }
            Ok(Some(Line::TooLong)) => tail.complete = false,
            Ok(None) => break,
            // Truncated or gone while it was read: what was read stays true.
            Err(_) => {
                tail.complete = false;
                break;
            }
        }
        if progress.is_enough(&mut tail.records) {
            break;
        }
    }
    tail.records.reverse();
    Ok(tail)
}

/// Whether enough has been read.
struct Progress<'a> {
    reach: &'a Reach,
    older_in_a_row: usize,
    /// Prompts before the span, whether their branch was kept or not.
    prompts: usize,
    /// At so many prompts it is worth finding out how many are on the kept branch.
    look_at: usize,
}

impl<'a> Progress<'a> {
    fn new(reach: &'a Reach) -> Self {
        Self { reach, older_in_a_row: 0, prompts: 0, look_at: reach.prompts }
    }

    fn note(&mut self, record: &Record) {
        let Some(at) = record.at else { return };
        if at >= self.reach.since {
            self.older_in_a_row = 0;
            return;
        }
        self.older_in_a_row += 1;
        self.prompts += usize::from(record.opens_turn());
    }

    fn is_enough(&mut self, newest_first: &mut [Record]) -> bool {
        if self.older_in_a_row < OLDER_IN_A_ROW || self.prompts < self.look_at {
            return false;
        }
        newest_first.reverse();
        let kept = lineage::kept(newest_first);
        let found = prompts_before(newest_first, &kept, self.reach.since).take(self.reach.prompts).count();
        newest_first.reverse();
        self.look_at = self.prompts * 2;
        found >= self.reach.prompts
    }
}

/// Edits and commands of the sub-agents, which keep transcripts of their own.
fn subagent_events(candidate: &Candidate, wanted: &Wanted, deadline: Deadline) -> (Vec<Event>, bool) {
    let top = candidate.file.with_extension("").join("subagents");
    let mut files = Vec::new();
    collect_subagents(&top, SUBAGENT_DEPTH, wanted.since, deadline, &mut files);
    files.sort_by(|a, b| b.cmp(a));
    let mut complete = files.len() <= SUBAGENTS && !deadline.passed();
    let mut bytes = SUBAGENT_BYTES;
    let mut events = Vec::new();
    for (_, file) in files.into_iter().take(SUBAGENTS) {
        let reach = Reach { since: wanted.since, until: wanted.until, prompts: 0, bytes };
        let Ok(mut tail) = tail(&file, &reach, deadline) else {
            complete = false;
            continue;
        };
        complete &= tail.complete;
        bytes = bytes.saturating_sub(tail.bytes);
        for record in &mut tail.records {
            record.sidechain = true;
        }
        let counts: Vec<bool> =
            tail.records.iter().map(|record| record.at.is_some_and(|at| at >= wanted.since)).collect();
        events.extend(facts::events(&tail.records, &counts));
    }
    (events, complete)
}

type Dated = (DateTime<Utc>, PathBuf);

fn collect_subagents(dir: &Path, depth: usize, since: DateTime<Utc>, deadline: Deadline, files: &mut Vec<Dated>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten().take_while(|_| !deadline.passed()) {
        let Ok(kind) = entry.file_type() else { continue };
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if kind.is_dir() && depth > 1 {
            collect_subagents(&entry.path(), depth - 1, since, deadline, files);
        } else if kind.is_file() && name.starts_with("agent-") && name.ends_with(".jsonl") {
            let modified = entry.metadata().ok().and_then(|meta| written(&meta));
            files.extend(modified.filter(|at| *at >= since).map(|at| (at, entry.path())));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::time::Duration;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::chat::message::SessionId;

    /// Minute `minute` of the day on which everything here happens.
    fn minute(minute: u32) -> DateTime<Utc> {
        let day: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
        day + Duration::from_secs(60 * u64::from(minute))
    }

    /// One record: its minute, its id, the one it follows, and `P:` a prompt, `R:` a reply, `E:` an edited path.
    fn line(at: u32, id: &str, parent: &str, what: &str) -> String {
        let (kind, content) = match what.split_once(':') {
            Some(("P", text)) => ("user", json!(text)),
            Some(("R", text)) => ("assistant", json!([{"type": "text", "text": text}])),
            Some(("E", path)) => (
                "assistant",
                json!([{"type": "tool_use", "id": format!("t{id}"), "name": "Edit", "input": {"file_path": path}}]),
            ),
            _ => panic!("what is {what}?"),
        };
        let record = json!({"type": kind, "uuid": id, "parentUuid": parent, "timestamp": minute(at), "cwd": "/repo/src",
            "version": "2.1.0", "message": {"content": content, "model": "claude-test"}});
        record.to_string() + "\n"
    }

    /// Exchanges, one a minute: the prompt `ask N`, ten records between, and the reply `said N`.
    fn exchanges(count: u32) -> String {
        let mut text = String::new();
        let mut parent = String::new();
        for n in 0..count {
            let mut add = |id: String, what: &str| {
                text += &line(n, &id, &parent, what);
                parent = id;
            };
            add(format!("p{n}"), &format!("P:ask {n}"));
            for step in 0..10 {
                add(format!("e{n}.{step}"), "E:/repo/a.rs");
            }
            add(format!("r{n}"), &format!("R:said {n}"));
        }
        text
    }

    fn session(text: &[u8], since: u32, until: u32) -> Option<Session> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("s.jsonl");
        fs::write(&file, text).unwrap();
        read(&candidate(&file), &wanted("/repo", since, until), Deadline::NONE).unwrap()
    }

    fn candidate(file: &Path) -> Candidate {
        Candidate { id: SessionId("s".to_owned()), file: file.to_owned(), modified: minute(0), named: false, size: 0 }
    }

    fn wanted(root: &str, since: u32, until: u32) -> Wanted {
        Wanted {
            roots: vec![PathBuf::from(root)],
            named: Vec::new(),
            since: minute(since),
            until: minute(until),
            thorough: false,
        }
    }

    fn said(session: &Session) -> Vec<&str> {
        fn words(event: &Event) -> Option<&str> {
            match &event.kind {
                EventKind::Prompt(text) | EventKind::Reply(text) => Some(text.as_str()),
                _ => None,
            }
        }
        session.events.iter().filter_map(words).collect()
    }

    #[test]
    fn the_span_comes_with_the_turn_before_it_and_the_exchange_before_that() {
        let session = session(exchanges(50).as_bytes(), 40, 41).unwrap();
        let expected: Vec<String> = (38..=41).flat_map(|n| [format!("ask {n}"), format!("said {n}")]).collect();
        assert_eq!(said(&session), expected);
        assert!(session.complete);
        assert_eq!(session.directories, [PathBuf::from("/repo/src")]);
        assert_eq!((session.version.as_deref(), session.model.as_deref()), (Some("2.1.0"), Some("claude-test")));
    }

    #[test]
    fn no_more_of_the_file_is_read_than_that() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("s.jsonl");
        fs::write(&file, exchanges(2000)).unwrap();
        let reach = Reach { since: minute(1990), until: minute(2000), prompts: 2, bytes: SESSION_BYTES };
        let tail = tail(&file, &reach, Deadline::NONE).unwrap();
        assert!(tail.complete && tail.bytes < fs::metadata(&file).unwrap().len() / 4, "{} bytes", tail.bytes);
        assert!(tail.records.len() < 400);
    }

    #[test]
    fn a_copied_history_is_told_by_its_end_alone() {
        const DAY: u32 = 24 * 60;
        let old = exchanges(3);
        let stale = |text: &str, since: u32| {
            let file = tempfile::NamedTempFile::new().unwrap();
            fs::write(file.path(), text).unwrap();
            is_stale(&Candidate { size: text.len() as u64, ..candidate(file.path()) }, minute(since))
        };
        assert!(stale(&old, DAY + 3) && !stale(&old, DAY + 2), "a day after the last words");
        assert!(stale(&old.replace("\"timestamp\":", "\"timestamp\" : "), DAY + 3));
        let resumed = old.clone() + &line(DAY + 3, "new", "r2", "P:again") + &exchanges(1);
        assert!(!stale(&resumed, DAY + 3), "the newest words need not be the last");
        assert!(!stale(&line(0, "1", "", "P:hello"), DAY * 9), "too little to judge by");
        let long_line = old + &line(DAY + 3, "new", "r2", &format!("R:{}", "x".repeat(20_000)));
        assert!(!stale(&long_line, DAY + 3), "one line fills the end");
        let quoted = json!({"timestamp": minute(DAY * 9)}).to_string();
        assert!(stale(&(exchanges(3) + &line(2, "q", "r2", &format!("R:{quoted}"))), DAY + 3), "quoted, not said");
        assert!(!is_stale(&candidate(Path::new("/nowhere")), minute(DAY * 9)));
    }

    #[test]
    fn what_the_human_went_back_over_is_out_also_when_it_stands_before_the_span() {
        let mut text = exchanges(3);
        text += &line(3, "dead", "r2", "P:dead end");
        text += &line(3, "dead2", "dead", "R:dead answer");
        text += &line(4, "p4", "r2", "P:instead");
        let whole = session(text.as_bytes(), 4, 9).unwrap();
        assert_eq!(said(&whole), ["ask 1", "said 1", "ask 2", "said 2", "instead"]);
        let before = session(text.as_bytes(), 5, 9).unwrap();
        assert_eq!(said(&before), ["ask 2", "said 2", "instead"]);
    }

    #[test]
    fn a_session_of_another_repository_is_not_ours_unless_it_edits_a_file_of_ours_or_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("s.jsonl");
        fs::write(&file, line(1, "1", "", "P:hello") + &line(1, "2", "1", "E:/other/a.rs")).unwrap();
        let ours = |root: &str, named: bool| {
            let candidate = Candidate { named, ..candidate(&file) };
            read(&candidate, &wanted(root, 0, 9), Deadline::NONE).unwrap().is_some()
        };
        assert!(ours("/repo", false) && ours("/other", false) && ours("/third", true));
        assert!(!ours("/third", false) && !ours("/rep", false));
    }

    #[test]
    fn a_repeated_record_is_told_once_and_glued_ones_are_all_told() {
        let mut text = line(1, "1", "", "P:hello").trim_end().to_owned();
        text += &line(1, "2", "1", "R:hi");
        text += &line(1, "1", "", "P:hello");
        text += "{\"type\":\"user\",\"mess";
        text += &line(2, "3", "2", "P:more");
        text += "{\"type\":\"user\",\"message\":{\"content\":\"torn";
        assert_eq!(said(&session(text.as_bytes(), 0, 9).unwrap()).len(), 3);
    }

    #[test]
    fn sub_agents_edits_are_the_sessions_but_not_their_words() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("s.jsonl");
        fs::write(&file, line(5, "1", "", "P:hello")).unwrap();
        let below = dir.path().join("s/subagents/workflows/w");
        fs::create_dir_all(&below).unwrap();
        let words =
            line(5, "a1", "", "P:find it") + &line(6, "a2", "a1", "E:/repo/b.rs") + &line(1, "a0", "", "E:/old");
        fs::write(below.join("agent-1.jsonl"), words).unwrap();
        let session = read(&candidate(&file), &wanted("/repo", 4, 9), Deadline::NONE).unwrap().unwrap();
        let kinds: Vec<_> = session.events.into_iter().map(|event| event.kind).collect();
        assert_eq!(
            kinds,
            [EventKind::Prompt("hello".to_owned()), EventKind::Edit { path: PathBuf::from("/repo/b.rs") }]
        );
    }

    #[test]
    fn what_cut_the_reading_off_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("s.jsonl");
        fs::write(&file, exchanges(3)).unwrap();
        let late = read(&candidate(&file), &wanted("/repo", 0, 9), Deadline::after(Duration::ZERO));
        assert_eq!(late.unwrap_err().source, file);
        let reach = Reach { since: minute(0), until: minute(900), prompts: 2, bytes: 0 };
        fs::write(&file, exchanges(900)).unwrap();
        let tail = tail(&file, &reach, Deadline::NONE).unwrap();
        assert!(!tail.complete && !tail.records.is_empty());
        assert!(read(&candidate(&dir.path().join("gone")), &wanted("/repo", 0, 9), Deadline::NONE).is_err());
        assert!(read(&candidate(dir.path()), &wanted("/repo", 0, 9), Deadline::NONE).is_err());
    }

    fn mangled() -> impl Strategy<Value = Vec<u8>> {
        let cut =
            (any::<prop::sample::Index>(), any::<prop::sample::Index>(), proptest::collection::vec(any::<u8>(), 0..4));
        proptest::collection::vec(cut, 0..6).prop_map(|cuts| {
            let mut bytes = exchanges(4).into_bytes();
            for (from, length, insert) in cuts {
                let from = from.index(bytes.len());
                let to = (from + length.index(40)).min(bytes.len());
                bytes.splice(from..to, insert);
            }
            bytes
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn no_bytes_make_it_panic_or_fail(bytes in prop_oneof![proptest::collection::vec(any::<u8>(), 0..400), mangled()]) {
            if let Some(session) = session(&bytes, 2, 3) {
                prop_assert!(session.events.iter().all(|event| event.at <= minute(3)));
                prop_assert!(session.events.is_sorted_by_key(|event| event.at));
            }
        }

        #[test]
        fn any_links_between_records_end(links in proptest::collection::vec((0u32..9, 0u8..12, 0u8..14), 0..14)) {
            let mut text = String::new();
            for (at, id, parent) in links {
                write!(text, "{}", line(at, &id.to_string(), &parent.to_string(), "P:x")).unwrap();
            }
            session(text.as_bytes(), 3, 8);
        }
    }
}
