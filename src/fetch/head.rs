//! What a server tells of a file without sending it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use reqwest::{Method, Response, StatusCode};
use url::Url;

use crate::page::{About, Validators};

use super::trail::Trail;
use super::{Ask, FetchError, Fetcher, answer, heed};

/// Asking about a file may not take as long as a page.
const LIMIT: Duration = Duration::from_secs(10);

impl Fetcher {
    /// Asks what a file is (HEAD), with the manners of [`Fetcher::get`], within ten seconds.
    ///
    /// # Errors
    /// See [`FetchError`]; many servers refuse the method (405, 403, 501).
    pub async fn head(&self, url: &Url, now: DateTime<Utc>) -> Result<About, FetchError> {
        let mut trail = Trail::new(url.clone());
        let ask = Ask { method: Method::HEAD, validators: &Validators::default(), limit: LIMIT.min(self.settings.timeout) };
        let (response, mut turn) = self.walk(&mut trail, &ask, now).await?;
        let told = about(&response, trail.at.host_str().unwrap_or_default(), now);
        heed(&mut turn, &told);
        told
    }
}

fn about(response: &Response, host: &str, now: DateTime<Utc>) -> Result<About, FetchError> {
    let (status, headers) = (response.status(), response.headers());
    // That a file is no page is what was asked for.
    if !matches!(status, StatusCode::OK | StatusCode::NON_AUTHORITATIVE_INFORMATION) {
        return Err(answer::refusal(status, headers, host, now).unwrap_or_else(|| FetchError::refused(status.to_string())));
    }
    let length = headers.get(CONTENT_LENGTH).filter(|_| !headers.contains_key(CONTENT_ENCODING));
    let length = length.and_then(|value| value.to_str().ok()?.trim().parse().ok()).filter(|length| *length > 0);
    Ok(About { media_type: answer::content_type(headers).0, length })
}
