//! The text of our block, made from the files in `hooks/`.
//!
//! In: an event and the path of the binary. Out: a whole hook file, the lines that join another's script, or a file that
//! runs ours and then a hook that was set aside.
//! Never here: in a script that goes on after us, anything that changes what its rest sees, or that makes a commit wait.

use std::path::{Path, PathBuf};

use super::event::Event;
use super::marked;

/// The quoted path in a template that stands for the binary's.
const PLACE: &str = "'/path/to/commit-story'";
/// The first line of a hook file of ours.
pub(super) const SHEBANG: &str = "#!/bin/sh\n";
/// The line that is true of a whole file only.
const WHOLE_FILE_ONLY: &str = "# Lines of your own belong above";

/// The shipped hook, complete as a file of its own.
fn template(event: Event) -> &'static str {
    match event {
        Event::PostCommit => include_str!("../../hooks/post-commit"),
        Event::PostRewrite => include_str!("../../hooks/post-rewrite"),
        Event::PostMerge => include_str!("../../hooks/post-merge"),
    }
}

/// The shipped hook as it joins another's script, where that is more than leaving out what is true of a whole file only.
fn joining(event: Event) -> Option<&'static str> {
    (event == Event::PostRewrite).then_some(include_str!("../../hooks/post-rewrite.joined"))
}

/// Runs the hook that was here before. git names a hook by a path with a slash; `%/*` needs no `dirname`.
fn then_original(event: Event) -> String {
    let original = event.original();
    format!(
        "\
# The hook that was here before comes next, as it was.
if [ -x \"${{0%/*}}/{original}\" ]; then
  exec \"${{0%/*}}/{original}\" \"$@\"
fi
"
    )
}

/// Our block.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// When it is run.
    pub event: Event,
    /// The binary's absolute path, tried before `PATH`; `None` in a file that others share, where no path of this
    /// machine belongs.
    pub binary: Option<PathBuf>,
}

impl Block {
    /// A block that runs this binary; one that is not absolute, or cannot stand on one line, is looked up on `PATH`.
    #[must_use]
    pub fn new(event: Event, binary: &Path) -> Self {
        let fits = binary.is_absolute() && !binary.as_os_str().as_encoded_bytes().iter().any(u8::is_ascii_control);
        Self { event, binary: fits.then(|| binary.to_owned()) }
    }

    /// A block without a path of this machine.
    #[must_use]
    pub fn on_path(event: Event) -> Self {
        Self { event, binary: None }
    }

    /// A hook file of our own. It ends in `exec`, which saves the shell a fork and the commit the wait for it.
    #[must_use]
    pub fn whole_file(&self) -> Vec<u8> {
        self.fill(template(self.event))
    }

    /// The lines for a script that goes on after them: status 0 whatever happens, nothing else changed.
    #[must_use]
    pub fn lines(&self) -> Vec<u8> {
        if let Some(joining) = joining(self.event) {
            return self.fill(joining.strip_prefix(SHEBANG).unwrap_or(joining));
        }
        let template = template(self.event);
        let lines = template.strip_prefix(SHEBANG).unwrap_or(template).split_inclusive('\n');
        let kept: String = lines.filter(|line| !line.starts_with(WHOLE_FILE_ONLY)).collect();
        self.fill(&kept.replace("exec ", ""))
    }

    /// The lines for a file that goes on with the hook that was set aside.
    #[must_use]
    pub(super) fn wrapper_lines(&self) -> Vec<u8> {
        let mut bytes = self.lines();
        let end = bytes.len() - marked::END.len() - 1;
        bytes.splice(end..end, then_original(self.event).into_bytes());
        bytes
    }

    /// A hook file of our own that runs ours and then becomes the hook that was set aside.
    #[must_use]
    pub fn wrapper(&self) -> Vec<u8> {
        [SHEBANG.as_bytes(), &self.wrapper_lines()].concat()
    }

    /// The command of a configured hook: a line for git, which hands it to a shell and, where the event has arguments,
    /// puts `"$@"` behind it. `everywhere`: for all repositories of the machine.
    #[must_use]
    pub fn command(&self, everywhere: bool) -> String {
        let template = template(self.event);
        let lines = template.lines().filter(|line| !line.starts_with('#')).map(str::trim_start);
        let mut command = String::new();
        for line in lines {
            let glue = if command.is_empty() || command.ends_with(" then") { "" } else { ";" };
            let space = if command.is_empty() { "" } else { " " };
            command = [&command, glue, space, line].concat();
        }
        if everywhere {
            command = command.replace(" hook ", " hook everywhere ");
        }
        let filled = match &self.binary {
            Some(binary) => String::from_utf8(quote(binary)).map(|quoted| command.replace(PLACE, &quoted)).ok(),
            None => None,
        };
        let found = command.find("elif ").map_or("", |at| &command[at + 2..]);
        filled.unwrap_or_else(|| found.to_owned()) + "; :"
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
    let execs = || block.split(|byte| *byte == b'\n').filter_map(|line| line.strip_prefix(b"  exec "));
    if execs().any(|what| what.starts_with(b"\"${0%/*}/")) {
        Form::Wrapper
    } else if execs().any(|what| !what.starts_with(b"<<")) {
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

/// The binary that the command of a configured hook runs first.
#[must_use]
pub fn binary_in_command(command: &str) -> Option<PathBuf> {
    let (quoted, _) = command.strip_prefix("if [ -x '")?.split_once("' ]; then exec '")?;
    Some(from_bytes(unquote(quoted.as_bytes())))
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
#[expect(clippy::needless_pass_by_value, reason = "where paths are bytes, they become one")]
fn from_bytes(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    use proptest::prelude::*;

    use super::*;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[cfg(unix)]
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
        assert_eq!(text(Block::new(Event::PostCommit, Path::new("/opt/it's here/commit-story")).lines()), expected);
    }

    #[cfg(windows)]
    #[test]
    fn the_shell_of_windows_is_told_the_path_with_its_own_slashes() {
        let block = Block::new(Event::PostMerge, Path::new(r"C:\it's here\commit-story.exe"));
        let command = block.command(false);
        assert!(command.starts_with(r"if [ -x 'C:/it'\''s here/commit-story.exe' ]; then exec "), "{command}");
        assert_eq!(binary_in_command(&command).as_deref(), Some(Path::new("C:/it's here/commit-story.exe")));
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
        assert_eq!(text(Block::on_path(Event::PostCommit).lines()), expected);
    }

    #[cfg(unix)]
    #[test]
    fn a_whole_file_replaces_the_shell() {
        let block = Block::new(Event::PostCommit, Path::new("/bin/exec elif"));
        assert_eq!(form(&block.lines()), Form::Joined);
        let file = text(block.whole_file());
        assert!(file.starts_with("#!/bin/sh\n# >>> commit-story >>>\n"), "{file}");
        assert!(file.contains("  exec '/bin/exec elif' hook post-commit </dev/null >/dev/null || :\n"), "{file}");
        assert!(!file.contains("/path/to"), "{file}");
    }

    #[cfg(unix)]
    #[test]
    fn a_command_is_one_line_that_takes_arguments_behind_it() {
        let block = Block::new(Event::PostMerge, Path::new("/opt/it's/commit-story"));
        let expected = "if [ -x '/opt/it'\\''s/commit-story' ]; then \
                        exec '/opt/it'\\''s/commit-story' hook post-merge \"$@\" </dev/null >/dev/null || :; \
                        elif command -v commit-story >/dev/null 2>&1; then \
                        exec commit-story hook post-merge \"$@\" </dev/null >/dev/null || :; fi; :";
        assert_eq!(block.command(false), expected);
        assert_eq!(binary_in_command(expected).as_deref(), Some(Path::new("/opt/it's/commit-story")));
        let expected = "if command -v commit-story >/dev/null 2>&1; then \
                        exec commit-story hook everywhere post-commit </dev/null >/dev/null || :; fi; :";
        assert_eq!(Block::on_path(Event::PostCommit).command(true), expected);
        assert_eq!(binary_in_command(expected), None);
    }

    #[test]
    fn every_template_has_a_place_for_the_path_and_gives_the_arguments_on() {
        for event in Event::ALL {
            let block = Block::new(event, Path::new("/opt/commit-story"));
            for bytes in [block.whole_file(), block.lines(), block.wrapper(), Block::on_path(event).lines()] {
                let text = text(bytes);
                assert!(!text.contains("/path/to") && !text.contains("elif [") && text.contains("\nif "), "{text}");
                let called = text.matches(&format!("hook {}", event.name())).count();
                assert_eq!(called, if text.contains("/opt") { 2 } else { 1 }, "{text}");
                let given = text.matches(&format!("hook {} \"$@\"", event.name())).count();
                assert_eq!(given, if event == Event::PostCommit { 0 } else { called }, "{text}");
            }
        }
    }

    #[test]
    fn each_form_is_known_again() {
        for event in Event::ALL {
            for block in [Block::new(event, Path::new("/b")), Block::on_path(event)] {
                assert_eq!(form(&block.whole_file()), Form::WholeFile, "{block:?}");
                assert_eq!(form(&block.lines()), Form::Joined, "{block:?}");
                assert_eq!(form(&block.wrapper()), Form::Wrapper, "{block:?}");
            }
        }
    }

    #[test]
    fn a_path_that_is_relative_or_breaks_the_line_is_left_to_path() {
        for path in ["commit-story", "/a\nb"] {
            assert_eq!(Block::new(Event::PostMerge, Path::new(path)), Block::on_path(Event::PostMerge));
        }
    }

    #[cfg(unix)]
    proptest! {
        #[test]
        fn the_path_is_read_back_as_it_was_written(tail in proptest::collection::vec(0x20u8..=0xff, 0..20)) {
            prop_assume!(!tail.contains(&0x7f));
            let path = from_bytes([b"/".as_slice(), &tail].concat());
            for block in Event::ALL.map(|event| Block::new(event, &path)) {
                for bytes in [block.whole_file(), block.lines(), block.wrapper()] {
                    prop_assert_eq!(binary_in(&bytes), Some(path.clone()));
                }
            }
        }
    }
}
