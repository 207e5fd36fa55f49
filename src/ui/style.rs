//! Colours, and when to use them.
//!
//! In: `--color`, `NO_COLOR`, whether a stream is a terminal. Out: text with or without escape codes.
//! Never here: printing.

use std::fmt;

use anstyle::{AnsiColor, Effects, Style};

/// `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Choice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Choice {
    /// Whether a stream gets colours. See <https://no-color.org> for `NO_COLOR`.
    #[must_use]
    pub fn for_stream(self, is_terminal: bool, no_color: bool) -> bool {
        match self {
            Self::Auto => is_terminal && !no_color,
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// The parts of a text that look different.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A heading.
    Heading,
    /// Something that is quieter than the rest.
    Quiet,
    /// Code, paths, commands.
    Code,
    /// Emphasis.
    Strong,
    /// All is well.
    Good,
    /// Something wants attention.
    Warning,
    /// Something is wrong.
    Bad,
}

impl Part {
    fn style(self) -> Style {
        let colour = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
        match self {
            Self::Heading => colour(AnsiColor::Cyan).effects(Effects::BOLD),
            Self::Quiet => Style::new().effects(Effects::DIMMED),
            Self::Code => colour(AnsiColor::Yellow),
            Self::Strong => Style::new().effects(Effects::BOLD),
            Self::Good => colour(AnsiColor::Green),
            Self::Warning => colour(AnsiColor::Yellow).effects(Effects::BOLD),
            Self::Bad => colour(AnsiColor::Red).effects(Effects::BOLD),
        }
    }
}

/// A text in the style of its part, when `colour` is on.
#[must_use]
pub fn paint(part: Part, text: impl fmt::Display, colour: bool) -> String {
    if !colour {
        return text.to_string();
    }
    let style = part.style();
    format!("{style}{text}{style:#}")
}
