//! The archives of feeds: entries in the order in which they came, so many to each, which neither
//! a date nor a correction moves from one to another. Only where each ends is kept.

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::entries::{select_entries, slug, stored};
use super::{Store, Stored, at};
use crate::entry::{Guid, Slug};

/// Archives that are begun at once: a feed that is new over many old entries takes its time.
const AT_ONCE: usize = 20;

/// So many sources each give what came next; of more, all that came is looked through.
const FEW: usize = 100;
const NEXT_OF_FEW: (&str, &str) = (
    "SELECT n.id FROM json_each($1) s JOIN entries n ON n.id IN \
     (SELECT x.id FROM entries x INDEXED BY entries_kept WHERE x.source = s.value AND x.id > $2 ORDER BY x.id LIMIT $3) ORDER BY n.id LIMIT $3",
    "SELECT n.id FROM json_array_elements_text($1::json) s (value), LATERAL \
     (SELECT x.id FROM entries x WHERE x.source = s.value AND x.id > $2 ORDER BY x.id LIMIT $3) n ORDER BY n.id LIMIT $3",
);
const NEXT_OF_MANY: (&str, &str) = (
    "SELECT id FROM entries WHERE +source IN (SELECT value FROM json_each($1)) AND id > $2 ORDER BY id LIMIT $3",
    "SELECT id FROM entries WHERE source = ANY (ARRAY(SELECT json_array_elements_text($1::json))) AND id > $2 ORDER BY id LIMIT $3",
);

/// Few of very many, however they are ordered: so the way to them is prescribed.
const BETWEEN: (&str, &str) = (
    select_entries!(
        "FROM entries e INDEXED BY entries_kept WHERE e.source IN (SELECT value FROM json_each($1)) AND e.id > $2 AND e.id <= $3 AND e.withdrawn IS NULL \
         ORDER BY e.sorted DESC, e.id DESC LIMIT $4"
    ),
    select_entries!(
        "FROM (SELECT x.id FROM entries x WHERE x.source = ANY (ARRAY(SELECT json_array_elements_text($1::json))) AND x.id > $2 \
         AND x.id <= $3 OFFSET 0) n JOIN entries e ON e.id = n.id WHERE e.withdrawn IS NULL ORDER BY e.sorted DESC, e.id DESC LIMIT $4"
    ),
);

const WITHDRAWN: (&str, &str) = (
    "SELECT guid, source, slug, withdrawn FROM entries INDEXED BY entries_withdrawn WHERE withdrawn IS NOT NULL AND source IN (SELECT value FROM json_each($1)) \
     ORDER BY withdrawn DESC LIMIT $2",
    "SELECT guid, source, slug, withdrawn FROM entries WHERE withdrawn IS NOT NULL AND source = ANY (ARRAY(SELECT json_array_elements_text($1::json))) \
     ORDER BY withdrawn DESC LIMIT $2",
);

/// The archives of a feed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Archives {
    /// How many are full.
    pub full: u32,
    /// Where the last one ends.
    last: i64,
    /// Whether all that could fill one is in one.
    pub complete: bool,
}

/// An entry that its site took back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Its identity.
    pub guid: Guid,
    /// Its source.
    pub source: Slug,
    /// Its name in `/tin/<source>/<slug>`.
    pub slug: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl Store {
    /// Closes the archives of a feed that are full by now, `size` entries to each.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn archive(&self, feed: &Slug, sources: &[Slug], size: usize) -> Result<Archives> {
        let made_of = print(sources);
        let mut known = self.archives(feed, &made_of).await?;
        let next = if sources.len() <= FEW { NEXT_OF_FEW } else { NEXT_OF_MANY };
        let ids: Vec<i64> = sqlx::query_scalar(self.pick(next.0, next.1))
            .bind(names(sources)?)
            .bind(known.last)
            .bind(i64::try_from(size * AT_ONCE)?)
            .fetch_all(&self.read)
            .await
            .context("store: archives")?;
        known.complete = ids.len() < size * AT_ONCE;
        let lasts = ids.chunks_exact(size.max(1)).filter_map(|full| full.last());
        let ends: Vec<(u32, i64)> = (known.full + 1..).zip(lasts.copied()).collect();
        if let Some((full, last)) = ends.last() {
            (known.full, known.last) = (*full, *last);
            let mut tx = self.begin().await?;
            note(&mut tx, feed, &made_of, &ends).await?;
            tx.commit().await.context("store: archives")?;
        }
        Ok(known)
    }

    /// The archives that are closed already.
    async fn archives(&self, feed: &Slug, made_of: &str) -> Result<Archives> {
        let row = sqlx::query("SELECT number, last FROM archives WHERE feed = $1 AND sources = $2 ORDER BY number DESC LIMIT 1")
            .bind(feed.as_str().to_owned())
            .bind(made_of.to_owned())
            .fetch_optional(&self.read)
            .await
            .context("store: archives")?;
        let Some(row) = row else { return Ok(Archives::default()) };
        Ok(Archives { full: u32::try_from(row.try_get::<i64, _>("number")?)?, last: row.try_get("last")?, complete: true })
    }

    /// The entries of an archive, newest first, and how many archives there are; `None` where it is
    /// not closed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn archived(&self, feed: &Slug, sources: &[Slug], number: u32, size: usize) -> Result<Option<(Vec<Stored>, u32)>> {
        let made_of = print(sources);
        let rows = sqlx::query("SELECT number, last FROM archives WHERE feed = $1 AND sources = $2 AND number IN ($3, $4)")
            .bind(feed.as_str().to_owned())
            .bind(made_of.clone())
            .bind(i64::from(number))
            .bind(i64::from(number) - 1)
            .fetch_all(&self.read)
            .await
            .context("store: archives")?;
        let (mut after, mut last) = (0, None);
        for row in &rows {
            if row.try_get::<i64, _>("number")? == i64::from(number) {
                last = Some(row.try_get("last")?);
            } else {
                after = row.try_get("last")?;
            }
        }
        let Some(last) = last else { return Ok(None) };
        let all = self.archives(feed, &made_of).await?.full;
        Ok(Some((self.between(names(sources)?, after, last, size).await?, all)))
    }

    /// The entries of a feed that are in no archive yet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unarchived(&self, sources: &[Slug], archives: &Archives, size: usize) -> Result<Vec<Stored>> {
        self.between(names(sources)?, archives.last, i64::MAX, size).await
    }

    async fn between(&self, sources: String, after: i64, last: i64, limit: usize) -> Result<Vec<Stored>> {
        let rows = sqlx::query(self.pick(BETWEEN.0, BETWEEN.1))
            .bind(sources)
            .bind(after)
            .bind(last)
            .bind(i64::try_from(limit)?)
            .fetch_all(&self.read)
            .await;
        rows.context("store: archives")?.iter().map(stored).collect()
    }

    /// The entries of some sources that were taken back last.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn taken_back(&self, sources: &[Slug], limit: usize) -> Result<Vec<Taken>> {
        let rows = sqlx::query(self.pick(WITHDRAWN.0, WITHDRAWN.1))
            .bind(names(sources)?)
            .bind(i64::try_from(limit)?)
            .fetch_all(&self.read)
            .await
            .context("store: taken back")?;
        rows.iter().map(taken).collect()
    }
}

fn taken(row: &AnyRow) -> Result<Taken> {
    Ok(Taken {
        guid: Guid::new(row.try_get::<String, _>("guid")?),
        source: slug(&row.try_get::<String, _>("source")?)?,
        slug: row.try_get("slug")?,
        at: at(row.try_get("withdrawn")?),
    })
}

fn names(sources: &[Slug]) -> Result<String> {
    Ok(serde_json::to_string(&sources.iter().map(Slug::as_str).collect::<Vec<_>>())?)
}

/// Other sources, other archives.
fn print(sources: &[Slug]) -> String {
    let mut names: Vec<&str> = sources.iter().map(Slug::as_str).collect();
    names.sort_unstable();
    Guid::derived(&names).to_string()
}

/// Notes where archives end; those of other sources under the same name are forgotten.
async fn note(tx: &mut Transaction<'static, Any>, feed: &Slug, made_of: &str, ends: &[(u32, i64)]) -> Result<()> {
    sqlx::query("DELETE FROM archives WHERE feed = $1 AND sources <> $2")
        .bind(feed.as_str().to_owned())
        .bind(made_of.to_owned())
        .execute(&mut **tx)
        .await
        .context("store: archives")?;
    for (number, last) in ends {
        sqlx::query("INSERT INTO archives (feed, number, last, sources) VALUES ($1, $2, $3, $4) ON CONFLICT (feed, number) DO NOTHING")
            .bind(feed.as_str().to_owned())
            .bind(i64::from(*number))
            .bind(*last)
            .bind(made_of.to_owned())
            .execute(&mut **tx)
            .await
            .context("store: archives")?;
    }
    Ok(())
}
