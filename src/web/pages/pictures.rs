//! Pictures of other sites on our pages. By default this server fetches them, so that no other site
//! learns who reads; only those that occur in a stored entry, so that nobody can fetch through it
//! what they like.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use chrono::{DateTime, TimeDelta, Utc};
use dom_query::{Document, NodeRef};
use futures_util::StreamExt;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use url::Url;

use super::{Web, not_found, say};
use crate::channel::Guarded;
use crate::config::Images;
use crate::entry::Slug;
use crate::html;
use crate::phrases;
use crate::store::Stored;
use crate::web::{Site, broken};

/// All pictures kept in memory together.
const MEMORY: u64 = 16 << 20;
/// A larger one is not passed on.
const LARGEST: usize = 4 << 20;
/// One picture may take so long in all.
const LIMIT: Duration = Duration::from_secs(10);
/// So many are fetched at once.
const AT_ONCE: usize = 6;
const REDIRECTS: usize = 3;
/// After this a picture is asked for anew; one that failed, sooner.
const KEPT: TimeDelta = TimeDelta::hours(24);
const FAILED: TimeDelta = TimeDelta::minutes(10);
/// What a picture can be, by its first bytes. No SVG: it can hold script.
const KINDS: &[(usize, &[u8], &str)] = &[
    (0, b"\xFF\xD8\xFF", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1A\n", "image/png"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypavif", "image/avif"),
];

/// What became of a picture.
#[derive(Clone)]
struct Kept {
    until: DateTime<Utc>,
    /// Its type and bytes; nothing where it could not be had.
    picture: Option<(&'static str, Bytes)>,
}

#[derive(Clone)]
struct Weight;

impl Weighter<String, Kept> for Weight {
    fn weight(&self, _key: &String, kept: &Kept) -> u64 {
        kept.picture.as_ref().map_or(0, |(_, bytes)| bytes.len() as u64) + 256
    }
}

/// The pictures that this server holds for a while.
pub struct Pictures {
    kept: Cache<String, Kept, Weight>,
    places: Semaphore,
}

impl Default for Pictures {
    fn default() -> Self {
        Self { kept: Cache::with_weighter(1024, MEMORY, Weight), places: Semaphore::new(AT_ONCE) }
    }
}

impl Pictures {
    /// A picture, held or fetched; who asks for the same one meanwhile waits for it.
    async fn get(&self, site: &Site, url: &Url, now: DateTime<Utc>) -> Option<(&'static str, Bytes)> {
        let key = url.as_str().to_owned();
        self.kept.remove_if(&key, |kept| kept.until < now);
        let fetched = async {
            let picture = tokio::time::timeout(LIMIT, async {
                let _place = self.places.acquire().await.ok()?;
                fetch(site, url).await
            });
            let picture = picture.await.ok().flatten();
            let until = now + if picture.is_some() { KEPT } else { FAILED };
            Ok::<Kept, ()>(Kept { until, picture })
        };
        self.kept.get_or_insert_async(&key, fetched).await.ok()?.picture
    }
}

pub(super) async fn picture(State(web): State<Arc<Web>>, Path((source, slug, name)): Path<(String, String, String)>) -> Response {
    let site = web.site();
    let (Images::Proxy, Ok(source)) = (site.images, Slug::new(&source)) else { return not_found(State(web)).await };
    let stored = match web.store.entry_by_slug(&source, &slug).await {
        Ok(stored) => stored.filter(|stored| !stored.withdrawn),
        Err(e) => return broken(&e),
    };
    let url = stored.and_then(|stored| urls(&stored).into_iter().find(|url| self::name(url) == name));
    let Some(url) = url else { return not_found(State(web)).await };
    match web.pictures.get(&site, &url, (web.clock)()).await {
        Some((media_type, bytes)) => {
            let headers = [
                (header::CONTENT_TYPE, media_type),
                (header::CACHE_CONTROL, "public, max-age=604800, immutable"),
                (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
            ];
            (headers, bytes).into_response()
        }
        None => not_found(State(web)).await,
    }
}

/// Where a browser finds a picture; `None` where pages show none. Under the root when it is ours.
pub(super) fn address(site: &Site, stored: &Stored, url: &Url) -> Option<String> {
    match site.images {
        Images::Proxy => Some(format!("{}anh/{}/{}/{}", site.base.path(), stored.source, stored.slug, name(url))),
        Images::Direct => Some(url.to_string()),
        Images::None => None,
    }
}

/// The content of an entry as its page shows it: pictures from where they may come, tables that
/// can be scrolled by keyboard.
pub(super) fn shown(site: &Site, stored: &Stored) -> String {
    let content = &stored.entry.content_html;
    if !content.contains("<img") && !content.contains("<table") {
        return content.clone();
    }
    let Ok(page) = html::parse_fragment(content) else { return String::new() };
    for (at, image) in page.select("img").nodes().iter().enumerate() {
        let found = source_of(image).and_then(|url| address(site, stored, &url));
        let Some(found) = found else {
            image.remove_from_parent();
            continue;
        };
        image.set_attr("src", &found);
        if !image.has_attr("alt") {
            image.set_attr("alt", "");
        }
        if at > 0 {
            image.set_attr("loading", "lazy");
        }
    }
    let label = phrases::page_table();
    for table in page.select("table").nodes() {
        table.wrap_html("<div class=\"wide\" role=\"region\" tabindex=\"0\"></div>");
        if let Some(around) = table.parent() {
            around.set_attr("aria-label", &say(site, &label).first);
        }
    }
    page.html_root().inner_html().to_string()
}

/// Every picture of an entry, as its page names them.
fn urls(stored: &Stored) -> Vec<Url> {
    let images = stored.entry.images.iter().map(|image| image.url.clone());
    let page = html::parse_fragment(&stored.entry.content_html).unwrap_or_else(|_| Document::fragment(""));
    let inside: Vec<Url> = page.select("img").nodes().iter().filter_map(source_of).collect();
    images.chain(inside).collect()
}

fn source_of(image: &NodeRef<'_>) -> Option<Url> {
    let url = Url::parse(&image.attr("src")?).ok()?;
    matches!(url.scheme(), "http" | "https").then_some(url)
}

/// The name of a picture in addresses.
fn name(url: &Url) -> String {
    Sha256::digest(url.as_str()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Fetches a picture past the guard, which each redirect passes anew.
async fn fetch(site: &Site, url: &Url) -> Option<(&'static str, Bytes)> {
    let mut url = url.clone();
    for _ in 0..=REDIRECTS {
        let client = Guarded::client(site.fetcher.as_ref(), &url).ok()?;
        let response = client.get(url.clone()).header(header::ACCEPT, "image/avif,image/webp,image/*;q=0.8").send().await.ok()?;
        if response.status().is_redirection() {
            url = url.join(response.headers().get(header::LOCATION)?.to_str().ok()?).ok()?;
            continue;
        }
        if !response.status().is_success() || response.content_length().is_some_and(|length| length > LARGEST as u64) {
            return None;
        }
        let mut body = BytesMut::new();
        let mut pieces = response.bytes_stream();
        while let Some(piece) = pieces.next().await {
            body.extend_from_slice(&piece.ok()?);
            if body.len() > LARGEST {
                return None;
            }
        }
        let bytes = body.freeze();
        return kind(&bytes).map(|media_type| (media_type, bytes));
    }
    None
}

fn kind(bytes: &[u8]) -> Option<&'static str> {
    KINDS.iter().find(|(at, start, _)| bytes.get(*at..).is_some_and(|rest| rest.starts_with(start))).map(|(_, _, media_type)| *media_type)
}
