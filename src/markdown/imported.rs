//! Texts of earlier programs on a page, which look the same in an entry and before the first one.
//!
//! In: an [`Imported`], or lines. Out: the other of the two.
//! Never here: a text that passes for structure: every line of it stands in a quote.

use super::escape;
use crate::journal::{Imported, Problem};

/// The section of these texts in an entry, and the name before each of them.
pub const IMPORTED: &str = "Imported";

/// A text as a quote that names the file it stood in.
#[must_use]
pub fn render(imported: &Imported) -> String {
    let text = format!("{}\n\n{}", head(&imported.source), escape::words(&imported.text));
    let quoted = |line: &str| if line.is_empty() { ">".to_owned() } else { format!("> {line}") };
    text.split('\n').map(quoted).collect::<Vec<_>>().join("\n")
}

fn head(source: &str) -> String {
    format!("**{IMPORTED}**, from {}:", escape::code(source))
}

/// The file that a text's head names.
fn source(line: &str) -> Option<&str> {
    let code = line.strip_prefix("**")?.strip_prefix(IMPORTED)?.strip_prefix("**, from ")?;
    let (source, rest) = escape::uncode(code)?;
    (rest == ":").then_some(source)
}

/// Reads the texts among some lines, each with its number on the page; a problem for every other line.
pub fn read(lines: &[(usize, &str)], problems: &mut Vec<Problem>) -> Vec<Imported> {
    let mut texts: Vec<Imported> = Vec::new();
    // A quote ends with an empty line: what follows it is the developer's own, or begins the next one.
    for block in lines.split(|(_, line)| line.is_empty()) {
        let mut open = false;
        for (number, line) in block {
            let quoted = line.strip_prefix('>').map(|line| line.strip_prefix(' ').unwrap_or(line));
            if let Some(source) = quoted.and_then(source) {
                texts.push(Imported { source: source.to_owned(), text: String::new() });
                open = true;
            } else if let (Some(line), Some(last), true) = (quoted, texts.last_mut(), open) {
                last.text.push('\n');
                last.text.push_str(line);
            } else {
                let what = "a line that is no part of an imported text".to_owned();
                problems.push(Problem { line: *number, what });
            }
        }
    }
    for imported in &mut texts {
        imported.text = escape::unwords(imported.text.trim_matches('\n'));
    }
    texts
}
