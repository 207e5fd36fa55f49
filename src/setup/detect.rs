//! What is there already.
//!
//! In: the paths of a repository, of the configuration files and of the assistants. Out: [`Detected`].
//! Never here: a search for those paths, or a change.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::fs;
use crate::hook::{self, HookFile};

/// More than anybody's exclude or configuration file has.
const LARGEST_TEXT: u64 = 1 << 20;

/// Where to look; all paths absolute.
#[derive(Debug, Clone, PartialEq)]
pub struct Places {
    /// The top of the work tree.
    pub top: PathBuf,
    /// The git directory that all work trees share.
    pub common_dir: PathBuf,
    /// The directory that git runs hooks from.
    pub hooks_dir: PathBuf,
    /// The repository's `.commit-story.yaml`.
    pub repository_config: PathBuf,
    /// The user's configuration file, when the system names a place for it.
    pub user_config: Option<PathBuf>,
    /// Where each assistant keeps its conversations.
    pub assistants: Vec<AssistantPlace>,
}

/// Where an assistant keeps its conversations.
#[derive(Debug, Clone, PartialEq)]
pub struct AssistantPlace {
    /// Its name in the configuration, such as `claude-code`.
    pub name: String,
    /// The directories.
    pub directories: Vec<PathBuf>,
}

/// What is there.
#[derive(Debug, Clone, PartialEq)]
pub struct Detected {
    /// The top of the work tree.
    pub top: PathBuf,
    /// The git directory that all work trees share.
    pub common_dir: PathBuf,
    /// Whose the hooks are.
    pub place: Place,
    /// The hook file that our lines are in, or go into.
    pub hook: HookFile,
    /// Programs that look after the repository's hooks.
    pub tools: Vec<Sighting>,
    /// `info/exclude`.
    pub exclude: TextFile,
    /// The repository's configuration.
    pub repository_config: TextFile,
    /// The user's configuration.
    pub user_config: Option<TextFile>,
    /// The assistants that have a directory on this machine.
    pub assistants: Vec<AssistantPlace>,
    /// Our own directory in the git directory, with the log, the queue and the cursors; `None` if there is none yet.
    pub state_dir: Option<PathBuf>,
}

/// A text file as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct TextFile {
    /// Where it is, or would be.
    pub path: PathBuf,
    /// Its bytes; `None` if there is no such file.
    pub bytes: Option<Vec<u8>>,
    /// Whether it is a symbolic link, which in a repository may lead anywhere.
    pub link: bool,
}

/// Whose the hooks directory is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Place {
    /// In the git directory: this clone's alone.
    GitDir,
    /// In the work tree: committed, so everybody's who clones the repository.
    WorkTree,
    /// Outside, by `core.hooksPath`: other repositories' on this machine, too.
    Elsewhere,
}

/// A program that looks after a repository's hooks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum HookTool {
    /// <https://typicode.github.io/husky>
    Husky,
    /// <https://lefthook.dev>
    Lefthook,
    /// <https://pre-commit.com>
    PreCommit,
    /// <https://prek.j178.dev>
    Prek,
}

/// What shows that such a program is used.
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting {
    /// Which one.
    pub tool: HookTool,
    /// The file or directory that shows it.
    pub at: PathBuf,
}

impl HookTool {
    /// Its name as its makers write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Husky => "husky",
            Self::Lefthook => "lefthook",
            Self::PreCommit => "pre-commit",
            Self::Prek => "prek",
        }
    }

    /// What its users should know about our lines.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::Husky => "husky runs .husky/post-commit, and our lines go there",
            Self::Lefthook => {
                "lefthook may write the hook file anew: after `lefthook install`, run `commit-story init` again"
            }
            Self::PreCommit => {
                "pre-commit may write the hook file anew: after `pre-commit install`, run `commit-story init` again"
            }
            Self::Prek => "prek may write the hook file anew: after `prek install`, run `commit-story init` again",
        }
    }
}

/// Files at the top of a work tree that show which program looks after its hooks.
const SIGNS: &[(&str, HookTool)] = &[
    (".husky", HookTool::Husky),
    ("lefthook.yml", HookTool::Lefthook),
    ("lefthook.yaml", HookTool::Lefthook),
    ("lefthook.toml", HookTool::Lefthook),
    ("lefthook.json", HookTool::Lefthook),
    (".lefthook.yml", HookTool::Lefthook),
    (".lefthook.yaml", HookTool::Lefthook),
    (".lefthook.toml", HookTool::Lefthook),
    (".lefthook.json", HookTool::Lefthook),
    (".config/lefthook.yml", HookTool::Lefthook),
    ("prek.toml", HookTool::Prek),
    (".pre-commit-config.yaml", HookTool::PreCommit),
    (".pre-commit-config.yml", HookTool::PreCommit),
];

/// Words in a generated hook file that name its maker.
const SIGNATURES: &[(&str, HookTool)] = &[
    ("File generated by pre-commit", HookTool::PreCommit),
    ("File generated by prek", HookTool::Prek),
    ("call_lefthook", HookTool::Lefthook),
];

/// Looks at everything once.
///
/// # Errors
/// A file that will have to be changed is there and cannot be read.
pub fn detect(places: &Places) -> Result<Detected> {
    let Places { top, common_dir, hooks_dir, .. } = places;
    let hook = hook_file(top, hooks_dir)?;
    let state_dir = common_dir.join("commit-story");
    Ok(Detected {
        top: top.clone(),
        common_dir: common_dir.clone(),
        place: place(top, common_dir, hook.path.parent().unwrap_or(hooks_dir)),
        tools: tools(top, &hook),
        hook,
        exclude: text(common_dir.join("info/exclude"))?,
        repository_config: text(places.repository_config.clone())?,
        user_config: places.user_config.clone().map(text).transpose()?,
        assistants: places
            .assistants
            .iter()
            .filter(|place| place.directories.iter().any(|dir| dir.is_dir()))
            .cloned()
            .collect(),
        state_dir: state_dir.is_dir().then_some(state_dir),
    })
}

/// The hook file to join. husky 9 makes git run `.husky/_`, which it writes anew at each install; what it runs from
/// there is `.husky/post-commit`, by `sh -e`, executable or not.
fn hook_file(top: &Path, hooks_dir: &Path) -> Result<HookFile> {
    let husky = top.join(".husky");
    if fs::canonical(hooks_dir) != fs::canonical(&husky.join("_")) {
        return hook::inspect(hooks_dir);
    }
    Ok(HookFile { executable: true, ..hook::inspect(&husky)? })
}

fn place(top: &Path, common_dir: &Path, hooks_dir: &Path) -> Place {
    // A hooks directory may be a link into a place that others share: what counts is where it leads.
    let real = resolved(hooks_dir);
    if real.starts_with(fs::canonical(common_dir)) {
        Place::GitDir
    } else if real.starts_with(fs::canonical(top)) {
        Place::WorkTree
    } else {
        Place::Elsewhere
    }
}

/// The path with the links of the part that exists resolved: git makes no hooks directory unasked.
fn resolved(path: &Path) -> PathBuf {
    let there = path.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(path);
    path.strip_prefix(there).map_or_else(|_| path.to_owned(), |rest| fs::canonical(there).join(rest))
}

fn tools(top: &Path, hook: &HookFile) -> Vec<Sighting> {
    let text = String::from_utf8_lossy(&hook.bytes);
    let signed =
        SIGNATURES.iter().filter(|(words, _)| text.contains(words)).map(|(_, tool)| (*tool, hook.path.clone()));
    let signs = SIGNS.iter().map(|(name, tool)| (*tool, top.join(name))).filter(|(_, path)| path.exists());
    let mut found: Vec<Sighting> = Vec::new();
    for (tool, at) in signed.chain(signs) {
        if found.iter().all(|sighting| sighting.tool != tool) {
            found.push(Sighting { tool, at });
        }
    }
    found
}

fn text(path: PathBuf) -> Result<TextFile> {
    let bytes = fs::read(&path, LARGEST_TEXT)?;
    Ok(TextFile { link: path.is_symlink(), path, bytes })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A directory that looks like a fresh clone.
    pub(in crate::setup) fn clone() -> (tempfile::TempDir, Places) {
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path().canonicalize().unwrap().join("repo");
        std::fs::create_dir_all(top.join(".git/hooks")).unwrap();
        let places = Places {
            common_dir: top.join(".git"),
            hooks_dir: top.join(".git/hooks"),
            repository_config: top.join(".commit-story.yaml"),
            user_config: Some(top.join("../home/config.yaml")),
            assistants: Vec::new(),
            top,
        };
        (dir, places)
    }

    #[test]
    fn hooks_are_told_apart_by_whose_they_are() {
        let (dir, mut places) = clone();
        let mut check = |hooks_dir: PathBuf, expected: Place| {
            std::fs::create_dir_all(&hooks_dir).unwrap();
            places.hooks_dir = hooks_dir;
            assert_eq!(detect(&places).unwrap().place, expected);
        };
        check(dir.path().join("repo/.git/hooks"), Place::GitDir);
        check(dir.path().join("repo/.githooks"), Place::WorkTree);
        check(dir.path().join("home/hooks"), Place::Elsewhere);
    }

    #[cfg(unix)]
    #[test]
    fn a_linked_hooks_directory_is_judged_by_where_it_leads() {
        let (dir, mut places) = clone();
        std::fs::create_dir(dir.path().join("shared")).unwrap();
        places.hooks_dir = places.common_dir.join("linked");
        std::os::unix::fs::symlink(dir.path().join("shared"), &places.hooks_dir).unwrap();
        assert_eq!(detect(&places).unwrap().place, Place::Elsewhere);
    }

    #[test]
    fn a_hooks_directory_that_is_not_there_yet_is_placed_all_the_same() {
        let (_dir, places) = clone();
        std::fs::remove_dir(&places.hooks_dir).unwrap();
        assert_eq!(detect(&places).unwrap().place, Place::GitDir);
    }

    #[test]
    fn husky_gives_its_users_file_and_not_the_one_it_writes_anew() {
        let (_dir, mut places) = clone();
        places.hooks_dir = places.top.join(".husky/_");
        std::fs::create_dir_all(&places.hooks_dir).unwrap();
        let detected = detect(&places).unwrap();
        assert_eq!(detected.hook.path, places.top.join(".husky/post-commit"));
        assert_eq!(detected.place, Place::WorkTree);
        assert_eq!(detected.tools, [Sighting { tool: HookTool::Husky, at: places.top.join(".husky") }]);
    }

    #[test]
    fn a_tool_is_seen_by_its_file_or_by_the_hook_it_wrote_and_named_once() {
        let (_dir, places) = clone();
        std::fs::write(places.top.join(".pre-commit-config.yaml"), "repos: []\n").unwrap();
        std::fs::write(places.top.join("lefthook.yml"), "").unwrap();
        let hook = places.hooks_dir.join("post-commit");
        std::fs::write(&hook, "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n").unwrap();
        let tools = detect(&places).unwrap().tools;
        assert_eq!(tools[0], Sighting { tool: HookTool::PreCommit, at: hook });
        assert_eq!(tools[1].tool, HookTool::Lefthook);
        assert_eq!(tools.len(), 2);
    }

    #[test]
    fn only_assistants_with_a_directory_are_found() {
        let (dir, mut places) = clone();
        let place =
            |name: &str, directory: PathBuf| AssistantPlace { name: name.to_owned(), directories: vec![directory] };
        places.assistants = vec![place("here", dir.path().to_owned()), place("absent", dir.path().join("none"))];
        let found: Vec<String> = detect(&places).unwrap().assistants.into_iter().map(|place| place.name).collect();
        assert_eq!(found, ["here"]);
    }
}
