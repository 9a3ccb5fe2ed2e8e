//! The store suite: every test runs on both engines.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use loaphuong::channel::Keep;
use loaphuong::entry::{Enclosure, Entry, Guid, Slug};
use loaphuong::incident::{Change, Incident, Kind};
use loaphuong::outbox::{Sent, Verdict};
use loaphuong::page::{About, Page, Validators};
use loaphuong::phrases::Language;
use loaphuong::store::{
    Access, Amend, Amended, Asked, Batch, Catalog, Divert, Due, Farthest, Held, Learned, Left, OpenError, Policies, Policy, Poll, Query,
    Return, Saved, Search, Seen, Settled, SourceEntry, Store, Stored, Visited, Words,
};
use loaphuong::subscription::{Address, Filter, Subscription};
use sqlx::AnyPool;
use tempfile::TempDir;

use crate::postgres;

const LEASE: TimeDelta = TimeDelta::seconds(120);

pub(crate) fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + minute * 60, 0).unwrap()
}

fn slug(name: &str) -> Slug {
    Slug::new(name).unwrap()
}

/// A fresh store, and how to open it again.
pub(crate) struct Fixture {
    url: String,
    dir: TempDir,
}

impl Fixture {
    pub(crate) fn sqlite() -> Option<Self> {
        Some(Self { url: "sqlite://data/test.db".to_owned(), dir: tempfile::tempdir().unwrap() })
    }

    pub(crate) fn postgres() -> Option<Self> {
        Some(Self { url: postgres::database()?, dir: tempfile::tempdir().unwrap() })
    }

    /// For a connection beside the store.
    pub(crate) fn address(&self) -> String {
        self.url.replace("sqlite://", &format!("sqlite://{}/", self.dir.path().display()))
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite")
    }

    pub(crate) async fn open(&self) -> Arc<Store> {
        Arc::new(Store::open(&self.url, self.dir.path(), Access::Daemon).await.unwrap_or_else(|e| panic!("{e:?}")))
    }
}

macro_rules! on_both_engines {
    ($($name:ident)*) => {
        mod sqlite { $(#[tokio::test] async fn $name() { super::$name(super::Fixture::sqlite().unwrap()).await; })* }
        mod on_postgres {
            $(#[tokio::test] async fn $name() { if let Some(fixture) = super::Fixture::postgres() { super::$name(fixture).await; } })*
        }
    };
}

pub(crate) use on_both_engines;

on_both_engines! {
    what_a_channel_remembers_is_leased_swapped_and_swept
    a_source_is_due_at_once_and_anew_when_its_block_changes
    a_source_is_claimed_by_one_alone
    a_poll_whose_lease_was_lost_stores_nothing
    what_is_new_and_what_changed_is_told_apart
    a_first_visit_owes_only_the_welcome
    a_subscription_that_comes_later_is_welcomed_too
    one_address_is_owed_an_entry_once
    a_failure_keeps_the_entries_and_forgets_the_validators
    an_entry_comes_back_as_it_went
    entries_are_newest_first_over_several_sources
    a_renamed_source_keeps_its_entries_and_its_followers
    what_people_look_for_is_found_newest_first_and_page_by_page
    what_was_stored_before_the_search_is_taken_in
    archives_are_closed_in_the_order_in_which_entries_came
    an_address_gets_one_thing_at_a_time_in_order
    a_digest_takes_all_that_is_due
    more_at_once_than_a_burst_is_one_list_and_stays_one
    the_list_of_a_combined_feed_names_each_source_once
    eight_claimers_take_each_delivery_once
    every_verdict_is_kept
    parts_that_are_out_are_remembered
    a_stale_claim_changes_nothing
    a_refusal_suspends_and_a_success_clears
    a_moved_address_is_followed_for_good
    a_lease_that_ran_out_is_a_doubt
    what_is_held_on_to_is_not_taken_for_what_a_crash_left
    an_address_that_ended_is_never_seen_to_refuse
    a_doubt_comes_first_and_hides_the_rest_of_its_address
    what_was_tried_is_not_overtaken_within_a_millisecond
    letters_are_revived_and_dropped
    what_a_killed_process_left_is_in_doubt
    an_entry_is_known_by_every_address_of_its_page
    the_same_words_on_the_same_day_are_one_entry
    earlier_versions_are_kept_and_bounded
    a_page_gone_twice_hours_apart_withdraws_its_entry
    incidents_are_kept_until_they_are_over
    a_source_remembers_where_its_list_moved
    what_was_learned_is_kept_until_it_is_forgotten
    a_quiet_visit_is_noted_beside_others
    feeds_that_were_written_are_known
    what_a_wrong_clock_put_a_year_ahead_is_due_now
    a_source_read_in_the_future_is_visited_now
    a_wait_that_was_told_in_the_future_is_over
    what_left_within_a_minute_is_told_for_the_pace
    what_nothing_names_any_more_is_given_up_but_not_what_moved
    a_claim_is_held_as_long_as_it_is_renewed
    what_servers_told_of_files_is_remembered
    pages_of_a_killed_visit_are_kept_until_it_is_saved
    pages_of_a_visit_that_rests_are_kept_for_weeks
    an_entry_for_very_many_is_fanned_out_in_pieces_and_after_those_for_few
    what_people_subscribed_to_is_kept_changed_and_ended
    who_left_is_owed_nothing_until_they_subscribe_again
    what_is_urgent_goes_ahead_and_through_quiet_hours
    what_a_refusing_address_is_owed_goes_by_the_second_way_once
    what_waits_on_the_second_way_comes_back_when_the_first_works
    what_is_in_doubt_or_partly_out_goes_by_no_second_way
    urgent_news_of_a_channel_that_is_down_goes_by_the_second_way_at_once
    an_entry_that_the_second_way_has_already_is_not_repeated
    a_second_way_that_is_named_late_is_taken_and_outlives_retiring
    a_changed_entry_amends_and_corrects_what_was_sent_once
    a_change_reaches_those_who_were_just_being_sent_the_old_version
    a_change_for_very_many_comes_in_pieces
    news_of_very_many_is_put_off_some_addresses_at_a_time
    what_is_withdrawn_from_very_many_is_sent_to_none_of_them
    what_comes_back_is_not_owed_to_those_who_left
    a_change_finds_the_few_who_were_sent_it_among_very_many_who_wait
    what_is_wrong_with_the_news_of_a_channel_is_read_from_the_outbox
}

pub(crate) fn catalog(names: &[&str], subscriptions: &[Subscription]) -> Catalog {
    let sources = names.iter().map(|n| SourceEntry { slug: slug(n), fingerprint: "1".to_owned() }).collect();
    Catalog { sources, subscriptions: subscriptions.iter().map(|s| (s.clone(), vec![s.feed.clone()])).collect() }
}

pub(crate) fn subscription(to: &str) -> Subscription {
    Subscription { burst: 0, ..Subscription::simple(slug("a"), Address::parse(to).unwrap()) }
}

pub(crate) fn entry(number: i64) -> Entry {
    let mut entry = Entry::new(Guid::new(format!("https://a.example/{number}")), format!("Tin số {number}"));
    entry.published = Some(at(number).fixed_offset());
    entry.content_html = format!("<p>Nội dung {number}</p>");
    entry
}

async fn claim(store: &Store, minute: i64) -> Due {
    store.claim_sources(at(minute), LEASE, 1).await.unwrap().remove(0)
}

async fn save(store: &Store, due: &Due, minute: i64, entries: Vec<Entry>, subscriptions: &[Subscription]) -> Saved {
    let visited = Visited::Read { entries, validators: Validators { etag: Some("\"1\"".to_owned()), last_modified: None } };
    let poll = Poll {
        due,
        now: at(minute),
        next: at(minute + 15),
        visited,
        problems: Vec::new(),
        subscriptions,
        feeds: &[],
        seen: Seen::default(),
        words: Vec::new(),
        report: None,
    };
    store.save(&poll).await.unwrap()
}

/// A store whose source `a` was read once and then brought these entries for these subscriptions.
pub(crate) async fn owing(fixture: &Fixture, entries: Vec<Entry>, subscriptions: &[Subscription]) -> Arc<Store> {
    let store = fixture.open().await;
    store.sync(&catalog(&["a"], subscriptions), at(0)).await.unwrap();
    let due = claim(&store, 0).await;
    save(&store, &due, 0, Vec::new(), subscriptions).await;
    let due = claim(&store, 15).await;
    save(&store, &due, 15, entries, subscriptions).await;
    store
}

pub(crate) async fn take(store: &Store, minute: i64, limit: usize) -> Vec<Batch> {
    store.claim_deliveries("bot", at(minute), LEASE, limit).await.unwrap()
}

fn ids(batch: &Batch) -> Vec<i64> {
    batch.deliveries.iter().map(|d| d.id).collect()
}

fn titles(batches: &[Batch]) -> Vec<String> {
    batches.iter().flat_map(|b| &b.deliveries).map(|d| d.entry.entry.title.clone()).collect()
}

async fn settle(store: &Store, batch: &Batch, minute: i64, verdict: Verdict) {
    store.settle(batch, &ids(batch), verdict, Settled::default(), at(minute)).await.unwrap();
}

fn sent(id: &str) -> Verdict {
    Verdict::Sent(Sent { ids: vec![id.to_owned()] })
}

async fn a_source_is_due_at_once_and_anew_when_its_block_changes(fixture: Fixture) {
    let store = fixture.open().await;
    store.sync(&catalog(&["a", "b"], &[]), at(0)).await.unwrap();
    assert_eq!(store.claim_sources(at(0), LEASE, 9).await.unwrap().len(), 2);
    let (again, _) = (store.claim_sources(at(3), LEASE, 9).await.unwrap(), ());
    assert_eq!(again.len(), 2, "a lease of two minutes has run out");
    for due in &again {
        save(&store, due, 3, Vec::new(), &[]).await;
    }
    assert_eq!(store.next_visit().await.unwrap(), Some(at(18)));
    let mut changed = catalog(&["a"], &[]);
    changed.sources[0].fingerprint = "2".to_owned();
    store.sync(&changed, at(5)).await.unwrap();
    let due = store.claim_sources(at(5), LEASE, 9).await.unwrap();
    assert_eq!(due.len(), 1, "b is gone, a is due");
    assert_eq!(due[0].validators, Validators::default());
    assert!(!due[0].first);
}

async fn a_source_is_claimed_by_one_alone(fixture: Fixture) {
    let store = fixture.open().await;
    let names: Vec<String> = (0..40).map(|n| format!("s{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    store.sync(&catalog(&names, &[]), at(0)).await.unwrap();
    let claimers: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.claim_sources(at(0), LEASE, 10).await.unwrap() })
        })
        .collect();
    let mut claimed = Vec::new();
    for claimer in claimers {
        claimed.extend(claimer.await.unwrap().into_iter().map(|d| d.source));
    }
    claimed.extend(store.claim_sources(at(0), LEASE, 99).await.unwrap().into_iter().map(|d| d.source));
    assert_eq!(claimed.len(), 40);
    assert_eq!(claimed.into_iter().collect::<HashSet<_>>().len(), 40);
}

async fn a_poll_whose_lease_was_lost_stores_nothing(fixture: Fixture) {
    let store = fixture.open().await;
    store.sync(&catalog(&["a"], &[]), at(0)).await.unwrap();
    let slow = claim(&store, 0).await;
    let quick = claim(&store, 3).await;
    assert_eq!(save(&store, &slow, 4, vec![entry(1)], &[]).await, Saved::default());
    assert_eq!(save(&store, &quick, 4, vec![entry(1)], &[]).await.new, 1);
    store.release(&slow).await.unwrap();
}

async fn what_is_new_and_what_changed_is_told_apart(fixture: Fixture) {
    let store = fixture.open().await;
    store.sync(&catalog(&["a"], &[]), at(0)).await.unwrap();
    let due = claim(&store, 0).await;
    assert_eq!(save(&store, &due, 0, vec![entry(1), entry(2)], &[]).await, Saved { new: 2, ..Saved::default() });
    let version = store.feed_versions().await.unwrap();
    let due = claim(&store, 15).await;
    assert_eq!(due.validators.etag.as_deref(), Some("\"1\""));
    let mut bumped = entry(1);
    bumped.version = Some("v2".to_owned());
    assert_eq!(save(&store, &due, 15, vec![bumped], &[]).await, Saved::default());
    assert_eq!(store.feed_versions().await.unwrap(), version, "nothing that people read has changed");
    let known = store.known(&slug("a"), &[1, 2, 3].map(|n| Asked { guid: entry(n).guid, key: None })).await.unwrap();
    assert_eq!(known.len(), 2);
    assert_eq!(known[&entry(1).guid].version.as_deref(), Some("v2"));
    let due = claim(&store, 30).await;
    let mut edited = entry(2);
    edited.content_html = "<p>Đã sửa</p>".to_owned();
    assert_eq!(save(&store, &due, 30, vec![edited], &[]).await, Saved { changed: 1, ..Saved::default() });
    assert_ne!(store.feed_versions().await.unwrap(), version);
    let all = store.entries(&Query { sources: &[slug("a")], limit: 9 }).await.unwrap();
    assert_eq!(all.iter().map(|s| s.revision).collect::<Vec<_>>(), [2, 1]);
    assert_eq!((all[0].seen, all[0].changed), (at(0), at(30)));
}

async fn a_first_visit_owes_only_the_welcome(fixture: Fixture) {
    let store = fixture.open().await;
    let welcome = Subscription { welcome: 2, ..subscription("bot:-1") };
    let wanted = Subscription { filter: Filter { include: vec!["so 5".to_owned()], ..Filter::default() }, ..subscription("bot:-2") };
    let all = [welcome, wanted];
    store.sync(&catalog(&["a"], &all), at(0)).await.unwrap();
    let due = claim(&store, 0).await;
    let saved = save(&store, &due, 0, (1..=5).rev().map(entry).collect(), &all).await;
    assert_eq!(saved, Saved { new: 5, owed: 2, ..Saved::default() });
    assert_eq!(titles(&take(&store, 0, 9).await), ["Tin số 4"], "the older one first, one at a time");
    store.sync(&catalog(&["a"], &all), at(1)).await.unwrap();
    assert_eq!(store.tally().await.unwrap().due, 1, "nobody is welcomed twice");
    let due = claim(&store, 15).await;
    let mut five = entry(6);
    five.title = "Tin SỐ 5 nhắc lại".to_owned();
    assert_eq!(save(&store, &due, 15, vec![five], &all).await.owed, 2);
}

async fn a_subscription_that_comes_later_is_welcomed_too(fixture: Fixture) {
    let store = fixture.open().await;
    store.sync(&catalog(&["a"], &[]), at(0)).await.unwrap();
    let due = claim(&store, 0).await;
    save(&store, &due, 0, (1..=5).map(entry).collect(), &[]).await;
    let late = Subscription { welcome: 1, ..subscription("bot:-9") };
    for _ in 0..2 {
        store.sync(&catalog(&["a"], std::slice::from_ref(&late)), at(1)).await.unwrap();
    }
    assert_eq!(titles(&take(&store, 1, 9).await), ["Tin số 5"]);
}

async fn one_address_is_owed_an_entry_once(fixture: Fixture) {
    let twice = [subscription("bot:-1"), Subscription { silent: true, ..subscription("bot:-1") }];
    let store = owing(&fixture, vec![entry(1)], &twice).await;
    assert_eq!(store.tally().await.unwrap().due, 1);
}

async fn a_failure_keeps_the_entries_and_forgets_the_validators(fixture: Fixture) {
    let store = owing(&fixture, vec![entry(1)], &[]).await;
    let due = claim(&store, 30).await;
    let visited = Visited::Failed { cause: "máy chủ không trả lời".to_owned() };
    let problems = vec!["https://a.example/9: lỗi".to_owned()];
    store
        .save(&Poll {
            due: &due,
            now: at(30),
            next: at(60),
            visited,
            problems,
            subscriptions: &[],
            feeds: &[],
            seen: Seen::default(),
            words: Vec::new(),
            report: None,
        })
        .await
        .unwrap();
    let health = store.health().await.unwrap().remove(0);
    assert_eq!((health.failures, health.last_ok, health.next), (1, Some(at(15)), at(60)));
    assert_eq!(health.cause.as_deref(), Some("máy chủ không trả lời"));
    assert_eq!(health.problems.len(), 1);
    let due = claim(&store, 60).await;
    assert_eq!((due.failures, &due.validators), (1, &Validators::default()));
    assert_eq!(store.entries(&Query { sources: &[slug("a")], limit: 9 }).await.unwrap().len(), 1);
    let poll = Poll {
        due: &due,
        now: at(61),
        next: at(90),
        visited: Visited::Unchanged,
        problems: Vec::new(),
        subscriptions: &[],
        feeds: &[],
        seen: Seen::default(),
        words: Vec::new(),
        report: None,
    };
    store.save(&poll).await.unwrap();
    assert_eq!(store.health().await.unwrap()[0].failures, 0);
}

async fn an_entry_comes_back_as_it_went(fixture: Fixture) {
    let file = |name: &str, length| Enclosure {
        url: format!("https://a.example/{name}").parse().unwrap(),
        media_type: "application/pdf".to_owned(),
        length,
        title: length.map(|_| "Phụ lục".to_owned()),
    };
    let whole = Entry {
        url: Some("https://a.example/tin?id=1&x=ộ".parse().unwrap()),
        updated: Some("2026-11-05T17:00:00+07:00".parse().unwrap()),
        published: Some("2026-11-05T16:30:00+07:00".parse().unwrap()),
        author: Some("Hồng Lĩnh".to_owned()),
        summary: Some("Đoạn 'mở' \"đầu\" \\ %_".to_owned()),
        images: vec![file("a.png", None)],
        attachments: vec![file("b.pdf", Some(12)), file("c.pdf", None)],
        categories: vec!["Thông báo".to_owned(), "Điện, nước".to_owned()],
        version: Some("17-3".to_owned()),
        ..entry(1)
    };
    let store = owing(&fixture, vec![whole.clone(), Entry { title: whole.title.clone(), ..entry(2) }], &[]).await;
    let all = store.entries(&Query { sources: &[slug("a")], limit: 9 }).await.unwrap();
    let back = all.iter().find(|s| s.entry.guid == whole.guid).unwrap();
    assert_eq!(back.entry, whole);
    assert_ne!(all[0].slug, all[1].slug, "equal titles have pages of their own");
    let page = store.entry_by_slug(&slug("a"), &back.slug).await.unwrap().unwrap();
    assert_eq!(page.entry, whole);
    assert!(store.entry_by_slug(&slug("a"), "khong-co").await.unwrap().is_none());
}

async fn entries_are_newest_first_over_several_sources(fixture: Fixture) {
    let store = fixture.open().await;
    store.sync(&catalog(&["a", "b", "c"], &[]), at(0)).await.unwrap();
    for due in store.claim_sources(at(0), LEASE, 9).await.unwrap() {
        let shift = i64::from(due.source.as_str().as_bytes()[0] - b'a');
        save(&store, &due, 0, (0..4).map(|n| entry(n * 3 + shift)).collect(), &[]).await;
    }
    let query = Query { sources: &[slug("a"), slug("b")], limit: 5 };
    let got: Vec<String> = store.entries(&query).await.unwrap().into_iter().map(|s| s.entry.title).collect();
    assert_eq!(got, ["Tin số 10", "Tin số 9", "Tin số 7", "Tin số 6", "Tin số 4"]);
    // Of very many sources the newest of all are looked through instead.
    let silent = (0..200).map(|n| slug(&format!("im-{n}")));
    let many: Vec<Slug> = [slug("a"), slug("b")].into_iter().chain(silent).collect();
    let same: Vec<String> = store.entries(&Query { sources: &many, limit: 5 }).await.unwrap().into_iter().map(|s| s.entry.title).collect();
    assert_eq!(same, got);
}

async fn a_renamed_source_keeps_its_entries_and_its_followers(fixture: Fixture) {
    let store = fixture.open().await;
    store.sync(&catalog(&["a"], &[]), at(0)).await.unwrap();
    let due = claim(&store, 0).await;
    save(&store, &due, 0, vec![entry(1)], &[]).await;
    store.subscribe(&subscription("bot:7"), &[slug("a")], at(1)).await.unwrap();
    let names = HashMap::from([("a".to_owned(), slug("b"))]);
    for _ in 0..2 {
        store.rename(&names).await.unwrap();
        store.sync(&catalog(&["b"], &[]), at(2)).await.unwrap();
    }
    assert!(!claim(&store, 20).await.first, "it is no new source");
    let kept = store.entries(&Query { sources: &[slug("b")], limit: 9 }).await.unwrap();
    assert_eq!(kept.iter().map(|s| &s.entry.title).collect::<Vec<_>>(), ["Tin số 1"]);
    store.take_in().await.unwrap();
    assert_eq!(found(&store, &["b"], "tin", None, None).await.0, ["Tin số 1"]);
    let followed = store.subscriptions_of(&Address::parse("bot:7").unwrap(), ZONE).await.unwrap();
    assert_eq!(followed.iter().map(|s| s.feed.as_str()).collect::<Vec<_>>(), ["b"]);
}

/// The titles of what is found, and where more is.
async fn found(store: &Store, sources: &[&str], question: &str, category: Option<&str>, before: Option<i64>) -> (Vec<String>, Option<i64>) {
    let (sources, words): (Vec<Slug>, Words) = (sources.iter().map(|name| slug(name)).collect(), Words::parse(question));
    let found = store.search(&Search { sources: &sources, words: &words, category, before, limit: 3 }).await.unwrap();
    (found.entries.into_iter().map(|s| s.entry.title).collect(), found.more)
}

fn told(number: i64, title: &str, content: &str, category: &str) -> Entry {
    let mut entry = Entry { title: title.to_owned(), ..entry(number) };
    (entry.content_html, entry.categories) = (format!("<p>{content}</p>"), vec![category.to_owned()]);
    entry
}

async fn what_people_look_for_is_found_newest_first_and_page_by_page(fixture: Fixture) {
    let store = fixture.open().await;
    store.sync(&catalog(&["a", "b-c"], &[]), at(0)).await.unwrap();
    for due in store.claim_sources(at(0), LEASE, 9).await.unwrap() {
        let entries = match due.source.as_str() {
            "a" => vec![
                told(1, "Tạm ngừng cấp điện", "Phố Hoa Gạo, từ 8 giờ.", "Thông báo"),
                told(4, "Cắt cỏ ven đường", "Mang theo <b>điện</b> thoại. 100% &amp; 'x'", "Vệ sinh"),
                told(9, "Lịch cắt điện tháng 12", "Đường Đê La Thành", "Thông báo"),
            ],
            _ => (10..15).map(|n| told(n, &format!("Họp tổ {n}"), "Nhà văn hóa", "Họp")).collect(),
        };
        save(&store, &due, 0, entries, &[]).await;
    }
    let all = ["a", "b-c"];
    let titles = async |question: &str, category: Option<&str>| found(&store, &all, question, category, None).await.0;
    assert_eq!(titles("CAP dien", None).await, ["Tạm ngừng cấp điện"]);
    assert_eq!(titles("cắt điện", None).await, ["Lịch cắt điện tháng 12", "Cắt cỏ ven đường"]);
    assert_eq!(titles("\"cắt điện\"", None).await, ["Lịch cắt điện tháng 12"]);
    assert_eq!(titles("điện -cỏ", None).await, ["Lịch cắt điện tháng 12", "Tạm ngừng cấp điện"]);
    assert_eq!(titles("duong de", None).await, ["Lịch cắt điện tháng 12"], "đ is d");
    assert_eq!(titles("die", None).await, Vec::<String>::new(), "whole words");
    assert_eq!(titles("điện", Some("thong-bao")).await, ["Lịch cắt điện tháng 12", "Tạm ngừng cấp điện"]);
    for strange in ["'; DROP TABLE entries", "\"", "* NEAR (", "a' | 'b", "\\", "%", "-"] {
        titles(strange, None).await;
    }
    let (first, more) = found(&store, &all, "", None, None).await;
    assert_eq!(first, ["Họp tổ 14", "Họp tổ 13", "Họp tổ 12"]);
    let (second, more) = found(&store, &all, "", None, more).await;
    assert_eq!(second, ["Họp tổ 11", "Họp tổ 10", "Lịch cắt điện tháng 12"]);
    let (third, more) = found(&store, &all, "", None, more).await;
    assert_eq!((third.len(), more), (2, None));
    assert_eq!(found(&store, &["a"], "", None, None).await.0.len(), 3);
    assert!(found(&store, &["a"], "họp", None, None).await.0.is_empty());
    let due = claim(&store, 15).await;
    let changed = match due.source.as_str() {
        "a" => told(9, "Hoãn cắt nước", "Đường Đê La Thành", "Thông báo"),
        _ => told(14, "Hoãn họp", "Nhà văn hóa", "Họp"),
    };
    save(&store, &due, 15, vec![changed.clone()], &[]).await;
    assert_eq!(titles("hoãn", None).await, [changed.title], "found by what it says now");
    let old = if due.source.as_str() == "a" { "tháng 12" } else { "\"tổ 14\"" };
    assert!(titles(old, None).await.is_empty(), "and not by what it said");
}

async fn what_was_stored_before_the_search_is_taken_in(fixture: Fixture) {
    let store = owing(&fixture, (1..=250).map(entry).collect(), &[]).await;
    let raw = AnyPool::connect(&fixture.address()).await.unwrap();
    for text in ["UPDATE entries SET place = NULL", "DELETE FROM searches"] {
        sqlx::query(text).execute(&raw).await.unwrap();
    }
    assert!(found(&store, &["a"], "tin", None, None).await.0.is_empty());
    assert_eq!(store.take_in().await.unwrap(), 100);
    assert_eq!(found(&store, &["a"], "tin", None, None).await.0, ["Tin số 250", "Tin số 249", "Tin số 248"], "the newest first");
    assert_eq!([store.take_in().await.unwrap(), store.take_in().await.unwrap(), store.take_in().await.unwrap()], [100, 50, 0]);
    assert_eq!(found(&store, &["a"], "so 7", None, None).await.0, ["Tin số 7"]);
}

async fn archives_are_closed_in_the_order_in_which_entries_came(fixture: Fixture) {
    let store = fixture.open().await;
    store.sync(&catalog(&["a", "b"], &[]), at(0)).await.unwrap();
    for due in store.claim_sources(at(0), LEASE, 9).await.unwrap() {
        let first = if due.source.as_str() == "a" { 1 } else { 51 };
        save(&store, &due, 0, (first..first + 5).map(entry).collect(), &[]).await;
    }
    let (feed, both) = (slug("tat-ca"), [slug("a"), slug("b")]);
    let titles = |all: Vec<Stored>| all.into_iter().map(|one| one.entry.title).collect::<HashSet<String>>();
    let archives = store.archive(&feed, &both, 3).await.unwrap();
    assert_eq!((archives.full, archives.complete), (3, true));
    let mut all = titles(store.unarchived(&both, &archives, 3).await.unwrap());
    assert_eq!(all.len(), 1);
    for number in 1..=3 {
        let (entries, of) = store.archived(&feed, &both, number, 3).await.unwrap().unwrap();
        assert_eq!((entries.len(), of), (3, 3));
        all.extend(titles(entries));
    }
    assert_eq!(all.len(), 10, "all of them once: {all:?}");
    assert!(store.archived(&feed, &both, 4, 3).await.unwrap().is_none());
    assert!(store.archived(&feed, &both, 0, 3).await.unwrap().is_none());
    assert_eq!(store.archive(&feed, &both, 3).await.unwrap(), archives, "nothing new, nothing closed");
    // Other sources under the same name are another feed.
    assert!(store.archived(&feed, &[slug("a")], 1, 3).await.unwrap().is_none());
    assert_eq!(store.archive(&feed, &[slug("a")], 3).await.unwrap().full, 1);
    assert!(store.archived(&feed, &both, 1, 3).await.unwrap().is_none());
    let raw = AnyPool::connect(&fixture.address()).await.unwrap();
    sqlx::query("UPDATE entries SET withdrawn = 5000 WHERE source = 'a'").execute(&raw).await.unwrap();
    assert!(store.archived(&feed, &[slug("a")], 1, 3).await.unwrap().unwrap().0.is_empty(), "what is taken back is in no archive");
    let taken = store.taken_back(&both, 9).await.unwrap();
    assert_eq!((taken.len(), taken[0].at.timestamp_millis(), taken[0].source.as_str()), (5, 5000, "a"));
}

async fn an_address_gets_one_thing_at_a_time_in_order(fixture: Fixture) {
    let to = [subscription("bot:-1"), subscription("bot:-2"), subscription("other:x")];
    let store = owing(&fixture, vec![entry(3), entry(2), entry(1)], &to).await;
    assert!(take(&store, 14, 9).await.is_empty(), "not before it is due");
    let first = take(&store, 16, 9).await;
    assert_eq!(titles(&first), ["Tin số 1", "Tin số 1"]);
    assert!(take(&store, 16, 9).await.is_empty(), "each address has something under way");
    settle(&store, &first[0], 16, sent("1")).await;
    let next = take(&store, 16, 9).await;
    assert_eq!((next.len(), &next[0].to), (1, &first[0].to));
    assert_eq!(titles(&next), ["Tin số 2"]);
    assert_eq!(next[0].deliveries[0].attempt, 1);
    assert!(store.next_delivery("bot").await.unwrap().is_some_and(|t| t > at(16)), "all addresses are busy");
    assert_eq!(store.next_delivery("nobody").await.unwrap(), None);
}

async fn a_digest_takes_all_that_is_due(fixture: Fixture) {
    let to = [Subscription { digest: true, ..subscription("bot:-1") }];
    let store = owing(&fixture, vec![entry(3), entry(2), entry(1)], &to).await;
    let batches = take(&store, 16, 9).await;
    assert_eq!(batches.len(), 1);
    assert!(batches[0].digest);
    assert_eq!(titles(&batches), ["Tin số 1", "Tin số 2", "Tin số 3"]);
    settle(&store, &batches[0], 16, sent("1")).await;
    assert_eq!(store.tally().await.unwrap().due, 0);
}

async fn more_at_once_than_a_burst_is_one_list_and_stays_one(fixture: Fixture) {
    let urgent = Filter { urgent: vec!["Tin số 4".to_owned()], ..Filter::default() };
    let few = Subscription { burst: 4, ..subscription("bot:-1") };
    let many = Subscription { burst: 3, filter: urgent, ..subscription("bot:-2") };
    let never = subscription("bot:-3");
    let store = owing(&fixture, (1..=5).map(entry).collect(), &[few, many, never]).await;
    let mut batches = take(&store, 16, 9).await;
    batches.sort_by_key(|batch| batch.to.to_string());
    let shape = |batch: &Batch| (batch.digest, batch.urgent, titles(std::slice::from_ref(batch)));
    let five: Vec<String> = (1..=5).map(|n| format!("Tin số {n}")).collect();
    assert_eq!(shape(&batches[0]), (true, false, five.clone()), "five are more than four");
    assert_eq!(shape(&batches[1]), (false, true, vec!["Tin số 4".to_owned()]), "urgent news goes by itself");
    assert_eq!(shape(&batches[2]), (false, false, vec!["Tin số 1".to_owned()]));
    settle(&store, &batches[1], 16, sent("1")).await;
    let rest = take(&store, 16, 9).await;
    assert_eq!(shape(&rest[0]), (true, false, ["Tin số 1", "Tin số 2", "Tin số 3", "Tin số 5"].map(str::to_owned).to_vec()));
    // Its answer is lost with the process: what is asked about is the same list.
    let after = take(&store, 30, 9).await;
    let doubt = after.iter().find(|batch| batch.to == batches[0].to).unwrap();
    assert!(doubt.in_doubt && doubt.digest, "{doubt:?}");
    assert_eq!((ids(doubt), titles(std::slice::from_ref(doubt))), (ids(&batches[0]), five));
}

async fn the_list_of_a_combined_feed_names_each_source_once(fixture: Fixture) {
    let to = [Subscription { feed: slug("all"), digest: true, ..subscription("bot:-1") }];
    let store = fixture.open().await;
    let mut known = catalog(&["a", "b"], &to);
    known.subscriptions[0].1 = vec![slug("a"), slug("b")];
    store.sync(&known, at(0)).await.unwrap();
    for minute in [0, 15] {
        for due in store.claim_sources(at(minute), LEASE, 2).await.unwrap() {
            let numbers: &[i64] = if due.source == slug("a") { &[1, 3] } else { &[2, 4] };
            let entries = if minute == 0 { Vec::new() } else { numbers.iter().map(|n| entry(*n)).collect() };
            save(&store, &due, minute, entries, &to).await;
        }
    }
    let batches = take(&store, 16, 9).await;
    assert_eq!(titles(&batches), ["Tin số 1", "Tin số 3", "Tin số 2", "Tin số 4"]);
}

async fn eight_claimers_take_each_delivery_once(fixture: Fixture) {
    let to: Vec<Subscription> = (0..400).map(|n| subscription(&format!("bot:{n}"))).collect();
    let store = owing(&fixture, vec![entry(1)], &to).await;
    let claimers: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let batches = take(&store, 16, 20).await;
                    if batches.is_empty() {
                        return mine;
                    }
                    for batch in batches {
                        mine.extend(ids(&batch));
                        settle(&store, &batch, 16, sent("1")).await;
                    }
                }
            })
        })
        .collect();
    let mut all = Vec::new();
    for claimer in claimers {
        all.extend(claimer.await.unwrap());
    }
    assert_eq!(all.len(), 400);
    assert_eq!(all.into_iter().collect::<HashSet<_>>().len(), 400);
}

async fn every_verdict_is_kept(fixture: Fixture) {
    let to: Vec<Subscription> = (0..4).map(|n| subscription(&format!("bot:{n}"))).collect();
    let store = owing(&fixture, vec![entry(1)], &to).await;
    let batches = take(&store, 16, 9).await;
    let later = |counts| Verdict::Later { due: at(20), cause: "chờ".to_owned(), counts };
    for (batch, verdict) in batches.iter().zip([later(true), later(false), Verdict::Dead { cause: "sai địa chỉ".to_owned() }]) {
        settle(&store, batch, 16, verdict).await;
    }
    settle(&store, &batches[3], 16, Verdict::InDoubt { due: at(20), cause: "mất trả lời".to_owned(), counts: true }).await;
    assert!(take(&store, 19, 9).await.is_empty());
    assert_eq!(store.tally().await.unwrap(), loaphuong::store::Tally { due: 2, doubt: 1, dead: 1 });
    let (all, none) = (store.tally().await.unwrap(), loaphuong::store::Tally::default());
    let by_channel = [("bot".to_owned(), all), ("bo".to_owned(), none)].into();
    assert_eq!(store.tallies(&["bot", "bo"]).await.unwrap(), by_channel);
    assert_eq!(store.overdue(at(20)).await.unwrap(), 3);
    let again = take(&store, 20, 9).await;
    let of = |batch: &Batch| again.iter().find(|b| b.to == batch.to).map(|b| (b.in_doubt, b.deliveries[0].attempt, b.deliveries[0].doubts));
    assert_eq!(of(&batches[0]), Some((false, 2, 0)));
    assert_eq!(of(&batches[1]), Some((false, 1, 0)));
    assert_eq!(of(&batches[2]), None);
    assert_eq!(of(&batches[3]), Some((true, 1, 1)));
}

async fn parts_that_are_out_are_remembered(fixture: Fixture) {
    let store = owing(&fixture, vec![entry(1)], &[subscription("bot:-1")]).await;
    let batch = take(&store, 16, 9).await.remove(0);
    let keep = Settled { keep_until: Some(at(18)), ..Settled::default() };
    for id in ["10", "11"] {
        let part = Verdict::Part(Sent { ids: vec![id.to_owned()] });
        store.settle(&batch, &ids(&batch), part, keep.clone(), at(16)).await.unwrap();
    }
    assert!(take(&store, 16, 9).await.is_empty(), "the address is kept for the next part");
    settle(&store, &batch, 16, Verdict::Later { due: at(17), cause: "500".to_owned(), counts: true }).await;
    let again = take(&store, 17, 9).await.remove(0);
    assert_eq!(again.deliveries[0].sent, ["10", "11"]);
}

async fn a_stale_claim_changes_nothing(fixture: Fixture) {
    let store = owing(&fixture, vec![entry(1)], &[subscription("bot:-1")]).await;
    let slow = take(&store, 16, 9).await.remove(0);
    let doubt = take(&store, 20, 9).await.remove(0);
    assert!(doubt.in_doubt);
    settle(&store, &slow, 20, Verdict::Dead { cause: "quá muộn".to_owned() }).await;
    assert_eq!(store.tally().await.unwrap().dead, 0);
    settle(&store, &doubt, 20, sent("7")).await;
    assert_eq!(store.tally().await.unwrap().doubt, 0);
}

async fn a_refusal_suspends_and_a_success_clears(fixture: Fixture) {
    let store = owing(&fixture, vec![entry(1), entry(2)], &[subscription("bot:-1")]).await;
    let batch = take(&store, 16, 9).await.remove(0);
    let refused = Settled { ready: Some(at(100)), refused: Some("bị chặn".to_owned()), ..Settled::default() };
    let later = Verdict::Later { due: at(16), cause: "bị chặn".to_owned(), counts: false };
    store.settle(&batch, &ids(&batch), later, refused, at(16)).await.unwrap();
    assert!(take(&store, 99, 9).await.is_empty());
    assert_eq!(store.next_delivery("bot").await.unwrap(), Some(at(100)));
    let letters = store.dead_letters(9).await.unwrap();
    assert_eq!(letters.len(), 2);
    assert!(letters.iter().all(|l| l.held && l.cause == "bị chặn"), "{letters:?}");
    let again = take(&store, 100, 9).await.remove(0);
    assert_eq!(again.refusals, 1);
    settle(&store, &again, 100, sent("1")).await;
    assert!(store.dead_letters(9).await.unwrap().is_empty());
    assert_eq!(take(&store, 100, 9).await[0].refusals, 0);
}

async fn a_moved_address_is_followed_for_good(fixture: Fixture) {
    let to = [subscription("bot:-1")];
    let store = owing(&fixture, vec![entry(1), entry(2)], &to).await;
    let batch = take(&store, 16, 9).await.remove(0);
    let moved = Settled { moved: Address::parse("bot:-1001"), ..Settled::default() };
    let later = Verdict::Later { due: at(16), cause: "đã chuyển".to_owned(), counts: false };
    store.settle(&batch, &ids(&batch), later, moved, at(16)).await.unwrap();
    let due = claim(&store, 30).await;
    save(&store, &due, 30, vec![entry(3)], &to).await;
    for want in ["Tin số 1", "Tin số 2", "Tin số 3"] {
        let batch = take(&store, 31, 9).await.remove(0);
        assert_eq!((batch.to.chat(), batch.deliveries[0].entry.entry.title.as_str()), ("-1001", want));
        settle(&store, &batch, 31, sent("1")).await;
    }
}

async fn a_lease_that_ran_out_is_a_doubt(fixture: Fixture) {
    let store = owing(&fixture, vec![entry(1)], &[subscription("bot:-1")]).await;
    take(&store, 16, 9).await;
    let doubt = take(&store, 18, 9).await.remove(0);
    assert!(doubt.in_doubt);
    assert_eq!(doubt.deliveries[0].doubts, 1);
}

async fn what_is_held_on_to_is_not_taken_for_what_a_crash_left(fixture: Fixture) {
    let store = owing(&fixture, vec![entry(2), entry(1)], &[subscription("bot:1"), subscription("bot:2")]).await;
    let batches = take(&store, 16, 9).await;
    assert_eq!(titles(&batches), ["Tin số 1", "Tin số 1"]);
    store.hold(&[Held::from(&batches[0])], at(60)).await.unwrap();
    let later = take(&store, 30, 9).await;
    assert!(later.len() == 1 && later[0].in_doubt && later[0].to == batches[1].to, "the other ran out: {later:?}");
    store.hold(&[Held::from(&batches[1])], at(90)).await.unwrap();
    settle(&store, &later[0], 30, sent("7")).await;
    settle(&store, &batches[0], 31, sent("8")).await;
    let next = take(&store, 31, 9).await;
    assert_eq!(titles(&next), ["Tin số 2", "Tin số 2"], "held, settled and free again, each once");
    store.close().await;
}

async fn an_address_that_ended_is_never_seen_to_refuse(fixture: Fixture) {
    let store = owing(&fixture, vec![entry(1)], &[]).await;
    let own = Subscription { welcome: 1, ..subscription("bot:7") };
    store.subscribe(&own, &[slug("a")], at(16)).await.unwrap();
    let batch = take(&store, 16, 9).await.remove(0);
    let verdict = Verdict::Later { due: at(15), cause: "gone".into(), counts: false };
    let settled = Settled { ready: Some(at(400)), refused: Some("gone".into()), ended: true, ..Settled::default() };
    store.settle(&batch, &ids(&batch), verdict, settled, at(17)).await.unwrap();
    assert_eq!(store.refusing("bot", 9).await.unwrap().0, 0);
    assert!(store.subscriptions_of(&own.to, ZONE).await.unwrap().is_empty());
    assert_eq!(store.tally().await.unwrap().due, 0);
    store.close().await;
}

async fn a_doubt_comes_first_and_hides_the_rest_of_its_address(fixture: Fixture) {
    let store = owing(&fixture, vec![entry(1), entry(2)], &[subscription("bot:-1")]).await;
    let batch = take(&store, 16, 9).await.remove(0);
    settle(&store, &batch, 16, Verdict::InDoubt { due: at(20), cause: "?".to_owned(), counts: true }).await;
    assert!(take(&store, 17, 9).await.is_empty());
    assert_eq!(store.next_delivery("bot").await.unwrap(), Some(at(20)));
    let doubt = take(&store, 20, 9).await.remove(0);
    assert!(doubt.in_doubt);
    settle(&store, &doubt, 20, Verdict::Later { due: at(20), cause: "chưa tới".to_owned(), counts: true }).await;
    assert_eq!(titles(&take(&store, 20, 9).await), ["Tin số 1"]);
}

/// A claim reads the clock before the settle that it races with.
async fn what_was_tried_is_not_overtaken_within_a_millisecond(fixture: Fixture) {
    let store = owing(&fixture, vec![entry(1), entry(2)], &[subscription("bot:-1")]).await;
    let batch = take(&store, 16, 9).await.remove(0);
    settle(&store, &batch, 18, Verdict::Later { due: at(18), cause: "chưa tới".to_owned(), counts: true }).await;
    assert!(take(&store, 17, 9).await.is_empty());
    assert_eq!(titles(&take(&store, 18, 9).await), ["Tin số 1"]);
}

async fn letters_are_revived_and_dropped(fixture: Fixture) {
    let to: Vec<Subscription> = (0..3).map(|n| subscription(&format!("bot:{n}"))).collect();
    let store = owing(&fixture, vec![entry(1)], &to).await;
    for batch in take(&store, 16, 9).await {
        settle(&store, &batch, 16, Verdict::Dead { cause: "chat not found".to_owned() }).await;
    }
    let letters = store.dead_letters(9).await.unwrap();
    assert_eq!(letters.len(), 3);
    assert_eq!(store.revive(&[letters[0].id], at(17)).await.unwrap(), 1);
    let back = take(&store, 17, 9).await;
    assert_eq!((back.len(), back[0].deliveries[0].attempt), (1, 1));
    assert_eq!(store.drop_letters(&[letters[1].id]).await.unwrap(), 1);
    assert_eq!(store.tally().await.unwrap().dead, 1);
    assert_eq!(store.revive(&[], at(18)).await.unwrap(), 1);
    assert_eq!(store.drop_letters(&[]).await.unwrap(), 0);
}

async fn what_a_killed_process_left_is_in_doubt(fixture: Fixture) {
    let store = owing(&fixture, vec![entry(1), entry(2)], &[subscription("bot:-1")]).await;
    take(&store, 16, 9).await;
    drop(store);
    let store = reopened(&fixture).await;
    store.recover(at(17)).await.unwrap();
    assert!(take(&store, 17, 9).await.is_empty(), "it may still be on its way");
    // On PostgreSQL another machine may be the one that sends: only the end of its lease tells.
    let minute = if fixture.url.starts_with("sqlite") { 18 } else { 19 };
    let batches = take(&store, minute, 9).await;
    assert!(batches[0].in_doubt);
    assert_eq!(titles(&batches), ["Tin số 1"]);
}

/// A clock that was a year ahead for one visit.
async fn a_source_read_in_the_future_is_visited_now(fixture: Fixture) {
    const YEAR: i64 = 365 * 24 * 60;
    let store = owing(&fixture, vec![entry(1)], &[]).await;
    let due = claim(&store, YEAR).await;
    save(&store, &due, YEAR, Vec::new(), &[]).await;
    assert!(store.claim_sources(at(30), LEASE, 9).await.unwrap().is_empty());
    assert_eq!(store.heal_visits(at(30)).await.unwrap(), 1);
    assert_eq!(store.heal_visits(at(30)).await.unwrap(), 0, "what is right is left alone");
    assert_eq!(store.claim_sources(at(30), LEASE, 9).await.unwrap().len(), 1);
}

async fn what_a_wrong_clock_put_a_year_ahead_is_due_now(fixture: Fixture) {
    const YEAR: i64 = 365 * 24 * 60;
    let told = [subscription("bot:-1"), subscription("bot:-2"), subscription("bot:-3")];
    let store = owing(&fixture, vec![entry(1)], &told).await;
    let batches = take(&store, YEAR, 9).await;
    let later = Verdict::Later { due: at(YEAR + 60), cause: "flood".to_owned(), counts: true };
    let waits = Settled { ready: Some(at(YEAR + 60)), ..Settled::default() };
    store.settle(&batches[0], &ids(&batches[0]), later, waits.clone(), at(YEAR)).await.unwrap();
    let paced = Settled { ready: Some(at(YEAR) + TimeDelta::seconds(1)), ..Settled::default() };
    store.settle(&batches[1], &ids(&batches[1]), sent("1"), paced, at(YEAR)).await.unwrap();
    // The third is under way in a process that dies.
    let due = claim(&store, 30).await;
    save(&store, &due, 30, vec![entry(2)], &told).await;
    assert!(take(&store, 31, 9).await.is_empty());
    let farthest = Farthest { wait: TimeDelta::hours(25), lease: Some(TimeDelta::minutes(12)) };
    assert!(store.heal_clock("bot", farthest, at(31)).await.unwrap() >= 5);
    let batches = take(&store, 31, 9).await;
    let mut got: Vec<_> = batches.iter().map(|b| (b.to.chat().to_owned(), b.in_doubt, b.deliveries[0].entry.entry.title.clone())).collect();
    got.sort();
    let want = [("-1", false, "Tin số 1"), ("-2", false, "Tin số 2"), ("-3", true, "Tin số 1")];
    assert_eq!(got, want.map(|(chat, doubt, title)| (chat.to_owned(), doubt, title.to_owned())));
    assert_eq!(store.heal_clock("bot", farthest, at(31)).await.unwrap(), 0, "what is right is left alone");
}

async fn a_wait_that_was_told_in_the_future_is_over(fixture: Fixture) {
    const HOURS: i64 = 7 * 60;
    let told = [subscription("bot:-1"), subscription("bot:-2"), subscription("bot:-3")];
    let store = owing(&fixture, vec![entry(1)], &told).await;
    let batches = take(&store, 16, 9).await;
    // A flood wait and a refusal that a wrong clock dated, and a flood wait of a right one.
    for (batch, told_at, refused) in [(&batches[0], HOURS, None), (&batches[1], HOURS, Some("kicked".to_owned())), (&batches[2], 16, None)]
    {
        let (until, counts) = (at(told_at + 50), refused.is_none());
        let later = Verdict::Later { due: if counts { until } else { at(15) }, cause: "flood".to_owned(), counts };
        let settled = Settled { ready: Some(until), refused, ..Settled::default() };
        store.settle(batch, &ids(batch), later, settled, at(told_at)).await.unwrap();
    }
    let farthest = Farthest { wait: TimeDelta::hours(25), lease: Some(TimeDelta::minutes(12)) };
    store.heal_clock("bot", farthest, at(17)).await.unwrap();
    let mut got: Vec<_> = take(&store, 17, 9).await.iter().map(|b| b.to.to_string()).collect();
    got.sort();
    assert_eq!(got, ["bot:-1", "bot:-2"]);
}

async fn what_left_within_a_minute_is_told_for_the_pace(fixture: Fixture) {
    let store = owing(&fixture, vec![entry(1), entry(2), entry(3)], &[subscription("bot:-1")]).await;
    let first = take(&store, 16, 9).await.remove(0);
    settle(&store, &first, 16, sent("1")).await;
    let second = take(&store, 20, 9).await.remove(0);
    settle(&store, &second, 20, Verdict::Sent(Sent { ids: vec!["2".to_owned(), "3".to_owned()] })).await;
    take(&store, 20, 9).await;
    let to = Address::parse("bot:-1").unwrap();
    let now = at(20) + TimeDelta::seconds(5);
    let told = store.sent_lately("bot", at(19), now).await.unwrap();
    assert_eq!(told, [(to.clone(), at(20)), (to.clone(), at(20)), (to, now)], "two parts, and one that is under way");
}

async fn what_nothing_names_any_more_is_given_up_but_not_what_moved(fixture: Fixture) {
    let (stays, goes) = (subscription("bot:-1"), subscription("bot:-2"));
    let store = owing(&fixture, vec![entry(1)], &[stays.clone(), goes]).await;
    let batches = take(&store, 16, 9).await;
    for batch in &batches {
        let moved = (batch.to.chat() == "-1").then(|| Address::parse("bot:-100").unwrap());
        let later = Verdict::Later { due: at(16), cause: "moved".to_owned(), counts: false };
        store.settle(batch, &ids(batch), later, Settled { moved, ..Settled::default() }, at(16)).await.unwrap();
    }
    store.sync(&catalog(&["a"], &[stays]), at(17)).await.unwrap();
    let letters = store.dead_letters(9).await.unwrap();
    assert_eq!(letters.iter().map(|l| (l.to.to_string(), l.held)).collect::<Vec<_>>(), [("bot:-2".to_owned(), false)]);
    let left = take(&store, 17, 9).await;
    assert_eq!(left.iter().map(|b| b.to.to_string()).collect::<Vec<_>>(), ["bot:-100"]);
}

/// The committer of a dropped store ends on its own time, and with it the lock.
async fn reopened(fixture: &Fixture) -> Arc<Store> {
    for _ in 0..1000 {
        match Store::open(&fixture.url, fixture.dir.path(), Access::Daemon).await {
            Ok(store) => return Arc::new(store),
            Err(OpenError::Held(_)) => tokio::task::yield_now().await,
            Err(OpenError::Refused(why)) => panic!("{why}"),
        }
    }
    panic!("the lock was never freed");
}

#[tokio::test]
async fn only_one_daemon_may_have_a_sqlite_database() {
    let fixture = Fixture::sqlite().unwrap();
    let store = fixture.open().await;
    match Store::open(&fixture.url, fixture.dir.path(), Access::Daemon).await {
        Err(OpenError::Held(sentence)) => assert!(sentence.contains(&std::process::id().to_string()), "{sentence}"),
        other => panic!("{:?}", other.err()),
    }
    let beside = Store::open(&fixture.url, fixture.dir.path(), Access::Beside).await.unwrap_or_else(|e| panic!("{e:?}"));
    assert_eq!(beside.tally().await.unwrap(), store.tally().await.unwrap());
}

async fn refusal(url: &str, dir: &Path) -> String {
    match Store::open(url, dir, Access::Daemon).await {
        Err(OpenError::Refused(sentence)) => sentence,
        other => panic!("{:?}", other.err()),
    }
}

#[tokio::test]
async fn a_newer_database_is_refused_untouched() {
    let fixture = Fixture::sqlite().unwrap();
    fixture.open().await.close().await;
    let path = fixture.dir.path().join("data/test.db");
    let mut bytes = std::fs::read(&path).unwrap();
    // user_version: four bytes at offset 60 of the file (SQLite file format, 1.3).
    bytes[60..64].copy_from_slice(&99u32.to_be_bytes());
    std::fs::write(&path, &bytes).unwrap();
    let sentence = refusal(&fixture.url, fixture.dir.path()).await;
    assert!(sentence.contains("99"), "{sentence}");
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}

#[tokio::test]
async fn a_damaged_database_is_refused_with_a_way_out() {
    let fixture = Fixture::sqlite().unwrap();
    let many = (0..400).map(|n| Entry { content_html: "x".repeat(900), ..entry(n) }).collect();
    owing(&fixture, many, &[]).await.close().await;
    let path = fixture.dir.path().join("data/test.db");
    let mut bytes = std::fs::read(&path).unwrap();
    assert!(bytes.len() > 100 * 1024);
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0xA5);
    std::fs::write(&path, &bytes).unwrap();
    let sentence = refusal(&fixture.url, fixture.dir.path()).await;
    assert!(sentence.contains("bị hỏng"), "{sentence}");
}

#[tokio::test]
async fn an_absolute_path_is_taken_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sâu/hơn nữa/kho.db");
    let url = format!("sqlite://{}", path.display());
    let store = Store::open(&url, Path::new("/nowhere"), Access::Daemon).await.unwrap_or_else(|e| panic!("{e:?}"));
    store.ping().await.unwrap();
    assert!(path.exists());
    assert!(refusal("sqlite:///proc/loaphuong/kho.db", dir.path()).await.contains("/proc/loaphuong"));
}

/// A poll at this minute that read these entries from pages of their own.
async fn save_seen(store: &Store, minute: i64, entries: Vec<Entry>, seen: Seen, subscriptions: &[Subscription]) -> Saved {
    let due = claim(store, minute).await;
    let visited = Visited::Read { entries, validators: Validators::default() };
    let poll = Poll {
        due: &due,
        now: at(minute),
        next: at(minute),
        visited,
        problems: Vec::new(),
        subscriptions,
        feeds: &[],
        seen,
        words: Vec::new(),
        report: None,
    };
    store.save(&poll).await.unwrap()
}

fn paged(entries: &[Entry]) -> Seen {
    let etag = |e: &Entry| (e.guid.clone(), Validators { etag: Some("\"p\"".to_owned()), last_modified: None });
    Seen { pages: entries.iter().map(etag).collect(), ..Seen::default() }
}

fn at_address(mut entry: Entry, url: &str) -> Entry {
    entry.guid = Guid::new(url);
    entry.url = Some(url.parse().unwrap());
    entry
}

async fn an_entry_is_known_by_every_address_of_its_page(fixture: Fixture) {
    let store = fixture.open().await;
    store.sync(&catalog(&["a"], &[]), at(0)).await.unwrap();
    let first = at_address(entry(1), "https://a.example/tin?id=1");
    save_seen(&store, 0, vec![first.clone()], Seen::default(), &[]).await;
    let asked = |guid: &str, key: &str| Asked { guid: Guid::new(guid), key: Some(key.to_owned()) };
    let known = store
        .known(
            &slug("a"),
            &[asked("http://www.a.example/tin?id=1&utm_source=x", "a.example/tin?id=1"), asked("https://a.example/2", "a.example/2")],
        )
        .await
        .unwrap();
    assert_eq!(known.values().map(|k| &k.guid).collect::<Vec<_>>(), [&first.guid]);
    let mut again = at_address(entry(1), "http://m.a.example/tin/?id=1");
    again.content_html = "<p>Bản sửa</p>".to_owned();
    assert_eq!(save_seen(&store, 15, vec![again], Seen::default(), &[]).await, Saved { changed: 1, ..Saved::default() });
    let other_title = Entry { title: "Tin khác hẳn".to_owned(), guid: Guid::new("x"), ..first };
    assert_eq!(save_seen(&store, 30, vec![other_title], Seen::default(), &[]).await.new, 1, "an address alone makes no entry the same");
}

async fn the_same_words_on_the_same_day_are_one_entry(fixture: Fixture) {
    let store = fixture.open().await;
    store.sync(&catalog(&["a"], &[]), at(0)).await.unwrap();
    save_seen(&store, 0, vec![at_address(entry(1), "https://a.example/1")], Seen::default(), &[]).await;
    let check = async |minute: i64, entry: Entry, new: usize| {
        assert_eq!(save_seen(&store, minute, vec![entry.clone()], Seen::default(), &[]).await.new, new, "{}", entry.guid);
    };
    let mut twin = at_address(entry(1), "https://a.example/thong-bao/77");
    twin.title = "TIN SỐ 1".to_owned();
    check(15, twin.clone(), 0).await;
    assert!(store.known(&slug("a"), &[Asked { guid: twin.guid, key: None }]).await.unwrap().len() == 1);
    let mut next_week = at_address(entry(1), "https://a.example/8");
    next_week.published = Some((at(1) + TimeDelta::days(7)).fixed_offset());
    check(30, next_week, 1).await;
    let mut other_words = at_address(entry(1), "https://a.example/9");
    other_words.content_html = "<p>Nội dung khác</p>".to_owned();
    check(45, other_words, 1).await;
    let mut undated = at_address(entry(1), "https://a.example/10");
    undated.published = None;
    check(60, undated, 1).await;
}

async fn earlier_versions_are_kept_and_bounded(fixture: Fixture) {
    let store = fixture.open().await;
    store.sync(&catalog(&["a"], &[]), at(0)).await.unwrap();
    for version in 1..=25 {
        let mut edited = entry(1);
        edited.content_html = format!("<p>Giờ họp</p><p>{version} giờ</p>");
        save_seen(&store, version * 15, vec![edited], Seen::default(), &[]).await;
    }
    let revisions = store.revisions(&slug("a"), &entry(1).guid).await.unwrap();
    assert_eq!(revisions.len(), 20);
    assert_eq!((revisions[0].number, revisions[0].replaced), (24, at(25 * 15)));
    assert!(revisions[0].diff.contains("-24 giờ\n+25 giờ"), "{}", revisions[0].diff);
}

async fn a_page_gone_twice_hours_apart_withdraws_its_entry(fixture: Fixture) {
    let subscriptions = [subscription("bot:-1")];
    let store = fixture.open().await;
    store.sync(&catalog(&["a"], &subscriptions), at(0)).await.unwrap();
    save_seen(&store, 0, Vec::new(), Seen::default(), &subscriptions).await;
    let one = at_address(entry(1), "https://a.example/1");
    save_seen(&store, 15, vec![one.clone()], paged(std::slice::from_ref(&one)), &subscriptions).await;
    let hour = 60;
    let due = claim(&store, 15 + hour).await;
    assert_eq!(due.again.iter().map(|a| (&a.guid, a.validators.etag.as_deref())).collect::<Vec<_>>(), [(&one.guid, Some("\"p\""))]);
    store.release(&due).await.unwrap();
    let gone = |listed: &[Guid]| Seen { gone: vec![one.guid.clone()], listed: Some(listed.to_vec()), ..Seen::default() };
    let shown = async || store.entries(&Query { sources: &[slug("a")], limit: 9 }).await.unwrap().len();
    assert_eq!(save_seen(&store, 76, Vec::new(), gone(&[]), &subscriptions).await.withdrawn, 0);
    assert_eq!(save_seen(&store, 90, Vec::new(), gone(&[]), &subscriptions).await.withdrawn, 0, "not within minutes");
    assert_eq!(
        save_seen(&store, 300, Vec::new(), gone(std::slice::from_ref(&one.guid)), &subscriptions).await.withdrawn,
        0,
        "the list still names it"
    );
    assert_eq!((shown().await, store.tally().await.unwrap().due), (1, 1));
    assert_eq!(save_seen(&store, 310, Vec::new(), gone(&[]), &subscriptions).await.withdrawn, 1);
    assert_eq!((shown().await, store.tally().await.unwrap().due), (0, 0));
    let page = store.entry_by_slug(&slug("a"), &one.page_slug()).await.unwrap().unwrap();
    assert!(page.withdrawn);
    let saved = save_seen(&store, 400, vec![one.clone()], paged(std::slice::from_ref(&one)), &subscriptions).await;
    assert_eq!((saved.returned, saved.new), (1, 0));
    assert_eq!((shown().await, store.tally().await.unwrap().due), (1, 1));
}

async fn incidents_are_kept_until_they_are_over(fixture: Fixture) {
    let store = fixture.open().await;
    store.sync(&catalog(&["a"], &[]), at(0)).await.unwrap();
    let incident =
        Incident { kind: Kind::Failing, since: at(0), reported: Some(at(1)), before: "trước".to_owned(), after: "sau".to_owned() };
    for _ in 0..2 {
        let seen = Seen { incidents: vec![Change::Open(incident.clone())], ..Seen::default() };
        save_seen(&store, 0, Vec::new(), seen, &[]).await;
    }
    assert_eq!(store.health().await.unwrap()[0].incidents, std::slice::from_ref(&incident));
    assert_eq!(store.open_incidents().await.unwrap().get(&Kind::Failing), Some(&1));
    let due = claim(&store, 0).await;
    assert_eq!(due.incidents, [incident]);
    store.release(&due).await.unwrap();
    let seen = Seen { incidents: vec![Change::Close(Kind::Failing)], ..Seen::default() };
    save_seen(&store, 0, Vec::new(), seen, &[]).await;
    assert!(store.health().await.unwrap()[0].incidents.is_empty());
}

async fn a_source_remembers_where_its_list_moved(fixture: Fixture) {
    let store = fixture.open().await;
    store.sync(&catalog(&["a"], &[]), at(0)).await.unwrap();
    let seen = Seen { moved: Some("https://b.example/tin".parse().unwrap()), ..Seen::default() };
    save_seen(&store, 0, (1..=3).map(entry).collect(), seen, &[]).await;
    let due = claim(&store, 0).await;
    assert_eq!((due.moved.as_ref().map(|u| u.as_str()), due.whole), (Some("https://b.example/tin"), Some(at(0))));
    assert_eq!((due.pulse.gap, due.pulse.newest), (Some(TimeDelta::minutes(1)), Some(at(3))));
    let changed = Catalog { sources: vec![SourceEntry { slug: slug("a"), fingerprint: "2".to_owned() }], subscriptions: Vec::new() };
    store.sync(&changed, at(1)).await.unwrap();
    store.release(&due).await.unwrap();
    assert_eq!(claim(&store, 1).await.moved, None, "another block is another list");
}

async fn what_was_learned_is_kept_until_it_is_forgotten(fixture: Fixture) {
    let store = fixture.open().await;
    store.sync(&catalog(&["a"], &[]), at(0)).await.unwrap();
    let learn = async |learned: Learned, want: Option<&str>| {
        let seen = Seen { learned: Some(learned), ..Seen::default() };
        save_seen(&store, 0, vec![entry(1)], seen, &[]).await;
        let due = claim(&store, 0).await;
        store.release(&due).await.unwrap();
        assert_eq!(due.recipe.as_deref(), want);
    };
    learn(Learned::Recipe { text: "[list]".to_owned(), pages: 4 }, Some("[list]")).await;
    learn(Learned::Recipe { text: "[article]".to_owned(), pages: 9 }, Some("[article]")).await;
    learn(Learned::Nothing, None).await;
    assert_eq!(store.titles(&slug("a")).await.unwrap(), ["Tin số 1"]);
}

async fn a_quiet_visit_is_noted_beside_others(fixture: Fixture) {
    let store = fixture.open().await;
    let names: Vec<String> = (0..40).map(|n| format!("a{n}")).collect();
    store.sync(&catalog(&names.iter().map(String::as_str).collect::<Vec<_>>(), &[]), at(0)).await.unwrap();
    let claimed = store.claim_sources(at(0), LEASE, 50).await.unwrap();
    let poll = |due| Poll {
        due,
        now: at(1),
        next: at(16),
        visited: Visited::Unchanged,
        problems: Vec::new(),
        subscriptions: &[],
        feeds: &[],
        seen: Seen::default(),
        words: Vec::new(),
        report: None,
    };
    let polls: Vec<Poll<'_>> = claimed.iter().map(poll).collect();
    let all = futures_util::future::join_all(polls.iter().map(|poll| store.save(poll))).await;
    assert!(all.into_iter().all(|saved| saved.unwrap() == Saved::default()));
    let health = store.health().await.unwrap();
    assert!(health.len() == 40 && health.iter().all(|h| (h.last_ok, h.next) == (Some(at(1)), at(16))));
    assert!(store.claim_sources(at(15), LEASE, 50).await.unwrap().is_empty());
}

async fn feeds_that_were_written_are_known(fixture: Fixture) {
    let store = fixture.open().await;
    for stamp in ["1", "2"] {
        store.note_written(&[(slug("a"), stamp.to_owned())]).await.unwrap();
        assert_eq!(store.written().await.unwrap()[&slug("a")], stamp);
    }
}

async fn a_claim_is_held_as_long_as_it_is_renewed(fixture: Fixture) {
    let store = fixture.open().await;
    store.sync(&catalog(&["a", "b"], &[]), at(0)).await.unwrap();
    let due = store.claim_sources(at(0), LEASE, 1).await.unwrap().remove(0);
    assert_eq!(store.renew(&[due.lease.clone(), "khac".to_owned()], at(4)).await.unwrap(), [due.lease.clone()].into());
    let others = store.claim_sources(at(3), LEASE, 9).await.unwrap();
    assert!(others.len() == 1 && others[0].source != due.source, "held past its first end: {others:?}");
    assert_eq!(store.claim_sources(at(4), LEASE, 9).await.unwrap().len(), 1, "a daemon that died renews nothing");
    assert!(store.renew(&[due.lease], at(9)).await.unwrap().is_empty());
}

async fn what_servers_told_of_files_is_remembered(fixture: Fixture) {
    let store = fixture.open().await;
    store.sync(&catalog(&["a"], &[]), at(0)).await.unwrap();
    let [pdf, mute]: [url::Url; 2] = ["https://a.example/1.pdf", "https://a.example/2.pdf"].map(|url| url.parse().unwrap());
    let about = About { media_type: Some("application/pdf".to_owned()), length: Some(52_100) };
    let seen = Seen { files: vec![(pdf.clone(), about.clone()), (mute.clone(), About::default())], ..Seen::default() };
    save_seen(&store, 0, Vec::new(), seen, &[]).await;
    let known = async |minute| store.files(&slug("a"), &[pdf.clone(), mute.clone()], at(minute)).await.unwrap();
    let day = 24 * 60;
    assert_eq!(known(day - 2).await, [(pdf.clone(), about.clone()), (mute.clone(), About::default())].into());
    assert_eq!(known(day + 2).await, [(pdf.clone(), about)].into(), "asked again the next day");
    assert!(known(8 * day).await.is_empty());
}

async fn pages_of_a_killed_visit_are_kept_until_it_is_saved(fixture: Fixture) {
    let store = fixture.open().await;
    store.sync(&catalog(&["a"], &[]), at(0)).await.unwrap();
    let url: url::Url = "https://a.example/tin".parse().unwrap();
    let page = |body: &'static str| Page { charset: Some("utf-8".to_owned()), ..Page::new(url.join("/moi").unwrap(), at(0), body) };
    for body in ["cũ", "mới"] {
        store.keep(&slug("a"), &[(url.clone(), Ok(page(body)))], at(0)).await.unwrap();
    }
    let gone = url.join("/hong").unwrap();
    store.keep(&slug("a"), &[(gone.clone(), Err("HTTP 500".to_owned()))], at(0)).await.unwrap();
    let kept = store.kept(&slug("a"), at(1)).await.unwrap();
    assert_eq!(kept[&gone].as_ref().unwrap_err(), "HTTP 500");
    let found = kept[&url].as_ref().unwrap();
    assert_eq!((found.url.path(), found.charset.as_deref(), found.body.as_ref()), ("/moi", Some("utf-8"), "mới".as_bytes()));
    assert!(store.kept(&slug("a"), at(7 * 60)).await.unwrap().is_empty(), "too old");
    save_seen(&store, 1, Vec::new(), Seen { kept: true, ..Seen::default() }, &[]).await;
    assert!(store.kept(&slug("a"), at(1)).await.unwrap().is_empty());
}

pub(crate) async fn saved_for_all(store: &Store, minute: i64, entries: Vec<Entry>, subscriptions: &[Subscription]) -> Saved {
    store.visit_all(at(minute)).await.unwrap();
    let due = store.claim_sources(at(minute), LEASE, 1).await.unwrap().remove(0);
    let visited = Visited::Read { entries, validators: Validators::default() };
    let feeds = [slug("a")];
    let poll = Poll {
        due: &due,
        now: at(minute),
        next: at(minute),
        visited,
        problems: Vec::new(),
        subscriptions,
        feeds: &feeds,
        seen: Seen::default(),
        words: Vec::new(),
        report: None,
    };
    store.save(&poll).await.unwrap()
}

pub(crate) const ZONE: chrono_tz::Tz = chrono_tz::Asia::Ho_Chi_Minh;

async fn an_entry_for_very_many_is_fanned_out_in_pieces_and_after_those_for_few(fixture: Fixture) {
    let store = fixture.open().await;
    store.sync(&catalog(&["a"], &[]), at(0)).await.unwrap();
    saved_for_all(&store, 0, Vec::new(), &[]).await;
    for n in 0..1201 {
        store.subscribe(&subscription(&format!("many:{n}")), &[], at(0)).await.unwrap();
    }
    saved_for_all(&store, 1, vec![entry(1)], &[subscription("many:few")]).await;
    let reopened = async {
        let looked_at = store.fan_out_some(ZONE, &[], at(1)).await.unwrap();
        (looked_at, store.tally().await.unwrap().due)
    };
    assert_eq!(reopened.await, (Some(500), 501), "one piece, beside the one of the config");
    store.close().await;
    drop(store);
    let store = fixture.open().await;
    let mut pieces = Vec::new();
    while let Some(looked_at) = store.fan_out_some(ZONE, &[], at(2)).await.unwrap() {
        pieces.push(looked_at);
    }
    assert_eq!((pieces, store.tally().await.unwrap().due), (vec![500, 201], 1202), "a new process goes on where it was");
    let first = store.claim_deliveries("many", at(3), LEASE, 1).await.unwrap();
    assert_eq!(first[0].to.chat(), "few", "those that are few do not wait for the many");
    store.close().await;
}

async fn what_people_subscribed_to_is_kept_changed_and_ended(fixture: Fixture) {
    let store = fixture.open().await;
    store.sync(&catalog(&["a"], &[]), at(0)).await.unwrap();
    saved_for_all(&store, 0, vec![entry(1), entry(2)], &[]).await;
    let filter = Filter { include: vec!["số".to_owned()], urgent: vec!["bão".to_owned()], ..Filter::default() };
    let schedule = loaphuong::schedule::Schedule::parse("0 7 * * *", ZONE).ok();
    let wanted = Subscription { welcome: 1, filter, ..subscription("bot:7") };
    store.subscribe(&wanted, &[slug("a")], at(1)).await.unwrap();
    assert_eq!(store.tally().await.unwrap().due, 1, "it is welcomed with the newest");
    let changed = Subscription { schedule, digest: true, silent: true, ..wanted.clone() };
    store.subscribe(&changed, &[slug("a")], at(2)).await.unwrap();
    assert_eq!(store.subscriptions_of(&wanted.to, ZONE).await.unwrap(), vec![changed]);
    assert_eq!(store.tally().await.unwrap().due, 1, "and welcomed once");
    store.sync(&catalog(&["a"], &[]), at(2)).await.unwrap();
    assert_eq!(store.tally().await.unwrap().due, 1, "a config that does not name it leaves it alone");
    assert_eq!(store.unsubscribe(&wanted.to, Some(&slug("b")), at(3)).await.unwrap(), 0);
    assert_eq!(store.unsubscribe(&wanted.to, None, at(3)).await.unwrap(), 1);
    assert_eq!((store.tally().await.unwrap().due, store.next_delivery("bot").await.unwrap()), (0, None), "nothing more is owed to it");
    store.close().await;
}

async fn who_left_is_owed_nothing_until_they_subscribe_again(fixture: Fixture) {
    let store = fixture.open().await;
    let (own, named) = (subscription("thu:an@dan.example"), subscription("thu:binh@dan.example"));
    store.sync(&catalog(&["a"], std::slice::from_ref(&named)), at(0)).await.unwrap();
    store.subscribe(&own, &[slug("a")], at(0)).await.unwrap();
    saved_for_all(&store, 0, vec![entry(1)], std::slice::from_ref(&named)).await;
    saved_for_all(&store, 1, vec![entry(2), entry(1)], std::slice::from_ref(&named)).await;
    while store.fan_out_some(ZONE, &[], at(1)).await.unwrap().is_some() {}
    assert_eq!(store.tally().await.unwrap().due, 2);
    for (to, left) in [(&own.to, Left::Own), (&named.to, Left::Named), (&named.to, Left::Nothing)] {
        assert_eq!(store.leave(to, &slug("a"), at(2)).await.unwrap(), left, "{to}");
    }
    saved_for_all(&store, 3, vec![entry(3), entry(2), entry(1)], std::slice::from_ref(&named)).await;
    while store.fan_out_some(ZONE, &[], at(3)).await.unwrap().is_some() {}
    assert_eq!(store.tally().await.unwrap().due, 0, "nothing is owed any more");
    store.subscribe(&named, &[slug("a")], at(4)).await.unwrap();
    saved_for_all(&store, 5, vec![entry(4), entry(3), entry(2), entry(1)], &[]).await;
    while store.fan_out_some(ZONE, &[], at(5)).await.unwrap().is_some() {}
    assert_eq!(store.tally().await.unwrap().due, 1, "who subscribes is no leaver");
    store.close().await;
}

async fn what_is_urgent_goes_ahead_and_through_quiet_hours(fixture: Fixture) {
    let store = fixture.open().await;
    store.sync(&catalog(&["a"], &[]), at(0)).await.unwrap();
    saved_for_all(&store, 0, Vec::new(), &[]).await;
    let filter = Filter { urgent: vec!["so 3".to_owned()], ..Filter::default() };
    let quiet = loaphuong::schedule::Quiet::parse("00:00-23:59", ZONE);
    let at_night = Subscription { filter: filter.clone(), quiet, digest: true, silent: true, ..subscription("bot:-1") };
    let by_day = Subscription { filter, ..subscription("bot:-2") };
    saved_for_all(&store, 1, vec![entry(3), entry(2), entry(1)], &[by_day, at_night]).await;
    let claimed = store.claim_deliveries("bot", at(1), LEASE, 9).await.unwrap();
    let first: Vec<_> = claimed.iter().map(|b| (b.to.chat(), b.digest, b.silent, b.deliveries[0].entry.entry.title.as_str())).collect();
    assert_eq!(first, [("-1", false, false, "Tin số 3"), ("-2", false, false, "Tin số 3")]);
    store.close().await;
}

async fn what_a_channel_remembers_is_leased_swapped_and_swept(fixture: Fixture) {
    let store = fixture.open().await;
    let (a, b) = ("a", "b");
    assert_eq!(store.get("zalo-x").await, Ok(None));
    assert_eq!(store.lease("zalo-x", a, at(0), at(2)).await, Ok(true), "before there is a value");
    assert_eq!(store.lease("zalo-x", b, at(1), at(3)).await, Ok(false));
    assert_eq!(store.lease("zalo-x", a, at(1), at(4)).await, Ok(true), "its holder may prolong it");
    assert_eq!(store.get("zalo-x").await, Ok(None));
    store.put("zalo-x", "một", at(1)).await.unwrap();
    assert_eq!(store.lease("zalo-x", b, at(4), at(5)).await, Ok(true), "a lease that ran out is free");
    store.give_back("zalo-x", a).await.unwrap();
    assert_eq!(store.lease("zalo-x", a, at(4), at(5)).await, Ok(false), "only its holder gives it back");
    store.give_back("zalo-x", b).await.unwrap();
    assert_eq!(store.lease("zalo-x", a, at(4), at(500)).await, Ok(true));
    assert_eq!(store.lease("zalo-x", b, at(5), at(6)).await, Ok(true), "a lease by a wrong clock holds nobody up");
    assert_eq!(store.swap("zalo-x", "hai", "ba", at(5)).await, Ok(false));
    assert_eq!(store.swap("zalo-x", "một", "hai", at(5)).await, Ok(true));
    store.put("zalo-x:bài", "cũ", at(5)).await.unwrap();
    store.put("zalo-x:tin", "mới", at(9)).await.unwrap();
    store.sweep("zalo-x:", at(9)).await.unwrap();
    assert_eq!(store.get("zalo-x:bài").await, Ok(None));
    assert_eq!((store.get("zalo-x:tin").await, store.get("zalo-x").await), (Ok(Some("mới".to_owned())), Ok(Some("hai".to_owned()))));
    assert_eq!(store.copy("zalo-x"), None);
    for text in ["một", "hai"] {
        store.put_copy("zalo-x", text).unwrap();
        assert_eq!(store.copy("zalo-x"), Some(text.to_owned()));
    }
}

fn with_fallback(to: &str, second: &str) -> Subscription {
    Subscription { fallback: Address::parse(second), ..subscription(to) }
}

async fn take_on(store: &Store, channel: &str, minute: i64) -> Vec<Batch> {
    store.claim_deliveries(channel, at(minute), LEASE, 9).await.unwrap()
}

async fn refuse(store: &Store, batch: &Batch, minute: i64) {
    let verdict = Verdict::Later { due: at(15), cause: "bị chặn".to_owned(), counts: false };
    let settled = Settled { refused: Some("bị chặn".to_owned()), ready: Some(at(minute + 360)), ..Settled::default() };
    store.settle(batch, &ids(batch), verdict, settled, at(minute)).await.unwrap();
}

async fn what_a_refusing_address_is_owed_goes_by_the_second_way_once(fixture: Fixture) {
    let subscriptions = [with_fallback("bot:-1", "hook:x"), subscription("bot:-2")];
    let store = owing(&fixture, vec![entry(3), entry(2), entry(1)], &subscriptions).await;
    assert!(store.divert("bot", Divert::Refused, at(16)).await.unwrap().is_empty(), "nothing refuses yet");
    let batch = take(&store, 16, 9).await.into_iter().find(|b| b.to.chat() == "-1").unwrap();
    assert!(store.divert("bot", Divert::Everything, at(16)).await.unwrap().is_empty(), "both are under way");
    refuse(&store, &batch, 16).await;
    assert_eq!(store.divert("bot", Divert::Refused, at(17)).await.unwrap(), ["hook"]);
    assert!(store.divert("bot", Divert::Refused, at(17)).await.unwrap().is_empty(), "once");
    for number in 1..=3 {
        let batch = take_on(&store, "hook", 17 + number).await.remove(0);
        assert_eq!(titles(std::slice::from_ref(&batch)), [format!("Tin số {number}")], "in order");
        settle(&store, &batch, 17 + number, sent("1")).await;
    }
    assert!(take_on(&store, "hook", 30).await.is_empty());
    assert!(take(&store, 600, 9).await.iter().all(|b| b.to.chat() != "-1"), "never by both");
    assert_eq!(store.bring_back("bot", Return::All, at(600)).await.unwrap(), 0);
}

async fn what_waits_on_the_second_way_comes_back_when_the_first_works(fixture: Fixture) {
    let store = owing(&fixture, vec![entry(3), entry(2), entry(1)], &[with_fallback("bot:-1", "hook:x")]).await;
    assert_eq!(store.divert("bot", Divert::Everything, at(16)).await.unwrap(), ["hook"]);
    let first = take_on(&store, "hook", 16).await.remove(0);
    assert_eq!(store.bring_back("bot", Return::All, at(16)).await.unwrap(), 0, "its second way has something under way");
    settle(&store, &first, 16, sent("1")).await;
    assert_eq!(store.bring_back("bot", Return::One, at(17)).await.unwrap(), 1);
    assert_eq!(store.bring_back("bot", Return::All, at(17)).await.unwrap(), 1);
    assert!(take_on(&store, "hook", 17).await.is_empty());
    for number in 2..=3 {
        let batch = take(&store, 17, 9).await.remove(0);
        assert_eq!(titles(std::slice::from_ref(&batch)), [format!("Tin số {number}")]);
        settle(&store, &batch, 17, sent("2")).await;
    }
    assert!(take(&store, 18, 9).await.is_empty());
}

async fn what_is_in_doubt_or_partly_out_goes_by_no_second_way(fixture: Fixture) {
    let store = owing(&fixture, vec![entry(2), entry(1)], &[with_fallback("bot:-1", "hook:x")]).await;
    let batch = take(&store, 16, 9).await.remove(0);
    settle(&store, &batch, 16, Verdict::InDoubt { due: at(17), cause: "mất trả lời".to_owned(), counts: true }).await;
    store.divert("bot", Divert::Everything, at(17)).await.unwrap();
    assert_eq!(titles(&take_on(&store, "hook", 17).await), ["Tin số 2"], "what is not in doubt");
    let doubt = take(&store, 17, 9).await.remove(0);
    assert!(doubt.in_doubt);
    settle(&store, &doubt, 17, Verdict::Part(Sent { ids: vec!["1".to_owned()] })).await;
    assert!(store.divert("bot", Divert::Everything, at(18)).await.unwrap().is_empty(), "one part of it is out");
}

async fn urgent_news_of_a_channel_that_is_down_goes_by_the_second_way_at_once(fixture: Fixture) {
    let filter = Filter { urgent: vec!["số 2".to_owned()], ..Filter::default() };
    let store = owing(&fixture, vec![entry(2), entry(1)], &[Subscription { filter, ..with_fallback("bot:-1", "hook:x") }]).await;
    assert_eq!(store.divert("bot", Divert::Urgent, at(16)).await.unwrap(), ["hook"]);
    assert_eq!(titles(&take_on(&store, "hook", 16).await), ["Tin số 2"]);
    assert_eq!(titles(&take(&store, 16, 9).await), ["Tin số 1"]);
}

async fn an_entry_that_the_second_way_has_already_is_not_repeated(fixture: Fixture) {
    let subscriptions = [with_fallback("bot:-1", "hook:x"), subscription("hook:x")];
    let store = owing(&fixture, vec![entry(1)], &subscriptions).await;
    store.divert("bot", Divert::Everything, at(16)).await.unwrap();
    let batch = take_on(&store, "hook", 16).await.remove(0);
    settle(&store, &batch, 16, sent("1")).await;
    assert!(take_on(&store, "hook", 17).await.is_empty() && take(&store, 17, 9).await.is_empty());
}

async fn a_second_way_that_is_named_late_is_taken_and_outlives_retiring(fixture: Fixture) {
    let store = owing(&fixture, vec![entry(1)], &[subscription("bot:-1")]).await;
    assert!(store.divert("bot", Divert::Everything, at(16)).await.unwrap().is_empty());
    let named = catalog(&["a"], &[with_fallback("bot:-1", "hook:x")]);
    store.sync(&named, at(17)).await.unwrap();
    assert_eq!(store.divert("bot", Divert::Everything, at(17)).await.unwrap(), ["hook"]);
    store.sync(&named, at(18)).await.unwrap();
    assert_eq!(take_on(&store, "hook", 18).await.len(), 1, "an address that is named as a second way is named");
}

/// The hour of a meeting, which is weighty.
fn meeting(hour: u32) -> Entry {
    Entry { content_html: format!("<p>Họp tổ dân phố lúc {hour} giờ tại nhà văn hóa.</p>"), ..entry(1) }
}

/// Brings what changed to all who got the old version: messages of `bot` are edited, all are told.
async fn amend(store: &Store, minute: i64) -> Vec<usize> {
    let edits = Policy { edits: true, tells: true };
    let channels = HashMap::from([("bot", edits), ("hook", Policy { edits: false, tells: true })]);
    let clear = |_: &str, _: &str, _: Option<&str>, now: DateTime<Utc>| now;
    let policies = Policies { channels, clear: &clear, language: Language::Vi };
    let mut pieces = Vec::new();
    while let Some(looked_at) = store.amend_some(&policies, at(minute)).await.unwrap() {
        pieces.push(looked_at);
    }
    pieces
}

async fn amends(store: &Store, minute: i64) -> Vec<Amend> {
    store.claim_amends("bot", at(minute), LEASE, 9).await.unwrap()
}

async fn a_changed_entry_amends_and_corrects_what_was_sent_once(fixture: Fixture) {
    let both = [subscription("bot:1"), subscription("hook:2")];
    let store = owing(&fixture, vec![meeting(8)], &both).await;
    settle(&store, &take(&store, 15, 1).await[0], 15, sent("m1")).await;
    let hook = store.claim_deliveries("hook", at(15), LEASE, 1).await.unwrap();
    settle(&store, &hook[0], 15, Verdict::Sent(Sent::default())).await;

    save(&store, &claim(&store, 30).await, 30, vec![meeting(9)], &both).await;
    assert_eq!(amend(&store, 40).await, [2]);
    assert_eq!(amend(&store, 40).await, [0_usize; 0], "once");
    let first = amends(&store, 40).await.remove(0);
    assert_eq!((first.revision, first.attempt, first.sent.as_slice()), (2, 1, ["m1".to_owned()].as_slice()));
    assert!(amends(&store, 41).await.is_empty(), "under way");
    let again = amends(&store, 43).await.remove(0);
    store.settle_amend(&first, Amended::Done, at(43)).await.unwrap();
    store.settle_amend(&again, Amended::Later { due: at(45), counts: true }, at(43)).await.unwrap();
    assert!(amends(&store, 44).await.is_empty());
    store.settle_amend(&amends(&store, 45).await[0], Amended::Done, at(45)).await.unwrap();
    assert_eq!(store.next_amend("bot").await.unwrap(), None);

    let told = take(&store, 45, 9).await;
    assert_eq!(titles(&told), ["Đính chính: Tin số 1"]);
    let corrects = told[0].deliveries[0].corrects.as_ref().unwrap();
    assert_eq!((corrects.source.as_str(), corrects.first.as_deref()), ("a", Some("m1")));
    settle(&store, &told[0], 45, sent("m2")).await;
    assert_eq!(titles(&store.claim_deliveries("hook", at(45), LEASE, 9).await.unwrap()), ["Đính chính: Tin số 1"]);

    let spelled = Entry { content_html: meeting(9).content_html.replace("Họp tổ", "Họpp tổ"), ..meeting(9) };
    save(&store, &claim(&store, 45).await, 45, vec![spelled], &both).await;
    assert!(amend(&store, 46).await.is_empty(), "ten minutes after the last");
    assert_eq!(amend(&store, 50).await, [2]);
    assert_eq!(amends(&store, 50).await[0].revision, 3);
    assert!(take(&store, 50, 9).await.is_empty(), "spelling is told to nobody");
}

async fn a_change_reaches_those_who_were_just_being_sent_the_old_version(fixture: Fixture) {
    let both = [subscription("bot:1"), subscription("bot:2")];
    let store = owing(&fixture, vec![meeting(8)], &both).await;
    let under_way = take(&store, 29, 1).await;
    save(&store, &claim(&store, 30).await, 30, vec![meeting(9)], &both).await;
    assert!(amend(&store, 30).await.iter().all(|found| *found == 0), "nobody has it yet");
    settle(&store, &under_way[0], 30, sent("m1")).await;
    let other = take(&store, 30, 1).await;
    assert!(other[0].deliveries[0].entry.entry.content_html.contains("9 giờ"), "what was not sent goes with the new text");
    settle(&store, &other[0], 30, sent("m2")).await;
    assert_eq!(amend(&store, 31).await, [1], "one of them got the old version");
    assert_eq!(amends(&store, 31).await[0].sent, ["m1"]);
}

async fn a_change_for_very_many_comes_in_pieces(fixture: Fixture) {
    let many: Vec<Subscription> = (0..450).map(|n| subscription(&format!("bot:{n}"))).collect();
    let store = owing(&fixture, vec![meeting(8)], &many).await;
    for batch in take(&store, 15, 500).await {
        settle(&store, &batch, 15, sent("m")).await;
    }
    save(&store, &claim(&store, 30).await, 30, vec![meeting(9)], &many).await;
    assert_eq!(amend(&store, 30).await, [200, 200, 50]);
    assert_eq!(take(&store, 30, 500).await.len(), 450, "each is told");
    assert_eq!(store.claim_amends("bot", at(30), LEASE, 500).await.unwrap().len(), 450);
}

async fn a_change_finds_the_few_who_were_sent_it_among_very_many_who_wait(fixture: Fixture) {
    let many: Vec<Subscription> = (0..1_100).map(|n| subscription(&format!("bot:{n:04}"))).collect();
    let store = owing(&fixture, vec![meeting(8)], &many).await;
    for batch in take(&store, 15, 1_100).await {
        let later = Verdict::Later { due: at(60), cause: "429".to_owned(), counts: true };
        settle(&store, &batch, 15, if batch.to.chat() == "1099" { sent("m") } else { later }).await;
    }
    save(&store, &claim(&store, 30).await, 30, vec![meeting(9)], &many).await;
    assert_eq!(amend(&store, 30).await, [0, 1], "no piece looks at more than a thousand");
    assert_eq!(amends(&store, 30).await[0].to.chat(), "1099");
    assert!(amend(&store, 31).await.is_empty(), "nobody else is being sent the old version");
}

async fn what_is_wrong_with_the_news_of_a_channel_is_read_from_the_outbox(fixture: Fixture) {
    let all = [subscription("bot:1"), subscription("bot:2"), subscription("hook:3")];
    let store = owing(&fixture, vec![meeting(8)], &all).await;
    assert_eq!((store.given_up("bot").await.unwrap(), store.waiting("bot", at(15)).await.unwrap()), (None, None));
    let batches = take(&store, 15, 2).await;
    settle(&store, &batches[0], 15, Verdict::Dead { cause: "rỗng".to_owned() }).await;
    let later = Verdict::Later { due: at(75), cause: "chậm lại".to_owned(), counts: true };
    let held = Settled { ready: Some(at(75)), held: Some(at(75)), ..Settled::default() };
    store.settle(&batches[1], &ids(&batches[1]), later, held, at(15)).await.unwrap();
    let dead = store.given_up("bot").await.unwrap().unwrap();
    assert_eq!((dead.count, dead.since, dead.to.chat(), dead.cause.as_str()), (1, at(15), "1", "rỗng"));
    let waiting = store.waiting("bot", at(16)).await.unwrap().unwrap();
    assert_eq!((waiting.count, waiting.until, waiting.to.chat(), waiting.cause.as_str()), (1, at(75), "2", "chậm lại"));
    assert_eq!(store.waiting("bot", at(75)).await.unwrap(), None, "it may be written to again");
    assert_eq!((store.given_up("hook").await.unwrap(), store.waiting("hook", at(16)).await.unwrap()), (None, None));
    assert_eq!(store.revive(&[], at(16)).await.unwrap(), 1);
    assert_eq!(store.given_up("bot").await.unwrap(), None);
    // An address that left the config is given up by its admin.
    store.sync(&catalog(&["a"], &all[1..]), at(17)).await.unwrap();
    assert_eq!((store.tally().await.unwrap().dead, store.given_up("bot").await.unwrap()), (1, None));
}

/// An entry that is owed to some, and withdrawn by two looks at its page hours apart.
async fn withdrawn(fixture: &Fixture, subscriptions: &[Subscription], leaving: Option<&Address>) -> (Arc<Store>, Entry) {
    let store = fixture.open().await;
    store.sync(&catalog(&["a"], subscriptions), at(0)).await.unwrap();
    save_seen(&store, 0, Vec::new(), Seen::default(), subscriptions).await;
    let one = at_address(entry(1), "https://a.example/1");
    save_seen(&store, 15, vec![one.clone()], paged(std::slice::from_ref(&one)), subscriptions).await;
    if let Some(to) = leaving {
        store.leave(to, &slug("a"), at(20)).await.unwrap();
    }
    let gone = || Seen { gone: vec![one.guid.clone()], listed: Some(Vec::new()), ..Seen::default() };
    save_seen(&store, 76, Vec::new(), gone(), subscriptions).await;
    assert_eq!(save_seen(&store, 310, Vec::new(), gone(), subscriptions).await.withdrawn, 1);
    (store, one)
}

async fn what_is_withdrawn_from_very_many_is_sent_to_none_of_them(fixture: Fixture) {
    let many: Vec<Subscription> = (0..1_100).map(|n| subscription(&format!("bot:{n:04}"))).collect();
    let (store, one) = withdrawn(&fixture, &many, None).await;
    assert_eq!(store.tally().await.unwrap().due, 100, "no write goes over more than a thousand");
    assert!(take(&store, 311, 64).await.is_empty() && take(&store, 311, 64).await.is_empty());
    assert_eq!((store.tally().await.unwrap().due, store.next_delivery("bot").await.unwrap()), (0, None));
    save_seen(&store, 400, vec![one.clone()], paged(std::slice::from_ref(&one)), &many).await;
    assert_eq!(store.tally().await.unwrap().due, 1000, "nor what comes back");
    assert!(amend(&store, 410).await.iter().all(|told| *told == 0));
    assert_eq!((store.tally().await.unwrap().due, take(&store, 411, 2_000).await.len()), (1_100, 1_100), "and all are owed it again");
}

async fn what_comes_back_is_not_owed_to_those_who_left(fixture: Fixture) {
    let both = [subscription("thu:an@dan.example"), subscription("thu:binh@dan.example")];
    let (store, one) = withdrawn(&fixture, &both, Some(&both[0].to)).await;
    assert_eq!(store.tally().await.unwrap().due, 0);
    let saved = save_seen(&store, 400, vec![one.clone()], paged(std::slice::from_ref(&one)), &both).await;
    assert_eq!(saved.returned, 1);
    let claimed = store.claim_deliveries("thu", at(401), LEASE, 9).await.unwrap();
    assert_eq!(claimed.iter().map(|batch| batch.to.chat()).collect::<Vec<_>>(), ["binh@dan.example"]);
}

async fn news_of_very_many_is_put_off_some_addresses_at_a_time(fixture: Fixture) {
    let many: Vec<Subscription> = (0..600).map(|n| subscription(&format!("bot:{n:03}"))).collect();
    let store = owing(&fixture, vec![meeting(8)], &many).await;
    // What was tried is no news that could wait for a list, and holds up nobody else.
    let tried = take(&store, 15, 1).await;
    settle(&store, &tried[0], 15, Verdict::Later { due: at(15), cause: "429".to_owned(), counts: true }).await;
    for want in [500, 99, 0] {
        assert_eq!(store.put_off("bot", at(60), at(16)).await.unwrap(), want);
    }
    assert_eq!(take(&store, 16, 9).await.len(), 1);
    assert!(take(&store, 60, 600).await.iter().filter(|batch| batch.digest).count() == 599);
}

async fn pages_of_a_visit_that_rests_are_kept_for_weeks(fixture: Fixture) {
    let store = fixture.open().await;
    store.sync(&catalog(&["a"], &[]), at(0)).await.unwrap();
    let url: url::Url = "https://a.example/tin".parse().unwrap();
    let day = 24 * 60;
    let due = claim(&store, 0).await;
    store.keep(&slug("a"), &[(url.clone(), Ok(Page::new(url.clone(), at(0), "tin")))], at(0)).await.unwrap();
    let poll = Poll {
        due: &due,
        now: at(0),
        next: at(60),
        visited: Visited::Resting,
        problems: Vec::new(),
        subscriptions: &[],
        feeds: &[],
        seen: Seen { rests: Some(at(60)), ..Seen::default() },
        words: Vec::new(),
        report: None,
    };
    store.save(&poll).await.unwrap();
    let health = store.health().await.unwrap().remove(0);
    assert_eq!((health.failures, health.last_ok, health.next), (0, None, at(60)), "neither read nor failed");
    store.visit_all(at(30)).await.unwrap();
    assert!(store.claim_sources(at(59), LEASE, 9).await.unwrap().is_empty(), "not even by hand");
    store.sync(&catalog(&["a"], &[]), at(29 * day)).await.unwrap();
    assert_eq!(store.kept(&slug("a"), at(29 * day)).await.unwrap().len(), 1);
    assert!(store.kept(&slug("a"), at(31 * day)).await.unwrap().is_empty());
    let due = claim(&store, 29 * day).await;
    assert!(due.rested && due.first);
    store.release(&due).await.unwrap();
    save_seen(&store, 29 * day, Vec::new(), Seen { kept: true, ..Seen::default() }, &[]).await;
    assert!(!claim(&store, 29 * day).await.rested);
}
