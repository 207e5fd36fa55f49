//! The charts of a report, each with its numbers as a table.
//!
//! In: figures. Out: HTML sections. Never here: arithmetic (that is `figures`), or shapes (those are `svg`).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta};

use super::calendar::calendar;
use super::figures::{DayFigures, FailedCommand, Figures, SessionSpan, Share};
use super::html::{attribute, counted, each, escape, first_line, number};
use super::svg;
use crate::chat::Assistant;
use crate::journal::{Area, Period, Unit};

/// So many days lie side by side in the chart of hours.
const HOURS: i64 = 92;

/// So many rows have tables of directories and commands.
const ROWS: usize = 12;

/// The key numbers of the report.
#[must_use]
pub fn numbers(figures: &Figures) -> String {
    let numbers = [
        (number(figures.entries), noun(figures.entries, "commit", "commits")),
        (number(figures.days.len()), noun(figures.days.len(), "day with commits", "days with commits")),
        (number(figures.sessions), noun(figures.sessions, "session", "sessions")),
        (number(figures.prompts), if figures.prompts == 1 { "prompt" } else { "prompts" }),
        (format!("+{}", number(figures.added)), "lines added"),
        (format!("−{}", number(figures.removed)), "lines removed"),
    ];
    let item = |(number, what): (String, &str)| format!("<li><b>{number}</b> {what}</li>");
    format!("<ul class=numbers>{}</ul>", numbers.map(item).concat())
}

fn noun(count: usize, one: &'static str, many: &'static str) -> &'static str {
    if count == 1 { one } else { many }
}

/// The heat map, with a table by month.
#[must_use]
pub fn activity(figures: &Figures) -> String {
    let mut months: BTreeMap<Period, (usize, usize, u64, u64)> = BTreeMap::new();
    for day in &figures.days {
        let month = months.entry(Period::of(Unit::Month, day.day)).or_default();
        month.0 += 1;
        month.1 += day.commits.len();
        month.2 = month.2.saturating_add(day.added);
        month.3 = month.3.saturating_add(day.removed);
    }
    let rows = months.iter().rev().map(|(month, (days, commits, added, removed))| {
        let cells = [number(*days), number(*commits), format!("+{}", number(*added)), format!("−{}", number(*removed))];
        (format!("<a href=\"#m-{month}\">{}</a>", month.title()), cells)
    });
    let scale = each(0..=4, |level| svg::swatch(&format!("h{level}")));
    format!(
        "<section id=activity><h2>Days</h2>{}<p class=legend>Fewer {scale} more commits. A day leads to its entries.</p>{}</section>",
        calendar(figures),
        table("By month", "Month", ["Days", "Commits", "Added", "Removed"], rows)
    )
}

/// Sessions and commits by day and hour, with a table by day.
#[must_use]
pub fn hours(figures: &Figures) -> String {
    let first = figures.first.max(figures.last - TimeDelta::days(HOURS - 1));
    let shown: Vec<&DayFigures> = figures.days.iter().filter(|day| day.day >= first).collect();
    let at = |day: &DayFigures| usize::try_from((day.day - first).num_days()).unwrap_or(0);
    let mut spans: BTreeMap<usize, Vec<svg::Span>> = BTreeMap::new();
    let mut commits = Vec::new();
    for day in &shown {
        commits.extend(day.commits.iter().map(|time| (at(day), *time)));
        for span in &day.sessions {
            spans.entry(rank(figures, span.assistant)).or_default().extend(strokes(span, first, figures.last));
        }
    }
    let spans: Vec<svg::Spans> =
        spans.into_iter().map(|(rank, spans)| svg::Spans { class: colour(rank), spans }).collect();
    let days = usize::try_from((figures.last - first).num_days() + 1).unwrap_or(1);
    let label =
        format!("{} and the sessions that led to them, by day and hour", counted(commits.len(), "commit", "commits"));
    let plot = svg::hours(days, &spans, &commits, &label);
    let rows = shown.iter().rev().map(|day| (format!("<a href=\"#d-{0}\">{0}</a>", day.day), day_cells(day)));
    format!(
        "<section id=hours><h2>Sessions and commits</h2><div class=chart><ol class=y aria-hidden=true>\
         <li>0:00<li>6:00<li>12:00<li>18:00<li>24:00</ol>{plot}{}</div>\
         <p class=legend>{} commit{}</p>{}</section>",
        ends(first, figures.last),
        "<svg class=swatch viewBox=\"0 0 10 10\" aria-hidden=true focusable=false><circle class=dot cx=5 cy=5 r=4 /></svg>",
        legend(figures),
        table("By day", "Day", ["Commits", "Sessions"], rows)
    )
}

/// A session on the days that are shown. Of one that took more than a day nothing is known but its two ends.
fn strokes(span: &SessionSpan, shown: NaiveDate, until: NaiveDate) -> Vec<svg::Span> {
    let (first, last) = (span.first.naive_local(), span.last.naive_local());
    let midnight = NaiveTime::from_hms_opt(23, 59, 0).unwrap_or_default();
    let parts = if first.date() == last.date() {
        vec![(first.date(), first.time(), last.time())]
    } else if last - first < TimeDelta::days(1) {
        vec![(first.date(), first.time(), midnight), (last.date(), NaiveTime::MIN, last.time())]
    } else {
        vec![(first.date(), first.time(), first.time()), (last.date(), last.time(), last.time())]
    };
    let parts = parts.into_iter().filter(|(day, ..)| (shown..=until).contains(day));
    let stroke = |(day, first, last): (NaiveDate, NaiveTime, NaiveTime)| {
        Some(svg::Span { day: usize::try_from((day - shown).num_days()).ok()?, first, last })
    };
    parts.filter_map(stroke).collect()
}

fn day_cells(day: &DayFigures) -> [String; 2] {
    let commits: Vec<String> = day.commits.iter().map(|time| time.format("%H:%M").to_string()).collect();
    let sessions = day.sessions.iter().map(|span| {
        let is_here = |at: DateTime<FixedOffset>| at.date_naive() == day.day;
        let shape = if is_here(span.first) && is_here(span.last) { "%H:%M" } else { "%-d %b %H:%M" };
        format!("{} {}–{}", span.assistant.name(), span.first.format(shape), span.last.format(shape))
    });
    [commits.join(", "), sessions.collect::<Vec<_>>().join(", ")]
}

/// The first and the last day below a chart.
fn ends(first: NaiveDate, last: NaiveDate) -> String {
    let day = |day: NaiveDate| day.format("%-d %b %Y").to_string();
    format!("<p class=x aria-hidden=true><span>{}</span><span>{}</span></p>", day(first), day(last))
}

fn legend(figures: &Figures) -> String {
    let sample = |(rank, share): (usize, &Share)| format!(" {} {}", svg::swatch(&colour(rank)), share.assistant.name());
    each(figures.assistants.iter().enumerate(), sample)
}

fn rank(figures: &Figures, assistant: Assistant) -> usize {
    figures.assistants.iter().position(|share| share.assistant == assistant).unwrap_or(usize::MAX)
}

/// Six assistants have colours; who has more, has many.
fn colour(rank: usize) -> String {
    format!("c{}", rank.min(6))
}

/// What share of the entries each assistant has.
#[must_use]
pub fn assistants(figures: &Figures) -> String {
    let all = figures.entries as u64;
    let mut rows = String::new();
    for (rank, share) in figures.assistants.iter().enumerate() {
        let about = format!(
            "{}, {}",
            counted(share.sessions, "session", "sessions"),
            counted(share.prompts, "prompt", "prompts")
        );
        rows += &bar_row(share.assistant.name(), &[(share.entries as u64, &colour(rank))], all, share.entries, &about);
    }
    if figures.unassisted > 0 {
        rows += &bar_row("No conversation", &[(figures.unassisted as u64, "none")], all, figures.unassisted, "");
    }
    format!(
        "<section id=assistants><h2>Assistants</h2><table class=bars><caption>Commits that conversations with each assistant \
         led to</caption><thead class=vh><tr><th scope=col>Assistant<th scope=col>Share<th scope=col>Commits</thead><tbody>{rows}</tbody></table></section>"
    )
}

/// `name` is our own word.
fn bar_row(name: &str, parts: &[(u64, &str)], whole: u64, count: usize, about: &str) -> String {
    let percent = (count as u64 * 200 / whole.max(1)).div_ceil(2);
    format!(
        "<tr><th scope=row>{name}<td>{}<td><b>{}</b> <span>{percent} %</span><small>{about}</small></tr>",
        svg::bar(parts, whole),
        number(count)
    )
}

/// Churn by directory.
#[must_use]
pub fn areas(figures: &Figures) -> String {
    let whole = figures.areas.first().map_or(1, Area::churn);
    let row = |area: &Area| {
        let name = if area.path.is_empty() { "(top)".to_owned() } else { format!("{}/", area.path) };
        format!(
            "<tr><th scope=row><code dir=auto>{}</code><td>{}<td><b class=add>+{}</b> <b class=del>−{}</b><small>{}</small></tr>",
            escape(&first_line(&name, 60)),
            svg::bar(&[(area.added, "add"), (area.removed, "del")], whole),
            number(area.added),
            number(area.removed),
            counted(area.entries, "commit", "commits")
        )
    };
    let rows = each(figures.areas.iter().take(ROWS), row);
    if rows.is_empty() {
        return String::new();
    }
    let rest = figures.areas.len().saturating_sub(ROWS);
    let more = if rest == 0 { String::new() } else { format!("<p class=legend>and {} more</p>", number(rest)) };
    format!(
        "<section id=areas><h2>Where the work was</h2><table class=bars><caption>Lines added and removed by directory, of the \
         files that the entries list, without generated ones</caption><thead class=vh><tr><th scope=col>Directory\
         <th scope=col>Churn<th scope=col>Lines</thead><tbody>{rows}</tbody></table>{more}</section>"
    )
}

/// Failed commands over time, and which failed most.
#[must_use]
pub fn roadblocks(figures: &Figures) -> String {
    if figures.commands.is_empty() {
        return String::new();
    }
    let values: Vec<(u64, u64)> =
        figures.roadblocks.iter().map(|failures| (failures.overcome, failures.open)).collect();
    let most = values.iter().map(|(overcome, open)| overcome.saturating_add(*open)).max().unwrap_or(0);
    let label = format!("Failed commands by {}, at most {}", figures.period, number(most));
    let rows = figures.roadblocks.iter().rev().filter(|failures| failures.overcome + failures.open > 0);
    let rows = rows.map(|failures| (failures.period.clone(), [number(failures.overcome), number(failures.open)]));
    let title = format!("By {}", figures.period);
    format!(
        "<section id=roadblocks><h2>Roadblocks</h2><div class=chart><ol class=y aria-hidden=true><li>{}<li>0</ol>{}{}</div>\
         <p class=legend>Failures by {} of commands that {} passed in the end, {} did not.</p>{}{}</section>",
        number(most),
        svg::columns(&values, ["over", "open"], &label),
        ends(figures.first, figures.last),
        figures.period,
        svg::swatch("over"),
        svg::swatch("open"),
        table(&title, "Period", ["Passed in the end", "Did not"], rows),
        failed_most(&figures.commands)
    )
}

fn failed_most(commands: &[FailedCommand]) -> String {
    let most = commands.first().map_or(1, |command| command.failures);
    let mut rows = String::new();
    for command in commands.iter().take(ROWS) {
        let _ = write!(
            rows,
            "<tr><th scope=row><code dir=auto title=\"{}\">{}</code><td>{}<td><b>{}×</b><small>in {}, passed in {}</small></tr>",
            attribute(&command.command),
            escape(&first_line(&command.command, 80)),
            svg::bar(&[(command.failures, "over")], most),
            number(command.failures),
            counted(command.entries, "commit", "commits"),
            number(command.overcome)
        );
    }
    format!(
        "<table class=bars><caption>What failed most</caption><thead class=vh><tr><th scope=col>Command\
         <th scope=col>Share<th scope=col>Failures</thead><tbody>{rows}</tbody></table>"
    )
}

/// A table that is opened to be read; the first cell of each row is HTML, the others are text of ours.
fn table<const N: usize>(
    title: &str,
    first: &str,
    heads: [&str; N],
    rows: impl Iterator<Item = (String, [String; N])>,
) -> String {
    let heads = heads.map(|head| format!("<th scope=col>{head}")).concat();
    let row = |(head, cells): (String, [String; N])| {
        format!("<tr><th scope=row>{head}{}</tr>", cells.map(|cell| format!("<td>{cell}")).concat())
    };
    let rows = each(rows, row);
    format!(
        "<details class=table><summary>{title}, as a table</summary><div class=wide><table><thead><tr><th scope=col>{first}{heads}\
         </thead><tbody>{rows}</tbody></table></div></details>"
    )
}
