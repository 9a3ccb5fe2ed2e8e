//! A Zalo Bot API server that refuses what the documents say the real one refuses. Errors come
//! with HTTP 200 unless it is told to mirror their code into the status, as one host does.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State as Shared;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::wire::{Server, Wire, hang_up, until};

/// The longest text and caption.
const LONGEST: usize = 2000;
const STYLES: &[&str] = &[
    "b", "i", "u", "s", "f_13", "f_15", "f_18", "f_20", "c_050a19", "c_15a85f", "c_f7b503", "c_f27806", "c_db342e", "lst_1", "lst_2",
    "ind_1", "ind_2", "ind_3", "ind_4", "ind_5",
];

/// A message that was taken.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Taken {
    pub(crate) chat: String,
    pub(crate) text: String,
    pub(crate) photo: Option<String>,
    pub(crate) styles: Value,
}

/// What goes wrong with a message.
#[derive(Clone, Copy, Debug)]
pub(crate) enum BotFault {
    /// Not taken: this code and these words.
    Refuse(u16, &'static str),
    /// Not taken: a page that says back the address of the request.
    Html(u16),
    /// Not taken: the connection is reset.
    Reset,
    /// Taken, then the connection ends without an answer.
    LostAnswer,
    /// Taken, then an answer cut in the middle.
    HalfAnswer,
}

#[derive(Default)]
struct State {
    chats: BTreeSet<String>,
    taken: Vec<Taken>,
    refusals: Vec<String>,
    faults: VecDeque<BotFault>,
    /// Codes become the HTTP status too.
    mirrors: bool,
    /// Pictures cannot be fetched.
    blind: bool,
    /// No styles are known.
    plain: bool,
    calls: Vec<String>,
    /// What was written to the bot and not told yet.
    said: VecDeque<Value>,
    count: usize,
    /// Where it is pushed to, and with which secret.
    webhook: Option<(String, String)>,
}

struct Inner {
    token: String,
    state: Mutex<State>,
    changed: Notify,
}

/// The server. Clones are the same one.
#[derive(Clone)]
pub(crate) struct FakeZaloBot {
    inner: Arc<Inner>,
    server: Arc<Server>,
}

impl FakeZaloBot {
    pub(crate) async fn start() -> Self {
        let inner =
            Arc::new(Inner { token: "12345689:abc-xyz-never-to-be-seen".to_owned(), state: Mutex::default(), changed: Notify::new() });
        let router = Router::new().fallback(enter).with_state(inner.clone());
        Self { inner, server: Arc::new(Server::start(router).await) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap()
    }

    pub(crate) fn token(&self) -> String {
        self.inner.token.clone()
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// A chat that the bot is in.
    pub(crate) fn chat(&self, id: &str) -> &Self {
        self.state().chats.insert(id.to_owned());
        self
    }

    /// Somebody writes to the bot.
    pub(crate) fn says(&self, chat: &str, words: &str) -> &Self {
        let event = self.event(chat, words);
        self.state().said.push_back(event);
        self.inner.changed.notify_waiters();
        self
    }

    /// What Zalo would push of that.
    pub(crate) fn event(&self, chat: &str, words: &str) -> Value {
        let mut state = self.state();
        state.count += 1;
        json!({ "event_name": "message.text.received", "message": {
            "from": { "id": chat, "display_name": "Cô Hà", "is_bot": false }, "chat": { "id": chat, "chat_type": "PRIVATE" },
            "text": words, "message_id": format!("2d758cb5e222{:08x}", state.count), "date": 1_790_000_000_000_i64 } })
    }

    /// Where it is pushed to, and with which secret.
    pub(crate) fn webhook(&self) -> Option<(String, String)> {
        self.state().webhook.clone()
    }

    /// Waits until something holds that calls bring about.
    pub(crate) async fn wait_until(&self, what: &str, done: impl Fn(&Self) -> bool) {
        until(&self.inner.changed, what, || done(self)).await;
    }

    pub(crate) fn mirrors(&self) -> &Self {
        self.state().mirrors = true;
        self
    }

    pub(crate) fn sees_no_pictures(&self) -> &Self {
        self.state().blind = true;
        self
    }

    pub(crate) fn knows_no_styles(&self) -> &Self {
        self.state().plain = true;
        self
    }

    /// For the next message that could be taken.
    pub(crate) fn fail_next(&self, fault: BotFault) -> &Self {
        self.state().faults.push_back(fault);
        self
    }

    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.state().taken.clone()
    }

    /// Requests refused for what they are; there must be none.
    pub(crate) fn refusals(&self) -> Vec<String> {
        self.state().refusals.clone()
    }

    /// The methods called, in order.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.state().calls.clone()
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
    let Ok(body) = to_bytes(body, 1 << 20).await else { return hang_up() };
    let path = parts.uri.path().to_owned();
    let Some(method) = path.strip_prefix(&format!("/bot{}/", inner.token)) else {
        return inner.no(401, "Unauthorized");
    };
    inner.state.lock().unwrap().calls.push(method.to_owned());
    let arguments = match read(&parts.method, &parts.headers, &body) {
        Ok(arguments) => arguments,
        Err(why) => return inner.refuse(400, &why),
    };
    let answer = inner.clone().answer(method, &arguments, &path, &wire).await;
    inner.changed.notify_waiters();
    answer
}

/// Where a webhook may be.
fn hook(arguments: &Value) -> Result<(String, String), String> {
    let told = |key: &str| arguments[key].as_str().map(str::to_owned).ok_or(format!("{key} is missing"));
    let (url, secret) = (told("url")?, told("secret_token")?);
    let here = ["localhost", "127.", "192.168.", "10."].iter().any(|host| url.starts_with(&format!("https://{host}")));
    match () {
        () if !url.starts_with("https://") || here => Err(format!("not a public address: {url}")),
        () if !(8..=256).contains(&secret.len()) => Err("secret_token has 8 to 256 characters".to_owned()),
        () => Ok((url, secret)),
    }
}

impl Inner {
    async fn answer(self: Arc<Self>, method: &str, arguments: &Value, path: &str, wire: &Wire) -> Response {
        match method {
            "getMe" => Inner::yes(
                json!({ "id": "1459232241454765289", "account_name": "bot.LoaPhuong", "account_type": "BASIC", "can_join_groups": true }),
            ),
            "getUpdates" => self.update(arguments).await,
            "setWebhook" => match hook(arguments) {
                Ok(webhook) => {
                    let url = webhook.0.clone();
                    self.state.lock().unwrap().webhook = Some(webhook);
                    Self::yes(json!({ "url": url, "updated_at": 1_790_000_000_000_i64 }))
                }
                Err(why) => self.refuse(400, &why),
            },
            "getWebhookInfo" => {
                let webhook = self.state.lock().unwrap().webhook.clone();
                webhook.map_or_else(
                    || self.no(404, "Not found"),
                    |(url, _)| Self::yes(json!({ "url": url, "updated_at": 1_790_000_000_000_i64 })),
                )
            }
            "deleteWebhook" => {
                self.state.lock().unwrap().webhook = None;
                Self::yes(json!({ "url": "", "updated_at": 1_790_000_000_000_i64 }))
            }
            "sendMessage" | "sendPhoto" => self.message(method == "sendPhoto", arguments, path, wire).await,
            other => self.refuse(400, &format!("no method {other}")),
        }
    }
}

fn read(method: &Method, headers: &HeaderMap, body: &[u8]) -> Result<Value, String> {
    let json = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    match () {
        () if method != Method::POST => Err(format!("not POST but {method}")),
        () if !json => Err("not application/json".to_owned()),
        () => serde_json::from_slice(body).map_err(|error| error.to_string()),
    }
}

impl Inner {
    fn yes(result: Value) -> Response {
        axum::Json(json!({ "ok": true, "result": result })).into_response()
    }

    /// One object a call; without news 408, which a real server says after `timeout` seconds. Who
    /// asks for one second is told at once.
    async fn update(&self, arguments: &Value) -> Response {
        let Some(wait) = arguments["timeout"].as_str().and_then(|wait| wait.parse().ok()) else {
            return self.refuse(400, "timeout is no String");
        };
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            let said = {
                let mut state = self.state.lock().unwrap();
                if state.webhook.is_some() {
                    drop(state);
                    return self.no(400, "a webhook is set");
                }
                state.said.pop_front()
            };
            if let Some(event) = said {
                return Self::yes(event);
            }
            if wait <= 1 || tokio::time::timeout(Duration::from_secs(wait), changed).await.is_err() {
                return self.no(408, "Request timeout");
            }
        }
    }

    fn no(&self, code: u16, why: &str) -> Response {
        let status = if self.state.lock().unwrap().mirrors { StatusCode::from_u16(code).unwrap() } else { StatusCode::OK };
        (status, axum::Json(json!({ "ok": false, "description": why, "error_code": code }))).into_response()
    }

    fn refuse(&self, code: u16, why: &str) -> Response {
        self.state.lock().unwrap().refusals.push(why.to_owned());
        self.no(code, why)
    }

    async fn message(&self, photo: bool, arguments: &Value, path: &str, wire: &Wire) -> Response {
        let message = match judge(photo, arguments) {
            Ok(message) => message,
            Err(why) => return self.refuse(400, &why),
        };
        let (known, blind, plain, fault) = {
            let mut state = self.state.lock().unwrap();
            (state.chats.contains(&message.chat), state.blind, state.plain, state.faults.pop_front())
        };
        match fault {
            Some(BotFault::Refuse(code, why)) => return self.no(code, why),
            Some(BotFault::Html(status)) => {
                return (StatusCode::from_u16(status).unwrap(), Html(format!("<html><body>{path}</body></html>"))).into_response();
            }
            Some(BotFault::Reset) => {
                wire.reset_on_close();
                return hang_up();
            }
            Some(BotFault::LostAnswer | BotFault::HalfAnswer) | None => {}
        }
        match () {
            () if !known => return self.no(404, "chat not found"),
            () if photo && blind => return self.no(400, "photo cannot be fetched"),
            () if plain && message.styles != Value::Null => return self.no(400, "text_styles is invalid"),
            () => {}
        }
        let count = {
            let mut state = self.state.lock().unwrap();
            state.taken.push(message);
            state.taken.len()
        };
        match fault {
            Some(BotFault::LostAnswer) => hang_up(),
            Some(BotFault::HalfAnswer) => {
                wire.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{\"ok\":true,\"resu").await;
                hang_up()
            }
            _ => Self::yes(json!({ "message_id": format!("{count:020x}"), "date": 1_790_000_000_000_i64 + count as i64 })),
        }
    }
}

fn judge(photo: bool, arguments: &Value) -> Result<Taken, String> {
    let known: &[&str] = if photo { &["chat_id", "photo", "caption"] } else { &["chat_id", "text", "parse_mode", "text_styles"] };
    let fields = arguments.as_object().ok_or("no object")?;
    if let Some(strange) = fields.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(format!("no field {strange}"));
    }
    let told = |key: &str| fields.get(key).map(|value| value.as_str().ok_or(format!("{key} is no String"))).transpose();
    let chat = told("chat_id")?.filter(|id| !id.is_empty()).ok_or("chat_id is missing")?.to_owned();
    let text = told(if photo { "caption" } else { "text" })?;
    let units = text.map_or(1, |text| text.encode_utf16().count());
    match () {
        () if !photo && text.is_none_or(|text| text.trim().is_empty()) => return Err("text is missing".to_owned()),
        () if !(1..=LONGEST).contains(&units) => return Err(format!("a text of {units}")),
        () => {}
    }
    let picture = told("photo")?.map(str::to_owned);
    if photo && picture.as_deref().is_none_or(|url| !url.starts_with("https://") && !url.starts_with("http://")) {
        return Err("photo is no address".to_owned());
    }
    let styles = fields.get("text_styles").cloned().unwrap_or_default();
    styles_fit(&styles, units)?;
    Ok(Taken { chat, text: text.unwrap_or_default().to_owned(), photo: picture, styles })
}

fn styles_fit(styles: &Value, units: usize) -> Result<(), String> {
    if styles.is_null() {
        return Ok(());
    }
    for style in styles.as_array().ok_or("text_styles is no array")? {
        let number = |key: &str| style[key].as_u64().and_then(|n| usize::try_from(n).ok()).ok_or(format!("{key} is no number"));
        let (start, len) = (number("start")?, number("len")?);
        if len == 0 || start + len > units {
            return Err(format!("a style of {start}+{len} in {units}"));
        }
        let codes = style["st"].as_array().ok_or("st is no array")?;
        if codes.is_empty() || codes.iter().any(|code| !code.as_str().is_some_and(|code| STYLES.contains(&code))) {
            return Err(format!("styles {codes:?}"));
        }
    }
    Ok(())
}
