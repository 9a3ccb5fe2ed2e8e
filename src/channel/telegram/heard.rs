//! What an update says, free of Telegram. Only what is needed is read, so what is odd, unknown or
//! private (contacts, places, pictures) is passed by: it is neither kept nor told to anybody.

use serde::Deserialize;
use serde_json::Value;

use crate::channel::{Heard, Place, Said};
use crate::subscription::Address;

/// The kinds of updates that are asked for.
pub(super) const KINDS: [&str; 3] = ["message", "callback_query", "my_chat_member"];
/// More of what somebody writes is not taken.
const LONGEST: usize = 400;

/// The bot itself.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Me {
    pub(super) id: i64,
    pub(super) username: String,
}

#[derive(Deserialize)]
struct Chat {
    id: i64,
    #[serde(rename = "type")]
    kind: String,
    username: Option<String>,
}

#[derive(Deserialize)]
struct User {
    id: i64,
    #[serde(default)]
    is_bot: bool,
}

#[derive(Deserialize)]
struct Sender {
    id: i64,
}

#[derive(Deserialize)]
struct Message {
    chat: Chat,
    from: Option<User>,
    sender_chat: Option<Sender>,
    text: Option<String>,
    #[serde(default)]
    is_topic_message: bool,
    message_thread_id: Option<i64>,
    forward_origin: Option<Value>,
    via_bot: Option<Value>,
    reply_to_message: Option<Answered>,
    migrate_to_chat_id: Option<i64>,
    migrate_from_chat_id: Option<i64>,
}

#[derive(Deserialize)]
struct Answered {
    from: Option<User>,
}

#[derive(Deserialize)]
struct Callback {
    id: String,
    from: User,
    #[serde(default)]
    data: String,
    message: Option<Pressed>,
}

/// The message of a button; of an old one Telegram tells the chat alone.
#[derive(Deserialize)]
struct Pressed {
    chat: Chat,
    #[serde(default)]
    is_topic_message: bool,
    message_thread_id: Option<i64>,
}

#[derive(Deserialize)]
struct Standing {
    chat: Chat,
    from: User,
    old_chat_member: Member,
    new_chat_member: Member,
}

#[derive(Deserialize)]
struct Member {
    status: String,
    is_member: Option<bool>,
}

/// The number of an update, where it has one.
pub(super) fn number(update: &Value) -> Option<i64> {
    update.get("update_id")?.as_i64()
}

/// What an update says to the desk, if anything.
pub(super) fn read(update: &Value, channel: &str, me: &Me) -> Option<Heard> {
    let id = number(update)?.to_string();
    let [message, callback, standing] = KINDS.map(|kind| update.get(kind));
    let heard = if let Some(message) = message {
        said(Message::deserialize(message).ok()?, channel, me)
    } else if let Some(callback) = callback {
        Some(pressed(Callback::deserialize(callback).ok()?, channel))
    } else {
        changed(&Standing::deserialize(standing?).ok()?, channel)
    };
    heard.map(|heard| Heard { id, ..heard })
}

fn said(message: Message, channel: &str, me: &Me) -> Option<Heard> {
    let place = place(&message.chat.kind);
    let moved = |from: i64, to: i64| Heard {
        chat: Address::new(channel, from.to_string()),
        named: None,
        ..heard(channel, &message.chat, None, String::new(), Said::Moved(Address::new(channel, to.to_string())))
    };
    if let Some(to) = message.migrate_to_chat_id {
        return Some(moved(message.chat.id, to));
    }
    if let Some(from) = message.migrate_from_chat_id {
        return Some(moved(from, message.chat.id));
    }
    let anonymous = message.sender_chat.as_ref().is_some_and(|sender| sender.id == message.chat.id);
    let from = message.from.as_ref();
    let is_person = message.sender_chat.is_none() && from.is_some_and(|from| !from.is_bot);
    if place == Place::Channel || !(is_person || anonymous) || message.forward_origin.is_some() || message.via_bot.is_some() {
        return None;
    }
    let answers_us = message.reply_to_message.as_ref().is_some_and(|answered| answered.from.as_ref().is_some_and(|from| from.id == me.id));
    let words = for_us(message.text.as_deref()?, place, answers_us, me)?;
    let speaker = if anonymous { message.chat.id } else { from?.id };
    let topic = message.message_thread_id.filter(|_| message.is_topic_message);
    let one = heard(channel, &message.chat, topic, speaker.to_string(), Said::Words(words));
    Some(Heard { manages: anonymous.then_some(true), ..one })
}

/// The words, where they are meant for this bot: in a group people talk to each other.
fn for_us(text: &str, place: Place, answers_us: bool, me: &Me) -> Option<String> {
    let text: String = text.trim().chars().take(LONGEST).collect();
    if let Some(command) = text.strip_prefix('/') {
        let (name, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
        let (name, whose) = name.split_once('@').unwrap_or((name, &me.username));
        return whose.eq_ignore_ascii_case(&me.username).then(|| format!("/{name} {rest}").trim_end().to_owned());
    }
    let mention = format!("@{}", me.username.to_ascii_lowercase());
    let found = text.to_ascii_lowercase().find(&mention);
    let without = found.and_then(|at| Some(format!("{} {}", text.get(..at)?, text.get(at + mention.len()..)?)));
    match (place, without) {
        (_, Some(rest)) => Some(rest.trim().to_owned()),
        (Place::Private, None) => Some(text),
        (Place::Group | Place::Channel, None) => answers_us.then_some(text),
    }
}

/// A press that names no message is about the private chat with who pressed.
fn pressed(callback: Callback, channel: &str) -> Heard {
    let speaker = callback.from.id;
    let said = Said::Pressed { data: callback.data, query: callback.id };
    let own = Pressed {
        chat: Chat { id: speaker, kind: "private".to_owned(), username: None },
        is_topic_message: false,
        message_thread_id: None,
    };
    let Pressed { chat, is_topic_message, message_thread_id } = callback.message.unwrap_or(own);
    heard(channel, &chat, message_thread_id.filter(|_| is_topic_message), speaker.to_string(), said)
}

fn changed(standing: &Standing, channel: &str) -> Option<Heard> {
    let there = |member: &Member| match member.status.as_str() {
        "member" | "administrator" | "creator" => Some(true),
        "left" | "kicked" => Some(false),
        "restricted" => Some(member.is_member.unwrap_or(true)),
        _ => None,
    };
    let said = if there(&standing.new_chat_member)? {
        Said::Returned { anew: there(&standing.old_chat_member) == Some(false) }
    } else {
        Said::Left
    };
    Some(heard(channel, &standing.chat, None, standing.from.id.to_string(), said))
}

fn heard(channel: &str, chat: &Chat, topic: Option<i64>, speaker: String, said: Said) -> Heard {
    let place = place(&chat.kind);
    let written = topic.map_or_else(|| chat.id.to_string(), |topic| format!("{}/{topic}", chat.id));
    Heard {
        id: String::new(),
        chat: Address::new(channel, written),
        named: chat.username.as_ref().filter(|_| place != Place::Private).map(|name| Address::new(channel, format!("@{name}"))),
        speaker,
        place,
        manages: None,
        said,
    }
}

fn place(kind: &str) -> Place {
    match kind {
        "private" => Place::Private,
        "channel" => Place::Channel,
        _ => Place::Group,
    }
}

#[cfg(test)]
#[path = "heard_tests.rs"]
mod tests;
