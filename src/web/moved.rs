//! Addresses of feeds that were renamed lead to the new ones, for good and within this server only.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::{Site, Web};

/// Where a feed's name comes first.
const FOLDERS: &[&str] = &["feeds", "tin", "phuong", "theo-doi", "ap-phich"];

pub(super) async fn moved(State(web): State<Arc<Web>>, request: Request, next: Next) -> Response {
    match present(&web.site(), request.uri()) {
        Some(place) => {
            let headers = [(header::LOCATION, place), (header::CACHE_CONTROL, "public, max-age=86400".to_owned())];
            (StatusCode::MOVED_PERMANENTLY, headers).into_response()
        }
        None => next.run(request).await,
    }
}

/// Where what stood at an address is now; `None` where nothing was renamed.
fn present(site: &Site, uri: &Uri) -> Option<String> {
    if site.aliases.is_empty() {
        return None;
    }
    let (folder, rest) = uri.path().strip_prefix('/')?.split_once('/').filter(|(folder, _)| FOLDERS.contains(folder))?;
    let end = rest.find(['.', '/']).unwrap_or(rest.len());
    let (name, tail) = rest.split_at_checked(end)?;
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    site.aliases.get(name).map(|slug| format!("{}{folder}/{slug}{tail}{query}", site.base))
}
