//! Dead letters: what was given up or is held back, for people to look at.

use std::collections::{BTreeSet, HashMap};

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::entries::slug;
use super::outbox::address;
use super::pieces::{TOGETHER, breathe};
use super::turns::{Whose, reckon};
use super::{Store, at, ms};
use crate::entry::Slug;
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

const DEAD: &str = "SELECT id FROM deliveries WHERE state = 'dead'";
const DEAD_OR_HELD: &str = "SELECT id FROM deliveries WHERE state = 'dead' \
     UNION ALL SELECT d.id FROM addresses a JOIN deliveries d ON d.address = a.address WHERE a.refusals > 0 AND d.state = 'due'";

macro_rules! revive {
    ($these:literal) => {
        concat!(
            "UPDATE deliveries SET state = 'due', due = $1, owed_since = $1, attempt = 0, doubts = 0, lease = NULL, retired = 0 WHERE id ",
            $these,
            " AND state IN ('dead', 'due') AND (state = 'dead' \
             OR EXISTS (SELECT 1 FROM addresses a WHERE a.address = deliveries.address AND a.refusals > 0)) \
             RETURNING address, (SELECT a.refusals FROM addresses a WHERE a.address = deliveries.address) AS refusals"
        )
    };
}
const REVIVE: (&str, &str) = (
    revive!("IN (SELECT value FROM json_each($2))"),
    revive!("= ANY (ARRAY(SELECT CAST(v AS BIGINT) FROM json_array_elements_text($2::json) v))"),
);

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
    /// Returns how many. Of very many some hundred at a time: where this is cut short, another call
    /// takes up the rest.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revive(&self, ids: &[i64], now: DateTime<Utc>) -> Result<u64> {
        let (mut revived, mut refusing) = (0, BTreeSet::new());
        for some in self.meant(ids, DEAD_OR_HELD).await?.chunks(TOGETHER) {
            revived += self.revive_some(some, &mut refusing, now).await?;
            breathe().await;
        }
        // Last, for what is held is known by the refusal of its address.
        let refusing: Vec<String> = refusing.into_iter().collect();
        for some in refusing.chunks(TOGETHER) {
            self.ask_again(some).await?;
            breathe().await;
        }
        Ok(revived)
    }

    /// The channel of each letter that could be sent again, the oldest first: of these, or of all when
    /// `ids` is empty.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn channels_of(&self, ids: &[i64]) -> Result<Vec<(i64, String)>> {
        let text = self.pick(
            "SELECT id, channel FROM deliveries WHERE id IN (SELECT value FROM json_each($1)) AND state IN ('dead', 'due') ORDER BY id",
            "SELECT id, channel FROM deliveries WHERE id = ANY (ARRAY(SELECT CAST(v AS BIGINT) FROM json_array_elements_text($1::json) v)) \
             AND state IN ('dead', 'due') ORDER BY id",
        );
        let ids = serde_json::to_string(&self.meant(ids, DEAD_OR_HELD).await?)?;
        let rows = sqlx::query(text).bind(ids).fetch_all(&self.read).await.context("store: letters")?;
        rows.iter().map(|row| Ok((row.try_get("id")?, row.try_get("channel")?))).collect()
    }

    /// Makes some due again, and notes which of their addresses refuse.
    async fn revive_some(&self, ids: &[i64], refusing: &mut BTreeSet<String>, now: DateTime<Utc>) -> Result<u64> {
        let mut tx = self.begin().await?;
        let rows = sqlx::query(self.pick(REVIVE.0, REVIVE.1))
            .bind(ms(now))
            .bind(serde_json::to_string(ids)?)
            .fetch_all(&mut *tx)
            .await
            .context("store: revive")?;
        let mut touched: Vec<String> = Vec::with_capacity(rows.len());
        for row in &rows {
            let address: String = row.try_get("address")?;
            if row.try_get::<i64, _>("refusals")? > 0 {
                refusing.insert(address.clone());
            }
            touched.push(address);
        }
        reckon(&mut tx, Whose::These(self.engine, &touched)).await?;
        tx.commit().await.context("store: revive")?;
        Ok(rows.len() as u64)
    }

    async fn ask_again(&self, addresses: &[String]) -> Result<()> {
        let text = self.pick(
            "UPDATE addresses SET ready = 0, refusals = 0, cause = NULL WHERE refusals > 0 AND address IN (SELECT value FROM json_each($1))",
            "UPDATE addresses SET ready = 0, refusals = 0, cause = NULL WHERE refusals > 0 AND address = ANY (ARRAY(SELECT json_array_elements_text($1::json)))",
        );
        let mut tx = self.begin().await?;
        sqlx::query(text).bind(serde_json::to_string(addresses)?).execute(&mut *tx).await.context("store: revive")?;
        reckon(&mut tx, Whose::These(self.engine, addresses)).await?;
        tx.commit().await.context("store: revive")
    }

    /// The letters that are meant: these, or all, the oldest first.
    async fn meant(&self, ids: &[i64], all: &'static str) -> Result<Vec<i64>> {
        let mut meant = match ids {
            [] => sqlx::query_scalar(all).fetch_all(&self.read).await.context("store: letters")?,
            ids => ids.to_vec(),
        };
        meant.sort_unstable();
        Ok(meant)
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

    /// Forgets dead letters; all of them when `ids` is empty. Returns how many. Of very many some
    /// hundred at a time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn drop_letters(&self, ids: &[i64]) -> Result<u64> {
        let text = self.pick(
            "UPDATE deliveries SET state = 'dropped' WHERE state = 'dead' AND id IN (SELECT value FROM json_each($1))",
            "UPDATE deliveries SET state = 'dropped' WHERE state = 'dead' \
             AND id = ANY (ARRAY(SELECT CAST(v AS BIGINT) FROM json_array_elements_text($1::json) v))",
        );
        let mut dropped = 0;
        for some in self.meant(ids, DEAD).await?.chunks(TOGETHER) {
            let done = sqlx::query(text).bind(serde_json::to_string(some)?).execute(&self.write).await.context("store: drop letters")?;
            dropped += done.rows_affected();
            breathe().await;
        }
        Ok(dropped)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plan;

    #[tokio::test]
    async fn letters_are_touched_by_their_numbers_and_listed_by_what_is_wrong_with_them() {
        let touched = plan(REVIVE.0).await;
        assert!(touched.iter().any(|step| step == "SEARCH deliveries USING INTEGER PRIMARY KEY (rowid=?)"), "{touched:?}");
        let listed = plan(DEAD_OR_HELD).await;
        for index in ["deliveries_dead", "(address=?"] {
            assert!(listed.iter().any(|step| step.contains(index)), "{listed:?}");
        }
    }
}
