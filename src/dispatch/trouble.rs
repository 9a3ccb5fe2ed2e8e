//! What is wrong with a channel, as an incident: it outlives the process, so that the next one
//! knows since when, and the admin is told once, again each day, and when it is over.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

use super::line::Pause;
use super::{Dispatch, Line};
use crate::channel::budget::Spent;
use crate::incident::{Change, Incident, Kind, Office, Word, ended, find, lasting};
use crate::outbox::LOST;
use crate::phrases;
use crate::schedule::spoken;
use crate::store::{COUNTED, Report};

/// What lasts is looked at again at least so often.
const EVERY: Duration = Duration::from_secs(60);
/// Addresses named to the admin.
const NAMED: usize = 10;

/// What was last noted of a channel, and when.
#[derive(Debug, Default)]
pub(super) struct Noted {
    last: Option<(Vec<Option<String>>, Instant)>,
}

/// Something that is wrong, or not: since when, and why.
type State = (Kind, Option<(DateTime<Utc>, String)>);

impl Noted {
    fn is_news(&self, causes: &[Option<String>], passing: Instant) -> bool {
        self.last.as_ref().is_none_or(|(last, at)| last != causes || passing - *at >= EVERY)
    }
}

impl Dispatch {
    /// Since when an earlier process got nothing through this channel.
    pub(super) async fn recall(&self, line: &Line) {
        match self.store.incidents_of(&line.subject()).await {
            Ok(open) => {
                for (kind, pause) in [(Kind::Down, Pause::Outage), (Kind::Exhausted, Pause::Spent)] {
                    if let Some(down) = find(&open, kind) {
                        line.recall(pause, down.since, down.after.clone());
                    }
                }
            }
            Err(e) => tracing::error!(channel = line.name, error = format!("{e:#}"), "{}", phrases::log_store_failed()),
        }
    }

    /// Notes what is wrong with a channel, or no longer, and tells the admin.
    pub(super) async fn note_troubles(&self, line: &Line, noted: &mut Noted, now: DateTime<Utc>) {
        if let Err(e) = self.try_note_troubles(line, noted, now).await {
            tracing::error!(channel = line.name, error = format!("{e:#}"), "{}", phrases::log_store_failed());
        }
    }

    async fn try_note_troubles(&self, line: &Line, noted: &mut Noted, now: DateTime<Utc>) -> anyhow::Result<()> {
        let of_the_channel = [
            (Kind::Down, line.down(Pause::Outage)),
            (Kind::Exhausted, line.down(Pause::Spent)),
            (Kind::Suspended, self.refusing(line, now).await?),
        ];
        let of_its_news = [
            (Kind::Limited, self.waiting(line, now).await?),
            (Kind::Throttled, self.throttled(line, now).await?),
            (Kind::Spent, self.spent(line, now).await?),
            (Kind::Dead, self.given_up(line).await?),
        ];
        let states: Vec<&State> = of_the_channel.iter().chain(&of_its_news).collect();
        let causes: Vec<Option<String>> = states.iter().map(|(_, state)| state.as_ref().map(|(_, cause)| cause.clone())).collect();
        if !noted.is_news(&causes, Instant::now()) {
            return Ok(());
        }
        let open = self.store.incidents_of(&line.subject()).await?;
        let office = self.office.as_ref();
        self.report(line, &open, &of_the_channel, office.and_then(|office| reachable(office, line)).as_ref(), now).await?;
        self.report(line, &open, &of_its_news, office.map(|office| elsewhere(office, line)).as_ref(), now).await?;
        noted.last = Some((causes, Instant::now()));
        Ok(())
    }

    /// Commits what begins, lasts or ends, and owes the words of it to an office.
    async fn report(
        &self,
        line: &Line,
        open: &[Incident],
        states: &[State],
        office: Option<&Office>,
        now: DateTime<Utc>,
    ) -> anyhow::Result<()> {
        let told: Vec<(Change, Option<Word>)> = states.iter().filter_map(|state| told(open, state, now)).collect();
        let (changes, words): (Vec<Change>, Vec<Option<Word>>) = told.into_iter().unzip();
        let words: Vec<Word> = words.into_iter().flatten().collect();
        if !changes.is_empty() {
            self.store.report(Report { subject: &line.subject(), office }, &changes, &words, now).await?;
        }
        words.iter().for_each(|word| log(line, word));
        self.bells.values().filter(|_| !words.is_empty()).for_each(|bell| bell.notify_one());
        Ok(())
    }

    /// The addresses that the platform lets wait for long, in words.
    async fn waiting(&self, line: &Line, now: DateTime<Utc>) -> anyhow::Result<Option<(DateTime<Utc>, String)>> {
        let Some(waiting) = self.store.waiting(&line.name, now).await? else { return Ok(None) };
        let (count, until) = (phrases::counted(waiting.count, COUNTED), spoken(waiting.until, self.zone));
        Ok(Some((now, phrases::addresses_wait(&count, &line.shown(waiting.to.chat()), &until, &waiting.cause))))
    }

    /// What of the month's messages is used up, in words.
    async fn spent(&self, line: &Line, now: DateTime<Utc>) -> anyhow::Result<Option<(DateTime<Utc>, String)>> {
        let words = |spent| match spent {
            Spent::News(left) => phrases::news_spent(left),
            Spent::All => phrases::budget_spent(),
        };
        Ok(self.used_up(line, now).await?.map(|spent| (now, words(spent))))
    }

    /// What was given up, in words: how many, and the last of them.
    async fn given_up(&self, line: &Line) -> anyhow::Result<Option<(DateTime<Utc>, String)>> {
        let Some(dead) = self.store.given_up(&line.name).await? else { return Ok(None) };
        let (count, to) = (phrases::counted(dead.count, COUNTED), line.shown(dead.to.chat()));
        Ok(Some((dead.since, phrases::letters_given_up(&count, dead.last, &dead.title, &to, &dead.cause, &line.name))))
    }

    /// The addresses that refuse, in words; some of them, for they may be very many.
    async fn refusing(&self, line: &Line, now: DateTime<Utc>) -> anyhow::Result<Option<(DateTime<Utc>, String)>> {
        let (count, some) = self.store.refusing(&line.name, NAMED).await?;
        let named: Vec<String> = some.iter().map(|(to, cause)| format!("{}: {cause}", line.shown(to.chat()))).collect();
        Ok((count > 0).then(|| (now, phrases::addresses_refuse(count, &named))))
    }
}

fn told(open: &[Incident], (kind, state): &State, now: DateTime<Utc>) -> Option<(Change, Option<Word>)> {
    match state {
        Some((since, cause)) => Some(lasting(open, *kind, *since, cause, patience(*kind), now)),
        None => ended(open, *kind),
    }
}

/// How long it must last before it is told.
fn patience(kind: Kind) -> TimeDelta {
    match kind {
        Kind::Down => LOST,
        // For the next process alone: it is told as messages that are used up.
        Kind::Exhausted => TimeDelta::MAX,
        Kind::Suspended | Kind::Limited | Kind::Throttled | Kind::Spent | Kind::Dead | Kind::Deaf | Kind::Full => TimeDelta::zero(),
        Kind::Failing | Kind::Relaunch | Kind::Healed | Kind::Held | Kind::Moved | Kind::Slow | Kind::Replaced => TimeDelta::zero(),
    }
}

/// Where the admin hears of a channel's news: by that channel only where there is no other.
fn elsewhere(office: &Office, line: &Line) -> Office {
    let second = office.fallback.clone().filter(|second| office.to.channel() == line.name && second.channel() != line.name);
    match second {
        Some(second) => Office { to: second, fallback: None, ..office.clone() },
        None => office.clone(),
    }
}

/// Where the admin can be told of a channel: not by that channel while it is down.
fn reachable(office: &Office, line: &Line) -> Option<Office> {
    if line.works_now() || office.to.channel() != line.name {
        return Some(office.clone());
    }
    let fallback = office.fallback.clone().filter(|second| second.channel() != line.name)?;
    Some(Office { to: fallback, fallback: None, ..office.clone() })
}

fn log(line: &Line, word: &Word) {
    match word {
        Word::AllClear(incident) => tracing::info!(channel = line.name, since = %incident.since, "{}", incident.kind.over()),
        Word::Report(incident) | Word::Remind(incident) => {
            tracing::warn!(channel = line.name, since = %incident.since, cause = incident.after, "{}", incident.kind.what());
        }
    }
}
