//! Conditional requests (RFC 9110 §13) and ranges (§14).

use std::ops::Range;
use std::time::SystemTime;

use axum::http::HeaderMap;
use axum::http::header::{self, HeaderName, HeaderValue};

/// What a request's conditions come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    /// Answer in full.
    Holds,
    /// The client has it: 304.
    Unchanged,
    /// It has changed since: 412.
    Failed,
}

/// In the order of RFC 9110 §13.2.2: validators win over times.
pub(super) fn judge(headers: &HeaderMap, etag: &HeaderValue, modified: Option<u64>) -> Condition {
    if headers.contains_key(header::IF_MATCH) {
        if !names(headers, &header::IF_MATCH, etag, false) {
            return Condition::Failed;
        }
    } else if date(headers, &header::IF_UNMODIFIED_SINCE).zip(modified).is_some_and(|(since, modified)| modified > since) {
        return Condition::Failed;
    }
    if headers.contains_key(header::IF_NONE_MATCH) {
        let is_had = names(headers, &header::IF_NONE_MATCH, etag, true);
        return if is_had { Condition::Unchanged } else { Condition::Holds };
    }
    let since = date(headers, &header::IF_MODIFIED_SINCE).zip(modified);
    if since.is_some_and(|(since, modified)| modified <= since) { Condition::Unchanged } else { Condition::Holds }
}

/// Whether a list of validators has this one, or `*`; `weakly` as well in its weak form.
fn names(headers: &HeaderMap, name: &HeaderName, etag: &HeaderValue, weakly: bool) -> bool {
    headers.get_all(name).iter().any(|list| {
        let bare = |tag: &'_ str| -> bool { tag.as_bytes() == etag.as_bytes() || tag == "*" };
        let one = |tag: &str| bare(tag.trim()) || (weakly && tag.trim().strip_prefix("W/").is_some_and(bare));
        list == etag || list.to_str().is_ok_and(|list| list.split(',').any(one))
    })
}

/// A time in seconds since 1970; one that cannot be read is none (RFC 9110 §13.1.3).
fn date(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    let at = httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok()?;
    Some(at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs())
}

/// What is asked of a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// These bytes: 206.
    Bytes(Range<usize>),
    /// Bytes that it has not: 416.
    Beyond,
}

/// Several ranges at once, and what is no range of bytes, get the whole, as RFC 9110 §14.2 lets us.
pub(super) fn part(headers: &HeaderMap, etag: &HeaderValue, modified: Option<u64>, length: usize) -> Part {
    let Some(range) = headers.get(header::RANGE).filter(|_| is_same(headers, etag, modified)) else { return Part::Whole };
    let spec = range.to_str().ok().and_then(|range| range.trim().strip_prefix("bytes="));
    let Some((from, to)) = spec.filter(|spec| !spec.contains(',')).and_then(|spec| spec.trim().split_once('-')) else {
        return Part::Whole;
    };
    match (from.parse::<usize>(), to.parse::<usize>()) {
        (Ok(from), Ok(to)) if to < from => Part::Whole,
        (Ok(from), _) if from >= length && (to.is_empty() || to.parse::<usize>().is_ok()) => Part::Beyond,
        (Ok(from), Ok(to)) => Part::Bytes(from..to.saturating_add(1).min(length)),
        (Ok(from), Err(_)) if to.is_empty() => Part::Bytes(from..length),
        (Err(_), Ok(0)) if from.is_empty() => Part::Beyond,
        (Err(_), Ok(last)) if from.is_empty() => Part::Bytes(length.saturating_sub(last)..length),
        (Ok(_) | Err(_), Ok(_) | Err(_)) => Part::Whole,
    }
}

/// Whether what the client has a part of is what we have (`If-Range`, by strong comparison). Our
/// times are strong: no two versions share a second.
fn is_same(headers: &HeaderMap, etag: &HeaderValue, modified: Option<u64>) -> bool {
    let Some(given) = headers.get(header::IF_RANGE) else { return true };
    given == etag || date(headers, &header::IF_RANGE).is_some_and(|at| Some(at) == modified)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const ETAG: HeaderValue = HeaderValue::from_static("\"a-gz\"");
    /// Sun, 06 Nov 1994 08:49:37 GMT.
    const AT: u64 = 784_111_777;
    const THEN: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";

    fn told(given: &[(HeaderName, &str)]) -> HeaderMap {
        given.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn validators_win_over_times() {
        use Condition::{Failed, Holds, Unchanged};
        use header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE};
        let cases: &[(&[(HeaderName, &str)], Condition)] = &[
            (&[], Holds),
            (&[(IF_NONE_MATCH, "\"a-gz\"")], Unchanged),
            (&[(IF_NONE_MATCH, "W/\"a-gz\"")], Unchanged),
            (&[(IF_NONE_MATCH, "\"x\", \"a-gz\"")], Unchanged),
            (&[(IF_NONE_MATCH, "*")], Unchanged),
            (&[(IF_NONE_MATCH, "\"a\"")], Holds),
            (&[(IF_NONE_MATCH, "\"x\""), (IF_NONE_MATCH, "\"a-gz\"")], Unchanged),
            (&[(IF_NONE_MATCH, "\"x\""), (IF_MODIFIED_SINCE, THEN)], Holds),
            (&[(IF_MODIFIED_SINCE, THEN)], Unchanged),
            (&[(IF_MODIFIED_SINCE, BEFORE)], Holds),
            (&[(IF_MODIFIED_SINCE, "hôm qua")], Holds),
            (&[(IF_MATCH, "\"a-gz\"")], Holds),
            (&[(IF_MATCH, "W/\"a-gz\"")], Failed),
            (&[(IF_MATCH, "\"x\""), (IF_UNMODIFIED_SINCE, THEN)], Failed),
            (&[(IF_UNMODIFIED_SINCE, THEN)], Holds),
            (&[(IF_UNMODIFIED_SINCE, BEFORE)], Failed),
        ];
        for (given, want) in cases {
            let mut headers = HeaderMap::new();
            for (name, value) in *given {
                headers.append(name, value.parse().unwrap());
            }
            assert_eq!(judge(&headers, &ETAG, Some(AT)), *want, "{given:?}");
        }
    }

    #[test]
    fn one_range_of_bytes_is_served() {
        use Part::{Beyond, Bytes, Whole};
        let cases = [
            ("bytes=0-9", Bytes(0..10)),
            ("bytes=90-", Bytes(90..100)),
            ("bytes=90-1000", Bytes(90..100)),
            ("bytes=-10", Bytes(90..100)),
            ("bytes=-1000", Bytes(0..100)),
            ("bytes=100-", Beyond),
            ("bytes=100-200", Beyond),
            ("bytes=-0", Beyond),
            ("bytes=9-0", Whole),
            ("bytes=0-1,5-6", Whole),
            ("bytes=a-b", Whole),
            ("bytes=100-x", Whole),
            ("lines=0-1", Whole),
        ];
        for (range, want) in cases {
            assert_eq!(part(&told(&[(header::RANGE, range)]), &ETAG, Some(AT), 100), want, "{range}");
        }
    }

    #[test]
    fn a_range_of_another_version_gets_the_whole() {
        let ranged = |given: &str| part(&told(&[(header::RANGE, "bytes=0-9"), (header::IF_RANGE, given)]), &ETAG, Some(AT), 100);
        for same in ["\"a-gz\"", THEN] {
            assert_eq!(ranged(same), Part::Bytes(0..10), "{same}");
        }
        for other in ["\"b\"", "W/\"a-gz\"", BEFORE, "nonsense"] {
            assert_eq!(ranged(other), Part::Whole, "{other}");
        }
    }
}
