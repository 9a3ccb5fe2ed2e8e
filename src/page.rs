//! What came off the wire.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use url::Url;

use crate::entry::Enclosure;

/// Types that a server gives where it knows nothing better, or that are no file but a page about it.
const VAGUE: &[&str] = &[
    "application/octet-stream",
    "binary/octet-stream",
    "application/download",
    "application/x-download",
    "application/force-download",
    "application/zip",
    "application/x-zip-compressed",
    "text/plain",
];

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

impl About {
    /// Adds what a server told to what the page says of a file.
    pub fn complete(&self, file: &mut Enclosure) {
        let told = self.media_type.as_deref().unwrap_or(Enclosure::UNKNOWN);
        if matches!(told, "text/html" | "application/xhtml+xml") {
            return;
        }
        if !VAGUE.contains(&told) || file.media_type == Enclosure::UNKNOWN {
            told.clone_into(&mut file.media_type);
        }
        file.length = self.length.or(file.length);
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(known: &str, told: &str, want: &str, length: Option<u64>) {
        let Ok(url) = Url::parse("https://hoa-gao.example/tep") else { return };
        let mut file = Enclosure { url, media_type: known.to_owned(), length: None, title: None };
        About { media_type: Some(told.to_owned()), length: Some(7) }.complete(&mut file);
        assert_eq!((file.media_type.as_str(), file.length), (want, length), "{known} {told}");
    }

    #[test]
    fn a_servers_word_on_a_file_is_taken_where_it_says_something() {
        check(Enclosure::UNKNOWN, "application/pdf", "application/pdf", Some(7));
        check("application/msword", "application/pdf", "application/pdf", Some(7));
        check("application/pdf", Enclosure::UNKNOWN, "application/pdf", Some(7));
        check(
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/zip",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Some(7),
        );
        check(Enclosure::UNKNOWN, "application/zip", "application/zip", Some(7));
        check("application/pdf", "text/html", "application/pdf", None);
    }
}
