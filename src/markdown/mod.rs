//! Pages as Markdown, version 1 of the format in `docs/format.md`.
//!
//! In: an [`Entry`](crate::journal::Entry) or a page's text. Out: the other of the two, with problems by line.
//! The law: what [`render_entry`] writes, [`parse_page`] reads back to the same entry in its normal form, whatever the
//! texts in it say. Never here: files, or a text that cannot be parsed at all.

pub mod escape;

pub mod plain;

pub mod marker;

pub mod parts;

pub mod prose;

pub mod imported;

pub mod render;

pub mod sections;

mod details;

pub mod narration;

pub mod parse;

pub mod summary;

pub use self::parse::{parse_entries, parse_page};
pub use self::render::{DROPPED, render_entry, render_header, render_page, when};

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use proptest::prelude::*;

    use super::*;
    use crate::chat::Assistant;
    use crate::git::CommitId;
    use crate::journal::{
        ChangeGroup, ChangeSet, ChangedFile, Command, Commands, Decision, Details, Entry, EntryJson, Exchange,
        Imported, Mark, Note, NoteKind, Page, Quote, Roadblock, Speaker, any,
    };

    #[test]
    fn the_example_in_the_docs_is_what_is_written() {
        let docs = include_str!("../../docs/format.md").replace("\r\n", "\n");
        let example = docs.split("````markdown\n").nth(1).unwrap().split("````\n").next().unwrap();
        let page = parse_page(example);
        assert_eq!(page.problems, []);
        assert_eq!(render_page(&page), example);
        let entry = &page.entries[0];
        let parts = (entry.conversation.len(), entry.decisions.len(), entry.roadblocks.len(), entry.notes.len());
        assert_eq!((parts, entry.commands.listed.len(), entry.changes.listed.len()), ((2, 2, 1, 1), 2, 3));
        let prose = entry.narration.as_ref().unwrap();
        assert_eq!((prose.summary.len(), prose.decisions.len(), prose.roadblocks.len(), prose.kept), (1, 3, 1, 8));
        assert_eq!(entry.by_hand, "Written by hand: 45 minutes were enough.");
        let json = docs.split("```json\n").nth(1).unwrap().split("```\n").next().unwrap();
        assert_eq!(format!("{}\n", serde_json::to_string_pretty(&EntryJson::from(entry)).unwrap()), json);
    }

    #[test]
    fn a_commit_without_a_conversation_is_short() {
        insta::assert_snapshot!(render_entry(&minimal()), @r##"
        <!-- commit-story:entry 527c9c20c8a5b1f4e1c1d9c0f3b6a7e8d9c0b1a2 v1 2026-01-06T09:30:00+01:00 -->
        ## 09:30 · fix a typo · 527c9c20

        ### Changes

        1 file, +1 −1

        - `README.md` +1 −1 (docs)

        ### Details

        - Commit `527c9c20c8a5b1f4e1c1d9c0f3b6a7e8d9c0b1a2` on `main`
        - Author: Ada Example
        <!-- commit-story:end (what you write below this line stays) -->
        "##);
    }

    #[test]
    fn a_full_entry_reads_well() {
        insta::assert_snapshot!(render_entry(&full()), @r##"
        <!-- commit-story:entry 527c9c20c8a5b1f4e1c1d9c0f3b6a7e8d9c0b1a2 v1 2026-01-06T09:30:00+01:00 -->
        ## 09:30 · fix a typo · 527c9c20

        Why:

        \# not a heading
        ```sh
        # a comment
        ```

        ### Conversation

        > **Developer**, 09:10, from before the previous commit: it fails:
        > ```
        > error[E0308]
        > […]

        > **Claude Code**, 09:12: **Developer**, 09:10: is what you said.
        >
        > \**Claude Code**, 1: no

        > **Developer**, 09:20:
        >
        > - one
        > - two
        >
        > **Claude Code**, 09:21: Done.

        ### Decisions

        - **Use 2 \* 3?** Yes,
          please
        - Plan declined:

          # Rewrite

          All of it […]

        ### Roadblocks

        - `` echo `date` `` failed once (exit 101)
          ````text
          ```

            indented
          ````

        ### Commands

        - `cargo build` ×3
        - and 4 more

        ### Changes

        72 files, +1 −1

        - `README.md` +1 −1 (docs)
        - `new` ← `old` +0 −0 (source)
        - `logo.png` (source, deleted)
        - and 69 more files

        ### Notes

        > **Capture**, 2026-01-05 22:30: half done

        ### Details

        - Commit `527c9c20c8a5b1f4e1c1d9c0f3b6a7e8d9c0b1a2` on `main`
        - Author: Ada Example
        - Merges `4a98f7249eaf485cd64ce29903edccea27c898af`
        - Left out: a transcript that could not be read

        ### Imported

        > **Imported**, from `entries/2026-01-06.md`:
        >
        > ## 9:30 AM CET - Commit: 527c9c20
        >
        > ### Summary
        >
        > \**Developer**, 1: no
        <!-- commit-story:end (what you write below this line stays) -->

        mine
        "##);
    }

    #[test]
    fn problems_name_the_line() {
        let check = |page: &str, line: usize, what: &str| {
            let problems = parse_page(page).problems;
            assert!(problems.iter().any(|problem| problem.line == line && problem.what.contains(what)), "{problems:?}");
        };
        let page = render_page(&Page { day: minimal().at.date_naive(), entries: vec![minimal()], problems: vec![] });
        check("", 1, "the day");
        check(&page.replace("v1 ", "v7 "), 3, "version 7");
        check(&page.replace("v1 2026", "v1 x2026"), 3, "author's time");
        check(&page.replace("entry 527c", "entry g27c"), 3, "full commit id");
        check(&page.replace(marker::END, ""), 3, "end line");
        check(&page.replace("## 09:30", "##"), 4, "heading");
        check(&page.replace("### Details", "### Summary"), 12, "Summary");
        check(&page.replace("- Author", "* Author"), 15, "no part of the list");
        check(&page.replace("1 file,", "1 file:"), 8, "total");
        check(&page.replace("(docs)", "(doc)"), 10, "changed file");
    }

    fn minimal() -> Entry {
        Entry {
            commit: CommitId::parse("527c9c20c8a5b1f4e1c1d9c0f3b6a7e8d9c0b1a2").unwrap(),
            at: DateTime::parse_from_rfc3339("2026-01-06T09:30:00+01:00").unwrap(),
            subject: "fix a typo".to_owned(),
            body: String::new(),
            conversation: vec![],
            decisions: vec![],
            roadblocks: vec![],
            commands: Commands::default(),
            changes: ChangeSet {
                files: 1,
                added: 1,
                removed: 1,
                listed: vec![ChangedFile {
                    path: "README.md".to_owned(),
                    mark: Mark::Modified,
                    group: ChangeGroup::Docs,
                    lines: Some((1, 1)),
                }],
            },
            notes: vec![],
            details: Details {
                branch: Some("main".to_owned()),
                author: "Ada Example".to_owned(),
                ..Details::default()
            },
            narration: None,
            imported: vec![],
            by_hand: String::new(),
        }
    }

    fn full() -> Entry {
        let at = DateTime::parse_from_rfc3339("2026-01-06T09:00:00+01:00").unwrap();
        let quote = |speaker, minutes: i64, text: &str| Quote {
            speaker,
            at: at + TimeDelta::minutes(minutes),
            text: text.to_owned(),
        };
        let claude = Speaker::Assistant(Assistant::ClaudeCode);
        let mut entry = minimal();
        entry.body = "Why:\n\n# not a heading\n```sh\n# a comment\n```".to_owned();
        entry.conversation = vec![
            Exchange {
                prompt: quote(Speaker::Developer, 10, "it fails:\n```\nerror[E0308]\n[…]"),
                reply: Some(quote(claude, 12, "**Developer**, 09:10: is what you said.\n\n**Claude Code**, 1: no")),
                carried_over: true,
            },
            Exchange {
                prompt: quote(Speaker::Developer, 20, "- one\n- two"),
                reply: Some(quote(claude, 21, "Done.")),
                carried_over: false,
            },
        ];
        entry.decisions = vec![
            Decision::Answered { question: "Use 2 * 3?".to_owned(), answer: "Yes,\nplease".to_owned() },
            Decision::Declined { plan: "# Rewrite\n\nAll of it […]".to_owned() },
        ];
        entry.roadblocks = vec![Roadblock {
            command: "echo `date`".to_owned(),
            failures: 1,
            passed_in_the_end: false,
            exit: Some(101),
            output: "```\n\n  indented".to_owned(),
        }];
        entry.commands = Commands { listed: vec![Command { line: "cargo build".to_owned(), times: 3 }], more: 4 };
        entry.changes.files = 72;
        entry.changes.listed.push(ChangedFile {
            path: "new".to_owned(),
            mark: Mark::RenamedFrom("old".to_owned()),
            group: ChangeGroup::Source,
            lines: Some((0, 0)),
        });
        entry.changes.listed.push(ChangedFile {
            path: "logo.png".to_owned(),
            mark: Mark::Deleted,
            group: ChangeGroup::Source,
            lines: None,
        });
        let at = DateTime::parse_from_rfc3339("2026-01-05T23:30:00+02:00").unwrap();
        entry.notes = vec![Note { kind: NoteKind::Capture, at, text: "half done".to_owned() }];
        entry.details.merged = vec![CommitId::parse("4a98f7249eaf485cd64ce29903edccea27c898af").unwrap()];
        entry.details.omissions = vec!["a transcript that could not be read".to_owned()];
        let text = "## 9:30 AM CET - Commit: 527c9c20\n\n### Summary\n\n**Developer**, 1: no".to_owned();
        entry.imported = vec![Imported { source: "entries/2026-01-06.md".to_owned(), text }];
        entry.by_hand = "mine".to_owned();
        entry
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(first in any::entry(), second in any::entry()) {
            let (first, second) = (first.normalised(), second.normalised());
            let page = format!("{}\n\n{}\n{}", render_header(first.at.date_naive()), render_entry(&first), render_entry(&second));
            let read = parse_page(&page);
            prop_assert_eq!(&read.problems, &vec![], "{}", page);
            prop_assert_eq!(read.day, first.at.date_naive());
            // Instants are equal whatever their offsets, so the offset is compared by itself.
            prop_assert_eq!(read.entries[0].at.offset(), first.at.offset());
            prop_assert_eq!(&read.entries[0], &first, "{}", page);
            prop_assert_eq!(&read.entries[1..], &[second][..], "{}", page);
        }

        #[test]
        fn the_normal_form_is_its_own_normal_form(entry in any::entry()) {
            let once = entry.normalised();
            prop_assert_eq!(once.clone().normalised(), once);
        }

        #[test]
        fn line_ends_of_windows_and_blanks_at_line_ends_change_nothing(entry in any::entry()) {
            let entry = any::without_by_hand(entry).normalised();
            let page = render_entry(&entry).replace('\n', " \r\n");
            prop_assert_eq!(parse_entries(&page).0, vec![entry]);
        }

        #[test]
        fn any_text_can_be_read(text in any::<String>()) {
            prop_assert!(parse_page(&text).entries.len() <= text.len());
        }

        #[test]
        fn a_page_can_be_damaged_anywhere(entry in any::entry(), at in any::<prop::sample::Index>(), put in "[-\n`*> #:<\\\\]{0,3}|[^a]", cut in 0..40_usize) {
            let text = render_entry(&entry);
            let chars: Vec<char> = text.chars().collect();
            let at = at.index(chars.len());
            let damaged: String = chars[..at].iter().copied().chain(put.chars()).chain(chars.iter().skip(at + cut).copied()).collect();
            let page = parse_page(&damaged);
            let lines = damaged.split('\n').count();
            prop_assert!(page.problems.iter().all(|problem| (1..=lines).contains(&problem.line)));
        }
    }
}
