//! What is told of a period.
//!
//! In: its [`Material`]. Out: its [`Summary`]. Never here: prose, or a page.

use chrono::NaiveDate;

use super::material::{Material, Told};
use super::{choose, numbers, threads};
use crate::journal::{CommitLine, Fingerprint, Period, Source, Summary, Unit};

/// How much is told of each: the longer the period, the less of the single day.
struct Room {
    reflections: usize,
    decisions: usize,
    roadblocks: usize,
    threads: usize,
    asked: usize,
    areas: usize,
    files: usize,
}

impl Room {
    /// A year is to be read in two minutes.
    fn of(unit: Unit) -> Self {
        let (reflections, decisions, roadblocks, threads, asked, areas, files) = match unit {
            Unit::Day => (usize::MAX, 20, 8, 0, 5, 5, 8),
            Unit::Week => (usize::MAX, 15, 6, 5, 5, 5, 6),
            Unit::Month => (12, 12, 5, 6, 5, 6, 6),
            Unit::Quarter => (8, 9, 4, 6, 4, 6, 6),
            Unit::Year => (6, 8, 4, 7, 4, 6, 6),
        };
        Self { reflections, decisions, roadblocks, threads, asked, areas, files }
    }
}

/// The summary of a period. `has_page`: whether a period has a page of its own.
pub(super) fn summary(
    material: &Material,
    fingerprint: Fingerprint,
    today: NaiveDate,
    has_page: impl Fn(Period) -> bool,
) -> Summary {
    let period = material.period;
    let room = Room::of(period.unit);
    let parts = period.parts().into_iter();
    Summary {
        period,
        until: (!period.is_over(today)).then_some(today),
        sources: parts.filter_map(|part| source(material, part, has_page(part))).collect(),
        fingerprint,
        reflections: choose::reflections(material, room.reflections),
        prose: None,
        decisions: choose::decisions(material, room.decisions),
        roadblocks: choose::roadblocks(material, room.roadblocks),
        threads: threads::threads(material, room.threads),
        asked: choose::asked(material, room.asked),
        numbers: numbers::numbers(material),
        areas: numbers::areas(material, room.areas),
        files: numbers::files(material, room.files),
        commits: if period.unit == Unit::Day { material.entries.iter().map(line).collect() } else { vec![] },
    }
}

fn line(told: &Told) -> CommitLine {
    let changes = &told.entry.changes;
    CommitLine { of: told.link(), files: changes.files, added: changes.added, removed: changes.removed }
}

/// A part of the period; `None` of one without entries.
fn source(material: &Material, period: Period, has_page: bool) -> Option<Source> {
    let told: Vec<&Told> = material.within(period).collect();
    // A merge repeats what its commits have said.
    let headline = told.iter().filter(|told| !told.repeats()).max_by_key(|told| (told.work(), told.churn()));
    let headline = headline.or(told.first())?;
    let sum = |of: fn(&Told) -> u64| told.iter().map(|told| of(told)).fold(0, u64::saturating_add);
    Some(Source {
        period,
        commits: told.len(),
        added: sum(|told| told.entry.changes.added),
        removed: sum(|told| told.entry.changes.removed),
        headline: headline.entry.subject.clone(),
        has_page,
    })
}
