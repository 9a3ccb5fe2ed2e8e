//! Second ways: what the first address does not take goes to the other, and comes back where it
//! still waits when the first works again. The delivery at the first stays, as `diverted`: so no
//! entry goes by both.

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{Any, Row as _, Transaction};

use super::outbox::address;
use super::turns::{Whose, reckon};
use super::{Catalog, Store, ms, pieces};
use crate::subscription::Subscription;

/// Deliveries that one transaction moves.
const TOGETHER: i64 = 500;

/// What of a channel goes by the second way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Divert {
    /// What its refusing addresses do not take.
    Refused,
    /// That, and all that is urgent: nothing gets through now.
    Urgent,
    /// Everything: nothing got through for long.
    Everything,
}

/// What of a channel may come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Return {
    /// All that still waits on the second way.
    All,
    /// One, to see whether the first works again.
    One,
}

/// A delivery that goes by the second way.
#[derive(Serialize)]
struct Diverted {
    id: i64,
    address: String,
    channel: String,
}

const PICK: &str = "SELECT d.id, d.fallback FROM deliveries d JOIN addresses a ON a.address = d.address \
     WHERE d.channel = $1 AND d.state = 'due' AND d.fallback IS NOT NULL AND d.due <= $2 AND d.message_ids = '[]' AND a.leased_until = 0 \
     AND ($3 = 2 OR ($3 = 1 AND d.rank = 0) OR (a.refusals > 0 AND a.ready > $2)) ORDER BY d.id LIMIT $4";
/// What waits for the second way although its first does not refuse now.
const WAITING: &str = "SELECT d.id FROM deliveries d JOIN addresses o ON o.address = d.origin JOIN addresses a ON a.address = d.address \
     WHERE d.origin IS NOT NULL AND o.channel = $1 AND (o.refusals = 0 OR o.ready <= $2) \
     AND d.state = 'due' AND d.message_ids = '[]' AND d.doubts = 0 AND a.leased_until = 0 ORDER BY d.id LIMIT $3";

impl Store {
    /// Gives what is due on a channel, and surely not sent, to its second addresses. Returns on
    /// which channels something is owed by it; empty where there was nothing.
    ///
    /// # Errors
    /// When the database fails; nothing is diverted then.
    pub async fn divert(&self, channel: &str, what: Divert, now: DateTime<Utc>) -> Result<Vec<String>> {
        let found = sqlx::query(PICK)
            .bind(channel.to_owned())
            .bind(ms(now))
            .bind(match what {
                Divert::Refused => 0_i64,
                Divert::Urgent => 1,
                Divert::Everything => 2,
            })
            .bind(TOGETHER)
            .fetch_all(&self.read)
            .await
            .context("store: divert")?;
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let mut ids = Vec::with_capacity(found.len());
        for row in &found {
            ids.push(row.try_get::<i64, _>("id")?);
        }
        let mut tx = self.begin().await?;
        let diverted = self.go_by_the_second_way(&mut tx, &ids, now).await?;
        self.arrive(&mut tx, &diverted, now).await?;
        tx.commit().await.context("store: divert")?;
        let mut channels: Vec<String> = diverted.into_iter().map(|one| one.channel).collect();
        channels.sort();
        channels.dedup();
        Ok(channels)
    }

    /// The first addresses give them up, where they still have them.
    async fn go_by_the_second_way(&self, tx: &mut Transaction<'static, Any>, ids: &[i64], now: DateTime<Utc>) -> Result<Vec<Diverted>> {
        let text = self.pick(
            "UPDATE deliveries SET state = 'diverted', settled = $2 WHERE state = 'due' AND id IN (SELECT value FROM json_each($1)) \
             RETURNING id, address, fallback",
            "UPDATE deliveries SET state = 'diverted', settled = $2 WHERE state = 'due' \
             AND id = ANY (ARRAY(SELECT CAST(v AS BIGINT) FROM json_array_elements_text($1::json) v)) RETURNING id, address, fallback",
        );
        let rows = sqlx::query(text).bind(serde_json::to_string(ids)?).bind(ms(now)).fetch_all(&mut **tx).await.context("store: divert")?;
        let (mut diverted, mut left) = (Vec::with_capacity(rows.len()), Vec::new());
        for row in &rows {
            let to = address(&row.try_get::<String, _>("fallback")?)?;
            left.push(row.try_get::<String, _>("address")?);
            diverted.push(Diverted { id: row.try_get("id")?, address: to.to_string(), channel: to.channel().to_owned() });
        }
        reckon(tx, Whose::These(self.engine, &left)).await?;
        Ok(diverted)
    }

    /// The second addresses owe them, in the same order; an entry that one has already is not repeated.
    async fn arrive(&self, tx: &mut Transaction<'static, Any>, diverted: &[Diverted], now: DateTime<Utc>) -> Result<()> {
        let (addresses, deliveries) = self.pick_two(
            (
                "INSERT INTO addresses (address, channel) SELECT DISTINCT value ->> 'address', value ->> 'channel' FROM json_each($1) \
                 WHERE true ON CONFLICT DO NOTHING",
                "INSERT INTO deliveries (entry, address, channel, feed, digest, silent, owed_since, due, rank, origin, state) \
                 SELECT d.entry, j.value ->> 'address', j.value ->> 'channel', d.feed, d.digest, d.silent, d.owed_since, $2, d.rank, d.address, 'due' \
                 FROM json_each($1) j JOIN deliveries d ON d.id = j.value ->> 'id' WHERE true ORDER BY d.id ON CONFLICT DO NOTHING",
            ),
            (
                "INSERT INTO addresses (address, channel) SELECT DISTINCT j.address, j.channel \
                 FROM json_to_recordset($1::json) AS j(address TEXT, channel TEXT) WHERE true ON CONFLICT DO NOTHING",
                "INSERT INTO deliveries (entry, address, channel, feed, digest, silent, owed_since, due, rank, origin, state) \
                 SELECT d.entry, j.address, j.channel, d.feed, d.digest, d.silent, d.owed_since, $2, d.rank, d.address, 'due' \
                 FROM json_to_recordset($1::json) AS j(id BIGINT, address TEXT, channel TEXT) JOIN deliveries d ON d.id = j.id \
                 WHERE true ORDER BY d.id ON CONFLICT DO NOTHING",
            ),
        );
        let json = serde_json::to_string(diverted)?;
        sqlx::query(addresses).bind(json.clone()).execute(&mut **tx).await.context("store: divert")?;
        sqlx::query(deliveries).bind(json).bind(ms(now)).execute(&mut **tx).await.context("store: divert")?;
        let reached: Vec<String> = diverted.iter().map(|one| one.address.clone()).collect();
        reckon(tx, Whose::These(self.engine, &reached)).await
    }

    const fn pick_two(&self, sqlite: (&'static str, &'static str), postgres: (&'static str, &'static str)) -> (&'static str, &'static str) {
        (self.pick(sqlite.0, postgres.0), self.pick(sqlite.1, postgres.1))
    }

    /// Gives back to a channel what waits on a second way for an address of it that does not refuse
    /// now. Returns how much that was.
    ///
    /// # Errors
    /// When the database fails; nothing comes back then.
    pub async fn bring_back(&self, channel: &str, what: Return, now: DateTime<Utc>) -> Result<u64> {
        let limit = if what == Return::One { 1 } else { TOGETHER };
        let found = sqlx::query(WAITING).bind(channel.to_owned()).bind(ms(now)).bind(limit).fetch_all(&self.read).await;
        let mut ids = Vec::new();
        for row in found.context("store: bring back")? {
            ids.push(row.try_get::<i64, _>("id")?);
        }
        if ids.is_empty() {
            return Ok(0);
        }
        let mut tx = self.begin().await?;
        let back = self.take_back(&mut tx, &ids).await?;
        tx.commit().await.context("store: bring back")?;
        Ok(back)
    }

    async fn take_back(&self, tx: &mut Transaction<'static, Any>, ids: &[i64]) -> Result<u64> {
        let text = self.pick(
            "DELETE FROM deliveries WHERE state = 'due' AND id IN (SELECT value FROM json_each($1)) RETURNING entry, address, origin",
            "DELETE FROM deliveries WHERE state = 'due' \
             AND id = ANY (ARRAY(SELECT CAST(v AS BIGINT) FROM json_array_elements_text($1::json) v)) RETURNING entry, address, origin",
        );
        let rows = sqlx::query(text).bind(serde_json::to_string(ids)?).fetch_all(&mut **tx).await.context("store: bring back")?;
        let (mut back, mut touched) = (0, Vec::new());
        for row in &rows {
            let origin: String = row.try_get("origin")?;
            let done = sqlx::query("UPDATE deliveries SET state = 'due' WHERE entry = $1 AND address = $2 AND state = 'diverted'")
                .bind(row.try_get::<i64, _>("entry")?)
                .bind(origin.clone())
                .execute(&mut **tx)
                .await
                .context("store: bring back")?;
            back += done.rows_affected();
            touched.extend([origin, row.try_get("address")?]);
        }
        reckon(tx, Whose::These(self.engine, &touched)).await?;
        Ok(back)
    }
}

/// One subscription's second way, as the statement reads it.
#[derive(Serialize)]
struct Way {
    feed: String,
    address: String,
    fallback: Option<String>,
}

/// A delivery that is to go by another second way, or by none.
#[derive(Serialize)]
struct Follows {
    id: i64,
    fallback: Option<String>,
}

impl Store {
    /// What is owed already follows a second way that the config names only now, or no longer.
    pub(super) async fn follow_second_ways(&self, catalog: &Catalog) -> Result<()> {
        let found = self.pick(
            "SELECT d.id, j.value ->> 'fallback' AS fallback FROM json_each($1) j JOIN deliveries d ON d.address = j.value ->> 'address' \
             WHERE d.state = 'due' AND d.feed = j.value ->> 'feed' AND d.origin IS NULL AND d.fallback IS DISTINCT FROM (j.value ->> 'fallback')",
            "SELECT d.id, j.fallback FROM json_to_recordset($1::json) AS j(feed TEXT, address TEXT, fallback TEXT) JOIN deliveries d ON d.address = j.address \
             WHERE d.state = 'due' AND d.feed = j.feed AND d.origin IS NULL AND d.fallback IS DISTINCT FROM j.fallback",
        );
        let changed = self.pick(
            "UPDATE deliveries SET fallback = j.value ->> 'fallback' FROM json_each($1) j WHERE deliveries.id = j.value ->> 'id' AND deliveries.state = 'due'",
            "UPDATE deliveries SET fallback = j.fallback FROM json_to_recordset($1::json) AS j(id BIGINT, fallback TEXT) \
             WHERE deliveries.id = j.id AND deliveries.state = 'due'",
        );
        let way = |s: &Subscription| Way {
            feed: s.feed.to_string(),
            address: s.to.to_string(),
            fallback: s.fallback.as_ref().map(ToString::to_string),
        };
        let ways: Vec<Way> = catalog.subscriptions.iter().map(|(subscription, _)| way(subscription)).collect();
        let rows = sqlx::query(found).bind(serde_json::to_string(&ways)?).fetch_all(&self.read).await.context("store: second ways")?;
        let follows = |row: &AnyRow| Ok(Follows { id: row.try_get("id")?, fallback: row.try_get("fallback")? });
        let all = rows.iter().map(follows).collect::<Result<Vec<_>>>()?;
        for some in all.chunks(pieces::TOGETHER) {
            sqlx::query(changed).bind(serde_json::to_string(some)?).execute(&self.write).await.context("store: second ways")?;
            pieces::breathe().await;
        }
        Ok(())
    }
}
