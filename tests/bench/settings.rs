//! The settings that are measured: what lies about while a commit is made.
//!
//! In: how large. Out: plain data. Never here: how a place is made (that is `place`).

use crate::conversations::{FAR, NEAR};

/// Whether places have the sizes of the goals or are small enough for a quick look.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    Quick,
    Full,
}

impl Size {
    /// `full`, or a part of it.
    fn of(self, full: u32) -> u32 {
        if self == Self::Quick { full / 20 } else { full }
    }
}

/// The repository in which the commit is made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repository {
    /// Two files, two commits.
    Tiny,
    /// So many files and commits.
    Large { files: u32, commits: u32 },
}

/// Old transcripts that have nothing to do with the commit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Litter {
    /// How many files.
    pub(crate) files: u32,
    /// How large each is, in kilobytes.
    pub(crate) kilobytes: u32,
    /// Every so many-th lies in this project's directory, the others in those of other projects; 0: none does.
    pub(crate) own: u32,
    /// When they were last written, in seconds before the commit.
    pub(crate) written: i64,
    /// When the last words in them were said, in seconds before the commit.
    pub(crate) said: i64,
}

/// The session that led to the commit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Session {
    /// How much older conversation stands before the part that counts, in megabytes.
    pub(crate) megabytes: u32,
    /// Whether it is still going on, so that its last words may be missing and a worker looks again.
    pub(crate) live: bool,
}

/// One setting.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    pub(crate) repository: Repository,
    pub(crate) litter: Option<Litter>,
    pub(crate) session: Option<Session>,
    /// How many entries the journal has before.
    pub(crate) journal: u32,
    /// Whether the user and the repository have configuration files.
    pub(crate) configured: bool,
    /// Whether a provider is set that cannot be reached, and a worker is started for each commit.
    pub(crate) provider: bool,
    /// Whether `git commit` is measured, too. In a large repository it varies by more than the hook takes.
    pub(crate) commit: bool,
}

/// All settings; the first is what the others are compared with.
pub(crate) fn all(size: Size) -> Vec<Setting> {
    let tiny = Setting {
        name: "tiny repository",
        repository: Repository::Tiny,
        litter: None,
        session: None,
        journal: 0,
        configured: false,
        provider: false,
        commit: true,
    };
    let gigabyte = |own, written, said| Litter { files: size.of(500), kilobytes: 2048, own, written, said };
    let with = |name, litter: Litter| Setting { name, litter: Some(litter), ..tiny };
    let session = Session { megabytes: 1, live: false };
    vec![
        tiny,
        Setting { name: "50,000 files and 20,000 commits", repository: large(size), commit: false, ..tiny },
        Setting { name: "a journal of 5,000 entries", journal: size.of(5_000), ..tiny },
        Setting { name: "both configuration files", configured: true, ..tiny },
        Setting { name: "a provider, unreachable", provider: true, ..tiny },
        Setting { name: "a session that led to the commit", session: Some(session), ..tiny },
        Setting { name: "the same, a provider, unreachable", session: Some(session), provider: true, ..tiny },
        Setting {
            name: "the same, 500 MB long",
            session: Some(Session { megabytes: size.of(500), ..session }),
            ..tiny
        },
        Setting { name: "a session still going on", session: Some(Session { live: true, ..session }), ..tiny },
        with("1 GB of other projects', written today", gigabyte(0, NEAR, NEAR)),
        with("1 GB, old, half of it other projects'", gigabyte(2, FAR, FAR)),
        with("1 GB of this project's, old", gigabyte(1, FAR, FAR)),
        with("1 GB of this project's, just copied", gigabyte(1, NEAR, FAR)),
        with("80 MB of this project's, this week's", Litter { files: 40, ..gigabyte(1, 86_400, 86_400) }),
        with("10,000 transcripts of other projects", Litter { files: 10_000, kilobytes: 4, ..gigabyte(0, NEAR, NEAR) }),
        with("10,000 transcripts in one directory", Litter { files: 10_000, kilobytes: 4, ..gigabyte(1, FAR, FAR) }),
    ]
}

fn large(size: Size) -> Repository {
    Repository::Large { files: size.of(50_000), commits: size.of(20_000) }
}
