//! What a refusal of our name (401, 403) means: either this browser subscribed to another key of ours
//! and will never hear of us again, or the push service trusts none of our tokens, as with a wrong
//! clock or `subject`. The second says nothing of anybody's subscription, so none may end by it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use url::Url;

/// So many refusals in a row, of a service that took messages before, are no longer those of single
/// browsers.
const MANY: u32 = 3;

/// How push services have answered lately, by their hosts.
#[derive(Debug, Default)]
pub(super) struct Standing(Mutex<HashMap<String, u32>>);

impl Standing {
    /// A message was taken.
    pub(super) fn trusted(&self, service: &Url) {
        self.with(|hosts| hosts.insert(service.origin().ascii_serialization(), 0));
    }

    /// Our name was refused; whether that is about this browser alone.
    pub(super) fn refused(&self, service: &Url) -> bool {
        self.with(|hosts| {
            let Some(in_a_row) = hosts.get_mut(&service.origin().ascii_serialization()) else { return false };
            *in_a_row += 1;
            *in_a_row <= MANY
        })
    }

    fn with<T>(&self, what: impl FnOnce(&mut HashMap<String, u32>) -> T) -> T {
        what(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
