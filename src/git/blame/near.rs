//! Files whose names are like one that is not there.
//!
//! In: a tree and a path. Out: the nearest of its files. Never here: why the path is not there.

use anyhow::Result;
use gix::ObjectId;

use crate::git::change::path_text;
use crate::git::tree;

/// How many are named.
const MOST: usize = 3;

/// How alike a name must be, where 1 is equal.
const ENOUGH: f64 = 0.7;

/// The nearest files of a tree, the nearest first.
pub(super) fn near(objects: &gix::OdbHandle, tree: ObjectId, path: &[u8]) -> Result<Vec<String>> {
    let wanted = path_text(path).to_lowercase();
    let files = tree::compare(objects, None, tree)?;
    let mut scored: Vec<(f64, String)> = files
        .iter()
        .map(|file| path_text(&file.path).into_owned())
        .map(|file| (score(&wanted, &file.to_lowercase()), file))
        .filter(|(score, _)| *score >= ENOUGH)
        .collect();
    scored.sort_by(|(one, path), (other, another)| other.total_cmp(one).then_with(|| path.cmp(another)));
    // Beside a very near one, those that are only somewhat like it are noise.
    let best = scored.first().map_or(0.0, |(score, _)| *score);
    scored.retain(|(score, _)| best - score < 0.1);
    scored.truncate(MOST);
    Ok(scored.into_iter().map(|(_, path)| path).collect())
}

/// The same name in another directory counts for more than any likeness.
fn score(wanted: &str, file: &str) -> f64 {
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let (one, other) = (name(wanted), name(file));
    if one == other {
        return 1.0;
    }
    // The quick word about lengths spares comparing most of a large repository.
    if one.len().abs_diff(other.len()) > 1 + one.len() / 3 {
        return 0.0;
    }
    strsim::normalized_damerau_levenshtein(&one, &other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_elsewhere_is_nearest_and_a_slip_of_the_finger_is_near() {
        assert!((score("upload.rs", "src/net/upload.rs") - 1.0).abs() < f64::EPSILON);
        assert!(score("src/uplaod.rs", "src/upload.rs") > ENOUGH);
        assert!(score("src/upload.rs", "src/main.rs") < ENOUGH);
    }
}
