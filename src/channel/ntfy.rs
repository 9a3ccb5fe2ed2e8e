//! ntfy, on ntfy.sh or a server of one's own: a topic is a word, and everybody who knows it gets
//! what is published there. The server keeps messages for some hours, so a lost answer can be looked up.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::RequestBuilder;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::http::{self, Answer, Http};
use super::sheet::{self, Markup, Parts};
use super::status::{self, Key};
use super::{Channel, Checked, Doubt, Face, Kind, Message, Notice, Noticed, Pace, SendError, Setting, plain, template};
use crate::outbox::{KnownIds, Sent};
use crate::phrases;
use crate::secret::{Given, Secret};
use crate::subscription::Address;
use crate::text;

pub(super) const KIND: Kind = Kind {
    name: "ntfy",
    about: "Thông báo đẩy qua ntfy, máy chủ chung hoặc riêng · Push notifications by ntfy, on ntfy.sh or your own server",
    example: "[[channels]]\nname = \"ntfy\"\nkind = \"ntfy\"\nserver = \"https://ntfy.sh\"\ntoken = { env = \"NTFY_TOKEN\" }\n",
    build: |keys, setting| {
        let config = Config::deserialize(keys)?;
        let ntfy = Ntfy::new(config, setting).map_err(serde::de::Error::custom)?;
        Ok(Arc::new(ntfy))
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// The server's root.
    server: Option<Url>,
    /// An access token, where the topic is reserved or the server closed.
    token: Option<Given>,
}

/// The server that is meant where none is named.
const SERVER: &str = "https://ntfy.sh";
const NAME: &str = "ntfy";
/// A message's text, in bytes. A link has its own field, so the text holds none but attachments'.
const MARKUP: Markup =
    Markup { escape: str::to_owned, bold: str::to_owned, link: |label, url| format!("{label}: {url}"), size: str::len, limit: 4096 };
/// What a template may count on: it writes plain text below the title.
const FACE: Face = Face {
    escape: str::to_owned,
    seen: str::to_owned,
    size: str::len,
    limit: MARKUP.limit,
    caption: MARKUP.limit,
    lists: true,
    put: |message, text| template::put_at(message, "/message", text),
};
/// A list has each address on a line of its own.
const LIST: Markup = Markup { link: |label, url| format!("{label}\n{url}"), ..MARKUP };
/// A notification's title (UTF-16 units).
const TITLE: usize = 200;
/// The longest topic.
const TOPIC: usize = 64;
/// The priority of a notification that makes no sound; 3 is the usual one.
const QUIET: u8 = 2;
/// That of one that rings and vibrates for long, also where others are muted.
const HIGH: u8 = 4;
/// A request is given back to us after this, where the server does not say when.
const REFILL: Duration = Duration::from_secs(10);
/// What a day permits is used up: asked again after this.
const DAY: Duration = Duration::from_secs(3600);
/// ntfy's codes: the messages of a day, and a picture's address that it does not take.
const DAILY: u64 = 42_908;
const BAD_ATTACHMENT: u64 = 40_013;

/// The longest list of kept messages that is read.
const KEPT: usize = 4 << 20;

struct Ntfy {
    http: Http,
    server: Url,
    token: Option<Secret>,
}

/// A refusal in ntfy's own words.
#[derive(Deserialize)]
struct Refusal {
    code: u64,
    error: String,
}

/// A message as ntfy keeps it.
#[derive(Deserialize)]
struct Kept {
    id: String,
    #[serde(default)]
    event: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    message: String,
}

impl Ntfy {
    fn new(config: Config, setting: &Setting<'_>) -> Result<Self, String> {
        let token = config.token.as_ref().map(setting.secret).transpose()?;
        let http = Http::new(setting.tls, token.iter().cloned().collect())?.reading(KEPT);
        let server = config.server.map_or_else(|| Url::parse(SERVER), Ok).map_err(|error| error.to_string())?;
        Ok(Self { http, server, token })
    }

    fn address(&self, path: &[&str]) -> Url {
        let mut url = self.server.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    async fn ask(&self, request: RequestBuilder) -> Result<Answer, SendError> {
        let request = match &self.token {
            Some(token) => request.bearer_auth(token.expose()),
            None => request,
        };
        self.http.send(request).await.map_err(|fault: http::Fault| fault.verdict(NAME))
    }

    async fn publish(&self, body: &Value) -> Result<Answer, SendError> {
        self.ask(self.http.client().post(self.address(&[])).json(body)).await
    }

    fn refusal(&self, answer: &Answer) -> SendError {
        let told = status::json::<Refusal>(answer);
        let said = told.as_ref().map_or_else(
            || format!("HTTP {}", answer.status),
            |told| format!("{} {}", told.code, self.http.strip(&text::cut(&told.error, 200))),
        );
        let daily = told.as_ref().is_some_and(|told| told.code == DAILY);
        match answer.status {
            // The limit is that of our address on the net, whatever the topic.
            429 => SendError::Down {
                after: answer.retry_after.or(Some(if daily { DAY } else { REFILL })),
                cause: phrases::platform_flood(NAME, &said),
            },
            // A server that has no such path is no ntfy.
            404 | 405 => SendError::Down { after: Some(status::REST), cause: phrases::platform_no_such_place(NAME, &said) },
            _ => status::verdict(NAME, answer, Key::Channel, &said),
        }
    }

    /// What the server keeps of a topic since a message, or all of it.
    async fn kept(&self, topic: &str, since: &str) -> Result<Option<Vec<Kept>>, SendError> {
        let mut url = self.address(&[topic, "json"]);
        url.query_pairs_mut().append_pair("poll", "1").append_pair("since", since);
        let answer = self.ask(self.http.client().get(url)).await?;
        let lines = answer.body.split(|b| *b == b'\n').filter_map(|line| serde_json::from_slice::<Kept>(line).ok());
        match answer.status {
            200 => Ok(Some(lines.filter(|kept| kept.event == "message").collect())),
            // Who may write need not be allowed to read.
            401 | 403 | 404 => Ok(None),
            _ => Err(self.refusal(&answer)),
        }
    }

    async fn look(&self, topic: &str) -> (Option<bool>, String) {
        let answer = match self.ask(self.http.client().get(self.address(&[topic, "auth"]))).await {
            Ok(answer) => answer,
            Err(error) => return (Some(false), error.cause()),
        };
        match answer.status {
            200 | 403 => (None, phrases::check_only_sending_tells()),
            _ => (Some(false), self.refusal(&answer).cause()),
        }
    }

    async fn health(&self) -> (Option<bool>, String) {
        let asked = self.ask(self.http.client().get(self.address(&["v1", "health"]))).await;
        match asked {
            Ok(answer) if status::json::<Value>(&answer).is_some_and(|told| told.get("healthy") == Some(&Value::Bool(true))) => {
                (Some(true), phrases::check_server(NAME))
            }
            Ok(answer) => (Some(false), self.refusal(&answer).cause()),
            Err(error) => (Some(false), error.cause()),
        }
    }
}

#[async_trait]
impl Channel for Ntfy {
    fn render(&self, notice: &Notice<'_>) -> Vec<Message> {
        if notice.digest {
            let lists = sheet::lists(notice, &LIST);
            return lists.into_iter().map(|(text, covers)| Message { covers, ..list(&text, notice) }).collect();
        }
        let one = |(index, noticed): (usize, &Noticed)| Message { covers: index..index + 1, ..article(noticed, notice) };
        notice.entries.iter().enumerate().map(one).collect()
    }

    fn face(&self) -> Option<Face> {
        Some(FACE)
    }

    fn pace(&self) -> Pace {
        Pace {
            per_second: Some(0.2),
            burst: Some(60),
            // Who knows a topic can read it, so the log shows none.
            is_group: Some(|_| false),
            timeout: Some(http::TOTAL),
            ..Pace::default()
        }
    }

    fn accepts(&self, chat: &str) -> Result<(), String> {
        let formed = (1..=TOPIC).contains(&chat.len()) && chat.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if formed { Ok(()) } else { Err(phrases::ntfy_address()) }
    }

    /// A topic that asks for a token is not for everybody.
    fn invite(&self, chat: &str) -> Option<Url> {
        self.token.is_none().then(|| self.address(&[chat]))
    }

    async fn send(&self, to: &Address, message: &Message, _key: &str) -> Result<Sent, SendError> {
        self.accepts(to.chat()).map_err(|cause| SendError::Refused { cause })?;
        let mut body = published(to.chat(), message);
        let mut answer = self.publish(&body).await?;
        if status::json::<Refusal>(&answer).is_some_and(|told| told.code == BAD_ATTACHMENT) {
            body.as_object_mut().and_then(|body| body.remove("attach"));
            answer = self.publish(&body).await?;
        }
        match status::json::<Kept>(&answer).filter(|_| answer.status == 200) {
            Some(kept) => Ok(Sent { ids: vec![kept.id] }),
            None => Err(self.refusal(&answer)),
        }
    }

    /// What the server keeps tells; a topic of which it keeps nothing at all tells nothing.
    async fn resolve(&self, to: &Address, message: &Message, known: &KnownIds) -> Result<Doubt, SendError> {
        let ours = published(to.chat(), message);
        let is_ours =
            |kept: &&Kept| !known.contains(&kept.id) && same(&ours, "title", &kept.title) && same(&ours, "message", &kept.message);
        let since = known.last().map_or("all", String::as_str);
        let Some(newer) = self.kept(to.chat(), since).await? else { return Ok(Doubt::Unknown) };
        if let Some(kept) = newer.iter().rev().find(is_ours) {
            return Ok(Doubt::Delivered(Sent { ids: vec![kept.id.clone()] }));
        }
        let keeps = !newer.is_empty() || since != "all" && self.kept(to.chat(), "all").await?.is_some_and(|all| !all.is_empty());
        Ok(if keeps { Doubt::NotDelivered } else { Doubt::Unknown })
    }

    async fn check(&self, of: &[Address]) -> Vec<Checked> {
        let (holds, told) = self.health().await;
        let mut all = vec![Checked { of: None, holds, told }];
        for to in of {
            let (holds, told) = self.look(to.chat()).await;
            all.push(Checked { of: Some(to.clone()), holds, told });
        }
        all
    }
}

fn published(topic: &str, message: &Message) -> Value {
    let mut body: Value = serde_json::from_str(&message.text).unwrap_or_default();
    if let Value::Object(fields) = &mut body {
        fields.insert("topic".to_owned(), topic.into());
    }
    body
}

fn same(ours: &Value, field: &str, theirs: &str) -> bool {
    plain::letters(ours.get(field).and_then(Value::as_str).unwrap_or_default()) == plain::letters(theirs)
}

fn article(noticed: &Noticed, notice: &Notice<'_>) -> Message {
    let parts = Parts::of(noticed, notice);
    let title = text::cut(&parts.title, TITLE);
    // The notification itself opens the original.
    let text = Parts { title: String::new(), link: None, ..parts }.marked(notice, &MARKUP);
    message(&title, &text, Some(&noticed.link), sheet::picture(noticed), notice)
}

fn list(text: &str, notice: &Notice<'_>) -> Message {
    let title = plain::list_head(notice);
    // The list begins with what is the notification's title.
    let rows = text.strip_prefix(&title).map_or(text, str::trim_start);
    message(&text::cut(&title, TITLE), rows, None, None, notice)
}

fn message(title: &str, text: &str, click: Option<&Url>, attach: Option<&Url>, notice: &Notice<'_>) -> Message {
    // Without a text ntfy writes "triggered".
    let text = if text.is_empty() { title } else { text };
    let mut body = json!({ "title": title, "message": text, "click": click, "attach": attach });
    if let Value::Object(fields) = &mut body {
        fields.retain(|_, value| !value.is_null());
        let priority = if notice.urgent { Some(HIGH) } else { notice.silent.then_some(QUIET) };
        fields.extend(priority.map(|priority| ("priority".to_owned(), priority.into())));
    }
    Message { text: body.to_string(), silent: notice.silent, ..Message::default() }
}

#[cfg(test)]
#[path = "ntfy_tests.rs"]
mod tests;
