//! What is owed to whom, and what becomes of it.

use std::collections::HashSet;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use chrono::{DateTime, Utc};

use crate::entry::{Entry, Guid};
use crate::subscription::{Filter, Subscription, Words};

/// What a platform called a message it took: needed to edit it, and to settle doubts.
pub type MessageId = String;

/// Ids of what was surely sent to one address, oldest first.
pub type KnownIds = Vec<MessageId>;

/// A message that the platform took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sent {
    /// What the platform called it; empty where it gives no id.
    pub ids: Vec<MessageId>,
}

/// What became of one try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// All of it arrived.
    Sent(Sent),
    /// One of its messages arrived, more follow: at once where the address is kept, else when it is claimed again.
    Part(Sent),
    /// Not delivered; again at `due`.
    Later {
        /// When.
        due: DateTime<Utc>,
        /// Why.
        cause: String,
        /// Whether the try counts against the delivery (not when the whole channel is down).
        counts: bool,
    },
    /// Perhaps delivered; to be resolved at `due`.
    InDoubt {
        /// When.
        due: DateTime<Utc>,
        /// Why.
        cause: String,
        /// Whether this is another lost answer, or the same doubt still unsettled.
        counts: bool,
    },
    /// Given up.
    Dead {
        /// Why.
        cause: String,
    },
}

/// One entry owed to one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    /// The entry.
    pub guid: Guid,
    /// Index into the subscriptions that were given.
    pub subscription: usize,
    /// When to send it.
    pub due: DateTime<Utc>,
    /// Ahead of all that is not.
    pub urgent: bool,
}

/// How long a delivery is tried before it becomes a dead letter.
pub const LIFETIME: chrono::TimeDelta = chrono::TimeDelta::days(7);
/// The longest that a platform can make us wait: after it we ask again, whatever it told.
pub const LONGEST_WAIT: chrono::TimeDelta = chrono::TimeDelta::hours(24);
/// A channel through which nothing got for so long is taken for lost: what is due on it goes by the
/// second way, and the admin is told. Urgent news does not wait so long.
pub const LOST: chrono::TimeDelta = chrono::TimeDelta::minutes(10);
/// Tries after which a delivery can die of its age: a machine that slept for a week has not tried.
pub const TRIES: u32 = 10;
/// How long a send whose answer was lost is left alone before it is looked into: it may still be under way.
pub const DOUBT_REST: chrono::TimeDelta = chrono::TimeDelta::seconds(30);
/// How long what a crash left in doubt is left alone: what had left the process may still be on its
/// way, and a platform that is asked before it arrives says that it never came.
pub const CRASH_REST: chrono::TimeDelta = chrono::TimeDelta::seconds(2);

const FIRST_RETRY: Duration = Duration::from_secs(5);
const LONGEST_RETRY: Duration = Duration::from_secs(3600);

/// What `subscriptions` are owed of `entries`, oldest entry first, one delivery per address.
///
/// On the `first` visit to a source only the newest `welcome` of each subscription are owed, and
/// of a subscription that was `welcomed` before, nothing.
#[must_use]
pub fn fan_out(subscriptions: &[(Subscription, bool)], entries: &[Entry], first: bool, now: DateTime<Utc>) -> Vec<Owed> {
    let filters = subscriptions.iter().any(|(s, _)| s.filter != Filter::default());
    let words = |entry: &Entry| if filters { Words::of(entry) } else { Words::default() };
    let oldest_first: Vec<(&Entry, Words)> = oldest_first(entries, now).into_iter().map(|e| (e, words(e))).collect();
    let mut seen = HashSet::new();
    let mut owed = Vec::new();
    for (index, (subscription, welcomed)) in subscriptions.iter().enumerate() {
        let wanted: Vec<&(&Entry, Words)> = oldest_first.iter().filter(|(_, words)| subscription.filter.admits(words)).collect();
        let skip = match (first, welcomed) {
            (false, _) => 0,
            (true, true) => wanted.len(),
            (true, false) => wanted.len().saturating_sub(subscription.welcome),
        };
        let due = subscription.due(now);
        for (entry, words) in wanted.into_iter().skip(skip) {
            if seen.insert((entry.guid.clone(), subscription.to.clone())) {
                let urgent = subscription.filter.is_urgent(words);
                owed.push(Owed { guid: entry.guid.clone(), subscription: index, due: if urgent { now } else { due }, urgent });
            }
        }
    }
    owed
}

/// The order in which news is told. Lists show the newest first, so of two that carry the same
/// date the lower one is older; what has no date is new.
#[must_use]
pub fn oldest_first(entries: &[Entry], now: DateTime<Utc>) -> Vec<&Entry> {
    let mut ordered: Vec<&Entry> = entries.iter().rev().collect();
    ordered.sort_by_key(|e| e.published.map_or(now, |t| t.with_timezone(&Utc)));
    ordered
}

/// When to try again after `attempt` tries (1 for the first), at least `after`: exponential with
/// jitter from 5 s to an hour, and at most [`LONGEST_WAIT`]. Given up once the delivery is older
/// than [`LIFETIME`] and was tried [`TRIES`] times.
#[must_use]
pub fn retry(attempt: u32, owed_since: DateTime<Utc>, after: Option<Duration>, now: DateTime<Utc>, cause: String) -> Verdict {
    if now - owed_since > LIFETIME && attempt >= TRIES {
        return Verdict::Dead { cause };
    }
    let wait = after.unwrap_or_default().max(backoff(attempt));
    Verdict::Later { due: now + bounded(wait), cause, counts: true }
}

/// A wait that was told, [`LONGEST_WAIT`] at most.
#[must_use]
pub fn bounded(wait: Duration) -> chrono::TimeDelta {
    chrono::TimeDelta::from_std(wait).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT)
}

/// The pause after `attempt` failures in a row: exponential with jitter, 5 s to an hour.
#[must_use]
pub fn backoff(attempt: u32) -> Duration {
    ExponentialBuilder::default()
        .with_min_delay(FIRST_RETRY)
        .with_max_delay(LONGEST_RETRY)
        .with_factor(2.0)
        .with_jitter()
        .without_max_times()
        .build()
        .nth(attempt.saturating_sub(1).min(20) as usize)
        .unwrap_or(LONGEST_RETRY)
}

/// What a send that stays in doubt becomes, by the channel's `on_doubt`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnDoubt {
    /// Sent once more; in doubt again it is a dead letter.
    #[default]
    Resend,
    /// Never repeated: a dead letter that says so.
    Skip,
}

/// Refusals in a row after which the subscriptions that people made for an address are deleted: by
/// [`suspension`] they take nearly five days.
pub const DESERTED: u32 = 7;

/// Where an address stands that refused us, see the rulings of delivery: suspended, asked again
/// after 6, 12, 24, 24 … hours.
#[must_use]
pub fn suspension(refusals: u32, now: DateTime<Utc>) -> DateTime<Utc> {
    now + chrono::TimeDelta::hours(6 * i64::from(1u32 << refusals.saturating_sub(1).min(2)))
}
