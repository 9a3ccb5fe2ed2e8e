//! Entries for very many, brought into the outbox a few hundred addresses at a time.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use chrono::{DateTime, Utc};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{Dispatch, Line};
use crate::entry::Slug;
use crate::store::{Policies, Woe};
use crate::subscription::Address;

/// Fan-outs are looked for again at least this often: another process may have left one.
const NAP: Duration = Duration::from_secs(5);

impl Dispatch {
    /// Brings one entry, or the change of one, to some of those that it is for; false where nothing
    /// is on its way.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn spread_some(&self, lines: &[Arc<Line>]) -> Result<bool> {
        if self.store.fan_out_some(self.zone, &self.urgent, (self.clock)()).await?.is_some() {
            return Ok(true);
        }
        let clear = |feed: &str, to: &str, own: Option<&str>, now: DateTime<Utc>| {
            let key = Slug::new(feed).ok().zip(Address::parse(to));
            key.map_or(now, |key| self.clear(key, own, now))
        };
        let channels = lines.iter().map(|line| (line.name.as_str(), line.policy())).collect();
        let policies = Policies { channels, clear: &clear, language: self.language };
        Ok(self.store.amend_some(&policies, (self.clock)()).await?.is_some())
    }

    /// Fans out until stopped; `bell` rings when an entry was stored, and each chunk rings `lines`.
    pub async fn fan_out(&self, lines: &[Arc<Line>], bell: &Notify, stop: &CancellationToken) {
        let mut woe = Woe::default();
        while !stop.is_cancelled() {
            let spread = self.spread_some(lines).await;
            let rest = spread.as_ref().err().map(|e| woe.failed("fan-out", e));
            if rest.is_none() {
                woe.over("fan-out");
            }
            match spread {
                Ok(true) => lines.iter().for_each(|line| line.bell.notify_one()),
                Ok(false) | Err(_) => wait(bell, rest.unwrap_or(NAP), stop).await,
            }
        }
    }
}

async fn wait(bell: &Notify, nap: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = bell.notified() => {}
        () = tokio::time::sleep(nap) => {}
    }
}
