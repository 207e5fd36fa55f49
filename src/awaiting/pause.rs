//! When nobody is asked at all: the provider cannot be reached, asks us to wait, or will go on refusing.
//!
//! In: a failure. Out: a [`Pause`], kept in one small file. Never here: a key: settings are known by their fingerprint,
//! and that is made without it.

use std::path::Path;

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::fs;

/// The most that is read.
const LIMIT: u64 = 64 << 10;

/// No pause that passes is longer.
const LONGEST: TimeDelta = TimeDelta::days(2);

/// A pause of the whole queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    pub(crate) schema: u32,
    /// Why.
    pub why: String,
    /// Until when; `None`: until the settings are others.
    pub until: Option<DateTime<Utc>>,
    /// How often in a row it could not be asked.
    pub failures: u32,
    /// The settings that it holds for.
    pub settings: String,
}

impl Pause {
    /// A pause for these settings.
    #[must_use]
    pub fn new(why: String, until: Option<DateTime<Utc>>, failures: u32, settings: String) -> Self {
        Self { schema: 1, why, until, failures, settings }
    }

    /// Whether it holds. Of an instant farther ahead than any pause lasts, the clock was wrong.
    #[must_use]
    pub fn holds(&self, now: DateTime<Utc>, settings: &str) -> bool {
        self.settings == settings && self.until.is_none_or(|until| until > now && until <= now + LONGEST)
    }
}

pub(super) fn read(file: &Path) -> Option<Pause> {
    let bytes = fs::read(file, LIMIT).ok()??;
    serde_json::from_slice(&bytes).ok().filter(|pause: &Pause| pause.schema == 1)
}

pub(super) fn write(file: &Path, pause: &Pause) -> Result<()> {
    fs::replace(file, &serde_json::to_vec(pause)?)
}
