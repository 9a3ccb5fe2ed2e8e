//! A server of Official Accounts that refuses what the documents, and those who ran into it, say
//! the real one refuses: errors with HTTP 200, titles of exactly 150, broadcasts at night, articles
//! without a cover, tokens in the wrong header.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State as Shared;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::wire::{Server, Wire, hang_up, until};
use super::zalo_oauth::{self, Oauth, OauthFault};

/// What goes wrong with the next call that would change something.
#[derive(Clone, Copy, Debug)]
pub(crate) enum OaFault {
    /// Not done: this code and these words.
    Code(i64, &'static str),
    /// Not done: a page that says back the token.
    Html(u16),
    /// Not done: the connection is reset.
    Reset,
    /// Done, then the connection ends without an answer.
    LostAnswer,
}

/// Somebody, a group, or all followers, and what they see.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    /// `user/…`, `group/…` or `broadcast`.
    pub(crate) at: String,
    /// The text, or the titles of the articles.
    pub(crate) text: String,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) oauth: Oauth,
    pub(super) refusals: Vec<String>,
    seen: Vec<Seen>,
    /// Articles with their tokens; an id is ready when `slow` verifications have passed.
    articles: Vec<Article>,
    slow: usize,
    faults: VecDeque<OaFault>,
    /// The hour in Hà Nội.
    hour: u32,
    /// Calls left in this minute.
    remain: Option<u32>,
    /// Own pictures of articles are refused.
    picky: bool,
    calls: Vec<String>,
    loses_broadcast: bool,
}

#[derive(Clone)]
struct Article {
    token: String,
    id: String,
    title: String,
    cover: String,
    wait: usize,
}

pub(super) struct Inner {
    pub(super) app: String,
    pub(super) secret: String,
    state: Mutex<State>,
    changed: Notify,
}

/// The server. Clones are the same one.
#[derive(Clone)]
pub(crate) struct FakeZaloOa {
    inner: Arc<Inner>,
    server: Arc<Server>,
}

/// The account's id, beyond 2^53.
pub(crate) const OA: &str = "5797458635083528843";

impl FakeZaloOa {
    pub(crate) async fn start() -> Self {
        let state = Mutex::new(State { hour: 10, ..State::default() });
        let inner = Arc::new(Inner {
            app: "1234567890123456789".to_owned(),
            secret: "khoa-never-to-be-seen".to_owned(),
            state,
            changed: Notify::new(),
        });
        let router = Router::new().fallback(enter).with_state(inner.clone());
        Self { inner, server: Arc::new(Server::start(router).await) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state()
    }

    /// The keys of a channel, with this pair pasted.
    pub(crate) fn keys(&self, access: &str, refresh: &str) -> String {
        let (app, secret, url) = (&self.inner.app, &self.inner.secret, self.server.url());
        format!(
            "{{ app_id = '{app}', secret = '{secret}', oa_id = '{OA}', tokens = '{access} {refresh}', api = '{url}', oauth = '{url}', \
             cover = 'https://phuong.example/bia.jpg' }}"
        )
    }

    /// With the pair that works now.
    pub(crate) fn good_keys(&self) -> String {
        let (access, refresh) = self.pair();
        self.keys(&access, &refresh)
    }

    pub(crate) fn app(&self) -> String {
        self.inner.app.clone()
    }

    pub(crate) fn secret(&self) -> String {
        self.inner.secret.clone()
    }

    /// The answer to the next broadcast is lost.
    pub(crate) fn lose_broadcast(&self) -> &Self {
        self.state().loses_broadcast = true;
        self
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    pub(crate) fn pair(&self) -> (String, String) {
        let state = self.state();
        (state.oauth.access.clone(), state.oauth.refresh.clone())
    }

    pub(crate) fn secrets(&self) -> Vec<String> {
        vec!["never-to-be-seen".to_owned()]
    }

    /// Every access token is refused from now on, as after a change of permissions.
    pub(crate) fn expire(&self) -> &Self {
        self.state().oauth.access = "acc-expired".to_owned();
        self
    }

    /// An administrator consents anew: another pair.
    pub(crate) fn consent(&self) -> &Self {
        let mut state = self.state();
        (state.oauth.access, state.oauth.refresh) = ("acc-new-never-to-be-seen".to_owned(), "ref-new-never-to-be-seen".to_owned());
        drop(state);
        self
    }

    pub(crate) fn lasts(&self, told: Value) -> &Self {
        self.state().oauth.lasts = told;
        self
    }

    pub(crate) fn fail_renewal(&self, fault: OauthFault) -> &Self {
        self.state().oauth.faults.push_back(fault);
        self
    }

    pub(crate) fn fail_next(&self, fault: OaFault) -> &Self {
        self.state().faults.push_back(fault);
        self
    }

    pub(crate) fn hour(&self, hour: u32) -> &Self {
        self.state().hour = hour;
        self
    }

    pub(crate) fn slow(&self, verifications: usize) -> &Self {
        self.state().slow = verifications;
        self
    }

    pub(crate) fn picky(&self) -> &Self {
        self.state().picky = true;
        self
    }

    pub(crate) fn remain(&self, calls: u32) -> &Self {
        self.state().remain = Some(calls);
        self
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state().seen.clone()
    }

    /// Titles of the articles, oldest first.
    pub(crate) fn articles(&self) -> Vec<String> {
        self.state().articles.iter().map(|article| article.title.clone()).collect()
    }

    pub(crate) fn covers(&self) -> Vec<String> {
        self.state().articles.iter().map(|article| article.cover.clone()).collect()
    }

    /// Requests refused for what they are; there must be none.
    pub(crate) fn refusals(&self) -> Vec<String> {
        self.state().refusals.clone()
    }

    /// The paths called with a good token, in order.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.state().calls.clone()
    }

    pub(crate) fn renewals(&self) -> usize {
        self.state().oauth.renewals
    }

    pub(crate) fn renewal_requests(&self) -> usize {
        self.state().oauth.requests
    }

    /// Waits until something holds that calls bring about.
    pub(crate) async fn wait_until(&self, what: &str, done: impl Fn(&Self) -> bool) {
        until(&self.inner.changed, what, || done(self)).await;
    }

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
    let Ok(body) = to_bytes(body, 4 << 20).await else { return hang_up() };
    let path = parts.uri.path().trim_start_matches('/').to_owned();
    if path == "v4/oa/access_token" {
        return zalo_oauth::renew(&inner, &parts.method, &parts.headers, &body, &wire).await;
    }
    let call = Call { path: &path, method: &parts.method, headers: &parts.headers, query: parts.uri.query().unwrap_or_default() };
    let answer = inner.answer(&call, &body, &wire);
    inner.changed.notify_waiters();
    answer
}

struct Call<'a> {
    path: &'a str,
    method: &'a Method,
    headers: &'a HeaderMap,
    query: &'a str,
}

type No = (i64, String);

fn no(code: i64, why: impl Into<String>) -> No {
    (code, why.into())
}

impl Inner {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Calls left in this minute.
    fn left(&self) -> u32 {
        self.state().remain.unwrap_or(3999)
    }

    fn answer(&self, call: &Call<'_>, body: &[u8], wire: &Wire) -> Response {
        let body = match self.judge(call, body) {
            Ok(body) => body,
            Err(told) => return say(Err(told), self.left()),
        };
        let changes = *call.method == Method::POST && call.path != "v2.0/article/verify";
        let loses = call.path == "v2.0/oa/message" && std::mem::take(&mut self.state().loses_broadcast);
        let next = if changes { self.state().faults.pop_front() } else { None };
        let fault = next.or_else(|| loses.then_some(OaFault::LostAnswer));
        match fault {
            Some(OaFault::Code(code, why)) => return say(Err(no(code, why)), self.left()),
            Some(OaFault::Html(status)) => {
                let token = call.headers.get("access_token").and_then(|token| token.to_str().ok()).unwrap_or_default();
                return (StatusCode::from_u16(status).unwrap(), Html(format!("<html>{token}</html>"))).into_response();
            }
            Some(OaFault::Reset) => {
                wire.reset_on_close();
                return hang_up();
            }
            Some(OaFault::LostAnswer) | None => {}
        }
        let done = self.state().act(call, &body);
        if let Err((code @ (-201 | -210 | -233 | -240), why)) = &done {
            // A picture that is refused is no fault of the one who sent it.
            if !why.starts_with("cover") {
                self.state().refusals.push(format!("{code} {why}"));
            }
        }
        if fault.is_some() { hang_up() } else { say(done, self.left()) }
    }

    /// What holds of every call: method, headers, token, limit of the minute.
    fn judge(&self, call: &Call<'_>, body: &[u8]) -> Result<Value, No> {
        let mut state = self.state();
        let header = |name: &str| call.headers.get(name).and_then(|value| value.to_str().ok());
        if header(header::AUTHORIZATION.as_str()).is_some() {
            state.refusals.push("Authorization has no place here".to_owned());
        }
        if header("access_token") != Some(state.oauth.access.as_str()) {
            return Err(no(-216, "Access token is invalid"));
        }
        if let Some(left) = &mut state.remain {
            if *left == 0 {
                return Err(no(-32, "Your application reach limit call api per minute."));
            }
            *left -= 1;
        }
        state.calls.push(call.path.to_owned());
        if *call.method == Method::GET {
            return Ok(Value::Null);
        }
        if !header(header::CONTENT_TYPE.as_str()).is_some_and(|kind| kind.starts_with("application/json")) {
            state.refusals.push("not application/json".to_owned());
        }
        serde_json::from_slice(body).map_err(|error| no(-201, error.to_string()))
    }
}

fn say(done: Result<Value, No>, left: u32) -> Response {
    let limits = [("X-RateLimit-Limit", "4000".to_owned()), ("X-RateLimit-Remain", left.to_string())];
    let body = match done {
        Ok(data) => json!({ "data": data, "error": 0, "message": "Success" }),
        Err((code, why)) => json!({ "error": code, "message": why }),
    };
    (limits, axum::Json(body)).into_response()
}

impl State {
    fn act(&mut self, call: &Call<'_>, body: &Value) -> Result<Value, No> {
        match (call.method.as_str(), call.path) {
            ("GET", "v2.0/oa/getoa") => Ok(json!({
                "oa_id": OA, "name": "Phường Thổ Quan", "is_verified": true, "package_name": "Nâng cao", "num_follower": 1234
            })),
            ("GET", "v2.0/article/getslice") => self.slice(call.query),
            ("POST", "v3.0/oa/message/cs") => self.text("user", "user_id", body),
            ("POST", "v3.0/oa/group/message") => self.text("group", "group_id", body),
            ("POST", "v2.0/article/create") => self.create(body),
            ("POST", "v2.0/article/verify") => self.verify(body),
            ("POST", "v2.0/oa/message") => self.broadcast(body),
            (method, path) => Err(no(-240, format!("no {method} {path}"))),
        }
    }

    fn text(&mut self, place: &str, key: &str, body: &Value) -> Result<Value, No> {
        only(body, &["recipient", "message"])?;
        only(&body["recipient"], &[key])?;
        only(&body["message"], &["text"])?;
        let id = body["recipient"][key].as_str().filter(|id| !id.is_empty()).ok_or_else(|| no(-201, format!("{key} is invalid!")))?;
        let text = body["message"]["text"].as_str().ok_or_else(|| no(-201, "text is invalid!"))?;
        if !(1..=2000).contains(&text.encode_utf16().count()) {
            return Err(no(-210, "text is over the limit"));
        }
        if text.contains("[@") && place == "group" {
            self.refusals.push(format!("somebody was called: {text}"));
        }
        self.seen.push(Seen { at: format!("{place}/{id}"), text: text.to_owned() });
        Ok(json!({ "message_id": format!("{:020x}", self.seen.len()), "user_id": id, "sent_time": "1790000000000" }))
    }

    fn create(&mut self, body: &Value) -> Result<Value, No> {
        only(body, &["type", "title", "author", "cover", "description", "body", "status", "comment", "related_medias", "tracking_link"])?;
        let told = |key: &str, most: usize| {
            let text = body[key].as_str().ok_or_else(|| no(-201, format!("{key} is invalid!")))?;
            // Counted as the live server seems to: escaped, and the limit itself refused.
            let length = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").chars().count();
            if (1..most).contains(&length) { Ok(text.to_owned()) } else { Err(no(-201, format!("{key} allow 1 to {most} characters"))) }
        };
        let title = told("title", 150)?;
        told("description", 300)?;
        told("author", 51)?;
        if body["type"] != "normal" || !["show", "hide"].iter().any(|status| body["status"] == *status) {
            return Err(no(-201, "type or status is invalid!"));
        }
        let cover = body["cover"]["photo_url"].as_str().filter(|url| url.starts_with("https://"));
        let cover = cover.filter(|_| body["cover"]["cover_type"] == "photo").ok_or_else(|| no(-201, "cover is invalid!"))?.to_owned();
        if self.picky && !cover.ends_with("/bia.jpg") {
            return Err(no(-201, "cover is invalid!"));
        }
        let blocks = body["body"].as_array().filter(|blocks| !blocks.is_empty()).ok_or_else(|| no(-201, "body is invalid!"))?;
        let sound = |block: &Value| match block["type"].as_str() {
            Some("text") => block["content"].as_str().is_some_and(|text| !text.is_empty()),
            Some("image") => block["url"].as_str().is_some_and(|url| url.starts_with("https://")),
            _ => false,
        };
        if !blocks.iter().all(sound) {
            return Err(no(-201, "body is invalid!"));
        }
        let number = self.articles.len();
        let (token, id) = (format!("token-{number}"), format!("article-{number}"));
        self.articles.push(Article { token: token.clone(), id, title, cover, wait: self.slow });
        Ok(json!({ "token": token }))
    }

    fn verify(&mut self, body: &Value) -> Result<Value, No> {
        only(body, &["token"])?;
        let found = self.articles.iter_mut().find(|article| body["token"] == article.token);
        let article = found.ok_or_else(|| no(-201, "token is invalid!"))?;
        if article.wait > 0 {
            article.wait -= 1;
            return Err(no(-214, "Article is being processed"));
        }
        Ok(json!({ "id": article.id }))
    }

    fn slice(&self, query: &str) -> Result<Value, No> {
        let asked: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        for key in ["offset", "limit", "type"] {
            if !asked.iter().any(|(name, _)| name == key) {
                return Err(no(-201, format!("{key} is invalid!")));
            }
        }
        let now = chrono::Utc::now().timestamp_millis();
        let media = |article: &Article| json!({ "id": article.id, "title": article.title, "status": "show", "create_date": now });
        let medias: Vec<Value> = self.articles.iter().rev().take(10).map(media).collect();
        Ok(json!({ "total": medias.len(), "medias": medias }))
    }

    fn broadcast(&mut self, body: &Value) -> Result<Value, No> {
        only(body, &["recipient", "message"])?;
        if !body["recipient"]["target"].is_object() {
            return Err(no(-240, "a message to one user has no place here"));
        }
        if self.hour >= 22 || self.hour < 6 {
            return Err(no(-234, "This time is not allowed to send this type of message"));
        }
        let payload = &body["message"]["attachment"]["payload"];
        let elements =
            payload["elements"].as_array().filter(|all| (1..=5).contains(&all.len())).ok_or_else(|| no(-201, "elements is invalid!"))?;
        if payload["template_type"] != "media" || body["message"]["attachment"]["type"] != "template" {
            return Err(no(-233, "type is invalid"));
        }
        let mut titles = Vec::new();
        for element in elements {
            let ready =
                self.articles.iter().find(|a| element["attachment_id"] == a.id && a.wait == 0 && element["media_type"] == "article");
            titles.push(ready.ok_or_else(|| no(-201, "attachment_id is invalid!"))?.title.clone());
        }
        self.seen.push(Seen { at: "broadcast".to_owned(), text: titles.join("\n") });
        Ok(json!({ "message_id": format!("b-{}", self.seen.len()) }))
    }
}

fn only(object: &Value, known: &[&str]) -> Result<(), No> {
    let fields = object.as_object().ok_or_else(|| no(-201, "an object is missing"))?;
    let strange = fields.keys().find(|key| !known.contains(&key.as_str()));
    strange.map_or(Ok(()), |key| Err(no(-201, format!("{key} is invalid!"))))
}
