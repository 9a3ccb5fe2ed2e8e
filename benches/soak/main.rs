//! What is promised of crashes, held against the real program: it is killed at random moments while
//! it sends, stopped, and given each fault once; strict platforms over loopback count what people
//! see. Ends with 1 where a promise is broken. `cargo bench --bench soak [KILLS] [--seed SEED]`,
//! 200 kills unless said.
//!
//! A message is out of order where its first copy comes after a newer one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    missing_docs
)]

mod daemon;
#[path = "../../tests/it/fakes/mod.rs"]
mod fakes;
mod faults;
mod kills;
mod mixed;
mod platform;
mod stops;
mod tally;
mod ward;
mod wire;

use std::process::ExitCode;
use std::time::Instant;

use platform::{Kind, TELLING};
use tally::Tally;
use ward::Ward;

/// So many notices to nine chats are 2,007 messages.
const NOTICES: usize = 223;
/// Of them where there are three chats: as many for each kill.
const FEWER: usize = 100;
const STOPS: usize = 20;

#[tokio::main]
async fn main() -> ExitCode {
    let mut args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let seed = args.iter().position(|arg| arg == "--seed").map(|at| args.drain(at..at + 2).nth(1).unwrap().parse().unwrap());
    let seed: u64 = seed.unwrap_or_else(|| fastrand::u64(..=u64::from(u32::MAX)));
    let kills: usize = args.first().map_or(200, |count| count.parse().unwrap());
    println!("seed {seed}");
    let mut rng = fastrand::Rng::with_seed(seed);
    // Beside each other: most of the time all that they do is wait.
    let parts = [
        tokio::spawn(killed(&TELLING, kills, NOTICES, rng.fork())),
        tokio::spawn(killed(&[Kind::Blind], kills / 2, FEWER, rng.fork())),
        tokio::spawn(mixed(kills / 4, rng.fork())),
        tokio::spawn(stopped(rng.fork())),
    ];
    let mut kept = true;
    for part in parts {
        kept &= part.await.unwrap();
    }
    kept &= faulted(rng).await;
    println!("\n{}", if kept { "every promise was kept" } else { "A PROMISE WAS BROKEN" });
    if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn killed(kinds: &'static [Kind], kills: usize, notices: usize, mut rng: fastrand::Rng) -> bool {
    let began = Instant::now();
    let (ward, killed) = kills::kills(kinds, kills, notices, &mut rng).await;
    let left = ward.missing();
    let settled = ward.finish().await;
    println!("\n{killed} kills, {left} messages still to come at the last, {:.0} s", began.elapsed().as_secs_f64());
    // The last few may come before the last kills do.
    report(ward, settled && killed * 10 >= kills * 9)
}

async fn mixed(kills: usize, mut rng: fastrand::Rng) -> bool {
    let mut mixed = mixed::Mixed::new(&mut rng).await;
    let settled = mixed.kills(kills, &mut rng).await;
    println!("\n{kills} kills with lists, a second way, and {} articles that changed", mixed.changes());
    head();
    let kept = row("telegram and webhook", mixed.tally(), true);
    if !settled {
        println!("  {:?}", mixed.heard());
    }
    kept && settled
}

async fn stopped(mut rng: fastrand::Rng) -> bool {
    let kinds = [Kind::Telegram, Kind::Webhook, Kind::Matrix, Kind::Blind];
    let (ward, longest) = stops::stops(&kinds, STOPS, FEWER, &mut rng).await;
    let settled = ward.finish().await;
    println!("\n{STOPS} stops by SIGTERM, the longest took {longest:.1?}");
    // Who stops in order has nothing in doubt, so nothing comes twice even where nothing can tell.
    let perfect = ward.tallies().iter().all(|(_, tally)| tally.is_perfect());
    report(ward, settled && longest.is_some() && perfect)
}

async fn faulted(mut rng: fastrand::Rng) -> bool {
    let mut cases = Vec::new();
    for kind in [Kind::Telegram, Kind::Webhook, Kind::Matrix, Kind::Blind] {
        for (name, mishap) in faults::FAULTS {
            let rng = rng.fork();
            cases.push((kind, name, tokio::spawn(async move { faults::fault(kind, mishap, 20, rng).await })));
        }
    }
    println!("\none fault each");
    head();
    let mut kept = true;
    for (kind, name, case) in cases {
        let tally = case.await.unwrap();
        kept &= row(&format!("{kind:?} {name}"), tally, kind != Kind::Blind);
    }
    kept
}

fn head() {
    println!("{:<22} {:>6} {:>6} {:>9} {:>6} {:>13}", "", "owed", "lost", "given up", "twice", "out of order");
}

/// Whether what is promised held: nothing is lost without a word, and where the channel can tell,
/// nothing is given up and nothing comes twice.
fn row(name: &str, tally: Tally, tells: bool) -> bool {
    let Tally { owed, told, twice, disordered, .. } = tally;
    println!("{name:<22} {owed:>6} {:>6} {told:>9} {twice:>6} {disordered:>13}", tally.lost());
    tally.lost() == 0 && disordered == 0 && (!tells || tally.is_perfect())
}

fn report(ward: Ward, well: bool) -> bool {
    head();
    let mut kept = well;
    for (platform, (name, tally)) in ward.platforms.iter().zip(ward.tallies()) {
        kept &= row(name, tally, platform.kind != Kind::Blind);
        for refused in platform.refusals().iter().take(3) {
            println!("  refused: {refused}");
            kept = false;
        }
    }
    if !kept {
        println!("  its folder is kept: {}", ward.keep().display());
    }
    kept
}
