//! `loaphuong run`: until stopped.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use notify::{RecursiveMode, Watcher};
use tokio::sync::mpsc;

use super::{Context, Exit, stop_signal};
use crate::app::watched;
use crate::config::Config;
use crate::feed::FORMATS;
use crate::phrases;

/// Editors write a file in several steps; a change is taken when it has been quiet this long.
const SETTLED: Duration = Duration::from_millis(400);

pub(super) async fn run(context: &Context) -> Exit {
    let app = match context.app().await {
        Ok(app) => app,
        Err(exit) => return exit,
    };
    let stop = stop_signal();
    let (ring, reload) = mpsc::channel(1);
    let _watcher = watch_files(app.config(), ring.clone());
    on_hangup(ring);
    let intro = intro(app.config());
    let redactor = context.redactor.clone();
    let ready = move |address: SocketAddr| {
        redactor.say(&intro);
        redactor.say(&format!("ready http://{address}"));
        sd_notify::notify(&[sd_notify::NotifyState::Ready]).ok();
        feed_watchdog();
    };
    let ended = app.run(stop, reload, ready).await;
    sd_notify::notify(&[sd_notify::NotifyState::Stopping]).ok();
    match ended {
        Ok(()) => Exit::Well,
        Err(error) => context.failed(&error),
    }
}

/// What a newcomer wants to know: which sources, and where the feeds are.
fn intro(config: &Config) -> String {
    let base = &config.site.base_url;
    let sources: Vec<&str> = config.sources.iter().map(|s| s.title.as_str()).collect();
    let names = config.combined.iter().map(|c| &c.slug).chain(config.sources.iter().map(|s| &s.slug));
    let feeds: Vec<String> =
        names.take(5).flat_map(|slug| FORMATS.iter().map(move |f| format!("{base}feeds/{slug}.{}", f.extension))).collect();
    phrases::run_intro(&config.path, &sources, &feeds)
}

/// Rings when a file of the config changes. The folders are watched: editors replace files.
fn watch_files(config: &Config, ring: mpsc::Sender<()>) -> Option<notify::RecommendedWatcher> {
    let (folders, files) = watched(config);
    let files: Vec<PathBuf> = files.iter().filter_map(|f| std::path::absolute(f).ok()).collect();
    let (changed, mut changes) = mpsc::channel::<()>(16);
    let heard = move |event: notify::Result<notify::Event>| {
        let ours = |e: &notify::Event| !e.kind.is_access() && e.paths.iter().any(|p| files.iter().any(|f| f.file_name() == p.file_name()));
        if event.as_ref().is_ok_and(ours) {
            // A full channel already holds a change that was not taken yet.
            changed.try_send(()).ok();
        }
    };
    let mut watcher = notify::recommended_watcher(heard).ok()?;
    for folder in folders {
        let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
        watcher.watch(&folder, RecursiveMode::NonRecursive).ok()?;
    }
    tokio::spawn(async move {
        while changes.recv().await.is_some() {
            while tokio::time::timeout(SETTLED, changes.recv()).await.is_ok_and(|c| c.is_some()) {}
            ring.send(()).await.ok();
        }
    });
    Some(watcher)
}

fn on_hangup(ring: mpsc::Sender<()>) {
    tokio::spawn(async move {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut hangup) = signal(SignalKind::hangup()) else { return };
        while hangup.recv().await.is_some() {
            ring.send(()).await.ok();
        }
    });
}

/// Tells systemd that the runtime turns, twice per watchdog interval.
fn feed_watchdog() {
    let Some(interval) = sd_notify::watchdog_enabled() else { return };
    tokio::spawn(async move {
        loop {
            sd_notify::notify(&[sd_notify::NotifyState::Watchdog]).ok();
            tokio::time::sleep(interval / 2).await;
        }
    });
}
