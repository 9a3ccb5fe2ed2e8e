//! A site over time: corrections, withdrawals, moved addresses, relaunches, and who hears of it.

use chrono::TimeDelta;

use loaphuong::entry::Slug;
use loaphuong::incident::Kind;
use loaphuong::store::{Health, Query, Stored};

use crate::fakes::{Article, FakeTelegram, Portal, Reply};
use crate::flow::{CHANNEL, config, telegram, to, water_cut};
use crate::house::House;

fn source() -> Slug {
    Slug::new("hoa-gao").unwrap()
}

/// A ward that was read once, followed by one chat.
async fn followed(more: &str) -> (Portal, FakeTelegram, House) {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let house = House::new(&config(&portal, &telegram, &to(CHANNEL, more)));
    assert!(house.once().await.all_well());
    (portal, telegram, house)
}

async fn stored(house: &House) -> Vec<Stored> {
    let store = house.store().await;
    let stored = store.entries(&Query { sources: &[source()], limit: 100 }).await.unwrap();
    store.close().await;
    stored
}

async fn health(house: &House) -> Health {
    let store = house.store().await;
    let health = store.health().await.unwrap().remove(0);
    store.close().await;
    health
}

/// The site is rebuilt: every article has another address, and what `change` makes of it.
fn rebuild(portal: &Portal, change: impl Fn(usize, &mut Article)) {
    let old = portal.articles();
    old.iter().for_each(|article| {
        portal.withdraw(&article.path);
    });
    for (n, mut article) in old.into_iter().enumerate().rev() {
        article.path = article.path.replace("/tin-tuc/", "/tin-tuc/moi-");
        change(n, &mut article);
        portal.publish(article);
    }
}

#[tokio::test]
async fn an_edited_article_updates_its_entry_and_keeps_what_it_said() {
    let (portal, telegram, house) = followed("").await;
    portal.publish(water_cut(1));
    house.once().await;
    let before = stored(&house).await.remove(0);
    let mut edited = water_cut(1);
    edited.body_paragraphs[0] = "Bà con nên trữ đủ nước sinh hoạt trước 20 giờ. Đã có thêm hai xe bồn.".to_owned();
    portal.publish(edited);
    house.once().await;
    assert_eq!(stored(&house).await[0].revision, 1, "looked at again after an hour, not before");
    house.pass(TimeDelta::minutes(61));
    house.once().await;
    let after = stored(&house).await.remove(0);
    assert_eq!((&after.entry.guid, after.revision), (&before.entry.guid, 2));
    assert!(house.read("feeds/hoa-gao.rss").contains("trước 20 giờ"));
    let store = house.store().await;
    let revisions = store.revisions(&source(), &after.entry.guid).await.unwrap();
    store.close().await;
    assert!(revisions[0].diff.contains("trước 21 giờ") && revisions[0].diff.contains("+Bà con nên trữ đủ nước sinh hoạt trước 20 giờ"));
    let texts = telegram.texts_in(CHANNEL);
    assert_eq!(texts.iter().filter(|text| text.starts_with("Tạm ngừng")).count(), 1, "a correction is not news: {texts:?}");
}

#[tokio::test]
async fn an_unchanged_article_is_asked_again_with_its_own_validators() {
    let (portal, _telegram, house) = followed("").await;
    house.pass(TimeDelta::minutes(61));
    house.once().await;
    let newest = portal.articles().remove(0);
    let hits = portal.hits_to(&newest.path);
    assert_eq!(hits.len(), 2);
    assert!(hits[1].is_conditional());
    let asked_again = portal.hits().iter().filter(|h| h.is_conditional() && h.path != "/tin-tuc").count();
    assert!(asked_again <= 5, "few in one round: {asked_again}");
}

#[tokio::test]
async fn a_withdrawn_article_leaves_the_feed_and_comes_back_with_its_page() {
    let (portal, telegram, house) = followed("").await;
    let article = water_cut(1);
    portal.publish(article.clone());
    house.once().await;
    portal.withdraw(&article.path);
    house.pass(TimeDelta::hours(3));
    house.once().await;
    assert!(house.read("feeds/hoa-gao.rss").contains(&article.title), "one failure never withdraws");
    house.pass(TimeDelta::hours(3));
    let outcome = house.once().await;
    assert_eq!(outcome.rounds[0].saved.withdrawn, 1, "{outcome:?}");
    assert!(!house.read("feeds/hoa-gao.rss").contains(&article.title));
    portal.publish(article.clone());
    house.pass(TimeDelta::hours(1));
    let outcome = house.once().await;
    assert_eq!((outcome.rounds[0].saved.returned, outcome.rounds[0].saved.new), (1, 0), "{outcome:?}");
    assert!(house.read("feeds/hoa-gao.rss").contains(&article.title));
    assert_eq!(telegram.texts_in(CHANNEL).len(), 1);
}

#[tokio::test]
async fn an_article_that_leads_home_is_withdrawn_too() {
    let (portal, _telegram, house) = followed("").await;
    let article = water_cut(1);
    portal.publish(article.clone());
    house.once().await;
    portal.withdraw(&article.path).set(&article.path, Reply::redirect(302, "/"));
    for _ in 0..2 {
        house.pass(TimeDelta::hours(3));
        house.once().await;
    }
    assert!(!house.read("feeds/hoa-gao.rss").contains(&article.title));
}

#[tokio::test]
async fn a_site_that_lost_every_article_withdraws_none() {
    let (portal, _telegram, house) = followed("").await;
    let count = stored(&house).await.len();
    for article in portal.articles() {
        portal.set(&article.path, Reply::status(404));
    }
    for _ in 0..4 {
        house.pass(TimeDelta::hours(3));
        house.once().await;
    }
    assert_eq!(stored(&house).await.len(), count);
    portal.fail_always(Reply::status(404));
    for _ in 0..2 {
        house.pass(TimeDelta::hours(3));
        house.once().await;
    }
    assert_eq!(stored(&house).await.len(), count);
}

#[tokio::test]
async fn what_was_withdrawn_in_time_is_not_sent() {
    let (portal, telegram, house) = followed("quiet = \"12:00-11:00\"").await;
    let article = water_cut(1);
    portal.publish(article.clone());
    house.once().await;
    portal.withdraw(&article.path);
    for hours in [3, 3, 24] {
        house.pass(TimeDelta::hours(hours));
        house.once().await;
    }
    assert!(telegram.messages().is_empty(), "{:?}", telegram.texts_in(CHANNEL));
    portal.publish(article);
    house.pass(TimeDelta::hours(13));
    house.once().await;
    assert!(telegram.messages().is_empty(), "it is back while it is quiet: {:?}", telegram.texts_in(CHANNEL));
    house.pass(TimeDelta::minutes(90));
    house.once().await;
    assert_eq!(telegram.texts_in(CHANNEL).len(), 1, "owed again when it is back");
}

#[tokio::test]
async fn one_story_at_two_addresses_is_one_entry() {
    let (portal, telegram, house) = followed("").await;
    let count = stored(&house).await.len();
    portal.publish(water_cut(1));
    let mut twin = water_cut(1);
    twin.path = "/thong-bao/tam-ngung-cap-nuoc-9.html?chuyenmuc=3".to_owned();
    portal.publish(twin);
    house.once().await;
    house.once().await;
    assert_eq!(stored(&house).await.len(), count + 1);
    assert_eq!(telegram.texts_in(CHANNEL).len(), 1);
    let mut weekly = water_cut(1);
    weekly.path = "/tin-tuc/tam-ngung-cap-nuoc-10.html".to_owned();
    weekly.published_rfc3339 = "2026-11-06T14:30:00+07:00".replace("-06T", "-07T");
    portal.publish(weekly);
    house.pass(TimeDelta::days(1));
    house.once().await;
    assert_eq!(telegram.texts_in(CHANNEL).len(), 2, "the same words on another day are another notice");
}

#[tokio::test]
async fn moved_addresses_are_the_same_entries() {
    let (portal, telegram, house) = followed("").await;
    let before = stored(&house).await;
    rebuild(&portal, |_, _| {});
    house.pass(TimeDelta::hours(1));
    let outcome = house.once().await;
    let after = stored(&house).await;
    let guids = |all: &[Stored]| all.iter().map(|s| s.entry.guid.clone()).collect::<Vec<_>>();
    assert_eq!(guids(&after), guids(&before), "{outcome:?}");
    assert!(after.iter().all(|s| s.entry.url.as_ref().unwrap().path().contains("/moi-")), "they link to where the articles are now");
    assert!(telegram.messages().is_empty());
    assert_eq!(health(&house).await.incidents[0].kind, Kind::Relaunch);
    portal.publish(water_cut(1));
    house.once().await;
    assert_eq!(telegram.texts_in(CHANNEL).len(), 1, "news goes on");
}

#[tokio::test]
async fn a_relaunch_floods_nobody_and_is_told() {
    let (portal, telegram, house) = followed("").await;
    rebuild(&portal, |n, article| {
        article.title = format!("Bài chuyển từ trang cũ số {n}");
        article.published_rfc3339 = format!("2026-10-{:02}T08:00:00+07:00", 28 - n);
    });
    portal.publish(water_cut(1));
    house.pass(TimeDelta::hours(1));
    let outcome = house.once().await;
    assert_eq!(telegram.texts_in(CHANNEL).len(), 1, "what is dated after the last visit is news all the same: {outcome:?}");
    assert!(outcome.rounds[0].saved.braked >= 5, "{outcome:?}");
    assert!(house.read("feeds/hoa-gao.rss").contains("Bài chuyển từ trang cũ số 0"));
    let incidents = health(&house).await.incidents;
    assert!(incidents[0].kind == Kind::Relaunch && incidents[0].reported.is_some(), "{incidents:?}");
    assert!(incidents[0].before.contains("cấp điện") && incidents[0].after.contains("Bài chuyển"), "{incidents:?}");
}

#[tokio::test]
async fn a_burst_after_a_long_outage_is_delivered() {
    let (portal, telegram, house) = followed("burst = 0").await;
    house.pass(TimeDelta::days(12));
    for day in 7..17 {
        let mut article = water_cut(day);
        article.published_rfc3339 = format!("2026-11-{day:02}T09:00:00+07:00");
        portal.publish(article);
    }
    house.once().await;
    assert_eq!(telegram.texts_in(CHANNEL).len(), 10);
}

#[tokio::test]
async fn an_old_article_that_turns_up_late_is_not_news() {
    let (portal, telegram, house) = followed("").await;
    let mut old = water_cut(1);
    old.published_rfc3339 = "2026-08-01T09:00:00+07:00".to_owned();
    portal.publish(old);
    let outcome = house.once().await;
    assert_eq!((outcome.rounds[0].saved.new, outcome.rounds[0].saved.braked), (1, 1), "{outcome:?}");
    assert!(telegram.messages().is_empty());
}

#[tokio::test]
async fn a_list_that_moved_for_good_is_read_there_until_it_fails() {
    let (portal, _telegram, house) = followed("").await;
    portal.publish(water_cut(1)).set("/tin-tuc", Reply::redirect(301, "/tin-tuc?trang=1"));
    house.once().await;
    let incident = health(&house).await.incidents.remove(0);
    assert!(incident.kind == Kind::Moved && incident.after.ends_with("/tin-tuc?trang=1"), "{incident:?}");
    let asked = portal.hits_to("/tin-tuc").len();
    portal.publish(water_cut(2));
    house.once().await;
    assert_eq!((portal.hits_to("/tin-tuc").len(), stored(&house).await[0].entry.title.contains("lần 2")), (asked, true));
    portal.publish(water_cut(3)).remove("/tin-tuc?trang=1");
    house.once().await;
    assert!(stored(&house).await[0].entry.title.contains("lần 3"), "the configured address is asked again");
    assert!(health(&house).await.incidents.is_empty());
}

#[tokio::test]
async fn an_endless_304_is_doubted_once_a_day() {
    let (portal, _telegram, house) = followed("").await;
    portal.set("/tin-tuc", Reply::status(304));
    let mut whole = 0;
    for _ in 0..8 {
        house.pass(TimeDelta::hours(7));
        let before = portal.hits().len();
        house.once().await;
        whole += portal.hits()[before..].iter().filter(|h| h.path == "/tin-tuc" && !h.is_conditional()).count();
    }
    assert!((1..=5).contains(&whole), "{whole}");
}

#[tokio::test]
async fn a_failing_source_is_told_once_and_cleared_once() {
    let (portal, _telegram, house) = followed("").await;
    portal.fail_always(Reply::status(500));
    let reported = async || health(&house).await.incidents.first().is_some_and(|i| i.reported.is_some());
    for want in [false, false, true, true] {
        house.pass(TimeDelta::minutes(20));
        house.once().await;
        assert_eq!(reported().await, want);
    }
    portal.heal();
    house.pass(TimeDelta::minutes(20));
    let outcome = house.once().await;
    assert!(matches!(outcome.rounds[0].saved.words.as_slice(), [loaphuong::incident::Word::AllClear(_)]), "{outcome:?}");
    assert!(health(&house).await.incidents.is_empty());
}

/// The list as strangers left it: so many new articles in place of all, dated within the hour.
pub(crate) fn take_over(portal: &Portal, count: u32) {
    for article in portal.articles() {
        portal.withdraw(&article.path);
    }
    for n in 1..=count {
        let (path, title) = (format!("/tin-tuc/khuyen-mai-{n}.html"), format!("Khuyến mãi lớn đợt {n}, nạp lần đầu tặng gấp đôi"));
        let published = format!("2026-11-06T15:{n:02}:00+07:00");
        portal.publish(Article::new(
            &path,
            &title,
            &published,
            "Đăng ký ngay hôm nay để nhận ưu đãi.",
            &["Số lượng có hạn.", "Nhanh tay."],
        ));
    }
}

#[tokio::test]
async fn a_list_taken_over_by_strangers_is_braked_and_told() {
    let (portal, telegram, house) = followed("").await;
    house.pass(TimeDelta::hours(1));
    take_over(&portal, 12);
    let outcome = house.once().await;
    assert_eq!((outcome.rounds[0].saved.new, outcome.rounds[0].saved.braked), (12, 12), "{outcome:?}");
    assert!(telegram.messages().is_empty());
    let incidents = health(&house).await.incidents;
    assert!(incidents[0].kind == Kind::Replaced && incidents[0].reported.is_some(), "{incidents:?}");
    assert!(incidents[0].before.contains("cấp điện") && incidents[0].after.contains("Khuyến mãi"), "{incidents:?}");
}

/// A list that strangers took over and went on writing on, and what it was before.
async fn taken_over() -> (Portal, FakeTelegram, House, Vec<Article>) {
    let (portal, telegram, house) = followed("").await;
    let known = portal.articles();
    house.pass(TimeDelta::hours(1));
    take_over(&portal, 12);
    house.once().await;
    publish_strange(&portal, 50);
    house.pass(TimeDelta::hours(3));
    let outcome = house.once().await;
    assert_eq!((outcome.rounds[0].saved.new, outcome.rounds[0].saved.braked), (1, 1), "{outcome:?}");
    assert!(telegram.messages().is_empty());
    (portal, telegram, house, known)
}

fn publish_strange(portal: &Portal, number: u32) {
    let (path, title) = (format!("/tin-tuc/khuyen-mai-{number}.html"), format!("Khuyến mãi riêng đợt {number}, chỉ trong hôm nay"));
    portal.publish(Article::new(&path, &title, "2026-11-06T19:00:00+07:00", "Đăng ký ngay.", &["Nhanh tay."]));
}

#[tokio::test]
async fn what_strangers_write_later_is_held_until_the_known_articles_are_back() {
    let (portal, telegram, house, known) = taken_over().await;
    let incident = health(&house).await.incidents.remove(0);
    assert!(incident.kind == Kind::Replaced && incident.before.contains("cấp điện"), "{incident:?}");
    house.pass(TimeDelta::days(9));
    publish_strange(&portal, 51);
    let outcome = house.once().await;
    assert!(matches!(outcome.rounds[0].saved.words.as_slice(), [loaphuong::incident::Word::Remind(_)]), "{outcome:?}");
    assert!(telegram.messages().is_empty());
    for article in portal.articles() {
        portal.withdraw(&article.path);
    }
    // Each goes on top.
    for article in known.into_iter().rev() {
        portal.publish(article);
    }
    house.pass(TimeDelta::hours(1));
    let outcome = house.once().await;
    assert!(matches!(outcome.rounds[0].saved.words.as_slice(), [loaphuong::incident::Word::AllClear(_)]), "{outcome:?}");
    assert!(health(&house).await.incidents.is_empty());
    let mut news = water_cut(1);
    news.published_rfc3339 = "2026-11-15T19:00:00+07:00".to_owned();
    portal.publish(news);
    house.pass(TimeDelta::hours(1));
    house.once().await;
    assert_eq!(telegram.texts_in(CHANNEL).len(), 1, "what the site itself writes is news again");
}

#[tokio::test]
async fn an_admin_who_looked_says_that_a_new_list_is_well() {
    let (portal, telegram, house, _) = taken_over().await;
    let trust = |source: &str| {
        let ran = std::process::Command::new(env!("CARGO_BIN_EXE_loaphuong"))
            .args(["trust", source])
            .current_dir(house.path())
            .env_remove("LOAPHUONG_CONFIG")
            .output()
            .unwrap();
        (ran.status.code(), String::from_utf8(ran.stderr).unwrap())
    };
    assert_eq!(trust("khong-co").0, Some(2));
    let (code, said) = trust("hoa-gao");
    assert!(code == Some(0) && said.contains("believed again"), "{said}");
    assert!(trust("hoa-gao").1.contains("nothing to do"));
    assert!(health(&house).await.incidents.is_empty());
    publish_strange(&portal, 60);
    house.pass(TimeDelta::hours(1));
    house.once().await;
    assert_eq!(telegram.texts_in(CHANNEL).len(), 1, "only what came after that");
}

#[tokio::test]
async fn a_list_that_turned_over_while_we_were_away_is_news() {
    let (portal, telegram, house) = followed("burst = 0").await;
    for article in portal.articles() {
        portal.withdraw(&article.path);
    }
    for day in 7..27 {
        let mut article = water_cut(day);
        article.published_rfc3339 = format!("2026-11-{day:02}T09:00:00+07:00");
        portal.publish(article);
    }
    house.pass(TimeDelta::days(21));
    let outcome = house.once().await;
    assert_eq!(telegram.texts_in(CHANNEL).len(), 20, "{outcome:?}");
}
