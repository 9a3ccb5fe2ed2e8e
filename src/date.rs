//! The dates that Vietnamese sites write, read as instants. Always day first; a day and a month are
//! never swapped to make an impossible date possible.
//!
//! Everything is read from the folded text (`text::fold`), so accents, case, full-width digits and
//! odd blanks do not matter. A written day beats a spoken one ("hôm qua"), that a rounded one ("3
//! giờ trước").

mod patterns;
mod relative;

use crate::text;
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use patterns::{Order, Shape};
use regex::{Captures, Match, Regex};
use std::borrow::Cow;
use std::cmp::Reverse;
use std::ops::Range;

/// The first year believed: Vietnam had no web before it, so an earlier date is a mistake or not a
/// posting date.
const FIRST_YEAR: i32 = 1990;
/// The furthest offset from UTC that any place keeps.
const FURTHEST_OFFSET: i32 = 14 * 3600;

/// When something was posted, as far as the text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The instant, in the offset that was written, else in that of the zone; midnight when no time
    /// was given.
    pub at: DateTime<FixedOffset>,
    /// Whether the time of day is known. Without it only the day of `at` means anything.
    pub has_time: bool,
    /// Whether the text was rounded, like "3 giờ trước": another visit would give another instant.
    pub coarse: bool,
}

/// Finds the posting date in a short text: a date line, the value of an attribute.
///
/// Of several dates it takes the first one labelled as posted ("ngày đăng"), else as updated ("cập
/// nhật"), else the first that is valid. Years of two digits: 00–69 are 2000–2069, 70–99 are
/// 1970–1999. A time, and an offset like "GMT+7", count only right beside the date; an impossible
/// time leaves the date without a time, seconds over 59 are dropped, "24:00" is the next midnight.
/// Times without an offset are in `zone`.
///
/// `None` when there is no day, when the day does not exist, is before 1990 or more than a day
/// after `now`, and for the page's own clock ("Hôm nay: Chủ nhật, 22/11/2026 21:59:07"). When a
/// labelled date is wrong, no unlabelled one stands in for it.
pub fn parse(text: &str, zone: Tz, now: DateTime<Utc>) -> Option<Stamp> {
    let folded = text::fold(text);
    may_hold_date(&folded).then(|| find(folded, zone, now)).flatten()
}

fn find(folded: String, zone: Tz, now: DateTime<Utc>) -> Option<Stamp> {
    let folded = normal(folded);
    let line = colons(&folded);
    let days = written_days(&line);
    if !days.is_empty() {
        return posted(&line, &days, zone, now);
    }
    let stamp = relative::spoken_day(&line, zone, now).or_else(|| relative::ago(&folded, zone, now));
    stamp.filter(|stamp| is_credible(stamp, now))
}

/// Whether a line is nothing but a posting date: labels, days, times, weekdays, a view counter,
/// separators, and at least one day, even an impossible one. False for a sentence that mentions a
/// date, for the page's own clock, and for "Hôm nay" with neither a time nor a label: it heads a
/// counter of visits.
pub fn is_stamp_line(line: &str) -> bool {
    let folded = text::fold(line);
    may_hold_date(&folded) && is_stamp(folded)
}

fn is_stamp(folded: String) -> bool {
    let folded = normal(folded);
    let line = colons(&folded);
    let days = written_days(&line);
    let told = || relative::is_stamp(&line) || relative::may_be_ago(&folded) && patterns::AGO.is_match(&folded);
    let dated = !days.is_empty() || told();
    dated && !is_clock(&line, &days) && is_only_stamp(&folded)
}

fn is_only_stamp(folded: &str) -> bool {
    // Before the hours get their colons: "2 giờ trước" is no clock.
    let rest = if relative::may_be_ago(folded) { patterns::AGO.replace_all(folded, " ") } else { folded.into() };
    !patterns::STAMP_PART.replace_all(&colons(&rest), " ").contains(char::is_alphanumeric)
}

/// Whether there are two numbers or a word of the spoken forms. Nearly every text of a page ends
/// here.
fn may_hold_date(folded: &str) -> bool {
    let digits = || folded.bytes().map(|byte| byte.is_ascii_digit());
    let numbers = digits().zip(digits().skip(1).chain([false])).filter(|ends| *ends == (true, false)).count();
    numbers > 1 || folded.contains("hom ") || relative::may_be_ago(folded)
}

/// A folded text with one kind of dash, slash and apostrophe.
fn normal(folded: String) -> String {
    let plain = if folded.is_ascii() { folded } else { folded.chars().map(plain_sign).collect() };
    // NukeViet writes the offset between day and time: "2010-05-28+0702:39:00".
    match plain.contains('-').then(|| patterns::OFFSET_FIRST.replace(&plain, "${1}t${3}${2}:00")) {
        Some(Cow::Owned(mended)) => mended,
        Some(Cow::Borrowed(_)) | None => plain,
    }
}

fn plain_sign(c: char) -> char {
    match c {
        '’' | '‘' | '′' | '`' => '\'',
        '⁄' | '∕' => '/',
        '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' => '-',
        _ => c,
    }
}

/// Every clock written with a colon: "16h30'", "16 giờ 30 phút", "16h" become "16:30", "16:30",
/// "16:00".
fn colons(folded: &str) -> Cow<'_, str> {
    if !patterns::HOUR.is_match(folded) {
        return folded.into();
    }
    let minutes = patterns::HOUR_MINUTE.replace_all(folded, "$1:$2 ");
    let minutes = patterns::HOUR_BARE_MINUTE.replace_all(&minutes, "$1:$2$3");
    patterns::HOUR_ALONE.replace_all(&minutes, "$1:00").into_owned().into()
}

/// A day found in a text.
struct Day {
    span: Range<usize>,
    /// `None` when the numbers name no day of the calendar.
    date: Option<NaiveDate>,
    /// Year first: a machine wrote it, so a bare "-05:00" behind the time is an offset.
    iso: bool,
}

fn written_days(line: &str) -> Vec<Day> {
    let occur = patterns::ANY_SHAPE.matches(line);
    let shapes = occur.iter().filter_map(|at| patterns::SHAPES.get(at));
    let mut days: Vec<Day> = shapes.flat_map(|shape| days_of(shape, line)).collect();
    days.sort_by_key(|day| day.span.start);
    days
}

fn days_of(shape: &Shape, line: &str) -> Vec<Day> {
    let mut days = Vec::new();
    let mut from = 0;
    while let Some((found, whole)) = shape.regex.captures_at(line, from).and_then(|c| c.get(0).map(|w| (c, w))) {
        if is_whole(line, whole) {
            days.push(Day { span: whole.range(), date: date(&found, shape.order), iso: shape.order == Order::Ymd });
            from = whole.end();
        } else {
            // Only one step: in "16:30 - 17/09/2019" the date begins inside the refused "30 -
            // 17/09".
            from = whole.start() + 1;
        }
    }
    days
}

/// Whether the match is not a piece of a longer number, an IP address, or the start of a clock.
fn is_whole(line: &str, found: Match<'_>) -> bool {
    let before = line.get(..found.start()).unwrap_or_default();
    let after = line.get(found.end()..).unwrap_or_default();
    let digit = |c: char| c.is_ascii_digit();
    let cut_before = before.strip_suffix(['.', '/']).unwrap_or(before).ends_with(digit);
    let cut_after = after.strip_prefix(['.', '/', ':']).unwrap_or(after).starts_with(digit);
    !cut_before && !cut_after
}

fn date(found: &Captures<'_>, order: Order) -> Option<NaiveDate> {
    let (_, [first, second, third]) = found.extract();
    let (year, month, day) = match order {
        Order::Ymd => (first, second, third),
        Order::Dmy => (third, second, first),
        Order::Mdy => (third, first, second),
    };
    NaiveDate::from_ymd_opt(full_year(year)?, patterns::month(month)?, day.parse().ok()?)
}

fn full_year(year: &str) -> Option<i32> {
    let number: i32 = year.parse().ok()?;
    Some(match number {
        _ if year.len() > 2 => number,
        70.. => 1900 + number,
        _ => 2000 + number,
    })
}

/// How surely a date is the posting date, by the words before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Label {
    Clock,
    Other,
    Updated,
    Posted,
}

fn label(before: &str) -> Label {
    if !before.contains(char::is_alphabetic) {
        Label::Other
    } else if patterns::POSTED.is_match(before) {
        Label::Posted
    } else if patterns::UPDATED.is_match(before) {
        Label::Updated
    } else if patterns::TODAY_IS.is_match(before) {
        Label::Clock
    } else {
        Label::Other
    }
}

fn posted(line: &str, days: &[Day], zone: Tz, now: DateTime<Utc>) -> Option<Stamp> {
    let mut dated: Vec<(Label, Option<Stamp>)> =
        surroundings(line, days).map(|around| (label(around.before), around.stamp(zone).filter(|stamp| is_credible(stamp, now)))).collect();
    dated.sort_by_key(|(label, _)| Reverse(*label));
    let best = dated.first().map(|(label, _)| *label)?;
    let least = best.min(Label::Updated);
    dated.into_iter().filter(|(label, _)| *label > Label::Clock && *label >= least).find_map(|(_, stamp)| stamp)
}

fn is_clock(line: &str, days: &[Day]) -> bool {
    !days.is_empty() && surroundings(line, days).all(|around| label(around.before) == Label::Clock)
}

/// A day and the text on both sides of it, as far as the next day.
struct Around<'a> {
    day: &'a Day,
    before: &'a str,
    after: &'a str,
    is_first: bool,
}

fn surroundings<'a>(line: &'a str, days: &'a [Day]) -> impl Iterator<Item = Around<'a>> {
    days.iter().enumerate().map(move |(i, day)| {
        let start = i.checked_sub(1).and_then(|i| days.get(i)).map_or(0, |day| day.span.end);
        let end = days.get(i + 1).map_or(line.len(), |day| day.span.start);
        let before = line.get(start..day.span.start).unwrap_or_default();
        let after = line.get(day.span.end..end).unwrap_or_default();
        Around { day, before, after, is_first: i == 0 }
    })
}

impl Around<'_> {
    fn stamp(&self, zone: Tz) -> Option<Stamp> {
        stamp(self.day.date?, self.clock(), zone)
    }

    /// The time right before or right after the day. Between two days a time belongs to the one it
    /// follows.
    fn clock(&self) -> Option<Clock> {
        let before = || clock(&patterns::CLOCK_BEFORE, self.before, self.day.iso);
        let after = || clock(&patterns::CLOCK_AFTER, self.after, self.day.iso);
        if self.is_first { before().or_else(after) } else { after().or_else(before) }
    }
}

/// A time of day, perhaps with its own offset.
struct Clock {
    time: NaiveTime,
    /// "24:00": the midnight that ends the day.
    ends_day: bool,
    offset: Option<FixedOffset>,
}

fn clock(place: &Regex, text: &str, iso: bool) -> Option<Clock> {
    let found = if text.contains(':') { place.captures(text)? } else { return None };
    let number = |name| found.name(name).and_then(|digits| digits.as_str().parse::<u32>().ok());
    let (hour, minute) = (number("hour")?, number("minute")?);
    let second = number("second").filter(|second| *second < 60).unwrap_or(0);
    let ends_day = (hour, minute, second) == (24, 0, 0);
    let hour = if ends_day { 0 } else { hour_of_day(hour, found.name("half").map(|half| half.as_str())) };
    let time = NaiveTime::from_hms_opt(hour, minute, second)?;
    let behind = found.name("clock").and_then(|clock| text.get(clock.end()..));
    Some(Clock { time, ends_day, offset: behind.and_then(|behind| offset(behind, iso)) })
}

/// SA is the morning, CH the afternoon; an hour past twelve needs neither.
fn hour_of_day(hour: u32, half: Option<&str>) -> u32 {
    let morning = half.is_some_and(|half| half.starts_with(['s', 'a']));
    match hour {
        12 if morning => 0,
        0..12 if half.is_some() && !morning => hour + 12,
        _ => hour,
    }
}

fn offset(behind: &str, iso: bool) -> Option<FixedOffset> {
    let found = patterns::NAMED_OFFSET.captures(behind).or_else(|| patterns::BARE_OFFSET.captures(behind))?;
    let part = |name| found.name(name).map_or("", |part| part.as_str());
    let (sign, hours, minutes) = match (part("name"), part("sign")) {
        ("ict", "") => ("+", "07", ""),
        (_, "") => ("+", "00", ""),
        // "8:00-11:30" is from when till when, unless a machine wrote it.
        ("", "-") if !iso && (found.name("colon").is_some() || part("minutes").is_empty()) => {
            return None;
        }
        (_, sign) => (sign, part("hours"), part("minutes")),
    };
    let offset: FixedOffset = format!("{sign}{hours:0>2}:{minutes:0>2}").parse().ok()?;
    (offset.local_minus_utc().abs() <= FURTHEST_OFFSET).then_some(offset)
}

fn stamp(day: NaiveDate, clock: Option<Clock>, zone: Tz) -> Option<Stamp> {
    let Some(Clock { time, ends_day, offset }) = clock else {
        return Some(Stamp { at: in_zone(day, NaiveTime::MIN, zone)?, has_time: false, coarse: false });
    };
    let day = if ends_day { day.succ_opt()? } else { day };
    let at = match offset {
        Some(offset) => offset.from_local_datetime(&day.and_time(time)).single()?,
        None => in_zone(day, time, zone)?,
    };
    Some(Stamp { at, has_time: true, coarse: false })
}

/// The earlier of two when the clocks went back; none in the hour they skip.
fn in_zone(day: NaiveDate, time: NaiveTime, zone: Tz) -> Option<DateTime<FixedOffset>> {
    zone.from_local_datetime(&day.and_time(time)).earliest().map(|at| at.fixed_offset())
}

fn is_credible(stamp: &Stamp, now: DateTime<Utc>) -> bool {
    let latest = now.checked_add_signed(TimeDelta::days(1)).unwrap_or(now);
    stamp.at.year() >= FIRST_YEAR && stamp.at <= latest
}

#[cfg(test)]
mod tests;
