//! A daemon that runs: what it tells of itself, and what it survives.

use std::net::SocketAddr;

use chrono::TimeDelta;
use loaphuong::web::Patience;
use serde_json::Value;
use sqlx::AnyPool;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::change::take_over;
use crate::fakes::Portal;
use crate::flow::{CHANNEL, config, telegram, to, water_cut};
use crate::house::House;
use crate::postgres;

/// The daemon of a house, in this process.
pub(crate) struct Daemon {
    pub(crate) address: SocketAddr,
    reload: mpsc::Sender<()>,
    stop: CancellationToken,
    running: JoinHandle<anyhow::Result<()>>,
}

impl Daemon {
    pub(crate) async fn start(house: &House) -> Self {
        Self::patient(house, Patience::default()).await
    }

    /// With so much patience towards slow clients.
    pub(crate) async fn patient(house: &House, patience: Patience) -> Self {
        let (stop, (reload, rung), (ready, address)) = (CancellationToken::new(), mpsc::channel(1), oneshot::channel());
        let app = house.app().await.patient(patience);
        let running = tokio::spawn(app.run(stop.clone(), rung, |at| ready.send(at).unwrap()));
        Self { address: address.await.unwrap(), reload, stop, running }
    }

    /// Returns when the config was read again. The channel takes one: the third is taken when the
    /// second is under way, which is when the first is done.
    pub(crate) async fn reload(&self) {
        for _ in 0..3 {
            self.reload.send(()).await.unwrap();
        }
    }

    async fn health(&self) -> Value {
        let answer = reqwest::get(format!("http://{}/healthz", self.address)).await.unwrap();
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }

    pub(crate) async fn end(self) {
        self.stop.cancel();
        self.running.await.unwrap().unwrap();
    }
}

fn listening(config: &str) -> String {
    format!("[server]\nlisten = \"127.0.0.1:0\"\n{config}")
}

#[tokio::test]
async fn health_is_degraded_and_names_it_while_an_incident_is_open() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let house = House::new(&listening(&config(&portal, &telegram, &to(CHANNEL, ""))));
    house.once().await;
    let daemon = Daemon::start(&house).await;
    let health = daemon.health().await;
    assert_eq!((health["status"].as_str(), health["sources"][0]["problems"].as_array().unwrap().len()), (Some("ok"), 0), "{health}");
    daemon.end().await;
    house.pass(TimeDelta::hours(1));
    take_over(&portal, 12);
    house.once().await;
    let daemon = Daemon::start(&house).await;
    let health = daemon.health().await;
    assert_eq!(health["status"], "degraded", "{health}");
    assert!(health["sources"][0]["problems"][0].as_str().unwrap().contains("không còn bài cũ nào"), "{health}");
    daemon.end().await;
}

#[tokio::test]
async fn a_feeds_folder_that_cannot_be_written_does_not_stop_chats() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let house = House::new(&config(&portal, &telegram, &to(CHANNEL, "welcome = 1")));
    house.write("feeds", "một tệp nằm đúng chỗ của thư mục");
    let outcome = house.once().await;
    assert!(outcome.unpublished.is_some() && outcome.dead == 0, "{outcome:?}");
    assert_eq!(telegram.texts_in(CHANNEL).len(), 1);
    portal.publish(water_cut(1));
    house.once().await;
    assert_eq!(telegram.texts_in(CHANNEL).len(), 2);
}

#[tokio::test]
async fn a_reload_while_the_database_is_away_is_taken_when_it_is_back() {
    let Some(url) = postgres::database() else { return };
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let first = format!("store = \"{url}\"\n{}", listening(&config(&portal, &telegram, &to(CHANNEL, ""))));
    let house = House::new(&first);
    let daemon = Daemon::start(&house).await;
    portal.wait_hits("/tin-tuc", 1).await;
    let (server, name) = url.rsplit_once('/').unwrap();
    let admin = AnyPool::connect(&format!("{server}/postgres")).await.unwrap();
    let allow = async |allowed: bool| {
        let text = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {allowed}");
        sqlx::query(sqlx::AssertSqlSafe(text)).execute(&admin).await.unwrap();
        let gone = format!("SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{name}'");
        sqlx::query(sqlx::AssertSqlSafe(gone)).execute(&admin).await.unwrap();
    };
    allow(false).await;
    let second = format!("{first}\n[[sources]]\nname = \"thong-bao\"\nurl = \"{}\"\n", portal.url("/tin-tuc?trang=2"));
    house.write("config.toml", &second);
    daemon.reload.send(()).await.unwrap();
    // The channel takes one: a second is taken when the first was.
    daemon.reload.send(()).await.unwrap();
    // Each asks the database and fails: time enough for the reload to meet the same.
    for _ in 0..200 {
        assert_eq!(daemon.health().await["status"], "failing");
    }
    assert!(portal.hits_to("/tin-tuc?trang=2").is_empty());
    allow(true).await;
    portal.wait_hits("/tin-tuc?trang=2", 1).await;
    daemon.end().await;
}
