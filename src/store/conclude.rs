//! The end of a visit: the lease is given back and the outcome noted. Visits that brought nothing
//! share a commit.

use anyhow::{Context, Result};
use async_trait::async_trait;
use sqlx::{Any, Transaction};
use url::Url;

use super::committer::Write;
use super::save::{Poll, Visited};
use super::{Engine, Store, ms};
use crate::page::Validators;

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
    resting: bool,
    rests: Option<i64>,
}

impl Conclusion {
    pub(super) fn of(poll: &Poll<'_>) -> Result<Self> {
        let (read, whole, cause, validators) = match &poll.visited {
            Visited::Read { validators, .. } => (true, true, None, validators.clone()),
            Visited::Unchanged => (true, false, None, poll.due.validators.clone()),
            Visited::Resting => (false, false, None, poll.due.validators.clone()),
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
            resting: matches!(poll.visited, Visited::Resting),
            rests: poll.seen.rests.map(ms),
        })
    }

    /// Ends the lease; false where it is no longer ours.
    pub(super) async fn end(&self, tx: &mut Transaction<'static, Any>) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE sources SET lease = NULL, leased_until = 0, due = $1, problems = $2, cause = $3, etag = $4, last_modified = $5, \
             last_ok = CASE WHEN $6 = 1 THEN $7 ELSE last_ok END, \
             first_read = CASE WHEN $6 = 1 THEN COALESCE(first_read, $7) ELSE first_read END, \
             failures = CASE WHEN $6 = 1 THEN 0 WHEN $13 = 1 THEN failures ELSE failures + 1 END, rests = $14, \
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
        .bind(i64::from(self.resting))
        .bind(self.rests)
        .execute(&mut **tx)
        .await
        .context("store: save")?;
        Ok(done.rows_affected() == 1)
    }
}

#[async_trait]
impl Write for Conclusion {
    async fn write(together: &[&Self], _engine: Engine, tx: &mut Transaction<'static, Any>) -> Result<()> {
        for one in together {
            // A lease that another took over meanwhile leaves nothing to note.
            one.end(tx).await?;
        }
        Ok(())
    }
}

impl Store {
    /// Notes a visit that brought nothing; returns when it is committed.
    pub(super) async fn conclude(&self, poll: &Poll<'_>) -> Result<()> {
        self.concluding.commit(Conclusion::of(poll)?).await.context("store: save")
    }
}
