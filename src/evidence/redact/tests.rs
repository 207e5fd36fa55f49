//! What must go, what must stay. Secrets are put together at run time, so that no scanner takes this file for a leak.

use proptest::prelude::*;

use super::*;

pub(super) fn redactor() -> Redactor {
    Redactor::new(&RedactConfig { emails: false, words: Vec::new() })
}

/// Letters and digits as a generator gives them.
pub(super) const RANDOM: &str = "a8Kd02mZqT7vXw5RbN3cYh9LpE6fJ4gUs1oViD0xAeQy2tWk8BzMnH7r";

/// One token of each family: prefix, alphabet's sample, kind.
fn tokens() -> Vec<(String, &'static str)> {
    let hex = "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f6071";
    let upper = "A8KD02MZQT7VXW5RBN3CYH9LPE6FJ4GUS1OVID0XAEQY2TWK8BZM";
    let jwt = format!("{}hbGciOiJIUzI1NiJ9.{}zdWIiOiIxMjM0NTY3ODkwIn0.{}", "eyJ", "eyJ", &RANDOM[..43]);
    let mut all = vec![(jwt, "jwt")];
    for prefix in tokens::PREFIXES {
        let body = match prefix.kind {
            "jwt" => continue,
            "discord token" => format!("{}.{}.{}", &RANDOM[..23], &RANDOM[..6], &RANDOM[..38]),
            "databricks token" | "mailgun key" | "twilio key" => hex[..32].to_owned(),
            "digitalocean token" | "shopify token" | "supabase token" | "rubygems key" | "sentry token" => {
                hex.to_owned()
            }
            "pulumi token" | "sonar token" => hex[..40].to_owned(),
            "aws access key" => upper[..16].to_owned(),
            "age key" | "new relic key" => upper.to_owned(),
            "sendgrid key" => format!("{}.{}", &RANDOM[..22], &RANDOM[..43]),
            _ => RANDOM[..48].to_owned(),
        };
        all.push((format!("{}{body}", prefix.text), prefix.kind));
    }
    all.push((format!("123456789:AA{}", &RANDOM[..33]), "telegram token"));
    all
}

/// The text must lose exactly the secret, and a second time must change nothing.
pub(super) fn check_gone(text: &str, secret: &str) {
    let clean = redactor().redact(text).into_owned();
    assert!(!clean.contains(secret), "{secret} survives in {clean}");
    assert!(clean.contains("[redacted: "), "no mark in {clean}");
    assert_eq!(redactor().redact(&clean), clean, "redacting twice changes more");
}

pub(super) fn check_kept(text: &str) {
    assert!(
        matches!(redactor().redact(text), Cow::Borrowed(same) if same == text),
        "{text} -> {}",
        redactor().redact(text)
    );
}

#[test]
fn every_family_of_tokens_goes_by_its_name_and_takes_nothing_else_along() {
    for (token, kind) in tokens() {
        assert_eq!(redactor().redact(&token), format!("[redacted: {kind}]"), "{token}");
        assert_eq!(redactor().redact(&format!("use {token}, please")), format!("use [redacted: {kind}], please"));
    }
}

#[test]
fn tokens_go_in_every_dress() {
    for (token, _) in tokens() {
        for (before, after) in [
            ("`", "`"),
            ("\"", "\""),
            ("(", ")"),
            ("\\n", "\\n"),
            ("{\\\"k\\\":\\\"", "\\\"}"),
            ("x=", "&y=1"),
            ("**", "**"),
            ("%3D", ""),
            ("Bearer ", ""),
            ("“", "”"),
            ("é ", " é"),
            ("curl -H 'X: ", "' a.b"),
            ("https://", "@github.com/a/b"),
            ("> ", "\n> "),
            ("TOKEN=", "\nB=1"),
            ("[", "](x)"),
            ("<t>", "</t>"),
            ("a ", "…"),
            ("a,", ",b"),
        ] {
            check_gone(&format!("{before}{token}{after}"), &token);
        }
        check_gone(&format!("{token} {token}\n{token}"), &token);
    }
}

#[test]
fn values_go_that_a_name_calls_secret() {
    let aws = format!("{}/{}", &RANDOM[..20], &RANDOM[20..39]);
    for (text, secret) in [
        ("password=hunter2", "hunter2"),
        ("PASSWORD: \"correct horse\"", "correct horse"),
        ("\"db_password\": \"s3cr3t!\"", "s3cr3t!"),
        ("{\\\"password\\\":\\\"s3cr3t!\\\"}", "s3cr3t!"),
        ("{\\\\\\\"password\\\\\\\":\\\\\\\"s3cr3t!\\\\\\\"}", "s3cr3t!"),
        ("api_key => 'abc123def'", "abc123def"),
        ("export SECRET_TOKEN=zebra", "zebra"),
        ("DB_PASS=p@ss,w;rd)x", "p@ss,w;rd)x"),
        ("PGPASSWORD=hunter psql -h db", "hunter"),
        ("FOO=1\\nDB_PASSWORD=hunter\\nBAR=2", "hunter"),
        ("tool --password hunter x", "hunter"),
        ("tool --api-key=abc123def x", "abc123def"),
        ("curl -u admin:hunter2 https://x.y", "hunter2"),
        ("curl --user admin:hunter2 https://x.y", "hunter2"),
        ("mysql -uroot -phunter2 db", "hunter2"),
        ("sshpass -p hunter2 ssh a", "hunter2"),
        ("docker login -u a -p hunter2", "hunter2"),
        ("redis-cli -h x -a hunter2", "hunter2"),
        ("client_secret = \"abcdefghijklmnop\"", "abcdefghijklmnop"),
        ("clientSecret: 'abc123def'", "abc123def"),
        ("const API_KEY: &str = \"abc123def456\";", "abc123def456"),
        ("const password: string = 'hunter2';", "hunter2"),
        ("passwd = hunter2", "hunter2"),
        ("  password: hunter", "hunter"),
        ("passphrase: open5esame", "open5esame"),
        ("<password>hunter2</password>", "hunter2"),
        ("Server=a;User Id=b;Password=hunter2;Encrypt=yes", "hunter2"),
        ("Server=a;Pwd=hunter2;Encrypt=yes", "hunter2"),
        ("AccountName=a;AccountKey=abc123/def+456==;EndpointSuffix=x", "abc123/def+456"),
        ("SharedAccessKeyName=a;SharedAccessKey=abc123def456=", "abc123def456"),
        ("https://a.b/c?password=hunter2&x=1", "hunter2"),
        ("https://a.b/c?x=1%26password%3Dhunter2%26y", "hunter2"),
        ("%22password%22%3A%22hunter2%22", "hunter2"),
        ("the password is hunter2", "hunter2"),
        ("the password is `hunter`", "hunter"),
        ("postgres://app:hunter@db:5432/x", "hunter"),
        ("mongodb+srv://app:p@ss@db.example.com/x", "p@ss"),
        ("redis://:hunter2@cache:6379", "hunter2"),
        ("amqp://guest:hunter/2@mq:5672/v", "hunter/2"),
        ("Authorization: Bearer abcdef", "abcdef"),
        ("-H \"Authorization: Basic dXNlcjpwYXNz\"", "dXNlcjpwYXNz"),
        ("\"Authorization\": \"token abcdef12\"", "abcdef12"),
        ("authorization=Bearer%20x1y2z3a4", "x1y2z3a4"),
        ("x-api-key: abc123def", "abc123def"),
        ("https://hooks.slack.com/services/T0/B0/abcdefgh", "abcdefgh"),
        ("password=\"\"\"hunter2\"\"\"", "hunter2"),
        ("password = b'hunter2'", "hunter2"),
        ("password == \"hunter2\"", "hunter2"),
        ("password: |\n  hunter two\nuser: a", "hunter two"),
        ("a:\n  password: >-\n    hunter\n    two\n  b: c", "two"),
        ("passwords:\n  - hunter2\n  - open5esame\n", "open5esame"),
        ("password: \"correct horse battery", "correct horse battery"),
        ("password = 'correct horse\nnext line", "correct horse"),
        ("password: \"hunter2", "hunter2"),
        ("PASSWORD=${DB_PASSWORD:-hunter2}", "hunter2"),
    ] {
        check_gone(text, secret);
    }
    for name in [
        "aws_secret_access_key = ",
        "AWS_SECRET_ACCESS_KEY=",
        "secretAccessKey: ",
        "\"SecretAccessKey\": \"",
        "aws_secret: ",
    ] {
        check_gone(&format!("{name}{aws}"), &aws);
    }
    for name in ["token: ", "auth=", "encryption.key = ", "session_id=", "\"key\": \"", "the token is ", "Bearer "] {
        check_gone(&format!("{name}{}", &RANDOM[..32]), &RANDOM[..32]);
    }
}

#[test]
fn a_long_value_goes_to_its_end() {
    let tail = ["tail", "End"].concat();
    for length in [200, 256, 4_096, 20_000] {
        let long = format!("{}{tail}", RANDOM.repeat(length / RANDOM.len() + 1));
        let words = format!("{}{tail}", "correct horse ".repeat(length / 14 + 1));
        for text in [
            format!("password={long} x"),
            format!("password=\"{long}\" x"),
            format!("password=\"{words}\" x"),
            format!("password=\"\"\"{}\"\"\" x", words.replace("horse ", "horse\n")),
            format!("{{\\\"password\\\":\\\"{words}\\\"}}"),
            format!("password=\"{long}"),
            format!("api_key: {long}"),
            format!("Authorization: Bearer {long}"),
            format!("Bearer {long}"),
            format!("tool --password {long}"),
            format!("https://user:{long}@host/"),
            format!("sk-ant-{long}"),
        ] {
            check_gone(&text, &tail);
        }
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn ordinary_text_stays_whole() {
    for text in [
        "",
        "4a98f7249eaf485cd64ce29903edccea27c898af",
        "commit 4a98f724 fixes it",
        "token budgeting",
        "password reset flow",
        "key: 4a98f7249eaf485cd64ce29903edccea27c898af",
        "id: 488c5296-1b2c-4d3e-8f90-a1b2c3d4e5f6",
        "secret santa",
        "the password field is required",
        "the password is required",
        "password is user-defined",
        "the token is invalid",
        "api_key = os.environ['API_KEY']",
        "api_key = os.getenv(\"API_KEY\")",
        "password=${DB_PASSWORD}",
        "PASSWORD=$DB_PASSWORD",
        "token=<your-token>",
        "password: ****",
        "password: xxxx",
        "password=None",
        "password: null",
        "password = true",
        "token = getToken()",
        "password: string",
        "password: String,",
        "token: &str",
        "fn f(token: &'a str, key: Key) {}",
        "password: Option<String>",
        "password=",
        "password: \"\"",
        "self.password = password",
        "login(password=password)",
        "password = args.password",
        "let api_key = config.api_key;",
        "const { token } = props; const key = value;",
        "secret: my_secret_name",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ",
        "\"integrity\": \"sha512-Zm9vYmFyYmF6cXV4Zm9vYmFy1234==\"",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "version = \"1.2.3-rc.1+build5\"",
        "https://example.com/a/b?page=2#top",
        "https://host:8080/@scope/pkg",
        "git@github.com:owner/repo.git",
        "ssh://git@host/x",
        "user@host",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8a8Kd02mZqT7vXw5RbN3cYh9LpE6fJ4gUs1oViD0x me@box",
        "checksum = \"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"",
        "[redacted: password]",
        "password=[redacted: password]",
        ".sk-circle-fade-dot-animation-2:hover { color: red }",
        "task-runner-something-long-12345",
        "risk-assessment-2024-final-version-3",
        "sk-learn-contrib-something-v2",
        "claude-haiku-4-5-20251001",
        "gpt-4o-mini-2024-07-18",
        "npm_config_registry",
        "npm_package_version_1",
        "hf_hub_download(repo_id)",
        "secret_name_of_the_thing",
        "src/evidence/redact/2024-01-12-some-long-file-name_v2.rs",
        "/home/me/.claude/projects/-work-x/488c5296-1b2c-4d3e-8f90-a1b2c3d4e5f6.jsonl",
        "max_tokens: 4096",
        "PWD=/home/me/project",
        "key: linux-cargo-v1-x86_64-unknown-linux",
        "cache_key = deps-9f86d081884c7d65",
        "crate::token::Token::new()",
        "mkdir -p src/evidence",
        "docker run -p 8080:80 x",
        "git push -u origin main",
        "use the --token option",
        "docker run --user 1000:1000 x",
        "docker run --user node:node x",
        "docker run --rm -v $(pwd):/io -v \"$(pwd)\":/src x",
        "<input type=\"password\" name=\"field1\">",
        "the password `min_length=12` rule",
        "Montenha: brasil2026",
        "Weight::Password => match manner {",
        "<add key=\"Password\" other=\"x1y2z3\"/>",
        "ssh -p 2222 host",
        "zip -r a.zip src",
        "grep -u a:b",
        "curl -O https://x/a:b",
        "echo done | tee log",
        "kubectl create configmap c --from-literal=foo=bar12345",
        "the password \"field\" is required",
        "password → reset → login",
        "fn password(&self) -> Argon2id {",
        "the password is base64 encoded",
        "password is sha256",
        "das Passwort ist falsch",
        "le mot de passe est requis",
        "密码错误",
        "the login form password field",
        "Cookie: theme=dark; lang=en",
        "Set-Cookie: a=b; Path=/a/long/path; Max-Age=31536000",
        "cookie: the browser's",
        "- name: LOG_LEVEL\n  value: information1",
        "- name: DB_PASSWORD\n  valueFrom: secretKeyRef",
        "PASSWORD ''",
        "IDENTIFIED BY ''",
        "re_export_everything_from_here_2",
        "fw_version_of_the_controller_12",
        "set -x",
        "setenv PATH /usr/bin",
        "Bearer token",
        "bearer authentication",
        "Authorization: Bearer ${TOKEN}",
        "Authorization: Bearer <token>",
        "password: 'Enter your password'",
        "password: \"Password must be set\"",
        "public_key = \"a8Kd02mZqT7vXw5RbN3cYh9LpE6fJ4gU\"",
        "if token.is_some() && key == other { }",
        "match key { Key::A => 1 }",
        "type PasswordHash = string",
        "sk-ant-",
        "me@example.com",
        "postgres://user:${PASS}@host/db",
        "://@",
        "a=b=c",
        "🦀=🦀",
        "primaryKey: true",
        "the secret is out",
        "keyboard: qwerty",
        "author: Jane",
        "token: 500 remaining",
        "auth: required",
        "password?: string;",
        "pub pw_passwd: *const c_char,",
        "fn verify(&self, pw: &str) -> bool",
        "pub const ERROR_INVALID_PASSWORD: WIN32_ERROR = 86u32;",
        "const DEFAULT_KEY: SomeKeyKind2 = 3;",
        "TYPE_PASS = 0x100,",
        "pub log_passwd: __u32,",
        "force_pass: true/false",
        "if *password != *pw2 {",
        "an unset password is `\"!\"`, but",
        "credentials: `.access_key_id(`",
        "sends a literal `Authorization: Bearer ` header.",
        "the Authorization: Bearer header",
        "http://user:pass@host:8080",
        "https://redirected.org{delimiter}@original/b",
        "${SECRET:+public} ${SECRET:?missing} ",
        "password:\n  required: true",
        "passwords:\n  - rules\n",
    ] {
        check_kept(text);
    }
}

#[test]
fn scheme_host_and_name_stay_where_the_secret_goes() {
    assert_eq!(redactor().redact("postgres://app:hunter@db/x"), "postgres://[redacted: url credentials]@db/x");
    assert_eq!(redactor().redact("PASSWORD=\"a b\" # why"), "PASSWORD=\"[redacted: password]\" # why");
    assert_eq!(redactor().redact("?token=x&password=hunter2&y=1"), "?token=x&password=[redacted: password]&y=1");
    assert_eq!(redactor().redact("Authorization: Bearer abc123"), "Authorization: Bearer [redacted: authorization]");
}

#[test]
fn emails_and_words_go_when_asked_for() {
    let asked = Redactor::new(&RedactConfig {
        emails: true,
        words: vec!["Acme".into(), "Acme Corp".into(), " ".into(), "c++".into()],
    });
    assert_eq!(asked.redact("mail jo.e+x@example.co.uk."), "mail [redacted: email].");
    assert_eq!(
        asked.redact("for ACME, acme_db and Acme Corp"),
        "for [redacted: word], [redacted: word]_db and [redacted: word]"
    );
    for kept in ["acmeology", "git@github.com:a/b", "pkg@1.2.3", "@scope/pkg", "user@host"] {
        assert_eq!(asked.redact(kept), kept);
    }
    assert_eq!(asked.redact("in C++."), "in [redacted: word].");
}

#[test]
fn the_privacy_page_lists_exactly_the_kinds_there_are() {
    let page = include_str!("../../../docs/privacy.md");
    let list = page.split("<!-- kinds -->").nth(1).expect("the page marks its list");
    let told: Vec<&str> = list.split('`').skip(1).step_by(2).collect();
    assert_eq!(told, kinds());
}

proptest! {
    #[test]
    fn redacting_twice_changes_nothing_more(text in "(?s)(.|password|=|: |\"|\\\\|sk-ant-|ghp_|eyJ|@|://|-----BEGIN PRIVATE KEY-----|[a-z0-9]{4,20}|\\[redacted: key\\]){0,40}") {
        let once = redactor().redact(&text).into_owned();
        prop_assert_eq!(redactor().redact(&once), once.as_str());
    }

    #[test]
    fn a_token_never_survives_in_any_surroundings(before in "(?s).{0,30}", after in "(?s).{0,30}", pick in any::<prop::sample::Index>()) {
        let all = tokens();
        let (token, _) = &all[pick.index(all.len())];
        let text = format!("{before} {token} {after}");
        prop_assert!(!redactor().redact(&text).contains(token.as_str()), "{}", text);
    }

    #[test]
    fn hashes_ids_and_paths_stay(text in "[0-9a-f]{7,64}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(/[a-z][a-z0-9_.-]{0,20}){1,6}") {
        prop_assert_eq!(redactor().redact(&text), text.as_str());
    }
}
