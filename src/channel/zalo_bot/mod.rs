//! Zalo, through a bot of the Zalo Bot Platform: groups, and people who wrote to the bot. A bot has
//! 50 people and 3,000 messages a month, so an entry is one message, and groups reach most.

use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use super::ear::{Ear, Listen};
use super::http;
use super::zalo_text::{self, Note};
use super::{Channel, Checked, Doubt, Face, Keep, Kind, Message, Notice, Pace, SendError, Setting, Talk};
use crate::outbox::{KnownIds, Sent};
use crate::phrases::{self, Language};
use crate::schedule::Clock;
use crate::secret::Given;
use crate::subscription::Address;
use crate::text;
use api::{Api, Fault};
use refusal::verdict;

mod api;
mod heard;
mod listen;
mod refusal;
mod talk;

pub(super) const KIND: Kind = Kind {
    name: "zalo-bot",
    about: "Gửi vào nhóm và người dùng Zalo bằng bot (3.000 tin mỗi tháng, 50 người) · Zalo groups and people, by a bot",
    example: "[[channels]]\nname = \"zalo\"\nkind = \"zalo-bot\"\ntoken = { env = \"ZALO_BOT_TOKEN\" }\n",
    build: |keys, setting| {
        let config = Config::deserialize(keys)?;
        let bot = ZaloBot::new(config, setting).map_err(serde::de::Error::custom)?;
        Ok(Arc::new(bot))
    },
};

/// Messages a month of the free plan, over all chats.
const PER_MONTH: u32 = 3000;
/// Zalo tells no limits of a second; these are our own manners.
const PER_SECOND: f64 = 5.0;
const PER_CHAT_SECOND: f64 = 1.0;
/// For so many seconds `channel test` listens for somebody who just wrote; a String, as the table says.
const LISTEN: &str = "1";
/// The longest id of a chat that is believed.
const LONGEST_ID: usize = 128;

/// What a template may count on: it writes plain text.
const FACE: Face = Face {
    escape: str::to_owned,
    seen: str::to_owned,
    size: text::utf16_len,
    limit: zalo_text::TEXT,
    caption: zalo_text::TEXT,
    lists: true,
    put: |message, text| message.text = serde_json::to_string(&Body { text, text_styles: Vec::new() }).unwrap_or_default(),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// What Zalo Bot Manager sent.
    token: Given,
    /// The Bot API server.
    #[serde(default = "zalos_own")]
    api: Url,
    /// How it hears what people write.
    #[serde(default)]
    listen: Listen,
}

#[expect(clippy::expect_used, reason = "a constant address, read in every test")]
fn zalos_own() -> Url {
    Url::parse("https://bot-api.zaloplatforms.com").expect("a valid address")
}

struct ZaloBot {
    /// Its name in the config.
    name: String,
    api: Api,
    ear: Ear,
    language: Language,
}

/// What a message's text holds: the call's body less the chat and the picture.
#[derive(Serialize, Deserialize)]
struct Body {
    text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    text_styles: Vec<Style>,
}

/// A stretch of the text, in UTF-16 units, and its looks.
#[derive(Serialize, Deserialize)]
struct Style {
    start: usize,
    len: usize,
    st: Vec<String>,
}

/// With what a message is sent; given up step by step when Zalo refuses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Picture,
    Styled,
    Plain,
}

impl Form {
    const fn simpler(self) -> Option<Self> {
        match self {
            Self::Picture => Some(Self::Styled),
            Self::Styled => Some(Self::Plain),
            Self::Plain => None,
        }
    }
}

impl ZaloBot {
    fn new(config: Config, setting: &Setting<'_>) -> Result<Self, String> {
        let token = (setting.secret)(&config.token)?;
        if config.listen == Listen::Webhook && setting.base.scheme() != "https" {
            return Err(phrases::listen_needs_base_url());
        }
        Ok(Self {
            name: setting.name.to_owned(),
            api: Api::new(config.api, token, setting.tls)?,
            ear: Ear::new(setting.name, config.listen, setting.base),
            language: setting.language,
        })
    }

    async fn try_once(&self, chat: &str, body: &Body, image: Option<&Url>, form: Form) -> Result<Value, Fault> {
        let text = &body.text;
        match (form, image) {
            (Form::Picture, Some(image)) => {
                self.api.call("sendPhoto", &json!({ "chat_id": chat, "photo": image.as_str(), "caption": text })).await
            }
            (Form::Picture | Form::Styled, _) if !body.text_styles.is_empty() => {
                self.api.call("sendMessage", &json!({ "chat_id": chat, "text": text, "text_styles": body.text_styles })).await
            }
            (Form::Picture | Form::Styled | Form::Plain, _) => {
                self.api.call("sendMessage", &json!({ "chat_id": chat, "text": text })).await
            }
        }
    }

    /// Whose token this is.
    async fn look(&self) -> Checked {
        let (holds, told) = match self.api.call("getMe", &json!({})).await {
            Ok(me) => {
                let name = me.get("account_name").and_then(Value::as_str).unwrap_or("?");
                let groups = me.get("can_join_groups").and_then(Value::as_bool);
                (true, phrases::zalo_bot_known(name, groups))
            }
            Err(fault) => (false, verdict(fault).cause()),
        };
        Checked { of: None, holds: Some(holds), told }
    }

    /// Who wrote to the bot last: the only way to learn the id of a chat.
    async fn writer(&self) -> Option<Checked> {
        let update = self.api.call("getUpdates", &json!({ "timeout": LISTEN })).await.ok()?;
        let message = update.get("message")?;
        let id = message.get("chat")?.get("id")?.as_str()?;
        let name = message.get("from").and_then(|from| from.get("display_name")).and_then(Value::as_str).unwrap_or("?");
        Some(Checked { of: None, holds: Some(true), told: phrases::zalo_bot_writer(&text::line(name), id) })
    }
}

#[async_trait]
impl Channel for ZaloBot {
    fn render(&self, notice: &Notice<'_>) -> Vec<Message> {
        zalo_text::notes(notice, usize::MAX).into_iter().map(|note| message(note, notice)).collect()
    }

    fn face(&self) -> Option<Face> {
        Some(FACE)
    }

    fn attach(&self, keep: Arc<dyn Keep>) {
        self.ear.attach(keep);
    }

    fn go_by(&self, clock: Clock) {
        self.ear.go_by(clock);
    }

    fn talk(&self) -> Option<&dyn Talk> {
        self.ear.is_open().then_some(self)
    }

    fn pace(&self) -> Pace {
        Pace {
            per_second: Some(PER_SECOND),
            per_chat_second: Some(PER_CHAT_SECOND),
            per_month: Some(PER_MONTH),
            timeout: Some(http::TOTAL),
            ..Pace::default()
        }
    }

    fn accepts(&self, chat: &str) -> Result<(), String> {
        let formed = chat.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
        if formed && (1..=LONGEST_ID).contains(&chat.len()) { Ok(()) } else { Err(phrases::zalo_bot_address()) }
    }

    async fn send(&self, to: &Address, message: &Message, _key: &str) -> Result<Sent, SendError> {
        let body: Body = serde_json::from_str(&message.text)
            .map_err(|error| SendError::Refused { cause: phrases::platform_refused(refusal::PLATFORM, &error.to_string()) })?;
        let mut form = if message.image.is_some() { Form::Picture } else { Form::Styled };
        loop {
            let fault = match self.try_once(to.chat(), &body, message.image.as_ref(), form).await {
                Ok(took) => return Ok(sent(&took)),
                Err(fault) => fault,
            };
            let simpler = form.simpler().filter(|_| refusal::may_ease(&fault, form == Form::Picture));
            form = simpler.ok_or_else(|| verdict(fault))?;
        }
    }

    /// Nothing can be listed; but while the API does not answer nothing could be sent again either.
    async fn resolve(&self, _to: &Address, _message: &Message, _known: &KnownIds) -> Result<Doubt, SendError> {
        self.api.call("getMe", &json!({})).await.map_err(verdict)?;
        Ok(Doubt::Unknown)
    }

    async fn check(&self, of: &[Address]) -> Vec<Checked> {
        let me = self.look().await;
        if me.holds != Some(true) {
            return vec![me];
        }
        let only_sending = |to: &Address| Checked { of: Some(to.clone()), holds: None, told: phrases::check_only_sending_tells() };
        std::iter::once(me).chain(self.writer().await).chain(of.iter().map(only_sending)).collect()
    }
}

fn message(note: Note, notice: &Notice<'_>) -> Message {
    let bold = Style { start: 0, len: note.head, st: vec!["b".to_owned()] };
    let body = Body { text: note.text, text_styles: if note.head > 0 { vec![bold] } else { Vec::new() } };
    let entry = notice.entries.get(note.covers.start).filter(|_| !notice.digest);
    Message {
        text: serde_json::to_string(&body).unwrap_or_default(),
        image: entry.and_then(|noticed| zalo_text::picture(&noticed.entry)),
        document: None,
        link: None,
        silent: notice.silent,
        reply_to: None,
        covers: note.covers,
    }
}

/// The id that Zalo gave; a number in case they change it.
fn sent(took: &Value) -> Sent {
    let id = took.get("message_id");
    let id = id.and_then(|id| id.as_str().map(str::to_owned).or_else(|| id.as_u64().map(|id| id.to_string())));
    Sent { ids: id.into_iter().collect() }
}
