//! `commit-story mcp install` and `mcp uninstall`: the journal's server in the configuration of MCP clients.
//!
//! In: flags, or answers on a terminal. Out: a plan for the clients' own files, shown and applied; or the entry, printed.
//! Never here: how a client wants it written (that is `setup::clients`).

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Subcommand};

use super::failure::{Told, Usage};
use super::plan::{self, Outcome};
use super::session::Session;
use crate::git::Repository;
use crate::setup::Plan;
use crate::setup::clients::{self, CLIENTS, Client, Entry, Project, SERVER, Scope, Target};
use crate::ui::prompt::{self, Prompt};
use crate::{fs, process};

/// What is done to clients' configuration.
#[derive(Debug, Subcommand)]
pub enum Clients {
    /// Have MCP clients start the server: writes their own configuration
    Install(Options),
    /// Take the server out of MCP clients' configuration again
    Uninstall(Leaving),
}

/// Which clients, and whose files.
#[derive(Debug, Args)]
pub struct Which {
    /// The client; may be repeated [known: claude-code, claude-desktop, cursor, vscode, vscode-insiders, jetbrains, codex,
    /// gemini, windsurf, zed, copilot-cli, opencode, qwen-code]
    #[arg(long, value_name = "CLIENT", value_parser = client, hide_possible_values = true)]
    pub client: Vec<&'static Client>,
    /// The project's file, in this work tree, which all who work on it share
    #[arg(long, conflicts_with = "user")]
    pub project: bool,
    /// Your own file, for all projects
    #[arg(long)]
    pub user: bool,
    /// Ask nothing; without --client all that are found
    #[arg(short, long)]
    pub yes: bool,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// How the server is added.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  commit-story mcp install                             finds them, and asks
  commit-story mcp install --client claude-code        in your own configuration
  commit-story mcp install --client vscode --project   in .vscode/mcp.json
  commit-story mcp install --client jetbrains --print  what to paste, where
  commit-story mcp install --yes                       in all that are found

A file that is there is kept as FILE.before-commit-story, and only our entry is added: comments and order stay.")]
pub struct Options {
    /// Which.
    #[command(flatten)]
    pub which: Which,
    /// Print the entry and where it belongs, and do nothing
    #[arg(long, conflicts_with_all = ["yes", "dry_run"])]
    pub print: bool,
}

/// How it is taken out.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  commit-story mcp uninstall --yes                out of every client
  commit-story mcp uninstall --client cursor      out of one
  commit-story mcp uninstall --project --dry-run  what would change here

Where nothing else was changed since, a file is then what it was before, to the byte.")]
pub struct Leaving {
    /// Which.
    #[command(flatten)]
    pub which: Which,
}

/// Runs the command.
///
/// # Errors
/// No client is named and nobody can be asked; or a file cannot be edited, and is left alone.
pub fn run(session: &Session, clients: &Clients) -> Result<()> {
    match clients {
        Clients::Install(options) if options.print => print(session, &options.which),
        Clients::Install(options) => install(session, &options.which),
        Clients::Uninstall(options) => uninstall(session, &options.which),
    }
}

fn client(slug: &str) -> Result<&'static Client, String> {
    Client::parse(slug).ok_or_else(|| {
        let near = CLIENTS
            .iter()
            .map(|client| client.slug)
            .max_by(|a, b| strsim::jaro_winkler(a, slug).total_cmp(&strsim::jaro_winkler(b, slug)));
        near.map_or_else(String::new, |near| format!("no client is called that; did you mean {near}?"))
    })
}

/// The work tree we are in, if we are in one.
#[derive(Debug)]
pub struct Here {
    top: Option<PathBuf>,
    state: PathBuf,
}

impl Here {
    /// Found from the working directory, or from what `-C` names.
    #[must_use]
    pub fn of(session: &Session) -> Self {
        let repository = Repository::open(&session.env).ok();
        Self {
            top: repository.as_ref().and_then(Repository::worktree).map(Path::to_owned),
            state: repository.as_ref().map(Repository::state_dir).unwrap_or_default(),
        }
    }

    /// The work tree, as far as clients' files are concerned.
    #[must_use]
    pub fn project(&self) -> Option<Project<'_>> {
        Some(Project { top: self.top.as_deref()?, state: &self.state })
    }

    fn target(&self, session: &Session, client: &'static Client, scope: Scope) -> Result<Target> {
        if scope == Scope::User {
            return clients::of_user(&session.env, client);
        }
        match self.project() {
            Some(project) => clients::of_project(project, client),
            None => Err(Usage {
                message: "there is no work tree here whose file could be meant".to_owned(),
                hint: "change to one, or name it: commit-story -C DIR mcp …".to_owned(),
            }
            .into()),
        }
    }

    /// How the client is to start the server.
    fn entry(&self, session: &Session, client: &Client, scope: Scope) -> Result<Entry> {
        let mut args = vec!["mcp".to_owned()];
        if scope == Scope::Project {
            // Who shares the file has the program in another place.
            return Ok(Entry { command: SERVER.to_owned(), args });
        }
        if !client.tells_project {
            let Some(top) = self.top.as_deref() else {
                return Err(Usage {
                    message: format!("{} does not tell a server which project is meant", client.name),
                    hint: "run this in the repository whose journal it shall read, or name that: -C DIR".to_owned(),
                }
                .into());
            };
            let top = top.to_str().with_context(|| format!("{} is no text that a file could hold", top.display()))?;
            args.splice(0..0, ["-C".to_owned(), top.to_owned()]);
        }
        Ok(Entry { command: program(session).display().to_string(), args })
    }
}

/// The program by a path that survives an update: where `PATH` has it, and not where a package manager really keeps it.
fn program(session: &Session) -> PathBuf {
    let running = &session.env.executable;
    let found = process::on_path(SERVER).filter(|path| fs::canonical(path) == fs::canonical(running));
    found.unwrap_or_else(|| running.clone())
}

fn scope(which: &Which) -> Scope {
    if which.project { Scope::Project } else { Scope::User }
}

fn print(session: &Session, which: &Which) -> Result<()> {
    let (here, scope) = (Here::of(session), scope(which));
    let chosen = if which.client.is_empty() { offered(session, scope) } else { which.client.clone() };
    if chosen.is_empty() {
        return Err(unnamed(&[]).into());
    }
    for client in chosen {
        let fields = client.shape.fields(&here.entry(session, client, scope)?);
        let text = client.format.with(b"", &client.path(), &fields)?;
        match here.target(session, client, scope) {
            Ok(target) => session.printer.say(&format!("{}, in {}:", client.name, target.path.display())),
            Err(error) => session.printer.warn(&format!("{}: {error:#}", client.name)),
        }
        session.printer.result(String::from_utf8_lossy(&text).trim_end())?;
        for step in client.by_hand {
            session.printer.say(&format!("  {step}"));
        }
    }
    Ok(())
}

fn install(session: &Session, which: &Which) -> Result<()> {
    let (here, scope) = (Here::of(session), scope(which));
    let prompt = (!which.yes && !which.dry_run && prompt::can_ask()).then(|| Prompt::new(session.printer.colour_err));
    let chosen = chosen(session, which, &offered(session, scope), prompt.as_ref())?;
    let edit = |plan: &mut Plan, client: &'static Client, seen: &mut Vec<PathBuf>| -> Result<()> {
        let target = here.target(session, client, scope)?;
        if !seen.contains(&target.path) {
            clients::install(plan, &target, &here.entry(session, client, scope)?)?;
            seen.push(target.path);
        }
        Ok(())
    };
    let planned = || {
        let (mut plan, left) = gather(&chosen, edit)?;
        if scope == Scope::Project && !process::is_on_path(SERVER) {
            plan.notes.push(format!("{SERVER} is not on PATH here, and the project's file relies on that"));
        }
        Ok((plan, left))
    };
    if carry_out(session, &here, which, prompt.as_ref(), planned)? {
        let names: Vec<&str> = chosen.iter().map(|client| client.name).collect();
        let whose = if names.len() == 1 { "its" } else { "their" };
        session.printer.say(&format!("{} can read the journal from {whose} next start", list(&names)));
        for (client, step) in chosen.iter().flat_map(|client| client.by_hand.iter().map(move |step| (client, step))) {
            session.printer.say(&format!("{}: {step}", client.name));
        }
    }
    Ok(())
}

fn uninstall(session: &Session, which: &Which) -> Result<()> {
    let here = Here::of(session);
    let prompt = (!which.yes && !which.dry_run && prompt::can_ask()).then(|| Prompt::new(session.printer.colour_err));
    if which.client.is_empty() && prompt.is_none() && !which.yes && !which.dry_run {
        return Err(Usage {
            message: "cannot ask questions: this is not a terminal".to_owned(),
            hint: "commit-story mcp uninstall --yes, or --client CLIENT; --dry-run shows what would be done".to_owned(),
        }
        .into());
    }
    let named = !which.client.is_empty();
    let chosen: Vec<&'static Client> = if named { which.client.clone() } else { CLIENTS.iter().collect() };
    let edit = |plan: &mut Plan, client: &'static Client, seen: &mut Vec<PathBuf>| -> Result<()> {
        let mut targets = Vec::new();
        if !which.project {
            targets.push(here.target(session, client, Scope::User)?);
        }
        if which.project && named || !which.user && here.top.is_some() && !client.project.is_empty() {
            targets.push(here.target(session, client, Scope::Project)?);
        }
        for target in targets.into_iter().filter(|target| !seen.contains(&target.path)).collect::<Vec<_>>() {
            clients::uninstall(plan, &target)?;
            seen.push(target.path);
        }
        Ok(())
    };
    if carry_out(session, &here, which, prompt.as_ref(), || gather(&chosen, edit))? {
        session.printer.say("no client starts the server from these files any more");
    }
    Ok(())
}

/// The clients that are here, as far as they have such a file.
fn offered(session: &Session, scope: Scope) -> Vec<&'static Client> {
    let mut found = clients::found(&session.env);
    found.retain(|client| scope == Scope::User || !client.project.is_empty());
    found
}

fn chosen(
    session: &Session,
    which: &Which,
    offered: &[&'static Client],
    prompt: Option<&Prompt>,
) -> Result<Vec<&'static Client>> {
    if !which.client.is_empty() {
        return Ok(which.client.clone());
    }
    match prompt {
        _ if offered.is_empty() => Err(unnamed(&[]).into()),
        Some(prompt) => {
            let choices: Vec<(String, bool)> = offered.iter().map(|client| (client.name.to_owned(), true)).collect();
            let picked = prompt.any("Add the server to", &choices)?;
            Ok(picked.into_iter().map(|at| offered[at]).collect())
        }
        None if which.yes || which.dry_run => Ok(offered.to_vec()),
        None => {
            session.printer.detail("this is not a terminal: nothing is asked");
            Err(unnamed(offered).into())
        }
    }
}

fn unnamed(offered: &[&'static Client]) -> Usage {
    let slugs = |clients: &mut dyn Iterator<Item = &'static Client>| {
        clients.map(|client| client.slug).collect::<Vec<_>>().join(", ")
    };
    if offered.is_empty() {
        return Usage {
            message: "no MCP client was found on this machine".to_owned(),
            hint: format!("name one with --client: {}", slugs(&mut CLIENTS.iter())),
        };
    }
    Usage {
        message: format!("found {}, and nobody can be asked which is meant", slugs(&mut offered.iter().copied())),
        hint: "name them with --client, or take all with --yes".to_owned(),
    }
}

/// One plan for all clients. Of several, those whose file cannot be edited are left out, and named.
fn gather(
    chosen: &[&'static Client],
    edit: impl Fn(&mut Plan, &'static Client, &mut Vec<PathBuf>) -> Result<()>,
) -> Result<(Plan, usize)> {
    let (mut plan, mut seen, mut left) = (Plan::default(), Vec::new(), 0);
    for client in chosen {
        match edit(&mut plan, client, &mut seen) {
            Ok(()) => {}
            Err(error) if chosen.len() == 1 => return Err(error),
            Err(error) => {
                left += 1;
                plan.notes.push(format!("{} is left out: {error:#}", client.name));
            }
        }
    }
    Ok((plan, left))
}

/// Shows the plan and applies it; whether something was changed.
fn carry_out(
    session: &Session,
    here: &Here,
    which: &Which,
    prompt: Option<&Prompt>,
    planned: impl Fn() -> Result<(Plan, usize)>,
) -> Result<bool> {
    let (plan, left) = planned()?;
    let top = here.top.as_deref().unwrap_or(&session.env.cwd);
    let again = || planned().map(|(plan, _)| plan);
    let done = plan::carry_out(session, top, &plan, prompt, which.dry_run, again)? == Outcome::Done;
    if done && plan.steps.is_empty() && left == 0 {
        session.printer.say("there was nothing to change");
    }
    if left > 0 {
        return Err(Told.into());
    }
    Ok(done && !plan.steps.is_empty())
}

fn list(names: &[&str]) -> String {
    match names {
        [all @ .., last] if !all.is_empty() => format!("{} and {last}", all.join(", ")),
        _ => names.concat(),
    }
}
