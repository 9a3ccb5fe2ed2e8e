//! What somebody's words change: subscriptions, and whether an address takes messages.

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use sqlx::{Any, Transaction};

use super::leavers::{leave_in, welcome_back};
use super::settle::rename;
use super::subscriptions::revive;
use super::turns::{Whose, reckon};
use super::{Store, ms};
use crate::entry::Slug;
use crate::outbox;
use crate::subscription::{Address, Subscription};

/// One thing that changes.
#[derive(Debug, Clone)]
pub enum Deed {
    /// A subscription is made, of a feed with these sources.
    Follow(Box<Subscription>, Vec<Slug>),
    /// An address that the config names takes a feed again that it had left.
    Return(Address, Slug),
    /// An address leaves a feed.
    Leave(Address, Slug),
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
            Deed::Suspend(chat, named, cause) => {
                for to in rooms(tx, chat).await?.iter().chain(named) {
                    suspend(tx, to, cause, now).await?;
                }
                Ok(())
            }
            Deed::Revive(chat, named) => {
                for to in rooms(tx, chat).await?.iter().chain(named) {
                    revive(tx, to).await?;
                }
                Ok(())
            }
            Deed::Move(from, to) => {
                for room in rooms(tx, from).await? {
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
async fn rooms(tx: &mut Transaction<'static, Any>, chat: &Address) -> Result<Vec<Address>> {
    let written: Vec<String> = sqlx::query_scalar(
        "SELECT address FROM addresses WHERE channel = $1 AND (address = $2 OR SUBSTR(address, 1, LENGTH($2) + 1) = $2 || '/') \
         UNION SELECT address FROM subscriptions WHERE address = $2 OR SUBSTR(address, 1, LENGTH($2) + 1) = $2 || '/'",
    )
    .bind(chat.channel().to_owned())
    .bind(chat.to_string())
    .fetch_all(&mut **tx)
    .await
    .context("store: rooms")?;
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
