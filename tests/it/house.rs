//! A whole house in a temporary folder, with a clock that the test holds.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use loaphuong::app::{App, Outcome};
use loaphuong::config::Config;
use loaphuong::redact::Redactor;
use loaphuong::schedule::Clock;
use loaphuong::store::{Access, Store};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// 15:00 on a Friday in Hà Nội.
const START: &str = "2026-11-06T15:00:00+07:00";

/// Shorter than any rest, so that a round ends when only retries and doubts are left.
const SHORT: Duration = Duration::from_secs(1);

/// A folder with a config, and the time.
pub(crate) struct House {
    dir: TempDir,
    now: Arc<AtomicI64>,
}

impl House {
    /// With this config; `{dir}` in it is the folder.
    pub(crate) fn new(config: &str) -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        let dir = tempfile::tempdir().unwrap();
        let start = DateTime::parse_from_rfc3339(START).unwrap();
        let house = Self { dir, now: Arc::new(AtomicI64::new(start.timestamp_millis())) };
        house.write("config.toml", config);
        house
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap_or_default()
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.now.load(Ordering::SeqCst)).unwrap()
    }

    pub(crate) fn pass(&self, time: TimeDelta) {
        self.now.fetch_add(time.num_milliseconds(), Ordering::SeqCst);
    }

    pub(crate) fn clock(&self) -> Clock {
        let now = self.now.clone();
        Arc::new(move || DateTime::from_timestamp_millis(now.load(Ordering::SeqCst)).unwrap_or_default())
    }

    pub(crate) fn config(&self) -> Config {
        Config::load(&self.path().join("config.toml")).unwrap_or_else(|errors| {
            let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
            panic!("{}", told.join("\n"))
        })
    }

    pub(crate) async fn app(&self) -> App {
        let told = Arc::new(|_: &loaphuong::watch::Round| {});
        App::new(self.config(), self.clock(), Redactor::default(), told).await.unwrap_or_else(|e| panic!("{e:?}"))
    }

    /// One round, as `loaphuong once` does it, in a process of its own as far as the store can tell.
    pub(crate) async fn once(&self) -> Outcome {
        let app = self.app().await;
        let outcome = app.once(SHORT, &CancellationToken::new()).await.unwrap();
        app.close().await;
        outcome
    }

    /// One round that is killed while something hangs: nothing is settled any more.
    pub(crate) async fn once_killed(&self, hanging: impl Future<Output = ()>) {
        let (config, clock) = (self.config(), self.clock());
        let process = tokio::runtime::Runtime::new().unwrap();
        process.spawn(async move {
            let app = App::new(config, clock, Redactor::default(), Arc::new(|_: &loaphuong::watch::Round| {})).await.unwrap();
            app.once(Duration::from_secs(60), &CancellationToken::new()).await.unwrap();
        });
        hanging.await;
        tokio::task::spawn_blocking(move || process.shutdown_timeout(Duration::from_secs(10))).await.unwrap();
    }

    /// A daemon that is killed while something hangs.
    pub(crate) async fn run_killed(&self, hanging: impl Future<Output = ()>) {
        let (config, clock) = (self.config(), self.clock());
        let process = tokio::runtime::Runtime::new().unwrap();
        process.spawn(async move {
            let app = App::new(config, clock, Redactor::default(), Arc::new(|_: &loaphuong::watch::Round| {})).await.unwrap();
            let (_reload, rung) = tokio::sync::mpsc::channel(1);
            app.run(CancellationToken::new(), rung, |_| {}).await.unwrap();
        });
        hanging.await;
        tokio::task::spawn_blocking(move || process.shutdown_timeout(Duration::from_secs(10))).await.unwrap();
    }

    /// The store, as another command sees it.
    pub(crate) async fn store(&self) -> Store {
        let config = self.config();
        Store::open(&config.store, &config.dir, Access::Beside).await.unwrap_or_else(|e| panic!("{e:?}"))
    }
}
