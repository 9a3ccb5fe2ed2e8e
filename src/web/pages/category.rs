//! News by category, as the sites name them.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;

use super::list::{Category, List, all, list};
use super::{Frame, html, not_found, sources};
use crate::phrases::{self, Said};
use crate::store::{Search, Words};
use crate::text;
use crate::web::{Web, broken};

/// The categories of so many of the newest entries are listed.
const LOOKED_AT: usize = 300;
/// And at most so many of them.
const LISTED: usize = 100;

#[derive(Template)]
#[template(path = "categories.html")]
struct Categories<'a> {
    frame: Frame<'a>,
    categories: Vec<Category>,
}

#[derive(Template)]
#[template(path = "category.html")]
struct One<'a> {
    frame: Frame<'a>,
    heading: Said,
    list: List,
}

pub(super) async fn categories(State(web): State<Arc<Web>>) -> Response {
    let site = web.site();
    let (sources, words) = (sources(&site), Words::default());
    let found = match web.store.search(&Search { limit: LOOKED_AT, ..all(&sources, &words) }).await {
        Ok(found) => found,
        Err(e) => return broken(&e),
    };
    let mut categories: Vec<Category> = found.entries.iter().flat_map(Category::of).collect();
    categories.sort_by(|a, b| a.slug.cmp(&b.slug));
    categories.dedup_by(|a, b| a.slug == b.slug);
    categories.truncate(LISTED);
    let title = phrases::page_categories().in_language(site.language).to_owned();
    html(&site, &Categories { frame: Frame::new(&site, title, "muc"), categories })
}

pub(super) async fn category(State(web): State<Arc<Web>>, Path(slug): Path<String>, uri: Uri) -> Response {
    let site = web.site();
    if slug.is_empty() || slug.len() > 64 || text::slug(&slug) != slug {
        return not_found(State(web)).await;
    }
    let (sources, words, path) = (sources(&site), Words::default(), format!("muc/{slug}"));
    let search = Search { category: Some(&slug), ..all(&sources, &words) };
    let list = match list(&web, &site, search, &uri, &path).await {
        Ok(list) => list,
        Err(e) => return broken(&e),
    };
    let named = list.entries.iter().flat_map(|entry| &entry.categories).find(|category| category.slug == slug);
    let Some(name) = named.map(|category| category.name.clone()) else { return not_found(State(web)).await };
    let heading = phrases::page_category(&name);
    html(&site, &One { frame: Frame::new(&site, heading.in_language(site.language), path), heading, list })
}
