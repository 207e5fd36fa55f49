//! What the binary said, and what lies in a repository, in a form that can be compared.

use std::collections::BTreeMap;
use std::fmt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::support::{Sandbox, binary, executable};

/// The end of a run, with the sandbox's path as `[DIR]` and the binary's as `[BINARY]`.
#[derive(Debug, PartialEq)]
pub struct Said {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl fmt::Display for Said {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, stdout, stderr } = self;
        write!(formatter, "status {code:?}\n--- stdout\n{stdout}--- stderr\n{stderr}")
    }
}

impl Sandbox {
    /// Runs the binary in the repository.
    pub fn said(&self, args: &[&str]) -> Said {
        self.heard(&self.story(args))
    }

    /// What a run said.
    pub fn heard(&self, output: &Output) -> Said {
        let dir = self.path("").display().to_string();
        let text = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).replace(binary().to_str().unwrap(), "[BINARY]");
            text.replace(&dir, "[DIR]/")
        };
        Said { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// Every directory, file and link of the repository, `.git` included, with content and mode. Git's own index and
    /// reflogs change by looking and committing.
    pub fn files(&self) -> BTreeMap<PathBuf, (Vec<u8>, u32)> {
        let mut files = BTreeMap::new();
        walk(&self.repo(), &mut files);
        files
    }

    /// Writes a hook that git would run.
    pub fn hook(&self, name: &str, text: &str) {
        let path = self.repo().join(".git/hooks").join(name);
        executable(&path, text);
    }
}

fn walk(dir: &Path, files: &mut BTreeMap<PathBuf, (Vec<u8>, u32)>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let meta = path.symlink_metadata().unwrap();
        let content = if meta.is_symlink() {
            std::fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes()
        } else if meta.is_dir() {
            walk(&path, files);
            Vec::new()
        } else {
            std::fs::read(&path).unwrap()
        };
        files.insert(path, (content, meta.permissions().mode() & 0o7777));
    }
}
