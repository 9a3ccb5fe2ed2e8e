//! The entries' own pages over time: which to look at again, which are gone, and what is withdrawn.

use std::collections::HashMap;

use anyhow::{Context, Result};
use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};
use url::Url;

use super::entries::slug;
use super::turns::{Whose, reckon};
use super::{Engine, Store, amendments, any_of, at, ms};
use crate::entry::{Guid, Slug};
use crate::page::Validators;
use crate::phrases;
use crate::rhythm;

/// A page must be gone twice, so far apart, before its entry is withdrawn.
const GONE_APART: TimeDelta = TimeDelta::hours(2);
/// A page that was just asked is not suspected.
const ASKED_LATELY: TimeDelta = TimeDelta::hours(1);
/// How many entries a claim brings to look at again for one source.
const AT_ONCE: usize = 5;

/// An entry whose own page is to be looked at again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Again {
    /// The entry.
    pub guid: Guid,
    /// Its page.
    pub url: Url,
    /// For a conditional request.
    pub validators: Validators,
    /// Since when the page is gone, where it was the last time.
    pub missing: Option<DateTime<Utc>>,
    /// Its title.
    pub title: String,
    /// Its date.
    pub published: Option<DateTime<FixedOffset>>,
    /// Its lead.
    pub summary: Option<String>,
    /// See [`crate::entry::Entry::version`].
    pub version: Option<String>,
    /// How long its content is, in characters.
    pub weight: i64,
}

impl Store {
    /// The entries of some sources (names as JSON) whose pages are due to be looked at again: those
    /// that were gone first, then the newest, which are corrected most.
    pub(super) async fn again(&self, sources: &str, now: DateTime<Utc>) -> Result<HashMap<Slug, Vec<Again>>> {
        let (sqlite, postgres) = any_of!(
            "SELECT source, guid, url, etag, last_modified, missing, title, published, summary, version, CAST(LENGTH(content_html) AS BIGINT) AS weight \
             FROM entries WHERE again <= $1 AND source",
            " ORDER BY CASE WHEN missing IS NULL THEN 1 ELSE 0 END, sorted DESC LIMIT 2000"
        );
        let rows = sqlx::query(self.pick(sqlite, postgres))
            .bind(ms(now))
            .bind(sources.to_owned())
            .fetch_all(&self.read)
            .await
            .context("store: again")?;
        let mut of: HashMap<Slug, Vec<Again>> = HashMap::new();
        for row in &rows {
            let known = of.entry(slug(&row.try_get::<String, _>("source")?)?).or_default();
            if known.len() < AT_ONCE {
                known.extend(again(row)?);
            }
        }
        Ok(of)
    }

    /// Entries that the list should name and does not: newer than half of those that it names, and
    /// not asked within the hour.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unlisted(&self, source: &Slug, listed: &[Guid], now: DateTime<Utc>) -> Result<Vec<Again>> {
        let names: Vec<&str> = listed.iter().map(Guid::as_str).collect();
        let names = serde_json::to_string(&names)?;
        let (sqlite, postgres) = any_of!("SELECT sorted FROM entries WHERE source = $1 AND guid", " ORDER BY sorted DESC");
        let rows = sqlx::query(self.pick(sqlite, postgres))
            .bind(source.as_str().to_owned())
            .bind(names.clone())
            .fetch_all(&self.read)
            .await
            .context("store: unlisted")?;
        let Some(median) = rows.get(rows.len() / 2) else { return Ok(Vec::new()) };
        let (sqlite, postgres) = (
            "SELECT guid, url, etag, last_modified, missing, title, published, summary, version, CAST(LENGTH(content_html) AS BIGINT) AS weight FROM entries \
             WHERE source = $1 AND guid NOT IN (SELECT value FROM json_each($2)) AND sorted > $3 AND visited < $4 AND withdrawn IS NULL ORDER BY sorted DESC LIMIT $5",
            "SELECT guid, url, etag, last_modified, missing, title, published, summary, version, CAST(LENGTH(content_html) AS BIGINT) AS weight FROM entries \
             WHERE source = $1 AND guid <> ALL (ARRAY(SELECT json_array_elements_text($2::json))) AND sorted > $3 AND visited < $4 AND withdrawn IS NULL ORDER BY sorted DESC LIMIT $5",
        );
        let rows = sqlx::query(self.pick(sqlite, postgres))
            .bind(source.as_str().to_owned())
            .bind(names)
            .bind(median.try_get::<i64, _>("sorted")?)
            .bind(ms(now - ASKED_LATELY))
            .bind(i64::try_from(AT_ONCE).unwrap_or(i64::MAX))
            .fetch_all(&self.read)
            .await
            .context("store: unlisted")?;
        Ok(rows.iter().map(again).collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
    }
}

fn again(row: &AnyRow) -> Result<Option<Again>> {
    let Some(url) = row.try_get::<Option<String>, _>("url")?.and_then(|url| Url::parse(&url).ok()) else { return Ok(None) };
    let published: Option<String> = row.try_get("published")?;
    Ok(Some(Again {
        guid: Guid::new(row.try_get::<String, _>("guid")?),
        url,
        validators: Validators { etag: row.try_get("etag")?, last_modified: row.try_get("last_modified")? },
        missing: row.try_get::<Option<i64>, _>("missing")?.map(at),
        title: row.try_get("title")?,
        published: published.and_then(|at| DateTime::parse_from_rfc3339(&at).ok()),
        summary: row.try_get("summary")?,
        version: row.try_get("version")?,
        weight: row.try_get("weight")?,
    }))
}

/// Notes that an entry's page was asked and is there. `validators` where it was read anew; `young`
/// entries are looked at again.
pub(super) async fn asked(
    tx: &mut Transaction<'static, Any>,
    source: &Slug,
    guid: &str,
    validators: Option<&Validators>,
    young: bool,
    now: DateTime<Utc>,
) -> Result<()> {
    let seen: Option<i64> = sqlx::query_scalar("SELECT seen FROM entries WHERE source = $1 AND guid = $2")
        .bind(source.as_str().to_owned())
        .bind(guid.to_owned())
        .fetch_optional(&mut **tx)
        .await
        .context("store: page")?;
    let again = seen.filter(|_| young).and_then(|seen| rhythm::again(at(seen), now));
    sqlx::query(
        "UPDATE entries SET visited = $1, again = $2, missing = NULL, etag = CASE WHEN $3 = 1 THEN $4 ELSE etag END, \
         last_modified = CASE WHEN $3 = 1 THEN $5 ELSE last_modified END WHERE source = $6 AND guid = $7",
    )
    .bind(ms(now))
    .bind(again.map(ms))
    .bind(i64::from(validators.is_some()))
    .bind(validators.and_then(|v| v.etag.clone()))
    .bind(validators.and_then(|v| v.last_modified.clone()))
    .bind(source.as_str().to_owned())
    .bind(guid.to_owned())
    .execute(&mut **tx)
    .await
    .context("store: page")?;
    Ok(())
}

/// Notes that an entry's page is gone. The second time, hours after the first, an entry that the
/// list does not name either is withdrawn: true then.
pub(super) async fn gone(
    tx: &mut Transaction<'static, Any>,
    engine: Engine,
    (source, guid): (&Slug, &Guid),
    listed: bool,
    now: DateTime<Utc>,
) -> Result<bool> {
    let row = sqlx::query("SELECT id, seen, missing, withdrawn FROM entries WHERE source = $1 AND guid = $2")
        .bind(source.as_str().to_owned())
        .bind(guid.as_str().to_owned())
        .fetch_optional(&mut **tx)
        .await
        .context("store: page")?;
    let Some(row) = row else { return Ok(false) };
    let (id, missing): (i64, Option<i64>) = (row.try_get("id")?, row.try_get("missing")?);
    let withdrawn = row.try_get::<Option<i64>, _>("withdrawn")?.is_some();
    let twice = missing.is_some_and(|first| now - at(first) >= GONE_APART);
    // Looked at soon again; a withdrawn one on the days of every other entry, in case it comes back.
    let soon = if withdrawn || twice { rhythm::again(at(row.try_get("seen")?), now) } else { Some(now + GONE_APART) };
    sqlx::query("UPDATE entries SET visited = $1, again = $2, missing = COALESCE(missing, $1) WHERE id = $3")
        .bind(ms(now))
        .bind(soon.map(ms))
        .bind(id)
        .execute(&mut **tx)
        .await
        .context("store: page")?;
    if !twice || listed || withdrawn {
        return Ok(false);
    }
    withdraw(tx, engine, id, now).await?;
    Ok(true)
}

/// What is dropped at once of an entry that is withdrawn; of one for very many the rest is dropped
/// when its turn comes, for nobody is sent what was withdrawn (see `claim`).
const DROPPED: i64 = 1000;

const WITHDRAWN: &str = "UPDATE deliveries SET state = 'dropped', settled = $1, cause = $2 WHERE id IN (SELECT x.id FROM \
         (SELECT id, state FROM deliveries WHERE entry = $3 ORDER BY address LIMIT $4) AS x WHERE x.state IN ('due', 'doubt')) RETURNING address";
const GIVEN_BACK: &str = "UPDATE deliveries SET state = 'due', due = $1, cause = NULL WHERE id IN (SELECT x.id FROM \
         (SELECT id, state, cause FROM deliveries WHERE entry = $3 ORDER BY address LIMIT $4) AS x WHERE x.state = 'dropped' AND x.cause = $2) \
         RETURNING address";

/// Takes an entry out of feeds and pages, and drops what is still owed of it.
async fn withdraw(tx: &mut Transaction<'static, Any>, engine: Engine, id: i64, now: DateTime<Utc>) -> Result<()> {
    let revision: i64 =
        sqlx::query_scalar("UPDATE entries SET withdrawn = $1, changed = $1, revision = revision + 1 WHERE id = $2 RETURNING revision")
            .bind(ms(now))
            .bind(id)
            .fetch_one(&mut **tx)
            .await
            .context("store: withdraw")?;
    amendments::note(tx, id, revision - 1, false, now).await?;
    let dropped = changed(tx, id, now, WITHDRAWN).await?;
    reckon(tx, Whose::These(engine, &dropped)).await
}

/// A withdrawn entry is back: in the feeds again, and owed to those to whom it was dropped for that;
/// of very many to some at once, to the rest as the change is brought to them (see `amendments`).
pub(super) async fn give_back(tx: &mut Transaction<'static, Any>, engine: Engine, id: i64, now: DateTime<Utc>) -> Result<()> {
    let revision: i64 = sqlx::query_scalar(
        "UPDATE entries SET withdrawn = NULL, missing = NULL, changed = $1, revision = revision + 1 WHERE id = $2 RETURNING revision",
    )
    .bind(ms(now))
    .bind(id)
    .fetch_one(&mut **tx)
    .await
    .context("store: give back")?;
    amendments::note(tx, id, revision - 1, true, now).await?;
    let owed = changed(tx, id, now, GIVEN_BACK).await?;
    reckon(tx, Whose::These(engine, &owed)).await
}

/// Changes deliveries of an entry, of very many some; gives their addresses.
async fn changed(tx: &mut Transaction<'static, Any>, id: i64, now: DateTime<Utc>, text: &'static str) -> Result<Vec<String>> {
    let query = sqlx::query_scalar(text).bind(ms(now)).bind(phrases::delivery_withdrawn()).bind(id).bind(DROPPED);
    query.fetch_all(&mut **tx).await.context("store: withdraw")
}
