//! People who talk to the bot, from their words to what they get: the real parts, a strict Bot API.

use chrono::TimeDelta;
use loaphuong::store::Store;
use loaphuong::subscription::Address;
use serde_json::json;

use crate::daemon::Daemon;
use crate::fakes::{FakeTelegram, Fault, Gate, Portal};
use crate::flow::{CHANNEL, config, telegram, to, water_cut};
use crate::house::House;
use crate::postgres;

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
    town_under("", more).await
}

/// The same; `head` stands at the top of the config.
pub(crate) async fn town_under(head: &str, more: &str) -> Town {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    telegram.private(AN).private(BINH).supergroup(GROUP).admin(GROUP, ADMIN);
    let house = House::new(&format!("{head}\n[server]\nlisten = \"127.0.0.1:0\"\n{}", config(&portal, &telegram, more)));
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

/// More wards than there are buttons, none of which has any news.
pub(crate) fn wards() -> String {
    let names = ["tho-quan", "vinh-tuy", "vinh-hung", "quan-thanh", "kim-lien", "khuong-dinh", "lang", "o-cho-dua", "bach-mai"];
    let ward = |name: &&str| {
        let title = name.replace('-', " ");
        format!("\n[[sources]]\nname = \"{name}\"\ntitle = \"Phường {title}\"\nkind = \"folder\"\npath = \"{{dir}}\"\n")
    };
    names.iter().map(ward).collect::<String>()
}

#[tokio::test]
async fn among_many_wards_the_bot_asks_which_and_understands_the_name() {
    let town = town(&wards()).await;
    let daemon = Daemon::start(&town.house).await;
    let told = town.ask(AN, AN, "/start").await;
    assert!(told.contains("Bà con ở phường nào?"), "{told}");
    assert!(town.feeds_of(AN).await.is_empty());
    town.ask(AN, AN, "vinh").await;
    let buttons: Vec<_> = town.telegram.messages_in(AN).pop().unwrap().buttons.concat();
    let data: Vec<_> = buttons.iter().filter_map(|button| button.data.as_deref()).collect();
    assert_eq!(data, ["f:vinh-tuy", "f:vinh-hung"]);
    let told = town.ask(AN, AN, "VĨNH HƯNG").await;
    assert!(told.contains("Xong rồi") && told.contains("vinh hung"), "{told}");
    let told = town.ask(BINH, BINH, "/start tho-quan").await;
    assert!(told.contains("Xong rồi"), "a link with a name needs no question: {told}");
    assert_eq!((town.feeds_of(AN).await, town.feeds_of(BINH).await), (vec!["vinh-hung".into()], vec!["tho-quan".into()]));
    let before = town.telegram.texts_in(AN).len();
    let press = town.telegram.press(AN, AN, 1, "f:vinh-tuy");
    town.answered(AN, before + 1).await;
    town.telegram.wait_until("the press answered", |t| t.callbacks_answered().iter().any(|(id, _)| *id == press)).await;
    town.house.pass(TimeDelta::seconds(10));
    assert_eq!(town.feeds_of(AN).await, ["vinh-hung", "vinh-tuy"]);
    let told = town.ask(AN, AN, "dừng theo dõi vĩnh tuy").await;
    assert!(told.contains("vinh tuy") && !told.contains("vinh hung"), "{told}");
    assert_eq!(town.feeds_of(AN).await, ["vinh-hung"]);
    let told = town.ask(AN, AN, "đăng ký khai sinh").await;
    assert!(told.contains("Chưa thấy nơi nào"), "{told}");
    daemon.end().await;
}

#[tokio::test]
async fn who_blocks_the_bot_is_left_in_peace_and_comes_back_with_all_that_was_kept() {
    let town = town(&to(CHANNEL, "")).await;
    let daemon = Daemon::start(&town.house).await;
    town.ask(AN, AN, "/start").await;
    town.telegram.membership(AN, AN, "member", "kicked");
    town.telegram.membership(CHANNEL, ADMIN, "administrator", "kicked");
    town.telegram.block(AN).kick(CHANNEL);
    town.heard().await;
    daemon.end().await;
    town.portal.publish(water_cut(1));
    town.house.pass(TimeDelta::hours(1));
    let sends = town.telegram.requests_of("sendmessage").len();
    town.house.once().await;
    assert!(town.telegram.refusals().is_empty(), "nobody who left is written to: {:?}", town.telegram.refusals());
    assert_eq!(town.telegram.requests_of("sendmessage").len(), sends);
    town.telegram.welcome(AN).welcome(CHANNEL);
    town.telegram.membership(AN, AN, "kicked", "member");
    town.telegram.membership(CHANNEL, ADMIN, "left", "administrator");
    let daemon = Daemon::start(&town.house).await;
    town.telegram
        .wait_until("the news that waited", |t| {
            [AN, CHANNEL].iter().all(|chat| t.texts_in(*chat).iter().any(|text| text.contains("cấp nước")))
        })
        .await;
    daemon.end().await;
}

#[tokio::test]
async fn a_group_that_moves_takes_its_subscription_along() {
    let town = town("").await;
    let daemon = Daemon::start(&town.house).await;
    town.ask(GROUP, ADMIN, "/dangky").await;
    let there = -1_007_770_001;
    town.telegram.supergroup(there).admin(there, ADMIN);
    let message =
        json!({"message_id": 9, "date": 1, "chat": {"id": GROUP, "type": "group"}, "from": {"id": ADMIN}, "migrate_to_chat_id": there});
    town.telegram.push_update(json!({"update_id": 900, "message": message}));
    while town.feeds_of(there).await.is_empty() {
        tokio::task::yield_now().await;
    }
    let told = town.ask(there, ADMIN, "/toi").await;
    assert!(told.contains("Phường Hoa Gạo"), "{told}");
    assert_eq!((town.feeds_of(GROUP).await.len(), town.feeds_of(there).await.len()), (0, 1));
    daemon.end().await;
}

#[tokio::test]
async fn a_group_is_greeted_and_where_the_config_names_it_can_leave_and_return() {
    let town = town(&to(GROUP, "")).await;
    let other = -1_008_880_001;
    town.telegram.supergroup(other);
    let daemon = Daemon::start(&town.house).await;
    town.telegram.membership(other, ADMIN, "left", "member");
    town.answered(other, 1).await;
    assert!(town.telegram.texts_in(other)[0].contains("Chào cả nhà"));
    let told = town.ask(GROUP, ADMIN, "/dung").await;
    assert!(told.contains("Đã dừng"), "{told}");
    daemon.end().await;
    town.portal.publish(water_cut(1));
    town.house.pass(TimeDelta::hours(1));
    town.house.once().await;
    assert!(!town.telegram.texts_in(GROUP).iter().any(|text| text.contains("cấp nước")), "it said stop");
    let daemon = Daemon::start(&town.house).await;
    let told = town.ask(GROUP, ADMIN, "/dangky").await;
    assert!(told.contains("Xong rồi"), "{told}");
    assert!(town.feeds_of(GROUP).await.is_empty(), "the config has it already");
    daemon.end().await;
    town.portal.publish(water_cut(2));
    town.house.pass(TimeDelta::hours(1));
    town.house.once().await;
    assert!(town.telegram.texts_in(GROUP).iter().any(|text| text.contains("cấp nước lần 2")));
}

#[tokio::test]
async fn a_kill_between_hearing_and_doing_loses_nothing() {
    let town = town("").await;
    let gate = Gate::new();
    town.telegram.fail_next_call("getchatmember", Fault::Hold(gate.clone()));
    town.telegram.say(GROUP, ADMIN, "/dangky");
    town.house
        .run_killed(async {
            town.telegram.wait_until("the rights asked", |t| !t.requests_of("getchatmember").is_empty()).await;
            town.heard().await;
        })
        .await;
    gate.open();
    assert!(town.feeds_of(GROUP).await.is_empty(), "it was heard and not done");
    town.house.pass(TimeDelta::minutes(1));
    let daemon = Daemon::start(&town.house).await;
    town.answered(GROUP, 1).await;
    daemon.end().await;
    assert_eq!((town.feeds_of(GROUP).await, town.telegram.texts_in(GROUP).len()), (vec!["hoa-gao".to_owned()], 1));
}

#[tokio::test]
async fn a_kill_between_doing_and_answering_does_it_once() {
    let town = town("").await;
    let gate = Gate::new();
    town.telegram.fail_next_in(AN, Fault::Hold(gate.clone()));
    town.telegram.say(AN, AN, "/start");
    town.house
        .run_killed(
            town.telegram
                .wait_until("the answer under way", |t| t.requests_of("sendmessage").iter().any(|r| r.params.int("chat_id") == Some(AN))),
        )
        .await;
    assert_eq!(town.feeds_of(AN).await, ["hoa-gao"], "done before the answer");
    town.house.pass(TimeDelta::minutes(1));
    let daemon = Daemon::start(&town.house).await;
    town.answered(AN, 1).await;
    daemon.end().await;
    assert!(town.telegram.texts_in(AN)[0].contains("Xong rồi"));
    gate.open();
}

#[tokio::test]
async fn a_round_does_not_listen_and_a_reload_goes_on_listening() {
    let town = town("").await;
    assert!(town.telegram.requests_of("getupdates").is_empty() && town.telegram.requests_of("getme").is_empty());
    let daemon = Daemon::start(&town.house).await;
    town.ask(AN, AN, "/start").await;
    let text = town.house.read("config.toml").replace("Phường Hoa Gạo", "Phường Hoa Phượng");
    town.house.write("config.toml", &text);
    daemon.reload().await;
    let told = town.ask(AN, AN, "/toi").await;
    assert!(told.contains("Phường Hoa Phượng"), "{told}");
    daemon.end().await;
    let commands = town.telegram.requests_of("setmycommands").len();
    let daemon = Daemon::start(&town.house).await;
    town.ask(AN, AN, "/toi").await;
    daemon.end().await;
    assert_eq!((commands, town.telegram.requests_of("setmycommands").len()), (1, 1), "the menu is set once");
    assert_eq!(town.telegram.poll_conflicts(), 0);
}

#[tokio::test]
async fn an_endpoint_that_knows_no_updates_still_takes_news() {
    let town = town(&to(CHANNEL, "")).await;
    let fault = Fault::Refuse(404, "Not Found: method not found");
    town.telegram.fail_next_call("getme", fault.clone()).fail_next_call("getupdates", fault);
    let daemon = Daemon::start(&town.house).await;
    town.portal.publish(water_cut(1));
    town.house.pass(TimeDelta::hours(1));
    town.telegram.wait_until("the news", |t| t.texts_in(CHANNEL).iter().any(|text| text.contains("cấp nước"))).await;
    assert_eq!(town.telegram.requests_of("getme").len(), 1, "it is left alone for minutes");
    daemon.end().await;
}

#[tokio::test]
async fn two_daemons_on_one_postgres_share_one_poller() {
    let Some(url) = postgres::database() else { return };
    let town = town_under(&format!("store = \"{url}\""), "").await;
    let second = House::new(&town.house.read("config.toml"));
    let (first, other) = (Daemon::start(&town.house).await, Daemon::start(&second).await);
    for (count, words) in ["/start", "tin mới", "đang theo dõi gì"].into_iter().enumerate() {
        town.telegram.say(AN, AN, words);
        town.answered(AN, count + 1).await;
        town.house.pass(TimeDelta::seconds(10));
        second.pass(TimeDelta::seconds(10));
    }
    first.end().await;
    town.telegram.say(AN, AN, "dừng");
    town.answered(AN, 4).await;
    other.end().await;
    assert_eq!((town.telegram.texts_in(AN).len(), town.telegram.poll_conflicts()), (4, 0), "{:?}", town.telegram.texts_in(AN));
}

#[tokio::test]
async fn the_page_to_follow_leads_to_the_bot() {
    let town = town("").await;
    let daemon = Daemon::start(&town.house).await;
    town.ask(AN, AN, "/start").await;
    let page = reqwest::get(format!("http://{}/theo-doi/hoa-gao", daemon.address)).await.unwrap().text().await.unwrap();
    assert!(page.contains("https://t.me/loaphuong_bot?start=hoa-gao"), "{page}");
    daemon.end().await;
}

#[tokio::test]
async fn an_answer_waits_while_news_is_on_its_way_to_the_same_chat() {
    let town = town("").await;
    let daemon = Daemon::start(&town.house).await;
    town.ask(AN, AN, "/start").await;
    daemon.end().await;
    town.portal.publish(water_cut(1));
    town.house.pass(TimeDelta::hours(1));
    let gate = Gate::new();
    town.telegram.fail_next_in(AN, Fault::Hold(gate.clone()));
    let daemon = Daemon::start(&town.house).await;
    let asked = |t: &FakeTelegram| t.requests_of("sendmessage").iter().filter(|r| r.params.int("chat_id") == Some(AN)).count();
    town.telegram.wait_until("the news under way", |t| asked(t) == 2).await;
    town.telegram.say(AN, AN, "tin mới");
    town.heard().await;
    // Another is answered meanwhile, so the one before had its turn.
    town.ask(BINH, BINH, "giúp").await;
    assert_eq!(asked(&town.telegram), 2, "nothing goes beside the news");
    gate.open();
    town.telegram.wait_until("the news", |t| t.texts_in(AN).len() == 2).await;
    town.house.pass(TimeDelta::seconds(10));
    town.answered(AN, 3).await;
    let texts = town.telegram.texts_in(AN);
    assert!(texts[1].contains("Tạm ngừng cấp nước") && texts[2].starts_with("Tin mới nhất"), "{texts:?}");
    daemon.end().await;
}
