#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::channel::scripted::{Case, Does, Server, says, word};

const CASE: Case = Case {
    kind: KIND,
    keys: "{ api = '{url}/v25.0', token = 'EAASECRETsecret123' }",
    chat: "1234567890",
    secret: "EAASECRETsecret123",
    message: || Message {
        text: r#"{"message":"Họp & bàn","link":"https://a.example/?a=1&b=2"}"#.into(),
        covers: 0..1,
        ..Message::default()
    },
};

fn no(status: u16, code: i64, subcode: i64) -> Does {
    says(
        status,
        json!({ "error": { "message": "no, EAASECRETsecret123", "type": "OAuthException", "code": code, "error_subcode": subcode } }),
    )
}

fn took(id: &str) -> Does {
    says(200, json!({ "id": id }))
}

fn posts(all: &[(&str, &str)]) -> Does {
    let data: Vec<Value> = all.iter().map(|(id, text)| json!({ "id": id, "message": text })).collect();
    says(200, json!({ "data": data, "paging": {} }))
}

#[tokio::test]
async fn a_post_leaves_as_facebook_wants_it() {
    let (told, calls) = CASE.sent(vec![took("1234567890_9")]).await;
    assert_eq!(told, "ok 1234567890_9");
    assert_eq!(calls[0].line, "POST /v25.0/1234567890/feed");
    assert!(calls[0].head.contains("authorization: Bearer EAASECRETsecret123"));
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(calls[0].body.as_bytes()).into_owned().collect();
    let want = [("link", "https://a.example/?a=1&b=2"), ("message", "Họp & bàn")];
    assert_eq!(pairs, want.map(|(key, value)| (key.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn each_refusal_says_what_comes_next() {
    for token in [190, 102, 104, 2500] {
        CASE.check(no(400, token, 463), "down 600").await;
    }
    for limit in [4, 17, 80_001] {
        CASE.check(no(400, limit, 0), "down 600").await;
    }
    for limit in [32, 341, 613] {
        CASE.check(no(403, limit, 0), "retry 600").await;
    }
    CASE.check(Does::Says(400, "retry-after: 7\r\n", json!({ "error": { "code": 4 } }).to_string()), "down 7").await;
    for gone in [368, 3, 10, 200, 210, 299, 803] {
        CASE.check(no(403, gone, 0), "gone").await;
    }
    CASE.check(no(400, 100, 33), "gone").await;
    CASE.check(no(400, 100, 0), "refused").await;
    for doubt in [1, 2] {
        CASE.check(no(500, doubt, 0), "doubt").await;
    }
    CASE.check(says(500, json!({ "error": { "code": 77, "is_transient": true } })), "doubt").await;
    // An error is one whatever the status says.
    CASE.check(no(200, 190, 460), "down 600").await;
    CASE.check(says(404, "<html>"), "down 600").await;
    CASE.check(says(302, ""), "down 600").await;
    CASE.survives_hostile_servers().await;
}

#[tokio::test]
async fn a_link_that_is_refused_is_left_out() {
    let worded = says(400, json!({ "error": { "code": 100, "message": "(#100) The url you supplied is invalid" } }));
    for refused in [no(400, 1500, 0), worded] {
        let (told, calls) = CASE.sent(vec![refused, took("1_2")]).await;
        assert_eq!((told.as_str(), calls[1].body.contains("link=")), ("ok 1_2", false));
    }
}

#[tokio::test]
async fn what_was_posted_already_is_found() {
    let (told, calls) = CASE.sent(vec![no(400, 506, 0), posts(&[("1_8", "Khác"), ("1_7", "Họp & bàn")])]).await;
    assert_eq!((told.as_str(), calls[1].line.as_str()), ("ok 1_7", "GET /v25.0/1234567890/feed?fields=id%2Cmessage&limit=25"));
    assert_eq!(CASE.sent(vec![no(400, 506, 0), posts(&[])]).await.0, "refused");
}

#[tokio::test]
async fn a_doubt_is_settled_by_the_last_posts() {
    let check = async |known: &[&str], does: Does, want: &str| {
        let server = Server::start(vec![does]).await;
        let known: KnownIds = known.iter().map(|id| (*id).to_owned()).collect();
        let told = match CASE.channel(&server).resolve(&CASE.to(), &(CASE.message)(), &known).await {
            Ok(Doubt::Delivered(sent)) => format!("delivered {}", sent.ids.join(",")),
            Ok(Doubt::NotDelivered) => "not delivered".to_owned(),
            Ok(Doubt::Unknown) => "unknown".to_owned(),
            Err(error) => word(&error),
        };
        assert_eq!(told, want);
    };
    check(&["1_1"], posts(&[("1_3", "Khác"), ("1_2", "Họp &\nbàn "), ("1_1", "x")]), "delivered 1_2").await;
    check(&["1_1"], posts(&[("1_3", "Khác"), ("1_1", "Họp & bàn")]), "not delivered").await;
    check(&[], posts(&[]), "not delivered").await;
    let long = "đ".repeat(8_000);
    let many: Vec<(&str, &str)> = (0..24).map(|_| ("1_5", long.as_str())).chain([("1_4", "Họp & bàn")]).collect();
    check(&[], posts(&many), "delivered 1_4").await;
    check(&[], no(403, 10, 0), "unknown").await;
    check(&[], no(400, 4, 0), "down 600").await;
    check(&[], says(200, "<html>"), "doubt").await;
}

#[tokio::test]
async fn an_edit_changes_the_text_alone() {
    let done = says(200, json!({ "success": true }));
    let server = Server::start(vec![done, no(400, 100, 33), no(400, 190, 0)]).await;
    let channel = CASE.channel(&server);
    let edit = async || channel.edit(&CASE.to(), &"1234567890_9".into(), &(CASE.message)()).await;
    assert_eq!((edit().await, edit().await), (Ok(Edited::Done), Ok(Edited::Gone)));
    assert_eq!(word(&edit().await.unwrap_err()), "down 600");
    let call = &server.calls()[0];
    assert_eq!((call.line.as_str(), call.body.contains("link=")), ("POST /v25.0/1234567890_9", false));
}

#[tokio::test]
async fn a_check_asks_whose_token_it_is() {
    let owner = |id: &str| says(200, json!({ "id": id, "name": "Phường Thổ Quan" }));
    let check = async |script: Vec<Does>, want: &[bool]| {
        let server = Server::start(script).await;
        let checks = CASE.channel(&server).check(&[CASE.to()]).await;
        assert_eq!(checks.iter().map(|checked| checked.holds == Some(true)).collect::<Vec<_>>(), want, "{checks:?}");
        assert!(server.calls().iter().all(|call| call.line.starts_with("GET ") && !call.line.contains("SECRET")));
    };
    check(vec![owner("1234567890"), posts(&[])], &[true, true]).await;
    check(vec![owner("1234567890"), no(403, 10, 0)], &[true, false]).await;
    check(vec![owner("777")], &[true, false]).await;
    check(vec![no(400, 190, 0)], &[false]).await;
}
