//! Looking for news by words.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;

use super::list::{List, all, list};
use super::{Frame, asked, feed, html, sources};
use crate::phrases::{self, Said};
use crate::store::Words;
use crate::web::{Site, Web, broken};

#[derive(Template)]
#[template(path = "search.html")]
struct Searched<'a> {
    frame: Frame<'a>,
    question: String,
    /// The feed that is searched, where it is one alone: its name and its title.
    within: Option<(String, &'a str)>,
    heading: Said,
    list: Option<List>,
}

pub(super) async fn search(State(web): State<Arc<Web>>, uri: Uri) -> Response {
    let site = web.site();
    let (question, name) = (asked(&uri, "q"), asked(&uri, "phuong"));
    let words = Words::parse(&question);
    let list = if words.is_empty() { Ok(None) } else { found(&web, &site, &words, &uri, &question, &name).await.map(Some) };
    let list = match list {
        Ok(list) => list,
        Err(e) => return broken(&e),
    };
    let heading = if list.is_some() { phrases::page_found(&question) } else { phrases::page_search() };
    let frame = Frame::new(&site, heading.in_language(site.language), "tim").unkept();
    let within = feed(&site, &name).map(|plan| (name, plan.title.as_str()));
    html(&site, &Searched { frame, question, within, heading, list })
}

/// What has all words side by side is meant before what has them anywhere: `cắt điện` is no
/// `cắt cỏ` with a `điện thoại`.
async fn found(web: &Arc<Web>, site: &Site, words: &Words, uri: &Uri, question: &str, name: &str) -> anyhow::Result<List> {
    let sources = feed(site, name).map_or_else(|| sources(site), |plan| plan.sources.clone());
    let path = address(question, name);
    if let Some(phrase) = words.joined() {
        let list = list(web, site, all(&sources, &phrase), uri, &path).await?;
        if !list.entries.is_empty() {
            return Ok(list);
        }
    }
    list(web, site, all(&sources, words), uri, &path).await
}

/// The address of a search, under the root.
fn address(question: &str, name: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("q", question);
    if !name.is_empty() {
        query.append_pair("phuong", name);
    }
    format!("tim?{}", query.finish())
}
