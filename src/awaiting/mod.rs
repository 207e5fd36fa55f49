//! Commits that wait for their prose, with what it is to be made from.
//!
//! In: a commit and its redacted evidence. Out: [`Job`]s, oldest first, and with each what was stored for it.
//! Never here: a model. A job is one private file, and so are its evidence and a reply that came for it; each is written
//! whole, so a kill at any moment leaves the old or the new. What is not redacted is never stored.

pub mod job;

pub mod pause;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use self::job::{Job, SavedReply};
pub use self::pause::Pause;
use crate::chat::fingerprint::hexadecimal;
use crate::env::Deadline;
use crate::evidence::Evidence;
use crate::evidence::stored::{self, Stored};
use crate::fs::{self, Lock};
use crate::git::CommitId;

/// The most a job's or a reply's file may hold, in bytes.
const LIMIT: u64 = 4 << 20;

/// The most that is remembered of what was told, in bytes, and how much of it is kept then.
const TOLD_LIMIT: u64 = 1 << 20;
const TOLD_KEPT: usize = 2_000;

/// So many commits are remembered whose evidence was thrown away.
const EXPIRED_KEPT: usize = 50;

/// The commits of one repository that wait for prose.
#[derive(Debug, Clone)]
pub struct Awaiting {
    dir: PathBuf,
}

/// From which evidence the prose of an entry was made.
#[derive(Serialize, Deserialize)]
struct Told {
    commit: CommitId,
    evidence: String,
}

impl Awaiting {
    /// Those in a repository's state directory.
    #[must_use]
    pub fn at(state: &Path) -> Self {
        Self { dir: state.join("narrate") }
    }

    fn job_file(&self, commit: &CommitId) -> PathBuf {
        self.dir.join(format!("{commit}.json"))
    }

    fn evidence_file(&self, commit: &CommitId) -> PathBuf {
        self.dir.join(format!("{commit}.evidence.json"))
    }

    fn reply_file(&self, commit: &CommitId) -> PathBuf {
        self.dir.join(format!("{commit}.reply.json"))
    }

    /// Adds a job with its evidence, or gives the one of the same commit better evidence: it waits no longer for that,
    /// and what was answered to the old evidence is not used for the new. Cheap, because nothing is synced: a commit
    /// waits for it.
    ///
    /// # Errors
    /// The state directory is not writable.
    pub fn put(&self, job: Job, evidence: &Evidence) -> Result<()> {
        // What cannot be stored is gathered again.
        let bytes = Stored::of(evidence).bytes().ok().flatten();
        self.put_stored(job, bytes.as_deref())
    }

    fn put_stored(&self, job: Job, evidence: Option<&[u8]>) -> Result<()> {
        fs::create_private_dir(&self.dir)?;
        let digest = evidence.map(digest);
        let known = self.job(&job.commit);
        if digest.is_some() && known.as_ref().is_some_and(|known| known.evidence == digest) {
            return Ok(());
        }
        if let Some(bytes) = evidence {
            fs::jot(&self.evidence_file(&job.commit), bytes)?;
        }
        let since = known.map_or(job.since, |known| known.since.min(job.since));
        self.jot(&Job { evidence: digest, since, ..job })
    }

    /// Writes a job as it is now: after a kill the file is the old one or the new. Its name alone is enough to do it anew,
    /// so the disk is not waited for.
    ///
    /// # Errors
    /// The state directory is not writable.
    pub fn save(&self, job: &Job) -> Result<()> {
        fs::create_private_dir(&self.dir)?;
        fs::replace_unsynced(&self.job_file(&job.commit), &serde_json::to_vec(job)?)
    }

    fn jot(&self, job: &Job) -> Result<()> {
        fs::jot(&self.job_file(&job.commit), &serde_json::to_vec(job).context("cannot write the job as JSON")?)
    }

    /// Writes a job that is being done as it is now, unless it was taken away or given other evidence meanwhile; `false`
    /// then.
    ///
    /// # Errors
    /// The state directory is not writable.
    pub fn update(&self, job: &Job) -> Result<bool> {
        let mine = self.job(&job.commit).is_some_and(|known| known.evidence == job.evidence);
        if mine {
            self.save(job)?;
        }
        Ok(mine)
    }

    /// Stores what was gathered for a job, and returns the job that knows it.
    ///
    /// # Errors
    /// The state directory is not writable.
    pub fn store(&self, job: Job, evidence: &Evidence) -> Result<Job> {
        let Some(bytes) = Stored::of(evidence).bytes().ok().flatten() else { return Ok(job) };
        fs::create_private_dir(&self.dir)?;
        fs::replace_unsynced(&self.evidence_file(&job.commit), &bytes)?;
        let job = Job { evidence: Some(digest(&bytes)), ..job };
        self.save(&job).map(|()| job)
    }

    /// Takes out a job that is done, unless it was given other evidence meanwhile.
    ///
    /// # Errors
    /// The state directory is not writable.
    pub fn finish(&self, job: &Job) -> Result<()> {
        let newer = self.job(&job.commit).is_some_and(|known| known.evidence != job.evidence);
        if newer { Ok(()) } else { self.done(&job.commit) }
    }

    /// Takes a job out, and then what was stored for it.
    ///
    /// # Errors
    /// The state directory is not writable.
    pub fn done(&self, commit: &CommitId) -> Result<()> {
        fs::remove(&self.job_file(commit))?;
        fs::remove(&self.evidence_file(commit))?;
        fs::remove(&self.reply_file(commit))
    }

    /// The job of a commit.
    #[must_use]
    pub fn job(&self, commit: &CommitId) -> Option<Job> {
        read(&self.job_file(commit))
    }

    /// Every job, those first that have waited longest; a file that is none is skipped.
    ///
    /// # Errors
    /// The directory is there and cannot be listed.
    pub fn jobs(&self) -> Result<Vec<Job>> {
        let names = fs::names(&self.dir)?.into_iter();
        let commits = names.filter_map(|name| CommitId::parse(name.strip_suffix(".json")?));
        let mut jobs: Vec<Job> = commits.filter_map(|commit| self.job(&commit)).collect();
        jobs.sort_by(|a, b| a.since.cmp(&b.since).then_with(|| a.commit.cmp(&b.commit)));
        Ok(jobs)
    }

    /// Whether any commit waits. Cheap: a commit waits for the answer.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let names = fs::names(&self.dir).unwrap_or_default();
        !names.iter().any(|name| name.strip_suffix(".json").is_some_and(|stem| CommitId::parse(stem).is_some()))
    }

    /// What was stored for a job; `None` when it is to be gathered.
    ///
    /// # Errors
    /// The file is broken, another version's, or not what the job was stored with.
    pub fn evidence(&self, job: &Job) -> Result<Option<Stored>> {
        let Some(wanted) = &job.evidence else { return Ok(None) };
        let Some(bytes) = fs::read(&self.evidence_file(&job.commit), stored::LIMIT)? else { return Ok(None) };
        if digest(&bytes) != *wanted {
            bail!("the stored evidence of {} is not the one its job was stored with", job.commit.short());
        }
        Stored::parse(&bytes).map(Some)
    }

    /// What a model has answered to what the job asks now.
    #[must_use]
    pub fn reply(&self, job: &Job) -> Option<SavedReply> {
        let bytes = fs::read(&self.reply_file(&job.commit), LIMIT).ok()??;
        serde_json::from_slice(&bytes).ok().filter(|reply: &SavedReply| reply.answers(job))
    }

    /// Keeps a reply, on the disk when this returns.
    ///
    /// # Errors
    /// The state directory is not writable, or the disk is full.
    pub fn keep_reply(&self, commit: &CommitId, reply: &SavedReply) -> Result<()> {
        fs::replace(&self.reply_file(commit), &serde_json::to_vec(reply)?)
    }

    /// Removes what a model has answered and what will not be used.
    ///
    /// # Errors
    /// The state directory is not writable.
    pub fn forget_reply(&self, commit: &CommitId) -> Result<()> {
        fs::remove(&self.reply_file(commit))
    }

    /// Lets a commit take the place of others: what waited for them waits for it now, and is asked for once.
    ///
    /// # Errors
    /// The state directory is not writable.
    pub fn hand_on(&self, olds: &[&CommitId], new: &CommitId) -> Result<()> {
        let waiting: Vec<Job> = olds.iter().filter_map(|old| self.job(old)).collect();
        let Some(last) = waiting.last().cloned() else { return Ok(()) };
        if let Some(own) = self.job(new) {
            // What was gathered for the commit itself tells more than what was gathered for those before it.
            let since = waiting.iter().map(|job| job.since).chain([own.since]).min().unwrap_or(own.since);
            self.jot(&Job { since, ..own })?;
        } else {
            // Parts that cannot be read, or were never stored, are gathered again with the whole.
            let parts: Option<Vec<Stored>> = waiting.iter().map(|job| self.evidence(job).ok()?).collect();
            let joined = parts.filter(|_| waiting.len() == olds.len());
            let bytes = joined.and_then(|parts| parts.into_iter().reduce(Stored::joined)?.bytes().ok()?);
            let since = waiting.iter().map(|job| job.since).min().unwrap_or(last.since);
            let refused = last.refused.clone().filter(|_| olds.len() == 1);
            let reply = self.reply(&last).filter(|_| olds.len() == 1 && bytes.is_some());
            self.put_stored(Job { commit: new.clone(), since, refused, ..last }, bytes.as_deref())?;
            if let Some(reply) = reply {
                self.keep_reply(new, &reply)?;
            }
        }
        waiting.iter().try_for_each(|job| self.done(&job.commit))
    }

    /// The pause that is kept, if any.
    #[must_use]
    pub fn pause(&self) -> Option<Pause> {
        pause::read(&self.dir.join("pause"))
    }

    /// Keeps a pause, or ends it.
    ///
    /// # Errors
    /// The state directory is not writable.
    pub fn set_pause(&self, pause: Option<&Pause>) -> Result<()> {
        let file = self.dir.join("pause");
        match pause {
            Some(pause) => {
                fs::create_private_dir(&self.dir)?;
                pause::write(&file, pause)
            }
            None => fs::remove(&file),
        }
    }

    /// The lock that whoever asks a model for this repository holds; `None` when somebody else still does then.
    ///
    /// # Errors
    /// The state directory is not writable.
    pub fn lock(&self, patience: Deadline) -> Result<Option<Lock>> {
        fs::create_private_dir(&self.dir)?;
        Lock::acquire(&self.dir.join("lock"), patience)
    }

    /// The lock that the one worker holds for as long as it looks after the jobs; `None` when there is one.
    ///
    /// # Errors
    /// The state directory is not writable.
    pub fn attend(&self) -> Result<Option<Lock>> {
        fs::create_private_dir(&self.dir)?;
        Lock::acquire(&self.dir.join("worker"), Deadline::after(std::time::Duration::ZERO))
    }

    /// Remembers from which evidence the prose of a commit was made.
    ///
    /// # Errors
    /// The state directory is not writable.
    pub fn told(&self, job: &Job) -> Result<()> {
        let Some(evidence) = job.evidence.clone() else { return Ok(()) };
        let file = self.dir.join("told.jsonl");
        let mut line = serde_json::to_vec(&Told { commit: job.commit.clone(), evidence })?;
        line.push(b'\n');
        fs::append(&file, &line)?;
        if std::fs::metadata(&file).is_ok_and(|meta| meta.len() > TOLD_LIMIT / 2) {
            let bytes = fs::read(&file, TOLD_LIMIT)?.unwrap_or_default();
            let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
            fs::replace(&file, &lines[lines.len().saturating_sub(TOLD_KEPT)..].concat())?;
        }
        Ok(())
    }

    /// Whether the prose of a commit was made from what its job was stored with.
    #[must_use]
    pub fn has_told(&self, job: &Job) -> bool {
        let Some(evidence) = &job.evidence else { return false };
        let bytes = fs::read(&self.dir.join("told.jsonl"), TOLD_LIMIT).ok().flatten().unwrap_or_default();
        let mut lines = bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Told>(line).ok());
        lines.rfind(|told| told.commit == job.commit).is_some_and(|told| told.evidence == *evidence)
    }

    /// The commits whose evidence was thrown away before they got their prose, newest last.
    #[must_use]
    pub fn expired(&self) -> Vec<CommitId> {
        let bytes = fs::read(&self.dir.join("expired"), LIMIT).ok().flatten().unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Takes a job out because its evidence has been kept for as long as it may, and remembers that.
    ///
    /// # Errors
    /// The state directory is not writable.
    pub fn expire(&self, commit: &CommitId) -> Result<()> {
        let mut expired = self.expired();
        expired.retain(|known| known != commit);
        expired.push(commit.clone());
        let first = expired.len().saturating_sub(EXPIRED_KEPT);
        fs::replace(&self.dir.join("expired"), &serde_json::to_vec(&expired[first..])?)?;
        self.done(commit)
    }

    /// Forgets that a commit's evidence was thrown away: it has its prose now.
    ///
    /// # Errors
    /// The state directory is not writable.
    pub fn unexpire(&self, commit: &CommitId) -> Result<()> {
        let mut expired = self.expired();
        if !expired.contains(commit) {
            return Ok(());
        }
        expired.retain(|known| known != commit);
        fs::replace(&self.dir.join("expired"), &serde_json::to_vec(&expired)?)
    }

    /// Removes what kills have left: evidence and replies without a job, and half-written files. Only for who holds the
    /// lock, and never what a commit may be writing just now: its evidence comes before its job.
    ///
    /// # Errors
    /// The directory is there and cannot be listed, or a file cannot be removed.
    pub fn sweep(&self) -> Result<()> {
        fs::sweep(&self.dir);
        for name in fs::names(&self.dir)? {
            let stem = name.strip_suffix(".evidence.json").or_else(|| name.strip_suffix(".reply.json"));
            let Some(commit) = stem.and_then(CommitId::parse) else { continue };
            if !self.job_file(&commit).exists()
                && fs::is_older(&self.dir.join(&name), std::time::Duration::from_secs(60))
            {
                fs::remove(&self.dir.join(&name))?;
            }
        }
        Ok(())
    }
}

/// The job in a file; `None` when it is none.
fn read(path: &Path) -> Option<Job> {
    let bytes = fs::read(path, LIMIT).ok()??;
    // Whole JSON that is no job of ours belongs to another version.
    if let Ok(value) = serde_json::from_slice::<serde_json::Value>(&bytes) {
        return serde_json::from_value(value).ok().filter(|job: &Job| job.schema == job::SCHEMA);
    }
    // A kill or a power cut came between the name and the content: the name says what is needed.
    let commit = CommitId::parse(path.file_stem()?.to_str()?)?;
    let since = fs::written(&std::fs::metadata(path).ok()?)?;
    Some(Job::new(commit, PathBuf::new(), PathBuf::new(), since, 0))
}

/// By what stored evidence is known.
fn digest(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes)[..16])
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;

    fn id(digit: char) -> CommitId {
        CommitId::parse(&digit.to_string().repeat(40)).unwrap()
    }

    fn job(digit: char, minute: i64) -> Job {
        Job::new(id(digit), "/r/.git".into(), "/r".into(), DateTime::UNIX_EPOCH + TimeDelta::minutes(minute), 20)
    }

    fn stored() -> Vec<u8> {
        br#"{"schema":1,"sessions":[],"notes":[],"gaps":[],"conflicts":[],"relations":[]}"#.to_vec()
    }

    fn reply(job: &Job, text: &str) -> SavedReply {
        SavedReply::to(job, (text.to_owned(), "m".to_owned(), false), DateTime::UNIX_EPOCH.fixed_offset())
    }

    #[test]
    fn a_job_waits_with_its_evidence_and_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let awaiting = Awaiting::at(dir.path());
        assert!(awaiting.is_empty() && awaiting.jobs().unwrap().is_empty());
        awaiting.put_stored(job('b', 2), Some(&stored())).unwrap();
        awaiting.put_stored(job('a', 3), None).unwrap();
        std::fs::write(dir.path().join("narrate/nonsense.json"), "{}").unwrap();
        let jobs = awaiting.jobs().unwrap();
        assert_eq!(jobs.iter().map(|job| job.commit.clone()).collect::<Vec<_>>(), [id('b'), id('a')]);
        assert!(awaiting.evidence(&jobs[0]).unwrap().is_some() && awaiting.evidence(&jobs[1]).unwrap().is_none());
        for job in jobs {
            awaiting.keep_reply(&job.commit, &reply(&job, "words")).unwrap();
            awaiting.finish(&job).unwrap();
        }
        assert!(awaiting.is_empty());
        assert_eq!(fs::names(&dir.path().join("narrate")).unwrap(), ["nonsense.json"]);
    }

    #[cfg(unix)]
    #[test]
    fn only_their_owner_can_read_the_files() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let awaiting = Awaiting::at(dir.path());
        awaiting.put_stored(job('a', 1), Some(&stored())).unwrap();
        let job = awaiting.job(&id('a')).unwrap();
        awaiting.save(&job).unwrap();
        awaiting.keep_reply(&job.commit, &reply(&job, "words")).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&dir.path().join("narrate")), 0o700);
        for name in fs::names(&dir.path().join("narrate")).unwrap() {
            assert_eq!(mode(&dir.path().join("narrate").join(&name)), 0o600, "{name}");
        }
    }

    #[test]
    fn what_was_answered_to_other_evidence_or_to_the_first_question_is_not_used() {
        let dir = tempfile::tempdir().unwrap();
        let awaiting = Awaiting::at(dir.path());
        awaiting.put_stored(job('a', 1), Some(&stored())).unwrap();
        let first = awaiting.job(&id('a')).unwrap();
        awaiting.keep_reply(&first.commit, &reply(&first, "words")).unwrap();
        assert_eq!(awaiting.reply(&first).unwrap().text, "words");
        let second = Job { refused: Some(vec!["no".to_owned()]), ..first.clone() };
        assert_eq!(awaiting.reply(&second), None);

        // The same evidence changes nothing, other evidence everything.
        awaiting.put_stored(job('a', 5), Some(&stored())).unwrap();
        assert_eq!(awaiting.job(&id('a')).unwrap(), first);
        let other = [stored(), b" ".to_vec()].concat();
        awaiting.put_stored(job('a', 5), Some(&other)).unwrap();
        let newer = awaiting.job(&id('a')).unwrap();
        assert_eq!(awaiting.reply(&newer), None);
        assert!(newer.since == first.since && newer.due > first.due);
        assert!(!awaiting.update(&first).unwrap());
        awaiting.finish(&first).unwrap();
        assert_eq!(awaiting.job(&id('a')).unwrap(), newer);
    }

    #[test]
    fn a_torn_job_is_known_by_its_name_and_torn_evidence_is_not_used() {
        let dir = tempfile::tempdir().unwrap();
        let awaiting = Awaiting::at(dir.path());
        awaiting.put_stored(job('a', 1), Some(&stored())).unwrap();
        std::fs::write(awaiting.evidence_file(&id('a')), &stored()[..20]).unwrap();
        assert!(awaiting.evidence(&awaiting.job(&id('a')).unwrap()).is_err());
        std::fs::write(awaiting.job_file(&id('a')), "").unwrap();
        let torn = awaiting.job(&id('a')).unwrap();
        assert_eq!((torn.commit, torn.evidence), (id('a'), None));
        std::fs::write(awaiting.job_file(&id('a')), "{\"schema\":2}").unwrap();
        assert_eq!(awaiting.job(&id('a')), None);
    }

    #[test]
    fn one_commit_in_the_place_of_others_is_asked_for_once() {
        let dir = tempfile::tempdir().unwrap();
        let awaiting = Awaiting::at(dir.path());
        let put = |digit, minute| awaiting.put_stored(job(digit, minute), Some(&stored())).unwrap();
        put('a', 1);
        put('b', 2);
        let first = awaiting.job(&id('a')).unwrap();
        awaiting.keep_reply(&first.commit, &reply(&first, "paid for")).unwrap();
        // Moved: with its evidence and its reply.
        awaiting.hand_on(&[&id('a')], &id('c')).unwrap();
        let moved = awaiting.job(&id('c')).unwrap();
        assert_eq!(awaiting.reply(&moved).unwrap().text, "paid for");
        assert!(awaiting.evidence(&moved).unwrap().is_some() && awaiting.job(&id('a')).is_none());
        // Two become one.
        awaiting.hand_on(&[&id('b'), &id('c')], &id('d')).unwrap();
        assert_eq!(awaiting.jobs().unwrap().len(), 1);
        let one = awaiting.job(&id('d')).unwrap();
        assert!(awaiting.evidence(&one).unwrap().is_some() && one.since == first.since);
        // One of two had its prose already: the whole is gathered again.
        awaiting.hand_on(&[&id('d'), &id('e')], &id('f')).unwrap();
        assert_eq!(awaiting.job(&id('f')).unwrap().evidence, None);
        // The new one was put there by its own hook: that tells more.
        put('1', 9);
        put('2', 10);
        awaiting.hand_on(&[&id('1')], &id('2')).unwrap();
        let own = awaiting.job(&id('2')).unwrap();
        assert_eq!((own.since, awaiting.job(&id('1'))), (job('1', 9).since, None));
    }

    #[test]
    fn what_was_told_and_what_expired_is_remembered() {
        let dir = tempfile::tempdir().unwrap();
        let awaiting = Awaiting::at(dir.path());
        awaiting.put_stored(job('a', 1), Some(&stored())).unwrap();
        let job = awaiting.job(&id('a')).unwrap();
        assert!(!awaiting.has_told(&job));
        awaiting.told(&job).unwrap();
        assert!(awaiting.has_told(&job));
        assert!(!awaiting.has_told(&Job { evidence: Some("other".to_owned()), ..job.clone() }));
        awaiting.expire(&id('a')).unwrap();
        assert_eq!((awaiting.expired(), awaiting.is_empty()), (vec![id('a')], true));
        awaiting.unexpire(&id('a')).unwrap();
        assert_eq!(awaiting.expired(), []);
    }

    #[test]
    fn a_pause_holds_for_the_settings_it_was_made_for_and_not_for_ever_on_a_wrong_clock() {
        let dir = tempfile::tempdir().unwrap();
        let awaiting = Awaiting::at(dir.path());
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(100);
        let holds = |until: Option<TimeDelta>, settings: &str| {
            let pause = Pause::new("no".into(), until.map(|until| now + until), 1, "these".into());
            awaiting.set_pause(Some(&pause)).unwrap();
            awaiting.pause().unwrap().holds(now, settings)
        };
        assert!(holds(None, "these") && !holds(None, "others"));
        assert!(holds(Some(TimeDelta::minutes(1)), "these") && !holds(Some(TimeDelta::minutes(1)), "others"));
        assert!(!holds(Some(TimeDelta::minutes(-1)), "these") && !holds(Some(TimeDelta::days(30)), "these"));
        awaiting.set_pause(None).unwrap();
        assert_eq!(awaiting.pause(), None);
    }
}
