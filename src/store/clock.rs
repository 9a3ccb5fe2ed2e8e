//! What a wrong clock left behind: times so far ahead that nothing would leave for months.

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Any, Row, Transaction};

use super::outbox::address;
use super::turns::{Whose, reckon};
use super::{Store, at, ms};
use crate::subscription::Address;

/// How far ahead something can lie that was reckoned by a right clock.
#[derive(Debug, Clone, Copy)]
pub struct Farthest {
    /// A wait.
    pub wait: TimeDelta,
    /// The end of a lease; `None` leaves leases alone.
    pub lease: Option<TimeDelta>,
}

/// The longest that the pace of a platform lets an address wait, with a margin.
const PACED: TimeDelta = TimeDelta::minutes(2);

/// An address waits too long: longer than anything can, or longer than the pace can where neither
/// a refusal nor a delivery that was tried tells of another reason, or for a reason of the future.
const ADDRESSES: &str = "UPDATE addresses SET ready = 0 WHERE channel = $1 AND (ready > $2 OR (ready > $3 AND ((refusals = 0 \
     AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.address = addresses.address AND d.state = 'due' AND d.attempt > 0)) \
     OR EXISTS (SELECT 1 FROM deliveries d WHERE d.address = addresses.address AND d.state = 'due' AND d.settled > $3))))";
const RETRIES: &str = "UPDATE deliveries SET due = $3 WHERE channel = $1 AND state = 'due' AND attempt > 0 \
     AND (due > $2 OR (due > $3 AND settled > $3 + 60000))";
const DOUBTS: &str =
    "UPDATE deliveries SET due = $3 WHERE channel = $1 AND state = 'doubt' AND (due > $2 OR (due > $3 AND settled > $3 + 60000))";
/// Owed in the future: it keeps its wait, or its time where that is near.
const OWED: &str = "UPDATE deliveries SET due = CASE WHEN due <= owed_since OR due > $2 THEN $3 + due - owed_since ELSE due END, owed_since = $3 \
     WHERE channel = $1 AND state = 'due' AND attempt = 0 AND due > $3 AND owed_since > $3 + 60000";
const LEASED: &str = "UPDATE addresses SET leased_until = $3, lease = NULL WHERE channel = $1 AND leased_until > $2";
const SENDING: &str = "UPDATE deliveries SET state = 'doubt', doubts = doubts + 1, due = $3, lease = NULL \
     WHERE channel = $1 AND state = 'sending' AND leased_until > $2";

/// A source that was read in the future, that failed for longer than any back-off lasts, or that is
/// held by a visit of the future.
macro_rules! astray {
    ($start:literal) => {
        concat!(
            $start,
            " WHERE active = 1 AND (last_ok > $1 + 60000 OR (failures > 0 AND due > $1 + 864000000) OR leased_until > $1 + 86400000)"
        )
    };
}
const ASTRAY: &str = astray!("SELECT COUNT(*) FROM sources");
const VISITS: &str =
    astray!("UPDATE sources SET due = $1, lease = NULL, leased_until = 0, last_ok = CASE WHEN last_ok > $1 THEN $1 ELSE last_ok END");

impl Store {
    /// Makes sources due now whose next visit a wrong clock put far ahead. Returns how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn heal_visits(&self, now: DateTime<Utc>) -> Result<u64> {
        let astray: i64 = sqlx::query_scalar(ASTRAY).bind(ms(now)).fetch_one(&self.read).await.context("store: heal visits")?;
        if astray == 0 {
            return Ok(0);
        }
        let healed = sqlx::query(VISITS).bind(ms(now)).execute(&self.write).await.context("store: heal visits")?;
        Ok(healed.rows_affected())
    }

    /// Makes due now what lies further ahead on a channel than a right clock can put it. Returns
    /// how much that was.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn heal_clock(&self, channel: &str, farthest: Farthest, now: DateTime<Utc>) -> Result<u64> {
        if farthest.lease.is_some() && !self.is_anything_far(channel, now).await? {
            return Ok(0);
        }
        let mut tx = self.begin().await?;
        let wait = now + farthest.wait;
        let mut healed = heal(&mut tx, ADDRESSES, channel, wait, now + PACED).await?;
        for text in [RETRIES, DOUBTS, OWED] {
            healed += heal(&mut tx, text, channel, wait, now).await?;
        }
        if let Some(lease) = farthest.lease {
            for text in [LEASED, SENDING] {
                healed += heal(&mut tx, text, channel, now + lease, now).await?;
            }
        }
        if healed > 0 {
            reckon(&mut tx, Whose::Channel(channel)).await?;
        }
        tx.commit().await.context("store: heal")?;
        Ok(healed)
    }

    /// Whether any address of a channel waits longer than a send and the pace can make it wait; a
    /// cheap look, for what is owed may be very much.
    async fn is_anything_far(&self, channel: &str, now: DateTime<Utc>) -> Result<bool> {
        let farthest: Option<i64> = sqlx::query_scalar("SELECT MAX(at) FROM addresses WHERE channel = $1 AND at IS NOT NULL")
            .bind(channel.to_owned())
            .fetch_one(&self.read)
            .await
            .context("store: heal")?;
        Ok(farthest.is_some_and(|farthest| farthest > ms(now + PACED)))
    }

    /// What left on a channel since `since`, oldest first, one for each message; what is under way
    /// or in doubt may have left `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sent_lately(&self, channel: &str, since: DateTime<Utc>, now: DateTime<Utc>) -> Result<Vec<(Address, DateTime<Utc>)>> {
        let text = "SELECT address, message_ids, settled FROM deliveries WHERE channel = $1 AND state = 'sent' AND settled > $2 AND settled <= $3 \
             UNION ALL SELECT address, '[]', $3 FROM deliveries WHERE channel = $1 AND state IN ('sending', 'doubt')";
        let rows = sqlx::query(text).bind(channel.to_owned()).bind(ms(since)).bind(ms(now)).fetch_all(&self.read).await;
        let mut sent = Vec::new();
        for row in rows.context("store: sent lately")? {
            let ids: Vec<String> = serde_json::from_str(&row.try_get::<String, _>("message_ids")?)?;
            let left = (address(&row.try_get::<String, _>("address")?)?, at(row.try_get("settled")?));
            sent.extend(std::iter::repeat_n(left, ids.len().max(1)));
        }
        sent.sort_by_key(|(_, at)| *at);
        Ok(sent)
    }
}

async fn heal(tx: &mut Transaction<'static, Any>, text: &'static str, channel: &str, far: DateTime<Utc>, to: DateTime<Utc>) -> Result<u64> {
    let done = sqlx::query(text).bind(channel.to_owned()).bind(ms(far)).bind(ms(to)).execute(&mut **tx).await;
    Ok(done.context("store: heal")?.rows_affected())
}
