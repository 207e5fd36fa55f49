//! Who may sign a release.
//!
//! In: nothing; the public keys are compiled in. Out: those keys, in the forms in which signatures are checked.
//! Never here: a private key, a key from a file or the network, or an empty list.
//!
//! The files are public keys of [minisign](https://jedisct1.github.io/minisign/): a comment, then base64 of `Ed`, eight
//! bytes that name the key, and the 32 bytes of the ed25519 key, which zipsign and OpenSSH use as they are.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// The bytes of an ed25519 public key.
pub const LENGTH: usize = 32;

/// The key that signs, and the one that lies offline in case the first is lost: whoever holds either can release.
const RELEASE: [&str; 2] = [include_str!("keys/online.pub"), include_str!("keys/spare.pub")];

/// Keys whose private halves stand in this repository, for its tests. No build that is optimized knows them.
#[cfg(debug_assertions)]
const TEST: [&str; 2] = [include_str!("keys/test-online.pub"), include_str!("keys/test-spare.pub")];
#[cfg(not(debug_assertions))]
const TEST: [&str; 0] = [];

/// The keys this build trusts, as minisign writes them; at least one.
pub fn minisign() -> impl Iterator<Item = &'static str> {
    RELEASE.into_iter().chain(TEST).map(|file| file.lines().nth(1).unwrap_or_default())
}

/// The same keys as bare bytes, for zipsign.
#[must_use]
pub fn bare() -> Vec<[u8; LENGTH]> {
    let keys = minisign().filter_map(|key| {
        let bytes = BASE64_STANDARD.decode(key).ok()?;
        bytes.get(10..)?.try_into().ok()
    });
    keys.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_file_is_a_key_and_no_two_are_the_same() {
        let mut keys = bare();
        assert_eq!(keys.len(), RELEASE.len() + TEST.len());
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), RELEASE.len() + TEST.len());
        for key in minisign() {
            assert!(minisign_verify::PublicKey::from_base64(key).is_ok(), "{key}");
        }
    }
}
