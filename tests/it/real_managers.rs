//! The real programs that look after git's hooks: each one's own hook runs before us, with us and after us, by hook
//! files and by the newest git's configuration.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::support::{Sandbox, checked, entries_of};

/// One of those programs.
struct Manager {
    /// Writes its configuration, with a post-commit hook that notes that it ran.
    configure: fn(&Sandbox),
    /// Puts its hooks in place.
    install: &'static [&'static str],
    /// What `init` takes to join it by files.
    flags: &'static [&'static str],
    /// Whether what it writes anew leaves us in place where we joined it by files.
    lasts: bool,
}

/// The shell command of a hook of theirs.
fn theirs(sandbox: &Sandbox) -> String {
    format!("echo theirs >>{}", sandbox.path("ran").display())
}

fn ran(sandbox: &Sandbox) -> String {
    let text = std::fs::read_to_string(sandbox.path("ran")).unwrap_or_default();
    let _ = std::fs::remove_file(sandbox.path("ran"));
    text
}

/// All that decides about hooks: git's configuration, hook files, and files of managers at the top.
fn hooks(sandbox: &Sandbox) -> BTreeMap<PathBuf, (Vec<u8>, u32)> {
    let mut files = sandbox.files();
    let git = sandbox.repo().join(".git");
    files.retain(|path, _| {
        let inside = path.starts_with(&git);
        !inside && !path.starts_with(sandbox.repo().join("journal"))
            || path.starts_with(git.join("hooks"))
            || *path == git.join("config")
    });
    files
}

/// Commits, and says whether theirs and ours ran.
fn commit(sandbox: &Sandbox, message: &str) -> (String, usize) {
    let id = sandbox.commit(message, &[]);
    (ran(sandbox), entries_of(&sandbox.page("2026-01-06"), &id))
}

impl Manager {
    fn check(&self) {
        for newest in [false, true] {
            let sandbox = if newest { Sandbox::with_newest_git() } else { Some(Sandbox::new()) };
            let Some(sandbox) = sandbox.and_then(Sandbox::with_managers) else { return };
            self.tell(&sandbox, newest);
        }
    }

    fn tell(&self, sandbox: &Sandbox, newest: bool) {
        let both = ("theirs\n".to_owned(), 1);
        let install = || checked(sandbox.command(self.install[0]).args(&self.install[1..]));
        (self.configure)(sandbox);
        install();
        assert_eq!(commit(sandbox, "before us"), ("theirs\n".to_owned(), 0));
        let before = hooks(sandbox);
        let flags = if newest { &[] } else { self.flags };
        sandbox.story_ok(&[&["init", "--yes", "--user"], flags].concat());
        let touched = hooks(sandbox).into_iter().filter(|(path, file)| before.get(path) != Some(file));
        let touched: Vec<PathBuf> = touched.map(|(path, _)| path).collect();
        assert_eq!(touched == [sandbox.repo().join(".git/config")], newest, "{touched:?}");
        assert_eq!(commit(sandbox, "with us"), both, "newest: {newest}");
        let doctor = sandbox.said(&["doctor"]);
        assert!(doctor.code == Some(0) && !doctor.stdout.contains("! hook"), "{doctor}");
        assert_eq!(ran(sandbox), "", "a trial runs nobody else's hook");
        if newest || self.lasts {
            install();
            assert_eq!(commit(sandbox, "with us, theirs installed again"), both, "newest: {newest}");
            sandbox.story_ok(&["doctor"]);
        }
        assert!(sandbox.said(&["init", "--yes", "--user", "--dry-run"]).code == Some(0));
        sandbox.story_ok(&["uninstall", "--yes"]);
        assert_eq!(commit(sandbox, "after us"), ("theirs\n".to_owned(), 0), "newest: {newest}");
        let exclude = std::fs::read_to_string(sandbox.repo().join(".git/info/exclude")).unwrap();
        assert!(exclude.contains("/journal/\n") && !exclude.contains("lefthook"), "{exclude}");
        let after = hooks(sandbox);
        let changed: Vec<_> = after.keys().filter(|path| before.get(*path) != after.get(*path)).collect();
        assert!(changed.is_empty() && before.len() == after.len(), "newest: {newest} {changed:?}");
    }
}

#[test]
fn husky() {
    let configure = |sandbox: &Sandbox| {
        sandbox.write("package.json", "{\"name\": \"x\", \"version\": \"1.0.0\"}\n");
        sandbox.write(".husky/post-commit", format!("{}\n", theirs(sandbox)));
    };
    let flags = &["--hooks", "files", "--shared-hooks"];
    Manager { configure, install: &["husky"], flags, lasts: true }.check();
}

#[test]
fn lefthook() {
    let configure = |sandbox: &Sandbox| {
        let run = theirs(sandbox);
        sandbox.write("lefthook.yml", format!("post-commit:\n  commands:\n    theirs:\n      run: {run}\n"));
    };
    Manager { configure, install: &["lefthook", "install"], flags: &["--hooks", "files"], lasts: true }.check();
}

/// The configuration that pre-commit and prek share.
fn local_hook(sandbox: &Sandbox) {
    let entry = theirs(sandbox);
    sandbox.write(
        ".pre-commit-config.yaml",
        format!(
            "repos:\n- repo: local\n  hooks:\n  - id: theirs\n    name: theirs\n    entry: sh -c '{entry}'\n    \
             language: system\n    always_run: true\n    pass_filenames: false\n    stages: [post-commit]\n"
        ),
    );
}

#[test]
fn pre_commit() {
    let install = &["pre-commit", "install", "-t", "post-commit"];
    Manager { configure: local_hook, install, flags: &["--hooks", "files"], lasts: true }.check();
}

#[test]
fn prek() {
    let install = &["prek", "install", "-t", "post-commit"];
    Manager { configure: local_hook, install, flags: &["--hooks", "files"], lasts: true }.check();
}

#[test]
fn simple_git_hooks() {
    let configure = |sandbox: &Sandbox| {
        let hooks = serde_json::json!({"name": "x", "simple-git-hooks": {"post-commit": theirs(sandbox)}});
        sandbox.write("package.json", hooks.to_string());
    };
    Manager { configure, install: &["simple-git-hooks"], flags: &["--hooks", "files"], lasts: false }.check();
}
