//! How many people follow a feed, as the services that read for many tell it in their
//! `User-Agent`. Nothing is kept of anybody else, and of those services only name and number.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use axum::http::HeaderValue;
use chrono::{DateTime, TimeDelta, Utc};
use memchr::memmem;

use crate::schedule::Clock;

/// What those services call themselves, and what we call them.
const KNOWN: &[(&str, &str)] = &[
    ("feedly", "feedly"),
    ("inoreader", "inoreader"),
    ("newsblur", "newsblur"),
    ("feedbin", "feedbin"),
    ("theoldreader", "theoldreader"),
    ("bazqux", "bazqux"),
    ("newsgator", "newsgator"),
    ("feedpress", "feedpress"),
    ("netvibes", "netvibes"),
    ("bloglovin", "bloglovin"),
    ("g2reader", "g2reader"),
];
/// All others together; a label never holds what a stranger can choose.
const OTHER: &str = "other";
/// More than all that can be.
const MOST: u32 = 100_000_000;
/// A service that did not come for so long has nobody any more.
const FORGOTTEN: TimeDelta = TimeDelta::days(14);

/// How many, and when it was told, by file and service.
type Told = HashMap<(String, &'static str), (u32, DateTime<Utc>)>;

/// What services told.
#[derive(Debug, Default)]
pub struct Readers(Mutex<Told>);

impl Readers {
    /// A service that reads `file` for so many people; anybody else is nobody.
    pub(super) fn hear(&self, file: &str, agent: &HeaderValue, clock: &Clock) {
        let Some((service, count)) = subscribers(agent.as_bytes()) else { return };
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.insert((file.to_owned(), service), (count, clock()));
    }

    /// Subscribers by feed and service, all formats of a feed together.
    pub(super) fn figures(&self, now: DateTime<Utc>) -> BTreeMap<(String, &'static str), u64> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.retain(|_, (_, at)| *at + FORGOTTEN > now);
        let mut figures = BTreeMap::new();
        for ((file, service), (count, _)) in told.iter() {
            let feed = file.split('.').next().unwrap_or(file).to_owned();
            *figures.entry((feed, *service)).or_default() += u64::from(*count);
        }
        figures
    }
}

/// "12 subscribers", and whose.
fn subscribers(agent: &[u8]) -> Option<(&'static str, u32)> {
    let place = memmem::find(agent, b" subscriber")?;
    let before = agent.get(..place)?;
    let digits = before.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let count = std::str::from_utf8(before.get(before.len() - digits..)?).ok()?.parse().ok()?;
    let lower = agent.to_ascii_lowercase();
    let service = KNOWN.iter().find(|(name, _)| memmem::find(&lower, name.as_bytes()).is_some()).map_or(OTHER, |(_, known)| known);
    (count <= MOST).then_some((service, count))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_in_which_services_tell_their_subscribers() {
        let cases = [
            ("Feedly/1.0 (+http://www.feedly.com/fetcher.html; 16 subscribers; like FeedFetcher-Google)", Some(("feedly", 16))),
            ("Inoreader/1.0 (+http://www.inoreader.com/feed-fetcher; 5 subscribers; )", Some(("inoreader", 5))),
            ("NewsBlur Feed Fetcher - 3 subscribers - https://www.newsblur.com/site/1/x (Mozilla/5.0)", Some(("newsblur", 3))),
            ("Feedbin feed-id:1373711 - 9 subscribers", Some(("feedbin", 9))),
            ("Mozilla/5.0 (compatible; theoldreader.com; 1 subscribers; feed-id=a)", Some(("theoldreader", 1))),
            ("Mozilla/5.0 (compatible; BazQux/2.4; +https://bazqux.com/fetcher; 1 subscriber)", Some(("bazqux", 1))),
            ("MayDocTin/0.1 (12 subscribers)", Some((OTHER, 12))),
            ("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", None),
            ("no subscribers", None),
            ("99999999999999 subscribers", None),
            ("999999999 subscribers", None),
        ];
        for (agent, want) in cases {
            assert_eq!(subscribers(agent.as_bytes()), want, "{agent}");
        }
    }

    #[test]
    fn the_last_word_of_each_service_counts_until_it_is_forgotten() {
        let (readers, start) = (Readers::default(), DateTime::UNIX_EPOCH);
        let feedly = |n: u32| HeaderValue::from_str(&format!("Feedly/1.0 ({n} subscribers)")).unwrap();
        let at = |days| -> Clock { std::sync::Arc::new(move || start + TimeDelta::days(days)) };
        readers.hear("phuong.rss", &feedly(3), &at(0));
        readers.hear("phuong.rss", &feedly(4), &at(1));
        readers.hear("phuong.atom", &feedly(2), &at(10));
        let of = |days| readers.figures(start + TimeDelta::days(days)).into_values().collect::<Vec<_>>();
        assert_eq!((of(10), of(16), of(30)), (vec![6], vec![2], vec![]));
    }
}
