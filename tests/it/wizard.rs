//! The questions of `init` and `uninstall`, answered on a real terminal.

use std::fs::File;
use std::io::{Read, Write};

use rustix::fs::{Mode, OFlags};
use rustix::pty::OpenptFlags;
use rustix::termios::{LocalModes, OptionalActions};

use crate::said::Said;
use crate::support::{Sandbox, binary};

const ENTER: &str = "\r";
const DOWN: &str = "\x1b[B";
const CTRL_C: &str = "\x03";
const ESC: &str = "\x1b";

/// Runs the binary with a terminal for its questions and these keys in its buffer; what it drew is in `stderr`.
fn typed(sandbox: &Sandbox, args: &[&str], keys: &[&str]) -> Said {
    typed_in_turn(sandbox, args, keys, &[])
}

/// The same, with further keys that are typed only once these words are drawn.
fn typed_in_turn(sandbox: &Sandbox, args: &[&str], keys: &[&str], later: &[(&str, &str)]) -> Said {
    let terminal = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    rustix::pty::grantpt(&terminal).unwrap();
    rustix::pty::unlockpt(&terminal).unwrap();
    let name = rustix::pty::ptsname(&terminal, Vec::new()).unwrap();
    let line = rustix::fs::open(name.as_c_str(), OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    // Raw from the start, so that a key that comes before its question waits for it unchanged.
    let mut settings = rustix::termios::tcgetattr(&line).unwrap();
    settings.make_raw();
    if !later.is_empty() {
        settings.local_modes |= LocalModes::ECHO;
    }
    rustix::termios::tcsetattr(&line, OptionalActions::Now, &settings).unwrap();
    let mut terminal = File::from(terminal);
    terminal.write_all(keys.concat().as_bytes()).unwrap();
    let mut command = sandbox.command(binary());
    command.args(args).env("TERM", "xterm").env("NO_COLOR", "1");
    command.stdin(line.try_clone().unwrap()).stderr(line);
    let mut child = command.spawn().unwrap();
    drop(command);
    let mut drawn = Vec::new();
    let mut later = later;
    let has = |drawn: &[u8], words: &str| String::from_utf8_lossy(drawn).contains(words);
    // Where the other end is closed, Linux ends in an error and others in an end of the file.
    let mut piece = [0; 4096];
    while let Ok(length @ 1..) = terminal.read(&mut piece) {
        drawn.extend_from_slice(&piece[..length]);
        while let Some((words, keys)) = later.first().filter(|(words, _)| has(&drawn, words)) {
            // What is typed before a secret's question has switched the echo off is thrown away.
            let echoes = || rustix::termios::tcgetattr(&terminal).unwrap().local_modes.contains(LocalModes::ECHO);
            while words.starts_with("Key") && echoes() {
                std::thread::yield_now();
            }
            terminal.write_all(keys.as_bytes()).unwrap();
            later = &later[1..];
        }
    }
    let status = child.wait().unwrap();
    sandbox.heard(&std::process::Output { status, stdout: Vec::new(), stderr: drawn })
}

/// A sandbox on a machine where Claude Code has been used: only then is there something to ask about it.
fn with_an_assistant() -> Sandbox {
    let sandbox = Sandbox::new();
    std::fs::create_dir_all(sandbox.home().join(".claude/projects")).unwrap();
    sandbox
}

#[test]
fn enter_at_every_question_takes_the_defaults() {
    let sandbox = with_an_assistant();
    let said = typed(&sandbox, &["init"], &[ENTER, ENTER, ENTER, ENTER, ENTER, ENTER]);
    assert_eq!(said.code, Some(0), "{said}");
    assert!(said.stderr.contains("wrote .commit-story.yaml, .git/info/exclude, .git/hooks/post-commit, "), "{said}");
    let again = typed(&sandbox, &["init"], &[ENTER, ENTER, ENTER, ENTER, ENTER]);
    assert!(again.stderr.contains("everything is set up already"), "{again}");
    assert_eq!(sandbox.said(&["init", "--dry-run"]).stdout, "nothing is to be done\n");
}

#[test]
fn hooks_that_are_committed_get_our_lines_when_the_answer_is_yes() {
    let sandbox = Sandbox::new();
    sandbox.git(&["config", "core.hooksPath", ".githooks"]);
    let hook = sandbox.repo().join(".githooks/post-commit");
    let said = typed(&sandbox, &["init"], &[ENTER, ENTER, ENTER, "n", ENTER, ENTER]);
    assert!(said.stderr.contains("Put our lines into them?"), "{said}");
    assert!(said.code == Some(1) && said.stderr.contains("commit-story init --shared-hooks"), "{said}");
    assert!(!hook.exists() && !sandbox.repo().join(".commit-story.yaml").exists(), "{said}");
    let said = typed(&sandbox, &["init"], &[ENTER, ENTER, ENTER, ENTER, ENTER, ENTER]);
    assert_eq!((said.code, hook.exists()), (Some(0), true), "{said}");
    let again = typed(&sandbox, &["init"], &[ENTER, ENTER, ENTER, ENTER, ENTER]);
    assert!(
        !again.stderr.contains("Put our lines") && again.stderr.contains("everything is set up already"),
        "{again}"
    );
}

#[test]
fn answers_are_taken_and_a_wrong_one_is_asked_for_again() {
    let sandbox = with_an_assistant();
    let said =
        typed(&sandbox, &["init"], &[ENTER, "../out", ENTER, "docs/log", ENTER, DOWN, ENTER, " ", ENTER, ENTER, "y"]);
    assert_eq!(said.code, Some(0), "{said}");
    assert!(said.stderr.contains("may not use .. in a folder"), "{said}");
    let values = sandbox.story_ok(&["config", "list"]);
    for value in ["journal.folder = docs/log\n", "journal.private = false\n", "assistants.claude-code.read = false\n"] {
        assert!(values.contains(value), "{values}");
    }
}

#[test]
fn a_journal_on_a_branch_has_no_folder_to_ask_for() {
    let sandbox = Sandbox::new();
    let said = typed(&sandbox, &["init"], &[DOWN, ENTER, ENTER, ENTER]);
    assert_eq!(said.code, Some(0), "{said}");
    assert!(!said.stderr.contains("Journal folder") && !said.stderr.contains("Who may"), "{said}");
    assert!(sandbox.story_ok(&["config", "list"]).contains("journal.branch = commit-story/journal\n"));
}

#[test]
fn a_question_that_a_flag_answers_is_not_asked() {
    let sandbox = Sandbox::new();
    let said =
        typed(&sandbox, &["init", "--folder", "j", "--private", "--assistants", "none", "--no-narration"], &[ENTER]);
    assert_eq!(said.code, Some(0), "{said}");
    assert!(!said.stderr.contains("Journal folder") && !said.stderr.contains("Who "), "{said}");
}

#[test]
fn a_question_that_is_left_changes_nothing_and_gives_the_cursor_back() {
    let sandbox = with_an_assistant();
    let before = sandbox.files();
    let enters = [ENTER; 5];
    let check = |answered: usize, key: &str| {
        let said = typed(&sandbox, &["init"], &[&enters[..answered], &[key]].concat());
        assert_eq!(said.code, Some(130), "{answered} answers, {key:?}: {said}");
        assert!(said.stderr.replace('\r', "").ends_with("nothing was changed\n"), "{said}");
        let (hidden, shown) = (said.stderr.rfind("\x1b[?25l"), said.stderr.rfind("\x1b[?25h"));
        assert!(hidden <= shown, "the cursor is visible: {said}");
        assert_eq!(sandbox.files(), before);
    };
    for answered in 0..=5 {
        check(answered, CTRL_C);
    }
    // Where a line is typed, escape begins a key.
    for answered in [0, 2, 3, 4, 5] {
        check(answered, ESC);
    }
    let said = typed(&sandbox, &["init"], &[ENTER, ENTER, ENTER, ENTER, ENTER, "n"]);
    assert!(said.code == Some(0) && said.stderr.contains("nothing was changed"), "{said}");
    assert_eq!(sandbox.files(), before);
}

#[test]
fn uninstall_asks_what_else_goes() {
    let sandbox = Sandbox::new();
    sandbox.story_ok(&["init", "--yes"]);
    sandbox.story_ok(&["reflect", "untold"]);
    let left = typed(&sandbox, &["uninstall"], &["y", CTRL_C]);
    assert!(left.code == Some(130) && sandbox.repo().join(".commit-story.yaml").is_file(), "{left}");
    let said = typed(&sandbox, &["uninstall"], &["y", "n", "y"]);
    assert!(said.stderr.contains("Remove 1 note that no entry has told?"), "{said}");
    assert!(!sandbox.repo().join(".commit-story.yaml").exists(), "{said}");
    assert!(sandbox.repo().join(".git/commit-story/notes.jsonl").is_file(), "{said}");
}

/// What the user's own file says.
fn own_settings(sandbox: &Sandbox) -> String {
    std::fs::read_to_string(sandbox.home().join(".config/commit-story/config.yaml")).unwrap_or_default()
}

#[test]
fn a_program_on_this_machine_can_be_asked_for_prose_and_what_it_is_sent_is_said_first() {
    let mut sandbox = Sandbox::new();
    let programs = sandbox.path("programs");
    crate::support::executable(&programs.join("claude"), "#!/bin/sh\ncat > \"$0.asked\"\necho ready\n");
    sandbox.before_path.push(programs.clone());
    let said = typed(&sandbox, &["init"], &[ENTER, ENTER, ENTER, DOWN, ENTER, "n", ENTER, "y"]);
    assert_eq!(said.code, Some(0), "{said}");
    for words in
        ["`claude -p` is asked for prose", "up to the program", "no changed lines", "claude answers at claude -p"]
    {
        assert!(said.stderr.contains(words), "{words}: {said}");
    }
    let asked = std::fs::read_to_string(programs.join("claude.asked")).unwrap();
    assert!(asked.contains("Say: ready") && asked.len() < 300, "{asked}");
    let own = own_settings(&sandbox);
    assert!(own.contains("provider: command\n") && own.contains("command: [\"claude\", \"-p\"]\n"), "{own}");
    assert!(own.contains("diffs: false\n") && !own.contains("  model:"), "{own}");
    let ours = std::fs::read_to_string(sandbox.repo().join(".commit-story.yaml")).unwrap();
    assert!(!ours.contains("narration"), "{ours}");
    let again = typed(&sandbox, &["init"], &[ENTER, ENTER, ENTER, ENTER]);
    assert!(again.stderr.contains("entries here are narrated by `claude -p`"), "{again}");
    assert!(!again.stderr.contains("Who shall add"), "{again}");
}

#[cfg(unix)]
#[test]
fn a_key_that_is_typed_is_not_shown_and_goes_into_a_private_file() {
    use std::os::unix::fs::PermissionsExt;

    let sandbox = Sandbox::new();
    let flags = ["init", "--folder", "j", "--private", "--assistants", "none"];
    // From the top of the list upwards is its end: another program, and before it another provider.
    let up = "\x1b[A";
    let keys = [up, up, ENTER, "anthropic", ENTER, ENTER, ENTER, DOWN, ENTER];
    // A line that is not shown is read as a whole, with all that was typed ahead.
    let later =
        [("Key ›", "sk-hidden\n"), ("changed lines, too?", ENTER), ("Do this?", ENTER), ("Ask it for one word", ENTER)];
    let said = typed_in_turn(&sandbox, &flags, &keys, &later);
    assert_eq!(said.code, Some(0), "{said}");
    assert!(!said.stderr.contains("sk-hidden"), "{said}");
    assert!(said.stderr.contains("anthropic at https://api.anthropic.com/v1 (model claude-haiku-4-5)"), "{said}");
    let key = sandbox.home().join(".config/commit-story/narration.key");
    assert_eq!(std::fs::read_to_string(&key).unwrap(), "sk-hidden\n");
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(own_settings(&sandbox).contains(&format!("key-file: {}\n", key.display())), "{}", own_settings(&sandbox));
    sandbox.story_ok(&["uninstall", "--yes"]);
    assert!(key.exists(), "other repositories use it");
    sandbox.story_ok(&["uninstall", "--narration", "--yes"]);
    assert!(!key.exists() && own_settings(&sandbox).contains("provider: none\n"), "{}", own_settings(&sandbox));
}

#[test]
fn mcp_clients_that_are_found_are_offered_and_those_not_wanted_are_left_out() {
    let sandbox = Sandbox::new();
    for dir in [".cursor", ".codex"] {
        std::fs::create_dir_all(sandbox.home().join(dir)).unwrap();
    }
    let said = typed(&sandbox, &["mcp", "install"], &[" ", ENTER, ENTER]);
    assert!(said.code == Some(0) && said.stderr.contains("Codex can read the journal from its next start"), "{said}");
    assert!(!sandbox.home().join(".cursor/mcp.json").exists() && sandbox.home().join(".codex/config.toml").is_file());
    let said = typed(&sandbox, &["mcp", "uninstall"], &["n"]);
    assert!(said.stderr.contains("nothing was changed"), "{said}");
    typed(&sandbox, &["mcp", "uninstall"], &[ENTER]);
    assert!(!sandbox.home().join(".codex/config.toml").exists());
}
