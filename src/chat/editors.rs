//! Where the editors made from VS Code keep what belongs to their user.
//!
//! In: a home directory. Out: the `User` directories that there may be, on every system.
//! Never here: whether they exist.

use std::path::{Path, PathBuf};

/// VS Code and what is made of the same parts, by the names of their data directories.
pub const VS_CODE: &[&str] = &["Code", "Code - Insiders", "VSCodium", "VSCodium - Insiders"];

/// Editors that run VS Code's extensions but bring an assistant of their own.
pub const RELATED: &[&str] = &["Cursor", "Windsurf", "Trae"];

/// Where the systems keep such directories, below the home directory: Linux, macOS, Windows.
const BASES: &[&str] = &[".config", "Library/Application Support", "AppData/Roaming"];

/// The same of the editors' servers on remote machines and in WSL.
const SERVERS: &[&str] = &[".vscode-server/data", ".vscode-server-insiders/data", ".vscodium-server/data"];

/// Every `User` directory that there may be of these editors, and of the servers.
#[must_use]
pub fn user_directories(home: &Path, editors: &[&str]) -> Vec<PathBuf> {
    let bases = BASES.iter().flat_map(|base| editors.iter().map(move |editor| home.join(base).join(editor)));
    bases.chain(SERVERS.iter().map(|server| home.join(server))).map(|data| data.join("User")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_and_editor_has_its_directory() {
        let dirs = user_directories(Path::new("/h"), VS_CODE);
        for dir in [
            "/h/.config/VSCodium/User",
            "/h/Library/Application Support/Code/User",
            "/h/AppData/Roaming/Code - Insiders/User",
            "/h/.vscode-server/data/User",
        ] {
            assert!(dirs.contains(&PathBuf::from(dir)), "{dir}");
        }
    }
}
