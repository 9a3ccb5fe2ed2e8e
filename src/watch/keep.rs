//! Articles' pages are kept as they come, so that a visit that is killed midway costs its site
//! nothing twice.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use crate::fetch::{FetchError, Fetched};
use crate::page::{Page, Validators};
use crate::phrases;
use crate::source::Visit;

use super::Watch;
use super::harvest::Harvest;

/// So many pages share a commit where they come fast.
const TOGETHER: usize = 5;
/// No page waits longer than this for its commit, once the next has come.
const LONGEST: Duration = Duration::from_secs(1);
/// A larger page is not kept, in bytes.
const LARGEST: usize = 1 << 20;

impl Watch {
    /// The page of an article: as an earlier visit kept it, else fetched.
    pub(super) async fn article_page(&self, visit: &Visit, harvest: &mut Harvest, now: DateTime<Utc>) -> Result<Option<Page>, FetchError> {
        if let Some(page) = self.left_behind(harvest, now).await.remove(&visit.url) {
            return Ok(Some(page));
        }
        let Fetched::Page { page, .. } = self.fetcher.get(&visit.url, &Validators::default(), now).await? else { return Ok(None) };
        self.keep(visit, &page, harvest).await;
        Ok(Some(*page))
    }

    /// What an earlier visit kept and did not come to save.
    async fn left_behind<'a>(&self, harvest: &'a mut Harvest, now: DateTime<Utc>) -> &'a mut HashMap<url::Url, Page> {
        if harvest.kept.is_none() && harvest.is_site {
            let kept = self.store.kept(&harvest.source, now).await.unwrap_or_else(|error| {
                tracing::warn!(source = %harvest.source, error = format!("{error:#}"), "{}", phrases::log_store_failed());
                HashMap::new()
            });
            harvest.seen.kept |= !kept.is_empty();
            harvest.kept = Some(kept);
        }
        harvest.kept.get_or_insert_default()
    }

    /// Keeps a page with those before it. Where that fails the visit goes on: nothing is lost but
    /// a second request, should it be killed.
    async fn keep(&self, visit: &Visit, page: &Page, harvest: &mut Harvest) {
        if !harvest.is_site || page.body.len() > LARGEST {
            return;
        }
        if harvest.unkept.is_empty() && !harvest.seen.kept {
            harvest.unkept_since = Instant::now();
        }
        harvest.unkept.push((visit.url.clone(), page.clone()));
        if harvest.unkept.len() < TOGETHER && harvest.unkept_since.elapsed() < LONGEST {
            return;
        }
        let pages = std::mem::take(&mut harvest.unkept);
        harvest.unkept_since = Instant::now();
        match self.store.keep(&harvest.source, &pages).await {
            Ok(()) => harvest.seen.kept = true,
            Err(error) => tracing::warn!(source = %harvest.source, error = format!("{error:#}"), "{}", phrases::log_store_failed()),
        }
    }
}
