//! The public pages: both languages, no script needed, readable on an old phone. A file for each.

use std::borrow::Borrow;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::middleware;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use tower_http::compression::CompressionLayer;
use url::Url;

use super::{Site, Web, broken};
use crate::config::Images;
use crate::entry::Slug;
use crate::phrases::{self, Said};
use crate::publish::FeedPlan;
use crate::shelf::{Coding, Print};

mod article;
mod category;
mod code;
mod follow;
mod front;
mod installed;
mod list;
mod pictures;
mod poster;
mod search;
mod unchanged;
mod wards;

pub use pictures::Pictures;
pub use wards::Ward;

/// Every page, and what belongs to them.
pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/", get(front::front))
        .route("/phuong/{feed}", get(front::ward))
        .route("/tin/{source}/{slug}", get(article::article))
        .route("/anh/{source}/{slug}/{picture}", get(pictures::picture))
        .route("/tim", get(search::search))
        .route("/muc", get(category::categories))
        .route("/muc/{category}", get(category::category))
        .route("/chon-phuong", get(wards::choose))
        .route("/theo-doi", get(follow::choose))
        .route("/theo-doi/{feed}", get(follow::follow))
        .route("/ap-phich/{feed}", get(poster::poster))
        .route("/loaphuong.css", get(style))
        .route("/theo-doi.js", get(script))
        .route("/loaphuong.svg", get(sign))
        .route("/loaphuong.png", get(card))
        .route("/loaphuong.webmanifest", get(installed::manifest))
        .route("/loaphuong-192.png", get(installed::small))
        .route("/loaphuong-512.png", get(installed::large))
        .layer(middleware::from_fn(unchanged::unchanged))
        .layer(CompressionLayer::new())
}

/// What every page has around it.
pub(super) struct Frame<'a> {
    pub(super) site: &'a Site,
    /// Of the page; the site's stands behind it. Empty on the front page.
    title: String,
    /// Its own address under the root, without the leading `/`.
    path: String,
    /// Whether search engines may keep it.
    pub(super) kept: bool,
}

/// A sentence in the site's language, and behind it, smaller, in the other one.
#[derive(Template)]
#[template(
    source = "{{ first }}{% if first != second %} <span class=\"en\" lang=\"{{ tag }}\">{{ second }}</span>{% endif %}",
    ext = "html"
)]
pub(super) struct Both {
    first: String,
    second: String,
    tag: &'static str,
}

impl askama::filters::HtmlSafe for Both {}

#[derive(Template)]
#[template(path = "missing.html")]
struct Missing<'a> {
    frame: Frame<'a>,
    heading: Said,
    help: Said,
}

impl<'a> Frame<'a> {
    pub(super) fn new(site: &'a Site, title: impl Into<String>, path: impl Into<String>) -> Self {
        Self { site, title: title.into(), path: path.into(), kept: true }
    }

    pub(super) const fn unkept(mut self) -> Self {
        self.kept = false;
        self
    }

    /// What stands in the browser's tab.
    pub(super) fn tab(&self) -> String {
        if self.title.is_empty() { self.site.title.clone() } else { format!("{} · {}", self.title, self.site.title) }
    }

    /// Where addresses begin; a proxy may have the site in a folder.
    pub(super) fn root(&self) -> &str {
        self.site.base.path()
    }

    /// Its own address, from outside.
    fn address(&self) -> Url {
        self.site.base.join(&self.path).unwrap_or_else(|_| self.site.base.clone())
    }

    pub(super) const fn lang(&self) -> &'static str {
        self.site.language.tag()
    }

    pub(super) fn say(&self, said: impl Borrow<Said>) -> Both {
        say(self.site, said.borrow())
    }

    /// For places that hold one language: titles, labels.
    pub(super) fn one(&self, said: impl Borrow<Said>) -> String {
        said.borrow().in_language(self.site.language).to_owned()
    }

    /// Whether there is anything to choose.
    pub(super) fn several(&self) -> bool {
        self.site.wards.len() > 1
    }
}

fn say(site: &Site, said: &Said) -> Both {
    let (first, second) = (site.language, site.language.other());
    Both { first: said.in_language(first).to_owned(), second: said.in_language(second).to_owned(), tag: second.tag() }
}

/// What was asked for behind the `?` of an address: the first value of each name, of a bounded length.
fn asked(uri: &Uri, name: &str) -> String {
    let query = uri.query().unwrap_or_default();
    let found = url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name);
    found.map(|(_, value)| crate::text::line(&value.chars().take(200).collect::<String>())).unwrap_or_default()
}

/// The feed with this name.
fn feed<'a>(site: &'a Site, name: &str) -> Option<&'a FeedPlan> {
    site.feeds.iter().find(|plan| plan.slug.as_str() == name)
}

/// Every source that the site shows.
fn sources(site: &Site) -> Vec<Slug> {
    site.wards.iter().map(|ward| ward.slug.clone()).collect()
}

async fn style() -> Response {
    kept("text/css; charset=utf-8", include_bytes!("../templates/loaphuong.css"))
}

async fn script() -> Response {
    kept("text/javascript; charset=utf-8", include_bytes!("../templates/theo-doi.js"))
}

async fn sign() -> Response {
    kept("image/svg+xml", include_bytes!("../templates/loaphuong.svg"))
}

async fn card() -> Response {
    kept("image/png", include_bytes!("../templates/loaphuong.png"))
}

/// What changes only with the program.
fn kept(media_type: &'static str, bytes: &'static [u8]) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400")),
        (header::ETAG, etag(bytes)),
    ];
    (headers, bytes).into_response()
}

/// Weak, as what goes over the wire may be coded.
fn etag(bytes: &[u8]) -> HeaderValue {
    let strong = Print::of(bytes).etag(Coding::Identity);
    HeaderValue::from_str(&format!("W/{strong}")).unwrap_or_else(|_| HeaderValue::from_static("W/\"\""))
}

pub(super) async fn not_found(State(web): State<Arc<Web>>) -> Response {
    told(&web, StatusCode::NOT_FOUND, phrases::page_missing(), phrases::page_missing_help())
}

fn told(web: &Web, status: StatusCode, heading: Said, help: Said) -> Response {
    let site = web.site();
    let frame = Frame::new(&site, heading.in_language(site.language), "").unkept();
    (status, html(&site, &Missing { frame, heading, help })).into_response()
}

/// A page without script.
pub(super) fn html(site: &Site, page: &impl Template) -> Response {
    answer(page, policy(site.images, ""))
}

/// A page with a script of ours.
fn scripted(site: &Site, page: &impl Template) -> Response {
    answer(page, policy(site.images, "script-src 'self'; connect-src 'self'; worker-src 'self'; "))
}

fn answer(page: &impl Template, policy: HeaderValue) -> Response {
    match page.render() {
        Ok(text) => {
            let headers = [
                (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60")),
                (header::CONTENT_SECURITY_POLICY, policy),
                (header::ETAG, etag(text.as_bytes())),
            ];
            (headers, Html(text)).into_response()
        }
        Err(e) => broken(&e.into()),
    }
}

/// What a browser may load and do on a page (Content-Security-Policy).
fn policy(images: Images, script: &str) -> HeaderValue {
    let pictures = match images {
        Images::Proxy | Images::None => "'self'",
        Images::Direct => "'self' https: http:",
    };
    let written = format!(
        "default-src 'none'; style-src 'self'; img-src {pictures}; manifest-src 'self'; {script}base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&written).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
}
