//! From sites to the store: what is due is visited, what is new is saved together with what is
//! owed of it.

use std::collections::{HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::config::{EVERY, SourcePlan};
use crate::entry::{Entry, Slug};
use crate::fetch::{FetchError, Fetched, Fetcher};
use crate::metrics::Metrics;
use crate::outbox;
use crate::page::{Page, Validators};
use crate::phrases;
use crate::schedule::Clock;
use crate::source::{Reading, Source, Visit};
use crate::store::{Due, Poll, Saved, Store, Visited};
use crate::subscription::Subscription;

/// Sources visited at a time; requests to one host wait for each other in the fetcher.
const AT_ONCE: usize = 32;
/// How long a claim holds: longer than the longest poll.
const LEASE: TimeDelta = TimeDelta::minutes(30);
/// Further list pages followed when a whole page is new, so that a burst of news loses none.
const CATCH_UP: u32 = 5;
/// A failing source is visited at least this often.
const LONGEST_BACKOFF: Duration = Duration::from_secs(6 * 3600);
/// The longest that a page may take to be understood.
const READ_LIMIT: Duration = Duration::from_secs(10);
/// How long a source is left alone when its news could not be stored.
const STORE_REST: Duration = Duration::from_secs(30);
/// Problems told per poll.
const PROBLEMS: usize = 20;
const LONGEST_NAP: Duration = Duration::from_secs(5);

/// What the watcher needs.
pub struct Watch {
    /// Where the news goes.
    pub store: Arc<Store>,
    /// The one HTTP client.
    pub fetcher: Arc<Fetcher>,
    /// The time.
    pub clock: Clock,
    /// Every source, by name.
    pub sources: HashMap<Slug, SourcePlan>,
    /// The subscriptions that each source's entries go to.
    pub subscriptions: HashMap<Slug, Vec<Subscription>>,
    /// Rung when something was saved.
    pub bells: Vec<Arc<Notify>>,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// Told of each round as it ends.
    pub told: Arc<dyn Fn(&Round) + Send + Sync>,
}

/// What came of one round.
#[derive(Debug, Clone)]
pub struct Round {
    /// The source.
    pub source: Slug,
    /// What was stored.
    pub saved: Saved,
    /// Why it could not be read.
    pub cause: Option<String>,
    /// What could not be read of it.
    pub problems: Vec<String>,
    /// When it is visited next.
    pub next: DateTime<Utc>,
}

impl Watch {
    /// Visits what is due until stopped; a poll under way is given back.
    pub async fn run(self: &Arc<Self>, stop: &CancellationToken) {
        let mut polls: JoinSet<Option<Round>> = JoinSet::new();
        while !stop.is_cancelled() {
            let claimed = self.claim(AT_ONCE.saturating_sub(polls.len())).await;
            let none = claimed.is_empty();
            for due in claimed {
                let (this, stop) = (self.clone(), stop.clone());
                polls.spawn(async move { this.poll_or_release(&due, &stop).await });
            }
            let nap = if none { self.nap().await } else { Duration::from_millis(1) };
            tokio::select! {
                () = stop.cancelled() => {}
                Some(_) = polls.join_next() => {}
                () = tokio::time::sleep(nap) => {}
            }
        }
        while polls.join_next().await.is_some() {}
    }

    /// Visits every source that is due now, once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn once(self: &Arc<Self>, stop: &CancellationToken) -> Result<Vec<Round>> {
        let mut rounds = Vec::new();
        let mut polls: JoinSet<Result<Round>> = JoinSet::new();
        loop {
            let room = if stop.is_cancelled() { 0 } else { AT_ONCE.saturating_sub(polls.len()) };
            let claimed = if room > 0 { self.store.claim_sources((self.clock)(), LEASE, room).await? } else { Vec::new() };
            let none = claimed.is_empty();
            for due in claimed {
                let this = self.clone();
                polls.spawn(async move { this.poll(&due).await });
            }
            if polls.is_empty() && none {
                return Ok(rounds);
            }
            tokio::select! {
                Some(round) = polls.join_next() => rounds.push(round??),
                () = stop.cancelled() => return Ok(rounds),
            }
        }
    }

    async fn claim(&self, room: usize) -> Vec<Due> {
        if room == 0 {
            return Vec::new();
        }
        self.store.claim_sources((self.clock)(), LEASE, room).await.unwrap_or_else(|e| {
            tracing::error!(error = format!("{e:#}"), "{}", phrases::log_store_failed());
            Vec::new()
        })
    }

    async fn nap(&self) -> Duration {
        let next = self.store.next_visit().await.unwrap_or_default();
        let wait = next.map_or(LONGEST_NAP, |t| (t - (self.clock)()).to_std().unwrap_or_default());
        wait.clamp(Duration::from_millis(200), LONGEST_NAP)
    }

    async fn poll_or_release(&self, due: &Due, stop: &CancellationToken) -> Option<Round> {
        let round = tokio::select! {
            round = self.poll(due) => round,
            () = stop.cancelled() => Err(anyhow::anyhow!("stopped")),
        };
        let error = match round {
            Ok(round) => return Some(round),
            Err(error) => error,
        };
        if !stop.is_cancelled() {
            tracing::error!(source = %due.source, error = format!("{error:#}"), "{}", phrases::log_store_failed());
            // What was read could not be kept (a full disk, a database that restarts): the site is
            // not asked again at once.
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(STORE_REST) => {}
            }
        }
        if let Err(error) = self.store.release(due).await {
            tracing::error!(source = %due.source, error = format!("{error:#}"), "{}", phrases::log_store_failed());
        }
        None
    }

    /// One round of one source: fetch, read, follow what is unseen, save.
    async fn poll(&self, due: &Due) -> Result<Round> {
        let Some(plan) = self.sources.get(&due.source) else {
            self.store.release(due).await?;
            anyhow::bail!("no such source: {}", due.source);
        };
        let now = (self.clock)();
        let mut harvest = Harvest::default();
        let outcome = self.harvest(plan, due, &mut harvest, now).await?;
        let failed = matches!(outcome, Outcome::Failed { .. });
        let next = next_visit(plan, due, &outcome, now);
        let (visited, cause, label) = match outcome {
            Outcome::Read(validators) => {
                let validators = if harvest.missed { Validators::default() } else { validators };
                (Visited::Read { entries: harvest.entries, validators }, None, "read")
            }
            Outcome::Unchanged => (Visited::Unchanged, None, "unchanged"),
            Outcome::Failed { cause, .. } => (Visited::Failed { cause: cause.clone() }, Some(cause), "failed"),
        };
        harvest.problems.truncate(PROBLEMS);
        let subscriptions = self.subscriptions.get(&due.source).map(Vec::as_slice).unwrap_or_default();
        let poll = Poll { due, now, next, visited, problems: harvest.problems.clone(), subscriptions };
        let saved = self.store.save(&poll).await?;
        self.metrics.polled(due.source.as_str(), label, saved.new, saved.changed);
        if saved.new + saved.changed > 0 {
            self.bells.iter().for_each(|b| b.notify_one());
        }
        let round = Round { source: due.source.clone(), saved, cause, problems: harvest.problems, next };
        log(&round, failed);
        (self.told)(&round);
        Ok(round)
    }

    async fn harvest(&self, plan: &SourcePlan, due: &Due, harvest: &mut Harvest, now: DateTime<Utc>) -> Result<Outcome> {
        let mut outcome = Outcome::Unchanged;
        for visit in plan.source.start() {
            match self.listing(plan, due, &visit, harvest, now).await? {
                Outcome::Read(validators) => outcome = Outcome::Read(validators),
                Outcome::Unchanged => {}
                failed @ Outcome::Failed { .. } => return Ok(failed),
            }
        }
        Ok(outcome)
    }

    /// Reads a listing, its older pages as far as wanted, and the articles that are unseen.
    async fn listing(&self, plan: &SourcePlan, due: &Due, first: &Visit, harvest: &mut Harvest, now: DateTime<Utc>) -> Result<Outcome> {
        let mut followed = 0;
        let mut seen_pages = HashSet::new();
        let mut visit = first.clone();
        let mut validators = Validators::default();
        loop {
            let asked = if followed == 0 { due.validators.clone() } else { Validators::default() };
            let page = match self.fetcher.get(&visit.url, &asked, now).await {
                Ok(Fetched::NotModified) => return Ok(Outcome::Unchanged),
                Ok(Fetched::Page { page, .. }) => *page,
                Err(error) if followed > 0 => {
                    harvest.problem(&visit, &error.to_string());
                    return Ok(Outcome::Read(validators));
                }
                Err(error) => return Ok(Outcome::failed(error)),
            };
            if followed == 0 {
                validators = page.validators.clone();
            }
            let reading = read(&plan.source, &visit, page).await;
            let nothing = reading.entries.is_empty() && reading.next.is_empty();
            if nothing && followed == 0 && !reading.problems.is_empty() {
                let cause = reading.problems.first().map(|p| p.what.clone()).unwrap_or_default();
                return Ok(Outcome::Failed { after: None, cause });
            }
            let older = reading.next.iter().find(|v| v.guid.is_none()).cloned();
            let known_some = self.articles(plan, due, reading, harvest, now).await?;
            seen_pages.insert(visit.url.clone());
            let wanted = if due.first { followed < plan.backfill } else { !known_some && followed < CATCH_UP };
            match older.filter(|v| wanted && !seen_pages.contains(&v.url)) {
                Some(next) => visit = next,
                None => return Ok(Outcome::Read(validators)),
            }
            followed += 1;
        }
    }

    /// Takes entries that are whole and visits those that are not and are unseen. True when some were known.
    async fn articles(&self, plan: &SourcePlan, due: &Due, reading: Reading, harvest: &mut Harvest, now: DateTime<Utc>) -> Result<bool> {
        harvest.problems.extend(reading.problems.iter().map(|p| format!("{}: {}", p.url, p.what)));
        let visits: Vec<Visit> = reading.next.into_iter().filter(|v| v.guid.is_some()).collect();
        let guids: Vec<_> = visits.iter().filter_map(|v| v.guid.clone()).chain(reading.entries.iter().map(|e| e.guid.clone())).collect();
        let known = self.store.known(&due.source, &guids).await?;
        let unseen = |v: &&Visit| {
            v.guid.as_ref().is_some_and(|g| known.get(g).is_none_or(|version| v.hint.version.is_some() && *version != v.hint.version))
        };
        harvest.entries.extend(
            reading.entries.into_iter().filter(|e| known.get(&e.guid).is_none_or(|version| e.version.is_none() || *version != e.version)),
        );
        for visit in visits.iter().filter(unseen) {
            self.article(plan, visit, harvest, now).await;
        }
        Ok(!known.is_empty())
    }

    /// Reads one article. One that will not load stays unseen and is tried at the next poll.
    async fn article(&self, plan: &SourcePlan, visit: &Visit, harvest: &mut Harvest, now: DateTime<Utc>) {
        match self.fetcher.get(&visit.url, &Validators::default(), now).await {
            Ok(Fetched::Page { page, .. }) => {
                let reading = read(&plan.source, visit, *page).await;
                harvest.problems.extend(reading.problems.iter().map(|p| format!("{}: {}", p.url, p.what)));
                harvest.entries.extend(reading.entries);
            }
            Ok(Fetched::NotModified) => {}
            Err(error) => {
                harvest.missed = true;
                harvest.problem(visit, &error.to_string());
            }
        }
    }
}

#[derive(Default)]
struct Harvest {
    entries: Vec<Entry>,
    problems: Vec<String>,
    /// Something that the list names did not load: ask for the list again, changed or not.
    missed: bool,
}

impl Harvest {
    fn problem(&mut self, visit: &Visit, cause: &str) {
        self.problems.push(format!("{}: {cause}", visit.url));
    }
}

enum Outcome {
    Read(Validators),
    Unchanged,
    Failed { after: Option<Duration>, cause: String },
}

impl Outcome {
    fn failed(error: FetchError) -> Self {
        let after = if let FetchError::Later { after, .. } = &error { *after } else { None };
        Self::Failed { after, cause: error.to_string() }
    }
}

/// Reads a page on a blocking thread, within its time; what panics there becomes a problem.
pub async fn read(source: &Arc<dyn Source>, visit: &Visit, page: Page) -> Reading {
    let (source, asked) = (source.clone(), visit.clone());
    let work = tokio::task::spawn_blocking(move || std::panic::catch_unwind(AssertUnwindSafe(|| source.read(&asked, &page))));
    match tokio::time::timeout(READ_LIMIT, work).await {
        Ok(Ok(Ok(reading))) => reading,
        Ok(Ok(Err(_)) | Err(_)) => troubled(visit, phrases::page_broke_reader()),
        Err(_) => troubled(visit, phrases::page_too_slow()),
    }
}

fn troubled(visit: &Visit, what: String) -> Reading {
    let problem = crate::source::Problem { url: visit.url.clone(), guid: visit.guid.clone(), what };
    Reading { problems: vec![problem], ..Reading::default() }
}

fn next_visit(plan: &SourcePlan, due: &Due, outcome: &Outcome, now: DateTime<Utc>) -> DateTime<Utc> {
    let regular = plan
        .schedule
        .as_ref()
        .map_or_else(|| Some(now + TimeDelta::from_std(EVERY).unwrap_or_default()), |s| s.next_after(now))
        .unwrap_or(now + TimeDelta::days(1));
    let Outcome::Failed { after, .. } = outcome else { return regular };
    let backoff = outbox::backoff(due.failures + 1).min(LONGEST_BACKOFF);
    let failing_long = if due.failures > 3 { LONGEST_BACKOFF.min(EVERY * 2u32.saturating_pow(due.failures - 3)) } else { Duration::ZERO };
    let wait = backoff.max(after.unwrap_or_default()).max(failing_long);
    regular.max(now + TimeDelta::from_std(wait).unwrap_or_default())
}

fn log(round: &Round, failed: bool) {
    let Saved { new, changed, owed } = round.saved;
    let source = round.source.as_str();
    for problem in &round.problems {
        tracing::warn!(source, problem, "{}", phrases::log_problem());
    }
    if failed {
        tracing::warn!(source, cause = round.cause.as_deref().unwrap_or_default(), next = %round.next, "{}", phrases::log_poll_failed());
    } else if new + changed > 0 {
        tracing::info!(source, new, changed, owed, "{}", phrases::log_polled());
    } else {
        tracing::debug!(source, "{}", phrases::log_polled());
    }
}
