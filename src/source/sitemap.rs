//! A site that lists its articles for search engines: a sitemap (sitemaps.org), best one with
//! Google's news extension. Titles and dates come from there, the rest from the articles' pages.

use std::cmp::Reverse;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset};
use chrono_tz::Tz;
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event};
use serde::Deserialize;
use toml::de::{Error, ValueDeserializer};
use url::Url;

use crate::charset;
use crate::date;
use crate::entry::Guid;
use crate::page::Page;
use crate::phrases;
use crate::text;

use super::address::WebAddress;
use super::follow::Articles;
use super::{Hint, Kind, Problem, Reading, Setting, Source, Visit, discover, link};

/// A sitemap that a site offers.
pub(super) const KIND: Kind = Kind {
    name: "sitemap",
    about: "sơ đồ trang tin (sitemap) mà trang dành cho máy tìm kiếm (a news sitemap, as sites offer it to search engines)",
    example: r#"[[sources]]
name = "bao-phuong"
title = "Báo phường"
kind = "sitemap"
url = "https://phuong.example.vn/news-sitemap.xml"
recipe = "auto"                              # cách đọc trang bài viết / how to read the articles
"#,
    build,
};

/// The newest articles taken of one sitemap.
const MOST: usize = 100;
/// A sitemap may list 50,000 addresses; more is none.
const LONGEST: usize = 50_000;
/// How deep the elements of a sitemap stand.
const DEPTH: usize = 8;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    url: WebAddress,
    recipe: Option<toml::Value>,
}

fn build(keys: ValueDeserializer<'_>, setting: &Setting<'_>) -> Result<Arc<dyn Source>, Error> {
    let config = Config::deserialize(keys)?;
    let url = config.url.into_url();
    Ok(Arc::new(Sitemap { articles: Articles::new(&url, config.recipe, setting)?, url, zone: setting.zone }))
}

struct Sitemap {
    url: Url,
    articles: Articles,
    zone: Tz,
}

impl Source for Sitemap {
    fn start(&self) -> Vec<Visit> {
        vec![Visit::listing(self.url.clone())]
    }

    fn home(&self) -> Option<Url> {
        self.url.join("/").ok()
    }

    fn read(&self, visit: &Visit, page: &Page) -> Reading {
        if visit.guid.is_some() {
            return self.articles.read(visit, page);
        }
        let next: Vec<Visit> = self.listed(page).into_iter().filter_map(|place| self.visit(place)).take(MOST).collect();
        let empty = Problem { url: page.url.clone(), guid: None, what: phrases::sitemap_empty() };
        let problems = if next.is_empty() { vec![empty] } else { Vec::new() };
        Reading { next, problems, ..Reading::default() }
    }

    fn learn(&self, pages: &[(Visit, Page)]) -> Option<String> {
        self.articles.learn(pages)
    }

    fn taught(&self, recipe: &str) -> Option<Arc<dyn Source>> {
        let articles = self.articles.taught(recipe)?;
        Some(Arc::new(Self { url: self.url.clone(), articles, zone: self.zone }))
    }
}

impl Sitemap {
    /// The articles of the sitemap, newest first. Where some are marked as news, only those are.
    fn listed(&self, page: &Page) -> Vec<Place> {
        let mut places = places(page).pages;
        let marked = places.iter().any(|place| place.is_news);
        let own = |url: &Url| discover::same_site(&self.url, url);
        places.retain(|place| place.url().is_some_and(|url| own(&url) && (place.is_news || (!marked && discover::names_article(&url)))));
        places.sort_by_key(|place| Reverse(self.when(place, page)));
        places
    }

    fn when(&self, place: &Place, page: &Page) -> Option<DateTime<FixedOffset>> {
        [&place.published, &place.changed].into_iter().find_map(|written| self.instant(written, page))
    }

    fn instant(&self, written: &str, page: &Page) -> Option<DateTime<FixedOffset>> {
        date::parse(written, self.zone, page.fetched).map(|stamp| stamp.at)
    }

    fn visit(&self, place: Place) -> Option<Visit> {
        let url = link::canonical(place.url()?);
        let published = DateTime::parse_from_rfc3339(&place.published).ok();
        let title = Some(text::capped_title(&place.title)).filter(|title| !title.is_empty());
        // A page that is said to have changed is read again.
        let version = Some(place.changed).filter(|changed| !changed.is_empty());
        Some(Visit { guid: Some(Guid::new(url.as_str())), hint: Hint { title, published, summary: None, version }, url })
    }
}

/// One address of a sitemap, as it is written there.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Place {
    address: String,
    changed: String,
    title: String,
    published: String,
    is_news: bool,
}

impl Place {
    fn url(&self) -> Option<Url> {
        Url::parse(self.address.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
    }
}

/// What a sitemap lists.
#[derive(Debug, Default)]
struct Places {
    pages: Vec<Place>,
    /// Further sitemaps.
    maps: Vec<Place>,
}

/// The sitemaps that an index names, those of news and the newest first; empty where a page is none.
#[must_use]
pub fn further_sitemaps(page: &Page) -> Vec<Url> {
    let mut maps = places(page).maps;
    let is_news = |place: &Place| ["news", "tin", "post", "article", "bai"].iter().any(|word| place.address.to_lowercase().contains(word));
    maps.sort_by_key(|place| Reverse((is_news(place), place.changed.clone())));
    maps.iter().filter_map(Place::url).filter(|url| discover::same_site(&page.url, url)).collect()
}

fn places(page: &Page) -> Places {
    let text = charset::decode(&page.body, page.charset.as_deref());
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}').trim_start());
    reader.config_mut().check_end_names = false;
    let mut found = Places::default();
    let mut path: Vec<String> = Vec::new();
    let mut place = Place::default();
    // A sitemap that breaks off gives what stood before.
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Eof => break,
            Event::Start(tag) if path.len() < DEPTH => path.push(String::from_utf8_lossy(tag.local_name().as_ref()).to_lowercase()),
            Event::Start(_) => break,
            Event::End(_) => {
                let closed = path.pop().unwrap_or_default();
                found.take(&closed, &mut place);
            }
            Event::Text(said) => place.say(&path, &said.decode().unwrap_or_default()),
            Event::CData(said) => place.say(&path, &said.decode().unwrap_or_default()),
            Event::GeneralRef(name) => place.say(&path, &referred(&name)),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
        if found.pages.len() + found.maps.len() >= LONGEST {
            break;
        }
    }
    found
}

/// The character that a reference stands for; one that the document itself declares stands for none.
fn referred(name: &BytesRef<'_>) -> String {
    let number = name.resolve_char_ref().ok().flatten();
    let named = || name.decode().ok().and_then(|name| resolve_predefined_entity(&name).map(str::to_owned));
    number.map(String::from).or_else(named).unwrap_or_default()
}

impl Place {
    fn say(&mut self, path: &[String], said: &str) {
        let (Some(last), above) = (path.last(), path.iter().rev().nth(1).map(String::as_str)) else { return };
        let into = match (last.as_str(), above) {
            ("loc", Some("url" | "sitemap")) => &mut self.address,
            ("lastmod", _) => &mut self.changed,
            ("title", Some("news")) => &mut self.title,
            ("publication_date", _) => &mut self.published,
            _ => return,
        };
        into.push_str(said.trim_matches(['\n', '\r', '\t']));
        self.is_news |= above == Some("news");
    }
}

impl Places {
    fn take(&mut self, closed: &str, place: &mut Place) {
        match closed {
            "url" => self.pages.push(std::mem::take(place)),
            "sitemap" => self.maps.push(std::mem::take(place)),
            _ => {}
        }
    }
}

#[cfg(test)]
#[path = "sitemap_tests.rs"]
mod tests;
