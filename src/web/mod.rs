//! HTTP: feeds, the public pages, health and metrics.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use chrono_tz::Tz;
use tower_http::catch_panic::CatchPanicLayer;
use url::Url;

use crate::config::{Door, Images, Invite};
use crate::desk::FrontDesk;
use crate::disk::Disk;
use crate::dispatch::Line;
use crate::entry::Slug;
use crate::fetch::Fetcher;
use crate::hub::Hub;
use crate::metrics::Metrics;
use crate::phrases::Language;
use crate::publish::{FeedPlan, Publish};
use crate::schedule::Clock;
use crate::shelf::{HOUSE, Shelf};
use crate::store::Store;

mod answer;
mod census;
mod condition;
mod door;
mod doorman;
mod feeds;
mod hooks;
mod hub;
mod leave;
mod made_feed;
mod moved;
mod negotiate;
mod pages;
mod peer;
mod push;
mod readers;
mod serve;
mod status;
mod wire;

pub use census::Census;
pub use doorman::Doorman;
pub use pages::{Pictures, Ward};
pub use readers::Readers;
pub use serve::{Patience, serve};

/// What the pages show; replaced whole when the config changes.
#[derive(Clone)]
pub struct Site {
    /// The ward's title.
    pub title: String,
    /// `base_url`, ending in `/`.
    pub base: Url,
    /// The language of fixed words.
    pub language: Language,
    /// The zone that times are shown in.
    pub zone: Tz,
    /// Every feed, the combined ones first.
    pub feeds: Vec<FeedPlan>,
    /// Titles of sources, by name.
    pub titles: HashMap<Slug, String>,
    /// Former names of feeds, and their present ones.
    pub aliases: HashMap<String, Slug>,
    /// Whom the door lets in, and how often.
    pub door: Door,
    /// How feeds are made.
    pub publish: Arc<Publish>,
    /// Every source, in the order of the titles.
    pub wards: Vec<Ward>,
    /// Where people can follow a feed by themselves.
    pub invites: Vec<Invite>,
    /// How pictures of other sites are shown.
    pub images: Images,
    /// The way to them.
    pub fetcher: Arc<Fetcher>,
    /// The hub, where this server has one or names another.
    pub hub: Option<Arc<Hub>>,
    /// Every channel.
    pub lines: Vec<Arc<Line>>,
    /// Who takes what platforms push.
    pub desk: Arc<FrontDesk>,
    /// Why the last change of the config was refused.
    pub refused_config: Option<String>,
}

/// What the handlers share.
pub struct Web {
    /// Entries and health.
    pub store: Arc<Store>,
    /// Feed files.
    pub shelf: Arc<Shelf>,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// What is owed.
    pub census: Census,
    /// The time.
    pub clock: Clock,
    /// Where the house writes.
    pub disk: Arc<Disk>,
    /// How often one client may ask.
    pub doorman: Arc<Doorman>,
    /// How many people follow, as services tell.
    pub readers: Readers,
    /// Pictures of other sites.
    pub pictures: Pictures,
    /// See [`Site`].
    pub site: RwLock<Arc<Site>>,
}

impl Web {
    fn site(&self) -> Arc<Site> {
        self.site.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Shows another site from now on.
    pub fn show(&self, site: Site) {
        *self.site.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(site);
    }

    /// Tells on `/healthz` why a changed config was refused; `None` when all is well.
    pub fn refuse_config(&self, why: Option<String>) {
        let mut site = Site::clone(&self.site());
        site.refused_config = why;
        self.show(site);
    }
}

/// Every route.
pub fn router(web: Arc<Web>) -> Router {
    let written = Router::new()
        .route("/push/subscribe", post(push::subscribe))
        .route("/push/unsubscribe", post(push::unsubscribe))
        .route("/hub", post(hub::ask))
        .layer(DefaultBodyLimit::max(push::LONGEST));
    let pushed = Router::new().route("/hooks/{channel}", post(hooks::take)).layer(DefaultBodyLimit::max(hooks::LONGEST));
    Router::new()
        .merge(written)
        .merge(pushed)
        .route("/push/key", get(push::key))
        .route("/push/worker.js", get(push::worker))
        .merge(pages::routes())
        .route("/feeds.opml", get(feeds::listing))
        .route("/feeds/{file}", get(feeds::file).options(feeds::preflight))
        .route("/huy/{token}", get(leave::ask).post(leave::leave))
        .route("/healthz", get(status::health))
        .route("/livez", get(status::live))
        .route("/readyz", get(status::ready))
        .route("/metrics", get(status::metrics))
        .fallback(pages::not_found)
        .layer(middleware::from_fn_with_state(web.clone(), moved::moved))
        .layer(middleware::from_fn_with_state(web.clone(), guard))
        .layer(CatchPanicLayer::new())
        .with_state(web)
}

/// What every answer carries, and the count of answers.
async fn guard(State(web): State<Arc<Web>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    web.metrics.answered(response.status().as_u16());
    let headers = response.headers_mut();
    for (name, value) in &HOUSE {
        // A page says itself what it needs.
        headers.entry(name).or_insert_with(|| value.clone());
    }
    response
}

/// What could not be done, for the visitor; the log has the reason.
fn broken(error: &anyhow::Error) -> Response {
    tracing::error!(error = format!("{error:#}"), "{}", crate::phrases::log_page_failed());
    (StatusCode::SERVICE_UNAVAILABLE, crate::phrases::page_failed()).into_response()
}
