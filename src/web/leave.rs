//! Leaving a feed by the link in a message. Looking at the page changes nothing, for scanners of
//! mail open every link; the button does, and so does a mail program's own one (RFC 8058).

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::pages::{Frame, html, not_found};
use super::{Web, broken};
use crate::channel::leave::Leaving;
use crate::entry::Slug;
use crate::phrases;
use crate::store::Left;
use crate::subscription::Address;

#[derive(Template)]
#[template(path = "leave.html")]
struct Leave<'a> {
    frame: Frame<'a>,
    feed: String,
    /// Nothing to ask any more.
    done: bool,
}

pub(super) async fn ask(State(web): State<Arc<Web>>, Path(token): Path<String>) -> Response {
    match whose(&web, &token).await {
        Ok(Some((feed, _))) => page(&web, &feed, false),
        Ok(None) => not_found(State(web)).await,
        Err(error) => broken(&error),
    }
}

pub(super) async fn leave(State(web): State<Arc<Web>>, Path(token): Path<String>) -> Response {
    let (feed, to) = match whose(&web, &token).await {
        Ok(Some(whose)) => whose,
        Ok(None) => return not_found(State(web)).await,
        Err(error) => return broken(&error),
    };
    match web.store.leave(&to, &feed, (web.clock)()).await {
        Ok(left) => {
            if left == Left::Named {
                tracing::warn!(channel = to.channel(), %feed, "{}", phrases::log_left());
            }
            page(&web, &feed, true)
        }
        Err(error) => broken(&error),
    }
}

async fn whose(web: &Web, token: &str) -> anyhow::Result<Option<(Slug, Address)>> {
    let leaving = Leaving::open(web.store.as_ref(), (web.clock)()).await.map_err(|told| anyhow::anyhow!(told))?;
    Ok(leaving.read(token))
}

fn page(web: &Web, feed: &Slug, done: bool) -> Response {
    let site = web.site();
    let title = site.feeds.iter().find(|plan| plan.slug == *feed).map_or_else(|| feed.to_string(), |plan| plan.title.clone());
    let frame = Frame::new(&site, phrases::page_leave_button(site.language), "").unkept();
    html(&site, &Leave { frame, feed: title, done })
}
