#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::channel::scripted::{Case, Does, Server, says, word};

const CASE: Case = Case {
    kind: KIND,
    keys: "{ server = '{url}', token = 'tk_SECRETsecret123' }",
    chat: "phuong-thoquan",
    secret: "tk_SECRETsecret123",
    message: || Message {
        text: r#"{"title":"Họp","message":"Tối nay.","attach":"https://a.example/1.jpg"}"#.into(),
        covers: 0..1,
        ..Message::default()
    },
};

fn no(status: u16, code: u64) -> Does {
    says(status, json!({ "code": code, "http": status, "error": "no, tk_SECRETsecret123" }))
}

fn kept(id: &str, title: &str, text: &str) -> String {
    json!({ "id": id, "time": 1, "event": "message", "topic": "t", "title": title, "message": text }).to_string()
}

#[tokio::test]
async fn a_message_leaves_as_ntfy_wants_it() {
    let (told, calls) = CASE.sent(vec![says(200, kept("abc", "Họp", "Tối nay."))]).await;
    assert_eq!(told, "ok abc");
    assert_eq!(calls[0].line, "POST /");
    assert!(calls[0].head.contains("authorization: Bearer tk_SECRETsecret123"));
    let want = json!({ "topic": "phuong-thoquan", "title": "Họp", "message": "Tối nay.", "attach": "https://a.example/1.jpg" });
    assert_eq!(calls[0].json(), want);
}

#[tokio::test]
async fn each_refusal_says_what_comes_next() {
    CASE.check(no(429, 42_901), "down 10").await;
    CASE.check(no(429, 42_908), "down 3600").await;
    CASE.check(Does::Says(429, "retry-after: 7\r\n", String::new()), "down 7").await;
    CASE.check(no(401, 40_101), "down 600").await;
    CASE.check(no(403, 40_301), "gone").await;
    CASE.check(no(400, 40_024), "refused").await;
    CASE.check(no(413, 41_301), "refused").await;
    CASE.check(no(500, 50_001), "doubt").await;
    CASE.check(says(404, "page not found"), "down 600").await;
    CASE.check(says(405, ""), "down 600").await;
    CASE.check(says(302, ""), "down 600").await;
    CASE.survives_hostile_servers().await;
}

#[tokio::test]
async fn a_picture_that_is_refused_is_left_out() {
    let (told, calls) = CASE.sent(vec![no(400, 40_013), says(200, kept("b", "", ""))]).await;
    assert_eq!((told.as_str(), calls[1].json().get("attach")), ("ok b", None));
}

#[tokio::test]
async fn a_doubt_is_settled_by_what_the_server_keeps() {
    let check = async |known: &[&str], script: Vec<Does>, want: &str, lines: &[&str]| {
        let server = Server::start(script).await;
        let known: KnownIds = known.iter().map(|id| (*id).to_owned()).collect();
        let told = match CASE.channel(&server).resolve(&CASE.to(), &(CASE.message)(), &known).await {
            Ok(Doubt::Delivered(sent)) => format!("delivered {}", sent.ids.join(",")),
            Ok(Doubt::NotDelivered) => "not delivered".to_owned(),
            Ok(Doubt::Unknown) => "unknown".to_owned(),
            Err(error) => word(&error),
        };
        let asked: Vec<String> = server.calls().into_iter().map(|call| call.line).collect();
        let lines: Vec<String> = lines.iter().map(|since| format!("GET /phuong-thoquan/json?poll=1&since={since}")).collect();
        assert_eq!((told.as_str(), asked), (want, lines));
    };
    let ours = |id: &str| kept(id, "Họp", "Tối nay.");
    let open = "{\"id\":\"x\",\"event\":\"open\"}";
    check(&["a"], vec![says(200, format!("{}\n{}\n", kept("b", "Khác", "x"), ours("c")))], "delivered c", &["a"]).await;
    check(&[], vec![says(200, format!("{open}\n{}\n", ours("c")))], "delivered c", &["all"]).await;
    check(&["a"], vec![says(200, kept("b", "Khác", "x"))], "not delivered", &["a"]).await;
    // An id that the server has forgotten gives all that it keeps.
    check(&["a", "c"], vec![says(200, format!("{}\n{}", ours("a"), ours("c")))], "not delivered", &["c"]).await;
    check(&["a"], vec![says(200, ""), says(200, ours("a"))], "not delivered", &["a", "all"]).await;
    check(&["a"], vec![says(200, ""), says(200, "")], "unknown", &["a", "all"]).await;
    check(&[], vec![says(200, open)], "unknown", &["all"]).await;
    check(&["a"], vec![no(403, 40_301)], "unknown", &["a"]).await;
    check(&["a"], vec![no(429, 42_901)], "down 10", &["a"]).await;
}

#[tokio::test]
async fn a_check_asks_the_server_and_the_topic() {
    let healthy = || says(200, json!({ "healthy": true }));
    for (script, want) in [
        (vec![healthy(), says(200, json!({ "success": true }))], [Some(true), None]),
        (vec![healthy(), no(403, 40_301)], [Some(true), None]),
        (vec![healthy(), no(401, 40_101)], [Some(true), Some(false)]),
        (vec![says(200, "<html>"), says(404, "<html>")], [Some(false), Some(false)]),
    ] {
        let server = Server::start(script).await;
        let checks = CASE.channel(&server).check(&[CASE.to()]).await;
        assert_eq!([checks[0].holds, checks[1].holds], want);
        let lines: Vec<String> = server.calls().into_iter().map(|call| call.line).collect();
        assert_eq!(lines, ["GET /v1/health", "GET /phuong-thoquan/auth"]);
    }
}

#[tokio::test]
async fn topics_are_words() {
    let server = Server::start(Vec::new()).await;
    let channel = CASE.channel(&server);
    for good in ["a", "Phuong_Tho-Quan9", &"x".repeat(64)] {
        assert_eq!(channel.accepts(good), Ok(()), "{good}");
    }
    for bad in ["", "a b", "phường", "a/b", "a.b", &"x".repeat(65)] {
        assert!(channel.accepts(bad).is_err(), "{bad}");
    }
}
