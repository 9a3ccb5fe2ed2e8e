//! How often strangers may write to the store, all of them together: behind a proxy nobody can be
//! told from anybody.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// So many at once, after a rest.
const BURST: i32 = 120;
/// And one more in this time.
const REFILL: TimeDelta = TimeDelta::seconds(1);

/// Lets callers through while there is room.
#[derive(Debug, Default)]
pub struct Doorman(Mutex<Option<DateTime<Utc>>>);

impl Doorman {
    /// Whether one more may pass now.
    pub(super) fn admits(&self, now: DateTime<Utc>) -> bool {
        let mut full_at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // When all room will be there again; a clock that went back starts anew.
        let at = full_at.filter(|at| *at > now && *at <= now + REFILL * (BURST + 1)).unwrap_or(now) + REFILL;
        let passes = at <= now + REFILL * BURST;
        if passes {
            *full_at = Some(at);
        }
        passes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_one_in_a_second() {
        let (doorman, start) = (Doorman::default(), DateTime::UNIX_EPOCH);
        let passed = |at: i64| (0..500).filter(|_| doorman.admits(start + TimeDelta::seconds(at))).count();
        assert_eq!((passed(0), passed(1), passed(11), passed(1000)), (120, 1, 10, 120));
        assert_eq!(passed(0), 120, "a clock that was set back locks nobody out");
    }
}
