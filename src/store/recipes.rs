//! What sources learned of their pages, and what tells whether it still holds.

use std::collections::HashMap;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction};

use super::entries::slug;
use super::{Store, ms};
use crate::entry::Slug;

/// What a visit taught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Learned {
    /// How the site's pages are read from now on.
    Recipe {
        /// As the source wrote it down.
        text: String,
        /// From how many pages.
        pages: usize,
    },
    /// That what was learned no longer holds, and nothing in its place.
    Nothing,
}

impl Store {
    /// The newest titles of a source, at most 200.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn titles(&self, source: &Slug) -> Result<Vec<String>> {
        sqlx::query_scalar("SELECT title FROM entries WHERE source = $1 AND withdrawn IS NULL ORDER BY sorted DESC, id DESC LIMIT 200")
            .bind(source.as_str().to_owned())
            .fetch_all(&self.read)
            .await
            .context("store: titles")
    }

    /// What some sources learned, names as JSON.
    pub(super) async fn recipes(&self, sources: &str) -> Result<HashMap<Slug, String>> {
        let text = self.pick(
            "SELECT source, text FROM recipes WHERE source IN (SELECT value FROM json_each($1))",
            "SELECT source, text FROM recipes WHERE source = ANY (ARRAY(SELECT json_array_elements_text($1::json)))",
        );
        let rows = sqlx::query(text).bind(sources.to_owned()).fetch_all(&self.read).await.context("store: recipes")?;
        rows.iter().map(|row| Ok((slug(&row.try_get::<String, _>("source")?)?, row.try_get("text")?))).collect()
    }
}

pub(super) async fn learn(tx: &mut Transaction<'static, Any>, source: &Slug, learned: &Learned, now: DateTime<Utc>) -> Result<()> {
    let query = match learned {
        Learned::Nothing => sqlx::query("DELETE FROM recipes WHERE source = $1").bind(source.as_str().to_owned()),
        Learned::Recipe { text, pages } => sqlx::query(
            "INSERT INTO recipes (source, text, learned, pages) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (source) DO UPDATE SET text = excluded.text, learned = excluded.learned, pages = excluded.pages",
        )
        .bind(source.as_str().to_owned())
        .bind(text.clone())
        .bind(ms(now))
        .bind(i64::try_from(*pages).unwrap_or(i64::MAX)),
    };
    query.execute(&mut **tx).await.context("store: recipe")?;
    Ok(())
}
