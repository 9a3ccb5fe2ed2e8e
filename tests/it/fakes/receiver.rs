//! A receiver of webhooks that follows Standard Webhooks to the letter.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State as Shared;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use tokio::sync::Notify;

use super::wire::{Gate, Server, Wire, hang_up, until};

/// How far a timestamp may be from the clock, in seconds.
const TOLERANCE: i64 = 300;
/// The largest body that the specification recommends.
const LARGEST: usize = 20 * 1_024;

/// A delivery with a good signature; the same id may come again.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    /// `webhook-id`.
    pub(crate) id: String,
    /// `webhook-timestamp`.
    pub(crate) timestamp: i64,
    /// The path it came to.
    pub(crate) path: String,
    /// As signed.
    pub(crate) body: Bytes,
    /// As sent.
    pub(crate) headers: HeaderMap,
}

/// What goes wrong with a delivery.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// Not taken: this status, such as 500 or 410.
    Status(u16),
    /// Not taken: 429 or 503 with `Retry-After`.
    Later(u16, &'static str),
    /// Not taken: a redirect, which the specification counts as a failure.
    Redirect(String),
    /// Not taken: the connection is reset.
    Reset,
    /// Taken, then the connection ends without an answer.
    LostAnswer,
    /// Not taken until the gate opens, then taken and answered.
    Hang(Gate),
}

#[derive(Default)]
struct State {
    deliveries: Vec<Delivery>,
    refusals: Vec<(u16, String)>,
    troubles: VecDeque<Trouble>,
    always: Option<Trouble>,
    now: Option<i64>,
    requests: usize,
}

struct Inner {
    key: Vec<u8>,
    state: Mutex<State>,
    changed: Notify,
}

/// The receiver. Clones are the same one; it ends with the last.
#[derive(Clone)]
pub(crate) struct Receiver {
    inner: Arc<Inner>,
    server: Arc<Server>,
}

impl Receiver {
    /// Starts with a secret, `whsec_` and 24 to 64 bytes as base64.
    pub(crate) async fn start(secret: &str) -> Self {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or_else(|| panic!("a secret starts with whsec_"))).unwrap();
        assert!((24..=64).contains(&key.len()), "a key has 24 to 64 bytes, not {}", key.len());
        let inner = Arc::new(Inner { key, state: Mutex::default(), changed: Notify::new() });
        let router = Router::new().fallback(enter).with_state(inner.clone());
        Self { inner, server: Arc::new(Server::start(router).await) }
    }

    /// A secret for `start`, the same for the same seed.
    pub(crate) fn secret(seed: u8) -> String {
        format!("whsec_{}", STANDARD.encode([seed; 32]))
    }

    /// Where to post; any path is taken.
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

    /// Judges timestamps by this Unix time instead of the clock.
    pub(crate) fn now(&self, seconds: i64) -> &Self {
        self.state().now = Some(seconds);
        self
    }

    /// For the next delivery with a good signature.
    pub(crate) fn fail_next(&self, trouble: Trouble) -> &Self {
        self.state().troubles.push_back(trouble);
        self
    }

    /// For every delivery, until `heal`.
    pub(crate) fn fail_always(&self, trouble: Trouble) -> &Self {
        self.state().always = Some(trouble);
        self
    }

    /// All is well again.
    pub(crate) fn heal(&self) -> &Self {
        let mut state = self.state();
        (state.always, state.troubles) = (None, VecDeque::new());
        drop(state);
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

    /// What was taken, repeats too.
    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        self.state().deliveries.clone()
    }

    /// What a receiver that remembers ids has: each body once, by id.
    pub(crate) fn by_id(&self) -> BTreeMap<String, Bytes> {
        self.deliveries().into_iter().rev().map(|d| (d.id, d.body)).collect()
    }

    /// Ids that came with two different bodies; there must be none.
    pub(crate) fn conflicts(&self) -> Vec<String> {
        let first = self.by_id();
        self.deliveries().into_iter().filter(|d| first.get(&d.id) != Some(&d.body)).map(|d| d.id).collect()
    }

    /// Requests refused for what they are: status and reason.
    pub(crate) fn refusals(&self) -> Vec<(u16, String)> {
        self.state().refusals.clone()
    }

    /// All requests, whatever became of them.
    pub(crate) fn requests(&self) -> usize {
        self.state().requests
    }

    /// Waits until so many deliveries were taken.
    pub(crate) async fn wait_deliveries(&self, count: usize) {
        until(&self.inner.changed, &format!("{count} deliveries"), || self.deliveries().len() >= count).await;
    }

    /// Waits until so many requests came, taken or not.
    pub(crate) async fn wait_requests(&self, count: usize) {
        until(&self.inner.changed, &format!("{count} requests"), || self.requests() >= count).await;
    }
}

async fn enter(Shared(inner): Shared<Arc<Inner>>, request: Request<Body>) -> Response {
    tokio::spawn(receive(inner, request)).await.unwrap_or_else(|_| hang_up())
}

async fn receive(inner: Arc<Inner>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let Some(wire) = parts.extensions.get::<Wire>().cloned() else { return hang_up() };
    let Ok(body) = to_bytes(body, 50 << 20).await else { return hang_up() };
    let verdict = if parts.method == Method::POST { inner.judge(&parts.headers, &body) } else { Err((405, "only POST".to_owned())) };
    let (id, timestamp) = match inner.note(verdict) {
        Ok(good) => good,
        Err((status, reason)) => return (StatusCode::from_u16(status).unwrap(), reason).into_response(),
    };
    let delivery = Delivery { id, timestamp, path: parts.uri.path().to_owned(), body, headers: parts.headers };
    let trouble = inner.next_trouble();
    inner.live_through(trouble, delivery, &wire).await
}

type Verdict = Result<(String, i64), (u16, String)>;

impl Inner {
    fn note(&self, verdict: Verdict) -> Verdict {
        let mut state = self.state.lock().unwrap();
        state.requests += 1;
        state.refusals.extend(verdict.as_ref().err().cloned());
        drop(state);
        self.changed.notify_waiters();
        verdict
    }

    fn next_trouble(&self) -> Option<Trouble> {
        let mut state = self.state.lock().unwrap();
        state.troubles.pop_front().or_else(|| state.always.clone())
    }

    fn take(&self, delivery: Delivery) {
        self.state.lock().unwrap().deliveries.push(delivery);
        self.changed.notify_waiters();
    }

    async fn live_through(&self, trouble: Option<Trouble>, delivery: Delivery, wire: &Wire) -> Response {
        match trouble {
            Some(Trouble::Status(status)) => return StatusCode::from_u16(status).unwrap().into_response(),
            Some(Trouble::Later(status, after)) => {
                return (StatusCode::from_u16(status).unwrap(), [(header::RETRY_AFTER, after)]).into_response();
            }
            Some(Trouble::Redirect(to)) => return (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response(),
            Some(Trouble::Reset) => {
                wire.reset_on_close();
                return hang_up();
            }
            Some(Trouble::LostAnswer) => {
                self.take(delivery);
                return hang_up();
            }
            Some(Trouble::Hang(gate)) => gate.wait().await,
            None => {}
        }
        self.take(delivery);
        StatusCode::NO_CONTENT.into_response()
    }

    /// The id and timestamp of a good request, or the status and reason for a bad one.
    fn judge(&self, headers: &HeaderMap, body: &[u8]) -> Verdict {
        let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).filter(|v| !v.is_empty());
        let needed = |name: &str| header(name).ok_or_else(|| (400, format!("{name} is missing")));
        let (id, stamp, signatures) = (needed("webhook-id")?, needed("webhook-timestamp")?, needed("webhook-signature")?);
        let seconds: i64 = stamp.parse().map_err(|_| (400, format!("webhook-timestamp is no whole number of seconds: {stamp}")))?;
        let now = self.state.lock().unwrap().now.unwrap_or_else(|| chrono::Utc::now().timestamp());
        match () {
            () if id.contains('.') => Err((400, format!("webhook-id has a dot: {id}"))),
            () if (now - seconds).abs() > TOLERANCE => Err((401, format!("webhook-timestamp {seconds} is too far from {now}"))),
            () if !self.is_signed(id, stamp, body, signatures) => Err((401, "no signature fits".to_owned())),
            () if header("content-type").is_none_or(|kind| !kind.starts_with("application/json")) => {
                Err((415, "not application/json".to_owned()))
            }
            () if body.len() > LARGEST => Err((413, format!("{} bytes are more than 20 kB", body.len()))),
            () if serde_json::from_slice::<serde_json::Value>(body).is_err() => Err((400, "not JSON".to_owned())),
            () => Ok((id.to_owned(), seconds)),
        }
    }

    fn is_signed(&self, id: &str, stamp: &str, body: &[u8], signatures: &str) -> bool {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).unwrap();
        mac.update(format!("{id}.{stamp}.").as_bytes());
        mac.update(body);
        let given = signatures.split(' ').filter_map(|s| STANDARD.decode(s.strip_prefix("v1,")?).ok());
        given.into_iter().any(|signature| mac.clone().verify_slice(&signature).is_ok())
    }
}
