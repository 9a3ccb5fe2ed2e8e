//! Microsoft Teams, through a Workflows webhook of a room. The workflow says 202 when it has taken a
//! card, not when the card is shown, and tells no id: nothing can be asked or changed later.

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::http::{self, Answer, Http};
use super::rooms::{GivenRooms, Room, Rooms};
use super::sheet::{self, Markup, Parts};
use super::status::{self, Key};
use super::{Channel, Checked, Face, Kind, Message, Notice, Noticed, Pace, SendError, Setting};
use crate::outbox::Sent;
use crate::phrases;
use crate::subscription::Address;

pub(super) const KIND: Kind = Kind {
    name: "teams",
    about: "Gửi vào phòng Microsoft Teams bằng webhook của Workflows · Microsoft Teams rooms, by a Workflows webhook each",
    example: "[[channels]]\nname = \"teams\"\nkind = \"teams\"\nrooms = { chung = { env = \"TEAMS_CHUNG\" } }\n",
    build: |keys, setting| {
        let config = Config::deserialize(keys)?;
        let teams = Teams::new(&config, setting).map_err(serde::de::Error::custom)?;
        Ok(Arc::new(teams))
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// The workflows' addresses, by the names that subscriptions use.
    rooms: GivenRooms,
}

const NAME: &str = "Microsoft Teams";
/// The longest body: Teams takes 28 KB, of which the workflow uses some for itself.
const LIMIT: usize = 24_000;
/// The longest text of one article (UTF-16 units); nobody reads more in a room.
const TEXT: usize = 8_000;
/// Teams shows no more buttons than this.
const BUTTONS: usize = 6;
/// A list, in which each line is a paragraph; what JSON adds to them is left room for.
const LIST: Markup = Markup {
    escape: str::to_owned,
    bold: str::to_owned,
    link: |label, url| format!("{label}\n{url}"),
    size: |text| json!(text).to_string().len() + 80 * text.lines().count(),
    limit: LIMIT - 2_000,
};
/// What a template may count on: it writes plain text, each line a paragraph.
const FACE: Face =
    Face { escape: str::to_owned, seen: str::to_owned, size: LIST.size, limit: LIST.limit / 2, caption: LIST.limit / 2, lists: true, put };
/// Codes of the workflow service for a webhook that is off, deleted or no longer signed.
const GONE: &[&str] = &[
    "WorkflowNotFound",
    "WorkflowTriggerNotFound",
    "WorkflowTriggerIsNotEnabled",
    "WorkflowDisabled",
    "WorkflowTriggerVersionNotFound",
    "DirectApiAuthorizationRequired",
    "DirectApiInvalidAuthorizationScheme",
    "AuthorizationFailed",
];

struct Teams {
    http: Http,
    rooms: Rooms,
}

/// A refusal of the workflow service.
#[derive(Deserialize)]
struct Refusal {
    error: Reason,
}

#[derive(Deserialize)]
struct Reason {
    code: String,
}

impl Teams {
    fn new(config: &Config, setting: &Setting<'_>) -> Result<Self, String> {
        let rooms = Rooms::new(NAME, &config.rooms, setting)?;
        Ok(Self { http: Http::new(setting.tls, rooms.secrets())?, rooms })
    }

    /// Whether anything answers there; `OPTIONS` starts no workflow.
    async fn reach(&self, room: &Room) -> (Option<bool>, String) {
        let request = self.http.client().request(Method::OPTIONS, room.url.clone());
        match self.http.send(request).await {
            Ok(answer) => (None, phrases::check_answers(answer.status)),
            Err(fault) => (Some(false), fault.verdict(NAME).cause()),
        }
    }
}

#[async_trait]
impl Channel for Teams {
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
        Pace { per_chat_second: Some(4.0), is_group: Some(|_| true), timeout: Some(http::TOTAL), ..Pace::default() }
    }

    fn accepts(&self, chat: &str) -> Result<(), String> {
        self.rooms.named(chat).map(drop)
    }

    async fn send(&self, to: &Address, message: &Message, _key: &str) -> Result<Sent, SendError> {
        let room = self.rooms.open(to)?;
        let request = self.http.client().post(room.url.clone()).header("content-type", "application/json").body(message.text.clone());
        let answer = self.http.send(request).await.map_err(|fault| fault.verdict(NAME))?;
        if took(&answer) { Ok(Sent::default()) } else { Err(refusal(&answer)) }
    }

    async fn check(&self, _of: &[Address]) -> Vec<Checked> {
        let mut all = Vec::new();
        for (to, room) in self.rooms.all() {
            let (holds, told) = self.reach(room).await;
            all.push(Checked { of: Some(to), holds, told });
        }
        all
    }
}

/// A workflow answers nothing; the older connectors, which some servers still imitate, answer `1`.
fn took(answer: &Answer) -> bool {
    let said = answer.body.trim_ascii();
    matches!(answer.status, 200..=204) && (said.is_empty() || said == b"1")
}

fn refusal(answer: &Answer) -> SendError {
    let told = status::json::<Refusal>(answer).map(|told| told.error.code);
    let code = told.filter(|code| code.len() <= 64 && code.bytes().all(|b| b.is_ascii_alphanumeric()));
    let said = code.clone().unwrap_or_else(|| format!("HTTP {}", answer.status));
    if code.is_some_and(|code| GONE.contains(&code.as_str())) {
        return SendError::Gone { cause: phrases::platform_gone(NAME, &said) };
    }
    // The older connectors told of Teams' own limit in an answer that is well otherwise.
    if answer.status == 200 && String::from_utf8_lossy(&answer.body).contains("HTTP error 429") {
        return SendError::Retry { after: answer.retry_after, cause: phrases::platform_flood(NAME, "HTTP 429") };
    }
    status::verdict(NAME, answer, Key::Room, &said)
}

fn article(noticed: &Noticed, notice: &Notice<'_>) -> Message {
    let picture = sheet::picture(noticed).map(|url| json!({ "type": "Image", "url": url, "altText": "", "size": "Stretch" }));
    let written = |parts: &Parts| body(&card(parts, picture.as_ref()));
    let parts = Parts::of(noticed, notice).fitted(notice, TEXT, |parts| written(parts).len() <= LIMIT);
    Message { text: written(&parts), silent: notice.silent, ..Message::default() }
}

fn list(text: &str, notice: &Notice<'_>) -> Message {
    let blocks: Vec<Value> = text.lines().filter(|line| !line.is_empty()).map(|line| paragraph(line, false)).collect();
    Message { text: body(&content(blocks, Vec::new())), silent: notice.silent, ..Message::default() }
}

/// The text of a card as these words; its picture and its buttons stay.
fn put(message: &mut Message, text: String) {
    let mut whole: Value = serde_json::from_str(&message.text).unwrap_or_default();
    if let Some(blocks) = whole.pointer_mut("/attachments/0/content/body").and_then(Value::as_array_mut) {
        blocks.retain(|block| block.get("type").is_some_and(|kind| kind == "Image"));
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        blocks.splice(0..0, lines.map(|line| paragraph(line, false)));
    }
    message.text = whole.to_string();
}

/// Each paragraph is a block of its own: inside one, line ends are not kept everywhere.
fn card(parts: &Parts, picture: Option<&Value>) -> Value {
    let mut blocks = vec![paragraph(&parts.title, true)];
    let lines = |text: &str, blocks: &mut Vec<Value>| {
        blocks.extend(text.lines().filter(|line| !line.is_empty()).map(|line| paragraph(line, false)));
    };
    lines(&parts.byline, &mut blocks);
    blocks.extend(picture.cloned());
    lines(&parts.body, &mut blocks);
    let ways: Vec<&(String, Url)> = parts.link.iter().chain(&parts.files).collect();
    let (buttons, rest) = ways.split_at(ways.len().min(BUTTONS));
    blocks.extend(rest.iter().map(|(title, url)| paragraph(&format!("• {title}: {url}"), false)));
    content(blocks, buttons.iter().map(|(title, url)| json!({ "type": "Action.OpenUrl", "title": title, "url": url })).collect())
}

/// Text that is shown as it stands: a `TextRun` knows no Markdown.
fn paragraph(text: &str, is_title: bool) -> Value {
    let run = if is_title {
        json!({ "type": "TextRun", "text": text, "weight": "Bolder", "size": "Medium" })
    } else {
        json!({ "type": "TextRun", "text": text })
    };
    json!({ "type": "RichTextBlock", "inlines": [run] })
}

fn content(blocks: Vec<Value>, actions: Vec<Value>) -> Value {
    json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard", "version": "1.4", "body": blocks, "actions": actions, "msteams": { "width": "Full" },
    })
}

fn body(content: &Value) -> String {
    let card = json!({ "contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": null, "content": content });
    json!({ "type": "message", "attachments": [card] }).to_string()
}

#[cfg(test)]
#[path = "teams_tests.rs"]
mod tests;
