//! What install.sh does about `PATH`: nothing, unless it is asked.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use crate::installing::{Ground, fake, find, heard};

/// Installs with `--modify-path` and takes it out again; the file that this shell reads must hold one block in between,
/// however often it was run, and the same bytes in the end.
fn there_and_back(ground: &Ground, shell: &str, file: &Path, system: &str) {
    let before = (ground.found(), std::fs::read(file).ok());
    let tools = ground.path("tools");
    fake(&tools, "uname", &format!("case $1 in -s) echo {system} ;; *) echo x86_64 ;; esac"));
    let path = std::env::join_paths([tools, "/usr/bin".into(), "/bin".into()]).unwrap();
    for _ in 0..2 {
        let said = heard(ground.install(&["--modify-path"]).env("SHELL", shell).env("PATH", &path));
        assert_eq!(said.code, Some(0), "{shell}: {said}");
        let text = std::fs::read_to_string(file).unwrap_or_default();
        assert_eq!(text.matches("# >>> commit-story >>>").count(), 1, "{shell}: {text}{said}");
        assert!(text.contains(&format!("{}", ground.binary().parent().unwrap().display())), "{shell}: {text}");
    }
    let said = heard(ground.install(&["--uninstall"]).env("PATH", &path));
    assert_eq!(said.code, Some(0), "{said}");
    assert_eq!((ground.found(), std::fs::read(file).ok()), before, "{shell}: {said}");
}

#[test]
fn the_right_file_of_each_shell_gets_a_block_and_is_the_same_afterwards() {
    for (shell, file, system) in [
        ("/bin/bash", ".bashrc", "Linux"),
        ("/bin/bash", ".bash_profile", "Darwin"),
        ("/usr/bin/zsh", ".zshrc", "Linux"),
        ("/usr/bin/fish", ".config/fish/conf.d/commit-story.fish", "Linux"),
        ("/bin/dash", ".profile", "Linux"),
        ("/bin/ksh93", ".profile", "Linux"),
    ] {
        let ground = Ground::new();
        there_and_back(&ground, shell, &ground.home().join(file), system);
    }
}

#[test]
fn what_stands_in_the_file_stays_to_the_byte() {
    for text in [
        "",
        "\n",
        "a=1\n",
        "a=1",
        "a=1\n\n\n",
        "a=1\n\n",
        "\n\na=1",
        "# >>> other >>>\nx\n# <<< other <<<\n",
        "sø\r\n\tx",
    ] {
        let ground = Ground::new();
        let file = ground.home().join(".bashrc");
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
        there_and_back(&ground, "/bin/bash", &file, "Linux");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    }
}

#[test]
fn lines_that_came_later_stay_and_a_link_stays_a_link() {
    let ground = Ground::new();
    let file = ground.home().join(".bashrc");
    std::fs::create_dir(ground.path("dotfiles")).unwrap();
    std::fs::write(ground.path("dotfiles/bashrc"), "first").unwrap();
    symlink("../dotfiles/bashrc", &file).unwrap();
    ground.installed(&["--modify-path"]);
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}last")).unwrap();
    ground.installed(&["--uninstall"]);
    assert!(file.is_symlink());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "first\nlast");
    assert_eq!(std::fs::read_dir(ground.path("dotfiles")).unwrap().count(), 1);
}

#[test]
fn zsh_has_its_own_directory_and_an_unknown_shell_is_told_the_directory() {
    let ground = Ground::new();
    let dots = ground.home().join("zsh");
    std::fs::create_dir(&dots).unwrap();
    let said = heard(ground.install(&["--modify-path"]).env("SHELL", "/bin/zsh").env("ZDOTDIR", &dots));
    assert!(dots.join(".zshrc").is_file(), "{said}");
    // The record knows the file, also where the variable is gone.
    ground.installed(&["--uninstall"]);
    assert!(!dots.join(".zshrc").exists());

    let said = heard(ground.install(&["--modify-path"]).env("SHELL", "/bin/tcsh"));
    assert_eq!(said.code, Some(0), "{said}");
    assert!(said.stderr.contains("/home/.local/bin to it yourself"), "{said}");
}

#[test]
fn the_line_that_is_printed_works_in_the_shell_it_is_for() {
    for shell in ["bash", "zsh", "fish", "dash"].into_iter().filter(|shell| find(shell).is_some()) {
        let ground = Ground::new();
        let said = heard(ground.install(&[]).env("SHELL", shell));
        let line = said.stdout.lines().find_map(|line| line.strip_prefix("  ")).unwrap_or_else(|| panic!("{said}"));
        let mut command = ground.shell(&[shell]);
        let found = heard(command.arg("-c").arg(format!("{line}\ncommand -v commit-story")));
        assert_eq!(found.stdout.trim_end(), ground.binary().to_str().unwrap(), "{shell}: {line}: {found}");
    }
}

#[test]
fn it_says_whether_the_program_is_on_path_and_what_comes_before_it() {
    let ground = Ground::new();
    let usual = std::env::var("PATH").unwrap();
    let bin = ground.binary().parent().unwrap().display().to_string();
    let run = |path: &str| heard(ground.install(&[]).env("PATH", path));
    let said = run(&format!("{bin}:{usual}"));
    assert!(!said.stdout.contains("PATH") && said.stderr.is_empty(), "{said}");
    let other = ground.path("other");
    let shadow = fake(&other, "commit-story", "echo other");
    let said = run(&format!("{}:{bin}:{usual}", other.display()));
    assert!(said.stderr.contains(&format!("{} comes before it on PATH", shadow.display())), "{said}");
    let said = run(&format!("{}:{usual}", other.display()));
    assert!(said.stderr.contains("which is another one") && said.stdout.contains("export PATH="), "{said}");
}

#[test]
fn in_github_actions_the_next_step_finds_it() {
    let ground = Ground::new();
    let file = ground.path("github-path");
    std::fs::write(&file, "/opt/tool\n").unwrap();
    for _ in 0..2 {
        let said = heard(ground.install(&[]).env("GITHUB_PATH", &file));
        assert_eq!(said.code, Some(0), "{said}");
    }
    let bin = ground.binary().parent().unwrap().display().to_string();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), format!("/opt/tool\n{bin}\n"));
}
