//! The report as one HTML file.
//!
//! In: a [`Report`]. Out: the file's text: style, script and words in it, and a policy that forbids every request and every
//! script and style but these two, which it names by their hashes.
//! Never here: charts or entries themselves.

use sha2::{Digest, Sha256};

use super::gather::Report;
use super::html::{attribute, counted, each, escape};
use super::{entry, overview, reading};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("page.js");

/// The page.
#[must_use]
pub fn page(report: &Report) -> String {
    let figures = &report.figures;
    // A checkout on Windows may have other line ends; a browser reads them as these before it takes the hash.
    let (style, script) = (STYLE.replace("\r\n", "\n"), SCRIPT.replace("\r\n", "\n"));
    let anchors = entry::anchors(&report.entries);
    let entries: Vec<_> = report.entries.iter().zip(anchors.iter().map(String::as_str)).collect();
    let (decisions, reflections) = (reading::decisions(&entries), reading::reflections(&entries));
    let roadblocks = overview::roadblocks(figures);
    let imported = reading::imported(&report.imported);
    let days = format!("{} to {}", figures.first.format("%-d %B %Y"), figures.last.format("%-d %B %Y"));
    let authors = figures.authors.as_slice();
    fill(&PAGE.replace("\r\n", "\n"), |name| match name {
        "policy" => policy(&style, &script),
        "style" => style.clone(),
        "script" => script.clone(),
        "title" => attribute(&report.name),
        "name" => escape(&report.name),
        "days" => days.clone(),
        "made" => report.made.format("%-d %B %Y, %H:%M").to_string(),
        "version" => env!("CARGO_PKG_VERSION").to_owned(),
        "links" => links(&[
            ("roadblocks", "Roadblocks", &roadblocks),
            ("decisions", "Decisions", &decisions),
            ("reflections", "Reflections", &reflections),
            ("imported", "Earlier journals", &imported),
        ]),
        "numbers" => overview::numbers(figures),
        "activity" => overview::activity(figures),
        "hours" => overview::hours(figures),
        "assistants" => overview::assistants(figures),
        "areas" => overview::areas(figures),
        "roadblocks" => roadblocks.clone(),
        "decisions" => decisions.clone(),
        "reflections" => reflections.clone(),
        "imported" => imported.clone(),
        "assistant_choices" => assistant_choices(report),
        "author_choices" => entry::author_choices(authors),
        "author_hidden" => {
            if authors.len() > 1 {
                String::new()
            } else {
                " hidden".to_owned()
            }
        }
        "count" => counted(figures.entries, "entry", "entries"),
        "entries" => entry::entries(&entries, authors),
        // No such part: the tests of the page find its name.
        other => format!("{{{{{other}}}}}"),
    })
}

/// A template with its parts in the places of their names, `{{name}}`. What a part says is not looked at again.
fn fill(template: &str, mut part: impl FnMut(&str) -> String) -> String {
    let mut pieces = template.split("{{");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once("}}").unwrap_or((piece, ""));
        out.push_str(&part(name));
        out.push_str(rest);
    }
    out
}

fn links(sections: &[(&str, &str, &str)]) -> String {
    let there = sections.iter().filter(|(_, _, content)| !content.is_empty());
    each(there, |(id, title, _)| format!("<li><a href=\"#{id}\">{title}</a>"))
}

fn assistant_choices(report: &Report) -> String {
    let shares = report.figures.assistants.iter();
    let choice =
        |(value, name, count): (&str, &str, usize)| format!("<option value=\"{value}\">{name} ({count})</option>");
    let mut choices: String =
        shares.map(|share| choice((share.assistant.slug(), share.assistant.name(), share.entries))).collect();
    if report.figures.unassisted > 0 {
        choices += &choice(("none", "no conversation", report.figures.unassisted));
    }
    choices
}

fn policy(style: &str, script: &str) -> String {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        hash(style),
        hash(script)
    )
}

/// As a content security policy names what it allows: `sha256-`, and the hash in base64 (RFC 4648).
fn hash(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digest = Sha256::digest(text.as_bytes());
    let mut out = String::from("sha256-");
    for three in digest.chunks(3) {
        let bits = three.iter().chain(&[0, 0]).take(3).fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= three.len() { digit.into() } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_specification() {
        // The example of CSP Level 3, section 8.4.
        assert_eq!(hash("doSomething();"), "sha256-RFWPLDbv2BY+rCkDzsE+0fr8ylGr2R2faWMhq4lfEQc=");
    }

    #[test]
    fn what_a_part_says_is_no_part_itself() {
        assert_eq!(fill("a {{b}} c {{d}}", |name| format!("<{name} {{{{b}}}}>")), "a <b {{b}}> c <d {{b}}>");
    }

    #[test]
    fn neither_style_nor_script_ends_before_its_end() {
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</") && !SCRIPT.contains("<!--"));
    }
}
