//! A chat of Telegram as the config writes it: `-1001234567890`, `@name`, with `/17` for a topic.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use teloxide::types::{ChatId, MessageId, Recipient, ThreadId};

use crate::phrases;

/// A chat, and a topic in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chat {
    pub(super) id: Recipient,
    pub(super) thread: Option<ThreadId>,
}

/// The topic "General": the API knows it only by leaving the topic out.
const GENERAL: i32 = 1;
/// Ids from here down are supergroups and channels, which count their messages themselves.
const SUPERGROUPS: i64 = -1_000_000_000_000;

impl Chat {
    /// Reads `chat` or `chat/topic`; the error is a sentence.
    pub(super) fn parse(written: &str) -> Result<Self, String> {
        Self::read(written).ok_or_else(phrases::telegram_address)
    }

    fn read(written: &str) -> Option<Self> {
        let (chat, thread) = match written.split_once('/') {
            Some((chat, thread)) => (chat, Some(thread.parse().ok().filter(|id: &i32| *id > 0)?)),
            None => (written, None),
        };
        let thread = thread.filter(|id| *id != GENERAL).map(|id| ThreadId(MessageId(id)));
        Some(Self { id: recipient(chat)?, thread })
    }

    /// Whether message ids count up within this chat alone.
    pub(super) fn counts_alone(&self) -> bool {
        match self.id {
            Recipient::Id(ChatId(id)) => id <= SUPERGROUPS,
            Recipient::ChannelUsername(_) => true,
        }
    }
}

/// A chat as it is kept: the link of a public one becomes its `@name`, and the minus sign of a
/// typesetter, which telephones insert, a hyphen.
pub(super) fn canonical(written: &str) -> String {
    let plain = written.trim().replace('\u{2212}', "-");
    let rest = ["https://", "http://"].iter().find_map(|scheme| plain.strip_prefix(scheme)).unwrap_or(&plain);
    let path = ["t.me/", "telegram.me/"].iter().find_map(|host| rest.strip_prefix(host));
    let name = path.map(|path| path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/'));
    // A further part is a message as often as a topic.
    name.filter(|name| !name.is_empty() && !name.contains('/')).map_or(plain.clone(), |name| format!("@{name}"))
}

fn recipient(chat: &str) -> Option<Recipient> {
    let Some(name) = chat.strip_prefix('@') else {
        return chat.parse().ok().filter(|id| *id != 0).map(|id| Recipient::Id(ChatId(id)));
    };
    let formed = (5..=32).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    formed.then(|| Recipient::ChannelUsername(chat.to_owned()))
}

/// A chat without its topic: what Telegram's limits count.
pub(super) fn without_thread(chat: &str) -> &str {
    chat.split_once('/').map_or(chat, |(chat, _)| chat)
}

/// Whether the limit of groups holds for a chat.
pub(super) fn is_group(chat: &str) -> bool {
    chat.starts_with(['-', '@'])
}

// Both ways of writing it are told the same when wrong, with the key's place.
impl<'de> Deserialize<'de> for Chat {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(i64),
            Text(String),
        }
        let written = match Written::deserialize(from).map_err(|_| D::Error::custom(phrases::telegram_address()))? {
            Written::Number(id) => id.to_string(),
            Written::Text(text) => text,
        };
        Self::parse(&canonical(&written)).map_err(D::Error::custom)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn chats_are_numbers_or_names_with_a_topic() {
        for (written, thread) in [
            ("-1001234567890", None),
            ("-1001234567890/17", Some(17)),
            ("-1001234567890/1", None),
            ("123456", None),
            ("@phuongthoquan", None),
            ("@abcde/5", Some(5)),
        ] {
            let chat = Chat::parse(written).unwrap();
            assert_eq!(chat.thread.map(|ThreadId(MessageId(id))| id), thread, "{written}");
        }
        for bad in
            ["", "0", "all", "@abcd", "@tên_kênh", "-100x", "123/", "123/0", "123/-4", "123/17/18", "@abcde/x", "99999999999999999999"]
        {
            assert!(Chat::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_pasted_chat_is_kept_in_one_form() {
        for (written, want) in [
            ("@phuongthoquan", "@phuongthoquan"),
            ("https://t.me/phuongthoquan", "@phuongthoquan"),
            ("http://t.me/phuongthoquan/?single", "@phuongthoquan"),
            ("t.me/phuongthoquan", "@phuongthoquan"),
            (" -1001234567890 ", "-1001234567890"),
            ("\u{2212}1001234567890/17", "-1001234567890/17"),
            ("https://t.me/phuongthoquan/17", "https://t.me/phuongthoquan/17"),
            ("https://t.me/", "https://t.me/"),
        ] {
            assert_eq!(canonical(written), want, "{written}");
        }
        assert!(Chat::parse(&canonical("https://t.me/+AbCdEf")).is_err(), "an invitation is no address");
    }

    #[test]
    fn supergroups_and_channels_count_alone() {
        for (written, alone) in [("-1001234567890", true), ("@phuong", true), ("-12345", false), ("12345", false)] {
            assert_eq!(Chat::parse(written).unwrap().counts_alone(), alone, "{written}");
        }
    }
}
