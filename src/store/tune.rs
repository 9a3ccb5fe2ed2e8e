//! Hours, rhythm and topics of a subscription that people made, and what waits for it already: it is
//! due anew, by what holds from now on. What was tried is not gathered any more, and what is under way
//! goes on.

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{Any, Row as _, Transaction};

use super::entries::{Stored, select_entries, stored};
use super::subscriptions::{kept, subscription};
use super::turns::{Whose, reckon};
use super::{Store, at, ms};
use crate::entry::Slug;
use crate::phrases;
use crate::schedule::Quiet;
use crate::subscription::{Filter, Subscription, Words};

const TUNE: &str = "store: tune";

/// The subscriptions of an address. On PostgreSQL nobody brings news to them meanwhile.
macro_rules! own {
    ($lock:literal) => {
        concat!(
            "SELECT id, feed, address, welcome, schedule, digest, quiet, filter, silent, fallback, burst FROM subscriptions WHERE address = $1 ORDER BY id",
            $lock
        )
    };
}

/// Nobody claims for the address meanwhile.
macro_rules! alone {
    ($lock:literal) => {
        concat!("SELECT address FROM addresses WHERE address = $1", $lock)
    };
}

/// What waits, but for what is urgent or partly out.
const WAITING: &str = select_entries!(
    ", d.id AS number, d.owed_since, d.due, d.digest AS listed, d.attempt, d.cause FROM deliveries d JOIN entries e ON e.id = d.entry \
     WHERE d.address = $1 AND d.feed = $2 AND d.state = 'due' AND d.rank > 0 AND d.message_ids = '[]' ORDER BY d.id"
);
/// What would wait if other topics had not been chosen.
const UNWANTED: &str = select_entries!(
    ", d.id AS number, d.owed_since, d.due, d.digest AS listed, d.attempt, d.cause FROM deliveries d JOIN entries e ON e.id = d.entry \
     WHERE d.address = $1 AND d.feed = $2 AND d.unwanted = 1 AND d.state = 'dropped' ORDER BY d.id"
);

macro_rules! anew {
    ($from:literal) => {
        concat!(
            "UPDATE deliveries SET due = j.due, digest = j.digest, unwanted = j.dropped, \
             state = CASE WHEN j.dropped = 1 THEN 'dropped' ELSE 'due' END, settled = CASE WHEN j.dropped = 1 THEN $2 END, \
             cause = CASE WHEN j.dropped = 1 THEN $3 ELSE j.cause END FROM ",
            $from,
            " WHERE deliveries.id = j.id AND (deliveries.state = 'due' OR deliveries.unwanted = 1)"
        )
    };
}
const ANEW_SQLITE: &str = anew!(
    "(SELECT value ->> 'id' AS id, value ->> 'due' AS due, value ->> 'digest' AS digest, value ->> 'dropped' AS dropped, value ->> 'cause' AS cause FROM json_each($1)) AS j"
);
const ANEW_POSTGRES: &str = anew!("json_to_recordset($1::json) AS j(id BIGINT, due BIGINT, digest BIGINT, dropped BIGINT, cause TEXT)");

/// Something that waits, or would.
struct Waiting {
    id: i64,
    since: DateTime<Utc>,
    due: DateTime<Utc>,
    digest: bool,
    attempt: i64,
    cause: Option<String>,
    entry: Stored,
}

/// What becomes of it, as the statement reads it.
#[derive(Serialize)]
struct Anew {
    id: i64,
    due: i64,
    digest: i64,
    dropped: i64,
    cause: Option<String>,
}

/// What held, and what holds.
struct Change<'a> {
    before: &'a Subscription,
    after: &'a Subscription,
    now: DateTime<Utc>,
}

impl Store {
    /// A subscription gets other hours, another rhythm or other topics, where it still is; what
    /// waits for it goes by them.
    ///
    /// # Errors
    /// When the database fails; nothing is changed then.
    pub async fn tune(&self, after: &Subscription, zone: Tz, now: DateTime<Utc>) -> Result<()> {
        let mut tx = self.begin().await?;
        self.tune_in(&mut tx, after, zone, now).await?;
        tx.commit().await.context(TUNE)
    }

    /// As [`Store::tune`], in a transaction of something else.
    pub(super) async fn tune_in(
        &self,
        tx: &mut Transaction<'static, Any>,
        after: &Subscription,
        zone: Tz,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let to = after.to.to_string();
        let own = sqlx::query(self.pick(own!(""), own!(" FOR UPDATE"))).bind(to.clone()).fetch_all(&mut **tx).await.context(TUNE)?;
        let own = own.iter().map(|row| subscription(row, zone)).collect::<Result<Vec<_>>>()?;
        let Some(before) = own.iter().find(|one| one.feed == after.feed) else { return Ok(()) };
        sqlx::query(self.pick(alone!(""), alone!(" FOR UPDATE"))).bind(to.clone()).fetch_optional(&mut **tx).await.context(TUNE)?;
        write(tx, after).await?;
        let change = Change { before, after, now };
        let mut anew: Vec<Anew> = waiting(tx, WAITING, after).await?.iter().map(|one| change.of(one)).collect();
        anew.extend(waiting(tx, UNWANTED, after).await?.iter().filter(|one| change.brings_back(one)).map(|one| change.of(one)));
        sqlx::query(self.pick(ANEW_SQLITE, ANEW_POSTGRES))
            .bind(serde_json::to_string(&anew)?)
            .bind(ms(now))
            .bind(phrases::delivery_unwanted())
            .execute(&mut **tx)
            .await
            .context(TUNE)?;
        reckon(tx, Whose::One(&to)).await
    }
}

async fn write(tx: &mut Transaction<'static, Any>, after: &Subscription) -> Result<()> {
    sqlx::query("UPDATE subscriptions SET schedule = $1, digest = $2, quiet = $3, filter = $4 WHERE address = $5 AND feed = $6")
        .bind(after.schedule.as_ref().map(|schedule| schedule.written().to_owned()))
        .bind(i64::from(after.digest))
        .bind(after.quiet.as_ref().map(Quiet::written))
        .bind(kept(&after.filter)?)
        .bind(after.to.to_string())
        .bind(after.feed.as_str().to_owned())
        .execute(&mut **tx)
        .await
        .context(TUNE)?;
    Ok(())
}

async fn waiting(tx: &mut Transaction<'static, Any>, text: &'static str, of: &Subscription) -> Result<Vec<Waiting>> {
    let rows = sqlx::query(text).bind(of.to.to_string()).bind(of.feed.as_str().to_owned()).fetch_all(&mut **tx).await.context(TUNE)?;
    rows.iter().map(one).collect()
}

fn one(row: &AnyRow) -> Result<Waiting> {
    Ok(Waiting {
        id: row.try_get("number")?,
        since: at(row.try_get("owed_since")?),
        due: at(row.try_get("due")?),
        digest: row.try_get::<i64, _>("listed")? == 1,
        attempt: row.try_get("attempt")?,
        cause: row.try_get("cause")?,
        entry: stored(row)?,
    })
}

impl Change<'_> {
    fn of(&self, one: &Waiting) -> Anew {
        let Self { after, now, .. } = self;
        let tells = one.entry.source == Slug::corrections();
        let quiet = |at: DateTime<Utc>| after.quiet.as_ref().map_or(at, |quiet| quiet.clear(at));
        let (due, digest) = match (tells, one.attempt) {
            // A correction is no news, and comes alone.
            (true, 0) => (quiet(*now), one.digest),
            (_, 1..) => (quiet(one.due.max(*now)), one.digest),
            (_, _) if self.before.schedule == after.schedule => (after.due_since(one.since, *now), after.digest),
            (_, _) => (after.due(*now), after.digest),
        };
        let dropped = !tells && one.attempt == 0 && !self.wants(one);
        Anew {
            id: one.id,
            due: ms(due),
            digest: i64::from(digest),
            dropped: i64::from(dropped),
            cause: one.cause.clone().filter(|_| one.attempt > 0),
        }
    }

    fn wants(&self, one: &Waiting) -> bool {
        self.after.filter == Filter::default() || self.after.filter.admits(&Words::of(&one.entry.entry))
    }

    /// What was not wanted and is again, unless its time is over.
    fn brings_back(&self, one: &Waiting) -> bool {
        self.before.due(one.since) > self.now && self.wants(one)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plan;

    #[tokio::test]
    async fn what_waits_for_one_is_found_without_a_look_at_all_deliveries() {
        for text in [WAITING, UNWANTED] {
            let plan = plan(text).await;
            assert!(plan.iter().any(|step| step.starts_with("SEARCH d USING") && step.contains("(address=?")), "{plan:?}");
            assert!(!plan.iter().any(|step| step.starts_with("SCAN")), "{plan:?}");
        }
    }
}
