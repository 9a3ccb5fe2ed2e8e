//! A list of entries, page by page.

use std::sync::Arc;

use axum::http::Uri;
use chrono::{DateTime, Utc};

use super::super::{Site, Web};
use super::asked;
use crate::schedule::spoken;
use crate::store::{Search, Stored};
use crate::text;

/// Entries on a page.
const SHOWN: usize = 20;
/// Of a title in a list, so that a page stays light.
const TITLE: usize = 140;
const SUMMARY: usize = 160;

/// One page of a list.
pub(super) struct List {
    pub(super) entries: Vec<Shown>,
    /// Where older ones are.
    pub(super) more: Option<String>,
    /// Where the list begins, on a later page of it.
    pub(super) first: Option<String>,
}

/// An entry as a list shows it.
pub(super) struct Shown {
    pub(super) title: String,
    /// Its own page, under the root.
    pub(super) page: String,
    pub(super) source: String,
    /// The page of its source.
    pub(super) ward: String,
    pub(super) time: String,
    pub(super) datetime: String,
    pub(super) summary: String,
    pub(super) categories: Vec<Category>,
}

/// A category with its name in addresses.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Category {
    pub(super) name: String,
    pub(super) slug: String,
}

impl Category {
    /// Those of an entry that can be addressed.
    pub(super) fn of(stored: &Stored) -> Vec<Self> {
        let named = stored.entry.categories.iter().map(|name| Self { name: text::cut(name, 60), slug: text::slug(name) });
        named.filter(|category| !category.slug.is_empty()).take(8).collect()
    }
}

impl Shown {
    pub(super) fn new(site: &Site, stored: &Stored) -> Self {
        let at: DateTime<Utc> = stored.entry.published.map_or(stored.seen, |t| t.with_timezone(&Utc));
        Self {
            title: text::cut(&stored.entry.title, TITLE),
            page: format!("tin/{}/{}", stored.source, stored.slug),
            source: site.titles.get(&stored.source).cloned().unwrap_or_else(|| stored.source.to_string()),
            ward: format!("phuong/{}", stored.source),
            time: spoken(at, site.zone),
            datetime: at.with_timezone(&site.zone).to_rfc3339(),
            summary: text::cut(stored.entry.summary.as_deref().unwrap_or_default(), SUMMARY),
            categories: Category::of(stored),
        }
    }
}

/// The page of a list that an address asks for. `search` is the list from its start, `path` its
/// address under the root.
pub(super) async fn list(web: &Arc<Web>, site: &Site, search: Search<'_>, uri: &Uri, path: &str) -> anyhow::Result<List> {
    let before = asked(uri, "truoc").parse().ok();
    let found = web.store.search(&Search { before, limit: SHOWN, ..search }).await?;
    let joint = if path.contains('?') { '&' } else { '?' };
    Ok(List {
        entries: found.entries.iter().map(|stored| Shown::new(site, stored)).collect(),
        more: found.more.map(|place| format!("{path}{joint}truoc={place}")),
        first: before.map(|_| path.to_owned()),
    })
}

/// What is looked for where nothing but the sources is named.
pub(super) const fn all<'a>(sources: &'a [crate::entry::Slug], words: &'a crate::store::Words) -> Search<'a> {
    Search { sources, words, category: None, before: None, limit: SHOWN }
}
