//! What a site's robots.txt asks of us (RFC 9309).

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::StatusCode;
use robotxt::Robots;
use url::Url;

/// The name that robots.txt files know us by.
pub(super) const PRODUCT: &str = "loaphuong";
/// How much of a file is read: what RFC 9309 §2.5 demands.
pub(super) const SIZE_CAP: usize = robotxt::BYTE_LIMIT + 1;
/// How long a file holds (RFC 9309 §2.4).
const HOLDS: TimeDelta = TimeDelta::hours(24);

/// The rules of one origin, and when they were read.
pub(super) struct Known {
    rules: Robots,
    read: DateTime<Utc>,
}

impl Known {
    /// The rules in a file.
    pub(super) fn parsed(text: &[u8], now: DateTime<Utc>) -> Self {
        Self { rules: rules(text, PRODUCT), read: now }
    }

    /// The rules of a site that has none.
    pub(super) fn none(now: DateTime<Utc>) -> Self {
        Self { rules: Robots::allow_all(), read: now }
    }

    /// The rules that an answer means; `None` where the site cannot tell now, so that nothing may
    /// be asked (RFC 9309 §2.3.1.4; 429 says the same in other words).
    pub(super) fn answered(status: StatusCode, text: &Bytes, now: DateTime<Utc>) -> Option<Self> {
        if status.is_success() {
            return Some(Self::parsed(text, now));
        }
        let silent = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
        (!silent).then(|| Self::none(now))
    }

    /// Whether they still hold. A clock that went back does not make them eternal.
    pub(super) fn holds(&self, now: DateTime<Utc>) -> bool {
        (TimeDelta::zero()..HOLDS).contains(&(now - self.read))
    }

    /// The line that forbids this address, where one does.
    pub(super) fn forbidding(&self, url: &Url) -> Option<String> {
        if self.rules.is_url_allowed(url) {
            return None;
        }
        let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let pattern = self.rules.matching_rule(&path).map_or("/", robotxt::Rule::pattern);
        Some(format!("User-agent: {} / Disallow: {pattern}", self.rules.user_agent()))
    }

    /// The pause that it asks for between two requests.
    pub(super) fn delay(&self) -> Option<Duration> {
        self.rules.crawl_delay()
    }
}

/// What a file asks of one agent. robotxt puts a `/` before a pattern without one, so that
/// `*/in` would not match `/in` itself; such a line gets a second one that does.
fn rules(text: &[u8], agent: &str) -> Robots {
    let mut lines = Vec::with_capacity(text.len());
    for line in text.split(|b| matches!(b, b'\n' | b'\r')) {
        lines.extend_from_slice(line);
        lines.push(b'\n');
        if let Some((key, pattern)) = starred(line) {
            lines.extend([key, b":", pattern, b"\n"].concat());
        }
    }
    Robots::parse(&lines, agent)
}

/// The key of a line whose pattern begins with `*/`, and the pattern without the star.
fn starred(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let (key, value) = line.split_at_checked(line.iter().position(|b| *b == b':')?)?;
    let pattern = value.strip_prefix(b":")?.trim_ascii_start().strip_prefix(b"*")?;
    pattern.starts_with(b"/").then_some((key, pattern))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::print_stderr)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    const EPOCH: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn forbidding(text: &str, path: &str) -> Option<String> {
        let url = Url::parse(&format!("https://thoquan.example{path}")).unwrap();
        Known::parsed(text.as_bytes(), EPOCH).forbidding(&url)
    }

    #[test]
    fn the_line_that_forbids_is_named() {
        let text = "User-agent: *\nDisallow: /tin/\n\nUser-agent: LoaPhuong\nDisallow: /an\nAllow: /an/moi$\nDisallow: /*?in=";
        assert_eq!(forbidding(text, "/tin/1"), None);
        assert_eq!(forbidding(text, "/an/1").unwrap(), "User-agent: loaphuong / Disallow: /an");
        assert_eq!(forbidding(text, "/an/moi"), None);
        assert_eq!(forbidding(text, "/tin?in=1").unwrap(), "User-agent: loaphuong / Disallow: /*?in=");
        assert_eq!(forbidding("User-agent: *\nDisallow: /", "/").unwrap(), "User-agent: * / Disallow: /");
        assert_eq!(forbidding("User-agent: loaphuong-khac\nDisallow: /", "/"), None);
        assert_eq!(forbidding("<html>Không tìm thấy trang</html>", "/tin"), None);
        assert_eq!(forbidding("", "/tin"), None);
        assert_eq!(forbidding("User-agent: *\r\nDisallow: */in\r\n", "/in/1").unwrap(), "User-agent: * / Disallow: /in");
        assert!(forbidding("User-agent: *\rDisallow: */in", "/tin/in").is_some());
    }

    #[test]
    fn no_file_allows_and_a_broken_server_forbids() {
        let text = Bytes::from_static(b"User-agent: *\nDisallow: /");
        let url = Url::parse("https://thoquan.example/tin").unwrap();
        let check = |status: u16, want: Option<bool>| {
            let known = Known::answered(StatusCode::from_u16(status).unwrap(), &text, EPOCH);
            assert_eq!(known.map(|k| k.forbidding(&url).is_none()), want, "{status}");
        };
        check(200, Some(false));
        for status in [401, 403, 404, 410] {
            check(status, Some(true));
        }
        for status in [429, 500, 502, 503] {
            check(status, None);
        }
    }

    #[test]
    fn a_file_holds_for_a_day() {
        let known = Known::none(EPOCH + TimeDelta::days(1));
        let at = |hours: i64| known.holds(EPOCH + TimeDelta::days(1) + TimeDelta::hours(hours));
        assert_eq!([at(-1), at(0), at(23), at(24)], [false, true, true, false]);
    }

    #[test]
    fn real_files_are_read_as_others_read_them() {
        #[derive(serde::Deserialize)]
        struct Case {
            robots: String,
            agent: String,
            path: String,
            allowed: bool,
        }
        let dir = std::env::var_os("LOAPHUONG_TEST_SHARED")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
        let dir = dir.join("data/robots");
        let Ok(cases) = std::fs::read_to_string(dir.join("cases.jsonl")) else {
            eprintln!("skipped: no {}", dir.display());
            return;
        };
        let cases: Vec<Case> = cases.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let read = |case: &Case| {
            let text = std::fs::read(dir.join("txt").join(&case.robots)).unwrap();
            rules(&text, &case.agent).is_allowed(&case.path)
        };
        let wrong: Vec<_> = cases.iter().filter(|c| read(c) != c.allowed).map(|c| format!("{} {} {}", c.robots, c.agent, c.path)).collect();
        assert!(wrong.is_empty(), "{} of {} differ: {wrong:#?}", wrong.len(), cases.len());
        eprintln!("{} of {} verdicts agree", cases.len() - wrong.len(), cases.len());
    }
}
