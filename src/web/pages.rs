//! The public pages: Vietnamese first, no script, readable on an old phone.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use chrono::{DateTime, Utc};

use super::{Site, Web, broken};
use crate::entry::Slug;
use crate::feed::{FORMATS, Format};
use crate::phrases;
use crate::publish::FeedPlan;
use crate::schedule::spoken;
use crate::store::{Query, Stored};

/// Entries on the front page.
const LATEST: usize = 30;
/// Feeds named in the head of a page; more would only make it heavy.
const NAMED: usize = 20;

#[derive(Template)]
#[template(path = "front.html")]
struct Front<'a> {
    site: &'a Site,
    formats: &'static [Format],
    named: &'a [FeedPlan],
    entries: Vec<Shown>,
}

#[derive(Template)]
#[template(path = "article.html")]
struct Article<'a> {
    site: &'a Site,
    stored: &'a Stored,
    shown: Shown,
    feed: Option<&'a FeedPlan>,
    formats: &'static [Format],
}

#[derive(Template)]
#[template(path = "missing.html")]
struct Missing<'a> {
    site: &'a Site,
}

#[derive(Template)]
#[template(path = "withdrawn.html")]
struct Withdrawn<'a> {
    site: &'a Site,
}

#[derive(Template)]
#[template(path = "feeds.opml", escape = "html")]
struct Opml<'a> {
    site: &'a Site,
}

/// An entry as a list shows it.
struct Shown {
    title: String,
    source: String,
    page: String,
    time: String,
    datetime: String,
    summary: String,
}

impl Shown {
    fn new(site: &Site, stored: &Stored) -> Self {
        let at: DateTime<Utc> = stored.entry.published.map_or(stored.seen, |t| t.with_timezone(&Utc));
        Self {
            title: stored.entry.title.clone(),
            source: site.titles.get(&stored.source).cloned().unwrap_or_else(|| stored.source.to_string()),
            page: format!("/tin/{}/{}", stored.source, stored.slug),
            time: spoken(at, site.zone),
            datetime: at.with_timezone(&site.zone).to_rfc3339(),
            summary: crate::text::cut(stored.entry.summary.as_deref().unwrap_or(""), 300),
        }
    }
}

pub(super) async fn front(State(web): State<Arc<Web>>) -> Response {
    let site = web.site();
    let sources: Vec<Slug> = site.titles.keys().cloned().collect();
    let stored = match web.store.entries(&Query { sources: &sources, limit: LATEST }).await {
        Ok(stored) => stored,
        Err(e) => return broken(&e),
    };
    let entries = stored.iter().map(|s| Shown::new(&site, s)).collect();
    let named = site.feeds.get(..NAMED).unwrap_or(&site.feeds);
    html(&Front { site: &site, formats: FORMATS, named, entries })
}

pub(super) async fn article(State(web): State<Arc<Web>>, Path((source, slug)): Path<(String, String)>) -> Response {
    let site = web.site();
    let Ok(source) = Slug::new(&source) else { return not_found(State(web)).await };
    match web.store.entry_by_slug(&source, &slug).await {
        Ok(Some(stored)) if stored.withdrawn => (StatusCode::GONE, html(&Withdrawn { site: &site })).into_response(),
        Ok(Some(stored)) => {
            let feed = site.feeds.iter().find(|f| f.slug == source);
            html(&Article { site: &site, shown: Shown::new(&site, &stored), stored: &stored, feed, formats: FORMATS })
        }
        Ok(None) => not_found(State(web)).await,
        Err(e) => broken(&e),
    }
}

pub(super) async fn opml(State(web): State<Arc<Web>>) -> Response {
    match (Opml { site: &web.site() }).render() {
        Ok(text) => {
            ([(header::CONTENT_TYPE, "text/x-opml; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=300")], text).into_response()
        }
        Err(e) => broken(&e.into()),
    }
}

pub(super) async fn style() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=86400")];
    (headers, include_str!("templates/loaphuong.css")).into_response()
}

pub(super) async fn not_found(State(web): State<Arc<Web>>) -> Response {
    (StatusCode::NOT_FOUND, html(&Missing { site: &web.site() })).into_response()
}

pub(super) fn html(page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => ([(header::CACHE_CONTROL, "public, max-age=60")], Html(text)).into_response(),
        Err(e) => broken(&e.into()),
    }
}
