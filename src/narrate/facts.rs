//! What is counted, in words: a model need not compute, and does it badly.
//!
//! In: [`Exhibits`]. Out: a sentence for each fact, the most important first. Never here: a judgement.

use chrono::{DateTime, FixedOffset};

use super::exhibit::{Exhibits, Facts, Kind, Session};
use crate::draft::cut;
use crate::journal::Roadblock;
use crate::markdown::parts::counted;

/// The most sessions, failures and remarks that are told, each.
const TOLD: usize = 12;

/// The longest a foreign name may be, in characters.
const NAME: usize = 120;

/// The facts of a commit.
#[must_use]
pub fn sentences(exhibits: &Exhibits) -> Vec<String> {
    let facts = &exhibits.facts;
    let mut all = vec![commit(facts), size(facts)];
    all.extend(prompts(exhibits));
    all.extend(facts.sessions.iter().take(TOLD).enumerate().map(|(nth, session)| of_session(facts, nth, session)));
    all.extend(facts.failures.iter().take(TOLD).map(failure));
    all.extend(facts.remarks.iter().take(TOLD).map(|remark| cut::prose(remark, 2 * NAME)));
    all
}

/// The author's name is nobody's business: the prose says "the developer".
fn commit(facts: &Facts) -> String {
    let branch = facts.branch.as_deref().map(|name| format!(" on branch {}", short(name))).unwrap_or_default();
    let day = facts.at.format("%-d %B %Y, %H:%M");
    format!("Commit {} was made on {day}{branch}.", facts.commit.short())
}

fn size(facts: &Facts) -> String {
    let named = facts.changes.len();
    let unnamed = if u32::try_from(named).is_ok_and(|named| named < facts.files) {
        format!(" {named} of them are named below.")
    } else {
        String::new()
    };
    let (files, added) = (counted(facts.files, "file"), counted(facts.added, "line"));
    format!("{files} changed; {added} added, {} removed.{unnamed}", facts.removed)
}

/// How often, from when to when and how long before the commit the human asked.
fn prompts(exhibits: &Exhibits) -> Option<String> {
    let facts = &exhibits.facts;
    let mut times = exhibits.items.iter().filter(|item| item.kind == Kind::Prompt && !item.earlier);
    let first = times.next()?.at?;
    let (number, at) = (counted(facts.prompts, "prompt"), clock(first, facts));
    let span = span(first, facts.at);
    let Some(last) = times.next_back().and_then(|item| item.at) else {
        let span = span.map(|span| format!(", {span} before the commit")).unwrap_or_default();
        return Some(format!("{number} at {at}{span}."));
    };
    let span = span.map(|span| format!("; {span} from the first to the commit")).unwrap_or_default();
    Some(format!("{number}, first at {at}, last at {}{span}.", clock(last, facts)))
}

fn of_session(facts: &Facts, nth: usize, session: &Session) -> String {
    let model = session.model.as_deref().map(|model| format!(" with {}", short(model))).unwrap_or_default();
    let (start, end) = session.span;
    let when = match span(start, end) {
        Some(span) => format!("{} to {}, {span}", clock(start, facts), clock(end, facts)),
        None => format!("at {}", clock(start, facts)),
    };
    let (id, name, prompts) = (short(&session.id), session.assistant.name(), counted(session.prompts, "prompt"));
    format!("Session {} ({id}): {name}{model}, {prompts}, {when}.", nth + 1)
}

fn failure(roadblock: &Roadblock) -> String {
    let end = if roadblock.passed_in_the_end { "passed in the end" } else { "was not seen to pass after that" };
    format!("`{}` failed {} and {end}.", short(&roadblock.command), counted(roadblock.failures, "time"))
}

/// A time by the author's clock, with the day where it is not the commit's.
fn clock(at: DateTime<FixedOffset>, facts: &Facts) -> String {
    let same = at.date_naive() == facts.at.date_naive();
    at.format(if same { "%H:%M" } else { "%-d %B %H:%M" }).to_string()
}

/// A length of time in whole minutes; `None` where there is none to speak of.
fn span(start: DateTime<FixedOffset>, end: DateTime<FixedOffset>) -> Option<String> {
    // From minute to minute, as the clock times beside it are: 15:55:40 to 16:02:10 are seven minutes.
    let minutes = end.timestamp().div_euclid(60) - start.timestamp().div_euclid(60);
    let minutes = u64::try_from(minutes).ok().filter(|minutes| *minutes > 0)?;
    Some(match (minutes / 60, minutes % 60) {
        (0, minutes) => counted(minutes, "minute"),
        (hours, 0) => counted(hours, "hour"),
        (hours, minutes) => format!("{} {}", counted(hours, "hour"), counted(minutes, "minute")),
    })
}

fn short(name: &str) -> String {
    cut::prose(&cut::one_line(name), NAME)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::narrate::any::{Story, failed, passed, prompt, reply};

    #[test]
    fn what_a_model_would_have_to_compute_is_told() {
        let story = Story::new("raise the limit")
            .session(vec![
                (55, prompt("it times out")),
                (56, failed("cargo test", "error")),
                (57, passed("cargo test")),
                (58, prompt("retry, too")),
                (61, reply("done")),
            ])
            .session(vec![(-1_000, prompt("yesterday"))])
            .file("src/a.rs", 2, 1);
        assert_eq!(
            sentences(&story.exhibits()),
            [
                "Commit 4a98f724 was made on 6 January 2026, 16:02 on branch main.",
                "1 file changed; 2 lines added, 1 removed.",
                "3 prompts, first at 5 January 22:20, last at 15:58; 17 hours 42 minutes from the first to the commit.",
                "Session 1 (088c5296): Claude Code with claude-opus-4-5, 2 prompts, 15:55 to 16:01, 6 minutes.",
                "Session 2 (188c5296): Claude Code with claude-opus-4-5, 1 prompt, at 5 January 22:20.",
                "`cargo test` failed 1 time and passed in the end.",
            ]
        );
    }

    #[test]
    fn one_prompt_has_no_first_and_last() {
        let story = Story::new("one").session(vec![(55, prompt("do it"))]);
        assert_eq!(sentences(&story.exhibits())[2], "1 prompt at 15:55, 7 minutes before the commit.");
    }

    #[test]
    fn a_commit_without_a_conversation_has_two_facts() {
        assert_eq!(sentences(&Story::new("alone").exhibits()).len(), 2);
    }
}
