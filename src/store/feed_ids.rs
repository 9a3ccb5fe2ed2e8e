//! The identity of each feed for readers: its first address, whatever it is called or served by later.

use std::collections::HashMap;

use anyhow::{Context, Result};

use super::Store;
use crate::entry::Slug;

const ADD: (&str, &str) = (
    "INSERT INTO feed_ids (feed, id) SELECT value ->> 0, value ->> 1 FROM json_each($1) WHERE true ON CONFLICT (feed) DO NOTHING",
    "INSERT INTO feed_ids (feed, id) SELECT value ->> 0, value ->> 1 FROM json_array_elements($1::json) ON CONFLICT (feed) DO NOTHING",
);

impl Store {
    /// The identities of feeds that have others than these addresses of theirs; a feed without one
    /// gets its address for life.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn feed_ids(&self, feeds: &[(&Slug, String)]) -> Result<HashMap<Slug, String>> {
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT feed, id FROM feed_ids").fetch_all(&self.read).await.context("store: feed ids")?;
        let mut known: HashMap<String, String> = rows.into_iter().collect();
        let new: Vec<(&str, &str)> =
            feeds.iter().filter(|(feed, _)| !known.contains_key(feed.as_str())).map(|(feed, id)| (feed.as_str(), id.as_str())).collect();
        if !new.is_empty() {
            let mut tx = self.begin().await?;
            let new = serde_json::to_string(&new).context("store: feed ids")?;
            sqlx::query(self.engine.pick(ADD.0, ADD.1)).bind(new).execute(&mut *tx).await.context("store: feed ids")?;
            tx.commit().await.context("store: feed ids")?;
        }
        let other = |(feed, address): &(&Slug, String)| {
            let id = known.remove(feed.as_str()).filter(|id| id != address)?;
            Some(((*feed).clone(), id))
        };
        Ok(feeds.iter().filter_map(other).collect())
    }
}
