//! Sources: which to visit now, and what a visit brought. New entries and what is owed of them
//! commit in one transaction.

use std::collections::HashMap;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::entries::{Upsert, slug, upsert};
use super::owe::owe_all;
use super::{Store, at, ms};
use crate::entry::{Entry, Guid, Slug};
use crate::outbox::oldest_first;
use crate::page::Validators;
use crate::subscription::Subscription;

/// What the config says exists.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// Every source.
    pub sources: Vec<SourceEntry>,
    /// Every subscription, with the sources of its feed.
    pub subscriptions: Vec<(Subscription, Vec<Slug>)>,
}

/// A source as the store must know it.
#[derive(Debug, Clone)]
pub struct SourceEntry {
    /// Its name.
    pub slug: Slug,
    /// Changes when its block in the config does: then it is visited anew, unconditionally.
    pub fingerprint: String,
}

/// A source that is to be visited now.
#[derive(Debug, Clone)]
pub struct Due {
    /// Its name.
    pub source: Slug,
    /// Proof that the visit is ours.
    pub lease: String,
    /// For a conditional request of its first page.
    pub validators: Validators,
    /// Failures in a row so far.
    pub failures: u32,
    /// Whether it was never read before.
    pub first: bool,
    /// When it was last read.
    pub last_ok: Option<DateTime<Utc>>,
}

/// What one poll of a source brought.
#[derive(Debug, Clone)]
pub struct Poll<'a> {
    /// What was claimed.
    pub due: &'a Due,
    /// When.
    pub now: DateTime<Utc>,
    /// When to visit it again.
    pub next: DateTime<Utc>,
    /// What came of it.
    pub visited: Visited,
    /// Sentences for the admin.
    pub problems: Vec<String>,
    /// The subscriptions that this source's entries go to.
    pub subscriptions: &'a [Subscription],
}

/// What came of a poll.
#[derive(Debug, Clone)]
pub enum Visited {
    /// The listing was read.
    Read {
        /// Entries that are new or changed.
        entries: Vec<Entry>,
        /// For the next conditional request.
        validators: Validators,
    },
    /// The listing is as it was.
    Unchanged,
    /// The listing could not be read.
    Failed {
        /// Why.
        cause: String,
    },
}

/// What a save stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Saved {
    /// New entries.
    pub new: usize,
    /// Entries with a new revision.
    pub changed: usize,
    /// Deliveries owed.
    pub owed: usize,
}

/// How a source is doing, for `/healthz`, `check` and the log.
#[derive(Debug, Clone)]
pub struct Health {
    /// Its name.
    pub source: Slug,
    /// When it was last read.
    pub last_ok: Option<DateTime<Utc>>,
    /// When it is visited next.
    pub next: DateTime<Utc>,
    /// Failures in a row.
    pub failures: u32,
    /// Why the last poll failed.
    pub cause: Option<String>,
    /// What could not be read at the last poll.
    pub problems: Vec<String>,
}

impl Store {
    /// Makes the store know what the config says exists: new sources are due at once, changed ones
    /// too, others rest. A new subscription to a source that was read before is owed its newest
    /// `welcome`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sync(&self, catalog: &Catalog, now: DateTime<Utc>) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE sources SET active = 0").execute(&mut *tx).await.context("store: sync")?;
        for source in &catalog.sources {
            sqlx::query(
                "INSERT INTO sources (slug, fingerprint, active, due) VALUES ($1, $2, 1, $3) \
                 ON CONFLICT (slug) DO UPDATE SET active = 1, \
                 due = CASE WHEN sources.fingerprint = excluded.fingerprint THEN sources.due ELSE excluded.due END, \
                 etag = CASE WHEN sources.fingerprint = excluded.fingerprint THEN sources.etag END, \
                 last_modified = CASE WHEN sources.fingerprint = excluded.fingerprint THEN sources.last_modified END, \
                 fingerprint = excluded.fingerprint",
            )
            .bind(source.slug.as_str().to_owned())
            .bind(source.fingerprint.clone())
            .bind(ms(now))
            .execute(&mut *tx)
            .await
            .context("store: sync")?;
        }
        for (subscription, sources) in &catalog.subscriptions {
            self.welcome(&mut tx, subscription, sources, now).await?;
        }
        tx.commit().await.context("store: sync")
    }

    /// Makes every source due, for a round by hand.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn visit_all(&self, now: DateTime<Utc>) -> Result<()> {
        sqlx::query("UPDATE sources SET due = $1 WHERE active = 1").bind(ms(now)).execute(&self.write).await.context("store: visit all")?;
        Ok(())
    }

    /// Takes sources that are due, for `lease`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_sources(&self, now: DateTime<Utc>, lease: chrono::TimeDelta, limit: usize) -> Result<Vec<Due>> {
        let id = uuid::Uuid::new_v4().to_string();
        let rows = sqlx::query(
            "UPDATE sources SET lease = $1, leased_until = $2 WHERE active = 1 AND due <= $3 AND leased_until <= $3 AND slug IN \
             (SELECT slug FROM sources WHERE active = 1 AND due <= $3 AND leased_until <= $3 ORDER BY due LIMIT $4) \
             RETURNING slug, etag, last_modified, failures, first_read, last_ok",
        )
        .bind(id.clone())
        .bind(ms(now + lease))
        .bind(ms(now))
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&self.write)
        .await
        .context("store: claim sources")?;
        rows.iter().map(|row| due(row, &id)).collect()
    }

    /// When the next source is due; `None` without sources.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_visit(&self) -> Result<Option<DateTime<Utc>>> {
        let next: Option<i64> =
            sqlx::query_scalar("SELECT MIN(due) FROM sources WHERE active = 1").fetch_one(&self.read).await.context("store: next visit")?;
        Ok(next.map(at))
    }

    /// Which of these entries are known, and in which version.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn known(&self, source: &Slug, guids: &[Guid]) -> Result<HashMap<Guid, Option<String>>> {
        let asked: Vec<&str> = guids.iter().map(Guid::as_str).collect();
        let text = self.pick(
            "SELECT guid, version FROM entries WHERE source = $1 AND guid IN (SELECT value FROM json_each($2))",
            "SELECT guid, version FROM entries WHERE source = $1 AND guid = ANY (ARRAY(SELECT json_array_elements_text($2::json)))",
        );
        let rows = sqlx::query(text)
            .bind(source.as_str().to_owned())
            .bind(serde_json::to_string(&asked)?)
            .fetch_all(&self.read)
            .await
            .context("store: known")?;
        rows.iter().map(|r| Ok((Guid::new(r.try_get::<String, _>("guid")?), r.try_get("version")?))).collect()
    }

    /// Stores what a poll brought, in one transaction: entries, what is owed of them, validators,
    /// the next visit. A poll whose lease another took meanwhile stores nothing.
    ///
    /// # Errors
    /// When the database fails; nothing is stored then.
    pub async fn save(&self, poll: &Poll<'_>) -> Result<Saved> {
        let mut tx = self.begin().await?;
        if !conclude(&mut tx, poll).await? {
            return Ok(Saved::default());
        }
        let mut saved = Saved::default();
        if let Visited::Read { entries, .. } = &poll.visited {
            let mut new = Vec::new();
            // Numbered in the order of the news, which decides between entries of the same minute.
            for entry in oldest_first(entries, poll.now) {
                match upsert(&mut tx, &poll.due.source, entry, poll.now).await? {
                    Upsert::New => new.push(entry.clone()),
                    Upsert::Changed => saved.changed += 1,
                    Upsert::Same => {}
                }
            }
            saved.new = new.len();
            new.reverse();
            saved.owed = owe_all(&mut tx, poll, &new).await?;
            if saved.new + saved.changed > 0 {
                bump(&mut tx, &poll.due.source).await?;
            }
        }
        tx.commit().await.context("store: save")?;
        Ok(saved)
    }

    /// Gives a claimed source back unvisited: a stopping daemon's last word.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release(&self, due: &Due) -> Result<()> {
        sqlx::query("UPDATE sources SET lease = NULL, leased_until = 0 WHERE slug = $1 AND lease = $2")
            .bind(due.source.as_str().to_owned())
            .bind(due.lease.clone())
            .execute(&self.write)
            .await
            .context("store: release")?;
        Ok(())
    }

    /// A number per source that grows with every change of its entries.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn feed_versions(&self) -> Result<Vec<(Slug, i64)>> {
        let rows =
            sqlx::query("SELECT slug, version FROM sources WHERE active = 1").fetch_all(&self.read).await.context("store: versions")?;
        rows.iter().map(|r| Ok((slug(&r.try_get::<String, _>("slug")?)?, r.try_get("version")?))).collect()
    }

    /// How the sources are doing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn health(&self) -> Result<Vec<Health>> {
        let rows = sqlx::query("SELECT slug, last_ok, due, failures, cause, problems FROM sources WHERE active = 1 ORDER BY slug")
            .fetch_all(&self.read)
            .await
            .context("store: health")?;
        rows.iter().map(health).collect()
    }
}

fn due(row: &AnyRow, lease: &str) -> Result<Due> {
    Ok(Due {
        source: slug(&row.try_get::<String, _>("slug")?)?,
        lease: lease.to_owned(),
        validators: Validators { etag: row.try_get("etag")?, last_modified: row.try_get("last_modified")? },
        failures: u32::try_from(row.try_get::<i64, _>("failures")?).unwrap_or(u32::MAX),
        first: row.try_get::<Option<i64>, _>("first_read")?.is_none(),
        last_ok: row.try_get::<Option<i64>, _>("last_ok")?.map(at),
    })
}

fn health(row: &AnyRow) -> Result<Health> {
    Ok(Health {
        source: slug(&row.try_get::<String, _>("slug")?)?,
        last_ok: row.try_get::<Option<i64>, _>("last_ok")?.map(at),
        next: at(row.try_get("due")?),
        failures: u32::try_from(row.try_get::<i64, _>("failures")?).unwrap_or(u32::MAX),
        cause: row.try_get("cause")?,
        problems: serde_json::from_str(&row.try_get::<String, _>("problems")?)?,
    })
}

/// Ends the lease and notes the outcome; false where the lease is no longer ours.
async fn conclude(tx: &mut Transaction<'static, Any>, poll: &Poll<'_>) -> Result<bool> {
    let problems = serde_json::to_string(&poll.problems)?;
    let (read, cause, validators) = match &poll.visited {
        Visited::Read { validators, .. } => (true, None, validators.clone()),
        Visited::Unchanged => (true, None, poll.due.validators.clone()),
        // The listing was not understood: ask for it whole next time.
        Visited::Failed { cause } => (false, Some(cause.clone()), Validators::default()),
    };
    let done = sqlx::query(
        "UPDATE sources SET lease = NULL, leased_until = 0, due = $1, problems = $2, cause = $3, etag = $4, last_modified = $5, \
         last_ok = CASE WHEN $6 = 1 THEN $7 ELSE last_ok END, \
         first_read = CASE WHEN $6 = 1 THEN COALESCE(first_read, $7) ELSE first_read END, \
         failures = CASE WHEN $6 = 1 THEN 0 ELSE failures + 1 END \
         WHERE slug = $8 AND lease = $9",
    )
    .bind(ms(poll.next))
    .bind(problems)
    .bind(cause)
    .bind(validators.etag)
    .bind(validators.last_modified)
    .bind(i64::from(read))
    .bind(ms(poll.now))
    .bind(poll.due.source.as_str().to_owned())
    .bind(poll.due.lease.clone())
    .execute(&mut **tx)
    .await
    .context("store: save")?;
    Ok(done.rows_affected() == 1)
}

async fn bump(tx: &mut Transaction<'static, Any>, source: &Slug) -> Result<()> {
    sqlx::query("UPDATE sources SET version = version + 1 WHERE slug = $1")
        .bind(source.as_str().to_owned())
        .execute(&mut **tx)
        .await
        .context("store: save")?;
    Ok(())
}
