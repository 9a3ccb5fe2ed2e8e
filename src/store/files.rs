//! What servers told of attachments.

use std::collections::HashMap;

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Any, Row, Transaction};
use url::Url;

use super::entries::{enclosures, enclosures_json, slug};
use super::{Store, any_of, at, ms};
use crate::entry::{Guid, Slug};
use crate::page::About;

/// What was told is believed for so long: a file may be replaced.
const TOLD: TimeDelta = TimeDelta::days(7);
/// A server that told nothing is asked again after this.
const UNTOLD: TimeDelta = TimeDelta::days(1);

impl Store {
    /// What is remembered of these files, where it still counts.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn files(&self, source: &Slug, urls: &[Url], now: DateTime<Utc>) -> Result<HashMap<Url, About>> {
        let names = serde_json::to_string(&urls.iter().map(Url::as_str).collect::<Vec<_>>())?;
        let (sqlite, postgres) = any_of!("SELECT url, asked, media_type, length FROM files WHERE source = $1 AND url", "");
        let rows = sqlx::query(self.pick(sqlite, postgres))
            .bind(source.as_str().to_owned())
            .bind(names)
            .fetch_all(&self.read)
            .await
            .context("store: files")?;
        let mut files = HashMap::new();
        for row in &rows {
            let length = row.try_get::<Option<i64>, _>("length")?.and_then(|length| u64::try_from(length).ok());
            let about = About { media_type: row.try_get("media_type")?, length };
            let holds = if about == About::default() { UNTOLD } else { TOLD };
            if now - at(row.try_get("asked")?) < holds {
                files.extend(Url::parse(&row.try_get::<String, _>("url")?).ok().map(|url| (url, about)));
            }
        }
        Ok(files)
    }

    /// The files of some sources that wait to be asked about, names as JSON.
    pub(super) async fn files_waiting(&self, sources: &str) -> Result<HashMap<Slug, Vec<Url>>> {
        let text = self.pick(
            "SELECT source, url FROM files WHERE waits IS NOT NULL AND source IN (SELECT value FROM json_each($1)) ORDER BY source, url",
            "SELECT source, url FROM files WHERE waits IS NOT NULL AND source = ANY (ARRAY(SELECT json_array_elements_text($1::json))) \
             ORDER BY source, url",
        );
        let rows = sqlx::query(text).bind(sources.to_owned()).fetch_all(&self.read).await.context("store: files")?;
        let mut files: HashMap<Slug, Vec<Url>> = HashMap::new();
        for row in &rows {
            let source = slug(&row.try_get::<String, _>("source")?)?;
            files.entry(source).or_default().extend(Url::parse(&row.try_get::<String, _>("url")?).ok());
        }
        Ok(files)
    }
}

/// Notes that a file of an entry is to be asked about at another visit.
pub(super) async fn wait(tx: &mut Transaction<'static, Any>, source: &Slug, (url, guid): (&Url, &Guid)) -> Result<()> {
    sqlx::query(
        "INSERT INTO files (source, url, asked, waits) VALUES ($1, $2, 0, $3) \
         ON CONFLICT (source, url) DO UPDATE SET waits = excluded.waits",
    )
    .bind(source.as_str().to_owned())
    .bind(url.to_string())
    .bind(guid.as_str().to_owned())
    .execute(&mut **tx)
    .await
    .context("store: files")?;
    Ok(())
}

/// Remembers what a server told of a file. True where an entry waited for it and says it now.
pub(super) async fn remember(
    tx: &mut Transaction<'static, Any>,
    source: &Slug,
    (url, about): (&Url, &About),
    now: DateTime<Utc>,
) -> Result<bool> {
    let waits: Option<Option<String>> = sqlx::query_scalar("SELECT waits FROM files WHERE source = $1 AND url = $2")
        .bind(source.as_str().to_owned())
        .bind(url.to_string())
        .fetch_optional(&mut **tx)
        .await
        .context("store: files")?;
    sqlx::query(
        "INSERT INTO files (source, url, asked, media_type, length) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (source, url) \
         DO UPDATE SET asked = excluded.asked, media_type = excluded.media_type, length = excluded.length, waits = NULL",
    )
    .bind(source.as_str().to_owned())
    .bind(url.to_string())
    .bind(ms(now))
    .bind(about.media_type.clone())
    .bind(about.length.and_then(|length| i64::try_from(length).ok()))
    .execute(&mut **tx)
    .await
    .context("store: files")?;
    match waits.flatten() {
        Some(guid) => complete(tx, source, &guid, (url, about)).await,
        None => Ok(false),
    }
}

/// Adds what was told to the stored attachments of an entry; false where nothing is new.
async fn complete(tx: &mut Transaction<'static, Any>, source: &Slug, guid: &str, (url, about): (&Url, &About)) -> Result<bool> {
    let kept: Option<String> = sqlx::query_scalar("SELECT attachments FROM entries WHERE source = $1 AND guid = $2")
        .bind(source.as_str().to_owned())
        .bind(guid.to_owned())
        .fetch_optional(&mut **tx)
        .await
        .context("store: files")?;
    let Some(kept) = kept else { return Ok(false) };
    let mut attachments = enclosures(&kept)?;
    attachments.iter_mut().filter(|file| file.url == *url).for_each(|file| about.complete(file));
    let known = enclosures_json(&attachments)?;
    if known == kept {
        return Ok(false);
    }
    sqlx::query("UPDATE entries SET attachments = $1 WHERE source = $2 AND guid = $3")
        .bind(known)
        .bind(source.as_str().to_owned())
        .bind(guid.to_owned())
        .execute(&mut **tx)
        .await
        .context("store: files")?;
    Ok(true)
}
