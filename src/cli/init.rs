//! `commit-story init`: sets the journal up in a repository.
//!
//! In: flags, or answers on a terminal. Out: a plan, shown and applied.
//! Never here: a question off a terminal.

use std::path::Path;

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::choices::{Answers, BRANCH, FOLDER, USUAL_BRANCH, check_folder, choices};
use super::everywhere::{self, Manner};
use super::failure::Usage;
use super::narrator::{self, Narrator};
use super::narrator_questions::{self, Flags};
use super::plan::{self, Outcome};
use super::session::{Session, Workspace};
use super::try_out;
use crate::chat::Assistant;
use crate::chat::readers::READERS;
use crate::config::{self, Loaded, command};
use crate::hook::Found;
use crate::missed;
use crate::record::Place;
use crate::relocate;
use crate::setup::{self, Detected, Plan, Sight, Sighting, Way};
use crate::summarize::background;
use crate::ui::prompt::{self, Prompt};
use crate::ui::style::{Part, paint};

/// The questions, each with the flag that answers it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  commit-story init                          asks
  commit-story init --yes                    takes the defaults
  commit-story init --folder docs/journal --committed --yes
  commit-story init --branch --yes           on a branch; see sync
  commit-story init --assistants none --yes  from git alone
  commit-story init --user --yes             choices of your own
  commit-story init --narrate-command 'claude -p' --yes
                                             a model adds prose
  commit-story init --dry-run                only shows what would be done
  commit-story init --global --yes           records every repository of yours

From git 2.54 on, git's configuration says that it runs commit-story, and no hook file is needed; before, hook files do. \
Running it again changes only what changed.")]
pub struct Options {
    /// The journal's folder, below the top of the repository
    #[arg(long, value_name = "PATH")]
    pub folder: Option<String>,
    /// Keep the journal on a branch of this repository instead, which is never checked out [default name:
    /// commit-story/journal]
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = USUAL_BRANCH, value_parser = branch)]
    #[arg(conflicts_with_all = ["folder", "private", "committed"])]
    pub branch: Option<String>,
    /// Keep the journal out of commits, through .git/info/exclude
    #[arg(long, conflicts_with = "committed")]
    pub private: bool,
    /// Let the journal be committed with the code
    #[arg(long)]
    pub committed: bool,
    /// The assistants whose conversations are read, by name and with commas between; `none` for none
    #[arg(long, value_name = "NAMES")]
    pub assistants: Option<String>,
    /// Write the choices to your own configuration, for all repositories, instead of .commit-story.yaml
    #[arg(long)]
    pub user: bool,
    /// How git is made to run commit-story; by default `config` where git can (2.54 and newer), else `files`
    #[arg(long, value_name = "HOW")]
    pub hooks: Option<How>,
    /// Put our lines also into hook files that are part of the repository, such as .husky/post-commit
    #[arg(long)]
    pub shared_hooks: bool,
    /// For all repositories of yours, by your own git configuration (needs git 2.54)
    #[arg(long, conflicts_with_all = ["folder", "private", "committed", "assistants", "user", "hooks", "shared_hooks"])]
    pub global: bool,
    /// Who adds prose
    #[command(flatten)]
    pub narration: Flags,
    /// Ask nothing: take the defaults for what no flag answers
    #[arg(short, long)]
    pub yes: bool,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// How git is made to run us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum How {
    /// By `hook.commit-story-*` in the repository's git configuration
    Config,
    /// By hook files
    Files,
}

/// Runs the command.
///
/// # Errors
/// There is no repository here, an answer is wrong, or a file cannot be written.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let asks = !options.yes && !options.dry_run;
    if asks && !prompt::can_ask() {
        return Err(Usage {
            message: "cannot ask questions: this is not a terminal".to_owned(),
            hint:
                "commit-story init --yes takes the defaults, and --folder, --private or --committed and --assistants \
                   override them; --dry-run shows what would be done"
                    .to_owned(),
        }
        .into());
    }
    if options.global {
        return everywhere::init(session, Manner { asks, dry_run: options.dry_run });
    }
    let site = Site::of(session, session.workspace()?)?;
    // What stands in the way whatever the answers is said before they are asked for.
    let (mut defaults, narrator) = answers(session, &site, options, None)?;
    defaults.shared_hooks |= asks;
    plan::refused(&site.plan(session, &defaults, &narrator)?)?;
    if !options.dry_run {
        greet(session, &site.detected);
    }
    let prompt = asks.then(|| Prompt::new(session.printer.colour_err));
    let (answers, narrator) = match &prompt {
        Some(prompt) => answers(session, &site, options, Some(prompt))?,
        None => (defaults, narrator),
    };
    // Files may have changed while the questions were open.
    let site = Site::look(session)?;
    let planned = site.plan(session, &answers, &narrator)?;
    let again = || Site::look(session)?.plan(session, &answers, &narrator);
    let folder = choices(session, &site.workspace, &site.detected, &answers)?.folder;
    let left = site.left(session, &answers, &folder);
    let top = &site.detected.top;
    match plan::carry_out(session, top, &planned, prompt.as_ref(), options.dry_run, again)? {
        Outcome::Left => {}
        Outcome::Done => {
            let state = site.workspace.repository.state_dir();
            if let Some(place) = left {
                relocate::leave(&state, &place)?;
            }
            if !site.detected.is_installed() || !missed::has_begun(&state) {
                missed::begin(&state, session.env.now.to_utc())?;
                let set_up = Site::look(session)?;
                if set_up.workspace.recorder(session).store().days().is_ok_and(|days| days.is_empty()) {
                    background::begin(&state, session.env.now.date_naive())?;
                }
            }
            if let (Narrator::Asked(_), Some(prompt)) = (&narrator, &prompt) {
                offer_test(session, prompt)?;
            }
            farewell(session, top, &planned)?;
        }
    }
    Ok(())
}

/// Asks the model for one word, if that is wanted. What goes wrong is told: everything is set up all the same.
fn offer_test(session: &Session, prompt: &Prompt) -> Result<()> {
    if prompt.yes("Ask it for one word now, to see that it answers?", false)? {
        let said = match try_out::try_out(session, &session.load(None).config.narration) {
            Ok(answer) => answer,
            Err(error) => format!("it does not answer: {error:#}"),
        };
        session.printer.say(&said);
    }
    Ok(())
}

/// The repository with all that set-up finds in it, at one moment.
struct Site {
    workspace: Workspace,
    detected: Detected,
}

impl Site {
    fn look(session: &Session) -> Result<Self> {
        Self::of(session, session.open()?)
    }

    fn of(session: &Session, workspace: Workspace) -> Result<Self> {
        let detected = setup::detect(&session.places(&workspace.repository)?)?;
        Ok(Self { workspace, detected })
    }

    fn plan(&self, session: &Session, answers: &Answers, narrator: &Narrator) -> Result<Plan> {
        let choices = choices(session, &self.workspace, &self.detected, answers)?;
        let mut plan = setup::plan(&self.detected, &choices);
        let recorder = self.workspace.recorder(session);
        let new = recorder.folder_at(&choices.folder);
        if let Some(old) = self.left(session, answers, &choices.folder) {
            let old = recorder.store_at(&old).shown();
            plan.notes
                .push(format!("the pages written so far stay in {old} until `commit-story move` brings them along"));
        }
        if answers.branch.is_none() && answers.private && setup::sight(&new).is_ok_and(|sight| sight == Sight::Tracked)
        {
            let folder = new.display();
            plan.notes.push(format!(
                "git already tracks pages in {folder}, and what is tracked is committed: `git rm -r --cached '{folder}'` \
                 makes it forget them and leaves the files"
            ));
        }
        narrator::add(&mut plan, session, &self.workspace.loaded, &self.detected, narrator)?;
        Ok(plan)
    }
}

impl Site {
    /// The place that these answers leave, if it holds pages.
    fn left(&self, session: &Session, answers: &Answers, folder: &Path) -> Option<Place> {
        let recorder = self.workspace.recorder(session);
        let new = answers.branch.clone().map_or_else(|| Place::Folder(folder.to_owned()), Place::Branch);
        let (old, new) = (recorder.store(), recorder.store_at(&new));
        let leaves = !relocate::is_same(&old, &new) && old.leaves().is_ok_and(|leaves| !leaves.is_empty());
        leaves.then(|| recorder.place())
    }
}

/// A branch's name, as the setting allows it.
fn branch(text: &str) -> Result<String, String> {
    config::edit::checked(BRANCH, text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

fn greet(session: &Session, detected: &Detected) {
    session.printer.say(&format!("repository  {}", detected.top.display()));
    let names: Vec<&str> =
        detected.assistants.iter().filter_map(|place| Assistant::parse(&place.name).map(Assistant::name)).collect();
    let found = if names.is_empty() { "none found on this machine".to_owned() } else { names.join(", ") };
    session.printer.say(&format!("assistants  {found}"));
    for hook in detected.hooks.iter().filter(|hook| matches!(hook.found, Found::Foreign(_))) {
        session.printer.say(&plan::near(&detected.top, &format!("your hook   {}", hook.path.display())));
    }
    for Sighting { tool, at } in &detected.tools {
        session.printer.say(&plan::near(&detected.top, &format!("hooks by    {} ({})", tool.name(), at.display())));
    }
}

/// Flags first, then questions, then what holds already.
fn answers(session: &Session, site: &Site, options: &Options, prompt: Option<&Prompt>) -> Result<(Answers, Narrator)> {
    let Site { workspace, detected } = site;
    let loaded = &workspace.loaded;
    let explain = |text: &str| session.printer.say(&paint(Part::Quiet, text, session.printer.colour_err));
    let check = |folder: &str| check_folder(workspace, &detected.top, folder, options.user);
    let held = command::get(loaded, FOLDER)?.setting.text();
    let branch = on_branch(loaded, options, prompt)?;
    let folder = match (&options.folder, prompt.filter(|_| branch.is_none())) {
        (Some(folder), _) => folder.clone(),
        (None, Some(prompt)) => prompt.line("Journal folder", &held, check)?,
        (None, None) => held,
    };
    if let (None, Err(reason)) = (&branch, check(&folder)) {
        let hint = "name a folder below the top of the repository, such as journal".to_owned();
        return Err(Usage { message: format!("cannot keep the journal in `{folder}`: {reason}"), hint }.into());
    }
    let held = loaded.config.journal.private;
    let private = match (options.private, options.committed, prompt.filter(|_| branch.is_none())) {
        (true, _, _) => true,
        (_, true, _) => false,
        (_, _, Some(prompt)) => {
            let choices = ["only me: git ignores it", "everybody: it is committed"];
            prompt.one("Who may read it?", &choices, usize::from(!held))? == 0
        }
        (_, _, None) => held,
    };
    let read = match (&options.assistants, prompt) {
        (Some(names), _) => named(names)?,
        (None, Some(prompt)) if !detected.assistants.is_empty() => {
            explain("What is read stays on this machine.\nSpace switches, enter confirms.");
            asked(prompt, workspace, &found(detected))?
        }
        (None, _) => found(detected).into_iter().map(|one| (one, reads(workspace, one))).collect(),
    };
    let folder = folder.trim_end_matches('/').to_owned();
    let way = way(session, options, detected)?;
    let asked = way == Way::Files && detected.place == setup::Place::WorkTree && !detected.is_installed();
    let shared_hooks = match prompt {
        Some(prompt) if asked && !options.shared_hooks => {
            explain("git runs hooks here that are part of the repository: what is in them runs for everybody.");
            prompt.yes("Put our lines into them?", true)?
        }
        _ => options.shared_hooks,
    };
    let narrator = narrator_questions::answer(session, loaded, &options.narration, prompt)?;
    let unnarrated = narrator == Narrator::LeftOut;
    Ok((Answers { folder, branch, private, read, user: options.user, way, shared_hooks, unnarrated }, narrator))
}

/// git's configuration where that works, unless files are asked for.
fn way(session: &Session, options: &Options, detected: &Detected) -> Result<Way> {
    let usual = || How::from_str(session.env.text("COMMIT_STORY_HOOKS")?, true).ok();
    match options.hooks.or_else(usual) {
        Some(How::Config) => everywhere::needed(&detected.configured).map(|()| Way::Configured),
        None if detected.configured.works() => Ok(Way::Configured),
        None | Some(How::Files) => Ok(Way::Files),
    }
}

/// The branch that is to hold the journal, if one is.
fn on_branch(loaded: &Loaded, options: &Options, prompt: Option<&Prompt>) -> Result<Option<String>> {
    let held = &loaded.config.journal.branch;
    let says_folder = options.folder.is_some() || options.private || options.committed;
    Ok(match (&options.branch, prompt) {
        (Some(branch), _) => Some(branch.clone()),
        (None, _) if says_folder => None,
        (None, None) => held.clone(),
        (None, Some(prompt)) => {
            let choices = ["in a folder", "on a branch of this repository, which git can share"];
            let on_branch = prompt.one("Where shall the journal live?", &choices, usize::from(held.is_some()))? == 1;
            on_branch.then(|| held.clone().unwrap_or_else(|| USUAL_BRANCH.to_owned()))
        }
    })
}

fn reads(workspace: &Workspace, assistant: Assistant) -> bool {
    workspace.loaded.config.assistants.of(assistant.slug()).read
}

/// The assistants that have left something on this machine.
fn found(detected: &Detected) -> Vec<Assistant> {
    detected.assistants.iter().filter_map(|place| Assistant::parse(&place.name)).collect()
}

fn asked(prompt: &Prompt, workspace: &Workspace, offered: &[Assistant]) -> Result<Vec<(Assistant, bool)>> {
    let choices: Vec<(String, bool)> =
        offered.iter().map(|one| (one.name().to_owned(), reads(workspace, *one))).collect();
    let chosen = prompt.any("Read conversations with", &choices)?;
    Ok(offered.iter().enumerate().map(|(index, one)| (*one, chosen.contains(&index))).collect())
}

/// The assistants on the list are read, all others are not.
fn named(names: &str) -> Result<Vec<(Assistant, bool)>> {
    let names = names.split(',').map(str::trim).filter(|name| !name.is_empty() && *name != "none");
    let supported: Vec<Assistant> = READERS.iter().map(|reader| reader.assistant).collect();
    let mut chosen = Vec::new();
    for name in names {
        let known = Assistant::parse(name).filter(|one| supported.contains(one));
        chosen.push(known.ok_or_else(|| {
            let known = supported.iter().map(|one| one.slug()).collect::<Vec<_>>().join(", ");
            Usage { message: format!("no assistant is called {name}"), hint: format!("known are: {known}") }
        })?);
    }
    Ok(supported.into_iter().map(|one| (one, chosen.contains(&one))).collect())
}

/// Says what was written, and what happens next, by the settings as they are now.
fn farewell(session: &Session, top: &Path, plan: &Plan) -> Result<()> {
    let workspace = session.open()?;
    if plan.steps.is_empty() {
        session.printer.say("everything is set up already");
    } else {
        let wrote = paint(Part::Good, "wrote", session.printer.colour_err);
        session.printer.say(&format!("{wrote} {}", plan::written(top, plan)));
    }
    if !workspace.loaded.config.enabled {
        session.printer.warn("recording is switched off: commit-story config set enabled true");
        return Ok(());
    }
    let page = workspace.recorder(session).store().path(session.env.now.date_naive());
    session.printer.say(&format!(
        "Your next commit is recorded in {}\n\
         Read it with `commit-story show`; `commit-story doctor` checks everything.",
        plan::near(top, &page.display().to_string())
    ));
    Ok(())
}
