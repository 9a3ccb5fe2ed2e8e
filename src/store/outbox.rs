//! What is owed: when something can be done again, and what the doors show of it.

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};

use super::turns::{Whose, reckon};
use super::{Engine, Store, at, ms};
use crate::outbox::CRASH_REST;
use crate::subscription::Address;

impl Store {
    /// Frees what a dead process held: for a SQLite daemon at its start, when nobody else can
    /// hold anything. What was being sent is in doubt, and looked into when it can have arrived.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn recover(&self, now: DateTime<Utc>) -> Result<()> {
        if self.engine == Engine::Postgres {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        let held: Vec<String> = sqlx::query_scalar("SELECT address FROM addresses WHERE leased_until > 0")
            .fetch_all(&mut *tx)
            .await
            .context("store: recover")?;
        for text in [
            "UPDATE sources SET lease = NULL, leased_until = 0",
            "UPDATE addresses SET lease = NULL, leased_until = 0 WHERE leased_until > 0",
            "UPDATE amends SET lease = NULL, due = 0 WHERE lease IS NOT NULL",
            "UPDATE subscribers SET lease = NULL, due = 0 WHERE lease IS NOT NULL",
            "UPDATE hub_requests SET lease = NULL, due = 0 WHERE lease IS NOT NULL",
            "UPDATE announcements SET lease = NULL, due = 0 WHERE lease IS NOT NULL",
            "UPDATE heard SET lease = NULL, leased_until = 0 WHERE lease IS NOT NULL",
        ] {
            sqlx::query(text).execute(&mut *tx).await.context("store: recover")?;
        }
        sqlx::query("UPDATE deliveries SET state = 'doubt', doubts = doubts + 1, due = $1, lease = NULL WHERE state = 'sending'")
            .bind(ms(now + CRASH_REST))
            .execute(&mut *tx)
            .await
            .context("store: recover")?;
        reckon(&mut tx, Whose::These(self.engine, &held)).await?;
        tx.commit().await.context("store: recover")
    }

    /// When the next delivery of a channel may be due; `None` when nothing is owed on it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_delivery(&self, channel: &str) -> Result<Option<DateTime<Utc>>> {
        let next: Option<i64> = sqlx::query_scalar("SELECT MIN(at) FROM addresses WHERE channel = $1 AND at IS NOT NULL")
            .bind(channel.to_owned())
            .fetch_one(&self.read)
            .await
            .context("store: next delivery")?;
        Ok(next.map(at))
    }

    /// How many deliveries should have left by now and have not: those to refusing addresses, those
    /// that wait for another try and those in doubt among them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn overdue(&self, now: DateTime<Utc>) -> Result<usize> {
        let text = "SELECT COUNT(*) FROM deliveries WHERE state IN ('sending', 'doubt') OR (state = 'due' AND (due <= $1 OR attempt > 0))";
        let count: i64 = sqlx::query_scalar(text).bind(ms(now)).fetch_one(&self.read).await.context("store: overdue")?;
        Ok(usize::try_from(count).unwrap_or_default())
    }
}

pub(super) fn address(written: &str) -> Result<Address> {
    Address::parse(written).with_context(|| format!("store: not an address: {written}"))
}
