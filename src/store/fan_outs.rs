//! An entry for very many: its fan-out commits with it, and the deliveries follow in short
//! transactions. A killed process goes on where it was.

use std::collections::HashMap;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sqlx::{Any, Row as _, Transaction};

use super::entries::{Stored, select_entries, stored};
use super::owe::{self, Row, TOGETHER};
use super::subscriptions::subscription;
use super::{Poll, Store, ms};
use crate::entry::Entry;
use crate::outbox::fan_out;
use crate::subscription::Subscription;

/// One fan-out under way.
struct FanOut {
    id: i64,
    entry: i64,
    feed: String,
    after: i64,
    until: i64,
}

/// Begins the fan-outs of new entries, in the order of the news.
pub(super) async fn begin(tx: &mut Transaction<'static, Any>, poll: &Poll<'_>, new: &[Entry]) -> Result<()> {
    for feed in poll.feeds {
        for entry in new.iter().rev() {
            sqlx::query(
                "INSERT INTO fan_outs (entry, feed, until, since) \
                 SELECT e.id, $1, (SELECT MAX(s.id) FROM subscriptions s WHERE s.feed = $1), $2 FROM entries e WHERE e.source = $3 AND e.guid = $4 \
                 AND EXISTS (SELECT 1 FROM subscriptions s WHERE s.feed = $1) ON CONFLICT DO NOTHING",
            )
            .bind(feed.as_str().to_owned())
            .bind(ms(poll.now))
            .bind(poll.due.source.as_str().to_owned())
            .bind(entry.guid.as_str().to_owned())
            .execute(&mut **tx)
            .await
            .context("store: fan out")?;
        }
    }
    Ok(())
}

impl Store {
    /// Writes the next deliveries of one fan-out, at most some hundred, in a transaction of its
    /// own: feeds take turns, and the entries of one feed follow each other. Returns how many
    /// subscriptions were looked at; `None` when no fan-out is under way.
    ///
    /// # Errors
    /// When the database fails; nothing is written then.
    pub async fn fan_out_some(&self, zone: Tz, now: DateTime<Utc>) -> Result<Option<usize>> {
        let begun: Option<i64> =
            sqlx::query_scalar("SELECT id FROM fan_outs LIMIT 1").fetch_optional(&self.read).await.context("store: fan out")?;
        if begun.is_none() {
            return Ok(None);
        }
        let mut tx = self.begin().await?;
        let Some(next) = self.next_fan_out(&mut tx).await? else { return Ok(None) };
        let (some, last) = some(&mut tx, &next, zone).await?;
        if let Some(entry) = entry(&mut tx, next.entry).await?.filter(|entry| !entry.withdrawn) {
            self.owe_some(&mut tx, &entry, &some, now).await?;
        }
        advance(&mut tx, &next, last, some.len()).await?;
        tx.commit().await.context("store: fan out")?;
        Ok(Some(some.len()))
    }

    /// Of each feed the oldest, and of these the one that had the fewest turns. On PostgreSQL one
    /// that another process is at is left to it.
    async fn next_fan_out(&self, tx: &mut Transaction<'static, Any>) -> Result<Option<FanOut>> {
        let text = self.pick(
            "SELECT f.id, f.entry, f.feed, f.after, f.until FROM fan_outs f \
             WHERE f.id = (SELECT MIN(x.id) FROM fan_outs x WHERE x.feed = f.feed) ORDER BY f.turns, f.id LIMIT 1",
            "SELECT f.id, f.entry, f.feed, f.after, f.until FROM fan_outs f \
             WHERE f.id = (SELECT MIN(x.id) FROM fan_outs x WHERE x.feed = f.feed) ORDER BY f.turns, f.id LIMIT 1 FOR UPDATE SKIP LOCKED",
        );
        let row = sqlx::query(text).fetch_optional(&mut **tx).await.context("store: fan out")?;
        row.map(|row| {
            Ok(FanOut {
                id: row.try_get("id")?,
                entry: row.try_get("entry")?,
                feed: row.try_get("feed")?,
                after: row.try_get("after")?,
                until: row.try_get("until")?,
            })
        })
        .transpose()
    }

    async fn owe_some(&self, tx: &mut Transaction<'static, Any>, entry: &Stored, some: &[Subscription], now: DateTime<Utc>) -> Result<()> {
        let pairs: Vec<(Subscription, bool)> = some.iter().map(|s| (s.clone(), false)).collect();
        let owed = fan_out(&pairs, std::slice::from_ref(&entry.entry), false, now);
        let moves = if owed.is_empty() { HashMap::new() } else { owe::moves(tx).await? };
        let row = |(n, owed): (usize, crate::outbox::Owed)| Some(Row::new(n, some.get(owed.subscription)?, owed, &moves).for_many());
        let rows: Vec<Row<'_>> = owed.into_iter().enumerate().filter_map(row).collect();
        owe::owe(tx, self.engine, &entry.source, &rows, now).await
    }
}

/// The next subscriptions, and the number of the last; `None` where there are no more.
async fn some(tx: &mut Transaction<'static, Any>, next: &FanOut, zone: Tz) -> Result<(Vec<Subscription>, Option<i64>)> {
    let rows = sqlx::query(
        "SELECT id, feed, address, welcome, schedule, digest, quiet, filter, silent, fallback, burst FROM subscriptions \
         WHERE feed = $1 AND id > $2 AND id <= $3 ORDER BY id LIMIT $4",
    )
    .bind(next.feed.clone())
    .bind(next.after)
    .bind(next.until)
    .bind(i64::try_from(TOGETHER).unwrap_or(i64::MAX))
    .fetch_all(&mut **tx)
    .await
    .context("store: fan out")?;
    let last = rows.last().filter(|_| rows.len() == TOGETHER).map(|row| row.try_get("id")).transpose()?;
    Ok((rows.iter().map(|row| subscription(row, zone)).collect::<Result<_>>()?, last))
}

async fn entry(tx: &mut Transaction<'static, Any>, id: i64) -> Result<Option<Stored>> {
    let row = sqlx::query(select_entries!("FROM entries e WHERE e.id = $1")).bind(id).fetch_optional(&mut **tx).await;
    row.context("store: fan out")?.as_ref().map(stored).transpose()
}

async fn advance(tx: &mut Transaction<'static, Any>, of: &FanOut, last: Option<i64>, looked_at: usize) -> Result<()> {
    let done = match last.filter(|last| *last < of.until && looked_at > 0) {
        Some(last) => sqlx::query("UPDATE fan_outs SET after = $1, turns = turns + 1 WHERE id = $2").bind(last).bind(of.id),
        None => sqlx::query("DELETE FROM fan_outs WHERE id = $1").bind(of.id),
    };
    done.execute(&mut **tx).await.context("store: fan out")?;
    Ok(())
}
