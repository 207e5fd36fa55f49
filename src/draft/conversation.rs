//! Which words explain the change.
//!
//! In: evidence and how many characters there are. Out: [`Exchange`]s, verbatim but for cuts, oldest first.
//! Never here: chance. The same evidence gives the same choice: prompts are weighed by what followed them, taken in the
//! order of their weight while there is room, then given the reply that decides most, and told in the order of time.

use std::collections::BTreeSet;

use chrono::{DateTime, FixedOffset, Utc};

use super::cut;
use super::units::minute;
use super::words::{asks, is_trivial, leans};
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
    /// The reply's score.
    worth: i32,
    /// The question that the turn ended with, whole.
    question: Option<Said>,
    carried_over: bool,
    weight: usize,
    /// Whether leaving it out is told; nobody misses an "ok".
    counts: bool,
}

impl Offer {
    /// Takes the reply that decides most of a turn, if it decides more than what is known.
    fn answer(&mut self, turn: &Turn, names: &Names) {
        self.question = turn.replies.last().filter(|last| asks(&last.text)).cloned();
        if let Some((worth, reply)) = best_reply(&turn.replies, names).filter(|(worth, _)| *worth > self.worth) {
            (self.worth, self.reply) = (worth, Some(reply));
        }
    }

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
///
/// Words that only keep the conversation going ("continue") open none: what followed them belongs to the request before,
/// unless they answer a question.
fn offers(session: &SessionEvidence, names: &Names) -> Vec<Offer> {
    let mut offers: Vec<Offer> = Vec::new();
    let before = session.antecedent.iter().map(|turn| (turn, true));
    for (turn, antecedent) in before.chain(session.turns.iter().map(|turn| (turn, false))) {
        let Some(said) = &turn.prompt else { continue };
        let changed = turn.edits.iter().any(|(_, path)| names.hold(&path.to_string_lossy()));
        if is_trivial(&said.text)
            && let Some(previous) = offers.last_mut().filter(|previous| previous.question.is_none())
        {
            previous.weight = previous.weight.max(weight(turn, &previous.prompt, changed, names));
            // What a commit is answered with says what git says.
            if !["commit", "push"].iter().any(|word| said.text.to_lowercase().contains(word)) {
                previous.answer(turn, names);
            }
            continue;
        }
        let weight = if antecedent { 0 } else { weight(turn, &said.text, changed, names) };
        // What an earlier entry has told with its answer is only recalled.
        let recalled = turn.carried_over && turn.replies.is_empty();
        let longest = if changed && !recalled { LONGEST_PROMPT } else { LONGEST_ASIDE };
        let prompt = cut::prompt(&said.text, longest);
        if prompt.is_empty() {
            continue;
        }
        // "Do it" means nothing without what it answers.
        if let Some(previous) = offers.last_mut().filter(|_| leans(&prompt)) {
            if weight > 0 {
                previous.weight = previous.weight.max(weight - 1);
            }
            if let Some(question) = previous.question.take() {
                previous.reply = Some(Said { at: question.at, text: cut::question(&question.text, LONGEST_REPLY) });
            }
        }
        let mut offer = Offer {
            at: said.at,
            assistant: session.assistant,
            prompt,
            reply: None,
            worth: 0,
            question: None,
            carried_over: turn.carried_over,
            weight,
            counts: !antecedent && !is_trivial(&said.text),
        };
        offer.answer(turn, names);
        offers.push(offer);
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

/// The reply that decides most, cut, behind its score; of two equals the later.
fn best_reply(replies: &[Said], names: &Names) -> Option<(i32, Said)> {
    let last = replies.len().checked_sub(1)?;
    let scored =
        replies.iter().enumerate().map(|(index, said)| (score(&said.text, names) + i32::from(index == last) * 2, said));
    let (score, best) = scored.filter(|(score, _)| *score >= DECIDES).max_by_key(|(score, _)| *score)?;
    let text = cut::reply(&best.text, LONGEST_REPLY);
    (!text.is_empty()).then_some((score, Said { at: best.at, text }))
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
    // Bytes: forty letters of English say as much as thirteen characters of Chinese.
    score - i32::from(text.len() < 40) * 2
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
    use crate::chat::turn::turns;
    use crate::chat::verdict::Reason;
    use crate::chat::{Event, EventKind, SessionId};

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
        assert_eq!(best_reply(&replies, &names(&[".goreleaser.yaml"])).unwrap().1.text, replies[1].text);
        assert_eq!(best_reply(&replies[2..], &names(&[])).unwrap().1.text, replies[2].text);
        assert_eq!(best_reply(&[], &names(&[])), None);
    }

    /// Turns of prompts (`?`) and replies, and of those the prompts that open an offer with the reply it would get.
    fn offered(said: &[&str]) -> Vec<(String, Option<String>)> {
        let event = |(nth, words): (usize, &&str)| {
            let at = DateTime::from_timestamp(i64::try_from(nth).unwrap() * 60, 0).unwrap();
            let kind = match words.strip_prefix('?') {
                Some(prompt) => EventKind::Prompt(prompt.to_owned()),
                None => EventKind::Reply((*words).to_owned()),
            };
            Event { id: nth.to_string(), at, kind }
        };
        let events: Vec<Event> = said.iter().enumerate().map(event).collect();
        let (id, assistant) = (SessionId("s".into()), Assistant::ClaudeCode);
        let turns = turns(&events);
        let (version, model, antecedent, reason) = (None, None, None, Reason::EditedFiles);
        let session = SessionEvidence { id, assistant, version, model, reason, turns, antecedent, complete: true };
        let offers = offers(&session, &names(&[]));
        offers.into_iter().map(|offer| (offer.prompt, offer.reply.map(|said| said.text))).collect()
    }

    #[test]
    fn what_follows_a_word_that_keeps_things_going_belongs_to_the_request_before() {
        let cause = "The cause is the clock: it is read twice, because the first reading is cached.";
        let check = |said: &[&str], expected: &[(&str, Option<&str>)]| {
            let expected: Vec<_> = expected.iter().map(|(one, two)| ((*one).into(), two.map(str::to_owned))).collect();
            assert_eq!(offered(said), expected, "{said:?}");
        };
        check(&["?why is it slow", "Looking.", "?continue", cause], &[("why is it slow", Some(cause))]);
        check(&["?なぜ遅い", "見ます。", "?はい、続けて", cause, "?ok"], &[("なぜ遅い", Some(cause))]);
        check(&["?continue", cause], &[("continue", Some(cause))]);
        check(&["?why is it slow", cause, "?commit", "Done: `1234567`, 2 files."], &[("why is it slow", Some(cause))]);
        check(&["?why is it slow", cause, "?go on", "Step 2 is done."], &[("why is it slow", Some(cause))]);
        let question = "Two ways are open: a lock, or one reader. The lock is simpler. Shall I take the lock?";
        check(
            &["?why is it slow", cause, question, "?yes", "Done."],
            &[("why is it slow", Some(question)), ("yes", Some("Done."))],
        );
        let long = format!("{}\n\n{question}", "It is slow because of this. ".repeat(30));
        let (_, reply) =
            offered(&["?why is it slow", &long, "?Neither: take a channel, and on Linux only, for now.", "Done."])
                .remove(0);
        assert!(!reply.clone().unwrap().contains("Shall I"), "that answer stands alone: {reply:?}");
        let (_, reply) = offered(&["?why is it slow", &long, "?yes", "Done."]).remove(0);
        assert!(reply.unwrap().ends_with("Shall I take the lock?"), "the question is what was answered");
    }

    #[test]
    fn the_weightiest_prompts_get_the_room() {
        let offer = |at: i64, weight, length| Offer {
            at: DateTime::from_timestamp(at, 0).unwrap(),
            assistant: Assistant::ClaudeCode,
            prompt: "x".repeat(length),
            reply: Some(Said { at: DateTime::UNIX_EPOCH, text: "y".repeat(10) }),
            worth: 3,
            question: None,
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
