//! Finding entries by words, category and source, newest first and page by page. The engines'
//! full-text indexes stand in the order of the news, so that no question reads more of them than it
//! shows: SQLite's FTS5, and PostgreSQL's GIN over a `tsvector`.

use anyhow::{Context, Result};
use sqlx::{Any, Executor, Row, Transaction};

use super::entries::{select_entries, stored};
use super::{Engine, Store, Stored};
use crate::entry::{Entry, Slug};

mod words;

pub use words::Words;

/// So many sources are named in a question; among more than these it looks through what all have.
const NAMED: usize = 64;
/// Entries that are taken into the search in one transaction when they were there before it.
const AT_ONCE: i64 = 100;
/// Without its index SQLite would look through all that cannot be found yet, each time.
const UNPLACED: (&str, &str) = (
    select_entries!(
        ", e.id, e.sorted FROM entries e INDEXED BY entries_unplaced \
         WHERE e.place IS NULL AND e.source NOT IN ($1, $2) ORDER BY e.sorted DESC LIMIT $3"
    ),
    select_entries!(", e.id, e.sorted FROM entries e WHERE e.place IS NULL AND e.source NOT IN ($1, $2) ORDER BY e.sorted DESC LIMIT $3"),
);
/// Whatever the engines were told of the index when nothing could be found yet, an entry found is one step in it.
const FOUND: (&str, &str) = (
    select_entries!(
        ", e.place FROM searches CROSS JOIN entries e INDEXED BY entries_place ON e.place = searches.rowid \
         WHERE searches MATCH $1 AND searches.rowid < $2 AND e.withdrawn IS NULL AND e.source IN (SELECT value FROM json_each($3)) \
         ORDER BY searches.rowid DESC LIMIT $4"
    ),
    select_entries!(
        ", e.place FROM (SELECT rowid FROM searches WHERE words @@ to_tsquery('simple', $1) AND rowid < $2 ORDER BY rowid DESC) s \
         CROSS JOIN LATERAL (SELECT * FROM entries x WHERE x.place = s.rowid OFFSET 0) e WHERE e.withdrawn IS NULL \
         AND e.source = ANY (ARRAY(SELECT json_array_elements_text($3::json))) ORDER BY s.rowid DESC LIMIT $4"
    ),
);
/// How many numbers of entries one second has room for.
const ROOM: i64 = 1 << 29;

/// Which entries are wanted.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    /// Of these sources.
    pub sources: &'a [Slug],
    /// With these words.
    pub words: &'a Words,
    /// Of the category with this name in addresses ([`crate::text::slug`]).
    pub category: Option<&'a str>,
    /// Only those that stand before this place: [`Found::more`] of the page before.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: usize,
}

/// One page of what was found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Newest first.
    pub entries: Vec<Stored>,
    /// Where the next page begins; `None` on the last.
    pub more: Option<i64>,
}

impl Store {
    /// Entries that hold all that is asked for, newest first.
    ///
    /// # Errors
    /// When the database fails, or takes longer than three seconds where it can be told so.
    pub async fn search(&self, search: &Search<'_>) -> Result<Found> {
        let names: Vec<&str> = search.sources.iter().map(Slug::as_str).collect();
        let named = if names.len() <= NAMED { search.sources } else { &[] };
        let wish = words::Wish { words: search.words, category: search.category, sources: named };
        let mut tx = self.read.begin().await.context("store: search")?;
        if self.engine == Engine::Postgres {
            tx.execute("SET LOCAL statement_timeout = '3s'").await.context("store: search")?;
        }
        let rows = sqlx::query(self.pick(FOUND.0, FOUND.1))
            .bind(if self.engine == Engine::Postgres { wish.tsquery() } else { wish.fts5() })
            .bind(search.before.unwrap_or(i64::MAX))
            .bind(serde_json::to_string(&names)?)
            .bind(i64::try_from(search.limit + 1).unwrap_or(i64::MAX))
            .fetch_all(&mut *tx)
            .await
            .context("store: search")?;
        tx.commit().await.context("store: search")?;
        let shown = rows.get(..search.limit.min(rows.len())).unwrap_or_default();
        let last = shown.last().filter(|_| rows.len() > shown.len());
        let more = last.map(|row| row.try_get("place")).transpose()?;
        Ok(Found { entries: shown.iter().map(stored).collect::<Result<_>>()?, more })
    }

    /// Lets some entries be found that were stored before there was a search, the newest first;
    /// returns how many they were. Their words are made before anything is locked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_in(&self) -> Result<usize> {
        let rows = sqlx::query(self.pick(UNPLACED.0, UNPLACED.1))
            .bind(Slug::admin().as_str().to_owned())
            .bind(Slug::corrections().as_str().to_owned())
            .bind(AT_ONCE)
            .fetch_all(&self.read)
            .await
            .context("store: search")?;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            let (one, id) = (stored(row)?, row.try_get("id")?);
            found.push((id, seat(row.try_get("sorted")?, id), words::of(&one.entry, &one.source)));
        }
        let mut tx = self.begin().await?;
        for (id, place, words) in found {
            // Whoever changed it meanwhile, or another daemon, took it in as well.
            let free = sqlx::query("UPDATE entries SET place = $1 WHERE id = $2 AND place IS NULL").bind(place).bind(id);
            if free.execute(&mut *tx).await.context("store: search")?.rows_affected() == 1 {
                index(&mut tx, self.engine, place, words).await?;
            }
        }
        tx.commit().await.context("store: search")?;
        Ok(rows.len())
    }
}

/// Lets an entry be found by its words as they are now.
pub(super) async fn place(tx: &mut Transaction<'static, Any>, engine: Engine, id: i64, source: &Slug, entry: &Entry) -> Result<()> {
    let row = sqlx::query("SELECT sorted, place FROM entries WHERE id = $1").bind(id).fetch_one(&mut **tx).await.context("store: place")?;
    if let Some(former) = row.try_get::<Option<i64>, _>("place")? {
        sqlx::query("DELETE FROM searches WHERE rowid = $1").bind(former).execute(&mut **tx).await.context("store: place")?;
    }
    let place = seat(row.try_get("sorted")?, id);
    index(tx, engine, place, words::of(entry, source)).await?;
    sqlx::query("UPDATE entries SET place = $1 WHERE id = $2").bind(place).bind(id).execute(&mut **tx).await.context("store: place")?;
    Ok(())
}

/// Where an entry stands among all: by its time, then by its number.
fn seat(sorted: i64, id: i64) -> i64 {
    sorted.div_euclid(1000).saturating_mul(ROOM).saturating_add(id)
}

async fn index(tx: &mut Transaction<'static, Any>, engine: Engine, place: i64, words: String) -> Result<()> {
    let text = engine.pick(
        "INSERT INTO searches (rowid, words) VALUES ($1, $2)",
        "INSERT INTO searches (rowid, words) VALUES ($1, to_tsvector('simple', $2))",
    );
    sqlx::query(text).bind(place).bind(words).execute(&mut **tx).await.context("store: place")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plan;

    #[tokio::test]
    async fn an_entry_that_is_found_is_one_step_away() {
        let plan = plan(FOUND.0).await;
        assert!(plan.iter().any(|step| step == "SEARCH e USING INDEX entries_place (place=?)"), "{plan:?}");
        assert!(!plan.iter().any(|step| step.contains("ORDER BY")), "{plan:?}");
    }

    #[tokio::test]
    async fn taking_in_some_entries_does_not_look_through_all_of_them() {
        let plan = plan(UNPLACED.0).await;
        assert!(plan.iter().any(|step| step.contains("INDEX entries_unplaced")), "{plan:?}");
        assert!(!plan.iter().any(|step| step.contains("ORDER BY")), "{plan:?}");
    }
}
