//! kill -9 at random moments while messages leave.

use std::time::{Duration, Instant};

use crate::daemon::Daemon;
use crate::platform::Kind;
use crate::ward::Ward;

/// A life that brings nothing forward ends after so long.
const LONGEST: Duration = Duration::from_secs(5);
/// After so many requests it ends, whenever that was: up to so long later.
const MOMENT: Duration = Duration::from_millis(30);

/// Kills so often while so many notices go to each of three chats on each channel; how often, where
/// the last notice came before the last kill.
pub(crate) async fn kills(kinds: &[Kind], kills: usize, notices: usize, rng: &mut fastrand::Rng) -> (Ward, usize) {
    let ward = Ward::new(kinds, notices, rng).await;
    let (mut requests, mut killed) = (ward.missing() / kills.max(1), 0);
    while killed < kills {
        let before = ward.missing();
        if before == 0 {
            break;
        }
        live(&ward, rng.usize(0..=2 * requests), rng).await;
        killed += 1;
        // As much at a time as makes the news last for all kills.
        let (came, wanted) = (before - ward.missing(), before / (kills - killed + 1));
        let step = requests / 8 + 1;
        requests = if came > wanted { requests.saturating_sub(step).max(1) } else { requests + step };
    }
    (ward, killed)
}

/// A daemon's life, which ends after so many requests.
async fn live(ward: &Ward, requests: usize, rng: &mut fastrand::Rng) {
    let (began, before) = (Instant::now(), ward.requests());
    let daemon = Daemon::start(ward.path());
    while ward.requests() < before + requests && began.elapsed() < LONGEST {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::sleep(MOMENT.mul_f64(rng.f64())).await;
    daemon.kill();
}
