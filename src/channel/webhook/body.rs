//! The JSON that a receiver gets.

use std::borrow::Cow;
use std::ops::Range;

use serde::Serialize;

use super::super::{Message, Notice, Noticed};
use crate::entry::Enclosure;
use crate::html;
use crate::text;

/// The longest body, in bytes: what Standard Webhooks asks for.
const LIMIT: usize = 20_000;
/// How much text is kept where all of it is too much (UTF-16 units), tried in turn.
const SHORTER: &[usize] = &[8_000, 4_000, 2_000, 500];
/// How much of a title is kept where all else is left out already (UTF-16 units).
const TITLE: usize = 500;

#[derive(Serialize)]
struct Event<'a, T> {
    #[serde(rename = "type")]
    kind: &'static str,
    /// When it was published, never when it was sent: every try of a message has the same body.
    timestamp: Option<String>,
    data: &'a T,
}

#[derive(Serialize)]
struct Digest<'a> {
    feed_title: &'a str,
    entries: &'a [Data<'a>],
}

#[derive(Serialize, Clone)]
struct Data<'a> {
    feed_title: &'a str,
    source_title: &'a str,
    id: &'a str,
    url: &'a str,
    title: Cow<'a, str>,
    published: Option<String>,
    updated: Option<String>,
    author: Option<&'a str>,
    summary: Option<String>,
    content_html: Option<&'a str>,
    content_text: Option<String>,
    images: Vec<File<'a>>,
    attachments: Vec<File<'a>>,
    categories: &'a [String],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    urgent: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
}

#[derive(Serialize, Clone)]
struct File<'a> {
    url: &'a str,
    r#type: &'a str,
    length: Option<u64>,
    title: Option<&'a str>,
}

/// A message for each entry, or lists of entries where a digest is wanted: as few as the limit allows.
pub(super) fn render(notice: &Notice<'_>) -> Vec<Message> {
    let data = notice.entries.iter().map(|noticed| data(noticed, notice));
    if notice.digest {
        return digests(&data.collect::<Vec<_>>(), notice);
    }
    data.enumerate().map(|(index, data)| message(published(fitting(data)), notice, index..index + 1)).collect()
}

fn message(text: String, notice: &Notice<'_>, covers: Range<usize>) -> Message {
    Message { text, silent: notice.silent, covers, ..Message::default() }
}

fn data<'a>(noticed: &'a Noticed, notice: &Notice<'a>) -> Data<'a> {
    let entry = &noticed.entry;
    Data {
        feed_title: notice.feed_title,
        source_title: &noticed.source_title,
        id: entry.guid.as_str(),
        url: noticed.link.as_str(),
        title: Cow::Borrowed(&entry.title),
        published: entry.published.map(|at| at.to_rfc3339()),
        updated: entry.updated.map(|at| at.to_rfc3339()),
        author: entry.author.as_deref(),
        summary: entry.summary.clone(),
        content_html: Some(&entry.content_html),
        content_text: Some(html::to_text(&entry.content_html)),
        images: entry.images.iter().map(file).collect(),
        attachments: entry.attachments.iter().map(file).collect(),
        categories: &entry.categories,
        urgent: notice.urgent,
        truncated: false,
    }
}

fn file(enclosure: &Enclosure) -> File<'_> {
    File { url: enclosure.url.as_str(), r#type: &enclosure.media_type, length: enclosure.length, title: enclosure.title.as_deref() }
}

fn published(data: Data<'_>) -> String {
    json(&Event { kind: "entry.published", timestamp: data.published.clone(), data: &data })
}

/// JSON of these types cannot fail: there are only text keys.
fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// What is too long loses its HTML first, then the end of its text, then its files.
fn fitting(whole: Data<'_>) -> Data<'_> {
    if published(whole.clone()).len() <= LIMIT {
        return whole;
    }
    let without_html = Data { content_html: None, truncated: true, ..whole };
    let fits = |data: &Data<'_>| published(data.clone()).len() <= LIMIT;
    if fits(&without_html) {
        return without_html;
    }
    let shorter = SHORTER.iter().map(|limit| shortened(&without_html, *limit)).find(fits);
    shorter.unwrap_or_else(|| bare(without_html))
}

fn shortened<'a>(data: &Data<'a>, limit: usize) -> Data<'a> {
    let cut = |text: &Option<String>| text.as_deref().map(|text| text::cut(text, limit));
    Data { content_text: cut(&data.content_text), summary: cut(&data.summary), ..data.clone() }
}

/// Without text and files: what a list needs.
fn bare(data: Data<'_>) -> Data<'_> {
    let title = text::cut(&data.title, TITLE).into();
    let short = Data { content_html: None, content_text: None, truncated: true, ..shortened(&data, 500) };
    Data { images: Vec::new(), attachments: Vec::new(), categories: &[], author: None, title, ..short }
}

fn digests(all: &[Data<'_>], notice: &Notice<'_>) -> Vec<Message> {
    let whole = digest(all, notice.feed_title);
    if whole.len() <= LIMIT {
        return vec![message(whole, notice, 0..all.len())];
    }
    let bare: Vec<Data<'_>> = all.iter().cloned().map(bare).collect();
    let mut messages = Vec::new();
    let mut start = 0;
    while start < bare.len() {
        let (text, end) = fullest(&bare, start, notice.feed_title);
        messages.push(message(text, notice, start..end));
        start = end;
    }
    messages
}

/// The longest list from `start` within the limit, and where it ends; one entry at least.
fn fullest(all: &[Data<'_>], start: usize, feed_title: &str) -> (String, usize) {
    let listed = |end: usize| digest(all.get(start..end).unwrap_or_default(), feed_title);
    let mut end = start + 1;
    let mut text = listed(end);
    while end < all.len() {
        let longer = listed(end + 1);
        if longer.len() > LIMIT {
            break;
        }
        (text, end) = (longer, end + 1);
    }
    (text, end)
}

fn digest(entries: &[Data<'_>], feed_title: &str) -> String {
    let timestamp = entries.iter().filter_map(|data| data.published.clone()).next_back();
    json(&Event { kind: "entries.digest", timestamp, data: &Digest { feed_title, entries } })
}
