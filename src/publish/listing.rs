//! The list of all feeds as a file, and the end of feeds that the config no longer has.

use std::collections::{BTreeMap, HashSet};

use anyhow::{Context, Result};

use super::{FeedPlan, Publish, file_name, files};
use crate::entry::Slug;
use crate::feed::opml::{self, Group, Outline};
use crate::feed::{FILES, FORMATS};
use crate::shelf::Sheet;
use crate::text;

/// The name of the list among the feeds.
pub const LISTING: &str = "feeds.opml";

impl Publish {
    /// Writes the list of all feeds, and removes the files of those that are no more: their names
    /// are known from when they were written, so nothing of anybody else is touched.
    ///
    /// # Errors
    /// When the database or the disk fails.
    pub async fn list(&self) -> Result<()> {
        let (bytes, known) = (self.listing(), self.store.written().await?);
        let present: HashSet<&Slug> = self.feeds.iter().map(|plan| &plan.slug).collect();
        let gone: Vec<Slug> = known.keys().filter(|slug| !present.contains(slug)).cloned().collect();
        let files: Vec<String> = gone.iter().flat_map(|slug| FILES.iter().map(|format| file_name(slug, format))).collect();
        let (dir, written) = (self.dir.clone(), bytes.clone());
        let put = move || files::put(&dir, &[(LISTING.to_owned(), written)]).and_then(|_| files::remove(&dir, files));
        tokio::task::spawn_blocking(put).await.context("publish")??;
        self.shelf.put(LISTING, Sheet::on_disk(opml::MEDIA_TYPE).written(&bytes, files::mark(&self.dir.join(LISTING)).map(|(_, at)| at)));
        if !gone.is_empty() {
            self.keep_site(&[]).await?;
        }
        self.store.forget_written(&gone).await
    }

    /// All feeds: the combined ones by themselves, the others by their provinces where they name one.
    #[must_use]
    pub fn listing(&self) -> Vec<u8> {
        let mut provinces: BTreeMap<(String, String), Vec<Outline>> = BTreeMap::new();
        let mut alone = Vec::new();
        for plan in &self.feeds {
            match self.provinces.get(&plan.slug) {
                Some(province) => provinces.entry((text::fold(province), province.clone())).or_default().push(self.outline(plan)),
                None => alone.push(self.outline(plan)),
            }
        }
        let grouped = provinces.into_iter().map(|((_, title), feeds)| Group { title: Some(title), feeds });
        let groups: Vec<Group> = std::iter::once(Group { title: None, feeds: alone }).chain(grouped).collect();
        let title = self.manner.publisher.as_deref().unwrap_or(env!("CARGO_PKG_NAME"));
        opml::render(title, self.language.tag(), &groups)
    }

    fn outline(&self, plan: &FeedPlan) -> Outline {
        let format = FORMATS.first().map_or("", |format| format.extension);
        Outline {
            title: plan.title.clone(),
            feed: format!("{}feeds/{}.{format}", self.base, plan.slug),
            home: plan.home.as_ref().unwrap_or(&self.base).to_string(),
        }
    }
}
