//! Where browsers subscribe to notifications. A page asks for the key, subscribes with it, and
//! posts what it got together with a feed's name; `docs/web-push.md` shows the few lines it takes.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{Web, broken};
use crate::channel::Browsers;
use crate::dispatch::Line;
use crate::entry::Slug;
use crate::subscription::{Address, Subscription};

/// What a browser posts is shorter.
pub(super) const LONGEST: usize = 8 << 10;
/// The worker that shows notifications.
const WORKER: &str = include_str!("worker.js");

/// What a page posts to subscribe.
#[derive(Deserialize)]
pub(super) struct Wish {
    /// `PushSubscription.toJSON()`.
    subscription: Value,
    feed: String,
}

/// And to leave one feed, or all.
#[derive(Deserialize)]
pub(super) struct End {
    endpoint: Url,
    feed: Option<String>,
}

pub(super) async fn worker() -> Response {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")], WORKER).into_response()
}

pub(super) async fn key(State(web): State<Arc<Web>>) -> Response {
    let Some(line) = line(&web) else { return StatusCode::NOT_FOUND.into_response() };
    let Some(browsers) = line.channel.browsers() else { return StatusCode::NOT_FOUND.into_response() };
    match browsers.key().await {
        Ok(key) => ([(header::CONTENT_TYPE, "text/plain")], key).into_response(),
        Err(told) => broken(&anyhow::anyhow!(told)),
    }
}

pub(super) async fn subscribe(State(web): State<Arc<Web>>, wish: Result<Json<Wish>, JsonRejection>) -> Response {
    let Ok(Json(wish)) = wish else { return StatusCode::BAD_REQUEST.into_response() };
    let Some(line) = line(&web) else { return StatusCode::NOT_FOUND.into_response() };
    let Some(browsers) = line.channel.browsers() else { return StatusCode::NOT_FOUND.into_response() };
    let site = web.site();
    let Some(feed) = site.feeds.iter().find(|plan| plan.slug.as_str() == wish.feed) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let written = wish.subscription.to_string();
    if let Err(told) = browsers.look(&written) {
        return (StatusCode::BAD_REQUEST, told).into_response();
    }
    match admitted(&web, browsers, &line.name, &written, &feed.slug, &feed.sources).await {
        Ok(()) => StatusCode::CREATED.into_response(),
        Err(error) => broken(&error),
    }
}

/// The browser is remembered first: a subscription without one would end at its first message.
async fn admitted(web: &Web, browsers: &dyn Browsers, channel: &str, written: &str, feed: &Slug, sources: &[Slug]) -> anyhow::Result<()> {
    let now = (web.clock)();
    let name = browsers.admit(written, now).await.map_err(|told| anyhow::anyhow!(told))?;
    let subscription = Subscription::simple(feed.clone(), Address::new(channel, name));
    web.store.subscribe(&subscription, sources, now).await
}

pub(super) async fn unsubscribe(State(web): State<Arc<Web>>, end: Result<Json<End>, JsonRejection>) -> Response {
    let Ok(Json(end)) = end else { return StatusCode::BAD_REQUEST.into_response() };
    let Some(line) = line(&web) else { return StatusCode::NOT_FOUND.into_response() };
    let Some(browsers) = line.channel.browsers() else { return StatusCode::NOT_FOUND.into_response() };
    match left(&web, browsers, &line.name, &end).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => broken(&error),
    }
}

/// Who knows a browser's address is that browser: no one else was ever told it.
async fn left(web: &Web, browsers: &dyn Browsers, channel: &str, end: &End) -> anyhow::Result<()> {
    let to = Address::new(channel, browsers.name(&end.endpoint));
    // A feed that cannot be has no subscribers.
    let Ok(feed) = end.feed.as_deref().map(Slug::new).transpose() else { return Ok(()) };
    web.store.unsubscribe(&to, feed.as_ref(), (web.clock)()).await?;
    if web.store.subscriptions_of(&to, web.site().zone).await?.is_empty() {
        browsers.forget(to.chat()).await.map_err(|told| anyhow::anyhow!(told))?;
    }
    Ok(())
}

/// The first channel that browsers can subscribe to.
fn line(web: &Web) -> Option<Arc<Line>> {
    web.site().lines.iter().find(|line| line.channel.browsers().is_some()).cloned()
}
