//! Names of elements, compared as numbers: readers ask for them a hundred times an element.

use dom_query::{LocalName, NodeRef, local_name};
use regex::Regex;

/// What has a name, if it is an element.
pub(crate) trait Named {
    /// Whether it is an element with this name.
    fn is_a(&self, name: &LocalName) -> bool {
        self.is_any(std::slice::from_ref(name))
    }
    /// Whether it is an element with one of these names.
    fn is_any(&self, names: &[LocalName]) -> bool;
    /// Whether its `id` or its `class` is one of these words.
    fn is_called(&self, words: &Regex) -> bool;
}

impl Named for NodeRef<'_> {
    fn is_any(&self, names: &[LocalName]) -> bool {
        self.query_or(false, |node| node.as_element().is_some_and(|element| names.contains(&element.name.local)))
    }

    fn is_called(&self, words: &Regex) -> bool {
        self.query_or(false, |node| {
            let mut attributes = node.as_element().into_iter().flat_map(|element| &element.attrs);
            attributes.any(|told| matches!(told.name.local, local_name!("id") | local_name!("class")) && words.is_match(&told.value))
        })
    }
}
