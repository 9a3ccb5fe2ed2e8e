//! Sockets under the fakes: axum above, a hand on the raw connection below, so that a fault can
//! do what no HTTP library would: reset, answer half, write nonsense.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore};
use tokio::task::{JoinHandle, JoinSet};
use tower::ServiceExt as _;

/// How long a test waits for something that must happen; only a broken test gets there.
const PATIENCE: Duration = Duration::from_secs(30);

/// One client's connection. Handlers find it in the request's extensions.
#[derive(Clone)]
pub(super) struct Wire(Arc<TcpStream>);

impl Wire {
    /// Writes bytes past the HTTP library; a client that has gone away is no error.
    pub(super) async fn write(&self, mut bytes: &[u8]) {
        while !bytes.is_empty() && self.0.writable().await.is_ok() {
            match self.0.try_write(bytes) {
                Ok(sent) => bytes = bytes.get(sent..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
        }
    }

    /// Makes the coming close a reset (RST) instead of an orderly end (FIN).
    pub(super) fn reset_on_close(&self) {
        self.0.set_zero_linger().unwrap();
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.0.poll_read_ready(cx))?;
            match self.0.try_read(buf.initialize_unfilled()) {
                Ok(read) => {
                    buf.advance(read);
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.0.poll_write_ready(cx))?;
            match self.0.try_write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => return Poll::Ready(done),
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(())) // the last clone to be dropped closes the socket
    }
}

/// Marks a response that must never be written: the connection ends instead.
#[derive(Clone)]
struct HangUp;

/// Ends the connection without (further) answer.
pub(super) fn hang_up() -> Response {
    let mut response = ().into_response();
    response.extensions_mut().insert(HangUp);
    response
}

/// A listener on 127.0.0.1 with its connections; it ends when dropped.
pub(super) struct Server {
    address: SocketAddr,
    router: Router,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Server {
    /// Binds a free port and serves.
    pub(super) async fn start(router: Router) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = Mutex::new(Some(tokio::spawn(accept(listener, router.clone()))));
        Self { address, router, task }
    }

    /// `http://127.0.0.1:port`, without a slash at the end.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// `127.0.0.1:port`.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes the port and every connection: from now on connections are refused.
    pub(super) async fn stop(&self) {
        let task = self.task.lock().unwrap().take();
        if let Some(task) = task {
            task.abort();
            task.await.ok();
        }
    }

    /// Listens again on the same port.
    pub(super) async fn restart(&self) {
        self.stop().await;
        let listener = TcpListener::bind(self.address).await.unwrap();
        *self.task.lock().unwrap() = Some(tokio::spawn(accept(listener, self.router.clone())));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(task) = self.task.lock().unwrap().take() {
            task.abort();
        }
    }
}

async fn accept(listener: TcpListener, router: Router) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(connection(stream, router.clone()));
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(stream: TcpStream, router: Router) {
    stream.set_nodelay(true).ok();
    let wire = Wire(Arc::new(stream));
    let below = wire.clone();
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(below.clone());
        let router = router.clone();
        async move { settle(router.oneshot(request.map(Body::new)).await) }
    });
    http1::Builder::new().serve_connection(TokioIo::new(wire), service).await.ok();
}

fn settle(answer: Result<Response, Infallible>) -> io::Result<Response> {
    match answer {
        Ok(response) if response.extensions().get::<HangUp>().is_some() => Err(io::Error::other("hung up on purpose")),
        Ok(response) => Ok(response),
        Err(never) => match never {},
    }
}

/// A gate that holds callers until the test lets them through: one by one or for good.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    passes: Arc<Semaphore>,
    arrivals: Arc<Semaphore>,
}

impl Default for Gate {
    fn default() -> Self {
        Self { passes: Arc::new(Semaphore::new(0)), arrivals: Arc::new(Semaphore::new(0)) }
    }
}

impl Gate {
    /// A closed gate.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Lets one caller through, now or when it comes.
    pub(crate) fn step(&self) {
        self.passes.add_permits(1);
    }

    /// Lets everybody through from now on.
    pub(crate) fn open(&self) {
        self.passes.close();
    }

    /// Returns once somebody stands at the gate (each arrival counts once).
    pub(crate) async fn reached(&self) {
        let arrival = tokio::time::timeout(PATIENCE, self.arrivals.acquire()).await;
        arrival.unwrap_or_else(|_| panic!("nobody came to the gate in {PATIENCE:?}")).unwrap().forget();
    }

    /// Stands at the gate.
    pub(super) async fn wait(&self) {
        self.arrivals.add_permits(1);
        if let Ok(pass) = self.passes.acquire().await {
            pass.forget();
        }
    }
}

/// Waits until `done` holds, looking again at each `changed`; panics with `what` when it never does.
pub(super) async fn until(changed: &Notify, what: &str, done: impl Fn() -> bool) {
    let watch = async {
        loop {
            let mut next = std::pin::pin!(changed.notified());
            next.as_mut().enable();
            if done() {
                return;
            }
            next.await;
        }
    };
    tokio::time::timeout(PATIENCE, watch).await.unwrap_or_else(|_| panic!("waited {PATIENCE:?} in vain for {what}"));
}
