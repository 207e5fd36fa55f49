//! A server on this machine that answers as GitHub does for releases.
//!
//! In: releases, and how it shall misbehave. Out: their files, the list of them, and a record of who asked for what.
//! Never here: another machine.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use commit_story::update::names;
use serde_json::{Value, json};

/// One release.
#[derive(Debug, Clone, Default)]
pub struct Release {
    pub tag: String,
    pub prerelease: bool,
    pub draft: bool,
    /// Files, by name.
    pub files: Vec<(String, Vec<u8>)>,
}

/// What a file's answer is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// This status, and these bytes.
    Status(u16, Vec<u8>),
    /// 403, with the quota spent until this second since 1970.
    Limited(u64),
    /// The same path on another address.
    Elsewhere(String),
    /// Half of the bytes that were announced, then the end.
    Truncated,
    /// Half of the bytes that were announced, then silence.
    Stalled,
    /// All bytes in this many pieces, with a pause after each.
    Slow(u32, Duration),
    /// No answer.
    Silent,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub path: String,
    /// Names in lower case.
    pub headers: HashMap<String, String>,
}

#[derive(Default)]
struct State {
    /// The newest first.
    releases: Vec<Release>,
    /// By the end of a path.
    modes: Vec<(String, Mode)>,
    asked: Vec<Asked>,
}

/// The server; it ends when it is dropped.
pub struct Server {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    over: Arc<AtomicBool>,
}

impl Server {
    /// Starts it on a free port of the loopback.
    pub fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let server =
            Self { address: listener.local_addr()?, state: Arc::default(), over: Arc::new(AtomicBool::new(false)) };
        let (state, over, address) = (Arc::clone(&server.state), Arc::clone(&server.over), server.address);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                let (state, over) = (Arc::clone(&state), Arc::clone(&over));
                // Whoever asked and went away has nothing to be told.
                std::thread::spawn(move || serve(stream, address, &state, &over));
            }
        });
        Ok(server)
    }

    /// `http://127.0.0.1:PORT`.
    pub fn root(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What `COMMIT_STORY_BASE_URL` is to be.
    pub fn base(&self) -> String {
        format!("{}/{}/releases", self.root(), repository())
    }

    /// Puts a release before all others.
    pub fn release(&self, release: Release) {
        self.state().releases.insert(0, release);
    }

    /// Changes what is released.
    pub fn change(&self, change: impl FnOnce(&mut Vec<Release>)) {
        change(&mut self.state().releases);
    }

    /// Answers like this for paths with this end.
    pub fn misbehave(&self, end: &str, mode: Mode) {
        self.state().modes.insert(0, (end.to_owned(), mode));
    }

    /// Answers as it should again.
    pub fn behave(&self) {
        self.state().modes.clear();
    }

    /// Every request so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.state().asked.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        // The listener waits for one more.
        let _ = TcpStream::connect(self.address);
    }
}

/// `OWNER/commit-story`.
pub fn repository() -> &'static str {
    names::REPOSITORY.splitn(4, '/').nth(3).unwrap_or_default()
}

fn serve(mut stream: TcpStream, address: SocketAddr, state: &Mutex<State>, over: &AtomicBool) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    loop {
        let asked = request(&mut reader)?;
        let (mode, answer) = {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            state.asked.push(asked.clone());
            let path = asked.path.split('?').next().unwrap_or_default();
            let mode = state.modes.iter().find(|(end, _)| path.ends_with(end.as_str())).map(|(_, mode)| mode.clone());
            (mode, answer(&state.releases, &asked, path, address))
        };
        respond(&mut stream, &asked, mode.as_ref(), answer, over)?;
    }
}

fn request(reader: &mut impl BufRead) -> Option<Asked> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = Vec::new();
    reader.take(length).read_to_end(&mut body).ok()?;
    Some(Asked { method, path, headers })
}

/// An answer: its status, a header of its own, its type, and its bytes.
struct Answer {
    status: u16,
    header: Option<(&'static str, String)>,
    kind: &'static str,
    body: Vec<u8>,
}

impl Answer {
    fn json(value: &Value) -> Self {
        Self { status: 200, header: None, kind: "application/json", body: value.to_string().into_bytes() }
    }

    fn file(bytes: Vec<u8>) -> Self {
        Self { status: 200, header: None, kind: "application/octet-stream", body: bytes }
    }

    fn missing() -> Self {
        Self { status: 404, header: None, kind: "text/plain", body: b"Not Found".to_vec() }
    }

    fn moved(to: String) -> Self {
        Self { status: 302, header: Some(("Location", to)), kind: "text/html", body: Vec::new() }
    }
}

fn answer(releases: &[Release], asked: &Asked, path: &str, address: SocketAddr) -> Answer {
    let published = || releases.iter().filter(|release| !release.draft);
    let newest = || published().find(|release| !release.prerelease);
    let ours = format!("/{}/releases/", repository());
    if let Some(rest) = path.strip_prefix(&ours) {
        if let Some(file) = rest.strip_prefix("latest/download/") {
            // GitHub's own way: to the newest release's tag, and from there to the file.
            return newest().map_or_else(Answer::missing, |release| {
                Answer::moved(format!("http://{address}{ours}download/{}/{file}", release.tag))
            });
        }
        let file = rest.strip_prefix("download/").and_then(|rest| rest.split_once('/'));
        return file.map_or_else(Answer::missing, |(tag, name)| stored(releases, tag, name));
    }
    let api = format!("/repos/{}/releases", repository());
    match path.strip_prefix(&api) {
        Some("") => Answer::json(&published().map(|release| described(release, address)).collect()),
        Some("/latest") => newest().map_or_else(Answer::missing, |release| Answer::json(&described(release, address))),
        Some(rest) => {
            if let Some(tag) = rest.strip_prefix("/tags/") {
                let release = published().find(|release| release.tag == tag);
                return release.map_or_else(Answer::missing, |release| Answer::json(&described(release, address)));
            }
            let asset = rest.strip_prefix("/assets/").and_then(|rest| rest.split_once('/'));
            let bytes = asked.headers.get("accept").is_some_and(|kind| kind == "application/octet-stream");
            asset.filter(|_| bytes).map_or_else(Answer::missing, |(tag, name)| stored(releases, tag, name))
        }
        None => Answer::missing(),
    }
}

fn stored(releases: &[Release], tag: &str, name: &str) -> Answer {
    let release = releases.iter().find(|release| release.tag == tag && !release.draft);
    let file = release.and_then(|release| release.files.iter().find(|(file, _)| file == name));
    file.map_or_else(Answer::missing, |(_, bytes)| Answer::file(bytes.clone()))
}

/// A release as GitHub's API tells of it.
fn described(release: &Release, address: SocketAddr) -> Value {
    let assets: Vec<Value> = release
        .files
        .iter()
        .map(|(name, bytes)| {
            json!({
                "name": name,
                "size": bytes.len(),
                "url": format!("http://{address}/repos/{}/releases/assets/{}/{name}", repository(), release.tag),
                "browser_download_url": format!("http://{address}/{}/releases/download/{}/{name}", repository(), release.tag),
            })
        })
        .collect();
    json!({
        "tag_name": release.tag,
        "name": release.tag,
        "draft": release.draft,
        "prerelease": release.prerelease,
        "created_at": "2026-01-01T00:00:00Z",
        "published_at": "2026-01-01T00:00:00Z",
        "assets": assets,
    })
}

/// Writes an answer, well or badly; none when the connection is over.
fn respond(
    stream: &mut TcpStream,
    asked: &Asked,
    mode: Option<&Mode>,
    mut answer: Answer,
    over: &AtomicBool,
) -> Option<()> {
    let mut extra = String::new();
    match mode {
        Some(Mode::Status(status, body)) => {
            answer = Answer { status: *status, header: None, kind: "text/html", body: body.clone() };
        }
        Some(Mode::Limited(reset)) => {
            let body = json!({ "message": "API rate limit exceeded" }).to_string().into_bytes();
            answer = Answer { status: 403, header: None, kind: "application/json", body };
            extra = format!("X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: {reset}\r\n");
        }
        Some(Mode::Elsewhere(root)) => answer = Answer::moved(format!("{root}{}", asked.path)),
        Some(Mode::Silent) => wait(over)?,
        _ => {}
    }
    if let Some((name, value)) = &answer.header {
        extra = format!("{extra}{name}: {value}\r\n");
    }
    let Answer { status, kind, body, .. } = answer;
    let head = format!("HTTP/1.1 {status} .\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n{extra}\r\n", body.len());
    stream.write_all(head.as_bytes()).ok()?;
    if asked.method == "HEAD" {
        return Some(());
    }
    match mode {
        Some(Mode::Truncated) => {
            stream.write_all(&body[..body.len() / 2]).ok()?;
            None
        }
        Some(Mode::Stalled) => {
            stream.write_all(&body[..body.len() / 2]).ok()?;
            wait(over)
        }
        Some(Mode::Slow(pieces, pause)) => {
            for piece in body.chunks(body.len().div_ceil(*pieces as usize).max(1)) {
                stream.write_all(piece).ok()?;
                std::thread::sleep(*pause);
            }
            Some(())
        }
        _ => stream.write_all(&body).ok(),
    }
}

/// Until the server is dropped; nothing comes after it.
fn wait(over: &AtomicBool) -> Option<()> {
    while !over.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(50));
    }
    None
}
