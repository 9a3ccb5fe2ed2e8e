//! Who is at the other end, and for whom: a proxy that the config trusts tells its client.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use axum::http::header::FORWARDED;
use ipnet::IpNet;

/// How many hops are looked at.
const HOPS: usize = 16;

/// The address that a request is counted for; `None` for a trusted proxy that names nobody, which
/// asks for itself.
pub(super) fn asking(peer: IpAddr, proxies: &[IpNet], headers: &HeaderMap) -> Option<IpAddr> {
    if !is_trusted(peer, proxies) {
        return Some(peer);
    }
    let told = hops(headers, "x-forwarded-for", address).or_else(|| hops(headers, FORWARDED.as_str(), forwarded))?;
    // From the near end: what stands before an address that is not trusted, anybody can have written.
    told.into_iter().find(|hop| hop.is_none_or(|address| !is_trusted(address, proxies))).flatten()
}

pub(super) fn is_trusted(address: IpAddr, proxies: &[IpNet]) -> bool {
    proxies.iter().any(|net| net.contains(&address.to_canonical()))
}

/// The hops of a header, the nearest first; `None` where there is no such header.
fn hops(headers: &HeaderMap, name: &str, read: fn(&str) -> Option<IpAddr>) -> Option<Vec<Option<IpAddr>>> {
    let mut values = headers.get_all(name).iter().peekable();
    values.peek()?;
    let written: Vec<&str> = values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).collect();
    Some(written.into_iter().rev().take(HOPS).map(|hop| read(hop.trim())).collect())
}

/// An address, with or without a port.
fn address(written: &str) -> Option<IpAddr> {
    let bare = written.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(written);
    bare.parse().ok().or_else(|| written.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}

/// The `for` of one element of `Forwarded` (RFC 7239 §4).
fn forwarded(element: &str) -> Option<IpAddr> {
    let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let (_, node) = pairs.find(|(key, _)| key.trim().eq_ignore_ascii_case("for"))?;
    address(node.trim().trim_matches('"'))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn told(peer: &str, given: &[(&'static str, &str)]) -> String {
        let proxies: Vec<IpNet> = vec!["127.0.0.1/32".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            headers.append(*name, value.parse().unwrap());
        }
        asking(peer.parse().unwrap(), &proxies, &headers).map_or("itself".to_owned(), |address| address.to_string())
    }

    #[test]
    fn only_a_trusted_proxy_tells_who_asks() {
        let xff = |value| [("x-forwarded-for", value)];
        assert_eq!(told("192.0.2.7", &xff("198.51.100.1")), "192.0.2.7");
        assert_eq!(told("127.0.0.1", &xff("198.51.100.1")), "198.51.100.1");
        assert_eq!(told("::ffff:127.0.0.1", &xff("198.51.100.1")), "198.51.100.1");
        assert_eq!(told("127.0.0.1", &[]), "itself");
        assert_eq!(
            told("127.0.0.1", &xff("1.1.1.1, 198.51.100.1, 10.0.0.9")),
            "198.51.100.1",
            "what a client wrote before is not believed"
        );
        assert_eq!(told("127.0.0.1", &[("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "198.51.100.1")]), "198.51.100.1");
        assert_eq!(told("127.0.0.1", &xff("[2001:db8::1]:4711")), "2001:db8::1");
        assert_eq!(told("127.0.0.1", &xff("198.51.100.1:4711")), "198.51.100.1");
        assert_eq!(told("127.0.0.1", &xff("nonsense, 10.0.0.9")), "itself");
    }

    #[test]
    fn forwarded_is_read_where_there_is_nothing_else() {
        let only = |value| [("forwarded", value)];
        assert_eq!(told("127.0.0.1", &only("for=198.51.100.1;proto=https;by=10.0.0.1")), "198.51.100.1");
        assert_eq!(told("127.0.0.1", &only("for=1.1.1.1, For=\"[2001:db8::1]:80\"")), "2001:db8::1");
        assert_eq!(told("127.0.0.1", &only("for=unknown")), "itself");
        assert_eq!(told("127.0.0.1", &[("forwarded", "for=1.1.1.1"), ("x-forwarded-for", "198.51.100.1")]), "198.51.100.1");
    }
}
