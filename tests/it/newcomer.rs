//! A newcomer, who has nothing but the pages: the commands in them that are marked `<!-- newcomer -->`, as they stand there, in
//! an empty home, with git, curl and the small programs that every system has.
//!
//! The pages' addresses lead to a server of this machine, whose releases the test keys have signed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use commit_story::update::{keys, names};

use crate::installing::{fake, filled, find, only, sha256, signed, sums, template};
use crate::release_server::{Release, Server};
use crate::release_sign::{self, Signer, TEST_ONLINE};
use crate::support::{binary, checked};

/// The version under test, which is released.
const NOW: &str = env!("CARGO_PKG_VERSION");

/// One that comes out later.
const LATER: &str = "999.0.0";

/// What a bare system has besides git and curl.
const PROGRAMS: &str = "awk basename bash base64 cat chmod cp cut date dirname env expr find getconf git grep gzip head id ln ls \
                        mkdir mktemp mv printf readlink rm rmdir sed sh sha256sum sleep sort ssh-keygen tail tar tee test \
                        touch tr uname wc";

/// Blocks of a page: what the mark says behind `newcomer`, and the commands.
fn blocks(page: &str) -> Vec<(String, Vec<String>)> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap();
    let (mut found, mut mark) = (Vec::new(), None);
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(words) = line.strip_prefix("<!-- newcomer").and_then(|rest| rest.strip_suffix("-->")) {
            mark = Some(words.trim_matches([':', ' ']).to_owned());
        } else if line.starts_with("```") {
            let kind = line.trim_start_matches('`');
            let end = &line[..line.len() - kind.len()];
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
            let Some(mark) = mark.take() else { continue };
            found.push((mark, if kind == "console" { typed(&block) } else { vec![block.join("\n")] }));
        } else {
            assert!(
                mark.is_none() || line.starts_with("<!-- not run"),
                "{page}: a mark without a block before {line:?}"
            );
        }
    }
    assert!(!found.is_empty(), "{page} has nothing for a newcomer");
    found
}

/// The commands of a session, without what was answered.
fn typed(block: &[&str]) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    for line in block {
        if let Some(command) = line.strip_prefix("$ ") {
            commands.push(command.to_owned());
        } else if let (Some(more), Some(command)) = (line.strip_prefix("> "), commands.last_mut()) {
            command.extend(["\n", more]);
        }
    }
    commands
}

/// A home, and a server that the pages' addresses lead to.
struct Newcomer {
    dir: tempfile::TempDir,
    server: Server,
    /// All that was typed and said.
    seen: String,
}

impl Newcomer {
    /// With the version under test released, and a repository of theirs in which they stand.
    fn new() -> Self {
        let newcomer = Self {
            dir: tempfile::Builder::new().prefix("newcomer-").tempdir().unwrap(),
            server: Server::start().unwrap(),
            seen: String::new(),
        };
        let there: Vec<&str> = PROGRAMS.split_whitespace().filter(|program| find(program).is_some()).collect();
        only(&newcomer.path("bin"), &there);
        fake(&newcomer.path("bin"), "curl", &newcomer.curl());
        std::fs::create_dir_all(newcomer.path("home/uploader")).unwrap();
        std::fs::write(newcomer.path("home/.gitconfig"), "[user]\n\tname = Ada\n\temail = ada@example.org\n").unwrap();
        std::fs::write(newcomer.path("state"), "").unwrap();
        std::fs::write(newcomer.path("cwd"), newcomer.path("home/uploader").to_str().unwrap()).unwrap();
        newcomer.server.release(now().clone());
        newcomer
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join(relative)
    }

    /// curl, for which the repository's address is this machine's.
    fn curl(&self) -> String {
        let (page, here) =
            (names::REPOSITORY, format!("{}/{}", self.server.root(), crate::release_server::repository()));
        let curl = find("curl").expect("curl is installed");
        format!(
            "count=$#\nwhile [ $count -gt 0 ]; do\n  word=$1\n  shift\n  count=$((count - 1))\n  case $word in\n    \
             {page}/*) word={here}/${{word#{page}/}} ;;\n    =https) word==http,https ;;\n  esac\n  set -- \"$@\" \"$word\"\n\
             done\nexec {} \"$@\"",
            curl.display()
        )
    }

    /// Types a command into the shell that stays open; what it says.
    fn types(&mut self, command: &str) -> String {
        let script = "exec 2>&1; . \"$1/state\"; cd \"$(cat \"$1/cwd\")\"; eval \"$2\"; code=$?; \
                      export -p >\"$1/state\"; pwd >\"$1/cwd\"; exit $code";
        let output = Command::new(find("sh").unwrap())
            .args(["-c", script, "sh", self.path("").to_str().unwrap(), command])
            .env_clear()
            .env("PATH", self.path("bin"))
            .env("HOME", self.path("home"))
            .env("TMPDIR", std::env::temp_dir())
            // Where curl is not what asks.
            .env("COMMIT_STORY_BASE_URL", self.server.base())
            .env("COMMIT_STORY_API_URL", self.server.root())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        self.seen.extend(["$ ", command, "\n", &said]);
        assert!(output.status.success(), "{}\n{}", output.status, self.seen);
        said
    }

    /// Types what a page has for a newcomer, block by block; `before` is told of each mark that says something.
    fn follows(&mut self, page: &str, mut before: impl FnMut(&mut Self, &str) -> bool) {
        for (mark, commands) in blocks(page) {
            if mark.is_empty() || before(self, &mark) {
                for command in commands {
                    self.types(&command);
                }
            }
        }
    }

    fn saw(&self, words: &str) {
        assert!(self.seen.contains(words), "{words}\n{}", self.seen);
    }

    /// Every file in the home but those of the repository and its journal.
    fn things(&self) -> BTreeSet<PathBuf> {
        let all = checked(Command::new("find").arg(self.path("home")).args(["-mindepth", "1"]));
        let repository = self.path("home/uploader");
        all.lines().map(PathBuf::from).filter(|path| !path.starts_with(&repository)).collect()
    }
}

/// A release of a program for this system, as the release program makes it.
fn released(version: &str, program: &Path) -> Release {
    let dir = tempfile::tempdir().unwrap();
    let (target, signer) = (names::target().unwrap(), Signer::of(&TEST_ONLINE));
    std::fs::copy(program, dir.path().join("commit-story")).unwrap();
    // A debug build is mostly names for the debugger.
    let _ = Command::new("strip").arg("-S").arg(dir.path().join("commit-story")).output();
    let packed = dir.path().join("packed");
    let script = "tar -cf - -C \"$1\" commit-story | gzip -1 >\"$2\"";
    checked(Command::new("sh").args(["-c", script, "sh"]).arg(dir.path()).arg(&packed));
    let archive = names::archive(version, target);
    let bytes = release_sign::archive(&std::fs::read(packed).unwrap(), &archive, &[&signer]).unwrap();
    let index = serde_json::json!({
        "schema": 1, "version": version, "sequence": if version == LATER { 2 } else { 1 },
        "published": "2026-01-06T00:00:00Z", "minimum": NOW, "yanked": [],
        "assets": [{ "target": target, "name": archive, "size": bytes.len(), "sha256": sha256(&bytes) }],
    })
    .to_string();
    let index_signature = signer.minisig(index.as_bytes(), false, names::INDEX).into_bytes();
    let mut files = vec![
        (archive, bytes),
        ("install.sh".to_owned(), filled(&template(), "", "").into_bytes()),
        (names::INDEX.to_owned(), index.into_bytes()),
        (names::INDEX_MINISIG.to_owned(), index_signature),
    ];
    files.extend(signed(&sums(&files), &signer, names::NAMESPACE));
    Release { tag: names::tag(version), files, ..Release::default() }
}

/// The program under test, released.
fn now() -> &'static Release {
    static NOW_RELEASED: OnceLock<Release> = OnceLock::new();
    NOW_RELEASED.get_or_init(|| released(NOW, binary()))
}

/// The same program, which calls itself a later version.
fn later() -> Release {
    let dir = tempfile::tempdir().unwrap();
    let program = binary().display();
    let text = format!("case $1 in --version) echo 'commit-story {LATER}' ;; *) exec '{program}' \"$@\" ;; esac");
    released(LATER, &fake(dir.path(), "later", &text))
}

#[test]
fn who_follows_getting_started_installs_records_updates_and_leaves_nothing() {
    let mut newcomer = Newcomer::new();
    newcomer.types("git init --quiet");
    let before = newcomer.things();
    newcomer.follows("docs/getting-started.md", |newcomer, mark| {
        if mark == "after a release" {
            newcomer.server.release(later());
            return true;
        }
        assert_eq!(mark, "at the end");
        // The hook runs the program that is there now.
        newcomer.types("git commit --quiet --allow-empty --message 'Once more'");
        assert!(newcomer.types("commit-story show HEAD").contains("· Once more ·"), "{}", newcomer.seen);
        true
    });
    newcomer.saw(&format!("commit-story {NOW}"));
    newcomer.saw("· Start the uploader ·");
    newcomer.saw(&format!("commit-story {LATER} is installed; back to {NOW}: commit-story update --rollback"));
    assert_eq!(newcomer.things(), before, "{}", newcomer.seen);
    let repository = newcomer.path("home/uploader");
    assert!(!repository.join(".git/commit-story").exists() && !repository.join(".commit-story.yaml").exists());
    assert!(repository.join("journal/entries").is_dir(), "the journal stays");
    newcomer.types("git commit --quiet --allow-empty --message 'Without it'");
}

#[test]
fn who_follows_the_readme_installs_and_records() {
    let mut newcomer = Newcomer::new();
    newcomer.types("git init --quiet");
    newcomer.types("export PATH=\"$HOME/.local/bin:$PATH\"");
    newcomer.follows("README.md", |_, mark| panic!("{mark}"));
    newcomer.types("git commit --quiet --allow-empty --message 'Start the uploader'");
    assert!(newcomer.types("commit-story show HEAD").contains("· Start the uploader ·"), "{}", newcomer.seen);
}

#[test]
fn who_verifies_by_hand_sees_that_the_files_are_whole_and_whose_they_are() {
    let mut newcomer = Newcomer::new();
    // The page has the keys of real releases; the server's are signed by the first test key.
    let test = Signer::of(&TEST_ONLINE);
    let (minisign, ssh) = (test.public_file("x"), test.allowed());
    let test_keys =
        [minisign.lines().nth(1).unwrap(), ssh.rsplit(' ').next().unwrap(), &der(&test.public())].map(str::to_owned);
    let commands = blocks("docs/security.md");
    assert!(commands.len() >= 5, "{commands:?}");
    for (mark, commands) in commands {
        if mark.split_once("with ").is_some_and(|(_, program)| find(program).is_none()) {
            println!("skipped: {mark} is not installed");
            continue;
        }
        if let Some((_, program)) = mark.split_once("with ") {
            only(&newcomer.path("bin"), &[program]);
        }
        for command in commands {
            let command =
                online().iter().zip(&test_keys).fold(command, |command, (ours, test)| command.replace(ours, test));
            newcomer.types(&command.replace("x86_64-unknown-linux-gnu", names::target().unwrap()));
        }
    }
    newcomer.saw("Good \"commit-story-release\" signature for release@commit-story");
    newcomer.saw(".tar.gz: OK");
}

/// The key that signs, as minisign, OpenSSH and OpenSSL write it.
fn online() -> [String; 3] {
    written(keys::minisign().next().unwrap(), &keys::bare()[0])
}

fn written(minisign: &str, bare: &[u8; keys::LENGTH]) -> [String; 3] {
    let parts: [&[u8]; 4] = [&[0, 0, 0, 11], b"ssh-ed25519", &[0, 0, 0, 32], bare];
    [minisign.to_owned(), base64(&parts.concat()), der(bare)]
}

/// A bare key in the wrapping that OpenSSL reads (RFC 8410).
fn der(bare: &[u8; keys::LENGTH]) -> String {
    base64(&[&[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00], bare.as_slice()].concat())
}

fn base64(bytes: &[u8]) -> String {
    base64::Engine::encode(&base64::prelude::BASE64_STANDARD, bytes)
}

#[test]
fn the_page_about_security_has_the_keys_that_are_compiled_in() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/security.md")).unwrap();
    for (minisign, bare) in keys::minisign().zip(keys::bare()).take(2) {
        for key in written(minisign, &bare) {
            assert!(page.contains(&format!("`{key}`")), "docs/security.md lacks {key}");
        }
    }
}
