//! Articles' pages are kept as they come, so that a visit that is killed midway costs its site
//! nothing twice; lists as well, and what did not come, where a visit goes on after a rest.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use crate::fetch::{FetchError, Fetched};
use crate::page::{Page, Validators};
use crate::phrases;
use crate::source::Visit;
use crate::store::{Due, Kept};

use super::Watch;
use super::harvest::Harvest;

/// So many pages share a commit where they come fast.
const TOGETHER: usize = 5;
/// No page waits longer than this for its commit, once the next has come.
const LONGEST: Duration = Duration::from_secs(1);
/// A larger page is not kept, in bytes, unless it would cost another rest.
const LARGEST: usize = 1 << 20;

impl Watch {
    /// The page of an article: as an earlier visit kept it, else fetched.
    pub(super) async fn article_page(&self, visit: &Visit, harvest: &mut Harvest, now: DateTime<Utc>) -> Result<Option<Page>, FetchError> {
        if let Some(kept) = self.left_behind(harvest, now).await.remove(&visit.url) {
            return kept.map(Some).map_err(FetchError::later);
        }
        match self.fetcher.get(&visit.url, &Validators::default(), now).await {
            Ok(Fetched::Page { page, .. }) => {
                self.keep(visit, Ok((*page).clone()), harvest).await;
                Ok(Some(*page))
            }
            Ok(Fetched::NotModified) => Ok(None),
            Err(error) => {
                // The visit that goes on asks for what comes next, not for this again.
                if !matches!(error, FetchError::Rests { .. }) && self.fetcher.rest(&visit.url).is_some() {
                    self.keep(visit, Err(error.to_string()), harvest).await;
                }
                Err(error)
            }
        }
    }

    /// A page of a list: as the visit that goes on has it, else fetched.
    pub(super) async fn list_page(
        &self,
        due: &Due,
        visit: &Visit,
        asked: &Validators,
        harvest: &mut Harvest,
        now: DateTime<Utc>,
    ) -> Result<Fetched, FetchError> {
        if due.rested
            && let Some(kept) = self.left_behind(harvest, now).await.remove(&visit.url)
        {
            return kept.map(|page| Fetched::Page { page: Box::new(page), moved: None }).map_err(FetchError::later);
        }
        let fetched = self.fetcher.get(&visit.url, asked, now).await?;
        if let Fetched::Page { page, .. } = &fetched
            && self.fetcher.rest(&visit.url).is_some()
        {
            self.keep(visit, Ok((**page).clone()), harvest).await;
        }
        Ok(fetched)
    }

    /// What an earlier visit kept and did not come to save.
    async fn left_behind<'a>(&self, harvest: &'a mut Harvest, now: DateTime<Utc>) -> &'a mut HashMap<url::Url, Kept> {
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
    async fn keep(&self, visit: &Visit, kept: Kept, harvest: &mut Harvest) {
        let large = kept.as_ref().is_ok_and(|page| page.body.len() > LARGEST);
        if !harvest.is_site || large && self.fetcher.rest(&visit.url).is_none() {
            return;
        }
        if harvest.unkept.is_empty() && !harvest.seen.kept {
            harvest.unkept_since = Instant::now();
        }
        harvest.unkept.push((visit.url.clone(), kept));
        if harvest.unkept.len() >= TOGETHER || harvest.unkept_since.elapsed() >= LONGEST {
            self.keep_all(harvest).await;
        }
    }

    /// Keeps what is not kept yet.
    pub(super) async fn keep_all(&self, harvest: &mut Harvest) {
        let pages = std::mem::take(&mut harvest.unkept);
        harvest.unkept_since = Instant::now();
        match self.store.keep(&harvest.source, &pages, (self.clock)()).await {
            Ok(()) => harvest.seen.kept = true,
            Err(error) => tracing::warn!(source = %harvest.source, error = format!("{error:#}"), "{}", phrases::log_store_failed()),
        }
    }
}
