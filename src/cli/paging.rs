//! Which pager shows long output.
//!
//! In: the environment, and the user's configuration of git. Out: output that goes through it when needed.
//! Never here: a pager that the repository names: git would run it, but git also asks whose repository it is.

use clap::Args;

use super::session::{Session, Workspace};
use crate::ui::Paged;
use crate::ui::pager::Pager;

/// The option of every command with long output.
#[derive(Debug, Clone, Copy, Args)]
pub struct Paging {
    /// Print to the terminal even what is longer than the screen
    #[arg(long)]
    pub no_pager: bool,
}

impl Paging {
    /// Output by the rules of git: `COMMIT_STORY_PAGER`, `GIT_PAGER`, the user's `core.pager`, `PAGER`, and `less`. An
    /// empty one, or `cat`, is none.
    #[must_use]
    pub fn output(self, session: &Session, workspace: &Workspace) -> Paged {
        if self.no_pager {
            return Paged::new(None);
        }
        let given = |name| session.env.given(name).and_then(|value| value.to_str()).map(str::to_owned);
        let line = given("COMMIT_STORY_PAGER")
            .or_else(|| given("GIT_PAGER"))
            .or_else(|| workspace.repository.users_config_string("core.pager"))
            .or_else(|| given("PAGER"))
            .unwrap_or_else(|| "less".to_owned());
        // As git does: quit when it fits, keep colours, leave the text on the screen.
        let mut variables = vec![("LESS", "FRX"), ("LV", "-c")];
        variables.retain(|(name, _)| session.env.given(name).is_none());
        let named = !matches!(line.trim(), "" | "cat");
        Paged::new(named.then_some(Pager { line, variables }))
    }
}
