//! How fast news reaches people, and what it costs: the real program against an endpoint that
//! speaks the Bot API's wire format over loopback. `cargo bench --bench deliver [NAME]`.
//!
//! | name | endpoint | limit |
//! |---|---|---|
//! | `instant` | answers at once | 3,000 messages a second, 0.25 ms CPU a message |
//! | `far` | 60 ms away | 1,000 subscribers in 3 s |
//! | `limited` | 30 a second in any second, 429 beyond | 1,000 subscribers in 34 s, under 1 % refused |
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::indexing_slicing, missing_docs)]

use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

/// What the endpoint has seen.
#[derive(Default)]
struct Seen {
    first: Option<Instant>,
    last: Option<Instant>,
    taken: usize,
    refused: usize,
    window: VecDeque<Instant>,
}

#[derive(Clone)]
struct Endpoint {
    seen: Arc<Mutex<Seen>>,
    away: Duration,
    per_second: Option<usize>,
}

impl Endpoint {
    async fn start(away: Duration, per_second: Option<usize>) -> (Self, String) {
        let this = Self { seen: Arc::default(), away, per_second };
        let app = axum::Router::new().fallback(take).with_state(this.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        (this, url)
    }

    /// The number of a message, or `None` where it is one too many.
    fn admit(&self) -> Option<usize> {
        let mut seen = self.seen.lock().unwrap();
        let now = Instant::now();
        while seen.window.front().is_some_and(|at| now - *at >= Duration::from_secs(1)) {
            seen.window.pop_front();
        }
        if self.per_second.is_some_and(|most| seen.window.len() >= most) {
            seen.refused += 1;
            return None;
        }
        seen.window.push_back(now);
        seen.first.get_or_insert(now);
        seen.last = Some(now);
        seen.taken += 1;
        Some(seen.taken)
    }
}

async fn take(State(endpoint): State<Endpoint>, Json(sent): Json<Value>) -> (StatusCode, Json<Value>) {
    tokio::time::sleep(endpoint.away).await;
    match endpoint.admit() {
        Some(id) => {
            let chat = json!({ "id": sent["chat_id"], "type": "private", "first_name": "x" });
            let message = json!({ "message_id": id, "date": 1_700_000_000, "chat": chat, "text": sent["text"] });
            (StatusCode::OK, Json(json!({ "ok": true, "result": message })))
        }
        None => {
            let told = json!({ "ok": false, "error_code": 429, "description": "Too Many Requests: retry after 1", "parameters": { "retry_after": 1 } });
            (StatusCode::TOO_MANY_REQUESTS, Json(told))
        }
    }
}

/// The daemon, stopped when dropped.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

impl Daemon {
    fn start(dir: &std::path::Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_loaphuong")).current_dir(dir).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        lines.find(|line| line.as_ref().is_ok_and(|l| l.contains("ready http"))).unwrap().unwrap();
        std::thread::spawn(move || lines.for_each(drop));
        Self(child)
    }

    /// Seconds of CPU, and the most memory it had in MiB.
    fn used(&self) -> (f64, f64) {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse::<f64>().ok());
        (ticks / 100.0, peak.unwrap_or_default() / 1024.0)
    }
}

/// A ward with so many subscribers, each owed so many notices at once.
fn ward(api: &str, chats: usize, notices: usize, pace: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let news = dir.path().join("news");
    std::fs::create_dir(&news).unwrap();
    for n in 0..notices {
        let text = format!(
            "Thông báo số {n} về lịch cắt điện\n\nNgày đăng 0{}/09/2026 | 08:00\n\nTừ 8 giờ đến 11 giờ, ngõ 15 và ngõ 17.\n",
            n % 9 + 1
        );
        std::fs::write(news.join(format!("tin-{n}.txt")), text).unwrap();
    }
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
}
