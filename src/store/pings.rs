//! What topics stand at, and which subscribers are to be sent it (WebSub). Only the newest content
//! is ever owed: a row says that something is due, never what.

use std::collections::HashSet;

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::{Store, ms};
use crate::secret::Secret;

const PING: &str = "store: ping subscribers";

/// What a topic stands at.
#[derive(Debug, Clone, Serialize)]
pub struct TopicStanding {
    /// The address of the feed.
    pub topic: String,
    /// Of the entries that it is made of.
    pub version: i64,
    /// What marks its bytes.
    pub etag: String,
    /// They are the first that this process made: of all that is stored, by a config that may be another one.
    #[serde(skip)]
    pub fresh: bool,
}

/// Content that is to be sent to a subscriber.
#[derive(Debug, Clone)]
pub struct Ping {
    /// The subscriber's row.
    pub id: i64,
    /// The address of the feed.
    pub topic: String,
    /// Where to.
    pub callback: String,
    /// What signs it.
    pub secret: Option<Secret>,
    /// The mark of the bytes that are to be sent.
    pub etag: String,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// Proof that the claim is ours.
    pub lease: String,
}

/// What became of a ping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pinged {
    /// The subscriber has these bytes.
    Done,
    /// To be tried again.
    Later {
        /// When.
        due: DateTime<Utc>,
        /// Whether the try counts.
        counts: bool,
    },
    /// The subscriber is no more.
    Ended,
}

impl Store {
    /// Notes what topics stand at, and owes it to those who follow them. What another daemon made
    /// of newer entries stands, unless these bytes are fresh. With `announce` another hub is to be told of each change,
    /// else only topics that somebody follows are kept. True where something is owed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_topics(&self, standings: &[TopicStanding], announce: bool) -> Result<bool> {
        let followed = if announce { standings.to_vec() } else { self.followed(standings).await? };
        if followed.is_empty() {
            return Ok(false);
        }
        let (fresh, later): (Vec<TopicStanding>, Vec<TopicStanding>) = followed.into_iter().partition(|standing| standing.fresh);
        let mut tx = self.begin().await?;
        let mut changed: Vec<String> = Vec::new();
        for (some, are_fresh) in [(fresh, 1_i64), (later, 0)].into_iter().filter(|(some, _)| !some.is_empty()) {
            let noted = sqlx::query_scalar(self.pick(NOTE_SQLITE, NOTE_POSTGRES)).bind(serde_json::to_string(&some)?).bind(are_fresh);
            let noted: Vec<String> = noted.fetch_all(&mut *tx).await.context(PING)?;
            changed.extend(noted);
        }
        for topic in &changed {
            owe(&mut tx, topic, announce).await?;
        }
        tx.commit().await.context(PING)?;
        Ok(!changed.is_empty())
    }

    /// Those that somebody follows or asks to follow.
    async fn followed(&self, standings: &[TopicStanding]) -> Result<Vec<TopicStanding>> {
        let topics: Vec<&str> = standings.iter().map(|standing| standing.topic.as_str()).collect();
        let text = self.pick(followed!("json_each($1) AS j"), followed!("json_array_elements_text($1::json) AS j (value)"));
        let found: Vec<String> =
            sqlx::query_scalar(text).bind(serde_json::to_string(&topics)?).fetch_all(&self.read).await.context(PING)?;
        let found: HashSet<String> = found.into_iter().collect();
        Ok(standings.iter().filter(|standing| found.contains(&standing.topic)).cloned().collect())
    }

    /// Takes at most `limit` pings that are due, with at most `per_host` under way to any host.
    ///
    /// # Errors
    /// When the database fails; nothing is claimed then.
    pub async fn claim_pings(&self, now: DateTime<Utc>, lease: TimeDelta, limit: usize, per_host: i64) -> Result<Vec<Ping>> {
        let waiting: Option<i64> = sqlx::query_scalar("SELECT CAST(1 AS BIGINT) FROM subscribers WHERE due <= $1 LIMIT 1")
            .bind(ms(now))
            .fetch_optional(&self.read)
            .await
            .context(PING)?;
        if waiting.is_none() || limit == 0 {
            return Ok(Vec::new());
        }
        let mut tx = self.begin().await?;
        let rows = sqlx::query(self.pick(pings!(""), pings!(" FOR UPDATE OF s SKIP LOCKED")))
            .bind(ms(now))
            .bind(per_host)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&mut *tx)
            .await
            .context(PING)?;
        let id = uuid::Uuid::new_v4().to_string();
        let claimed = rows.iter().map(|row| ping(row, &id)).collect::<Result<Vec<_>>>()?;
        for one in &claimed {
            sqlx::query("UPDATE subscribers SET lease = $1, due = $2, attempt = attempt + 1 WHERE id = $3")
                .bind(id.clone())
                .bind(ms(now + lease))
                .bind(one.id)
                .execute(&mut *tx)
                .await
                .context(PING)?;
        }
        tx.commit().await.context(PING)?;
        Ok(claimed)
    }

    /// Notes what became of a ping. Content that came meanwhile is owed at once. A claim that
    /// another took over changes nothing.
    ///
    /// # Errors
    /// When the database fails; the caller may leave it, as the lease runs out.
    pub async fn settle_ping(&self, ping: &Ping, pinged: &Pinged) -> Result<()> {
        let query = match pinged {
            Pinged::Done => sqlx::query(
                "UPDATE subscribers SET sent = $3, attempt = 0, lease = NULL, due = CASE WHEN EXISTS \
                 (SELECT 1 FROM topics t WHERE t.topic = subscribers.topic AND t.etag <> $3) THEN 0 END WHERE id = $1 AND lease = $2",
            )
            .bind(ping.id)
            .bind(ping.lease.clone())
            .bind(ping.etag.clone()),
            Pinged::Later { due, counts } => {
                sqlx::query("UPDATE subscribers SET due = $3, attempt = attempt - $4, lease = NULL WHERE id = $1 AND lease = $2")
                    .bind(ping.id)
                    .bind(ping.lease.clone())
                    .bind(ms(*due))
                    .bind(i64::from(!counts))
            }
            Pinged::Ended => sqlx::query("DELETE FROM subscribers WHERE id = $1 AND lease = $2").bind(ping.id).bind(ping.lease.clone()),
        };
        query.execute(&self.write).await.context(PING)?;
        Ok(())
    }
}

/// The given topics that somebody cares for.
macro_rules! followed {
    ($given:literal) => {
        concat!(
            "SELECT j.value FROM ",
            $given,
            " WHERE EXISTS (SELECT 1 FROM subscribers s WHERE s.topic = j.value) OR EXISTS (SELECT 1 FROM hub_requests r WHERE r.topic = j.value)"
        )
    };
}
use followed;

/// The first few of each host: those that were never tried come before those that failed.
macro_rules! pings {
    ($lock:literal) => {
        concat!(
            "SELECT s.id, s.topic, s.callback, s.secret, s.sent, s.attempt, (SELECT t.etag FROM topics t WHERE t.topic = s.topic) AS etag \
             FROM subscribers s WHERE s.due <= $1 AND s.until > $1 AND s.id IN (SELECT w.id FROM (SELECT q.id, \
             ROW_NUMBER() OVER (PARTITION BY q.host ORDER BY q.attempt, q.due, q.id) + COALESCE(b.busy, 0) AS place \
             FROM (SELECT id, host, attempt, due FROM subscribers WHERE due <= $1 AND until > $1 ORDER BY due LIMIT 4096) q \
             LEFT JOIN (SELECT host, COUNT(*) AS busy FROM subscribers WHERE lease IS NOT NULL AND due > $1 GROUP BY host) b ON b.host = q.host) w \
             WHERE w.place <= $2) ORDER BY s.attempt, s.due, s.id LIMIT $3",
            $lock
        )
    };
}
use pings;

macro_rules! note {
    ($from:literal) => {
        concat!(
            "INSERT INTO topics (topic, version, etag) SELECT j.topic, j.version, j.etag FROM ",
            $from,
            " WHERE true ON CONFLICT (topic) DO UPDATE SET version = excluded.version, etag = excluded.etag \
             WHERE topics.etag <> excluded.etag AND ($2 = 1 OR excluded.version >= topics.version) RETURNING topic"
        )
    };
}
const NOTE_SQLITE: &str =
    note!("(SELECT value ->> 'topic' AS topic, value ->> 'version' AS version, value ->> 'etag' AS etag FROM json_each($1)) AS j");
const NOTE_POSTGRES: &str = note!("json_to_recordset($1::json) AS j(topic TEXT, version BIGINT, etag TEXT)");

/// Those who follow a topic and have other bytes are owed the present ones; who waits for another
/// try goes on waiting.
async fn owe(tx: &mut Transaction<'static, Any>, topic: &str, announce: bool) -> Result<()> {
    let text = if announce {
        "INSERT INTO announcements (topic, due) VALUES ($1, 0) ON CONFLICT (topic) DO UPDATE SET due = CASE WHEN announcements.attempt = 0 \
         THEN 0 ELSE announcements.due END, lease = NULL"
    } else {
        "UPDATE subscribers SET due = 0 WHERE topic = $1 AND due IS NULL AND sent <> (SELECT t.etag FROM topics t WHERE t.topic = $1)"
    };
    sqlx::query(text).bind(topic.to_owned()).execute(&mut **tx).await.context(PING)?;
    Ok(())
}

fn ping(row: &AnyRow, lease: &str) -> Result<Ping> {
    let sent: String = row.try_get("sent")?;
    Ok(Ping {
        id: row.try_get("id")?,
        topic: row.try_get("topic")?,
        callback: row.try_get("callback")?,
        secret: row.try_get::<Option<String>, _>("secret")?.map(Secret::new),
        etag: row.try_get::<Option<String>, _>("etag")?.unwrap_or(sent),
        attempt: u32::try_from(row.try_get::<i64, _>("attempt")? + 1).unwrap_or(u32::MAX),
        lease: lease.to_owned(),
    })
}
