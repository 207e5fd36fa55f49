//! `commit-story draft`: a stand-up, a pull request, a changelog, a self-review, a blog post or a talk from the journal.
//!
//! In: which draft, and of what. Out: Markdown or JSON, on standard output or in a file; why there is no prose on standard
//! error. Never here: what a draft says (that is `compose`), or a file that is overwritten unasked.

use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use super::failure::{Advice, Usage};
use super::session::{Session, Workspace};
use crate::compose::json::DraftJson;
use crate::compose::markdown::{self, Pages};
use crate::compose::{self, Kind, Matter, Outline, Wanted};
use crate::fs;
use crate::llm::Request;
use crate::narrate::ledger::Ledger;
use crate::narrate::provider::Asker;
use crate::narrate::several::{self, Told};
use crate::narrate::tell::{Account, Desk};
use crate::safe::printable;

/// Which draft, of what, and where to.
#[derive(Debug, Args)]
#[command(after_help = "\
Every line names the commits that it is from. Without a model a draft is an outline with quotes; \
where a provider is set (narration.provider), prose is asked for and checked like an entry's.

Examples:
  commit-story draft standup            the last working day, and today
  commit-story draft pr                 this branch against the one it goes into
  commit-story draft pr --base release-2
  commit-story draft changelog          the commits since the last tag
  commit-story draft changelog v1.1..v1.2
  commit-story draft review 2026-Q1 --output review.md
  commit-story draft blog 'last month'  the story of which most is to tell
  commit-story draft talk main..feature --no-prose
  commit-story draft standup --print    what a model would be sent")]
pub struct Options {
    /// Which draft
    pub kind: Which,
    /// Days (today, last week, 2026-Q1, 30d) or commits (main..feature); what suits the draft if there is none
    #[arg(value_name = "RANGE")]
    pub range: Vec<String>,
    /// Of pr: what the branch goes into
    #[arg(long, value_name = "REV", conflicts_with = "range")]
    pub base: Option<String>,
    /// Entries of this author; of standup and review yours if there is none, of the others everybody's
    #[arg(long, value_name = "NAME")]
    pub author: Option<String>,
    /// Ask no model
    #[arg(long)]
    pub no_prose: bool,
    /// Print exactly what a model would be sent, and to whom; send nothing
    #[arg(long, conflicts_with_all = ["no_prose", "json", "output", "explain"])]
    pub print: bool,
    /// Say on standard error which claims of the model were dropped, and why
    #[arg(long, conflicts_with = "no_prose")]
    pub explain: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Write to this file, which must not be there yet
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long, requires = "output")]
    pub force: bool,
}

/// The drafts by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Which {
    /// What was done, what fought back, what is open: ten lines
    Standup,
    /// What a branch is for, what it changes, how it was tested
    Pr,
    /// What has changed for users since the last tag
    Changelog,
    /// What you did in a quarter or a year, by theme
    Review,
    /// One story: the problem, what was tried, what was decided
    Blog,
    /// Slides, one message each
    Talk,
}

/// Runs the command.
///
/// # Errors
/// There is no such range or nothing in it, the journal cannot be read, or the file is there or cannot be written.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let workspace = session.workspace()?;
    let kind = options.kind();
    if options.base.is_some() && kind != Kind::PullRequest {
        let message = "only a pull request has a base".to_owned();
        return Err(Usage { message, hint: "name a range instead: main..feature".to_owned() }.into());
    }
    let target = options.output.as_ref().map(|file| session.env.cwd.join(file));
    if let Some(path) = target.as_ref().filter(|path| !options.force && path.symlink_metadata().is_ok()) {
        let message = format!("{} is there already", path.display());
        return Err(Advice { message, hint: "another name, or --force to overwrite it".to_owned() }.into());
    }
    session.catch_up(&workspace);
    let range = Some(options.range.join(" ")).filter(|range| !range.is_empty());
    let wanted = Wanted { kind, range, base: options.base.clone(), author: options.author.clone() };
    let recorder = workspace.recorder(session);
    let matter = compose::gather(&recorder, &wanted)?;
    if options.print {
        return print(session, &workspace, &matter);
    }
    let outline = compose::compose(&matter);
    let outline = if options.no_prose { outline } else { with_prose(session, &workspace, options, &matter, outline)? };
    let pages = pages(session, &workspace, &matter, target.as_deref());
    let text = if options.json {
        serde_json::to_string_pretty(&DraftJson::of(&outline, &pages)).context("cannot write JSON")? + "\n"
    } else {
        printable(&markdown::render(&outline, &pages, matter.today))
    };
    let Some(path) = target else { return Ok(session.printer.result(&text)?) };
    fs::replace(&path, text.as_bytes())?;
    session
        .printer
        .say(&format!("wrote {}; it holds the journal's words: read it before you share it", path.display()));
    Ok(())
}

impl Options {
    fn kind(&self) -> Kind {
        match self.kind {
            Which::Standup => Kind::Standup,
            Which::Pr => Kind::PullRequest,
            Which::Changelog => Kind::Changelog,
            Which::Review => Kind::Review,
            Which::Blog => Kind::Blog,
            Which::Talk => Kind::Talk,
        }
    }
}

/// The outline with a model's prose where one is named; what keeps it from that is a remark.
fn with_prose(
    session: &Session,
    workspace: &Workspace,
    options: &Options,
    matter: &Matter,
    outline: Outline,
) -> Result<Outline> {
    let config = &workspace.loaded.config.narration;
    let Some(purpose) = compose::purpose(matter.kind).filter(|_| config.is_on() && !matter.entries.is_empty()) else {
        return Ok(outline);
    };
    let asker = match Asker::of(config, &session.env) {
        Ok(asker) => asker,
        Err(failure) => {
            session.printer.warn(&format!("no prose: {failure}"));
            return Ok(outline);
        }
    };
    session.printer.say(&format!("asking {} for prose; --no-prose asks nobody", printable(&asker.shown())));
    let told = desk(session, workspace, &asker, |desk| several::tell(desk, &compose::told_of(matter), purpose))?;
    let (outline, account, why) = match told {
        Told::Written { prose, account } => (compose::with_prose(outline, &prose), Some(account), None),
        Told::Nothing => (outline, None, None),
        Told::Refused(account) => {
            let why = "the model's reply was refused twice, as too little of it could be checked".to_owned();
            (outline, Some(account), Some(why))
        }
        Told::TooDear(why) => (outline, None, Some(why)),
        Told::Failed(failure) => (outline, None, Some(failure.to_string())),
    };
    if let Some(why) = why {
        session.printer.warn(&format!("no prose: {why}"));
    }
    if let Some(account) = account.filter(|_| options.explain) {
        explain(session, &account);
    }
    Ok(outline)
}

fn desk<T>(
    session: &Session,
    workspace: &Workspace,
    asker: &Asker,
    work: impl FnOnce(&Desk<'_>) -> Result<T>,
) -> Result<T> {
    let (recorder, ledger) = (workspace.recorder(session), Ledger::of(&session.env)?);
    let ask = |request: &Request| asker.ask(request);
    work(&Desk { recorder: &recorder, ask: &ask, price: asker.price(), ledger: &ledger, again: false })
}

fn explain(session: &Session, account: &Account) {
    for claim in &account.kept {
        session.printer.say(&printable(&format!("  kept     {claim}")));
    }
    for one in &account.dropped {
        session.printer.say(&printable(&format!("  dropped  {}\n           because {}", one.claim, one.reason)));
    }
}

/// What would be sent, and to whom.
fn print(session: &Session, workspace: &Workspace, matter: &Matter) -> Result<()> {
    let config = &workspace.loaded.config.narration;
    let Some(purpose) = compose::purpose(matter.kind) else {
        session.printer.say("no model is asked for a changelog: its words are those of the commits");
        return Ok(());
    };
    if !config.is_on() {
        session.printer.say("nothing would be sent: no provider is set, or prose is switched off here");
        return Ok(());
    }
    let asker = Asker::of(config, &session.env).map_err(|failure| Advice {
        message: format!("cannot ask the model: {failure}"),
        hint: "docs/narration.md lists the settings".to_owned(),
    })?;
    let draft = desk(session, workspace, &asker, |desk| several::draft(desk, &compose::told_of(matter), purpose))?;
    if let Some(draft) = draft {
        session.printer.result(&asker.preview(&draft.prompt.request))?;
    }
    session.printer.say("nothing was sent");
    Ok(())
}

/// Where the pages lie, for who reads the draft at its place: in the repository, as links within it. The name of a place
/// outside of it is nobody's business. The description of a pull request is read elsewhere, where links within the
/// repository lead nowhere and the short ids of commits become links by themselves.
fn pages(session: &Session, workspace: &Workspace, matter: &Matter, target: Option<&Path>) -> Pages {
    if matter.kind == Kind::PullRequest {
        return Pages::new();
    }
    let store = workspace.recorder(session).store();
    let top = workspace.repository.worktree().map(fs::canonical);
    let (Some(folder), Some(top)) = (store.folder().map(fs::canonical), top) else { return Pages::new() };
    let from = target.and_then(Path::parent).map_or_else(|| top.clone(), fs::canonical);
    if !folder.starts_with(&top) || !from.starts_with(&top) {
        return Pages::new();
    }
    let link = |entry: &crate::journal::Entry| {
        let page = fs::canonical(&store.path(entry.at.date_naive()));
        Some((entry.commit.clone(), relative(&from, &page)?))
    };
    matter.entries.iter().filter_map(link).collect()
}

/// The way from a directory to a file, as a link has it; `None` where a name is no UTF-8.
fn relative(from: &Path, to: &Path) -> Option<String> {
    let (from, to): (Vec<Component<'_>>, Vec<Component<'_>>) = (from.components().collect(), to.components().collect());
    let common = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    let mut names = vec!["..".to_owned(); from.len() - common];
    for component in &to[common..] {
        let name = component.as_os_str().to_str()?;
        let escaped = |c: char| match c {
            '<' => "%3C".to_owned(),
            '>' => "%3E".to_owned(),
            '%' => "%25".to_owned(),
            '\\' => "%5C".to_owned(),
            ' ' => "%20".to_owned(),
            c => c.to_string(),
        };
        names.push(name.chars().map(escaped).collect());
    }
    Some(names.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_from_where_the_draft_lies() {
        let check = |from: &str, expected: &str| {
            let page = Path::new("/r/my journal/2026-01/2026-01-06.md");
            assert_eq!(relative(Path::new(from), page).as_deref(), Some(expected), "{from}");
        };
        check("/r", "my%20journal/2026-01/2026-01-06.md");
        check("/r/docs/a", "../../my%20journal/2026-01/2026-01-06.md");
        check("/r/my journal", "2026-01/2026-01-06.md");
    }
}
