//! Which conversations with Cursor's command line may belong to a repository: `~/.cursor/chats`.
//!
//! In: that directory, and what is wanted. Out: candidates, or, in a hook, whether something was written there.
//! Never here: what was said. No database is opened: that of a conversation holds nothing else, and its time tells.

use std::path::{Path, PathBuf};

use super::cli::{BESIDE, STORE};
use crate::chat::document::{self, text};
use crate::chat::fingerprint;
use crate::chat::message::Wanted;
use crate::chat::place;
use crate::chat::reader::Candidate;
use crate::chat::search::Search;
use crate::chat::stored;

/// The name of the directory.
pub(super) const NAME: &str = "chats";

/// So many conversations of a repository are looked at in a hook, a millisecond's worth; where there are more, the worker
/// looks at all.
const IN_A_HOOK: usize = 200;

/// Whether a conversation of a root may have been written since.
pub(super) fn changed(place: &Path, wanted: &Wanted, search: &mut Search<'_>) -> bool {
    let directories = wanted.roots.iter().map(|root| place.join(fingerprint::md5_of(root)));
    let conversations: Vec<PathBuf> =
        directories.flat_map(|directory| search.directories(&directory)).map(|(path, _)| path).collect();
    conversations.len() > IN_A_HOOK
        || conversations.iter().any(|directory| stored::changed(&directory.join(STORE), wanted.since))
}

/// The recent and the named conversations, unless they took place elsewhere.
pub(super) fn all(place: &Path, wanted: &Wanted, search: &mut Search<'_>) -> Vec<Candidate> {
    let own: Vec<(String, &PathBuf)> = wanted.roots.iter().map(|root| (fingerprint::md5_of(root), root)).collect();
    let mut candidates = Vec::new();
    for (directory, name) in search.directories(place) {
        let root = own.iter().find(|(hash, _)| *hash == name).map(|(_, root)| (*root).clone());
        for (conversation, id) in search.directories(&directory) {
            if search.late() {
                return candidates;
            }
            let store = conversation.join(STORE);
            let Some(at) = stored::written(&store).filter(|_| place::is_id(&id)) else { continue };
            let named = wanted.named.iter().any(|named| named.0 == id);
            if at < wanted.since && !named {
                continue;
            }
            let started = || {
                let beside = document::small(&conversation.join(BESIDE))?;
                text(&beside, "/cwd").map(PathBuf::from)
            };
            let directories: Vec<PathBuf> = root.clone().or_else(started).into_iter().collect();
            candidates.extend(stored::candidate(wanted, &store, &id, Some(at), &directories));
        }
    }
    candidates
}
