//! What the stories of the install scripts share: releases on a server of this machine, signed with the test keys, and a
//! home to install into.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use commit_story::update::{keys, names};
use sha2::Digest;

use crate::release_server::{Release, Server};
use crate::release_sign::{Signer, TEST_ONLINE, TEST_SPARE};
use crate::said::Said;
use crate::support::{checked, executable};

/// The shells that are tried, as words of a command; bash and zsh once more under the name by which they behave like `sh`.
pub const SHELLS: [&[&str]; 9] = [
    &["dash"],
    &["bash"],
    &["bash", "--posix"],
    &["busybox", "sh"],
    &["mksh"],
    &["yash"],
    &["zsh"],
    &["zsh", "--emulate", "sh"],
    &["ksh93"],
];

/// Those of them that are installed; in `.ci/run` all of them have to be.
pub fn shells() -> Vec<&'static [&'static str]> {
    let (there, missing): (Vec<_>, Vec<_>) = SHELLS.into_iter().partition(|shell| find(shell[0]).is_some());
    let missing: Vec<_> = missing.iter().map(|shell| shell[0]).collect();
    if !missing.is_empty() {
        assert!(std::env::var_os("CI").is_none() || !cfg!(target_os = "linux"), "not installed: {missing:?}");
        println!("skipped: {missing:?} are not installed");
    }
    there
}

/// Where a program lies.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
}

/// A program in the place of commit-story: it says a version, and nothing else.
pub fn program(version: &str) -> String {
    format!("#!/bin/sh\necho 'commit-story {version}'\n")
}

/// The archive of a program, as a release has it.
pub fn archive(dir: &Path, program: &str) -> Vec<u8> {
    std::fs::write(dir.join("commit-story"), program).unwrap();
    std::fs::write(dir.join("README.md"), "read me\n").unwrap();
    let file = dir.join("archive.tar.gz");
    checked(Command::new("tar").arg("-czf").arg(&file).arg("-C").arg(dir).args(["commit-story", "README.md"]));
    std::fs::read(file).unwrap()
}

/// SHA-256 in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in sha2::Sha256::digest(bytes) {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}

/// The list of hashes of some files.
pub fn sums(files: &[(String, Vec<u8>)]) -> String {
    let mut text = String::new();
    for (name, bytes) in files {
        writeln!(text, "{}  {name}", sha256(bytes)).unwrap();
    }
    text
}

/// The list and its signatures.
pub fn signed(sums: &str, signer: &Signer, namespace: &str) -> Vec<(String, Vec<u8>)> {
    vec![
        (names::SUMS.to_owned(), sums.as_bytes().to_vec()),
        (names::SUMS_MINISIG.to_owned(), signer.minisig(sums.as_bytes(), false, "SHA256SUMS").into_bytes()),
        (names::SUMS_SSHSIG.to_owned(), signer.sshsig(sums.as_bytes(), namespace).into_bytes()),
    ]
}

/// A server with releases, and a home.
pub struct Ground {
    pub server: Server,
    dir: tempfile::TempDir,
}

impl Ground {
    /// With one release, 1.0.0.
    pub fn new() -> Self {
        let dir = tempfile::Builder::new().prefix("install-").tempdir().unwrap();
        let ground = Self { server: Server::start().unwrap(), dir };
        std::fs::create_dir(ground.home()).unwrap();
        std::fs::write(ground.path("install.sh"), Self::script()).unwrap();
        ground.publish("1.0.0");
        ground
    }

    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join(relative)
    }

    pub fn home(&self) -> PathBuf {
        self.path("home")
    }

    /// Where the program is put, unless somebody says otherwise.
    pub fn binary(&self) -> PathBuf {
        self.home().join(".local/bin/commit-story")
    }

    /// The hidden directory beside it.
    pub fn state(&self) -> PathBuf {
        self.home().join(".local/bin/.commit-story")
    }

    /// Releases a version, for every target but Windows.
    pub fn publish(&self, version: &str) {
        self.publish_program(version, &program(version));
    }

    /// The same, with a program of its own.
    pub fn publish_program(&self, version: &str, program: &str) {
        let dir = self.path(format!("release-{version}"));
        std::fs::create_dir_all(&dir).unwrap();
        let bytes = archive(&dir, program);
        let targets = names::TARGETS.into_iter().filter(|target| !target.contains("windows"));
        let files: Vec<_> = targets.map(|target| (names::archive(version, target), bytes.clone())).collect();
        self.release(version, files);
    }

    /// Releases files, with their hashes, signed.
    pub fn release(&self, version: &str, mut files: Vec<(String, Vec<u8>)>) {
        let sums = sums(&files);
        files.extend(signed(&sums, &Signer::of(&TEST_ONLINE), names::NAMESPACE));
        self.server.release(Release { tag: names::tag(version), files, ..Release::default() });
    }

    /// Puts other bytes in the place of a file of the newest release.
    pub fn replace(&self, name: &str, bytes: Option<Vec<u8>>) {
        self.server.change(|releases| {
            releases[0].files.retain(|(file, _)| file != name);
            releases[0].files.extend(bytes.map(|bytes| (name.to_owned(), bytes)));
        });
    }

    /// The archive of 1.0.0 that is for this machine.
    pub fn archive_name(version: &str) -> String {
        let libc = if cfg!(target_os = "linux") { "unknown-linux-gnu" } else { "apple-darwin" };
        names::archive(version, &format!("{}-{libc}", std::env::consts::ARCH))
    }

    /// install.sh, which trusts the test keys.
    pub fn script() -> String {
        filled(&template(), "", "")
    }

    /// A shell that has nothing of this machine in its environment but `PATH`.
    pub fn shell(&self, shell: &[&str]) -> Command {
        let mut command = Command::new(shell[0]);
        command
            .args(&shell[1..])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home())
            .env("LC_ALL", "C.UTF-8")
            .env("SHELL", "/bin/bash")
            .env("TMPDIR", self.dir.path())
            .env("COMMIT_STORY_BASE_URL", self.server.base())
            .current_dir(self.dir.path())
            .stdin(Stdio::null());
        command
    }

    /// `sh install.sh …`
    pub fn install(&self, args: &[&str]) -> Command {
        let mut command = self.shell(&["sh"]);
        command.arg(self.path("install.sh")).args(args);
        command
    }

    /// Installs, and returns what was said.
    pub fn installed(&self, args: &[&str]) -> Said {
        heard(&mut self.install(args))
    }

    /// What the program that lies there says of itself.
    pub fn version(&self) -> Option<String> {
        says(&self.binary())
    }

    /// Every file and directory below the home, with the bytes of files.
    pub fn found(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        walk(&self.home(), &mut found);
        found
    }
}

/// What a program that lies there says of itself.
pub fn says(binary: &Path) -> Option<String> {
    let output = Command::new(binary).arg("--version").output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs a command and returns what it said, whatever came of it.
pub fn heard(command: &mut Command) -> Said {
    let output = command.output().unwrap();
    Said {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// install.sh as it stands in the checkout.
pub fn template() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/install.sh")).unwrap()
}

/// A script with other constants: the test keys, and a version with its hashes.
pub fn filled(template: &str, version: &str, hashes: &str) -> String {
    let signers = [&TEST_ONLINE, &TEST_SPARE].map(|seed| Signer::of(seed).allowed()).join("\n");
    let trusted: Vec<_> = keys::minisign().skip(2).collect();
    let mut text = String::new();
    let mut within = false;
    for line in template.lines() {
        // A constant goes on until its quotation ends.
        let name = line.trim_start().split_once('=').map(|(name, _)| name);
        let value = match name {
            Some("VERSION") => Some(version.to_owned()),
            Some("HASHES") => Some(hashes.to_owned()),
            Some("SIGNERS") => Some(signers.clone()),
            Some("KEYS") => Some(trusted.join("\n")),
            _ => None,
        };
        if let Some(value) = value {
            writeln!(text, "{}='{value}'", name.unwrap()).unwrap();
            within = line.matches('\'').count() == 1;
        } else if within {
            within = line.matches('\'').count() != 1;
        } else {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

fn walk(dir: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    let mut entries: Vec<_> = std::fs::read_dir(dir).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() && !path.is_symlink() {
            found.push((path.clone(), Vec::new()));
            walk(&path, found);
        } else {
            let bytes = std::fs::read(&path).unwrap_or_default();
            found.push((path, bytes));
        }
    }
}

/// A directory of links to these programs, to stand alone on `PATH`.
pub fn only(dir: &Path, programs: &[&str]) -> PathBuf {
    std::fs::create_dir_all(dir).unwrap();
    for program in programs {
        let there = find(program).unwrap_or_else(|| panic!("{program} is not installed"));
        let link = dir.join(program);
        if !link.exists() {
            std::os::unix::fs::symlink(there, link).unwrap();
        }
    }
    dir.to_owned()
}

/// A script of this text in the directory, under this name.
pub fn fake(dir: &Path, name: impl AsRef<OsStr>, text: &str) -> PathBuf {
    let path = dir.join(name.as_ref());
    executable(&path, format!("#!/bin/sh\n{text}\n"));
    path
}
