//! Dead letters: what was given up or is held back, for people to look at.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::entries::slug;
use super::outbox::address;
use super::turns::{Whose, reckon};
use super::{Catalog, Store, at, ms};
use crate::entry::Slug;
use crate::phrases;
use crate::subscription::Address;

/// A delivery that was given up, or that its address refuses for now.
#[derive(Debug, Clone)]
pub struct Dead {
    /// Its number, for `letters retry`.
    pub id: i64,
    /// Where it should have gone.
    pub to: Address,
    /// The source.
    pub source: Slug,
    /// The entry's title.
    pub title: String,
    /// Why.
    pub cause: String,
    /// Since when it was owed.
    pub owed_since: DateTime<Utc>,
    /// Not given up: it waits for its address to accept again.
    pub held: bool,
    /// Not given up: its answer was lost.
    pub in_doubt: bool,
}

/// Which letters are looked at; `None` means all.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Those of one channel.
    pub channel: Option<String>,
    /// Those of one source.
    pub source: Option<String>,
    /// Those owed since then.
    pub since: Option<DateTime<Utc>>,
    /// Those owed before then.
    pub until: Option<DateTime<Utc>>,
}

impl Store {
    /// All dead letters and held deliveries, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn dead_letters(&self, limit: usize) -> Result<Vec<Dead>> {
        let letters = self.letters(&Wanted::default(), limit).await?;
        Ok(letters.into_iter().filter(|letter| !letter.in_doubt).collect())
    }

    /// Dead letters, held deliveries and those in doubt, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn letters(&self, wanted: &Wanted, limit: usize) -> Result<Vec<Dead>> {
        let rows = sqlx::query(
            "SELECT d.id, d.address, d.state, d.owed_since, COALESCE(d.cause, a.cause, '') AS cause, e.source, e.title \
             FROM deliveries d JOIN addresses a ON a.address = d.address JOIN entries e ON e.id = d.entry \
             WHERE (d.state IN ('dead', 'doubt') OR (d.state = 'due' AND a.refusals > 0)) \
             AND ($2 = '' OR d.channel = $2) AND ($3 = '' OR e.source = $3) AND d.owed_since >= $4 AND d.owed_since < $5 ORDER BY d.id DESC LIMIT $1",
        )
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .bind(wanted.channel.clone().unwrap_or_default())
        .bind(wanted.source.clone().unwrap_or_default())
        .bind(wanted.since.map_or(0, ms))
        .bind(wanted.until.map_or(i64::MAX, ms))
        .fetch_all(&self.read)
        .await
        .context("store: letters")?;
        rows.iter().map(dead).collect()
    }

    /// Makes dead letters due again, and asks refusing addresses again; all of them when `ids` is empty.
    /// Returns how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revive(&self, ids: &[i64], now: DateTime<Utc>) -> Result<u64> {
        let mut tx = self.begin().await?;
        let text = self.pick(
            "UPDATE deliveries SET state = 'due', due = $1, owed_since = $1, attempt = 0, doubts = 0, lease = NULL, retired = 0 \
             WHERE (state = 'dead' OR (state = 'due' AND address IN (SELECT address FROM addresses WHERE refusals > 0))) \
             AND ($2 = '[]' OR id IN (SELECT value FROM json_each($2)))",
            "UPDATE deliveries SET state = 'due', due = $1, owed_since = $1, attempt = 0, doubts = 0, lease = NULL, retired = 0 \
             WHERE (state = 'dead' OR (state = 'due' AND address IN (SELECT address FROM addresses WHERE refusals > 0))) \
             AND ($2 = '[]' OR id IN (SELECT CAST(v AS BIGINT) FROM json_array_elements_text($2::json) v))",
        );
        let done = sqlx::query(text).bind(ms(now)).bind(serde_json::to_string(ids)?).execute(&mut *tx).await.context("store: revive")?;
        sqlx::query("UPDATE addresses SET ready = 0, refusals = 0, cause = NULL WHERE refusals > 0 AND address IN (SELECT address FROM deliveries WHERE state = 'due' AND owed_since = $1)")
            .bind(ms(now))
            .execute(&mut *tx)
            .await
            .context("store: revive")?;
        reckon(&mut tx, Whose::OwedSince(ms(now))).await?;
        tx.commit().await.context("store: revive")?;
        Ok(done.rows_affected())
    }

    /// How many addresses refuse us now, by channel.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn suspended(&self) -> Result<HashMap<String, i64>> {
        let rows = sqlx::query("SELECT channel, COUNT(*) AS count FROM addresses WHERE refusals > 0 GROUP BY channel")
            .fetch_all(&self.read)
            .await
            .context("store: suspended")?;
        rows.iter().map(|r| Ok((r.try_get("channel")?, r.try_get("count")?))).collect()
    }

    /// How many addresses of a channel refuse us now, and some of them with their reasons, the
    /// longest refusing first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn refusing(&self, channel: &str, some: usize) -> Result<(i64, Vec<(Address, String)>)> {
        let text = "SELECT address, COALESCE(cause, '') AS cause, COUNT(*) OVER () AS count FROM addresses \
             WHERE channel = $1 AND refusals > 0 ORDER BY refusals DESC, address LIMIT $2";
        let rows = sqlx::query(text)
            .bind(channel.to_owned())
            .bind(i64::try_from(some).unwrap_or(i64::MAX))
            .fetch_all(&self.read)
            .await
            .context("store: refusing")?;
        let count = rows.first().map_or(Ok(0), |row| row.try_get("count"))?;
        let one = |row: &AnyRow| Ok((address(&row.try_get::<String, _>("address")?)?, row.try_get("cause")?));
        Ok((count, rows.iter().map(one).collect::<Result<_>>()?))
    }

    /// Forgets dead letters; all of them when `ids` is empty. Returns how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn drop_letters(&self, ids: &[i64]) -> Result<u64> {
        let text = self.pick(
            "UPDATE deliveries SET state = 'dropped' WHERE state = 'dead' AND ($1 = '[]' OR id IN (SELECT value FROM json_each($1)))",
            "UPDATE deliveries SET state = 'dropped' WHERE state = 'dead' \
             AND ($1 = '[]' OR id IN (SELECT CAST(v AS BIGINT) FROM json_array_elements_text($1::json) v))",
        );
        let done = sqlx::query(text).bind(serde_json::to_string(ids)?).execute(&self.write).await.context("store: drop letters")?;
        Ok(done.rows_affected())
    }
}

fn dead(row: &AnyRow) -> Result<Dead> {
    Ok(Dead {
        id: row.try_get("id")?,
        to: address(&row.try_get::<String, _>("address")?)?,
        source: slug(&row.try_get::<String, _>("source")?)?,
        title: row.try_get("title")?,
        cause: row.try_get("cause")?,
        owed_since: at(row.try_get("owed_since")?),
        held: row.try_get::<String, _>("state")? == "due",
        in_doubt: row.try_get::<String, _>("state")? == "doubt",
    })
}

/// Those that something is owed to and that no subscription of people's own names. The second ways
/// are listed once: looked for by address they would be read through for each.
const UNNAMED: &str = "SELECT a.address FROM addresses a WHERE (a.at IS NOT NULL OR a.refusals > 0) \
     AND NOT EXISTS (SELECT 1 FROM subscriptions s WHERE s.address = a.address) \
     AND a.address NOT IN (SELECT w.fallback FROM subscriptions w WHERE w.fallback IS NOT NULL)";

/// What is owed to addresses that nothing names any more becomes dead letters: an admin who
/// corrects a mistyped chat does not want the wrong one served. They can be sent again by hand.
pub(super) async fn retire(tx: &mut Transaction<'static, Any>, catalog: &Catalog, now: DateTime<Utc>) -> Result<()> {
    let named = named(tx, catalog).await?;
    let owed: Vec<String> = sqlx::query_scalar(UNNAMED).fetch_all(&mut **tx).await.context("store: retire")?;
    for address in owed.into_iter().filter(|a| !named.contains(a)) {
        sqlx::query(
            "UPDATE deliveries SET state = 'dead', cause = $1, settled = $2, lease = NULL, retired = 1 WHERE address = $3 AND state IN ('due', 'doubt')",
        )
        .bind(phrases::address_unnamed())
        .bind(ms(now))
        .bind(address.clone())
        .execute(&mut **tx)
        .await
        .context("store: retire")?;
        sqlx::query("UPDATE addresses SET ready = 0, refusals = 0, cause = NULL WHERE address = $1")
            .bind(address.clone())
            .execute(&mut **tx)
            .await
            .context("store: retire")?;
        reckon(tx, Whose::One(&address)).await?;
    }
    Ok(())
}

/// Every address that something may be owed to: those of the config, under each name that they
/// have taken since.
async fn named(tx: &mut Transaction<'static, Any>, catalog: &Catalog) -> Result<HashSet<String>> {
    let rows = sqlx::query("SELECT former, present FROM moves").fetch_all(&mut **tx).await.context("store: retire")?;
    let moved = rows.iter().map(|r| Ok((r.try_get("former")?, r.try_get("present")?))).collect::<Result<HashMap<String, String>>>()?;
    let mut named = HashSet::new();
    let addresses =
        catalog.subscriptions.iter().flat_map(|(subscription, _)| std::iter::once(&subscription.to).chain(&subscription.fallback));
    let mut open: Vec<String> = addresses.map(ToString::to_string).collect();
    while let Some(address) = open.pop() {
        open.extend(moved.get(&address).filter(|present| !named.contains(*present)).cloned());
        named.insert(address);
    }
    Ok(named)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::store::Access;

    #[tokio::test]
    async fn a_start_with_very_many_subscribers_reads_them_once() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open("sqlite://loa.db", dir.path(), Access::Daemon).await.unwrap_or_else(|_| unreachable!());
        let text = format!("EXPLAIN QUERY PLAN {UNNAMED}");
        let rows = sqlx::query(sqlx::AssertSqlSafe(text)).fetch_all(&store.read).await.unwrap();
        let plan: Vec<(i64, i64, String)> =
            rows.iter().map(|row| (row.try_get("id").unwrap(), row.try_get("parent").unwrap(), row.try_get("detail").unwrap())).collect();
        let step = |begins: &str| plan.iter().find(|(_, _, step)| step.starts_with(begins)).cloned();
        assert!(step("SEARCH s USING COVERING INDEX subscriptions_address").is_some(), "{plan:?}");
        let (_, list, _) = step("SCAN w").unwrap();
        let above = plan.iter().find(|(id, _, _)| *id == list).unwrap();
        assert!(above.2.starts_with("LIST SUBQUERY"), "{plan:?}");
    }
}
