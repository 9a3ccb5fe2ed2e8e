//! What the admin hears by message (`[admin] to`): once, again each day, and when it is over.

use chrono::TimeDelta;
use loaphuong::incident::{Change, Kind, Office, Subject, happened, over};
use loaphuong::store::Report;
use loaphuong::subscription::Address;

use crate::fakes::{Portal, Reply};
use crate::flow::{CHANNEL, OTHER, config, telegram, to};
use crate::house::House;

fn told(portal: &Portal, telegram: &crate::fakes::FakeTelegram) -> String {
    format!("[admin]\nto = \"bot:{OTHER}\"\n{}", config(portal, telegram, &to(CHANNEL, "")))
}

#[tokio::test]
async fn the_admin_is_told_once_reminded_daily_and_cleared_once() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let house = House::new(&told(&portal, &telegram));
    assert!(house.once().await.all_well());
    portal.fail_always(Reply::status(500));
    for (minutes, want) in [(20, 0), (20, 0), (20, 1), (20, 1), (60, 1), (25 * 60, 2), (60, 2)] {
        house.pass(TimeDelta::minutes(minutes));
        house.once().await;
        assert_eq!(telegram.texts_in(OTHER).len(), want, "{minutes}: {:?}", telegram.texts_in(OTHER));
    }
    portal.heal();
    for _ in 0..2 {
        house.pass(TimeDelta::minutes(20));
        house.once().await;
    }
    let texts = telegram.texts_in(OTHER);
    assert_eq!(texts.len(), 3, "{texts:?}");
    assert!(texts[0].contains("⚠ Phường Hoa Gạo: nhiều lần liền không đọc được nguồn") && texts[0].contains("500"), "{texts:?}");
    assert!(texts[1].contains("vẫn chưa xong") && texts[2].contains("✅ Phường Hoa Gạo: nguồn đã đọc được trở lại"), "{texts:?}");
    assert!(telegram.texts_in(CHANNEL).is_empty(), "residents hear nothing of it");
    assert!(!house.read("feeds/hoa-gao.rss").contains("không đọc được nguồn"), "and no feed shows it");
}

#[tokio::test]
async fn others_report_through_the_same_door() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let house = House::new(&told(&portal, &telegram));
    house.once().await;
    let subject = Subject { key: "channel:bot".to_owned(), title: "Kênh bot".to_owned(), url: None };
    let health = house.config().site.base_url.join("healthz").unwrap();
    let office = Office { to: Address::new("bot", OTHER.to_string()), fallback: None, zone: house.config().site.zone, health };
    let report = Report { subject: &subject, office: Some(&office) };
    let store = house.store().await;
    for _ in 0..2 {
        let open = store.incidents_of(&subject).await.unwrap();
        let (change, word) = happened(&open, Kind::Failing, String::new(), "mã bí mật <hết hạn>".to_owned(), house.now());
        assert!(matches!(&change, Change::Open(incident) if incident.reported == Some(house.now())));
        store.report(report, &[change], &word.into_iter().collect::<Vec<_>>(), house.now()).await.unwrap();
    }
    store.close().await;
    house.once().await;
    assert_eq!(telegram.texts_in(OTHER).len(), 1, "{:?}", telegram.texts_in(OTHER));
    assert!(telegram.texts_in(OTHER)[0].contains("Kênh bot") && telegram.texts_in(OTHER)[0].contains("<hết hạn>"));
    let store = house.store().await;
    for (change, word) in over(&store.incidents_of(&subject).await.unwrap(), house.now()) {
        store.report(report, &[change], &word.into_iter().collect::<Vec<_>>(), house.now()).await.unwrap();
    }
    store.close().await;
    house.once().await;
    assert_eq!(telegram.texts_in(OTHER).len(), 2);
}

#[test]
fn an_admin_address_that_no_channel_has_is_refused_with_its_place() {
    let house = House::new("[admin]\nto = \"khong-co:1\"\n");
    let errors = loaphuong::config::Config::load(&house.path().join("config.toml")).err().unwrap();
    assert!(errors[0].to_string().contains(":2:6"), "{}", errors[0]);
}
