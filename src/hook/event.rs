//! The moments at which git runs us.
//!
//! In: nothing. Out: their names, as git and our own files have them.
//! Never here: what we do then.

/// A hook of git's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// A commit was made; not by `git merge`, nor was it picked by a rebase.
    PostCommit,
    /// Commits took the place of others: `git commit --amend`, `git rebase`. Which, stands on standard input.
    PostRewrite,
    /// `git merge`, also as a part of `git pull`, is done.
    PostMerge,
}

impl Event {
    /// All of them, the one that is met most often first.
    pub const ALL: [Self; 3] = [Self::PostCommit, Self::PostRewrite, Self::PostMerge];

    /// git's name for it, which is that of the hook file, too.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PostCommit => "post-commit",
            Self::PostRewrite => "post-rewrite",
            Self::PostMerge => "post-merge",
        }
    }

    /// The event of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.name() == name)
    }

    /// The name under which a hook file that cannot be joined is set aside; ours runs it by this name.
    #[must_use]
    pub fn original(self) -> String {
        format!("{}.commit-story-original", self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_back() {
        for event in Event::ALL {
            assert_eq!(Event::parse(event.name()), Some(event));
        }
        assert_eq!(Event::parse("pre-commit"), None);
    }
}
