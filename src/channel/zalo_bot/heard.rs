//! What people write to a bot, out of what Zalo tells of it.

use serde_json::Value;

use crate::channel::{Heard, Place, Said};
use crate::subscription::Address;

/// What was said; `None` for pictures, stickers and whatever else is no words of a person.
pub(super) fn read(update: &Value, channel: &str) -> Option<Heard> {
    let update = update.get("result").unwrap_or(update);
    if update.get("event_name").and_then(Value::as_str) != Some("message.text.received") {
        return None;
    }
    let message = update.get("message")?;
    let (from, chat) = (message.get("from")?, message.get("chat")?);
    if from.get("is_bot").and_then(Value::as_bool) == Some(true) {
        return None;
    }
    let place = match chat.get("chat_type").and_then(Value::as_str)? {
        "PRIVATE" => Place::Private,
        "GROUP" => Place::Group,
        _ => return None,
    };
    let words = message.get("text").and_then(Value::as_str)?;
    Some(Heard {
        id: id(message.get("message_id")?)?,
        chat: Address::new(channel, id(chat.get("id")?)?),
        named: None,
        speaker: id(from.get("id")?)?,
        place,
        manages: None,
        said: Said::Words(if place == Place::Group { without_call(words) } else { words }.to_owned()),
    })
}

/// An id is text; written as a number it is taken too.
fn id(value: &Value) -> Option<String> {
    let text = value.as_str().map(str::to_owned).or_else(|| value.as_u64().map(|number| number.to_string()));
    text.filter(|id| !id.is_empty())
}

/// In a group the bot is called by its name, which is no part of what is said.
fn without_call(words: &str) -> &str {
    let words = words.trim_start();
    words.strip_prefix('@').map_or(words, |called| called.split_once(char::is_whitespace).map_or("", |(_, said)| said))
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use serde_json::json;

    use super::*;

    fn update(change: impl FnOnce(&mut Value)) -> Value {
        let mut update = json!({ "event_name": "message.text.received", "message": {
            "from": { "id": "a1", "display_name": "Cô Hà", "is_bot": false }, "chat": { "id": "c1", "chat_type": "PRIVATE" },
            "text": "tìm cắt nước", "message_id": "m1", "date": 1_790_000_000_000_i64 } });
        change(&mut update);
        update
    }

    #[test]
    fn words_of_people_are_heard_and_nothing_else() {
        let words = |change: fn(&mut Value)| read(&update(change), "zalo").map(|heard| heard.said);
        let asked = Some(Said::Words("tìm cắt nước".to_owned()));
        assert_eq!(words(|_| {}), asked);
        assert_eq!(words(|u| *u = json!({ "ok": true, "result": u.clone() })), asked);
        assert_eq!(words(|u| u["event_name"] = json!("message.sticker.received")), None);
        assert_eq!(words(|u| u["event_name"] = json!("message.reaction.received")), None);
        assert_eq!(words(|u| u["message"]["from"]["is_bot"] = json!(true)), None);
        assert_eq!(words(|u| u["message"]["chat"]["chat_type"] = json!("CLUB")), None);
        assert_eq!(words(|u| u["message"]["message_id"] = json!("")), None);
        let group = |text: &str| {
            let heard =
                read(&update(|u| (u["message"]["chat"]["chat_type"], u["message"]["text"]) = (json!("GROUP"), json!(text))), "zalo");
            heard.map(|heard| (heard.place, heard.said))
        };
        assert_eq!(group("@BotPhuong tin mới"), Some((Place::Group, Said::Words("tin mới".to_owned()))));
        assert_eq!(group("tin mới"), Some((Place::Group, Said::Words("tin mới".to_owned()))));
        assert_eq!(group("@BotPhuong"), Some((Place::Group, Said::Words(String::new()))));
    }
}
