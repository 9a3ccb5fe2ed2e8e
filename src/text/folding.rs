//! Folding in one pass, for texts of the letters that nearly every page is made of.

use std::sync::LazyLock;

/// Where the characters are that are looked up: Latin, Greek and Cyrillic, Vietnamese, dashes and
/// quotes, Japanese syllables, full-width forms.
const RANGES: [(u32, u32); 6] = [(0, 0x250), (0x370, 0x530), (0x1E00, 0x1F00), (0x2010, 0x2040), (0x3000, 0x3100), (0xFF00, 0xFF60)];

/// The folded form of every character that folds to one, range by range; NUL for the others.
static FOLDED: LazyLock<Vec<char>> = LazyLock::new(|| {
    let codes = RANGES.into_iter().flat_map(|(first, end)| first..end);
    codes.map(|code| char::from_u32(code).map_or('\0', alone)).collect()
});

/// The folded text, as the long way would give it; `None` when it holds a character of its own
/// rules: combining marks, ligatures, invisible characters, other scripts.
pub(super) fn in_one_pass(s: &str) -> Option<String> {
    let mut out = String::with_capacity(s.len());
    for c in s.chars() {
        match one(c)? {
            ' ' if out.is_empty() || out.ends_with(' ') => {}
            folded => out.push(folded),
        }
    }
    if out.ends_with(' ') {
        out.pop();
    }
    Some(out)
}

fn one(c: char) -> Option<char> {
    match c {
        'a'..='z' | '0'..='9' => Some(c),
        'A'..='Z' => Some(c.to_ascii_lowercase()),
        '\n' | '\r' | '\t' => Some(' '),
        // Han characters have no case, no accent and no other form.
        '\u{4E00}'..='\u{9FFF}' => Some(c),
        _ => FOLDED.get(place(c)?).copied().filter(|folded| *folded != '\0'),
    }
}

fn place(c: char) -> Option<usize> {
    let code = u32::from(c);
    let mut before = 0;
    for (first, end) in RANGES {
        if (first..end).contains(&code) {
            return usize::try_from(before + code - first).ok();
        }
        before += end - first;
    }
    None
}

fn alone(c: char) -> char {
    if super::blanks::is_blank(c) && !c.is_control() {
        return ' ';
    }
    let long = super::fold_slowly(c.encode_utf8(&mut [0; 4]));
    let mut chars = long.chars();
    match (chars.next(), chars.next()) {
        (Some(folded), None) => folded,
        (None, _) | (Some(_), Some(_)) => '\0',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{fold, fold_slowly};

    #[test]
    fn one_pass_folds_as_the_long_way() {
        let around = ["", "a", " ", "Đ", "\u{300}", "\u{200D}", "ệ "];
        for c in (0..0x3200).chain((0x4E00..0xA000).step_by(7)).chain(0xAC00..0xAC20).chain(0xFF00..0xFFFF).filter_map(char::from_u32) {
            for other in around {
                for text in [format!("{other}{c}"), format!("{c}{other}"), format!("{other}{c}{other}")] {
                    assert_eq!(fold(&text), fold_slowly(&text), "{text:?}");
                }
            }
        }
    }

    #[test]
    fn vietnamese_takes_one_pass() {
        assert_eq!(in_one_pass(" Đảng ủy  PHƯỜNG\u{A0}–\n17/09/2019 ").as_deref(), Some("dang uy phuong – 17/09/2019"));
        assert_eq!(in_one_pass("tho\u{302}"), None);
    }
}
