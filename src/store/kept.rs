//! Pages of a visit under way. What a killed visit had read, or one that goes on after a rest of
//! its site, is read from here by the next one, so that its site is asked for nothing twice; the
//! entries themselves are only ever saved together, when it is known which of them are owed and in
//! what order.

use std::collections::HashMap;

use anyhow::{Context, Result};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};
use url::Url;

use super::{Store, at, ms};
use crate::entry::Slug;
use crate::page::{Page, Validators};

/// A page older than this is fetched again.
const FRESH: TimeDelta = TimeDelta::hours(6);
/// But not where its site rests between two requests: so long can a visit take.
const SLOW: TimeDelta = TimeDelta::days(30);

/// A page of a visit under way, or why it did not come.
pub type Kept = Result<Page, String>;

impl Store {
    /// Keeps pages of a visit under way, by the address that was visited, in one transaction.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep(&self, source: &Slug, pages: &[(Url, Kept)], now: DateTime<Utc>) -> Result<()> {
        let mut tx = self.begin().await?;
        for (url, kept) in pages {
            let missed = || Page::new(url.clone(), now, Bytes::new());
            let (page, cause) = kept.as_ref().map_or_else(|cause| (missed(), Some(cause)), |page| (page.clone(), None));
            sqlx::query(
                "INSERT INTO pages (source, url, fetched, found, media_type, charset, body, etag, last_modified, cause) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (source, url) DO UPDATE SET fetched = excluded.fetched, \
                 found = excluded.found, media_type = excluded.media_type, charset = excluded.charset, body = excluded.body, \
                 etag = excluded.etag, last_modified = excluded.last_modified, cause = excluded.cause",
            )
            .bind(source.as_str().to_owned())
            .bind(url.to_string())
            .bind(ms(page.fetched))
            .bind(page.url.to_string())
            .bind(page.media_type.clone())
            .bind(page.charset.clone())
            .bind(page.body.to_vec())
            .bind(page.validators.etag.clone())
            .bind(page.validators.last_modified.clone())
            .bind(cause.cloned())
            .execute(&mut *tx)
            .await
            .context("store: keep")?;
        }
        tx.commit().await.context("store: keep")
    }

    /// The pages that an earlier visit kept and did not come to save: less than six hours old, or of
    /// a visit that goes on after a rest of its site.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn kept(&self, source: &Slug, now: DateTime<Utc>) -> Result<HashMap<Url, Kept>> {
        let rows = sqlx::query(
            "SELECT url, fetched, found, media_type, charset, body, etag, last_modified, cause FROM pages WHERE source = $1 AND fetched <= $2 \
             AND (fetched > $3 OR fetched > $4 AND source IN (SELECT slug FROM sources WHERE rests IS NOT NULL))",
        )
        .bind(source.as_str().to_owned())
        .bind(ms(now))
        .bind(ms(now - FRESH))
        .bind(ms(now - SLOW))
        .fetch_all(&self.read)
        .await
        .context("store: kept")?;
        Ok(rows.iter().map(kept).collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
    }
}

fn kept(row: &AnyRow) -> Result<Option<(Url, Kept)>> {
    let url = |name: &str| Ok::<_, sqlx::Error>(Url::parse(&row.try_get::<String, _>(name)?).ok());
    let Some((url, found)) = url("url")?.zip(url("found")?) else { return Ok(None) };
    if let Some(cause) = row.try_get("cause")? {
        return Ok(Some((url, Err(cause))));
    }
    let page = Page {
        media_type: row.try_get("media_type")?,
        charset: row.try_get("charset")?,
        validators: Validators { etag: row.try_get("etag")?, last_modified: row.try_get("last_modified")? },
        ..Page::new(found, at(row.try_get("fetched")?), Bytes::from(row.try_get::<Vec<u8>, _>("body")?))
    };
    Ok(Some((url, Ok(page))))
}

/// Forgets what a visit kept, now that it is saved.
pub(super) async fn forget(tx: &mut Transaction<'static, Any>, source: &Slug) -> Result<()> {
    sqlx::query("DELETE FROM pages WHERE source = $1").bind(source.as_str().to_owned()).execute(&mut **tx).await.context("store: kept")?;
    Ok(())
}

/// Forgets what is too old to be used.
pub(super) async fn sweep(tx: &mut Transaction<'static, Any>, now: DateTime<Utc>) -> Result<()> {
    sqlx::query(
        "DELETE FROM pages WHERE fetched <= $1 AND (fetched <= $2 OR source NOT IN (SELECT slug FROM sources WHERE rests IS NOT NULL))",
    )
    .bind(ms(now - FRESH))
    .bind(ms(now - SLOW))
    .execute(&mut **tx)
    .await
    .context("store: kept")?;
    Ok(())
}
