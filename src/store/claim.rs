//! Claiming: what may leave now, one batch for each address, committed as `sending` before
//! anything leaves. All addresses of a claim share its statements.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::amends::corrected;
use super::batch::{Batch, Claimed};
use super::entries::{Stored, select_entries, slug, stored};
use super::outbox::address;
use super::owe::URGENT;
use super::turns::{Whose, reckon};
use super::{Engine, Store, at, ms};
use crate::entry::Slug;
use crate::outbox::{KnownIds, MessageId};
use crate::phrases;

/// The most that one digest carries.
const DIGEST: usize = 100;

impl Store {
    /// Takes what may leave now on one channel, for at most `limit` addresses: one batch per
    /// address, the urgent first, then those whose turn came first, and none for an address with
    /// something under way. Committed as `sending` before this returns.
    ///
    /// # Errors
    /// When the database fails; nothing is claimed then.
    pub async fn claim_deliveries(&self, channel: &str, now: DateTime<Utc>, lease: chrono::TimeDelta, limit: usize) -> Result<Vec<Batch>> {
        self.claim_ranks(channel, now, lease, limit, 2).await
    }

    /// As [`Store::claim_deliveries`], but only for addresses that something urgent is owed to.
    ///
    /// # Errors
    /// When the database fails; nothing is claimed then.
    pub async fn claim_urgent(&self, channel: &str, now: DateTime<Utc>, lease: chrono::TimeDelta, limit: usize) -> Result<Vec<Batch>> {
        self.claim_ranks(channel, now, lease, limit, 0).await
    }

    /// Up to the rank `last`.
    async fn claim_ranks(
        &self,
        channel: &str,
        now: DateTime<Utc>,
        lease: chrono::TimeDelta,
        limit: usize,
        last: i64,
    ) -> Result<Vec<Batch>> {
        if !self.is_anyones_turn(channel, now).await? {
            return Ok(Vec::new());
        }
        let mut tx = self.begin().await?;
        let id = uuid::Uuid::new_v4().to_string();
        let mut claim = Claim { tx: &mut tx, engine: self.engine, channel, id, now, until: now + lease };
        claim.expire().await?;
        let turns = claim.turns(limit, last).await?;
        let batches = claim.take(turns).await?;
        tx.commit().await.context(CLAIM)?;
        Ok(batches)
    }

    /// A cheap look before the write lock is taken.
    async fn is_anyones_turn(&self, channel: &str, now: DateTime<Utc>) -> Result<bool> {
        let text = "SELECT CAST(1 AS BIGINT) FROM addresses WHERE channel = $1 AND at <= $2 LIMIT 1";
        let found: Option<i64> =
            sqlx::query_scalar(text).bind(channel.to_owned()).bind(ms(now)).fetch_optional(&self.read).await.context(CLAIM)?;
        Ok(found.is_some())
    }
}

pub(super) const CLAIM: &str = "store: claim deliveries";

/// An address whose turn it is, and what is done for it.
struct Turn {
    address: String,
    refusals: u32,
    /// Its oldest doubt; nothing else leaves before that is settled.
    doubt: Option<i64>,
    /// Else its first urgent delivery, or its oldest.
    head: Option<i64>,
}

/// A delivery as a claim reads it.
pub(super) struct Open {
    pub(super) id: i64,
    pub(super) address: String,
    pub(super) feed: String,
    pub(super) digest: bool,
    silent: bool,
    urgent: bool,
    pub(super) burst: i64,
    due: i64,
    pub(super) in_doubt: bool,
    withdrawn: bool,
    quiet: Option<String>,
}

pub(super) struct Claim<'a> {
    pub(super) tx: &'a mut Transaction<'static, Any>,
    engine: Engine,
    channel: &'a str,
    id: String,
    pub(super) now: DateTime<Utc>,
    until: DateTime<Utc>,
}

/// What is done for each address whose turn it is, of one rank.
macro_rules! turns {
    ($lock:literal) => {
        concat!(
            "SELECT a.address, a.refusals, \
             (SELECT MIN(d.id) FROM deliveries d WHERE d.address = a.address AND d.state = 'doubt') AS doubt, \
             COALESCE((SELECT MIN(d.id) FROM deliveries d WHERE d.address = a.address AND d.state = 'due' AND d.rank = 0), \
               (SELECT d.id FROM deliveries d WHERE d.address = a.address AND d.state = 'due' AND (d.due <= $2 OR d.attempt > 0) \
                ORDER BY d.id LIMIT 1)) AS head \
             FROM addresses a WHERE a.channel = $1 AND a.rank = $3 AND a.at <= $2 ORDER BY a.at, a.address LIMIT $4",
            $lock
        )
    };
}

impl Claim<'_> {
    pub(super) fn pick(&self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        self.engine.pick(sqlite, postgres)
    }

    /// What a stopped or dead process left under way is in doubt.
    async fn expire(&mut self) -> Result<()> {
        sqlx::query("UPDATE deliveries SET state = 'doubt', doubts = doubts + 1, due = $1, lease = NULL WHERE channel = $2 AND state = 'sending' AND leased_until <= $1")
            .bind(ms(self.now))
            .bind(self.channel.to_owned())
            .execute(&mut **self.tx)
            .await
            .context(CLAIM)?;
        Ok(())
    }

    /// Whose turn it is. On PostgreSQL what another claimer looks at is left to it.
    async fn turns(&mut self, limit: usize, last: i64) -> Result<Vec<Turn>> {
        let text = self.pick(turns!(""), turns!(" FOR UPDATE OF a SKIP LOCKED"));
        let mut turns = Vec::new();
        for rank in 0..=last {
            let room = limit - turns.len();
            if room == 0 {
                break;
            }
            let rows = sqlx::query(text)
                .bind(self.channel.to_owned())
                .bind(ms(self.now))
                .bind(rank)
                .bind(i64::try_from(room).unwrap_or(i64::MAX))
                .fetch_all(&mut **self.tx)
                .await
                .context(CLAIM)?;
            for row in &rows {
                turns.push(turn(row)?);
            }
        }
        Ok(turns)
    }

    async fn take(&mut self, turns: Vec<Turn>) -> Result<Vec<Batch>> {
        let heads: Vec<i64> = turns.iter().filter_map(|turn| turn.doubt.or(turn.head)).collect();
        let (gone, open): (Vec<Open>, Vec<Open>) = self.open(&heads).await?.into_iter().partition(|one| one.withdrawn);
        self.drop(&gone).await?;
        let mut open: HashMap<String, Open> = open.into_iter().map(|one| (one.address.clone(), one)).collect();
        self.gather(&mut open).await?;
        let (mut ids, mut carried, now) = (Vec::new(), HashMap::new(), ms(self.now));
        for one in open.values().filter(|one| one.due <= now) {
            let of = if one.digest { self.digest_ids(one).await? } else { vec![one.id] };
            ids.extend_from_slice(&of);
            carried.insert(one.address.clone(), of);
        }
        self.lease(&carried.keys().cloned().collect::<Vec<_>>()).await?;
        for turn in turns.iter().filter(|turn| !carried.contains_key(&turn.address)) {
            self.put_off(turn, open.get(&turn.address)).await?;
        }
        let mut claimed = self.mark(&ids).await?;
        let mut batches = Vec::with_capacity(carried.len());
        for turn in turns {
            let (Some(head), Some(of)) = (open.get(&turn.address), carried.get(&turn.address)) else { continue };
            let deliveries: Vec<Claimed> = of.iter().filter_map(|id| claimed.remove(id)).collect();
            if !deliveries.is_empty() {
                batches.push(self.batch(&turn, head, deliveries).await?);
            }
        }
        Ok(batches)
    }

    /// What its site took back is sent to nobody; the next of its address has its turn at the next claim.
    async fn drop(&mut self, gone: &[Open]) -> Result<()> {
        if gone.is_empty() {
            return Ok(());
        }
        let text = self.pick(
            "UPDATE deliveries SET state = 'dropped', settled = $1, cause = $2 WHERE id IN (SELECT value FROM json_each($3))",
            "UPDATE deliveries SET state = 'dropped', settled = $1, cause = $2 WHERE id = ANY (ARRAY(SELECT CAST(v AS BIGINT) FROM json_array_elements_text($3::json) v))",
        );
        let ids: Vec<i64> = gone.iter().map(|one| one.id).collect();
        let dropped = sqlx::query(text).bind(ms(self.now)).bind(phrases::delivery_withdrawn()).bind(serde_json::to_string(&ids)?);
        dropped.execute(&mut **self.tx).await.context(CLAIM)?;
        Ok(())
    }

    /// An address whose first delivery waits after all; what came later must not overtake it.
    async fn put_off(&mut self, turn: &Turn, head: Option<&Open>) -> Result<()> {
        let Some(head) = head else {
            return reckon(self.tx, Whose::One(&turn.address)).await;
        };
        sqlx::query("UPDATE addresses SET at = $1 WHERE address = $2")
            .bind(head.due)
            .bind(turn.address.clone())
            .execute(&mut **self.tx)
            .await
            .context(CLAIM)?;
        Ok(())
    }

    async fn open(&mut self, ids: &[i64]) -> Result<Vec<Open>> {
        let text = self.pick(
            "SELECT d.id, d.address, d.feed, d.digest, d.silent, d.rank, d.burst, d.due, d.state, e.withdrawn, s.quiet FROM deliveries d \
             JOIN entries e ON e.id = d.entry LEFT JOIN subscriptions s ON s.feed = d.feed AND s.address = d.address WHERE d.id IN (SELECT value FROM json_each($1))",
            "SELECT d.id, d.address, d.feed, d.digest, d.silent, d.rank, d.burst, d.due, d.state, e.withdrawn, s.quiet FROM deliveries d \
             JOIN entries e ON e.id = d.entry LEFT JOIN subscriptions s ON s.feed = d.feed AND s.address = d.address WHERE d.id = ANY (ARRAY(SELECT CAST(v AS BIGINT) FROM json_array_elements_text($1::json) v))",
        );
        let rows = sqlx::query(text).bind(serde_json::to_string(ids)?).fetch_all(&mut **self.tx).await.context(CLAIM)?;
        rows.iter().map(open).collect()
    }

    /// Everything that the same digest carries. A doubt is about what was sent then, so it stays what it was.
    async fn digest_ids(&mut self, head: &Open) -> Result<Vec<i64>> {
        let rows = sqlx::query(
            "SELECT d.id FROM deliveries d JOIN entries e ON e.id = d.entry WHERE d.address = $1 AND d.feed = $2 AND d.digest = 1 \
             AND d.due <= $3 AND d.state = $4 AND e.withdrawn IS NULL ORDER BY e.sorted, d.id LIMIT $5",
        )
        .bind(head.address.clone())
        .bind(head.feed.clone())
        .bind(ms(self.now))
        .bind(if head.in_doubt { "doubt" } else { "due" }.to_owned())
        .bind(i64::try_from(DIGEST).unwrap_or(i64::MAX))
        .fetch_all(&mut **self.tx)
        .await
        .context(CLAIM)?;
        rows.iter().map(|r| Ok(r.try_get("id")?)).collect()
    }

    async fn lease(&mut self, addresses: &[String]) -> Result<()> {
        let text = self.pick(
            "UPDATE addresses SET lease = $1, leased_until = $2, at = $2 WHERE address IN (SELECT value FROM json_each($3))",
            "UPDATE addresses SET lease = $1, leased_until = $2, at = $2 WHERE address = ANY (ARRAY(SELECT json_array_elements_text($3::json)))",
        );
        sqlx::query(text)
            .bind(self.id.clone())
            .bind(ms(self.until))
            .bind(serde_json::to_string(addresses)?)
            .execute(&mut **self.tx)
            .await
            .context(CLAIM)?;
        Ok(())
    }

    /// Marks deliveries as being sent (a doubt stays one), and reads them with their entries.
    async fn mark(&mut self, ids: &[i64]) -> Result<HashMap<i64, Claimed>> {
        let text = self.pick(
            "UPDATE deliveries SET lease = $1, leased_until = $2, attempt = attempt + CASE WHEN state = 'due' THEN 1 ELSE 0 END, \
             state = CASE WHEN state = 'due' THEN 'sending' ELSE state END, \
             told = CASE WHEN state = 'due' AND message_ids = '[]' THEN (SELECT e.revision FROM entries e WHERE e.id = deliveries.entry) ELSE told END \
             WHERE id IN (SELECT value FROM json_each($3)) AND state IN ('due', 'doubt') RETURNING id, entry, attempt, doubts, owed_since, message_ids",
            "UPDATE deliveries SET lease = $1, leased_until = $2, attempt = attempt + CASE WHEN state = 'due' THEN 1 ELSE 0 END, \
             state = CASE WHEN state = 'due' THEN 'sending' ELSE state END, \
             told = CASE WHEN state = 'due' AND message_ids = '[]' THEN (SELECT e.revision FROM entries e WHERE e.id = deliveries.entry) ELSE told END \
             WHERE id = ANY (ARRAY(SELECT CAST(v AS BIGINT) FROM json_array_elements_text($3::json) v)) AND state IN ('due', 'doubt') \
             RETURNING id, entry, attempt, doubts, owed_since, message_ids",
        );
        let rows = sqlx::query(text)
            .bind(self.id.clone())
            .bind(ms(self.until))
            .bind(serde_json::to_string(ids)?)
            .fetch_all(&mut **self.tx)
            .await
            .context(CLAIM)?;
        let mut entries = HashSet::new();
        for row in &rows {
            entries.insert(row.try_get::<i64, _>("entry")?);
        }
        let entries = self.entries(&entries).await?;
        let mut claimed = HashMap::with_capacity(rows.len());
        for row in &rows {
            if let Some(entry) = entries.get(&row.try_get("entry")?) {
                claimed.insert(row.try_get("id")?, delivery(row, entry)?);
            }
        }
        Ok(claimed)
    }

    async fn entries(&mut self, ids: &HashSet<i64>) -> Result<HashMap<i64, Arc<Stored>>> {
        let text = self.pick(
            select_entries!(", e.id AS number FROM entries e WHERE e.id IN (SELECT value FROM json_each($1))"),
            select_entries!(
                ", e.id AS number FROM entries e WHERE e.id = ANY (ARRAY(SELECT CAST(v AS BIGINT) FROM json_array_elements_text($1::json) v))"
            ),
        );
        let rows = sqlx::query(text).bind(serde_json::to_string(ids)?).fetch_all(&mut **self.tx).await.context(CLAIM)?;
        rows.iter().map(|row| Ok((row.try_get("number")?, Arc::new(stored(row)?)))).collect()
    }

    async fn batch(&mut self, turn: &Turn, head: &Open, mut deliveries: Vec<Claimed>) -> Result<Batch> {
        for delivery in &mut deliveries {
            delivery.corrects = corrected(self.tx, &delivery.entry, &turn.address).await?;
        }
        let known = if head.in_doubt { self.known(&turn.address).await? } else { Vec::new() };
        Ok(Batch {
            to: address(&turn.address)?,
            feed: slug(&head.feed)?,
            digest: head.digest,
            silent: head.silent,
            urgent: head.urgent,
            deliveries: if head.digest { by_source(deliveries) } else { deliveries },
            in_doubt: head.in_doubt,
            lease: self.id.clone(),
            known,
            refusals: turn.refusals,
            quiet: head.quiet.clone(),
        })
    }

    async fn known(&mut self, address: &str) -> Result<KnownIds> {
        let rows = sqlx::query("SELECT message_ids FROM deliveries WHERE address = $1 AND state = 'sent' ORDER BY id DESC LIMIT 20")
            .bind(address.to_owned())
            .fetch_all(&mut **self.tx)
            .await
            .context("store: known ids")?;
        // An answer to somebody who wrote is a message of ours as well, and no news.
        let replied: Option<Option<String>> = sqlx::query_scalar("SELECT replied FROM addresses WHERE address = $1")
            .bind(address.to_owned())
            .fetch_optional(&mut **self.tx)
            .await
            .context("store: known ids")?;
        let mut ids: Vec<MessageId> = replied.flatten().into_iter().collect();
        for row in rows.iter().rev() {
            ids.extend(serde_json::from_str::<Vec<MessageId>>(&row.try_get::<String, _>("message_ids")?)?);
        }
        Ok(ids)
    }
}

/// A list names each source once; those whose news is the oldest come first.
fn by_source(mut deliveries: Vec<Claimed>) -> Vec<Claimed> {
    let mut places: HashMap<Slug, usize> = HashMap::new();
    for delivery in &deliveries {
        let next = places.len();
        places.entry(delivery.entry.source.clone()).or_insert(next);
    }
    deliveries.sort_by_key(|delivery| places.get(&delivery.entry.source).copied());
    deliveries
}

fn turn(row: &AnyRow) -> Result<Turn> {
    Ok(Turn {
        address: row.try_get("address")?,
        refusals: u32::try_from(row.try_get::<i64, _>("refusals")?).unwrap_or(u32::MAX),
        doubt: row.try_get("doubt")?,
        head: row.try_get("head")?,
    })
}

fn open(row: &AnyRow) -> Result<Open> {
    Ok(Open {
        id: row.try_get("id")?,
        address: row.try_get("address")?,
        feed: row.try_get("feed")?,
        digest: row.try_get::<i64, _>("digest")? == 1,
        silent: row.try_get::<i64, _>("silent")? == 1,
        urgent: row.try_get::<i64, _>("rank")? == URGENT,
        burst: row.try_get("burst")?,
        due: row.try_get("due")?,
        in_doubt: row.try_get::<String, _>("state")? == "doubt",
        withdrawn: row.try_get::<Option<i64>, _>("withdrawn")?.is_some(),
        quiet: row.try_get("quiet")?,
    })
}

fn delivery(row: &AnyRow, entry: &Arc<Stored>) -> Result<Claimed> {
    let count = |name: &str| -> Result<u32> { Ok(u32::try_from(row.try_get::<i64, _>(name)?).unwrap_or(u32::MAX)) };
    Ok(Claimed {
        id: row.try_get("id")?,
        entry: Arc::clone(entry),
        attempt: count("attempt")?,
        doubts: count("doubts")?,
        owed_since: at(row.try_get("owed_since")?),
        sent: serde_json::from_str(&row.try_get::<String, _>("message_ids")?)?,
        corrects: None,
    })
}
