//! What a phone needs to put the site on its home screen (Web Application Manifest). On an iPhone
//! only a site that stands there may show notifications.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::kept;
use crate::web::Web;

/// The sides of the sign of the app, which has room around it for phones that cut a shape out of it.
const SIDES: [u16; 2] = [192, 512];

pub(super) async fn manifest(State(web): State<Arc<Web>>) -> Response {
    let site = web.site();
    let root = site.base.path();
    let icons: Vec<_> = SIDES
        .iter()
        .map(|side| {
            json!({ "src": format!("{root}loaphuong-{side}.png"), "sizes": format!("{side}x{side}"), "type": "image/png", "purpose": "any maskable" })
        })
        .collect();
    let manifest = json!({
        "id": root,
        "name": site.title,
        "lang": site.language.tag(),
        "start_url": root,
        "scope": root,
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#9b1c1c",
        "icons": icons,
    });
    let headers = [(header::CONTENT_TYPE, "application/manifest+json"), (header::CACHE_CONTROL, "public, max-age=3600")];
    (headers, manifest.to_string()).into_response()
}

pub(super) async fn small() -> Response {
    kept("image/png", include_bytes!("../templates/loaphuong-192.png"))
}

pub(super) async fn large() -> Response {
    kept("image/png", include_bytes!("../templates/loaphuong-512.png"))
}
