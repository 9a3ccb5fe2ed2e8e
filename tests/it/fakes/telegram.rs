//! A Bot API server on loopback, as strict as Telegram's: it refuses what Telegram refuses, in
//! Telegram's words, and remembers what it took.

use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State as Shared;
use axum::http::{Method, Request as HttpRequest};
use axum::response::Response;
use serde_json::Value;
use tokio::sync::Notify;

use super::telegram_call::{Outcome, Params, Refused, answer, refused};
use super::telegram_methods::{is_send, run};
use super::telegram_state::State;
use super::telegram_updates::get_updates;
use super::wire::{Server, Wire, hang_up, until};

pub(crate) use super::telegram_fault::Fault;
pub(crate) use super::telegram_options::Button;
pub(crate) use super::telegram_text::Entity;
pub(crate) use super::telegram_updates::Webhook;

/// A message that the server took (or one that somebody else wrote).
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Message {
    /// The chat's numeric id.
    pub(crate) chat: i64,
    /// Per chat in supergroups and channels, over the account elsewhere.
    pub(crate) id: i64,
    /// What readers see: text or caption, cleaned.
    pub(crate) text: String,
    /// The text or caption as sent.
    pub(crate) html: String,
    /// Formatting in UTF-16 units.
    pub(crate) entities: Vec<Entity>,
    /// How many entities beyond the 100th were ignored.
    pub(crate) entities_ignored: usize,
    /// Without a sound.
    pub(crate) silent: bool,
    /// The forum topic.
    pub(crate) thread: Option<i64>,
    /// `link_preview_options`.
    pub(crate) preview: Option<Value>,
    /// The inline keyboard.
    pub(crate) buttons: Vec<Vec<Button>>,
    /// The picture: a URL, a `file_id` or `attach:name`.
    pub(crate) photo: Option<String>,
    /// The document: a URL or a `file_id`.
    pub(crate) document: Option<String>,
    /// Where a forwarded copy came from: chat and id.
    pub(crate) forwarded: Option<(i64, i64)>,
    /// The texts it had before its edits.
    pub(crate) earlier: Vec<String>,
    /// The message that it answers.
    pub(crate) reply_to: Option<i64>,
    /// Deleted by the bot.
    pub(crate) deleted: bool,
    /// Written by the bot.
    pub(crate) ours: bool,
    /// When, by the server's clock.
    pub(crate) at_ms: u64,
}

/// A call as it came, before any judgement.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// In lower case.
    pub(crate) method: String,
    /// As the server reads them: all strings.
    pub(crate) params: Params,
    /// When, by the server's clock.
    pub(crate) at_ms: u64,
}

/// A call that the server refused (faults are not refusals).
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    /// In lower case.
    pub(crate) method: String,
    /// `chat_id` as given.
    pub(crate) chat: String,
    /// `error_code`.
    pub(crate) code: u16,
    /// The words.
    pub(crate) description: String,
    /// With 429.
    pub(crate) retry_after: Option<u64>,
    /// When, by the server's clock.
    pub(crate) at_ms: u64,
}

/// The flood limits. Windows roll; sends, edits and forwards share them.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// Over all chats in any 1,000 ms.
    pub(crate) per_second: usize,
    /// In one chat: this many in any this many seconds, so 1 is strict and 3 takes short bursts.
    pub(crate) chat_burst: usize,
    /// In one group or supergroup in any 60 s.
    pub(crate) per_group_minute: usize,
    /// Whether the group limit holds for channels (undocumented, said to be so).
    pub(crate) channels_as_groups: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_second: 30, chat_burst: 3, per_group_minute: 20, channels_as_groups: false }
    }
}

impl Limits {
    pub(super) fn none() -> Self {
        Self { per_second: 1_000_000, chat_burst: 1_000_000, per_group_minute: 1_000_000, channels_as_groups: false }
    }
}

/// A secret part of the right length, spelled at run time so that no scanner takes it for a real one.
fn fresh_token() -> String {
    format!("123456:AA{}", "Fake-Token_0".repeat(3).get(..33).unwrap_or_default())
}

struct Inner {
    token: String,
    state: Mutex<State>,
    changed: Notify,
}

/// The server. Clones are the same server; it ends with the last one.
#[derive(Clone)]
pub(crate) struct FakeTelegram {
    inner: Arc<Inner>,
    server: Arc<Server>,
}

impl FakeTelegram {
    /// Starts on a free port, with Telegram's limits and no chats.
    pub(crate) async fn start() -> Self {
        let inner = Arc::new(Inner { token: fresh_token(), state: Mutex::new(State::new()), changed: Notify::new() });
        let router = Router::new().fallback(enter).with_state(inner.clone());
        Self { inner, server: Arc::new(Server::start(router).await) }
    }

    /// What `api =` must say: no slash at the end.
    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// The only token it knows.
    pub(crate) fn token(&self) -> String {
        self.inner.token.clone()
    }

    /// Refuses connections until `restart`.
    pub(crate) async fn stop(&self) {
        self.server.stop().await;
    }

    /// Listens again on the same port, with all it remembers.
    pub(crate) async fn restart(&self) {
        self.server.restart().await;
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap()
    }

    pub(super) fn notify(&self) {
        self.inner.changed.notify_waiters();
    }

    /// What the bot wrote and the server took, in order; edits applied, deleted ones marked.
    pub(crate) fn messages(&self) -> Vec<Message> {
        self.state().messages.iter().filter(|m| m.ours).cloned().collect()
    }

    /// The bot's messages in one chat.
    pub(crate) fn messages_in(&self, chat: i64) -> Vec<Message> {
        self.messages().into_iter().filter(|m| m.chat == chat).collect()
    }

    /// The texts of the bot's messages in one chat that are still there.
    pub(crate) fn texts_in(&self, chat: i64) -> Vec<String> {
        self.messages_in(chat).into_iter().filter(|m| !m.deleted).map(|m| m.text).collect()
    }

    /// Every call with the right token.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.state().requests.clone()
    }

    /// The calls of one method (any case).
    pub(crate) fn requests_of(&self, method: &str) -> Vec<Request> {
        self.requests().into_iter().filter(|r| r.method.eq_ignore_ascii_case(method)).collect()
    }

    /// What the server refused.
    pub(crate) fn refusals(&self) -> Vec<Refusal> {
        self.state().refusals.clone()
    }

    /// The answered callback queries: id and text.
    pub(crate) fn callbacks_answered(&self) -> Vec<(String, String)> {
        self.state().updates.answered.clone()
    }

    /// Updates that nobody has confirmed yet.
    pub(crate) fn updates_waiting(&self) -> usize {
        self.state().updates.waiting()
    }

    /// How often one poller ended another.
    pub(crate) fn poll_conflicts(&self) -> usize {
        self.state().updates.conflicts
    }

    /// The webhook, if one is set.
    pub(crate) fn webhook(&self) -> Option<Webhook> {
        self.state().updates.webhook.clone()
    }

    /// Waits until the bot has written this many messages.
    pub(crate) async fn wait_messages(&self, count: usize) {
        until(&self.inner.changed, &format!("{count} messages"), || self.messages().len() >= count).await;
    }

    /// Waits until something holds that calls bring about.
    pub(crate) async fn wait_until(&self, what: &str, done: impl Fn(&Self) -> bool) {
        until(&self.inner.changed, what, || done(self)).await;
    }
}

/// The door: verb, token, then the call itself in a task of its own, because a client that hangs
/// up does not stop a send.
async fn enter(Shared(inner): Shared<Arc<Inner>>, request: HttpRequest<Body>) -> Response {
    let path = request.uri().path().to_owned();
    let (token, method) = path.strip_prefix("/bot").and_then(|rest| rest.split_once('/')).unwrap_or_default();
    if request.method() != Method::GET && request.method() != Method::POST {
        return answer(&Err(refused(501, "Not Implemented")));
    }
    if let Err(refused) = admit(&inner, token) {
        return answer(&Err(refused));
    }
    let method = method.to_ascii_lowercase();
    tokio::spawn(call(inner, method, request)).await.unwrap_or_else(|_| hang_up())
}

fn admit(inner: &Inner, token: &str) -> Result<(), Refused> {
    let shaped = token.split_once(':').is_some_and(|(id, secret)| id.parse::<u64>().is_ok() && secret.len() == 35);
    match (shaped, token == inner.token && !inner.state.lock().unwrap().revoked) {
        (_, true) => Ok(()),
        (true, false) => Err(refused(401, "Unauthorized")),
        (false, false) => Err(refused(404, "Not Found")),
    }
}

async fn call(inner: Arc<Inner>, method: String, request: HttpRequest<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let Some(wire) = parts.extensions.get::<Wire>().cloned() else { return hang_up() };
    if let Some(reset) = early_reset(&inner, &method) {
        return reset.happen(parts.uri.path(), &wire, || Ok(true.into())).await;
    }
    let Ok(body) = to_bytes(body, 50 << 20).await else { return hang_up() };
    let params = match Params::read(parts.uri.query().unwrap_or_default(), &parts.headers, &body) {
        Ok(params) => params,
        Err(refused) => return answer(&Err(refused)),
    };
    let fault = note(&inner, &method, &params);
    let outcome = || take(&inner, &method, &params);
    match fault {
        Some(fault) => fault.happen(parts.uri.path(), &wire, outcome).await,
        None if method == "getupdates" => answer(&get_updates(&inner.state, &inner.changed, &params).await),
        None => answer(&outcome()),
    }
}

/// A reset for any chat strikes before the body is read.
fn early_reset(inner: &Inner, method: &str) -> Option<Fault> {
    let mut state = inner.state.lock().unwrap();
    let fits =
        |(chat, only, fault): &(Option<i64>, Option<String>, Fault)| chat.is_none() && fault.is_reset() && suits(only.as_deref(), method);
    let first = state.faults.iter().position(|(_, only, _)| suits(only.as_deref(), method));
    let next = first.filter(|at| state.faults.get(*at).is_some_and(fits));
    let reset = next.map(|at| state.faults.remove(at).2);
    reset.or_else(|| state.always.clone().filter(Fault::is_reset))
}

/// Writes the call down and finds the fault that waits for it.
fn note(inner: &Inner, method: &str, params: &Params) -> Option<Fault> {
    let mut state = inner.state.lock().unwrap();
    let request = Request { method: method.to_owned(), params: params.clone(), at_ms: state.now() };
    state.requests.push(request);
    let chat = state.resolve(params.text("chat_id")).ok().or_else(|| params.int("chat_id"));
    let at = state.faults.iter().position(|(only, wanted, _)| (only.is_none() || *only == chat) && suits(wanted.as_deref(), method));
    let fault = at.map(|at| state.faults.remove(at).2);
    let lasting = || chat.filter(|_| is_send(method)).and_then(|chat| state.always_in.get(&chat).cloned());
    let fault = fault.or_else(lasting).or_else(|| state.always.clone());
    drop(state);
    inner.changed.notify_waiters();
    fault
}

/// A fault for no particular method waits for a send.
fn suits(wanted: Option<&str>, method: &str) -> bool {
    wanted.map_or_else(|| is_send(method), |wanted| wanted == method)
}

/// Runs a method and writes down a refusal.
fn take(inner: &Inner, method: &str, params: &Params) -> Outcome {
    let mut state = inner.state.lock().unwrap();
    let outcome = run(&mut state, method, params);
    if let Err(Refused { code, description, retry_after, .. }) = outcome.clone() {
        let (chat, at_ms) = (params.text("chat_id").unwrap_or_default().to_owned(), state.now());
        state.refusals.push(Refusal { method: method.to_owned(), chat, code, description, retry_after, at_ms });
    }
    drop(state);
    inner.changed.notify_waiters();
    outcome
}
