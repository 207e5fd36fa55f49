//! Prose about several entries: summaries and drafts.
//!
//! In: entries of the journal, and what the prose is for. Out: [`Prose`], each sentence of which has stood the check and
//! names the entries that it rests on. Never here: a looser rule than for one commit. A sentence is held against the
//! entries that it cites and against no others, so that what one commit's conversation says proves nothing of another.

mod told;

mod material;

mod shown;

mod question;

mod days;

mod verify;

mod tell;

pub use self::material::weight;
pub use self::tell::{draft, tell};
pub use self::told::{Decided, Prose, Purpose, Sentence, Told};
pub use self::verify::{Verified, check};

#[cfg(test)]
mod tests;
