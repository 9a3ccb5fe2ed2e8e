//! A list page that tells machines what it lists: JSON-LD (`ItemList`, articles) or microdata of
//! schema.org. Titles and dates come from there, the rest from the articles' pages.

use std::collections::HashSet;
use std::sync::Arc;

use chrono_tz::Tz;
use dom_query::{Document, NodeRef, local_name};
use serde::Deserialize;
use serde_json::Value;
use toml::de::{Error, ValueDeserializer};
use url::Url;

use crate::charset;
use crate::date;
use crate::entry::Guid;
use crate::html::{Index, Named, parse};
use crate::page::Page;
use crate::phrases;
use crate::text;

use super::address::WebAddress;
use super::follow::Articles;
use super::guess::json_ld;
use super::{Hint, Kind, Problem, Reading, Setting, Source, Visit, discover, link};

/// A list page with marks for machines.
pub(super) const KIND: Kind = Kind {
    name: "structured",
    about: "trang danh sách có dữ liệu cho máy đọc: JSON-LD, microdata (a list page with structured data)",
    example: r#"[[sources]]
name = "bao-quan"
title = "Báo quận"
kind = "structured"
url = "https://baoquan.example.vn/thoi-su"
recipe = "auto"                              # cách đọc trang bài viết / how to read the articles
"#,
    build,
};

/// The most articles taken of one page.
const MOST: usize = 100;
/// How deep JSON-LD is searched.
const NESTING: usize = 8;
/// Where JSON-LD keeps what it lists.
const PARTS: &[&str] = &["@graph", "itemListElement", "item", "mainEntity", "blogPost", "hasPart"];
/// Lists of schema.org that are no news.
const FRAME: &[&str] = &["BreadcrumbList", "SiteNavigationElement", "WPHeader", "WPFooter", "WPSideBar"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    url: WebAddress,
    recipe: Option<toml::Value>,
}

fn build(keys: ValueDeserializer<'_>, setting: &Setting<'_>) -> Result<Arc<dyn Source>, Error> {
    let config = Config::deserialize(keys)?;
    let url = config.url.into_url();
    Ok(Arc::new(Structured { articles: Articles::new(&url, config.recipe, setting)?, url, zone: setting.zone }))
}

struct Structured {
    url: Url,
    articles: Articles,
    zone: Tz,
}

/// One article, as the page tells machines of it.
#[derive(Debug, Default)]
struct Told {
    address: String,
    title: String,
    published: String,
    summary: String,
}

impl Source for Structured {
    fn start(&self) -> Vec<Visit> {
        vec![Visit::listing(self.url.clone())]
    }

    fn home(&self) -> Option<Url> {
        Some(self.url.clone())
    }

    fn read(&self, visit: &Visit, page: &Page) -> Reading {
        if visit.guid.is_some() {
            return self.articles.read(visit, page);
        }
        let problem = |what| Reading { problems: vec![Problem { url: page.url.clone(), guid: None, what }], ..Reading::default() };
        let body = charset::decode(&page.body, page.charset.as_deref());
        let parsed = Some(&body).filter(|_| !charset::is_binary(&page.body)).and_then(|body| parse(body).ok());
        let Some(document) = parsed else { return problem(phrases::page_too_complex()) };
        let mut next = self.visits(&document, page);
        if next.is_empty() {
            return problem(phrases::list_empty());
        }
        next.extend(further(&document, page).map(Visit::listing));
        Reading { next, ..Reading::default() }
    }

    fn learn(&self, pages: &[(Visit, Page)]) -> Option<String> {
        self.articles.learn(pages)
    }

    fn taught(&self, recipe: &str) -> Option<Arc<dyn Source>> {
        let articles = self.articles.taught(recipe)?;
        Some(Arc::new(Self { url: self.url.clone(), articles, zone: self.zone }))
    }
}

impl Structured {
    fn visits(&self, document: &Document, page: &Page) -> Vec<Visit> {
        let base = link::base(document, &page.url);
        let mut told = listed(document);
        if told.is_empty() {
            told = microdata(document);
        }
        let here = link::canonical(page.url.clone());
        let mut known = HashSet::from([here]);
        let visits = told.into_iter().filter_map(|told| self.visit(told, &base, page));
        visits.filter(|visit| known.insert(visit.url.clone())).take(MOST).collect()
    }

    fn visit(&self, told: Told, base: &Url, page: &Page) -> Option<Visit> {
        let url = base.join(told.address.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        if !discover::same_site(&self.url, &url) {
            return None;
        }
        let url = link::canonical(url);
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        let stamp = date::parse(&told.published, self.zone, page.fetched).filter(|stamp| !stamp.coarse);
        let hint = Hint {
            title: some(text::capped_title(&told.title)),
            published: stamp.map(|stamp| stamp.at),
            summary: some(text::line(&told.summary)),
            version: None,
        };
        Some(Visit { guid: Some(Guid::new(url.as_str())), hint, url })
    }
}

/// The next page, where the page says which it is.
fn further(document: &Document, page: &Page) -> Option<Url> {
    let told = document.select("link[rel~=next][href], a[rel~=next][href]");
    let base = link::base(document, &page.url);
    let found = told.nodes().iter().find_map(|node| link::target(node, &base)).map(link::canonical);
    found.filter(|url| url.host_str() == page.url.host_str() && *url != link::canonical(page.url.clone()))
}

/// What the page's JSON-LD lists.
fn listed(document: &Document) -> Vec<Told> {
    let mut found = Vec::new();
    json_ld::values(&Index::of(document)).iter().for_each(|value| collect(value, 0, &mut found));
    found
}

fn collect(value: &Value, depth: usize, found: &mut Vec<Told>) {
    if depth > NESTING || found.len() > MOST * 2 {
        return;
    }
    if let Value::Array(values) = value {
        return values.iter().for_each(|value| collect(value, depth + 1, found));
    }
    let kind = json_ld::kind(value);
    if FRAME.contains(&kind) {
        return;
    }
    if kind == "ListItem" || json_ld::is_article(value) {
        let inner = value.get("item").filter(|item| item.is_object()).unwrap_or(value);
        found.extend(told(inner).or_else(|| told(value)));
        return;
    }
    PARTS.iter().filter_map(|part| value.get(*part)).for_each(|part| collect(part, depth + 1, found));
}

fn told(value: &Value) -> Option<Told> {
    let either = |keys: &[&str]| keys.iter().map(|key| word(value, key)).find(|word| !word.is_empty()).unwrap_or_default();
    let address = either(&["url", "mainEntityOfPage", "item", "@id"]);
    let title = either(&["headline", "name"]);
    let published = either(&["datePublished", "dateCreated"]);
    (!address.is_empty()).then(|| Told { address, title, published, summary: word(value, "description") })
}

/// A text, that of the first of several, or the address of an object.
fn word(value: &Value, key: &str) -> String {
    let Some(found) = value.get(key) else { return String::new() };
    let first = found.as_array().map_or(Some(found), |all| all.first());
    let text = first.and_then(|first| first.as_str().or_else(|| first.get("@id").or_else(|| first.get("url"))?.as_str()));
    text.unwrap_or_default().to_owned()
}

/// What the page's microdata lists.
fn microdata(document: &Document) -> Vec<Told> {
    let articles = document.select("[itemscope][itemtype$=Article], [itemscope][itemtype$=BlogPosting]");
    articles.nodes().iter().take(MOST * 2).filter_map(marked).collect()
}

fn marked(article: &NodeRef<'_>) -> Option<Told> {
    let property =
        |name: &str| article.descendants_it().find(|node| node.attr_or("itemprop", "").split_whitespace().any(|one| one == name));
    let content = |name: &str| {
        let node = property(name)?;
        let told = node.attr("content").or_else(|| node.attr("datetime"));
        Some(told.map_or_else(|| node.formatted_text().to_string(), |told| told.to_string()))
    };
    let addressed = |node: NodeRef<'_>| ["href", "content", "itemid"].iter().find_map(|name| node.attr(name)).map(|told| told.to_string());
    let linked = || article.descendants_it().find(|node| node.is_a(&local_name!("a")) && node.has_attr("href")).and_then(addressed);
    let address = property("url").and_then(addressed).or_else(|| property("mainEntityOfPage").and_then(addressed)).or_else(linked)?;
    let title = content("headline").or_else(|| content("name")).unwrap_or_default();
    let (published, summary) = (content("datePublished").unwrap_or_default(), content("description").unwrap_or_default());
    Some(Told { address, title, published, summary })
}

#[cfg(test)]
#[path = "structured_tests.rs"]
mod tests;
