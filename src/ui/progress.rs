//! How far a long piece of work is.
//!
//! In: how many of how many are done. Out: a bar that is drawn over itself on a terminal, now and then a line elsewhere.
//! Never here: a word when the work is done in a moment, or with `--quiet`.

use std::io::IsTerminal;
use std::time::Duration;

use dialoguer::console::Term;

use super::printer::Printer;
use crate::env::Deadline;

/// How wide the bar is, in characters.
const WIDTH: usize = 30;

/// How often the bar is drawn, and a line is printed; the first one comes as late.
const BAR: Duration = Duration::from_millis(200);
const LINE: Duration = Duration::from_secs(10);

/// A piece of work that goes on.
#[derive(Debug)]
pub struct Progress<'a> {
    printer: &'a Printer,
    term: Option<Term>,
    what: &'static str,
    total: usize,
    next: Deadline,
    drawn: bool,
}

impl<'a> Progress<'a> {
    /// Begins with nothing done of `total`; `what` names them.
    #[must_use]
    pub fn of(printer: &'a Printer, what: &'static str, total: usize) -> Self {
        let term = std::io::stderr().is_terminal().then(Term::stderr);
        let next = Deadline::after(if term.is_some() { BAR } else { LINE });
        Self { printer, term, what, total, next, drawn: false }
    }

    /// So many are done.
    pub fn done(&mut self, done: usize) {
        if self.printer.is_quiet() || !self.next.passed() {
            return;
        }
        if let Some(term) = &self.term {
            // A terminal that is gone needs no bar.
            let _ = term.clear_line().and_then(|()| term.write_str(&bar(self.what, done, self.total)));
            self.drawn = true;
            self.next = Deadline::after(BAR);
        } else {
            self.printer.say(&format!("{done} of {} {}", self.total, self.what));
            self.next = Deadline::after(LINE);
        }
    }
}

/// The bar goes, so that what is printed next begins a line.
impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if let Some(term) = self.term.as_ref().filter(|_| self.drawn) {
            let _ = term.clear_line();
        }
    }
}

fn bar(what: &str, done: usize, total: usize) -> String {
    let full = (done * WIDTH).checked_div(total).unwrap_or(WIDTH).min(WIDTH);
    format!("[{}{}] {done} of {total} {what}", "=".repeat(full), " ".repeat(WIDTH - full))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_fills_and_never_overflows() {
        let check = |done: usize, total: usize, full: usize| {
            let bar = bar("commits", done, total);
            assert_eq!(bar.matches('=').count(), full, "{bar}");
            assert_eq!(bar.find(']'), Some(WIDTH + 1), "{bar}");
        };
        check(0, 10, 0);
        check(5, 10, 15);
        check(10, 10, 30);
        check(11, 10, 30);
        check(0, 0, 30);
    }
}
