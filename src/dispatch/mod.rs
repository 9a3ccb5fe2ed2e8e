//! From the outbox to people: what is due is claimed, sent one message at a time per address, and
//! settled. Each channel has a loop of its own, so none delays another.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::channel::budget::Allowance;
use crate::channel::{Message, Notice, Noticed, SendError};
use crate::correction::{self, Corrections};
use crate::entry::{Guid, Slug};
use crate::incident::Office;
use crate::metrics::Metrics;
use crate::outbox::{Sent, Verdict};
use crate::phrases::{self, Language};
use crate::schedule::{Clock, Quiet};
use crate::store::{Batch, Claimed, Corrected, Settled, Store, Stored, Woe};
use crate::subscription::Address;

mod amend;
mod budget;
mod fan_out;
mod flight;
mod hush;
mod layouts;
mod leases;
mod line;
mod rests;
mod second;
mod sober;
mod trouble;
mod verdict;

use flight::{Flight, Ticket};
pub use layouts::Layouts;
pub use line::Line;
use second::Looked;
use sober::ClockWatch;
use trouble::Noted;

/// How long a claim holds: longer than the longest send.
const LEASE: TimeDelta = TimeDelta::seconds(120);
/// The longest that one send may take.
const SEND_LIMIT: Duration = Duration::from_secs(60);
/// So long a round waits beyond its time for what is under way, as a daemon does that is stopped.
const GRACE: TimeDelta = TimeDelta::seconds(10);
/// The outbox is looked at again at least this often: another process may have written to it.
const LONGEST_NAP: Duration = Duration::from_secs(2);

/// What every channel's loop needs.
pub struct Dispatch {
    /// The outbox.
    pub store: Arc<Store>,
    /// The time.
    pub clock: Clock,
    /// Titles of feeds and sources, by name.
    pub titles: HashMap<Slug, String>,
    /// The address of this server, for entries that have no page elsewhere.
    pub base: Url,
    /// The language of fixed words.
    pub language: Language,
    /// The zone that times are shown in.
    pub zone: Tz,
    /// When addresses are left in peace, by the subscriptions of the config.
    pub quiet: HashMap<(Slug, Address), Quiet>,
    /// News that says one of these leaves at once, whatever the hours that people chose.
    pub urgent: Vec<String>,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// Messages that were laid out lately.
    pub layouts: Layouts,
    /// Where the admin hears of channels that are in trouble.
    pub office: Option<Office>,
    /// Rung for a channel when something is owed on it, by its name.
    pub bells: HashMap<String, Arc<Notify>>,
    /// How often something went by a second way.
    pub diverted: AtomicUsize,
}

/// How entries are laid out.
struct Shape<'a> {
    feed: &'a Slug,
    digest: bool,
    silent: bool,
    urgent: bool,
}

/// When a channel's loop ends by itself.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    /// Never: only when stopped.
    Stopped,
    /// When nothing more can leave before this time (`once`).
    Idle(DateTime<Utc>),
}

impl Dispatch {
    /// Sends what is due on one channel until stopped; sends under way are finished and settled.
    pub async fn run(self: &Arc<Self>, line: &Arc<Line>, until: Until, stop: &CancellationToken) {
        let mut flight = Flight::default();
        let (mut watch, mut looked) = (ClockWatch::default(), Looked::default());
        self.remember(line).await;
        self.recall(line).await;
        let (mut noted, mut woe) = (Noted::default(), Woe::default());
        while !stop.is_cancelled() {
            let now = (self.clock)();
            self.stay_sober(line, watch.look(now, Instant::now()), now).await;
            if looked.is_time(Instant::now()) {
                self.note_troubles(line, &mut noted, now).await;
                self.second_ways(line, now).await;
            }
            if matches!(until, Until::Idle(end) if now > end + GRACE) && !flight.is_empty() {
                // Its intent is committed: the next round looks into what became of it.
                tracing::warn!(channel = line.name, "{}", phrases::log_slow_stop());
                return;
            }
            let over = matches!(until, Until::Idle(end) if now > end);
            let mut rest = flight.rest();
            let mut claimed = Vec::new();
            if !over && rest.is_none() {
                (claimed, rest) = self.try_claim(line, flight.room(line, now), &mut woe, now).await;
            }
            let quiet = claimed.is_empty() && !over && rest.is_none();
            let amends = if quiet { self.claim_amends(line, flight.room(line, now), now).await } else { Vec::new() };
            let none = claimed.is_empty() && amends.is_empty();
            for batch in claimed {
                flight.start(self.clone(), line.clone(), batch, stop.clone());
            }
            for amend in amends {
                flight.start_amend(self.clone(), line.clone(), amend, stop.clone());
            }
            let next = if none && rest.is_none() { self.next(line, now).await } else { Some(now) };
            if let (Until::Idle(end), true) = (until, flight.is_empty())
                && (over || next.is_none_or(|t| t > end))
            {
                // What was refused last goes by the second way before the loop ends.
                self.note_troubles(line, &mut noted, now).await;
                self.second_ways(line, now).await;
                return;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = flight.landed() => {}
                () = line.bell.notified(), if none => {}
                () = tokio::time::sleep(rest.unwrap_or_else(|| nap(next, now))) => {}
            }
        }
        flight.end().await;
    }

    async fn claim(&self, line: &Line, room: usize, now: DateTime<Utc>) -> anyhow::Result<Vec<Batch>> {
        self.hold_on(line, now).await?;
        if room == 0 {
            return Ok(Vec::new());
        }
        match self.budget(line, now).await {
            Allowance::All(most) => self.store.claim_deliveries(&line.name, now, LEASE, room.min(most as usize)).await,
            Allowance::Urgent(most, _) => self.store.claim_urgent(&line.name, now, LEASE, room.min(most as usize)).await,
            Allowance::Nothing(_) => Ok(Vec::new()),
        }
    }

    /// As [`Dispatch::claim`]; where the database fails nothing is claimed for a while.
    async fn try_claim(&self, line: &Line, room: usize, woe: &mut Woe, now: DateTime<Utc>) -> (Vec<Batch>, Option<Duration>) {
        match self.claim(line, room, now).await {
            Ok(claimed) => {
                woe.over(&line.name);
                (claimed, None)
            }
            Err(e) => (Vec::new(), Some(woe.failed(&line.name, &e))),
        }
    }

    /// When something can be done again; `None` when nothing is owed.
    async fn next(&self, line: &Line, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let soon = Some(now + TimeDelta::seconds(1));
        let news = self.store.next_delivery(&line.name).await.unwrap_or(soon);
        let edits = line.corrections == Corrections::Edit;
        let amend = if edits { self.store.next_amend(&line.name).await.unwrap_or(soon) } else { None };
        let due = news.into_iter().chain(amend).min()?;
        let waits = [line.rests_until(), line.buckets().held_until()];
        // What is due and was not claimed waits for room: the next landing makes some.
        let due = if due <= now { now + TimeDelta::milliseconds(50) } else { due };
        Some(waits.into_iter().flatten().fold(due, Ord::max))
    }

    async fn deliver(&self, line: &Line, batch: Batch, mut ticket: Ticket, stop: &CancellationToken) {
        let messages = replying(self.layouts.of(&batch, || self.render(line, &batch), &line.name), &batch);
        let out = if let [one] = batch.deliveries.as_slice() { one.sent.len() } else { 0 };
        let all = batch.deliveries.iter().map(|d| d.id).collect::<Vec<_>>();
        if let Some(due) = self.hushed(&batch, out) {
            let verdict = Verdict::Later { due, cause: String::new(), counts: false };
            return self.settle(line, &batch, &all, verdict, Settled::default(), stop).await;
        }
        if messages.len() <= out {
            let verdict = if out > 0 { Verdict::Sent(Sent::default()) } else { Verdict::Dead { cause: phrases::nothing_to_send() } };
            return self.settle(line, &batch, &all, verdict, Settled::default(), stop).await;
        }
        if batch.in_doubt {
            let (verdict, settled) = self.resolve(line, &batch, &messages, out).await;
            return self.settle(line, &batch, &all, verdict, settled, stop).await;
        }
        for (index, message) in messages.iter().enumerate().skip(out) {
            if !self.deliver_one(line, &batch, &messages, (index, message), &mut ticket, stop).await {
                return;
            }
        }
    }

    /// Sends one message of a batch and settles what it carries; false when the rest must wait.
    async fn deliver_one(
        &self,
        line: &Line,
        batch: &Batch,
        messages: &[Message],
        (index, message): (usize, &Message),
        ticket: &mut Ticket,
        stop: &CancellationToken,
    ) -> bool {
        let from_here: Vec<i64> = batch.deliveries.iter().skip(message.covers.start).map(|d| d.id).collect();
        if !line.turn(&self.clock, batch.to.chat(), stop).await {
            let since = batch.deliveries.first().map_or_else(|| (self.clock)(), |d| d.owed_since);
            let verdict = Verdict::Later { due: since, cause: String::new(), counts: false };
            self.settle(line, batch, &from_here, verdict, Settled::default(), stop).await;
            return false;
        }
        ticket.punch();
        let covered = batch.deliveries.get(message.covers.clone()).unwrap_or_default();
        let next = messages.get(index + 1);
        let sent = self.send(line, batch, message, &key(batch, covered, index)).await;
        let (arrived, ended) = (sent.is_ok(), verdict::has_ended(&sent, batch.refusals));
        let now = (self.clock)();
        self.tell(line, batch, &sent);
        if let Err(error) = &sent {
            self.metrics.refused(&line.name, error);
        }
        let (verdict, mut settled) = verdict::of_send(line, batch, covered, sent, next.is_some_and(|n| n.covers == message.covers), now);
        settled.keep_until = (arrived && next.is_some()).then_some(now + LEASE);
        settled.spent =
            u32::from(line.per_month().is_some() && matches!(verdict, Verdict::Sent(_) | Verdict::Part(_) | Verdict::InDoubt { .. }));
        let ids = if arrived { covered.iter().map(|d| d.id).collect() } else { from_here };
        if ended {
            tracing::info!(channel = line.name, to = line.shown(batch.to.chat()), "{}", phrases::log_ended());
        }
        settled.ended = ended;
        self.settle(line, batch, &ids, verdict, settled, stop).await;
        arrived
    }

    fn render(&self, line: &Line, batch: &Batch) -> Vec<Message> {
        let noticed: Vec<Noticed> = batch.deliveries.iter().map(|d| self.noticed(&d.entry, d.corrects.as_ref())).collect();
        self.lay_out(line, &Shape { feed: &batch.feed, digest: batch.digest, silent: batch.silent, urgent: batch.urgent }, &noticed)
    }

    fn lay_out(&self, line: &Line, shape: &Shape<'_>, entries: &[Noticed]) -> Vec<Message> {
        line.channel.render(&Notice {
            feed: Some(shape.feed),
            feed_title: &self.title(shape.feed),
            entries,
            digest: shape.digest,
            silent: shape.silent && !shape.urgent,
            urgent: shape.urgent,
            language: self.language,
            zone: self.zone,
        })
    }

    fn title(&self, slug: &Slug) -> String {
        self.titles.get(slug).cloned().unwrap_or_else(|| slug.to_string())
    }

    /// An entry as people see it: withdrawn where it is, and a correction in the name of its article.
    fn noticed(&self, stored: &Stored, corrects: Option<&Corrected>) -> Noticed {
        let entry = if stored.withdrawn { correction::marked(&stored.entry, self.language) } else { stored.entry.clone() };
        let page = |of: &Corrected| self.base.join(&format!("tin/{}/{}", of.source, of.slug)).ok();
        let link = stored.entry.url.clone().or_else(|| corrects.and_then(page)).unwrap_or_else(|| stored.link(&self.base));
        Noticed { entry, link, source_title: self.title(corrects.map_or(&stored.source, |of| &of.source)) }
    }

    async fn send(&self, line: &Line, batch: &Batch, message: &Message, key: &str) -> Result<Sent, SendError> {
        let started = std::time::Instant::now();
        let sent = timeout(SEND_LIMIT, line.channel.send(&batch.to, message, key)).await;
        self.metrics.sent(&line.name, started.elapsed());
        sent.unwrap_or_else(|_| Err(SendError::InDoubt { cause: phrases::send_timed_out() }))
    }

    /// Asks the platform about the message whose answer was lost.
    async fn resolve(&self, line: &Line, batch: &Batch, messages: &[Message], out: usize) -> (Verdict, Settled) {
        let Some(message) = messages.get(out) else { return (Verdict::Sent(Sent::default()), Settled::default()) };
        let mut known = batch.known.clone();
        known.extend(batch.deliveries.iter().flat_map(|d| d.sent.iter().cloned()));
        let asked = timeout(SEND_LIMIT, line.channel.resolve(&batch.to, message, &known)).await;
        let asked = asked.unwrap_or_else(|_| Err(SendError::InDoubt { cause: phrases::send_timed_out() }));
        verdict::of_doubt(line, batch, asked, out + 1 < messages.len(), (self.clock)())
    }

    /// Commits an outcome. If the commit fails it is tried again, never the send.
    async fn settle(&self, line: &Line, batch: &Batch, ids: &[i64], verdict: Verdict, settled: Settled, stop: &CancellationToken) {
        self.note(line, ids, &verdict);
        if matches!(verdict, Verdict::Sent(_)) {
            self.clock_in(line, batch, ids);
        }
        let (mut pause, mut told) = (Duration::from_millis(50), String::new());
        while let Err(e) = self.store.settle(batch, ids, verdict.clone(), settled.clone(), (self.clock)()).await {
            let cause = format!("{e:#}");
            if cause != told {
                tracing::error!(channel = line.name, deliveries = ?ids, error = cause, "{}", phrases::log_settle_failed());
                told = cause;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(5));
            if stop.is_cancelled() && pause > Duration::from_secs(2) {
                return;
            }
        }
    }

    /// An admin hears once when an address refuses us, and once when it takes messages again.
    fn tell(&self, line: &Line, batch: &Batch, sent: &Result<Sent, SendError>) {
        let letters: Vec<i64> = batch.deliveries.iter().map(|d| d.id).collect();
        match (sent, batch.refusals) {
            (Err(SendError::Gone { cause }), 0) => {
                tracing::warn!(channel = line.name, to = line.shown(batch.to.chat()), ?letters, cause, "{}", phrases::log_suspended());
            }
            (Ok(_), 1..) => tracing::info!(channel = line.name, to = line.shown(batch.to.chat()), "{}", phrases::log_accepts_again()),
            (Ok(_) | Err(_), _) => {}
        }
    }

    /// How long each of these was under way.
    fn clock_in(&self, line: &Line, batch: &Batch, ids: &[i64]) {
        let now = (self.clock)();
        for arrived in batch.deliveries.iter().filter(|d| ids.contains(&d.id)) {
            self.metrics.arrived(&line.name, (now - arrived.owed_since).to_std().unwrap_or_default());
        }
    }

    fn note(&self, line: &Line, ids: &[i64], verdict: &Verdict) {
        self.metrics.settled(&line.name, verdict, ids.len());
        match verdict {
            Verdict::Sent(_) | Verdict::Part(_) => tracing::debug!(channel = line.name, deliveries = ?ids, "{}", phrases::log_sent()),
            Verdict::Later { cause, .. } if cause.is_empty() => {}
            Verdict::Later { due, cause, .. } => {
                tracing::info!(channel = line.name, deliveries = ?ids, %due, cause, "{}", phrases::log_later())
            }
            Verdict::InDoubt { cause, .. } => tracing::warn!(channel = line.name, deliveries = ?ids, cause, "{}", phrases::log_in_doubt()),
            Verdict::Dead { cause } => tracing::error!(channel = line.name, deliveries = ?ids, cause, "{}", phrases::log_dead()),
        }
    }
}

fn nap(next: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Duration {
    let wait = next.map_or(LONGEST_NAP, |t| (t - now).to_std().unwrap_or_default());
    wait.clamp(Duration::from_millis(1), LONGEST_NAP)
}

/// A correction replies to what it corrects.
fn replying(messages: Arc<Vec<Message>>, batch: &Batch) -> Arc<Vec<Message>> {
    let first = batch.deliveries.first().and_then(|d| d.corrects.as_ref()).and_then(|of| of.first.clone());
    let Some(first) = first else { return messages };
    Arc::new(messages.iter().map(|message| Message { reply_to: Some(first.clone()), ..message.clone() }).collect())
}

/// The same on every try of the same message, and for no other.
fn key(batch: &Batch, covered: &[Claimed], part: usize) -> String {
    let to = batch.to.to_string();
    let part = part.to_string();
    let mut parts = vec!["delivery", to.as_str(), part.as_str()];
    parts.extend(covered.iter().map(|d| d.entry.entry.guid.as_str()));
    Guid::derived(&parts).as_str().replace("urn:uuid:", "msg_")
}
