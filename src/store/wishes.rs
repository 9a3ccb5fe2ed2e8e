//! What subscribers ask of the hub and have not confirmed yet (WebSub).

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::subscribers::{HUB, follow, leave};
use super::{Store, ms};
use crate::secret::Secret;

/// A host that may be asked only further ahead than this was put off by a wrong clock.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(1);

/// What a subscriber asks for, or is to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// To follow a topic.
    Subscribe,
    /// To leave it.
    Unsubscribe,
    /// It cannot follow the topic, or cannot any more.
    Denied,
}

impl Mode {
    /// As it is written in `hub.mode`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Subscribe => "subscribe",
            Self::Unsubscribe => "unsubscribe",
            Self::Denied => "denied",
        }
    }

    /// From how it is written; `None` for what subscribers cannot ask for.
    #[must_use]
    pub fn asked(written: &str) -> Option<Self> {
        [Self::Subscribe, Self::Unsubscribe].into_iter().find(|mode| mode.name() == written)
    }
}

/// What a subscriber asks for.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The address of the feed.
    pub topic: String,
    /// Where the subscriber is told.
    pub callback: String,
    /// The host of the callback.
    pub host: String,
    /// What it wants.
    pub mode: Mode,
    /// For how long.
    pub lease_seconds: i64,
    /// What signs the content.
    pub secret: Option<Secret>,
    /// The mark of the bytes that the topic stands at, so that a change meanwhile is not missed.
    pub sent: String,
}

/// A wish that was claimed.
#[derive(Debug, Clone)]
pub struct Pending {
    /// Its row.
    pub id: i64,
    /// What is asked for.
    pub wish: Wish,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// Proof that the claim is ours.
    pub lease: String,
}

/// How much the hub takes.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Wishes to be verified, of hosts that follow nothing yet.
    pub pending: i64,
    /// The same of all hosts.
    pub pending_known: i64,
    /// Subscribers of one topic.
    pub per_topic: i64,
    /// Subscribers at one host.
    pub per_host: i64,
    /// Subscribers of everything.
    pub all: i64,
}

/// Whether there was room for a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It is written down and will be verified.
    Accepted,
    /// Too many wait to be verified: later.
    Busy,
    /// There are too many subscribers of the topic, at the host, or in all.
    Full,
}

impl Store {
    /// Writes down what a subscriber asks for. It takes the place of what was asked before for the
    /// same topic and callback and is not confirmed yet; who follows already always has room.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn wish(&self, wish: &Wish, limits: &Limits, now: DateTime<Utc>) -> Result<Admission> {
        let mut tx = self.begin().await?;
        let admission = room(&mut tx, wish, limits).await?;
        if admission != Admission::Accepted {
            return Ok(admission);
        }
        // What nobody followed was not kept up to date.
        sqlx::query(
            "DELETE FROM topics WHERE topic = $1 AND NOT EXISTS (SELECT 1 FROM subscribers s WHERE s.topic = $1) \
             AND NOT EXISTS (SELECT 1 FROM hub_requests r WHERE r.topic = $1)",
        )
        .bind(wish.topic.clone())
        .execute(&mut *tx)
        .await
        .context(HUB)?;
        sqlx::query(
            "INSERT INTO hub_requests (topic, callback, host, mode, lease_seconds, secret, sent, due) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
             ON CONFLICT (topic, callback) DO UPDATE SET mode = excluded.mode, lease_seconds = excluded.lease_seconds, \
             secret = excluded.secret, sent = excluded.sent, due = excluded.due, attempt = 0, lease = NULL",
        )
        .bind(wish.topic.clone())
        .bind(wish.callback.clone())
        .bind(wish.host.clone())
        .bind(wish.mode.name().to_owned())
        .bind(wish.lease_seconds)
        .bind(wish.secret.as_ref().map(|secret| secret.expose().to_owned()))
        .bind(wish.sent.clone())
        .bind(ms(now))
        .execute(&mut *tx)
        .await
        .context(HUB)?;
        tx.commit().await.context(HUB)?;
        Ok(Admission::Accepted)
    }

    /// Takes wishes that are to be verified, one for each host, and none for a host that was asked
    /// a moment ago: after `known` where it follows something, else after `stranger`.
    ///
    /// # Errors
    /// When the database fails; nothing is claimed then.
    pub async fn claim_wishes(
        &self,
        now: DateTime<Utc>,
        lease: TimeDelta,
        limit: usize,
        [known, stranger]: [TimeDelta; 2],
    ) -> Result<Vec<Pending>> {
        let waiting: Option<i64> = sqlx::query_scalar("SELECT CAST(1 AS BIGINT) FROM hub_requests WHERE due <= $1 LIMIT 1")
            .bind(ms(now))
            .fetch_optional(&self.read)
            .await
            .context(HUB)?;
        if waiting.is_none() || limit == 0 {
            return Ok(Vec::new());
        }
        let mut tx = self.begin().await?;
        let rows = sqlx::query(self.pick(wishes!(""), wishes!(" FOR UPDATE OF r SKIP LOCKED")))
            .bind(ms(now))
            .bind(ms(now + LONGEST_PAUSE))
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&mut *tx)
            .await
            .context(HUB)?;
        let id = uuid::Uuid::new_v4().to_string();
        let mut claimed = Vec::new();
        for row in &rows {
            let pending = pending(row, &id)?;
            let pause = if row.try_get::<i64, _>("known")? == 1 { known } else { stranger };
            if may_be_asked(&mut tx, &pending.wish.host, now, now + pause).await? {
                take(&mut tx, &pending, now + lease).await?;
                claimed.push(pending);
            }
        }
        tx.commit().await.context(HUB)?;
        Ok(claimed)
    }

    /// A subscriber confirmed its wish: it follows the topic from now on, or no longer. `held` marks
    /// the bytes that the topic stands at. False where another wish took its place meanwhile.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn confirm(&self, pending: &Pending, held: &str, now: DateTime<Utc>) -> Result<bool> {
        let mut tx = self.begin().await?;
        if !dropped(&mut tx, pending).await? {
            return Ok(false);
        }
        match pending.wish.mode {
            Mode::Subscribe => follow(&mut tx, &pending.wish, held, now).await?,
            Mode::Unsubscribe => leave(&mut tx, &pending.wish).await?,
            Mode::Denied => {}
        }
        tx.commit().await.context(HUB)?;
        Ok(true)
    }

    /// A wish that is not confirmed changes nothing; a denial that was told is done with.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn drop_wish(&self, pending: &Pending) -> Result<()> {
        let mut tx = self.begin().await?;
        dropped(&mut tx, pending).await?;
        tx.commit().await.context(HUB)
    }

    /// Nobody answered: asked again at `due`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_off_wish(&self, pending: &Pending, due: DateTime<Utc>) -> Result<()> {
        sqlx::query("UPDATE hub_requests SET due = $1, lease = NULL WHERE id = $2 AND lease = $3")
            .bind(ms(due))
            .bind(pending.id)
            .bind(pending.lease.clone())
            .execute(&self.write)
            .await
            .context(HUB)?;
        Ok(())
    }
}

/// The first wish of each host that may be asked.
macro_rules! wishes {
    ($lock:literal) => {
        concat!(
            "SELECT r.id, r.topic, r.callback, r.host, r.mode, r.lease_seconds, r.secret, r.sent, r.attempt, \
             CAST(CASE WHEN EXISTS (SELECT 1 FROM subscribers s WHERE s.host = r.host) THEN 1 ELSE 0 END AS BIGINT) AS known \
             FROM hub_requests r WHERE r.due <= $1 AND r.id IN (SELECT MIN(q.id) FROM hub_requests q LEFT JOIN hub_hosts h ON h.host = q.host \
             WHERE q.due <= $1 AND (h.ready IS NULL OR h.ready <= $1 OR h.ready > $2) GROUP BY q.host) ORDER BY r.due, r.id LIMIT $3",
            $lock
        )
    };
}
use wishes;

async fn room(tx: &mut Transaction<'static, Any>, wish: &Wish, limits: &Limits) -> Result<Admission> {
    let row = sqlx::query(
        "SELECT (SELECT COUNT(*) FROM subscribers WHERE topic = $1 AND callback = $2) AS follows, \
         (SELECT COUNT(*) FROM hub_requests WHERE topic = $1 AND callback = $2) AS asks, \
         (SELECT COUNT(*) FROM subscribers WHERE topic = $1) AS of_topic, (SELECT COUNT(*) FROM subscribers WHERE host = $3) AS of_host, \
         (SELECT COUNT(*) FROM subscribers) AS followers, (SELECT COUNT(*) FROM hub_requests) AS pending",
    )
    .bind(wish.topic.clone())
    .bind(wish.callback.clone())
    .bind(wish.host.clone())
    .fetch_one(&mut **tx)
    .await
    .context(HUB)?;
    let count = |name: &str| row.try_get::<i64, _>(name);
    let at_host = count("of_host")?;
    let is_full = count("of_topic")? >= limits.per_topic || at_host >= limits.per_host || count("followers")? >= limits.all;
    if wish.mode == Mode::Subscribe && count("follows")? == 0 && is_full {
        return Ok(Admission::Full);
    }
    let most = if at_host > 0 { limits.pending_known } else { limits.pending };
    let is_busy = count("asks")? == 0 && count("pending")? >= most;
    Ok(if is_busy { Admission::Busy } else { Admission::Accepted })
}

/// Keeps the host from being asked again before `until`; false where another daemon just asked it.
async fn may_be_asked(tx: &mut Transaction<'static, Any>, host: &str, now: DateTime<Utc>, until: DateTime<Utc>) -> Result<bool> {
    let taken = sqlx::query(
        "INSERT INTO hub_hosts (host, ready) VALUES ($1, $2) ON CONFLICT (host) DO UPDATE SET ready = excluded.ready \
         WHERE hub_hosts.ready <= $3 OR hub_hosts.ready > $4",
    )
    .bind(host.to_owned())
    .bind(ms(until))
    .bind(ms(now))
    .bind(ms(now + LONGEST_PAUSE))
    .execute(&mut **tx)
    .await
    .context(HUB)?;
    Ok(taken.rows_affected() > 0)
}

async fn take(tx: &mut Transaction<'static, Any>, pending: &Pending, until: DateTime<Utc>) -> Result<()> {
    sqlx::query("UPDATE hub_requests SET lease = $1, due = $2, attempt = attempt + 1 WHERE id = $3")
        .bind(pending.lease.clone())
        .bind(ms(until))
        .bind(pending.id)
        .execute(&mut **tx)
        .await
        .context(HUB)?;
    Ok(())
}

async fn dropped(tx: &mut Transaction<'static, Any>, pending: &Pending) -> Result<bool> {
    let dropped = sqlx::query("DELETE FROM hub_requests WHERE id = $1 AND lease = $2")
        .bind(pending.id)
        .bind(pending.lease.clone())
        .execute(&mut **tx)
        .await
        .context(HUB)?;
    Ok(dropped.rows_affected() > 0)
}

fn pending(row: &AnyRow, lease: &str) -> Result<Pending> {
    let mode: String = row.try_get("mode")?;
    let wish = Wish {
        topic: row.try_get("topic")?,
        callback: row.try_get("callback")?,
        host: row.try_get("host")?,
        mode: Mode::asked(&mode).unwrap_or(Mode::Denied),
        lease_seconds: row.try_get("lease_seconds")?,
        secret: row.try_get::<Option<String>, _>("secret")?.map(Secret::new),
        sent: row.try_get("sent")?,
    };
    let attempt = u32::try_from(row.try_get::<i64, _>("attempt")? + 1).unwrap_or(u32::MAX);
    Ok(Pending { id: row.try_get("id")?, wish, attempt, lease: lease.to_owned() })
}
