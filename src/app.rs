//! The composition root: everything is built here, started here, and stopped here in order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::{Config, Marks};
use crate::disk::{self, Disk, Gauge};
use crate::dispatch::Until;
use crate::metrics::Metrics;
use crate::phrases;
use crate::publish::{self, Publish, Written};
use crate::redact::Redactor;
use crate::schedule::Clock;
use crate::shelf::Shelf;
use crate::store::{Access, OpenError, Store};
use crate::watch::Round;
use crate::web::{self, Patience, Web};

mod parts;
mod room;
mod search;

use parts::{Parts, publisher};

/// All that is under way must end within this time when the daemon stops.
const LAST_WORK: Duration = Duration::from_secs(6);
/// How long to wait before a database that did not answer is asked again.
const STORE_REST: Duration = Duration::from_secs(2);
/// How often a running daemon looks whether its config was changed.
const LOOK: Duration = Duration::from_millis(500);

/// The house with everything in it.
pub struct App {
    config: Config,
    store: Arc<Store>,
    clock: Clock,
    metrics: Arc<Metrics>,
    shelf: Arc<Shelf>,
    redactor: Redactor,
    told: Arc<dyn Fn(&Round) + Send + Sync>,
    patience: Patience,
    disk: Arc<Disk>,
}

/// What one round of everything did.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Every source's round.
    pub rounds: Vec<Round>,
    /// Feed files that changed.
    pub files: usize,
    /// Why feed files could not be written.
    pub unpublished: Option<String>,
    /// Deliveries that became dead letters in this round.
    pub dead: i64,
    /// Deliveries that are due and could not leave in time.
    pub held: usize,
    /// Channels through which nothing gets, and why.
    pub troubles: Vec<(String, String)>,
}

impl Outcome {
    /// Whether every source was read and every delivery due was made.
    #[must_use]
    pub fn all_well(&self) -> bool {
        self.dead == 0
            && self.held == 0
            && self.unpublished.is_none()
            && self.troubles.is_empty()
            && self.rounds.iter().all(|r| r.cause.is_none())
    }
}

impl App {
    /// Opens the store of a config and builds the house. `clock` tells the time; `told` hears of
    /// each round of a source.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn new(config: Config, clock: Clock, redactor: Redactor, told: Arc<dyn Fn(&Round) + Send + Sync>) -> Result<Self, OpenError> {
        let store = Arc::new(Store::open(&config.store, &config.dir, Access::Daemon).await?);
        let failed = |e: anyhow::Error| OpenError::Refused(format!("{e:#}"));
        store.recover(clock()).await.map_err(failed)?;
        if let Err(e) = publish::sweep(&config.feeds_dir) {
            tracing::error!(error = format!("{e:#}"), "{}", phrases::log_publish_failed());
        }
        let shelf = Arc::new(Shelf::new(config.feeds_dir.clone()));
        let disk = Arc::new(Disk::new(vec![store.beside().to_owned(), config.feeds_dir.clone()], disk::gauge()));
        Ok(Self { config, store, clock, metrics: Arc::default(), shelf, redactor, told, patience: Patience::default(), disk })
    }

    /// With another way to tell the room on the disk.
    #[must_use]
    pub fn on_disk(self, gauge: Gauge) -> Self {
        let dirs = vec![self.store.beside().to_owned(), self.config.feeds_dir.clone()];
        Self { disk: Arc::new(Disk::new(dirs, gauge)), ..self }
    }

    /// With another patience towards slow clients.
    #[must_use]
    pub fn patient(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// One whole round: visits every source now, writes feeds, sends what is due; waits for the
    /// pace and for short retries until `limit` has passed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn once(&self, limit: Duration, stop: &CancellationToken) -> Result<Outcome> {
        let parts = self.parts(&[]);
        let now = (self.clock)();
        acquaint(&self.store, &self.config, now).await?;
        self.store.visit_all(now).await?;
        let dead_before = self.store.tally().await?.dead;
        let rounds = parts.watch.once(stop).await?;
        while parts.dispatch.spread_some(&parts.lines).await? {}
        // A feed folder that cannot be written keeps nobody's message.
        let published = parts.publish.once().await;
        let end = now + TimeDelta::from_std(limit).unwrap_or(TimeDelta::zero());
        send_until(&parts, end, stop).await;
        if let Some(hub) = &parts.hub {
            hub.once(stop).await?;
        }
        let dead = self.store.tally().await?.dead - dead_before;
        let held = self.store.overdue((self.clock)()).await?;
        let troubles = parts.lines.iter().filter_map(|l| l.trouble().map(|t| (l.name.clone(), t))).collect();
        let unpublished = published.as_ref().err().map(|e| format!("{e:#}"));
        Ok(Outcome { rounds, files: published.unwrap_or_default(), unpublished, dead, held, troubles })
    }

    /// Ends the house: what was committed stays.
    pub async fn close(self) {
        self.store.close().await;
    }

    /// Listens, visits, publishes and sends until `stop`; takes a config that was changed, also when
    /// `reload` rings. `ready` hears the address when everything runs.
    ///
    /// # Errors
    /// When the address cannot be listened on, or the database fails at the start.
    pub async fn run(mut self, stop: CancellationToken, mut reload: mpsc::Receiver<()>, ready: impl FnOnce(SocketAddr)) -> Result<()> {
        let listener = TcpListener::bind(self.config.listen).await.with_context(|| phrases::cannot_listen(self.config.listen))?;
        let address = listener.local_addr()?;
        let mut parts = self.parts(&[]);
        let web = Arc::new(Web {
            store: self.store.clone(),
            shelf: self.shelf.clone(),
            metrics: self.metrics.clone(),
            clock: self.clock.clone(),
            disk: self.disk.clone(),
            doorman: Arc::default(),
            readers: web::Readers::default(),
            census: web::Census::default(),
            pictures: web::Pictures::default(),
            site: std::sync::RwLock::new(Arc::new(self.site(&parts))),
        });
        acquaint(&self.store, &self.config, (self.clock)()).await?;
        let mut written = begun(&parts.publish).await;
        let serving = CancellationToken::new();
        let server = tokio::spawn(web::serve(listener, web.clone(), self.patience, serving.clone()));
        ready(address);
        // A send that hangs holds up no reload: it keeps its lease, and so its address.
        let sending = TaskTracker::new();
        loop {
            let loops = stop.child_token();
            let reading = start(&parts, written, &sending, &loops);
            let next = self.wait(&stop, &mut reload, &web).await;
            loops.cancel();
            let Some(config) = next else {
                sending.close();
                tokio::join!(finish(&reading, &stop, LAST_WORK), finish(&sending, &stop, LAST_WORK));
                break;
            };
            finish(&reading, &loops, LAST_WORK).await;
            self.config = config;
            if !self.synced(&stop).await {
                sending.close();
                finish(&sending, &stop, LAST_WORK).await;
                break;
            }
            parts = self.parts(&parts.lines);
            web.show(self.site(&parts));
            written = begun(&parts.publish).await;
            self.redactor.say(&phrases::log_config_taken());
        }
        serving.cancel();
        server.await.ok();
        self.store.close().await;
        Ok(())
    }

    /// Tells the store of the new config, until it listens; false when the daemon is to stop first.
    async fn synced(&self, stop: &CancellationToken) -> bool {
        while let Err(error) = acquaint(&self.store, &self.config, (self.clock)()).await {
            tracing::error!(error = format!("{error:#}"), "{}", phrases::log_store_failed());
            tokio::select! {
                () = stop.cancelled() => return false,
                () = tokio::time::sleep(STORE_REST) => {}
            }
        }
        true
    }

    /// Waits for the end (`None`) or for a new config that holds. A wrong one is refused and told.
    async fn wait(&self, stop: &CancellationToken, reload: &mut mpsc::Receiver<()>, web: &Web) -> Option<Config> {
        let mut known = self.config.marks.clone();
        loop {
            tokio::select! {
                () = stop.cancelled() => return None,
                Some(()) = reload.recv() => {}
                () = self.changed(&mut known) => {}
            }
            let path = self.config.path.clone();
            match tokio::task::spawn_blocking(move || Config::load(&path)).await.ok()? {
                Ok(config) => {
                    web.refuse_config(None);
                    self.redactor.hide(&config.secrets);
                    return Some(self.keep_bound(config));
                }
                Err(errors) => {
                    let told = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
                    tracing::error!(errors = told, "{}", phrases::log_config_refused());
                    self.redactor.say(&format!("{}\n{told}", phrases::log_config_refused()));
                    web.refuse_config(Some(told));
                }
            }
        }
    }

    /// Ends when the files of the config look other than `known` and have stopped changing: editors
    /// write a file in several steps.
    async fn changed(&self, known: &mut Marks) {
        let mut last = known.clone();
        let mut pause = LOOK;
        loop {
            tokio::time::sleep(pause).await;
            let began = Instant::now();
            let now = self.config.marks_now();
            // Thousands of ward files are looked at less often, so that looking stays cheap.
            pause = LOOK.max(began.elapsed() * 200);
            if now == last && now != *known {
                *known = now;
                return;
            }
            last = now;
        }
    }

    /// The database and the address cannot change under a running daemon.
    fn keep_bound(&self, mut config: Config) -> Config {
        if config.store != self.config.store || config.listen != self.config.listen || config.feeds_dir != self.config.feeds_dir {
            tracing::warn!("{}", phrases::log_needs_restart());
        }
        config.store.clone_from(&self.config.store);
        config.listen = self.config.listen;
        config.feeds_dir.clone_from(&self.config.feeds_dir);
        config
    }
}

/// Writes every feed file of a config again, also beside a living daemon; returns how many changed.
///
/// # Errors
/// When the database or the feed folder fails.
pub async fn write_feeds(config: &Config) -> Result<usize> {
    let opened = Store::open(&config.store, &config.dir, Access::Beside).await;
    let store = Arc::new(opened.map_err(|e| match e {
        OpenError::Held(sentence) | OpenError::Refused(sentence) => anyhow::anyhow!(sentence),
    })?);
    acquaint(&store, config, Utc::now()).await?;
    let shelf = Arc::new(Shelf::new(config.feeds_dir.clone()));
    let publish = publisher(config, store.clone(), shelf, Arc::default());
    let changed = async {
        publish.list().await?;
        publish.round(&mut Written::new()).await
    };
    let changed = changed.await;
    store.close().await;
    changed
}

/// Makes the store know what the config says exists, and what it is called now.
async fn acquaint(store: &Store, config: &Config, now: DateTime<Utc>) -> Result<()> {
    store.rename(&config.aliases).await?;
    store.rename_channels(&config.natures(), now).await?;
    store.sync(&config.catalog(), now).await
}

/// What is served from now on; a folder that cannot be written keeps nothing else from running.
async fn begun(publish: &Publish) -> Written {
    publish.begin().await.unwrap_or_else(|e| {
        tracing::error!(error = format!("{e:#}"), "{}", phrases::log_publish_failed());
        Written::new()
    })
}

/// Starts every loop: those that send on `sending`, the others on the tracker that is returned.
fn start(parts: &Parts, written: Written, sending: &TaskTracker, stop: &CancellationToken) -> TaskTracker {
    let reading = TaskTracker::new();
    let (watch, token) = (parts.watch.clone(), stop.clone());
    reading.spawn(async move { watch.run(&token).await });
    let (publish, token) = (parts.publish.clone(), stop.clone());
    reading.spawn(async move { publish.run(written, &token).await });
    let (dispatch, lines, bell, token) = (parts.dispatch.clone(), parts.lines.clone(), parts.fan_bell.clone(), stop.clone());
    reading.spawn(async move { dispatch.fan_out(&lines, &bell, &token).await });
    if let Some(hub) = parts.hub.clone() {
        let token = stop.clone();
        sending.spawn(async move { hub.run(&token).await });
    }
    for line in &parts.lines {
        let (dispatch, line, token) = (parts.dispatch.clone(), line.clone(), stop.clone());
        sending.spawn(async move { dispatch.run(&line, Until::Stopped, &token).await });
    }
    for line in parts.listening() {
        let (desk, token) = (parts.desk.clone(), stop.clone());
        reading.spawn(async move { tokio::join!(desk.run(&line, &token), desk.listen(&line, &token)) });
    }
    let (store, token) = (parts.publish.store.clone(), stop.clone());
    reading.spawn(async move { search::find(&store, &token).await });
    let (room, token) = (parts.room.clone(), stop.clone());
    reading.spawn(async move { room.run(&token).await });
    reading.close();
    reading
}

/// Sends all that can leave before `end`. What went by a second way may have come after that
/// channel had nothing more to do, so it has another turn.
async fn send_until(parts: &Parts, end: DateTime<Utc>, stop: &CancellationToken) {
    for _ in 0..=parts.lines.len() {
        let before = parts.dispatch.diverted.load(Ordering::Relaxed);
        let sending = TaskTracker::new();
        for line in &parts.lines {
            let (dispatch, line, stop) = (parts.dispatch.clone(), line.clone(), stop.clone());
            sending.spawn(async move { dispatch.run(&line, Until::Idle(end), &stop).await });
        }
        sending.close();
        finish(&sending, stop, LAST_WORK).await;
        if parts.dispatch.diverted.load(Ordering::Relaxed) == before {
            return;
        }
    }
}

/// Waits for all of it, but once `stop` came not longer than `limit`: what is cut off then
/// is in doubt by its lease.
async fn finish(work: &TaskTracker, stop: &CancellationToken, limit: Duration) {
    let stopped = async {
        stop.cancelled().await;
        tokio::time::sleep(limit).await;
    };
    tokio::select! {
        () = work.wait() => {}
        () = stopped => tracing::warn!("{}", phrases::log_slow_stop()),
    }
}

/// The clock of the machine.
#[must_use]
pub fn machine_clock() -> Clock {
    Arc::new(Utc::now)
}

impl App {
    /// The config that it runs by.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_send_that_hangs_does_not_hold_up_the_stop() {
        let (work, stop) = (TaskTracker::new(), CancellationToken::new());
        work.spawn(std::future::pending::<()>());
        work.close();
        stop.cancel();
        finish(&work, &stop, Duration::ZERO).await;
        assert_eq!(work.len(), 1, "it was not waited for");
    }
}
