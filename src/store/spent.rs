//! Messages that left a channel with a monthly budget, counted across restarts and processes.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use sqlx::{Any, Transaction};

use super::turns::{Whose, reckon};
use super::{Store, ms};

/// How long the count of one row goes on, in milliseconds: days begin at a quarter of an hour everywhere.
const QUARTER: i64 = 900_000;

/// Addresses whose news is put off in one transaction.
const TOGETHER: i64 = 500;

/// What was put off before is due a moment earlier than the rest, so that the share of the next day goes
/// to those first whom that of this one did not reach.
macro_rules! put_off {
    ($before:literal, $behind:literal) => {
        concat!(
            "UPDATE deliveries SET due = $1 - CASE WHEN digest = 1 AND due > owed_since THEN 1 ELSE 0 END, digest = 1 WHERE state = 'due' AND rank > 0 AND due <= $2 AND attempt = 0 AND address ",
            $before,
            "SELECT a.address FROM addresses a WHERE a.channel = $3 AND a.at <= $2 \
             AND EXISTS (SELECT 1 FROM deliveries d WHERE d.address = a.address AND d.state = 'due' AND d.rank > 0 AND d.due <= $2 AND d.attempt = 0) \
             LIMIT $4",
            $behind,
            " RETURNING address"
        )
    };
}

/// PostgreSQL would look for the addresses anew for each delivery, where it knows nothing of the tables yet.
const PUT_OFF: (&str, &str) = (put_off!("IN (", ")"), put_off!("= ANY (ARRAY(", "))"));

/// Counts messages by channel, with the settling that tells of them.
pub(super) async fn count(tx: &mut Transaction<'static, Any>, messages: BTreeMap<(String, i64), i64>) -> Result<()> {
    for ((channel, at), count) in messages {
        sqlx::query(
            "INSERT INTO spent (channel, quarter, messages) VALUES ($1, $2, $3) \
             ON CONFLICT (channel, quarter) DO UPDATE SET messages = spent.messages + excluded.messages",
        )
        .bind(channel)
        .bind(at / QUARTER)
        .bind(count)
        .execute(&mut **tx)
        .await
        .context("store: spent")?;
    }
    Ok(())
}

impl Store {
    /// How many messages left a channel since a time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn spent(&self, channel: &str, since: DateTime<Utc>) -> Result<u32> {
        let sum: i64 =
            sqlx::query_scalar("SELECT CAST(COALESCE(SUM(messages), 0) AS BIGINT) FROM spent WHERE channel = $1 AND quarter >= $2")
                .bind(channel.to_owned())
                .bind(ms(since) / QUARTER)
                .fetch_one(&self.read)
                .await
                .context("store: spent")?;
        Ok(u32::try_from(sum).unwrap_or(u32::MAX))
    }

    /// Puts off what is due on a channel and not urgent, as one list for each address at `until`; of
    /// very many addresses some at a time, the rest at the next looks. Returns how much that was.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_off(&self, channel: &str, until: DateTime<Utc>, now: DateTime<Utc>) -> Result<u64> {
        let mut tx = self.begin().await?;
        let put_off: Vec<String> = sqlx::query_scalar(self.engine.pick(PUT_OFF.0, PUT_OFF.1))
            .bind(ms(until))
            .bind(ms(now))
            .bind(channel.to_owned())
            .bind(TOGETHER)
            .fetch_all(&mut *tx)
            .await
            .context("store: put off")?;
        reckon(&mut tx, Whose::These(self.engine, &put_off)).await?;
        tx.commit().await.context("store: put off")?;
        Ok(put_off.len() as u64)
    }
}
