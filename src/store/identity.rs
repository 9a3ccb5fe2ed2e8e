//! Which stored entry is meant: by its guid, by another address of the same article, or by title,
//! text and day.

use std::collections::HashMap;

use anyhow::{Context, Result};
use chrono::{DateTime, FixedOffset, NaiveDate};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::{Engine, Store, any_of};
use crate::entry::{Entry, Guid, Slug};
use crate::html;
use crate::source::same_article_key;
use crate::text;

/// Texts shorter than this, in characters, are alike too easily to be one story without a date.
const TELLING: usize = 200;

/// An entry that a list names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The guid that the list gives it.
    pub guid: Guid,
    /// What all addresses of its page have in common, where it has one.
    pub key: Option<String>,
}

/// What the store has under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The guid that it keeps.
    pub guid: Guid,
    /// See [`Entry::version`].
    pub version: Option<String>,
    /// Whether its site took it back.
    pub withdrawn: bool,
    /// Its title.
    pub title: String,
}

impl Store {
    /// Which of these entries are known, by the guid that was asked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn known(&self, source: &Slug, asked: &[Asked]) -> Result<HashMap<Guid, Known>> {
        let guids: Vec<&str> = asked.iter().map(|a| a.guid.as_str()).collect();
        let (sqlite, postgres) =
            any_of!("SELECT guid AS name, guid, version, withdrawn, title FROM entries WHERE source = $1 AND guid", "");
        let mut known = self.named(self.pick(sqlite, postgres), source, &guids).await?;
        let others: Vec<&Asked> = asked.iter().filter(|a| !known.contains_key(a.guid.as_str())).collect();
        if !others.is_empty() {
            let names: Vec<&str> = others.iter().flat_map(|a| a.key.as_deref().into_iter().chain([a.guid.as_str()])).collect();
            let (sqlite, postgres) = any_of!(
                "SELECT a.name, e.guid, e.version, e.withdrawn, e.title FROM aliases a JOIN entries e ON e.id = a.entry WHERE a.source = $1 AND a.name",
                ""
            );
            let aliases = self.named(self.pick(sqlite, postgres), source, &names).await?;
            for other in others {
                let found = aliases.get(other.guid.as_str()).or_else(|| aliases.get(other.key.as_deref()?));
                known.extend(found.map(|k| (other.guid.as_str().to_owned(), k.clone())));
            }
        }
        Ok(known.into_iter().map(|(name, known)| (Guid::new(name), known)).collect())
    }

    async fn named(&self, query: &'static str, source: &Slug, names: &[&str]) -> Result<HashMap<String, Known>> {
        let rows = sqlx::query(query)
            .bind(source.as_str().to_owned())
            .bind(serde_json::to_string(names)?)
            .fetch_all(&self.read)
            .await
            .context("store: known")?;
        let one = |row: &AnyRow| {
            let known = Known {
                guid: Guid::new(row.try_get::<String, _>("guid")?),
                version: row.try_get("version")?,
                withdrawn: row.try_get::<Option<i64>, _>("withdrawn")?.is_some(),
                title: row.try_get("title")?,
            };
            Ok((row.try_get("name")?, known))
        };
        rows.iter().map(one).collect()
    }
}

/// A stored entry, as far as it takes to know it again.
#[derive(Debug, Clone)]
pub(super) struct StoredRow {
    pub(super) id: i64,
    pub(super) guid: String,
    pub(super) url: Option<String>,
    pub(super) title: String,
    pub(super) day: Option<NaiveDate>,
    pub(super) digest: String,
    pub(super) gist: Option<String>,
    pub(super) withdrawn: bool,
    pub(super) version: Option<String>,
}

macro_rules! select_rows {
    ($rest:literal) => {
        concat!("SELECT e.id, e.guid, e.url, e.title, e.published, e.digest, e.gist, e.withdrawn, e.version", $rest)
    };
}
pub(super) use select_rows;

/// The same for both engines, by a list of names in `$2`.
macro_rules! rows_by {
    ($more:literal, $rest:literal, $tail:literal) => {
        (
            concat!(
                "SELECT e.id, e.guid, e.url, e.title, e.published, e.digest, e.gist, e.withdrawn, e.version",
                $more,
                $rest,
                " IN (SELECT value FROM json_each($2))",
                $tail
            ),
            concat!(
                "SELECT e.id, e.guid, e.url, e.title, e.published, e.digest, e.gist, e.withdrawn, e.version",
                $more,
                $rest,
                " = ANY (ARRAY(SELECT json_array_elements_text($2::json)))",
                $tail
            ),
        )
    };
}

pub(super) fn row(row: &AnyRow) -> Result<StoredRow> {
    Ok(StoredRow {
        id: row.try_get("id")?,
        guid: row.try_get("guid")?,
        url: row.try_get("url")?,
        title: row.try_get("title")?,
        day: row.try_get::<Option<String>, _>("published")?.and_then(|at| Some(DateTime::parse_from_rfc3339(&at).ok()?.date_naive())),
        digest: row.try_get("digest")?,
        gist: row.try_get("gist")?,
        withdrawn: row.try_get::<Option<i64>, _>("withdrawn")?.is_some(),
        version: row.try_get("version")?,
    })
}

/// What is stored that some entries may be.
#[derive(Default)]
pub(super) struct Index {
    by_guid: HashMap<String, StoredRow>,
    by_name: HashMap<String, StoredRow>,
    by_gist: HashMap<String, Vec<StoredRow>>,
}

/// A stored entry that was meant.
pub(super) struct Found {
    pub(super) row: StoredRow,
    /// The same story under another address, word for word; not the same page.
    pub(super) twin: bool,
}

impl Index {
    pub(super) async fn load(tx: &mut Transaction<'static, Any>, engine: Engine, source: &Slug, entries: &[Entry]) -> Result<Self> {
        let mut index = Self::default();
        if entries.is_empty() {
            return Ok(index);
        }
        let guids: Vec<String> = entries.iter().map(|e| e.guid.as_str().to_owned()).collect();
        let names: Vec<String> = entries.iter().flat_map(names_of).collect();
        let gists: Vec<String> = entries.iter().map(gist).collect();
        let by_guid = rows_by!("", " FROM entries e WHERE e.source = $1 AND e.guid", "");
        let by_name = rows_by!(", a.name", " FROM aliases a JOIN entries e ON e.id = a.entry WHERE a.source = $1 AND a.name", "");
        let by_gist = rows_by!("", " FROM entries e WHERE e.source = $1 AND e.gist", " ORDER BY e.id");
        for found in select(tx, engine, by_guid, source, &guids).await? {
            let row = row(&found)?;
            index.by_guid.insert(row.guid.clone(), row);
        }
        for found in select(tx, engine, by_name, source, &names).await? {
            index.by_name.insert(found.try_get("name")?, row(&found)?);
        }
        for found in select(tx, engine, by_gist, source, &gists).await? {
            let row = row(&found)?;
            index.by_gist.entry(row.gist.clone().unwrap_or_default()).or_default().push(row);
        }
        Ok(index)
    }

    /// The stored entry that this one is. An address alone does not make one: some sites give all
    /// their articles the same; the title must agree.
    pub(super) fn find(&self, entry: &Entry) -> Option<Found> {
        let guid = entry.guid.as_str();
        if let Some(row) = self.by_guid.get(guid).or_else(|| self.by_name.get(guid)) {
            return Some(Found { row: row.clone(), twin: false });
        }
        let title = text::fold(&entry.title);
        let same_page = names_of(entry).into_iter().filter_map(|name| self.by_name.get(&name)).find(|row| text::fold(&row.title) == title);
        if let Some(row) = same_page {
            return Some(Found { row: row.clone(), twin: false });
        }
        let row = self.by_gist.get(&gist(entry))?.iter().find(|row| is_same_day(row.day, entry))?;
        Some(Found { row: row.clone(), twin: true })
    }

    /// Knows one more from now on.
    pub(super) fn add(&mut self, row: StoredRow, entry: &Entry) {
        for name in names_of(entry) {
            self.by_name.entry(name).or_insert_with(|| row.clone());
        }
        self.by_gist.entry(row.gist.clone().unwrap_or_default()).or_default().push(row.clone());
        self.by_guid.insert(row.guid.clone(), row);
    }
}

async fn select(
    tx: &mut Transaction<'static, Any>,
    engine: Engine,
    (sqlite, postgres): (&'static str, &'static str),
    source: &Slug,
    names: &[String],
) -> Result<Vec<AnyRow>> {
    let query = match engine {
        Engine::Sqlite => sqlite,
        Engine::Postgres => postgres,
    };
    sqlx::query(query)
        .bind(source.as_str().to_owned())
        .bind(serde_json::to_string(names)?)
        .fetch_all(&mut **tx)
        .await
        .context("store: identity")
}

/// What an entry may be known by beside its guid: the guid as an alias, and its page's address.
pub(super) fn names_of(entry: &Entry) -> Vec<String> {
    let address = entry.url.as_ref().filter(|url| url.has_host()).map(same_article_key);
    std::iter::once(entry.guid.as_str().to_owned()).chain(address).collect()
}

/// What an entry says, without regard to accents, case, blanks and address.
pub(super) fn gist(entry: &Entry) -> String {
    use sha2::{Digest, Sha256};
    let files: Vec<&str> = entry.attachments.iter().filter_map(|file| file.url.path().rsplit('/').next()).collect();
    let said =
        format!("{}\u{1f}{}\u{1f}{}", text::fold(&entry.title), text::fold(&html::to_text(&entry.content_html)), files.join("\u{1f}"));
    Sha256::digest(said).iter().take(16).map(|b| format!("{b:02x}")).collect()
}

/// Weekly notices say the same on another day, and are others. Where a date is missing the text
/// must be long enough to be no form.
fn is_same_day(stored: Option<NaiveDate>, entry: &Entry) -> bool {
    match (stored, entry.published.as_ref().map(DateTime::<FixedOffset>::date_naive)) {
        (Some(stored), Some(day)) => stored == day,
        (None, _) | (_, None) => html::to_text(&entry.content_html).chars().count() >= TELLING,
    }
}
