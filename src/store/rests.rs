//! How long channels rested lately because their platforms asked them to, minute by minute: short
//! rests are only much when they are taken together, and processes come and go between them.

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};

use super::{Store, ms};

/// The time that is looked back over.
pub const WINDOW: TimeDelta = TimeDelta::minutes(15);
/// In milliseconds.
const MINUTE: i64 = 60_000;
/// A rest that is longer is told by other doors.
const LONGEST: TimeDelta = TimeDelta::hours(2);

impl Store {
    /// Notes that a channel rests from one time to another, and forgets what is long ago.
    ///
    /// # Errors
    /// When the database fails; nothing is noted then.
    pub async fn note_rest(&self, channel: &str, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<()> {
        let mut tx = self.begin().await?;
        for (minute, rested) in minutes(ms(from), ms(until.min(from + LONGEST))) {
            sqlx::query(
                "INSERT INTO rests (channel, minute, rested) VALUES ($1, $2, $3) \
                 ON CONFLICT (channel, minute) DO UPDATE SET rested = rests.rested + excluded.rested",
            )
            .bind(channel.to_owned())
            .bind(minute)
            .bind(rested)
            .execute(&mut *tx)
            .await
            .context("store: rests")?;
        }
        sqlx::query("DELETE FROM rests WHERE channel = $1 AND (minute < $2 OR minute > $3)")
            .bind(channel.to_owned())
            .bind(ms(from - WINDOW) / MINUTE)
            .bind(ms(from + LONGEST) / MINUTE)
            .execute(&mut *tx)
            .await
            .context("store: rests")?;
        tx.commit().await.context("store: rests")
    }

    /// How long a channel rested in the fifteen minutes before this one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rested(&self, channel: &str, now: DateTime<Utc>) -> Result<TimeDelta> {
        let text = "SELECT CAST(COALESCE(SUM(CASE WHEN rested > 60000 THEN 60000 ELSE rested END), 0) AS BIGINT) FROM rests \
             WHERE channel = $1 AND minute >= $2 AND minute < $3";
        let rested: i64 = sqlx::query_scalar(text)
            .bind(channel.to_owned())
            .bind(ms(now - WINDOW) / MINUTE)
            .bind(ms(now) / MINUTE)
            .fetch_one(&self.read)
            .await
            .context("store: rests")?;
        Ok(TimeDelta::milliseconds(rested))
    }
}

/// The minutes that a stretch of time touches, and how much of each.
fn minutes(from: i64, until: i64) -> impl Iterator<Item = (i64, i64)> {
    let of = move |minute: i64| (minute, until.min((minute + 1) * MINUTE) - from.max(minute * MINUTE));
    (from / MINUTE..=until / MINUTE).map(of).filter(|(_, rested)| *rested > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rest_is_shared_out_over_the_minutes_that_it_touches() {
        let check = |from, until, want: &[(i64, i64)]| assert_eq!(minutes(from, until).collect::<Vec<_>>(), want);
        check(90_000, 200_000, &[(1, 30_000), (2, 60_000), (3, 20_000)]);
        check(61_000, 62_000, &[(1, 1_000)]);
        check(60_000, 120_000, &[(1, 60_000)]);
        check(70_000, 70_000, &[]);
        check(70_000, 60_000, &[]);
    }
}
