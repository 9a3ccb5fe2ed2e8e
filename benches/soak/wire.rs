//! The way to a platform: bytes take some time in each direction, and those that left a process
//! arrive although it was killed meanwhile.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// A way through which all requests to one platform go.
#[derive(Clone)]
pub(crate) struct Wire {
    pub(crate) address: SocketAddr,
    requests: Arc<AtomicUsize>,
}

impl Wire {
    /// To `platform`; each piece takes up to `most` on its way.
    pub(crate) async fn start(platform: SocketAddr, most: Duration, rng: fastrand::Rng) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let this = Self { address: listener.local_addr().unwrap(), requests: Arc::default() };
        let requests = this.requests.clone();
        tokio::spawn(async move {
            let mut rng = rng;
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(connect(client, platform, most, rng.fork(), requests.clone()));
            }
        });
        this
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Requests so far that say something.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

async fn connect(client: TcpStream, platform: SocketAddr, most: Duration, mut rng: fastrand::Rng, requests: Arc<AtomicUsize>) {
    let Ok(server) = TcpStream::connect(platform).await else { return };
    client.set_nodelay(true).ok();
    server.set_nodelay(true).ok();
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let back = rng.fork();
    tokio::join!(carry(from_client, to_server, most, rng, Some(requests)), carry(from_server, to_client, most, back, None));
}

async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    most: Duration,
    mut rng: fastrand::Rng,
    requests: Option<Arc<AtomicUsize>>,
) {
    let mut piece = vec![0; 64 << 10];
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        let bytes = &piece[..length];
        if let Some(requests) = requests.as_ref().filter(|_| bytes.starts_with(b"POST ") || bytes.starts_with(b"PUT ")) {
            requests.fetch_add(1, Ordering::Relaxed);
        }
        tokio::time::sleep(most.mul_f64(rng.f64())).await;
        if to.write_all(bytes).await.is_err() {
            return;
        }
    }
    to.shutdown().await.ok();
}
