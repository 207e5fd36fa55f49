//! The two streams.
//!
//! In: finished text. Out: results on standard output, remarks on standard error.
//! Never here: a panic because a pipe was closed: the caller gets the error, and `cli::failure` makes it a success.

use std::io::{IsTerminal, Write};

use super::style::{Choice, Part, paint};
use crate::env::Env;
use crate::safe::printable;

/// Where output goes, and how much of it.
#[derive(Debug, Clone, Copy)]
pub struct Printer {
    /// Whether standard output gets colours.
    pub colour_out: bool,
    /// Whether standard error does.
    pub colour_err: bool,
    quiet: bool,
    verbose: bool,
}

impl Printer {
    /// A printer for the options given and the streams there are.
    #[must_use]
    pub fn new(env: &Env, choice: Choice, quiet: bool, verbose: bool) -> Self {
        let no_color = env.var("NO_COLOR").is_some();
        Self {
            colour_out: choice.for_stream(std::io::stdout().is_terminal(), no_color),
            colour_err: choice.for_stream(std::io::stderr().is_terminal(), no_color),
            quiet,
            verbose,
        }
    }

    /// Prints a result, with a newline at its end.
    ///
    /// # Errors
    /// Standard output is closed or full.
    pub fn result(&self, text: &str) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        out.write_all(text.as_bytes())?;
        if !text.ends_with('\n') {
            out.write_all(b"\n")?;
        }
        out.flush()
    }

    /// Prints a piece of a result that comes in many, whole lines each.
    ///
    /// # Errors
    /// Standard output is closed or full.
    pub fn piece(&self, text: &str) -> std::io::Result<()> {
        std::io::stdout().lock().write_all(text.as_bytes())
    }

    /// Whether remarks are kept back.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Prints a remark, unless `--quiet`.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            remark(text);
        }
    }

    /// Prints a remark only with `--verbose`.
    pub fn detail(&self, text: &str) {
        if self.verbose {
            remark(text);
        }
    }

    /// Prints a warning, whatever the options.
    pub fn warn(&self, text: &str) {
        remark(&format!("{} {}", paint(Part::Warning, "warning:", self.colour_err), printable(text)));
    }
}

/// Nobody can be told when standard error is closed.
fn remark(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
