//! What a commit did to one file.
//!
//! In: nothing. Out: plain data. Never here: git objects, or how the change is found (that is `diff`).

use std::borrow::Cow;

/// What happened to one path between the first parent and the commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The path in the commit (the old one for a deletion), relative to the top, `/`-separated, as git stores it. It
    /// need not be UTF-8: see [`Change::path_text`].
    pub path: Vec<u8>,
    /// What kind of change.
    pub kind: ChangeKind,
    /// How many lines came and went.
    pub lines: Lines,
}

/// The kinds of change, as `git show --name-status` names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeKind {
    /// The path is new.
    Added,
    /// The content changed.
    Modified,
    /// The path is gone.
    Deleted,
    /// The path was moved, and perhaps edited.
    Renamed {
        /// The old path.
        from: Vec<u8>,
    },
    /// The path was copied, and perhaps edited.
    Copied {
        /// The path it was copied from.
        from: Vec<u8>,
    },
    /// A file became a symbolic link or a submodule, or the other way round.
    TypeChanged,
    /// Only the executable bit changed.
    ModeChanged,
    /// A submodule came, moved to another commit, or went.
    Submodule,
}

/// Lines added and removed, as `git show --numstat` counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// Counted.
    Counted {
        /// Lines added.
        added: u32,
        /// Lines removed.
        removed: u32,
    },
    /// A binary file: git counts no lines.
    Binary,
    /// Not counted, because the file or the commit is larger than the limit in force.
    Uncounted,
}

impl Lines {
    /// Added and removed lines together; 0 where there are no lines to count.
    #[must_use]
    pub fn churn(self) -> u64 {
        match self {
            Self::Counted { added, removed } => u64::from(added) + u64::from(removed),
            Self::Binary | Self::Uncounted => 0,
        }
    }
}

impl Change {
    /// The path for people: bytes that are not UTF-8 are shown as git shows them, `\ooo`.
    #[must_use]
    pub fn path_text(&self) -> Cow<'_, str> {
        path_text(&self.path)
    }
}

/// A path for people: UTF-8 as it is, any other byte and control characters as a backslash and three octal digits.
#[must_use]
pub fn path_text(path: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(path)
        && !text.chars().any(char::is_control)
    {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(path.len() + 8);
    for chunk in path.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() {
                let mut buffer = [0; 4];
                c.encode_utf8(&mut buffer).bytes().for_each(|byte| push_octal(&mut text, byte));
            } else {
                text.push(c);
            }
        }
        chunk.invalid().iter().for_each(|byte| push_octal(&mut text, *byte));
    }
    Cow::Owned(text)
}

fn push_octal(text: &mut String, byte: u8) {
    text.push('\\');
    for shift in [6, 3, 0] {
        text.push(char::from(b'0' + ((byte >> shift) & 7)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_are_not_text_are_shown_as_git_shows_them() {
        assert_eq!(path_text("src/ä b.rs".as_bytes()), "src/ä b.rs");
        assert_eq!(path_text(b"caf\xe9.txt"), "caf\\351.txt");
        assert_eq!(path_text(b"a\nb\tc"), "a\\012b\\011c");
    }
}
