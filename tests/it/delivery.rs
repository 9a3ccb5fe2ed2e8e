//! What may go wrong between the outbox and people, each case named after the harm it did.

use chrono::TimeDelta;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::fakes::{FakeTelegram, Fault, Gate, Receiver};
use crate::house::House;
use crate::trying::loaphuong;

const CHANNEL: i64 = -1001234567890;
const OTHER: i64 = -1009876543210;

/// A strict Bot API without limits of its own.
async fn telegram() -> FakeTelegram {
    let telegram = FakeTelegram::start().await;
    telegram.no_limits().channel(CHANNEL, "@phuonghoagao").channel(OTHER, "@tohoagao");
    telegram
}

/// A folder of news, one bot and these subscriptions.
fn config(telegram: &FakeTelegram, more: &str) -> String {
    format!(
        r#"
        [[sources]]
        name = "hoa-gao"
        title = "Phường Hoa Gạo"
        kind = "folder"
        path = "news"
        [[channels]]
        name = "bot"
        kind = "telegram"
        token = "{token}"
        api = "{api}"
        pace = "off"
        preview = "off"
        {more}
        "#,
        token = telegram.token(),
        api = telegram.url(),
    )
}

fn to(chat: i64, welcome: usize) -> String {
    format!("\n[[subscriptions]]\nfeed = \"hoa-gao\"\nto = \"bot:{chat}\"\nwelcome = {welcome}\n")
}

/// A house whose news folder holds so many articles, the last one the newest.
fn house(config: &str, articles: u32) -> House {
    let house = House::new(config);
    for number in 1..=articles {
        publish(&house, number);
    }
    house
}

fn publish(house: &House, number: u32) {
    let text = format!("Lịch tiêm chủng đợt {number}\n\nTrạm y tế mời bà con đến tiêm.\n\nMang theo sổ tiêm chủng của trẻ.\n");
    house.write(&format!("news/2026-11-{number:02}-tiem-chung.txt"), &text);
}

#[tokio::test]
async fn a_server_error_after_the_message_was_taken_sends_two_copies_at_most() {
    let telegram = telegram().await;
    let house = house(&config(&telegram, &to(CHANNEL, 1)), 1);
    telegram.fail_always_in(CHANNEL, Fault::Status500.after_taking());
    let mut dead = 0;
    for _ in 0..6 {
        dead += house.once().await.dead;
        house.pass(TimeDelta::minutes(5));
    }
    assert_eq!(telegram.texts_in(CHANNEL).len(), 2, "sent, and resent once");
    assert_eq!(dead, 1, "then it is a dead letter");
}

#[tokio::test]
async fn why_tells_that_a_message_was_sent_once_more_after_a_doubt() {
    let telegram = telegram().await;
    let house = house(&config(&telegram, &to(CHANNEL, 1)), 1);
    telegram.fail_next_in(CHANNEL, Fault::Status500.after_taking());
    for _ in 0..3 {
        house.once().await;
        house.pass(TimeDelta::minutes(5));
    }
    assert_eq!(telegram.texts_in(CHANNEL).len(), 2);
    let told = loaphuong(house.path(), &["why", "đợt 1", &format!("bot:{CHANNEL}")]);
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.contains("Đã gửi lúc") && told.contains("1 lần không rõ đã đến hay chưa") && told.contains("gửi lại một lần"), "{told}");
}

#[tokio::test]
async fn letters_of_a_channel_that_left_the_config_are_not_said_to_be_sent_again() {
    let telegram = telegram().await;
    let house = house(&config(&telegram, &to(CHANNEL, 1)), 1);
    telegram.fail_always_in(CHANNEL, Fault::Refuse(400, "Bad Request: message text is empty"));
    house.once().await;
    let whole = house.read("config.toml");
    house.write("config.toml", whole.split("[[channels]]").next().unwrap());
    let retry = || String::from_utf8(loaphuong(house.path(), &["letters", "retry", "--all"]).stdout).unwrap();
    let told = retry();
    assert!(told.contains("Sẽ gửi lại 0 tin") && told.contains("1 tin của kênh bot không gửi lại được"), "{told}");
    house.write("config.toml", &whole);
    let told = retry();
    assert!(told.contains("Sẽ gửi lại 1 tin") && !told.contains("không gửi lại được"), "{told}");
}

#[tokio::test]
async fn with_an_ops_chat_a_server_error_sends_one_copy() {
    let telegram = telegram().await;
    let ops = -1005550001111;
    telegram.supergroup(ops);
    let with_ops = config(&telegram, &to(CHANNEL, 1)).replace("preview", &format!("ops_chat = \"{ops}\"\npreview"));
    let house = house(&with_ops, 1);
    house.once().await;
    publish(&house, 2);
    telegram.fail_next_in(CHANNEL, Fault::Status500.after_taking());
    house.once().await;
    house.pass(TimeDelta::minutes(1));
    assert!(house.once().await.all_well());
    assert_eq!(telegram.texts_in(CHANNEL).len(), 2, "{:?}", telegram.texts_in(CHANNEL));
}

#[tokio::test]
async fn a_proxy_that_answers_for_a_telegram_that_is_down_is_told_and_not_hammered() {
    let telegram = telegram().await;
    let house = house(&config(&telegram, &(to(CHANNEL, 2) + &to(OTHER, 2))), 2);
    telegram.fail_always(Fault::Html502);
    house.once().await;
    house.pass(TimeDelta::seconds(31));
    let asked = telegram.requests().len();
    let outcome = house.once().await;
    assert_eq!(outcome.troubles.len(), 1, "{outcome:?}");
    assert!(telegram.requests().len() - asked <= 2, "one question for each doubt, then the channel rests");
    telegram.heal();
    house.pass(TimeDelta::seconds(31));
    house.once().await;
    for chat in [CHANNEL, OTHER] {
        assert_eq!(telegram.texts_in(chat).len(), 2, "{chat}");
    }
}

#[tokio::test]
async fn once_says_that_a_delivery_waits() {
    for fault in [Fault::TooMany(4000), Fault::LostAnswer, Fault::Status500] {
        let telegram = telegram().await;
        let house = house(&config(&telegram, &to(CHANNEL, 1)), 1);
        telegram.fail_always_in(CHANNEL, fault.clone());
        let outcome = house.once().await;
        assert_eq!((outcome.held, outcome.all_well()), (1, false), "{fault:?}");
    }
}

#[tokio::test]
async fn a_clock_that_ran_a_year_ahead_silences_nobody() {
    let telegram = telegram().await;
    let paced = config(&telegram, &(to(CHANNEL, 1) + &to(OTHER, 1)))
        .replace("pace = \"off\"", "pace = { per_second = 1000, per_chat_second = 1, per_group_minute = 1000 }");
    let house = house(&paced, 1);
    house.pass(TimeDelta::days(365));
    telegram.fail_next_in(OTHER, Fault::TooMany(600));
    house.once().await;
    assert_eq!((telegram.texts_in(CHANNEL).len(), telegram.texts_in(OTHER).len()), (1, 0));
    house.pass(TimeDelta::days(-365));
    house.once().await;
    assert_eq!(telegram.texts_in(OTHER).len(), 1, "the flood wait was reckoned by the wrong clock");
    house.pass(TimeDelta::seconds(2));
    publish(&house, 2);
    assert!(house.once().await.all_well());
    assert_eq!(telegram.texts_in(CHANNEL).len(), 2, "the wait for its pace too");
}

#[tokio::test]
async fn a_week_switched_off_and_a_network_that_is_late_cost_no_news() {
    let telegram = telegram().await;
    let house = house(&config(&telegram, &to(CHANNEL, 3)), 3);
    telegram.stop().await;
    house.once().await;
    house.pass(TimeDelta::days(8));
    assert_eq!(house.once().await.dead, 0, "nobody could have sent it");
    telegram.restart().await;
    house.pass(TimeDelta::minutes(10));
    telegram.fail_next_in(CHANNEL, Fault::TooMany(5));
    assert_eq!(house.once().await.dead, 0, "one refusal after a week asleep is not a week of refusals");
    house.pass(TimeDelta::minutes(1));
    assert!(house.once().await.all_well());
    assert_eq!(telegram.texts_in(CHANNEL).len(), 3);
}

#[tokio::test]
async fn a_restart_forgets_no_pace() {
    let telegram = telegram().await;
    let paced = config(&telegram, &to(CHANNEL, 2))
        .replace("pace = \"off\"", "pace = { per_second = 1000, per_chat_second = 1000, per_group_minute = 3 }");
    let house = house(&paced, 2);
    house.once().await;
    publish(&house, 3);
    publish(&house, 4);
    house.once().await;
    assert_eq!(telegram.texts_in(CHANNEL).len(), 3, "two left before the restart, in the same minute");
    house.pass(TimeDelta::seconds(70));
    house.once().await;
    assert_eq!(telegram.texts_in(CHANNEL).len(), 4);
}

#[tokio::test]
async fn an_address_that_left_the_config_gets_nothing_more() {
    let telegram = telegram().await;
    let house = house(&config(&telegram, &(to(CHANNEL, 2) + &to(OTHER, 2))), 2);
    telegram.revoke_token();
    house.once().await;
    let other = FakeTelegram::start().await;
    other.no_limits().channel(CHANNEL, "@phuonghoagao").channel(OTHER, "@tohoagao");
    house.write("config.toml", &config(&other, &to(OTHER, 2)));
    let outcome = house.once().await;
    assert!(outcome.all_well(), "{outcome:?}");
    assert_eq!((other.texts_in(CHANNEL).len(), other.texts_in(OTHER).len()), (0, 2));
    let store = house.store().await;
    let letters = store.dead_letters(10).await.unwrap();
    assert_eq!(letters.len(), 2, "they can be looked at");
    assert!(letters[0].cause.contains("no longer in the config"), "{}", letters[0].cause);
    house.write("config.toml", &config(&other, &(to(CHANNEL, 2) + &to(OTHER, 2))));
    store.revive(&[], house.now()).await.unwrap();
    store.close().await;
    assert!(house.once().await.all_well());
    assert_eq!(other.texts_in(CHANNEL).len(), 2, "and sent when the address is back");
}

#[tokio::test]
async fn a_channel_that_left_the_config_fails_no_round() {
    let telegram = telegram().await;
    let house = house(&config(&telegram, &to(CHANNEL, 2)), 2);
    telegram.revoke_token();
    assert!(!house.once().await.all_well());
    let whole = house.read("config.toml");
    house.write("config.toml", whole.split("[[channels]]").next().unwrap());
    let outcome = house.once().await;
    assert!(outcome.all_well(), "{outcome:?}");
}

#[tokio::test]
async fn an_admin_can_see_that_an_address_refuses_and_that_it_takes_messages_again() {
    let telegram = telegram().await;
    telegram.kick(CHANNEL);
    let house = house(&config(&telegram, &(to(CHANNEL, 1) + &to(OTHER, 1))), 1);
    house.once().await;
    let store = house.store().await;
    assert_eq!(store.suspended().await.unwrap().get("bot"), Some(&1));
    telegram.welcome(CHANNEL);
    house.pass(TimeDelta::hours(7));
    assert!(house.once().await.all_well());
    assert!(store.suspended().await.unwrap().is_empty());
    store.close().await;
}

/// One webhook receiver, and what may be reached.
fn hook(receiver: &Receiver, secret: &str, allow: &str, host: &str) -> String {
    let url = receiver.url("/nhan-tin").replace("127.0.0.1", host);
    format!(
        r#"
        [fetch]
        allow = [{allow}]
        [[sources]]
        name = "hoa-gao"
        kind = "folder"
        path = "news"
        [[channels]]
        name = "hook"
        kind = "webhook"
        secret = "{secret}"
        [[subscriptions]]
        feed = "hoa-gao"
        to = "hook:{url}"
        welcome = 1
        "#
    )
}

#[tokio::test]
async fn a_private_receiver_is_told_and_keeps_its_news_until_it_is_allowed() {
    let secret = Receiver::secret(7);
    let receiver = Receiver::start(&secret).await;
    for host in ["127.0.0.1", "localhost"] {
        let house = house(&hook(&receiver, &secret, "", host), 1);
        let outcome = house.once().await;
        assert_eq!((outcome.held, outcome.dead), (1, 0), "{host}");
        let store = house.store().await;
        assert_eq!(store.suspended().await.unwrap().get("hook"), Some(&1), "{host}");
        let letters = store.dead_letters(10).await.unwrap();
        assert!(letters[0].held && letters[0].cause.contains("[fetch] allow"), "{host}: {}", letters[0].cause);
        store.close().await;
    }
    assert_eq!(receiver.requests(), 0);
}

#[tokio::test]
async fn a_receiver_by_name_is_allowed_as_a_source_there_is() {
    let secret = Receiver::secret(7);
    let receiver = Receiver::start(&secret).await;
    let house = house(&hook(&receiver, &secret, &format!("\"{}\"", receiver.host()), "localhost"), 1);
    let outcome = house.once().await;
    assert!(outcome.all_well(), "{outcome:?}");
    assert_eq!(receiver.requests(), 1);
}

#[tokio::test]
async fn a_reload_waits_for_no_send_that_hangs() {
    let telegram = telegram().await;
    let listening = format!("[server]\nlisten = \"127.0.0.1:0\"\n{}", config(&telegram, &(to(CHANNEL, 1) + &to(OTHER, 1))));
    let house = house(&listening.replace("path =", "schedule = \"* * * * *\"\npath ="), 1);
    let gate = Gate::new();
    telegram.fail_next_in(CHANNEL, Fault::Hold(gate.clone()));
    let (stop, (reload, rung)) = (CancellationToken::new(), mpsc::channel(1));
    let app = house.app().await;
    let running = tokio::spawn(app.run(stop.clone(), rung, |_| {}));
    gate.reached().await;
    telegram.wait_messages(1).await;
    reload.send(()).await.unwrap();
    publish(&house, 2);
    house.pass(TimeDelta::seconds(61));
    telegram.wait_until("the second article in the other chat", |t| t.texts_in(OTHER).len() == 2).await;
    assert!(telegram.texts_in(CHANNEL).is_empty(), "still hanging");
    gate.open();
    telegram.wait_until("both articles", |t| t.texts_in(CHANNEL).len() == 2).await;
    stop.cancel();
    running.await.unwrap().unwrap();
    assert_eq!(telegram.texts_in(CHANNEL).len(), 2, "each once");
}

#[tokio::test]
async fn a_clock_that_leaps_ahead_while_a_message_is_on_its_way_sends_it_once() {
    let telegram = telegram().await;
    let listening = format!("[server]\nlisten = \"127.0.0.1:0\"\n{}", config(&telegram, &(to(CHANNEL, 1) + &to(OTHER, 1))));
    let house = house(&listening.replace("path =", "schedule = \"* * * * *\"\npath ="), 1);
    let gate = Gate::new();
    telegram.fail_next_in(CHANNEL, Fault::HoldAnswer(gate.clone()));
    let (stop, (_reload, rung)) = (CancellationToken::new(), mpsc::channel(1));
    let app = house.app().await;
    let running = tokio::spawn(app.run(stop.clone(), rung, |_| {}));
    gate.reached().await;
    telegram.wait_until("the first article in the other chat", |t| t.texts_in(OTHER).len() == 1).await;
    // Its lease seems to have ended, and claims for the other chat go on.
    publish(&house, 2);
    house.pass(TimeDelta::hours(3));
    telegram.wait_until("the second article in the other chat", |t| t.texts_in(OTHER).len() == 2).await;
    assert_eq!(telegram.texts_in(CHANNEL).len(), 1, "its answer still hangs");
    gate.open();
    telegram.wait_until("both articles", |t| t.texts_in(CHANNEL).iter().any(|text| text.contains("đợt 2"))).await;
    stop.cancel();
    running.await.unwrap().unwrap();
    let texts = telegram.texts_in(CHANNEL);
    assert_eq!(texts.len(), 2, "each once: {texts:?}");
}

#[tokio::test]
async fn a_round_does_not_wait_beyond_its_time_for_a_send_that_hangs() {
    let telegram = telegram().await;
    let house = house(&(config(&telegram, "") + &to(CHANNEL, 1)), 1);
    let gate = Gate::new();
    telegram.fail_next_in(CHANNEL, Fault::HoldAnswer(gate.clone()));
    let beside = async {
        gate.reached().await;
        house.pass(TimeDelta::seconds(13));
    };
    let (outcome, ()) = tokio::join!(house.once(), beside);
    assert!(!outcome.all_well(), "it is still owed: {outcome:?}");
    gate.open();
    house.pass(TimeDelta::minutes(4));
    for _ in 0..3 {
        house.once().await;
        house.pass(TimeDelta::minutes(1));
    }
    assert!(house.once().await.all_well());
    assert_eq!(telegram.texts_in(CHANNEL).len(), 2, "nobody can tell here, so it was sent once more");
}
