//! Requests to a platform's HTTP API, and what a failed one means: surely not sent, or perhaps sent.

use std::time::{Duration, SystemTime};

use reqwest::{RequestBuilder, Response, header};

use super::SendError;
use crate::phrases;
use crate::secret::Secret;

const CONNECT: Duration = Duration::from_secs(5);
/// The longest a request takes from its first byte to its last.
pub(super) const TOTAL: Duration = Duration::from_secs(60);
/// Idle connections are closed by us before the server does it while a message is under way.
const IDLE: Duration = Duration::from_secs(20);
/// The longest answer that is read, unless more is asked for.
const ANSWER: usize = 64 * 1024;

/// A client for one platform, with the secrets that no error may show.
pub(super) struct Http {
    client: reqwest::Client,
    secrets: Vec<Secret>,
    /// The longest answer that is read.
    most: usize,
}

/// Why a request has no answer. The text is for people and holds none of the secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// No connection came about (name, route, TLS): surely nothing was sent.
    Unreached(String),
    /// The connection went before the request was written.
    Unwritten(String),
    /// The request was written and no whole answer came: perhaps done.
    Lost(String),
}

/// What the platform answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// The HTTP status.
    pub(super) status: u16,
    /// `Retry-After`, in seconds or as a date (RFC 9110 §10.2.3).
    pub(super) retry_after: Option<Duration>,
    /// Calls that are left in this minute, where the platform says so (`X-RateLimit-Remain`).
    pub(super) left: Option<u64>,
    /// The body, up to 64 KiB unless more is asked for; what is longer is cut and so cannot be read as JSON.
    pub(super) body: Vec<u8>,
}

impl Http {
    /// # Errors
    /// A sentence without secrets, when no client can be built.
    pub(super) fn new(tls: &rustls::ClientConfig, secrets: Vec<Secret>) -> Result<Self, String> {
        Self::within(TOTAL, tls, secrets)
    }

    fn within(total: Duration, tls: &rustls::ClientConfig, secrets: Vec<Secret>) -> Result<Self, String> {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.clone())
            .connect_timeout(CONNECT)
            .timeout(total)
            .pool_idle_timeout(IDLE)
            // A proxy of the environment is used: where a platform is blocked, it is the way out.
            .redirect(reqwest::redirect::Policy::none())
            // One request per connection at a time, so that an error says what became of it.
            .http1_only()
            .build();
        match client {
            Ok(client) => Ok(Self { client, secrets, most: ANSWER }),
            Err(error) => Err(strip(&secrets, &innermost(&error))),
        }
    }

    /// Reads answers of up to so many bytes.
    pub(super) fn reading(self, most: usize) -> Self {
        Self { most, ..self }
    }

    /// For building requests.
    pub(super) const fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Makes one request and reads its answer.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Answer, Fault> {
        let response = request.send().await.map_err(|error| self.fault(error))?;
        let (status, retry_after, left) = (response.status().as_u16(), retry_after(&response), left(&response));
        Ok(Answer { status, retry_after, left, body: self.read(response).await? })
    }

    /// A text of the platform, without secrets.
    pub(super) fn strip(&self, text: &str) -> String {
        strip(&self.secrets, text)
    }

    async fn read(&self, mut response: Response) -> Result<Vec<u8>, Fault> {
        let lost = |error: reqwest::Error| Fault::Lost(self.told(error));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(lost)? {
            let room = self.most - body.len();
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
        self.strip(&innermost(&error.without_url()))
    }
}

impl Fault {
    /// What the outbox does next, in words that name the platform.
    pub(super) fn verdict(self, platform: &str) -> SendError {
        match self {
            Self::Unreached(why) => SendError::Down { after: None, cause: phrases::platform_unreachable(platform, &why) },
            Self::Unwritten(why) => SendError::Retry { after: None, cause: phrases::platform_not_sent(platform, &why) },
            Self::Lost(why) => SendError::InDoubt { cause: phrases::platform_answer_lost(platform, &why) },
        }
    }
}

fn strip(secrets: &[Secret], text: &str) -> String {
    secrets.iter().fold(text.to_owned(), |text, secret| secret.strip(&text))
}

/// How long an answer asks to be left alone, in seconds or as a date (RFC 9110 §10.2.3).
pub(crate) fn retry_after(response: &Response) -> Option<Duration> {
    let told = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    match told.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        Err(_) => Some(httpdate::parse_http_date(told).ok()?.duration_since(SystemTime::now()).unwrap_or_default()),
    }
}

fn left(response: &Response) -> Option<u64> {
    response.headers().get("x-ratelimit-remain")?.to_str().ok()?.trim().parse().ok()
}

/// Whether the connection was closed before it took the request.
fn cancelled(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_canceled))
}

/// The reason at the bottom: those above it only say that something failed.
pub(super) fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

fn causes<'a>(error: &'a (dyn std::error::Error + 'static)) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |e| e.source())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn an_answer_that_stalls_is_left_and_nobody_knows() {
        rustls::crypto::ring::default_provider().install_default().ok();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let read = stream.read(&mut [0; 4096]).await.unwrap();
            assert!(read > 0);
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{").await.unwrap();
            std::future::pending::<()>().await;
        });
        let http = Http::within(Duration::from_millis(300), &crate::tls::client_config().unwrap(), Vec::new()).unwrap();
        let told = http.send(http.client().post(url)).await;
        assert!(matches!(told, Err(Fault::Lost(_))), "{told:?}");
    }
}
