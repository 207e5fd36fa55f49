//! A plan of `init` or `uninstall` on the terminal.
//!
//! In: a plan, and how to make it again. Out: its sentences, an answer, the changes.
//! Never here: a change that was not shown.

use std::path::Path;

use anyhow::Result;

use super::failure::Advice;
use super::session::Session;
use crate::safe::printable;
use crate::setup::{self, Action, Plan};
use crate::ui::prompt::Prompt;
use crate::ui::style::{Part, paint};

/// What became of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was only shown, or the answer was no.
    Left,
    /// Every step is done.
    Done,
}

/// Shows a plan, asks when somebody is there to answer, and applies it. `dry_run` only prints it, as the result.
///
/// # Errors
/// The plan cannot be applied, or `again` makes another one once the question is answered: what was shown no longer
/// holds.
pub fn carry_out(
    session: &Session,
    top: &Path,
    plan: &Plan,
    prompt: Option<&Prompt>,
    dry_run: bool,
    again: impl FnOnce() -> Result<Plan>,
) -> Result<Outcome> {
    refused(plan)?;
    if dry_run {
        let nothing = ["nothing is to be done".to_owned()];
        let lines = lines(top, plan, session.printer.colour_out);
        session.printer.result(&if plan.steps.is_empty() { nothing.as_slice() } else { &lines }.join("\n"))?;
        return Ok(Outcome::Left);
    }
    for line in lines(top, plan, session.printer.colour_err) {
        session.printer.say(&line);
    }
    if let (Some(prompt), false) = (prompt, plan.steps.is_empty()) {
        if !prompt.yes("Do this?", true)? {
            session.printer.say("nothing was changed");
            return Ok(Outcome::Left);
        }
        if again()? != *plan {
            return Err(Advice {
                message: "the files have changed while the question was open".to_owned(),
                hint: "run this again: it plans anew".to_owned(),
            }
            .into());
        }
    }
    setup::apply(plan)?;
    Ok(Outcome::Done)
}

/// Ends the command when the plan cannot be applied, whatever the answers.
///
/// # Errors
/// The plan carries a refusal.
pub fn refused(plan: &Plan) -> Result<()> {
    plan.refusal.clone().map_or(Ok(()), |refusal| Err(refusal.into()))
}

fn lines(top: &Path, plan: &Plan, colour: bool) -> Vec<String> {
    let steps = plan.steps.iter().map(|step| format!("  {}", printable(&step.describe())));
    let note = paint(Part::Warning, "note:", colour);
    let notes = plan.notes.iter().map(|sentence| format!("  {note} {}", printable(sentence)));
    steps.chain(notes).map(|line| near(top, &line)).collect()
}

/// The sentence with paths below the top of the work tree named from there.
#[must_use]
pub fn near(top: &Path, sentence: &str) -> String {
    sentence.replace(&format!("{}{}", top.display(), std::path::MAIN_SEPARATOR), "")
}

/// What a plan wrote, as a list within a sentence.
#[must_use]
pub fn written(top: &Path, plan: &Plan) -> String {
    let paths = plan.steps.iter().filter_map(|step| match &step.action {
        Action::Write { path, .. } => Some(path.display().to_string()),
        Action::Configure { file, .. } => Some(file.shown()),
        Action::Move { .. }
        | Action::Remove(_)
        | Action::RemoveDir(_)
        | Action::RemoveEmpty(_)
        | Action::Unconfigure { .. } => None,
    });
    let mut names: Vec<String> = paths.map(|path| near(top, &path)).collect();
    names.dedup();
    match names.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}
