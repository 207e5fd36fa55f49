//! What every command does alike: pipes, colours, quiet, completions; and the demonstration, which leaves nothing.

use std::process::Stdio;

use crate::support::{Sandbox, binary, checked};

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let sandbox = Sandbox::new();
    sandbox.story_ok(&["init", "--yes"]);
    sandbox.commit("first", &[("a.txt", "one\n")]);
    for args in
        [&["show"][..], &["show", "--json"], &["doctor"], &["config", "list"], &["completions", "bash"], &["--help"]]
    {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = sandbox.command(binary()).args(args).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        let said = sandbox.heard(&output);
        assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn colours_come_only_when_asked_for_off_a_terminal() {
    let sandbox = Sandbox::new();
    let coloured = |args: &[&str], no_color: &str| {
        let output = sandbox.command(binary()).env("NO_COLOR", no_color).args(args).output().unwrap();
        output.stdout.contains(&0x1b)
    };
    assert!(!coloured(&["doctor"], ""));
    assert!(coloured(&["doctor", "--color", "always"], ""));
    assert!(coloured(&["--color", "always", "doctor"], "1"), "what is asked for outranks the variable");
    assert!(!coloured(&["doctor", "--color", "never"], ""));
}

#[test]
fn quiet_leaves_results_and_errors_and_verbose_names_the_settings() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.said(&["-q", "init", "--yes"]).stderr, "");
    assert!(sandbox.said(&["-q", "init", "--dry-run"]).stdout.contains("nothing is to be done"));
    let verbose = sandbox.said(&["-v", "init", "--dry-run"]).stderr;
    assert!(
        verbose.starts_with("repository [DIR]/repo/.git\njournal.folder = journal by [DIR]/repo/.commit"),
        "{verbose}"
    );
    assert!(sandbox.said(&["-q", "show", "nothing-such"]).stderr.starts_with("error: "));
}

#[test]
fn completion_scripts_are_understood_by_their_shells() {
    let sandbox = Sandbox::new();
    let path = std::env::var_os("PATH").expect("PATH is set");
    let there = |shell: &str| std::env::split_paths(&path).any(|dir| dir.join(shell).is_file());
    for (shell, check) in [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")] {
        let script = sandbox.story_ok(&["completions", shell]);
        assert!(script.contains("uninstall") && script.contains("dry-run"), "{shell}");
        let file = sandbox.path(shell);
        std::fs::write(&file, script).unwrap();
        if there(shell) {
            checked(sandbox.command(shell).arg(check).arg(&file));
        }
    }
    for shell in ["elvish", "powershell"] {
        assert!(sandbox.story_ok(&["completions", shell]).contains("uninstall"));
    }
}

#[test]
fn the_demonstration_leaves_nothing_and_takes_nothing_of_the_machine() {
    let sandbox = Sandbox::new();
    let stage = sandbox.path("stage");
    std::fs::create_dir(&stage).unwrap();
    let hostile = "[core]\n\thooksPath = /nowhere\n[commit]\n\tgpgSign = true\n[init]\n\ttemplateDir = /nowhere\n";
    std::fs::write(sandbox.path("gitconfig"), hostile).unwrap();
    let demo = |change: &dyn Fn(&mut std::process::Command)| {
        let mut command = sandbox.command(binary());
        command.args(["demo", "--raw"]).env("TMPDIR", &stage).current_dir("/");
        change(&mut command);
        let output = command.output().unwrap();
        assert_eq!(std::fs::read_dir(&stage).unwrap().count(), 0, "nothing is left");
        sandbox.heard(&output)
    };
    let plain = demo(&|_| {});
    assert_eq!(plain.code, Some(0), "{plain}");
    assert!(plain.stdout.contains("## 16:02 · Back off between upload retries · "), "{plain}");
    assert!(plain.stdout.contains("### Conversation\n"), "{plain}");
    let again = demo(&|command| {
        command.env_remove("HOME").env("COMMIT_STORY_ENABLED", "false").env("COMMIT_STORY_JOURNAL_FOLDER", "x");
        command.env("GIT_DIR", "/nowhere").env("CLAUDE_CODE_SESSION_ID", "x").env("CLAUDE_CONFIG_DIR", "/nowhere");
    });
    assert_eq!(again.stdout, plain.stdout, "the same wherever it runs");
    let without = demo(&|command| {
        command.env("PATH", "/nowhere");
    });
    assert_eq!(without.code, Some(1), "{without}");
    assert!(without.stderr.contains("error: cannot find git\nhint: install it"), "{without}");
}
