//! Addresses within a text whose host only looks like another one: chat platforms make links of
//! them, so they are shown as what a browser would ask for.

use std::borrow::Cow;

use idna::uts46::{AsciiDenyList, Hyphens, Uts46};
use url::{Position, Url};

/// The text with every host of foreign letters in its ASCII form: `thоquan.vn` with a Cyrillic `о`
/// is `xn--thquan-xqf.vn`. Hosts of Latin letters stay, with their accents too.
pub(crate) fn honest(text: &str) -> String {
    if !text.chars().any(is_foreign) {
        return text.to_owned();
    }
    text.split_inclusive(char::is_whitespace).map(|word| honest_word(word).unwrap_or_else(|| word.to_owned())).collect()
}

fn honest_word(word: &str) -> Option<String> {
    let start = word.find("://").map_or(0, |at| at + 3);
    let (scheme, rest) = word.split_at_checked(start)?;
    let from = rest.find(|c: char| c.is_alphanumeric())?;
    let (before, rest) = rest.split_at_checked(from)?;
    let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-'))).unwrap_or(rest.len());
    let (host, after) = rest.split_at_checked(end)?;
    let (_, top) = host.trim_end_matches('.').rsplit_once('.')?;
    let is_host = !scheme.is_empty() || top.len() >= 2 && top.bytes().all(|b| b.is_ascii_alphabetic());
    if !is_host || !host.chars().any(is_foreign) {
        return None;
    }
    let asked = Url::parse(&format!("http://{host}/")).ok()?;
    Some(format!("{scheme}{before}{}{after}", asked.host_str()?))
}

/// Whether the host of an address mixes Latin letters with others, which may look the same.
pub(crate) fn mixes_alphabets(address: &str) -> bool {
    let host = address.split_once("://").map_or(address, |(_, rest)| rest).split(['/', '?', '#']).next().unwrap_or_default();
    let is_latin = |c: char| c.is_alphabetic() && !is_foreign(c);
    host.split('.').any(|label| label.chars().any(is_foreign) && label.chars().any(is_latin))
}

/// An address as people are shown it: the host in its own letters where these are Latin ones, as
/// Vietnamese is written. A label with any other, which may only look like them, stays as it is
/// asked for (`xn--…`). What is requested or linked to is never this.
pub(crate) fn shown(url: &Url) -> String {
    let Some(host) = url.host_str() else { return url.to_string() };
    format!("{}{}{}", &url[..Position::BeforeHost], shown_host(host), &url[Position::AfterHost..])
}

/// A host as people are shown it; see [`shown`].
pub(crate) fn shown_host(host: &str) -> Cow<'_, str> {
    if !host.contains("xn--") {
        return host.into();
    }
    let is_latin = |label: &[char]| label.iter().all(|c| c.is_ascii() || c.is_alphabetic() && !is_foreign(*c));
    let (shown, well) = Uts46::new().to_user_interface(host.as_bytes(), AsciiDenyList::URL, Hyphens::Allow, |label, _, _| is_latin(label));
    if well.is_ok() { shown } else { host.into() }
}

fn is_foreign(c: char) -> bool {
    let latin = matches!(c, 'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
    c.is_alphabetic() && !latin
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn url_061_a_name_is_shown_as_it_was_typed_unless_it_only_looks_like_it() {
        for (typed, want) in [
            ("http://thô-quan.vn/tin?a=ộ#b", "http://thô-quan.vn/tin?a=%E1%BB%99#b"),
            ("http://Phường.VN:8080/", "http://phường.vn:8080/"),
            ("http://th\u{43e}quan.vn/", "http://xn--thquan-xqf.vn/"),
            ("http://\u{430}\u{440}\u{440}\u{4cf}\u{435}.thô-quan.vn/", "http://xn--80ak6aa92e.thô-quan.vn/"),
            ("http://127.0.0.1:8090/tin", "http://127.0.0.1:8090/tin"),
            ("http://[::1]/", "http://[::1]/"),
        ] {
            let url = Url::parse(typed).unwrap();
            assert_eq!(shown(&url), want);
            assert!(url.as_str().is_ascii());
        }
    }

    #[test]
    fn a_host_that_only_looks_like_another_is_shown_as_what_it_is() {
        for (text, want) in [
            ("Xem https://th\u{43e}quan.vn/tin?a=1 ngay.", "Xem https://xn--thquan-xqf.vn/tin?a=1 ngay."),
            ("(th\u{43e}quan.vn)", "(xn--thquan-xqf.vn)"),
            ("Xem https://phường.vn và thoquan.vn.", "Xem https://phường.vn và thoquan.vn."),
            ("г.Москва, д. 5", "г.Москва, д. 5"),
            ("Москва", "Москва"),
        ] {
            assert_eq!(honest(text), want, "{text}");
        }
    }
}
