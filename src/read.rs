//! Reading news pages from bytes, for other programs: no network, no files, no clock.
//!
//! One page of an unknown site is read by [`article`] or [`list`]. Several pages of one site teach
//! what is frame there and what is news, and [`Site`] then reads its pages better than any reader
//! of single pages can.
//!
//! ```
//! use chrono_tz::Asia::Ho_Chi_Minh;
//! use loaphuong::page::Page;
//! use loaphuong::read;
//!
//! let html = "<h1>Lịch tiêm chủng tháng 9</h1><p>Ngày đăng 05/09/2019 | 16:30</p>\
//!             <p>Trạm y tế phường tiêm chủng cho trẻ em vào sáng thứ Tư hằng tuần.</p>";
//! let url = "https://phuong.example.vn/lich-tiem-chung-12.html".parse()?;
//! let page = Page::new(url, "2026-11-23T00:00:00Z".parse()?, html);
//!
//! let reading = read::article(&page, Ho_Chi_Minh);
//! let entry = reading.entries.first().ok_or("nothing read")?;
//! assert_eq!(entry.title, "Lịch tiêm chủng tháng 9");
//! assert_eq!(entry.published.map(|at| at.to_rfc3339()).as_deref(), Some("2019-09-05T16:30:00+07:00"));
//!
//! // With its list and some more articles of the site (here: none), the same page by what they teach.
//! let site = read::Site::learn(&[page.clone()], Ho_Chi_Minh);
//! assert_eq!(site.article(&page).entries, reading.entries);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::HashSet;
use std::sync::Arc;

use chrono_tz::Tz;
use url::Url;

use crate::entry::Guid;
use crate::page::Page;
use crate::source::{self, Hint, Reading, Source, Visit, discover};

/// Reads a page as one article of a site that is not known: at most one entry, and what could not
/// be read. Of a page that is a list, a collection, a grid of products or a thread it gives the whole main
/// part as the text; whether it is one, [`is_list`] tells. Dates without an offset are in `zone`, relative ones count from [`Page::fetched`].
#[must_use]
pub fn article(page: &Page, zone: Tz) -> Reading {
    Site::unknown(zone).article(page)
}

/// Reads a page as a news list of a site that is not known: the articles that it links to, in
/// [`Reading::next`] in the order of the page with a guid and a [`Hint`] each, and at last, without
/// a guid, the next page of the list.
#[must_use]
pub fn list(page: &Page, zone: Tz) -> Reading {
    Site::unknown(zone).list(page)
}

/// Whether a page of a site that is not known is a news list rather than an article.
#[must_use]
pub fn is_list(page: &Page, zone: Tz) -> bool {
    Site::unknown(zone).is_list(page)
}

/// A site, as far as its own pages taught how to read it.
pub struct Site {
    source: Arc<dyn Source>,
    recipe: String,
}

impl Site {
    /// Learns from pages of one site: its list and some articles, in any order and without labels.
    /// What stands at the same place of several is frame, what changes with the address is news.
    /// Two articles are the least that teach anything; ten are plenty.
    #[must_use]
    pub fn learn(pages: &[Page], zone: Tz) -> Self {
        let known = Self::unknown(zone);
        // Short notices look like lists; what a list links to is none.
        let links: HashSet<Url> =
            pages.iter().flat_map(|page| known.list(page).next).filter(|visit| visit.guid.is_some()).map(|visit| visit.url).collect();
        let is_list = |page: &Page| !links.contains(&page.url) && known.is_list(page);
        let visit = |page: &Page| if is_list(page) { Visit::listing(page.url.clone()) } else { article_visit(page) };
        let visits: Vec<(Visit, Page)> = pages.iter().map(|page| (visit(page), page.clone())).collect();
        let recipe = known.source.learn(&visits);
        recipe.and_then(|recipe| Some(Self { source: known.source.taught(&recipe)?, recipe })).unwrap_or(known)
    }

    /// Reads by a recipe that was learned before; `None` when it is no recipe.
    #[must_use]
    pub fn taught(recipe: &str, zone: Tz) -> Option<Self> {
        let source = source::generic(zone).taught(recipe)?;
        Some(Self { source, recipe: recipe.to_owned() })
    }

    /// What was learned, as a recipe in TOML for `recipe = "….toml"` in a config; empty when
    /// the pages taught nothing.
    #[must_use]
    pub fn recipe(&self) -> &str {
        &self.recipe
    }

    /// As [`article`], by what was learned.
    #[must_use]
    pub fn article(&self, page: &Page) -> Reading {
        let visit = article_visit(page);
        // What a site taught of its articles is known better than what one page looks like.
        if self.recipe.is_empty() { self.source.read_whole(&visit, page) } else { self.source.read(&visit, page) }
    }

    /// As [`list`], by what was learned.
    #[must_use]
    pub fn list(&self, page: &Page) -> Reading {
        self.source.read(&Visit::listing(page.url.clone()), page)
    }

    /// As [`is_list`], by what was learned.
    #[must_use]
    pub fn is_list(&self, page: &Page) -> bool {
        discover::is_list(&self.list(page), &self.source.read(&article_visit(page), page), &page.url)
    }

    fn unknown(zone: Tz) -> Self {
        Self { source: source::generic(zone), recipe: String::new() }
    }
}

fn article_visit(page: &Page) -> Visit {
    Visit { url: page.url.clone(), guid: Some(Guid::new(page.url.as_str())), hint: Hint::default() }
}
