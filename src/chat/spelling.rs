//! One directory as Windows and the Linux inside it (WSL) spell it.
//!
//! In: paths as either side writes them. Out: what of one lies below the other.
//! Never here: a look at the disk: touching a path of the other side may start it.
//!
//! | meant | spelled |
//! |---|---|
//! | a directory of Linux | `/home/me/app`, `\\wsl.localhost\Ubuntu\home\me\app`, `\\wsl$\Ubuntu\home\me\app`, `\home\me\app` |
//! | a directory of Windows | `C:\Users\me\app`, `c:/Users/me/app`, `\\?\C:\Users\me\app`, `/mnt/c/Users/me/app` |

use std::path::{Path, PathBuf};

/// Servers that stand for the distributions of Linux on this machine.
const WSL: [&str; 2] = ["wsl.localhost", "wsl$"];

/// Whether a path is spelled as Windows does: with a drive, with a server, or with its slashes alone.
#[must_use]
pub fn is_of_windows(path: &Path) -> bool {
    let bytes = path.as_os_str().as_encoded_bytes();
    match bytes {
        [b'\\', ..] => true,
        [b'/', b'/', rest @ ..] => {
            cfg!(windows)
                || WSL
                    .iter()
                    .any(|name| rest.get(..name.len()).is_some_and(|host| host.eq_ignore_ascii_case(name.as_bytes())))
        }
        [b'/', rest @ ..] | rest => drive(rest).is_some(),
    }
}

/// The letter of the drive with which a path begins.
fn drive(bytes: &[u8]) -> Option<u8> {
    match bytes {
        [letter, b':'] | [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic() => Some(*letter),
        _ => None,
    }
}

/// What of a path lies below another, however each is spelled; empty for the same directory.
#[must_use]
pub fn below(path: &Path, top: &Path) -> Option<PathBuf> {
    let (path, top) = (Spelled::of(path), Spelled::of(top));
    let elsewhere = path.distribution.is_some() && top.distribution.is_some() && path.distribution != top.distribution;
    // Windows does not tell a capital from a small letter.
    let any_case = path.is_of_drive() && top.is_of_drive();
    let same = |a: &String, b: &String| a == b || any_case && a.to_lowercase() == b.to_lowercase();
    let begins = path.parts.len() >= top.parts.len() && path.parts.iter().zip(&top.parts).all(|(a, b)| same(a, b));
    (begins && !elsewhere).then(|| path.parts[top.parts.len()..].iter().collect())
}

/// A path as Linux spells it.
#[must_use]
pub fn of_linux(path: &Path) -> PathBuf {
    Path::new("/").join(Spelled::of(path).parts.iter().collect::<PathBuf>())
}

/// A path, taken apart, as Linux spells it.
struct Spelled {
    /// Of which distribution, where that is said.
    distribution: Option<String>,
    parts: Vec<String>,
}

impl Spelled {
    fn of(path: &Path) -> Self {
        let mut text = path.to_string_lossy().replace('\\', "/");
        // Windows' own prefixes for paths of any length.
        if let Some(rest) = text.strip_prefix("//?/UNC/") {
            text = format!("//{rest}");
        } else if let Some(rest) = text.strip_prefix("//?/") {
            text = rest.to_owned();
        }
        let (mut distribution, mut parts) = (None, Vec::new());
        if let Some(rest) = text.strip_prefix("//") {
            let (host, rest) = rest.split_once('/').unwrap_or((rest, ""));
            if WSL.iter().any(|name| host.eq_ignore_ascii_case(name)) {
                let (name, rest) = rest.split_once('/').unwrap_or((rest, ""));
                distribution = Some(name.to_lowercase());
                text = format!("/{rest}");
            } else {
                parts.push(format!("//{host}"));
                text = rest.to_owned();
            }
        }
        let bare = text.strip_prefix('/').filter(|rest| drive(rest.as_bytes()).is_some()).unwrap_or(&text);
        if let Some(letter) = drive(bare.as_bytes()) {
            text = format!("/mnt/{}{}", char::from(letter.to_ascii_lowercase()), &bare[2..]);
        }
        for part in text.split('/') {
            match part {
                "" | "." => {}
                ".." => drop(parts.pop()),
                part => parts.push(part.to_owned()),
            }
        }
        Self { distribution, parts }
    }

    fn is_of_drive(&self) -> bool {
        matches!(self.parts.as_slice(), [mnt, letter, ..] if mnt == "mnt" && letter.len() == 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(path: &str, top: &str, expected: Option<&str>) {
        assert_eq!(below(Path::new(path), Path::new(top)), expected.map(PathBuf::from), "{path} below {top}");
    }

    #[test]
    fn a_directory_of_linux_is_the_same_from_both_sides() {
        let spellings = [
            "/home/me/app",
            "/home/me/app/",
            r"\\wsl.localhost\Ubuntu\home\me\app",
            r"\\wsl$\Ubuntu\home\me\app",
            r"\\WSL$\ubuntu\home\me\app\",
            "//wsl.localhost/Ubuntu/home/me/app",
            // So do editors on Windows that have opened it in WSL.
            r"\home\me\app",
            r"\\?\UNC\wsl.localhost\Ubuntu\home\me\app",
        ];
        for top in spellings {
            for path in spellings {
                check(path, top, Some(""));
                check(&format!("{path}/src/Main.rs"), top, Some("src/Main.rs"));
            }
            check(r"\\wsl.localhost\Ubuntu\home\me\app2", top, None);
            check(r"\\wsl.localhost\Ubuntu\home\me", top, None);
            check(r"\\wsl.localhost\Ubuntu\home\me\App", top, None);
        }
        check(r"\\wsl.localhost\Debian\home\me\app", r"\\wsl.localhost\Ubuntu\home\me\app", None);
        check(r"\\server\Ubuntu\home\me\app", "/home/me/app", None);
    }

    #[test]
    fn a_directory_of_windows_is_the_same_from_both_sides() {
        let spellings = [
            r"C:\Users\Me\App",
            r"c:\users\me\app\",
            "C:/Users/me/app",
            "/c:/Users/me/app",
            r"\\?\C:\Users\me\app",
            "/mnt/c/Users/me/app",
            r"\\wsl.localhost\Ubuntu\mnt\c\Users\me\app",
        ];
        for top in spellings {
            for path in spellings {
                check(path, top, Some(""));
                check(&format!(r"{path}\src\..\Main.rs"), top, Some("Main.rs"));
            }
            check(r"D:\Users\me\app", top, None);
            check(r"C:\Users\me", top, None);
        }
        assert_eq!(of_linux(Path::new(r"C:\Users\Me")), PathBuf::from("/mnt/c/Users/Me"));
        check("C:", r"C:\Users", None);
        check(r"C:\Users", "C:", Some("Users"));
    }

    #[test]
    fn what_windows_spells_is_told_from_what_linux_does() {
        for path in [r"C:\a", "c:/a", "C:", "/c:/a", r"\\server\a", r"\a", "//wsl$/a", "//WSL.localhost/a", r"\\?\C:\a"]
        {
            assert!(is_of_windows(Path::new(path)), "{path}");
        }
        for path in ["/a", "a", "/mnt/c/a", "", "/", "c:a", "ab:/c", "/a:b/c"] {
            assert!(!is_of_windows(Path::new(path)), "{path}");
        }
    }

    proptest! {
        #[test]
        fn no_paths_make_it_panic(a in r"(\\\\|/|\\|[cC]:|wsl\$|wsl.localhost|mnt|\?|UNC|\.\.|é|a){0,8}", b in r"(\\\\|/|[cC]:|wsl\$|mnt|é|a){0,6}") {
            let _ = below(Path::new(&a), Path::new(&b));
            prop_assert_eq!(below(Path::new(&a), Path::new(&a)), Some(PathBuf::new()));
            let _ = is_of_windows(Path::new(&a));
        }
    }
}
