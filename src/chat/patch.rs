//! Patches in the form that OpenAI's models write (V4A): which files they change.
//!
//! In: a patch's text. Out: paths, as the patch names them. Never here: what it changes in them.

/// The files that a patch adds, changes, deletes or moves to, in its order, each once.
#[must_use]
pub fn files(patch: &str) -> Vec<String> {
    const MARKS: &[&str] = &["*** Add File: ", "*** Update File: ", "*** Delete File: ", "*** Move to: "];
    let mut files: Vec<String> = Vec::new();
    for line in patch.lines() {
        let name = MARKS.iter().find_map(|mark| line.strip_prefix(mark)).map(str::trim);
        if let Some(name) = name.filter(|name| !name.is_empty() && !files.iter().any(|file| file == name)) {
            files.push(name.to_owned());
        }
    }
    files
}

/// The patch in a command line, if it applies one (`apply_patch <<'EOF'`).
#[must_use]
pub fn within(command: &str) -> Option<&str> {
    let start = command.find("*** Begin Patch")?;
    command[..start].contains("apply_patch").then(|| &command[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_is_named_once_in_order() {
        let patch = "*** Begin Patch\n*** Update File: src/a.rs\n*** Move to: src/b.rs\n@@\n-*** Add File: no\n\
            *** Add File: c d.md\n+x\n*** Update File: src/a.rs\n*** Delete File: e\r\n*** End Patch";
        assert_eq!(files(patch), ["src/a.rs", "src/b.rs", "c d.md", "e"]);
        assert_eq!(files("*** Add File: \n"), [""; 0]);
    }

    #[test]
    fn a_command_that_shows_a_patch_applies_none() {
        assert!(within("apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: a\n*** End Patch\nEOF").is_some());
        assert!(within("grep '*** Begin Patch' log").is_none() && within("apply_patch a.diff").is_none());
    }
}
