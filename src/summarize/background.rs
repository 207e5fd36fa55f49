//! Summaries of what is over, written after a commit has returned.
//!
//! In: a repository's state directory. Out: pages of the periods that have ended and have none, or one that is out of date.
//! Never here: two at a time, or more in one go than the settings allow. What is left is written after the next commit.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use chrono::NaiveDate;

use super::make::Summarizer;
use crate::env::{Deadline, Env};
use crate::fs::{self, Lock};
use crate::git::Repository;
use crate::llm::{Failure, Request};
use crate::narrate::ledger::Ledger;
use crate::narrate::provider::Asker;
use crate::narrate::tell::Desk;
use crate::record::Recorder;
use crate::store::log::Log;
use crate::worker;

/// The day on which everything that was over had its page.
const DONE: &str = "summaries";

/// How long that day may be, written down.
const LIMIT: u64 = 64;

/// Whether a period may have ended since somebody looked. This is what a commit asks: one read of a few bytes.
#[must_use]
pub fn may_be_due(state: &Path, today: NaiveDate) -> bool {
    let read = fs::read(&state.join(DONE), LIMIT).ok().flatten();
    let done = read.and_then(|bytes| String::from_utf8(bytes).ok()?.trim().parse::<NaiveDate>().ok());
    done.is_none_or(|done| done < today)
}

/// Says that nothing is over yet: in a journal that begins today.
///
/// # Errors
/// The state directory cannot be written.
pub fn begin(state: &Path, today: NaiveDate) -> Result<()> {
    fs::create_private_dir(state)?;
    fs::jot(&state.join(DONE), today.to_string().as_bytes())
}

/// Writes what is due, within the settings; what fails is told in the log.
///
/// # Errors
/// The state directory cannot be written, or the repository cannot be opened.
pub fn catch_up(env: &Env, state: &Path) -> Result<()> {
    let today = env.now.date_naive();
    if !may_be_due(state, today) {
        return Ok(());
    }
    let Some(_lock) = Lock::acquire(&state.join("summaries.lock"), Deadline::after(Duration::ZERO))? else {
        return Ok(());
    };
    let env = env.clone().at(state.parent().unwrap_or(state));
    let repository = Repository::open(&env)?;
    let loaded = worker::load(&env, &repository);
    let config = &loaded.config;
    if !config.enabled || !config.summaries.background || loaded.careful || repository.opted_out() {
        return Ok(());
    }
    let recorder = Recorder { env: &env, config, repository: &repository, deadline: Deadline::NONE, thorough: true };
    let log = Log::at(state);
    let remark = |why: &str| log.write(env.now, "summaries", &format!("no prose: {why}"));
    let asker = if config.narration.is_on() { Some(Asker::of(&config.narration, &env)) } else { None };
    let asker = asker.transpose().inspect_err(|failure| remark(&failure.to_string())).ok().flatten();
    let ask = |request: &Request| match &asker {
        Some(asker) => asker.ask(request),
        None => Err(Failure::Declined { why: "nobody is to be asked".to_owned() }),
    };
    let (price, ledger) = (asker.as_ref().and_then(Asker::price), Ledger::of(&env)?);
    let desk = Desk { recorder: &recorder, ask: &ask, price, ledger: &ledger, again: false };
    let summarizer = Summarizer::new(&recorder);
    let summarizer = if asker.is_some() { summarizer.with_prose(&desk, &remark) } else { summarizer };
    let at_once = usize::try_from(config.summaries.at_once).unwrap_or(usize::MAX);
    match summarizer.make_due(at_once, &|| false) {
        Ok(0) => begin(state, today)?,
        Ok(_) => {}
        Err(error) => log.write(env.now, "summaries", &format!("{error:#}")),
    }
    Ok(())
}
