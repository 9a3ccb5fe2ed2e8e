//! Readers who left a feed by the link in a message. What people made themselves is deleted; where
//! the config names them, nothing more is owed to them until they subscribe again themselves.

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use sqlx::{Any, Transaction};

use super::entries::slug;
use super::subscriptions::unsubscribe_in;
use super::turns::{Whose, reckon};
use super::{Store, ms};
use crate::entry::Slug;
use crate::phrases;
use crate::subscription::Address;

/// What leaving ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// A subscription that its reader made.
    Own,
    /// One of the config, which an admin should take out; told the first time.
    Named,
    /// Nothing: the reader had left before.
    Nothing,
}

impl Store {
    /// An address leaves a feed; what is still owed to it is dropped. Leaving again changes nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn leave(&self, to: &Address, feed: &Slug, now: DateTime<Utc>) -> Result<Left> {
        let mut tx = self.begin().await?;
        let left = leave_in(&mut tx, to, feed, now).await?;
        tx.commit().await.context("store: leave")?;
        Ok(left)
    }

    /// The feeds that an address has left.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn left_by(&self, to: &Address) -> Result<Vec<Slug>> {
        let text = "SELECT feed FROM leavers WHERE address = $1";
        let feeds: Vec<String> = sqlx::query_scalar(text).bind(to.to_string()).fetch_all(&self.read).await.context("store: leavers")?;
        feeds.iter().map(|feed| slug(feed)).collect()
    }
}

/// As [`Store::leave`], in a transaction of something else.
pub(super) async fn leave_in(tx: &mut Transaction<'static, Any>, to: &Address, feed: &Slug, now: DateTime<Utc>) -> Result<Left> {
    let own = unsubscribe_in(tx, to, Some(feed), now).await? > 0;
    let (to, feed) = (to.to_string(), feed.as_str().to_owned());
    let marked = sqlx::query("INSERT INTO leavers (feed, address, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
        .bind(feed.clone())
        .bind(to.clone())
        .bind(ms(now))
        .execute(&mut **tx)
        .await
        .context("store: leave")?;
    sqlx::query("UPDATE deliveries SET state = 'dropped', settled = $1, cause = $2 WHERE address = $3 AND state = 'due' AND feed = $4")
        .bind(ms(now))
        .bind(phrases::delivery_left())
        .bind(to.clone())
        .bind(feed)
        .execute(&mut **tx)
        .await
        .context("store: leave")?;
    reckon(tx, Whose::One(&to)).await?;
    Ok(match (own, marked.rows_affected()) {
        (true, _) => Left::Own,
        (false, 0) => Left::Nothing,
        (false, _) => Left::Named,
    })
}

/// Whoever subscribes is no leaver any more.
pub(super) async fn welcome_back(tx: &mut Transaction<'static, Any>, feed: &Slug, to: &Address) -> Result<()> {
    let back = sqlx::query("DELETE FROM leavers WHERE feed = $1 AND address = $2").bind(feed.as_str().to_owned()).bind(to.to_string());
    back.execute(&mut **tx).await.context("store: subscribe")?;
    Ok(())
}
