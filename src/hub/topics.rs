//! What can be followed: each feed in each format, at the address that it gives as its own.

use std::collections::{HashMap, HashSet};

use url::Url;

use crate::entry::Slug;
use crate::feed::{self, FILES};

/// Every topic, by its address.
#[derive(Debug, Clone)]
pub struct Topics {
    base: Url,
    names: HashMap<String, String>,
}

/// Why an address is no topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoTopic {
    /// It is not at this server.
    Elsewhere,
    /// It is a search, which has as many results as there are words.
    Search,
    /// It has no format of its own, so it would have no one content.
    NoFormat,
    /// There is no such feed.
    Unknown,
}

impl Topics {
    /// Of these feeds, under `base`.
    pub fn new<'a>(base: Url, feeds: impl Iterator<Item = &'a Slug>) -> Self {
        let each = feeds.flat_map(|feed| FILES.iter().map(move |format| (feed, format)));
        let names = each.map(|(feed, format)| (feed::address(&base, feed, format), format!("{feed}.{}", format.extension))).collect();
        Self { base, names }
    }

    /// The file that is served at a topic.
    #[must_use]
    pub fn name(&self, topic: &str) -> Option<&str> {
        self.names.get(topic).map(String::as_str)
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> HashSet<String> {
        self.names.keys().cloned().collect()
    }

    /// The hub's own address.
    #[must_use]
    pub fn hub(&self) -> String {
        format!("{}hub", self.base)
    }

    /// The topic at an address as a subscriber writes it.
    ///
    /// # Errors
    /// See [`NoTopic`].
    pub fn find(&self, written: &str) -> Result<&str, NoTopic> {
        let url = Url::parse(written).map_err(|_| NoTopic::Elsewhere)?;
        if let Some((topic, _)) = self.names.get_key_value(url.as_str()) {
            return Ok(topic);
        }
        let Some(name) = url.as_str().strip_prefix(&format!("{}feeds/", self.base)) else { return Err(NoTopic::Elsewhere) };
        if url.query().is_some() {
            return Err(NoTopic::Search);
        }
        let is_bare = FILES.iter().any(|format| self.names.contains_key(&format!("{url}.{}", format.extension)));
        Err(if is_bare && !name.contains('.') { NoTopic::NoFormat } else { NoTopic::Unknown })
    }
}
