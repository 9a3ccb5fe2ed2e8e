//! What Zalo pushes of an Official Account: whether it is Zalo who pushes, and what people said.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::channel::zalo_talk::same;
use crate::channel::{Heard, Place, Said};
use crate::subscription::Address;

/// Who pushes: the app, and what only Zalo and we know.
pub(super) struct Seal<'a> {
    pub(super) app: &'a str,
    pub(super) secret: &'a str,
}

impl Seal<'_> {
    /// Whether the bytes bear the mark that Zalo makes. The time that is part of it stands in the
    /// body, and on some hosts in a header.
    pub(super) fn is_on(&self, body: &[u8], mac: &str, event: Option<&Value>, header: Option<&str>) -> bool {
        let given = mac.strip_prefix("mac=").unwrap_or(mac).to_ascii_lowercase();
        let told = event.and_then(|event| text(event.get("timestamp")?));
        let bears = |time: &str| same(given.as_bytes(), self.mark(body, time).as_bytes());
        // Both are looked at, whichever it is.
        told.as_deref().is_some_and(bears) | header.is_some_and(bears)
    }

    fn mark(&self, body: &[u8], time: &str) -> String {
        let digest = Sha256::new().chain_update(self.app).chain_update(body).chain_update(time).chain_update(self.secret).finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What was said to this account, or done about following it; `None` for echoes of what it said
/// itself, for pictures and whatever else there is.
pub(super) fn read(event: &Value, channel: &str, account: &str) -> Option<Heard> {
    let name = event.get("event_name").and_then(Value::as_str)?;
    let within = |part: &str| text(event.get(part)?.get("id")?);
    let (person, to, id, said) = match name {
        "user_send_text" => {
            let message = event.get("message")?;
            let words = message.get("text").and_then(Value::as_str)?.to_owned();
            (within("sender")?, within("recipient")?, text(message.get("msg_id")?)?, Said::Words(words))
        }
        "follow" | "unfollow" => {
            let person = within("follower")?;
            let said = if name == "follow" { Said::Returned { anew: true } } else { Said::Left };
            let id = format!("{name}:{person}:{}", text(event.get("timestamp")?)?);
            (person, text(event.get("oa_id")?)?, id, said)
        }
        _ => return None,
    };
    let is_number = !person.is_empty() && person.bytes().all(|byte| byte.is_ascii_digit());
    (to == account && is_number && !id.is_empty()).then(|| Heard {
        id,
        chat: Address::new(channel, format!("user/{person}")),
        named: None,
        speaker: person,
        place: Place::Private,
        manages: Some(true),
        said,
    })
}

/// Ids and times are digits in text; written as numbers they are taken too.
fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned).or_else(|| value.as_u64().map(|number| number.to_string()))
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use serde_json::json;

    use super::*;

    const SEAL: Seal<'_> = Seal { app: "123", secret: "khóa" };

    #[test]
    fn only_what_bears_the_mark_over_its_very_bytes_comes_from_zalo() {
        let (event, body) = (json!({ "timestamp": "154390853474" }), br#"{"timestamp":"154390853474"}"#);
        // sha256("123" + body + "154390853474" + "khóa")
        let mark = SEAL.mark(body, "154390853474");
        assert_eq!(mark.len(), 64);
        let check = |body: &[u8], mac: &str, header: Option<&str>| SEAL.is_on(body, mac, Some(&event), header);
        assert!(check(body, &format!("mac={mark}"), None) && check(body, &mark.to_ascii_uppercase(), None));
        assert!(check(body, &SEAL.mark(body, "99"), Some("99")));
        assert!(!check(body, &SEAL.mark(body, "99"), None));
        assert!(!check(br#"{"timestamp": "154390853474"}"#, &mark, None));
        assert!(!check(body, "mac=", None) && !check(body, "", Some("")) && !check(body, &mark[1..], None));
        assert!(!Seal { secret: "khác", ..SEAL }.is_on(body, &mark, Some(&event), None));
    }

    #[test]
    fn words_and_followers_of_this_account_are_heard() {
        let said = |event: Value| read(&event, "oa", "9").map(|heard| (heard.id, heard.chat.to_string(), heard.said));
        let words = json!({ "event_name": "user_send_text", "sender": { "id": "71" }, "recipient": { "id": "9" },
            "message": { "msg_id": "m1", "text": "tin mới" }, "timestamp": "5" });
        assert_eq!(said(words.clone()), Some(("m1".to_owned(), "oa:user/71".to_owned(), Said::Words("tin mới".to_owned()))));
        let follow =
            |name: &str| json!({ "event_name": name, "oa_id": "9", "follower": { "id": 5_797_458_635_083_528_843_u64 }, "timestamp": 5 });
        let chat = "oa:user/5797458635083528843".to_owned();
        let known = |name: &str| format!("{name}:5797458635083528843:5");
        assert_eq!(said(follow("follow")), Some((known("follow"), chat.clone(), Said::Returned { anew: true })));
        assert_eq!(said(follow("unfollow")), Some((known("unfollow"), chat, Said::Left)));
        assert_eq!(said(follow("user_submit_info")), None);
        let changed = |change: fn(&mut Value)| {
            let mut event = words.clone();
            change(&mut event);
            said(event)
        };
        assert_eq!(changed(|event| event["event_name"] = json!("oa_send_text")), None);
        assert_eq!(changed(|event| event["recipient"]["id"] = json!("8")), None, "another account of the app");
        assert_eq!(changed(|event| event["sender"]["id"] = json!("../x")), None);
        assert_eq!(changed(|event| event["message"] = json!({ "msg_id": "m1" })), None);
    }
}
