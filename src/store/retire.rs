//! What is owed to addresses that nothing names any more.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction};

use super::pieces::{TOGETHER, breathe};
use super::turns::{Whose, reckon};
use super::{Catalog, Store, ms};
use crate::phrases;

/// Those that something is owed to and that no subscription of people's own names. The second ways
/// are listed once: looked for by address they would be read through for each.
const UNNAMED: &str = "SELECT a.address FROM addresses a WHERE (a.at IS NOT NULL OR a.refusals > 0) \
     AND NOT EXISTS (SELECT 1 FROM subscriptions s WHERE s.address = a.address) \
     AND a.address NOT IN (SELECT w.fallback FROM subscriptions w WHERE w.fallback IS NOT NULL)";

/// Some of what is owed to some addresses, unless they were subscribed meanwhile. One state each, for
/// SQLite takes no index over several states.
macro_rules! give_up {
    ($state:literal) => {
        (
            concat!(
                "UPDATE deliveries SET state = 'dead', cause = $1, settled = $2, lease = NULL, retired = 1 WHERE id IN \
                 (SELECT d.id FROM deliveries d WHERE d.address IN (SELECT value FROM json_each($3)) AND d.state = ",
                $state,
                " AND NOT EXISTS (SELECT 1 FROM subscriptions s WHERE s.address = d.address) LIMIT $4) RETURNING address"
            ),
            concat!(
                "UPDATE deliveries SET state = 'dead', cause = $1, settled = $2, lease = NULL, retired = 1 WHERE id = ANY (ARRAY \
                 (SELECT d.id FROM deliveries d WHERE d.address = ANY (ARRAY(SELECT json_array_elements_text($3::json))) AND d.state = ",
                $state,
                " AND NOT EXISTS (SELECT 1 FROM subscriptions s WHERE s.address = d.address) LIMIT $4)) AND state = ",
                $state,
                " RETURNING address"
            ),
        )
    };
}
const DUE: (&str, &str) = give_up!("'due'");
const DOUBTFUL: (&str, &str) = give_up!("'doubt'");

impl Store {
    /// What is owed to addresses that nothing names any more becomes dead letters: an admin who
    /// corrects a mistyped chat does not want the wrong one served. They can be sent again by hand.
    /// Of very many some hundred at a time; what a killed process left is given up by the next.
    pub(super) async fn retire(&self, catalog: &Catalog, now: DateTime<Utc>) -> Result<()> {
        let named = self.addresses_of(catalog).await?;
        let mut unnamed: Vec<String> = sqlx::query_scalar(UNNAMED).fetch_all(&self.read).await.context("store: retire")?;
        unnamed.retain(|address| !named.contains(address));
        for some in unnamed.chunks(TOGETHER) {
            while self.retire_some(some, now).await? == TOGETHER {
                breathe().await;
            }
        }
        Ok(())
    }

    /// Gives up some of what is owed to these; less than [`TOGETHER`] when nothing is left.
    async fn retire_some(&self, addresses: &[String], now: DateTime<Utc>) -> Result<usize> {
        let mut tx = self.begin().await?;
        let mut given_up: Vec<String> = Vec::new();
        for (sqlite, postgres) in [DUE, DOUBTFUL] {
            let some: Vec<String> = sqlx::query_scalar(self.pick(sqlite, postgres))
                .bind(phrases::address_unnamed())
                .bind(ms(now))
                .bind(serde_json::to_string(addresses)?)
                .bind(i64::try_from(TOGETHER - given_up.len())?)
                .fetch_all(&mut *tx)
                .await
                .context("store: retire")?;
            given_up.extend(some);
        }
        if given_up.len() < TOGETHER {
            self.forget_refusals(&mut tx, addresses).await?;
        }
        reckon(&mut tx, Whose::These(self.engine, addresses)).await?;
        tx.commit().await.context("store: retire")?;
        Ok(given_up.len())
    }

    async fn forget_refusals(&self, tx: &mut Transaction<'static, Any>, addresses: &[String]) -> Result<()> {
        let text = self.pick(
            "UPDATE addresses SET ready = 0, refusals = 0, cause = NULL WHERE address IN (SELECT value FROM json_each($1)) \
             AND NOT EXISTS (SELECT 1 FROM subscriptions s WHERE s.address = addresses.address)",
            "UPDATE addresses SET ready = 0, refusals = 0, cause = NULL WHERE address = ANY (ARRAY(SELECT json_array_elements_text($1::json))) \
             AND NOT EXISTS (SELECT 1 FROM subscriptions s WHERE s.address = addresses.address)",
        );
        sqlx::query(text).bind(serde_json::to_string(addresses)?).execute(&mut **tx).await.context("store: retire")?;
        Ok(())
    }

    /// Every address that something may be owed to: those of the config, under each name that they
    /// have taken since.
    async fn addresses_of(&self, catalog: &Catalog) -> Result<HashSet<String>> {
        let rows = sqlx::query("SELECT former, present FROM moves").fetch_all(&self.read).await.context("store: retire")?;
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
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::store::Access;
    use crate::store::tests::plan;

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

    #[tokio::test]
    async fn what_is_owed_to_an_address_is_found_without_a_look_at_all_deliveries() {
        for (text, _) in [DUE, DOUBTFUL] {
            let plan = plan(text).await;
            assert!(plan.iter().any(|step| step.starts_with("SEARCH d USING") && step.contains("(address=?")), "{plan:?}");
            assert!(!plan.iter().any(|step| step.starts_with("SCAN d")), "{plan:?}");
        }
    }
}
