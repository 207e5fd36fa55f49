//! Which line of a YAML file holds which key.
//!
//! In: text of block-style YAML, as people and this program write it. Out: an [`Outline`], one row per key.
//! Never here: values, nor an error: what is written in another style has no row, and its section's row stands for it.
//! The YAML parser tells values without places, so the places are read off the indentation.

/// One `key:` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The dotted name.
    pub path: String,
    /// Counted from 1.
    pub line: usize,
    /// The last line that belongs to the key, comments and blank lines after it left out.
    pub end: usize,
    /// In columns.
    pub indent: usize,
    /// The byte in the line at which the value stands, or would stand: after the colon and a space.
    pub value: usize,
    /// Whether a value stands on the line itself; else it is on the lines below, or missing.
    pub inline: bool,
}

/// The keys of a file, from top to bottom.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outline(pub Vec<Row>);

impl Outline {
    /// Reads the outline of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut rows: Vec<Row> = Vec::new();
        // The keys that the current line lies in, outermost first, as places in `rows`.
        let mut open: Vec<usize> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim_end();
            let body = line.trim_start_matches(' ');
            if body.is_empty() || body.starts_with('#') {
                continue;
            }
            let indent = line.len() - body.len();
            // A list may stand at the indentation of its key.
            let item = body.starts_with("- ") || body == "-";
            while open.last().is_some_and(|&row| rows[row].indent > indent || (rows[row].indent == indent && !item)) {
                open.pop();
            }
            for &row in &open {
                rows[row].end = index + 1;
            }
            let parent = open.last().map(|&row| &rows[row]);
            // What stands below a list item, or continues a value, is no setting's key.
            if item || parent.is_some_and(|row| row.inline) {
                continue;
            }
            if let Some((name, value)) = key_of(body) {
                let path = parent.map_or_else(|| name.to_owned(), |row| format!("{}.{name}", row.path));
                let inline = body
                    .get(value..)
                    .is_some_and(|rest| !rest.trim_start().starts_with(['#']) && !rest.trim().is_empty());
                open.push(rows.len());
                rows.push(Row { path, line: index + 1, end: index + 1, indent, value: indent + value, inline });
            }
        }
        Self(rows)
    }

    /// The row of a key.
    #[must_use]
    pub fn row(&self, path: &str) -> Option<&Row> {
        self.0.iter().find(|row| row.path == path)
    }

    /// The line of a key, or of the innermost section of it that has one.
    #[must_use]
    pub fn line(&self, path: &str) -> Option<usize> {
        let mut path = path;
        loop {
            if let Some(row) = self.row(path) {
                return Some(row.line);
            }
            path = path.rsplit_once('.')?.0;
        }
    }
}

/// The name before the colon, without quotes, and where the value begins.
fn key_of(body: &str) -> Option<(&str, usize)> {
    let colon = body.find(": ").or_else(|| body.strip_suffix(':').map(str::len))?;
    let name = body[..colon].trim_start_matches('\u{feff}').trim_end();
    let bare = ['"', '\''].iter().find_map(|&quote| name.strip_prefix(quote)?.strip_suffix(quote));
    let gap = body[colon + 1..].len() - body[colon + 1..].trim_start().len();
    Some((bare.unwrap_or(name), colon + 1 + gap))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_where_they_stand() {
        let text = "# a: no\nenabled: true\n\njournal:\n  folder: x # why\n  # note\n  private:   no\nredact:\n  words:\n  -                     a: b\n  - c\n  emails: |\n    inner: no\n  'x':\n";
        let outline = Outline::of(text);
        let rows: Vec<(&str, usize, usize)> =
            outline.0.iter().map(|row| (row.path.as_str(), row.line, row.end)).collect();
        let expected = [
            ("enabled", 2, 2),
            ("journal", 4, 7),
            ("journal.folder", 5, 5),
            ("journal.private", 7, 7),
            ("redact", 8, 14),
            ("redact.words", 9, 11),
            ("redact.emails", 12, 13),
            ("redact.x", 14, 14),
        ];
        assert_eq!(rows, expected);
        assert_eq!(outline.row("journal.private").map(|row| (row.value, row.inline)), Some((13, true)));
        assert_eq!(outline.row("redact.words").map(|row| row.inline), Some(false));
        assert_eq!(outline.line("journal.other.deep"), Some(4));
        assert_eq!(outline.line("unknown"), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_an_outline(text in "[ a:#'\"\\[{}|>\\-\r\n\u{feff}é]{0,200}") {
            for row in Outline::of(&text).0 {
                let line = text.lines().nth(row.line - 1).unwrap();
                proptest::prop_assert!(row.line <= row.end && line.get(..row.value.min(line.len())).is_some());
            }
        }
    }
}
