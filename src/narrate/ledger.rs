//! What was spent today on prose, in all repositories of the user.
//!
//! In: an estimate before a call, the provider's counts after it. Out: whether the day's budget allows the call.
//! Never here: a call. The estimate is charged before it: should the process be killed meanwhile, too much is on record
//! and never too little.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::config::NarrationConfig;
use crate::env::{Deadline, Env};
use crate::fs::{self, Lock};
use crate::llm::price::Price;

/// The most that is read.
const LIMIT: u64 = 64 << 10;

/// How long to wait for another process that keeps the books.
const PATIENCE: Duration = Duration::from_secs(10);

/// The book of one user.
#[derive(Debug, Clone)]
pub struct Ledger {
    dir: PathBuf,
}

/// What was spent on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Spent {
    /// Tokens, sent and received.
    pub tokens: u64,
    /// Millionths of a cent; calls whose price is not known are not in it.
    pub microcents: u64,
}

#[derive(Serialize, Deserialize)]
struct Book {
    schema: u32,
    day: NaiveDate,
    #[serde(flatten)]
    spent: Spent,
}

impl Spent {
    /// What a call costs.
    #[must_use]
    pub fn of(sent: u32, received: u32, price: Option<Price>) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast stops at both ends")]
        let microcents = price.map_or(0, |price| (price.cents(sent, received) * 1e6).ceil() as u64);
        Self { tokens: u64::from(sent) + u64::from(received), microcents }
    }

    /// Whole cents, rounded up.
    #[must_use]
    pub fn cents(self) -> u64 {
        self.microcents.div_ceil(1_000_000)
    }

    /// Why no more may be spent by these settings, when this was; `None` while it may.
    #[must_use]
    pub fn reached(self, more: Self, config: &NarrationConfig) -> Option<String> {
        let tokens = self.tokens + more.tokens;
        if config.day_tokens > 0 && tokens > u64::from(config.day_tokens) {
            let (spent, most) = (self.tokens, config.day_tokens);
            return Some(format!("the day's budget is reached: {spent} of {most} tokens (narration.day-tokens)"));
        }
        let cents = (self.microcents + more.microcents).div_ceil(1_000_000);
        if config.day_cents > 0 && cents > u64::from(config.day_cents) {
            let (spent, most) = (self.cents(), config.day_cents);
            return Some(format!("the day's budget is reached: {spent} of {most} cents (narration.day-cents)"));
        }
        None
    }
}

impl Ledger {
    /// The user's book.
    ///
    /// # Errors
    /// The system names no place for it.
    pub fn of(env: &Env) -> Result<Self> {
        let dir = env.state_dir.clone().context("the system names no directory for the user's state")?;
        Ok(Self { dir })
    }

    /// Where it lies.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    fn file(&self) -> PathBuf {
        self.dir.join("spent.json")
    }

    /// What was spent on a day.
    ///
    /// # Errors
    /// The book is there and cannot be read.
    pub fn spent(&self, day: NaiveDate) -> Result<Spent> {
        let Some(bytes) = fs::read(&self.file(), LIMIT)? else { return Ok(Spent::default()) };
        // A torn book says nothing; it is begun anew.
        let book = serde_json::from_slice::<Book>(&bytes).ok();
        Ok(book.filter(|book| book.schema == 1 && book.day == day).map(|book| book.spent).unwrap_or_default())
    }

    /// Charges a call before it is made; returns why it may not be made where the budget says so.
    ///
    /// # Errors
    /// The book cannot be kept: without one no call is made.
    pub fn charge(&self, day: NaiveDate, estimate: Spent, config: &NarrationConfig) -> Result<Option<String>> {
        let _lock = self.lock()?;
        let spent = self.spent(day)?;
        if let Some(why) = spent.reached(estimate, config) {
            return Ok(Some(why));
        }
        let (tokens, microcents) = (spent.tokens + estimate.tokens, spent.microcents + estimate.microcents);
        self.write(day, Spent { tokens, microcents }).map(|()| None)
    }

    /// Puts what a call has cost in the place of what was charged for it; what a new day has begun is left alone.
    ///
    /// # Errors
    /// The book cannot be kept.
    pub fn settle(&self, day: NaiveDate, estimate: Spent, real: Spent) -> Result<()> {
        let _lock = self.lock()?;
        let spent = self.spent(day)?;
        if spent.tokens < estimate.tokens {
            return Ok(());
        }
        let tokens = spent.tokens - estimate.tokens + real.tokens;
        let microcents = spent.microcents.saturating_sub(estimate.microcents) + real.microcents;
        self.write(day, Spent { tokens, microcents })
    }

    fn lock(&self) -> Result<Lock> {
        fs::create_private_dir(&self.dir)?;
        match Lock::acquire(&self.dir.join("spent.lock"), Deadline::after(PATIENCE))? {
            Some(lock) => Ok(lock),
            None => bail!("cannot keep the book of what was spent: another process does"),
        }
    }

    fn write(&self, day: NaiveDate, spent: Spent) -> Result<()> {
        // Two calls of the disk for each of a model would be too many; a power cut may cost a day's count.
        fs::replace_unsynced(&self.file(), &serde_json::to_vec(&Book { schema: 1, day, spent })?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(day_tokens: u32, day_cents: u32) -> NarrationConfig {
        let env = Env::of_test(Path::new("/nowhere"), &[]);
        let sources = crate::config::Sources { env: &env, worktree: None, main_worktree: None, flags: &[] };
        NarrationConfig { day_tokens, day_cents, ..crate::config::load(&sources).config.narration }
    }

    fn day(number: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, number).unwrap()
    }

    #[test]
    fn a_call_is_charged_before_and_settled_after_and_the_next_day_begins_anew() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger { dir: dir.path().join("state") };
        let price = Some(Price { sent: 100.0, received: 500.0 });
        let estimate = Spent::of(6_000, 4_000, price);
        assert_eq!((estimate.tokens, estimate.cents()), (10_000, 3));
        let config = config(15_000, 0);
        assert_eq!(ledger.charge(day(1), estimate, &config).unwrap(), None);
        assert!(ledger.charge(day(1), estimate, &config).unwrap().unwrap().contains("10000 of 15000 tokens"));
        ledger.settle(day(1), estimate, Spent::of(5_000, 0, price)).unwrap();
        assert_eq!(ledger.spent(day(1)).unwrap(), Spent { tokens: 5_000, microcents: 500_000 });
        assert_eq!(ledger.charge(day(1), estimate, &config).unwrap(), None);
        assert_eq!(ledger.spent(day(2)).unwrap(), Spent::default());
        assert_eq!(ledger.charge(day(2), estimate, &config).unwrap(), None);
        // The call of yesterday comes back today.
        ledger.settle(day(1), estimate, Spent::default()).unwrap();
        assert_eq!(ledger.spent(day(2)).unwrap(), estimate);
    }

    #[test]
    fn money_counts_where_prices_are_known_and_no_limit_is_none() {
        let call = |price| Spent::of(1_000_000, 0, price);
        let cheap = call(Some(Price { sent: 99.0, received: 1.0 }));
        assert_eq!(Spent::default().reached(cheap, &config(0, 100)), None);
        assert!(cheap.reached(cheap, &config(0, 100)).unwrap().contains("99 of 100 cents"));
        assert_eq!(call(None).reached(call(None), &config(0, 1)), None);
        assert_eq!(cheap.reached(cheap, &config(0, 0)), None);
    }

    #[test]
    fn a_torn_book_is_begun_anew() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger { dir: dir.path().to_owned() };
        std::fs::write(ledger.file(), "{\"schema\":1,").unwrap();
        assert_eq!(ledger.charge(day(1), Spent::of(1, 1, None), &config(10, 10)).unwrap(), None);
        assert_eq!(ledger.spent(day(1)).unwrap().tokens, 2);
    }
}
