//! Where the editors made from VS Code keep what belongs to their user.
//!
//! In: a home directory. Out: the `User` directories that there are, on every system.
//! Never here: what lies in them.

use std::path::{Path, PathBuf};

/// VS Code and what is made of the same parts, by the names of their data directories.
pub const VS_CODE: &[&str] = &["Code", "Code - Insiders", "VSCodium", "VSCodium - Insiders"];

/// Editors that run VS Code's extensions but bring an assistant of their own.
pub const RELATED: &[&str] = &["Cursor", "Windsurf", "Trae"];

/// Where the systems keep such directories, below the home directory: Linux, macOS, Windows.
const BASES: &[&str] = &[".config", "Library/Application Support", "AppData/Roaming"];

/// The same of the editors' servers on remote machines and in WSL.
const SERVERS: &[&str] = &[".vscode-server/data", ".vscode-server-insiders/data", ".vscodium-server/data"];

/// The `User` directories of these editors, and of the servers, that exist. A base that is not there, as two of the three
/// are on every system, is asked for once and not for each editor: a commit waits for the answer.
#[must_use]
pub fn user_directories(home: &Path, editors: &[&str]) -> Vec<PathBuf> {
    let bases = BASES.iter().map(|base| home.join(base)).filter(|base| base.is_dir());
    let data = bases.flat_map(|base| editors.iter().map(move |editor| base.join(editor)));
    let data = data.chain(SERVERS.iter().map(|server| home.join(server)));
    data.map(|data| data.join("User")).filter(|user| user.is_dir()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_and_editor_has_its_directory() {
        let home = tempfile::tempdir().unwrap();
        let theirs = [
            ".config/VSCodium/User",
            "Library/Application Support/Code/User",
            "AppData/Roaming/Code - Insiders/User",
            ".vscode-server/data/User",
        ];
        assert_eq!(user_directories(home.path(), VS_CODE), Vec::<PathBuf>::new());
        for dir in theirs.iter().chain(&[".config/Other/User", ".config/Cursor/User"]) {
            std::fs::create_dir_all(home.path().join(dir)).unwrap();
        }
        assert_eq!(user_directories(home.path(), VS_CODE), theirs.map(|dir| home.path().join(dir)));
    }
}
