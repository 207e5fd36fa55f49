//! Who installed this program: only what an install script of ours put there is ours to replace.
//!
//! In: an installation, and the files around it. Out: a [`Source`], with the command by which its own manager updates it.
//! Never here: the network, a manager that is run, or a guess: a manager is recognised by the files it keeps.

use std::path::{Path, PathBuf};

use super::names::PROGRAM;
use super::place::Place;
use super::receipt::Receipt;
use super::release::by_script;
use super::stop::Stop;
use crate::env::Env;
use crate::fs;

/// Who installed it.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// An install script of ours.
    Script(Box<Receipt>),
    /// A receipt lies beside it, but for a program at another place.
    Moved(PathBuf),
    /// Somebody else: who, and the command that updates what they installed.
    Other(&'static str, String),
    /// Nobody knows.
    Unknown,
}

impl Source {
    /// Finds out who installed a program.
    ///
    /// # Errors
    /// There is a receipt, and it cannot be read.
    pub fn of(place: &Place) -> anyhow::Result<Self> {
        Ok(match Receipt::read(place)? {
            Some(receipt) if receipt.fits(place) => Self::Script(Box::new(receipt)),
            Some(receipt) => Self::Moved(receipt.binary),
            None => manager(&place.binary, Path::new("/")),
        })
    }

    /// Who that is, for a sentence.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Script(receipt) => &receipt.source,
            Self::Moved(_) => "an install script, at another place",
            Self::Other(name, _) => name,
            Self::Unknown => "somebody unknown",
        }
    }

    /// The command that brings a newer version.
    #[must_use]
    pub fn cure(&self) -> String {
        match self {
            Self::Script(_) => "commit-story update".to_owned(),
            Self::Other(_, command) => command.clone(),
            Self::Moved(_) | Self::Unknown => by_script(),
        }
    }

    /// What removes the program itself.
    #[must_use]
    pub fn removal(&self, place: &Place) -> String {
        match self {
            Self::Script(_) => {
                // PowerShell knows `rm`, too, but puts commas between what it takes.
                let between = if cfg!(windows) { "," } else { "" };
                format!("to remove it, rm -r '{}'{between} '{}'", place.binary.display(), place.beside.display())
            }
            Self::Other(name, _) => format!("{name} has installed it, and removes it"),
            Self::Moved(_) | Self::Unknown => format!("to remove it, rm '{}'", place.binary.display()),
        }
    }
}

/// The receipt of a program that is ours to replace.
///
/// # Errors
/// It is somebody else's, and the hint is that one's command; or `COMMIT_STORY_SELF_UPDATE` is `off`.
pub fn ours(env: &Env, place: &Place) -> anyhow::Result<Receipt> {
    let source = Source::of(place)?;
    let shown = place.binary.display();
    if env.text("COMMIT_STORY_SELF_UPDATE") == Some("off") {
        let stop = Stop::refused("updates are switched off here: COMMIT_STORY_SELF_UPDATE is off");
        return Err(match source {
            Source::Other(_, command) => stop.hint(command),
            _ => stop,
        }
        .into());
    }
    let message = match source {
        Source::Script(receipt) => return Ok(*receipt),
        Source::Moved(ref there) => {
            format!("the receipt beside {shown} is that of a program at {}", there.display())
        }
        Source::Other(name, _) => format!("{shown} was installed by {name}, and is that one's to update"),
        Source::Unknown => format!("{shown} has no receipt of an install script, so it is not ours to replace"),
    };
    Err(Stop::refused(message).hint(source.cure()).into())
}

/// The manager in whose hands a file is. `root` is where the system's own directories begin.
fn manager(binary: &Path, root: &Path) -> Source {
    let other = |name, command: String| Source::Other(name, command);
    let has = |parts: &[&str]| has(binary, parts);
    if is_built(binary) {
        return other("cargo build", "git pull, and cargo build --release again, in the checkout".to_owned());
    }
    if has(&["nix", "store"]) {
        return other("Nix", format!("nix profile upgrade {PROGRAM}, or where your configuration names it"));
    }
    if has(&["Cellar"]) {
        return other("Homebrew", format!("brew upgrade {PROGRAM}"));
    }
    if has(&["Caskroom"]) {
        return other("Homebrew", format!("brew upgrade --cask {PROGRAM}"));
    }
    if has(&["mise", "installs"]) {
        return other("mise", format!("mise upgrade {PROGRAM}"));
    }
    if has(&["pipx", "venvs"]) {
        return other("pipx", format!("pipx upgrade {PROGRAM}"));
    }
    if has(&["uv", "tools"]) {
        return other("uv", format!("uv tool upgrade {PROGRAM}"));
    }
    if has(&["archive-v0"]) {
        return other("uvx", format!("uvx {PROGRAM}@latest"));
    }
    if has(&["scoop", "apps"]) || has(&["scoop", "shims"]) {
        return other("Scoop", format!("scoop update {PROGRAM}"));
    }
    if has(&["WinGet", "Packages"]) || has(&["WinGet", "Links"]) {
        return other("WinGet", format!("winget upgrade {PROGRAM}"));
    }
    by_prefix(binary).or_else(|| by_system(binary, root)).unwrap_or(Source::Unknown)
}

/// Managers that keep their books in the directory around `bin`.
fn by_prefix(binary: &Path) -> Option<Source> {
    let prefix = binary.parent()?.parent()?;
    if prefix.join("pyvenv.cfg").is_file() {
        let python = binary.with_file_name(if cfg!(windows) { "python.exe" } else { "python" });
        // What is in quotes is a text to PowerShell, unless it is told to call it.
        let call = if cfg!(windows) { "& " } else { "" };
        let command = format!("{call}'{}' -m pip install --upgrade {PROGRAM}", python.display());
        return Some(Source::Other("pip, in a virtual environment", command));
    }
    let books = fs::read(&prefix.join(".crates2.json"), 16 << 20).ok().flatten().unwrap_or_default();
    if String::from_utf8_lossy(&books).contains(&format!("\"{PROGRAM} ")) {
        return Some(Source::Other("cargo", format!("cargo install --locked {PROGRAM}")));
    }
    let has_books = |lib: &Path| {
        fs::names(lib).unwrap_or_default().into_iter().filter(|name| name.starts_with("python3")).any(|python| {
            ["site-packages", "dist-packages"].iter().any(|packages| {
                let names = fs::names(&lib.join(&python).join(packages)).unwrap_or_default();
                names.iter().any(|name| name.starts_with("commit_story-") && name.ends_with(".dist-info"))
            })
        })
    };
    let pip = || Source::Other("pip", format!("python3 -m pip install --upgrade {PROGRAM}"));
    has_books(&prefix.join("lib")).then(pip)
}

/// The system's own manager, or that of a container.
fn by_system(binary: &Path, root: &Path) -> Option<Source> {
    let is_there = |path: &str| root.join(path).exists();
    let inside = binary.strip_prefix(root).ok()?;
    let is_in = |dirs: &[&str]| dirs.iter().any(|dir| inside.starts_with(dir));
    if is_in(&["usr", "bin"]) && is_there(&format!("var/lib/dpkg/info/{PROGRAM}.list")) {
        let command = format!("sudo apt-get update && sudo apt-get install --only-upgrade {PROGRAM}");
        return Some(Source::Other("apt", command));
    }
    // What somebody has put into their home in a container is not the image's.
    let of_image = inside.components().count() == 1 || is_in(&["usr", "bin", "sbin", "opt", "app"]);
    if of_image && (is_there(".dockerenv") || is_there("run/.containerenv")) {
        let command = "pull a newer image, and start the container from that".to_owned();
        return Some(Source::Other("a container's image", command));
    }
    is_in(&["usr/bin", "usr/sbin", "usr/lib", "bin", "snap"])
        .then(|| Source::Other("the system's package manager", format!("upgrade the package {PROGRAM} with it")))
}

/// Whether directories of these names follow each other in a path.
fn has(path: &Path, parts: &[&str]) -> bool {
    let names: Vec<&std::ffi::OsStr> = path.iter().collect();
    names
        .windows(parts.len())
        .any(|window| window.iter().zip(parts).all(|(name, part)| name.eq_ignore_ascii_case(part)))
}

/// Whether a file was built here: cargo leaves a file of its own at the top of what it builds.
fn is_built(binary: &Path) -> bool {
    binary.ancestors().skip(1).take(4).any(|dir| dir.join(".rustc_info.json").is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A root with these files in it, and the program at `binary`.
    fn classified(binary: &str, files: &[(&str, &str)]) -> Source {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        manager(&dir.path().join(binary), dir.path())
    }

    #[test]
    fn a_manager_is_known_by_its_directories() {
        let check = |binary: &str, files: &[(&str, &str)], expected: &str| {
            let found = classified(binary, files);
            assert_eq!(found.cure(), expected, "{binary}: {found:?}");
        };
        let brew = "brew upgrade commit-story";
        check("opt/homebrew/Cellar/commit-story/0.1.0/bin/commit-story", &[], brew);
        check("home/linuxbrew/.linuxbrew/Cellar/commit-story/0.1.0/bin/commit-story", &[], brew);
        check("opt/homebrew/Caskroom/commit-story/0.1.0/commit-story", &[], "brew upgrade --cask commit-story");
        check("home/u/.local/share/pipx/venvs/commit-story/bin/commit-story", &[], "pipx upgrade commit-story");
        check("home/u/.local/share/uv/tools/commit-story/bin/commit-story", &[], "uv tool upgrade commit-story");
        check("home/u/.cache/uv/archive-v0/xyz/bin/commit-story", &[], "uvx commit-story@latest");
        check("Users/u/scoop/apps/commit-story/current/commit-story.exe", &[], "scoop update commit-story");
        check("Users/u/AppData/Local/Microsoft/WinGet/Packages/x/commit-story.exe", &[], "winget upgrade commit-story");
        check("home/u/.local/share/mise/installs/commit-story/0.1.0/commit-story", &[], "mise upgrade commit-story");
        let crates = r#"{"installs":{"commit-story 0.1.0 (registry+https://x)":{}}}"#;
        let cargo = "cargo install --locked commit-story";
        check("home/u/.cargo/bin/commit-story", &[("home/u/.cargo/.crates2.json", crates)], cargo);
        check("home/u/.cargo/bin/commit-story", &[("home/u/.cargo/.crates2.json", "{}")], &by_script());
        let dist = "home/u/.local/lib/python3.12/site-packages/commit_story-0.1.0.dist-info/RECORD";
        check("home/u/.local/bin/commit-story", &[(dist, "")], "python3 -m pip install --upgrade commit-story");
        check("home/u/.local/bin/commit-story", &[], &by_script());
        check(
            "usr/bin/commit-story",
            &[("var/lib/dpkg/info/commit-story.list", "")],
            "sudo apt-get update && sudo apt-get install --only-upgrade commit-story",
        );
        check("usr/bin/commit-story", &[], "upgrade the package commit-story with it");
        let image = "pull a newer image, and start the container from that";
        check("usr/local/bin/commit-story", &[(".dockerenv", "")], image);
        check("commit-story", &[("run/.containerenv", "")], image);
        check("home/u/bin/commit-story", &[(".dockerenv", "")], &by_script());
    }

    #[test]
    fn an_environment_and_a_checkout_are_named_by_their_paths() {
        let cure = classified("home/u/venv/bin/commit-story", &[("home/u/venv/pyvenv.cfg", "")]).cure();
        let python = if cfg!(windows) { "home/u/venv/bin\\python.exe" } else { "home/u/venv/bin/python" };
        assert!(cure.ends_with(&format!("{python}' -m pip install --upgrade commit-story")), "{cure}");
        let built = [("src/commit-story/target/.rustc_info.json", "{}")];
        let cure = classified("src/commit-story/target/release/commit-story", &built).cure();
        assert_eq!(cure, "git pull, and cargo build --release again, in the checkout");
        let nix = classified("nix/store/abc-commit-story-0.1.0/bin/commit-story", &[]).cure();
        assert!(nix.starts_with("nix profile upgrade commit-story"), "{nix}");
    }
}
