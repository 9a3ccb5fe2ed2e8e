#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::channel::scripted::{Case, Does, Server, says};
use crate::entry::{Enclosure, Entry, Guid};
use crate::phrases::Language;

const CASE: Case = Case {
    kind: KIND,
    keys: "{ rooms = { chung = '{url}/workflows/abc/triggers/manual/paths/invoke?api-version=1&sig=SECRETsecret123' } }",
    chat: "chung",
    secret: "SECRETsecret123",
    message: || Message { text: r#"{"type":"message","attachments":[]}"#.into(), covers: 0..1, ..Message::default() },
};

fn no(status: u16, code: &str) -> Does {
    says(status, json!({ "error": { "code": code, "message": "The workflow SECRETsecret123" } }))
}

#[tokio::test]
async fn a_message_leaves_as_a_workflow_wants_it() {
    for taken in [says(202, ""), says(200, "1"), says(200, ""), says(204, "")] {
        let (told, calls) = CASE.sent(vec![taken]).await;
        assert_eq!(told, "ok ");
        assert_eq!(calls[0].line, "POST /workflows/abc/triggers/manual/paths/invoke?api-version=1&sig=SECRETsecret123");
        assert_eq!(calls[0].body, (CASE.message)().text);
        assert!(calls[0].head.contains("content-type: application/json"));
    }
}

#[tokio::test]
async fn each_refusal_says_what_comes_next() {
    for code in GONE {
        CASE.check(no(400, code), "gone").await;
    }
    CASE.check(no(400, "TriggerInputSchemaMismatch"), "refused").await;
    CASE.check(no(401, "Unauthorized"), "gone").await;
    CASE.check(no(403, "Forbidden"), "gone").await;
    CASE.check(says(404, ""), "gone").await;
    CASE.check(says(410, ""), "gone").await;
    CASE.check(no(413, "RequestEntityTooLarge"), "refused").await;
    CASE.check(Does::Says(429, "retry-after: 9\r\n", String::new()), "retry 9").await;
    CASE.check(says(200, "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429"), "retry").await;
    CASE.check(says(200, "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 403"), "doubt").await;
    CASE.check(no(502, "NoResponse"), "doubt").await;
    CASE.check(says(301, ""), "gone").await;
    CASE.survives_hostile_servers().await;
}

#[tokio::test]
async fn a_check_starts_no_workflow() {
    let server = Server::start(vec![says(404, "")]).await;
    let checks = CASE.channel(&server).check(&[]).await;
    assert_eq!((checks.len(), checks[0].holds), (1, None));
    assert!(server.calls()[0].line.starts_with("OPTIONS "));
}

#[test]
fn what_is_more_than_six_buttons_is_a_line() {
    let mut entry = Entry::new(Guid::new("1"), "T");
    let file = |n: usize| Enclosure {
        url: format!("https://a.example/{n}.pdf").parse().unwrap(),
        media_type: String::new(),
        length: None,
        title: None,
    };
    entry.attachments = (0..8).map(file).collect();
    let noticed = [Noticed { entry, link: "https://a.example/".parse().unwrap(), source_title: "P".into() }];
    let zone = chrono_tz::Asia::Ho_Chi_Minh;
    let notice = Notice {
        feed: None,
        feed_title: "P",
        entries: &noticed,
        digest: false,
        silent: false,
        urgent: false,
        language: Language::Vi,
        zone,
    };
    let card: Value = article(&noticed[0], &notice).text.parse().unwrap();
    let content = &card["attachments"][0]["content"];
    assert_eq!(content["actions"].as_array().map(Vec::len), Some(BUTTONS));
    let text = content["body"].to_string();
    assert!(!text.contains("4.pdf") && text.contains("• 5.pdf: https://a.example/5.pdf") && text.contains("7.pdf"), "{text}");
}
