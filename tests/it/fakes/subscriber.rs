//! A subscriber by the letter of the W3C text, written against it and not against our hub: it
//! confirms only what it asked for, and takes content only with the right headers and signature.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State as Shared;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use hmac::{Hmac, KeyInit as _, Mac as _};
use tokio::sync::Notify;

use super::wire::{Gate, Server, Wire, hang_up, until};

/// A question of the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) path: String,
    pub(crate) mode: String,
    pub(crate) topic: String,
    pub(crate) lease: Option<i64>,
    pub(crate) challenge: String,
}

/// Content that was taken.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    pub(crate) path: String,
    pub(crate) topic: String,
    pub(crate) media_type: String,
    pub(crate) body: Bytes,
}

/// What the subscriber does in place of what it should.
#[derive(Clone, Debug)]
pub(crate) enum Whim {
    /// Answers with this status.
    Status(u16),
    /// Answers 503 and asks to be left alone for so many seconds.
    Later(&'static str),
    /// Sends the hub elsewhere.
    Redirect(String),
    /// Answers 200 with this body.
    Body(&'static str),
    /// Answers 200 with a body that never ends.
    Endless,
    /// Takes it, then the connection is reset.
    LostAnswer,
    /// Waits until the gate opens.
    Hang(Gate),
}

#[derive(Clone)]
struct Asked {
    mode: &'static str,
    topic: String,
    secret: Option<String>,
}

#[derive(Default)]
struct State {
    /// What was asked for, by path: confirmed only once per request.
    asked: HashMap<String, Vec<Asked>>,
    /// The secret that signs now.
    following: HashMap<(String, String), Option<String>>,
    questions: Vec<Question>,
    denied: Vec<(String, String)>,
    contents: Vec<Content>,
    /// Topics that a publisher told of, where this is a hub.
    published: Vec<String>,
    refusals: Vec<String>,
    whims: VecDeque<Whim>,
    always: Option<Whim>,
    requests: usize,
}

struct Inner {
    state: Mutex<State>,
    changed: Notify,
}

/// The subscriber. Clones are the same one; it ends with the last.
#[derive(Clone)]
pub(crate) struct Subscriber {
    inner: Arc<Inner>,
    server: Arc<Server>,
}

impl Subscriber {
    pub(crate) async fn start() -> Self {
        let inner = Arc::new(Inner { state: Mutex::default(), changed: Notify::new() });
        let router = Router::new().fallback(enter).with_state(inner.clone());
        Self { inner, server: Arc::new(Server::start(router).await) }
    }

    /// A callback; any path is one.
    pub(crate) fn callback(&self, path: &str) -> String {
        format!("{}{path}", self.server.url())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap()
    }

    /// Asks a hub for something, as §5.1 says; returns the status and the text of its answer.
    pub(crate) async fn ask(&self, hub: &str, mode: &'static str, topic: &str, path: &str, more: &[(&str, &str)]) -> (u16, String) {
        let secret = more.iter().find(|(name, _)| *name == "hub.secret").map(|(_, secret)| (*secret).to_owned());
        self.state().asked.entry(path.to_owned()).or_default().push(Asked { mode, topic: topic.to_owned(), secret });
        let callback = self.callback(path);
        let fields = [("hub.mode", mode), ("hub.topic", topic), ("hub.callback", callback.as_str())];
        post(hub, &fields.iter().chain(more).copied().collect::<Vec<_>>()).await
    }

    /// As one that was verified already.
    pub(crate) fn follow(&self, topic: &str, path: &str, secret: Option<&str>) {
        self.state().following.insert((path.to_owned(), topic.to_owned()), secret.map(str::to_owned));
    }

    /// For the next request.
    pub(crate) fn next(&self, whim: Whim) -> &Self {
        self.state().whims.push_back(whim);
        self
    }

    /// For every request, until `heal`.
    pub(crate) fn always(&self, whim: Whim) -> &Self {
        self.state().always = Some(whim);
        self
    }

    pub(crate) fn heal(&self) -> &Self {
        let mut state = self.state();
        (state.always, state.whims) = (None, VecDeque::new());
        drop(state);
        self
    }

    pub(crate) fn questions(&self) -> Vec<Question> {
        self.state().questions.clone()
    }

    /// Topics that the hub denied, with its reasons.
    pub(crate) fn denied(&self) -> Vec<(String, String)> {
        self.state().denied.clone()
    }

    pub(crate) fn contents(&self) -> Vec<Content> {
        self.state().contents.clone()
    }

    pub(crate) fn published(&self) -> Vec<String> {
        self.state().published.clone()
    }

    /// What the hub did wrong; there must be nothing.
    pub(crate) fn refusals(&self) -> Vec<String> {
        self.state().refusals.clone()
    }

    pub(crate) fn requests(&self) -> usize {
        self.state().requests
    }

    pub(crate) async fn wait_requests(&self, count: usize) {
        until(&self.inner.changed, &format!("{count} requests"), || self.requests() >= count).await;
    }

    pub(crate) async fn wait_questions(&self, count: usize) {
        until(&self.inner.changed, &format!("{count} questions"), || self.questions().len() >= count).await;
    }

    pub(crate) async fn wait_contents(&self, count: usize) {
        until(&self.inner.changed, &format!("{count} contents"), || self.contents().len() >= count).await;
    }
}

/// Posts a form to a hub.
pub(crate) async fn post(hub: &str, fields: &[(&str, &str)]) -> (u16, String) {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = reqwest::Client::new().post(hub).header("content-type", "application/x-www-form-urlencoded").body(body);
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// The addresses of a `Link` header by their `rel` (RFC 8288).
pub(crate) fn links(headers: &HeaderMap, rel: &str) -> Vec<String> {
    let values = headers.get_all(header::LINK).iter().filter_map(|value| value.to_str().ok());
    let one = |link: &str| {
        let (address, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        parameters.split(';').any(|p| p.trim() == format!("rel=\"{rel}\"")).then(|| address.to_owned())
    };
    values.flat_map(|value| value.split(',')).filter_map(one).collect()
}

async fn enter(Shared(inner): Shared<Arc<Inner>>, request: Request<Body>) -> Response {
    tokio::spawn(receive(inner, request)).await.unwrap_or_else(|_| hang_up())
}

async fn receive(inner: Arc<Inner>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let Some(wire) = parts.extensions.get::<Wire>().cloned() else { return hang_up() };
    let Ok(body) = to_bytes(body, 50 << 20).await else { return hang_up() };
    let path = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let whim = inner.next_whim();
    let hung = matches!(whim, Some(Whim::Hang(_)));
    if let Some(Whim::Hang(gate)) = &whim {
        gate.wait().await;
    }
    let whim = whim.filter(|_| !hung);
    let answer = match parts.method {
        Method::GET => inner.question(&path, whim.is_none()),
        Method::POST => inner.content(&path, &parts.headers, body, whim.as_ref()),
        _ => Err("another method than GET and POST".to_owned()),
    };
    inner.changed.notify_waiters();
    match (answer, whim) {
        (Err(why), _) => {
            inner.state.lock().unwrap().refusals.push(why.clone());
            (StatusCode::BAD_REQUEST, why).into_response()
        }
        (Ok(body), None) => body.into_response(),
        (Ok(_), Some(whim)) => whimsical(whim, &wire),
    }
}

fn whimsical(whim: Whim, wire: &Wire) -> Response {
    match whim {
        Whim::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Whim::Later(seconds) => (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, seconds)]).into_response(),
        Whim::Redirect(to) => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response(),
        Whim::Body(text) => text.into_response(),
        Whim::Endless => {
            Body::from_stream(stream::repeat(Ok::<_, std::convert::Infallible>(Bytes::from_static(&[b'x'; 4096])))).into_response()
        }
        Whim::LostAnswer => {
            wire.reset_on_close();
            hang_up()
        }
        Whim::Hang(_) => StatusCode::OK.into_response(),
    }
}

impl Inner {
    fn next_whim(&self) -> Option<Whim> {
        let mut state = self.state.lock().unwrap();
        state.requests += 1;
        state.whims.pop_front().or_else(|| state.always.clone())
    }

    /// §5.3: what to echo. With `agrees` the subscriber goes on as the hub will.
    fn question(&self, target: &str, agrees: bool) -> Result<String, String> {
        let at = target.find("hub.mode=").ok_or("no hub.mode")?;
        // §5.1.1: the callback's own query stands first, as it was.
        let (own, asked) = (target[..at].trim_end_matches(['?', '&']).to_owned(), &target[at..]);
        let fields: HashMap<String, String> = url::form_urlencoded::parse(asked.as_bytes()).into_owned().collect();
        let field = |name: &str| fields.get(name).cloned().ok_or_else(|| format!("no {name}"));
        let (mode, topic) = (field("hub.mode")?, field("hub.topic")?);
        let mut state = self.state.lock().unwrap();
        if mode == "denied" {
            state.denied.push((topic, field("hub.reason")?));
            return Ok(String::new());
        }
        let challenge = field("hub.challenge")?;
        if challenge.len() < 22 || state.questions.iter().any(|question| question.challenge == challenge) {
            return Err(format!("not a fresh random challenge: {challenge}"));
        }
        let lease = if mode == "subscribe" { Some(field("hub.lease_seconds")?.parse::<i64>().map_err(|e| e.to_string())?) } else { None };
        if lease.is_some_and(|seconds| seconds <= 0) {
            return Err(format!("a lease of {lease:?}"));
        }
        let asked = state.asked.get(&own).into_iter().flatten().rfind(|asked| asked.mode == mode && asked.topic == topic).cloned();
        let Some(asked) = asked else { return Err(format!("nobody asked to {mode} to {topic} at {own}")) };
        state.questions.push(Question { path: own.clone(), mode: mode.clone(), topic: topic.clone(), lease, challenge: challenge.clone() });
        if agrees && mode == "subscribe" {
            state.following.insert((own, topic), asked.secret);
        } else if agrees {
            state.following.remove(&(own, topic));
        }
        Ok(challenge)
    }

    /// As a hub that takes `hub.mode=publish`.
    fn published(&self, form: &[u8], whim: Option<&Whim>) -> Result<String, String> {
        let fields: HashMap<String, String> = url::form_urlencoded::parse(form).into_owned().collect();
        let topic = fields.get("hub.topic").filter(|topic| fields.get("hub.url") == Some(*topic)).ok_or("no topic")?;
        if fields.get("hub.mode").map(String::as_str) != Some("publish") {
            return Err("another mode than publish".to_owned());
        }
        if whim.is_none() {
            self.state.lock().unwrap().published.push(topic.clone());
        }
        Ok(String::new())
    }

    /// §7 and §7.1.
    fn content(&self, path: &str, headers: &HeaderMap, body: Bytes, whim: Option<&Whim>) -> Result<String, String> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        if text("content-type") == Some("application/x-www-form-urlencoded") {
            return self.published(&body, whim);
        }
        let (hubs, selves) = (links(headers, "hub"), links(headers, "self"));
        let [topic] = selves.as_slice() else { return Err(format!("{} links to itself", selves.len())) };
        if hubs.is_empty() || headers.get_all(header::LINK).iter().count() != 1 {
            return Err("no link to the hub, or not in one header with the other".to_owned());
        }
        let media_type = text("content-type").ok_or("no content-type")?.to_owned();
        let mut state = self.state.lock().unwrap();
        let secret = state.following.get(&(path.to_owned(), topic.clone())).ok_or_else(|| format!("{path} does not follow {topic}"))?;
        match (secret, text("x-hub-signature")) {
            (None, None) => {}
            (Some(secret), Some(signature)) => signed(secret, &body, signature)?,
            (secret, signature) => return Err(format!("a secret: {}, a signature: {signature:?}", secret.is_some())),
        }
        if matches!(whim, None | Some(Whim::Endless | Whim::LostAnswer)) {
            state.contents.push(Content { path: path.to_owned(), topic: topic.clone(), media_type, body });
        }
        if matches!(whim, Some(Whim::Status(410))) {
            state.following.remove(&(path.to_owned(), topic.clone()));
        }
        Ok(String::new())
    }
}

fn signed(secret: &str, body: &[u8], signature: &str) -> Result<(), String> {
    let (method, digits) = signature.split_once('=').ok_or("no method in the signature")?;
    if method != "sha256" || digits.len() != 64 {
        return Err(format!("a signature by {method}"));
    }
    let bytes: Vec<u8> = (0..64).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap_or_default()).collect();
    let mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap().chain_update(body);
    mac.verify_slice(&bytes).map_err(|_| "the signature is of other bytes or another secret".to_owned())
}
