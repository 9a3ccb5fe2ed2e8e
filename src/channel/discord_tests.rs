#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::json;

use super::*;
use crate::channel::Doubt;
use crate::channel::scripted::{Case, Does, Server, built, says, word};
use crate::outbox::KnownIds;

const CASE: Case = Case {
    kind: KIND,
    keys: "{ rooms = { chung = '{url}/api/webhooks/1234567890/SECRET-token?thread_id=77' } }",
    chat: "chung",
    secret: "SECRET-token",
    message: || Message {
        text:
            r#"{"allowed_mentions":{"parse":[]},"content":"**Họp**","embeds":[{"image":{"url":"https://a.example/1.jpg"}}],"flags":4096}"#
                .into(),
        covers: 0..1,
        ..Message::default()
    },
};

fn no(status: u16, code: u64, text: &str) -> Does {
    says(status, json!({ "code": code, "message": text }))
}

#[tokio::test]
async fn a_message_leaves_as_discord_wants_it() {
    let (told, calls) = CASE.sent(vec![says(200, json!({ "id": "99", "content": "x" }))]).await;
    assert_eq!(told, "ok 99");
    assert_eq!(calls[0].line, "POST /api/webhooks/1234567890/SECRET-token?thread_id=77&wait=true");
    assert!(calls[0].head.contains("user-agent: DiscordBot ("), "{}", calls[0].head);
    assert_eq!(calls[0].json(), body(&(CASE.message)()));
}

#[tokio::test]
async fn each_refusal_says_what_comes_next() {
    let limited = json!({ "message": "You are being rate limited.", "retry_after": 1.337, "global": false });
    CASE.check(says(429, &limited), "retry 1.337").await;
    CASE.check(Does::Says(429, "retry-after: 2\r\n", limited.to_string()), "retry 1.337").await;
    CASE.check(says(429, json!({ "message": "x", "retry_after": 64.5, "global": true })), "down 64.5").await;
    CASE.check(Does::Says(429, "retry-after: 7\r\n", "<html>error 1015</html>".into()), "down 7").await;
    CASE.check(says(403, "<html>error code: 1020</html>"), "down 600").await;
    CASE.check(says(404, "<html>SECRET-token not found</html>"), "gone").await;
    CASE.check(no(404, 0, "404: Not Found"), "gone").await;
    CASE.check(no(404, 10_015, "Unknown Webhook"), "gone").await;
    CASE.check(no(401, 50_027, "Invalid Webhook Token"), "gone").await;
    CASE.check(no(403, 50_013, "Missing Permissions"), "gone").await;
    CASE.check(no(400, 220_001, "Webhooks posted to forum channels must have a thread_name or thread_id"), "gone").await;
    CASE.check(no(400, 50_006, "Cannot send an empty message"), "refused").await;
    CASE.check(no(400, 50_035, "Invalid Form Body"), "refused").await;
    CASE.check(no(413, 40_005, "Request entity too large"), "refused").await;
    CASE.check(no(500, 0, "500: Internal Server Error"), "doubt").await;
    CASE.check(Does::Says(503, "retry-after: 3\r\n", "{}".into()), "retry 3").await;
    CASE.check(says(302, ""), "gone").await;
    CASE.survives_hostile_servers().await;
}

#[tokio::test]
async fn a_webhook_that_is_not_there_is_never_called_again() {
    let server = Server::start(vec![no(404, 10_015, "Unknown Webhook")]).await;
    let channel = CASE.channel(&server);
    for _ in 0..3 {
        let told = channel.send(&CASE.to(), &(CASE.message)(), "k").await.unwrap_err();
        assert_eq!(word(&told), "gone");
    }
    assert_eq!(server.calls().len(), 1);
}

#[tokio::test]
async fn a_picture_that_is_refused_is_left_out() {
    let refused = json!({ "code": 50_035, "message": "Invalid Form Body", "errors": { "embeds": { "0": {} } } });
    let (told, calls) = CASE.sent(vec![says(400, &refused), says(200, json!({ "id": "5" }))]).await;
    assert_eq!((told.as_str(), calls[1].json()["embeds"].clone()), ("ok 5", json!([])));
    let (told, calls) = CASE.sent(vec![says(400, &refused), says(400, &refused)]).await;
    assert_eq!((told.as_str(), calls.len()), ("refused", 2));
}

#[tokio::test]
async fn an_edit_names_the_message_and_tells_when_it_is_gone() {
    let gone = no(404, 10_008, "Unknown Message");
    let server = Server::start(vec![says(200, json!({ "id": "99" })), gone, no(404, 10_015, "Unknown Webhook")]).await;
    let channel = CASE.channel(&server);
    let edit = async || channel.edit(&CASE.to(), &"99".into(), &(CASE.message)()).await;
    assert_eq!((edit().await, edit().await), (Ok(Edited::Done), Ok(Edited::Gone)));
    assert_eq!(word(&edit().await.unwrap_err()), "gone");
    let call = &server.calls()[0];
    assert_eq!(call.line, "PATCH /api/webhooks/1234567890/SECRET-token/messages/99?thread_id=77");
    assert!(call.json().get("flags").is_none());
}

#[tokio::test]
async fn a_doubt_stays_one_and_waits_while_discord_does_not_answer() {
    let server =
        Server::start(vec![no(500, 0, "500: Internal Server Error"), says(200, json!({ "id": "1" })), no(404, 0, "404: Not Found")]).await;
    let channel = CASE.channel(&server);
    let look = async || channel.resolve(&CASE.to(), &(CASE.message)(), &KnownIds::new()).await;
    assert_eq!(word(&look().await.unwrap_err()), "doubt");
    assert_eq!((look().await, look().await), (Ok(Doubt::Unknown), Ok(Doubt::Unknown)));
    assert_eq!(server.calls()[0].line, "GET /api/webhooks/1234567890/SECRET-token?thread_id=77");
}

#[test]
fn text_is_shown_as_it_stands() {
    let check = |plain: &str, want: &str| assert_eq!(escape(plain), want);
    check("*sao* _gạch_ [tên](x) `mã` ~~bỏ~~ ||ẩn||", "\\*sao\\* \\_gạch\\_ \\[tên\\](x) \\`mã\\` \\~\\~bỏ\\~\\~ \\|\\|ẩn\\|\\|");
    check("# Đầu\n- một\n  > hai\na # b", "\\# Đầu\n\\- một\n  \\> hai\na # b");
    check("<@123> @everyone @here a@b.vn", "\\<@123\\> @\u{200b}everyone @\u{200b}here a@b.vn");
    check("xem https://a.example/x_y_z*1 nhé", "xem https://a.example/x_y_z*1 nhé");
    let url = "https://a.example/(x)?q=a%20b".parse().unwrap();
    assert_eq!(link("Xem", &url), "[Xem](<https://a.example/%28x%29?q=a%20b>)");
}

#[test]
fn rooms_are_known_by_name_and_their_addresses_are_not_told() {
    for (keys, want) in [
        ("{ rooms = {} }", "no room"),
        ("{ rooms = { a = 'SECRET' } }", "room \"a\""),
        ("{ rooms = { a = 'ftp://h.example/SECRET' } }", "room \"a\""),
        ("{ romms = { a = 'x' } }", "romms"),
        ("{ }", "rooms"),
    ] {
        let told = built(&KIND, keys).err().unwrap();
        assert!(told.contains(want) && !told.contains("SECRET"), "{keys}: {told}");
    }
    let channel = built(&KIND, "{ rooms = { chung = 'https://a.example/1', 'tổ 5' = 'https://a.example/2' } }").unwrap();
    assert_eq!((channel.accepts("chung"), channel.accepts("tổ 5")), (Ok(()), Ok(())));
    let told = channel.accepts("riêng").unwrap_err();
    assert!(told.contains("chung, tổ 5") && !told.contains("example"), "{told}");
}
