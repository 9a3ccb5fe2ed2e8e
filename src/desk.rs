//! The desk: takes what people say on any channel, does what they ask for, and answers. What was
//! heard is committed before its platform is told so; what it changes commits with the mark that it
//! was done. An answer keeps the pace of its channel and the turn of its address, as all news does.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::channel::{Desk, Heard, Reply, Said, SendError};
use crate::dispatch::Line;
use crate::incident::{Kind, ended, lasting};
use crate::outbox::{self, Sent};
use crate::phrases;
use crate::schedule::Clock;
use crate::store::{Inquiry, Outcome, Report, Store, Woe};
use flood::Flood;

mod answers;
mod budget;
mod days;
mod feeds;
mod flood;
mod hours;
mod menus;
mod press;
mod replies;
mod sayings;
mod settings;
mod topics;
mod tune;
mod words;

pub use feeds::{Feed, Plan};
pub use press::name;

/// How long a claim holds: longer than the longest answer.
const LEASE: TimeDelta = TimeDelta::seconds(120);
/// The longest that one answer may take on its way.
const SEND_LIMIT: Duration = Duration::from_secs(60);
/// An answer that could not be given for so long helps nobody any more.
const LATE: TimeDelta = TimeDelta::minutes(10);
/// After a failure the next try comes so much later.
const AGAIN: TimeDelta = TimeDelta::seconds(5);
/// A turn that comes later than this is not waited for.
const SOON: TimeDelta = TimeDelta::seconds(2);
/// An address that has something on its way is asked for again after this.
const BUSY: TimeDelta = TimeDelta::milliseconds(500);
/// Answers under way on one channel.
const AT_ONCE: usize = 16;
/// The inbox is looked at again at least this often: another process may have written to it.
const LONGEST_NAP: Duration = Duration::from_secs(2);
/// What waits for another answer in its chat is not looked at all the time.
const SHORTEST_NAP: Duration = Duration::from_millis(100);
/// So long nothing can be heard before the admin is told.
const PATIENCE: TimeDelta = TimeDelta::minutes(5);

/// The one desk of the house.
pub struct FrontDesk {
    store: Arc<Store>,
    clock: Clock,
    plan: Plan,
    /// Rung when something was heard on a channel, by its name.
    bells: HashMap<String, Arc<Notify>>,
    /// Every channel: the admin is told through one of them.
    lines: Vec<Arc<Line>>,
    flood: Mutex<Flood>,
    /// What is being answered, by its row: a lease may run out before that is written down.
    answering: Mutex<HashSet<i64>>,
    /// Channels of which it is known that nothing keeps them from hearing.
    hearing: Mutex<HashSet<String>>,
}

impl FrontDesk {
    /// A desk that tells of this plan and answers on these channels.
    #[must_use]
    pub fn new(store: Arc<Store>, clock: Clock, plan: Plan, lines: Vec<Arc<Line>>) -> Self {
        let bells = lines.iter().map(|line| (line.name.clone(), Arc::default())).collect();
        Self { store, clock, plan, bells, lines, flood: Mutex::default(), answering: Mutex::default(), hearing: Mutex::default() }
    }

    /// Answers on one channel until stopped; what is on its way then is finished.
    pub async fn run(self: &Arc<Self>, line: &Arc<Line>, stop: &CancellationToken) {
        let bell = self.bells.get(&line.name).cloned().unwrap_or_default();
        let (mut answering, mut woe) = (JoinSet::new(), Woe::default());
        while !stop.is_cancelled() {
            let now = (self.clock)();
            let room = AT_ONCE.saturating_sub(answering.len());
            let under_way: Vec<i64> = self.answering().iter().copied().collect();
            let claimed = self.store.claim_heard(&line.name, now, LEASE, room, &under_way).await;
            let rest = claimed.as_ref().err().map(|error| woe.failed(&line.name, error));
            let claimed = claimed.unwrap_or_default();
            let none = claimed.is_empty();
            for waiting in claimed {
                let (desk, line, stop) = (self.clone(), line.clone(), stop.clone());
                answering.spawn(async move { desk.attend(&line, &waiting, &stop).await });
            }
            let nap = match rest {
                Some(rest) => rest,
                None if none => self.nap(line, now).await,
                None => Duration::ZERO,
            };
            tokio::select! {
                () = stop.cancelled() => {}
                Some(_) = answering.join_next() => {}
                () = bell.notified() => {}
                () = tokio::time::sleep(nap) => {}
            }
        }
        while answering.join_next().await.is_some() {}
    }

    /// Hears what is said on one channel until stopped.
    pub async fn listen(&self, line: &Line, stop: &CancellationToken) {
        if let Some(talk) = line.channel.talk() {
            talk.listen(self, stop).await;
        }
    }

    async fn nap(&self, line: &Line, now: DateTime<Utc>) -> Duration {
        let next = self.store.next_heard(&line.name).await.ok().flatten();
        let wait = next.map_or(LONGEST_NAP, |next| (next - now).to_std().unwrap_or_default());
        wait.clamp(SHORTEST_NAP, LONGEST_NAP)
    }

    fn answering(&self) -> MutexGuard<'_, HashSet<i64>> {
        self.answering.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers one; what fails is tried again later.
    async fn attend(&self, line: &Line, waiting: &Inquiry, stop: &CancellationToken) {
        self.answering().insert(waiting.seq);
        self.attend_to(line, waiting, stop).await;
        self.answering().remove(&waiting.seq);
    }

    async fn attend_to(&self, line: &Line, waiting: &Inquiry, stop: &CancellationToken) {
        let outcome = match self.reply_to(line, waiting).await {
            Ok(Some(reply)) => self.speak(line, waiting, &reply, stop).await,
            Ok(None) => Outcome::Dropped,
            Err(error) => {
                tracing::error!(channel = line.name, error = format!("{error:#}"), "{}", phrases::log_unanswered());
                put_off(waiting, (self.clock)(), AGAIN)
            }
        };
        let (counted, mut woe) = (line.per_month().map(|_| line.name.as_str()), Woe::default());
        // The commit is tried again, never the answer.
        while let Err(error) = self.store.settle_heard(waiting, &outcome, counted, (self.clock)()).await {
            let pause = woe.failed(&line.name, &error);
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => return,
            }
        }
        // News that came meanwhile waited for the address.
        line.bell.notify_one();
    }

    /// Does what was asked for, once, and gives the answer that is still to be sent.
    async fn reply_to(&self, line: &Line, waiting: &Inquiry) -> Result<Option<Reply>> {
        let Some(talk) = line.channel.talk() else { return Ok(None) };
        let Some(heard) = &waiting.heard else { return Ok(waiting.reply.clone()) };
        let decision = self.decide(talk, heard).await?;
        if !self.store.conclude_heard(waiting, &decision.deeds, decision.reply.as_ref(), (self.clock)()).await? {
            return Ok(None);
        }
        line.bell.notify_one();
        if let Said::Pressed { query, .. } = &heard.said {
            talk.acknowledge(query, &decision.toast).await;
        }
        Ok(decision.reply)
    }

    async fn speak(&self, line: &Line, waiting: &Inquiry, reply: &Reply, stop: &CancellationToken) -> Outcome {
        let now = (self.clock)();
        let Some(talk) = line.channel.talk().filter(|_| now - waiting.at < LATE) else { return Outcome::Dropped };
        let wait = line.ready(waiting.to.chat(), now) - now;
        if wait > SOON {
            return put_off(waiting, now, wait);
        }
        match self.may_answer(line, now).await {
            Ok(true) => {}
            Ok(false) => {
                tracing::info!(channel = line.name, "{}", phrases::log_answers_cost());
                return Outcome::Dropped;
            }
            Err(_) => return Outcome::Later(now + AGAIN),
        }
        match self.store.hold_address(waiting, now, LEASE).await {
            Ok(true) => {}
            Ok(false) => return Outcome::Later(now + BUSY),
            Err(_) => return Outcome::Later(now + AGAIN),
        }
        if !line.turn(&self.clock, waiting.to.chat(), stop).await {
            return Outcome::Later((self.clock)());
        }
        let key = format!("reply_{}", waiting.seq);
        let sent = timeout(SEND_LIMIT, talk.answer(&waiting.to, reply, &key)).await;
        outcome(line, waiting, sent.unwrap_or_else(|_| Err(SendError::InDoubt { cause: phrases::send_timed_out() })), (self.clock)())
    }

    async fn try_deaf(&self, channel: &str, since: Option<(DateTime<Utc>, String)>) -> Result<()> {
        let Some(line) = self.lines.iter().find(|line| line.name == channel) else { return Ok(()) };
        let (subject, now) = (line.subject(), (self.clock)());
        let open = self.store.incidents_of(&subject).await?;
        let told = match since {
            Some((since, cause)) => Some(lasting(&open, Kind::Deaf, since, &cause, PATIENCE, now)),
            None => ended(&open, Kind::Deaf),
        };
        let Some((change, word)) = told else { return Ok(()) };
        let words: Vec<_> = word.into_iter().collect();
        self.store.report(Report { subject: &subject, office: self.plan.office.as_ref() }, &[change], &words, now).await?;
        self.lines.iter().filter(|_| !words.is_empty()).for_each(|line| line.bell.notify_one());
        Ok(())
    }
}

/// An answer that is perhaps out is not repeated, and one that is refused is let go: news alone is
/// worth more tries.
fn outcome(line: &Line, waiting: &Inquiry, sent: Result<Sent, SendError>, now: DateTime<Utc>) -> Outcome {
    match sent {
        Ok(sent) => Outcome::Sent(sent.ids.last().cloned()),
        Err(SendError::Retry { after, .. }) => {
            let wait = after.map_or(AGAIN, outbox::bounded);
            if after.is_some() {
                line.hold(waiting.to.chat(), now + wait, now);
            }
            put_off(waiting, now, wait.max(AGAIN))
        }
        Err(SendError::Down { .. }) => put_off(waiting, now, AGAIN * 3),
        Err(SendError::InDoubt { .. }) => Outcome::Dropped,
        Err(error @ (SendError::Gone { .. } | SendError::Ended { .. } | SendError::Moved { .. } | SendError::Refused { .. })) => {
            tracing::info!(channel = line.name, to = line.shown(waiting.to.chat()), cause = error.cause(), "{}", phrases::log_unanswered());
            Outcome::Dropped
        }
    }
}

/// Later, unless that is too late.
fn put_off(waiting: &Inquiry, now: DateTime<Utc>, wait: TimeDelta) -> Outcome {
    if now + wait - waiting.at < LATE { Outcome::Later(now + wait) } else { Outcome::Dropped }
}

#[async_trait]
impl Desk for FrontDesk {
    async fn hear(&self, channel: &str, heard: Vec<Heard>) -> Result<Vec<String>, String> {
        if heard.is_empty() {
            return Ok(Vec::new());
        }
        let told = |error: anyhow::Error| format!("{error:#}");
        let now = (self.clock)();
        let ids: Vec<&str> = heard.iter().map(|one| one.id.as_str()).collect();
        let known = self.store.heard_before(channel, &ids).await.map_err(told)?;
        let new = heard.into_iter().filter(|one| !known.contains(&one.id));
        let turns: Vec<(Heard, Option<DateTime<Utc>>)> = {
            let mut flood = self.flood.lock().unwrap_or_else(PoisonError::into_inner);
            new.map(|one| (turn(&mut flood, &one, now), one)).map(|(turn, one)| (one, turn)).collect()
        };
        self.store.hear(channel, &turns, now).await.map_err(told)?;
        if let Some(bell) = self.bells.get(channel) {
            bell.notify_one();
        }
        Ok(turns.into_iter().filter(|(_, turn)| turn.is_none()).filter_map(|(one, _)| query(one.said)).collect())
    }

    async fn deaf(&self, channel: &str, since: Option<(DateTime<Utc>, String)>) {
        let hears = since.is_none();
        let known = self.hearing.lock().unwrap_or_else(PoisonError::into_inner).contains(channel);
        if hears && known {
            return;
        }
        if let Err(error) = self.try_deaf(channel, since).await {
            tracing::error!(channel, error = format!("{error:#}"), "{}", phrases::log_store_failed());
            return;
        }
        let mut hearing = self.hearing.lock().unwrap_or_else(PoisonError::into_inner);
        if hears {
            hearing.insert(channel.to_owned());
        } else {
            hearing.remove(channel);
        }
    }
}

/// What happens to our standing in a chat is no chatter.
fn turn(flood: &mut Flood, heard: &Heard, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match heard.said {
        Said::Left | Said::Returned { .. } | Said::Moved(_) => Some(now),
        Said::Words(_) | Said::Pressed { .. } | Said::Came(_) => flood.turn(&heard.speaker, heard.chat.chat(), heard.place, now),
    }
}

fn query(said: Said) -> Option<String> {
    if let Said::Pressed { query, .. } = said { Some(query) } else { None }
}
