//! The front page, and the page of one ward.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;

use super::list::{Category, List, all, list};
use super::{Frame, feed, html, not_found, sources};
use crate::feed::{FORMATS, Format};
use crate::phrases;
use crate::publish::FeedPlan;
use crate::store::Words;
use crate::web::{Web, broken};

/// Feeds named in the head of a page; more would only make it heavy.
const NAMED: usize = 4;
/// Categories to choose from above a list.
const CATEGORIES: usize = 8;

#[derive(Template)]
#[template(path = "front.html")]
struct Front<'a> {
    frame: Frame<'a>,
    formats: &'static [Format],
    feeds: &'a [FeedPlan],
    /// What is followed from here, under the root.
    follow: String,
    /// The title of the ward, where it is the page of one.
    ward: Option<&'a str>,
    categories: Vec<Category>,
    list: List,
}

pub(super) async fn front(State(web): State<Arc<Web>>, uri: Uri) -> Response {
    let site = web.site();
    let (sources, words) = (sources(&site), Words::default());
    let list = match list(&web, &site, all(&sources, &words), &uri, "").await {
        Ok(list) => list,
        Err(e) => return broken(&e),
    };
    let feeds = site.feeds.get(..NAMED).unwrap_or(&site.feeds);
    let frame = Frame::new(&site, "", "");
    let page = Front { frame, formats: FORMATS, feeds, follow: "theo-doi".to_owned(), ward: None, categories: categories(&list), list };
    html(&site, &page)
}

pub(super) async fn ward(State(web): State<Arc<Web>>, Path(name): Path<String>, uri: Uri) -> Response {
    let site = web.site();
    let Some(plan) = feed(&site, &name) else { return not_found(State(web)).await };
    let (words, path) = (Words::default(), format!("phuong/{name}"));
    let list = match list(&web, &site, all(&plan.sources, &words), &uri, &path).await {
        Ok(list) => list,
        Err(e) => return broken(&e),
    };
    let frame = Frame::new(&site, &plan.title, path);
    let (feeds, follow) = (std::slice::from_ref(plan), format!("theo-doi/{name}"));
    html(&site, &Front { frame, formats: FORMATS, feeds, follow, ward: Some(&plan.title), categories: categories(&list), list })
}

/// The categories of the entries shown, in their order.
fn categories(list: &List) -> Vec<Category> {
    let mut found: Vec<Category> = Vec::new();
    for category in list.entries.iter().flat_map(|entry| &entry.categories) {
        if found.len() < CATEGORIES && found.iter().all(|known| known.slug != category.slug) {
            found.push(category.clone());
        }
    }
    found
}
