#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::*;

fn me() -> Me {
    Me { id: 7, username: "loaphuong_bot".into() }
}

fn heard_of(kind: &str, body: Value) -> Option<Heard> {
    let mut update = json!({"update_id": 5});
    update.as_object_mut().unwrap().insert(kind.into(), body);
    read(&update, "bot", &me())
}

fn words(chat: &Value, more: Value) -> Option<String> {
    let mut message = json!({"message_id": 1, "date": 1, "chat": chat, "from": {"id": 9, "is_bot": false, "first_name": "An"}});
    message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let said = heard_of("message", message)?.said;
    let Said::Words(words) = said else { panic!("{said:?}") };
    Some(words)
}

#[test]
fn in_a_group_only_what_is_meant_for_the_bot_is_heard() {
    let (private, group) = (json!({"id": 9, "type": "private"}), json!({"id": -100, "type": "supergroup"}));
    let check = |chat: &Value, text: &str, want: Option<&str>| assert_eq!(words(chat, json!({"text": text})).as_deref(), want, "{text}");
    check(&private, "cắt điện", Some("cắt điện"));
    check(&private, "/tim@LoaPhuong_bot cắt điện", Some("/tim cắt điện"));
    check(&group, "cắt điện", None);
    check(&group, "/tim cắt điện", Some("/tim cắt điện"));
    check(&group, "/tim@otherbot abc", None);
    check(&group, "@loaphuong_bot cắt điện", Some("cắt điện"));
    check(&group, "Ơi @LOAPHUONG_BOT có gì mới", Some("Ơi   có gì mới"));
    let answer = json!({"text": "dừng", "reply_to_message": {"message_id": 3, "from": {"id": 7, "is_bot": true}}});
    assert_eq!(words(&group, answer).as_deref(), Some("dừng"));
    assert_eq!(words(&group, json!({"text": "dừng", "reply_to_message": {"message_id": 3, "from": {"id": 8}}})), None);
}

#[test]
fn what_is_no_word_of_a_person_is_passed_by() {
    let private = json!({"id": 9, "type": "private"});
    for (what, more) in [
        ("a contact", json!({"contact": {"phone_number": "0912345678", "first_name": "An"}})),
        ("a place", json!({"location": {"latitude": 21.0, "longitude": 105.8}})),
        ("a picture", json!({"photo": [], "caption": "ảnh"})),
        ("a bot", json!({"text": "dừng", "from": {"id": 4, "is_bot": true}})),
        ("something forwarded", json!({"text": "dừng", "forward_origin": {"type": "channel"}})),
        ("another bot's work", json!({"text": "dừng", "via_bot": {"id": 4}})),
        ("a linked channel", json!({"text": "dừng", "sender_chat": {"id": -1005}})),
    ] {
        assert_eq!(words(&private, more), None, "{what}");
    }
    assert_eq!(heard_of("channel_post", json!({"chat": {"id": -1, "type": "channel"}, "text": "dừng"})), None);
    for odd in [json!({"quantum_post": {"x": 1}}), json!({"message": {"some fields are missing": true}}), json!([]), json!(null)] {
        let mut update = odd;
        update.as_object_mut().map(|fields| fields.insert("update_id".into(), json!(6)));
        assert_eq!(read(&update, "bot", &me()), None, "{update}");
    }
}

#[test]
fn an_anonymous_admin_decides_for_the_chat() {
    let message = json!({"chat": {"id": -100, "type": "supergroup"}, "sender_chat": {"id": -100}, "text": "/dangky",
        "from": {"id": 1_087_968_824, "is_bot": true, "username": "GroupAnonymousBot"}});
    let heard = heard_of("message", message).unwrap();
    assert_eq!((heard.manages, heard.speaker.as_str()), (Some(true), "-100"));
}

#[test]
fn presses_and_standings_name_their_chat() {
    let old = json!({"id": "1", "from": {"id": 9}, "data": "n", "message": {"chat": {"id": -100, "type": "supergroup"}, "message_id": 3, "date": 0}});
    assert_eq!(heard_of("callback_query", old).unwrap().chat, Address::new("bot", "-100"));
    let bare = heard_of("callback_query", json!({"id": "1", "from": {"id": 9}, "data": "unsub:-100123"})).unwrap();
    assert_eq!((bare.chat, bare.place), (Address::new("bot", "9"), Place::Private));
    let standing = |old: &str, new: &str| {
        let body = json!({"chat": {"id": -100, "type": "channel", "username": "phuong"}, "from": {"id": 9}, "old_chat_member": {"status": old}, "new_chat_member": {"status": new}});
        let heard = heard_of("my_chat_member", body).unwrap();
        (heard.said, heard.named)
    };
    let named = Some(Address::new("bot", "@phuong"));
    assert_eq!(standing("administrator", "kicked"), (Said::Left, named.clone()));
    assert_eq!(standing("left", "administrator"), (Said::Returned { anew: true }, named.clone()));
    assert_eq!(standing("member", "administrator"), (Said::Returned { anew: false }, named));
    let moved = heard_of("message", json!({"chat": {"id": -5, "type": "group"}, "migrate_to_chat_id": -1005})).unwrap();
    assert_eq!((moved.chat, moved.said), (Address::new("bot", "-5"), Said::Moved(Address::new("bot", "-1005"))));
}
