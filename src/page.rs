//! What came off the wire.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use url::Url;

/// What the server gave us to ask again with (RFC 9110 §8.8): sent back as they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// `ETag`, at most 256 bytes.
    pub etag: Option<String>,
    /// `Last-Modified`, never used as a date of ours.
    pub last_modified: Option<String>,
}

/// What a server tells of a file without sending it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// Its media type without parameters, lower case.
    pub media_type: Option<String>,
    /// Its size in bytes.
    pub length: Option<u64>,
}

/// One fetched body, whole: a truncated body never becomes a page.
#[derive(Debug, Clone)]
pub struct Page {
    /// Where it was found, after redirects.
    pub url: Url,
    /// When it was asked for; relative dates count from here.
    pub fetched: DateTime<Utc>,
    /// Media type without parameters, lower case, where the server told one.
    pub media_type: Option<String>,
    /// The charset that the server named, as written.
    pub charset: Option<String>,
    /// The body, decoded from its content coding, at most 10 MiB.
    pub body: Bytes,
    /// For the next conditional request.
    pub validators: Validators,
}

impl Page {
    /// A page of which nothing is known but its address, its time and its body.
    #[must_use]
    pub fn new(url: Url, fetched: DateTime<Utc>, body: impl Into<Bytes>) -> Self {
        Self { url, fetched, media_type: None, charset: None, body: body.into(), validators: Validators::default() }
    }
}
