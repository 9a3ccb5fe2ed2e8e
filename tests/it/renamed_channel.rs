//! A channel that the config calls by another name.

use std::collections::HashMap;
use std::sync::Arc;

use loaphuong::outbox::{Sent, Verdict};
use loaphuong::store::{Settled, Store};
use loaphuong::subscription::{Address, Subscription};

use crate::store::{Fixture, at, catalog, entry, on_both_engines, owing, subscription, take};

on_both_engines! {
    a_renamed_channel_keeps_what_is_owed_and_repeats_nothing
    a_channel_beside_another_of_its_kind_is_no_renamed_one
    a_group_that_moved_is_still_followed_under_the_new_name
}

fn natures(pairs: &[(&str, &str)]) -> HashMap<String, String> {
    pairs.iter().map(|(name, nature)| ((*name).to_owned(), (*nature).to_owned())).collect()
}

async fn settle(store: &Arc<Store>, minute: i64, verdict: Verdict, settled: Settled) {
    let batch = take(store, minute, 1).await.remove(0);
    let first = [batch.deliveries[0].id];
    store.settle(&batch, &first, verdict, settled, at(minute)).await.unwrap();
}

fn sent() -> Verdict {
    Verdict::Sent(Sent { ids: vec!["1".to_owned()] })
}

/// What is owed on the channel `loa`, in the order in which it leaves.
async fn owed(store: &Store, minute: i64) -> Vec<(String, String)> {
    let batches = store.claim_deliveries("loa", at(minute), chrono::TimeDelta::seconds(120), 9).await.unwrap();
    let one = |b: &loaphuong::store::Batch| (b.to.to_string(), b.deliveries[0].entry.entry.title.clone());
    batches.iter().map(one).collect()
}

async fn a_renamed_channel_keeps_what_is_owed_and_repeats_nothing(fixture: Fixture) {
    let to = [Subscription { welcome: 1, ..subscription("bot:-1") }];
    let store = owing(&fixture, vec![entry(1), entry(2)], &to).await;
    store.rename_channels(&natures(&[("bot", "telegram 7")]), at(15)).await.unwrap();
    settle(&store, 16, sent(), Settled::default()).await;
    let to = [Subscription { welcome: 1, ..subscription("loa:-1") }];
    for _ in 0..2 {
        store.rename_channels(&natures(&[("loa", "telegram 7")]), at(17)).await.unwrap();
        store.sync(&catalog(&["a"], &to), at(17)).await.unwrap();
    }
    assert!(store.dead_letters(9).await.unwrap().is_empty(), "nothing is given up");
    assert_eq!(owed(&store, 18).await, [("loa:-1".to_owned(), "Tin số 2".to_owned())], "no welcome again, and nothing lost");
}

async fn a_channel_beside_another_of_its_kind_is_no_renamed_one(fixture: Fixture) {
    let store = owing(&fixture, vec![entry(1)], &[subscription("bot:-1")]).await;
    store.rename_channels(&natures(&[("bot", "webhook ")]), at(15)).await.unwrap();
    for came in [&[("loa", "webhook "), ("kia", "webhook ")][..], &[("loa", "email ")], &[("bot", "webhook "), ("loa", "webhook ")]] {
        store.rename_channels(&natures(came), at(16)).await.unwrap();
        assert_eq!(owed(&store, 17).await, [], "{came:?}");
    }
}

async fn a_group_that_moved_is_still_followed_under_the_new_name(fixture: Fixture) {
    let store = owing(&fixture, vec![entry(1)], &[subscription("bot:-1")]).await;
    store.rename_channels(&natures(&[("bot", "telegram 7")]), at(15)).await.unwrap();
    let moved = Settled { moved: Address::parse("bot:-1001"), ..Settled::default() };
    settle(&store, 16, Verdict::Later { due: at(16), cause: "đã chuyển".to_owned(), counts: false }, moved).await;
    store.rename_channels(&natures(&[("loa", "telegram 7")]), at(17)).await.unwrap();
    store.sync(&catalog(&["a"], &[subscription("loa:-1")]), at(17)).await.unwrap();
    assert_eq!(owed(&store, 18).await, [("loa:-1001".to_owned(), "Tin số 1".to_owned())]);
}
