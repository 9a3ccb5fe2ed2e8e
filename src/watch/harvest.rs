//! One round of one source up to the moment it is stored: the list, its older pages as far as
//! wanted, and the articles that are unseen.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;
use url::Url;

use crate::config::SourcePlan;
use crate::entry::{Entry, Guid, Slug};
use crate::fetch::{FetchError, Fetched};
use crate::judge;
use crate::page::{Page, Validators};
use crate::phrases;
use crate::source::{Reading, Source, Visit, same_article_key};
use crate::store::{Asked, Due, Kept, Known, Seen};
use crate::text;

use super::Watch;
use super::eyes::Eyes;
use super::slow::Resting;

/// Further list pages followed when a whole page is new, so that a burst of news loses none.
const CATCH_UP: u32 = 5;
/// A list is read whole at least this often, whatever its server says of changes.
const WHOLE: TimeDelta = TimeDelta::hours(24);

/// What a round has brought so far.
pub(super) struct Harvest {
    pub(super) source: Slug,
    pub(super) eyes: Eyes,
    /// Not a folder on this machine.
    pub(super) is_site: bool,
    pub(super) entries: Vec<Entry>,
    pub(super) problems: Vec<String>,
    /// Something that the list names did not load: ask for the list again, changed or not.
    pub(super) missed: bool,
    /// An article's page came: the site answers.
    pub(super) loaded: bool,
    /// A known article that the list names, to ask whether the site answers at all.
    pub(super) control: Option<Visit>,
    /// Articles whose pages were asked for.
    visited: HashSet<Guid>,
    /// What the first list page names.
    pub(super) first_page: HashSet<Guid>,
    /// The recipe no longer held, and another reading agreed with what is known.
    pub(super) healed: Option<Held>,
    pub(super) seen: Seen,
    /// Pages that an earlier visit left, once they were asked for.
    pub(super) kept: Option<HashMap<Url, Kept>>,
    /// Pages that are not kept yet, and since when.
    pub(super) unkept: Vec<(Url, Kept)>,
    pub(super) unkept_since: Instant,
    /// Where the list was found.
    pub(super) list: Option<Url>,
    /// The list's site wants no further request: the visit goes on later.
    pub(super) rest: Option<Resting>,
}

/// What a page was, and what it is.
pub(super) struct Held {
    pub(super) before: String,
    pub(super) after: String,
}

impl Harvest {
    pub(super) fn new(plan: &SourcePlan, taught: Option<Arc<dyn Source>>) -> Self {
        Self {
            source: plan.slug.clone(),
            eyes: Eyes::new(&plan.source, taught),
            is_site: !plan.is_folder(),
            entries: Vec::new(),
            problems: Vec::new(),
            missed: false,
            loaded: false,
            control: None,
            visited: HashSet::new(),
            first_page: HashSet::new(),
            healed: None,
            seen: Seen::default(),
            kept: None,
            unkept: Vec::new(),
            unkept_since: Instant::now(),
            list: None,
            rest: None,
        }
    }

    pub(super) fn problem(&mut self, url: &Url, cause: &str) {
        self.problems.push(format!("{}: {cause}", text::shown(url)));
    }

    fn problems_of(&mut self, reading: &Reading) {
        reading.problems.iter().for_each(|p| self.problem(&p.url, &p.what));
    }
}

/// How the list fared.
pub(super) enum Outcome {
    Read(Validators),
    Unchanged,
    /// There is more to be asked for than the site wants now.
    Resting(Resting),
    Failed {
        after: Option<Duration>,
        /// The server says that the list is gone for good.
        gone: bool,
        /// It was read, and nothing of it agrees with what is known.
        held: Option<Held>,
        cause: String,
    },
}

impl Outcome {
    fn failed(error: &FetchError) -> Self {
        let after = if let FetchError::Later { after, .. } = error { *after } else { None };
        Self::Failed { after, gone: matches!(error, FetchError::Gone { .. }), held: None, cause: error.to_string() }
    }

    pub(super) fn held(held: Held) -> Self {
        Self::Failed { after: None, gone: false, held: Some(held), cause: phrases::incident_held() }
    }
}

impl Watch {
    /// Reads the source's lists and what they name.
    pub(super) async fn harvest(&self, plan: &SourcePlan, due: &Due, harvest: &mut Harvest, now: DateTime<Utc>) -> Result<Outcome> {
        let mut outcome = Outcome::Unchanged;
        let starts = plan.source.start();
        for visit in &starts {
            if harvest.rest.is_some() {
                break;
            }
            match self.listing(plan, due, visit, harvest, now).await? {
                Outcome::Read(validators) => outcome = Outcome::Read(validators),
                Outcome::Unchanged | Outcome::Resting(_) => {}
                failed @ Outcome::Failed { .. } => return Ok(failed),
            }
        }
        if starts.len() > 1 {
            // One address cannot stand for several lists.
            harvest.seen.moved = None;
        }
        Ok(outcome)
    }

    /// Asks for the list, first where it has moved to. An address that no longer holds is
    /// forgotten, and the one in the config asked.
    async fn first_page(&self, due: &Due, visit: &mut Visit, harvest: &mut Harvest, now: DateTime<Utc>) -> Result<Fetched, FetchError> {
        let configured = visit.url.clone();
        let stale = due.whole.is_none_or(|at| now - at >= WHOLE) || due.again.iter().any(|one| one.missing.is_some());
        let asked = if stale { Validators::default() } else { due.validators.clone() };
        if let Some(moved) = &due.moved {
            visit.url = moved.clone();
            match self.list_page(due, visit, &asked, harvest, now).await {
                Ok(fetched) => {
                    harvest.seen.moved = Some(moved_to(&fetched, moved).unwrap_or_else(|| moved.clone()));
                    return Ok(fetched);
                }
                rests @ Err(FetchError::Rests { .. }) => return rests,
                Err(_) => {}
            }
            visit.url = configured;
            return self.list_page(due, visit, &Validators::default(), harvest, now).await;
        }
        let fetched = self.list_page(due, visit, &asked, harvest, now).await?;
        harvest.seen.moved = moved_to(&fetched, &configured);
        Ok(fetched)
    }

    /// Reads a listing, its older pages as far as wanted, and the articles that are unseen.
    async fn listing(&self, plan: &SourcePlan, due: &Due, first: &Visit, harvest: &mut Harvest, now: DateTime<Utc>) -> Result<Outcome> {
        let mut visit = first.clone();
        let page = match self.first_page(due, &mut visit, harvest, now).await {
            Ok(Fetched::NotModified) => return Ok(Outcome::Unchanged),
            Ok(Fetched::Page { page, .. }) => *page,
            Err(FetchError::Rests { rest, .. }) => {
                harvest.rest = Some(Resting::at(&visit.url, rest));
                return Ok(Outcome::Unchanged);
            }
            Err(error) => return Ok(Outcome::failed(&error)),
        };
        harvest.list.get_or_insert_with(|| page.url.clone());
        let validators = page.validators.clone();
        let reading = match self.read_list(due, &visit, page, harvest).await? {
            Ok(reading) => reading,
            Err(held) => return Ok(Outcome::held(held)),
        };
        if reading.entries.is_empty() && reading.next.is_empty() && !reading.problems.is_empty() {
            let cause = reading.problems.first().map(|p| p.what.clone()).unwrap_or_default();
            return Ok(Outcome::Failed { after: None, gone: false, held: None, cause });
        }
        harvest.first_page = reading.next.iter().filter_map(|v| v.guid.clone()).collect();
        harvest.seen.on_first_page = judge::count(&reading);
        self.older(plan, due, (visit, reading), harvest, now).await?;
        Ok(Outcome::Read(validators))
    }

    /// Takes a list page and goes on to older ones as far as wanted.
    async fn older(
        &self,
        plan: &SourcePlan,
        due: &Due,
        (mut visit, mut reading): (Visit, Reading),
        harvest: &mut Harvest,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let mut seen_pages = HashSet::new();
        for followed in 0.. {
            let further = reading.next.iter().find(|v| v.guid.is_none()).cloned();
            if followed > 0 && !due.first && self.is_archive(due, &reading).await? {
                break;
            }
            let known_some = self.articles(due, reading, harvest, now).await?;
            seen_pages.insert(visit.url.clone());
            let wanted = if due.first { followed < plan.backfill } else { !known_some && followed < CATCH_UP };
            let wanted = wanted && harvest.rest.is_none();
            let Some(next) = further.filter(|v| wanted && !seen_pages.contains(&v.url)) else { break };
            visit = next;
            match self.list_page(due, &visit, &Validators::default(), harvest, now).await {
                Ok(Fetched::Page { page, .. }) => reading = harvest.eyes.both(&visit, *page, |_| true).await.0,
                Ok(Fetched::NotModified) => break,
                Err(FetchError::Rests { rest, .. }) if harvest.waits_for(&visit.url) => {
                    harvest.rest = Some(Resting::at(&visit.url, rest));
                    break;
                }
                Err(error) => {
                    harvest.problem(&visit.url, &error.to_string());
                    break;
                }
            }
        }
        Ok(())
    }

    /// Whether all that a list page dates is older than all that is known: an archive that was dug
    /// out, where nothing known will follow.
    async fn is_archive(&self, due: &Due, reading: &Reading) -> Result<bool> {
        let Some(newest) = newest(reading).filter(|newest| due.last_ok.is_some_and(|last| *newest < last)) else { return Ok(false) };
        Ok(self.store.oldest(&due.source).await?.is_some_and(|oldest| newest < oldest))
    }

    /// Takes entries that are whole and visits those that are not and are unseen. True when some were known.
    async fn articles(&self, due: &Due, reading: Reading, harvest: &mut Harvest, now: DateTime<Utc>) -> Result<bool> {
        harvest.problems_of(&reading);
        let visits: Vec<Visit> = reading.next.into_iter().filter(|v| v.guid.is_some()).collect();
        let whole = reading.entries.iter().map(|e| Asked { guid: e.guid.clone(), key: None });
        let asked: Vec<Asked> = visits.iter().filter_map(asked).chain(whole).collect();
        let known = self.store.known(&due.source, &asked).await?;
        harvest.note(&asked, &known, &visits);
        harvest.entries.extend(reading.entries.into_iter().filter(|e| is_wanted(known.get(&e.guid), e.version.as_ref())));
        let unseen = |v: &&Visit| {
            v.guid.as_ref().is_some_and(|g| match known.get(g) {
                None => true,
                Some(known) => known.withdrawn || v.hint.version.is_some() && known.version != v.hint.version,
            })
        };
        for visit in visits.iter().filter(unseen) {
            if harvest.rest.is_some() {
                break;
            }
            // Sidebars name the same articles on every list page.
            let first = visit.guid.clone().is_none_or(|guid| harvest.visited.insert(guid));
            if !first {
                continue;
            }
            self.article(visit, harvest, now).await;
        }
        Ok(!known.is_empty())
    }

    /// Reads one article. One that will not load stays unseen and is tried at the next poll.
    pub(super) async fn article(&self, visit: &Visit, harvest: &mut Harvest, now: DateTime<Utc>) {
        match self.article_page(visit, harvest, now).await {
            Ok(Some(page)) => {
                let reading = self.read_article(visit, page, harvest).await;
                harvest.entries.extend(reading.entries);
            }
            Ok(None) => {}
            Err(FetchError::Rests { rest, .. }) if harvest.waits_for(&visit.url) => harvest.rest = Some(Resting::at(&visit.url, rest)),
            Err(error) => {
                harvest.missed = true;
                harvest.problem(&visit.url, &error.to_string());
            }
        }
    }

    /// Reads an article's page and notes what to ask for it again with.
    pub(super) async fn read_article(&self, visit: &Visit, page: Page, harvest: &mut Harvest) -> Reading {
        let validators = page.validators.clone();
        let reading = self.read_page(visit, page, harvest).await;
        harvest.problems_of(&reading);
        if harvest.is_site {
            harvest.loaded |= !reading.entries.is_empty();
            harvest.seen.pages.extend(reading.entries.iter().map(|e| (e.guid.clone(), validators.clone())));
        }
        reading
    }
}

impl Harvest {
    /// Notes what a list names, and what of it is known.
    fn note(&mut self, asked: &[Asked], known: &HashMap<Guid, Known>, visits: &[Visit]) {
        if !self.is_site {
            return;
        }
        self.seen.named += asked.len();
        self.seen.listed.get_or_insert_default().extend(known.values().map(|k| k.guid.clone()));
        let living = |v: &&Visit| v.guid.as_ref().and_then(|g| known.get(g)).is_some_and(|k| !k.withdrawn);
        self.control = self.control.take().or_else(|| visits.iter().find(living).cloned());
    }
}

/// Whether an entry that came whole is to be stored: new, given again, or in another version.
fn is_wanted(known: Option<&Known>, version: Option<&String>) -> bool {
    known.is_none_or(|known| known.withdrawn || version.is_none() || known.version.as_ref() != version)
}

/// Other addresses of the same page make the same article where an address is all that tells
/// articles apart; a feed with ids of its own may give all of them one address.
fn asked(visit: &Visit) -> Option<Asked> {
    let guid = visit.guid.clone()?;
    let key = (guid.as_str() == visit.url.as_str()).then(|| same_article_key(&visit.url));
    Some(Asked { guid, key })
}

/// The newest date that a list page gives.
fn newest(reading: &Reading) -> Option<DateTime<Utc>> {
    let dates = reading.next.iter().filter_map(|v| v.hint.published).chain(reading.entries.iter().filter_map(|e| e.published));
    dates.max().map(|newest| newest.to_utc())
}

/// Where a list has moved for good. A site that sends its list to the front page has only lost it.
fn moved_to(fetched: &Fetched, asked: &Url) -> Option<Url> {
    let Fetched::Page { moved, .. } = fetched else { return None };
    moved.clone().filter(|to| to.path().len() > 1 || asked.path().len() <= 1)
}
