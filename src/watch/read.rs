//! Understanding one page, whatever it holds.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use crate::page::Page;
use crate::phrases;
use crate::source::{Problem, Reading, Source, Visit};

/// The longest that a page may take to be understood.
pub(super) const READ_LIMIT: Duration = Duration::from_secs(10);

/// Reads a page on a blocking thread, within its time; what panics there becomes a problem.
pub async fn read(source: &Arc<dyn Source>, visit: &Visit, page: Page) -> Reading {
    let (source, asked) = (source.clone(), visit.clone());
    let work = tokio::task::spawn_blocking(move || std::panic::catch_unwind(AssertUnwindSafe(|| source.read(&asked, &page))));
    match tokio::time::timeout(READ_LIMIT, work).await {
        Ok(Ok(Ok(reading))) => reading,
        Ok(Ok(Err(_)) | Err(_)) => troubled(visit, phrases::page_broke_reader()),
        Err(_) => troubled(visit, phrases::page_too_slow()),
    }
}

fn troubled(visit: &Visit, what: String) -> Reading {
    let problem = Problem { url: visit.url.clone(), guid: visit.guid.clone(), what };
    Reading { problems: vec![problem], ..Reading::default() }
}
