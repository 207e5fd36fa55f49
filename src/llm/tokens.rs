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
        // Tokens for a hundred characters, between which tokenizers agree about such texts.
        for (text, least, most) in [
            ("", 0, 0),
            ("Let us raise the timeout to forty-five minutes, because notarization can take over thirty.", 25, 50),
            ("fn main() { println!(\"{}\", answer[0] + 2); }", 33, 100),
            ("6d0f8ae27bb1c94f11e0a3", 33, 100),
            ("Немного о том, что было сделано", 33, 100),
            ("タイムアウトを四十五分に延ばしましょう", 80, 150),
            ("🚀🚀🚀🚀", 200, 400),
        ] {
            let (hundredths, chars) = (u64::from(count(text)) * 100, text.chars().count() as u64);
            assert!((least * chars..=most * chars).contains(&hundredths), "{text}: {hundredths} for {chars}");
        }
    }
}
