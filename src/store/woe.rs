//! How a loop goes on while the database fails: it says so once for each reason, and tries again
//! less and less often, for a full disk may last for hours and its log may be on the same disk.

use std::time::Duration;

use crate::phrases;

const SHORTEST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(10);

/// What of the database fails for one loop.
#[derive(Debug, Default)]
pub struct Woe {
    told: Option<String>,
    pause: Option<Duration>,
}

impl Woe {
    /// It failed: how long to wait before the next try. `of` is whose loop it is.
    pub fn failed(&mut self, of: &str, error: &anyhow::Error) -> Duration {
        let told = format!("{error:#}");
        if self.told.as_ref() != Some(&told) {
            tracing::error!(of, error = told, "{}", phrases::log_store_failed());
            self.told = Some(told);
        }
        let pause = self.pause.map_or(SHORTEST, |last| (last * 2).min(LONGEST));
        self.pause = Some(pause);
        pause
    }

    /// It works.
    pub fn over(&mut self, of: &str) {
        if self.told.take().is_some() {
            tracing::info!(of, "{}", phrases::log_store_works());
        }
        self.pause = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_fails_for_long_is_tried_less_and_less_often() {
        let (mut woe, error) = (Woe::default(), anyhow::anyhow!("disk is full"));
        let pauses: Vec<u128> = (0..7).map(|_| woe.failed("watch", &error).as_millis()).collect();
        assert_eq!(pauses, [500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
        woe.over("watch");
        assert_eq!(woe.failed("watch", &error), SHORTEST);
    }
}
