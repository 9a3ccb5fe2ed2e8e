//! "Theo dõi": how to follow a feed, in plain words, by every way that this house really has.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use url::Url;

use super::code::Code;
use super::{Frame, feed, html, not_found, scripted};
use crate::desk;
use crate::feed::{FORMATS, Format};
use crate::phrases;
use crate::publish::FeedPlan;
use crate::web::{Site, Web};

/// Feeds that are listed to choose from; among more, wards are chosen by name.
const LISTED: usize = 40;
/// Ways with a code of their own, so that the page stays light.
const WAYS: usize = 6;
/// What most people here have on their phones comes first.
const ORDER: &[&str] = &["zalo-oa", "zalo-bot", "telegram-bot", "telegram", "facebook-page", "email"];

#[derive(Template)]
#[template(path = "follow.html")]
struct Follow<'a> {
    frame: Frame<'a>,
    feed: &'a FeedPlan,
    formats: &'static [Format],
    /// Whether browsers can subscribe.
    browsers: bool,
    ways: Vec<Way>,
    address: Url,
    code: Code,
}

#[derive(Template)]
#[template(path = "choose.html")]
struct Choose<'a> {
    frame: Frame<'a>,
    feeds: &'a [FeedPlan],
}

/// One way to follow.
struct Way {
    kind: &'static str,
    url: Url,
    code: Code,
}

pub(super) async fn choose(State(web): State<Arc<Web>>) -> Response {
    let site = web.site();
    if let [only] = site.feeds.as_slice() {
        let name = only.slug.to_string();
        return follow(State(web), Path(name)).await;
    }
    // The combined feeds come first; where they are many, the wards behind them have a page of their own.
    let combined = site.feeds.len().saturating_sub(site.wards.len());
    let listed = if site.feeds.len() > LISTED { combined.min(LISTED) } else { site.feeds.len() };
    let title = phrases::follow().in_language(site.language).to_owned();
    html(&site, &Choose { frame: Frame::new(&site, title, "theo-doi"), feeds: site.feeds.get(..listed).unwrap_or_default() })
}

pub(super) async fn follow(State(web): State<Arc<Web>>, Path(name): Path<String>) -> Response {
    let site = web.site();
    let Some(feed) = feed(&site, &name) else { return not_found(State(web)).await };
    let browsers = site.lines.iter().any(|line| line.channel.browsers().is_some());
    let address = file(&site, feed, "atom");
    let title = phrases::follow_title(&feed.title).in_language(site.language).to_owned();
    let frame = Frame::new(&site, title, format!("theo-doi/{name}"));
    let code = coded(&frame, &address);
    let ways = ways(&frame, &site, feed);
    let page = Follow { frame, feed, formats: FORMATS, browsers, ways, address, code };
    if browsers { scripted(&site, &page) } else { html(&site, &page) }
}

/// A feed's file, from outside.
fn file(site: &Site, feed: &FeedPlan, extension: &str) -> Url {
    site.base.join(&format!("feeds/{}.{extension}", feed.slug)).unwrap_or_else(|_| site.base.clone())
}

pub(super) fn coded(frame: &Frame<'_>, address: &Url) -> Code {
    Code::new(address.as_str(), frame.one(phrases::follow_code(address.as_str())))
}

fn ways(frame: &Frame<'_>, site: &Site, feed: &FeedPlan) -> Vec<Way> {
    let talks = site.lines.iter().filter_map(|line| line.channel.talk());
    // A topic has a feed of its own, and the desk sends nobody what is in it.
    let doors = talks.filter(|_| feed.filter.is_none()).filter_map(|talk| Some((talk.way(), talk.door(&desk::name(&feed.slug))?)));
    let invites = site.invites.iter().filter(|invite| invite.feed == feed.slug).map(|invite| (invite.kind, invite.url.clone()));
    let mut found: Vec<(&'static str, Url)> = Vec::new();
    for way in doors.chain(invites) {
        if found.iter().all(|known| known.1 != way.1) {
            found.push(way);
        }
    }
    let rank = |way: &(&'static str, Url)| ORDER.iter().position(|kind| *kind == way.0).unwrap_or(ORDER.len());
    found.sort_by_key(rank);
    found.into_iter().take(WAYS).map(|(kind, url)| Way { kind, code: coded(frame, &url), url }).collect()
}
