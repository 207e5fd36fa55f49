//! A report: the journal of some days as one page for a browser, and the numbers behind its charts.
//!
//! In: a journal, and which days of it. Out: [`Report`] as plain data, and [`page()`] that makes one self-contained HTML file.
//! Never here: a request to anywhere. The page's policy forbids them, and every foreign word on it is escaped.

pub mod figures;

pub mod gather;

pub mod html;

pub mod svg;

pub mod calendar;

pub mod overview;

pub mod reading;

pub mod entry;

pub mod page;

pub use self::figures::Figures;
pub use self::gather::{Report, gather, usual_days};
pub use self::page::page;

#[cfg(test)]
mod tests;
