//! Addresses that may give a site's news to a machine.

use std::sync::LazyLock;

use dom_query::{Document, NodeRef};
use regex::Regex;
use url::Url;

use crate::charset;
use crate::page::Page;
use crate::text;

use super::super::link;
use super::document;

/// How many feeds of one page are looked at.
const FEEDS: usize = 4;
/// How many addresses are tried on good luck.
const GUESSES: usize = 7;
/// How many sitemaps of one site are looked at.
const SITEMAPS: usize = 5;

/// Media types of feeds, as `rel=alternate` gives them.
const TYPES: &[&str] = &["application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml", "text/rss"];

/// Addresses that are feeds by their looks.
static FEED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(/|\.|^)(rss|atom|feed|feeds)(\.xml|\.json|\.php|\.aspx)?/?$|\.rss(\?|$)|[?&](format=feed|type=rss|feed=rss2?)|p_p_resource_id=getRSS|/rss/[^/]+\.(rss|xml)$").ok()
});
/// The list of a Liferay page, in the addresses of its articles.
static PUBLISHER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"/-/asset_publisher/([A-Za-z0-9]+)/").ok());

/// The feeds that a page names, in its head and in its links: those of its own section first, no
/// comments.
#[must_use]
pub fn feeds(page: &Page) -> Vec<Url> {
    let Some(document) = document(page) else { return Vec::new() };
    let base = link::base(&document, &page.url);
    let told = document.select("link[rel~=alternate][href]");
    let told = told.nodes().iter().filter(|node| is_feed_link(node)).filter_map(|node| link::target(node, &base));
    let anchors = document.select("a[href]");
    let linked = anchors.nodes().iter().filter_map(|anchor| {
        let url = link::target(anchor, &base)?;
        let named = FEED.as_ref().is_some_and(|feed| feed.is_match(url.as_str()) || feed.is_match(url.path()));
        (named && link::same_site(&page.url, &url)).then_some(url)
    });
    let mut found: Vec<Url> = Vec::new();
    for url in told.chain(linked).filter(|url| !url.as_str().contains("comment") && !url.as_str().contains("binh-luan")) {
        if !found.contains(&url) && url != page.url {
            found.push(url);
        }
    }
    found.sort_by_key(|url| !is_below(url, &page.url));
    found.truncate(FEEDS);
    found
}

fn is_feed_link(node: &NodeRef<'_>) -> bool {
    let kind = node.attr_or("type", "").to_ascii_lowercase();
    let title = text::fold(&node.attr_or("title", ""));
    TYPES.contains(&kind.trim()) && !title.contains("comment") && !title.contains("binh luan")
}

/// Whether a feed is that of the page's own section and not of the whole site.
fn is_below(feed: &Url, page: &Url) -> bool {
    let section = page.path().trim_end_matches('/');
    !section.is_empty() && feed.path().starts_with(section)
}

/// Where the software that made a page usually keeps its feed, then where others do.
#[must_use]
pub fn guesses(page: &Page) -> Vec<Url> {
    let text = charset::decode(&page.body, page.charset.as_deref());
    let mut found: Vec<Url> = Vec::new();
    let here = page.url.path().trim_end_matches('/').to_owned();
    for path in usual(&text, &here).into_iter().chain(COMMON.iter().map(|path| (*path).to_owned())) {
        let Ok(mut url) = page.url.join(&path) else { continue };
        url.set_fragment(None);
        if !found.contains(&url) {
            found.push(url);
        }
    }
    found.truncate(GUESSES);
    found
}

const COMMON: &[&str] = &["/rss", "/feed", "/rss.xml", "/atom.xml", "/feed.xml"];

fn usual(page: &str, here: &str) -> Vec<String> {
    let generator = generator(page);
    let is = |name: &str| generator.contains(name);
    if is("joomla") || page.contains("/media/jui/") || page.contains("com_content") {
        return vec![format!("{here}?format=feed&type=rss"), "/?format=feed&type=rss".to_owned()];
    }
    if is("nukeviet") || page.contains("nv_base_siteurl") {
        let module = here.split('/').rfind(|part| !part.is_empty()).map(|_| format!("{here}/rss/"));
        return module.into_iter().chain(["/rss/".to_owned()]).collect();
    }
    if is("drupal") || page.contains("drupal-settings-json") {
        return vec!["/rss.xml".to_owned()];
    }
    if is("wordpress") || page.contains("/wp-content/") {
        return vec![format!("{here}/feed/"), "/feed/".to_owned()];
    }
    let publisher = PUBLISHER.as_ref().and_then(|publisher| publisher.captures(page)).and_then(|found| found.get(1));
    publisher.map(|id| format!("{here}/-/asset_publisher/{}/rss", id.as_str())).into_iter().collect()
}

/// `<meta name="generator">`, in lower case.
fn generator(page: &str) -> String {
    let end = page.find("</head>").unwrap_or(page.len().min(20_000));
    let head = Document::from(page.get(..end).unwrap_or_default());
    head.select("meta[name=generator]").attr("content").unwrap_or_default().to_ascii_lowercase()
}

/// The list of posts in WordPress's REST API, of the page's own category where it names one.
#[must_use]
pub fn api(page: &Page) -> Option<Url> {
    let document = document(page)?;
    let base = link::base(&document, &page.url);
    let told = document.select("link[rel='https://api.w.org/'][href]").nodes().first().and_then(|node| link::target(node, &base));
    let looks = || document.html().contains("/wp-content/").then(|| base.join("/wp-json/").ok()).flatten();
    let mut posts = below(&told.or_else(looks)?, "wp/v2/posts")?;
    if let Some(category) = category(&document) {
        posts.query_pairs_mut().append_pair("categories", &category);
    }
    Some(posts)
}

/// An address below the root of the API, which is a path or, without permalinks, a parameter.
fn below(root: &Url, path: &str) -> Option<Url> {
    let route = root.query_pairs().find(|(name, _)| name == "rest_route").map(|(_, route)| route.into_owned());
    let Some(route) = route else { return root.join(path).ok() };
    let mut url = root.clone();
    url.query_pairs_mut().clear().append_pair("rest_route", &format!("{}/{path}", route.trim_end_matches('/')));
    Some(url)
}

/// The number of the category that a page lists: in its own API address, else in the body's class.
fn category(page: &Document) -> Option<String> {
    let number =
        |written: &str| Some(written.trim_end_matches('/').to_owned()).filter(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    let told = page.select("link[rel=alternate][type='application/json'][href]");
    let told = told.nodes().iter().find_map(|node| number(node.attr_or("href", "").split_once("/categories/")?.1));
    let class = page.select("body").attr("class").unwrap_or_default();
    let listed = class.split_whitespace().any(|name| name == "category");
    told.or_else(|| class.split_whitespace().filter(|_| listed).find_map(|name| number(name.strip_prefix("category-")?)))
}

/// The sitemaps that a robots.txt names (RFC 9309 leaves them to sitemaps.org), then the usual
/// places; those for news first.
#[must_use]
pub fn robots_sitemaps(robots: Option<&Page>, home: &Url) -> Vec<Url> {
    let text = robots.map(|page| charset::decode(&page.body, page.charset.as_deref()).into_owned()).unwrap_or_default();
    let named = text.lines().filter_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.trim().eq_ignore_ascii_case("sitemap").then(|| home.join(value.trim()).ok()).flatten()
    });
    let mut found: Vec<Url> = Vec::new();
    for url in named.filter(|url| link::same_site(home, url)) {
        if !found.contains(&url) {
            found.push(url);
        }
    }
    found.sort_by_key(|url| !is_news(url));
    let usual = if found.is_empty() { ["/news-sitemap.xml", "/sitemap.xml"].as_slice() } else { &[] };
    found.extend(usual.iter().filter_map(|path| home.join(path).ok()));
    found.truncate(SITEMAPS);
    found
}

/// Whether a sitemap's name says that it holds news.
fn is_news(url: &Url) -> bool {
    let name = url.path().to_ascii_lowercase();
    ["news", "tin", "post", "article", "bai-viet"].iter().any(|word| name.contains(word))
}
