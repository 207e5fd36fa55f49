//! The normal form of an entry: what a page can hold, and therefore what comes back when the page is read.
//!
//! In: an [`Entry`] with any text in it. Out: the same entry without what a page cannot carry. Doing it twice changes
//! nothing. Never here: Markdown, redaction, or shortening.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Offset, TimeZone, Timelike};

use super::entry::{Decision, Entry, Exchange, Imported, Mark, Relation};
use super::narration::{Narration, Standing, Weighed};
use super::page::MARKER;

impl Entry {
    /// The entry as a page can hold it; `docs/format.md` lists the rules under "Normal form".
    #[must_use]
    pub fn normalised(mut self) -> Self {
        self.at = instant(self.at);
        let zone = *self.at.offset();
        self.subject = one_line(&self.subject);
        self.body = lines(&self.body);
        self.narration = self.narration.and_then(Narration::normalised);
        self.conversation = self.conversation.into_iter().filter_map(|said| exchange(said, zone)).collect();
        self.decisions = self.decisions.into_iter().filter_map(decision).collect();
        for roadblock in &mut self.roadblocks {
            roadblock.command = one_line(&roadblock.command);
            roadblock.output = lines(&roadblock.output);
        }
        self.roadblocks.retain(|roadblock| !roadblock.command.is_empty());
        self.commands.listed.iter_mut().for_each(|command| command.line = one_line(&command.line));
        self.commands.listed.retain(|command| !command.line.is_empty());
        for file in &mut self.changes.listed {
            file.path = printable(&file.path);
            if let Mark::RenamedFrom(old) | Mark::CopiedFrom(old) = &mut file.mark {
                *old = printable(old);
                if old.is_empty() {
                    file.mark = Mark::Modified;
                }
            }
        }
        self.changes.listed.retain(|file| !file.path.is_empty());
        for note in &mut self.notes {
            note.at = minute(note.at, zone);
            note.text = lines(&note.text);
        }
        self.notes.retain(|note| !note.text.is_empty());
        self.details(zone);
        self.imported = self.imported.into_iter().filter_map(Imported::normalised).collect();
        self.by_hand = by_hand(&self.by_hand);
        self
    }

    fn details(&mut self, zone: FixedOffset) {
        let details = &mut self.details;
        details.branch = details.branch.take().map(|branch| one_line(&branch)).filter(|branch| !branch.is_empty());
        details.author = one_line(&details.author);
        details.conflicts.iter_mut().for_each(|path| *path = printable(path));
        details.conflicts.retain(|path| !path.is_empty());
        details.relations.retain(|relation| !matches!(relation, Relation::Squashes(squashed) if squashed.is_empty()));
        for session in &mut details.sessions {
            session.session = one_line(&session.session);
            session.model = session.model.take().map(|model| one_line(&model)).filter(|model| !model.is_empty());
            session.span = (minute(session.span.0, zone), minute(session.span.1, zone));
        }
        details.omissions.iter_mut().for_each(|omission| *omission = one_line(omission));
        details.omissions.retain(|omission| !omission.is_empty());
    }
}

impl Imported {
    /// The text as a page can hold it; `None` when nothing is left of it.
    #[must_use]
    pub fn normalised(self) -> Option<Self> {
        let text = lines(&self.text);
        (!text.is_empty()).then(|| Self { source: one_line(&self.source), text })
    }
}

impl Narration {
    /// The prose as a page can hold it; `None` when nothing is left of it.
    #[must_use]
    pub fn normalised(mut self) -> Option<Self> {
        for texts in [&mut self.summary, &mut self.synopsis, &mut self.roadblocks, &mut self.lessons, &mut self.mood] {
            for text in texts.iter_mut() {
                *text = one_line(text);
            }
            texts.retain(|text| !text.is_empty());
        }
        self.decisions.iter_mut().for_each(weighed);
        self.decisions.retain(|decision| !decision.what.is_empty());
        self.model = one_line(&self.model);
        if self.model.is_empty() {
            "a model".clone_into(&mut self.model);
        }
        self.at = instant(self.at);
        (!self.is_empty()).then_some(self)
    }
}

fn weighed(decision: &mut Weighed) {
    decision.what = one_line(&decision.what);
    decision.why = one_line(&decision.why);
    if let Standing::Implemented(files) = &mut decision.standing {
        for file in files.iter_mut() {
            *file = printable(file);
        }
        files.retain(|file| !file.is_empty());
    }
}

fn exchange(mut exchange: Exchange, zone: FixedOffset) -> Option<Exchange> {
    exchange.prompt.text = lines(&exchange.prompt.text);
    exchange.prompt.at = minute(exchange.prompt.at, zone);
    if let Some(reply) = &mut exchange.reply {
        reply.text = lines(&reply.text);
        reply.at = minute(reply.at, zone);
    }
    exchange.reply = exchange.reply.filter(|reply| !reply.text.is_empty());
    (!exchange.prompt.text.is_empty()).then_some(exchange)
}

fn decision(decision: Decision) -> Option<Decision> {
    let (decision, words) = match decision {
        Decision::Answered { question, answer } => {
            let question = one_line(&question);
            (Decision::Answered { question: question.clone(), answer: lines(&answer) }, question)
        }
        Decision::Approved { plan } => {
            let plan = lines(&plan);
            (Decision::Approved { plan: plan.clone() }, plan)
        }
        Decision::Declined { plan } => {
            let plan = lines(&plan);
            (Decision::Declined { plan: plan.clone() }, plan)
        }
    };
    (!words.is_empty()).then_some(decision)
}

/// Text on one line: line breaks and tabs become blanks, other control characters go, and so do blanks around it.
fn one_line(text: &str) -> String {
    let text: String = text.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c }).collect();
    printable(&text).trim().to_owned()
}

/// Text of several lines: `\n` ends a line, control characters other than tabs go, and so do blanks at the end of lines
/// and empty lines around the whole.
fn lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<String> = text.split('\n').map(|line| printable(line).trim_end().to_owned()).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

fn printable(text: &str) -> String {
    text.chars().filter(|c| *c == '\t' || !c.is_control()).collect()
}

/// The developer's own text stays as it is but for line ends and empty lines around it; a line that would pass for one
/// of our markers gets a backslash.
fn by_hand(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for line in text.split('\n').map(|line| line.trim_end_matches('\r')) {
        if kept.is_empty() && line.trim().is_empty() {
            continue;
        }
        if line.starts_with(MARKER) {
            kept.push('\\');
        }
        kept.push_str(line);
        kept.push('\n');
    }
    kept.truncate(kept.trim_end().len());
    kept
}

/// Whole seconds, an offset of whole minutes, and a year that the calendar on the page can show (1 to 9999).
fn instant(at: DateTime<FixedOffset>) -> DateTime<FixedOffset> {
    let offset = FixedOffset::east_opt(at.offset().local_minus_utc() / 60 * 60).unwrap_or_else(|| chrono::Utc.fix());
    let at = at.with_timezone(&offset);
    let at = at.with_nanosecond(0).unwrap_or(at);
    let edge = match at.year() {
        ..=0 => NaiveDate::from_ymd_opt(1, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0)),
        10_000.. => NaiveDate::from_ymd_opt(9999, 12, 31).and_then(|day| day.and_hms_opt(23, 59, 0)),
        _ => None,
    };
    edge.and_then(|edge| offset.from_local_datetime(&edge).single()).unwrap_or(at)
}

/// An instant that an entry tells besides its own: to the minute, in the entry's offset.
fn minute(at: DateTime<FixedOffset>, zone: FixedOffset) -> DateTime<FixedOffset> {
    let at = at.with_timezone(&zone);
    instant(at.with_second(0).unwrap_or(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_lose_only_what_a_page_cannot_carry() {
        assert_eq!(one_line(" a\r\nb\tc\u{1b}[0m "), "a  b c[0m");
        assert_eq!(lines("\n\n  first \r\n\r\n\tcode\u{7}  \rlast\n\n"), "  first\n\n\tcode\nlast");
        assert_eq!(
            by_hand(" \r\n  mine  \r\n\u{7}\n<!-- commit-story:end -->\n\n"),
            "  mine  \n\u{7}\n\\<!-- commit-story:end -->"
        );
    }

    #[test]
    fn years_that_no_calendar_shows_are_moved_to_the_edge() {
        let far = DateTime::from_timestamp(400_000_000_000, 0).unwrap().fixed_offset();
        assert_eq!(instant(far).to_rfc3339(), "9999-12-31T23:59:00+00:00");
    }
}
