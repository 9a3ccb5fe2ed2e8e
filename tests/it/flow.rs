//! The real parts on loopback: a portal, a Bot API, a webhook receiver, crashes and floods.

use chrono::TimeDelta;

use loaphuong::entry::Slug;
use loaphuong::outbox::CRASH_REST;
use loaphuong::store::Query;

use crate::fakes::{Article, FakeTelegram, Fault, Gate, Portal, Receiver, Reply, Trouble};
use crate::house::House;

pub(crate) const CHANNEL: i64 = -1001234567890;
pub(crate) const OTHER: i64 = -1009876543210;

pub(crate) async fn telegram() -> FakeTelegram {
    let telegram = FakeTelegram::start().await;
    telegram.no_limits().channel(CHANNEL, "@phuonghoagao").channel(OTHER, "@tohoagao");
    telegram
}

/// One portal, one bot, and these subscriptions.
pub(crate) fn config(portal: &Portal, telegram: &FakeTelegram, more: &str) -> String {
    format!(
        r#"
        [fetch]
        allow = ["{host}"]
        pause = "0s"
        [[sources]]
        name = "hoa-gao"
        title = "Phường Hoa Gạo"
        url = "{list}"
        [[channels]]
        name = "bot"
        kind = "telegram"
        token = "{token}"
        api = "{api}"
        pace = "off"
        preview = "off"
        {more}
        "#,
        host = portal.host(),
        list = portal.url("/tin-tuc"),
        token = telegram.token(),
        api = telegram.url(),
    )
}

pub(crate) fn to(chat: i64, more: &str) -> String {
    format!("\n[[subscriptions]]\nfeed = \"hoa-gao\"\nto = \"bot:{chat}\"\n{more}\n")
}

/// A gate that holds nobody.
fn opened() -> Gate {
    let gate = Gate::new();
    gate.open();
    gate
}

pub(crate) fn water_cut(number: u32) -> Article {
    Article::new(
        &format!("/tin-tuc/tam-ngung-cap-nuoc-{number}.html"),
        &format!("Tạm ngừng cấp nước lần {number} tại phố Hoa Gạo"),
        "2026-11-06T14:00:00+07:00",
        "Nước sạch tạm ngừng từ 22 giờ tối nay đến 5 giờ sáng mai để thay đoạn ống rò rỉ trên phố Hoa Gạo.",
        &[
            "Bà con nên trữ đủ nước sinh hoạt trước 21 giờ. Trạm y tế và trường mầm non có xe bồn phục vụ riêng.",
            "Mọi thắc mắc xin gọi văn phòng phường trong giờ hành chính để được giải đáp.",
        ],
    )
}

#[tokio::test]
async fn a_first_visit_floods_nobody_and_news_arrives_once_in_order() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let house = House::new(&config(&portal, &telegram, &to(CHANNEL, "welcome = 2")));
    assert!(house.once().await.all_well());
    let newest = portal.articles();
    let texts = telegram.texts_in(CHANNEL);
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(texts[0].contains(&newest[1].title) && texts[1].contains(&newest[0].title), "{texts:?}");
    assert!(house.read("feeds/hoa-gao.rss").contains(&newest[0].title));
    assert!(house.read("feeds/hoa-gao.rss").contains("Thu, 5 Nov 2026 16:30:00 +0700"));

    let again = house.once().await;
    assert!(again.all_well() && again.files == 0, "{again:?}");
    assert_eq!(telegram.messages().len(), 2);

    portal.publish(water_cut(1));
    portal.publish(water_cut(2));
    house.once().await;
    let texts = telegram.texts_in(CHANNEL);
    assert_eq!(texts.len(), 4, "{texts:?}");
    assert!(texts[2].contains("lần 1") && texts[3].contains("lần 2"), "{texts:?}");
    assert!(telegram.refusals().is_empty(), "{:?}", telegram.refusals());
}

/// The next process starts, and what the one before left in doubt has rested.
async fn start_again(house: &House) {
    house.once().await;
    house.pass(CRASH_REST);
}

#[tokio::test]
async fn a_crash_after_the_message_left_repeats_it_at_most_once() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let house = House::new(&config(&portal, &telegram, &to(CHANNEL, "welcome = 1")));
    let gate = Gate::new();
    telegram.fail_next_in(CHANNEL, Fault::HoldAnswer(gate.clone()));
    house.once_killed(gate.reached()).await;
    gate.open();
    assert_eq!(telegram.texts_in(CHANNEL).len(), 1);
    start_again(&house).await;
    let outcome = house.once().await;
    assert!(outcome.all_well(), "{outcome:?}");
    assert_eq!(telegram.texts_in(CHANNEL).len(), 2, "resent once, as nothing can tell");
    house.once().await;
    assert_eq!(telegram.texts_in(CHANNEL).len(), 2);
}

#[tokio::test]
async fn a_crash_before_the_message_left_loses_nothing() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let house = House::new(&config(&portal, &telegram, &to(CHANNEL, "welcome = 3")));
    let gate = Gate::new();
    telegram.fail_next_call("sendphoto", Fault::Reset);
    telegram.fail_always_in(CHANNEL, Fault::Hold(gate.clone()));
    house.once_killed(gate.reached()).await;
    telegram.heal();
    start_again(&house).await;
    house.once().await;
    for article in &portal.articles()[..3] {
        assert!(telegram.texts_in(CHANNEL).iter().any(|t| t.contains(&article.title)), "{}", article.title);
    }
}

const OPS: i64 = -1005550001111;

/// A house whose bot has an ops chat and has sent two articles; a third is there.
async fn with_ops() -> (Portal, FakeTelegram, House) {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    telegram.supergroup(OPS);
    let with_ops = config(&portal, &telegram, &to(CHANNEL, "welcome = 2"))
        .replace("preview = \"off\"", &format!("preview = \"off\"\nops_chat = \"{OPS}\""));
    let house = House::new(&with_ops);
    house.once().await;
    assert_eq!(telegram.texts_in(CHANNEL).len(), 2);
    portal.publish(water_cut(1));
    (portal, telegram, house)
}

/// How often the third came.
fn third(telegram: &FakeTelegram) -> usize {
    telegram.texts_in(CHANNEL).iter().filter(|t| t.contains("lần 1")).count()
}

#[tokio::test]
async fn with_an_ops_chat_a_crash_repeats_nothing() {
    let (_portal, telegram, house) = with_ops().await;
    let gate = Gate::new();
    telegram.fail_next_in(CHANNEL, Fault::HoldAnswer(gate.clone()));
    house.once_killed(gate.reached()).await;
    gate.open();
    start_again(&house).await;
    let outcome = house.once().await;
    assert!(outcome.all_well(), "{outcome:?}");
    assert_eq!(third(&telegram), 1, "{:?}", telegram.texts_in(CHANNEL));
    assert!(telegram.messages_in(OPS).iter().all(|m| m.deleted), "the forwarded copies are cleaned up");
}

#[tokio::test]
async fn a_message_that_arrives_after_its_sender_was_killed_is_not_repeated() {
    let (_portal, telegram, house) = with_ops().await;
    let gate = Gate::new();
    telegram.fail_next_in(CHANNEL, Fault::Hold(gate.clone()));
    house.once_killed(gate.reached()).await;
    house.once().await;
    assert_eq!(third(&telegram), 0, "still on its way, and nobody asks yet");
    gate.open();
    telegram.wait_until("what was on its way", |t| third(t) == 1).await;
    house.pass(CRASH_REST);
    assert!(house.once().await.all_well());
    assert_eq!(third(&telegram), 1, "{:?}", telegram.texts_in(CHANNEL));
}

#[tokio::test]
async fn a_lost_answer_is_resent_once_after_a_rest_and_then_given_up() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let house = House::new(&config(&portal, &telegram, &to(CHANNEL, "welcome = 1")));
    telegram.fail_always_in(CHANNEL, Fault::LostAnswer);
    house.once().await;
    assert_eq!(telegram.texts_in(CHANNEL).len(), 1);
    house.once().await;
    assert_eq!(telegram.texts_in(CHANNEL).len(), 1, "not before it has rested");
    house.pass(TimeDelta::seconds(31));
    house.once().await;
    assert_eq!(telegram.texts_in(CHANNEL).len(), 2);
    house.pass(TimeDelta::seconds(31));
    let outcome = house.once().await;
    assert_eq!(telegram.texts_in(CHANNEL).len(), 2);
    assert_eq!(outcome.dead, 1, "{outcome:?}");
    telegram.heal();
    portal.publish(water_cut(1));
    house.once().await;
    assert_eq!(telegram.texts_in(CHANNEL).len(), 3, "what comes after a dead letter flows again");
}

#[tokio::test]
async fn one_server_error_loses_nothing() {
    for fault in [Fault::Status500, Fault::Reset, Fault::Html502] {
        let (portal, telegram) = (Portal::ward().await, telegram().await);
        let house = House::new(&config(&portal, &telegram, &to(CHANNEL, "welcome = 3")));
        telegram.fail_next_in(CHANNEL, fault.clone());
        house.once().await;
        house.pass(TimeDelta::seconds(40));
        let outcome = house.once().await;
        let texts = telegram.texts_in(CHANNEL);
        let newest = portal.articles();
        assert_eq!(texts.len(), 3, "{fault:?}: {texts:?} {outcome:?}");
        assert!(texts.iter().zip(newest[..3].iter().rev()).all(|(t, a)| t.contains(&a.title)), "{fault:?}: order");
    }
}

#[tokio::test]
async fn a_flood_wait_in_one_chat_delays_no_other() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let both = to(CHANNEL, "welcome = 2") + &to(OTHER, "welcome = 2");
    let house = House::new(&config(&portal, &telegram, &both));
    telegram.fail_next_in(CHANNEL, Fault::TooMany(3600));
    house.once().await;
    assert_eq!(telegram.texts_in(OTHER).len(), 2);
    assert_eq!(telegram.texts_in(CHANNEL).len(), 0);
    house.pass(TimeDelta::minutes(59));
    house.once().await;
    assert_eq!(telegram.texts_in(CHANNEL).len(), 0, "told to wait an hour");
    house.pass(TimeDelta::minutes(2));
    house.once().await;
    let texts = telegram.texts_in(CHANNEL);
    assert!(texts[0].contains(&portal.articles()[1].title) && texts[1].contains(&portal.articles()[0].title));
}

#[tokio::test]
async fn a_group_that_became_a_supergroup_is_followed() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    telegram.group(-5001).supergroup(-1005001).migrate(-5001, -1005001);
    let house = House::new(&config(&portal, &telegram, &to(-5001, "welcome = 2")));
    let outcome = house.once().await;
    assert!(outcome.all_well(), "{outcome:?}");
    assert_eq!(telegram.texts_in(-1005001).len(), 2);
    portal.publish(water_cut(1));
    let before = telegram.refusals().len();
    house.once().await;
    assert_eq!(telegram.texts_in(-1005001).len(), 3);
    assert_eq!(telegram.refusals().len(), before, "the old address is not tried again");
}

#[tokio::test]
async fn a_blocked_chat_keeps_what_it_is_owed() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    telegram.private(42);
    telegram.block(42);
    let house = House::new(&config(&portal, &telegram, &(to(42, "welcome = 2") + &to(CHANNEL, "welcome = 1"))));
    let outcome = house.once().await;
    assert!(!outcome.all_well());
    assert_eq!(telegram.texts_in(CHANNEL).len(), 1, "the others are served");
    let asked = telegram.requests().len();
    house.once().await;
    assert_eq!(telegram.requests().len(), asked, "a blocked chat is not hammered");
    telegram.welcome(42);
    house.pass(TimeDelta::hours(7));
    house.once().await;
    assert_eq!(telegram.texts_in(42).len(), 2);
}

#[tokio::test]
async fn an_unknown_chat_is_a_dead_letter_that_can_be_sent_again() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let house = House::new(&config(&portal, &telegram, &to(-1007777777777, "welcome = 1")));
    assert_eq!(house.once().await.dead, 1);
    let store = house.store().await;
    let letters = store.dead_letters(10).await.unwrap();
    assert!(letters[0].cause.contains("chat not found"), "{}", letters[0].cause);
    assert!(!letters[0].cause.contains(&telegram.token()));
    telegram.supergroup(-1007777777777);
    store.revive(&[letters[0].id], house.now()).await.unwrap();
    store.close().await;
    assert!(house.once().await.all_well());
    assert_eq!(telegram.texts_in(-1007777777777).len(), 1);
}

#[tokio::test]
async fn a_blocked_telegram_keeps_the_queue_and_recovers() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let house = House::new(&config(&portal, &telegram, &to(CHANNEL, "welcome = 3")));
    telegram.stop().await;
    let outcome = house.once().await;
    assert_eq!(outcome.troubles.len(), 1, "{outcome:?}");
    house.pass(TimeDelta::hours(20));
    house.once().await;
    telegram.restart().await;
    house.once().await;
    assert_eq!(telegram.texts_in(CHANNEL).len(), 3);
}

#[tokio::test]
async fn a_long_article_goes_on_where_it_broke_off() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let house = House::new(&config(&portal, &telegram, &to(CHANNEL, "welcome = 1")));
    let sentence = "Ủy ban nhân dân phường đề nghị các tổ dân phố thông báo rộng rãi để bà con biết và thực hiện. ";
    let mut long = water_cut(1);
    long.body_paragraphs = (0..60).map(|n| format!("Điểm {n}: {}", sentence.repeat(2))).collect();
    portal.publish(long);
    house.once().await;
    let whole = telegram.texts_in(CHANNEL);
    assert!(whole.len() > 1, "an article this long needs several messages");

    let other = House::new(&config(&portal, &telegram, &to(OTHER, "welcome = 1")));
    telegram.fail_next_in(OTHER, Fault::HoldAnswer(opened()));
    telegram.fail_next_in(OTHER, Fault::Status500);
    other.once().await;
    assert_eq!(telegram.texts_in(OTHER).len(), 1, "the second part failed");
    other.pass(TimeDelta::minutes(1));
    other.once().await;
    assert_eq!(telegram.texts_in(OTHER), whole, "each part once, in order");
}

#[tokio::test]
async fn a_broken_site_keeps_its_last_feed_and_disturbs_nobody() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let house = House::new(&config(&portal, &telegram, &to(CHANNEL, "")));
    house.once().await;
    let good = house.read("feeds/hoa-gao.rss");
    for broken in [
        Reply::status(500),
        Reply::html("<html><body><p>Trang đang bảo trì</p></body></html>"),
        Reply::gzip_bomb(64),
        Reply::reset(),
        Reply::later(503, "120"),
    ] {
        portal.set("/tin-tuc", broken);
        let outcome = house.once().await;
        assert!(outcome.rounds[0].cause.is_some(), "{outcome:?}");
        assert_eq!(house.read("feeds/hoa-gao.rss"), good);
        house.pass(TimeDelta::hours(1));
    }
    assert!(telegram.messages().is_empty());
    let store = house.store().await;
    assert_eq!(store.health().await.unwrap()[0].failures, 5);
    store.close().await;
}

#[tokio::test]
async fn quiet_hours_hold_and_a_digest_is_one_message() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let more = to(CHANNEL, "schedule = \"0 7,17 * * *\"\ndigest = true") + &to(OTHER, "quiet = \"12:00-18:00\"");
    let house = House::new(&config(&portal, &telegram, &more));
    house.once().await;
    portal.publish(water_cut(1));
    portal.publish(water_cut(2));
    house.once().await;
    assert!(telegram.messages().is_empty(), "15:00 is neither 17:00 nor outside of the quiet hours");
    house.pass(TimeDelta::hours(2));
    house.once().await;
    let digest = telegram.texts_in(CHANNEL);
    assert_eq!(digest.len(), 1, "{digest:?}");
    assert!(digest[0].contains("lần 1") && digest[0].contains("lần 2"), "{digest:?}");
    assert!(telegram.texts_in(OTHER).is_empty());
    house.pass(TimeDelta::minutes(61));
    house.once().await;
    assert_eq!(telegram.texts_in(OTHER).len(), 2);
}

#[tokio::test]
async fn a_webhook_gets_the_same_id_on_every_try() {
    let portal = Portal::ward().await;
    let secret = Receiver::secret(7);
    let receiver = Receiver::start(&secret).await;
    receiver.fail_next(Trouble::Status(500)).fail_next(Trouble::LostAnswer);
    let house = House::new(&format!(
        r#"
        [fetch]
        allow = ["{}", "{}"]
        pause = "0s"
        [[sources]]
        name = "hoa-gao"
        url = "{}"
        [[channels]]
        name = "hook"
        kind = "webhook"
        secret = "{secret}"
        pace = "off"
        [[subscriptions]]
        feed = "hoa-gao"
        to = "hook:{}"
        welcome = 1
        "#,
        portal.host(),
        receiver.host(),
        portal.url("/tin-tuc"),
        receiver.url("/nhan-tin"),
    ));
    for _ in 0..3 {
        house.once().await;
        house.pass(TimeDelta::minutes(2));
    }
    assert_eq!(receiver.requests(), 3);
    assert_eq!(receiver.by_id().len(), 1, "{:?}", receiver.deliveries());
    assert!(receiver.conflicts().is_empty() && receiver.refusals().is_empty(), "{:?}", receiver.refusals());
}

#[tokio::test]
async fn an_unchanged_list_costs_one_conditional_request() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let house = House::new(&config(&portal, &telegram, &to(CHANNEL, "")));
    house.once().await;
    let before = portal.hits().len();
    house.once().await;
    let after: Vec<_> = portal.hits().split_off(before);
    let pages: Vec<_> = after.iter().filter(|h| h.path != "/robots.txt").collect();
    assert_eq!(pages.len(), 1, "{pages:?}");
    assert!(pages[0].is_conditional());
}

#[tokio::test]
async fn an_article_that_would_not_load_is_tried_again_and_then_delivered() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let house = House::new(&config(&portal, &telegram, &to(CHANNEL, "")));
    house.once().await;
    let article = water_cut(1);
    portal.publish(article.clone());
    let page = portal.hits().len();
    assert!(page > 0);
    portal.set(&article.path, Reply::status(500));
    let outcome = house.once().await;
    assert!(!outcome.rounds[0].problems.is_empty(), "{outcome:?}");
    assert!(telegram.messages().is_empty());
    portal.publish(article);
    house.pass(TimeDelta::hours(1));
    house.once().await;
    assert_eq!(telegram.texts_in(CHANNEL).len(), 1);
}

#[tokio::test]
async fn the_portal_is_read_without_a_selector() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let house = House::new(&config(&portal, &telegram, "").replace("url = ", "backfill = 5\nurl = "));
    house.once().await;
    let store = house.store().await;
    let sources = [Slug::new("hoa-gao").unwrap()];
    let stored = store.entries(&Query { sources: &sources, limit: 50 }).await.unwrap();
    store.close().await;
    let truth = portal.articles();
    assert_eq!(stored.len(), truth.len());
    for (stored, article) in stored.iter().zip(&truth) {
        let entry = &stored.entry;
        assert_eq!(entry.title, article.title);
        assert_eq!(entry.published.unwrap().to_rfc3339(), article.published_rfc3339, "{}", article.title);
        assert_eq!(entry.summary.as_deref(), Some(article.lead.as_str()), "{}", article.title);
        assert_eq!(entry.author.as_deref().unwrap_or(""), article.author, "{}", article.title);
        let text = loaphuong::html::to_text(&entry.content_html);
        let want: Vec<&str> = std::iter::once(&article.lead).chain(&article.body_paragraphs).map(String::as_str).collect();
        assert_eq!(text.split("\n").map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>(), want, "{}", article.title);
        assert_eq!(entry.images.len(), usize::from(!article.image.is_empty()), "{}", article.title);
        assert_eq!(entry.attachments.len(), usize::from(!article.attachment.is_empty()), "{}", article.title);
    }
}
