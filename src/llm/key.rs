//! The key that a provider asks for.
//!
//! In: a variable, a command that prints it, or a file that only its owner can read. Out: a [`Key`].
//! Never here: a key in an argument, a log, an error or what `{:?}` prints.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::asking::Failure;
use super::plain;
use crate::fs;
use crate::process;

/// The longest key, in bytes; service account tokens have about two thousand.
const LONGEST: usize = 8 << 10;

/// What is shorter is no secret.
const SHORTEST_SECRET: usize = 8;

/// How long a key command may take: it may ask for a passphrase in a window.
const PATIENCE: Duration = Duration::from_secs(60);

/// A secret. It is shown to nobody but the server.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Key(String);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// A key as it was found; `None` unless it is one line of visible ASCII, as a header can carry it.
    pub(super) fn of(found: &str) -> Option<Self> {
        let key = found.trim();
        let fits = !key.is_empty() && key.len() <= LONGEST && key.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Self(key.to_owned()))
    }

    /// The key itself, for the one header that carries it.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    /// A text without the key, should the other side have echoed it. What is too short for a secret, such as the word
    /// that a local server accepts for a key, stays.
    pub(super) fn hide(&self, text: &str) -> String {
        if self.0.len() < SHORTEST_SECRET { text.to_owned() } else { text.replace(&self.0, "[key]") }
    }
}

/// Where the key comes from.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// The provider asks for none.
    None,
    /// A variable held it.
    Found(Key),
    /// `narration.key-command`, and what it printed once it was run: it may ask for a passphrase each time.
    Command(Vec<String>, Arc<OnceLock<Key>>),
    /// `narration.key-file`.
    File(PathBuf),
}

impl Source {
    /// The key.
    pub(super) fn key(&self) -> Result<Option<Key>, Failure> {
        match self {
            Self::None => Ok(None),
            Self::Found(key) => Ok(Some(key.clone())),
            Self::Command(command, printed) => match printed.get() {
                Some(key) => Ok(Some(key.clone())),
                None => of_command(command).map(|key| Some(printed.get_or_init(|| key).clone())),
            },
            Self::File(path) => of_file(path).map(Some),
        }
    }
}

fn of_command(words: &[String]) -> Result<Key, Failure> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(Failure::lasting("narration.key-command is empty"));
    };
    let name = plain::line(program);
    let mut command = process::command(program);
    command.args(arguments);
    // Its words are not repeated: they may be the key.
    let finished = process::run(&mut command, PATIENCE).map_err(|error| {
        match error.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>()) {
            Some(cause) => Failure::lasting(format!("cannot run narration.key-command {name}: {cause}")),
            None => Failure::passing(format!("narration.key-command {name} did not end within a minute")),
        }
    })?;
    if !finished.success {
        return Err(Failure::passing(format!("narration.key-command {name} failed")));
    }
    let printed = String::from_utf8_lossy(&finished.stdout);
    Key::of(&printed).ok_or_else(|| {
        Failure::lasting(format!("narration.key-command {name} did not print a key: one line without spaces"))
    })
}

fn of_file(path: &Path) -> Result<Key, Failure> {
    let shown = path.display();
    let bytes = fs::read(path, LONGEST as u64).map_err(|error| Failure::lasting(format!("{error:#}")))?;
    let Some(bytes) = bytes else {
        return Err(Failure::lasting(format!("there is no file {shown}, which narration.key-file names")));
    };
    if !fs::is_private(path).unwrap_or(false) {
        return Err(Failure::lasting(format!("others can read {shown}, which holds a key: chmod 600 {shown}")));
    }
    Key::of(&String::from_utf8_lossy(&bytes))
        .ok_or_else(|| Failure::lasting(format!("{shown} holds no key: expected one line without spaces")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_visible_word() {
        for (found, is_key) in [
            ("sk-test-1", true),
            (" sk-test-1\n", true),
            ("", false),
            ("two words", false),
            ("two\nlines", false),
            ("sk-\u{e9}", false),
            ("sk-\u{0}", false),
        ] {
            assert_eq!(Key::of(found).is_some(), is_key, "{found:?}");
        }
        assert_eq!(Key::of(&"x".repeat(LONGEST + 1)), None);
    }

    #[test]
    fn a_key_is_never_shown() {
        let key = Key::of("sk-test-1").expect("one word");
        assert_eq!(format!("{:?}", Source::Found(key.clone())), "Found(Key(…))");
        assert_eq!(key.hide("bad key sk-test-1!"), "bad key [key]!");
        assert_eq!(Key::of("none").expect("one word").hide("none of it"), "none of it");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_refused_with_its_cure() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("key");
        std::fs::write(&path, "sk-test-1\n").expect("written");
        let set = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("set");
        set(0o640);
        let failure = of_file(&path).expect_err("refused").to_string();
        assert!(failure.ends_with(&format!("chmod 600 {}", path.display())), "{failure}");
        assert!(!failure.contains("sk-test-1"), "{failure}");
        set(0o600);
        assert_eq!(of_file(&path).expect("private").expose(), "sk-test-1");
    }

    #[cfg(unix)]
    #[test]
    fn a_command_prints_the_key_and_its_failure_does_not() {
        let run = |script: &str| of_command(&["sh".to_owned(), "-c".to_owned(), script.to_owned()]);
        assert_eq!(run("echo sk-test-1").expect("a key").expose(), "sk-test-1");
        for script in ["echo sk-test-1; exit 1", "echo sk-test-1 and more", "echo sk-test-1 >&2; exit 2", "true"] {
            let failure = run(script).expect_err(script).to_string();
            assert!(!failure.contains("sk-test-1"), "{script}: {failure}");
        }
        let failure = of_command(&["/no/such/program".to_owned()]).expect_err("missing");
        assert!(matches!(failure, Failure::Lasting { .. }), "{failure:?}");
    }
}
