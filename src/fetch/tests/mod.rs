#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use flate2::{Compression, write::GzEncoder};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

mod guarded;
mod head;
mod manners;
mod pages;

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 3\r\nConnection: close\r\n\r\ntin";

/// A server on loopback that answers each path with fixed bytes and closes; what it does not
/// know is 404. It keeps the head of every request.
struct Site {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Site {
    async fn new(answers: Vec<(&'static str, Vec<u8>)>) -> Self {
        Self::with(move |_| answers).await
    }

    /// With answers that depend on its address.
    async fn with(answers: impl FnOnce(SocketAddr) -> Vec<(&'static str, Vec<u8>)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answers, heads) = (Arc::new(answers(address)), asked.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer_one(stream, answers.clone(), heads.clone()));
            }
        });
        Self { address, asked }
    }

    fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.address)).unwrap()
    }

    /// The paths that were asked for, robots.txt left out.
    fn pages(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        let paths = asked.iter().map(|head| head.split(' ').nth(1).unwrap().to_owned());
        paths.filter(|path| path != "/robots.txt").collect()
    }
}

async fn answer_one(mut stream: TcpStream, answers: Arc<Vec<(&'static str, Vec<u8>)>>, asked: Arc<Mutex<Vec<String>>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let path = head.split(' ').nth(1).unwrap().to_owned();
    asked.lock().unwrap().push(head);
    let known = answers.iter().find(|(at, _)| *at == path);
    let answer = known.map_or(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".as_slice(), |(_, bytes)| bytes);
    // A client that has read enough hangs up.
    let _ = stream.write_all(answer).await;
    let _ = stream.shutdown().await;
}

fn fetcher(change: impl FnOnce(&mut Settings)) -> Fetcher {
    let mut settings = Settings {
        pause: Duration::ZERO,
        allow: vec!["127.0.0.1".parse().unwrap()],
        ..Settings::new("loaphuong/0 (+http://a.vn; mailto:a@a.vn)")
    };
    change(&mut settings);
    Fetcher::new(settings).unwrap()
}

async fn get(fetcher: &Fetcher, url: &Url) -> Result<Fetched, FetchError> {
    fetcher.get(url, &Validators::default(), NOW).await
}

/// What came of it, in short: a body, or the kind of error and a word of its cause.
async fn outcome(fetcher: &Fetcher, url: &Url) -> String {
    match get(fetcher, url).await {
        Ok(Fetched::Page { page, .. }) => format!("page {}", String::from_utf8_lossy(&page.body)),
        Ok(Fetched::NotModified) => "not modified".into(),
        Err(FetchError::Later { cause, .. }) => format!("later {cause}"),
        Err(FetchError::Rests { cause, .. }) => format!("rests {cause}"),
        Err(FetchError::Gone { cause }) => format!("gone {cause}"),
        Err(FetchError::Refused { cause, .. }) => format!("refused {cause}"),
        Err(FetchError::TooBig { cause }) => format!("big {cause}"),
    }
}

async fn check(fetcher: &Fetcher, url: &Url, kind: &str, word: &str) {
    let found = outcome(fetcher, url).await;
    assert!(found.starts_with(kind) && found.contains(word), "{url}: {found}");
}

fn redirect(status: u16, to: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} Moved\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").into()
}

fn coded(coding: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}
