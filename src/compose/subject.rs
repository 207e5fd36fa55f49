//! What a commit's subject says of itself: its kind, its scope, its words.
//!
//! In: a subject. Out: its parts, by Conventional Commits (<https://www.conventionalcommits.org/en/v1.0.0/>).
//! Never here: other words than its own.

/// `feat(parser)!: words` taken apart: kind, scope, whether it breaks something, and the words.
pub(super) fn prefix(subject: &str) -> (Option<&str>, Option<String>, bool, String) {
    let whole = || (None, None, false, subject.trim().to_owned());
    let Some((head, words)) = subject.split_once(": ") else { return whole() };
    let (head, mark) = head.strip_suffix('!').map_or((head, false), |head| (head, true));
    let (kind, scope) = match head.split_once('(') {
        Some((kind, scope)) => match scope.strip_suffix(')') {
            Some(scope) => (kind, Some(scope.trim().to_owned()).filter(|scope| !scope.is_empty())),
            None => return whole(),
        },
        None => (head, None),
    };
    let is_word = !kind.is_empty()
        && kind.len() <= 30
        && kind.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | '.'));
    if !is_word || words.trim().is_empty() {
        return whole();
    }
    (Some(kind), scope, mark, words.trim().to_owned())
}

/// Who a kind of commit is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// Users: the place of its group in the changelog's groups.
    Seen(usize),
    /// Who works on the program.
    Inward,
}

/// What a conventional kind says; `None` where it is none.
pub(super) fn of_kind(kind: &str) -> Option<Sort> {
    Some(match kind.to_ascii_lowercase().as_str() {
        "feat" | "feature" | "add" | "added" | "new" => Sort::Seen(0),
        "perf" | "change" | "changed" | "ui" | "ux" | "improve" | "improvement" | "revert" => Sort::Seen(1),
        "deprecate" | "deprecated" => Sort::Seen(2),
        "remove" | "removed" => Sort::Seen(3),
        "fix" | "fixed" | "bugfix" | "hotfix" => Sort::Seen(4),
        "security" | "sec" => Sort::Seen(5),
        "chore" | "ci" | "test" | "tests" | "refactor" | "style" | "build" | "docs" | "doc" | "deps" | "release"
        | "bench" | "wip" => Sort::Inward,
        _ => return None,
    })
}

/// Whether a subject says by its kind that users do not see it.
pub(super) fn is_inward(subject: &str) -> bool {
    prefix(subject).0.and_then(of_kind) == Some(Sort::Inward)
}

/// A subject as a title: without its kind, with a capital. What stands before a colon is a name, and is left as it is.
pub(super) fn headline(subject: &str) -> String {
    let (kind, _, _, words) = prefix(subject);
    match kind {
        Some(kind) if of_kind(kind).is_none() => subject.trim().trim_end_matches('.').to_owned(),
        _ => capital(words.trim_end_matches('.')),
    }
}

/// The text with a capital.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_headline_has_the_subjects_words_without_its_kind() {
        for (subject, expected) in [
            ("feat(upload): resume what broke off", "Resume what broke off"),
            ("fix!: keep it.", "Keep it"),
            ("parser: take tabs.", "parser: take tabs"),
            ("https://example.org: gone", "Https://example.org: gone"),
            ("feat: ", "Feat:"),
            ("", ""),
            ("éa: b", "éa: b"),
            ("étend", "Étend"),
        ] {
            assert_eq!(headline(subject), expected);
        }
        assert!(is_inward("chore(deps): x") && !is_inward("feat: x") && !is_inward("x"));
    }
}
