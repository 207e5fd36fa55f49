//! The changed lines of a file, redacted.
//!
//! In: a change of the evidence, and both sides of the file as git has them. Out: a [`Patch`], whose fields are private
//! and whose makers redact, as those of `Evidence` do.
//! Never here: lines that were compared before they were redacted. A key spans lines of which a change may touch one, and
//! a value is known by the name before it: both sides are redacted whole, and only then compared.

/// The changed lines of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    path: String,
    text: String,
    remark: Option<String>,
}

impl Patch {
    /// The path, as the evidence names it.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// A unified diff without a header; empty where no line is shown.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Why lines are missing, in a few words.
    #[must_use]
    pub fn remark(&self) -> Option<&str> {
        self.remark.as_deref()
    }
}
