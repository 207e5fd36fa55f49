//! A program that an install script has put into a prefix of its own, and a server that releases newer ones.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use commit_story::update::names;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::release_server::{Release, Server};
use crate::release_sign::{Signer, TEST_ONLINE, archive};
use crate::support::{Sandbox, binary, copy_program};

/// The version under test.
pub const RUNNING: &str = env!("CARGO_PKG_VERSION");

/// What this system's archives are named after.
pub fn target() -> &'static str {
    names::target().unwrap()
}

/// A place with the program in `prefix/bin`, its receipt, and a server without releases.
pub struct Installed {
    pub sandbox: Sandbox,
    pub server: Server,
}

impl Installed {
    pub fn new() -> Self {
        let installed = Self { sandbox: Sandbox::new(), server: Server::start().unwrap() };
        std::fs::create_dir_all(installed.beside()).unwrap();
        put(&stripped(), &installed.program());
        installed.receipt(&installed.program());
        installed
    }

    /// The directory of the program.
    pub fn dir(&self) -> PathBuf {
        self.sandbox.path("prefix/bin")
    }

    pub fn program(&self) -> PathBuf {
        self.dir().join("commit-story")
    }

    /// What lies beside it.
    pub fn beside(&self) -> PathBuf {
        self.dir().join(".commit-story")
    }

    /// Writes a receipt for a program at this path.
    pub fn receipt(&self, program: &Path) {
        let receipt = json!({
            "schema": 1, "source": "install.sh", "version": RUNNING, "target": target(), "binary": program,
            "modified_path": [], "base_url": null, "by": "a script of later days",
        });
        std::fs::write(self.beside().join("receipt.json"), receipt.to_string()).unwrap();
    }

    /// A command of the installed program.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.sandbox.command(self.program());
        command
            .args(args)
            .env("COMMIT_STORY_BASE_URL", self.server.base())
            .env("COMMIT_STORY_API_URL", self.server.root());
        command
    }

    /// `commit-story update …`.
    pub fn update(&self, args: &[&str]) -> Ended {
        Ended::of(&self.command(&[&["update"], args].concat()).output().unwrap())
    }

    /// What the program that lies there calls itself.
    pub fn version(&self) -> String {
        version(&self.program())
    }

    /// A JSON file beside the program.
    pub fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&std::fs::read(self.beside().join(name)).unwrap()).unwrap()
    }

    /// The names beside the program, but for files that the writer of the moment may have.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.beside())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Fails unless nothing was changed but what is remembered.
    pub fn is_untouched(&self) {
        assert_eq!(self.version(), RUNNING);
        let left: Vec<String> = self.names().into_iter().filter(|name| name.starts_with("stage-")).collect();
        assert_eq!(left, Vec::<String>::new(), "something is left over");
        let dir: Vec<_> = std::fs::read_dir(self.dir()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(dir.len(), 2, "{dir:?}");
    }
}

/// The version that a program says it has.
pub fn version(program: &Path) -> String {
    let output = Command::new(program).arg("--version").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().trim_start_matches("commit-story ").to_owned()
}

/// Puts a program somewhere, without copying it where the file system has hard links.
pub fn put(from: &Path, to: &Path) {
    if std::fs::hard_link(from, to).is_err() {
        copy_program(from, to);
    }
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ended {
    pub fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Fails unless it ended with this code, and said this.
    pub fn is(&self, code: i32, said: &str) {
        let all = format!("{}{}", self.out, self.err);
        assert!(self.code == code && all.contains(said), "expected {code} and {said:?}: {self:?}");
    }
}

/// A release in the making. Everything is right with it until a story says otherwise.
pub struct Made {
    pub version: String,
    pub sequence: u64,
    pub published: String,
    pub minimum: Option<String>,
    pub yanked: Vec<(String, String)>,
    /// What lies in the archive: names, kinds, modes, bytes.
    pub entries: Vec<Entry>,
    /// Who signs the archive, and who the description.
    pub archive_key: Option<[u8; 32]>,
    pub index_key: [u8; 32],
    /// What an archive's name is signed as, where that is another.
    pub signed_as: Option<String>,
    pub prerelease: bool,
}

/// A file in an archive.
pub struct Entry {
    pub name: String,
    pub kind: tar::EntryType,
    pub bytes: Vec<u8>,
}

/// A program of a few bytes that answers as one of this version does.
pub fn shell(version: &str) -> Vec<u8> {
    format!("#!/bin/sh\n[ \"$1\" = --version ] && echo 'commit-story {version}'\nexit 0\n").into_bytes()
}

impl Made {
    /// A release of this version, whose sequence is its minor number.
    pub fn of(version: &str) -> Self {
        let mut program = Self {
            version: version.to_owned(),
            sequence: version.split('.').nth(1).unwrap().parse().unwrap(),
            published: "2026-01-05T00:00:00Z".to_owned(),
            minimum: Some("0.0.1".to_owned()),
            yanked: Vec::new(),
            entries: Vec::new(),
            archive_key: Some(TEST_ONLINE),
            index_key: TEST_ONLINE,
            signed_as: None,
            prerelease: false,
        };
        program.file("commit-story", &shell(version));
        program.file("README.md", b"read me");
        program
    }

    /// The same with this program in it.
    pub fn with(mut self, program: &[u8]) -> Self {
        self.entries.retain(|entry| entry.name != "commit-story");
        self.file("commit-story", program);
        self
    }

    pub fn file(&mut self, name: &str, bytes: &[u8]) {
        self.entries.push(Entry { name: name.to_owned(), kind: tar::EntryType::Regular, bytes: bytes.to_vec() });
    }

    pub fn archive_name(&self) -> String {
        names::archive(&self.version, target())
    }

    /// The archive, signed.
    pub fn archive(&self) -> Vec<u8> {
        let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::none()));
        for entry in &self.entries {
            let mut header = tar::Header::new_ustar();
            header.set_entry_type(entry.kind);
            header.set_mode(0o755);
            let (mut link, mut bytes) = (None, &*entry.bytes);
            if entry.kind.is_symlink() {
                link = Some(String::from_utf8(entry.bytes.clone()).unwrap());
                bytes = b"";
            }
            header.set_size(bytes.len() as u64);
            let name = &mut header.as_old_mut().name;
            // As it is, also where the builder would refuse it.
            name[..entry.name.len()].copy_from_slice(entry.name.as_bytes());
            if let Some(link) = link {
                header.set_link_name(link).unwrap();
            }
            header.set_cksum();
            tar.append(&header, bytes).unwrap();
        }
        let bytes = tar.into_inner().unwrap().finish().unwrap();
        match &self.archive_key {
            None => bytes,
            Some(key) => {
                let name = self.signed_as.clone().unwrap_or_else(|| self.archive_name());
                archive(&bytes, &name, &[&Signer::of(key)]).unwrap()
            }
        }
    }

    /// The description of the release that has this archive.
    pub fn index(&self, archive: &[u8]) -> Vec<u8> {
        let yanked: Vec<Value> =
            self.yanked.iter().map(|(version, reason)| json!({"version": version, "reason": reason})).collect();
        json!({
            "schema": 1, "version": self.version, "sequence": self.sequence, "published": self.published,
            "minimum": self.minimum, "yanked": yanked,
            "assets": [{
                "target": target(), "name": self.archive_name(), "size": archive.len(), "sha256": sha256(archive),
            }],
        })
        .to_string()
        .into_bytes()
    }

    /// The release as the server has it.
    pub fn made(&self) -> Release {
        let archive = self.archive();
        let index = self.index(&archive);
        let signature = Signer::of(&self.index_key).minisig(&index, false, "file:release.json");
        Release {
            tag: format!("v{}", self.version),
            prerelease: self.prerelease,
            draft: false,
            files: vec![
                (names::INDEX.to_owned(), index),
                (names::INDEX_MINISIG.to_owned(), signature.into_bytes()),
                (self.archive_name(), archive),
            ],
        }
    }
}

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// The program under test without what only debuggers need, where there is `strip`: a quarter of it, and so quickly hashed.
pub fn stripped() -> PathBuf {
    static STRIPPED: OnceLock<PathBuf> = OnceLock::new();
    let strip = || {
        let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join("commit-story-stripped");
        let done = Command::new("strip").arg("-o").arg(&to).arg(binary()).status();
        if done.is_ok_and(|status| status.success()) { to } else { binary().to_owned() }
    };
    STRIPPED.get_or_init(strip).clone()
}

/// The program under test as it would be with another version, of as many letters. Only where a file may be changed without
/// the system minding.
#[cfg(target_os = "linux")]
pub fn real(version: &str) -> Vec<u8> {
    assert_eq!(version.len(), RUNNING.len());
    let mut bytes = std::fs::read(stripped()).unwrap();
    let places: Vec<usize> = memchr::memmem::find_iter(&bytes, RUNNING.as_bytes()).collect();
    for at in places {
        bytes[at..at + RUNNING.len()].copy_from_slice(version.as_bytes());
    }
    bytes
}
