//! Feed files over HTTP (RFC 9110): validators, conditional requests, gzip.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::{Web, broken, pages};
use crate::shelf::{Bodies, File};

/// Readers may keep a feed for five minutes, and show an older one while they ask.
const CACHE: &str = "public, max-age=300, stale-while-revalidate=3600";

pub(super) async fn file(State(web): State<Arc<Web>>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(file) = web.shelf.get(&name) else {
        return pages::not_found(State(web)).await;
    };
    let gzip = accepts_gzip(&headers);
    if unchanged(&headers, &file) {
        return (StatusCode::NOT_MODIFIED, told(&file, gzip)).into_response();
    }
    let shelf = web.shelf.clone();
    // In memory this is a look-up; the first reader after a change pays for one file read.
    match tokio::task::spawn_blocking(move || shelf.open(&name)).await {
        Ok(Ok(Some((file, bodies)))) => answer(&file, &bodies, gzip),
        Ok(Ok(None)) => pages::not_found(State(web)).await,
        Ok(Err(e)) => broken(&e.into()),
        Err(e) => broken(&e.into()),
    }
}

fn answer(file: &File, bodies: &Bodies, gzip: bool) -> Response {
    let body = if gzip { bodies.gzip.clone() } else { bodies.plain.clone() };
    let mut response = (told(file, gzip), [(header::CONTENT_TYPE, file.media_type.clone())], Body::from(body)).into_response();
    if gzip {
        response.headers_mut().insert(header::CONTENT_ENCODING, header::HeaderValue::from_static("gzip"));
    }
    response
}

fn told(file: &File, gzip: bool) -> [(HeaderName, String); 5] {
    [
        (header::ETAG, tag(file, gzip)),
        (header::LAST_MODIFIED, httpdate::fmt_http_date(file.modified.into())),
        (header::CACHE_CONTROL, CACHE.to_owned()),
        (header::VARY, "Accept-Encoding".to_owned()),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*".to_owned()),
    ]
}

/// Other bytes, other strong validator (RFC 9110 §8.8.3).
fn tag(file: &File, gzip: bool) -> String {
    if gzip { format!("{}-gz\"", file.etag.trim_end_matches('"')) } else { file.etag.clone() }
}

fn unchanged(headers: &HeaderMap, file: &File) -> bool {
    if let Some(known) = headers.get(header::IF_NONE_MATCH) {
        let ours = [tag(file, false), tag(file, true)];
        let known = known.to_str().unwrap_or("");
        return known.split(',').map(|t| t.trim().trim_start_matches("W/")).any(|t| t == "*" || ours.iter().any(|o| o == t));
    }
    let since = headers.get(header::IF_MODIFIED_SINCE).and_then(|v| v.to_str().ok()).and_then(|v| httpdate::parse_http_date(v).ok());
    since.is_some_and(|t| file.modified.timestamp() <= chrono::DateTime::<chrono::Utc>::from(t).timestamp())
}

/// Whether the client takes gzip (RFC 9110 §12.5.3).
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|v| v.to_str().ok());
    accepted.flat_map(|v| v.split(',')).take(64).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let refused = weight.trim().strip_prefix("q=").and_then(|q| q.trim().parse::<f32>().ok()) == Some(0.0);
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn check(accept: &str, want: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, accept.parse().unwrap());
        assert_eq!(accepts_gzip(&headers), want, "{accept}");
    }

    #[test]
    fn gzip_only_for_those_who_take_it() {
        check("gzip, deflate, br", true);
        check("GZIP;q=0.5", true);
        check("gzip;q=0", false);
        check("br", false);
        check("identity", false);
    }
}
