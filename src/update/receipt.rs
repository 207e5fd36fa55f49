//! The receipt that an install script leaves: this program is ours to replace.
//!
//! In: `receipt.json` beside the program. Out: a [`Receipt`], and the file renewed after an update.
//! Never here: a program without one; whose that is, `source` finds out.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::place::Place;
use crate::fs;

/// The longest receipt, in bytes.
const LIMIT: u64 = 64 << 10;

/// Who installed the program, and what. What later scripts add is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    schema: u32,
    /// `install.sh` or `install.ps1`.
    pub source: String,
    /// The version that lies there.
    pub version: String,
    /// The target it was built for.
    #[serde(default)]
    pub target: Option<String>,
    /// Where it was put.
    pub binary: PathBuf,
    /// Shell start-up files in which the script has put the directory on `PATH`.
    #[serde(default)]
    pub modified_path: Vec<PathBuf>,
    /// Where it came from, if not from the repository's own releases.
    #[serde(default)]
    pub base_url: Option<String>,
    #[serde(flatten)]
    other: Map<String, Value>,
}

impl Receipt {
    /// The receipt of an installation, if there is one.
    ///
    /// # Errors
    /// It is there, and cannot be read or understood.
    pub fn read(place: &Place) -> Result<Option<Self>> {
        let path = place.receipt();
        let Some(bytes) = fs::read(&path, LIMIT)? else { return Ok(None) };
        serde_json::from_slice(&bytes).map(Some).with_context(|| format!("cannot understand {}", path.display()))
    }

    /// Whether it is the receipt of the program that it lies beside, and not of one that was copied from elsewhere.
    #[must_use]
    pub fn fits(&self, place: &Place) -> bool {
        fs::canonical(&self.binary) == place.binary
    }

    /// Writes it, readable by everybody as the program is.
    ///
    /// # Errors
    /// The directory is not writable.
    pub fn write(&self, place: &Place) -> Result<()> {
        let text = serde_json::to_string_pretty(self).context("cannot write JSON")?;
        fs::replace_with_mode(&place.receipt(), format!("{text}\n").as_bytes(), 0o644)
    }
}
