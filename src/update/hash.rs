//! SHA-256 of bytes and files.
//!
//! In: bytes, or a file of any size. Out: hexadecimal digits. Never here: what is compared with them.

use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::fs;

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The hash of a file, read in pieces.
///
/// # Errors
/// It cannot be read.
pub(super) fn of_file(path: &Path) -> std::io::Result<String> {
    let mut file = fs::open(path)?;
    let mut hash = Sha256::new();
    let mut chunk = vec![0; 64 << 10];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(hex(&hash.finalize())),
            read => hash.update(&chunk[..read]),
        }
    }
}
