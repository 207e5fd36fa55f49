//! What was given to git itself with `-c`, which it hands on to its hooks.
//!
//! In: the text of `GIT_CONFIG_PARAMETERS`. Out: what it says of our own setting, as `key=value`.
//! Never here: another setting. They say how the command was to work, not what the commit is.

/// The setting of git's that leaves a commit out of the journal.
pub(super) const ENABLED: &str = "commitstory.enabled";

/// What is said of [`ENABLED`], the last word last.
pub(super) fn said(parameters: &str) -> Vec<String> {
    let is_ours = |word: &String| {
        word.split_once('=').is_some_and(|(key, value)| key.eq_ignore_ascii_case(ENABLED) && !value.is_empty())
    };
    words(parameters).into_iter().filter(is_ours).collect()
}

/// Git quotes each key and value for a shell (`quote.c`, `sq_quote_buf`): `'key'='value'`, before 2.31 `'key=value'`.
fn words(parameters: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    let mut rest = parameters.chars();
    while let Some(c) = rest.next() {
        match c {
            '\'' => quoted = !quoted,
            '\\' if !quoted => word.extend(rest.next()),
            ' ' if !quoted => words.push(std::mem::take(&mut word)),
            _ => word.push(c),
        }
    }
    words.push(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_setting_is_taken_and_quotes_are_understood() {
        let check = |parameters: &str, expected: &[&str]| assert_eq!(said(parameters), expected, "{parameters}");
        check("'commitstory.enabled'='false'", &["commitstory.enabled=false"]);
        check("'user.name=A B' 'commitStory.Enabled=no'", &["commitStory.Enabled=no"]);
        check("'a.b'='it'\\''s' 'commitstory.enabled'='0' 'c.d'=", &["commitstory.enabled=0"]);
        for other in ["", "'", "\\", "'commitstory.enabled'", "'commitstory.enabled'=", "'x.commitstory.enabled'='0'"] {
            check(other, &[]);
        }
    }
}
