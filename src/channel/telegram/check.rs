//! Token, membership and rights, asked for before anything depends on them.

use serde::Deserialize;
use teloxide::payloads::{GetChat, GetChatMember, GetMe};
use teloxide::types::UserId;

use super::api::Fault;
use super::chat::Chat;
use super::{Telegram, refusal};
use crate::channel::Checked;
use crate::phrases;
use crate::subscription::Address;

#[derive(Deserialize)]
struct Me {
    id: UserId,
    username: Option<String>,
}

#[derive(Deserialize)]
struct Place {
    #[serde(rename = "type")]
    kind: String,
    title: Option<String>,
    #[serde(default)]
    is_forum: bool,
}

/// What the bot is in a chat, as far as writing depends on it.
#[derive(Deserialize)]
struct Member {
    status: String,
    can_post_messages: Option<bool>,
    can_send_messages: Option<bool>,
}

impl Telegram {
    /// What holds of the bot, of its ops chat, and of each address.
    pub(super) async fn look(&self, of: &[Address]) -> Vec<Checked> {
        let me: Me = match self.api.call(&GetMe::new()).await {
            Ok(me) => me,
            Err(fault) => return vec![Checked { of: None, holds: Some(false), told: told(&fault, None) }],
        };
        let name = me.username.as_deref().unwrap_or("?");
        let mut all = vec![Checked { of: None, holds: Some(true), told: phrases::check_bot_known(name) }];
        if let Some(ops) = &self.ops_chat {
            let (holds, told) = self.place(ops, me.id, None).await;
            all.push(Checked { of: None, holds: Some(holds), told: phrases::check_ops_chat(&told) });
        }
        for to in of {
            let (holds, told) = match Chat::parse(to.chat()) {
                Ok(chat) => self.place(&chat, me.id, Some(to)).await,
                Err(told) => (false, told),
            };
            all.push(Checked { of: Some(to.clone()), holds: Some(holds), told });
        }
        all
    }

    /// Whether the bot may write to a chat, and a sentence about it.
    async fn place(&self, chat: &Chat, me: UserId, to: Option<&Address>) -> (bool, String) {
        let place: Place = match self.api.call(&GetChat::new(chat.id.clone())).await {
            Ok(place) => place,
            Err(fault) => return (false, told(&fault, to)),
        };
        let title = place.title.as_deref().unwrap_or_default();
        if place.kind == "private" {
            return (true, phrases::check_private());
        }
        if chat.thread.is_some() && !place.is_forum {
            return (false, phrases::check_no_topics(title));
        }
        match self.api.call::<_, Member>(&GetChatMember::new(chat.id.clone(), me)).await {
            Ok(member) if member.may_write(&place.kind) => (true, phrases::check_may_write(title)),
            Ok(_) => (false, phrases::check_may_not_write(title, place.kind == "channel")),
            Err(fault) => (false, told(&fault, to)),
        }
    }
}

impl Member {
    /// In a channel only an administrator who may post; in a group everybody who is not muted.
    fn may_write(&self, kind: &str) -> bool {
        match self.status.as_str() {
            "creator" => true,
            "administrator" => kind != "channel" || self.can_post_messages.unwrap_or_default(),
            "member" => kind != "channel",
            "restricted" => self.can_send_messages.unwrap_or_default(),
            _ => false,
        }
    }
}

fn told(fault: &Fault, to: Option<&Address>) -> String {
    let nowhere = Address::new("telegram", "0");
    refusal::verdict(fault, to.unwrap_or(&nowhere)).cause()
}
