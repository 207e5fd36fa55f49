//! The questions of `init` about prose.
//!
//! In: flags, or answers on a terminal. Out: who shall add it, if anybody.
//! Never here: a request to anybody, a key on the command line, or an answer that is not nobody unless it was given.

use anyhow::{Context, Result};
use clap::Args;

use super::failure::Usage;
use super::narrator::{Asked, Narrator, OFFERS, TypedKey, key_file, key_variables, named, offered_model};
use super::session::Session;
use crate::config::{Loaded, edit};
use crate::llm;
use crate::process;
use crate::ui::prompt::Prompt;

/// The flags that answer.
#[derive(Debug, Args)]
pub struct Flags {
    /// Have this provider's model add prose to entries: anthropic, openai, gemini, ollama, or another that
    /// docs/narration.md lists; for all your repositories, in your own configuration
    #[arg(long, value_name = "PROVIDER", conflicts_with_all = ["narrate_command", "no_narration", "global"])]
    pub narrate: Option<String>,
    /// Have a program on this machine add it, such as "claude -p": it reads the prompt and prints the answer
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["no_narration", "global"])]
    pub narrate_command: Option<String>,
    /// The model, by the provider's name for it
    #[arg(long, value_name = "NAME", conflicts_with = "no_narration")]
    pub model: Option<String>,
    /// Where the provider is reached, when not at its usual address
    #[arg(long, value_name = "URL", requires = "narrate")]
    pub base_url: Option<String>,
    /// Have no model add prose: where one is set for all your repositories, leave this one out
    #[arg(long, conflicts_with = "global")]
    pub no_narration: bool,
}

/// Programs that are proposed where they are there, with the arguments that make them read a prompt and answer it.
const PROGRAMS: [&[&str]; 5] =
    [&["claude", "-p"], &["codex", "exec", "--skip-git-repo-check", "-"], &["gemini"], &["llm"], &["ollama", "run"]];

/// Flags first, then questions, then what holds already.
///
/// # Errors
/// The flags do not go together, or a question was left.
pub fn answer(session: &Session, loaded: &Loaded, flags: &Flags, prompt: Option<&Prompt>) -> Result<Narrator> {
    let set = named(&loaded.config.narration);
    if flags.no_narration || flags.narrate.as_deref() == Some("none") {
        return Ok(if set { Narrator::LeftOut } else { Narrator::AsItIs });
    }
    if let Some(asked) = by_flags(session, flags)? {
        return Ok(Narrator::Asked(asked));
    }
    match prompt.filter(|_| !set) {
        Some(prompt) => ask(session, prompt),
        None => Ok(Narrator::AsItIs),
    }
}

fn by_flags(session: &Session, flags: &Flags) -> Result<Option<Asked>> {
    let usage = |message: &str, hint: &str| Usage { message: message.to_owned(), hint: hint.to_owned() };
    let asked = match (&flags.narrate, &flags.narrate_command) {
        (None, None) if flags.model.is_some() => {
            return Err(usage("--model names the model of nobody", "add --narrate PROVIDER").into());
        }
        (None, None) => return Ok(None),
        (Some(provider), _) if provider == "command" => {
            return Err(usage("which command?", "commit-story init --narrate-command \"claude -p\"").into());
        }
        (Some(provider), _) => {
            llm::known(provider).map_err(|failure| usage("no such provider", &failure.to_string()))?;
            Asked { provider: provider.clone(), ..Asked::default() }
        }
        (None, Some(command)) => by_command(command)?,
    };
    // What a server of one's own has, only its owner knows.
    let has_key = !key_variables(&asked.provider).is_empty();
    let usual = offered_model(&asked.provider).filter(|_| has_key).map(str::to_owned);
    let asked = Asked { model: flags.model.clone().or(usual), base_url: flags.base_url.clone(), ..asked };
    if asked.model.is_none() && asked.command.is_empty() {
        let message = format!("which model of {}?", asked.provider);
        return Err(usage(&message, "add --model NAME, by the provider's name for it").into());
    }
    for (key, value) in asked.settings(session) {
        edit::checked(key, &value)?;
    }
    Ok(Some(asked))
}

/// A command line is split at blanks; an argument with blanks in it stands in quotes.
fn by_command(line: &str) -> Result<Asked> {
    let mut command: Vec<String> = Vec::new();
    let (mut quote, mut open) = (None, false);
    for c in line.trim().chars() {
        match (quote, c) {
            (Some(mark), c) if c == mark => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                if !std::mem::replace(&mut open, true) {
                    command.push(String::new());
                }
            }
            (None, c) if c.is_whitespace() => open = false,
            (_, c) => {
                if !std::mem::replace(&mut open, true) {
                    command.push(String::new());
                }
                command.last_mut().context("an argument is open")?.push(c);
            }
        }
    }
    if command.is_empty() || quote.is_some() {
        let hint = "such as --narrate-command \"claude -p\"".to_owned();
        return Err(Usage { message: format!("`{line}` is no command"), hint }.into());
    }
    Ok(Asked { provider: "command".to_owned(), command, ..Asked::default() })
}

/// What can be chosen, with the words for it.
enum Way {
    Nobody,
    Program(&'static [&'static str]),
    Provider(&'static str),
    OtherProvider,
    OtherProgram,
}

fn ways(session: &Session) -> Vec<(String, Way)> {
    let mut ways = vec![("nobody: entries hold what git and the conversations say".to_owned(), Way::Nobody)];
    for program in PROGRAMS.into_iter().filter(|program| process::is_on_path(program[0])) {
        ways.push((format!("{}, which is on this machine", program.join(" ").trim_end()), Way::Program(program)));
    }
    for (provider, _) in OFFERS {
        if let Some(variable) = key_variable(session, provider) {
            ways.push((format!("{provider}, with the key in {variable}"), Way::Provider(provider)));
        }
    }
    ways.push(("another provider, or a server of your own such as Ollama".to_owned(), Way::OtherProvider));
    ways.push(("another program on this machine".to_owned(), Way::OtherProgram));
    ways
}

/// The provider's variable that holds a key now.
fn key_variable(session: &Session, provider: &str) -> Option<&'static str> {
    key_variables(provider).iter().copied().find(|name| session.env.var(name).is_some())
}

fn ask(session: &Session, prompt: &Prompt) -> Result<Narrator> {
    session.printer.say(
        "A model can add prose to entries: a summary, decisions, lessons. Every claim is\n\
         checked against what is on record. For that it is sent what was said and what\n\
         changed, without secrets. Without a model nothing is sent.",
    );
    let ways = ways(session);
    let words: Vec<&str> = ways.iter().map(|(words, _)| words.as_str()).collect();
    let asked = match ways[prompt.one("Who shall add prose?", &words, 0)?].1 {
        Way::Nobody => return Ok(Narrator::AsItIs),
        Way::Program(["ollama", rest @ ..]) => {
            let model = prompt.line("Model", "qwen3:8b", not_empty)?;
            let command = ["ollama"].iter().chain(rest).map(|word| (*word).to_owned()).chain([model]).collect();
            Asked { provider: "command".to_owned(), command, ..Asked::default() }
        }
        Way::Program(command) => Asked {
            provider: "command".to_owned(),
            command: command.iter().map(|word| (*word).to_owned()).collect(),
            ..Asked::default()
        },
        Way::OtherProgram => {
            let checked = |line: &str| by_command(line).map(|_| ()).map_err(|error| error.to_string());
            by_command(&prompt.line("Command, which reads a prompt and prints an answer", "claude -p", checked)?)?
        }
        Way::Provider(name) => provider(prompt, name.to_owned())?,
        Way::OtherProvider => {
            let is_known = |name: &str| llm::known(name).map(drop).map_err(|failure| failure.to_string());
            provider(prompt, prompt.line("Provider", "ollama", is_known)?)?
        }
    };
    let key = if asked.command.is_empty() { key(session, prompt, &asked.provider)? } else { None };
    let diffs = Some(prompt.yes("Send changed lines, too?", true)?);
    Ok(Narrator::Asked(Asked { diffs, key, ..asked }))
}

fn not_empty(text: &str) -> Result<(), String> {
    if text.is_empty() { Err("a name is needed".to_owned()) } else { Ok(()) }
}

fn provider(prompt: &Prompt, provider: String) -> Result<Asked> {
    let usual = llm::known(&provider).map_or("usual", |known| known.url);
    let url = prompt.line("Address", usual, not_empty)?;
    let model = prompt.line("Model", offered_model(&provider).unwrap_or_default(), not_empty)?;
    let base_url = Some(url).filter(|url| url != usual);
    Ok(Asked { provider, model: Some(model), base_url, ..Asked::default() })
}

/// Where the key is, if none is found and one is needed.
fn key(session: &Session, prompt: &Prompt, provider: &str) -> Result<Option<TypedKey>> {
    let needs_none = key_variables(provider).is_empty();
    let Some(dir) = session.env.config_dir.as_ref().filter(|_| !needs_none) else { return Ok(None) };
    if key_variable(session, provider).is_some() {
        return Ok(None);
    }
    let file = key_file(dir);
    let typed = format!("I type it now: it goes into {}, which only you can read", file.display());
    let choices = ["it needs none, or I set its variable or narration.key-command myself", &typed];
    if prompt.one("No key was found. Where is it?", &choices, 0)? == 0 {
        return Ok(None);
    }
    let key = prompt.secret("Key")?;
    Ok(Some(TypedKey { file, key }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_is_split_as_it_is_meant() {
        let check = |line: &str, expected: Option<&[&str]>| {
            let words = expected.map(|words| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
            assert_eq!(by_command(line).ok().map(|asked| asked.command), words, "{line}");
        };
        check("claude -p", Some(&["claude", "-p"]));
        check("  gemini   -p ''", Some(&["gemini", "-p", ""]));
        check("run \"two words\" it\"'s own\"", Some(&["run", "two words", "it's own"]));
        check("", None);
        check("open 'quote", None);
    }
}
