//! Channels against the strict servers of `fakes`: what leaves is taken, and what goes wrong is
//! told as what the outbox must do next.

use std::sync::Arc;

use loaphuong::channel::{Channel, Doubt, Message, Notice, Noticed, SendError};
use loaphuong::entry::{Enclosure, Entry, Guid};
use loaphuong::outbox::{KnownIds, Sent};
use loaphuong::phrases::Language;
use loaphuong::subscription::Address;

use crate::fakes::{FakeTelegram, Fault, Receiver, Trouble};
use crate::messages::{built, golden, visible};

const CHAT: i64 = -1_001_234_567_890;
const OPS: i64 = -1_009_999_999_999;

async fn telegram() -> (FakeTelegram, Arc<dyn Channel>) {
    let fake = FakeTelegram::start().await;
    fake.no_limits().supergroup(CHAT).supergroup(OPS);
    let keys = format!("{{ token = '{}', api = '{}', ops_chat = {OPS} }}", fake.token(), fake.url());
    let channel = built("telegram", &keys);
    (fake, channel)
}

fn to(chat: impl std::fmt::Display) -> Address {
    Address::new("bot", chat.to_string())
}

fn message(text: &str) -> Message {
    let link = ("Xem bài gốc".to_owned(), "https://thoquan.example/tin/1".parse().unwrap());
    Message { text: text.into(), link: Some(link), covers: 0..1, ..Message::default() }
}

#[tokio::test]
async fn telegram_takes_every_golden_message_as_people_should_see_it() {
    let (fake, channel) = telegram().await;
    for message in golden("telegram") {
        channel.send(&to(CHAT), &message, "k").await.unwrap();
        let taken = fake.messages_in(CHAT).pop().unwrap();
        assert_eq!(taken.text, visible(&message.text));
        assert_eq!(taken.entities.len() + taken.entities_ignored, message.text.matches("</").count(), "{}", message.text);
        assert_eq!(taken.entities_ignored, 0);
        assert_eq!(taken.photo, message.image.map(|url| url.to_string()));
        assert_eq!((taken.buttons.len(), taken.silent), (usize::from(message.link.is_some()), message.silent));
    }
    assert!(fake.refusals().is_empty(), "{:?}", fake.refusals());
}

#[tokio::test]
async fn a_lost_answer_is_looked_into() {
    let page = || Fault::Html504;
    for (fault, arrived) in [
        (Fault::LostAnswer, true),
        (Fault::CutAnswer, true),
        (Fault::HalfJson, true),
        (Fault::HtmlAnswer, true),
        (page().after_taking(), true),
        (page(), false),
        (Fault::Html502, false),
        (Fault::Reset, false),
    ] {
        let (fake, channel) = telegram().await;
        let name = format!("{fault:?}");
        let before = channel.send(&to(CHAT), &message("<b>Tin trước</b>"), "a").await.unwrap();
        fake.fail_next_in(CHAT, fault);
        let ours = message("<b>Họp &amp; bàn</b>\n\n1 &lt; 2 👨\u{200d}👩\u{200d}👧");
        let told = channel.send(&to(CHAT), &ours, "b").await.unwrap_err();
        assert!(matches!(&told, SendError::InDoubt { cause } if !cause.contains(&fake.token())), "{name}: {told:?}");
        fake.say(CHAT, 7, "Một người nói chen vào");
        let doubt = channel.resolve(&to(CHAT), &ours, &KnownIds::from(before.ids)).await;
        let id = fake.messages_in(CHAT).iter().filter(|m| m.ours).map(|m| m.id.to_string()).next_back().unwrap();
        let want = if arrived { Doubt::Delivered(Sent { ids: vec![id] }) } else { Doubt::NotDelivered };
        assert_eq!(doubt, Ok(want), "{name}");
        assert!(fake.messages_in(OPS).iter().all(|copy| copy.deleted), "{name}: copies are cleared away");
    }
}

#[tokio::test]
async fn where_it_cannot_be_found_out_nothing_is_claimed() {
    let (fake, channel) = telegram().await;
    let before = KnownIds::from(channel.send(&to(CHAT), &message("a"), "a").await.unwrap().ids);
    assert_eq!(channel.resolve(&to(CHAT), &message("b"), &KnownIds::new()).await, Ok(Doubt::Unknown));
    fake.protect(CHAT).fail_next_in(CHAT, Fault::LostAnswer);
    channel.send(&to(CHAT), &message("b"), "b").await.unwrap_err();
    assert_eq!(channel.resolve(&to(CHAT), &message("b"), &before).await, Ok(Doubt::Unknown));
    fake.kick(OPS);
    assert_eq!(channel.resolve(&to(CHAT), &message("b"), &before).await, Ok(Doubt::Unknown));
    fake.revoke_token();
    assert!(matches!(channel.resolve(&to(CHAT), &message("b"), &before).await, Err(SendError::Down { .. })));
}

fn kind(told: Result<Sent, SendError>) -> String {
    match told {
        Ok(_) => "sent".into(),
        Err(SendError::Retry { after, .. }) => format!("retry {}", after.unwrap_or_default().as_secs()),
        Err(SendError::Down { .. }) => "down".into(),
        Err(SendError::InDoubt { .. }) => "doubt".into(),
        Err(SendError::Gone { .. }) => "gone".into(),
        Err(SendError::Ended { .. }) => "ended".into(),
        Err(SendError::Moved { to }) => format!("moved {to}"),
        Err(SendError::Refused { .. }) => "refused".into(),
    }
}

#[tokio::test]
async fn each_state_of_a_chat_is_told() {
    let (fake, channel) = telegram().await;
    fake.private(1)
        .block(1)
        .private(2)
        .deactivate(2)
        .group(-3)
        .kick(-3)
        .channel(-1_000_000_000_004, "can_quyen")
        .need_admin(-1_000_000_000_004);
    fake.supergroup(-1_000_000_000_005).no_rights(-1_000_000_000_005).group(-6).migrate(-6, -1_000_000_000_006);
    fake.forum(-1_000_000_000_007, &[17, 18]).close_topic(-1_000_000_000_007, 18);
    fake.supergroup(-1_000_000_000_008).flood_wait(-1_000_000_000_008, 43_838);
    for (chat, want) in [
        ("1", "gone"),
        ("2", "gone"),
        ("-3", "gone"),
        ("@can_quyen", "gone"),
        ("-1000000000005", "gone"),
        ("-6/17", "moved bot:-1000000000006/17"),
        ("-1000000000007/17", "sent"),
        ("-1000000000007/18", "gone"),
        ("-1000000000007/1", "sent"),
        ("-1000000000007/99", "sent"),
        ("-1000000000008", "retry 43838"),
        ("@khong_co_kenh_nay", "refused"),
        ("-1000000000009", "refused"),
    ] {
        assert_eq!(kind(channel.send(&to(chat), &message("Tin"), "k").await), want, "{chat}");
    }
    let threads: Vec<Option<i64>> = fake.messages_in(-1_000_000_000_007).iter().map(|m| m.thread).collect();
    assert_eq!(threads, [Some(17), None, None]);
}

#[tokio::test]
async fn a_picture_that_cannot_be_fetched_leaves_the_text() {
    let (fake, channel) = telegram().await;
    let image = "https://thoquan.example/hong.jpg";
    fake.bad_photo(image);
    channel.send(&to(CHAT), &Message { image: Some(image.parse().unwrap()), ..message("<b>Tin</b>") }, "k").await.unwrap();
    let taken = fake.messages_in(CHAT);
    assert_eq!((taken.len(), taken[0].photo.clone(), taken[0].text.as_str()), (1, None, "Tin"));
}

#[tokio::test]
async fn a_webhook_receiver_accepts_the_signature_and_sees_each_message_once() {
    let secret = Receiver::secret(7);
    let receiver = Receiver::start(&secret).await;
    let channel = built("webhook", &format!("{{ secret = '{secret}' }}"));
    let to = Address::new("hook", receiver.url("/nhan-tin"));
    let all = golden("webhook");
    for (n, message) in all.iter().enumerate() {
        let key = format!("msg_{n}");
        receiver.fail_next(Trouble::LostAnswer);
        assert_eq!(kind(channel.send(&to, message, &key).await), "retry 0");
        assert_eq!(kind(channel.send(&to, message, &key).await), "sent");
    }
    assert_eq!((receiver.deliveries().len(), receiver.by_id().len()), (all.len() * 2, all.len()));
    assert!(receiver.conflicts().is_empty() && receiver.refusals().is_empty());
    receiver.fail_next(Trouble::Redirect("http://127.0.0.1:1/".into()));
    assert_eq!(kind(channel.send(&to, &all[0], "msg_x").await), "retry 0");
}

#[tokio::test]
async fn the_first_message_into_a_new_chat_is_not_sent_twice_after_a_lost_answer() {
    for (before, arrived, want) in [(0, true, "delivered"), (15, true, "delivered"), (0, false, "unknown"), (25, true, "unknown")] {
        let (fake, channel) = telegram().await;
        for number in 0..before {
            fake.say(CHAT, 7, &format!("Chào bà con, lần {number}"));
        }
        fake.fail_next_in(CHAT, if arrived { Fault::LostAnswer } else { Fault::Html502 });
        let ours = message("<b>Họp tổ dân phố</b>\n\nTối thứ Bảy.");
        channel.send(&to(CHAT), &ours, "a").await.unwrap_err();
        let told = match channel.resolve(&to(CHAT), &ours, &KnownIds::new()).await.unwrap() {
            Doubt::Delivered(sent) => {
                assert_eq!(sent.ids, [(before + 1).to_string()]);
                "delivered"
            }
            Doubt::NotDelivered => "not delivered",
            Doubt::Unknown => "unknown",
        };
        assert_eq!(told, want, "{before} messages of others, arrived: {arrived}");
        assert!(fake.messages_in(OPS).iter().all(|copy| copy.deleted), "no copy stays behind");
    }
}

/// An entry whose attachments are these files, as a channel with documents lays it out.
pub(crate) fn with_files(channel: &dyn Channel, site: &str, files: &[(&str, &str, Option<u64>)]) -> Vec<Message> {
    let link = url::Url::parse(&format!("{site}/tin/1")).unwrap();
    let mut entry = Entry::new(Guid::new(link.as_str()), "Kế hoạch tiêm chủng");
    let file = |(name, kind, length): &(&str, &str, Option<u64>)| Enclosure {
        url: link.join(name).unwrap(),
        media_type: (*kind).to_owned(),
        length: *length,
        title: None,
    };
    entry.attachments = files.iter().map(file).collect();
    let entries = [Noticed { entry, link, source_title: "Phường Thổ Quan".to_owned() }];
    channel.render(&Notice {
        feed: None,
        feed_title: "Phường Thổ Quan",
        entries: &entries,
        digest: false,
        silent: false,
        urgent: false,
        language: Language::Vi,
        zone: chrono_tz::Asia::Ho_Chi_Minh,
    })
}

#[tokio::test]
async fn small_documents_follow_their_text_and_one_that_is_refused_keeps_nothing_back() {
    let (fake, _) = telegram().await;
    let channel = built("telegram", &format!("{{ token = '{}', api = '{}', documents = true }}", fake.token(), fake.url()));
    let (pdf, zip) = ("application/pdf", "application/zip");
    let pptx = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
    let files = [
        ("a.pdf", pdf, Some(120_000)),
        ("b.pptx", pptx, Some(9_000)),
        ("lon.pdf", pdf, Some(21 << 20)),
        ("khong-ro.pdf", pdf, None),
        ("hong.pdf", pdf, Some(5_000)),
        ("c.zip", zip, Some(5_000)),
    ];
    let messages = with_files(channel.as_ref(), "http://127.0.0.1:9", &files);
    fake.bad_photo("http://127.0.0.1:9/tin/hong.pdf");
    for round in 0..2 {
        for message in &messages {
            let sent = channel.send(&to(CHAT), message, "k").await.unwrap();
            assert_eq!(sent.ids.len(), 1, "{round}: each message is counted, also one that was not taken");
        }
    }
    let shown: Vec<_> = fake.messages_in(CHAT).iter().map(|m| (m.document.clone().unwrap_or_default(), m.text.clone(), m.silent)).collect();
    assert_eq!(shown.len(), 6, "{shown:?}");
    assert!(files.iter().all(|(name, ..)| shown[0].1.contains(name)), "{shown:?}");
    assert_eq!(shown[1], ("http://127.0.0.1:9/tin/a.pdf".to_owned(), "a.pdf".to_owned(), true));
    assert_eq!(shown[2], ("http://127.0.0.1:9/tin/c.zip".to_owned(), "c.zip".to_owned(), true));
    assert!(shown[4].0.starts_with("BQAC"), "what Telegram has is not fetched again: {shown:?}");
}

#[tokio::test]
async fn a_paid_broadcast_is_asked_for_only_where_an_admin_wants_it() {
    for (more, want, pace) in [("", None, 30.0), (", paid_broadcast = true", Some("true"), 1000.0)] {
        let (fake, _) = telegram().await;
        let channel = built("telegram", &format!("{{ token = '{}', api = '{}'{more} }}", fake.token(), fake.url()));
        let image = Some("https://thoquan.example/anh.jpg".parse().unwrap());
        for message in [message("<b>Tin</b>"), Message { image, ..message("<b>Tin</b>") }] {
            channel.send(&to(CHAT), &message, "k").await.unwrap();
        }
        let flags: Vec<Option<String>> =
            fake.requests().iter().map(|request| request.params.text("allow_paid_broadcast").map(str::to_owned)).collect();
        assert_eq!(flags, [want.map(str::to_owned), want.map(str::to_owned)], "{more}");
        assert_eq!(channel.pace().per_second, Some(pace));
    }
}

/// A bot that looks for doubtful messages by changing them.
async fn editing() -> (FakeTelegram, Arc<dyn Channel>) {
    let (fake, _) = telegram().await;
    let channel = built("telegram", &format!("{{ token = '{}', api = '{}', edit_probe = true }}", fake.token(), fake.url()));
    (fake, channel)
}

fn edits(fake: &FakeTelegram) -> usize {
    fake.requests_of("editmessagetext").len() + fake.requests_of("editmessagecaption").len()
}

#[tokio::test]
async fn where_an_admin_allows_it_a_doubt_is_settled_by_a_change_that_changes_nothing() {
    let image = || Some("https://thoquan.example/anh.jpg".parse().unwrap());
    for (fault, image, arrived) in [
        (Fault::LostAnswer, None, true),
        (Fault::HalfJson, image(), true),
        (Fault::Html504.after_taking(), None, true),
        (Fault::Html502, None, false),
        (Fault::Reset, image(), false),
    ] {
        let (fake, channel) = editing().await;
        let name = format!("{fault:?}");
        let before = channel.send(&to(CHAT), &message("<b>Tin trước</b>"), "a").await.unwrap();
        fake.say(CHAT, 7, "Một người nói chen vào");
        fake.fail_next_in(CHAT, fault);
        let ours = Message { image, ..message("<b>Họp &amp; bàn</b>\n\n1 &lt; 2") };
        channel.send(&to(CHAT), &ours, "b").await.unwrap_err();
        let doubt = channel.resolve(&to(CHAT), &ours, &KnownIds::from(before.ids)).await;
        let id = fake.messages_in(CHAT).iter().filter(|m| m.ours).map(|m| m.id.to_string()).next_back().unwrap();
        let want = if arrived { Doubt::Delivered(Sent { ids: vec![id] }) } else { Doubt::NotDelivered };
        assert_eq!(doubt, Ok(want), "{name}");
        assert!(fake.messages_in(CHAT).iter().all(|m| m.earlier.is_empty()), "{name}: nothing was changed");
    }
}

#[tokio::test]
async fn a_change_is_not_tried_where_it_could_hit_another_message() {
    let (fake, channel) = editing().await;
    let forum = -1_000_000_000_007;
    fake.forum(forum, &[17]);
    let known = KnownIds::from(["1".to_owned()]);
    for (chat, known) in [(forum.to_string(), &known), (format!("{forum}/17"), &known), (CHAT.to_string(), &KnownIds::new())] {
        assert_eq!(channel.resolve(&to(&chat), &message("Tin"), known).await, Ok(Doubt::Unknown), "{chat}");
    }
    assert_eq!(edits(&fake), 0);
}

#[tokio::test]
async fn a_change_that_hit_another_message_is_the_last_in_that_chat() {
    let (fake, channel) = editing().await;
    let before = KnownIds::from(channel.send(&to(CHAT), &message("Tin trước"), "a").await.unwrap().ids);
    let other = channel.send(&to(CHAT), &message("Của chương trình khác"), "b").await.unwrap();
    let doubt = channel.resolve(&to(CHAT), &message("Tin"), &before).await;
    assert_eq!((doubt, edits(&fake)), (Ok(Doubt::Delivered(other)), 1));
    assert_eq!(channel.resolve(&to(CHAT), &message("Tin"), &before).await, Ok(Doubt::Unknown));
    assert_eq!(edits(&fake), 1);
}

/// A site that has some files, a page where one was, and one that leads elsewhere.
async fn site() -> String {
    let file = |kind: &'static str, body: Vec<u8>| axum::routing::get(async move || ([("content-type", kind)], body));
    let router = axum::Router::new()
        .route("/tin/mau-don.docx", file("application/octet-stream", b"PK-docx".to_vec()))
        .route("/tin/bieu.xls", file("application/vnd.ms-excel", b"xls".to_vec()))
        .route("/tin/chan.pdf", file("application/pdf", b"%PDF".to_vec()))
        .route("/tin/lon.xlsx", file("application/octet-stream", vec![0; (10 << 20) + 1]))
        .route("/tin/mat.doc", file("text/html", b"<h1>404</h1>".to_vec()))
        .route("/tin/doi.doc", axum::routing::get(async || axum::response::Redirect::permanent("/tin/bieu.xls")));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}")
}

#[tokio::test]
async fn what_telegram_does_not_fetch_is_uploaded_once() {
    let (fake, site) = (telegram().await.0, site().await);
    let channel = built("telegram", &format!("{{ token = '{}', api = '{}', documents = true }}", fake.token(), fake.url()));
    let word = "application/msword";
    let tables = "application/vnd.ms-excel";
    let docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    let send = async |files: &[(&str, &str, Option<u64>)]| {
        for message in with_files(channel.as_ref(), &site, files) {
            channel.send(&to(CHAT), &message, "k").await.unwrap();
        }
    };
    fake.bad_photo(&format!("{site}/tin/chan.pdf"));
    let first = [("mau-don.docx", docx, Some(7)), ("bieu.xls", tables, Some(3)), ("chan.pdf", "application/pdf", Some(4))];
    send(&first).await;
    send(&[("mat.doc", word, Some(5)), ("lon.xlsx", tables, Some(5)), ("doi.doc", word, Some(5))]).await;
    send(&first[..1]).await;
    let documents: Vec<String> = fake.messages_in(CHAT).into_iter().filter_map(|m| m.document).collect();
    assert_eq!(documents[..4], ["attach:mau-don.docx", "attach:bieu.xls", "attach:chan.pdf", "attach:doi.doc"]);
    assert!(documents.len() == 5 && documents[4].starts_with("BQAC"), "{documents:?}");
    assert_eq!(fake.messages_in(CHAT).len(), 8, "and each text has come");
}
