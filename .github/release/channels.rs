//! What other channels want to know of a release: Homebrew, Scoop, winget.
//!
//! In: a release's index, and templates that lie beside this file. Out: their manifests, with addresses and hashes.
//! Never here: a build of another kind; every channel hands out the very archives of the release.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::assets::Assets;
use crate::index::Index;
use crate::tree::Tree;

/// The templates, by where each manifest goes.
const TEMPLATES: [(&str, &str); 5] = [
    ("homebrew/Formula/commit-story.rb", include_str!("channels/commit-story.rb")),
    ("scoop/bucket/commit-story.json", include_str!("channels/scoop.json")),
    ("winget/OWNER.commit-story.yaml", include_str!("channels/winget.yaml")),
    ("winget/OWNER.commit-story.installer.yaml", include_str!("channels/winget.installer.yaml")),
    ("winget/OWNER.commit-story.locale.en-US.yaml", include_str!("channels/winget.locale.yaml")),
];

/// Writes the manifests of the release `index` below `out`; their names.
///
/// # Errors
/// A template asks for what the release has not, or a file cannot be written.
pub fn render(tree: &Tree, index: &Index, out: &Path) -> Result<Vec<String>> {
    let values = values(tree, index)?;
    let owner = &values["OWNER"];
    let mut written = Vec::new();
    for (place, template) in TEMPLATES {
        let place = place.replace("OWNER", owner);
        // A release of one system alone, as in a rehearsal, has nothing for those of others.
        let Ok(text) = filled(template, &values) else { continue };
        let path = out.join(&place);
        let (dir, name) = (path.parent().unwrap_or(out), path.file_name().unwrap_or_default());
        Assets::of(dir, &index.version).write(&name.to_string_lossy(), text.as_bytes())?;
        written.push(place);
    }
    ensure!(!written.is_empty(), "no channel can be served: the release has no archive that one of them wants");
    Ok(written)
}

/// What stands in a template as `@NAME@`.
fn values(tree: &Tree, index: &Index) -> Result<BTreeMap<String, String>> {
    let repository = tree.repository()?;
    let owner = repository.rsplit('/').nth(1).context("the repository has no owner")?.to_owned();
    let mut values = BTreeMap::from([
        ("VERSION".to_owned(), index.version.clone()),
        ("DATE".to_owned(), index.published.get(..10).unwrap_or_default().to_owned()),
        ("DESCRIPTION".to_owned(), tree.field("description")?.split(':').next().unwrap_or_default().to_owned()),
        ("LICENCE".to_owned(), tree.field("license")?),
        ("OWNER".to_owned(), owner),
    ]);
    for asset in &index.assets {
        let name = asset.target.to_uppercase().replace('-', "_");
        values
            .insert(format!("URL {name}"), format!("{repository}/releases/download/v{}/{}", index.version, asset.name));
        values.insert(format!("SHA256 {name}"), asset.sha256.clone());
        values.insert(format!("FILE {name}"), asset.name.clone());
    }
    values.insert("REPOSITORY".to_owned(), repository);
    Ok(values)
}

/// A template with its values in it.
fn filled(template: &str, values: &BTreeMap<String, String>) -> Result<String> {
    let mut text = String::new();
    let mut parts = template.split('@');
    text.push_str(parts.next().unwrap_or_default());
    while let Some(name) = parts.next() {
        text.push_str(values.get(name).with_context(|| format!("the release has no {name}"))?);
        text.push_str(parts.next().with_context(|| format!("@{name} has no end"))?);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_filled_in_and_a_missing_one_is_an_error() {
        let values = BTreeMap::from([("A".to_owned(), "1".to_owned()), ("B C".to_owned(), "2".to_owned())]);
        assert_eq!(filled("x @A@ y @B C@", &values).unwrap(), "x 1 y 2");
        assert!(filled("@D@", &values).is_err());
        assert!(filled("@A", &values).is_err());
    }
}
