//! How clients are built, and what their errors mean.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, HeaderMap, HeaderValue};
use reqwest::{Client, ClientBuilder, redirect};
use rustls::{CertificateError, ClientConfig};

use crate::phrases;

use super::guard::{Allowed, Resolver, Unresolved, detour};
use super::{FetchError, Settings};

/// How long a connection may take, TLS included.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// hyper allows 100; a portal that sets a cookie per article comes with more.
const MOST_HEADERS: usize = 1_200;

/// A client for pages at one port (see [`Resolver::at_port`]).
pub(super) fn for_pages(allow: &Arc<[Allowed]>, port: u16, user_agent: &str, tls: &ClientConfig) -> reqwest::Result<Client> {
    let accept = "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,application/xml;q=0.9,*/*;q=0.5";
    let headers = [(ACCEPT, HeaderValue::from_static(accept)), (ACCEPT_LANGUAGE, HeaderValue::from_static("vi,en;q=0.5"))];
    plain(user_agent, tls).default_headers(HeaderMap::from_iter(headers)).dns_resolver(Resolver::at_port(allow.clone(), port)).build()
}

/// A client at one port that guards itself, for those who are not the fetcher.
pub(super) fn guarded(allow: &Arc<[Allowed]>, port: u16, settings: &Settings, tls: &ClientConfig) -> reqwest::Result<Client> {
    let resolver = Resolver::at_port(allow.clone(), port);
    plain(&settings.user_agent, tls).timeout(settings.timeout).dns_resolver(resolver).proxy(detour(allow.clone())).build()
}

/// HTTP/1.1 only: with one request at a time to a host HTTP/2 gains nothing, and its floods of
/// frames (rapid reset, CONTINUATION) stay outside.
fn plain(user_agent: &str, tls: &ClientConfig) -> ClientBuilder {
    Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .user_agent(user_agent)
        .no_proxy()
        .redirect(redirect::Policy::none())
        .referer(false)
        .http1_only()
        .http1_max_headers(MOST_HEADERS)
        .connect_timeout(CONNECT_LIMIT)
        .pool_max_idle_per_host(1)
}

/// What a failed request means.
pub(super) fn explain(error: &reqwest::Error, host: &str) -> FetchError {
    if let Some(unresolved) = cause::<Unresolved>(error) {
        return match unresolved {
            Unresolved::Barred => FetchError::refused(phrases::fetch_private_name(host)),
            Unresolved::Unknown(why) => FetchError::later(phrases::fetch_name_unknown(host, why)),
            Unresolved::Slow => FetchError::later(phrases::fetch_name_slow(host)),
        };
    }
    if let Some(tls) = cause::<rustls::Error>(error) {
        return FetchError::later(tls_sentence(tls, host));
    }
    if error.is_timeout() {
        return FetchError::later(phrases::fetch_slow(host));
    }
    let why = deepest(error);
    if error.is_connect() {
        return FetchError::later(phrases::fetch_unreachable(host, &why));
    }
    FetchError::later(phrases::fetch_broken(host, &why))
}

/// Whether nothing was sent because the name leads to addresses that may not be dialled.
pub(super) fn is_barred(error: &reqwest::Error) -> bool {
    cause::<Unresolved>(error) == Some(&Unresolved::Barred)
}

/// The first error of this type in the chain, also where an IO error wraps it.
fn cause<T: Error + 'static>(error: &reqwest::Error) -> Option<&T> {
    let mut next: Option<&(dyn Error + 'static)> = error.source();
    while let Some(at) = next {
        let wrapped = at.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if let Some(found) = at.downcast_ref().or_else(|| wrapped.and_then(|w| w.downcast_ref())) {
            return Some(found);
        }
        next = wrapped.map_or_else(|| at.source(), |w| Some(w));
    }
    None
}

/// The innermost error's words: the outer ones repeat the address, which may hold a password.
fn deepest(error: &reqwest::Error) -> String {
    let mut at: &(dyn Error + 'static) = match error.source() {
        Some(source) => source,
        None => return phrases::fetch_without_reason().to_owned(),
    };
    while let Some(source) = at.source() {
        at = source;
    }
    at.to_string()
}

fn tls_sentence(error: &rustls::Error, host: &str) -> String {
    if let rustls::Error::InvalidCertificate(certificate) = error {
        return certificate_sentence(certificate, host);
    }
    if matches!(error, rustls::Error::AlertReceived(rustls::AlertDescription::ProtocolVersion) | rustls::Error::PeerIncompatible(_)) {
        return phrases::tls_too_old(host);
    }
    if matches!(error, rustls::Error::InvalidMessage(_)) {
        return phrases::tls_not_spoken(host);
    }
    phrases::tls_failed(host, &error.to_string())
}

fn certificate_sentence(error: &CertificateError, host: &str) -> String {
    if matches!(error, CertificateError::Expired | CertificateError::ExpiredContext { .. }) {
        return phrases::tls_expired(host);
    }
    if matches!(error, CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. }) {
        return phrases::tls_not_yet(host);
    }
    if matches!(error, CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }) {
        return phrases::tls_other_name(host);
    }
    if matches!(error, CertificateError::UnknownIssuer) {
        return phrases::tls_unknown_issuer(host);
    }
    phrases::tls_failed(host, &error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_refused_in_plain_words() {
        let check = |error: CertificateError, want: &str| {
            let sentence = tls_sentence(&rustls::Error::InvalidCertificate(error), "phuong.vn");
            assert!(sentence.contains("phuong.vn") && sentence.contains(want), "{sentence}");
        };
        check(CertificateError::Expired, "hết hạn");
        check(CertificateError::NotValidYet, "đồng hồ");
        check(CertificateError::NotValidForName, "tên miền khác");
        check(CertificateError::UnknownIssuer, "chứng thư trung gian");
        check(CertificateError::Revoked, "TLS");
    }

    #[test]
    fn old_tls_is_named() {
        let alert = rustls::Error::AlertReceived(rustls::AlertDescription::ProtocolVersion);
        assert!(tls_sentence(&alert, "phuong.vn").contains("TLS 1.2"));
    }
}
