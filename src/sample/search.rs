//! Looking for the best way to read a site: its feed, its software's API, a sitemap, a built-in
//! recipe, the list itself. Every way is tried by the code that will run in production.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use chrono::Utc;
use url::Url;

use super::trial::{self, Listed, Reference, Trial, Way};
use super::{Readers, Sample};
use crate::config::Config;
use crate::fetch::Fetched;
use crate::page::{Page, Validators};
use crate::source::discover::{self, LIST, Look, NOTICE, Section, Sight};
use crate::source::{self, Reading, Source, Visit};
use crate::{html, phrases, watch};

/// Articles of each way that are read and shown.
const SHOWN: usize = 5;
/// Articles of each way that are asked for at most: lists have dead links.
const TRIED: usize = 8;
/// Requests for one site in all.
const REQUESTS: usize = 40;
/// Sitemaps of one site that are read.
const SITEMAPS: usize = 3;
/// Built-in recipes that are tried.
const RECIPES: usize = 2;

/// What was found out about an address.
pub struct Found {
    /// The address, where it leads for good.
    pub url: Url,
    /// What it is; `None` where no page came.
    pub sight: Option<Sight>,
    /// Why no page came.
    pub failure: Option<String>,
    /// How many articles the page lists.
    pub articles: usize,
    /// How many different addresses of its site the page links to.
    pub links: usize,
    /// Whether it is one article.
    pub is_article: bool,
    /// The ways that were tried, in the order in which they are looked for.
    pub trials: Vec<Trial>,
    /// The one to take.
    pub chosen: Option<usize>,
    /// Addresses that may do better.
    pub better: Vec<Section>,
}

impl Found {
    fn new(url: Url) -> Self {
        Self {
            url,
            sight: None,
            failure: None,
            articles: 0,
            links: 0,
            is_article: false,
            trials: Vec::new(),
            chosen: None,
            better: Vec::new(),
        }
    }

    /// The way to take.
    #[must_use]
    pub fn best(&self) -> Option<&Trial> {
        self.trials.get(self.chosen?)
    }
}

/// Finds out how an address is read best. `asking` is told of each page before it is asked for.
pub async fn search(config: &Config, url: &Url, asking: &(dyn Fn(&Url) + Sync)) -> Found {
    let readers = Sample { config, source: None }.readers();
    let mut search = Search { config, readers, asking, pages: HashMap::new(), trials: Vec::new() };
    let mut found = Found::new(url.clone());
    match search.first(url).await {
        Ok((page, moved)) => {
            found.url = moved.unwrap_or_else(|| url.clone());
            search.look(&page, &mut found).await;
        }
        Err(cause) => {
            found.failure = Some(cause);
            found.better = search.elsewhere(url).await;
        }
    }
    search.trials.sort_by_key(|trial| trial.way);
    found.chosen = trial::choose(&search.trials);
    found.trials = search.trials;
    found
}

struct Search<'a> {
    config: &'a Config,
    readers: Readers,
    asking: &'a (dyn Fn(&Url) + Sync),
    /// What was asked for already, and what came.
    pages: HashMap<Url, Result<Page, String>>,
    trials: Vec<Trial>,
}

/// The list on the page that was asked for.
#[derive(Default)]
struct List {
    listed: Vec<Listed>,
    /// The page with its articles, for learning.
    lesson: Vec<(Visit, Page)>,
}

impl Search<'_> {
    async fn first(&mut self, url: &Url) -> Result<(Page, Option<Url>), String> {
        (self.asking)(url);
        match self.config.fetcher.get(url, &Validators::default(), Utc::now()).await {
            Ok(Fetched::Page { page, moved }) => {
                self.pages.insert(url.clone(), Ok((*page).clone()));
                Ok((*page, moved))
            }
            Ok(Fetched::NotModified) => Err(String::new()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// A page, each asked for once.
    async fn page(&mut self, url: &Url) -> Result<Page, String> {
        if let Some(known) = self.pages.get(url) {
            return known.clone();
        }
        if self.pages.len() >= REQUESTS {
            return Err(phrases::add_enough(REQUESTS));
        }
        let came = self.first(url).await.map(|(page, _)| page);
        self.pages.insert(url.clone(), came.clone());
        came
    }

    /// Addresses that may do better than one that gave nothing.
    async fn elsewhere(&mut self, url: &Url) -> Vec<Section> {
        let Some(home) = url.join("/").ok().filter(|home| home != url) else { return Vec::new() };
        match self.page(&home).await {
            Ok(page) => sections(&page, &discover::look(&page)),
            Err(_) => Vec::new(),
        }
    }

    async fn look(&mut self, page: &Page, found: &mut Found) {
        let sight = discover::look(page);
        found.links = sight.links;
        found.sight = Some(sight.clone());
        found.better = sections(page, &sight);
        let list = if sight.look == Look::Feed { List::default() } else { self.list(page, found).await };
        let is_blocked = sight.look == Look::Blocked && found.articles < LIST;
        if found.is_article || is_blocked || matches!(sight.look, Look::Missing | Look::Frames | Look::Unreadable) {
            self.trials.clear();
            return;
        }
        let home = Some(&page.url).filter(|_| sight.look != Look::Feed);
        let reference = Reference { home, is_home: sight.is_home, list: &list.listed };
        self.judge(&reference);
        self.ways(page, &sight, &list, &reference).await;
        if sight.is_home && !trial::is_settled(&self.trials, Way::Family) {
            self.section(&found.better).await;
            self.judge(&reference);
        }
    }

    fn judge(&mut self, reference: &Reference<'_>) {
        trial::judge(&mut self.trials, reference);
    }

    /// Every way but the list itself, until one cannot be beaten by those that follow.
    async fn ways(&mut self, page: &Page, sight: &Sight, list: &List, reference: &Reference<'_>) {
        let is_settled = |search: &Self| trial::is_settled(&search.trials, Way::Sitemap);
        let named = if sight.look == Look::Feed { vec![page.url.clone()] } else { discover::feeds(page) };
        self.feeds(named, list, reference).await;
        if is_settled(self) || sight.look == Look::Feed {
            return;
        }
        self.feeds(discover::guesses(page), list, reference).await;
        if is_settled(self) {
            return;
        }
        if let Some(api) = discover::api(page) {
            self.lead(Way::Api, "wordpress", trial::keys(&api), reference).await;
        }
        if is_settled(self) {
            return;
        }
        self.sitemaps(&page.url, reference).await;
        self.structured(page, reference).await;
        self.families(page, list, reference).await;
    }

    /// The list that the page itself shows, read by the generic finder, and what it teaches.
    async fn list(&mut self, page: &Page, found: &mut Found) -> List {
        let Ok(source) = self.readers.build("html", &trial::list_keys(&found.url)) else { return List::default() };
        let visit = Visit::listing(found.url.clone());
        let listing = watch::read(&source, &visit, page.clone()).await;
        let listed: Vec<Listed> = listing.next.iter().filter(|visit| visit.guid.is_some()).map(Listed::visit).collect();
        found.articles = listed.len();
        found.is_article = is_article(&source, &listing, page, found).await;
        if found.is_article || listed.len() < LIST {
            return List::default();
        }
        let lesson = self.listing(Way::List, source, &visit, page, &listing).await;
        List { listed, lesson }
    }

    /// Tries a list page, plain and by what it teaches with its articles.
    async fn listing(&mut self, way: Way, source: Arc<dyn Source>, visit: &Visit, page: &Page, listing: &Reading) -> Vec<(Visit, Page)> {
        let lesson = self.lesson(visit, page, listing).await;
        self.read(way, "html", trial::list_keys(&visit.url), source, visit, page.clone()).await;
        self.learn(&lesson).await;
        lesson
    }

    /// The list with the first of its articles.
    async fn lesson(&mut self, visit: &Visit, page: &Page, listing: &Reading) -> Vec<(Visit, Page)> {
        let mut lesson = vec![(visit.clone(), page.clone())];
        for article in listing.next.iter().filter(|visit| visit.guid.is_some()).take(TRIED) {
            if lesson.len() > SHOWN {
                break;
            }
            if let Ok(page) = self.page(&article.url).await {
                lesson.push((article.clone(), page));
            }
        }
        lesson
    }

    /// What the last trial's source learns of a site, tried by itself.
    async fn learn(&mut self, lesson: &[(Visit, Page)]) {
        let Some(plain) = self.trials.last() else { return };
        let (teacher, pages) = (plain.source.clone(), lesson.to_vec());
        let (way, kind, keys, url) = (plain.way, plain.kind, plain.keys.clone(), plain.url.clone());
        let learned = tokio::task::spawn_blocking(move || {
            let recipe = teacher.learn(&pages)?;
            teacher.taught(&recipe).map(|source| (recipe, source))
        });
        let Ok(Some((recipe, source))) = learned.await else { return };
        let Ok(page) = self.page(&url).await else { return };
        let way = if way == Way::List { Way::Learned } else { way };
        self.read(way, kind, keys, source, &Visit::listing(url), page).await;
        if let Some(trial) = self.trials.last_mut() {
            trial.recipe = Some(recipe);
        }
    }

    /// Feeds; a page that only lists feeds is followed to them.
    async fn feeds(&mut self, urls: Vec<Url>, list: &List, reference: &Reference<'_>) {
        let mut waiting: VecDeque<(Url, bool)> = urls.into_iter().map(|url| (url, true)).collect();
        while let Some((url, may_list)) = waiting.pop_front() {
            // What the page names is often what would have been guessed.
            let is_known = self.trials.iter().any(|trial| trial.way == Way::Feed && trial.url == url);
            let Ok(page) = self.page(&url).await else { continue };
            if is_known {
                continue;
            }
            if discover::is_feed(&page) {
                self.feed(&url, list, reference).await;
            } else if may_list {
                waiting.extend(discover::feeds(&page).into_iter().take(2).map(|url| (url, false)));
            }
            if trial::is_settled(&self.trials, Way::Followed) {
                return;
            }
        }
    }

    async fn feed(&mut self, url: &Url, list: &List, reference: &Reference<'_>) {
        self.lead(Way::Feed, "syndication", trial::keys(url), reference).await;
        let Some(plain) = self.trials.last().filter(|trial| trial.way == Way::Feed) else { return };
        if plain.listed.is_empty() || trial::is_settled(&self.trials, Way::Feed) {
            return;
        }
        let mut followed = trial::keys(url);
        followed.insert("follow".to_owned(), true.into());
        self.lead(Way::Followed, "syndication", followed, reference).await;
        self.learn(&list.lesson).await;
        self.judge(reference);
    }

    async fn sitemaps(&mut self, home: &Url, reference: &Reference<'_>) {
        let robots = match home.join("/robots.txt") {
            Ok(url) => self.page(&url).await.ok(),
            Err(_) => None,
        };
        let mut waiting: VecDeque<Url> = discover::robots_sitemaps(robots.as_ref(), home).into();
        let mut read = 0;
        while let Some(url) = waiting.pop_front().filter(|_| read < SITEMAPS) {
            let Ok(page) = self.page(&url).await else { continue };
            read += 1;
            let further = source::further_sitemaps(&page);
            if further.is_empty() {
                self.lead(Way::Sitemap, "sitemap", trial::keys(&url), reference).await;
            }
            // The sitemaps of an index come before those that only might exist.
            further.into_iter().take(2).rev().for_each(|url| waiting.push_front(url));
            if trial::is_settled(&self.trials, Way::Sitemap) {
                return;
            }
        }
    }

    async fn structured(&mut self, page: &Page, reference: &Reference<'_>) {
        let marked = ["ItemList", "itemtype", "Article\"", "BlogPosting"];
        let text = String::from_utf8_lossy(&page.body);
        if marked.iter().any(|mark| text.contains(mark)) {
            self.lead(Way::Structured, "structured", trial::keys(&page.url), reference).await;
        }
        // A page about one thing is no list of one.
        self.trials.retain(|trial| trial.way != Way::Structured || trial.listed.len() >= LIST);
    }

    async fn families(&mut self, page: &Page, list: &List, reference: &Reference<'_>) {
        let articles: Vec<&Page> = list.lesson.iter().skip(1).map(|(_, page)| page).collect();
        for recipe in discover::recipes_for(page, &articles).into_iter().take(RECIPES) {
            let Some(plain) = self.trials.iter().find(|trial| trial.way == Way::List) else { return };
            let mut keys = plain.keys.clone();
            keys.insert("recipe".to_owned(), recipe.into());
            self.lead(Way::Family, "html", keys, reference).await;
        }
    }

    /// On a front page, the news index that it links to first.
    async fn section(&mut self, sections: &[Section]) {
        let Some(section) = sections.first() else { return };
        let Ok(page) = self.page(&section.url).await else { return };
        let Ok(source) = self.readers.build("html", &trial::list_keys(&section.url)) else { return };
        let visit = Visit::listing(section.url.clone());
        let listing = watch::read(&source, &visit, page.clone()).await;
        if listing.next.iter().filter(|visit| visit.guid.is_some()).count() >= LIST {
            self.listing(Way::Section, source, &visit, &page, &listing).await;
        }
    }

    /// Tries one way and measures all anew.
    async fn lead(&mut self, way: Way, kind: &'static str, keys: toml::Table, reference: &Reference<'_>) {
        let Ok(source) = self.readers.build(kind, &keys) else { return };
        let Some(visit) = source.start().into_iter().next() else { return };
        if let Ok(page) = self.page(&visit.url).await {
            self.read(way, kind, keys, source, &visit, page).await;
            self.judge(reference);
        }
    }

    /// Reads a list and its first articles, as the watcher would.
    async fn read(&mut self, way: Way, kind: &'static str, keys: toml::Table, source: Arc<dyn Source>, visit: &Visit, page: Page) {
        let reading = watch::read(&source, visit, page).await;
        let visits: Vec<Visit> = reading.next.into_iter().filter(|visit| visit.guid.is_some()).collect();
        let listed: Vec<Listed> = reading.entries.iter().map(Listed::entry).chain(visits.iter().map(Listed::visit)).collect();
        let mut problems: Vec<String> = reading.problems.into_iter().map(|problem| problem.what).collect();
        let mut entries = reading.entries;
        entries.truncate(SHOWN);
        let wanted = listed.len().min(SHOWN);
        for visit in visits.iter().take(TRIED) {
            if entries.len() >= SHOWN {
                break;
            }
            match self.page(&visit.url).await {
                Ok(page) => {
                    let reading = watch::read(&source, visit, page).await;
                    problems.extend(reading.problems.into_iter().map(|problem| format!("{}: {}", problem.url, problem.what)));
                    entries.extend(reading.entries);
                }
                Err(cause) => problems.push(format!("{}: {cause}", visit.url)),
            }
        }
        let url = visit.url.clone();
        let (recipe, why) = (None, problems.first().filter(|_| listed.is_empty()).cloned());
        self.trials.push(Trial { way, kind, keys, recipe, source, url, listed, wanted, entries, why, problems, whole: 0, worth: 0.0 });
    }
}

/// Links to news indexes, then the feeds that a page names, at last the front page.
fn sections(page: &Page, sight: &Sight) -> Vec<Section> {
    let feeds = discover::feeds(page).into_iter().take(2).map(|url| Section { title: "RSS".to_owned(), url });
    let home = page.url.join("/").ok().filter(|_| !sight.is_home).map(|url| Section { title: phrases::add_front_page(), url });
    sight.sections.iter().cloned().chain(feeds).chain(home).collect()
}

/// Whether a page is one article, with further ones beside it or none.
async fn is_article(source: &Arc<dyn Source>, listing: &Reading, page: &Page, found: &Found) -> bool {
    let sight = found.sight.as_ref();
    if sight.is_some_and(|sight| sight.is_home || sight.look == Look::Login) {
        return false;
    }
    let reading = watch::read(source, &super::article(&found.url), page.clone()).await;
    let long = reading.entries.first().is_some_and(|entry| html::to_text(&entry.content_html).chars().count() >= NOTICE);
    let says = sight.is_some_and(|sight| sight.look == Look::Article) || discover::names_article(&found.url);
    let has_list = found.articles >= LIST && discover::is_list(listing, &reading, &found.url);
    long && says && !has_list
}
