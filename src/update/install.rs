//! An update: a release is found, judged, fetched, verified, and put into the program's place.
//!
//! In: an installation with its receipt, and what the user wants. Out: a [`Report`], or what kept it.
//! Never here: a step left out. Each of them stands alone for a way in which updates of others went wrong:
//! `docs/decisions/update.md`.

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use semver::Version;

use super::archive;
use super::held::{Held, remember, running};
use super::listing;
use super::names;
use super::place::Place;
use super::policy::{Verdict, Wanted, judge};
use super::receipt::Receipt;
use super::release::{Asset, Release};
use super::remote::{Patience, Server};
use super::state::State;
use super::stop::Stop;
use crate::env::Env;
use crate::fs::program;

/// How old the newest release may be before that is worth a word: somebody could hide newer ones.
const FROZEN: TimeDelta = TimeDelta::days(180);

/// What the user wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Which version.
    pub wanted: Wanted,
    /// Also one that is older, or was released before one that was seen.
    pub allow_downgrade: bool,
    /// How far to go.
    pub extent: Extent,
}

/// How far to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Look whether there is a newer version.
    Check,
    /// Say what would be done.
    Plan,
    /// Do it.
    Install,
}

/// What has become of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It runs already, or something newer does.
    Current,
    /// There is one that could be installed; nothing was changed.
    Newer,
    /// There is one, from which the user has returned before.
    Skipped,
    /// It is installed.
    Updated,
    /// An earlier version is back.
    Returned,
}

/// An update that was made, or that there is nothing to make of.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// What has become of it.
    pub outcome: Outcome,
    /// The version that was there before.
    pub from: Version,
    /// The version that it is about.
    pub version: Version,
    /// When that was published; unknown of one that was kept.
    pub published: Option<DateTime<Utc>>,
    /// The archive, with its size in bytes.
    pub archive: Option<(String, u64)>,
    /// What is worth knowing besides.
    pub warnings: Vec<String>,
}

/// Where releases come from: the variable, the receipt, the repository.
///
/// # Errors
/// The address is none that may be asked.
pub fn server(env: &Env, receipt: &Receipt, patience: Patience) -> Result<Server, Stop> {
    let usual = names::releases();
    let address = env.text("COMMIT_STORY_BASE_URL").or(receipt.base_url.as_deref()).unwrap_or(&usual);
    Server::of(address, env, patience)
}

/// Updates, as far as the wish goes.
///
/// # Errors
/// What kept it: mostly a [`Stop`].
pub fn update(
    env: &Env,
    place: &Place,
    receipt: &Receipt,
    wish: &Wish,
    tell: &mut dyn FnMut(u64, u64),
) -> Result<Report> {
    let patience = Patience::default();
    let server = server(env, receipt, patience)?;
    if wish.extent != Extent::Install {
        let state = State::read(place)?;
        let found = Found::of(env, &server, patience, &wish.wanted)?;
        if wish.extent == Extent::Check {
            remember(place, |state| found.seen(state, env));
        }
        let from = running().context("this program has no version")?;
        return found.judged(wish, &state, &from, env).map(|(report, _)| report);
    }
    let mut held = Held::of(place, receipt)?;
    let found = Found::of(env, &server, patience, &wish.wanted)?;
    let (mut report, asset) = found.judged(wish, &held.state, &held.installed, env)?;
    found.seen(&mut held.state, env);
    if report.outcome == Outcome::Newer {
        let stage = held.stage()?;
        let archive = stage.path().join(&asset.name);
        let mut file = program::create(&archive).context("cannot write the archive")?;
        server.archive(&found.0, asset, &mut file, &mut |had| tell(had, asset.size))?;
        drop(file);
        let new = archive::program(&archive, stage.path(), names::binary(&asset.target))?;
        held.replace(&new, &report.version, stage.path())?;
        held.state.skips.retain(|skipped| *skipped > report.version);
        report.outcome = Outcome::Updated;
    }
    held.state.write(place)?;
    Ok(report)
}

/// A release that was found.
struct Found(Release);

impl Found {
    fn of(env: &Env, server: &Server, patience: Patience, wanted: &Wanted) -> Result<Self> {
        Ok(Self(match wanted {
            Wanted::Newest => server.release(None)?,
            Wanted::Exactly(version) => server.release(Some(version))?,
            Wanted::Pre => {
                let stable = server.release(None);
                let tried = |version: &Version| !version.pre.is_empty();
                let newest = listing::versions(env, patience)?.into_iter().find(tried);
                match (stable, newest) {
                    (Ok(stable), Some(pre)) if stable.version > pre => stable,
                    (stable, Some(pre)) => {
                        let mut release = server.release(Some(&pre))?;
                        // What is newest for everybody may say that what was to be tried is withdrawn.
                        release.yanked.extend(stable.map(|stable| stable.yanked).unwrap_or_default());
                        release
                    }
                    (stable, None) => stable?,
                }
            }
        }))
    }

    /// Remembers it.
    fn seen(&self, state: &mut State, env: &Env) {
        state.see(&self.0);
        state.newest = Some(self.0.version.clone());
        state.looked = Some(env.now.to_utc());
    }

    /// What is to be made of it, and the archive that would be fetched.
    fn judged(&self, wish: &Wish, state: &State, from: &Version, env: &Env) -> Result<(Report, &Asset)> {
        let release = &self.0;
        let target = names::target().ok_or_else(|| Stop::refused("nothing is released for this system"))?;
        let outcome = match judge(release, from, state, &wish.wanted, wish.allow_downgrade)? {
            Verdict::Install => Outcome::Newer,
            Verdict::Current => Outcome::Current,
            Verdict::Skipped => Outcome::Skipped,
        };
        let asset = release.asset(target)?;
        let report = Report {
            outcome,
            from: from.clone(),
            version: release.version.clone(),
            published: Some(release.published),
            archive: Some((asset.name.clone(), asset.size)),
            warnings: warnings(release, wish, from, env.now.to_utc()),
        };
        Ok((report, asset))
    }
}

fn warnings(release: &Release, wish: &Wish, from: &Version, now: DateTime<Utc>) -> Vec<String> {
    let mut warnings = Vec::new();
    let age = now - release.published;
    if age > FROZEN && !matches!(wish.wanted, Wanted::Exactly(_)) {
        let (version, days) = (&release.version, age.num_days());
        warnings.push(format!(
            "the newest release that is offered, {version}, is {days} days old: if newer ones are talked about, \
             somebody keeps them from you"
        ));
    }
    if let Some(yanked) = release.yanked.iter().find(|yanked| yanked.version == *from) {
        warnings.push(format!("{from}, which runs, was withdrawn: {}", yanked.reason));
    }
    warnings
}
