//! A download of install.sh that broke off runs nothing, wherever it broke off.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::installing::{Ground, shells, template};

/// The prefixes that a shell is given: how many bytes lie between them, and how many lack at the end of the longest, one
/// process for each. The fastest shell is given all, in two halves; the others enough to keep this a matter of seconds.
fn shares(shell: &str) -> &'static [(usize, usize)] {
    match shell {
        "dash" => &[(2, 0), (2, 1)],
        "mksh" | "busybox" => &[(29, 0)],
        "bash" | "ksh93" => &[(67, 0)],
        _ => &[(199, 0)],
    }
}

/// One process that evaluates prefix after prefix. The first command of the script that can be seen is umask, which here
/// says that it was run.
fn program(stride: usize) -> String {
    format!(
        "umask() {{ echo \"ran ${{#text}}\"; exit 0; }}\n\
         text=$(cat \"$1\" && echo .)\n\
         text=${{text%.}}\n\
         tried=0\n\
         while [ ${{#text}} -gt {stride} ]; do\n\
           ( eval \"$text\" ) 2>/dev/null\n\
           tried=$((tried + 1))\n\
           text=${{text%{}}}\n\
         done\n\
         echo \"tried $tried\"\n",
        "?".repeat(stride)
    )
}

#[test]
fn no_prefix_runs_anything_in_any_shell() {
    let ground = Ground::new();
    let script = template();
    assert!(script.is_ascii(), "shells count characters");
    let before = ground.found();
    let cut = |missing: usize| ground.path(format!("missing-{missing}"));
    for missing in 0..2 {
        std::fs::write(cut(missing), &script[..script.len() - missing]).unwrap();
    }
    let shares = shells().into_iter().flat_map(|shell| shares(shell[0]).iter().map(move |share| (shell, share)));
    let children: Vec<_> = shares
        .map(|(shell, &(stride, missing))| {
            let mut command = ground.shell(shell);
            command.arg("-c").arg(program(stride)).arg("sh").arg(cut(missing)).stderr(Stdio::null());
            (shell, stride, missing, command.stdout(Stdio::piped()).spawn().unwrap())
        })
        .collect();
    for (shell, stride, missing, child) in children {
        let said = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
        let length = script.len() - missing;
        // The whole runs, and what lacks only the end of the last line.
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
        for missing in 2..16 {
            assert_eq!(run(shell, &script[..script.len() - missing]), "", "{shell:?}, {missing} bytes missing");
        }
    }
    assert_eq!(ground.found(), before);
}
