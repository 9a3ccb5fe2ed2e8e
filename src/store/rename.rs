//! A source or a feed that the config calls by another name now keeps all that is its own.

mod channels;

use std::collections::HashMap;

use anyhow::{Context, Result};
use sqlx::{Any, Transaction};

use super::Store;
use crate::entry::Slug;

/// What belongs to a source; its own row comes last.
const OF_SOURCES: &[&str] = &[
    // Found by its new name once it is taken in anew.
    "DELETE FROM searches WHERE $1 <> '' AND rowid IN (SELECT place FROM entries WHERE source = $2 AND place IS NOT NULL)",
    "UPDATE entries SET source = $1, place = NULL WHERE source = $2",
    "UPDATE aliases SET source = $1 WHERE source = $2",
    "UPDATE recipes SET source = $1 WHERE source = $2",
    "UPDATE incidents SET source = $1 WHERE source = $2",
    "UPDATE files SET source = $1 WHERE source = $2",
    "UPDATE pages SET source = $1 WHERE source = $2",
    "UPDATE sources SET slug = $1 WHERE slug = $2",
];

/// What belongs to a feed, and to one who follows it already under the new name only once.
const OF_FEEDS: &[&str] = &[
    "UPDATE deliveries SET feed = $1 WHERE feed = $2",
    "UPDATE fan_outs SET feed = $1 WHERE feed = $2 AND entry NOT IN (SELECT entry FROM fan_outs WHERE feed = $1)",
    "UPDATE subscriptions SET feed = $1 WHERE feed = $2 AND address NOT IN (SELECT address FROM subscriptions WHERE feed = $1)",
    "UPDATE welcomed SET feed = $1 WHERE feed = $2 AND address NOT IN (SELECT address FROM welcomed WHERE feed = $1)",
    "UPDATE feed_ids SET feed = $1 WHERE feed = $2 AND $1 NOT IN (SELECT feed FROM feed_ids)",
    "UPDATE leavers SET feed = $1 WHERE feed = $2 AND address NOT IN (SELECT address FROM leavers WHERE feed = $1)",
];

impl Store {
    /// Gives what belongs to former names to the present ones. Before [`Store::sync`], which would
    /// take a new name for a new source.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rename(&self, aliases: &HashMap<String, Slug>) -> Result<()> {
        if aliases.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        for (former, present) in aliases {
            if is_known(&mut tx, former).await? && !is_known(&mut tx, present.as_str()).await? {
                give(&mut tx, OF_SOURCES, former, present).await?;
            }
            give(&mut tx, OF_FEEDS, former, present).await?;
        }
        tx.commit().await.context("store: rename")
    }
}

async fn is_known(tx: &mut Transaction<'static, Any>, name: &str) -> Result<bool> {
    let found = sqlx::query("SELECT slug FROM sources WHERE slug = $1").bind(name.to_owned()).fetch_optional(&mut **tx).await;
    Ok(found.context("store: rename")?.is_some())
}

async fn give(tx: &mut Transaction<'static, Any>, texts: &[&'static str], former: &str, present: &Slug) -> Result<()> {
    for text in texts {
        sqlx::query(*text).bind(present.as_str().to_owned()).bind(former.to_owned()).execute(&mut **tx).await.context("store: rename")?;
    }
    Ok(())
}
