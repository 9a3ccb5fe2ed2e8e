//! What the smaller platforms have in common: one server that judges each request by the rules of
//! its platform, keeps what would be seen, and fails on demand in the platform's own words.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State as Shared;
use axum::http::{HeaderMap, Method, Request};
use axum::response::Response;
use bytes::Bytes;
use serde_json::Value;

use super::mishap::Mishap;
use super::wire::{Server, Wire, hang_up};

/// A request as it came.
pub(crate) struct Call {
    pub(crate) method: Method,
    /// The path, percent-decoded, in segments.
    pub(crate) path: Vec<String>,
    pub(crate) query: HashMap<String, String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Path and query as they came.
    pub(crate) target: String,
}

impl Call {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub(crate) fn bearer(&self) -> &str {
        self.header("authorization").strip_prefix("Bearer ").unwrap_or_default()
    }

    /// The body, where it is JSON and says so.
    pub(crate) fn json(&self) -> Option<Value> {
        self.header("content-type").starts_with("application/json").then(|| serde_json::from_slice(&self.body).ok())?
    }

    /// Method and path, for a match.
    pub(crate) fn line(&self) -> (&str, Vec<&str>) {
        (self.method.as_str(), self.path.iter().map(String::as_str).collect())
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn new(status: u16, body: impl ToString) -> Self {
        Self { status, headers: Vec::new(), body: body.to_string() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    fn response(self) -> Response {
        let mut response = Response::builder().status(self.status);
        for (name, value) in self.headers {
            response = response.header(name, value);
        }
        response.body(Body::from(self.body)).unwrap()
    }
}

/// A message that people see.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) id: String,
    pub(crate) place: String,
    /// The sender's key, where the platform has one.
    pub(crate) key: String,
    pub(crate) title: String,
    pub(crate) text: String,
}

/// One platform's rules.
pub(crate) trait Rules: Send + Sync + 'static {
    /// Whether a mishap may hit this request: it carries a message.
    fn carries(&self, call: &Call) -> bool;
    /// The answer, and what is seen from now on; `Err` where the request is refused for what it is.
    fn judge(&self, call: &Call, seen: &mut Vec<Seen>) -> Result<Reply, Reply>;
    /// A failure in the platform's own words; `None` where it cannot fail so.
    fn spoilt(&self, mishap: Mishap) -> Option<Reply>;
}

#[derive(Default)]
struct State {
    seen: Vec<Seen>,
    refusals: Vec<String>,
    mishaps: VecDeque<Mishap>,
}

struct Inner {
    rules: Box<dyn Rules>,
    state: Mutex<State>,
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn take(&self, call: &Call) -> Reply {
        let state = &mut *self.state();
        self.rules.judge(call, &mut state.seen).unwrap_or_else(|refused| {
            state.refusals.push(format!("{} {}: {} {}", call.method, call.target, refused.status, refused.body));
            refused
        })
    }
}

/// A platform on loopback.
pub(crate) struct FakePlatform {
    inner: Arc<Inner>,
    server: Server,
}

impl FakePlatform {
    pub(crate) async fn start(rules: impl Rules) -> Self {
        let inner = Arc::new(Inner { rules: Box::new(rules), state: Mutex::default() });
        let server = Server::start(Router::new().fallback(enter).with_state(inner.clone())).await;
        Self { inner, server }
    }

    /// `http://127.0.0.1:port`.
    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// What people see, oldest first.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.inner.state().seen.clone()
    }

    /// Requests that were refused for what they are.
    pub(crate) fn refusals(&self) -> Vec<String> {
        self.inner.state().refusals.clone()
    }

    /// Spoils the next message; false where this platform cannot fail so.
    pub(crate) fn fail_next(&self, mishap: Mishap) -> bool {
        let can = matches!(mishap, Mishap::Reset | Mishap::LostAnswer | Mishap::HtmlPage) || self.inner.rules.spoilt(mishap).is_some();
        if can {
            self.inner.state().mishaps.push_back(mishap);
        }
        can
    }

    /// Refuses connections from now on.
    pub(crate) async fn stop(&self) {
        self.server.stop().await;
    }
}

async fn enter(Shared(inner): Shared<Arc<Inner>>, request: Request<Body>) -> Response {
    tokio::spawn(receive(inner, request)).await.unwrap_or_else(|_| hang_up())
}

async fn receive(inner: Arc<Inner>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let Some(wire) = parts.extensions.get::<Wire>().cloned() else { return hang_up() };
    let Ok(body) = to_bytes(body, 50 << 20).await else { return hang_up() };
    let decoded = |text: &str| {
        url::form_urlencoded::parse(text.replace('+', "%2B").as_bytes()).map(|(key, _)| key.into_owned()).next().unwrap_or_default()
    };
    let query = parts.uri.query().unwrap_or_default();
    let call = Call {
        method: parts.method,
        path: parts.uri.path().split('/').skip(1).map(decoded).collect(),
        query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        headers: parts.headers,
        body,
        target: parts.uri.to_string(),
    };
    let mishap = if inner.rules.carries(&call) { inner.state().mishaps.pop_front() } else { None };
    let page = |call: &Call| Reply::new(502, format!("<html>Bad Gateway: {}</html>", call.target)).with("content-type", "text/html");
    match mishap {
        None => inner.take(&call).response(),
        Some(Mishap::Reset) => {
            wire.reset_on_close();
            hang_up()
        }
        Some(Mishap::LostAnswer) => {
            inner.take(&call);
            hang_up()
        }
        Some(Mishap::HtmlPage) => page(&call).response(),
        Some(other) => inner.rules.spoilt(other).map_or_else(hang_up, Reply::response),
    }
}
