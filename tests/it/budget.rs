//! A channel that takes only so many messages a month: `per_month`.

use crate::fakes::FakeTelegram;
use crate::house::House;

const CHATS: [i64; 2] = [-1001234567890, -1001234567891];

async fn scene(per_month: u32, more: &str) -> (FakeTelegram, House) {
    let telegram = FakeTelegram::start().await;
    telegram.no_limits().supergroup(CHATS[0]).supergroup(CHATS[1]);
    let mut config = format!(
        "[[sources]]\nname = 'phuong'\nkind = 'folder'\npath = 'news'\n[[channels]]\nname = 'bot'\nkind = 'telegram'\ntoken = '{}'\napi = '{}'\n\
         preview = 'off'\npace = {{ per_month = {per_month}, per_second = 1000, per_chat_second = 1000, per_group_minute = 6000 }}\n",
        telegram.token(),
        telegram.url()
    );
    for chat in CHATS {
        config.push_str(&format!("[[subscriptions]]\nfeed = 'phuong'\nto = 'bot:{chat}'\nwelcome = 9\nburst = 0\n{more}\n"));
    }
    let house = House::new(&config);
    publish(&house, 1, "Họp tổ dân phố");
    (telegram, house)
}

fn publish(house: &House, number: u32, title: &str) {
    house.write(&format!("news/2026-11-{number:02}-tin.txt"), &format!("{title} số {number}\n\nMời bà con.\n\nNội dung.\n"));
}

fn arrived(telegram: &FakeTelegram) -> usize {
    CHATS.iter().map(|chat| telegram.texts_in(*chat).len()).sum()
}

#[tokio::test]
async fn the_day_has_its_share_and_what_is_urgent_goes_beyond_it() {
    // Of 40 a month 36 are for news, so two for each of the nineteen days that are left.
    let (telegram, house) = scene(40, "urgent = ['bão']").await;
    house.once().await;
    assert_eq!(arrived(&telegram), 2);
    publish(&house, 2, "Họp tổ dân phố");
    house.once().await;
    assert_eq!(arrived(&telegram), 2, "the share of the day is used up");
    publish(&house, 3, "Bão số 9");
    house.once().await;
    assert_eq!(arrived(&telegram), 4);
    assert!(CHATS.iter().all(|chat| telegram.texts_in(*chat).concat().contains("Bão số 9")));
}

#[tokio::test]
async fn a_month_that_is_used_up_keeps_its_news() {
    let (telegram, house) = scene(1, "").await;
    let outcome = house.once().await;
    assert_eq!((arrived(&telegram), outcome.dead), (1, 0));
    assert!(outcome.troubles.iter().any(|(channel, why)| channel == "bot" && why.contains("số tin của tháng")), "{:?}", outcome.troubles);
}

#[tokio::test]
async fn news_of_the_night_overtakes_no_list_and_starves_nobody() {
    // One message a day: of two chats each has its turn.
    let (telegram, house) = scene(20, "").await;
    house.once().await;
    let mut heard = vec![arrived(&telegram)];
    for day in 2..=5 {
        // Half past two in the night, and five past seven.
        house.pass(chrono::TimeDelta::minutes(if day == 2 { 690 } else { 1165 }));
        publish(&house, day, "Họp tổ dân phố");
        house.once().await;
        assert_eq!(arrived(&telegram), heard[heard.len() - 1], "the share of the day is for what waits until the morning");
        house.pass(chrono::TimeDelta::minutes(275));
        house.once().await;
        heard.push(arrived(&telegram));
    }
    assert_eq!(heard, [1, 2, 3, 4, 5]);
    let by_chat: Vec<usize> = CHATS.iter().map(|chat| telegram.texts_in(*chat).len()).collect();
    assert!(by_chat.iter().all(|count| *count >= 2), "{by_chat:?}");
}
