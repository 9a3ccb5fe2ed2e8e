//! A feed as every format may write it: text that XML can carry, addresses and dates that a
//! validator takes, each identity once.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use chrono::{DateTime, Datelike, FixedOffset, SubsecRound};
use quick_xml::escape::partial_escape;
use regex::Regex;
use url::{Position, Url};

use super::{Content, Feed, Item};
use crate::entry::{Enclosure, Guid};
use crate::html;
use crate::text;

/// How much of the HTML an excerpt is made from, in bytes, and its length in UTF-16 units.
const EXCERPT_HTML: usize = 4096;
const EXCERPT: usize = 300;

/// The two forms of identity beside addresses that readers know: RFC 8141 and RFC 4151.
static URN_OR_TAG: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let rest = r"(?:[A-Za-z0-9._~:/?#@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+$";
    Regex::new(&format!(r"^(?i:urn:[a-z0-9][a-z0-9-]{{1,31}}|tag:[a-z0-9._@-]+,\d{{4}}(?:-\d\d){{0,2}}):{rest}")).ok()
});

/// A media type without parameters (RFC 6838 §4.2).
static MEDIA_TYPE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*$").ok());

/// An item whose every field may be written as it is.
pub(super) struct CleanItem {
    /// An absolute IRI (RFC 3987), unique in the feed and the same in every format.
    pub(super) id: String,
    /// The id is the address of the article.
    pub(super) id_is_link: bool,
    pub(super) link: String,
    /// One line, never empty.
    pub(super) title: String,
    /// The byline, else the name of the source; never empty.
    pub(super) author: String,
    /// The lead, where the source told one.
    pub(super) lead: Option<String>,
    /// HTML; may be empty.
    pub(super) content: String,
    pub(super) categories: Vec<String>,
    pub(super) images: Vec<File>,
    pub(super) attachments: Vec<File>,
    pub(super) published: DateTime<FixedOffset>,
    pub(super) updated: DateTime<FixedOffset>,
}

/// A file that may be offered for download.
pub(super) struct File {
    pub(super) url: String,
    pub(super) media_type: String,
    /// Bytes, where known.
    pub(super) length: Option<u64>,
    pub(super) title: Option<String>,
}

/// The items in their order, as much of them as the feed tells; of several with one identity only
/// the first.
pub(super) fn items(feed: &Feed) -> impl Iterator<Item = CleanItem> {
    let content = feed.manner.content;
    whole_items(feed).map(move |item| item.told(content))
}

/// The same with all that is known.
pub(super) fn whole_items(feed: &Feed) -> impl Iterator<Item = CleanItem> {
    let feed_title = title(feed);
    let mut seen = HashSet::new();
    feed.items
        .iter()
        .map(|item| (identity(&item.entry.guid), item))
        .filter(move |(id, _)| seen.insert(id.clone()))
        .map(move |(id, item)| CleanItem::new(id, item, &feed_title))
}

/// The feed's title: one line, never empty.
pub(super) fn title(feed: &Feed) -> String {
    line(&feed.title).unwrap_or_else(|| feed.slug.to_string())
}

/// An address with the characters escaped that browsers leave and RFC 3986 forbids.
pub(super) fn address(url: &Url) -> String {
    let origin = &url[..Position::BeforePath];
    let rest = ['[', ']', '{', '}', '|', '^', '`', '\\'].into_iter().fold(Cow::Borrowed(&url[Position::BeforePath..]), |rest, c| {
        if rest.contains(c) { rest.replace(c, &format!("%{:02X}", u32::from(c))).into() } else { rest }
    });
    format!("{origin}{rest}")
}

/// Whole seconds, in a year that RFC 2822 and RFC 3339 can write; anything else becomes 1970.
pub(super) fn date(at: DateTime<FixedOffset>) -> DateTime<FixedOffset> {
    if (1..=9999).contains(&at.year()) { at.trunc_subsecs(0) } else { DateTime::UNIX_EPOCH.fixed_offset() }
}

impl CleanItem {
    fn new(id: String, item: &Item, feed_title: &str) -> Self {
        let entry = &item.entry;
        let link = address(&item.link);
        Self {
            id_is_link: id == link,
            id,
            title: line(&entry.title).unwrap_or_else(|| link.clone()),
            link,
            author: entry.author.as_deref().and_then(line).or_else(|| line(&item.source_title)).unwrap_or_else(|| feed_title.to_owned()),
            lead: entry.summary.as_deref().map(text::paragraphs).filter(|lead| !lead.is_empty()),
            content: text::clean(&entry.content_html),
            categories: categories(&entry.categories),
            images: entry.images.iter().filter_map(File::new).collect(),
            attachments: entry.attachments.iter().filter_map(File::new).collect(),
            published: date(item.published),
            updated: date(item.updated),
        }
    }

    /// Cut to what the feed tells of an article.
    fn told(self, content: Content) -> Self {
        match content {
            Content::Full => self,
            Content::Summary => {
                let lead = self.lead.clone().or_else(|| line(&self.excerpt()));
                Self { lead, content: String::new(), ..self }
            }
        }
    }

    /// The lead, unless it would only repeat the title or the content (RFC 4287 §4.2.13).
    pub(super) fn summary(&self) -> Option<&str> {
        self.lead.as_deref().filter(|lead| *lead != self.title && !self.content_is(lead))
    }

    /// The lead, else the content's beginning, else the title, as HTML; never empty.
    pub(super) fn description(&self) -> String {
        partial_escape(&*self.plain()).into_owned()
    }

    /// The same as plain text.
    pub(super) fn plain(&self) -> Cow<'_, str> {
        let plain = self.lead.as_deref().map(Cow::Borrowed).or_else(|| line(&self.excerpt()).map(Cow::Owned));
        plain.unwrap_or(Cow::Borrowed(&self.title))
    }

    fn excerpt(&self) -> String {
        let end = self.content.floor_char_boundary(EXCERPT_HTML);
        text::cut(&html::to_text(self.content.get(..end).unwrap_or_default()), EXCERPT)
    }

    fn content_is(&self, lead: &str) -> bool {
        // Markup adds little, so a long content is not worth reading.
        self.content.len() <= lead.len() * 4 + 64 && line(&html::to_text(&self.content)) == line(lead)
    }
}

impl File {
    fn new(file: &Enclosure) -> Option<Self> {
        matches!(file.url.scheme(), "http" | "https").then(|| Self {
            url: address(&file.url),
            media_type: media_type(&file.media_type),
            length: file.length,
            title: file.title.as_deref().and_then(line),
        })
    }
}

/// The guid itself where it is an address, a `urn:` or a `tag:`, else a `urn:uuid:` made of it.
pub(super) fn identity(guid: &Guid) -> String {
    let id = guid.as_str();
    if URN_OR_TAG.as_ref().is_some_and(|form| form.is_match(id)) {
        return id.to_owned();
    }
    match Url::parse(id) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => address(&url),
        _ => Guid::derived(&[id]).to_string(),
    }
}

fn categories(names: &[String]) -> Vec<String> {
    let mut seen = HashSet::new();
    names.iter().filter_map(|name| line(name)).filter(|name| seen.insert(name.clone())).collect()
}

fn media_type(told: &str) -> String {
    let bare = told.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let formed = MEDIA_TYPE.as_ref().is_some_and(|form| form.is_match(&bare));
    if formed { bare } else { "application/octet-stream".to_owned() }
}

fn line(text: &str) -> Option<String> {
    Some(text::line(text)).filter(|line| !line.is_empty())
}
