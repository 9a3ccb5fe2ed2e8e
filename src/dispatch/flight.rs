//! What is under way on one channel: how much more may be claimed, and when.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Dispatch, Line};
use crate::store::{Amend, Batch};

/// Sends under way on one channel.
const IN_FLIGHT: usize = 64;
/// Claimed and waiting for their turn where the platform limits the bot as a whole: enough that its
/// bucket never runs dry while a claim commits, few enough that something urgent is soon ahead.
const WAITING: usize = 16;
/// Claims are at least so far apart while others are under way, so that they share commits.
const GATHER: Duration = Duration::from_millis(10);

/// Sends under way.
#[derive(Default)]
pub(super) struct Flight {
    sends: JoinSet<()>,
    /// Batches that have not had their turn.
    waiting: Arc<AtomicUsize>,
    claimed: Option<Instant>,
}

/// A batch that waits for its turn, counted until it has it.
pub(super) struct Ticket(Option<Arc<AtomicUsize>>);

impl Ticket {
    /// It has its turn.
    pub(super) fn punch(&mut self) {
        if let Some(waiting) = self.0.take() {
            waiting.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.punch();
    }
}

impl Flight {
    /// How long to wait before the next claim, where the last was only just made.
    pub(super) fn rest(&self) -> Option<Duration> {
        let since = self.claimed?.elapsed();
        (since < GATHER && !self.sends.is_empty()).then(|| GATHER - since)
    }

    /// For how many addresses something may be claimed.
    pub(super) fn room(&self, line: &Line, now: DateTime<Utc>) -> usize {
        let room = IN_FLIGHT.saturating_sub(self.sends.len());
        if line.rests_until().is_some_and(|until| until > now) || line.buckets().held_until().is_some_and(|until| until > now) {
            return 0;
        }
        // After a rest one address tries first.
        if line.rests_until().is_some() {
            return usize::from(self.sends.is_empty());
        }
        // Where each message counts, what is under way is counted before more is claimed.
        if line.per_month().is_some() && !self.sends.is_empty() {
            return 0;
        }
        if !line.buckets().limits_all() {
            return room;
        }
        let waiting = self.waiting.load(Ordering::Relaxed);
        if waiting > WAITING / 2 { 0 } else { room.min(WAITING - waiting) }
    }

    /// Starts the sends of a batch.
    pub(super) fn start(&mut self, dispatch: Arc<Dispatch>, line: Arc<Line>, batch: Batch, stop: CancellationToken) {
        self.claimed = Some(Instant::now());
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let ticket = Ticket(Some(Arc::clone(&self.waiting)));
        let hold = line.leases.hold(&batch, (dispatch.clock)());
        self.sends.spawn(async move {
            dispatch.deliver(&line, batch, ticket, &stop).await;
            drop(hold);
        });
    }

    /// Starts the changes of one delivery's messages.
    pub(super) fn start_amend(&mut self, dispatch: Arc<Dispatch>, line: Arc<Line>, amend: Amend, stop: CancellationToken) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let ticket = Ticket(Some(Arc::clone(&self.waiting)));
        self.sends.spawn(async move { dispatch.amend(&line, amend, ticket, &stop).await });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sends.is_empty()
    }

    /// Waits until something has landed; for ever where nothing is under way.
    pub(super) async fn landed(&mut self) {
        if self.sends.join_next().await.is_none() {
            std::future::pending::<()>().await;
        }
        while self.sends.try_join_next().is_some() {}
    }

    /// Waits until all has landed.
    pub(super) async fn end(mut self) {
        while self.sends.join_next().await.is_some() {}
    }
}
