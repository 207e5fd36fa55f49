//! Where a client's file lies on this machine, and whether the client is here at all.
//!
//! In: the surroundings, the top of a work tree, a row of the table. Out: a [`Target`].
//! Never here: the file's content, or a change.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::table::{Base, CLIENTS, Client, Place};
use crate::env::Env;
use crate::fs;
use crate::setup::detect::resolved;
use crate::setup::plan::Refusal;

/// Whose a client's configuration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The user's, for all projects.
    User,
    /// The project's, which those who work on it share.
    Project,
}

/// A client's file.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Whose file it is.
    pub client: &'static Client,
    /// For whom it holds.
    pub scope: Scope,
    /// The file.
    pub path: PathBuf,
    /// Where the file as it was before us is kept. A project's is kept where git does not see it: it may hold secrets
    /// under a name that is ignored.
    pub backup: PathBuf,
    /// Directories that may be there for the file alone, from the inside out: a project's.
    pub above: Vec<PathBuf>,
}

/// A repository whose projects' files are meant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Project<'a> {
    /// The top of the work tree.
    pub top: &'a Path,
    /// Our own directory in the git directory.
    pub state: &'a Path,
}

/// What the name of a kept file ends with.
const BEFORE: &str = ".before-commit-story";

/// The file that a client reads for all projects.
///
/// # Errors
/// The system names no home directory, or the file is a link that leads nowhere.
pub fn of_user(env: &Env, client: &'static Client) -> Result<Target> {
    let mut paths = client.user.iter().filter_map(|place| path(env, *place));
    let Some(first) = paths.next() else {
        bail!("cannot find the files of {}: there is no home directory", client.name)
    };
    let path = if first.exists() { first } else { paths.find(|path| path.exists()).unwrap_or(first) };
    dangling(&path)?;
    let mut backup = path.clone().into_os_string();
    backup.push(BEFORE);
    Ok(Target { client, scope: Scope::User, path, backup: backup.into(), above: Vec::new() })
}

/// The file that a client reads in a project.
///
/// # Errors
/// The client has none, or its path leads out of the work tree by a link: who commits links must not choose which of
/// the user's files is written.
pub fn of_project(project: Project<'_>, client: &'static Client) -> Result<Target> {
    let mut names = client.project.iter();
    let Some(first) = names.clone().next() else {
        bail!(Refusal {
            why: format!("{} reads no file in a project", client.name),
            cure: format!("for all projects: commit-story mcp install --client {}", client.slug),
        });
    };
    let name = names.find(|name| project.top.join(name).exists()).unwrap_or(first);
    let path = project.top.join(name);
    dangling(&path)?;
    let real = resolved(&path);
    let in_work_tree = real.strip_prefix(fs::canonical(project.top)).is_ok_and(|below| !below.starts_with(".git"));
    if !in_work_tree {
        bail!(Refusal {
            why: format!("{} leads out of the work tree, to {}", path.display(), real.display()),
            cure: "replace the link, or have the entry printed: --print".to_owned(),
        });
    }
    let backup = project.state.join("clients").join(format!("{}{BEFORE}", name.replace('/', "-")));
    let above = path.ancestors().skip(1).take_while(|dir| *dir != project.top).map(Path::to_owned).collect();
    Ok(Target { client, scope: Scope::Project, path, backup, above })
}

/// The clients that have left something on this machine.
#[must_use]
pub fn found(env: &Env) -> Vec<&'static Client> {
    let there = |place: &Place| path(env, *place).is_some_and(|path| path.exists());
    CLIENTS.iter().filter(|client| client.traces.iter().chain(client.user).any(there)).collect()
}

fn path(env: &Env, (base, below): Place) -> Option<PathBuf> {
    let home = env.home.as_ref();
    let application = || env.config_dir.as_ref()?.parent().map(Path::to_owned);
    let dir = match base {
        Base::Home => home?.clone(),
        Base::Variable(name, otherwise) => match env.var(name) {
            Some(dir) => env.cwd.join(dir),
            None => home?.join(otherwise),
        },
        Base::Config if cfg!(any(windows, target_os = "macos")) => home?.join(".config"),
        Base::Config | Base::Application => application()?,
    };
    // Without its parts, so that an empty one leaves no separator at the end.
    Some(Path::new(below).components().fold(dir, |path, part| path.join(part)))
}

/// A file put in the place of such a link would take it from whoever looks after it.
fn dangling(path: &Path) -> Result<()> {
    if path.is_symlink() && !path.exists() {
        bail!(Refusal {
            why: format!("{} is a link that leads nowhere", path.display()),
            cure: "mend or remove the link".to_owned(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(home: &Path, variables: &[(&str, &str)]) -> Env {
        Env::of_test(home, variables)
    }

    #[test]
    fn every_client_has_a_name_and_a_place_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let env = env(dir.path(), &[]);
        let mut seen = std::collections::BTreeSet::new();
        for client in CLIENTS {
            let target = of_user(&env, client).unwrap();
            assert!(target.path.starts_with(dir.path()), "{}", target.path.display());
            assert!(seen.insert(client.slug.to_owned()) && seen.insert(target.path.display().to_string()));
            assert_eq!(Client::parse(client.slug), Some(client));
        }
        assert_eq!(Client::parse("emacs"), None);
    }

    #[test]
    fn variables_of_the_clients_move_their_files() {
        let dir = tempfile::tempdir().unwrap();
        let check = |slug: &str, variable: (&str, &str), expected: &str| {
            let target = of_user(&env(dir.path(), &[variable]), Client::parse(slug).unwrap()).unwrap();
            assert!(target.path.ends_with(expected.trim_start_matches('/')), "{}", target.path.display());
        };
        check("codex", ("CODEX_HOME", "/srv/codex"), "/srv/codex/config.toml");
        check("claude-code", ("CLAUDE_CONFIG_DIR", "/srv/claude"), "/srv/claude/.claude.json");
        check("copilot-cli", ("COPILOT_HOME", "/srv/copilot"), "/srv/copilot/mcp-config.json");
        check("gemini", ("GEMINI_CLI_HOME", "/srv/g"), "/srv/g/.gemini/settings.json");
    }

    #[test]
    fn of_two_files_the_one_that_is_there_is_meant() {
        let dir = tempfile::tempdir().unwrap();
        let opencode = Client::parse("opencode").unwrap();
        std::fs::create_dir_all(dir.path().join(".config/opencode")).unwrap();
        std::fs::write(dir.path().join(".config/opencode/opencode.jsonc"), "{}").unwrap();
        assert!(of_user(&env(dir.path(), &[]), opencode).unwrap().path.ends_with("opencode.jsonc"));
        assert_eq!(found(&env(dir.path(), &[])), [opencode]);
    }
}
