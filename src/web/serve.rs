//! Accepting connections: bounded in number, in the time and the size of a head, and in how slowly
//! a client may read. They are served on threads of their own, which wait for nothing else: what
//! the daemon is busy with slows down no reader, and readers slow down nothing.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::door::{Door, House};
use super::doorman::Guest;
use super::wire::{Life, Wire};
use super::{Web, peer, router};
use crate::phrases;

const CONNECTIONS: usize = 1024;
/// What the daemon opens beside them.
const OTHER_FILES: u64 = 1024;
const HEAD_BYTES: usize = 64 << 10;
const STREAMS: u32 = 64;
/// How long open requests may take to end when the daemon stops.
const LAST_ANSWERS: Duration = Duration::from_secs(2);
/// How often a connection that ends is read from for what is still on its way.
const LAST_READS: usize = 64;
/// What a connection of HTTP/2 begins with (RFC 9113 §3.4), as far as it has to be seen.
const PREFACE: &[u8] = b"PRI";
/// Told to a client that has too many connections.
const CROWDED: &str = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 10\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
/// Told to a client that does not come to the end of its head.
const TOO_SLOW: &str = "HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// How long clients are waited for.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the head of a request, also when nothing comes at all.
    pub head: Duration,
    /// For its body.
    pub body: Duration,
    /// For a client that stops reading its answer.
    pub stall: Duration,
    /// For a connection of HTTP/2 to live, which can keep others waiting for its place.
    pub life: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { head: seconds(10), body: seconds(10), stall: seconds(30), life: seconds(600) }
    }
}

/// What the threads share.
struct Entrance {
    house: Arc<House>,
    places: Arc<Semaphore>,
    patience: Patience,
    stop: CancellationToken,
}

/// Serves until stopped; open requests are answered.
pub async fn serve(listener: TcpListener, web: Arc<Web>, patience: Patience, stop: CancellationToken) {
    allow_files();
    let house = House { router: router(web.clone()), web, runtime: Handle::current(), patience: patience.body };
    // Whoever drops this future ends the threads with it.
    let stop = stop.child_token();
    let _end = stop.clone().drop_guard();
    let entrance = Arc::new(Entrance { house: Arc::new(house), places: Arc::new(Semaphore::new(CONNECTIONS)), patience, stop });
    let ended: Vec<_> = match threads(&listener, &entrance) {
        Ok(ended) => ended,
        Err(error) => return tracing::error!(%error, "{}", phrases::log_accept_failed()),
    };
    drop(listener);
    for end in ended {
        end.await.ok();
    }
}

/// Half as many threads as there are cores, each with a runtime and the same listener.
fn threads(listener: &TcpListener, entrance: &Arc<Entrance>) -> std::io::Result<Vec<oneshot::Receiver<()>>> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let start = |number: usize| {
        let listener = std::net::TcpListener::from(std::os::fd::AsFd::as_fd(listener).try_clone_to_owned()?);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (entrance, (done, ended)) = (entrance.clone(), oneshot::channel());
        std::thread::Builder::new().name(format!("web-{number}")).spawn(move || {
            runtime.block_on(accept(listener, &entrance));
            done.send(()).ok();
        })?;
        Ok(ended)
    };
    (0..cores.div_ceil(2).min(8)).map(start).collect()
}

/// The usual limit of open files is no more than the connections.
fn allow_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let wanted = CONNECTIONS as u64 + OTHER_FILES;
    if limit.current.is_some_and(|current| current < wanted) {
        let current = Some(limit.maximum.map_or(wanted, |most| most.min(wanted)));
        setrlimit(Resource::Nofile, Rlimit { current, maximum: limit.maximum }).ok();
    }
}

async fn accept(listener: std::net::TcpListener, entrance: &Arc<Entrance>) {
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(%error, "{}", phrases::log_accept_failed()),
    };
    let connections = TaskTracker::new();
    loop {
        let Ok(place) = entrance.places.clone().acquire_owned().await else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = entrance.stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, from)) => admit(entrance, &connections, stream, from, place),
            Err(error) => {
                // Out of file descriptors, mostly: wait for some to be freed instead of spinning.
                tracing::warn!(%error, "{}", phrases::log_accept_failed());
                sleep(Duration::from_millis(200)).await;
            }
        }
    }
    drop(listener);
    connections.close();
    timeout(LAST_ANSWERS, connections.wait()).await.ok();
}

/// Serves a connection, unless its client has enough of them. A proxy has as many as it likes.
fn admit(entrance: &Arc<Entrance>, connections: &TaskTracker, stream: TcpStream, from: SocketAddr, place: OwnedSemaphorePermit) {
    stream.set_nodelay(true).ok();
    let web = &entrance.house.web;
    let (site, peer) = (web.site(), from.ip().to_canonical());
    let client = web.doorman.client(peer);
    let guest = if peer::is_trusted(peer, &site.door.proxies) {
        None
    } else {
        match web.doorman.connect(client, site.door.rates.connections) {
            Some(guest) => Some(guest),
            None => {
                let patience = entrance.patience.head;
                connections.spawn(async move {
                    part(stream, CROWDED, patience).await;
                    drop(place);
                });
                return;
            }
        }
    };
    let door = Door { house: entrance.house.clone(), peer, client, life: Arc::default() };
    connections.spawn(connection(entrance.clone(), stream, door, place, guest));
}

async fn connection(entrance: Arc<Entrance>, stream: TcpStream, door: Door, _place: OwnedSemaphorePermit, _guest: Option<Guest>) {
    let patience = entrance.patience;
    let life = door.life.clone();
    let wire = |stream| Wire::new(stream, patience.stall, life);
    match timeout(patience.head, speaks_http2(&stream)).await {
        Ok(Ok(true)) => second(&entrance, wire(stream), door).await,
        Ok(Ok(false)) => first(&entrance, wire(stream), door).await,
        // Gone, or silent.
        Ok(Err(_)) | Err(_) => {}
    }
}

/// Whether a client speaks HTTP/2 from the start, as proxies within a house do.
async fn speaks_http2(stream: &TcpStream) -> std::io::Result<bool> {
    let mut seen = [0; PREFACE.len()];
    loop {
        let count = stream.peek(&mut seen).await?;
        let seen = seen.get(..count).unwrap_or_default();
        if count == 0 || seen == PREFACE || !PREFACE.starts_with(seen) {
            return Ok(seen == PREFACE);
        }
        // One letter of a method that may be ours; the rest is on its way.
        sleep(Duration::from_millis(5)).await;
    }
}

/// Ends a connection with a last word, as far as it goes out at once, and reads what is still on its
/// way: else a reset would overtake the word (RFC 9112 §9.6).
async fn part(mut stream: TcpStream, word: &str, patience: Duration) {
    stream.try_write(word.as_bytes()).ok();
    stream.shutdown().await.ok();
    let rest = async {
        let mut rest = [0; 4096];
        for _ in 0..LAST_READS {
            if matches!(stream.read(&mut rest).await, Ok(0) | Err(_)) {
                break;
            }
        }
    };
    timeout(patience, rest).await.ok();
}

/// HTTP/1.1.
async fn first(entrance: &Entrance, wire: Wire, door: Door) {
    let (life, patience) = (door.life.clone(), entrance.patience);
    let mut connection = http1::Builder::new().header_read_timeout(None).max_buf_size(HEAD_BYTES).serve_connection(wire, door);
    tokio::select! {
        biased;
        // A client that goes away in mid-answer is no event.
        ended = &mut connection => {
            if ended.is_err() || life.is_cut() {
                part(connection.into_parts().io.into_socket(), "", patience.head).await;
            }
        }
        () = silence(&life, patience.head) => {
            let parts = connection.into_parts();
            if !parts.read_buf.is_empty() {
                part(parts.io.into_socket(), TOO_SLOW, patience.head).await;
            }
        }
        () = entrance.stop.cancelled() => {
            Pin::new(&mut connection).graceful_shutdown();
            connection.await.ok();
        }
    }
}

/// Ends when no request came to the end of its head for so long, or up to a half more.
async fn silence(life: &Life, patience: Duration) {
    let (mut before, mut looks) = (None, 0);
    while looks < 2 {
        sleep(patience / 2).await;
        let now = life.waits_after();
        looks = if now.is_some() && now == before { looks + 1 } else { 0 };
        before = now;
    }
}

/// HTTP/2 without TLS, by prior knowledge (RFC 9113 §3.3). Who cannot be told apart by silence is
/// asked for a sign of life, and every connection ends some time.
async fn second(entrance: &Entrance, wire: Wire, door: Door) {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEAD_BYTES as u32)
        .keep_alive_interval(entrance.patience.head * 2)
        .keep_alive_timeout(entrance.patience.head);
    let mut connection = std::pin::pin!(builder.serve_connection(wire, door));
    tokio::select! {
        biased;
        _ = &mut connection => return,
        () = sleep(entrance.patience.life) => {}
        () = entrance.stop.cancelled() => {}
    }
    connection.as_mut().graceful_shutdown();
    timeout(entrance.patience.stall, connection).await.ok();
}
