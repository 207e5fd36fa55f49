//! SHA-256 of files.
//!
//! In: a file of any size. Out: hexadecimal digits. Never here: what is compared with them.

use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::chat::fingerprint::hexadecimal;
use crate::fs;

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
            0 => return Ok(hexadecimal(&hash.finalize())),
            read => hash.update(&chunk[..read]),
        }
    }
}
