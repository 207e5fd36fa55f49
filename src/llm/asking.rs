//! What is asked, and what comes back.
//!
//! In: nothing. Out: [`Request`], [`Reply`] and [`Failure`], plain data.
//! Never here: who is asked.

use std::time::Duration;

/// What a model is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The standing instructions.
    pub system: String,
    /// The question.
    pub user: String,
    /// How freely it answers: 0 is not at all.
    pub temperature: f64,
    /// The most tokens of the answer, those included in which a model thinks.
    pub most_tokens: u32,
}

/// What it answered.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reply {
    /// The words; never empty.
    pub text: String,
    /// The model that answered, by its own account where it gives one.
    pub model: String,
    /// Tokens that were sent, where the provider counts them.
    pub sent: Option<u32>,
    /// Tokens that were received, where the provider counts them.
    pub received: Option<u32>,
    /// Whether the answer was cut off at the most tokens.
    pub cut: bool,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Failure {
    /// It may pass: too many requests, a fault at the provider's.
    #[error("{why}")]
    Passing {
        /// What happened.
        why: String,
        /// How long the provider asks us to wait.
        after: Option<Duration>,
    },
    /// It was asked, and no whole answer came: a timeout, or a reply that breaks off. It may pass; but the provider has
    /// probably counted what was sent.
    #[error("{why}")]
    Unanswered {
        /// What happened.
        why: String,
    },
    /// Nobody was reached, so nothing was asked: no network, or a server that is not running.
    #[error("{why}")]
    Unreached {
        /// What happened.
        why: String,
    },
    /// It will not pass by itself: a wrong key, an unknown model, a setting that cannot work.
    #[error("{why}")]
    Lasting {
        /// What happened, and what to do about it.
        why: String,
    },
    /// This one request is not answered, another may be: the model refuses, or the server takes no such request.
    #[error("{why}")]
    Declined {
        /// What happened.
        why: String,
    },
}

impl Failure {
    /// One that may pass, without a word on when.
    pub(super) fn passing(why: impl Into<String>) -> Self {
        Self::Passing { why: why.into(), after: None }
    }

    /// No whole answer to what was asked.
    pub(super) fn unanswered(why: impl Into<String>) -> Self {
        Self::Unanswered { why: why.into() }
    }

    /// One that will not pass by itself.
    pub(super) fn lasting(why: impl Into<String>) -> Self {
        Self::Lasting { why: why.into() }
    }
}
