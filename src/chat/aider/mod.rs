//! Aider's history: `.aider.chat.history.md` at the top of the work tree, or where its configuration says.
//!
//! In: the work trees' tops, and what is wanted. Out: candidates, and from each a session: all chats in a file are one.
//! Never here: what the assistant was thinking, or the blocks in which it wrote its edits.
//!
//! The format is that of Aider's own source (`aider/io.py`): `#### ` and two spaces at the end for what was typed, `> ` for
//! what the program said, and the assistant's words as they are. Times are local, one for each chat; the times of prompts
//! stand in `.aider.input.history`. `> Commit abc1234 …` names a commit that Aider made: its event has the id
//! `commit:abc1234`.

mod settings;

use std::collections::HashSet;
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Local, NaiveDateTime, TimeZone, Utc};

use super::gathered::Gathered;
use super::message::{Assistant, COMMIT, EventKind, Gap, Outcome, Session, Wanted};
use super::reader::{Candidate, Found, Reader};
use super::search::Search;
use super::{fingerprint, jsonl, transcript};
use crate::env::{Deadline, Env};

/// The line in the table of readers.
pub const READER: Reader = Reader { assistant: Assistant::Aider, session_variable: None, places, find, read };

const CHAT: &str = ".aider.chat.history.md";
const INPUT: &str = ".aider.input.history";

/// How much of the end of a history is read: several days of work.
const TAIL: u64 = 4 * 1024 * 1024;

/// Commands of Aider whose words are a request to the assistant.
const ASKING: &[&str] = &["/ask ", "/code ", "/architect ", "/context "];

/// Commands that run something.
const RUNNING: &[&str] = &["/run ", "/test ", "!"];

/// The history that a variable names, those above the working directory, the one that the user configured, and those that
/// the user's configuration of Aider names.
fn places(env: &Env, extra: Option<&Path>) -> Vec<PathBuf> {
    let named = env.text("AIDER_CHAT_HISTORY_FILE").map(|file| env.cwd.join(file));
    let above = env.cwd.ancestors().take(32).map(|dir| dir.join(CHAT));
    let extra = extra.map(|extra| if extra.is_dir() { extra.join(CHAT) } else { extra.to_owned() });
    let theirs = env.home.as_ref().and_then(|home| settings::chat_of_user(home));
    let theirs = theirs.iter().flat_map(|file| env.cwd.ancestors().take(32).map(move |dir| dir.join(file)));
    let mut seen = HashSet::new();
    let files = named.into_iter().chain(above).chain(extra).chain(theirs);
    files.filter(|file| file.is_file() && seen.insert(file.clone())).collect()
}

/// The roots' own histories, those that their own configurations name, and those of the places.
fn find(places: &[PathBuf], wanted: &Wanted, deadline: Deadline) -> Found {
    let mut search = Search::new(Assistant::Aider, wanted, deadline);
    let moved = wanted.roots.iter().filter_map(|root| settings::chat(root));
    for file in wanted.roots.iter().map(|root| root.join(CHAT)).chain(moved).chain(places.iter().cloned()) {
        if search.late() {
            break;
        }
        search.consider(&session_id(&file), file);
    }
    search.finish()
}

/// A file's session has no id of its own: it is made of the file's path.
fn session_id(file: &Path) -> String {
    fingerprint::of(file)[..16].to_owned()
}

fn read(candidate: &Candidate, wanted: &Wanted, _deadline: Deadline) -> Result<Option<Session>, Gap> {
    let gap = |error: std::io::Error| Gap {
        assistant: Assistant::Aider,
        source: candidate.file.clone(),
        reason: format!("cannot read it: {error}"),
    };
    let (start, bytes) = tail(&candidate.file).map_err(gap)?;
    let root = top(&candidate.file, &wanted.roots);
    let input = settings::input(root).unwrap_or_else(|| root.join(INPUT));
    let input = tail(&input).map(|(_, bytes)| bytes).unwrap_or_default();
    let mut teller = Teller::new(root, typed_times(&jsonl::text(&input)), starts(&bytes));
    // What stands before the first chat in the part that was read has no time.
    teller.gathered.cut = start > 0;
    let mut at = start;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        teller.line(at, jsonl::text(line).trim_end_matches(['\n', '\r']));
        at += line.len() as u64;
    }
    teller.end();
    let reaches = teller.first.is_some_and(|first| first < wanted.since);
    teller.gathered.cut &= !reaches;
    Ok(teller.gathered.session(Assistant::Aider, candidate, wanted))
}

/// The directory from which a history's paths are taken: where it lies, or, if it was moved, the top of its work tree.
fn top<'a>(file: &'a Path, roots: &'a [PathBuf]) -> &'a Path {
    let around = roots.iter().filter(|root| file.starts_with(root)).max_by_key(|root| root.as_os_str().len());
    let is_moved = |root: &Path| !file.ends_with(CHAT) || settings::chat(root).is_some_and(|named| named == file);
    let top = around.map(PathBuf::as_path).filter(|root| is_moved(root));
    top.or(file.parent()).unwrap_or(Path::new(""))
}

/// The end of a file, and where it starts.
fn tail(file: &Path) -> std::io::Result<(u64, Vec<u8>)> {
    let mut file: fs::File = transcript::open(file)?;
    let size = file.metadata()?.len();
    let start = size.saturating_sub(TAIL);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes)?;
    Ok((start, bytes))
}

/// When the chats were started.
fn starts(history: &[u8]) -> Vec<DateTime<Utc>> {
    history.split(|byte| *byte == b'\n').filter_map(|line| start(&jsonl::text(line))).collect()
}

fn start(line: &str) -> Option<DateTime<Utc>> {
    line.strip_prefix("# aider chat started at ").and_then(local)
}

/// What was typed and when: `# 2026-01-01 10:00:00.000000`, then a line with `+` for each line of it.
fn typed_times(input: &str) -> Vec<(DateTime<Utc>, String)> {
    let mut typed: Vec<(DateTime<Utc>, String)> = Vec::new();
    for line in input.split('\n') {
        if let Some(at) = line.strip_prefix("# ").and_then(local) {
            typed.push((at, String::new()));
        } else if let (Some(more), Some((_, text))) = (line.strip_prefix('+'), typed.last_mut()) {
            text.push_str(if text.is_empty() { "" } else { "\n" });
            text.push_str(more.trim_end());
        }
    }
    typed
}

fn local(text: &str) -> Option<DateTime<Utc>> {
    let naive = NaiveDateTime::parse_from_str(text.trim(), "%Y-%m-%d %H:%M:%S%.f").ok()?;
    Some(Local.from_local_datetime(&naive).earliest()?.to_utc())
}

/// Tells a history line by line.
struct Teller<'a> {
    gathered: Gathered,
    root: &'a Path,
    /// What was typed and when, and how much of it has been met.
    typed: Vec<(DateTime<Utc>, String)>,
    met: usize,
    /// When the chats were started.
    starts: Vec<DateTime<Utc>>,
    /// When the first chat was started that was read.
    first: Option<DateTime<Utc>>,
    /// The time of the chat, or of its newest prompt that has one.
    at: Option<DateTime<Utc>>,
    prompt: Option<(u64, String)>,
    reply: Option<(u64, String)>,
    /// Whether a prompt may come now, also one without the two spaces: a heading within a reply looks the same.
    idle: bool,
}

impl<'a> Teller<'a> {
    fn new(root: &'a Path, typed: Vec<(DateTime<Utc>, String)>, starts: Vec<DateTime<Utc>>) -> Self {
        let mut gathered = Gathered::default();
        gathered.directory(root);
        Self { gathered, root, typed, met: 0, starts, first: None, at: None, prompt: None, reply: None, idle: false }
    }

    fn line(&mut self, offset: u64, line: &str) {
        if let Some(at) = start(line) {
            self.end();
            self.first = self.first.or(Some(at));
            self.at = Some(at);
            self.idle = true;
        } else if let Some(words) =
            line.strip_prefix("#### ").filter(|_| self.prompt.is_some() || self.idle || line.ends_with("  "))
        {
            if let Some((_, text)) = &mut self.prompt {
                text.push('\n');
                text.push_str(words.trim_end());
            } else {
                self.end();
                self.prompt = Some((offset, words.trim_end().to_owned()));
            }
        } else if let Some(said) = line.strip_prefix("> ") {
            self.end();
            self.program(offset, said.trim());
            self.idle = true;
        } else if line.trim().is_empty() && self.reply.is_none() {
            self.end();
        } else {
            if self.prompt.is_some() {
                self.end();
            }
            self.idle = false;
            let (_, reply) = self.reply.get_or_insert_with(|| (offset, String::new()));
            reply.push_str(line.trim_end());
            reply.push('\n');
        }
    }

    /// Tells the prompt or the reply that is complete now.
    fn end(&mut self) {
        if let Some((offset, text)) = self.prompt.take() {
            self.idle = false;
            self.tell_prompt(offset, text.trim());
        }
        if let Some((offset, text)) = self.reply.take() {
            let words = without_edits(&text);
            if !words.is_empty() {
                self.push(&format!("@{offset}"), EventKind::Reply(words));
            }
        }
    }

    fn tell_prompt(&mut self, offset: u64, text: &str) {
        // The same words typed in another chat say nothing of when these were.
        let end = self.starts.iter().copied().find(|start| self.at.is_some_and(|at| *start > at));
        let within = |at: DateTime<Utc>| self.at.is_some_and(|begun| begun <= at) && end.is_none_or(|end| at < end);
        let same = |(at, typed): &(DateTime<Utc>, String)| within(*at) && typed.trim() == text;
        if let Some(more) = self.typed[self.met..].iter().position(same) {
            self.at = Some(self.typed[self.met + more].0);
            self.met += more + 1;
        }
        let id = format!("@{offset}");
        if let Some(line) = RUNNING.iter().find_map(|command| text.strip_prefix(command)) {
            self.push(&id, EventKind::Command { line: line.trim().to_owned(), outcome: Outcome::Pending });
        } else if !text.is_empty()
            && text != "<blank>"
            && (!text.starts_with('/') || ASKING.iter().any(|command| text.starts_with(command)))
        {
            self.push(&id, EventKind::Prompt(text.to_owned()));
        }
    }

    fn program(&mut self, offset: u64, said: &str) {
        let id = format!("@{offset}");
        if let Some(path) = said.strip_prefix("Applied edit to ") {
            self.push(&id, EventKind::Edit { path: self.root.join(path) });
        } else if let Some(line) = said.strip_prefix("Running ").filter(|line| !line.is_empty()) {
            self.push(&id, EventKind::Command { line: line.to_owned(), outcome: Outcome::Pending });
        } else if let Some((hash, message)) = said.strip_prefix("Commit ").and_then(|commit| commit.split_once(' ')) {
            if (7..=64).contains(&hash.len()) && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                let line = format!("git commit -m \"{message}\"");
                self.push(&format!("{COMMIT}{hash}"), EventKind::Command { line, outcome: Outcome::Passed });
            }
        } else if let Some(version) = said.strip_prefix("Aider v") {
            self.gathered.version = Some(version.to_owned());
        } else if let Some(model) = said.strip_prefix("Main model: ").or_else(|| said.strip_prefix("Model: ")) {
            self.gathered.model = model.split(' ').next().map(str::to_owned);
        } else if said.starts_with("^C KeyboardInterrupt") {
            self.push(&id, EventKind::Interruption);
        }
    }

    fn push(&mut self, id: &str, kind: EventKind) {
        if let Some(at) = self.at {
            self.gathered.push(id, at, kind);
        }
    }
}

/// A reply without its thinking and without the blocks in which edits are written.
fn without_edits(reply: &str) -> String {
    let answer = reply.split("► **ANSWER**").last().unwrap_or(reply);
    let mut kept = String::new();
    let mut block: Option<String> = None;
    for line in answer.lines() {
        let fence = line.starts_with("```");
        match &mut block {
            None if fence => block = Some(format!("{line}\n")),
            None => kept = kept + line + "\n",
            Some(text) => {
                *text = std::mem::take(text) + line + "\n";
                if fence {
                    let text = block.take().unwrap_or_default();
                    kept.push_str(if text.contains("<<<<<<< SEARCH") { "" } else { &text });
                }
            }
        }
    }
    let open = block.filter(|text| !text.contains("<<<<<<< SEARCH")).unwrap_or_default();
    (kept + &open).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::chat::message::SessionId;

    fn session(chat: &[u8], input: &str) -> Session {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("repo");
        fs::create_dir(&root).unwrap();
        fs::write(root.join(CHAT), chat).unwrap();
        fs::write(root.join(INPUT), input).unwrap();
        let (since, until) = (DateTime::UNIX_EPOCH, DateTime::<Utc>::MAX_UTC);
        let wanted = Wanted { roots: vec![root.clone()], named: Vec::new(), since, until, thorough: false };
        let found = find(&[root.join(CHAT)], &wanted, Deadline::NONE);
        assert_eq!(found.candidates.len(), 1);
        let mut session = read(&found.candidates[0], &wanted, Deadline::NONE).unwrap().unwrap();
        for event in &mut session.events {
            if let EventKind::Edit { path } = &mut event.kind {
                *path = path.strip_prefix(&root).unwrap().to_owned();
            }
        }
        session
    }

    fn kinds(chat: &str) -> Vec<EventKind> {
        let chat = format!("\n# aider chat started at 2026-06-09 14:01:00\n\n{chat}");
        session(chat.as_bytes(), "").events.into_iter().map(|event| event.kind).collect()
    }

    fn prompt(text: &str) -> EventKind {
        EventKind::Prompt(text.to_owned())
    }

    fn reply(text: &str) -> EventKind {
        EventKind::Reply(text.to_owned())
    }

    #[test]
    fn a_prompt_is_told_from_a_heading_in_a_reply() {
        let chat = "#### add a  \n#### retry  \n\nI plan:\n\n#### Step 1\nWrap it.\n\n> Tokens: 3k sent\n\n#### go on\nDone.\n";
        let expected =
            [prompt("add a\nretry"), reply("I plan:\n\n#### Step 1\nWrap it."), prompt("go on"), reply("Done.")];
        assert_eq!(kinds(chat), expected);
        assert_eq!(kinds("I plan.\n#### go on  \nDone.\n"), [reply("I plan."), prompt("go on"), reply("Done.")]);
    }

    #[test]
    fn commands_of_the_program_are_no_words() {
        let chat = "#### /add a.rs  \n> Added a.rs\n#### /ask why?  \n\n#### /run make  \n\n#### <blank>  \n";
        let run = EventKind::Command { line: "make".to_owned(), outcome: Outcome::Pending };
        assert_eq!(kinds(chat), [prompt("/ask why?"), run]);
    }

    #[test]
    fn edits_and_commits_are_told_by_what_the_program_says() {
        let chat = "> Aider v0.86.1\n> Main model: gpt-x with diff edit format\n> Applied edit to src/a.rs\n\
            > Did not apply edit to b.rs (--dry-run)\n> Commit abc1234 fix: retry\n> Commit message is empty\n";
        let chat = format!("# aider chat started at 2026-06-09 14:01:00\n{chat}");
        let session = session(chat.as_bytes(), "");
        assert_eq!((session.version.as_deref(), session.model.as_deref()), (Some("0.86.1"), Some("gpt-x")));
        let commit = EventKind::Command { line: "git commit -m \"fix: retry\"".to_owned(), outcome: Outcome::Passed };
        let kinds: Vec<EventKind> = session.events.iter().map(|event| event.kind.clone()).collect();
        assert_eq!(kinds, [EventKind::Edit { path: PathBuf::from("src/a.rs") }, commit]);
        assert_eq!(session.events[1].id, "commit:abc1234");
    }

    #[test]
    fn of_a_reply_the_words_are_kept() {
        let chat = "#### go  \n\nI change it.\n\na.rs\n```rust\n<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n```\n\nRun:\n```\nmake\n```\n";
        assert_eq!(kinds(chat), [prompt("go"), reply("I change it.\n\na.rs\n\nRun:\n```\nmake\n```")]);
    }

    #[test]
    fn times_are_local_and_those_of_prompts_are_looked_up() {
        let chat = "# aider chat started at 2026-06-09 14:00:00\n#### one  \n\nyes\n#### two  \n> Tokens\n";
        let chat = format!("{chat}# aider chat started at 2026-06-09 15:00:00\n#### two  \n");
        let input = "\n# 2026-06-08 10:00:00.000000\n+two\n\n# 2026-06-09 14:05:30.250000\n+two\n\n# 2026-06-10 09:00:00\n+one\n";
        let session = session(chat.as_bytes(), input);
        let local: Vec<String> = session
            .events
            .iter()
            .map(|event| event.at.with_timezone(&Local).format("%Y-%m-%d %H:%M:%S").to_string())
            .collect();
        assert_eq!(local, ["2026-06-09 14:00:00", "2026-06-09 14:00:00", "2026-06-09 14:05:30", "2026-06-09 15:00:00"]);
        assert!(session.complete);
    }

    #[test]
    fn a_history_that_the_configuration_moves_is_told_like_one_at_the_top() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("app");
        let put = |path: &str, text: &str| {
            let file = root.join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        put("../.aider.conf.yml", "chat-history-file: log/user.md\ninput-history-file: log/input");
        put(".aider.conf.yml", "chat-history-file: log/own.md");
        put("log/own.md", "# aider chat started at 2026-06-09 14:00:00\n#### one  \n> Applied edit to src/a.rs\n");
        put("log/user.md", "# aider chat started at 2026-06-10 14:00:00\n#### two  \n");
        put("log/input", "# 2026-06-09 14:05:30\n+one\n");
        let mut env = Env::of_test(home.path(), &[]);
        env.cwd.clone_from(&root);
        let places = places(&env, None);
        assert_eq!(places, [root.join("log/user.md")]);
        let (since, until) = (DateTime::UNIX_EPOCH, DateTime::<Utc>::MAX_UTC);
        let wanted = Wanted { roots: vec![root.clone()], named: Vec::new(), since, until, thorough: false };
        let found = find(&places, &wanted, Deadline::NONE);
        let own = found.candidates.iter().find(|one| one.file == root.join("log/own.md")).unwrap();
        assert_eq!(found.candidates.len(), 2);
        let events = read(own, &wanted, Deadline::NONE).unwrap().unwrap().events;
        let kinds: Vec<&EventKind> = events.iter().map(|event| &event.kind).collect();
        let edit = EventKind::Edit { path: root.join("src/a.rs") };
        assert_eq!(kinds, [&prompt("one"), &edit]);
        assert_eq!(events[0].at.with_timezone(&Local).format("%H:%M:%S").to_string(), "14:05:30");
    }

    #[test]
    fn paths_are_taken_from_where_a_history_lies_unless_it_was_moved() {
        let root = tempfile::tempdir().unwrap();
        let roots = [root.path().to_owned()];
        let check = |file: &str, expected: &str| {
            assert_eq!(top(&root.path().join(file), &roots), root.path().join(expected), "{file}");
        };
        check(CHAT, "");
        check("log/chat.md", "");
        check(&format!("sub/{CHAT}"), "sub");
        fs::write(root.path().join(".aider.conf.yml"), format!("chat-history-file: sub/{CHAT}")).unwrap();
        check(&format!("sub/{CHAT}"), "");
        assert_eq!(top(Path::new("/elsewhere/chat.md"), &roots), Path::new("/elsewhere"));
    }

    #[test]
    fn what_is_no_file_is_a_gap() {
        let dir = tempfile::tempdir().unwrap();
        let id = SessionId("x".to_owned());
        let candidate =
            Candidate { id, file: dir.path().to_owned(), modified: DateTime::UNIX_EPOCH, named: true, size: 0 };
        let (since, until) = (DateTime::UNIX_EPOCH, DateTime::<Utc>::MAX_UTC);
        let wanted = Wanted { roots: Vec::new(), named: Vec::new(), since, until, thorough: false };
        assert!(read(&candidate, &wanted, Deadline::NONE).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn no_history_makes_it_panic(lines in proptest::collection::vec(
            prop_oneof!["#{0,4} ?[a-z/]{0,4} {0,2}", "> (Commit|Applied edit to|Running)? ?[a-f0-9é]{0,9}",
                Just("# aider chat started at 2026-06-09 14:00:00".to_owned()), "```|<<<<<<< SEARCH", r"\PC{0,6}"], 0..16),
            broken in proptest::collection::vec(any::<u8>(), 0..4)) {
            let bytes = [lines.join("\n").as_bytes(), &broken].concat();
            let ids: Vec<String> = session(&bytes, &lines.join("\n+")).events.into_iter().map(|event| event.id).collect();
            let unique: std::collections::HashSet<&String> = ids.iter().collect();
            prop_assert_eq!(unique.len(), ids.len());
        }
    }
}
