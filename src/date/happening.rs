//! When a notice says that something will happen. Only what is sure: a day after the notice with a
//! time of day beside it, two days as from and till, or a day right behind a word like "tổ chức".

use std::ops::Range;
use std::sync::LazyLock;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use regex::Regex;

use super::days::{self, Day};
use super::patterns::pattern;
use super::words::behind_gap;
use super::{clock, in_zone, is_unrelated, spelling, surroundings};
use crate::text;

/// Nobody announces anything further ahead.
const FURTHEST: TimeDelta = TimeDelta::days(400);
/// More of one notice is a timetable, which nobody wants in a calendar as it is.
const MOST: usize = 8;
/// More text is not looked through.
const LONGEST: usize = 20_000;

/// "8:00 đến 17:00", "7:30 - 11:00 sáng"; in folded text "tới" and "tối" are one word.
static SPAN: LazyLock<Regex> = LazyLock::new(|| {
    let clock = "[0-9]{1,2} ?: ?[0-9]{1,2}(?: +(?:sang|trua|chieu|toi))?";
    pattern(&format!("({clock}) *(?:den|toi|-)(?: het)?(?: khoang)? *({clock})"))
});
/// What stands between the first and the last of several days.
static TILL: LazyLock<Regex> = LazyLock::new(|| pattern("^ ?(?:den|toi|-)(?: het)?(?: ngay)? ?$"));
/// And before the first.
static FROM: LazyLock<Regex> = LazyLock::new(|| pattern(r"\btu(?: ngay)? ?$"));
/// After these words a day alone says when.
static ON: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\b(?:dien ra|to chuc|khai mac|khai giang|be mac|thuc hien|tien hanh|trien khai)",
        r"(?: (?:vao|trong|tu|luc))?(?: (?:sang|trua|chieu|toi))? ngay ?$",
    ))
});
/// A limit, not a beginning.
static BEFORE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(?:truoc|cham nhat|het|den)(?: luc)? ?$"));

/// Something that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Happening {
    /// From when; midnight of the first day when no time was told.
    pub start: DateTime<FixedOffset>,
    /// Till when, where that was told; of days the midnight after the last.
    pub end: Option<DateTime<FixedOffset>>,
    /// Whether times of day are known; else whole days are meant.
    pub has_time: bool,
}

/// What a notice of `published` says will happen, in the order of its text. Times are in `zone`.
#[must_use]
pub fn happenings(notice: &str, zone: Tz, published: DateTime<FixedOffset>) -> Vec<Happening> {
    let end = notice.floor_char_boundary(LONGEST);
    let folded = spelling::normal(text::fold(notice.get(..end).unwrap_or_default()));
    let line = spelling::colons(&folded);
    let days = days::written(&line);
    let mut found: Vec<Happening> = Vec::new();
    for (at, around) in surroundings(&line, &days).enumerate() {
        let Some(date) = around.day.date.filter(|_| !is_unrelated(around.before)) else { continue };
        let told = timed(date, around.before, around.after, around.is_first, zone).or_else(|| {
            let last = days.get(at + 1).filter(|next| TILL.is_match(between(&line, around.day, next)));
            whole(date, last.and_then(|day| day.date), around.before, zone)
        });
        let is_ahead = |one: &Happening| one.start > published && one.start - published < FURTHEST;
        found.extend(told.filter(is_ahead).filter(|one| found.iter().all(|known| known.start != one.start)));
    }
    found.truncate(MOST);
    found
}

fn between<'a>(line: &'a str, first: &Day, next: &Day) -> &'a str {
    line.get(first.span.end..next.span.start).unwrap_or_default()
}

/// With a time right before or right after the day.
fn timed(date: NaiveDate, before: &str, after: &str, is_first: bool, zone: Tz) -> Option<Happening> {
    let at = |time: NaiveTime| in_zone(date, time, zone);
    if let Some((from, till)) = span_before(before).or_else(|| span_after(after)) {
        let (start, end) = (at(from)?, at(till)?);
        return (end > start).then_some(Happening { start, end: Some(end), has_time: true });
    }
    let early = || clock::before(before, false).filter(|_| !is_limit(before));
    let late = || clock::after(behind_from(after), false);
    let clock = if is_first { early().or_else(late) } else { late().or_else(early) }?;
    // The midnight that ends a day is no beginning.
    let start = at(clock.time).filter(|_| !clock.ends_day)?;
    Some(Happening { start, end: None, has_time: true })
}

/// Whether the last time before the day is one till when, not at which.
fn is_limit(before: &str) -> bool {
    let hour = before.rsplit_once(':').map_or("", |(hour, _)| hour);
    BEFORE.is_match(hour.trim_end().trim_end_matches(|c: char| c.is_ascii_digit()))
}

fn behind_from(after: &str) -> &str {
    let rest = behind_gap(after);
    rest.strip_prefix("tu ").unwrap_or(rest)
}

fn span_before(before: &str) -> Option<(NaiveTime, NaiveTime)> {
    let (whole, times) = spans(before).last()?;
    behind_gap(before.get(whole.end..)?).is_empty().then_some(times)?
}

fn span_after(after: &str) -> Option<(NaiveTime, NaiveTime)> {
    let rest = behind_from(after);
    let (whole, times) = spans(rest).next()?;
    (whole.start == 0).then_some(times)?
}

fn spans(text: &str) -> impl Iterator<Item = (Range<usize>, Option<(NaiveTime, NaiveTime)>)> {
    SPAN.captures_iter(text).map(|found| {
        let time = |at: usize| {
            found.get(at).and_then(|part| clock::read(part.as_str(), false)).and_then(|(clock, _)| clock).map(|clock| clock.time)
        };
        (found.get(0).map(|whole| whole.range()).unwrap_or_default(), time(1).zip(time(2)))
    })
}

/// Of whole days: from one till another, or one that a word announces.
fn whole(date: NaiveDate, last: Option<NaiveDate>, before: &str, zone: Tz) -> Option<Happening> {
    let last = match last {
        Some(last) if last > date && FROM.is_match(before) => last,
        Some(_) | None => ON.is_match(before).then_some(date)?,
    };
    let midnight = |date: NaiveDate| in_zone(date, NaiveTime::MIN, zone);
    Some(Happening { start: midnight(date)?, end: Some(midnight(last.succ_opt()?)?), has_time: false })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn check(notice: &str, want: &[&str]) {
        let published = DateTime::parse_from_rfc3339("2026-11-30T08:00:00+07:00").unwrap();
        let told: Vec<String> = happenings(notice, chrono_tz::Asia::Ho_Chi_Minh, published)
            .iter()
            .map(|one| {
                let form = if one.has_time { "%d/%m %H:%M" } else { "%d/%m" };
                let end = one.end.map(|end| format!(" - {}", end.format(form)));
                format!("{}{}", one.start.format(form), end.unwrap_or_default())
            })
            .collect();
        assert_eq!(told, want, "{notice}");
    }

    #[test]
    fn what_is_sure_is_told() {
        check("Tạm ngừng cấp điện từ 8h00 đến 17h00 ngày 05/12/2026 tại tổ 5.", &["05/12 08:00 - 05/12 17:00"]);
        check("Ngày 05/12/2026, từ 8 giờ đến 11 giờ 30, cắt nước ngõ 12.", &["05/12 08:00 - 05/12 11:30"]);
        check("Họp tổ dân phố vào lúc 19h30 ngày 10/12/2026 tại nhà văn hóa.", &["10/12 19:30"]);
        check("Thời gian: 14 giờ 00, thứ bảy, ngày 05/12/2026", &["05/12 14:00"]);
        check("Ngày hội hiến máu diễn ra vào sáng ngày 06/12/2026.", &["06/12 - 07/12"]);
        check("Thu gom rác cồng kềnh từ ngày 05/12/2026 đến hết ngày 07/12/2026.", &["05/12 - 08/12"]);
    }

    #[test]
    fn what_is_not_sure_is_not_told() {
        for notice in [
            "Quyết định có hiệu lực từ 8h00 ngày 01/01/2027.",
            "Nộp hồ sơ trước 17h00 ngày 10/12/2026.",
            "Theo Thông báo số 12 ngày 05/12/2026 của UBND phường.",
            "Sáng 28/11/2026, lúc 8h00 ngày 28/11/2026, phường đã họp.",
            "Điện thoại 024 3851 2345, số 8:30",
            "",
        ] {
            check(notice, &[]);
        }
    }
}
