//! Stories with other assistants than Claude Code: init, a commit through the hook, the page.

use commit_story::chat::fingerprint::{hexadecimal, md5_of};
use serde_json::{Value, json};

use crate::support::Sandbox;
use crate::transcript::Transcript;

const CODEX: &str = "01a20316-4dfa-72a0-9a78-6e6675bc62ed";

fn at(clock: &str) -> String {
    format!("2026-01-06T{clock}+01:00")
}

fn put(sandbox: &Sandbox, path: &str, text: &str) {
    let file = sandbox.home().join(path);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
}

/// A Codex rollout: a prompt, a command that fails, an edit, and a reply.
fn codex(sandbox: &Sandbox, file: &str) {
    let line = |clock: &str, kind: &str, payload: &Value| {
        json!({"timestamp": at(clock), "type": kind, "payload": payload}).to_string() + "\n"
    };
    let said = |role: &str, kind: &str, text: &str| json!({"type": "message", "role": role, "content": [{"type": kind, "text": text}]});
    let meta = json!({"id": CODEX, "cwd": sandbox.repo(), "cli_version": "0.169.0", "source": "cli"});
    let call = json!({"type": "function_call", "name": "exec_command", "arguments": "{\"cmd\": \"make test\"}", "call_id": "1"});
    let came = json!({"type": "function_call_output", "call_id": "1", "output": "Process exited with code 2\nOutput:\nno rule"});
    let patch = format!("*** Begin Patch\n*** Add File: {file}\n+x\n*** End Patch");
    let edit = json!({"type": "custom_tool_call", "name": "apply_patch", "input": patch, "call_id": "2"});
    let words = "Let Codex write it.";
    let rollout = line("16:06:00", "session_meta", &meta)
        + &line("16:06:00", "turn_context", &json!({"cwd": sandbox.repo(), "model": "gpt-5.3-codex"}))
        + &line(
            "16:06:00",
            "response_item",
            &said("user", "input_text", "<environment_context>x</environment_context>"),
        )
        + &line("16:06:01", "response_item", &said("user", "input_text", words))
        + &line("16:06:01", "event_msg", &json!({"type": "user_message", "message": words}))
        + &line("16:06:10", "response_item", &call)
        + &line("16:06:11", "response_item", &came)
        + &line("16:06:20", "response_item", &edit)
        + &line(
            "16:06:30",
            "response_item",
            &said("assistant", "output_text", "Codex wrote it, because make had no rule."),
        );
    put(sandbox, &format!(".codex/sessions/2026/01/06/rollout-2026-01-06T16-06-00-{CODEX}.jsonl"), &rollout);
}

/// A session with Gemini CLI: a prompt, an edit, and a reply.
fn gemini(sandbox: &Sandbox, file: &str) {
    let write = json!({
        "id": "c", "name": "write_file", "args": {"file_path": sandbox.repo().join(file), "content": "x"}, "status": "success",
        "result": [{"functionResponse": {"response": {"output": "written"}}}],
    });
    let records = [
        json!({"sessionId": "6fa5403b-904d", "kind": "main", "startTime": at("16:07:00")}),
        json!({"id": "u", "type": "user", "timestamp": at("16:07:00"), "content": [{"text": "Let Gemini write it."}]}),
        json!({"id": "g", "type": "gemini", "timestamp": at("16:07:10"), "content": "", "model": "gemini-3.1-pro", "toolCalls": [write]}),
        json!({"id": "h", "type": "gemini", "timestamp": at("16:07:20"), "content": "Gemini wrote it, because it was free.", "model": "gemini-3.1-pro"}),
    ];
    let lines: String = records.iter().map(|record| record.to_string() + "\n").collect();
    put(sandbox, ".gemini/tmp/repo/chats/session-2026-01-06T16-07-6fa5403b.jsonl", &lines);
    put(sandbox, ".gemini/projects.json", &json!({"projects": {sandbox.repo().to_str().unwrap(): "repo"}}).to_string());
}

/// A conversation with Cursor's command line: a prompt, a command that fails, an edit, and a reply.
fn cursor(sandbox: &Sandbox, file: &str) {
    let call = |id: &str, name: &str, args: Value| json!({"type": "tool-call", "toolCallId": id, "toolName": name, "args": args});
    let result = |id: &str, result: &str| json!({"role": "tool", "content": [{"type": "tool-result", "toolCallId": id, "result": result}]});
    let words = "<timestamp>Tuesday, Jan 6, 2026, 4:07 PM (UTC+1)</timestamp>\n<user_query>\nLet Cursor write it.\n</user_query>";
    let messages = [
        json!({"role": "system", "content": "You are an AI coding assistant."}),
        json!({"role": "user", "content": [{"type": "text", "text": words}]}),
        json!({"role": "assistant", "content": [call("1", "Shell", json!({"command": "make test"})), call("2", "Write", json!({"path": file}))]}),
        result("1", "Exit code: 2\n\nCommand output:\n\n```\nno rule\n```"),
        result("2", "Wrote contents"),
        json!({"role": "assistant", "content": [{"type": "text", "text": "Cursor wrote it, because make had no rule."}]}),
    ];
    let about = json!({"cwd": sandbox.repo()}).to_string();
    let directory = format!(".cursor/chats/{}/0c9a4f2e-77aa", md5_of(&sandbox.repo()));
    put(sandbox, &format!("{directory}/meta.json"), &about);
    let store = sandbox.home().join(directory).join("store.db");
    let database = rusqlite::Connection::open(&store).unwrap();
    database
        .execute_batch("CREATE TABLE blobs(id TEXT PRIMARY KEY, data BLOB); CREATE TABLE meta(key, value)")
        .unwrap();
    let mut root = Vec::new();
    for (nth, message) in messages.iter().enumerate() {
        let id = [u8::try_from(nth).unwrap(); 32];
        root.extend([&[0x0a, 32], id.as_slice()].concat());
        let row = (format!("{nth:02x}").repeat(32), message.to_string().into_bytes());
        database.execute("INSERT INTO blobs VALUES(?1, ?2)", row).unwrap();
    }
    database.execute("INSERT INTO blobs VALUES('root', ?1)", [root]).unwrap();
    let meta = json!({"latestRootBlobId": "root", "lastUsedModel": "composer-2"}).to_string();
    database.execute("INSERT INTO meta VALUES('0', ?1)", [hexadecimal(meta.as_bytes())]).unwrap();
    drop(database);
    let written = std::time::SystemTime::from(chrono::DateTime::parse_from_rfc3339(&at("16:08:00")).unwrap());
    std::fs::File::options().write(true).open(store).unwrap().set_modified(written).unwrap();
}

/// A thread of Zed in its database: a prompt, a reply, and an edit.
fn zed(sandbox: &Sandbox, file: &str) {
    let repo = sandbox.repo();
    let path = format!("{}/{file}", repo.file_name().unwrap().to_str().unwrap());
    let used = json!({"id": "t", "name": "edit_file", "input": {"path": path}, "is_input_complete": true});
    let document = json!({"version": "0.3.0", "messages": [
        {"User": {"id": "u", "content": [{"Text": "Let Zed write it."}]}},
        {"Agent": {"content": [{"Text": "Zed wrote it, because you asked."}, {"ToolUse": used}],
            "tool_results": {"t": {"tool_use_id": "t", "is_error": false, "content": [{"Text": "ok"}]}}}}]});
    let place = sandbox.home().join(".local/share/zed/threads");
    std::fs::create_dir_all(&place).unwrap();
    let database = rusqlite::Connection::open(place.join("threads.db")).unwrap();
    let table = "CREATE TABLE threads(id TEXT PRIMARY KEY, summary TEXT, updated_at TEXT, data_type TEXT, data BLOB,
        parent_id TEXT, folder_paths TEXT, created_at TEXT)";
    database.execute(table, ()).unwrap();
    let row = (document.to_string(), repo.to_str().unwrap());
    let insert = "INSERT INTO threads VALUES('5e551011', '', '2026-01-06T15:08:00+00:00', 'json', ?1, NULL, ?2,
        '2026-01-06T15:06:00+00:00')";
    database.execute(insert, row).unwrap();
}

/// Commits files at 16:10 and returns the page's last entry, without what differs from run to run.
fn entry(sandbox: &mut Sandbox, files: &[(&str, &str)]) -> String {
    sandbox.now = at("16:10:00");
    let id = sandbox.commit("write it", files);
    sandbox.settle();
    let page = sandbox.page("2026-01-06");
    let (_, entry) = page.rsplit_once("<!-- commit-story:entry ").unwrap();
    let entry = entry.split_once("<!-- commit-story:end").unwrap().0.split_once('\n').unwrap().1;
    entry.replace(&id, &"c0ffee00".repeat(5)).replace(&id[..8], "c0ffee00")
}

#[test]
fn a_codex_session_is_told() {
    let mut sandbox = Sandbox::ready();
    codex(&sandbox, "b.txt");
    insta::assert_snapshot!(entry(&mut sandbox, &[("b.txt", "b\n")]), @r##"
    ## 16:10 · write it · c0ffee00

    ### Conversation

    > **Developer**, 16:06: Let Codex write it.
    >
    > **Codex**, 16:06: Codex wrote it, because make had no rule.

    ### Roadblocks

    - `make test` failed once (exit 2)
      ```text
      no rule
      ```

    ### Changes

    2 files, +9 −0

    - `b.txt` +1 −0 (docs, new)
    - `.commit-story.yaml` +8 −0 (config, new)

    ### Details

    - Commit `c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00` on `main`
    - Author: Ada Example
    - Codex, session `01a20316`, 1 prompt, 16:06 to 16:06, model `gpt-5.3-codex`
    "##);
}

#[test]
fn what_one_branch_has_told_another_does_not_tell_again_whatever_the_session_is_called() {
    // A transcript of Gemini is called otherwise than the session in it, and a word of one's own may be part of its id.
    for words in ["[]", "[904d]"] {
        let mut sandbox = Sandbox::ready();
        put(&sandbox, ".config/commit-story/config.yaml", &format!("redact:\n  words: {words}\n"));
        gemini(&sandbox, "b.txt");
        // It only talks: what it edits is told on both branches.
        let file = ".gemini/tmp/repo/chats/session-2026-01-06T16-07-6fa5403b.jsonl";
        put(&sandbox, ".gemini/tmp/repo/.project_root", sandbox.repo().to_str().unwrap());
        let lines = std::fs::read_to_string(sandbox.home().join(file)).unwrap();
        put(&sandbox, file, &lines.replace("\"toolCalls\":", "\"left\":"));
        sandbox.now = at("16:10:00");
        sandbox.commit("here", &[("b.txt", "b\n")]);
        sandbox.settle();
        sandbox.git(&["checkout", "-q", "-b", "side", "HEAD~1"]);
        sandbox.now = at("16:12:00");
        sandbox.commit("there", &[("b.txt", "other\n")]);
        sandbox.settle();
        let page = sandbox.page("2026-01-06");
        assert_eq!((page.matches("Let Gemini write it.").count(), page.matches("· there ·").count()), (1, 1), "{page}");
    }
}

#[test]
fn a_gemini_session_is_told() {
    let mut sandbox = Sandbox::ready();
    gemini(&sandbox, "b.txt");
    insta::assert_snapshot!(entry(&mut sandbox, &[("b.txt", "b\n")]), @r##"
    ## 16:10 · write it · c0ffee00

    ### Conversation

    > **Developer**, 16:07: Let Gemini write it.
    >
    > **Gemini CLI**, 16:07: Gemini wrote it, because it was free.

    ### Changes

    2 files, +9 −0

    - `b.txt` +1 −0 (docs, new)
    - `.commit-story.yaml` +8 −0 (config, new)

    ### Details

    - Commit `c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00` on `main`
    - Author: Ada Example
    - Gemini CLI, session `6fa5403b`, 1 prompt, 16:07 to 16:07, model `gemini-3.1-pro`
    "##);
}

#[test]
fn a_conversation_with_cursors_command_line_is_told_by_the_worker() {
    let mut sandbox = Sandbox::ready();
    cursor(&sandbox, "b.txt");
    insta::assert_snapshot!(entry(&mut sandbox, &[("b.txt", "b\n")]), @r##"
    ## 16:10 · write it · c0ffee00

    ### Conversation

    > **Developer**, 16:07: Let Cursor write it.
    >
    > **Cursor**, 16:08: Cursor wrote it, because make had no rule.

    ### Roadblocks

    - `make test` failed once (exit 2)
      ```text
      no rule
      ```

    ### Changes

    2 files, +9 −0

    - `b.txt` +1 −0 (docs, new)
    - `.commit-story.yaml` +8 −0 (config, new)

    ### Details

    - Commit `c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00` on `main`
    - Author: Ada Example
    - Cursor, session `0c9a4f2e`, 1 prompt, 16:07 to 16:08, model `composer-2`
    "##);
}

#[test]
fn a_commit_that_three_assistants_led_to_tells_of_each_in_the_order_of_time() {
    let mut sandbox = Sandbox::ready();
    codex(&sandbox, "b.txt");
    gemini(&sandbox, "c.txt");
    Transcript::new("c1a0de00-0000", &sandbox.repo())
        .prompt(&at("16:08:00"), "Let Claude Code write it.")
        .edit(&at("16:08:10"), "d.txt")
        .reply(&at("16:08:20"), "Claude Code wrote it, because it came last.")
        .save(&sandbox);
    let entry = entry(&mut sandbox, &[("b.txt", "b\n"), ("c.txt", "c\n"), ("d.txt", "d\n")]);
    let words =
        ["Let Codex write it.", "Codex wrote it", "Let Gemini", "Gemini wrote", "Let Claude Code", "Claude Code wrote"];
    let places: Vec<_> = words.iter().map(|words| entry.find(words)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}\n{entry}");
    assert!(words.iter().all(|words| entry.matches(words).count() == 1), "{entry}");
}

#[test]
fn a_thread_in_a_database_is_told_by_the_worker() {
    let mut sandbox = Sandbox::ready();
    zed(&sandbox, "b.txt");
    let entry = entry(&mut sandbox, &[("b.txt", "b\n")]);
    let told = ["**Developer**, 16:06: Let Zed write it.", "**Zed**, 16:08: Zed wrote it, because you asked."];
    assert!(told.iter().all(|words| entry.contains(words)), "{entry}");
    let session = "- Zed, session `5e551011`, 1 prompt, 16:06 to 16:08";
    assert!(entry.contains(session) && !entry.contains("could not be read"), "{entry}");
}

#[test]
fn what_aider_says_of_its_commits_tells_to_which_a_request_led() {
    let mut sandbox = Sandbox::ready();
    let mut ids = Vec::new();
    let mut history = "\n# aider chat started at 2026-01-06 16:05:30\n\n".to_owned();
    for nth in ["one", "two"] {
        sandbox.now = at(if nth == "one" { "16:06:00" } else { "16:07:00" });
        sandbox.write("b.txt", nth);
        sandbox.git(&["add", "-A"]);
        // Aider can be told to leave hooks out.
        sandbox.git(&["commit", "-q", "--no-verify", "-m", nth]);
        let id = sandbox.git(&["rev-parse", "HEAD"]).trim().to_owned();
        let applied = format!("> Applied edit to b.txt\n> Commit {} {nth}\n\n", &id[..7]);
        history = [history, format!("#### Write {nth}.  \n\nIt says {nth} now, because you wanted it.\n\n"), applied]
            .concat();
        ids.push(id);
    }
    sandbox.settle();
    // Its times are those of the chat's beginning, before both commits.
    sandbox.write(".aider.chat.history.md", &history);
    for (id, own, other) in [(&ids[1], "two", "one"), (&ids[0], "one", "two")] {
        sandbox.story_ok(&["record", id]);
        let page = sandbox.page("2026-01-06");
        let (_, entry) = page.split_once(&format!("<!-- commit-story:entry {id} ")).unwrap();
        let entry = entry.split_once("<!-- commit-story:end").unwrap().0;
        assert!(entry.contains(&format!("Write {own}.")) && entry.contains(&format!("It says {own} now")), "{entry}");
        assert!(!entry.contains(&format!("Write {other}.")) && !entry.contains("previous commit"), "{entry}");
    }
}
