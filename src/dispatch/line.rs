//! One channel as the dispatcher sees it: its pace, and whether anything gets through.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::leases::Leases;
use super::rests::Rests;
use crate::channel::pace::Buckets;
use crate::channel::{Channel, Pace};
use crate::correction::Corrections;
use crate::incident::Subject;
use crate::outbox::{self, OnDoubt};
use crate::phrases;
use crate::schedule::Clock;
use crate::store::{Divert, Policy};

/// The longest rest of a channel that is down without saying for how long.
const LONGEST_REST: Duration = Duration::from_secs(300);
/// So many doubts that nobody can tell about, without an arrival in between, are no chance.
const UNTOLD: u32 = 2;
/// By so many steps of the back-off a rest after doubts is longer: it begins with more than ten seconds.
const AFTER_DOUBTS: u32 = 2;
/// Failures in a row that take a week and more, resting in between.
const A_WEEK: u32 = 2016;

/// One channel with its pace and its health.
pub struct Line {
    /// Its name in the config.
    pub name: String,
    /// How it sends.
    pub channel: Arc<dyn Channel>,
    /// What a send that stays in doubt becomes.
    pub on_doubt: OnDoubt,
    /// What is done about articles that are changed after they were sent.
    pub corrections: Corrections,
    /// Rung when something new is owed on it.
    pub bell: Arc<Notify>,
    /// What of it is under way.
    pub(super) leases: Leases,
    buckets: Arc<Mutex<Buckets>>,
    breaker: Mutex<Breaker>,
    rests: Mutex<Rests>,
    per_month: Option<u32>,
    /// What the last look at the month's budget left.
    left: Mutex<Option<u32>>,
    /// Its key is made anew at each start.
    hasher: RandomState,
}

/// Why nothing leaves by a channel.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pause {
    /// Nothing gets through.
    #[default]
    Outage,
    /// Its messages of the month are used up.
    Spent,
}

/// Whether a channel gets through at all.
#[derive(Debug, Default, Clone)]
struct Breaker {
    pause: Pause,
    failures: u32,
    /// Doubts that nothing could tell about, since the last message that surely arrived.
    untold: u32,
    since: Option<DateTime<Utc>>,
    rests_until: Option<DateTime<Utc>>,
    cause: Option<String>,
}

impl Line {
    /// A channel that has not failed yet.
    #[must_use]
    pub fn new(name: String, channel: Arc<dyn Channel>, on_doubt: OnDoubt, pace: Pace) -> Self {
        Self {
            name,
            channel,
            on_doubt,
            corrections: Corrections::default(),
            bell: Arc::default(),
            leases: Leases::default(),
            buckets: Arc::new(Mutex::new(Buckets::new(pace))),
            breaker: Mutex::default(),
            rests: Mutex::default(),
            per_month: pace.per_month,
            left: Mutex::default(),
            hasher: RandomState::new(),
        }
    }

    /// Does this about articles that are changed after they were sent.
    #[must_use]
    pub fn correcting(self, corrections: Corrections) -> Self {
        Self { corrections, ..self }
    }

    /// What is done for those who got an older version.
    pub(super) fn policy(&self) -> Policy {
        let edits = self.corrections == Corrections::Edit && self.channel.edits();
        Policy { edits, tells: self.corrections != Corrections::Off }
    }

    /// Keeps to what `former`, the same channel under an older config, has sent lately and was told
    /// to wait for, and to what is under way. Another pace starts from what the store knows.
    #[must_use]
    pub fn after(self, former: &Self) -> Self {
        let same = self.buckets().same_limits(&former.buckets());
        let buckets = if same { former.buckets.clone() } else { self.buckets.clone() };
        Self { buckets, leases: former.leases.clone(), ..self }
    }

    /// A chat as the log may show it: private ones only as a number that means nothing elsewhere,
    /// and of an address on the web not what may be a password.
    pub(crate) fn shown(&self, chat: &str) -> String {
        if self.channel.pace().is_group.is_some_and(|is_group| !is_group(chat)) {
            return format!("#{:08x}", self.hasher.hash_one(chat) >> 32);
        }
        chat.split('?').next().unwrap_or_default().to_owned()
    }

    /// Why nothing gets through now; `None` when all is well.
    pub fn trouble(&self) -> Option<String> {
        lock(&self.breaker).cause.clone()
    }

    /// Since when nothing leaves for this reason, and in words; `None` where that is not so.
    pub(super) fn down(&self, by: Pause) -> Option<(DateTime<Utc>, String)> {
        let breaker = lock(&self.breaker);
        breaker.since.zip(breaker.cause.clone()).filter(|_| breaker.pause == by)
    }

    /// Nothing left since then, as an earlier process noted: it is tried at once.
    pub(super) fn recall(&self, pause: Pause, since: DateTime<Utc>, cause: String) {
        let mut breaker = lock(&self.breaker);
        if breaker.cause.is_none() {
            *breaker = Breaker { pause, since: Some(since), cause: Some(cause), ..Breaker::default() };
        }
    }

    /// How many messages the platform takes a month, where it takes only so many.
    pub(crate) const fn per_month(&self) -> Option<u32> {
        self.per_month
    }

    pub(super) fn note_left(&self, left: u32) {
        *lock(&self.left) = Some(left);
    }

    /// How many messages a month there are, and how many of them are left.
    pub fn budget(&self) -> Option<(u32, u32)> {
        let per_month = self.per_month?;
        Some((per_month, lock(&self.left).unwrap_or(per_month)))
    }

    pub(super) fn works_now(&self) -> bool {
        lock(&self.breaker).cause.is_none()
    }

    /// It is down, and its rest is over.
    pub(super) fn may_try(&self, now: DateTime<Utc>) -> bool {
        let breaker = lock(&self.breaker);
        breaker.cause.is_some() && breaker.rests_until.is_none_or(|until| until <= now)
    }

    /// What goes by the second way now. While it may be tried, nothing does: one message shows.
    pub(super) fn diverts(&self, now: DateTime<Utc>) -> Divert {
        let breaker = lock(&self.breaker);
        if breaker.rests_until.is_none_or(|until| until <= now) {
            return Divert::Refused;
        }
        if breaker.since.is_some_and(|since| now - since >= outbox::LOST) { Divert::Everything } else { Divert::Urgent }
    }

    /// One more doubt that nothing can tell about; `true` where the message may leave once more. After
    /// too many in a row the channel rests, and what is sent again then shows whether it is well.
    pub(super) fn allow_another(&self, cause: &str, now: DateTime<Utc>) -> bool {
        if self.works_now() {
            // What a crash left in doubt says nothing of the channel and is not counted.
            if lock(&self.breaker).untold < UNTOLD {
                return true;
            }
            self.rest_after_doubts(cause, now);
            return false;
        }
        self.may_try(now)
    }

    /// A message was sent and nobody can tell what came of it; where it was to show whether the
    /// channel is well, it is not.
    pub(super) fn note_untold(&self, cause: &str, now: DateTime<Utc>) {
        if self.works_now() {
            lock(&self.breaker).untold += 1;
        } else {
            self.rest_after_doubts(cause, now);
        }
    }

    /// Each try may cost a message, so there are few of them.
    fn rest_after_doubts(&self, cause: &str, now: DateTime<Utc>) {
        let failures = lock(&self.breaker).failures;
        self.rest(Pause::Outage, Some(outbox::backoff(failures + AFTER_DOUBTS).min(LONGEST_REST)), cause, now);
    }

    pub(super) fn rests_until(&self) -> Option<DateTime<Utc>> {
        lock(&self.breaker).rests_until
    }

    /// Whether nothing got through for a week, however the clock went.
    pub(super) fn is_given_up(&self) -> bool {
        lock(&self.breaker).failures >= A_WEEK
    }

    /// The clock was wrong: what was reckoned by it is forgotten.
    pub(super) fn forget(&self) {
        lock(&self.breaker).rests_until = None;
        self.buckets().forget();
    }

    /// It has messages left: if that was what kept it down, it is well.
    pub(super) fn refilled(&self) {
        let mut breaker = lock(&self.breaker);
        if breaker.pause == Pause::Spent {
            *breaker = Breaker::default();
        }
    }

    /// Something got through.
    pub(super) fn works(&self, now: DateTime<Utc>) {
        let before = std::mem::take(&mut *lock(&self.breaker));
        if before.cause.is_some() {
            tracing::info!(channel = self.name, "{}", phrases::log_channel_up());
        }
        if let (Pause::Outage, Some(since)) = (before.pause, before.since) {
            self.rests().note(since, now);
        }
    }

    /// Nothing to this chat before `until`, because the platform said so; with several chats the
    /// whole channel rests.
    pub(crate) fn hold(&self, chat: &str, until: DateTime<Utc>, now: DateTime<Utc>) {
        let mut buckets = self.buckets();
        let before = buckets.held_until().map_or(now, |before| before.max(now));
        buckets.hold(chat, until, now);
        if let Some(until) = buckets.held_until() {
            self.rests().note(before, until);
        }
    }

    /// Nothing leaves: the whole channel rests.
    pub(super) fn rest(&self, pause: Pause, after: Option<Duration>, cause: &str, now: DateTime<Utc>) {
        let mut breaker = lock(&self.breaker);
        breaker.pause = pause;
        // Several sends of one flight fail together; they are one failure.
        if breaker.rests_until.is_none_or(|t| t <= now) {
            breaker.failures += 1;
        }
        breaker.since.get_or_insert(now);
        let wait = after.unwrap_or_else(|| outbox::backoff(breaker.failures).min(LONGEST_REST));
        let until = now + outbox::bounded(wait);
        breaker.rests_until = Some(breaker.rests_until.map_or(until, |t| t.max(until)));
        if breaker.cause.is_none() {
            tracing::warn!(channel = self.name, cause, "{}", phrases::log_channel_down());
        }
        breaker.cause = Some(cause.to_owned());
    }

    /// Waits for this chat's turn; false when the daemon stops first.
    pub(crate) async fn turn(&self, clock: &Clock, chat: &str, stop: &CancellationToken) -> bool {
        loop {
            let now = clock();
            let wait = {
                let mut buckets = self.buckets();
                let at = buckets.ready(chat, now);
                if at <= now {
                    buckets.take(chat, now);
                    return true;
                }
                (at - now).to_std().unwrap_or_default()
            };
            tokio::select! {
                () = stop.cancelled() => return false,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// When a message to this chat may leave.
    pub(crate) fn ready(&self, chat: &str, now: DateTime<Utc>) -> DateTime<Utc> {
        self.buckets().ready(chat, now)
    }

    /// What incidents of it are about.
    pub(crate) fn subject(&self) -> Subject {
        Subject { key: format!("channel:{}", self.name), title: phrases::channel_called(&self.name), url: None }
    }

    pub(super) fn rests(&self) -> MutexGuard<'_, Rests> {
        lock(&self.rests)
    }

    pub(super) fn buckets(&self) -> MutexGuard<'_, Buckets> {
        lock(&self.buckets)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use chrono::TimeDelta;

    use super::*;
    use crate::channel::{Checked, Message, Notice, SendError};
    use crate::outbox::Sent;
    use crate::subscription::Address;

    struct Mute;

    #[async_trait]
    impl Channel for Mute {
        fn render(&self, _notice: &Notice<'_>) -> Vec<Message> {
            Vec::new()
        }

        fn pace(&self) -> Pace {
            Pace::default()
        }

        fn accepts(&self, _chat: &str) -> Result<(), String> {
            Ok(())
        }

        async fn send(&self, _to: &Address, _message: &Message, _key: &str) -> Result<Sent, SendError> {
            Ok(Sent::default())
        }

        async fn check(&self, _of: &[Address]) -> Vec<Checked> {
            Vec::new()
        }
    }

    fn line() -> Line {
        Line::new("bot".to_owned(), Arc::new(Mute), OnDoubt::Resend, Pace::default())
    }

    fn after(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    #[test]
    fn an_outage_in_which_nothing_tells_what_arrived_uses_up_few_messages() {
        let (line, mut now, mut tries) = (line(), 0, 0);
        // A message is sent, and sent again, each half a minute before its doubt is looked at.
        while now < 3600 {
            now += 30;
            if line.rests_until().is_some_and(|until| until > after(now)) {
                continue;
            }
            tries += u32::from(line.allow_another("", after(now)));
            line.note_untold("", after(now));
        }
        assert!((1..=20).contains(&tries), "{tries} in an hour, where one each half a minute would be 120");
    }

    #[test]
    fn doubts_between_messages_that_arrive_stop_no_channel() {
        let line = line();
        for minute in 0..9 {
            assert!(line.allow_another("", after(minute * 60)));
            line.note_untold("", after(minute * 60));
            line.works(after(minute * 60 + 1));
            assert_eq!(line.rests_until(), None);
        }
    }

    #[test]
    fn what_waits_for_a_channel_that_rests_is_sent_again_when_it_may_be_tried() {
        let line = line();
        assert!(line.allow_another("", after(0)), "left by a crash");
        line.note_untold("", after(0));
        assert!(line.allow_another("", after(0)));
        line.note_untold("", after(1));
        assert!(!line.allow_another("", after(1)), "the second without an arrival");
        assert!(!line.allow_another("", after(2)), "it rests");
        assert!(line.allow_another("", after(301)));
        line.works(after(302));
        assert!(line.works_now());
    }
}
