//! What runs by a config: the loops and the channels' lines, built anew when the config changes.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio::sync::{Notify, OnceCell};

use super::App;
use super::room::RoomWatch;
use crate::config::{self, ChannelPlan, Config, Images, SourcePlan};
use crate::desk::{self, FrontDesk};
use crate::dispatch::{Dispatch, Line};
use crate::entry::Slug;
use crate::feed::Manner;
use crate::hub::{Hub, Role, Topics};
use crate::phrases;
use crate::publish::{FeedPlan, HubLink, Made, Publish};
use crate::schedule::Quiet;
use crate::shelf::Shelf;
use crate::store::Store;
use crate::subscription::{Address, Subscription};
use crate::text;
use crate::watch::{Taught, Watch};
use crate::web::{Site, Ward};

/// The loops' parts, built anew when the config changes.
pub(super) struct Parts {
    pub(super) watch: Arc<Watch>,
    pub(super) publish: Arc<Publish>,
    pub(super) dispatch: Arc<Dispatch>,
    pub(super) hub: Option<Arc<Hub>>,
    pub(super) lines: Vec<Arc<Line>>,
    pub(super) desk: Arc<FrontDesk>,
    pub(super) room: Arc<RoomWatch>,
    /// Rung when an entry was stored.
    pub(super) fan_bell: Arc<Notify>,
}

impl Parts {
    /// The channels that people can talk to, one of each account.
    pub(super) fn listening(&self) -> Vec<Arc<Line>> {
        let mut accounts = HashSet::new();
        let first = |line: &&Arc<Line>| line.channel.talk().is_some_and(|talk| accounts.insert(talk.account()));
        self.lines.iter().filter(first).cloned().collect()
    }
}

impl App {
    pub(super) fn site(&self, parts: &Parts) -> Site {
        let site = &self.config.site;
        let titles = self.config.sources.iter().map(|s| (s.slug.clone(), s.title.clone())).collect();
        let feeds = parts.publish.feeds.clone();
        let ward = |s: &SourcePlan| Ward::new(s.slug.clone(), s.title.clone(), s.province.clone());
        let mut wards: Vec<Ward> = self.config.sources.iter().map(ward).collect();
        wards.sort_by_cached_key(|ward| text::fold(&ward.title));
        Site {
            title: site.title.clone(),
            base: site.base_url.clone(),
            language: site.language,
            zone: site.zone,
            feeds,
            titles,
            aliases: self.config.aliases.clone(),
            door: self.config.door.clone(),
            publish: parts.publish.clone(),
            wards,
            invites: self.config.invites.clone(),
            images: site.images,
            fetcher: self.config.fetcher.clone(),
            hub: parts.hub.clone(),
            lines: parts.lines.clone(),
            desk: parts.desk.clone(),
            refused_config: None,
        }
    }

    /// `former` are the channels' lines under the config before.
    pub(super) fn parts(&self, former: &[Arc<Line>]) -> Parts {
        let config = &self.config;
        let site = &config.site;
        let (feed_bell, fan_bell) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let publish = publisher(config, self.store.clone(), self.shelf.clone(), feed_bell.clone());
        for plan in &config.channels {
            plan.channel.attach(self.store.clone());
            plan.channel.go_by(self.clock.clone());
        }
        let lines: Vec<Arc<Line>> = config.channels.iter().map(|c| Arc::new(line(c, former))).collect();
        let mut titles = publish.titles.clone();
        titles.extend(config.combined.iter().map(|c| (c.slug.clone(), c.title.clone())));
        titles.insert(Slug::admin(), phrases::admin_title(site.language).to_owned());
        let dispatch = Dispatch {
            store: self.store.clone(),
            clock: self.clock.clone(),
            titles,
            base: site.base_url.clone(),
            language: site.language,
            zone: site.zone,
            quiet: quiet_of(config),
            urgent: site.urgent.clone(),
            metrics: self.metrics.clone(),
            layouts: crate::dispatch::Layouts::default(),
            office: config.office.clone(),
            bells: lines.iter().map(|line| (line.name.clone(), line.bell.clone())).collect(),
            diverted: std::sync::atomic::AtomicUsize::new(0),
        };
        let watch = Watch {
            store: self.store.clone(),
            fetcher: config.fetcher.clone(),
            clock: self.clock.clone(),
            sources: config.sources.iter().map(|s| (s.slug.clone(), s.clone())).collect::<HashMap<Slug, SourcePlan>>(),
            subscriptions: subscriptions_of(config),
            feeds: feeds_of(config),
            bells: [feed_bell, fan_bell.clone()].into_iter().chain(lines.iter().map(|line| line.bell.clone())).collect(),
            metrics: self.metrics.clone(),
            office: config.office.clone(),
            taught: Taught::default(),
            told: self.told.clone(),
        };
        let hub = self.hub(&publish);
        let desk = Arc::new(FrontDesk::new(self.store.clone(), self.clock.clone(), desk_plan(config, &publish), lines.clone()));
        let room = Arc::new(RoomWatch {
            store: self.store.clone(),
            disk: self.disk.clone(),
            clock: self.clock.clone(),
            office: config.office.clone(),
            bells: lines.iter().map(|line| line.bell.clone()).collect(),
        });
        Parts { watch: Arc::new(watch), publish: Arc::new(publish), dispatch: Arc::new(dispatch), hub, lines, desk, room, fan_bell }
    }

    fn hub(&self, publish: &Publish) -> Option<Arc<Hub>> {
        let link = publish.hub.as_ref()?;
        Some(Arc::new(Hub {
            store: self.store.clone(),
            guarded: self.config.fetcher.clone(),
            shelf: self.shelf.clone(),
            topics: Topics::new(publish.base.clone(), publish.feeds.iter().map(|plan| &plan.slug)),
            role: if link.is_own { Role::Own } else { Role::Other(link.url.clone()) },
            clock: self.clock.clone(),
            metrics: self.metrics.clone(),
            bell: link.bell.clone(),
        }))
    }
}

/// What people are told at the desk. A topic has a feed of its own, and nobody is owed it.
fn desk_plan(config: &Config, publish: &Publish) -> desk::Plan {
    let province = |feed: &FeedPlan| publish.provinces.get(&feed.slug).map(String::as_str);
    let feeds = publish.feeds.iter().filter(|feed| feed.filter.is_none());
    desk::Plan {
        title: config.site.title.clone(),
        base: config.site.base_url.clone(),
        language: config.site.language,
        zone: config.site.zone,
        feeds: feeds.map(|feed| desk::Feed::new(feed.slug.clone(), feed.title.clone(), feed.sources.clone(), province(feed))).collect(),
        named: config.subscriptions.iter().map(|one| (one.to.clone(), one.feed.clone())).collect(),
        urgent: config.site.urgent.clone(),
        office: config.office.clone(),
    }
}

fn line(plan: &ChannelPlan, former: &[Arc<Line>]) -> Line {
    let line = Line::new(plan.name.clone(), plan.channel.clone(), plan.on_doubt, plan.pace).correcting(plan.corrections);
    match former.iter().find(|f| f.name == plan.name) {
        Some(former) => line.after(former),
        None => line,
    }
}

pub(super) fn publisher(config: &Config, store: Arc<Store>, shelf: Arc<Shelf>, bell: Arc<Notify>) -> Publish {
    Publish {
        store,
        feeds: feed_plans(config),
        titles: config.sources.iter().map(|s| (s.slug.clone(), s.title.clone())).collect(),
        provinces: config.sources.iter().filter_map(|s| Some((s.slug.clone(), s.province.clone()?))).collect(),
        manner: manner(config),
        pages: config.feed_pages,
        shows_pictures: config.site.images == Images::Direct,
        dir: config.feeds_dir.clone(),
        entries: config.feed_entries,
        base: config.site.base_url.clone(),
        language: config.site.language,
        zone: config.site.zone,
        shelf,
        hub: hub_link(config),
        bell,
        made: Made::default(),
        ids: OnceCell::new(),
    }
}

/// The hub that the feeds name.
fn hub_link(config: &Config) -> Option<HubLink> {
    let url = match &config.hub {
        config::Hub::Off => None,
        config::Hub::Own => config.site.base_url.join("hub").ok(),
        config::Hub::Other(url) => Some(url.clone()),
    };
    Some(HubLink { url: url?, is_own: config.hub == config::Hub::Own, bell: Arc::default() })
}

/// Combined feeds first, as readers mostly want those.
fn feed_plans(config: &Config) -> Vec<FeedPlan> {
    let several = config.combined.iter().chain(&config.topics).map(|c| FeedPlan {
        slug: c.slug.clone(),
        title: c.title.clone(),
        home: None,
        sources: c.sources.clone(),
        content: c.content,
        filter: c.filter.clone(),
    });
    let single = config.sources.iter().map(|s| FeedPlan {
        slug: s.slug.clone(),
        title: s.title.clone(),
        home: s.home(),
        sources: vec![s.slug.clone()],
        content: None,
        filter: None,
    });
    several.chain(single).collect()
}

/// How feeds are written.
fn manner(config: &Config) -> Manner {
    let site = &config.site;
    let icon = site.icon.clone().or_else(|| site.base_url.join("loaphuong.png").ok());
    Manner {
        content: config.feed_content,
        publisher: Some(site.title.clone()),
        rights: site.rights.clone(),
        icon,
        hub: hub_link(config).map(|hub| hub.url),
    }
}

fn subscriptions_of(config: &Config) -> HashMap<Slug, Vec<Subscription>> {
    let mut of: HashMap<Slug, Vec<Subscription>> = HashMap::new();
    for subscription in &config.subscriptions {
        for source in config.sources_of(&subscription.feed) {
            of.entry(source).or_default().push(subscription.clone());
        }
    }
    of
}

fn quiet_of(config: &Config) -> HashMap<(Slug, Address), Quiet> {
    let one = |s: &Subscription| Some(((s.feed.clone(), s.to.clone()), s.quiet.clone()?));
    config.subscriptions.iter().filter_map(one).collect()
}

fn feeds_of(config: &Config) -> HashMap<Slug, Vec<Slug>> {
    let mut of: HashMap<Slug, Vec<Slug>> = config.sources.iter().map(|s| (s.slug.clone(), vec![s.slug.clone()])).collect();
    for feed in &config.combined {
        for source in config.sources_of(&feed.slug) {
            of.entry(source).or_default().push(feed.slug.clone());
        }
    }
    of
}
