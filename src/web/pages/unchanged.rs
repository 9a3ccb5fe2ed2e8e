//! Pages that a browser has already are not sent again (RFC 9110 §13.1.2).

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::web::condition::{Condition, judge};

/// Answers 304 where the answer would be the one that the client names.
pub(super) async fn unchanged(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let headers = request.headers().clone();
    let mut response = next.run(request).await;
    let had = response.headers().get(header::ETAG).is_some_and(|etag| matches!(judge(&headers, etag, None), Condition::Unchanged));
    if reads && had && response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Body::empty();
        response.headers_mut().remove(header::CONTENT_LENGTH);
        response.headers_mut().remove(header::CONTENT_TYPE);
    }
    response
}
