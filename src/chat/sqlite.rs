//! The only door to databases.
//!
//! In: the path of a database of `SQLite` that another program may be writing. Out: rows, or a [`Gap`] that says why not.
//! Never here: a change to it, its journal mode, a table of credentials, or a wait beyond a tenth of a second for a lock.
//!
//! What stands in the write-ahead log is read as well: most of a live conversation does.

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, params_from_iter};
use tempfile::TempDir;

use super::message::{Assistant, Gap};
use crate::env::Deadline;

/// How long to wait for a writer that holds a lock.
const BUSY: Duration = Duration::from_millis(100);

/// So many steps of `SQLite`'s machine lie between two looks at the clock: some tenths of a millisecond.
const STEPS: i32 = 10_000;

/// A larger value is not read: it is a picture, or the output of a tool.
const LARGEST_VALUE: u64 = 16 << 20;

/// The largest database, and the largest log, that is copied because it cannot be opened where it lies.
const LARGEST_COPY: u64 = 64 << 20;

/// Tables that are nobody's business (OpenCode's).
const CREDENTIALS: &[&str] = &["account", "account_state", "control_account", "credential", "session_share"];

/// An open database.
pub struct Database {
    connection: Connection,
    assistant: Assistant,
    path: PathBuf,
    /// Removed after the connection is closed.
    _copy: Option<TempDir>,
}

/// A row of an answer.
pub struct Row<'a>(&'a rusqlite::Row<'a>);

impl Database {
    /// Opens a database for reading until the deadline.
    ///
    /// # Errors
    /// It is gone, no database, locked, damaged, or cannot be read.
    pub fn open(assistant: Assistant, path: &Path, deadline: Deadline) -> Result<Self, Gap> {
        let gap = |reason: String| Gap { assistant, source: path.to_owned(), reason };
        // Looked at before it is opened: opening a pipe would wait for its writer.
        match std::fs::metadata(path) {
            Ok(meta) if meta.is_file() => {}
            Ok(_) => return Err(gap("cannot read it: it is not a regular file".to_owned())),
            Err(error) => return Err(gap(format!("cannot read it: {error}"))),
        }
        let (connection, copy) = match connect(path, deadline) {
            Ok(connection) => (connection, None),
            Err(error) if code(&error).is_some_and(needs_copy) => {
                let copy = copied(path).map_err(|error| gap(format!("cannot copy it to read it: {error:#}")))?;
                let connection = connect(&copy.path().join("db"), deadline).map_err(|error| gap(reason(&error)))?;
                (connection, Some(copy))
            }
            Err(error) => return Err(gap(reason(&error))),
        };
        Ok(Self { connection, assistant, path: path.to_owned(), _copy: copy })
    }

    /// Asks, with `?1` and so on standing for the parameters, and hands each row on until told to stop.
    ///
    /// # Errors
    /// The question does not fit the database, which is locked, damaged, or too slow for the deadline.
    pub fn each(
        &self,
        question: &str,
        parameters: &[&str],
        mut row: impl FnMut(&Row<'_>) -> ControlFlow<()>,
    ) -> Result<(), Gap> {
        let mut ask = || -> rusqlite::Result<()> {
            let mut statement = self.connection.prepare(question)?;
            let mut rows = statement.query(params_from_iter(parameters))?;
            while let Some(next) = rows.next()? {
                if row(&Row(next)).is_break() {
                    break;
                }
            }
            Ok(())
        };
        ask().map_err(|error| Gap { assistant: self.assistant, source: self.path.clone(), reason: reason(&error) })
    }

    /// What is made of each row.
    ///
    /// # Errors
    /// As of [`Self::each`].
    pub fn all<T>(
        &self,
        question: &str,
        parameters: &[&str],
        mut row: impl FnMut(&Row<'_>) -> Option<T>,
    ) -> Result<Vec<T>, Gap> {
        let mut found = Vec::new();
        self.each(question, parameters, |next| {
            found.extend(row(next));
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }

    /// The columns of a table; none when there is no such table.
    ///
    /// # Errors
    /// As of [`Self::each`].
    pub fn columns(&self, table: &str) -> Result<Vec<String>, Gap> {
        self.all("SELECT name FROM pragma_table_info(?1)", &[table], |row| row.text(0))
    }
}

impl Row<'_> {
    /// A text, or what lies in a blob, as bytes.
    #[must_use]
    pub fn bytes(&self, column: usize) -> Option<&[u8]> {
        match self.0.get_ref(column).ok()? {
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The same as text.
    #[must_use]
    pub fn text(&self, column: usize) -> Option<String> {
        self.bytes(column).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    /// A whole number.
    #[must_use]
    pub fn number(&self, column: usize) -> Option<i64> {
        self.0.get_ref(column).ok()?.as_i64().ok()
    }

    /// An instant: counted in seconds or milliseconds since 1970, or written, in UTC when it does not say where.
    #[must_use]
    pub fn time(&self, column: usize) -> Option<DateTime<Utc>> {
        match self.0.get_ref(column).ok()? {
            ValueRef::Integer(count) => counted(count),
            #[expect(clippy::cast_possible_truncation, reason = "a fraction of a millisecond orders nothing")]
            ValueRef::Real(count) => counted(count as i64),
            _ => written(&self.text(column)?),
        }
    }
}

/// A column, and nothing instead of a value that is too large to be read. Its size is known without reading it.
#[must_use]
pub fn bounded(column: &str) -> String {
    format!("iif(octet_length({column}) <= {LARGEST_VALUE}, {column}, NULL)")
}

fn counted(count: i64) -> Option<DateTime<Utc>> {
    // In seconds this is the year 5138, in milliseconds a day in 1973.
    const SECONDS: i64 = 100_000_000_000;
    if count.abs() < SECONDS { DateTime::from_timestamp(count, 0) } else { DateTime::from_timestamp_millis(count) }
}

fn written(text: &str) -> Option<DateTime<Utc>> {
    let zoned = DateTime::parse_from_rfc3339(text).map(|at| at.to_utc());
    zoned.or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").map(|at| at.and_utc())).ok()
}

fn connect(path: &Path, deadline: Deadline) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(address(path), flags)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.progress_handler(STEPS, Some(move || deadline.passed()))?;
    connection.authorizer(Some(only_reading))?;
    // The file itself is opened only now.
    connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))?;
    Ok(connection)
}

fn only_reading(context: AuthContext<'_>) -> Authorization {
    match context.action {
        AuthAction::Read { table_name, .. } if CREDENTIALS.contains(&table_name) => Authorization::Deny,
        AuthAction::Read { .. } | AuthAction::Select | AuthAction::Function { .. } | AuthAction::Recursive => {
            Authorization::Allow
        }
        AuthAction::Pragma { pragma_name: "table_info", .. } => Authorization::Allow,
        _ => Authorization::Deny,
    }
}

/// The address of a file as `SQLite` takes it (RFC 3986): every byte but the plainest as `%XX`.
fn address(path: &Path) -> String {
    let mut address = String::from("file:");
    let bytes = path.as_os_str().as_encoded_bytes();
    if cfg!(windows) {
        address.push_str("///");
    }
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => address.push(char::from(*byte)),
            b'\\' if cfg!(windows) => address.push('/'),
            b':' if cfg!(windows) => address.push(':'),
            byte => {
                let _ = write!(address, "%{byte:02X}");
            }
        }
    }
    address + "?mode=ro"
}

/// The file that holds what was written last.
#[must_use]
pub fn log(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

fn copied(path: &Path) -> anyhow::Result<TempDir> {
    let directory = tempfile::tempdir()?;
    let copy = directory.path().join("db");
    // The log first: what a checkpoint moves in between is then there twice and not missing.
    for (from, to) in [(log(path), log(&copy)), (path.to_owned(), copy)] {
        if let Some(bytes) = crate::fs::read(&from, LARGEST_COPY)? {
            crate::fs::replace_with_mode(&to, &bytes, 0o600)?;
        }
    }
    Ok(directory)
}

/// Whether it may be for want of the shared index that must lie beside a log. It cannot be made in a directory that is
/// read-only, nor shared on a disk that another system lends (WSL, a network).
fn needs_copy(code: ErrorCode) -> bool {
    use ErrorCode::{CannotOpen, FileLockingProtocolFailed, ReadOnly, SystemIoFailure};
    matches!(code, CannotOpen | ReadOnly | SystemIoFailure | FileLockingProtocolFailed)
}

fn code(error: &rusqlite::Error) -> Option<ErrorCode> {
    error.sqlite_error_code()
}

fn reason(error: &rusqlite::Error) -> String {
    match code(error) {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "another program holds it locked".to_owned(),
        Some(ErrorCode::NotADatabase) => "it is no database, or an encrypted one".to_owned(),
        Some(ErrorCode::DatabaseCorrupt) => "the database is damaged".to_owned(),
        Some(ErrorCode::OperationInterrupted) => "it could not be read in time".to_owned(),
        _ => format!("cannot read it: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOSE: Assistant = Assistant::Pi;

    fn database(name: &str, statements: &str) -> (TempDir, PathBuf, Connection) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(name);
        let writer = Connection::open(&path).unwrap();
        writer.execute_batch(statements).unwrap();
        (directory, path, writer)
    }

    fn texts(path: &Path, question: &str) -> Result<Vec<String>, String> {
        let open = Database::open(WHOSE, path, Deadline::NONE);
        open.and_then(|database| database.all(question, &[], |row| row.text(0))).map_err(|gap| gap.reason)
    }

    #[test]
    fn a_live_database_is_read_with_its_log_whatever_its_name() {
        let statements = "PRAGMA journal_mode=WAL; CREATE TABLE t(a); INSERT INTO t VALUES('x'), (x'79');";
        let (_directory, path, _writer) =
            database(if cfg!(windows) { "a #%41ü.db" } else { "a #?%41ü.db" }, statements);
        assert!(log(&path).metadata().unwrap().len() > 0);
        assert_eq!(texts(&path, "SELECT a FROM t").unwrap(), ["x", "y"]);
        let copy = copied(&path).unwrap();
        assert_eq!(texts(&copy.path().join("db"), "SELECT a FROM t").unwrap(), ["x", "y"]);
    }

    #[test]
    fn nothing_is_changed_and_no_credential_is_read() {
        let statements = "CREATE TABLE t(a); CREATE TABLE credential(value); INSERT INTO credential VALUES('secret');";
        let (_directory, path, _writer) = database("a.db", statements);
        let before = std::fs::read(&path).unwrap();
        for denied in [
            "SELECT value FROM credential",
            "INSERT INTO t VALUES(1) RETURNING a",
            "DELETE FROM t",
            "PRAGMA journal_mode=WAL",
            "PRAGMA query_only=0",
            "ATTACH '/tmp/x' AS x",
            "CREATE TEMP TABLE x(a)",
        ] {
            assert!(texts(&path, denied).is_err(), "{denied}");
        }
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }

    #[test]
    fn what_cannot_be_read_is_a_gap_with_its_reason() {
        #[track_caller]
        fn check(path: &Path, expected: &str) {
            let reason = texts(path, "SELECT 1").unwrap_err();
            assert!(reason.contains(expected), "{reason}");
        }
        let (directory, path, writer) = database("a.db", "CREATE TABLE t(a)");
        check(directory.path(), "not a regular file");
        check(&directory.path().join("absent"), "(os error 2)");
        let noise = directory.path().join("noise.db");
        std::fs::write(&noise, "not a database, but long enough to be looked at ".repeat(40)).unwrap();
        check(&noise, "no database");
        writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
        check(&path, "locked");
    }

    #[test]
    fn an_endless_question_ends_at_the_deadline() {
        let (_directory, path, _writer) = database("a.db", "CREATE TABLE t(a)");
        let deadline = Deadline::after(Duration::from_millis(60));
        let database = Database::open(WHOSE, &path, deadline).unwrap();
        let endless = "WITH RECURSIVE n(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n) SELECT count(*) FROM n";
        assert!(database.all(endless, &[], |_| Some(())).unwrap_err().reason.contains("in time"));
    }

    #[test]
    fn columns_are_known_and_values_bounded() {
        let statements = format!("CREATE TABLE t(a, b); INSERT INTO t VALUES('x', zeroblob({}))", LARGEST_VALUE + 1);
        let (_directory, path, _writer) = database("a.db", &statements);
        let database = Database::open(WHOSE, &path, Deadline::NONE).unwrap();
        assert_eq!(database.columns("t").unwrap(), ["a", "b"]);
        assert!(database.columns("absent").unwrap().is_empty());
        let question = format!("SELECT {}, {} FROM t", bounded("a"), bounded("b"));
        let row = database.all(&question, &[], |row| Some((row.text(0), row.text(1)))).unwrap();
        assert_eq!(row, [(Some("x".to_owned()), None)]);
    }

    #[test]
    fn instants_are_counted_or_written() {
        let (_directory, path, _writer) = database("a.db", "CREATE TABLE t(a)");
        let database = Database::open(WHOSE, &path, Deadline::NONE).unwrap();
        for value in
            ["1767225600", "1767225600000", "1767225600000.5", "'2026-01-01T01:00:00+01:00'", "'2026-01-01 00:00:00'"]
        {
            let at = database.all(&format!("SELECT {value}"), &[], |row| row.time(0)).unwrap();
            assert_eq!(at.first().map(DateTime::timestamp), Some(1_767_225_600), "{value}");
        }
        assert!(database.all("SELECT 'soon'", &[], |row| row.time(0)).unwrap().is_empty());
    }
}
