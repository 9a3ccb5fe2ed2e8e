//! The next page of a news list.

use std::sync::LazyLock;

use dom_query::{Document, NodeRef};
use regex::Regex;
use url::Url;

use crate::text;

use super::super::link;
use super::line_of;

/// The number of a list page in its address.
static NUMBER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)(?:page|trang|pagenum|_cur|\bp|paged|pageindex|pageno)[-_/=]?(\d{1,4})").ok());
/// What old portals write into `onclick`.
static ONCLICK: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"location(?:\.href)?\s*=\s*['"]([^'"]+)['"]"#).ok());
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
    "ke tiep",
    "next",
    "next page",
    "trang tiep theo",
];

/// The page after this one, on the same host; `None` at the end of the list.
pub(in crate::source) fn next_page(page: &Document, base: &Url, here: &Url, told: Option<NodeRef<'_>>) -> Option<Url> {
    let here = link::canonical(here.clone());
    let ahead = |node: &NodeRef<'_>| leads_to(node, base).filter(|url| *url != here && url.host_str() == here.host_str());
    if let Some(url) = told.as_ref().and_then(ahead) {
        return Some(url);
    }
    let related = page.select("link[rel~=next][href], a[rel~=next][href]");
    related.nodes().iter().find_map(ahead).or_else(|| by_number(page, &here, &ahead)).or_else(|| by_word(page, &ahead))
}

fn leads_to(node: &NodeRef<'_>, base: &Url) -> Option<Url> {
    let onclick = || {
        let script = node.attr("onclick")?;
        let told = ONCLICK.as_ref()?.captures(&script)?.get(1)?.as_str().to_owned();
        base.join(&told).ok().filter(|url| link::same_site(base, url))
    };
    link::target(node, base).or_else(onclick).map(link::canonical)
}

fn number_of(url: &Url) -> Option<u32> {
    let address = url.as_str();
    NUMBER.as_ref()?.captures_iter(address).last()?.get(1)?.as_str().parse().ok()
}

/// The link that says 3 on page 2, among links whose addresses have page numbers.
fn by_number(page: &Document, here: &Url, ahead: &dyn Fn(&NodeRef<'_>) -> Option<Url>) -> Option<Url> {
    let following = number_of(here).unwrap_or(1).checked_add(1)?;
    let said = following.to_string();
    let anchors = page.select("a[href]");
    anchors
        .nodes()
        .iter()
        .filter(|anchor| line_of(anchor) == said)
        .find_map(|anchor| ahead(anchor).filter(|url| number_of(url) == Some(following)))
}

fn by_word(page: &Document, ahead: &dyn Fn(&NodeRef<'_>) -> Option<Url>) -> Option<Url> {
    let anchors = page.select("a[href]");
    let says_next = |anchor: &&NodeRef<'_>| {
        let said = line_of(anchor);
        said.chars().count() < 20 && WORDS.contains(&text::fold(&said).as_str())
    };
    anchors.nodes().iter().filter(says_next).find_map(|anchor| ahead(anchor).filter(|url| number_of(url).is_some()))
}
