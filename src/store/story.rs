//! What is known of one entry on its way to one address, for `why` and `letters why`.

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::entries::{Stored, select_entries, slug, stored};
use super::outbox::address;
use super::{Store, at};
use crate::entry::Slug;
use crate::outbox::MessageId;
use crate::subscription::Address;
use crate::text;

/// How many of the newest entries a part of a title is looked for in.
const LOOKED_AT: i64 = 5000;

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// To be sent, now or later.
    Due,
    /// Under way.
    Sending,
    /// Perhaps delivered.
    InDoubt,
    /// Delivered.
    Sent,
    /// Given up.
    Dead,
    /// It goes by the second way.
    Diverted,
    /// Not to be sent any more: dropped by hand, withdrawn, or unsubscribed.
    Dropped,
}

impl Standing {
    /// Its name, as programs see it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Sending => "sending",
            Self::InDoubt => "doubt",
            Self::Sent => "sent",
            Self::Dead => "dead",
            Self::Diverted => "diverted",
            Self::Dropped => "dropped",
        }
    }

    fn named(name: &str) -> Self {
        let all = [Self::Due, Self::Sending, Self::InDoubt, Self::Sent, Self::Dead, Self::Diverted];
        all.into_iter().find(|one| one.name() == name).unwrap_or(Self::Dropped)
    }
}

/// One delivery, and how its address stands.
#[derive(Debug, Clone)]
pub struct Story {
    /// Its number.
    pub id: i64,
    /// The number of its entry.
    pub entry: i64,
    /// Where it goes.
    pub to: Address,
    /// The feed it is owed by.
    pub feed: Slug,
    /// Where it stands.
    pub standing: Standing,
    /// In a list with others.
    pub digest: bool,
    /// Ahead of all that is not.
    pub urgent: bool,
    /// Since when it is owed.
    pub owed_since: DateTime<Utc>,
    /// When it is to be sent, or tried again.
    pub due: DateTime<Utc>,
    /// How often it was tried.
    pub attempt: i64,
    /// How often its answer was lost.
    pub doubts: i64,
    /// What came of the last try.
    pub cause: Option<String>,
    /// When that was.
    pub settled: Option<DateTime<Utc>>,
    /// What the platform called what is out.
    pub sent: Vec<MessageId>,
    /// The second way that was given for it.
    pub fallback: Option<Address>,
    /// The address it was for, where it goes by a second way.
    pub origin: Option<Address>,
    /// Nothing leaves for its address before this.
    pub ready: DateTime<Utc>,
    /// How often in a row its address refused.
    pub refusals: i64,
    /// Why it did.
    pub refused: Option<String>,
    /// How many deliveries to its address are ahead.
    pub ahead: i64,
}

macro_rules! stories {
    ($which:literal) => {
        concat!(
            "SELECT d.id, d.entry, d.address, d.feed, d.state, d.digest, d.rank, d.owed_since, d.due, d.attempt, d.doubts, d.cause, d.settled, ",
            "d.message_ids, d.fallback, d.origin, a.ready, a.refusals, a.cause AS refused, ",
            "(SELECT COUNT(*) FROM deliveries x WHERE x.address = d.address AND x.state IN ('due', 'sending', 'doubt') AND x.id < d.id) AS ahead ",
            "FROM deliveries d JOIN addresses a ON a.address = d.address WHERE ",
            $which
        )
    };
}

impl Store {
    /// Entries by number, guid, address, another name that they have, or part of their title
    /// (accents optional); the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_entries(&self, wanted: &str) -> Result<Vec<(i64, Stored)>> {
        let exact = select_entries!(
            ", e.id AS number FROM entries e WHERE e.guid = $1 OR e.url = $1 OR e.id = $2 \
             OR e.id IN (SELECT a.entry FROM aliases a WHERE a.name = $1) ORDER BY e.id DESC LIMIT 20"
        );
        let number: i64 = wanted.parse().unwrap_or(-1);
        let found = sqlx::query(exact).bind(wanted.to_owned()).bind(number).fetch_all(&self.read).await.context("store: find")?;
        if !found.is_empty() {
            return found.iter().map(numbered).collect();
        }
        let newest = select_entries!(", e.id AS number FROM entries e ORDER BY e.sorted DESC, e.id DESC LIMIT $1");
        let rows = sqlx::query(newest).bind(LOOKED_AT).fetch_all(&self.read).await.context("store: find")?;
        let part = text::fold(wanted);
        let mut named = Vec::new();
        for row in &rows {
            if text::fold(&row.try_get::<String, _>("title")?).contains(&part) {
                named.push(numbered(row)?);
            }
        }
        Ok(named)
    }

    /// The delivery of an entry to an address, by whatever name the address has now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn story(&self, entry: i64, to: &Address) -> Result<Option<Story>> {
        let moved: Option<String> = sqlx::query_scalar("SELECT present FROM moves WHERE former = $1")
            .bind(to.to_string())
            .fetch_optional(&self.read)
            .await
            .context("store: story")?;
        let row = sqlx::query(stories!("d.entry = $1 AND d.address IN ($2, $3) ORDER BY d.id DESC LIMIT 1"))
            .bind(entry)
            .bind(to.to_string())
            .bind(moved.unwrap_or_else(|| to.to_string()))
            .fetch_optional(&self.read)
            .await
            .context("store: story")?;
        row.as_ref().map(story).transpose()
    }

    /// A delivery by its number, with its entry.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn story_of(&self, id: i64) -> Result<Option<(Story, Stored)>> {
        let row = sqlx::query(stories!("d.id = $1")).bind(id).fetch_optional(&self.read).await.context("store: story")?;
        let Some(story) = row.as_ref().map(story).transpose()? else { return Ok(None) };
        let text = select_entries!("FROM entries e WHERE e.id = $1");
        let row = sqlx::query(text).bind(story.entry).fetch_optional(&self.read).await.context("store: story")?;
        Ok(row.as_ref().map(stored).transpose()?.map(|entry| (story, entry)))
    }

    /// Whether an entry is still on its way to people's own subscriptions of a feed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fans_out(&self, entry: i64) -> Result<bool> {
        let text = "SELECT CAST(1 AS BIGINT) FROM fan_outs WHERE entry = $1 LIMIT 1";
        let found: Option<i64> = sqlx::query_scalar(text).bind(entry).fetch_optional(&self.read).await.context("store: story")?;
        Ok(found.is_some())
    }

    /// When a source was first read.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn first_read(&self, source: &Slug) -> Result<Option<DateTime<Utc>>> {
        let text = "SELECT first_read FROM sources WHERE slug = $1";
        let first: Option<Option<i64>> =
            sqlx::query_scalar(text).bind(source.as_str().to_owned()).fetch_optional(&self.read).await.context("store: story")?;
        Ok(first.flatten().map(at))
    }
}

fn numbered(row: &AnyRow) -> Result<(i64, Stored)> {
    Ok((row.try_get("number")?, stored(row)?))
}

fn story(row: &AnyRow) -> Result<Story> {
    let way = |name: &str| -> Result<Option<Address>> { row.try_get::<Option<String>, _>(name)?.map(|a| address(&a)).transpose() };
    Ok(Story {
        id: row.try_get("id")?,
        entry: row.try_get("entry")?,
        to: address(&row.try_get::<String, _>("address")?)?,
        feed: slug(&row.try_get::<String, _>("feed")?)?,
        standing: Standing::named(&row.try_get::<String, _>("state")?),
        digest: row.try_get::<i64, _>("digest")? == 1,
        urgent: row.try_get::<i64, _>("rank")? == 0,
        owed_since: at(row.try_get("owed_since")?),
        due: at(row.try_get("due")?),
        attempt: row.try_get("attempt")?,
        doubts: row.try_get("doubts")?,
        cause: row.try_get("cause")?,
        settled: row.try_get::<Option<i64>, _>("settled")?.map(at),
        sent: serde_json::from_str(&row.try_get::<String, _>("message_ids")?)?,
        fallback: way("fallback")?,
        origin: way("origin")?,
        ready: at(row.try_get("ready")?),
        refusals: row.try_get("refusals")?,
        refused: row.try_get("refused")?,
        ahead: row.try_get("ahead")?,
    })
}
