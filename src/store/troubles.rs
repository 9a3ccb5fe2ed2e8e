//! What of a channel the admin is to hear of, as the outbox tells it: whatever process notes it, and
//! however often it was killed, it is the same.

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use sqlx::Row;

use super::outbox::address;
use super::{Store, at, ms};
use crate::subscription::Address;

/// No more are counted: it does not matter how many more there are.
pub const COUNTED: i64 = 10_000;

/// Deliveries of a channel that were given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenUp {
    /// How many, [`COUNTED`] and one at most.
    pub count: i64,
    /// When the first of them was.
    pub since: DateTime<Utc>,
    /// The number of the last.
    pub last: i64,
    /// Its entry's title.
    pub title: String,
    /// Where it should have gone.
    pub to: Address,
    /// Why it did not.
    pub cause: String,
}

/// Addresses of a channel that the platform told to wait for long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// How many, [`COUNTED`] and one at most.
    pub count: i64,
    /// The one that waits the longest.
    pub to: Address,
    /// Until when.
    pub until: DateTime<Utc>,
    /// What the platform said.
    pub cause: String,
}

const GIVEN_UP: &str = "SELECT d.id, d.address, COALESCE(d.cause, '') AS cause, e.title, \
     (SELECT COUNT(*) FROM (SELECT 1 FROM deliveries x WHERE x.channel = $1 AND x.state = 'dead' AND x.retired = 0 LIMIT $2) AS counted) AS count, \
     COALESCE((SELECT MIN(x.settled) FROM deliveries x WHERE x.channel = $1 AND x.state = 'dead' AND x.retired = 0), 0) AS since \
     FROM deliveries d JOIN entries e ON e.id = d.entry \
     WHERE d.channel = $1 AND d.state = 'dead' AND d.retired = 0 ORDER BY d.settled DESC LIMIT 1";
const WAITING: &str = "SELECT a.address, a.held, \
     COALESCE((SELECT d.cause FROM deliveries d WHERE d.address = a.address AND d.state = 'due' AND d.attempt > 0 ORDER BY d.id LIMIT 1), '') AS cause, \
     (SELECT COUNT(*) FROM (SELECT 1 FROM addresses x WHERE x.channel = $1 AND x.held > $3 AND x.ready > $3 AND x.at IS NOT NULL LIMIT $2) AS counted) AS count \
     FROM addresses a WHERE a.channel = $1 AND a.held > $3 AND a.ready > $3 AND a.at IS NOT NULL ORDER BY a.held DESC LIMIT 1";

impl Store {
    /// What of a channel was given up and neither sent again nor dropped since; not what nothing
    /// names any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn given_up(&self, channel: &str) -> Result<Option<GivenUp>> {
        let found = sqlx::query(GIVEN_UP).bind(channel.to_owned()).bind(COUNTED + 1).fetch_optional(&self.read).await;
        let row = found.context("store: given up")?;
        row.map(|row| {
            Ok(GivenUp {
                count: row.try_get("count")?,
                since: at(row.try_get("since")?),
                last: row.try_get("id")?,
                title: row.try_get("title")?,
                to: address(&row.try_get::<String, _>("address")?)?,
                cause: row.try_get("cause")?,
            })
        })
        .transpose()
    }

    /// Which addresses of a channel something is owed to and the platform told to wait for long.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waiting(&self, channel: &str, now: DateTime<Utc>) -> Result<Option<Waiting>> {
        let found = sqlx::query(WAITING).bind(channel.to_owned()).bind(COUNTED + 1).bind(ms(now)).fetch_optional(&self.read).await;
        let row = found.context("store: waiting")?;
        row.map(|row| {
            Ok(Waiting {
                count: row.try_get("count")?,
                to: address(&row.try_get::<String, _>("address")?)?,
                until: at(row.try_get("held")?),
                cause: row.try_get("cause")?,
            })
        })
        .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plan;

    #[tokio::test]
    async fn a_look_at_the_troubles_reads_no_outbox_however_much_is_owed() {
        let given_up = plan(GIVEN_UP).await;
        let of =
            |steps: &[String], name: &str| steps.iter().filter(|step| step.contains(&format!(" {name} "))).cloned().collect::<Vec<_>>();
        for name in ["d", "x"] {
            let steps = of(&given_up, name);
            assert!(!steps.is_empty() && steps.iter().all(|step| step.contains("INDEX deliveries_given_up (channel=?)")), "{given_up:?}");
        }
        let waiting = plan(WAITING).await;
        for name in ["a", "x"] {
            let steps = of(&waiting, name);
            assert!(
                !steps.is_empty() && steps.iter().all(|step| step.contains("INDEX addresses_held (channel=? AND held>?)")),
                "{waiting:?}"
            );
        }
    }
}
