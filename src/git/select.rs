//! The commits of a range, with what it takes to choose among them.
//!
//! In: a range as git writes them, or all branches; an instant to go back to. Out: [`Listed`] commits, oldest first.
//! Never here: what a commit changed, commits that only a remote's branch has, or the network.

use anyhow::{Context, Result, anyhow, bail};
use chrono::{DateTime, FixedOffset, Utc};
use gix::ObjectId;
use gix::bstr::BStr;
use gix::revision::plumbing::Spec;
use gix::revision::walk::Sorting;
use gix::traverse::commit::simple::CommitTimeOrder;

use super::commit::{CommitId, Signature};
use super::repo::{Repository, commit_id};

/// Branches that other programs of ours write are no history of the developer's.
const OURS: &[u8] = b"refs/heads/commit-story/";

/// How much of what was read is kept for the next commit of a long walk, in bytes: neighbours share most of their trees,
/// and in a pack an object is the difference to another, which is that to a third.
const OBJECTS: usize = 4 << 20;
const BASES: usize = 16 << 20;

/// Which commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// Those of a range (`main..topic`), or all that a revision has.
    Range(String),
    /// All that a local branch or `HEAD` has.
    Branches,
}

/// A commit that can be chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// Its id.
    pub id: CommitId,
    /// Who wrote it, and when.
    pub author: Signature,
    /// When it was made.
    pub committed: DateTime<Utc>,
}

/// The instant that git understands by a date such as `2 weeks ago`.
#[must_use]
pub fn instant(text: &str, now: DateTime<FixedOffset>) -> Option<DateTime<Utc>> {
    let now: gix::date::Zoned = now.format("%Y-%m-%dT%H:%M:%S%:z[%:z]").to_string().parse().ok()?;
    let time = gix::date::parse(text, Some(now)).ok()?;
    DateTime::from_timestamp(time.seconds, 0)
}

impl Repository {
    /// The selected commits, oldest first; of a shallow clone those that are there.
    ///
    /// # Errors
    /// Nothing is named so, or a commit is missing.
    pub fn select(&self, selection: &Selection, since: Option<DateTime<Utc>>) -> Result<Vec<Listed>> {
        let (tips, hidden) = match selection {
            Selection::Range(range) => self.ends_of(range)?,
            Selection::Branches => (self.branch_tips()?, Vec::new()),
        };
        let order = CommitTimeOrder::NewestFirst;
        let sorting = match since {
            Some(at) => Sorting::ByCommitTimeCutoff { order, seconds: at.timestamp() },
            None => Sorting::ByCommitTime(order),
        };
        let walk = self.inner.rev_walk(tips).with_hidden(hidden).sorting(sorting).all();
        let mut listed = Vec::new();
        for step in walk.context("cannot walk the history")? {
            let id = step.context("cannot walk the history")?.id;
            let header = self.header(id)?;
            let committed = header.committer.when.to_utc();
            if since.is_none_or(|since| committed >= since) {
                listed.push(Listed { id: commit_id(id)?, author: header.author, committed });
            }
        }
        listed.reverse();
        Ok(listed)
    }

    /// Keeps what was read for a while: worth its memory where many commits are read one after the other.
    #[must_use]
    pub fn for_many(mut self) -> Self {
        self.inner.object_cache_size_if_unset(OBJECTS);
        self.inner.objects.set_pack_cache(|| Box::new(gix::odb::pack::cache::lru::MemoryCappedHashmap::new(BASES)));
        self
    }

    /// What a range begins and ends with: the commits that have all of it, and those that have none of it.
    fn ends_of(&self, range: &str) -> Result<(Vec<ObjectId>, Vec<ObjectId>)> {
        // The library's reasons name its own parts; the range that was given says as much.
        let spec =
            self.inner.rev_parse(<&BStr>::from(range)).map_err(|_| anyhow!("cannot find the range `{range}`"))?;
        let commit = |id: ObjectId| -> Result<ObjectId> {
            let object = self.inner.find_object(id).with_context(|| format!("cannot read {id}"))?;
            Ok(object.peel_to_commit().map_err(|_| anyhow!("`{range}` does not name commits"))?.id)
        };
        match spec.detach() {
            Spec::Include(tip) => Ok((vec![commit(tip)?], Vec::new())),
            Spec::Range { from, to } => Ok((vec![commit(to)?], vec![commit(from)?])),
            Spec::ExcludeParents(tip) => {
                let tip = commit(tip)?;
                Ok((vec![tip], self.header(tip)?.parents))
            }
            _ => bail!("cannot take `{range}` for a range: write FROM..TO, or one revision for all that it has"),
        }
    }

    /// What `HEAD` and the local branches point at, where that is there.
    fn branch_tips(&self) -> Result<Vec<ObjectId>> {
        let references = self.inner.references().context("cannot read the references")?;
        let mut tips: Vec<ObjectId> = self.inner.head_id().ok().map(gix::Id::detach).into_iter().collect();
        for reference in references.local_branches().context("cannot read the references")?.flatten() {
            let mut reference = reference;
            if !reference.name().as_bstr().starts_with(OURS) {
                tips.extend(reference.peel_to_commit().ok().map(|commit| commit.id));
            }
        }
        tips.retain(|tip| self.inner.has_object(tip));
        tips.sort_unstable();
        tips.dedup();
        Ok(tips)
    }
}
