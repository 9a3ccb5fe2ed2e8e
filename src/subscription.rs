//! Who gets what, where and when.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::entry::{Entry, Slug};
use crate::schedule::{Quiet, Schedule};
use crate::text;

/// One chat on one channel, written `channel:chat`, e.g. `bot:-1001234567890/17` or `console:all`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    channel: String,
    chat: String,
}

impl Address {
    /// From its two halves.
    #[must_use]
    pub fn new(channel: impl Into<String>, chat: impl Into<String>) -> Self {
        Self { channel: channel.into(), chat: chat.into() }
    }

    /// Reads `channel:chat`; `None` when a half is missing.
    #[must_use]
    pub fn parse(written: &str) -> Option<Self> {
        let (channel, chat) = written.split_once(':')?;
        (!channel.trim().is_empty() && !chat.trim().is_empty()).then(|| Self::new(channel.trim(), chat.trim()))
    }

    /// The channel's name in the config.
    #[must_use]
    pub fn channel(&self) -> &str {
        &self.channel
    }

    /// The chat, in the channel's own words.
    #[must_use]
    pub fn chat(&self) -> &str {
        &self.chat
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.channel, self.chat)
    }
}

/// Which entries of a feed are wanted. Words match whole words, accents optional.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// At least one of these; empty: all.
    pub include: Vec<String>,
    /// None of these.
    pub exclude: Vec<String>,
    /// At least one of these sections; empty: all.
    pub categories: Vec<String>,
    /// What says one of these is urgent: it leaves at once and with a sound, whatever the schedule,
    /// the digest and the quiet hours.
    pub urgent: Vec<String>,
}

/// The words of an entry, folded once for all filters.
#[derive(Debug, Clone, Default)]
pub struct Words {
    text: String,
    categories: Vec<String>,
}

impl Words {
    /// Of its title, its lead, its text and its sections.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        let body = crate::html::to_text(&entry.content_html);
        Self {
            text: text::fold(&format!("{}\n{}\n{body}", entry.title, entry.summary.as_deref().unwrap_or(""))),
            categories: entry.categories.iter().map(|c| text::fold(c)).collect(),
        }
    }

    fn say(&self, any: &[String]) -> bool {
        any.iter().any(|word| text::contains_folded(&self.text, word))
    }
}

/// Why a filter does not want an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Objection {
    /// It says none of these words.
    Lacks(Vec<String>),
    /// It says this word.
    Has(String),
    /// It is in none of these sections.
    FiledElsewhere(Vec<String>),
}

impl Filter {
    /// Whether an entry of these words is wanted.
    #[must_use]
    pub fn admits(&self, words: &Words) -> bool {
        self.objection(words).is_none()
    }

    /// Why an entry of these words is not wanted; `None` where it is.
    #[must_use]
    pub fn objection(&self, words: &Words) -> Option<Objection> {
        let filed = |wanted: &String| words.categories.contains(&text::fold(wanted));
        if !self.include.is_empty() && !words.say(&self.include) {
            return Some(Objection::Lacks(self.include.clone()));
        }
        if let Some(word) = self.exclude.iter().find(|word| text::contains_folded(&words.text, word)) {
            return Some(Objection::Has(word.clone()));
        }
        let elsewhere = !self.categories.is_empty() && !self.categories.iter().any(filed);
        elsewhere.then(|| Objection::FiledElsewhere(self.categories.clone()))
    }

    /// Whether an entry of these words is urgent.
    #[must_use]
    pub fn is_urgent(&self, words: &Words) -> bool {
        words.say(&self.urgent)
    }
}

/// A feed owed to an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// A source's or a combined feed's name.
    pub feed: Slug,
    /// Where it goes.
    pub to: Address,
    /// Newest entries sent on the first visit.
    pub welcome: usize,
    /// When; `None` sends at once.
    pub schedule: Option<Schedule>,
    /// One message for all that is due at a time.
    pub digest: bool,
    /// When nothing is sent.
    pub quiet: Option<Quiet>,
    /// What is wanted.
    pub filter: Filter,
    /// Without a sound.
    pub silent: bool,
    /// A second way, for when `to` refuses or its channel is down.
    pub fallback: Option<Address>,
    /// More than so many that are due at once become one list; 0: never.
    pub burst: usize,
}

impl Subscription {
    /// What people are told one by one, unless they say otherwise.
    pub const BURST: usize = 5;
    /// The most that [`Subscription::burst`] can be.
    pub const MOST_BURST: usize = 100;

    /// As people make it themselves: all of a feed, at once.
    #[must_use]
    pub fn simple(feed: Slug, to: Address) -> Self {
        Self {
            feed,
            to,
            welcome: 0,
            schedule: None,
            digest: false,
            quiet: None,
            filter: Filter::default(),
            silent: false,
            fallback: None,
            burst: Self::BURST,
        }
    }

    /// With the hours, the rhythm and the topics of another.
    #[must_use]
    pub fn like(self, other: Option<&Self>) -> Self {
        let Some(other) = other else { return self };
        Self { schedule: other.schedule.clone(), digest: other.digest, quiet: other.quiet.clone(), filter: other.filter.clone(), ..self }
    }

    /// Whether all comes at once, at any time.
    #[must_use]
    pub fn is_simple(&self) -> bool {
        self.schedule.is_none() && !self.digest && self.quiet.is_none() && self.filter == Filter::default()
    }

    /// When something that waits is to be sent, where it was asked for at `since` and its time has
    /// perhaps come already.
    #[must_use]
    pub fn due_since(&self, since: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
        let at = self.schedule.as_ref().map_or(Some(since), |s| s.next_after(since)).unwrap_or(now).max(now);
        self.quiet.as_ref().map_or(at, |q| q.clear(at))
    }

    /// When something that arrives now is to be sent.
    #[must_use]
    pub fn due(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let at = self.schedule.as_ref().and_then(|s| s.next_after(now)).unwrap_or(now);
        self.quiet.as_ref().map_or(at, |q| q.clear(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Guid;

    fn check(filter: &Filter, title: &str, want: bool) {
        let entry = Entry::new(Guid::new("1"), title);
        assert_eq!(filter.admits(&Words::of(&entry)), want, "{filter:?} on {title}");
    }

    #[test]
    fn words_match_without_accents_and_only_whole() {
        let power = Filter { include: vec!["cắt điện".into()], ..Filter::default() };
        check(&power, "Lịch CẮT ĐIỆN ngày mai", true);
        check(&power, "lich cat dien ngay mai", true);
        check(&power, "Họp tổ dân phố", false);
        let no_meeting = Filter { exclude: vec!["hop".into()], ..Filter::default() };
        check(&no_meeting, "Họp tổ dân phố", false);
        check(&no_meeting, "Hợp tác xã", false);
        check(&no_meeting, "Tiêm chủng", true);
    }

    #[test]
    fn an_address_needs_both_halves() {
        assert_eq!(Address::parse("bot:-100/17"), Some(Address::new("bot", "-100/17")));
        assert_eq!(Address::parse("hook:https://a.example/x"), Some(Address::new("hook", "https://a.example/x")));
        assert_eq!(Address::parse("bot"), None);
        assert_eq!(Address::parse("bot: "), None);
    }
}
