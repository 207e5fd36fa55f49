//! Days: a sentence with a date or a time tells of one day.
//!
//! In: a claim's words, and the days of the entries that it names. Out: nothing, or why the days do not fit.
//! Never here: whether the date is right: that the rules about times say.

use chrono::NaiveDate;

/// Names of days and months, by how they begin.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february", "march",
    "april", "june", "july", "august", "september", "october", "november", "december",
];

/// Words that mean a day only on the day on which they are written.
const TODAY: &[&str] = &["today", "yesterday", "tomorrow", "tonight"];

/// Checks the days. `days`: those of the entries, in order, each once.
pub(super) fn check(text: &str, days: &[NaiveDate]) -> Result<(), String> {
    // What is quoted was said on its own day.
    let own: String = text.split(['"', '“', '”', '`']).step_by(2).collect::<Vec<_>>().join(" ").to_lowercase();
    let words: Vec<&str> =
        own.split(|c: char| !c.is_alphanumeric() && c != ':').filter(|word| !word.is_empty()).collect();
    if let Some(word) = words.iter().find(|word| TODAY.contains(word)) {
        return Err(format!("\"{word}\" means another day when it is read"));
    }
    let follows =
        ["next day", "day after", "following day", "day before", "day later"].iter().any(|words| own.contains(words));
    if follows && !(days.len() == 2 && days[0].succ_opt() == Some(days[1])) {
        return Err("its entries are not of two days in a row".to_owned());
    }
    let same = ["same day", "same morning", "same evening", "same afternoon"].iter().any(|words| own.contains(words));
    let dated = words.iter().any(|word| NAMES.contains(word) || is_clock(word));
    if (dated || same) && days.len() > 1 {
        return Err("its entries are of several days".to_owned());
    }
    Ok(())
}

/// The text without what says that it was on this day, which is known; a date that is another's stays, and is looked for
/// in what was said.
pub(super) fn without(text: &str, days: &[NaiveDate]) -> String {
    let [day] = days else { return text.to_owned() };
    let mut left = text.to_owned();
    for form in ["%A, %-d %B %Y", "%A, %-d %B", "%-d %B %Y", "%-d %B", "%A"] {
        let date = day.format(form).to_string();
        for phrase in [format!("On {date}, "), format!("On {date} "), format!(" on {date}")] {
            let mut at = 0;
            while let Some(found) = left.get(at..).and_then(|rest| rest.find(&phrase)).map(|found| at + found) {
                let end = found + phrase.len();
                // "6 January" is no part of "6 January 2025", and a quotation stays whole.
                let goes_on =
                    left[end..].trim_start().starts_with(|c: char| c.is_alphanumeric()) && phrase.starts_with(' ');
                let year = left[end..].trim_start_matches([' ', ',']).starts_with(|c: char| c.is_ascii_digit());
                let quoted = left[..found].matches(['"', '“', '”']).count() % 2 == 1;
                if quoted || year || goes_on && !left[end..].starts_with([' ', ',', '.', ';']) {
                    at = end;
                } else {
                    left.replace_range(found..end, "");
                    at = found;
                }
            }
        }
    }
    left
}

/// `16:02`.
fn is_clock(word: &str) -> bool {
    let digits = |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    word.split_once(':').is_some_and(|(hour, minute)| digits(hour) && digits(minute))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_that_is_the_entrys_need_not_have_been_said() {
        let day = NaiveDate::from_ymd_opt(2026, 1, 6).unwrap();
        for (text, expected) in [
            ("On 6 January, it passed.", "it passed."),
            ("It failed on Tuesday, 6 January 2026.", "It failed."),
            ("It failed on 6 January and passed on Tuesday.", "It failed and passed."),
            ("It failed on 6 January 2025.", "It failed on 6 January 2025."),
            ("It failed on 16 January.", "It failed on 16 January."),
            ("\"On 6 January it broke\", they said.", "\"On 6 January it broke\", they said."),
        ] {
            assert_eq!(without(text, &[day]), expected);
        }
        assert_eq!(without("It failed on 6 January.", &[day, day.succ_opt().unwrap()]), "It failed on 6 January.");
    }

    #[test]
    fn a_date_belongs_to_one_day_and_the_next_day_follows_one() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 1, day).unwrap();
        let check = |text: &str, days: &[u32], stands: bool| {
            let days: Vec<NaiveDate> = days.iter().map(|number| day(*number)).collect();
            assert_eq!(check(text, &days).is_ok(), stands, "{text}");
        };
        check("On 6 January the parser was rewritten.", &[6], true);
        check("On 6 January the parser was rewritten.", &[6, 7], false);
        check("At 16:02 it passed.", &[6, 8], false);
        check("It passed the next day.", &[6, 7], true);
        check("It passed the next day.", &[6, 9], false);
        check("It passed the same day.", &[6, 7], false);
        check("The developer said \"not today, on Monday\".", &[6, 7], true);
        check("Yesterday the parser was rewritten.", &[6], false);
        check("The parser may be rewritten.", &[6, 7], true);
    }
}
