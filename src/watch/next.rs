//! When a source is visited next.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::config::{EVERY, SourcePlan};
use crate::outbox;
use crate::rhythm;
use crate::store::Due;

use super::harvest::Outcome;

/// A failing source is visited at least this often.
const LONGEST_BACKOFF: Duration = Duration::from_secs(6 * 3600);
/// A list that is gone for good (410) is only looked at in case a person brought it back.
const PAUSED: TimeDelta = TimeDelta::days(1);

pub(super) fn next_visit(plan: &SourcePlan, due: &Due, outcome: &Outcome, now: DateTime<Utc>) -> DateTime<Utc> {
    let regular = plan
        .schedule
        .as_ref()
        .map_or_else(|| Some(now + unscheduled(plan, due, now)), |s| s.next_after(now))
        .unwrap_or(now + TimeDelta::days(1));
    let (after, gone) = match outcome {
        Outcome::Read(_) | Outcome::Unchanged => return regular,
        Outcome::Resting(resting) => return resting.over(now),
        Outcome::Failed { after, gone, .. } => (after, gone),
    };
    if *gone {
        return regular.max(now + PAUSED);
    }
    let backoff = outbox::backoff(due.failures + 1).min(LONGEST_BACKOFF);
    let failing_long = if due.failures > 3 { LONGEST_BACKOFF.min(EVERY * 2u32.saturating_pow(due.failures - 3)) } else { Duration::ZERO };
    let wait = backoff.max(after.unwrap_or_default()).max(failing_long);
    regular.max(now + TimeDelta::from_std(wait).unwrap_or_default())
}

/// The pause of a source without a schedule. A folder costs nobody anything, and people wait for
/// what they put there.
fn unscheduled(plan: &SourcePlan, due: &Due, now: DateTime<Utc>) -> TimeDelta {
    if plan.is_folder() {
        return plan.bounds.min;
    }
    rhythm::pause(due.pulse, plan.bounds, plan.slug.as_str(), plan.zone, now)
}
