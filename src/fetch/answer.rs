//! What an HTTP answer means.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use futures_util::{Stream, StreamExt};
use reqwest::StatusCode;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, LAST_MODIFIED, RETRY_AFTER};

use crate::page::Validators;
use crate::phrases;

use super::FetchError;

/// The longest that a host can keep us away.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);
/// A longer validator is not sent back, in bytes.
const LONGEST_VALIDATOR: usize = 256;

/// The error that an answer's status and headers mean; `None` where a page follows.
pub(super) fn refusal(status: StatusCode, headers: &HeaderMap, host: &str, now: DateTime<Utc>) -> Option<FetchError> {
    let code = status.as_u16();
    match code {
        200 | 203 => unreadable(headers, host),
        204 | 205 => Some(FetchError::later(phrases::fetch_empty(host))),
        410 => Some(FetchError::Gone { cause: phrases::fetch_gone(host) }),
        408 | 425 | 429 | 500..=599 => {
            Some(FetchError::Later { after: retry_after(headers, now), cause: phrases::fetch_status(host, code) })
        }
        _ => Some(FetchError::Refused { status: Some(code), cause: phrases::fetch_status(host, code) }),
    }
}

/// An answer whose headers already tell that it holds no page. reqwest takes away the header of
/// every coding that it decodes; one that is left (`gzip, gzip`, `compress`) nobody decoded.
fn unreadable(headers: &HeaderMap, host: &str) -> Option<FetchError> {
    let coding = headers.get(CONTENT_ENCODING).map(|v| String::from_utf8_lossy(v.as_bytes()));
    if let Some(coding) = coding.filter(|c| !c.trim().eq_ignore_ascii_case("identity") && !c.trim().is_empty()) {
        return Some(FetchError::refused(phrases::fetch_coding(host, &coding)));
    }
    let (media_type, _) = content_type(headers);
    media_type
        .filter(|m| NOT_PAGES.iter().any(|start| m.starts_with(start)))
        .map(|m| FetchError::refused(phrases::fetch_not_a_page(host, &m)))
}

/// How the media types begin that are never a page or a feed.
const NOT_PAGES: &[&str] = &[
    "image/",
    "audio/",
    "video/",
    "font/",
    "application/pdf",
    "application/zip",
    "application/gzip",
    "application/x-zip",
    "application/x-gzip",
    "application/x-rar",
    "application/vnd.rar",
    "application/x-7z",
    "application/msword",
    "application/rtf",
    "application/vnd.ms-",
    "application/vnd.openxmlformats",
    "application/vnd.oasis",
];
/// How files begin that some servers call `text/html`, and what they are.
const MAGIC: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "zip"),
    (b"%PDF-", "pdf"),
    (b"\x1f\x8b", "gzip"),
    (b"Rar!\x1a", "rar"),
    (b"7z\xbc\xaf\x27", "7z"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "doc"),
    (b"\x89PNG", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
];

/// What a body is that cannot be a page, by its first bytes.
pub(super) fn not_a_page(body: &[u8]) -> Option<&'static str> {
    MAGIC.iter().find(|(start, _)| body.starts_with(start)).map(|(_, kind)| *kind)
}

/// Media type in lower case and charset as written (RFC 9110 §8.3).
pub(super) fn content_type(headers: &HeaderMap) -> (Option<String>, Option<String>) {
    let mut parts = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default().split(';').map(str::trim);
    let media_type = parts.next().filter(|m| !m.is_empty()).map(str::to_ascii_lowercase);
    let charset = parts.filter_map(|p| p.split_once('=')).find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    let charset = charset.map(|(_, value)| value.trim().trim_matches(['"', '\'']).to_owned());
    (media_type, charset.filter(|c| !c.is_empty()))
}

/// What to ask with next time. A validator that could not be sent back, or is longer than 256
/// bytes, is dropped.
pub(super) fn validators(headers: &HeaderMap) -> Validators {
    let kept = |name: HeaderName| {
        let text = headers.get(name).and_then(|v| v.to_str().ok()).filter(|v| !v.is_empty() && v.len() <= LONGEST_VALIDATOR);
        text.map(str::to_owned)
    };
    Validators { etag: kept(ETAG), last_modified: kept(LAST_MODIFIED) }
}

/// How long the server wants to be left alone (RFC 9110 §10.2.3), at most 24 hours: whole
/// seconds or a date. Anything else, and a time that has passed, is ignored.
fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let seconds = || text.parse().ok().filter(|_| !text.starts_with('+')).map(Duration::from_secs);
    let date = || httpdate::parse_http_date(text).ok().and_then(|at| (DateTime::<Utc>::from(at) - now).to_std().ok());
    seconds().or_else(date).filter(|after| !after.is_zero()).map(|after| after.min(LONGEST_WAIT))
}

/// What was read of a body.
pub(super) struct Gathered {
    /// At most as many bytes as were wanted.
    pub(super) body: Bytes,
    /// Whether that is all of it.
    pub(super) whole: bool,
}

/// Reads a body until its end or just past `cap` decoded bytes, whichever comes first. What is
/// left of a longer one is never decoded.
pub(super) async fn gather<E>(stream: impl Stream<Item = Result<Bytes, E>>, cap: usize) -> Result<Gathered, E> {
    let mut stream = std::pin::pin!(stream);
    let mut body = BytesMut::new();
    while let Some(chunk) = stream.next().await {
        body.extend_from_slice(&chunk?);
        if body.len() > cap {
            body.truncate(cap);
            return Ok(Gathered { body: body.freeze(), whole: false });
        }
    }
    Ok(Gathered { body: body.freeze(), whole: true })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::cell::Cell;
    use std::convert::Infallible;

    use reqwest::header::HeaderValue;

    use super::*;

    fn headers(pairs: &[(HeaderName, &[u8])]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_bytes(value).unwrap())).collect()
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_never_more_than_a_day() {
        let now = DateTime::parse_from_rfc3339("2026-11-22T08:00:00Z").unwrap().to_utc();
        let check = |text: &str, want: Option<u64>| {
            let after = retry_after(&headers(&[(RETRY_AFTER, text.as_bytes())]), now);
            assert_eq!(after, want.map(Duration::from_secs), "{text}");
        };
        check("3600", Some(3600));
        check(" 5 ", Some(5));
        check("172800", Some(86_400));
        check("Sun, 22 Nov 2026 08:10:00 GMT", Some(600));
        check("Wed, 21 Oct 2099 07:28:00 GMT", Some(86_400));
        check("Sun, 22 Nov 2026 07:00:00 GMT", None);
        for garbage in ["soon", "-5", "+5", "1e400", "0", "", "12 minutes", "Wed, 21 Oct 2099"] {
            check(garbage, None);
        }
    }

    #[test]
    fn a_status_says_what_the_watcher_does_next() {
        let check = |status: u16, want: Option<&str>| {
            let found = refusal(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), "a.vn", DateTime::UNIX_EPOCH);
            let name = found.map(|e| match e {
                FetchError::Later { .. } => "later",
                FetchError::Rests { .. } => "rests",
                FetchError::Gone { .. } => "gone",
                FetchError::Refused { status: told, .. } => {
                    assert_eq!(told, Some(status));
                    "refused"
                }
                FetchError::TooBig { .. } => "big",
            });
            assert_eq!(name, want, "{status}");
        };
        check(200, None);
        check(410, Some("gone"));
        for status in [204, 205, 408, 425, 429, 500, 502, 503, 504, 520] {
            check(status, Some("later"));
        }
        for status in [206, 300, 305, 400, 401, 403, 404, 418, 451, 999] {
            check(status, Some("refused"));
        }
    }

    #[test]
    fn what_is_not_a_page_is_refused_by_its_headers() {
        let check = |pairs: &[(HeaderName, &[u8])], want: bool| {
            assert_eq!(unreadable(&headers(pairs), "a.vn").is_some(), want, "{pairs:?}");
        };
        check(&[], false);
        check(&[(CONTENT_TYPE, b"text/html; charset=utf-8")], false);
        check(&[(CONTENT_TYPE, b"application/rss+xml")], false);
        check(&[(CONTENT_TYPE, b"application/octet-stream")], false);
        check(&[(CONTENT_TYPE, b"\xff\xfe")], false);
        check(&[(CONTENT_TYPE, b"Application/PDF")], true);
        check(&[(CONTENT_TYPE, b"image/png")], true);
        check(&[(CONTENT_TYPE, b"application/vnd.openxmlformats-officedocument.wordprocessingml.document")], true);
        check(&[(CONTENT_ENCODING, b"identity")], false);
        check(&[(CONTENT_ENCODING, b"gzip, gzip")], true);
        check(&[(CONTENT_ENCODING, b"compress")], true);
    }

    #[test]
    fn a_media_type_is_read_as_servers_write_it() {
        let check = |text: &str, media_type: Option<&str>, charset: Option<&str>| {
            let found = content_type(&headers(&[(CONTENT_TYPE, text.as_bytes())]));
            assert_eq!((found.0.as_deref(), found.1.as_deref()), (media_type, charset), "{text}");
        };
        check("Text/HTML; Charset=\"windows-1258\"", Some("text/html"), Some("windows-1258"));
        check("text/html;charset=utf-8;x=y", Some("text/html"), Some("utf-8"));
        check("text/html; charset=", Some("text/html"), None);
        check("; charset=utf-8", None, Some("utf-8"));
        check("", None, None);
    }

    #[test]
    fn a_validator_that_cannot_be_sent_back_is_dropped() {
        let check = |etag: &[u8], want: Option<&str>| assert_eq!(validators(&headers(&[(ETAG, etag)])).etag.as_deref(), want);
        check(b"W/\"a-1\"", Some("W/\"a-1\""));
        check(b"unquoted", Some("unquoted"));
        check("\"Thổ\"".as_bytes(), None);
        check(b"", None);
        check("x".repeat(256).as_bytes(), Some(&"x".repeat(256)));
        check("x".repeat(257).as_bytes(), None);
        let future = validators(&headers(&[(LAST_MODIFIED, b"Fri, 01 Jan 2099 00:00:00 GMT")]));
        assert_eq!(future.last_modified.as_deref(), Some("Fri, 01 Jan 2099 00:00:00 GMT"));
    }

    #[test]
    fn files_are_known_by_their_first_bytes() {
        assert_eq!(not_a_page(b"PK\x03\x04\x14"), Some("zip"));
        assert_eq!(not_a_page(b"%PDF-1.7"), Some("pdf"));
        assert_eq!(not_a_page(b"<html>PK\x03\x04"), None);
        assert_eq!(not_a_page(b""), None);
    }

    #[tokio::test]
    async fn a_body_without_end_is_read_just_past_the_limit() {
        let pulled = Cell::new(0_usize);
        let endless = futures_util::stream::iter(std::iter::repeat_with(|| {
            pulled.set(pulled.get() + 1);
            Ok::<_, Infallible>(Bytes::from_static(&[0; 4096]))
        }));
        let gathered = gather(endless, 1 << 20).await.unwrap();
        assert_eq!((gathered.whole, gathered.body.len(), pulled.get()), (false, 1 << 20, 257));
        let exact = futures_util::stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"tin"))]);
        let gathered = gather(exact, 3).await.unwrap();
        assert_eq!((gathered.whole, gathered.body.as_ref()), (true, b"tin".as_slice()));
    }
}
