//! The part of the Official Account server that renews tokens. A refresh token works once: used
//! again it gets an empty answer with HTTP 200, and one that never was gets -14014.

use std::collections::{BTreeSet, VecDeque};

use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Value, json};

use super::wire::{Gate, Wire, hang_up};
use super::zalo_oa::Inner;

/// What goes wrong with a renewal.
#[derive(Clone, Debug)]
pub(crate) enum OauthFault {
    /// Not done: a page of a gateway.
    Html504,
    /// Not done: this answer.
    Say(Value),
    /// Not done: the connection is reset.
    Reset,
    /// Done, then the connection ends without an answer.
    LostAnswer,
    /// Not done until the gate opens, then done and answered.
    Hang(Gate),
}

pub(super) struct Oauth {
    pub(super) access: String,
    pub(super) refresh: String,
    consumed: BTreeSet<String>,
    pub(super) faults: VecDeque<OauthFault>,
    /// What is told as `expires_in`.
    pub(super) lasts: Value,
    /// Renewals done, and requests for them.
    pub(super) renewals: usize,
    pub(super) requests: usize,
}

impl Default for Oauth {
    fn default() -> Self {
        let (access, refresh) = ("acc-0-never-to-be-seen".to_owned(), "ref-0-never-to-be-seen".to_owned());
        let lasts = json!("90000");
        Self { access, refresh, consumed: BTreeSet::new(), faults: VecDeque::new(), lasts, renewals: 0, requests: 0 }
    }
}

pub(super) async fn renew(inner: &Inner, method: &Method, headers: &HeaderMap, body: &[u8], wire: &Wire) -> Response {
    inner.state().oauth.requests += 1;
    let told = match judge(inner, method, headers, body) {
        Ok(told) => told,
        Err(why) => {
            inner.state().refusals.push(why.clone());
            return axum::Json(json!({ "error": -14002, "error_name": why })).into_response();
        }
    };
    let fault = inner.state().oauth.faults.pop_front();
    match &fault {
        Some(OauthFault::Html504) => {
            return (StatusCode::GATEWAY_TIMEOUT, Html(format!("<html>504 {}</html>", String::from_utf8_lossy(body)))).into_response();
        }
        Some(OauthFault::Say(answer)) => return axum::Json(answer.clone()).into_response(),
        Some(OauthFault::Reset) => {
            wire.reset_on_close();
            return hang_up();
        }
        Some(OauthFault::Hang(gate)) => gate.wait().await,
        Some(OauthFault::LostAnswer) | None => {}
    }
    let answer = inner.state().oauth.rotate(&told);
    match (fault, answer) {
        (Some(OauthFault::LostAnswer), _) => hang_up(),
        (_, Some(pair)) => axum::Json(pair).into_response(),
        (_, None) => ().into_response(),
    }
}

impl Oauth {
    /// The new pair, an error, or nothing at all for a token that was used.
    fn rotate(&mut self, told: &str) -> Option<Value> {
        if self.consumed.contains(told) {
            return None;
        }
        if told != self.refresh {
            return Some(json!({ "error": "-14014", "error_name": "Invalid refresh token." }));
        }
        self.renewals += 1;
        self.consumed.insert(told.to_owned());
        (self.access, self.refresh) =
            (format!("acc-{}-never-to-be-seen", self.renewals), format!("ref-{}-never-to-be-seen", self.renewals));
        Some(json!({ "access_token": self.access, "refresh_token": self.refresh, "expires_in": self.lasts }))
    }
}

fn judge(inner: &Inner, method: &Method, headers: &HeaderMap, body: &[u8]) -> Result<String, String> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let form: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().collect();
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    match () {
        () if method != Method::POST => Err(format!("not POST but {method}")),
        () if header(header::CONTENT_TYPE.as_str()) != Some("application/x-www-form-urlencoded") => Err("no form".to_owned()),
        () if header("secret_key") != Some(inner.secret.as_str()) => Err("secret_key is wrong".to_owned()),
        () if headers.contains_key(header::AUTHORIZATION) => Err("Authorization has no place here".to_owned()),
        () if form.len() != 3 => Err(format!("fields {:?}", form.iter().map(|(key, _)| key).collect::<Vec<_>>())),
        () if field("app_id") != Some(inner.app.as_str()) => Err("app_id is wrong".to_owned()),
        () if field("grant_type") != Some("refresh_token") => Err("grant_type is wrong".to_owned()),
        () => field("refresh_token").map(str::to_owned).ok_or("refresh_token is missing".to_owned()),
    }
}
