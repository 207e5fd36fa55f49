//! A download of install.sh that broke off runs nothing, wherever it broke off.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::installing::{Ground, shells, template};

/// How many bytes lie between the prefixes that a shell is given whole, so that it sees their end: enough of them to keep
/// this a matter of seconds. That it runs none of those between before it sees an end, the story of the pipe shows.
fn stride(shell: &str) -> usize {
    if shell == "dash" { 53 } else { 199 }
}

/// The first command of the script that can be seen is umask, which here says that it was run.
const SEEN: &str = "umask() { echo ran; exit 0; }\n";

/// One process that evaluates prefix after prefix, the longest first: of a text that a shell has, some take a second to cut
/// off an end.
fn program(length: usize, stride: usize) -> String {
    format!(
        "umask() {{ echo \"ran $left\"; exit 0; }}\n\
         left={length}\n\
         tried=0\n\
         while [ $left -gt {stride} ]; do\n\
           text=$(head -c $left \"$1\" && echo .)\n\
           ( eval \"${{text%.}}\" ) 2>/dev/null\n\
           tried=$((tried + 1))\n\
           left=$((left - {stride}))\n\
         done\n\
         echo \"tried $tried\"\n"
    )
}

#[test]
fn no_prefix_runs_anything_in_any_shell() {
    let ground = Ground::new();
    let script = template();
    assert!(script.is_ascii(), "shells count characters");
    let before = ground.found();
    std::fs::write(ground.path("whole"), &script).unwrap();
    let children: Vec<_> = shells()
        .into_iter()
        .map(|shell| {
            let mut command = ground.shell(shell);
            command
                .arg("-c")
                .arg(program(script.len(), stride(shell[0])))
                .arg("sh")
                .arg(ground.path("whole"))
                .stderr(Stdio::null());
            (shell, command.stdout(Stdio::piped()).spawn().unwrap())
        })
        .collect();
    for (shell, child) in children {
        let said = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
        let (length, stride) = (script.len(), stride(shell[0]));
        // The whole runs.
        let expected = format!("ran {length}\ntried {}\n", (length - stride).div_ceil(stride));
        assert_eq!(said, expected, "{shell:?}");
    }
    assert_eq!(ground.found(), before);
}

#[test]
fn a_pipe_that_ends_early_ends_the_shell() {
    let ground = Ground::new();
    let script = Ground::script();
    let before = ground.found();
    let run = |shell: &[&str], prefix: &str| {
        let mut command: Command = ground.shell(shell);
        command.args(["-s", "--", "--help"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        // A shell may go away before it has read all.
        let _ = child.stdin.take().unwrap().write_all(prefix.as_bytes());
        String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
    };
    for shell in shells() {
        assert!(run(shell, &script).contains("--uninstall"), "{shell:?}");
        assert_eq!(run(shell, &format!("{SEEN}{script}")), "ran\n", "{shell:?}");
        // A shell reads on while it runs what it has read: none has run anything of the script but its last two bytes, and
        // so nothing of any shorter one.
        for missing in 2..16 {
            let prefix = &script[..script.len() - missing];
            assert_eq!(run(shell, prefix), "", "{shell:?}, {missing} bytes missing");
            assert_eq!(run(shell, &format!("{SEEN}{prefix}")), "", "{shell:?}, {missing} bytes missing");
        }
    }
    assert_eq!(ground.found(), before);
}
