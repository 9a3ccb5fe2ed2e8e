//! Hours, rhythm and topics that people change while news waits: on both engines, nothing is lost and
//! nothing comes twice.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use loaphuong::channel::{Heard, Place, Said};
use loaphuong::entry::Entry;
use loaphuong::outbox::{Sent, Verdict};
use loaphuong::phrases::Language;
use loaphuong::schedule::{Quiet, Schedule};
use loaphuong::store::{Batch, Deed, Policies, Policy, Settled, Store};
use loaphuong::subscription::{Address, Filter, Subscription};

use crate::store::{Fixture, ZONE, at, catalog, entry, on_both_engines, saved_for_all, subscription, take};

on_both_engines! {
    what_waits_is_gathered_and_comes_once_at_its_time
    what_was_gathered_goes_now_once_it_is_not_wanted_together
    what_waits_for_now_waits_for_the_end_of_quiet_hours
    what_is_urgent_to_the_house_goes_through_what_people_chose
    what_other_topics_drop_comes_back_in_time
    a_digest_whose_time_has_come_is_not_put_off_by_other_topics
    what_was_tried_keeps_its_turn
    a_setting_commits_with_the_mark_that_it_was_asked_for
    a_setting_of_who_left_changes_nothing
    a_correction_waits_for_the_hours_that_people_chose
    news_that_is_brought_while_people_choose_goes_by_what_they_chose
}

/// `at(0)` is 21:13:20 in Hà Nội; these are the first minutes after 22:00, 6:00 and 7:00.
const NIGHT: i64 = 47;
const SIX: i64 = 527;
const SEVEN: i64 = 587;

fn one() -> Subscription {
    subscription("bot:7")
}

fn digest(of: &Subscription) -> Subscription {
    Subscription { schedule: Schedule::parse("0 7 * * *", ZONE).ok(), digest: true, ..of.clone() }
}

fn quiet(of: &Subscription) -> Subscription {
    Subscription { quiet: Quiet::parse("22:00-06:00", ZONE), ..of.clone() }
}

fn only(of: &Subscription, word: &str) -> Subscription {
    Subscription { filter: Filter { include: vec![word.to_owned()], ..Filter::default() }, ..of.clone() }
}

/// Somebody follows a source that was read before.
async fn followed(fixture: &Fixture, subscription: &Subscription) -> Arc<Store> {
    let store = fixture.open().await;
    store.sync(&catalog(&["a"], &[]), at(0)).await.unwrap();
    saved_for_all(&store, 0, Vec::new(), &[]).await;
    store.subscribe(subscription, &[], at(0)).await.unwrap();
    store
}

/// These are on the list now; what is new is brought to who follows.
async fn news(store: &Store, minute: i64, numbers: &[i64]) {
    saved_for_all(store, minute, numbers.iter().rev().map(|number| entry(*number)).collect(), &[]).await;
    spread(store, minute).await;
}

async fn spread(store: &Store, minute: i64) {
    while store.fan_out_some(ZONE, &["khẩn cấp".to_owned()], at(minute)).await.unwrap().is_some() {}
}

async fn tune(store: &Store, to: &Subscription, minute: i64) {
    store.tune(to, ZONE, at(minute)).await.unwrap();
}

fn titles(batch: &Batch) -> Vec<String> {
    batch.deliveries.iter().map(|delivery| delivery.entry.entry.title.clone()).collect()
}

async fn settle(store: &Store, batch: &Batch, minute: i64, verdict: Verdict) {
    let ids: Vec<i64> = batch.deliveries.iter().map(|delivery| delivery.id).collect();
    store.settle(batch, &ids, verdict, Settled::default(), at(minute)).await.unwrap();
}

/// What leaves at this minute, message by message.
async fn sent(store: &Store, minute: i64) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    while let Some(batch) = take(store, minute, 1).await.pop() {
        settle(store, &batch, minute, Verdict::Sent(Sent { ids: vec![format!("m{}", all.len())] })).await;
        all.push(titles(&batch));
    }
    all
}

fn none() -> Vec<Vec<String>> {
    Vec::new()
}

async fn what_waits_is_gathered_and_comes_once_at_its_time(fixture: Fixture) {
    let store = followed(&fixture, &one()).await;
    news(&store, 1, &[1]).await;
    tune(&store, &digest(&one()), 2).await;
    assert_eq!(store.subscriptions_of(&one().to, ZONE).await.unwrap(), [digest(&one())]);
    news(&store, 3, &[1, 2]).await;
    assert_eq!(sent(&store, 4).await, none());
    store.close().await;
    drop(store);
    let store = fixture.open().await;
    assert_eq!(sent(&store, SEVEN - 1).await, none());
    assert_eq!(sent(&store, SEVEN).await, [["Tin số 1", "Tin số 2"]], "one message, after a restart");
    tune(&store, &digest(&one()), SEVEN).await;
    assert_eq!((sent(&store, SEVEN + 1).await, store.next_delivery("bot").await.unwrap()), (none(), None));
    store.close().await;
}

async fn what_was_gathered_goes_now_once_it_is_not_wanted_together(fixture: Fixture) {
    let store = followed(&fixture, &digest(&one())).await;
    news(&store, 1, &[1, 2]).await;
    assert_eq!(sent(&store, 2).await, none());
    tune(&store, &one(), 3).await;
    assert_eq!(sent(&store, 3).await, [["Tin số 1"], ["Tin số 2"]]);
    news(&store, 4, &[1, 2, 3]).await;
    assert_eq!(sent(&store, 4).await, [["Tin số 3"]]);
    assert_eq!(sent(&store, SEVEN).await, none(), "nothing comes again with the digest that is no more");
    store.close().await;
}

async fn what_waits_for_now_waits_for_the_end_of_quiet_hours(fixture: Fixture) {
    let store = followed(&fixture, &one()).await;
    news(&store, NIGHT, &[1]).await;
    tune(&store, &quiet(&one()), NIGHT).await;
    news(&store, NIGHT + 1, &[1, 2]).await;
    assert_eq!(sent(&store, NIGHT + 2).await, none());
    assert_eq!(sent(&store, SIX - 1).await, none());
    tune(&store, &digest(&quiet(&one())), SIX - 1).await;
    assert_eq!(sent(&store, SIX).await, none(), "it is gathered now");
    tune(&store, &quiet(&one()), SIX).await;
    assert_eq!(sent(&store, SIX).await, [["Tin số 1"], ["Tin số 2"]]);
    news(&store, SIX + 16 * 60, &[1, 2, 3]).await;
    assert_eq!(sent(&store, SIX + 16 * 60).await, none());
    tune(&store, &one(), SIX + 16 * 60 + 1).await;
    assert_eq!(sent(&store, SIX + 16 * 60 + 1).await, [["Tin số 3"]], "any time is now");
    store.close().await;
}

async fn what_is_urgent_to_the_house_goes_through_what_people_chose(fixture: Fixture) {
    let store = followed(&fixture, &quiet(&digest(&one()))).await;
    let urgent = Entry { title: "Sơ tán khẩn cấp".to_owned(), ..entry(2) };
    saved_for_all(&store, NIGHT, vec![urgent, entry(1)], &[]).await;
    spread(&store, NIGHT).await;
    tune(&store, &quiet(&one()), NIGHT).await;
    let batch = take(&store, NIGHT, 1).await.remove(0);
    assert_eq!((titles(&batch), batch.urgent, batch.digest), (vec!["Sơ tán khẩn cấp".to_owned()], true, false));
    settle(&store, &batch, NIGHT, Verdict::Sent(Sent::default())).await;
    assert_eq!(sent(&store, NIGHT + 1).await, none());
    assert_eq!(sent(&store, SIX).await, [["Tin số 1"]]);
    store.close().await;
}

async fn what_other_topics_drop_comes_back_in_time(fixture: Fixture) {
    let evening = digest(&one());
    let store = followed(&fixture, &evening).await;
    news(&store, 1, &[1, 2, 3]).await;
    tune(&store, &only(&evening, "số 1"), 2).await;
    tune(&store, &only(&evening, "số 3"), 3).await;
    tune(&store, &evening, 4).await;
    tune(&store, &only(&evening, "số 2"), 5).await;
    tune(&store, &Subscription { filter: Filter { exclude: vec!["số 2".to_owned()], ..Filter::default() }, ..evening.clone() }, 6).await;
    assert_eq!(sent(&store, SEVEN).await, [["Tin số 1", "Tin số 3"]]);
    tune(&store, &evening, SEVEN + 1).await;
    assert_eq!(sent(&store, SEVEN + 24 * 60).await, none(), "what was not wanted in its time is over");
    store.close().await;
}

async fn a_digest_whose_time_has_come_is_not_put_off_by_other_topics(fixture: Fixture) {
    let store = followed(&fixture, &digest(&one())).await;
    news(&store, 1, &[1, 2]).await;
    tune(&store, &only(&digest(&one()), "số 2"), SEVEN).await;
    assert_eq!(sent(&store, SEVEN).await, [["Tin số 2"]]);
    store.close().await;
}

async fn what_was_tried_keeps_its_turn(fixture: Fixture) {
    let store = followed(&fixture, &one()).await;
    news(&store, 1, &[1, 2]).await;
    let tried = take(&store, 1, 1).await.remove(0);
    tune(&store, &digest(&one()), 2).await;
    settle(&store, &tried, 2, Verdict::Later { due: at(5), cause: "busy".to_owned(), counts: true }).await;
    tune(&store, &digest(&one()), 3).await;
    assert_eq!(sent(&store, 4).await, none());
    assert_eq!(sent(&store, 5).await, [["Tin số 1"]], "as it was tried, alone");
    news(&store, 6, &[1, 2, 3]).await;
    assert_eq!(sent(&store, SEVEN).await, [["Tin số 2", "Tin số 3"]]);
    store.close().await;
}

async fn a_setting_commits_with_the_mark_that_it_was_asked_for(fixture: Fixture) {
    let store = followed(&fixture, &one()).await;
    news(&store, 1, &[1]).await;
    let said = Said::Words("gửi gộp mỗi sáng 7h".to_owned());
    let heard = Heard { id: "1".into(), chat: one().to, named: None, speaker: "7".into(), place: Place::Private, manages: None, said };
    store.hear("bot", &[(heard, Some(at(2)))], at(2)).await.unwrap();
    let first = store.claim_heard("bot", at(2), TimeDelta::minutes(2), 1, &[]).await.unwrap().remove(0);
    let again = store.claim_heard("bot", at(5), TimeDelta::minutes(2), 1, &[]).await.unwrap().remove(0);
    let deeds = [Deed::Tune(Box::new(digest(&one())), ZONE)];
    assert!(!store.conclude_heard(&first, &deeds, None, at(5)).await.unwrap(), "another took it over");
    assert_eq!(store.subscriptions_of(&one().to, ZONE).await.unwrap(), [one()]);
    assert!(store.conclude_heard(&again, &deeds, None, at(6)).await.unwrap());
    assert_eq!(store.subscriptions_of(&one().to, ZONE).await.unwrap(), [digest(&one())]);
    assert_eq!((sent(&store, 7).await, sent(&store, SEVEN).await.len()), (none(), 1));
    store.close().await;
}

async fn a_setting_of_who_left_changes_nothing(fixture: Fixture) {
    let store = followed(&fixture, &one()).await;
    news(&store, 1, &[1]).await;
    store.unsubscribe(&one().to, None, at(2)).await.unwrap();
    tune(&store, &digest(&one()), 3).await;
    assert!(store.subscriptions_of(&one().to, ZONE).await.unwrap().is_empty());
    assert_eq!((sent(&store, SEVEN).await, store.tally().await.unwrap().due), (none(), 0));
    store.close().await;
}

async fn a_correction_waits_for_the_hours_that_people_chose(fixture: Fixture) {
    let store = followed(&fixture, &quiet(&one())).await;
    let meeting =
        |hour: u32| Entry { content_html: format!("<p>Họp tổ dân phố lúc {hour} giờ tại nhà văn hóa.</p>"), ..entry(1) };
    saved_for_all(&store, 1, vec![meeting(8)], &[]).await;
    spread(&store, 1).await;
    assert_eq!(sent(&store, 2).await.len(), 1);
    saved_for_all(&store, NIGHT, vec![meeting(9)], &[]).await;
    let clear = |_: &str, _: &str, own: Option<&str>, now: DateTime<Utc>| {
        own.and_then(|written| Quiet::parse(written, ZONE)).map_or(now, |quiet| quiet.clear(now))
    };
    let channels = [("bot", Policy { edits: false, tells: true })].into();
    let policies = Policies { channels, clear: &clear, language: Language::Vi };
    while store.amend_some(&policies, at(NIGHT)).await.unwrap().is_some() {}
    assert_eq!(sent(&store, NIGHT + 1).await, none());
    tune(&store, &digest(&quiet(&only(&one(), "điện"))), NIGHT + 2).await;
    assert_eq!(sent(&store, SIX - 1).await, none());
    assert_eq!(sent(&store, SIX).await, [["Đính chính: Tin số 1"]], "it is no news, and waits for no digest");
    store.close().await;
}

async fn news_that_is_brought_while_people_choose_goes_by_what_they_chose(fixture: Fixture) {
    let store = followed(&fixture, &subscription("bot:0")).await;
    for number in 1..40 {
        store.subscribe(&subscription(&format!("bot:{number}")), &[], at(0)).await.unwrap();
    }
    for round in 1..=3 {
        saved_for_all(&store, round, (1..=round).rev().map(entry).collect(), &[]).await;
        let choosing: Vec<_> = (0..40)
            .map(|number| {
                let (store, own) = (store.clone(), subscription(&format!("bot:{number}")));
                tokio::spawn(async move { tune(&store, &if round % 2 == 1 { digest(&own) } else { own }, round).await })
            })
            .collect();
        spread(&store, round).await;
        for one in choosing {
            one.await.unwrap();
        }
    }
    for number in 0..40 {
        let to = Address::new("bot", number.to_string());
        assert!(store.subscriptions_of(&to, ZONE).await.unwrap()[0].digest);
    }
    assert!(take(&store, 4, 99).await.is_empty(), "all of it is gathered");
    let batches = take(&store, SEVEN, 99).await;
    assert!(batches.iter().all(|batch| batch.digest && batch.deliveries.len() == 3), "and nothing is lost");
    assert_eq!(batches.len(), 40);
    store.close().await;
}
