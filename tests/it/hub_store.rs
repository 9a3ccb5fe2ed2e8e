//! The hub's rows, on both engines.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use loaphuong::secret::Secret;
use loaphuong::store::{Admission, Limits, Mode, Pinged, Store, TopicStanding, Wish};

use crate::store::{Fixture, on_both_engines};

on_both_engines! {
    a_wish_is_confirmed_once_and_the_newest_counts
    a_host_is_asked_again_only_after_a_pause
    there_is_room_for_so_many
    a_change_is_owed_once_and_only_what_is_newest
    a_change_before_the_wish_is_confirmed_is_not_missed
    an_older_version_owes_nothing_unless_it_is_fresh
    pings_are_leased_and_bounded_by_host
    eight_claimers_take_each_ping_once
    leases_end_and_lost_topics_are_denied
    announcements_are_owed_until_they_are_taken
}

const LEASE: TimeDelta = TimeDelta::seconds(90);
const NONE: [TimeDelta; 2] = [TimeDelta::zero(), TimeDelta::zero()];
const WIDE: Limits = Limits { pending: 100, pending_known: 100, per_topic: 100, per_host: 100, all: 100 };

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
}

fn wish(mode: Mode, topic: &str, callback: &str) -> Wish {
    Wish {
        topic: topic.to_owned(),
        callback: format!("https://{callback}"),
        host: callback.split('/').next().unwrap().to_owned(),
        mode,
        lease_seconds: 3_600,
        secret: Some(Secret::new("s")),
        sent: "e1".to_owned(),
    }
}

fn standing(topic: &str, version: i64, etag: &str, fresh: bool) -> TopicStanding {
    TopicStanding { topic: topic.to_owned(), version, etag: etag.to_owned(), fresh }
}

async fn follows(store: &Store, topic: &str, callback: &str) {
    assert_eq!(store.wish(&wish(Mode::Subscribe, topic, callback), &WIDE, at(0)).await.unwrap(), Admission::Accepted);
    let pending = store.claim_wishes(at(0), LEASE, 9, NONE).await.unwrap().remove(0);
    assert!(store.confirm(&pending, "e1", at(0)).await.unwrap());
}

async fn followers(store: &Store) -> Vec<(String, i64)> {
    store.subscribers(at(0)).await.unwrap()
}

async fn a_wish_is_confirmed_once_and_the_newest_counts(fixture: Fixture) {
    let store = fixture.open().await;
    store.wish(&wish(Mode::Subscribe, "a", "x.example/1"), &WIDE, at(0)).await.unwrap();
    let first = store.claim_wishes(at(0), LEASE, 9, NONE).await.unwrap().remove(0);
    assert_eq!((first.wish.mode, first.attempt, first.wish.secret.as_ref().unwrap().expose()), (Mode::Subscribe, 1, "s"));
    assert!(store.claim_wishes(at(89), LEASE, 9, NONE).await.unwrap().is_empty(), "it is leased");
    let newer = Wish { secret: Some(Secret::new("t")), ..wish(Mode::Subscribe, "a", "x.example/1") };
    store.wish(&newer, &WIDE, at(1)).await.unwrap();
    assert!(!store.confirm(&first, "e1", at(2)).await.unwrap(), "another took its place");
    let second = store.claim_wishes(at(2), LEASE, 9, NONE).await.unwrap().remove(0);
    store.put_off_wish(&second, at(30)).await.unwrap();
    assert!(store.claim_wishes(at(29), LEASE, 9, NONE).await.unwrap().is_empty());
    let third = store.claim_wishes(at(30), LEASE, 9, NONE).await.unwrap().remove(0);
    assert_eq!(third.attempt, 2);
    assert!(store.confirm(&third, "e1", at(31)).await.unwrap());
    assert_eq!(followers(&store).await, [("a".to_owned(), 1)]);
    store.wish(&wish(Mode::Unsubscribe, "a", "x.example/1"), &WIDE, at(40)).await.unwrap();
    let end = store.claim_wishes(at(40), LEASE, 9, NONE).await.unwrap().remove(0);
    store.drop_wish(&end).await.unwrap();
    assert_eq!(followers(&store).await.len(), 1, "what is not confirmed changes nothing");
    store.wish(&wish(Mode::Unsubscribe, "a", "x.example/1"), &WIDE, at(50)).await.unwrap();
    let end = store.claim_wishes(at(50), LEASE, 9, NONE).await.unwrap().remove(0);
    assert!(store.confirm(&end, "e1", at(50)).await.unwrap());
    assert!(followers(&store).await.is_empty());
}

async fn a_host_is_asked_again_only_after_a_pause(fixture: Fixture) {
    let store = fixture.open().await;
    for callback in ["x.example/1", "x.example/2", "y.example/1"] {
        store.wish(&wish(Mode::Subscribe, "a", callback), &WIDE, at(0)).await.unwrap();
    }
    let pauses = [TimeDelta::seconds(1), TimeDelta::seconds(10)];
    let claimed = async |second: i64| {
        let claimed = store.claim_wishes(at(second), LEASE, 9, pauses).await.unwrap();
        for pending in &claimed {
            store.confirm(pending, "e1", at(second)).await.unwrap();
        }
        claimed.into_iter().map(|pending| pending.wish.callback).collect::<Vec<_>>()
    };
    assert_eq!(claimed(0).await, ["https://x.example/1", "https://y.example/1"]);
    assert!(claimed(9).await.is_empty());
    assert_eq!(claimed(10).await, ["https://x.example/2"]);
    for callback in ["x.example/3", "x.example/4"] {
        store.wish(&wish(Mode::Subscribe, "a", callback), &WIDE, at(20)).await.unwrap();
    }
    assert_eq!((claimed(20).await.len(), claimed(20).await.len(), claimed(21).await.len()), (1, 0, 1), "known hosts wait less");
}

async fn there_is_room_for_so_many(fixture: Fixture) {
    let store = fixture.open().await;
    let limits = Limits { pending: 1, pending_known: 2, per_topic: 2, per_host: 2, all: 3 };
    let asked = async |mode: Mode, topic: &str, callback: &str| store.wish(&wish(mode, topic, callback), &limits, at(0)).await.unwrap();
    assert_eq!(asked(Mode::Subscribe, "a", "x.example/1").await, Admission::Accepted);
    assert_eq!(asked(Mode::Subscribe, "a", "y.example/1").await, Admission::Busy);
    assert_eq!(asked(Mode::Subscribe, "a", "x.example/1").await, Admission::Accepted, "it takes its own place");
    let pending = store.claim_wishes(at(0), LEASE, 9, NONE).await.unwrap().remove(0);
    store.confirm(&pending, "e1", at(0)).await.unwrap();
    follows(&store, "a", "y.example/1").await;
    assert_eq!(asked(Mode::Subscribe, "a", "z.example/1").await, Admission::Full, "of the topic");
    follows(&store, "b", "x.example/1").await;
    assert_eq!(asked(Mode::Subscribe, "c", "x.example/1").await, Admission::Full, "at the host");
    assert_eq!(asked(Mode::Subscribe, "c", "z.example/1").await, Admission::Full, "in all");
    assert_eq!(asked(Mode::Subscribe, "a", "x.example/1").await, Admission::Accepted, "who follows may renew");
    assert_eq!(asked(Mode::Unsubscribe, "b", "x.example/1").await, Admission::Accepted, "and leave");
}

async fn a_change_is_owed_once_and_only_what_is_newest(fixture: Fixture) {
    let store = fixture.open().await;
    follows(&store, "a", "x.example/1").await;
    assert!(!store.note_topics(&[standing("b", 1, "e1", false)], false).await.unwrap(), "nobody follows it");
    assert!(!store.note_topics(&[standing("a", 1, "e1", false)], false).await.unwrap(), "they have it");
    assert!(store.note_topics(&[standing("a", 2, "e2", false)], false).await.unwrap());
    assert!(!store.note_topics(&[standing("a", 2, "e2", true)], false).await.unwrap(), "once");
    assert!(store.next_for_hub(false).await.unwrap().is_some());
    let ping = store.claim_pings(at(0), LEASE, 9, 9).await.unwrap().remove(0);
    assert_eq!((ping.etag.as_str(), ping.callback.as_str(), ping.attempt), ("e2", "https://x.example/1", 1));
    // It changes while that is under way.
    store.note_topics(&[standing("a", 3, "e3", false)], false).await.unwrap();
    assert!(store.claim_pings(at(1), LEASE, 9, 9).await.unwrap().is_empty(), "one at a time");
    store.settle_ping(&ping, &Pinged::Done).await.unwrap();
    let ping = store.claim_pings(at(1), LEASE, 9, 9).await.unwrap().remove(0);
    assert_eq!((ping.etag.as_str(), ping.attempt), ("e3", 1));
    store.settle_ping(&ping, &Pinged::Later { due: at(60), counts: true }).await.unwrap();
    store.note_topics(&[standing("a", 4, "e4", false)], false).await.unwrap();
    assert!(store.claim_pings(at(59), LEASE, 9, 9).await.unwrap().is_empty(), "who failed goes on waiting");
    let ping = store.claim_pings(at(60), LEASE, 9, 9).await.unwrap().remove(0);
    assert_eq!((ping.etag.as_str(), ping.attempt), ("e4", 2));
    store.settle_ping(&ping, &Pinged::Done).await.unwrap();
    assert_eq!(store.next_for_hub(false).await.unwrap(), None);
    // And it is no more.
    store.note_topics(&[standing("a", 5, "e5", false)], false).await.unwrap();
    let ping = store.claim_pings(at(61), LEASE, 9, 9).await.unwrap().remove(0);
    store.settle_ping(&ping, &Pinged::Ended).await.unwrap();
    assert!(followers(&store).await.is_empty());
}

async fn a_change_before_the_wish_is_confirmed_is_not_missed(fixture: Fixture) {
    let store = fixture.open().await;
    store.wish(&wish(Mode::Subscribe, "a", "x.example/1"), &WIDE, at(0)).await.unwrap();
    store.note_topics(&[standing("a", 7, "e2", false)], false).await.unwrap();
    let pending = store.claim_wishes(at(0), LEASE, 9, NONE).await.unwrap().remove(0);
    store.confirm(&pending, "e1", at(1)).await.unwrap();
    assert_eq!(store.claim_pings(at(1), LEASE, 9, 9).await.unwrap()[0].etag, "e2");
    // And where it changed before it was written down.
    store.wish(&wish(Mode::Subscribe, "b", "y.example/1"), &WIDE, at(0)).await.unwrap();
    let pending = store.claim_wishes(at(0), LEASE, 9, NONE).await.unwrap().remove(0);
    store.confirm(&pending, "e2", at(1)).await.unwrap();
    assert_eq!(store.claim_pings(at(1), LEASE, 9, 9).await.unwrap()[0].topic, "b");
}

async fn an_older_version_owes_nothing_unless_it_is_fresh(fixture: Fixture) {
    let store = fixture.open().await;
    follows(&store, "a", "x.example/1").await;
    let noted =
        async |version: i64, etag: &str, fresh: bool| store.note_topics(&[standing("a", version, etag, fresh)], false).await.unwrap();
    assert!(noted(5, "e5", false).await);
    assert!(!noted(4, "e4", false).await, "a daemon that is behind");
    assert!(noted(4, "e4", true).await, "another config");
}

async fn pings_are_leased_and_bounded_by_host(fixture: Fixture) {
    let store = fixture.open().await;
    for callback in ["x.example/1", "x.example/2", "x.example/3", "y.example/1"] {
        follows(&store, "a", callback).await;
    }
    store.note_topics(&[standing("a", 2, "e2", false)], false).await.unwrap();
    let claimed = async |second: i64, limit: usize| store.claim_pings(at(second), LEASE, limit, 2).await.unwrap();
    let first = claimed(0, 9).await;
    assert_eq!(first.len(), 3, "two at x and one at y");
    assert!(claimed(0, 9).await.is_empty());
    let at_x = first.iter().find(|ping| ping.callback.contains("x.example")).unwrap();
    store.settle_ping(at_x, &Pinged::Done).await.unwrap();
    assert_eq!(claimed(0, 9).await.len(), 1);
    let again = claimed(90, 9).await;
    assert_eq!(again.len(), 3, "what a dead process had is taken up");
    store.settle_ping(at_x, &Pinged::Ended).await.unwrap();
    store.settle_ping(&first[2], &Pinged::Ended).await.unwrap();
    assert_eq!(followers(&store).await[0].1, 4, "a claim that was taken over changes nothing");
}

async fn eight_claimers_take_each_ping_once(fixture: Fixture) {
    let store = fixture.open().await;
    for number in 0..40 {
        follows(&store, "a", &format!("h{number}.example/1")).await;
    }
    store.note_topics(&[standing("a", 2, "e2", false)], false).await.unwrap();
    let claim = |store: std::sync::Arc<Store>| async move {
        let mut taken = Vec::new();
        loop {
            let pings = store.claim_pings(at(0), LEASE, 3, 2).await.unwrap();
            if pings.is_empty() && store.claim_pings(at(0), LEASE, 3, 2).await.unwrap().is_empty() {
                return taken;
            }
            taken.extend(pings.iter().map(|ping| ping.id));
        }
    };
    let all = futures_util::future::join_all((0..8).map(|_| tokio::spawn(claim(store.clone())))).await;
    let mut taken: Vec<i64> = all.into_iter().flat_map(Result::unwrap).collect();
    // What one left while another looked at it.
    taken.extend(store.claim_pings(at(0), LEASE, 100, 2).await.unwrap().iter().map(|ping| ping.id));
    assert_eq!((taken.len(), taken.iter().collect::<HashSet<_>>().len()), (40, 40), "each once");
}

async fn leases_end_and_lost_topics_are_denied(fixture: Fixture) {
    let store = fixture.open().await;
    follows(&store, "a", "x.example/1").await;
    follows(&store, "b", "y.example/1").await;
    let ours = |topics: &[&str]| topics.iter().map(|topic| (*topic).to_owned()).collect::<HashSet<_>>();
    let grace = TimeDelta::seconds(60);
    store.sweep_hub(&ours(&["a"]), grace, at(10)).await.unwrap();
    store.sweep_hub(&ours(&["a", "b"]), grace, at(60)).await.unwrap();
    store.sweep_hub(&ours(&["a"]), grace, at(100)).await.unwrap();
    assert_eq!(followers(&store).await.len(), 2, "it was back meanwhile");
    store.sweep_hub(&ours(&["a"]), grace, at(160)).await.unwrap();
    assert_eq!(followers(&store).await, [("a".to_owned(), 1)]);
    let denial = store.claim_wishes(at(160), LEASE, 9, NONE).await.unwrap().remove(0);
    assert_eq!((denial.wish.mode, denial.wish.topic.as_str()), (Mode::Denied, "b"));
    store.drop_wish(&denial).await.unwrap();
    store.note_topics(&[standing("a", 2, "e2", false)], false).await.unwrap();
    assert!(store.claim_pings(at(3_600), LEASE, 9, 9).await.unwrap().is_empty(), "its lease has ended");
    store.sweep_hub(&ours(&["a"]), grace, at(3_600)).await.unwrap();
    assert!(followers(&store).await.is_empty());
}

async fn announcements_are_owed_until_they_are_taken(fixture: Fixture) {
    let store = fixture.open().await;
    store.note_topics(&[standing("a", 1, "e1", true), standing("b", 1, "e1", true)], true).await.unwrap();
    assert!(!store.note_topics(&[standing("a", 1, "e1", true)], true).await.unwrap(), "nothing has changed");
    let one = store.claim_announcements(at(0), LEASE, 1).await.unwrap().remove(0);
    assert_eq!((one.topic.as_str(), one.attempt), ("a", 1));
    // It changes while that is under way.
    store.note_topics(&[standing("a", 2, "e2", false)], true).await.unwrap();
    store.settle_announcement(&one, None).await.unwrap();
    let all = store.claim_announcements(at(90), LEASE, 9).await.unwrap();
    assert_eq!(all.len(), 2, "{all:?}");
    store.settle_announcement(&all[0], Some(at(200))).await.unwrap();
    store.settle_announcement(&all[1], None).await.unwrap();
    assert!(store.claim_announcements(at(199), LEASE, 9).await.unwrap().is_empty());
    assert_eq!(store.claim_announcements(at(200), LEASE, 9).await.unwrap().len(), 1);
}
