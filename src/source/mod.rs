//! Reading the pages of one site. Sources never fetch: they say what to visit and read what came.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset};
use chrono_tz::Tz;
use dom_query::Document;
use url::Url;

use crate::entry::{Entry, Guid, Slug};
use crate::page::Page;

mod address;
pub mod discover;
mod folder;
mod frame;
mod follow;
mod guess;
mod html;
mod json_feed;
mod link;
mod markdown;
mod media;
mod overview;
mod pasted;
pub mod recipe;
mod saved;
mod sitemap;
mod structured;
mod syndication;
mod wordpress;

pub use sitemap::further_sitemaps;

pub(crate) use link::{names_home, same_article_key};

/// Every kind of source this build knows. To add one: write its file, add its line.
pub const KINDS: &[Kind] = &[folder::KIND, html::KIND, sitemap::KIND, structured::KIND, syndication::KIND, wordpress::KIND];

/// One way of reading a site.
pub struct Kind {
    /// What an admin writes after `kind =`.
    pub name: &'static str,
    /// One line about it, for people.
    pub about: &'static str,
    /// A working TOML block (the whole `[[sources]]` table); a test parses it.
    pub example: &'static str,
    /// Builds a source from its own keys.
    pub build: Build,
}

/// Turns the keys of one `[[sources]]` block, less those that every source has, into a source.
/// The error keeps the position of the key that is wrong.
pub type Build = fn(toml::de::ValueDeserializer<'_>, &Setting<'_>) -> Result<Arc<dyn Source>, toml::de::Error>;

/// What a source is built with beside its own keys.
pub struct Setting<'a> {
    /// Its name in the config.
    pub name: &'a Slug,
    /// Where relative paths start.
    pub dir: &'a Path,
    /// The zone of dates that name none.
    pub zone: Tz,
    /// Reads a file that the config names (a recipe), relative to `dir`; the error is a sentence.
    pub load: Load<'a>,
}

/// Reads a file that the config names; the error is a sentence.
pub type Load<'a> = &'a dyn Fn(&str) -> Result<String, String>;

/// One page to visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Its address: `http`, `https`, or `file` where the config itself named a folder.
    pub url: Url,
    /// The entry that the page is about; `None` for a listing.
    pub guid: Option<Guid>,
    /// What the listing already said of the entry.
    pub hint: Hint,
}

impl Visit {
    /// A visit to a listing page.
    #[must_use]
    pub fn listing(url: Url) -> Self {
        Self { url, guid: None, hint: Hint::default() }
    }
}

/// What a listing says of an entry before its own page is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hint {
    /// The title in the list.
    pub title: Option<String>,
    /// The date in the list.
    pub published: Option<DateTime<FixedOffset>>,
    /// The teaser in the list.
    pub summary: Option<String>,
    /// See [`Entry::version`].
    pub version: Option<String>,
}

/// Something on a page that could not be read, told to the admin; the rest was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The page.
    pub url: Url,
    /// The entry it concerns, where it concerns one.
    pub guid: Option<Guid>,
    /// A sentence for the admin.
    pub what: String,
}

/// What was understood of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// Entries found whole on this page.
    pub entries: Vec<Entry>,
    /// Pages to visit next: articles (with a guid), newest first as the page shows them, and at
    /// most one further listing page (without), the last.
    pub next: Vec<Visit>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// A source for pages of a site of which nothing is known.
pub(crate) fn generic(zone: Tz) -> Arc<dyn Source> {
    Arc::new(html::Html::unknown(zone))
}

/// Reads the pages of one site. Never fails; what it cannot read it reports.
pub trait Source: Send + Sync {
    /// The listing pages to visit first.
    fn start(&self) -> Vec<Visit>;
    /// The page that people know the site by, for the feed's `link`; `None` for a folder.
    fn home(&self) -> Option<Url>;
    /// Reads one page: entries found on it, and pages to visit next.
    fn read(&self, visit: &Visit, page: &Page) -> Reading;
    /// Reads a page that somebody calls an article: of one that is a list, all that its main part
    /// says. Nothing that is published is read so.
    fn read_whole(&self, visit: &Visit, page: &Page) -> Reading {
        struct Anew<'a, S: ?Sized>(&'a S, &'a Page);
        impl<S: Source + ?Sized> overview::Again for Anew<'_, S> {
            fn document(&mut self) -> Option<Document> {
                overview::parsed(self.1)
            }
            fn listing(&self, _document: &Document) -> Reading {
                self.0.read(&Visit::listing(self.1.url.clone()), self.1)
            }
        }
        overview::complete(self.read(visit, page), None, page, &mut Anew(self, page))
    }
    /// What pages of this site, its list and some articles, teach about the site's frame, as the
    /// text of a recipe. `None` where there is nothing to learn.
    fn learn(&self, _pages: &[(Visit, Page)]) -> Option<String> {
        None
    }
    /// This source, reading by a recipe that [`Source::learn`] gave. `None` where it cannot.
    fn taught(&self, _recipe: &str) -> Option<Arc<dyn Source>> {
        None
    }
}
