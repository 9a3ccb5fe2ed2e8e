//! OPML 2.0: a list of feeds that a reader takes in at once.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use crate::text;

/// The media type that feed readers know it by.
pub const MEDIA_TYPE: &str = "text/x-opml; charset=utf-8";

/// A feed in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// Its title.
    pub title: String,
    /// Where it is.
    pub feed: String,
    /// The page that it is the feed of.
    pub home: String,
}

/// Feeds that stand together; without a title they stand by themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What they have in common.
    pub title: Option<String>,
    /// In their order.
    pub feeds: Vec<Outline>,
}

/// The list. The same list always gives the same bytes.
#[must_use]
pub fn render(title: &str, language: &str, groups: &[Group]) -> Vec<u8> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 1);
    // A write into memory cannot fail.
    write(&mut writer, title, language, groups).map(|()| writer.into_inner()).unwrap_or_default()
}

fn write(writer: &mut Writer<Vec<u8>>, title: &str, language: &str, groups: &[Group]) -> std::io::Result<()> {
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    writer.create_element("opml").with_attribute(("version", "2.0")).write_inner_content(|opml| {
        opml.create_element("head").write_inner_content(|head| {
            head.create_element("title").write_text_content(BytesText::new(&text::line(title)))?;
            head.create_element("docs").write_text_content(BytesText::new("http://opml.org/spec2.opml"))?;
            Ok(())
        })?;
        opml.create_element("body").write_inner_content(|body| groups.iter().try_for_each(|group| self::group(body, language, group)))?;
        Ok(())
    })?;
    Ok(())
}

fn group(writer: &mut Writer<Vec<u8>>, language: &str, group: &Group) -> std::io::Result<()> {
    let feeds = |inner: &mut Writer<Vec<u8>>| group.feeds.iter().try_for_each(|feed| outline(inner, language, feed));
    match &group.title {
        Some(title) => {
            let title = text::line(title);
            writer.create_element("outline").with_attribute(("text", title.as_str())).write_inner_content(feeds)?;
            Ok(())
        }
        None => feeds(writer),
    }
}

fn outline(writer: &mut Writer<Vec<u8>>, language: &str, feed: &Outline) -> std::io::Result<()> {
    let title = text::line(&feed.title);
    let attributes = [
        ("type", "rss"),
        ("text", title.as_str()),
        ("title", title.as_str()),
        ("xmlUrl", feed.feed.as_str()),
        ("htmlUrl", feed.home.as_str()),
        ("language", language),
    ];
    writer.create_element("outline").with_attributes(attributes).write_empty()?;
    Ok(())
}
