//! Who is asked, as the queue sees it.
//!
//! In: the settings. Out: an [`Asker`] with its price, and by what the settings are known to have changed.
//! Never here: a key, not even in the fingerprint.

use sha2::{Digest, Sha256};

use crate::chat::fingerprint::hexadecimal;
use crate::config::NarrationConfig;
use crate::env::Env;
use crate::llm::price::Price;
use crate::llm::{self, Described, Failure, Provider, Reply, Request};

/// A model that can be asked.
#[derive(Debug)]
pub struct Asker {
    provider: Provider,
}

impl Asker {
    /// The one that the settings name.
    ///
    /// # Errors
    /// They name none that can be asked.
    pub fn of(config: &NarrationConfig, env: &Env) -> Result<Self, Failure> {
        let provider = Provider::from(config, env)?;
        let nobody = || Failure::Lasting { why: "no provider is set".to_owned() };
        Ok(Self { provider: provider.ok_or_else(nobody)? })
    }

    /// Who it is, for people: the provider and the model.
    #[must_use]
    pub fn shown(&self) -> String {
        let Described { name, model, .. } = llm::describe(&self.provider);
        format!("{model} ({name})")
    }

    /// Exactly what would be sent, and to whom.
    #[must_use]
    pub fn preview(&self, request: &Request) -> String {
        llm::preview(&self.provider, request)
    }

    /// What it costs, where that is known.
    #[must_use]
    pub fn price(&self) -> Option<Price> {
        Price::of(&self.provider)
    }

    /// Asks it.
    ///
    /// # Errors
    /// There is no answer.
    pub fn ask(&self, request: &Request) -> Result<Reply, Failure> {
        llm::ask(&self.provider, request)
    }
}

/// By what the settings of a pause are known: another provider, model or budget ends it, and so does a key file that was
/// written anew.
#[must_use]
pub fn fingerprint(config: &NarrationConfig) -> String {
    let NarrationConfig { provider, model, base_url, command, key_command, key_file, .. } = config;
    let written = key_file.as_ref().and_then(|file| std::fs::metadata(file).ok()?.modified().ok());
    let budget = (config.prompt_tokens, config.day_tokens, config.day_cents, config.price_in, config.price_out);
    let all = format!("{:?}", (provider, model, base_url, command, key_command, key_file, written, budget));
    hexadecimal(&Sha256::digest(all)[..16])
}
