//! `zalo-oa` against a strict server, with a real store as its memory.

use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use loaphuong::channel::{Channel, Doubt, Keep, Message, SendError};
use loaphuong::outbox::KnownIds;
use loaphuong::store::{Access, Store};
use loaphuong::subscription::Address;
use serde_json::Value;
use tempfile::TempDir;

use crate::fakes::{FakeZaloOa, Gate, OA, OaFault, OauthFault};
use crate::house::House;
use crate::messages::{built, each};

const USER: &str = "user/5170627724267093288";

/// A server, and the store that channels to it share.
pub(crate) struct Scene {
    pub(crate) fake: FakeZaloOa,
    dir: TempDir,
    store: Arc<Store>,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path()).await;
        Self { fake: FakeZaloOa::start().await, dir, store }
    }

    /// A channel as a process has it that starts now with this pair in its config.
    fn channel_with(&self, access: &str, refresh: &str) -> Arc<dyn Channel> {
        let channel = built("zalo-oa", &self.fake.keys(access, refresh));
        channel.attach(self.store.clone());
        channel
    }

    pub(crate) fn channel(&self) -> Arc<dyn Channel> {
        self.channel_with("acc-0-never-to-be-seen", "ref-0-never-to-be-seen")
    }

    async fn remembered(&self) -> Value {
        serde_json::from_str(&self.store.get("zalo-test").await.unwrap().unwrap()).unwrap()
    }

    /// The pair becomes older, in the store and beside it.
    async fn age(&self, by: TimeDelta) {
        let mut grant = self.remembered().await;
        for key in ["obtained", "expires", "refreshing_since"] {
            if let Some(at) = grant[key].as_str() {
                grant[key] = serde_json::to_value(at.parse::<DateTime<Utc>>().unwrap() - by).unwrap();
            }
        }
        self.store.put("zalo-test", &grant.to_string(), Utc::now()).await.unwrap();
        self.store.put_copy("zalo-test", &grant.to_string()).unwrap();
    }
}

async fn open(dir: &Path) -> Arc<Store> {
    Arc::new(Store::open("sqlite://kho.db", dir, Access::Beside).await.unwrap_or_else(|e| panic!("{e:?}")))
}

/// What this channel makes of each case, with the case's name.
static GOLDEN: LazyLock<Vec<(String, Message)>> = LazyLock::new(|| {
    let all = Mutex::new(Vec::new());
    each(|case, kind, _, messages| {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let named = messages.iter().map(|message| (name.clone(), message.clone()));
        all.lock().unwrap().extend(named.filter(|_| kind == "zalo-oa"));
    });
    all.into_inner().unwrap()
});

fn golden(case: &str) -> Message {
    GOLDEN.iter().find(|(name, _)| name == case).map(|(_, message)| message.clone()).unwrap()
}

async fn send(channel: &Arc<dyn Channel>, to: &str) -> Result<Vec<String>, SendError> {
    channel.send(&Address::new("oa", to), &golden("article"), "k").await.map(|sent| sent.ids)
}

async fn resolve(channel: &Arc<dyn Channel>, to: &str) -> Result<Doubt, SendError> {
    channel.resolve(&Address::new("oa", to), &golden("article"), &KnownIds::new()).await
}

fn is_down(told: &Result<Vec<String>, SendError>) -> bool {
    matches!(told, Err(SendError::Down { .. }))
}

#[tokio::test]
async fn a_reply_and_a_group_message_are_sent_with_the_pasted_token() {
    let scene = Scene::new().await;
    let channel = scene.channel();
    for to in [USER, "group/f414c8f76fa586fbdfb4"] {
        send(&channel, to).await.unwrap();
        assert_eq!(scene.fake.seen().pop().unwrap().at, to);
    }
    assert_eq!((scene.fake.renewal_requests(), scene.fake.refusals()), (0, Vec::new()));
}

#[tokio::test]
async fn an_old_pair_is_renewed_once_and_remembered_before_it_is_used() {
    for lasts in [serde_json::json!("90000"), serde_json::json!(90_000)] {
        let scene = Scene::new().await;
        scene.fake.lasts(lasts);
        let channel = scene.channel();
        send(&channel, USER).await.unwrap();
        scene.age(TimeDelta::hours(20)).await;
        send(&channel, USER).await.unwrap();
        send(&channel, USER).await.unwrap();
        assert_eq!((scene.fake.renewals(), scene.fake.refusals()), (1, Vec::new()));
        let (access, refresh) = scene.fake.pair();
        let grant = scene.remembered().await;
        assert_eq!((grant["access"].as_str(), grant["refresh"].as_str()), (Some(access.as_str()), Some(refresh.as_str())));
        let file = scene.dir.path().join("tokens/zalo-test.json");
        assert_eq!(serde_json::from_str::<Value>(&std::fs::read_to_string(&file).unwrap()).unwrap(), grant);
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions()) & 0o777, 0o600);
        // Another start goes on with it, though the config still holds the first pair.
        send(&scene.channel(), USER).await.unwrap();
        assert_eq!(scene.fake.renewal_requests(), 1);
    }
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_however_long_it_was_to_last() {
    let scene = Scene::new().await;
    let channel = scene.channel();
    send(&channel, USER).await.unwrap();
    scene.fake.expire();
    send(&channel, USER).await.unwrap();
    assert_eq!((scene.fake.renewals(), scene.fake.seen().len()), (1, 2));
    // Refused again at once: not renewed again and again.
    scene.fake.expire();
    for _ in 0..5 {
        let told = send(&channel, USER).await;
        assert!(is_down(&told), "{told:?}");
    }
    assert_eq!(scene.fake.renewal_requests(), 1);
}

#[tokio::test]
async fn a_young_token_that_worked_and_is_refused_now_is_renewed_after_a_minute() {
    let scene = Scene::new().await;
    let channel = scene.channel();
    send(&channel, USER).await.unwrap();
    for renewals in 1..4 {
        scene.fake.expire();
        scene.age(TimeDelta::minutes(2)).await;
        send(&channel, USER).await.unwrap();
        assert_eq!(scene.fake.renewals(), renewals);
    }
}

#[tokio::test]
async fn two_processes_renew_once() {
    let scene = Scene::new().await;
    let first = scene.channel();
    send(&first, USER).await.unwrap();
    scene.age(TimeDelta::hours(26)).await;
    let gate = Gate::new();
    scene.fake.fail_renewal(OauthFault::Hang(gate.clone()));
    let slow = tokio::spawn(async move { send(&first, USER).await });
    gate.reached().await;
    let elsewhere = built("zalo-oa", &scene.fake.keys("acc-0-never-to-be-seen", "ref-0-never-to-be-seen"));
    elsewhere.attach(open(scene.dir.path()).await);
    let told = send(&elsewhere, USER).await;
    assert!(is_down(&told), "the other waits: {told:?}");
    gate.open();
    slow.await.unwrap().unwrap();
    send(&elsewhere, USER).await.unwrap();
    assert_eq!((scene.fake.renewal_requests(), scene.fake.renewals()), (1, 1));
}

#[tokio::test]
async fn a_send_that_is_given_up_does_not_lose_the_pair() {
    let scene = Scene::new().await;
    let channel = scene.channel();
    send(&channel, USER).await.unwrap();
    scene.age(TimeDelta::hours(26)).await;
    let gate = Gate::new();
    scene.fake.fail_renewal(OauthFault::Hang(gate.clone()));
    let sending = tokio::spawn({
        let channel = channel.clone();
        async move { send(&channel, USER).await }
    });
    gate.reached().await;
    sending.abort();
    sending.await.unwrap_err();
    gate.open();
    send(&channel, USER).await.unwrap();
    assert_eq!((scene.fake.renewal_requests(), scene.fake.renewals()), (1, 1));
}

#[tokio::test]
async fn a_crash_before_the_answer_was_written_is_followed_by_one_try_and_then_by_words() {
    let scene = Scene::new().await;
    let channel = scene.channel();
    send(&channel, USER).await.unwrap();
    scene.age(TimeDelta::hours(21)).await;
    scene.fake.fail_renewal(OauthFault::LostAnswer);
    // The token of 25 hours still works, unless the server ended it: here it did.
    let told = send(&channel, USER).await;
    assert!(is_down(&told), "{told:?}");
    assert!(scene.remembered().await["refreshing_since"].is_string(), "what began was committed first");
    let again = scene.channel();
    for _ in 0..3 {
        assert!(is_down(&send(&again, USER).await));
    }
    assert_eq!(scene.fake.renewal_requests(), 1, "not within a minute");
    scene.age(TimeDelta::seconds(61)).await;
    let told = send(&again, USER).await;
    let Err(SendError::Down { cause, .. }) = told else { panic!("{told:?}") };
    assert!(cause.contains("explorer") && !cause.contains("never-to-be-seen"), "{cause}");
    for _ in 0..3 {
        assert!(is_down(&send(&again, USER).await));
    }
    assert_eq!((scene.fake.renewal_requests(), scene.fake.renewals()), (2, 1), "and no more");
}

#[tokio::test]
async fn a_lost_answer_before_anything_was_done_is_made_good() {
    let scene = Scene::new().await;
    let channel = scene.channel();
    send(&channel, USER).await.unwrap();
    scene.age(TimeDelta::hours(26)).await;
    scene.fake.fail_renewal(OauthFault::Reset).fail_renewal(OauthFault::Html504);
    assert!(is_down(&send(&channel, USER).await));
    scene.age(TimeDelta::seconds(61)).await;
    send(&channel, USER).await.unwrap_err();
    scene.age(TimeDelta::seconds(61)).await;
    send(&channel, USER).await.unwrap();
    assert_eq!(scene.fake.renewals(), 1);
}

#[tokio::test]
async fn a_file_newer_than_its_row_is_the_truth() {
    let scene = Scene::new().await;
    let channel = scene.channel();
    send(&channel, USER).await.unwrap();
    let before = scene.store.get("zalo-test").await.unwrap().unwrap();
    scene.age(TimeDelta::hours(26)).await;
    send(&channel, USER).await.unwrap();
    // A backup of the database comes back; the file knows better.
    let mut old: Value = serde_json::from_str(&before).unwrap();
    old["obtained"] = serde_json::to_value(Utc::now() - TimeDelta::hours(26)).unwrap();
    scene.store.put("zalo-test", &old.to_string(), Utc::now()).await.unwrap();
    send(&scene.channel(), USER).await.unwrap();
    assert_eq!((scene.fake.renewal_requests(), scene.fake.renewals()), (1, 1));
}

#[tokio::test]
async fn consent_that_is_needed_is_told_and_a_pasted_pair_ends_it() {
    let scene = Scene::new().await;
    // Another installation used the refresh token: empty, then for ever.
    let thief = scene.channel();
    send(&thief, USER).await.unwrap();
    scene.age(TimeDelta::hours(26)).await;
    send(&thief, USER).await.unwrap();
    let ours = Scene { fake: scene.fake.clone(), dir: tempfile::tempdir().unwrap(), store: scene.store.clone() };
    let ours = Scene { store: open(ours.dir.path()).await, ..ours };
    let channel = ours.channel();
    for _ in 0..3 {
        let told = send(&channel, USER).await;
        let Err(SendError::Down { cause, .. }) = told else { panic!("{told:?}") };
        assert!(cause.contains("API Explorer") || cause.contains("explorer"), "{cause}");
    }
    assert_eq!(scene.fake.renewal_requests(), 2, "the used token is tried once");
    let checks = channel.check(&[]).await;
    assert!(checks.iter().any(|checked| checked.holds == Some(false) && checked.told.contains("explorer")), "{checks:?}");
    scene.fake.consent();
    let (access, refresh) = scene.fake.pair();
    send(&ours.channel_with(&access, &refresh), USER).await.unwrap();
}

#[tokio::test]
async fn nonsense_never_replaces_a_pair() {
    for answer in ["{\"access_token\":\"\",\"refresh_token\":\"\"}", "{\"error\":-14002,\"error_name\":\"Invalid app\"}", "[]"] {
        let scene = Scene::new().await;
        let channel = scene.channel();
        send(&channel, USER).await.unwrap();
        scene.age(TimeDelta::hours(26)).await;
        scene.fake.fail_renewal(OauthFault::Say(serde_json::from_str(answer).unwrap()));
        assert!(is_down(&send(&channel, USER).await), "{answer}");
        assert_eq!(scene.remembered().await["refresh"], "ref-0-never-to-be-seen", "{answer}");
        scene.age(TimeDelta::seconds(61)).await;
        send(&channel, USER).await.unwrap();
    }
}

#[tokio::test]
async fn without_a_store_nothing_that_works_once_is_used() {
    let scene = Scene::new().await;
    let channel = built("zalo-oa", &scene.fake.good_keys());
    send(&channel, USER).await.unwrap();
    scene.fake.expire();
    assert!(is_down(&send(&channel, USER).await));
    assert_eq!(scene.fake.renewal_requests(), 0);
}

#[tokio::test]
async fn an_article_is_made_once_and_waited_for() {
    let scene = Scene::new().await;
    let channel = scene.channel();
    scene.fake.slow(2);
    for _ in 0..2 {
        let told = send(&channel, "article").await;
        assert!(matches!(told, Err(SendError::Retry { after: Some(_), .. })), "{told:?}");
    }
    // Another process goes on where this one was.
    assert_eq!(send(&scene.channel(), "article").await.unwrap(), ["article-0"]);
    assert_eq!(send(&channel, "article").await.unwrap(), ["article-0"]);
    assert_eq!((scene.fake.articles().len(), scene.fake.refusals()), (1, Vec::new()));
}

#[tokio::test]
async fn an_article_whose_answer_was_lost_is_found_by_its_title() {
    let scene = Scene::new().await;
    let channel = scene.channel();
    scene.fake.fail_next(OaFault::LostAnswer);
    let told = send(&channel, "article").await;
    assert!(matches!(told, Err(SendError::InDoubt { .. })), "{told:?}");
    assert!(matches!(resolve(&channel, "article").await, Ok(Doubt::Delivered(_))));
    scene.fake.fail_next(OaFault::Html(502));
    let other = Address::new("oa", "article");
    let message = golden("picture");
    assert!(matches!(channel.send(&other, &message, "k").await, Err(SendError::InDoubt { .. })));
    assert_eq!(channel.resolve(&other, &message, &KnownIds::new()).await, Ok(Doubt::NotDelivered));
    channel.send(&other, &message, "k").await.unwrap();
    assert_eq!((scene.fake.articles().len(), scene.fake.refusals()), (2, Vec::new()));
}

#[tokio::test]
async fn a_picture_that_is_refused_gives_way_to_the_general_cover() {
    let scene = Scene::new().await;
    scene.fake.picky();
    scene.channel().send(&Address::new("oa", "article"), &golden("picture"), "k").await.unwrap();
    assert_eq!(scene.fake.covers(), ["https://phuong.example/bia.jpg"]);
}

#[tokio::test]
async fn a_broadcast_at_night_waits_for_the_morning_and_makes_its_article_once() {
    let scene = Scene::new().await;
    let channel = scene.channel();
    scene.fake.hour(23);
    let told = send(&channel, "broadcast").await;
    let Err(SendError::Retry { after: Some(after), .. }) = told else { panic!("{told:?}") };
    let then = (Utc::now() + after).with_timezone(&chrono_tz::Asia::Ho_Chi_Minh);
    assert!(then.hour() == 6 && (4..=16).contains(&then.minute()), "{then}");
    scene.fake.hour(6);
    send(&channel, "broadcast").await.unwrap();
    assert_eq!((scene.fake.articles().len(), scene.fake.seen().len(), scene.fake.refusals()), (1, 1, Vec::new()));
}

#[tokio::test]
async fn followers_are_told_once_even_when_nobody_knows() {
    for fault in [OaFault::LostAnswer, OaFault::Html(504), OaFault::Code(-200, "Unknown error")] {
        let scene = Scene::new().await;
        let channel = scene.channel();
        send(&channel, "article").await.unwrap();
        scene.fake.fail_next(fault);
        let told = send(&channel, "broadcast").await;
        assert!(matches!(told, Err(SendError::InDoubt { .. })), "{told:?}");
        let other_start = scene.channel();
        assert_eq!(resolve(&other_start, "broadcast").await, Ok(Doubt::Unknown));
        let told = send(&other_start, "broadcast").await;
        assert!(matches!(&told, Err(SendError::Refused { cause }) if cause.contains("letters retry")), "{told:?}");
        let seen = scene.fake.seen().len();
        assert!(seen <= 1);
        // Whoever asks for it after that has looked.
        send(&other_start, "broadcast").await.unwrap();
        assert_eq!(scene.fake.seen().len(), seen + 1);
        assert_eq!(
            resolve(&other_start, "broadcast").await,
            Ok(Doubt::Delivered(loaphuong::outbox::Sent { ids: vec![format!("b-{}", seen + 1)] }))
        );
    }
}

#[tokio::test]
async fn a_digest_is_one_broadcast_of_five_articles() {
    let scene = Scene::new().await;
    scene.channel().send(&Address::new("oa", "broadcast"), &golden("digest-of-many"), "k").await.unwrap();
    let seen = scene.fake.seen();
    assert_eq!((seen.len(), seen[0].text.lines().count(), scene.fake.articles().len()), (1, 5, 5));
    assert_eq!(scene.fake.refusals(), Vec::<String>::new());
}

#[tokio::test]
async fn every_golden_message_is_taken_in_every_way() {
    let scene = Scene::new().await;
    let channel = scene.channel();
    for (_, message) in GOLDEN.iter() {
        for to in [USER, "group/f414c8f76fa586fbdfb4", "article", "broadcast"] {
            let sent = channel.send(&Address::new("oa", to), message, "k").await;
            assert!(sent.is_ok(), "{to}: {sent:?}: {}", message.text);
        }
    }
    assert_eq!(scene.fake.refusals(), Vec::<String>::new());
}

#[tokio::test]
async fn too_many_calls_wait_for_the_next_minute() {
    let scene = Scene::new().await;
    scene.fake.remain(1);
    let channel = scene.channel();
    send(&channel, USER).await.unwrap();
    let told = send(&channel, USER).await;
    let Err(SendError::Down { after: Some(after), .. }) = told else { panic!("{told:?}") };
    assert!((1..=61).contains(&after.as_secs()), "{after:?}");
    assert_eq!(
        (scene.fake.seen().len(), scene.fake.calls().len(), scene.fake.refusals()),
        (1, 1, Vec::new()),
        "what is left is read ahead"
    );
}

#[tokio::test]
async fn a_check_names_the_account() {
    let scene = Scene::new().await;
    let checks = scene.channel().check(&[Address::new("oa", "broadcast")]).await;
    assert!(checks[0].told.contains("Phường Thổ Quan") && checks[0].told.contains("1234"), "{}", checks[0].told);
    assert!(checks.iter().all(|checked| checked.holds != Some(false)));
}

/// A ward whose news goes to a group of its account, with the pair in a file.
fn ward(fake: &FakeZaloOa) -> House {
    let (app, secret, url) = (fake.app(), fake.secret(), fake.url());
    let house = House::new(&format!(
        "[[sources]]\nname = \"tho-quan\"\nkind = \"folder\"\npath = \"news\"\n\
         [[channels]]\nname = \"oa\"\nkind = \"zalo-oa\"\napp_id = \"{app}\"\nsecret = \"{secret}\"\noa_id = \"{OA}\"\n\
         tokens = {{ file = \"secrets/oa\" }}\napi = \"{url}\"\noauth = \"{url}\"\ncover = \"https://phuong.example/bia.jpg\"\npace = \"off\"\n\
         [[subscriptions]]\nfeed = \"tho-quan\"\nto = \"oa:broadcast\"\nwelcome = 1\n"
    ));
    house.write("news/2026-11-06-cat-nuoc.txt", "Tạm ngừng cấp nước\n\nTừ 8 giờ đến 11 giờ ngày mai tại ngõ 15.\n");
    house
}

#[tokio::test]
async fn news_is_kept_while_consent_is_needed_and_goes_out_once_it_is_given() {
    let fake = FakeZaloOa::start().await;
    let house = ward(&fake);
    house.write("secrets/oa", "acc-unknown\nref-unknown\n");
    for round in 0..3 {
        let outcome = house.once().await;
        assert_eq!((outcome.held, outcome.dead), (1, 0), "round {round}");
        assert!(outcome.troubles.iter().any(|(name, told)| name == "oa" && told.contains("explorer")), "{:?}", outcome.troubles);
        house.pass(TimeDelta::minutes(11));
    }
    assert_eq!(fake.renewal_requests(), 1, "a token that is not known is tried once");
    fake.consent();
    let (access, refresh) = fake.pair();
    house.write("secrets/oa", &format!("{access}\n{refresh}\n"));
    assert!(house.once().await.all_well());
    assert_eq!((fake.seen().len(), fake.articles().len(), fake.refusals()), (1, 1, Vec::new()));
}

#[tokio::test]
async fn a_broadcast_whose_answer_is_lost_becomes_a_dead_letter_that_an_admin_decides_on() {
    let fake = FakeZaloOa::start().await;
    let house = ward(&fake);
    house.write("secrets/oa", &format!("{}\n{}\n", fake.pair().0, fake.pair().1));
    fake.lose_broadcast();
    let mut dead = house.once().await.dead;
    for _ in 0..3 {
        house.pass(TimeDelta::minutes(2));
        dead += house.once().await.dead;
    }
    assert_eq!((fake.seen().len(), dead), (1, 1), "followers were told once");
    let letters = house.store().await.dead_letters(10).await.unwrap();
    assert!(letters[0].cause.contains("OA Manager"), "{letters:?}");
}
