//! The protocol on standard input and output: one message a line.
//!
//! In: lines, of bounded length. Out: messages, and an answer to every line that is none.
//! Never here: a line that ends the server, or one that is kept in memory when it is too long. The SDK's own transport
//! passes over such lines in silence, so that the client waits for ever.

use std::borrow::Cow;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rmcp::RoleServer;
use rmcp::model::{ClientJsonRpcMessage, ErrorData, RequestId, ServerJsonRpcMessage};
use rmcp::transport::Transport;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::{Mutex, Notify};

/// The longest line, in bytes: a note of the largest size fits many times.
pub const LONGEST: usize = 1 << 20;

/// While so many answers are not taken off, no further line is read: a client that does not listen is not served.
const UNSENT: usize = 64;

/// Where in a line that is too long its id is looked for.
const BEGINNING: usize = 512;

/// The notifications that the protocol knows; others are passed over, as it demands.
const KNOWN: &[&str] = &["cancelled", "initialized", "progress", "roots/list_changed"];

/// Lines in, lines out.
#[derive(Debug)]
pub struct Lines<R, W> {
    read: BufReader<R>,
    line: Vec<u8>,
    /// The rest of a line that was too long is being passed over.
    skipping: bool,
    /// A request has come: what is none before it belongs to no conversation.
    begun: bool,
    write: Arc<Mutex<W>>,
    unsent: Arc<Unsent>,
}

/// Answers that wait for the client to take them.
#[derive(Debug, Default)]
struct Unsent {
    number: AtomicUsize,
    fewer: Notify,
}

/// One of them, until it was sent or given up.
struct Waiting(Arc<Unsent>);

impl Waiting {
    fn of(unsent: &Arc<Unsent>) -> Self {
        unsent.number.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(unsent))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.number.fetch_sub(1, Ordering::SeqCst);
        self.0.fewer.notify_one();
    }
}

/// A line as it was read.
#[derive(Debug, PartialEq)]
enum Line {
    Whole(Vec<u8>),
    /// With its id, as far as that can be told.
    TooLong(Option<RequestId>),
    End,
}

impl<R: AsyncRead + Unpin + Send, W: AsyncWrite + Unpin + Send> Lines<R, W> {
    /// A conversation over these streams.
    pub fn new(read: R, write: W) -> Self {
        let (read, write) = (BufReader::new(read), Arc::new(Mutex::new(write)));
        Self { read, line: Vec::new(), skipping: false, begun: false, write, unsent: Arc::default() }
    }

    /// The next line. Cancelled between two pieces of a line, it goes on there: what was read stays in `self`.
    async fn line(&mut self) -> io::Result<Line> {
        loop {
            let piece = self.read.fill_buf().await?;
            if piece.is_empty() {
                return Ok(Line::End);
            }
            let end = memchr::memchr(b'\n', piece);
            let taken = end.map_or(piece.len(), |end| end + 1);
            let room = LONGEST.saturating_sub(self.line.len());
            let long = !self.skipping && end.unwrap_or(piece.len()) > room;
            if !self.skipping && !long {
                self.line.extend_from_slice(&piece[..end.unwrap_or(piece.len())]);
            }
            self.read.consume(taken);
            if long {
                let id = early_id(&std::mem::take(&mut self.line));
                self.skipping = end.is_none();
                return Ok(Line::TooLong(id));
            }
            if end.is_some() && !std::mem::take(&mut self.skipping) {
                return Ok(Line::Whole(std::mem::take(&mut self.line)));
            }
        }
    }
}

async fn write<W: AsyncWrite + Unpin>(out: &Mutex<W>, message: &ServerJsonRpcMessage) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    let mut out = out.lock().await;
    out.write_all(&line).await?;
    out.flush().await
}

impl<R, W> Transport<RoleServer> for Lines<R, W>
where
    R: AsyncRead + Unpin + Send,
    W: AsyncWrite + Unpin + Send + 'static,
{
    type Error = io::Error;

    fn name() -> Cow<'static, str> {
        "lines".into()
    }

    fn send(&mut self, item: ServerJsonRpcMessage) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let (out, waiting) = (Arc::clone(&self.write), Waiting::of(&self.unsent));
        async move {
            let _waiting = waiting;
            write(&out, &item).await
        }
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        loop {
            // Who answers comes before the next question: thousands may lie in the buffer already.
            tokio::task::yield_now().await;
            while self.unsent.number.load(Ordering::SeqCst) >= UNSENT {
                self.unsent.fewer.notified().await;
            }
            let refused = match self.line().await {
                // A stream that cannot be read has ended.
                Ok(Line::End) | Err(_) => return None,
                Ok(Line::TooLong(id)) => Refused {
                    error: ErrorData::invalid_request(
                        format!("a message has more than the {LONGEST} bytes allowed"),
                        None,
                    ),
                    id,
                },
                Ok(Line::Whole(line)) => match message(&line) {
                    Ok(None) => continue,
                    Ok(Some(message)) => {
                        self.begun |= matches!(message, ClientJsonRpcMessage::Request(_));
                        if self.begun {
                            return Some(message);
                        }
                        continue;
                    }
                    Err(refused) => refused,
                },
            };
            write(&self.write, &refused.answer()).await.ok()?;
        }
    }

    async fn close(&mut self) -> io::Result<()> {
        self.write.lock().await.shutdown().await
    }
}

/// What is said to a line that is no message.
#[derive(Debug)]
pub struct Refused {
    error: ErrorData,
    id: Option<RequestId>,
}

impl Refused {
    /// The answer.
    #[must_use]
    pub fn answer(self) -> ServerJsonRpcMessage {
        ServerJsonRpcMessage::error(self.error, self.id)
    }
}

/// The id of a request of which only the beginning is known, where it stands before the parameters.
fn early_id(line: &[u8]) -> Option<RequestId> {
    let beginning = &line[..line.len().min(BEGINNING)];
    let end = memchr::memmem::find(beginning, b"\"params\"").unwrap_or(beginning.len());
    let at = memchr::memmem::find(&beginning[..end], b"\"id\":")?;
    let values = serde_json::Deserializer::from_slice(&beginning[at + b"\"id\":".len()..end]).into_iter();
    values.into_iter().next()?.ok()
}

/// The message of a line; `None` where nothing is to be done about it.
///
/// # Errors
/// It is none.
pub fn message(line: &[u8]) -> Result<Option<ClientJsonRpcMessage>, Refused> {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
    if line.is_empty() {
        return Ok(None);
    }
    let failed = match serde_json::from_slice(line) {
        Ok(message) => return Ok(Some(message)),
        Err(failed) => failed,
    };
    let value: Value = serde_json::from_slice(line).map_err(|error| Refused {
        error: ErrorData::parse_error(format!("this is no JSON: {error}"), None),
        id: None,
    })?;
    let id = value.get("id").and_then(|id| serde_json::from_value::<RequestId>(id.clone()).ok());
    let method = value.get("method").and_then(Value::as_str);
    let known =
        method.and_then(|method| method.strip_prefix("notifications/")).is_some_and(|name| KNOWN.contains(&name));
    if id.is_none() && value.get("id").is_none() && method.is_some() && !known {
        return Ok(None);
    }
    let what = if value.is_array() {
        "messages come one by one, not in batches".to_owned()
    } else {
        format!("this is no message of the protocol: {failed}")
    };
    Err(Refused { error: ErrorData::invalid_request(what, None), id })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is answered, and what is passed on, as methods; the transport is driven to its end.
    fn check(input: &[u8], answers: &[&str], passed: &[&str]) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let out = runtime.block_on(async {
            let mut lines = Lines::new(input, Vec::new());
            let mut got = Vec::new();
            while let Some(message) = lines.receive().await {
                got.push(serde_json::to_value(&message).unwrap()["method"].as_str().unwrap_or_default().to_owned());
            }
            assert_eq!(got, passed, "{}", String::from_utf8_lossy(&input[..input.len().min(200)]));
            lines.write.lock().await.clone()
        });
        let out = String::from_utf8(out).unwrap();
        assert_eq!(out.lines().count(), answers.len(), "{out}");
        for (line, answer) in out.lines().zip(answers) {
            assert!(line.contains(answer), "{line} does not have {answer}");
        }
    }

    const PING: &str = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n";

    #[test]
    fn every_line_that_is_no_message_is_answered_and_the_next_one_is_read() {
        let with = |before: &str| format!("{before}\n{PING}").into_bytes();
        check(&with(""), &[], &["ping"]);
        check(&with("{\"jsonrpc\":"), &["-32700"], &["ping"]);
        check(&with("hello"), &["-32700"], &["ping"]);
        check(&with("[]"), &["batches"], &["ping"]);
        check(&with("7"), &["-32600"], &["ping"]);
        check(&with("{\"id\":5}"), &["\"id\":5"], &["ping"]);
        check(&with("{\"jsonrpc\":\"1.0\",\"id\":\"x\",\"method\":\"ping\"}"), &["\"id\":\"x\""], &["ping"]);
        check(&with(&"[".repeat(10_000)), &["-32700"], &["ping"]);
        check(&with("\u{feff}"), &[], &["ping"]);
        check(&with("{\"jsonrpc\":\"2.0\",\"method\":\"textDocument/didOpen\",\"params\":3}"), &[], &["ping"]);
        check(&[b"\xff\xfe\n", PING.as_bytes()].concat(), &["-32700"], &["ping"]);
        check(&format!("{PING}{PING}{{\"half").into_bytes(), &[], &["ping", "ping"]);
    }

    #[test]
    fn a_line_that_is_too_long_is_not_kept_and_the_next_one_is_read() {
        for length in [LONGEST + 1, LONGEST * 2, LONGEST * 3 + 17] {
            let long = format!("{{\"a\":\"{}\"}}\n", "x".repeat(length));
            check(&format!("{long}{PING}{long}{PING}").into_bytes(), &["1048576", "1048576"], &["ping", "ping"]);
        }
    }

    #[test]
    fn the_id_of_a_line_that_is_too_long_is_told_where_it_stands_before_the_parameters() {
        let check = |line: &str, expected: Option<RequestId>| assert_eq!(early_id(line.as_bytes()), expected, "{line}");
        check("{\"jsonrpc\":\"2.0\",\"id\":63,\"method\":\"ping\",\"params\":{", Some(RequestId::Number(63)));
        check("{\"id\": \"a\", \"params\": {\"id\": 7", Some(RequestId::String("a".into())));
        check("{\"method\":\"ping\",\"params\":{\"id\":7", None);
        check("{\"id\":{}", None);
        check("", None);
    }

    #[test]
    fn a_client_that_takes_no_answers_is_not_read_from() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let mut lines = Lines::new(PING.as_bytes(), Vec::new());
            let mut waiting: Vec<Waiting> = (0..UNSENT).map(|_| Waiting::of(&lines.unsent)).collect();
            let read = tokio::time::timeout(std::time::Duration::from_millis(1), lines.receive()).await;
            assert!(read.is_err(), "no line is read");
            waiting.pop();
            assert!(lines.receive().await.is_some(), "there is room again");
        });
    }

    #[test]
    fn what_is_no_request_does_not_begin_a_conversation() {
        let notification = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n";
        check(&format!("{notification}{PING}{notification}").into_bytes(), &[], &["ping", "notifications/initialized"]);
    }

    proptest::proptest! {
        #[test]
        fn no_line_makes_it_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..60)) {
            let _ = message(&bytes);
        }
    }
}
