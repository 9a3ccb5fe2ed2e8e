//! What a piece of a list tells of its article: title, date, teaser.

use std::ops::Range;

use chrono::{DateTime, FixedOffset, Utc};
use chrono_tz::Tz;

use crate::date::{self, Stamp};
use crate::text;

use super::is_heading;
use super::items::Item;
use super::links::{Link, Links};
use super::survey::Survey;

/// Longer lines are no dates, in bytes.
const DATE: usize = 90;
/// Shorter lines are no teasers, in characters.
const TEASER: usize = 40;
/// How many dates of a piece are tried.
const TRIES: usize = 6;
/// Attributes that tell a date to machines, best first.
const DATES: &[&str] = &["datetime", "title", "content", "data-date", "data-time"];
/// Words in the names of elements that hold titles.
const TITLES: &[&str] = &["title", "tieude", "tieu-de", "headline", "name"];
/// What stands around dates.
const AROUND: &[char] = &['(', ')', '[', ']', '|', '-', '–', '—', '•', '·', ',', ';', '/', ' ', '\u{a0}'];

/// A text without line ends, and where it stands.
struct Line {
    said: String,
    spot: usize,
    texts: Range<usize>,
}

fn lines(survey: &Survey<'_>, texts: Range<usize>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (at, text) in texts.clone().zip(survey.pieces(texts)) {
        match lines.last_mut().filter(|_| !text.breaks) {
            Some(line) => line.texts.end = at + 1,
            None => lines.push(Line { said: String::new(), spot: text.spot, texts: at..at + 1 }),
        }
    }
    lines.iter_mut().for_each(|line| line.said = survey.line(line.texts.clone()));
    lines
}

/// Looks a text like a date, at a glance?
pub(super) fn looks_dated(raw: &str) -> bool {
    let raw = raw.trim();
    if raw.len() > DATE {
        return false;
    }
    let parts = raw
        .split(['/', '-', '.'])
        .filter(|part| part.trim().ends_with(|c: char| c.is_ascii_digit()) || part.trim().starts_with(|c: char| c.is_ascii_digit()))
        .count();
    let digits = raw.bytes().filter(u8::is_ascii_digit).count();
    parts >= 3 && digits >= 3 || ["trước", "Hôm ", "hôm ", "Vừa xong"].iter().any(|word| raw.contains(word)) || digits > 0 && has_month(raw)
}

fn has_month(raw: &str) -> bool {
    const MONTHS: &[&str] =
        &["háng", "Thg", "thg", " Th", "ago", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    MONTHS.iter().any(|month| raw.contains(month))
}

/// Is there a date in a piece?
pub(super) fn is_dated(survey: &Survey<'_>, item: &Item) -> bool {
    survey.pieces(item.texts.clone()).iter().any(|text| looks_dated(&text.raw)) || marks(survey, item).next().is_some()
}

/// What the attributes in a piece tell machines.
fn marks<'s>(survey: &'s Survey<'_>, item: &Item) -> impl Iterator<Item = String> + 's {
    let end = survey.spots.get(item.block).map_or(item.block, |block| block.end);
    let inside = survey.spots.get(item.block..end).unwrap_or_default().iter();
    let telling = inside.filter(|spot| spot.name != *"a" && spot.name != *"img");
    telling
        .flat_map(|spot| DATES.iter().filter_map(|name| spot.node.attr(name)))
        .map(|told| told.to_string())
        .filter(|told| told.len() < DATE && told.bytes().filter(u8::is_ascii_digit).count() >= 6 && looks_dated(told))
}

/// The clock by which dates are read.
#[derive(Clone, Copy)]
pub(in crate::source) struct Clock {
    /// The zone of dates that name none.
    pub(in crate::source) zone: Tz,
    /// Now.
    pub(in crate::source) now: DateTime<Utc>,
}

impl Clock {
    /// A date that another visit would give as well.
    pub(in crate::source) fn read(self, text: &str) -> Option<Stamp> {
        date::parse(text, self.zone, self.now).filter(|stamp| !stamp.coarse)
    }
}

/// When the list says that the article was published.
pub(in crate::source) fn published(survey: &Survey<'_>, item: &Item, clock: Clock) -> Option<DateTime<FixedOffset>> {
    let marked = marks(survey, item).find_map(|told| clock.read(&told));
    marked.or_else(|| by_line(survey, item, clock)).or_else(|| by_boxes(survey, item, clock)).map(|stamp| stamp.at)
}

fn by_line(survey: &Survey<'_>, item: &Item, clock: Clock) -> Option<Stamp> {
    let dated = survey.pieces(item.texts.clone()).iter().filter(|text| looks_dated(&text.raw));
    dated.take(TRIES).find_map(|text| {
        // "Ban biên tập | 17/09/2019": each part by itself, so that no sentence is taken for a date.
        let whole = text.raw.trim_matches(AROUND);
        let parts = std::iter::once(whole).chain(whole.split(['|', '–', '•', '(', ')'])).map(|part| part.trim_matches(AROUND));
        parts.filter(|part| looks_dated(part) && date::is_stamp_line(part)).find_map(|part| clock.read(part))
    })
}

/// The day in one box, month and year in the next.
fn by_boxes(survey: &Survey<'_>, item: &Item, clock: Clock) -> Option<Stamp> {
    let short: Vec<&str> = survey.pieces(item.texts.clone()).iter().map(|text| text.raw.trim_matches(AROUND)).take(12).collect();
    let is_day = |text: &str| (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let at = short.iter().position(|text| is_day(text))?;
    let rest: Vec<&str> = short.get(at..)?.iter().copied().take(3).take_while(|text| text.len() < 20).collect();
    (2..=rest.len()).filter_map(|many| rest.get(..many)).find_map(|boxes| [" ", "/"].iter().find_map(|glue| clock.read(&boxes.join(glue))))
}

/// The whole title of the article.
pub(in crate::source) fn title(survey: &Survey<'_>, links: &Links, item: &Item) -> String {
    let all = links.all.get(item.links.clone()).unwrap_or_default();
    let said = |link: &Link| survey.spots.get(link.spot).is_some_and(|spot| !spot.texts.is_empty());
    let headed = |link: &Link| survey.above(link.spot).take(2).any(|at| survey.spots.get(at).is_some_and(|spot| is_heading(&spot.name)));
    let best = all.iter().max_by_key(|link| (said(link), headed(link), link.label.len()));
    let Some(best) = best else { return String::new() };
    let shown = without_date(of_card(survey, best.spot).unwrap_or_else(|| best.label.clone()));
    whole(survey, item, all, shown)
}

/// The title in a link around a whole card.
fn of_card(survey: &Survey<'_>, spot: usize) -> Option<String> {
    let lines = lines(survey, survey.spots.get(spot)?.texts.clone());
    if lines.len() < 2 {
        return None;
    }
    let named = |at: usize| {
        let names = survey.attribute(at, "class").map(|class| class.to_lowercase()).unwrap_or_default();
        survey.spots.get(at).is_some_and(|spot| is_heading(&spot.name)) || TITLES.iter().any(|title| names.contains(title))
    };
    let titled = |line: &&Line| std::iter::once(line.spot).chain(survey.above(line.spot)).take_while(|at| *at > spot).any(named);
    let plain = |line: &&Line| line.said.chars().count() >= 12 && !looks_dated(&line.said);
    let title = lines.iter().find(titled).or_else(|| lines.iter().find(plain))?;
    Some(title.said.clone())
}

/// "Dấu hiệu nhận biết (14/11/2017)" without the date.
fn without_date(title: String) -> String {
    let stem = title.strip_suffix([')', ']']).and_then(|rest| rest.rsplit_once(['(', '[']));
    match stem {
        Some((stem, date)) if looks_dated(date) && date::is_stamp_line(date.trim()) => stem.trim_end().to_owned(),
        Some(_) | None => title,
    }
}

/// A title that the list cuts off with dots, as the names of links and pictures have it.
fn whole(survey: &Survey<'_>, item: &Item, all: &[Link], shown: String) -> String {
    let stem = shown.trim_end_matches(['.', '…', ' ']);
    if stem.len() == shown.len() || stem.is_empty() {
        return shown;
    }
    let end = survey.spots.get(item.block).map_or(item.block, |block| block.end);
    let told = (item.block..end).flat_map(|at| ["title", "alt", "aria-label"].map(|name| survey.attribute(at, name))).flatten();
    let labels = all.iter().map(|link| link.label.clone());
    let fits = |told: &String| told.starts_with(stem) && told.len() > stem.len() && !told.ends_with(['…']) && !told.ends_with("...");
    told.map(|told| text::line(&told)).chain(labels).find(fits).unwrap_or(shown)
}

/// The longest text beside the title.
pub(in crate::source) fn teaser(survey: &Survey<'_>, item: &Item, title: &str) -> Option<String> {
    let lines = lines(survey, item.texts.clone());
    let long = lines.into_iter().filter(|line| survey.chars(line.texts.clone()) >= TEASER).map(|line| line.said);
    long.filter(|said| !title.starts_with(said.trim_end_matches(['.', '…', ' '])) && !said.starts_with(title)).max_by_key(String::len)
}
