//! The time of day beside a day, in folded text in which every clock has its colon.

use std::sync::LazyLock;

use super::words::behind_gap;
use chrono::{FixedOffset, NaiveTime};

/// The furthest offset from UTC that any place keeps.
const FURTHEST_OFFSET: i32 = 14 * 3600;
/// Half days, written behind the time.
const HALVES: &[(&str, Half)] = &[
    ("sang", Half::Morning),
    ("sa", Half::Morning),
    ("a.m", Half::Morning),
    ("am", Half::Morning),
    ("trua", Half::Noon),
    ("chieu", Half::Afternoon),
    ("ch", Half::Afternoon),
    ("toi", Half::Afternoon),
    ("p.m", Half::Afternoon),
    ("pm", Half::Afternoon),
];
/// Half days, written before the time.
const HALVES_BEFORE: &[(&str, Half)] =
    &[("午前", Half::Morning), ("上午", Half::Morning), ("午後", Half::Afternoon), ("下午", Half::Afternoon)];
/// Korean, as folding takes it apart.
static KOREAN_HALVES: LazyLock<[(String, Half); 2]> =
    LazyLock::new(|| [(crate::text::fold("오전"), Half::Morning), (crate::text::fold("오후"), Half::Afternoon)]);
/// Offsets that a name stands for, of hours. Names of several zones (CST, IST, BST) are not read.
const ZONES: &[(&str, &str)] = &[
    ("gmt", "+00:00"),
    ("utc", "+00:00"),
    ("z", "+00:00"),
    ("ict", "+07:00"),
    ("est", "-05:00"),
    ("edt", "-04:00"),
    ("mst", "-07:00"),
    ("mdt", "-06:00"),
    ("pst", "-08:00"),
    ("pdt", "-07:00"),
    ("cet", "+01:00"),
    ("cest", "+02:00"),
    ("jst", "+09:00"),
    ("kst", "+09:00"),
];
#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Morning,
    Noon,
    Afternoon,
}

/// A time of day, perhaps with its own offset.
pub(super) struct Clock {
    pub(super) time: NaiveTime,
    /// "24:00": the midnight that ends the day.
    pub(super) ends_day: bool,
    pub(super) offset: Option<FixedOffset>,
}

/// The time right after a day, with at most words like "lúc" and a weekday before it. `iso`: a
/// machine wrote the day, so a bare "-05:00" behind the time is an offset.
pub(super) fn after(text: &str, iso: bool) -> Option<Clock> {
    let text = if text.contains(':') { behind_gap(text) } else { return None };
    read(text, iso)?.0
}

/// The time right before a day.
pub(super) fn before(text: &str, iso: bool) -> Option<Clock> {
    let mut ends = text.rmatch_indices(':').map(|(colon, _)| hour_start(text, colon));
    let start = ends.find(|start| text.get(..*start).is_some_and(|head| !head.ends_with(|c: char| c == ':' || c.is_ascii_digit())))?;
    let (clock, behind) = read(text.get(start..)?, iso)?;
    clock.filter(|_| behind_gap(behind).is_empty())
}

/// Where the number before a colon begins.
fn hour_start(text: &str, colon: usize) -> usize {
    let head = text.get(..colon).unwrap_or_default();
    head.trim_end().trim_end_matches(|c: char| c.is_ascii_digit()).len()
}

/// Reads the time that a text begins with, `None` for a time that no day has; gives the text behind
/// it.
pub(super) fn read(text: &str, iso: bool) -> Option<(Option<Clock>, &str)> {
    let (early, text) = half_before(text);
    let (hour, rest) = number(text)?;
    let (minute, rest) = colon_number(rest)?;
    let (second, rest) = colon_number(rest).map_or((None, rest), |(second, rest)| (Some(second), behind_fraction(rest)));
    let rest = rest.strip_prefix('\'').unwrap_or(rest);
    let (late, behind) = half_behind(rest);
    let second = second.filter(|second| *second < 60).unwrap_or(0);
    let ends_day = (hour, minute, second) == (24, 0, 0);
    let hour = if ends_day { 0 } else { hour_of_day(hour, early.or(late)) };
    let time = NaiveTime::from_hms_opt(hour, minute, second);
    Some((time.map(|time| Clock { time, ends_day, offset: offset(behind, iso) }), behind))
}

/// A number of one or two digits.
fn number(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = digits(text).filter(|(digits, _)| digits.len() <= 2)?;
    Some((digits.parse().ok()?, rest))
}

fn colon_number(text: &str) -> Option<(u32, &str)> {
    let text = text.strip_prefix(' ').unwrap_or(text).strip_prefix(':')?;
    number(text.strip_prefix(' ').unwrap_or(text))
}

fn behind_fraction(text: &str) -> &str {
    let fraction = text.strip_prefix(['.', ',']).filter(|digits| digits.starts_with(|c: char| c.is_ascii_digit()));
    fraction.map_or(text, |digits| digits.trim_start_matches(|c: char| c.is_ascii_digit()))
}

fn half_before(text: &str) -> (Option<Half>, &str) {
    if text.is_ascii() {
        return (None, text);
    }
    let korean = KOREAN_HALVES.iter().map(|(word, half)| (word.as_str(), *half));
    let mut all = HALVES_BEFORE.iter().copied().chain(korean);
    let found = all.find_map(|(word, half)| Some((half, text.strip_prefix(word)?)));
    found.map_or((None, text), |(half, rest)| (Some(half), rest.trim_start()))
}

fn half_behind(text: &str) -> (Option<Half>, &str) {
    let word = text.trim_start_matches(' ');
    let found = HALVES.iter().find_map(|(name, half)| {
        let rest = word.strip_prefix(name).filter(|rest| !rest.starts_with(char::is_alphanumeric))?;
        Some((*half, rest.strip_prefix('.').unwrap_or(rest)))
    });
    found.map_or((None, text), |(half, rest)| (Some(half), rest))
}

/// SA is the morning, CH the afternoon; an hour past twelve needs neither. "1 giờ trưa" is 13:00,
/// "11 giờ trưa" is 11:00.
fn hour_of_day(hour: u32, half: Option<Half>) -> u32 {
    match (half, hour) {
        (Some(Half::Morning), 12) => 0,
        (Some(Half::Afternoon), 0..12) | (Some(Half::Noon), 0..5) => hour + 12,
        (None | Some(Half::Morning | Half::Noon | Half::Afternoon), _) => hour,
    }
}

/// "(GMT+7)", "UTC +07:00", "Z", "+0700", "-05:00", "+07", behind a time.
fn offset(behind: &str, iso: bool) -> Option<FixedOffset> {
    let Zone { name, sign, hours, minutes, has_colon, .. } = zone(behind)?;
    let told = match (name, sign) {
        (name, "") => ZONES.iter().find(|(zone, _)| *zone == name).map_or("+00:00", |(_, offset)| offset).to_owned(),
        // "8:00-11:30" is from when till when, unless a machine wrote it.
        ("", "-") if !iso && (has_colon || minutes.is_empty()) => return None,
        (_, sign) => format!("{sign}{hours:0>2}:{minutes:0>2}"),
    };
    let offset: FixedOffset = told.parse().ok()?;
    (offset.local_minus_utc().abs() <= FURTHEST_OFFSET).then_some(offset)
}

/// The text behind an offset that it begins with.
pub(super) fn behind_offset(text: &str) -> Option<&str> {
    zone(text).map(|zone| zone.behind)
}

/// An offset as it is written.
struct Zone<'a> {
    name: &'a str,
    sign: &'a str,
    hours: &'a str,
    minutes: &'a str,
    has_colon: bool,
    behind: &'a str,
}

fn zone(text: &str) -> Option<Zone<'_>> {
    let start = text.trim_start_matches([' ', ',', '(']);
    let named = ZONES.iter().find_map(|(name, _)| behind_word(start, name).map(|behind| (*name, behind)));
    let (name, rest) = named.unwrap_or(("", start));
    let signed = signed_hours(rest, !name.is_empty()).map(|zone| Zone { name, ..zone });
    let alone = named.map(|(name, behind)| Zone { name, sign: "", hours: "", minutes: "", has_colon: false, behind });
    signed.or(alone)
}

fn behind_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    text.strip_prefix(word).filter(|rest| !rest.starts_with(char::is_alphanumeric))
}

/// "+07:00", "-0500", "+07"; behind a name also "+7" and " + 7".
fn signed_hours(text: &str, is_named: bool) -> Option<Zone<'_>> {
    let text = if is_named { text.trim_start() } else { text };
    let (sign, rest) = text.split_at_checked(1).filter(|(sign, _)| matches!(*sign, "+" | "-"))?;
    let rest = if is_named { rest.trim_start() } else { rest };
    let (hours, rest) = digits(rest).filter(|(hours, _)| hours.len() == 2 || is_named || hours.len() == 4)?;
    let (hours, joined) = hours.split_at_checked(2).unwrap_or((hours, ""));
    let apart = rest.strip_prefix(':').and_then(digits).filter(|(minutes, _)| minutes.len() == 2 && joined.is_empty());
    let (minutes, behind) = apart.unwrap_or((joined, rest));
    let fits = matches!(minutes.len(), 0 | 2) && !behind.starts_with(char::is_alphanumeric);
    fits.then_some(Zone { name: "", sign, hours, minutes, has_colon: apart.is_some(), behind })
}

fn digits(text: &str) -> Option<(&str, &str)> {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    text.strip_suffix(rest).filter(|digits| (1..=4).contains(&digits.len())).map(|digits| (digits, rest))
}
