//! What one visit asks a site for: attachments' sizes, older list pages, and nothing twice.

use chrono::TimeDelta;
use loaphuong::entry::Slug;
use loaphuong::store::{Query, Stored};

use crate::fakes::{Article, Gate, Portal, Reply};
use crate::flow::{CHANNEL, config, telegram, to, water_cut};
use crate::house::House;

async fn stored(house: &House) -> Vec<Stored> {
    let store = house.store().await;
    let stored = store.entries(&Query { sources: &[Slug::new("hoa-gao").unwrap()], limit: 200 }).await.unwrap();
    store.close().await;
    stored
}

fn heads(portal: &Portal) -> Vec<String> {
    portal.hits().into_iter().filter(|hit| hit.method == "HEAD").map(|hit| hit.path).collect()
}

fn with_paper(number: u32) -> Article {
    let attachment = format!("/tep/thong-bao-{number}.pdf");
    Article { attachment, attachment_title: "Thông báo".to_owned(), ..water_cut(number) }
}

#[tokio::test]
async fn the_size_of_an_attachment_is_asked_for_once() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let house = House::new(&config(&portal, &telegram, &to(CHANNEL, "")));
    house.once().await;
    let papers = stored(&house).await.into_iter().flat_map(|s| s.entry.attachments).collect::<Vec<_>>();
    assert!(
        !papers.is_empty() && papers.iter().all(|p| p.length.is_some_and(|n| n > 50) && p.media_type == "application/pdf"),
        "{papers:?}"
    );
    let rss = house.read("feeds/hoa-gao.rss");
    assert!(rss.contains(&format!("length=\"{}\"", papers[0].length.unwrap())), "{rss}");
    let asked = heads(&portal).len();
    assert_eq!(asked, papers.len());
    portal.publish(water_cut(1));
    house.pass(TimeDelta::minutes(61));
    house.once().await;
    assert_eq!(heads(&portal).len(), asked, "remembered");
}

#[tokio::test]
async fn a_server_that_refuses_head_costs_no_article() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let house = House::new(&config(&portal, &telegram, &to(CHANNEL, "")));
    house.once().await;
    for (number, reply) in [(1, Reply::status(405)), (2, Reply::status(403)), (3, Reply::reset()), (4, Reply::html("Hãy đăng nhập"))] {
        portal.set(&format!("/tep/thong-bao-{number}.pdf"), reply).publish(with_paper(number));
        let outcome = house.once().await;
        assert!(outcome.all_well() && outcome.rounds[0].problems.is_empty(), "{outcome:?}");
        let paper = stored(&house).await.remove(0).entry.attachments.remove(0);
        assert_eq!((paper.media_type.as_str(), paper.length), ("application/pdf", None), "{number}");
    }
    assert_eq!(telegram.texts_in(CHANNEL).len(), 4);
}

#[tokio::test]
async fn at_most_twenty_files_are_asked_about_in_a_visit_and_the_others_at_the_next() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let house = House::new(&config(&portal, &telegram, &to(CHANNEL, "")));
    house.once().await;
    let before = heads(&portal).len();
    for number in 1..=24 {
        portal.set(&format!("/tep/thong-bao-{number}.pdf"), Reply::bytes("application/pdf", vec![b'x'; 900])).publish(with_paper(number));
    }
    house.once().await;
    assert_eq!(heads(&portal).len() - before, 20);
    house.pass(TimeDelta::minutes(61));
    house.once().await;
    assert_eq!(heads(&portal).len() - before, 24, "those that there was no time for");
    let papers = stored(&house).await.into_iter().flat_map(|one| one.entry.attachments);
    let papers: Vec<_> = papers.filter(|paper| paper.url.path().starts_with("/tep/thong-bao-")).collect();
    assert!(papers.len() == 24 && papers.iter().all(|paper| paper.length.is_some()), "{papers:?}");
    house.pass(TimeDelta::minutes(61));
    house.once().await;
    assert_eq!(heads(&portal).len() - before, 24, "each once");
}

#[tokio::test]
async fn a_burst_dated_days_before_the_last_visit_is_caught_up_with() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let house = House::new(&config(&portal, &telegram, &to(CHANNEL, "")));
    house.once().await;
    let count = stored(&house).await.len();
    // Nine articles on lists of six, written four days ago and only shown now.
    for number in 1..=9 {
        let mut late = water_cut(number);
        late.published_rfc3339 = format!("2026-11-02T0{number}:00:00+07:00");
        portal.publish(late);
    }
    house.once().await;
    assert_eq!(stored(&house).await.len(), count + 9, "those on the second page too");
}

#[tokio::test]
async fn a_visit_killed_midway_fetches_no_article_twice() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let house = House::new(&config(&portal, &telegram, &to(CHANNEL, "burst = 0")));
    house.once().await;
    for number in 1..=30 {
        let mut article = water_cut(number);
        article.published_rfc3339 = format!("2026-11-06T14:{number:02}:00+07:00");
        portal.publish(article);
    }
    // The newest are read first; at the fifteenth the site hangs and the daemon is killed.
    let (gate, slow) = (Gate::new(), water_cut(16).path);
    portal.set(&slow, Reply::silent(&gate));
    house.once_killed(portal.wait_hits(&slow, 1)).await;
    gate.open();
    let read: Vec<String> = (17..=30).map(|number| water_cut(number).path).collect();
    let asked = portal.hits().into_iter().map(|hit| hit.path).collect::<Vec<_>>();
    assert!(read.iter().all(|path| portal.hits_to(path).len() == 1), "{asked:?}");
    assert!(telegram.messages().is_empty(), "nothing leaves before it is known what comes first");
    portal.publish(Article { published_rfc3339: "2026-11-06T14:16:00+07:00".to_owned(), ..water_cut(16) });
    assert!(house.once().await.all_well());
    let twice = read.iter().filter(|path| portal.hits_to(path).len() > 1).count();
    assert!(twice <= 4, "only those since the last commit: {twice}");
    let texts = telegram.texts_in(CHANNEL);
    assert_eq!(texts.len(), 30);
    assert!((1..=30).all(|n| texts[n - 1].contains(&format!("lần {n} "))), "oldest first: {texts:?}");
}

#[tokio::test]
async fn a_first_visit_killed_midway_still_owes_only_the_welcome() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let house = House::new(&config(&portal, &telegram, &to(CHANNEL, "welcome = 1")));
    let (gate, slow) = (Gate::new(), portal.articles().remove(5).path);
    let page = portal.articles().remove(5);
    portal.set(&slow, Reply::silent(&gate));
    house.once_killed(portal.wait_hits(&slow, 1)).await;
    gate.open();
    assert!(stored(&house).await.is_empty() && telegram.messages().is_empty());
    portal.publish(page);
    assert!(house.once().await.all_well());
    assert_eq!(telegram.texts_in(CHANNEL).len(), 1);
    let newest = portal.articles().remove(0).path;
    assert_eq!(portal.hits_to(&newest).len(), 1, "kept");
    house.once().await;
    assert_eq!(portal.hits_to(&newest).len(), 1);
}
