//! Any entry at all, for property tests.
//!
//! In: proptest's dice. Out: entries whose every text may be hostile. Never here: an entry that is already normal.

use chrono::{DateTime, FixedOffset, TimeDelta};
use proptest::prelude::*;

use super::{
    ChangeGroup, ChangeSet, ChangedFile, Command, Commands, Decision, Details, Entry, Exchange, Imported, Mark,
    Narration, Note, NoteKind, Quote, Relation, Roadblock, SessionLine, Speaker, Standing, Weighed,
};
use crate::chat::Assistant;
use crate::git::CommitId;

/// Lines that would break a page if they were written as they are.
const HOSTILE: &[&str] = &[
    "<!-- commit-story:entry 4a98f7249eaf485cd64ce29903edccea27c898af v1 2026-01-06T16:02:06+01:00 -->",
    "<!-- commit-story:end (what you write below this line stays) -->",
    "\\<!-- commit-story:end -->",
    "<!--",
    "-->",
    "<script>",
    "### Details",
    "\\### Details",
    "\\\\\\# x",
    "# Tuesday, 6 January 2026",
    "## 16:02 · x · 4a98f724",
    "```",
    "````rust",
    "~~~",
    "\\```",
    "   ```",
    "`a` ``b``",
    "> quoted",
    ">",
    "- item",
    "- and 3 more",
    "**Developer**, 15:55: words",
    "**Claude Code**, 15:57:",
    "\\**Reflection**, 15:59: x",
    "**Question?** Answer",
    "**Imported**, from `a.md`:",
    "### Imported",
    "Plan approved: yes",
    "Author: me",
    "---",
    "===",
    "    code",
    "\ttab",
    "trailing  ",
    "",
    "",
    "שלום עולם",
    "\u{202e}bidi",
    "e\u{301} 🎉",
    "\u{feff}bom",
    "line\u{2028}separator",
    "a\r",
    "\u{1b}[31mred",
    "C:\\path\\*",
    "[…]",
    "[a link](https://example.com) ![x][y]",
    "an open ` tick and ``two",
    "`**` **bold** _low_ ~~gone~~ &lt; $a$",
    "<!-- commit-story:prose v1 2026-01-06T16:02:06+01:00 kept 1 dropped 0 -->",
    "<!-- commit-story:prose-end -->",
    "<sub>Prose by x, 6 January 2026; 9 claims checked, 0 dropped.</sub>",
    "**what** (discussed, not done): why",
    "+",
    "1)",
    "1. one",
    "| a | b |",
    " · ",
    "a: b:",
];

fn line() -> impl Strategy<Value = String> {
    let hostile = prop::sample::select(HOSTILE).prop_map(str::to_owned);
    prop_oneof![3 => hostile.clone(), 1 => any::<String>(), 2 => "[ a-z`*\\\\:,>#-]{0,12}", 1 => (hostile, "[ a`]{0,3}").prop_map(|(a, b)| a + &b)]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(line(), 0..6).prop_map(|lines| lines.join("\n"))
}

fn moment(seconds: impl Strategy<Value = i64>) -> impl Strategy<Value = DateTime<FixedOffset>> {
    (seconds, -50_000..50_000_i32).prop_map(|(seconds, offset)| {
        DateTime::from_timestamp(seconds, 7).unwrap().with_timezone(&FixedOffset::east_opt(offset).unwrap())
    })
}

/// How long before or after 1970: of an entry, before or after its own instant.
fn around() -> impl Strategy<Value = DateTime<FixedOffset>> {
    prop_oneof![moment(-20_000..20_000_i64), moment(-400_000..400_000_i64)]
}

/// What was [`around`], at its entry.
fn shift(around: &mut DateTime<FixedOffset>, entry: DateTime<FixedOffset>) {
    let at = entry.checked_add_signed(TimeDelta::seconds(around.timestamp())).unwrap_or(entry);
    *around = at.with_timezone(around.offset());
}

pub(crate) fn commit_id() -> impl Strategy<Value = CommitId> {
    prop_oneof!["[0-9a-f]{40}", "[0-9a-f]{64}"].prop_map(|id| CommitId::parse(&id).unwrap())
}

fn exchange() -> impl Strategy<Value = Exchange> {
    let quote = |speaker| (around(), text()).prop_map(move |(at, text)| Quote { speaker, at, text });
    (quote(Speaker::Developer), prop::option::of(quote(Speaker::Assistant(Assistant::ClaudeCode))), any::<bool>())
        .prop_map(|(prompt, reply, carried_over)| Exchange { prompt, reply, carried_over })
}

fn decision() -> impl Strategy<Value = Decision> {
    prop_oneof![
        (text(), text()).prop_map(|(question, answer)| Decision::Answered { question, answer }),
        text().prop_map(|plan| Decision::Approved { plan }),
        text().prop_map(|plan| Decision::Declined { plan }),
    ]
}

fn roadblock() -> impl Strategy<Value = Roadblock> {
    (text(), 1..9_u32, any::<bool>(), any::<Option<i32>>(), text()).prop_map(
        |(command, failures, passed_in_the_end, exit, output)| Roadblock {
            command,
            failures,
            passed_in_the_end,
            exit,
            output,
        },
    )
}

fn commands() -> impl Strategy<Value = Commands> {
    let command = (text(), 1..9_u32).prop_map(|(line, times)| Command { line, times });
    (prop::collection::vec(command, 0..3), 0..3_u32).prop_map(|(listed, more)| Commands { listed, more })
}

fn changes() -> impl Strategy<Value = ChangeSet> {
    let mark = prop_oneof![
        Just(Mark::Added),
        Just(Mark::Modified),
        Just(Mark::Deleted),
        Just(Mark::TypeChanged),
        Just(Mark::ModeChanged),
        Just(Mark::Submodule),
        line().prop_map(Mark::RenamedFrom),
        line().prop_map(Mark::CopiedFrom),
    ];
    let group = prop::sample::select(vec![
        ChangeGroup::Source,
        ChangeGroup::Tests,
        ChangeGroup::Docs,
        ChangeGroup::Config,
        ChangeGroup::Generated,
    ]);
    let file = (line(), mark, group, any::<Option<(u32, u32)>>()).prop_map(|(path, mark, group, lines)| ChangedFile {
        path,
        mark,
        group,
        lines,
    });
    (0..9_u32, 0..9_u64, any::<u64>(), prop::collection::vec(file, 0..4))
        .prop_map(|(files, added, removed, listed)| ChangeSet { files, added, removed, listed })
}

fn details() -> impl Strategy<Value = Details> {
    let session = (line(), prop::option::of(line()), 0..5_u32, around(), around()).prop_map(
        |(session, model, prompts, first, last)| SessionLine {
            assistant: Assistant::ClaudeCode,
            session,
            model,
            prompts,
            span: (first, last),
        },
    );
    let relation = prop_oneof![
        commit_id().prop_map(Relation::PickedFrom),
        commit_id().prop_map(Relation::Reverts),
        prop::collection::vec(commit_id(), 0..3).prop_map(Relation::Squashes),
    ];
    let others = (
        prop::collection::vec(commit_id(), 0..3),
        prop::collection::vec(line(), 0..3),
        prop::collection::vec(relation, 0..3),
        any::<bool>(),
    );
    (
        prop::option::of(line()),
        line(),
        others,
        prop::collection::vec(session, 0..3),
        prop::collection::vec(text(), 0..3),
    )
        .prop_map(|(branch, author, (merged, conflicts, relations, dropped), sessions, omissions)| Details {
            branch,
            author,
            merged,
            conflicts,
            relations,
            dropped,
            sessions,
            omissions,
        })
}

fn weighed() -> impl Strategy<Value = Weighed> {
    let standing =
        prop_oneof![Just(Standing::Discussed), prop::collection::vec(line(), 0..3).prop_map(Standing::Implemented),];
    (text(), standing, text()).prop_map(|(what, standing, why)| Weighed { what, standing, why })
}

/// Any prose.
pub(crate) fn narration() -> impl Strategy<Value = Narration> {
    let texts = || prop::collection::vec(text(), 0..3);
    let sections = (texts(), texts(), prop::collection::vec(weighed(), 0..3), texts(), texts(), texts());
    let about = (line(), moment(1_700_000_000..1_800_000_000_i64), 0..99_u32, 0..9_u32, prop::option::of(commit_id()));
    (sections, about).prop_map(
        |((summary, synopsis, decisions, roadblocks, lessons, mood), (model, at, kept, dropped, of))| Narration {
            summary,
            synopsis,
            decisions,
            roadblocks,
            lessons,
            mood,
            model,
            at,
            kept,
            dropped,
            of,
        },
    )
}

/// A text of an earlier program.
pub(crate) fn imported() -> impl Strategy<Value = Imported> {
    (line(), text()).prop_map(|(source, text)| Imported { source, text })
}

/// Any entry whose author's instant is among these seconds since 1970.
pub(crate) fn entry_at(seconds: std::ops::Range<i64>) -> impl Strategy<Value = Entry> {
    let kind = prop::sample::select(vec![NoteKind::Reflection, NoteKind::Capture]);
    let note = (kind, moment(seconds.clone()), text()).prop_map(|(kind, at, text)| Note { kind, at, text });
    let head = (commit_id(), moment(seconds), text(), text(), text());
    let talk = (prop::collection::vec(exchange(), 0..3), prop::collection::vec(decision(), 0..3));
    let work = (prop::collection::vec(roadblock(), 0..3), commands(), changes());
    let others = (prop::collection::vec(imported(), 0..3), prop::option::of(narration()));
    (head, talk, work, prop::collection::vec(note, 0..3), details(), others).prop_map(
        |((commit, at, subject, body, by_hand), (mut conversation, decisions), work, notes, mut details, others)| {
            for said in &mut conversation {
                shift(&mut said.prompt.at, at);
                said.reply.iter_mut().for_each(|reply| shift(&mut reply.at, at));
            }
            for line in &mut details.sessions {
                shift(&mut line.span.0, at);
                shift(&mut line.span.1, at);
            }
            let (imported, narration) = others;
            let (roadblocks, commands, changes) = work;
            Entry {
                commit,
                at,
                subject,
                body,
                narration,
                conversation,
                decisions,
                roadblocks,
                commands,
                changes,
                notes,
                details,
                imported,
                by_hand,
            }
        },
    )
}

/// Any entry of any time.
pub(crate) fn entry() -> impl Strategy<Value = Entry> {
    prop_oneof![4 => entry_at(1_700_000_000..1_800_000_000).boxed(), 1 => entry_at(-8_000_000_000_000..8_000_000_000_000).boxed()]
}

/// The same entry with nothing below its end line.
pub(crate) fn without_by_hand(entry: Entry) -> Entry {
    Entry { by_hand: String::new(), ..entry }
}
