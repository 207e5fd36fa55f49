//! A release as its users will meet it, on this machine: installed, updated to, forged, withdrawn, left again.
//!
//! In: a release's files, those to be published or ones made here; and a debug build that calls itself an older version and
//! trusts the test keys. Out: a transcript, a line per expectation, and a failure at the first that does not hold.
//! Never here: another machine, this user's home, or a file that outlives the rehearsal.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use commit_story::update::names;

use crate::archive;
use crate::assets::{Assets, sha256};
use crate::index::{self, Index, Yanked};
use crate::keyring::{self, Whose};
use crate::package::package;
use crate::server::{Mode, Release, Server};
use crate::sign::{self, Signer, TEST_ONLINE, TEST_STRANGER};
use crate::tree::Tree;
use crate::{checks, github, say, seal, verify};

/// What the program of before calls itself.
pub const BEFORE: &str = "0.0.1";

/// A release that comes later, which only the test keys have signed.
const LATER: &str = "999.0.0";

/// Codes of `update`.
const DONE: i32 = 0;
const NEWER: i32 = 10;
const REFUSED: i32 = 20;
const NETWORK: i32 = 30;
const FORGED: i32 = 40;

/// The stage: a home, a server, and three releases.
struct Stage<'a> {
    tree: &'a Tree,
    target: &'static str,
    dir: tempfile::TempDir,
    server: Server,
    /// The release that is rehearsed.
    now: Assets,
    before: Assets,
}

/// Rehearses the release in `assets`, after the program `previous`, which must trust the test keys and call itself
/// [`BEFORE`].
///
/// # Errors
/// Something is not as expected.
pub fn rehearse(tree: &Tree, assets: &Assets, previous: &Path) -> Result<()> {
    let target = names::target().context("nothing is released for this system")?;
    let dir = tempfile::Builder::new().prefix("rehearsal-").tempdir().context("cannot make a directory")?;
    say::step(&format!("the files of {}", assets.version));
    let ours = keyring::trusted(tree, Whose::Ours)?;
    let signature = assets.text(names::SUMS_MINISIG)?;
    if ours.minisig(&assets.read(names::SUMS)?, &signature, false, names::SUMS).is_ok() {
        verify::verify(assets, &ours)?;
    } else {
        verify::verify(assets, &keyring::trusted(tree, Whose::Test)?)?;
        say::line("      they are signed with the test keys: good for a rehearsal, and for nothing else");
    }
    let program = packed(assets, target)?;
    say::seen(&format!("the program: {}", checks::within_bounds(program.len() as u64)?));
    let stage = Stage {
        tree,
        target,
        server: Server::start().context("cannot listen on the loopback")?,
        now: Assets::of(&assets.dir, &assets.version),
        before: Assets::of(&dir.path().join("before"), BEFORE),
        dir,
    };
    say::step(&format!("{BEFORE}, for those who have it"));
    stage.make(&stage.before, previous)?;
    stage.serve(&stage.before, |_| {})?;
    stage.install(BEFORE)?;
    stage.forgeries()?;
    stage.there_and_back()?;
    stage.strangers()?;
    stage.leave()?;
    say::line(&format!("\nThe rehearsal of {} went as it should.", assets.version));
    Ok(())
}

impl Stage<'_> {
    fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    fn program(&self) -> PathBuf {
        self.home().join("bin").join(names::binary(self.target))
    }

    /// A release of `program`, signed with the test key.
    fn make(&self, assets: &Assets, program: &Path) -> Result<()> {
        package(self.tree, program, self.target, assets)?;
        seal::seal(self.tree, assets, Whose::Test, &[Signer::of(&TEST_ONLINE)])
    }

    /// Publishes files, changed by `change`, on the server.
    fn serve(&self, assets: &Assets, change: impl FnOnce(&mut Release)) -> Result<()> {
        let files = assets.names()?.into_iter().map(|name| Ok((name.clone(), assets.read(&name)?)));
        let mut release =
            Release { tag: names::tag(&assets.version), files: files.collect::<Result<_>>()?, ..Release::default() };
        change(&mut release);
        self.server.change(|releases| releases.retain(|other| other.tag != release.tag));
        self.server.release(release);
        Ok(())
    }

    /// Takes everything but the release of before off the server.
    fn clear(&self) {
        self.server.behave();
        self.server.change(|releases| releases.retain(|release| release.tag == names::tag(BEFORE)));
    }

    /// A command with nothing of this machine in its environment but `PATH`.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear();
        for name in ["PATH", "SYSTEMROOT", "PATHEXT", "PROCESSOR_ARCHITECTURE"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        for name in ["HOME", "USERPROFILE", "LOCALAPPDATA", "APPDATA"] {
            command.env(name, self.home());
        }
        command
            .env("TMPDIR", self.dir.path())
            .env("TEMP", self.dir.path())
            .env("TMP", self.dir.path())
            .env("COMMIT_STORY_INSTALL_DIR", self.home().join("bin"))
            .env("COMMIT_STORY_BASE_URL", self.server.base())
            .env("COMMIT_STORY_API_URL", self.server.root())
            .current_dir(self.dir.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs the install script as a stranger does: from the server, through a pipe; `uninstall` has it take all out again.
    fn script(&self, uninstall: bool) -> Result<Output> {
        std::fs::create_dir_all(self.home())?;
        let name = if cfg!(windows) { "install.ps1" } else { "install.sh" };
        let (status, text) = github::get(&names::address(&self.server.base(), None, name))?;
        ensure!(status == 200, "the server answers {status} for {name}");
        let file = self.dir.path().join(name);
        std::fs::write(&file, text)?;
        let mut command = if cfg!(windows) {
            let read = format!("& ([scriptblock]::Create((Get-Content -Raw -LiteralPath '{}')))", file.display());
            let mut command = self.command("powershell");
            command.args(["-NoProfile", "-ExecutionPolicy", "Bypass", "-Command"]);
            command.arg(if uninstall { read + " -Uninstall" } else { read });
            command
        } else {
            let mut command = self.command("sh");
            command.args(["-s", "--"]).args(uninstall.then_some("--uninstall"));
            command.stdin(std::fs::File::open(&file)?);
            command
        };
        command.output().with_context(|| format!("cannot run {name}"))
    }

    fn install(&self, version: &str) -> Result<()> {
        let done = self.script(false)?;
        expect(&format!("the install script installs {version}"), &done, &[DONE])?;
        self.is(version)
    }

    /// Whether the installed program is this version, and runs.
    fn is(&self, version: &str) -> Result<()> {
        let said =
            self.command(self.program()).arg("--version").output().context("cannot run the installed program")?;
        let said = String::from_utf8_lossy(&said.stdout).trim().to_owned();
        ensure!(said == format!("{} {version}", names::PROGRAM), "expected {version}, and what runs is {said:?}");
        say::seen(&format!("what runs is {said}"));
        Ok(())
    }

    fn update(&self, arguments: &[&str]) -> Result<Output> {
        self.command(self.program()).arg("update").args(arguments).output().context("cannot run update")
    }

    /// Serves what `change` makes of the release: `update` must refuse it and leave everything as it is.
    fn refused(&self, what: &str, codes: &[i32], change: impl FnOnce(&mut Release)) -> Result<()> {
        self.clear();
        self.serve(&self.now, change)?;
        let before = sha256(&std::fs::read(self.program())?);
        expect(what, &self.update(&[])?, codes)?;
        ensure!(sha256(&std::fs::read(self.program())?) == before, "{what}: the program has changed");
        Ok(())
    }

    /// Every way in which somebody between us and the user could give him something else.
    fn forgeries(&self) -> Result<()> {
        say::step("what must be refused, with the program left as it is");
        let name = names::archive(&self.now.version, self.target);
        let old = self.before.read(&names::archive(BEFORE, self.target))?;
        let program = archive::unpack(&self.now.read(&name)?)?;
        let unsigned = archive::pack(program, 0)?;
        let strange = sign::archive(&unsigned, &name, &[&Signer::of(&TEST_STRANGER)])?;
        self.refused("an archive with one bit turned", &[FORGED], |release| {
            alter(release, &name, |bytes| {
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
            });
        })?;
        self.refused("an archive that was never signed", &[FORGED], |release| {
            alter(release, &name, |bytes| *bytes = unsigned);
        })?;
        self.refused("an archive that a stranger has signed", &[FORGED], |release| {
            alter(release, &name, |bytes| *bytes = strange);
        })?;
        self.refused("an old archive, properly signed, under the new name", &[FORGED], |release| {
            alter(release, &name, |bytes| *bytes = old);
        })?;
        self.refused("an index that was changed after it was signed", &[FORGED], |release| {
            alter(release, names::INDEX, |bytes| bytes.push(b'\n'));
        })?;
        let stranger = Signer::of(&TEST_STRANGER).minisig(&self.now.read(names::INDEX)?, false, "file:release.json");
        self.refused("an index that a stranger has signed", &[FORGED], |release| {
            alter(release, names::INDEX_MINISIG, |bytes| *bytes = stranger.into_bytes());
        })?;
        self.refused("an index without a signature", &[NETWORK, FORGED], |release| {
            release.files.retain(|(file, _)| file != names::INDEX_MINISIG);
        })?;
        self.clear();
        self.serve(&self.now, |_| {})?;
        self.server.misbehave(&name, Mode::Truncated);
        expect("a download that breaks off", &self.update(&[])?, &[NETWORK, FORGED])?;
        self.withdrawn()?;
        self.refused("a release that is a pre-release at GitHub: not offered", &[DONE], |release| {
            release.prerelease = true;
        })?;
        self.is(BEFORE)
    }

    /// A version that its own successor calls withdrawn.
    fn withdrawn(&self) -> Result<()> {
        let mut index: Index = serde_json::from_slice(&self.now.read(names::INDEX)?)?;
        index.yanked.push(Yanked { version: index.version.clone(), reason: "it forgot a Tuesday".to_owned() });
        let text = index::text(&index)?;
        let signature = Signer::of(&TEST_ONLINE).minisig(text.as_bytes(), false, "file:release.json");
        self.refused("a release that was withdrawn", &[REFUSED], |release| {
            alter(release, names::INDEX, |bytes| *bytes = text.into_bytes());
            alter(release, names::INDEX_MINISIG, |bytes| *bytes = signature.into_bytes());
        })
    }

    /// The update itself, the way back without a network, and the update again.
    fn there_and_back(&self) -> Result<()> {
        let (before, now) = (BEFORE, self.now.version.as_str());
        say::step(&format!("{before} becomes {now}, and goes back"));
        self.clear();
        // Trusted by the debug build alone if these are files for a rehearsal; the very files if they are not.
        self.serve(&self.now, |_| {})?;
        expect("update --check tells of it", &self.update(&["--check"])?, &[NEWER])?;
        expect("update", &self.update(&[])?, &[DONE])?;
        self.is(now)?;
        let index: Index = serde_json::from_slice(&self.now.read(names::INDEX)?)?;
        let installed = std::fs::read(self.program())?;
        ensure!(installed == packed(&self.now, self.target)?, "what is installed is not what was packed");
        say::seen(&format!(
            "it is the packed program, byte for byte ({} bytes, release {})",
            installed.len(),
            index.sequence
        ));
        self.server.misbehave("", Mode::Status(503, Vec::new()));
        expect("update --rollback, while the server is out of order", &self.update(&["--rollback"])?, &[DONE])?;
        self.is(before)?;
        self.server.behave();
        let pinned = self.update(&[])?;
        expect("update leaves out what was returned from", &pinned, &[DONE])?;
        self.is(before)?;
        expect(&format!("update --to {now} takes it all the same"), &self.update(&["--to", now])?, &[DONE])?;
        self.is(now)
    }

    /// The program that is released does not trust what everybody can sign.
    fn strangers(&self) -> Result<()> {
        let now = self.now.version.as_str();
        say::step(&format!("{now} and a release that only the test keys have signed"));
        let later = Assets::of(&self.dir.path().join("later"), LATER);
        self.make(&later, &self.program())?;
        self.serve(&later, |_| {})?;
        let done = self.update(&[])?;
        expect(&format!("{LATER} is refused"), &done, &[FORGED])?;
        let why = String::from_utf8_lossy(&done.stderr);
        ensure!(why.contains("not signed by a key"), "{LATER} is refused for another reason than its signature: {why}");
        self.is(now)
    }

    /// Uninstalling leaves nothing, and the release can be installed afresh.
    fn leave(&self) -> Result<()> {
        say::step("leaving, and coming again");
        self.clear();
        self.serve(&self.now, |_| {})?;
        expect("the install script takes it out again", &self.script(true)?, &[DONE])?;
        let rest = left(&self.home())?;
        ensure!(rest.is_empty(), "uninstalling leaves {rest:?}");
        say::seen("nothing is left of it");
        // What strangers get, from the script that the release carries.
        self.install(&self.now.version)?;
        expect("and out again", &self.script(true)?, &[DONE])?;
        let rest = left(&self.home())?;
        ensure!(rest.is_empty(), "uninstalling leaves {rest:?}");
        Ok(())
    }
}

/// The program in a release's archive.
fn packed(assets: &Assets, target: &str) -> Result<Vec<u8>> {
    let members = archive::unpack(&assets.read(&names::archive(&assets.version, target))?)?;
    let program = members.into_iter().find(|member| member.runs).context("the archive has no program")?;
    Ok(program.bytes)
}

/// Changes one file of a release.
fn alter(release: &mut Release, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
    if let Some((_, bytes)) = release.files.iter_mut().find(|(file, _)| file == name) {
        change(bytes);
    }
}

/// Prints what was expected and seen, or fails with both.
fn expect(what: &str, done: &Output, codes: &[i32]) -> Result<()> {
    let words = [done.stderr.as_slice(), &done.stdout].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let code = done.status.code().unwrap_or(-1);
    if !codes.contains(&code) {
        bail!("{what}: expected {codes:?}, seen {code}:\n{}", words.join("\n"));
    }
    let first = words.iter().flat_map(|text| text.lines()).find(|line| !line.trim().is_empty()).unwrap_or_default();
    say::seen(&format!("{what}: {code}, {first:?}"));
    Ok(())
}

/// Files below a directory, but for what PowerShell keeps for itself in a home.
fn left(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        if cfg!(windows) && entry.file_name() == "PowerShell" {
            continue;
        }
        if entry.file_type()?.is_dir() {
            found.extend(left(&entry.path())?);
        } else {
            found.push(entry.path());
        }
    }
    Ok(found)
}
