//! Publishing, in steps of which each asks first whether it is done already.
//!
//! In: a directory that `verify` accepts, and the places it goes to. Out: the same release there, once.
//! Never here: a file that was not verified, a change to what is published, or a step that is done twice. When it is killed,
//! it is run again: what is there already is compared, byte by byte, and left alone.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use commit_story::update::names;
use semver::Version;
use serde_json::{Value, json};

use crate::assets::{Assets, sha256};
use crate::changelog::Changelog;
use crate::github::{self, GitHub, Remote};
use crate::proof::Trusted;
use crate::tree::{self, Tree};
use crate::{say, verify};

/// The steps, in their order: first what can be taken back, then what cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Step {
    /// A draft at GitHub, which only maintainers see
    Draft,
    /// Every file, to the draft
    Upload,
    /// Every file back from the draft, verified
    Inspect,
    /// Wheels to the Python Package Index
    Pypi,
    /// The source to crates.io
    Crates,
    /// The draft becomes the release
    Publish,
}

/// Where it goes, and how far.
#[derive(Debug, Clone, clap::Args)]
pub struct Places {
    /// This step alone, and not all of them
    #[arg(long, value_enum)]
    pub step: Option<Step>,
    /// GitHub's interface
    #[arg(long, value_name = "URL", default_value = "https://api.github.com")]
    pub api: String,
    /// The directory with the wheels; without it none are sent
    #[arg(long, value_name = "DIR")]
    pub wheels: Option<PathBuf>,
    /// Where to ask which wheels are there; where they go is twine's own setting, `TWINE_REPOSITORY_URL`
    #[arg(long, value_name = "URL", default_value = "https://pypi.org")]
    pub pypi: String,
    /// The source goes to crates.io, too
    #[arg(long)]
    pub crates: bool,
    /// The sparse index of crates.io, to ask what is there
    #[arg(long, value_name = "URL", default_value = "https://index.crates.io")]
    pub crates_index: String,
    /// Another registry than crates.io, by the name that cargo has for it
    #[arg(long, value_name = "NAME")]
    pub crates_registry: Option<String>,
}

/// A release on its way.
pub struct Publishing<'a> {
    /// The checkout that it was made from.
    pub tree: &'a Tree,
    /// Its files.
    pub assets: &'a Assets,
    /// Whose signatures count.
    pub trusted: &'a Trusted,
    /// Where it goes.
    pub places: &'a Places,
}

impl Publishing<'_> {
    /// Takes all steps, or the one asked for.
    ///
    /// # Errors
    /// A step fails. What is done stays done; run it again.
    pub fn run(&self) -> Result<()> {
        say::step("these files");
        verify::verify(self.assets, self.trusted)?;
        self.same_as_before()?;
        let hub = GitHub::of(&self.tree.repository()?, &self.places.api)?;
        let steps = [Step::Draft, Step::Upload, Step::Inspect, Step::Pypi, Step::Crates, Step::Publish];
        for step in steps.into_iter().filter(|step| self.places.step.is_none_or(|only| only == *step)) {
            let done = match step {
                Step::Draft => self.draft(&hub),
                Step::Upload => self.upload(&hub),
                Step::Inspect => self.inspect(&hub),
                Step::Pypi => self.pypi(),
                Step::Crates => self.crates(),
                Step::Publish => self.publish(&hub),
            };
            let done = done.with_context(|| format!("cannot {}", format!("{step:?}").to_lowercase()))?;
            say::seen(&format!("{}: {done}", format!("{step:?}").to_lowercase()));
            self.note(step, &done)?;
        }
        Ok(())
    }

    fn tag(&self) -> String {
        names::tag(&self.assets.version)
    }

    fn before(&self) -> Result<bool> {
        Ok(!Version::parse(&self.assets.version)?.pre.is_empty())
    }

    /// The journal lies beside the files: what was done, and with which bytes.
    fn journal(&self) -> PathBuf {
        let mut name = self.assets.dir.file_name().unwrap_or_default().to_owned();
        name.push(".journal");
        self.assets.dir.with_file_name(name)
    }

    /// What was begun with other files is not gone on with.
    fn same_as_before(&self) -> Result<()> {
        let sums = sha256(&self.assets.read(names::SUMS)?);
        let text = fs::read_to_string(self.journal()).unwrap_or_default();
        for line in text.lines() {
            // A line that was cut off by the end of the process says nothing.
            let Ok(note) = serde_json::from_str::<Value>(line) else { continue };
            let same = note["version"] != self.assets.version.as_str() || note["sums"] == sums.as_str();
            ensure!(same, "{} was begun with other files of {}", self.journal().display(), self.assets.version);
        }
        Ok(())
    }

    fn note(&self, step: Step, done: &str) -> Result<()> {
        let sums = sha256(&self.assets.read(names::SUMS)?);
        let note = json!({ "version": self.assets.version, "sums": sums, "step": format!("{step:?}"), "done": done });
        let path = self.journal();
        let mut file = fs::OpenOptions::new().create(true).append(true).open(&path);
        let written = file.as_mut().map_err(|failure| std::io::Error::new(failure.kind(), failure.to_string()));
        written.and_then(|file| writeln!(file, "{note}")).with_context(|| format!("cannot write {}", path.display()))
    }

    fn draft(&self, hub: &GitHub) -> Result<String> {
        if let Some(there) = hub.release(&self.tag())? {
            return Ok(if there.draft { "was there".to_owned() } else { "is published already".to_owned() });
        }
        let changelog = Changelog::read(&self.tree.text("CHANGELOG.md")?)?;
        let released = changelog.of(&Version::parse(&self.assets.version)?);
        let notes = released.map_or(changelog.unreleased.as_str(), |released| released.changes.as_str());
        let commit = self.tree.git(&["rev-parse", "HEAD"])?;
        hub.draft(&self.tag(), &commit, notes, self.before()?)?;
        Ok("made".to_owned())
    }

    fn there(&self, hub: &GitHub) -> Result<Remote> {
        hub.release(&self.tag())?.with_context(|| format!("there is no release with the tag {}", self.tag()))
    }

    fn upload(&self, hub: &GitHub) -> Result<String> {
        let there = self.there(hub)?;
        let (mut sent, mut kept) = (0, 0);
        for name in self.assets.names()? {
            let bytes = self.assets.read(&name)?;
            if let Some(stored) = there.assets.iter().find(|stored| stored.name == name) {
                if stored.state == "uploaded" && stored.size == bytes.len() && hub.download(stored)? == bytes {
                    kept += 1;
                    continue;
                }
                ensure!(there.draft, "{name} is published with other bytes; a published file is never replaced");
                hub.delete(stored)?;
            }
            ensure!(there.draft, "{name} is missing in what is published; nothing is added to that");
            hub.upload(&there, &name, &bytes)?;
            sent += 1;
        }
        Ok(format!("{sent} sent, {kept} were there"))
    }

    fn inspect(&self, hub: &GitHub) -> Result<String> {
        let there = self.there(hub)?;
        let dir = tempfile::tempdir().context("cannot make a directory")?;
        let back = Assets::of(dir.path(), &self.assets.version);
        for stored in &there.assets {
            ensure!(
                Path::new(&stored.name).file_name().is_some_and(|name| name == stored.name.as_str()),
                "a file has a path for a name"
            );
            back.write(&stored.name, &hub.download(stored)?)?;
        }
        verify::verify(&back, self.trusted)?;
        ensure!(back.hashes()? == self.assets.hashes()?, "other files come back than were sent");
        Ok(format!("{} files came back as they were sent", there.assets.len()))
    }

    fn publish(&self, hub: &GitHub) -> Result<String> {
        let there = self.there(hub)?;
        if !there.draft {
            return Ok("is published already".to_owned());
        }
        let newest = !there.prerelease && self.is_newest(hub)?;
        let now = hub.publish(&there, newest)?;
        ensure!(!now.draft && now.prerelease == there.prerelease, "GitHub has not published it");
        Ok(if newest { "published" } else { "published, and another one stays the newest" }.to_owned())
    }

    /// Whether none for everybody is newer: a mended old version is not what strangers install, and others update to.
    fn is_newest(&self, hub: &GitHub) -> Result<bool> {
        let own = Version::parse(&self.assets.version)?;
        let others = hub.releases()?.into_iter().filter(|release| !release.draft && !release.prerelease);
        let versions = others.filter_map(|release| Version::parse(release.tag_name.strip_prefix('v')?).ok());
        Ok(versions.into_iter().all(|other| other <= own))
    }

    fn pypi(&self) -> Result<String> {
        let Some(dir) = &self.places.wheels else { return Ok("left out: no --wheels".to_owned()) };
        let mut wheels = fs::read_dir(dir)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
        wheels.retain(|path| path.extension().is_some_and(|end| end == "whl"));
        wheels.sort();
        ensure!(!wheels.is_empty(), "there is no wheel in {}", dir.display());
        let there = self.at_pypi()?;
        let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let missing: Vec<&PathBuf> = wheels.iter().filter(|path| !there.contains(&name(path))).collect();
        if !missing.is_empty() {
            tree::output(
                Command::new("twine").args(["upload", "--non-interactive", "--skip-existing"]).args(&missing),
            )?;
        }
        Ok(format!("{} wheels sent, {} were there", missing.len(), wheels.len() - missing.len()))
    }

    fn at_pypi(&self) -> Result<Vec<String>> {
        // Pre-releases are spelt in another way there: 1.2.0-rc.1 is 1.2.0rc1.
        let version = self.assets.version.replace("-rc.", "rc").replace("-beta.", "b").replace("-alpha.", "a");
        let address = format!("{}/pypi/{}/{version}/json", self.places.pypi.trim_end_matches('/'), names::PROGRAM);
        match github::get(&address)? {
            (200, bytes) => {
                let known: Value = serde_json::from_slice(&bytes).context("cannot understand PyPI")?;
                let files = known["urls"].as_array().context("PyPI names no files")?;
                Ok(files.iter().filter_map(|file| file["filename"].as_str().map(str::to_owned)).collect())
            }
            (404, _) => Ok(Vec::new()),
            (status, _) => bail!("PyPI answers {status}"),
        }
    }

    fn crates(&self) -> Result<String> {
        if !self.places.crates {
            return Ok("left out: no --crates".to_owned());
        }
        if self.at_crates()? {
            return Ok("was there".to_owned());
        }
        let mut arguments = vec!["publish", "--locked", "--no-verify"];
        if let Some(registry) = &self.places.crates_registry {
            arguments.extend(["--registry", registry]);
        }
        self.tree.cargo(&arguments)?;
        Ok("sent".to_owned())
    }

    /// Whether the index has this version: a line of JSON for each.
    fn at_crates(&self) -> Result<bool> {
        let address = format!("{}/co/mm/{}", self.places.crates_index.trim_end_matches('/'), names::PROGRAM);
        match github::get(&address)? {
            (200, bytes) => {
                let text = String::from_utf8(bytes).context("the index is not text")?;
                let versions = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
                Ok(versions.into_iter().any(|line| line["vers"] == self.assets.version.as_str()))
            }
            (404 | 410 | 451, _) => Ok(false),
            (status, _) => bail!("the index of crates answers {status}"),
        }
    }
}
