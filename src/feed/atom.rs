//! Atom 1.0 (RFC 4287).

use atom_syndication::{self as atom, Category, Content, Entry, Generator, Link, Person, Text, WriteConfig};

use super::clean::{self, CleanItem, File};
use super::{Feed, Format};
use crate::phrases;

pub(super) const FORMAT: Format = Format {
    extension: "atom",
    media_type: "application/atom+xml",
    served: "application/atom+xml; charset=utf-8",
    title: "Atom 1.0",
    render,
};

fn render(feed: &Feed) -> Vec<u8> {
    let title = clean::title(feed);
    let address = feed.address(&FORMAT);
    let atom = atom::Feed {
        subtitle: Some(phrases::feed_about(feed.language, &title).into()),
        title: title.into(),
        links: vec![link("self", address.clone(), FORMAT.media_type), link("alternate", clean::address(&feed.home), "text/html")],
        id: address,
        updated: clean::date(feed.updated.fixed_offset()),
        generator: Some(Generator { value: env!("CARGO_PKG_NAME").to_owned(), ..Generator::default() }),
        lang: Some(feed.language.tag().to_owned()),
        entries: clean::items(feed).map(entry).collect(),
        ..atom::Feed::default()
    };
    let config = WriteConfig { indent_size: Some(1), ..WriteConfig::default() };
    // A write into memory cannot fail.
    atom.write_with_config(Vec::new(), config).unwrap_or_default()
}

fn entry(item: CleanItem) -> Entry {
    let has_content = !item.content.is_empty();
    // An entry without content needs a summary, if only its title again.
    let summary = item.summary().or_else(|| (!has_content).then_some(item.title.as_str())).map(Text::from);
    let alternate = link("alternate", item.link, "text/html");
    let files = item.images.into_iter().chain(item.attachments).map(enclosure);
    Entry {
        summary,
        title: item.title.into(),
        id: item.id,
        published: Some(item.published),
        updated: item.updated,
        authors: vec![Person { name: item.author, ..Person::default() }],
        categories: item.categories.into_iter().map(|term| Category { term, ..Category::default() }).collect(),
        links: std::iter::once(alternate).chain(files).collect(),
        content: has_content.then(|| Content { value: Some(item.content), content_type: Some("html".to_owned()), ..Content::default() }),
        ..Entry::default()
    }
}

fn link(rel: &str, href: String, media_type: &str) -> Link {
    Link { href, rel: rel.to_owned(), mime_type: Some(media_type.to_owned()), ..Link::default() }
}

fn enclosure(file: File) -> Link {
    Link { length: file.length.map(|bytes| bytes.to_string()), title: file.title, ..link("enclosure", file.url, &file.media_type) }
}
