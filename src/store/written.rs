//! Which feeds were written from what, for processes that do not stay.

use std::collections::HashMap;

use anyhow::{Context, Result};
use sqlx::Row;

use super::Store;
use super::entries::slug;
use crate::entry::Slug;

impl Store {
    /// What each feed's files were last written from.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn written(&self) -> Result<HashMap<Slug, String>> {
        let rows = sqlx::query("SELECT feed, stamp FROM written").fetch_all(&self.read).await.context("store: written")?;
        rows.iter().map(|row| Ok((slug(&row.try_get::<String, _>("feed")?)?, row.try_get("stamp")?))).collect()
    }

    /// Notes what feeds' files were written from.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_written(&self, stamps: &[(Slug, String)]) -> Result<()> {
        let mut tx = self.begin().await?;
        for (feed, stamp) in stamps {
            sqlx::query("INSERT INTO written (feed, stamp) VALUES ($1, $2) ON CONFLICT (feed) DO UPDATE SET stamp = excluded.stamp")
                .bind(feed.as_str().to_owned())
                .bind(stamp.clone())
                .execute(&mut *tx)
                .await
                .context("store: written")?;
        }
        tx.commit().await.context("store: written")
    }

    /// Forgets feeds whose files are removed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_written(&self, feeds: &[Slug]) -> Result<()> {
        if feeds.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        for feed in feeds {
            let gone = sqlx::query("DELETE FROM written WHERE feed = $1").bind(feed.as_str().to_owned());
            gone.execute(&mut *tx).await.context("store: written")?;
        }
        tx.commit().await.context("store: written")
    }
}
