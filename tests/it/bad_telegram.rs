//! Bad inputs of Telegram, each by its id.

use std::sync::Arc;

use chrono::TimeDelta;
use loaphuong::channel::{Channel, Message, SendError};
use loaphuong::outbox::Sent;
use loaphuong::subscription::Address;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::conformance::{laid_out, noticed};
use crate::fakes::{FakeTelegram, Fault};
use crate::flow::{CHANNEL, OTHER, config, telegram, to, water_cut};
use crate::house::House;
use crate::messages::built;

async fn bot() -> (FakeTelegram, Arc<dyn Channel>) {
    let fake = telegram().await;
    let channel = built("telegram", &format!("{{ token = '{}', api = '{}' }}", fake.token(), fake.url()));
    (fake, channel)
}

async fn send(channel: &Arc<dyn Channel>, message: &Message) -> Result<Sent, SendError> {
    channel.send(&Address::new("bot", CHANNEL.to_string()), message, "k").await
}

/// What people see of an entry, message by message; the fake refuses what Telegram refuses.
async fn seen(title: &str, html: &str) -> Vec<String> {
    let (fake, channel) = bot().await;
    for message in laid_out(&*channel, &[noticed(title, html)]) {
        send(&channel, &message).await.unwrap_or_else(|e| panic!("{title:.60}: {e:?}"));
    }
    assert!(fake.refusals().is_empty(), "{title:.60}: {:?}", fake.refusals());
    assert!(!format!("{:?}", fake.messages_in(CHANNEL)).contains("tg://user?id=1\")"), "no mention comes of it");
    fake.texts_in(CHANNEL)
}

#[tokio::test]
async fn what_is_sent() {
    let literal = |want: &'static str| move |texts: &[String]| texts.concat().contains(want);
    let limit = |texts: &[String]| texts.iter().all(|text| (1..=4096).contains(&text.encode_utf16().count()));
    let family = "👨\u{200d}👩\u{200d}👧";
    let whole_families = move |texts: &[String]| {
        let emoji = |text: &String| text.graphemes(true).filter(|g| g.contains('👨') || g.contains('👧')).all(|g| g == family);
        texts.iter().all(emoji)
    };
    let few_marks = |texts: &[String]| !texts.concat().contains(&"\u{323}".repeat(9));
    let visible = |texts: &[String]| texts.len() == 1 && texts[0].chars().any(char::is_alphanumeric);
    type Holds = Box<dyn Fn(&[String]) -> bool>;
    let cases: [(&str, String, String, Holds); 10] = [
        ("tg-001", "Họp <b>&</b> \"HĐND\" < 5 > 3".into(), String::new(), Box::new(literal("Họp <b>&</b> \"HĐND\" < 5 > 3"))),
        ("tg-002", "</b><a href='tg://user?id=1'>x</a>".into(), String::new(), Box::new(literal("</b><a href='tg://user?id=1'>x</a>"))),
        ("tg-003 title", "đ".repeat(4097), String::new(), Box::new(limit)),
        ("tg-003 text", "Tin".into(), format!("<p>{}</p>", "đ".repeat(4097)), Box::new(limit)),
        ("tg-004 title", family.repeat(1500), String::new(), Box::new(move |t| limit(t) && whole_families(t))),
        ("tg-004 text", "Tin".into(), format!("<p>{}</p>", family.repeat(1500)), Box::new(move |t| limit(t) && whole_families(t))),
        ("tg-005", format!("a{}", "\u{323}".repeat(5000)), String::new(), Box::new(few_marks)),
        ("tg-006", " \u{200b}\u{3164} ".into(), String::new(), Box::new(visible)),
        ("tg-007", "https://th\u{43e}quan.hanoi.gov.vn/".into(), String::new(), Box::new(literal("https://xn--thquan-xqf.hanoi.gov.vn/"))),
        ("tg-008", "Liên hệ @admin /start #tag".into(), String::new(), Box::new(literal("Liên hệ @admin /start #tag"))),
    ];
    for (id, title, html, holds) in cases {
        let texts = seen(&title, &html).await;
        assert!(holds(&texts), "{id}: {texts:?}");
    }
}

fn kind(told: &Result<Sent, SendError>) -> String {
    match told {
        Ok(_) => "sent".into(),
        Err(SendError::Retry { after, .. }) => format!("retry {}", after.unwrap_or_default().as_secs()),
        Err(SendError::Down { .. }) => "down".into(),
        Err(SendError::InDoubt { .. }) => "doubt".into(),
        Err(SendError::Gone { .. } | SendError::Ended { .. }) => "gone".into(),
        Err(SendError::Moved { to }) => format!("moved {to}"),
        Err(SendError::Refused { .. }) => "refused".into(),
    }
}

#[tokio::test]
async fn what_is_answered() {
    let cases = [
        ("tg-009", Fault::TooMany(43_838), "retry 43838", 0),
        ("tg-010", Fault::Refuse(403, "Forbidden: bot was blocked by the user"), "gone", 0),
        ("tg-011", Fault::Refuse(403, "Forbidden: bot was kicked from the supergroup chat"), "gone", 0),
        ("tg-012", Fault::Refuse(400, "Bad Request: chat not found"), "refused", 0),
        ("tg-014", Fault::Refuse(400, "Bad Request: can't parse entities: Unsupported start tag"), "sent", 1),
        ("tg-015", Fault::Refuse(400, "Bad Request: message is too long"), "sent", 1),
        ("tg-015 edit", Fault::Refuse(400, "Bad Request: MESSAGE_TOO_LONG"), "sent", 1),
        ("tg-016", Fault::Refuse(401, "Unauthorized"), "down", 0),
        ("tg-017", Fault::Html502, "doubt", 0),
        ("tg-018", Fault::LostAnswer, "doubt", 1),
        ("tg-019 cut", Fault::CutAnswer, "doubt", 1),
        ("tg-019 half", Fault::HalfJson, "doubt", 1),
        ("tg-020", Fault::Html504.after_taking(), "doubt", 1),
        ("tg-021", Fault::HtmlAnswer, "doubt", 1),
        ("tg-023", Fault::Refuse(400, "Bad Request: need administrator rights in the channel chat"), "gone", 0),
    ];
    let long = format!("<p>{}</p>", "Ngõ 15 và ngõ 17 <b>mất điện</b>. ".repeat(80));
    for (id, fault, want, taken) in cases {
        let (fake, channel) = bot().await;
        let message = laid_out(&*channel, &[noticed("Lịch cắt điện", &long)]).remove(0);
        fake.fail_next_in(CHANNEL, fault);
        let told = send(&channel, &message).await;
        assert_eq!((kind(&told).as_str(), fake.texts_in(CHANNEL).len()), (want, taken), "{id}: {told:?}");
        assert!(!format!("{told:?}").contains(&fake.token()), "{id}: {told:?}");
        let half = id.starts_with("tg-015");
        assert!(!half || fake.texts_in(CHANNEL)[0].encode_utf16().count() <= 2048, "{id}: half of it");
        assert!(fake.texts_in(CHANNEL).iter().all(|text| text.contains("Lịch cắt điện") && !text.contains("<b>")), "{id}");
    }
}

#[tokio::test]
async fn tg_009_a_wait_of_twelve_hours_is_kept_and_holds_up_nobody_else() {
    let (portal, telegram) = (crate::fakes::Portal::ward().await, telegram().await);
    let house = House::new(&config(&portal, &telegram, &(to(CHANNEL, "welcome = 1") + &to(OTHER, "welcome = 1"))));
    telegram.fail_next_in(CHANNEL, Fault::TooMany(43_838));
    house.once().await;
    let asked = telegram.requests_of("sendmessage").len();
    house.pass(TimeDelta::seconds(43_800));
    house.once().await;
    let arrived = || (telegram.texts_in(CHANNEL).len(), telegram.texts_in(OTHER).len());
    assert_eq!((arrived(), telegram.requests_of("sendmessage").len()), ((0, 1), asked), "not before its time");
    house.pass(TimeDelta::seconds(40));
    assert!(house.once().await.all_well());
    assert_eq!(arrived(), (1, 1));
}

#[tokio::test]
async fn tg_022_a_clock_that_is_set_back_a_day_repeats_and_delays_nothing() {
    let (portal, telegram) = (crate::fakes::Portal::ward().await, telegram().await);
    let house = House::new(&config(&portal, &telegram, &to(CHANNEL, "welcome = 1")));
    assert!(house.once().await.all_well());
    house.pass(TimeDelta::days(-1));
    portal.publish(water_cut(1));
    assert!(house.once().await.all_well());
    house.once().await;
    let texts = telegram.texts_in(CHANNEL);
    assert_eq!(texts.len(), 2, "each once, and at once: {texts:?}");
}
