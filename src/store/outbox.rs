//! What is owed: which deliveries may leave now, and what the doors show of the rest.

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::entries::{Stored, select_entries, slug, stored};
use super::{Engine, Store, at, ms};
use crate::entry::Slug;
use crate::outbox::{KnownIds, MessageId};
use crate::subscription::Address;

/// What one address gets now: one entry, or all that a digest carries.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Where it goes.
    pub to: Address,
    /// The feed it is owed by.
    pub feed: Slug,
    /// All in one list.
    pub digest: bool,
    /// Without a sound.
    pub silent: bool,
    /// What is owed, oldest first; never empty.
    pub deliveries: Vec<Claimed>,
    /// The answer to the last try was lost: ask before sending.
    pub in_doubt: bool,
    /// Proof that the claim is ours.
    pub lease: String,
    /// What was surely sent to this address before, for settling a doubt.
    pub known: KnownIds,
    /// How often in a row the address refused us.
    pub refusals: u32,
}

/// One delivery in a batch.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Its number.
    pub id: i64,
    /// The entry.
    pub entry: Stored,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// How often its answer was lost.
    pub doubts: u32,
    /// Since when it is owed.
    pub owed_since: DateTime<Utc>,
    /// Messages of it that are out.
    pub sent: Vec<MessageId>,
}

/// How many deliveries stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// To be sent, now or later.
    pub due: i64,
    /// Under way, or in doubt.
    pub doubt: i64,
    /// Given up.
    pub dead: i64,
}

impl Store {
    /// Frees what a dead process held: for a SQLite daemon at its start, when nobody else can
    /// hold anything. What was being sent is in doubt.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn recover(&self, now: DateTime<Utc>) -> Result<()> {
        if self.engine == Engine::Postgres {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        for text in ["UPDATE sources SET lease = NULL, leased_until = 0", "UPDATE addresses SET lease = NULL, leased_until = 0"] {
            sqlx::query(text).execute(&mut *tx).await.context("store: recover")?;
        }
        sqlx::query("UPDATE deliveries SET state = 'doubt', doubts = doubts + 1, due = $1, lease = NULL WHERE state = 'sending'")
            .bind(ms(now))
            .execute(&mut *tx)
            .await
            .context("store: recover")?;
        tx.commit().await.context("store: recover")
    }

    /// Takes what may leave now on one channel, for at most `limit` addresses, oldest first: one
    /// batch per address, and none for an address with something under way. Committed as
    /// `sending` before this returns.
    ///
    /// # Errors
    /// When the database fails; nothing is claimed then.
    pub async fn claim_deliveries(&self, channel: &str, now: DateTime<Utc>, lease: chrono::TimeDelta, limit: usize) -> Result<Vec<Batch>> {
        if !self.something_due(channel, now).await? {
            return Ok(Vec::new());
        }
        let claim = Claim { id: uuid::Uuid::new_v4().to_string(), now, until: now + lease };
        let mut tx = self.begin().await?;
        claim.expire(&mut tx, channel).await?;
        let mut batches = Vec::new();
        for row in claim.heads(&mut tx, channel, limit).await? {
            if claim.lease_address(&mut tx, &row).await? {
                batches.extend(claim.batch(&mut tx, &row).await?);
            }
        }
        tx.commit().await.context("store: claim deliveries")?;
        Ok(batches)
    }

    /// A cheap look before the write lock is taken.
    async fn something_due(&self, channel: &str, now: DateTime<Utc>) -> Result<bool> {
        let text = "SELECT CAST(1 AS BIGINT) FROM deliveries WHERE channel = $1 AND state = 'due' AND due <= $2 \
             UNION ALL SELECT CAST(1 AS BIGINT) FROM deliveries WHERE channel = $1 AND state = 'doubt' AND due <= $2 \
             UNION ALL SELECT CAST(1 AS BIGINT) FROM deliveries WHERE channel = $1 AND state = 'sending' AND leased_until <= $2 LIMIT 1";
        let found: Option<i64> =
            sqlx::query_scalar(text).bind(channel.to_owned()).bind(ms(now)).fetch_optional(&self.read).await.context("store: due")?;
        Ok(found.is_some())
    }

    /// When the next delivery of a channel may be due; `None` when nothing is owed on it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_delivery(&self, channel: &str) -> Result<Option<DateTime<Utc>>> {
        let next: Option<i64> = sqlx::query_scalar(
            "SELECT MIN(CASE WHEN d.due >= a.ready AND d.due >= a.leased_until THEN d.due WHEN a.ready >= a.leased_until THEN a.ready ELSE a.leased_until END) \
             FROM deliveries d JOIN addresses a ON a.address = d.address WHERE d.channel = $1 AND (d.state = 'doubt' OR (d.state = 'due' \
             AND NOT EXISTS (SELECT 1 FROM deliveries x WHERE x.address = d.address AND x.state = 'doubt')))",
        )
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

    /// How many deliveries stand where.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tally(&self) -> Result<Tally> {
        let row = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM deliveries WHERE state = 'due') AS due, \
             (SELECT COUNT(*) FROM deliveries WHERE state IN ('sending', 'doubt')) AS doubt, \
             (SELECT COUNT(*) FROM deliveries WHERE state = 'dead') AS dead",
        )
        .fetch_one(&self.read)
        .await
        .context("store: tally")?;
        Ok(Tally { due: row.try_get("due")?, doubt: row.try_get("doubt")?, dead: row.try_get("dead")? })
    }
}

/// The first of what is owed to an address.
struct Head {
    id: i64,
    address: String,
    feed: String,
    digest: bool,
    silent: bool,
    in_doubt: bool,
    refusals: u32,
}

struct Claim {
    id: String,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
}

impl Claim {
    /// What a stopped or dead process left under way is in doubt.
    async fn expire(&self, tx: &mut Transaction<'static, Any>, channel: &str) -> Result<()> {
        sqlx::query("UPDATE deliveries SET state = 'doubt', doubts = doubts + 1, due = $1, lease = NULL WHERE channel = $2 AND state = 'sending' AND leased_until <= $1")
            .bind(ms(self.now))
            .bind(channel.to_owned())
            .execute(&mut **tx)
            .await
            .context("store: claim deliveries")?;
        Ok(())
    }

    /// Doubts first, then the oldest due delivery of each address that is ready and has no doubt.
    async fn heads(&self, tx: &mut Transaction<'static, Any>, channel: &str, limit: usize) -> Result<Vec<Head>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let doubts = "SELECT d.id, d.address, d.feed, d.digest, d.silent, a.refusals, CAST(1 AS BIGINT) AS in_doubt FROM deliveries d JOIN addresses a ON a.address = d.address \
             WHERE d.channel = $1 AND d.state = 'doubt' AND d.due <= $2 AND a.ready <= $2 AND a.leased_until <= $2 ORDER BY d.id LIMIT $3";
        let oldest = "SELECT d.id, d.address, d.feed, d.digest, d.silent, a.refusals, CAST(0 AS BIGINT) AS in_doubt FROM deliveries d JOIN addresses a ON a.address = d.address \
             WHERE d.channel = $1 AND d.state = 'due' AND d.due <= $2 AND a.ready <= $2 AND a.leased_until <= $2 \
             AND NOT EXISTS (SELECT 1 FROM deliveries x WHERE x.address = d.address AND x.state = 'doubt') \
             AND NOT EXISTS (SELECT 1 FROM deliveries o WHERE o.address = d.address AND o.state = 'due' AND (o.due <= $2 OR o.attempt > 0) AND o.id < d.id) \
             ORDER BY d.due, d.id LIMIT $3";
        let mut heads = Vec::new();
        for text in [doubts, oldest] {
            let rows = sqlx::query(text)
                .bind(channel.to_owned())
                .bind(ms(self.now))
                .bind(limit)
                .fetch_all(&mut **tx)
                .await
                .context("store: claim deliveries")?;
            for row in &rows {
                heads.push(head(row)?);
            }
        }
        heads.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(heads)
    }

    /// Only one claimer may have an address; on PostgreSQL the second waits here and finds it taken.
    async fn lease_address(&self, tx: &mut Transaction<'static, Any>, head: &Head) -> Result<bool> {
        let done = sqlx::query("UPDATE addresses SET lease = $1, leased_until = $2 WHERE address = $3 AND leased_until <= $4")
            .bind(self.id.clone())
            .bind(ms(self.until))
            .bind(head.address.clone())
            .bind(ms(self.now))
            .execute(&mut **tx)
            .await
            .context("store: claim deliveries")?;
        Ok(done.rows_affected() == 1)
    }

    async fn batch(&self, tx: &mut Transaction<'static, Any>, head: &Head) -> Result<Option<Batch>> {
        let ids = if head.digest { self.digest_ids(tx, head).await? } else { vec![head.id] };
        for id in &ids {
            sqlx::query(
                "UPDATE deliveries SET lease = $1, leased_until = $2, attempt = attempt + CASE WHEN state = 'due' THEN 1 ELSE 0 END, \
                 state = CASE WHEN state = 'due' THEN 'sending' ELSE state END WHERE id = $3 AND state IN ('due', 'doubt')",
            )
            .bind(self.id.clone())
            .bind(ms(self.until))
            .bind(*id)
            .execute(&mut **tx)
            .await
            .context("store: claim deliveries")?;
        }
        let text = select_entries!(
            ", d.id AS delivery, d.attempt, d.doubts, d.owed_since, d.message_ids FROM deliveries d JOIN entries e ON e.id = d.entry WHERE d.id = $1 AND d.lease = $2"
        );
        let mut deliveries = Vec::with_capacity(ids.len());
        for id in ids {
            if let Some(row) =
                sqlx::query(text).bind(id).bind(self.id.clone()).fetch_optional(&mut **tx).await.context("store: claim deliveries")?
            {
                deliveries.push(claimed(&row)?);
            }
        }
        if deliveries.is_empty() {
            return Ok(None);
        }
        let known = if head.in_doubt { known(tx, &head.address).await? } else { Vec::new() };
        let to = address(&head.address)?;
        Ok(Some(Batch {
            to,
            feed: slug(&head.feed)?,
            digest: head.digest,
            silent: head.silent,
            deliveries,
            in_doubt: head.in_doubt,
            lease: self.id.clone(),
            known,
            refusals: head.refusals,
        }))
    }

    /// Everything that the same digest carries. A doubt is about what was sent then, so it stays what it was.
    async fn digest_ids(&self, tx: &mut Transaction<'static, Any>, head: &Head) -> Result<Vec<i64>> {
        let rows = sqlx::query(
            "SELECT d.id FROM deliveries d JOIN entries e ON e.id = d.entry WHERE d.address = $1 AND d.feed = $2 AND d.digest = 1 \
             AND d.due <= $3 AND d.state = $4 ORDER BY e.sorted, d.id LIMIT 100",
        )
        .bind(head.address.clone())
        .bind(head.feed.clone())
        .bind(ms(self.now))
        .bind(if head.in_doubt { "doubt" } else { "due" }.to_owned())
        .fetch_all(&mut **tx)
        .await
        .context("store: claim deliveries")?;
        rows.iter().map(|r| Ok(r.try_get("id")?)).collect()
    }
}

fn head(row: &AnyRow) -> Result<Head> {
    Ok(Head {
        id: row.try_get("id")?,
        address: row.try_get("address")?,
        feed: row.try_get("feed")?,
        digest: row.try_get::<i64, _>("digest")? == 1,
        silent: row.try_get::<i64, _>("silent")? == 1,
        in_doubt: row.try_get::<i64, _>("in_doubt")? == 1,
        refusals: u32::try_from(row.try_get::<i64, _>("refusals")?).unwrap_or(u32::MAX),
    })
}

fn claimed(row: &AnyRow) -> Result<Claimed> {
    let count = |name: &str| -> Result<u32> { Ok(u32::try_from(row.try_get::<i64, _>(name)?).unwrap_or(u32::MAX)) };
    Ok(Claimed {
        id: row.try_get("delivery")?,
        entry: stored(row)?,
        attempt: count("attempt")?,
        doubts: count("doubts")?,
        owed_since: at(row.try_get("owed_since")?),
        sent: serde_json::from_str(&row.try_get::<String, _>("message_ids")?)?,
    })
}

async fn known(tx: &mut Transaction<'static, Any>, address: &str) -> Result<KnownIds> {
    let rows = sqlx::query("SELECT message_ids FROM deliveries WHERE address = $1 AND state = 'sent' ORDER BY id DESC LIMIT 20")
        .bind(address.to_owned())
        .fetch_all(&mut **tx)
        .await
        .context("store: known ids")?;
    let mut ids = Vec::new();
    for row in rows.iter().rev() {
        ids.extend(serde_json::from_str::<Vec<MessageId>>(&row.try_get::<String, _>("message_ids")?)?);
    }
    Ok(ids)
}

pub(super) fn address(written: &str) -> Result<Address> {
    Address::parse(written).with_context(|| format!("store: not an address: {written}"))
}
