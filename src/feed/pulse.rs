//! How often a reader does well to ask, from how often there is something new. A few steps only, so
//! that a feed does not change with every entry's minute.

use chrono::TimeDelta;

/// A rhythm as feeds tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pulse {
    /// `hourly`, `daily`, `weekly` or `monthly` (RSS 1.0 module Syndication).
    pub(super) period: &'static str,
    /// Changes in such a period.
    pub(super) frequency: u32,
    /// Minutes that a reader may keep a copy.
    pub(super) minutes: u32,
}

/// The longest gap of each step.
const STEPS: &[(i64, Pulse)] = &[
    (1, Pulse { period: "hourly", frequency: 1, minutes: 15 }),
    (6, Pulse { period: "daily", frequency: 4, minutes: 30 }),
    (12, Pulse { period: "daily", frequency: 2, minutes: 60 }),
    (36, Pulse { period: "daily", frequency: 1, minutes: 60 }),
    (24 * 4, Pulse { period: "weekly", frequency: 2, minutes: 120 }),
    (24 * 10, Pulse { period: "weekly", frequency: 1, minutes: 120 }),
    (24 * 20, Pulse { period: "monthly", frequency: 2, minutes: 240 }),
];
/// What says something once a month or less.
const SELDOM: Pulse = Pulse { period: "monthly", frequency: 1, minutes: 240 };

/// The rhythm with this time between two entries.
pub(super) fn pulse(gap: TimeDelta) -> Pulse {
    STEPS.iter().find(|(hours, _)| gap <= TimeDelta::hours(*hours)).map_or(SELDOM, |(_, pulse)| *pulse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_tells_its_rhythm_in_steps() {
        for (minutes, want) in [
            (5, ("hourly", 1, 15)),
            (61, ("daily", 4, 30)),
            (24 * 60, ("daily", 1, 60)),
            (25 * 60, ("daily", 1, 60)),
            (7 * 24 * 60, ("weekly", 1, 120)),
            (90 * 24 * 60, ("monthly", 1, 240)),
        ] {
            let Pulse { period, frequency, minutes: kept } = pulse(TimeDelta::minutes(minutes));
            assert_eq!((period, frequency, kept), want, "{minutes}");
        }
    }
}
