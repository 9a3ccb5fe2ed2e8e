//! Calls to the Bot API with teloxide's payloads, over a transport of our own: teloxide's waits
//! ten seconds inside each 5xx, drops the error code and prints bodies that may hold the token.

use std::time::Duration;

use reqwest::{Response, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use teloxide::requests::Payload;
use url::Url;

use crate::secret::Secret;

const CONNECT: Duration = Duration::from_secs(5);
/// The longest a call takes from its first byte to its last.
pub(super) const TOTAL: Duration = Duration::from_secs(60);
/// Idle connections are closed by us before the server does it while a message is under way.
const IDLE: Duration = Duration::from_secs(20);
/// The longest answer that is read.
const ANSWER: usize = 64 * 1024;

/// One bot at one Bot API server.
pub(super) struct Api {
    http: reqwest::Client,
    base: Url,
    token: Secret,
}

/// Why a call gave no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// No connection came about (name, route, TLS): surely nothing was sent.
    Unreached(String),
    /// The connection went before the request was written.
    Unwritten(String),
    /// The request was written and no whole answer came: perhaps done.
    Lost(String),
    /// Something answered that is not the Bot API.
    Strange {
        /// The HTTP status.
        status: u16,
        /// `Retry-After` in seconds.
        retry_after: Option<u64>,
    },
    /// The Bot API said no.
    Answer(Answer),
}

/// A refusal in the Bot API's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// `error_code`, or the HTTP status.
    pub(super) code: u16,
    /// `description`.
    pub(super) text: String,
    /// Seconds to wait: from `parameters`, else from the header `Retry-After`.
    pub(super) retry_after: Option<u64>,
    /// The id of the supergroup that this group became.
    pub(super) moved: Option<i64>,
}

#[derive(Deserialize)]
struct Reply {
    ok: bool,
    result: Option<Value>,
    error_code: Option<u16>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Deserialize, Default)]
struct Parameters {
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<i64>,
}

impl Api {
    pub(super) fn new(base: Url, token: Secret, tls: &rustls::ClientConfig) -> Result<Self, String> {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.clone())
            .connect_timeout(CONNECT)
            .timeout(TOTAL)
            .pool_idle_timeout(IDLE)
            .redirect(reqwest::redirect::Policy::none())
            // One request per connection at a time, so that an error says what became of it.
            .http1_only()
            .build();
        let http = client.map_err(|error| token.strip(&innermost(&error)))?;
        Ok(Self { http, base, token })
    }

    /// Makes one call.
    pub(super) async fn call<P: Payload + Serialize, R: for<'de> Deserialize<'de>>(&self, payload: &P) -> Result<R, Fault> {
        let body = arguments(payload).map_err(|error| Fault::Unwritten(error.to_string()))?;
        let response = self.http.post(self.address(P::NAME)).json(&body).send().await.map_err(|error| self.fault(error))?;
        let status = response.status().as_u16();
        let retry_after = retry_after(&response);
        let answer = self.read(response).await?;
        let reply: Reply = serde_json::from_slice(&answer).map_err(|_| Fault::Strange { status, retry_after })?;
        if reply.ok {
            // The call was done; without a readable result we do not know what came of it.
            return reply.result.and_then(|r| serde_json::from_value(r).ok()).ok_or(Fault::Strange { status, retry_after });
        }
        Err(Fault::Answer(Answer {
            code: reply.error_code.unwrap_or(status),
            text: self.token.strip(&reply.description),
            retry_after: reply.parameters.retry_after.or(retry_after),
            moved: reply.parameters.migrate_to_chat_id,
        }))
    }

    fn address(&self, method: &str) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push(&format!("bot{}", self.token.expose())).push(method);
        }
        url
    }

    /// The body, up to [`ANSWER`]; what is longer is cut and so cannot be read as an answer.
    async fn read(&self, mut response: Response) -> Result<Vec<u8>, Fault> {
        let lost = |error: reqwest::Error| Fault::Lost(self.told(error));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(lost)? {
            let room = ANSWER - body.len();
            body.extend(chunk.iter().take(room));
            if chunk.len() >= room {
                break;
            }
        }
        Ok(body)
    }

    fn fault(&self, error: reqwest::Error) -> Fault {
        let before = error.is_builder() || cancelled(&error);
        let unreached = error.is_connect();
        let told = self.told(error);
        match (unreached, before) {
            (true, _) => Fault::Unreached(told),
            (false, true) => Fault::Unwritten(told),
            (false, false) => Fault::Lost(told),
        }
    }

    fn told(&self, error: reqwest::Error) -> String {
        self.token.strip(&innermost(&error.without_url()))
    }
}

/// The payload as JSON without its empty fields: the API reads `null` as the word "null".
fn arguments<P: Serialize>(payload: &P) -> Result<Value, serde_json::Error> {
    let mut body = serde_json::to_value(payload)?;
    if let Value::Object(fields) = &mut body {
        fields.retain(|_, value| !value.is_null());
    }
    Ok(body)
}

fn retry_after(response: &Response) -> Option<u64> {
    response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

/// Whether the connection was closed before it took the request.
fn cancelled(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_canceled))
}

/// The reason at the bottom: those above it only say that something failed.
fn innermost(error: &reqwest::Error) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error as &(dyn std::error::Error + 'static)), |e| e.source())
}
