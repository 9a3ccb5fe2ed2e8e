//! What a feed said lately, so that a reader can be told only what is new to it (RFC 3229).

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::Print;
use crate::feed::Item;

/// Versions of one feed that are remembered.
const VERSIONS: usize = 8;
/// And marks of one feed over all its versions, for feeds of very many entries.
const MARKS: usize = 4096;

/// The marks of a feed's entries at one time, in order.
pub type Marks = Arc<[u64]>;

/// What tells an entry, as it is now, from all others and from its other versions.
#[must_use]
pub fn mark(item: &Item) -> u64 {
    let mut hasher = DefaultHasher::new();
    let entry = &item.entry;
    (entry.guid.as_str(), item.link.as_str(), &entry.title, item.updated, &entry.summary, &entry.content_html).hash(&mut hasher);
    hasher.finish()
}

#[derive(Debug, Default)]
pub(super) struct Past(VecDeque<(Vec<Print>, Marks)>);

impl Past {
    pub(super) fn add(&mut self, prints: Vec<Print>, mut marks: Marks) {
        if self.0.front().is_some_and(|(newest, _)| *newest == prints) {
            return;
        }
        Arc::make_mut(&mut marks).sort_unstable();
        self.0.push_front((prints, marks));
        self.0.truncate(VERSIONS);
        while self.0.len() > 1 && self.0.iter().map(|(_, marks)| marks.len()).sum::<usize>() > MARKS {
            self.0.pop_back();
        }
    }

    pub(super) fn said(&self, print: Print) -> Option<Marks> {
        self.0.iter().find(|(prints, _)| prints.contains(&print)).map(|(_, marks)| marks.clone())
    }
}
