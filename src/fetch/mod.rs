//! One polite HTTP client: private addresses refused, one request at a time to a host with a
//! pause between, robots.txt and `Retry-After` kept, conditional requests, limits on everything.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, Utc};
use reqwest::header::{ACCEPT_ENCODING, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH};
use reqwest::{Client, Method, Response, StatusCode};
use tokio::time::Instant;
use url::Url;

use crate::channel::Guarded;
use crate::page::{Page, Validators};
use crate::phrases;
use crate::text;
use crate::tls::{self, Authorities};

mod answer;
mod client;
mod error;
mod gate;
mod guard;
mod head;
mod local;
mod robots;
mod trail;

pub use error::FetchError;
pub use gate::Rest;
pub use guard::{Allowed, check_port, check_url, permitted};
pub(crate) use trail::anonymous;

use gate::{Gate, Shut, Turn};
use local::Folders;
use robots::Known;
use trail::Trail;

/// How the fetcher behaves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Private addresses that may be asked; none by default.
    pub allow: Vec<Allowed>,
    /// Between the end of one page and the next request to the same host. A longer `Crawl-delay`
    /// of the site wins; for one of more than a minute see [`FetchError::Rests`].
    pub pause: Duration,
    /// Who we are, with a contact: `loaphuong/1.0 (+https://…; mailto:…)`.
    pub user_agent: String,
    /// For one page in all: robots.txt, redirects and the last byte of the body, without the
    /// time in the host's queue.
    pub timeout: Duration,
    /// The most bytes of a body after decoding.
    pub size_cap: usize,
    /// Certificates that are trusted for some hosts alone.
    pub authorities: Authorities,
}

impl Settings {
    /// One second between pages, 30 seconds and 10 MiB for each, no private address.
    #[must_use]
    pub fn new(user_agent: impl Into<String>) -> Self {
        Self {
            allow: Vec::new(),
            pause: Duration::from_secs(1),
            user_agent: user_agent.into(),
            timeout: Duration::from_secs(30),
            size_cap: 10 << 20,
            authorities: Authorities::new(),
        }
    }
}

/// What came.
#[derive(Debug)]
pub enum Fetched {
    /// The page, whole.
    Page {
        /// Its body and where it was found.
        page: Box<Page>,
        /// Where it has moved for good, when every redirect on the way was permanent (301, 308);
        /// for the admin to take over, never stored by itself.
        moved: Option<Url>,
    },
    /// The page is still what the validators stand for.
    NotModified,
}

/// Fetches pages. One for the whole house, since politeness is kept per host.
pub struct Fetcher {
    settings: Settings,
    allow: Arc<[Allowed]>,
    /// reqwest tells a resolver the name only, and `allow` may bind an address to a port. So each
    /// port that an entry names has a client of its own, whose resolver knows it, and 0 has the
    /// client for all others.
    clients: HashMap<u16, Ways>,
    tls: rustls::ClientConfig,
    gate: Gate,
    folders: Folders,
}

/// The clients for one port.
struct Ways {
    pages: Client,
    /// For channels: it checks each address by itself, follows no redirect and knows no proxy.
    guarded: Client,
}

/// What is asked for, and how.
struct Ask<'a> {
    method: Method,
    /// Of an earlier answer.
    validators: &'a Validators,
    /// Until the last byte, without the time in the host's queue.
    limit: Duration,
}

impl Guarded for Fetcher {
    fn client(&self, url: &Url) -> Result<Client, String> {
        Ok(self.ways(url)?.guarded.clone())
    }

    fn barred(&self, error: &reqwest::Error, url: &Url) -> Option<String> {
        client::is_barred(error).then(|| phrases::fetch_private_name(url.host_str().unwrap_or_default()))
    }
}

impl Fetcher {
    /// Builds the clients.
    ///
    /// # Errors
    /// Where this machine has no CA certificates, or the user agent cannot stand in a header.
    pub fn new(settings: Settings) -> anyhow::Result<Self> {
        // Whoever was first has installed the same provider.
        rustls::crypto::ring::default_provider().install_default().ok();
        let tls = tls::client_config().with_context(phrases::fetch_no_client)?;
        let of_sites = tls::trusting(&settings.authorities, &tls).with_context(phrases::fetch_no_client)?;
        let allow: Arc<[Allowed]> = settings.allow.clone().into();
        let mut clients = HashMap::new();
        for port in allow.iter().filter_map(Allowed::port).chain([0]) {
            let pages = client::for_pages(&allow, port, &settings.user_agent, &of_sites).with_context(phrases::fetch_no_client)?;
            let guarded = client::guarded(&allow, port, &settings, &tls).with_context(phrases::fetch_no_client)?;
            clients.insert(port, Ways { pages, guarded });
        }
        Ok(Self { gate: Gate::new(settings.pause), folders: Folders::default(), settings, allow, clients, tls })
    }

    /// The TLS setup, for clients that channels build.
    #[must_use]
    pub const fn tls(&self) -> &rustls::ClientConfig {
        &self.tls
    }

    /// Between two pages of a host, where the host asks for no longer pause.
    #[must_use]
    pub const fn pause(&self) -> Duration {
        self.settings.pause
    }

    /// The rest that this address's host is in, where its robots.txt asks for one between two
    /// requests that nobody waits for.
    #[must_use]
    pub fn rest(&self, url: &Url) -> Option<Rest> {
        self.gate.rest(url)
    }

    /// Lets `file:` addresses in this folder be read.
    pub fn permit_folder(&self, folder: &Path) {
        self.folders.permit(folder);
    }

    /// Gets one page, waiting for its host's turn. With `validators` of an earlier answer the
    /// request is conditional.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn get(&self, url: &Url, validators: &Validators, now: DateTime<Utc>) -> Result<Fetched, FetchError> {
        if url.scheme() == "file" {
            let page = self.folders.read(url, self.settings.size_cap, now).await?;
            return Ok(Fetched::Page { page: Box::new(page), moved: None });
        }
        let mut trail = Trail::new(url.clone());
        let ask = Ask { method: Method::GET, validators, limit: self.settings.timeout };
        let (response, mut turn) = self.walk(&mut trail, &ask, now).await?;
        let answer = self.understand(response, &trail, validators, now).await;
        heed(&mut turn, &answer);
        answer
    }

    /// Goes from redirect to redirect until something else answers. The turn at its host is held
    /// until the body is read.
    async fn walk(&self, trail: &mut Trail, ask: &Ask<'_>, now: DateTime<Utc>) -> Result<(Response, Turn), FetchError> {
        let mut left = ask.limit;
        let mut held: Option<Turn> = None;
        loop {
            let client = self.client(&trail.at)?;
            // A hop within the host needs no new turn, so no pause; another host's turn is only
            // waited for when this one is given back, so two walks cannot wait for each other.
            let mut turn = match held.take().filter(|turn| turn.covers(&trail.at)) {
                Some(turn) => turn,
                None => self.enter(&trail.at).await?,
            };
            self.obey_robots(&mut turn, &trail.at, &mut left, now).await?;
            let response = send(client, &trail.at, ask, &mut left).await?;
            if !trail.follow(&response)? {
                return Ok((response, turn));
            }
            held = Some(turn);
        }
    }

    /// The client for this address, if it may be asked.
    fn client(&self, url: &Url) -> Result<&Client, FetchError> {
        Ok(&self.ways(url).map_err(FetchError::refused)?.pages)
    }

    fn ways(&self, url: &Url) -> Result<&Ways, String> {
        check_url(url, &self.allow)?;
        let port = url.port_or_known_default().unwrap_or_default();
        self.clients.get(&port).or_else(|| self.clients.get(&0)).ok_or_else(phrases::fetch_no_client)
    }

    async fn enter(&self, url: &Url) -> Result<Turn, FetchError> {
        let host = &named(url);
        self.gate.enter(url).await.map_err(|shut| match shut {
            Shut::Closed(left) => FetchError::Later { after: Some(left), cause: phrases::fetch_host_closed(host, left) },
            Shut::Resting(rest) => FetchError::Rests { rest, cause: phrases::robots_rest(host, rest.asked, rest.left) },
        })
    }

    async fn obey_robots(&self, turn: &mut Turn, url: &Url, left: &mut Duration, now: DateTime<Utc>) -> Result<(), FetchError> {
        if !turn.state.robots.as_ref().is_some_and(|known| known.holds(now)) {
            let asked = self.robots(url, left, now).await;
            heed(turn, &asked);
            turn.state.robots = Some(asked?);
        }
        let line = turn.state.robots.as_ref().and_then(|known| known.forbidding(url));
        let host = &named(url);
        line.map_or(Ok(()), |line| Err(FetchError::refused(phrases::robots_forbids(host, &line))))
    }

    /// Asks for robots.txt. Its redirects are followed without a turn at their hosts: waiting for
    /// one while holding another could last for ever.
    async fn robots(&self, url: &Url, left: &mut Duration, now: DateTime<Utc>) -> Result<Known, FetchError> {
        let ask = Ask { method: Method::GET, validators: &Validators::default(), limit: *left };
        let start = robotxt::robots_url(url).map_err(|_| FetchError::refused(phrases::fetch_address_unusable()))?;
        let mut trail = Trail::new(start);
        loop {
            // A file that redirects astray is as good as none (RFC 9309 §2.3.1.2 and §2.3.1.3).
            let client = match self.client(&trail.at) {
                Err(_) if trail.redirected() => return Ok(Known::none(now)),
                checked => checked?,
            };
            let response = send(client, &trail.at, &ask, left).await?;
            match trail.follow(&response) {
                Ok(true) => {}
                Ok(false) => return read_robots(response, url, now).await,
                Err(_) => return Ok(Known::none(now)),
            }
        }
    }

    async fn understand(&self, response: Response, trail: &Trail, asked: &Validators, now: DateTime<Utc>) -> Result<Fetched, FetchError> {
        let host = &named(&trail.at);
        if response.status() == StatusCode::NOT_MODIFIED {
            let conditional = *asked != Validators::default();
            return if conditional { Ok(Fetched::NotModified) } else { Err(FetchError::later(phrases::fetch_not_modified_unasked(host))) };
        }
        if let Some(error) = answer::refusal(response.status(), response.headers(), host, now) {
            return Err(error);
        }
        let (media_type, charset) = answer::content_type(response.headers());
        let validators = answer::validators(response.headers());
        let cap = self.settings.size_cap;
        let gathered = answer::gather(response.bytes_stream(), cap).await.map_err(|e| client::explain(&e, host))?;
        if let Some(kind) = answer::not_a_page(&gathered.body) {
            return Err(FetchError::refused(phrases::fetch_not_a_page(host, kind)));
        }
        if !gathered.whole {
            return Err(FetchError::TooBig { cause: phrases::fetch_too_big(host, cap) });
        }
        if gathered.body.is_empty() {
            return Err(FetchError::later(phrases::fetch_empty(host)));
        }
        let page = Page { url: anonymous(&trail.at), fetched: now, media_type, charset, body: gathered.body, validators };
        Ok(Fetched::Page { page: Box::new(page), moved: trail.moved() })
    }
}

/// The host of an address, for people.
fn named(url: &Url) -> Cow<'_, str> {
    text::shown_host(url.host_str().unwrap_or_default())
}

/// Sends one request and waits for the head of the answer; the body must come in what is left then.
async fn send(client: &Client, url: &Url, ask: &Ask<'_>, left: &mut Duration) -> Result<Response, FetchError> {
    let began = Instant::now();
    let mut request = client.request(ask.method.clone(), url.clone()).timeout(*left);
    if ask.method == Method::HEAD {
        // The length of what it would be compressed to is of no use.
        request = request.header(ACCEPT_ENCODING, "identity");
    }
    for (name, value) in conditions(ask.validators) {
        request = request.header(name, value);
    }
    let answered = request.send().await;
    *left = left.saturating_sub(began.elapsed());
    answered.map_err(|e| client::explain(&e, &named(url)))
}

/// The validators as they came; one that cannot stand in a header is left out.
fn conditions(validators: &Validators) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    let header = |name: HeaderName, value: &Option<String>| value.as_ref().and_then(|v| HeaderValue::from_str(v).ok()).map(|v| (name, v));
    header(IF_NONE_MATCH, &validators.etag).into_iter().chain(header(IF_MODIFIED_SINCE, &validators.last_modified))
}

async fn read_robots(response: Response, url: &Url, now: DateTime<Utc>) -> Result<Known, FetchError> {
    let host = &named(url);
    let status = response.status();
    let waiting = answer::refusal(status, response.headers(), host, now);
    let gathered = answer::gather(response.bytes_stream(), robots::SIZE_CAP).await.map_err(|e| client::explain(&e, host))?;
    Known::answered(status, &gathered.body, now).ok_or_else(|| {
        let after = match waiting {
            Some(FetchError::Later { after, .. }) => after,
            Some(FetchError::Rests { .. } | FetchError::Gone { .. } | FetchError::Refused { .. } | FetchError::TooBig { .. }) | None => {
                None
            }
        };
        FetchError::Later { after, cause: phrases::robots_unreachable(host, status.as_u16()) }
    })
}

/// Keeps away from a host that asked for it.
fn heed<T>(turn: &mut Turn, answer: &Result<T, FetchError>) {
    if let Err(FetchError::Later { after: Some(after), .. }) = answer {
        turn.close(*after);
    }
}

#[cfg(test)]
mod tests;
