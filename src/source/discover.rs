//! What a page says of the ways to read its site: feeds, a CMS's own API, known software; and
//! what it is, where it is no news list.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use dom_query::{Document, NodeRef, local_name};
use regex::Regex;
use url::Url;

use crate::charset;
use crate::html::{self, Named, parse};
use crate::page::Page;
use crate::text;

use super::guess::line_of;
use super::link;

mod families;
mod leads;
mod shape;

pub use families::recipes_for;
pub use leads::{api, feeds, guesses, robots_sitemaps};
pub use shape::{LIST, NOTICE, is_list};

/// How much of a page is searched for the first words of a feed.
const HEAD: usize = 512;
/// How much of one is searched for its root; some declare a whole alphabet first.
const PROLOG: usize = 1 << 20;
/// Below this many characters a page shows nothing by itself.
const BARE: usize = 200;
/// A page of refusal is short.
const REFUSAL: usize = 3_000;
/// A longer link is no section of a site.
const SECTION: usize = 48;
/// How many better addresses are told.
const ELSEWHERE: usize = 5;

/// What links to a site's news index are called, folded, best first.
const INDEXES: &[&str] = &[
    "tin tuc - su kien",
    "tin tuc su kien",
    "tin tuc",
    "tin moi",
    "tin hoat dong",
    "tin dia phuong",
    "tin trong phuong",
    "tin phuong",
    "thong tin tuyen truyen",
    "hoat dong",
    "thong bao",
    "su kien",
    "ban tin",
    "tin ",
    "news",
];
/// What a firewall says instead of the page, folded.
const BLOCKED: &[&str] = &[
    "attention required",
    "checking your browser",
    "just a moment",
    "verify you are human",
    "captcha",
    "request rejected",
    "access denied",
    "web application firewall",
    "unusual traffic",
    "ddos protection",
    "truy cap bi chan",
    "truy cap bi tu choi",
    "xac minh ban la nguoi",
];
/// What a site says of a page that is not there, folded.
const MISSING: &[&str] = &["404", "not found", "khong tim thay", "khong ton tai", "trang da bi xoa"];

/// How many links tell which site a page is of, and how many of them must agree.
const LINKS: usize = 1_000;
const MOST: usize = 5;

/// Where a link with a whole address leads.
static SITE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"<a\s[^>]*?href=["']?(https?://[^/"'\s>]+)"#).ok());
/// The title of an XML feed.
static TITLE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?s)<title[^>]*>\s*(?:<!\[CDATA\[)?(.{1,500}?)(?:\]\]>)?\s*</title>").ok());
/// The end of an address that names one article.
static SLUG: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)(\d{3,}|-\d+)(\.\w{3,5})?/?$|(-[^-/]+){4,}(\.\w{3,5})?/?$").ok());

/// The end of one that names an article by a small number.
static COUNTED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)/\d+\.(s?html?|aspx?|php|jsp)$|/(tin|tin-?tuc|thong-?bao|bai|bai-?viet|chi-?tiet|news|articles?|posts?|stor(y|ies))/\d+/?$",
    )
    .ok()
});

/// What a page is, as far as one look tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// RSS, Atom or JSON Feed.
    Feed,
    /// A page that says it is one article.
    Article,
    /// A form that asks for a password.
    Login,
    /// Next to nothing but scripts.
    Shell,
    /// A firewall's refusal.
    Blocked,
    /// The site's words for "no such page".
    Missing,
    /// Only frames.
    Frames,
    /// No page of text, or too complex to be read.
    Unreadable,
    /// None of these.
    Page,
}

/// A link that may lead to a news index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What the site calls it.
    pub title: String,
    /// Its address.
    pub url: Url,
}

/// What one look at a page tells.
#[derive(Debug, Clone)]
pub struct Sight {
    /// What it is.
    pub look: Look,
    /// Whether it is the site's front page.
    pub is_home: bool,
    /// What the site or the page is called.
    pub title: Option<String>,
    /// Links that look like a news index, best first.
    pub sections: Vec<Section>,
    /// How many different addresses of its own site it links to.
    pub links: usize,
}

/// Looks at a page.
#[must_use]
pub fn look(page: &Page) -> Sight {
    let is_home = is_home(&page.url);
    let bare = |look| Sight { look, is_home, title: None, sections: Vec::new(), links: 0 };
    if is_feed(page) {
        return Sight { title: feed_title(page), ..bare(Look::Feed) };
    }
    let Some(document) = document(page) else { return bare(Look::Unreadable) };
    let base = link::base(&document, &page.url);
    let (look, title, sections) = (look_of(&document, &page.url), title(&document), sections(&document, &base));
    Sight { look, is_home, title, sections, links: links(&document, &base) }
}

/// Whether a page is a feed: by its media type, by how it begins, or by its root behind a long prolog.
#[must_use]
pub fn is_feed(page: &Page) -> bool {
    let told = page.media_type.as_deref().unwrap_or_default();
    let head = plain(page, HEAD);
    let is_html = head.contains("<html") || head.contains("<!doctype html");
    let named = ["rss", "atom", "feed+json"].iter().any(|kind| told.contains(kind));
    let begins = || ["<rss", "<feed", "<rdf:rdf", "jsonfeed.org/version"].iter().any(|mark| head.contains(mark));
    let rooted = || head.starts_with("<?xml") && ["rss", "feed", "rdf:rdf"].contains(&root(&plain(page, PROLOG)));
    !is_html && (named || begins() || rooted())
}

/// The beginning of a page in lower case, also of one in UTF-16.
fn plain(page: &Page, bytes: usize) -> String {
    let head = String::from_utf8_lossy(page.body.get(..bytes).unwrap_or(&page.body)).replace('\0', "");
    head.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\u{fffd}').to_lowercase()
}

/// The name of an XML document's root, behind declarations, comments and the document type.
fn root(document: &str) -> &str {
    let mut rest = document.trim_start();
    loop {
        let end = match rest {
            _ if rest.starts_with("<?") => "?>",
            _ if rest.starts_with("<!--") => "-->",
            // Declarations of one's own stand in brackets.
            _ if rest.starts_with("<!") => {
                if rest.split('>').next().is_some_and(|start| start.contains('[')) {
                    "]>"
                } else {
                    ">"
                }
            }
            _ => break,
        };
        let Some((_, behind)) = rest.split_once(end) else { return "" };
        rest = behind.trim_start();
    }
    let name = rest.strip_prefix('<').unwrap_or_default();
    name.split(|c: char| c.is_whitespace() || c == '>' || c == '/').next().unwrap_or_default()
}

/// The address that a saved page gives itself: `rel=canonical`, else `og:url`, else the front page
/// of the site that most of its links lead to.
#[must_use]
pub fn own_address(page: &Page) -> Option<Url> {
    let text = charset::decode(&page.body, page.charset.as_deref());
    let end = text.find("</head>").or_else(|| text.find("<body"))?;
    let head = Document::from(text.get(..end)?);
    let written = |selector: &str, name: &str| head.select(selector).attr(name).and_then(|told| Url::parse(told.trim()).ok());
    let told = written("link[rel=canonical][href]", "href").or_else(|| written("meta[property='og:url'][content]", "content"));
    told.filter(|url| matches!(url.scheme(), "http" | "https")).or_else(|| usual_site(&text))
}

/// The site of most whole addresses that a page links to.
fn usual_site(text: &str) -> Option<Url> {
    let mut sites: HashMap<&str, usize> = HashMap::new();
    for found in SITE.as_ref()?.captures_iter(text).take(LINKS) {
        *sites.entry(found.get(1)?.as_str()).or_default() += 1;
    }
    let all: usize = sites.values().sum();
    let (site, count) = sites.into_iter().max_by_key(|(site, count)| (*count, *site))?;
    if count >= MOST && count * 2 > all { Url::parse(site).ok() } else { None }
}

/// Do two addresses belong to one site?
#[must_use]
pub fn same_site(home: &Url, other: &Url) -> bool {
    link::same_site(home, other) || link::same_site(other, home)
}

/// An address without what does not tell articles apart: scheme, `www.`, tracking, a last slash.
#[must_use]
pub fn key(url: &Url) -> String {
    let plain = link::canonical(url.clone());
    let host = plain.host_str().unwrap_or_default().trim_start_matches("www.").to_owned();
    let query = plain.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{host}{}{query}", plain.path().trim_end_matches('/'))
}

/// Whether an address looks like that of one article.
#[must_use]
pub fn names_article(url: &Url) -> bool {
    let is = |words: &LazyLock<Option<Regex>>| words.as_ref().is_some_and(|words| words.is_match(url.path()));
    !is_home(url) && (is(&SLUG) || link::counted(url).is_some() && is(&COUNTED))
}

/// Whether an address is that of a whole site.
pub(super) fn is_home(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    let name = path.trim_matches('/');
    let names = ["", "index.php", "index.html", "index.htm", "index.aspx", "default.aspx", "home", "trang-chu", "trangchu", "web/guest"];
    names.contains(&name) && url.query().is_none()
}

fn document(page: &Page) -> Option<Document> {
    let body = charset::decode(&page.body, page.charset.as_deref());
    let readable = !charset::is_binary(&page.body) && charset::is_legible(&body);
    readable.then(|| parse(&body).ok()).flatten()
}

fn look_of(page: &Document, url: &Url) -> Look {
    if page.select("frameset").exists() {
        return Look::Frames;
    }
    let shown = shown(page);
    let folded = text::fold(&shown);
    let heading = text::fold(&page.select("head > title, h1").text());
    let chars = shown.chars().count();
    if chars < REFUSAL && BLOCKED.iter().any(|words| heading.contains(words) || (chars < BARE * 3 && folded.contains(words))) {
        return Look::Blocked;
    }
    if chars < REFUSAL && MISSING.iter().any(|words| heading.contains(words)) {
        return Look::Missing;
    }
    if chars < BARE && page.select("script").exists() {
        return Look::Shell;
    }
    if page.select("input[type=password]").exists() && chars < REFUSAL {
        return Look::Login;
    }
    if says_article(page) && names_article(url) { Look::Article } else { Look::Page }
}

/// The text that a reader without scripts sees.
fn shown(page: &Document) -> String {
    let Some(body) = page.body() else { return String::new() };
    let hidden =
        |node: &NodeRef<'_>| node.is_any(&[local_name!("script"), local_name!("style"), local_name!("noscript"), local_name!("template")]);
    let texts = body.descendants_it().filter(|node| node.is_text() && !node.parent().is_some_and(|above| hidden(&above)));
    text::line(&texts.map(|node| node.text().to_string()).collect::<Vec<_>>().join(" "))
}

fn says_article(page: &Document) -> bool {
    let kind = page.select("meta[property='og:type']").attr("content").unwrap_or_default();
    let told = page.select("script[type='application/ld+json']").text();
    let microdata = page.select("[itemtype$=NewsArticle] [itemprop=articleBody], [itemtype$='/Article'] [itemprop=articleBody]");
    kind.eq_ignore_ascii_case("article") || (told.contains("Article\"") && told.contains("headline")) || microdata.exists()
}

/// The site's own name, else the page's.
fn title(page: &Document) -> Option<String> {
    let named = page.select("meta[property='og:site_name'][content]").attr("content").map(|name| text::capped_title(&name));
    let called = || page.select("head > title").nodes().first().map(|node| text::capped_title(&line_of(node)));
    named.filter(|title| !title.is_empty()).or_else(called).filter(|title| !title.is_empty())
}

/// What a feed calls itself: its first title, or JSON Feed's.
fn feed_title(page: &Page) -> Option<String> {
    let body = charset::decode(&page.body, page.charset.as_deref());
    let said = |name: &str| serde_json::from_str::<serde_json::Value>(&body).ok()?.get(name)?.as_str().map(str::to_owned);
    let marked = || TITLE.as_ref()?.captures(&body)?.get(1).map(|title| html::to_text(title.as_str()));
    let title = if body.trim_start().starts_with('{') { said("title") } else { marked() };
    title.map(|title| text::capped_title(&title)).filter(|title| !title.is_empty())
}

/// How many different addresses of its own site a page links to.
fn links(page: &Document, base: &Url) -> usize {
    let targets = page.select("a[href]").nodes().iter().filter_map(|anchor| link::target(anchor, base)).collect::<Vec<_>>();
    targets.into_iter().filter(|url| link::same_site(base, url)).map(link::canonical).collect::<HashSet<_>>().len()
}

/// The links that are called as news indexes are, each once.
fn sections(page: &Document, base: &Url) -> Vec<Section> {
    let mut found: Vec<(usize, Section)> = Vec::new();
    let mut known = HashSet::new();
    for anchor in page.select("a[href]").nodes() {
        let title = line_of(anchor);
        let Some(rank) = rank(&title) else { continue };
        let Some(url) = link::target(anchor, base).map(link::canonical) else { continue };
        if link::same_site(base, &url)
            && !is_home(&url)
            && !names_article(&url)
            && link::media_type(&url).is_none()
            && known.insert(url.clone())
        {
            found.push((rank, Section { title, url }));
        }
    }
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, section)| section).take(ELSEWHERE).collect()
}

fn rank(title: &str) -> Option<usize> {
    let chars = title.chars().count();
    let folded = text::fold(title);
    let folded = folded.replace(['–', ','], "-");
    (chars <= SECTION).then(|| INDEXES.iter().position(|name| folded.starts_with(name))).flatten()
}

#[cfg(test)]
mod tests;
