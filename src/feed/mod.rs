//! What we publish: entries to bytes, one file per format.

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use url::Url;

use crate::entry::{Entry, Guid, Slug};
use crate::phrases::Language;

mod atom;
mod calendar;
mod clean;
mod json;
pub mod opml;
mod pulse;
mod rss;

/// The format whose address is a feed's identity.
pub const ATOM: &Format = &atom::FORMAT;
/// Every format that feed readers take. To add one: write its file, add its line.
pub const FORMATS: &[Format] = &[rss::FORMAT, atom::FORMAT, json::FORMAT];
/// Every file that is written of a feed: the same, and what calendars take.
pub const FILES: &[Format] = &[rss::FORMAT, atom::FORMAT, json::FORMAT, calendar::FORMAT];

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
    /// What readers know it by, where that is not the address of its newest entries (RFC 4287 §4.2.6).
    pub id: Option<String>,
    /// Its title.
    pub title: String,
    /// The page it is the feed of: the ward's site, or our front page.
    pub home: Url,
    /// `base_url` of this server, ending in `/`.
    pub base: Url,
    /// The language of the news.
    pub language: Language,
    /// The zone of days that articles name.
    pub zone: Tz,
    /// How it is written.
    pub manner: Manner,
    /// When its content last changed; from the entries, never from the clock.
    pub updated: DateTime<Utc>,
    /// The usual time between two of its entries, where that is known.
    pub gap: Option<TimeDelta>,
    /// Newest first.
    pub items: Vec<Item>,
    /// Entries that were taken back, the last one first.
    pub withdrawn: Vec<Withdrawn>,
    /// Which part of all its entries this is.
    pub part: Part,
}

/// How much of an article stands in a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Content {
    /// All of it.
    #[default]
    Full,
    /// Its lead, or how it begins.
    Summary,
}

/// How a feed is written, as the config says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Manner {
    /// How much of each article.
    pub content: Content,
    /// Who publishes it.
    pub publisher: Option<String>,
    /// Under which terms.
    pub rights: Option<String>,
    /// A square picture that stands for it.
    pub icon: Option<Url>,
    /// Where readers can ask to be told of news (`rel="hub"`).
    pub hub: Option<Url>,
}

/// An entry that was taken back (RFC 6721).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawn {
    /// Its identity.
    pub guid: Guid,
    /// When.
    pub at: DateTime<FixedOffset>,
}

/// Which part of all entries of a feed a document holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The newest, and all that is in no archive yet; `archives` are full (RFC 5005 §4).
    Newest {
        /// How many archives there are.
        archives: u32,
    },
    /// One archive of so many, from 1; the first has the oldest entries.
    Archive {
        /// Which one.
        number: u32,
        /// How many archives there are.
        of: u32,
    },
    /// What was found by a query, which is part of the address (RFC 5005 §3).
    Found {
        /// The query of the address, without `?`.
        query: String,
        /// That of the next page.
        next: Option<String>,
    },
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

/// The address of a feed with its newest entries, under `base`.
#[must_use]
pub fn address(base: &Url, feed: &Slug, format: &Format) -> String {
    format!("{base}feeds/{feed}.{}", format.extension)
}

impl Feed {
    /// Its own address in a format.
    #[must_use]
    pub fn address(&self, format: &Format) -> String {
        match &self.part {
            Part::Newest { .. } => self.current(format),
            Part::Archive { number, .. } => self.archive(*number, format),
            Part::Found { query, .. } => format!("{}?{query}", self.current(format)),
        }
    }

    /// The address of the feed with the newest entries.
    fn current(&self, format: &Format) -> String {
        address(&self.base, &self.slug, format)
    }

    /// The address of an archive.
    fn archive(&self, number: u32, format: &Format) -> String {
        format!("{}feeds/{}.{number}.{}", self.base, self.slug, format.extension)
    }

    /// The documents around this one, by their relation to it (RFC 5005).
    fn around(&self, format: &Format) -> Vec<(&'static str, String)> {
        let archive = |relation, number: u32, there: bool| there.then(|| (relation, self.archive(number, format)));
        match &self.part {
            Part::Newest { archives } => archive("prev-archive", *archives, *archives > 0).into_iter().collect(),
            Part::Archive { number, of } => {
                let before = archive("prev-archive", number.saturating_sub(1), *number > 1);
                let after = archive("next-archive", number + 1, number < of);
                std::iter::once(("current", self.current(format))).chain(before).chain(after).collect()
            }
            Part::Found { next, .. } => next.iter().map(|query| ("next", format!("{}?{query}", self.current(format)))).collect(),
        }
    }

    /// Where older entries are.
    fn older(&self, format: &Format) -> Option<String> {
        self.around(format).into_iter().find(|(relation, _)| matches!(*relation, "prev-archive" | "next")).map(|(_, address)| address)
    }

    const fn is_archive(&self) -> bool {
        matches!(self.part, Part::Archive { .. })
    }
}
