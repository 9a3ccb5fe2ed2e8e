//! The transport against a server that says what the Bot API is known to say.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::secret::Secret;

const TOKEN: &str = "123456:SECRET-token";
const LINK: &str = "https://thoquan.example/tin/1";

/// What the server does with one call.
#[derive(Clone)]
enum Does {
    /// Answers with a status, a header and a body.
    Says(u16, &'static str, String),
    /// Reads the call and closes the connection.
    Hangs,
}

fn ok(result: Value) -> Does {
    Does::Says(200, "", json!({ "ok": true, "result": result }).to_string())
}

fn no(code: u16, text: &str) -> Does {
    Does::Says(code, "", json!({ "ok": false, "error_code": code, "description": text }).to_string())
}

fn took(id: i64, text: &str) -> Does {
    ok(json!({ "message_id": id, "date": 1, "chat": { "id": 1, "type": "channel" }, "text": text }))
}

struct Fake {
    telegram: Telegram,
    calls: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Fake {
    async fn start(script: Vec<Does>) -> Self {
        Self::with_ops(script, None).await
    }

    async fn with_ops(script: Vec<Does>, ops: Option<&str>) -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let calls: Arc<Mutex<Vec<(String, Value)>>> = Arc::default();
        tokio::spawn(serve(listener, script.into(), calls.clone()));
        let config = Config {
            token: Given::Text(TOKEN.to_owned()),
            api: base,
            ops_chat: ops.map(|chat| Chat::parse(chat).unwrap()),
            preview: Preview::Large,
            documents: false,
            paid_broadcast: false,
            edit_probe: false,
            listen: Listen::Off,
        };
        Self { telegram: set(|setting| Telegram::new(config, setting)).unwrap(), calls }
    }

    fn calls(&self) -> Vec<(String, Value)> {
        self.calls.lock().unwrap().clone()
    }

    async fn send(&self, chat: &str, message: &Message) -> Result<Sent, SendError> {
        self.telegram.send(&Address::new("bot", chat), message, "k").await
    }
}

/// One connection per call, so that each does what the script says.
async fn serve(listener: TcpListener, mut script: VecDeque<Does>, calls: Arc<Mutex<Vec<(String, Value)>>>) {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (path, body) = read_call(&mut stream).await;
        calls.lock().unwrap().push((path.trim_start_matches(&format!("/bot{TOKEN}/")).to_owned(), body));
        if let Some(Does::Says(status, header, body)) = script.pop_front() {
            let length = body.len();
            let answer = format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {length}\r\n{header}\r\n{body}");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    }
}

async fn read_call(stream: &mut tokio::net::TcpStream) -> (String, Value) {
    let mut got = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&got).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && let Ok(json) = serde_json::from_str(body)
        {
            return (head.split(' ').nth(1).unwrap().to_owned(), json);
        }
        let mut chunk = [0; 4096];
        let length = stream.read(&mut chunk).await.unwrap();
        got.extend_from_slice(&chunk[..length]);
    }
}

fn hello() -> Message {
    Message {
        text: "<b>Họp &amp; bàn</b>\nThổ Quan".into(),
        image: None,
        document: None,
        link: Some(("Xem bài gốc".into(), LINK.parse().unwrap())),
        silent: true,
        reply_to: None,
        covers: 0..1,
    }
}

fn with_picture() -> Message {
    Message { image: Some("https://thoquan.example/a.jpg".parse().unwrap()), ..hello() }
}

#[tokio::test]
async fn a_message_leaves_as_the_api_wants_it() {
    let fake = Fake::start(vec![took(42, ""), took(43, "")]).await;
    assert_eq!(fake.send("-1001234567890/17", &hello()).await, Ok(Sent { ids: vec!["42".into()] }));
    fake.send("@thoquan/1", &with_picture()).await.unwrap();
    let keyboard = json!({ "inline_keyboard": [[{ "text": "Xem bài gốc", "url": LINK }]] });
    let text = json!({
        "chat_id": -1_001_234_567_890_i64, "message_thread_id": 17, "text": "<b>Họp &amp; bàn</b>\nThổ Quan", "parse_mode": "HTML",
        "disable_notification": true, "link_preview_options": { "url": LINK, "prefer_large_media": true }, "reply_markup": keyboard,
    });
    let photo = json!({
        "chat_id": "@thoquan", "photo": "https://thoquan.example/a.jpg", "caption": "<b>Họp &amp; bàn</b>\nThổ Quan", "parse_mode": "HTML",
        "disable_notification": true, "reply_markup": keyboard,
    });
    assert_eq!(fake.calls(), [("SendMessage".to_owned(), text), ("SendPhoto".to_owned(), photo)]);
}

fn kind(told: &SendError) -> String {
    let after = |after: &Option<Duration>| after.map_or(String::new(), |d| format!(" {}", d.as_secs()));
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

/// Sends one message and says what the outbox was told; neither the token nor the chat is in it.
async fn check(does: Does, want: &str) {
    let name = match &does {
        Does::Says(status, header, body) => format!("{status} {header} {body}"),
        Does::Hangs => "hangs".into(),
    };
    let fake = Fake::start(vec![does]).await;
    let told = fake.send("-1001234567890/17", &hello()).await.unwrap_err();
    assert_eq!(kind(&told), want, "{name}: {told:?}");
    assert_eq!(fake.calls().len(), 1, "{name}");
    if !matches!(told, SendError::Moved { .. }) {
        let said = format!("{told:?}");
        assert!(!said.contains("SECRET") && !said.contains("1234567890"), "{said}");
    }
}

#[tokio::test]
async fn every_refusal_says_what_the_outbox_does_next() {
    for text in [
        "Forbidden: bot was blocked by the user",
        "Forbidden: user is deactivated",
        "Forbidden: bot can't initiate conversation with a user",
        "Forbidden: bot was kicked from the supergroup chat",
        "Forbidden: bot is not a member of the channel chat",
        "Forbidden: the group chat was deleted",
    ] {
        check(no(403, text), "gone").await;
    }
    for text in [
        "Bad Request: need administrator rights in the channel chat",
        "Bad Request: not enough rights to send text messages to the chat",
        "Bad Request: TOPIC_CLOSED",
    ] {
        check(no(400, text), "gone").await;
    }
    for text in ["Bad Request: chat not found", "Bad Request: message text is empty"] {
        check(no(400, text), "refused").await;
    }
    for text in ["Bad Request: message is too long", "Bad Request: ENTITIES_TOO_LONG"] {
        let fake = Fake::start(vec![no(400, text), no(400, text)]).await;
        let told = fake.send("-1001234567890/17", &hello()).await.unwrap_err();
        assert_eq!((kind(&told).as_str(), fake.calls().len()), ("refused", 2), "{text}: and at half its length too");
    }
    check(no(413, "Request Entity Too Large"), "refused").await;
    check(no(401, "Unauthorized"), "down 600").await;
    check(no(404, "Not Found"), "down 600").await;
    for code in [500, 502, 503, 504] {
        check(no(code, "Internal Server Error: restart"), "doubt").await;
    }
}

#[tokio::test]
async fn limits_and_moves_carry_what_the_api_told() {
    let told = |code: u16, header, parameters: Value| {
        Does::Says(code, header, json!({ "ok": false, "error_code": code, "description": "x", "parameters": parameters }).to_string())
    };
    check(told(429, "retry-after: 9\r\n", json!({ "retry_after": 43_838 })), "retry 43838").await;
    check(told(429, "retry-after: 9\r\n", json!({})), "retry 9").await;
    check(told(429, "", json!({})), "retry").await;
    check(told(400, "", json!({ "migrate_to_chat_id": -1_009_876_i64 })), "moved bot:-1009876/17").await;
}

#[tokio::test]
async fn answers_that_are_none_leave_a_doubt_unless_the_status_is_enough() {
    let page = || format!("<html>POST /bot{TOKEN}/SendMessage to -1001234567890</html>");
    for (status, want) in [
        (200, "doubt"),
        (500, "doubt"),
        (502, "doubt"),
        (504, "doubt"),
        (403, "doubt"),
        (302, "down 600"),
        (404, "down 600"),
        (413, "refused"),
    ] {
        check(Does::Says(status, "", page()), want).await;
    }
    check(Does::Says(429, "retry-after: 3\r\n", page()), "retry 3").await;
    check(Does::Says(200, "", "{\"ok\":true,\"result\":{\"mess".into()), "doubt").await;
    check(Does::Says(200, "", "{\"ok\":true}".into()), "doubt").await;
    check(Does::Says(200, "", "{\"ok\":false}".into()), "retry").await;
    check(Does::Says(200, "", format!("{{\"ok\":true,\"result\":{{\"message_id\":1,\"text\":\"{}\"}}}}", "x".repeat(70_000))), "doubt")
        .await;
    check(Does::Hangs, "doubt").await;
}

#[tokio::test]
async fn nothing_there_means_the_whole_channel_waits() {
    let fake = Fake::start(Vec::new()).await;
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", gone.local_addr().unwrap()).parse().unwrap();
    drop(gone);
    let telegram = Telegram { api: Api::new(base, Secret::new(TOKEN), &crate::tls::client_config().unwrap()).unwrap(), ..fake.telegram };
    let told = telegram.send(&Address::new("bot", "-1001"), &hello(), "k").await.unwrap_err();
    assert_eq!(kind(&told), "down", "{told:?}");
}

#[tokio::test]
async fn what_was_refused_in_part_is_sent_without_that_part() {
    for (text, gone) in [
        ("Bad Request: failed to get HTTP URL content", "photo"),
        ("Bad Request: wrong file identifier/HTTP URL specified", "photo"),
        ("Bad Request: wrong type of the web page content", "photo"),
        ("Bad Request: PHOTO_INVALID_DIMENSIONS", "photo"),
        ("Bad Request: message thread not found", "message_thread_id"),
        ("Bad Request: can't parse entities: Unsupported start tag \"p\" at byte offset 3", "parse_mode"),
        ("Bad Request: inline keyboard button URL 'x' is invalid: Wrong HTTP URL", "reply_markup"),
    ] {
        let fake = Fake::start(vec![no(400, text), took(42, "")]).await;
        assert_eq!(fake.send("-1001/17", &with_picture()).await, Ok(Sent { ids: vec!["42".into()] }), "{text}");
        let calls = fake.calls();
        assert!(!calls[0].1[gone].is_null() && calls[1].1[gone].is_null(), "{text}: {calls:?}");
        let words = if gone == "photo" { &calls[1].1["text"] } else { &calls[1].1["caption"] };
        let want = if gone == "parse_mode" { "Họp & bàn\nThổ Quan" } else { "<b>Họp &amp; bàn</b>\nThổ Quan" };
        assert_eq!(words, want, "{text}");
    }
}

#[tokio::test]
async fn a_part_is_given_up_only_once() {
    let thread = no(400, "Bad Request: message thread not found");
    let fake = Fake::start(vec![no(400, "Bad Request: PHOTO_INVALID_DIMENSIONS"), thread.clone(), thread]).await;
    let told = fake.send("-1001/17", &with_picture()).await.unwrap_err();
    assert_eq!((kind(&told).as_str(), fake.calls().len()), ("refused", 3), "{told:?}");
}

/// What becomes of a doubt: the answer, and which calls were made.
async fn doubt(chat: &str, known: &[&str], script: Vec<Does>) -> (Result<Doubt, SendError>, Vec<String>) {
    let mut all = vec![ok(json!({ "id": 1, "is_bot": true }))];
    all.extend(script);
    let fake = Fake::with_ops(all, Some("-100999")).await;
    let known: KnownIds = known.iter().map(|id| (*id).to_owned()).collect();
    let told = fake.telegram.resolve(&Address::new("bot", chat), &hello(), &known).await;
    (told, fake.calls().into_iter().map(|(method, _)| method).collect())
}

#[tokio::test]
async fn a_doubt_is_settled_by_looking_at_what_is_there() {
    let ours = || took(7, "Họp & bàn\nThổ Quan");
    let other = || took(7, "Tin khác");
    let gone = || no(400, "Bad Request: message to forward not found");
    let deleted = || ok(json!(true));
    let here = |id: &str| Ok(Doubt::Delivered(Sent { ids: vec![id.into()] }));
    let check = async |chat: &str, known: &[&str], script: Vec<Does>, want: Result<Doubt, SendError>, calls: usize| {
        let (told, made) = doubt(chat, known, script).await;
        assert_eq!(told, want, "{chat} {known:?} {made:?}");
        assert_eq!(made.len(), calls, "{chat} {known:?} {made:?}");
    };
    check("-1001234567890", &["9", "10"], vec![ours(), deleted()], here("11"), 3).await;
    check("-1001234567890", &["10"], vec![other(), deleted(), gone(), ours(), deleted()], here("13"), 6).await;
    check("-1001234567890", &["10"], vec![gone(), gone(), gone()], Ok(Doubt::NotDelivered), 4).await;
    let service = || no(400, "Bad Request: the message can't be forwarded");
    check("@thoquan", &["10"], vec![service(), gone(), gone(), gone()], Ok(Doubt::Unknown), 5).await;
    check("-1001234567890", &["10"], vec![no(400, "Bad Request: chat not found")], Ok(Doubt::Unknown), 2).await;
    check("-1001234567890", &["10"], vec![no(403, "Forbidden: bot was kicked from the group chat")], Ok(Doubt::Unknown), 2).await;
    check("-1001234567890", &[], vec![service(), ours(), deleted()], here("2"), 4).await;
    check("@thoquan", &[], [vec![service()], vec![gone(); 18], vec![ours(), deleted()]].concat(), here("20"), 22).await;
    check("-1001234567890", &[], vec![gone(); 20], Ok(Doubt::Unknown), 21).await;
    check("12345", &[], vec![], Ok(Doubt::Unknown), 1).await;
    check("12345", &["10"], vec![gone(); 50], Ok(Doubt::Unknown), 51).await;
    check("12345", &["10"], [vec![gone(); 30], vec![ours(), deleted()]].concat(), here("41"), 33).await;
    check("-1001234567890", &["10"], vec![vec![other(), deleted()]; 20].concat(), Ok(Doubt::Unknown), 41).await;
}

#[tokio::test]
async fn a_doubt_waits_until_the_api_answers() {
    let fake = Fake::with_ops(vec![no(401, "Unauthorized")], Some("-100999")).await;
    let told = fake.telegram.resolve(&Address::new("bot", "-1001"), &hello(), &vec!["1".into()]).await.unwrap_err();
    assert_eq!(kind(&told), "down 600");
    let flood = Does::Says(429, "retry-after: 5\r\n", "{\"ok\":false,\"error_code\":429,\"description\":\"Too Many Requests\"}".into());
    let (told, _) = doubt("-1001234567890", &["1"], vec![flood]).await;
    assert_eq!(kind(&told.unwrap_err()), "retry 5");
}

fn set<T>(then: impl FnOnce(&Setting<'_>) -> T) -> T {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let secret = |_: &Given| Ok(Secret::new(TOKEN));
    then(&Setting {
        name: "bot",
        guarded: Arc::new(crate::channel::Anywhere(http)),
        tls: &crate::tls::client_config().unwrap(),
        base: &"https://loa.example/".parse().unwrap(),
        language: crate::phrases::Language::Vi,
        secret: &secret,
    })
}

fn built(toml: &str) -> Result<(), String> {
    let keys = toml::de::ValueDeserializer::parse(toml).unwrap();
    set(|setting| (KIND.build)(keys, setting).map(drop).map_err(|error| format!("{:?} {error}", error.span())))
}

#[test]
fn wrong_keys_are_told_with_their_place() {
    rustls::crypto::ring::default_provider().install_default().ok();
    for good in [
        "{ token = 'x' }",
        "{ token = { env = 'T' }, api = 'http://127.0.0.1:8081', ops_chat = -100999, preview = 'off' }",
        "{ token = 'x', ops_chat = '-100999/4' }",
        "{ token = 'x', listen = 'webhook' }",
        "{ token = 'x', listen = 'off' }",
    ] {
        assert_eq!(built(good), Ok(()), "{good}");
    }
    for (bad, want) in [
        ("{ tokn = 'x' }", "Some(2..6) unknown field `tokn`"),
        ("{ token = 'x', preview = 'huge' }", "Some(25..31)"),
        ("{ token = 'x', ops_chat = 'all' }", "Some(26..31)"),
        ("{ token = 'x', api = 'not a url' }", "Some(21..32)"),
        ("{ token = 'x', listen = 'maybe' }", "Some(24..31)"),
    ] {
        let told = built(bad).unwrap_err();
        assert!(told.starts_with(want), "{bad}: {told}");
    }
}
