//! Calls to the Bot API with teloxide's payloads, over a transport of our own: teloxide's waits
//! ten seconds inside each 5xx, drops the error code and prints bodies that may hold the token.

use std::time::Duration;

use bytes::Bytes;
use reqwest::multipart::{Form, Part};
use reqwest::{Body, RequestBuilder};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use teloxide::requests::Payload;
use url::Url;

use crate::channel::http::{self, Http};
use crate::secret::Secret;

/// A file that travels with a call.
pub(super) struct Upload {
    pub(super) name: String,
    pub(super) bytes: Bytes,
}

/// One bot at one Bot API server.
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
    Answer(Answer),
}

/// A refusal in the Bot API's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// `error_code`, or the HTTP status.
    pub(super) code: u16,
    /// `description`.
    pub(super) text: String,
    /// How long to wait: from `parameters`, else from the header `Retry-After`.
    pub(super) retry_after: Option<Duration>,
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
        let http = Http::new(tls, vec![token.clone()])?;
        Ok(Self { http, base, token })
    }

    /// Reads answers of up to so many bytes.
    pub(super) fn reading(self, most: usize) -> Self {
        Self { http: self.http.reading(most), ..self }
    }

    /// The bot's number, which is no secret.
    pub(super) fn bot(&self) -> &str {
        self.token.expose().split(':').next().unwrap_or_default()
    }

    /// Makes one call.
    pub(super) async fn call<P: Payload + Serialize, R: for<'de> Deserialize<'de>>(&self, payload: &P) -> Result<R, Fault> {
        let body = arguments(payload).map_err(|error| Fault::None(http::Fault::Unwritten(error.to_string())))?;
        self.answer(self.http.client().post(self.address(P::NAME)).json(&body)).await
    }

    /// Makes one call that carries a file as `field`, in place of what the payload has there.
    pub(super) async fn upload<P: Payload + Serialize, R: for<'de> Deserialize<'de>>(
        &self,
        payload: &P,
        field: &'static str,
        file: Upload,
    ) -> Result<R, Fault> {
        let body = arguments(payload).map_err(|error| Fault::None(http::Fault::Unwritten(error.to_string())))?;
        let length = file.bytes.len() as u64;
        // One copy in memory serves all chats.
        let part = Part::stream_with_length(Body::from(file.bytes), length).file_name(file.name);
        // The server takes names as they are.
        let mut form = Form::new().percent_encode_noop().part(field, part);
        for (name, value) in body.as_object().into_iter().flatten().filter(|(name, _)| *name != field) {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            form = form.text(name.clone(), text);
        }
        self.answer(self.http.client().post(self.address(P::NAME)).multipart(form)).await
    }

    async fn answer<R: for<'de> Deserialize<'de>>(&self, request: RequestBuilder) -> Result<R, Fault> {
        let http::Answer { status, retry_after, body, .. } = self.http.send(request).await.map_err(Fault::None)?;
        let reply: Reply = serde_json::from_slice(&body).map_err(|_| Fault::Strange { status, retry_after })?;
        if reply.ok {
            // The call was done; without a readable result we do not know what came of it.
            return reply.result.and_then(|r| serde_json::from_value(r).ok()).ok_or(Fault::Strange { status, retry_after });
        }
        Err(Fault::Answer(Answer {
            code: reply.error_code.unwrap_or(status),
            text: self.token.strip(&reply.description),
            retry_after: reply.parameters.retry_after.map(Duration::from_secs).or(retry_after),
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
}

/// The payload as JSON without its empty fields: the API reads `null` as the word "null".
fn arguments<P: Serialize>(payload: &P) -> Result<Value, serde_json::Error> {
    let mut body = serde_json::to_value(payload)?;
    if let Value::Object(fields) = &mut body {
        fields.retain(|_, value| !value.is_null());
    }
    Ok(body)
}
