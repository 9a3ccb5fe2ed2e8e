//! Quiet hours hold when a message leaves, too: what was due before them and was held up waits for
//! their end.

use chrono::{DateTime, Utc};

use super::Dispatch;
use crate::entry::Slug;
use crate::schedule::Quiet;
use crate::store::Batch;
use crate::subscription::Address;

impl Dispatch {
    /// When a message of a feed to an address may leave, from a time on; `own` are the quiet hours that
    /// its people chose.
    pub(super) fn clear(&self, key: (Slug, Address), own: Option<&str>, now: DateTime<Utc>) -> DateTime<Utc> {
        let own = own.and_then(|written| Quiet::parse(written, self.zone));
        own.as_ref().or_else(|| self.quiet.get(&key)).map_or(now, |quiet| quiet.clear(now))
    }

    /// Until when this waits, where it is quiet now. What is urgent does not, nor what is partly out or
    /// in doubt.
    pub(super) fn hushed(&self, batch: &Batch, out: usize) -> Option<DateTime<Utc>> {
        if batch.urgent || batch.in_doubt || out > 0 {
            return None;
        }
        let now = (self.clock)();
        let clear = self.clear((batch.feed.clone(), batch.to.clone()), batch.quiet.as_deref(), now);
        (clear > now).then_some(clear)
    }
}
