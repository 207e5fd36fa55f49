//! A place where one setting holds: a repository, a home, a journal. Generated once, kept below the target directory.
//!
//! In: a setting. Out: commands to be timed there, and the way back to the state before them.
//! Never here: anything of this machine's own configuration, or the present time.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::conversations::{self, AGE_OF_PARENT, COMMITTED, PROMPT};
use crate::settings::{Repository, Setting, Size};

/// Places made by another version of this benchmark are not used.
const VERSION: u32 = 1;

/// The day of the measured commit, and its page.
const PAGE: &str = "journal/entries/2026-01/2026-01-06.md";

pub(crate) struct Place {
    top: PathBuf,
    binary: PathBuf,
    /// The page before the entry.
    page: Option<Vec<u8>>,
    /// The index and the branch, before the measured commit.
    index: Vec<u8>,
    parent: String,
    commit: String,
}

impl Place {
    /// The place of a setting, made if it is not there yet.
    pub(crate) fn make(data: &Path, size: Size, setting: &Setting, binary: &Path) -> Self {
        let name: String = setting.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let size = if size == Size::Quick { "quick" } else { "full" };
        let top = data.join(format!("{size}-v{VERSION}")).join(name);
        let mut place = Self {
            top,
            binary: binary.to_owned(),
            page: None,
            index: Vec::new(),
            parent: String::new(),
            commit: String::new(),
        };
        let done = place.top.join("complete");
        if !done.exists() {
            let _ = fs::remove_dir_all(&place.top);
            place.build(setting);
            fs::write(done, "").unwrap();
        }
        place.page = fs::read(place.top.join("page")).ok();
        place.index = fs::read(place.top.join("index")).unwrap();
        place.commit = place.rev_parse("HEAD");
        place.parent = place.rev_parse("HEAD^");
        place
    }

    pub(crate) fn binary(&self) -> &Path {
        &self.binary
    }

    fn repo(&self) -> PathBuf {
        self.top.join("repo")
    }

    fn home(&self) -> PathBuf {
        self.top.join("home")
    }

    fn build(&mut self, setting: &Setting) {
        eprintln!("(making the place of: {})", setting.name);
        fs::create_dir_all(self.home().join(".config/commit-story")).unwrap();
        fs::create_dir_all(self.repo().join("src")).unwrap();
        let config = "[user]\n\tname = Ada Example\n\temail = ada@example.org\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n";
        fs::write(self.top.join("gitconfig"), config).unwrap();
        self.git(&["init", "-q", "-b", "main"]);
        if let Repository::Large { files, commits } = setting.repository {
            self.import(files, commits);
        }
        fs::write(self.repo().join(".git/info/exclude"), "/journal/\n").unwrap();
        self.commit_parser(&"// the parser\n".repeat(200), COMMITTED - AGE_OF_PARENT);
        fs::copy(self.repo().join(".git/index"), self.top.join("index")).unwrap();
        self.commit_parser(&("// keys keep their order\n".repeat(3) + &"// the parser\n".repeat(198)), COMMITTED);
        if setting.configured {
            let user = "redact:\n  emails: true\nentry:\n  files: 30\n";
            fs::write(self.home().join(".config/commit-story/config.yaml"), user).unwrap();
            fs::write(self.repo().join(".commit-story.yaml"), "entry:\n  commands: 12\n  conversation: 3000\n")
                .unwrap();
        }
        if setting.provider {
            // So long that the worker goes at once: else the next commit would find one and start none.
            let user =
                "narration:\n  provider: ollama\n  model: m\n  base-url: http://127.0.0.1:9\n  wait-seconds: 3600\n";
            fs::write(self.home().join(".config/commit-story/config.yaml"), user).unwrap();
        }
        if setting.journal > 0 {
            self.journal(setting.journal);
        }
        let top = self.repo().canonicalize().unwrap();
        if let Some(litter) = setting.litter {
            conversations::litter(&self.home(), &top, litter);
        }
        if let Some(session) = setting.session {
            conversations::session(&self.home(), &top, session);
        }
        // What was just written must not be on its way to the disk while the first rounds sync theirs.
        let _ = Command::new("sync").status();
    }

    fn commit_parser(&self, text: &str, at: i64) {
        fs::write(self.repo().join("src/parser.rs"), text).unwrap();
        // Not `add --all`: the files of a large repository are in its index, but not in its work tree.
        self.git(&["add", "src/parser.rs"]);
        let mut command = self.command("git");
        dated(&mut command, at).args(["commit", "-q", "-m", "Keep the order of the keys"]);
        assert!(command.status().unwrap().success());
    }

    /// A history of commits that each change one file, and an index of all files.
    fn import(&self, files: u32, commits: u32) {
        let mut git = self.command("git").args(["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn().unwrap();
        let mut stream = String::new();
        for nth in 0..commits {
            let at = COMMITTED - 86_400 - i64::from(commits - nth) * 600;
            let who = format!("Ada Example <ada@example.org> {at} +0000");
            write!(stream, "commit refs/heads/main\ncommitter {who}\ndata 6\nchange\n").unwrap();
            let touched = if nth == 0 { 0..files } else { nth * 7 % files..nth * 7 % files + 1 };
            for file in touched {
                let text = format!("{}change {nth}\n", "a line of the file\n".repeat(20));
                let path = format!("area-{}/part-{}/file-{file}.txt", file / 2_500, file / 50);
                write!(stream, "M 100644 inline {path}\ndata {}\n{text}\n", text.len()).unwrap();
            }
            git.stdin.as_mut().unwrap().write_all(stream.as_bytes()).unwrap();
            stream.clear();
        }
        drop(git.stdin.take());
        assert!(git.wait().unwrap().success());
        self.git(&["read-tree", "main"]);
    }

    /// Some seven entries a day for two years, the last of them on the day of the commit.
    fn journal(&mut self, entries: u32) {
        assert!(self.hook_command(&self.binary).status().unwrap().success());
        let written = fs::read_to_string(self.repo().join(PAGE)).unwrap();
        let commit = self.rev_parse("HEAD");
        let begin = written.find("<!-- commit-story:entry").unwrap();
        let (header, entry) = written.split_at(begin);
        for day in 0..i64::from(entries.div_ceil(7)) {
            let date = chrono::DateTime::from_timestamp(COMMITTED - day * 86_400, 0).unwrap().date_naive();
            let mut page = header.replace("2026-01-06", &date.to_string());
            for nth in 0..7 {
                let other = entry.replace(&commit, &format!("{:040x}", day * 7 + nth + 1));
                page += &other.replace("2026-01-06T15:", &format!("{date}T0{nth}:"));
                page.push('\n');
            }
            let path = format!("journal/entries/{}/{date}.md", date.format("%Y-%m"));
            let path = self.repo().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, page).unwrap();
        }
        fs::copy(self.repo().join(PAGE), self.top.join("page")).unwrap();
    }

    /// As git runs a hook: in the top of the work tree, with the index named.
    pub(crate) fn hook_command(&self, binary: &Path) -> Command {
        let mut command = self.command(binary);
        command.args(["hook", "post-commit"]).env("GIT_INDEX_FILE", ".git/index").env("GIT_PREFIX", "");
        command
    }

    pub(crate) fn git_show(&self) -> Command {
        let mut command = self.command("git");
        command.args(["show", "--numstat", "HEAD"]);
        command
    }

    /// Always the same commit: the dates are fixed, and [`Place::reset`] takes the branch back to its parent.
    pub(crate) fn git_commit(&self) -> Command {
        let mut command = self.command("git");
        dated(&mut command, COMMITTED).args(["commit", "-a", "-m", "Keep the order of the keys"]);
        command
    }

    /// Back to the state in which the commit has no entry, and no session has been told.
    pub(crate) fn reset(&self) {
        let page = self.repo().join(PAGE);
        match &self.page {
            Some(before) => fs::write(&page, before).unwrap(),
            None => drop(fs::remove_file(&page)),
        }
        for state in ["cursors", "queue", "narrate"] {
            let files = fs::read_dir(self.repo().join(".git/commit-story").join(state));
            files.into_iter().flatten().for_each(|file| drop(fs::remove_file(file.unwrap().path())));
        }
    }

    /// Back to the state before the commit, with a hook that starts a program, or without one.
    pub(crate) fn install_hook(&self, program: Option<&Path>) {
        self.reset();
        fs::write(self.repo().join(".git/refs/heads/main"), format!("{}\n", self.parent)).unwrap();
        fs::write(self.repo().join(".git/index"), &self.index).unwrap();
        let hook = self.repo().join(".git/hooks/post-commit");
        let Some(program) = program else { return drop(fs::remove_file(hook)) };
        let script =
            include_str!("../../hooks/post-commit").replace("/path/to/commit-story", program.to_str().unwrap());
        if fs::read_to_string(&hook).is_ok_and(|present| present == script) {
            return;
        }
        fs::write(&hook, script).unwrap();
        #[cfg(unix)]
        fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }

    /// Whether the entry holds the words that led to the commit, where there are some: on a busy machine the hook's
    /// deadline may come first, and the worker adds them. Panics when there is no entry at all.
    pub(crate) fn is_complete(&self, setting: &Setting) -> bool {
        let page = fs::read_to_string(self.repo().join(PAGE)).unwrap_or_default();
        let entry = page.split(&format!("<!-- commit-story:entry {}", self.commit)).nth(1);
        let entry = entry.unwrap_or_else(|| panic!("no entry was written in {}", self.top.display()));
        assert!(entry.contains("src/parser.rs"), "{entry}");
        setting.session.is_none() || entry.contains(PROMPT)
    }

    /// Lets what was left to the background finish, so that it does not run beside the next measurement.
    pub(crate) fn wait_for_worker(&self) {
        let started = Instant::now();
        let jobs =
            || fs::read_dir(self.repo().join(".git/commit-story/queue")).is_ok_and(|mut jobs| jobs.next().is_some());
        while jobs() && started.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn rev_parse(&self, revision: &str) -> String {
        let output = self.command("git").args(["rev-parse", revision]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn git(&self, arguments: &[&str]) {
        let status = self.command("git").args(arguments).status().unwrap();
        assert!(status.success(), "git {arguments:?} failed");
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home())
            .env("GIT_CONFIG_GLOBAL", self.top.join("gitconfig"))
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("LC_ALL", "C")
            .current_dir(self.repo());
        command
    }
}

fn dated(command: &mut Command, at: i64) -> &mut Command {
    let date = format!("{at} +0000");
    command.env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date)
}
