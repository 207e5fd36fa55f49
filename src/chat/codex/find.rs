//! Which rollouts may belong to a repository.
//!
//! In: `sessions` (`YYYY/MM/DD/rollout-<local time>-<thread>.jsonl`), `archived_sessions` (the same files, flat), and what
//! is wanted. Out: candidates by name and time. Never here: the content of a file: names do not tell the directory.
//!
//! A session lies under the day it was started and is appended to there when it is resumed, however much later. So days
//! are gone through from the newest backwards. In the hook all rollouts of the wanted days are looked at, then older ones
//! until [`RESUMED`] are; of the archived those that were started in the wanted days. A thread that is named is found
//! under the day that its id tells. Only the thorough search looks at every rollout.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::record;
use crate::chat::message::{Assistant, SessionId, Wanted};
use crate::chat::place;
use crate::chat::reader::Found;
use crate::chat::search::Search;
use crate::env::{Deadline, Env};

/// So many rollouts of earlier days are looked at in the hook, for those that were resumed: a millisecond's worth.
const RESUMED: usize = 400;

/// The `sessions` and `archived_sessions` of `$CODEX_HOME`, of `~/.codex` without it, and of `extra`, which may also be
/// such a directory itself.
pub(super) fn places(env: &Env, extra: Option<&Path>) -> Vec<PathBuf> {
    let home = env.text("CODEX_HOME").map(|home| env.cwd.join(home));
    let home = home.or_else(|| env.home.as_ref().map(|home| home.join(".codex")));
    let below = |home: &Path| {
        ["sessions", "archived_sessions"].map(|name| home.join(name)).into_iter().filter(|dir| dir.is_dir())
    };
    let mut places: Vec<PathBuf> = home.iter().flat_map(|home| below(home)).collect();
    if let Some(extra) = extra {
        let known = places.len();
        places.extend(below(extra));
        if places.len() == known && extra.is_dir() {
            places.push(extra.to_owned());
        }
    }
    let mut seen = std::collections::HashSet::new();
    places.retain(|place| seen.insert(crate::fs::canonical(place)));
    places
}

pub(super) fn find(places: &[PathBuf], wanted: &Wanted, deadline: Deadline) -> Found {
    let mut walk = Walk { search: Search::new(Assistant::Codex, wanted, deadline), wanted, looked_at: 0 };
    let mut days = Vec::new();
    for place in places {
        days.extend(walk.days(place));
        walk.flat(place);
    }
    // What is named is wanted most: it comes before a deadline can cut the rest off.
    walk.named(&days);
    days.sort_by(|a, b| b.cmp(a));
    for (day, directory) in days {
        let recent = wanted.thorough || day >= first_day(wanted);
        if walk.search.late() || !recent && walk.looked_at > RESUMED {
            break;
        }
        walk.day(&directory, recent);
    }
    walk.search.finish()
}

/// The rollout of a thread that was spawned by the one in `file`: it lies in the same directory, or in that of the day on
/// which its id says that it began (the day before or after by local time).
pub(super) fn near(file: &Path, id: &str) -> Option<PathBuf> {
    let own = file.parent()?;
    let top = own.ancestors().nth(3);
    let days = record::began(id).map(day).into_iter();
    let days = days.flat_map(|day| [Some(day), day.pred_opt(), day.succ_opt()]).flatten();
    let directories = days.filter_map(|day| Some(top?.join(day.format("%Y/%m/%d").to_string())));
    std::iter::once(own.to_owned()).chain(directories).find_map(|directory| {
        let mut files = std::fs::read_dir(directory).ok()?.flatten().map(|entry| entry.path());
        files.find(|path| path.file_name().and_then(|name| name.to_str()).and_then(thread) == Some(id))
    })
}

/// Directories are named by local time, which may be a day behind.
fn first_day(wanted: &Wanted) -> NaiveDate {
    day(wanted.since).pred_opt().unwrap_or(NaiveDate::MIN)
}

fn day(at: DateTime<Utc>) -> NaiveDate {
    at.date_naive()
}

/// The thread of a rollout, from its file's name. After a revert a thread goes on in `…-<thread>_<rollout>.jsonl`.
pub(super) fn thread(name: &str) -> Option<&str> {
    let (started, stem) = started_and_stem(name)?;
    let id = stem.split('_').next()?;
    (started.is_some() && place::is_id(id)).then_some(id)
}

fn started_and_stem(name: &str) -> Option<(Option<NaiveDate>, &str)> {
    /// As long as `2026-02-23T20-34-25-`.
    const TIME: usize = 20;
    let stem = name.strip_suffix(".zst").unwrap_or(name).strip_suffix(".jsonl")?.strip_prefix("rollout-")?;
    let (time, stem) = stem.split_at_checked(TIME)?;
    Some((NaiveDate::parse_from_str(time.get(..10)?, "%Y-%m-%d").ok(), stem))
}

struct Walk<'a> {
    search: Search<'a>,
    wanted: &'a Wanted,
    looked_at: usize,
}

impl Walk<'_> {
    /// The days' directories in a place.
    fn days(&mut self, place: &Path) -> Vec<(NaiveDate, PathBuf)> {
        let mut days = Vec::new();
        for (year_dir, year) in self.numbered(place) {
            for (month_dir, month) in self.numbered(&year_dir) {
                for (day_dir, day) in self.numbered(&month_dir) {
                    let year = i32::try_from(year).ok();
                    days.extend(year.and_then(|year| Some((NaiveDate::from_ymd_opt(year, month, day)?, day_dir))));
                }
            }
        }
        days
    }

    fn numbered(&mut self, directory: &Path) -> Vec<(PathBuf, u32)> {
        let directories = self.search.directories(directory).into_iter();
        directories.filter_map(|(path, name)| Some((path, name.parse().ok()?))).collect()
    }

    /// Rollouts that lie in the place itself.
    fn flat(&mut self, place: &Path) {
        let first = first_day(self.wanted);
        for (entry, name) in self.search.list(place) {
            let started = started_and_stem(&name).and_then(|(started, _)| started);
            let Some(id) = thread(&name) else { continue };
            let named = self.wanted.named.iter().any(|named| named.0 == id);
            if named || self.wanted.thorough || started.is_some_and(|started| started >= first) {
                self.consider(id, &entry.path());
            }
        }
    }

    fn day(&mut self, directory: &Path, all: bool) {
        for (entry, name) in self.search.list(directory) {
            if self.search.late() || !all && self.looked_at > RESUMED {
                return;
            }
            if let Some(id) = thread(&name) {
                self.looked_at += usize::from(!all);
                self.consider(id, &entry.path());
            }
        }
    }

    /// A compressed rollout is left where the plain one still or again lies beside it. In the hook only a named one is
    /// considered: what was compressed was not written for long.
    fn consider(&mut self, id: &str, file: &Path) {
        if file.extension().is_some_and(|extension| extension == "zst") {
            let named = self.wanted.named.iter().any(|named| named.0 == id);
            if !named && !self.wanted.thorough || file.with_extension("").is_file() {
                return;
            }
        }
        self.search.consider(id, file.to_owned());
    }

    fn named(&mut self, days: &[(NaiveDate, PathBuf)]) {
        for id in self.wanted.named.iter().filter(|id| place::is_id(&id.0)) {
            if self.search.met(id) {
                continue;
            }
            let began = record::began(&id.0).map(day);
            let near = |date: NaiveDate| {
                began.is_some_and(|began| {
                    began.checked_add_days(Days::new(1)) >= Some(date) && began.pred_opt() <= Some(date)
                })
            };
            let (near, far): (Vec<_>, Vec<_>) = days.iter().partition(|(date, _)| near(*date));
            // Ids without a time are those of very old threads.
            let far = far.into_iter().filter(|_| began.is_none() || self.wanted.thorough);
            for (_, directory) in near.into_iter().chain(far) {
                if self.search.met(id) || self.search.late() {
                    break;
                }
                self.named_in(id, directory);
            }
        }
    }

    fn named_in(&mut self, id: &SessionId, directory: &Path) {
        for (entry, name) in self.search.list(directory) {
            if thread(&name) == Some(&id.0) {
                self.consider(&id.0, &entry.path());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::{Duration, SystemTime};

    use super::*;

    const NEW: &str = "01a20316-4dfa-72a0-9a78-6e6675bc62ed";
    const OLD: &str = "019c8bfe-ec25-79e0-97d7-bda6a9c575ff";
    const OTHER: &str = "019c8a70-dda7-7f33-98ea-f30553347322";

    /// A `CODEX_HOME` and files in it, each so many days old.
    fn home(files: &[(&str, u64)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, age) in files {
            let file = dir.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, "").unwrap();
            let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_348_123 - age * 86_400);
            fs::File::options().write(true).open(&file).unwrap().set_modified(modified).unwrap();
        }
        dir
    }

    /// The ids found in the day before 22 November 2026.
    fn found(home: &Path, named: &[&str], thorough: bool) -> Vec<String> {
        let until: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().unwrap();
        let wanted = Wanted {
            roots: Vec::new(),
            named: named.iter().map(|id| SessionId((*id).to_owned())).collect(),
            since: until - Duration::from_secs(86_400),
            until,
            thorough,
        };
        let env = Env::of_test(home, &[("CODEX_HOME", ".")]);
        let found = find(&places(&env, None), &wanted, Deadline::NONE);
        assert!(found.complete && found.gaps.is_empty());
        found.candidates.iter().map(|candidate| candidate.id.0.clone()).collect()
    }

    #[test]
    fn what_was_written_since_is_found_under_whatever_day_it_was_started() {
        let home = home(&[
            (&format!("sessions/2026/11/22/rollout-2026-11-22T11-48-43-{NEW}.jsonl"), 0),
            (&format!("sessions/2026/02/23/rollout-2026-02-23T20-34-25-{OLD}.jsonl"), 0),
            (&format!("sessions/2026/02/23/rollout-2026-02-23T13-19-38-{OTHER}.jsonl"), 200),
            ("sessions/2026/11/22/notes.jsonl", 0),
            ("sessions/2026/11/x/rollout-2026-11-22T11-48-43-x.jsonl", 0),
        ]);
        let mut ids = found(home.path(), &[], false);
        ids.sort();
        assert_eq!(ids, [OLD, NEW]);
    }

    #[test]
    fn a_named_thread_comes_first_however_old_and_wherever() {
        let home = home(&[
            (&format!("sessions/2026/11/22/rollout-2026-11-22T11-48-43-{NEW}.jsonl"), 0),
            (&format!("sessions/2026/02/23/rollout-2026-02-23T20-34-25-{OLD}_{OTHER}.jsonl"), 200),
            (&format!("archived_sessions/rollout-2026-02-23T13-19-38-{OTHER}.jsonl"), 200),
        ]);
        assert_eq!(found(home.path(), &[OLD], false), [OLD, NEW]);
        assert_eq!(found(home.path(), &[OTHER, "../x", "absent"], false), [OTHER, NEW]);
    }

    #[test]
    fn the_compressed_twin_is_left_and_without_one_it_is_for_the_thorough_search() {
        let plain = format!("sessions/2026/11/22/rollout-2026-11-22T11-48-43-{NEW}.jsonl");
        let packed = format!("{plain}.zst");
        assert_eq!(found(home(&[(&plain, 0), (&packed, 0)]).path(), &[], true), [NEW]);
        let only = home(&[(&packed, 0)]);
        assert_eq!(found(only.path(), &[], false), [""; 0]);
        assert_eq!(
            (found(only.path(), &[], true), found(only.path(), &[NEW], false)),
            (vec![NEW.to_owned()], vec![NEW.to_owned()])
        );
    }

    #[test]
    fn archived_sessions_of_earlier_days_are_for_the_thorough_search() {
        let home = home(&[(&format!("archived_sessions/rollout-2026-02-23T20-34-25-{OLD}.jsonl"), 0)]);
        assert_eq!((found(home.path(), &[], false).len(), found(home.path(), &[], true).len()), (0, 1));
    }

    #[test]
    fn a_threads_id_stands_in_the_name() {
        let check = |name: &str, id: Option<&str>| assert_eq!(thread(name), id, "{name}");
        check(&format!("rollout-2026-02-23T20-34-25-{OLD}.jsonl"), Some(OLD));
        check(&format!("rollout-2026-02-23T20-34-25-{OLD}_{NEW}.jsonl.zst"), Some(OLD));
        for none in ["rollout-2026-02-23T20-34-25-.jsonl", "rollout-x.jsonl", "rollout-üüüüüüüüüü.jsonl", "a.jsonl", ""]
        {
            check(none, None);
        }
    }

    #[test]
    fn places_follow_the_variable_and_the_settings() {
        let home = home(&[("sessions/x", 0), ("more/sessions/x", 0), ("flat/x", 0)]);
        let at = |variables: &[(&str, &str)], extra: Option<&str>| {
            let extra = extra.map(|extra| home.path().join(extra));
            let found = places(&Env::of_test(home.path(), variables), extra.as_deref());
            found
                .iter()
                .map(|place| place.strip_prefix(home.path()).unwrap().to_string_lossy().replace('\\', "/"))
                .collect::<Vec<_>>()
        };
        assert_eq!(at(&[], None), [""; 0]);
        assert_eq!(at(&[("CODEX_HOME", "more")], None), ["more/sessions"]);
        assert_eq!(at(&[], Some("more")), ["more/sessions"]);
        assert_eq!(at(&[], Some("flat")), ["flat"]);
    }
}
