//! The end of a visit: the lease is given back and the outcome noted. Visits that brought nothing
//! share a commit.

use anyhow::{Context, Result};
use sqlx::{Any, AnyPool, Transaction};
use tokio::sync::{mpsc, oneshot};
use url::Url;

use super::save::{Poll, Visited};
use super::{Engine, Store, begin, ms};
use crate::page::Validators;

/// How many quiet visits may share a commit.
const TOGETHER: usize = 256;

/// What is noted of the source itself.
pub(super) struct Conclusion {
    source: String,
    lease: String,
    now: i64,
    next: i64,
    problems: String,
    cause: Option<String>,
    validators: Validators,
    read: bool,
    whole: bool,
    moved: Option<String>,
    named: i64,
}

impl Conclusion {
    pub(super) fn of(poll: &Poll<'_>) -> Result<Self> {
        let (read, whole, cause, validators) = match &poll.visited {
            Visited::Read { validators, .. } => (true, true, None, validators.clone()),
            Visited::Unchanged => (true, false, None, poll.due.validators.clone()),
            // The listing was not understood: ask for it whole next time.
            Visited::Failed { cause } => (false, false, Some(cause.clone()), Validators::default()),
        };
        Ok(Self {
            source: poll.due.source.as_str().to_owned(),
            lease: poll.due.lease.clone(),
            now: ms(poll.now),
            next: ms(poll.next),
            problems: serde_json::to_string(&poll.problems)?,
            cause,
            validators,
            read,
            whole,
            moved: poll.seen.moved.as_ref().map(Url::to_string),
            named: i64::try_from(poll.seen.on_first_page).unwrap_or(i64::MAX),
        })
    }

    /// Ends the lease; false where it is no longer ours.
    pub(super) async fn write(&self, tx: &mut Transaction<'static, Any>) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE sources SET lease = NULL, leased_until = 0, due = $1, problems = $2, cause = $3, etag = $4, last_modified = $5, \
             last_ok = CASE WHEN $6 = 1 THEN $7 ELSE last_ok END, \
             first_read = CASE WHEN $6 = 1 THEN COALESCE(first_read, $7) ELSE first_read END, \
             failures = CASE WHEN $6 = 1 THEN 0 ELSE failures + 1 END, \
             moved = $8, whole = CASE WHEN $9 = 1 THEN $7 ELSE whole END, \
             named = CASE WHEN $10 > 0 THEN $10 ELSE named END \
             WHERE slug = $11 AND lease = $12",
        )
        .bind(self.next)
        .bind(self.problems.clone())
        .bind(self.cause.clone())
        .bind(self.validators.etag.clone())
        .bind(self.validators.last_modified.clone())
        .bind(i64::from(self.read))
        .bind(self.now)
        .bind(self.moved.clone())
        .bind(i64::from(self.whole))
        .bind(self.named)
        .bind(self.source.clone())
        .bind(self.lease.clone())
        .execute(&mut **tx)
        .await
        .context("store: save")?;
        Ok(done.rows_affected() == 1)
    }
}

/// A quiet visit that waits for its commit.
pub(super) struct Request {
    conclusion: Conclusion,
    done: oneshot::Sender<Result<(), String>>,
}

/// Starts the committer; it ends when the store is dropped.
pub(super) fn start(engine: Engine, pool: AnyPool) -> mpsc::Sender<Request> {
    let (sender, mut requests) = mpsc::channel::<Request>(TOGETHER);
    tokio::spawn(async move {
        let mut waiting = Vec::new();
        while requests.recv_many(&mut waiting, TOGETHER).await > 0 {
            let outcome = commit(engine, &pool, &waiting).await.map_err(|e| format!("{e:#}"));
            for request in waiting.drain(..) {
                // A caller that went away no longer needs the answer.
                request.done.send(outcome.clone()).ok();
            }
        }
    });
    sender
}

async fn commit(engine: Engine, pool: &AnyPool, requests: &[Request]) -> Result<()> {
    let mut tx = begin(engine, pool).await?;
    for request in requests {
        request.conclusion.write(&mut tx).await?;
    }
    tx.commit().await.context("store: save")
}

impl Store {
    /// Notes a visit that brought nothing; returns when it is committed.
    pub(super) async fn conclude(&self, poll: &Poll<'_>) -> Result<()> {
        let (done, answer) = oneshot::channel();
        let request = Request { conclusion: Conclusion::of(poll)?, done };
        self.concluding.send(request).await.ok().context("store: save: closed")?;
        answer.await.context("store: save: closed")?.map_err(|e| anyhow::anyhow!(e))
    }
}
