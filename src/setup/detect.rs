//! What is there already.
//!
//! In: a repository, and the paths of the configuration files and of the assistants. Out: [`Detected`].
//! Never here: a change.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::lefthook;
use super::tools::{HookTool, Sighting, signature, tools};
use crate::chat::readers::READERS;
use crate::config::Sources;
use crate::env::Env;
use crate::fs;
use crate::git::Repository;
use crate::hook::{self, Configured, Event, HookFile, Scope, configured, marked};

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
    /// What git's configuration says of hooks.
    pub configured: Configured,
    /// The repository's `.commit-story.yaml`.
    pub repository_config: PathBuf,
    /// The user's configuration file, when the system names a place for it.
    pub user_config: Option<PathBuf>,
    /// Where what belongs to the user and to no repository is remembered.
    pub user_state: Option<PathBuf>,
    /// Where each assistant keeps its conversations.
    pub assistants: Vec<AssistantPlace>,
}

impl Places {
    /// Those of a repository whose work tree has this top, and of the user. `sources`: where its settings are looked for.
    #[must_use]
    pub fn of(env: &Env, repository: &Repository, top: &Path, sources: &Sources<'_>) -> Self {
        let assistants = READERS.iter().map(|reader| AssistantPlace {
            name: reader.assistant.slug().to_owned(),
            directories: (reader.places)(env, None),
        });
        Self {
            top: top.to_owned(),
            common_dir: repository.common_dir().to_owned(),
            hooks_dir: repository.hooks_dir(),
            configured: configured::read(top),
            repository_config: sources.repository_file().unwrap_or_else(|| top.join(".commit-story.yaml")),
            user_config: sources.user_file(),
            user_state: env.state_dir.clone(),
            assistants: assistants.collect(),
        }
    }
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
    /// The hook files that our lines are in, or go into, one for each event.
    pub hooks: Vec<HookFile>,
    /// What git's configuration says of hooks.
    pub configured: Configured,
    /// Programs that look after the repository's hooks.
    pub tools: Vec<Sighting>,
    /// lefthook's local configuration, where lefthook is used.
    pub lefthook: Option<Lefthook>,
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
    /// Our own directory among the user's, with the book of what was spent on prose; `None` if there is none.
    pub user_state: Option<PathBuf>,
}

impl Detected {
    /// Whether git is made to run us in this repository, in whichever way.
    #[must_use]
    pub fn is_installed(&self) -> bool {
        let configured = |event| !self.configured.ours(Scope::Local, event).is_empty();
        let lefthook = self.lefthook.as_ref().is_some_and(|lefthook| !lefthook.ours.is_empty());
        lefthook || self.hooks.iter().any(HookFile::has_ours) || Event::ALL.into_iter().any(configured)
    }

    /// Whether git is made to run us in all repositories of the user.
    #[must_use]
    pub fn is_everywhere(&self) -> bool {
        self.configured.works() && !self.configured.ours(Scope::Global, Event::PostCommit).is_empty()
    }
}

/// lefthook's local configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Lefthook {
    /// `lefthook-local.yml`.
    pub file: TextFile,
    /// Whether a local configuration of another name stands in its place.
    pub other: Option<PathBuf>,
    /// The events whose hook files are lefthook's own: lines that are added to those do not last.
    pub owned: Vec<Event>,
    /// The events that our lines in it serve.
    pub ours: Vec<Event>,
}

impl Lefthook {
    /// Whether lines that we wrote are in the file.
    #[must_use]
    pub fn has_marked(&self) -> bool {
        self.file.bytes.as_deref().is_some_and(|bytes| marked::find(bytes).is_some())
    }

    /// The file without our lines.
    #[must_use]
    pub fn theirs(&self) -> Vec<u8> {
        self.file.bytes.as_deref().map(marked::without).unwrap_or_default()
    }
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

/// Looks at everything once.
///
/// # Errors
/// A file that will have to be changed is there and cannot be read.
pub fn detect(places: &Places) -> Result<Detected> {
    let Places { top, common_dir, hooks_dir, .. } = places;
    let hooks: Vec<HookFile> =
        Event::ALL.into_iter().map(|event| hook_file(top, hooks_dir, event)).collect::<Result<_>>()?;
    let state_dir = common_dir.join("commit-story");
    let tools = tools(top, &hooks);
    Ok(Detected {
        lefthook: if tools.iter().any(|sighting| sighting.tool == HookTool::Lefthook) {
            Some(lefthook(top, &hooks)?)
        } else {
            None
        },
        top: top.clone(),
        common_dir: common_dir.clone(),
        place: place(top, common_dir, hooks.first().and_then(|file| file.path.parent()).unwrap_or(hooks_dir)),
        tools,
        hooks,
        configured: places.configured.clone(),
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
        user_state: places.user_state.clone().filter(|dir| dir.is_dir()),
    })
}

fn lefthook(top: &Path, hooks: &[HookFile]) -> Result<Lefthook> {
    let file = text(top.join(lefthook::LOCAL))?;
    let foreign = |hook: &&HookFile| !hook.has_ours() && signature(&hook.bytes) == Some(HookTool::Lefthook);
    Ok(Lefthook {
        ours: file.bytes.as_deref().map(lefthook::events).unwrap_or_default(),
        owned: hooks.iter().filter(foreign).map(|hook| hook.event).collect(),
        other: lefthook::OTHERS.iter().map(|name| top.join(name)).find(|path| path.exists()),
        file,
    })
}

/// The hook file to join. husky 9 makes git run `.husky/_`, which it writes anew at each install; what it runs from
/// there is `.husky/post-commit`, by `sh -e`, executable or not. pre-commit and prek write theirs anew, too, and run the
/// file that was there before them, `post-commit.legacy`; pre-commit keeps from it what a rewrite says on standard input.
fn hook_file(top: &Path, hooks_dir: &Path, event: Event) -> Result<HookFile> {
    let husky = top.join(".husky");
    if fs::canonical(hooks_dir) != fs::canonical(&husky.join("_")) {
        let file = hook::inspect(hooks_dir, event)?;
        let runs_legacy = match signature(&file.bytes) {
            Some(HookTool::PreCommit) => event != Event::PostRewrite,
            other => other == Some(HookTool::Prek),
        };
        if file.has_ours() || !runs_legacy {
            return Ok(file);
        }
        let legacy = hooks_dir.join(format!("{}.legacy", event.name()));
        return Ok(HookFile { via: Some(file.path), ..hook::inspect_file(legacy, event)? });
    }
    let via = Some(hooks_dir.join(event.name()));
    Ok(HookFile { executable: true, via, ..hook::inspect(&husky, event)? })
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
pub(super) fn resolved(path: &Path) -> PathBuf {
    let there = path.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(path);
    path.strip_prefix(there).map_or_else(|_| path.to_owned(), |rest| fs::canonical(there).join(rest))
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
        let top = dunce::canonicalize(dir.path()).unwrap().join("repo");
        std::fs::create_dir_all(top.join(".git/hooks")).unwrap();
        let places = Places {
            common_dir: top.join(".git"),
            hooks_dir: top.join(".git/hooks"),
            configured: Configured::default(),
            repository_config: top.join(".commit-story.yaml"),
            user_config: Some(top.join("../home/config.yaml")),
            user_state: None,
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
        assert_eq!(detected.hooks[0].path, places.top.join(".husky/post-commit"));
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
    fn where_a_hook_file_is_written_anew_the_one_that_it_runs_is_ours_to_have() {
        let (_dir, places) = clone();
        let check = |maker: &str, event: Event, name: &str| {
            let hook = places.hooks_dir.join(event.name());
            std::fs::write(&hook, format!("#!/bin/sh\n# File generated by {maker}\n")).unwrap();
            let found = hook_file(&places.top, &places.hooks_dir, event).unwrap();
            assert_eq!((&found.path, found.via.is_some()), (&places.hooks_dir.join(name), name.ends_with(".legacy")));
        };
        check("pre-commit", Event::PostCommit, "post-commit.legacy");
        check("pre-commit", Event::PostMerge, "post-merge.legacy");
        check("pre-commit", Event::PostRewrite, "post-rewrite");
        check("prek", Event::PostRewrite, "post-rewrite.legacy");
        check("nobody", Event::PostCommit, "post-commit");
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
