//! Whom the web server lets in and how often, and the former names of feeds.

use std::sync::Arc;

use ipnet::IpNet;
use toml::Spanned;

use super::build::Builder;
use super::diagnose::File;
use super::sections;
use crate::entry::Slug;
use crate::phrases;

/// More a minute than any machine asks.
const MOST: u32 = 1_000_000_000;

/// `[server]`, beside the address.
#[derive(Debug, Clone)]
pub struct Door {
    /// Whose word on its clients is taken (`X-Forwarded-For`, `Forwarded`).
    pub proxies: Vec<IpNet>,
    /// How often one client may ask.
    pub rates: Rates,
}

/// What one client may have: requests a minute, by what they cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Of feeds, which are prepared.
    pub feeds: u32,
    /// Of pages.
    pub pages: u32,
    /// Of searches.
    pub searches: u32,
    /// Of forms, which write.
    pub forms: u32,
    /// And connections at the same time.
    pub connections: u32,
}

impl Default for Rates {
    /// Generous, as a whole quarter may share one address of its mobile network.
    fn default() -> Self {
        Self { feeds: 3000, pages: 600, searches: 60, forms: 20, connections: 256 }
    }
}

impl Default for Door {
    /// A proxy on this machine is trusted: who comes from here is no stranger.
    fn default() -> Self {
        let here = ["127.0.0.0/8", "::1/128"];
        Self { proxies: here.iter().filter_map(|net| net.parse().ok()).collect(), rates: Rates::default() }
    }
}

impl Builder {
    pub(super) fn door(&mut self, file: &Arc<File>, server: &sections::Server) -> Door {
        let known = Door::default();
        let proxies = match &server.trusted_proxies {
            Some(written) => written.iter().filter_map(|one| self.network(file, one)).collect(),
            None => known.proxies,
        };
        let rates = server.limits.as_ref().map_or(known.rates, |limits| Rates {
            feeds: self.rate(file, limits.feeds.as_ref(), known.rates.feeds),
            pages: self.rate(file, limits.pages.as_ref(), known.rates.pages),
            searches: self.rate(file, limits.searches.as_ref(), known.rates.searches),
            forms: self.rate(file, limits.forms.as_ref(), known.rates.forms),
            connections: self.rate(file, limits.connections.as_ref(), known.rates.connections),
        });
        Door { proxies, rates }
    }

    /// A network, or one address.
    fn network(&mut self, file: &Arc<File>, written: &Spanned<String>) -> Option<IpNet> {
        let text = written.get_ref().trim();
        let net = text.parse().ok().or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from));
        if net.is_none() {
            self.findings.error(file, Some(written.span()), phrases::config_bad_network(text), None);
        }
        net
    }

    fn rate(&mut self, file: &Arc<File>, written: Option<&Spanned<u32>>, otherwise: u32) -> u32 {
        let Some(written) = written else { return otherwise };
        if !(1..=MOST).contains(written.get_ref()) {
            self.findings.error(file, Some(written.span()), phrases::config_out_of_range(1, MOST), None);
        }
        *written.get_ref()
    }

    /// Notes former names of a feed, which no other feed may have.
    pub(super) fn former(&mut self, file: &Arc<File>, written: &[Spanned<String>], present: Option<&Slug>) {
        for one in written {
            let former = self.name("feed", file, one);
            self.aliases.extend(former.zip(present).map(|(former, present)| (former.to_string(), present.clone())));
        }
    }
}
