//! Signatures of releases: real programs accept what the release program writes, and nothing else.

use std::io::Write;
use std::process::{Command, Stdio};

use commit_story::update::{keys, names};
use minisign_verify::{PublicKey, Signature};

use crate::release_sign::{Signer, TEST_ONLINE, TEST_SPARE, TEST_STRANGER};

#[test]
fn the_test_keys_are_those_that_a_debug_build_trusts() {
    for (seed, trusted) in [(&TEST_ONLINE, true), (&TEST_SPARE, true), (&TEST_STRANGER, false)] {
        assert_eq!(keys::bare().contains(&Signer::of(seed).public()), trusted);
    }
    let file = Signer::of(&TEST_ONLINE).public_file("x");
    assert_eq!(file.lines().nth(1), keys::minisign().nth(2));
}

#[test]
fn minisigns_library_accepts_both_of_its_forms_and_no_other_bytes() {
    let signer = Signer::of(&TEST_ONLINE);
    let key = PublicKey::decode(&signer.public_file("test")).unwrap();
    for hashed in [false, true] {
        let signature = Signature::decode(&signer.minisig(b"hashes", hashed, "file:SHA256SUMS")).unwrap();
        key.verify(b"hashes", &signature, true).unwrap();
        assert!(key.verify(b"hashed", &signature, true).is_err());
    }
}

#[test]
fn ssh_keygen_accepts_the_signature_of_its_namespace_and_no_other_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let signer = Signer::of(&TEST_SPARE);
    std::fs::write(dir.path().join("allowed"), signer.allowed()).unwrap();
    let check = |bytes: &[u8], namespace: &str| {
        std::fs::write(dir.path().join("sig"), signer.sshsig(b"hashes", namespace)).unwrap();
        let mut child = Command::new("ssh-keygen")
            .args(["-Y", "verify", "-f", "allowed", "-I", names::IDENTITY, "-n", names::NAMESPACE, "-s", "sig"])
            .current_dir(dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(bytes).unwrap();
        child.wait().unwrap().success()
    };
    if Command::new("ssh-keygen").arg("-?").output().is_err() {
        return;
    }
    assert!(check(b"hashes", names::NAMESPACE));
    assert!(!check(b"hashed", names::NAMESPACE));
    assert!(!check(b"hashes", "git"));
}
