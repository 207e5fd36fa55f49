//! The directories that a client works in, as it names them.
//!
//! In: `file:` addresses. Out: directories on this machine.
//! Never here: the file system, or a directory of another machine.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;

/// More roots than these are not looked at.
pub const MOST: usize = 32;

/// The directory that an address names; `None` where it is no absolute path on this machine.
#[must_use]
pub fn directory(uri: &str) -> Option<PathBuf> {
    let rest = uri.get(..5).filter(|scheme| scheme.eq_ignore_ascii_case("file:")).and_then(|_| uri.get(5..))?;
    let path = match rest.strip_prefix("//") {
        // `file://HOST/PATH`; of hosts only this one.
        Some(rest) => {
            let at = rest.find('/')?;
            let (host, path) = rest.split_at(at);
            (host.is_empty() || host.eq_ignore_ascii_case("localhost")).then_some(path)?
        }
        None => rest,
    };
    let path = path.split(['?', '#']).next()?;
    let path = percent_decode_str(path).decode_utf8().ok()?;
    if path.contains('\0') {
        return None;
    }
    // `/C:/src` names a drive.
    let path = match path.as_bytes() {
        [b'/', drive, b':', ..] if cfg!(windows) && drive.is_ascii_alphabetic() => path[1..].to_owned(),
        _ => path.into_owned(),
    };
    Some(PathBuf::from(path)).filter(|path| path.is_absolute())
}

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    use std::path::Path;

    use super::*;

    #[cfg(unix)]
    #[test]
    fn only_directories_of_this_machine_are_roots() {
        for (uri, expected) in [
            ("file:///home/ada/repo", Some("/home/ada/repo")),
            ("file://localhost/home/ada", Some("/home/ada")),
            ("FILE:///a%20b/%C5%BC", Some("/a b/ż")),
            ("file:/home/ada", Some("/home/ada")),
            ("file:///a#part", Some("/a")),
            ("file://server/share", None),
            ("file://", None),
            ("file:relative", None),
            ("file:///a%00b", None),
            ("file:///a%FFb", None),
            ("https://example.org/", None),
            ("/home/ada", None),
            ("ż", None),
            ("", None),
        ] {
            assert_eq!(directory(uri).as_deref(), expected.map(Path::new), "{uri}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_address_makes_it_panic(uri in "(file:(//)?)?\\PC{0,30}") {
            proptest::prop_assert!(directory(&uri).is_none_or(|path| path.is_absolute()));
        }
    }
}
