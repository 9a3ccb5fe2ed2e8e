//! What the admin is told of a source beyond single problems: once when it begins, again while it
//! lasts, and once when it is over.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use quick_xml::escape::escape;

use url::Url;

use crate::entry::{Entry, Guid, Slug};
use crate::phrases;
use crate::schedule::spoken;
use crate::subscription::{Address, Subscription};

/// Failures in a row before the admin is told.
const FAILURES: u32 = 3;
/// A source must have failed for so long as well: three tries can lie within a minute.
const FAILING: TimeDelta = TimeDelta::minutes(30);
/// What lasts is told again after this.
const REMIND: TimeDelta = TimeDelta::hours(24);
/// What was only to be known is shown for so long.
const SHOWN: TimeDelta = TimeDelta::days(7);

/// What happened to a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// It cannot be read.
    Failing,
    /// More than half of its list was suddenly new: stored, owed to nobody.
    Relaunch,
    /// Its pages changed and it reads them in another way now.
    Healed,
    /// Its pages changed and nothing that is read agrees with what was known: its last feed stays.
    Held,
    /// Its list has moved for good.
    Moved,
    /// Its robots.txt asks for so long a pause that a visit takes hours.
    Slow,
    /// Nothing of its list is left and all of it is new: stored, owed to nobody, as is all that
    /// follows until what was known is back or somebody says that it is well.
    Replaced,
    /// Nothing gets through on a channel.
    Down,
    /// Addresses of a channel refuse messages.
    Suspended,
    /// The platform lets addresses of a channel wait for long.
    Limited,
    /// The platform makes a channel rest for moments, so often that it is most of the time.
    Throttled,
    /// A channel's messages of the month are used up, or those for news are.
    Spent,
    /// None of them is left and nothing leaves: since when, for the next process.
    Exhausted,
    /// Deliveries of a channel were given up.
    Dead,
    /// What people say to a channel cannot be heard.
    Deaf,
    /// The disk is full, or nearly.
    Full,
}

/// Every kind.
pub const KINDS: [Kind; 16] = [
    Kind::Failing,
    Kind::Relaunch,
    Kind::Healed,
    Kind::Held,
    Kind::Moved,
    Kind::Slow,
    Kind::Replaced,
    Kind::Down,
    Kind::Suspended,
    Kind::Limited,
    Kind::Throttled,
    Kind::Spent,
    Kind::Exhausted,
    Kind::Dead,
    Kind::Deaf,
    Kind::Full,
];

impl Kind {
    /// Its name, as programs see it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Failing => "failing",
            Self::Relaunch => "relaunch",
            Self::Healed => "healed",
            Self::Held => "held",
            Self::Moved => "moved",
            Self::Slow => "slow",
            Self::Replaced => "replaced",
            Self::Down => "down",
            Self::Suspended => "suspended",
            Self::Limited => "limited",
            Self::Throttled => "throttled",
            Self::Spent => "spent",
            Self::Exhausted => "exhausted",
            Self::Dead => "dead",
            Self::Deaf => "deaf",
            Self::Full => "full",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        KINDS.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether something must be done about it, or it is only to be known.
    #[must_use]
    pub const fn is_trouble(self) -> bool {
        match self {
            Self::Failing | Self::Held | Self::Replaced | Self::Full => true,
            Self::Down | Self::Suspended | Self::Limited | Self::Throttled | Self::Spent | Self::Exhausted | Self::Dead | Self::Deaf => {
                true
            }
            Self::Relaunch | Self::Healed | Self::Moved | Self::Slow => false,
        }
    }

    /// Whether a person should look at the source while it is open: something was held back, or
    /// is read otherwise than before. A list at a new address is read as ever.
    #[must_use]
    pub const fn needs_a_look(self) -> bool {
        match self {
            Self::Failing | Self::Held | Self::Relaunch | Self::Healed | Self::Replaced | Self::Full => true,
            Self::Down | Self::Suspended | Self::Limited | Self::Throttled | Self::Spent | Self::Exhausted | Self::Dead | Self::Deaf => {
                true
            }
            Self::Moved | Self::Slow => false,
        }
    }
}

impl Kind {
    /// What happened, as a sentence.
    #[must_use]
    pub fn what(self) -> String {
        match self {
            Self::Failing => phrases::incident_failing(),
            Self::Relaunch => phrases::incident_relaunch(),
            Self::Healed => phrases::incident_healed(),
            Self::Held => phrases::incident_held(),
            Self::Moved => phrases::incident_moved(),
            Self::Slow => phrases::incident_slow(),
            Self::Replaced => phrases::incident_replaced(),
            Self::Down => phrases::incident_down(),
            Self::Suspended => phrases::incident_suspended(),
            Self::Limited => phrases::incident_limited(),
            Self::Throttled => phrases::incident_throttled(),
            Self::Spent | Self::Exhausted => phrases::incident_spent(),
            Self::Dead => phrases::incident_dead(),
            Self::Deaf => phrases::incident_deaf(),
            Self::Full => phrases::incident_full(),
        }
    }

    /// That it is over.
    #[must_use]
    pub fn over(self) -> String {
        match self {
            Self::Failing => phrases::incident_over_failing(),
            Self::Held => phrases::incident_over_held(),
            Self::Down => phrases::log_channel_up(),
            Self::Suspended => phrases::log_accepts_again(),
            Self::Limited => phrases::incident_over_limited(),
            Self::Throttled => phrases::incident_over_throttled(),
            Self::Spent | Self::Exhausted => phrases::incident_over_spent(),
            Self::Dead => phrases::incident_over_dead(),
            Self::Deaf => phrases::incident_over_deaf(),
            Self::Full => phrases::incident_over_full(),
            Self::Replaced => phrases::incident_over_replaced(),
            Self::Relaunch | Self::Healed | Self::Moved | Self::Slow => phrases::incident_over(),
        }
    }
}

/// Something that happened to a source and is not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// What.
    pub kind: Kind,
    /// Since when.
    pub since: DateTime<Utc>,
    /// When the admin was last told.
    pub reported: Option<DateTime<Utc>>,
    /// How it was, in words or titles.
    pub before: String,
    /// How it is.
    pub after: String,
}

impl Incident {
    /// All of it, for people.
    #[must_use]
    pub fn told(&self, zone: Tz) -> String {
        phrases::incident_told(&self.kind.what(), &spoken(self.since, zone), &self.before, &self.after)
    }
}

/// What a visit changes about the incidents of its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It began, or goes on.
    Open(Incident),
    /// It is over.
    Close(Kind),
}

impl Change {
    /// What begins or goes on by it.
    #[must_use]
    pub const fn opened(&self) -> Option<&Incident> {
        match self {
            Self::Open(incident) => Some(incident),
            Self::Close(_) => None,
        }
    }
}

/// What the admin is to hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// It began.
    Report(Incident),
    /// It lasts.
    Remind(Incident),
    /// It is over.
    AllClear(Incident),
}

/// Where the admin hears of incidents by message (`[admin] to`).
#[derive(Debug, Clone)]
pub struct Office {
    /// A chat of a channel of the config.
    pub to: Address,
    /// A second way, for when the first refuses or is down.
    pub fallback: Option<Address>,
    /// The zone that times are told in.
    pub zone: Tz,
    /// Where more is to be seen: `/healthz` of this server.
    pub health: Url,
}

impl Office {
    /// What is owed to the admin is owed as to any subscriber: at once, kept in order, tried again.
    #[must_use]
    pub fn subscription(&self) -> Subscription {
        Subscription { fallback: self.fallback.clone(), burst: 0, ..Subscription::simple(Slug::admin(), self.to.clone()) }
    }
}

/// What an incident is about: a source, and whatever else may fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Its key among incidents: the name of a source, or `channel:` and the name of a channel.
    pub key: String,
    /// What people call it.
    pub title: String,
    /// Where a person looks at it.
    pub url: Option<Url>,
}

/// What the admin is to hear, as an entry that stands in no feed. The same word is the same entry,
/// so it is told once whoever reports it.
#[must_use]
pub fn letter(subject: &Subject, word: &Word, office: &Office, now: DateTime<Utc>) -> Entry {
    let (stage, incident, title) = match word {
        Word::Report(i) => ("report", i, phrases::admin_report(&subject.title, &i.kind.what())),
        Word::Remind(i) => ("remind", i, phrases::admin_remind(&subject.title, &i.kind.what())),
        Word::AllClear(i) => ("clear", i, phrases::admin_clear(&subject.title, &i.kind.over())),
    };
    let (since, told) = (incident.since.to_rfc3339(), incident.reported.unwrap_or(incident.since).to_rfc3339());
    let guid = Guid::derived(&["incident", &subject.key, incident.kind.name(), stage, &since, &told]);
    let lines = phrases::admin_lines(&spoken(incident.since, office.zone), &incident.before, &incident.after);
    Entry {
        url: Some(subject.url.clone().unwrap_or_else(|| office.health.clone())),
        published: Some(now.with_timezone(&office.zone).fixed_offset()),
        content_html: lines.iter().map(|line| format!("<p>{}</p>", escape(line))).collect(),
        ..Entry::new(guid, title)
    }
}

/// What a failed visit means: `failures` in a row with this one, and `cause` of this one.
#[must_use]
pub fn failing(open: &[Incident], failures: u32, cause: &str, now: DateTime<Utc>) -> (Change, Option<Word>) {
    let earlier = find(open, Kind::Failing);
    let mut incident = earlier.cloned().unwrap_or(Incident {
        kind: Kind::Failing,
        since: now,
        reported: None,
        before: String::new(),
        after: String::new(),
    });
    cause.clone_into(&mut incident.after);
    let word = if failures >= FAILURES && now - incident.since >= FAILING { told(&mut incident, now) } else { None };
    (Change::Open(incident), word)
}

/// What is to be told at once, and again while it lasts.
#[must_use]
pub fn happened(open: &[Incident], kind: Kind, before: String, after: String, now: DateTime<Utc>) -> (Change, Option<Word>) {
    let earlier = find(open, kind);
    let since = earlier.filter(|_| kind.is_trouble()).map_or(now, |i| i.since);
    let reported = earlier.filter(|i| i.after == after || kind.is_trouble()).and_then(|i| i.reported);
    let mut incident = Incident { kind, since, reported, before, after };
    let word = told(&mut incident, now);
    (Change::Open(incident), word)
}

/// What is noted at once and told only when it has lasted for `patience`.
#[must_use]
pub fn lasting(
    open: &[Incident],
    kind: Kind,
    since: DateTime<Utc>,
    cause: &str,
    patience: TimeDelta,
    now: DateTime<Utc>,
) -> (Change, Option<Word>) {
    let earlier = find(open, kind);
    let since = earlier.map_or(since, |i| i.since);
    let mut incident = Incident { kind, since, reported: earlier.and_then(|i| i.reported), before: String::new(), after: cause.to_owned() };
    let word = if now - since >= patience { told(&mut incident, now) } else { None };
    (Change::Open(incident), word)
}

/// The end of what was open; `None` where it was not.
#[must_use]
pub fn ended(open: &[Incident], kind: Kind) -> Option<(Change, Option<Word>)> {
    let incident = find(open, kind)?;
    Some((Change::Close(kind), incident.reported.is_some().then(|| Word::AllClear(incident.clone()))))
}

/// What a good visit ends: trouble, and what was shown long enough. That a list was taken over does
/// not end because it can be read.
#[must_use]
pub fn over(open: &[Incident], now: DateTime<Utc>) -> Vec<(Change, Option<Word>)> {
    let ends = |i: &&Incident| match i.kind {
        Kind::Replaced | Kind::Moved | Kind::Slow | Kind::Full => false,
        Kind::Failing | Kind::Held => true,
        Kind::Down | Kind::Suspended | Kind::Limited | Kind::Throttled | Kind::Spent | Kind::Exhausted | Kind::Dead | Kind::Deaf => true,
        Kind::Relaunch | Kind::Healed => now - i.since > SHOWN,
    };
    let one = |i: &Incident| {
        let heard = i.kind.is_trouble() && i.reported.is_some();
        (Change::Close(i.kind), heard.then(|| Word::AllClear(i.clone())))
    };
    open.iter().filter(ends).map(one).collect()
}

/// The open incident of this kind.
#[must_use]
pub fn find(open: &[Incident], kind: Kind) -> Option<&Incident> {
    open.iter().find(|i| i.kind == kind)
}

fn told(incident: &mut Incident, now: DateTime<Utc>) -> Option<Word> {
    let first = incident.reported.is_none();
    if incident.reported.is_some_and(|at| now - at < REMIND || !incident.kind.is_trouble()) {
        return None;
    }
    incident.reported = Some(now);
    Some(if first { Word::Report(incident.clone()) } else { Word::Remind(incident.clone()) })
}

#[cfg(test)]
mod tests;
