//! Questions on a terminal.
//!
//! In: a question with its default. Out: the answer, or [`Left`].
//! Never here: a question when there is no terminal to ask on: the caller finds out first, with [`can_ask`].

use std::io::IsTerminal;

use anyhow::{Context, Result};
use dialoguer::console::{Term, set_colors_enabled_stderr};
use dialoguer::theme::ColorfulTheme;
use dialoguer::{Confirm, Input, MultiSelect, Password, Select};

use crate::interrupt;

/// Asks in one look.
#[expect(missing_debug_implementations, reason = "dialoguer's themes have none")]
pub struct Prompt {
    theme: ColorfulTheme,
    term: Term,
}

/// The user left a question with Ctrl-C or Esc instead of answering it.
#[derive(Debug, thiserror::Error)]
#[error("the question was not answered")]
pub struct Left;

/// Whether somebody sits at a terminal: both to read the question and to answer it.
#[must_use]
pub fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

impl Prompt {
    /// Questions with or without colours.
    #[must_use]
    pub fn new(colour: bool) -> Self {
        // One look for both: without colours the same signs are drawn plainly.
        set_colors_enabled_stderr(colour);
        Self { theme: ColorfulTheme::default(), term: Term::stderr() }
    }

    /// A line of text that `check` accepts.
    ///
    /// # Errors
    /// The user left, or the terminal is gone.
    pub fn line(&self, question: &str, default: &str, check: impl Fn(&str) -> Result<(), String>) -> Result<String> {
        let input = Input::with_theme(&self.theme)
            .with_prompt(question)
            .default(default.to_owned())
            .validate_with(|text: &String| check(text.trim()));
        self.ask(|term| input.interact_text_on(term).map(Some)).map(|text: String| text.trim().to_owned())
    }

    /// A line that is not shown while it is typed.
    ///
    /// # Errors
    /// As [`Prompt::line`].
    pub fn secret(&self, question: &str) -> Result<String> {
        let password = Password::with_theme(&self.theme).with_prompt(question);
        self.ask(|term| password.interact_on(term).map(Some)).map(|text: String| text.trim().to_owned())
    }

    /// One of several.
    ///
    /// # Errors
    /// As [`Prompt::line`].
    pub fn one(&self, question: &str, choices: &[&str], default: usize) -> Result<usize> {
        let select = Select::with_theme(&self.theme).with_prompt(question).items(choices).default(default);
        self.ask(|term| select.interact_on_opt(term))
    }

    /// Any of several.
    ///
    /// # Errors
    /// As [`Prompt::line`].
    pub fn any(&self, question: &str, choices: &[(String, bool)]) -> Result<Vec<usize>> {
        let select = MultiSelect::with_theme(&self.theme).with_prompt(question).items_checked(choices.to_vec());
        self.ask(|term| select.interact_on_opt(term))
    }

    /// Yes or no.
    ///
    /// # Errors
    /// As [`Prompt::line`].
    pub fn yes(&self, question: &str, default: bool) -> Result<bool> {
        let confirm = Confirm::with_theme(&self.theme).with_prompt(question).default(default);
        self.ask(|term| confirm.interact_on_opt(term))
    }

    /// Asks; a question that was left leaves the terminal as it was.
    fn ask<T>(&self, question: impl FnOnce(&Term) -> dialoguer::Result<Option<T>>) -> Result<T> {
        // Ctrl-C comes back as an error of the question instead of ending the process on the spot.
        let _held = interrupt::hold_ctrl_c()?;
        let answer = question(&self.term);
        if !matches!(answer, Ok(Some(_))) {
            // The questions hide the cursor, and show it again only when they are answered.
            let _ = self.term.show_cursor();
        }
        match answer {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => Err(Left.into()),
            Err(dialoguer::Error::IO(error)) if error.kind() == std::io::ErrorKind::Interrupted => {
                let _ = self.term.write_line("");
                Err(Left.into())
            }
            Err(error) => Err(error).context("cannot ask on this terminal"),
        }
    }
}
