//! Long output on a real terminal.

use std::fs::File;
use std::io::Read;

use rustix::fs::{Mode, OFlags};
use rustix::pty::OpenptFlags;
use rustix::termios::Winsize;

use crate::support::{Sandbox, binary};

/// Runs the binary with its output on a terminal of ten lines, and gives what is seen there.
fn seen(sandbox: &Sandbox, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let terminal = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    rustix::pty::grantpt(&terminal).unwrap();
    rustix::pty::unlockpt(&terminal).unwrap();
    let name = rustix::pty::ptsname(&terminal, Vec::new()).unwrap();
    let line = rustix::fs::open(name.as_c_str(), OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    let size = Winsize { ws_row: 10, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
    rustix::termios::tcsetwinsize(&line, size).unwrap();
    let mut command = sandbox.command(binary());
    command.args(arguments).env("TERM", "xterm").env("NO_COLOR", "1").envs(variables.iter().copied()).stdout(line);
    let mut child = command.spawn().unwrap();
    drop(command);
    let mut terminal = File::from(terminal);
    let mut drawn = Vec::new();
    let mut piece = [0; 4096];
    // Where the other end is closed, Linux ends in an error and others in an end of the file.
    while let Ok(length @ 1..) = terminal.read(&mut piece) {
        drawn.extend_from_slice(&piece[..length]);
    }
    assert!(child.wait().unwrap().success(), "{arguments:?}");
    String::from_utf8(drawn).unwrap().replace("\r\n", "\n")
}

fn told() -> Sandbox {
    let sandbox = Sandbox::ready();
    sandbox.commit("one", &[("a.txt", "a\n")]);
    sandbox.settle();
    sandbox
}

#[test]
fn what_is_longer_than_the_screen_goes_through_the_pager_that_git_would_take() {
    let sandbox = told();
    let prefix = |with: &str| format!("sed 's/^/{with}>/'");
    let through = |variables: &[(&str, &str)]| seen(&sandbox, &["show"], variables);
    let (own, git, any) = (prefix("own"), prefix("git"), prefix("any"));
    let all = [("COMMIT_STORY_PAGER", &*own), ("GIT_PAGER", &*git), ("PAGER", &*any)];
    assert!(through(&all).starts_with("own># Tuesday"), "{}", through(&all));
    assert!(through(&all[1..]).starts_with("git># Tuesday"));
    assert!(through(&all[2..]).starts_with("any># Tuesday"));
    sandbox.git(&["config", "core.pager", "touch evil; cat"]);
    assert!(through(&all[2..]).starts_with("any># Tuesday"), "a repository names no program that we run");
    assert!(!sandbox.repo().join("evil").exists());
    sandbox.git(&["config", "--global", "core.pager", &prefix("user")]);
    assert!(through(&all[2..]).starts_with("user># Tuesday"));
    let variables = seen(&sandbox, &["show"], &[("PAGER", ""), ("GIT_PAGER", "cat >/dev/null; echo $LESS $LV")]);
    assert_eq!(variables, "FRX -c\n");
}

#[test]
fn what_fits_on_the_screen_goes_to_it_and_so_does_all_without_a_pager() {
    let sandbox = told();
    let page = sandbox.story_ok(&["show"]);
    assert!(page.lines().count() > 10, "{page}");
    let paged = [("COMMIT_STORY_PAGER", "sed s/^/paged/")];
    let list = seen(&sandbox, &["log"], &paged);
    assert!(list.contains("one\n    2 files"), "{list}");
    assert_eq!(seen(&sandbox, &["show", "--no-pager"], &paged), page);
    for none in ["", "cat", "/no/such/program"] {
        assert_eq!(seen(&sandbox, &["show"], &[("COMMIT_STORY_PAGER", none)]), page, "{none}");
    }
    assert_eq!(
        seen(&sandbox, &["show"], &[("COMMIT_STORY_PAGER", "head -n 1")]),
        page.lines().next().unwrap().to_owned() + "\n"
    );
    let found = seen(&sandbox, &["search", "one"], &paged);
    assert!(!found.contains("paged"), "{found}");
}
