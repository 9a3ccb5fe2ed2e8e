//! A channel that the config calls by another name now: what is owed to its chats, and what they
//! were sent, goes along, so that nothing is given up and no welcome is repeated.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, Error, Result};
use chrono::{DateTime, Utc};
use sqlx::Row;

use crate::channel::Keep;
use crate::phrases;
use crate::store::pieces::breathe;
use crate::store::turns::{Whose, reckon};
use crate::store::{Store, any_of};

/// What each channel was, by its name.
const KNOWN: &str = "channel-is:";
/// Addresses that one transaction changes, each with all that it was ever sent.
const ADDRESSES: i64 = 50;

/// What belongs to addresses: `$1` is the present name of the channel, `$3` where the colon stands in
/// the former addresses. An entry that the new address has already stays where it is.
const OF_ADDRESSES: &[(&str, &str)] = &[
    any_of!(
        "INSERT INTO addresses (address, channel, ready, lease, leased_until, refusals, cause, at, rank, replied, held) \
         SELECT $1 || substr(address, CAST($3 AS INTEGER)), $1, ready, lease, leased_until, refusals, cause, at, rank, replied, held \
         FROM addresses WHERE address",
        " ON CONFLICT DO NOTHING"
    ),
    any_of!(
        "UPDATE deliveries SET address = $1 || substr(address, CAST($3 AS INTEGER)), channel = $1 \
         WHERE NOT EXISTS (SELECT 1 FROM deliveries x WHERE x.entry = deliveries.entry \
         AND x.address = $1 || substr(deliveries.address, CAST($3 AS INTEGER))) AND address",
        ""
    ),
    any_of!("UPDATE deliveries SET origin = $1 || substr(origin, CAST($3 AS INTEGER)) WHERE origin", ""),
    any_of!("UPDATE deliveries SET fallback = $1 || substr(fallback, CAST($3 AS INTEGER)) WHERE state = 'due' AND fallback", ""),
    any_of!(
        "UPDATE subscriptions SET address = $1 || substr(address, CAST($3 AS INTEGER)) \
         WHERE NOT EXISTS (SELECT 1 FROM subscriptions x WHERE x.feed = subscriptions.feed \
         AND x.address = $1 || substr(subscriptions.address, CAST($3 AS INTEGER))) AND address",
        ""
    ),
    any_of!("UPDATE subscriptions SET fallback = $1 || substr(fallback, CAST($3 AS INTEGER)) WHERE fallback", ""),
    any_of!(
        "UPDATE leavers SET address = $1 || substr(address, CAST($3 AS INTEGER)) \
         WHERE NOT EXISTS (SELECT 1 FROM leavers x WHERE x.feed = leavers.feed \
         AND x.address = $1 || substr(leavers.address, CAST($3 AS INTEGER))) AND address",
        ""
    ),
    any_of!(
        "DELETE FROM addresses WHERE $1 <> '' AND $3 > 0 AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.address = addresses.address) AND address",
        ""
    ),
];

/// What is little, or goes by the channel: `$1` is its present name, `$2` its former one, `$3` as above.
const OF_CHANNEL: &[&str] = &[
    "UPDATE amends SET channel = $1 WHERE channel = $2 AND $3 > 0",
    "UPDATE welcomed SET address = $1 || substr(address, CAST($3 AS INTEGER)) WHERE substr(address, 1, CAST($3 AS INTEGER)) = $2 || ':' \
     AND NOT EXISTS (SELECT 1 FROM welcomed x WHERE x.feed = welcomed.feed AND x.address = $1 || substr(welcomed.address, CAST($3 AS INTEGER)))",
    "UPDATE moves SET present = $1 || substr(present, CAST($3 AS INTEGER)) WHERE substr(present, 1, CAST($3 AS INTEGER)) = $2 || ':'",
    "UPDATE moves SET former = $1 || substr(former, CAST($3 AS INTEGER)) WHERE substr(former, 1, CAST($3 AS INTEGER)) = $2 || ':' \
     AND NOT EXISTS (SELECT 1 FROM moves x WHERE x.former = $1 || substr(moves.former, CAST($3 AS INTEGER)))",
    "UPDATE heard SET channel = $1 WHERE channel = $2 AND $3 > 0 AND id NOT IN (SELECT x.id FROM heard x WHERE x.channel = $1)",
    "UPDATE incidents SET source = 'channel:' || $1 WHERE source = 'channel:' || $2 AND $3 > 0 \
     AND kind NOT IN (SELECT x.kind FROM incidents x WHERE x.source = 'channel:' || $1)",
    "INSERT INTO spent (channel, quarter, messages) SELECT $1, quarter, messages FROM spent WHERE channel = $2 AND $3 > 0 \
     ON CONFLICT (channel, quarter) DO UPDATE SET messages = spent.messages + excluded.messages",
    "DELETE FROM spent WHERE channel = $2 AND $1 <> '' AND $3 > 0",
    "DELETE FROM rests WHERE channel = $2 AND $1 <> '' AND $3 > 0",
];

impl Store {
    /// Takes up what each channel is, by its name. One that is gone while another of the same nature
    /// came was renamed. Before [`Store::sync`], which gives up what is owed to unknown addresses.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rename_channels(&self, natures: &HashMap<String, String>, now: DateTime<Utc>) -> Result<()> {
        let known = self.known_channels().await?;
        for (former, present) in renamed(&known, natures) {
            self.rename_channel(former, present).await?;
            sqlx::query("DELETE FROM memory WHERE key = $1")
                .bind(format!("{KNOWN}{former}"))
                .execute(&self.write)
                .await
                .context("store: channels")?;
        }
        for (name, nature) in natures.iter().filter(|(name, nature)| known.get(*name) != Some(*nature)) {
            self.put(&format!("{KNOWN}{name}"), nature, now).await.map_err(Error::msg).context("store: channels")?;
        }
        Ok(())
    }

    async fn known_channels(&self) -> Result<HashMap<String, String>> {
        let rows = sqlx::query("SELECT key, value FROM memory WHERE key >= $1 AND key < $2 AND value IS NOT NULL")
            .bind(KNOWN)
            .bind(format!("{KNOWN}\u{10FFFF}"))
            .fetch_all(&self.read)
            .await
            .context("store: channels")?;
        let mut known = HashMap::new();
        for row in &rows {
            let key: String = row.try_get("key")?;
            known.insert(key.trim_start_matches(KNOWN).to_owned(), row.try_get("value")?);
        }
        Ok(known)
    }

    /// Some addresses at a time; who goes on after a kill finds the rest under the former name.
    async fn rename_channel(&self, former: &str, present: &str) -> Result<()> {
        tracing::info!(former, present, "{}", phrases::log_channel_renamed());
        let colon = i64::try_from(former.len() + 1)?;
        let mut after = String::new();
        loop {
            let some: Vec<String> =
                sqlx::query_scalar("SELECT address FROM addresses WHERE channel = $1 AND address > $2 ORDER BY address LIMIT $3")
                    .bind(former.to_owned())
                    .bind(after)
                    .bind(ADDRESSES)
                    .fetch_all(&self.write)
                    .await
                    .context("store: channels")?;
            let Some(last) = some.last() else { break };
            after = last.clone();
            self.rename_addresses(&some, present, colon).await?;
            breathe().await;
        }
        let mut tx = self.begin().await?;
        for text in OF_CHANNEL {
            let done = sqlx::query(*text).bind(present.to_owned()).bind(former.to_owned()).bind(colon).execute(&mut *tx).await;
            done.context("store: channels")?;
        }
        tx.commit().await.context("store: channels")
    }

    async fn rename_addresses(&self, some: &[String], present: &str, colon: i64) -> Result<()> {
        let list = serde_json::to_string(some)?;
        let mut tx = self.begin().await?;
        for (sqlite, postgres) in OF_ADDRESSES {
            let text = self.pick(sqlite, postgres);
            let done = sqlx::query(text).bind(present.to_owned()).bind(list.clone()).bind(colon).execute(&mut *tx).await;
            done.context("store: channels")?;
        }
        let chat = |address: &String| address.split_once(':').map(|(_, chat)| format!("{present}:{chat}"));
        let touched: Vec<String> = some.iter().filter_map(chat).collect();
        reckon(&mut tx, Whose::These(self.engine, &touched)).await?;
        tx.commit().await.context("store: channels")
    }
}

/// Which former name became which present one: where one channel of a nature is gone and one came.
fn renamed<'a>(known: &'a HashMap<String, String>, natures: &'a HashMap<String, String>) -> Vec<(&'a str, &'a str)> {
    let only = |some: Vec<&'a String>| if let [one] = some.as_slice() { Some(one.as_str()) } else { None };
    let of = |all: &'a HashMap<String, String>, but: &HashMap<String, String>, nature: &str| {
        only(all.iter().filter(|(name, is)| *is == nature && !but.contains_key(*name)).map(|(name, _)| name).collect())
    };
    let all: HashSet<&String> = natures.values().collect();
    all.into_iter().filter_map(|nature| of(known, natures, nature).zip(of(natures, known, nature))).collect()
}
