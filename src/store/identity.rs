//! Which stored entry is meant: by its guid, by another address of the same article, or by title,
//! text and day.

use std::collections::{HashMap, HashSet};

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
    /// As JSON.
    pub(super) attachments: String,
}

macro_rules! select_rows {
    ($rest:literal) => {
        concat!("SELECT e.id, e.guid, e.url, e.title, e.published, e.digest, e.gist, e.withdrawn, e.version, e.attachments", $rest)
    };
}
pub(super) use select_rows;

/// The same for both engines, by a list of names in `$2`.
macro_rules! rows_by {
    ($more:literal, $rest:literal, $tail:literal) => {
        (
            concat!(
                "SELECT e.id, e.guid, e.url, e.title, e.published, e.digest, e.gist, e.withdrawn, e.version, e.attachments",
                $more,
                $rest,
                " IN (SELECT value FROM json_each($2))",
                $tail
            ),
            concat!(
                "SELECT e.id, e.guid, e.url, e.title, e.published, e.digest, e.gist, e.withdrawn, e.version, e.attachments",
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
        attachments: row.try_get("attachments")?,
    })
}

/// An entry with what it takes to know it again, worked out once.
pub(super) struct Candidate<'a> {
    pub(super) entry: &'a Entry,
    /// Its title as titles are compared.
    pub(super) title: String,
    /// When it was published, as a day of its zone.
    pub(super) day: Option<NaiveDate>,
    /// What it says, without regard to accents, case, blanks and address.
    pub(super) gist: String,
    /// Whether it says enough to be no form.
    telling: bool,
    /// What it may be known by: its guid, and the address of its page.
    pub(super) names: Vec<String>,
}

impl<'a> Candidate<'a> {
    pub(super) fn new(entry: &'a Entry) -> Self {
        use sha2::{Digest, Sha256};
        let (title, said) = (text::fold(&entry.title), html::to_text(&entry.content_html));
        let files: Vec<&str> = entry.attachments.iter().filter_map(|file| file.url.path().rsplit('/').next()).collect();
        let all = format!("{title}\u{1f}{}\u{1f}{}", text::fold(&said), files.join("\u{1f}"));
        let address = entry.url.as_ref().filter(|url| url.has_host()).map(same_article_key);
        Self {
            day: entry.published.as_ref().map(DateTime::<FixedOffset>::date_naive),
            gist: Sha256::digest(all).iter().take(16).map(|b| format!("{b:02x}")).collect(),
            telling: said.chars().count() >= TELLING,
            names: std::iter::once(entry.guid.as_str().to_owned()).chain(address).collect(),
            title,
            entry,
        }
    }

    /// Weekly notices have the same title, even the same page, and are others. `undated` decides
    /// where one of the two has no date.
    fn is_of(&self, day: Option<NaiveDate>, undated: bool) -> bool {
        match (day, self.day) {
            (Some(stored), Some(day)) => stored == day,
            (None, _) | (_, None) => undated,
        }
    }
}

/// What is stored that some entries may be.
#[derive(Default)]
pub(super) struct Index {
    by_guid: HashMap<String, StoredRow>,
    by_name: HashMap<String, StoredRow>,
    by_gist: HashMap<String, Vec<StoredRow>>,
    /// Stored in this visit.
    added: HashSet<i64>,
}

/// A stored entry that was meant.
pub(super) struct Found {
    pub(super) row: StoredRow,
    /// The same story under another address, word for word; not the same page.
    pub(super) twin: bool,
    /// Stored a moment ago.
    pub(super) added: bool,
}

impl Index {
    pub(super) async fn load(
        tx: &mut Transaction<'static, Any>,
        engine: Engine,
        source: &Slug,
        candidates: &[Candidate<'_>],
    ) -> Result<Self> {
        let mut index = Self::default();
        if candidates.is_empty() {
            return Ok(index);
        }
        let guids: Vec<&str> = candidates.iter().map(|c| c.entry.guid.as_str()).collect();
        let names: Vec<&str> = candidates.iter().flat_map(|c| &c.names).map(String::as_str).collect();
        let gists: Vec<&str> = candidates.iter().map(|c| c.gist.as_str()).collect();
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
    /// their articles the same; the title must agree, and the day.
    pub(super) fn find(&self, candidate: &Candidate<'_>) -> Option<Found> {
        let guid = candidate.entry.guid.as_str();
        let meant = |row: &StoredRow, twin| Found { added: self.added.contains(&row.id), row: row.clone(), twin };
        if let Some(row) = self.by_guid.get(guid).or_else(|| self.by_name.get(guid)) {
            return Some(meant(row, false));
        }
        let named = candidate.names.iter().filter_map(|name| self.by_name.get(name));
        let same_page = named.into_iter().find(|row| text::fold(&row.title) == candidate.title && candidate.is_of(row.day, true));
        if let Some(row) = same_page {
            return Some(meant(row, false));
        }
        let twin = self.by_gist.get(&candidate.gist)?.iter().find(|row| candidate.is_of(row.day, candidate.telling))?;
        Some(meant(twin, true))
    }

    /// Knows one more from now on.
    pub(super) fn add(&mut self, row: StoredRow, candidate: &Candidate<'_>) {
        self.added.insert(row.id);
        for name in &candidate.names {
            self.by_name.entry(name.clone()).or_insert_with(|| row.clone());
        }
        self.by_gist.entry(candidate.gist.clone()).or_default().push(row.clone());
        self.by_guid.insert(row.guid.clone(), row);
    }
}

async fn select(
    tx: &mut Transaction<'static, Any>,
    engine: Engine,
    (sqlite, postgres): (&'static str, &'static str),
    source: &Slug,
    names: &[&str],
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
