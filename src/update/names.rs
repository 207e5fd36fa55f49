//! What the files of a release are called, and where they lie.
//!
//! In: a version, and a target. Out: names and addresses. Never here: a file, or the network.
//!
//! The names are a contract: programs that were installed years ago look for them. The install scripts, the release
//! program, the workflow and the manifests of other channels are tested against this table.

/// The repository that releases, and the only place that names it: `repository` in `Cargo.toml`.
pub const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// The version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The program's name, and that of its files.
pub const PROGRAM: &str = "commit-story";

/// The hashes of every other file of a release, as `sha256sum` writes them.
pub const SUMS: &str = "SHA256SUMS";

/// The signature of the hashes by minisign; bytes 10 to 74 of its second line are a bare ed25519 signature, for OpenSSL.
pub const SUMS_MINISIG: &str = "SHA256SUMS.minisig";

/// The signature of the hashes by OpenSSH, in [`NAMESPACE`].
pub const SUMS_SSHSIG: &str = "SHA256SUMS.sshsig";

/// The release described for programs: version, files, versions that were withdrawn.
pub const INDEX: &str = "release.json";

/// Its signature by minisign.
pub const INDEX_MINISIG: &str = "release.json.minisig";

/// The namespace of the OpenSSH signature: a signature for another purpose is none for this one.
pub const NAMESPACE: &str = "commit-story-release";

/// Whom the OpenSSH signature names.
pub const IDENTITY: &str = "release@commit-story";

/// The install scripts.
pub const INSTALLERS: [&str; 2] = ["install.sh", "install.ps1"];

/// What a release is built for, by Rust's names. Linux with glibc from 2.17 on, and static for every other Linux.
pub const TARGETS: [&str; 8] = [
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "x86_64-unknown-linux-musl",
    "aarch64-unknown-linux-musl",
    "x86_64-apple-darwin",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
    "aarch64-pc-windows-msvc",
];

/// The target of this program; none where nothing is released for it.
#[must_use]
pub fn target() -> Option<&'static str> {
    let system = match std::env::consts::OS {
        "linux" if cfg!(target_env = "musl") => "unknown-linux-musl",
        "linux" => "unknown-linux-gnu",
        "macos" => "apple-darwin",
        "windows" => "pc-windows-msvc",
        _ => return None,
    };
    let architecture = std::env::consts::ARCH;
    TARGETS.into_iter().find(|target| target.strip_prefix(architecture).is_some_and(|rest| rest[1..] == *system))
}

/// The program's file inside an archive, and in the directory where it is installed.
#[must_use]
pub fn binary(target: &str) -> &'static str {
    if target.contains("-windows-") { "commit-story.exe" } else { PROGRAM }
}

/// The tag of a version.
#[must_use]
pub fn tag(version: &str) -> String {
    format!("v{version}")
}

/// The archive of a version for a target.
#[must_use]
pub fn archive(version: &str, target: &str) -> String {
    format!("{PROGRAM}-{version}-{target}.tar.gz")
}

/// The software bill of materials of a version.
#[must_use]
pub fn sbom(version: &str) -> String {
    format!("{PROGRAM}-{version}.cdx.json")
}

/// The signature of an archive by minisign, for `cargo binstall`.
#[must_use]
pub fn minisig(archive: &str) -> String {
    format!("{archive}.minisig")
}

/// Where a release's files lie below `base`, the address of all releases; of the newest one without a version.
#[must_use]
pub fn address(base: &str, version: Option<&str>, file: &str) -> String {
    let base = base.trim_end_matches('/');
    match version {
        Some(version) => format!("{base}/download/{}/{file}", tag(version)),
        None => format!("{base}/latest/download/{file}"),
    }
}

/// The address of all releases.
#[must_use]
pub fn releases() -> String {
    format!("{REPOSITORY}/releases")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_that_installed_programs_look_for() {
        assert_eq!(tag("1.2.3"), "v1.2.3");
        assert_eq!(
            archive("1.2.3", "x86_64-unknown-linux-musl"),
            "commit-story-1.2.3-x86_64-unknown-linux-musl.tar.gz"
        );
        assert_eq!(
            address("https://a.example/r/", Some("1.2.3"), SUMS),
            "https://a.example/r/download/v1.2.3/SHA256SUMS"
        );
        assert_eq!(address("https://a.example/r", None, INDEX), "https://a.example/r/latest/download/release.json");
        assert_eq!(binary("aarch64-pc-windows-msvc"), "commit-story.exe");
    }

    #[test]
    fn this_program_has_a_target_of_its_own_system() {
        let target = target().unwrap_or_default();
        assert!(target.starts_with(std::env::consts::ARCH), "{target}");
    }
}
