//! The text of our block, made from `hooks/post-commit`.
//!
//! In: the path of the binary. Out: a whole hook file, the lines that join another's script, or a file that runs ours
//! and then a hook that was set aside.
//! Never here: `exec` in a script that goes on after us, a variable, a subshell, or another program than our own:
//! each would change what the rest of a hook sees or make the commit wait.

use std::path::{Path, PathBuf};

use super::marked;

/// The shipped hook, complete as a file of its own.
const TEMPLATE: &str = include_str!("../../hooks/post-commit");
/// The quoted path in the template that stands for the binary's.
const PLACE: &str = "'/path/to/commit-story'";
/// The first line of a hook file of ours.
pub(super) const SHEBANG: &str = "#!/bin/sh\n";
/// The line that is true of a whole file only.
const WHOLE_FILE_ONLY: &str = "# Lines of your own belong above";
/// Runs the hook that was here before. git names a hook by a path with a slash; `%/*` needs no `dirname`.
const THEN_ORIGINAL: &str = "\
# The hook that was here before comes next, as it was.
if [ -x \"${0%/*}/post-commit.commit-story-original\" ]; then
  exec \"${0%/*}/post-commit.commit-story-original\" \"$@\"
fi
";

/// Our block.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The binary's absolute path, tried before `PATH`; `None` in a file that others share, where no path of this
    /// machine belongs.
    pub binary: Option<PathBuf>,
}

impl Block {
    /// A block that runs this binary; one that is not absolute, or cannot stand on one line, is looked up on `PATH`.
    #[must_use]
    pub fn new(binary: &Path) -> Self {
        let fits = binary.is_absolute() && !binary.as_os_str().as_encoded_bytes().iter().any(u8::is_ascii_control);
        Self { binary: fits.then(|| binary.to_owned()) }
    }

    /// A block without a path of this machine.
    #[must_use]
    pub fn on_path() -> Self {
        Self { binary: None }
    }

    /// A hook file of our own. It ends in `exec`, which saves the shell a fork and the commit the wait for it.
    #[must_use]
    pub fn whole_file(&self) -> Vec<u8> {
        self.fill(TEMPLATE)
    }

    /// The lines for a script that goes on after them: status 0 whatever happens, nothing else changed.
    #[must_use]
    pub fn lines(&self) -> Vec<u8> {
        let template = TEMPLATE.strip_prefix(SHEBANG).unwrap_or(TEMPLATE);
        let kept: String = template.split_inclusive('\n').filter(|line| !line.starts_with(WHOLE_FILE_ONLY)).collect();
        self.fill(&kept.replace("exec ", ""))
    }

    /// The lines for a file that goes on with the hook that was set aside.
    #[must_use]
    pub(super) fn wrapper_lines(&self) -> Vec<u8> {
        let mut bytes = self.lines();
        let end = bytes.len() - marked::END.len() - 1;
        bytes.splice(end..end, THEN_ORIGINAL.bytes());
        bytes
    }

    /// A hook file of our own that runs ours and then becomes the hook that was set aside.
    #[must_use]
    pub fn wrapper(&self) -> Vec<u8> {
        [SHEBANG.as_bytes(), &self.wrapper_lines()].concat()
    }

    /// Puts the binary's path where the template has a place for it.
    fn fill(&self, template: &str) -> Vec<u8> {
        let Some(binary) = &self.binary else {
            let kept = template.split_inclusive('\n').filter(|line| !line.contains(PLACE));
            return kept.collect::<String>().replace("elif ", "if ").into_bytes();
        };
        let quoted = quote(binary);
        let pieces: Vec<&[u8]> = template.split(PLACE).map(str::as_bytes).collect();
        pieces.join(&quoted[..])
    }
}

/// What the block in a hook file is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Form {
    /// Replaces the shell.
    WholeFile,
    /// Lets the script go on.
    Joined,
    /// Goes on with the hook that was set aside.
    Wrapper,
}

/// Which form a block's text has.
pub(super) fn form(block: &[u8]) -> Form {
    let has = |start: &[u8]| block.split(|byte| *byte == b'\n').any(|line| line.starts_with(start));
    if has(b"  exec \"${0%/*}/post-commit.commit-story-original\"") {
        Form::Wrapper
    } else if has(b"  exec ") {
        Form::WholeFile
    } else {
        Form::Joined
    }
}

/// The binary that a block's text runs first.
pub(super) fn binary_in(block: &[u8]) -> Option<PathBuf> {
    block.split(|byte| *byte == b'\n').find_map(|line| {
        let quoted = line.trim_ascii_end().strip_prefix(b"if [ -x '")?.strip_suffix(b"' ]; then")?;
        Some(from_bytes(unquote(quoted)))
    })
}

/// The path as one word of POSIX sh: in single quotes nothing is special but the quote, which is put between them.
fn quote(path: &Path) -> Vec<u8> {
    let mut word = vec![b'\''];
    for byte in to_bytes(path) {
        match byte {
            b'\'' => word.extend_from_slice(b"'\\''"),
            other => word.push(other),
        }
    }
    word.push(b'\'');
    word
}

/// The opposite, for the inside of the outer quotes.
fn unquote(word: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(word.len());
    let mut rest = word;
    while let Some((first, tail)) = rest.split_first() {
        bytes.push(*first);
        rest = if *first == b'\'' { tail.strip_prefix(b"\\''").unwrap_or(tail) } else { tail };
    }
    bytes
}

#[cfg(unix)]
fn to_bytes(path: &Path) -> Vec<u8> {
    std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()).to_vec()
}

#[cfg(unix)]
fn from_bytes(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(<std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(bytes))
}

/// The shell that git brings to Windows takes either slash; a backslash is not safe in all that may read the file.
#[cfg(not(unix))]
fn to_bytes(path: &Path) -> Vec<u8> {
    path.to_string_lossy().replace('\\', "/").into_bytes()
}

#[cfg(not(unix))]
fn from_bytes(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn joined_lines_let_the_script_go_on() {
        let expected = "\
# >>> commit-story >>>
# Writes this commit into the journal; `commit-story uninstall` takes these lines out again.
if [ -x '/opt/it'\\''s here/commit-story' ]; then
  '/opt/it'\\''s here/commit-story' hook post-commit </dev/null >/dev/null || :
elif command -v commit-story >/dev/null 2>&1; then
  commit-story hook post-commit </dev/null >/dev/null || :
fi
# <<< commit-story <<<
";
        assert_eq!(text(Block::new(Path::new("/opt/it's here/commit-story")).lines()), expected);
    }

    #[test]
    fn a_shared_file_gets_no_path_of_this_machine() {
        let expected = "\
# >>> commit-story >>>
# Writes this commit into the journal; `commit-story uninstall` takes these lines out again.
if command -v commit-story >/dev/null 2>&1; then
  commit-story hook post-commit </dev/null >/dev/null || :
fi
# <<< commit-story <<<
";
        assert_eq!(text(Block::on_path().lines()), expected);
    }

    #[test]
    fn a_whole_file_replaces_the_shell() {
        let block = Block::new(Path::new("/bin/exec elif"));
        assert_eq!(form(&block.lines()), Form::Joined);
        let file = text(block.whole_file());
        assert!(file.starts_with("#!/bin/sh\n# >>> commit-story >>>\n"), "{file}");
        assert!(file.contains("  exec '/bin/exec elif' hook post-commit </dev/null >/dev/null || :\n"), "{file}");
        assert!(!file.contains("/path/to"), "{file}");
    }

    #[test]
    fn each_form_is_known_again() {
        let block = Block::new(Path::new("/b"));
        assert_eq!(form(&block.whole_file()), Form::WholeFile);
        assert_eq!(form(&block.lines()), Form::Joined);
        assert_eq!(form(&block.wrapper()), Form::Wrapper);
    }

    #[test]
    fn a_path_that_is_relative_or_breaks_the_line_is_left_to_path() {
        assert_eq!(Block::new(Path::new("commit-story")), Block::on_path());
        assert_eq!(Block::new(Path::new("/a\nb")), Block::on_path());
    }

    #[cfg(unix)]
    proptest! {
        #[test]
        fn the_path_is_read_back_as_it_was_written(tail in proptest::collection::vec(0x20u8..=0xff, 0..20)) {
            prop_assume!(!tail.contains(&0x7f));
            let path = from_bytes([b"/".as_slice(), &tail].concat());
            let block = Block::new(&path);
            for bytes in [block.whole_file(), block.lines(), block.wrapper()] {
                prop_assert_eq!(binary_in(&bytes), Some(path.clone()));
            }
        }
    }
}
