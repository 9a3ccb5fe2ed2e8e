//! Dates told from today: "hôm qua", "3 giờ trước", "Thứ Ba, 17/9".

use std::sync::LazyLock;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use regex::Regex;

use super::days::Day;
use super::patterns::{POSTED, UPDATED, pattern};
use super::{Stamp, clock, in_zone, is_only_stamp, surroundings};

const SPANS: &str = r"(?:(?:[0-9]{1,4}|mot|an?) ?(?:giay|phut|gio|tieng|ngay|tuan|thang|nam|seconds?|secs?|minutes?|mins?|hours?|days?|weeks?|months?|years?)\b ?(?:va )?)+";
/// A day told from today.
static SPOKEN: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bhom (nay|qua|kia)\b"));
/// One of these is in whatever says how long ago.
const AGO_WORDS: [&str; 4] = ["truoc", "cach day", "vua xong", " ago"];
/// A word of any of these forms.
static TOLD: LazyLock<Regex> = LazyLock::new(|| pattern(&format!("hom |{}", AGO_WORDS.join("|"))));
/// What the same words may have been before folding, and digits and letters that only folding makes
/// plain.
static TOLD_IN: LazyLock<Option<regex::bytes::Regex>> =
    LazyLock::new(|| regex::bytes::Regex::new(r"(?i-u)h[^ ]{1,6}m|tr[^ ]{2,10}c|c[^ ]{1,6}ch|x[^ ]{1,6}ng|ago|[\xE2\xEF\xF0]").ok());
/// How long ago, rounded.
static AGO: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(r"\b(?:(?P<spans>{SPANS})(?:truoc|ago)\b|cach day (?P<since>{SPANS})|(?:vua xong|vai (?:giay|phut) truoc)\b)"))
});
/// One of the spans of `AGO`: a number and a unit.
static SPAN: LazyLock<Regex> = LazyLock::new(|| pattern("([0-9]{1,4}|mot|an?) ?(giay|phut|gio|tieng|ngay|tuan|thang|nam|[a-z]+)"));
/// A weekday, a day and a month without their year.
static YEARLESS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:thu ?|t\.? ?)(hai|ba|tu|nam|sau|bay|[2-7]),?[ (-]*(?:ngay )?([0-9]{1,2})(?:/|-| thang )([0-9]{1,2})\b|\b(chu nhat|cn),?[ (-]*(?:ngay )?([0-9]{1,2})(?:/|-| thang )([0-9]{1,2})\b",
    )
});
const WEEKDAYS: &[(&[&str], Weekday)] = &[
    (&["hai", "2"], Weekday::Mon),
    (&["ba", "3"], Weekday::Tue),
    (&["tu", "4"], Weekday::Wed),
    (&["nam", "5"], Weekday::Thu),
    (&["sau", "6"], Weekday::Fri),
    (&["bay", "7"], Weekday::Sat),
    (&["chu nhat", "cn"], Weekday::Sun),
];

/// Whether a word of these forms occurs at all.
pub(super) fn may_be_told(folded: &str) -> bool {
    TOLD.is_match(folded)
}

fn may_be_ago(folded: &str) -> bool {
    AGO_WORDS.iter().any(|word| folded.contains(word))
}

/// Whether it may be that [`may_be_told`] after folding.
pub(super) fn may_be_told_in(text: &str) -> bool {
    TOLD_IN.as_ref().is_none_or(|words| words.is_match(text.as_bytes()))
}

/// "Hôm nay, 9:05", "Hôm qua". Without a time it must be the whole line: portals count "Hôm nay:
/// 438" visits, and sentences begin with "Hôm nay".
pub(super) fn spoken_day(line: &str, zone: Tz, now: DateTime<Utc>) -> Option<Stamp> {
    let found = SPOKEN.captures(line)?;
    let (whole, name) = (found.get(0)?, found.get(1)?.as_str());
    let back = ["nay", "qua", "kia"].iter().zip(0..).find(|(word, _)| **word == name).map(|(_, back)| back)?;
    let date = now.with_timezone(&zone).date_naive().checked_sub_days(Days::new(back));
    let day = [Day { span: whole.range(), date, iso: false }];
    let stamp = surroundings(line, &day).next()?.stamp(zone)?;
    (stamp.has_time || is_only_stamp(line, &[])).then_some(stamp)
}

/// "Thứ Ba, 17/9": the last such day that has come, if it was that weekday; else the year is another
/// one, and which cannot be known. The line must say nothing else.
pub(super) fn yearless_day(line: &str, zone: Tz, now: DateTime<Utc>) -> Option<Stamp> {
    let found = YEARLESS.captures(line)?;
    let part = |at: usize| found.get(at).or(found.get(at + 3)).map(|part| part.as_str());
    let weekday = part(1)?;
    let today = now.with_timezone(&zone).date_naive();
    let last = last_such_day(today, part(3)?.parse().ok()?, part(2)?.parse().ok()?)?;
    let is_right = WEEKDAYS.iter().any(|(names, day)| names.contains(&weekday) && *day == last.weekday());
    let day = [Day { span: found.get(0)?.range(), date: Some(last), iso: false }];
    let alone = is_right && is_only_stamp(line, &day);
    alone.then(|| surroundings(line, &day).next()?.stamp(zone)).flatten()
}

fn last_such_day(today: NaiveDate, month: u32, day: u32) -> Option<NaiveDate> {
    let years = [today.year(), today.year().checked_sub(1)?];
    years.into_iter().filter_map(|year| NaiveDate::from_ymd_opt(year, month, day)).find(|date| *date <= today)
}

/// Whether "hôm nay" or "hôm qua" stands beside a time or behind the label of a posting date, or a
/// span of time says how long ago.
pub(super) fn is_stamp(folded: &str, line: &str) -> bool {
    let around = SPOKEN.find(line).map(|day| (line.get(..day.start()), line.get(day.end()..)));
    let Some((Some(before), Some(after))) = around else {
        return may_be_ago(folded) && AGO.is_match(folded);
    };
    let timed = clock::after(after, false).is_some() || clock::before(before, false).is_some();
    timed || POSTED.is_match(before) || UPDATED.is_match(before)
}

/// A line without what it says of how long ago.
pub(super) fn without_ago(folded: &str) -> std::borrow::Cow<'_, str> {
    if may_be_ago(folded) { AGO.replace_all(folded, " ") } else { folded.into() }
}

/// "2 giờ trước", "cách đây 1 giờ 20 phút", "vừa xong". From days on the time of day means nothing
/// and is left out, so that every visit of that day gives the same.
pub(super) fn ago(line: &str, zone: Tz, now: DateTime<Utc>) -> Option<Stamp> {
    let found = if may_be_ago(line) { AGO.captures(line)? } else { return None };
    let spans = found.name("spans").or(found.name("since")).map_or("", |spans| spans.as_str());
    let mut at = now;
    let mut has_time = true;
    for span in SPAN.captures_iter(spans) {
        let (_, [count, unit]) = span.extract();
        at = earlier(at, count.parse().unwrap_or(1), unit)?;
        has_time &= ["giay", "phut", "gio", "tieng", "sec", "min", "hour"].iter().any(|short| unit.starts_with(short));
    }
    let local = at.with_timezone(&zone);
    let at = if has_time { local.fixed_offset() } else { in_zone(local.date_naive(), NaiveTime::MIN, zone)? };
    Some(Stamp { at, has_time, coarse: true })
}

fn earlier(at: DateTime<Utc>, count: u32, unit: &str) -> Option<DateTime<Utc>> {
    let long = i64::from(count);
    match unit.trim_end_matches('s') {
        "giay" | "second" | "sec" => at.checked_sub_signed(TimeDelta::seconds(long)),
        "phut" | "minute" | "min" => at.checked_sub_signed(TimeDelta::minutes(long)),
        "gio" | "tieng" | "hour" => at.checked_sub_signed(TimeDelta::hours(long)),
        "ngay" | "day" => at.checked_sub_days(Days::new(count.into())),
        "tuan" | "week" => at.checked_sub_signed(TimeDelta::weeks(long)),
        "thang" | "month" => at.checked_sub_months(Months::new(count)),
        _ => at.checked_sub_months(Months::new(count.checked_mul(12)?)),
    }
}
