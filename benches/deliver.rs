//! How fast news reaches people, and what it costs: the real program against an endpoint that
//! speaks the Bot API's wire format over loopback. `cargo bench --bench deliver [NAME]`.
//!
//! | name | endpoint | limit |
//! |---|---|---|
//! | `instant` | answers at once | 3,000 messages a second, 0.25 ms CPU a message |
//! | `far` | 60 ms away | 1,000 subscribers in 3 s |
//! | `limited` | 30 a second in any second, 429 beyond | 1,000 subscribers in 34 s, under 1 % refused |
//! | `idle` | answers at once, and nothing waits | half of the news comes within 100 ms of its commit |
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::indexing_slicing, missing_docs)]

#[path = "common/bot.rs"]
mod bot;
#[path = "common/daemon.rs"]
mod daemon;

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use bot::Endpoint;
use chrono::DateTime;
use daemon::Daemon;
use sqlx::{Connection, Row};

/// A ward with so many subscribers, each owed so many notices at once.
fn ward(api: &str, chats: usize, notices: usize, pace: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let news = dir.path().join("news");
    std::fs::create_dir(&news).unwrap();
    (0..notices).for_each(|number| write(dir.path(), number));
    let mut config = format!(
        "[server]\nlisten = '127.0.0.1:0'\n[[sources]]\nname = 'phuong'\nkind = 'folder'\npath = 'news'\n\
         [[channels]]\nname = 'bot'\nkind = 'telegram'\ntoken = '1:x'\napi = '{api}'\n{pace}\n"
    );
    for chat in 1..=chats {
        config.push_str(&format!("[[subscriptions]]\nfeed = 'phuong'\nto = 'bot:{chat}'\nwelcome = {notices}\n"));
    }
    std::fs::write(dir.path().join("config.toml"), config).unwrap();
    dir
}

/// Writes an article into the source's folder.
fn write(dir: &Path, number: usize) {
    // What is dated long before the last visit is news to nobody.
    let today = chrono::Utc::now().format("%d/%m/%Y");
    let text = format!("Thông báo số {number} về lịch cắt điện\n\nNgày đăng {today} | 00:05\n\nTừ 8 giờ đến 11 giờ, ngõ 15 và ngõ 17.\n");
    let written = dir.join("viet-do");
    std::fs::write(&written, text).unwrap();
    std::fs::rename(written, dir.join(format!("news/tin-{number}.txt"))).unwrap();
}

async fn run(name: &str, away: u64, per_second: Option<usize>, (chats, notices): (usize, usize), pace: &str) {
    let (endpoint, api) = Endpoint::start(Duration::from_millis(away), per_second).await;
    let dir = ward(&api, chats, notices, pace);
    let path = dir.path().to_owned();
    let daemon = tokio::task::spawn_blocking(move || Daemon::start(&path)).await.unwrap();
    let (before, _) = daemon.used();
    let all = chats * notices;
    while endpoint.seen.lock().unwrap().taken < all {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let (cpu, peak) = daemon.used();
    let seen = endpoint.seen.lock().unwrap();
    let took = (seen.last.unwrap() - seen.first.unwrap()).as_secs_f64();
    let (a_second, cost, refused) = (all as f64 / took, (cpu - before) * 1000.0 / all as f64, seen.refused as f64 * 100.0 / all as f64);
    println!(
        "{name:<10} {all:>7} messages {took:>7.2} s {a_second:>8.0} a second {cost:>7.3} ms CPU each {refused:>6.2} % refused {peak:>6.0} MiB"
    );
}

/// Articles that come one by one to a channel that has nothing to do.
const ONE_BY_ONE: usize = 60;

async fn idle() {
    let (endpoint, api) = Endpoint::start(Duration::ZERO, None).await;
    endpoint.seen.lock().unwrap().texts = Some(Vec::new());
    let dir = ward(&api, 1, 1, "pace = 'off'");
    let path = dir.path().to_owned();
    let config = std::fs::read_to_string(path.join("config.toml")).unwrap();
    std::fs::write(path.join("config.toml"), config.replace("kind = 'folder'", "kind = 'folder'\nschedule = '* * * * * *'")).unwrap();
    let daemon = tokio::task::spawn_blocking(move || Daemon::start(&path)).await.unwrap();
    for number in 0..=ONE_BY_ONE {
        while endpoint.seen.lock().unwrap().taken <= number {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        write(dir.path(), number + 1);
    }
    drop(daemon);
    let committed = commits(dir.path()).await;
    let texts = endpoint.seen.lock().unwrap().texts.take().unwrap();
    let took = |(text, came): &(String, DateTime<chrono::Utc>)| {
        let commit = committed.iter().find(|(title, _)| text.contains(title.as_str()))?.1;
        Some(came.timestamp_millis() - commit)
    };
    let mut all: Vec<i64> = texts.iter().skip(1).filter_map(took).collect();
    all.sort_unstable();
    let (median, slow) = (all[all.len() / 2], all[all.len() * 95 / 100]);
    println!(
        "{:<10} {:>7} messages one by one: {median} ms from the commit to the endpoint (median), {slow} ms (95 of 100)",
        "idle",
        all.len()
    );
}

/// When what is owed was written down, a moment before its commit, by title; in unix milliseconds.
async fn commits(dir: &Path) -> HashMap<String, i64> {
    sqlx::any::install_default_drivers();
    let mut store = sqlx::AnyConnection::connect(&format!("sqlite://{}", dir.join("data/loaphuong.db").display())).await.unwrap();
    let rows =
        sqlx::query("SELECT e.title, d.owed_since FROM deliveries d JOIN entries e ON e.id = d.entry").fetch_all(&mut store).await.unwrap();
    rows.iter().map(|row| (row.get("title"), row.get("owed_since"))).collect()
}

#[tokio::main]
async fn main() {
    let wanted = std::env::args().skip(1).find(|a| !a.starts_with('-'));
    let is_wanted = |name: &str| wanted.as_ref().is_none_or(|w| w == name);
    if is_wanted("instant") {
        run("instant", 0, None, (1000, 10), "pace = 'off'").await;
    }
    if is_wanted("far") {
        run("far", 60, None, (1000, 1), "pace = 'off'").await;
    }
    if is_wanted("limited") {
        run("limited", 0, Some(30), (1000, 1), "").await;
    }
    if is_wanted("idle") {
        idle().await;
    }
}
