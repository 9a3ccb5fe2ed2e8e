//! People who talk to the bot, from their words to what they get: the real parts, a strict Bot API.

use chrono::TimeDelta;
use loaphuong::store::Store;
use loaphuong::subscription::Address;
use serde_json::json;

use crate::daemon::Daemon;
use crate::fakes::{FakeTelegram, Portal};
use crate::flow::{config, telegram, to, water_cut};
use crate::house::House;

/// A resident, another, and a group with its admin.
pub(crate) const AN: i64 = 4242;
pub(crate) const BINH: i64 = 4343;
pub(crate) const GROUP: i64 = -1005550001;
pub(crate) const ADMIN: i64 = 77;

pub(crate) struct Town {
    pub(crate) portal: Portal,
    pub(crate) telegram: FakeTelegram,
    pub(crate) house: House,
}

/// A ward, its bot and its people; `more` is more of the channel, and of the config behind it.
pub(crate) async fn town(more: &str) -> Town {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    telegram.private(AN).private(BINH).supergroup(GROUP).admin(GROUP, ADMIN);
    let house = House::new(&format!("[server]\nlisten = \"127.0.0.1:0\"\n{}", config(&portal, &telegram, more)));
    house.once().await;
    Town { portal, telegram, house }
}

impl Town {
    /// What somebody was answered after saying this.
    pub(crate) async fn ask(&self, chat: i64, user: i64, words: &str) -> String {
        let before = self.telegram.texts_in(chat).len();
        self.telegram.say(chat, user, words);
        self.answered(chat, before + 1).await;
        self.house.pass(TimeDelta::seconds(10));
        self.telegram.texts_in(chat).pop().unwrap()
    }

    pub(crate) async fn answered(&self, chat: i64, count: usize) {
        self.telegram.wait_until("an answer", |t| t.texts_in(chat).len() >= count).await;
    }

    pub(crate) async fn feeds_of(&self, chat: i64) -> Vec<String> {
        feeds_of(&self.house.store().await, chat).await
    }

    /// Waits until every update is confirmed, which is when it is committed.
    pub(crate) async fn heard(&self) {
        self.telegram.wait_until("all updates confirmed", |t| t.updates_waiting() == 0).await;
    }
}

pub(crate) async fn feeds_of(store: &Store, chat: i64) -> Vec<String> {
    let to = Address::new("bot", chat.to_string());
    let own = store.subscriptions_of(&to, chrono_tz::Asia::Ho_Chi_Minh).await.unwrap();
    own.into_iter().map(|subscription| subscription.feed.to_string()).collect()
}

#[tokio::test]
async fn a_resident_follows_gets_news_searches_and_stops() {
    let town = town("").await;
    let daemon = Daemon::start(&town.house).await;
    let told = town.ask(AN, AN, "/start").await;
    assert!(told.contains("Phường Hoa Gạo") && told.contains("dừng"), "{told}");
    assert_eq!(town.feeds_of(AN).await, ["hoa-gao"]);
    let buttons = town.telegram.messages_in(AN).pop().unwrap().buttons;
    assert!(buttons.iter().flatten().any(|button| button.data.as_deref() == Some("l:hoa-gao")), "{buttons:?}");
    let told = town.ask(AN, AN, "tim vac xin").await;
    assert!(told.contains("vắc-xin sởi") && told.contains("http"), "{told}");
    let told = town.ask(AN, AN, "Vắc-xin sởi").await;
    assert!(told.contains("http"), "plain words are looked for: {told}");
    let told = town.ask(AN, AN, "đang theo dõi gì").await;
    assert!(told.contains("Phường Hoa Gạo"), "{told}");
    daemon.end().await;
    town.portal.publish(water_cut(1));
    town.house.pass(TimeDelta::hours(1));
    town.house.once().await;
    assert!(town.telegram.texts_in(AN).pop().unwrap().contains("Tạm ngừng cấp nước"));
    let daemon = Daemon::start(&town.house).await;
    let told = town.ask(AN, AN, "thôi nhé").await;
    assert!(told.contains("Đã dừng") && told.contains("Phường Hoa Gạo"), "{told}");
    assert!(town.feeds_of(AN).await.is_empty());
    let told = town.ask(AN, AN, "dừng").await;
    assert!(told.contains("chưa theo dõi"), "{told}");
    daemon.end().await;
    assert!(town.telegram.refusals().is_empty(), "{:?}", town.telegram.refusals());
}

#[tokio::test]
async fn tg_024_and_025_odd_updates_are_passed_by_and_the_next_is_heard() {
    let town = town("").await;
    town.telegram.push_update(json!({"update_id": 5, "quantum_post": {"x": 1}}));
    town.telegram.push_update(json!({"update_id": 6, "message": {"some fields are missing": true}}));
    let daemon = Daemon::start(&town.house).await;
    town.ask(AN, AN, "/start").await;
    town.heard().await;
    assert_eq!(town.feeds_of(AN).await, ["hoa-gao"]);
    daemon.end().await;
}

#[tokio::test]
async fn a_group_named_by_nobody_is_subscribed_by_its_admin_alone() {
    let town = town(&to(-1001, "")).await;
    let daemon = Daemon::start(&town.house).await;
    let told = town.ask(GROUP, AN, "/dangky").await;
    assert!(told.contains("Chỉ quản trị viên"), "{told}");
    assert!(town.feeds_of(GROUP).await.is_empty());
    let told = town.ask(GROUP, ADMIN, "/dangky").await;
    assert!(told.contains("Xong rồi"), "{told}");
    assert_eq!(town.feeds_of(GROUP).await, ["hoa-gao"]);
    daemon.end().await;
}
