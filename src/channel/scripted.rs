//! A server that answers what a test wrote down, for the refusals of each platform.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{Channel, Kind, Message, SendError, Setting};
use crate::secret::{Given, Secret};
use crate::subscription::Address;

/// What the server does with one call; without a script it hangs up.
#[derive(Debug, Clone)]
pub(super) enum Does {
    /// Answers with a status, header lines and a body.
    Says(u16, &'static str, String),
    /// Answers 200 and a body that never ends.
    Floods,
    /// Reads the call and closes the connection.
    HangsUp,
}

pub(super) fn says(status: u16, body: impl ToString) -> Does {
    Does::Says(status, "", body.to_string())
}

/// What a server got.
#[derive(Debug, Clone)]
pub(super) struct Call {
    /// Method and path with its query.
    pub(super) line: String,
    /// Header lines.
    pub(super) head: String,
    pub(super) body: String,
}

impl Call {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

pub(super) struct Server {
    /// `http://127.0.0.1:port`.
    pub(super) url: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Server {
    pub(super) async fn start(script: Vec<Does>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let calls: Arc<Mutex<Vec<Call>>> = Arc::default();
        tokio::spawn(serve(listener, script.into(), calls.clone()));
        Self { url, calls }
    }

    pub(super) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }
}

/// One connection per call, so that each does what the script says.
async fn serve(listener: TcpListener, mut script: VecDeque<Does>, calls: Arc<Mutex<Vec<Call>>>) {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let call = read_call(&mut stream).await;
        calls.lock().unwrap().push(call);
        match script.pop_front() {
            Some(Does::Says(status, header, body)) => {
                let length = body.len();
                let answer = format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {length}\r\n{header}\r\n{body}");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
            Some(Does::Floods) => {
                stream.write_all(b"HTTP/1.1 200 X\r\nconnection: close\r\n\r\n{\"id\":\"").await.unwrap();
                while stream.write_all(&[b'x'; 65_536]).await.is_ok() {}
            }
            Some(Does::HangsUp) | None => {}
        }
    }
}

async fn read_call(stream: &mut TcpStream) -> Call {
    let mut got = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&got).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
            if body.len() >= length {
                let line = head.lines().next().unwrap().trim_end_matches(" HTTP/1.1").to_owned();
                return Call { line, head: head.to_owned(), body: body.to_owned() };
            }
        }
        let mut chunk = [0; 4096];
        let length = stream.read(&mut chunk).await.unwrap();
        got.extend_from_slice(&chunk[..length]);
    }
}

/// A channel from its keys, with plain secrets.
pub(super) fn built(kind: &Kind, keys: &str) -> Result<Arc<dyn Channel>, String> {
    rustls::crypto::ring::default_provider().install_default().ok();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let secret = |given: &Given| match given {
        Given::Text(text) => Ok(Secret::new(text.as_str())),
        Given::Env(_) | Given::File(_) => Err("only plain text here".to_owned()),
    };
    let setting = Setting {
        name: "test",
        guarded: Arc::new(super::Anywhere(http)),
        tls: &crate::tls::client_config().unwrap(),
        base: &"https://loa.example/".parse().unwrap(),
        language: crate::phrases::Language::Vi,
        secret: &secret,
    };
    (kind.build)(toml::de::ValueDeserializer::parse(keys).unwrap(), &setting).map_err(|error| error.to_string())
}

/// What a failed send means, in one word, with the seconds that were told.
pub(super) fn word(told: &SendError) -> String {
    let after = |after: &Option<Duration>| after.map_or(String::new(), |d| format!(" {}", d.as_secs_f64()));
    match told {
        SendError::Retry { after: told, .. } => format!("retry{}", after(told)),
        SendError::Down { after: told, .. } => format!("down{}", after(told)),
        SendError::InDoubt { .. } => "doubt".into(),
        SendError::Gone { .. } => "gone".into(),
        SendError::Ended { .. } => "ended".into(),
        SendError::Moved { to } => format!("moved {to}"),
        SendError::Refused { .. } => "refused".into(),
    }
}

/// A platform under test: its kind, its keys where `{url}` is the server, and the address.
pub(super) struct Case {
    pub(super) kind: Kind,
    pub(super) keys: &'static str,
    pub(super) chat: &'static str,
    /// What no error may show.
    pub(super) secret: &'static str,
    pub(super) message: fn() -> Message,
}

impl Case {
    pub(super) fn channel(&self, server: &Server) -> Arc<dyn Channel> {
        built(&self.kind, &self.keys.replace("{url}", &server.url)).unwrap_or_else(|e| panic!("{e}"))
    }

    pub(super) fn to(&self) -> Address {
        Address::new("test", self.chat)
    }

    /// Sends one message and says what the outbox was told: `ok` with the ids, or [`word`]. The
    /// reason is told in two languages and without the secret.
    pub(super) async fn sent(&self, script: Vec<Does>) -> (String, Vec<Call>) {
        let server = Server::start(script.clone()).await;
        let told = self.channel(&server).send(&self.to(), &(self.message)(), "k-1").await;
        let shown = format!("{told:?}");
        assert!(!shown.contains(self.secret), "{script:?}: {shown}");
        assert!(told.is_ok() || shown.contains('('), "{script:?}: {shown}");
        (told.map_or_else(|error| word(&error), |sent| format!("ok {}", sent.ids.join(","))), server.calls())
    }

    /// What comes of one answer, which is asked for once.
    pub(super) async fn check(&self, does: Does, want: &str) {
        let (told, calls) = self.sent(vec![does.clone()]).await;
        assert_eq!((told.as_str(), calls.len()), (want, 1), "{does:?}");
    }

    /// Servers that are not what they should be: nothing of theirs is taken for a success, none
    /// of it for a refusal of the message for good, and all of it ends.
    pub(super) async fn survives_hostile_servers(&self) {
        let page = format!("<html><title>502</title>{}</html>", self.secret);
        let says = |status, body: &str| Does::Says(status, "", body.to_owned());
        for does in [
            says(200, "garbage \u{0}\u{fffd}"),
            says(200, &page),
            says(200, "{\"id\":{\"a\":1},\"event_id\":7,\"ok\":true}"),
            says(200, "[]"),
            says(200, &format!("{{\"id\":\"1\",\"event_id\":\"1\",\"x\":\"{}\"}}", "x".repeat(5 << 20))),
            says(500, &page),
            says(502, &page),
            says(504, ""),
            Does::Floods,
            Does::HangsUp,
        ] {
            let (told, _) = self.sent(vec![does.clone()]).await;
            assert!(told == "doubt" || told == "retry", "{told}: {:.200}", format!("{does:?}"));
        }
    }
}
