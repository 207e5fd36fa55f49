//! The changed lines of a file, redacted.
//!
//! In: changes, and both sides of their files as git has them. Out: [`Patch`]es, whose fields are private and whose one
//! maker, [`gather()`], redacts.
//! Never here: lines that were compared before they were redacted. A key spans lines of which a change may touch one, and
//! a value is known by the name before it: both sides are redacted whole, and only then compared. A file whose name says
//! that it is secret is not read.

use std::borrow::Cow;

use super::redact::Redactor;
use crate::git::change::path_text;
use crate::git::unified::unified;
use crate::git::{Change, ChangeKind, Version};

/// The largest file that is read, in bytes of one side.
pub const LARGEST: u64 = 512 * 1024;

/// The most files that are read.
const FILES: usize = 300;

/// What is kept of one file: lines, and characters of a line.
const LINES: usize = 1_500;
const WIDTH: usize = 400;

/// What is kept of all files, in bytes.
const TOTAL: usize = 512 * 1024;

/// Stands where a line, or all lines behind it, were cut.
const MARK: &str = "[…]";

/// The changed lines of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    path: String,
    text: String,
    remark: Option<String>,
}

impl Patch {
    /// The path, as the evidence names it.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// A unified diff without a header; empty where no line is shown.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Why lines are missing, in a few words.
    #[must_use]
    pub fn remark(&self) -> Option<&str> {
        self.remark.as_deref()
    }
}

/// Gathers and redacts the changed lines of files, the first ones first while there is room. `read` gives both sides of a
/// file, each of at most [`LARGEST`] bytes, or why there are none to show.
#[must_use]
pub fn gather<'c>(
    changes: impl IntoIterator<Item = &'c Change>,
    mut read: impl FnMut(&Change) -> Result<Version, &'static str>,
    redactor: &Redactor,
) -> Vec<Patch> {
    let (mut files, mut bytes) = (0, 0);
    let mut one = |change: &Change| {
        let path = redactor.redact(&change.path_text()).into_owned();
        let lines = if is_secret(&path) || came_from(change).is_some_and(|from| is_secret(&from)) {
            Err("its name says that it is secret")
        } else if files == FILES || bytes >= TOTAL {
            Err("the changes before it fill the room")
        } else {
            files += 1;
            read(change).and_then(|version| lines(version, redactor))
        };
        let (text, remark) = match lines {
            Ok(text) => cut(&text, TOTAL - bytes),
            Err(why) => (String::new(), Some(format!("lines not shown: {why}"))),
        };
        bytes += text.len();
        Patch { path, text, remark }
    };
    changes.into_iter().map(&mut one).collect()
}

/// The path that a file was moved or copied from.
fn came_from(change: &Change) -> Option<Cow<'_, str>> {
    match &change.kind {
        ChangeKind::Renamed { from } | ChangeKind::Copied { from } => Some(path_text(from)),
        _ => None,
    }
}

/// The changed lines of two redacted sides.
fn lines(version: Version, redactor: &Redactor) -> Result<String, &'static str> {
    match version {
        Version::Text { old, new } => {
            let differ = old != new;
            let text = unified(&redactor.redact(&old), &redactor.redact(&new));
            if text.is_empty() && differ { Err("what changed is redacted") } else { Ok(text) }
        }
        Version::Binary => Err("binary"),
        Version::TooBig => Err("the file is too large"),
        Version::Missing => Err("the content is not here"),
    }
}

/// What is kept of a diff, and a remark where that is not all.
fn cut(text: &str, room: usize) -> (String, Option<String>) {
    let (mut kept, mut cut) = (String::new(), false);
    for (nth, line) in text.lines().enumerate() {
        let (short, long) = line.char_indices().nth(WIDTH).map_or((line, false), |(end, _)| (&line[..end], true));
        if nth == LINES || kept.len() + short.len() + MARK.len() + 2 > room {
            kept.push_str(MARK);
            kept.push('\n');
            return (kept, Some("not all lines shown".to_owned()));
        }
        kept.push_str(short);
        if long {
            cut = true;
            kept.push_str(MARK);
        }
        kept.push('\n');
    }
    (kept, cut.then(|| "long lines cut".to_owned()))
}

/// Whether a path names a file that is kept secret, whatever stands in it.
#[must_use]
pub fn is_secret(path: &str) -> bool {
    const PLACES: &[&str] = &[".ssh", ".gnupg", ".aws", ".kube", ".docker"];
    const ENDINGS: &[&str] = &[
        "pem", "key", "p12", "pfx", "p8", "jks", "keystore", "kdbx", "ppk", "gpg", "asc", "tfvars", "tfstate", "ovpn",
    ];
    const NAMES: &[&str] = &[
        ".netrc",
        "_netrc",
        ".pgpass",
        ".npmrc",
        ".pypirc",
        ".htpasswd",
        ".git-credentials",
        ".dockercfg",
        ".envrc",
        "kubeconfig",
        "master.key",
        "wp-config.php",
    ];
    // Of these names only what is no program: `credentials.rs` is source.
    const WORDS: &[&str] =
        &["credential", "credentials", "secret", "secrets", "service-account", "password", "passwords"];
    const DATA: &[&str] =
        &["", "json", "yaml", "yml", "toml", "ini", "xml", "properties", "csv", "txt", "cfg", "conf", "enc", "env"];
    let path = path.to_lowercase();
    let (dirs, name) = path.rsplit_once('/').unwrap_or(("", &path));
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let sample = ["example", "sample", "template", "dist"].contains(&ending);
    let environment = name == ".env" || name.starts_with(".env.") || ending == "env";
    let word = stem.trim_start_matches('.').split(['.', '_']).any(|part| WORDS.contains(&part));
    dirs.split('/').any(|dir| PLACES.contains(&dir))
        || ENDINGS.contains(&ending)
        || NAMES.contains(&name)
        || environment && !sample
        || name.starts_with("id_") && matches!(ending, "" | "pub")
        || DATA.contains(&ending) && word
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RedactConfig;
    use crate::git::Lines;

    fn redactor() -> Redactor {
        Redactor::new(&RedactConfig { emails: false, words: Vec::new() })
    }

    fn change(path: &str) -> Change {
        Change { path: path.into(), kind: ChangeKind::Modified, lines: Lines::Uncounted }
    }

    fn patch(path: &str, old: &str, new: &str) -> Patch {
        let version = Version::Text { old: old.to_owned(), new: new.to_owned() };
        gather([&change(path)], |_| Ok(version.clone()), &redactor()).remove(0)
    }

    #[test]
    fn a_key_of_which_one_line_changed_does_not_show_its_lines() {
        let key = |line: &str| {
            let body = "MIIEowIBAAKCAQEAuZ7bXk2mJ0vQ3yT8pLr5\n".repeat(12);
            format!("cert:\n-----BEGIN RSA PRIVATE KEY-----\n{body}{line}\n{body}-----END RSA PRIVATE KEY-----\nend\n")
        };
        let (old, new) = (key("Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6"), key("cXV4Zm9vYmFyYmF6cXV4Zm9vYmFy"));
        let patch = patch("src/keys.txt", &old, &new);
        assert_eq!((patch.text(), patch.remark()), ("", Some("lines not shown: what changed is redacted")));
    }

    #[test]
    fn a_value_that_a_name_gives_away_is_redacted_on_both_sides() {
        let patch = patch(
            "src/a.py",
            "a = 1\npassword = \"hunter2-correct-horse\"\n",
            "a = 2\npassword = \"hunter3-correct-horse\"\n",
        );
        assert!(patch.text().contains("+a = 2"), "{}", patch.text());
        assert!(!patch.text().contains("hunter"), "{}", patch.text());
    }

    #[test]
    fn a_file_whose_name_says_that_it_is_secret_is_not_read() {
        let read = |_: &Change| -> Result<Version, &'static str> { unreachable!("it must not be read") };
        let kind = ChangeKind::Renamed { from: b".env".to_vec() };
        let moved = Change { kind, ..change("notes.txt") };
        for patch in gather([&change("deploy/.env"), &moved], read, &redactor()) {
            assert_eq!(patch.remark(), Some("lines not shown: its name says that it is secret"), "{}", patch.path());
        }
    }

    #[test]
    fn names_of_secret_files_are_told_from_names_of_source() {
        for (path, expected) in [
            (".env", true),
            ("web/.env.production", true),
            ("prod.env", true),
            (".env.example", false),
            ("certs/server.pem", true),
            ("id_ed25519", true),
            ("id_rsa.pub", true),
            ("src/id_generator.py", false),
            ("config/credentials.yml.enc", true),
            ("credentials", true),
            ("src/credentials.rs", false),
            ("client_secret.json", true),
            ("k8s/secrets.yaml", true),
            ("src/secrets/mod.rs", false),
            (".ssh/config", true),
            ("infra/prod.tfvars", true),
            ("src/key.rs", false),
            ("translations/keys.json", false),
            (".npmrc", true),
        ] {
            assert_eq!(is_secret(path), expected, "{path}");
        }
    }

    #[test]
    fn long_lines_and_long_diffs_are_cut_and_say_so() {
        let wide = patch("a.js", "", &format!("{}\n", "x".repeat(1_000)));
        assert_eq!((wide.text().lines().count(), wide.remark()), (2, Some("long lines cut")));
        assert!(wide.text().len() < 450);
        let long = patch("a.js", "", &"line\n".repeat(5_000));
        assert_eq!((long.text().lines().count(), long.remark()), (LINES + 1, Some("not all lines shown")));
        assert!(long.text().ends_with("[…]\n"));
    }

    #[test]
    fn all_patches_together_stay_inside_their_room() {
        let changes: Vec<Change> = (0..400).map(|n| change(&format!("src/{n}.rs"))).collect();
        let new = format!("{}\n", "word ".repeat(10)).repeat(200);
        let read = |_: &Change| Ok(Version::Text { old: String::new(), new: new.clone() });
        let patches = gather(&changes, read, &redactor());
        assert_eq!(patches.len(), 400);
        assert!(patches.iter().map(|patch| patch.text().len()).sum::<usize>() <= TOTAL + 400 * 8);
        assert_eq!(patches[399].remark(), Some("lines not shown: the changes before it fill the room"));
    }
}
