//! One configuration file into checked settings.
//!
//! In: the bytes of a file. Out: a [`Found`] for every key that the file sets rightly, a [`Fault`] for all else.
//! Never here: an error. A file that cannot be read as a whole is one fault; a wrong value never hides a right one.

use super::keys::{self, KEYS, Trust};
use super::outline::Outline;
use super::setting::{self, Setting};
use super::yaml::{self, Node};

/// The largest file that is read, in bytes: a commit waits for it, and the worst that fits takes some milliseconds.
pub const LIMIT: u64 = 64 * 1024;

/// The most faults that are told of one file.
const FAULTS: usize = 20;

/// A setting that a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The place of the key in [`KEYS`].
    pub key: usize,
    /// The checked value.
    pub setting: Setting,
    /// Counted from 1.
    pub line: usize,
}

/// Something that was not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The key as it was written; `None` when it is about the whole file.
    pub key: Option<String>,
    /// Counted from 1.
    pub line: usize,
    /// What is wrong, as a sentence that follows the key.
    pub message: String,
}

/// Reads the settings of a file.
#[must_use]
pub fn read(bytes: &[u8]) -> (Vec<Found>, Vec<Fault>) {
    let whole = |line, message| (Vec::new(), vec![Fault { key: None, line, message }]);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let line = 1 + memchr::memchr_iter(b'\n', &bytes[..error.valid_up_to()]).count();
            return whole(line, "the file is left out: it is not UTF-8".to_owned());
        }
    };
    match yaml::parse(text) {
        Ok(Node::Null) => (Vec::new(), Vec::new()),
        Ok(Node::Map(map)) => {
            let mut reader = Reader { outline: Outline::of(text), found: Vec::new(), faults: Vec::new(), more: 0 };
            reader.section("", &map);
            reader.finish()
        }
        Ok(other) => whole(1, format!("the file is left out: expected settings, found {}", other.noun())),
        Err(broken) => {
            let place = format!("column {}: the file is left out: {}", broken.column, broken.reason);
            whole(broken.line, place)
        }
    }
}

struct Reader {
    outline: Outline,
    found: Vec<Found>,
    faults: Vec<Fault>,
    more: usize,
}

impl Reader {
    /// Reads the keys of a section, at most as deep as the known keys go.
    fn section(&mut self, prefix: &str, map: &[(String, Node)]) {
        for (name, node) in map {
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            if let Some(key) = keys::position(&path) {
                self.setting(key, node);
            } else if keys::is_section(&path) {
                match node {
                    Node::Map(map) => self.section(&path, map),
                    Node::Null => {}
                    other => self.fault(&path, || format!("expected a section with settings, found {}", other.noun())),
                }
            } else {
                self.fault(&path, || keys::unknown(&path));
            }
        }
    }

    fn setting(&mut self, key: usize, node: &Node) {
        let known = &KEYS[key];
        let (mut setting, wrong) = setting::read(known.kind, node);
        for message in wrong {
            self.fault(known.name, || message);
        }
        // Whoever writes such a key means to be careful: what cannot be understood is taken as the careful value.
        if let (None, Trust::Towards(careful)) = (&setting, known.trust) {
            setting = Some(Setting::Flag(careful));
        }
        if let Some(setting) = setting {
            let line = self.outline.line(known.name).unwrap_or(1);
            self.found.push(Found { key, setting, line });
        }
    }

    fn fault(&mut self, path: &str, message: impl FnOnce() -> String) {
        if self.faults.len() == FAULTS {
            self.more += 1;
            return;
        }
        let line = self.outline.line(path).unwrap_or(1);
        let key = path.chars().filter(|c| !c.is_control()).take(60).collect();
        self.faults.push(Fault { key: Some(key), line, message: message() });
    }

    fn finish(mut self) -> (Vec<Found>, Vec<Fault>) {
        if self.more > 0 {
            let message = format!("{} further faults are not listed", self.more);
            self.faults.push(Fault { key: None, line: 1, message });
        }
        (self.found, self.faults)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_is_told_with_its_line_and_the_rest_holds() {
        let text = "enabled: perhaps\njournal:\n  foldr: x\n  private: false\nentry: 3\nhook: {deadline-ms: 5000, worker: false}\n\
                    redact:\n";
        let (found, faults) = read(text.as_bytes());
        let found: Vec<_> = found.iter().map(|found| (KEYS[found.key].name, found.line)).collect();
        // What is to be careful, and cannot be understood, is taken for the careful value.
        assert_eq!(found, [("enabled", 1), ("journal.private", 4), ("hook.worker", 6)]);
        let told: Vec<String> = faults
            .iter()
            .map(|fault| format!("{} {}: {}", fault.line, fault.key.as_deref().unwrap_or_default(), fault.message))
            .collect();
        let expected = [
            "1 enabled: expected true or false, found text",
            "3 journal.foldr: no such setting; did you mean journal.folder?",
            "5 entry: expected a section with settings, found the number 3",
            "6 hook.deadline-ms: expected a whole number from 0 to 1000, found the number 5000",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_left_out_as_a_whole() {
        let check = |bytes: &[u8], line: usize, words: &str| {
            let (found, faults) = read(bytes);
            assert!(found.is_empty() && faults.len() == 1, "{found:?} {faults:?}");
            assert!(faults[0].line == line && faults[0].message.contains(words), "{faults:?}");
        };
        check(b"enabled: false\nx: \xff\n", 2, "not UTF-8");
        check(b"enabled: false\njournal: [\n", 3, "column 1: the file is left out");
        check(b"- enabled\n", 1, "expected settings, found a list");
    }

    #[test]
    fn a_thousand_faults_are_told_in_few_lines() {
        use std::fmt::Write as _;
        let mut text = String::new();
        for n in 0..1000 {
            writeln!(text, "k{n}: 1").unwrap();
        }
        let (_, faults) = read(text.as_bytes());
        assert_eq!((faults.len(), faults[20].message.as_str()), (21, "980 further faults are not listed"));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let _ = read(&bytes);
        }

        #[test]
        fn anything_like_yaml_is_read_without_panic(
            text in "((enabled|journal|folder|redact|words|hook|&a|\\*a|!t|<<|---|\\.\\.\\.|-|\\?|\\||>|'|\"|#|\\[|\\]|\\{|\\}|,|~)(:| |: |\n|\n  |\n    |\t){0,2}){0,40}"
        ) {
            let _ = read(text.as_bytes());
        }
    }
}
