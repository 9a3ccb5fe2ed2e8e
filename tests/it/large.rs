//! What changes for very many at once is written in short pieces: where one of them breaks off, those
//! before it stay, and the next try does the rest.

use std::sync::Arc;

use chrono::TimeDelta;
use loaphuong::entry::Slug;
use loaphuong::store::{Catalog, Farthest, Store};
use loaphuong::subscription::{Address, Subscription};
use sqlx::{AnyPool, AssertSqlSafe};

use crate::store::{Fixture, at, catalog, entry, on_both_engines, owing, subscription, take};

on_both_engines! {
    very_many_letters_are_sent_again_in_pieces
    very_many_letters_of_refusing_addresses_are_asked_about_again_in_pieces
    very_many_letters_are_dropped_in_pieces
    what_a_wrong_clock_did_to_very_many_is_undone_in_pieces
    what_a_wrong_clock_did_to_very_much_for_one_is_undone_in_pieces
    very_many_that_leave_the_config_are_given_up_in_pieces
    very_much_for_one_that_leaves_the_config_is_given_up_in_pieces
    a_second_way_for_very_many_is_followed_in_pieces_and_once
    a_source_with_very_much_goes_by_another_name_in_pieces
}

/// Rows that one transaction changes, and a row that lies in the second.
const PIECE: i64 = 500;
const BEYOND: usize = 700;
const MANY: i64 = 1_200;

/// A store in which an article is owed to very many, and a connection beside it.
struct Scene {
    store: Arc<Store>,
    beside: AnyPool,
    is_sqlite: bool,
    subscriptions: Vec<Subscription>,
    /// The number of a delivery in the second piece.
    beyond: i64,
}

impl Scene {
    async fn of_many(fixture: &Fixture) -> Self {
        let subscriptions: Vec<Subscription> = (0..MANY).map(|n| subscription(&format!("bot:{n:04}"))).collect();
        let store = owing(fixture, vec![entry(1)], &subscriptions).await;
        Self::beside(fixture, store, subscriptions).await
    }

    /// One address, and very many articles.
    async fn of_one(fixture: &Fixture) -> Self {
        let subscriptions = vec![subscription("bot:-1")];
        let store = owing(fixture, (1..=MANY).map(entry).collect(), &subscriptions).await;
        Self::beside(fixture, store, subscriptions).await
    }

    async fn beside(fixture: &Fixture, store: Arc<Store>, subscriptions: Vec<Subscription>) -> Self {
        let beside = AnyPool::connect(&fixture.address()).await.unwrap();
        let ids: Vec<i64> = sqlx::query_scalar("SELECT id FROM deliveries ORDER BY address, id").fetch_all(&beside).await.unwrap();
        assert_eq!(ids.len(), usize::try_from(MANY).unwrap());
        Self { store, beside, is_sqlite: fixture.is_sqlite(), subscriptions, beyond: ids[BEYOND] }
    }

    async fn run(&self, text: &str) {
        sqlx::query(AssertSqlSafe(text.to_owned())).execute(&self.beside).await.unwrap();
    }

    async fn count(&self, which: &str) -> i64 {
        let text = format!("SELECT COUNT(*) FROM deliveries WHERE {which}");
        sqlx::query_scalar(AssertSqlSafe(text)).fetch_one(&self.beside).await.unwrap()
    }

    /// Whatever changes this delivery from now on breaks off.
    async fn cut(&self, which: &str) {
        if self.is_sqlite {
            let body = "BEGIN SELECT RAISE(ABORT, 'broken off'); END";
            return self.run(&format!("CREATE TRIGGER cut BEFORE UPDATE ON deliveries WHEN {which} {body}")).await;
        }
        self.run("CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken off'; END $$").await;
        self.run(&format!("CREATE TRIGGER cut BEFORE UPDATE ON deliveries FOR EACH ROW WHEN ({which}) EXECUTE FUNCTION cut()")).await;
    }

    async fn cut_beyond_a_piece(&self) {
        self.cut(&format!("OLD.id = {}", self.beyond)).await;
    }

    async fn mend(&self) {
        self.run(if self.is_sqlite { "DROP TRIGGER cut" } else { "DROP FUNCTION cut CASCADE" }).await;
    }

    async fn give_all_up(&self) {
        self.run(&format!("UPDATE deliveries SET state = 'dead', cause = 'chat not found', settled = {}", at(15).timestamp_millis())).await;
        self.run("UPDATE addresses SET at = NULL").await;
    }

    /// For how many addresses something can be sent.
    async fn claimable(&self, minute: i64) -> usize {
        let claimed = take(&self.store, minute, 2_000).await;
        for batch in &claimed {
            assert_eq!(batch.refusals, 0, "{}", batch.to);
        }
        claimed.len()
    }

    fn unnamed(&self) -> Catalog {
        catalog(&["a"], &[])
    }

    /// The config, with a second way for all.
    fn with_second_ways(&self) -> Catalog {
        let second = |s: &Subscription| Subscription { fallback: Address::parse("hook:2"), ..s.clone() };
        catalog(&["a"], &self.subscriptions.iter().map(second).collect::<Vec<_>>())
    }
}

async fn very_many_letters_are_sent_again_in_pieces(fixture: Fixture) {
    let scene = Scene::of_many(&fixture).await;
    scene.give_all_up().await;
    scene.cut_beyond_a_piece().await;
    assert!(scene.store.revive(&[], at(17)).await.is_err());
    assert_eq!(scene.count("state = 'dead'").await, MANY - PIECE, "one piece was committed");
    scene.mend().await;
    assert_eq!(scene.store.revive(&[], at(18)).await.unwrap(), u64::try_from(MANY - PIECE).unwrap());
    assert_eq!(scene.claimable(18).await, usize::try_from(MANY).unwrap());
}

async fn very_many_letters_of_refusing_addresses_are_asked_about_again_in_pieces(fixture: Fixture) {
    let scene = Scene::of_many(&fixture).await;
    let far = at(10_000).timestamp_millis();
    scene.run(&format!("UPDATE addresses SET refusals = 2, cause = 'blocked', ready = {far}, at = {far}")).await;
    scene.cut_beyond_a_piece().await;
    assert!(scene.store.revive(&[], at(17)).await.is_err());
    assert_eq!(scene.count(&format!("owed_since = {}", at(17).timestamp_millis())).await, PIECE);
    assert_eq!(scene.claimable(17).await, 0, "none is asked before all that they hold is known");
    scene.mend().await;
    assert_eq!(scene.store.revive(&[], at(18)).await.unwrap(), u64::try_from(MANY).unwrap());
    assert_eq!(scene.claimable(18).await, usize::try_from(MANY).unwrap());
}

async fn very_many_letters_are_dropped_in_pieces(fixture: Fixture) {
    let scene = Scene::of_many(&fixture).await;
    scene.give_all_up().await;
    scene.cut_beyond_a_piece().await;
    assert!(scene.store.drop_letters(&[]).await.is_err());
    assert_eq!(scene.count("state = 'dropped'").await, PIECE, "one piece was committed");
    scene.mend().await;
    assert_eq!(scene.store.drop_letters(&[]).await.unwrap(), u64::try_from(MANY - PIECE).unwrap());
    assert_eq!(scene.count("state = 'dropped'").await, MANY);
}

const FARTHEST: Farthest = Farthest { wait: TimeDelta::hours(25), lease: Some(TimeDelta::minutes(12)) };

async fn put_a_year_ahead(scene: &Scene) {
    let far = at(365 * 24 * 60).timestamp_millis();
    scene.run(&format!("UPDATE deliveries SET due = {far}, attempt = 1")).await;
    scene.run(&format!("UPDATE addresses SET ready = {far}, at = {far}")).await;
}

async fn what_a_wrong_clock_did_to_very_many_is_undone_in_pieces(fixture: Fixture) {
    let scene = Scene::of_many(&fixture).await;
    put_a_year_ahead(&scene).await;
    scene.cut_beyond_a_piece().await;
    assert!(scene.store.heal_clock("bot", FARTHEST, at(31)).await.is_err());
    assert_eq!(scene.claimable(31).await, usize::try_from(PIECE).unwrap(), "those of one piece are served already");
    scene.mend().await;
    assert_eq!(scene.store.heal_clock("bot", FARTHEST, at(31)).await.unwrap(), 2 * u64::try_from(MANY - PIECE).unwrap());
    assert_eq!(scene.claimable(31).await, usize::try_from(MANY - PIECE).unwrap());
    assert_eq!(scene.store.heal_clock("bot", FARTHEST, at(31)).await.unwrap(), 0);
}

async fn what_a_wrong_clock_did_to_very_much_for_one_is_undone_in_pieces(fixture: Fixture) {
    let scene = Scene::of_one(&fixture).await;
    put_a_year_ahead(&scene).await;
    scene.cut_beyond_a_piece().await;
    assert!(scene.store.heal_clock("bot", FARTHEST, at(31)).await.is_err());
    let healed = format!("due = {}", at(31).timestamp_millis());
    assert_eq!(scene.count(&healed).await, PIECE);
    scene.mend().await;
    // What was healed leaves; then the rest is what the address waits for.
    scene.run(&format!("UPDATE deliveries SET state = 'sent' WHERE {healed}")).await;
    scene.run(&format!("UPDATE addresses SET at = {}", at(365 * 24 * 60).timestamp_millis())).await;
    scene.store.heal_clock("bot", FARTHEST, at(31)).await.unwrap();
    assert_eq!(scene.count(&healed).await, MANY);
}

async fn very_many_that_leave_the_config_are_given_up_in_pieces(fixture: Fixture) {
    let scene = Scene::of_many(&fixture).await;
    scene.cut_beyond_a_piece().await;
    assert!(scene.store.sync(&scene.unnamed(), at(20)).await.is_err());
    assert_eq!(scene.count("state = 'dead' AND retired = 1").await, PIECE, "one piece was committed");
    scene.mend().await;
    scene.store.sync(&scene.unnamed(), at(21)).await.unwrap();
    assert_eq!(scene.count("state = 'dead' AND retired = 1").await, MANY);
    assert_eq!(scene.store.next_delivery("bot").await.unwrap(), None);
}

async fn very_much_for_one_that_leaves_the_config_is_given_up_in_pieces(fixture: Fixture) {
    let scene = Scene::of_one(&fixture).await;
    scene.cut_beyond_a_piece().await;
    assert!(scene.store.sync(&scene.unnamed(), at(20)).await.is_err());
    assert_eq!(scene.count("state = 'dead'").await, PIECE, "one piece was committed");
    scene.mend().await;
    scene.store.sync(&scene.unnamed(), at(21)).await.unwrap();
    assert_eq!((scene.count("state = 'dead'").await, scene.store.next_delivery("bot").await.unwrap()), (MANY, None));
}

async fn a_second_way_for_very_many_is_followed_in_pieces_and_once(fixture: Fixture) {
    let scene = Scene::of_many(&fixture).await;
    let ways = scene.with_second_ways();
    scene.cut_beyond_a_piece().await;
    assert!(scene.store.sync(&ways, at(20)).await.is_err());
    assert_eq!(scene.count("fallback = 'hook:2'").await, PIECE, "one piece was committed");
    scene.mend().await;
    scene.store.sync(&ways, at(21)).await.unwrap();
    assert_eq!(scene.count("fallback = 'hook:2'").await, MANY);
    scene.cut("1 = 1").await;
    scene.store.sync(&ways, at(22)).await.unwrap();
    scene.mend().await;
    scene.store.sync(&catalog(&["a"], &scene.subscriptions), at(23)).await.unwrap();
    assert_eq!(scene.count("fallback IS NULL").await, MANY, "and left again");
}

async fn a_source_with_very_much_goes_by_another_name_in_pieces(fixture: Fixture) {
    let scene = Scene::of_one(&fixture).await;
    let names = [("a".to_owned(), Slug::new("b").unwrap())].into();
    scene.cut_beyond_a_piece().await;
    assert!(scene.store.rename(&names).await.is_err());
    let by_name = async |table: &str, column: &str, name: &str| -> i64 {
        let text = format!("SELECT COUNT(*) FROM {table} WHERE {column} = '{name}'");
        sqlx::query_scalar(AssertSqlSafe(text)).fetch_one(&scene.beside).await.unwrap()
    };
    assert_eq!((by_name("deliveries", "feed", "b").await, by_name("sources", "slug", "a").await), (PIECE, 1), "the first piece stays");
    scene.mend().await;
    scene.store.rename(&names).await.unwrap();
    for (table, column) in [("entries", "source"), ("deliveries", "feed")] {
        assert_eq!((by_name(table, column, "a").await, by_name(table, column, "b").await), (0, MANY), "{table}");
    }
    assert_eq!((by_name("sources", "slug", "a").await, by_name("sources", "slug", "b").await), (0, 1));
    scene.store.rename(&names).await.unwrap();
}
