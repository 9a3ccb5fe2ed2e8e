//! How often a source is visited that names no schedule: as often as it publishes, within bounds,
//! more in office hours; and when an entry's own page is looked at again.

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc, Weekday};
use chrono_tz::Tz;

/// How far apart two visits of a source may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Never sooner than this after a visit.
    pub min: TimeDelta,
    /// Never later.
    pub max: TimeDelta,
}

impl Default for Bounds {
    /// Five minutes to six hours.
    fn default() -> Self {
        Self { min: TimeDelta::minutes(5), max: TimeDelta::hours(6) }
    }
}

/// What is known of a source's publishing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pulse {
    /// The usual time between two publications.
    pub gap: Option<TimeDelta>,
    /// When it last published.
    pub newest: Option<DateTime<Utc>>,
}

/// The pause while nothing is known of a source.
const UNKNOWN: TimeDelta = TimeDelta::minutes(15);
/// Visits between two publications in office hours; others bring a third of that.
const VISITS: i32 = 24;
/// How many publications tell the usual gap.
const COUNTED: usize = 20;
/// An entry's own page is looked at again so long after it was first seen: corrections come soon.
const AGAIN: [TimeDelta; 5] = [TimeDelta::hours(1), TimeDelta::hours(6), TimeDelta::days(1), TimeDelta::days(3), TimeDelta::days(7)];
/// Entries older than this when they are first seen are not looked at again.
const YOUNG: TimeDelta = TimeDelta::days(7);

/// The usual time between publications, from their times in any order; `None` from fewer than two.
#[must_use]
pub fn gap(published: &[DateTime<Utc>]) -> Option<TimeDelta> {
    let mut times = published.to_vec();
    times.sort_unstable_by(|a, b| b.cmp(a));
    times.truncate(COUNTED);
    let span = *times.first()? - *times.last()?;
    let steps = i32::try_from(times.len()).ok()?.checked_sub(1).filter(|steps| *steps > 0)?;
    Some(span / steps)
}

/// The middle one of the times between publications, newest first: what the gap is between most of
/// them, whatever a quiet month or a burst does to the average. `None` from fewer than two.
#[must_use]
pub fn usual_step(newest_first: &[DateTime<Utc>]) -> Option<TimeDelta> {
    let mut steps: Vec<TimeDelta> = newest_first.windows(2).filter_map(|pair| Some(*pair.first()? - *pair.last()?)).collect();
    steps.sort_unstable();
    steps.get(steps.len() / 2).copied()
}

/// The pause after a visit at `now`. A source that fell silent is asked less and less; `name` only
/// spreads sources that would otherwise all be due at once, always by the same share.
#[must_use]
pub fn pause(pulse: Pulse, bounds: Bounds, name: &str, zone: Tz, now: DateTime<Utc>) -> TimeDelta {
    let silence = pulse.newest.map_or(TimeDelta::zero(), |newest| now - newest);
    let wanted = pulse.gap.map_or(UNKNOWN, |gap| {
        let visits = if in_office(now, zone) { VISITS } else { VISITS / 3 };
        gap.max(silence / 2) / visits
    });
    let spread = wanted.clamp(bounds.min, bounds.max);
    // Up to a tenth later, never past the bound.
    (spread + spread / 10_000 * i32::from(share(name))).min(bounds.max)
}

/// A number from 0 to 999 that depends on the name alone (FNV-1a).
fn share(name: &str) -> u16 {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    u16::try_from(hash % 1000).unwrap_or_default()
}

/// Monday to Friday, 7 to 18 o'clock.
fn in_office(now: DateTime<Utc>, zone: Tz) -> bool {
    let local = now.with_timezone(&zone);
    !matches!(local.weekday(), Weekday::Sat | Weekday::Sun) && (7..18).contains(&local.hour())
}

/// When the page of an entry first seen at `seen` is looked at again after `now`; `None` when it
/// is old enough to stand.
#[must_use]
pub fn again(seen: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    AGAIN.iter().map(|step| seen + *step).find(|at| *at > now)
}

/// Whether an entry with this date is young enough to be looked at again at all.
#[must_use]
pub fn is_young(published: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    published.is_none_or(|at| now - at < YOUNG)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const ZONE: Tz = chrono_tz::Asia::Ho_Chi_Minh;

    fn at(local: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(&format!("{local}:00+07:00")).unwrap().to_utc()
    }

    fn minutes(gap_hours: Option<i64>, newest: &str, now: &str) -> i64 {
        let pulse = Pulse { gap: gap_hours.map(TimeDelta::hours), newest: Some(at(newest)) };
        let unspread = (0..).map(|n| n.to_string()).find(|name| share(name) == 0).unwrap();
        pause(pulse, Bounds::default(), &unspread, ZONE, at(now)).num_minutes()
    }

    #[test]
    fn a_quiet_month_does_not_change_the_usual_step() {
        let times = ["2026-11-05T08:00", "2026-11-04T08:00", "2026-11-03T08:00", "2026-10-03T08:00"].map(at);
        assert_eq!(usual_step(&times), Some(TimeDelta::days(1)));
        assert_eq!(usual_step(&times[..1]), None);
    }

    #[test]
    fn a_source_is_visited_as_often_as_it_publishes() {
        let check = |gap, newest, now, want: i64| {
            assert_eq!(minutes(gap, newest, now), want, "gap {gap:?}, newest {newest}, now {now}");
        };
        let morning = "2026-11-06T09:00";
        check(None, "2026-11-06T08:00", morning, 15);
        check(Some(1), "2026-11-06T08:30", morning, 5);
        check(Some(8), "2026-11-06T08:30", morning, 20);
        check(Some(8), "2026-11-06T20:30", "2026-11-06T22:00", 60);
        check(Some(8), "2026-11-06T20:30", "2026-11-07T09:00", 60);
        check(Some(24), "2026-11-05T15:00", morning, 60);
        check(Some(24 * 14), "2026-11-01T09:00", morning, 360);
        check(Some(1), "2026-10-06T09:00", morning, 360);
    }

    #[test]
    fn what_would_be_due_at_once_is_spread_and_stays_in_bounds() {
        let all: Vec<TimeDelta> =
            (0..100).map(|n| pause(Pulse::default(), Bounds::default(), &format!("phuong-{n}"), ZONE, at("2026-11-06T09:00"))).collect();
        assert!(all.iter().all(|p| (900..990).contains(&p.num_seconds())), "{all:?}");
        assert!(all.iter().collect::<std::collections::BTreeSet<_>>().len() > 40);
        let slow = Pulse { gap: Some(TimeDelta::days(90)), newest: None };
        assert_eq!(pause(slow, Bounds::default(), "phuong-7", ZONE, at("2026-11-06T09:00")), TimeDelta::hours(6));
    }

    #[test]
    fn the_usual_gap_comes_from_the_newest() {
        let times: Vec<_> = (0..60).map(|n| at("2026-11-06T09:00") - TimeDelta::hours(if n < 20 { n } else { n * 100 })).collect();
        assert_eq!(gap(&times), Some(TimeDelta::hours(1)));
        assert_eq!(gap(&[at("2026-11-06T09:00")]), None);
        assert_eq!(gap(&[]), None);
    }

    #[test]
    fn young_entries_are_looked_at_again_and_old_ones_stand() {
        let seen = at("2026-11-06T09:00");
        let next = |hours: i64| again(seen, seen + TimeDelta::hours(hours)).map(|t| (t - seen).num_hours());
        assert_eq!([next(0), next(1), next(7), next(24), next(100), next(168)], [Some(1), Some(6), Some(24), Some(72), Some(168), None]);
        assert!(is_young(None, seen) && is_young(Some(seen), seen) && !is_young(Some(seen - TimeDelta::days(8)), seen));
    }
}
