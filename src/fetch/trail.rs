//! The way from the address that was asked to the page that answers.

use reqwest::Response;
use reqwest::header::LOCATION;
use url::Url;

use crate::phrases;

use super::FetchError;

/// How many redirects are followed.
const MOST_HOPS: usize = 5;

/// One request and the redirects that it led to.
pub(super) struct Trail {
    /// Where we are now.
    pub(super) at: Url,
    passed: Vec<Url>,
    permanent: bool,
}

impl Trail {
    /// A way that starts here.
    pub(super) fn new(start: Url) -> Self {
        Self { at: start, passed: Vec::new(), permanent: true }
    }

    /// Whether this is no longer the address that was asked.
    pub(super) fn redirected(&self) -> bool {
        !self.passed.is_empty()
    }

    /// Where the page has moved for good: every hop was permanent (301 or 308).
    pub(super) fn moved(&self) -> Option<Url> {
        (self.redirected() && self.permanent).then(|| anonymous(&self.at))
    }

    /// Steps to where a redirect points; `false` where the answer is none.
    ///
    /// # Errors
    /// In circles, more than five hops, to no readable address, or from https back to http.
    /// Whether the new address may be asked at all is the guard's to say.
    pub(super) fn follow(&mut self, response: &Response) -> Result<bool, FetchError> {
        let code = response.status().as_u16();
        if !matches!(code, 301 | 302 | 303 | 307 | 308) {
            return Ok(false);
        }
        let host = self.at.host_str().unwrap_or_default();
        let target = response.headers().get(LOCATION).and_then(|v| std::str::from_utf8(v.as_bytes()).ok());
        let next = target.and_then(|t| self.at.join(t).ok()).ok_or_else(|| FetchError::later(phrases::redirect_nowhere(host)))?;
        if self.at.scheme() == "https" && next.scheme() == "http" {
            return Err(FetchError::refused(phrases::redirect_downgrade(host)));
        }
        if next == self.at || self.passed.contains(&next) {
            return Err(FetchError::later(phrases::redirect_circle(host)));
        }
        if self.passed.len() >= MOST_HOPS {
            return Err(FetchError::later(phrases::redirect_too_many(host, MOST_HOPS)));
        }
        self.permanent &= matches!(code, 301 | 308);
        self.passed.push(std::mem::replace(&mut self.at, next));
        Ok(true)
    }
}

/// The address without name and password: links on the page start from it, and they are published.
pub(crate) fn anonymous(url: &Url) -> Url {
    let mut url = url.clone();
    // Both fail only for addresses that cannot hold a password.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}
