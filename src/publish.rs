//! From the store to feed files: what changed is rendered in every format and replaces its file
//! when the bytes differ.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use chrono_tz::Tz;
use tokio::sync::{Notify, OnceCell};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::entry::Slug;
use crate::feed::{self, Content, FILES, Format, Manner};
use crate::phrases::{self, Language};
use crate::shelf::{self, Print, Sheet, Shelf};
use crate::store::Store;
use crate::subscription::Filter;

mod files;
mod gather;
mod hub;
mod listing;
mod made;
mod pages;
mod site;

pub use files::sweep;
pub use gather::Wanted;
pub use hub::HubLink;
pub use listing::LISTING;
pub use made::Made;

/// Another process may have saved something: look at least this often.
const LONGEST_NAP: std::time::Duration = std::time::Duration::from_secs(5);

/// Feeds that are rendered and brought to the disk together.
const TOGETHER: usize = 128;

/// A feed as the config describes it.
#[derive(Debug, Clone)]
pub struct FeedPlan {
    /// Its name.
    pub slug: Slug,
    /// Its title.
    pub title: String,
    /// The page it is the feed of; `None`: our front page.
    pub home: Option<Url>,
    /// Where its entries come from.
    pub sources: Vec<Slug>,
    /// How much of an article it holds, where it says so.
    pub content: Option<Content>,
    /// What of its sources it holds; `None`: all.
    pub filter: Option<Filter>,
}

/// What the publisher needs.
pub struct Publish {
    /// Where the entries are.
    pub store: Arc<Store>,
    /// Every feed.
    pub feeds: Vec<FeedPlan>,
    /// Titles of sources, by name.
    pub titles: HashMap<Slug, String>,
    /// Provinces of sources, by name, where they are known.
    pub provinces: HashMap<Slug, String>,
    /// How feeds are written that say nothing else.
    pub manner: Manner,
    /// Whether the folder is a whole site, with pages.
    pub pages: bool,
    /// Whether pages show the pictures of other sites.
    pub shows_pictures: bool,
    /// Where the files go.
    pub dir: PathBuf,
    /// Entries per feed.
    pub entries: usize,
    /// `base_url`, ending in `/`.
    pub base: Url,
    /// The language of the news.
    pub language: Language,
    /// The zone of entries without a date of their own.
    pub zone: Tz,
    /// What the web server serves.
    pub shelf: Arc<Shelf>,
    /// The hub that is told.
    pub hub: Option<HubLink>,
    /// Rung when something was saved.
    pub bell: Arc<Notify>,
    /// What was made for readers that ask for something else than a file.
    pub made: Made,
    /// The identities of feeds that were called or served otherwise before, once they are known.
    pub ids: OnceCell<HashMap<Slug, String>>,
}

/// What each feed was last written from.
pub type Written = HashMap<Slug, i64>;

impl Publish {
    /// Writes what changed until stopped; `written` is what [`Publish::begin`] found.
    pub async fn run(&self, mut written: Written, stop: &CancellationToken) {
        let mut told = None;
        while !stop.is_cancelled() {
            let failed = self.round(&mut written).await.err().map(|e| format!("{e:#}"));
            // A full disk lasts, and the log may be on it.
            if let Some(error) = failed.as_ref().filter(|_| failed != told) {
                tracing::error!(error, "{}", phrases::log_publish_failed());
            }
            told = failed;
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.bell.notified() => {}
                () = tokio::time::sleep(LONGEST_NAP) => {}
            }
        }
    }

    /// Puts on the shelf what lies in the folder already, unread, and writes the feeds of which
    /// there is nothing yet. Returns those that need not be written again.
    ///
    /// # Errors
    /// When the database or the disk fails.
    pub async fn begin(&self) -> Result<Written> {
        let names: HashSet<String> = self.feeds.iter().flat_map(|plan| FILES.iter().map(|f| file_name(&plan.slug, f))).collect();
        self.shelf.keep_only(|name| names.contains(name) || name == LISTING);
        self.list().await?;
        let known = self.store.written().await?;
        let (mut written, mut missing) = (Written::new(), Vec::new());
        for (plan, version) in self.versions().await? {
            let marks = self.marks(plan);
            if marks.iter().any(Option::is_none) {
                missing.push((plan, version));
                continue;
            }
            for format in FILES {
                self.shelf.find(&file_name(&plan.slug, format), || self.sheet(&plan.slug, format));
            }
            if known.get(&plan.slug) == Some(&self.stamp(plan, version, &marks)) {
                written.insert(plan.slug.clone(), version);
            }
        }
        self.write_all(&missing).await?;
        written.extend(missing.iter().map(|(plan, version)| (plan.slug.clone(), *version)));
        Ok(written)
    }

    /// Writes every feed that changed since `written`; returns how many files changed.
    ///
    /// # Errors
    /// When the database or the disk fails; feeds written before stay written.
    pub async fn round(&self, written: &mut Written) -> Result<usize> {
        let versions = self.versions().await?;
        let changed: Vec<(&FeedPlan, i64)> =
            versions.into_iter().filter(|(plan, version)| written.get(&plan.slug) != Some(version)).collect();
        // What one ward says does not wait for the feeds of many.
        let (own, shared): (Vec<_>, Vec<_>) = changed.into_iter().partition(|(plan, _)| plan.sources.len() == 1);
        let mut files = 0;
        for some in own.chunks(TOGETHER).chain(shared.chunks(TOGETHER)) {
            files += self.write(some, written).await?;
            written.extend(some.iter().map(|(plan, version)| (plan.slug.clone(), *version)));
        }
        Ok(files)
    }

    /// As [`Publish::round`], by a process that does not stay: what another one wrote and nobody
    /// touched since is not rendered again.
    ///
    /// # Errors
    /// When the database or the disk fails; feeds written before stay written.
    pub async fn once(&self) -> Result<usize> {
        self.list().await?;
        let known = self.store.written().await?;
        let versions = self.versions().await?;
        let is_known = |plan: &FeedPlan, version| known.get(&plan.slug) == Some(&self.stamp(plan, version, &self.marks(plan)));
        let changed: Vec<(&FeedPlan, i64)> = versions.into_iter().filter(|(plan, version)| !is_known(plan, *version)).collect();
        let files = self.write_all(&changed).await?;
        self.shelve();
        Ok(files)
    }

    /// What is new in a feed to a reader that has the entries of `had`, in a format.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn since(&self, plan: &FeedPlan, format: &Format, had: &[u64]) -> Result<Vec<u8>> {
        let mut feed = self.newest(plan).await?;
        feed.items.retain(|item| had.binary_search(&shelf::mark(item)).is_err());
        Ok((format.render)(&feed))
    }

    /// Every feed with the sum of its sources' versions.
    async fn versions(&self) -> Result<Vec<(&FeedPlan, i64)>> {
        let versions: HashMap<Slug, i64> = self.store.feed_versions().await?.into_iter().collect();
        let all: Vec<(&FeedPlan, i64)> = self.feeds.iter().map(|plan| (plan, version(plan, &versions))).collect();
        self.made.renew(all.iter().map(|(plan, version)| (plan.slug.clone(), *version)).collect());
        self.ids.get_or_try_init(|| self.identify()).await?;
        Ok(all)
    }

    /// Looks up what each feed is known by.
    async fn identify(&self) -> Result<HashMap<Slug, String>> {
        let addresses: Vec<(&Slug, String)> =
            self.feeds.iter().map(|plan| (&plan.slug, feed::address(&self.base, &plan.slug, feed::ATOM))).collect();
        self.store.feed_ids(&addresses).await
    }

    /// How the files of a feed look; `None` for one that is not there.
    fn marks(&self, plan: &FeedPlan) -> Vec<Option<files::Mark>> {
        FILES.iter().map(|format| files::mark(&self.dir.join(file_name(&plan.slug, format)))).collect()
    }

    /// Changes with all that the files of a feed are made of, and with the files themselves.
    fn stamp(&self, plan: &FeedPlan, version: i64, files: &[Option<files::Mark>]) -> String {
        use sha2::{Digest, Sha256};
        let titles: Vec<_> = plan.sources.iter().map(|s| self.titles.get(s)).collect();
        let house = (
            env!("CARGO_PKG_VERSION"),
            self.entries,
            self.base.as_str(),
            self.language,
            self.zone,
            &self.manner,
            (self.pages, self.shows_pictures),
        );
        let made_of = format!("{house:?} {plan:?} {titles:?} {version} {files:?}");
        Sha256::digest(made_of).iter().take(16).map(|b| format!("{b:02x}")).collect()
    }

    async fn write_all(&self, plans: &[(&FeedPlan, i64)]) -> Result<usize> {
        let mut files = 0;
        for some in plans.chunks(TOGETHER) {
            files += self.write(some, &Written::new()).await?;
        }
        Ok(files)
    }

    /// Renders feeds, brings them to the disk and on the shelf, tells the hub, and notes what they were
    /// written from. `before` are those that this process knows.
    async fn write(&self, plans: &[(&FeedPlan, i64)], before: &Written) -> Result<usize> {
        let mut feeds = Vec::with_capacity(plans.len());
        for (plan, _) in plans {
            feeds.push(self.newest(plan).await?);
        }
        let dir = self.dir.clone();
        let written = tokio::task::spawn_blocking(move || files::write(feeds, &dir)).await.context("publish")??;
        let mut standings = Vec::new();
        for ((plan, version), one) in plans.iter().zip(&written.feeds) {
            let prints = self.show(one);
            standings.extend(hub::standings(&self.base, &one.feed.slug, &prints, *version, !before.contains_key(&plan.slug)));
        }
        self.tell_hub(plans, standings).await?;
        let changed: Vec<&FeedPlan> = plans.iter().map(|(plan, _)| *plan).collect();
        self.keep_site(&changed).await?;
        let stamps: Vec<(Slug, String)> =
            plans.iter().map(|(plan, version)| (plan.slug.clone(), self.stamp(plan, *version, &self.marks(plan)))).collect();
        self.store.note_written(&stamps).await?;
        Ok(written.changed)
    }

    /// Puts the files of a feed on the shelf; gives what they look like.
    fn show(&self, written: &files::Written) -> Vec<Print> {
        let slug = &written.feed.slug;
        let mut prints = Vec::with_capacity(FILES.len());
        for (format, file) in FILES.iter().zip(&written.files) {
            let sheet = self.sheet(slug, format).written(&file.bytes, file.modified);
            prints.extend(sheet.known().map(|known| known.print));
            self.shelf.put(&file_name(slug, format), sheet);
        }
        self.shelf.remember(slug.as_str(), prints.clone(), written.feed.items.iter().map(shelf::mark).collect());
        prints
    }

    fn sheet(&self, slug: &Slug, format: &Format) -> Sheet {
        let hub = self.hub.as_ref().map(|hub| format!("<{}>; rel=\"hub\", ", hub.url)).unwrap_or_default();
        Sheet::on_disk(format.served).linked(&format!("{hub}<{}>; rel=\"self\"", feed::address(&self.base, slug, format)))
    }
}

/// The sum of the versions of a feed's sources.
fn version(plan: &FeedPlan, versions: &HashMap<Slug, i64>) -> i64 {
    plan.sources.iter().filter_map(|source| versions.get(source)).sum()
}

/// The name of a feed's file, on the disk and in addresses.
#[must_use]
pub fn file_name(slug: &Slug, format: &Format) -> String {
    format!("{slug}.{}", format.extension)
}
