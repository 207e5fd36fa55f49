//! A program on this machine that answers.
//!
//! In: a command line from the user's own settings, and a request for its standard input. Out: what it wrote.
//! Never here: a shell, the repository, or the variables by which an assistant knows its own session.

use super::asking::{Failure, Reply, Request};
use super::plain;
use super::provider::Provider;
use crate::config::RedactConfig;
use crate::evidence::redact::Redactor;
use crate::fs;
use crate::process::{self, Bounds, Broken};

/// The longest answer, in bytes.
const LONGEST: usize = 1 << 20;

pub(super) fn ask(provider: &Provider, command: &[String], request: &Request) -> Result<Reply, Failure> {
    let (program, arguments) = command.split_first().ok_or_else(|| Failure::lasting("narration.command is empty"))?;
    let name = plain::line(program);
    // An empty directory: an assistant looks around where it is started.
    let place = fs::empty_place().map_err(|error| Failure::passing(format!("{error:#}")))?;
    let mut child = process::command(program);
    child.args(arguments).current_dir(place.path());
    let input = input(request).into_bytes();
    let bounds = Bounds { time: provider.timeout, output: LONGEST };
    let finished = process::run_with_input(&mut child, input, bounds).map_err(|broken| match broken {
        Broken::Start(error) => Failure::lasting(format!(
            "cannot run {name}, which narration.command names: {error}; commit-story config set --user narration.command"
        )),
        Broken::Time => Failure::unanswered(format!("{name} did not answer within {} s", provider.timeout.as_secs())),
        Broken::Interrupted => Failure::unanswered(format!("{name} was interrupted")),
        Broken::Output => Failure::unanswered(format!("{name} wrote more than {} KiB", LONGEST >> 10)),
    })?;
    if !finished.success {
        // Some complain where the answer is expected.
        let words = if finished.stderr.trim_ascii().is_empty() { &finished.stdout } else { &finished.stderr };
        return Err(Failure::passing(format!("{name} failed{}", complaint(words))));
    }
    let text = plain::text(&String::from_utf8_lossy(&finished.stdout)).trim().to_owned();
    if text.is_empty() {
        return Err(Failure::unanswered(format!("{name} answered nothing{}", complaint(&finished.stderr))));
    }
    Ok(Reply { text, model: provider.model.clone(), ..Reply::default() })
}

/// The command line, and what it is given to read.
pub(super) fn preview(command: &[String], request: &Request) -> String {
    format!("run {}\n\n{}", plain::line(&command.join(" ")), input(request))
}

fn input(request: &Request) -> String {
    format!("{}\n\n{}\n", request.system.trim_end(), request.user.trim_end())
}

/// The last line of what a program complained of, without secrets.
fn complaint(words: &[u8]) -> String {
    let words = plain::text(&String::from_utf8_lossy(words));
    let words = Redactor::new(&RedactConfig { emails: false, words: Vec::new() }).redact(&words).into_owned();
    let last = words.lines().map(plain::line).rfind(|line| !line.is_empty());
    last.map(|line| format!(": {line}")).unwrap_or_default()
}
