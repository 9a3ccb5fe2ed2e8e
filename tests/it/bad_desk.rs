//! Bad inputs that people and platforms send to a bot, each by its id.

use chrono::TimeDelta;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::daemon::Daemon;
use crate::desk::{ADMIN, AN, BINH, GROUP, Town, town, town_under};
use crate::fakes::Fault;
use crate::flow::CHANNEL;

/// A message as Telegram writes it.
fn message(chat: i64, from: i64, more: &Value) -> Value {
    let kind = if chat > 0 { "private" } else { "supergroup" };
    let mut message =
        json!({"message_id": 1, "date": 1, "chat": {"id": chat, "type": kind}, "from": {"id": from, "is_bot": false, "first_name": "An"}});
    message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    message
}

fn said(id: i64, chat: i64, text: &str) -> Value {
    json!({"update_id": id, "message": message(chat, chat, &json!({"text": text}))})
}

/// Pushes these, then has Binh ask, and waits until he is answered: all before was heard by then.
async fn after(town: &Town, updates: Vec<Value>) {
    for update in updates {
        town.telegram.push_update(update);
    }
    town.ask(BINH, BINH, "giúp").await;
    town.heard().await;
}

#[tokio::test]
async fn tg_024_and_025_odd_updates_are_passed_by_and_the_next_is_heard() {
    let town = town("").await;
    let daemon = Daemon::start(&town.house).await;
    after(
        &town,
        vec![
            json!({"update_id": 5, "quantum_post": {"x": 1}}),
            json!({"update_id": 6, "message": {"some fields are missing": true}}),
            json!({"update_id": 7, "callback_query": 12, "message": null}),
        ],
    )
    .await;
    daemon.end().await;
}

#[tokio::test]
async fn tg_026_an_update_that_comes_twice_is_answered_once() {
    let town = town("").await;
    // The answer to the poll that carried it is lost, so Telegram tells it again.
    town.telegram.fail_next_call("getupdates", Fault::CutAnswer);
    town.telegram.push_update(said(7, AN, "/start"));
    let daemon = Daemon::start(&town.house).await;
    town.answered(AN, 1).await;
    daemon.end().await;
    town.house.pass(TimeDelta::minutes(1));
    let daemon = Daemon::start(&town.house).await;
    after(&town, vec![said(7, AN, "/start"), said(7, AN, "/start")]).await;
    daemon.end().await;
    assert_eq!(town.telegram.texts_in(AN).len(), 1);
}

#[tokio::test]
async fn tg_027_and_028_numbers_that_jump_back_are_heard() {
    let town = town("").await;
    let daemon = Daemon::start(&town.house).await;
    town.telegram.push_update(said(900_000_000, AN, "/start"));
    town.answered(AN, 1).await;
    town.heard().await;
    town.house.pass(TimeDelta::days(8));
    daemon.end().await;
    town.telegram.push_update(said(9, AN, "tin mới"));
    town.telegram.push_update(said(8, BINH, "tin mới"));
    let daemon = Daemon::start(&town.house).await;
    town.answered(AN, 2).await;
    town.answered(BINH, 1).await;
    town.heard().await;
    town.house.pass(TimeDelta::days(8));
    town.telegram.push_update(said(4_000_000_000, AN, "tin mới"));
    town.answered(AN, 3).await;
    daemon.end().await;
}

#[tokio::test]
async fn tg_029_to_035_whatever_is_written_is_words() {
    let town = town("").await;
    let daemon = Daemon::start(&town.house).await;
    let start = format!("/start {}", "A".repeat(64));
    let long = format!("/tim {}", "a".repeat(4090));
    for (id, words, wants) in [
        ("tg-029", start.as_str(), "Xong rồi"),
        ("tg-030", "/start ' OR 1=1;--", "đang theo dõi"),
        ("tg-032", &long, "Chưa có tin nào về “aaa"),
        ("tg-033", "/tim \"NEAR( * ) AND -OR:", "Chưa có tin nào"),
        ("tg-034", "/tim %_%_%_%_%", "muốn tìm gì"),
        ("tg-035", "/tim \u{202e}👩\u{200d}🚒", "muốn tìm gì"),
    ] {
        let told = town.ask(AN, AN, words).await;
        assert!(told.contains(wants), "{id}: {told}");
        assert!(!told.contains("SQL") && !told.contains("fts") && told.chars().count() < 700, "{id}: {told}");
    }
    assert_eq!(town.feeds_of(AN).await, ["hoa-gao"]);
    daemon.end().await;
}

#[tokio::test]
async fn tg_031_041_042_and_047_what_is_not_meant_for_us_is_not_heard() {
    let town = town("").await;
    let daemon = Daemon::start(&town.house).await;
    let phone = "0912 345 678";
    after(
        &town,
        vec![
            json!({"update_id": 31, "message": message(GROUP, ADMIN, &json!({"text": "/tim@otherbot abc"}))}),
            json!({"update_id": 41, "channel_post": {"message_id": 3, "date": 1, "chat": {"id": CHANNEL, "type": "channel"}, "text": "/dung"}}),
            json!({"update_id": 42, "message": message(AN, 99, &json!({"text": "/start", "from": {"id": 99, "is_bot": true}}))}),
            json!({"update_id": 47, "message": message(AN, AN, &json!({"contact": {"phone_number": phone, "first_name": "An", "vcard": "BEGIN:VCARD"}}))}),
        ],
    )
    .await;
    daemon.end().await;
    for chat in [AN, GROUP, CHANNEL] {
        assert!(town.telegram.texts_in(chat).is_empty(), "{chat}");
    }
    let kept: Vec<u8> = glob::glob(&format!("{}/**/*.db*", town.house.path().display()))
        .unwrap()
        .flat_map(|path| std::fs::read(path.unwrap()).unwrap())
        .collect();
    assert!(!kept.is_empty() && !String::from_utf8_lossy(&kept).contains(phone), "a phone number was stored");
}

#[tokio::test]
async fn tg_036_and_037_a_press_can_do_no_more_than_its_sender() {
    let town = town("").await;
    let daemon = Daemon::start(&town.house).await;
    town.ask(GROUP, ADMIN, "/dangky").await;
    let (telegram, ids) = (&town.telegram, [town.telegram.callback(), town.telegram.callback()]);
    let press = |id: &str, message: Value| json!({"id": id, "from": {"id": AN}, "data": "unsub:-100123", "message": message});
    let mut bare = press(&ids[0], Value::Null);
    bare.as_object_mut().unwrap().remove("message");
    let old = json!({"chat": {"id": GROUP, "type": "supergroup"}, "message_id": 3, "date": 0});
    telegram.push_update(json!({"update_id": 36, "callback_query": bare}));
    telegram.push_update(json!({"update_id": 37, "callback_query": press(&ids[1], old)}));
    let resident = telegram.press(GROUP, AN, 1, "l:hoa-gao");
    town.heard().await;
    town.house.pass(TimeDelta::seconds(10));
    telegram.wait_until("all three answered", |t| t.callbacks_answered().len() == 3).await;
    let told = |id: &str| telegram.callbacks_answered().into_iter().find(|(known, _)| known == id).unwrap().1;
    assert!(ids.iter().all(|id| told(id).contains("không dùng được")), "{:?}", telegram.callbacks_answered());
    assert!(told(&resident).contains("Chỉ quản trị viên"), "{}", told(&resident));
    assert_eq!(town.feeds_of(GROUP).await, ["hoa-gao"]);
    // A press that is answered too late harms nobody.
    after(&town, vec![json!({"update_id": 38, "callback_query": {"id": "1", "from": {"id": AN}, "data": "h"}})]).await;
    daemon.end().await;
}

#[tokio::test]
async fn tg_039_and_040_only_who_decides_for_a_group_changes_what_it_gets() {
    let town = town("").await;
    let daemon = Daemon::start(&town.house).await;
    let told = town.ask(GROUP, AN, "/dangky").await;
    assert!(told.contains("Chỉ quản trị viên"), "{told}");
    assert!(town.feeds_of(GROUP).await.is_empty());
    let anonymous = json!({"text": "/dangky", "sender_chat": {"id": GROUP, "type": "supergroup"}, "from": {"id": 1_087_968_824, "is_bot": true, "username": "GroupAnonymousBot"}});
    after(&town, vec![json!({"update_id": 40, "message": message(GROUP, 1, &anonymous)})]).await;
    town.answered(GROUP, 2).await;
    assert_eq!(town.feeds_of(GROUP).await, ["hoa-gao"]);
    daemon.end().await;
}

#[tokio::test]
async fn tg_038_who_writes_a_hundred_times_is_answered_once_a_second_and_others_at_once() {
    let town = town("").await;
    for id in 0..100 {
        town.telegram.push_update(said(1_000 + id, AN, "giúp"));
    }
    let daemon = Daemon::start(&town.house).await;
    town.ask(BINH, BINH, "giúp").await;
    // `ask` lets ten seconds pass, which is as long as anything waits.
    town.answered(AN, 11).await;
    town.house.pass(TimeDelta::minutes(5));
    after(&town, Vec::new()).await;
    assert_eq!(town.telegram.texts_in(AN).len(), 11, "one at once, ten in the ten seconds after");
    daemon.end().await;
}

#[tokio::test]
async fn tg_043_another_poller_is_told_to_the_admin_once_it_lasts() {
    let town = town_under("[admin]\nto = \"bot:77\"", "").await;
    town.telegram.private(ADMIN);
    let conflict = Fault::Refuse(409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running");
    town.telegram.fail_next_call("getupdates", conflict.clone()).fail_next_call("getupdates", conflict);
    let daemon = Daemon::start(&town.house).await;
    town.telegram.wait_until("the first refusal", |t| !t.requests_of("getupdates").is_empty()).await;
    let store = town.house.store().await;
    while incidents(&store).await.is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(town.telegram.texts_in(ADMIN).is_empty(), "five minutes are waited");
    town.house.pass(TimeDelta::minutes(6));
    town.answered(ADMIN, 2).await;
    let texts = town.telegram.texts_in(ADMIN);
    assert!(texts[0].contains("hai chương trình") && texts[1].contains("lại nghe được"), "{texts:?}");
    daemon.end().await;
}

async fn incidents(store: &loaphuong::store::Store) -> Vec<loaphuong::incident::Incident> {
    let subject = loaphuong::incident::Subject { key: "channel:bot".into(), title: String::new(), url: None };
    store.incidents_of(&subject).await.unwrap()
}

/// A house that Telegram pushes to, and what proves that it is Telegram.
async fn pushed_to() -> (Town, Daemon, String) {
    let town = town_under("[site]\nbase_url = \"http://127.0.0.1:9\"", "listen = \"webhook\"").await;
    let daemon = Daemon::start(&town.house).await;
    town.telegram.wait_until("the webhook", |t| t.webhook().is_some()).await;
    let webhook = town.telegram.webhook().unwrap();
    assert_eq!(webhook.url, "http://127.0.0.1:9/hooks/bot");
    (town, daemon, webhook.secret.unwrap())
}

async fn push(daemon: &Daemon, secret: Option<&str>, body: String) -> StatusCode {
    let request = reqwest::Client::new().post(format!("http://{}/hooks/bot", daemon.address)).body(body);
    let request = secret.iter().fold(request, |request, secret| request.header("X-Telegram-Bot-Api-Secret-Token", *secret));
    request.send().await.unwrap().status()
}

#[tokio::test]
async fn tg_044_only_telegram_may_push() {
    let (town, daemon, secret) = pushed_to().await;
    let update = said(1, AN, "/start").to_string();
    for wrong in [None, Some(""), Some("x"), Some(&secret[1..])] {
        assert_eq!(push(&daemon, wrong, update.clone()).await, StatusCode::UNAUTHORIZED, "{wrong:?}");
    }
    assert_eq!(push(&daemon, None, "{not read".into()).await, StatusCode::UNAUTHORIZED);
    assert_eq!(push(&daemon, Some(&secret), update).await, StatusCode::OK);
    town.answered(AN, 1).await;
    assert_eq!(push(&daemon, Some(&secret), "{not read".into()).await, StatusCode::OK, "it would only come again");
    let elsewhere = reqwest::Client::new().post(format!("http://{}/hooks/nobody", daemon.address)).send().await.unwrap();
    assert_eq!(elsewhere.status(), StatusCode::NOT_FOUND);
    daemon.end().await;
}

#[tokio::test]
async fn tg_045_what_is_pushed_is_at_most_a_mebibyte() {
    let (_town, daemon, secret) = pushed_to().await;
    let head =
        format!("POST /hooks/bot HTTP/1.1\r\nHost: x\r\nX-Telegram-Bot-Api-Secret-Token: {secret}\r\nContent-Length: {}\r\n\r\n", 50 << 20);
    let told = tokio::task::spawn_blocking(move || {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(daemon.address).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        let mut told = [0; 12];
        stream.read_exact(&mut told).unwrap();
        (String::from_utf8_lossy(&told).into_owned(), daemon)
    });
    let (told, daemon) = told.await.unwrap();
    assert_eq!(told, "HTTP/1.1 413");
    let nearly = format!("{{\"update_id\":1,\"x\":\"{}\"}}", "a".repeat(1_000_000));
    assert_eq!(push(&daemon, Some(&secret), nearly).await, StatusCode::OK);
    daemon.end().await;
}

#[tokio::test]
async fn tg_046_what_is_pushed_twice_is_answered_once_and_telegram_is_no_reader() {
    let (town, daemon, secret) = pushed_to().await;
    // More than any stranger may post in a minute.
    for id in 0..200 {
        assert_eq!(push(&daemon, Some(&secret), said(500 + id / 100, AN, "/start").to_string()).await, StatusCode::OK);
    }
    town.house.pass(TimeDelta::seconds(10));
    town.answered(AN, 2).await;
    assert_eq!(push(&daemon, Some(&secret), said(600, BINH, "giúp").to_string()).await, StatusCode::OK);
    town.answered(BINH, 1).await;
    daemon.end().await;
    assert_eq!(town.telegram.texts_in(AN).len(), 2);
}

#[tokio::test]
async fn a_webhook_of_ours_is_ended_when_polling_begins() {
    let (town, daemon, _) = pushed_to().await;
    daemon.end().await;
    let text = town.house.read("config.toml").replace("listen = \"webhook\"", "");
    town.house.write("config.toml", &text);
    let daemon = Daemon::start(&town.house).await;
    town.telegram.wait_until("our webhook ended", |t| t.webhook().is_none()).await;
    town.ask(AN, AN, "/start").await;
    daemon.end().await;
}

#[tokio::test]
async fn a_webhook_of_others_is_left_alone_and_told() {
    let town = town_under("[admin]\nto = \"bot:77\"", "").await;
    town.telegram.private(ADMIN);
    let set = format!("{}/bot{}/setWebhook?url=https://khac.example/x", town.telegram.url(), town.telegram.token());
    reqwest::get(set).await.unwrap();
    let daemon = Daemon::start(&town.house).await;
    let store = town.house.store().await;
    while incidents(&store).await.is_empty() {
        tokio::task::yield_now().await;
    }
    town.house.pass(TimeDelta::minutes(6));
    town.answered(ADMIN, 1).await;
    let told = town.telegram.texts_in(ADMIN).remove(0);
    assert!(told.contains("khac.example"), "{told}");
    assert!(town.telegram.webhook().is_some());
    daemon.end().await;
}
