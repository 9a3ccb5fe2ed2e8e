//! What a wrong clock left behind: times so far ahead that nothing would leave for months.

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Any, Row, Transaction};

use super::outbox::address;
use super::pieces::TOGETHER;
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

/// Some of what is astray at the addresses of `$1`.
macro_rules! heal {
    ($table:literal, $key:literal, $set:literal, $astray:literal) => {
        (
            concat!(
                "UPDATE ",
                $table,
                " SET ",
                $set,
                " WHERE ",
                $key,
                " IN (SELECT ",
                $key,
                " FROM ",
                $table,
                " WHERE address IN (SELECT value FROM json_each($1)) AND ",
                $astray,
                " LIMIT 500) RETURNING address"
            ),
            concat!(
                "UPDATE ",
                $table,
                " SET ",
                $set,
                " WHERE ",
                $key,
                " = ANY (ARRAY(SELECT ",
                $key,
                " FROM ",
                $table,
                " WHERE address = ANY (ARRAY(SELECT json_array_elements_text($1::json))) AND ",
                $astray,
                " LIMIT 500)) AND ",
                $astray,
                " RETURNING address"
            ),
        )
    };
}

/// An address waits too long: longer than anything can, or longer than the pace can where neither
/// a refusal nor a delivery that was tried tells of another reason, or for a reason of the future.
const ADDRESSES: (&str, &str) = heal!(
    "addresses",
    "address",
    "ready = 0",
    "(ready > $2 OR (ready > $3 AND ((refusals = 0 \
     AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.address = addresses.address AND d.state = 'due' AND d.attempt > 0)) \
     OR EXISTS (SELECT 1 FROM deliveries d WHERE d.address = addresses.address AND d.state = 'due' AND d.settled > $3))))"
);
const RETRIES: (&str, &str) =
    heal!("deliveries", "id", "due = $3", "state = 'due' AND attempt > 0 AND (due > $2 OR (due > $3 AND settled > $3 + 60000))");
const DOUBTS: (&str, &str) = heal!("deliveries", "id", "due = $3", "state = 'doubt' AND (due > $2 OR (due > $3 AND settled > $3 + 60000))");
/// Owed in the future: it keeps its wait, or its time where that is near.
const OWED: (&str, &str) = heal!(
    "deliveries",
    "id",
    "due = CASE WHEN due <= owed_since OR due > $2 THEN $3 + due - owed_since ELSE due END, owed_since = $3",
    "state = 'due' AND attempt = 0 AND due > $3 AND owed_since > $3 + 60000"
);
const LEASED: (&str, &str) = heal!("addresses", "address", "leased_until = $3, lease = NULL", "leased_until > $2");
/// What is under way is never much.
const SENDING: &str = "UPDATE deliveries SET state = 'doubt', doubts = doubts + 1, due = $3, lease = NULL \
     WHERE channel = $1 AND state = 'sending' AND leased_until > $2 RETURNING address";

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
    /// how much that was. Of very many addresses some hundred at a time; what a killed process left
    /// is found by the next look, of an address that is served again as soon as it waits for it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn heal_clock(&self, channel: &str, farthest: Farthest, now: DateTime<Utc>) -> Result<u64> {
        if farthest.lease.is_some() && !self.is_anything_far(channel, now).await? {
            return Ok(0);
        }
        let mut healed = match farthest.lease {
            Some(lease) => self.doubt_what_is_under_way(channel, now + lease, now).await?,
            None => 0,
        };
        let mut after = format!("{channel}:");
        loop {
            let some = self.addresses_after(channel, &after).await?;
            let Some(last) = some.last() else { return Ok(healed) };
            after.clone_from(last);
            healed += self.heal_all_of(&some, farthest, now).await?;
        }
    }

    /// Heals what is owed to some addresses, however much that is.
    async fn heal_all_of(&self, addresses: &[String], farthest: Farthest, now: DateTime<Utc>) -> Result<u64> {
        let mut all = 0;
        loop {
            let healed = self.heal_some(addresses, farthest, now).await?;
            all += healed.iter().sum::<usize>() as u64;
            if healed.iter().all(|healed| *healed < TOGETHER) {
                return Ok(all);
            }
        }
    }

    /// One transaction: of each kind so many at most.
    async fn heal_some(&self, addresses: &[String], farthest: Farthest, now: DateTime<Utc>) -> Result<Vec<usize>> {
        let wait = now + farthest.wait;
        let mut kinds = vec![(ADDRESSES, wait, now + PACED), (RETRIES, wait, now), (DOUBTS, wait, now), (OWED, wait, now)];
        kinds.extend(farthest.lease.map(|lease| (LEASED, now + lease, now)));
        let which = serde_json::to_string(addresses)?;
        let (mut tx, mut counts, mut touched) = (self.begin().await?, Vec::new(), Vec::new());
        for ((sqlite, postgres), far, to) in kinds {
            let healed = heal(&mut tx, self.pick(sqlite, postgres), &which, far, to).await?;
            counts.push(healed.len());
            touched.extend(healed);
        }
        reckon(&mut tx, Whose::These(self.engine, &touched)).await?;
        tx.commit().await.context("store: heal")?;
        Ok(counts)
    }

    async fn doubt_what_is_under_way(&self, channel: &str, far: DateTime<Utc>, now: DateTime<Utc>) -> Result<u64> {
        let mut tx = self.begin().await?;
        let doubted = heal(&mut tx, SENDING, channel, far, now).await?;
        reckon(&mut tx, Whose::These(self.engine, &doubted)).await?;
        tx.commit().await.context("store: heal")?;
        Ok(doubted.len() as u64)
    }

    /// The next addresses of a channel.
    async fn addresses_after(&self, channel: &str, after: &str) -> Result<Vec<String>> {
        sqlx::query_scalar("SELECT address FROM addresses WHERE channel = $1 AND address > $2 ORDER BY address LIMIT $3")
            .bind(channel.to_owned())
            .bind(after.to_owned())
            .bind(i64::try_from(TOGETHER)?)
            .fetch_all(&self.read)
            .await
            .context("store: heal")
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

/// Heals some of `which`, as this text means it; returns their addresses.
async fn heal(
    tx: &mut Transaction<'static, Any>,
    text: &'static str,
    which: &str,
    far: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<String>> {
    sqlx::query_scalar(text).bind(which.to_owned()).bind(ms(far)).bind(ms(to)).fetch_all(&mut **tx).await.context("store: heal")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plan;

    #[tokio::test]
    async fn what_is_astray_at_some_addresses_is_found_by_them() {
        for (text, _) in [ADDRESSES, RETRIES, DOUBTS, OWED, LEASED] {
            let plan = plan(text).await;
            assert!(plan.iter().any(|step| step.contains("(address=?")), "{text}: {plan:?}");
            assert!(!plan.iter().any(|step| step.starts_with("SCAN deliveries") || step.starts_with("SCAN addresses")), "{text}: {plan:?}");
        }
    }
}
