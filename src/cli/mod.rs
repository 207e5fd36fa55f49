//! The command line: one file per command.
//!
//! In: arguments. Out: the exit code.
//! Never here: work. A command asks the library, and prints.

pub mod failure;

pub mod session;

pub mod paging;

pub mod plan;

pub mod choices;

pub mod hook;

pub mod everywhere;

pub mod try_out;

pub mod narrator;

pub mod narrator_questions;

pub mod init;

pub mod moving;

pub mod sync;

pub mod uninstall;

pub mod update;

pub mod show;

pub mod log;

pub mod search;

pub mod why;

pub mod sources;

pub mod explain;

pub mod record;

pub mod reconcile;

pub mod backfill;

pub mod narrate;

pub mod status;

pub mod note;

pub mod import;

pub mod export;

pub mod report;

pub mod summarize;

pub mod draft;

pub mod mcp_install;

pub mod mcp;

pub mod doctor;

pub mod config;

pub mod completions;

pub mod demo;

pub mod args;

use std::io::Write;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use self::args::{Arguments, Command};
use self::session::Session;
use crate::env::Env;

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    // What git runs comes first: it never fails, and the tree of commands is not built for it.
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == "hook") {
        return hook::main(&arguments.collect::<Vec<_>>());
    }
    std::panic::set_hook(Box::new(|panic| {
        let _ = writeln!(
            std::io::stderr(),
            "error: a bug in commit-story {}: {}\nhint: report it with this line at {}/issues",
            env!("CARGO_PKG_VERSION"),
            panic.to_string().replace('\n', " "),
            env!("CARGO_PKG_REPOSITORY"),
        );
    }));
    let arguments = Arguments::parse();
    let env = match Env::take() {
        Ok(env) => env,
        Err(error) => return end(&anyhow::Error::new(error).context("cannot find the working directory"), false),
    };
    let session = Session::new(env, &arguments.global);
    // A server has no reader, a script's output no end, and `update` speaks for itself.
    let quiet = matches!(arguments.command, Command::Mcp(_) | Command::Completions(_) | Command::Update(_));
    let done = session.check().and_then(|()| run(&session, arguments.command));
    if !quiet {
        session.tell_of_updates();
    }
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => end(&error, session.printer.colour_err),
    }
}

fn run(session: &Session, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Init(options) => init::run(session, &options),
        Command::Show(options) => show::run(session, &options),
        Command::Today(form) => show::day(session, "today", &form),
        Command::Yesterday(form) => show::day(session, "yesterday", &form),
        Command::Log(options) => log::run(session, &options),
        Command::Search(options) => search::run(session, &options),
        Command::Why(options) => why::run(session, &options),
        Command::Record(options) => record::run(session, &options),
        Command::Backfill(options) => backfill::run(session, &options),
        Command::Narrate(options) => narrate::run(session, &options),
        Command::Status(options) => status::run(session, &options),
        Command::Reconcile(options) => reconcile::run(session, &options),
        Command::Reflect(options) => note::reflect(session, &options),
        Command::Capture(options) => note::capture(session, &options),
        Command::Import(options) => import::run(session, &options),
        Command::Export(options) => export::run(session, &options),
        Command::Summarize(options) => summarize::run(session, &options),
        Command::Draft(options) => draft::run(session, &options),
        Command::Report(options) => report::run(session, &options),
        Command::Mcp(options) => mcp::run(session, &options),
        Command::Sources(options) => sources::run(session, &options),
        Command::Doctor(options) => doctor::run(session, &options),
        Command::Config(options) => config::run(session, &options),
        Command::Move(options) => moving::run(session, &options),
        Command::Sync(options) => sync::run(session, &options),
        Command::Update(options) => update::run(session, &options),
        Command::Uninstall(options) => uninstall::run(session, &options),
        Command::Demo(options) => demo::run(session, &options),
        Command::Completions(options) => completions::run(session, &options, Arguments::command()),
        Command::Hook(_) => Ok(()),
    }
}

fn end(error: &anyhow::Error, colour: bool) -> ExitCode {
    let (text, code) = failure::report(error, colour);
    if !text.is_empty() {
        let _ = writeln!(std::io::stderr(), "{text}");
    }
    code
}
