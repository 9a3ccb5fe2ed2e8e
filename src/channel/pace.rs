//! How fast a platform may be used, kept before the limit is met, not after a refusal: the bot as
//! a whole, one chat, one group.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde::de::{self, Visitor, value::MapAccessDeserializer};

use crate::phrases;

/// A channel's limits. `None` is no limit.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pace {
    /// Messages a second over all chats.
    pub per_second: Option<f64>,
    /// So many of them may leave at once after a rest (1 where it is `None`).
    pub burst: Option<u32>,
    /// Messages a second to one chat.
    pub per_chat_second: Option<f64>,
    /// Messages a minute to one group (see [`Pace::is_group`]).
    pub per_group_minute: Option<f64>,
    /// Messages a calendar month over all chats, planned by the dispatcher from what the store counts.
    pub per_month: Option<u32>,
    /// Whether a chat counts as a group.
    pub is_group: Option<fn(&str) -> bool>,
    /// The part of a chat's address that the platform counts by, where it is not the whole: a
    /// group without its topic.
    pub counted_by: Option<fn(&str) -> &str>,
    /// Longest time for one send.
    pub timeout: Option<Duration>,
}

/// What the config says of a channel's pace: `"off"`, or some of `per_second`,
/// `per_chat_second`, `per_group_minute` and `per_month`, each above zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PaceSetting {
    /// No limits at all, for tests.
    Off,
    /// Limits that replace the platform's; `None` leaves the platform's.
    Limits(Limits),
}

/// See [`PaceSetting::Limits`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Messages a second over all chats.
    #[serde(default, deserialize_with = "above_zero")]
    pub per_second: Option<f64>,
    /// Messages a second to one chat.
    #[serde(default, deserialize_with = "above_zero")]
    pub per_chat_second: Option<f64>,
    /// Messages a minute to one group.
    #[serde(default, deserialize_with = "above_zero")]
    pub per_group_minute: Option<f64>,
    /// Messages a calendar month over all chats.
    #[serde(default)]
    pub per_month: Option<NonZeroU32>,
}

impl PaceSetting {
    /// The pace of a platform as this setting changes it.
    #[must_use]
    pub fn over(self, platform: Pace) -> Pace {
        match self {
            Self::Off => Pace { per_second: None, per_chat_second: None, per_group_minute: None, per_month: None, ..platform },
            Self::Limits(limits) => Pace {
                per_second: limits.per_second.or(platform.per_second),
                burst: platform.burst.filter(|_| limits.per_second.is_none()),
                per_chat_second: limits.per_chat_second.or(platform.per_chat_second),
                per_group_minute: limits.per_group_minute.or(platform.per_group_minute),
                per_month: limits.per_month.map(NonZeroU32::get).or(platform.per_month),
                ..platform
            },
        }
    }
}

fn above_zero<'de, D: de::Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    let rate = f64::deserialize(from)?;
    if rate.is_finite() && rate >= SLOWEST { Ok(Some(rate)) } else { Err(de::Error::custom(phrases::pace_not_positive())) }
}

/// A rate below this is a slip of the pen: one message in eleven days.
const SLOWEST: f64 = 1e-6;

// Not an untagged enum: that would lose which key is wrong.
impl<'de> Deserialize<'de> for PaceSetting {
    fn deserialize<D: de::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(PaceVisitor)
    }
}

struct PaceVisitor;

impl<'de> Visitor<'de> for PaceVisitor {
    type Value = PaceSetting;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"off\" or { per_second = 30, per_chat_second = 1, per_group_minute = 20 }")
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<PaceSetting, E> {
        if word == "off" { Ok(PaceSetting::Off) } else { Err(E::invalid_value(de::Unexpected::Str(word), &self)) }
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<PaceSetting, A::Error> {
        Limits::deserialize(MapAccessDeserializer::new(map)).map(PaceSetting::Limits)
    }
}

/// How much of a limit is used: the rest keeps us below it when two messages travel at different
/// speeds and arrive closer together than they left.
const SHARE: f64 = 0.988;
/// How much of a window a message may be early to make up for one that left late. With [`SHARE`]
/// a strict sliding window sees none too many while messages travel alike within a few milliseconds.
const SLACK: f64 = 0.006;
/// So many chats answering 429 within [`TOGETHER`] mean the bot, not the chats.
const CHATS_TOGETHER: usize = 3;
const TOGETHER: TimeDelta = TimeDelta::seconds(10);
/// The longest the whole bot rests the first time; doubled each time it happens again soon.
const FIRST_REST: TimeDelta = TimeDelta::seconds(60);
const SOON: TimeDelta = TimeDelta::minutes(15);
/// After so many sends, chats that owe nothing are forgotten.
const SWEEP: u32 = 1024;

/// What has left lately, and so when the next message may. The time is an argument everywhere.
#[derive(Debug)]
pub struct Buckets {
    pace: Pace,
    bot: Option<Spacing>,
    bot_held: Option<DateTime<Utc>>,
    chats: HashMap<String, ChatState>,
    refusals: VecDeque<(DateTime<Utc>, String)>,
    rests: u32,
    last_rest: Option<DateTime<Utc>>,
    taken: u32,
}

#[derive(Debug, Default)]
struct ChatState {
    spacing: Option<Spacing>,
    window: Option<Window>,
    held: Option<DateTime<Utc>>,
}

impl ChatState {
    fn ready(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let limits = [self.spacing.as_ref().map(Spacing::ready), self.window.as_ref().and_then(Window::ready), self.held];
        limits.into_iter().flatten().fold(now, Ord::max)
    }

    /// Whether it can be forgotten: nothing of it limits a message at `now` or later.
    fn is_idle(&self, now: DateTime<Utc>) -> bool {
        self.held.is_none_or(|until| until <= now)
            && self.spacing.as_ref().is_none_or(|s| s.next <= now)
            && self.window.as_ref().is_none_or(|w| w.is_idle(now))
    }
}

impl Buckets {
    /// Nothing has left yet.
    #[must_use]
    pub fn new(pace: Pace) -> Self {
        Self {
            pace,
            bot: pace.per_second.map(|rate| Spacing::per_second(rate).with_burst(pace.burst)),
            bot_held: None,
            chats: HashMap::new(),
            refusals: VecDeque::new(),
            rests: 0,
            last_rest: None,
            taken: 0,
        }
    }

    /// Whether both keep to the same limits, counted alike.
    #[must_use]
    pub fn same_limits(&self, other: &Self) -> bool {
        let limits = |p: &Pace| (p.per_second, p.burst, p.per_chat_second, p.per_group_minute);
        let kinds = |p: &Pace| (p.is_group.map(|f| f as usize), p.counted_by.map(|f| f as usize));
        limits(&self.pace) == limits(&other.pace) && kinds(&self.pace) == kinds(&other.pace)
    }

    /// Whether what left before matters.
    #[must_use]
    pub fn is_limited(&self) -> bool {
        [self.pace.per_second, self.pace.per_chat_second, self.pace.per_group_minute].iter().any(Option::is_some)
    }

    /// Whether nothing has left that still counts.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.chats.is_empty() && self.bot_held.is_none()
    }

    /// Forgets what has left and who has to wait.
    pub fn forget(&mut self) {
        *self = Self::new(self.pace);
    }

    /// When one message to this chat may leave, `now` at the earliest.
    #[must_use]
    pub fn ready(&self, chat: &str, now: DateTime<Utc>) -> DateTime<Utc> {
        let chat = self.chats.get(self.key(chat)).map(|state| state.ready(now));
        [self.bot_ready(), self.bot_held, chat].into_iter().flatten().fold(now, Ord::max)
    }

    /// Notes that a message to this chat leaves now.
    pub fn take(&mut self, chat: &str, now: DateTime<Utc>) {
        if let Some(bot) = &mut self.bot {
            bot.take(now);
        }
        let (pace, group) = (self.pace, self.pace.is_group.is_some_and(|is_group| is_group(chat)));
        let state = self.state(chat);
        if let Some(rate) = pace.per_chat_second {
            state.spacing.get_or_insert_with(|| Spacing::per_second(rate)).take(now);
        }
        if let Some(rate) = pace.per_group_minute.filter(|_| group) {
            state.window.get_or_insert_with(|| Window::per_minute(rate)).take(now);
        }
        self.taken += 1;
        if self.taken >= SWEEP {
            self.taken = 0;
            self.chats.retain(|_, state| !state.is_idle(now));
        }
    }

    /// Nothing to this chat before `until`, because the platform said so (429). Where several
    /// chats hear that together, the bot as a whole rests: as long as the longest told, but at
    /// first not over a minute, for it may still be only the chats.
    pub fn hold(&mut self, chat: &str, until: DateTime<Utc>, now: DateTime<Utc>) {
        let key = self.key(chat).to_owned();
        self.refusals.retain(|(at, other)| now - *at < TOGETHER && *other != key);
        self.refusals.push_back((now, key));
        let state = self.state(chat);
        state.held = state.held.max(Some(until));
        if self.refusals.len() >= CHATS_TOGETHER {
            self.rest(now);
        }
    }

    /// Nothing at all before `until`.
    pub fn hold_all(&mut self, until: DateTime<Utc>) {
        self.bot_held = self.bot_held.max(Some(until));
    }

    /// Whether the bot as a whole is limited.
    #[must_use]
    pub const fn limits_all(&self) -> bool {
        self.bot.is_some()
    }

    /// Until when the bot as a whole rests because several chats were told to wait.
    #[must_use]
    pub const fn held_until(&self) -> Option<DateTime<Utc>> {
        self.bot_held
    }

    fn bot_ready(&self) -> Option<DateTime<Utc>> {
        self.bot.as_ref().map(Spacing::ready)
    }

    fn rest(&mut self, now: DateTime<Utc>) {
        let soon = self.last_rest.is_some_and(|last| now - last < SOON);
        self.rests = if soon { (self.rests + 1).min(6) } else { 0 };
        self.last_rest = Some(now);
        let told = self.refusals.iter().filter_map(|(_, chat)| self.chats.get(chat)?.held).max().unwrap_or(now);
        self.hold_all(told.min(now + FIRST_REST * (1 << self.rests)));
        self.refusals.clear();
    }

    fn key<'a>(&self, chat: &'a str) -> &'a str {
        self.pace.counted_by.map_or(chat, |counted_by| counted_by(chat))
    }

    fn state(&mut self, chat: &str) -> &mut ChatState {
        let key = self.key(chat).to_owned();
        self.chats.entry(key).or_default()
    }
}

/// Evenly spaced messages, or so many at once after a rest: the generic cell rate algorithm (ITU-T I.371).
#[derive(Debug)]
struct Spacing {
    /// When the next one is due by the rate alone.
    next: DateTime<Utc>,
    every: TimeDelta,
    slack: TimeDelta,
}

impl Spacing {
    fn per_second(rate: f64) -> Self {
        // A rate below one a second stretches the window, so that the slack stays in proportion.
        let window = (1.0 / rate).max(1.0);
        Self { next: DateTime::UNIX_EPOCH, every: seconds(1.0 / (rate * SHARE)), slack: seconds(window * SLACK) }
    }

    fn with_burst(self, burst: Option<u32>) -> Self {
        let early = i32::try_from(burst.unwrap_or(1).saturating_sub(1)).unwrap_or(i32::MAX);
        Self { slack: self.slack + self.every * early, ..self }
    }

    fn ready(&self) -> DateTime<Utc> {
        self.next - self.slack
    }

    fn take(&mut self, now: DateTime<Utc>) {
        self.next = self.next.max(now) + self.every;
    }
}

/// So many messages in any stretch of time, however they fall: a group that was quiet may get
/// several at once.
#[derive(Debug)]
struct Window {
    /// When the last ones left, oldest first, never more than `most`.
    left: VecDeque<DateTime<Utc>>,
    most: usize,
    length: TimeDelta,
}

impl Window {
    fn per_minute(rate: f64) -> Self {
        let most = rate.floor().max(1.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what fits")]
        let count = most.min(10_000.0) as usize;
        Self { left: VecDeque::new(), most: count, length: seconds(60.0 * most / rate / SHARE) }
    }

    fn ready(&self) -> Option<DateTime<Utc>> {
        let full = self.left.len() >= self.most;
        self.left.front().filter(|_| full).map(|oldest| *oldest + self.length)
    }

    fn take(&mut self, now: DateTime<Utc>) {
        if self.left.len() >= self.most {
            self.left.pop_front();
        }
        self.left.push_back(now);
    }

    fn is_idle(&self, now: DateTime<Utc>) -> bool {
        self.left.back().is_none_or(|last| *last + self.length <= now)
    }
}

fn seconds(length: f64) -> TimeDelta {
    Duration::try_from_secs_f64(length).ok().and_then(|d| TimeDelta::from_std(d).ok()).unwrap_or(TimeDelta::MAX)
}

#[cfg(test)]
mod tests;
