//! A poster for the notice board, to be printed on A4.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::code::Code;
use super::{Frame, feed, follow, html, not_found};
use crate::phrases;
use crate::web::Web;

#[derive(Template)]
#[template(path = "poster.html")]
struct Poster<'a> {
    frame: Frame<'a>,
    title: &'a str,
    /// Where the code leads, as people would type it.
    typed: String,
    code: Code,
}

pub(super) async fn poster(State(web): State<Arc<Web>>, Path(name): Path<String>) -> Response {
    let site = web.site();
    let Some(feed) = feed(&site, &name) else { return not_found(State(web)).await };
    let frame = Frame::new(&site, &feed.title, format!("ap-phich/{name}")).unkept();
    let address = site.base.join(&format!("theo-doi/{name}")).unwrap_or_else(|_| site.base.clone());
    let code = follow::coded(&frame, &address);
    let typed = address.as_str().trim_start_matches("https://").trim_start_matches("http://").to_owned();
    html(&site, &Poster { frame, title: &feed.title, typed, code })
}
