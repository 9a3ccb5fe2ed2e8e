//! Two readings of one page, by the learned recipe and without it: does the recipe still hold, and
//! does the other agree with what is known?

use std::collections::HashSet;

use chrono::NaiveTime;

use crate::entry::Entry;
use crate::html;
use crate::source::Reading;
use crate::text;

/// A list that finds less than this share of what the other reading finds has collapsed.
const SHARE: usize = 4;
/// So many articles make a list.
const FEW: usize = 3;
/// Bodies shorter than this, in characters, are not compared by length.
const SHORT: usize = 400;
/// How many titles tell the admin what a page was and is.
const TOLD: usize = 5;

/// How many articles a reading of a list found.
#[must_use]
pub fn count(reading: &Reading) -> usize {
    reading.entries.len() + reading.next.iter().filter(|visit| visit.guid.is_some()).count()
}

/// Whether the learned reading of a list collapsed beside the other.
#[must_use]
pub fn list_collapsed(learned: &Reading, other: &Reading) -> bool {
    let (learned, other) = (count(learned), count(other));
    other >= FEW && learned * SHARE < other
}

/// Whether the learned reading of an article collapsed beside the other: nothing, no date any
/// more, or a fraction of the text.
#[must_use]
pub fn article_collapsed(learned: &Reading, other: &Reading) -> bool {
    let Some(other) = other.entries.first() else { return false };
    learned.entries.first().is_none_or(|learned| is_less(learned, other))
}

/// Whether an entry has lost its date or most of its text beside another reading of it.
#[must_use]
pub fn is_less(entry: &Entry, other: &Entry) -> bool {
    let length = |entry: &Entry| html::to_text(&entry.content_html).chars().count();
    let whole = length(other);
    lost_its_time(entry, other) || whole >= SHORT && length(entry) * SHARE < whole
}

/// No date, or only the day of it, where the other reading has the time.
fn lost_its_time(entry: &Entry, other: &Entry) -> bool {
    let Some(told) = other.published else { return false };
    let timed = told.time() != NaiveTime::MIN;
    entry.published.is_none_or(|at| timed && at.time() == NaiveTime::MIN && at.date_naive() == told.date_naive())
}

/// Whether a reading of a list names articles that are known, `titles` being folded: two at least,
/// and a third of what it names.
#[must_use]
pub fn agrees(reading: &Reading, titles: &HashSet<String>) -> bool {
    let known = titles_of(reading).filter(|title| titles.contains(&text::fold(title))).count();
    known >= 2 && known * 3 >= count(reading).min(titles.len())
}

/// Whether an article is what its list, or the store, calls it. Lists cut titles off.
#[must_use]
pub fn is_called(entry: &Entry, title: &str) -> bool {
    let (own, told) = (text::fold(&entry.title), text::fold(title.trim_end_matches(['…', '.', ' '])));
    !told.is_empty() && (own.starts_with(&told) || told.starts_with(&own))
}

/// The newest titles of a list, a line each.
#[must_use]
pub fn told(reading: &Reading) -> String {
    titles_of(reading).take(TOLD).collect::<Vec<_>>().join("\n")
}

/// Titles as they are compared.
#[must_use]
pub fn folded(titles: &[String]) -> HashSet<String> {
    titles.iter().map(|title| text::fold(title)).collect()
}

/// The first of some titles, a line each.
#[must_use]
pub fn lines(titles: &[String]) -> String {
    titles.iter().take(TOLD).map(String::as_str).collect::<Vec<_>>().join("\n")
}

fn titles_of(reading: &Reading) -> impl Iterator<Item = &str> {
    let named = reading.next.iter().filter(|visit| visit.guid.is_some()).filter_map(|visit| visit.hint.title.as_deref());
    reading.entries.iter().map(|entry| entry.title.as_str()).chain(named)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::entry::Guid;
    use crate::source::{Hint, Visit};

    fn list(titles: &[&str]) -> Reading {
        let visit = |title: &&str| Visit {
            url: "https://phuong.example/1".parse().unwrap(),
            guid: Some(Guid::new(*title)),
            hint: Hint { title: Some((*title).to_owned()), ..Hint::default() },
        };
        Reading { next: titles.iter().map(visit).collect(), ..Reading::default() }
    }

    fn article(dated: bool, characters: usize) -> Reading {
        let mut entry = Entry::new(Guid::new("1"), "Họp dân");
        entry.published = dated.then(|| chrono::DateTime::UNIX_EPOCH.fixed_offset());
        entry.content_html = format!("<p>{}</p>", "x".repeat(characters));
        Reading { entries: vec![entry], ..Reading::default() }
    }

    #[test]
    fn a_list_collapses_when_little_is_left_of_it() {
        let check = |learned: usize, other: usize, want: bool| {
            assert_eq!(list_collapsed(&list(&vec!["a"; learned]), &list(&vec!["a"; other])), want, "{learned} beside {other}");
        };
        check(0, 10, true);
        check(2, 10, true);
        check(3, 10, false);
        check(0, 2, false);
        check(10, 0, false);
    }

    #[test]
    fn an_article_collapses_by_nothing_no_date_or_little_text() {
        let nothing = Reading::default();
        assert!(article_collapsed(&nothing, &article(true, 500)));
        assert!(article_collapsed(&article(false, 500), &article(true, 500)));
        assert!(article_collapsed(&article(true, 100), &article(true, 500)));
        assert!(!article_collapsed(&article(true, 200), &article(true, 500)));
        assert!(!article_collapsed(&article(true, 10), &article(true, 300)));
        assert!(!article_collapsed(&article(false, 500), &nothing));
    }

    #[test]
    fn known_titles_make_a_reading_agree() {
        let titles: HashSet<String> = ["hop dan", "cat dien", "tiem chung"].map(str::to_owned).into();
        assert!(agrees(&list(&["Họp dân", "Cắt điện", "Tin mới"]), &titles));
        assert!(!agrees(&list(&["Họp dân", "Tin mới", "Tin khác"]), &titles));
        assert!(!agrees(&list(&["Trang chủ", "Liên hệ"]), &titles));
        let entry = article(true, 1).entries.remove(0);
        assert!(is_called(&entry, "HỌP DÂN…") && is_called(&entry, "Họp dân góp ý") && !is_called(&entry, "Liên hệ"));
    }
}
