//! A place on this machine that takes releases as GitHub does, and crates as a registry does.
//!
//! In: requests. Out: what GitHub would answer; and everything that was sent. Never here: another machine.
//!
//! `server` hands releases out; this takes them in. It is as strict as GitHub with immutable releases: a name is taken once,
//! and what is published is not changed.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

/// A release that was sent.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    pub tag: String,
    pub draft: bool,
    pub prerelease: bool,
    /// Names, bytes, and numbers.
    pub files: Vec<(String, Vec<u8>, usize)>,
}

/// All that is there.
#[derive(Debug, Clone, Default)]
pub struct Stock {
    pub releases: Vec<Sent>,
    /// The tag of the newest one.
    pub latest: Option<String>,
    /// Lines of the registry's index.
    pub crates: Vec<String>,
    /// How often something was changed.
    pub changes: usize,
    /// How often something was refused.
    pub refused: Vec<String>,
    next: usize,
}

/// Called after the change with this number was made, and before it is answered.
type Witness = Box<dyn FnMut(usize) + Send>;

/// The place; it ends when it is dropped.
pub struct Forge {
    address: SocketAddr,
    shared: Arc<Shared>,
    over: Arc<AtomicBool>,
}

struct Shared {
    stock: Mutex<Stock>,
    witness: Mutex<Option<Witness>>,
}

impl Forge {
    /// Starts it on a free port of the loopback.
    pub fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let shared = Arc::new(Shared { stock: Mutex::default(), witness: Mutex::default() });
        let forge = Self { address: listener.local_addr()?, shared, over: Arc::default() };
        let (shared, over, address) = (Arc::clone(&forge.shared), Arc::clone(&forge.over), forge.address);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                let shared = Arc::clone(&shared);
                // Whoever asked and went away has nothing to be told.
                std::thread::spawn(move || serve(stream, address, &shared));
            }
        });
        Ok(forge)
    }

    /// `http://127.0.0.1:PORT`.
    pub fn root(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What is there now.
    pub fn stock(&self) -> Stock {
        lock(&self.shared.stock).clone()
    }

    /// Has a release there that was published before.
    pub fn holds(&self, tag: &str) {
        let mut stock = lock(&self.shared.stock);
        stock.releases.push(Sent { tag: tag.to_owned(), ..Sent::default() });
        stock.latest = Some(tag.to_owned());
    }

    /// Has `witness` called at every change from now on.
    pub fn watch(&self, witness: impl FnMut(usize) + Send + 'static) {
        *lock(&self.shared.witness) = Some(Box::new(witness));
    }
}

impl Drop for Forge {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        // The listener waits for one more.
        let _ = TcpStream::connect(self.address);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(stream: TcpStream, address: SocketAddr, shared: &Shared) -> Option<()> {
    let mut writer = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let mut words = line.split_whitespace();
        let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
        let (mut length, mut binary) = (0, false);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            match name.to_lowercase().as_str() {
                "content-length" => length = value.trim().parse().ok()?,
                "expect" => writer.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?,
                "accept" => binary = value.trim() == "application/octet-stream",
                _ => {}
            }
        }
        let mut body = Vec::new();
        (&mut reader).take(length).read_to_end(&mut body).ok()?;
        let (status, answer) = {
            let mut stock = lock(&shared.stock);
            let before = stock.changes;
            let answer = stock.answer(&method, &path, &body, binary, address);
            let changes = stock.changes;
            if answer.0 >= 400 && method != "GET" {
                stock.refused.push(format!("{method} {path}"));
            }
            drop(stock);
            if let Some(witness) = lock(&shared.witness).as_mut().filter(|_| changes > before) {
                witness(changes);
            }
            answer
        };
        let head = format!(
            "HTTP/1.1 {status} .\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            answer.len()
        );
        writer.write_all(head.as_bytes()).and_then(|()| writer.write_all(&answer)).ok()?;
    }
}

const MISSING: (u16, Vec<u8>) = (404, Vec::new());

impl Stock {
    fn answer(&mut self, method: &str, path: &str, body: &[u8], binary: bool, address: SocketAddr) -> (u16, Vec<u8>) {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        if let Some(rest) = path.strip_prefix("/index/") {
            return self.index(rest, address);
        }
        if (method, path) == ("PUT", "/api/v1/crates/new") {
            return self.take_crate(body);
        }
        // /repos/OWNER/NAME/releases…
        let parts: Vec<&str> = path.split('/').skip(4).collect();
        match (method, parts.as_slice()) {
            ("GET", ["releases"]) => {
                let all: Vec<Value> = (0..self.releases.len()).map(|id| self.told(id, address)).collect();
                (200, json!(all).to_string().into_bytes())
            }
            ("POST", ["releases"]) => {
                let Ok(wanted) = serde_json::from_slice::<Value>(body) else { return MISSING };
                let flag = |name: &str| wanted[name].as_bool().unwrap_or(false);
                let (draft, prerelease) = (flag("draft"), flag("prerelease"));
                let tag = wanted["tag_name"].as_str().unwrap_or_default().to_owned();
                self.releases.push(Sent { tag, draft, prerelease, files: Vec::new() });
                self.changes += 1;
                (201, self.told(self.releases.len() - 1, address).to_string().into_bytes())
            }
            ("PATCH", ["releases", id]) => self.patch(id, body, address),
            ("POST", ["releases", id, "assets"]) => self.take_file(id, query, body),
            ("GET", ["releases", "assets", id]) if binary => {
                let files = self.releases.iter().flat_map(|release| &release.files);
                let file = files.into_iter().find(|(_, _, number)| number.to_string() == *id);
                file.map_or(MISSING, |(_, bytes, _)| (200, bytes.clone()))
            }
            ("DELETE", ["releases", "assets", id]) => {
                for release in self.releases.iter_mut().filter(|release| release.draft) {
                    release.files.retain(|(_, _, number)| number.to_string() != *id);
                }
                self.changes += 1;
                (204, Vec::new())
            }
            _ => MISSING,
        }
    }

    fn patch(&mut self, id: &str, body: &[u8], address: SocketAddr) -> (u16, Vec<u8>) {
        let (Ok(id), Ok(wanted)) = (id.parse::<usize>(), serde_json::from_slice::<Value>(body)) else { return MISSING };
        let Some(release) = self.releases.get_mut(id) else { return MISSING };
        if wanted["draft"] == false {
            if !release.draft {
                return (422, b"published already".to_vec());
            }
            release.draft = false;
        }
        release.prerelease = wanted["prerelease"].as_bool().unwrap_or(release.prerelease);
        if wanted["make_latest"] == "true" {
            self.latest = Some(release.tag.clone());
        }
        self.changes += 1;
        (200, self.told(id, address).to_string().into_bytes())
    }

    fn take_file(&mut self, id: &str, query: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let release = id.parse::<usize>().ok().and_then(|id| self.releases.get_mut(id));
        let (Some(release), Some(name)) = (release, query.strip_prefix("name=")) else { return MISSING };
        if !release.draft || release.files.iter().any(|(there, _, _)| there == name) {
            return (422, b"already_exists".to_vec());
        }
        self.next += 1;
        release.files.push((name.to_owned(), body.to_vec(), self.next));
        self.changes += 1;
        (201, b"{}".to_vec())
    }

    /// The sparse index of a registry: <https://doc.rust-lang.org/cargo/reference/registry-index.html>.
    fn index(&self, path: &str, address: SocketAddr) -> (u16, Vec<u8>) {
        match path {
            "config.json" => {
                let root = format!("http://{address}");
                (200, json!({ "dl": format!("{root}/crates"), "api": root }).to_string().into_bytes())
            }
            "co/mm/commit-story" if !self.crates.is_empty() => (200, (self.crates.join("\n") + "\n").into_bytes()),
            _ => MISSING,
        }
    }

    /// A crate as `cargo publish` sends it: the length of a description, the description, and the archive.
    fn take_crate(&mut self, body: &[u8]) -> (u16, Vec<u8>) {
        let Some((length, rest)) = body.split_first_chunk::<4>() else { return MISSING };
        let length = u32::from_le_bytes(*length) as usize;
        let told = rest.get(..length).and_then(|told| serde_json::from_slice::<Value>(told).ok());
        let Some(told) = told else { return MISSING };
        let line = json!({
            "name": told["name"], "vers": told["vers"], "deps": [], "cksum": "0".repeat(64), "features": {}, "yanked": false,
        });
        if self.crates.contains(&line.to_string()) {
            return (422, json!({ "errors": [{ "detail": "already uploaded" }] }).to_string().into_bytes());
        }
        self.crates.push(line.to_string());
        self.changes += 1;
        (
            200,
            json!({ "warnings": { "invalid_categories": [], "invalid_badges": [], "other": [] } })
                .to_string()
                .into_bytes(),
        )
    }

    /// A release as GitHub tells of it.
    fn told(&self, id: usize, address: SocketAddr) -> Value {
        let release = &self.releases[id];
        let files: Vec<Value> = release
            .files
            .iter()
            .map(
                |(name, bytes, number)| json!({ "id": number, "name": name, "size": bytes.len(), "state": "uploaded" }),
            )
            .collect();
        json!({
            "id": id, "tag_name": release.tag, "draft": release.draft, "prerelease": release.prerelease, "assets": files,
            "upload_url": format!("http://{address}/repos/o/r/releases/{id}/assets{{?name,label}}"),
        })
    }
}
