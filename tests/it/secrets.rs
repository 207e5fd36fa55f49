//! Secrets planted wherever a commit or a conversation can hold one: none may reach the journal, the state directory or
//! the screen. They are put together at run time, so that no scanner takes this file for a leak.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::mcp_client::Client;
use crate::support::Sandbox;
use crate::transcript::Transcript;

const ALNUM: &str = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const UPPER: &str = "ABCDEFGHJKLMNPQRSTUVWXYZ234567";
const HEX: &str = "0123456789abcdef";

/// Letters as a generator gives them, other ones for each seed, so that a survivor tells where it was planted.
fn random(seed: u64, length: usize, alphabet: &str) -> String {
    let letters: Vec<char> = alphabet.chars().collect();
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        letters[usize::try_from((state >> 20) % letters.len() as u64).unwrap()]
    };
    // A digit and a letter for sure.
    (0..length - 2).map(|_| next()).chain("7a".chars()).collect()
}

/// One planted secret: the words it stands in, what must not survive of it, and its kind.
pub struct Plant {
    pub text: String,
    pub secret: String,
    kind: &'static str,
}

/// What tokens begin with (in two parts), how long and of which letters the rest is, and the kind.
type Family = ([&'static str; 2], usize, &'static str, &'static str);

const FAMILIES: &[Family] = &[
    (["sk-", "proj-"], 48, ALNUM, "openai key"),
    (["sk-", "ant-"], 48, ALNUM, "anthropic key"),
    (["gh", "p_"], 36, ALNUM, "github token"),
    (["gh", "o_"], 36, ALNUM, "github token"),
    (["gh", "s_"], 36, ALNUM, "github token"),
    (["github", "_pat_"], 60, ALNUM, "github token"),
    (["AK", "IA"], 16, UPPER, "aws access key"),
    (["AS", "IA"], 16, UPPER, "aws access key"),
    (["AI", "za"], 35, ALNUM, "google key"),
    (["sk_", "live_"], 24, ALNUM, "stripe key"),
    (["xo", "xb-"], 40, ALNUM, "slack token"),
    (["gl", "pat-"], 20, ALNUM, "gitlab token"),
    (["np", "m_"], 36, ALNUM, "npm token"),
    (["py", "pi-"], 60, ALNUM, "pypi token"),
    (["h", "f_"], 34, ALNUM, "hugging face token"),
    (["S", "G."], 60, ALNUM, "sendgrid key"),
    (["sk-", "or-"], 48, ALNUM, "openrouter key"),
    (["rk_", "live_"], 24, ALNUM, "stripe key"),
    (["wh", "sec_"], 32, ALNUM, "stripe key"),
    (["ya", "29."], 48, ALNUM, "google token"),
    (["GOC", "SPX-"], 28, ALNUM, "google token"),
    (["xo", "xp-"], 40, ALNUM, "slack token"),
    (["lin", "_api_"], 40, ALNUM, "linear key"),
    (["hv", "s."], 40, ALNUM, "vault token"),
    (["dckr", "_pat_"], 27, ALNUM, "docker token"),
    (["fig", "d_"], 40, ALNUM, "figma token"),
    (["nt", "n_"], 46, ALNUM, "notion token"),
    (["gs", "k_"], 52, ALNUM, "groq key"),
    (["xa", "i-"], 60, ALNUM, "xai key"),
    (["pp", "lx-"], 48, ALNUM, "perplexity key"),
    (["r8", "_"], 37, ALNUM, "replicate token"),
    (["PM", "AK-"], 59, ALNUM, "postman key"),
    (["nv", "api-"], 64, ALNUM, "nvidia key"),
    (["ts", "key-"], 40, ALNUM, "tailscale key"),
    (["gl", "sa_"], 41, ALNUM, "grafana token"),
    (["ph", "x_"], 43, ALNUM, "posthog key"),
    (["dop", "_v1_"], 64, HEX, "digitalocean token"),
    (["shp", "at_"], 32, HEX, "shopify token"),
    (["gl", "soat-"], 20, ALNUM, "gitlab token"),
    (["AB", "SK"], 60, ALNUM, "aws bedrock key"),
    (["tg", "p_v1_"], 43, ALNUM, "together key"),
    (["ls", "v2_pt_"], 32, ALNUM, "langsmith key"),
    (["pc", "sk_"], 60, ALNUM, "pinecone key"),
    (["cf", "ut_"], 40, ALNUM, "cloudflare token"),
    (["fo", "1_"], 43, ALNUM, "fly token"),
];

/// Words around a secret that no prefix gives away, its length, and the kind.
const ASSIGNED: &[(&str, &str, usize, &str)] = &[
    ("curl -H 'Authorization: Bearer ", "' x", 24, "authorization"),
    ("AWS_SECRET_ACCESS_KEY=", "", 40, "aws secret"),
    ("git clone https://ada:", "@example.org/x", 12, "url credentials"),
    ("postgres://app:", "@db:5432/x", 12, "url credentials"),
    ("Server=a;Password=", ";Encrypt=yes", 12, "password"),
    ("password=", "", 12, "password"),
    ("PASSWORD: \"", "\"", 12, "password"),
    ("db_password = '", "'", 12, "password"),
    ("api_key: ", "", 32, "key"),
    ("mysql -uroot -p", " db", 12, "password"),
    ("https://hooks.slack.com/services/", "", 30, "webhook"),
    ("curl -sSu ada:", " https://x.y", 12, "url credentials"),
    ("docker login -u ada -p", " r", 12, "password"),
    ("sqlcmd -S h -U sa -P ", " -Q x", 12, "password"),
    ("kubectl create secret generic s --from-literal=foo=", " -n x", 12, "secret"),
    ("echo ", " | sudo -S true", 12, "password"),
    ("ALTER USER a IDENTIFIED BY '", "';", 12, "password"),
    ("log in with password \"", "\" there", 12, "password"),
    ("das Passwort ist ", ", glaube ich", 12, "password"),
    ("密码：", "", 12, "password"),
    ("{\"name\":\"DB_PASSWORD\",\"value\":\"", "\"}", 12, "password"),
    ("Cookie: theme=dark; sid=", "; a=b", 24, "secret"),
];

/// One of every kind that is promised, and many others; different secrets for every place.
pub fn plants(place: u64) -> Vec<Plant> {
    let mut seed = place * 1000;
    let mut rest = |length: usize, alphabet: &str| {
        seed += 1;
        random(seed, length, alphabet)
    };
    let mut all: Vec<Plant> = Vec::new();
    for (prefix, length, alphabet, kind) in FAMILIES {
        let secret =
            if *alphabet == UPPER { rest(length + 2, alphabet)[..*length].to_owned() } else { rest(*length, alphabet) };
        all.push(Plant { text: format!("use {}{secret} here", prefix.concat()), secret, kind });
    }
    let (header, claims, signature) = (rest(24, ALNUM), rest(40, ALNUM), rest(43, ALNUM));
    let jwt = format!("{}{header}.{}{claims}.{signature}", "eyJ", "eyJ");
    all.push(Plant { text: format!("use {jwt} here"), secret: claims, kind: "jwt" });
    for (before, after, length, kind) in ASSIGNED {
        let secret = rest(*length, ALNUM);
        all.push(Plant { text: format!("{before}{secret}{after}"), secret, kind });
    }
    all
}

/// What was planted, and where.
#[derive(Default)]
struct Garden {
    planted: Vec<(String, String)>,
    places: u64,
}

impl Garden {
    /// Every plant, one on each line.
    fn lines(&mut self, place: &str) -> String {
        self.places += 1;
        let mut text = String::new();
        for plant in plants(self.places) {
            writeln!(text, "{}", plant.text).unwrap();
            self.planted.push((place.to_owned(), plant.secret));
        }
        text
    }

    /// One token on its own.
    fn token(&mut self, place: &str) -> String {
        self.places += 1;
        let body = random(self.places * 7_777_777, 48, ALNUM);
        self.planted.push((place.to_owned(), body.clone()));
        ["sk-", "ant-", &body].concat()
    }

    /// A private key.
    fn key(&mut self, place: &str) -> String {
        self.places += 1;
        let lines: Vec<String> = (0..6).map(|n| random(self.places * 9_999_991 + n, 64, ALNUM)).collect();
        let label = ["PRIV", "ATE KEY-----"].concat();
        let text = format!("-----BEGIN {label}\n{}\n-----END {label}", lines.join("\n"));
        self.planted.extend(lines.into_iter().map(|line| (place.to_owned(), line)));
        text
    }

    /// No part of a secret that would be of use stands in the text: neither its beginning nor its end.
    #[track_caller]
    fn check(&self, what: &str, text: &str) {
        for (place, secret) in &self.planted {
            let length = secret.len().min(10);
            for part in [&secret[..length], &secret[secret.len() - length..]] {
                let Some(at) = text.find(part) else { continue };
                let near: Vec<char> = text[..at].chars().rev().take(60).collect();
                let near: String = near.into_iter().rev().collect();
                panic!("{what} holds a secret planted in {place}: {near}{part}");
            }
        }
    }
}

/// Every file below a directory: its name and its content.
fn files(dir: &Path, all: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, all);
        } else {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            all.push((path.display().to_string(), text));
        }
    }
}

#[test]
fn each_kind_is_called_by_its_name() {
    let sandbox = Sandbox::new();
    sandbox.story_ok(&["init", "--yes"]);
    let plants = plants(900);
    let mut message = "subject\n\n".to_owned();
    for plant in &plants {
        writeln!(message, "- {}", plant.text).unwrap();
    }
    sandbox.commit(&message, &[("a.txt", "one\n")]);
    let page = sandbox.page("2026-01-06");
    let lines: Vec<&str> = page.lines().filter(|line| line.starts_with("- ") && line.contains("redacted")).collect();
    assert_eq!(lines.len(), plants.len(), "{page}");
    for (line, plant) in lines.iter().zip(&plants) {
        let mark = format!("[redacted: {}]", plant.kind);
        assert!(line.contains(&mark) && line.matches("redacted").count() == 1, "{} became {line}", plant.text);
    }
}

#[test]
fn no_secret_gets_anywhere() {
    let mut garden = Garden::default();
    let sandbox = Sandbox::new();
    sandbox.commit("first", &[("a.txt", "one\n")]);
    sandbox.story_ok(&["init", "--yes"]);
    sandbox.story_ok(&["reflect", &garden.lines("a reflection")]);
    sandbox.story_ok(&["capture", &garden.lines("a capture")]);
    let sandbox = sandbox.at("2026-01-06T16:05:00+01:00");
    converse(&mut garden, &sandbox);
    commit(&mut garden, &sandbox);

    garden.check("the page as the hook wrote it", &sandbox.page("2026-01-06"));
    // On a busy machine the hook may not have read everything in time; this has all the time it needs.
    sandbox.story_ok(&["record"]);
    let page = sandbox.page("2026-01-06");
    for heading in ["Conversation", "Decisions", "Roadblocks", "Notes"] {
        assert!(page.contains(&format!("### {heading}")), "the story is without {heading}: {page}");
    }
    garden.check("the page", &page);
    for args in [
        &["show"][..],
        &["show", "--json"],
        &["record", "--print", "--json"],
        &["record"],
        &["doctor"],
        &["record", "-v"],
    ] {
        let output = sandbox.story(args);
        garden.check(&format!("stdout of {args:?}"), &String::from_utf8_lossy(&output.stdout));
        garden.check(&format!("stderr of {args:?}"), &String::from_utf8_lossy(&output.stderr));
    }
    let state = sandbox.repo().join(".git/commit-story");
    let mut all = Vec::new();
    files(&state, &mut all);
    assert!(all.len() >= 2, "{all:?}");
    for (name, text) in &all {
        garden.check("a file's name", name);
        // The developer's own words as they were written, and the branch as git itself has it: told in docs/privacy.md.
        if !name.ends_with("notes.jsonl") && !name.ends_with("commits.jsonl") {
            garden.check(name, text);
        }
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&state), mode(&state.join("notes.jsonl"))), (0o700, 0o600));
    }
}

/// A commit with secrets in all its parts, through the real hook.
fn commit(garden: &mut Garden, sandbox: &Sandbox) {
    sandbox.git(&["checkout", "-q", "-b", &garden.token("the branch")]);
    sandbox.write("a.txt", "one\ntwo\n");
    sandbox.write(&format!("dir/{}.txt", garden.token("a file's name")), "x\n");
    let author = format!("Ada {} <{}@example.org>", garden.token("the author"), garden.token("the address"));
    garden.planted.push(("a trailer's value".to_owned(), "hunterhunter2".to_owned()));
    let message = format!(
        "fix a.txt {}\n\n{}\n{}\n\nSigned-off-by: {} <a@b.c>\nPassword: hunterhunter2",
        garden.token("the subject"),
        garden.lines("the body"),
        garden.key("the body"),
        garden.token("a trailer"),
    );
    sandbox.git(&["add", "a.txt", "dir"]);
    let output = sandbox.command("git").args(["commit", "-q", "--author", &author, "-m", &message]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    garden.check("stderr of git commit", &String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.stdout, b"");
}

/// A conversation with secrets in all its parts, and where texts are cut.
fn converse(garden: &mut Garden, sandbox: &Sandbox) {
    let at = |second: u32| format!("2026-01-06T16:03:{second:02}+01:00");
    let mut session = Transcript::new(&garden.token("the session's id"), &sandbox.repo());
    session.prompt(&at(0), &format!("Please look at this log for a.txt.\n{}", garden.lines("a prompt")));
    session.edit(&at(1), "a.txt");
    session.reply(&at(2), &format!("Found the issue in `a.txt`, because of this: {}", garden.lines("a reply")));
    // Tokens across every place where a long prompt or reply may be cut.
    for (second, limit) in [(3, 1_200), (5, 480), (7, 400), (9, 1_600)] {
        let mut text = "Change a.txt, please. ".to_owned();
        while text.len() < limit - 80 {
            text.push_str("Word after word. ");
        }
        for _ in 0..4 {
            write!(text, "{} ", garden.token("a cut")).unwrap();
        }
        text.push_str(&"More words. ".repeat(60));
        session.prompt(&at(second), &text).edit(&at(second), "a.txt").reply(&at(second + 1), &text);
    }
    let fenced = format!("In `a.txt`:\n```sh\n{}\n{}```\nDone.", garden.key("a fence"), garden.lines("a fence"));
    session.prompt(&at(11), &fenced).edit(&at(11), "a.txt").reply(&at(12), &fenced);
    for line in garden.lines("a command").lines() {
        session.run(&at(13), &format!("make {line}"), 2, &format!("error: cannot\n{}", garden.token("an output")));
    }
    // The end of an output is kept: what begins above the cut must be known for a secret all the same.
    for length in (0..12).map(|n| 520 + n * 10) {
        let output = format!("x\n{} {}", garden.token("the cut of an output"), "y".repeat(length));
        session.run(&at(14), &format!("cargo test {length}"), 101, &output);
    }
    session.run(&at(15), "cargo build", 101, &format!("{}\nerror: 1\nerror: 2\nerror: 3", garden.key("an output")));
    session.run(&at(15), "npm test", 1, &format!("a\nb\n{}", garden.key("an output")));
    for line in garden.lines("a question").lines() {
        session.ask(&at(16), &format!("Shall I {line}?"), "yes");
    }
    session.ask(&at(17), "Which one?", &garden.token("an answer"));
    let plan = json!({"plan": format!("Do this:\n{}", garden.lines("a plan"))});
    session.tool(&at(18), "ExitPlanMode", &plan, "User has approved your plan.", false);
    let told = "The user doesn't want to proceed. To tell you how to proceed, the user said:";
    let refused = json!({"file_path": sandbox.repo().join("b.txt")});
    session.tool(&at(19), "Edit", &refused, &format!("{told}\n{}", garden.lines("a refusal")), true);
    session.tool(&at(20), "Write", &json!({"file_path": format!("/x/{}", garden.token("a path"))}), "ok", false);
    let queued = garden.lines("a queued prompt");
    let queued = json!({"type": "queue-operation", "operation": "enqueue", "timestamp": at(21), "content": queued});
    session.raw(&queued.to_string()).raw(&weird(garden, sandbox, &at(22)).to_string()).save(sandbox);
}

/// A record with a secret in every field that is read.
fn weird(garden: &mut Garden, sandbox: &Sandbox, at: &str) -> Value {
    let content = json!([
        {"type": "text", "text": garden.lines("a weird reply")},
        {"type": "tool_use", "id": garden.token("a tool's id"), "name": garden.token("a tool"),
            "input": {"command": garden.token("an input")}},
    ]);
    json!({
        "type": "assistant", "timestamp": at, "cwd": sandbox.repo(), "uuid": garden.token("a record's id"),
        "sessionId": garden.token("a session's id"), "version": garden.token("the version"),
        "gitBranch": garden.token("a branch"),
        "message": {"id": garden.token("a message's id"), "model": garden.token("the model"), "content": content},
    })
}

#[test]
fn what_is_known_to_be_secret_goes_wherever_the_story_says_it() {
    let sandbox = Sandbox::ready();
    let secret = random(77, 12, ALNUM);
    Transcript::new("5ec25ec2-0000", &sandbox.repo())
        .prompt("2026-01-06T16:03:00+01:00", "Let a.txt use the test server.")
        .ask("2026-01-06T16:03:01+01:00", "Which password has it?", &secret)
        .run("2026-01-06T16:03:02+01:00", &format!("curl -sSu ada:{secret} https://x.y"), 22, &format!("401 {secret}"))
        .edit("2026-01-06T16:03:03+01:00", "a.txt")
        .reply(
            "2026-01-06T16:03:04+01:00",
            &format!("Done: `a.txt` has {secret}, because that is what the server has."),
        )
        .save(&sandbox);
    sandbox.commit(&format!("use {secret}"), &[("a.txt", &format!("password = \"{secret}\"\n"))]);
    let page = sandbox.page("2026-01-06");
    assert!(!page.contains(&secret) && page.contains("- **Which password has it?** [redacted: password]"), "{page}");

    let mut client = Client::plain(&sandbox);
    let why = client.call("journal_why", json!({"target": "a.txt:1"})).to_string();
    assert!(why.contains("password = ") && !why.contains(&secret), "{why}");
    client.leave();
}
