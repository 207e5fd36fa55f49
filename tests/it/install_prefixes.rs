//! A download of install.sh that broke off runs nothing, wherever it broke off.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::installing::{Ground, shells, template};

/// How many bytes lie between the prefixes that a shell is given: all for the fastest; for the others enough to keep this
/// a matter of seconds.
fn stride(shell: &str) -> usize {
    match shell {
        "dash" => 1,
        "mksh" | "busybox" => 29,
        "bash" | "ksh93" => 67,
        _ => 199,
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
    std::fs::write(ground.path("install.sh"), &script).unwrap();
    let before = ground.found();
    let children: Vec<_> = shells()
        .into_iter()
        .map(|shell| {
            let stride = stride(shell[0]);
            let mut command = ground.shell(shell);
            command.arg("-c").arg(program(stride)).arg("sh").arg(ground.path("install.sh")).stderr(Stdio::null());
            (shell, stride, command.stdout(Stdio::piped()).spawn().unwrap())
        })
        .collect();
    for (shell, stride, child) in children {
        let said = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
        let mut expected = String::new();
        writeln!(expected, "ran {}", script.len()).unwrap();
        // Only the line's end is missing.
        if stride == 1 {
            writeln!(expected, "ran {}", script.len() - 1).unwrap();
        }
        writeln!(expected, "tried {}", (script.len() - stride).div_ceil(stride)).unwrap();
        assert_eq!(said, expected, "{shell:?}");
    }
    assert_eq!(ground.found(), before);
}

#[test]
fn a_pipe_that_ends_early_ends_the_shell() {
    let ground = Ground::new();
    let script = ground.script();
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
