//! What was stored before there was a search, for the search.

use std::time::Instant;

use tokio_util::sync::CancellationToken;

use super::STORE_REST;
use crate::phrases;
use crate::store::Store;

/// Lets entries be found that were stored before there was a search, some at a time. Half of the
/// time belongs to what others write.
pub(super) async fn find(store: &Store, stop: &CancellationToken) {
    loop {
        let began = Instant::now();
        let rest = match store.take_in().await {
            Ok(0) => return,
            Ok(_) => began.elapsed(),
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "{}", phrases::log_store_failed());
                STORE_REST
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(rest) => {}
        }
    }
}
