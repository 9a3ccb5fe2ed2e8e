//! Blanks between words, found many bytes at once: nearly every text of a page passes here.

use std::borrow::Cow;

/// White space, and the letters that are drawn as nothing: a message of only those is refused as
/// empty.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{2800}' | '\u{3164}' | '\u{FFA0}')
}

/// The words of a text with one blank between them.
pub(super) fn squeeze(s: &str) -> Cow<'_, str> {
    if is_squeezed(s.as_bytes()) {
        return s.into();
    }
    let has_odd = with_next(s.as_bytes(), may_be_odd_blank);
    let words = if has_odd {
        joined(s.split(is_blank).filter(|word| !word.is_empty()), s.len())
    } else {
        joined(s.split_ascii_whitespace(), s.len())
    };
    words.into()
}

fn joined<'a>(words: impl Iterator<Item = &'a str>, room: usize) -> String {
    let mut joined = String::with_capacity(room);
    for word in words {
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(word);
    }
    joined
}

/// Whether no blank stands at an end or beside another, as far as that can be told by bytes.
fn is_squeezed(s: &[u8]) -> bool {
    let has_control = s.iter().fold(false, |has, b| has | (*b < b' '));
    let is_blank = |b: Option<&u8>| b == Some(&b' ');
    !has_control
        && !is_blank(s.first())
        && !is_blank(s.last())
        && !with_next(s, |b, next| (b == b' ') & (next == b' ') | may_be_odd_blank(b, next))
}

/// Whether a blank begins here that is not one of ASCII as the web counts them, or a sign that begins
/// as one. Vietnamese letters do not.
fn may_be_odd_blank(b: u8, next: u8) -> bool {
    (b == 0x0B) | (b == 0xC2) | (b == 0xE2) | (b == 0xE3) | (b == 0xEF) | ((b == 0xE1) & (next < 0xB8))
}

/// Whether any byte of a text and the one behind it are such. All are looked at, many at once.
fn with_next(s: &[u8], is_one: impl Fn(u8, u8) -> bool) -> bool {
    s.iter().zip(s.get(1..).unwrap_or_default()).fold(false, |has, (b, next)| has | is_one(*b, *next))
}
