//! What entries are owed to whom: committed with the entries themselves.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{Any, Row as _, Transaction};

use super::entries::{select_entries, stored};
use super::turns::{Whose, reckon};
use super::{Engine, Poll, Store, fan_outs, ms};
use crate::entry::{Entry, Guid, Slug};
use crate::outbox::{Owed, fan_out};
use crate::subscription::{Address, Subscription};

/// Deliveries that one statement writes.
pub(super) const TOGETHER: usize = 500;

/// Whether one has had the newest of a feed: a row, however many others have.
const WELCOMED: &str = "SELECT CAST(1 AS BIGINT) FROM welcomed WHERE feed = $1 AND address = $2";
/// Among so many of the newest are those that a new subscription wants.
const LOOKED_AT: i64 = 200;

/// Ranks of deliveries, see the migration `turns`.
pub(super) const URGENT: i64 = 0;
const NEWS: i64 = 1;
/// One entry on its way to very many: all that is for few goes first.
const FOR_MANY: i64 = 2;

impl Store {
    /// A subscription that is new to sources read before is owed their newest.
    pub(super) async fn welcome(
        &self,
        tx: &mut Transaction<'static, Any>,
        subscription: &Subscription,
        sources: &[Slug],
        now: DateTime<Utc>,
    ) -> Result<()> {
        let known: Option<i64> = sqlx::query_scalar(WELCOMED)
            .bind(subscription.feed.as_str().to_owned())
            .bind(subscription.to.to_string())
            .fetch_optional(&mut **tx)
            .await
            .context("store: welcome")?;
        if known.is_some() {
            return Ok(());
        }
        let names = serde_json::to_string(&sources.iter().map(Slug::as_str).collect::<Vec<_>>())?;
        let newest = self.pick(
            select_entries!(
                "FROM entries e JOIN sources s ON s.slug = e.source AND s.first_read IS NOT NULL \
                WHERE e.source IN (SELECT value FROM json_each($1)) AND e.withdrawn IS NULL ORDER BY e.sorted DESC, e.id DESC LIMIT $2"
            ),
            select_entries!(
                "FROM entries e JOIN sources s ON s.slug = e.source AND s.first_read IS NOT NULL \
                WHERE e.source = ANY (ARRAY(SELECT json_array_elements_text($1::json))) AND e.withdrawn IS NULL ORDER BY e.sorted DESC, e.id DESC LIMIT $2"
            ),
        );
        // Who wants none of them is only noted, once there are any.
        let looked_at = if subscription.welcome == 0 { 1 } else { LOOKED_AT };
        let rows = sqlx::query(newest).bind(names).bind(looked_at).fetch_all(&mut **tx).await.context("store: welcome")?;
        if rows.is_empty() {
            return Ok(());
        }
        let known = rows.iter().map(stored).collect::<Result<Vec<_>>>()?;
        let entries: Vec<Entry> = known.iter().map(|s| s.entry.clone()).collect();
        let of: HashMap<&Guid, &Slug> = known.iter().map(|s| (&s.entry.guid, &s.source)).collect();
        let mut rows: HashMap<&Slug, Vec<Row<'_>>> = HashMap::new();
        let moves = moves(tx, self.engine, std::iter::once(subscription)).await?;
        for owed in fan_out(&[(subscription.clone(), false)], &entries, true, now) {
            if let Some(source) = of.get(&owed.guid) {
                let of_source = rows.entry(source).or_default();
                of_source.push(Row::new(of_source.len(), subscription, owed, &moves));
            }
        }
        for (source, rows) in rows {
            owe(tx, self.engine, source, &rows, now).await?;
        }
        mark_welcomed(tx, self.engine, std::slice::from_ref(subscription)).await
    }
}

pub(super) async fn owe_all(tx: &mut Transaction<'static, Any>, engine: Engine, poll: &Poll<'_>, new: &[Entry]) -> Result<usize> {
    let mut known: HashMap<&Slug, HashSet<String>> = HashMap::new();
    let mut subscriptions = Vec::with_capacity(poll.subscriptions.len());
    for subscription in poll.subscriptions {
        if poll.due.first && !known.contains_key(&subscription.feed) {
            known.insert(&subscription.feed, welcomed(tx, &subscription.feed).await?);
        }
        let welcomed = known.get(&subscription.feed).is_some_and(|known| known.contains(&subscription.to.to_string()));
        subscriptions.push((subscription.clone(), welcomed));
    }
    let owed = fan_out(&subscriptions, new, poll.due.first, poll.now);
    let owing = owed.iter().filter_map(|owed| Some(&subscriptions.get(owed.subscription)?.0));
    let (count, moves) = (owed.len(), moves(tx, engine, owing).await?);
    let rows: Vec<Row<'_>> = owed
        .into_iter()
        .enumerate()
        .filter_map(|(n, owed)| Some(Row::new(n, &subscriptions.get(owed.subscription)?.0, owed, &moves)))
        .collect();
    owe(tx, engine, &poll.due.source, &rows, poll.now).await?;
    if !poll.due.first {
        fan_outs::begin(tx, poll, new).await?;
    }
    if poll.due.first {
        mark_welcomed(tx, engine, poll.subscriptions).await?;
    }
    Ok(count)
}

/// Who has had the newest of a feed.
async fn welcomed(tx: &mut Transaction<'static, Any>, feed: &Slug) -> Result<HashSet<String>> {
    let rows: Vec<String> = sqlx::query_scalar("SELECT address FROM welcomed WHERE feed = $1")
        .bind(feed.as_str().to_owned())
        .fetch_all(&mut **tx)
        .await
        .context("store: welcome")?;
    Ok(rows.into_iter().collect())
}

async fn mark_welcomed(tx: &mut Transaction<'static, Any>, engine: Engine, subscriptions: &[Subscription]) -> Result<()> {
    let text = match engine {
        Engine::Sqlite => {
            "INSERT INTO welcomed (feed, address) SELECT value ->> 0, value ->> 1 FROM json_each($1) WHERE true ON CONFLICT DO NOTHING"
        }
        Engine::Postgres => {
            "INSERT INTO welcomed (feed, address) SELECT v ->> 0, v ->> 1 FROM json_array_elements($1::json) v ON CONFLICT DO NOTHING"
        }
    };
    for some in subscriptions.chunks(TOGETHER) {
        let pairs: Vec<(&str, String)> = some.iter().map(|s| (s.feed.as_str(), s.to.to_string())).collect();
        sqlx::query(text).bind(serde_json::to_string(&pairs)?).execute(&mut **tx).await.context("store: welcome")?;
    }
    Ok(())
}

/// One delivery, as the statements read it.
#[derive(Serialize)]
pub(super) struct Row<'a> {
    /// Its place: what is owed first has the lower number.
    n: usize,
    guid: String,
    address: String,
    channel: String,
    feed: &'a str,
    digest: i64,
    silent: i64,
    due: i64,
    rank: i64,
    fallback: Option<String>,
    burst: i64,
}

impl<'a> Row<'a> {
    /// The same for one of very many.
    pub(super) fn for_many(mut self) -> Self {
        self.rank = if self.rank == URGENT { URGENT } else { FOR_MANY };
        self
    }

    pub(super) fn new(n: usize, subscription: &'a Subscription, owed: Owed, moves: &HashMap<String, String>) -> Self {
        // A group that became a supergroup keeps its old name in the config.
        let present =
            |written: &Address| moves.get(&written.to_string()).and_then(|now| Address::parse(now)).unwrap_or_else(|| written.clone());
        let to = present(&subscription.to);
        Self {
            n,
            guid: owed.guid.as_str().to_owned(),
            address: to.to_string(),
            channel: to.channel().to_owned(),
            feed: subscription.feed.as_str(),
            digest: i64::from(subscription.digest && !owed.urgent),
            silent: i64::from(subscription.silent && !owed.urgent),
            due: ms(owed.due),
            rank: if owed.urgent { URGENT } else { NEWS },
            fallback: subscription.fallback.as_ref().map(|second| present(second).to_string()),
            burst: i64::try_from(subscription.burst).unwrap_or_default(),
        }
    }
}

macro_rules! rows {
    (sqlite) => {
        "(SELECT value ->> 'n' AS n, value ->> 'guid' AS guid, value ->> 'address' AS address, value ->> 'channel' AS channel, value ->> 'feed' AS feed, \
          value ->> 'digest' AS digest, value ->> 'silent' AS silent, value ->> 'due' AS due, value ->> 'rank' AS rank, value ->> 'fallback' AS fallback, \
          value ->> 'burst' AS burst FROM json_each($1)) AS j"
    };
    (postgres) => {
        "json_to_recordset($1::json) AS j(n BIGINT, guid TEXT, address TEXT, channel TEXT, feed TEXT, digest BIGINT, silent BIGINT, due BIGINT, rank BIGINT, fallback TEXT, burst BIGINT)"
    };
}

macro_rules! addresses {
    ($engine:ident) => {
        concat!(
            "INSERT INTO addresses (address, channel) SELECT DISTINCT j.address, j.channel FROM ",
            rows!($engine),
            " WHERE true ON CONFLICT DO NOTHING"
        )
    };
}

macro_rules! deliveries {
    ($engine:ident) => {
        concat!(
            "INSERT INTO deliveries (entry, address, channel, feed, digest, silent, owed_since, due, rank, fallback, burst, state) \
             SELECT e.id, j.address, j.channel, j.feed, j.digest, j.silent, $2, j.due, j.rank, j.fallback, j.burst, 'due' FROM ",
            rows!($engine),
            " JOIN entries e ON e.source = $3 AND e.guid = j.guid \
             WHERE NOT EXISTS (SELECT 1 FROM leavers l WHERE l.feed = j.feed AND l.address = j.address) ORDER BY j.n ON CONFLICT DO NOTHING"
        )
    };
}

/// Writes what is owed of one source's entries, in this order.
pub(super) async fn owe(
    tx: &mut Transaction<'static, Any>,
    engine: Engine,
    source: &Slug,
    rows: &[Row<'_>],
    now: DateTime<Utc>,
) -> Result<()> {
    let (addresses, deliveries) = match engine {
        Engine::Sqlite => (addresses!(sqlite), deliveries!(sqlite)),
        Engine::Postgres => (addresses!(postgres), deliveries!(postgres)),
    };
    for some in rows.chunks(TOGETHER) {
        let json = serde_json::to_string(some)?;
        sqlx::query(addresses).bind(json.clone()).execute(&mut **tx).await.context("store: owe")?;
        sqlx::query(deliveries).bind(json).bind(ms(now)).bind(source.as_str().to_owned()).execute(&mut **tx).await.context("store: owe")?;
        let reached: Vec<String> = some.iter().map(|row| row.address.clone()).collect();
        reckon(tx, Whose::These(engine, &reached)).await?;
    }
    Ok(())
}

/// Where those addresses of some subscriptions are now that go by another name.
pub(super) async fn moves<'s>(
    tx: &mut Transaction<'static, Any>,
    engine: Engine,
    of: impl Iterator<Item = &'s Subscription>,
) -> Result<HashMap<String, String>> {
    let text = engine.pick(
        "SELECT former, present FROM moves WHERE former IN (SELECT value FROM json_each($1))",
        "SELECT former, present FROM moves WHERE former = ANY (ARRAY(SELECT json_array_elements_text($1::json)))",
    );
    let named: Vec<String> = of.flat_map(|s| std::iter::once(&s.to).chain(&s.fallback)).map(ToString::to_string).collect();
    if named.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query(text).bind(serde_json::to_string(&named)?).fetch_all(&mut **tx).await.context("store: owe")?;
    rows.iter().map(|row| Ok((row.try_get("former")?, row.try_get("present")?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plan;

    #[tokio::test]
    async fn whether_one_was_welcomed_does_not_depend_on_how_many_were() {
        let plan = plan(WELCOMED).await;
        assert!(plan.iter().all(|step| step.starts_with("SEARCH welcomed ") && step.ends_with("(feed=? AND address=?)")), "{plan:?}");
    }
}
