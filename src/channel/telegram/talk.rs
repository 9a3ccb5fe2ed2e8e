//! The part of a bot that people can talk to.

use async_trait::async_trait;
use reqwest::header::HeaderMap;
use serde::Deserialize;
use serde_json::Value;
use teloxide::payloads::{AnswerCallbackQuery, GetChatMember, SendMessage};
use teloxide::types::{CallbackQueryId, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, UserId};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::api::Fault;
use super::chat::{Chat, without_thread};
use super::layout;
use super::refusal::{self, Ease};
use super::{Telegram, Took};
use crate::channel::ear;
use crate::channel::{Choice, Desk, Does, Knock, Pushed, Reply, SendError, Talk};
use crate::outbox::Sent;
use crate::subscription::Address;
use crate::text;

/// What Telegram proves itself with.
const SECRET: &str = "x-telegram-bot-api-secret-token";
/// What is shown for a moment, in UTF-16 units.
const TOAST: usize = 200;

/// Somebody in a chat.
#[derive(Deserialize)]
struct Member {
    status: String,
}

impl Telegram {
    /// Shows who pressed that it was noticed. A press that is too old, or was answered, needs nothing.
    pub(super) async fn notice(&self, query: &str, words: &str) {
        let mut payload = AnswerCallbackQuery::new(CallbackQueryId(query.to_owned()));
        payload.text = Some(text::cut(words, TOAST)).filter(|words| !words.is_empty());
        payload.show_alert = payload.text.is_some().then_some(true);
        self.api.call::<_, Value>(&payload).await.ok();
    }

    async fn say(&self, chat: &Chat, reply: &Reply) -> Result<Took, Fault> {
        let (mut buttons, mut thread) = (true, chat.thread);
        loop {
            let mut payload = SendMessage::new(chat.id.clone(), text::cut(&reply.text, layout::TEXT));
            payload.message_thread_id = thread;
            payload.reply_markup = keyboard(&reply.choices).filter(|_| buttons).map(Into::into);
            payload.link_preview_options = Some(LinkPreviewOptions {
                is_disabled: true,
                url: None,
                prefer_small_media: false,
                prefer_large_media: false,
                show_above_text: false,
            });
            let fault = match self.api.call(&payload).await {
                Ok(took) => return Ok(took),
                Err(fault) => fault,
            };
            match refusal::ease(&fault) {
                Some(Ease::Button) if buttons => buttons = false,
                Some(Ease::Thread) if thread.is_some() => thread = None,
                Some(_) | None => return Err(fault),
            }
        }
    }
}

fn keyboard(choices: &[Choice]) -> Option<InlineKeyboardMarkup> {
    let button = |choice: &Choice| match &choice.does {
        Does::Tell(data) => InlineKeyboardButton::callback(choice.label.clone(), data.clone()),
        Does::Open(url) => InlineKeyboardButton::url(choice.label.clone(), url.clone()),
    };
    // One below the other: a thumb hits them, and their words are not cut.
    (!choices.is_empty()).then(|| InlineKeyboardMarkup::new(choices.iter().map(|choice| [button(choice)])))
}

#[async_trait]
impl Talk for Telegram {
    fn account(&self) -> String {
        format!("telegram-poll:{}", self.api.bot())
    }

    async fn listen(&self, desk: &dyn Desk, stop: &CancellationToken) {
        ear::listen(self, desk, stop).await;
    }

    fn knock(&self, headers: &HeaderMap) -> Knock {
        self.ear.knock(headers.get(SECRET))
    }

    async fn pushed(&self, headers: &HeaderMap, body: &[u8], desk: &dyn Desk) -> Pushed {
        if self.knock(headers) != Knock::Known {
            return Pushed::Stranger;
        }
        let Some(me) = self.me() else { return Pushed::Later };
        // What cannot be read today cannot be read when it is pushed again.
        let Ok(update) = serde_json::from_slice::<Value>(body) else { return Pushed::Taken };
        match self.take(desk, std::slice::from_ref(&update), &me).await {
            Ok(()) => Pushed::Taken,
            Err(error) => {
                tracing::error!(channel = self.name, error, "{}", crate::phrases::log_store_failed());
                Pushed::Later
            }
        }
    }

    async fn manages(&self, chat: &Address, speaker: &str) -> Result<bool, SendError> {
        let Ok(user) = speaker.parse() else { return Ok(false) };
        let there = Chat::parse(without_thread(chat.chat())).map_err(|cause| SendError::Refused { cause })?;
        let member: Member =
            self.api.call(&GetChatMember::new(there.id, UserId(user))).await.map_err(|fault| refusal::verdict(&fault, chat))?;
        Ok(matches!(member.status.as_str(), "creator" | "administrator"))
    }

    async fn answer(&self, to: &Address, reply: &Reply, _key: &str) -> Result<Sent, SendError> {
        let chat = Chat::parse(to.chat()).map_err(|cause| SendError::Refused { cause })?;
        let took = self.say(&chat, reply).await.map_err(|fault| refusal::verdict(&fault, to))?;
        Ok(Sent { ids: vec![took.message_id.to_string()] })
    }

    async fn acknowledge(&self, query: &str, words: &str) {
        self.notice(query, words).await;
    }

    fn way(&self) -> &'static str {
        "telegram-bot"
    }

    fn door(&self, payload: &str) -> Option<Url> {
        let me = self.me()?;
        let mut url = Url::parse("https://t.me").ok()?;
        url.path_segments_mut().ok()?.push(&me.username);
        url.query_pairs_mut().append_pair("start", payload);
        Some(url)
    }
}
