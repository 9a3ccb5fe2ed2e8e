//! What in a line people act on: times and dates, amounts and numbers to call, places, and words
//! that put off or call off.

use std::sync::LazyLock;

use regex::Regex;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::text;

/// A word longer than this that differs by one letter was misspelled (letters).
const MISSPELLED: usize = 3;
/// A place's name is at most so far behind the word that announces it (words).
const REACH: usize = 6;

/// Lines of a page's own bookkeeping, whose numbers change with every look (folded).
const KEPT_BY_PAGES: &[&str] = &[
    "luot xem",
    "luot doc",
    "luot truy cap",
    "lan xem",
    "views",
    "cap nhat luc",
    "cap nhat:",
    "cap nhat lan cuoi",
    "ngay cap nhat",
    "ngay dang",
    "dang luc",
];
/// Words that put off, call off or let off.
const TURNS: &[&str] = &["hoãn", "hủy", "huỷ", "dời", "lùi", "miễn", "hạn", "cấm", "ngừng", "dừng", "không", "chưa"];
/// Such words, where all of the line is new.
const NEWS: &[&str] = &["hoãn", "hủy", "huỷ", "dời", "gia hạn", "đính chính"];
/// Parts of a day, and days.
const TIMES: &[&str] = &["sáng", "trưa", "chiều", "tối", "đêm", "mai", "kia", "nay", "thứ", "chủ", "nhật", "tuần"];
/// Words that announce a place.
const PLACES: &[&str] = &[
    "tại",
    "ở",
    "ngõ",
    "ngách",
    "hẻm",
    "kiệt",
    "tổ",
    "khu",
    "thôn",
    "ấp",
    "phường",
    "xã",
    "quận",
    "huyện",
    "đường",
    "phố",
    "nhà",
    "trụ",
    "trạm",
    "trường",
    "hội",
    "sân",
    "chợ",
    "tòa",
    "toà",
    "phòng",
    "địa",
    "cổng",
    "công",
    "chung",
    "bến",
    "cầu",
];
/// Words that say nothing by themselves.
const LITTLE: &[&str] = &[
    "các", "những", "và", "của", "cho", "để", "được", "sẽ", "đã", "đang", "thì", "là", "có", "này", "đó", "một", "tất", "cả", "toàn",
    "mọi", "từng", "nhiều", "trên", "dưới", "với", "về", "theo", "như", "cũng", "nên", "hãy", "xin", "kính", "quý", "bà", "con", "ông",
    "anh", "chị", "địa", "bàn", "nơi", "vào", "lúc", "ra",
];

static PHONE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\b0\d(?:[ .-]?\d){7,9}\b").ok());
static CLOCK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(\d{1,2})\s?(?:gio|h|g)\s?(\d{1,2})(?:\s?p(?:hut)?)?\b|\b(\d{1,2})\s?(?:gio|h|g)\b|\b(\d{1,2}):(\d{2})\b").ok()
});
static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(\d{1,2})\s?[/.-]\s?(\d{1,2})(?:\s?[/.-]\s?(\d{4}))?\b|\b(\d{1,2}) thang (\d{1,2})(?: nam (\d{4}))?\b").ok()
});
static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\d+(?:[.,]\d+)*[a-z]?").ok());

/// Whether somebody who acted on `was` must know of `is`.
pub(super) fn is_weighty(was: &str, is: &str) -> bool {
    let folded = (text::fold(was), text::fold(is));
    if KEPT_BY_PAGES.iter().any(|words| folded.0.contains(words) || folded.1.contains(words)) {
        return false;
    }
    if was.is_empty() {
        let lower = is.to_lowercase();
        return NEWS.iter().any(|words| says(&lower, words));
    }
    if is.is_empty() {
        return false;
    }
    facts(&folded.0) != facts(&folded.1) || differ_in_words(was, is)
}

/// The numbers of a folded line, each written in one way, in an order that no rewording changes.
fn facts(folded: &str) -> Vec<String> {
    let (mut rest, mut found) = (folded.to_owned(), Vec::new());
    for (pattern, name) in [(&PHONE, "call"), (&CLOCK, "clock"), (&DATE, "date"), (&NUMBER, "number")] {
        let Some(pattern) = pattern.as_ref() else { continue };
        for one in pattern.captures_iter(&rest) {
            found.push(format!("{name} {}", written(name, &one)));
        }
        rest = pattern.replace_all(&rest, " ").into_owned();
    }
    found.sort();
    found
}

fn written(name: &str, one: &regex::Captures<'_>) -> String {
    let whole = one.get(0).map_or("", |m| m.as_str());
    if matches!(name, "call" | "number") {
        return whole.chars().filter(char::is_ascii_alphanumeric).collect();
    }
    let parts: Vec<&str> = one.iter().skip(1).flatten().map(|m| m.as_str().trim_start_matches('0')).collect();
    // Eight o'clock is 8:00.
    let full = name == "clock" && parts.len() == 1;
    if full { format!("{}:", parts.concat()) } else { parts.join(":") }
}

/// One word, as it is compared and as it stands.
struct Word {
    folded: String,
    lower: String,
    /// A comma or a full stop ends what it belongs to.
    ends: bool,
}

fn words(line: &str) -> Vec<Word> {
    let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let one = |word: &str| Word { folded: text::fold(&bare(word)), lower: bare(word), ends: word.ends_with([',', '.', ';', ':', ')']) };
    line.split_whitespace().map(one).filter(|word| !word.folded.is_empty()).collect()
}

fn differ_in_words(was: &str, is: &str) -> bool {
    let (old, new) = (words(was), words(is));
    let key = |words: &[Word]| words.iter().map(|word| word.folded.clone()).collect::<Vec<_>>();
    let differs = |op: &DiffOp| {
        let (gone, come) = (op.old_range(), op.new_range());
        let (lost, won) = (old.get(gone.clone()).unwrap_or_default(), new.get(come.clone()).unwrap_or_default());
        !is_misspelled(lost, won) && (weighs(&old, gone) || weighs(&new, come))
    };
    capture_diff_slices(Algorithm::Myers, &key(&old), &key(&new)).iter().filter(|op| !matches!(op, DiffOp::Equal { .. })).any(differs)
}

/// Whether each word only lost, won or changed a letter.
fn is_misspelled(lost: &[Word], won: &[Word]) -> bool {
    let near = |(a, b): (&Word, &Word)| {
        let long = a.lower.chars().count().min(b.lower.chars().count()) >= MISSPELLED;
        let plain = a.folded.chars().chain(b.folded.chars()).all(char::is_alphabetic);
        long && plain && strsim::damerau_levenshtein(&a.folded, &b.folded) <= 1
    };
    lost.len() == won.len() && lost.iter().zip(won).all(near)
}

/// Whether words of a line that came or went say when, where, or whether at all.
fn weighs(line: &[Word], changed: std::ops::Range<usize>) -> bool {
    let here = line.get(changed.clone()).unwrap_or_default();
    let is_one = |list: &[&str], word: &Word| list.contains(&word.lower.as_str());
    let says_more = here.iter().any(|word| !is_one(LITTLE, word) && !is_one(PLACES, word));
    let day = line.get(changed.start.saturating_sub(1)).filter(|_| changed.start > 0).is_some_and(|word| is_one(&["thứ"], word));
    here.iter().any(|word| is_one(TURNS, word) || is_one(TIMES, word))
        || (day && !here.is_empty())
        || (says_more && in_a_place(line, changed))
}

/// Whether a place is being named: its announcement stands among these words or shortly before.
fn in_a_place(line: &[Word], changed: std::ops::Range<usize>) -> bool {
    let before = line.get(changed.start.saturating_sub(REACH)..changed.start).unwrap_or_default();
    let near = before.iter().rev().take_while(|word| !word.ends || word.lower == "điểm" || word.lower == "chỉ");
    let here = line.get(changed).unwrap_or_default();
    let announces = |word: &Word| PLACES.contains(&word.lower.as_str());
    here.iter().any(announces) || near.into_iter().any(announces)
}

/// Whether a line in lower case says these words, and not as a part of others.
fn says(line: &str, words: &str) -> bool {
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    line.match_indices(words).any(|(at, found)| {
        let (before, after) = (line.get(..at).unwrap_or_default(), line.get(at + found.len()..).unwrap_or_default());
        !is_letter(before.chars().next_back()) && !is_letter(after.chars().next())
    })
}
