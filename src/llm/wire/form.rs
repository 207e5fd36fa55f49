//! How a request is put, where servers and models differ.
//!
//! In: what a server said when it refused a request. Out: the same request's other [`Form`].
//! Never here: what is asked.

/// What may be said in more than one way, as servers and models differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Form {
    /// Whether the reply is read as it is written.
    pub(crate) stream: bool,
    /// Whether the temperature is said; some models refuse it.
    pub(crate) temperature: bool,
    /// Whether the most tokens go by their newer name, `max_completion_tokens`; only in chat completions.
    pub(crate) newer_limit: bool,
    /// Whether counts are asked for while streaming, `stream_options`; only in chat completions.
    pub(crate) counts: bool,
}

impl Form {
    /// Another form, when this one was refused with these words.
    pub(crate) fn other(self, refusal: &str) -> Option<Self> {
        let refusal = refusal.to_ascii_lowercase();
        if self.temperature && refusal.contains("temperature") {
            Some(Self { temperature: false, ..self })
        } else if self.counts && refusal.contains("stream_options") {
            Some(Self { counts: false, ..self })
        } else if !self.newer_limit && refusal.contains("max_completion_tokens") {
            Some(Self { newer_limit: true, ..self })
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_that_was_refused_is_changed_where_the_words_say() {
        let form = Form { stream: true, temperature: true, newer_limit: false, counts: true };
        for (refusal, expected) in [
            ("Unsupported value: 'temperature' does not support 0.7", Some(Form { temperature: false, ..form })),
            ("Use 'max_completion_tokens' instead.", Some(Form { newer_limit: true, ..form })),
            ("extra fields: stream_options", Some(Form { counts: false, ..form })),
            ("no such model", None),
        ] {
            assert_eq!(form.other(refusal), expected, "{refusal}");
        }
        assert_eq!(Form { temperature: false, ..form }.other("temperature"), None);
    }
}
