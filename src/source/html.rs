//! A news list and its articles, read by a recipe.

use std::collections::HashSet;
use std::sync::Arc;

use chrono_tz::Tz;
use dom_query::Document;
use serde::Deserialize;
use serde::de::Error;
use url::Url;

use crate::charset;
use crate::date;
use crate::entry::Guid;
use crate::html::within_limits;
use crate::page::Page;
use crate::phrases;
use crate::text;

use super::address::WebAddress;
use super::guess::groups::{self, Found};
use super::guess::{line_of, next};
use super::recipe::{Choice, Recipe};
use super::{Hint, Kind, Problem, Reading, Source, Visit, link};

mod article;

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
        let body = charset::decode(&page.body, page.charset.as_deref());
        if charset::is_binary(&page.body) || !charset::is_legible(&body) {
            return failed(visit, phrases::page_not_text());
        }
        if within_limits(&body).is_err() {
            return failed(visit, phrases::page_too_complex());
        }
        let document = Document::from(&*body);
        if document.select("frameset").exists() {
            return failed(visit, phrases::page_of_frames());
        }
        match &visit.guid {
            None => self.read_list(visit, page, &document),
            Some(guid) => article::read(
                &article::Reader { recipe: &self.recipe.article, zone: self.zone, visit, guid, page, source: &body },
                &document,
            ),
        }
    }
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

    fn read_list(&self, visit: &Visit, page: &Page, document: &Document) -> Reading {
        let base = link::base(document, &page.url);
        document.select("template").remove();
        let mut next = self.articles(page, document, &base);
        if next.is_empty() {
            return failed(visit, phrases::list_empty());
        }
        let mut reading = Reading::default();
        if next.len() > LINKS {
            reading.problems.push(Problem { url: visit.url.clone(), guid: None, what: phrases::list_too_long(next.len(), LINKS) });
            next.truncate(LINKS);
        }
        let told = self.recipe.list.next.as_ref().and_then(|selector| selector.first(document));
        let further = next::next_page(document, &base, &page.url, told).filter(|url| *url != link::canonical(visit.url.clone()));
        reading.next = next;
        reading.next.extend(further.map(Visit::listing));
        reading
    }

    /// The articles that the list links to, each once, in the order of the page.
    fn articles(&self, page: &Page, document: &Document, base: &Url) -> Vec<Visit> {
        let found = match &self.recipe.list.entry {
            Some(entry) => entry.all(document).nodes().iter().filter_map(|block| self.found(block)).collect(),
            None => groups::news_list(document, base),
        };
        let mut known = HashSet::new();
        let mut titled = HashSet::new();
        let visits = found.iter().filter_map(|found| self.visit(found, page, base));
        visits
            .filter(|visit| known.insert(visit.url.clone()) && titled.insert((visit.url.path().to_owned(), visit.hint.title.clone())))
            .collect()
    }

    /// A piece of the list as the recipe reads it.
    fn found<'a>(&self, block: &dom_query::NodeRef<'a>) -> Option<Found<'a>> {
        let told = self.recipe.list.link.as_ref().and_then(|selector| selector.within(block));
        let longest = || {
            let anchors = block.descendants_it().chain([*block]).filter(|node| node.has_name("a") && node.has_attr("href"));
            anchors.max_by_key(|anchor| groups::label(anchor).len())
        };
        told.or_else(longest).map(|anchor| Found { anchor, block: *block })
    }

    fn visit(&self, found: &Found<'_>, page: &Page, base: &Url) -> Option<Visit> {
        let url = link::target(&found.anchor, base).map(link::canonical)?;
        let own = self.url.iter().chain([base]).any(|home| link::same_site(home, &url));
        if !own || url == link::canonical(page.url.clone()) {
            return None;
        }
        Some(Visit { guid: Some(Guid::new(url.as_str())), hint: self.hint(found, page), url })
    }

    fn hint(&self, found: &Found<'_>, page: &Page) -> Hint {
        let list = &self.recipe.list;
        let title = list.title.as_ref().and_then(|selector| selector.within(&found.block)).map(|node| line_of(&node));
        let title = title.unwrap_or_else(|| groups::label(&found.anchor));
        let dated = list.date.as_ref().and_then(|selector| selector.within(&found.block));
        let lines = dated.map_or_else(
            || groups::date_lines(&found.block),
            |node| vec![node.attr_or("title", "").to_string(), node.attr_or("datetime", "").to_string(), line_of(&node)],
        );
        let published =
            lines.iter().find_map(|line| date::parse(line, self.zone, page.fetched)).filter(|stamp| !stamp.coarse).map(|stamp| stamp.at);
        let summary = list.summary.as_ref().and_then(|selector| selector.within(&found.block)).map(|node| line_of(&node));
        let summary = summary.or_else(|| teaser(found, &title));
        Hint { title: Some(text::capped_title(&title)).filter(|title| !title.is_empty()), published, summary, version: None }
    }
}

/// The longest text in a list entry beside its title.
fn teaser(found: &Found<'_>, title: &str) -> Option<String> {
    let texts = found.block.descendants_it().filter(|node| node.is_text()).map(|node| text::line(&node.text()));
    texts.filter(|line| line.chars().count() >= 40 && !title.starts_with(line.as_str()) && line != title).max_by_key(String::len)
}

#[cfg(test)]
mod tests;
