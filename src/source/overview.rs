//! A list that was asked for as an article: all that its main part says, in the place of the few
//! lines that look like a body. Production never asks; there a list is no article.

use std::sync::LazyLock;

use dom_query::{Document, NodeRef};
use regex::bytes::Regex;
use url::Url;

use crate::charset;
use crate::entry::Entry;
use crate::html::{self, Shown};
use crate::page::Page;

use super::discover::{self, LIST, NOTICE};
use super::guess::around;
use super::guess::stats::Stat;
use super::{Reading, Visit, link};

/// What pages of several parts call themselves in structured data.
static SEVERAL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(CollectionPage|SearchResultsPage|DiscussionForumPosting|QAPage)["']"#).ok());
/// What articles call themselves.
static ARTICLES: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"(?-u)(["']|schema\.org/)(\w*Article|\w*BlogPosting)["']"#).ok());
/// No box of related articles has so many links.
const RELATED: usize = 30;
/// So many headlines or teasers in a body are those of a list.
const PIECES: usize = 3;
/// With less text that leads nowhere, a page without a list is no page of several parts.
const PARTS: usize = 1_000;
/// The introduction of a list is shorter than this.
const ARTICLE: usize = 1_000;
/// A page that calls itself an article is one with so much text.
const TOLD: usize = 2_000;
/// More HTML than this is no page that anybody reads.
const LONGEST: usize = 1 << 20;
/// A line of so many characters is a sentence rather than a label.
const SENTENCE: usize = 40;

/// The page behind a reading, in case it has to be looked at again.
pub(crate) trait Again {
    /// The page as it came, parsed; `None` where it cannot be.
    fn document(&mut self) -> Option<Document>;
    /// The page as a list.
    fn listing(&self, document: &Document) -> Reading;
}

/// The reading of a page as an article, with the text of the whole where the page is a list.
/// The page is looked at again only where there is a doubt. `text`: that of the entry, where it is
/// known.
pub(crate) fn complete(mut reading: Reading, text: Option<String>, page: &Page, again: &mut impl Again) -> Reading {
    if let Some(entry) = reading.entries.first_mut() {
        let body = Body::of(entry, text, page);
        let several = says_several(&page.body);
        let whole = if several || !body.is_sure() && !body.is_told() {
            again.document().and_then(|document| body.outgrown(&document, page, again, several))
        } else {
            None
        };
        if let Some(html) = whole {
            if !body.is_sure() {
                forget(entry);
            }
            entry.content_html = html;
        }
    }
    reading
}

/// Parses a page for another look.
pub(crate) fn parsed(page: &Page) -> Option<Document> {
    // A pasted text or a feed has no main part.
    page.media_type.as_deref().is_none_or(|kind| kind.contains("html")).then_some(())?;
    let document = html::parse(&charset::decode(&page.body, page.charset.as_deref())).ok()?;
    charset::convert_fonts(&document);
    Some(document)
}

/// Whether a page says for machines that it is a collection or a thread, and not an article.
fn says_several(page: &[u8]) -> bool {
    let is_type =
        |at: usize| page.get(..at).is_some_and(|before| [&b"\""[..], b"'", b"schema.org/"].iter().any(|sign| before.ends_with(sign)));
    let several = SEVERAL.as_ref().is_some_and(|words| words.find_iter(page).any(|found| is_type(found.start())));
    several && !ARTICLES.as_ref().is_some_and(|words| words.is_match(page))
}

/// Dates and names on a list are those of its pieces; a thread has those of its first.
fn forget(entry: &mut Entry) {
    (entry.published, entry.updated, entry.author) = (None, None, None);
}

/// What was taken for the body of an article.
struct Body<'a> {
    page: &'a Page,
    text: String,
    chars: usize,
    dated: bool,
    named: bool,
}

/// The main part of a page.
struct Whole {
    html: String,
    text: String,
    chars: usize,
    /// Characters that are no links.
    told: usize,
}

impl<'a> Body<'a> {
    fn of(entry: &Entry, text: Option<String>, page: &'a Page) -> Self {
        let text = text.unwrap_or_else(|| html::to_text(&entry.content_html));
        let named = discover::names_article(&page.url);
        Self { page, chars: text.chars().count(), text, dated: entry.published.is_some(), named }
    }

    /// A long text at an address like an article's is one, and so is a short one with a date,
    /// whatever stands around it.
    fn is_sure(&self) -> bool {
        self.named && (self.chars >= ARTICLE || self.dated && self.chars >= NOTICE)
    }

    /// Whether the page calls itself an article, and has the text of one.
    fn is_told(&self) -> bool {
        self.chars >= TOLD && ARTICLES.as_ref().is_some_and(|words| words.is_match(&self.page.body))
    }

    /// The main part of the page, where the page is a list or the like of which this is a piece.
    fn outgrown(&self, document: &Document, page: &Page, again: &impl Again, several: bool) -> Option<String> {
        // What is taken out of a copy is still there for the list.
        let stripped = document.clone();
        let (main, stat) = around::strip(&stripped)?;
        // Not even nearly so; the exact figures cost more.
        if self.text.chars().filter(|c| !c.is_whitespace()).count() * 10 >= stat.chars * 9 {
            return None;
        }
        let whole = Whole::of(&main, &stat, &link::base(document, &page.url));
        (self.is_short_of(&whole) && (several || self.is_part_of(&whole, &again.listing(document).next))).then_some(whole.html)
    }

    fn is_short_of(&self, whole: &Whole) -> bool {
        self.chars * 4 < whole.chars * 3
    }

    /// Whether the page is a list of which this is only a piece.
    fn is_part_of(&self, whole: &Whole, links: &[Visit]) -> bool {
        let links: Vec<&Visit> = links.iter().filter(|visit| visit.guid.is_some()).collect();
        let open = !self.dated && !self.named;
        if links.len() < LIST {
            return open && whole.told >= PARTS && whole.told > self.chars * 2;
        }
        open && !is_numbered(&self.page.url)
            || self.chars < NOTICE
            || discover::is_home(&self.page.url)
            || links.len() >= RELATED && self.chars * 10 < whole.chars
            || self.pieces(&links) >= PIECES
            || !self.stands_in(whole)
    }

    /// Whether any paragraph of it is in the main part; a question about cookies is not.
    fn stands_in(&self, whole: &Whole) -> bool {
        let mut lines = self.text.lines().map(str::trim).filter(|line| line.chars().count() >= SENTENCE);
        lines.any(|line| whole.text.contains(line))
    }

    /// How many pieces of the list stand in the body.
    fn pieces(&self, links: &[&Visit]) -> usize {
        let has = |told: &Option<String>| told.as_ref().is_some_and(|told| self.text.contains(told.trim_end_matches(['…', '.'])));
        links.iter().filter(|visit| has(&visit.hint.title) || has(&visit.hint.summary)).count()
    }
}

/// Whether an address names one of many by its number: `?id=1204`.
fn is_numbered(url: &Url) -> bool {
    let is_number = |value: &str| value.len() > 1 && value.bytes().all(|byte| byte.is_ascii_digit());
    url.query_pairs().any(|(_, value)| is_number(&value))
}

impl Whole {
    fn of(main: &NodeRef<'_>, stat: &Stat, base: &Url) -> Self {
        let holder = main.tree.new_element("div");
        holder.append_child(main);
        let Shown { html, text, .. } = html::sanitise_inside(&holder, base, LONGEST);
        Self { chars: text.chars().count(), text, html, told: stat.chars.saturating_sub(stat.linked) }
    }
}

#[cfg(test)]
mod tests;
