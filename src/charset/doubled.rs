//! UTF-8 that was read as windows-1252 and written as UTF-8 again: "PhÆ°á»ng".

use std::borrow::Cow;

use super::tables::byte;

/// What "ế" and the other letters with two marks begin with, and what "ú" and "Ú" begin with.
const TRACES: [&str; 3] = ["áº", "á»", "Ã"];
/// So many shorter pieces make it certain where no letter with two marks occurs.
const ENOUGH: usize = 3;
/// A text may have been doubled twice.
const ROUNDS: usize = 2;

/// Puts together again what was doubled; everything else stays. Letters with two marks make it
/// certain: "áº¿" is no text in any language. Without them it takes several of the shorter pieces.
pub(super) fn repair(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for _ in 0..ROUNDS {
        match once(&text) {
            Some(repaired) => text = Cow::Owned(repaired),
            None => break,
        }
    }
    text
}

fn once(text: &str) -> Option<String> {
    if !TRACES.iter().any(|trace| text.contains(trace)) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let (mut long, mut short) = (0, 0);
    let mut rest = text;
    while let Some((plain, odd)) = rest.split_at_checked(rest.bytes().position(|b| !b.is_ascii()).unwrap_or(rest.len())) {
        out.push_str(plain);
        rest = odd;
        let Some(c) = rest.chars().next() else { break };
        let (letter, behind) = doubled(rest).unwrap_or((c, rest.get(c.len_utf8()..).unwrap_or_default()));
        let was_doubled = rest.len() - behind.len() > c.len_utf8();
        long += usize::from(was_doubled && is_vietnamese(letter));
        short += usize::from(was_doubled);
        out.push(letter);
        rest = behind;
    }
    (long > 0 || short >= ENOUGH).then_some(out)
}

fn is_vietnamese(letter: char) -> bool {
    matches!(letter, '\u{1EA0}'..='\u{1EF9}')
}

/// The letter whose bytes a text begins with, each of them read as a character; and what follows.
fn doubled(text: &str) -> Option<(char, &str)> {
    let lead = byte(text.chars().next()?)?;
    let length = match lead {
        0xC2..=0xC6 => 2,
        0xE1 | 0xE2 | 0xEF => 3,
        _ => return None,
    };
    let bytes: Vec<u8> = text.chars().take(length).map_while(byte).collect();
    let letter = std::str::from_utf8(&bytes).ok()?.chars().next()?;
    let behind = text.char_indices().nth(length).map_or("", |(at, _)| text.get(at..).unwrap_or_default());
    is_expected(letter).then_some((letter, behind))
}

/// Letters and signs of Vietnamese pages, the sign of a letter that was lost before, and what a text
/// doubled twice comes to first.
fn is_expected(letter: char) -> bool {
    matches!(letter, '\u{80}'..='\u{1B0}' | '\u{2010}'..='\u{203A}' | '\u{FFFD}') || byte(letter).is_some() || is_vietnamese(letter)
}
