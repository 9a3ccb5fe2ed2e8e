//! Which line of a page is its title: one that other places know as the title, else the line above
//! the text that looks like one.

use std::sync::LazyLock;

use dom_query::{Document, NodeRef, local_name};
use regex::Regex;

use crate::date;
use crate::html::{Index, Named};
use crate::text;

use super::meta::Meta;
use super::stats::Stats;
use super::title::is_office;
use super::{author, body, headline, is_in, is_labelled, length, line_of};

/// How many lines above the text a title may stand.
const ABOVE: usize = 8;
/// A shorter line is no text yet, in characters.
const TEXT: usize = 60;
/// A longer line is text however it ends.
const LONG: usize = 160;
/// A title has so many characters.
const SHORTEST: usize = 12;
const LONGEST: usize = 250;
/// What a section is called is shorter, in characters.
const SECTION_NAME: usize = 25;
/// Below this a line is no title.
const LEAST: i32 = 2;

/// Names of elements that titles stand in.
static TITLE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i-u)title|tieu-?_?de|headline|post-?name|ten-?bai|(^|[-_ ])h[1-4]([-_ ]|$)").ok());
/// Names of elements that say what part of the site this is.
static SECTION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i-u)cat|chuyen|muc|module|portlet|box|site|breadcrumb|banner|logo|menu|widget|path|nav").ok());

/// A line of a page, an element without blocks, or text beside blocks.
struct Line<'a> {
    node: NodeRef<'a>,
    text: String,
}

/// The line that is the title; `listed` is what the list calls the article.
pub(in crate::source) fn find<'a>(page: &'a Document, index: &Index<'a>, meta: &Meta, listed: Option<&str>) -> Option<NodeRef<'a>> {
    let is_of_site = |title: &&String| meta.own.names(title) || author::is_portal(title) || is_office(title);
    let told: Vec<String> = [&meta.headline, &meta.og_title].into_iter().flatten().filter(|title| !is_of_site(title)).cloned().collect();
    let known: Vec<String> = told.iter().cloned().chain(listed.map(str::to_owned)).collect();
    let shown = headline::title(index, &known, meta.page_title.as_deref());
    let page_title = meta.page_title.as_deref().unwrap_or_default();
    // "Title - Site" begins with the title; a short beginning is a section's.
    let begins = |line: &str| page_title.len() > line.len() && line.chars().count() >= SECTION_NAME && page_title.starts_with(line);
    let is_told = !told.is_empty() || shown.as_ref().map(line_of).is_some_and(|line| known.contains(&line) || begins(&line));
    if is_told { shown } else { above_text(page, index, shown) }
}

/// The title above the text. `shown` is what else may be one: it is taken where it is the heading of
/// the page or looks like a title as well, or where nothing does.
fn above_text<'a>(page: &'a Document, index: &Index<'a>, shown: Option<NodeRef<'a>>) -> Option<NodeRef<'a>> {
    if shown.as_ref().is_some_and(|shown| shown.is_a(&local_name!("h1")) && !is_called(&own_names(shown), &SECTION) && !leads_home(shown)) {
        return shown;
    }
    let (Some(root), Some(container)) = (page.body(), body::container(page, index, None)) else { return shown };
    let lines = lines(&root);
    let Some(start) = lines.iter().position(|line| is_in(&line.node, container.id) && line.is_text()) else { return shown };
    let near = lines.get(start.saturating_sub(ABOVE)..=start).unwrap_or_default();
    let pairs = || near.iter().zip(near.iter().skip(1));
    let is_shown = |line: &Line<'_>| shown.as_ref().is_some_and(|shown| is_in(&line.node, shown.id) || is_in(shown, line.node.id));
    if pairs().any(|(line, below)| is_shown(line) && line.score(below) >= Some(LEAST)) {
        return shown;
    }
    let scored = pairs().enumerate().filter_map(|(at, (line, below))| Some((line.score(below)?, at, line)));
    let best = scored.filter(|(score, _, _)| *score >= LEAST).max_by_key(|(score, at, _)| (*score, *at));
    best.map(|(_, _, line)| line.node).or(shown)
}

fn lines<'a>(root: &NodeRef<'a>) -> Vec<Line<'a>> {
    let stats = Stats::of(root);
    let is_part = |node: &NodeRef<'_>| stats.get(node).is_line();
    let is_line = |node: &NodeRef<'a>| {
        (node.is_text() || node.is_element() && is_part(node)) && node.parent().is_some_and(|parent| !is_part(&parent))
    };
    root.descendants_it()
        .filter(is_line)
        .map(|node| Line { text: text::line(&node.text()), node })
        .filter(|line| !line.text.is_empty())
        .collect()
}

impl Line<'_> {
    /// Whether the line is one of the text. Titles end without a full stop.
    fn is_text(&self) -> bool {
        let chars = self.text.chars().count();
        let is_sentence = chars >= LONG || chars >= TEXT && self.text.ends_with(['.', '!', '?', ':', ';', '…', '”']);
        let linked: usize = self
            .node
            .descendants_it()
            .filter(|inner| inner.is_a(&local_name!("a")) && inner.has_attr("href"))
            .map(|link| length(&link))
            .sum();
        is_sentence && linked * 2 <= length(&self.node) && !self.is_heading()
    }

    fn is_heading(&self) -> bool {
        self.node.is_any(&[local_name!("h1"), local_name!("h2"), local_name!("h3"), local_name!("h4")])
    }

    /// Whether the line is the way to the page: "Trang chủ » Tin tức".
    fn is_way(&self) -> bool {
        text::fold(&self.text).starts_with("trang chu") || [" > ", " » ", " >> "].iter().any(|sign| self.text.contains(sign))
    }

    fn is_dated(&self) -> bool {
        date::is_stamp_line(&self.text) || is_labelled(&self.text)
    }

    /// How much the line looks like a title, by its element, its words and the line below it; `None`
    /// for one that cannot be one.
    fn score(&self, below: &Line<'_>) -> Option<i32> {
        if !(SHORTEST..=LONGEST).contains(&self.text.chars().count()) || self.is_dated() || self.is_way() {
            return None;
        }
        let names = names(&self.node);
        let section = is_called(&names, &SECTION);
        let titled = !section && is_called(&names, &TITLE);
        let is_said = [
            (self.is_heading(), 2),
            (titled, 2),
            (below.is_dated(), 2),
            (section, -3),
            (self.text.ends_with(['.', ':']), -2),
            (leads_home(&self.node), -4),
        ];
        Some(is_said.iter().filter(|(is, _)| *is).map(|(_, points)| points).sum())
    }
}

/// The site's own name leads to its front page.
fn leads_home(node: &NodeRef<'_>) -> bool {
    let is_home = |href: &str| match href.split_once("://") {
        Some((_, rest)) => !rest.trim_end_matches('/').contains(['/', '?', '#']),
        None => href == "/",
    };
    node.descendants_it()
        .filter(|inner| inner.is_a(&local_name!("a")))
        .any(|link| link.attr("href").is_some_and(|href| is_home(href.trim())))
}

fn is_called(names: &str, words: &LazyLock<Option<Regex>>) -> bool {
    words.as_ref().is_some_and(|words| words.is_match(names))
}

fn own_names(node: &NodeRef<'_>) -> String {
    format!("{} {}", node.attr_or("class", ""), node.attr_or("id", ""))
}

/// What an element is called, and the one that holds nothing else.
fn names(node: &NodeRef<'_>) -> String {
    let around = node.parent().filter(|above| above.children_it(false).filter(NodeRef::is_element).count() == 1);
    format!("{} {}", own_names(node), around.map(|above| own_names(&above)).unwrap_or_default())
}
