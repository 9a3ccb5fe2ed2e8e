//! How many deliveries stand where.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use anyhow::{Context, Result};
use sqlx::Row;

use super::Store;

/// How many deliveries stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// To be sent, now or later.
    pub due: i64,
    /// Under way, or in doubt.
    pub doubt: i64,
    /// Given up.
    pub dead: i64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, more: Self) {
        self.due += more.due;
        self.doubt += more.doubt;
        self.dead += more.dead;
    }
}

/// Counts by channel; of what is due by what stands before the colon, since that index holds the
/// addresses and no channel: no row of the outbox is read, however much waits.
macro_rules! by_channel {
    ($due:literal) => {
        concat!(
            $due,
            " UNION ALL SELECT channel, 'doubt' AS state, COUNT(*) AS count FROM deliveries WHERE state IN ('sending', 'doubt') GROUP BY channel \
             UNION ALL SELECT channel, 'dead' AS state, COUNT(*) AS count FROM deliveries WHERE state = 'dead' GROUP BY channel"
        )
    };
}

pub(super) const SQLITE: &str = by_channel!(
    "SELECT n.value AS channel, 'due' AS state, (SELECT COUNT(*) FROM deliveries d WHERE d.state = 'due' \
     AND d.address >= n.value || ':' AND d.address < n.value || ';') AS count FROM json_each($1) n"
);
pub(super) const POSTGRES: &str = by_channel!(
    "SELECT SPLIT_PART(address, ':', 1) AS channel, 'due' AS state, COUNT(*) AS count FROM deliveries WHERE state = 'due' \
     AND SPLIT_PART(address, ':', 1) = ANY (ARRAY(SELECT json_array_elements_text($1::json))) GROUP BY 1"
);

impl Store {
    /// How many deliveries stand where.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tally(&self) -> Result<Tally> {
        let row = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM deliveries WHERE state = 'due') AS due, \
             (SELECT COUNT(*) FROM deliveries WHERE state IN ('sending', 'doubt')) AS doubt, \
             (SELECT COUNT(*) FROM deliveries WHERE state = 'dead') AS dead",
        )
        .fetch_one(&self.read)
        .await
        .context("store: tally")?;
        Ok(Tally { due: row.try_get("due")?, doubt: row.try_get("doubt")?, dead: row.try_get("dead")? })
    }

    /// The same by channel: of these, and of others that were given up or are in doubt.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tallies(&self, channels: &[&str]) -> Result<BTreeMap<String, Tally>> {
        let text = self.engine.pick(SQLITE, POSTGRES);
        let rows = sqlx::query(text).bind(serde_json::to_string(channels)?).fetch_all(&self.read).await.context("store: tallies")?;
        let mut tallies: BTreeMap<String, Tally> = channels.iter().map(|name| ((*name).to_owned(), Tally::default())).collect();
        for row in &rows {
            let count = row.try_get("count")?;
            let more = match row.try_get::<&str, _>("state")? {
                "due" => Tally { due: count, ..Tally::default() },
                "doubt" => Tally { doubt: count, ..Tally::default() },
                _ => Tally { dead: count, ..Tally::default() },
            };
            *tallies.entry(row.try_get("channel")?).or_default() += more;
        }
        Ok(tallies)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::store::Access;

    #[tokio::test]
    async fn what_waits_is_counted_in_an_index_alone() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open("sqlite://loa.db", dir.path(), Access::Daemon).await.unwrap_or_else(|_| unreachable!());
        let text = format!("EXPLAIN QUERY PLAN {SQLITE}");
        let rows = sqlx::query(sqlx::AssertSqlSafe(text)).bind("[\"bot\"]").fetch_all(&store.read).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.try_get("detail").unwrap()).collect();
        let of = |name: &str| plan.iter().filter(|step| step.contains(&format!(" {name} "))).cloned().collect::<Vec<_>>();
        let (due, others) = (of("d"), of("deliveries"));
        assert!(due.iter().all(|step| step.contains("COVERING INDEX") && step.contains("address>? AND address<?")), "{plan:?}");
        assert!(others.iter().all(|step| step.contains("INDEX deliveries_open") || step.contains("INDEX deliveries_dead")), "{plan:?}");
        assert_eq!((due.len(), others.len()), (1, 2), "{plan:?}");
    }
}
