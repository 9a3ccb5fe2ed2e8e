//! The flood brake: of what a visit found new, what is news and what only looks new because a site
//! was rebuilt or dug out its archive.

use chrono::{DateTime, TimeDelta, Utc};

use crate::entry::Entry;

/// So many late entries at once are no coincidence.
const MANY: usize = 5;
/// Portals date an article when it is written and show it a day later.
const SLACK: TimeDelta = TimeDelta::days(1);
/// An entry dated so long before the last visit is no news, even alone.
const STALE: TimeDelta = TimeDelta::days(30);

/// What is known beside the entries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ledger {
    /// When the source was last read well.
    pub last_ok: Option<DateTime<Utc>>,
    /// How many articles the list names; 0 for what is no list (a folder), where people put many
    /// old things at once on purpose.
    pub named: usize,
    /// How many of them were known.
    pub known: usize,
    /// How many of them turned out to be known entries at another address.
    pub moved: usize,
    /// How many articles the first page of the list named before.
    pub before: usize,
    /// How many articles its rhythm, and the largest burst that it ever had, let expect since the
    /// last good visit; `None` where nothing is known of them.
    pub expected: Option<usize>,
    /// Whether strangers took the list over, and neither what was known is back nor has anybody said
    /// that all is well.
    pub strange: bool,
}

impl Ledger {
    /// What a source that publishes once in `step` has published since its last good visit, or
    /// brought at once before, whichever is more.
    #[must_use]
    pub fn expect(last_ok: DateTime<Utc>, step: Option<TimeDelta>, burst: usize, now: DateTime<Utc>) -> Option<usize> {
        let step = step?.num_seconds().max(1);
        let missed = usize::try_from((now - last_ok).num_seconds() / step).unwrap_or_default();
        Some(missed.max(burst))
    }
}

/// Where a fresh entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Owed to those who follow.
    News,
    /// Goes to the feed, but is too old to be told.
    Old,
    /// Part of a list that is suddenly new as a whole: goes to the feed, is owed to nobody.
    Doubtful,
}

/// How a whole visit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brake {
    ledger: Ledger,
    /// Whether the list is suddenly new though its articles are not.
    pub relaunch: bool,
    /// Whether nothing of the list is left, and more is new than the source ever publishes: it was
    /// rebuilt from nothing, or others write there now. It stays so while the ledger says it.
    pub replaced: bool,
}

impl Brake {
    /// Judges a visit by all that it found fresh, those that only moved left out. News dated after the last good visit is news,
    /// however much: that is an outage of ours. Old dates that are suddenly new are a relaunch.
    #[must_use]
    pub fn new(ledger: Ledger, fresh: &[&Entry]) -> Self {
        let mut brake = Self { ledger, relaunch: false, replaced: false };
        let late = fresh.iter().filter(|e| brake.is_late(e)).count() + ledger.moved;
        brake.relaunch = late >= MANY && late * 2 > ledger.named && ledger.named > 0;
        brake.replaced = ledger.strange && !fresh.is_empty() || !brake.relaunch && brake.nothing_is_left(fresh.len());
        brake
    }

    /// Whether the list was long, none of it is left on any page that was followed, and so many
    /// fresh entries are more than twice what can be expected.
    fn nothing_is_left(&self, fresh: usize) -> bool {
        let Ledger { last_ok, named, known, moved, before, expected, strange: _ } = self.ledger;
        let gone = last_ok.is_some() && known + moved == 0 && before >= MANY;
        gone && fresh >= MANY && fresh * 2 > named && expected.is_some_and(|expected| fresh > expected * 2)
    }

    /// Where one of the fresh entries stands.
    #[must_use]
    pub fn standing(&self, entry: &Entry) -> Standing {
        let age = self.ledger.last_ok.zip(published(entry)).map(|(last, at)| last - at);
        if age.is_some_and(|age| age > STALE) {
            Standing::Old
        } else if self.replaced || self.relaunch && self.is_late(entry) {
            Standing::Doubtful
        } else {
            Standing::News
        }
    }

    /// Whether an entry should have been seen at the last visit. One without a date is late only
    /// where nothing on the list was known.
    fn is_late(&self, entry: &Entry) -> bool {
        let Some(last_ok) = self.ledger.last_ok else { return false };
        published(entry).map_or(self.ledger.known == 0, |at| at < last_ok - SLACK)
    }
}

fn published(entry: &Entry) -> Option<DateTime<Utc>> {
    entry.published.map(|at| at.with_timezone(&Utc))
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::entry::Guid;

    const LAST: DateTime<Utc> = DateTime::UNIX_EPOCH;

    /// Entries published so many hours after the last visit.
    fn fresh(hours: &[i64]) -> Vec<Entry> {
        let one = |(n, hours): (usize, &i64)| {
            let mut entry = Entry::new(Guid::new(n.to_string()), "Tin");
            entry.published = Some((LAST + TimeDelta::hours(*hours)).fixed_offset());
            entry
        };
        hours.iter().enumerate().map(one).collect()
    }

    fn check(hours: &[i64], named: usize, want: &[Standing]) {
        let entries = fresh(hours);
        let ledger = Ledger { last_ok: Some(LAST), named, ..Ledger::default() };
        let brake = Brake::new(ledger, &entries.iter().collect::<Vec<_>>());
        let got: Vec<Standing> = entries.iter().map(|e| brake.standing(e)).collect();
        assert_eq!(got, want, "{hours:?} of {named}");
    }

    #[test]
    fn news_is_told_and_a_relaunch_is_not() {
        use Standing::{Doubtful, News, Old};
        check(&[1, 2, 3, 4, 5, 6], 6, &[News; 6]);
        check(&[-20, -20, -20, -20, -20, -20], 6, &[News; 6]);
        check(&[-48, -72, -96, -120, -140, 2], 10, &[News; 6]);
        check(&[-48, -72, -96, -120, -140, -200, 2], 10, &[Doubtful, Doubtful, Doubtful, Doubtful, Doubtful, Doubtful, News]);
        check(&[-48, -72, -96, -120, -140], 0, &[News; 5]);
        check(&[-24 * 40], 10, &[Old]);
        check(&[-48], 1, &[News]);
    }

    #[test]
    fn what_has_no_date_is_judged_by_its_neighbours() {
        let undated: Vec<Entry> = (0..6).map(|n| Entry::new(Guid::new(n.to_string()), "Tin")).collect();
        let relaunch = |known| {
            Brake::new(Ledger { last_ok: Some(LAST), named: 10, known, ..Ledger::default() }, &undated.iter().collect::<Vec<_>>()).relaunch
        };
        assert!(relaunch(0));
        assert!(!relaunch(4), "known articles below them: a burst");
    }

    /// Ten fresh articles on a list of ten, of which so many others are known.
    fn replaced(known: usize, before: usize, gap_hours: Option<i64>, burst: usize, away_hours: i64) -> bool {
        let entries = fresh(&[1; 10]);
        let expected = Ledger::expect(LAST, gap_hours.map(TimeDelta::hours), burst, LAST + TimeDelta::hours(away_hours));
        let ledger = Ledger { last_ok: Some(LAST), named: 10 + known, known, moved: 0, before, expected, strange: false };
        let brake = Brake::new(ledger, &entries.iter().collect::<Vec<_>>());
        let doubted = entries.iter().all(|entry| brake.standing(entry) == Standing::Doubtful);
        assert_eq!(brake.replaced, doubted);
        brake.replaced
    }

    #[test]
    fn a_list_of_strangers_is_doubted_and_a_busy_site_is_not() {
        assert!(replaced(0, 10, Some(24), 0, 1), "one article a day, and ten within the hour");
        assert!(replaced(0, 10, Some(24), 2, 48));
        assert!(!replaced(1, 10, Some(24), 0, 1), "one of the old ones is left");
        assert!(!replaced(0, 10, Some(24), 0, 24 * 6), "we were away for six days");
        assert!(!replaced(0, 10, Some(1), 0, 5), "a busy site");
        assert!(!replaced(0, 10, Some(24), 5, 1), "it brought five at once before");
        assert!(!replaced(0, 3, Some(24), 0, 1), "a short list says little");
        assert!(!replaced(0, 10, None, 0, 1), "nothing is known of its rhythm");
    }

    #[test]
    fn what_strangers_write_later_is_doubted_too() {
        let one = fresh(&[1]);
        let all = one.iter().collect::<Vec<_>>();
        let ledger = Ledger { last_ok: Some(LAST), named: 10, known: 9, ..Ledger::default() };
        assert_eq!(Brake::new(ledger, &all).standing(&one[0]), Standing::News);
        let brake = Brake::new(Ledger { strange: true, ..ledger }, &all);
        assert_eq!((brake.standing(&one[0]), brake.replaced), (Standing::Doubtful, true));
        assert!(!Brake::new(Ledger { strange: true, ..ledger }, &[]).replaced, "nothing new, nothing to tell");
    }

    #[test]
    fn a_first_visit_is_never_braked() {
        let entries = fresh(&[-9999; 8]);
        let brake = Brake::new(Ledger { named: 8, ..Ledger::default() }, &entries.iter().collect::<Vec<_>>());
        assert!(!brake.relaunch && entries.iter().all(|e| brake.standing(e) == Standing::News));
    }
}
