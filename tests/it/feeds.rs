//! Feeds as bytes: golden files, and what readers that are not the writing crates make of them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset, Utc};
use feed_rs::model;
use loaphuong::entry::{Enclosure, Entry, Guid, Slug};
use loaphuong::feed::{FORMATS, Feed, Format, Item};
use loaphuong::phrases::Language;
use loaphuong::{html, text};
use quick_xml::XmlVersion;
use quick_xml::events::Event;
use serde::Deserialize;
use url::Url;

const CASES: &[&str] = &["normal", "hostile", "empty", "combined"];

#[derive(Deserialize)]
struct FeedFixture {
    slug: String,
    title: String,
    home: Url,
    base: Url,
    #[serde(default)]
    language: Language,
    updated: DateTime<Utc>,
    items: Vec<ItemFixture>,
}

#[derive(Deserialize)]
struct ItemFixture {
    guid: String,
    link: Url,
    title: String,
    published: DateTime<FixedOffset>,
    updated: Option<DateTime<FixedOffset>>,
    author: Option<String>,
    source_title: Option<String>,
    summary: Option<String>,
    content_html: String,
    #[serde(default)]
    images: Vec<FileFixture>,
    #[serde(default)]
    attachments: Vec<FileFixture>,
    #[serde(default)]
    categories: Vec<String>,
}

#[derive(Deserialize)]
struct FileFixture {
    url: Url,
    r#type: String,
    length: Option<u64>,
    title: Option<String>,
}

fn folder(case: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/feeds").join(case)
}

fn feed(case: &str) -> Feed {
    let json = std::fs::read(folder(case).join("entries.json")).unwrap();
    let FeedFixture { slug, title, home, base, language, updated, items } = serde_json::from_slice(&json).unwrap();
    let items = items.into_iter().map(|fixture| item(fixture, &title)).collect();
    Feed { slug: Slug::new(&slug).unwrap(), title, home, base, language, updated, items }
}

fn item(fixture: ItemFixture, feed_title: &str) -> Item {
    let mut entry = Entry::new(Guid::new(fixture.guid), fixture.title);
    entry.author = fixture.author;
    entry.summary = fixture.summary;
    entry.content_html = html::sanitise(&fixture.content_html, Some(&fixture.link));
    entry.images = fixture.images.into_iter().map(file).collect();
    entry.attachments = fixture.attachments.into_iter().map(file).collect();
    entry.categories = fixture.categories;
    Item {
        entry,
        link: fixture.link,
        source_title: fixture.source_title.unwrap_or_else(|| feed_title.to_owned()),
        published: fixture.published,
        updated: fixture.updated.unwrap_or(fixture.published),
    }
}

fn file(fixture: FileFixture) -> Enclosure {
    Enclosure { url: fixture.url, media_type: fixture.r#type, length: fixture.length, title: fixture.title }
}

fn format(extension: &str) -> &'static Format {
    FORMATS.iter().find(|format| format.extension == extension).unwrap()
}

fn read(feed: &Feed, extension: &str) -> model::Feed {
    let bytes = (format(extension).render)(feed);
    feed_rs::parser::Builder::new().sanitize_content(false).build().parse(&bytes[..]).unwrap()
}

#[test]
fn the_bytes_are_those_of_the_golden_files() {
    for (case, format) in CASES.iter().flat_map(|case| FORMATS.iter().map(move |format| (case, format))) {
        let golden = folder(case).join(format!("feed.{}", format.extension));
        let bytes = (format.render)(&feed(case));
        assert_eq!(bytes, (format.render)(&feed(case)), "{case} {}: not the same twice", format.extension);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&golden, &bytes).unwrap();
        }
        let expected = std::fs::read(&golden).unwrap();
        assert_eq!(String::from_utf8(bytes), String::from_utf8(expected), "{}", golden.display());
    }
}

/// XML 1.0 §2.2.
fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// Names of all elements, after proof that the whole is well-formed.
fn elements(xml: &[u8]) -> Vec<String> {
    let xml = std::str::from_utf8(xml).unwrap();
    assert_eq!(xml.chars().find(|c| !is_xml_char(*c)), None);
    let mut reader = quick_xml::Reader::from_str(xml);
    let config = reader.config_mut();
    (config.check_end_names, config.check_comments, config.allow_dangling_amp) = (true, true, false);
    let (mut names, mut depth) = (Vec::new(), 0);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) => (depth, ()) = (depth + 1, names.push(name(&tag))),
            Event::Empty(tag) => names.push(name(&tag)),
            Event::End(_) => depth -= 1,
            Event::Text(text) => check_text(&text.decode().unwrap(), depth),
            Event::GeneralRef(entity) => {
                assert!(matches!(&*entity.decode().unwrap(), "lt" | "gt" | "amp" | "quot" | "apos"), "{entity:?}");
            }
            Event::Eof => break,
            Event::Decl(_) | Event::CData(_) => {}
            other @ (Event::Comment(_) | Event::PI(_) | Event::DocType(_)) => panic!("{other:?}"),
        }
    }
    assert_eq!(depth, 0);
    names
}

fn name(tag: &quick_xml::events::BytesStart<'_>) -> String {
    for attribute in tag.attributes() {
        let value = attribute.unwrap().normalized_value(XmlVersion::Implicit1_0).unwrap();
        assert!(value.chars().all(is_xml_char));
    }
    String::from_utf8(tag.name().as_ref().to_vec()).unwrap()
}

fn check_text(text: &str, depth: usize) {
    assert!(!text.contains("]]>"), "{text}");
    assert!(depth > 0 || text.trim().is_empty(), "text outside the root: {text}");
}

#[test]
fn any_text_gives_well_formed_xml() {
    for case in CASES {
        let feed = feed(case);
        assert_eq!(elements(&(format("rss").render)(&feed))[0], "rss", "{case}");
        assert_eq!(elements(&(format("atom").render)(&feed))[0], "feed", "{case}");
    }
}

#[test]
fn every_character_may_stand_in_every_text() {
    let all: String = ('\0'..='\u{2FFF}').chain('\u{D000}'..='\u{103FF}').collect();
    let mut feed = feed("normal");
    feed.title.push_str(&all);
    let entry = &mut feed.items[0].entry;
    for text in [&mut entry.title, &mut entry.content_html, &mut entry.categories[0]] {
        text.push_str(&all);
    }
    (entry.guid, entry.author, entry.summary) = (Guid::new(&*all), Some(all.clone()), Some(all.clone()));
    (entry.images[0].title, entry.attachments[0].media_type) = (Some(all.clone()), all);
    elements(&(format("rss").render)(&feed));
    elements(&(format("atom").render)(&feed));
    let json: serde_json::Value = serde_json::from_slice(&(format("json").render)(&feed)).unwrap();
    let title = json["items"][0]["title"].as_str().unwrap();
    assert_eq!(title.chars().find(|c| !is_xml_char(*c)), None);
}

#[test]
fn readers_find_the_same_entries_in_every_format() {
    for (case, count) in [("normal", 3), ("hostile", 4), ("empty", 0), ("combined", 2)] {
        let feed = feed(case);
        let [rss, atom, json] = ["rss", "atom", "json"].map(|extension| read(&feed, extension));
        for read in [&rss, &atom, &json] {
            assert_eq!(read.entries.len(), count, "{case}");
            assert_eq!(read.title.as_ref().unwrap().content, text::line(&feed.title), "{case}");
            assert_eq!(ids(read), ids(&atom), "{case}");
            assert_eq!(ids(read).len(), count, "{case}: an id twice");
            assert_eq!(words(read), words(&atom), "{case}");
        }
    }
}

fn ids(feed: &model::Feed) -> HashSet<&str> {
    feed.entries.iter().map(|entry| entry.id.as_str()).collect()
}

/// Title, author, time and categories of each entry.
fn words(feed: &model::Feed) -> Vec<Vec<String>> {
    let words = |entry: &model::Entry| {
        let title = entry.title.as_ref().unwrap().content.clone();
        let author = entry.authors[0].name.clone().unwrap();
        let terms = entry.categories.iter().map(|category| category.term.clone());
        [title, author, entry.published.unwrap().to_rfc3339()].into_iter().chain(terms).collect()
    };
    feed.entries.iter().map(words).collect()
}

#[test]
fn a_reader_gets_every_field_back() {
    let feed = feed("normal");
    let told = &feed.items[0];
    for extension in ["rss", "atom", "json"] {
        let entry = &read(&feed, extension).entries[0];
        assert_eq!(entry.id, told.entry.guid.as_str(), "{extension}");
        assert_eq!(entry.title.as_ref().unwrap().content, told.entry.title, "{extension}");
        assert_eq!(entry.authors[0].name.as_deref(), Some("Nguyễn Thu Hà"), "{extension}");
        assert_eq!(entry.summary.as_ref().unwrap().content, *told.entry.summary.as_ref().unwrap(), "{extension}");
        let content = entry.content.as_ref().unwrap().body.as_deref();
        assert_eq!(content, Some(told.entry.content_html.as_str()), "{extension}");
        assert!(content.unwrap().contains("src=\"https://hangbot.example.vn/anh/tiem-phong.jpg\""));
        assert!(entry.links.iter().any(|link| link.href == told.link.as_str()), "{extension}");
        assert_eq!(entry.published.unwrap(), told.published, "{extension}");
    }
}

#[test]
fn the_end_mark_of_cdata_comes_back_as_it_went() {
    let mut feed = feed("normal");
    let content = "<p>]]></p>]]]]>>]]>";
    feed.items[0].entry.content_html = content.to_owned();
    for extension in ["rss", "atom", "json"] {
        let read = read(&feed, extension);
        assert_eq!(read.entries[0].content.as_ref().unwrap().body.as_deref(), Some(content), "{extension}");
    }
    elements(&(format("rss").render)(&feed));
}

#[test]
fn identities_are_absolute_and_stay() {
    let id = |guid: &str| {
        let mut feed = feed("normal");
        feed.items[0].entry.guid = Guid::new(guid);
        read(&feed, "atom").entries[0].id.clone()
    };
    for kept in ["https://a.example/1?x=%C3%A1#y", "urn:isbn:0451450523", "tag:a.example,2026-01:1", "http://a.example/"] {
        assert_eq!(id(kept), kept);
    }
    assert_eq!(id("https://a.example/tin tức"), "https://a.example/tin%20t%E1%BB%A9c");
    for derived in ["", "17", "urn:x", "tag:a.example:1", "javascript:alert(1)", "../tin/1", "urn:isbn:a b"] {
        assert_eq!(id(derived), Guid::derived(&[derived]).as_str(), "{derived}");
    }
}

#[test]
fn a_date_that_no_feed_can_write_is_no_panic() {
    let mut feed = feed("normal");
    let far = DateTime::<Utc>::MAX_UTC.fixed_offset();
    (feed.updated, feed.items[0].published, feed.items[0].updated) = (DateTime::<Utc>::MIN_UTC, far, far);
    for extension in ["rss", "atom", "json"] {
        assert_eq!(read(&feed, extension).entries[0].published, Some(DateTime::UNIX_EPOCH), "{extension}");
    }
}

#[test]
fn nothing_active_and_nothing_relative_reaches_a_reader() {
    for (case, format) in CASES.iter().flat_map(|case| FORMATS.iter().map(move |format| (case, format))) {
        let read = read(&feed(case), format.extension);
        for body in read.entries.iter().filter_map(|entry| entry.content.as_ref()?.body.as_deref()) {
            for bad in ["<script", "<iframe", "<style", "onclick", "href=\"javascript", "src=\"javascript", "src=\"/"] {
                assert!(!body.contains(bad), "{case} {}: {bad} in {body}", format.extension);
            }
        }
    }
}

#[test]
fn each_feed_names_its_own_address() {
    let feed = feed("hostile");
    for (format, marks) in [("rss", "rel=\"self\""), ("atom", "rel=\"self\""), ("json", "\"feed_url\"")] {
        let bytes = String::from_utf8((self::format(format).render)(&feed)).unwrap();
        let address = format!("https://loa.example.vn/goc/feeds/thu-nghiem.{format}");
        assert!(bytes.lines().any(|line| line.contains(marks) && line.contains(&address)), "{bytes}");
    }
}
