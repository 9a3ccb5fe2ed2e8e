//! What is owed, counted so seldom that a scrape costs the same however much waits.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::sync::Mutex;

use crate::store::{Store, Tally};

/// A count that took no longer is made anew each time.
const CHEAP: Duration = Duration::from_millis(5);
/// Another is kept for so many times as long as it took.
const KEPT: u32 = 500;

/// The last count that was not cheap.
#[derive(Default)]
pub struct Census(Mutex<Option<Count>>);

struct Count {
    by_channel: BTreeMap<String, Tally>,
    until: Instant,
}

impl Census {
    /// How many deliveries stand where, by channel.
    pub(super) async fn count(&self, store: &Store, channels: &[&str]) -> Result<BTreeMap<String, Tally>> {
        // Held while counting: of several scrapes one counts.
        let mut last = self.0.lock().await;
        let began = Instant::now();
        let kept = last.as_ref().filter(|count| count.until > began && channels.iter().all(|name| count.by_channel.contains_key(*name)));
        if let Some(kept) = kept {
            return Ok(kept.by_channel.clone());
        }
        let by_channel = store.tallies(channels).await?;
        *last = kept_for(began.elapsed()).map(|kept| Count { by_channel: by_channel.clone(), until: began + kept });
        Ok(by_channel)
    }
}

/// For how long a count holds that took so long.
fn kept_for(took: Duration) -> Option<Duration> {
    (took > CHEAP).then(|| took * KEPT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counting_takes_a_five_hundredth_of_the_time_at_most() {
        assert_eq!(kept_for(Duration::from_millis(1)), None);
        assert_eq!(kept_for(Duration::from_millis(60)), Some(Duration::from_secs(30)));
    }
}
