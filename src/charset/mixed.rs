//! Pages in UTF-8 with pieces in another encoding, pasted into them byte by byte.

use encoding_rs::{WINDOWS_1252, WINDOWS_1258};
use unicode_normalization::UnicodeNormalization;

use super::legacy;
use super::syllable::is_syllable;

/// How much of a piece, and of all of them, tells what they are, in bytes.
const PIECE: usize = 1 << 14;
const SAMPLE: usize = 1 << 18;
/// So many syllables prove that windows-1258 is the other encoding.
const PROOF: usize = 3;

/// How the pieces that are not UTF-8 are to be read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Other {
    Unknown,
    Windows1258,
    /// In the encoding of a font, which windows-1252 keeps for `legacy`.
    Font,
}

/// Decodes UTF-8 with errors. The pieces with errors, as far as the next tag, are read as what they
/// prove to be; in those that prove nothing every error becomes U+FFFD.
pub(super) fn decode(body: &[u8]) -> String {
    let other = other(body);
    let mut out = String::with_capacity(body.len());
    for piece in pieces(body) {
        match std::str::from_utf8(piece) {
            Ok(text) => out.push_str(text),
            Err(_) => out.push_str(&read(piece, other)),
        }
    }
    out
}

/// Whether the bytes are a text in the encoding of a font, read as windows-1252.
pub(super) fn is_font(body: &[u8]) -> bool {
    other(body) == Other::Font
}

fn read(piece: &[u8], other: Other) -> String {
    let is_windows = || syllables(&WINDOWS_1258.decode(beginning(piece)).0).is_some();
    match other {
        Other::Windows1258 if is_windows() => WINDOWS_1258.decode(piece).0.into_owned(),
        Other::Font => WINDOWS_1252.decode(piece).0.into_owned(),
        Other::Unknown | Other::Windows1258 => String::from_utf8_lossy(piece).into_owned(),
    }
}

fn other(body: &[u8]) -> Other {
    let mut taken = 0;
    let broken = pieces(body).filter(|piece| std::str::from_utf8(piece).is_err()).map(beginning);
    let broken: Vec<&[u8]> = broken
        .take_while(|piece| {
            taken += piece.len();
            taken <= SAMPLE
        })
        .collect();
    let windows = || broken.iter().filter_map(|piece| syllables(&WINDOWS_1258.decode(piece).0)).sum::<usize>() >= PROOF;
    if windows() {
        return Other::Windows1258;
    }
    let fonts: Vec<String> = broken.iter().map(|piece| WINDOWS_1252.decode(piece).0.into_owned()).collect();
    if legacy::proven(fonts.iter().map(String::as_str)).is_empty() { Other::Unknown } else { Other::Font }
}

fn beginning(piece: &[u8]) -> &[u8] {
    piece.get(..PIECE).unwrap_or(piece)
}

/// How many marked syllables a text holds; `None` when some of its marked words are none.
fn syllables(text: &str) -> Option<usize> {
    let composed: String = text.nfc().collect();
    let words = composed.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_ascii());
    let (good, all) = words.fold((0, 0), |(good, all), word| (good + usize::from(is_syllable(word)), all + 1));
    (good > 0 && good * 10 >= all * 9).then_some(good)
}

/// The text between tags and the tags themselves, line by line.
fn pieces(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    body.split_inclusive(|byte| matches!(byte, b'>' | b'\n')).flat_map(|part| {
        let tag = part.iter().position(|byte| *byte == b'<').unwrap_or(part.len());
        let (text, tag) = part.split_at(tag);
        [text, tag].into_iter().filter(|piece| !piece.is_empty())
    })
}
