#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::channel::Edited;
use crate::channel::scripted::{Case, Does, Server, says};

const CASE: Case = Case {
    kind: KIND,
    keys: "{ rooms = { chung = '{url}/services/T0/B0/SECRETsecret123' } }",
    chat: "chung",
    secret: "SECRETsecret123",
    message: || Message {
        text: r#"{"text":"Họp","blocks":[{"type":"section"},{"type":"image"}]}"#.into(),
        covers: 0..1,
        ..Message::default()
    },
};

#[tokio::test]
async fn a_message_leaves_as_slack_wants_it() {
    let (told, calls) = CASE.sent(vec![says(200, "ok")]).await;
    assert_eq!(told, "ok ");
    assert_eq!(calls[0].line, "POST /services/T0/B0/SECRETsecret123");
    assert!(calls[0].head.contains("content-type: application/json"));
    assert_eq!(calls[0].body.parse::<Value>().unwrap(), (CASE.message)().text.parse::<Value>().unwrap());
}

#[tokio::test]
async fn each_refusal_says_what_comes_next() {
    for gone in GONE {
        CASE.check(says(404, gone), "gone").await;
    }
    CASE.check(says(410, "channel_is_archived"), "gone").await;
    for no_right in NO_RIGHT {
        CASE.check(says(403, no_right), "gone").await;
    }
    for refused in ["no_text", "invalid_payload", "too_many_attachments"] {
        CASE.check(says(400, refused), "refused").await;
    }
    CASE.check(says(500, "rollup_error"), "doubt").await;
    CASE.check(Does::Says(429, "retry-after: 30\r\n", "rate_limited".into()), "retry 30").await;
    CASE.check(says(429, ""), "retry").await;
    CASE.check(says(413, ""), "refused").await;
    CASE.check(says(302, ""), "gone").await;
    CASE.check(says(200, "invalid_payload"), "doubt").await;
    CASE.survives_hostile_servers().await;
}

#[tokio::test]
async fn a_picture_that_is_refused_is_left_out() {
    for said in ["invalid_blocks", "invalid_attachments: downloading image failed"] {
        let (told, calls) = CASE.sent(vec![says(400, said), says(200, "ok")]).await;
        assert_eq!((told.as_str(), calls.len()), ("ok ", 2), "{said}");
        assert_eq!(calls[1].json()["blocks"], json!([{ "type": "section" }]));
    }
    let (told, calls) = CASE.sent(vec![says(400, "invalid_blocks"), says(400, "invalid_blocks")]).await;
    assert_eq!((told.as_str(), calls.len()), ("refused", 2));
}

#[tokio::test]
async fn a_message_without_text_proves_the_webhook() {
    for (status, body, holds) in [(400, "no_text", true), (403, "invalid_token", false), (404, "no_service", false), (200, "ok", false)] {
        let server = Server::start(vec![says(status, body)]).await;
        let checks = CASE.channel(&server).check(&[]).await;
        assert_eq!((checks.len(), checks[0].holds), (1, Some(holds)), "{body}");
        assert_eq!(server.calls()[0].json(), json!({ "text": "" }));
    }
}

#[tokio::test]
async fn nothing_is_changed_later() {
    let server = Server::start(Vec::new()).await;
    let told = CASE.channel(&server).edit(&CASE.to(), &"1".into(), &(CASE.message)()).await;
    assert_eq!((told, server.calls().len()), (Ok(Edited::Unsupported), 0));
}

#[test]
fn text_names_nobody() {
    assert_eq!(escape("<!channel> & <@U1> @here"), "&lt;!channel&gt; &amp; &lt;@U1&gt; @here");
    let url = "https://a.example/?a=1&b=|2".parse().unwrap();
    assert_eq!(link("Xem", &url), "<https://a.example/?a=1&amp;b=%7C2|Xem>");
}
