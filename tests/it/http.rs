//! A client that sees every byte: one request a connection, nothing done behind its back.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What came back.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// 0 where the connection ended without an answer.
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// A header, empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Self::default() };
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = BTreeMap::new();
        for (name, value) in lines.map(|line| line.split_once(": ").unwrap()) {
            assert_eq!(headers.insert(name.to_lowercase(), value.to_owned()), None, "{name} twice");
        }
        Self { status, headers, body: bytes[end + 4..].to_vec() }
    }
}

/// One request, `GET /path` or with another method, and its headers as `name: value` lines.
pub(crate) async fn ask(address: SocketAddr, request: &str, headers: &[&str]) -> Answer {
    let head = format!("{request} HTTP/1.1\r\nhost: phuong.example\r\nconnection: close\r\n");
    let lines: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
    send(address, format!("{head}{lines}\r\n").as_bytes()).await
}

/// These bytes as they are; a connection that is reset answers as far as it came.
pub(crate) async fn send(address: SocketAddr, bytes: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // A server that has seen enough may close before all is written.
    stream.write_all(bytes).await.ok();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok();
    Answer::parse(&answer)
}
