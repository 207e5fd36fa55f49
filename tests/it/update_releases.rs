//! Updating to what a server releases: what is installed, and everything that is not.

use crate::installed::{Installed, Made, RUNNING, shell};
use crate::release_server::Mode;
use crate::release_sign::{TEST_SPARE, TEST_STRANGER};

#[test]
fn the_newest_release_takes_the_programs_place_and_the_old_one_is_kept() {
    let installed = Installed::new();
    installed.server.release(Made::of("0.2.0").made());
    installed.server.release(Made::of("0.3.0").made());
    installed.update(&["--check"]).is(10, "commit-story 0.3.0 is there, and 0.1.0 runs");
    installed.is_untouched();
    installed.update(&["--dry-run"]).is(0, "would download 1 MiB, and put 0.3.0 into the place of 0.1.0");
    installed.is_untouched();
    let ended = installed.update(&[]);
    ended.is(0, "commit-story 0.3.0 is installed; back to 0.1.0: commit-story update --rollback");
    assert_eq!(ended.err, "");
    assert_eq!(installed.version(), "0.3.0");
    assert_eq!(installed.names(), ["lock", "receipt.json", "state.json", "versions"]);
    let (receipt, state) = (installed.json("receipt.json"), installed.json("state.json"));
    assert_eq!((&receipt["version"], &receipt["by"]), (&"0.3.0".into(), &"a script of later days".into()));
    assert_eq!((&state["highest"], &state["sequence"]), (&"0.3.0".into(), &3.into()));
    assert_eq!(state["kept"][0]["version"], RUNNING);
    assert_eq!(crate::installed::version(&installed.beside().join("versions/0.1.0/commit-story")), RUNNING);
}

#[test]
fn what_runs_already_is_left_alone() {
    let installed = Installed::new();
    installed.server.release(Made::of(RUNNING).made());
    installed.update(&[]).is(0, "commit-story 0.1.0 is the newest version");
    installed.update(&["--check"]).is(0, "commit-story 0.1.0 is the newest version");
    installed.is_untouched();
}

/// What is wrong with a release, and how the update of it ends.
fn refused(release: &Made, answer: Option<(&str, Mode)>, code: i32, said: &str) {
    let installed = Installed::new();
    installed.server.release(release.made());
    if let Some((end, mode)) = answer {
        installed.server.misbehave(end, mode);
    }
    installed.update(&[]).is(code, said);
    installed.is_untouched();
}

fn changed(change: impl FnOnce(&mut Made)) -> Made {
    let mut made = Made::of("0.2.0");
    change(&mut made);
    made
}

#[test]
fn what_nobody_we_trust_has_signed_is_refused() {
    refused(&changed(|made| made.index_key = TEST_STRANGER), None, 40, "release.json is not signed by a key");
    refused(&changed(|made| made.archive_key = Some(TEST_STRANGER)), None, 40, "is not signed by a key");
    refused(&changed(|made| made.archive_key = None), None, 40, "is not signed by a key");
    let elsewhere = format!("commit-story-0.1.0-{}.tar.gz", crate::installed::target());
    refused(&changed(|made| made.signed_as = Some(elsewhere)), None, 40, "is not signed by a key");
}

#[test]
fn the_spare_key_is_as_good_as_the_other() {
    let installed = Installed::new();
    let made = changed(|made| (made.index_key, made.archive_key) = (TEST_SPARE, Some(TEST_SPARE)));
    installed.server.release(made.made());
    installed.update(&[]).is(0, "commit-story 0.2.0 is installed");
}

#[test]
fn bytes_that_changed_on_their_way_are_refused() {
    let archive = Made::of("0.2.0").archive();
    let end = Made::of("0.2.0").archive_name();
    let mut flipped = archive.clone();
    flipped[300] ^= 1;
    refused(&Made::of("0.2.0"), Some((&end, Mode::Status(200, flipped))), 40, "has another SHA-256");
    let longer = [&*archive, b"x"].concat();
    refused(&Made::of("0.2.0"), Some((&end, Mode::Status(200, longer))), 40, "has more than the");
    let shorter = archive[..archive.len() - 1].to_vec();
    refused(&Made::of("0.2.0"), Some((&end, Mode::Status(200, shorter))), 40, "bytes that were announced");
    refused(&Made::of("0.2.0"), Some((&end, Mode::Truncated)), 30, "broke off in the middle");
}

#[test]
fn a_server_that_is_not_well_is_named_in_one_sentence() {
    let html = || b"<html>sign in</html>".to_vec();
    let of = |mode| refused_index(mode);
    of((Mode::Status(200, html()), 30, "does not describe a release"));
    of((Mode::Status(500, html()), 30, "127.0.0.1 answers with status 500"));
    of((Mode::Status(404, html()), 30, "127.0.0.1 has no release yet"));
    of((Mode::Status(403, html()), 30, "127.0.0.1 refuses the download (403)"));
    of((Mode::Truncated, 30, "127.0.0.1 broke off in the middle"));
    of((Mode::Status(200, vec![b' '; 300 << 10]), 40, "release.json is longer than"));
}

fn refused_index((mode, code, said): (Mode, i32, &str)) {
    refused(&Made::of("0.2.0"), Some(("release.json", mode)), code, said);
}

#[test]
fn an_archive_holds_the_program_once_and_as_a_file() {
    let check = |change: &dyn Fn(&mut Made), said: &str| refused(&changed(change), None, 40, said);
    check(&|made| made.entries.retain(|entry| entry.name != "commit-story"), "holds 0 files commit-story");
    check(&|made| made.file("commit-story", &shell("0.2.0")), "holds 2 files commit-story");
    check(&|made| made.file("./commit-story", &shell("0.2.0")), "is not a regular file");
    check(
        &|made| {
            let program = made.entries.iter_mut().find(|entry| entry.name == "commit-story").unwrap();
            (program.kind, program.bytes) = (tar::EntryType::Symlink, b"/bin/sh".to_vec());
        },
        "is not a regular file",
    );
    check(
        &|made| made.entries.iter_mut().for_each(|entry| entry.name = format!("../{}", entry.name)),
        "holds 0 files commit-story",
    );
    check(&|made| made.entries.clear(), "holds 0 files commit-story");
}

#[test]
fn members_outside_of_the_archive_are_ignored() {
    let installed = Installed::new();
    let mut made = Made::of("0.2.0");
    made.file("../evil", b"x");
    made.file("/tmp/evil-commit-story", b"x");
    installed.server.release(made.made());
    installed.update(&[]).is(0, "commit-story 0.2.0 is installed");
    assert!(!installed.sandbox.path("prefix/evil").exists());
    assert_eq!(installed.names(), ["lock", "receipt.json", "state.json", "versions"]);
}

#[test]
fn a_program_that_does_not_run_or_is_another_version_is_refused() {
    let of = |program: &[u8], said: &str| refused(&Made::of("0.2.0").with(program), None, 40, said);
    of(&shell("0.1.5"), "what was released as 0.2.0 calls itself 0.1.5");
    of(b"#!/bin/sh\necho commit-story 0.2.0\nexit 127\n", "0.2.0 does not run on this system");
    of(b"#!/bin/sh\necho 'cannot find GLIBC_9.99' >&2\nexit 1\n", "cannot find GLIBC_9.99");
    of(b"\x7fELF\0", "0.2.0 does not run on this system");
    of(b"#!/bin/sh\necho hello\n", "0.2.0 says \"hello\" when it is asked for its version");
}
