//! Signatures of a release, in the three forms that its readers check.
//!
//! In: an ed25519 key, and bytes. Out: an archive with zipsign's signature in it, or a signature by minisign's or OpenSSH's
//! rules. Never here: a file, a variable, or a private key that matters: the test keys are words that everybody can read.
//!
//! Formats: [zipsign](https://github.com/Kijewski/zipsign), [minisign](https://jedisct1.github.io/minisign/#signature-format),
//! [PROTOCOL.sshsig](https://cvsweb.openbsd.org/src/usr.bin/ssh/PROTOCOL.sshsig).

use std::io::Cursor;

use anyhow::{Context, Result};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use blake2::Digest;
use commit_story::update::names;
use ed25519_dalek::Signer as _;
use zipsign_api::SigningKey;

/// The seed of the key that signs in tests. Builds with `debug_assertions` trust it, no other does.
pub const TEST_ONLINE: [u8; 32] = *b"commit-story TEST KEY, online  !";

/// The seed of its spare.
pub const TEST_SPARE: [u8; 32] = *b"commit-story TEST KEY, spare   !";

/// The seed of a key that no build trusts.
pub const TEST_STRANGER: [u8; 32] = *b"commit-story TEST KEY, stranger!";

/// Who signs.
pub struct Signer(SigningKey);

impl Signer {
    /// The key that grows from 32 bytes, which are the private half in every format of ed25519.
    pub fn of(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The public half.
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// The eight bytes by which minisign tells keys apart: the first of the key, so that it needs no number of its own.
    fn number(&self) -> [u8; 8] {
        let public = self.public();
        std::array::from_fn(|at| public[at])
    }

    /// The public half as minisign's file.
    pub fn public_file(&self, comment: &str) -> String {
        let bytes = [b"Ed".as_slice(), &self.number(), &self.public()].concat();
        format!("untrusted comment: {comment}\n{}\n", BASE64_STANDARD.encode(bytes))
    }

    /// The public half as a line of OpenSSH's `allowed_signers`.
    pub fn allowed(&self) -> String {
        allowed(&self.public())
    }

    /// A signature as minisign writes it. `hashed` is its form of today; without it the bytes themselves are signed, so that
    /// OpenSSL can check the same signature.
    pub fn minisig(&self, bytes: &[u8], hashed: bool, comment: &str) -> String {
        let (kind, signature) =
            if hashed { (b"ED", self.0.sign(&blake2::Blake2b512::digest(bytes))) } else { (b"Ed", self.0.sign(bytes)) };
        let line = BASE64_STANDARD.encode([kind.as_slice(), &self.number(), &signature.to_bytes()].concat());
        let whole = self.0.sign(&[signature.to_bytes().as_slice(), comment.as_bytes()].concat());
        let whole = BASE64_STANDARD.encode(whole.to_bytes());
        format!("untrusted comment: signature of a commit-story release\n{line}\ntrusted comment: {comment}\n{whole}\n")
    }

    /// A signature as `ssh-keygen -Y sign` writes it.
    pub fn sshsig(&self, bytes: &[u8], namespace: &str) -> String {
        let said = [string(namespace.as_bytes()), string(b""), string(b"sha512")].concat();
        let hash = string(&<sha2::Sha512 as sha2::Digest>::digest(bytes));
        let signature = self.0.sign(&[b"SSHSIG".as_slice(), &said, &hash].concat());
        let signature = string(&[string(b"ssh-ed25519"), string(&signature.to_bytes())].concat());
        let blob =
            [b"SSHSIG".as_slice(), &1_u32.to_be_bytes(), &string(&ssh_key(&self.public())), &said, &signature].concat();
        let text = BASE64_STANDARD.encode(blob);
        let lines: Vec<&str> =
            text.as_bytes().chunks(70).map(|line| std::str::from_utf8(line).unwrap_or_default()).collect();
        format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", lines.join("\n"))
    }
}

/// A public key as a line of OpenSSH's `allowed_signers`.
pub fn allowed(public: &[u8; 32]) -> String {
    let key = BASE64_STANDARD.encode(ssh_key(public));
    format!("{} namespaces=\"{}\" ssh-ed25519 {key}", names::IDENTITY, names::NAMESPACE)
}

/// A public key as the SSH protocol has it.
pub fn ssh_key(public: &[u8; 32]) -> Vec<u8> {
    [string(b"ssh-ed25519"), string(public)].concat()
}

/// A string of the SSH protocol: its length, and its bytes.
pub fn string(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    [length.to_be_bytes().as_slice(), bytes].concat()
}

/// A `.tar.gz` with the signatures of all `signers` in it, for the file name under which it will lie.
///
/// # Errors
/// When there are no signers, or more than the format has room for.
pub fn archive(bytes: &[u8], name: &str, signers: &[&Signer]) -> Result<Vec<u8>> {
    let keys: Vec<SigningKey> = signers.iter().map(|signer| signer.0.clone()).collect();
    let mut signed = Cursor::new(Vec::new());
    zipsign_api::sign::copy_and_sign_tar(&mut Cursor::new(bytes), &mut signed, &keys, Some(name.as_bytes()))
        .with_context(|| format!("cannot sign {name}"))?;
    Ok(signed.into_inner())
}
