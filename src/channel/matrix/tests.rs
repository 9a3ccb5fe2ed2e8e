#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::json;

use super::*;
use crate::channel::scripted::{Case, Does, Server, says, word};

const CASE: Case = Case {
    kind: KIND,
    keys: "{ homeserver = '{url}', token = 'syt_SECRETsecret123' }",
    chat: "!phong:may.example",
    secret: "syt_SECRETsecret123",
    message: || Message { text: r#"{"msgtype":"m.text","body":"Họp\nTối nay"}"#.into(), covers: 0..1, ..Message::default() },
};
const SEND: &str = "PUT /_matrix/client/v3/rooms/!phong:may.example/send/m.room.message/";

fn no(status: u16, code: &str) -> Does {
    says(status, json!({ "errcode": code, "error": "no, syt_SECRETsecret123" }))
}

fn took(id: &str) -> Does {
    says(200, json!({ "event_id": id }))
}

#[tokio::test]
async fn a_message_leaves_as_matrix_wants_it() {
    let (told, calls) = CASE.sent(vec![took("$e1")]).await;
    assert_eq!(told, "ok $e1");
    assert_eq!(calls[0].line, format!("{SEND}k-1"));
    assert!(calls[0].head.contains("authorization: Bearer syt_SECRETsecret123"));
    assert_eq!(calls[0].json(), json!({ "msgtype": "m.text", "body": "Họp\nTối nay" }));
}

#[tokio::test]
async fn each_refusal_says_what_comes_next() {
    CASE.check(says(429, json!({ "errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 1500 })), "retry 1.5").await;
    CASE.check(Does::Says(429, "retry-after: 7\r\n", json!({ "errcode": "M_LIMIT_EXCEEDED" }).to_string()), "retry 7").await;
    for token in ["M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_DEACTIVATED", "M_USER_SUSPENDED", "M_USER_LOCKED"] {
        CASE.check(no(401, token), "down 600").await;
    }
    for account in ["M_CONSENT_NOT_GIVEN", "M_RESOURCE_LIMIT_EXCEEDED"] {
        CASE.check(no(403, account), "down 600").await;
    }
    CASE.check(no(404, "M_UNRECOGNIZED"), "down 600").await;
    CASE.check(no(403, "M_FORBIDDEN"), "gone").await;
    CASE.check(no(404, "M_NOT_FOUND"), "gone").await;
    CASE.check(no(413, "M_TOO_LARGE"), "refused").await;
    CASE.check(no(400, "M_BAD_JSON"), "refused").await;
    CASE.check(no(500, "M_UNKNOWN"), "retry").await;
    CASE.check(says(404, "<html>"), "down 600").await;
    CASE.check(says(302, ""), "down 600").await;
    CASE.survives_hostile_servers().await;
}

#[tokio::test]
async fn an_alias_is_resolved_once() {
    let room = says(200, json!({ "room_id": "!phong:may.example", "servers": [] }));
    let server = Server::start(vec![no(404, "M_NOT_FOUND"), room, took("$1"), took("$2")]).await;
    let channel = CASE.channel(&server);
    let to = Address::new("test", "#phuong:may.example");
    assert_eq!(word(&channel.send(&to, &(CASE.message)(), "a").await.unwrap_err()), "gone");
    for key in ["a", "b"] {
        channel.send(&to, &(CASE.message)(), key).await.unwrap();
    }
    let lines: Vec<String> = server.calls().into_iter().map(|call| call.line).collect();
    let ask = "GET /_matrix/client/v3/directory/room/%23phuong:may.example";
    assert_eq!(lines, [ask, ask, &format!("{SEND}a"), &format!("{SEND}b")]);
}

#[tokio::test]
async fn a_doubt_is_sent_again_and_an_edit_is_the_same_each_time() {
    let server = Server::start(["$e2", "$e2", "$e3", "$e4"].map(took).to_vec()).await;
    let channel = CASE.channel(&server);
    assert_eq!(channel.resolve(&CASE.to(), &(CASE.message)(), &KnownIds::new()).await, Ok(Doubt::NotDelivered));
    let other = Message { text: r#"{"msgtype":"m.text","body":"Khác"}"#.into(), ..Message::default() };
    for message in [&(CASE.message)(), &(CASE.message)(), &other, &(CASE.message)()] {
        assert_eq!(channel.edit(&CASE.to(), &"$e1".into(), message).await, Ok(Edited::Done));
    }
    let calls = server.calls();
    assert!(calls[0].line == calls[1].line && calls[1].line != calls[2].line, "{calls:?}");
    assert!(calls[3].line != calls[0].line, "a text that is changed back is changed: {calls:?}");
    let want = json!({
        "msgtype": "m.text", "body": "* Họp", "m.mentions": {},
        "m.new_content": { "msgtype": "m.text", "body": "Họp\nTối nay" },
        "m.relates_to": { "rel_type": "m.replace", "event_id": "$e1" },
    });
    assert_eq!(calls[0].json(), want);
}

#[tokio::test]
async fn a_check_asks_who_we_are_and_where() {
    let me = || says(200, json!({ "user_id": "@loa:may.example" }));
    let joined = |room: &str| says(200, json!({ "joined_rooms": [room] }));
    let levels = |needed: i64| says(200, json!({ "users": { "@x:y": 100 }, "events": { "m.room.message": needed } }));
    let check = async |script: Vec<Does>, want: &[bool]| {
        let server = Server::start(script).await;
        let checks = CASE.channel(&server).check(&[CASE.to()]).await;
        assert_eq!(checks.iter().map(|checked| checked.holds == Some(true)).collect::<Vec<_>>(), want, "{checks:?}");
    };
    check(vec![me(), joined("!phong:may.example"), levels(0)], &[true, true]).await;
    check(vec![me(), joined("!phong:may.example"), levels(50)], &[true, false]).await;
    check(vec![me(), joined("!khac:may.example")], &[true, false]).await;
    check(vec![no(401, "M_UNKNOWN_TOKEN")], &[false]).await;
}

#[tokio::test]
async fn rooms_have_an_id_or_an_alias() {
    let server = Server::start(Vec::new()).await;
    let channel = CASE.channel(&server);
    for good in ["!a:b", "!only-an-id", "#phường:máy.vn"] {
        assert_eq!(channel.accepts(good), Ok(()), "{good}");
    }
    for bad in ["", "!", "#", "#a", "#a:", "@a:b", "a:b", "!a b:c", &format!("!{}", "x".repeat(255))] {
        assert!(channel.accepts(bad).is_err(), "{bad}");
    }
}
