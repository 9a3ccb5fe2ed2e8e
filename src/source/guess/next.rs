//! The next page of a news list.

use std::sync::LazyLock;

use dom_query::{Document, NodeRef, local_name};
use regex::Regex;
use url::Url;

use crate::html::Named;
use crate::text;

use super::super::link;
use super::list::Survey;

/// Longer texts are no names of pages, in bytes.
const NAME: usize = 40;
/// A list has hardly more pages.
const FEW_PAGES: u32 = 200;
/// How many links of a page are looked at.
const LINKS: usize = 5_000;
/// Parameters that number the pages of a list; portlets put their own name and `_` before them.
const PARAMETERS: &[&str] = &[
    "page",
    "trang",
    "p",
    "pg",
    "pn",
    "paged",
    "pagenum",
    "pageno",
    "pagenumber",
    "pageindex",
    "page_num",
    "currentpage",
    "current_page",
    "curpage",
    "cur",
    "currpage",
    "gotopage",
];
/// Parameters that tell how many articles come before the page.
const OFFSETS: &[&str] = &["start", "limitstart", "offset", "from", "skip", "startrow"];
/// Attributes of buttons that name the address of more.
const ADDRESSES: &[&str] = &["href", "data-url", "data-href", "data-next", "data-next-url", "data-link"];
/// What old portals write into `onclick` and behind `javascript:`.
static SCRIPT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?:location(?:\.href)?\s*=|location\.(?:assign|replace)\s*\(|window\.open\s*\()\s*['"]([^'"]+)['"]"#).ok()
});
/// The number in a path: `/page/2`, `/page-2`, `/trang-2.html`, `/p2`.
static IN_PATH: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i-u)(?:^|[/_.-])(?:page|trang|paged|pageindex|p)[-_/=.]?([0-9]{1,4})(?:/|$|\.[a-z]{2,5}$)").ok());
/// What links to the next page say, folded.
const WORDS: &[&str] = &[
    "»",
    "›",
    ">",
    ">>",
    "→",
    "sau",
    "tiep",
    "tiep theo",
    "trang sau",
    "trang tiep",
    "trang ke",
    "trang ke tiep",
    "ke tiep",
    "next",
    "next page",
    "trang tiep theo",
    "tin cu hon",
    "cu hon",
    "bai cu hon",
    "xem them",
    "xem tiep",
    "xem them tin",
    "tai them",
    "older",
    "older posts",
    "load more",
    "show more",
];

/// Where in a list a page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum At {
    /// The page with this number, from 1.
    Page(u32),
    /// Behind so many articles.
    Offset(u32),
}

/// The page after this one, on the same host; `None` at the end of the list.
pub(in crate::source) fn next_page(page: &Document, survey: &Survey<'_>, base: &Url, here: &Url, told: Option<NodeRef<'_>>) -> Option<Url> {
    let pager = Pager::of(survey, base, here);
    if let Some(url) = told.as_ref().and_then(|node| pager.leads_to(node)) {
        return Some(url);
    }
    let head = page.select("link[rel~=next][href]");
    let links = || survey.links().take(LINKS);
    let related = || {
        links().filter(|(node, _)| {
            node.attr("rel").is_some_and(|rel| rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("next")))
        })
    };
    let first = head.nodes().iter().find_map(|node| pager.leads_to(node)).filter(|url| pager.is_ahead(url));
    first
        .or_else(|| pager.nearest(related().filter_map(|(node, _)| pager.leads_to(&node))))
        .or_else(|| pager.by_number(links()))
        .or_else(|| pager.by_word(links()))
        .or_else(|| pager.by_button(page))
}

/// The pages around this one.
struct Pager<'b> {
    base: &'b Url,
    here: Url,
    at: Option<At>,
    /// The path of the first page, where later ones have their number behind it.
    first: String,
}

impl<'b> Pager<'b> {
    fn of(survey: &Survey<'_>, base: &'b Url, here: &Url) -> Self {
        let here = link::canonical(here.clone());
        let mut pager = Self { base, at: position(&here), first: here.path().trim_end_matches('/').to_owned(), here };
        let Some((before, number)) = pager.first.rsplit_once('/').filter(|_| pager.at.is_none()) else { return pager };
        let (before, number) = (before.to_owned(), number.parse().ok());
        // "/tin/3" is the third page of "/tin" only where its link "1" leads there.
        let begins = |(node, said): (NodeRef<'_>, String)| {
            self::number(&said) == Some(1) && pager.leads_to(&node).is_some_and(|url| url.path().trim_end_matches('/') == before)
        };
        if number.is_some_and(|number: u32| number > 1) && survey.links().take(LINKS).any(begins) {
            pager.at = number.map(At::Page);
            pager.first = before;
        }
        pager
    }

    /// Where in the list a page stands.
    fn position(&self, url: &Url) -> Option<At> {
        let behind = || url.path().strip_prefix(&self.first)?.strip_prefix('/')?.trim_end_matches('/').parse().ok();
        let page = |number: &u32| (2..=FEW_PAGES).contains(number);
        position(url).or_else(|| behind().filter(page).map(At::Page))
    }

    /// Another page of this host that a link, a button or its script leads to.
    fn leads_to(&self, node: &NodeRef<'_>) -> Option<Url> {
        let named = ADDRESSES.iter().filter_map(|name| node.attr(name)).find_map(|told| self.address(&told));
        let scripted = || ["onclick", "href"].iter().filter_map(|name| node.attr(name)).find_map(|script| self.address(scripted(&script)?));
        named.or_else(scripted)
    }

    fn address(&self, told: &str) -> Option<Url> {
        let told = told.trim();
        let url = link::canonical(self.base.join(told).ok().filter(|_| !told.is_empty() && !told.starts_with('#'))?);
        let good = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.host_str() == self.here.host_str();
        (good && link::same_article_key(&url) != link::same_article_key(&self.here)).then_some(url)
    }

    /// Is a page behind this one? Where neither says its place, it may be.
    fn is_ahead(&self, url: &Url) -> bool {
        match (self.at, self.position(url)) {
            (Some(At::Page(here)), Some(At::Page(there))) => there == here.saturating_add(1),
            (Some(At::Offset(here)), Some(At::Offset(there))) => there > here,
            (None, Some(At::Page(there))) => there == 2 || there == 1 && url.query().is_some(),
            (None, Some(At::Offset(there))) => there > 0,
            (Some(_), None) => false,
            (Some(At::Page(_)), Some(At::Offset(_))) | (Some(At::Offset(_)), Some(At::Page(_))) => false,
            (None, None) => true,
        }
    }

    /// The first page behind this one.
    fn nearest(&self, pages: impl Iterator<Item = Url>) -> Option<Url> {
        pages.filter(|url| self.is_ahead(url)).min_by_key(|url| self.position(url))
    }

    /// The link with the next number in its address; on a first page whose address has no number,
    /// the link that says 2, as some portals count their pages from 0.
    fn by_number<'a>(&self, links: impl Iterator<Item = (NodeRef<'a>, String)>) -> Option<Url> {
        let numbered = links.filter_map(|(node, said)| Some((number(&said)?, node)));
        let follows =
            |number: u32, url: &Url| self.position(url).is_some() && if self.at.is_none() { number == 2 } else { self.is_ahead(url) };
        let pages = numbered.filter_map(|(number, node)| self.leads_to(&node).filter(|url| follows(number, url)));
        pages.min_by_key(|url| self.position(url))
    }

    fn by_word<'a>(&self, links: impl Iterator<Item = (NodeRef<'a>, String)>) -> Option<Url> {
        let says_next = |(_, said): &(NodeRef<'a>, String)| is_next(said);
        self.nearest(links.filter(says_next).filter_map(|(node, _)| self.leads_to(&node)).filter(|url| self.position(url).is_some()))
    }

    /// A button for more, or an element that a script fills, that names where more is.
    fn by_button(&self, page: &Document) -> Option<Url> {
        let buttons = page.select("button, [data-url], [data-href], [data-next], [data-next-url], [role=button]");
        let named = buttons.nodes().iter().take(LINKS).filter(|node| {
            !node.is_a(&local_name!("form")) && node.attr("data-method").is_none_or(|method| method.eq_ignore_ascii_case("get"))
        });
        let more = named.filter(|node| node.has_attr("data-next") || node.has_attr("data-next-url") || is_next(&text::line(&node.text())));
        self.nearest(more.filter_map(|node| self.leads_to(node)).filter(|url| self.position(url).is_some()))
    }
}

/// The address that a script in an attribute goes to.
pub(in crate::source) fn scripted(script: &str) -> Option<&str> {
    script.contains("location").then_some(())?;
    Some(SCRIPT.as_ref()?.captures(script)?.get(1)?.as_str())
}

fn number(said: &str) -> Option<u32> {
    let bare = said.trim_matches(['[', ']', '(', ')', ' ']).trim_start_matches("Trang ").trim_start_matches("trang ");
    (bare.len() <= 4).then(|| bare.parse().ok()).flatten()
}

fn is_next(said: &str) -> bool {
    said.len() < NAME && {
        let folded = text::fold(said);
        let bare = folded.trim_matches([' ', '.', '…', '[', ']', '|']);
        let words = bare.trim_matches([' ', '»', '›', '>', '→', '+']);
        WORDS.contains(&bare) || WORDS.contains(&words)
    }
}

/// Where in its list the page of an address stands, where the address says so.
fn position(url: &Url) -> Option<At> {
    let pairs = url.query_pairs();
    let numbers = pairs.filter_map(|(key, value)| Some((key.to_ascii_lowercase(), value.parse::<u32>().ok()?)));
    let mut offset = None;
    for (key, number) in numbers {
        // Large ones are ids of pages.
        if numbers_pages(&key) || key == "pageid" && number <= FEW_PAGES {
            return Some(At::Page(number));
        }
        if OFFSETS.contains(&key.as_str()) {
            offset = Some(At::Offset(number));
        }
    }
    offset.or_else(|| Some(At::Page(IN_PATH.as_ref()?.captures_iter(url.path()).last()?.get(1)?.as_str().parse().ok()?)))
}

fn numbers_pages(key: &str) -> bool {
    let last =
        || key.rsplit_once('_').is_some_and(|(before, last)| last.len() > 2 && !before.ends_with("per") && PARAMETERS.contains(&last));
    PARAMETERS.contains(&key) || last()
}
