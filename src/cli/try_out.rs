//! Whether the model answers: `narrate --test`, and the last question of `init`.
//!
//! In: the settings. Out: a sentence. Never here: anything of the repository's: one word is asked for.

use anyhow::{Context, Result};

use super::session::Session;
use crate::config::NarrationConfig;
use crate::llm::{self, Provider};

/// Asks the model for one word, and says who answered.
///
/// # Errors
/// No provider is set, or it does not answer.
pub fn try_out(session: &Session, config: &NarrationConfig) -> Result<String> {
    let provider = Provider::from(config, &session.env)?.context("no provider is set: there is nobody to ask")?;
    let described = llm::describe(&provider);
    llm::probe(&provider).with_context(|| format!("{} does not answer as it should", described.target))?;
    Ok(format!("{} answers at {}", described.model, described.target))
}
