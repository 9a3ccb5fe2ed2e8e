//! Second ways: what a channel or an address does not take goes by the subscription's `fallback`,
//! and what still waits there comes back as soon as the first way works again.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use super::{Dispatch, Line};
use crate::phrases;
use crate::store::Return;

/// Between two looks.
const EVERY: Duration = Duration::from_millis(250);

/// When it was last looked at.
#[derive(Debug, Default)]
pub(super) struct Looked(Option<Instant>);

impl Looked {
    /// Whether it is time to look again.
    pub(super) fn is_time(&mut self, passing: Instant) -> bool {
        let due = self.0.is_none_or(|last| passing - last >= EVERY);
        if due {
            self.0 = Some(passing);
        }
        due
    }
}

impl Dispatch {
    /// Diverts and brings back what can be; what goes wrong is logged and tried at the next look.
    pub(super) async fn second_ways(&self, line: &Line, now: DateTime<Utc>) {
        if let Err(e) = self.try_second_ways(line, now).await {
            tracing::error!(channel = line.name, error = format!("{e:#}"), "{}", phrases::log_store_failed());
        }
    }

    async fn try_second_ways(&self, line: &Line, now: DateTime<Utc>) -> anyhow::Result<()> {
        if line.works_now() {
            self.store.bring_back(&line.name, Return::All, now).await?;
        } else if line.may_try(now) && self.store.next_delivery(&line.name).await?.is_none() {
            self.store.bring_back(&line.name, Return::One, now).await?;
        }
        loop {
            let by = self.store.divert(&line.name, line.diverts(now), now).await?;
            if by.is_empty() {
                return Ok(());
            }
            self.diverted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            tracing::warn!(channel = line.name, ?by, "{}", phrases::log_diverted());
            by.iter().filter_map(|channel| self.bells.get(channel)).for_each(|bell| bell.notify_one());
        }
    }
}
