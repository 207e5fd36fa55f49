//! Whatever is broken, the commit is made, at most one line is said, and the log and `doctor` know why.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Output;

use crate::support::{Sandbox, binary, checked, entries_of};
use crate::transcript::Transcript;

/// Commits a change of `a.txt`; whatever is wrong, that must succeed and say nothing but one line on standard error.
fn commit(sandbox: &Sandbox) -> (String, String) {
    let before = sandbox.git(&["rev-parse", "HEAD"]);
    sandbox.write("a.txt", format!("after {before}"));
    let output = sandbox.command("git").args(["commit", "-qam", "change"]).output().unwrap();
    let said = quiet(&output);
    let id = sandbox.git(&["rev-parse", "HEAD"]);
    assert_ne!(id, before, "{said}");
    (id.trim().to_owned(), said)
}

fn quiet(output: &Output) -> String {
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(output.status.success() && output.stdout.is_empty() && said.lines().count() <= 1, "{output:?}");
    said
}

fn has_entry(sandbox: &Sandbox, id: &str) -> bool {
    entries_of(&sandbox.page("2026-01-06"), id) == 1
}

fn doctor(sandbox: &Sandbox) -> String {
    String::from_utf8(sandbox.story(&["doctor"]).stdout).unwrap()
}

/// A place that cannot be written: the commit is made, one line says that its entry is not, and where to look further.
fn check_told(expected: &str, broken: impl Fn(&Sandbox)) {
    let sandbox = Sandbox::ready();
    broken(&sandbox);
    let (id, said) = commit(&sandbox);
    assert!(said.starts_with("commit-story: the commit is made, but its journal entry"), "{expected}: {said}");
    assert!(said.contains(&id[..8]) && said.contains("doctor"), "{said}");
    let log = sandbox.log();
    assert!(log.contains(&format!("cannot record {id}")) && log.contains(expected), "{expected}: {log}");
    let doctor = doctor(&sandbox);
    assert!(doctor.contains(expected), "{expected}: {doctor}");
    assert!(sandbox.queued().contains(&format!("{id}.json")), "{:?}", sandbox.queued());
}

/// Something broken that an entry does not need.
fn check_overcome(logged: &str, broken: impl Fn(&Sandbox)) {
    let sandbox = Sandbox::ready();
    broken(&sandbox);
    let (id, said) = commit(&sandbox);
    assert_eq!(said, "", "{logged}");
    assert!(has_entry(&sandbox, &id), "{logged}: {}", sandbox.log());
    assert!(sandbox.log().contains(logged), "{logged}: {}", sandbox.log());
}

/// A configuration of which nothing is understood: it may forbid what the defaults allow.
fn check_careful(broken: impl Fn(&Sandbox)) {
    let sandbox = Sandbox::ready();
    let mut talk = Transcript::new("488c5296-fc78", &sandbox.repo());
    talk.prompt("2026-01-06T16:03:00+01:00", "Ask ada@example.org").edit("2026-01-06T16:03:10+01:00", "a.txt");
    talk.save(&sandbox);
    broken(&sandbox);
    let (id, said) = commit(&sandbox);
    assert!(said.contains("its entry has no conversation") && said.lines().count() == 1, "{said}");
    assert!(has_entry(&sandbox, &id) && !sandbox.page("2026-01-06").contains("Ask"), "{}", sandbox.log());
    assert!(
        sandbox.log().contains("config: ") && sandbox.queued().contains(&format!("{id}.json")),
        "{}",
        sandbox.log()
    );
}

fn replace_by_file(path: &Path) {
    let _ = fs::remove_dir_all(path);
    fs::write(path, "in the way\n").unwrap();
}

#[test]
fn a_journal_that_cannot_be_written_is_told_and_queued() {
    check_told("cannot create the directory", |sandbox| replace_by_file(&sandbox.repo().join("journal")));
    check_told("cannot create the directory", |sandbox| {
        fs::create_dir(sandbox.repo().join("journal")).unwrap();
        replace_by_file(&sandbox.repo().join("journal/entries"));
    });
    check_told("2026-01-06.md", |sandbox| {
        fs::create_dir_all(sandbox.repo().join("journal/entries/2026-01/2026-01-06.md")).unwrap();
    });
    check_told("leads out of", |sandbox| {
        fs::create_dir(sandbox.path("outside")).unwrap();
        symlink("../outside", sandbox.repo().join("journal")).unwrap();
    });
    check_told("leads out of", |sandbox| symlink("nowhere", sandbox.repo().join("journal")).unwrap());
    check_told("not a regular file", |sandbox| {
        let month = sandbox.repo().join("journal/entries/2026-01");
        fs::create_dir_all(&month).unwrap();
        checked(sandbox.command("mkfifo").arg(month.join("2026-01-06.md")));
    });
}

#[test]
fn an_entry_that_could_not_be_written_is_written_at_a_later_commit() {
    let sandbox = Sandbox::ready();
    replace_by_file(&sandbox.repo().join("journal"));
    let (first, _) = commit(&sandbox);
    // The worker has tried, too, and waits for a minute.
    crate::support::wait_for("the worker's try", || sandbox.log().contains("worker: cannot finish"));
    fs::remove_file(sandbox.repo().join("journal")).unwrap();
    let sandbox = sandbox.at("2026-01-06T16:30:00+01:00");
    let (second, said) = commit(&sandbox);
    assert_eq!(said, "");
    sandbox.settle();
    assert!(has_entry(&sandbox, &first) && has_entry(&sandbox, &second), "{}", sandbox.log());
}

#[test]
fn a_state_directory_that_cannot_be_made_is_told() {
    let sandbox = Sandbox::ready();
    let _ = fs::remove_dir_all(sandbox.state());
    replace_by_file(&sandbox.state());
    let (_, said) = commit(&sandbox);
    assert!(said.contains("could not be written"), "{said}");
    let doctor = sandbox.story(&["doctor"]);
    assert!(!doctor.status.success() && !doctor.stdout.is_empty(), "{doctor:?}");
}

#[test]
fn a_broken_configuration_is_logged_and_never_makes_us_less_careful() {
    let repository =
        |sandbox: &Sandbox, text: &[u8]| fs::write(sandbox.repo().join(".commit-story.yaml"), text).unwrap();
    let user = |sandbox: &Sandbox, text: &[u8]| {
        fs::create_dir_all(sandbox.home().join(".config/commit-story")).unwrap();
        fs::write(sandbox.home().join(".config/commit-story/config.yaml"), text).unwrap();
    };
    check_careful(|sandbox| repository(sandbox, b"journal: [\n"));
    check_careful(|sandbox| repository(sandbox, b"\xff\xfe\x00nonsense"));
    check_careful(|sandbox| user(sandbox, b"redact: {words: [ada]}\nentry: [\n"));
    check_overcome("config: ", |sandbox| repository(sandbox, b"jornal:\n  folder: x\n"));
    check_overcome("config: ", |sandbox| repository(sandbox, b"journal:\n  folder: /etc/passwd\n"));
    check_overcome("config: ", |sandbox| repository(sandbox, b"hook:\n  deadline-ms: soon\n"));
    check_overcome("config: ", |sandbox| user(sandbox, b"entry: {conversation: {}}\n"));
    check_careful(|sandbox| {
        let path = sandbox.repo().join(".commit-story.yaml");
        let _ = fs::remove_file(&path);
        checked(sandbox.command("mkfifo").arg(path));
    });
}

#[test]
fn a_commit_that_is_left_out_on_gits_command_line_gets_no_entry_afterwards_either() {
    let sandbox = Sandbox::ready();
    sandbox.write("a.txt", "private\n");
    sandbox.git(&["-c", "user.name=It's me", "-c", "commitstory.enabled=false", "commit", "-qam", "private"]);
    let left_out = sandbox.git(&["rev-parse", "HEAD"]).trim().to_owned();
    let sandbox = sandbox.at("2026-01-06T16:10:00+01:00");
    let (id, _) = commit(&sandbox);
    sandbox.settle();
    assert!(has_entry(&sandbox, &id) && !has_entry(&sandbox, &left_out));
}

#[test]
fn a_repository_that_is_switched_off_is_left_alone() {
    let sandbox = Sandbox::ready();
    sandbox.write(".commit-story.yaml", "enabled: false\n");
    let (_, said) = commit(&sandbox);
    assert_eq!((said.as_str(), sandbox.page("2026-01-06").as_str()), ("", ""));
    assert!(sandbox.queued().is_empty());
}

/// Conversations that cannot be read: there is an entry, and at once.
fn check_transcript(put: impl Fn(&Sandbox, &Path)) {
    let sandbox = Sandbox::ready();
    let path = Transcript::new("488c5296-fc78", &sandbox.repo())
        .prompt("2026-01-06T16:03:00+01:00", "Please change a.txt")
        .save(&sandbox);
    put(&sandbox, &path);
    let (id, said) = commit(&sandbox);
    assert_eq!(said, "");
    assert!(has_entry(&sandbox, &id), "{}", sandbox.log());
    sandbox.settle();
}

#[test]
fn what_stands_in_place_of_a_transcript_neither_hangs_nor_fails_the_hook() {
    let fifo = |sandbox: &Sandbox, path: &Path| {
        let _ = fs::remove_file(path);
        let _ = fs::remove_dir_all(path);
        checked(sandbox.command("mkfifo").arg(path));
    };
    check_transcript(fifo);
    check_transcript(|sandbox, path| fifo(sandbox, path.parent().unwrap()));
    check_transcript(|sandbox, _| fifo(sandbox, &sandbox.home().join(".claude/projects")));
    check_transcript(|_, path| {
        fs::remove_file(path).unwrap();
        symlink("nowhere", path).unwrap();
    });
    check_transcript(|_, path| {
        fs::remove_file(path).unwrap();
        symlink(path, path).unwrap();
    });
    check_transcript(|_, path| {
        fs::remove_file(path).unwrap();
        fs::create_dir(path).unwrap();
    });
    check_transcript(|_, path| {
        fs::remove_file(path).unwrap();
        symlink("/dev/zero", path).unwrap();
    });
    check_transcript(|_, path| fs::write(path, [0xff, 0x00, b'{', b'\n'].repeat(100_000)).unwrap());
    check_transcript(|_, path| fs::write(path, vec![b'x'; 12 << 20]).unwrap());
    check_transcript(|_, path| fs::write(path, "[".repeat(4 << 20)).unwrap());
    check_transcript(|_, path| fs::write(path, "").unwrap());
}

/// Some file systems keep any number for a time, and the one in memory that every Linux has is one of them.
#[cfg(target_os = "linux")]
#[test]
fn a_transcript_of_no_time_on_any_calendar_is_no_trouble() {
    let memory = tempfile::tempdir_in("/dev/shm").unwrap();
    let far = std::time::Duration::from_secs(9_000_000_000_000);
    for at in [std::time::UNIX_EPOCH + far, std::time::UNIX_EPOCH - far] {
        check_transcript(|_, path| {
            let there = memory.path().join(path.file_name().unwrap());
            fs::copy(path, &there).unwrap();
            fs::File::options().write(true).open(&there).unwrap().set_modified(at).unwrap();
            fs::remove_file(path).unwrap();
            symlink(there, path).unwrap();
        });
    }
}

#[test]
fn broken_lines_do_not_cost_the_whole_ones_around_them() {
    let sandbox = Sandbox::ready();
    Transcript::new("488c5296-fc78", &sandbox.repo())
        .raw(&"x".repeat(9 << 20))
        .prompt("2026-01-06T16:03:00+01:00", "Please change a.txt")
        .raw(r#"{"type":"user","timestamp":"2026-01-06T16:03:01+01:00","message":{"content":"cut of"#)
        .raw(&"[".repeat(100_000))
        .raw("\0\0\0\0")
        .edit("2026-01-06T16:03:10+01:00", "a.txt")
        .save(&sandbox);
    let (id, said) = commit(&sandbox);
    sandbox.settle();
    let page = sandbox.page("2026-01-06");
    assert!(said.is_empty() && has_entry(&sandbox, &id) && page.contains("Please change a.txt"), "{said}{page}");
}

#[test]
fn dates_of_any_age_and_order_are_recorded() {
    let mut sandbox = Sandbox::ready();
    for now in ["1970-01-01T00:00:05+00:00", "2099-12-31T23:59:59+00:00", "2026-01-06T12:00:00-11:30"] {
        sandbox = sandbox.at(now);
        let (id, said) = commit(&sandbox);
        assert_eq!(said, "", "{now}");
        assert_eq!(entries_of(&sandbox.page(&now[..10]), &id), 1, "{now}: {}", sandbox.log());
    }
}

#[test]
fn a_lock_that_is_held_is_not_waited_for_long_and_one_of_the_dead_is_no_lock() {
    let sandbox = Sandbox::ready();
    fs::create_dir_all(sandbox.state()).unwrap();
    // What a dead process leaves: the file, without the kernel's lock on it.
    fs::write(sandbox.state().join("journal.lock"), "4711\n").unwrap();
    let (id, said) = commit(&sandbox);
    assert_eq!(said, "");
    assert!(has_entry(&sandbox, &id));

    let lock = fs::File::open(sandbox.state().join("journal.lock")).unwrap();
    lock.lock().unwrap();
    let started = std::time::Instant::now();
    let (id, said) = commit(&sandbox);
    assert!(started.elapsed() < std::time::Duration::from_secs(60), "{:?}", started.elapsed());
    assert!(said.contains("could not be written"), "{said}");
    assert!(sandbox.log().contains("another process is writing the journal"), "{}", sandbox.log());
    lock.unlock().unwrap();
    sandbox.settle();
    assert!(has_entry(&sandbox, &id), "{}", sandbox.log());
}

#[test]
fn a_binary_that_is_gone_is_not_missed() {
    let sandbox = Sandbox::new();
    let moved = sandbox.path("commit-story");
    crate::support::copy_program(binary(), &moved);
    sandbox.commit("first", &[("a.txt", "one\n")]);
    checked(sandbox.command(&moved).args(["init", "--yes"]));
    fs::remove_file(&moved).unwrap();
    let (_, said) = commit(&sandbox);
    assert_eq!(said, "");
    fs::write(&moved, "not a program").unwrap();
    fs::set_permissions(&moved, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let before = sandbox.git(&["rev-parse", "HEAD"]);
    sandbox.write("a.txt", "again");
    assert!(sandbox.command("git").args(["commit", "-qam", "x"]).output().unwrap().status.success());
    assert_ne!(sandbox.git(&["rev-parse", "HEAD"]), before);
}

#[test]
fn a_full_disk_leaves_the_old_page_and_is_told() {
    let sandbox = Sandbox::ready();
    let (first, _) = commit(&sandbox);
    let old = sandbox.page("2026-01-06") + &"by hand\n".repeat(200);
    sandbox.write("journal/entries/2026-01/2026-01-06.md", &old);
    let before = sandbox.git(&["rev-parse", "HEAD"]);
    sandbox.write("a.txt", "more");
    sandbox.git(&["-c", "core.hooksPath=/dev/null", "commit", "-qam", "without"]);
    // No file may grow beyond one block of 512 bytes: the nearest thing to a full disk that every machine has.
    let script = format!("trap '' XFSZ; ulimit -f 1; exec '{}' hook post-commit", binary().display());
    let output = sandbox.command("sh").args(["-c", &script]).output().unwrap();
    assert!(quiet(&output).contains("could not be written"), "{output:?}");
    assert_eq!(sandbox.page("2026-01-06"), old);
    assert!(sandbox.log().contains("cannot write"), "{}", sandbox.log());
    let names = fs::read_dir(sandbox.repo().join("journal/entries/2026-01")).unwrap().count();
    assert_eq!(names, 1);
    assert!(has_entry(&sandbox, &first) && before != sandbox.git(&["rev-parse", "HEAD"]));
}

#[test]
fn the_log_does_not_grow_without_end() {
    let sandbox = Sandbox::ready();
    fs::create_dir_all(sandbox.state()).unwrap();
    fs::write(sandbox.state().join("log"), "old line\n".repeat(40_000)).unwrap();
    replace_by_file(&sandbox.repo().join("journal"));
    commit(&sandbox);
    assert!(sandbox.log().len() < 10_000 && sandbox.log().contains("hook: "), "{} bytes", sandbox.log().len());
    assert!(sandbox.state().join("log.1").exists());
}
