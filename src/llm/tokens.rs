//! How many tokens a text has, roughly.
//!
//! In: text. Out: a number that is rather too high than too low.
//! Never here: a model's own tokenizer, which differs from one to the next.

/// Roughly the tokens of a text: English prose has one for three or four characters, code and numbers one for fewer,
/// writing without spaces about one for each character, and pictures several.
#[must_use]
pub fn count(text: &str) -> u32 {
    // In fourteenths of a token.
    let weight: u64 = text
        .chars()
        .map(|c| match c {
            'a'..='z' | 'A'..='Z' | ' ' | '\n' | '\t' => 5,
            '0'..='9' | '\u{80}'..='\u{7ff}' => 7,
            '\0'..='\x7f' => 9,
            '\u{800}'..='\u{ffff}' => 16,
            _ => 32,
        })
        .sum();
    u32::try_from(weight.div_ceil(14)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_not_counted_much_too_low_nor_far_too_high() {
        // The counts on the right are those of o200k_base and of cl100k_base, the higher one.
        for (text, counted) in [
            ("", 0),
            ("The quick brown fox jumps over the lazy dog.", 10),
            ("Let's raise the timeout to 45 minutes, because notarization can take over 30.", 18),
            ("fn main() { println!(\"{}\", 1 + 2); }", 16),
            ("こんにちは世界", 5),
        ] {
            let count = count(text);
            assert!((counted..=2 * counted.max(4) + 2).contains(&count), "{text}: {count}, not {counted}");
        }
    }
}
