//! One spelling for what is written in several: signs, clocks, old machine formats.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::patterns::pattern;

/// Characters of the longest text that `COMPACT` can be.
const LONGEST_COMPACT: usize = 24;
/// NukeViet's mistake for an ISO 8601 time: the offset stands before the time.
static OFFSET_FIRST: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"([0-9]{4}-[0-9]{2}-[0-9]{2})([+-][0-9]{2})([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)"));
/// "Tue Sep 17 16:30:00 ICT 2019": asctime, `date`, and others with the year at the end.
static YEAR_LAST: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b([a-z]{3}) ([0-9]{1,2}) ([0-9]{2}:[0-9]{2}:[0-9]{2}) (?:([a-z]{3,4}|[+-][0-9]{4}) )?([0-9]{4})\b"));
/// "20190917T163000Z", "20190917", "D:20190917163000+07'00'": nothing but digits between the parts.
static COMPACT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^(?:d:)?([0-9]{4})([0-9]{2})([0-9]{2})(?:t?([0-9]{2})([0-9]{2})([0-9]{2})?(z|[+-][0-9]{2}[:']?[0-9]{2})?'?)?$")
});

/// What all clocks without a colon have in common.
static HOUR: LazyLock<Regex> = LazyLock::new(|| pattern("[0-9] ?[gh]"));
/// "16h30", "16 gio30'", "16g30", "16h:30", "16h30p"; "16 gio 30 phut", where a bare number needs a
/// sign that it means minutes (in "16h 17/09" it does not); "16h", "16 gio".
static HOUR_MINUTE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"([0-9]{1,2}) ?(?:(?:gio|h|g)(?: ?: ?)?([0-9]{1,2})(?: ?(?:phut|ph|p)\b|')?",
        r"|(?:gio|h) ([0-9]{1,2})(?: ?(?:phut|ph|p)\b| ?'|( (?:ngay|sang|trua|chieu|toi|sa|ch)\b|,|$))|(?:gio|h)\b)",
    ))
});
/// "kl. 16.30", "klo 16.30", "16.30 Uhr": a point is a colon only beside such a word.
static POINTED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(?:kl|klo|um|ore)\b\.? ([0-9]{1,2})\.([0-9]{2})\b|\b([0-9]{1,2})\.([0-9]{2}) uhr\b"));
/// "14時05分", "14时5分".
static EASTERN: LazyLock<Regex> = LazyLock::new(|| pattern(r"([0-9]{1,2}) ?[時时点] ?(?:([0-9]{1,2}) ?分(?: ?[0-9]{1,2} ?秒)?)?"));
/// "14시 5분", as folding takes it apart.
static KOREAN: LazyLock<Regex> = LazyLock::new(|| {
    let [hour, minute] = ["시", "분"].map(crate::text::fold);
    pattern(&format!("([0-9]{{1,2}}) ?{hour} ?(?:([0-9]{{1,2}}) ?{minute})?"))
});

/// A folded text with one kind of dash, slash and apostrophe, and dates of machines as ISO 8601
/// writes them.
pub(super) fn normal(folded: String) -> String {
    let plain = if folded.is_ascii() { folded } else { folded.chars().map(plain_sign).collect() };
    match mended(&plain) {
        Cow::Owned(mended) => mended,
        Cow::Borrowed(_) => plain,
    }
}

fn mended(plain: &str) -> Cow<'_, str> {
    if plain.len() <= LONGEST_COMPACT && !plain.contains(['/', ' ']) && COMPACT.is_match(plain) {
        return COMPACT.replace(plain, spread);
    }
    let colons = plain.bytes().filter(|byte| *byte == b':').count();
    let offset_first = if colons > 0 && plain.contains('-') { OFFSET_FIRST.replace(plain, "${1}t${3}${2}:00") } else { plain.into() };
    let is_mended = matches!(offset_first, Cow::Owned(_));
    if is_mended || colons < 2 { offset_first } else { YEAR_LAST.replace(plain, "$1 $2 $5 $3 $4") }
}

fn spread(compact: &Captures<'_>) -> String {
    let part = |at| compact.get(at).map_or("", |part| part.as_str());
    let day = format!("{}-{}-{}", part(1), part(2), part(3));
    if part(4).is_empty() {
        return day;
    }
    format!("{day}t{}:{}:{:0>2} {}", part(4), part(5), part(6), part(7).replace('\'', ""))
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
pub(super) fn colons(folded: &str) -> Cow<'_, str> {
    let western = western_colons(folded);
    if western.is_ascii() {
        return western;
    }
    let eastern = EASTERN.replace_all(&western, hour_and_minute);
    KOREAN.replace_all(&eastern, hour_and_minute).into_owned().into()
}

fn hour_and_minute(found: &Captures<'_>) -> String {
    let part = |at| found.get(at).map_or("", |part| part.as_str());
    format!("{}:{:0>2} ", part(1), part(2))
}

fn western_colons(folded: &str) -> Cow<'_, str> {
    let pointed = if folded.contains('.') { POINTED.replace_all(folded, "$1$3:$2$4") } else { folded.into() };
    if !HOUR.is_match(&pointed) {
        return pointed;
    }
    HOUR_MINUTE.replace_all(&pointed, with_colon).into_owned().into()
}

fn with_colon(found: &Captures<'_>) -> String {
    let part = |at| found.get(at).map(|part| part.as_str());
    let hour = part(1).unwrap_or_default();
    match (part(2), part(3)) {
        (Some(minute), _) => format!("{hour}:{minute} "),
        (None, Some(minute)) => format!("{hour}:{minute}{}", part(4).unwrap_or_default()),
        (None, None) => format!("{hour}:00"),
    }
}
