//! From the store to feed files: what changed is rendered in every format and replaces its file
//! when the bytes differ.

use std::collections::HashMap;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use chrono::{DateTime, FixedOffset, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::entry::Slug;
use crate::feed::{FORMATS, Feed, Item};
use crate::phrases::{self, Language};
use crate::shelf::Shelf;
use crate::store::{Query, Store, Stored};

/// Another process may have saved something: look at least this often.
const LONGEST_NAP: std::time::Duration = std::time::Duration::from_secs(5);

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
}

/// What the publisher needs.
pub struct Publish {
    /// Where the entries are.
    pub store: Arc<Store>,
    /// Every feed.
    pub feeds: Vec<FeedPlan>,
    /// Titles of sources, by name.
    pub titles: HashMap<Slug, String>,
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
    /// Rung when something was saved.
    pub bell: Arc<Notify>,
}

/// What each feed was last written from.
pub type Written = HashMap<Slug, i64>;

impl Publish {
    /// Writes what changed until stopped.
    pub async fn run(&self, stop: &CancellationToken) {
        let mut written = Written::new();
        while !stop.is_cancelled() {
            if let Err(e) = self.round(&mut written).await {
                tracing::error!(error = format!("{e:#}"), "{}", phrases::log_publish_failed());
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.bell.notified() => {}
                () = tokio::time::sleep(LONGEST_NAP) => {}
            }
        }
    }

    /// Writes every feed that changed since `written`; returns how many files changed.
    ///
    /// # Errors
    /// When the database or the disk fails; feeds written before stay written.
    pub async fn round(&self, written: &mut Written) -> Result<usize> {
        let versions: HashMap<Slug, i64> = self.store.feed_versions().await?.into_iter().collect();
        let mut changed = 0;
        for plan in &self.feeds {
            let version = plan.sources.iter().filter_map(|s| versions.get(s)).sum();
            if written.get(&plan.slug) == Some(&version) {
                continue;
            }
            changed += self.write(plan).await?;
            written.insert(plan.slug.clone(), version);
        }
        Ok(changed)
    }

    async fn write(&self, plan: &FeedPlan) -> Result<usize> {
        let stored = self.store.entries(&Query { sources: &plan.sources, limit: self.entries }).await?;
        let feed = self.feed(plan, stored);
        let (dir, shelf) = (self.dir.clone(), self.shelf.clone());
        tokio::task::spawn_blocking(move || write_formats(&feed, &dir, &shelf)).await.context("publish")?
    }

    /// The feed as readers see it.
    #[must_use]
    pub fn feed(&self, plan: &FeedPlan, stored: Vec<Stored>) -> Feed {
        let items: Vec<Item> = stored.into_iter().map(|s| self.item(s)).collect();
        let updated = items.iter().map(|i| i.updated.with_timezone(&Utc)).max().unwrap_or(DateTime::UNIX_EPOCH);
        let home = plan.home.clone().unwrap_or_else(|| self.base.clone());
        Feed { slug: plan.slug.clone(), title: plan.title.clone(), home, base: self.base.clone(), language: self.language, updated, items }
    }

    fn item(&self, stored: Stored) -> Item {
        let link = stored.link(&self.base);
        let local =
            |t: DateTime<Utc>| -> DateTime<FixedOffset> { t.with_timezone(&self.zone.offset_from_utc_datetime(&t.naive_utc()).fix()) };
        let published = stored.entry.published.unwrap_or_else(|| local(stored.seen));
        let changed = if stored.revision > 1 { local(stored.changed) } else { published };
        let updated = stored.entry.updated.unwrap_or(changed).max(changed).max(published);
        let source_title = self.titles.get(&stored.source).cloned().unwrap_or_else(|| stored.source.to_string());
        Item { entry: stored.entry, link, source_title, published, updated }
    }
}

fn write_formats(feed: &Feed, dir: &Path, shelf: &Shelf) -> Result<usize> {
    if !dir.exists() {
        std::fs::create_dir_all(dir).with_context(|| format!("{}", dir.display()))?;
        std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o755))?;
    }
    let mut changed = 0;
    for format in FORMATS {
        let name = format!("{}.{}", feed.slug, format.extension);
        let bytes = (format.render)(feed);
        let path = dir.join(&name);
        if replace(&path, &bytes).with_context(|| format!("{}", path.display()))? {
            changed += 1;
        }
        shelf.put(&name, format.media_type, &bytes, feed.updated);
    }
    Ok(changed)
}

/// Replaces a file whole: readers see the old bytes or the new ones, also after a power cut. False
/// where the bytes were these already.
fn replace(path: &Path, bytes: &[u8]) -> Result<bool> {
    if std::fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(false);
    }
    let dir = path.parent().context("no folder")?;
    let mut new = tempfile::Builder::new().prefix(".tmp-").tempfile_in(dir)?;
    new.write_all(bytes)?;
    // For whatever web server hands them on; the daemon's umask is for its database.
    new.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    new.as_file().sync_all()?;
    new.persist(path)?;
    std::fs::File::open(dir)?.sync_all()?;
    Ok(true)
}

/// Removes what a killed process left half written.
///
/// # Errors
/// When the folder cannot be read or a file cannot be removed.
pub fn sweep(dir: &Path) -> Result<()> {
    if !dir.exists() {
        return Ok(());
    }
    for file in std::fs::read_dir(dir)? {
        let file = file?;
        if file.file_name().to_string_lossy().starts_with(".tmp-") {
            std::fs::remove_file(file.path())?;
        }
    }
    Ok(())
}
