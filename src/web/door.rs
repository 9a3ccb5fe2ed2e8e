//! What every request meets first: who asks and how often, how much, and the shelf. What is in
//! memory is answered here and at once; all else goes through the routes, on the runtime of the
//! daemon.

use std::borrow::Cow;
use std::convert::Infallible;
use std::future::{Ready as AtOnce, ready};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{Method, Request, Response, StatusCode, Uri};
use bytes::Bytes;
use chrono::TimeDelta;
use futures_util::future::{BoxFuture, Either as Sooner};
use http_body_util::{BodyExt as _, Either, Full, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::service::Service;
use tokio::runtime::Handle;
use tower::ServiceExt as _;

use super::answer::{Attempt, attempt};
use super::doorman::{Class, Client};
use super::wire::Life;
use super::{Site, Web, hooks, peer};
use crate::channel::Knock;
use crate::phrases;
use crate::shelf::Shelf;

/// What a client posts is shorter.
const BODY_BYTES: usize = 64 << 10;
/// An address is shorter.
const URI_BYTES: usize = 8 << 10;
/// And so are all headers together.
const HEADER_BYTES: usize = 16 << 10;
/// The folder of the feeds in addresses.
pub(super) const FEEDS: &str = "/feeds/";

pub(super) type Answer = Response<Either<Full<Bytes>, Body>>;

/// What all connections share.
pub(super) struct House {
    pub(super) web: Arc<Web>,
    pub(super) router: Router,
    /// Where the routes run.
    pub(super) runtime: Handle,
    /// How long a body may take to come.
    pub(super) patience: Duration,
}

/// The door as one connection sees it.
#[derive(Clone)]
pub(super) struct Door {
    pub(super) house: Arc<House>,
    pub(super) peer: IpAddr,
    pub(super) client: Client,
    pub(super) life: Arc<Life>,
}

impl Service<Request<Incoming>> for Door {
    type Response = Answer;
    type Error = Infallible;
    type Future = Sooner<AtOnce<Result<Answer, Infallible>>, BoxFuture<'static, Result<Answer, Infallible>>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        self.life.begin();
        match self.at_once(&request) {
            Some(answer) => {
                self.life.end();
                self.house.web.metrics.answered(answer.status().as_u16());
                Sooner::Left(ready(Ok(answer.map(Either::Left))))
            }
            None => {
                let (house, life) = (self.house.clone(), self.life.clone());
                Sooner::Right(Box::pin(async move {
                    let answer = later(house, &life, request).await.map(Either::Right);
                    life.end();
                    Ok(answer)
                }))
            }
        }
    }
}

impl Door {
    /// The answer, where nothing has to be waited for.
    fn at_once(&self, request: &Request<Incoming>) -> Option<Response<Full<Bytes>>> {
        let web = &self.house.web;
        let site = web.site();
        if let Some(status) = oversized(request) {
            self.life.cut();
            return Some(short(status, String::new(), &[(header::CONNECTION, HeaderValue::from_static("close"))]));
        }
        let knock = hooks::knock(&site, request);
        // A platform pushes as it likes; who only says to be one is a stranger like any.
        if knock == Some(Knock::Known) {
            return None;
        }
        let class = class(request.method(), request.uri());
        if let Err(wait) = self.admits(request, class, &site) {
            return Some(come_again(wait));
        }
        if knock == Some(Knock::Stranger) {
            self.life.cut();
            return Some(short(StatusCode::UNAUTHORIZED, String::new(), &[(header::CONNECTION, HeaderValue::from_static("close"))]));
        }
        let file = request.uri().path().strip_prefix(FEEDS).filter(|_| class == Class::Feed)?;
        let sheet = web.shelf.get(file)?;
        let headers = request.headers();
        if let Some(agent) = headers.get(header::USER_AGENT) {
            web.readers.hear(file, agent, &web.clock);
        }
        if headers.contains_key(HeaderName::from_static("a-im")) || !matches!(*request.method(), Method::GET | Method::HEAD) {
            return None;
        }
        match attempt(&web.shelf, &sheet, request.method(), headers, None) {
            Attempt::Done(answer) => Some(answer),
            Attempt::Wanting(_) => None,
        }
    }

    fn admits(&self, request: &Request<Incoming>, class: Class, site: &Site) -> Result<(), TimeDelta> {
        let web = &self.house.web;
        let client = match peer::asking(self.peer, &site.door.proxies, request.headers()) {
            Some(address) if address == self.peer => self.client,
            Some(address) => web.doorman.client(address),
            None => return Ok(()),
        };
        web.doorman.admits(client, class, &site.door.rates, (web.clock)())
    }
}

/// By what it may cost.
fn class(method: &Method, uri: &Uri) -> Class {
    // A feed with any question is looked up; what is asked may be spelt in many ways.
    let asks = |pair: (Cow<'_, str>, Cow<'_, str>)| pair.0 == "q" || uri.path().starts_with(FEEDS);
    let searches = || uri.query().is_some_and(|query| url::form_urlencoded::parse(query.as_bytes()).any(asks));
    match *method {
        Method::GET | Method::HEAD | Method::OPTIONS if searches() => Class::Search,
        Method::GET | Method::HEAD | Method::OPTIONS if uri.path().starts_with(FEEDS) => Class::Feed,
        Method::GET | Method::HEAD | Method::OPTIONS => Class::Page,
        _ => Class::Form,
    }
}

fn oversized(request: &Request<Incoming>) -> Option<StatusCode> {
    let uri = request.uri();
    if uri.path().len() + uri.query().map_or(0, str::len) > URI_BYTES {
        return Some(StatusCode::URI_TOO_LONG);
    }
    let headers: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if headers > HEADER_BYTES {
        return Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    }
    // What tells its length is refused before it comes.
    (request.body().size_hint().lower() > longest(uri) as u64).then_some(StatusCode::PAYLOAD_TOO_LARGE)
}

/// What may be posted to an address.
fn longest(uri: &Uri) -> usize {
    if uri.path().starts_with(hooks::FOLDER) { hooks::LONGEST } else { BODY_BYTES }
}

fn come_again(wait: TimeDelta) -> Response<Full<Bytes>> {
    let seconds = u64::try_from(wait.num_milliseconds()).unwrap_or_default().div_ceil(1000).max(1);
    short(StatusCode::TOO_MANY_REQUESTS, phrases::page_too_often(seconds), &[(header::RETRY_AFTER, HeaderValue::from(seconds))])
}

fn short(status: StatusCode, words: String, more: &[(HeaderName, HeaderValue)]) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(words));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    *headers = Shelf::house();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.extend(more.iter().cloned());
    response
}

/// Through the routes, once the whole body is here: none of them waits for a slow client.
async fn later(house: Arc<House>, life: &Life, request: Request<Incoming>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = if body.is_end_stream() {
        Bytes::new()
    } else {
        match tokio::time::timeout(house.patience, Limited::new(body, longest(&head.uri)).collect()).await {
            Ok(Ok(body)) => body.to_bytes(),
            // A client that breaks off hears nothing of it anyway.
            Ok(Err(_)) => return cut(&house, life, StatusCode::PAYLOAD_TOO_LARGE),
            Err(_) => return cut(&house, life, StatusCode::REQUEST_TIMEOUT),
        }
    };
    let routed = house.router.clone().oneshot(Request::from_parts(head, Body::from(body)));
    match house.runtime.spawn(routed).await {
        Ok(Ok(response)) => response,
        Ok(Err(never)) => match never {},
        Err(_) => cut(&house, life, StatusCode::SERVICE_UNAVAILABLE),
    }
}

fn cut(house: &House, life: &Life, status: StatusCode) -> Response<Body> {
    life.cut();
    house.web.metrics.answered(status.as_u16());
    short(status, String::new(), &[(header::CONNECTION, HeaderValue::from_static("close"))]).map(Body::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_one_however_its_address_is_spelt() {
        let check = |address: &'static str, want: Class| assert_eq!(class(&Method::GET, &Uri::from_static(address)), want, "{address}");
        for search in [
            "/tim?q=nuoc",
            "/tim?a=b&%71=nuoc",
            "/feeds/a.rss?q=nuoc",
            "/feeds/a.atom?%71=nuoc",
            "/feeds/a.json?category=tin",
            "/feeds/a.rss?not=x",
        ] {
            check(search, Class::Search);
        }
        check("/feeds/a.rss", Class::Feed);
        check("/tin/a/b?x=q", Class::Page);
    }
}
