//! Paths and ids as transcripts name them.
//!
//! In: text that another program wrote. Out: whether a path lies in a work tree, the path of a `file:` address.
//! Never here: a look at the disk. What a transcript names is compared as text and not touched.

use std::path::{Path, PathBuf};

/// Whether a path equals or lies below one of the roots. Compared as text: what a transcript names is not touched.
#[must_use]
pub fn inside(path: &Path, roots: &[PathBuf]) -> bool {
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            std::path::Component::ParentDir => drop(clean.pop()),
            std::path::Component::CurDir => {}
            other => clean.push(other),
        }
    }
    roots.iter().any(|root| clean.starts_with(root))
}

/// Whether a session that was started there may be of one of the roots: inside it, or above it as in a folder of several
/// repositories.
#[must_use]
pub fn related(directory: &Path, roots: &[PathBuf]) -> bool {
    inside(directory, roots) || roots.iter().any(|root| root.starts_with(directory))
}

/// Ids come from the environment and become file names, so nothing but what ids are made of is let through.
#[must_use]
pub fn is_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// The path as the assistant meant it: a relative one is taken from its working directory.
#[must_use]
pub fn absolute(path: &str, directory: Option<&Path>) -> PathBuf {
    directory.map_or_else(|| PathBuf::from(path), |directory| directory.join(path))
}

/// The path of a `file:` or `vscode-remote:` address, percent signs resolved (RFC 8089, RFC 3986).
///
/// Of a remote address only the path is used: inside that machine or container it is the work tree's own.
#[must_use]
pub fn of_uri(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://").or_else(|| uri.strip_prefix("vscode-remote://"))?;
    let local = uri.starts_with("file:");
    let slash = rest.find('/')?;
    let (host, path) = (&rest[..slash], decoded(&rest[slash..]));
    let drive = path.as_bytes().get(1).is_some_and(u8::is_ascii_alphabetic) && path[2..].starts_with(':');
    Some(if local && drive {
        // `file:///c%3A/work` is `c:/work`; Windows takes either slash.
        PathBuf::from(&path[1..])
    } else if local && !host.is_empty() && host != "localhost" {
        PathBuf::from(format!("//{host}{path}"))
    } else {
        PathBuf::from(path)
    })
}

/// Broken escapes stand for themselves.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = tail.get(..2).filter(|_| *first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(byte) = escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_inside_by_whole_components() {
        let roots = [PathBuf::from("/home/dev/cli")];
        let check = |path: &str| inside(Path::new(path), &roots);
        assert!(check("/home/dev/cli") && check("/home/dev/cli/src/") && check("/home/dev/x/../cli/a"));
        assert!(!check("/home/dev/cli-old") && !check("/home/dev") && !check("/home/dev/cli/../x") && !check("src"));
    }

    #[test]
    fn a_session_of_a_folder_above_may_be_of_the_repository() {
        let roots = [PathBuf::from("/home/dev/cli")];
        let check = |path: &str| related(Path::new(path), &roots);
        assert!(check("/home/dev/cli/src") && check("/home/dev/cli") && check("/home/dev"));
        assert!(!check("/home/dev/cli-old") && !check("/home/development"));
    }

    #[test]
    fn addresses_become_paths() {
        let check = |uri: &str, path: &str| assert_eq!(of_uri(uri), Some(PathBuf::from(path)), "{uri}");
        check("file:///home/dev/my%20app", "/home/dev/my app");
        check("file:///home/dev/100%", "/home/dev/100%");
        check("file:///home/%C3%BCber", "/home/über");
        check("file:///c%3A/code/app", "c:/code/app");
        check("file://localhost/home/dev", "/home/dev");
        check("file://server/share/app", "//server/share/app");
        check("vscode-remote://wsl%2Bubuntu/home/dev/app", "/home/dev/app");
        check("vscode-remote://ssh-remote%2B7b22/srv/app", "/srv/app");
        for none in ["untitled:x", "file://", "file:", ""] {
            assert_eq!(of_uri(none), None, "{none}");
        }
    }

    #[test]
    fn a_relative_path_is_taken_from_the_working_directory() {
        assert_eq!(absolute("a.rs", Some(Path::new("/repo"))), PathBuf::from("/repo/a.rs"));
        assert_eq!(absolute("/x/a.rs", Some(Path::new("/repo"))), PathBuf::from("/x/a.rs"));
        assert_eq!(absolute("a.rs", None), PathBuf::from("a.rs"));
    }

    #[test]
    fn ids_are_made_of_nothing_that_a_path_is_made_of() {
        assert!(is_id("636c784b-49e4_A") && !is_id("../x") && !is_id("") && !is_id(".") && !is_id(&"a".repeat(129)));
    }
}
