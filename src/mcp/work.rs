//! What a tool is told while it works, and tells.
//!
//! In: whether the client has cancelled. Out: how far the work is.
//! Never here: a wait. Whoever listens hears the newest state, and no more often than it looks.

use std::ops::ControlFlow;

use tokio::sync::watch;

/// How far the work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// So many are done.
    pub done: usize,
    /// Of so many; 0 where that is not known yet.
    pub total: usize,
}

/// Work in progress.
pub struct Work {
    stopped: Box<dyn Fn() -> bool + Send>,
    progress: watch::Sender<Progress>,
}

impl Work {
    /// Work that asks `stopped` whether it is still wanted, and whoever holds the receiver hears of it.
    pub fn new(stopped: impl Fn() -> bool + Send + 'static) -> (Self, watch::Receiver<Progress>) {
        let (progress, receiver) = watch::channel(Progress::default());
        (Self { stopped: Box::new(stopped), progress }, receiver)
    }

    /// Tells how far it is; says whether to go on.
    pub fn tell(&self, done: usize, total: usize) -> ControlFlow<()> {
        self.progress.send_replace(Progress { done, total });
        if (self.stopped)() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Whether nobody wants it any more.
    #[must_use]
    pub fn stopped(&self) -> bool {
        (self.stopped)()
    }
}
