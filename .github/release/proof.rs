//! Whether a signature is by a key that is trusted.
//!
//! In: public keys, bytes, and a signature in one of the three forms. Out: nothing, or why not.
//! Never here: a private key, or an empty list of public ones.

use std::io::Cursor;

use anyhow::{Context as _, Result, bail, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use commit_story::update::names;
use ed25519_dalek::{Signature, VerifyingKey};
use minisign_verify::PublicKey;
use sha2::Digest as _;

use crate::sign::{self, ssh_key, string};

/// The keys of which any one suffices.
#[derive(Debug)]
pub struct Trusted(Vec<VerifyingKey>);

impl Trusted {
    /// The keys in these files of minisign.
    ///
    /// # Errors
    /// There are none, or one is no key.
    pub fn of(files: &[String]) -> Result<Self> {
        ensure!(!files.is_empty(), "no public key is trusted");
        let keys = files.iter().map(|file| Ok(VerifyingKey::from_bytes(&bare(file)?)?));
        Ok(Self(keys.collect::<Result<_>>()?))
    }

    /// Checks an archive with zipsign's signature in it, made for the file name `name`.
    ///
    /// # Errors
    /// There is no signature by a trusted key.
    pub fn archive(&self, bytes: &[u8], name: &str) -> Result<()> {
        let found = zipsign_api::verify::verify_tar(&mut Cursor::new(bytes), &self.0, Some(name.as_bytes()));
        found.map(|_| ()).with_context(|| format!("cannot trust {name}"))
    }

    /// Checks a signature by minisign, in its form of today (`hashed`) or its first one.
    ///
    /// # Errors
    /// It is not one of a trusted key, or of another form.
    pub fn minisig(&self, bytes: &[u8], signature: &str, hashed: bool, name: &str) -> Result<()> {
        let read = minisign_verify::Signature::decode(signature)
            .with_context(|| format!("cannot understand the signature of {name}"))?;
        let line = BASE64_STANDARD.decode(signature.lines().nth(1).unwrap_or_default())?;
        let kind: &[u8] = if hashed { b"ED" } else { b"Ed" };
        ensure!(line.starts_with(kind), "the signature of {name} has the wrong form of minisign's two");
        let holds = |key: &VerifyingKey| {
            let file = [b"Ed".as_slice(), &key.to_bytes()[..8], &key.to_bytes()].concat();
            let key = PublicKey::from_base64(&BASE64_STANDARD.encode(file));
            key.is_ok_and(|key| key.verify(bytes, &read, !hashed).is_ok())
        };
        ensure!(self.0.iter().any(holds), "cannot trust {name}: its signature by minisign is by no key we know");
        Ok(())
    }

    /// Checks a signature by OpenSSH in our namespace.
    ///
    /// # Errors
    /// It is not one of a trusted key, or of another namespace.
    pub fn sshsig(&self, bytes: &[u8], text: &str, name: &str) -> Result<()> {
        let lines: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
        let blob = BASE64_STANDARD.decode(lines).with_context(|| format!("cannot read the SSH signature of {name}"))?;
        let said = [string(names::NAMESPACE.as_bytes()), string(b""), string(b"sha512")].concat();
        let hash = string(&sha2::Sha512::digest(bytes));
        let message = [b"SSHSIG".as_slice(), &said, &hash].concat();
        for key in &self.0 {
            let public = ssh_key(&key.to_bytes());
            let head = [b"SSHSIG".as_slice(), &1_u32.to_be_bytes(), &string(&public), &said].concat();
            let Some(rest) = blob.strip_prefix(head.as_slice()) else { continue };
            let signature = rest.last_chunk::<64>().context("the SSH signature is cut off")?;
            let whole = string(&[string(b"ssh-ed25519"), string(signature)].concat());
            if rest == whole && key.verify_strict(&message, &Signature::from_bytes(signature)).is_ok() {
                return Ok(());
            }
        }
        bail!("cannot trust {name}: its signature by OpenSSH is by no key we know")
    }
}

/// The bytes of a public key as they stand in a file of minisign.
///
/// # Errors
/// The file is none.
pub fn bare(file: &str) -> Result<[u8; 32]> {
    let line = file.lines().nth(1).context("a public key has two lines")?;
    let bytes = BASE64_STANDARD.decode(line.trim()).context("a public key's second line is base64")?;
    let key = bytes.strip_prefix(b"Ed").and_then(|rest| rest.get(8..));
    key.and_then(|key| key.try_into().ok()).context("a public key has 42 bytes, the first of them Ed")
}

/// A public key as a line of OpenSSH's `allowed_signers`.
///
/// # Errors
/// The file is none of minisign.
pub fn allowed(file: &str) -> Result<String> {
    Ok(sign::allowed(&bare(file)?))
}

/// A public key as minisign, OpenSSH and OpenSSL (RFC 8410) write it, without what stands around it.
///
/// # Errors
/// The file is none.
pub fn written(file: &str) -> Result<[String; 3]> {
    let bare = bare(file)?;
    let minisign = file.lines().nth(1).unwrap_or_default().trim().to_owned();
    let der = [&[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00], bare.as_slice()].concat();
    Ok([minisign, BASE64_STANDARD.encode(ssh_key(&bare)), BASE64_STANDARD.encode(der)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::{Signer, TEST_ONLINE, TEST_SPARE, TEST_STRANGER};

    fn trusted() -> Trusted {
        let files = [&TEST_ONLINE, &TEST_SPARE].map(|seed| Signer::of(seed).public_file("test"));
        Trusted::of(&files).unwrap()
    }

    #[test]
    fn the_line_for_openssh_is_the_one_of_the_private_half() {
        let signer = Signer::of(&TEST_ONLINE);
        assert_eq!(allowed(&signer.public_file("test")).unwrap(), signer.allowed());
    }

    #[test]
    fn each_form_by_either_key_is_trusted_and_a_strangers_is_not() {
        let trusted = trusted();
        let packed = crate::archive::pack(vec![], 0).unwrap();
        for (seed, holds) in [(&TEST_ONLINE, true), (&TEST_SPARE, true), (&TEST_STRANGER, false)] {
            let signer = Signer::of(seed);
            let archive = sign::archive(&packed, "a.tar.gz", &[&signer]).unwrap();
            assert_eq!(trusted.archive(&archive, "a.tar.gz").is_ok(), holds);
            assert!(trusted.archive(&archive, "b.tar.gz").is_err(), "made for another name");
            for hashed in [true, false] {
                let signature = signer.minisig(b"words", hashed, "a");
                assert_eq!(trusted.minisig(b"words", &signature, hashed, "a").is_ok(), holds);
                assert!(trusted.minisig(b"words", &signature, !hashed, "a").is_err(), "the other form");
                assert!(trusted.minisig(b"sword", &signature, hashed, "a").is_err());
            }
            let signature = signer.sshsig(b"words", names::NAMESPACE);
            assert_eq!(trusted.sshsig(b"words", &signature, "a").is_ok(), holds);
            assert!(trusted.sshsig(b"sword", &signature, "a").is_err());
            assert!(trusted.sshsig(b"words", &signer.sshsig(b"words", "git"), "a").is_err());
        }
        assert!(trusted.archive(&packed, "a.tar.gz").is_err(), "without a signature");
        assert!(Trusted::of(&[]).is_err());
    }
}
