//! A hook file: what is in it, and what it becomes with and without us.
//!
//! In: an event and the directory of its hook file, or the file's bytes. Out: [`HookFile`], and new bytes.
//! Never here: a write, or an edit of a script in a language that is not the shell's.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::block::{self, Block, Form, SHEBANG};
use super::event::Event;
use super::interpreter::{Interpreter, shebang};
use super::marked;
use crate::fs;

/// A larger file is a program, not a script: it is set aside unread.
const LARGEST_SCRIPT: u64 = 1 << 20;

/// What is in a hook file.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// There is no such file.
    Absent,
    /// The file is ours alone and runs this binary (`None`: the one on `PATH`).
    Ours(Option<PathBuf>),
    /// A script of somebody else's that holds our lines.
    Joined(Option<PathBuf>),
    /// A file of ours that goes on with the hook that was set aside.
    Wrapper(Option<PathBuf>),
    /// Somebody else's, without our lines.
    Foreign(Interpreter),
}

/// A hook file as it lies on the disk.
#[derive(Debug, Clone, PartialEq)]
pub struct HookFile {
    /// When git runs it.
    pub event: Event,
    /// Where it is, or would be.
    pub path: PathBuf,
    /// What is in it.
    pub found: Found,
    /// Its bytes; empty if there is no file, and for a program.
    pub bytes: Vec<u8>,
    /// Whether git would run it; git skips one without an executable bit.
    pub executable: bool,
    /// Whether it is a symbolic link: the file behind it may be shared, so it is never written.
    pub link: bool,
    /// Where a hook that was set aside lies, if there is one.
    pub original: Option<PathBuf>,
    /// The file of another program that git runs, and that runs this one; `None` where git does so itself.
    pub via: Option<PathBuf>,
}

impl HookFile {
    /// The binary that our lines name; `None` without our lines or when they look on `PATH` only.
    #[must_use]
    pub fn binary(&self) -> Option<&Path> {
        match &self.found {
            Found::Ours(binary) | Found::Joined(binary) | Found::Wrapper(binary) => binary.as_deref(),
            Found::Absent | Found::Foreign(_) => None,
        }
    }

    /// Whether our lines are in it.
    #[must_use]
    pub fn has_ours(&self) -> bool {
        matches!(self.found, Found::Ours(_) | Found::Joined(_) | Found::Wrapper(_))
    }

    /// Whether our lines are in it just as this version writes them, for whichever binary: nobody has changed them.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.is_current(&Block { event: self.event, binary: self.binary().map(Path::to_owned) })
    }

    /// Whether our lines are in it just as this version would write them.
    #[must_use]
    pub fn is_current(&self, block: &Block) -> bool {
        self.has_ours() && join(&self.bytes, block) == self.bytes
    }
}

/// Looks at an event's file in a hooks directory.
///
/// # Errors
/// It is there and cannot be read, or is a directory.
pub fn inspect(hooks_dir: &Path, event: Event) -> Result<HookFile> {
    inspect_file(hooks_dir.join(event.name()), event)
}

/// The same of a file with another name, which somebody else runs for the event.
///
/// # Errors
/// It is there and cannot be read, or is a directory.
pub fn inspect_file(path: PathBuf, event: Event) -> Result<HookFile> {
    let aside = path.with_file_name(event.original());
    let mut file = HookFile {
        event,
        found: Found::Absent,
        bytes: Vec::new(),
        executable: fs::is_executable(&path),
        link: path.is_symlink(),
        original: aside.symlink_metadata().is_ok().then_some(aside),
        via: None,
        path,
    };
    if std::fs::metadata(&file.path).is_ok_and(|meta| meta.is_file() && meta.len() > LARGEST_SCRIPT) {
        file.found = Found::Foreign(Interpreter::Other("a program".to_owned()));
    } else if let Some(bytes) = fs::read(&file.path, LARGEST_SCRIPT).context("cannot look at the hook")? {
        file.found = found(&bytes);
        file.bytes = bytes;
    } else if file.link {
        file.found = Found::Foreign(Interpreter::Other("a link that leads nowhere".to_owned()));
    }
    Ok(file)
}

/// What a hook file with these bytes is.
fn found(bytes: &[u8]) -> Found {
    let Some(range) = marked::find(bytes) else { return Found::Foreign(Interpreter::of(bytes)) };
    let text = &bytes[range];
    let binary = block::binary_in(text);
    match block::form(text) {
        Form::Wrapper => Found::Wrapper(binary),
        Form::WholeFile if marked::without(bytes) == SHEBANG.as_bytes() => Found::Ours(binary),
        Form::WholeFile | Form::Joined => Found::Joined(binary),
    }
}

/// The bytes of a shell script with our lines in them, or with an older version of them replaced.
///
/// They go directly below the shebang line: a script that ends in `exit` or `exec` would never reach them further down.
/// A file that is ours alone stays one, unless somebody added lines to it that must run, too.
#[must_use]
pub fn join(bytes: &[u8], block: &Block) -> Vec<u8> {
    let lines = match found(bytes) {
        Found::Ours(_) => return block.whole_file(),
        Found::Wrapper(_) => block.wrapper_lines(),
        Found::Absent | Found::Joined(_) | Found::Foreign(_) => block.lines(),
    };
    marked::replaced(bytes, &lines).unwrap_or_else(|| {
        let at = shebang(bytes).map_or(0, |line| (line.len() + "#!\n".len()).min(bytes.len()));
        marked::with(bytes, at, &lines)
    })
}

/// The bytes without our lines; `None` when the file was ours alone and nothing is left.
#[must_use]
pub fn leave(bytes: &[u8]) -> Option<Vec<u8>> {
    match found(bytes) {
        Found::Ours(_) => None,
        Found::Wrapper(_) if marked::without(bytes) == SHEBANG.as_bytes() => None,
        _ => Some(marked::without(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BINARY: &str = if cfg!(windows) { "C:/opt/commit-story" } else { "/opt/commit-story" };

    fn block() -> Block {
        Block::new(Event::PostRewrite, Path::new(BINARY))
    }

    /// Scripts made of the pieces that matter here, and of any other bytes.
    fn script() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            Just(b"#!/bin/sh".to_vec()),
            Just(b"\n".to_vec()),
            Just(b"\r\n".to_vec()),
            Just(b"exit 3".to_vec()),
            Just(marked::BEGIN.as_bytes().to_vec()),
            Just(marked::END.as_bytes().to_vec()),
            proptest::collection::vec(any::<u8>(), 0..6),
        ];
        proptest::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn leaving_a_hook_restores_it_to_the_byte(bytes in script()) {
            prop_assume!(marked::find(&bytes).is_none());
            prop_assert_eq!(leave(&join(&bytes, &block())), Some(bytes));
        }

        #[test]
        fn joining_twice_is_joining_once(bytes in script()) {
            let once = join(&bytes, &block());
            prop_assert_eq!(join(&once, &block()), once);
        }

        #[test]
        fn another_path_replaces_only_our_lines(bytes in script()) {
            prop_assume!(marked::find(&bytes).is_none());
            let moved = join(&join(&bytes, &block()), &Block::on_path(Event::PostRewrite));
            prop_assert_eq!(join(&bytes, &Block::on_path(Event::PostRewrite)), moved);
        }
    }

    #[test]
    fn our_lines_go_directly_below_the_shebang_line() {
        let check = |bytes: &[u8], before: &str| {
            let joined = join(bytes, &block());
            assert!(joined.starts_with([before, marked::BEGIN].concat().as_bytes()), "{bytes:?}");
            assert_eq!(leave(&joined).as_deref(), Some(bytes));
        };
        check(b"#!/bin/sh\nexit 0\n", "#!/bin/sh\n");
        check(b"#!/bin/sh -e", "#!/bin/sh -e\n");
        check(b"echo one", "");
        check(b"", "");
    }

    #[test]
    fn a_file_of_ours_is_known_again_and_leaves_nothing() {
        let path = Some(PathBuf::from(BINARY));
        assert_eq!(found(&block().whole_file()), Found::Ours(path.clone()));
        assert_eq!(found(&block().wrapper()), Found::Wrapper(path.clone()));
        assert_eq!(found(&join(b"#!/bin/sh\n", &block())), Found::Joined(path));
        assert_eq!(leave(&block().whole_file()), None);
        assert_eq!(leave(&block().wrapper()), None);
        for file in [block().whole_file(), block().wrapper()] {
            assert_eq!(join(&file, &block()), file);
        }
    }

    #[test]
    fn lines_added_to_our_file_run_after_the_next_install_and_stay_after_us() {
        let mut file = block().whole_file();
        file.extend_from_slice(b"echo theirs\n");
        let joined = join(&file, &block());
        assert_eq!(found(&joined), Found::Joined(Some(PathBuf::from(BINARY))));
        assert_eq!(block::form(&joined), Form::Joined);
        assert_eq!(leave(&joined).unwrap(), b"#!/bin/sh\necho theirs\n");
    }

    #[test]
    fn a_program_is_set_aside_unread_and_a_missing_file_is_absent() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(inspect(dir.path(), Event::PostMerge).unwrap().found, Found::Absent);
        std::fs::write(dir.path().join("post-merge"), vec![b'x'; (1 << 20) + 1]).unwrap();
        let file = inspect(dir.path(), Event::PostMerge).unwrap();
        assert_eq!(file.found, Found::Foreign(Interpreter::Other("a program".to_owned())));
        assert!(file.bytes.is_empty());
    }

    #[test]
    fn a_directory_in_the_hooks_place_is_an_error_with_its_name() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("post-merge")).unwrap();
        let error = format!("{:#}", inspect(dir.path(), Event::PostMerge).unwrap_err());
        assert!(error.contains("post-merge"), "{error}");
    }
}
