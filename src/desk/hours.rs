//! Times of the day, its parts and the days of the week, as people write them: "22h", "22 giờ",
//! "10 giờ tối", "22:00", "từ 21h30 đến 6h", "ban đêm", "thứ Hai".

use chrono::{NaiveTime, TimeDelta};
use unicode_normalization::UnicodeNormalization as _;

use super::days::{PARTS, Part};
use crate::text;

/// From a time of the day to another, over midnight where the second is earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: NaiveTime,
    pub(super) to: NaiveTime,
}

impl Span {
    fn has(self, time: NaiveTime) -> bool {
        if self.from > self.to { time >= self.from || time < self.to } else { time >= self.from && time < self.to }
    }

    /// Whether some time is in both.
    pub(super) fn overlaps(self, other: Self) -> bool {
        self.has(other.from) || other.has(self.from)
    }
}

/// What was read; not sure where people may have meant another half of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Read<T> {
    pub(super) what: T,
    pub(super) sure: bool,
}

/// Hours in words.
const NUMBERS: &[(&str, u32)] = &[
    ("mười một", 11),
    ("mười hai", 12),
    ("một", 1),
    ("hai", 2),
    ("ba", 3),
    ("bốn", 4),
    ("năm", 5),
    ("sáu", 6),
    ("bảy", 7),
    ("tám", 8),
    ("chín", 9),
    ("mười", 10),
];

const HOUR: &[&str] = &["giờ", "h", "g"];
const FROM: &[&str] = &["trong khoảng từ", "khoảng từ", "từ lúc", "từ", "from", "between"];
const TO: &[&str] = &["cho đến", "cho tới", "đến", "tới", "-", "to", "until", "till"];
const AFTER: &[&str] = &["từ sau", "sau", "after"];
const BEFORE: &[&str] = &["và trước", "trước", "before"];
const ONWARDS: &[&str] = &["trở đi", "về sau", "onwards"];

/// A time as it was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Said {
    hour: u32,
    minute: u32,
    /// Of which half of the day was not said.
    bare: bool,
}

impl Said {
    pub(super) fn at(self) -> Option<NaiveTime> {
        clock(self.hour % 24, self.minute)
    }

    /// The same where the part of the day was said elsewhere.
    pub(super) fn within(self, part: Option<Part>) -> Option<NaiveTime> {
        let hour = part.filter(|_| self.bare).and_then(|part| part.hour(self.hour)).unwrap_or(self.hour);
        clock(hour % 24, self.minute)
    }
}

pub(super) fn clock(hour: u32, minute: u32) -> Option<NaiveTime> {
    NaiveTime::from_hms_opt(hour, minute, 0)
}

/// Words, numbers and the few marks that matter, in small letters; `22h30` is three of them.
pub(super) fn pieces(said: &str) -> Vec<String> {
    #[derive(PartialEq, Clone, Copy)]
    enum Sort {
        Letter,
        Digit,
        Mark,
        Gap,
    }
    let mut pieces: Vec<String> = Vec::new();
    let mut last = Sort::Gap;
    for c in said.nfc().flat_map(char::to_lowercase) {
        let c = match c {
            '–' | '—' | '~' | '→' => '-',
            '\n' | '!' => '.',
            other => other,
        };
        let sort = match c {
            c if c.is_ascii_digit() => Sort::Digit,
            c if c.is_alphanumeric() => Sort::Letter,
            ':' | '-' | '?' | '.' | ',' | ';' | '/' | '+' | '&' => Sort::Mark,
            _ => Sort::Gap,
        };
        match pieces.last_mut() {
            Some(piece) if sort == last && matches!(sort, Sort::Letter | Sort::Digit) => piece.push(c),
            _ if sort != Sort::Gap => pieces.push(c.to_string()),
            _ => {}
        }
        last = sort;
    }
    apart(pieces)
}

/// "7hsáng" is three of them as well.
fn apart(pieces: Vec<String>) -> Vec<String> {
    let mut apart: Vec<String> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let behind_number = apart.last().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_digit()));
        let glued = HOUR.iter().filter(|_| behind_number).find_map(|hour| {
            let part = piece.strip_prefix(hour).or_else(|| piece.strip_prefix(&text::fold(hour)));
            let part = part.filter(|part| longest(&[(*part).to_owned()], PARTS).is_some())?;
            Some([(*hour).to_owned(), part.to_owned()])
        });
        match glued {
            Some(two) => apart.extend(two),
            None => apart.push(piece),
        }
    }
    apart
}

/// Whether a piece is a word. One typed with its accents must be that word.
pub(super) fn is(piece: &str, word: &str) -> bool {
    piece == word || piece == text::fold(word)
}

/// The pieces behind a phrase.
pub(super) fn behind<'a>(pieces: &'a [String], phrase: &str) -> Option<&'a [String]> {
    let mut rest = pieces;
    for want in phrase.split(' ') {
        let (piece, behind) = rest.split_first()?;
        if !is(piece, want) {
            return None;
        }
        rest = behind;
    }
    Some(rest)
}

/// What the longest of these phrases means with which the pieces begin.
pub(super) fn longest<'a, T: Copy>(pieces: &'a [String], phrases: &[(&str, T)]) -> Option<(T, &'a [String])> {
    let fits = phrases.iter().filter_map(|(phrase, means)| Some((*means, behind(pieces, phrase)?)));
    fits.min_by_key(|(_, rest)| rest.len())
}

fn one_of<'a>(pieces: &'a [String], phrases: &[&str]) -> Option<&'a [String]> {
    phrases.iter().filter_map(|phrase| behind(pieces, phrase)).min_by_key(|rest| rest.len())
}

fn number(pieces: &[String]) -> Option<(u32, &[String])> {
    let (first, rest) = pieces.split_first()?;
    let written = (first.len() <= 2).then(|| first.parse().ok()).flatten().filter(|hour| *hour <= 24);
    written.map(|hour| (hour, rest))
}

/// A time of the day.
pub(super) fn time(pieces: &[String]) -> Option<(Said, &[String])> {
    let pieces = one_of(pieces, &["lúc", "vào lúc", "at"]).unwrap_or(pieces);
    let spelled = || longest(pieces, NUMBERS).filter(|(_, rest)| one_of(rest, HOUR).is_some());
    let (hour, rest) = number(pieces).or_else(spelled)?;
    let (minute, exact, rest, marked) = match minutes_of_clock(rest) {
        Some((minute, rest)) => (minute, true, rest, true),
        None => match one_of(rest, HOUR) {
            Some(rest) => {
                let (minute, rest) = minutes(rest);
                (minute, false, rest, true)
            }
            None => (0, false, rest, false),
        },
    };
    if let Some((hour, rest)) = half(hour, rest) {
        return Some((Said { hour, minute, bare: false }, rest));
    }
    if let Some((part, behind)) = longest(rest, PARTS)
        && let Some(hour) = part.hour(hour)
    {
        return Some((Said { hour, minute, bare: false }, behind));
    }
    let bare = !exact && (1..=12).contains(&hour) && pieces.first().is_some_and(|first| !first.starts_with('0'));
    marked.then_some((Said { hour, minute, bare }, rest))
}

/// The English halves of the day.
fn half(hour: u32, rest: &[String]) -> Option<(u32, &[String])> {
    let (late, rest) = longest(rest, &[("am", false), ("pm", true)])?;
    (1..=12).contains(&hour).then(|| (hour % 12 + if late { 12 } else { 0 }, rest))
}

fn minutes_of_clock(rest: &[String]) -> Option<(u32, &[String])> {
    let [colon, minute, rest @ ..] = rest else { return None };
    let minute: u32 = (colon == ":" && minute.len() == 2).then(|| minute.parse().ok()).flatten()?;
    Some((minute, one_of(rest, HOUR).unwrap_or(rest))).filter(|(minute, _)| *minute < 60)
}

/// The minutes behind "22h", where there are any; "22h 6h" are two times.
fn minutes(rest: &[String]) -> (u32, &[String]) {
    if let Some(rest) = one_of(rest, &["rưỡi", "rưởi"]) {
        return (30, rest);
    }
    let Some((first, behind)) = rest.split_first() else { return (0, rest) };
    match first.parse().ok().filter(|minute: &u32| *minute < 60 && first.len() <= 2) {
        Some(minute) if one_of(behind, HOUR).is_none() => (minute, one_of(behind, &["phút", "p"]).unwrap_or(behind)),
        _ => (0, rest),
    }
}

/// A number that is a time only because of what stands beside it.
fn plain(pieces: &[String]) -> Option<(Said, &[String])> {
    number(pieces).map(|(hour, rest)| (Said { hour, minute: 0, bare: (1..=12).contains(&hour) }, rest))
}

/// From a time to a time.
pub(super) fn span(pieces: &[String]) -> Option<(Read<Span>, &[String])> {
    if let Some(rest) = one_of(pieces, AFTER) {
        return after(rest);
    }
    if let Some(rest) = one_of(pieces, BEFORE) {
        let (to, rest) = time(rest)?;
        return Some((Read { what: Span { from: clock(22, 0)?, to: to.at()? }, sure: true }, rest)).filter(|(read, _)| is_span(read));
    }
    let begun = one_of(pieces, FROM);
    let pieces = begun.unwrap_or(pieces);
    let (from, rest) = time(pieces).or_else(|| plain(pieces))?;
    if let Some(rest) = one_of(rest, ONWARDS).filter(|_| begun.is_some()) {
        return onwards(from, rest);
    }
    let rest = one_of(rest, TO)?;
    let (to, rest) = time(rest).or_else(|| begun.and_then(|_| plain(rest)))?;
    Some((between(from, to)?, rest))
}

fn after(rest: &[String]) -> Option<(Read<Span>, &[String])> {
    let (from, rest) = time(rest)?;
    let end = one_of(rest, BEFORE).or_else(|| one_of(rest, TO)).and_then(time);
    match end {
        Some((to, rest)) => Some((between(from, to)?, rest)),
        None => onwards(from, rest),
    }
}

/// Until the morning.
fn onwards(from: Said, rest: &[String]) -> Option<(Read<Span>, &[String])> {
    let morning = Said { hour: 6, minute: 0, bare: true };
    let read = between(from, morning)?;
    Some((Read { sure: read.sure && !from.bare, ..read }, rest))
}

/// "Từ 10h đến 6h" means the night, and "12h đến 2h" the noon, most likely.
fn between(from: Said, to: Said) -> Option<Read<Span>> {
    let length = (to.at()? - from.at()?).num_minutes().rem_euclid(TimeDelta::days(1).num_minutes());
    let long = from.bare && length > TimeDelta::hours(12).num_minutes();
    let noon = from.bare && to.bare && matches!(from.hour, 11 | 12) && matches!(to.hour, 1..=3);
    let (from_hour, to_hour) = match (noon, long, from.hour) {
        (true, _, _) => (from.hour, to.hour + 12),
        (false, true, 7..=12) => ((from.hour + 12) % 24, to.hour),
        (false, _, _) => (from.hour, to.hour),
    };
    let sure = (from_hour, to_hour) == (from.hour, to.hour);
    let span = Span { from: clock(from_hour % 24, from.minute)?, to: clock(to_hour % 24, to.minute)? };
    Some(Read { what: span, sure }).filter(is_span)
}

fn is_span(read: &Read<Span>) -> bool {
    read.what.from != read.what.to
}

#[cfg(test)]
#[path = "hours_tests.rs"]
mod tests;
