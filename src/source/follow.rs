//! Articles read from their own pages, for sources whose list is something else than a page.

use std::sync::Arc;

use toml::de::{Error, ValueDeserializer};
use url::Url;

use crate::page::Page;

use super::{Reading, Setting, Source, Visit, html};

/// What reads the articles.
#[derive(Clone)]
pub(super) struct Articles(Arc<dyn Source>);

impl Articles {
    /// A reader for articles of the site at `url`, by the recipe an admin wrote, `auto` where none.
    pub(super) fn new(url: &Url, recipe: Option<toml::Value>, setting: &Setting<'_>) -> Result<Self, Error> {
        let mut keys = toml::Table::new();
        keys.insert("url".to_owned(), url.as_str().into());
        keys.extend(recipe.map(|recipe| ("recipe".to_owned(), recipe)));
        let keys = toml::Value::Table(keys).to_string();
        (html::KIND.build)(ValueDeserializer::parse(&keys)?, setting).map(Self)
    }

    /// Reads one article's page.
    pub(super) fn read(&self, visit: &Visit, page: &Page) -> Reading {
        self.0.read(visit, page)
    }

    /// See [`Source::learn`]; only articles teach.
    pub(super) fn learn(&self, pages: &[(Visit, Page)]) -> Option<String> {
        let articles: Vec<(Visit, Page)> = pages.iter().filter(|(visit, _)| visit.guid.is_some()).cloned().collect();
        self.0.learn(&articles)
    }

    /// See [`Source::taught`].
    pub(super) fn taught(&self, recipe: &str) -> Option<Self> {
        self.0.taught(recipe).map(Self)
    }
}
