//! A ward's site on loopback: pages that the test writes, and every way a site can go wrong.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::Body;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, Method, Request};
use axum::response::Response;
use tokio::sync::Notify;

use super::ward::{self, Article};
use super::wire::{Server, Wire, hang_up, until};

pub(crate) use super::portal_reply::Reply;

/// One request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Hit {
    /// GET or HEAD, if all is well.
    pub(crate) method: String,
    /// With its query.
    pub(crate) path: String,
    /// As sent.
    pub(crate) headers: HeaderMap,
}

impl Hit {
    /// A header's value, empty when absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Whether it asked only for something newer.
    pub(crate) fn is_conditional(&self) -> bool {
        !self.header("if-none-match").is_empty() || !self.header("if-modified-since").is_empty()
    }
}

#[derive(Default)]
struct State {
    pages: BTreeMap<String, Reply>,
    hits: Vec<Hit>,
    articles: Vec<Article>,
    changes: u64,
    hops: u64,
    down: Option<Reply>,
}

#[derive(Default)]
struct Inner {
    state: Mutex<State>,
    changed: Notify,
}

/// The site. Clones are the same site; it ends with the last one.
#[derive(Clone)]
pub(crate) struct Portal {
    inner: Arc<Inner>,
    server: Arc<Server>,
}

impl Portal {
    /// An empty site: 404 on every path, `robots.txt` too.
    pub(crate) async fn start() -> Self {
        let inner = Arc::new(Inner::default());
        let router = Router::new().fallback(enter).with_state(inner.clone());
        Self { inner, server: Arc::new(Server::start(router).await) }
    }

    /// A ward's portal with the twelve articles of `ward_articles()` under `/tin-tuc`.
    pub(crate) async fn ward() -> Self {
        let portal = Self::start().await;
        for (path, kind, bytes) in ward::files() {
            portal.set(path, Reply::bytes(kind, bytes));
        }
        portal.state().articles = ward::ward_articles();
        portal.rebuild();
        portal
    }

    /// The address of a path; `""` gives the bare origin.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.url())
    }

    /// `127.0.0.1:port`, as `[fetch] allow` wants it.
    pub(crate) fn host(&self) -> String {
        self.server.address().to_string()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap()
    }

    /// What `path` (with its query) answers from now on; `/x/*` stands for all below `/x/`.
    pub(crate) fn set(&self, path: &str, reply: Reply) -> &Self {
        let mut state = self.state();
        let same = state.pages.get(path).is_some_and(|old| old.etag().is_some() && old.etag() == reply.etag());
        state.changes += u64::from(!same);
        let modified = match state.pages.get(path).filter(|_| same) {
            Some(old) => old.modified.clone(),
            None => modified(state.changes),
        };
        state.pages.insert(path.to_owned(), reply.dated(modified));
        drop(state);
        self
    }

    /// A page in UTF-8 HTML.
    pub(crate) fn page(&self, path: &str, html: &str) -> &Self {
        self.set(path, Reply::html(html))
    }

    /// Takes a path away: 404.
    pub(crate) fn remove(&self, path: &str) -> &Self {
        self.state().pages.remove(path);
        self
    }

    /// The text of `robots.txt`.
    pub(crate) fn robots(&self, text: &str) -> &Self {
        self.set("/robots.txt", Reply::bytes("text/plain", text.to_owned()))
    }

    /// `/a` → `/b` → `/a`, as 302.
    pub(crate) fn redirect_loop(&self, a: &str, b: &str) -> &Self {
        self.set(a, Reply::redirect(302, b)).set(b, Reply::redirect(302, a))
    }

    /// `from` leads to `to` over `hops` redirects in all (301).
    pub(crate) fn redirect_chain(&self, from: &str, hops: usize, to: &str) -> &Self {
        let step = |n: usize| if n == 0 { from.to_owned() } else { format!("{from}-{n}") };
        for hop in 0..hops {
            let next = if hop + 1 == hops { to.to_owned() } else { step(hop + 1) };
            self.set(&step(hop), Reply::redirect(301, &next));
        }
        self
    }

    /// Every path answers this, until `heal`.
    pub(crate) fn fail_always(&self, reply: Reply) -> &Self {
        self.state().down = Some(reply);
        self
    }

    /// The pages are back.
    pub(crate) fn heal(&self) -> &Self {
        self.state().down = None;
        self
    }

    /// Refuses connections until `restart`.
    pub(crate) async fn stop(&self) {
        self.server.stop().await;
    }

    /// Listens again on the same port.
    pub(crate) async fn restart(&self) {
        self.server.restart().await;
    }

    /// Every request, in order.
    pub(crate) fn hits(&self) -> Vec<Hit> {
        self.state().hits.clone()
    }

    /// The requests for one path (with its query).
    pub(crate) fn hits_to(&self, path: &str) -> Vec<Hit> {
        self.hits().into_iter().filter(|hit| hit.path == path).collect()
    }

    /// Waits until `path` has been asked for this many times.
    pub(crate) async fn wait_hits(&self, path: &str, count: usize) {
        until(&self.inner.changed, &format!("{count} requests for {path}"), || self.hits_to(path).len() >= count).await;
    }

    /// The ward's articles, newest first.
    pub(crate) fn articles(&self) -> Vec<Article> {
        self.state().articles.clone()
    }

    /// Puts an article on top of the list, or in its old place when its path is known (a correction).
    pub(crate) fn publish(&self, article: Article) -> &Self {
        let mut state = self.state();
        match state.articles.iter_mut().find(|known| known.path == article.path) {
            Some(known) => *known = article,
            None => state.articles.insert(0, article),
        }
        drop(state);
        self.rebuild()
    }

    /// Takes an article off the list and its page away.
    pub(crate) fn withdraw(&self, path: &str) -> &Self {
        self.state().articles.retain(|article| article.path != path);
        self.remove(path).rebuild()
    }

    fn rebuild(&self) -> &Self {
        for (path, html) in ward::pages(&self.articles()) {
            self.page(&path, &html);
        }
        self
    }
}

/// A `Last-Modified` that moves a minute with each change.
fn modified(changes: u64) -> String {
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_793_871_000); // 5 Nov 2026, 16:30 in Hanoi
    httpdate::fmt_http_date(start + Duration::from_secs(60 * changes))
}

async fn enter(Shared(inner): Shared<Arc<Inner>>, request: Request<Body>) -> Response {
    let (parts, _) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |p| p.as_str()).to_owned();
    let Some(wire) = parts.extensions.get::<Wire>().cloned() else { return hang_up() };
    let (reply, hop) = find(&mut inner.state.lock().unwrap(), &path, &parts.method, &parts.headers);
    inner.changed.notify_waiters();
    reply.serve(&parts.headers, &hop, &wire).await
}

/// Writes the request down and finds its answer.
fn find(state: &mut State, path: &str, method: &Method, headers: &HeaderMap) -> (Reply, String) {
    state.hits.push(Hit { method: method.to_string(), path: path.to_owned(), headers: headers.clone() });
    state.hops += 1;
    let below = || state.pages.iter().find(|(key, _)| key.strip_suffix('*').is_some_and(|start| path.starts_with(start)));
    let hop = below().map(|(key, _)| format!("{}{}", key.trim_end_matches('*'), state.hops)).unwrap_or_default();
    let page = || state.pages.get(path).or_else(|| below().map(|(_, reply)| reply)).cloned();
    let reply = match *method {
        Method::GET | Method::HEAD => state.down.clone().or_else(page).unwrap_or_else(|| Reply::status(404)),
        _ => Reply::status(405),
    };
    (reply, hop)
}
