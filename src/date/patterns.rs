//! The ways dates are written, as patterns over folded text: lower case, no accents, single blanks.

use regex::{Regex, RegexSet};
use std::sync::LazyLock;

/// Which of the three numbers of a day comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Ymd,
    Dmy,
    Mdy,
}

/// One way to write a day: three groups, in this order.
pub(super) struct Shape {
    pub(super) regex: Regex,
    pub(super) order: Order,
}

// "nam" is both five and year; the pattern below sorts it out by trying the month first.
const VI_MONTHS: [&str; 12] = ["mot", "hai", "ba", "tu", "nam", "sau", "bay", "tam", "chin", "muoi", "muoi mot", "muoi hai"];
const EN_MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const VI_WORD: &str = "muoi hai|muoi mot|muoi|mot|hai|ba|tu|nam|sau|bay|tam|chin";
const EN_WORD: &str = "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?\
    |sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?";
const WEEKDAY: &str =
    concat!(r"(?:thu (?:hai|ba|tu|nam|sau|bay|[2-7])|chu nhat|cn", r"|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?)\b",);
const CLOCK: &str = concat!(
    r"(?P<clock>(?P<hour>[0-9]{1,2}) ?: ?(?P<minute>[0-9]{1,2})",
    r"(?: ?: ?(?P<second>[0-9]{1,2})(?:[.,][0-9]+)?)?'?",
    r"(?: ?(?P<half>sa|sang|am|a\.m|ch|chieu|toi|pm|p\.m)\b\.?)?)",
);
const SPANS: &str = r"(?:(?:[0-9]{1,4}|mot) ?(?:giay|phut|gio|tieng|ngay|tuan|thang|nam)\b ?(?:va )?)+";
const VIEWS: &str = concat!(
    r"(?:so )?(?:luot|lan) (?:xem|doc|truy cap)\b[ :(]*(?:[0-9][0-9.,]*)?",
    r"|[0-9][0-9.,]* ?(?:(?:luot|lan) (?:xem|doc|truy cap)|views?)\b",
    r"|(?:views?|da xem)\b[ :]*[0-9][0-9.,]*",
);
const LABEL: &str = "ngay|dang|luc|vao|hoi|gio|phut|thoi gian|tin|bai|bai viet|tai|gui|tao|dua|xuat ban|cap nhat\
    |lan cuoi|publish(?:ed)?|post(?:ed)?|last|updated?|modified|on|at|date|time";
/// What may stand between a day and its time.
const GAP: &str =
    concat!(r"(?:[ ,;|()\[\]@'._·•*/:-]|ngay|luc|vao|hoi|at|on|t|thoi gian|gio|phut", r"|(?:gmt|utc|ict|z)?(?: ?[+][0-9:]+)?)*",);

/// The ways to write a day.
pub(super) static SHAPES: LazyLock<Vec<Shape>> =
    LazyLock::new(|| day_patterns().into_iter().map(|(order, text)| Shape { regex: pattern(&text), order }).collect());

/// The same, asked all at once which of them occur.
pub(super) static ANY_SHAPE: LazyLock<RegexSet> = LazyLock::new(|| {
    RegexSet::new(day_patterns().map(|(_, text)| text)).unwrap_or_else(|error| unreachable!("constant patterns: {error}"))
});

/// NukeViet's mistake for an ISO 8601 time: the offset stands before the time.
pub(super) static OFFSET_FIRST: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"([0-9]{4}-[0-9]{2}-[0-9]{2})([+-][0-9]{2})([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)"));

/// What all clocks without a colon have in common.
pub(super) static HOUR: LazyLock<Regex> = LazyLock::new(|| pattern("[0-9] ?[gh]"));
/// "16h30", "16 gio30'", "16g30".
pub(super) static HOUR_MINUTE: LazyLock<Regex> = LazyLock::new(|| pattern(r"([0-9]{1,2}) ?(?:gio|h|g)([0-9]{1,2})(?: ?phut\b|')?"));
/// "16 gio 30 phut". A bare number needs a sign that it means minutes: in "16h 17/09" it does not.
pub(super) static HOUR_BARE_MINUTE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"([0-9]{1,2}) ?(?:gio|h) ([0-9]{1,2})( ?phut\b| ?'| ngay\b|,|$)"));
/// "16h", "16 gio".
pub(super) static HOUR_ALONE: LazyLock<Regex> = LazyLock::new(|| pattern(r"([0-9]{1,2}) ?(?:gio|h)\b"));

/// A time right before the day, at the end of what precedes it.
pub(super) static CLOCK_BEFORE: LazyLock<Regex> = LazyLock::new(|| pattern(&format!("(?:^|[^0-9:]){CLOCK}(?:{GAP}|{WEEKDAY})*$")));
/// A time right after the day, at the start of what follows it.
pub(super) static CLOCK_AFTER: LazyLock<Regex> = LazyLock::new(|| pattern(&format!("^(?:{GAP}|{WEEKDAY})*?{CLOCK}")));

/// "(gmt+7)", "utc +07:00", "z", behind a time.
pub(super) static NAMED_OFFSET: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"^[ ,(]*(?P<name>gmt|utc|ict|z)\b",
        r"(?: ?(?P<sign>[+-]) ?(?P<hours>[0-9]{1,2})(?P<colon>:)?(?P<minutes>[0-9]{2})?\b)?",
    ))
});
/// "+0700", "-05:00", "+07", behind a time.
pub(super) static BARE_OFFSET: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^ ?(?P<sign>[+-])(?P<hours>[0-9]{2})(?P<colon>:)?(?P<minutes>[0-9]{2})?\b"));

/// The label of the posting date, at the end of what precedes it.
pub(super) static POSTED: LazyLock<Regex> = LazyLock::new(|| {
    label(concat!(
        "ngay dang|dang (?:luc|ngay|tai|vao|tin|bai|boi)|dang ?:|xuat ban|dua tin|ngay dua",
        "|ngay tao|ngay gui|publish(?:ed)?|post(?:ed)?",
    ))
});
/// The label of the last change.
pub(super) static UPDATED: LazyLock<Regex> = LazyLock::new(|| label("cap nhat|sua lan cuoi|chinh sua|updated?|modified"));
/// The label of the page's own clock.
pub(super) static TODAY_IS: LazyLock<Regex> = LazyLock::new(|| label("hom nay|bay gio"));

/// A day told from today.
pub(super) static SPOKEN: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bhom (nay|qua|kia)\b"));
/// How long ago, rounded.
pub(super) static AGO: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(r"\b(?:(?P<spans>{SPANS})truoc\b|cach day (?P<since>{SPANS})|(?:vua xong|vai (?:giay|phut) truoc)\b)"))
});
/// One of the spans of `AGO`: a number and a unit.
pub(super) static SPAN: LazyLock<Regex> = LazyLock::new(|| pattern("([0-9]{1,4}|mot) ?(giay|phut|gio|tieng|ngay|tuan|thang|nam)"));

/// Anything that a line of nothing but a posting date may hold beside separators.
pub(super) static STAMP_PART: LazyLock<Regex> = LazyLock::new(|| {
    let days = day_patterns().map(|(_, text)| text).join("|");
    let offset = r"\b(?:gmt|utc|ict)\b(?: ?[+-] ?[0-9:]{1,5}\b)?|[+-][0-9]{2}:?[0-9]{2}\b|z\b";
    let words = format!(r"\bhom (?:nay|qua|kia)\b|\b{WEEKDAY}|\b(?:{LABEL})\b");
    pattern(&format!("t?{CLOCK}|{days}|{VIEWS}|{offset}|{words}"))
});

fn day_patterns() -> [(Order, String); 9] {
    let numbers = |separator: &str| format!("([0-9]{{1,2}}) ?{separator} ?([0-9]{{1,2}}) ?{separator} ?([0-9]{{4}}|[0-9]{{2}})");
    [
        (Order::Ymd, "([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})".to_owned()),
        (Order::Dmy, numbers("/")),
        (Order::Dmy, numbers("-")),
        (Order::Dmy, numbers(r"\.")),
        (Order::Dmy, format!(r"([0-9]{{1,2}})[ ,/.-]*(?:thang|thg|th)\.? ?([0-9]{{1,2}}|{VI_WORD})\b[ ,/.-]*(?:nam)? ?([0-9]{{4}})")),
        (Order::Mdy, format!(r"\b(?:thang|thg)\.? ?([0-9]{{1,2}}|{VI_WORD}) (?:ngay )?([0-9]{{1,2}}),? (?:nam )?([0-9]{{4}})")),
        (Order::Dmy, format!(r"([0-9]{{1,2}})(?:st|nd|rd|th)?[ -]?({EN_WORD})\b\.?,?[ -]([0-9]{{4}})")),
        (Order::Mdy, format!(r"\b({EN_WORD})\b\.? ([0-9]{{1,2}})(?:st|nd|rd|th)?,? ([0-9]{{4}})")),
        // Old mail and HTTP dates. The weekday tells them from "17 máy 20 người".
        (Order::Dmy, format!(r"[a-z]{{3}}, ([0-9]{{1,2}})[ -]({EN_WORD})[ -]([0-9]{{2}})\b")),
    ]
}

/// A label near the end of the text, with nothing but words and at most one time behind it.
fn label(words: &str) -> Regex {
    pattern(&format!(r"\b(?:{words})(?:\b|[ :])[^0-9]{{0,40}}(?:{CLOCK}[^0-9]{{0,40}})?$"))
}

pub(super) fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| unreachable!("a constant pattern: {error}"))
}

/// The number of a month written in digits, in Vietnamese or in English. `None` for no month.
pub(super) fn month(word: &str) -> Option<u32> {
    let spelled = || (1..).zip(VI_MONTHS.iter().zip(EN_MONTHS));
    let named = || spelled().find(|(_, (vi, en))| **vi == word || word.starts_with(en)).map(|(month, _)| month);
    word.parse().ok().or_else(named)
}
