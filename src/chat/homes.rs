//! The user's other home directories: on Windows for whoever works in the Linux inside it (WSL), and the other way round.
//!
//! In: the directories that the user's settings name. Out: the surroundings as they are there, or why not.
//! Never here: a directory that is not named, a wait beyond some seconds, or a look while a commit waits: the first look at
//! a distribution that rests starts it.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use super::reader::Reader;
use crate::env::{Deadline, Env};

/// How long to wait for the disks to answer. A distribution needs some seconds to start.
const PATIENCE: Duration = Duration::from_secs(5);

/// The other homes, of which those that did not answer are left out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Homes {
    reached: Vec<Env>,
    /// Directories that were not looked into, and why not.
    pub unreached: Vec<(PathBuf, String)>,
}

impl Homes {
    /// Looks whether the directories are there, all at a time.
    #[must_use]
    pub fn reach(env: &Env, directories: &[PathBuf], deadline: Deadline) -> Self {
        Self::ask(env, directories, deadline, Path::is_dir)
    }

    fn ask(env: &Env, directories: &[PathBuf], deadline: Deadline, is_there: fn(&Path) -> bool) -> Self {
        let ask = |directory: &PathBuf| {
            let (sender, receiver) = mpsc::channel();
            let asked = directory.clone();
            // A thread that gets no answer ends with the process.
            std::thread::spawn(move || sender.send(is_there(&asked)));
            (directory.clone(), receiver)
        };
        let asked: Vec<_> = directories.iter().map(ask).collect();
        let patience = Deadline::after(deadline.left().map_or(PATIENCE, |left| left.min(PATIENCE)));
        let mut homes = Self::default();
        for (directory, answer) in asked {
            match answer.recv_timeout(patience.left().unwrap_or_default()) {
                Ok(true) => homes.reached.push(env.of_home(&directory)),
                Ok(false) => homes.unreached.push((directory, "there is no such directory".to_owned())),
                Err(_) => homes.unreached.push((directory, "its disk did not answer in time".to_owned())),
            }
        }
        homes
    }

    /// Where an assistant's conversations lie in the own home and in those reached.
    #[must_use]
    pub fn places(&self, reader: &Reader, env: &Env, extra: Option<&Path>) -> Vec<PathBuf> {
        let mut places = (reader.places)(env, extra);
        for place in self.reached.iter().flat_map(|other| (reader.places)(other, None)) {
            if !places.contains(&place) {
                places.push(place);
            }
        }
        places
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::chat::message::Assistant;
    use crate::chat::readers::READERS;

    #[test]
    fn a_home_on_the_other_side_has_its_own_places_whatever_the_variables_say() {
        let both = tempfile::tempdir().unwrap();
        let (own, other) = (both.path().join("own"), both.path().join("Users/me"));
        let theirs = [
            "AppData/Roaming/Code/User",
            "AppData/Roaming/Block/goose/data/sessions",
            ".codex/sessions",
            ".cursor/projects",
        ];
        for directory in theirs {
            fs::create_dir_all(other.join(directory)).unwrap();
        }
        fs::create_dir_all(own.join("codex/sessions")).unwrap();
        let env = Env::of_test(&own, &[("CODEX_HOME", "codex")]);
        let homes = Homes::reach(&env, &[other.clone(), both.path().join("absent")], Deadline::NONE);
        assert_eq!(homes.unreached, [(both.path().join("absent"), "there is no such directory".to_owned())]);
        let places = |assistant: Assistant| {
            let reader = READERS.iter().find(|reader| reader.assistant == assistant).unwrap();
            homes.places(reader, &env, None)
        };
        assert_eq!(places(Assistant::CopilotVsCode), [other.join(theirs[0])]);
        assert_eq!(places(Assistant::Goose), [other.join(theirs[1])]);
        assert_eq!(places(Assistant::Codex), [own.join("codex/sessions"), other.join(theirs[2])]);
        assert_eq!(places(Assistant::Cursor), [other.join(theirs[3])]);
        assert_eq!(places(Assistant::ClaudeCode), Vec::<PathBuf>::new());
    }

    #[test]
    fn a_disk_that_does_not_answer_is_not_waited_for() {
        let env = Env::of_test(Path::new("/own"), &[]);
        let silent = |_: &Path| loop {
            std::thread::park();
        };
        let deadline = Deadline::after(Duration::from_millis(20));
        let homes = Homes::ask(&env, &[PathBuf::from("/silent")], deadline, silent);
        assert_eq!(homes.unreached, [(PathBuf::from("/silent"), "its disk did not answer in time".to_owned())]);
        assert_eq!(homes.reached, []);
    }
}
