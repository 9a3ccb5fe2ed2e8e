//! Was a message delivered whose answer was lost? Without a group to forward to, an admin can allow
//! this: the few ids that it can have are changed to the very content in doubt. The one that carries
//! it says that nothing was changed; one of somebody else, or none, cannot be changed.
//!
//! A change that succeeds has hit another message of ours, whose words are lost. That is excluded
//! where one address alone stands for a chat, so chats with topics are not asked so; if it happens
//! all the same, it is told, and that chat is asked no more.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use serde_json::Value;
use teloxide::payloads::{GetChat, GetMe};
use teloxide::types::MessageId;

use super::api::Fault;
use super::chat::Chat;
use super::edit::{GONE, OTHER_KIND, SAME, said};
use super::probe::{ALONE, END, SHARED};
use super::{Form, Telegram};
use crate::channel::{Doubt, Message};
use crate::outbox::{KnownIds, Sent};
use crate::phrases;

/// Chats in which a change went wrong, as the API names them.
#[derive(Default)]
pub(super) struct Spoilt(Mutex<HashSet<String>>);

/// What became of one id.
enum Look {
    Ours,
    /// There, and nobody can say more.
    Another,
    Missing,
    /// It was another message of ours.
    Overwritten,
}

#[derive(Deserialize)]
struct Place {
    #[serde(default)]
    is_forum: bool,
}

impl Spoilt {
    fn has(&self, chat: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(chat)
    }

    fn add(&self, chat: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(chat);
    }
}

impl Telegram {
    /// Looks for `message` in `chat`. The fault is of a call that gave no answer, or of the limit.
    pub(super) async fn probe_by_edit(&self, spoilt: &Spoilt, chat: &Chat, message: &Message, known: &KnownIds) -> Result<Doubt, Fault> {
        // While the API does not answer there is nothing to find out, nor could anything be sent.
        self.api.call::<_, Value>(&GetMe::new()).await?;
        let named = chat.id.to_string();
        let last = known.iter().filter_map(|id| id.parse::<i32>().ok()).max();
        let Some(last) = last.filter(|_| message.document.is_none() && chat.thread.is_none() && !spoilt.has(&named)) else {
            return Ok(Doubt::Unknown);
        };
        if self.api.call::<_, Place>(&GetChat::new(chat.id.clone())).await?.is_forum {
            return Ok(Doubt::Unknown);
        }
        let alone = chat.counts_alone();
        let mut missing = 0;
        for id in (1..=if alone { ALONE } else { SHARED }).filter_map(|step| last.checked_add(step)) {
            match self.look_by_edit(chat, MessageId(id), message).await? {
                Look::Ours => return Ok(Doubt::Delivered(Sent { ids: vec![id.to_string()] })),
                Look::Overwritten => {
                    tracing::error!(id, "{}", phrases::log_probe_overwrote());
                    spoilt.add(named);
                    // The message in doubt stands there now, whether or not it stood elsewhere before.
                    return Ok(Doubt::Delivered(Sent { ids: vec![id.to_string()] }));
                }
                Look::Another => missing = 0,
                Look::Missing => missing += 1,
            }
            if alone && missing == END {
                return Ok(Doubt::NotDelivered);
            }
        }
        Ok(Doubt::Unknown)
    }

    async fn look_by_edit(&self, chat: &Chat, id: MessageId, message: &Message) -> Result<Look, Fault> {
        let mut form = Form::WHOLE;
        loop {
            let fault = match self.change_once(chat, id, message, form).await {
                Ok(_) => return Ok(Look::Overwritten),
                Err(fault) => fault,
            };
            match said(&fault) {
                Some(said) if said.contains(SAME) => return Ok(Look::Ours),
                Some(said) if said.contains("message to edit not found") => return Ok(Look::Missing),
                // It was sent without its picture, perhaps.
                Some(said) if OTHER_KIND.iter().any(|words| said.contains(words)) && message.image.is_some() && form.picture => {
                    form.picture = false;
                }
                Some(said) if GONE.iter().chain(OTHER_KIND).any(|words| said.contains(words)) => return Ok(Look::Another),
                Some(_) | None => return Err(fault),
            }
        }
    }
}
