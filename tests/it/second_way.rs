//! A subscription's `fallback`: real channels on sockets, one after the other out of reach.

use chrono::TimeDelta;

use crate::fakes::{FakeTelegram, Receiver};
use crate::house::House;

const CHANNEL: i64 = -1001234567890;

/// A bot, a receiver, and one subscription that has both.
struct Scene {
    telegram: FakeTelegram,
    receiver: Receiver,
    house: House,
}

impl Scene {
    async fn new(more: &str) -> Self {
        let telegram = FakeTelegram::start().await;
        telegram.no_limits().channel(CHANNEL, "@phuonghoagao");
        let secret = Receiver::secret(3);
        let receiver = Receiver::start(&secret).await;
        let config = format!(
            r#"
            [fetch]
            allow = ["{host}"]
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
            preview = "off"
            [[channels]]
            name = "hook"
            kind = "webhook"
            secret = "{secret}"
            [[subscriptions]]
            feed = "hoa-gao"
            to = "bot:{CHANNEL}"
            fallback = "hook:{url}"
            welcome = 9
            {more}
            "#,
            host = receiver.host(),
            token = telegram.token(),
            api = telegram.url(),
            url = receiver.url("/nhan-tin"),
        );
        let house = House::new(&config);
        let scene = Self { telegram, receiver, house };
        scene.publish(1);
        scene
    }

    fn publish(&self, number: u32) {
        let text = format!("Họp tổ dân phố số {number}\n\nMời bà con đến nhà văn hóa.\n\nBàn việc sửa đường trong ngõ.\n");
        self.house.write(&format!("news/2026-11-{number:02}-hop-to.txt"), &text);
    }

    /// What came by the first way, and by the second.
    fn arrived(&self) -> (usize, usize) {
        (self.telegram.texts_in(CHANNEL).len(), self.receiver.by_id().len())
    }
}

#[tokio::test]
async fn an_address_that_blocks_the_bot_is_served_by_the_second_way_and_then_by_the_first_again() {
    let scene = Scene::new("").await;
    scene.telegram.kick(CHANNEL);
    scene.publish(2);
    scene.house.once().await;
    assert_eq!(scene.arrived(), (0, 2), "at once, each once");
    scene.publish(3);
    scene.house.once().await;
    assert_eq!(scene.arrived(), (0, 3));
    scene.telegram.welcome(CHANNEL);
    scene.house.pass(TimeDelta::hours(7));
    scene.publish(4);
    assert!(scene.house.once().await.all_well());
    assert_eq!(scene.arrived(), (1, 3), "by itself");
}

#[tokio::test]
async fn a_channel_that_is_down_waits_ten_minutes_and_then_its_news_goes_by_the_second_way() {
    let scene = Scene::new("").await;
    scene.telegram.revoke_token();
    scene.house.once().await;
    assert_eq!(scene.arrived(), (0, 0), "it may be back in a moment");
    scene.house.pass(TimeDelta::minutes(11));
    scene.house.once().await;
    assert_eq!(scene.arrived(), (0, 1), "another process knows since when");
    scene.house.pass(TimeDelta::days(1));
    scene.house.once().await;
    assert_eq!(scene.arrived(), (0, 1));
}

#[tokio::test]
async fn urgent_news_does_not_wait_for_a_channel_that_is_down() {
    let scene = Scene::new("urgent = [\"số 2\"]").await;
    scene.telegram.revoke_token();
    scene.house.once().await;
    scene.publish(2);
    scene.house.pass(TimeDelta::minutes(6));
    scene.house.once().await;
    assert_eq!(scene.arrived(), (0, 1));
    let body = scene.receiver.by_id().into_values().next().unwrap();
    assert!(String::from_utf8_lossy(&body).contains("số 2"));
}

#[tokio::test]
async fn the_admin_hears_of_a_channel_that_is_down_by_another_way_and_when_it_is_well() {
    let scene = Scene::new("").await;
    let url = scene.receiver.url("/bao-loi");
    let config = scene.house.read("config.toml");
    let without = config.split("fallback").next().unwrap().to_owned() + "welcome = 9\n";
    scene.house.write("config.toml", &format!("[admin]\nto = \"bot:{CHANNEL}\"\nfallback = \"hook:{url}\"\n{without}"));
    scene.telegram.revoke_token();
    for (minutes, want) in [(0, 0), (11, 1), (11, 1), (25 * 60, 2)] {
        scene.house.pass(TimeDelta::minutes(minutes));
        scene.house.once().await;
        scene.house.once().await;
        assert_eq!(scene.arrived(), (0, want), "{minutes}");
    }
    let told = scene.receiver.by_id().into_values().map(|body| String::from_utf8_lossy(&body).into_owned()).collect::<String>();
    assert!(told.contains("⚠ kênh bot") && told.contains("⏳ kênh bot"), "{told}");
    scene.telegram.restore_token();
    scene.house.pass(TimeDelta::minutes(11));
    for _ in 0..2 {
        scene.house.once().await;
    }
    let texts = scene.telegram.texts_in(CHANNEL);
    assert_eq!(texts.len(), 2, "the news, and that all is well: {texts:?}");
    assert!(texts[1].contains("✅ kênh bot"), "{texts:?}");
}

#[tokio::test]
async fn the_admin_hears_once_that_an_address_refuses_and_once_that_it_accepts() {
    let scene = Scene::new("").await;
    let url = scene.receiver.url("/bao-loi");
    let config = scene.house.read("config.toml");
    let without = config.split("fallback").next().unwrap().to_owned() + "welcome = 9\n";
    scene.house.write("config.toml", &format!("[admin]\nto = \"hook:{url}\"\n{without}"));
    scene.telegram.kick(CHANNEL);
    for _ in 0..3 {
        scene.house.once().await;
    }
    assert_eq!(scene.arrived(), (0, 1));
    scene.telegram.welcome(CHANNEL);
    scene.house.pass(TimeDelta::hours(7));
    for _ in 0..3 {
        scene.house.once().await;
    }
    assert_eq!(scene.arrived(), (1, 2));
}

impl Scene {
    /// What a command prints, in a process of its own beside nobody.
    fn says(&self, args: &[&str]) -> serde_json::Value {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_loaphuong"));
        command.arg("--config").arg(self.house.path().join("config.toml")).args(args).arg("--json");
        let output = command.output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The stages that `why` tells of an article to an address.
    fn why(&self, entry: &str, to: &str) -> Vec<String> {
        let told = self.says(&["why", entry, to]);
        told["stages"].as_array().unwrap().iter().map(|s| s["stage"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn why_tells_by_stages_what_became_of_an_article() {
    let scene = Scene::new("exclude = [\"số 3\"]").await;
    let bot = format!("bot:{CHANNEL}");
    scene.house.once().await;
    assert_eq!(scene.why("hop to dan pho so 1", &bot), ["entry", "owed", "sent"]);
    assert_eq!(scene.why("khác hẳn", &bot), ["entry"]);
    assert_eq!(scene.why("số 1", "bot:-1"), ["entry", "subscription"]);
    scene.publish(3);
    scene.telegram.kick(CHANNEL);
    scene.publish(2);
    scene.house.once().await;
    assert_eq!(scene.why("số 3", &bot), ["entry", "subscription", "filter"]);
    assert_eq!(scene.why("số 2", &bot), ["entry", "owed", "fallback", "owed", "fallback", "sent"]);
}

#[tokio::test]
async fn letters_are_listed_and_dropped_by_channel_source_and_time() {
    let scene = Scene::new("").await;
    let config = scene.house.read("config.toml");
    scene.house.write("config.toml", &(config.split("fallback").next().unwrap().to_owned() + "welcome = 9\n"));
    scene.telegram.kick(CHANNEL);
    scene.house.once().await;
    let list = scene.says(&["letters", "--channel", "bot", "--source", "hoa-gao", "--since", "2026-11-01"]);
    assert_eq!((list.as_array().unwrap().len(), list[0]["state"].as_str()), (1, Some("held")), "{list}");
    for none in [["--channel", "hook"], ["--source", "khac"], ["--until", "2026-11-01"]] {
        assert_eq!(scene.says(&["letters", none[0], none[1]]), serde_json::json!([]), "{none:?}");
    }
    let number = list[0]["id"].to_string();
    let why = scene.says(&["letters", "why", &number]);
    assert_eq!(why["stages"].as_array().unwrap().last().unwrap()["stage"], "suspended", "{why}");
}

#[tokio::test]
async fn no_letter_is_touched_before_it_is_said_which() {
    let scene = Scene::new("").await;
    assert!(scene.house.once().await.all_well());
    let run = |args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_loaphuong"));
        let output = command.arg("--config").arg(scene.house.path().join("config.toml")).args(args).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for what in ["retry", "drop"] {
        let (code, told) = run(&["letters", what]);
        assert!(code == Some(2) && told.contains("--all"), "{what}: {code:?} {told}");
        for said in [&["letters", what, "--all"][..], &["letters", what, "7"], &["letters", what, "--channel", "bot"]] {
            assert_eq!(run(said).0, Some(0), "{said:?}");
        }
    }
}
