//! Questions on a terminal.
//!
//! In: a question with its default. Out: the answer.
//! Never here: a question when there is no terminal to ask on: the caller finds out first, with [`can_ask`].

use std::io::IsTerminal;

use anyhow::{Context, Result};
use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};
use dialoguer::{Confirm, Input, MultiSelect, Select};

/// Asks in one look.
#[expect(missing_debug_implementations, reason = "dialoguer's themes have none")]
pub struct Prompt {
    theme: Box<dyn Theme>,
}

/// Whether somebody sits at a terminal: both to read the question and to answer it.
#[must_use]
pub fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

impl Prompt {
    /// Questions with or without colours.
    #[must_use]
    pub fn new(colour: bool) -> Self {
        Self { theme: if colour { Box::new(ColorfulTheme::default()) } else { Box::new(SimpleTheme) } }
    }

    /// A line of text that `check` accepts.
    ///
    /// # Errors
    /// The terminal is gone, or the user interrupted.
    pub fn line(&self, question: &str, default: &str, check: impl Fn(&str) -> Result<(), String>) -> Result<String> {
        Input::with_theme(&*self.theme)
            .with_prompt(question)
            .default(default.to_owned())
            .validate_with(|text: &String| check(text.trim()))
            .interact_text()
            .map(|text: String| text.trim().to_owned())
            .context("cannot ask on this terminal")
    }

    /// One of several.
    ///
    /// # Errors
    /// As [`Prompt::line`].
    pub fn one(&self, question: &str, choices: &[&str], default: usize) -> Result<usize> {
        Select::with_theme(&*self.theme)
            .with_prompt(question)
            .items(choices)
            .default(default)
            .interact()
            .context("cannot ask on this terminal")
    }

    /// Any of several.
    ///
    /// # Errors
    /// As [`Prompt::line`].
    pub fn any(&self, question: &str, choices: &[(String, bool)]) -> Result<Vec<usize>> {
        MultiSelect::with_theme(&*self.theme)
            .with_prompt(question)
            .items_checked(choices.to_vec())
            .interact()
            .context("cannot ask on this terminal")
    }

    /// Yes or no.
    ///
    /// # Errors
    /// As [`Prompt::line`].
    pub fn yes(&self, question: &str, default: bool) -> Result<bool> {
        Confirm::with_theme(&*self.theme)
            .with_prompt(question)
            .default(default)
            .interact()
            .context("cannot ask on this terminal")
    }
}
