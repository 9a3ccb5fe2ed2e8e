//! Notifications in browsers, against a push service that opens what it is given.

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;
use loaphuong::channel::{Channel, SendError};
use loaphuong::store::{Access, Store};
use loaphuong::subscription::Address;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::conformance::{Platform, laid_out, noticed};
use crate::daemon::Daemon;
use crate::fakes::FakePlatform;
use crate::fakes::Mishap;
use crate::fakes::push::{BrowserKeys, PATH, PushService, STRANGER};
use crate::house::House;
use crate::messages::built;

struct OnPush {
    fake: FakePlatform,
    channel: Arc<dyn Channel>,
    to: Address,
    _home: TempDir,
}

#[async_trait]
impl Platform for OnPush {
    fn channel(&self) -> Arc<dyn Channel> {
        self.channel.clone()
    }
    fn to(&self) -> Address {
        self.to.clone()
    }
    fn secrets(&self) -> Vec<String> {
        vec!["MARKED-endpoint-secret".to_owned(), crate::fakes::push::RFC_AUTH.to_owned()]
    }
    fn taken(&self) -> Vec<String> {
        self.fake.seen().into_iter().map(|seen| format!("{}\n{}", seen.title, seen.text)).collect()
    }
    fn refusals(&self) -> Vec<String> {
        self.fake.refusals()
    }
    fn fail_next(&self, mishap: Mishap) -> bool {
        self.fake.fail_next(mishap)
    }
    async fn stop(&self) {
        self.fake.stop().await;
    }
    fn dies_alone(&self) -> bool {
        true
    }
}

async fn push() -> OnPush {
    let fake = FakePlatform::start(PushService { keys: BrowserKeys::of_the_rfc() }).await;
    let home = tempfile::tempdir().unwrap();
    let store = Store::open("sqlite://day.db", home.path(), Access::Daemon).await.unwrap_or_else(|e| panic!("{e:?}"));
    let channel = built("web-push", "{ subject = 'mailto:vanphong@phuong.example' }");
    channel.attach(Arc::new(store));
    let browser = BrowserKeys::of_the_rfc().subscription(&format!("{}{PATH}", fake.url()));
    let chat = channel.browsers().unwrap().admit(&browser.to_string(), Utc::now()).await.unwrap();
    OnPush { fake, channel, to: Address::new("test", chat), _home: home }
}

pub(crate) async fn platform() -> Box<dyn Platform> {
    Box::new(push().await)
}

#[test]
fn the_fake_opens_the_message_of_the_rfc() {
    let sealed = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
    let plain = BrowserKeys::of_the_rfc().open(&URL_SAFE_NO_PAD.decode(sealed).unwrap()).unwrap();
    assert_eq!(String::from_utf8(plain).unwrap(), "When I grow up, I want to be a watermelon");
}

#[tokio::test]
async fn a_browser_whose_push_service_ended_it_is_forgotten() {
    let push = push().await;
    let other = BrowserKeys::of_the_rfc().subscription(&format!("{}/push/v2/ended", push.fake.url()));
    let chat = push.channel.browsers().unwrap().admit(&other.to_string(), Utc::now()).await.unwrap();
    let (to, message) = (Address::new("test", chat), laid_out(&*push.channel, &[noticed("Họp", "<p>Nội dung.</p>")]).remove(0));
    for told in ["HTTP 404", "not subscribed"] {
        let ended = push.channel.send(&to, &message, "k1").await;
        let Err(SendError::Ended { cause }) = ended else { panic!("{ended:?}") };
        assert!(cause.contains(told) && !cause.contains("push/v2"), "{cause}");
    }
    push.channel.send(&push.to, &message, "k2").await.unwrap();
    assert_eq!(push.fake.seen().len(), 1, "the other one is well");
}

#[tokio::test]
async fn a_push_service_that_trusts_none_of_our_tokens_ends_no_subscription() {
    let push = push().await;
    let other = BrowserKeys::of_the_rfc().subscription(&format!("{}{STRANGER}", push.fake.url()));
    let chat = push.channel.browsers().unwrap().admit(&other.to_string(), Utc::now()).await.unwrap();
    let (to, message) = (Address::new("test", chat), laid_out(&*push.channel, &[noticed("Họp", "<p>Nội dung.</p>")]).remove(0));
    let refused = async || push.channel.send(&to, &message, "k1").await.unwrap_err();
    let told = refused().await;
    assert!(matches!(&told, SendError::Retry { after: Some(_), cause } if cause.contains("VAPID")), "perhaps it trusts nothing: {told:?}");
    push.channel.send(&push.to, &message, "k2").await.unwrap();
    for _ in 0..3 {
        assert!(matches!(refused().await, SendError::Gone { .. }), "others are trusted, so it is this browser");
    }
    assert!(matches!(refused().await, SendError::Retry { .. }), "nothing was taken for a while");
    push.channel.send(&push.to, &message, "k3").await.unwrap();
    assert!(matches!(refused().await, SendError::Gone { .. }));
}

#[tokio::test]
async fn a_notification_that_is_sent_again_replaces_itself() {
    let push = push().await;
    let message = laid_out(&*push.channel, &[noticed("Họp", "<p>Nội dung.</p>")]).remove(0);
    for key in ["k1", "k1", "k2"] {
        push.channel.send(&push.to, &message, key).await.unwrap();
    }
    assert_eq!(push.fake.seen().len(), 1);
}

fn house() -> House {
    House::new(
        "[server]\nlisten = \"127.0.0.1:0\"\n[fetch]\nallow = [\"127.0.0.1\"]\n\
         [[sources]]\nname = \"tho-quan\"\ntitle = \"Phường Thổ Quan\"\nkind = \"folder\"\npath = \"news\"\n\
         [[channels]]\nname = \"day\"\nkind = \"web-push\"\nsubject = \"mailto:vanphong@phuong.example\"\n",
    )
}

async fn posted(url: &str, body: &Value) -> u16 {
    reqwest::Client::new().post(url).json(body).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_browser_subscribes_gets_the_news_and_leaves() {
    let fake = FakePlatform::start(PushService { keys: BrowserKeys::of_the_rfc() }).await;
    let house = house();
    house.write("news/2026-11-06-cat-nuoc.txt", "Tạm ngừng cấp nước\n\nTừ 8 giờ đến 11 giờ ngày mai.\n");
    house.once().await;
    let daemon = Daemon::start(&house).await;
    let at = |path: &str| format!("http://{}{path}", daemon.address);
    let key = reqwest::get(at("/push/key")).await.unwrap().text().await.unwrap();
    assert_eq!(URL_SAFE_NO_PAD.decode(&key).unwrap().len(), 65, "{key}");
    assert!(reqwest::get(at("/push/worker.js")).await.unwrap().text().await.unwrap().contains("showNotification"));
    let endpoint = format!("{}{PATH}", fake.url());
    let browser = |endpoint: &str| BrowserKeys::of_the_rfc().subscription(endpoint);
    let subscribe = at("/push/subscribe");
    for (body, want) in [
        (json!({ "subscription": browser(&endpoint), "feed": "khong-co" }), 404),
        (json!({ "subscription": browser("http://10.0.0.1/x"), "feed": "tho-quan" }), 400),
        (json!({ "subscription": browser("ftp://push.example/x"), "feed": "tho-quan" }), 400),
        (json!({ "subscription": { "endpoint": endpoint }, "feed": "tho-quan" }), 400),
        (json!({ "subscription": 7 }), 400),
        (json!({ "subscription": "x".repeat(9000), "feed": "tho-quan" }), 400),
        (json!({ "subscription": browser(&endpoint), "feed": "tho-quan" }), 201),
        (json!({ "subscription": browser(&endpoint), "feed": "tho-quan" }), 201),
    ] {
        assert_eq!(posted(&subscribe, &body).await, want, "{body:.200}");
    }
    daemon.end().await;
    house.write("news/2026-11-07-hop.txt", "Họp tổ dân phố\n\nBảy giờ tối thứ Bảy.\n");
    house.pass(chrono::TimeDelta::hours(1));
    let outcome = house.once().await;
    assert!(outcome.all_well(), "{outcome:?} {:?}", fake.refusals());
    let titles: Vec<String> = fake.seen().into_iter().map(|seen| seen.title).collect();
    assert_eq!((titles, fake.refusals()), (vec!["Họp tổ dân phố".to_owned()], Vec::new()));
    let daemon = Daemon::start(&house).await;
    let again = reqwest::get(format!("http://{}/push/key", daemon.address)).await.unwrap().text().await.unwrap();
    assert_eq!(again, key, "a browser subscribed with this key");
    assert_eq!(
        posted(&format!("http://{}/push/unsubscribe", daemon.address), &json!({ "endpoint": endpoint, "feed": "tho-quan" })).await,
        204
    );
    daemon.end().await;
    house.write("news/2026-11-08-rac.txt", "Lịch thu gom rác\n\nSáng Chủ nhật.\n");
    house.pass(chrono::TimeDelta::hours(1));
    assert!(house.once().await.all_well());
    assert_eq!(fake.seen().len(), 1, "who left gets no more");
}

#[tokio::test]
async fn a_browser_that_ended_takes_its_subscriptions_with_it() {
    let fake = FakePlatform::start(PushService { keys: BrowserKeys::of_the_rfc() }).await;
    let house = house();
    house.write("news/2026-11-06-cat-nuoc.txt", "Tạm ngừng cấp nước\n\nTừ 8 giờ.\n");
    house.once().await;
    let daemon = Daemon::start(&house).await;
    let ended = BrowserKeys::of_the_rfc().subscription(&format!("{}/push/v2/ended", fake.url()));
    let wish = json!({ "subscription": ended, "feed": "tho-quan" });
    assert_eq!(posted(&format!("http://{}/push/subscribe", daemon.address), &wish).await, 201);
    daemon.end().await;
    for day in ["07", "08"] {
        house.write(&format!("news/2026-11-{day}-tin.txt"), &format!("Tin ngày {day}\n\nNội dung.\n"));
        house.pass(chrono::TimeDelta::hours(1));
        let outcome = house.once().await;
        assert!(outcome.all_well(), "{outcome:?}");
    }
    assert_eq!(fake.refusals().len(), 1, "it was asked for once: {:?}", fake.refusals());
}
