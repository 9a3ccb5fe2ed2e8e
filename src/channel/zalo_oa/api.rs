//! Calls to the OpenAPI of Official Accounts: the header `access_token`, JSON, and errors with
//! HTTP 200. A token that is refused is renewed once and the call made once more.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::Utc;
use reqwest::RequestBuilder;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::refusal;
use super::tokens::Tokens;
use crate::channel::SendError;
use crate::channel::http::{self, Http};
use crate::secret::Secret;

pub(super) struct Api {
    pub(super) tokens: Arc<Tokens>,
    http: Http,
    base: Url,
    /// Until when the calls of a minute are used up, in seconds since 1970.
    used_up_until: AtomicI64,
}

/// Why a call gave no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// There is no token to call with; nothing was asked.
    Token(SendError),
    /// The calls of this minute are used up; nothing was asked.
    UsedUp,
    /// No answer came.
    None(http::Fault),
    /// Something answered that is not the OpenAPI.
    Strange {
        /// The HTTP status.
        status: u16,
        /// `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// The OpenAPI said no.
    Code {
        /// `error`.
        code: i64,
        /// `message`, without tokens.
        said: String,
    },
}

#[derive(Deserialize)]
struct Reply {
    error: Value,
    #[serde(default)]
    message: Value,
    #[serde(default)]
    data: Value,
}

impl Api {
    pub(super) fn new(base: Url, http: Http, tokens: Arc<Tokens>) -> Self {
        Self { tokens, http, base, used_up_until: AtomicI64::new(0) }
    }

    /// A call with a JSON body.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value, Fault> {
        self.call(|| self.http.client().post(self.address(path, &[])).json(body)).await
    }

    /// A question.
    pub(super) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, Fault> {
        self.call(|| self.http.client().get(self.address(path, query))).await
    }

    async fn call(&self, request: impl Fn() -> RequestBuilder) -> Result<Value, Fault> {
        if Utc::now().timestamp() < self.used_up_until.load(Ordering::Relaxed) {
            return Err(Fault::UsedUp);
        }
        let access = self.tokens.access(None, Utc::now()).await.map_err(Fault::Token)?;
        let (access, done) = match self.once(request(), &access).await {
            Err(Fault::Code { code, .. }) if refusal::is_token(code) => {
                let renewed = self.tokens.access(Some(access), Utc::now()).await.map_err(Fault::Token)?;
                let done = self.once(request(), &renewed).await;
                (renewed, done)
            }
            done => (access, done),
        };
        if done.is_ok() {
            self.tokens.proved(&access);
        }
        done
    }

    async fn once(&self, request: RequestBuilder, access: &str) -> Result<Value, Fault> {
        let answer = self.http.send(request.header("access_token", access)).await.map_err(Fault::None)?;
        let http::Answer { status, retry_after, left, body } = answer;
        if left == Some(0) {
            let wait = refusal::to_next_minute(Utc::now()).as_secs();
            self.used_up_until.store(Utc::now().timestamp().saturating_add_unsigned(wait), Ordering::Relaxed);
        }
        let reply: Reply = serde_json::from_slice(&body).map_err(|_| Fault::Strange { status, retry_after })?;
        let code = reply.error.as_i64().or_else(|| reply.error.as_str()?.trim().parse().ok());
        match code.ok_or(Fault::Strange { status, retry_after })? {
            0 => Ok(reply.data),
            code => {
                let said = reply.message.as_str().unwrap_or_default();
                Err(Fault::Code { code, said: format!("{code} {}", Secret::new(access).strip(&self.http.strip(said))) })
            }
        }
    }

    fn address(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path.split('/'));
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }
}
