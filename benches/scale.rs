//! The whole country on one machine: 3,321 feeds and a million entries. How soon the real program is
//! ready, what it takes in memory, how soon a changed feed is seen, and that no other is touched.
//! `cargo bench --bench scale [ENTRIES]`.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, clippy::print_stderr)]

#[path = "common/daemon.rs"]
mod daemon;
#[path = "common/http.rs"]
mod http;

use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use daemon::{Daemon, cpu_of};
use http::{etag, get};
use loaphuong::store::{Access, Store};
use sqlx::{AnyConnection, Connection, Executor, Row};

const WARDS: usize = 3_321;
/// What people open.
const PAGES: [&str; 9] = [
    "/",
    "/tim?q=thong+bao",
    "/tim?q=khong+co+dau",
    "/muc",
    "/chon-phuong?q=phuong+12",
    "/phuong/phuong-12",
    "/theo-doi/phuong-12",
    "/feeds/tat-ca.rss?q=so+5",
    "/feeds.opml",
];
/// How long there is quiet before a change.
const SETTLED: Duration = Duration::from_secs(1);
/// How often a feed is changed.
const CHANGES: usize = 20;

async fn fill(dir: &Path, entries: usize) {
    Store::open("sqlite://scale.db", dir, Access::Daemon).await.unwrap_or_else(|e| panic!("{e:?}")).close().await;
    let mut connection = connect(dir).await;
    connection.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;").await.unwrap();
    let sentence = "Ủy ban nhân dân phường đề nghị bà con các tổ dân phố theo dõi và thực hiện đúng thời gian nêu trên. ";
    let text = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {entries}) \
         INSERT INTO entries (source, guid, slug, url, title, summary, content_html, images, attachments, categories, digest, seen, changed, sorted) \
         SELECT 'phuong-' || (i % {WARDS}), 'https://p.example/' || i, 'tin-' || i, 'https://p.example/' || i, 'Thông báo số ' || i, '{sentence}', \
         '<p>{long}</p><p>Số ' || i || '</p>', '[]', '[]', '[]', i, 1700000000000 + i * 60000, 1700000000000 + i * 60000, 1700000000000 + i * 60000 FROM n",
        long = sentence.repeat(6),
    );
    connection.execute(sqlx::AssertSqlSafe(text)).await.unwrap();
    connection.execute("ANALYZE").await.unwrap();
    connection.close().await.unwrap();
}

async fn connect(dir: &Path) -> AnyConnection {
    AnyConnection::connect(&format!("sqlite://{}", dir.join("scale.db").display())).await.unwrap()
}

fn configure(dir: &Path) {
    let blocks: String = (0..WARDS)
        .map(|n| {
            format!(
                "[[sources]]\nname = \"phuong-{n}\"\ntitle = \"Phường {n}\"\nurl = \"http://127.0.0.1:9/{n}\"\nschedule = \"@yearly\"\n"
            )
        })
        .collect();
    let rest = "store = \"sqlite://scale.db\"\n[server]\nlisten = \"127.0.0.1:0\"\n[fetch]\nallow = [\"127.0.0.1:9\"]\n\
                [[feeds.combined]]\nname = \"tat-ca\"\nsources = [\"*\"]\n\
                [[sources]]\nname = \"tai-cho\"\npath = \"news\"\nschedule = \"* * * * * *\"\n";
    std::fs::create_dir_all(dir.join("news")).unwrap();
    std::fs::write(dir.join("news/2026-11-01-bai.txt"), "Bài đầu\n\nNội dung.\n").unwrap();
    std::fs::write(dir.join("config.toml"), format!("{rest}{blocks}")).unwrap();
}

/// When each feed file was written.
fn times(dir: &Path) -> Vec<(String, SystemTime)> {
    let files = std::fs::read_dir(dir.join("feeds")).unwrap().map(|file| file.unwrap());
    files.map(|file| (file.file_name().into_string().unwrap(), file.metadata().unwrap().modified().unwrap())).collect()
}

/// From the commit, as another connection sees it, until a feed has it.
async fn change(dir: &Path, daemon: &Daemon, connection: &mut AnyConnection, feed: &str, number: usize) -> Duration {
    let tag = || etag(&get(daemon.address(), &format!("/feeds/{feed}.rss"), "").0);
    let version = "SELECT version FROM sources WHERE slug = 'tai-cho'";
    // What the change before it set going is over by then.
    tokio::time::sleep(SETTLED).await;
    let before: (i64, String) = (connection.fetch_one(version).await.unwrap().get(0), tag());
    std::fs::write(dir.join(format!("news/2026-11-02-bai-{feed}-{number}.txt")), format!("Bài {number} của {feed}\n\nNội dung.\n"))
        .unwrap();
    while connection.fetch_one(version).await.unwrap().get::<i64, _>(0) == before.0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let committed = Instant::now();
    while tag() == before.1 {}
    committed.elapsed()
}

#[tokio::main]
async fn main() {
    let entries = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(1_000_000);
    let dir = tempfile::tempdir().unwrap();
    let began = Instant::now();
    fill(dir.path(), entries).await;
    configure(dir.path());
    println!("{WARDS} feeds, {entries} entries; made in {:.1} s", began.elapsed().as_secs_f64());
    let began = Instant::now();
    let first = Daemon::start(dir.path());
    println!("first start, every feed written: ready after {:.2} s", began.elapsed().as_secs_f64());
    drop(first);
    let mut connection = connect(dir.path()).await;
    // Sites that nobody runs are not visited again while this lasts.
    connection.execute("UPDATE sources SET due = 4000000000000 WHERE slug LIKE 'phuong-%'").await.unwrap();
    let before = times(dir.path());
    for _ in 0..3 {
        let daemon = Daemon::start(dir.path());
        println!(
            "start: ready after {:.3} s; memory {:.0} MiB, at most {:.0}",
            daemon.ready_after.as_secs_f64(),
            daemon.memory("VmRSS:"),
            daemon.memory("VmHWM:")
        );
    }
    let daemon = Daemon::start(dir.path());
    for (feed, what) in [("tai-cho", "a changed feed"), ("tat-ca", "the feed of all")] {
        let mut took = Vec::new();
        for number in 0..CHANGES {
            took.push(change(dir.path(), &daemon, &mut connection, feed, number).await);
        }
        took.sort_unstable();
        println!("{what} is seen after its commit: median {:.0?}, longest {:.0?}", took[CHANGES / 2], took[CHANGES - 1]);
    }
    let now = times(dir.path());
    let others = before.iter().filter(|one| !one.0.starts_with("tai-cho.") && !one.0.starts_with("tat-ca.") && !now.contains(one)).count();
    println!("other feeds written since: {others}");
    for path in PAGES {
        let start = Instant::now();
        let (head, _) = get(daemon.address(), path, "Accept-Encoding: gzip\r\n");
        assert!(head.starts_with("http/1.1 200"), "{path}: {head}");
        println!("{path} for the first time: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    }
    let (start, cpu) = (Instant::now(), cpu_of(daemon.pid()));
    for n in 0..WARDS {
        get(daemon.address(), &format!("/feeds/phuong-{n}.rss"), "Accept-Encoding: gzip\r\n");
    }
    println!(
        "every feed asked for once: {:.1} s, {:.2} ms CPU each; memory {:.0} MiB, at most {:.0}",
        start.elapsed().as_secs_f64(),
        (cpu_of(daemon.pid()) - cpu) * 1e3 / WARDS as f64,
        daemon.memory("VmRSS:"),
        daemon.memory("VmHWM:")
    );
}
