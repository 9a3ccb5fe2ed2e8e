//! Settling: what became of a send.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{Any, Transaction};

use super::committer::Write;
use super::spent;
use super::subscriptions::unsubscribe_in;
use super::turns::{Whose, reckon};
use super::{Batch, Engine, Store, ms};
use crate::outbox::{Sent, Verdict};
use crate::phrases;
use crate::subscription::Address;

/// What the address is told beside its deliveries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settled {
    /// Nothing more leaves for the address before this.
    pub ready: Option<DateTime<Utc>>,
    /// The platform told it to wait until this, which is long.
    pub held: Option<DateTime<Utc>>,
    /// It refused us (blocked, kicked): it is suspended, and this is why.
    pub refused: Option<String>,
    /// It goes by another name now.
    pub moved: Option<Address>,
    /// More of the same batch follows: keep the address until this.
    pub keep_until: Option<DateTime<Utc>>,
    /// It is no more, or refused for days: what people subscribed it to ends with it, at once, so that
    /// nobody sees it refuse in between.
    pub ended: bool,
    /// Messages that left, or may have, on a channel that takes only so many a month.
    pub spent: u32,
}

pub(super) struct Request {
    ids: Vec<i64>,
    lease: String,
    address: Address,
    verdict: Verdict,
    settled: Settled,
    now: DateTime<Utc>,
}

#[async_trait]
impl Write for Request {
    async fn write(together: &[&Self], engine: Engine, tx: &mut Transaction<'static, Any>) -> Result<()> {
        settle_deliveries(tx, engine, together).await?;
        settle_addresses(tx, engine, together).await?;
        spent::count(tx, spending(together)).await?;
        for request in together.iter().filter(|request| request.settled.ended) {
            unsubscribe_in(tx, &request.address, None, request.now).await?;
        }
        for request in together {
            if let Some(to) = &request.settled.moved {
                rename(tx, engine, &request.address, to).await?;
            }
        }
        Ok(())
    }
}

impl Store {
    /// Commits what became of some deliveries of a batch, and frees its address unless more
    /// follows. A claim that another took over meanwhile changes nothing.
    ///
    /// # Errors
    /// When the database fails; nothing is settled then, and the caller must try again.
    pub async fn settle(&self, batch: &Batch, ids: &[i64], verdict: Verdict, settled: Settled, now: DateTime<Utc>) -> Result<()> {
        let request = Request { ids: ids.to_vec(), lease: batch.lease.clone(), address: batch.to.clone(), verdict, settled, now };
        self.settling.commit(request).await.context("store: settle")
    }
}

/// Messages by channel and time.
fn spending(together: &[&Request]) -> BTreeMap<(String, i64), i64> {
    let mut messages = BTreeMap::new();
    for request in together.iter().filter(|request| request.settled.spent > 0) {
        *messages.entry((request.address.channel().to_owned(), ms(request.now))).or_default() += i64::from(request.settled.spent);
    }
    messages
}

/// One delivery's outcome, as the statement reads it.
#[derive(Serialize)]
struct Row<'a> {
    id: i64,
    lease: &'a str,
    state: &'static str,
    due: i64,
    cause: Option<&'a str>,
    settled: i64,
    ids: String,
    uncounted: i64,
    lost: i64,
    keep: i64,
}

impl Request {
    fn rows(&self) -> Result<Vec<Row<'_>>> {
        let sent = Sent::default();
        let (state, due, cause, sent) = match &self.verdict {
            Verdict::Sent(sent) => ("sent", self.now, None, sent),
            Verdict::Part(sent) => (if self.settled.keep_until.is_some() { "sending" } else { "due" }, self.now, None, sent),
            Verdict::Later { due, cause, .. } => ("due", *due, Some(cause.as_str()), &sent),
            Verdict::InDoubt { due, cause, .. } => ("doubt", *due, Some(cause.as_str()), &sent),
            Verdict::Dead { cause } => ("dead", self.now, Some(cause.as_str()), &sent),
        };
        let ids = serde_json::to_string(&sent.ids)?;
        let row = |id: &i64| Row {
            id: *id,
            lease: &self.lease,
            state,
            due: ms(due),
            cause,
            settled: ms(self.now),
            ids: ids.clone(),
            uncounted: i64::from(matches!(self.verdict, Verdict::Later { counts: false, .. })),
            lost: i64::from(matches!(self.verdict, Verdict::InDoubt { counts: true, .. })),
            keep: self.settled.keep_until.map_or(0, ms),
        };
        Ok(self.ids.iter().map(row).collect())
    }
}

/// The outcomes `j` of deliveries; one that was withdrawn meanwhile is not tried again. What was done
/// about a doubt is kept, for it tells whether people may have got it twice.
macro_rules! deliveries {
    ($from:literal) => {
        concat!(
            "UPDATE deliveries SET state = CASE WHEN j.state = 'due' AND EXISTS (SELECT 1 FROM entries e WHERE e.id = deliveries.entry AND e.withdrawn IS NOT NULL) \
               THEN 'dropped' ELSE j.state END, due = j.due, \
             cause = CASE WHEN j.state = 'due' AND EXISTS (SELECT 1 FROM entries e WHERE e.id = deliveries.entry AND e.withdrawn IS NOT NULL) \
               THEN $2 \
               WHEN j.state = 'sent' AND deliveries.doubts > 0 THEN deliveries.cause ELSE j.cause END, settled = j.settled, \
             message_ids = CASE WHEN j.ids = '[]' THEN message_ids WHEN message_ids = '[]' THEN j.ids \
               ELSE SUBSTR(message_ids, 1, LENGTH(message_ids) - 1) || ',' || SUBSTR(j.ids, 2) END, \
             attempt = attempt - j.uncounted, doubts = doubts + j.lost, leased_until = j.keep, \
             lease = CASE WHEN j.state = 'sending' THEN deliveries.lease END FROM ",
            $from,
            " WHERE deliveries.id = j.id AND deliveries.lease = j.lease"
        )
    };
}

const DELIVERIES_SQLITE: &str = deliveries!(
    "(SELECT value ->> 'id' AS id, value ->> 'lease' AS lease, value ->> 'state' AS state, value ->> 'due' AS due, value ->> 'cause' AS cause, \
      value ->> 'settled' AS settled, value ->> 'ids' AS ids, value ->> 'uncounted' AS uncounted, value ->> 'lost' AS lost, value ->> 'keep' AS keep \
      FROM json_each($1)) AS j"
);
const DELIVERIES_POSTGRES: &str = deliveries!(
    "json_to_recordset($1::json) AS j(id BIGINT, lease TEXT, state TEXT, due BIGINT, cause TEXT, settled BIGINT, ids TEXT, uncounted BIGINT, lost BIGINT, keep BIGINT)"
);

async fn settle_deliveries(tx: &mut Transaction<'static, Any>, engine: Engine, together: &[&Request]) -> Result<()> {
    let text = engine.pick(DELIVERIES_SQLITE, DELIVERIES_POSTGRES);
    let mut rows = Vec::new();
    for request in together {
        rows.extend(request.rows()?);
    }
    let settled = sqlx::query(text).bind(serde_json::to_string(&rows)?).bind(phrases::delivery_withdrawn());
    settled.execute(&mut **tx).await.context("store: settle")?;
    Ok(())
}

/// What an address is told, as the statement reads it.
#[derive(Serialize)]
struct AddressRow<'a> {
    address: String,
    lease: &'a str,
    keep: i64,
    ready: i64,
    arrived: i64,
    held: i64,
    refused: Option<&'a str>,
}

impl<'a> From<&'a Request> for AddressRow<'a> {
    fn from(request: &'a Request) -> Self {
        Self {
            address: request.address.to_string(),
            lease: &request.lease,
            keep: request.settled.keep_until.map_or(0, ms),
            ready: request.settled.ready.map_or(0, ms),
            arrived: i64::from(matches!(request.verdict, Verdict::Sent(_) | Verdict::Part(_))),
            held: request.settled.held.map_or(0, ms),
            refused: request.settled.refused.as_deref(),
        }
    }
}

macro_rules! addresses {
    ($from:literal) => {
        concat!(
            "UPDATE addresses SET leased_until = j.keep, lease = CASE WHEN j.keep = 0 THEN NULL ELSE addresses.lease END, \
             ready = CASE WHEN j.ready > addresses.ready THEN j.ready ELSE addresses.ready END, \
             held = CASE WHEN j.arrived = 1 THEN NULL WHEN j.held > 0 THEN j.held ELSE addresses.held END, \
             refusals = CASE WHEN j.arrived = 1 THEN 0 WHEN j.refused IS NULL THEN refusals ELSE refusals + 1 END, \
             cause = CASE WHEN j.arrived = 1 THEN NULL WHEN j.refused IS NULL THEN cause ELSE j.refused END FROM ",
            $from,
            " WHERE addresses.address = j.address AND addresses.lease = j.lease"
        )
    };
}

const ADDRESSES_SQLITE: &str = addresses!(
    "(SELECT value ->> 'address' AS address, value ->> 'lease' AS lease, value ->> 'keep' AS keep, value ->> 'ready' AS ready, \
      value ->> 'arrived' AS arrived, value ->> 'held' AS held, value ->> 'refused' AS refused FROM json_each($1)) AS j"
);
const ADDRESSES_POSTGRES: &str = addresses!(
    "json_to_recordset($1::json) AS j(address TEXT, lease TEXT, keep BIGINT, ready BIGINT, arrived BIGINT, held BIGINT, refused TEXT)"
);

async fn settle_addresses(tx: &mut Transaction<'static, Any>, engine: Engine, together: &[&Request]) -> Result<()> {
    let text = engine.pick(ADDRESSES_SQLITE, ADDRESSES_POSTGRES);
    let rows: Vec<AddressRow<'_>> = together.iter().map(|request| AddressRow::from(*request)).collect();
    sqlx::query(text).bind(serde_json::to_string(&rows)?).execute(&mut **tx).await.context("store: settle")?;
    let addresses: Vec<String> = rows.into_iter().map(|row| row.address).collect();
    reckon(tx, Whose::These(engine, &addresses)).await
}

/// What is owed to the old name is owed to the new one; an entry that the new one already has is not repeated.
pub(super) async fn rename(tx: &mut Transaction<'static, Any>, engine: Engine, from: &Address, to: &Address) -> Result<()> {
    let (old, new) = (from.to_string(), to.to_string());
    sqlx::query("INSERT INTO addresses (address, channel) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(new.clone())
        .bind(to.channel().to_owned())
        .execute(&mut **tx)
        .await
        .context("store: move")?;
    for text in [
        "UPDATE deliveries SET address = $1 WHERE address = $2 AND NOT EXISTS (SELECT 1 FROM deliveries x WHERE x.entry = deliveries.entry AND x.address = $1)",
        "UPDATE deliveries SET origin = $1 WHERE origin = $2",
        "UPDATE deliveries SET fallback = $1 WHERE fallback = $2 AND state = 'due'",
        "UPDATE subscriptions SET address = $1 WHERE address = $2 AND NOT EXISTS (SELECT 1 FROM subscriptions x WHERE x.feed = subscriptions.feed AND x.address = $1)",
        "UPDATE leavers SET address = $1 WHERE address = $2 AND NOT EXISTS (SELECT 1 FROM leavers x WHERE x.feed = leavers.feed AND x.address = $1)",
        "INSERT INTO welcomed (feed, address) SELECT feed, $1 FROM welcomed w WHERE w.address = $2 ON CONFLICT DO NOTHING",
        "INSERT INTO moves (former, present) VALUES ($2, $1) ON CONFLICT (former) DO UPDATE SET present = excluded.present",
    ] {
        sqlx::query(text).bind(new.clone()).bind(old.clone()).execute(&mut **tx).await.context("store: move")?;
    }
    for text in ["DELETE FROM subscriptions WHERE address = $1", "DELETE FROM leavers WHERE address = $1"] {
        sqlx::query(text).bind(old.clone()).execute(&mut **tx).await.context("store: move")?;
    }
    reckon(tx, Whose::These(engine, &[old, new])).await
}
