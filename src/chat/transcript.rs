//! Conversations that are files of JSON lines: what their readers share.
//!
//! In: such a file, and how one assistant writes its records. Out: the wanted end of it as a [`Session`].
//! Never here: a format, or more of the file than is needed.
//!
//! Needed is all since `wanted.since`, the prompt that opened the turn then in progress, and the exchange before it.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use chrono::{DateTime, Utc};

pub use super::entry::{Came, Entry, Part, Tool, branch};
use super::fields::Fields;
use super::gathered::PROMPTS_BEFORE;
use super::jsonl::{self, Backwards, Line};
use super::message::{Assistant, Gap, Session, Wanted};
use super::reader::Candidate;
use super::telling;
use crate::env::Deadline;

/// How much of a session is read at most; a span between two commits that exceeds this says no more for being read whole.
const SESSION_BYTES: u64 = 32 * 1024 * 1024;

/// Records are not quite in the order of their times: so many older ones in a row show that none of the span is left.
const OLDER_IN_A_ROW: usize = 48;

/// The first line names the session; Codex puts its instructions there, some 20 KB.
const FIRST_LINE: u64 = 1024 * 1024;

/// How an assistant writes its transcripts.
pub struct Format<'a> {
    /// Whose.
    pub assistant: Assistant,
    /// What a record says; `None` when nothing of it can matter.
    pub entry: &'a dyn Fn(&Fields<'_>) -> Option<Entry>,
    /// Which records are on the branch of the conversation that was kept.
    pub kept: &'a dyn Fn(&[Entry]) -> Vec<bool>,
}

/// Opens a transcript, and nothing that is not a regular file.
///
/// # Errors
/// It is gone, cannot be read, or is a directory or a pipe.
pub fn open(path: &Path) -> io::Result<File> {
    // Looked at before it is opened: opening a pipe would wait for its writer.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    File::open(path)
}

/// What the first line says, from where the session's directory is taken; `None` when it is not of the expected kind.
///
/// # Errors
/// The file cannot be read.
pub fn first_line<T>(
    source: &mut (impl Read + Seek),
    entry: impl Fn(&Fields<'_>) -> Option<T>,
) -> io::Result<Option<T>> {
    source.seek(SeekFrom::Start(0))?;
    let mut line = Vec::new();
    let mut block = [0; 16 * 1024];
    let mut limited = source.take(FIRST_LINE);
    loop {
        let count = limited.read(&mut block)?;
        line.extend_from_slice(&block[..count]);
        if count == 0 || block[..count].contains(&b'\n') {
            break;
        }
    }
    let end = memchr::memchr(b'\n', &line).unwrap_or(line.len());
    let text = jsonl::text(&line[..end]);
    Ok(jsonl::objects::<Fields<'_>>(text.trim_start_matches('\u{feff}')).first().and_then(entry))
}

/// Reads the wanted span of a session from its file. The first line says where it was started.
///
/// # Errors
/// The file cannot be opened, or nothing of it could be read in time.
pub fn read_file(
    format: &Format<'_>,
    candidate: &Candidate,
    wanted: &Wanted,
    deadline: Deadline,
) -> Result<Option<Session>, Gap> {
    let gap = |error: io::Error| Gap {
        assistant: format.assistant,
        source: candidate.file.clone(),
        reason: format!("cannot read it: {error}"),
    };
    let mut source = open(&candidate.file).map_err(gap)?;
    let started = |fields: &Fields<'_>| {
        let Entry { directory, version, .. } = (format.entry)(fields)?;
        // What it says and does is told where it is met as a record.
        Some(Entry { directory, version, ..Entry::default() })
    };
    let first = first_line(&mut source, started).map_err(gap)?;
    read(format, source, first.as_ref(), candidate, wanted, deadline)
}

/// Reads the wanted span of a session; `first` is what its first line says.
///
/// # Errors
/// The file cannot be read, or nothing of it could be read in time.
pub fn read(
    format: &Format<'_>,
    source: impl Read + Seek,
    first: Option<&Entry>,
    candidate: &Candidate,
    wanted: &Wanted,
    deadline: Deadline,
) -> Result<Option<Session>, Gap> {
    let gap = |reason: String| Gap { assistant: format.assistant, source: candidate.file.clone(), reason };
    let tail = tail(format, source, wanted, deadline).map_err(|error| gap(format!("cannot read it: {error}")))?;
    if tail.entries.is_empty() && !tail.complete {
        return Err(gap("nothing of it could be read in time".to_owned()));
    }
    let kept = (format.kept)(&tail.entries);
    let mut gathered = telling::gather(first, &tail.entries, &kept);
    gathered.cut |= !tail.complete;
    Ok(gathered.session(format.assistant, candidate, wanted))
}

/// The end of a transcript.
struct Tail {
    /// In the order of the file, none after the span.
    entries: Vec<Entry>,
    complete: bool,
}

fn tail(format: &Format<'_>, source: impl Read + Seek, wanted: &Wanted, deadline: Deadline) -> io::Result<Tail> {
    let mut lines = Backwards::new(source)?;
    let size = lines.position();
    let mut tail = Tail { entries: Vec::new(), complete: true };
    let mut progress = Progress { since: wanted.since, older_in_a_row: 0, prompts: 0, look_at: PROMPTS_BEFORE };
    let mut seen = HashSet::new();
    loop {
        if deadline.passed() || size - lines.position() > SESSION_BYTES {
            tail.complete = false;
            break;
        }
        match lines.line() {
            Ok(Some(Line::Whole { offset, bytes })) => {
                for entry in entries(format, offset, bytes).into_iter().rev() {
                    let after = entry.at.is_some_and(|at| at > wanted.until);
                    // A resumed session may repeat records.
                    if !after && seen.insert(entry.key.clone()) {
                        progress.note(&entry);
                        tail.entries.push(entry);
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
        if progress.is_enough(format, &mut tail.entries) {
            break;
        }
    }
    tail.entries.reverse();
    Ok(tail)
}

fn entries(format: &Format<'_>, offset: u64, line: &[u8]) -> Vec<Entry> {
    let text = jsonl::text(line);
    let objects = jsonl::objects::<Fields<'_>>(&text);
    let entry = |(nth, fields): (usize, &Fields<'_>)| {
        let entry = (format.entry)(fields)?;
        let key = entry.id.clone().unwrap_or_else(|| format!("@{offset}.{nth}"));
        Some(Entry { key, ..entry })
    };
    objects.iter().enumerate().filter_map(entry).collect()
}

/// Whether enough has been read.
struct Progress {
    since: DateTime<Utc>,
    older_in_a_row: usize,
    /// Prompts before the span, whether their branch was kept or not.
    prompts: usize,
    /// At so many prompts it is worth finding out how many are on the kept branch.
    look_at: usize,
}

impl Progress {
    fn note(&mut self, entry: &Entry) {
        let Some(at) = entry.at else { return };
        if at >= self.since {
            self.older_in_a_row = 0;
            return;
        }
        self.older_in_a_row += 1;
        self.prompts += usize::from(entry.has(Part::opens_turn));
    }

    fn is_enough(&mut self, format: &Format<'_>, newest_first: &mut [Entry]) -> bool {
        if self.older_in_a_row < OLDER_IN_A_ROW || self.prompts < self.look_at {
            return false;
        }
        newest_first.reverse();
        let kept = (format.kept)(newest_first);
        let sure = newest_first.iter().any(|entry| entry.has(Part::is_prompt));
        let opens = if sure { Part::is_prompt } else { Part::opens_turn };
        let counts =
            |(entry, kept): (&Entry, bool)| kept && entry.has(opens) && entry.at.is_some_and(|at| at < self.since);
        let found = newest_first.iter().zip(kept).filter(|(entry, kept)| counts((entry, *kept))).count();
        newest_first.reverse();
        self.look_at = self.prompts * 2;
        found >= PROMPTS_BEFORE
    }
}
