//! One fault in the midst of the news, on each channel.

use std::time::{Duration, Instant};

use crate::daemon::{Daemon, letters, retry};
use crate::fakes::Mishap;
use crate::platform::Kind;
use crate::tally::Tally;
use crate::ward::Ward;

const LOOK: Duration = Duration::from_millis(20);
/// A refusal is among the letters within this.
const LETTER: Duration = Duration::from_secs(60);

/// The faults, by name.
pub(crate) const FAULTS: [(&str, Mishap); 4] =
    [("500", Mishap::ServerError), ("403", Mishap::Gone), ("reset", Mishap::Reset), ("lost answer", Mishap::LostAnswer)];

/// What came of one fault; an address that refused is written to again by hand.
pub(crate) async fn fault(kind: Kind, mishap: Mishap, notices: usize, mut rng: fastrand::Rng) -> Tally {
    let ward = Ward::new(&[kind], notices, &mut rng).await;
    let (before, at) = (ward.requests(), rng.usize(1..notices));
    let daemon = Daemon::start(ward.path());
    ward.wait(LOOK, |ward| ward.requests() >= before + at).await;
    ward.platforms[0].fail_next(mishap);
    let mut by_hand = 0;
    // A receiver that refuses is tried again; an address that does, is not.
    if mishap == Mishap::Gone && kind != Kind::Webhook {
        let began = Instant::now();
        while !letters(ward.path()).iter().any(|letter| letter["state"] == "held" || letter["state"] == "dead") {
            assert!(began.elapsed() < LETTER, "a refusal is seen nowhere");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        by_hand = letters(ward.path()).iter().filter(|letter| letter["state"] == "dead").count();
        retry(ward.path());
    }
    ward.wait(LOOK, |ward| ward.missing() == 0).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    daemon.stop(Duration::from_secs(10)).await;
    let tally = ward.tallies()[0].1;
    // A letter that was given up and is sent again by hand comes after what was newer.
    Tally { disordered: tally.disordered.saturating_sub(by_hand), ..tally }
}
