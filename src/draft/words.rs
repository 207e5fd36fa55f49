//! Words that say nothing alone: those that keep a conversation going, and those that answer what was said before.
//!
//! In: a prompt or a reply. Out: which of these it is. Never here: what becomes of it.

/// Whether the last paragraph of a reply asks something.
pub(super) fn asks(reply: &str) -> bool {
    reply.trim_end().rsplit("\n\n").next().is_some_and(|last| last.contains(['?', '？', '؟']))
}

/// Whether a prompt says nothing without what it answers.
pub(super) fn leans(prompt: &str) -> bool {
    is_trivial(prompt) || needs_antecedent(prompt)
}

/// Words that only keep the conversation going, in the languages that most people type.
const FILLERS: &str = "ok okay k yes y yep yeah sure no thanks thank you thx continue go on ahead great good nice perfect cool \
    fine awesome sounds looks hmm commit push it this that with and please pls now done next proceed carry \
    keep going lgtm the changes all hi hello try again resume ja weiter mach danke bitte gut super passt \
    genau prima oui d accord vas merci parfait sí si sigue continúa continua gracias vale perfecto adelante \
    sim obrigado sì grazie avanti да продолжай дальше спасибо хорошо はい 続けて 続けてください お願いします ありがとう 继续 请继续 好 好的 \
    是 是的 谢谢 可以 네 계속 감사합니다";

/// Whether a prompt only keeps the conversation going.
pub(super) fn is_trivial(prompt: &str) -> bool {
    prompt.chars().count() <= 60 && words(prompt).all(|word| FILLERS.split(' ').any(|known| known == word))
}

/// Whether a prompt is so short, and of such words, that it leans on what was said before.
fn needs_antecedent(prompt: &str) -> bool {
    const LEANING: &[&str] = &[
        "it", "this", "that", "these", "those", "them", "both", "all", "same", "again", "instead", "either", "yes",
        "yep", "yeah", "sure", "ok", "okay", "no", "go", "do", "option", "first", "second", "third", "former",
        "latter", "one", "a", "b", "c",
    ];
    let leans = |word: String| LEANING.contains(&word.as_str()) || word.parse::<u8>().is_ok();
    prompt.chars().count() <= 40 && prompt.split_whitespace().count() <= 6 && words(prompt).any(leans)
}

/// The words of a prompt, in small letters.
fn words(prompt: &str) -> impl Iterator<Item = String> + '_ {
    prompt.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_only_keep_things_going_are_told_from_requests() {
        for (prompt, expected) in [
            ("ok thanks", true),
            ("Commit and push it, please.", true),
            ("can you also add a single retry?", false),
            ("do it", false),
            ("how bout now?", false),
            ("mach bitte weiter", true),
            ("继续", true),
            ("weiter mit dem Parser", false),
        ] {
            assert_eq!(is_trivial(prompt), expected, "{prompt}");
        }
    }

    #[test]
    fn a_prompt_that_leans_on_what_was_said_is_told_from_one_that_stands_alone() {
        for (prompt, expected) in [
            ("do it", true),
            ("Implement 1,2 and 3.", true),
            ("option b", true),
            ("Quote the paths.", false),
            ("Name the shell in install.sh.", false),
            ("Fix it, but keep the old name where the field is read", false),
        ] {
            assert_eq!(needs_antecedent(prompt), expected, "{prompt}");
        }
    }
}
