//! A journal's branch shared with a remote repository: what both have becomes one, here and there.
//!
//! In: the journal and a remote's name. Out: both branches at the same commit, or why not.
//! Never here: another branch, a hook (unless asked for), a credential (those are git's), or a push that throws something
//! away.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use chrono::{DateTime, FixedOffset};

use crate::env::Deadline;
use crate::fs::{self, Lock};
use crate::git::{OwnBranch, Tip};
use crate::process::{self, Finished};
use crate::store::layout::Leaf;
use crate::store::{Store, branch};

/// Where the remote's branch is fetched to. Not below `refs/heads` or `refs/remotes`: nobody is to see it in a list.
const FETCHED: &str = "refs/commit-story/remote";

/// How long git may take to fetch or to push.
const LIMIT: Duration = Duration::from_secs(600);

/// How often it is tried again when others push at the same time.
const TRIES: u32 = 60;

/// How often git may fail although nobody else has pushed.
const FAILURES: u32 = 3;

/// How long to wait for a hook that writes the journal.
const PATIENCE: Duration = Duration::from_secs(60);

/// One repository's side.
#[derive(Debug, Clone, Copy)]
pub struct Sync<'a> {
    /// The journal, on a branch.
    pub store: &'a Store,
    /// Where git is run.
    pub dir: &'a Path,
    /// Where our own state lies.
    pub state: &'a Path,
    /// The remote: a name, or whatever git takes for an address.
    pub remote: &'a str,
    /// The present.
    pub now: DateTime<FixedOffset>,
    /// Whether the repository's hooks run, such as `pre-push`.
    pub hooks: bool,
}

/// What was shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Synced {
    /// Pages that are new or changed here.
    pub received: usize,
    /// Pages that are new or changed there.
    pub sent: usize,
}

/// Both sides, and what they come to.
struct Meeting {
    ours: Option<Tip>,
    theirs: Option<Tip>,
    both: Tip,
}

impl Sync<'_> {
    /// Fetches, merges and pushes, again and again while others push in between. `None`: there is no journal yet, neither
    /// here nor there.
    ///
    /// # Errors
    /// git cannot fetch or push, in its own words; or a page cannot be read or written.
    pub fn run(&self) -> Result<Option<Synced>> {
        let branch = self.branch()?;
        let _lock = self.lock()?;
        let mut failures = 0;
        let mut received = 0;
        let mut before: Option<Option<Tip>> = None;
        for nth in 0..TRIES {
            let Some(Meeting { ours, theirs, both }) = self.meet(branch)? else { return Ok(None) };
            if ours != Some(both) {
                if !self.store.begin(Deadline::after(PATIENCE))?.move_branch(ours, both)? {
                    continue;
                }
                received += branch.differing(ours.as_ref(), &both)?.len();
            }
            if theirs == Some(both) {
                return Ok(Some(Synced { received, sent: 0 }));
            }
            let pushed = self.push(branch, &both)?;
            if pushed.success {
                return Ok(Some(Synced { received, sent: branch.differing(theirs.as_ref(), &both)?.len() }));
            }
            failures = if before == Some(theirs) { failures + 1 } else { 1 };
            before = Some(theirs);
            if failures > FAILURES {
                bail!("cannot push the journal to {}: {}", self.remote, words(&pushed));
            }
            std::thread::sleep(pause(nth));
        }
        bail!("cannot push the journal to {}: others keep pushing; try again later", self.remote)
    }

    /// What [`Sync::run`] would do. The remote's branch is fetched, and nothing else changed.
    ///
    /// # Errors
    /// As for [`Sync::run`].
    pub fn look(&self) -> Result<Option<Synced>> {
        let branch = self.branch()?;
        let _lock = self.lock()?;
        let Some(Meeting { ours, theirs, both }) = self.meet(branch)? else { return Ok(None) };
        let pages = |from: Option<Tip>| branch.differing(from.as_ref(), &both).map(|pages| pages.len());
        Ok(Some(Synced { received: pages(ours)?, sent: pages(theirs)? }))
    }

    fn branch(&self) -> Result<&OwnBranch> {
        self.store.branch().context("the journal does not live on a branch")
    }

    /// One at a time: what is fetched must not change while it is merged.
    fn lock(&self) -> Result<Lock> {
        fs::create_private_dir(self.state)?;
        let lock = Lock::acquire(&self.state.join("sync.lock"), Deadline::after(LIMIT))?;
        lock.context("cannot share the journal: another process is at it")
    }

    /// Both sides as they are now. What merging needs is written, and no branch moved.
    fn meet(&self, branch: &OwnBranch) -> Result<Option<Meeting>> {
        let theirs = self.fetch(branch)?;
        if let Some(tip) = &theirs {
            branch::check(branch, tip).with_context(|| format!("cannot use what {} has", self.remote))?;
        }
        let ours = branch::tip(branch)?;
        let both = match (ours, theirs) {
            (None, None) => return Ok(None),
            (Some(one), None) | (None, Some(one)) => one,
            (Some(ours), Some(theirs)) => self.merge(branch, ours, theirs)?,
        };
        Ok(Some(Meeting { ours, theirs, both }))
    }

    fn merge(&self, branch: &OwnBranch, ours: Tip, theirs: Tip) -> Result<Tip> {
        match branch.common(&ours, &theirs)? {
            Some(base) if base == theirs => return Ok(ours),
            Some(base) if base == ours => return Ok(theirs),
            _ => {}
        }
        let mut pages = |path: &str, base: Option<&[u8]>, ours: Option<&[u8]>, theirs: Option<&[u8]>| {
            let Some(leaf) = Leaf::parse(path) else {
                // Not ours to merge; what is left out stands in the other parent.
                return Ok(ours.or(theirs).map(<[u8]>::to_vec));
            };
            let page = branch::united(leaf, base, ours.unwrap_or_default(), theirs.unwrap_or_default());
            Ok(Some(page).filter(|page| !page.is_empty()))
        };
        branch.merge([&ours, &theirs], &format!("journal: merge {}", self.remote), self.now, &mut pages)
    }

    /// The remote's branch; `None` if it has none.
    fn fetch(&self, branch: &OwnBranch) -> Result<Option<Tip>> {
        let mut fetched = self.fetch_once(branch)?;
        let mut failures = 0;
        while !fetched.success {
            let listed = self.git(&["ls-remote", "--", self.remote, &branch.full_name()])?;
            if listed.success && listed.stdout.trim_ascii().is_empty() {
                return Ok(None);
            }
            failures += 1;
            if !listed.success || failures == FAILURES {
                bail!("cannot fetch the journal from {}: {}", self.remote, words(&fetched));
            }
            // Somebody may have made it in between.
            fetched = self.fetch_once(branch)?;
        }
        branch.tip_of(FETCHED)
    }

    fn fetch_once(&self, branch: &OwnBranch) -> Result<Finished> {
        self.git(&[
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-prune",
            "--no-write-fetch-head",
            "--no-auto-maintenance",
            "--no-recurse-submodules",
            // A clone that leaves file contents at the remote needs the pages all the same.
            "--no-filter",
            // Nothing of what the user has configured to be fetched.
            "--refmap=",
            "--",
            self.remote,
            &format!("+{}:{FETCHED}", branch.full_name()),
        ])
    }

    /// Without force: where somebody else has pushed since, git refuses.
    fn push(&self, branch: &OwnBranch, tip: &Tip) -> Result<Finished> {
        let refspec = format!("{}:{}", tip.commit(), branch.full_name());
        let verify = if self.hooks { "--verify" } else { "--no-verify" };
        self.git(&[
            "push",
            "--quiet",
            "--no-follow-tags",
            verify,
            "--recurse-submodules=no",
            "--",
            self.remote,
            &refspec,
        ])
    }

    fn git(&self, args: &[&str]) -> Result<Finished> {
        let mut command = process::git_for_remotes();
        command.current_dir(self.dir).env("LC_ALL", "C");
        if !self.hooks {
            command.args(["-c", "core.hooksPath=/dev/null"]);
        }
        process::run(command.args(args), LIMIT)
    }
}

/// What git said, on one line.
fn words(finished: &Finished) -> String {
    String::from_utf8_lossy(&finished.stderr).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Longer each time, and not the same for all who try at once.
fn pause(nth: u32) -> Duration {
    let spread = std::process::id().wrapping_mul(7_919).wrapping_add(nth.wrapping_mul(104_729)) % 100;
    Duration::from_millis(u64::from((nth + 1).min(8) * spread / 4))
}
