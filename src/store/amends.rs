//! Messages that are to be changed. A change can be made twice without harm, so it needs no doubt
//! and takes no turn of its address: a lease that runs out is simply claimed again.

use std::sync::Arc;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::amendments::AMENDED_FOR;
use super::entries::{Stored, select_entries, slug, stored};
use super::outbox::address;
use super::{Store, at, ms};
use crate::entry::Slug;
use crate::outbox::MessageId;
use crate::subscription::Address;

/// An address that refuses us is asked about its old messages so much later.
const REFUSED_REST: chrono::TimeDelta = chrono::TimeDelta::hours(1);

/// Messages of one delivery that are to show what its entry says now.
#[derive(Debug, Clone)]
pub struct Amend {
    /// The delivery.
    pub delivery: i64,
    /// Where they stand.
    pub to: Address,
    /// The feed that it was owed by.
    pub feed: Slug,
    /// They are one list of several entries.
    pub digest: bool,
    /// They are urgent.
    pub urgent: bool,
    /// The entries that they carry, the oldest first.
    pub entries: Vec<Arc<Stored>>,
    /// Their ids.
    pub sent: Vec<MessageId>,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// The revision that they show afterwards.
    pub revision: i64,
    /// Proof that the claim is ours.
    pub lease: String,
}

/// What became of a try to change messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amended {
    /// They show it, or never will.
    Done,
    /// To be tried again.
    Later {
        /// When.
        due: DateTime<Utc>,
        /// Whether the try counts (not when the whole channel is down).
        counts: bool,
    },
}

struct Open {
    delivery: i64,
    entry: i64,
    attempt: i64,
    address: String,
    feed: String,
    digest: bool,
    urgent: bool,
    ids: String,
    settled: i64,
    ready: i64,
    refusals: i64,
}

impl Store {
    /// Takes at most `limit` deliveries of a channel whose messages are to be changed.
    ///
    /// # Errors
    /// When the database fails; nothing is claimed then.
    pub async fn claim_amends(&self, channel: &str, now: DateTime<Utc>, lease: chrono::TimeDelta, limit: usize) -> Result<Vec<Amend>> {
        if self.next_amend(channel).await?.is_none_or(|due| due > now) {
            return Ok(Vec::new());
        }
        let mut tx = self.begin().await?;
        let id = uuid::Uuid::new_v4().to_string();
        let mut amends = Vec::new();
        for open in self.open_amends(&mut tx, channel, now, limit).await? {
            if open.settled <= ms(now - AMENDED_FOR) {
                forget(&mut tx, &open).await?;
            } else if open.refusals > 0 || open.ready > ms(now) {
                put_off(&mut tx, &open, now).await?;
            } else {
                amends.extend(take(&mut tx, &open, &id, now + lease).await?);
            }
        }
        tx.commit().await.context(AMEND)?;
        Ok(amends)
    }

    /// When messages of a channel may be changed next; `None` when none are to be.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_amend(&self, channel: &str) -> Result<Option<DateTime<Utc>>> {
        let next: Option<i64> = sqlx::query_scalar("SELECT MIN(due) FROM amends WHERE channel = $1")
            .bind(channel.to_owned())
            .fetch_one(&self.read)
            .await
            .context(AMEND)?;
        Ok(next.map(at))
    }

    async fn open_amends(&self, tx: &mut Transaction<'static, Any>, channel: &str, now: DateTime<Utc>, limit: usize) -> Result<Vec<Open>> {
        let text = self.pick(
            "SELECT m.delivery, m.attempt, d.entry, d.address, d.feed, d.digest, d.rank, d.message_ids, d.settled, a.ready, a.refusals FROM amends m \
             JOIN deliveries d ON d.id = m.delivery JOIN addresses a ON a.address = d.address \
             WHERE m.channel = $1 AND m.due <= $2 ORDER BY m.due, m.delivery LIMIT $3",
            "SELECT m.delivery, m.attempt, d.entry, d.address, d.feed, d.digest, d.rank, d.message_ids, d.settled, a.ready, a.refusals FROM amends m \
             JOIN deliveries d ON d.id = m.delivery JOIN addresses a ON a.address = d.address \
             WHERE m.channel = $1 AND m.due <= $2 ORDER BY m.due, m.delivery LIMIT $3 FOR UPDATE OF m SKIP LOCKED",
        );
        let query = sqlx::query(text).bind(channel.to_owned()).bind(ms(now)).bind(i64::try_from(limit).unwrap_or(i64::MAX));
        query.fetch_all(&mut **tx).await.context(AMEND)?.iter().map(open).collect()
    }

    /// Notes what became of it. A change to a newer version that came meanwhile is still to be made.
    ///
    /// # Errors
    /// When the database fails; the caller may leave it, as the lease runs out.
    pub async fn settle_amend(&self, amend: &Amend, amended: Amended, now: DateTime<Utc>) -> Result<()> {
        let mut tx = self.begin().await?;
        let (due, uncounted) = match amended {
            Amended::Done => (now, 0),
            Amended::Later { due, counts } => (due, i64::from(!counts)),
        };
        if amended == Amended::Done {
            sqlx::query("UPDATE deliveries SET told = $1 WHERE id = $2 AND told < $1 AND EXISTS (SELECT 1 FROM amends m WHERE m.delivery = $2 AND m.lease = $3)")
                .bind(amend.revision)
                .bind(amend.delivery)
                .bind(amend.lease.clone())
                .execute(&mut *tx)
                .await
                .context(AMEND)?;
            sqlx::query("DELETE FROM amends WHERE delivery = $1 AND lease = $2 AND revision <= $3")
                .bind(amend.delivery)
                .bind(amend.lease.clone())
                .bind(amend.revision)
                .execute(&mut *tx)
                .await
                .context(AMEND)?;
        }
        sqlx::query("UPDATE amends SET lease = NULL, due = $1, attempt = attempt - $2 WHERE delivery = $3 AND lease = $4")
            .bind(ms(due))
            .bind(uncounted)
            .bind(amend.delivery)
            .bind(amend.lease.clone())
            .execute(&mut *tx)
            .await
            .context(AMEND)?;
        tx.commit().await.context(AMEND)
    }
}

const AMEND: &str = "store: amend";

async fn forget(tx: &mut Transaction<'static, Any>, open: &Open) -> Result<()> {
    sqlx::query("DELETE FROM amends WHERE delivery = $1").bind(open.delivery).execute(&mut **tx).await.context(AMEND)?;
    Ok(())
}

async fn put_off(tx: &mut Transaction<'static, Any>, open: &Open, now: DateTime<Utc>) -> Result<()> {
    let until = if open.refusals > 0 { open.ready.max(ms(now + REFUSED_REST)) } else { open.ready };
    let query = sqlx::query("UPDATE amends SET due = $1, lease = NULL WHERE delivery = $2").bind(until).bind(open.delivery);
    query.execute(&mut **tx).await.context(AMEND)?;
    Ok(())
}

async fn take(tx: &mut Transaction<'static, Any>, open: &Open, lease: &str, until: DateTime<Utc>) -> Result<Option<Amend>> {
    sqlx::query("UPDATE amends SET lease = $1, due = $2, attempt = attempt + 1 WHERE delivery = $3")
        .bind(lease.to_owned())
        .bind(ms(until))
        .bind(open.delivery)
        .execute(&mut **tx)
        .await
        .context(AMEND)?;
    // Entries of one list carry the same ids.
    let rows = sqlx::query(select_entries!(
        ", e.id AS number FROM deliveries d JOIN entries e ON e.id = d.entry \
         WHERE d.address = $1 AND d.state = 'sent' AND (d.id = $2 OR ($3 = 1 AND d.digest = 1 AND d.message_ids = $4)) ORDER BY e.sorted, d.id"
    ))
    .bind(open.address.clone())
    .bind(open.delivery)
    .bind(i64::from(open.digest))
    .bind(open.ids.clone())
    .fetch_all(&mut **tx)
    .await
    .context(AMEND)?;
    let revision =
        rows.iter().find(|row| row.try_get::<i64, _>("number").is_ok_and(|id| id == open.entry)).map(|row| row.try_get("revision"));
    let Some(revision) = revision.transpose()? else { return Ok(None) };
    Ok(Some(Amend {
        delivery: open.delivery,
        to: address(&open.address)?,
        feed: slug(&open.feed)?,
        digest: open.digest,
        urgent: open.urgent,
        entries: rows.iter().map(|row| Ok(Arc::new(stored(row)?))).collect::<Result<_>>()?,
        sent: serde_json::from_str(&open.ids)?,
        attempt: u32::try_from(open.attempt + 1).unwrap_or(u32::MAX),
        revision,
        lease: lease.to_owned(),
    }))
}

fn open(row: &AnyRow) -> Result<Open> {
    Ok(Open {
        delivery: row.try_get("delivery")?,
        entry: row.try_get("entry")?,
        attempt: row.try_get("attempt")?,
        address: row.try_get("address")?,
        feed: row.try_get("feed")?,
        digest: row.try_get::<i64, _>("digest")? == 1,
        urgent: row.try_get::<i64, _>("rank")? == 0,
        ids: row.try_get("message_ids")?,
        settled: row.try_get::<Option<i64>, _>("settled")?.unwrap_or_default(),
        ready: row.try_get("ready")?,
        refusals: row.try_get("refusals")?,
    })
}

/// What a correction is about, as the address that gets it knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corrected {
    /// The source of the article.
    pub source: Slug,
    /// The name of its page.
    pub slug: String,
    /// The first message that it became, to reply to.
    pub first: Option<MessageId>,
}

/// The article that a correction is about; `None` for what is no correction.
pub(super) async fn corrected(tx: &mut Transaction<'static, Any>, letter: &Stored, address: &str) -> Result<Option<Corrected>> {
    if letter.source != Slug::corrections() {
        return Ok(None);
    }
    let row = sqlx::query(
        "SELECT e.source, e.slug, d.message_ids FROM entries c JOIN entries e ON e.id = c.corrects \
         LEFT JOIN deliveries d ON d.entry = e.id AND d.address = $1 WHERE c.source = $2 AND c.guid = $3",
    )
    .bind(address.to_owned())
    .bind(letter.source.as_str().to_owned())
    .bind(letter.entry.guid.as_str().to_owned())
    .fetch_optional(&mut **tx)
    .await
    .context("store: correction")?;
    row.map(|row| {
        let ids: Vec<MessageId> = serde_json::from_str(row.try_get::<Option<String>, _>("message_ids")?.as_deref().unwrap_or("[]"))?;
        Ok(Corrected { source: slug(&row.try_get::<String, _>("source")?)?, slug: row.try_get("slug")?, first: ids.into_iter().next() })
    })
    .transpose()
}
