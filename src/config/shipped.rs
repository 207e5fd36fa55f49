//! The shipped values, read from `default.yaml` without a YAML parser: every commit needs them.
//!
//! In: the file that is built into the program, and nobody else's. Out: the value of every key.
//! Never here: YAML as people write it; a test holds this against the reader of configuration files.

use super::keys::{DEFAULT, KEYS, Kind};
use super::setting::Setting;

/// The default of every key, in the order of [`KEYS`], which is the order of the file.
#[must_use]
pub fn settings() -> Vec<Setting> {
    let lines = DEFAULT.lines().map(str::trim_start).filter(|line| !line.starts_with('#'));
    let values = lines.filter_map(|line| line.split_once(": ").map(|(_, value)| value));
    KEYS.iter().zip(values).map(|(key, value)| setting(key.kind, value)).collect()
}

/// A value as `default.yaml` writes it: no quotes, and no list but the empty one.
fn setting(kind: Kind, value: &str) -> Setting {
    match kind {
        Kind::Flag => Setting::Flag(value == "true"),
        Kind::Count(_) => Setting::Count(value.parse().unwrap_or_default()),
        Kind::Directories => Setting::Paths(Vec::new()),
        Kind::Words => Setting::Words(Vec::new()),
        Kind::Command => Setting::Command(Vec::new()),
        Kind::Folder | Kind::Directory | Kind::Branch | Kind::Text if value == "null" => Setting::Nowhere,
        Kind::Folder | Kind::Directory => Setting::Path(value.to_owned()),
        Kind::Branch => Setting::Branch(value.to_owned()),
        Kind::Text => Setting::Text(value.to_owned()),
    }
}
