//! install.sh, all going well: one line, in every shell, and everything taken out again.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::installing::{Ground, heard, shells};
use crate::release_server::Mode;
use crate::support::{checked, is_heard, wait_for};

#[test]
fn one_line_installs_in_every_shell_and_uninstall_leaves_nothing() {
    for shell in shells() {
        let ground = Ground::new();
        let before = ground.found();
        // As in `curl … | sh`: the script is the standard input.
        let mut child = ground
            .shell(shell)
            .args(["-s", "--", "--yes"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(Ground::script().as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{shell:?}: {said}");
        assert_eq!(ground.version().as_deref(), Some("commit-story 1.0.0"), "{shell:?}: {said}");
        for words in ["commit-story 1.0.0 is in ", "the signature by ssh-keygen", "export PATH=", "commit-story init"] {
            assert!(said.contains(words), "{shell:?}: {said}");
        }
        let uninstalled = heard(ground.shell(shell).arg(ground.path("install.sh")).arg("--uninstall"));
        assert_eq!(uninstalled.code, Some(0), "{shell:?}: {uninstalled}");
        assert_eq!(ground.found(), before, "{shell:?}: {uninstalled}");
    }
}

#[test]
fn the_line_that_users_type_works_where_pipes_have_to_succeed() {
    let ground = Ground::new();
    ground.replace("install.sh", Some(Ground::script().into_bytes()));
    let run = |file: &str| {
        let line = format!("curl -LsSf {}/latest/download/{file} | sh -s -- --to there", ground.server.base());
        heard(ground.shell(&["bash"]).args(["-o", "pipefail", "-c", &line]))
    };
    let missing = run("install.s");
    assert_ne!(missing.code, Some(0), "{missing}");
    let said = run("install.sh");
    assert_eq!(said.code, Some(0), "{said}");
    assert!(ground.path("there/commit-story").is_file());
}

#[test]
fn who_breaks_it_off_finds_nothing_left() {
    let ground = Ground::new();
    ground.server.misbehave(".tar.gz", Mode::Slow(10, Duration::from_millis(100)));
    let downloads = || ground.server.asked().iter().filter(|asked| asked.path.ends_with(".tar.gz")).count();
    for (signal, number) in [("-TERM", 15), ("-INT", 2), ("-HUP", 1)] {
        if !is_heard(number) {
            continue;
        }
        let before = downloads();
        let mut child = ground.install(&[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait_for("the download", || downloads() > before);
        checked(Command::new("kill").args([signal, &child.id().to_string()]));
        assert!(!child.wait().unwrap().success());
        assert!(ground.found().is_empty(), "{signal}: {:?}", ground.found());
    }
}
