//! The index: which words stand in which entry.
//!
//! In: the journal, and a [`Query`]. Out: the entries that match, best first; the index brought up to date on the way.
//! Never here: what an entry says (the index holds words, not texts), or a loss when it is deleted: it is a cache.
//!
//! One row of a full-text table of `SQLite` (FTS5) for each entry, a column for each [`Field`]. What is stored are the
//! words that [`words`](super::words) makes, so its tokenizer has only to part them at spaces. The number of a row is made
//! of its day and its place on the page: newer entries have greater numbers, a span of days is a span of numbers, and what
//! stood on a page that has changed is found without looking.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, anyhow};
use chrono::NaiveDate;
use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior, params, params_from_iter};
use sha2::{Digest, Sha256};

use super::ask;
use super::passages::{Field, Passage, imported, passages};
use super::query::{Query, lowered};
use super::rows;
use super::summaries;
use super::words::words;
use crate::env::Deadline;
use crate::fs::{self, Lock};
use crate::journal::{ChangedFile, Entry};
use crate::markdown::parse_page;
use crate::store::{Store, joined};

/// Grows with every change of what is stored or how; an index of another version is made anew.
const VERSION: i64 = 2;

/// How long another process may build the index.
const PATIENCE: Duration = Duration::from_secs(120);

/// Stands between passages, so that no phrase goes from one to the next. No word holds it.
const BETWEEN: char = '\u{e000}';

/// Why the index gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It is damaged, of another version, or no index: it can be made anew.
    #[error("the search index is damaged")]
    Damaged,
    /// Anything else.
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        use ErrorCode::{CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, OutOfMemory, PermissionDenied, ReadOnly};
        match error.sqlite_error_code() {
            Some(CannotOpen | DatabaseBusy | DatabaseLocked | DiskFull | OutOfMemory | PermissionDenied | ReadOnly) => {
                Self::Other(anyhow!(error).context("cannot use the search index"))
            }
            _ => Self::Damaged,
        }
    }
}

/// An open index.
#[derive(Debug)]
pub struct Index {
    connection: Connection,
    /// Held by whoever changes the file; `None` where the index is kept in memory.
    lock: Option<PathBuf>,
}

/// An entry that matches, as the index knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The day of its page.
    pub day: NaiveDate,
    /// The instant, RFC 3339 with the author's offset; the day where it is the day's own text; the name of a summary's period.
    pub at: String,
    /// The commit; `None` where it is the day's own text.
    pub commit: Option<String>,
    /// The message's subject.
    pub subject: String,
    /// The greater, the better it matches.
    pub score: f64,
}

/// The index's file in a state directory.
#[must_use]
pub fn file(state: &Path) -> PathBuf {
    state.join("search.sqlite")
}

fn lock(state: &Path) -> PathBuf {
    state.join("search.lock")
}

/// Removes the index if it is damaged, or `wholly` in any case. Another process may have mended it already.
///
/// # Errors
/// A file cannot be removed, or another process works on the index for minutes.
pub fn discard(state: &Path, wholly: bool) -> anyhow::Result<()> {
    let file = file(state);
    // What is not there needs no removing; and opening it below would make one that others can read.
    if !file.exists() {
        return Ok(());
    }
    let _held = hold(&lock(state))?;
    if !wholly && (!file.exists() || Index::at(&file, None).is_ok_and(|index| index.is_sound())) {
        return Ok(());
    }
    // The journal first: beside a new file it would be taken for the new one's.
    for end in ["-journal", "-wal", "-shm", ""] {
        let mut name = file.clone().into_os_string();
        name.push(end);
        fs::remove(Path::new(&name))?;
    }
    Ok(())
}

fn hold(lock: &Path) -> anyhow::Result<Lock> {
    let held = Lock::acquire(lock, Deadline::after(PATIENCE))?;
    held.context("cannot change the search index: another process is at it")
}

impl Index {
    /// Opens the index of a repository, or makes an empty one; in memory, where no file can be written.
    ///
    /// # Errors
    /// It is damaged.
    pub fn open(state: &Path) -> Result<Self, Fault> {
        let file = file(state);
        // Only when it is not there: closing a file that the database has open as well would lose the database's locks.
        let there = file.exists() || fs::create_private_dir(state).and_then(|()| fs::append(&file, b"")).is_ok();
        if there {
            match Self::at(&file, Some(lock(state))) {
                Ok(index) if !index.connection.is_readonly(rusqlite::MAIN_DB)? => return Ok(index),
                Err(Fault::Damaged) => return Err(Fault::Damaged),
                Ok(_) | Err(Fault::Other(_)) => {}
            }
        }
        let index = Self { connection: Connection::open_in_memory()?, lock: None };
        index.prepare()?;
        Ok(index)
    }

    fn at(file: &Path, lock: Option<PathBuf>) -> Result<Self, Fault> {
        let index = Self { connection: Connection::open(file)?, lock };
        index.connection.busy_timeout(PATIENCE)?;
        index.prepare()?;
        Ok(index)
    }

    /// Makes the tables where there are none, and refuses those of another version.
    fn prepare(&self) -> Result<(), Fault> {
        self.connection.execute_batch("PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY;")?;
        if self.version()? == 0 {
            let columns: Vec<&str> = Field::ALL.iter().map(|field| field.name()).collect();
            self.connection.execute_batch(&format!(
                "BEGIN IMMEDIATE;
                 CREATE TABLE IF NOT EXISTS page(day INTEGER PRIMARY KEY, stamp TEXT NOT NULL);
                 CREATE TABLE IF NOT EXISTS journal(stamp BLOB NOT NULL);
                 CREATE TABLE IF NOT EXISTS entry(id INTEGER PRIMARY KEY, at TEXT NOT NULL, commit_id TEXT,
                   subject TEXT NOT NULL, author TEXT NOT NULL, files TEXT NOT NULL, assistants TEXT NOT NULL);
                 CREATE VIRTUAL TABLE IF NOT EXISTS words USING
                   fts5({}, content='', contentless_delete=1, tokenize='ascii');
                 CREATE VIRTUAL TABLE IF NOT EXISTS vocabulary USING fts5vocab(words, row);
                 PRAGMA user_version = {VERSION};
                 COMMIT;",
                columns.join(", ")
            ))?;
        }
        if self.version()? == VERSION { Ok(()) } else { Err(Fault::Damaged) }
    }

    fn version(&self) -> rusqlite::Result<i64> {
        self.connection.query_row("PRAGMA user_version", [], |row| row.get(0))
    }

    fn is_sound(&self) -> bool {
        let check = self.connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
        check.is_ok_and(|said| said == "ok")
            && self.connection.execute_batch("INSERT INTO words(words) VALUES('integrity-check')").is_ok()
    }

    /// Brings the index after the journal: pages that have changed are read, and no others. `progress` hears how many of
    /// how many are done, and says whether to go on. Returns how many pages could not be read: they are tried each time.
    ///
    /// # Errors
    /// It is damaged, the journal cannot be listed, or another process works on it for minutes.
    pub fn refresh(
        &mut self,
        store: &Store,
        mut progress: impl FnMut(usize, usize) -> ControlFlow<()>,
    ) -> Result<usize, Fault> {
        let stamps: BTreeMap<NaiveDate, String> = summaries::stamps(store)?;
        let whole = digest(&stamps);
        // One comparison where nothing has changed, which is nearly always.
        if self.is_of(&whole)? {
            return Ok(0);
        }
        let _held = self.lock.as_deref().map(hold).transpose()?;
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have done it meanwhile: then nothing is stale.
        let stale = stale(&transaction, &stamps)?;
        let mut unread = 0;
        for (done, day) in stale.iter().enumerate() {
            if progress(done, stale.len()).is_break() {
                // What was read so far is forgotten with the transaction.
                return Err(Fault::Other(anyhow!("the search was stopped")));
            }
            unread += usize::from(!replace(&transaction, store, *day, stamps.get(day))?);
        }
        transaction.execute("DELETE FROM journal", [])?;
        if unread == 0 {
            transaction.execute("INSERT INTO journal VALUES(?1)", [whole])?;
        }
        transaction.commit()?;
        Ok(unread)
    }

    /// Whether the index is that of a journal with this digest.
    fn is_of(&self, whole: &[u8]) -> Result<bool, Fault> {
        let known =
            self.connection.query_row("SELECT stamp FROM journal", [], |row| row.get::<_, Vec<u8>>(0)).optional()?;
        Ok(known.is_some_and(|known| known == whole))
    }

    /// The entries that match, best first (newest first where no word is looked for), and how many there are in all.
    ///
    /// # Errors
    /// It is damaged.
    pub fn matches(&self, query: &Query, limit: usize, offset: usize) -> Result<(usize, Vec<Row>), Fault> {
        let question = ask::question(query);
        let number = |number: usize| Value::Integer(i64::try_from(number).unwrap_or(i64::MAX));
        let total: i64 =
            self.connection.query_row(&question.count, params_from_iter(&question.values), |row| row.get(0))?;
        let mut statement = self.connection.prepare(&question.list)?;
        let values = question.values.iter().cloned().chain([number(limit), number(offset)]);
        let found = statement.query_map(params_from_iter(values), |row| {
            let id: i64 = row.get(0)?;
            Ok(Row {
                day: rows::day(id).unwrap_or_default(),
                at: row.get(1)?,
                commit: row.get(2)?,
                subject: row.get(3)?,
                score: row.get(4)?,
            })
        })?;
        let found: Vec<Row> = found.collect::<rusqlite::Result<_>>()?;
        Ok((usize::try_from(total).unwrap_or(0), found))
    }

    /// Whether a word stands anywhere in the journal.
    ///
    /// # Errors
    /// It is damaged.
    pub fn knows(&self, word: &str) -> Result<bool, Fault> {
        let found =
            self.connection.query_row("SELECT 1 FROM vocabulary WHERE term = ?1", [word], |_| Ok(())).optional()?;
        Ok(found.is_some())
    }

    /// Every word of the journal that begins so, with how many entries have it.
    ///
    /// # Errors
    /// It is damaged.
    pub fn vocabulary(&self, begin: &str, mut word: impl FnMut(&str, i64)) -> Result<(), Fault> {
        let after = format!("{begin}{}", char::MAX);
        let mut statement =
            self.connection.prepare("SELECT term, doc FROM vocabulary WHERE term >= ?1 AND term < ?2")?;
        let mut rows = statement.query([begin, &after])?;
        while let Some(row) = rows.next()? {
            word(row.get_ref(0)?.as_str().unwrap_or_default(), row.get(1)?);
        }
        Ok(())
    }
}

/// What changes whenever one of the stamps does.
fn digest(stamps: &BTreeMap<NaiveDate, String>) -> Vec<u8> {
    let mut digest = Sha256::new();
    for (day, stamp) in stamps {
        digest.update(rows::first(*day).to_le_bytes());
        digest.update(stamp);
        digest.update([0]);
    }
    digest.finalize().to_vec()
}

/// The days whose pages are other ones than those that were read, or gone.
fn stale(connection: &Connection, stamps: &BTreeMap<NaiveDate, String>) -> Result<Vec<NaiveDate>, Fault> {
    let mut known: BTreeMap<NaiveDate, String> = BTreeMap::new();
    let mut statement = connection.prepare("SELECT day, stamp FROM page")?;
    let mut pages = statement.query([])?;
    while let Some(row) = pages.next()? {
        let day = rows::day(row.get::<_, i64>(0)?).ok_or(Fault::Damaged)?;
        known.insert(day, row.get(1)?);
    }
    let gone = known.keys().filter(|day| !stamps.contains_key(day));
    let changed = stamps.iter().filter(|(day, stamp)| known.get(day) != Some(stamp)).map(|(day, _)| day);
    Ok(changed.chain(gone).copied().collect())
}

/// Takes a day's rows out, and puts in what its page says now; says whether it could be read.
fn replace(
    transaction: &Transaction<'_>,
    store: &Store,
    day: NaiveDate,
    stamp: Option<&String>,
) -> Result<bool, Fault> {
    let first = rows::first(day);
    let last = first + rows::A_DAY - 1;
    // One by one: a span of rows is nothing that FTS5 finds without looking at all of them.
    let mut statement = transaction.prepare("SELECT id FROM entry WHERE id BETWEEN ?1 AND ?2")?;
    let old: Vec<i64> = statement.query_map([first, last], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for id in old {
        transaction.execute("DELETE FROM words WHERE rowid = ?1", [id])?;
    }
    for table in ["entry WHERE id", "page WHERE day"] {
        transaction.execute(&format!("DELETE FROM {table} BETWEEN ?1 AND ?2"), [first, last])?;
    }
    let Some(stamp) = stamp else { return Ok(true) };
    for (period, passages) in summaries::beginning(store, day, stamp) {
        let id = rows::summary(period);
        insert(transaction, id, &passages)?;
        let values = params![id, period.to_string(), period.title()];
        transaction.execute("INSERT INTO entry VALUES(?1, ?2, NULL, ?3, '', '', '')", values)?;
    }
    // A page that cannot be read is no reason not to search the others.
    let Ok(bytes) = store.bytes(day) else { return Ok(false) };
    transaction.execute("INSERT INTO page VALUES(?1, ?2)", params![first, stamp])?;
    let Some(bytes) = bytes else { return Ok(true) };
    let own = joined::of_the_day(&bytes);
    let own: Vec<Passage<'_>> = own.iter().flat_map(imported).collect();
    if !own.is_empty() {
        insert(transaction, first, &own)?;
        let at = day.to_string();
        transaction.execute("INSERT INTO entry VALUES(?1, ?2, NULL, '', '', '', '')", params![first, at])?;
    }
    let mut entries = parse_page(&String::from_utf8_lossy(&bytes)).entries;
    entries.sort_by_key(|entry| entry.at);
    for (entry, id) in entries.iter().zip(first + 1..first + rows::A_DAY) {
        insert(transaction, id, &passages(entry))?;
        transaction.execute(
            "INSERT INTO entry VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                id,
                entry.at.to_rfc3339(),
                entry.commit.as_str(),
                entry.subject,
                lowered(&entry.details.author),
                files(entry),
                assistants(entry)
            ],
        )?;
    }
    Ok(true)
}

fn insert(transaction: &Transaction<'_>, id: i64, passages: &[Passage<'_>]) -> Result<(), Fault> {
    let columns = Field::ALL.iter().map(|field| Value::Text(column(passages, *field)));
    let marks = ", ?".repeat(Field::ALL.len());
    let names: Vec<&str> = Field::ALL.iter().map(|field| field.name()).collect();
    let values = std::iter::once(Value::Integer(id)).chain(columns);
    let sql = format!("INSERT INTO words(rowid, {}) VALUES(?{marks})", names.join(", "));
    transaction.execute(&sql, params_from_iter(values))?;
    Ok(())
}

/// The words of one part of an entry, and the wholes behind them.
fn column(passages: &[Passage<'_>], field: Field) -> String {
    let mut text = String::new();
    for passage in passages.iter().filter(|passage| passage.field == field) {
        let words = words(&passage.text);
        for word in &words.parts {
            let _ = write!(text, "{} ", word.text);
        }
        for whole in &words.wholes {
            let _ = write!(text, "{BETWEEN} {} ", whole.text);
        }
        let _ = write!(text, "{BETWEEN} ");
    }
    text
}

/// The paths of an entry, one on a line.
fn files(entry: &Entry) -> String {
    entry.changes.listed.iter().flat_map(ChangedFile::paths).map(lowered).collect::<Vec<_>>().join("\n")
}

/// The assistants of an entry, with a comma before and behind each.
fn assistants(entry: &Entry) -> String {
    entry.details.sessions.iter().fold(String::from(","), |all, session| all + session.assistant.slug() + ",")
}
