//! Holding on to what is under way: a lease that ran out although its send is still going on, or
//! its outcome could not be written, would be taken for what a dead process left.

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};

use super::{Batch, Store, ms};

/// What of a claim is held: its lease, its deliveries, and whom they are for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    lease: String,
    deliveries: Vec<i64>,
    address: String,
}

impl From<&Batch> for Held {
    fn from(batch: &Batch) -> Self {
        Self { lease: batch.lease.clone(), deliveries: batch.deliveries.iter().map(|d| d.id).collect(), address: batch.to.to_string() }
    }
}

const DELIVERIES: (&str, &str) = (
    "UPDATE deliveries SET leased_until = $1 WHERE id IN (SELECT value FROM json_each($3)) AND lease IN (SELECT value FROM json_each($2))",
    "UPDATE deliveries SET leased_until = $1 WHERE id = ANY (ARRAY(SELECT CAST(v AS BIGINT) FROM json_array_elements_text($3::json) v)) \
     AND lease = ANY (ARRAY(SELECT json_array_elements_text($2::json)))",
);
const ADDRESSES: (&str, &str) = (
    "UPDATE addresses SET leased_until = $1, at = $1 WHERE address IN (SELECT value FROM json_each($3)) AND lease IN (SELECT value FROM json_each($2))",
    "UPDATE addresses SET leased_until = $1, at = $1 WHERE address = ANY (ARRAY(SELECT json_array_elements_text($3::json))) \
     AND lease = ANY (ARRAY(SELECT json_array_elements_text($2::json)))",
);

impl Store {
    /// Holds on to what is under way until then. What another process took over stays with it.
    ///
    /// # Errors
    /// When the database fails; nothing may be claimed then, for the claim could take what is held.
    pub async fn hold(&self, held: &[Held], until: DateTime<Utc>) -> Result<()> {
        let leases = serde_json::to_string(&held.iter().map(|one| &one.lease).collect::<Vec<_>>())?;
        let deliveries = serde_json::to_string(&held.iter().flat_map(|one| &one.deliveries).collect::<Vec<_>>())?;
        let addresses = serde_json::to_string(&held.iter().map(|one| &one.address).collect::<Vec<_>>())?;
        let mut tx = self.begin().await?;
        for ((sqlite, postgres), which) in [(DELIVERIES, deliveries), (ADDRESSES, addresses)] {
            let held = sqlx::query(self.pick(sqlite, postgres)).bind(ms(until)).bind(leases.clone()).bind(which);
            held.execute(&mut *tx).await.context("store: hold")?;
        }
        tx.commit().await.context("store: hold")
    }
}
