//! An attachment as its site has it, for Telegram fetches only a few kinds of files itself, and
//! cannot reach every site. What cannot be had within the limits stays a link in the text. A site is
//! asked once for all the chats that a file goes to, also where it has not got it.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use reqwest::{Response, header};
use tokio::time::timeout;
use url::Url;

use crate::channel::Guarded;
use crate::schedule::Clock;

/// The largest file (bytes).
pub(super) const LARGEST: u64 = 10 << 20;
/// A send must not wait longer for it.
const PATIENCE: Duration = Duration::from_secs(20);
const REDIRECTS: usize = 3;
/// All files kept in memory together (bytes, and how many of them): those of the news on its way.
const MEMORY: u64 = 2 * LARGEST;
const KEPT: u64 = 8;
/// Files that could not be had, and for how long none of them is asked for again.
const MISSES: usize = 200;
const MISSED: TimeDelta = TimeDelta::minutes(10);

/// What was had of late, and what was not.
pub(super) struct Downloads {
    ways: Arc<dyn Guarded>,
    had: Cache<Url, Bytes, Weight>,
    missed: Cache<Url, DateTime<Utc>>,
    clock: OnceLock<Clock>,
}

/// By their bytes; a small one counts so much that there are never more than a few.
#[derive(Clone)]
struct Weight;

impl Weighter<Url, Bytes> for Weight {
    fn weight(&self, _: &Url, bytes: &Bytes) -> u64 {
        (bytes.len() as u64).max(MEMORY / KEPT)
    }
}

impl Downloads {
    pub(super) fn new(ways: Arc<dyn Guarded>) -> Self {
        // In one piece, or a large file would find no room in its part.
        let mut options = OptionsBuilder::new();
        options.shards(1).estimated_items_capacity(usize::try_from(KEPT).unwrap_or(1)).weight_capacity(MEMORY);
        let had = match options.build() {
            Ok(options) => Cache::with_options(options, Weight, DefaultHashBuilder::default(), DefaultLifecycle::default()),
            Err(_) => Cache::with_weighter(1, MEMORY, Weight),
        };
        Self { ways, had, missed: Cache::new(MISSES), clock: OnceLock::new() }
    }

    /// The clock by which a miss is forgotten.
    pub(super) fn go_by(&self, clock: Clock) {
        self.clock.set(clock).ok();
    }

    /// The file; those who ask for it at the same time wait for one answer.
    pub(super) async fn get(&self, url: &Url) -> Option<Bytes> {
        if self.is_missed(url) {
            return None;
        }
        let ask = async {
            // The one who asked before may have found out.
            if self.is_missed(url) {
                return Err(());
            }
            fetch(self.ways.as_ref(), url).await.ok_or_else(|| self.miss(url))
        };
        self.had.get_or_insert_async(url, ask).await.ok()
    }

    /// Nobody is given the file for a while.
    pub(super) fn miss(&self, url: &Url) {
        self.missed.insert(url.clone(), self.now());
    }

    /// Whether it could not be had a short time ago; of a time in the future the clock was wrong.
    pub(super) fn is_missed(&self, url: &Url) -> bool {
        self.missed.get(url).is_some_and(|at| (self.now() - at).abs() < MISSED)
    }

    /// Telegram has it now.
    pub(super) fn forget(&self, url: &Url) {
        self.had.remove(url);
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.get().map_or_else(Utc::now, |clock| clock())
    }
}

/// The file, by the way that is guarded.
async fn fetch(ways: &dyn Guarded, url: &Url) -> Option<Bytes> {
    timeout(PATIENCE, follow(ways, url)).await.ok().flatten()
}

async fn follow(ways: &dyn Guarded, url: &Url) -> Option<Bytes> {
    let mut at = url.clone();
    for _ in 0..=REDIRECTS {
        let response = ways.client(&at).ok()?.get(at.clone()).send().await.ok()?;
        if response.status().is_redirection() {
            at = at.join(response.headers().get(header::LOCATION)?.to_str().ok()?).ok()?;
            continue;
        }
        return if response.status().is_success() && !is_page(&response) { read(response).await } else { None };
    }
    None
}

/// A site that shows a page instead of the file has not given it.
fn is_page(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.trim_start().to_ascii_lowercase().starts_with("text/html")
}

async fn read(mut response: Response) -> Option<Bytes> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if (bytes.len() + chunk.len()) as u64 > LARGEST {
            return None;
        }
        bytes.extend_from_slice(&chunk);
    }
    (!bytes.is_empty()).then(|| bytes.into())
}
