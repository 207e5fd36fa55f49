//! The calendar heat map: a block for each quarter that has entries, weeks from left to right.
//!
//! In: figures. Out: HTML with inline SVG, every day with commits a link to its entries.
//! Never here: a quarter without entries, however far apart the others lie.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{Datelike, NaiveDate};

use super::figures::{DayFigures, Figures};
use super::html::counted;
use crate::journal::{Period, Unit};

/// From one day to the next, and how large each is.
const STEP: u32 = 18;
const CELL: u32 = 15;

/// Where the days begin: left of them stand the names of weekdays, above them those of months.
const LEFT: u32 = 30;
const TOP: u32 = 18;

/// A quarter has days of at most so many weeks.
const WEEKS: u32 = 14;

/// The heat map of all quarters that have entries.
#[must_use]
pub fn calendar(figures: &Figures) -> String {
    let mut quarters: BTreeMap<Period, Vec<&DayFigures>> = BTreeMap::new();
    for day in &figures.days {
        quarters.entry(Period::of(Unit::Quarter, day.day)).or_default().push(day);
    }
    let busiest = figures.days.iter().map(|day| day.commits.len()).max().unwrap_or(1);
    let blocks: Vec<String> = quarters.iter().map(|(period, days)| block(*period, days, figures, busiest)).collect();
    format!("<div class=calendar id=calendar>{}</div>", blocks.concat())
}

fn block(quarter: Period, days: &[&DayFigures], figures: &Figures, busiest: usize) -> String {
    let title = quarter.title();
    let label = format!("{title}: {}", counted(commits(days), "commit", "commits"));
    let mut svg =
        format!("<svg viewBox=\"0 0 {} {}\" role=group aria-label=\"{label}\">", LEFT + WEEKS * STEP, TOP + 7 * STEP);
    for (row, name) in [(0, "Mon"), (2, "Wed"), (4, "Fri")] {
        let _ = write!(svg, "<text x=0 y={} aria-hidden=true>{name}</text>", TOP + row * STEP + 12);
    }
    let shown = |month: &Period| month.last() >= figures.first && month.first() <= figures.last;
    for month in quarter.parts().iter().filter(|month| shown(month)) {
        let name = month.first().format("%b");
        let _ = write!(svg, "<text x={} y=11 aria-hidden=true>{name}</text>", place(quarter, month.first()).0);
    }
    let mut empty = String::new();
    for day in quarter.first().iter_days().take_while(|day| *day <= quarter.last()) {
        let outside = day < figures.first || day > figures.last;
        if !outside && days.binary_search_by_key(&day, |figures| figures.day).is_err() {
            let (x, y) = place(quarter, day);
            let _ = write!(empty, "M{x} {y}h{CELL}v{CELL}h-{CELL}z");
        }
    }
    let _ = write!(svg, "<path class=h0 d=\"{empty}\"/>");
    for day in days {
        svg.push_str(&cell(quarter, day, busiest));
    }
    format!("<figure><figcaption>{title}</figcaption>{svg}</svg></figure>")
}

fn cell(quarter: Period, figures: &DayFigures, busiest: usize) -> String {
    let (x, y) = place(quarter, figures.day);
    let commits = figures.commits.len();
    let level = 1 + ((commits - 1) * 4 / busiest.max(1)).min(3);
    let label = format!("{}: {}", figures.day.format("%A, %-d %B %Y"), counted(commits, "commit", "commits"));
    format!(
        "<a href=\"#d-{}\" aria-label=\"{label}\"><title>{label}</title>\
         <rect class=h{level} x={x} y={y} width={CELL} height={CELL} rx=3 /></a>",
        figures.day
    )
}

/// Where a day stands in its quarter.
fn place(quarter: Period, day: NaiveDate) -> (u32, u32) {
    let first = quarter.first();
    let before = i64::from(first.weekday().num_days_from_monday());
    let week = (day.signed_duration_since(first).num_days() + before) / 7;
    (LEFT + u32::try_from(week).unwrap_or(0) * STEP, TOP + day.weekday().num_days_from_monday() * STEP)
}

fn commits(days: &[&DayFigures]) -> usize {
    days.iter().map(|day| day.commits.len()).sum()
}
