//! Output that may be longer than the screen.
//!
//! In: finished text, piece by piece. Out: the same on standard output; or, where that is a terminal and the text does not
//! fit, through a pager, from the first piece that does not.
//! Never here: which pager (that is `cli::paging`), or an error because it was closed early: `cli::failure` knows that.

use std::io::{IsTerminal, Write};

use dialoguer::console::{Term, measure_text_width};

use crate::process::{self, Child};

/// The program that shows long output, as the user has configured it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pager {
    /// The program with its arguments.
    pub line: String,
    /// Variables for it that are not set.
    pub variables: Vec<(&'static str, &'static str)>,
}

/// Where output goes.
#[derive(Debug)]
pub struct Paged {
    way: Way,
    /// The screen that is left, in lines.
    left: usize,
    columns: usize,
}

#[derive(Debug)]
enum Way {
    /// To standard output.
    Straight,
    /// Kept while it may yet fit on the screen.
    Kept(String, Pager),
    /// Into the pager.
    Through(Child),
    /// All is said.
    Done,
}

impl Paged {
    /// Output through this pager, if any, should it be needed.
    #[must_use]
    pub fn new(pager: Option<Pager>) -> Self {
        let (rows, columns) = Term::stdout().size();
        let way = match pager.filter(|_| std::io::stdout().is_terminal()) {
            Some(pager) => Way::Kept(String::new(), pager),
            None => Way::Straight,
        };
        // The shell's prompt takes the last line.
        Self { way, left: usize::from(rows).saturating_sub(1), columns: usize::from(columns).max(1) }
    }

    /// Prints a piece, whole lines.
    ///
    /// # Errors
    /// Standard output, or the pager, is closed.
    pub fn piece(&mut self, text: &str) -> std::io::Result<()> {
        match &mut self.way {
            Way::Kept(kept, pager) => {
                kept.push_str(text);
                let lines = lines(text, self.columns);
                self.left = self.left.saturating_sub(lines);
                if self.left > 0 {
                    return Ok(());
                }
                let (kept, pager) = (std::mem::take(kept), pager.clone());
                // Where there is no such program, the text is printed as if none had been named.
                self.way = process::pager(&pager.line, &pager.variables).map_or(Way::Straight, |child| {
                    keep_interrupts_for_the_pager();
                    Way::Through(child)
                });
                self.piece(&kept)
            }
            Way::Through(child) => match &mut child.stdin {
                Some(pipe) => pipe.write_all(text.as_bytes()),
                None => Ok(()),
            },
            Way::Straight => std::io::stdout().lock().write_all(text.as_bytes()),
            Way::Done => Ok(()),
        }
    }

    /// Prints what was kept, and waits for the pager.
    ///
    /// # Errors
    /// Standard output is closed.
    pub fn finish(mut self) -> std::io::Result<()> {
        self.end()
    }

    fn end(&mut self) -> std::io::Result<()> {
        match std::mem::replace(&mut self.way, Way::Done) {
            Way::Kept(kept, _) => std::io::stdout().lock().write_all(kept.as_bytes())?,
            Way::Through(mut child) => {
                // It waits for the end of its input, and we for it: the terminal is its own until then.
                drop(child.stdin.take());
                child.wait()?;
            }
            Way::Straight | Way::Done => {}
        }
        std::io::stdout().lock().flush()
    }
}

/// An error elsewhere ends the output, and leaves neither a pager behind nor a line unsaid.
impl Drop for Paged {
    fn drop(&mut self) {
        if !matches!(self.way, Way::Done) {
            let _ = self.end();
        }
    }
}

/// How many lines of the screen a text takes.
fn lines(text: &str, columns: usize) -> usize {
    text.lines().map(|line| measure_text_width(line).div_ceil(columns).max(1)).sum()
}

/// Ctrl-C in a pager stops what it does, not us: without us the shell would take the terminal back under its hands.
fn keep_interrupts_for_the_pager() {
    #[cfg(unix)]
    let _ = signal_hook::flag::register(signal_hook::consts::SIGINT, std::sync::Arc::default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_take_several_of_the_screen_and_colours_none() {
        let check = |text: &str, expected: usize| assert_eq!(lines(text, 10), expected, "{text:?}");
        check("", 0);
        check("\n", 1);
        check("one\ntwo\n", 2);
        check("0123456789\n", 1);
        check("0123456789a\n", 2);
        check("\u{1b}[1m0123456789\u{1b}[0m\n", 1);
        check("東京東京東京\n", 2);
    }
}
