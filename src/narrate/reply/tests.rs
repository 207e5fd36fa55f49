//! What a reply says, whatever it looks like.

use proptest::prelude::*;

use super::*;

fn check(reply: &str, expected: &[(Section, &str, &str)]) {
    let claims = parse(reply);
    let found: Vec<(Section, String, String)> =
        claims.into_iter().map(|claim| (claim.section, claim.text, claim.cites.join(" "))).collect();
    let expected: Vec<_> = expected.iter().map(|(s, t, c)| (*s, (*t).to_owned(), (*c).to_owned())).collect();
    assert_eq!(found, expected, "{reply}");
}

#[test]
fn sentences_and_items_carry_what_they_rest_on() {
    use Section::{Lessons, Summary, Synopsis};
    check(
        "## Summary\n\nIt failed. [P1] It is\ntried again. [A1, F2]\n\n## Technical synopsis\n- One [C1]\n- Two. [C2]\n",
        &[
            (Summary, "It failed.", "P1"),
            (Summary, "It is tried again.", "A1 F2"),
            (Synopsis, "One", "C1"),
            (Synopsis, "Two.", "C2"),
        ],
    );
    check(
        "Sure! Here is it:\n\n**Summary**\nAll is well (P1).\n\n### 6. Lessons Learned:\n1. First [P1][A2]\n2) Second 【P1; A2】",
        &[(Summary, "All is well.", "P1"), (Lessons, "First", "P1 A2"), (Lessons, "Second", "P1 A2")],
    );
    check("Summary: It works. P1, F2", &[(Summary, "It works.", "P1 F2")]);
    check("It works. [P1-P3]", &[(Summary, "It works.", "P1 P2 P3")]);
    check(
        "## Summary\nThe limit was raised. The tests pass. [A1]",
        &[(Summary, "The limit was raised.", "A1"), (Summary, "The tests pass.", "A1")],
    );
}

#[test]
fn a_sentence_does_not_end_inside_of_something() {
    use Section::Summary;
    check(
        "## Summary\nSee e.g. `a. B` or v1.2. Next in src/a.rs. Then \"Stop. Now.\" he said. [P1]",
        &[
            (Summary, "See e.g. `a. B` or v1.2.", "P1"),
            (Summary, "Next in src/a.rs.", "P1"),
            (Summary, "Then \"Stop. Now.\" he said.", "P1"),
        ],
    );
    check(
        "## Summary\nChanges .goreleaser.yaml [F1] and more [F2].",
        &[(Summary, "Changes .goreleaser.yaml and more.", "F1 F2")],
    );
}

#[test]
fn fences_thoughts_and_json_are_seen_through() {
    use Section::{Mood, Summary};
    check("```markdown\n## Summary\nIt works. [P1]\n```", &[(Summary, "It works.", "P1")]);
    check("<think>\n## Summary\nhmm\n</think>\n## Summary\nIt works. [P1]", &[(Summary, "It works.", "P1")]);
    check("hmm, let me see</think>\n## Summary\nIt works. [P1]", &[(Summary, "It works.", "P1")]);
    check(
        "{\"summary\": [\"It works. [P1]\", {\"text\": \"It helps.\", \"ids\": [\"A1\", \"F2\"]}], \"mood\": \"Fine. [P2]\"}",
        &[(Mood, "Fine.", "P2"), (Summary, "It works.", "P1"), (Summary, "It helps.", "A1 F2")],
    );
    check(
        "## Summary\nIt works. [P1]\n\n```rust\nfn main() {}\n```\n\n## Mood\nNone.",
        &[(Summary, "It works.", "P1")],
    );
    check("", &[]);
}

#[test]
fn a_decision_has_a_standing_and_a_reason() {
    let check = |item: &str, what: &str, implemented: Option<bool>, why: &str| {
        let claims = parse(&format!("## Decisions\n{item}"));
        assert_eq!(claims.len(), 1, "{item}: {claims:?}");
        let claim = &claims[0];
        let found = (claim.what.as_deref(), claim.implemented, claim.text.as_str(), claim.cites.join(" "));
        assert_eq!(found, (Some(what), implemented, why, "A1 F1".to_owned()), "{item}");
    };
    check(
        "- **45 instead of 20** (implemented): It was short. [A1, F1]",
        "45 instead of 20",
        Some(true),
        "It was short.",
    );
    check("- **One retry** (implemented in `a.yaml`) – asked for. [A1, F1]", "One retry", Some(true), "asked for.");
    check("* One retry (discussed, not done): later [A1][F1]", "One retry", Some(false), "later");
    check("1. One retry: because (A1, F1)", "One retry", None, "because");
    check("- **Implemented: One retry**: because [A1, F1]", "One retry", Some(true), "because");
    check("### One retry\n\nStatus: discussed. Why not [A1, F1]", "One retry", Some(false), ". Why not");
    check("- **One retry** [A1, F1]", "One retry", None, "");
    check("- **One retry**\n  - Status: implemented\n  - because [A1, F1]", "One retry", Some(true), "because");
}

proptest! {
    #[test]
    fn no_reply_is_too_strange(reply in "\\PC{0,400}") {
        let _ = parse(&reply);
    }

    #[test]
    fn no_markdown_is_too_strange(
        reply in "(## (Summary|Decisions|Mood)\n|\\*\\*|- |\\(implemented|\\)|\\[P1|\\]|【|】|```|\n|\"|[.] |<think>|</think>|\\{|Ü|`|a |P1 ){0,40}",
    ) {
        for claim in parse(&reply) {
            prop_assert!(!claim.text.contains('\n'));
        }
    }
}
