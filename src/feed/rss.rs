//! RSS 2.0, with `content:encoded` and `dc:creator`, as the RSS Advisory Board's profile asks.

use rss::extension::atom::{AtomExtension, Link};
use rss::extension::dublincore::DublinCoreExtension;
use rss::{Category, Channel, Enclosure, Guid, Item};

use super::clean::{self, CleanItem, File};
use super::{Feed, Format};
use crate::phrases;

pub(super) const FORMAT: Format =
    Format { extension: "rss", media_type: "application/rss+xml", served: "application/rss+xml; charset=utf-8", title: "RSS 2.0", render };

fn render(feed: &Feed) -> Vec<u8> {
    let title = clean::title(feed);
    let channel = Channel {
        description: phrases::feed_about(feed.language, &title),
        title,
        link: clean::address(&feed.home),
        language: Some(feed.language.tag().to_owned()),
        last_build_date: Some(clean::date(feed.updated.fixed_offset()).to_rfc2822()),
        generator: Some(env!("CARGO_PKG_NAME").to_owned()),
        atom_ext: Some(AtomExtension { links: vec![self_link(feed)] }),
        items: clean::items(feed).map(item).collect(),
        ..Channel::default()
    };
    // A write into memory cannot fail.
    channel.pretty_write_to(Vec::new(), b' ', 1).unwrap_or_default()
}

fn self_link(feed: &Feed) -> Link {
    Link { href: feed.address(&FORMAT), rel: "self".to_owned(), mime_type: Some(FORMAT.media_type.to_owned()), ..Link::default() }
}

fn item(item: CleanItem) -> Item {
    Item {
        // The validator wants a description before each content:encoded.
        description: Some(item.description()),
        title: Some(item.title),
        link: Some(item.link),
        categories: item.categories.into_iter().map(|name| Category { name, domain: None }).collect(),
        enclosure: item.attachments.into_iter().chain(item.images).next().map(enclosure),
        guid: Some(Guid { value: item.id, permalink: item.id_is_link }),
        pub_date: Some(item.published.to_rfc2822()),
        content: Some(item.content).filter(|content| !content.is_empty()),
        dublin_core_ext: Some(DublinCoreExtension { creators: vec![item.author], ..DublinCoreExtension::default() }),
        ..Item::default()
    }
}

fn enclosure(file: File) -> Enclosure {
    // RSS demands a length; 0 says that it is not known.
    let length = file.length.unwrap_or(0).to_string();
    Enclosure { url: file.url, length, mime_type: file.media_type }
}
