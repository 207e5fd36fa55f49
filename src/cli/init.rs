//! `commit-story init`: sets the journal up in a repository.
//!
//! In: flags, or answers on a terminal. Out: a plan, shown and applied.
//! Never here: a change that was not shown, or a question off a terminal.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;

use super::failure::Usage;
use super::session::{Session, Workspace};
use crate::chat::Assistant;
use crate::config::{self, edit, journal_folder_allowed, starter};
use crate::setup::{self, Choices, Detected, Plan};
use crate::ui::prompt::{self, Prompt};
use crate::ui::style::{Part, paint};

/// The questions, each with the flag that answers it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  commit-story init                                   asks
  commit-story init --yes                             takes the defaults
  commit-story init --folder docs/journal --committed --yes
  commit-story init --dry-run --yes                   only shows what would be done")]
pub struct Options {
    /// The journal's folder, below the top of the repository
    #[arg(long, value_name = "PATH")]
    pub folder: Option<String>,
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
    /// Ask nothing: take the defaults for what no flag answers
    #[arg(short, long)]
    pub yes: bool,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// What was chosen.
struct Answers {
    folder: String,
    private: bool,
    read: Vec<Assistant>,
}

/// Runs the command.
///
/// # Errors
/// There is no repository here, an answer is wrong, or a file cannot be written.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let workspace = session.workspace()?;
    let places = session.places(&workspace.repository)?;
    let detected = setup::detect(&places)?;
    let asks = !options.yes && !options.dry_run && prompt::can_ask();
    if !asks && !options.yes && !options.dry_run {
        return Err(Usage {
            message: "cannot ask questions: this is not a terminal".to_owned(),
            hint: "commit-story init --yes takes the defaults; --dry-run shows what they do".to_owned(),
        }
        .into());
    }
    let prompt = asks.then(|| Prompt::new(session.printer.colour_err));
    greet(session, &detected);
    let answers = answers(&workspace, options, &detected, prompt.as_ref())?;
    let choices = choices(session, &workspace, options, &answers, &detected)?;
    let plan = setup::plan(&detected, &choices);
    show(session, &plan);
    if options.dry_run {
        return refused(&plan);
    }
    if let Some(prompt) = &prompt
        && !plan.is_empty()
        && plan.refusal.is_none()
        && !prompt.yes("Do this?", true)?
    {
        session.printer.say("nothing was changed");
        return Ok(());
    }
    setup::apply(&plan)?;
    farewell(session, &plan, &choices);
    Ok(())
}

fn greet(session: &Session, detected: &Detected) {
    session.printer.say(&format!("repository  {}", detected.top.display()));
    let names: Vec<&str> =
        detected.assistants.iter().filter_map(|place| Assistant::parse(&place.name).map(Assistant::name)).collect();
    let found = if names.is_empty() { "none found on this machine".to_owned() } else { names.join(", ") };
    session.printer.say(&format!("assistants  {found}"));
    for sighting in &detected.tools {
        session.printer.say(&format!("hooks       {} ({})", sighting.tool.name(), sighting.at.display()));
    }
}

/// Flags first, then questions, then what holds already.
fn answers(workspace: &Workspace, options: &Options, detected: &Detected, prompt: Option<&Prompt>) -> Result<Answers> {
    let journal = &workspace.loaded.config.journal;
    let check = |folder: &str| {
        let outside = options.user && Path::new(folder).is_absolute();
        if outside { Ok(()) } else { journal_folder_allowed(&detected.top, folder) }
    };
    let folder = match (&options.folder, prompt) {
        (Some(folder), _) => folder.clone(),
        (None, Some(prompt)) => prompt.line(
            "Where shall the journal live, below the repository's top?",
            &journal.folder.to_string_lossy(),
            check,
        )?,
        (None, None) => journal.folder.to_string_lossy().into_owned(),
    };
    if let Err(reason) = check(&folder) {
        let hint = "name a folder below the top of the repository, such as journal".to_owned();
        return Err(Usage { message: format!("cannot keep the journal in {folder}: {reason}"), hint }.into());
    }
    let private = match (options.private, options.committed, prompt) {
        (true, _, _) => true,
        (_, true, _) => false,
        (_, _, Some(prompt)) => {
            let choices = ["private: git does not see it", "committed with the code, for everybody to read"];
            prompt.one("Is the journal private?", &choices, usize::from(!journal.private))? == 0
        }
        (_, _, None) => journal.private,
    };
    let read = match (&options.assistants, prompt) {
        (Some(names), _) => named(names)?,
        (None, Some(prompt)) => asked(prompt, workspace)?,
        (None, None) => Assistant::ALL.iter().copied().filter(|one| reads(workspace, *one)).collect(),
    };
    Ok(Answers { folder, private, read })
}

fn reads(workspace: &Workspace, assistant: Assistant) -> bool {
    match assistant {
        Assistant::ClaudeCode => workspace.loaded.config.assistants.claude_code.read,
        _ => true,
    }
}

fn asked(prompt: &Prompt, workspace: &Workspace) -> Result<Vec<Assistant>> {
    let choices: Vec<(String, bool)> =
        Assistant::ALL.iter().map(|one| (one.name().to_owned(), reads(workspace, *one))).collect();
    let chosen = prompt.any("Whose conversations may be read? They stay on this machine.", &choices)?;
    Ok(chosen.into_iter().filter_map(|index| Assistant::ALL.get(index).copied()).collect())
}

fn named(names: &str) -> Result<Vec<Assistant>> {
    let names = names.split(',').map(str::trim).filter(|name| !name.is_empty() && *name != "none");
    let known = Assistant::ALL.iter().map(|one| one.slug()).collect::<Vec<_>>().join(", ");
    names
        .map(|name| {
            Assistant::parse(name).ok_or_else(|| {
                Usage { message: format!("no assistant is called {name}"), hint: format!("known are: {known}") }.into()
            })
        })
        .collect()
}

/// The answers as a configuration file and a place for the hook.
fn choices(
    session: &Session,
    workspace: &Workspace,
    options: &Options,
    answers: &Answers,
    detected: &Detected,
) -> Result<Choices> {
    let file = if options.user { detected.user_config.as_ref() } else { Some(&detected.repository_config) };
    let file = file.ok_or_else(|| anyhow::anyhow!("cannot find the user's configuration directory"))?;
    let settings = settings(answers);
    let text = match &file.bytes {
        None => {
            let pairs: Vec<(&str, &str)> = settings.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
            starter::starter(&pairs)?
        }
        Some(bytes) => {
            let mut text = String::from_utf8_lossy(bytes).into_owned();
            // What holds already, from whatever layer, is not written again.
            for (key, value) in &settings {
                let holds = config::command::get(&workspace.loaded, key)?.setting.text();
                if holds != *value {
                    text = edit::set(&text, key, value)?;
                }
            }
            text
        }
    };
    Ok(Choices {
        folder: PathBuf::from(&answers.folder),
        private: answers.private,
        binary: session.env.executable.clone(),
        config_file: file.path.clone(),
        config_text: text,
    })
}

fn settings(answers: &Answers) -> Vec<(String, String)> {
    let mut settings = vec![
        ("journal.folder".to_owned(), answers.folder.clone()),
        ("journal.private".to_owned(), answers.private.to_string()),
    ];
    for assistant in Assistant::ALL {
        let read = answers.read.contains(assistant);
        settings.push((format!("assistants.{}.read", assistant.slug()), read.to_string()));
    }
    settings
}

fn show(session: &Session, plan: &Plan) {
    let colour = session.printer.colour_err;
    if !plan.steps.is_empty() {
        session.printer.say(&paint(Part::Heading, "\nThe plan", colour));
    }
    for step in &plan.steps {
        session.printer.say(&format!("  {}", step.describe()));
    }
    for note in &plan.notes {
        session.printer.say(&format!("  {} {note}", paint(Part::Warning, "note:", colour)));
    }
}

/// A plan that cannot be applied is a failure, also when it was only to be shown.
fn refused(plan: &Plan) -> Result<()> {
    plan.refusal.clone().map_or(Ok(()), |refusal| Err(refusal.into()))
}

fn farewell(session: &Session, plan: &Plan, choices: &Choices) {
    let day = session.env.now.format("entries/%Y-%m/%Y-%m-%d.md").to_string();
    let page = choices.folder.join(day);
    if plan.steps.is_empty() {
        session.printer.say("everything is set up already");
    } else {
        let done = paint(Part::Good, "done", session.printer.colour_err);
        session.printer.say(&format!("\n{done}: {} changed", files(plan.steps.len())));
    }
    session.printer.say(&format!(
        "at the next commit its entry appears in {}\nread it with `commit-story show`; check everything with `commit-story doctor`",
        page.display()
    ));
}

fn files(number: usize) -> String {
    if number == 1 { "1 file".to_owned() } else { format!("{number} files") }
}
