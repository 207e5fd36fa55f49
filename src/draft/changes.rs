//! What changed, for people: the sort of each file, and the order in which a reader wants them.
//!
//! In: the changes of the evidence. Out: a [`ChangeSet`]. Never here: file contents; a file is judged by its path.

use crate::evidence::Evidence;
use crate::git::{Change, ChangeKind, Lines, change::path_text};
use crate::journal::{ChangeGroup, ChangeSet, ChangedFile, Mark};

use super::units::count;

/// The changes of a commit, at most `most` of them listed.
#[must_use]
pub fn summarise(evidence: &Evidence, most: usize) -> ChangeSet {
    let totals = evidence.totals();
    // By churn already; the most important files are listed, then put into the reader's order.
    let mut listed: Vec<ChangedFile> = evidence.commit().changes.iter().take(most).map(file).collect();
    listed.sort_by_key(|file| file.group);
    debug_assert!(count(listed.len()) <= totals.files);
    ChangeSet { files: totals.files, added: totals.added, removed: totals.removed, listed }
}

/// One change for people.
#[must_use]
pub fn file(change: &Change) -> ChangedFile {
    let path = change.path_text().into_owned();
    ChangedFile {
        group: group(&path),
        mark: match &change.kind {
            ChangeKind::Added => Mark::Added,
            ChangeKind::Modified => Mark::Modified,
            ChangeKind::Deleted => Mark::Deleted,
            ChangeKind::Renamed { from } => Mark::RenamedFrom(path_text(from).into_owned()),
            ChangeKind::Copied { from } => Mark::CopiedFrom(path_text(from).into_owned()),
            ChangeKind::TypeChanged => Mark::TypeChanged,
            ChangeKind::ModeChanged => Mark::ModeChanged,
            ChangeKind::Submodule => Mark::Submodule,
        },
        lines: match change.lines {
            Lines::Counted { added, removed } => Some((added, removed)),
            Lines::Binary | Lines::Uncounted => None,
        },
        path,
    }
}

/// What sort of file a path names.
#[must_use]
pub fn group(path: &str) -> ChangeGroup {
    let path = path.to_ascii_lowercase();
    let (dirs, name) = path.rsplit_once('/').unwrap_or(("", &path));
    let under = |names: &[&str]| dirs.split('/').any(|dir| names.contains(&dir));
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    if is_generated(name, extension)
        || under(&["vendor", "node_modules", "dist", "generated", "__snapshots__", "target"])
    {
        ChangeGroup::Generated
    } else if under(&["test", "tests", "spec", "specs", "__tests__", "testdata", "fixtures", "e2e"]) || is_test(name) {
        ChangeGroup::Tests
    } else if is_config(name, extension) || under(&[".github", ".circleci", ".vscode", ".idea", ".config", ".ci"]) {
        ChangeGroup::Config
    } else if matches!(extension, "md" | "mdx" | "rst" | "adoc" | "txt" | "org") || under(&["docs", "doc"]) {
        ChangeGroup::Docs
    } else {
        ChangeGroup::Source
    }
}

fn is_generated(name: &str, extension: &str) -> bool {
    matches!(extension, "lock" | "snap" | "map" | "sum")
        || [".min.js", ".min.css", ".pb.go", ".pb.rs", "_pb2.py", ".g.dart", ".designer.cs"]
            .iter()
            .any(|end| name.ends_with(end))
        || matches!(name, "package-lock.json" | "pnpm-lock.yaml" | "npm-shrinkwrap.json")
}

fn is_test(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name);
    stem.starts_with("test_")
        || stem.ends_with("_test")
        || stem.ends_with("_spec")
        || stem == "conftest"
        || name.contains(".test.")
        || name.contains(".spec.")
}

fn is_config(name: &str, extension: &str) -> bool {
    matches!(
        extension,
        "yaml"
            | "yml"
            | "toml"
            | "json"
            | "json5"
            | "ini"
            | "cfg"
            | "conf"
            | "properties"
            | "env"
            | "nix"
            | "tf"
            | "xml"
            | "gradle"
            | "cmake"
            | "mk"
    ) || name.starts_with('.')
        || name.starts_with("dockerfile")
        || matches!(
            name,
            "makefile"
                | "justfile"
                | "gemfile"
                | "procfile"
                | "rakefile"
                | "go.mod"
                | "codeowners"
                | "license"
                | "build"
                | "jenkinsfile"
                | "brewfile"
                | "cmakelists.txt"
                | "requirements.txt"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_what_sort_of_file_it_is() {
        use ChangeGroup::{Config, Docs, Generated, Source, Tests};
        for (path, expected) in [
            ("src/retry.rs", Source),
            ("scripts/install.sh", Source),
            ("cmd/entire/cli/settings/settings_test.go", Tests),
            ("tests/it/main.rs", Tests),
            ("web/button.spec.tsx", Tests),
            ("README.md", Docs),
            ("docs/guide/install.html", Docs),
            ("notes.txt", Docs),
            (".goreleaser.yaml", Config),
            (".github/CODEOWNERS", Config),
            ("requirements.txt", Config),
            ("Dockerfile.dev", Config),
            ("Cargo.lock", Generated),
            ("docs/generated/api.json", Generated),
            ("web/dist/app.js", Generated),
        ] {
            assert_eq!(group(path), expected, "{path}");
        }
    }
}
