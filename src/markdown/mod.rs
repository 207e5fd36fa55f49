//! Pages as Markdown, version 1 of the format in `docs/format.md`.
//!
//! In: an [`Entry`](crate::journal::Entry) or a page's text. Out: the other of the two, with problems by line.
//! The law: what [`render_entry`] writes, [`parse_page`] reads back to the same entry in its normal form, whatever the
//! texts in it say. Never here: files, or a text that cannot be parsed at all.

pub mod escape;

pub mod marker;

pub mod render;

pub mod sections;

pub mod parse;

pub use self::parse::{parse_entries, parse_page};
pub use self::render::{render_entry, render_header, render_page};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::journal::any;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(first in any::entry(), second in any::entry()) {
            let (first, second) = (first.normalised(), second.normalised());
            let page = format!("{}\n\n{}\n{}", render_header(first.at.date_naive()), render_entry(&first), render_entry(&second));
            let read = parse_page(&page);
            prop_assert_eq!(&read.problems, &vec![], "{}", page);
            prop_assert_eq!(read.day, first.at.date_naive());
            prop_assert_eq!(&read.entries[0], &first, "{}", page);
            prop_assert_eq!(&read.entries[1..], &[second][..], "{}", page);
        }

        #[test]
        fn the_normal_form_is_its_own_normal_form(entry in any::entry()) {
            let once = entry.normalised();
            prop_assert_eq!(once.clone().normalised(), once);
        }

        #[test]
        fn line_ends_of_windows_and_blanks_at_line_ends_change_nothing(entry in any::entry()) {
            let entry = any::without_by_hand(entry).normalised();
            let page = render_entry(&entry).replace('\n', " \r\n");
            prop_assert_eq!(parse_entries(&page).0, vec![entry]);
        }

        #[test]
        fn any_text_can_be_read(text in any::<String>()) {
            parse_page(&text);
        }

        #[test]
        fn a_page_can_be_damaged_anywhere(entry in any::entry(), at in any::<prop::sample::Index>(), put in "[-\n`*> #:<\\\\]{0,3}|[^a]", cut in 0..40_usize) {
            let text = render_entry(&entry);
            let chars: Vec<char> = text.chars().collect();
            let at = at.index(chars.len());
            let damaged: String = chars[..at].iter().copied().chain(put.chars()).chain(chars.iter().skip(at + cut).copied()).collect();
            let page = parse_page(&damaged);
            let lines = damaged.split('\n').count();
            prop_assert!(page.problems.iter().all(|problem| (1..=lines).contains(&problem.line)));
        }
    }
}
