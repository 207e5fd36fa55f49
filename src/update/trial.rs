//! Whether a program runs here, and which version it is.
//!
//! In: a program. Out: the version that it calls itself, or why it is not fit to take another's place.
//! Never here: anything but `--version`, which reads and writes nothing.

use std::path::Path;
use std::time::Duration;

use semver::Version;

use super::names::PROGRAM;
use super::release::by_script;
use super::stop::Stop;
use crate::process;

/// How long it may take: virus scanners read a new program before it runs.
const PATIENCE: Duration = Duration::from_secs(20);

/// The version that a program calls itself.
///
/// # Errors
/// It does not run here, or says something else; the words go on after its name.
pub(super) fn version(program: &Path) -> Result<Version, String> {
    let finished = process::run(process::command(program).arg("--version"), PATIENCE)
        .map_err(|error| format!("does not run on this system: {}", error.root_cause()))?;
    let first = |bytes: &[u8]| -> String {
        let text = String::from_utf8_lossy(bytes);
        text.lines().next().unwrap_or_default().trim().chars().take(200).collect()
    };
    if !finished.success {
        return Err(format!("does not run on this system: {:?}", first(&finished.stderr)));
    }
    let said = first(&finished.stdout);
    let version = said.strip_prefix(PROGRAM).and_then(|rest| rest.trim_start().parse().ok());
    version.ok_or_else(|| format!("says {said:?} when it is asked for its version"))
}

/// Holds what a program calls itself against the version that it was released as.
///
/// # Errors
/// It does not run here, or is another version.
pub(super) fn trial(program: &Path, expected: &Version) -> Result<(), Stop> {
    match version(program) {
        Ok(version) if version == *expected => Ok(()),
        Ok(version) => Err(Stop::unverified(format!("what was released as {expected} calls itself {version}"))),
        Err(why) => Err(Stop::unverified(format!("{expected} {why}")).hint(by_script())),
    }
}
