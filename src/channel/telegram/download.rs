//! An attachment as its site has it, for Telegram fetches only a few kinds of files itself, and
//! cannot reach every site. What cannot be had within the limits stays a link in the text.

use std::time::Duration;

use reqwest::{Response, header};
use tokio::time::timeout;
use url::Url;

use crate::channel::Guarded;

/// The largest file (bytes).
pub(super) const LARGEST: u64 = 10 << 20;
/// A send must not wait longer for it.
const PATIENCE: Duration = Duration::from_secs(20);
const REDIRECTS: usize = 3;

/// The file, by the way that is guarded.
pub(super) async fn fetch(ways: &dyn Guarded, url: &Url) -> Option<Vec<u8>> {
    timeout(PATIENCE, follow(ways, url)).await.ok().flatten()
}

async fn follow(ways: &dyn Guarded, url: &Url) -> Option<Vec<u8>> {
    let mut at = url.clone();
    for _ in 0..=REDIRECTS {
        let response = ways.client(&at).ok()?.get(at.clone()).send().await.ok()?;
        if response.status().is_redirection() {
            at = at.join(response.headers().get(header::LOCATION)?.to_str().ok()?).ok()?;
            continue;
        }
        return if response.status().is_success() && !is_page(&response) { read(response).await } else { None };
    }
    None
}

/// A site that shows a page instead of the file has not given it.
fn is_page(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.trim_start().to_ascii_lowercase().starts_with("text/html")
}

async fn read(mut response: Response) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if (bytes.len() + chunk.len()) as u64 > LARGEST {
            return None;
        }
        bytes.extend_from_slice(&chunk);
    }
    (!bytes.is_empty()).then_some(bytes)
}
