//! The dates that Vietnamese sites write, read as instants. Always day first; a day and a month are
//! never swapped to make an impossible date possible.
//!
//! Everything is read from the folded text (`text::fold`), so accents, case, full-width digits and
//! odd blanks do not matter. A written day beats a spoken one ("hôm qua"), that a rounded one ("3
//! giờ trước").

mod clock;
mod days;
mod epoch;
mod happening;
mod patterns;
mod relative;
mod spelling;
mod words;

pub use happening::{Happening, happenings};

use std::borrow::Cow;
use std::cmp::Reverse;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use regex::Regex;

use crate::text;
use clock::Clock;
use days::Day;

/// The first year believed: Vietnam had no web before it, so an earlier date is a mistake or not a
/// posting date.
const FIRST_YEAR: i32 = 1990;
/// Characters between a label and its date, or the time before that date.
const LABEL_REACH: usize = 40;

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
/// Of several dates it takes the first one labelled as posted ("ngày đăng"), else as created ("ngày
/// tạo"), else as updated ("cập nhật"), else the first that is valid. Years of two digits: 00–69 are 2000–2069, 70–99 are
/// 1970–1999. A time, and an offset like "GMT+7", count only right beside the date; an impossible
/// time leaves the date without a time, seconds over 59 are dropped, "24:00" is the next midnight.
/// Times without an offset are in `zone`. A day and a month without a year count only with a weekday
/// that fits, and are then of the last twelve months. A number alone is read as Unix time (seconds or
/// milliseconds) or as year, month and day.
///
/// `None` when there is no day, when the day does not exist, is before 1990 or more than a day
/// after `now`, and for the page's own clock ("Hôm nay: Chủ nhật, 22/11/2026 21:59:07") or the end
/// of a term ("hiệu lực", "hạn nộp"). When a labelled date is wrong, no unlabelled one stands in for
/// it.
pub fn parse(text: &str, zone: Tz, now: DateTime<Utc>) -> Option<Stamp> {
    let folded = text::fold(text);
    may_hold_date(&folded).then(|| find(folded, zone, now)).flatten().filter(|stamp| is_credible(stamp, now))
}

fn find(folded: String, zone: Tz, now: DateTime<Utc>) -> Option<Stamp> {
    if let Some(at) = epoch::read(&folded, zone) {
        return Some(Stamp { at, has_time: true, coarse: false });
    }
    let folded = spelling::normal(folded);
    let line = spelling::colons(&folded);
    let days = days::written(&line);
    if !days.is_empty() {
        return posted(&line, &days, zone, now);
    }
    let told = relative::spoken_day(&line, zone, now).or_else(|| relative::ago(&folded, zone, now));
    told.or_else(|| relative::yearless_day(&line, zone, now))
}

/// Why a text that writes a day gives no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// There is no such day.
    Impossible,
    /// More than a day after now.
    Future,
    /// Before 1990.
    Old,
}

/// What is wrong with the first day of a text of which `parse` makes nothing, so that a person can be
/// told. `None` when there is a date, or no day at all.
pub fn doubt(text: &str, zone: Tz, now: DateTime<Utc>) -> Option<Doubt> {
    if parse(text, zone, now).is_some() {
        return None;
    }
    let folded = spelling::normal(text::fold(text));
    let line = spelling::colons(&folded);
    let days = days::written(&line);
    let around = surroundings(&line, &days).find(|around| !is_unrelated(around.before))?;
    Some(match around.day.date {
        None => Doubt::Impossible,
        Some(date) if date.year() < FIRST_YEAR => Doubt::Old,
        Some(_) => Doubt::Future,
    })
}

/// Whether a line is nothing but a posting date: labels, days, times, weekdays, a view counter,
/// separators, and at least one day, even an impossible one. False for a sentence that mentions a
/// date, for the page's own clock, and for "Hôm nay" with neither a time nor a label: it heads a
/// counter of visits.
pub fn is_stamp_line(line: &str) -> bool {
    is_folded_stamp_line(&text::fold(line))
}

/// As [`is_stamp_line`], of a line that is folded already.
pub(crate) fn is_folded_stamp_line(folded: &str) -> bool {
    may_hold_date(folded) && is_stamp(folded.to_owned())
}

fn is_stamp(folded: String) -> bool {
    let folded = spelling::normal(folded);
    let line = spelling::colons(&folded);
    let days = days::written(&line);
    let dated = !days.is_empty() || relative::is_stamp(&folded, &line);
    if !dated || is_clock(&line, &days) {
        return false;
    }
    // Before the hours get their colons: "2 giờ trước" is no clock.
    match relative::without_ago(&folded) {
        Cow::Borrowed(_) => is_only_stamp(&line, &days),
        Cow::Owned(rest) => is_only_stamp(&spelling::colons(&rest), &days::written(&spelling::colons(&rest))),
    }
}

fn is_only_stamp(line: &str, days: &[Day]) -> bool {
    let mut days = days.iter().peekable();
    let mut at = 0;
    while let Some(rest) = line.get(at..).filter(|rest| !rest.is_empty()) {
        let day = days.next_if(|day| day.span.start == at).and_then(|day| line.get(day.span.end..));
        let Some(behind) = day.or_else(|| behind_part(rest)) else {
            return false;
        };
        at = line.len() - behind.len();
    }
    true
}

/// The text behind a piece that may stand in a line of nothing but a posting date.
fn behind_part(text: &str) -> Option<&str> {
    let time = text.strip_prefix('t').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(text);
    let clock = clock::read(time, false).map(|(_, behind)| behind);
    let sign = || text.strip_prefix(|c: char| !c.is_alphanumeric());
    clock.or_else(|| clock::behind_offset(text)).or_else(sign).or_else(|| words::behind_weekday(text)).or_else(|| words::behind_label(text))
}

/// Whether a text is worth a look for a date, whatever else it says. Never false where there is one.
pub(crate) fn may_tell(text: &str) -> bool {
    let has_digit = text.bytes().fold(false, |has, byte| has | byte.is_ascii_digit());
    has_digit && numbers(text) > 1 || relative::may_be_told_in(text) && may_hold_date(&text::fold(text))
}

/// Whether there are two numbers, a long one, or a word of the spoken forms. Nearly every text of a
/// page ends here.
fn may_hold_date(folded: &str) -> bool {
    numbers(folded) > 1 || relative::may_be_told(folded)
}

/// How many numbers a text holds; a long one may be a whole date and counts twice.
fn numbers(text: &str) -> usize {
    let mut numbers = 0;
    let mut length = 0;
    for byte in text.bytes() {
        length = if byte.is_ascii_digit() { length + 1 } else { 0 };
        numbers += usize::from(length == 1) + usize::from(length == 8);
    }
    numbers
}

/// How surely a date is the posting date, by the words before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Label {
    Unrelated,
    Other,
    Updated,
    Created,
    Posted,
}

fn label(before: &str) -> Label {
    if !before.contains(char::is_alphabetic) {
        Label::Other
    } else if is_labelled(before, &patterns::POSTED) {
        Label::Posted
    } else if is_labelled(before, &patterns::CREATED) {
        Label::Created
    } else if is_labelled(before, &patterns::UPDATED) {
        Label::Updated
    } else if is_labelled(before, &patterns::UNRELATED) {
        Label::Unrelated
    } else {
        Label::Other
    }
}

fn is_labelled(before: &str, label: &Regex) -> bool {
    label.find_iter(before).last().is_some_and(|found| is_near(before.get(found.end()..).unwrap_or_default()))
}

/// As `label` says, at the price of one pattern for nearly every text.
fn is_unrelated(before: &str) -> bool {
    patterns::UNRELATED.is_match(before) && label(before) == Label::Unrelated
}

/// Whether no more than some words and one time stand between a label and the date.
fn is_near(between: &str) -> bool {
    let words = |text: &str| text.chars().take(LABEL_REACH + 1).filter(|c| !c.is_ascii_digit()).count() <= LABEL_REACH;
    let no_digit = |text: &str| !text.contains(|c: char| c.is_ascii_digit());
    let Some(digit) = between.find(|c: char| c.is_ascii_digit()) else {
        return words(between);
    };
    let (head, tail) = between.split_at(digit);
    words(head) && clock::read(tail, false).is_some_and(|(_, behind)| no_digit(behind) && words(behind))
}

fn posted(line: &str, days: &[Day], zone: Tz, now: DateTime<Utc>) -> Option<Stamp> {
    if let [_] = days {
        let only = surroundings(line, days).next()?;
        return if is_unrelated(only.before) { None } else { only.stamp(zone) };
    }
    let mut dated: Vec<(Label, Option<Stamp>)> =
        surroundings(line, days).map(|around| (label(around.before), around.stamp(zone).filter(|stamp| is_credible(stamp, now)))).collect();
    dated.sort_by_key(|(label, _)| Reverse(*label));
    let best = dated.first().map(|(label, _)| *label)?;
    let least = best.min(Label::Updated);
    dated.into_iter().filter(|(label, _)| *label > Label::Unrelated && *label >= least).find_map(|(_, stamp)| stamp)
}

fn is_clock(line: &str, days: &[Day]) -> bool {
    !days.is_empty() && surroundings(line, days).all(|around| is_unrelated(around.before))
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
        let before = || clock::before(self.before, self.day.iso);
        let after = || clock::after(self.after, self.day.iso);
        if self.is_first { before().or_else(after) } else { after().or_else(before) }
    }
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
