//! Entries: what feeds and pages read, and how a row is an entry.

use anyhow::{Context, Result};
use chrono::{DateTime, FixedOffset, Utc};
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::any::AnyRow;
use url::Url;

use super::{Store, at};
use crate::entry::{Enclosure, Entry, Guid, Slug};

/// Which entries are wanted, newest first.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// Of these sources.
    pub sources: &'a [Slug],
    /// At most so many.
    pub limit: usize,
}

/// An entry with what the store knows about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The entry.
    pub entry: Entry,
    /// Its source.
    pub source: Slug,
    /// Its name in `/tin/<source>/<slug>`.
    pub slug: String,
    /// When it was first seen.
    pub seen: DateTime<Utc>,
    /// When it was last changed here.
    pub changed: DateTime<Utc>,
    /// 1 for the first version, one more for each change.
    pub revision: i64,
    /// Whether its site took it back: then it is in no feed, and nothing of it is sent.
    pub withdrawn: bool,
}

macro_rules! select_entries {
    ($rest:literal) => {
        concat!(
            "SELECT e.source, e.guid, e.slug, e.url, e.title, e.published, e.updated, e.author, e.summary, e.content_html, ",
            "e.images, e.attachments, e.categories, e.version, e.revision, e.seen, e.changed, e.withdrawn ",
            $rest
        )
    };
}
pub(super) use select_entries;

/// Up to so many sources each give their newest; of more, the newest of all are looked through.
const FEW: usize = 100;

const FEW_SOURCES: (&str, &str) = (
    select_entries!(
        "FROM entries e WHERE e.id IN (SELECT n.id FROM json_each($1) s JOIN entries n ON n.id IN \
         (SELECT x.id FROM entries x WHERE x.source = s.value AND x.withdrawn IS NULL ORDER BY x.sorted DESC, x.id DESC LIMIT $2) \
         ORDER BY n.sorted DESC, n.id DESC LIMIT $2) ORDER BY e.sorted DESC, e.id DESC"
    ),
    select_entries!(
        "FROM entries e WHERE e.id IN (SELECT n.id FROM json_array_elements_text($1::json) s (value), LATERAL \
         (SELECT x.id, x.sorted FROM entries x WHERE x.source = s.value AND x.withdrawn IS NULL ORDER BY x.sorted DESC, x.id DESC LIMIT $2) n \
         ORDER BY n.sorted DESC, n.id DESC LIMIT $2) ORDER BY e.sorted DESC, e.id DESC"
    ),
);

const MANY_SOURCES: (&str, &str) = (
    select_entries!(
        "FROM entries e INDEXED BY entries_recent WHERE e.source IN (SELECT value FROM json_each($1)) AND e.withdrawn IS NULL \
         ORDER BY e.sorted DESC, e.id DESC LIMIT $2"
    ),
    select_entries!(
        "FROM entries e WHERE e.source = ANY (ARRAY(SELECT json_array_elements_text($1::json))) AND e.withdrawn IS NULL \
         ORDER BY e.sorted DESC, e.id DESC LIMIT $2"
    ),
);

impl Store {
    /// Entries of some sources, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn entries(&self, query: &Query<'_>) -> Result<Vec<Stored>> {
        let names: Vec<&str> = query.sources.iter().map(Slug::as_str).collect();
        let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
        let rows = if let [one] = names.as_slice() {
            sqlx::query(select_entries!(
                "FROM entries e WHERE e.source = $1 AND e.withdrawn IS NULL ORDER BY e.sorted DESC, e.id DESC LIMIT $2"
            ))
            .bind((*one).to_owned())
            .bind(limit)
            .fetch_all(&self.read)
            .await
        } else {
            let several =
                if names.len() <= FEW { self.pick(FEW_SOURCES.0, FEW_SOURCES.1) } else { self.pick(MANY_SOURCES.0, MANY_SOURCES.1) };
            sqlx::query(several).bind(serde_json::to_string(&names)?).bind(limit).fetch_all(&self.read).await
        };
        rows.context("store: entries")?.iter().map(stored).collect()
    }

    /// One entry by its page's address.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn entry_by_slug(&self, source: &Slug, slug: &str) -> Result<Option<Stored>> {
        let row = sqlx::query(select_entries!("FROM entries e WHERE e.source = $1 AND e.slug = $2"))
            .bind(source.as_str().to_owned())
            .bind(slug.to_owned())
            .fetch_optional(&self.read)
            .await
            .context("store: entry")?;
        row.as_ref().map(stored).transpose()
    }
}

impl Stored {
    /// Where people read it: its own address, or its public page under `base`.
    #[must_use]
    pub fn link(&self, base: &Url) -> Url {
        let page = || base.join(&format!("tin/{}/{}", self.source, self.slug)).unwrap_or_else(|_| base.clone());
        self.entry.url.clone().unwrap_or_else(page)
    }
}

pub(super) fn stored(row: &AnyRow) -> Result<Stored> {
    let text = |name: &str| row.try_get::<String, _>(name);
    let maybe = |name: &str| row.try_get::<Option<String>, _>(name);
    let time =
        |name: &str| -> Result<Option<DateTime<FixedOffset>>> { Ok(maybe(name)?.and_then(|t| DateTime::parse_from_rfc3339(&t).ok())) };
    let entry = Entry {
        guid: Guid::new(text("guid")?),
        url: maybe("url")?.and_then(|u| Url::parse(&u).ok()),
        title: text("title")?,
        published: time("published")?,
        updated: time("updated")?,
        author: maybe("author")?,
        summary: maybe("summary")?,
        content_html: text("content_html")?,
        images: enclosures(&text("images")?)?,
        attachments: enclosures(&text("attachments")?)?,
        categories: serde_json::from_str(&text("categories")?)?,
        version: maybe("version")?,
    };
    Ok(Stored {
        entry,
        source: slug(&text("source")?)?,
        slug: text("slug")?,
        seen: at(row.try_get("seen")?),
        changed: at(row.try_get("changed")?),
        revision: row.try_get("revision")?,
        withdrawn: row.try_get::<Option<i64>, _>("withdrawn")?.is_some(),
    })
}

pub(super) fn slug(name: &str) -> Result<Slug> {
    if let Some(reserved) = [Slug::admin(), Slug::corrections()].into_iter().find(|slug| slug.as_str() == name) {
        return Ok(reserved);
    }
    Slug::new(name).map_err(|_| anyhow::anyhow!("store: a name that no config accepts: {name}"))
}

/// An enclosure as a row keeps it.
#[derive(Serialize, Deserialize)]
struct Kept<'a> {
    url: Url,
    #[serde(rename = "type")]
    media_type: std::borrow::Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    length: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<std::borrow::Cow<'a, str>>,
}

pub(super) fn enclosures(json: &str) -> Result<Vec<Enclosure>> {
    let kept: Vec<Kept<'_>> = serde_json::from_str(json)?;
    let one = |k: Kept<'_>| Enclosure {
        url: k.url,
        media_type: k.media_type.into_owned(),
        length: k.length,
        title: k.title.map(std::borrow::Cow::into_owned),
    };
    Ok(kept.into_iter().map(one).collect())
}

pub(super) fn enclosures_json(enclosures: &[Enclosure]) -> Result<String> {
    let one = |e: &Enclosure| Kept {
        url: e.url.clone(),
        media_type: e.media_type.clone().into(),
        length: e.length,
        title: e.title.clone().map(Into::into),
    };
    Ok(serde_json::to_string(&enclosures.iter().map(one).collect::<Vec<_>>())?)
}
