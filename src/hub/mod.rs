//! The hub (W3C WebSub): subscribers ask for a feed, confirm that they did, and are sent its whole
//! content whenever it changes. Or another hub is told of each change, where the config names one.
//!
//! What is asked and what is owed are rows of the store, so a killed process forgets nothing, and
//! several may share the work.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bytes::Bytes;
use chrono::TimeDelta;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::channel::Guarded;
use crate::feed::FILES;
use crate::metrics::Metrics;
use crate::phrases;
use crate::schedule::Clock;
use crate::shelf::{Coding, Shelf};
use crate::store::{Limits, Store};

mod announce;
mod ping;
mod request;
mod rest;
mod topics;
mod verify;

pub use request::{Refused, read};
pub use topics::{NoTopic, Topics};

/// What is under way at once.
const SLOTS: usize = 32;
/// And of that, to one host.
const PER_HOST: i64 = 2;
/// A claim of a process that died is taken up after this; longer than any request may take.
const LEASE: TimeDelta = TimeDelta::seconds(90);
/// Between two questions to one host: where it follows something already, and where not.
const PAUSES: [TimeDelta; 2] = [TimeDelta::seconds(1), TimeDelta::seconds(10)];
/// How long a topic may be none of ours before its subscribers are told.
const GRACE: TimeDelta = TimeDelta::days(1);
/// Between two looks for leases that have ended.
const SWEEP: Duration = Duration::from_secs(60);
/// Another process may have written something: look at least this often.
const LONGEST_NAP: Duration = Duration::from_secs(5);
/// How often a file that is being replaced is looked up again.
const LOOKS: usize = 4;
const SHORTEST_NAP: Duration = Duration::from_millis(250);

/// How much the hub takes from strangers.
pub const LIMITS: Limits = Limits { pending: 100, pending_known: 1_000, per_topic: 10_000, per_host: 1_000, all: 100_000 };

/// Who tells subscribers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// This hub.
    Own,
    /// Another one, at this address.
    Other(Url),
}

/// The hub with what it needs.
pub struct Hub {
    /// Where wishes, subscribers and what is owed to them are.
    pub store: Arc<Store>,
    /// The way to callbacks.
    pub guarded: Arc<dyn Guarded>,
    /// What is sent.
    pub shelf: Arc<Shelf>,
    /// What can be followed.
    pub topics: Topics,
    /// Who tells subscribers.
    pub role: Role,
    /// The time.
    pub clock: Clock,
    /// What came of it.
    pub metrics: Arc<Metrics>,
    /// Rung when something is to be done.
    pub bell: Arc<Notify>,
}

/// What is on the shelf for a topic.
struct Held {
    etag: String,
    media_type: &'static str,
    bytes: Bytes,
}

impl Hub {
    /// Verifies, distributes and announces until stopped; what is under way then is ended.
    pub async fn run(self: &Arc<Self>, stop: &CancellationToken) {
        let mut under_way = JoinSet::new();
        let mut swept: Option<Instant> = None;
        while !stop.is_cancelled() {
            if swept.is_none_or(|at| at.elapsed() >= SWEEP) && self.told(self.sweep().await).is_some() {
                swept = Some(Instant::now());
            }
            self.told(self.begin(&mut under_way).await);
            let nap = self.nap().await;
            tokio::select! {
                () = stop.cancelled() => {}
                Some(_) = under_way.join_next() => {}
                () = self.bell.notified() => {}
                () = tokio::time::sleep(nap) => {}
            }
        }
        while under_way.join_next().await.is_some() {}
    }

    /// Does all that is due now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn once(self: &Arc<Self>, stop: &CancellationToken) -> Result<()> {
        let mut under_way = JoinSet::new();
        self.sweep().await?;
        while !stop.is_cancelled() {
            self.begin(&mut under_way).await?;
            if under_way.join_next().await.is_none() {
                break;
            }
        }
        Ok(())
    }

    async fn sweep(&self) -> Result<()> {
        if self.role == Role::Own { self.store.sweep_hub(&self.topics.all(), GRACE, (self.clock)()).await } else { Ok(()) }
    }

    /// Starts what is due, as far as there is room.
    async fn begin(self: &Arc<Self>, under_way: &mut JoinSet<()>) -> Result<()> {
        let now = (self.clock)();
        if self.role != Role::Own {
            // One after the other: a hub is told of a few topics at a time.
            let room = usize::from(under_way.is_empty());
            for announcement in self.store.claim_announcements(now, LEASE, room).await? {
                let hub = self.clone();
                under_way.spawn(async move { hub.announce(&announcement).await });
            }
            return Ok(());
        }
        for pending in self.store.claim_wishes(now, LEASE, SLOTS - under_way.len(), PAUSES).await? {
            let hub = self.clone();
            under_way.spawn(async move { hub.verify(&pending).await });
        }
        for ping in self.store.claim_pings(now, LEASE, SLOTS - under_way.len(), PER_HOST).await? {
            let hub = self.clone();
            under_way.spawn(async move { hub.ping(&ping).await });
        }
        Ok(())
    }

    /// Until something is due; a host that was just asked may be why nothing was begun.
    async fn nap(&self) -> Duration {
        let next = self.told(self.store.next_for_hub(self.role != Role::Own).await).flatten();
        let left =
            next.and_then(|at| (at - (self.clock)()).to_std().ok()).unwrap_or(if next.is_some() { SHORTEST_NAP } else { LONGEST_NAP });
        left.clamp(SHORTEST_NAP, LONGEST_NAP)
    }

    /// The topic as it is served now; `None` where it is none of ours, or the disk fails.
    async fn held(&self, topic: &str) -> Option<Held> {
        let name = self.topics.name(topic)?.to_owned();
        let media_type = FILES.iter().find(|format| name.ends_with(&format!(".{}", format.extension)))?.served;
        let shelf = self.shelf.clone();
        let opened = tokio::task::spawn_blocking(move || open(&shelf, &name)).await.context("shelf");
        let (etag, bytes) = self.told(opened.and_then(|opened| opened.context("shelf")))??;
        Some(Held { etag, media_type, bytes })
    }

    /// What marks the bytes that a topic stands at.
    pub async fn standing(&self, topic: &str) -> Option<String> {
        Some(self.held(topic).await?.etag)
    }

    /// The log has what failed; it is done again, for nothing was written down.
    fn told<T>(&self, result: Result<T>) -> Option<T> {
        result.inspect_err(|error| tracing::error!(error = format!("{error:#}"), "{}", phrases::log_hub_failed())).ok()
    }
}

/// A file of the shelf with the validator of these very bytes; blocks.
fn open(shelf: &Shelf, name: &str) -> std::io::Result<Option<(String, Bytes)>> {
    for _ in 0..LOOKS {
        let Some(sheet) = shelf.get(name) else { return Ok(None) };
        match shelf.load(name, &sheet, Coding::Identity) {
            Ok(bytes) => return Ok(sheet.known().map(|known| (known.print.etag(Coding::Identity), bytes))),
            // Replaced on the disk a moment before the shelf knew: look again.
            Err(e) if e.kind() == std::io::ErrorKind::InvalidData => std::thread::yield_now(),
            Err(e) => return Err(e),
        }
    }
    Err(std::io::ErrorKind::InvalidData.into())
}
