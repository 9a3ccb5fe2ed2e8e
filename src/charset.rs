//! Bytes to text: BOM, header, meta, then a guess; and what old encodings left in the text.

mod doubled;
mod fonts;
pub mod legacy;
mod mixed;
mod syllable;
mod tables;

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

pub use fonts::convert_fonts;

/// How much of a page is searched for its own word about its charset (the HTML standard says 1,024).
const META_WINDOW: usize = 4096;
/// How much of a page without such a word is looked at.
const GUESS_WINDOW: usize = 1_000_000;

/// Decodes a page: BOM, then the charset that the HTTP header names, then `<meta>` or the XML
/// declaration, then a guess. A name that the bytes refute (UTF-8 text called windows-1252 or
/// UTF-16, wide characters called UTF-8) is passed over.
///
/// In UTF-8 with errors the pieces that are windows-1258 or in the encoding of a font are read as
/// such; other errors become U+FFFD. UTF-8 that was encoded twice is put together again. Texts in the
/// encoding of a font come out as windows-1252 or 1258 show them, for `legacy` and `convert_fonts`.
#[must_use]
pub fn decode<'a>(body: &'a [u8], header: Option<&str>) -> Cow<'a, str> {
    let encoding = Encoding::for_bom(body)
        .map(|(encoding, _)| encoding)
        .or_else(|| wide_without_bom(body))
        .or_else(|| header.and_then(label).filter(|e| !misdeclared(body, e)))
        .or_else(|| declared(body).filter(|e| !misdeclared(body, e)))
        .unwrap_or_else(|| guess(body));
    let text = match encoding.decode(body) {
        (_, encoding, true) if encoding == UTF_8 => mixed::decode(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)).into(),
        (text, ..) => text,
    };
    match doubled::repair(&text) {
        Cow::Owned(repaired) => repaired.into(),
        Cow::Borrowed(_) => text,
    }
}

/// Whether decoding gave words and not the bytes of a picture or an archive: hardly a character
/// that could not be decoded, hardly a NUL.
#[must_use]
pub fn is_legible(text: &str) -> bool {
    // The bytes that such characters begin with; nearly every page ends here.
    let begins = |b: &u8| *b < 0x20 && !b.is_ascii_whitespace() || matches!(*b, 0x7F | 0xC2 | 0xEF);
    let suspects = |piece: &[u8]| piece.iter().map(|b| u8::from(begins(b))).sum::<u8>();
    if text.as_bytes().chunks(255).map(|piece| usize::from(suspects(piece))).sum::<usize>() * 80 <= text.len() {
        return true;
    }
    let unknown = text.chars().filter(|c| *c == '\u{fffd}' || c.is_control() && !c.is_whitespace()).count();
    unknown * 20 <= text.chars().count()
}

/// Whether no letter of a text was lost in decoding.
#[must_use]
pub fn is_whole(text: &str) -> bool {
    !text.contains(char::REPLACEMENT_CHARACTER)
}

/// A title without the marks of lost letters, such as `&#0;` leaves. `None` when more than every
/// tenth letter was lost: such a title says nothing and must not be published.
#[must_use]
pub fn without_losses(title: &str) -> Option<String> {
    let lost = title.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count();
    (lost * 10 <= title.chars().count()).then(|| title.replace(char::REPLACEMENT_CHARACTER, ""))
}

/// Whether a body begins as no text does: gzip, zip, PDF, pictures, old Office files.
#[must_use]
pub fn is_binary(body: &[u8]) -> bool {
    const MAGIC: &[&[u8]] = &[
        b"\x1f\x8b",
        b"PK\x03\x04",
        b"%PDF-",
        b"\x89PNG",
        b"\xff\xd8\xff",
        b"GIF8",
        b"\xd0\xcf\x11\xe0",
        b"Rar!",
        b"7z\xbc\xaf",
        b"{\\rtf",
    ];
    MAGIC.iter().any(|magic| body.starts_with(magic))
}

/// Old Vietnamese pages call the bytes of their fonts `x-user-defined`, which would lose them.
fn label(name: &str) -> Option<&'static Encoding> {
    let told = Encoding::for_label(name.trim_matches(['"', '\'', ' ']).as_bytes());
    told.map(|encoding| if encoding == X_USER_DEFINED { WINDOWS_1252 } else { encoding })
}

/// A declared charset of single bytes or of wide characters on bytes that are valid UTF-8 beyond
/// ASCII is a server's default, not the page's charset: such text in windows-1252 or 1258 is
/// practically impossible, and wide characters hold zeros.
fn misdeclared(body: &[u8], encoding: &'static Encoding) -> bool {
    let is_wide = encoding == UTF_16LE || encoding == UTF_16BE;
    encoding != UTF_8 && (is_wide || !body.is_ascii()) && !body.contains(&0) && std::str::from_utf8(body).is_ok()
}

fn declared(body: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(body.get(..META_WINDOW).unwrap_or(body)).to_ascii_lowercase();
    let after = |mark: &str| head.split_once(mark).map(|(_, rest)| rest);
    let rest = after("<?xml")
        .and_then(|x| x.split_once("?>"))
        .and_then(|(x, _)| x.split_once("encoding="))
        .map(|(_, rest)| rest)
        .or_else(|| after("charset="))?;
    let name: String =
        rest.trim_start_matches(['"', '\'', ' ']).chars().take_while(|c| c.is_ascii_alphanumeric() || "-_:.".contains(*c)).collect();
    // A meta that says UTF-16 was itself read as ASCII, so it cannot be true (HTML standard).
    label(&name).map(|e| if e == UTF_16LE || e == UTF_16BE { UTF_8 } else { e })
}

fn guess(body: &[u8]) -> &'static Encoding {
    if std::str::from_utf8(body).is_ok() {
        return UTF_8;
    }
    if mixed::is_font(body) {
        return WINDOWS_1252;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(body.get(..GUESS_WINDOW).unwrap_or(body), true);
    detector.guess(Some(b"vn"), Utf8Detection::Allow)
}

/// UTF-16 without a BOM: Vietnamese pages are mostly ASCII markup, so every other byte is zero.
fn wide_without_bom(body: &[u8]) -> Option<&'static Encoding> {
    let head = body.get(..512).unwrap_or(body);
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|b| **b == 0).count() * 4 > head.len();
    match (head.len() >= 4, zeros(0), zeros(1)) {
        (true, true, false) => Some(UTF_16BE),
        (true, false, true) => Some(UTF_16LE),
        (true, true, true) | (true, false, false) | (false, ..) => None,
    }
}

#[cfg(test)]
mod tests;
