//! Which addresses may be asked at all: public ones, and what `[fetch] allow` lists.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};
use url::{Host, Url};

use crate::phrases;

/// How long a name may take to resolve.
const DNS_LIMIT: Duration = Duration::from_secs(5);
/// How many addresses of one name are looked at.
const MOST_ADDRESSES: usize = 16;
/// The longest address that is asked, in bytes (RFC 9110 §4.1 recommends at least 8,000 octets).
const LONGEST_URL: usize = 8_192;
/// What a guarded client is sent to instead of an address that is refused: never resolves (RFC 6761 §6.4).
const NOWHERE: &str = "refused.invalid";

/// One line of `[fetch] allow`: a private host, address or network (CIDR) that may be asked all
/// the same, at one port or at any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    host: Listed,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Listed {
    Net(IpNet),
    Name(String),
}

impl FromStr for Allowed {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let text = written.trim();
        if let Ok(net) = text.parse::<IpNet>() {
            return Ok(Self { host: Listed::Net(net), port: None });
        }
        if let Ok(ip) = text.parse::<IpAddr>() {
            return Ok(Self { host: Listed::Net(ip.into()), port: None });
        }
        let bad = || phrases::fetch_allow_unreadable(written);
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !text.ends_with(']') => (host, Some(port.parse().ok().filter(|p| *p > 0).ok_or_else(bad)?)),
            Some(_) | None => (text, None),
        };
        let host = match Host::parse(host).map_err(|_| bad())? {
            Host::Ipv4(ip) => Listed::Net(IpAddr::from(ip).into()),
            Host::Ipv6(ip) => Listed::Net(IpAddr::from(ip).into()),
            Host::Domain(name) if name.contains('*') => return Err(bad()),
            Host::Domain(name) => Listed::Name(bare(&name)),
        };
        Ok(Self { host, port })
    }
}

/// By a visitor of its own, since only an error from inside one keeps the line in a TOML array.
impl<'de> Deserialize<'de> for Allowed {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(Line)
    }
}

struct Line;

impl Visitor<'_> for Line {
    type Value = Allowed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("host, host:port, address or CIDR")
    }

    fn visit_str<E: de::Error>(self, written: &str) -> Result<Allowed, E> {
        written.parse().map_err(E::custom)
    }
}

impl Allowed {
    /// The port that this entry is bound to.
    pub(super) fn port(&self) -> Option<u16> {
        self.port
    }

    /// Whether this entry names the host of an address as it is written there.
    #[must_use]
    pub fn lists(&self, url: &Url) -> bool {
        let port = url.port_or_known_default().unwrap_or_default();
        match url.host() {
            Some(Host::Ipv4(ip)) => self.covers(ip.into(), port),
            Some(Host::Ipv6(ip)) => self.covers(ip.into(), port),
            Some(Host::Domain(name)) => self.names(&bare(name)) && self.holds_at(port),
            None => false,
        }
    }

    fn holds_at(&self, port: u16) -> bool {
        self.port.is_none_or(|p| p == port)
    }

    fn covers(&self, ip: IpAddr, port: u16) -> bool {
        matches!(&self.host, Listed::Net(net) if net.contains(&ip)) && self.holds_at(port)
    }

    fn names(&self, host: &str) -> bool {
        matches!(&self.host, Listed::Name(name) if name == host)
    }
}

/// A host name without the root's dot, in lower case: `LOCALHOST.` is `localhost`.
fn bare(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// Everything of IPv4 that is not global unicast (IANA IPv4 Special-Purpose Address Registry).
const SPECIAL_V4: &[Ipv4Net] = &[
    v4(0, 0, 0, 8),
    v4(10, 0, 0, 8),
    v4(100, 64, 0, 10),
    v4(127, 0, 0, 8),
    v4(169, 254, 0, 16),
    v4(172, 16, 0, 12),
    v4(192, 0, 0, 24),
    v4(192, 0, 2, 24),
    v4(192, 88, 99, 24),
    v4(192, 168, 0, 16),
    v4(198, 18, 0, 15),
    v4(198, 51, 100, 24),
    v4(203, 0, 113, 24),
    v4(224, 0, 0, 4),
    v4(240, 0, 0, 4),
];
/// The only part of IPv6 that IANA gives out, so everything outside of it is refused unseen.
const GLOBAL_V6: Ipv6Net = v6(0x2000, 0, 3);
/// What is special inside [`GLOBAL_V6`]: protocol assignments (Teredo among them), documentation,
/// 6to4 (any IPv4 address in disguise), documentation.
const SPECIAL_V6: &[Ipv6Net] = &[v6(0x2001, 0, 23), v6(0x2001, 0x0db8, 32), v6(0x2002, 0, 16), v6(0x3fff, 0, 20)];
/// The well-known NAT64 prefix (RFC 6052): the last 32 bits are the IPv4 address that is meant.
const NAT64: Ipv6Net = v6(0x0064, 0xff9b, 96);

const fn v4(a: u8, b: u8, c: u8, bits: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, 0), bits)
}

const fn v6(a: u16, b: u16, bits: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), bits)
}

fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => !SPECIAL_V4.iter().any(|net| net.contains(&ip)),
        IpAddr::V6(ip) if NAT64.contains(&ip) => {
            let [.., a, b, c, d] = ip.octets();
            is_public(IpAddr::from([a, b, c, d]))
        }
        IpAddr::V6(ip) => GLOBAL_V6.contains(&ip) && !SPECIAL_V6.iter().any(|net| net.contains(&ip)),
    }
}

/// Whether `ip` may be dialled at `port`: it is public (mapped and NAT64 forms unwrapped), or
/// `allow` lists it there.
#[must_use]
pub fn permitted(ip: IpAddr, port: u16, allow: &[Allowed]) -> bool {
    is_public(ip) || allow.iter().any(|a| a.covers(ip.to_canonical(), port))
}

/// Whether an address may be asked, as far as it can be told without resolving its name. The
/// addresses behind a name are checked when it is dialled.
///
/// # Errors
/// A sentence: another scheme than `http` and `https`, no host, port 0, longer than 8,192 bytes,
/// or a private address that `allow` does not list.
pub fn check_url(url: &Url, allow: &[Allowed]) -> Result<(), String> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(phrases::fetch_scheme(url.scheme()));
    }
    let port = url.port_or_known_default().unwrap_or_default();
    if port == 0 || url.as_str().len() > LONGEST_URL {
        return Err(phrases::fetch_address_unusable());
    }
    let open = match url.host() {
        Some(Host::Ipv4(ip)) => permitted(ip.into(), port, allow),
        Some(Host::Ipv6(ip)) => permitted(ip.into(), port, allow),
        Some(Host::Domain(name)) => name_permitted(&bare(name), port, allow),
        None => return Err(phrases::fetch_address_unusable()),
    };
    if open { Ok(()) } else { Err(phrases::fetch_private(url.host_str().unwrap_or_default(), port)) }
}

/// Whether a site's address is at a port where sites are, or at one that `allow` lists: what else
/// listens on other ports is not for a feed reader to ask, unless an admin means it.
///
/// # Errors
/// A sentence that names the line to add.
pub fn check_port(url: &Url, allow: &[Allowed]) -> Result<(), String> {
    let port = url.port_or_known_default().unwrap_or_default();
    let listed = |a: &Allowed| match url.host() {
        Some(Host::Ipv4(ip)) => a.covers(ip.into(), port),
        Some(Host::Ipv6(ip)) => a.covers(IpAddr::from(ip).to_canonical(), port),
        Some(Host::Domain(name)) => a.names(&bare(name)) && a.holds_at(port),
        None => false,
    };
    if matches!(port, 80 | 443 | 8_000..=8_999) || allow.iter().any(listed) {
        return Ok(());
    }
    Err(phrases::fetch_port(url.host_str().unwrap_or_default(), port))
}

/// Names of this very machine (RFC 6761 §6.3) are known without a resolver.
fn name_permitted(name: &str, port: u16, allow: &[Allowed]) -> bool {
    let local = name == "localhost" || name.ends_with(".localhost");
    let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    !local || loopback.iter().any(|ip| permitted(*ip, port, allow)) || allow.iter().any(|a| a.names(name) && a.holds_at(port))
}

/// Hands on only addresses that may be dialled at its port. What was checked here is what is
/// dialled: there is no second look-up that could answer otherwise (DNS rebinding).
pub(super) struct Resolver {
    allow: Arc<[Allowed]>,
    port: u16,
}

impl Resolver {
    /// For a client that is only used at `port`; 0 stands for all ports that no entry names.
    pub(super) fn at_port(allow: Arc<[Allowed]>, port: u16) -> Self {
        Self { allow, port }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (allow, port, name) = (self.allow.clone(), self.port, name.as_str().to_owned());
        Box::pin(async move {
            if name == NOWHERE {
                return Err(Unresolved::Barred.into());
            }
            let found = tokio::time::timeout(DNS_LIMIT, tokio::net::lookup_host((name.as_str(), 0))).await;
            let found = found.map_err(|_| Unresolved::Slow)?.map_err(|e| Unresolved::Unknown(e.to_string()))?;
            let addresses = vetted(found, &bare(&name), port, &allow)?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

fn vetted(found: impl Iterator<Item = SocketAddr>, name: &str, port: u16, allow: &[Allowed]) -> Result<Vec<SocketAddr>, Unresolved> {
    let found: Vec<_> = found.take(MOST_ADDRESSES).collect();
    if found.is_empty() {
        return Err(Unresolved::Unknown("no address".into()));
    }
    let named = allow.iter().any(|a| a.names(name) && a.holds_at(port));
    let open: Vec<_> = found.into_iter().filter(|a| named || permitted(a.ip(), port, allow)).collect();
    if open.is_empty() { Err(Unresolved::Barred) } else { Ok(open) }
}

/// Why a name gave no address to dial.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unresolved {
    /// It has addresses, and none may be dialled.
    Barred,
    /// It does not exist, or its servers did not answer; the resolver's words.
    Unknown(String),
    /// No answer in [`DNS_LIMIT`].
    Slow,
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Barred => f.write_str("private address refused"),
            Self::Unknown(why) => f.write_str(why),
            Self::Slow => f.write_str("name resolution timed out"),
        }
    }
}

impl std::error::Error for Unresolved {}

/// The check of [`check_url`] inside a client that others use: reqwest dials an address written
/// as a number without asking the resolver, but asks for a proxy before every connection. A
/// refused address gets one whose name [`Resolver`] refuses, so nothing is ever sent.
pub(super) fn detour(allow: Arc<[Allowed]>) -> reqwest::Proxy {
    reqwest::Proxy::custom(move |url| refused(url, &allow).then(|| format!("http://{NOWHERE}")))
}

fn refused(url: &Url, allow: &[Allowed]) -> bool {
    let name = url.domain().map(bare).unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    let mut listed = allow.iter().filter(|a| a.names(&name)).peekable();
    let elsewhere = listed.peek().is_some() && !listed.any(|a| a.holds_at(port));
    elsewhere || check_url(url, allow).is_err()
}

#[cfg(test)]
mod tests;
