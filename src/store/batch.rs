//! What is claimed: one batch for one address.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::amends::Corrected;
use super::entries::Stored;
use crate::entry::Slug;
use crate::outbox::{KnownIds, MessageId};
use crate::subscription::Address;

/// What one address gets now: one entry, or all that a digest carries.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Where it goes.
    pub to: Address,
    /// The feed it is owed by.
    pub feed: Slug,
    /// All in one list.
    pub digest: bool,
    /// Without a sound.
    pub silent: bool,
    /// It goes ahead of all that is not.
    pub urgent: bool,
    /// What is owed, oldest first; never empty.
    pub deliveries: Vec<Claimed>,
    /// The answer to the last try was lost: ask before sending.
    pub in_doubt: bool,
    /// Proof that the claim is ours.
    pub lease: String,
    /// What was surely sent to this address before, for settling a doubt.
    pub known: KnownIds,
    /// How often in a row the address refused us.
    pub refusals: u32,
    /// The hours in which its people want to be left in peace, as they are written.
    pub quiet: Option<String>,
}

/// One delivery in a batch.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Its number.
    pub id: i64,
    /// The entry, shared by all that it is owed to.
    pub entry: Arc<Stored>,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// How often its answer was lost.
    pub doubts: u32,
    /// Since when it is owed.
    pub owed_since: DateTime<Utc>,
    /// Messages of it that are out.
    pub sent: Vec<MessageId>,
    /// The article that it corrects, where it is a correction.
    pub corrects: Option<Corrected>,
}
