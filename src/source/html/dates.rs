//! Where an article's page says when it was posted.

use chrono::{DateTime, FixedOffset};
use chrono_tz::Tz;
use dom_query::{Document, NodeRef};
use url::Url;

use crate::date::{self, Stamp};
use crate::text;

use super::super::guess::stats::is_block;
use super::super::guess::{is_labelled, length, line_of};
use super::super::link;
use super::article::DATE_LINE;

/// A piece of a list is shorter than this, and its headline longer than that.
const PIECE: usize = 400;
const HEADLINE: usize = 15;
/// A date with no more text than this between it and the title is the article's, whatever is beside.
const NEAR: usize = 60;
/// With more text than this beside it a date is mentioned in a sentence.
const SENTENCE: usize = 80;
/// What parts a date from other words in its line.
const BESIDE: [char; 3] = ['|', '•', '·'];

/// What a page shows of its date, as written.
#[derive(Default)]
pub(super) struct Shown {
    /// The first `<time>` of the article, one behind its title before others.
    pub(super) time: Option<String>,
    /// Lines that are dates, those behind the title first.
    pub(super) lines: Vec<String>,
}

/// The first date with a time of day, else the first date. Where another one says the same time and
/// its offset, that; not UTC, which is what systems write that do not know their offset. `parse`
/// reads a text as of a zone, or as of the zone of the source.
pub(super) fn best(dates: &[String], parse: impl Fn(&str, Option<Tz>) -> Option<Stamp>) -> Option<DateTime<FixedOffset>> {
    let stamps: Vec<(&str, Stamp)> = dates.iter().filter_map(|text| Some((text.as_str(), parse(text, None)?))).collect();
    let stamps: Vec<(&str, Stamp)> = stamps.into_iter().filter(|(_, stamp)| !stamp.coarse).collect();
    let (text, best) = stamps.iter().find(|(_, stamp)| stamp.has_time).or_else(|| stamps.first())?;
    let at = |text: &str, zone| parse(text, Some(zone)).map(|stamp| stamp.at);
    let has_offset = |text: &str| at(text, Tz::UTC) == at(text, Tz::Asia__Tokyo);
    if !best.has_time || has_offset(text) {
        return Some(best.at);
    }
    let minute = |stamp: &Stamp| stamp.at.naive_local().and_utc().timestamp() / 60;
    let same =
        |(text, stamp): &&(&str, Stamp)| minute(stamp) == minute(best) && stamp.at.offset().local_minus_utc() != 0 && has_offset(text);
    Some(stamps.iter().find(same).map_or(best.at, |(_, stamp)| stamp.at))
}

/// What an element says for machines, it or the only `<time>` within, else what it shows.
pub(super) fn of_element(node: &NodeRef<'_>) -> String {
    let told = |node: &NodeRef<'_>| node.attr("datetime").or_else(|| node.attr("content")).map(|told| told.to_string());
    let within = || {
        let mut times = node.descendants_it().filter(is_time);
        times.next().filter(|_| times.next().is_none()).and_then(|time| told(&time))
    };
    told(node).or_else(within).filter(|told| !told.is_empty()).unwrap_or_else(|| line_of(node))
}

fn is_time(node: &NodeRef<'_>) -> bool {
    node.has_name("time") && node.has_attr("datetime")
}

/// What a page shows of the date of the article with this title; `url` is the page's.
pub(super) fn shown(page: &Document, title: Option<&NodeRef<'_>>, url: &Url) -> Shown {
    let Some(body) = page.body() else { return Shown::default() };
    let (mut before, mut behind) = (Shown::default(), Shown::default());
    // How much text may still come; `None` before the title.
    let mut left: Option<usize> = None;
    for node in body.descendants_it() {
        left = title.filter(|title| title.id == node.id).map_or(left, |title| Some(NEAR + length(title)));
        let side = if left.is_some() { &mut behind } else { &mut before };
        side.add(&node, left.is_some_and(|left| left > 0), |node| is_of_another(node, title, url));
        left = left.map(|left| if left > 0 && node.is_text() { left.saturating_sub(length(&node)) } else { left });
    }
    behind.lines.append(&mut before.lines);
    Shown { time: behind.time.or(before.time), lines: behind.lines }
}

impl Shown {
    fn add(&mut self, node: &NodeRef<'_>, near: bool, is_of_another: impl Fn(&NodeRef<'_>) -> bool) {
        if is_time(node) && self.time.is_none() && (near || !is_of_another(node)) {
            self.time = Some(of_element(node));
        }
        if !node.is_text() && !is_small_block(node) {
            return;
        }
        let line = text::line(&node.text());
        let is_dated = || date::is_stamp_line(&line) || is_labelled(&line) || near && has_stamp(&line);
        if line.chars().count() < DATE_LINE && is_dated() && (near || !is_of_another(node) && !is_mentioned(node)) {
            self.lines.push(line);
        }
    }
}

/// Whether a line has a date beside other words: "19/11/2026 | Tin tức".
fn has_stamp(line: &str) -> bool {
    line.contains(BESIDE) && line.split(BESIDE).any(date::is_stamp_line)
}

/// Whether a date stands beside a link to another article.
fn is_of_another(node: &NodeRef<'_>, title: Option<&NodeRef<'_>>, url: &Url) -> bool {
    let is_title = |inner: &NodeRef<'_>| title.is_some_and(|title| title.id == inner.id);
    let pieces =
        node.ancestors_it(Some(3)).take_while(|above| length(above) < PIECE && !above.descendants_it().any(|inner| is_title(&inner)));
    let elsewhere = |anchor: &NodeRef<'_>| {
        link::target(anchor, url).is_none_or(|target| link::same_article_key(&target) != link::same_article_key(url))
    };
    let leads_on = |inner: NodeRef<'_>| {
        inner.has_name("a") && inner.has_attr("href") && length(&inner) >= HEADLINE && elsewhere(&inner) && !is_named(&inner)
    };
    pieces.into_iter().any(|above| !is_title(&above) && above.descendants_it().any(leads_on))
}

/// Whether a label stands right before a link: "Chuyên mục: Tin tức sự kiện" leads to no article.
fn is_named(link: &NodeRef<'_>) -> bool {
    link.prev_sibling().is_some_and(|before| before.text().trim_end().ends_with(':'))
}

/// Whether a date is one in a sentence: "Ngày <b>8/8/2009</b> trang tin đầu tiên …".
fn is_mentioned(node: &NodeRef<'_>) -> bool {
    let in_line = |node: &NodeRef<'_>| !is_block(node) && !node.has_name("br");
    let mut beside = 0;
    let mut at = *node;
    while in_line(&at) {
        let before = std::iter::successors(at.prev_sibling(), NodeRef::prev_sibling).take_while(in_line);
        let behind = std::iter::successors(at.next_sibling(), NodeRef::next_sibling).take_while(in_line);
        beside += before.chain(behind).map(|node| length(&node)).sum::<usize>();
        let Some(parent) = at.parent() else { break };
        at = parent;
    }
    beside > SENTENCE
}

fn is_small_block(node: &NodeRef<'_>) -> bool {
    ["p", "div", "td", "span", "li"].iter().any(|name| node.has_name(name)) && node.descendants_it().take(12).count() < 12
}
