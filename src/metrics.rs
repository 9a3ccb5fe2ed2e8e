//! Figures for Prometheus (OpenMetrics text).

use std::collections::HashMap;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::incident;
use crate::outbox::Verdict;
use crate::store::{Saved, Tally};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Of {
    name: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct State {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Name {
    name: String,
}

/// Every figure that is kept. No label holds anything that a stranger can choose.
pub struct Metrics {
    registry: Registry,
    polls: Family<Of, Counter>,
    entries: Family<Of, Counter>,
    deliveries: Family<Of, Counter>,
    send_seconds: Family<Name, Histogram>,
    outbox: Family<State, Gauge>,
    requests: Family<State, Counter>,
    incidents: Family<State, Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("loaphuong");
        let polls = Family::default();
        let entries = Family::default();
        let deliveries = Family::default();
        let send_seconds = Family::<Name, Histogram>::new_with_constructor(|| Histogram::new(exponential_buckets(0.005, 2.0, 14)));
        let outbox = Family::default();
        let requests = Family::default();
        let incidents = Family::default();
        registry.register("polls", "Rounds of a source by outcome", polls.clone());
        registry.register("entries", "Entries stored by outcome", entries.clone());
        registry.register("deliveries", "Tries of deliveries by outcome", deliveries.clone());
        registry.register("send_seconds", "Time of one send", send_seconds.clone());
        registry.register("outbox", "Deliveries by state", outbox.clone());
        registry.register("http_requests", "Requests answered by status class", requests.clone());
        registry.register("incidents", "Open incidents of sources by kind", incidents.clone());
        Self { registry, polls, entries, deliveries, send_seconds, outbox, requests, incidents }
    }
}

impl Metrics {
    /// A poll ended.
    pub fn polled(&self, source: &str, outcome: &'static str, saved: &Saved) {
        self.polls.get_or_create(&Of { name: source.to_owned(), outcome }).inc();
        let counts = [
            ("new", saved.new),
            ("changed", saved.changed),
            ("relinked", saved.relinked),
            ("braked", saved.braked),
            ("withdrawn", saved.withdrawn),
            ("returned", saved.returned),
        ];
        for (outcome, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            self.entries.get_or_create(&Of { name: source.to_owned(), outcome }).inc_by(count as u64);
        }
    }

    /// A send took so long, whatever came of it.
    pub fn sent(&self, channel: &str, took: Duration) {
        self.send_seconds.get_or_create(&Name { name: channel.to_owned() }).observe(took.as_secs_f64());
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
        self.deliveries.get_or_create(&Of { name: channel.to_owned(), outcome }).inc_by(deliveries as u64);
    }

    /// A request was answered.
    pub fn answered(&self, status: u16) {
        let state = match status / 100 {
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            _ => "5xx",
        };
        self.requests.get_or_create(&State { state }).inc();
    }

    /// All figures as text, with the outbox and the open incidents as they are now.
    ///
    /// # Errors
    /// Never in practice: writing to a string.
    pub fn text(&self, tally: Tally, incidents: &HashMap<incident::Kind, i64>) -> Result<String, std::fmt::Error> {
        for kind in incident::KINDS {
            self.incidents.get_or_create(&State { state: kind.name() }).set(incidents.get(&kind).copied().unwrap_or_default());
        }
        for (state, count) in [("due", tally.due), ("doubt", tally.doubt), ("dead", tally.dead)] {
            self.outbox.get_or_create(&State { state }).set(count);
        }
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
