//! An entry as a row: inserted, brought up to date, known by other names.

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Any, Row, Transaction};
use url::Url;

use super::entries::enclosures_json;
use super::identity::{Candidate, StoredRow};
use super::{amendments, ms, revisions};
use crate::entry::{Entry, Slug};

/// What bringing an entry up to date did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Upsert {
    /// Its content differs: a new revision.
    Changed,
    /// People read the same as before, and more is known of its attachments.
    Weighed,
    /// People read the same as before.
    Same,
}

const INSERT: &str = "INSERT INTO entries (source, guid, slug, url, title, published, updated, author, summary, content_html, images, attachments, \
     categories, version, digest, sorted, seen, changed, gist) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17, $18) \
     RETURNING id";

/// Keeps the slug and the time of first sight; an entry without a date of its own stays where it stands.
const UPDATE: &str = "UPDATE entries SET url = $4, title = $5, published = $6, updated = $7, author = $8, summary = $9, content_html = $10, images = $11, \
     attachments = $12, categories = $13, version = $14, digest = $15, changed = $17, revision = revision + 1, gist = $18, \
     sorted = CASE WHEN $6 IS NULL THEN sorted ELSE $16 END, slug = CASE WHEN slug = '' THEN $3 ELSE slug END WHERE source = $1 AND guid = $2 \
     RETURNING id";

/// Stores a new entry, known by its own names from now on.
pub(super) async fn insert(
    tx: &mut Transaction<'static, Any>,
    source: &Slug,
    candidate: &Candidate<'_>,
    now: DateTime<Utc>,
) -> Result<StoredRow> {
    let entry = candidate.entry;
    let digest = fingerprint(entry);
    let id = write(tx, INSERT, source, entry.guid.as_str(), candidate, &digest, now).await?;
    let row = StoredRow {
        id,
        guid: entry.guid.as_str().to_owned(),
        url: entry.url.as_ref().map(Url::to_string),
        title: entry.title.clone(),
        day: candidate.day,
        digest,
        gist: Some(candidate.gist.clone()),
        withdrawn: false,
        version: entry.version.clone(),
        attachments: enclosures_json(&entry.attachments)?,
    };
    alias(tx, source, candidate, &row).await?;
    Ok(row)
}

/// Brings a stored entry up to date: a new revision where people read something else.
pub(super) async fn update(
    tx: &mut Transaction<'static, Any>,
    source: &Slug,
    row: &StoredRow,
    candidate: &Candidate<'_>,
    now: DateTime<Utc>,
) -> Result<Upsert> {
    let entry = candidate.entry;
    let digest = fingerprint(entry);
    if row.digest != digest {
        let told = revisions::keep(tx, row.id, entry, now).await?;
        write(tx, UPDATE, source, &row.guid, candidate, &digest, now).await?;
        amendments::note(tx, row.id, told, row.withdrawn, now).await?;
        return Ok(Upsert::Changed);
    }
    let url = entry.url.as_ref().map(Url::to_string);
    let attachments = enclosures_json(&entry.attachments)?;
    let weighed = row.attachments != attachments && entry.attachments.iter().any(|file| file.length.is_some());
    if row.version != entry.version || row.url != url || weighed {
        sqlx::query("UPDATE entries SET version = $1, url = $2, attachments = $3 WHERE id = $4")
            .bind(entry.version.clone())
            .bind(url)
            .bind(if weighed { attachments } else { row.attachments.clone() })
            .bind(row.id)
            .execute(&mut **tx)
            .await
            .context("store: entry")?;
    }
    Ok(if weighed { Upsert::Weighed } else { Upsert::Same })
}

/// Lets an entry be known by the guid and the address of another that is the same.
pub(super) async fn alias(tx: &mut Transaction<'static, Any>, source: &Slug, candidate: &Candidate<'_>, row: &StoredRow) -> Result<()> {
    // Its own guid it is known by already.
    for name in candidate.names.iter().filter(|name| **name != row.guid) {
        sqlx::query("INSERT INTO aliases (source, name, entry) VALUES ($1, $2, $3) ON CONFLICT (source, name) DO NOTHING")
            .bind(source.as_str().to_owned())
            .bind(name.clone())
            .bind(row.id)
            .execute(&mut **tx)
            .await
            .context("store: alias")?;
    }
    Ok(())
}

async fn write(
    tx: &mut Transaction<'static, Any>,
    sql: &'static str,
    source: &Slug,
    guid: &str,
    candidate: &Candidate<'_>,
    digest: &str,
    now: DateTime<Utc>,
) -> Result<i64> {
    let entry = candidate.entry;
    // A date in the far future must not stand on top of the feed for ever.
    let sorted = entry.published.map_or(now, |p| p.with_timezone(&Utc)).min(now + TimeDelta::days(1));
    let row = sqlx::query(sql)
        .bind(source.as_str().to_owned())
        .bind(guid.to_owned())
        .bind(entry.page_slug())
        .bind(entry.url.as_ref().map(Url::to_string))
        .bind(entry.title.clone())
        .bind(entry.published.map(|t| t.to_rfc3339()))
        .bind(entry.updated.map(|t| t.to_rfc3339()))
        .bind(entry.author.clone())
        .bind(entry.summary.clone())
        .bind(entry.content_html.clone())
        .bind(enclosures_json(&entry.images)?)
        .bind(enclosures_json(&entry.attachments)?)
        .bind(serde_json::to_string(&entry.categories)?)
        .bind(entry.version.clone())
        .bind(digest.to_owned())
        .bind(ms(sorted))
        .bind(ms(now))
        .bind(candidate.gist.clone())
        .fetch_one(&mut **tx)
        .await
        .context("store: entry")?;
    Ok(row.try_get("id")?)
}

/// Changes when what people read of an entry does; not with its address, its `version` or
/// `updated`, which sites change without a change.
fn fingerprint(entry: &Entry) -> String {
    use sha2::{Digest, Sha256};
    let read = (
        (&entry.title, entry.published.map(|t| t.timestamp())),
        (&entry.author, &entry.summary, &entry.content_html, &entry.categories),
        entry.images.iter().chain(&entry.attachments).map(|e| (e.url.as_str(), e.title.as_deref())).collect::<Vec<_>>(),
    );
    let hash = Sha256::digest(format!("{read:?}"));
    hash.iter().map(|b| format!("{b:02x}")).collect()
}
