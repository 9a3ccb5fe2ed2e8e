//! Figures for Prometheus (OpenMetrics text): what is counted as it happens, and in `now.rs` what
//! is looked up at a scrape.

use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::channel::SendError;
use crate::outbox::Verdict;
use crate::store::Saved;

mod hub;
mod now;

pub use now::{Health, Now};

/// The first word of every name.
const PREFIX: &str = "loaphuong";
/// Bounds of the time from the commit to the platform's answer, in seconds: up to a day, for some
/// news waits for a schedule or for the end of quiet hours.
const DELIVERY_SECONDS: [f64; 18] =
    [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 14_400.0, 43_200.0, 86_400.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfSource {
    source: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfChannel {
    channel: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Channel {
    channel: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct State {
    state: &'static str,
}

/// Of answers, by their status.
const CLASSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];

/// Every figure that is counted. No label holds an address, a secret or anything that a stranger
/// can choose.
pub struct Metrics {
    registry: Registry,
    polls: Family<OfSource, Counter>,
    entries: Family<OfSource, Counter>,
    deliveries: Family<OfChannel, Counter>,
    refusals: Family<OfChannel, Counter>,
    send_seconds: Family<Channel, Histogram>,
    delivery_seconds: Family<Channel, Histogram>,
    /// By [`CLASSES`].
    requests: [Counter; 4],
    hub: hub::Counters,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix(PREFIX);
        let (polls, entries, deliveries, refusals) = (Family::default(), Family::default(), Family::default(), Family::default());
        let requests = Family::<State, Counter>::default();
        let send_seconds = Family::<Channel, Histogram>::new_with_constructor(|| Histogram::new(exponential_buckets(0.005, 2.0, 14)));
        let delivery_seconds = Family::<Channel, Histogram>::new_with_constructor(|| Histogram::new(DELIVERY_SECONDS));
        registry.register("polls", "Rounds of a source by outcome", polls.clone());
        registry.register("entries", "Entries stored by outcome", entries.clone());
        registry.register("deliveries", "Tries of deliveries by outcome", deliveries.clone());
        registry.register("refusals", "Messages that a platform did not take, by what follows from it", refusals.clone());
        registry.register("send_seconds", "Time of one send", send_seconds.clone());
        registry.register("delivery_seconds", "Time from the commit of what is owed to its arrival", delivery_seconds.clone());
        registry.register("http_requests", "Requests answered by status class", requests.clone());
        // At hand: a feed is answered in microseconds.
        let requests = CLASSES.map(|state| requests.get_or_create(&State { state }).clone());
        let hub = hub::Counters::registered(&mut registry);
        Self { registry, polls, entries, deliveries, refusals, send_seconds, delivery_seconds, requests, hub }
    }
}

impl Metrics {
    /// A poll ended.
    pub fn polled(&self, source: &str, outcome: &'static str, saved: &Saved) {
        let of = |outcome| OfSource { source: source.to_owned(), outcome };
        self.polls.get_or_create(&of(outcome)).inc();
        let counts = [
            ("new", saved.new),
            ("changed", saved.changed),
            ("relinked", saved.relinked),
            ("braked", saved.braked),
            ("withdrawn", saved.withdrawn),
            ("returned", saved.returned),
        ];
        for (outcome, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            self.entries.get_or_create(&of(outcome)).inc_by(count as u64);
        }
    }

    /// A send took so long, whatever came of it.
    pub fn sent(&self, channel: &str, took: Duration) {
        self.send_seconds.get_or_create(&Channel { channel: channel.to_owned() }).observe(took.as_secs_f64());
    }

    /// A platform did not take a message, or did not say so.
    pub fn refused(&self, channel: &str, error: &SendError) {
        let outcome = match error {
            SendError::Retry { after: Some(_), .. } => "limit",
            SendError::Retry { after: None, .. } => "failed",
            SendError::Down { .. } => "down",
            SendError::InDoubt { .. } => "lost",
            SendError::Gone { .. } | SendError::Ended { .. } => "gone",
            SendError::Moved { .. } => "moved",
            SendError::Refused { .. } => "refused",
        };
        self.refusals.get_or_create(&OfChannel { channel: channel.to_owned(), outcome }).inc();
    }

    /// A try was settled.
    pub fn settled(&self, channel: &str, verdict: &Verdict, deliveries: usize) {
        let outcome = match verdict {
            Verdict::Sent(_) => "sent",
            Verdict::Part(_) => "part",
            Verdict::Later { .. } => "later",
            Verdict::InDoubt { .. } => "doubt",
            Verdict::Dead { .. } => "dead",
        };
        self.deliveries.get_or_create(&OfChannel { channel: channel.to_owned(), outcome }).inc_by(deliveries as u64);
    }

    /// Something arrived, so long after the commit that owed it.
    pub fn arrived(&self, channel: &str, after: Duration) {
        self.delivery_seconds.get_or_create(&Channel { channel: channel.to_owned() }).observe(after.as_secs_f64());
    }

    /// A request was answered.
    pub fn answered(&self, status: u16) {
        let class = usize::from(status / 100).clamp(2, 5) - 2;
        if let Some(requests) = self.requests.get(class) {
            requests.inc();
        }
    }

    /// All figures as text.
    ///
    /// # Errors
    /// Never in practice: writing to a string.
    pub fn text(&self, now: &Now<'_>) -> Result<String, std::fmt::Error> {
        let mut written = String::new();
        text::encode_registry(&mut written, &self.registry)?;
        text::encode_registry(&mut written, &now.registry())?;
        text::encode_eof(&mut written)?;
        Ok(written)
    }
}
