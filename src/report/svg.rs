//! Charts as inline SVG: small functions from numbers to shapes.
//!
//! In: numbers. Out: SVG without a word in it, which stretches to any width; words stand beside it as HTML.
//! Never here: colours (those are the style sheet's, by class), foreign text, or a number that is not in a table nearby.

use std::fmt::Write as _;

use chrono::{NaiveTime, Timelike};

/// How finely bars and columns are drawn: so many steps are the whole.
const STEPS: u64 = 1000;

/// What part a number is of the largest, in steps; something is never nothing.
fn steps(value: u64, largest: u64) -> u64 {
    let part = u128::from(value) * u128::from(STEPS) / u128::from(largest.max(1));
    u64::try_from(part).unwrap_or(STEPS).max(u64::from(value > 0))
}

/// A bar of parts, each with its class, as long as their sum is of `whole`.
#[must_use]
pub fn bar(parts: &[(u64, &str)], whole: u64) -> String {
    let mut svg =
        format!("<svg class=bar viewBox=\"0 0 {STEPS} 1\" preserveAspectRatio=none aria-hidden=true focusable=false>");
    let mut x = 0;
    for (value, class) in parts {
        let width = steps(*value, whole);
        let _ = write!(svg, "<rect class={class} x={x} width={width} height=1 />");
        x += width;
    }
    svg + "</svg>"
}

/// A sample of a colour, for a legend.
#[must_use]
pub fn swatch(class: &str) -> String {
    format!(
        "<svg class=swatch viewBox=\"0 0 1 1\" aria-hidden=true focusable=false><rect class={class} width=1 height=1 /></svg>"
    )
}

/// Columns of two parts each, the first at the bottom.
#[must_use]
pub fn columns(values: &[(u64, u64)], classes: [&str; 2], label: &str) -> String {
    let largest = values.iter().map(|(lower, upper)| lower.saturating_add(*upper)).max().unwrap_or(0);
    let mut paths = [String::new(), String::new()];
    for (at, (lower, upper)) in values.iter().enumerate() {
        let mut floor = STEPS;
        for (value, path) in [lower, upper].into_iter().zip(&mut paths) {
            let height = steps(*value, largest).min(floor);
            if height > 0 {
                let _ = write!(path, "M{} {floor}v-{height}h8v{height}z", at * 10 + 1);
            }
            floor -= height;
        }
    }
    let [lower, upper] = paths;
    format!(
        "<svg class=plot viewBox=\"0 0 {} {STEPS}\" preserveAspectRatio=none role=img aria-label=\"{label}\">\
         <path class={} d=\"{lower}\"/><path class={} d=\"{upper}\"/></svg>",
        (values.len() * 10).max(1),
        classes[0],
        classes[1]
    )
}

/// Strokes of one class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spans {
    /// The class.
    pub class: String,
    /// Where they are.
    pub spans: Vec<Span>,
}

/// The shortest stroke, in minutes.
const SHORTEST: u32 = 8;

/// A part of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Which day, from 0.
    pub day: usize,
    /// Its beginning.
    pub first: NaiveTime,
    /// Its end, not before its beginning.
    pub last: NaiveTime,
}

/// Days from left to right, hours from top to bottom: spans as strokes, each group of a class, and moments as dots.
#[must_use]
pub fn hours(days: usize, spans: &[Spans], moments: &[(usize, NaiveTime)], label: &str) -> String {
    let minute = |time: NaiveTime| time.hour() * 60 + time.minute();
    let middle = |day: usize| day * 10 + 5;
    let mut svg = format!(
        "<svg class=plot viewBox=\"0 0 {} 1440\" preserveAspectRatio=none role=img aria-label=\"{label}\">\
         <path class=grid d=\"M0 360h{w}M0 720h{w}M0 1080h{w}\"/>",
        days * 10,
        w = days * 10
    );
    for Spans { class, spans } in spans {
        let mut path = String::new();
        for Span { day, first, last } in spans {
            // A moment can be seen, too.
            let last = minute(*last).max(minute(*first) + SHORTEST);
            let _ = write!(path, "M{} {}V{last}", middle(*day), minute(*first));
        }
        let _ = write!(svg, "<path class=\"span {class}\" d=\"{path}\"/>");
    }
    let mut path = String::new();
    for (day, time) in moments {
        let _ = write!(path, "M{} {}h0", middle(*day), minute(*time));
    }
    svg + &format!("<path class=dots d=\"{path}\"/></svg>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_keep_their_bounds_whatever_the_numbers() {
        assert!(bar(&[(1, "a"), (u64::MAX, "b")], u64::MAX).contains("class=b x=1 width=1000"));
        assert!(bar(&[(0, "a")], 0).contains("width=0"));
        let svg = columns(&[(u64::MAX, u64::MAX), (0, 0), (1, 0)], ["a", "b"], "x");
        assert!(
            svg.contains("<path class=a d=\"M1 1000v-1000h8v1000zM21 1000v-1h8v1z\"/><path class=b d=\"\"/>"),
            "{svg}"
        );
    }

    #[test]
    fn a_moment_is_a_stroke_that_can_be_seen() {
        let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
        let span = |day, first, last| Span { day, first: time(first), last: time(last) };
        let spans = Spans { class: "c1".to_owned(), spans: vec![span(1, 23, 23), span(0, 2, 3)] };
        let svg = hours(2, &[spans], &[(1, time(1))], "x");
        assert!(svg.contains("d=\"M15 1380V1388M5 120V180\"/>"), "{svg}");
        assert!(svg.contains("<path class=dots d=\"M15 60h0\"/>"), "{svg}");
    }
}
