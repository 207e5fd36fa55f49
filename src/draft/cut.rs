//! Shortens what was said to what explains, and marks every cut.
//!
//! In: a text and how long it may be. Out: the text, or pieces of it in their order with `[…]` where something is gone.
//! Never here: a changed word.

/// Stands where something was cut.
pub const MARK: &str = "[…]";

/// From this length on, pasted output within a prompt is reduced to its telling lines.
const PASTE_CUT_FROM: usize = 600;

/// A run of this many lines that look like program output is taken for a paste.
const PASTE_LINES: usize = 4;

/// How many lines of a paste are kept.
const PASTE_KEPT: usize = 3;

/// The text on one line, runs of blanks folded.
#[must_use]
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The beginning of a text of at most `most` characters, cut at the end of a paragraph, sentence or word.
#[must_use]
pub fn prose(text: &str, most: usize) -> String {
    let text = text.trim();
    let Some((end, _)) = text.char_indices().nth(most) else { return text.to_owned() };
    let head = &text[..end];
    let cut = paragraph_end(head)
        .or_else(|| item_end(head))
        .or_else(|| sentence_end(head))
        // Where words have no blanks between them, the only blank may stand at the very beginning.
        .or_else(|| head.rfind(char::is_whitespace).filter(|at| *at > head.len() / 2));
    marked(text, close_spans(close_fence(head[..cut.unwrap_or(end)].trim_end())))
}

/// The beginning of a text with the mark behind it.
fn marked(text: &str, kept: &str) -> String {
    let kept = without_lead_in(kept);
    if kept.ends_with(MARK) {
        return kept.to_owned();
    }
    // On a line of its own where whole lines are gone, else behind the last word.
    let gap = if kept.ends_with("```") || text[kept.len()..].starts_with('\n') { "\n" } else { " " };
    format!("{kept}{gap}{MARK}")
}

/// The last paragraph's end in the later half of a text.
fn paragraph_end(head: &str) -> Option<usize> {
    head.rfind("\n\n").filter(|at| *at > head.len() / 2)
}

/// The end of the last whole list item in the later half of a text.
fn item_end(head: &str) -> Option<usize> {
    let mut ends = head.rmatch_indices('\n').map(|(at, _)| at).take_while(|at| *at > head.len() / 2);
    ends.find(|at| is_item(&head[at + 1..]))
}

/// Whether a line begins a list item.
fn is_item(line: &str) -> bool {
    let line = line.trim_start_matches(' ');
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    ["- ", "* ", "+ "].iter().any(|bullet| line.starts_with(bullet))
        || digits > 0 && [". ", ") "].iter().any(|dot| line[digits..].starts_with(dot))
}

/// The last sentence's end in the later half of a text.
fn sentence_end(head: &str) -> Option<usize> {
    let ascii = [". ", ".\n", "! ", "? ", ":\n"].iter().filter_map(|end| Some(head.rfind(end)? + 1)).max();
    let wide = head.rmatch_indices(['。', '！', '？', '।']).next().map(|(at, end)| at + end.len());
    ascii.max(wide).filter(|at| *at > head.len() / 2)
}

/// Drops a code fence that the cut left open.
fn close_fence(kept: &str) -> &str {
    let fences = kept.lines().filter(|line| line.trim_start().starts_with("```")).count();
    if fences % 2 == 0 {
        return kept;
    }
    kept.rfind("```").map_or(kept, |at| kept[..at].trim_end())
}

/// Drops a code span or bold words that the cut left open on the last line.
fn close_spans(kept: &str) -> &str {
    let start = kept.rfind('\n').map_or(0, |at| at + 1);
    for delimiter in ["`", "**"] {
        let line = &kept[start..];
        let open = (line.matches(delimiter).count() % 2 == 1).then(|| line.rfind(delimiter)).flatten();
        if let Some(at) = open.filter(|at| start + at > 0 && !line.contains("```")) {
            return close_spans(kept[..start + at].trim_end());
        }
    }
    kept
}

/// Drops lines at the end that only announce what is gone, such as `Key changes:`, unless nothing else is left.
fn without_lead_in(kept: &str) -> &str {
    match kept.trim_end().rsplit_once('\n') {
        Some((before, last)) if last.ends_with(':') && !before.trim().is_empty() => without_lead_in(before.trim_end()),
        _ => kept,
    }
}

/// The beginning and the end of a text of at most `most` characters, with the mark between them. What is wanted often
/// stands at the end.
#[must_use]
pub fn middle(text: &str, most: usize) -> String {
    let text = text.trim();
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let head = prose(text, most - most / 3);
    let room = most / 3;
    let Some((from, _)) = text.char_indices().rev().take(room).last() else { return head };
    // From the beginning of a line, a sentence or at least a word on.
    let tail = &text[from..];
    let start = tail.find('\n').or_else(|| tail.find(". ").map(|at| at + 1)).or_else(|| tail.find(' '));
    let tail = start.map_or("", |at| tail[at..].trim());
    if tail.is_empty() { head } else { format!("{head}\n{tail}") }
}

/// A human's prompt of at most `most` characters: pasted output is reduced first, the words themselves last.
#[must_use]
pub fn prompt(text: &str, most: usize) -> String {
    let text = text.trim();
    if text.chars().count() < PASTE_CUT_FROM {
        return prose(text, most);
    }
    prose(&without_pastes(text), most)
}

/// An assistant's reply of at most `most` characters, without its code blocks: the change itself is in the commit.
#[must_use]
pub fn reply(text: &str, most: usize) -> String {
    prose(&without_farewell(&without_code(text)), most)
}

/// The same of a reply that ends with a question which was answered: the question stays.
#[must_use]
pub fn question(text: &str, most: usize) -> String {
    middle(&without_code(text), most)
}

fn without_code(text: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut inside = false;
    for line in text.trim().lines() {
        if line.trim_start().starts_with("```") {
            inside = !inside;
            if inside {
                mark(&mut kept);
            }
        } else if !inside {
            kept.push(line);
        }
    }
    fold_blank_lines(&kept)
}

/// Drops a last sentence that only announces the next step: "Let me look at the workflow."
fn without_farewell(text: &str) -> String {
    const STEPS: &[&str] = &["Let me ", "Now let me ", "Now I'll ", "Let's "];
    let start = text.rfind('\n').map_or(0, |at| at + 1);
    let line = &text[start..];
    let sentences = line.match_indices(". ").map(|(at, _)| at + 2);
    let last = start + sentences.last().unwrap_or(0);
    let announces = STEPS.iter().any(|step| text[last..].starts_with(step));
    if announces && last > 0 { marked(text, text[..last].trim_end()) } else { text.to_owned() }
}

/// Replaces runs of program output by their telling lines.
fn without_pastes(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut kept: Vec<&str> = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let run = lines[at..].iter().take_while(|line| looks_pasted(line)).count();
        if run < PASTE_LINES {
            kept.extend(&lines[at..=(at + run).min(lines.len() - 1)]);
            at += run + 1;
            continue;
        }
        let telling: Vec<usize> = (at..at + run).filter(|index| is_telling(lines[*index])).collect();
        // The last ones: what broke is said at the end.
        let chosen = &telling[telling.len().saturating_sub(PASTE_KEPT)..];
        let mut next = at;
        for index in chosen {
            if *index > next {
                mark(&mut kept);
            }
            kept.push(lines[*index]);
            next = index + 1;
        }
        if next < at + run {
            mark(&mut kept);
        }
        at += run;
    }
    fold_blank_lines(&kept)
}

fn mark(kept: &mut Vec<&str>) {
    if kept.last() != Some(&MARK) {
        kept.push(MARK);
    }
}

/// Whether a line looks like program output or code rather than like something typed.
fn looks_pasted(line: &str) -> bool {
    let start = line.trim_start();
    line.starts_with("  ")
        || line.starts_with('\t')
        || line.trim().contains("   ")
        || start.starts_with(['•', '⨯', '✗', '✓', '✘', '|', '>', '$', '#', '{', '}', '[', '│'])
        || start.starts_with(|c: char| c.is_ascii_digit()) && start.contains(':')
        || ["error", "Error", "ERROR", "warning", "WARN", "INFO", "DEBUG", "at ", "File \"", "Traceback", "thread '"]
            .iter()
            .any(|word| start.starts_with(word))
}

/// Whether a line of output says what went wrong.
#[must_use]
pub fn is_telling(line: &str) -> bool {
    const WORDS: &[&str] = &[
        "error",
        "fail",
        "panic",
        "exception",
        "denied",
        "timeout",
        "timed out",
        "exceeded",
        "took",
        "expected",
        "cannot",
        "can't",
        "could not",
        "not found",
        "undefined",
        "unresolved",
        "mismatch",
        "abort",
        "⨯",
        "✗",
        "✘",
    ];
    let line = line.to_lowercase();
    WORDS.iter().any(|word| line.contains(word))
}

fn fold_blank_lines(lines: &[&str]) -> String {
    let mut text = String::new();
    let mut blank = 0;
    for line in lines {
        blank = if line.trim().is_empty() { blank + 1 } else { 0 };
        if blank < 2 {
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn prose_is_cut_at_the_end_of_a_sentence_and_says_so() {
        assert_eq!(prose("One two three. Four five six seven.", 22), "One two three. […]");
        assert_eq!(prose("One two. Three four five six.", 18), "One two. Three […]", "too early a sentence's end");
        assert_eq!(prose("One two. Three four five six.", 100), "One two. Three four five six.");
        assert_eq!(prose("aaaaaaaaaaaaaaaa", 4), "aaaa […]");
        assert_eq!(prose("Run `cargo test` and `cargo build` now", 26), "Run `cargo test` and […]");
        assert_eq!(prose("All of it:\n- one thing\n- two things\n- three", 30), "All of it:\n- one thing\n[…]");
        assert_eq!(prose("It is done.\n\nChanges:\n- one long line here", 27), "It is done.\n[…]");
        assert_eq!(prose("First thing.\n\nSecond thing that is long.", 20), "First thing.\n[…]");
    }

    #[test]
    fn text_without_blanks_between_its_words_is_cut_at_a_sentence_too() {
        assert_eq!(
            prose("直した `a.rs` は二度読まれる。だから遅い。もう一度。", 24),
            "直した `a.rs` は二度読まれる。 […]"
        );
        assert_eq!(prose("直した 二度読まれるからとても遅いのです", 12), "直した 二度読まれるから […]");
    }

    #[test]
    fn a_middle_is_cut_between_a_beginning_and_an_end() {
        let text = "It fails since today.\nOne line.\nAnother line.\nA third line.\nPlease only look, change nothing.";
        assert_eq!(
            middle(text, 90),
            "It fails since today.\nOne line.\nAnother line.\nA third line.\n[…]\nonly look, change nothing."
        );
        assert_eq!(middle(text, 1_000), text);
    }

    #[test]
    fn a_pasted_log_keeps_the_lines_that_say_what_broke() {
        let log = format!(
            "the release fails:\n  • signing\n  • building {}\n  • took: 20m2s\n  ⨯ release failed after 22m5s\n\
             Error: exit code 1\ncan you look?",
            "x".repeat(600)
        );
        assert_eq!(
            prompt(&log, 2_000),
            "the release fails:\n[…]\n  • took: 20m2s\n  ⨯ release failed after 22m5s\nError: exit code 1\ncan you look?"
        );
    }

    #[test]
    fn a_list_that_was_typed_is_no_paste() {
        let text = format!("{}\n- one\n- two\n- three\n- four\n- five", "word ".repeat(130).trim());
        assert_eq!(prompt(&text, 2_000), text.trim());
    }

    #[test]
    fn code_blocks_of_a_reply_are_left_out() {
        assert_eq!(reply("Fixed it:\n\n```rs\nlet x = 1;\n```\n\nIt was 2.", 100), "Fixed it:\n\n[…]\n\nIt was 2.");
    }

    #[test]
    fn a_reply_does_not_end_with_the_next_step() {
        assert_eq!(reply("It timed out. Let me look at your workflow.", 100), "It timed out. […]");
        assert_eq!(reply("Let me look.", 100), "Let me look.");
    }

    proptest! {
        #[test]
        fn a_cut_stays_inside_its_length_and_keeps_every_word(text in "(?s).{0,400}", most in 1_usize..300) {
            let room = most + MARK.chars().count() + 1;
            for cut in [prose(&text, most), prompt(&text, most), reply(&text, most), middle(&text, most)] {
                prop_assert!(cut.chars().count() <= room, "{cut:?}");
                for line in cut.lines().flat_map(|line| line.split(MARK)) {
                    prop_assert!(text.contains(line.trim()), "{line:?} was not said");
                }
            }
        }
    }
}
