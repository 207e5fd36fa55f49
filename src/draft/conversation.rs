//! Which words explain the change.
//!
//! In: evidence and how many characters there are. Out: [`Exchange`]s, verbatim but for cuts, oldest first.
//! Never here: chance. The same evidence gives the same choice: prompts are weighed by what followed them, taken in the
//! order of their weight while there is room, then given the reply that decides most, and told in the order of time.

use std::collections::BTreeSet;

use chrono::{DateTime, FixedOffset, Utc};

use super::cut;
use super::units::minute;
use crate::chat::turn::{Said, Turn};
use crate::chat::{Assistant, files};
use crate::evidence::{Evidence, SessionEvidence};
use crate::journal::{Exchange, Quote, Speaker};

/// The longest prompt, and the longest of a turn that did not change the commit's files; in characters.
const LONGEST_PROMPT: usize = 1_200;
const LONGEST_ASIDE: usize = 400;

/// The longest reply, in characters.
const LONGEST_REPLY: usize = 480;

/// A conversation of up to this many characters is quoted without regard to its length, a longer one by half.
const ALWAYS: usize = 1_600;

/// A reply that scores less decides nothing and is left out.
const DECIDES: i32 = 2;

/// The chosen exchanges.
pub(super) struct Chosen {
    pub(super) exchanges: Vec<Exchange>,
    /// How many prompts that belong to the commit are not quoted.
    pub(super) left_out: usize,
}

/// Chooses what is quoted, in at most `most` characters.
pub(super) fn exchanges(evidence: &Evidence, most: usize) -> Chosen {
    let zone = *evidence.commit().author.when.offset();
    let names = Names::of(evidence);
    let mut offers: Vec<Offer> = evidence.sessions().iter().flat_map(|session| offers(session, &names)).collect();
    offers.sort_by_key(|offer| offer.at);
    let mut seen = BTreeSet::new();
    offers.retain(|offer| seen.insert((offer.at, offer.prompt.clone())));
    let said: usize = evidence.sessions().iter().flat_map(|session| &session.turns).map(length).sum();
    let quoted = fit(&offers, most.min(ALWAYS.max(said / 2)));
    let left_out = offers.iter().zip(&quoted).filter(|(offer, quoted)| offer.counts && quoted.is_none()).count();
    let exchanges = offers
        .into_iter()
        .zip(quoted)
        .filter_map(|(offer, quoted)| quoted.map(|with_reply| offer.exchange(with_reply, zone)))
        .collect();
    Chosen { exchanges, left_out }
}

/// A turn that could be quoted.
struct Offer {
    at: DateTime<Utc>,
    assistant: Assistant,
    prompt: String,
    reply: Option<Said>,
    carried_over: bool,
    weight: usize,
    /// Whether leaving it out is told; nobody misses an "ok".
    counts: bool,
}

impl Offer {
    fn exchange(self, with_reply: bool, zone: FixedOffset) -> Exchange {
        let reply = self.reply.filter(|_| with_reply).map(|said| Quote {
            speaker: Speaker::Assistant(self.assistant),
            at: minute(said.at, zone),
            text: said.text,
        });
        let prompt = Quote { speaker: Speaker::Developer, at: minute(self.at, zone), text: self.prompt };
        Exchange { prompt, reply, carried_over: self.carried_over }
    }
}

/// Takes offers by weight while there is room: `None` for one that is left out, else whether with its reply.
///
/// Two thirds of the room are for prompts, then come the replies to them, then more prompts: a long session is not told
/// as questions without an answer.
fn fit(offers: &[Offer], room: usize) -> Vec<Option<bool>> {
    let mut order: Vec<usize> = (0..offers.len()).filter(|index| offers[*index].weight > 0).collect();
    // Of equals, those nearest to the beginning or the end: how it began and how it ended.
    order.sort_by_key(|index| (std::cmp::Reverse(offers[*index].weight), (*index).min(offers.len() - 1 - index)));
    let mut left = room;
    let mut quoted = vec![None; offers.len()];
    take_prompts(offers, &order, &mut left, room / 3, &mut quoted);
    for &index in &order {
        let cost = offers[index].reply.as_ref().map_or(0, |said| said.text.chars().count());
        if quoted[index].is_some() && cost > 0 && cost <= left {
            left -= cost;
            quoted[index] = Some(true);
        }
    }
    take_prompts(offers, &order, &mut left, 0, &mut quoted);
    quoted
}

/// Takes prompts that are not taken yet while more than `keep` of the room is left.
fn take_prompts(offers: &[Offer], order: &[usize], left: &mut usize, keep: usize, quoted: &mut [Option<bool>]) {
    for &index in order {
        let cost = offers[index].prompt.chars().count();
        // The weightiest is quoted whatever its length: it has been cut already.
        let first = quoted.iter().all(Option::is_none);
        if quoted[index].is_none() && (first || cost + keep <= *left) {
            *left = left.saturating_sub(cost);
            quoted[index] = Some(false);
        }
    }
}

/// The turns of a session that could be quoted, with what they are worth.
fn offers(session: &SessionEvidence, names: &Names) -> Vec<Offer> {
    let mut offers: Vec<Offer> = Vec::new();
    let before = session.antecedent.iter().map(|turn| (turn, true));
    for (turn, antecedent) in before.chain(session.turns.iter().map(|turn| (turn, false))) {
        let Some(said) = &turn.prompt else { continue };
        let changed = turn.edits.iter().any(|(_, path)| names.hold(&path.to_string_lossy()));
        let weight = if antecedent { 0 } else { weight(turn, &said.text, changed, names) };
        // What an earlier entry has told with its answer is only recalled.
        let recalled = turn.carried_over && turn.replies.is_empty();
        let longest = if changed && !recalled { LONGEST_PROMPT } else { LONGEST_ASIDE };
        let prompt = cut::prompt(&said.text, longest);
        if prompt.is_empty() {
            continue;
        }
        // "Do it" means nothing without what it answers.
        if weight > 0
            && needs_antecedent(&prompt)
            && let Some(previous) = offers.last_mut()
        {
            previous.weight = previous.weight.max(weight - 1);
        }
        offers.push(Offer {
            at: said.at,
            assistant: session.assistant,
            prompt,
            reply: best_reply(&turn.replies, names),
            carried_over: turn.carried_over,
            weight,
            counts: !antecedent && !is_trivial(&said.text),
        });
    }
    if let Some(first) = offers.iter_mut().find(|offer| offer.weight > 0) {
        first.weight += 10;
    }
    offers
}

/// What quoting a turn's prompt is worth to the reader of this commit; 0: nothing.
fn weight(turn: &Turn, prompt: &str, changed: bool, names: &Names) -> usize {
    let base = if changed {
        100
    } else if is_trivial(prompt) {
        return 0;
    } else if !turn.questions.is_empty() || !turn.plans.is_empty() {
        80
    } else if names.named_in(prompt) {
        60
    } else {
        30
    };
    // Between equals, the one that explains more.
    base + (prompt.chars().count() / 40).min(9)
}

/// Words that only keep the conversation going.
fn is_trivial(prompt: &str) -> bool {
    const FILLERS: &[&str] = &[
        "ok", "okay", "yes", "yep", "yeah", "sure", "no", "thanks", "thank", "you", "continue", "go", "on", "ahead",
        "great", "good", "nice", "perfect", "cool", "commit", "push", "it", "this", "that", "and", "please", "now",
        "done", "next", "proceed", "lgtm", "the", "changes", "all", "hi", "hello", "try", "again",
    ];
    let mut words = prompt.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    prompt.chars().count() <= 60 && words.all(|word| FILLERS.contains(&word.to_lowercase().as_str()))
}

/// Whether a prompt is so short, and of such words, that it leans on what was said before.
fn needs_antecedent(prompt: &str) -> bool {
    const LEANING: &[&str] = &[
        "it", "this", "that", "these", "those", "them", "both", "all", "same", "again", "instead", "either", "yes",
        "yep", "yeah", "sure", "ok", "okay", "no", "go", "do", "option", "first", "second", "third", "former",
        "latter", "one", "a", "b", "c",
    ];
    let mut words = prompt.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let leans = |word: &str| LEANING.contains(&word.to_lowercase().as_str()) || word.parse::<u8>().is_ok();
    prompt.chars().count() <= 40 && prompt.split_whitespace().count() <= 6 && words.any(leans)
}

/// The reply that decides most, cut; of two equals the later.
fn best_reply(replies: &[Said], names: &Names) -> Option<Said> {
    let last = replies.len().checked_sub(1)?;
    let scored =
        replies.iter().enumerate().map(|(index, said)| (score(&said.text, names) + i32::from(index == last) * 2, said));
    let (_, best) = scored.filter(|(score, _)| *score >= DECIDES).max_by_key(|(score, _)| *score)?;
    let text = cut::reply(&best.text, LONGEST_REPLY);
    (!text.is_empty()).then_some(Said { at: best.at, text })
}

/// How much a reply explains: what it names, measures, and gives as a reason; an announcement explains nothing.
fn score(reply: &str, names: &Names) -> i32 {
    const REASONS: &[&str] = &[
        "because",
        "instead",
        "so that",
        "the issue",
        "the problem",
        "root cause",
        "found",
        "the fix",
        "chose",
        "decided",
        "recommend",
        "rather than",
        "turned out",
        "otherwise",
        "the reason",
        "suggest",
        "done",
        "added",
        "removed",
        "changed",
        "fixed",
        "replaced",
    ];
    const ANNOUNCEMENTS: &[&str] =
        &["let me", "now let me", "i'll", "i will", "let's", "now i", "looking", "first,", "now add", "i can see"];
    let text = reply.trim().to_lowercase();
    let reasons = REASONS.iter().filter(|reason| text.contains(**reason)).count().min(3);
    let mut score = i32::try_from(reasons).unwrap_or(0) * 2;
    score += i32::from(names.named_in(reply)) * 2;
    score += i32::from(text.contains('`')) + i32::from(text.contains(|c: char| c.is_ascii_digit()));
    score -= i32::from(ANNOUNCEMENTS.iter().any(|start| text.starts_with(start))) * 6;
    score - i32::from(text.chars().count() < 40) * 2
}

fn length(turn: &Turn) -> usize {
    turn.prompt.iter().chain(&turn.replies).map(|said| said.text.chars().count()).sum()
}

/// The names under which the commit's files appear in a conversation.
struct Names {
    paths: BTreeSet<String>,
}

impl Names {
    /// How many files are looked for by name.
    const LOOKED_FOR: usize = 200;

    fn of(evidence: &Evidence) -> Self {
        let changes = evidence.commit().changes.iter();
        Self { paths: changes.map(|change| change.path_text().into_owned()).collect() }
    }

    /// Whether an absolute path ends in one of the commit's.
    fn hold(&self, path: &str) -> bool {
        let path = path.replace('\\', "/");
        path.match_indices('/').any(|(at, _)| self.paths.contains(&path[at + 1..]))
    }

    fn named_in(&self, text: &str) -> bool {
        self.paths.iter().take(Self::LOOKED_FOR).any(|path| files::names(text, path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(paths: &[&str]) -> Names {
        Names { paths: paths.iter().map(|path| (*path).to_owned()).collect() }
    }

    #[test]
    fn a_reply_that_gives_the_reason_beats_the_announcement_and_the_sign_off() {
        let replies = [
            "The process timed out after ~20 minutes. Let me look at your release workflow.",
            "Found the issue. The timeout is set to `20m`, and it took 20m2s. The fix is to increase it.",
            "Done. Increased the timeout.",
        ]
        .map(|text| Said { at: DateTime::UNIX_EPOCH, text: text.to_owned() });
        assert_eq!(best_reply(&replies, &names(&[".goreleaser.yaml"])).unwrap().text, replies[1].text);
        assert_eq!(best_reply(&replies[2..], &names(&[])).unwrap().text, replies[2].text);
        assert_eq!(best_reply(&[], &names(&[])), None);
    }

    #[test]
    fn words_that_only_keep_things_going_are_told_from_requests() {
        for (prompt, expected) in [
            ("ok thanks", true),
            ("Commit and push it, please.", true),
            ("can you also add a single retry?", false),
            ("do it", false),
            ("how bout now?", false),
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

    #[test]
    fn the_weightiest_prompts_get_the_room() {
        let offer = |at: i64, weight, length| Offer {
            at: DateTime::from_timestamp(at, 0).unwrap(),
            assistant: Assistant::ClaudeCode,
            prompt: "x".repeat(length),
            reply: Some(Said { at: DateTime::UNIX_EPOCH, text: "y".repeat(10) }),
            carried_over: false,
            weight,
            counts: true,
        };
        let offers = [offer(1, 30, 50), offer(2, 100, 40), offer(3, 60, 40), offer(4, 0, 1)];
        assert_eq!(fit(&offers, 135), [None, Some(true), Some(true), None]);
        assert_eq!(fit(&offers, 160), [Some(false), Some(true), Some(true), None]);
        assert_eq!(fit(&offers, 1), [None, Some(false), None, None], "never nothing at all");
    }
}
