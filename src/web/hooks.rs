//! Where platforms push what people say to a bot (`/hooks/<channel>`).

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use super::{Site, Web, pages};
use crate::channel::{Knock, Pushed};
use crate::dispatch::Line;

/// The folder of these doors in addresses.
pub(super) const FOLDER: &str = "/hooks/";
/// What a platform pushes is shorter.
pub(super) const LONGEST: usize = 1 << 20;

/// Who stands at such a door, as far as the headers tell; `None` for requests to anything else.
pub(super) fn knock<B>(site: &Site, request: &Request<B>) -> Option<Knock> {
    let name = request.uri().path().strip_prefix(FOLDER).filter(|_| *request.method() == Method::POST)?;
    let talk = line(site, name).and_then(|line| line.channel.talk());
    Some(talk.map_or(Knock::Closed, |talk| talk.knock(request.headers())))
}

pub(super) async fn take(State(web): State<Arc<Web>>, Path(name): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let site = web.site();
    let talk = line(&site, &name).and_then(|line| line.channel.talk());
    let Some(talk) = talk.filter(|talk| talk.knock(&headers) != Knock::Closed) else { return pages::not_found(State(web)).await };
    match talk.pushed(&headers, &body, site.desk.as_ref()).await {
        Pushed::Taken => StatusCode::OK.into_response(),
        Pushed::Stranger => StatusCode::UNAUTHORIZED.into_response(),
        Pushed::Later => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

fn line<'a>(site: &'a Site, name: &str) -> Option<&'a Arc<Line>> {
    site.lines.iter().find(|line| line.name == name)
}
