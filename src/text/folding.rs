//! Folding in one pass, for texts of the letters that nearly every page is made of.

use std::sync::LazyLock;

const LATIN: u32 = 0x250;
const VIETNAMESE: u32 = 0x1E00;
const DASHES: u32 = 0x2010;

/// The folded form of every character that folds to one, by `place`; NUL for the others.
static FOLDED: LazyLock<Vec<char>> = LazyLock::new(|| {
    let places = (0..LATIN).chain(VIETNAMESE..VIETNAMESE + 0x100).chain(DASHES..DASHES + 0x10);
    places.map(|code| char::from_u32(code).map_or('\0', alone)).collect()
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
        _ => FOLDED.get(place(c)?).copied().filter(|folded| *folded != '\0'),
    }
}

fn place(c: char) -> Option<usize> {
    let code = u32::from(c);
    let at = match code {
        0..LATIN => code,
        0x1E00..0x1F00 => code - VIETNAMESE + LATIN,
        0x2010..0x2020 => code - DASHES + LATIN + 0x100,
        _ => return None,
    };
    usize::try_from(at).ok()
}

fn alone(c: char) -> char {
    if super::is_blank(c) && !c.is_control() {
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
        for c in (0..0x3000).chain(0xFF00..0xFFFF).filter_map(char::from_u32) {
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
