//! `loaphuong run`: until stopped.

use std::net::SocketAddr;

use tokio::sync::mpsc;

use super::{Context, Exit, stop_signal};
use crate::config::Config;
use crate::feed::FORMATS;
use crate::phrases;

pub(super) async fn run(context: &Context) -> Exit {
    let app = match context.app().await {
        Ok(app) => app,
        Err(exit) => return exit,
    };
    let stop = stop_signal();
    let (ring, reload) = mpsc::channel(1);
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
