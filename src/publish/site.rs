//! The folder of the feeds as a whole site for a host of files: pages, archives, and a manifest
//! that tells each file's print. What the manifest does not know is somebody else's and stays.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use anyhow::{Context, Result};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{FeedPlan, Publish, files};
use crate::feed::FILES;
use crate::store::{Query, Stored};

const MANIFEST: &str = "manifest.json";
/// Archives that are written at once; what is left comes with the next change.
const AT_ONCE: u32 = 50;

/// What is in the folder.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Manifest {
    #[serde(default)]
    files: BTreeMap<String, Told>,
}

/// A file as the manifest tells it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Told {
    sha256: String,
    size: u64,
    #[serde(rename = "type")]
    media_type: String,
    updated: String,
}

impl Publish {
    /// Brings the site up to date with feeds that were just written. Articles come first and the
    /// manifest last, so that nothing is linked before it is there.
    pub(super) async fn keep_site(&self, changed: &[&FeedPlan]) -> Result<()> {
        if !self.pages {
            return Ok(());
        }
        let mut made = Vec::new();
        let mut taken = HashSet::new();
        for plan in changed {
            let stored = self.entries_of(plan).await?;
            made.extend(self.pages(plan, &stored)?);
            made.extend(self.archive_files(plan).await?);
            taken.extend(
                self.store
                    .taken_back(&plan.sources, self.entries)
                    .await?
                    .into_iter()
                    .map(|one| format!("tin/{}/{}.html", one.source, one.slug)),
            );
        }
        if let Some(first) = self.feeds.first() {
            made.extend(self.front(first, &self.entries_of(first).await?)?);
        }
        let (dir, present) = (self.dir.clone(), self.names());
        tokio::task::spawn_blocking(move || bring(&dir, &made, taken, &present)).await.context("publish")?
    }

    /// The newest entries of a feed, as pages show them.
    async fn entries_of(&self, plan: &FeedPlan) -> Result<Vec<Stored>> {
        match &plan.filter {
            Some(filter) => self.of_topic(plan, filter).await,
            None => self.store.entries(&Query { sources: &plan.sources, limit: self.entries }).await,
        }
    }

    /// The archives of a feed that are not in the folder yet, and the last before them, which now
    /// leads on.
    async fn archive_files(&self, plan: &FeedPlan) -> Result<Vec<(String, Vec<u8>)>> {
        if plan.filter.is_some() {
            return Ok(Vec::new());
        }
        let full = self.store.archive(&plan.slug, &plan.sources, self.entries).await?.full;
        let name = |number: u32, extension: &str| format!("{}.{number}.{extension}", plan.slug);
        let is_there = |number: u32| FILES.iter().all(|format| self.dir.join(name(number, format.extension)).exists());
        // They are written in their order, so there are all up to one.
        let (mut there, mut missing) = (0, full + 1);
        while there + 1 < missing {
            let middle = there + (missing - there) / 2;
            if is_there(middle) { there = middle } else { missing = middle }
        }
        let mut files = Vec::new();
        let wanted = (missing <= full).then(|| there.max(1)..=full.min(there + AT_ONCE));
        for number in wanted.into_iter().flatten() {
            let Some(feed) = self.archive(plan, number).await? else { continue };
            files.extend(FILES.iter().map(|format| (name(number, format.extension), (format.render)(&feed))));
        }
        Ok(files)
    }

    /// The names of all feeds.
    fn names(&self) -> HashSet<String> {
        self.feeds.iter().map(|plan| plan.slug.to_string()).collect()
    }
}

/// Writes files, removes those that are no longer wanted, and tells all in the manifest.
fn bring(dir: &Path, made: &[(String, Vec<u8>)], taken: HashSet<String>, feeds: &HashSet<String>) -> Result<()> {
    let path = dir.join(MANIFEST);
    let mut manifest: Manifest = std::fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    files::put(dir, made)?;
    for file in std::fs::read_dir(dir)?.filter_map(Result::ok).filter(|file| file.path().is_file()) {
        if let Some(name) = file.file_name().to_str().filter(|name| is_feed(name, feeds)) {
            note(&mut manifest, dir, name)?;
        }
    }
    for (name, _) in made {
        note(&mut manifest, dir, name)?;
    }
    let unwanted: Vec<String> =
        manifest.files.keys().filter(|name| (taken.contains(*name) || is_gone(name, feeds)) && is_safe(name)).cloned().collect();
    for name in &unwanted {
        manifest.files.remove(name);
    }
    let bytes = serde_json::to_vec_pretty(&manifest)?;
    files::put(dir, &[(MANIFEST.to_owned(), bytes)])?;
    files::remove(dir, unwanted)
}

/// Tells a file anew, when it is another one than was told.
fn note(manifest: &mut Manifest, dir: &Path, name: &str) -> Result<()> {
    let path = dir.join(name);
    let Some((size, modified)) = files::mark(&path) else { return Ok(()) };
    let updated = DateTime::<Utc>::from(modified).to_rfc3339_opts(SecondsFormat::Millis, true);
    if manifest.files.get(name).is_some_and(|told| told.size == size && told.updated == updated) {
        return Ok(());
    }
    let sha256: String = Sha256::digest(std::fs::read(&path)?).iter().map(|b| format!("{b:02x}")).collect();
    manifest.files.insert(name.to_owned(), Told { sha256, size, media_type: media_type(name).to_owned(), updated });
    Ok(())
}

fn media_type(name: &str) -> &'static str {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let page = || match extension {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "opml" => crate::feed::opml::MEDIA_TYPE,
        _ => "application/octet-stream",
    };
    FILES.iter().find(|format| format.extension == extension).map_or_else(page, |format| format.served)
}

/// Whether a file in the folder itself is one of a feed, or the list of all.
fn is_feed(name: &str, feeds: &HashSet<String>) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let is_ours = FILES.iter().any(|format| format.extension == extension);
    name == super::LISTING || (is_ours && owner(name).is_some_and(|owner| feeds.contains(owner)))
}

/// The feed that a file told by the manifest belongs to; `None` for what belongs to all.
fn owner(name: &str) -> Option<&str> {
    let feed = match name.strip_prefix("tin/") {
        Some(rest) => rest.split('/').next(),
        None => name.split('.').next(),
    };
    feed.filter(|_| !["index.html", "loaphuong.css", super::LISTING].contains(&name))
}

fn is_gone(name: &str, feeds: &HashSet<String>) -> bool {
    owner(name).is_some_and(|owner| !feeds.contains(owner))
}

/// Whether a name stays in the folder, whatever somebody wrote into the manifest.
fn is_safe(name: &str) -> bool {
    Path::new(name).components().all(|part| matches!(part, std::path::Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_belongs_to_its_feed_and_no_name_leads_out() {
        for (name, want) in [
            ("tho-quan.rss", Some("tho-quan")),
            ("tho-quan.12.atom", Some("tho-quan")),
            ("tho-quan.html", Some("tho-quan")),
            ("tin/tho-quan/cat-dien.html", Some("tho-quan")),
            ("index.html", None),
            ("feeds.opml", None),
        ] {
            assert_eq!(owner(name), want, "{name}");
        }
        for (name, want) in [("tin/a/b.html", true), ("../x", false), ("/etc/passwd", false), ("a/../../b", false)] {
            assert_eq!(is_safe(name), want, "{name}");
        }
    }
}
