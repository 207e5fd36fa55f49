//! The install scripts of one release.
//!
//! In: `install.sh` and `install.ps1` as they stand in the checkout, the release's index, and who signs it. Out: the same
//! scripts with the repository, the version, the hash of each archive and the public keys in them.
//! Never here: another change to a script.

use anyhow::{Context as _, Result, ensure};
use commit_story::update::names;

use crate::index::Index;
use crate::keyring::{self, Whose};
use crate::proof;
use crate::tree::Tree;

/// Between these lines stand the constants.
const BEGIN: &str = "# >>> filled in for each release >>>";
const END: &str = "# <<< filled in for each release <<<";

/// The script `name` for the release `index`, signed by `whose` keys.
///
/// # Errors
/// It cannot be read, or has no such constants.
pub fn filled(tree: &Tree, name: &str, index: &Index, whose: Whose) -> Result<String> {
    let hashes: Vec<String> = index.assets.iter().map(|asset| format!("{}  {}", asset.sha256, asset.name)).collect();
    let mut values = standing(tree, whose)?;
    values.extend([("VERSION", index.version.clone()), ("HASHES", hashes.join("\n"))]);
    fill(&tree.text(name)?, &values).with_context(|| format!("cannot fill in {name}"))
}

/// Brings the repository and the keys in both scripts of the checkout after those that it has elsewhere.
///
/// # Errors
/// A script cannot be read or written, or has no such constants.
pub fn renew(tree: &Tree) -> Result<()> {
    for name in names::INSTALLERS {
        let text = fill(&tree.text(name)?, &standing(tree, Whose::Ours)?);
        let text = text.with_context(|| format!("cannot fill in {name}"))?;
        std::fs::write(tree.root.join(name), text).with_context(|| format!("cannot write {name}"))?;
    }
    Ok(())
}

/// The constants that stand in the scripts also where they belong to no release.
fn standing(tree: &Tree, whose: Whose) -> Result<Vec<(&'static str, String)>> {
    let files = keyring::public(tree, whose)?;
    let signers = files.iter().map(|file| proof::allowed(file)).collect::<Result<Vec<_>>>()?;
    let keys: Vec<&str> = files.iter().filter_map(|file| file.lines().nth(1)).collect();
    Ok(vec![("REPOSITORY", tree.repository()?), ("SIGNERS", signers.join("\n")), ("KEYS", keys.join("\n"))])
}

/// The text with each `NAME='…'` or `$Name = '…'` between the marks at another value.
fn fill(text: &str, values: &[(&str, String)]) -> Result<String> {
    let (before, rest) = text.split_once(BEGIN).context("the line that begins the constants is missing")?;
    let (block, after) = rest.split_once(END).context("the line that ends the constants is missing")?;
    let mut block = block.to_owned();
    for (name, value) in values {
        ensure!(!value.contains('\''), "a quote in {name}");
        // In PowerShell `$Version` is the parameter.
        match quoted(&block, name).or_else(|| quoted(&block, &format!("OWN{name}"))) {
            // Its here-strings begin and end with the end of a line.
            Some(range) if block[range.clone()].starts_with('\n') => {
                block.replace_range(range, &format!("\n{value}\n"));
            }
            Some(range) => block.replace_range(range, value),
            // On Windows there is nothing but ssh-keygen to check a signature with.
            None => ensure!(*name == "KEYS", "{name} is not among the constants"),
        }
    }
    Ok([before, BEGIN, &block, END, after].concat())
}

/// Where the value of `name` stands, without its quotes.
fn quoted(block: &str, name: &str) -> Option<std::ops::Range<usize>> {
    let mut at = 0;
    for line in block.split_inclusive('\n') {
        let words = line.trim_start().trim_start_matches('$');
        let named = words.get(..name.len()).is_some_and(|word| word.eq_ignore_ascii_case(name));
        if named && words[name.len()..].trim_start().starts_with('=') {
            let start = at + line.find('\'')? + 1;
            return Some(start..start + block[start..].find('\'')?);
        }
        at += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_of_both_languages_are_filled_in_and_nothing_else() {
        let values = [("VERSION", "1.2.3".to_owned()), ("KEYS", "a\nb".to_owned())];
        let check = |text: &str, expected: &str| {
            let text = format!("VERSION='x'\n{BEGIN}\n{text}\n{END}\nKEYS='y'\n");
            let expected = format!("VERSION='x'\n{BEGIN}\n{expected}\n{END}\nKEYS='y'\n");
            assert_eq!(fill(&text, &values).unwrap(), expected);
        };
        check(
            "    # The KEYS\n    VERSION=''\n    KEYS='c\nd'",
            "    # The KEYS\n    VERSION='1.2.3'\n    KEYS='a\nb'",
        );
        check("$OwnVersion = ''\n$Keys = @'\nc\n'@", "$OwnVersion = '1.2.3'\n$Keys = @'\na\nb\n'@");
    }

    #[test]
    fn a_script_without_its_constants_is_refused() {
        let values = [("VERSION", "1.2.3".to_owned())];
        assert!(fill("VERSION=''", &values).is_err());
        assert!(fill(&format!("{BEGIN}\nVERSIONS=''\n{END}"), &values).is_err());
        let quote = [("VERSION", "1'2".to_owned())];
        assert!(fill(&format!("{BEGIN}\nVERSION=''\n{END}"), &quote).is_err());
    }
}
