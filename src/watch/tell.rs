//! What a round means for the admin: the log, and what begins and ends.

use chrono::{DateTime, TimeDelta, Utc};

use crate::incident::{self, Kind, Word};
use crate::phrases;
use crate::store::Due;
use crate::text;

use super::Round;
use super::harvest::{Harvest, Outcome};

/// Notes what begins or ends with this round; gives what the admin is to hear.
pub(super) fn incidents(due: &Due, outcome: &Outcome, harvest: &mut Harvest, now: DateTime<Utc>) -> Vec<Word> {
    let mut words = Vec::new();
    let rests = harvest.seen.rests;
    let changes = &mut harvest.seen.incidents;
    let mut note = |(change, word): (incident::Change, Option<Word>)| {
        changes.push(change);
        words.extend(word);
    };
    match outcome {
        Outcome::Failed { held: Some(held), .. } => {
            note(incident::happened(&due.incidents, Kind::Held, held.before.clone(), held.after.clone(), now));
        }
        Outcome::Failed { cause, .. } => note(incident::failing(&due.incidents, due.failures + 1, cause, now)),
        Outcome::Resting(resting) => note(incident::lasting(&due.incidents, Kind::Slow, now, &resting.told(), TimeDelta::zero(), now)),
        Outcome::Read(_) | Outcome::Unchanged => incident::over(&due.incidents, now).into_iter().for_each(&mut note),
    }
    if matches!(outcome, Outcome::Read(_) | Outcome::Unchanged) && rests.is_none() {
        incident::ended(&due.incidents, Kind::Slow).into_iter().for_each(&mut note);
    }
    if let Some(healed) = &harvest.healed {
        note(incident::happened(&due.incidents, Kind::Healed, healed.before.clone(), healed.after.clone(), now));
    }
    words
}

/// Notes where the list has moved for good, or that it is back.
pub(super) fn moved(due: &Due, from: &str, harvest: &mut Harvest, now: DateTime<Utc>) -> Option<Word> {
    if harvest.seen.moved == due.moved {
        return None;
    }
    let Some(to) = harvest.seen.moved.as_ref().map(text::shown) else {
        harvest.seen.incidents.push(incident::Change::Close(Kind::Moved));
        return None;
    };
    let (change, word) = incident::happened(&due.incidents, Kind::Moved, from.to_owned(), to, now);
    harvest.seen.incidents.push(change);
    word
}

/// Writes what came of a round to the log.
pub(super) fn log(round: &Round) {
    let (saved, source) = (&round.saved, round.source.as_str());
    for problem in &round.problems {
        tracing::warn!(source, problem, "{}", phrases::log_problem());
    }
    if let Some(cause) = &round.cause {
        tracing::warn!(source, cause, next = %round.next, "{}", phrases::log_poll_failed());
    } else if saved.touches_feeds() {
        let crate::store::Saved { new, changed, weighed, owed, relinked, braked, withdrawn, returned, words: _ } = saved;
        tracing::info!(source, new, changed, weighed, owed, relinked, braked, withdrawn, returned, "{}", phrases::log_polled());
    } else {
        tracing::debug!(source, "{}", phrases::log_polled());
    }
    for word in &saved.words {
        tell(source, word);
    }
}

fn tell(source: &str, word: &Word) {
    match word {
        Word::AllClear(incident) => {
            tracing::info!(source, since = %incident.since, "{}", incident.kind.over());
        }
        Word::Report(incident) | Word::Remind(incident) => {
            let (before, after, since) = (incident.before.as_str(), incident.after.as_str(), incident.since);
            tracing::warn!(source, %since, before, after, "{}", incident.kind.what());
        }
    }
}
