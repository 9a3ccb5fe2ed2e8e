//! Whether a page is a list of articles or one of them.

use url::Url;

use crate::date;
use crate::html;

use super::super::{Reading, link};
use super::names_article;

/// Fewer links than these are no news list.
pub const LIST: usize = 5;
/// A dated text of this many characters is an article, whatever else links from its page.
const ARTICLE: usize = 250;
/// So much text at an address like an article's is one, dated or not.
pub const NOTICE: usize = 80;

/// A line of fewer characters is a name: what a menu that was taken for an article is made of.
const NAME: usize = 30;

/// Whether the page at `url`, read as a list and as an article, is the list rather than an article
/// with further ones beside it.
#[must_use]
pub fn is_list(listing: &Reading, article: &Reading, url: &Url) -> bool {
    let titles: Vec<&str> = listing.next.iter().filter(|v| v.guid.is_some()).filter_map(|v| v.hint.title.as_deref()).collect();
    if titles.len() < LIST {
        return false;
    }
    let Some(entry) = article.entries.first() else { return true };
    let text = html::to_text(&entry.content_html);
    let told = titles.iter().filter(|title| text.contains(*title)).count();
    // The text of a list is made of the titles in it.
    if told * 2 >= titles.len() {
        return true;
    }
    // An article lists no other of its own name: what was taken for its title is the first of the list.
    if titles.contains(&entry.title.as_str()) && !names_article(url) {
        return true;
    }
    let chars = told_in(&text);
    !(chars >= ARTICLE && entry.published.is_some() || chars >= NOTICE && (names_article(url) || is_one_of(listing, url)))
}

/// Characters of the lines that tell something.
fn told_in(text: &str) -> usize {
    text.lines().filter(|line| !date::is_stamp_line(line)).map(|line| line.chars().count()).filter(|chars| *chars >= NAME).sum()
}

/// Whether an address differs from most of those that its page lists by a number alone.
fn is_one_of(listing: &Reading, url: &Url) -> bool {
    let listed: Vec<&Url> = listing.next.iter().filter(|visit| visit.guid.is_some()).map(|visit| &visit.url).collect();
    let alike = |folder: &str| listed.iter().filter(|other| link::counted(other) == Some(folder)).count();
    link::counted(url).is_some_and(|folder| alike(folder) * 2 > listed.len())
}
