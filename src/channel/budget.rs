//! A platform that takes only so many messages a month, planned so that they last: each day has its
//! share, and a part is kept for what is urgent. The time is an argument.

use chrono::{DateTime, Datelike, Months, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// Of ten messages one is kept for what is urgent.
const RESERVE: u32 = 10;
/// When the news that waited for the next day goes as a list, in hours after midnight.
const MORNING: i64 = 7;

/// What may leave now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowance {
    /// Everything, so many messages.
    All(u32),
    /// Only what is urgent, so many messages, until then: the day's share is used up.
    Urgent(u32, DateTime<Utc>),
    /// Nothing until then: the month's messages are used up.
    Nothing(DateTime<Utc>),
}

/// The first moment of the day, or of the month, that `now` is in.
#[must_use]
pub fn begins(now: DateTime<Utc>, zone: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
    let today = now.with_timezone(&zone).date_naive();
    (midnight(today, zone, now), midnight(first_of(today), zone, now))
}

/// What may leave now, of `per_month` messages, where so many left this month `before` today and so
/// many `today`.
#[must_use]
pub fn allowance(per_month: u32, before: u32, today: u32, now: DateTime<Utc>, zone: Tz) -> Allowance {
    let date = now.with_timezone(&zone).date_naive();
    let next_month = first_of(date).checked_add_months(Months::new(1)).unwrap_or(date);
    let left = per_month.saturating_sub(before.saturating_add(today));
    if left == 0 {
        return Allowance::Nothing(midnight(next_month, zone, now));
    }
    let days = u32::try_from((next_month - date).num_days()).unwrap_or(1).max(1);
    let for_news = per_month - per_month / RESERVE;
    let share = for_news.saturating_sub(before).div_ceil(days);
    if today < share {
        return Allowance::All(left.min(share - today));
    }
    let tomorrow = date.checked_add_days(chrono::Days::new(1)).unwrap_or(date);
    let next = if before.saturating_add(today) >= for_news { next_month } else { tomorrow };
    Allowance::Urgent(left, midnight(next, zone, now) + TimeDelta::hours(MORNING))
}

/// As [`allowance`] on the day after one that ended with `last`: until the lists that wait for the
/// morning have left, nothing that came in the night takes their share, or overtakes them.
#[must_use]
pub fn after(last: Allowance, today: Allowance, left: u32, now: DateTime<Utc>) -> Allowance {
    match (last, today) {
        (Allowance::Urgent(_, morning), Allowance::All(_)) if now < morning => Allowance::Urgent(left, morning),
        (Allowance::All(_) | Allowance::Urgent(..) | Allowance::Nothing(_), today) => today,
    }
}

/// What of a month's messages is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spent {
    /// The part for news; so many are left for what is urgent.
    News(u32),
    /// All.
    All,
}

/// What is used up of `per_month` messages, where so many left this month.
#[must_use]
pub fn spent(per_month: u32, left: u32) -> Option<Spent> {
    match per_month.saturating_sub(left) {
        0 => Some(Spent::All),
        rest if left >= per_month - per_month / RESERVE => Some(Spent::News(rest)),
        _ => None,
    }
}

fn first_of(date: NaiveDate) -> NaiveDate {
    date.with_day(1).unwrap_or(date)
}

fn midnight(date: NaiveDate, zone: Tz, otherwise: DateTime<Utc>) -> DateTime<Utc> {
    let midnight = date.and_time(chrono::NaiveTime::MIN);
    zone.from_local_datetime(&midnight).earliest().map_or(otherwise, |at| at.with_timezone(&Utc))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const ZONE: Tz = chrono_tz::Asia::Ho_Chi_Minh;

    fn at(written: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(written).unwrap().with_timezone(&Utc)
    }

    fn check(now: &str, (before, today): (u32, u32), want: Allowance) {
        assert_eq!(allowance(3000, before, today, at(now), ZONE), want, "{now} {before} {today}");
    }

    #[test]
    fn a_month_lasts_and_keeps_a_part_for_what_is_urgent() {
        let noon = "2026-11-01T12:00:00+07:00";
        check(noon, (0, 0), Allowance::All(90));
        check(noon, (0, 89), Allowance::All(1));
        check(noon, (0, 90), Allowance::Urgent(2910, at("2026-11-02T07:00:00+07:00")));
        check(noon, (0, 2999), Allowance::Urgent(1, at("2026-12-01T07:00:00+07:00")));
        check(noon, (0, 3000), Allowance::Nothing(at("2026-12-01T00:00:00+07:00")));
        // What the days before left over is there for the others.
        check("2026-11-30T23:59:00+07:00", (500, 2199), Allowance::All(1));
        check("2026-11-30T23:59:00+07:00", (500, 2200), Allowance::Urgent(300, at("2026-12-01T07:00:00+07:00")));
        check("2026-11-15T00:00:00+07:00", (2700, 0), Allowance::Urgent(300, at("2026-12-01T07:00:00+07:00")));
        check("2026-12-31T18:30:00+07:00", (3000, 9), Allowance::Nothing(at("2027-01-01T00:00:00+07:00")));
    }

    #[test]
    fn news_of_the_night_waits_for_the_lists_of_the_morning() {
        let night = at("2026-11-02T02:30:00+07:00");
        let (seven, day) = (at("2026-11-02T07:00:00+07:00"), at("2026-11-01T23:59:59+07:00"));
        let today = allowance(3000, 90, 0, night, ZONE);
        let (full, short) = (allowance(3000, 0, 90, day, ZONE), allowance(3000, 0, 89, day, ZONE));
        assert_eq!(after(full, today, 2910, night), Allowance::Urgent(2910, seven));
        assert_eq!(after(short, today, 2911, night), today);
        assert_eq!(after(full, today, 2910, seven), today);
        let none = allowance(3000, 90, 2910, night, ZONE);
        assert_eq!(after(full, none, 0, night), none);
    }

    #[test]
    fn what_is_used_up_does_not_come_back_within_the_month() {
        for (left, want) in [
            (0, None),
            (2699, None),
            (2700, Some(Spent::News(300))),
            (2999, Some(Spent::News(1))),
            (3000, Some(Spent::All)),
            (3001, Some(Spent::All)),
        ] {
            assert_eq!(spent(3000, left), want, "{left}");
        }
        assert_eq!((spent(1, 0), spent(1, 1)), (None, Some(Spent::All)));
    }

    #[test]
    fn days_and_months_are_those_of_the_ward() {
        let (day, month) = begins(at("2026-10-31T18:00:00Z"), ZONE);
        assert_eq!((day, month), (at("2026-11-01T00:00:00+07:00"), at("2026-11-01T00:00:00+07:00")));
    }
}
