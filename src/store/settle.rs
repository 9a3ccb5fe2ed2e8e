//! Settling: what became of a send.

use anyhow::{Context, Result};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{Any, Transaction};

use super::committer::Write;
use super::{Batch, Store, ms};
use crate::outbox::{Sent, Verdict};
use crate::subscription::Address;

/// What the address is told beside its deliveries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settled {
    /// Nothing more leaves for the address before this.
    pub ready: Option<DateTime<Utc>>,
    /// It refused us (blocked, kicked): it is suspended, and this is why.
    pub refused: Option<String>,
    /// It goes by another name now.
    pub moved: Option<Address>,
    /// More of the same batch follows: keep the address until this.
    pub keep_until: Option<DateTime<Utc>>,
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
    async fn write(&self, tx: &mut Transaction<'static, Any>) -> Result<()> {
        for id in &self.ids {
            settle_one(tx, self, *id).await?;
        }
        settle_address(tx, self).await?;
        if let Some(to) = &self.settled.moved {
            rename(tx, &self.address, to).await?;
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

async fn settle_one(tx: &mut Transaction<'static, Any>, request: &Request, id: i64) -> Result<()> {
    let (state, due, cause, sent) = match &request.verdict {
        Verdict::Sent(sent) => ("sent", request.now, None, sent.clone()),
        Verdict::Part(sent) => (if request.settled.keep_until.is_some() { "sending" } else { "due" }, request.now, None, sent.clone()),
        Verdict::Later { due, cause, .. } => ("due", *due, Some(cause.clone()), Sent::default()),
        Verdict::InDoubt { due, cause, .. } => ("doubt", *due, Some(cause.clone()), Sent::default()),
        Verdict::Dead { cause } => ("dead", request.now, Some(cause.clone()), Sent::default()),
    };
    let uncounted = matches!(request.verdict, Verdict::Later { counts: false, .. });
    let lost = matches!(request.verdict, Verdict::InDoubt { counts: true, .. });
    let new_ids = serde_json::to_string(&sent.ids)?;
    sqlx::query(
        "UPDATE deliveries SET state = CASE WHEN $1 = 'due' AND EXISTS (SELECT 1 FROM entries e WHERE e.id = deliveries.entry AND e.withdrawn IS NOT NULL) \
           THEN 'dropped' ELSE $1 END, due = $2, cause = $3, settled = $4, \
         message_ids = CASE WHEN $5 = '[]' THEN message_ids WHEN message_ids = '[]' THEN $5 \
           ELSE SUBSTR(message_ids, 1, LENGTH(message_ids) - 1) || ',' || SUBSTR($5, 2) END, \
         attempt = attempt - $6, doubts = doubts + $7, leased_until = $8, lease = CASE WHEN $1 = 'sending' THEN lease END \
         WHERE id = $9 AND lease = $10",
    )
    .bind(state.to_owned())
    .bind(ms(due))
    .bind(cause)
    .bind(ms(request.now))
    .bind(new_ids)
    .bind(i64::from(uncounted))
    .bind(i64::from(lost))
    .bind(request.settled.keep_until.map_or(0, ms))
    .bind(id)
    .bind(request.lease.clone())
    .execute(&mut **tx)
    .await
    .context("store: settle")?;
    Ok(())
}

async fn settle_address(tx: &mut Transaction<'static, Any>, request: &Request) -> Result<()> {
    let settled = &request.settled;
    let arrived = matches!(request.verdict, Verdict::Sent(_) | Verdict::Part(_));
    sqlx::query(
        "UPDATE addresses SET leased_until = $1, lease = CASE WHEN $1 = 0 THEN NULL ELSE lease END, \
         ready = CASE WHEN $2 > ready THEN $2 ELSE ready END, \
         refusals = CASE WHEN $3 = 1 THEN 0 WHEN $4 IS NULL THEN refusals ELSE refusals + 1 END, \
         cause = CASE WHEN $3 = 1 THEN NULL WHEN $4 IS NULL THEN cause ELSE $4 END \
         WHERE address = $5 AND lease = $6",
    )
    .bind(settled.keep_until.map_or(0, ms))
    .bind(settled.ready.map_or(0, ms))
    .bind(i64::from(arrived))
    .bind(settled.refused.clone())
    .bind(request.address.to_string())
    .bind(request.lease.clone())
    .execute(&mut **tx)
    .await
    .context("store: settle")?;
    Ok(())
}

/// What is owed to the old name is owed to the new one; an entry that the new one already has is not repeated.
async fn rename(tx: &mut Transaction<'static, Any>, from: &Address, to: &Address) -> Result<()> {
    let (old, new) = (from.to_string(), to.to_string());
    sqlx::query("INSERT INTO addresses (address, channel) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(new.clone())
        .bind(to.channel().to_owned())
        .execute(&mut **tx)
        .await
        .context("store: move")?;
    for text in [
        "UPDATE deliveries SET address = $1 WHERE address = $2 AND NOT EXISTS (SELECT 1 FROM deliveries x WHERE x.entry = deliveries.entry AND x.address = $1)",
        "INSERT INTO welcomed (feed, address) SELECT feed, $1 FROM welcomed w WHERE w.address = $2 ON CONFLICT DO NOTHING",
        "INSERT INTO moves (former, present) VALUES ($2, $1) ON CONFLICT (former) DO UPDATE SET present = excluded.present",
    ] {
        sqlx::query(text).bind(new.clone()).bind(old.clone()).execute(&mut **tx).await.context("store: move")?;
    }
    Ok(())
}
