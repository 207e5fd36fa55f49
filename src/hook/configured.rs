//! Hooks in git's configuration, which need no file (git 2.54 and newer).
//!
//! In: what git says of its configuration. Out: which of them it runs for an event, in its order, and which are ours.
//! Never here: a configuration file read or changed by hand: git does both.

use std::path::Path;
use std::time::Duration;

use super::block::{Block, binary_in_command};
use super::event::Event;
use crate::process;

/// The first git that runs them.
const SINCE: Version = Version { major: 2, minor: 54 };
/// How long git may take to read a few small files.
const LIMIT: Duration = Duration::from_secs(10);

/// A version of git.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The 2 of 2.54.
    pub major: u32,
    /// The 54 of 2.54.
    pub minor: u32,
}

/// Whose configuration says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The user's.
    Global,
    /// The repository's, for all its work trees.
    Local,
    /// The machine's, a single work tree's, or a command's own: never ours to change.
    Other,
}

/// One line `hook.<name>.<key> = value`.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// Whose it is.
    pub scope: Scope,
    /// The hook's name, or an event's.
    pub name: String,
    /// `event`, `command`, `enabled` or another.
    pub key: String,
    /// What it says.
    pub value: String,
}

/// What git's configuration says of hooks.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Configured {
    /// The version of the git on `PATH`; `None` if there is none, or none that says so.
    pub git: Option<Version>,
    /// The settings in git's order: of those that allow one value, the last holds.
    pub settings: Vec<Setting>,
}

/// A configured hook that is due at an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// Its name.
    pub name: String,
    /// Whose configuration puts it there.
    pub scope: Scope,
    /// The setting that switches it off, if one does.
    pub off: Option<String>,
}

/// The name of ours. One for each event, since git does not tell a command which event it runs for.
#[must_use]
pub fn name(event: Event) -> String {
    format!("commit-story-{}", event.name())
}

impl Version {
    /// From what `git version` prints.
    fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.trim().strip_prefix("git version ")?.split(['.', ' ', '-']);
        Some(Self { major: numbers.next()?.parse().ok()?, minor: numbers.next()?.parse().ok()? })
    }
}

/// Asks the git on `PATH`, in a repository or elsewhere. Where git cannot be asked, it has no configured hooks.
#[must_use]
pub fn read(dir: &Path) -> Configured {
    let git = |arguments: &[&str]| {
        let mut command = process::command("git");
        command.args(arguments).current_dir(dir);
        let finished = process::run(&mut command, LIMIT).ok().filter(|finished| finished.success)?;
        Some(String::from_utf8_lossy(&finished.stdout).into_owned())
    };
    let version = git(&["version"]).as_deref().and_then(Version::parse);
    let said = git(&["config", "--null", "--show-scope", "--get-regexp", r"^hook\..*\."]);
    Configured { git: version, settings: said.as_deref().map(settings).unwrap_or_default() }
}

/// What git prints, each `scope NUL key LF value NUL`.
fn settings(said: &str) -> Vec<Setting> {
    let fields: Vec<&str> = said.split_terminator('\0').collect();
    let setting = |pair: &[&str]| {
        let [scope, line] = pair else { return None };
        let (key, value) = line.split_once('\n')?;
        let (name, key) = key.strip_prefix("hook.")?.rsplit_once('.')?;
        let scope = match *scope {
            "global" => Scope::Global,
            "local" => Scope::Local,
            _ => Scope::Other,
        };
        Some(Setting { scope, name: name.to_owned(), key: key.to_owned(), value: value.to_owned() })
    };
    fields.chunks(2).filter_map(setting).collect()
}

impl Configured {
    /// Whether git runs configured hooks at all.
    #[must_use]
    pub fn works(&self) -> bool {
        self.git.is_some_and(|git| git >= SINCE)
    }

    /// The hooks that are due at an event, in the order in which git runs them: before the hook file, if there is one.
    #[must_use]
    pub fn turns(&self, event: Event) -> Vec<Turn> {
        let mut turns: Vec<Turn> = Vec::new();
        for setting in self.settings.iter().filter(|setting| self.works() && setting.key == "event") {
            if setting.value.is_empty() || setting.value == event.name() {
                turns.retain(|turn| turn.name != setting.name);
            }
            if setting.value == event.name() {
                turns.push(Turn { name: setting.name.clone(), scope: setting.scope, off: None });
            }
        }
        let off = |name: &str| self.is_off(name).then(|| format!("hook.{name}.enabled"));
        for turn in &mut turns {
            turn.off = off(event.name()).or_else(|| off(&turn.name));
        }
        turns
    }

    /// The command of a hook; `None` if it has none.
    #[must_use]
    pub fn command(&self, name: &str) -> Option<&str> {
        self.last(name, "command")
    }

    /// Whether the command of our hook is one that this version writes, for whichever binary: nobody has changed it.
    #[must_use]
    pub fn is_known(&self, event: Event) -> bool {
        let Some(command) = self.command(&name(event)) else { return false };
        let block = Block { event, binary: binary_in_command(command) };
        [false, true].iter().any(|everywhere| block.command(*everywhere) == command)
    }

    /// Our hook in one configuration: its command and its events, each once for every line.
    #[must_use]
    pub fn ours(&self, scope: Scope, event: Event) -> Vec<(&str, &str)> {
        let name = name(event);
        let ours = self.settings.iter().filter(|setting| setting.scope == scope && setting.name == name);
        ours.map(|setting| (setting.key.as_str(), setting.value.as_str())).collect()
    }

    fn is_off(&self, name: &str) -> bool {
        let value = self.last(name, "enabled").unwrap_or("true").to_ascii_lowercase();
        matches!(value.as_str(), "false" | "no" | "off" | "0" | "")
    }

    fn last(&self, name: &str, key: &str) -> Option<&str> {
        let mut found = self.settings.iter().rev().filter(|setting| setting.name == name && setting.key == key);
        found.next().map(|setting| setting.value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configured(lines: &[&str]) -> Configured {
        let said: String = lines.iter().map(|line| line.replacen(' ', "\0", 1).replacen('=', "\n", 1) + "\0").collect();
        Configured { git: Some(SINCE), settings: settings(&said) }
    }

    #[test]
    fn the_version_is_read_from_what_any_git_prints() {
        let check = |text: &str, expected: Option<(u32, u32)>| {
            assert_eq!(Version::parse(text).map(|git| (git.major, git.minor)), expected, "{text}");
        };
        check("git version 2.47.3\n", Some((2, 47)));
        check("git version 2.55.0.windows.1", Some((2, 55)));
        check("git version 2.54-rc1", Some((2, 54)));
        check("git version 3.0 (Apple Git-1)", Some((3, 0)));
        check("hub version 2", None);
        assert!(!Configured { git: Version::parse("git version 2.53.9"), settings: Vec::new() }.works());
    }

    #[test]
    fn hooks_run_in_the_order_of_their_last_mention_and_can_be_switched_off() {
        let check = |lines: &[&str], expected: &[(&str, Option<&str>)]| {
            let turns = configured(lines).turns(Event::PostCommit);
            let turns: Vec<_> = turns.iter().map(|turn| (turn.name.as_str(), turn.off.as_deref())).collect();
            assert_eq!(turns, expected, "{lines:?}");
        };
        check(&[], &[]);
        check(&["local hook.a.event=post-commit", "local hook.b.event=pre-commit"], &[("a", None)]);
        check(
            &["global hook.a.event=post-commit", "global hook.b.event=post-commit", "local hook.a.event=post-commit"],
            &[("b", None), ("a", None)],
        );
        check(&["global hook.a.event=post-commit", "local hook.a.event="], &[]);
        check(&["local hook.a.b.event=post-commit", "local hook.a.b.enabled=No"], &[("a.b", Some("hook.a.b.enabled"))]);
        check(
            &["local hook.a.event=post-commit", "local hook.a.enabled=false", "worktree hook.a.enabled=true"],
            &[("a", None)],
        );
        check(
            &["local hook.a.event=post-commit", "global hook.post-commit.enabled=false"],
            &[("a", Some("hook.post-commit.enabled"))],
        );
    }

    #[test]
    fn an_older_git_runs_none_of_them() {
        let older = Configured { git: None, ..configured(&["local hook.a.event=post-commit"]) };
        assert_eq!(older.turns(Event::PostCommit), []);
    }

    #[test]
    fn ours_is_told_by_its_name_and_the_last_command_holds() {
        let lines = [
            "global hook.commit-story-post-commit.command=one",
            "local hook.commit-story-post-commit.command=two\nlines",
            "local hook.commit-story-post-commit.event=post-commit",
            "local hook.other.command=three",
        ];
        let configured = configured(&lines);
        let ours = configured.ours(Scope::Local, Event::PostCommit);
        assert_eq!(ours, [("command", "two\nlines"), ("event", "post-commit")]);
        assert_eq!(configured.command("commit-story-post-commit"), Some("two\nlines"));
        assert_eq!(configured.command("nobody"), None);
    }
}
