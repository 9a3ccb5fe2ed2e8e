//! An article in HTML: pasted from a word processor, or a page saved from a site.

use dom_query::{Document, NodeRef, local_name};
use dom_smoothie::{Config, Readability};

use super::pasted::{self, Article, Calendar};
use crate::html::Named;
use crate::{charset, text};

/// A document with more links than this is a whole page of a portal, with its menus.
const PORTAL_LINKS: usize = 30;
/// How much of an element is looked at: enough to tell a date, a name or a button from text.
const LONG_TEXT: usize = 800;
const MANY_NODES: usize = 64;
/// Deeper or larger pages are not given to the search for the main text.
const MOST_ELEMENTS: usize = 20_000;
/// What an element that is one line does not hold.
const BLOCKS: &[&str] =
    &["p", "div", "li", "ul", "ol", "table", "td", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "img"];
const NOT_TEXT: &str = "script, style, noscript, template, nav, form, iframe, aside, select, button, footer, header:not(:has(h1))";

/// Reads an HTML file. `None` when it has no title and no text.
pub(super) fn read(text: &str, calendar: &Calendar) -> Option<Article> {
    let page = Document::from(text);
    charset::convert_fonts(&page);
    page.select(NOT_TEXT).remove();
    let named = page_title(&page);
    page.select("head").remove();
    let document = article_of(page);
    let title = take_title(&document, named)?;
    let published = take_stamp(&document, calendar);
    let author = take_byline(&document);
    Some(Article { title, published, author, categories: Vec::new(), html: document.html().to_string() })
}

/// What the page calls itself: its heading, else its window title.
fn page_title(page: &Document) -> Option<String> {
    let texts = ["h1", ".MsoTitle", "title"].map(|place| page.select(place));
    texts.iter().flat_map(|found| found.nodes().first()).map(|node| text::line(&node.text())).find(|title| !title.is_empty())
}

fn article_of(page: Document) -> Document {
    if page.select("a[href]").length() <= PORTAL_LINKS {
        return page;
    }
    let config = Config { max_elements_to_parse: MOST_ELEMENTS, ..Config::default() };
    let found = Readability::new(page.html(), None, Some(config)).and_then(|mut reader| reader.parse());
    found.map_or(page, |article| Document::fragment(article.content))
}

/// Removes the title from the text, and the lines of the site above it. A page that does not
/// name itself is named by its first line.
fn take_title(document: &Document, named: Option<String>) -> Option<String> {
    let lines = lines(document);
    let mut lines = lines.iter().skip_while(|(node, line)| {
        pasted::is_heading(line) && {
            node.remove_from_parent();
            true
        }
    });
    let first = lines.next();
    let title = named.or_else(|| first.map(|(_, line)| line.clone()))?;
    let same = |line: &str| text::fold(line) == text::fold(&title);
    if let Some((node, _)) = first.into_iter().chain(lines).find(|(_, line)| same(line)) {
        node.remove_from_parent();
    }
    Some(title)
}

fn take_stamp(document: &Document, calendar: &Calendar) -> Option<chrono::DateTime<chrono::FixedOffset>> {
    let lines = lines(document);
    let (node, stamp) = lines.iter().find(|(_, line)| pasted::is_stamp(line))?;
    node.remove_from_parent();
    calendar.read(stamp)
}

fn take_byline(document: &Document) -> Option<String> {
    for (node, line) in lines(document).iter().rev() {
        let author = pasted::byline(line).filter(|_| !is_in_table(node));
        if author.is_none() && !pasted::is_navigation(line) {
            return None;
        }
        node.remove_from_parent();
        if author.is_some() {
            return author;
        }
    }
    None
}

fn is_in_table(node: &NodeRef<'_>) -> bool {
    node.ancestors_it(Some(8)).any(|above| above.is_a(&local_name!("td")))
}

/// The elements that are one line each, the outermost of those that hold the same text.
fn lines(document: &Document) -> Vec<(NodeRef<'_>, String)> {
    let all = document.select("*");
    let outermost = all.nodes().iter().filter(|node| node.parent().is_none_or(|parent| line(&parent).is_none()));
    outermost.filter_map(|node| line(node).map(|line| (*node, line))).collect()
}

/// The text of an element without blocks in it, or the beginning of a long one. Looks at a
/// bounded number of nodes, so that no nesting makes this slow.
fn line(node: &NodeRef<'_>) -> Option<String> {
    let mut line = String::new();
    for inner in node.descendants_it().take(MANY_NODES) {
        if BLOCKS.iter().any(|name| inner.has_name(name)) {
            return None;
        }
        if inner.is_a(&local_name!("br")) {
            line.push(' ');
        } else if inner.is_text() && line.len() < LONG_TEXT {
            line.push_str(&inner.text());
        }
    }
    Some(text::line(&line)).filter(|line| !line.is_empty())
}
