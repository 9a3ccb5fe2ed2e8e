//! One entry for a million addresses: how long the write lock is held, when the first message can
//! leave, and what it takes in memory; then the real program sends to them for a while, and is asked
//! for its figures. `cargo bench --bench crowd [COUNT]`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::indexing_slicing, missing_docs)]

#[path = "common/bot.rs"]
mod bot;
#[path = "common/daemon.rs"]
mod daemon;

use std::path::Path;
use std::time::{Duration, Instant};

use bot::Endpoint;
use daemon::Daemon;

use chrono::{TimeDelta, Utc};
use loaphuong::entry::{Entry, Guid, Slug};
use loaphuong::outbox::{Sent, Verdict};
use loaphuong::page::Validators;
use loaphuong::store::{Access, Catalog, Poll, Seen, Settled, SourceEntry, Store, Visited};
use sqlx::{Connection, Executor};

const ZONE: chrono_tz::Tz = chrono_tz::Asia::Ho_Chi_Minh;
/// Addresses that are served to see what it costs with all the others waiting.
const SERVED: usize = 6_400;
/// For how long the daemon is looked at.
const WATCHED: Duration = Duration::from_secs(20);

async fn save(store: &Store, entries: Vec<Entry>) {
    let now = Utc::now();
    store.visit_all(now).await.unwrap();
    let due = store.claim_sources(now, TimeDelta::seconds(60), 1).await.unwrap().remove(0);
    let feeds = [due.source.clone()];
    let visited = Visited::Read { entries, validators: Validators::default() };
    let poll = Poll {
        due: &due,
        now,
        next: now,
        visited,
        problems: Vec::new(),
        subscriptions: &[],
        feeds: &feeds,
        seen: Seen::default(),
        words: Vec::new(),
        report: None,
    };
    store.save(&poll).await.unwrap();
}

/// So many people who subscribed, written at once.
async fn crowd(path: &Path, count: usize) {
    let mut connection = sqlx::AnyConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    let text = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
         INSERT INTO subscriptions (feed, address, welcome, digest, filter, silent, since) SELECT 'phuong', 'bot:' || i, 0, 0, '{{}}', 0, 0 FROM n"
    );
    connection.execute(sqlx::AssertSqlSafe(text)).await.unwrap();
    connection.close().await.unwrap();
}

/// Memory now and at most, in MiB.
fn memory() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let of =
        |name: &str| status.lines().find_map(|l| l.strip_prefix(name)?.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default();
    (of("VmRSS:") / 1024, of("VmHWM:") / 1024)
}

async fn fan_out(store: &Store, count: usize) {
    let (start, mut longest, mut pieces) = (Instant::now(), Duration::ZERO, 0);
    let mut first = None;
    loop {
        let began = Instant::now();
        if store.fan_out_some(ZONE, &[], Utc::now()).await.unwrap().is_none() {
            break;
        }
        first.get_or_insert(start.elapsed());
        longest = longest.max(began.elapsed());
        pieces += 1;
    }
    println!(
        "fanned out to {count}: {:.1} s in {pieces} pieces, the longest {} ms, the first after {} ms; memory {:?} MiB (now, most)",
        start.elapsed().as_secs_f64(),
        longest.as_millis(),
        first.unwrap_or_default().as_millis(),
        memory()
    );
}

async fn serve(store: &Store) {
    let (start, mut longest, mut served) = (Instant::now(), Duration::ZERO, 0);
    while served < SERVED {
        let began = Instant::now();
        let batches = store.claim_deliveries("bot", Utc::now(), TimeDelta::seconds(120), 64).await.unwrap();
        longest = longest.max(began.elapsed());
        let sent = |id: i64| Verdict::Sent(Sent { ids: vec![id.to_string()] });
        let settles = batches.iter().map(|b| {
            let id = b.deliveries[0].id;
            async move { store.settle(b, &[id], sent(id), Settled::default(), Utc::now()).await.unwrap() }
        });
        served += batches.len();
        futures_util::future::join_all(settles).await;
        store.next_delivery("bot").await.unwrap();
    }
    let each = start.elapsed().as_secs_f64() / SERVED as f64;
    println!(
        "claimed and settled with the rest waiting: {:.3} ms each, the longest claim {} ms; memory {:?} MiB (now, most)",
        each * 1000.0,
        longest.as_millis(),
        memory()
    );
}

/// The daemon with all the others waiting, as it sends to an endpoint that is 60 ms away and is
/// scraped each second.
async fn watched(dir: &Path) {
    rustls::crypto::ring::default_provider().install_default().ok();
    let (endpoint, api) = Endpoint::start(Duration::from_millis(60), None).await;
    let config = format!(
        "store = 'sqlite://crowd.db'\n[server]\nlisten = '127.0.0.1:0'\n[[sources]]\nname = 'phuong'\nkind = 'folder'\npath = 'news'\n\
         [[channels]]\nname = 'bot'\nkind = 'telegram'\ntoken = '1:x'\napi = '{api}'\npace = 'off'\n"
    );
    std::fs::create_dir(dir.join("news")).unwrap();
    std::fs::write(dir.join("config.toml"), config).unwrap();
    let path = dir.to_owned();
    let daemon = tokio::task::spawn_blocking(move || Daemon::start(&path)).await.unwrap();
    let (mut most, mut scrapes) = (0_f64, Vec::new());
    for _ in 0..20 {
        tokio::time::sleep(WATCHED / 20).await;
        let began = Instant::now();
        let figures = reqwest::get(format!("{}/metrics", daemon.url)).await.unwrap().text().await.unwrap();
        scrapes.push(began.elapsed());
        let waiting = figures.lines().find_map(|line| line.strip_prefix("loaphuong_outbox{channel=\"bot\",state=\"due\"} ")).unwrap();
        assert!(waiting.parse::<usize>().unwrap() > 0, "nothing waits");
        most = most.max(daemon.pss());
    }
    scrapes.sort_unstable();
    println!(
        "the daemon sent {} in {WATCHED:?}: {most:.0} MiB at most (PSS); a scrape took {:?} (median), {:?} at most",
        endpoint.seen.lock().unwrap().taken,
        scrapes[scrapes.len() / 2],
        scrapes[scrapes.len() - 1],
    );
}

#[tokio::main]
async fn main() {
    let count = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(1_000_000);
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open("sqlite://crowd.db", dir.path(), Access::Daemon).await.unwrap_or_else(|e| panic!("{e:?}"));
    let sources = vec![SourceEntry { slug: Slug::new("phuong").unwrap(), fingerprint: String::new() }];
    store.sync(&Catalog { sources, subscriptions: Vec::new() }, Utc::now()).await.unwrap();
    save(&store, Vec::new()).await;
    crowd(&dir.path().join("crowd.db"), count).await;
    println!("{count} subscribers; memory {:?} MiB (now, most)", memory());
    let mut entry = Entry::new(Guid::new("https://phuong.example/1"), "Lịch cắt điện");
    entry.content_html = "<p>Từ 8 giờ đến 11 giờ, ngõ 15 và ngõ 17.</p>".to_owned();
    let began = Instant::now();
    save(&store, vec![entry]).await;
    println!("an entry saved in {} ms", began.elapsed().as_millis());
    fan_out(&store, count).await;
    serve(&store).await;
    store.close().await;
    drop(store);
    watched(dir.path()).await;
}
