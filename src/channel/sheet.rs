//! An entry as one message, or many as lists, in whatever markup a platform has. Text is cut while
//! it is plain, so no mark or grapheme ever breaks.

use std::ops::Range;

use url::Url;

use super::{Notice, Noticed, plain};
use crate::phrases;
use crate::text;

/// Longer titles are cut (UTF-16 units).
const TITLE: usize = 256;
/// And those in lists.
const ROW: usize = 200;
/// And those whose row would be too long with all else.
const SHORT: usize = 50;
/// And names of sources within lists.
const NAME: usize = 100;
/// Attachments that are listed.
const FILES: usize = 10;
/// Longer addresses are left out: some platforms refuse them.
const ADDRESS: usize = 500;

/// How a platform marks text up, and how much it takes.
pub(super) struct Markup {
    /// Text written so that it is read as it is.
    pub(super) escape: fn(&str) -> String,
    /// Escaped text, made bold.
    pub(super) bold: fn(&str) -> String,
    /// Escaped text that leads to an address.
    pub(super) link: fn(&str, &Url) -> String,
    /// The length of marked text as the platform counts it.
    pub(super) size: fn(&str) -> usize,
    /// The longest text of one message.
    pub(super) limit: usize,
}

/// What a message about one entry says, in plain words.
#[derive(Debug, Clone, Default)]
pub(super) struct Parts {
    /// The title, on one line; empty where the platform shows it elsewhere.
    pub(super) title: String,
    /// The ward and the time; empty where neither is known.
    pub(super) byline: String,
    /// Lead and text.
    pub(super) body: String,
    /// The label before the attachments.
    pub(super) files_label: &'static str,
    /// What the attachments are called, and where they are.
    pub(super) files: Vec<(String, Url)>,
    /// Hashtags, where the platform has any.
    pub(super) tags: String,
    /// The label of the way to the original, and its address.
    pub(super) link: Option<(String, Url)>,
}

impl Parts {
    /// What there is to say about an entry.
    pub(super) fn of(noticed: &Noticed, notice: &Notice<'_>) -> Self {
        let files = noticed.entry.attachments.iter().filter(|file| fits(&file.url)).take(FILES);
        let link = Some(&noticed.link).filter(|url| fits(url));
        Self {
            title: text::cut(&plain::title(noticed, notice), TITLE),
            byline: plain::byline(noticed, notice),
            body: plain::whole(&noticed.entry),
            files_label: phrases::attachments(notice.language),
            files: files.map(|file| (plain::attachment(file), file.url.clone())).collect(),
            tags: String::new(),
            link: link.map(|url| (phrases::read_original(notice.language).to_owned(), url.clone())),
        }
    }

    /// The same with as much of the body as fits; what was cut is read on the site.
    pub(super) fn fitted(self, notice: &Notice<'_>, most: usize, fits: impl Fn(&Self) -> bool) -> Self {
        let with = |body: String| Self { body, ..self.clone() };
        if text::utf16_len(&self.body) <= most && fits(&self) {
            return self;
        }
        let link = self.link.clone().map(|(_, url)| (phrases::read_on(notice.language).to_owned(), url));
        let shorter = Self { link, ..with(String::new()) };
        let body = longest(&self.body, most, |body| fits(&Self { body: body.to_owned(), ..shorter.clone() }));
        let cut = Self { body, ..shorter };
        // Where not even an empty body fits, the attachments are too much, or else the addresses.
        let without_files = Self { files: Vec::new(), ..cut.clone() };
        let title_alone = Self { title: cut.title.clone(), ..Self::default() };
        [cut, without_files].into_iter().find(fits).unwrap_or(title_alone)
    }

    /// All of it in a platform's markup, as much as one message takes.
    pub(super) fn marked(self, notice: &Notice<'_>, markup: &Markup) -> String {
        let fits = |parts: &Self| (markup.size)(&parts.written(markup)) <= markup.limit;
        self.fitted(notice, markup.limit, fits).written(markup)
    }

    fn written(&self, markup: &Markup) -> String {
        let escape = |text: &String| (markup.escape)(text);
        let link = |(label, url): &(String, Url)| (markup.link)(&(markup.escape)(label), url);
        let title = Some(&self.title).filter(|title| !title.is_empty()).map(|title| (markup.bold)(&escape(title)));
        let head = joined([title.unwrap_or_default(), escape(&self.byline)], "\n");
        let rows: Vec<String> = self.files.iter().map(|file| format!("• {}", link(file))).collect();
        let label = Some(format!("{}:", self.files_label)).filter(|_| !rows.is_empty());
        let files = joined(label.into_iter().chain(rows), "\n");
        let way = self.link.as_ref().map(link).unwrap_or_default();
        joined([head, escape(&self.body), files, escape(&self.tags), way], "\n\n")
    }
}

fn fits(url: &Url) -> bool {
    url.as_str().len() <= ADDRESS
}

/// What is not empty, with `between` between.
fn joined(parts: impl IntoIterator<Item = String>, between: &str) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(between)
}

/// The longest cut of `text`, at most `most` UTF-16 units, for which `fits` holds.
pub(super) fn longest(text: &str, most: usize, fits: impl Fn(&str) -> bool) -> String {
    let whole = text::cut(text, most);
    if fits(&whole) {
        return whole;
    }
    let (mut low, mut high) = (0, text::utf16_len(&whole));
    while high - low > 1 {
        let middle = low.midpoint(high);
        if fits(&text::cut(&whole, middle)) { low = middle } else { high = middle }
    }
    text::cut(&whole, low)
}

/// All entries in as few lists as the limit allows, numbered through, each with what it carries.
pub(super) fn lists(notice: &Notice<'_>, markup: &Markup) -> Vec<(String, Range<usize>)> {
    let mut list = (markup.bold)(&(markup.escape)(&plain::list_head(notice)));
    let (mut all, mut start) = (Vec::new(), 0);
    for (index, noticed) in notice.entries.iter().enumerate() {
        let row = row(index, noticed, notice, markup);
        let grouped = |start| joined([group(index, start, notice, markup), row.clone()], "\n\n");
        let longer = joined([list.clone(), grouped(start)], "\n\n");
        if index > start && (markup.size)(&longer) > markup.limit {
            all.push((std::mem::replace(&mut list, grouped(index)), start..index));
            start = index;
        } else {
            list = longer;
        }
    }
    all.push((list, start..notice.entries.len()));
    all
}

fn group(index: usize, start: usize, notice: &Notice<'_>, markup: &Markup) -> String {
    plain::group(index, start, notice).map(|source| (markup.bold)(&(markup.escape)(&text::cut(&source, NAME)))).unwrap_or_default()
}

fn row(index: usize, noticed: &Noticed, notice: &Notice<'_>, markup: &Markup) -> String {
    let title = (markup.escape)(&text::cut(&plain::title(noticed, notice), ROW));
    let title = if fits(&noticed.link) { (markup.link)(&title, &noticed.link) } else { title };
    let when = plain::time(noticed, notice);
    let row = joined([format!("{}. {title}", index + 1), (markup.escape)(&when.unwrap_or_default())], "\n");
    // Escapes can make a title or an address several times as long.
    if (markup.size)(&row) <= markup.limit / 3 * 2 { row } else { format!("{}. {}", index + 1, short(noticed, notice, markup)) }
}

fn short(noticed: &Noticed, notice: &Notice<'_>, markup: &Markup) -> String {
    (markup.escape)(&text::cut(&plain::title(noticed, notice), SHORT))
}

/// The first picture by `http` or `https` whose address is not too long.
pub(super) fn picture(noticed: &Noticed) -> Option<&Url> {
    let mut images = noticed.entry.images.iter().map(|image| &image.url);
    images.find(|url| matches!(url.scheme(), "http" | "https") && fits(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_cut_that_fits_is_found() {
        let check = |text: &str, most: usize, bytes: usize, want: &str| {
            assert_eq!(longest(text, most, |cut| cut.len() <= bytes), want, "{text} {most} {bytes}");
        };
        check("cắt điện", 100, 100, "cắt điện");
        check("cắt điện", 6, 100, "cắt…");
        check("cắt điện", 100, 10, "cắt…");
        check("cắt điện", 100, 2, "");
    }
}
