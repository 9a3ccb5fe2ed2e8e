//! Attachments that a Telegram channel uploads: their site is asked once, however many chats get them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta};
use loaphuong::channel::{Channel, Message, SendError};
use loaphuong::outbox::Sent;
use loaphuong::subscription::Address;

use crate::channels::with_files;
use crate::fakes::{FakeTelegram, Fault, Portal, Reply};
use crate::messages::built;

const CHATS: [i64; 4] = [-1_001_000_000_001, -1_001_000_000_002, -1_001_000_000_003, -1_001_000_000_004];
const PATH: &str = "/tin/mau-don.docx";

/// A bot that sends documents to some chats, and a site that may have the document or not.
struct Scene {
    portal: Portal,
    telegram: FakeTelegram,
    channel: Arc<dyn Channel>,
    now: Arc<AtomicI64>,
}

impl Scene {
    async fn new() -> Self {
        let (portal, telegram) = (Portal::start().await, FakeTelegram::start().await);
        telegram.no_limits();
        for chat in CHATS {
            telegram.supergroup(chat);
        }
        let keys = format!("{{ token = '{}', api = '{}', documents = true }}", telegram.token(), telegram.url());
        let channel = built("telegram", &keys);
        let now = Arc::new(AtomicI64::new(1_793_871_000_000));
        let held = now.clone();
        channel.go_by(Arc::new(move || DateTime::from_timestamp_millis(held.load(Ordering::SeqCst)).unwrap()));
        Self { portal, telegram, channel, now }
    }

    fn pass(&self, time: TimeDelta) {
        self.now.fetch_add(time.num_milliseconds(), Ordering::SeqCst);
    }

    /// The document alone.
    fn document(&self) -> Message {
        let kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        with_files(self.channel.as_ref(), &self.portal.url(""), &[("mau-don.docx", kind, Some(7))]).pop().unwrap()
    }

    async fn send(&self, chat: &str) -> Result<Sent, SendError> {
        self.channel.send(&Address::new("bot", chat), &self.document(), "k").await
    }

    async fn to_all(&self) {
        let sends = CHATS.iter().map(async |chat| self.send(&chat.to_string()).await.unwrap());
        futures_util::future::join_all(sends).await;
    }

    fn asked(&self) -> usize {
        self.portal.hits_to(PATH).len()
    }

    fn documents(&self) -> Vec<String> {
        self.telegram.messages().into_iter().filter_map(|message| message.document).collect()
    }
}

#[tokio::test]
async fn a_document_is_not_downloaded_for_every_chat_that_it_goes_to() {
    let scene = Scene::new().await;
    scene.portal.set(PATH, Reply::bytes("application/octet-stream", b"PK-docx".to_vec()));
    scene.telegram.fail_next_in(CHATS[0], Fault::TooMany(3));
    assert!(matches!(scene.send(&CHATS[0].to_string()).await, Err(SendError::Retry { .. })));
    scene.to_all().await;
    assert_eq!((scene.asked(), scene.documents().len()), (1, 4), "{:?}", scene.documents());
    scene.to_all().await;
    assert_eq!((scene.asked(), scene.documents().len()), (1, 8), "Telegram has it");
}

#[tokio::test]
async fn a_document_that_cannot_be_had_is_not_asked_for_again_for_every_chat() {
    let scene = Scene::new().await;
    scene.to_all().await;
    scene.to_all().await;
    assert_eq!((scene.asked(), scene.documents().len()), (1, 0), "its address stands in the text");
    scene.portal.set(PATH, Reply::bytes("application/octet-stream", b"PK-docx".to_vec()));
    scene.pass(TimeDelta::minutes(9));
    scene.to_all().await;
    assert_eq!((scene.asked(), scene.documents().len()), (1, 0));
    scene.pass(TimeDelta::minutes(2));
    scene.to_all().await;
    assert_eq!((scene.asked(), scene.documents().len()), (2, 4), "not for ever");
}

#[tokio::test]
async fn a_document_is_not_downloaded_twice_within_one_send() {
    let scene = Scene::new().await;
    let forum = -1_001_000_000_009;
    scene.telegram.forum(forum, &[17]);
    scene.portal.set(PATH, Reply::bytes("application/octet-stream", b"PK-docx".to_vec()));
    scene.send(&format!("{forum}/18")).await.unwrap();
    assert_eq!((scene.telegram.requests_of("senddocument").len(), scene.asked()), (2, 1), "the topic is no more");
    assert_eq!(scene.documents(), ["attach:mau-don.docx"]);
}

#[tokio::test]
async fn what_is_too_large_for_telegram_is_not_sent_to_it_for_every_chat() {
    let scene = Scene::new().await;
    scene.portal.set(PATH, Reply::bytes("application/octet-stream", b"PK-docx".to_vec()));
    scene.telegram.fail_next_call("senddocument", Fault::Refuse(413, "Request Entity Too Large"));
    for chat in CHATS {
        scene.send(&chat.to_string()).await.unwrap();
    }
    assert_eq!((scene.telegram.requests_of("senddocument").len(), scene.asked()), (1, 1));
}

#[tokio::test]
async fn of_many_documents_only_some_are_kept_and_all_of_them_arrive() {
    let scene = Scene::new().await;
    let kind = "application/msword";
    for round in 0..2 {
        for number in 0..12 {
            let name = format!("tin-{number}.doc");
            scene.portal.set(&format!("/tin/{name}"), Reply::bytes("application/octet-stream", vec![b'x'; 2 << 20]));
            let files = [(name.as_str(), kind, Some(2 << 20))];
            let message = with_files(scene.channel.as_ref(), &scene.portal.url(""), &files).pop().unwrap();
            if round == 0 {
                scene.telegram.fail_next_in(CHATS[0], Fault::TooMany(3));
            }
            let sent = scene.channel.send(&Address::new("bot", CHATS[0].to_string()), &message, "k").await;
            assert_eq!(sent.is_ok(), round == 1, "{sent:?}");
        }
    }
    let asked = scene.portal.hits().len();
    assert_eq!(scene.documents().len(), 12);
    assert!((16..=24).contains(&asked), "{asked}: some of them had to go");
}
