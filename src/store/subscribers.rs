//! Who follows which topic (WebSub).

use std::collections::HashSet;

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Any, Row, Transaction};

use super::wishes::Wish;
use super::{Store, at, ms};

pub(super) const HUB: &str = "store: hub";

impl Store {
    /// Ends what has run out by `now`. Subscribers of topics that are not in `ours` are told so once
    /// that has lasted for `grace`: a mistake in the config can be mended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sweep_hub(&self, ours: &HashSet<String>, grace: TimeDelta, now: DateTime<Utc>) -> Result<()> {
        let followed = sqlx::query("SELECT topic, COUNT(lost) AS lost FROM subscribers GROUP BY topic");
        let followed = followed.fetch_all(&self.read).await.context(HUB)?;
        let mut tx = self.begin().await?;
        for text in ["DELETE FROM subscribers WHERE until <= $1", "DELETE FROM hub_hosts WHERE ready <= $1"] {
            sqlx::query(text).bind(ms(now)).execute(&mut *tx).await.context(HUB)?;
        }
        for row in &followed {
            let (topic, lost): (String, i64) = (row.try_get("topic")?, row.try_get("lost")?);
            if !ours.contains(&topic) {
                deny(&mut tx, &topic, now, now - grace).await?;
            } else if lost > 0 {
                let found = sqlx::query("UPDATE subscribers SET lost = NULL WHERE topic = $1 AND lost IS NOT NULL");
                found.bind(topic).execute(&mut *tx).await.context(HUB)?;
            }
        }
        tx.commit().await.context(HUB)
    }

    /// How many follow each topic.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn subscribers(&self, now: DateTime<Utc>) -> Result<Vec<(String, i64)>> {
        let rows = sqlx::query("SELECT topic, COUNT(*) AS followers FROM subscribers WHERE until > $1 GROUP BY topic ORDER BY topic")
            .bind(ms(now))
            .fetch_all(&self.read)
            .await
            .context(HUB)?;
        rows.iter().map(|row| Ok((row.try_get("topic")?, row.try_get("followers")?))).collect()
    }

    /// When the hub has something to do next: for its own subscribers, or where it `announces`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_for_hub(&self, announces: bool) -> Result<Option<DateTime<Utc>>> {
        let text = if announces {
            "SELECT MIN(due) FROM announcements"
        } else {
            "SELECT MIN(due) FROM (SELECT MIN(due) AS due FROM hub_requests UNION ALL \
             SELECT MIN(due) AS due FROM subscribers WHERE due IS NOT NULL) every"
        };
        let next: Option<i64> = sqlx::query_scalar(text).fetch_one(&self.read).await.context(HUB)?;
        Ok(next.map(at))
    }
}

/// Who follows the topic already goes on, with another secret and another lease.
pub(super) async fn follow(tx: &mut Transaction<'static, Any>, wish: &Wish, held: &str, now: DateTime<Utc>) -> Result<()> {
    sqlx::query("INSERT INTO topics (topic, version, etag) VALUES ($1, 0, $2) ON CONFLICT (topic) DO NOTHING")
        .bind(wish.topic.clone())
        .bind(held.to_owned())
        .execute(&mut **tx)
        .await
        .context(HUB)?;
    sqlx::query(
        "INSERT INTO subscribers (topic, callback, host, secret, until, sent) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (topic, callback) DO UPDATE SET secret = excluded.secret, until = excluded.until",
    )
    .bind(wish.topic.clone())
    .bind(wish.callback.clone())
    .bind(wish.host.clone())
    .bind(wish.secret.as_ref().map(|secret| secret.expose().to_owned()))
    .bind(ms(now + TimeDelta::seconds(wish.lease_seconds)))
    .bind(wish.sent.clone())
    .execute(&mut **tx)
    .await
    .context(HUB)?;
    sqlx::query(
        "UPDATE subscribers SET due = 0 WHERE topic = $1 AND callback = $2 AND due IS NULL \
         AND EXISTS (SELECT 1 FROM topics t WHERE t.topic = $1 AND t.etag <> subscribers.sent)",
    )
    .bind(wish.topic.clone())
    .bind(wish.callback.clone())
    .execute(&mut **tx)
    .await
    .context(HUB)?;
    Ok(())
}

pub(super) async fn leave(tx: &mut Transaction<'static, Any>, wish: &Wish) -> Result<()> {
    sqlx::query("DELETE FROM subscribers WHERE topic = $1 AND callback = $2")
        .bind(wish.topic.clone())
        .bind(wish.callback.clone())
        .execute(&mut **tx)
        .await
        .context(HUB)?;
    Ok(())
}

/// Notes that a topic is none of ours; who followed it since before `long_ago` is told.
async fn deny(tx: &mut Transaction<'static, Any>, topic: &str, now: DateTime<Utc>, long_ago: DateTime<Utc>) -> Result<()> {
    for (text, when) in [
        ("UPDATE subscribers SET lost = $2 WHERE topic = $1 AND lost IS NULL", now),
        (
            "INSERT INTO hub_requests (topic, callback, host, mode, lease_seconds, sent, due) \
             SELECT topic, callback, host, 'denied', 0, sent, 0 FROM subscribers WHERE topic = $1 AND lost <= $2 ON CONFLICT (topic, callback) DO NOTHING",
            long_ago,
        ),
        ("DELETE FROM subscribers WHERE topic = $1 AND lost <= $2", long_ago),
    ] {
        sqlx::query(text).bind(topic.to_owned()).bind(ms(when)).execute(&mut **tx).await.context(HUB)?;
    }
    Ok(())
}
