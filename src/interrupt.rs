//! Ctrl-C and the request to end, held back while something has to be put in order first.
//!
//! In: nothing. Out: [`Held`], until the drop of which they do not end this process, and which of them came.
//! Never here: what is put in order.

#[cfg(unix)]
pub use self::unix::{Held, hold, hold_ctrl_c};

/// Elsewhere the system ends the process, and what it has started, itself.
#[cfg(not(unix))]
pub use self::elsewhere::{Held, hold, hold_ctrl_c};

#[cfg(unix)]
mod unix {
    use std::collections::BTreeMap;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, Mutex, PoisonError};

    use anyhow::{Context, Result};
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::{flag, low_level};

    /// What is known of a signal. Once watched it is watched for ever, and does what it always does unless it is held.
    #[derive(Debug, Clone)]
    struct Watch {
        usual: Arc<AtomicBool>,
        came: Arc<AtomicBool>,
    }

    static WATCHED: Mutex<BTreeMap<i32, Watch>> = Mutex::new(BTreeMap::new());

    /// Signals do not end this process until this is dropped.
    #[derive(Debug)]
    pub struct Held(Vec<(i32, Watch)>);

    /// Holds Ctrl-C and the request to end back.
    ///
    /// # Errors
    /// The system does not let us watch them.
    pub fn hold() -> Result<Held> {
        hold_all(&[SIGINT, SIGTERM])
    }

    /// Holds Ctrl-C back.
    ///
    /// # Errors
    /// The system does not let us watch it.
    pub fn hold_ctrl_c() -> Result<Held> {
        hold_all(&[SIGINT])
    }

    fn hold_all(signals: &[i32]) -> Result<Held> {
        let watched = signals.iter().map(|signal| Ok((*signal, watch(*signal).context("cannot watch for Ctrl-C")?)));
        let watched: Vec<(i32, Watch)> = watched.collect::<Result<_>>()?;
        for (_, watch) in &watched {
            watch.came.store(false, Ordering::SeqCst);
            watch.usual.store(false, Ordering::SeqCst);
        }
        Ok(Held(watched))
    }

    fn watch(signal: i32) -> std::io::Result<Watch> {
        let mut known = WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(watch) = known.get(&signal) {
            return Ok(watch.clone());
        }
        let watch = Watch { usual: Arc::new(AtomicBool::new(true)), came: Arc::default() };
        flag::register_conditional_default(signal, Arc::clone(&watch.usual))?;
        flag::register(signal, Arc::clone(&watch.came))?;
        known.insert(signal, watch.clone());
        Ok(watch)
    }

    impl Held {
        /// Whether one of them came.
        #[must_use]
        pub fn came(&self) -> bool {
            self.0.iter().any(|(_, watch)| watch.came.load(Ordering::SeqCst))
        }

        /// Ends this process by the signal that came, if one did.
        pub fn go(self) {
            if let Some((signal, _)) = self.0.iter().find(|(_, watch)| watch.came.load(Ordering::SeqCst)) {
                let _ = low_level::emulate_default_handler(*signal);
            }
        }
    }

    impl Drop for Held {
        fn drop(&mut self) {
            for (_, watch) in &self.0 {
                watch.usual.store(true, Ordering::SeqCst);
            }
        }
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use anyhow::Result;

    /// Nothing is held.
    #[derive(Debug)]
    pub struct Held;

    /// Holds nothing.
    ///
    /// # Errors
    /// None.
    pub fn hold() -> Result<Held> {
        Ok(Held)
    }

    /// Holds nothing.
    ///
    /// # Errors
    /// None.
    pub fn hold_ctrl_c() -> Result<Held> {
        Ok(Held)
    }

    impl Held {
        /// Never.
        #[must_use]
        pub fn came(&self) -> bool {
            false
        }

        /// Does nothing.
        pub fn go(self) {}
    }
}
