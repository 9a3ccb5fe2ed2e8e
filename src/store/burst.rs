//! Bursts: more entries than people are told one by one, due at once for one address. They become
//! one list as a digest is one, committed with the claim, so whatever comes later finds a digest.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result};
use sqlx::Row;

use super::claim::{CLAIM, Claim, Open};
use super::ms;

/// What may be listed for an address and a feed: what is due and was not tried, urgent news apart.
macro_rules! beside {
    ($address:literal, $feed:literal, $limit:literal) => {
        concat!(
            "SELECT d.id FROM deliveries d WHERE d.address = ",
            $address,
            " AND d.feed = ",
            $feed,
            " AND d.state = 'due' AND d.due <= $1 AND d.digest = 0 AND d.attempt = 0 AND d.rank > 0 AND d.burst > 0 ORDER BY d.id LIMIT ",
            $limit
        )
    };
}

/// The deliveries among these with which a burst begins. No more is counted than a burst can be, see
/// `Subscription::MOST_BURST`.
macro_rules! bursts {
    ($these:literal) => {
        concat!(
            "SELECT h.id FROM deliveries h WHERE h.id ",
            $these,
            " AND h.state = 'due' AND h.attempt = 0 AND h.rank > 0 AND (SELECT COUNT(*) FROM (",
            beside!("h.address", "h.feed", "101"),
            ") AS beside) > h.burst"
        )
    };
}

/// As many as one list carries.
const LIST: &str = concat!("UPDATE deliveries SET digest = 1 WHERE id IN (", beside!("$2", "$3", "100"), ")");
const BURSTS_SQLITE: &str = bursts!("IN (SELECT value FROM json_each($2))");
const BURSTS_POSTGRES: &str = bursts!("= ANY (ARRAY(SELECT CAST(v AS BIGINT) FROM json_array_elements_text($2::json) v))");

impl Claim<'_> {
    /// Makes digests of the bursts that begin with one of these.
    pub(super) async fn gather(&mut self, open: &mut HashMap<String, Open>) -> Result<()> {
        let heads: Vec<i64> = open.values().filter(|one| one.burst > 0 && !one.digest && !one.in_doubt).map(|one| one.id).collect();
        if heads.is_empty() {
            return Ok(());
        }
        let begun = self.bursts(&heads).await?;
        for one in open.values_mut().filter(|one| begun.contains(&one.id)) {
            self.list(one).await?;
            one.digest = true;
        }
        Ok(())
    }

    async fn bursts(&mut self, heads: &[i64]) -> Result<HashSet<i64>> {
        let text = self.pick(BURSTS_SQLITE, BURSTS_POSTGRES);
        let rows = sqlx::query(text).bind(ms(self.now)).bind(serde_json::to_string(heads)?).fetch_all(&mut **self.tx).await;
        rows.context(CLAIM)?.iter().map(|row| Ok(row.try_get("id")?)).collect()
    }

    async fn list(&mut self, head: &Open) -> Result<()> {
        let listed = sqlx::query(LIST).bind(ms(self.now)).bind(head.address.clone()).bind(head.feed.clone());
        listed.execute(&mut **self.tx).await.context(CLAIM)?;
        Ok(())
    }
}
