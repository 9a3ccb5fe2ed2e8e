//! Addresses within a text whose host only looks like another one: chat platforms make links of
//! them, so they are shown as what a browser would ask for.

use url::Url;

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

fn is_foreign(c: char) -> bool {
    let latin = matches!(c, 'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
    c.is_alphabetic() && !latin
}

#[cfg(test)]
mod tests {
    use super::*;

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
