//! `/metrics`, asked over the real socket of a daemon that sends.

use std::time::Duration;

use chrono::TimeDelta;

use crate::daemon::Daemon;
use crate::fakes::{FakeTelegram, Fault, Receiver, Trouble};
use crate::house::House;

const CHAT: i64 = -1001234567890;
const KICKED: i64 = -1001234567891;

/// Waits until the figures say each of these lines.
async fn figures(daemon: &Daemon, wanted: &[&str]) -> String {
    let url = format!("http://{}/metrics", daemon.address);
    let mut last = String::new();
    let all = async {
        loop {
            last = reqwest::get(&url).await.unwrap().text().await.unwrap();
            if wanted.iter().all(|line| last.lines().any(|have| have == *line)) {
                return;
            }
        }
    };
    let told = tokio::time::timeout(Duration::from_secs(30), all).await;
    let missing: Vec<&&str> = wanted.iter().filter(|line| !last.lines().any(|have| have == **line)).collect();
    assert!(told.is_ok(), "{missing:?} in\n{last}");
    last
}

fn house(telegram: &FakeTelegram, receiver: &Receiver, subscriptions: &str) -> House {
    let secret = Receiver::secret(3);
    House::new(&format!(
        "[server]\nlisten = '127.0.0.1:0'\n[fetch]\nallow = ['{}']\n[[sources]]\nname = 'phuong'\nkind = 'folder'\npath = 'news'\n\
         [[channels]]\nname = 'bot'\nkind = 'telegram'\ntoken = '{}'\napi = '{}'\npreview = 'off'\n\
         pace = {{ per_month = 3000, per_second = 1000, per_chat_second = 1000, per_group_minute = 6000 }}\n\
         [[channels]]\nname = 'hook'\nkind = 'webhook'\nsecret = '{secret}'\n{subscriptions}",
        receiver.host(),
        telegram.token(),
        telegram.url(),
    ))
}

fn to(address: &str, more: &str) -> String {
    format!("[[subscriptions]]\nfeed = 'phuong'\nto = '{address}'\nwelcome = 9\n{more}\n")
}

async fn telegram() -> FakeTelegram {
    let telegram = FakeTelegram::start().await;
    telegram.no_limits().supergroup(CHAT).supergroup(KICKED);
    telegram
}

#[tokio::test]
async fn figures_tell_by_channel_what_waits_what_was_refused_and_what_is_left_of_the_month() {
    let (telegram, receiver) = (telegram().await, Receiver::start(&Receiver::secret(3)).await);
    telegram.kick(KICKED);
    telegram.fail_next_in(CHAT, Fault::TooMany(1));
    receiver.fail_always(Trouble::Status(500));
    let (bot, hook) = (format!("bot:{CHAT}"), format!("hook:{}", receiver.url("/tin?khoa=bi-mat")));
    let subscriptions = to(&bot, "") + &to(&format!("bot:{KICKED}"), "") + &to(&hook, "");
    let house = house(&telegram, &receiver, &subscriptions);
    house.write("news/2026-11-01-tin.txt", "Họp tổ dân phố\n\nMời bà con.\n\nNội dung.\n");
    let daemon = Daemon::start(&house).await;
    figures(&daemon, &["loaphuong_refusals_total{channel=\"bot\",outcome=\"limit\"} 1"]).await;
    house.pass(TimeDelta::seconds(40));
    let text = figures(
        &daemon,
        &[
            "loaphuong_outbox{channel=\"bot\",state=\"due\"} 1",
            "loaphuong_outbox{channel=\"hook\",state=\"due\"} 1",
            "loaphuong_outbox{channel=\"bot\",state=\"dead\"} 0",
            "loaphuong_channel_up{channel=\"bot\"} 1",
            "loaphuong_channel_refusing_addresses{channel=\"bot\"} 1",
            "loaphuong_channel_refusing_addresses{channel=\"hook\"} 0",
            "loaphuong_budget_limit{channel=\"bot\"} 3000",
            "loaphuong_budget_used{channel=\"bot\"} 1",
            "loaphuong_refusals_total{channel=\"bot\",outcome=\"gone\"} 1",
            "loaphuong_deliveries_total{channel=\"bot\",outcome=\"sent\"} 1",
            // The clock stood still but for the forty seconds.
            "loaphuong_delivery_seconds_bucket{le=\"30.0\",channel=\"bot\"} 0",
            "loaphuong_delivery_seconds_bucket{le=\"60.0\",channel=\"bot\"} 1",
            "loaphuong_delivery_seconds_count{channel=\"bot\"} 1",
        ],
    )
    .await;
    assert!(!text.contains("budget_limit{channel=\"hook\"}"), "{text}");
    for secret in [telegram.token(), CHAT.to_string(), KICKED.to_string(), receiver.host(), "bi-mat".to_owned()] {
        assert!(!text.contains(&secret), "{secret} in {text}");
    }
    assert!(text.ends_with("# EOF\n"), "{text}");
    daemon.end().await;
}

#[tokio::test]
async fn figures_tell_of_a_channel_that_is_down_and_of_what_was_given_up() {
    let (telegram, receiver) = (telegram().await, Receiver::start(&Receiver::secret(3)).await);
    telegram.revoke_token();
    let house = house(&telegram, &receiver, &(to(&format!("bot:{CHAT}"), "") + &to(&format!("hook:{}", receiver.url("/tin")), "")));
    house.write("news/2026-11-01-tin.txt", "Họp tổ dân phố\n\nMời bà con.\n\nNội dung.\n");
    let daemon = Daemon::start(&house).await;
    let down = [
        "loaphuong_channel_up{channel=\"bot\"} 0",
        "loaphuong_channel_up{channel=\"hook\"} 1",
        "loaphuong_refusals_total{channel=\"bot\",outcome=\"down\"} 1",
        "loaphuong_delivery_seconds_count{channel=\"hook\"} 1",
    ];
    figures(&daemon, &down).await;
    daemon.end().await;
    // The config names another chat now: what was owed to the first is a dead letter.
    house.write("config.toml", &house.read("config.toml").replace(&CHAT.to_string(), &KICKED.to_string()));
    let daemon = Daemon::start(&house).await;
    figures(&daemon, &["loaphuong_outbox{channel=\"bot\",state=\"dead\"} 1"]).await;
    daemon.end().await;
}
