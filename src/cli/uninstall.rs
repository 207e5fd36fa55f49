//! `commit-story uninstall`: takes commit-story out of a repository.
//!
//! In: flags, or answers on a terminal. Out: a plan, shown and applied.
//! Never here: the journal. It is the developer's, and so are notes that no entry has told: they go only when asked to.

use anyhow::Result;
use clap::Args;

use super::everywhere::{self, Manner};
use super::failure::Usage;
use super::narrator;
use super::plan::{self, Outcome};
use super::session::{Session, Workspace};
use crate::hook::marked;
use crate::missed;
use crate::setup::clients::{self, Project};
use crate::setup::{self, Also, Plan, Sight};
use crate::store::notes::Notes;
use crate::ui::prompt::{self, Prompt};

/// What goes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  commit-story uninstall                    asks
  commit-story uninstall --yes              the hook; journal and settings stay
  commit-story uninstall --config --yes     .commit-story.yaml, too
  commit-story uninstall --unhide --yes     git sees the journal from then on
  commit-story uninstall --narration --yes  asks no model any more
  commit-story uninstall --dry-run          only shows what would be done
  commit-story uninstall --global --yes     takes back `init --global`

The log and what was remembered of conversations go with the hook. Notes (reflect, capture) that no entry has told yet \
stay in .git/commit-story, unless --state says that they go, too.")]
pub struct Options {
    /// Remove .commit-story.yaml, too, and our server from the MCP files that the project shares
    #[arg(long)]
    pub config: bool,
    /// Remove .git/commit-story with all that is in it, also notes that no entry has told
    #[arg(long)]
    pub state: bool,
    /// Keep .git/commit-story: the log, notes, how far conversations were read
    #[arg(long, conflicts_with = "state")]
    pub keep_state: bool,
    /// Let git see a private journal from now on: without this its line stays in .git/info/exclude as long as it does
    #[arg(long)]
    pub unhide: bool,
    /// Have entries narrated no longer, in any repository of yours, and remove a key that was typed into `init`
    #[arg(long)]
    pub narration: bool,
    /// Take back `init --global`: your own git configuration no longer names commit-story
    #[arg(long, conflicts_with_all = ["config", "state", "keep_state", "unhide", "narration"])]
    pub global: bool,
    /// Ask nothing
    #[arg(short, long)]
    pub yes: bool,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Runs the command.
///
/// # Errors
/// There is no repository here, or a file cannot be changed.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let asks = !options.yes && !options.dry_run;
    if asks && !prompt::can_ask() {
        return Err(Usage {
            message: "cannot ask questions: this is not a terminal".to_owned(),
            hint: "commit-story uninstall --yes keeps .commit-story.yaml, --config --yes removes it; --dry-run shows \
                   what would be done"
                .to_owned(),
        }
        .into());
    }
    if options.global {
        return everywhere::uninstall(session, Manner { asks, dry_run: options.dry_run });
    }
    let workspace = session.workspace()?;
    let detected = setup::detect(&session.places(&workspace.repository)?)?;
    let prompt = asks.then(|| Prompt::new(session.printer.colour_err));
    let untold = Notes::at(&workspace.repository.state_dir()).untold()?;
    let journal = workspace.recorder(session).journal_folder();
    let folder = journal.clone().filter(|folder| folder.is_dir());
    let hidden = folder.as_ref().is_some_and(|folder| setup::sight(folder).is_ok_and(|sight| sight == Sight::Hidden));
    let mut also = Also {
        config: options.config,
        state: options.state || !options.keep_state && untold == 0,
        hiding: options.unhide || !hidden,
    };
    if let Some(prompt) = &prompt {
        if !also.config && detected.repository_config.bytes.is_some() {
            also.config = prompt.yes("Remove .commit-story.yaml?", false)?;
        }
        if !also.state && !options.keep_state {
            also.state = prompt.yes(&format!("Remove {}?", notes(untold)), false)?;
        }
    }
    let planned = planned(session, &workspace, also, (untold, options.narration))?;
    let again = || self::planned(session, &session.open()?, also, (untold, options.narration));
    let top = &detected.top;
    if plan::carry_out(session, top, &planned, prompt.as_ref(), options.dry_run, again)? == Outcome::Done {
        missed::end(&workspace.repository.state_dir())?;
        let nothing = planned.steps.is_empty();
        session.printer.say(if detected.is_everywhere() && !workspace.repository.opted_out() {
            "commits are still recorded, as they are in every repository of yours: `git config commitstory.enabled false` \
             leaves this one out"
        } else if nothing {
            "there was nothing of commit-story here"
        } else {
            "commits are no longer recorded"
        });
        let store = workspace.recorder(session).store();
        if folder.is_some() || store.branch().is_some_and(|branch| branch.tip().is_ok_and(|tip| tip.is_some())) {
            session.printer.say(&plan::near(top, &format!("the journal stays: {}", store.shown())));
        }
    }
    Ok(())
}

fn planned(session: &Session, workspace: &Workspace, also: Also, (untold, narration): (usize, bool)) -> Result<Plan> {
    let detected = setup::detect(&session.places(&workspace.repository)?)?;
    let mut plan = Plan::default();
    let project = Project { top: &detected.top, state: &workspace.repository.state_dir() };
    clients::leave(&mut plan, &session.env, project, also.config);
    plan.append(setup::undo(&detected, also));
    if narration {
        narrator::forget(&mut plan, session, &detected)?;
    }
    if untold > 0 && !also.state {
        let state = workspace.repository.state_dir();
        let held = notes(untold);
        let (stay, them) = if untold == 1 { ("stays", "it") } else { ("stay", "them") };
        plan.notes.push(format!("{held} {stay} in {}; `--state` removes {them}", state.display()));
    }
    let journal = workspace.recorder(session).journal_folder().filter(|folder| folder.is_dir());
    let ours = detected.exclude.bytes.as_deref().is_some_and(|bytes| marked::find(bytes).is_some());
    if let Some(journal) = journal.filter(|_| ours) {
        let shown = journal.display();
        plan.notes.push(if also.hiding {
            format!("git will see {shown}: unless you ignore it yourself, `git add --all` adds your journal")
        } else {
            format!("git goes on ignoring {shown}, by our lines in .git/info/exclude; `--unhide` removes them")
        });
    }
    if detected.repository_config.bytes.is_some() && !also.config {
        plan.notes.push(".commit-story.yaml stays; `--config` removes it".to_owned());
    }
    Ok(plan)
}

fn notes(untold: usize) -> String {
    if untold == 1 {
        "1 note that no entry has told".to_owned()
    } else {
        format!("{untold} notes that no entry has told")
    }
}
