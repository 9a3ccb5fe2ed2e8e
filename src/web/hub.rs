//! Where subscribers of the hub ask (WebSub §5.1).

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use url::Url;

use super::{Web, broken, pages};
use crate::hub::{self, Hub, LIMITS, Refused, Role};
use crate::phrases;
use crate::store::Admission;

/// When to ask again, in seconds.
const LATER: &str = "60";

pub(super) async fn ask(State(web): State<Arc<Web>>, headers: HeaderMap, form: Bytes) -> Response {
    let site = web.site();
    let Some(hub) = site.hub.as_ref().filter(|hub| hub.role == Role::Own) else {
        return pages::not_found(State(web)).await;
    };
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !media_type.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, phrases::hub_not_a_form()).into_response();
    }
    let (answer, outcome) = match admit(&web, hub, &form).await {
        Ok(Ok(Admission::Accepted)) => ((StatusCode::ACCEPTED, phrases::hub_accepted()).into_response(), "accepted"),
        Ok(Ok(Admission::Busy)) => (later(phrases::hub_busy()), "busy"),
        Ok(Ok(Admission::Full)) => (later(phrases::hub_full()), "full"),
        Ok(Err(refused)) => ((refused.status, refused.told).into_response(), "refused"),
        Err(error) => return broken(&error),
    };
    web.metrics.hub_asked(outcome);
    answer
}

fn later(told: String) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, LATER)], told).into_response()
}

async fn admit(web: &Web, hub: &Hub, form: &[u8]) -> anyhow::Result<Result<Admission, Refused>> {
    let mut wish = match hub::read(form, &hub.topics) {
        Ok(wish) => wish,
        Err(refused) => return Ok(Err(refused)),
    };
    if hub.guarded.client(&Url::parse(&wish.callback)?).is_err() {
        return Ok(Err(Refused { status: StatusCode::BAD_REQUEST, told: phrases::hub_callback_private() }));
    }
    // What the subscriber has read by now; a change until it is verified is sent to it.
    wish.sent = hub.standing(&wish.topic).await.unwrap_or_default();
    let admission = web.store.wish(&wish, &LIMITS, (web.clock)()).await?;
    hub.bell.notify_one();
    Ok(Ok(admission))
}
