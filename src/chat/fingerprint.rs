//! The hash of a path.
//!
//! In: a path. Out: its SHA-256 (FIPS 180-2) in hexadecimal. Never here: what lies there.

use std::fmt::Write as _;
use std::path::Path;

use sha2::{Digest, Sha256};

/// The hash of a path as text, 64 digits in lower case.
#[must_use]
pub fn of(path: &Path) -> String {
    Sha256::digest(path.to_string_lossy().as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes all that is written");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_path_as_text() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(of(Path::new("abc")), expected, "FIPS 180-2, appendix B.1");
    }
}
