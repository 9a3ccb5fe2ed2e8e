//! What a restart or a wrong clock would make a channel forget, or wait for too long.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

use super::{Dispatch, LEASE, Line, SEND_LIMIT};
use crate::outbox::LONGEST_WAIT;
use crate::phrases;
use crate::store::Farthest;

/// A clock that goes back by less is only a little wrong, and heals by itself.
const SET_BACK: TimeDelta = TimeDelta::seconds(60);
/// Between two routine looks; longer than a send, whose lease may come from before a step.
const EVERY: Duration = Duration::from_secs(SEND_LIMIT.as_secs() + 30);
/// The longest that limits count back, a little more than their minute.
const REMEMBERED: TimeDelta = TimeDelta::seconds(62);
/// By so much the clocks of two machines may differ.
const SKEW: TimeDelta = TimeDelta::minutes(10);

/// Sees whether the clock was set back.
#[derive(Debug, Default)]
pub(super) struct ClockWatch {
    last: Option<DateTime<Utc>>,
    next: Option<Instant>,
}

/// What a look at the clock asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finding {
    /// Nothing.
    Fine,
    /// A look at what the store holds: another process may have had a wrong clock.
    Routine,
    /// The clock was wrong until now.
    SetBack,
}

impl ClockWatch {
    /// `now` is what the clock says, `passing` what really passes.
    pub(super) fn look(&mut self, now: DateTime<Utc>, passing: Instant) -> Finding {
        let finding = match (self.last.replace(now), self.next) {
            (Some(last), _) if last - now > SET_BACK => Finding::SetBack,
            (_, Some(next)) if passing < next => return Finding::Fine,
            _ => Finding::Routine,
        };
        self.next = Some(passing + EVERY);
        finding
    }
}

impl Dispatch {
    /// Fills the pace of a channel that was just started with what left before.
    pub(super) async fn remember(&self, line: &Line) {
        if !line.buckets().is_limited() || !line.buckets().is_fresh() {
            return;
        }
        let now = (self.clock)();
        match self.store.sent_lately(&line.name, now - REMEMBERED, now).await {
            Ok(sent) => sent.iter().for_each(|(to, at)| line.buckets().take(to.chat(), *at)),
            Err(e) => tracing::error!(channel = line.name, error = format!("{e:#}"), "{}", phrases::log_store_failed()),
        }
    }

    /// What lies further ahead than anything can be told to wait is a clock's mistake, and is due now.
    pub(super) async fn stay_sober(&self, line: &Line, finding: Finding, now: DateTime<Utc>) {
        let farthest = match finding {
            Finding::Fine => return,
            Finding::Routine => Farthest { wait: LONGEST_WAIT + SET_BACK, lease: Some(LEASE + SKEW) },
            // Leases from before the step belong to sends that are under way.
            Finding::SetBack => Farthest { wait: SET_BACK, lease: None },
        };
        if finding == Finding::SetBack {
            line.forget();
            self.remember(line).await;
        }
        match self.store.heal_clock(&line.name, farthest, now).await {
            Ok(0) => {}
            Ok(healed) => tracing::warn!(channel = line.name, healed, "{}", phrases::log_clock_was_wrong()),
            Err(e) => tracing::error!(channel = line.name, error = format!("{e:#}"), "{}", phrases::log_store_failed()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_back_is_seen_and_one_that_is_corrected_a_little_is_not() {
        let (start, mut watch) = (Instant::now(), ClockWatch::default());
        let at = |seconds| DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::seconds(seconds);
        for (clock, passing, want) in [
            (0, 0, Finding::Routine),
            (2, 2, Finding::Fine),
            (31_536_000, 4, Finding::Fine),
            (6, 6, Finding::SetBack),
            (3, 8, Finding::Fine),
            (90, 95, Finding::Fine),
            (91, 96, Finding::Routine),
        ] {
            assert_eq!(watch.look(at(clock), start + Duration::from_secs(passing)), want, "{clock} {passing}");
        }
    }
}
