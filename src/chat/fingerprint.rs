//! Hashes of paths, after which some assistants name their directories.
//!
//! In: a path. Out: its hash in hexadecimal. Never here: what lies there.

use std::path::Path;

use md5::Md5;
use sha2::{Digest, Sha256};

/// The SHA-256 of a path as text (FIPS 180-2), 64 digits in lower case.
#[must_use]
pub fn of(path: &Path) -> String {
    hexadecimal(&Sha256::digest(path.to_string_lossy().as_bytes()))
}

/// The MD5 of a path as text (RFC 1321), 32 digits in lower case.
#[must_use]
pub fn md5_of(path: &Path) -> String {
    hexadecimal(&Md5::digest(path.to_string_lossy().as_bytes()))
}

/// Bytes as hexadecimal digits in lower case.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_path_as_text() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(of(Path::new("abc")), expected, "FIPS 180-2, appendix B.1");
        assert_eq!(md5_of(Path::new("abc")), "900150983cd24fb0d6963f7d28e17f72", "RFC 1321, appendix A.5");
    }
}
