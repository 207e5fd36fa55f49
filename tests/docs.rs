//! The documentation is true: what its shell blocks show is what happens, and its links lead somewhere.
//!
//! In: `README.md`, `CHANGELOG.md`, `.github/` and `docs/`. Out: each document as its commands really answer,
//! compared with itself.
//! Never here: this machine's home, configuration, clock or name.
//!
//! Every `console` block is run, top to bottom, each document in its own home. A block that cannot be run has
//! `<!-- not run: REASON -->` on the line before it. `<!-- setup:`, lines of shell, `-->` runs unseen. A command that
//! ends with another code than 0 has `? CODE` on the next line. `...` alone on a line stands for any lines, `[..]` for
//! any text. A block whose output has fences needs longer ones itself. `SNAPSHOTS=overwrite cargo test --test docs` writes what happened into the documents.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use chrono::{DateTime, FixedOffset, TimeDelta};
use snapbox::{Assert, Data};

/// The documents, as paths below the top of the checkout.
fn documents() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = ["README.md", "CHANGELOG.md"].map(PathBuf::from).into();
    for dir in [".github", "docs", "docs/decisions"] {
        let files = fs::read_dir(root().join(dir)).unwrap().map(|file| file.unwrap().file_name());
        let pages = files.filter(|name| Path::new(name).extension().is_some_and(|end| end == "md"));
        found.extend(pages.map(|name| Path::new(dir).join(name)));
    }
    found.sort();
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(document: &Path) -> String {
    fs::read_to_string(root().join(document)).unwrap()
}

#[test]
fn every_console_block_shows_what_happens() {
    for document in documents() {
        let happened = Stage::new().perform(&text(&document));
        let written = Data::read_from(&root().join(&document), None).raw();
        let matcher = Assert::new().action_env("SNAPSHOTS");
        if let Err(difference) = matcher.try_eq(Some(&document.display()), happened.into(), written) {
            panic!("{difference}");
        }
    }
}

#[test]
fn every_block_of_shell_is_run_or_says_why_it_is_not() {
    for document in documents() {
        let text = text(&document);
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let other = ["```sh", "```bash", "```shell", "```powershell"].contains(&line.trim());
            let excused = number > 0 && excuse(lines[number - 1]).is_some();
            assert!(!other || excused, "{}:{}: not run, and no reason given", document.display(), number + 1);
        }
    }
}

/// The reason for not running the block below.
fn excuse(line: &str) -> Option<&str> {
    let reason = line.trim_start().strip_prefix("<!-- not run: ")?.strip_suffix(" -->")?;
    (!reason.trim().is_empty()).then_some(reason)
}

#[test]
fn every_link_leads_to_a_file_and_a_heading_that_are_there() {
    let mut linked = BTreeSet::new();
    for document in documents() {
        let text = text(&document);
        for target in links(&text) {
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let path = if file.is_empty() { document.clone() } else { document.parent().unwrap().join(file) };
            let full = root().join(&path);
            assert!(full.exists(), "{}: there is no {target}", document.display());
            let full = full.canonicalize().unwrap();
            if !heading.is_empty() {
                let there = anchors(&fs::read_to_string(&full).unwrap());
                assert!(
                    there.contains(heading),
                    "{}: no heading for {target}; there are {there:?}",
                    document.display()
                );
            }
            if !full.ends_with(&document) {
                linked.insert(full);
            }
        }
    }
    for document in documents().into_iter().filter(|path| path.starts_with("docs")) {
        let full = root().join(&document).canonicalize().unwrap();
        assert!(linked.contains(&full), "nothing links to {}", document.display());
    }
}

/// The relative targets of the links outside code.
fn links(text: &str) -> Vec<&str> {
    let mut in_code = false;
    let prose = text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        !fence && !in_code
    });
    prose
        .flat_map(|line| line.split("](").skip(1))
        .filter_map(|rest| rest.split_once(')').map(|(target, _)| target))
        .filter(|target| !target.contains("://"))
        .collect()
}

/// The names by which the headings of a page can be linked to.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text
        .lines()
        .filter_map(|line| line.trim_start_matches('#').strip_prefix(' ').filter(|_| line.starts_with('#')));
    headings
        .map(|heading| {
            let kept = heading.to_lowercase().replace(' ', "-");
            kept.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect()
        })
        .collect()
}

#[test]
fn every_command_is_in_the_documentation() {
    let help = Command::new(env!("CARGO_BIN_EXE_commit-story")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let commands: Vec<&str> = commands.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.contains(&"init"), "{help}");
    let all: String = documents().iter().map(|document| text(document)).collect();
    for command in commands {
        assert!(all.contains(&format!("commit-story {command}")), "no document mentions commit-story {command}");
    }
}

#[test]
fn every_finding_of_doctor_has_a_section_with_its_cure() {
    let page = text(Path::new("docs/troubleshooting.md"));
    let headings = page.lines().filter_map(|line| line.strip_prefix("#### "));
    let headings: BTreeSet<String> = headings.map(|heading| heading.trim_matches('`').to_owned()).collect();
    let findings = findings();
    assert!(findings.len() > 40, "{findings:#?}");
    let missing: Vec<&String> = findings.difference(&headings).collect();
    assert!(missing.is_empty(), "no section in docs/troubleshooting.md: {missing:#?}");
    let gone: Vec<&String> = headings.difference(&findings).collect();
    assert!(gone.is_empty(), "doctor says no such thing: {gone:#?}");
}

/// What `doctor` says of things that are not well, as its sources have it: with `…` for what is filled in, and without what
/// is filled in at the beginning. What only passes on the words of others is `ABOUT: other words`.
fn findings() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in fs::read_dir(root().join("src/doctor")).unwrap() {
        let source = fs::read_to_string(file.unwrap().path()).unwrap();
        for (start, call) in source.match_indices("warning(").chain(source.match_indices("bad(")) {
            let before = &source[..start];
            let is_call = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_') && !before.ends_with("fn ");
            found.extend(is_call.then(|| finding(before, &source[start + call.len()..])));
        }
    }
    // What stands in the way of a hook file.
    let faults = text(Path::new("src/hook/check.rs"));
    found.extend(faults.split("#[error(\"").skip(1).map(|rest| filled(rest.split_once('"').unwrap().0)));
    found
}

/// What one call says, given the source before it and the one from its first argument on.
fn finding(before: &str, arguments: &str) -> String {
    let (about, says) = arguments.split_once(',').unwrap();
    let says = match says.trim_start() {
        says if says.starts_with("says") => before.rsplit_once("let says =").unwrap().1.trim_start(),
        says => says,
    };
    let literal = says.strip_prefix("format!(").unwrap_or(says).trim_start().strip_prefix('"');
    let said = filled(literal.and_then(|rest| rest.split_once('"')).map_or("", |(words, _)| words));
    if said.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).count() > 1 {
        return said;
    }
    let named = match about.trim() {
        "about" => before.rsplit_once("let about = ").or(before.rsplit_once("(about, shown) = (")).unwrap().1,
        "ABOUT" => before.split_once("ABOUT: &str = ").unwrap().1,
        named => named,
    };
    format!("{}: other words", named.split('"').nth(1).unwrap())
}

/// A text with `…` for each pair of braces, and without one at its beginning.
fn filled(text: &str) -> String {
    let mut filled = String::new();
    for (number, part) in text.split('{').enumerate() {
        filled.push_str(if number == 0 { part } else { "…" });
        filled.push_str(part.split_once('}').map_or("", |(_, rest)| rest));
    }
    let without = filled.trim_start_matches(['…', ':', ';', ',', ' ']);
    // The preposition would hang in the air.
    let keeps = ["in", "for"].iter().any(|word| without.starts_with(&format!("{word} ")));
    if keeps { filled[filled.len() - without.len() - "… ".len()..].to_owned() } else { without.to_owned() }
}

#[test]
fn the_readme_and_the_continuous_integration_run_the_same_tests() {
    let (readme, ci) = (text(Path::new("README.md")), text(Path::new(".ci/run")));
    let first_screen: String = readme.lines().take(20).collect::<Vec<_>>().join("\n");
    assert!(first_screen.contains("\ncargo run --release -- demo\n"), "{first_screen}");
    assert!(first_screen.contains("\ncargo test\n"), "{first_screen}");
    assert!(ci.lines().any(|line| line == "cargo test"), "{ci}");
}

/// Whether the output is the one that is written down, where `...` and `[..]` stand for anything.
fn matches(said: &str, written: &str) -> bool {
    let matcher = Assert::new().normalize_paths(false);
    matcher.try_eq(None, said.to_owned().into(), written.to_owned().into()).is_ok()
}

/// A developer's home with an empty repository in it; the clock moves on by a minute with each command.
struct Stage {
    dir: tempfile::TempDir,
    now: DateTime<FixedOffset>,
    cwd: PathBuf,
}

impl Stage {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let now = DateTime::parse_from_rfc3339("2026-01-06T15:55:00+01:00").unwrap();
        let mut stage = Self { dir, now, cwd: PathBuf::new() };
        stage.cwd = stage.path("ada/uploader");
        for path in ["ada/uploader", "ada/.local/bin", "tmp"] {
            fs::create_dir_all(stage.path(path)).unwrap();
        }
        let binary = stage.path("ada/.local/bin/commit-story");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_commit-story"), binary).unwrap();
        let config = "[user]\n\tname = Ada Example\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n\
                      [core]\n\tfsync = none\n[gc]\n\tauto = 0\n";
        fs::write(stage.path("ada/.gitconfig"), config).unwrap();
        stage.run("git init --quiet");
        stage
    }

    /// A path in the temporary directory, links resolved: on macOS it is one.
    fn path(&self, relative: &str) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join(relative)
    }

    /// The document with the output that its commands have here, where that is another than the one written down.
    fn perform(mut self, text: &str) -> String {
        let mut happened = String::new();
        let mut lines = text.lines().peekable();
        let mut before = "";
        while let Some(line) = lines.next() {
            happened.extend([line, "\n"]);
            let fence = line.trim_start();
            if line == "<!-- setup:" {
                let script: Vec<&str> = lines.by_ref().take_while(|line| *line != "-->").collect();
                let script = script.join("\n");
                happened.extend([&script, "\n-->\n"]);
                let (code, said) = self.run(&script);
                assert_eq!(code, 0, "{script}\n{said}");
            } else if fence.starts_with("```") {
                let end: String = fence.chars().take_while(|c| *c == '`').collect();
                let block: Vec<&str> = lines.by_ref().take_while(|line| line.trim() != end).collect();
                if fence.trim_start_matches('`') == "console" && excuse(before).is_none() {
                    happened.push_str(&self.session(&block));
                } else {
                    happened.extend(block.iter().flat_map(|line| [line, "\n"]));
                }
                let indent = &line[..line.len() - fence.len()];
                happened.extend([indent, &end, "\n"]);
            }
            before = line;
        }
        happened
    }

    /// One block: each command with what it says now.
    fn session(&mut self, block: &[&str]) -> String {
        let mut happened = String::new();
        let mut lines = block.iter().peekable();
        while let Some(line) = lines.next() {
            let Some(first) = line.strip_prefix("$ ") else { continue };
            let mut command = first.to_owned();
            happened.extend([line, "\n"]);
            while let Some(more) = lines.next_if(|line| line.starts_with("> ")) {
                command.extend(["\n", &more[2..]]);
                happened.extend([more, "\n"]);
            }
            let (code, mut said) = self.run(&command);
            assert!(
                !said.lines().any(|line| line.starts_with("$ ")),
                "{command}: its output looks like commands\n{said}"
            );
            if code != 0 {
                said.insert_str(0, &format!("? {code}\n"));
            }
            let mut written = String::new();
            while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
                written.extend([line, "\n"]);
            }
            happened.push_str(if matches(&said, &written) { &written } else { &said });
        }
        happened
    }

    /// Runs a command as the shell would, and gives its code and what it said, both streams together.
    fn run(&mut self, command: &str) -> (i32, String) {
        self.now += TimeDelta::minutes(1);
        let now = self.now.to_rfc3339();
        let path = std::env::join_paths(
            [self.path("ada/.local/bin")].into_iter().chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
        );
        let output = Command::new("sh")
            .args(["-c", "exec 2>&1; eval \"$1\"; code=$?; pwd >\"$2\"; exit $code", "sh", command])
            .arg(self.path("cwd"))
            .env_clear()
            .env("PATH", path.unwrap())
            .env("HOME", self.path("ada"))
            .env("TMPDIR", self.path("tmp"))
            .env("GIT_CONFIG_GLOBAL", self.path("ada/.gitconfig"))
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("LC_ALL", "C")
            .env("TZ", "Europe/Paris")
            .env("GIT_AUTHOR_DATE", &now)
            .env("GIT_COMMITTER_DATE", &now)
            .env("COMMIT_STORY_NOW", &now)
            // Whatever git is here.
            .env("COMMIT_STORY_HOOKS", "files")
            // A busy machine must not change what an entry says.
            .env("COMMIT_STORY_HOOK_DEADLINE_MS", "1000")
            .current_dir(&self.cwd)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        if let Ok(cwd) = fs::read_to_string(self.path("cwd")) {
            self.cwd = PathBuf::from(cwd.trim_end());
        }
        (output.status.code().unwrap_or(-1), self.told(&String::from_utf8_lossy(&output.stdout)))
    }

    /// The words of a program with the paths that a reader would see.
    fn told(&self, said: &str) -> String {
        let mut said = said.replace(env!("CARGO_BIN_EXE_commit-story"), "/home/ada/.local/bin/commit-story");
        for (real, shown) in [("tmp", "/tmp"), ("ada", "/home/ada")] {
            said = said.replace(&*self.path(real).to_string_lossy(), shown);
        }
        if !said.is_empty() && !said.ends_with('\n') {
            said.push('\n');
        }
        said
    }
}
