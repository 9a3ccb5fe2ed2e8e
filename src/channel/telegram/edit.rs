//! Changing a message that was sent, with the same parts given up as when sending.

use serde_json::Value;
use teloxide::payloads::{EditMessageCaption, EditMessageText, EditMessageTextSetters};
use teloxide::types::{MessageId, ParseMode};

use super::api::{Answer, Fault};
use super::chat::Chat;
use super::{Form, Telegram, layout, refusal};
use crate::channel::{Edited, Message};
use crate::text;

/// What the API says of a message that shows the new text already.
pub(super) const SAME: &str = "message is not modified";
/// And of one that can be changed no more.
pub(super) const GONE: &[&str] = &["message to edit not found", "message can't be edited", "message_id_invalid"];
/// And of a picture that was to be changed as a text, or the other way round.
const NO_TEXT: &str = "there is no text in the message to edit";
pub(super) const OTHER_KIND: &[&str] = &[NO_TEXT, "there is no caption in the message to edit"];
/// What fits below a picture (UTF-16 units).
const CAPTION: usize = 1024;

impl Telegram {
    /// Makes message `id` show `message`.
    pub(super) async fn change(&self, chat: &Chat, id: MessageId, message: &Message) -> Result<Edited, Fault> {
        let mut form = Form::WHOLE;
        loop {
            let fault = match self.change_once(chat, id, message, form).await {
                Ok(_) => return Ok(Edited::Done),
                Err(fault) => fault,
            };
            match said(&fault) {
                Some(said) if said.contains(SAME) => return Ok(Edited::Done),
                Some(said) if GONE.iter().any(|words| said.contains(words)) => return Ok(Edited::Gone),
                Some(said) if said.contains(NO_TEXT) && message.image.is_none() => return self.change_caption(chat, id, message).await,
                Some(said) if OTHER_KIND.iter().any(|words| said.contains(words)) && form.picture => form.picture = false,
                Some(_) | None => form = refusal::ease(&fault).and_then(|part| form.without(part)).ok_or(fault)?,
            }
        }
    }

    /// A text that has grown too long for the picture it was sent with: its start, in plain words.
    async fn change_caption(&self, chat: &Chat, id: MessageId, message: &Message) -> Result<Edited, Fault> {
        let mut caption = EditMessageCaption::new(chat.id.clone(), id);
        caption.caption = Some(text::cut(&layout::unmarked(&message.text), CAPTION));
        caption.reply_markup = Form::WHOLE.keyboard(message);
        match self.api.call::<_, Value>(&caption).await {
            Err(fault) if !said(&fault).is_some_and(|said| said.contains(SAME)) => Err(fault),
            Ok(_) | Err(_) => Ok(Edited::Done),
        }
    }

    pub(super) async fn change_once(&self, chat: &Chat, id: MessageId, message: &Message, form: Form) -> Result<Value, Fault> {
        let markup = form.markup.then_some(ParseMode::Html);
        if message.image.is_some() && form.picture {
            let mut caption = EditMessageCaption::new(chat.id.clone(), id);
            caption.caption = Some(form.text(message));
            caption.parse_mode = markup;
            caption.reply_markup = form.keyboard(message);
            return self.api.call(&caption).await;
        }
        let mut text = EditMessageText::new(chat.id.clone(), id, form.text(message)).link_preview_options(self.link_preview(message));
        text.parse_mode = markup;
        text.reply_markup = form.keyboard(message);
        self.api.call(&text).await
    }
}

pub(super) fn said(fault: &Fault) -> Option<String> {
    let Fault::Answer(Answer { code: 400, text, .. }) = fault else { return None };
    Some(text.to_ascii_lowercase())
}
