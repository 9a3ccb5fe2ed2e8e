//! Servers that answer with anything but what they should, and what every channel makes of it:
//! nothing is lost, nothing is given up, no secret is told, and none of them holds a channel up.

use std::sync::Arc;

use loaphuong::channel::{Channel, SendError};
use loaphuong::outbox::Sent;
use loaphuong::store::{Access, Store};
use loaphuong::subscription::Address;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::conformance::{laid_out, noticed};
use crate::fakes::push::{BrowserKeys, PATH};
use crate::messages::built;

/// What a server says to every request.
#[derive(Clone)]
enum Says {
    /// These bytes, and the connection ends.
    Bytes(Vec<u8>),
    /// A head with this status, and a body that never ends.
    Endless(u16),
    /// A head with a length, one byte of the body, and nothing more.
    Stalls,
}

fn answer(status: &str, kind: &str, body: &str) -> Says {
    let length = body.len();
    Says::Bytes(format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes())
}

async fn server(says: Says) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, says.clone()));
        }
    });
    format!("http://{address}")
}

/// Reads one request whole, so that closing is no reset, and answers.
async fn serve(stream: TcpStream, says: Says) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        if let Some(told) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = told.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    stream.read_exact(&mut vec![0; length]).await.ok()?;
    match says {
        Says::Bytes(bytes) => stream.write_all(&bytes).await.ok(),
        Says::Endless(status) => {
            stream.write_all(format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n\r\n").as_bytes()).await.ok()?;
            let chunk = vec![b'['; 64 << 10];
            while stream.write_all(&chunk).await.is_ok() {}
            Some(())
        }
        Says::Stalls => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{").await.ok()?;
            std::future::pending().await
        }
    }
}

const SECRET: &str = "MARKED0secret0never0to0be0seen";

/// One channel of every kind that speaks HTTP, whose platform is this server.
struct Victim {
    kind: &'static str,
    channel: Arc<dyn Channel>,
    to: Address,
    /// Whether the status alone says that it was taken; what else is answered means nothing.
    by_status: bool,
    _home: Option<TempDir>,
}

async fn victims(server: &str) -> Vec<Victim> {
    let room = format!("{{ rooms = {{ chung = '{server}/api/webhooks/1/{SECRET}' }} }}");
    let simple = [
        ("telegram", format!("{{ token = '1:{SECRET}', api = '{server}' }}"), "-1001234567890".to_owned(), false),
        ("zalo-bot", format!("{{ token = '1:{SECRET}', api = '{server}' }}"), "6d1c5f0e9a7b".to_owned(), false),
        ("webhook", format!("{{ secret = '{SECRET}' }}"), format!("{server}/nhan-tin"), true),
        ("discord", room.clone(), "chung".to_owned(), false),
        ("slack", room.clone(), "chung".to_owned(), false),
        ("teams", room, "chung".to_owned(), true),
        ("matrix", format!("{{ homeserver = '{server}', token = '{SECRET}' }}"), "!phong:may.example".to_owned(), false),
        ("ntfy", format!("{{ server = '{server}', token = '{SECRET}' }}"), "phuong".to_owned(), false),
        ("facebook-page", format!("{{ api = '{server}/v25.0', token = '{SECRET}' }}"), "100200300".to_owned(), false),
    ];
    let mut all: Vec<Victim> = simple
        .into_iter()
        .map(|(kind, keys, chat, by_status)| Victim {
            kind,
            channel: built(kind, &keys),
            to: Address::new("test", chat),
            by_status,
            _home: None,
        })
        .collect();
    let oa = format!(
        "{{ app_id = '1', oa_id = '2', secret = '{SECRET}', tokens = 'acc{SECRET} ref{SECRET}', api = '{server}', oauth = '{server}' }}"
    );
    all.push(remembering("zalo-oa", &oa, Some("group/1")).await);
    let mut push = remembering("web-push", "{ subject = 'mailto:a@phuong.example' }", None).await;
    let browser = BrowserKeys::of_the_rfc().subscription(&format!("{server}{PATH}"));
    let chat = push.channel.browsers().unwrap().admit(&browser.to_string(), chrono::Utc::now()).await.unwrap();
    push.to = Address::new("test", chat);
    all.push(Victim { by_status: true, ..push });
    all
}

/// A channel with a store as its memory.
async fn remembering(kind: &'static str, keys: &str, chat: Option<&str>) -> Victim {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open("sqlite://kho.db", home.path(), Access::Daemon).await.unwrap_or_else(|e| panic!("{e:?}"));
    let channel = built(kind, keys);
    channel.attach(Arc::new(store));
    Victim { kind, channel, to: Address::new("test", chat.unwrap_or("-")), by_status: false, _home: Some(home) }
}

async fn send(victim: &Victim) -> Result<Sent, SendError> {
    let message = laid_out(&*victim.channel, &[noticed("Lịch cắt điện", "<p>Ngõ 15 và ngõ 17.</p>")]).remove(0);
    victim.channel.send(&victim.to, &message, "k1").await
}

/// Nothing is taken for done that is not, and what nobody can know is not given up.
fn judge(case: &str, victim: &Victim, told: Result<Sent, SendError>, is_success: bool) {
    let name = victim.kind;
    // It says that it was taken, and its number is of no use for anything.
    let by_word = name == "zalo-bot" && case == "wrong ids";
    let cause = match told {
        Ok(_) => return assert!(victim.by_status && is_success || by_word, "{case}: {name} takes it for sent"),
        Err(SendError::Retry { cause, .. } | SendError::Down { cause, .. } | SendError::InDoubt { cause }) => cause,
        Err(other) => panic!("{case}: {name} gives it up: {other:?}"),
    };
    assert!(!cause.contains(SECRET), "{case}: {name}: {cause}");
    assert!(cause.len() < 1000 && cause.contains('('), "{case}: {name}: short, and in two languages: {cause}");
}

/// Bodies with status 200 that are no platform's answer, or its answer with an error in it.
const STRANGE: &[(&str, &str)] = &[
    ("nothing", ""),
    ("half an object", "{\"ok\":true,\"result\":{\"message_"),
    ("an empty object", "{}"),
    ("a list", "[1,2,3]"),
    ("null", "null"),
    ("words", "\"ok\""),
    ("a number", "1e999"),
    ("wrong types", "{\"ok\":\"yes\",\"result\":[],\"id\":{\"a\":1},\"event_id\":7,\"error\":true,\"data\":[null]}"),
    ("wrong ids", "{\"ok\":true,\"result\":{\"message_id\":{\"a\":[]}},\"id\":[],\"event_id\":{},\"data\":7}"),
    ("not UTF-8 in JSON", "{\"ok\":\"\\ud800\"}"),
    ("a page", "<!doctype html><html><body><h1>Đăng nhập Wi-Fi</h1></body></html>"),
];

#[tokio::test]
async fn what_is_no_answer_is_never_taken_for_one() {
    for (case, body) in STRANGE {
        for kind in ["application/json", "text/html; charset=utf-8"] {
            let server = server(answer("200 OK", kind, body)).await;
            for victim in victims(&server).await {
                judge(case, &victim, send(&victim).await, true);
            }
        }
    }
}

#[tokio::test]
async fn garbage_and_pages_of_gateways_lose_nothing() {
    let deep = "[".repeat(60_000);
    let long_header = format!("HTTP/1.1 200 OK\r\nx: {}\r\ncontent-length: 0\r\n\r\n", "a".repeat(1 << 20));
    let cases = [
        ("bytes", Says::Bytes(b"\x00\xff\xfe\x16\x03\x01 not HTTP at all\r\n\r\n".to_vec())),
        ("nothing", Says::Bytes(Vec::new())),
        ("half a head", Says::Bytes(b"HTTP/1.1 200 OK\r\ncontent-le".to_vec())),
        ("another protocol", Says::Bytes(b"220 mail.example ESMTP\r\n".to_vec())),
        ("a header of a megabyte", Says::Bytes(long_header.into_bytes())),
        ("a length that lies", Says::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{}".to_vec())),
        ("broken gzip", Says::Bytes(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nabcd".to_vec())),
        ("500", answer("500 Internal Server Error", "text/html", "<html>500</html>")),
        ("502", answer("502 Bad Gateway", "text/html", "<html>502</html>")),
        ("504", answer("504 Gateway Time-out", "text/html", "<html>504</html>")),
        ("deeply nested", answer("502 Bad Gateway", "application/json", &deep)),
    ];
    for (case, says) in cases {
        let server = server(says).await;
        for victim in victims(&server).await {
            // Where the status alone counts, it has come although its body is broken.
            let status = matches!(case, "a length that lies" | "broken gzip");
            judge(case, &victim, send(&victim).await, status);
        }
    }
}

#[tokio::test]
async fn a_body_without_an_end_is_not_read_to_its_end() {
    for status in [200, 502] {
        let server = server(Says::Endless(status)).await;
        for victim in victims(&server).await {
            judge(&status.to_string(), &victim, send(&victim).await, status == 200);
        }
    }
}

/// How long the others wait for the rest of an answer is the business of their client (`channel/http.rs`).
#[tokio::test]
async fn where_the_status_is_enough_nobody_waits_for_a_body_that_stalls() {
    let server = server(Says::Stalls).await;
    for victim in victims(&server).await.into_iter().filter(|victim| victim.kind == "webhook") {
        judge("stalls", &victim, send(&victim).await, true);
    }
}

/// A mail server that greets, and then answers everything with this.
async fn mail_server(greeting: &'static str, line: &'static str) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut stream = BufReader::new(stream);
                stream.write_all(greeting.as_bytes()).await.ok()?;
                let mut command = String::new();
                while stream.read_line(&mut command).await.ok()? > 0 && !line.is_empty() {
                    stream.write_all(line.as_bytes()).await.ok()?;
                    command.clear();
                }
                Some(())
            });
        }
    });
    address.to_string()
}

#[tokio::test]
async fn a_mail_server_that_talks_nonsense_loses_no_letter() {
    for (greeting, line) in [
        ("HTTP/1.1 400 Bad Request\r\n\r\n", ""),
        ("\u{0}\u{1}\u{2}\r\n", "\u{0}\r\n"),
        ("", ""),
        ("220 x\r\n", "250\r\n"),
        ("220 x\r\n", "999 what\r\n"),
        ("220 x\r\n", "<html>\r\n"),
        ("554 go away\r\n", ""),
    ] {
        let server = mail_server(greeting, line).await;
        let keys =
            format!("{{ server = 'smtp://{server}', tls = 'none', user = 'loa', password = '{SECRET}', from = 'loa@phuong.example' }}");
        let victim = Victim { to: Address::new("test", "an@dan.example"), ..remembering("email", &keys, None).await };
        judge(&format!("{greeting:?} {line:?}"), &victim, send(&victim).await, false);
    }
}
