//! Slack, through the incoming webhook of a room. It answers `ok` and no id, so nothing can be
//! changed later, and nobody can be asked what a lost answer hides.

use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::http::{self, Answer, Http};
use super::rooms::{GivenRooms, Room, Rooms};
use super::sheet::{self, Markup, Parts};
use super::status::{self, Key};
use super::{Channel, Checked, Face, Kind, Message, Notice, Noticed, Pace, SendError, Setting, plain, template};
use crate::outbox::Sent;
use crate::phrases;
use crate::subscription::Address;
use crate::text;

pub(super) const KIND: Kind = Kind {
    name: "slack",
    about: "Gửi vào phòng Slack bằng webhook của phòng · Slack rooms, by an incoming webhook each",
    example: "[[channels]]\nname = \"slack\"\nkind = \"slack\"\nrooms = { chung = { env = \"SLACK_CHUNG\" } }\n",
    build: |keys, setting| {
        let config = Config::deserialize(keys)?;
        let slack = Slack::new(&config, setting).map_err(serde::de::Error::custom)?;
        Ok(Arc::new(slack))
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// The webhooks' addresses, by the names that subscriptions use.
    rooms: GivenRooms,
}

const NAME: &str = "Slack";
/// The text of one section.
const MARKUP: Markup = Markup {
    escape,
    bold: |text| if text.contains('*') { text.to_owned() } else { format!("*{text}*") },
    link,
    size: text::utf16_len,
    limit: 3000,
};
/// What a template may count on: it writes Slack's mrkdwn.
const FACE: Face = Face {
    escape,
    seen: str::to_owned,
    size: text::utf16_len,
    limit: MARKUP.limit,
    caption: MARKUP.limit,
    lists: true,
    put: |message, text| template::put_at(message, "/blocks/0/text/text", text),
};
/// The line that a notification shows (UTF-16 units).
const SUMMARY: usize = 200;
/// Slack's word for a message without text: the address and its key are right.
const NO_TEXT: &str = "no_text";
/// Slack's words for a webhook, a room or a workspace that takes no more.
const GONE: &[&str] = &[
    "channel_is_archived",
    "channel_not_found",
    "no_service",
    "no_service_id",
    "no_team",
    "no_active_hooks",
    "team_disabled",
    "user_not_found",
    "account_inactive",
];
/// And for a key or right that is missing.
const NO_RIGHT: &[&str] = &["invalid_token", "token_revoked", "action_prohibited", "posting_to_general_channel_denied", "missing_scope"];

struct Slack {
    http: Http,
    rooms: Rooms,
}

impl Slack {
    fn new(config: &Config, setting: &Setting<'_>) -> Result<Self, String> {
        let rooms = Rooms::new(NAME, &config.rooms, setting)?;
        Ok(Self { http: Http::new(setting.tls, rooms.secrets())?, rooms })
    }

    async fn post(&self, room: &Room, body: &Value) -> Result<Answer, SendError> {
        let request = self.http.client().post(room.url.clone()).json(body);
        self.http.send(request).await.map_err(|fault: http::Fault| fault.verdict(NAME))
    }
}

#[async_trait]
impl Channel for Slack {
    fn render(&self, notice: &Notice<'_>) -> Vec<Message> {
        if notice.digest {
            let lists = sheet::lists(notice, &MARKUP);
            return lists.into_iter().map(|(text, covers)| Message { covers, ..list(&text, notice) }).collect();
        }
        let one = |(index, noticed): (usize, &Noticed)| Message { covers: index..index + 1, ..article(noticed, notice) };
        notice.entries.iter().enumerate().map(one).collect()
    }

    fn face(&self) -> Option<Face> {
        Some(FACE)
    }

    fn pace(&self) -> Pace {
        Pace { per_chat_second: Some(1.0), is_group: Some(|_| true), timeout: Some(http::TOTAL), ..Pace::default() }
    }

    fn accepts(&self, chat: &str) -> Result<(), String> {
        self.rooms.named(chat).map(drop)
    }

    async fn send(&self, to: &Address, message: &Message, _key: &str) -> Result<Sent, SendError> {
        let room = self.rooms.open(to)?;
        let mut body: Value = serde_json::from_str(&message.text).unwrap_or_default();
        let mut answer = self.post(room, &body).await?;
        if answer.status == 400 && is_about_blocks(&answer) && without_picture(&mut body) {
            answer = self.post(room, &body).await?;
        }
        if answer.status == 200 && answer.body.trim_ascii() == b"ok" { Ok(Sent::default()) } else { Err(refusal(&answer)) }
    }

    /// A message without text is refused before anybody sees it, but only by a webhook that works.
    async fn check(&self, _of: &[Address]) -> Vec<Checked> {
        let mut all = Vec::new();
        for (to, room) in self.rooms.all() {
            let (holds, told) = match self.post(room, &json!({ "text": "" })).await {
                Ok(answer) if said(&answer) == NO_TEXT => (true, phrases::check_room_open(NAME)),
                Ok(answer) => (false, refusal(&answer).cause()),
                Err(error) => (false, error.cause()),
            };
            all.push(Checked { of: Some(to), holds: Some(holds), told });
        }
        all
    }
}

fn refusal(answer: &Answer) -> SendError {
    let said = said(answer);
    if GONE.contains(&said.as_str()) {
        return SendError::Gone { cause: phrases::platform_gone(NAME, &said) };
    }
    if NO_RIGHT.contains(&said.as_str()) {
        return SendError::Gone { cause: phrases::platform_no_right(NAME, &said) };
    }
    status::verdict(NAME, answer, Key::Room, &said)
}

/// Slack's one word, or the status where something else answered.
fn said(answer: &Answer) -> String {
    let word = str::from_utf8(&answer.body).unwrap_or_default().trim();
    let is_word = (1..=64).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if is_word { word.to_owned() } else { format!("HTTP {}", answer.status) }
}

/// Whether Slack could make nothing of the blocks, as when it cannot fetch a picture.
fn is_about_blocks(answer: &Answer) -> bool {
    let said = String::from_utf8_lossy(&answer.body).to_ascii_lowercase();
    said.contains("invalid_blocks") || said.contains("image")
}

fn without_picture(body: &mut Value) -> bool {
    let Some(blocks) = body.get_mut("blocks").and_then(Value::as_array_mut) else { return false };
    let before = blocks.len();
    blocks.retain(|block| block.get("type").is_none_or(|kind| kind != "image"));
    blocks.len() < before
}

fn article(noticed: &Noticed, notice: &Notice<'_>) -> Message {
    let title = plain::title(noticed, notice);
    let mut blocks = vec![section(&Parts::of(noticed, notice).marked(notice, &MARKUP))];
    if let Some(url) = sheet::picture(noticed) {
        blocks.push(json!({ "type": "image", "image_url": url, "alt_text": text::cut(&title, SUMMARY) }));
    }
    message(&title, blocks, notice)
}

fn list(text: &str, notice: &Notice<'_>) -> Message {
    message(&plain::list_head(notice), vec![section(text)], notice)
}

fn message(summary: &str, blocks: Vec<Value>, notice: &Notice<'_>) -> Message {
    let body = json!({ "text": escape(&text::cut(summary, SUMMARY)), "blocks": blocks, "unfurl_links": false });
    Message { text: body.to_string(), silent: notice.silent, ..Message::default() }
}

/// `verbatim`: Slack makes no mentions, rooms and links of its own from the text.
fn section(text: &str) -> Value {
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": text, "verbatim": true } })
}

/// The three characters that Slack gives a meaning to.
fn escape(plain: &str) -> String {
    plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn link(label: &str, url: &Url) -> String {
    format!("<{}|{label}>", escape(url.as_str()).replace('|', "%7C"))
}

#[cfg(test)]
#[path = "slack_tests.rs"]
mod tests;
