//! Addresses that refuse for days: what people subscribed them to is deleted, what the config names
//! is only suspended, and the admin knows.

use chrono::TimeDelta;
use loaphuong::entry::Slug;
use loaphuong::subscription::{Address, Subscription};

use crate::fakes::{FakeTelegram, Receiver};
use crate::house::House;

const CHANNEL: i64 = -1001234567890;
const PERSON: i64 = 42;

fn own(chat: i64) -> Subscription {
    Subscription { burst: 0, ..Subscription::simple(Slug::new("hoa-gao").unwrap(), Address::new("bot", chat.to_string())) }
}

/// A bot that one person subscribed to and that the config posts to a channel with; both refuse.
struct Scene {
    telegram: FakeTelegram,
    receiver: Receiver,
    house: House,
}

impl Scene {
    async fn new() -> Self {
        let telegram = FakeTelegram::start().await;
        telegram.no_limits().channel(CHANNEL, "@phuonghoagao").private(PERSON);
        let secret = Receiver::secret(3);
        let receiver = Receiver::start(&secret).await;
        let house = House::new(&format!(
            r#"
            [fetch]
            allow = ["{host}"]
            [admin]
            to = "hook:{office}"
            [[sources]]
            name = "hoa-gao"
            kind = "folder"
            path = "news"
            [[channels]]
            name = "bot"
            kind = "telegram"
            token = "{token}"
            api = "{api}"
            pace = "off"
            [[channels]]
            name = "hook"
            kind = "webhook"
            secret = "{secret}"
            [[subscriptions]]
            feed = "hoa-gao"
            to = "bot:{CHANNEL}"
            "#,
            host = receiver.host(),
            office = receiver.url("/bao-loi"),
            token = telegram.token(),
            api = telegram.url(),
        ));
        let scene = Self { telegram, receiver, house };
        scene.publish(1);
        scene.house.once().await;
        scene.subscribe().await;
        scene.telegram.kick(CHANNEL).block(PERSON);
        scene
    }

    async fn subscribe(&self) {
        let store = self.house.store().await;
        let subscription = own(PERSON);
        store.subscribe(&subscription, std::slice::from_ref(&subscription.feed), self.house.now()).await.unwrap();
        store.close().await;
    }

    fn publish(&self, number: u32) {
        let text = format!("Họp tổ dân phố số {number}\n\nMời bà con đến nhà văn hóa.\n\nBàn việc sửa đường trong ngõ.\n");
        self.house.write(&format!("news/2026-11-{number:02}-hop-to.txt"), &text);
    }

    /// How many subscriptions the person has.
    async fn kept(&self) -> usize {
        let store = self.house.store().await;
        let kept = store.subscriptions_of(&own(PERSON).to, chrono_tz::Asia::Ho_Chi_Minh).await.unwrap().len();
        store.close().await;
        kept
    }

    fn asked(&self, chat: i64) -> usize {
        let of = |request: &&crate::fakes::telegram::Request| request.params.text("chat_id") == Some(&chat.to_string());
        self.telegram.requests_of("sendmessage").iter().filter(of).count()
    }
}

#[tokio::test]
async fn who_refuses_for_days_is_dropped_and_the_config_is_only_suspended() {
    let scene = Scene::new().await;
    for (number, hours) in [(2, 0), (3, 7), (4, 13), (5, 25), (6, 25), (7, 25)] {
        scene.house.pass(TimeDelta::hours(hours));
        scene.publish(number);
        scene.house.once().await;
        assert_eq!(scene.kept().await, 1, "a holiday without Telegram costs nobody the news ({number})");
    }
    scene.house.pass(TimeDelta::hours(25));
    scene.house.once().await;
    assert_eq!((scene.kept().await, scene.asked(PERSON)), (0, 7));
    let told = scene.receiver.by_id().into_values().map(|body| String::from_utf8_lossy(&body).into_owned()).collect::<String>();
    assert!(told.contains("⚠ kênh bot") && told.contains(&CHANNEL.to_string()), "{told}");
    scene.publish(8);
    scene.house.pass(TimeDelta::hours(25));
    scene.house.once().await;
    assert_eq!(scene.asked(PERSON), 7, "and is left in peace");
    let store = scene.house.store().await;
    let (count, some) = store.refusing("bot", 9).await.unwrap();
    store.close().await;
    assert_eq!((count, some[0].0.chat()), (1, CHANNEL.to_string().as_str()), "the admin hears of the other alone");
    scene.telegram.welcome(CHANNEL);
    scene.house.pass(TimeDelta::hours(25));
    scene.house.once().await;
    assert!(scene.house.once().await.all_well(), "and the admin has heard of it");
    assert!(scene.telegram.texts_in(CHANNEL).last().unwrap().contains("số 8"), "the config's own waits");
}

#[tokio::test]
async fn who_subscribes_again_is_written_to_at_once() {
    let scene = Scene::new().await;
    scene.publish(2);
    scene.house.once().await;
    assert_eq!(scene.asked(PERSON), 1);
    scene.telegram.welcome(PERSON);
    scene.subscribe().await;
    scene.house.once().await;
    assert_eq!(scene.telegram.texts_in(PERSON).len(), 1, "what was owed meanwhile");
}
