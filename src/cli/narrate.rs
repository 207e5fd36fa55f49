//! `commit-story narrate`: asks a model for the prose of entries, now.
//!
//! In: which commits. Out: their prose; on standard output what would be sent, what each claim came to, or JSON.
//! Never here: how prose is made (that is `narrate`).

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Serialize;

use super::failure::{Advice, Told as Said};
use super::session::{Session, Workspace};
use super::try_out::try_out;
use crate::awaiting::{Awaiting, Job};
use crate::env::Deadline;
use crate::llm::{Failure, Request};
use crate::narrate::choose::{Chosen, Which, choose};
use crate::narrate::drain::settle;
use crate::narrate::ledger::Ledger;
use crate::narrate::provider::Asker;
use crate::narrate::tell::{Account, Desk, Draft, Told};
use crate::safe::printable;
use crate::ui::progress::Progress;

/// How long to wait for the worker, which may be asking just now.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(600);

/// Which commits, and what to do.
#[derive(Debug, Args)]
#[command(after_help = "\
Without anything said, what waits is done now. Where a provider is set, entries get their prose \
by themselves: docs/narration.md says how, and what is sent.

Examples:
  commit-story narrate                         what waits, now
  commit-story narrate HEAD                    the newest commit's entry
  commit-story narrate v1.0..HEAD --dry-run    how much that would cost
  commit-story narrate HEAD --print            what would be sent, to whom
  commit-story narrate HEAD --again --explain  claim by claim
  commit-story narrate --failed                once more what was given up
  commit-story narrate --test                  whether the model answers")]
pub struct Options {
    /// Commits, or ranges of them (FROM..TO), that have entries
    #[arg(value_name = "REV")]
    pub revisions: Vec<String>,
    /// What waits for its prose
    #[arg(long, conflicts_with_all = ["revisions", "failed"])]
    pub pending: bool,
    /// What was given up, or has failed
    #[arg(long, conflicts_with = "revisions")]
    pub failed: bool,
    /// Replace prose that is there
    #[arg(long, requires = "revisions")]
    pub again: bool,
    /// Print exactly what would be sent, to whom and for how much; send nothing
    #[arg(long, conflicts_with_all = ["explain", "json"])]
    pub print: bool,
    /// Print each claim of the reply, and why it was kept or dropped
    #[arg(long, conflicts_with = "dry_run")]
    pub explain: bool,
    /// Say which commits would be asked about and for how much, and send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Ask the model for one word, to see that it answers; nothing of yours is sent
    #[arg(long, exclusive = true)]
    pub test: bool,
    /// Print what is done as JSON
    #[arg(long, conflicts_with = "explain")]
    pub json: bool,
}

/// The JSON of `narrate --json`.
#[derive(Debug, Serialize)]
struct DoneJson {
    schema: u32,
    dry_run: bool,
    commits: Vec<OneJson>,
    /// How many commits have their prose.
    present: usize,
    /// How many have no entry.
    without_entry: usize,
}

#[derive(Debug, Serialize)]
struct OneJson {
    commit: String,
    /// `would_ask`, `told`, `needless`, `refused`, `budget`, `later` or `failed`.
    outcome: &'static str,
    why: Option<String>,
    kept: Option<usize>,
    dropped: Option<Vec<DroppedJson>>,
    /// The most that the call may take, in tokens and cents.
    most_tokens: Option<u64>,
    most_cents: Option<u64>,
}

#[derive(Debug, Serialize)]
struct DroppedJson {
    claim: String,
    reason: String,
}

/// Runs the command.
///
/// # Errors
/// No provider is set, there is no such commit, or not every commit got its prose.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let workspace = session.workspace()?;
    check(&workspace)?;
    let config = &workspace.loaded.config.narration;
    if options.test {
        return Ok(session.printer.result(&try_out(session, config)?)?);
    }
    let asker = Asker::of(config, &session.env).map_err(|failure| advice(&failure))?;
    let ledger = Ledger::of(&session.env)?;
    let recorder = workspace.recorder(session);
    let queue = Awaiting::at(&workspace.repository.state_dir());
    let ask = |request: &Request| asker.ask(request);
    let desk = Desk { recorder: &recorder, ask: &ask, price: asker.price(), ledger: &ledger, again: options.again };
    let chosen = choose(&recorder, &queue, &which(options), options.again)?;
    if options.print || options.dry_run {
        return show(session, options, &asker, (&desk, &queue), &chosen);
    }
    if chosen.jobs.is_empty() {
        return nothing(session, options, &chosen);
    }
    let mut done = Done { session, options, json: Vec::new(), told: 0, refused: 0 };
    let ended = all(&mut done, &desk, &queue, &chosen.jobs);
    done.finish(&chosen, ended.is_ok())?;
    ended
}

fn check(workspace: &Workspace) -> Result<()> {
    let config = &workspace.loaded.config.narration;
    let (message, hint) = if config.is_on() {
        return Ok(());
    } else if config.provider.as_deref().is_none_or(|provider| provider == "none") {
        (
            "no provider is set: there is nobody to ask",
            "commit-story config set --user narration.provider NAME; docs/narration.md lists them, and says what is sent",
        )
    } else {
        ("prose is switched off here", "commit-story config list --origin says where narration.enabled is set")
    };
    Err(Advice { message: message.to_owned(), hint: hint.to_owned() }.into())
}

fn which(options: &Options) -> Which {
    match options.revisions.as_slice() {
        [] if options.failed => Which::Failed,
        [] => Which::Pending,
        revisions => Which::Of(revisions.to_vec()),
    }
}

fn advice(failure: &Failure) -> Advice {
    let hint = match failure {
        Failure::Passing { .. } | Failure::Unreached { .. } => {
            "it is tried again by itself; commit-story status says when"
        }
        Failure::Unanswered { .. } => {
            "it is tried again by itself, but not often, as it may cost; commit-story status says when"
        }
        Failure::Declined { .. } => "commit-story narrate --failed asks once more",
        Failure::Lasting { .. } => {
            "mend it (docs/narration.md lists the settings), then: commit-story narrate --failed"
        }
    };
    Advice { message: format!("cannot ask the model: {failure}"), hint: hint.to_owned() }
}

/// Asks about one commit after the other, until one cannot be asked about for a reason that holds for all.
fn all(done: &mut Done<'_>, desk: &Desk<'_>, queue: &Awaiting, jobs: &[Job]) -> Result<()> {
    let printer = done.session.printer;
    let mut progress = Progress::of(&printer, "commits", jobs.len());
    let Some(_lock) = queue.lock(Deadline::after(PATIENCE))? else {
        bail!("another process is asking for this repository; try again in a moment");
    };
    if queue.pause().is_some() {
        queue.set_pause(None)?;
    }
    for (nth, job) in jobs.iter().enumerate() {
        queue.save(job)?;
        let told = desk.tell(queue, job.clone())?;
        settle(queue, job, &told, &desk.recorder.config.narration, desk.recorder.env.later())?;
        progress.done(nth + 1);
        done.add(job, &told)?;
        match told {
            Told::Failed(Failure::Declined { .. }) => {}
            Told::Failed(failure) => return Err(advice(&failure).into()),
            Told::TooDear(message) => {
                let hint = "it goes on by itself tomorrow, or when the budget is raised".to_owned();
                return Err(Advice { message, hint }.into());
            }
            _ => {}
        }
    }
    drop(progress);
    if done.refused > 0 { Err(Said.into()) } else { Ok(()) }
}

/// What was done so far.
struct Done<'a> {
    session: &'a Session,
    options: &'a Options,
    json: Vec<OneJson>,
    told: usize,
    refused: usize,
}

impl Done<'_> {
    fn add(&mut self, job: &Job, told: &Told) -> Result<()> {
        let short = job.commit.short();
        let (outcome, why, account) = match told {
            Told::Written { account, .. } => ("told", None, Some(account)),
            Told::Needless(why) => ("needless", Some((*why).to_owned()), None),
            Told::Refused(account) => ("refused", None, Some(account)),
            Told::TooDear(why) => ("budget", Some(why.clone()), None),
            Told::Failed(
                failure @ (Failure::Passing { .. } | Failure::Unanswered { .. } | Failure::Unreached { .. }),
            ) => ("later", Some(failure.to_string()), None),
            Told::Failed(failure) => ("failed", Some(failure.to_string()), None),
        };
        match told {
            Told::Written { account, .. } => {
                self.told += 1;
                self.session.printer.say(&format!("{short}: {}", counts(account)));
            }
            Told::Needless(why) => self.session.printer.say(&format!("{short}: {why}")),
            Told::Refused(account) => {
                self.refused += 1;
                let warning = format!("{short}: the reply was refused twice ({}); --explain shows it", counts(account));
                self.session.printer.warn(&warning);
            }
            Told::Failed(Failure::Declined { why }) => {
                self.refused += 1;
                self.session.printer.warn(&format!("{short}: {why}"));
            }
            // These end the command, as its error.
            Told::TooDear(_) | Told::Failed(_) => {}
        }
        if let Some(account) = account.filter(|_| self.options.explain) {
            self.session.printer.result(&explained(job, account))?;
        }
        let dropped = account.map(|account| {
            let one = |one: &crate::narrate::check::Dropped| DroppedJson {
                claim: one.claim.clone(),
                reason: one.reason.clone(),
            };
            account.dropped.iter().map(one).collect()
        });
        self.json.push(OneJson {
            commit: job.commit.to_string(),
            outcome,
            why,
            kept: account.map(|account| account.kept.len()),
            dropped,
            most_tokens: None,
            most_cents: None,
        });
        Ok(())
    }

    /// `to_the_end`: whether nothing has kept it from going through all.
    fn finish(self, chosen: &Chosen, to_the_end: bool) -> Result<()> {
        if self.options.json {
            return print_json(self.session, false, self.json, chosen);
        }
        if self.told == 0 && !to_the_end {
            return Ok(());
        }
        let entries = if self.told == 1 { "1 entry has".to_owned() } else { format!("{} entries have", self.told) };
        self.session.printer.say(&format!("{entries} new prose{}", passed(chosen)));
        Ok(())
    }
}

fn counts(account: &Account) -> String {
    let (kept, dropped) = (account.kept.len(), account.dropped.len());
    format!("{} claims checked, {dropped} dropped", kept + dropped)
}

fn explained(job: &Job, account: &Account) -> String {
    let kept = account.kept.iter().map(|claim| format!("  kept     {claim}"));
    let dropped =
        account.dropped.iter().map(|one| format!("  dropped  {}\n           because {}", one.claim, one.reason));
    let lines: Vec<String> = std::iter::once(job.commit.short().to_owned()).chain(kept).chain(dropped).collect();
    lines.iter().map(|line| printable(line)).collect::<Vec<_>>().join("\n")
}

fn passed(chosen: &Chosen) -> String {
    let passed = [
        (chosen.present, "with prose already (--again replaces it)"),
        (chosen.without_entry, "without an entry (commit-story backfill writes them)"),
    ];
    let passed = passed.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}"));
    let passed: Vec<String> = passed.collect();
    if passed.is_empty() { String::new() } else { format!("; passed over: {}", passed.join(", ")) }
}

fn nothing(session: &Session, options: &Options, chosen: &Chosen) -> Result<()> {
    if options.json {
        return print_json(session, options.dry_run, Vec::new(), chosen);
    }
    session.printer.say(&format!("there is nothing to ask{}", passed(chosen)));
    Ok(())
}

/// Says what would be sent, and sends nothing.
fn show(
    session: &Session,
    options: &Options,
    asker: &Asker,
    (desk, queue): (&Desk<'_>, &Awaiting),
    chosen: &Chosen,
) -> Result<()> {
    let mut drafts = Vec::new();
    for job in &chosen.jobs {
        if let Some(draft) = desk.draft(queue, job)? {
            drafts.push((job, draft));
        }
    }
    if drafts.is_empty() {
        return nothing(session, options, chosen);
    }
    let known = asker.price().is_some();
    if options.json {
        let commits = drafts.iter().map(|(job, draft)| OneJson {
            commit: job.commit.to_string(),
            outcome: "would_ask",
            why: None,
            kept: None,
            dropped: None,
            most_tokens: Some(draft.estimate.tokens),
            most_cents: known.then(|| draft.estimate.cents()),
        });
        return print_json(session, true, commits.collect(), chosen);
    }
    for (job, draft) in &drafts {
        let line = if options.print { asker.preview(&draft.prompt.request) } else { String::new() };
        session.printer.result(&format!("{}{line}", cost(job, draft, known)))?;
    }
    session.printer.say(&format!("nothing was sent{}", passed(chosen)));
    Ok(())
}

fn cost(job: &Job, draft: &Draft, known: bool) -> String {
    let sent = draft.prompt.tokens;
    let received = draft.prompt.request.most_tokens;
    let money = if known { format!(", at most {} cents", draft.estimate.cents()) } else { String::new() };
    format!("{}  about {sent} tokens sent, at most {received} received{money}\n", job.commit.short())
}

fn print_json(session: &Session, dry_run: bool, commits: Vec<OneJson>, chosen: &Chosen) -> Result<()> {
    let Chosen { present, without_entry, .. } = *chosen;
    let json = DoneJson { schema: 1, dry_run, commits, present, without_entry };
    session.printer.result(&serde_json::to_string_pretty(&json).context("cannot write JSON")?)?;
    Ok(())
}
