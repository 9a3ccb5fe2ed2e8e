//! An entry in plain words, as every channel that speaks to people says it.

use std::collections::HashSet;

use chrono::{Datelike, Utc};
use url::Url;

use super::{Notice, Noticed};
use crate::entry::{Enclosure, Entry};
use crate::phrases;
use crate::schedule;
use crate::text;

/// Longer names of wards are cut (UTF-16 units).
const NAME: usize = 200;
/// And those in the head of a list.
const LIST_NAME: usize = 100;
/// And longer names of attachments and hashtags.
const FILE_NAME: usize = 100;
/// Hashtags that are given.
const TAGS: usize = 5;

/// Whether a reader sees anything at all: some letters and marks are drawn as nothing.
pub(super) fn is_visible(text: &str) -> bool {
    let blank = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}' | '\u{ffa0}')
    };
    !text.chars().all(blank)
}

/// The title on one line, marked where the news is urgent.
pub(super) fn title(noticed: &Noticed, notice: &Notice<'_>) -> String {
    let title = unmarked_title(noticed, notice);
    if notice.urgent { format!("{}: {title}", phrases::urgent(notice.language)) } else { title }
}

/// The title on one line; the start of the text where the title shows nothing.
fn unmarked_title(noticed: &Noticed, notice: &Notice<'_>) -> String {
    let title = text::honest(&text::line(&noticed.entry.title));
    if is_visible(&title) {
        return title;
    }
    let body = whole(&noticed.entry);
    let first = body.lines().map(text::line).find(|line| is_visible(line));
    first.map_or_else(|| phrases::read_original(notice.language).to_owned(), |line| text::cut(&line, NAME))
}

/// The ward and the time: `Phường Thổ Quan · 16:30, Thứ Ba 17/09/2019`. Empty where neither is known.
pub(super) fn byline(noticed: &Noticed, notice: &Notice<'_>) -> String {
    let named = [noticed.source_title.as_str(), notice.feed_title].into_iter().map(text::line).find(|name| is_visible(name));
    let parts = [named.map(|name| text::cut(&name, NAME)), time(noticed, notice)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The head of a list: `3 tin mới của Phường Thổ Quan, 17/09`.
pub(super) fn list_head(notice: &Notice<'_>) -> String {
    let feed = text::cut(&text::line(notice.feed_title), LIST_NAME);
    phrases::digest_title(notice.language, &feed, notice.entries.len(), &days(notice))
}

/// The days that a list is of: `17/09`, or `16/09–17/09`; with years where they differ.
fn days(notice: &Notice<'_>) -> String {
    let all = || notice.entries.iter().filter_map(|noticed| noticed.entry.published).map(|at| at.with_timezone(&notice.zone).date_naive());
    let (Some(first), Some(last)) = (all().min(), all().max()) else { return String::new() };
    let form = if first.year() == last.year() { "%d/%m" } else { "%d/%m/%Y" };
    if first == last { last.format(form).to_string() } else { format!("{}–{}", first.format(form), last.format(form)) }
}

/// The source above an entry of a list whose entries come from several: said once for those that
/// follow each other, and again at the top of a message, which begins with the entry `start`.
pub(super) fn group(index: usize, start: usize, notice: &Notice<'_>) -> Option<String> {
    let is_mixed = notice.entries.iter().any(|noticed| noticed.source_title != notice.feed_title);
    let source = |index: usize| notice.entries.get(index).map(|noticed| noticed.source_title.as_str());
    let is_new = index == start || source(index) != index.checked_sub(1).and_then(source);
    let name = source(index).filter(|_| is_mixed && is_new).map(text::line)?;
    is_visible(&name).then(|| text::cut(&name, NAME))
}

/// When it was published, where the site says so.
pub(super) fn time(noticed: &Noticed, notice: &Notice<'_>) -> Option<String> {
    noticed.entry.published.map(|at| schedule::spoken(at.with_timezone(&Utc), notice.zone))
}

/// The lead, or else all of the text; empty where there is none.
pub(super) fn lead(entry: &Entry) -> String {
    summary(entry).unwrap_or_else(|| whole(entry))
}

/// Lead and body; the lead is not said twice where the body begins with it.
pub(super) fn whole(entry: &Entry) -> String {
    let body = text::honest(&crate::html::to_text(&entry.content_html));
    let summary = summary(entry).unwrap_or_default();
    if !is_visible(&body) {
        return summary;
    }
    if letters(&body).starts_with(&letters(&summary)) { body } else { format!("{summary}\n\n{body}") }
}

fn summary(entry: &Entry) -> Option<String> {
    entry.summary.as_deref().map(|s| text::honest(&text::paragraphs(s))).filter(|s| is_visible(s))
}

/// What an attachment is called: its title, else the name in its address, else the address.
pub(super) fn attachment(file: &Enclosure) -> String {
    let given = file.title.as_deref().map(text::line).filter(|title| is_visible(title));
    let named = given.or_else(|| file_name(&file.url)).unwrap_or_else(|| file.url.to_string());
    text::cut(&named, FILE_NAME)
}

/// The name of a file as its address tells it.
pub(super) fn file_name(url: &Url) -> Option<String> {
    let name = url.path_segments()?.next_back()?;
    // In a name these are themselves; in a form, which is what is decoded here, they separate.
    let marks = [("+", "%2B"), ("&", "%26"), ("=", "%3D")];
    let name = marks.iter().fold(name.to_owned(), |name, (mark, code)| name.replace(mark, code));
    let decoded = url::form_urlencoded::parse(name.as_bytes()).map(|(name, _)| text::line(&name)).next()?;
    is_visible(&decoded).then_some(decoded)
}

/// `#Thông_báo #An_ninh`: letters and digits, anything between them as one line.
pub(super) fn hashtags(categories: &[String]) -> String {
    let mut seen = HashSet::new();
    let tags = categories.iter().filter_map(|category| hashtag(category)).filter(|tag| seen.insert(tag.to_lowercase()));
    tags.take(TAGS).collect::<Vec<_>>().join(" ")
}

fn hashtag(category: &str) -> Option<String> {
    let line = text::line(category);
    let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let tag = words.join("_");
    let real = tag.chars().any(char::is_alphabetic) && text::utf16_len(&tag) <= FILE_NAME;
    real.then(|| format!("#{tag}"))
}

/// Letters and digits alone: what stays the same however a platform treats blanks and marks.
pub(super) fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Guid;

    fn check(summary: Option<&str>, html: &str, want: &str) {
        let mut entry = Entry::new(Guid::new("1"), "t");
        entry.summary = summary.map(str::to_owned);
        entry.content_html = html.to_owned();
        assert_eq!(letters(&whole(&entry)), want, "{summary:?} {html}");
    }

    #[test]
    fn a_lead_is_said_once() {
        check(Some("Mất  điện."), "<p>Mất điện.</p><p>Từ 8 giờ.</p>", "MấtđiệnTừ8giờ");
        check(Some("Mất điện."), "<p>Từ 8 giờ.</p>", "MấtđiệnTừ8giờ");
        check(Some("Mất điện."), "", "Mấtđiện");
        check(Some("\u{200b}"), "<p>Từ 8 giờ.</p>", "Từ8giờ");
        check(None, "", "");
    }

    #[test]
    fn what_shows_nothing_is_not_visible() {
        for blank in ["", " \u{200b}\u{3164} ", "\u{2800}\u{feff}", "\n\t\u{a0}"] {
            assert!(!is_visible(blank), "{blank:?}");
        }
        assert!(is_visible("\u{200b}a"));
    }
}
