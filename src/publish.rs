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

/// Feeds that are rendered and brought to the disk together.
const TOGETHER: usize = 128;
/// Up to so many files are brought to the disk one by one.
const FEW: usize = 16;

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
        let versions = self.versions().await?;
        let changed: Vec<(&FeedPlan, i64)> =
            versions.into_iter().filter(|(plan, version)| written.get(&plan.slug) != Some(version)).collect();
        let mut files = 0;
        for some in changed.chunks(TOGETHER) {
            files += self.write(some).await?;
            written.extend(some.iter().map(|(plan, version)| (plan.slug.clone(), *version)));
        }
        Ok(files)
    }

    /// As [`Publish::round`], by a process that does not stay: what another one wrote and nobody
    /// touched since is not rendered again. The shelf holds only what was written now.
    ///
    /// # Errors
    /// When the database or the disk fails; feeds written before stay written.
    pub async fn once(&self) -> Result<usize> {
        let known = self.store.written().await?;
        let versions = self.versions().await?;
        let changed: Vec<(&FeedPlan, i64)> =
            versions.into_iter().filter(|(plan, version)| known.get(&plan.slug) != Some(&self.stamp(plan, *version))).collect();
        let mut files = 0;
        for some in changed.chunks(TOGETHER) {
            files += self.write(some).await?;
            let stamps: Vec<(Slug, String)> = some.iter().map(|(plan, version)| (plan.slug.clone(), self.stamp(plan, *version))).collect();
            self.store.note_written(&stamps).await?;
        }
        Ok(files)
    }

    /// Every feed with the sum of its sources' versions.
    async fn versions(&self) -> Result<Vec<(&FeedPlan, i64)>> {
        let versions: HashMap<Slug, i64> = self.store.feed_versions().await?.into_iter().collect();
        Ok(self.feeds.iter().map(|plan| (plan, plan.sources.iter().filter_map(|s| versions.get(s)).sum())).collect())
    }

    /// Changes with all that the files of a feed are made of, and with the files themselves.
    fn stamp(&self, plan: &FeedPlan, version: i64) -> String {
        use sha2::{Digest, Sha256};
        let titles: Vec<_> = plan.sources.iter().map(|s| self.titles.get(s)).collect();
        let files: Vec<_> = FORMATS
            .iter()
            .map(|format| {
                let file = std::fs::metadata(self.dir.join(format!("{}.{}", plan.slug, format.extension))).ok()?;
                Some((file.len(), file.modified().ok()?))
            })
            .collect();
        let house = (env!("CARGO_PKG_VERSION"), self.entries, self.base.as_str(), self.language, self.zone);
        let made_of = format!("{house:?} {plan:?} {titles:?} {version} {files:?}");
        Sha256::digest(made_of).iter().take(16).map(|b| format!("{b:02x}")).collect()
    }

    async fn write(&self, plans: &[(&FeedPlan, i64)]) -> Result<usize> {
        let mut feeds = Vec::with_capacity(plans.len());
        for (plan, _) in plans {
            let stored = self.store.entries(&Query { sources: &plan.sources, limit: self.entries }).await?;
            feeds.push(self.feed(plan, stored));
        }
        let (dir, shelf) = (self.dir.clone(), self.shelf.clone());
        tokio::task::spawn_blocking(move || write_formats(&feeds, &dir, &shelf)).await.context("publish")?
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

/// A file that is written and not yet in its place.
struct Fresh {
    file: tempfile::NamedTempFile,
    path: PathBuf,
}

fn write_formats(feeds: &[Feed], dir: &Path, shelf: &Shelf) -> Result<usize> {
    if !dir.exists() {
        std::fs::create_dir_all(dir).with_context(|| format!("{}", dir.display()))?;
        std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o755))?;
    }
    let rendered: Vec<_> = feeds.iter().flat_map(|feed| FORMATS.iter().map(move |format| (feed, format, (format.render)(feed)))).collect();
    let mut fresh = Vec::new();
    for (feed, format, bytes) in &rendered {
        let path = dir.join(format!("{}.{}", feed.slug, format.extension));
        fresh.extend(prepare(&path, bytes).with_context(|| format!("{}", path.display()))?);
    }
    let changed = fresh.len();
    replace(fresh, dir).with_context(|| format!("{}", dir.display()))?;
    for (feed, format, bytes) in &rendered {
        shelf.put(&format!("{}.{}", feed.slug, format.extension), format.media_type, bytes, feed.updated);
    }
    Ok(changed)
}

/// Writes a file beside the one it is to replace; `None` where the bytes are these already.
fn prepare(path: &Path, bytes: &[u8]) -> Result<Option<Fresh>> {
    if std::fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(None);
    }
    let dir = path.parent().context("no folder")?;
    let mut file = tempfile::Builder::new().prefix(".tmp-").tempfile_in(dir)?;
    file.write_all(bytes)?;
    // For whatever web server hands them on; the daemon's umask is for its database.
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    Ok(Some(Fresh { file, path: path.to_path_buf() }))
}

/// Puts files in their places, each whole: readers see the old bytes or the new ones, also after a
/// power cut. Many are brought to the disk by one call for all.
fn replace(fresh: Vec<Fresh>, dir: &Path) -> Result<()> {
    if fresh.is_empty() {
        return Ok(());
    }
    let folder = std::fs::File::open(dir)?;
    if fresh.len() > FEW {
        rustix::fs::syncfs(&folder)?;
    } else {
        fresh.iter().try_for_each(|one| one.file.as_file().sync_all())?;
    }
    for one in fresh {
        one.file.persist(&one.path)?;
    }
    folder.sync_all()?;
    Ok(())
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
