//! Archives whose bytes depend on nothing but their content.
//!
//! In: files with names, bytes and one bit, whether they can be run; an instant. Out: a `.tar.gz` (ustar, RFC 1952), the
//! same bytes wherever and whenever it is made; and the files of one.
//! Never here: owners, groups, other modes than 0644 and 0755, times of this machine, or the order of a directory.

use std::io::{Read as _, Write as _};

use anyhow::{Context as _, Result, ensure};
use flate2::Compression;
use flate2::read::MultiGzDecoder;

/// The most that an archive may unpack to, in bytes.
const LARGEST: u64 = 256 << 20;

/// A file in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its path, with `/`.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Whether it can be run.
    pub runs: bool,
}

impl Member {
    /// A file that is read.
    pub fn file(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self { name: name.into(), bytes, runs: false }
    }

    /// A file that is run.
    pub fn program(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self { name: name.into(), bytes, runs: true }
    }
}

/// An archive of `members`, sorted by name, all of them from the instant `epoch` (seconds since 1970).
///
/// # Errors
/// A name does not fit, two members have the same, or the instant is before 1970.
pub fn pack(mut members: Vec<Member>, epoch: i64) -> Result<Vec<u8>> {
    members.sort_by(|a, b| a.name.cmp(&b.name));
    for pair in members.windows(2) {
        ensure!(pair[0].name != pair[1].name, "{} is in the archive twice", pair[0].name);
    }
    let mtime = u64::try_from(epoch).context("the release is dated before 1970")?;
    let mut tar = tar::Builder::new(Vec::new());
    for member in &members {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::Regular);
        header.set_size(member.bytes.len() as u64);
        header.set_mode(if member.runs { 0o755 } else { 0o644 });
        header.set_mtime(mtime);
        header.set_uid(0);
        header.set_gid(0);
        tar.append_data(&mut header, &member.name, member.bytes.as_slice())
            .with_context(|| format!("cannot pack {}", member.name))?;
    }
    let plain = tar.into_inner().context("cannot end the archive")?;
    let mut gzip = flate2::GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::best());
    gzip.write_all(&plain).context("cannot compress the archive")?;
    gzip.finish().context("cannot compress the archive")
}

/// The files of an archive, in their order.
///
/// # Errors
/// It is broken, unpacks to more than 256 MB, or holds something else than regular files.
pub fn unpack(bytes: &[u8]) -> Result<Vec<Member>> {
    let mut tar = tar::Archive::new(MultiGzDecoder::new(bytes).take(LARGEST));
    let mut members = Vec::new();
    for entry in tar.entries().context("cannot read the archive")? {
        let mut entry = entry.context("cannot read the archive")?;
        let name = entry.path().context("cannot read a name in the archive")?.to_string_lossy().into_owned();
        ensure!(entry.header().entry_type() == tar::EntryType::Regular, "{name} is not a regular file");
        let mode = entry.header().mode().with_context(|| format!("cannot read the mode of {name}"))?;
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).with_context(|| format!("cannot unpack {name}"))?;
        members.push(Member { name, bytes, runs: mode & 0o111 != 0 });
    }
    Ok(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_files_make_the_same_bytes_in_any_order() {
        let one = Member::program("commit-story", b"\x7fELF".to_vec());
        let two = Member::file("man/commit-story.1", b".TH".to_vec());
        let packed = pack(vec![one.clone(), two.clone()], 1_700_000_000).unwrap();
        assert_eq!(packed, pack(vec![two.clone(), one.clone()], 1_700_000_000).unwrap());
        assert_ne!(packed, pack(vec![one.clone(), two.clone()], 1_700_000_001).unwrap());
        assert_eq!(unpack(&packed).unwrap(), [one, two]);
    }

    #[test]
    fn nothing_of_this_machine_is_in_it() {
        let packed = pack(vec![Member::file("README.md", b"words".to_vec())], 1_700_000_000).unwrap();
        assert_eq!(packed[4..10], [0, 0, 0, 0, 2, 255], "no time and no system in the gzip header");
        let mut tar = Vec::new();
        MultiGzDecoder::new(packed.as_slice()).read_to_end(&mut tar).unwrap();
        assert_eq!(&tar[100..124], b"0000644\x000000000\x000000000\0", "mode, user and group");
        assert!(tar[265..329].iter().all(|byte| *byte == 0), "no names of users");
    }

    #[test]
    fn a_name_may_stand_in_an_archive_once() {
        let twice = vec![Member::file("a", vec![]), Member::file("a", vec![1])];
        assert!(pack(twice, 0).unwrap_err().to_string().contains("twice"));
    }
}
