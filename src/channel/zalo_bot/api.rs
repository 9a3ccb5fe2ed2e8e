//! Calls to the Zalo Bot API: POST with JSON, the token in the path. Errors come with HTTP 200, or
//! with their code mirrored into the status; the envelope decides.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::channel::http::{self, Http};
use crate::secret::Secret;

/// One bot at one server.
pub(super) struct Api {
    http: Http,
    base: Url,
    token: Secret,
}

/// Why a call gave no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// No answer came.
    None(http::Fault),
    /// Something answered that is not the Bot API.
    Strange {
        /// The HTTP status.
        status: u16,
        /// `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// The Bot API said no.
    Answer {
        /// `error_code`, or the HTTP status.
        code: u16,
        /// `description`, without the token.
        text: String,
        /// `Retry-After`; Zalo documents none.
        retry_after: Option<Duration>,
    },
}

#[derive(Deserialize)]
struct Reply {
    ok: bool,
    #[serde(default)]
    result: Value,
    #[serde(default)]
    error_code: Value,
    #[serde(default)]
    description: Value,
}

impl Api {
    pub(super) fn new(base: Url, token: Secret, tls: &rustls::ClientConfig) -> Result<Self, String> {
        let http = Http::new(tls, vec![token.clone()])?;
        Ok(Self { http, base, token })
    }

    /// The bot's number, the part of its token that is no secret.
    pub(super) fn bot(&self) -> &str {
        self.token.expose().split(':').next().unwrap_or_default()
    }

    /// Makes one call.
    pub(super) async fn call(&self, method: &str, arguments: &Value) -> Result<Value, Fault> {
        let request = self.http.client().post(self.address(method)).json(arguments);
        let http::Answer { status, retry_after, body, .. } = self.http.send(request).await.map_err(Fault::None)?;
        let reply: Reply = serde_json::from_slice(&body).map_err(|_| Fault::Strange { status, retry_after })?;
        if reply.ok {
            return Ok(reply.result);
        }
        let code = code_of(&reply.error_code).unwrap_or(status);
        let text = self.token.strip(reply.description.as_str().unwrap_or_default());
        Err(Fault::Answer { code, text, retry_after })
    }

    fn address(&self, method: &str) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push(&format!("bot{}", self.token.expose())).push(method);
        }
        url
    }
}

/// A number, or one written as text.
fn code_of(code: &Value) -> Option<u16> {
    let number = code.as_u64().and_then(|number| u16::try_from(number).ok());
    number.or_else(|| code.as_str()?.parse().ok())
}
