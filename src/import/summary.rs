//! Summaries of days, weeks, months, quarters and years, of all earlier programs.
//!
//! In: such a file, or its name. Out: its text in one piece; the last day that it tells of.
//! Never here: its sections: they stay in the text.

use chrono::{Datelike, NaiveDate, Weekday};

use super::part::{Part, whole};

/// The whole file.
#[must_use]
pub fn parts(text: &str) -> Vec<Part> {
    whole(text).into_iter().collect()
}

/// The last day of what a file's name (without `.md`) begins with: `2025-07-17-summary`, `2026-W40`, `2025-06-week1`,
/// `2025-05`, `2025-Q2`, `2025`.
#[must_use]
pub fn last_day(name: &str) -> Option<NaiveDate> {
    let fields: Vec<&str> = name.split(['-', '_', '.', ' ']).collect();
    let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    let year = fields.first().filter(|year| year.len() == 4).and_then(|year| number(year))?;
    let year = i32::try_from(year).ok()?;
    let second = fields.get(1).map(|field| field.to_ascii_lowercase()).unwrap_or_default();
    if let Some(week) = second.strip_prefix('w').and_then(number) {
        return NaiveDate::from_isoywd_opt(year, week, Weekday::Sun);
    }
    if let Some(quarter) = second.strip_prefix('q').and_then(number) {
        return last_of_month(year, quarter.checked_mul(3)?);
    }
    let Some(month) = number(&second) else { return last_of_month(year, 12) };
    let third = fields.get(2).map(|field| field.to_ascii_lowercase()).unwrap_or_default();
    let last = last_of_month(year, month)?;
    if let Some(week) = third.strip_prefix("week").and_then(number) {
        return last.with_day(week.checked_mul(7)?.clamp(1, last.day()));
    }
    match number(&third) {
        Some(day) => NaiveDate::from_ymd_opt(year, month, day),
        None => Some(last),
    }
}

fn last_of_month(year: i32, month: u32) -> Option<NaiveDate> {
    let (next_year, next_month) = if month == 12 { (year.checked_add(1)?, 1) } else { (year, month.checked_add(1)?) };
    NaiveDate::from_ymd_opt(year, month, 1)?;
    NaiveDate::from_ymd_opt(next_year, next_month, 1)?.pred_opt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_ends_with_its_last_day() {
        for (name, expected) in [
            ("2025-07-17-summary", Some("2025-07-17")),
            ("2025-07-17-daily", Some("2025-07-17")),
            ("2025-10-30", Some("2025-10-30")),
            ("2026-W40", Some("2026-10-04")),
            ("2025-06-week1", Some("2025-06-07")),
            ("2025-06-week5", Some("2025-06-30")),
            ("2025-05", Some("2025-05-31")),
            ("2024-02-monthly", Some("2024-02-29")),
            ("2025-12", Some("2025-12-31")),
            ("2025-Q2", Some("2025-06-30")),
            ("2025", Some("2025-12-31")),
            ("2025-13", None),
            ("2025-W60", None),
            ("2025-02-30", None),
            ("2025-06-week4294967295", None),
            ("notes", None),
            ("20250717", None),
        ] {
            assert_eq!(last_day(name).map(|day| day.to_string()).as_deref(), expected, "{name}");
        }
    }
}
