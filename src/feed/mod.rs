//! What we publish: entries to bytes, one file per format.

use chrono::{DateTime, FixedOffset, Utc};
use url::Url;

use crate::entry::{Entry, Slug};
use crate::phrases::Language;

mod atom;
mod clean;
mod json;
mod rss;

/// Every format this build writes. To add one: write its file, add its line.
pub const FORMATS: &[Format] = &[rss::FORMAT, atom::FORMAT, json::FORMAT];

/// One feed format.
pub struct Format {
    /// The file name's ending, without the dot.
    pub extension: &'static str,
    /// The media type, for HTTP and `<link rel="alternate">`, without parameters.
    pub media_type: &'static str,
    /// The same as it is served, with the charset where the type has one.
    pub served: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// Writes the feed. The same feed always gives the same bytes.
    pub render: fn(&Feed) -> Vec<u8>,
}

/// A feed as readers see it, in any format.
#[derive(Debug, Clone)]
pub struct Feed {
    /// Its name, part of its addresses.
    pub slug: Slug,
    /// Its title.
    pub title: String,
    /// The page it is the feed of: the ward's site, or our front page.
    pub home: Url,
    /// `base_url` of this server, ending in `/`.
    pub base: Url,
    /// The language of the news.
    pub language: Language,
    /// When its content last changed; from the entries, never from the clock.
    pub updated: DateTime<Utc>,
    /// Newest first.
    pub items: Vec<Item>,
}

/// An entry in a feed.
#[derive(Debug, Clone)]
pub struct Item {
    /// The entry.
    pub entry: Entry,
    /// Its own address or that of its public page here; absolute `http` or `https`.
    pub link: Url,
    /// The source it came from, for combined feeds.
    pub source_title: String,
    /// Published where the site said so, else when it was first seen.
    pub published: DateTime<FixedOffset>,
    /// Last changed: never before `published`.
    pub updated: DateTime<FixedOffset>,
}

impl Feed {
    /// The address of this feed in a format.
    #[must_use]
    pub fn address(&self, format: &Format) -> String {
        format!("{}feeds/{}.{}", self.base, self.slug, format.extension)
    }
}
