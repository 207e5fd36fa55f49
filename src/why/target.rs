//! What a person or a program writes for a place in a file.
//!
//! In: `PATH`, `PATH:LINE`, `PATH:LINE-LINE`, and what editors, compilers and web pages make of it. Out: [`Target`]s, the
//! likeliest reading first. Never here: whether there is such a file: a path may hold a colon itself, so that who knows the
//! files chooses.

use std::ops::RangeInclusive;

/// A file, and perhaps lines of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The path as it was written.
    pub path: String,
    /// The lines, counted from 1; the whole file if there are none.
    pub lines: Option<RangeInclusive<u32>>,
}

/// All that a text may mean: the whole of it as a path, then with less and less of its end taken for lines and columns.
///
/// Understood are `path:12`, `path:12-20`, `path:12,20`, `path:12:5` (a column), `path:12:5-20:1`, `path(12)`, `path(12,5)`
/// and `path#L12-L20`.
#[must_use]
pub fn readings(text: &str) -> Vec<Target> {
    let mut found = vec![Target { path: text.to_owned(), lines: None }];
    let mut add = |path: &str, lines: Option<RangeInclusive<u32>>| {
        if let Some(lines) = lines.filter(|_| !path.is_empty()) {
            found.push(Target { path: path.to_owned(), lines: Some(lines) });
        }
    };
    // A compiler's message may go on behind a colon.
    let text = text.strip_suffix(':').unwrap_or(text);
    if let Some((path, anchor)) = text.rsplit_once('#') {
        add(path, anchor.strip_prefix(['L', 'l']).and_then(range));
    }
    if let Some((path, inner)) = text.strip_suffix(')').and_then(|text| text.rsplit_once('(')) {
        // What stands behind the comma is a column, as Microsoft's compilers write it.
        add(path, inner.split(',').next().and_then(range));
    }
    if let Some((path, last)) = text.rsplit_once(':') {
        if let Some((path, first)) = path.rsplit_once(':') {
            match first.rsplit_once('-') {
                // `path:12:5-20:1`: the columns of a span.
                Some((column, to)) if column.parse::<u32>().is_ok() => {
                    if let Some((path, from)) = path.rsplit_once(':') {
                        add(path, range(&format!("{from}-{to}")));
                    }
                }
                _ if last.parse::<u32>().is_ok() => add(path, range(first)),
                _ => {}
            }
        }
        add(path, range(last));
    }
    found
}

/// `12`, `12-20`, `12,20`, `L12-L20`, and so that the last is not before the first; lines are counted from 1.
fn range(text: &str) -> Option<RangeInclusive<u32>> {
    let number = |text: &str| {
        let text = text.trim_start_matches(['L', 'l']);
        // `GitHub` writes `L12C5` for a column.
        let text = text.split(['C', 'c']).next().unwrap_or_default();
        text.parse::<u32>().ok().filter(|number| *number > 0)
    };
    let (first, last) = text.split_once(['-', ',']).unwrap_or((text, text));
    let (first, last) = (number(first)?, number(last)?);
    Some(first.min(last)..=first.max(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, u32, u32)]) {
        let found = readings(text);
        assert_eq!(found[0], Target { path: text.to_owned(), lines: None });
        let found: Vec<(&str, u32, u32)> = found[1..]
            .iter()
            .map(|target| (target.path.as_str(), target.lines.clone().unwrap()))
            .map(|(path, lines)| (path, *lines.start(), *lines.end()))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn places_are_read_as_editors_compilers_and_web_pages_write_them() {
        check("src/a.rs", &[]);
        check("src/a.rs:12", &[("src/a.rs", 12, 12)]);
        check("src/a.rs:12-20", &[("src/a.rs", 12, 20)]);
        check("src/a.rs:20-12", &[("src/a.rs", 12, 20)]);
        check("src/a.rs:12,20", &[("src/a.rs", 12, 20)]);
        check("src/a.rs:12:5", &[("src/a.rs", 12, 12), ("src/a.rs:12", 5, 5)]);
        check("src/a.rs:12:5:", &[("src/a.rs", 12, 12), ("src/a.rs:12", 5, 5)]);
        check("src/a.rs:12:5-20:1", &[("src/a.rs", 12, 20), ("src/a.rs:12:5-20", 1, 1)]);
        check("src/a.rs#L42-L50", &[("src/a.rs", 42, 50)]);
        check("src/a.rs#L42", &[("src/a.rs", 42, 42)]);
        check("src/a.rs#L42C1-L50C9", &[("src/a.rs", 42, 50)]);
        check("src\\a.cs(12)", &[("src\\a.cs", 12, 12)]);
        check("C:\\src\\a.cs(12,5):", &[("C:\\src\\a.cs", 12, 12)]);
        check("C:\\src\\a.cs:12:5", &[("C:\\src\\a.cs", 12, 12), ("C:\\src\\a.cs:12", 5, 5)]);
        check("C:\\src\\a.cs", &[]);
        check("notes: 2026.md", &[]);
        check("a.rs:0", &[]);
        check("a.rs:99999999999", &[]);
        check(":12", &[]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "[a:#()L,0-9 é-]{0,16}") {
            proptest::prop_assert!(readings(&text).iter().all(|target| target.lines.as_ref().is_none_or(|lines| lines.start() <= lines.end())));
        }
    }
}
