//! The table of settings: every key with its type, limits and the layers that may set it.
//!
//! In: nothing but `default.yaml`, which describes each key. Out: [`KEYS`], and the nearest known name to a wrong one.
//! Never here: values; their defaults stand in `default.yaml` alone.

use super::outline::Outline;

/// The shipped configuration: every key with its description and default.
pub const DEFAULT: &str = include_str!("default.yaml");

/// What a value must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Flag,
    /// A whole number from 0 to this.
    Count(u32),
    /// A folder: relative to the work tree, absolute, or starting with `~/`.
    Folder,
    /// A place outside the repository, absolute or starting with `~/`, or null.
    Directory,
    /// Such places, of any number.
    Directories,
    /// The name of a branch, or null.
    Branch,
    /// A list of words.
    Words,
    /// A short text on one line, or null.
    Text,
    /// A program and its arguments, or nothing.
    Command,
}

impl Kind {
    /// What is expected, for a sentence that begins with "expected".
    #[must_use]
    pub fn expected(self) -> String {
        match self {
            Self::Flag => "true or false".to_owned(),
            Self::Count(most) => format!("a whole number from 0 to {most}"),
            Self::Folder => "the path of a folder".to_owned(),
            Self::Directory => "an absolute path, a path that starts with ~/, or null".to_owned(),
            Self::Directories => "a list of absolute paths or paths that start with ~/".to_owned(),
            Self::Branch => "the name of a branch (letters, digits and ._-/ in it), or null".to_owned(),
            Self::Words => "a list of words, such as [one, two]".to_owned(),
            Self::Text => "a short text on one line, or null".to_owned(),
            Self::Command => "a program and its arguments, such as [program, --flag], or []".to_owned(),
        }
    }
}

/// What a repository's own file, which anybody may have committed, can do with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Set it.
    Free,
    /// Set it to this value; to the other only while the user's own file says nothing about it.
    Towards(bool),
    /// Set it to a folder inside the repository.
    Inside,
    /// Set it to a branch whose name begins with `commit-story/`, or to none.
    Ours,
    /// Nothing.
    Never,
}

/// One setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// The dotted name, such as `journal.folder`.
    pub name: &'static str,
    /// The type.
    pub kind: Kind,
    /// What a repository's file can do with it.
    pub trust: Trust,
}

impl Key {
    const fn new(name: &'static str, kind: Kind, trust: Trust) -> Self {
        Self { name, kind, trust }
    }

    /// The variable that sets it: `COMMIT_STORY_JOURNAL_FOLDER`.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("COMMIT_STORY_{}", self.name.replace(['.', '-'], "_").to_ascii_uppercase())
    }

    /// The comment that stands above the key in `default.yaml`, as one line.
    #[must_use]
    pub fn description(&self) -> String {
        let outline = Outline::of(DEFAULT);
        let line = outline.line(self.name).unwrap_or(1);
        let above: Vec<&str> = DEFAULT.lines().take(line - 1).collect();
        let comment = above.rsplit(|line| !line.trim_start().starts_with('#')).next().unwrap_or_default();
        comment.iter().map(|line| line.trim_start().trim_start_matches('#').trim()).collect::<Vec<_>>().join(" ")
    }
}

/// Every setting, in the order of `default.yaml`.
pub const KEYS: [Key; 71] = [
    Key::new("enabled", Kind::Flag, Trust::Towards(false)),
    Key::new("journal.folder", Kind::Folder, Trust::Inside),
    Key::new("journal.private", Kind::Flag, Trust::Towards(true)),
    Key::new("journal.branch", Kind::Branch, Trust::Ours),
    Key::new("assistants.claude-code.read", Kind::Flag, Trust::Towards(false)),
    Key::new("assistants.claude-code.directory", Kind::Directory, Trust::Never),
    Key::new("assistants.codex.read", Kind::Flag, Trust::Towards(false)),
    Key::new("assistants.codex.directory", Kind::Directory, Trust::Never),
    Key::new("assistants.copilot-vscode.read", Kind::Flag, Trust::Towards(false)),
    Key::new("assistants.copilot-vscode.directory", Kind::Directory, Trust::Never),
    Key::new("assistants.copilot-cli.read", Kind::Flag, Trust::Towards(false)),
    Key::new("assistants.copilot-cli.directory", Kind::Directory, Trust::Never),
    Key::new("assistants.gemini-cli.read", Kind::Flag, Trust::Towards(false)),
    Key::new("assistants.gemini-cli.directory", Kind::Directory, Trust::Never),
    Key::new("assistants.cline.read", Kind::Flag, Trust::Towards(false)),
    Key::new("assistants.cline.directory", Kind::Directory, Trust::Never),
    Key::new("assistants.roo-code.read", Kind::Flag, Trust::Towards(false)),
    Key::new("assistants.roo-code.directory", Kind::Directory, Trust::Never),
    Key::new("assistants.aider.read", Kind::Flag, Trust::Towards(false)),
    Key::new("assistants.aider.directory", Kind::Directory, Trust::Never),
    Key::new("assistants.qwen-code.read", Kind::Flag, Trust::Towards(false)),
    Key::new("assistants.qwen-code.directory", Kind::Directory, Trust::Never),
    Key::new("assistants.droid.read", Kind::Flag, Trust::Towards(false)),
    Key::new("assistants.droid.directory", Kind::Directory, Trust::Never),
    Key::new("assistants.pi.read", Kind::Flag, Trust::Towards(false)),
    Key::new("assistants.pi.directory", Kind::Directory, Trust::Never),
    Key::new("assistants.antigravity.read", Kind::Flag, Trust::Towards(false)),
    Key::new("assistants.antigravity.directory", Kind::Directory, Trust::Never),
    Key::new("assistants.cursor.read", Kind::Flag, Trust::Towards(false)),
    Key::new("assistants.cursor.directory", Kind::Directory, Trust::Never),
    Key::new("assistants.opencode.read", Kind::Flag, Trust::Towards(false)),
    Key::new("assistants.opencode.directory", Kind::Directory, Trust::Never),
    Key::new("assistants.kilo.read", Kind::Flag, Trust::Towards(false)),
    Key::new("assistants.kilo.directory", Kind::Directory, Trust::Never),
    Key::new("assistants.goose.read", Kind::Flag, Trust::Towards(false)),
    Key::new("assistants.goose.directory", Kind::Directory, Trust::Never),
    Key::new("assistants.zed.read", Kind::Flag, Trust::Towards(false)),
    Key::new("assistants.zed.directory", Kind::Directory, Trust::Never),
    Key::new("assistants.continue.read", Kind::Flag, Trust::Towards(false)),
    Key::new("assistants.continue.directory", Kind::Directory, Trust::Never),
    Key::new("assistants.amp.read", Kind::Flag, Trust::Towards(false)),
    Key::new("assistants.amp.directory", Kind::Directory, Trust::Never),
    Key::new("assistants.other-homes", Kind::Directories, Trust::Never),
    Key::new("entry.conversation", Kind::Count(100_000), Trust::Free),
    Key::new("entry.commands", Kind::Count(1000), Trust::Free),
    Key::new("entry.files", Kind::Count(10_000), Trust::Free),
    Key::new("redact.emails", Kind::Flag, Trust::Towards(true)),
    Key::new("redact.words", Kind::Words, Trust::Free),
    Key::new("hook.deadline-ms", Kind::Count(1000), Trust::Free),
    Key::new("hook.worker", Kind::Flag, Trust::Free),
    Key::new("summaries.background", Kind::Flag, Trust::Free),
    Key::new("summaries.at-once", Kind::Count(10_000), Trust::Free),
    Key::new("narration.enabled", Kind::Flag, Trust::Towards(false)),
    Key::new("narration.provider", Kind::Text, Trust::Never),
    Key::new("narration.model", Kind::Text, Trust::Never),
    Key::new("narration.base-url", Kind::Text, Trust::Never),
    Key::new("narration.command", Kind::Command, Trust::Never),
    Key::new("narration.key-command", Kind::Command, Trust::Never),
    Key::new("narration.key-file", Kind::Directory, Trust::Never),
    Key::new("narration.stream", Kind::Flag, Trust::Never),
    Key::new("narration.timeout-seconds", Kind::Count(3_600), Trust::Never),
    Key::new("narration.prompt-tokens", Kind::Count(1_000_000), Trust::Never),
    Key::new("narration.reply-tokens", Kind::Count(100_000), Trust::Never),
    Key::new("narration.day-tokens", Kind::Count(1_000_000_000), Trust::Never),
    Key::new("narration.day-cents", Kind::Count(1_000_000), Trust::Never),
    Key::new("narration.price-in", Kind::Count(1_000_000), Trust::Never),
    Key::new("narration.price-out", Kind::Count(1_000_000), Trust::Never),
    Key::new("narration.diffs", Kind::Flag, Trust::Towards(false)),
    Key::new("narration.keep-days", Kind::Count(1_000), Trust::Never),
    Key::new("narration.wait-seconds", Kind::Count(3_600), Trust::Never),
    Key::new("update.notice", Kind::Flag, Trust::Never),
];

/// The place of a key in [`KEYS`].
#[must_use]
pub fn position(name: &str) -> Option<usize> {
    KEYS.iter().position(|key| key.name == name)
}

/// Whether keys lie below this name: `journal`, `assistants.claude-code`.
#[must_use]
pub fn is_section(name: &str) -> bool {
    KEYS.iter().any(|key| key.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
}

/// The known key or section that was probably meant.
#[must_use]
pub fn nearest(name: &str) -> Option<&'static str> {
    // The distance takes time that grows with the length, and nobody misspells a key at such length.
    if name.len() > 100 {
        return None;
    }
    // A key without its section, or in the wrong one, is meant more often than a similar word.
    let tail = name.rsplit('.').next().unwrap_or(name);
    KEYS.iter().map(|key| key.name).find(|known| known.rsplit('.').next() == Some(tail)).or_else(|| similar(name))
}

/// The known key or section with the fewest letters to change, if they are few.
fn similar(name: &str) -> Option<&'static str> {
    let prefixes = KEYS.iter().flat_map(|key| key.name.match_indices('.').map(|(at, _)| &key.name[..at]));
    KEYS.iter()
        .map(|key| key.name)
        .chain(prefixes)
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .filter(|(distance, known)| *distance <= (known.len() / 4).max(2))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// That there is no such setting, and which was probably meant, as a sentence that follows the name.
#[must_use]
pub fn unknown(name: &str) -> String {
    nearest(name)
        .map_or_else(|| "no such setting".to_owned(), |known| format!("no such setting; did you mean {known}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_described_and_has_a_variable_of_its_own() {
        let mut variables = std::collections::BTreeSet::new();
        for key in KEYS {
            assert!(key.description().ends_with('.'), "{}: {:?}", key.name, key.description());
            assert!(variables.insert(key.variable()));
        }
        assert!(variables.contains("COMMIT_STORY_ASSISTANTS_CLAUDE_CODE_READ"));
        assert_eq!(KEYS[0].description(), "Whether commits are recorded at all.");
    }

    #[test]
    fn the_nearest_name_is_found_or_none() {
        let check = |wrong: &str, expected: Option<&str>| assert_eq!(nearest(wrong), expected, "{wrong}");
        check("journal.foldr", Some("journal.folder"));
        check("folder", Some("journal.folder"));
        check("jurnal", Some("journal"));
        check("redact.mails", Some("redact.emails"));
        check("assistants.claude_code.reed", Some("assistants.claude-code.read"));
        check("hook.deadline_ms", Some("hook.deadline-ms"));
        check("colour", None);
        check("", None);
        check(&"x".repeat(5000), None);
    }

    /// The page that describes every setting to the reader.
    const PAGE: &str = include_str!("../../docs/configuration.md");

    #[test]
    fn the_page_has_a_row_for_every_key_with_its_default_and_variable() {
        let (defaults, _) = crate::config::file::read(DEFAULT.as_bytes());
        for (key, default) in KEYS.iter().zip(defaults) {
            let row = PAGE.lines().find(|line| line.starts_with(&format!("| `{}` |", key.name)));
            let row = row.unwrap_or_else(|| panic!("{} has no row", key.name));
            assert!(row.contains(&format!("| `{}` |", default.setting.text())), "default in {row}");
            assert!(row.contains(&format!("`{}`", key.variable())), "variable in {row}");
            if let Kind::Count(most) = key.kind {
                assert!(row.contains(&format!("0 to {most}")), "range in {row}");
            }
            let repository = match key.trust {
                Trust::Free => "yes",
                Trust::Towards(safe) => {
                    if safe {
                        "to `true`"
                    } else {
                        "to `false`"
                    }
                }
                Trust::Inside => "inside",
                Trust::Ours => "`commit-story/…`",
                Trust::Never => "no",
            };
            assert!(row.ends_with(&format!("| {repository} |")), "{repository} in {row}");
        }
    }

    #[test]
    fn the_page_knows_no_other_keys_and_every_variable() {
        for row in PAGE.lines().filter_map(|line| line.strip_prefix("| `")) {
            let name = row.split('`').next().unwrap_or_default();
            let variable = name.chars().all(|c| c.is_ascii_alphabetic() || c == '_');
            assert!(position(name).is_some() || variable, "{name} is in the page and no setting");
        }
        for name in crate::env::VARIABLES.iter().chain(&crate::config::load::OTHER_VARIABLES) {
            assert!(PAGE.contains(&format!("| `{name}` |")), "{name} is missing");
        }
    }
}
