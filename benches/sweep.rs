//! `cargo bench --bench sweep`: one round over 3,321 sources of one portal on loopback that answers
//! at once, as `loaphuong once` does it; then a round in which nothing changed. The portal is a
//! process of its own, so that the CPU time is the reader's alone. `SOURCES=100` makes it shorter.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, clippy::print_stderr)]

mod common;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use loaphuong::app::App;
use loaphuong::config::Config;
use loaphuong::redact::Redactor;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Told to the process that is to be the portal.
const PORTAL: &str = "LOAPHUONG_BENCH_PORTAL";
/// Articles on each list.
const ARTICLES: usize = 10;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    if std::env::var_os(PORTAL).is_some() {
        return runtime.block_on(serve());
    }
    let count = std::env::var("SOURCES").ok().and_then(|n| n.parse().ok()).unwrap_or(3_321);
    let (mut portal, address) = start();
    println!("{count} sources; {:<44} {:>10} {:>10} {:>12}", "", "wall", "CPU", "CPU a source");
    runtime.block_on(async {
        sweeps(&address, count, "syndication", "rss").await;
        sweeps(&address, count, "html", "tin").await;
    });
    portal.kill().unwrap();
}

/// The portal as a process of its own, and its address.
fn start() -> (Child, String) {
    let mut child = Command::new(std::env::current_exe().unwrap()).env(PORTAL, "1").stdout(Stdio::piped()).spawn().unwrap();
    let mut address = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
    (child, address.trim().to_owned())
}

/// Lists that have an edition; a GET of `/next` brings the next one, with the same articles.
async fn serve() {
    let edition = Arc::new(AtomicU64::new(1));
    let router = Router::new()
        .route(
            "/next",
            axum::routing::get(|State(edition): State<Arc<AtomicU64>>| async move { edition.fetch_add(1, Ordering::SeqCst).to_string() }),
        )
        .route("/{ward}/tin", axum::routing::get(list))
        .route("/{ward}/rss", axum::routing::get(feed))
        .route("/tin-tuc/{name}", axum::routing::get(article))
        .with_state(edition);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{}", listener.local_addr().unwrap());
    axum::serve(listener, router).await.unwrap();
}

/// `thong-bao-7.html`.
async fn article(Path(name): Path<String>) -> Response {
    let number = name.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0);
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], common::article_page(number)).into_response()
}

/// 304 for who knows this edition.
fn conditional(edition: &AtomicU64, headers: &HeaderMap, kind: &'static str, body: impl FnOnce() -> String) -> Response {
    let etag = format!("\"{}\"", edition.load(Ordering::SeqCst));
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| *known == *etag) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    ([(header::ETAG, etag), (header::CONTENT_TYPE, kind.to_owned())], body()).into_response()
}

async fn list(State(edition): State<Arc<AtomicU64>>, headers: HeaderMap) -> Response {
    conditional(&edition, &headers, "text/html; charset=utf-8", || common::list_page(ARTICLES))
}

async fn feed(State(edition): State<Arc<AtomicU64>>, Path(ward): Path<String>, headers: HeaderMap) -> Response {
    let item = |n: usize| {
        let entry = common::entry(n);
        format!(
            "<item><guid>http://{ward}.example/{n}</guid><link>http://{ward}.example/{n}</link><title>{}</title><pubDate>{}</pubDate><description><![CDATA[{}]]></description></item>",
            entry.title,
            common::time(n).to_rfc2822(),
            entry.content_html
        )
    };
    let items: String = (0..ARTICLES).map(item).collect();
    conditional(&edition, &headers, "application/rss+xml", || {
        format!(
            "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Phường</title><link>http://{ward}.example/</link><description>Tin</description>{items}</channel></rss>"
        )
    })
}

async fn sweeps(address: &str, count: usize, kind: &str, page: &str) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    let sources: String = (0..count)
        .map(|n| format!("[[sources]]\nname = \"phuong-{n}\"\nkind = \"{kind}\"\nurl = \"http://{address}/phuong-{n}/{page}\"\n"))
        .collect();
    std::fs::write(&path, format!("[fetch]\nallow = [\"{address}\"]\npause = \"0s\"\n{sources}")).unwrap();
    for what in ["first visit", "changed lists, known articles", "nothing changed"] {
        if what.starts_with("changed") {
            reqwest::get(format!("http://{address}/next")).await.unwrap();
        }
        let (start, before) = (Instant::now(), common::cpu());
        let config = Config::load(&path).unwrap_or_else(|e| panic!("{}", e[0]));
        let told = Arc::new(|_: &loaphuong::watch::Round| {});
        let app = App::new(config, Arc::new(Utc::now), Redactor::default(), told).await.unwrap_or_else(|e| panic!("{e:?}"));
        let ready = (start.elapsed(), common::cpu() - before);
        let outcome = app.once(Duration::ZERO, &CancellationToken::new()).await.unwrap();
        app.close().await;
        assert!(outcome.rounds.len() == count && outcome.all_well(), "{:?}", outcome.rounds.iter().find(|r| r.cause.is_some()));
        let (wall, cpu) = (start.elapsed().as_secs_f64(), common::cpu() - before);
        let new: usize = outcome.rounds.iter().map(|r| r.saved.new).sum();
        println!(
            "{kind}: {what:<30} {new:>6} new, {:>6} files {wall:>8.2} s {cpu:>8.2} s {:>9.2} ms   (config and start {:.2} s, {:.2} s)",
            outcome.files,
            cpu * 1e3 / count as f64,
            ready.0.as_secs_f64(),
            ready.1
        );
    }
}
