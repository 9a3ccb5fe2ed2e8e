//! What the admin hears of a channel's news: letters given up, a platform that lets it wait, a month
//! that is used up. Each round is a process of its own, so nothing is known but what is stored.

use std::path::Path;
use std::sync::Arc;

use chrono::TimeDelta;
use loaphuong::disk::Room;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::fakes::{FakeTelegram, Fault, Receiver};
use crate::house::House;

const CHANNEL: i64 = -1_001_234_567_890;
const ADMINS: i64 = -1_001_234_567_891;

/// A bot with one subscription, and a receiver that the admin can be told by.
struct Scene {
    telegram: FakeTelegram,
    receiver: Receiver,
    house: House,
}

impl Scene {
    /// `{hook}` in `office` is the receiver's address.
    async fn new(office: &str, pace: &str) -> Self {
        let telegram = FakeTelegram::start().await;
        telegram.no_limits().channel(CHANNEL, "@phuonghoagao").supergroup(ADMINS);
        let secret = Receiver::secret(7);
        let receiver = Receiver::start(&secret).await;
        let config = format!(
            r#"
            [fetch]
            allow = ["{host}"]
            [admin]
            {office}
            [[sources]]
            name = "hoa-gao"
            kind = "folder"
            path = "news"
            [[channels]]
            name = "bot"
            kind = "telegram"
            token = "{token}"
            api = "{api}"
            pace = {pace}
            preview = "off"
            [[channels]]
            name = "hook"
            kind = "webhook"
            secret = "{secret}"
            [[subscriptions]]
            feed = "hoa-gao"
            to = "bot:{CHANNEL}"
            welcome = 9
            burst = 0
            "#,
            host = receiver.host(),
            office = office.replace("{hook}", &format!("hook:{}", receiver.url("/bao-loi"))),
            token = telegram.token(),
            api = telegram.url(),
        );
        Self { telegram, receiver, house: House::new(&config) }
    }

    fn publish(&self, number: u32) {
        let text = format!("Họp tổ dân phố số {number}\n\nMời bà con đến nhà văn hóa.\n");
        self.house.write(&format!("news/2026-11-{number:02}-hop-to.txt"), &text);
    }

    /// Two rounds: what the first one noted is told at last by the second.
    async fn rounds(&self) {
        for _ in 0..2 {
            self.house.once().await;
        }
    }

    /// What the admin heard by the receiver, oldest first.
    fn told(&self) -> Vec<String> {
        let title = |body: &bytes::Bytes| {
            let body: serde_json::Value = serde_json::from_slice(body).unwrap();
            format!("{} {}", body["data"]["title"].as_str().unwrap(), body["data"]["content_html"].as_str().unwrap_or_default())
        };
        self.receiver.deliveries().iter().map(|delivery| title(&delivery.body)).collect()
    }

    /// Every further message to the residents is refused for good.
    fn refuse(&self) {
        self.telegram.fail_always_in(CHANNEL, Fault::Refuse(400, "Bad Request: message text is empty"));
    }
}

#[tokio::test]
async fn the_admin_hears_once_of_all_letters_that_were_given_up() {
    let scene = Scene::new("to = \"{hook}\"", "\"off\"").await;
    scene.refuse();
    (1..=3).for_each(|number| scene.publish(number));
    scene.rounds().await;
    let told = scene.told();
    assert_eq!(told.len(), 1, "not a word for each letter: {told:?}");
    assert!(told[0].contains("⚠ kênh bot") && told[0].contains("có tin đã chịu") && told[0].contains("Họp tổ dân phố số"), "{told:?}");
    scene.publish(4);
    scene.house.pass(TimeDelta::hours(1));
    scene.rounds().await;
    assert_eq!(scene.told().len(), 1, "one more within the day");
    scene.house.pass(TimeDelta::hours(24));
    scene.rounds().await;
    let told = scene.told();
    assert!(told.len() == 2 && told[1].contains("⏳ kênh bot") && told[1].contains("4 tin"), "{told:?}");
    let store = scene.house.store().await;
    assert_eq!(store.drop_letters(&[]).await.unwrap(), 4);
    store.close().await;
    scene.rounds().await;
    scene.rounds().await;
    let told = scene.told();
    assert!(told.len() == 3 && told[2].contains("✅ kênh bot") && told[2].contains("không còn tin nào đã chịu"), "{told:?}");
}

#[tokio::test]
async fn letters_that_are_sent_again_are_over_and_new_ones_are_told_anew() {
    let scene = Scene::new("to = \"{hook}\"", "\"off\"").await;
    scene.refuse();
    scene.publish(1);
    scene.rounds().await;
    scene.telegram.heal();
    let store = scene.house.store().await;
    assert_eq!(store.revive(&[], scene.house.now()).await.unwrap(), 1);
    store.close().await;
    scene.rounds().await;
    scene.refuse();
    scene.publish(2);
    scene.house.pass(TimeDelta::hours(1));
    scene.rounds().await;
    let told = scene.told();
    let signs: Vec<char> = told.iter().filter_map(|told| told.chars().next()).collect();
    assert_eq!(signs, ['⚠', '✅', '⚠'], "{told:?}");
}

#[tokio::test]
async fn what_is_wrong_with_a_channels_news_is_told_by_that_channel_only_where_there_is_no_other() {
    for (fallback, by_itself) in [("fallback = \"{hook}\"", 0), ("", 1)] {
        let scene = Scene::new(&format!("to = \"bot:{ADMINS}\"\n{fallback}"), "\"off\"").await;
        scene.refuse();
        (1..=2).for_each(|number| scene.publish(number));
        scene.rounds().await;
        assert_eq!((scene.telegram.texts_in(ADMINS).len(), scene.told().len()), (by_itself, 1 - by_itself), "{fallback}");
    }
}

#[tokio::test]
async fn what_is_given_up_because_the_admin_took_its_address_out_is_told_to_nobody() {
    let scene = Scene::new("to = \"{hook}\"", "\"off\"").await;
    scene.telegram.fail_always_in(CHANNEL, Fault::TooMany(60));
    scene.publish(1);
    scene.rounds().await;
    let config = scene.house.read("config.toml");
    scene.house.write("config.toml", config.split("[[subscriptions]]").next().unwrap());
    scene.rounds().await;
    let store = scene.house.store().await;
    assert_eq!((store.tally().await.unwrap().dead, scene.told()), (1, Vec::new()), "it is a letter, and the admin's own doing");
    store.close().await;
}

#[tokio::test]
async fn the_admin_hears_of_a_platform_that_lets_a_chat_wait_for_long_and_when_it_takes_messages_again() {
    let scene = Scene::new("to = \"{hook}\"", "\"off\"").await;
    scene.telegram.fail_next_in(CHANNEL, Fault::TooMany(43_838));
    scene.publish(1);
    scene.rounds().await;
    let told = scene.told();
    assert_eq!(told.len(), 1, "{told:?}");
    // From 15:00 on it is told to wait for twelve hours and ten minutes.
    assert!(told[0].contains("bắt nơi nhận chờ lâu") && told[0].contains("03:10"), "{told:?}");
    scene.house.pass(TimeDelta::hours(11));
    scene.rounds().await;
    assert_eq!(scene.told().len(), 1, "it still waits");
    scene.house.pass(TimeDelta::hours(2));
    scene.rounds().await;
    let told = scene.told();
    assert_eq!(scene.telegram.texts_in(CHANNEL).len(), 1);
    assert!(told.len() == 2 && told[1].contains("không còn nơi nhận nào phải chờ lâu"), "{told:?}");
}

#[tokio::test]
async fn a_short_wait_is_told_to_nobody() {
    let scene = Scene::new("to = \"{hook}\"", "\"off\"").await;
    scene.telegram.fail_next_in(CHANNEL, Fault::TooMany(300));
    scene.publish(1);
    scene.rounds().await;
    assert_eq!((scene.told(), scene.telegram.texts_in(CHANNEL).len()), (Vec::new(), 0));
}

#[tokio::test]
async fn the_admin_hears_once_that_a_month_is_used_up_and_once_that_another_began() {
    let scene =
        Scene::new("to = \"{hook}\"", "{ per_month = 1, per_second = 1000, per_chat_second = 1000, per_group_minute = 6000 }").await;
    (1..=3).for_each(|number| scene.publish(number));
    scene.rounds().await;
    scene.house.pass(TimeDelta::minutes(30));
    scene.rounds().await;
    let told = scene.told();
    assert_eq!((told.len(), scene.telegram.texts_in(CHANNEL).len()), (1, 1), "nor is it called a channel that is down: {told:?}");
    assert!(told[0].contains("số tin của tháng đã dùng hết"), "{told:?}");
    scene.house.pass(TimeDelta::hours(24));
    scene.rounds().await;
    assert_eq!(scene.told().len(), 2, "reminded: {:?}", scene.told());
    scene.house.write("config.toml", &scene.house.read("config.toml").replace("per_month = 1,", "per_month = 1000,"));
    scene.rounds().await;
    let told = scene.told();
    assert!(told.len() == 3 && told[2].contains("lại có tin để gửi trong tháng này"), "{told:?}");
    assert_eq!(scene.telegram.texts_in(CHANNEL).len(), 3);
}

/// The config of a bot whose platform is short of breath: eight wards with three chats each.
fn breathless(receiver: &Receiver, telegram: &FakeTelegram) -> String {
    let mut config = format!(
        r#"
        [fetch]
        allow = ["{host}"]
        [admin]
        to = "hook:{hook}"
        [[channels]]
        name = "bot"
        kind = "telegram"
        token = "{token}"
        api = "{api}"
        pace = "off"
        preview = "off"
        [[channels]]
        name = "hook"
        kind = "webhook"
        secret = "{secret}"
        "#,
        host = receiver.host(),
        hook = receiver.url("/bao-loi"),
        token = telegram.token(),
        api = telegram.url(),
        secret = Receiver::secret(7),
    );
    for ward in 0..8 {
        config += &format!("[[sources]]\nname = \"khu-{ward}\"\nkind = \"folder\"\npath = \"news/{ward}\"\n");
        for chat in residents(ward) {
            config += &format!("[[subscriptions]]\nfeed = \"khu-{ward}\"\nto = \"bot:{chat}\"\nwelcome = 9\n");
        }
    }
    config
}

/// The chats of a ward.
fn residents(ward: i64) -> [i64; 3] {
    [1, 2, 3].map(|chat| -1_001_000_000_000 - ward * 10 - chat)
}

/// Found when each rest was too short for the clock of a channel that is down.
#[tokio::test]
async fn the_admin_hears_once_of_a_platform_that_stops_the_whole_bot_again_and_again_for_moments() {
    let telegram = FakeTelegram::start().await;
    telegram.no_limits();
    for (ward, chat) in (0..8).flat_map(|ward| residents(ward).map(|chat| (ward, chat))) {
        telegram.channel(chat, &format!("@khu{ward}n{}", -chat % 10));
        telegram.fail_always_in(chat, Fault::TooMany(60));
    }
    let receiver = Receiver::start(&Receiver::secret(7)).await;
    let scene = Scene { house: House::new(&breathless(&receiver, &telegram)), telegram, receiver };
    for ward in 0..8 {
        assert_eq!(scene.told(), Vec::<String>::new(), "{ward} minutes are not most of the time");
        let text = format!("Lịch cắt điện khu {ward}\n\nTừ 8 giờ đến 11 giờ sáng mai.\n");
        scene.house.write(&format!("news/{ward}/2026-11-05-cat-dien.txt"), &text);
        scene.house.once().await;
        scene.house.pass(TimeDelta::seconds(61));
    }
    scene.telegram.heal();
    scene.rounds().await;
    let told = scene.told();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("⚠ kênh bot") && told[0].contains("chốc chốc lại bắt kênh ngừng"), "{told:?}");
    scene.house.pass(TimeDelta::minutes(5));
    scene.rounds().await;
    assert_eq!(scene.told().len(), 1, "it was still much of the time");
    scene.house.pass(TimeDelta::minutes(15));
    scene.rounds().await;
    let told = scene.told();
    assert!(told.len() == 2 && told[1].contains("✅ kênh bot") && told[1].contains("kênh gửi đều trở lại"), "{told:?}");
    assert!((0..8).flat_map(residents).all(|chat| scene.telegram.texts_in(chat).len() == 1), "and nothing was lost");
}

#[tokio::test]
async fn a_full_disk_is_told_once_and_so_is_room_again() {
    let scene = Scene::new("to = \"{hook}\"", "\"off\"").await;
    scene.house.write("config.toml", &format!("[server]\nlisten = \"127.0.0.1:0\"\n{}", scene.house.read("config.toml")));
    // Each daemon is a process of its own, and looks as it starts.
    for (free, told) in [(900, 0), (3, 1), (2, 1), (900, 2)] {
        let gauge = Arc::new(move |_: &Path| Some(Room { free: free << 20, total: 1000 << 20 }));
        let (stop, (_reload, rung), (ready, address)) = (CancellationToken::new(), mpsc::channel(1), oneshot::channel());
        let app = scene.house.app().await.on_disk(gauge);
        let running = tokio::spawn(app.run(stop.clone(), rung, move |address| ready.send(address).unwrap()));
        let health = format!("http://{}/healthz", address.await.unwrap());
        let health: serde_json::Value = reqwest::get(health).await.unwrap().json().await.unwrap();
        assert_eq!(health["disk"].is_string(), free < 900, "{health}");
        scene.receiver.wait_deliveries(told).await;
        stop.cancel();
        running.await.unwrap().unwrap();
        assert_eq!(scene.told().len(), told, "{free}: {:?}", scene.told());
        scene.house.pass(TimeDelta::minutes(5));
    }
    let told = scene.told();
    assert!(told[0].contains("⚠ ổ đĩa") && told[0].contains("còn 3 MB"), "{told:?}");
    assert!(told[1].contains("✅ ổ đĩa") && told[1].contains("đã có chỗ trở lại"), "{told:?}");
}
