//! Telegram, through a bot: channels, groups, topics and private chats.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde::Deserialize;
use teloxide::payloads::{SendMessage, SendMessageSetters, SendPhoto, SendPhotoSetters};
use teloxide::types::{InlineKeyboardButton, InlineKeyboardMarkup, InputFile, LinkPreviewOptions, ParseMode, ReplyParameters};
use url::Url;

use super::ear::{Ear, Listen};
use super::http;
use super::{Channel, Checked, Doubt, Edited, Face, Keep, Kind, Message, Notice, Pace, SendError, Setting, Talk, plain};
use crate::outbox::{KnownIds, MessageId, Sent};
use crate::phrases::{self, Language};
use crate::schedule::Clock;
use crate::secret::Given;
use crate::subscription::Address;
use crate::text;
use api::{Api, Fault};
use chat::Chat;
use document::Documents;
use heard::Me;
use refusal::Ease;

mod api;
mod ask;
mod chat;
mod check;
mod document;
mod download;
mod edit;
mod edit_probe;
mod heard;
mod layout;
mod listen;
mod probe;
mod refusal;
mod talk;
#[cfg(test)]
mod tests;

pub(super) const KIND: Kind = Kind {
    name: "telegram",
    about: "Gửi vào kênh, nhóm, chủ đề và người nhận trên Telegram bằng bot · Telegram channels, groups and chats, by a bot",
    example: "[[channels]]\nname = \"bot\"\nkind = \"telegram\"\ntoken = { env = \"TELEGRAM_TOKEN\" }\n",
    build: |keys, setting| {
        let config = Config::deserialize(keys)?;
        let telegram = Telegram::new(config, setting).map_err(serde::de::Error::custom)?;
        Ok(Arc::new(telegram))
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// What @BotFather gave.
    token: Given,
    /// The Bot API server.
    #[serde(default = "telegrams_own")]
    api: Url,
    /// A private group that doubtful messages are forwarded to, to see whether they are there.
    ops_chat: Option<Chat>,
    #[serde(default)]
    preview: Preview,
    /// Whether attachments that Telegram fetches itself follow as documents.
    #[serde(default)]
    documents: bool,
    /// Whether messages beyond 30 a second are paid for, in Telegram's Stars.
    #[serde(default)]
    paid_broadcast: bool,
    /// Whether a doubtful message is looked for by changing it to what it is.
    #[serde(default)]
    edit_probe: bool,
    /// How it hears what people say.
    #[serde(default)]
    listen: Listen,
}

#[derive(Deserialize, Clone, Copy, Default, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Preview {
    #[default]
    Large,
    Small,
    Off,
}

/// Messages a second that Telegram takes for nothing, and that it takes at all.
const FREE: f64 = 30.0;
const PAID: f64 = 1000.0;

#[expect(clippy::expect_used, reason = "a constant address, read in every test")]
fn telegrams_own() -> Url {
    Url::parse("https://api.telegram.org").expect("a valid address")
}

/// The longest answer with updates that is read.
const UPDATES: usize = 4 << 20;

struct Telegram {
    /// Its name in the config.
    name: String,
    api: Api,
    /// For answers that hold many updates.
    ears: Api,
    ear: Ear,
    /// Known once it is listened to.
    me: Mutex<Option<Me>>,
    language: Language,
    ops_chat: Option<Chat>,
    preview: Preview,
    documents: Option<Documents>,
    paid_broadcast: bool,
    edit_probe: Option<edit_probe::Spoilt>,
}

impl Telegram {
    fn new(config: Config, setting: &Setting<'_>) -> Result<Self, String> {
        let token = (setting.secret)(&config.token)?;
        if config.listen == Listen::Webhook && config.api == telegrams_own() && setting.base.scheme() != "https" {
            return Err(phrases::listen_needs_base_url());
        }
        Ok(Self {
            name: setting.name.to_owned(),
            ears: Api::new(config.api.clone(), token.clone(), setting.tls)?.reading(UPDATES),
            api: Api::new(config.api, token, setting.tls)?,
            ear: Ear::new(setting.name, config.listen, setting.base),
            me: Mutex::default(),
            language: setting.language,
            ops_chat: config.ops_chat,
            preview: config.preview,
            documents: config.documents.then(|| Documents::new(setting.guarded.clone())),
            paid_broadcast: config.paid_broadcast,
            edit_probe: config.edit_probe.then(edit_probe::Spoilt::default),
        })
    }

    /// The flag of a paid broadcast; left out where nothing is paid.
    fn pays(&self) -> Option<bool> {
        self.paid_broadcast.then_some(true)
    }

    fn link_preview(&self, message: &Message) -> LinkPreviewOptions {
        let url = message.link.as_ref().filter(|_| self.preview != Preview::Off).map(|(_, url)| url.to_string());
        LinkPreviewOptions {
            is_disabled: url.is_none(),
            prefer_small_media: url.is_some() && self.preview == Preview::Small,
            prefer_large_media: url.is_some() && self.preview == Preview::Large,
            url,
            show_above_text: false,
        }
    }

    async fn try_once(&self, chat: &Chat, message: &Message, form: Form) -> Result<Took, Fault> {
        match message.image.as_ref().filter(|_| form.picture) {
            Some(image) => {
                let mut photo = photo(chat, message, image, form);
                photo.allow_paid_broadcast = self.pays();
                self.api.call(&photo).await
            }
            None => {
                let mut text = words(chat, message, form).link_preview_options(self.link_preview(message));
                text.allow_paid_broadcast = self.pays();
                self.api.call(&text).await
            }
        }
    }
}

/// What the API tells of a message that it took.
#[derive(Deserialize)]
struct Took {
    message_id: i64,
    text: Option<String>,
    caption: Option<String>,
}

/// With what a message is sent; parts are given up one by one when Telegram refuses them.
#[derive(Debug, Clone, Copy)]
struct Form {
    picture: bool,
    thread: bool,
    markup: bool,
    button: bool,
    /// Of its whole length.
    length: bool,
}

impl Form {
    const WHOLE: Self = Self { picture: true, thread: true, markup: true, button: true, length: true };

    /// The form without the part that was refused; `None` where it was without it already.
    fn without(mut self, part: Ease) -> Option<Self> {
        let has = match part {
            Ease::Picture => &mut self.picture,
            Ease::Thread => &mut self.thread,
            Ease::Markup => &mut self.markup,
            Ease::Button => &mut self.button,
            Ease::Length => {
                self.markup = false;
                &mut self.length
            }
        };
        std::mem::replace(has, false).then_some(self)
    }

    fn text(self, message: &Message) -> String {
        match (self.length, self.markup) {
            (true, true) => message.text.clone(),
            (true, false) => layout::unmarked(&message.text),
            (false, _) => text::cut(&layout::unmarked(&message.text), layout::TEXT / 2),
        }
    }

    fn keyboard(self, message: &Message) -> Option<InlineKeyboardMarkup> {
        let (label, url) = message.link.as_ref().filter(|_| self.button)?;
        Some(InlineKeyboardMarkup::new([[InlineKeyboardButton::url(label, url.clone())]]))
    }
}

fn words(chat: &Chat, message: &Message, form: Form) -> SendMessage {
    let mut payload = SendMessage::new(chat.id.clone(), form.text(message)).disable_notification(message.silent);
    payload.message_thread_id = chat.thread.filter(|_| form.thread);
    payload.parse_mode = form.markup.then_some(ParseMode::Html);
    payload.reply_markup = form.keyboard(message).map(Into::into);
    payload.reply_parameters = answering(message);
    payload
}

fn photo(chat: &Chat, message: &Message, image: &Url, form: Form) -> SendPhoto {
    let picture = InputFile::url(image.clone());
    let mut payload = SendPhoto::new(chat.id.clone(), picture).caption(form.text(message)).disable_notification(message.silent);
    payload.message_thread_id = chat.thread.filter(|_| form.thread);
    payload.parse_mode = form.markup.then_some(ParseMode::Html);
    payload.reply_markup = form.keyboard(message).map(Into::into);
    payload.reply_parameters = answering(message);
    payload
}

/// What it answers; where that was deleted, it stands alone.
fn answering(message: &Message) -> Option<ReplyParameters> {
    let number = message.reply_to.as_ref()?.parse().ok()?;
    Some(ReplyParameters::new(teloxide::types::MessageId(number)).allow_sending_without_reply())
}

#[async_trait]
impl Channel for Telegram {
    fn render(&self, notice: &Notice<'_>) -> Vec<Message> {
        let messages = layout::render(notice);
        if self.documents.is_some() { document::after(messages, notice) } else { messages }
    }

    fn face(&self) -> Option<Face> {
        Some(layout::FACE)
    }

    fn attach(&self, keep: Arc<dyn Keep>) {
        self.ear.attach(keep);
    }

    fn talk(&self) -> Option<&dyn Talk> {
        self.ear.is_open().then_some(self)
    }

    fn go_by(&self, clock: Clock) {
        self.ear.go_by(clock.clone());
        if let Some(documents) = &self.documents {
            documents.go_by(clock);
        }
    }

    fn pace(&self) -> Pace {
        Pace {
            per_second: Some(if self.paid_broadcast { PAID } else { FREE }),
            burst: None,
            per_chat_second: Some(1.0),
            per_group_minute: Some(20.0),
            per_month: None,
            is_group: Some(chat::is_group),
            counted_by: Some(chat::without_thread),
            timeout: Some(http::TOTAL),
        }
    }

    fn canonical(&self, chat: &str) -> String {
        chat::canonical(chat)
    }

    fn accepts(&self, chat: &str) -> Result<(), String> {
        Chat::parse(chat).map(drop)
    }

    /// Public channels and groups have a name.
    fn invite(&self, chat: &str) -> Option<Url> {
        let name = chat.strip_prefix('@')?.split('/').next()?;
        Url::parse(&format!("https://t.me/{name}")).ok()
    }

    async fn send(&self, to: &Address, message: &Message, _key: &str) -> Result<Sent, SendError> {
        let chat = Chat::parse(to.chat()).map_err(|cause| SendError::Refused { cause })?;
        if let Some(url) = &message.document {
            return self.send_document(&chat, message, url).await.map_err(|fault| refusal::verdict(&fault, to));
        }
        let mut form = Form::WHOLE;
        loop {
            let fault = match self.try_once(&chat, message, form).await {
                Ok(took) => return Ok(Sent { ids: vec![took.message_id.to_string()] }),
                Err(fault) => fault,
            };
            let part = refusal::ease(&fault);
            if part.is_some_and(Ease::is_ours) {
                tracing::error!(cause = refusal::verdict(&fault, to).cause(), "{}", phrases::log_message_eased());
            }
            // Each round gives up a part, so there are six at most.
            form = part.and_then(|part| form.without(part)).ok_or_else(|| refusal::verdict(&fault, to))?;
        }
    }

    async fn resolve(&self, to: &Address, message: &Message, known: &KnownIds) -> Result<Doubt, SendError> {
        let chat = Chat::parse(to.chat()).map_err(|cause| SendError::Refused { cause })?;
        let asked = match (&self.ops_chat, &self.edit_probe) {
            (None, Some(spoilt)) => self.probe_by_edit(spoilt, &chat, message, known).await,
            (ops, _) => probe::resolve(&self.api, ops.as_ref(), &chat, message, known).await,
        };
        asked.map_err(|fault| refusal::verdict(&fault, to))
    }

    fn edits(&self) -> bool {
        true
    }

    async fn edit(&self, to: &Address, id: &MessageId, message: &Message) -> Result<Edited, SendError> {
        let chat = Chat::parse(to.chat()).map_err(|cause| SendError::Refused { cause })?;
        let Ok(number) = id.parse() else { return Ok(Edited::Gone) };
        self.change(&chat, teloxide::types::MessageId(number), message).await.map_err(|fault| refusal::verdict(&fault, to))
    }

    async fn check(&self, of: &[Address]) -> Vec<Checked> {
        self.look(of).await
    }
}
