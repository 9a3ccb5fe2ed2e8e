//! `zalo-bot` against a strict Bot API server.

use std::sync::Arc;

use loaphuong::channel::{Channel, Doubt, Message, SendError};
use loaphuong::outbox::KnownIds;
use loaphuong::subscription::Address;

use crate::fakes::{BotFault, FakeZaloBot};
use crate::messages::{built, golden};

const CHAT: &str = "6d1c5f0e9a7b";

async fn bot() -> (FakeZaloBot, Arc<dyn Channel>) {
    let fake = FakeZaloBot::start().await;
    fake.chat(CHAT);
    let channel = built("zalo-bot", &format!("{{ token = '{}', api = '{}' }}", fake.token(), fake.url()));
    (fake, channel)
}

fn to() -> Address {
    Address::new("zalo", CHAT)
}

fn with_picture() -> Message {
    golden("zalo-bot").into_iter().find(|message| message.image.is_some()).unwrap()
}

#[tokio::test]
async fn every_golden_message_is_taken_as_it_is() {
    let (fake, channel) = bot().await;
    for message in golden("zalo-bot") {
        channel.send(&to(), &message, "k").await.unwrap();
        let taken = fake.taken().pop().unwrap();
        assert_eq!(taken.photo, message.image.map(|url| url.to_string()));
        assert!(message.text.contains(&serde_json::to_string(&taken.text).unwrap()));
    }
    assert_eq!(fake.refusals(), Vec::<String>::new());
}

#[tokio::test]
async fn a_picture_or_styles_that_are_refused_do_not_keep_the_words_back() {
    let (fake, channel) = bot().await;
    let message = with_picture();
    channel.send(&to(), &message, "k").await.unwrap();
    fake.sees_no_pictures();
    channel.send(&to(), &message, "k").await.unwrap();
    fake.knows_no_styles();
    channel.send(&to(), &message, "k").await.unwrap();
    let taken = fake.taken();
    assert_eq!(taken.iter().map(|t| t.photo.is_some()).collect::<Vec<_>>(), [true, false, false]);
    assert_eq!(taken.iter().map(|t| t.styles.is_null()).collect::<Vec<_>>(), [true, false, true]);
    assert!(taken.iter().all(|t| t.text == taken[0].text));
}

async fn told(fault: BotFault, mirrored: bool) -> (SendError, usize) {
    let (fake, channel) = bot().await;
    if mirrored {
        fake.mirrors();
    }
    let message = golden("zalo-bot").into_iter().find(|message| message.image.is_none()).unwrap();
    // A message is tried without its styles when it is refused for what it is.
    fake.fail_next(fault).fail_next(fault);
    let told = channel.send(&to(), &message, "k").await.unwrap_err();
    assert!(!format!("{told:?}").contains(&fake.token()), "{told:?}");
    (told, fake.taken().len())
}

#[tokio::test]
async fn each_code_means_the_same_by_envelope_and_by_status() {
    for mirrored in [false, true] {
        for code in [403, 408, 429, 500] {
            let (told, taken) = told(BotFault::Refuse(code, "no"), mirrored).await;
            assert!(matches!(told, SendError::Retry { .. }) && taken == 0, "{code}: {told:?}");
        }
        let (down, _) = told(BotFault::Refuse(401, "Unauthorized"), mirrored).await;
        assert!(matches!(down, SendError::Down { .. }), "{down:?}");
        let (gone, _) = told(BotFault::Refuse(404, "chat not found"), mirrored).await;
        assert!(matches!(gone, SendError::Gone { .. }), "{gone:?}");
        let (refused, _) = told(BotFault::Refuse(400, "bad"), mirrored).await;
        assert!(matches!(refused, SendError::Refused { .. }), "{refused:?}");
    }
}

#[tokio::test]
async fn a_lost_answer_stays_in_doubt_and_the_platform_cannot_tell() {
    for fault in [BotFault::LostAnswer, BotFault::HalfAnswer] {
        let (fake, channel) = bot().await;
        fake.fail_next(fault);
        let message = with_picture();
        let told = channel.send(&to(), &message, "k").await;
        assert!(matches!(told, Err(SendError::InDoubt { .. })), "{told:?}");
        assert_eq!(channel.resolve(&to(), &message, &KnownIds::new()).await, Ok(Doubt::Unknown));
        fake.stop().await;
        let asked = channel.resolve(&to(), &message, &KnownIds::new()).await;
        assert!(matches!(asked, Err(SendError::Down { .. })), "while nothing answers it stays open: {asked:?}");
    }
}

#[tokio::test]
async fn a_check_names_the_bot_and_says_whether_groups_can_be_reached() {
    let (fake, channel) = bot().await;
    fake.says(CHAT, "xin chào");
    let checks = channel.check(&[to()]).await;
    assert_eq!((checks[0].holds, checks[1].holds, checks[2].holds), (Some(true), Some(true), None));
    assert!(checks[1].told.contains("Cô Hà") && checks[1].told.contains(CHAT), "{}", checks[1].told);
    assert!(checks[0].told.contains("bot.LoaPhuong") && checks[0].told.contains("groups"), "{}", checks[0].told);
    assert_eq!(fake.calls(), ["getMe", "getUpdates"]);
}

#[test]
fn the_free_plan_is_the_pace() {
    let pace = built("zalo-bot", "{ token = '1:x' }").pace();
    assert_eq!(pace.per_month, Some(3000));
}
