//! Sources: which to visit now, and how they are doing.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};
use url::Url;

use super::entries::slug;
use super::pages::Again;
use super::{Store, at, kept, ms};
use crate::entry::Slug;
use crate::incident::Incident;
use crate::page::Validators;
use crate::rhythm::Pulse;
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
    /// When it was claimed.
    pub claimed: DateTime<Utc>,
    /// For a conditional request of its first page.
    pub validators: Validators,
    /// Failures in a row so far.
    pub failures: u32,
    /// Whether it was never read before.
    pub first: bool,
    /// When it was last read.
    pub last_ok: Option<DateTime<Utc>>,
    /// Where its list has moved for good: asked instead of the address in the config.
    pub moved: Option<Url>,
    /// When its list was last read whole.
    pub whole: Option<DateTime<Utc>>,
    /// How many articles the first page of its list named then.
    pub named: usize,
    /// How often it publishes.
    pub pulse: Pulse,
    /// Entries whose own pages are to be looked at again, the longest due first.
    pub again: Vec<Again>,
    /// Its site wanted no further request at the last visit: pages of a visit may be kept that goes on.
    pub rested: bool,
    /// What happened to it and is not over.
    pub incidents: Vec<Incident>,
    /// What it learned of its pages.
    pub recipe: Option<String>,
    /// Attachments that there was no time to ask about at earlier visits.
    pub files: Vec<Url>,
}

impl Due {
    /// Of a source of which nothing is known yet.
    #[cfg(test)]
    pub(crate) fn unknown(now: DateTime<Utc>) -> Self {
        Self {
            source: Slug::admin(),
            lease: String::new(),
            claimed: now,
            validators: Validators::default(),
            failures: 0,
            first: true,
            last_ok: None,
            moved: None,
            whole: None,
            named: 0,
            pulse: Pulse::default(),
            again: Vec::new(),
            rested: false,
            incidents: Vec::new(),
            recipe: None,
            files: Vec::new(),
        }
    }
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
    /// What happened to it and is not over.
    pub incidents: Vec<Incident>,
}

impl Store {
    /// Makes the store know what the config says exists: new sources are due at once, changed ones
    /// too, others rest, and what is owed to addresses that it no longer names is given up. A new
    /// subscription to a source that was read before is owed its newest `welcome`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sync(&self, catalog: &Catalog, now: DateTime<Utc>) -> Result<()> {
        let mut tx = self.begin().await?;
        let rows = sqlx::query("SELECT slug, fingerprint, active FROM sources").fetch_all(&mut *tx).await.context("store: sync")?;
        let mut known: HashMap<String, (String, bool)> = HashMap::new();
        for row in &rows {
            known.insert(row.try_get("slug")?, (row.try_get("fingerprint")?, row.try_get::<i64, _>("active")? == 1));
        }
        for source in &catalog.sources {
            match known.remove(source.slug.as_str()) {
                Some((fingerprint, true)) if fingerprint == source.fingerprint => {}
                other => enter(&mut tx, source, other.is_some_and(|(fingerprint, _)| fingerprint != source.fingerprint), now).await?,
            }
        }
        for gone in known.iter().filter(|(_, (_, active))| *active).map(|(slug, _)| slug) {
            sqlx::query("UPDATE sources SET active = 0 WHERE slug = $1")
                .bind(gone.clone())
                .execute(&mut *tx)
                .await
                .context("store: sync")?;
        }
        kept::sweep(&mut tx, now).await?;
        for (subscription, sources) in &catalog.subscriptions {
            self.welcome(&mut tx, subscription, sources, now).await?;
        }
        tx.commit().await.context("store: sync")?;
        // What is owed to very many changes in transactions of its own.
        self.retire(catalog, now).await?;
        self.follow_second_ways(catalog).await
    }

    /// Makes every source due, for a round by hand; one whose site wants no request yet when it may
    /// be asked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn visit_all(&self, now: DateTime<Utc>) -> Result<()> {
        sqlx::query("UPDATE sources SET due = CASE WHEN rests > $1 THEN rests ELSE $1 END WHERE active = 1")
            .bind(ms(now))
            .execute(&self.write)
            .await
            .context("store: visit all")?;
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
             RETURNING slug, etag, last_modified, failures, first_read, last_ok, moved, whole, gap, newest, named, rests",
        )
        .bind(id.clone())
        .bind(ms(now + lease))
        .bind(ms(now))
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&self.write)
        .await
        .context("store: claim sources")?;
        let mut claimed = rows.iter().map(|row| due(row, &id, now)).collect::<Result<Vec<_>>>()?;
        self.recall(&mut claimed, now).await?;
        Ok(claimed)
    }

    /// What the store knows of claimed sources beside their own rows.
    async fn recall(&self, claimed: &mut [Due], now: DateTime<Utc>) -> Result<()> {
        let names = serde_json::to_string(&claimed.iter().map(|due| due.source.as_str()).collect::<Vec<_>>())?;
        let mut again = self.again(&names, now).await?;
        let mut incidents = self.incidents(&names).await?;
        let mut recipes = self.recipes(&names).await?;
        let mut files = self.files_waiting(&names).await?;
        for due in claimed {
            due.files = files.remove(&due.source).unwrap_or_default();
            due.recipe = recipes.remove(&due.source);
            due.again = again.remove(&due.source).unwrap_or_default();
            due.incidents = incidents.remove(&due.source).unwrap_or_default();
        }
        Ok(())
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

    /// Holds claims on until `until`; gives those of which something is left.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renew(&self, leases: &[String], until: DateTime<Utc>) -> Result<HashSet<String>> {
        let text = self.pick(
            "UPDATE sources SET leased_until = $1 WHERE lease IN (SELECT value FROM json_each($2)) RETURNING lease",
            "UPDATE sources SET leased_until = $1 WHERE lease = ANY (ARRAY(SELECT json_array_elements_text($2::json))) RETURNING lease",
        );
        let held: Vec<String> = sqlx::query_scalar(text)
            .bind(ms(until))
            .bind(serde_json::to_string(leases)?)
            .fetch_all(&self.write)
            .await
            .context("store: renew")?;
        Ok(held.into_iter().collect())
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

    /// The date of the oldest entry of a source, that of its first sight where it has none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn oldest(&self, source: &Slug) -> Result<Option<DateTime<Utc>>> {
        let oldest: Option<i64> = sqlx::query_scalar("SELECT MIN(sorted) FROM entries WHERE source = $1")
            .bind(source.as_str().to_owned())
            .fetch_one(&self.read)
            .await
            .context("store: oldest")?;
        Ok(oldest.map(at))
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
        let mut all = rows.iter().map(health).collect::<Result<Vec<_>>>()?;
        let names = serde_json::to_string(&all.iter().map(|health| health.source.as_str()).collect::<Vec<_>>())?;
        let mut incidents: HashMap<Slug, Vec<Incident>> = self.incidents(&names).await?;
        for health in &mut all {
            health.incidents = incidents.remove(&health.source).unwrap_or_default();
        }
        Ok(all)
    }
}

/// Makes a source known and active. What was learned of a block that changed is forgotten.
async fn enter(tx: &mut Transaction<'static, Any>, source: &SourceEntry, changed: bool, now: DateTime<Utc>) -> Result<()> {
    sqlx::query(
        "INSERT INTO sources (slug, fingerprint, active, due) VALUES ($1, $2, 1, $3) \
         ON CONFLICT (slug) DO UPDATE SET active = 1, \
         due = CASE WHEN sources.fingerprint = excluded.fingerprint THEN sources.due ELSE excluded.due END, \
         etag = CASE WHEN sources.fingerprint = excluded.fingerprint THEN sources.etag END, \
         last_modified = CASE WHEN sources.fingerprint = excluded.fingerprint THEN sources.last_modified END, \
         moved = CASE WHEN sources.fingerprint = excluded.fingerprint THEN sources.moved END, \
         fingerprint = excluded.fingerprint",
    )
    .bind(source.slug.as_str().to_owned())
    .bind(source.fingerprint.clone())
    .bind(ms(now))
    .execute(&mut **tx)
    .await
    .context("store: sync")?;
    if changed {
        for text in ["DELETE FROM recipes WHERE source = $1", "DELETE FROM incidents WHERE source = $1"] {
            sqlx::query(text).bind(source.slug.as_str().to_owned()).execute(&mut **tx).await.context("store: sync")?;
        }
    }
    Ok(())
}

fn due(row: &AnyRow, lease: &str, now: DateTime<Utc>) -> Result<Due> {
    Ok(Due {
        source: slug(&row.try_get::<String, _>("slug")?)?,
        lease: lease.to_owned(),
        claimed: now,
        validators: Validators { etag: row.try_get("etag")?, last_modified: row.try_get("last_modified")? },
        failures: u32::try_from(row.try_get::<i64, _>("failures")?).unwrap_or(u32::MAX),
        first: row.try_get::<Option<i64>, _>("first_read")?.is_none(),
        last_ok: row.try_get::<Option<i64>, _>("last_ok")?.map(at),
        moved: row.try_get::<Option<String>, _>("moved")?.and_then(|url| Url::parse(&url).ok()),
        whole: row.try_get::<Option<i64>, _>("whole")?.map(at),
        named: usize::try_from(row.try_get::<i64, _>("named")?).unwrap_or_default(),
        pulse: Pulse {
            gap: row.try_get::<Option<i64>, _>("gap")?.map(TimeDelta::milliseconds),
            newest: row.try_get::<Option<i64>, _>("newest")?.map(at),
        },
        again: Vec::new(),
        rested: row.try_get::<Option<i64>, _>("rests")?.is_some(),
        incidents: Vec::new(),
        recipe: None,
        files: Vec::new(),
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
        incidents: Vec::new(),
    })
}
