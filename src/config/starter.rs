//! A new configuration file.
//!
//! In: the settings that were chosen. Out: a commented file that holds them and nothing else.
//! Never here: a file on disk.

use anyhow::Result;

use super::edit;
use super::keys::KEYS;

/// Writes a file that sets these keys, in the order of `default.yaml`, each below its description.
///
/// # Errors
/// There is no such key, or a value has not its type.
pub fn starter(values: &[(&str, &str)]) -> Result<String> {
    let mut chosen = Vec::new();
    for (key, value) in values {
        chosen.push(edit::checked(key, value)?);
    }
    let mut text = "# Settings of commit-story, the journal that writes itself. Those that are not here have their \
                    defaults:\n# see `commit-story config list --origin`.\n"
        .to_owned();
    let mut section: Vec<&str> = Vec::new();
    for key in KEYS {
        let Some((_, setting)) = chosen.iter().rev().find(|(known, _)| known.name == key.name) else { continue };
        let names: Vec<&str> = key.name.split('.').collect();
        let Some((last, sections)) = names.split_last() else { continue };
        let shared = section.iter().zip(sections).take_while(|(a, b)| a == b).count();
        if shared == 0 || shared < section.len() {
            text.push('\n');
        }
        for (depth, name) in sections.iter().enumerate().skip(shared) {
            text.extend([" ".repeat(2 * depth).as_str(), name, ":\n"]);
        }
        let indent = " ".repeat(2 * sections.len());
        let (description, value) = (key.description(), edit::yaml_text(setting));
        text.extend([&indent, "# ", &description, "\n", &indent, last, ": ", &value, "\n"]);
        section = sections.to_vec();
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::file;

    #[test]
    fn a_new_file_explains_what_it_sets() {
        let text = starter(&[
            ("assistants.claude-code.read", "false"),
            ("enabled", "true"),
            ("journal.private", "false"),
            ("journal.folder", "my notes"),
        ])
        .unwrap();
        let expected = "\
# Settings of commit-story, the journal that writes itself. Those that are not here have their defaults:
# see `commit-story config list --origin`.

# Whether commits are recorded at all.
enabled: true

journal:
  # The folder that holds the journal: relative to the top of the main work tree, or, except in a repository's file, \
absolute or starting with ~/.
  folder: \"my notes\"
  # Whether the journal is kept out of commits (git-ignored through .git/info/exclude).
  private: false

assistants:
  claude-code:
    # Whether conversations with Claude Code are read.
    read: false
";
        assert_eq!(text, expected);
    }

    #[test]
    fn every_key_can_be_in_a_new_file() {
        let values: Vec<(&str, &str)> = KEYS.iter().map(|key| (key.name, edit::sample(key.kind)[0])).collect();
        let (found, faults) = file::read(starter(&values).unwrap().as_bytes());
        assert_eq!((found.len(), faults), (KEYS.len(), Vec::new()));
    }

    #[test]
    fn a_wrong_value_is_refused() {
        assert!(starter(&[("enabled", "perhaps")]).unwrap_err().to_string().contains("true or false"));
    }
}
