//! People who talk on Zalo, to a bot and to an Official Account: the real parts, strict servers.

use chrono::TimeDelta;
use loaphuong::subscription::Address;
use reqwest::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sqlx::AnyPool;

use crate::daemon::Daemon;
use crate::fakes::{FakeZaloBot, FakeZaloOa, OA};
use crate::house::House;

const CHAT: &str = "6d1c5f0e9a7b";
const PERSON: &str = "5170627724267093288";

/// A ward with one channel that people can talk to.
async fn ward(channel: &str) -> House {
    let house = House::new(&format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n[site]\nbase_url = \"https://loa.example/\"\n\
         [[sources]]\nname = \"hoa-gao\"\ntitle = \"Phường Hoa Gạo\"\nkind = \"folder\"\npath = \"news\"\n[[channels]]\n{channel}\n"
    ));
    house.write("news/2026-11-01-cat-nuoc.txt", "Tạm ngừng cấp nước\n\nTừ 8 giờ sáng mai.\n");
    house.once().await;
    house
}

async fn bot(more: &str) -> (FakeZaloBot, House) {
    let fake = FakeZaloBot::start().await;
    fake.chat(CHAT);
    let keys = format!("name = \"zalo\"\nkind = \"zalo-bot\"\ntoken = \"{}\"\napi = \"{}\"\n{more}", fake.token(), fake.url());
    (fake, ward(&keys).await)
}

async fn account(more: &str) -> (FakeZaloOa, House) {
    let fake = FakeZaloOa::start().await;
    let keys = fake.good_keys().trim_matches(['{', '}', ' ']).replace(", ", "\n");
    let house = ward(&format!("name = \"oa\"\nkind = \"zalo-oa\"\n{keys}\n{more}")).await;
    (fake, house)
}

async fn beside(house: &House) -> AnyPool {
    AnyPool::connect(&format!("sqlite://{}/data/loaphuong.db", house.path().display())).await.unwrap()
}

/// Waits until everything that was heard is dealt with.
async fn done(house: &House, count: i64) {
    let beside = beside(house).await;
    let all = async {
        loop {
            let done: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM heard WHERE state = 'done'").fetch_one(&beside).await.unwrap();
            if done >= count {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), all).await.expect("what was heard is dealt with");
}

async fn feeds_of(house: &House, address: &str) -> Vec<String> {
    let store = house.store().await;
    let own = store.subscriptions_of(&Address::parse(address).unwrap(), chrono_tz::Asia::Ho_Chi_Minh).await.unwrap();
    store.close().await;
    own.into_iter().map(|subscription| subscription.feed.to_string()).collect()
}

async fn suspended(house: &House, channel: &str) -> i64 {
    let store = house.store().await;
    let suspended = store.suspended().await.unwrap().get(channel).copied().unwrap_or_default();
    store.close().await;
    suspended
}

/// What the bot answers.
async fn ask(fake: &FakeZaloBot, house: &House, words: &str) -> String {
    let before = fake.taken().len();
    fake.says(CHAT, words).wait_until("an answer", |fake| fake.taken().len() > before).await;
    house.pass(TimeDelta::seconds(10));
    fake.taken().pop().unwrap().text
}

#[tokio::test]
async fn a_resident_follows_searches_and_stops_by_writing_to_a_zalo_bot() {
    let (fake, house) = bot("").await;
    let daemon = Daemon::start(&house).await;
    let told = ask(&fake, &house, "theo dõi").await;
    assert!(told.contains("Phường Hoa Gạo") && told.contains("Bạn có thể nhắn: “Tin mới” · “Thôi nhận Phường Hoa Gạo”"), "{told}");
    assert_eq!(feeds_of(&house, &format!("zalo:{CHAT}")).await, ["hoa-gao"]);
    let told = ask(&fake, &house, "Tin mới").await;
    assert!(told.contains("Tạm ngừng cấp nước"), "{told}");
    let told = ask(&fake, &house, "Thôi nhận Phường Hoa Gạo").await;
    assert!(told.contains("Đã dừng"), "the words under an answer do what its button would: {told}");
    assert!(feeds_of(&house, &format!("zalo:{CHAT}")).await.is_empty());
    daemon.end().await;
    assert_eq!(fake.refusals(), Vec::<String>::new());
}

#[tokio::test]
async fn an_answer_never_costs_a_message_that_is_kept_for_urgent_news() {
    // Of 40 a month 36 are for news and answers; sixteen answers may be on their way at once.
    let (fake, house) = bot("pace = { per_month = 40 }\n").await;
    let quarter = house.now().timestamp_millis() / 900_000;
    let text = format!("INSERT INTO spent (channel, quarter, messages) VALUES ('zalo', {quarter}, 19)");
    sqlx::query(sqlx::AssertSqlSafe(text)).execute(&beside(&house).await).await.unwrap();
    let daemon = Daemon::start(&house).await;
    ask(&fake, &house, "tin mới").await;
    done(&house, 1).await;
    fake.says(CHAT, "theo dõi");
    done(&house, 2).await;
    daemon.end().await;
    assert_eq!(fake.taken().len(), 1);
    assert_eq!(feeds_of(&house, &format!("zalo:{CHAT}")).await, ["hoa-gao"], "what was asked for is done all the same");
}

#[tokio::test]
async fn a_webhook_of_ours_gives_way_to_polling_and_back() {
    let (fake, house) = bot("listen = \"webhook\"\n").await;
    let daemon = Daemon::start(&house).await;
    fake.wait_until("a webhook", |fake| fake.webhook().is_some()).await;
    daemon.end().await;
    assert_eq!(fake.webhook().unwrap().0, "https://loa.example/hooks/zalo");
    house.write("config.toml", &house.read("config.toml").replace("listen = \"webhook\"\n", ""));
    let daemon = Daemon::start(&house).await;
    fake.wait_until("no webhook", |fake| fake.webhook().is_none()).await;
    ask(&fake, &house, "theo dõi").await;
    daemon.end().await;
}

async fn push(daemon: &Daemon, channel: &str, headers: &[(&str, &str)], body: &str) -> StatusCode {
    let mut request = reqwest::Client::new().post(format!("http://{}/hooks/{channel}", daemon.address)).body(body.to_owned());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap().status()
}

#[tokio::test]
async fn what_zalo_pushes_of_a_bot_is_taken_with_its_secret_alone_and_once() {
    let (fake, house) = bot("listen = \"webhook\"\n").await;
    let daemon = Daemon::start(&house).await;
    fake.wait_until("a webhook", |fake| fake.webhook().is_some()).await;
    let (_, secret) = fake.webhook().unwrap();
    let event = fake.event(CHAT, "theo dõi").to_string();
    for wrong in ["", "doan-mo-khong-trung"] {
        assert_eq!(push(&daemon, "zalo", &[("X-Bot-Api-Secret-Token", wrong)], &event).await, 401);
    }
    assert_eq!(push(&daemon, "zalo", &[], &event).await, 401);
    for _ in 0..3 {
        assert_eq!(push(&daemon, "zalo", &[("X-Bot-Api-Secret-Token", &secret)], &event).await, 200);
    }
    for odd in ["", "{", "{\"event_name\":\"message.unsupported.received\"}"] {
        assert_eq!(push(&daemon, "zalo", &[("X-Bot-Api-Secret-Token", &secret)], odd).await, 200, "{odd}");
    }
    done(&house, 1).await;
    daemon.end().await;
    assert_eq!(fake.taken().len(), 1);
}

/// An event as Zalo pushes it, and its mark.
fn sealed(fake: &FakeZaloOa, event: &Value) -> (String, String) {
    let body = event.to_string();
    let time = event["timestamp"].as_str().unwrap();
    let digest = Sha256::new().chain_update(fake.app()).chain_update(&body).chain_update(time).chain_update(fake.secret()).finalize();
    let mac: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    (body, format!("mac={mac}"))
}

fn said(words: &str, id: &str) -> Value {
    json!({ "app_id": "1234567890123456789", "event_name": "user_send_text", "sender": { "id": PERSON }, "recipient": { "id": OA },
        "user_id_by_app": "552177279717587730", "message": { "text": words, "msg_id": id }, "timestamp": "1793952000000" })
}

fn follows(name: &str, time: &str) -> Value {
    json!({ "app_id": "1234567890123456789", "event_name": name, "oa_id": OA, "follower": { "id": PERSON }, "source": "oa_profile",
        "user_id_by_app": "552177279717587730", "timestamp": time })
}

async fn tell(fake: &FakeZaloOa, daemon: &Daemon, event: &Value, retry: &str) -> StatusCode {
    let (body, mac) = sealed(fake, event);
    push(daemon, "oa", &[("X-ZEvent-Signature", &mac), ("num_retry", retry)], &body).await
}

#[tokio::test]
async fn zalo_013_what_bears_another_mark_is_refused() {
    let (fake, house) = account("").await;
    let daemon = Daemon::start(&house).await;
    let (body, mac) = sealed(&fake, &said("theo dõi", "m1"));
    for wrong in [mac.replace("mac=", "mac=0"), "mac=".to_owned(), mac[..40].to_owned(), format!("mac={}", "0".repeat(64))] {
        assert_eq!(push(&daemon, "oa", &[("X-ZEvent-Signature", &wrong)], &body).await, 401, "{wrong}");
    }
    assert_eq!(push(&daemon, "oa", &[], &body).await, 401);
    assert_eq!(push(&daemon, "oa", &[("X-ZEvent-Signature", &mac)], &body.replace("theo", "Theo")).await, 401);
    assert_eq!(push(&daemon, "oa", &[("X-ZEvent-Signature", &mac)], &body).await, 200);
    fake.wait_until("an answer", |fake| fake.seen().len() == 1).await;
    daemon.end().await;
    assert!(fake.seen()[0].text.contains("Phường Hoa Gạo"), "{:?}", fake.seen());
}

#[tokio::test]
async fn zalo_014_while_the_store_is_busy_nothing_is_promised_and_nothing_done_twice() {
    let (fake, house) = account("").await;
    let daemon = Daemon::start(&house).await;
    let mut busy = beside(&house).await.acquire().await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *busy).await.unwrap();
    assert_eq!(tell(&fake, &daemon, &said("theo dõi", "m1"), "0").await, 503);
    sqlx::query("COMMIT").execute(&mut *busy).await.unwrap();
    house.pass(TimeDelta::seconds(30));
    for retry in ["1", "2"] {
        assert_eq!(tell(&fake, &daemon, &said("theo dõi", "m1"), retry).await, 200);
    }
    done(&house, 1).await;
    daemon.end().await;
    assert_eq!((fake.seen().len(), feeds_of(&house, &format!("oa:user/{PERSON}")).await), (1, vec!["hoa-gao".to_owned()]));
}

#[tokio::test]
async fn zalo_015_and_018_a_message_told_again_is_one_and_our_own_echo_is_none() {
    let (fake, house) = account("").await;
    let daemon = Daemon::start(&house).await;
    for retry in ["0", "1", "5"] {
        assert_eq!(tell(&fake, &daemon, &said("tin mới", "m1"), retry).await, 200);
    }
    let mut echo = said("Xong rồi", "m2");
    (echo["event_name"], echo["sender"]["id"], echo["recipient"]["id"]) = (json!("oa_send_text"), json!(OA), json!(PERSON));
    assert_eq!(tell(&fake, &daemon, &echo, "0").await, 200);
    done(&house, 1).await;
    let heard: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM heard").fetch_one(&beside(&house).await).await.unwrap();
    daemon.end().await;
    assert_eq!((heard, fake.seen().len()), (1, 1));
    assert!(fake.seen()[0].text.contains("Tạm ngừng cấp nước"), "{:?}", fake.seen());
    assert_eq!(fake.refusals(), Vec::<String>::new());
}

#[tokio::test]
async fn who_unfollows_an_account_is_left_alone_until_they_follow_again() {
    let (fake, house) = account("").await;
    let daemon = Daemon::start(&house).await;
    tell(&fake, &daemon, &said("theo dõi", "m1"), "0").await;
    done(&house, 1).await;
    tell(&fake, &daemon, &follows("unfollow", "1793952000001"), "0").await;
    done(&house, 2).await;
    assert_eq!(suspended(&house, "oa").await, 1);
    tell(&fake, &daemon, &follows("follow", "1793952000002"), "0").await;
    done(&house, 3).await;
    assert_eq!((suspended(&house, "oa").await, fake.seen().len()), (0, 1));
    assert_eq!(feeds_of(&house, &format!("oa:user/{PERSON}")).await, ["hoa-gao"]);
    daemon.end().await;
}

#[tokio::test]
async fn a_resident_sets_hours_rhythm_and_sections_on_zalo_by_the_words_under_an_answer() {
    let (fake, house) = bot("").await;
    house.write("news/2026-11-02-hop.md", "---\ntitle: Họp tổ dân phố\ncategories: Thông báo\n---\nLúc 19 giờ tại nhà văn hóa.\n");
    house.once().await;
    let daemon = Daemon::start(&house).await;
    ask(&fake, &house, "theo dõi").await;
    let told = ask(&fake, &house, "đang theo dõi gì").await;
    assert!(told.contains("“Giờ yên lặng” · “Gộp tin” · “Chủ đề”"), "{told}");
    let told = ask(&fake, &house, "Giờ yên lặng").await;
    assert!(told.contains("“Yên lặng 22h–6h”"), "{told}");
    let told = ask(&fake, &house, "Yên lặng 22h–6h").await;
    assert!(told.contains("Từ nay yên lặng 22h–6h") && told.contains("“Nhắn lúc nào cũng được”"), "{told}");
    let told = ask(&fake, &house, "gui gop moi sang 7h").await;
    assert!(told.contains("mỗi ngày lúc 7h"), "{told}");
    let told = ask(&fake, &house, "Chuyên mục").await;
    assert!(told.contains("“Thêm chuyên mục Thông báo”"), "{told}");
    let told = ask(&fake, &house, "Thêm chuyên mục Thông báo").await;
    assert!(told.contains("chỉ chuyên mục Thông báo"), "{told}");
    daemon.end().await;
    let store = house.store().await;
    let own = store.subscriptions_of(&Address::parse(&format!("zalo:{CHAT}")).unwrap(), chrono_tz::Asia::Ho_Chi_Minh).await.unwrap();
    store.close().await;
    assert_eq!((own[0].digest, own[0].filter.categories.as_slice()), (true, ["Thông báo".to_owned()].as_slice()));
    house.write("news/2026-11-03-rac.md", "---\ntitle: Thu gom rác cồng kềnh\ncategories: Thông báo\n---\nSáng thứ Bảy.\n");
    house.write("news/2026-11-03-hoi-dien.md", "---\ntitle: Hội diễn văn nghệ\ncategories: Văn hóa\n---\nTối thứ Bảy.\n");
    let before = fake.taken().len();
    house.pass(TimeDelta::hours(8));
    house.once().await;
    assert_eq!(fake.taken().len(), before, "it is gathered");
    house.pass(TimeDelta::hours(9));
    house.once().await;
    let told: Vec<String> = fake.taken().into_iter().skip(before).map(|message| message.text).collect();
    assert!(told.len() == 1 && told[0].contains("Thu gom rác") && !told[0].contains("Hội diễn"), "{told:?}");
    assert_eq!(fake.refusals(), Vec::<String>::new());
}
