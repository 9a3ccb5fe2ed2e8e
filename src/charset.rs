//! Bytes to text: header, BOM, meta, then a guess.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// How much of a page is searched for its own word about its charset (the HTML standard says 1,024).
const META_WINDOW: usize = 4096;

/// Decodes a page: BOM, then the charset that the HTTP header names, then `<meta>` or the XML
/// declaration, then a guess. What cannot be decoded becomes U+FFFD.
#[must_use]
pub fn decode<'a>(body: &'a [u8], header: Option<&str>) -> Cow<'a, str> {
    let encoding = Encoding::for_bom(body)
        .map(|(encoding, _)| encoding)
        .or_else(|| header.and_then(label).filter(|e| !misdeclared(body, e)))
        .or_else(|| declared(body).filter(|e| !misdeclared(body, e)))
        .unwrap_or_else(|| guess(body));
    encoding.decode(body).0
}

/// Whether decoding gave words and not the bytes of a picture or an archive: hardly a character
/// that could not be decoded, hardly a NUL.
#[must_use]
pub fn is_legible(text: &str) -> bool {
    let unknown = text.chars().filter(|c| matches!(c, '\0' | '\u{fffd}')).count();
    unknown * 20 <= text.chars().count()
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

fn label(name: &str) -> Option<&'static Encoding> {
    Encoding::for_label(name.trim_matches(['"', '\'', ' ']).as_bytes())
}

/// A declared single-byte charset on bytes that are valid UTF-8 beyond ASCII is a server's
/// default, not the page's charset: such text in windows-1252 or 1258 is practically impossible.
fn misdeclared(body: &[u8], encoding: &'static Encoding) -> bool {
    encoding != UTF_8 && encoding != UTF_16LE && encoding != UTF_16BE && !body.is_ascii() && std::str::from_utf8(body).is_ok()
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
    if let Some(wide) = wide_without_bom(body) {
        return wide;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(body, true);
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
mod tests {
    use super::*;

    fn check(body: &[u8], header: Option<&str>, want: &str) {
        assert_eq!(decode(body, header), want);
    }

    #[test]
    fn the_page_is_read_as_a_browser_would() {
        check(b"\xef\xbb\xbf<p>tin</p>", None, "<p>tin</p>");
        check(b"\xff\xfet\0i\0n\0", None, "tin");
        check(b"t\0i\0n\0", None, "tin");
        check("Phường".as_bytes(), None, "Phường");
        check("Phường Thổ Quan".as_bytes(), Some("iso-8859-1"), "Phường Thổ Quan");
        check(b"\xd0\xf4\xe1", Some("windows-1258"), "\u{110}\u{f4}\u{e1}");
        check(b"<meta charset=windows-1258>\xd0", Some("utf-8"), "<meta charset=windows-1258>\u{fffd}");
        check(b"<meta charset=\"windows-1258\">\xd0", None, "<meta charset=\"windows-1258\">\u{110}");
        check(b"<?xml version='1.0' encoding='windows-1258'?>\xd0", None, "<?xml version='1.0' encoding='windows-1258'?>\u{110}");
        check(b"th\xe1\xbb", Some("utf-8"), "th\u{fffd}");
        check(b"\xc0\xae", Some("utf-8"), "\u{fffd}\u{fffd}");
    }
}
