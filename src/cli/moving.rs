//! `commit-story move`: brings the journal to another place.
//!
//! In: the place. Out: its pages there, and settings that say so.
//! Never here: a page lost, at whatever moment this ends: the same command goes on where it was.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;

use super::choices::{BRANCH, FOLDER, USUAL_BRANCH, check_folder};
use super::failure::{Advice, Usage};
use super::session::{Session, Workspace};
use crate::config::command::{self, Target};
use crate::config::setting::Setting;
use crate::config::{Origin, edit};
use crate::env::Deadline;
use crate::fs::Lock;
use crate::process;
use crate::record::{Place, Recorder};
use crate::relocate::{self, Then};
use crate::setup::{self, Sight};
use crate::store::Store;

/// How long git may take to remove a branch.
const LIMIT: Duration = Duration::from_secs(30);

/// Where to.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  commit-story move --to branch          onto a branch (see sync)
  commit-story move --to folder          back into journal.folder
  commit-story move --to docs/journal    into another folder of this repository
  commit-story move --to ~/notes --user  a folder for all repositories
  commit-story move                      brings along what was left

Pages are copied and read back, the settings name the new place, and only then the old pages go. \
Other files stay. When it is interrupted, nothing is lost: run it again.")]
pub struct Options {
    /// `folder`, `branch`, or the path of a folder
    #[arg(long, value_name = "PLACE")]
    pub to: Option<String>,
    /// Write the choice to your own configuration, for all repositories, instead of .commit-story.yaml
    #[arg(long)]
    pub user: bool,
    /// Remove the branch that is left, too; without this it stays as it is
    #[arg(long)]
    pub delete_branch: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Runs the command.
///
/// # Errors
/// The place cannot be used or chosen, or a page cannot be brought there.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let workspace = session.workspace()?;
    let recorder = workspace.recorder(session);
    let state = workspace.repository.state_dir();
    let new = target(session, &workspace, options)?;
    let settings = settings(&workspace, &new)?;
    let file = target_file(&workspace, options, &new, &settings)?;
    let to = recorder.store_at(&new);
    let sources = sources(&recorder, &to);
    if options.dry_run {
        let stores: Vec<Store> = sources.iter().map(|place| recorder.store_at(place)).collect();
        return preview(session, &stores, &to, options);
    }
    crate::fs::create_private_dir(&state)?;
    let lock = Lock::acquire(&state.join("move.lock"), Deadline::after(Duration::ZERO))?;
    let _lock = lock.context("cannot move the journal: another process is at it")?;
    // From here on, whoever finishes this knows of both places, whichever the settings name.
    for place in sources.iter().chain([&new]) {
        relocate::leave(&state, place)?;
    }
    hide(&workspace, &new)?;
    let mut pages = 0;
    for place in &sources {
        pages += relocate::bring(&recorder.store_at(place), &to, Then::Keep)?;
    }
    switch(session, &workspace, file, &settings, &to)?;
    for place in &sources {
        pages += clear(session, &recorder.store_at(place), &to, options)?;
        relocate::forget(&state, place)?;
    }
    relocate::forget(&state, &new)?;
    say_where(session, &to, pages);
    Ok(())
}

/// The places to bring pages from: where the journal lives, and where it lived.
fn sources(recorder: &Recorder<'_>, to: &Store) -> Vec<Place> {
    let mut sources = relocate::left(&recorder.repository.state_dir());
    for place in relocate::elsewhere(recorder).into_iter().chain([recorder.place()]) {
        if !sources.contains(&place) {
            sources.push(place);
        }
    }
    sources.retain(|place| !relocate::is_same(&recorder.store_at(place), to));
    sources
}

/// A private folder is hidden before there is anything in it to be seen.
fn hide(workspace: &Workspace, new: &Place) -> Result<()> {
    match new {
        Place::Folder(folder) if folder.is_relative() && workspace.loaded.config.journal.private => {
            setup::hide(workspace.repository.common_dir(), folder)
        }
        Place::Folder(_) | Place::Branch(_) => Ok(()),
    }
}

/// Lets the settings name the new place.
fn switch(
    session: &Session,
    workspace: &Workspace,
    file: Target,
    settings: &[(&'static str, String)],
    to: &Store,
) -> Result<()> {
    let main = workspace.repository.main_worktree();
    for (key, value) in settings {
        let written = command::set(&session.sources(Some(&workspace.repository), main.as_deref()), file, key, value)?;
        // What a move that was killed at this very step has left beside it.
        crate::fs::sweep(written.parent().unwrap_or(&written));
    }
    let now = session.open()?;
    let named = now.recorder(session).store();
    if !relocate::is_same(&named, to) {
        bail!("cannot use the new place: another layer of the configuration still names {}", named.shown());
    }
    Ok(())
}

fn say_where(session: &Session, to: &Store, pages: usize) {
    let pages = match pages {
        0 => String::new(),
        1 => "; 1 page was brought there".to_owned(),
        n => format!("; {n} pages were brought there"),
    };
    let preposition = if to.branch().is_some() { "on" } else { "in" };
    session.printer.say(&format!("the journal lives {preposition} {}{pages}", to.shown()));
}

/// Brings what was written meanwhile, and removes what is left.
fn clear(session: &Session, from: &Store, to: &Store, options: &Options) -> Result<usize> {
    let Some(branch) = from.branch() else {
        let pages = relocate::bring(from, to, Then::Remove)?;
        if let Some(folder) =
            from.folder().filter(|folder| setup::sight(folder).is_ok_and(|sight| sight == Sight::Tracked))
        {
            let folder = folder.display();
            session.printer.say(&format!("git tracked pages in {folder}: commit that they are gone from there"));
        }
        return Ok(pages);
    };
    let before = branch.tip()?;
    let pages = relocate::bring(from, to, Then::Keep)?;
    let Some(tip) = before else { return Ok(pages) };
    let (name, id) = (branch.name(), tip.commit());
    if !options.delete_branch {
        session.printer.say(&format!("the branch {name} stays; git branch -D {name} removes it"));
        return Ok(pages);
    }
    let mut git = process::command("git");
    // Only while it still is what was read.
    git.args(["update-ref", "-d", &branch.full_name(), id.as_str()]).current_dir(&session.env.cwd);
    let done = process::run(&mut git, LIMIT)?;
    // Another move may have been killed while its git was at it.
    if !done.success && branch.tip()?.is_some() {
        bail!("cannot remove the branch {name}: {}", String::from_utf8_lossy(&done.stderr).trim());
    }
    session.printer.say(&format!("removed the branch {name}; git branch {name} {id} brings it back"));
    Ok(pages)
}

fn preview(session: &Session, sources: &[Store], to: &Store, options: &Options) -> Result<()> {
    let mut lines = Vec::new();
    for from in sources {
        let number = from.leaves()?.len();
        let pages = if number == 1 { "1 page".to_owned() } else { format!("{number} pages") };
        let then = match from.branch() {
            Some(branch) if options.delete_branch => format!("and remove the branch {}", branch.name()),
            Some(_) => "which stays as it is".to_owned(),
            None => "and remove them there".to_owned(),
        };
        lines.push(format!("  bring {pages} from {} to {}, {then}", from.shown(), to.shown()));
    }
    if lines.is_empty() {
        lines.push("nothing is to be done".to_owned());
    }
    Ok(session.printer.result(&lines.join("\n"))?)
}

/// The place that is asked for.
fn target(session: &Session, workspace: &Workspace, options: &Options) -> Result<Place> {
    let journal = &workspace.loaded.config.journal;
    Ok(match options.to.as_deref() {
        None => workspace.recorder(session).place(),
        Some("branch") => Place::Branch(journal.branch.clone().unwrap_or_else(|| USUAL_BRANCH.to_owned())),
        Some("folder") => Place::Folder(journal.folder.clone()),
        Some(path) => Place::Folder(folder(session, workspace, path, options)?),
    })
}

/// The folder of a path: relative to the top of the repository, as the setting has it.
fn folder(session: &Session, workspace: &Workspace, path: &str, options: &Options) -> Result<PathBuf> {
    let (_, setting) = edit::checked(FOLDER, path)?;
    let Setting::Path(named) = setting.at_home(session.env.home.as_deref()) else {
        bail!("cannot keep the journal in `{path}`: it is no path")
    };
    let repository = &workspace.repository;
    let main = repository.main_worktree();
    let top = main.as_deref().or(repository.worktree()).unwrap_or_else(|| repository.common_dir());
    let user = options.user || Path::new(&named).is_absolute();
    if let Err(reason) = check_folder(workspace, top, &named, user) {
        let hint = "name a folder below the top of the repository, or, with --user, one outside".to_owned();
        return Err(Usage { message: format!("cannot keep the journal in `{path}`: {reason}"), hint }.into());
    }
    Ok(PathBuf::from(named))
}

/// The settings that have to change, in the order in which they may: the last one moves the journal.
fn settings(workspace: &Workspace, new: &Place) -> Result<Vec<(&'static str, String)>> {
    let journal = &workspace.loaded.config.journal;
    let mut settings = Vec::new();
    match new {
        Place::Branch(name) => {
            if journal.branch.as_ref() != Some(name) {
                settings.push((BRANCH, name.clone()));
            }
        }
        Place::Folder(folder) => {
            if journal.folder != *folder {
                let text = folder.to_str().context("the folder's path is no text")?;
                settings.push((FOLDER, text.to_owned()));
            }
            if journal.branch.is_some() {
                settings.push((BRANCH, "null".to_owned()));
            }
        }
    }
    Ok(settings)
}

/// The file to write them to: where it would not be outranked.
fn target_file(
    workspace: &Workspace,
    options: &Options,
    new: &Place,
    settings: &[(&'static str, String)],
) -> Result<Target> {
    let outside = matches!(new, Place::Folder(folder) if folder.is_absolute());
    let mut user = options.user || outside;
    for (key, _) in settings {
        let value = command::get(&workspace.loaded, key)?;
        match &value.origin {
            Origin::Environment(_) | Origin::Flag => {
                let message = format!("cannot move the journal: {} sets {key}, and outranks every file", value.origin);
                return Err(Usage { message, hint: "take it away there first".to_owned() }.into());
            }
            Origin::Repository(..) if user => {
                let message =
                    format!("cannot move the journal: {} sets {key}, and outranks your own file", value.origin);
                return Err(Advice { message, hint: "remove that line first, then run this again".to_owned() }.into());
            }
            Origin::User(..) => user = true,
            Origin::Repository(..) | Origin::Default => {}
        }
    }
    if outside && !options.user && !settings.is_empty() {
        let message = "cannot move the journal out of the repository for it alone".to_owned();
        let hint =
            "--user chooses the folder for all your repositories, each with a folder of its own in it".to_owned();
        return Err(Usage { message, hint }.into());
    }
    Ok(if user { Target::User } else { Target::Repository })
}
