//! Known articles looked at again: corrections, and pages that are gone.

use anyhow::Result;
use chrono::{DateTime, Utc};
use url::Url;

use crate::config::SourcePlan;
use crate::entry::Entry;
use crate::fetch::{FetchError, Fetched};
use crate::page::{Page, Validators};
use crate::phrases;
use crate::source::{Hint, Visit, names_home};
use crate::store::{Again, Due};
use crate::text;

use super::Watch;
use super::harvest::Harvest;

/// How many pages are looked at again in one round.
const AT_ONCE: usize = 5;
/// A page with another title and less than this share of the text is not a correction.
const SHRUNK: usize = 4;

impl Watch {
    /// Looks at pages whose time has come, and at those that the list should name and does not.
    pub(super) async fn look_again(&self, plan: &SourcePlan, due: &Due, harvest: &mut Harvest, now: DateTime<Utc>) -> Result<()> {
        if plan.is_folder() {
            return Ok(());
        }
        let mut wanted = match harvest.seen.listed.as_ref().filter(|_| !due.first) {
            Some(listed) => self.store.unlisted(&due.source, listed, now).await?,
            None => Vec::new(),
        };
        let others = due.again.iter().filter(|one| wanted.iter().all(|other| other.guid != one.guid)).cloned().collect::<Vec<_>>();
        wanted.extend(others);
        for one in wanted.iter().take(AT_ONCE) {
            self.look_at(plan, one, harvest, now).await;
        }
        if !harvest.seen.gone.is_empty() && !harvest.loaded && !self.answers(harvest, now).await {
            // A site that answers 404 to everything has lost itself, not its articles.
            harvest.seen.gone.clear();
            harvest.problems.push(phrases::site_lost_articles());
        }
        // Whether the list still names it must be known next time.
        harvest.missed |= !harvest.seen.gone.is_empty();
        Ok(())
    }

    async fn look_at(&self, plan: &SourcePlan, one: &Again, harvest: &mut Harvest, now: DateTime<Utc>) {
        let visit = visit(one);
        match self.fetcher.get(&one.url, &one.validators, now).await {
            Ok(Fetched::NotModified) => {
                harvest.loaded = true;
                harvest.seen.unchanged.push(one.guid.clone());
            }
            Ok(Fetched::Page { page, .. }) if leads_home(plan, &visit, &page) => harvest.seen.gone.push(one.guid.clone()),
            Ok(Fetched::Page { page, .. }) => self.reread(one, &visit, *page, harvest).await,
            // A site that wants hours between two requests is not asked for what is known.
            Err(FetchError::Rests { .. }) => {}
            Err(error) if is_gone(&error) => harvest.seen.gone.push(one.guid.clone()),
            Err(error) => harvest.problem(&visit.url, &error.to_string()),
        }
    }

    async fn reread(&self, one: &Again, visit: &Visit, page: Page, harvest: &mut Harvest) {
        let reading = self.read_article(visit, page, harvest).await;
        for entry in reading.entries {
            if is_another(one, &entry) {
                harvest.problem(&visit.url, &phrases::page_became_another(&one.title, &entry.title));
                harvest.seen.pages.remove(&entry.guid);
            } else {
                harvest.seen.corrected.push(entry);
            }
        }
    }

    /// Whether the site still has a page for an article that its list names.
    async fn answers(&self, harvest: &Harvest, now: DateTime<Utc>) -> bool {
        let Some(control) = &harvest.control else { return false };
        self.fetcher.get(&control.url, &Validators::default(), now).await.is_ok()
    }
}

fn visit(one: &Again) -> Visit {
    let hint =
        Hint { title: Some(one.title.clone()), published: one.published, summary: one.summary.clone(), version: one.version.clone() };
    Visit { url: one.url.clone(), guid: Some(one.guid.clone()), hint }
}

const fn is_gone(error: &FetchError) -> bool {
    match error {
        FetchError::Gone { .. } => true,
        FetchError::Refused { status, .. } => matches!(status, Some(404)),
        FetchError::Later { .. } | FetchError::Rests { .. } | FetchError::TooBig { .. } => false,
    }
}

/// Whether an article's address now leads to the front page or the list, or names the front page
/// as its own address.
fn leads_home(plan: &SourcePlan, visit: &Visit, page: &Page) -> bool {
    let is_list = |url: &Url| plan.source.start().iter().any(|list| list.url == *url);
    let was_article = visit.url.path().len() > 1 && !is_list(&visit.url);
    was_article && (page.url.path().len() <= 1 && page.url.query().is_none() || is_list(&page.url) || names_home(page))
}

/// Whether a page now says something else altogether: an error page, another article.
fn is_another(one: &Again, entry: &Entry) -> bool {
    let weight = usize::try_from(one.weight).unwrap_or_default();
    text::fold(&entry.title) != text::fold(&one.title) && entry.content_html.chars().count() * SHRUNK < weight
}
