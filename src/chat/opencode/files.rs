//! A session of OpenCode as it was kept until 2025: every record in a file below `storage`.
//!
//! In: the directory `storage/message/<session>`. Out: a session. Never here: the project's files.

use std::path::{Path, PathBuf};

use super::record;
use crate::chat::document::{self, text, time};
use crate::chat::entry::Entry;
use crate::chat::message::{Assistant, Gap, Session, Wanted};
use crate::chat::reader::Candidate;
use crate::chat::stored::End;
use crate::env::Deadline;

/// The wanted end of a session.
pub(super) fn read(
    assistant: Assistant,
    candidate: &Candidate,
    wanted: &Wanted,
    deadline: Deadline,
) -> Result<Option<Session>, Gap> {
    let gap = |reason: &str| Gap { assistant, source: candidate.file.clone(), reason: reason.to_owned() };
    let storage = candidate.file.parent().and_then(Path::parent).ok_or_else(|| gap("it lies in no storage"))?;
    let about = about(storage, &candidate.id.0);
    let first = Entry {
        directory: about.as_ref().and_then(|about| text(about, "/directory")).map(str::to_owned),
        version: about.as_ref().and_then(|about| text(about, "/version")).map(str::to_owned),
        ..Entry::default()
    };
    let mut end = End::new(wanted);
    // Ids grow with time.
    for file in documents(&candidate.file).into_iter().rev() {
        if deadline.passed() {
            return Err(gap("it could not be read in time"));
        }
        let (Some(id), Some(data)) = (stem(&file), document::small(&file)) else { continue };
        let parts: Vec<_> = documents(&storage.join("part").join(&id))
            .iter()
            // Ids of parts are their own within a message only.
            .filter_map(|part| Some((format!("{id}.{}", stem(part)?), document::small(part)?)))
            .collect();
        let entry = record::with_parts(&id, time(&data, "/time/created"), &data, &parts);
        if !end.add(entry, 0) {
            break;
        }
    }
    Ok(end.session(assistant, &first, candidate, wanted))
}

/// What is known of a session: `storage/session/<project>/<id>.json`.
pub(super) fn about(storage: &Path, id: &str) -> Option<serde_json::Value> {
    let projects = std::fs::read_dir(storage.join("session")).ok()?;
    projects.flatten().find_map(|project| document::small(&project.path().join(format!("{id}.json"))))
}

fn documents(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|kind| kind == "json")).collect();
    files.sort();
    files
}

fn stem(file: &Path) -> Option<String> {
    file.file_stem()?.to_str().map(str::to_owned)
}
