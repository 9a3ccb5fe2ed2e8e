//! RSS 2.0, with `content:encoded`, `dc:creator`, Media RSS, Syndication and the archives of
//! RFC 5005, as the RSS Advisory Board's profile asks.

use std::collections::BTreeMap;

use rss::extension::atom::{AtomExtension, Link};
use rss::extension::dublincore::DublinCoreExtension;
use rss::extension::syndication::{self, SyndicationExtension};
use rss::extension::{Extension, ExtensionMap};
use rss::{Category, Channel, Enclosure, Guid, Image, Item};

use super::clean::{self, CleanItem, File};
use super::pulse::{Pulse, pulse};
use super::{FORMATS, Feed, Format};
use crate::phrases;

pub(super) const FORMAT: Format =
    Format { extension: "rss", media_type: "application/rss+xml", served: "application/rss+xml; charset=utf-8", title: "RSS 2.0", render };

const MEDIA: &str = "http://search.yahoo.com/mrss/";
const HISTORY: &str = "http://purl.org/syndication/history/1.0";
/// Where the periods of a rhythm are counted from.
const BASE: &str = "2000-01-01T00:00:00+07:00";

fn render(feed: &Feed) -> Vec<u8> {
    let title = clean::title(feed);
    let link = clean::address(&feed.home);
    let icon = feed.manner.icon.as_ref().map(clean::address);
    let items: Vec<Item> = clean::items(feed).map(item).collect();
    let pulse = feed.gap.map(pulse);
    let channel = Channel {
        description: phrases::feed_about(feed.language, &title),
        image: icon.map(|url| Image { url, title: title.clone(), link: link.clone(), ..Image::default() }),
        title,
        link,
        language: Some(feed.language.tag().to_owned()),
        copyright: feed.manner.rights.clone(),
        last_build_date: Some(clean::date(feed.updated.fixed_offset()).to_rfc2822()),
        generator: Some(env!("CARGO_PKG_NAME").to_owned()),
        docs: Some("https://www.rssboard.org/rss-specification".to_owned()),
        ttl: pulse.map(|pulse| pulse.minutes.to_string()),
        namespaces: namespaces(feed, &items),
        extensions: if feed.is_archive() {
            extensions("fh", vec![("archive", element("fh:archive", &[], None))])
        } else {
            ExtensionMap::new()
        },
        atom_ext: Some(AtomExtension { links: links(feed) }),
        syndication_ext: pulse.map(rhythm),
        items,
        ..Channel::default()
    };
    // A write into memory cannot fail.
    channel.pretty_write_to(Vec::new(), b' ', 1).unwrap_or_default()
}

/// Those of the extensions that are used.
fn namespaces(feed: &Feed, items: &[Item]) -> BTreeMap<String, String> {
    let used = [
        ("media", MEDIA, items.iter().any(|item| item.extensions.contains_key("media"))),
        ("fh", HISTORY, feed.is_archive()),
        ("sy", syndication::NAMESPACE, feed.gap.is_some()),
    ];
    used.into_iter().filter(|(.., used)| *used).map(|(prefix, name, _)| (prefix.to_owned(), name.to_owned())).collect()
}

fn rhythm(Pulse { period, frequency, .. }: Pulse) -> SyndicationExtension {
    SyndicationExtension { period: period.parse().unwrap_or(syndication::UpdatePeriod::Daily), frequency, base: BASE.to_owned() }
}

fn links(feed: &Feed) -> Vec<Link> {
    let link = |rel: &str, href: String, format: &Format| Link {
        href,
        rel: rel.to_owned(),
        mime_type: Some(format.media_type.to_owned()),
        ..Link::default()
    };
    let others = FORMATS.iter().filter(|format| format.extension != FORMAT.extension);
    let shapes = others.map(|format| link("alternate", feed.address(format), format));
    let hub = feed.manner.hub.iter().map(|hub| Link { href: clean::address(hub), rel: "hub".to_owned(), ..Link::default() });
    let around = feed.around(&FORMAT).into_iter().map(|(relation, address)| link(relation, address, &FORMAT));
    std::iter::once(link("self", feed.address(&FORMAT), &FORMAT)).chain(shapes).chain(hub).chain(around).collect()
}

fn item(item: CleanItem) -> Item {
    let described = item.description();
    let thumbnail = item.images.first().map(|image| ("thumbnail", element("media:thumbnail", &[("url", image.url.clone())], None)));
    let enclosed = item.attachments.first().or_else(|| item.images.first()).map(enclosure);
    // The enclosure is one alone; Media RSS has all pictures, and the other files.
    let media = item.images.iter().chain(item.attachments.iter().skip(1)).map(|file| ("content", content(file)));
    let media: Vec<(&str, Extension)> = media.chain(thumbnail).collect();
    Item {
        // The validator wants a description before each content:encoded.
        description: Some(described),
        title: Some(item.title),
        link: Some(item.link),
        categories: item.categories.into_iter().map(|name| Category { name, domain: None }).collect(),
        enclosure: enclosed,
        guid: Some(Guid { value: item.id, permalink: item.id_is_link }),
        pub_date: Some(item.published.to_rfc2822()),
        content: Some(item.content).filter(|content| !content.is_empty()),
        extensions: if media.is_empty() { ExtensionMap::new() } else { extensions("media", media) },
        dublin_core_ext: Some(DublinCoreExtension { creators: vec![item.author], ..DublinCoreExtension::default() }),
        ..Item::default()
    }
}

/// A file in Media RSS.
fn content(file: &File) -> Extension {
    let medium = file.media_type.split('/').next().filter(|kind| matches!(*kind, "image" | "audio" | "video")).unwrap_or("document");
    let size = file.length.map(|bytes| ("fileSize", bytes.to_string()));
    let attrs: Vec<(&str, String)> =
        [("url", file.url.clone()), ("type", file.media_type.clone()), ("medium", medium.to_owned())].into_iter().chain(size).collect();
    let title = file.title.clone().map(|title| element("media:title", &[("type", "plain".to_owned())], Some(title)));
    let children = title.map(|title| ("title".to_owned(), vec![title])).into_iter().collect();
    Extension { children, ..element("media:content", &attrs, None) }
}

fn extensions(prefix: &str, elements: Vec<(&str, Extension)>) -> ExtensionMap {
    let mut named: BTreeMap<String, Vec<Extension>> = BTreeMap::new();
    for (name, element) in elements {
        named.entry(name.to_owned()).or_default().push(element);
    }
    ExtensionMap::from([(prefix.to_owned(), named)])
}

fn element(name: &str, attrs: &[(&str, String)], value: Option<String>) -> Extension {
    let attrs = attrs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Extension { name: name.to_owned(), value, attrs, children: BTreeMap::new() }
}

fn enclosure(file: &File) -> Enclosure {
    // RSS demands a length; 0 says that it is not known.
    let length = file.length.unwrap_or(0).to_string();
    Enclosure { url: file.url.clone(), length, mime_type: file.media_type.clone() }
}
