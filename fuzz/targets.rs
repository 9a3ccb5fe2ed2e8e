//! What is fuzzed, as plain functions of bytes: each reads them as the daemon would and panics when
//! something comes of it that must never come. `fuzz_targets/` runs them for hours, `tests/it/fuzzed.rs`
//! for a second.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Datelike, FixedOffset, TimeDelta, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use loaphuong::charset::{self, legacy};
use loaphuong::date;
use loaphuong::entry::{Entry, Guid, Slug};
use loaphuong::html;
use loaphuong::page::{Page, Validators};
use loaphuong::source::{Hint, KINDS, Reading, Setting, Source, Visit};
use loaphuong::text;
use url::Url;

/// A name, which is also that of its corpus, and the function.
pub(crate) type Target = (&'static str, fn(&[u8]));

/// All of them.
pub(crate) const TARGETS: &[Target] =
    &[("article", article), ("charset", charset), ("date", date), ("list", list), ("syndication", syndication)];

const HOME: &str = "https://phuong.example.vn/tin-tuc";
const ARTICLE: &str = "https://phuong.example.vn/tin-tuc/thong-bao-12.html";

fn now() -> DateTime<Utc> {
    "2026-11-23T05:00:00Z".parse().unwrap()
}

fn source(kind: &str, keys: &str) -> Arc<dyn Source> {
    let kind = KINDS.iter().find(|known| known.name == kind).unwrap();
    let load = |_: &str| Err("no files here".to_owned());
    let setting = Setting { name: &Slug::new("phuong").unwrap(), dir: Path::new("."), zone: Ho_Chi_Minh, load: &load };
    (kind.build)(toml::de::ValueDeserializer::parse(keys).unwrap(), &setting).unwrap()
}

fn page(url: &str, media_type: &str, body: &[u8]) -> Page {
    Page {
        url: Url::parse(url).unwrap(),
        fetched: now(),
        media_type: Some(media_type.to_owned()),
        charset: None,
        body: body.to_vec().into(),
        validators: Validators::default(),
    }
}

/// A list page: what it links to.
pub(crate) fn list(body: &[u8]) {
    let source = source("html", &format!("{{ url = \"{HOME}\" }}"));
    let reading = source.read(&Visit::listing(Url::parse(HOME).unwrap()), &page(HOME, "text/html", body));
    for visit in &reading.next {
        assert!(matches!(visit.url.scheme(), "http" | "https"), "{}", visit.url);
        assert!(visit.hint.title.as_deref().is_none_or(is_line), "{:?}", visit.hint.title);
        visit.hint.published.iter().for_each(assert_credible);
    }
}

/// An article's page: what would be published of it.
pub(crate) fn article(body: &[u8]) {
    let source = source("html", &format!("{{ url = \"{HOME}\" }}"));
    let url = Url::parse(ARTICLE).unwrap();
    let visit = Visit { guid: Some(Guid::new(url.as_str())), url, hint: Hint::default() };
    assert_publishable(&source.read(&visit, &page(ARTICLE, "text/html", body)));
}

/// A feed of a site.
pub(crate) fn syndication(body: &[u8]) {
    let url = "https://phuong.example.vn/rss";
    let source = source("syndication", &format!("{{ url = \"{url}\" }}"));
    assert_publishable(&source.read(&Visit::listing(Url::parse(url).unwrap()), &page(url, "application/rss+xml", body)));
}

/// A line of text: whether and when it says something was posted.
pub(crate) fn date(body: &[u8]) {
    let line = String::from_utf8_lossy(body);
    let stamp = date::parse(&line, Ho_Chi_Minh, now());
    stamp.iter().for_each(|stamp| assert_credible(&stamp.at));
    assert_eq!(stamp, date::parse(&text::fold(&line), Ho_Chi_Minh, now()), "folding changes nothing: {line:?}");
    date::is_stamp_line(&line);
}

/// Bytes of a page in whatever encoding: its text.
pub(crate) fn charset(body: &[u8]) {
    let text = charset::decode(body, None);
    for header in ["utf-8", "windows-1258", "utf-16le", "x-user-defined", "nonsense"] {
        let named = charset::decode(body, Some(header));
        assert!(named.len() <= body.len() * 3, "no byte becomes more than U+FFFD: {named:?}");
    }
    if body.is_ascii() && !body.contains(&0) && !body.starts_with(b"+/v") {
        assert!(text.is_ascii() || text.contains('\u{fffd}') || charset_named(body), "ASCII stays: {text:?}");
    }
    let repaired = legacy::repair(&text);
    assert_eq!(text::clean(&text::clean(&repaired)), text::clean(&repaired), "cleaning twice changes nothing");
    if html::within_limits(&text).is_ok() {
        charset::convert_fonts(&dom_query::Document::from(&*text));
    }
}

/// Seven-bit encodings like ISO-2022-JP make other letters of ASCII.
fn charset_named(body: &[u8]) -> bool {
    let lower = body.to_ascii_lowercase();
    [b"charset".as_slice(), b"encoding"].iter().any(|word| lower.windows(word.len()).any(|window| window == *word))
}

fn assert_publishable(reading: &Reading) {
    for entry in &reading.entries {
        let Entry { title, content_html, published, .. } = entry;
        assert!(is_line(title), "{title:?}");
        published.iter().for_each(assert_credible);
        let lower = content_html.to_lowercase();
        for tag in ["<script", "<style", "<iframe", "<form", "<object", "<svg"] {
            assert!(!lower.contains(tag), "{tag} in {content_html:?}");
        }
        assert_eq!(&text::clean(content_html), content_html, "the content is clean");
    }
}

fn is_line(text: &str) -> bool {
    !text.is_empty() && text::line(text) == text
}

fn assert_credible(at: &DateTime<FixedOffset>) {
    assert!(at.year() >= 1990 && *at <= now() + TimeDelta::days(1), "{at}");
}
