//! A source or a feed that the config calls by another name now keeps all that is its own.

mod channels;

use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result};

use super::Store;
use super::pieces::breathe;
use crate::entry::Slug;

/// One of two texts that end in a list of numbers, given as JSON in `$2`.
macro_rules! numbered {
    ($head:literal, $tail:literal) => {
        (
            concat!($head, " IN (SELECT value FROM json_each($2))", $tail),
            concat!($head, " = ANY (ARRAY(SELECT CAST(v AS BIGINT) FROM json_array_elements_text($2::json) v))", $tail),
        )
    };
}

/// Of what there is much, some at a time: what is found by a former name, and what is done with it.
struct Much {
    /// `$1` is the former name, `$2` the last number of the piece before.
    found: &'static str,
    /// `$1` is the present name, `$2` lists numbers, as `json_each` and `json_array_elements_text` read them.
    given: &'static [(&'static str, &'static str)],
}

const NUMBERS: i64 = 500;

const ENTRIES: Much = Much {
    found: "SELECT id FROM entries WHERE source = $1 AND id > $2 ORDER BY id LIMIT $3",
    given: &[
        // Found by its new name once it is taken in anew.
        numbered!("DELETE FROM searches WHERE $1 <> '' AND rowid IN (SELECT place FROM entries WHERE place IS NOT NULL AND id", ")"),
        numbered!("UPDATE entries SET source = $1, place = NULL WHERE id", ""),
    ],
};
const DELIVERIES: Much = Much {
    found: "SELECT id FROM deliveries WHERE feed = $1 AND id > $2 ORDER BY id LIMIT $3",
    given: &[numbered!("UPDATE deliveries SET feed = $1 WHERE id", "")],
};

const OWING: (&str, &str) = (
    "SELECT DISTINCT feed FROM deliveries WHERE feed IN (SELECT value FROM json_each($1))",
    "SELECT DISTINCT feed FROM deliveries WHERE feed = ANY (ARRAY(SELECT json_array_elements_text($1::json)))",
);

/// Other names of entries, which have no numbers: some at a time, until none is left.
const ALIASES: &str = "UPDATE aliases SET source = $1 WHERE source = $2 \
     AND name IN (SELECT name FROM aliases WHERE source = $2 ORDER BY name LIMIT 500)";

/// What is little of a source; its own row comes last.
const OF_SOURCES: &[&str] = &[
    "UPDATE recipes SET source = $1 WHERE source = $2",
    "UPDATE incidents SET source = $1 WHERE source = $2",
    "UPDATE files SET source = $1 WHERE source = $2",
    "UPDATE pages SET source = $1 WHERE source = $2",
    "UPDATE sources SET slug = $1 WHERE slug = $2",
];

/// What is little of a feed, and belongs to one who follows it already under the new name only once.
const OF_FEEDS: &[&str] = &[
    "UPDATE fan_outs SET feed = $1 WHERE feed = $2 AND entry NOT IN (SELECT entry FROM fan_outs WHERE feed = $1)",
    "UPDATE subscriptions SET feed = $1 WHERE feed = $2 AND address NOT IN (SELECT address FROM subscriptions WHERE feed = $1)",
    "UPDATE welcomed SET feed = $1 WHERE feed = $2 AND address NOT IN (SELECT address FROM welcomed WHERE feed = $1)",
    "UPDATE feed_ids SET feed = $1 WHERE feed = $2 AND $1 NOT IN (SELECT feed FROM feed_ids)",
    "UPDATE leavers SET feed = $1 WHERE feed = $2 AND address NOT IN (SELECT address FROM leavers WHERE feed = $1)",
];

impl Store {
    /// Gives what belongs to former names to the present ones. Before [`Store::sync`], which would
    /// take a new name for a new source. Of what there is much some hundred at a time; who goes on
    /// after a kill finds the rest under the former name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rename(&self, aliases: &HashMap<String, Slug>) -> Result<()> {
        let owing = self.owing(aliases).await?;
        for (former, present) in aliases {
            let moves = self.is_known(former).await? && !self.is_known(present.as_str()).await?;
            if moves {
                self.give_much(&ENTRIES, former, present).await?;
                self.give_aliases(former, present).await?;
            }
            if owing.contains(former) {
                self.give_much(&DELIVERIES, former, present).await?;
            }
            let mut tx = self.begin().await?;
            for text in OF_SOURCES.iter().filter(|_| moves).chain(OF_FEEDS) {
                let given = sqlx::query(*text).bind(present.as_str().to_owned()).bind(former.clone());
                given.execute(&mut *tx).await.context(RENAME)?;
            }
            tx.commit().await.context(RENAME)?;
        }
        Ok(())
    }

    /// The former names that something is still owed under. All are looked for at once, since deliveries
    /// are not found by their feed, and mostly there is none.
    async fn owing(&self, aliases: &HashMap<String, Slug>) -> Result<HashSet<String>> {
        if aliases.is_empty() {
            return Ok(HashSet::new());
        }
        let formers = serde_json::to_string(&aliases.keys().collect::<Vec<_>>())?;
        let found: Vec<String> =
            sqlx::query_scalar(self.pick(OWING.0, OWING.1)).bind(formers).fetch_all(&self.read).await.context(RENAME)?;
        Ok(found.into_iter().collect())
    }

    async fn is_known(&self, name: &str) -> Result<bool> {
        let found = sqlx::query("SELECT slug FROM sources WHERE slug = $1").bind(name.to_owned()).fetch_optional(&self.write).await;
        Ok(found.context(RENAME)?.is_some())
    }

    async fn give_aliases(&self, former: &str, present: &Slug) -> Result<()> {
        loop {
            let given = sqlx::query(ALIASES).bind(present.as_str().to_owned()).bind(former.to_owned()).execute(&self.write).await;
            if given.context(RENAME)?.rows_affected() == 0 {
                return Ok(());
            }
            breathe().await;
        }
    }

    async fn give_much(&self, much: &Much, former: &str, present: &Slug) -> Result<()> {
        let mut after = 0;
        loop {
            let some: Vec<i64> = sqlx::query_scalar(much.found)
                .bind(former.to_owned())
                .bind(after)
                .bind(NUMBERS)
                .fetch_all(&self.write)
                .await
                .context(RENAME)?;
            let Some(last) = some.last() else { return Ok(()) };
            after = *last;
            let list = serde_json::to_string(&some)?;
            let mut tx = self.begin().await?;
            for (sqlite, postgres) in much.given {
                let given = sqlx::query(self.pick(sqlite, postgres)).bind(present.as_str().to_owned()).bind(list.clone());
                given.execute(&mut *tx).await.context(RENAME)?;
            }
            tx.commit().await.context(RENAME)?;
            breathe().await;
        }
    }
}

const RENAME: &str = "store: rename";
