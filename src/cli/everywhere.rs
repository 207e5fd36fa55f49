//! `commit-story init --global` and `uninstall --global`: all repositories of this user at once.
//!
//! In: flags, or answers on a terminal. Out: a plan for git's own configuration, shown and applied.
//! Never here: a repository; what each needs, the hook sees to at its first commit there.

use anyhow::Result;

use super::failure::Advice;
use super::plan::{self, Outcome};
use super::session::Session;
use crate::hook::Configured;
use crate::hook::configured;
use crate::setup::{self, Plan};
use crate::ui::prompt::Prompt;
use crate::update::place::Place;
use crate::update::source::Source;

/// Whether to ask, and whether to do.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// Ask before anything is done.
    pub asks: bool,
    /// Only show what would be done.
    pub dry_run: bool,
}

/// Has git run us in every repository.
///
/// # Errors
/// This git has no configured hooks, or cannot change its configuration.
pub fn init(session: &Session, manner: Manner) -> Result<()> {
    let configured = configured::read(&session.env.cwd);
    needed(&configured)?;
    let again = || Ok(setup::everywhere(&configured::read(&session.env.cwd), &session.env.executable));
    if carry_out(session, manner, again)? == Outcome::Done {
        session.printer.say(
            "From now on commits are recorded in every repository of yours. In one that shall be left out:\n  \
             git config commitstory.enabled false\n\
             To leave out all but those that set it to true: git config --global commitstory.enabled false",
        );
    }
    Ok(())
}

/// Has git run us in no repository that was not set up by itself.
///
/// # Errors
/// git cannot change its configuration.
pub fn uninstall(session: &Session, manner: Manner) -> Result<()> {
    let again = || Ok(setup::nowhere(&configured::read(&session.env.cwd)));
    let nothing = again()?.steps.is_empty();
    if carry_out(session, manner, again)? == Outcome::Done {
        session.printer.say(if nothing {
            "there was nothing of commit-story in your own git configuration"
        } else {
            "commits are recorded only where `commit-story init` was run; the journals stay"
        });
        let place = Place::of(&session.env.executable);
        if let Ok(source) = Source::of(&place) {
            session.printer.say(&format!("The program itself stays: {}", source.removal(&place)));
        }
    }
    Ok(())
}

/// Ends the command where git has no configured hooks.
///
/// # Errors
/// It has none.
pub fn needed(configured: &Configured) -> Result<()> {
    if configured.works() {
        return Ok(());
    }
    let found = configured.git.map_or_else(
        || "there is no git on PATH".to_owned(),
        |git| format!("the git on PATH is {}.{}", git.major, git.minor),
    );
    Err(Advice {
        message: format!("hooks in git's configuration need git 2.54, and {found}"),
        hint: "commit-story init in each repository puts hook files there".to_owned(),
    }
    .into())
}

fn carry_out(session: &Session, manner: Manner, again: impl Fn() -> Result<Plan>) -> Result<Outcome> {
    let prompt = manner.asks.then(|| Prompt::new(session.printer.colour_err));
    plan::carry_out(session, &session.env.cwd, &again()?, prompt.as_ref(), manner.dry_run, &again)
}
