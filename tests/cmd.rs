//! The command line as people meet it: `tests/cmd/*.md`, every line of their consoles run in a place of its own.
//!
//! In: `tests/cmd`. Out: a difference, where the program says something else. `TRYCMD=overwrite cargo test --test cmd`
//! takes what it says now.
//! Nothing of this machine takes part but `git` and `PATH`: the home, the clock and git's settings are the test's.

use std::path::{Path, PathBuf};

#[test]
fn the_command_line_says_what_the_pages_show() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().canonicalize().unwrap();
    std::fs::create_dir(place.join("home")).unwrap();
    std::fs::write(
        place.join("gitconfig"),
        "[user]\n\tname = Ada Example\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n",
    )
    .unwrap();
    let text = |path: PathBuf| path.to_str().unwrap().to_owned();
    let now = "2026-01-06T16:02:06+01:00";
    let cases = trycmd::TestCases::new();
    cases
        .env("HOME", text(place.join("home")))
        .env("XDG_CONFIG_HOME", text(place.join("home/.config")))
        .env("GIT_CONFIG_GLOBAL", text(place.join("gitconfig")))
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .env("GIT_AUTHOR_DATE", now)
        .env("GIT_COMMITTER_DATE", now)
        .env("COMMIT_STORY_NOW", now)
        // Whatever git is here.
        .env("COMMIT_STORY_HOOKS", "files")
        .env("COMMIT_STORY_HOOK_WORKER", "false")
        .env("TZ", "Europe/Paris")
        .env("CLAUDE_CODE_SESSION_ID", "")
        .env("CLAUDE_CONFIG_DIR", "")
        .env("COLUMNS", "100");
    cases.register_bin("git", trycmd::schema::Bin::Path(git()));
    cases.register_bin("commit-story", trycmd::schema::Bin::Path(env!("CARGO_BIN_EXE_commit-story").into()));
    cases.insert_var("[HOME]", text(place.join("home"))).unwrap();
    cases.insert_var("[BINARY]", env!("CARGO_BIN_EXE_commit-story")).unwrap();
    cases.case("tests/cmd/*.md");
    cases.run();
}

/// The `git` on `PATH`: trycmd runs programs by their path only.
fn git() -> PathBuf {
    let path = std::env::var_os("PATH").expect("PATH is set");
    let found =
        std::env::split_paths(&path).map(|dir: PathBuf| dir.join("git")).find(|git: &PathBuf| Path::is_file(git));
    found.expect("git is on PATH")
}
