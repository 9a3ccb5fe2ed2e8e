//! An entry for very many: its fan-out commits with it, and the deliveries follow in short
//! transactions. A killed process goes on where it was.

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sqlx::any::AnyRow;
use sqlx::{Any, AnyConnection, Row as _, Transaction};

use super::entries::{Stored, select_entries, stored};
use super::owe::{self, Row, TOGETHER};
use super::subscriptions::subscription;
use super::{Poll, Store, ms};
use crate::entry::Entry;
use crate::outbox::{Owed, fan_out};
use crate::subscription::Subscription;

/// Fan-outs that are tried for: on PostgreSQL another process may be at some of them.
const HEADS: i64 = 8;

/// One fan-out under way.
#[derive(Debug, Clone, PartialEq, Eq)]
struct FanOut {
    id: i64,
    entry: i64,
    feed: String,
    after: i64,
    until: i64,
}

/// What the next deliveries of a fan-out are made of.
#[derive(PartialEq, Eq)]
struct Piece {
    of: FanOut,
    entry: Option<Stored>,
    subscriptions: Vec<Subscription>,
    /// The number of the last of these; `None` where there are no more.
    last: Option<i64>,
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

/// Of each feed the oldest, and of these first those that had the fewest turns.
const OLDEST: &str = "SELECT f.id, f.entry, f.feed, f.after, f.until FROM fan_outs f \
     WHERE f.id IN (SELECT MIN(x.id) FROM fan_outs x GROUP BY x.feed) ORDER BY f.turns, f.id LIMIT $1";

impl Store {
    /// Writes the next deliveries of one fan-out, at most some hundred, in a transaction of its
    /// own; what says one of `urgent` leaves at once, whatever people chose. Feeds take turns, and the entries of one feed follow each other. Returns how many
    /// subscriptions were looked at; `None` when no fan-out is under way.
    ///
    /// # Errors
    /// When the database fails; nothing is written then.
    pub async fn fan_out_some(&self, zone: Tz, urgent: &[String], now: DateTime<Utc>) -> Result<Option<usize>> {
        let rows = sqlx::query(OLDEST).bind(HEADS).fetch_all(&self.read).await.context("store: fan out")?;
        for row in &rows {
            if let Some(looked_at) = self.go_on(fan_out_of(row)?, (zone, urgent), now).await? {
                return Ok(Some(looked_at));
            }
        }
        Ok(None)
    }

    /// The next piece of this fan-out; `None` where another process is at it, or has ended it.
    async fn go_on(&self, of: FanOut, manner: (Tz, &[String]), now: DateTime<Utc>) -> Result<Option<usize>> {
        // Which filters want it is worked out before the write lock is taken, and again only where
        // something changed meanwhile.
        let mut reading = self.read.acquire().await.context("store: fan out")?;
        let before = piece(&mut reading, PIECE, of, manner).await?;
        drop(reading);
        let reckoned = before.owed(now);
        let mut tx = self.begin().await?;
        let Some(of) = self.take(&mut tx, before.of.id).await? else { return Ok(None) };
        let piece = piece(&mut tx, self.pick(PIECE, LOCKED), of, manner).await?;
        let owed = if piece == before { reckoned } else { piece.owed(now) };
        self.owe_some(&mut tx, &piece, owed, now).await?;
        advance(&mut tx, &piece.of, piece.last, piece.subscriptions.len()).await?;
        tx.commit().await.context("store: fan out")?;
        Ok(Some(piece.subscriptions.len()))
    }

    /// On PostgreSQL one that another process is at is left to it.
    async fn take(&self, tx: &mut Transaction<'static, Any>, id: i64) -> Result<Option<FanOut>> {
        let text = self.pick(
            "SELECT id, entry, feed, after, until FROM fan_outs WHERE id = $1",
            "SELECT id, entry, feed, after, until FROM fan_outs WHERE id = $1 FOR UPDATE SKIP LOCKED",
        );
        let row = sqlx::query(text).bind(id).fetch_optional(&mut **tx).await.context("store: fan out")?;
        row.as_ref().map(fan_out_of).transpose()
    }

    async fn owe_some(&self, tx: &mut Transaction<'static, Any>, piece: &Piece, owed: Vec<Owed>, now: DateTime<Utc>) -> Result<()> {
        let Some(entry) = &piece.entry else { return Ok(()) };
        let moves = owe::moves(tx, self.engine, owed.iter().filter_map(|owed| piece.subscriptions.get(owed.subscription))).await?;
        let row = |(n, owed): (usize, Owed)| Some(Row::new(n, piece.subscriptions.get(owed.subscription)?, owed, &moves).for_many());
        let rows: Vec<Row<'_>> = owed.into_iter().enumerate().filter_map(row).collect();
        owe::owe(tx, self.engine, &entry.source, &rows, now).await
    }
}

impl Piece {
    /// What the subscriptions are owed; nothing of what was withdrawn.
    fn owed(&self, now: DateTime<Utc>) -> Vec<Owed> {
        let Some(entry) = self.entry.as_ref().filter(|entry| !entry.withdrawn) else { return Vec::new() };
        let pairs: Vec<(Subscription, bool)> = self.subscriptions.iter().map(|s| (s.clone(), false)).collect();
        fan_out(&pairs, std::slice::from_ref(&entry.entry), false, now)
    }
}

fn fan_out_of(row: &AnyRow) -> Result<FanOut> {
    Ok(FanOut {
        id: row.try_get("id")?,
        entry: row.try_get("entry")?,
        feed: row.try_get("feed")?,
        after: row.try_get("after")?,
        until: row.try_get("until")?,
    })
}

macro_rules! next {
    ($lock:literal) => {
        concat!(
            "SELECT id, feed, address, welcome, schedule, digest, quiet, filter, silent, fallback, burst FROM subscriptions \
             WHERE feed = $1 AND id > $2 AND id <= $3 ORDER BY id LIMIT $4",
            $lock
        )
    };
}
const PIECE: &str = next!("");
/// On PostgreSQL nobody changes what he wants while it is brought to him, or what waits would not follow.
const LOCKED: &str = next!(" FOR SHARE");

/// The entry and the next subscriptions of a fan-out.
async fn piece(from: &mut AnyConnection, next: &'static str, of: FanOut, (zone, urgent): (Tz, &[String])) -> Result<Piece> {
    let entry = sqlx::query(select_entries!("FROM entries e WHERE e.id = $1")).bind(of.entry).fetch_optional(&mut *from).await;
    let entry = entry.context("store: fan out")?.as_ref().map(stored).transpose()?;
    let rows = sqlx::query(next)
        .bind(of.feed.clone())
        .bind(of.after)
        .bind(of.until)
        .bind(i64::try_from(TOGETHER).unwrap_or(i64::MAX))
        .fetch_all(from)
        .await
        .context("store: fan out")?;
    let last = rows.last().filter(|_| rows.len() == TOGETHER).map(|row| row.try_get("id")).transpose()?;
    let mut subscriptions = rows.iter().map(|row| subscription(row, zone)).collect::<Result<Vec<_>>>()?;
    subscriptions.iter_mut().for_each(|one| one.filter.urgent.extend_from_slice(urgent));
    Ok(Piece { of, entry, subscriptions, last })
}

async fn advance(tx: &mut Transaction<'static, Any>, of: &FanOut, last: Option<i64>, looked_at: usize) -> Result<()> {
    let done = match last.filter(|last| *last < of.until && looked_at > 0) {
        Some(last) => sqlx::query("UPDATE fan_outs SET after = $1, turns = turns + 1 WHERE id = $2").bind(last).bind(of.id),
        None => sqlx::query("DELETE FROM fan_outs WHERE id = $1").bind(of.id),
    };
    done.execute(&mut **tx).await.context("store: fan out")?;
    Ok(())
}
