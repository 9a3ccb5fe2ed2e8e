//! Feeds over HTTP where their files alone do not answer: the shape that a client likes best, what
//! is new to a reader alone, and what scripts of other sites may do.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use super::answer::answer;
use super::negotiate::{self, Shape};
use super::{Web, broken, made_feed, pages};
use crate::feed::FORMATS;
use crate::phrases;
use crate::publish::LISTING;
use crate::shelf::{Known, Print, Sheet};

/// What a script of another site may ask with, beside what it always may.
const ASKED: &str = "accept, a-im, if-match, if-modified-since, if-none-match, if-range, if-unmodified-since, range";
const METHODS: &str = "GET, HEAD, OPTIONS";

pub(super) async fn file(State(web): State<Arc<Web>>, Path(name): Path<String>, uri: Uri, method: Method, headers: HeaderMap) -> Response {
    if let Some(made) = made_feed::made(&web, &name, &uri, &method, &headers).await {
        return made;
    }
    if let Some(sheet) = web.shelf.get(&name) {
        return match news(&web, &name, &sheet, &headers).await {
            Ok(Some(news)) => news,
            Ok(None) => answer(&web, &name, sheet, &method, &headers).await,
            Err(error) => broken(&error),
        };
    }
    let is_feed = FORMATS.iter().any(|format| web.shelf.get(&format!("{name}.{}", format.extension)).is_some());
    if is_feed { negotiated(&web, &name, &method, &headers).await } else { pages::not_found(State(web)).await }
}

/// The list of all feeds.
pub(super) async fn listing(State(web): State<Arc<Web>>, method: Method, headers: HeaderMap) -> Response {
    match web.shelf.get(LISTING) {
        Some(sheet) => answer(&web, LISTING, sheet, &method, &headers).await,
        None => pages::not_found(State(web)).await,
    }
}

/// The address without an extension (RFC 9110 §12.1).
async fn negotiated(web: &Web, name: &str, method: &Method, headers: &HeaderMap) -> Response {
    let base = web.site().base.clone();
    let mut response = match negotiate::shape(headers) {
        Some(Shape::Feed(format)) => {
            let file = format!("{name}.{}", format.extension);
            // On the shelf with its fellows.
            let Some(sheet) = web.shelf.get(&file) else { return StatusCode::NOT_FOUND.into_response() };
            let mut response = answer(web, &file, sheet, method, headers).await;
            let place = HeaderValue::from_str(&format!("{}feeds/{file}", base.path()));
            response.headers_mut().extend(place.ok().map(|place| (header::CONTENT_LOCATION, place)));
            response
        }
        Some(Shape::Page) => (StatusCode::SEE_OTHER, [(header::LOCATION, base.as_str())]).into_response(),
        None => {
            let shapes: Vec<String> = FORMATS.iter().map(|f| format!("{base}feeds/{name}.{} ({})", f.extension, f.media_type)).collect();
            (StatusCode::NOT_ACCEPTABLE, phrases::page_shapes(&shapes)).into_response()
        }
    };
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept, accept-encoding"));
    response
}

/// Only the entries that are new to a reader (RFC 3229: `A-IM: feed`); `None` where that is not
/// asked for, or what the reader has is not remembered.
async fn news(web: &Web, name: &str, sheet: &Sheet, headers: &HeaderMap) -> anyhow::Result<Option<Response>> {
    let (Some(known), Some((feed, extension))) = (sheet.known(), name.split_once('.')) else { return Ok(None) };
    if !negotiate::wants_news(headers) {
        return Ok(None);
    }
    let Some((base, print)) = had(headers, known) else { return Ok(None) };
    let key = (print, known.print);
    let bytes = match web.shelf.news(&key) {
        Some(bytes) => bytes,
        None => {
            let site = web.site();
            let Some(marks) = web.shelf.said(feed, print) else { return Ok(None) };
            let plan = site.publish.feeds.iter().find(|plan| plan.slug.as_str() == feed);
            let format = FORMATS.iter().find(|format| format.extension == extension);
            let (Some(plan), Some(format)) = (plan, format) else { return Ok(None) };
            let bytes = Bytes::from(site.publish.since(plan, format, &marks).await?);
            web.shelf.keep_news(key, bytes.clone());
            bytes
        }
    };
    Ok(Some(told(web, sheet, known, headers, base, bytes)))
}

/// The validator of the version that a client has, if it is one of ours and not the present one.
fn had<'a>(headers: &'a HeaderMap, known: &Known) -> Option<(&'a str, Print)> {
    let values = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let tags = values.flat_map(|value| value.split(',')).map(str::trim);
    let ours: Vec<(&str, Print)> = tags.filter_map(|tag| Some((tag, Print::told(tag)?))).collect();
    let is_present = ours.iter().any(|(_, print)| *print == known.print);
    ours.into_iter().next().filter(|_| !is_present)
}

/// 226: the validator is that of the whole, which the reader has once it has added these.
fn told(web: &Web, sheet: &Sheet, known: &Known, headers: &HeaderMap, base: &str, news: Bytes) -> Response {
    let coding = negotiate::coding(headers, known.is_coded()).unwrap_or(crate::shelf::Coding::Identity);
    let mut all = web.shelf.prepared(sheet, known, coding).full.clone();
    for whole in [header::CONTENT_ENCODING, header::ACCEPT_RANGES] {
        all.remove(whole);
    }
    all.insert(HeaderName::from_static("im"), HeaderValue::from_static("feed"));
    all.extend(HeaderValue::from_str(base).ok().map(|base| (HeaderName::from_static("delta-base"), base)));
    all.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store, im"));
    all.insert(header::VARY, HeaderValue::from_static("a-im, if-none-match, accept-encoding"));
    (StatusCode::IM_USED, all, news).into_response()
}

pub(super) async fn preflight() -> Response {
    let headers = [
        (header::ALLOW, METHODS),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, ASKED),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}
