//! Messages that were laid out lately: the same entry goes to many addresses.

use std::sync::Arc;

use quick_cache::sync::Cache;

use crate::channel::Message;
use crate::store::Batch;

/// How many layouts are kept.
const KEPT: usize = 64;

/// What was laid out lately, by everything that a layout depends on.
pub struct Layouts(Cache<String, Arc<Vec<Message>>>);

impl Default for Layouts {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

impl Layouts {
    /// The messages of a batch on a channel, laid out by `render` where they are not known.
    pub(super) fn of(&self, batch: &Batch, render: impl FnOnce() -> Vec<Message>, channel: &str) -> Arc<Vec<Message>> {
        let key = key(batch, channel);
        if let Some(known) = self.0.get(&key) {
            return known;
        }
        let messages = Arc::new(render());
        self.0.insert(key, Arc::clone(&messages));
        messages
    }
}

fn key(batch: &Batch, channel: &str) -> String {
    let mut key = format!("{channel} {} {} {} {}", batch.feed, batch.digest, batch.silent, batch.urgent);
    for delivery in &batch.deliveries {
        let entry = &delivery.entry;
        key.push_str(&format!(" {} {} {}", entry.source, entry.revision, entry.slug));
    }
    key
}
