//! Entries get their prose behind the commit's back: once, whatever happens meanwhile.

use std::fmt::Write as _;
use std::fs;

use crate::model_server::{Does, ModelServer, Wire};
use crate::narrator::{Narrator, PROSE};
use crate::support::{binary, checked, entries_of, wait_for};
use crate::transcript::Transcript;

fn status(narrator: &Narrator) -> String {
    narrator.sandbox.story_ok(&["status"])
}

/// What `doctor` says of narration; whether it finds that all is well.
fn doctor(narrator: &Narrator) -> (String, bool) {
    let output = narrator.sandbox.story(&["doctor"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let lines =
        text.split('\n').skip_while(|line| !line.contains("narration ")).take_while(|line| !line.contains("log "));
    (lines.collect::<Vec<_>>().join("\n"), output.status.success())
}

/// The files of the queue.
fn left(narrator: &Narrator) -> Vec<String> {
    let files = fs::read_dir(narrator.queue()).unwrap();
    let mut names: Vec<_> = files.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_commit_gets_its_prose_once_and_nothing_of_it_is_left_in_the_queue() {
    let narrator = Narrator::new();
    let id = narrator.sandbox.commit("second", &[("a.txt", "one\ntwo\n")]);
    narrator.settle();
    let page = narrator.page();
    assert!(entries_of(&page, &id) == 1 && narrator.told() == 1, "{page}\n{}", narrator.sandbox.log());
    let first = narrator.prompt();
    assert!(first.starts_with("This request was written by commit-story;"), "{first}");
    narrator.work();
    narrator.sandbox.story_ok(&["record", "HEAD"]);
    narrator.work();
    assert_eq!((narrator.calls(), narrator.page()), (1, page));
    assert_eq!(left(&narrator), ["lock", "told.jsonl", "worker"]);
    assert_eq!(narrator.sandbox.log(), "");
    assert!(status(&narrator).contains("no entry waits for prose"));
}

#[test]
fn what_the_developer_writes_meanwhile_stays() {
    let narrator = Narrator::waiting(3_600);
    let id = narrator.commit_quietly("second", "one\ntwo\n");
    let page = narrator.page() + "\nMy own line.\n";
    narrator.sandbox.write("journal/entries/2026-01/2026-01-06.md", page);
    narrator.sandbox.story_ok(&["narrate"]);
    let page = narrator.page();
    assert!(narrator.told() == 1 && page.ends_with("\nMy own line.\n") && entries_of(&page, &id) == 1, "{page}");
}

#[test]
fn two_workers_at_once_ask_about_each_commit_once() {
    let narrator = Narrator::new();
    for nth in 0..6 {
        narrator.commit_quietly(&format!("commit {nth}"), &format!("{nth}\n"));
    }
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| narrator.work());
        }
    });
    narrator.settle();
    assert_eq!((narrator.calls(), narrator.told()), (6, 6), "{}", narrator.sandbox.log());
}

#[test]
fn a_worker_that_dies_while_the_model_answers_is_followed_by_one_that_goes_on() {
    let narrator = Narrator::new();
    let id = narrator.commit_quietly("second", "one\ntwo\n");
    narrator.script("kill -9 $PPID; cat \"$here/reply\"");
    let state = narrator.sandbox.state();
    let died = narrator.sandbox.command(binary()).args(["hook", "worker"]).arg(&state).arg("0").output().unwrap();
    assert!(!died.status.success());
    assert_eq!((narrator.job(&id)["tries"].as_u64(), narrator.told()), (Some(1), 0));
    narrator.script("cat \"$here/reply\"");
    narrator.work();
    assert_eq!((narrator.calls(), narrator.told()), (2, 1));
    narrator.settle();
}

#[cfg(target_os = "linux")]
#[test]
fn a_worker_killed_at_any_of_its_file_operations_loses_nothing_and_pays_for_no_answer_twice_that_it_has() {
    let works = std::process::Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).status();
    if !works.is_ok_and(|status| status.success()) {
        println!("not tested: strace is not there, or may not trace");
        return;
    }
    let narrator = Narrator::new();
    let sandbox = &narrator.sandbox;
    let mut kills = 0;
    for operation in ["rename", "unlink", "unlinkat", "write"] {
        for nth in 1.. {
            let id = narrator.commit_quietly(&format!("{operation} {nth}"), &format!("{operation} {nth}\n"));
            let (calls, told) = (narrator.calls(), narrator.told());
            let mut worker = sandbox.command("strace");
            worker.args(["-qq", "-o", "/dev/null", "-e", &format!("trace=?{operation}")]);
            worker.args(["-e", &format!("inject=?{operation}:signal=KILL:when={nth}")]).arg(binary());
            let output = worker.args(["hook", "worker"]).arg(sandbox.state()).arg("0").output().unwrap();
            let had_answer = narrator.queue().join(format!("{id}.reply.json")).exists();
            let asked = narrator.calls() - calls;
            narrator.work();
            assert_eq!(narrator.told(), told + 1, "{operation} {nth}: {}", sandbox.log());
            if had_answer || asked == 0 {
                assert_eq!(narrator.calls(), calls + 1, "{operation} {nth}");
            }
            assert_eq!(entries_of(&narrator.page(), &id), 1, "{operation} {nth}");
            assert_eq!(narrator.waiting_commits(), Vec::<String>::new(), "{operation} {nth}");
            if output.status.success() {
                break;
            }
            kills += 1;
        }
    }
    assert!(kills >= 10, "only {kills} operations were met");
    // What nobody can be writing any more is removed by the next worker.
    for entry in fs::read_dir(narrator.queue()).unwrap() {
        let file = fs::File::options().append(true).open(entry.unwrap().path()).unwrap();
        file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    }
    narrator.commit_quietly("last", "last\n");
    narrator.work();
    assert_eq!(left(&narrator), ["lock", "told.jsonl", "worker"]);
}

#[test]
fn a_wrong_clock_keeps_no_commit_waiting() {
    let mut narrator = Narrator::new();
    let id = narrator.commit_quietly("second", "one\ntwo\n");
    narrator.change_job(&id, "due", "\"2061-01-01T00:00:00Z\"");
    narrator.change_job(&id, "since", "\"2061-01-01T00:00:00Z\"");
    narrator.work();
    assert_eq!(narrator.told(), 1);
    "2019-01-06T16:10:00+01:00".clone_into(&mut narrator.sandbox.now);
    narrator.commit_quietly("third", "three\n");
    narrator.work();
    assert!(narrator.sandbox.page("2019-01-06").contains("This commit changes `a.txt`."));
}

#[test]
fn an_amended_commit_is_asked_about_once_and_as_it_is() {
    let narrator = Narrator::waiting(3_600);
    narrator.commit_quietly("second", "one\ntwo\n");
    narrator.sandbox.write("a.txt", "one\ntwo\nthree\n");
    narrator.sandbox.git(&["commit", "-qa", "--amend", "-m", "second, and third"]);
    narrator.sandbox.settle();
    let id = narrator.sandbox.git(&["rev-parse", "HEAD"]).trim().to_owned();
    assert_eq!(narrator.waiting_commits(), [id]);
    narrator.sandbox.story_ok(&["narrate"]);
    assert_eq!((narrator.calls(), narrator.told()), (1, 1));
    assert!(narrator.prompt().contains("second, and third"));
}

#[test]
fn an_amend_of_a_told_commit_keeps_the_prose_until_there_is_new() {
    let narrator = Narrator::waiting(3_600);
    let old = narrator.commit_quietly("second", "one\ntwo\n");
    narrator.sandbox.story_ok(&["narrate"]);
    narrator.sandbox.write("a.txt", "one\ntwo\nthree\n");
    narrator.sandbox.git(&["commit", "-qa", "--amend", "-m", "other"]);
    narrator.sandbox.settle();
    let shown = narrator.sandbox.story_ok(&["show", "HEAD", "--json"]);
    assert!(shown.contains(&old) && narrator.told() == 1, "{shown}");
    narrator.says("## Summary\n\nThe developer touched `a.txt`. [F1]\n");
    narrator.sandbox.story_ok(&["narrate"]);
    let page = narrator.page();
    assert!(narrator.told() == 0 && page.contains("The developer touched `a.txt`."), "{page}");
    assert_eq!(narrator.calls(), 2);
}

#[test]
fn twenty_told_commits_that_are_rebased_are_not_asked_about_again() {
    let narrator = Narrator::new();
    let sandbox = &narrator.sandbox;
    sandbox.git(&["checkout", "-q", "-b", "topic"]);
    for nth in 0..20 {
        narrator.commit_quietly(&format!("commit {nth}"), &format!("{nth}\n"));
    }
    narrator.work();
    assert_eq!((narrator.calls(), narrator.told()), (20, 20), "{}", sandbox.log());
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.git(&["-c", "core.hooksPath=/dev/null", "commit", "-q", "--allow-empty", "-m", "beside"]);
    sandbox.git(&["checkout", "-q", "topic"]);
    sandbox.git(&["rebase", "-q", "main"]);
    sandbox.settle();
    wait_for("the rebase to be followed", || {
        fs::read_dir(sandbox.state().join("rewrites")).is_ok_and(|mut files| files.next().is_none())
    });
    narrator.idle();
    let head = sandbox.git(&["rev-parse", "HEAD"]).trim().to_owned();
    let page = narrator.page();
    assert_eq!((entries_of(&page, &head), narrator.told(), narrator.calls()), (1, 20, 20), "{page}");
    assert!(!page.contains("earlier version"), "{page}");
}

#[test]
fn commits_that_wait_are_rebased_and_squashed_without_being_asked_about_twice() {
    let narrator = Narrator::waiting(3_600);
    let sandbox = &narrator.sandbox;
    sandbox.git(&["checkout", "-q", "-b", "topic"]);
    let olds: Vec<String> =
        (0..4).map(|nth| narrator.commit_quietly(&format!("commit {nth}"), &format!("{nth}\n"))).collect();
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.git(&["-c", "core.hooksPath=/dev/null", "commit", "-q", "--allow-empty", "-m", "beside"]);
    sandbox.git(&["checkout", "-q", "topic"]);
    // The last two become one.
    let mut rebase = sandbox.command("git");
    rebase.args(["rebase", "-q", "-i", "main"]).env("GIT_SEQUENCE_EDITOR", "sed -i -e '4s/^pick/fixup/'");
    checked(&mut rebase);
    sandbox.settle();
    let now: Vec<String> = sandbox.git(&["rev-list", "main..topic"]).lines().map(str::to_owned).collect();
    let mut expected = now.clone();
    expected.sort();
    wait_for("the jobs to move", || narrator.waiting_commits() == expected);
    sandbox.story_ok(&["narrate"]);
    assert_eq!((narrator.calls(), narrator.told()), (3, 3), "{}", narrator.page());
    assert!(olds.iter().all(|old| entries_of(&narrator.page(), old) == 0));
}

#[test]
fn the_prose_of_a_commit_that_was_reset_away_is_not_asked_for() {
    let narrator = Narrator::waiting(3_600);
    let gone = narrator.commit_quietly("second", "one\ntwo\n");
    narrator.sandbox.git(&["reset", "-q", "--hard", "HEAD~1"]);
    narrator.sandbox.story_ok(&["reconcile"]);
    assert_eq!(narrator.waiting_commits(), Vec::<String>::new());
    assert!(entries_of(&narrator.page(), &gone) == 1 && narrator.calls() == 0);
}

#[test]
fn a_failure_that_may_pass_is_shown_and_tried_again_later() {
    let mut narrator = Narrator::new();
    narrator.script("echo 'the server is on fire' >&2; exit 1");
    let ids = [narrator.commit_quietly("second", "one\ntwo\n"), narrator.commit_quietly("third", "three\n")];
    let output = narrator.sandbox.story(&["narrate"]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && error.contains("the server is on fire"), "{error}");
    // Who cannot be asked about one commit is not asked about the other.
    let tries = ids.iter().filter_map(|id| narrator.job(id)["tries"].as_u64());
    assert_eq!((narrator.calls(), tries.sum()), (1, 1));
    let shown = status(&narrator);
    assert!(shown.contains("2 entries wait for prose") && shown.contains("the server is on fire"), "{shown}");
    assert!(shown.contains("tried once, next at 16:06") && shown.contains("nobody is asked until 16:06"), "{shown}");
    let (said, well) = doctor(&narrator);
    assert!(well && said.contains("the server is on fire"), "{said}");
    narrator.script("cat \"$here/reply\"");
    "2026-01-06T16:07:00+01:00".clone_into(&mut narrator.sandbox.now);
    narrator.work();
    assert_eq!((narrator.calls(), narrator.told()), (3, 2), "{}", status(&narrator));
    assert!(!status(&narrator).contains("nobody is asked"));
}

#[test]
fn a_model_that_is_refused_twice_is_not_asked_a_third_time() {
    let narrator = Narrator::new();
    narrator.says("## Summary\n\nIt took 93 minutes and broke `nowhere.rs`, said \"whatever this is\". [P9]\n");
    let id = narrator.commit_quietly("second", "one\ntwo\n");
    narrator.work();
    assert_eq!(narrator.calls(), 2);
    narrator.work();
    assert_eq!((narrator.calls(), narrator.job(&id)["given_up"].as_bool()), (2, Some(true)));
    let (said, well) = doctor(&narrator);
    assert!(!well && said.contains("refused twice") && said.contains("narrate --failed"), "{said}");
    assert!(status(&narrator).contains("given up"));
    narrator.says(PROSE);
    let output = narrator.sandbox.story(&["narrate", "--failed", "--explain"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && said.contains("kept     This commit changes `a.txt`."), "{said}");
    assert_eq!((narrator.calls(), narrator.told()), (3, 1));
}

#[test]
fn settings_that_cannot_work_pause_the_queue_until_they_are_others() {
    let narrator = Narrator::new();
    narrator.own_settings("provider: command\n  command: [/nowhere/model]\n  wait-seconds: 0");
    narrator.commit_quietly("second", "one\ntwo\n");
    let id = narrator.commit_quietly("third", "three\n");
    narrator.work();
    narrator.work();
    assert_eq!(narrator.waiting_commits().len(), 2);
    assert_eq!(narrator.job(&id)["tries"].as_u64(), Some(0));
    let lines = narrator.sandbox.log().lines().filter(|line| line.contains("narrate")).count();
    assert_eq!(lines, 1, "{}", narrator.sandbox.log());
    let (said, well) = doctor(&narrator);
    assert!(!well && said.contains("cannot run /nowhere/model"), "{said}");
    assert!(status(&narrator).contains("until the settings change"));
    narrator.settings("wait-seconds: 0");
    narrator.work();
    assert_eq!((narrator.calls(), narrator.told()), (2, 2));
}

#[test]
fn a_wrong_key_is_tried_once_and_appears_nowhere() {
    let narrator = Narrator::new();
    let server = ModelServer::start(Wire::Anthropic);
    server.reply_with_each([Does::status(401, "invalid x-api-key")]);
    let key = narrator.sandbox.path("key");
    fs::write(&key, "sk-ant-no-such-key-0123456789\n").unwrap();
    #[cfg(unix)]
    fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    narrator.own_settings(&format!(
        "provider: anthropic\n  model: claude-haiku-4-5\n  base-url: {}\n  key-file: {}\n  wait-seconds: 0",
        server.url(),
        key.display()
    ));
    for nth in 0..3 {
        narrator.commit_quietly(&format!("commit {nth}"), &format!("{nth}\n"));
    }
    narrator.work();
    narrator.work();
    assert_eq!(server.requests().len(), 1);
    let shown = narrator.sandbox.story_ok(&["narrate", "HEAD", "--print"]);
    assert!(shown.contains("POST http://127.0.0.1") && shown.contains("x-api-key: (the key)"), "{shown}");
    assert!(!shown.contains("no-such-key") && shown.contains("This request was written by commit-story;"), "{shown}");
    assert_eq!(server.requests().len(), 1);
    let (said, well) = doctor(&narrator);
    let all = format!("{said}{}{}", status(&narrator), narrator.sandbox.log());
    assert!(!well && said.contains("key"), "{said}");
    assert!(!all.contains("no-such-key"), "{all}");
    for entry in fs::read_dir(narrator.queue()).unwrap() {
        let text = fs::read(entry.unwrap().path()).unwrap();
        assert!(!String::from_utf8_lossy(&text).contains("no-such-key"));
    }
}

#[test]
fn without_a_network_nothing_is_counted_and_the_commit_neither_waits_nor_says_a_word() {
    let narrator = Narrator::new();
    narrator.own_settings("provider: ollama\n  model: m\n  base-url: http://127.0.0.1:9/v1\n  wait-seconds: 0");
    narrator.sandbox.write("a.txt", "two\n");
    let output = narrator.sandbox.command("git").args(["commit", "-qam", "second"]).output().unwrap();
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    let id = narrator.sandbox.git(&["rev-parse", "HEAD"]).trim().to_owned();
    wait_for("a failure", || narrator.queue().join("pause").exists());
    assert_eq!(narrator.job(&id)["tries"].as_u64(), Some(0));
    let shown = status(&narrator);
    assert!(shown.contains("cannot reach"), "{shown}");
    assert_eq!(entries_of(&narrator.page(), &id), 1);
    // It waits for the end of the pause: the story ends without it.
    fs::remove_file(narrator.queue().join(format!("{id}.json"))).unwrap();
    narrator.idle();
}

#[test]
fn the_days_budget_is_kept_across_repositories_and_the_next_day_goes_on() {
    let mut narrator = Narrator::new();
    narrator.settings("wait-seconds: 0\nreply-tokens: 1000\nday-tokens: 4500");
    for nth in 0..4 {
        narrator.commit_quietly(&format!("commit {nth}"), &format!("{nth}\n"));
    }
    narrator.work();
    let first = narrator.calls();
    assert!((1..4).contains(&first) && narrator.told() == first, "{first}");
    let shown = status(&narrator);
    assert!(shown.contains("the day's budget is reached") && shown.contains("of 4500 tokens"), "{shown}");
    let (said, well) = doctor(&narrator);
    assert!(well && said.contains("budget"), "{said}");
    let book = narrator.sandbox.home().join(".local/state/commit-story/spent.json");
    assert!(fs::read_to_string(&book).unwrap().contains("2026-01-06"));
    "2026-01-07T09:00:00+01:00".clone_into(&mut narrator.sandbox.now);
    narrator.work();
    assert!(narrator.calls() > first);
    // Other repositories go by the same book.
    narrator.sandbox.story_ok(&["uninstall", "--yes"]);
    assert!(book.exists() && !narrator.queue().exists());
    narrator.sandbox.story_ok(&["uninstall", "--narration", "--yes"]);
    assert!(!book.exists());
}

#[test]
fn evidence_is_not_kept_longer_than_it_may_be_and_that_is_said() {
    let mut narrator = Narrator::waiting(3_600);
    let id = narrator.commit_quietly("second", "one\ntwo\n");
    "2026-02-06T09:00:00+01:00".clone_into(&mut narrator.sandbox.now);
    narrator.work();
    assert_eq!((narrator.calls(), narrator.waiting_commits().len()), (0, 0));
    assert!(!narrator.queue().join(format!("{id}.evidence.json")).exists());
    assert!(narrator.sandbox.log().contains("has waited for its prose for too long"));
    assert!(status(&narrator).contains("1 commit without prose, whose evidence was removed"));
    assert!(doctor(&narrator).0.contains("got no prose in time"));
    narrator.sandbox.story_ok(&["narrate", &id]);
    assert_eq!((narrator.told(), doctor(&narrator).0.contains("in time")), (1, false));
}

#[test]
fn what_waits_is_redacted_and_private() {
    let narrator = Narrator::waiting(3_600);
    let secret = "ghp_0123456789012345678901234567890123AB";
    Transcript::new("5-secret", &narrator.sandbox.repo())
        .prompt("2026-01-06T16:03:00+01:00", &format!("Put a second line into a.txt with the token {secret}"))
        .edit("2026-01-06T16:03:10+01:00", "a.txt")
        .reply("2026-01-06T16:03:12+01:00", "Done.")
        .save(&narrator.sandbox);
    let id = narrator.commit_quietly("second", "one\ntwo\n");
    let stored = fs::read_to_string(narrator.queue().join(format!("{id}.evidence.json"))).unwrap();
    assert!(stored.contains("Put a second line into a.txt") && !stored.contains(secret), "{stored}");
    narrator.sandbox.story_ok(&["narrate"]);
    let prompt = narrator.prompt();
    assert!(prompt.contains("Put a second line into a.txt") && !prompt.contains(secret), "{prompt}");
}

#[test]
fn a_repository_can_name_no_provider_and_can_switch_prose_off() {
    let narrator = Narrator::waiting(3_600);
    let script = narrator.sandbox.path("model/model.sh");
    narrator.own_settings("wait-seconds: 0");
    let evil = format!("narration:\n  provider: command\n  command: ['{}']\n", script.display());
    narrator.sandbox.write(".commit-story.yaml", evil);
    narrator.commit_quietly("second", "one\ntwo\n");
    narrator.work();
    assert_eq!((narrator.calls(), narrator.waiting_commits().len()), (0, 0));
    let output = narrator.sandbox.story(&["narrate"]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && error.contains("no provider is set"), "{error}");

    narrator.settings("wait-seconds: 0");
    narrator.sandbox.write(".commit-story.yaml", "narration:\n  enabled: false\n");
    narrator.commit_quietly("third", "three\n");
    narrator.work();
    assert_eq!((narrator.calls(), narrator.waiting_commits().len()), (0, 0));
}

#[test]
fn our_own_request_is_nobodys_conversation_and_anothers_is() {
    let narrator = Narrator::waiting(3_600);
    narrator.commit_quietly("second", "one\ntwo\n");
    narrator.sandbox.story_ok(&["narrate"]);
    // As an assistant keeps it that was started in the repository after all.
    let request = narrator.prompt();
    let say = |id: &str, text: &str| {
        Transcript::new(id, &narrator.sandbox.repo())
            .prompt("2026-01-06T16:05:10+01:00", text)
            .reply("2026-01-06T16:05:20+01:00", "## Summary\n\nThe quick answer about a.txt.")
            .save(&narrator.sandbox);
    };
    say("1-ours", &request);
    say("2-theirs", "Summarise what a.txt is for");
    let narrator = Narrator { sandbox: narrator.sandbox.at("2026-01-06T16:06:00+01:00") };
    narrator.commit_quietly("third", "three\n");
    let told = narrator.sandbox.story_ok(&["record", "HEAD", "--print", "--json"]);
    assert!(told.contains("Summarise what a.txt is for") && !told.contains("written by commit-story"), "{told}");
}

#[test]
fn what_would_be_sent_can_be_seen_and_is_not_sent() {
    let narrator = Narrator::waiting(3_600);
    narrator.commit_quietly("second", "one\ntwo\n");
    let shown = narrator.sandbox.story_ok(&["narrate", "HEAD", "--print"]);
    assert!(shown.contains("This request was written by commit-story;") && shown.contains("model.sh"), "{shown}");
    assert!(shown.contains("tokens sent, at most 8000 received"), "{shown}");
    let json = narrator.sandbox.story_ok(&["narrate", "HEAD", "--dry-run", "--json"]);
    assert!(json.contains("\"would_ask\""), "{json}");
    assert_eq!(narrator.calls(), 0);
    narrator.sandbox.story_ok(&["narrate", "HEAD"]);
    // What was shown is what was sent.
    assert!(shown.contains(narrator.prompt().lines().last().unwrap()), "{}", narrator.prompt());
    let said = narrator.sandbox.story(&["narrate", "HEAD"]);
    let said = String::from_utf8(said.stderr).unwrap();
    assert!(said.contains("1 with prose already (--again replaces it)"), "{said}");
    narrator.sandbox.story_ok(&["narrate", "HEAD~1..HEAD", "--again"]);
    assert_eq!((narrator.calls(), narrator.told()), (2, 1));
}

#[test]
fn hundreds_of_commits_that_wait_are_all_told() {
    let narrator = Narrator::waiting(3_600);
    let sandbox = &narrator.sandbox;
    let number = 500;
    let from = sandbox.git(&["rev-parse", "HEAD"]).trim().to_owned();
    let mut stream = String::new();
    for nth in 0..number {
        let at = 1_767_711_960 - 86_400 * 30 + 5_000 * nth;
        let parent = if nth == 0 { format!("from {from}\n") } else { String::new() };
        let (message, content) = (format!("commit {nth}"), format!("{nth}\n"));
        let _ = write!(
            stream,
            "commit refs/heads/many\nauthor Ada <ada@example.org> {at} +0100\ncommitter Ada <ada@example.org> {at} +0100\n\
             data {}\n{message}\n{parent}M 100644 inline a.txt\ndata {}\n{content}\n",
            message.len(),
            content.len()
        );
    }
    fs::write(sandbox.path("stream"), stream).unwrap();
    let import = fs::File::open(sandbox.path("stream")).unwrap();
    checked(sandbox.command("git").args(["fast-import", "--quiet"]).stdin(import));
    sandbox.git(&["checkout", "-q", "many"]);
    sandbox.story_ok(&["backfill", &format!("{from}..many")]);
    fs::create_dir_all(narrator.queue()).unwrap();
    for id in sandbox.git(&["rev-list", &format!("{from}..many")]).lines() {
        let (git, top) = (sandbox.repo().join(".git"), sandbox.repo());
        let job = serde_json::json!({"schema": 1, "commit": id, "git_dir": git, "worktree": top,
            "since": "2026-01-06T15:00:00Z", "due": "2026-01-06T15:00:00Z"});
        fs::write(narrator.queue().join(format!("{id}.json")), job.to_string()).unwrap();
    }
    narrator.settings("wait-seconds: 0\nday-tokens: 0\nday-cents: 0\nreply-tokens: 1000");
    narrator.work();
    let told = sandbox.story_ok(&["export", "--format", "json"]).matches("This commit changes").count();
    assert_eq!((narrator.calls(), told), (500, 500), "{}", sandbox.log());
}

#[test]
fn ctrl_c_ends_the_program_that_answers_too() {
    use rustix::process::{Pid, Signal, kill_process, test_kill_process};
    use std::os::unix::process::ExitStatusExt;
    let narrator = Narrator::waiting(3_600);
    narrator.commit_quietly("second", "one\ntwo\n");
    narrator.script("echo $$ > \"$here/pid.new\"; mv \"$here/pid.new\" \"$here/pid\"; sleep 600");
    let file = narrator.sandbox.path("model/pid");
    for signal in [Signal::INT, Signal::TERM] {
        let mut narrate = narrator.sandbox.command(binary()).arg("narrate").spawn().unwrap();
        wait_for("the program", || file.exists());
        let pid = |text: &str| Pid::from_raw(text.trim().parse().unwrap()).unwrap();
        let program = pid(&fs::read_to_string(&file).unwrap());
        kill_process(pid(&narrate.id().to_string()), signal).unwrap();
        assert_eq!(narrate.wait().unwrap().signal(), Some(signal.as_raw()));
        wait_for("the end of the program", || test_kill_process(program).is_err());
        fs::remove_file(&file).unwrap();
    }
    narrator.script("cat \"$here/reply\"");
    narrator.sandbox.story_ok(&["narrate"]);
    assert_eq!(narrator.told(), 1);
}

#[cfg(unix)]
#[test]
fn a_disk_that_takes_nothing_costs_prose_but_no_entry_and_no_job() {
    use std::os::unix::fs::PermissionsExt;
    let narrator = Narrator::waiting(3_600);
    let first = narrator.commit_quietly("second", "one\ntwo\n");
    let mode = |mode| fs::set_permissions(narrator.queue(), fs::Permissions::from_mode(mode)).unwrap();
    mode(0o500);
    let is_root = fs::write(narrator.queue().join("probe"), "").is_ok();
    let second = narrator.commit_quietly("third", "three\n");
    mode(0o700);
    assert_eq!(entries_of(&narrator.page(), &second), 1);
    if is_root {
        println!("not tested: nothing is read-only to root");
        return;
    }
    assert!(narrator.sandbox.log().contains("cannot"), "{}", narrator.sandbox.log());
    assert_eq!(narrator.waiting_commits(), [first]);
}
