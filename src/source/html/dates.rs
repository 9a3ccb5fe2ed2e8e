//! Where an article's page says when it was posted.

use std::sync::LazyLock;

use chrono::{DateTime, FixedOffset};
use chrono_tz::Tz;
use dom_query::{Document, NodeRef, local_name};
use regex::Regex;
use url::Url;

use crate::date::{self, Stamp};
use crate::html::Named;
use crate::text;

use super::super::guess::stats::{is_block, is_longer};
use super::super::guess::{event, is_in, is_labelled, is_shorter, length, line_of};
use super::super::link;
use super::article::DATE_LINE;

/// A piece of a list is shorter than this, and its headline longer than that.
const PIECE: usize = 400;
const HEADLINE: usize = 15;
/// A date with no more text than this between it and the title is the article's, whatever is beside.
const NEAR: usize = 60;
/// With more text than this beside it a date is mentioned in a sentence.
const SENTENCE: usize = 80;
/// So many lines with dates tell all that lines can tell.
const LINES: usize = 200;
/// So many links around a date are a menu.
const MENU: usize = 4;
/// What clocks are called.
static CLOCK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i-u)clock|dong-?_?ho|today|hom-?_?nay|hien-?_?tai|(time|date)-?_?now|now-?_?(time|date)|current|am-?_?lich|lunar").ok()
});
/// How lines begin that tell since when somebody has an account, folded.
const MEMBERS: &[&str] = &["tham gia", "gia nhap", "thanh vien tu", "ngay tham gia", "joined", "member since"];
/// What parts a date from other words in its line.
const BESIDE: [char; 3] = ['|', '•', '·'];

/// What a page shows of its date, as written.
#[derive(Default)]
pub(super) struct Shown {
    /// The first `<time>` of the article, one behind its title before others.
    pub(super) time: Option<String>,
    /// Dates right below the title, then those right above.
    pub(super) near: Vec<String>,
    /// Dates elsewhere, those behind the title first.
    pub(super) far: Vec<String>,
}

/// The first date, with the time of day that the first other one tells of the same day. Where another
/// one says the same time and its offset, that; not UTC, which is what systems write that do not know
/// their offset. `parse` reads a text as of a zone, or as of the zone of the source.
pub(super) fn best(dates: &[String], parse: impl Fn(&str, Option<Tz>) -> Option<Stamp>) -> Option<DateTime<FixedOffset>> {
    let stamps: Vec<(&str, Stamp)> = dates.iter().filter_map(|text| Some((text.as_str(), parse(text, None)?))).collect();
    let stamps: Vec<(&str, Stamp)> = stamps.into_iter().filter(|(_, stamp)| !stamp.coarse).collect();
    let first = stamps.first()?;
    let is_timed = |stamp: &Stamp| stamp.has_time && stamp.at.date_naive() == first.1.at.date_naive();
    let (text, best) = stamps.iter().find(|(_, stamp)| is_timed(stamp)).unwrap_or(first);
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
    node.is_a(&local_name!("time")) && node.has_attr("datetime")
}

/// What a page shows of the date of the article with this title; `url` is the page's, `is_today`
/// whether a text has the day on which it was fetched.
pub(super) fn shown(page: &Document, title: Option<&NodeRef<'_>>, url: &Url, is_today: impl Fn(&str) -> bool) -> Shown {
    let Some(body) = page.body() else { return Shown::default() };
    let (mut before, mut behind) = (Above::default(), Shown::default());
    // How much text may still come; `None` before the title.
    let mut left: Option<usize> = None;
    for node in body.descendants_it() {
        left = title.filter(|title| title.id == node.id).map_or(left, |title| Some(NEAR + length(title)));
        let is_of_another = |node: &NodeRef<'_>| is_of_another(node, title, url);
        match left {
            None => before.add(&node, title, &is_today, is_of_another),
            Some(left) => behind.add(&node, left > 0, is_of_another),
        }
        left = left.map(|left| if left > 0 && node.is_text() { left.saturating_sub(length(&node)) } else { left });
    }
    before.join(behind, title)
}

impl Shown {
    /// Adds what stands behind the title.
    fn add(&mut self, node: &NodeRef<'_>, near: bool, is_of_another: impl Fn(&NodeRef<'_>) -> bool) {
        if is_time(node) && self.time.is_none() && (near || !is_of_another(node)) {
            self.time = Some(of_element(node));
        }
        if self.near.len() + self.far.len() >= LINES {
            return;
        }
        let Some(line) = small_line(node) else { return };
        let is_dated = is_dated(&line) || near && has_stamp(&line);
        if is_dated && !event::is_told(node, &line) && !is_clock(node, &line) && (near || !is_of_another(node) && !is_mentioned(node)) {
            let lines = if near { &mut self.near } else { &mut self.far };
            lines.push(line);
        }
    }
}

/// What stands before the title. Most of it is of the site: a date counts where it is labelled, or
/// right above the title.
#[derive(Default)]
struct Above {
    time: Option<String>,
    lines: Vec<Dated>,
    /// How much text was passed, and how many links.
    passed: (usize, usize),
}

/// A date and where it ends.
struct Dated {
    line: String,
    end: (usize, usize),
}

impl Above {
    fn add(
        &mut self,
        node: &NodeRef<'_>,
        title: Option<&NodeRef<'_>>,
        is_today: &impl Fn(&str) -> bool,
        is_of_another: impl Fn(&NodeRef<'_>) -> bool,
    ) {
        if is_time(node) && self.time.is_none() && !is_of_another(node) {
            self.time = Some(of_element(node));
        }
        let (chars, links) = self.passed;
        let line = small_line(node)
            .filter(|_| self.lines.len() < LINES)
            .filter(|line| (is_dated(line) || has_stamp(line)) && !is_clock(node, line) && !event::is_told(node, line));
        let is_own = |line: &String| !is_of_another(node) && !is_mentioned(node) && !is_in_menu(node, title) && !is_weekday(line, is_today);
        if let Some(line) = line.filter(is_own) {
            let inside = node.descendants_it().filter(is_link).count();
            self.lines.push(Dated { line, end: (chars + length(node), links + inside) });
        }
        self.passed = (chars + if node.is_text() { length(node) } else { 0 }, links + usize::from(is_link(node)));
    }

    fn join(self, mut behind: Shown, title: Option<&NodeRef<'_>>) -> Shown {
        let around = title.map_or(0, |title| title.ancestors_it(None).filter(is_link).count());
        let (chars, links) = self.passed;
        let is_near = |end: (usize, usize)| title.is_some() && end.0 + NEAR >= chars && end.1 + around >= links;
        for Dated { line, end } in self.lines {
            if is_near(end) {
                behind.near.push(line);
            } else if is_labelled(&line) || title.is_none() && is_dated(&line) {
                behind.far.push(line);
            }
        }
        Shown { time: behind.time.or(self.time), ..behind }
    }
}

/// The text of a node that is small enough for a date.
fn small_line(node: &NodeRef<'_>) -> Option<String> {
    let small = node.is_text() || is_small_block(node);
    let text = small.then(|| node.text()).filter(|text| !is_longer(text, DATE_LINE) && date::may_tell(text))?;
    Some(text::line(&text)).filter(|line| line.chars().count() < DATE_LINE)
}

fn is_dated(line: &str) -> bool {
    date::is_stamp_line(line) || is_labelled(line)
}

fn is_link(node: &NodeRef<'_>) -> bool {
    node.is_a(&local_name!("a")) && node.has_attr("href") && length(node) > 0
}

/// Whether a date is the site's clock, by its name or by the day of the moon beside it, or that of an account.
fn is_clock(node: &NodeRef<'_>, line: &str) -> bool {
    let names = |node: &NodeRef<'_>| format!("{} {}", node.attr_or("id", ""), node.attr_or("class", ""));
    let named = |node: &NodeRef<'_>| CLOCK.as_ref().is_some_and(|clock| clock.is_match(&names(node)));
    let folded = text::fold(line);
    let is_membership = || MEMBERS.iter().any(|words| folded.starts_with(words));
    folded.contains("am lich") || is_membership() || named(node) || node.ancestors_it(Some(2)).any(|above| named(&above))
}

/// Whether a date stands in one element with the links of a menu.
fn is_in_menu(node: &NodeRef<'_>, title: Option<&NodeRef<'_>>) -> bool {
    let holds_title = |above: &NodeRef<'_>| title.is_some_and(|title| is_in(title, above.id));
    let mut apart = node.ancestors_it(Some(2)).take_while(|above| !holds_title(above));
    apart.any(|above| above.descendants_it().filter(is_link).count() >= MENU)
}

/// Whether a line begins with the weekday of the day on which it was fetched: so sites greet.
fn is_weekday(line: &str, is_today: impl Fn(&str) -> bool) -> bool {
    let folded = text::fold(line);
    ["thu ", "chu nhat"].iter().any(|day| folded.starts_with(day)) && is_today(line)
}

/// Whether a line has a date beside other words: "19/11/2026 | Tin tức".
fn has_stamp(line: &str) -> bool {
    line.contains(BESIDE) && line.split(BESIDE).any(date::is_stamp_line)
}

/// Whether a date stands beside a link to another article.
fn is_of_another(node: &NodeRef<'_>, title: Option<&NodeRef<'_>>, url: &Url) -> bool {
    let is_title = |inner: &NodeRef<'_>| title.is_some_and(|title| title.id == inner.id);
    let pieces =
        node.ancestors_it(Some(3)).take_while(|above| is_shorter(above, PIECE) && !above.descendants_it().any(|inner| is_title(&inner)));
    let elsewhere = |anchor: &NodeRef<'_>| {
        link::target(anchor, url).is_none_or(|target| link::same_article_key(&target) != link::same_article_key(url))
    };
    let leads_on = |inner: NodeRef<'_>| {
        inner.is_a(&local_name!("a")) && inner.has_attr("href") && length(&inner) >= HEADLINE && elsewhere(&inner) && !is_named(&inner)
    };
    pieces.into_iter().any(|above| !is_title(&above) && above.descendants_it().any(leads_on))
}

/// Whether a label stands right before a link: "Chuyên mục: Tin tức sự kiện" leads to no article.
fn is_named(link: &NodeRef<'_>) -> bool {
    link.prev_sibling().is_some_and(|before| before.text().trim_end().ends_with(':'))
}

/// Whether a date is one in a sentence: "Ngày <b>8/8/2009</b> trang tin đầu tiên …".
fn is_mentioned(node: &NodeRef<'_>) -> bool {
    let in_line = |node: &NodeRef<'_>| !is_block(node) && !node.is_a(&local_name!("br"));
    let mut beside = 0;
    let mut at = *node;
    while in_line(&at) {
        let before = std::iter::successors(at.prev_sibling(), NodeRef::prev_sibling).take_while(in_line);
        let behind = std::iter::successors(at.next_sibling(), NodeRef::next_sibling).take_while(in_line);
        for node in before.chain(behind) {
            beside += length(&node);
            if beside > SENTENCE {
                return true;
            }
        }
        let Some(parent) = at.parent() else { break };
        at = parent;
    }
    false
}

fn is_small_block(node: &NodeRef<'_>) -> bool {
    node.is_any(&[local_name!("p"), local_name!("div"), local_name!("td"), local_name!("span"), local_name!("li")])
        && node.descendants_it().take(12).count() < 12
}
