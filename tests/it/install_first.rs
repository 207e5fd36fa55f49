//! install.sh, all going well: one line, in every shell, and everything taken out again.

use std::io::Write as _;
use std::process::Stdio;

use crate::installing::{Ground, heard, shells};

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
        child.stdin.take().unwrap().write_all(ground.script().as_bytes()).unwrap();
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
