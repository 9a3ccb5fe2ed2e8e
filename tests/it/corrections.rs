//! Articles that are changed or taken back after they were sent, and what people see of it.

use chrono::TimeDelta;

use crate::fakes::{Article, FakeTelegram, Fault, Gate, Portal};
use crate::flow::{CHANNEL, config, telegram, to, water_cut};
use crate::house::House;

/// One article that was sent, on a channel with `more` keys.
async fn sent(more: &str) -> (Portal, FakeTelegram, House) {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let config = config(&portal, &telegram, &to(CHANNEL, "")).replace("preview = \"off\"", &format!("preview = \"off\"\n{more}"));
    let house = House::new(&config);
    house.once().await;
    portal.publish(water_cut(1));
    house.once().await;
    assert_eq!(telegram.texts_in(CHANNEL).len(), 1);
    (portal, telegram, house)
}

/// The site changes it, and it is looked at again.
async fn changed(portal: &Portal, house: &House, first: &str) {
    portal.publish(with(first));
    house.pass(TimeDelta::minutes(61));
    house.once().await;
}

fn with(first: &str) -> Article {
    let mut article = water_cut(1);
    article.body_paragraphs[0] = first.to_owned();
    article
}

const SPELLING: &str = "Bà con nên trữ đủ nước sinh hoạt trước 21 giờ. Trạm y tế và trường mầm non có xe bồn phục vụ riêngg.";
const EARLIER: &str = "Bà con nên trữ đủ nước sinh hoạt trước 19 giờ. Trạm y tế và trường mầm non có xe bồn phục vụ riêng.";

fn edits(telegram: &FakeTelegram) -> usize {
    telegram.requests_of("editMessageText").len() + telegram.requests_of("editMessageCaption").len()
}

#[tokio::test]
async fn a_misspelled_word_changes_the_message_and_tells_nobody() {
    let (portal, telegram, house) = sent("").await;
    changed(&portal, &house, SPELLING).await;
    let messages = telegram.messages_in(CHANNEL);
    assert_eq!((messages.len(), edits(&telegram)), (1, 1), "{messages:?}");
    assert!(messages[0].text.contains("riêngg"), "{}", messages[0].text);
    house.pass(TimeDelta::minutes(5));
    house.once().await;
    assert_eq!(edits(&telegram), 1, "not again");
    assert!(telegram.refusals().is_empty(), "{:?}", telegram.refusals());
}

#[tokio::test]
async fn another_hour_is_told_in_one_reply() {
    let (portal, telegram, house) = sent("").await;
    changed(&portal, &house, EARLIER).await;
    house.pass(TimeDelta::minutes(5));
    house.once().await;
    let messages = telegram.messages_in(CHANNEL);
    assert_eq!((messages.len(), edits(&telegram)), (2, 1), "{messages:?}");
    assert!(messages[0].text.contains("trước 19 giờ"), "{}", messages[0].text);
    assert_eq!(messages[1].reply_to, Some(messages[0].id));
    let told = &messages[1].text;
    assert!(told.starts_with("Đính chính: Tạm ngừng cấp nước") && told.contains("21 giờ") && told.contains("Nay: "), "{told}");
    assert!(told.contains("Phường Hoa Gạo"), "{told}");
}

#[tokio::test]
async fn a_killed_edit_is_made_again_and_its_correction_told_once() {
    let (portal, telegram, house) = sent("").await;
    portal.publish(with(EARLIER));
    house.pass(TimeDelta::minutes(61));
    let gate = Gate::new();
    telegram.fail_next_call("editmessagetext", Fault::HoldAnswer(gate.clone()));
    telegram.fail_next_call("editmessagecaption", Fault::HoldAnswer(gate.clone()));
    house.once_killed(gate.reached()).await;
    gate.open();
    telegram.heal();
    house.pass(TimeDelta::minutes(5));
    house.once().await;
    house.once().await;
    let messages = telegram.messages_in(CHANNEL);
    assert!(messages[0].text.contains("trước 19 giờ"), "{messages:?}");
    assert_eq!(messages.iter().filter(|m| m.text.starts_with("Đính chính")).count(), 1, "{messages:?}");
    assert!(edits(&telegram) <= 2, "{}", edits(&telegram));
}

#[tokio::test]
async fn what_was_changed_twice_in_a_row_is_told_as_one() {
    let (portal, telegram, house) = sent("").await;
    telegram.fail_next_call("editmessagetext", Fault::Status500);
    changed(&portal, &house, SPELLING).await;
    changed(&portal, &house, EARLIER).await;
    house.pass(TimeDelta::hours(5));
    house.once().await;
    let messages = telegram.messages_in(CHANNEL);
    assert!(messages[0].text.contains("trước 19 giờ"), "{messages:?}");
    assert!(messages.iter().filter(|m| m.text.starts_with("Đính chính")).count() <= 1, "{messages:?}");
}

#[tokio::test]
async fn a_withdrawn_article_is_marked_and_comes_back() {
    let (portal, telegram, house) = sent("").await;
    let article = water_cut(1);
    portal.withdraw(&article.path);
    for _ in 0..2 {
        house.pass(TimeDelta::hours(3));
        house.once().await;
    }
    let messages = telegram.messages_in(CHANNEL);
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert!(messages[0].text.starts_with("Đã gỡ: ") && messages[0].text.contains("Bài này đã được trang nguồn gỡ"), "{messages:?}");
    portal.publish(article);
    house.pass(TimeDelta::hours(1));
    house.once().await;
    let messages = telegram.messages_in(CHANNEL);
    assert!(messages.len() == 1 && messages[0].text.starts_with("Tạm ngừng"), "{messages:?}");
}

#[tokio::test]
async fn tell_changes_nothing_and_off_does_neither() {
    for (key, want) in [("corrections = \"tell\"", 2), ("corrections = \"off\"", 1)] {
        let (portal, telegram, house) = sent(key).await;
        changed(&portal, &house, EARLIER).await;
        let messages = telegram.messages_in(CHANNEL);
        assert_eq!((messages.len(), edits(&telegram)), (want, 0), "{key}: {messages:?}");
        assert!(messages[0].text.contains("trước 21 giờ"), "{messages:?}");
    }
}

#[tokio::test]
async fn a_correction_waits_for_the_end_of_quiet_hours() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let house = House::new(&config(&portal, &telegram, &to(CHANNEL, "quiet = \"15:30-18:00\"")));
    house.once().await;
    portal.publish(water_cut(1));
    house.once().await;
    changed(&portal, &house, EARLIER).await;
    assert_eq!(telegram.messages_in(CHANNEL).len(), 1, "16:01 is quiet");
    house.pass(TimeDelta::hours(2));
    house.once().await;
    assert_eq!(telegram.messages_in(CHANNEL).len(), 2);
}

#[tokio::test]
async fn a_long_article_that_grows_or_shrinks_keeps_its_messages() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let house = House::new(&config(&portal, &telegram, &to(CHANNEL, "")));
    house.once().await;
    let long = |points: usize| {
        let sentence = "Ủy ban nhân dân phường đề nghị các tổ dân phố thông báo rộng rãi để bà con biết và thực hiện. ".repeat(2);
        Article { body_paragraphs: (0..points).map(|n| format!("Điểm {n}: {sentence}")).collect(), ..water_cut(1) }
    };
    portal.publish(long(30));
    house.once().await;
    let before = telegram.messages_in(CHANNEL).len();
    assert_eq!(before, 2);
    for (points, want) in [(60, "Đọc tiếp"), (3, "(…)")] {
        portal.publish(long(points));
        house.pass(TimeDelta::hours(5));
        house.once().await;
        let messages = telegram.messages_in(CHANNEL);
        let parts = &messages[..before];
        assert!(parts[before - 1].text.contains(want), "{points}: {parts:?}");
    }
    // A part that says the same is refused as such, which is a success.
    assert!(telegram.refusals().iter().all(|r| r.description.contains("not modified")), "{:?}", telegram.refusals());
}

#[tokio::test]
async fn what_was_sent_days_ago_is_left_as_it_is() {
    let (portal, telegram, house) = sent("").await;
    portal.publish(with(EARLIER));
    house.pass(TimeDelta::hours(50));
    house.once().await;
    house.once().await;
    assert_eq!((telegram.messages_in(CHANNEL).len(), edits(&telegram)), (1, 0));
}
