//! The rests of a channel that are each too short to tell of: together they may be most of the time.

use chrono::{DateTime, Utc};

use super::{Dispatch, Line};
use crate::incident::{Kind, find};
use crate::outbox::LOST;
use crate::phrases;
use crate::store::WINDOW;

/// Rests that are not stored yet.
#[derive(Debug, Default)]
pub(super) struct Rests(Vec<(DateTime<Utc>, DateTime<Utc>)>);

impl Rests {
    /// The channel rests from one time to another. What lasts for long is told as what it is.
    pub(super) fn note(&mut self, from: DateTime<Utc>, until: DateTime<Utc>) {
        if until > from && until - from < LOST {
            self.0.push((from, until));
        }
    }

    pub(super) fn take(&mut self) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
        std::mem::take(&mut self.0)
    }
}

impl Dispatch {
    /// Whether a channel rested more than half of the last minutes, in words. It is over only when
    /// that is less than a quarter, so that nobody hears of each turn of the tide.
    pub(super) async fn throttled(&self, line: &Line, now: DateTime<Utc>) -> anyhow::Result<Option<(DateTime<Utc>, String)>> {
        let fresh = line.rests().take();
        for (stored, (from, until)) in fresh.iter().enumerate() {
            if let Err(error) = self.store.note_rest(&line.name, *from, *until).await {
                fresh.iter().skip(stored).for_each(|(from, until)| line.rests().note(*from, *until));
                return Err(error);
            }
        }
        let rested = self.store.rested(&line.name, now).await?;
        if rested <= WINDOW / 4 {
            return Ok(None);
        }
        let told = || Some((now, phrases::channel_rested(rested.num_minutes(), WINDOW.num_minutes(), &line.name)));
        if rested > WINDOW / 2 {
            return Ok(told());
        }
        let open = self.store.incidents_of(&line.subject()).await?;
        Ok(find(&open, Kind::Throttled).and_then(|_| told()))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn only_short_rests_are_taken_together() {
        let at = |minute| DateTime::UNIX_EPOCH + TimeDelta::minutes(minute);
        let mut rests = Rests::default();
        for (from, until) in [(0, 1), (1, 1), (2, 1), (3, 13), (4, 13)] {
            rests.note(at(from), at(until));
        }
        assert_eq!(rests.take(), [(at(0), at(1)), (at(4), at(13))]);
        assert!(rests.take().is_empty());
    }
}
