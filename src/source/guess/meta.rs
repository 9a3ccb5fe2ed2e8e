//! What a page says of itself for machines: JSON-LD, OpenGraph, `<meta>`, microdata. Read before
//! anything is removed from the page.

use dom_query::{Document, NodeRef};
use serde_json::{Deserializer, Value};

use crate::text;

use super::line_of;

/// How deep JSON-LD is searched for its article.
const NESTING: usize = 6;

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
    pub(in crate::source) author: Option<String>,
    pub(in crate::source) section: Option<String>,
    /// The whole text, where the page has it for machines.
    pub(in crate::source) body: Option<String>,
}

impl Meta {
    /// A title for a page that shows none.
    pub(in crate::source) fn any_title(&self) -> Option<String> {
        let told = [&self.headline, &self.og_title, &self.page_title].into_iter().flatten();
        told.map(|title| self.without_site(title)).find(|title| !title.is_empty())
    }

    fn without_site(&self, title: &str) -> String {
        let site = self.site_name.as_deref().unwrap_or_default();
        let shorter = title.strip_suffix(site).filter(|_| !site.is_empty()).unwrap_or(title);
        shorter.trim_end_matches(['|', '-', '–', ' ']).to_owned()
    }
}

/// Reads all of it.
pub(in crate::source) fn read(page: &Document) -> Meta {
    let article = json_ld(page).unwrap_or_default();
    let text_of = |key: &str| article.get(key).and_then(first_text);
    let site_name = content(page, "meta[property='og:site_name']");
    let published = text_of("datePublished").into_iter().chain(published(page)).collect();
    let author = article
        .get("author")
        .and_then(named)
        .or_else(|| itemprop_author(page))
        .or_else(|| content(page, "meta[name=author], meta[property='article:author']"));
    let body = article.get("articleBody").and_then(Value::as_str).map(text::paragraphs).filter(|body| !body.is_empty());
    Meta {
        body,
        headline: text_of("headline"),
        og_title: content(page, "meta[property='og:title'], meta[name='og:title']"),
        page_title: page.select("head > title").nodes().first().map(line_of),
        description: content(page, "meta[property='og:description']").or_else(|| content(page, "meta[name=description]")),
        image: content(page, "meta[property='og:image']"),
        published,
        updated: text_of("dateModified").or_else(|| content(page, "meta[property='article:modified_time'], [itemprop=dateModified]")),
        author: author.filter(|name| is_person(name, site_name.as_deref())),
        section: text_of("articleSection").or_else(|| content(page, "meta[property='article:section']")),
        site_name,
    }
}

/// A site's own name, an address and a role are no byline.
fn is_person(name: &str, site: Option<&str>) -> bool {
    let folded = text::fold(name);
    let no_name =
        folded.contains("http") || folded.contains('@') || ["admin", "administrator", "author", "root"].contains(&folded.as_str());
    !no_name && name.chars().count() < 80 && site.is_none_or(|site| text::fold(site) != folded)
}

fn published(page: &Document) -> Option<String> {
    let times = "meta[property='article:published_time'], meta[itemprop=datePublished], [itemprop=datePublished], meta[name=pubdate], meta[name='dc.date.issued'], meta[name='DC.date.issued'], meta[name=publishdate], meta[name='publish-date'], meta[name='parsely-pub-date'], meta[name='sailthru.date'], meta[name=date], meta[name='DC.date']";
    // Microformats keep it in a title.
    let abbreviated = || page.select("abbr.published[title]").attr("title").map(|told| told.to_string());
    content(page, times).or_else(abbreviated)
}

fn itemprop_author(page: &Document) -> Option<String> {
    content(page, "[itemprop=author] [itemprop=name], [itemprop=author]")
}

/// The `content`, `datetime` or text of the first match that has one.
fn content(page: &Document, selector: &str) -> Option<String> {
    page.select(selector).nodes().iter().map(value).find(|text| !text.is_empty())
}

fn value(node: &NodeRef<'_>) -> String {
    let told = node.attr("content").or_else(|| node.attr("datetime"));
    told.map_or_else(|| line_of(node), |told| text::line(&told))
}

/// The article in the page's JSON-LD. Several values may follow each other, and a broken one ends
/// the reading of its script alone.
fn json_ld(page: &Document) -> Option<Value> {
    let scripts = page.select("script[type='application/ld+json']");
    scripts.nodes().iter().find_map(|script| {
        let text = script.text();
        Deserializer::from_str(&text).into_iter::<Value>().map_while(Result::ok).find_map(|value| article_in(value, 0))
    })
}

fn article_in(value: Value, depth: usize) -> Option<Value> {
    if is_article(&value) {
        return Some(value);
    }
    let inner: Vec<Value> = match value {
        Value::Array(values) => values,
        Value::Object(mut fields) => ["@graph", "mainEntity"].iter().filter_map(|key| fields.remove(*key)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    (depth < NESTING).then(|| inner.into_iter().find_map(|value| article_in(value, depth + 1))).flatten()
}

fn is_article(value: &Value) -> bool {
    let kind = value.get("@type").and_then(first_text).unwrap_or_default();
    ["Article", "BlogPosting", "Report"].iter().any(|end| kind.ends_with(end))
}

fn first_text(value: &Value) -> Option<String> {
    let value = value.as_array().map_or(Some(value), |values| values.first())?;
    Some(text::line(value.as_str()?)).filter(|text| !text.is_empty())
}

fn named(value: &Value) -> Option<String> {
    let value = value.as_array().map_or(Some(value), |values| values.first())?;
    first_text(value).or_else(|| first_text(value.get("name")?))
}
