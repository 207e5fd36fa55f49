//! What an update leaves: hooks that run the new program, a doctor who knows, and no word that nobody asked for.

use std::fs::File;
use std::io::Read;

use rustix::fs::{Mode, OFlags};
use rustix::pty::OpenptFlags;

use crate::installed::{Ended, Installed, Made, RUNNING};
use crate::support::{checked, wait_for};

fn doctor(installed: &Installed) -> String {
    String::from_utf8(installed.command(&["doctor"]).output().unwrap().stdout).unwrap()
}

/// Commits, and gives the page of the day.
fn commit(installed: &Installed, message: &str) -> String {
    let sandbox = &installed.sandbox;
    let mut git = sandbox.command("git");
    git.env("COMMIT_STORY_BASE_URL", installed.server.base());
    checked(git.args(["commit", "-q", "--allow-empty", "-m", message]));
    sandbox.settle();
    sandbox.page("2026-01-06")
}

#[cfg(target_os = "linux")]
#[test]
fn a_real_program_takes_the_place_and_hooks_go_on() {
    use crate::installed::real;
    let installed = Installed::new();
    checked(&mut installed.command(&["init", "--yes"]));
    assert!(commit(&installed, "with the old one").contains("with the old one"));
    installed.server.release(Made::of("0.1.1").with(&real("0.1.1")).made());
    installed.update(&[]).is(0, "commit-story 0.1.1 is installed; back to 0.1.0: commit-story update --rollback");
    assert_eq!(installed.version(), "0.1.1");
    assert!(commit(&installed, "with the new one").contains("with the new one"));
    let found = doctor(&installed);
    let program = installed.program();
    assert!(
        found.contains(&format!("✓ program        0.1.1 at {}, installed by install.sh\n", program.display())),
        "{found}"
    );
    assert!(!found.contains("✗ hook") && !found.contains("! hook"), "{found}");
    // From here on it is the new program that speaks.
    installed.update(&[]).is(0, "commit-story 0.1.1 is the newest version");
    installed.update(&["--rollback"]).is(0, "commit-story 0.1.0 is back; 0.1.1 is not offered again");
    installed.update(&[]).is(0, "commit-story 0.1.1 is there, but you went back from it");
    assert!(commit(&installed, "with the old one again").contains("with the old one again"));
    installed.server.release(Made { sequence: 2, ..Made::of("0.1.2").with(&real("0.1.2")) }.made());
    installed.update(&[]).is(0, "commit-story 0.1.2 is installed; back to 0.1.0");
    installed.update(&["--rollback"]).is(0, "commit-story 0.1.0 is back");
}

#[test]
fn doctor_finds_what_is_wrong_with_the_installation() {
    let check = |change: &dyn Fn(&Installed), said: &str| {
        let installed = Installed::new();
        checked(&mut installed.command(&["init", "--yes"]));
        change(&installed);
        let found = doctor(&installed);
        assert!(found.contains(said), "{said}: {found}");
    };
    check(&|_| {}, &format!("✓ program        {RUNNING} at "));
    check(
        &|installed| std::fs::create_dir(installed.beside().join("stage-x")).unwrap(),
        "! program        an update was killed, and left something in ",
    );
    check(
        &|installed| {
            let path = installed.beside().join("receipt.json");
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(path, text.replace(&format!("\"version\":\"{RUNNING}\""), "\"version\":\"0.0.9\"")).unwrap();
        },
        "is of 0.0.9, and 0.1.0 runs",
    );
    check(&|installed| installed.receipt(&installed.sandbox.path("gone")), "lies beside the receipt of ");
    check(
        &|installed| std::fs::write(installed.beside().join("receipt.json"), "{").unwrap(),
        "! program        cannot understand ",
    );
    check(
        &|installed| std::fs::write(installed.beside().join("state.json"), "[").unwrap(),
        "without that file what was seen and kept is forgotten",
    );
    check(
        &|installed| {
            let init = installed.sandbox.command(crate::support::binary()).args(["init", "--yes"]).output().unwrap();
            assert!(init.status.success());
        },
        "! program        the hooks here run ",
    );
}

#[test]
fn another_program_that_comes_first_on_the_path_is_found() {
    let mut installed = Installed::new();
    let first = installed.sandbox.path("first");
    std::fs::create_dir(&first).unwrap();
    crate::installed::put(&crate::installed::stripped(), &first.join("commit-story"));
    installed.sandbox.before_path.push(first.clone());
    let found = doctor(&installed);
    assert!(found.contains(&format!("{} comes first on PATH", first.join("commit-story").display())), "{found}");
}

#[test]
fn nobody_looks_unless_that_is_switched_on_and_then_once_a_day() {
    let mut installed = Installed::new();
    installed.server.release(Made::of("0.2.0").made());
    checked(&mut installed.command(&["init", "--yes"]));
    commit(&installed, "one");
    assert_eq!(installed.server.asked().len(), 0);
    // A repository cannot switch it on.
    installed.sandbox.write(".commit-story.yaml", "update:\n  notice: true\n");
    commit(&installed, "two");
    assert_eq!(installed.server.asked().len(), 0);
    checked(&mut installed.command(&["config", "set", "--user", "update.notice", "true"]));
    commit(&installed, "three");
    let newest = |installed: &Installed| {
        std::fs::read_to_string(installed.beside().join("state.json"))
            .is_ok_and(|text| text.contains("\"newest\": \"0.2.0\""))
    };
    wait_for("a look", || newest(&installed));
    let asked = installed.server.asked().len();
    commit(&installed, "four");
    assert_eq!(installed.server.asked().len(), asked);
    installed.sandbox.now = "2026-01-07T17:00:00+01:00".to_owned();
    commit(&installed, "five");
    wait_for("the next day's look", || installed.server.asked().len() > asked);
    // The hook itself says nothing of it.
    let mut git = installed.sandbox.command("git");
    let output = git.args(["commit", "--allow-empty", "-m", "six"]).output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stderr).contains("0.2.0"));
}

/// What a command shows on a terminal.
fn seen(installed: &Installed, args: &[&str]) -> String {
    let terminal = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    rustix::pty::grantpt(&terminal).unwrap();
    rustix::pty::unlockpt(&terminal).unwrap();
    let name = rustix::pty::ptsname(&terminal, Vec::new()).unwrap();
    let line = rustix::fs::open(name.as_c_str(), OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    let mut command = installed.command(args);
    command.env("NO_COLOR", "1").env("COMMIT_STORY_PAGER", "").stdout(line.try_clone().unwrap()).stderr(line);
    let mut child = command.spawn().unwrap();
    drop(command);
    let mut drawn = Vec::new();
    let mut terminal = File::from(terminal);
    let mut piece = [0; 4096];
    while let Ok(length @ 1..) = terminal.read(&mut piece) {
        drawn.extend_from_slice(&piece[..length]);
    }
    child.wait().unwrap();
    String::from_utf8(drawn).unwrap()
}

#[test]
fn a_word_about_a_newer_version_is_for_those_who_want_it_at_a_terminal() {
    let installed = Installed::new();
    installed.server.release(Made::of("0.2.0").made());
    installed.update(&["--check"]).is(10, "0.2.0");
    let said = "warning: commit-story 0.2.0 is there, and 0.1.0 runs: commit-story update";
    assert!(!seen(&installed, &["config", "get", "enabled"]).contains("0.2.0"));
    checked(&mut installed.command(&["config", "set", "--user", "update.notice", "true"]));
    assert!(seen(&installed, &["config", "get", "enabled"]).contains(said));
    assert!(!seen(&installed, &["config", "get", "enabled", "--quiet"]).contains(said));
    assert!(!seen(&installed, &["update", "--check"]).contains(said));
    let output = installed.command(&["config", "get", "enabled"]).output().unwrap();
    assert!(!Ended::of(&output).err.contains("0.2.0"), "in a script");
}

#[test]
fn on_a_terminal_the_download_has_a_bar() {
    let installed = Installed::new();
    let mut made = Made::of("0.2.0");
    made.file("padding", &vec![b'x'; 1 << 20]);
    installed.server.release(made.made());
    let slow = crate::release_server::Mode::Slow(8, std::time::Duration::from_millis(80));
    installed.server.misbehave(".tar.gz", slow);
    let shown = seen(&installed, &["update"]);
    assert!(shown.contains("=] ") || shown.contains("= "), "{shown:?}");
    assert!(shown.contains(" KiB") && shown.contains("commit-story 0.2.0 is installed"), "{shown:?}");
}
