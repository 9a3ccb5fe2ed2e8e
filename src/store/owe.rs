//! What entries are owed to whom: committed with the entries themselves.

use std::collections::HashMap;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use sqlx::{Any, Transaction};

use super::entries::{select_entries, stored};
use super::{Poll, Store, ms};
use crate::entry::{Entry, Guid, Slug};
use crate::outbox::{Owed, fan_out};
use crate::subscription::{Address, Subscription};

impl Store {
    /// A subscription that is new to sources read before is owed their newest.
    pub(super) async fn welcome(
        &self,
        tx: &mut Transaction<'static, Any>,
        subscription: &Subscription,
        sources: &[Slug],
        now: DateTime<Utc>,
    ) -> Result<()> {
        if is_welcomed(tx, subscription).await? {
            return Ok(());
        }
        let names = serde_json::to_string(&sources.iter().map(Slug::as_str).collect::<Vec<_>>())?;
        let newest = self.pick(
            select_entries!(
                "FROM entries e JOIN sources s ON s.slug = e.source AND s.first_read IS NOT NULL \
                WHERE e.source IN (SELECT value FROM json_each($1)) AND e.withdrawn IS NULL ORDER BY e.sorted DESC, e.id DESC LIMIT 200"
            ),
            select_entries!(
                "FROM entries e JOIN sources s ON s.slug = e.source AND s.first_read IS NOT NULL \
                WHERE e.source = ANY (ARRAY(SELECT json_array_elements_text($1::json))) AND e.withdrawn IS NULL ORDER BY e.sorted DESC, e.id DESC LIMIT 200"
            ),
        );
        let rows = sqlx::query(newest).bind(names).fetch_all(&mut **tx).await.context("store: welcome")?;
        if rows.is_empty() {
            return Ok(());
        }
        let known = rows.iter().map(stored).collect::<Result<Vec<_>>>()?;
        let entries: Vec<Entry> = known.iter().map(|s| s.entry.clone()).collect();
        let of: HashMap<&Guid, &Slug> = known.iter().map(|s| (&s.entry.guid, &s.source)).collect();
        for owed in fan_out(&[(subscription.clone(), false)], &entries, true, now) {
            if let Some(source) = of.get(&owed.guid) {
                owe(tx, source, subscription, &owed, now).await?;
            }
        }
        mark_welcomed(tx, subscription).await
    }
}

pub(super) async fn owe_all(tx: &mut Transaction<'static, Any>, poll: &Poll<'_>, new: &[Entry]) -> Result<usize> {
    let mut subscriptions = Vec::with_capacity(poll.subscriptions.len());
    for subscription in poll.subscriptions {
        let welcomed = poll.due.first && is_welcomed(tx, subscription).await?;
        subscriptions.push((subscription.clone(), welcomed));
    }
    let owed = fan_out(&subscriptions, new, poll.due.first, poll.now);
    for one in &owed {
        if let Some((subscription, _)) = subscriptions.get(one.subscription) {
            owe(tx, &poll.due.source, subscription, one, poll.now).await?;
        }
    }
    if poll.due.first {
        for subscription in poll.subscriptions {
            mark_welcomed(tx, subscription).await?;
        }
    }
    Ok(owed.len())
}

async fn is_welcomed(tx: &mut Transaction<'static, Any>, subscription: &Subscription) -> Result<bool> {
    let found: Option<i64> = sqlx::query_scalar("SELECT CAST(1 AS BIGINT) FROM welcomed WHERE feed = $1 AND address = $2")
        .bind(subscription.feed.as_str().to_owned())
        .bind(subscription.to.to_string())
        .fetch_optional(&mut **tx)
        .await
        .context("store: welcome")?;
    Ok(found.is_some())
}

async fn mark_welcomed(tx: &mut Transaction<'static, Any>, subscription: &Subscription) -> Result<()> {
    sqlx::query("INSERT INTO welcomed (feed, address) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(subscription.feed.as_str().to_owned())
        .bind(subscription.to.to_string())
        .execute(&mut **tx)
        .await
        .context("store: welcome")?;
    Ok(())
}

async fn owe(
    tx: &mut Transaction<'static, Any>,
    source: &Slug,
    subscription: &Subscription,
    owed: &Owed,
    now: DateTime<Utc>,
) -> Result<()> {
    let to = present(tx, &subscription.to).await?;
    sqlx::query("INSERT INTO addresses (address, channel) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(to.to_string())
        .bind(to.channel().to_owned())
        .execute(&mut **tx)
        .await
        .context("store: owe")?;
    sqlx::query(
        "INSERT INTO deliveries (entry, address, channel, feed, digest, silent, owed_since, due, state) \
         SELECT id, $1, $2, $3, $4, $5, $6, $7, 'due' FROM entries WHERE source = $8 AND guid = $9 ON CONFLICT DO NOTHING",
    )
    .bind(to.to_string())
    .bind(to.channel().to_owned())
    .bind(subscription.feed.as_str().to_owned())
    .bind(i64::from(subscription.digest))
    .bind(i64::from(subscription.silent))
    .bind(ms(now))
    .bind(ms(owed.due))
    .bind(source.as_str().to_owned())
    .bind(owed.guid.as_str().to_owned())
    .execute(&mut **tx)
    .await
    .context("store: owe")?;
    Ok(())
}

/// Where an address is now: a group that became a supergroup keeps its old name in the config.
async fn present(tx: &mut Transaction<'static, Any>, to: &Address) -> Result<Address> {
    let moved: Option<String> = sqlx::query_scalar("SELECT present FROM moves WHERE former = $1")
        .bind(to.to_string())
        .fetch_optional(&mut **tx)
        .await
        .context("store: owe")?;
    Ok(moved.as_deref().and_then(Address::parse).unwrap_or_else(|| to.clone()))
}
