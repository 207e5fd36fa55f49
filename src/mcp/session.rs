//! One client's conversation: which repositories it works in, and work done for it.
//!
//! In: requests with their context. Out: what a task returns, run away from the thread that listens.
//! Never here: more work at once than a machine can bear, or a repository kept open between requests.

#![expect(deprecated, reason = "roots are on their way out of the protocol, and nothing has taken their place")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use rmcp::RoleServer;
use rmcp::model::{
    Extensions, InputRequest, InputRequiredResult, InputResponses, ListRootsRequest, ListRootsRequestMethod,
    ListRootsResult, ProgressNotificationParam, ProgressToken, ProtocolVersion,
};
use rmcp::service::{Peer, RequestContext};
use tokio::sync::{Mutex, Semaphore, watch};
use tokio::time::{sleep, timeout};

use super::desk::Desk;
use super::place::{self, Place};
use super::roots;
use super::work::{Progress, Work};
use crate::env::Env;

/// Requests that are worked on at once, of all clients together.
pub const AT_ONCE: usize = 4;

/// How long a client may take to say where it works.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a client's word for where it works holds, where it does not say that this has changed.
const FRESH: Duration = Duration::from_secs(60);

/// By what a client's answer is found among its answers.
const ROOTS: &str = "roots";

/// Progress is told no more often.
const PAUSE: Duration = Duration::from_millis(100);

type Asking = RequestContext<RoleServer>;

/// One client's conversation.
#[derive(Debug)]
pub struct Session {
    env: Env,
    settings: Vec<(String, String)>,
    /// Whether the client's roots name directories of this machine: over a network, anybody could name any.
    follows_roots: bool,
    /// The repositories of the client's roots; `None` until it was asked, and when that is too long ago.
    places: Mutex<Option<Known>>,
    busy: Arc<Semaphore>,
}

/// What a client says about where it works.
#[derive(Debug, Clone)]
enum Rooted {
    /// Nothing: it is the directory that the server was started in.
    Here,
    /// These repositories.
    In(Vec<Place>),
}

/// What is known of where a client works.
#[derive(Debug)]
struct Known {
    rooted: Rooted,
    /// Since when, where the client does not say that it has changed.
    since: Option<Instant>,
}

impl Known {
    fn holds(&self) -> bool {
        self.since.is_none_or(|since| since.elapsed() < FRESH)
    }
}

impl Session {
    /// A conversation that has not begun. `busy`: shared by all of a process.
    #[must_use]
    pub fn new(env: Env, settings: Vec<(String, String)>, follows_roots: bool, busy: Arc<Semaphore>) -> Self {
        Self { env, settings, follows_roots, places: Mutex::new(None), busy }
    }

    /// Runs a task at the repository that is meant, telling the client how far it is.
    ///
    /// # Errors
    /// No repository is meant, it cannot be opened, or the task fails.
    pub async fn run<T: Send + 'static>(
        &self,
        context: &Asking,
        repository: Option<String>,
        task: impl FnOnce(&Desk, &Work) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let rooted = self.rooted(context).await;
        let cancelled = context.ct.clone();
        let (work, mut progress) = Work::new(move || cancelled.is_cancelled());
        let mut task = Box::pin(self.away(rooted, repository, move |desk| task(desk, &work)));
        let Some(token) = context.meta.get_progress_token() else { return task.await };
        let mut told = Progress::default();
        let done = tokio::select! {
            done = &mut task => done,
            () = tell(&context.peer, &token, &mut progress, &mut told) => task.await,
        };
        // The last word may have come within the pause after the one before.
        let last = *progress.borrow();
        if last != told && !context.ct.is_cancelled() {
            let _ = context.peer.notify_progress(says(&token, last)).await;
        }
        done
    }

    /// The same where nobody waits for it: without a question to the client.
    ///
    /// # Errors
    /// As [`Session::run`].
    pub async fn aside<T: Send + 'static>(
        &self,
        repository: Option<String>,
        task: impl FnOnce(&Desk) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let rooted = self.places.lock().await.as_ref().map_or(Rooted::Here, |known| known.rooted.clone());
        self.away(rooted, repository, task).await
    }

    /// The repositories that requests have to choose among; none where there is no choice.
    pub async fn choice(&self, context: &Asking) -> Vec<String> {
        match self.rooted(context).await {
            Rooted::In(places) if places.len() > 1 => {
                places.iter().map(|place| place.top.display().to_string()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What has to be asked of a client of the newest version before its request can be answered, which it then sends again
    /// with its answer: where it works.
    pub async fn wants(&self, context: &Asking, answers: Option<InputResponses>) -> Option<InputRequiredResult> {
        if !self.follows_roots || !is_newest(context) || context.client_capabilities()?.roots.is_none() {
            return None;
        }
        let mut known = self.places.lock().await;
        if let Some(mut answers) = answers {
            let answer = answers.remove(ROOTS).and_then(|roots| serde_json::from_value(roots).ok());
            let rooted = self.found(answer).await;
            *known = Some(Known { rooted, since: Some(Instant::now()) });
            return None;
        }
        if known.as_ref().is_some_and(Known::holds) {
            return None;
        }
        let asks = ListRootsRequest { method: ListRootsRequestMethod, extensions: Extensions::default() };
        Some(InputRequiredResult::from_input_requests([(ROOTS.to_owned(), InputRequest::ListRoots(asks))].into()))
    }

    /// The client works elsewhere now.
    pub async fn forget_roots(&self) {
        *self.places.lock().await = None;
    }

    async fn away<T: Send + 'static>(
        &self,
        rooted: Rooted,
        repository: Option<String>,
        task: impl FnOnce(&Desk) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let permit = Arc::clone(&self.busy).acquire_owned().await.context("the server ends")?;
        let (env, settings) = (self.env.renewed(), self.settings.clone());
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            task(&open(env, &settings, &rooted, repository.as_deref())?)
        });
        done.await.map_err(|_| anyhow!("a bug in commit-story {}: see standard error", env!("CARGO_PKG_VERSION")))?
    }

    /// Where the client works: asked once, and again when it says that this has changed.
    async fn rooted(&self, context: &Asking) -> Rooted {
        if !self.follows_roots {
            return Rooted::Here;
        }
        let mut known = self.places.lock().await;
        if let Some(known) = known.as_ref() {
            return known.rooted.clone();
        }
        // Of a client that cannot be asked now it is not known where it works.
        if is_newest(context) {
            return Rooted::Here;
        }
        let rooted = self.found(asked(context).await).await;
        known.insert(Known { rooted, since: None }).rooted.clone()
    }

    /// The repositories of the roots that a client names.
    async fn found(&self, listed: Option<ListRootsResult>) -> Rooted {
        let Some(listed) = listed.filter(|listed| !listed.roots.is_empty()) else { return Rooted::Here };
        let directories = listed.roots.iter().take(roots::MOST).filter_map(|root| roots::directory(&root.uri));
        let (env, directories) = (self.env.clone(), directories.collect::<Vec<_>>());
        let places = tokio::task::spawn_blocking(move || place::places(&env, &directories)).await;
        Rooted::In(places.unwrap_or_default())
    }
}

/// The roots of the client; `None` where it says nothing of them.
async fn asked(context: &Asking) -> Option<ListRootsResult> {
    context.client_capabilities()?.roots?;
    timeout(PATIENCE, context.peer.list_roots()).await.ok()?.ok()
}

/// Whether the request is of a version in which a server asks nothing of its own accord.
fn is_newest(context: &Asking) -> bool {
    context.protocol_version().is_some_and(|version| version >= ProtocolVersion::V_2026_07_28)
}

fn open(env: Env, settings: &[(String, String)], rooted: &Rooted, wanted: Option<&str>) -> Result<Desk> {
    match rooted {
        Rooted::In(places) => {
            let place = place::choose(places, wanted)?;
            Desk::open(env.elsewhere(&place.root), settings)
        }
        Rooted::Here => {
            let desk = Desk::open(env, settings)?;
            place::here(desk.repository.top(), wanted)?;
            Ok(desk)
        }
    }
}

/// Tells the client how far its work is, until there is nobody who says so, or nobody who hears it.
async fn tell(
    peer: &Peer<RoleServer>,
    token: &ProgressToken,
    progress: &mut watch::Receiver<Progress>,
    told: &mut Progress,
) {
    while progress.changed().await.is_ok() {
        *told = *progress.borrow_and_update();
        if peer.notify_progress(says(token, *told)).await.is_err() {
            return;
        }
        sleep(PAUSE).await;
    }
}

#[expect(clippy::cast_precision_loss, reason = "nobody has so many commits")]
fn says(token: &ProgressToken, now: Progress) -> ProgressNotificationParam {
    let says = ProgressNotificationParam::new(token.clone(), now.done as f64);
    if now.total == 0 {
        return says;
    }
    says.with_total(now.total as f64).with_message(format!("{} of {}", now.done, now.total))
}
