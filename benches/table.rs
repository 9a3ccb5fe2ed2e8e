//! `cargo bench --bench table`: what the whole house does per second, as one table. Everything on
//! loopback and in a temporary folder; it ends by itself within a minute. What serving costs: `web`.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]

mod common;

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use chrono::{TimeDelta, Utc};
use common::{cpu, entry, feed, hinted, html_source, list_page, page};
use loaphuong::app::App;
use loaphuong::channel::{Channel, Checked, Message, Notice, Pace, SendError};
use loaphuong::config::Config;
use loaphuong::dispatch::{Dispatch, Line, Until};
use loaphuong::entry::Slug;
use loaphuong::feed::FORMATS;
use loaphuong::metrics::Metrics;
use loaphuong::outbox::{OnDoubt, Sent};
use loaphuong::page::Validators;
use loaphuong::phrases::Language;
use loaphuong::redact::Redactor;
use loaphuong::store::{Access, Catalog, Poll, Seen, SourceEntry, Store, Visited};
use loaphuong::subscription::{Address, Subscription};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

fn row(what: &str, times: usize, wall: Duration, cpu: f64) {
    let n = times as f64;
    println!("{what:<58} {:>10.3} ms {:>10.3} ms {:>12.0}/s", wall.as_secs_f64() * 1e3 / n, cpu * 1e3 / n, n / wall.as_secs_f64());
}

fn measure(what: &str, times: usize, mut run: impl FnMut()) {
    run();
    let (start, before) = (Instant::now(), cpu());
    (0..times).for_each(|_| run());
    row(what, times, start.elapsed(), cpu() - before);
}

fn pure() {
    let source = html_source();
    let list = page("tin-tuc", list_page(30));
    measure("list page of 30 entries -> RSS bytes", 500, || drop((FORMATS[0].render)(&feed(hinted(source.as_ref(), &list)))));
    let ten_thousand = feed((0..10_000).map(entry).collect());
    for format in FORMATS {
        measure(&format!("{} of 10,000 entries", format.title), 5, || drop((format.render)(&ten_thousand)));
    }
}

/// A portal that answers 304 to whoever knows its list.
async fn portal() -> std::net::SocketAddr {
    let answer = |headers: HeaderMap| async move {
        if headers.contains_key(header::IF_NONE_MATCH) {
            return StatusCode::NOT_MODIFIED.into_response();
        }
        ([(header::ETAG, "\"1\""), (header::CONTENT_TYPE, "text/html; charset=utf-8")], list_page(30)).into_response()
    };
    let article = || async { ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], common::article_page(1)) };
    let router = Router::new().route("/tin-tuc", axum::routing::get(answer)).route("/tin-tuc/{name}", axum::routing::get(article));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

async fn visits() {
    let address = portal().await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    let text =
        format!("[fetch]\nallow = [\"{address}\"]\npause = \"0s\"\n[[sources]]\nname = \"phuong\"\nurl = \"http://{address}/tin-tuc\"\n");
    std::fs::write(&path, text).unwrap();
    let config = Config::load(&path).unwrap_or_else(|e| panic!("{}", e[0]));
    let told = Arc::new(|_: &loaphuong::watch::Round| {});
    let app = App::new(config, Arc::new(Utc::now), Redactor::default(), told).await.unwrap_or_else(|e| panic!("{e:?}"));
    let stop = CancellationToken::new();
    let (start, before) = (Instant::now(), cpu());
    app.once(Duration::ZERO, &stop).await.unwrap();
    println!();
    row("first visit: a list and its 30 articles", 1, start.elapsed(), cpu() - before);
    let (start, before) = (Instant::now(), cpu());
    for _ in 0..200 {
        app.once(Duration::ZERO, &stop).await.unwrap();
    }
    row("visit of an unchanged source, feeds checked", 200, start.elapsed(), cpu() - before);
}

struct AtOnce;

#[async_trait]
impl Channel for AtOnce {
    fn render(&self, notice: &Notice<'_>) -> Vec<Message> {
        let text = notice.entries[0].entry.title.clone();
        vec![Message { text, covers: 0..1, ..Message::default() }]
    }
    fn pace(&self) -> Pace {
        Pace::default()
    }
    fn accepts(&self, _chat: &str) -> Result<(), String> {
        Ok(())
    }
    async fn send(&self, _to: &Address, _message: &Message, _key: &str) -> Result<Sent, SendError> {
        Ok(Sent { ids: vec!["1".to_owned()] })
    }
    async fn check(&self, _of: &[Address]) -> Vec<Checked> {
        Vec::new()
    }
}

async fn deliveries() {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::open("sqlite://bench.db", dir.path(), Access::Daemon).await.unwrap_or_else(|e| panic!("{e:?}")));
    let phuong = Slug::new("phuong").unwrap();
    let subscription = |n: usize| Subscription { burst: 0, ..Subscription::simple(phuong.clone(), Address::new("bot", n.to_string())) };
    let subscriptions: Vec<Subscription> = (0..1000).map(subscription).collect();
    let sources = vec![SourceEntry { slug: phuong.clone(), fingerprint: String::new() }];
    store.sync(&Catalog { sources, subscriptions: Vec::new() }, Utc::now()).await.unwrap();
    let (mut start, mut before) = (Instant::now(), cpu());
    for entries in [Vec::new(), vec![entry(1)]] {
        store.visit_all(Utc::now()).await.unwrap();
        let due = store.claim_sources(Utc::now(), TimeDelta::seconds(60), 1).await.unwrap().remove(0);
        let visited = Visited::Read { entries, validators: Validators::default() };
        (start, before) = (Instant::now(), cpu());
        let poll = Poll {
            due: &due,
            now: Utc::now(),
            next: Utc::now(),
            visited,
            problems: Vec::new(),
            subscriptions: &subscriptions,
            feeds: &[],
            seen: Seen::default(),
            words: Vec::new(),
            report: None,
        };
        store.save(&poll).await.unwrap();
    }
    row("owed to 1,000 addresses, one transaction, each", 1000, start.elapsed(), cpu() - before);
    let dispatch = Arc::new(Dispatch {
        store,
        clock: Arc::new(Utc::now),
        titles: std::collections::HashMap::new(),
        base: "http://127.0.0.1/".parse().unwrap(),
        language: Language::Vi,
        zone: chrono_tz::Asia::Ho_Chi_Minh,
        quiet: std::collections::HashMap::new(),
        urgent: Vec::new(),
        metrics: Arc::new(Metrics::default()),
        layouts: loaphuong::dispatch::Layouts::default(),
        office: None,
        bells: std::collections::HashMap::new(),
        diverted: std::sync::atomic::AtomicUsize::new(0),
    });
    let line = Arc::new(Line::new("bot".to_owned(), Arc::new(AtOnce), OnDoubt::Resend, Pace::default()));
    let (start, before) = (Instant::now(), cpu());
    dispatch.run(&line, Until::Idle(Utc::now() + TimeDelta::seconds(1)), &CancellationToken::new()).await;
    row("delivered: intent and outcome on disk, each", 1000, start.elapsed(), cpu() - before);
}

fn main() {
    println!("{:<58} {:>13} {:>13} {:>14}", "", "wall each", "CPU each", "rate");
    pure();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        visits().await;
        deliveries().await;
    });
}
