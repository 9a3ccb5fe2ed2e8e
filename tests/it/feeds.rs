//! Feeds as bytes: golden files, and what readers that are not the writing crates make of them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use feed_rs::model;
use loaphuong::entry::{Enclosure, Entry, Guid, Slug};
use loaphuong::feed::opml::{self, Group, Outline};
use loaphuong::feed::{Content, FILES, FORMATS, Feed, Format, Item, Manner, Part, Withdrawn};
use loaphuong::phrases::Language;
use loaphuong::{html, text};
use quick_xml::XmlVersion;
use quick_xml::events::Event;
use serde::Deserialize;
use url::Url;

const CASES: &[&str] = &["normal", "hostile", "empty", "combined", "rich", "short"];

#[derive(Deserialize)]
struct FeedFixture {
    slug: String,
    title: String,
    home: Url,
    base: Url,
    #[serde(default)]
    language: Language,
    updated: DateTime<Utc>,
    #[serde(default)]
    rights: Option<String>,
    #[serde(default)]
    icon: Option<Url>,
    #[serde(default)]
    hub: Option<Url>,
    #[serde(default)]
    content: Content,
    #[serde(default)]
    gap_hours: Option<i64>,
    #[serde(default)]
    archives: u32,
    #[serde(default)]
    withdrawn: Vec<GoneFixture>,
    items: Vec<ItemFixture>,
}

#[derive(Deserialize)]
struct GoneFixture {
    guid: String,
    at: DateTime<FixedOffset>,
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
    let told: FeedFixture = serde_json::from_slice(&json).unwrap();
    let items = told.items.into_iter().map(|fixture| item(fixture, &told.title)).collect();
    Feed {
        slug: Slug::new(&told.slug).unwrap(),
        id: None,
        manner: Manner {
            content: told.content, publisher: Some("Loa phường".into()), rights: told.rights, icon: told.icon, hub: told.hub
        },
        title: told.title,
        home: told.home,
        base: told.base,
        language: told.language,
        zone: chrono_tz::Asia::Ho_Chi_Minh,
        updated: told.updated,
        gap: told.gap_hours.map(TimeDelta::hours),
        items,
        withdrawn: told.withdrawn.into_iter().map(|gone| Withdrawn { guid: Guid::new(gone.guid), at: gone.at }).collect(),
        part: Part::Newest { archives: told.archives },
    }
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
    FILES.iter().find(|format| format.extension == extension).unwrap()
}

fn read(feed: &Feed, extension: &str) -> model::Feed {
    let bytes = (format(extension).render)(feed);
    feed_rs::parser::Builder::new().sanitize_content(false).build().parse(&bytes[..]).unwrap()
}

#[test]
fn the_bytes_are_those_of_the_golden_files() {
    for (case, format) in CASES.iter().flat_map(|case| FILES.iter().map(move |format| (case, format))) {
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
    for (case, count) in [("normal", 3), ("hostile", 4), ("empty", 0), ("combined", 2), ("rich", 3), ("short", 3)] {
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
fn entries_of_one_day_are_told_apart_by_their_times_in_atom() {
    let mut feed = feed("normal");
    let (day, one) = (feed.items[0].updated, feed.items[0].clone());
    feed.items = (0..9)
        .map(|n| {
            let mut item = one.clone();
            item.entry.guid = Guid::new(format!("https://thoquan.example.vn/tin/{n}"));
            item
        })
        .collect();
    let times = |feed: &Feed| read(feed, "atom").entries.into_iter().map(|entry| entry.updated.unwrap()).collect::<Vec<_>>();
    let all = times(&feed);
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), 9, "{all:?}");
    assert!(all.iter().all(|at| *at - day.with_timezone(&Utc) < TimeDelta::seconds(1)), "{all:?}");
    let whole = read(&feed, "atom").updated.unwrap();
    assert!(all.iter().all(|at| *at <= whole));
    feed.items.truncate(4);
    assert_eq!(times(&feed), all[..4], "what else is in the feed changes no time");
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

/// Values of an attribute of all elements with this name whose other attribute has this value.
fn attributes(xml: &[u8], element: &str, with: (&str, &str), wanted: &str) -> Vec<String> {
    let mut reader = quick_xml::Reader::from_str(std::str::from_utf8(xml).unwrap());
    let mut found = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) | Event::Empty(tag) if tag.name().as_ref() == element.as_bytes() => {
                let value = |name: &str| {
                    let attribute = tag.try_get_attribute(name).unwrap()?;
                    Some(attribute.normalized_value(XmlVersion::Implicit1_0).unwrap().into_owned())
                };
                if with.0.is_empty() || value(with.0).as_deref() == Some(with.1) {
                    found.extend(value(wanted));
                }
            }
            Event::Eof => return found,
            Event::Start(_) | Event::Empty(_) | Event::End(_) | Event::Text(_) | Event::GeneralRef(_) | Event::CData(_) => {}
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

fn parts(extension: &str, part: Part) -> (Vec<u8>, Vec<(String, Vec<String>)>) {
    let bytes = (format(extension).render)(&Feed { part, ..feed("rich") });
    let element = if extension == "rss" { "atom:link" } else { "link" };
    let links = ["self", "current", "prev-archive", "next-archive", "next"];
    let told = links.iter().map(|rel| ((*rel).to_owned(), attributes(&bytes, element, ("rel", rel), "href"))).collect();
    (bytes, told)
}

#[test]
fn archives_lead_from_one_to_the_next_and_back() {
    for extension in ["rss", "atom"] {
        let of = |name: &str| format!("https://loa.example.vn/feeds/tho-quan.{name}{extension}");
        let check = |part: Part, want: [Option<&str>; 5], is_archive: bool| {
            let (bytes, links) = parts(extension, part);
            let want: Vec<Vec<String>> = want.iter().map(|one| one.map(of).into_iter().collect()).collect();
            assert_eq!(links.into_iter().map(|(_, hrefs)| hrefs).collect::<Vec<_>>(), want, "{extension}");
            assert_eq!(elements(&bytes).contains(&"fh:archive".to_owned()), is_archive);
        };
        check(Part::Newest { archives: 0 }, [Some(""), None, None, None, None], false);
        check(Part::Newest { archives: 3 }, [Some(""), None, Some("3."), None, None], false);
        check(Part::Archive { number: 3, of: 3 }, [Some("3."), Some(""), Some("2."), None, None], true);
        check(Part::Archive { number: 1, of: 3 }, [Some("1."), Some(""), None, Some("2."), None], true);
    }
    let next = |part: Part| {
        let json: serde_json::Value = serde_json::from_slice(&(format("json").render)(&Feed { part, ..feed("rich") })).unwrap();
        json["next_url"].as_str().map(str::to_owned)
    };
    assert_eq!(next(Part::Newest { archives: 0 }), None);
    assert_eq!(next(Part::Newest { archives: 3 }).unwrap(), "https://loa.example.vn/feeds/tho-quan.3.json");
    assert_eq!(next(Part::Archive { number: 2, of: 3 }).unwrap(), "https://loa.example.vn/feeds/tho-quan.1.json");
    assert_eq!(next(Part::Archive { number: 1, of: 3 }), None);
    let found = Part::Found { query: "q=a&n=1".into(), next: Some("q=a&n=1&truoc=5".into()) };
    assert_eq!(next(found.clone()).unwrap(), "https://loa.example.vn/feeds/tho-quan.json?q=a&n=1&truoc=5");
    let (_, links) = parts("atom", found);
    assert_eq!(links[0].1, ["https://loa.example.vn/feeds/tho-quan.atom?q=a&n=1"]);
    assert_eq!(links[4].1, ["https://loa.example.vn/feeds/tho-quan.atom?q=a&n=1&truoc=5"]);
}

#[test]
fn what_was_taken_back_has_a_tombstone_unless_it_is_there_again() {
    let mut feed = feed("rich");
    let atom = (format("atom").render)(&feed);
    let refs = attributes(&atom, "at:deleted-entry", ("", ""), "ref");
    assert_eq!(refs, ["https://thoquan.example.vn/tin/da-go"]);
    assert_eq!(attributes(&atom, "at:deleted-entry", ("", ""), "when"), ["2026-11-29T09:30:00+07:00"]);
    feed.withdrawn[0].guid = feed.items[0].entry.guid.clone();
    assert!(attributes(&(format("atom").render)(&feed), "at:deleted-entry", ("", ""), "ref").is_empty());
}

#[test]
fn readers_find_pictures_files_rights_and_rhythm() {
    let feed = feed("rich");
    let [rss, atom] = ["rss", "atom"].map(|extension| (format(extension).render)(&feed));
    let enclosures = |xml: &[u8], element, with| attributes(xml, element, with, if element == "link" { "href" } else { "url" });
    let files = ["https://thoquan.example.vn/tep/so-do.pdf", "https://thoquan.example.vn/tep/danh-sach.xlsx"];
    let picture = "https://thoquan.example.vn/anh/tram-dien.jpg";
    assert_eq!(enclosures(&rss, "enclosure", ("", "")), [files[0]]);
    assert_eq!(enclosures(&rss, "media:content", ("", "")), [picture, files[1]]);
    assert_eq!(enclosures(&atom, "link", ("rel", "enclosure")), [picture, files[0], files[1]]);
    for xml in [&rss, &atom] {
        assert_eq!(enclosures(xml, "media:thumbnail", ("", "")), [picture]);
    }
    let json: serde_json::Value = serde_json::from_slice(&(format("json").render)(&feed)).unwrap();
    let attached: Vec<&str> = json["items"][0]["attachments"].as_array().unwrap().iter().map(|one| one["url"].as_str().unwrap()).collect();
    assert_eq!(attached, files);
    assert_eq!(json["hubs"][0]["url"], "https://hub.example.vn/");
    for (xml, hub) in [(&rss, "atom:link"), (&atom, "link")] {
        assert_eq!(attributes(xml, hub, ("rel", "hub"), "href"), ["https://hub.example.vn/"]);
    }
    let rss = String::from_utf8(rss).unwrap();
    for told in ["<ttl>60</ttl>", "<sy:updatePeriod>daily</sy:updatePeriod>", "<copyright>", "<language>vi</language>"] {
        assert!(rss.contains(told), "{told}");
    }
}

#[test]
fn a_summary_holds_no_article() {
    for extension in ["rss", "atom", "json"] {
        let bytes = String::from_utf8((format(extension).render)(&feed("short"))).unwrap();
        assert!(!bytes.contains("tram-bien-ap-chi-tiet"), "{extension}: {bytes}");
        assert!(bytes.contains("Tạm ngừng cấp điện"), "{extension}");
    }
}

#[test]
fn a_calendar_says_when_it_happens_and_keeps_its_ids() {
    let lines = |feed: &Feed| {
        let text = String::from_utf8((format("ics").render)(feed)).unwrap();
        assert!(text.split("\r\n").all(|line| line.len() <= 75), "RFC 5545 §3.1");
        text.replace("\r\n ", "").split("\r\n").map(str::to_owned).collect::<Vec<_>>()
    };
    let of = |lines: &[String], name: &str| lines.iter().filter(|line| line.starts_with(name)).cloned().collect::<Vec<_>>();
    let mut feed = feed("rich");
    let before = lines(&feed);
    assert_eq!(of(&before, "DTSTART"), ["DTSTART:20261205T010000Z", "DTSTART;VALUE=DATE:20261206"]);
    assert_eq!(of(&before, "DTEND"), ["DTEND:20261205T100000Z", "DTEND;VALUE=DATE:20261207"]);
    feed.items[0].entry.content_html = feed.items[0].entry.content_html.replace("17h00", "16h00");
    let after = lines(&feed);
    assert_eq!(of(&after, "DTEND")[0], "DTEND:20261205T090000Z");
    assert_eq!(of(&after, "UID"), of(&before, "UID"));
    assert_eq!(lines(&feed), after, "the same twice");
    assert_eq!(of(&lines(&self::feed("short")), "DTSTART").len(), 2, "a summary leaves the days where they are");
}

#[test]
fn a_list_of_3321_feeds_is_well_formed_and_grouped() {
    let outline = |n: usize| Outline {
        title: format!("Phường \"số {n}\" <&> Đ"),
        feed: format!("https://loa.example.vn/feeds/p-{n}.rss"),
        home: format!("https://p{n}.example.vn/?a=1&b=2"),
    };
    let groups: Vec<Group> = (0..34)
        .map(|p| Group { title: (p > 0).then(|| format!("Tỉnh {p}")), feeds: (0..3321).filter(|n| n % 34 == p).map(outline).collect() })
        .collect();
    let bytes = opml::render("Loa phường", "vi", &groups);
    assert_eq!(elements(&bytes).iter().filter(|name| *name == "outline").count(), 3321 + 33);
    assert_eq!(attributes(&bytes, "outline", ("type", "rss"), "xmlUrl").len(), 3321);
    assert_eq!(attributes(&bytes, "opml", ("", ""), "version"), ["2.0"]);
    assert_eq!(attributes(&bytes, "outline", ("xmlUrl", "https://loa.example.vn/feeds/p-7.rss"), "text"), ["Phường \"số 7\" <&> Đ"]);
}
