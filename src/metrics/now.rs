//! What is looked up at a scrape, in gauges of its own: a channel that the config no longer names
//! leaves none behind.

use std::collections::{BTreeMap, HashMap};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::{Channel, PREFIX, State, hub};
use crate::incident;
use crate::store::Tally;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Standing {
    channel: String,
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Followed {
    feed: String,
    reader: &'static str,
}

/// How a channel is.
#[derive(Debug, Clone)]
pub struct Health<'a> {
    /// Its name in the config.
    pub name: &'a str,
    /// Whether anything gets through.
    pub up: bool,
    /// Addresses of it that refuse messages.
    pub refusing: i64,
    /// How many messages a month there are, and how many of them are left.
    pub budget: Option<(u32, u32)>,
}

/// Everything that is looked up.
#[derive(Debug)]
pub struct Now<'a> {
    /// Every channel of the config.
    pub channels: Vec<Health<'a>>,
    /// What is owed, by channel.
    pub outbox: &'a BTreeMap<String, Tally>,
    /// Who follows each topic of the hub.
    pub followers: &'a [(String, i64)],
    /// Open incidents.
    pub incidents: &'a HashMap<incident::Kind, i64>,
    /// How many people follow, by feed and the service that reads for them.
    pub readers: &'a BTreeMap<(String, &'static str), u64>,
}

impl Now<'_> {
    pub(super) fn registry(&self) -> Registry {
        let mut registry = Registry::with_prefix(PREFIX);
        registry.register("outbox", "Deliveries by channel and state", self.outbox());
        let incidents = Family::<State, Gauge>::default();
        for kind in incident::KINDS {
            incidents.get_or_create(&State { state: kind.name() }).set(self.incidents.get(&kind).copied().unwrap_or_default());
        }
        registry.register("incidents", "Open incidents by kind", incidents);
        registry.register("channel_up", "1 where messages get through, 0 while the channel rests", self.each(|c| Some(i64::from(c.up))));
        registry.register("channel_refusing_addresses", "Addresses that refuse messages", self.each(|c| Some(c.refusing)));
        registry.register("budget_limit", "Messages that the channel may send a month", self.each(|c| Some(c.budget?.0.into())));
        let used = |(limit, left): (u32, u32)| i64::from(limit.saturating_sub(left));
        registry.register("budget_used", "Messages of this month that were sent", self.each(|c| c.budget.map(used)));
        registry.register("subscribers", "Subscribers of feeds as feed readers tell them", self.subscribers());
        registry.register("hub_subscribers", "Subscribers of a feed by WebSub", hub::subscribers(self.followers));
        registry
    }

    fn subscribers(&self) -> Family<Followed, Gauge> {
        let subscribers = Family::<Followed, Gauge>::default();
        for ((feed, reader), count) in self.readers {
            let of = Followed { feed: feed.clone(), reader };
            subscribers.get_or_create(&of).set(i64::try_from(*count).unwrap_or(i64::MAX));
        }
        subscribers
    }

    fn outbox(&self) -> Family<Standing, Gauge> {
        let outbox = Family::<Standing, Gauge>::default();
        for (channel, tally) in self.outbox {
            for (state, count) in [("due", tally.due), ("doubt", tally.doubt), ("dead", tally.dead)] {
                outbox.get_or_create(&Standing { channel: channel.clone(), state }).set(count);
            }
        }
        outbox
    }

    /// A gauge of those channels that have the figure.
    fn each(&self, figure: impl Fn(&Health<'_>) -> Option<i64>) -> Family<Channel, Gauge> {
        let gauges = Family::<Channel, Gauge>::default();
        for channel in &self.channels {
            if let Some(value) = figure(channel) {
                gauges.get_or_create(&Channel { channel: channel.name.to_owned() }).set(value);
            }
        }
        gauges
    }
}
