//! Entries for very many, brought into the outbox a few hundred addresses at a time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{Dispatch, Line};
use crate::phrases;

/// Fan-outs are looked for again at least this often: another process may have left one.
const NAP: Duration = Duration::from_secs(5);

impl Dispatch {
    /// Fans out until stopped; `bell` rings when an entry was stored, and each chunk rings `lines`.
    pub async fn fan_out(&self, lines: &[Arc<Line>], bell: &Notify, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            match self.store.fan_out_some(self.zone, (self.clock)()).await {
                Ok(Some(_)) => lines.iter().for_each(|line| line.bell.notify_one()),
                Ok(None) => wait(bell, stop).await,
                Err(e) => {
                    tracing::error!(error = format!("{e:#}"), "{}", phrases::log_store_failed());
                    wait(bell, stop).await;
                }
            }
        }
    }
}

async fn wait(bell: &Notify, stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = bell.notified() => {}
        () = tokio::time::sleep(NAP) => {}
    }
}
