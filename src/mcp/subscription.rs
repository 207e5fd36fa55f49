//! Who is told when a page changes.
//!
//! In: addresses that a client subscribes to. Out: those whose page has changed, looked for now and then.
//! Never here: a look while nobody is subscribed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use rmcp::RoleServer;
use rmcp::model::ResourceUpdatedNotificationParam;
use rmcp::service::{Peer, ServiceError};
use tokio::time::sleep;

use super::resources::Address;
use super::session::Session;
use super::watch::{INTERVAL, MOST, Page, Watch};
use crate::journal::Days;

/// A client's subscriptions by the older versions of the protocol.
#[derive(Debug, Default)]
pub struct Subscriptions(Mutex<Subscribed>);

#[derive(Debug, Default)]
struct Subscribed {
    uris: BTreeSet<String>,
    /// Somebody looks.
    running: bool,
}

/// What has changed.
#[derive(Debug, Default)]
pub struct News {
    /// The addresses whose page has.
    pub uris: Vec<String>,
    /// Whether there are other days than before.
    pub list: bool,
}

/// Looks at the pages of addresses, in as many repositories as they name.
#[derive(Debug, Default)]
pub struct Lookout(BTreeMap<Option<String>, Watch>);

impl Lookout {
    /// Looks once. A repository that cannot be read has no news.
    pub async fn look(&mut self, session: &Session, uris: &BTreeSet<String>) -> News {
        let mut by_repository: BTreeMap<Option<String>, Vec<(String, Address)>> = BTreeMap::new();
        for uri in uris {
            if let Some(address) = Address::parse(uri) {
                by_repository.entry(address.repository.clone()).or_default().push((uri.clone(), address));
            }
        }
        if by_repository.is_empty() {
            by_repository.insert(None, Vec::new());
        }
        let mut news = News::default();
        for (repository, addresses) in by_repository {
            let looked = session.aside(repository.clone(), move |desk| {
                let days = addresses.into_iter().map(|(uri, address)| (uri, address.days(desk)));
                let store = desk.store();
                let pages = store.stamps()?.into_iter().map(|(day, stamp)| (Page::Day(day), stamp));
                let summaries =
                    store.summary_stamps()?.into_iter().map(|(period, stamp)| (Page::Summary(period), stamp));
                Ok((pages.chain(summaries).collect::<Vec<_>>(), days.collect::<Vec<_>>()))
            });
            let Ok((stamps, days)) = looked.await else { continue };
            let changes = self.0.entry(repository).or_default().look(stamps);
            let touched = |days: Option<Days>| match days {
                Some(days) => changes.pages.iter().any(|page| page.is_of(days)),
                None => !changes.pages.is_empty(),
            };
            news.uris.extend(days.into_iter().filter(|(_, days)| touched(*days)).map(|(uri, _)| uri));
            news.list |= changes.list;
        }
        news
    }
}

impl Subscriptions {
    /// Adds an address; whoever looks is started where nobody does. `false` where there are too many already.
    pub async fn add(self: &Arc<Self>, session: &Arc<Session>, peer: &Peer<RoleServer>, uri: String) -> bool {
        let begin = {
            let mut subscribed = self.lock();
            if subscribed.uris.len() >= MOST && !subscribed.uris.contains(&uri) {
                return false;
            }
            subscribed.uris.insert(uri);
            !std::mem::replace(&mut subscribed.running, true)
        };
        if begin {
            let mut lookout = Lookout::default();
            // What changes from now on is news.
            lookout.look(session, &self.uris()).await;
            let (this, session, peer) = (Arc::clone(self), Arc::clone(session), peer.clone());
            tokio::spawn(async move { this.look_out(&session, &peer, lookout).await });
        }
        true
    }

    /// Takes an address away.
    pub fn remove(&self, uri: &str) {
        self.lock().uris.remove(uri);
    }

    async fn look_out(&self, session: &Session, peer: &Peer<RoleServer>, mut lookout: Lookout) {
        loop {
            sleep(INTERVAL).await;
            let uris = self.uris();
            let gone = peer.is_transport_closed();
            {
                let mut subscribed = self.lock();
                if gone || subscribed.uris.is_empty() {
                    subscribed.running = false;
                    return;
                }
            }
            let news = lookout.look(session, &uris).await;
            // That nobody hears it is noticed with the next look.
            let _ = tell(peer, news).await;
        }
    }

    fn uris(&self) -> BTreeSet<String> {
        self.lock().uris.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Subscribed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn tell(peer: &Peer<RoleServer>, news: News) -> Result<(), ServiceError> {
    for uri in news.uris {
        peer.notify_resource_updated(ResourceUpdatedNotificationParam::new(uri)).await?;
    }
    if news.list {
        peer.notify_resource_list_changed().await?;
    }
    Ok(())
}
