//! Bad inputs of Zalo, each by its id: those of an Official Account's answers and of both channels'
//! texts. What concerns its tokens (zalo-001 to -007) is in `zalo_oa`.

use chrono::{Timelike as _, Utc};
use loaphuong::channel::SendError;
use loaphuong::subscription::Address;

use crate::conformance::{laid_out, noticed};
use crate::fakes::{FakeZaloBot, FakeZaloOa, OA, OaFault, OauthFault};
use crate::house::House;
use crate::messages::built;
use crate::zalo_oa::Scene;

/// What the outbox does next, and in how many seconds.
fn next(told: SendError) -> (&'static str, Option<u64>) {
    let seconds = |after: Option<std::time::Duration>| after.map(|after| after.as_secs());
    match told {
        SendError::Retry { after, .. } => ("retry", seconds(after)),
        SendError::Down { after, .. } => ("down", seconds(after)),
        SendError::InDoubt { .. } => ("doubt", None),
        SendError::Gone { .. } | SendError::Ended { .. } => ("gone", None),
        SendError::Moved { .. } => ("moved", None),
        SendError::Refused { .. } => ("refused", None),
    }
}

#[tokio::test]
async fn what_the_open_api_answers() {
    let until_morning = {
        let now = Utc::now().with_timezone(&chrono_tz::Asia::Ho_Chi_Minh);
        let minutes = u64::from((6 * 60 + 5 + 24 * 60 - now.hour() * 60 - now.minute()) % (24 * 60));
        minutes.saturating_sub(2) * 60..=(minutes + 12) * 60
    };
    let day = 24 * 3600;
    let cases = [
        ("zalo-008", OaFault::Html(504), "doubt", None),
        ("zalo-009 a minute", OaFault::Code(-32, "Your application reach limit call api per minute."), "down", Some(1..=62)),
        ("zalo-009 a month", OaFault::Code(-211, "Out of quota"), "down", Some(day..=day)),
        ("zalo-010", OaFault::Code(-234, "Not allowed at night"), "retry", Some(until_morning)),
        ("zalo-011", OaFault::Code(-213, "User has not followed OA"), "gone", None),
        ("zalo-012", OaFault::Code(-200, "Unknown error"), "doubt", None),
    ];
    for (id, fault, want, wait) in cases {
        let fake = FakeZaloOa::start().await;
        let channel = built("zalo-oa", &fake.good_keys());
        let message = laid_out(&*channel, &[noticed("Lịch cắt điện", "<p>Ngõ 15.</p>")]).remove(0);
        fake.fail_next(fault);
        let told = channel.send(&Address::new("oa", "user/5170627724267093288"), &message, "k").await.unwrap_err();
        let (kind, after) = next(told.clone());
        assert_eq!(kind, want, "{id}: {told:?}");
        assert!(wait.is_none_or(|wait| after.is_some_and(|after| wait.contains(&after))), "{id}: {told:?}");
    }
}

#[tokio::test]
async fn zalo_008_a_gateway_before_the_token_server_is_asked_again() {
    let scene = Scene::new().await;
    let channel = scene.channel();
    scene.fake.expire().fail_renewal(OauthFault::Html504);
    let message = laid_out(&*channel, &[noticed("Lịch cắt điện", "<p>Ngõ 15.</p>")]).remove(0);
    let to = Address::new("oa", "user/5170627724267093288");
    let told = channel.send(&to, &message, "k").await.unwrap_err();
    assert_eq!(next(told.clone()).0, "down", "{told:?}");
    assert!(!told.cause().contains("oauth/"), "no consent is asked for");
}

#[test]
fn zalo_016_ids_beyond_what_a_number_holds_exactly_stay_what_they_are() {
    for id in [format!("\"{OA}\""), OA.to_owned()] {
        let house = House::new(&format!(
            "[[sources]]\nname = \"a\"\nkind = \"folder\"\npath = \"news\"\n\
             [[channels]]\nname = \"oa\"\nkind = \"zalo-oa\"\napp_id = {id}\noa_id = {id}\nsecret = \"x\"\n\
             [[subscriptions]]\nfeed = \"a\"\nto = \"oa:user/5170627724267093288\"\n"
        ));
        let config = house.config();
        assert_eq!(config.subscriptions[0].to.chat(), "user/5170627724267093288");
    }
}

#[tokio::test]
async fn zalo_017_a_text_over_the_limit_is_cut_at_a_word() {
    let (bot, oa) = (FakeZaloBot::start().await, FakeZaloOa::start().await);
    bot.chat("6d1c5f0e9a7b");
    let text = format!("<p>{}</p>", "thông báo ".repeat(201));
    let zalo = built("zalo-bot", &format!("{{ token = '{}', api = '{}' }}", bot.token(), bot.url()));
    let account = built("zalo-oa", &oa.good_keys());
    for (channel, to) in [(&zalo, "6d1c5f0e9a7b"), (&account, "group/f414c8f76fa586fbdfb4")] {
        let message = laid_out(&**channel, &[noticed("Tin", &text)]).remove(0);
        channel.send(&Address::new("zalo", to), &message, "k").await.unwrap();
    }
    for taken in [bot.taken()[0].text.clone(), oa.seen()[0].text.clone()] {
        let cut = taken.split("\n\n").find(|part| part.ends_with('…')).unwrap();
        assert!(taken.chars().count() <= 2000 && (cut.ends_with("thông…") || cut.ends_with("báo…")), "{taken}");
    }
    assert_eq!((bot.refusals(), oa.refusals()), (Vec::new(), Vec::new()));
}
