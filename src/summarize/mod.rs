//! Summaries of days, weeks, months, quarters and years, each made from the level below.
//!
//! In: a journal, and a period. Out: its [`Summary`](crate::journal::Summary), or the page of it.
//! Never here: a word that no entry has, or a finished period that is written again although nothing has changed.

mod sources;

mod material;

mod numbers;

mod choose;

mod threads;

mod tell;

pub mod asked;

mod prose;

pub mod make;

pub mod json;

pub mod background;

pub use self::json::{SummarizedJson, SummaryJson};
pub use self::make::{Made, Summarizer};
