//! Residents set hours, rhythm and topics by talking and by taps, and get their news by them: the real
//! parts, a strict Bot API.

use chrono::TimeDelta;
use loaphuong::subscription::{Address, Subscription};

use crate::daemon::Daemon;
use crate::desk::{ADMIN, AN, BINH, GROUP, Town, town, wards};
use crate::fakes::{Article, Fault, Gate};
use crate::flow::{CHANNEL, to, water_cut};

impl Town {
    /// What somebody was answered after pressing this.
    async fn tap(&self, chat: i64, user: i64, data: &str) -> String {
        let before = self.telegram.texts_in(chat).len();
        self.telegram.press(chat, user, 1, data);
        self.answered(chat, before + 1).await;
        self.house.pass(TimeDelta::seconds(10));
        self.telegram.texts_in(chat).pop().unwrap()
    }

    fn buttons_in(&self, chat: i64) -> Vec<String> {
        let last = self.telegram.messages_in(chat).pop().unwrap();
        last.buttons.concat().into_iter().filter_map(|button| button.data).collect()
    }

    async fn own(&self, chat: i64) -> Vec<Subscription> {
        let store = self.house.store().await;
        let own = store.subscriptions_of(&Address::new("bot", chat.to_string()), chrono_tz::Asia::Ho_Chi_Minh).await.unwrap();
        store.close().await;
        own
    }

    /// Messages of this chat that say this.
    fn saying(&self, chat: i64, words: &str) -> usize {
        self.telegram.texts_in(chat).iter().filter(|text| text.contains(words)).count()
    }

    /// Lets the time of day come (hour, minute), and a round be made then.
    async fn comes(&self, hour: i64, minute: i64) {
        let day = TimeDelta::days(1).num_seconds();
        let now = (self.house.now().timestamp() + 7 * 3600).rem_euclid(day);
        self.house.pass(TimeDelta::seconds((hour * 3600 + minute * 60 - now).rem_euclid(day)));
        self.house.once().await;
    }
}

#[tokio::test]
async fn what_was_held_up_until_the_night_waits_for_the_morning() {
    let at_night = to(CHANNEL, "quiet = \"22:00-06:00, 11:30-13:30\"");
    let town = town(&at_night).await;
    let daemon = Daemon::start(&town.house).await;
    town.ask(AN, AN, "/start").await;
    let told = town.ask(AN, AN, "cả trưa lẫn đêm đừng nhắn").await;
    assert!(told.contains("11h30–13h30 và 22h–6h"), "{told}");
    daemon.end().await;
    town.portal.publish(water_cut(1));
    for chat in [AN, CHANNEL] {
        town.telegram.fail_next_in(chat, Fault::TooMany(3600));
    }
    let asked = || town.telegram.requests_of("sendmessage").len();
    let before = asked();
    town.comes(21, 55).await;
    assert_eq!(asked() - before, 2, "it was due");
    town.comes(23, 30).await;
    let got = || (town.saying(AN, "cấp nước lần 1"), town.saying(CHANNEL, "cấp nước lần 1"));
    assert_eq!(got(), (0, 0), "it is night now");
    town.comes(6, 1).await;
    town.comes(12, 0).await;
    assert_eq!(got(), (1, 1));
}

fn evacuation() -> Article {
    Article::new(
        "/tin-tuc/so-tan-khan-cap.html",
        "Sơ tán khẩn cấp dãy nhà ven sông",
        "2026-11-06T14:30:00+07:00",
        "Nước sông lên nhanh, bà con dãy nhà ven sông sơ tán khẩn cấp lên nhà văn hóa phường ngay trong đêm.",
        &["Lực lượng dân quân có mặt để giúp người già và trẻ nhỏ."],
    )
}

fn power_cut() -> Article {
    Article::new(
        "/tin-tuc/ngung-cap-dien.html",
        "Lịch ngừng cung cấp điện tuần tới",
        "2026-11-06T14:40:00+07:00",
        "Phố Hoa Gạo mất điện sáng thứ Tư để thay máy biến áp, dự kiến có lại trước giờ cơm trưa.",
        &["Bà con chủ động sạc đèn và tích nước."],
    )
}

#[tokio::test]
async fn a_resident_sleeps_in_peace_and_only_urgent_news_comes_at_night() {
    let town = town("").await;
    let daemon = Daemon::start(&town.house).await;
    town.ask(AN, AN, "/start").await;
    let told = town.ask(AN, AN, "Ban đêm đừng nhắn nhé").await;
    assert!(told.contains("22h–6h") && told.contains("Tin khẩn vẫn gửi ngay"), "{told}");
    let told = town.ask(AN, AN, "tôi đang theo dõi gì").await;
    assert!(told.contains("Phường Hoa Gạo") && told.contains("Giờ yên lặng: 22h–6h"), "{told}");
    daemon.end().await;
    town.comes(22, 30).await;
    town.portal.publish(water_cut(1));
    town.portal.publish(evacuation());
    town.comes(23, 30).await;
    assert_eq!((town.saying(AN, "Sơ tán khẩn cấp"), town.saying(AN, "cấp nước lần 1")), (1, 0));
    town.comes(5, 50).await;
    assert_eq!(town.saying(AN, "cấp nước lần 1"), 0);
    town.comes(6, 1).await;
    town.comes(7, 1).await;
    assert_eq!((town.saying(AN, "Sơ tán khẩn cấp"), town.saying(AN, "cấp nước lần 1")), (1, 1));
    assert!(town.telegram.refusals().is_empty(), "{:?}", town.telegram.refusals());
}

#[tokio::test]
async fn a_digest_is_chosen_by_taps_comes_once_a_day_and_is_ended_by_words() {
    let town = town("").await;
    let daemon = Daemon::start(&town.house).await;
    town.ask(AN, AN, "/start").await;
    town.ask(AN, AN, "đang theo dõi gì").await;
    assert!(["a:q", "a:g", "a:t"].iter().all(|data| town.buttons_in(AN).contains(&(*data).to_owned())), "{:?}", town.buttons_in(AN));
    town.tap(AN, AN, "a:g").await;
    assert!(town.buttons_in(AN).contains(&"s:g0700".to_owned()), "{:?}", town.buttons_in(AN));
    let told = town.tap(AN, AN, "s:g0700").await;
    assert!(told.contains("mỗi ngày lúc 7h"), "{told}");
    daemon.end().await;
    town.portal.publish(water_cut(1));
    town.portal.publish(power_cut());
    town.comes(20, 0).await;
    let before = town.telegram.texts_in(AN).len();
    town.comes(6, 55).await;
    assert_eq!(town.telegram.texts_in(AN).len(), before, "it is gathered");
    town.comes(7, 5).await;
    town.comes(8, 0).await;
    let texts = town.telegram.texts_in(AN);
    assert_eq!(texts.len(), before + 1, "{texts:?}");
    assert!(texts[before].contains("cấp nước lần 1") && texts[before].contains("cung cấp điện"), "{texts:?}");
    town.portal.publish(water_cut(2));
    town.comes(9, 0).await;
    assert_eq!(town.saying(AN, "cấp nước lần 2"), 0);
    let daemon = Daemon::start(&town.house).await;
    let told = town.ask(AN, AN, "gửi ngay từng tin").await;
    assert!(told.contains("gửi ngay từng tin") || told.contains("cấp nước lần 2"), "{told}");
    town.telegram.wait_until("what was gathered", |t| t.texts_in(AN).iter().any(|text| text.contains("cấp nước lần 2"))).await;
    daemon.end().await;
    town.comes(7, 5).await;
    assert_eq!(town.saying(AN, "cấp nước lần 2"), 1, "and not again with the digest that is no more");
}

#[tokio::test]
async fn a_resident_gets_the_topics_that_they_named() {
    let town = town("").await;
    let daemon = Daemon::start(&town.house).await;
    town.ask(AN, AN, "/start").await;
    let told = town.ask(AN, AN, "chi gui tin ve cup dien, tiem chung").await;
    assert!(told.contains("chỉ tin về cúp điện, tiêm chủng"), "{told}");
    town.ask(BINH, BINH, "/start").await;
    let told = town.ask(BINH, BINH, "bỏ tin về điện").await;
    assert!(told.contains("trừ tin về cúp điện"), "{told}");
    daemon.end().await;
    town.portal.publish(water_cut(1));
    town.portal.publish(power_cut());
    town.comes(17, 0).await;
    let got = |chat| (town.saying(chat, "cấp nước lần 1"), town.saying(chat, "cung cấp điện"));
    assert_eq!((got(AN), got(BINH)), ((0, 1), (1, 0)));
    let daemon = Daemon::start(&town.house).await;
    town.tap(AN, AN, "a:t").await;
    let data = town.buttons_in(AN);
    assert!(["t", "t-dien", "t+nuoc"].iter().all(|want| data.contains(&format!("s:{want}"))), "{data:?}");
    let told = town.tap(AN, AN, "s:t+nuoc").await;
    assert!(told.contains("cúp điện, cúp nước, tiêm chủng"), "{told}");
    let told = town.ask(AN, AN, "gửi tất cả tin").await;
    assert!(told.contains("tất cả tin"), "{told}");
    assert!(town.own(AN).await[0].is_simple());
    daemon.end().await;
}

#[tokio::test]
async fn several_things_are_asked_for_in_one_message() {
    let town = town("").await;
    let daemon = Daemon::start(&town.house).await;
    town.ask(AN, AN, "/start").await;
    let told = town.ask(AN, AN, "chỉ gửi tin về điện nước, ban đêm đừng nhắn, gửi gộp mỗi tối 8h ạ").await;
    assert!(["mỗi ngày lúc 20h", "Giờ yên lặng: 22h–6h", "chỉ tin về cúp điện, cúp nước"].iter().all(|want| told.contains(want)), "{told}");
    let own = town.own(AN).await.remove(0);
    assert!(own.digest && own.quiet.is_some() && !own.filter.include.is_empty());
    daemon.end().await;
}

#[tokio::test]
async fn what_may_be_meant_otherwise_is_asked_and_answered_by_a_tap() {
    let town = town("").await;
    let daemon = Daemon::start(&town.house).await;
    let told = town.ask(AN, AN, "ban đêm đừng nhắn").await;
    assert!(told.contains("chưa theo dõi"), "{told}");
    town.ask(AN, AN, "/start").await;
    let told = town.ask(AN, AN, "đừng nhắn từ 10h đến 6h").await;
    assert!(told.contains("Có phải") && town.own(AN).await[0].is_simple(), "{told}");
    assert_eq!(town.buttons_in(AN)[0], "s:q2200-0600");
    town.tap(AN, AN, "s:q2200-0600").await;
    assert!(town.own(AN).await[0].quiet.is_some());
    town.ask(AN, AN, "đừng nhắn nữa").await;
    assert!(town.buttons_in(AN).contains(&"l*".to_owned()));
    for question in ["hôm nay cúp điện lúc 22h à?", "tin tối qua", "/yenlang"] {
        town.ask(AN, AN, question).await;
    }
    assert_eq!(town.own(AN).await[0].quiet.as_ref().map(|quiet| quiet.written()).as_deref(), Some("22:00-06:00"));
    town.ask(AN, AN, "nhắn lúc nào cũng được").await;
    assert!(town.own(AN).await[0].is_simple());
    daemon.end().await;
}

#[tokio::test]
async fn a_group_is_set_by_its_admins_alone_and_the_config_by_nobody() {
    let town = town("").await;
    let daemon = Daemon::start(&town.house).await;
    town.ask(GROUP, ADMIN, "/dangky").await;
    let told = town.ask(GROUP, BINH, "/yenlang ban đêm").await;
    assert!(told.contains("quản trị viên") && town.own(GROUP).await[0].is_simple(), "{told}");
    town.telegram.press(GROUP, BINH, 1, "s:q2200-0600");
    town.heard().await;
    town.house.pass(TimeDelta::seconds(10));
    let told = town.ask(GROUP, ADMIN, "/gop mỗi sáng 7h").await;
    assert!(told.contains("mỗi ngày lúc 7h"), "{told}");
    assert!(town.own(GROUP).await[0].quiet.is_none() && town.own(GROUP).await[0].digest);
    daemon.end().await;
    let named = crate::desk::town(&to(GROUP, "")).await;
    let daemon = Daemon::start(&named.house).await;
    let told = named.ask(GROUP, ADMIN, "/yenlang ban đêm").await;
    assert!(told.contains("người quản trị đặt sẵn"), "{told}");
    let told = named.ask(GROUP, ADMIN, "/toi").await;
    assert!(told.contains("Phường Hoa Gạo") && !told.contains("Giờ yên lặng"), "{told}");
    daemon.end().await;
}

#[tokio::test]
async fn what_was_asked_of_a_chat_holds_for_what_it_follows_later_and_for_all_of_it() {
    let town = town(&wards()).await;
    let daemon = Daemon::start(&town.house).await;
    town.ask(AN, AN, "/start vinh-tuy").await;
    town.ask(AN, AN, "yên lặng 21h30-6h").await;
    let told = town.ask(AN, AN, "theo dõi vĩnh hưng").await;
    assert!(told.contains("Giờ yên lặng: 21h30–6h"), "{told}");
    town.ask(AN, AN, "gửi gộp mỗi tối 8h").await;
    let own = town.own(AN).await;
    assert_eq!(own.len(), 2);
    for one in own {
        assert_eq!(one.quiet.map(|quiet| quiet.written()).as_deref(), Some("21:30-06:00"));
        assert_eq!((one.schedule.map(|schedule| schedule.written().to_owned()).as_deref(), one.digest), (Some("0 20 * * *"), true));
    }
    let told = town.ask(AN, AN, "bỏ tin về vĩnh tuy").await;
    assert!(told.contains("Đã dừng") && town.feeds_of(AN).await == ["vinh-hung"], "a ward is no topic: {told}");
    daemon.end().await;
}

#[tokio::test]
async fn a_kill_between_setting_and_answering_sets_it_once() {
    let town = town("").await;
    let daemon = Daemon::start(&town.house).await;
    town.ask(AN, AN, "/start").await;
    daemon.end().await;
    let gate = Gate::new();
    town.telegram.fail_next_in(AN, Fault::Hold(gate.clone()));
    town.telegram.say(AN, AN, "gửi gộp mỗi sáng 7h");
    let asked =
        |t: &crate::fakes::FakeTelegram| t.requests_of("sendmessage").iter().filter(|r| r.params.int("chat_id") == Some(AN)).count();
    town.house.run_killed(town.telegram.wait_until("the answer under way", |t| asked(t) == 2)).await;
    assert!(town.own(AN).await[0].digest, "done before the answer");
    town.house.pass(TimeDelta::minutes(1));
    let daemon = Daemon::start(&town.house).await;
    town.answered(AN, 2).await;
    let text = town.house.read("config.toml").replace("Phường Hoa Gạo", "Phường Hoa Phượng");
    town.house.write("config.toml", &text);
    daemon.reload().await;
    let told = town.ask(AN, AN, "/caidat").await;
    assert!(told.contains("Hoa Phượng") && told.contains("mỗi ngày lúc 7h"), "a reload leaves it: {told}");
    daemon.end().await;
    gate.open();
}
