//! Topics that another hub is to be told of (WebSub, `hub.mode=publish`).

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::Row;

use super::{Store, ms};

const ANNOUNCE: &str = "store: announce";

/// A topic that another hub is to be told of.
#[derive(Debug, Clone)]
pub struct Announcement {
    /// The address of the feed.
    pub topic: String,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// Proof that the claim is ours.
    pub lease: String,
}

impl Store {
    /// Takes at most `limit` announcements that are due.
    ///
    /// # Errors
    /// When the database fails; nothing is claimed then.
    pub async fn claim_announcements(&self, now: DateTime<Utc>, lease: TimeDelta, limit: usize) -> Result<Vec<Announcement>> {
        let waiting: Option<i64> = sqlx::query_scalar("SELECT CAST(1 AS BIGINT) FROM announcements WHERE due <= $1 LIMIT 1")
            .bind(ms(now))
            .fetch_optional(&self.read)
            .await
            .context(ANNOUNCE)?;
        if waiting.is_none() || limit == 0 {
            return Ok(Vec::new());
        }
        let mut tx = self.begin().await?;
        let text = self.pick(
            "SELECT topic, attempt FROM announcements WHERE due <= $1 ORDER BY due, topic LIMIT $2",
            "SELECT topic, attempt FROM announcements WHERE due <= $1 ORDER BY due, topic LIMIT $2 FOR UPDATE SKIP LOCKED",
        );
        let query = sqlx::query(text).bind(ms(now)).bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let id = uuid::Uuid::new_v4().to_string();
        let mut claimed = Vec::new();
        for row in query.fetch_all(&mut *tx).await.context(ANNOUNCE)? {
            let topic: String = row.try_get("topic")?;
            sqlx::query("UPDATE announcements SET lease = $1, due = $2, attempt = attempt + 1 WHERE topic = $3")
                .bind(id.clone())
                .bind(ms(now + lease))
                .bind(topic.clone())
                .execute(&mut *tx)
                .await
                .context(ANNOUNCE)?;
            let attempt = u32::try_from(row.try_get::<i64, _>("attempt")? + 1).unwrap_or(u32::MAX);
            claimed.push(Announcement { topic, attempt, lease: id.clone() });
        }
        tx.commit().await.context(ANNOUNCE)?;
        Ok(claimed)
    }

    /// Notes what became of an announcement: done, or to be tried again. One that is owed anew
    /// stays owed.
    ///
    /// # Errors
    /// When the database fails; the caller may leave it, as the lease runs out.
    pub async fn settle_announcement(&self, announcement: &Announcement, again: Option<DateTime<Utc>>) -> Result<()> {
        let query = match again {
            Some(_) => sqlx::query("UPDATE announcements SET due = $3, lease = NULL WHERE topic = $1 AND lease = $2"),
            None => sqlx::query("DELETE FROM announcements WHERE topic = $1 AND lease = $2 AND $3 = 0"),
        };
        let query = query.bind(announcement.topic.clone()).bind(announcement.lease.clone()).bind(again.map_or(0, ms));
        query.execute(&self.write).await.context(ANNOUNCE)?;
        Ok(())
    }
}
