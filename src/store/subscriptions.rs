//! Subscriptions that people made themselves: in a chat, on the public page, in their browser.

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::entries::slug;
use super::leavers::welcome_back;
use super::outbox::address;
use super::turns::{Whose, reckon};
use super::{Store, ms};
use crate::entry::Slug;
use crate::phrases;
use crate::schedule::{Quiet, Schedule};
use crate::subscription::{Address, Filter, Subscription};

/// A filter as a row keeps it.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct Kept {
    include: Vec<String>,
    exclude: Vec<String>,
    categories: Vec<String>,
    urgent: Vec<String>,
}

impl Store {
    /// Makes a subscription, or changes it where the address has the feed already. A new one is
    /// owed the newest `welcome` of its `sources`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn subscribe(&self, subscription: &Subscription, sources: &[Slug], now: DateTime<Utc>) -> Result<()> {
        let mut tx = self.begin().await?;
        self.subscribe_in(&mut tx, subscription, sources, now).await?;
        tx.commit().await.context("store: subscribe")
    }

    /// As [`Store::subscribe`], in a transaction of something else.
    pub(super) async fn subscribe_in(
        &self,
        tx: &mut Transaction<'static, Any>,
        subscription: &Subscription,
        sources: &[Slug],
        now: DateTime<Utc>,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO subscriptions (feed, address, welcome, schedule, digest, quiet, filter, silent, since, fallback, burst) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
             ON CONFLICT (feed, address) DO UPDATE SET schedule = excluded.schedule, digest = excluded.digest, quiet = excluded.quiet, \
             filter = excluded.filter, silent = excluded.silent, fallback = excluded.fallback, burst = excluded.burst",
        )
        .bind(subscription.feed.as_str().to_owned())
        .bind(subscription.to.to_string())
        .bind(i64::try_from(subscription.welcome).unwrap_or(i64::MAX))
        .bind(subscription.schedule.as_ref().map(|s| s.written().to_owned()))
        .bind(i64::from(subscription.digest))
        .bind(subscription.quiet.as_ref().map(Quiet::written))
        .bind(kept(&subscription.filter)?)
        .bind(i64::from(subscription.silent))
        .bind(ms(now))
        .bind(subscription.fallback.as_ref().map(ToString::to_string))
        .bind(i64::try_from(subscription.burst).unwrap_or(i64::MAX))
        .execute(&mut **tx)
        .await
        .context("store: subscribe")?;
        welcome_back(tx, &subscription.feed, &subscription.to).await?;
        // Whoever subscribes takes messages again.
        revive(tx, &subscription.to).await?;
        self.welcome(tx, subscription, sources, now).await
    }

    /// Ends one subscription of an address that people made, or all of them; what is still owed to
    /// it is dropped. Returns how many there were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unsubscribe(&self, to: &Address, feed: Option<&Slug>, now: DateTime<Utc>) -> Result<u64> {
        let mut tx = self.begin().await?;
        let ended = unsubscribe_in(&mut tx, to, feed, now).await?;
        tx.commit().await.context("store: unsubscribe")?;
        Ok(ended)
    }

    /// What people subscribed an address to, by feed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn subscriptions_of(&self, to: &Address, zone: Tz) -> Result<Vec<Subscription>> {
        let rows = sqlx::query(
            "SELECT id, feed, address, welcome, schedule, digest, quiet, filter, silent, fallback, burst FROM subscriptions WHERE address = $1 ORDER BY feed",
        )
        .bind(to.to_string())
        .fetch_all(&self.read)
        .await
        .context("store: subscriptions")?;
        rows.iter().map(|row| subscription(row, zone)).collect()
    }
}

/// As [`Store::unsubscribe`], in a transaction of something else.
pub(super) async fn unsubscribe_in(
    tx: &mut Transaction<'static, Any>,
    to: &Address,
    feed: Option<&Slug>,
    now: DateTime<Utc>,
) -> Result<u64> {
    let (to, feed) = (to.to_string(), feed.map(|f| f.as_str().to_owned()));
    // What the config owes to the same address is not theirs to end.
    sqlx::query(
        "UPDATE deliveries SET state = 'dropped', settled = $1, cause = $2 WHERE (address = $3 OR origin = $3) AND state = 'due' \
         AND feed IN (SELECT s.feed FROM subscriptions s WHERE s.address = $3 AND ($4 IS NULL OR s.feed = $4))",
    )
    .bind(ms(now))
    .bind(phrases::delivery_unsubscribed())
    .bind(to.clone())
    .bind(feed.clone())
    .execute(&mut **tx)
    .await
    .context("store: unsubscribe")?;
    let done = sqlx::query("DELETE FROM subscriptions WHERE address = $1 AND ($2 IS NULL OR feed = $2)")
        .bind(to.clone())
        .bind(feed.clone())
        .execute(&mut **tx)
        .await
        .context("store: unsubscribe")?;
    if done.rows_affected() > 0 {
        sqlx::query("DELETE FROM welcomed WHERE address = $1 AND ($2 IS NULL OR feed = $2)")
            .bind(to.clone())
            .bind(feed)
            .execute(&mut **tx)
            .await
            .context("store: unsubscribe")?;
        // Where nothing is owed any more, it does not matter who refuses it.
        let text = "UPDATE addresses SET ready = 0, refusals = 0, cause = NULL WHERE address = $1 AND refusals > 0 \
             AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.address = $1 AND d.state IN ('due', 'doubt', 'sending'))";
        sqlx::query(text).bind(to.clone()).execute(&mut **tx).await.context("store: unsubscribe")?;
        reckon(tx, Whose::One(&to)).await?;
    }
    Ok(done.rows_affected())
}

/// An address that refused us takes messages again.
pub(super) async fn revive(tx: &mut Transaction<'static, Any>, to: &Address) -> Result<()> {
    sqlx::query("UPDATE addresses SET ready = 0, refusals = 0, cause = NULL WHERE address = $1 AND refusals > 0")
        .bind(to.to_string())
        .execute(&mut **tx)
        .await
        .context("store: revive")?;
    reckon(tx, Whose::One(&to.to_string())).await
}

pub(super) fn kept(filter: &Filter) -> Result<String> {
    let Filter { include, exclude, categories, urgent } = filter.clone();
    Ok(serde_json::to_string(&Kept { include, exclude, categories, urgent })?)
}

/// A row as a subscription. A schedule that this build cannot read is none: late is worse than at once.
pub(super) fn subscription(row: &AnyRow, zone: Tz) -> Result<Subscription> {
    let text = |name: &str| row.try_get::<Option<String>, _>(name);
    let Kept { include, exclude, categories, urgent } = serde_json::from_str(&row.try_get::<String, _>("filter")?)?;
    Ok(Subscription {
        feed: slug(&row.try_get::<String, _>("feed")?)?,
        to: address(&row.try_get::<String, _>("address")?)?,
        welcome: usize::try_from(row.try_get::<i64, _>("welcome")?).unwrap_or_default(),
        schedule: text("schedule")?.and_then(|written| Schedule::parse(&written, zone).ok()),
        digest: row.try_get::<i64, _>("digest")? == 1,
        quiet: text("quiet")?.and_then(|written| Quiet::parse(&written, zone)),
        filter: Filter { include, exclude, categories, urgent },
        silent: row.try_get::<i64, _>("silent")? == 1,
        fallback: text("fallback")?.map(|written| address(&written)).transpose()?,
        burst: usize::try_from(row.try_get::<i64, _>("burst")?).unwrap_or_default(),
    })
}
