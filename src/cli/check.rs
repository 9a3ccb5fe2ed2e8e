//! `loaphuong check`: everything wrong with the config, and how the sources are doing.

use super::{Context, Exit};
use crate::incident::Kind;
use crate::phrases;
use crate::schedule::spoken;
use crate::store::{Access, Store};

pub(super) async fn check(context: &Context) -> Exit {
    let config = match context.load() {
        Ok(config) => config,
        Err(exit) => return exit,
    };
    for warning in &config.warnings {
        context.redactor.say(&warning.to_string());
    }
    super::print(&format!("{}\n", phrases::check_good(config.sources.len(), config.channels.len(), config.subscriptions.len())));
    let now = chrono::Utc::now();
    for plan in config.sources.iter().filter(|s| s.schedule.is_some()) {
        let times = std::iter::successors(plan.schedule.as_ref().and_then(|s| s.next_after(now)), |t| {
            plan.schedule.as_ref().and_then(|s| s.next_after(*t))
        });
        let next: Vec<String> = times.take(3).map(|t| spoken(t, config.site.zone)).collect();
        super::print(&format!("{}\n", phrases::check_next(&plan.title, &next)));
    }
    for problem in problems(&config).await {
        super::print(&format!("{problem}\n"));
    }
    Exit::Well
}

/// What the last polls could not read, from a database that is there; none is made.
async fn problems(config: &crate::config::Config) -> Vec<String> {
    if !Store::exists(&config.store, &config.dir) {
        return Vec::new();
    }
    let Ok(store) = Store::open(&config.store, &config.dir, Access::Beside).await else { return Vec::new() };
    let sources = store.health().await.unwrap_or_default();
    store.close().await;
    let told = |s: crate::store::Health| {
        let incidents = s.incidents.iter().filter(|i| i.kind != Kind::Failing).map(|i| i.told(config.site.zone));
        let all: Vec<String> = s.cause.iter().cloned().chain(s.problems.iter().cloned()).chain(incidents).collect();
        all.into_iter().map(move |p| format!("{}: {p}", s.source))
    };
    sources.into_iter().flat_map(told).collect()
}
