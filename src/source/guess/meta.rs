//! What a page says of itself for machines: JSON-LD, OpenGraph, `<meta>`, microdata. Read before
//! anything is removed from the page.

use std::sync::LazyLock;

use dom_query::{Document, NodeRef};
use serde_json::Value;

use crate::html::{Index, Query};
use crate::text;

use super::author::{self, Own};
use super::json_ld::{self, Authors};
use super::line_of;

static SITE_NAME: LazyLock<Query> = LazyLock::new(|| Query::new("meta[property='og:site_name']"));
static MARKED_AUTHOR: LazyLock<Query> = LazyLock::new(|| Query::new("[itemprop~=author]"));
static TITLE: LazyLock<Query> = LazyLock::new(|| Query::new("meta[property='og:title'], meta[name='og:title']"));
static PAGE_TITLE: LazyLock<Query> = LazyLock::new(|| Query::new("head > title"));
static DESCRIPTION: LazyLock<Query> = LazyLock::new(|| Query::new("meta[property='og:description']"));
static PLAIN_DESCRIPTION: LazyLock<Query> = LazyLock::new(|| Query::new("meta[name=description]"));
static IMAGE: LazyLock<Query> = LazyLock::new(|| Query::new("meta[property='og:image']"));
static UPDATED: LazyLock<Query> = LazyLock::new(|| Query::new("meta[property='article:modified_time'], [itemprop=dateModified]"));
static SECTION: LazyLock<Query> = LazyLock::new(|| Query::new("meta[property='article:section']"));
static PUBLISHED: LazyLock<Query> = LazyLock::new(|| {
    Query::new(
        "meta[property='article:published_time'], meta[itemprop=datePublished], [itemprop=datePublished], meta[name=pubdate], meta[name='dc.date.issued'], meta[name='DC.date.issued'], meta[name=publishdate], meta[name='publish-date'], meta[name='parsely-pub-date'], meta[name='sailthru.date'], meta[name=date], meta[name='DC.date']",
    )
});
static ABBREVIATED: LazyLock<Query> = LazyLock::new(|| Query::new("abbr.published[title]"));
static NAMES: LazyLock<Query> = LazyLock::new(|| Query::new("meta[name][content], meta[property][content]"));

/// The machine-readable words of a page about its article.
#[derive(Debug, Default)]
pub(in crate::source) struct Meta {
    pub(in crate::source) headline: Option<String>,
    pub(in crate::source) og_title: Option<String>,
    pub(in crate::source) page_title: Option<String>,
    pub(in crate::source) site_name: Option<String>,
    pub(in crate::source) description: Option<String>,
    pub(in crate::source) image: Option<String>,
    /// As written, best first.
    pub(in crate::source) published: Vec<String>,
    pub(in crate::source) updated: Option<String>,
    /// The people who wrote it.
    pub(in crate::source) author: Option<String>,
    /// The organisation that is said to have written it; the site itself, often.
    pub(in crate::source) organisation: Option<String>,
    /// What the site calls itself.
    pub(in crate::source) own: Own,
    pub(in crate::source) section: Option<String>,
    /// The whole text, where the page has it for machines.
    pub(in crate::source) body: Option<String>,
}

/// Reads all of it; `host` is the page's.
pub(in crate::source) fn read(page: &Index<'_>, host: Option<&str>) -> Meta {
    let values = json_ld::values(page);
    let article = json_ld::article(&values).unwrap_or(&Value::Null);
    let text_of = |key: &str| json_ld::text_of(article, key);
    let site_name = content(page, &SITE_NAME);
    let publisher = article.get("publisher").and_then(|publisher| json_ld::text_of(publisher, "name"));
    let own = Own::new(site_name.iter().chain(&publisher), host);
    let written = text_of("datePublished").into_iter().chain(published(page)).collect();
    let Authors { people, organisations } = json_ld::authors(article, &values);
    let (brands, people): (Vec<String>, Vec<String>) = people.into_iter().partition(|name| own.names(name));
    let author = author::list(people, &own).or_else(|| author::list(marked(page), &own)).or_else(|| author::list(named(page), &own));
    let body = article.get("articleBody").and_then(Value::as_str).map(text::paragraphs).filter(|body| !body.is_empty());
    Meta {
        body,
        headline: text_of("headline").map(unescaped),
        og_title: content(page, &TITLE).map(unescaped),
        page_title: page.first(&PAGE_TITLE).as_ref().map(line_of),
        description: content(page, &DESCRIPTION).or_else(|| content(page, &PLAIN_DESCRIPTION)),
        image: content(page, &IMAGE),
        published: written,
        updated: text_of("dateModified").or_else(|| content(page, &UPDATED)),
        author,
        organisation: author::list(organisations.into_iter().chain(brands), &Own::default()),
        own,
        section: text_of("articleSection").or_else(|| content(page, &SECTION)),
        site_name,
    }
}

fn published(page: &Index<'_>) -> Option<String> {
    // Microformats keep it in a title.
    let abbreviated = || page.first(&ABBREVIATED).and_then(|told| told.attr("title")).map(|told| told.to_string());
    content(page, &PUBLISHED).or_else(abbreviated)
}

/// Authors in microdata: the first, and those beside it.
fn marked(page: &Index<'_>) -> Vec<String> {
    let all: Vec<NodeRef<'_>> = page.all(&MARKED_AUTHOR).collect();
    let above = |node: &NodeRef<'_>| node.parent().map(|parent| parent.id);
    let first = all.first().and_then(above);
    let name = |node: &NodeRef<'_>| {
        let inner = node.descendants_it().find(|inner| inner.attr_or("itemprop", "").split(' ').any(|one| one == "name"));
        value(&inner.unwrap_or(*node))
    };
    all.iter().filter(|node| above(node) == first).map(name).collect()
}

/// Authors in `<meta>`, whatever the vocabulary: `author`, `article:author`, `dc.creator`.
fn named(page: &Index<'_>) -> Vec<String> {
    let mut names = Vec::new();
    for node in page.all(&NAMES) {
        let key = node.attr("name").or_else(|| node.attr("property")).unwrap_or_default().to_lowercase();
        let last = key.rsplit([':', '.', '-', '_']).next().unwrap_or_default();
        if ["author", "authors", "creator", "byl", "byline"].contains(&last) && !key.starts_with("twitter") {
            names.push((key.len() > last.len(), value(&node)));
        }
    }
    // The plain word before those of a vocabulary.
    names.sort_by_key(|(is_special, _)| *is_special);
    let first = names.iter().find(|(_, name)| author::name(name).is_some()).map(|(_, name)| name.clone());
    first.into_iter().collect()
}

/// The `content`, `datetime` or text of the first match that has one.
fn content(page: &Index<'_>, query: &Query) -> Option<String> {
    page.all(query).map(|node| value(&node)).find(|text| !text.is_empty())
}

fn value(node: &NodeRef<'_>) -> String {
    let told = node.attr("content").or_else(|| node.attr("datetime"));
    told.map_or_else(|| line_of(node), |told| text::line(&told))
}

/// Some systems escape twice, or where nothing is to be escaped.
fn unescaped(text: String) -> String {
    let escaped = text.split_once('&').is_some_and(|(_, rest)| rest.contains(';'));
    if escaped { text::line(&Document::fragment(text.replace('<', "&lt;")).text()) } else { text }
}
