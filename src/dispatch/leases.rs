//! What is under way on one channel by the leases it has in the store. A send may outlive its lease
//! where the clock leaps ahead, the machine sleeps, or the disk is full for so long that its outcome
//! cannot be written: to the next claim it would look like what a dead process left.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use super::{Dispatch, LEASE, Line};
use crate::store::{Batch, Held};

/// Every lease that a send of this process holds.
#[derive(Debug, Clone, Default)]
pub(super) struct Leases(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    next: u64,
    held: HashMap<u64, (Held, DateTime<Utc>)>,
}

/// Holds one lease while it lives.
pub(super) struct Hold {
    leases: Leases,
    number: u64,
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.leases.kept().held.remove(&self.number);
    }
}

impl Leases {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds what was claimed at `now`.
    pub(super) fn hold(&self, batch: &Batch, now: DateTime<Utc>) -> Hold {
        let mut kept = self.kept();
        kept.next += 1;
        let number = kept.next;
        kept.held.insert(number, (Held::from(batch), now + LEASE));
        Hold { leases: self.clone(), number }
    }

    /// Those that end soon, have ended, or end later than a right clock can put it.
    fn renewable(&self, now: DateTime<Utc>) -> Vec<Held> {
        let soon = |until: DateTime<Utc>| until < now + LEASE / 2 || until > now + LEASE;
        self.kept().held.values().filter(|(_, until)| soon(*until)).map(|(held, _)| held.clone()).collect()
    }

    fn renewed(&self, renewed: &[Held], now: DateTime<Utc>) {
        self.kept().held.values_mut().filter(|(held, _)| renewed.contains(held)).for_each(|(_, until)| *until = now + LEASE);
    }
}

impl Dispatch {
    /// Holds on to what is under way. Where that fails nothing may be claimed.
    pub(super) async fn hold_on(&self, line: &Line, now: DateTime<Utc>) -> anyhow::Result<()> {
        let renewable = line.leases.renewable(now);
        if !renewable.is_empty() {
            self.store.hold(&renewable, now + LEASE).await?;
            line.leases.renewed(&renewable, now);
        }
        Ok(())
    }
}
