//! What somebody's words change: subscriptions, and whether an address takes messages.

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sqlx::{Any, Transaction};

use super::leavers::{leave_in, welcome_back};
use super::settle::rename;
use super::subscriptions::revive;
use super::turns::{Whose, reckon};
use super::{Engine, Store, ms};
use crate::entry::Slug;
use crate::outbox;
use crate::subscription::{Address, Subscription};

/// `0` is the character behind `/`: a chat's topics lie between, found by the index among however many
/// addresses. PostgreSQL sorts by the rules of a language, and holds up nobody while it looks.
const ROOMS: (&str, &str) = (
    "SELECT address FROM addresses WHERE address = $1 OR (address > $1 || '/' AND address < $1 || '0') \
     UNION SELECT address FROM subscriptions WHERE address = $1 OR (address > $1 || '/' AND address < $1 || '0')",
    "SELECT address FROM addresses WHERE address = $1 OR STARTS_WITH(address, $1 || '/') \
     UNION SELECT address FROM subscriptions WHERE address = $1 OR STARTS_WITH(address, $1 || '/')",
);

/// One thing that changes.
#[derive(Debug, Clone)]
pub enum Deed {
    /// A subscription is made, of a feed with these sources.
    Follow(Box<Subscription>, Vec<Slug>),
    /// An address that the config names takes a feed again that it had left.
    Return(Address, Slug),
    /// An address leaves a feed.
    Leave(Address, Slug),
    /// A subscription gets other hours, another rhythm or other topics.
    Tune(Box<Subscription>, Tz),
    /// A chat, with all its topics and the addresses that the config writes for it, refuses messages, and why.
    Suspend(Address, Vec<Address>, String),
    /// They take them again.
    Revive(Address, Vec<Address>),
    /// It has another name.
    Move(Address, Address),
}

impl Store {
    pub(super) async fn perform(&self, tx: &mut Transaction<'static, Any>, deed: &Deed, now: DateTime<Utc>) -> Result<()> {
        match deed {
            Deed::Follow(subscription, sources) => self.subscribe_in(tx, subscription, sources, now).await,
            Deed::Return(to, feed) => {
                welcome_back(tx, feed, to).await?;
                revive(tx, to).await
            }
            Deed::Leave(to, feed) => leave_in(tx, to, feed, now).await.map(drop),
            Deed::Tune(subscription, zone) => self.tune_in(tx, subscription, *zone, now).await,
            Deed::Suspend(chat, named, cause) => {
                for to in rooms(tx, self.engine, chat).await?.iter().chain(named) {
                    suspend(tx, to, cause, now).await?;
                }
                Ok(())
            }
            Deed::Revive(chat, named) => {
                for to in rooms(tx, self.engine, chat).await?.iter().chain(named) {
                    revive(tx, to).await?;
                }
                Ok(())
            }
            Deed::Move(from, to) => {
                for room in rooms(tx, self.engine, from).await? {
                    let topic = room.chat().strip_prefix(from.chat()).unwrap_or_default();
                    let there = Address::new(to.channel(), format!("{}{topic}", to.chat()));
                    rename(tx, self.engine, &room, &there).await?;
                }
                Ok(())
            }
        }
    }
}

/// A chat and its topics, as far as something was ever owed or promised to them.
async fn rooms(tx: &mut Transaction<'static, Any>, engine: Engine, chat: &Address) -> Result<Vec<Address>> {
    let written: Vec<String> =
        sqlx::query_scalar(engine.pick(ROOMS.0, ROOMS.1)).bind(chat.to_string()).fetch_all(&mut **tx).await.context("store: rooms")?;
    Ok(written.iter().filter_map(|written| Address::parse(written)).collect())
}

async fn suspend(tx: &mut Transaction<'static, Any>, to: &Address, cause: &str, now: DateTime<Utc>) -> Result<()> {
    sqlx::query("INSERT INTO addresses (address, channel) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(to.to_string())
        .bind(to.channel().to_owned())
        .execute(&mut **tx)
        .await
        .context("store: suspend")?;
    // One that refused before keeps its count, and its rest.
    sqlx::query("UPDATE addresses SET refusals = 1, ready = $1, cause = $2 WHERE address = $3 AND refusals = 0")
        .bind(ms(outbox::suspension(1, now)))
        .bind(cause.to_owned())
        .bind(to.to_string())
        .execute(&mut **tx)
        .await
        .context("store: suspend")?;
    reckon(tx, Whose::One(&to.to_string())).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plan;

    #[tokio::test]
    async fn a_chat_and_its_topics_are_found_without_looking_through_all_addresses() {
        let plan = plan(ROOMS.0).await;
        assert!(!plan.iter().any(|step| step.starts_with("SCAN addresses") || step.starts_with("SCAN subscriptions")), "{plan:?}");
        assert!(plan.iter().any(|step| step.contains("(address>? AND address<?)")), "{plan:?}");
    }
}
