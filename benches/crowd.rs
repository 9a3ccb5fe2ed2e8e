//! One entry for a million addresses: how long the write lock is held, when the first message can
//! leave, and what it takes in memory. `cargo bench --bench crowd [COUNT]`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::indexing_slicing, missing_docs)]

use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use loaphuong::entry::{Entry, Guid, Slug};
use loaphuong::outbox::{Sent, Verdict};
use loaphuong::page::Validators;
use loaphuong::store::{Access, Catalog, Poll, Seen, Settled, SourceEntry, Store, Visited};
use sqlx::{Connection, Executor};

const ZONE: chrono_tz::Tz = chrono_tz::Asia::Ho_Chi_Minh;
/// Addresses that are served to see what it costs with all the others waiting.
const SERVED: usize = 6_400;

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
async fn crowd(path: &std::path::Path, count: usize) {
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
        if store.fan_out_some(ZONE, Utc::now()).await.unwrap().is_none() {
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
}
