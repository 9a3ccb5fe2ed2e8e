//! Atom 1.0 (RFC 4287), with archives (RFC 5005), tombstones (RFC 6721) and Media RSS.

use std::collections::{BTreeMap, HashSet};

use atom_syndication::extension::{Extension, ExtensionMap};
use atom_syndication::{self as atom, Category, Content, Entry, Generator, Link, Person, Text, WriteConfig};
use chrono::TimeDelta;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use uuid::Uuid;

use super::clean::{self, CleanItem, File};
use super::pulse::{Pulse, pulse};
use super::{FORMATS, Feed, Format, Part};
use crate::phrases;

pub(super) const FORMAT: Format = Format {
    extension: "atom",
    media_type: "application/atom+xml",
    served: "application/atom+xml; charset=utf-8",
    title: "Atom 1.0",
    render,
};

/// Prefixes of what is not Atom's own.
const NAMESPACES: [(&str, &str); 4] = [
    ("at", "http://purl.org/atompub/tombstones/1.0"),
    ("fh", "http://purl.org/syndication/history/1.0"),
    ("media", "http://search.yahoo.com/mrss/"),
    ("sy", "http://purl.org/rss/1.0/modules/syndication/"),
];

fn render(feed: &Feed) -> Vec<u8> {
    let title = clean::title(feed);
    let items: Vec<CleanItem> = clean::items(feed).map(apart).collect();
    let extensions = extensions(feed, &items);
    let has_pictures = items.iter().any(|item| !item.images.is_empty());
    let is_used = |prefix: &str| extensions.contains_key(prefix) || (prefix == "media" && has_pictures);
    let namespaces: BTreeMap<String, String> =
        NAMESPACES.iter().filter(|(prefix, _)| is_used(prefix)).map(|(prefix, name)| ((*prefix).to_owned(), (*name).to_owned())).collect();
    let icon = feed.manner.icon.as_ref().map(clean::address);
    let atom = atom::Feed {
        subtitle: Some(phrases::feed_about(feed.language, &title).into()),
        title: title.into(),
        links: links(feed),
        id: identity(feed),
        updated: items.iter().map(|item| item.updated).fold(clean::date(feed.updated.fixed_offset()), Ord::max),
        authors: feed.manner.publisher.iter().map(|name| person(name.clone())).collect(),
        generator: Some(Generator { value: env!("CARGO_PKG_NAME").to_owned(), ..Generator::default() }),
        lang: Some(feed.language.tag().to_owned()),
        rights: feed.manner.rights.clone().map(Text::from),
        logo: icon.clone(),
        icon,
        namespaces,
        extensions,
        entries: items.into_iter().map(entry).collect(),
        ..atom::Feed::default()
    };
    let config = WriteConfig { indent_size: Some(1), write_document_declaration: false };
    // A write into memory cannot fail.
    atom.write_with_config(declaration(), config).unwrap_or_default()
}

/// The beginning of a document that says its encoding, which the crate leaves out.
fn declaration() -> Vec<u8> {
    let mut writer = Writer::new(Vec::new());
    let events = [Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)), Event::Text(BytesText::from_escaped("\n"))];
    // A write into memory cannot fail.
    events.into_iter().try_for_each(|event| writer.write_event(event)).ok();
    writer.into_inner()
}

/// An entry whose time no other tells: readers sort by it and validators ask for it, but ward sites
/// often tell no more than a day. The fraction of the second is made of the identity, so it stays.
fn apart(item: CleanItem) -> CleanItem {
    let part = Uuid::new_v5(&Uuid::NAMESPACE_URL, item.id.as_bytes()).as_u128() % 1_000_000;
    let micros = i64::try_from(part).unwrap_or_default();
    CleanItem { updated: item.updated + TimeDelta::microseconds(micros), ..item }
}

/// One for all documents of a feed; what a reader searched for is a feed of its own.
fn identity(feed: &Feed) -> String {
    let known = feed.id.as_ref().filter(|_| !matches!(feed.part, Part::Found { .. }));
    known.cloned().unwrap_or_else(|| feed.address(&FORMAT))
}

fn links(feed: &Feed) -> Vec<Link> {
    let own = [link("self", feed.address(&FORMAT), FORMAT.media_type), link("alternate", clean::address(&feed.home), "text/html")];
    let others = FORMATS.iter().filter(|format| format.extension != FORMAT.extension);
    let shapes = others.map(|format| link("alternate", feed.address(format), format.media_type));
    let hub = feed.manner.hub.iter().map(|hub| Link { href: clean::address(hub), rel: "hub".to_owned(), ..Link::default() });
    let around = feed.around(&FORMAT).into_iter().map(|(relation, address)| link(relation, address, FORMAT.media_type));
    own.into_iter().chain(shapes).chain(hub).chain(around).collect()
}

/// What is told beside the entries, by prefix.
fn extensions(feed: &Feed, items: &[CleanItem]) -> ExtensionMap {
    let mut map = ExtensionMap::new();
    let mut add =
        |prefix: &str, name: &str, one: Extension| map.entry(prefix.to_owned()).or_default().entry(name.to_owned()).or_default().push(one);
    if feed.is_archive() {
        add("fh", "archive", element("fh:archive", &[], None));
    }
    if let Some(Pulse { period, frequency, .. }) = feed.gap.map(pulse) {
        add("sy", "updatePeriod", element("sy:updatePeriod", &[], Some(period.to_owned())));
        add("sy", "updateFrequency", element("sy:updateFrequency", &[], Some(frequency.to_string())));
    }
    let told: HashSet<&str> = items.iter().map(|item| item.id.as_str()).collect();
    for gone in &feed.withdrawn {
        let id = clean::identity(&gone.guid);
        if !told.contains(id.as_str()) {
            let when = clean::date(gone.at).to_rfc3339();
            add("at", "deleted-entry", element("at:deleted-entry", &[("ref", id), ("when", when)], None));
        }
    }
    map
}

fn entry(item: CleanItem) -> Entry {
    let has_content = !item.content.is_empty();
    // An entry without content needs a summary, if only its title again.
    let summary = item.summary().or_else(|| (!has_content).then_some(item.title.as_str())).map(Text::from);
    let alternate = link("alternate", item.link, "text/html");
    let thumbnail = item.images.first().map(|image| element("media:thumbnail", &[("url", image.url.clone())], None));
    let files = item.images.into_iter().chain(item.attachments).map(enclosure);
    Entry {
        summary,
        title: item.title.into(),
        id: item.id,
        published: Some(item.published),
        updated: item.updated,
        authors: vec![person(item.author)],
        categories: item.categories.into_iter().map(|term| Category { term, ..Category::default() }).collect(),
        links: std::iter::once(alternate).chain(files).collect(),
        content: has_content.then(|| Content { value: Some(item.content), content_type: Some("html".to_owned()), ..Content::default() }),
        extensions: thumbnail.map(|one| ("media".to_owned(), BTreeMap::from([("thumbnail".to_owned(), vec![one])]))).into_iter().collect(),
        ..Entry::default()
    }
}

fn person(name: String) -> Person {
    Person { name, ..Person::default() }
}

fn element(name: &str, attrs: &[(&str, String)], value: Option<String>) -> Extension {
    let attrs = attrs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Extension { name: name.to_owned(), value, attrs, children: BTreeMap::new() }
}

fn link(rel: &str, href: String, media_type: &str) -> Link {
    Link { href, rel: rel.to_owned(), mime_type: Some(media_type.to_owned()), ..Link::default() }
}

fn enclosure(file: File) -> Link {
    Link { length: file.length.map(|bytes| bytes.to_string()), title: file.title, ..link("enclosure", file.url, &file.media_type) }
}
