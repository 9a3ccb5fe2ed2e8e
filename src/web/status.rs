//! Health for people and machines.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{Site, Web, broken};
use crate::dispatch::Line;
use crate::incident::Incident;
use crate::metrics::{Health, Now};
use crate::phrases;
use crate::store::{self, Tally};

pub(super) async fn live() -> &'static str {
    "ok\n"
}

pub(super) async fn ready(State(web): State<Arc<Web>>) -> Response {
    match web.store.ping().await {
        Ok(()) => "ok\n".into_response(),
        Err(e) => broken(&e),
    }
}

pub(super) async fn metrics(State(web): State<Arc<Web>>) -> Response {
    match figures(&web).await {
        Ok(text) => ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text).into_response(),
        Err(e) => broken(&e),
    }
}

async fn figures(web: &Web) -> anyhow::Result<String> {
    let (site, suspended, incidents) = (web.site(), web.store.suspended().await?, web.store.open_incidents().await?);
    let outbox = outbox(web, &site).await?;
    let refusing = |line: &Line| suspended.get(&line.name).copied().unwrap_or_default();
    let channels = site.lines.iter().map(|line| Health {
        name: &line.name,
        up: line.trouble().is_none(),
        refusing: refusing(line),
        budget: line.budget(),
    });
    let readers = web.readers.figures((web.clock)());
    let followers = followers(web, &site).await?;
    let now = Now { channels: channels.collect(), outbox: &outbox, followers: &followers, incidents: &incidents, readers: &readers };
    Ok(web.metrics.text(&now)?)
}

/// By the names of files, which no stranger chose.
async fn followers(web: &Web, site: &Site) -> anyhow::Result<Vec<(String, i64)>> {
    let Some(hub) = &site.hub else { return Ok(Vec::new()) };
    let followers = web.store.subscribers((web.clock)()).await?;
    Ok(followers.into_iter().filter_map(|(topic, count)| Some((hub.topics.name(&topic)?.to_owned(), count))).collect())
}

async fn outbox(web: &Web, site: &Site) -> anyhow::Result<BTreeMap<String, Tally>> {
    let channels: Vec<&str> = site.lines.iter().map(|line| line.name.as_str()).collect();
    web.census.count(&web.store, &channels).await
}

pub(super) async fn health(State(web): State<Arc<Web>>) -> Response {
    match report(&web).await {
        Ok(report) => ([(header::CACHE_CONTROL, "no-store")], Json(report)).into_response(),
        Err(e) => {
            tracing::error!(error = format!("{e:#}"), "{}", phrases::log_store_failed());
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "failing" }))).into_response()
        }
    }
}

async fn report(web: &Web) -> anyhow::Result<Value> {
    let sources = web.store.health().await?;
    let suspended = web.store.suspended().await?;
    let site = web.site();
    let mut tally = Tally::default();
    outbox(web, &site).await?.into_values().for_each(|one| tally += one);
    let budgets: HashMap<&str, (u32, u32)> = site.lines.iter().filter_map(|l| Some((l.name.as_str(), l.budget()?))).collect();
    let troubles: Vec<(&str, Option<String>)> = site.lines.iter().map(|l| (l.name.as_str(), l.trouble())).collect();
    let disk = web.disk.scarcest(false).map(|(dir, room)| phrases::disk_left(dir, room.free >> 20));
    let ill = sources.iter().any(|s| s.failures > 0 || s.incidents.iter().any(|i| i.kind.needs_a_look()))
        || troubles.iter().any(|(_, t)| t.is_some())
        || tally.dead > 0
        || !suspended.is_empty()
        || site.refused_config.is_some()
        || disk.is_some();
    Ok(json!({
        "status": if ill { "degraded" } else { "ok" },
        "sources": sources.iter().map(source).collect::<Vec<_>>(),
        "channels": troubles.iter().map(|(name, trouble)| {
            channel(name, trouble.as_deref(), suspended.get(*name).copied().unwrap_or_default(), budgets.get(*name).copied())
        }).collect::<Vec<_>>(),
        "outbox": { "due": tally.due, "doubt": tally.doubt, "dead": tally.dead },
        "config": site.refused_config,
        "disk": disk,
        "subscribers": subscribers(web),
    }))
}

/// How many people follow each feed, as the services tell that read for many.
fn subscribers(web: &Web) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    for ((feed, _), count) in web.readers.figures((web.clock)()) {
        *sums.entry(feed).or_default() += count;
    }
    sums
}

/// `suspended` addresses of it refuse messages.
fn channel(name: &str, trouble: Option<&str>, suspended: i64, budget: Option<(u32, u32)>) -> Value {
    let state = match (trouble, suspended) {
        (Some(_), _) => "down",
        (None, 0) => "ok",
        (None, _) => "degraded",
    };
    let budget = budget.map(|(per_month, left)| json!({ "per_month": per_month, "left": left }));
    json!({ "name": name, "state": state, "cause": trouble, "suspended": suspended, "budget": budget })
}

fn source(health: &store::Health) -> Value {
    json!({
        "name": health.source.as_str(),
        "last_ok": health.last_ok.map(|t| t.to_rfc3339()),
        "next": health.next.to_rfc3339(),
        "failures": health.failures,
        "cause": health.cause,
        "problems": named(&health.incidents).chain(health.problems.iter().cloned()).collect::<Vec<_>>(),
        "incidents": health.incidents.iter().map(incident).collect::<Vec<_>>(),
    })
}

/// The open incidents that a person should look at, as sentences.
fn named(incidents: &[Incident]) -> impl Iterator<Item = String> {
    incidents.iter().filter(|incident| incident.kind.needs_a_look()).map(|incident| incident.kind.what())
}

fn incident(incident: &Incident) -> Value {
    json!({
        "kind": incident.kind.name(),
        "what": incident.kind.what(),
        "since": incident.since.to_rfc3339(),
        "reported": incident.reported.map(|t| t.to_rfc3339()),
        "before": incident.before,
        "after": incident.after,
    })
}
