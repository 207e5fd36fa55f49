//! What the developer sees and is asked.
//!
//! In: finished text and questions. Out: lines on the terminal, answers.
//! Never here: what the text is about. Results go to standard output, everything else to standard error.

pub mod style;

pub mod printer;

pub mod pager;

pub mod page;

pub mod prompt;

pub mod progress;

pub use self::pager::Paged;
pub use self::printer::Printer;
pub use crate::safe;
