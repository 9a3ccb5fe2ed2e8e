//! The one door through which what is prepared goes out: a sheet and a request make an answer.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Method, Response, StatusCode};
use bytes::Bytes;
use http_body_util::Full;

use super::condition::{Condition, Part, judge, part};
use super::{Web, broken, negotiate};
use crate::shelf::{Coding, Prepared, Sheet, Shelf};

/// How often a file is looked at that is being replaced meanwhile.
const LOOKS: usize = 8;

/// An answer that needs no waiting.
pub(super) type Ready = Response<Full<Bytes>>;

/// What came of answering at once.
pub(super) enum Attempt {
    Done(Ready),
    /// The body in this coding is not in memory.
    Wanting(Coding),
}

/// Answers from memory. `loaded` is a body that was fetched for this request.
pub(super) fn attempt(shelf: &Shelf, sheet: &Sheet, method: &Method, headers: &HeaderMap, loaded: Option<(Coding, Bytes)>) -> Attempt {
    let Some(known) = sheet.known() else { return Attempt::Wanting(Coding::Identity) };
    let Some(coding) = negotiate::coding(headers, known.is_coded()) else { return Attempt::Done(refused()) };
    let prepared = shelf.prepared(sheet, known, coding);
    match judge(headers, &prepared.etag, prepared.modified) {
        Condition::Unchanged => return Attempt::Done(with(StatusCode::NOT_MODIFIED, prepared.unchanged.clone(), Bytes::new())),
        Condition::Failed => return Attempt::Done(with(StatusCode::PRECONDITION_FAILED, prepared.unchanged.clone(), Bytes::new())),
        Condition::Holds => {}
    }
    let loaded = loaded.filter(|(of, _)| *of == coding).map(|(_, body)| body);
    match loaded.or_else(|| shelf.body(sheet, known, coding)) {
        Some(body) => Attempt::Done(full(&prepared, method, headers, body)),
        None => Attempt::Wanting(coding),
    }
}

/// With a body: the whole, or the part that is asked for.
fn full(prepared: &Prepared, method: &Method, headers: &HeaderMap, body: Bytes) -> Ready {
    let length = body.len();
    // A range is defined for GET alone (RFC 9110 §14.2).
    let asked = if *method == Method::GET && headers.contains_key(header::RANGE) {
        part(headers, &prepared.etag, prepared.modified, length)
    } else {
        Part::Whole
    };
    match asked {
        Part::Whole => with(StatusCode::OK, prepared.full.clone(), body),
        Part::Bytes(range) => {
            let told = format!("bytes {}-{}/{length}", range.start, range.end.saturating_sub(1));
            with(StatusCode::PARTIAL_CONTENT, ranged(prepared.full.clone(), &told), body.slice(range))
        }
        Part::Beyond => {
            with(StatusCode::RANGE_NOT_SATISFIABLE, ranged(prepared.unchanged.clone(), &format!("bytes */{length}")), Bytes::new())
        }
    }
}

fn ranged(mut headers: HeaderMap, told: &str) -> HeaderMap {
    headers.extend(HeaderValue::from_str(told).ok().map(|value| (header::CONTENT_RANGE, value)));
    headers
}

fn refused() -> Ready {
    let headers = HeaderMap::from_iter([(header::VARY, HeaderValue::from_static("accept-encoding"))]);
    with(StatusCode::NOT_ACCEPTABLE, headers, Bytes::new())
}

fn with(status: StatusCode, headers: HeaderMap, body: Bytes) -> Ready {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// Answers with a sheet of the shelf, or with one made by whoever calls; what is not in memory is
/// read and made smaller where it may block.
pub(super) async fn answer(web: &Web, name: &str, sheet: Arc<Sheet>, method: &Method, headers: &HeaderMap) -> axum::response::Response {
    let (mut sheet, mut loaded) = (sheet, None);
    for _ in 0..LOOKS {
        let coding = match attempt(&web.shelf, &sheet, method, headers, loaded.take()) {
            Attempt::Done(ready) => return ready.map(Body::new),
            Attempt::Wanting(coding) => coding,
        };
        let (shelf, of, named) = (web.shelf.clone(), sheet.clone(), name.to_owned());
        match tokio::task::spawn_blocking(move || shelf.load(&named, &of, coding)).await {
            Ok(Ok(body)) => loaded = Some((coding, body)),
            Ok(Err(e)) if e.kind() == std::io::ErrorKind::InvalidData => sheet = Arc::new(sheet.anew()),
            Ok(Err(e)) => return broken(&e.into()),
            Err(e) => return broken(&e.into()),
        }
    }
    broken(&anyhow::anyhow!("{name}"))
}
