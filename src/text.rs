//! Text as people wrote it, made fit for storing, searching, showing and cutting.
//!
//! Everything here is a pure function of a string. Lengths are UTF-16 units where a chat platform
//! counts them so, and nothing ever cuts inside a grapheme unless that grapheme alone is over the
//! limit.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
use unicode_segmentation::UnicodeSegmentation;

mod blanks;
mod folding;
mod hosts;

use blanks::{is_blank, squeeze};
pub(crate) use hosts::{honest, mixes_alphabets, shown, shown_host};

/// Marks allowed on one letter. Vietnamese needs two; more than this only climbs over the
/// neighbouring lines.
const MAX_MARKS: usize = 8;
/// Longest slug in bytes: it becomes a file name and a part of an address.
const MAX_SLUG: usize = 64;
/// Longest stored title in characters.
const MAX_TITLE: usize = 300;
const ELLIPSIS: char = '…';

/// Makes any text safe to store and to write into XML.
///
/// NFC, one kind of line break (`\n`), no character that XML 1.0 forbids, no invisible one (zero
/// width, soft hyphen, direction controls; the joiner inside an emoji stays), at most eight
/// combining marks in a row. Blanks and private-use characters are kept.
pub fn clean(s: &str) -> String {
    cleaned(s).into_owned()
}

fn cleaned(s: &str) -> Cow<'_, str> {
    if is_clean(s) {
        return s.into();
    }
    // Nothing composes or joins across a blank, so that one odd character costs only its word.
    let mut out = String::with_capacity(s.len());
    for word in s.split_inclusive(' ') {
        if is_clean(word) {
            out.push_str(word);
        } else {
            clean_slowly(word, &mut out);
        }
    }
    out.into()
}

fn clean_slowly(s: &str, out: &mut String) {
    let visible = without_invisible(s);
    // Twice, because a starter may compose with the letter before it once the marks between them
    // are dropped.
    out.extend(bounded_marks(visible.nfc()).nfc());
}

/// A text of one line, for titles and names: `clean`, every run of white space one blank, none at
/// the ends, and no private-use character, which would show as a box.
pub fn line(s: &str) -> String {
    if is_of_common(s) {
        return squeeze(s).into_owned();
    }
    let cleaned = cleaned(s);
    let shown = if cleaned.contains(is_private_use) { cleaned.replace(is_private_use, "").into() } else { cleaned };
    squeeze(&shown).into_owned()
}

/// A text of several paragraphs: `clean`, blanks squeezed within each line, at most one empty line
/// in a row, none at the ends.
pub fn paragraphs(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    let mut gap = "";
    for line in cleaned(s).lines().map(squeeze) {
        if line.is_empty() {
            gap = if out.is_empty() { "" } else { "\n\n" };
        } else {
            out.push_str(gap);
            out.push_str(&line);
            gap = "\n";
        }
    }
    out
}

/// The form two texts are compared in for search: no accents, đ as d, lower case, blanks squeezed
/// to one.
///
/// Compatibility forms become plain ones (full-width digits, the "bold" letters people paste from
/// other networks). "Đảng ủy" becomes "dang uy". Folding twice changes nothing.
pub fn fold(s: &str) -> String {
    folding::in_one_pass(s).unwrap_or_else(|| folded_by_words(s))
}

/// Nothing composes or joins across a blank, so that one odd character costs only its word.
fn folded_by_words(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    for word in s.split(' ') {
        let folded = folding::in_one_pass(word).unwrap_or_else(|| fold_slowly(word));
        if !out.is_empty() && !folded.is_empty() {
            out.push(' ');
        }
        out.push_str(&folded);
    }
    out
}

fn fold_slowly(s: &str) -> String {
    let folded: String =
        cleaned(s).nfkd().flat_map(char::to_lowercase).filter(|c| !is_combining_mark(*c) && *c != '\u{200D}').map(plain_d).collect();
    squeeze(&folded).into_owned()
}

/// Whether a text that is already folded contains `needle` as whole words; accents and case of the
/// needle do not matter. An empty needle is never contained.
pub fn contains_folded(haystack_folded: &str, needle: &str) -> bool {
    let needle = fold(needle);
    let Some(first) = needle.chars().next() else {
        return false;
    };
    let mut from = 0;
    while let Some((before, after)) = haystack_folded.split_at_checked(from) {
        let Some(at) = after.find(&needle) else {
            return false;
        };
        let end = from + at + needle.len();
        if is_word_edge(haystack_folded, before.len() + at) && is_word_edge(haystack_folded, end) {
            return true;
        }
        from += at + first.len_utf8();
    }
    false
}

/// Whether `haystack` contains `needle` as whole words, whatever the accents and the case of
/// either. For many needles fold the haystack once and use `contains_folded`.
pub fn matches(haystack: &str, needle: &str) -> bool {
    contains_folded(&fold(haystack), needle)
}

/// The length in UTF-16 units, which is how Telegram and Zalo count.
pub fn utf16_len(s: &str) -> usize {
    s.chars().map(char::len_utf16).sum()
}

/// The text itself when it fits in `limit_utf16` units; else as many whole words as fit with "…"
/// behind them.
///
/// A text without blanks is cut between graphemes. A limit of 0 gives an empty text.
pub fn cut(s: &str, limit_utf16: usize) -> String {
    cut_by(s, limit_utf16, char::len_utf16)
}

/// Splits a plain text into parts of at most `limit_utf16` units each.
///
/// It breaks between paragraphs, else lines, else sentences, else words, else graphemes; a break so
/// early that the part would be under a quarter full gives way to the next kind. Only white space
/// at the breaks is lost, and no part is blank: a blank text has no parts. One grapheme over the
/// limit is cut inside; the limit must be at least 2, or a character of two units makes a part of
/// 2.
pub fn split(s: &str, limit_utf16: usize) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = s.trim_matches(is_blank);
    while let Some((part, after)) = rest.split_at_checked(part_end(rest, limit_utf16)).filter(|_| !rest.is_empty()) {
        parts.push(part.trim_end_matches(is_blank).to_owned());
        rest = after.trim_start_matches(is_blank);
    }
    parts
}

/// A name for files and addresses: folded, only `a-z`, `0-9` and single inner `-`, at most 64
/// bytes, cut between words where it can be. Empty when the text holds no Latin letter and no
/// digit.
pub fn slug(s: &str) -> String {
    let folded = fold(s);
    let words: Vec<&str> = folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let slug = words.join("-");
    let Some((head, tail)) = slug.split_at_checked(MAX_SLUG) else {
        return slug;
    };
    let at_word = if tail.is_empty() || tail.starts_with('-') { None } else { head.rsplit_once('-') };
    at_word.map_or(head, |(words, _)| words).to_owned()
}

/// A title fit for storing: `line`, at most 300 characters, cut between words with "…" behind them.
pub fn capped_title(s: &str) -> String {
    cut_by(&line(s), MAX_TITLE, |_| 1)
}

fn without_invisible(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    let mut chars = s.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // CRLF counts once: its LF is still to come.
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            '\u{200D}' if joins_emoji(&out, chars.peek()) => out.push(c),
            _ if is_invisible(c) => {}
            _ => out.push(c),
        }
    }
    out
}

/// Most texts are clean already, and entries pass here on their way in and on their way out.
fn is_clean(s: &str) -> bool {
    let plain = |c: char| {
        c.is_ascii_graphic()
            || matches!(c, ' ' | '\n' | '\t')
            || (!is_invisible(c) && !is_combining_mark(c) && !matches!(c, '\u{2028}' | '\u{2029}'))
    };
    is_of_common(s) || s.chars().all(plain) && is_nfc_quick(s.chars()) == IsNormalized::Yes
}

/// Whether a text holds nothing but [`is_common`] characters.
fn is_of_common(s: &str) -> bool {
    let mut rest = s;
    while let Some((_, special)) = rest.split_at_checked(plain_start(rest)) {
        let mut chars = special.chars();
        match chars.next() {
            None => return true,
            Some(c) if !is_common(c) => return false,
            Some(_) => rest = chars.as_str(),
        }
    }
    true
}

/// How many bytes of plain ASCII a text begins with.
fn plain_start(s: &str) -> usize {
    let is_plain = |b: &u8| matches!(b, b' '..=b'~' | b'\n' | b'\t');
    // Whole pieces are looked at without a way out in the middle, so many bytes at once.
    let whole = s.as_bytes().chunks(32).take_while(|piece| piece.iter().fold(true, |plain, b| plain & is_plain(b))).map(<[u8]>::len).sum();
    s.bytes().skip(whole).position(|b| !is_plain(&b)).map_or(s.len(), |at| whole + at)
}

/// The characters that nearly every text is made of; whatever they stand beside, a text of them is
/// clean.
fn is_common(c: char) -> bool {
    matches!(c, ' '..='~' | '\n' | '\t' | '\u{A0}'..='\u{AC}' | '\u{AE}'..='\u{24F}' | '\u{400}'..='\u{482}' | '\u{1E00}'..='\u{1EFF}'
        | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{203F}' | '\u{20A0}'..='\u{20BF}' | '\u{2190}'..='\u{21FF}' | '\u{25A0}'..='\u{27BF}'
        | '\u{3001}'..='\u{3020}' | '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{FF01}'..='\u{FF5E}' | '\u{1F300}'..='\u{1FAFF}')
}

fn is_invisible(c: char) -> bool {
    match c {
        '\t' | '\n' => false,
        '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' => true,
        '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' => true,
        '\u{FDD0}'..='\u{FDEF}' => true,
        // The last two of each plane are noncharacters, U+FFFE and U+FFFF among them.
        _ => c.is_control() || u32::from(c) & 0xFFFE == 0xFFFE,
    }
}

/// A joiner between two pictographs makes one picture of them (a family, a profession); anywhere
/// else it is noise.
fn joins_emoji(before: &str, after: Option<&char>) -> bool {
    let before = before.trim_end_matches(|c| c == '\u{FE0F}' || matches!(c, '\u{1F3FB}'..='\u{1F3FF}'));
    before.chars().next_back().is_some_and(is_pictograph) && after.copied().is_some_and(is_pictograph)
}

fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{A9}' | '\u{AE}' | '\u{2190}'..='\u{21FF}' | '\u{2300}'..='\u{23FF}' | '\u{25A0}'..='\u{27BF}'
        | '\u{2B00}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}')
}

fn is_private_use(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{FFFFD}' | '\u{100000}'..='\u{10FFFD}')
}

fn bounded_marks(chars: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    let mut run = 0;
    chars.filter(move |c| {
        run = if is_combining_mark(*c) { run + 1 } else { 0 };
        run <= MAX_MARKS
    })
}

/// đ has no decomposition, and is often typed as one of its two look-alikes.
fn plain_d(c: char) -> char {
    if matches!(c, 'đ' | 'ð' | 'ɖ') { 'd' } else { c }
}

fn is_word_edge(s: &str, at: usize) -> bool {
    let Some((before, after)) = s.split_at_checked(at) else {
        return false;
    };
    let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    !(inside(before.chars().next_back()) && inside(after.chars().next()))
}

/// The length in bytes of the longest run of whole graphemes that is no wider than `limit`.
fn fitting(s: &str, limit: usize, width: fn(char) -> usize) -> usize {
    let mut used = 0;
    for (start, grapheme) in s.grapheme_indices(true) {
        used += grapheme.chars().map(width).sum::<usize>();
        if used > limit {
            return start;
        }
    }
    s.len()
}

fn cut_by(s: &str, limit: usize, width: fn(char) -> usize) -> String {
    // No character is wider than it is long in bytes.
    if s.len() <= limit || fitting(s, limit, width) == s.len() {
        return s.to_owned();
    }
    let Some(room) = limit.checked_sub(width(ELLIPSIS)) else {
        return String::new();
    };
    let (head, tail) = s.split_at(fitting(s, room, width));
    let words = if tail.starts_with(is_blank) { head } else { whole_words(head) };
    format!("{}{ELLIPSIS}", words.trim_end_matches(is_blank))
}

/// Without the last, cut word; the whole text where that would leave nothing.
fn whole_words(head: &str) -> &str {
    let words = head.rfind(is_blank).and_then(|at| head.get(..at)).unwrap_or_default();
    if words.trim_matches(is_blank).is_empty() { head } else { words }
}

/// Where the first part ends, in bytes; never 0, so that splitting always comes to an end.
fn part_end(rest: &str, limit: usize) -> usize {
    let end = fitting(rest, limit, char::len_utf16);
    if end == rest.len() {
        return end;
    }
    if end == 0 {
        return part_of_grapheme(rest, limit);
    }
    let breaks: [fn(&str, &str) -> bool; 4] = [
        |_, after| after.starts_with("\n\n"),
        |_, after| after.starts_with('\n'),
        |before, after| before.ends_with(['.', '!', '?', '…']) && after.starts_with(is_blank),
        |_, after| after.starts_with(is_blank),
    ];
    let full_enough = breaks.iter().find_map(|is_break| last_break(rest, end / 4, end, *is_break));
    full_enough.or_else(|| last_break(rest, 0, end, |_, after| after.starts_with(is_blank))).unwrap_or(end)
}

fn last_break(rest: &str, floor: usize, end: usize, is_break: fn(&str, &str) -> bool) -> Option<usize> {
    let mut places = (floor.max(1)..=end).rev();
    places.find(|at| rest.split_at_checked(*at).is_some_and(|(before, after)| is_break(before, after)))
}

fn part_of_grapheme(rest: &str, limit: usize) -> usize {
    let mut used = 0;
    let over = rest.char_indices().find(|(_, c)| {
        used += c.len_utf16();
        used > limit
    });
    let at_least = rest.chars().next().map_or(0, char::len_utf8);
    over.map_or(rest.len(), |(at, _)| at).max(at_least)
}

#[cfg(test)]
mod tests;
