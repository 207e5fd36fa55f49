//! What the name of a value says about the value.
//!
//! In: a name as it stands in code, a config file or a command. Out: how secret its value must be taken to be.
//! Never here: the value.

use super::found::{AUTHORIZATION, AWS_SECRET, KEY, PASSWORD, SECRET, TOKEN};

/// How much a name gives away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// The value is a password, whatever it looks like.
    Password,
    /// The value is a secret unless it is a plain word.
    Secret,
    /// The value may be one: it must look random.
    Maybe,
    /// The value is an `Authorization` header's.
    Authorization,
}

/// The judgement of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Named {
    /// How much it gives away.
    pub(super) weight: Weight,
    /// What to call the value.
    pub(super) kind: &'static str,
}

const PASSWORDS: &[&str] = &[
    "password",
    "passwords",
    "passwd",
    "passwort",
    "passphrase",
    "passcode",
    "pwd",
    "userpass",
    "dbpass",
    "rediscliauth",
    "seedphrase",
];

const SECRETS: &[(&str, &str)] = &[
    ("secretaccesskey", AWS_SECRET),
    ("awssecretkey", AWS_SECRET),
    ("awssecret", AWS_SECRET),
    ("awssessiontoken", AWS_SECRET),
    ("secret", SECRET),
    ("secrets", SECRET),
    ("secretkey", SECRET),
    ("secretkeybase", SECRET),
    ("secrettoken", TOKEN),
    ("credential", SECRET),
    ("credentials", SECRET),
    ("privatekey", PRIVATE),
    ("clientkeydata", PRIVATE),
    ("amzsignature", SECRET),
    ("apikey", KEY),
    ("accesskey", KEY),
    ("accountkey", KEY),
    ("sharedaccesskey", KEY),
    ("sharedaccesssignature", KEY),
    ("authkey", KEY),
    ("encryptionkey", KEY),
    ("signingkey", KEY),
    ("masterkey", KEY),
    ("servicekey", KEY),
    ("servicerolekey", KEY),
    ("adminkey", KEY),
    ("appkey", KEY),
    ("jwtkey", KEY),
    ("licensekey", KEY),
    ("subscriptionkey", KEY),
    ("authtoken", TOKEN),
    ("accesstoken", TOKEN),
    ("refreshtoken", TOKEN),
    ("sessiontoken", TOKEN),
    ("bearertoken", TOKEN),
    ("apitoken", TOKEN),
    ("bottoken", TOKEN),
    ("idtoken", TOKEN),
    ("deploytoken", TOKEN),
    ("githubtoken", TOKEN),
    ("ghtoken", TOKEN),
    ("authorization", AUTHORIZATION),
];

/// A key by name only: what PEM calls a private key is found by its marks.
const PRIVATE: &str = super::found::PRIVATE_KEY;

const MAYBES: &[(&str, &str)] = &[
    ("token", TOKEN),
    ("key", KEY),
    ("auth", SECRET),
    ("jwt", TOKEN),
    ("sig", SECRET),
    ("signature", SECRET),
    ("cookie", SECRET),
    ("sessionid", SECRET),
    ("session", SECRET),
    ("sid", SECRET),
];

/// Keys that everybody may see.
const OPEN_KEYS: &[&str] = &[
    "publickey",
    "cachekey",
    "primarykey",
    "foreignkey",
    "sortkey",
    "partitionkey",
    "objectkey",
    "idempotencykey",
    "hotkey",
    "publishablekey",
    "hashkey",
    "deploykey",
    "hostkey",
];

/// The longest name that is looked at, in bytes.
pub(super) const LONGEST: usize = 80;

/// What a name gives away; `None` for the names of ordinary things.
pub(super) fn judge(name: &str) -> Option<Named> {
    let last = name.rsplit(['_', '-', '.', ' ']).next().unwrap_or(name);
    let plain = flatten(name);
    let stem = plain.trim_end_matches(|c: char| c.is_ascii_digit());
    let ends = |ending: &&str| stem.ends_with(*ending);
    if PASSWORDS.iter().any(ends) || last.eq_ignore_ascii_case("pass") || last.eq_ignore_ascii_case("pw") {
        return Some(Named { weight: Weight::Password, kind: PASSWORD });
    }
    if let Some((_, kind)) = SECRETS.iter().find(|(ending, _)| ends(ending)) {
        let weight = if *kind == AUTHORIZATION { Weight::Authorization } else { Weight::Secret };
        return Some(Named { weight, kind });
    }
    if OPEN_KEYS.iter().any(ends) {
        return None;
    }
    let (_, kind) = MAYBES.iter().find(|(ending, _)| ends(ending))?;
    Some(Named { weight: Weight::Maybe, kind })
}

/// Whether a value is itself the name of a secret (`password=user_password`), and so a reference.
pub(super) fn is_name(value: &str) -> bool {
    let stem = value.trim_end_matches(|c: char| c.is_ascii_digit());
    let identifier = stem.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-'));
    identifier && value.len() < stem.len() + 2 && judge(value).is_some()
}

/// Lower case, letters and digits only.
fn flatten(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
