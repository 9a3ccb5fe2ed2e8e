//! SIGTERM at random moments while messages leave: in order, and with nothing in doubt.

use std::time::Duration;

use crate::daemon::Daemon;
use crate::platform::Kind;
use crate::ward::Ward;

/// The longest that a stop may take.
const LIMIT: Duration = Duration::from_secs(10);

/// Stops so often; the longest stop, `None` where one did not end well or in time.
pub(crate) async fn stops(kinds: &[Kind], stops: usize, notices: usize, rng: &mut fastrand::Rng) -> (Ward, Option<Duration>) {
    let ward = Ward::new(kinds, notices, rng).await;
    let mut longest = Some(Duration::ZERO);
    for _ in 0..stops {
        let before = ward.requests();
        let daemon = Daemon::start(ward.path());
        let more = rng.usize(1..=ward.notices * kinds.len() * 3 / stops);
        ward.wait(Duration::from_millis(2), |ward| ward.requests() >= before + more || ward.missing() == 0).await;
        let took = daemon.stop(LIMIT).await;
        longest = longest.zip(took).map(|(longest, took)| longest.max(took));
    }
    (ward, longest)
}
