//! A repository whose entries get their prose from a script.

use std::path::PathBuf;

use crate::support::{Sandbox, binary, wait_for};

/// What the model says unless told otherwise: a sentence that every commit's evidence bears out.
pub const PROSE: &str = "## Summary\n\nThis commit changes `a.txt`. [F1]\n";

/// A sandbox with a script for a model.
pub struct Narrator {
    pub sandbox: Sandbox,
}

impl Narrator {
    /// A repository with one commit, a journal, and settings by which prose is asked for `wait` seconds after a commit.
    pub fn waiting(wait: u32) -> Self {
        let narrator = Self { sandbox: Sandbox::ready() };
        std::fs::create_dir_all(narrator.dir()).unwrap();
        narrator.says(PROSE);
        narrator.script("cat \"$here/reply\"");
        narrator.settings(&format!("wait-seconds: {wait}"));
        narrator
    }

    /// The same, where it is asked for at once.
    pub fn new() -> Self {
        Self::waiting(0)
    }

    fn dir(&self) -> PathBuf {
        self.sandbox.path("model")
    }

    /// What the script does when it has read the prompt and counted the call. `$here` is its directory.
    pub fn script(&self, does: &str) {
        let here = self.dir();
        let text = format!(
            "#!/bin/sh\nhere='{}'\ncat > \"$here/prompt\"\necho call >> \"$here/calls\"\n{does}\n",
            here.display()
        );
        let path = here.join("model.sh");
        // Written aside and moved: a worker may be running the one before.
        let aside = here.join("model.new");
        #[cfg(unix)]
        crate::support::executable(&aside, text);
        #[cfg(not(unix))]
        std::fs::write(&aside, text).unwrap();
        std::fs::rename(aside, path).unwrap();
    }

    /// What the model says.
    pub fn says(&self, words: &str) {
        std::fs::write(self.dir().join("reply"), words).unwrap();
    }

    /// The user's settings: these lines of `narration` besides those of the script.
    pub fn settings(&self, lines: &str) {
        let script = self.dir().join("model.sh");
        let lines = lines.replace('\n', "\n  ");
        self.own_settings(&format!("provider: command\n  command: ['{}']\n  {lines}", script.display()));
    }

    /// The user's settings: these lines of `narration` alone.
    pub fn own_settings(&self, lines: &str) {
        self.sandbox.narration_settings(lines);
    }

    /// How often the model was asked.
    pub fn calls(&self) -> usize {
        std::fs::read_to_string(self.dir().join("calls")).unwrap_or_default().lines().count()
    }

    /// What it was asked last.
    pub fn prompt(&self) -> String {
        std::fs::read_to_string(self.dir().join("prompt")).unwrap_or_default()
    }

    /// Where what waits lies.
    pub fn queue(&self) -> PathBuf {
        self.sandbox.state().join("narrate")
    }

    /// The commits that wait for prose.
    pub fn waiting_commits(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.queue()).into_iter().flatten();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut commits: Vec<String> =
            names.filter_map(|name| Some(name.strip_suffix(".json")?.to_owned())).filter(|id| id.len() == 40).collect();
        commits.sort();
        commits
    }

    /// What is known of a commit that waits.
    pub fn job(&self, commit: &str) -> serde_json::Value {
        let text = std::fs::read_to_string(self.queue().join(format!("{commit}.json"))).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// Changes what is known of a commit that waits.
    pub fn change_job(&self, commit: &str, key: &str, value: &str) {
        let mut job = self.job(commit);
        job[key] = serde_json::from_str(value).unwrap();
        std::fs::write(self.queue().join(format!("{commit}.json")), job.to_string()).unwrap();
    }

    /// Waits until nothing waits, and the worker has let its lock go.
    pub fn settle(&self) {
        self.sandbox.settle();
        wait_for("prose", || self.waiting_commits().is_empty());
        self.idle();
    }

    /// Waits until no worker is at work.
    pub fn idle(&self) {
        wait_for("the end of the worker", || {
            let lock = std::fs::File::create(self.queue().join("worker"));
            lock.is_ok_and(|lock| lock.try_lock().is_ok())
        });
    }

    /// Runs a worker to its end, as the hook starts one.
    pub fn work(&self) {
        let state = self.sandbox.state();
        let done = self.sandbox.command(binary()).args(["hook", "worker"]).arg(state).arg("0").output().unwrap();
        assert!(done.status.success() && done.stderr.is_empty(), "{done:?}");
    }

    /// Commits a change of `a.txt` without a worker.
    pub fn commit_quietly(&self, message: &str, content: &str) -> String {
        self.sandbox.write("a.txt", content);
        self.sandbox.git(&["add", "-A"]);
        let mut commit = self.sandbox.command("git");
        commit.args(["commit", "-q", "-m", message]).env("COMMIT_STORY_HOOK_WORKER", "false");
        crate::support::checked(&mut commit);
        self.sandbox.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    /// The page of the day.
    pub fn page(&self) -> String {
        self.sandbox.page("2026-01-06")
    }

    /// How often the prose stands on the page.
    pub fn told(&self) -> usize {
        self.page().matches("This commit changes `a.txt`.").count()
    }
}
