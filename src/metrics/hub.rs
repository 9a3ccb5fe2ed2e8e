//! What the hub does, counted.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::Metrics;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Topic {
    topic: String,
}

/// Counters of the hub.
#[derive(Default)]
pub(super) struct Counters {
    requests: Family<Outcome, Counter>,
    verifications: Family<Outcome, Counter>,
    pings: Family<Outcome, Counter>,
}

impl Counters {
    pub(super) fn registered(registry: &mut Registry) -> Self {
        let counters = Self::default();
        registry.register("hub_requests", "What subscribers asked for, by whether it was taken", counters.requests.clone());
        registry.register("hub_verifications", "Subscribers that were asked, by what they said", counters.verifications.clone());
        registry.register("hub_pings", "Content sent to subscribers, or announced to another hub, by outcome", counters.pings.clone());
        counters
    }
}

/// Gauges of those who follow each topic, by the name of its file.
pub(super) fn subscribers(followers: &[(String, i64)]) -> Family<Topic, Gauge> {
    let gauges = Family::<Topic, Gauge>::default();
    for (topic, count) in followers {
        gauges.get_or_create(&Topic { topic: topic.clone() }).set(*count);
    }
    gauges
}

impl Metrics {
    /// A subscriber asked for something.
    pub fn hub_asked(&self, outcome: &'static str) {
        self.hub.requests.get_or_create(&Outcome { outcome }).inc();
    }

    /// A subscriber was asked whether it meant it.
    pub fn hub_verified(&self, outcome: &'static str) {
        self.hub.verifications.get_or_create(&Outcome { outcome }).inc();
    }

    /// A try to send content to a subscriber, or to announce it, ended.
    pub fn hub_pinged(&self, outcome: &'static str) {
        self.hub.pings.get_or_create(&Outcome { outcome }).inc();
    }
}
