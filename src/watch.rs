//! From sites to the store: what is due is visited, what is new is saved together with what is
//! owed of it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::config::SourcePlan;
use crate::entry::Slug;
use crate::fetch::Fetcher;
use crate::incident::{Office, Subject, Word};
use crate::metrics::Metrics;
use crate::page::Validators;
use crate::phrases;
use crate::schedule::Clock;
use crate::store::{Due, Poll, Report, Saved, Seen, Store, Visited, Woe};
use crate::subscription::Subscription;

mod again;
mod eyes;
mod files;
mod harvest;
mod heal;
mod keep;
mod next;
mod queue;
mod read;
mod slow;
mod tell;

pub use eyes::Taught;
pub use read::read;

use harvest::{Harvest, Outcome};
use queue::{Queue, Visiting};

/// Sources visited at a time; requests to one host wait for each other in the fetcher.
const AT_ONCE: usize = 32;
/// How long a claim holds unless it is renewed, which happens four times in that time.
const LEASE: TimeDelta = TimeDelta::minutes(2);
/// No more is claimed while so many wait for their hosts.
const WAITING: usize = 1024;
/// Sources claimed at a time: those that wait for their turn cost one claim together.
const CLAIMED: usize = 256;
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
    /// The feeds that each source's entries are in.
    pub feeds: HashMap<Slug, Vec<Slug>>,
    /// Rung when something was saved.
    pub bells: Vec<Arc<Notify>>,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// Where the admin hears of incidents by message.
    pub office: Option<Office>,
    /// Sources as what they learned made them.
    pub taught: Taught,
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
        let (mut queue, mut woe) = (self.queue(), Woe::default());
        while !stop.is_cancelled() {
            let mut rest = None;
            if polls.len() < AT_ONCE {
                rest = self.claim(&mut queue, &mut woe).await;
            }
            while let Some((due, visiting)) = next_of(&mut queue, polls.len()) {
                let (this, stop) = (self.clone(), stop.clone());
                polls.spawn(async move {
                    let round = this.poll_or_release(&due, &stop).await;
                    drop(visiting);
                    round
                });
            }
            self.renew(&mut queue).await;
            let nap = match rest {
                Some(rest) => rest,
                None if queue.len() == 0 => self.nap().await,
                None => LONGEST_NAP,
            };
            tokio::select! {
                () = stop.cancelled() => {}
                Some(_) = polls.join_next() => {}
                () = tokio::time::sleep(nap) => {}
            }
        }
        for due in queue.drain() {
            self.release(&due).await;
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
        let mut queue = self.queue();
        while !stop.is_cancelled() {
            if polls.len() < AT_ONCE && queue.wants_more(WAITING) {
                queue.extend(self.with_hosts(self.store.claim_sources((self.clock)(), LEASE, CLAIMED).await?));
            }
            while let Some((due, visiting)) = next_of(&mut queue, polls.len()) {
                let this = self.clone();
                polls.spawn(async move {
                    let round = this.poll(&due).await;
                    drop(visiting);
                    round
                });
            }
            self.renew(&mut queue).await;
            tokio::select! {
                round = polls.join_next() => match round {
                    Some(round) => rounds.push(round??),
                    None => break,
                },
                () = tokio::time::sleep(LONGEST_NAP) => {}
                () = stop.cancelled() => {}
            }
        }
        for due in queue.drain() {
            self.store.release(&due).await?;
        }
        Ok(rounds)
    }

    /// With a pause between two pages, requests to one host only wait for each other; more visits
    /// than two would hold places that other hosts need.
    fn queue(&self) -> Queue {
        Queue::new(if self.fetcher.pause().is_zero() { AT_ONCE * 3 / 4 } else { 2 })
    }

    /// Takes sources that are due, where none that waits can be visited now; how long to wait where
    /// the database fails.
    async fn claim(&self, queue: &mut Queue, woe: &mut Woe) -> Option<Duration> {
        if !queue.wants_more(WAITING) {
            return None;
        }
        match self.store.claim_sources((self.clock)(), LEASE, CLAIMED).await {
            Ok(claimed) => {
                woe.over("watch");
                queue.extend(self.with_hosts(claimed));
                None
            }
            Err(e) => Some(woe.failed("watch", &e)),
        }
    }

    fn with_hosts(&self, claimed: Vec<Due>) -> Vec<(String, Due)> {
        let host = |due: &Due| {
            let first = self.sources.get(&due.source)?.source.start().into_iter().next()?;
            Some(format!("{}:{}", first.url.host_str()?, first.url.port_or_known_default()?))
        };
        claimed.into_iter().map(|due| (host(&due).unwrap_or_default(), due)).collect()
    }

    /// Holds on what is claimed: a lease is short, so that what a killed daemon held is soon visited
    /// by another.
    async fn renew(&self, queue: &mut Queue) {
        let now = (self.clock)();
        let Some(leases) = queue.renewable(LEASE / 4, now) else { return };
        match self.store.renew(&leases, now + LEASE).await {
            Ok(held) => queue.held(held),
            Err(e) => tracing::error!(error = format!("{e:#}"), "{}", phrases::log_store_failed()),
        }
    }

    async fn nap(&self) -> Duration {
        if let Err(e) = self.store.heal_visits((self.clock)()).await {
            tracing::error!(error = format!("{e:#}"), "{}", phrases::log_store_failed());
        }
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
        self.release(due).await;
        None
    }

    async fn release(&self, due: &Due) {
        if let Err(error) = self.store.release(due).await {
            tracing::error!(source = %due.source, error = format!("{error:#}"), "{}", phrases::log_store_failed());
        }
    }

    /// One round of one source: fetch, read, follow what is unseen, save.
    async fn poll(&self, due: &Due) -> Result<Round> {
        let Some(plan) = self.sources.get(&due.source) else {
            self.store.release(due).await?;
            anyhow::bail!("no such source: {}", due.source);
        };
        let now = (self.clock)();
        let taught = due.recipe.as_ref().and_then(|recipe| self.taught.by(&due.source, &plan.source, recipe));
        let mut harvest = Harvest::new(plan, taught);
        let mut outcome = self.harvest(plan, due, &mut harvest, now).await?;
        if harvest.rest.is_none() && !matches!(outcome, Outcome::Failed { .. }) {
            self.look_again(plan, due, &mut harvest, now).await?;
            if let Some(held) = self.reflect(plan, due, &mut harvest, now).await? {
                // Nothing that was read is believed.
                harvest.seen = Seen { moved: harvest.seen.moved, kept: harvest.seen.kept, ..Seen::default() };
                outcome = held;
            } else {
                self.ask_files(due, &mut harvest, now).await?;
            }
        }
        if let Some(rest) = harvest.rest.take() {
            outcome = self.go_on_later(due, rest, &mut harvest).await;
        }
        harvest.seen.rests = self.rests_until(plan, due, &harvest);
        let mut words = tell::incidents(due, &outcome, &mut harvest, now);
        words.extend(tell::moved(due, &plan.address(), &mut harvest, now));
        let next = next::next_visit(plan, due, &outcome, now).max(harvest.seen.rests.unwrap_or(now));
        let round = self.store_round(due, outcome, (harvest, words), next).await?;
        tell::log(&round);
        (self.told)(&round);
        Ok(round)
    }

    /// Stores what a round brought, and rings whoever waits for it.
    async fn store_round(&self, due: &Due, outcome: Outcome, (harvest, words): (Harvest, Vec<Word>), next: DateTime<Utc>) -> Result<Round> {
        // A visit may have taken minutes; what it owes is owed from its commit on.
        let now = (self.clock)();
        let forgotten = harvest.missed;
        let (visited, cause, label) = match outcome {
            Outcome::Read(validators) => {
                let validators = if forgotten { Validators::default() } else { validators };
                (Visited::Read { entries: harvest.entries, validators }, None, "read")
            }
            Outcome::Unchanged => (Visited::Unchanged, None, "unchanged"),
            Outcome::Resting(_) => (Visited::Resting, None, "resting"),
            Outcome::Failed { cause, .. } => (Visited::Failed { cause: cause.clone() }, Some(cause), "failed"),
        };
        let mut problems = harvest.problems;
        problems.truncate(PROBLEMS);
        let subscriptions = self.subscriptions.get(&due.source).map(Vec::as_slice).unwrap_or_default();
        let feeds = self.feeds.get(&due.source).map(Vec::as_slice).unwrap_or_default();
        let subject = self.subject(&due.source);
        let report = Some(Report { subject: &subject, office: self.office.as_ref() });
        let poll = Poll { due, now, next, visited, problems, subscriptions, feeds, seen: harvest.seen, words, report };
        let saved = self.store.save(&poll).await?;
        self.metrics.polled(due.source.as_str(), label, &saved);
        if saved.touches_feeds() || !saved.words.is_empty() {
            self.bells.iter().for_each(|b| b.notify_one());
        }
        Ok(Round { source: due.source.clone(), saved, cause, problems: poll.problems, next })
    }
}

impl Watch {
    /// A source as the admin hears of it.
    fn subject(&self, source: &Slug) -> Subject {
        let plan = self.sources.get(source);
        let title = plan.map_or_else(|| source.to_string(), |plan| plan.title.clone());
        Subject { key: source.to_string(), title, url: plan.and_then(|plan| plan.home()) }
    }
}

/// The next source to visit, where there is a place for it.
fn next_of(queue: &mut Queue, under_way: usize) -> Option<(Due, Visiting)> {
    if under_way < AT_ONCE { queue.take() } else { None }
}
