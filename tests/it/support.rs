//! A hermetic place for one story: a home, a repository, a clock, and the binary.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The binary under test.
pub fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_commit-story"))
}

/// A temporary directory with `home/` and `repo/` (an empty repository on `main`). Removed when dropped.
pub struct Sandbox {
    dir: tempfile::TempDir,
    /// The instant that git and the binary take for now, RFC 3339.
    pub now: String,
    /// How long the hook may read, in milliseconds.
    pub hook_deadline_ms: u32,
    /// How `init` has git run us: empty for what git can do best.
    pub hooks: &'static str,
    /// Directories that come before the developer's own `PATH`.
    pub before_path: Vec<PathBuf>,
}

impl Sandbox {
    /// A home without anything in it and a repository without a commit.
    pub fn new() -> Self {
        let dir = tempfile::Builder::new().prefix("story-").tempdir().unwrap();
        let now = "2026-01-06T16:02:06+01:00".to_owned();
        let sandbox = Self { dir, now, hook_deadline_ms: 1_000, hooks: "files", before_path: Vec::new() };
        std::fs::create_dir_all(sandbox.home()).unwrap();
        std::fs::create_dir_all(sandbox.repo()).unwrap();
        std::fs::write(
            sandbox.path("gitconfig"),
            "[user]\n\tname = Ada Example\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n\
             [core]\n\tfsync = none\n[gc]\n\tauto = 0\n[advice]\n\tdetachedHead = false\n",
        )
        .unwrap();
        sandbox.git(&["init", "-q"]);
        sandbox
    }

    /// The same place at another time, RFC 3339.
    pub fn at(mut self, now: &str) -> Self {
        now.clone_into(&mut self.now);
        self
    }

    /// The text of a day's journal page, `YYYY-MM-DD`; empty if there is none.
    pub fn page(&self, day: &str) -> String {
        let path = self.repo().join("journal/entries").join(&day[..7]).join(format!("{day}.md"));
        std::fs::read_to_string(path).unwrap_or_default()
    }

    /// A path in the sandbox's directory.
    pub fn path(&self, relative: &str) -> PathBuf {
        // Links resolved: on macOS the temporary directory is one.
        self.dir.path().canonicalize().unwrap().join(relative)
    }

    pub fn home(&self) -> PathBuf {
        self.path("home")
    }

    /// Makes the user's settings these lines of `narration` alone.
    pub fn narration_settings(&self, lines: &str) {
        let dir = self.home().join(".config/commit-story");
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join("config.yaml"), format!("narration:\n  {lines}\n")).unwrap();
    }

    pub fn repo(&self) -> PathBuf {
        self.path("repo")
    }

    /// A command with nothing of this machine in its environment but `PATH`.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", self.search_path())
            .env("HOME", self.home())
            .env("XDG_CONFIG_HOME", self.home().join(".config"))
            .env("XDG_DATA_HOME", self.home().join(".local/share"))
            .env("XDG_STATE_HOME", self.home().join(".local/state"))
            .env("XDG_CACHE_HOME", self.home().join(".cache"))
            .env("GIT_CONFIG_GLOBAL", self.path("gitconfig"))
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("TZ", "Europe/Paris")
            .env("LC_ALL", "C")
            .env("GIT_AUTHOR_DATE", &self.now)
            .env("GIT_COMMITTER_DATE", &self.now)
            .env("COMMIT_STORY_NOW", &self.now)
            .env("COMMIT_STORY_HOOKS", self.hooks)
            // What a story tells must not depend on how busy the machine is.
            .env("COMMIT_STORY_HOOK_DEADLINE_MS", self.hook_deadline_ms.to_string())
            .current_dir(self.repo())
            .stdin(Stdio::null());
        command
    }

    /// The value of `PATH`.
    pub fn search_path(&self) -> std::ffi::OsString {
        let usual = std::env::var_os("PATH").unwrap_or_default();
        std::env::join_paths(self.before_path.iter().cloned().chain(std::env::split_paths(&usual))).unwrap()
    }

    /// Runs git in the repository and returns its output; panics with git's words if it fails.
    pub fn git(&self, args: &[&str]) -> String {
        checked(self.command("git").args(args))
    }

    /// Runs the binary in the repository.
    pub fn story(&self, args: &[&str]) -> Output {
        self.command(binary()).args(args).output().unwrap()
    }

    /// Runs the binary in the repository and returns its output; panics with its words if it fails.
    pub fn story_ok(&self, args: &[&str]) -> String {
        checked(self.command(binary()).args(args))
    }

    /// Writes a file in the repository.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.repo().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// Writes files, commits everything and returns the commit's id.
    pub fn commit(&self, message: &str, files: &[(&str, &str)]) -> String {
        for (path, content) in files {
            self.write(path, content);
        }
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }
}

impl Sandbox {
    /// A sandbox in which git is the one that `tests/newest/git` builds; `None`, with a word, where there is none.
    #[cfg(unix)]
    pub fn with_newest_git() -> Option<Self> {
        let Some(dir) = std::env::var_os("NEWEST_GIT") else {
            println!("skipped: NEWEST_GIT names no directory with a git that tests/newest/git builds; .ci/run does");
            return None;
        };
        let mut sandbox = Self::new();
        sandbox.before_path.push(PathBuf::from(dir));
        sandbox.hooks = "";
        Some(sandbox)
    }

    /// The same sandbox with the programs that `tests/newest/managers` fetches, and with the binary under test, on
    /// `PATH`; `None`, with a word, where they are not.
    #[cfg(unix)]
    pub fn with_managers(mut self) -> Option<Self> {
        let Some(dirs) = std::env::var_os("HOOK_MANAGERS") else {
            println!(
                "skipped: HOOK_MANAGERS names no directories with what tests/newest/managers fetches; .ci/run does"
            );
            return None;
        };
        self.before_path.extend(std::env::split_paths(&dirs));
        self.before_path.push(binary().parent().unwrap().to_owned());
        Some(self)
    }

    /// A sandbox with one commit and the journal set up; the clock then stands at 16:05 on 6 January 2026.
    pub fn ready() -> Self {
        let sandbox = Self::new();
        sandbox.commit("first", &[("a.txt", "one\n")]);
        sandbox.story_ok(&["init", "--yes"]);
        sandbox.at("2026-01-06T16:05:00+01:00")
    }

    /// Where commit-story keeps its state for the repository.
    pub fn state(&self) -> PathBuf {
        self.repo().join(".git/commit-story")
    }

    /// The log's text.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.state().join("log")).unwrap_or_default()
    }

    /// The commits that wait for a worker.
    pub fn queued(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.state().join("queue")).into_iter().flatten();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    /// Waits until no commit waits for a worker.
    pub fn settle(&self) {
        wait_for("an empty queue", || self.queued().is_empty());
    }
}

/// Writes a file that can be run. Linux runs none that is open for writing, and what one thread has open, a child that another
/// thread starts has as well, until it becomes another program: so a process of its own writes it.
#[cfg(unix)]
pub fn executable(path: &Path, content: impl AsRef<[u8]>) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut writer = Command::new("sh");
    writer.args(["-c", "cat >\"$1\" && chmod 755 \"$1\"", "sh"]).arg(path).stdin(Stdio::piped());
    let mut writer = writer.spawn().unwrap();
    std::io::Write::write_all(&mut writer.stdin.take().unwrap(), content.as_ref()).unwrap();
    assert!(writer.wait().unwrap().success(), "{}", path.display());
}

/// Copies a program, by a process of its own, too.
#[cfg(unix)]
pub fn copy_program(from: &Path, to: &Path) {
    checked(Command::new("cp").arg(from).arg(to));
}

/// Waits for something that another process does.
pub fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(120);
    while !done() {
        assert!(std::time::Instant::now() < end, "waited in vain for {what}");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

/// Whether our children hear a signal. Who starts tests in the background of a script, or by `nohup`, has some of them ignored,
/// and that is inherited; only Linux is asked.
#[cfg(unix)]
pub fn is_heard(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    let heard = ignored.unwrap_or_default() & (1 << (signal - 1)) == 0;
    if !heard {
        println!("signal {signal} is left out: it is ignored where these tests were started");
    }
    heard
}

/// How often a commit's entry stands on a page.
pub fn entries_of(page: &str, id: &str) -> usize {
    page.matches(&format!("<!-- commit-story:entry {id} ")).count()
}

/// Runs a command to its end and returns its standard output; panics with all it said if it failed.
pub fn checked(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?} failed\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}
