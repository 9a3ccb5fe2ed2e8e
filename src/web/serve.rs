//! Accepting connections: bounded in number, in the time to send a head, and in its size.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::phrases;

const CONNECTIONS: usize = 1024;
/// A client that is slower with its head is cut, also one that says nothing at all.
const HEAD_LIMIT: Duration = Duration::from_secs(10);
const HEAD_BYTES: usize = 64 << 10;
/// How long open requests may take to end when the daemon stops.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// Serves until stopped; open requests are answered.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { break };
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        let stream = match stream {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of file descriptors, mostly: wait for some to be freed instead of spinning.
                tracing::warn!(%error, "{}", phrases::log_accept_failed());
                tokio::time::sleep(Duration::from_millis(200)).await;
                continue;
            }
        };
        stream.set_nodelay(true).ok();
        let service = TowerToHyperService::new(router.clone());
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(HEAD_LIMIT).max_buf_size(HEAD_BYTES);
        let connection = graceful.watch(builder.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // A client that goes away in mid-answer is no event.
            connection.await.ok();
            drop(place);
        });
    }
    tokio::time::timeout(LAST_ANSWERS, graceful.shutdown()).await.ok();
}
