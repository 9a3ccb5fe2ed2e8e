//! Discord, through the webhook of a room. Discord tells what it made of a message (`wait=true`),
//! and lets it be changed; what a lost answer hides can be asked by nobody.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::RequestBuilder;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::http::{self, Answer, Http};
use super::rooms::{GivenRooms, Room, Rooms};
use super::sheet::{self, Markup, Parts};
use super::status::{self, Key};
use super::{Channel, Checked, Doubt, Edited, Face, Kind, Message, Notice, Noticed, Pace, SendError, Setting, template};
use crate::outbox::{KnownIds, MessageId, Sent};
use crate::phrases;
use crate::subscription::Address;
use crate::text;

pub(super) const KIND: Kind = Kind {
    name: "discord",
    about: "Gửi vào phòng Discord bằng webhook của phòng · Discord rooms, by a webhook each",
    example: "[[channels]]\nname = \"discord\"\nkind = \"discord\"\nrooms = { chung = { env = \"DISCORD_CHUNG\" } }\n",
    build: |keys, setting| {
        let config = Config::deserialize(keys)?;
        let discord = Discord::new(&config, setting).map_err(serde::de::Error::custom)?;
        Ok(Arc::new(discord))
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// The webhooks' addresses, by the names that subscriptions use.
    rooms: GivenRooms,
}

const NAME: &str = "Discord";
/// `SUPPRESS_NOTIFICATIONS`.
const SILENT: u32 = 1 << 12;
/// A message's text.
const MARKUP: Markup = Markup { escape, bold: |text| format!("**{text}**"), link, size: text::utf16_len, limit: 2000 };
/// What a template may count on: it writes Discord's Markdown.
const FACE: Face = Face {
    escape,
    seen: str::to_owned,
    size: text::utf16_len,
    limit: MARKUP.limit,
    caption: MARKUP.limit,
    lists: true,
    put: |message, text| template::put_at(message, "/content", text),
};
/// What Discord wants to be told by programs.
const AGENT: &str = concat!("DiscordBot (loaphuong, ", env!("CARGO_PKG_VERSION"), ")");
/// Error codes: the message is not there; a forum wants a thread in the address.
const UNKNOWN_MESSAGE: u64 = 10_008;
const FORUM: &[u64] = &[220_001, 220_002, 220_003];

struct Discord {
    http: Http,
    rooms: Rooms,
}

/// A refusal in Discord's own words.
#[derive(Deserialize)]
struct Refusal {
    code: u64,
    message: String,
    #[serde(default)]
    errors: Value,
}

/// The body of a 429.
#[derive(Deserialize)]
struct Limited {
    retry_after: f64,
    #[serde(default)]
    global: bool,
}

/// What Discord made of a message, or says of a webhook.
#[derive(Deserialize)]
struct Known {
    id: String,
    name: Option<String>,
}

impl Discord {
    fn new(config: &Config, setting: &Setting<'_>) -> Result<Self, String> {
        let rooms = Rooms::new(NAME, &config.rooms, setting)?;
        Ok(Self { http: Http::new(setting.tls, rooms.secrets())?, rooms })
    }

    async fn ask(&self, request: RequestBuilder) -> Result<Answer, SendError> {
        let request = request.header("user-agent", AGENT);
        self.http.send(request).await.map_err(|fault: http::Fault| fault.verdict(NAME))
    }

    /// Posts or changes; a picture that Discord refuses is left out.
    async fn put(&self, request: impl Fn() -> RequestBuilder, mut body: Value) -> Result<Answer, SendError> {
        let answer = self.ask(request().json(&body)).await?;
        let is_about_picture = status::json::<Refusal>(&answer).is_some_and(|told| told.errors.get("embeds").is_some());
        if !is_about_picture || body.pointer("/embeds/0").is_none() {
            return Ok(answer);
        }
        set(&mut body, "embeds", json!([]));
        self.ask(request().json(&body)).await
    }

    fn refusal(&self, answer: &Answer, room: &Room) -> SendError {
        // Discord shuts out whoever calls again after this.
        if answer.status == 404 {
            room.bury();
        }
        let Some(told) = status::json::<Refusal>(answer) else { return limited(answer) };
        let said = format!("{} {}", told.code, self.http.strip(&text::cut(&told.message, 200)));
        match told.code {
            code if FORUM.contains(&code) => SendError::Gone { cause: phrases::platform_no_right(NAME, &said) },
            _ => status::verdict(NAME, answer, Key::Room, &said),
        }
    }

    /// Whether Discord knows the webhook; reading it needs no more than its address.
    async fn look(&self, room: &Room) -> (Option<bool>, String) {
        let answer = match self.ask(self.http.client().get(room.url.clone())).await {
            Ok(answer) => answer,
            Err(error) => return (Some(false), error.cause()),
        };
        match status::json::<Known>(&answer).filter(|_| answer.status == 200) {
            Some(known) => (Some(true), phrases::check_room_known(NAME, &known.name.unwrap_or(known.id))),
            None => (Some(false), self.refusal(&answer, room).cause()),
        }
    }
}

/// The answer of a limit, or of something that stands before Discord and shuts us out.
fn limited(answer: &Answer) -> SendError {
    let said = format!("HTTP {}", answer.status);
    let cause = phrases::platform_flood(NAME, &said);
    let limited: Option<Limited> = status::json(answer);
    let told = limited.as_ref().and_then(|told| Duration::try_from_secs_f64(told.retry_after).ok());
    match answer.status {
        429 if limited.is_some_and(|told| !told.global) => SendError::Retry { after: told.or(answer.retry_after), cause },
        401 | 403 | 429 => SendError::Down { after: told.or(answer.retry_after).or(Some(status::REST)), cause },
        _ => status::verdict(NAME, answer, Key::Room, &said),
    }
}

#[async_trait]
impl Channel for Discord {
    fn render(&self, notice: &Notice<'_>) -> Vec<Message> {
        if notice.digest {
            let lists = sheet::lists(notice, &MARKUP);
            return lists.into_iter().map(|(content, covers)| Message { covers, ..message(&content, None, notice) }).collect();
        }
        let one = |(index, noticed): (usize, &Noticed)| {
            let content = Parts::of(noticed, notice).marked(notice, &MARKUP);
            Message { covers: index..index + 1, ..message(&content, sheet::picture(noticed), notice) }
        };
        notice.entries.iter().enumerate().map(one).collect()
    }

    fn face(&self) -> Option<Face> {
        Some(FACE)
    }

    fn pace(&self) -> Pace {
        Pace {
            per_second: Some(50.0),
            per_chat_second: Some(2.5),
            per_group_minute: Some(30.0),
            is_group: Some(|_| true),
            timeout: Some(http::TOTAL),
            ..Pace::default()
        }
    }

    fn accepts(&self, chat: &str) -> Result<(), String> {
        self.rooms.named(chat).map(drop)
    }

    async fn send(&self, to: &Address, message: &Message, _key: &str) -> Result<Sent, SendError> {
        let room = self.rooms.open(to)?;
        let mut url = room.url.clone();
        url.query_pairs_mut().append_pair("wait", "true");
        let answer = self.put(|| self.http.client().post(url.clone()), body(message)).await?;
        match (answer.status, status::json::<Known>(&answer)) {
            (200, Some(known)) => Ok(Sent { ids: vec![known.id] }),
            (204, _) => Ok(Sent::default()),
            _ => Err(self.refusal(&answer, room)),
        }
    }

    /// Nothing can be listed; but while Discord itself does not answer, nothing could be sent again either.
    async fn resolve(&self, to: &Address, _message: &Message, _known: &KnownIds) -> Result<Doubt, SendError> {
        let room = self.rooms.open(to)?;
        let answer = self.ask(self.http.client().get(room.url.clone())).await?;
        let answers = answer.status != 429 && answer.status < 500;
        if answers { Ok(Doubt::Unknown) } else { Err(self.refusal(&answer, room)) }
    }

    fn edits(&self) -> bool {
        true
    }

    async fn edit(&self, to: &Address, id: &MessageId, message: &Message) -> Result<Edited, SendError> {
        let room = self.rooms.open(to)?;
        let url = message_url(&room.url, id);
        let mut body = body(message);
        // Whether it made a sound cannot be changed.
        body.as_object_mut().and_then(|body| body.remove("flags"));
        let answer = self.put(|| self.http.client().patch(url.clone()), body).await?;
        match status::json::<Refusal>(&answer) {
            None if answer.status == 200 => Ok(Edited::Done),
            Some(told) if told.code == UNKNOWN_MESSAGE => Ok(Edited::Gone),
            _ => Err(self.refusal(&answer, room)),
        }
    }

    async fn check(&self, _of: &[Address]) -> Vec<Checked> {
        let mut all = Vec::new();
        for (to, room) in self.rooms.all() {
            let (holds, told) = self.look(room).await;
            all.push(Checked { of: Some(to), holds, told });
        }
        all
    }
}

fn message(content: &str, picture: Option<&Url>, notice: &Notice<'_>) -> Message {
    let embeds: Vec<Value> = picture.map(|url| json!({ "image": { "url": url } })).into_iter().collect();
    let mut body = json!({ "content": content, "embeds": embeds, "allowed_mentions": { "parse": [] } });
    if notice.silent {
        set(&mut body, "flags", SILENT.into());
    }
    Message { text: body.to_string(), silent: notice.silent, ..Message::default() }
}

fn body(message: &Message) -> Value {
    serde_json::from_str(&message.text).unwrap_or_default()
}

fn set(body: &mut Value, key: &str, value: Value) {
    if let Value::Object(fields) = body {
        fields.insert(key.to_owned(), value);
    }
}

/// Where a message of a webhook is changed; what the address says of a thread stays.
fn message_url(webhook: &Url, id: &str) -> Url {
    let mut url = webhook.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().push("messages").push(id);
    }
    url
}

/// Text that Discord's Markdown leaves alone. Addresses in it stay addresses.
fn escape(plain: &str) -> String {
    let mut out = String::with_capacity(plain.len());
    for line in plain.split_inclusive('\n') {
        let start = line.trim_start();
        if start.starts_with(['#', '-', '+']) {
            out.push_str(line.strip_suffix(start).unwrap_or_default());
            out.push('\\');
            start.split_inclusive(char::is_whitespace).for_each(|word| push_word(&mut out, word));
        } else {
            line.split_inclusive(char::is_whitespace).for_each(|word| push_word(&mut out, word));
        }
    }
    // Mentions are switched off in every message; this also keeps them from being shown as such.
    out.replace("@everyone", "@\u{200b}everyone").replace("@here", "@\u{200b}here")
}

fn push_word(out: &mut String, word: &str) {
    let address = word.starts_with("https://") || word.starts_with("http://");
    for c in word.chars() {
        if c == '<' || (!address && matches!(c, '\\' | '*' | '_' | '~' | '`' | '|' | '[' | ']' | '>')) {
            out.push('\\');
        }
        out.push(c);
    }
}

/// A link without a preview; a bracket or backslash would end it early.
fn link(label: &str, url: &Url) -> String {
    let url = url.as_str().replace('(', "%28").replace(')', "%29").replace('\\', "%5C");
    format!("[{label}](<{url}>)")
}

#[cfg(test)]
#[path = "discord_tests.rs"]
mod tests;
