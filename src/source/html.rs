//! A news list and its articles, read by a recipe.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use chrono_tz::Tz;
use dom_query::{Document, NodeRef};
use serde::Deserialize;
use serde::de::Error;
use url::Url;

use crate::charset;
use crate::entry::Guid;
use crate::html::{Index, Query, is_writable, parse};
use crate::page::Page;
use crate::phrases;
use crate::text;

use super::address::WebAddress;
use super::guess::list::{self, Clock, Item, Links, Survey};
use super::guess::stats::Stats;
use super::guess::{line_of, next};
use super::recipe::{Article, Choice, Recipe, Selector};
use super::{Hint, Kind, Problem, Reading, Source, Visit, discover, frame, link, overview};

mod article;
mod attached;
mod clicks;
mod dates;
mod wall;

static FRAMESET: LazyLock<Query> = LazyLock::new(|| Query::new("frameset"));
/// More characters than this are no article.
const BOOK: usize = 2 << 20;
/// How many articles of one list page are followed.
const LINKS: usize = 100;

/// A site's news list and article pages.
pub(super) const KIND: Kind = Kind {
    name: "html",
    about: "trang danh sách tin và các trang bài viết của một cổng thông tin / a news list and its article pages",
    example: r#"[[sources]]
name = "vinh-tuy"
title = "Phường Vĩnh Tuy"
kind = "html"
url = "https://vinhtuy.example.vn/tin-tuc"   # trang danh sách tin / the page that lists the news
recipe = "auto"                              # hoặc / or: "vportal", "nukeviet", "ims", "cong-thuc.toml"
"#,
    build: |keys, setting| {
        let config = Config::deserialize(keys)?;
        let recipe = config.recipe.load(setting).map_err(toml::de::Error::custom)?;
        Ok(Arc::new(Html { url: Some(config.url.into_url()), recipe: Arc::new(recipe), zone: setting.zone }))
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    url: WebAddress,
    #[serde(default)]
    recipe: Choice,
}

pub(super) struct Html {
    /// Where the list is; `None` when only single pages are read.
    url: Option<Url>,
    recipe: Arc<Recipe>,
    zone: Tz,
}

impl Source for Html {
    fn start(&self) -> Vec<Visit> {
        self.url.iter().cloned().map(Visit::listing).collect()
    }

    fn home(&self) -> Option<Url> {
        self.url.clone()
    }

    fn read(&self, visit: &Visit, page: &Page) -> Reading {
        match Opened::of(visit, page) {
            Ok(opened) => self.read_opened(visit, page, &opened, false).0,
            Err(reading) => reading,
        }
    }

    fn read_whole(&self, visit: &Visit, page: &Page) -> Reading {
        let opened = match Opened::of(visit, page) {
            Ok(opened) => opened,
            Err(reading) => return reading,
        };
        // Most pages at the address of an article need no second look.
        let copy = Some(&opened.document).filter(|_| !discover::names_article(&page.url)).cloned();
        let (reading, text) = self.read_opened(visit, page, &opened, true);
        overview::complete(reading, text, page, &mut Copied { html: self, page, copy })
    }

    fn learn(&self, pages: &[(Visit, Page)]) -> Option<String> {
        // Whoever wrote where the body is knows better.
        if self.recipe.article.body.is_some() {
            return None;
        }
        let lists = pages.iter().filter(|(visit, _)| visit.guid.is_none());
        let linked = lists.flat_map(|(visit, page)| self.read(visit, page).next).filter(|visit| visit.guid.is_some());
        let hints = linked.map(|visit| (visit.url, visit.hint)).collect();
        frame::learn(pages, &hints, self.zone)
    }

    fn taught(&self, recipe: &str) -> Option<Arc<dyn Source>> {
        let recipe = Arc::new(toml::from_str(recipe).ok()?);
        Some(Arc::new(Self { url: self.url.clone(), recipe, zone: self.zone }))
    }
}

/// A page that can be read.
struct Opened<'p> {
    document: Document,
    /// The page as text.
    body: Cow<'p, str>,
}

impl<'p> Opened<'p> {
    /// # Errors
    /// The reading of a page that cannot.
    fn of(visit: &Visit, page: &'p Page) -> Result<Self, Reading> {
        let readable = Some(page).filter(|page| !charset::is_binary(&page.body));
        let body = readable.map(|page| charset::decode(&page.body, page.charset.as_deref())).filter(|body| charset::is_legible(body));
        let body = body.ok_or_else(|| failed(visit, phrases::page_not_text()))?;
        let document = parse(&body).map_err(|_| failed(visit, phrases::page_too_complex()))?;
        let converted = charset::convert_fonts(&document) && is_writable(&document.root());
        let body = if converted { document.html().to_string().into() } else { body };
        Ok(Self { document, body })
    }
}

/// A page of which a copy was made before it was read.
struct Copied<'a> {
    html: &'a Html,
    page: &'a Page,
    copy: Option<Document>,
}

impl overview::Again for Copied<'_> {
    fn document(&mut self) -> Option<Document> {
        self.copy.take().or_else(|| overview::parsed(self.page))
    }

    fn listing(&self, document: &Document) -> Reading {
        self.html.read_list(&Visit::listing(self.page.url.clone()), self.page, document)
    }
}

/// Whether a page has more text than any article, its comments included.
fn is_a_book(document: &Document, page: &Page) -> bool {
    page.body.len() > BOOK && document.body().is_some_and(|body| Stats::of(&body).get(&body).chars > BOOK)
}

fn failed(visit: &Visit, what: String) -> Reading {
    let problem = Problem { url: visit.url.clone(), guid: visit.guid.clone(), what };
    Reading { problems: vec![problem], ..Reading::default() }
}

impl Html {
    /// For pages of a site that is not known.
    pub(super) fn unknown(zone: Tz) -> Self {
        Self { url: None, recipe: Arc::default(), zone }
    }

    /// Reads a page as a list or as an article; with the text of the article. `whole`: of a thread all posts.
    fn read_opened(&self, visit: &Visit, page: &Page, opened: &Opened<'_>, whole: bool) -> (Reading, Option<String>) {
        let index = Index::of(&opened.document);
        if index.first(&FRAMESET).is_some() {
            return (failed(visit, phrases::page_of_frames()), None);
        }
        match &visit.guid {
            None => (self.read_list(visit, page, &opened.document), None),
            // What is gone is often answered with the list.
            Some(_) if self.is_list(&page.url) && !self.is_list(&visit.url) => (failed(visit, phrases::article_unreadable()), None),
            // Nothing of it would be published.
            Some(_) if is_a_book(&opened.document, page) => (failed(visit, phrases::page_too_complex()), None),
            Some(guid) => {
                let recipe = self.article_recipe(&index);
                let reader = article::Reader { recipe, zone: self.zone, visit, guid, page, source: &opened.body, whole };
                article::read(&reader, &opened.document, &index)
            }
        }
    }

    /// Whether an address is that of the list.
    fn is_list(&self, url: &Url) -> bool {
        self.url.as_ref().is_some_and(|list| link::same_article_key(list) == link::same_article_key(url))
    }

    /// What is said of articles, else what is known of the family that the page belongs to.
    fn article_recipe(&self, page: &Index<'_>) -> &Article {
        let family = Some(page).filter(|_| self.recipe.leaves_articles_open()).and_then(Recipe::of_family);
        family.map_or(&self.recipe.article, |family| &family.article)
    }

    fn read_list(&self, visit: &Visit, page: &Page, document: &Document) -> Reading {
        let base = link::base(document, &page.url);
        let mut survey = Survey::of(document);
        let mut next = self.articles(page, document, &survey, &base);
        if next.is_empty() && clicks::into_links(document) {
            survey = Survey::of(document);
            next = self.articles(page, document, &survey, &base);
        }
        if next.is_empty() {
            return failed(visit, phrases::list_empty());
        }
        let mut reading = Reading::default();
        if next.len() > LINKS {
            reading.problems.push(Problem { url: visit.url.clone(), guid: None, what: phrases::list_too_long(next.len(), LINKS) });
            next.truncate(LINKS);
        }
        let told = self.recipe.list.next.as_ref().and_then(|selector| selector.first(document));
        let further = next::next_page(document, &survey, &base, &page.url, told).filter(|url| *url != link::canonical(visit.url.clone()));
        reading.next = next;
        reading.next.extend(further.map(Visit::listing));
        reading
    }

    /// The articles that the list links to, each once: the newest first where the list tells when
    /// they are from, else in the order of the page.
    fn articles(&self, page: &Page, document: &Document, survey: &Survey<'_>, base: &Url) -> Vec<Visit> {
        let (links, items) = match &self.recipe.list.entry {
            Some(entry) => {
                let links = Links::every(survey, base, &page.url);
                let items = self.pointed_at(survey, &links, entry.all(document).nodes());
                (links, items)
            }
            None => list::find(document, survey, Links::of(survey, base, &page.url), &page.url),
        };
        let seen = Seen { survey, links: &links, clock: Clock { zone: self.zone, now: page.fetched } };
        let outside = items.iter().filter(|item| !seen.is_inside(item)).count();
        // One link to another site is an advertisement; a list that mixes sites means them.
        let mixed = outside > 1 && outside * 4 >= items.len();
        let mut visits = Visits::default();
        for (at, item) in items.iter().enumerate().filter(|(_, item)| mixed || seen.is_inside(item)) {
            visits.add(item, at, self.visit(&seen, item));
        }
        visits.newest_first()
    }

    /// The pieces of the list that the recipe points at.
    fn pointed_at(&self, survey: &Survey<'_>, links: &Links, blocks: &[NodeRef<'_>]) -> Vec<Item> {
        let places = survey.places();
        let one = |block: &NodeRef<'_>| {
            let told = self.recipe.list.link.as_ref().and_then(|selector| selector.within(block));
            let told = told.and_then(|link| places.get(&link.id).copied());
            Item::pointed_at(survey, links, *places.get(&block.id)?, told)
        };
        blocks.iter().filter_map(one).collect()
    }

    fn visit(&self, seen: &Seen<'_, '_>, item: &Item) -> Option<Visit> {
        let url = seen.links.articles.get(item.article)?.url.clone();
        Some(Visit { guid: Some(Guid::new(url.as_str())), hint: self.hint(seen, item), url })
    }

    fn hint(&self, seen: &Seen<'_, '_>, item: &Item) -> Hint {
        let keys = &self.recipe.list;
        let block = seen.survey.node(item);
        let told = |selector: &Option<Selector>| selector.as_ref().zip(block).and_then(|(selector, block)| selector.within(&block));
        let title = told(&keys.title).map_or_else(|| list::title(seen.survey, seen.links, item), |node| line_of(&node));
        let published = match told(&keys.date) {
            Some(node) => [node.attr_or("title", "").to_string(), node.attr_or("datetime", "").to_string(), line_of(&node)]
                .iter()
                .find_map(|line| seen.clock.read(line))
                .map(|stamp| stamp.at),
            None => list::published(seen.survey, item, seen.clock),
        };
        let summary = told(&keys.summary).map(|node| line_of(&node)).or_else(|| list::teaser(seen.survey, item, &title));
        Hint { title: Some(text::capped_title(&title)).filter(|title| !title.is_empty()), published, summary, version: None }
    }
}

/// A list page as it is read.
struct Seen<'s, 'a> {
    survey: &'s Survey<'a>,
    links: &'s Links,
    clock: Clock,
}

impl Seen<'_, '_> {
    fn is_inside(&self, item: &Item) -> bool {
        self.links.articles.get(item.article).is_some_and(|article| article.inside)
    }
}

/// Visits in the making, one for each article.
#[derive(Default)]
struct Visits {
    all: Vec<Placed>,
    known: HashMap<usize, usize>,
    titled: HashMap<String, usize>,
}

/// A visit and where the page has it: in how long a list, and behind how many others.
struct Placed {
    visit: Visit,
    among: usize,
    at: usize,
}

impl Visits {
    /// An article that stands in several places, a box of featured news and the list below it, is
    /// told once, by all that they say, at its place in the longest.
    fn add(&mut self, item: &Item, at: usize, visit: Option<Visit>) {
        let Some(visit) = visit else { return };
        let titled = same_story(&visit);
        let told = self.known.get(&item.article).or_else(|| self.titled.get(titled.as_ref()?)).copied().unwrap_or(self.all.len());
        self.known.insert(item.article, told);
        self.titled.extend(titled.map(|titled| (titled, told)));
        let Some(known) = self.all.get_mut(told) else { return self.all.push(Placed { visit, among: item.among, at }) };
        known.visit.hint.published = known.visit.hint.published.or(visit.hint.published);
        known.visit.hint.summary = known.visit.hint.summary.take().or(visit.hint.summary);
        if item.among > known.among {
            (known.among, known.at) = (item.among, at);
        }
    }

    fn newest_first(mut self) -> Vec<Visit> {
        self.all.sort_by_key(|placed| placed.at);
        let mut visits: Vec<Visit> = self.all.into_iter().map(|placed| placed.visit).collect();
        let dated = visits.iter().filter(|visit| visit.hint.published.is_some()).count();
        if dated * 2 > visits.len() {
            // Without a date an article is as old as the one before it.
            let mut last = visits.iter().find_map(|visit| visit.hint.published);
            visits.sort_by_cached_key(|visit| {
                last = visit.hint.published.or(last);
                Reverse(last)
            });
        }
        visits
    }
}

/// The title and the end of the path, where that spells a title: the same story below two sections.
fn same_story(visit: &Visit) -> Option<String> {
    let mut parts = visit.url.path_segments()?.rev();
    let (last, before) = (parts.next()?, parts.next().unwrap_or_default());
    let title = visit.hint.title.as_ref()?;
    (last.bytes().filter(|b| *b == b'-').count() >= 2).then(|| format!("{before}/{last} {title}"))
}

#[cfg(test)]
mod body_tests;
#[cfg(test)]
mod tests;
