//! `config.toml` becomes built sources, channels and subscriptions, or a list of everything that
//! is wrong with it, each with its place. Parsed once; the rest never checks again.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;
use serde::Deserialize;
use url::Url;

use crate::channel::{Channel, Pace, Talk};
use crate::correction::Corrections;
use crate::entry::Slug;
use crate::feed::Content;
use crate::fetch::{Allowed, Fetcher, anonymous};
use crate::incident::Office;
use crate::outbox::OnDoubt;
use crate::phrases::Language;
use crate::rhythm::Bounds;
use crate::schedule::Schedule;
use crate::secret::Secret;
use crate::source::Source;
use crate::store::{Catalog, SourceEntry};
use crate::subscription::{Filter, Subscription};
use crate::text;

mod authorities;
mod blocks;
mod build;
mod diagnose;
mod door;
pub mod edit;
mod feeds;
mod hide;
mod hub;
mod marks;
mod plans;
mod sections;

pub use diagnose::Diagnostic;
pub use door::{Door, Rates};
pub use marks::Marks;

/// The shipped config: the documentation, and what a fresh clone runs with.
pub const SHIPPED: &str = include_str!("../../config.toml");

/// A config that holds.
pub struct Config {
    /// The file it came from.
    pub path: PathBuf,
    /// Where its relative paths start.
    pub dir: PathBuf,
    /// `sqlite://…` or `postgres://…`.
    pub store: String,
    /// The ward.
    pub site: Site,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Whom the web server lets in, and how often.
    pub door: Door,
    /// Former names of feeds, and their present ones.
    pub aliases: HashMap<String, Slug>,
    /// Where feed files go.
    pub feeds_dir: PathBuf,
    /// Entries per feed.
    pub feed_entries: usize,
    /// How much of an article a feed holds that says nothing else.
    pub feed_content: Content,
    /// Whether the folder of the feeds is a whole site, with pages.
    pub feed_pages: bool,
    /// Who tells subscribers of changes.
    pub hub: Hub,
    /// Feeds of several sources.
    pub combined: Vec<CombinedFeed>,
    /// Feeds of topics, which nobody subscribes to by a channel: a subscription has its own filter.
    pub topics: Vec<CombinedFeed>,
    /// Every source.
    pub sources: Vec<SourcePlan>,
    /// Every channel.
    pub channels: Vec<ChannelPlan>,
    /// Who gets what.
    pub subscriptions: Vec<Subscription>,
    /// Where anybody can begin to follow a feed by themselves, in the order of the subscriptions.
    pub invites: Vec<Invite>,
    /// Where the admin hears of incidents (`[admin]`).
    pub office: Option<Office>,
    /// The one HTTP client for sites.
    pub fetcher: Arc<Fetcher>,
    /// What works but could be better.
    pub warnings: Vec<Diagnostic>,
    /// How its files looked when they were read.
    pub marks: Marks,
    origin: marks::Origin,
    /// What must never be printed.
    pub secrets: Vec<Secret>,
}

/// `[site]`.
#[derive(Debug, Clone)]
pub struct Site {
    /// Its title.
    pub title: String,
    /// How this server is reached from outside, ending in `/`.
    pub base_url: Url,
    /// The language of fixed words.
    pub language: Language,
    /// The zone of dates and schedules.
    pub zone: Tz,
    /// Under which terms the news may be used.
    pub rights: Option<String>,
    /// A square picture that stands for the site in feed readers; `None`: that of the house.
    pub icon: Option<Url>,
    /// How the public pages show the pictures of other sites.
    pub images: Images,
    /// News that says one of these comes at once to those who follow by themselves, whatever hours they chose.
    pub urgent: Vec<String>,
}

/// How the public pages show the pictures of other sites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Images {
    /// Fetched by this server and served as its own, so that no other site learns who reads.
    #[default]
    Proxy,
    /// The reader's browser fetches them from their sites.
    Direct,
    /// Not at all; the pages link to them.
    None,
}

/// A door by which anybody can begin to follow a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    /// The feed.
    pub feed: Slug,
    /// The kind of the channel behind it.
    pub kind: &'static str,
    /// What to open: a web page, or `mailto:`.
    pub url: Url,
}

/// `[hub]`: who tells subscribers of changes (WebSub).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hub {
    /// Nobody.
    Off,
    /// This server.
    Own,
    /// Another one, which is told of each change.
    Other(Url),
}

/// A feed of several sources.
#[derive(Debug, Clone)]
pub struct CombinedFeed {
    /// Its name.
    pub slug: Slug,
    /// Its title.
    pub title: String,
    /// Its sources.
    pub sources: Vec<Slug>,
    /// How much of an article it holds, where it says so.
    pub content: Option<Content>,
    /// What of its sources it holds; `None`: all.
    pub filter: Option<Filter>,
}

/// A source with what the watcher must know.
#[derive(Clone)]
pub struct SourcePlan {
    /// Its name, also its feed's.
    pub slug: Slug,
    /// Its title.
    pub title: String,
    /// The province or city that it is in.
    pub province: Option<String>,
    /// How its pages are read.
    pub source: Arc<dyn Source>,
    /// When to visit; `None`: as often as it publishes.
    pub schedule: Option<Schedule>,
    /// Older list pages to follow on the first visit.
    pub backfill: u32,
    /// Changes when its block does.
    pub fingerprint: String,
    /// How far apart its visits may be without a schedule.
    pub bounds: Bounds,
    /// The zone of office hours.
    pub zone: Tz,
}

impl SourcePlan {
    /// The site that it reads, as anybody may see it.
    #[must_use]
    pub fn home(&self) -> Option<Url> {
        self.source.home().as_ref().map(anonymous)
    }

    /// Whether it is a folder on this machine, not a site.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.source.home().is_none()
    }

    /// The address of its list, for people.
    #[must_use]
    pub fn address(&self) -> String {
        self.source.start().into_iter().next().map(|visit| text::shown(&anonymous(&visit.url))).unwrap_or_default()
    }
}

/// A channel with what the dispatcher must know.
pub struct ChannelPlan {
    /// Its name in addresses.
    pub name: String,
    /// Its kind.
    pub kind: &'static str,
    /// How it sends.
    pub channel: Arc<dyn Channel>,
    /// How fast.
    pub pace: Pace,
    /// What a send that stays in doubt becomes.
    pub on_doubt: OnDoubt,
    /// What is done about articles that are changed after they were sent.
    pub corrections: Corrections,
}

impl Config {
    /// Reads and builds the config at `path`, its includes, and the secrets it names.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the text; of very many mistakes the first fifty
    /// and how many more there are.
    pub fn load(path: &Path) -> Result<Self, Vec<Diagnostic>> {
        build::load(path)
    }

    /// What the store must know.
    #[must_use]
    pub fn catalog(&self) -> Catalog {
        let sources = self.sources.iter().map(|s| SourceEntry { slug: s.slug.clone(), fingerprint: s.fingerprint.clone() }).collect();
        let admin = self.office.iter().map(|office| (office.subscription(), Vec::new()));
        let subscriptions = self.subscriptions.iter().map(|s| (s.clone(), self.sources_of(&s.feed))).chain(admin).collect();
        Catalog { sources, subscriptions }
    }

    /// What each channel is, by its name: its kind, and the account that it speaks by where it has one.
    #[must_use]
    pub fn natures(&self) -> HashMap<String, String> {
        let account = |channel: &dyn Channel| channel.talk().map(<dyn Talk>::account).or_else(|| channel.account()).unwrap_or_default();
        self.channels.iter().map(|c| (c.name.clone(), format!("{} {}", c.kind, account(c.channel.as_ref())))).collect()
    }

    /// How its files look now: other than [`Config::marks`] once one was changed, added or removed.
    #[must_use]
    pub fn marks_now(&self) -> Marks {
        self.origin.marks()
    }

    /// The sources of a feed: its own, or those of a combined one.
    #[must_use]
    pub fn sources_of(&self, feed: &Slug) -> Vec<Slug> {
        self.combined.iter().find(|c| c.slug == *feed).map_or_else(|| vec![feed.clone()], |c| c.sources.clone())
    }
}

/// The pause from which a failing source is visited less and less.
pub const EVERY: Duration = Duration::from_secs(15 * 60);

/// Whether an address is one that `[fetch] allow` lists.
fn listed(url: &Url, allow: &[Allowed]) -> bool {
    allow.iter().any(|a| a.lists(url))
}
