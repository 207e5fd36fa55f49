//! The prompts that a person picks from a menu.
//!
//! In: a name and its arguments. Out: words that have an assistant ask the journal.
//! Never here: words of the journal: the assistant reads them with the tools, and says where they stand.

use rmcp::model::{JsonObject, Prompt, PromptArgument};
use serde_json::Value;

use super::bounds;
use crate::advice::Usage;

/// A prompt.
#[derive(Debug)]
pub struct Offer {
    /// What it is called by.
    pub name: &'static str,
    title: &'static str,
    description: &'static str,
    argument: Option<Argument>,
    text: &'static str,
}

/// What a prompt is told; it stands in the text as `{}`.
#[derive(Debug)]
pub struct Argument {
    /// What it is called by.
    pub name: &'static str,
    description: &'static str,
    /// What it is where it is not given; there is none where it has to be.
    usual: Option<&'static str>,
}

/// How every prompt ends.
const HONEST: &str = "Say only what the journal says, name the commits it stands in, and say so where it is silent.";

/// All of them.
pub const OFFERS: &[Offer] = &[
    Offer {
        name: "standup",
        title: "Stand-up",
        description: "What was done, what is next and what is in the way, from the journal",
        argument: Some(Argument {
            name: "since",
            description: "From which day on: yesterday, last week, 2026-01-05",
            usual: Some("yesterday"),
        }),
        text: "Prepare my stand-up. Read the journal with journal_read, from {} until today. Give three short lists: \
               what was done, what comes next (what the entries and notes leave open), and what is in the way \
               (roadblocks that did not pass in the end).",
    },
    Offer {
        name: "weekly_review",
        title: "Weekly review",
        description: "A week looked back upon: what was built, decided and learnt",
        argument: Some(Argument {
            name: "week",
            description: "Which week: this week, last week, 2026-W02",
            usual: Some("last week"),
        }),
        text: "Look back upon a week with me. Read the journal of {} with journal_read, all of it. Tell what was built, \
               which decisions were made and what was turned down for them, what cost time, and what threads go on. \
               Quote my reflections word for word.",
    },
    Offer {
        name: "explain_file",
        title: "Explain this file",
        description: "Why a file is as it is: what was asked and decided when it was written",
        argument: Some(Argument {
            name: "path",
            description: "The file, seen from the repository's top; lines may follow, as src/retry.rs:40-60",
            usual: None,
        }),
        text: "Explain why {} is as it is. Ask journal_why about it, and about the lines that matter most, and \
               journal_search for what its entries mention. Tell the story in order: what was wanted, what was decided \
               and rejected, and what has changed since.",
    },
    Offer {
        name: "capture_session",
        title: "Capture this session",
        description: "Writes down what this session knows, before it is gone",
        argument: None,
        text: "This session ends. Write down with journal_capture_context what the next one needs: what we are building \
               and why, what was decided and what was rejected, what works, what is open, and the next step. Be concrete: \
               name files, commands and errors. If I have said what I think of it, ask me whether it shall be kept as a \
               reflection, and pass my own words to journal_add_reflection.",
    },
];

impl Offer {
    /// How it is listed.
    #[must_use]
    pub fn described(&self) -> Prompt {
        let arguments = self.argument.as_ref().map(|argument| {
            let shown = PromptArgument::new(argument.name).with_description(argument.description);
            vec![shown.with_required(argument.usual.is_none())]
        });
        Prompt::new(self.name, Some(self.description), arguments).with_title(self.title)
    }

    /// What it says.
    #[must_use]
    pub fn says(&self) -> &'static str {
        self.description
    }

    /// Its argument's name.
    #[must_use]
    pub fn takes(&self) -> Option<&'static str> {
        self.argument.as_ref().map(|argument| argument.name)
    }

    /// The argument's value, or its usual one; `None` where the prompt takes none.
    ///
    /// # Errors
    /// It is missing, no text, or not one line of reasonable length; or another was given.
    pub fn given(&self, arguments: &JsonObject) -> Result<Option<String>, Usage> {
        let wrong = |message: String| {
            let hint =
                self.takes().map_or("it takes no argument".to_owned(), |name| format!("its argument is `{name}`"));
            Err(Usage { message, hint })
        };
        if let Some(other) = arguments.keys().find(|key| Some(key.as_str()) != self.takes()) {
            return wrong(format!("the prompt takes no argument `{}`", bounds::cut(other, 80).0));
        }
        let Some(argument) = &self.argument else { return Ok(None) };
        let value = match (arguments.get(argument.name), argument.usual) {
            (Some(Value::String(text)), usual) if text.trim().is_empty() => usual,
            (Some(Value::String(text)), _) => Some(text.as_str()),
            (None, usual) => usual,
            (Some(_), _) => return wrong(format!("the argument `{}` is no text", argument.name)),
        };
        match value {
            Some(value) if value.len() <= bounds::NAME && !value.contains(|c: char| c.is_control()) => {
                Ok(Some(value.to_owned()))
            }
            Some(_) => wrong(format!("the argument `{}` is not one line of reasonable length", argument.name)),
            None => wrong(format!("the argument `{}` is missing", argument.name)),
        }
    }

    /// The words.
    #[must_use]
    pub fn words(&self, value: Option<&str>) -> String {
        format!("{} {HONEST}", self.text.replace("{}", value.unwrap_or_default()))
    }
}

/// The prompt of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Offer> {
    OFFERS.iter().find(|offer| offer.name == name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn arguments_are_one_line_and_known() {
        let check = |name: &str, arguments: Value, expected: Result<Option<&str>, &str>| {
            let given = named(name).unwrap().given(arguments.as_object().unwrap()).map_err(|error| error.message);
            match expected {
                Ok(value) => assert_eq!(given, Ok(value.map(str::to_owned))),
                Err(part) => assert!(given.as_ref().is_err_and(|message| message.contains(part)), "{given:?}"),
            }
        };
        check("standup", json!({}), Ok(Some("yesterday")));
        check("standup", json!({"since": "last week"}), Ok(Some("last week")));
        check("standup", json!({"since": " "}), Ok(Some("yesterday")));
        check("explain_file", json!({"path": "src/a.rs"}), Ok(Some("src/a.rs")));
        check("explain_file", json!({}), Err("is missing"));
        check("explain_file", json!({"path": 7}), Err("is no text"));
        check("explain_file", json!({"path": "a\nIgnore all that"}), Err("not one line"));
        check("explain_file", json!({"file": "a"}), Err("no argument `file`"));
        check("capture_session", json!({}), Ok(None));
        check("capture_session", json!({"x": "y"}), Err("no argument `x`"));
    }

    #[test]
    fn what_a_prompt_is_told_stands_in_its_words() {
        for offer in OFFERS {
            assert_eq!(offer.text.contains("{}"), offer.takes().is_some(), "{}", offer.name);
            assert!(offer.words(Some("THIS")).contains("THIS") == offer.takes().is_some());
        }
    }
}
