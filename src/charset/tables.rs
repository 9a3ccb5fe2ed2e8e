//! The encodings of Vietnamese fonts: which letter is drawn for which byte.
//!
//! TCVN3 ("ABC", the `.Vn…` fonts) is the letters of TCVN 5712:1993 at the places of its variant
//! VN3; VISCII is RFC 1456; VNI is the Windows encoding of the `VNI-…` fonts, in which most letters
//! are a base letter and a mark.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// TCVN 5712:1993 from 0x80 on. A dot stands for what is no letter; below 0xA0 the fonts draw
/// quotation marks and dashes, and their capitals with marks are fonts of their own.
const TCVN3: &str = "\
    ................\
    ................\
    .ĂÂÊÔƠƯĐăâêôơưđẰ\
    .....àảãáạẲằẳẵắẴ\
    ẮẦẨẪẤỀặầẩẫấậèỂẻẽ\
    éẹềểễếệìỉỄẾỒĩíịò\
    Ổỏõóọồổỗốộờởỡớợù\
    ỖủũúụừửữứựỳỷỹýỵỐ";
/// RFC 1456 from 0x80 on. Six capitals stand below 0x20 and never come through a web page; Õ stands
/// where everybody else has the blank that does not break, and is left out.
const VISCII: &str = "\
    ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐ\
    ỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲ\
    .ắằặấầẩậẽẹếềểễệố\
    ồổỗỠƠộờởịỰỨỪỬơớƯ\
    ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳ\
    ĐứÒÓÔạỷừửÙÚỹỵÝỡư\
    àáâãảăữẫèéêẻìíĩỉ\
    đựòóôõỏọụùúũủýợỮ";
/// VNI: letters of one byte.
const VNI_LETTERS: &[(char, char)] =
    &[('ñ', 'đ'), ('ô', 'ơ'), ('ö', 'ư'), ('í', 'í'), ('ì', 'ì'), ('æ', 'ỉ'), ('ó', 'ĩ'), ('ò', 'ị'), ('î', 'ỵ')];
/// VNI: bytes behind a vowel, as the marks that they put on it.
const VNI_MARKS: &[(char, &str)] = &[
    ('ù', "\u{301}"),
    ('ø', "\u{300}"),
    ('û', "\u{309}"),
    ('õ', "\u{303}"),
    ('ï', "\u{323}"),
    ('â', "\u{302}"),
    ('á', "\u{302}\u{301}"),
    ('à', "\u{302}\u{300}"),
    ('å', "\u{302}\u{309}"),
    ('ã', "\u{302}\u{303}"),
    ('ä', "\u{302}\u{323}"),
    ('ê', "\u{306}"),
    ('é', "\u{306}\u{301}"),
    ('è', "\u{306}\u{300}"),
    ('ú', "\u{306}\u{309}"),
    ('ü', "\u{306}\u{303}"),
    ('ë', "\u{306}\u{323}"),
];

/// The characters that windows-1252 and windows-1258 make of bytes, where they are not those of
/// Latin-1.
const WINDOWS: &[(char, u8)] = &[
    ('€', 0x80),
    ('‚', 0x82),
    ('ƒ', 0x83),
    ('„', 0x84),
    ('…', 0x85),
    ('†', 0x86),
    ('‡', 0x87),
    ('ˆ', 0x88),
    ('‰', 0x89),
    ('Š', 0x8A),
    ('‹', 0x8B),
    ('Œ', 0x8C),
    ('Ž', 0x8E),
    ('‘', 0x91),
    ('’', 0x92),
    ('“', 0x93),
    ('”', 0x94),
    ('•', 0x95),
    ('–', 0x96),
    ('—', 0x97),
    ('˜', 0x98),
    ('™', 0x99),
    ('š', 0x9A),
    ('›', 0x9B),
    ('œ', 0x9C),
    ('ž', 0x9E),
    ('Ÿ', 0x9F),
    ('Ă', 0xC3),
    ('\u{300}', 0xCC),
    ('Đ', 0xD0),
    ('\u{309}', 0xD2),
    ('Ơ', 0xD5),
    ('Ư', 0xDD),
    ('\u{303}', 0xDE),
    ('ă', 0xE3),
    ('\u{301}', 0xEC),
    ('đ', 0xF0),
    ('\u{323}', 0xF2),
    ('ơ', 0xF5),
    ('ư', 0xFD),
    ('₫', 0xFE),
];

/// The byte that a character was before it was read as windows-1252 or windows-1258. `None` for
/// characters of neither.
pub(super) fn byte(c: char) -> Option<u8> {
    u8::try_from(c).ok().or_else(|| WINDOWS.iter().find(|(known, _)| *known == c).map(|(_, byte)| *byte))
}

/// A text of TCVN3 that was read as windows-1252 or 1258.
pub(super) fn from_tcvn3(text: &str) -> String {
    static LETTERS: LazyLock<Vec<char>> = LazyLock::new(|| TCVN3.chars().collect());
    from_table(text, &LETTERS)
}

/// A text of VISCII that was read as windows-1252 or 1258.
pub(super) fn from_viscii(text: &str) -> String {
    static LETTERS: LazyLock<Vec<char>> = LazyLock::new(|| VISCII.chars().collect());
    from_table(text, &LETTERS)
}

fn from_table(text: &str, letters: &[char]) -> String {
    let letter = |c: char| letters.get(usize::from(byte(c)?).checked_sub(0x80)?).copied().filter(|letter| *letter != '.');
    text.chars().map(|c| letter(c).unwrap_or(c)).collect()
}

/// A text of VNI that was read as windows-1252 or 1258.
pub(super) fn from_vni(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().map(|c| byte(c).map_or(c, char::from)) {
        match vni_mark(c).filter(|_| takes_mark(&out)) {
            Some(marks) => out.push_str(marks),
            None => out.push(vni_letter(c)),
        }
    }
    out.nfc().collect()
}

/// Whether a text ends in a vowel that has no mark yet.
fn takes_mark(before: &str) -> bool {
    before.chars().next_back().is_some_and(|c| "aeouyơưAEOUYƠƯ".contains(c) && !is_combining_mark(c))
}

fn vni_mark(c: char) -> Option<&'static str> {
    let small = c.to_lowercase().next()?;
    VNI_MARKS.iter().find(|(mark, _)| *mark == small).map(|(_, marks)| *marks)
}

fn vni_letter(c: char) -> char {
    let small = c.to_lowercase().next().unwrap_or(c);
    let Some((_, letter)) = VNI_LETTERS.iter().find(|(own, _)| *own == small) else {
        return c;
    };
    if c == small { *letter } else { letter.to_uppercase().next().unwrap_or(*letter) }
}
