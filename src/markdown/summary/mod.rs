//! Summaries as Markdown, version 1 of the format in `docs/summaries.md`.
//!
//! In: a [`Summary`](crate::journal::Summary), or a page's text. Out: the text, or what can be read of it.
//! Never here: files, or a text that cannot be parsed at all. What a summary says of entries is not read back: it can be
//! made anew. Prose, and what was written by hand, cannot, and are.

pub mod link;

mod lines;

pub mod telling;

pub mod page;

pub mod render;

pub use self::page::{parse, span, text_fingerprint};
pub use self::render::{block, text, title};
