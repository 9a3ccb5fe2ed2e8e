//! A site that changes under us: what was learned of its pages, and what happens when it no longer
//! holds. The source here learns by which class its pages mark their news.

use std::sync::Arc;

use chrono::TimeDelta;
use loaphuong::app::{App, Outcome};
use loaphuong::entry::Slug;
use loaphuong::incident::{Kind, Word};
use loaphuong::page::Page;
use loaphuong::redact::Redactor;
use loaphuong::source::{Problem, Reading, Source, Visit};
use loaphuong::store::{Health, Query};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::fakes::{Article, FakeTelegram, Portal, ward};
use crate::flow::{CHANNEL, config, telegram, to, water_cut};
use crate::house::House;

/// Reads only pages that carry the class it learned; without one, all that `inner` reads.
struct Learner {
    inner: Arc<dyn Source>,
    class: Option<String>,
}

const CLASSES: [&str; 2] = ["news-list", "tin-moi"];

impl Source for Learner {
    fn start(&self) -> Vec<Visit> {
        self.inner.start()
    }
    fn home(&self) -> Option<Url> {
        self.inner.home()
    }
    fn read(&self, visit: &Visit, page: &Page) -> Reading {
        let text = String::from_utf8_lossy(&page.body);
        let lost = visit.guid.is_none() && self.class.as_ref().is_some_and(|class| !text.contains(class.as_str()));
        let undated = visit.guid.is_some() && self.class.is_some() && text.contains("article class=\"khung-moi\"");
        let mut reading = if lost { Reading::default() } else { self.inner.read(visit, page) };
        if lost {
            reading.problems.push(Problem { url: visit.url.clone(), guid: None, what: "không thấy danh sách".to_owned() });
        }
        reading.entries.iter_mut().filter(|_| undated).for_each(|entry| entry.published = None);
        reading
    }
    fn learn(&self, pages: &[(Visit, Page)]) -> Option<String> {
        let list = pages.iter().find(|(visit, _)| visit.guid.is_none())?;
        let text = String::from_utf8_lossy(&list.1.body).into_owned();
        CLASSES.iter().find(|class| text.contains(**class)).map(|class| (*class).to_owned())
    }
    fn taught(&self, recipe: &str) -> Option<Arc<dyn Source>> {
        Some(Arc::new(Self { inner: self.inner.clone(), class: Some(recipe.to_owned()) }))
    }
}

async fn once(house: &House) -> Outcome {
    let mut config = house.config();
    let inner = config.sources[0].source.clone();
    config.sources[0].source = Arc::new(Learner { inner, class: None });
    let told = Arc::new(|_: &loaphuong::watch::Round| {});
    let app = App::new(config, house.clock(), Redactor::default(), told).await.unwrap_or_else(|e| panic!("{e:?}"));
    let outcome = app.once(std::time::Duration::from_secs(2), &CancellationToken::new()).await.unwrap();
    app.close().await;
    outcome
}

async fn learned() -> (Portal, FakeTelegram, House) {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let house = House::new(&config(&portal, &telegram, &to(CHANNEL, "")));
    assert!(once(&house).await.all_well());
    (portal, telegram, house)
}

/// What the source learned, how it is, and its titles.
async fn state(house: &House) -> (Option<String>, Health, Vec<String>) {
    let store = house.store().await;
    store.visit_all(house.now()).await.unwrap();
    let due = store.claim_sources(house.now(), TimeDelta::seconds(1), 1).await.unwrap().remove(0);
    store.release(&due).await.unwrap();
    let health = store.health().await.unwrap().remove(0);
    let stored = store.entries(&Query { sources: &[Slug::new("hoa-gao").unwrap()], limit: 50 }).await.unwrap();
    store.close().await;
    (due.recipe, health, stored.into_iter().map(|s| s.entry.title).collect())
}

/// Every page of the ward with these articles, in another template.
fn redesign(portal: &Portal, articles: &[Article], change: impl Fn(String) -> String) {
    for (path, html) in ward::pages(articles) {
        portal.page(&path, &change(html));
    }
}

fn new_list(html: String) -> String {
    html.replace("news-list", "tin-moi")
}

#[tokio::test]
async fn a_first_visit_learns_and_keeps_what_it_learned() {
    let (_portal, telegram, house) = learned().await;
    let (recipe, health, titles) = state(&house).await;
    assert_eq!((recipe.as_deref(), titles.len()), (Some("news-list"), 6));
    assert!(health.incidents.is_empty());
    assert!(telegram.messages().is_empty());
}

#[tokio::test]
async fn a_new_template_with_known_articles_heals_the_source() {
    let (portal, telegram, house) = learned().await;
    let mut articles = portal.articles();
    articles.insert(0, water_cut(1));
    redesign(&portal, &articles, new_list);
    let outcome = once(&house).await;
    assert!(outcome.all_well(), "{outcome:?}");
    assert_eq!(telegram.texts_in(CHANNEL).len(), 1, "its news is told");
    let (recipe, health, _) = state(&house).await;
    let incident = &health.incidents[0];
    assert!(incident.kind == Kind::Healed && incident.after.contains("Tạm ngừng cấp nước lần 1"), "{incident:?}");
    assert!(matches!(outcome.rounds[0].saved.words.as_slice(), [Word::Report(_)]));
    assert_eq!(recipe.as_deref(), Some("tin-moi"), "learned again from the pages in hand");
    portal.publish(water_cut(1)).publish(water_cut(2));
    redesign(&portal, &portal.articles(), new_list);
    once(&house).await;
    assert_eq!(telegram.texts_in(CHANNEL).len(), 2);
}

#[tokio::test]
async fn a_list_that_agrees_with_nothing_is_held_until_it_does() {
    let (portal, telegram, house) = learned().await;
    let (good, titles) = (house.read("feeds/hoa-gao.rss"), state(&house).await.2);
    let strange: Vec<Article> = (1..7).map(water_cut).collect();
    redesign(&portal, &strange, new_list);
    for _ in 0..2 {
        house.pass(TimeDelta::hours(1));
        assert!(once(&house).await.rounds[0].cause.is_some());
    }
    assert!(telegram.messages().is_empty());
    assert_eq!((house.read("feeds/hoa-gao.rss"), state(&house).await.2), (good, titles));
    let incident = state(&house).await.1.incidents.remove(0);
    assert!(incident.kind == Kind::Held && incident.reported.is_some(), "{incident:?}");
    assert!(incident.before.contains("cấp điện") && incident.after.contains("cấp nước"), "{incident:?}");
    redesign(&portal, &portal.articles(), |html| html);
    let outcome = once(&house).await;
    assert!(matches!(outcome.rounds[0].saved.words.as_slice(), [Word::AllClear(_)]), "{outcome:?}");
    assert!(state(&house).await.1.incidents.is_empty());
}

#[tokio::test]
async fn articles_that_lost_their_dates_are_read_without_the_recipe() {
    let (portal, telegram, house) = learned().await;
    let mut articles = portal.articles();
    articles.insert(0, water_cut(1));
    redesign(&portal, &articles, |html| html.replace("article class=\"detail\"", "article class=\"khung-moi\""));
    let outcome = once(&house).await;
    assert!(outcome.all_well(), "{outcome:?}");
    assert!(house.read("feeds/hoa-gao.rss").contains("Fri, 6 Nov 2026 14:00:00 +0700"));
    assert_eq!(telegram.texts_in(CHANNEL).len(), 1);
    assert_eq!(state(&house).await.1.incidents[0].kind, Kind::Healed);
}

#[tokio::test]
async fn another_block_in_the_config_forgets_what_was_learned() {
    let (_portal, _telegram, house) = learned().await;
    let config = house.read("config.toml").replace("Phường Hoa Gạo", "Phường Hoa Gạo mới");
    house.write("config.toml", &config);
    let store = house.store().await;
    store.sync(&house.config().catalog(), house.now()).await.unwrap();
    store.close().await;
    assert_eq!(state(&house).await.0, None);
}
