//! An address of the web, as an admin writes it.

use serde::Deserialize;
use url::{ParseError, Url};

use crate::phrases;

/// Longer addresses are refused: no site needs them, and proxies cut them.
const LONGEST: usize = 2048;

/// An `http` or `https` address with a host. Whether the host is private is not asked here: that
/// is known only when it is fetched.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct WebAddress(Url);

impl WebAddress {
    /// The address.
    pub(super) fn into_url(self) -> Url {
        self.0
    }
}

impl TryFrom<String> for WebAddress {
    /// A sentence for the admin; it never repeats what could be a password.
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let written = written.trim();
        if written.is_empty() {
            return Err(phrases::address_empty());
        }
        if written.len() > LONGEST {
            return Err(phrases::address_too_long(LONGEST));
        }
        // The parser would silently drop line breaks and tabs.
        if written.contains(char::is_control) {
            return Err(phrases::address_control_character());
        }
        parse(written).map(Self)
    }
}

fn parse(written: &str) -> Result<Url, String> {
    match Url::parse(written) {
        // "thoquan.example:8080" reads as a scheme with dots.
        Ok(url) if url.scheme().contains('.') => Err(without_scheme(written)),
        Ok(url) if !matches!(url.scheme(), "http" | "https") => Err(phrases::address_wrong_scheme(url.scheme())),
        Ok(url) if url.port() == Some(0) => Err(phrases::address_port_zero()),
        Ok(url) => Ok(url),
        Err(ParseError::RelativeUrlWithoutBase) => Err(without_scheme(written)),
        Err(error) => Err(phrases::address_malformed(error)),
    }
}

fn without_scheme(written: &str) -> String {
    let meant = format!("https://{written}");
    let plausible = Url::parse(&meant).is_ok_and(|url| url.host_str().is_some_and(|host| host.contains('.')));
    phrases::address_without_scheme(Some(meant.as_str()).filter(|_| plausible && !written.contains('@') && !written.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(written: &str, want: Result<&str, &str>) {
        let got = WebAddress::try_from(written.to_owned()).map(|address| address.into_url().to_string());
        match want {
            Ok(url) => assert_eq!(got.as_deref(), Ok(url), "{written:?}"),
            Err(word) => assert!(got.as_ref().is_err_and(|e| e.contains(word)), "{written:?} gave {got:?}, not {word}"),
        }
    }

    #[test]
    fn only_web_addresses_with_a_host_are_taken() {
        check(" https://phuong.example/tin?x=1 ", Ok("https://phuong.example/tin?x=1"));
        check("http://thô-quan.vn/", Ok("http://xn--th-quan-u0a.vn/"));
        check("http://user:secret@phuong.example/", Ok("http://user:secret@phuong.example/"));
        check("http://127.0.0.1:8090/rss", Ok("http://127.0.0.1:8090/rss"));
    }

    #[test]
    fn a_mistake_is_told_with_the_way_out() {
        for (written, word) in [
            ("", "is empty"),
            ("   ", "is empty"),
            ("phuong.example/tin", "did you mean https://phuong.example/tin?"),
            ("phuong.example:8080/tin", "did you mean https://phuong.example:8080/tin?"),
            ("/tin-tuc", "starts with https://"),
            ("file:///etc/passwd", "file:"),
            ("gopher://127.0.0.1:6379/_INFO", "gopher:"),
            ("ftp://phuong.example/", "ftp:"),
            ("data:text/html,<h1>x", "data:"),
            ("javascript:alert(1)", "javascript:"),
            ("blob:http://x/1", "blob:"),
            ("http+unix://%2Fvar%2Frun%2Fd.sock/", "http+unix:"),
            ("ws://phuong.example/", "ws:"),
            ("http://xn--/", "not a web address"),
            ("http://", "not a web address"),
            ("http://256.256.256.256/", "not a web address"),
            ("http://1.2.3.4.5/", "not a web address"),
            ("http://[fe80::1%25eth0]/", "not a web address"),
            ("http://phuong.example:0/", "1 to 65535"),
            ("http://phuong.example:99999/", "not a web address"),
            ("http://phuong.example/\r\nX-Evil: 1", "control character"),
            ("http://phuong.example/\0", "control character"),
            (&format!("http://phuong.example/{}", "a".repeat(8192)), "longer than 2048"),
        ] {
            check(written, Err(word));
        }
    }

    #[test]
    fn a_password_is_not_repeated() {
        let told = WebAddress::try_from("user:secret@phuong.example/tin".to_owned());
        assert!(told.is_err_and(|e| !e.contains("secret")));
    }
}
