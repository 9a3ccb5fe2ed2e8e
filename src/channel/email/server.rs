//! Where the SMTP server is, and how the way to it is kept secret.

use std::net::IpAddr;

use serde::Deserialize;
use url::{Host, Url};

use crate::channel::Guarded;
use crate::phrases;

/// How the way to the server is kept secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Tls {
    /// From the first byte.
    Wrapped,
    /// After a word in the open; a server that does not offer it gets nothing.
    Starttls,
    /// Not at all.
    None,
}

/// A server as the config gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: Tls,
}

/// Port of TLS from the first byte (RFC 8314), and of submission (RFC 6409).
const WRAPPED: u16 = 465;
const SUBMISSION: u16 = 587;

/// Reads `host`, `host:port`, `smtps://host` or `smtp://host`. What port and scheme say, `tls` may
/// change. In the open only this machine, a private address that `[fetch] allow` has, or a name of
/// one's own network may be written to, and with a password only this machine.
pub(super) fn read(written: &str, tls: Option<Tls>, login: bool, guarded: &dyn Guarded) -> Result<Server, String> {
    let whole = if written.contains("://") { written.to_owned() } else { format!("smtp://{written}") };
    let wrong = || phrases::email_server(written);
    let url = Url::parse(&whole).map_err(|_| wrong())?;
    let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.username().is_empty() && url.password().is_none();
    let scheme = match url.scheme() {
        "smtps" => true,
        "smtp" => false,
        _ => return Err(wrong()),
    };
    let host = url.host_str().filter(|host| bare && !host.is_empty()).ok_or_else(wrong)?.trim_matches(['[', ']']).to_owned();
    let wrapped = scheme || url.port() == Some(WRAPPED);
    let tls = tls.unwrap_or(if wrapped { Tls::Wrapped } else { Tls::Starttls });
    let usual = if tls == Tls::Wrapped { WRAPPED } else { SUBMISSION };
    let server = Server { host, port: url.port().unwrap_or(usual), tls };
    if tls == Tls::None && !may_be_open(&server, login, guarded) {
        return Err(phrases::email_not_in_the_open(&server.host));
    }
    Ok(server)
}

fn may_be_open(server: &Server, login: bool, guarded: &dyn Guarded) -> bool {
    let address: Option<IpAddr> = server.host.parse().ok();
    let own = server.host == "localhost" || address.is_some_and(|ip| ip.is_loopback());
    if own || login {
        return own;
    }
    let Some(address) = address else { return !server.host.contains('.') };
    let host = match address {
        IpAddr::V4(ip) => Host::<String>::Ipv4(ip),
        IpAddr::V6(ip) => Host::Ipv6(ip),
    };
    let url = Url::parse(&format!("http://{host}:{}/", server.port));
    !is_public(address) && url.is_ok_and(|url| guarded.client(&url).is_ok())
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(ip) => !ip.is_private() && !ip.is_link_local(),
        IpAddr::V6(ip) => !ip.is_unique_local() && !ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::Anywhere;

    #[test]
    fn a_server_is_read_and_kept_secret_unless_it_is_ones_own() {
        let check = |written: &str, tls: Option<Tls>, login: bool, want: Option<(&str, u16, Tls)>| {
            let read = read(written, tls, login, &Anywhere(reqwest::Client::new())).ok();
            let got = read.as_ref().map(|s| (s.host.as_str(), s.port, s.tls));
            assert_eq!(got, want, "{written} {tls:?} {login}");
        };
        rustls::crypto::ring::default_provider().install_default().ok();
        check("mail.phuong.example", None, true, Some(("mail.phuong.example", 587, Tls::Starttls)));
        check("mail.phuong.example:465", None, true, Some(("mail.phuong.example", 465, Tls::Wrapped)));
        check("mail.phuong.example:2525", None, true, Some(("mail.phuong.example", 2525, Tls::Starttls)));
        check("smtps://mail.phuong.example", None, true, Some(("mail.phuong.example", 465, Tls::Wrapped)));
        check("smtp://mail.phuong.example", Some(Tls::Wrapped), true, Some(("mail.phuong.example", 465, Tls::Wrapped)));
        check("[::1]:1025", Some(Tls::None), true, Some(("::1", 1025, Tls::None)));
        check("127.0.0.1:25", Some(Tls::None), true, Some(("127.0.0.1", 25, Tls::None)));
        check("mailhog:1025", Some(Tls::None), false, Some(("mailhog", 1025, Tls::None)));
        check("mailhog:1025", Some(Tls::None), true, None);
        check("10.0.0.5:25", Some(Tls::None), false, Some(("10.0.0.5", 25, Tls::None)));
        check("10.0.0.5:25", Some(Tls::None), true, None);
        check("8.8.8.8:25", Some(Tls::None), false, None);
        check("mail.phuong.example", Some(Tls::None), false, None);
        for wrong in ["", "https://mail.phuong.example", "smtp://a:b@mail.example", "mail.example/x", "a b", "smtps://"] {
            check(wrong, None, false, None);
        }
    }
}
