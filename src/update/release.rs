//! What a release says of itself.
//!
//! In: `release.json` and its signature. Out: a [`Release`], of which everything was signed by a key that is compiled in.
//! Never here: a download, or trust in what is not signed but for the one name that [`claimed`] reads to find the signature.

use chrono::{DateTime, Utc};
use minisign_verify::{PublicKey, Signature};
use semver::Version;
use serde::{Deserialize, Serialize};

use super::stop::Stop;
use super::{keys, names};

/// The longest description that is read, in bytes.
pub const LIMIT: u64 = 256 << 10;

/// The longest file of signatures.
pub const SIGNATURE_LIMIT: u64 = 16 << 10;

/// The largest archive that is downloaded; a release is a tenth of it.
const LARGEST: u64 = 128 << 20;

/// The form of the description that this program understands.
const SCHEMA: u32 = 1;

/// One release.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Release {
    /// The form of the description.
    pub schema: u32,
    /// Its version.
    pub version: Version,
    /// A number that grows with every release: an older one cannot pass for a newer.
    pub sequence: u64,
    /// When it was published.
    pub published: DateTime<Utc>,
    /// The oldest version that can update to it in one step.
    pub minimum: Option<Version>,
    /// Versions that were withdrawn.
    #[serde(default)]
    pub yanked: Vec<Yanked>,
    /// Its archives.
    pub assets: Vec<Asset>,
}

/// A version that was withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Yanked {
    /// Which.
    pub version: Version,
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// An archive.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Asset {
    /// What it is built for.
    pub target: String,
    /// Its file name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// The part of a description that every program has understood and will.
#[derive(Debug, Deserialize)]
struct Head {
    schema: u32,
    version: Version,
}

/// The version that a description claims to be of. Nothing has been verified yet: it tells only where the signature lies,
/// and that it is a version, which has no slash in it, is all that is known.
#[must_use]
pub fn claimed(bytes: &[u8]) -> Option<Version> {
    serde_json::from_slice::<Head>(bytes).ok().map(|head| head.version)
}

/// Reads a description that one of our keys has signed.
///
/// # Errors
/// None of them has, or it is not understood.
pub fn read(bytes: &[u8], signatures: &[u8]) -> Result<Release, Stop> {
    let index = names::INDEX;
    if !is_signed(bytes, &String::from_utf8_lossy(signatures)) {
        return Err(Stop::unverified(format!("{index} is not signed by a key that this program trusts")).hint(
            "somebody changed it on its way, or the keys are newer than this program: docs/update.md tells how to know",
        ));
    }
    let head: Head =
        serde_json::from_slice(bytes).map_err(|error| Stop::unverified(format!("cannot read {index}: {error}")))?;
    if head.schema != SCHEMA {
        return Err(Stop::refused(format!(
            "{} is described in a form that {} does not know",
            head.version,
            names::VERSION
        ))
        .hint(by_script()));
    }
    serde_json::from_slice(bytes).map_err(|error| Stop::unverified(format!("cannot read {index}: {error}")))
}

/// How to install without the help of the program that is there.
#[must_use]
pub fn by_script() -> String {
    if cfg!(windows) {
        format!("irm {}/latest/download/install.ps1 | iex", names::releases())
    } else {
        format!("curl -fsSL {}/latest/download/install.sh | sh", names::releases())
    }
}

/// Whether one of the signatures, four lines each, is by one of our keys.
fn is_signed(bytes: &[u8], signatures: &str) -> bool {
    let lines: Vec<&str> = signatures.lines().collect();
    let signatures = lines.chunks(4).filter_map(|lines| Signature::decode(&lines.join("\n")).ok());
    let keys: Vec<PublicKey> = keys::minisign().filter_map(|key| PublicKey::from_base64(key).ok()).collect();
    // The bytes themselves are signed, not their hash, so that OpenSSL can check it, too.
    signatures.into_iter().any(|signature| keys.iter().any(|key| key.verify(bytes, &signature, true).is_ok()))
}

impl Release {
    /// Its archive for a target: the one of exactly the name that it must have.
    ///
    /// # Errors
    /// There is none, or it cannot be what it should.
    pub fn asset(&self, target: &str) -> Result<&Asset, Stop> {
        let name = names::archive(&self.version.to_string(), target);
        let asset = self.assets.iter().find(|asset| asset.target == target && asset.name == name).ok_or_else(|| {
            Stop::refused(format!("{} is not released for {target}", self.version))
                .hint("cargo install --locked commit-story builds it here")
        })?;
        if asset.size > LARGEST || asset.sha256.len() != 64 {
            return Err(Stop::unverified(format!(
                "{name} cannot be {} bytes with the hash {}",
                asset.size, asset.sha256
            )));
        }
        Ok(asset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_signed_is_not_read() {
        let bytes = br#"{"schema":1,"version":"0.2.0"}"#;
        for signatures in ["", "one\ntwo\nthree\nfour", "untrusted comment: x\nRUQ=\ntrusted comment: y\nAAAA"] {
            let stop = read(bytes, signatures.as_bytes()).unwrap_err();
            assert_eq!(stop.kind, super::super::stop::Kind::Unverified, "{signatures:?}");
        }
    }

    #[test]
    fn a_version_is_claimed_only_by_what_is_one() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(claimed(text.as_bytes()).map(|version| version.to_string()).as_deref(), expected, "{text}");
        };
        check(r#"{"schema":1,"version":"0.2.0-rc.1"}"#, Some("0.2.0-rc.1"));
        check(r#"{"schema":9,"version":"1.0.0","assets":7}"#, Some("1.0.0"));
        check(r#"{"schema":1,"version":"../../evil"}"#, None);
        check(r#"{"schema":1,"version":"1.0"}"#, None);
        check("<html>sign in</html>", None);
    }
}
