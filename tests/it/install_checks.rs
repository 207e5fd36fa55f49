//! install.sh refuses what is not what was released, and says how far it could tell.

use std::path::PathBuf;

use commit_story::update::names;

use crate::installing::{self, Ground, archive, fake, find, heard, only, program, signed, sums};
use crate::release_server::Mode;
use crate::release_sign::{Signer, TEST_ONLINE, TEST_SPARE, TEST_STRANGER};

/// What install.sh calls, but for what computes hashes and checks signatures.
const TOOLS: [&str; 27] = [
    "sh", "uname", "tr", "cut", "sed", "head", "tail", "mkdir", "rm", "mv", "ln", "cp", "ls", "cat", "chmod", "tar",
    "gzip", "curl", "mktemp", "readlink", "rmdir", "awk", "grep", "getconf", "sync", "env", "dirname",
];

impl Ground {
    /// A `PATH` on which only install.sh's tools are, and these.
    fn only(&self, more: &[&str]) -> PathBuf {
        let dir = self.path(format!("only-{}", more.join("-")));
        only(&dir, &TOOLS);
        only(&dir, more)
    }

    /// Whether nothing at all was left at home.
    fn untouched(&self) -> bool {
        self.found().is_empty()
    }
}

/// Every way to check a signature, with the tools it needs; those that are not installed are left out.
fn verifiers() -> Vec<(&'static str, Vec<&'static str>)> {
    let all = [
        ("ssh-keygen", vec!["sha256sum", "ssh-keygen"]),
        ("minisign", vec!["sha256sum", "minisign"]),
        ("openssl", vec!["openssl"]),
    ];
    all.into_iter().filter(|(name, _)| find(name).is_some()).collect()
}

#[test]
fn every_verifier_accepts_the_release_and_no_forgery() {
    for (verifier, tools) in verifiers() {
        let ground = Ground::new();
        let path = ground.only(&tools);
        let install = |words: &str| {
            let said = heard(ground.install(&[]).env("PATH", &path).env("COMMIT_STORY_REQUIRE_SIGNATURE", "1"));
            assert!(said.stderr.contains(words), "{verifier}: {words}: {said}");
            assert_eq!(said.code, Some(1), "{verifier}: {said}");
            assert!(ground.untouched(), "{verifier}: {said}");
        };
        let forged: Vec<_> =
            vec![(Ground::archive_name("1.0.0"), archive(&ground.path("release-1.0.0"), &program("6.6.6")))];
        let list = sums(&forged);
        let as_released = |name: &str| {
            let mut bytes = None;
            ground.server.change(|releases| {
                bytes = releases[0].files.iter().find(|(file, _)| file == name).map(|(_, bytes)| bytes.clone());
            });
            bytes
        };
        let released: Vec<_> =
            [names::SUMS, names::SUMS_MINISIG, names::SUMS_SSHSIG].map(|name| (name, as_released(name))).into();
        let put = |files: Vec<(String, Vec<u8>)>| files.into_iter().for_each(|(n, b)| ground.replace(&n, Some(b)));

        // Hashes that are not those that were signed; those of a stranger; for another purpose; and no signature.
        ground.replace(names::SUMS, Some(list.clone().into_bytes()));
        install("not by a key of commit-story's");
        put(signed(&list, &Signer::of(&TEST_STRANGER), names::NAMESPACE));
        install("not by a key of commit-story's");
        if verifier == "ssh-keygen" {
            put(signed(&list, &Signer::of(&TEST_ONLINE), "git"));
            install("not by a key of commit-story's");
        }
        ground.replace(names::SUMS_MINISIG, None);
        ground.replace(names::SUMS_SSHSIG, None);
        install("cannot download");
        for (name, bytes) in released {
            ground.replace(name, bytes);
        }
        let said = heard(ground.install(&[]).env("PATH", &path).env("COMMIT_STORY_REQUIRE_SIGNATURE", "1"));
        assert_eq!(said.code, Some(0), "{verifier}: {said}");
        assert!(said.stdout.contains(&format!("the signature by {verifier}")), "{said}");
        assert_eq!(ground.version().as_deref(), Some("commit-story 1.0.0"));
    }
}

#[test]
fn the_spare_key_is_as_good() {
    for (verifier, tools) in verifiers() {
        let ground = Ground::new();
        let mut list = Vec::new();
        ground.server.change(|releases| list.clone_from(&releases[0].files[..6].to_vec()));
        for (name, bytes) in signed(&sums(&list), &Signer::of(&TEST_SPARE), names::NAMESPACE) {
            ground.replace(&name, Some(bytes));
        }
        let path = ground.only(&tools);
        let said = heard(ground.install(&[]).env("PATH", &path));
        assert_eq!(said.code, Some(0), "{verifier}: {said}");
    }
}

#[test]
fn with_nothing_to_check_signatures_the_hash_alone_counts_and_this_is_said() {
    let ground = Ground::new();
    let path = ground.only(&["sha256sum"]);
    let required = heard(ground.install(&[]).env("PATH", &path).env("COMMIT_STORY_REQUIRE_SIGNATURE", "1"));
    assert!(required.stderr.contains("please install ssh-keygen, minisign or OpenSSL 3"), "{required}");
    assert!(ground.untouched());
    let said = heard(ground.install(&[]).env("PATH", &path));
    assert_eq!(said.code, Some(0), "{said}");
    assert!(said.stdout.contains("SHA-256 only: nothing here can check the signature"), "{said}");
}

#[test]
fn an_old_ssh_keygen_does_not_count() {
    let ground = Ground::new();
    let old = ground.path("old");
    fake(&old, "ssh-keygen", "echo 'unknown option -- Y' >&2; exit 1");
    let path = std::env::join_paths([old, ground.only(&["sha256sum"])]).unwrap();
    let said = heard(ground.install(&[]).env("PATH", path));
    assert!(said.stdout.contains("SHA-256 only"), "{said}");
}

#[test]
fn every_tool_for_hashes_will_do_and_without_one_nothing_is_installed() {
    for tool in ["sha256sum", "shasum", "openssl", "busybox"].into_iter().filter(|tool| find(tool).is_some()) {
        let ground = Ground::new();
        let said = heard(ground.install(&[]).env("PATH", ground.only(&[tool])));
        assert_eq!(said.code, Some(0), "{tool}: {said}");
        ground.replace(&Ground::archive_name("1.0.0"), Some(b"something else".to_vec()));
        std::fs::remove_dir_all(ground.home().join(".local")).unwrap();
        let said = heard(ground.install(&[]).env("PATH", ground.only(&[tool])));
        assert!(said.stderr.contains("is not what was released"), "{tool}: {said}");
        assert!(ground.untouched());
    }
    let ground = Ground::new();
    let path = ground.only(&[]);
    let said = heard(ground.install(&[]).env("PATH", &path));
    assert!(said.stderr.contains("please install sha256sum, shasum or openssl"), "{said}");
    assert!(ground.untouched() && ground.server.asked().is_empty());
    let said = heard(ground.install(&[]).env("PATH", &path).env("COMMIT_STORY_SKIP_CHECKSUM", "1"));
    assert_eq!(said.code, Some(0), "{said}");
    assert!(said.stdout.contains("checked: nothing"), "{said}");
}

#[test]
fn what_is_not_what_was_released_is_not_installed() {
    let check = |words: &str, spoil: &dyn Fn(&Ground)| {
        let ground = Ground::new();
        spoil(&ground);
        let said = ground.installed(&[]);
        assert_eq!(said.code, Some(1), "{words}: {said}");
        assert!(said.stderr.contains(words), "{words}: {said}");
        assert!(ground.untouched(), "{words}: {said}");
    };
    let name = Ground::archive_name("1.0.0");
    let replaced = |bytes: &[u8]| {
        let (name, bytes) = (name.clone(), bytes.to_vec());
        move |ground: &Ground| ground.replace(&name, Some(bytes.clone()))
    };
    check("is not what was released", &replaced(b""));
    check("is not what was released", &replaced(b"<html>sign in to the airport's network</html>"));
    check("cannot download it", &|ground| ground.server.misbehave(&name, Mode::Truncated));
    check("cannot download it", &|ground| ground.replace(&name, None));
    check("404", &|ground| ground.replace(names::SUMS, None));
    check("403", &|ground| ground.server.misbehave(names::SUMS, Mode::Status(403, Vec::new())));
    // Signed, but for another machine, or of another version.
    let released = |files: Vec<(String, Vec<u8>)>| move |ground: &Ground| ground.release("1.1.0", files.clone());
    check("the newest release has no build for", &released(vec![("README.md".to_owned(), b"x".to_vec())]));
    let dir = tempfile::tempdir().unwrap();
    let old = vec![(Ground::archive_name("1.1.0"), archive(dir.path(), &program("0.9.0")))];
    check("holds another program, which says: commit-story 0.9.0", &released(old));
    let odd = vec![(Ground::archive_name("1.1.0"), b"no archive".to_vec())];
    check("cannot unpack", &released(odd));
}

#[test]
fn a_script_of_a_release_knows_its_hashes_and_believes_nobody_else() {
    let ground = Ground::new();
    let list = |ground: &Ground| {
        let mut text = String::new();
        ground.server.change(|releases| text = sums(&releases[0].files[..6]));
        text
    };
    let script = ground.path("own.sh");
    std::fs::write(&script, installing::filled(&installing::template(), "1.0.0", &list(&ground))).unwrap();
    // Where nothing can check signatures, nothing but the archive is fetched.
    let path = ground.only(&["sha256sum"]);
    let run = || heard(ground.shell(&["sh"]).env("PATH", &path).arg(&script));
    assert_eq!(run().code, Some(0));
    assert_eq!(ground.server.asked().len(), 1);
    // A newer release changes nothing about what this script installs.
    ground.publish("1.1.0");
    assert!(run().stdout.contains("commit-story 1.0.0 is in"));
    // Other bytes, with hashes to match and a good signature: this script has others.
    std::fs::remove_dir_all(ground.home().join(".local")).unwrap();
    ground.server.change(Vec::clear);
    ground.publish_program("1.0.0", "#!/bin/sh\n# evil\necho 'commit-story 1.0.0'\n");
    let said = run();
    assert!(said.stderr.contains("is not what was released"), "{said}");
    let said = heard(ground.shell(&["sh"]).arg(&script));
    assert!(said.stderr.contains("this script and SHA256SUMS differ"), "{said}");
    assert!(ground.untouched());
}

#[test]
fn the_script_of_the_checkout_names_the_repository_and_the_keys_that_the_program_trusts() {
    use base64::Engine as _;
    use commit_story::update::keys;

    let script = installing::template();
    assert!(script.contains(&format!("REPOSITORY='{}'\n", names::REPOSITORY)), "not {}", names::REPOSITORY);
    assert!(script.contains("VERSION=''\n") && script.contains("HASHES=''\n"));
    let twin = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/install.ps1")).unwrap();
    assert!(twin.contains(&format!("$Repository = '{}'\n", names::REPOSITORY)), "not {}", names::REPOSITORY);
    assert!(twin.contains("$Version = ''\n") && twin.contains("$Hashes = ''\n") && twin.is_ascii());
    assert!(script.contains(&format!("-I {} -n {}", names::IDENTITY, names::NAMESPACE)));
    // The test keys come last, and have no place in a script for users.
    let (trusted, tests): (Vec<_>, Vec<_>) =
        keys::minisign().zip(keys::bare()).enumerate().partition(|(at, _)| *at < 2);
    for (_, (key, bare)) in trusted {
        assert!(script.contains(key) && twin.contains(key), "{key} is missing");
        let ssh = [b"\0\0\0\x0bssh-ed25519\0\0\0\x20".as_slice(), &bare].concat();
        let line = format!(
            "{} namespaces=\"{}\" ssh-ed25519 {}",
            names::IDENTITY,
            names::NAMESPACE,
            base64::prelude::BASE64_STANDARD.encode(ssh)
        );
        assert!(script.contains(&line) && twin.contains(&line), "{line} is missing");
    }
    assert_eq!(script.matches("namespaces=").count(), 2);
    for (_, (key, _)) in tests {
        assert!(!script.contains(key), "{key} is a test key");
    }
    for target in names::TARGETS {
        let there = if target.contains("windows") { &twin } else { &script };
        assert!(there.contains(target), "{target} is missing");
    }
}
