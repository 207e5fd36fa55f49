//! Spans of days: what summaries are made of, and what people ask for.
//!
//! In: what somebody typed, and today. Out: a [`Period`] of the calendar, or a [`Days`] from one day to another.
//! Never here: a time zone. A commit belongs to the day that its author's clock showed, so days are all that is needed.
//! Weeks are those of ISO 8601: they begin on Monday, and the first of a year holds its first Thursday.

use std::fmt;

use chrono::{Datelike, Days as Span, Months, NaiveDate, Weekday};

/// The lengths of a period, each a level of summaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// One day.
    Day,
    /// Monday to Sunday.
    Week,
    /// A month.
    Month,
    /// Three months.
    Quarter,
    /// A year.
    Year,
}

/// A period of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    /// How long it is.
    pub unit: Unit,
    /// Its first day.
    first: NaiveDate,
}

/// Days from one to another, both included; in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// The first.
    pub first: NaiveDate,
    /// The last.
    pub last: NaiveDate,
}

impl Days {
    /// Whether a day is one of them.
    #[must_use]
    pub fn contains(&self, day: NaiveDate) -> bool {
        (self.first..=self.last).contains(&day)
    }

    /// What somebody asks for: a period's name, `today`, `yesterday`, `last week`, `7d`, or two of them with `..`
    /// between; either may be missing.
    #[must_use]
    pub fn parse(text: &str, today: NaiveDate) -> Option<Self> {
        let text = text.trim();
        if let Some((first, last)) = text.split_once("..") {
            let first = if first.is_empty() { NaiveDate::MIN } else { Self::parse(first, today)?.first };
            let last = if last.is_empty() { today } else { Self::parse(last, today)?.last };
            return (first <= last).then_some(Self { first, last });
        }
        let past = |unit: char| text.strip_suffix(unit)?.trim().parse::<u32>().ok().filter(|number| *number > 0);
        let first = if let Some(days) = past('d') {
            today.checked_sub_days(Span::new(u64::from(days) - 1))
        } else if let Some(weeks) = past('w') {
            today.checked_sub_days(Span::new(u64::from(weeks) * 7 - 1))
        } else {
            return Period::parse(text, today).map(|period| period.days());
        };
        Some(Self { first: first?, last: today })
    }
}

impl Unit {
    /// All, the shortest first.
    pub const ALL: &[Self] = &[Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year];

    /// Its name: `week`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// The unit that its periods are made of. A month is made of days: weeks lie across its ends.
    #[must_use]
    pub fn below(self) -> Option<Self> {
        match self {
            Self::Day => None,
            Self::Week | Self::Month => Some(Self::Day),
            Self::Quarter => Some(Self::Month),
            Self::Year => Some(Self::Quarter),
        }
    }
}

impl Period {
    /// The period that holds a day.
    #[must_use]
    pub fn of(unit: Unit, day: NaiveDate) -> Self {
        let month = |month| day.with_day(1).and_then(|day| day.with_month(month)).unwrap_or(day);
        let first = match unit {
            Unit::Day => day,
            Unit::Week => day.week(Weekday::Mon).checked_first_day().unwrap_or(day),
            Unit::Month => month(day.month()),
            Unit::Quarter => month(day.month0() / 3 * 3 + 1),
            Unit::Year => month(1),
        };
        Self { unit, first }
    }

    /// Reads a name (`2026-01-06`, `2026-W02`, `2026-01`, `2026-Q1`, `2026`) or words: `today`, `yesterday`, `this week`,
    /// `last month`.
    #[must_use]
    pub fn parse(text: &str, today: NaiveDate) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        match text.as_str() {
            "today" => return Some(Self::of(Unit::Day, today)),
            "yesterday" => return Some(Self::of(Unit::Day, today.pred_opt()?)),
            _ => {}
        }
        let unit = |name: &str| Unit::ALL.iter().copied().find(|unit| unit.name() == name);
        if let Some(unit) = text.strip_prefix("this ").and_then(unit) {
            return Some(Self::of(unit, today));
        }
        if let Some(unit) = text.strip_prefix("last ").and_then(unit) {
            return Self::of(unit, today).previous();
        }
        if let Ok(day) = NaiveDate::parse_from_str(&text, "%Y-%m-%d") {
            return (text.len() == 10).then(|| Self::of(Unit::Day, day));
        }
        let number = |text: &str, digits: usize| {
            (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
        };
        let (year, rest) = text.split_once('-').unwrap_or((&text, ""));
        let year: i32 = i32::try_from(number(year, 4)?).ok()?;
        let first = match rest.as_bytes() {
            [] => return NaiveDate::from_ymd_opt(year, 1, 1).map(|day| Self::of(Unit::Year, day)),
            [b'w', ..] => {
                let week = NaiveDate::from_isoywd_opt(year, number(&rest[1..], 2)?, Weekday::Mon)?;
                return Some(Self::of(Unit::Week, week));
            }
            [b'q', ..] => {
                let quarter = number(&rest[1..], 1).filter(|quarter| (1..=4).contains(quarter))?;
                return NaiveDate::from_ymd_opt(year, quarter * 3 - 2, 1).map(|day| Self::of(Unit::Quarter, day));
            }
            _ => NaiveDate::from_ymd_opt(year, number(rest, 2)?, 1)?,
        };
        Some(Self::of(Unit::Month, first))
    }

    /// The first day.
    #[must_use]
    pub fn first(&self) -> NaiveDate {
        self.first
    }

    /// The last day.
    #[must_use]
    pub fn last(&self) -> NaiveDate {
        self.next().map_or(NaiveDate::MAX, |next| next.first.pred_opt().unwrap_or(next.first))
    }

    /// Its days.
    #[must_use]
    pub fn days(&self) -> Days {
        Days { first: self.first, last: self.last() }
    }

    /// The one after it.
    #[must_use]
    pub fn next(&self) -> Option<Self> {
        let first = match self.unit {
            Unit::Day => self.first.succ_opt(),
            Unit::Week => self.first.checked_add_days(Span::new(7)),
            Unit::Month => self.first.checked_add_months(Months::new(1)),
            Unit::Quarter => self.first.checked_add_months(Months::new(3)),
            Unit::Year => self.first.checked_add_months(Months::new(12)),
        };
        first.map(|first| Self { unit: self.unit, first })
    }

    /// The one before it.
    #[must_use]
    pub fn previous(&self) -> Option<Self> {
        self.first.pred_opt().map(|day| Self::of(self.unit, day))
    }

    /// The periods that it is made of, in order; none of a day.
    #[must_use]
    pub fn parts(&self) -> Vec<Self> {
        let Some(below) = self.unit.below() else { return Vec::new() };
        let last = self.last();
        let first = Self::of(below, self.first);
        std::iter::successors(Some(first), Self::next).take_while(|part| part.first <= last).collect()
    }

    /// Whether its last day has passed.
    #[must_use]
    pub fn is_over(&self, today: NaiveDate) -> bool {
        self.last() < today
    }

    /// What people read: `Week 2 of 2026, 5 to 11 January`.
    #[must_use]
    pub fn title(&self) -> String {
        let (first, last) = (self.first, self.last());
        match self.unit {
            Unit::Day => first.format("%A, %-d %B %Y").to_string(),
            Unit::Week => {
                let week = first.iso_week();
                let from = if first.month() == last.month() { "%-d" } else { "%-d %B" };
                format!("Week {} of {}, {} to {}", week.week(), week.year(), first.format(from), last.format("%-d %B"))
            }
            Unit::Month => first.format("%B %Y").to_string(),
            Unit::Quarter => format!("Quarter {} of {}", first.month0() / 3 + 1, first.year()),
            Unit::Year => first.year().to_string(),
        }
    }
}

/// Its name, which [`Period::parse`] reads back and files are called by.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.first;
        match self.unit {
            Unit::Day => write!(f, "{}", first.format("%Y-%m-%d")),
            Unit::Week => write!(f, "{}", first.format("%G-W%V")),
            Unit::Month => write!(f, "{}", first.format("%Y-%m")),
            Unit::Quarter => write!(f, "{}-Q{}", first.format("%Y"), first.month0() / 3 + 1),
            Unit::Year => write!(f, "{}", first.format("%Y")),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap()
    }

    #[test]
    fn what_people_type_is_a_period_of_the_calendar() {
        let check = |text: &str, name: &str, first: &str, last: &str| {
            let period = Period::parse(text, day("2026-01-06")).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(
                (period.to_string().as_str(), period.days()),
                (name, Days { first: day(first), last: day(last) })
            );
        };
        check("2026-01-06", "2026-01-06", "2026-01-06", "2026-01-06");
        check("today", "2026-01-06", "2026-01-06", "2026-01-06");
        check("Yesterday", "2026-01-05", "2026-01-05", "2026-01-05");
        check("2026-W02", "2026-W02", "2026-01-05", "2026-01-11");
        check("last week", "2026-W01", "2025-12-29", "2026-01-04");
        check("2020-w53", "2020-W53", "2020-12-28", "2021-01-03");
        check("2024-02", "2024-02", "2024-02-01", "2024-02-29");
        check("last month", "2025-12", "2025-12-01", "2025-12-31");
        check("2026-q1", "2026-Q1", "2026-01-01", "2026-03-31");
        check("this quarter", "2026-Q1", "2026-01-01", "2026-03-31");
        check("2026", "2026", "2026-01-01", "2026-12-31");
        for nothing in
            ["", "2026-13", "2026-W54", "2025-W53", "2026-Q5", "2026-1", "26", "2026-02-30", "soon", "2026-01-6"]
        {
            assert_eq!(Period::parse(nothing, day("2026-01-06")), None, "{nothing}");
        }
    }

    #[test]
    fn days_are_asked_for_by_their_ends_or_by_how_many() {
        let check = |text: &str, first: &str, last: &str| {
            let days = Days { first: day(first), last: day(last) };
            assert_eq!(Days::parse(text, day("2026-01-06")), Some(days), "{text}");
        };
        check("2025-12..2026-W01", "2025-12-01", "2026-01-04");
        check("2026-01-01..", "2026-01-01", "2026-01-06");
        check("7d", "2025-12-31", "2026-01-06");
        check("2w", "2025-12-24", "2026-01-06");
        assert_eq!(Days::parse("..yesterday", day("2026-01-06")).map(|days| days.last), Some(day("2026-01-05")));
        for nothing in ["0d", "d", "today..yesterday", "x..", "-1d"] {
            assert_eq!(Days::parse(nothing, day("2026-01-06")), None, "{nothing}");
        }
    }

    #[test]
    fn titles_are_for_people() {
        let title = |text: &str| Period::parse(text, day("2026-01-06")).unwrap().title();
        assert_eq!(title("2026-01-06"), "Tuesday, 6 January 2026");
        assert_eq!(title("2026-W02"), "Week 2 of 2026, 5 to 11 January");
        assert_eq!(title("2026-W01"), "Week 1 of 2026, 29 December to 4 January");
        assert_eq!(
            (title("2026-01"), title("2026-Q1"), title("2026")),
            ("January 2026".to_owned(), "Quarter 1 of 2026".to_owned(), "2026".to_owned())
        );
    }

    proptest! {
        #[test]
        fn a_period_is_whole_and_made_of_its_parts(offset in 0_i64..80_000, unit in 0_usize..5) {
            let day = day("1900-01-01") + chrono::TimeDelta::days(offset);
            let period = Period::of(Unit::ALL[unit], day);
            prop_assert!(period.days().contains(day));
            prop_assert_eq!(Period::parse(&period.to_string(), day), Some(period));
            prop_assert_eq!(period.next().and_then(|next| next.previous()), Some(period));
            prop_assert_eq!(period.next().map(|next| next.first()), period.last().succ_opt());
            let parts = period.parts();
            prop_assert_eq!(parts.is_empty(), period.unit == Unit::Day);
            if let (Some(first), Some(last)) = (parts.first(), parts.last()) {
                prop_assert_eq!((first.first(), last.last()), (period.first(), period.last()));
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,20}") {
            let _ = Days::parse(&text, day("2026-01-06"));
        }
    }
}
