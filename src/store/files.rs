//! What servers told of attachments.

use std::collections::HashMap;

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Any, Row, Transaction};
use url::Url;

use super::{Store, any_of, at, ms};
use crate::entry::Slug;
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
}

/// Remembers what a server told of a file.
pub(super) async fn remember(
    tx: &mut Transaction<'static, Any>,
    source: &Slug,
    (url, about): (&Url, &About),
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO files (source, url, asked, media_type, length) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (source, url) \
         DO UPDATE SET asked = excluded.asked, media_type = excluded.media_type, length = excluded.length",
    )
    .bind(source.as_str().to_owned())
    .bind(url.to_string())
    .bind(ms(now))
    .bind(about.media_type.clone())
    .bind(about.length.and_then(|length| i64::try_from(length).ok()))
    .execute(&mut **tx)
    .await
    .context("store: files")?;
    Ok(())
}
