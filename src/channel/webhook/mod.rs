//! Hands entries to other software, signed as Standard Webhooks 1.0 says. A receiver that
//! remembers the `webhook-id` sees each message once, however often it is sent.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::Utc;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, Response, StatusCode, header};
use serde::Deserialize;
use sha2::Sha256;
use url::Url;

use super::http::innermost;
use super::{Channel, Checked, Doubt, Guarded, Kind, Message, Notice, Pace, SendError, Setting};
use crate::outbox::{KnownIds, Sent};
use crate::phrases;
use crate::secret::{Given, Secret};
use crate::subscription::Address;

mod body;

pub(super) const KIND: Kind = Kind {
    name: "webhook",
    about: "Gửi tin đến phần mềm khác, có chữ ký Standard Webhooks · Hands the news to other software, signed",
    example: "[[channels]]\nname = \"hook\"\nkind = \"webhook\"\nsecret = { env = \"HOOK_SECRET\" }\n",
    build: |keys, setting| {
        let config = Config::deserialize(keys)?;
        let webhook = Webhook::new(&config, setting).map_err(serde::de::Error::custom)?;
        Ok(Arc::new(webhook))
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// `whsec_` and base64, or any text.
    secret: Given,
}

/// Standard Webhooks gives a receiver so long.
const TIMEOUT: Duration = Duration::from_secs(30);
/// A receiver may ask us to wait, but not longer than this.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);

struct Webhook {
    ways: Arc<dyn Guarded>,
    secret: Secret,
    /// What signs: from the secret, ready to use.
    mac: Hmac<Sha256>,
}

impl Webhook {
    fn new(config: &Config, setting: &Setting<'_>) -> Result<Self, String> {
        let secret = (setting.secret)(&config.secret)?;
        let key = match secret.expose().strip_prefix("whsec_") {
            Some(encoded) => STANDARD.decode(encoded).map_err(|_| phrases::webhook_secret_form())?,
            None => secret.expose().as_bytes().to_vec(),
        };
        let mac = Hmac::new_from_slice(&key).map_err(|_| phrases::webhook_secret_form())?;
        Ok(Self { ways: setting.guarded.clone(), secret, mac })
    }

    /// The header `webhook-signature` over `id.timestamp.body`.
    fn signature(&self, id: &str, timestamp: i64, body: &str) -> String {
        let mac = self.mac.clone().chain_update(format!("{id}.{timestamp}.{body}"));
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }

    /// Whether anything answers there; an `OPTIONS` request changes nothing at any receiver.
    async fn reach(&self, to: &Address) -> (Option<bool>, String) {
        let asked = address(to.chat()).and_then(|url| Ok((self.ways.client(&url)?, url)));
        let (http, url) = match asked {
            Ok(asked) => asked,
            Err(told) => return (Some(false), told),
        };
        match http.request(Method::OPTIONS, url.clone()).timeout(TIMEOUT).send().await {
            Ok(reply) => (None, phrases::check_answers(reply.status().as_u16())),
            Err(error) => (Some(false), self.ways.barred(&error, &url).unwrap_or_else(|| self.told(error))),
        }
    }

    fn told(&self, error: reqwest::Error) -> String {
        phrases::webhook_unreachable(&self.secret.strip(&innermost(&error.without_url())))
    }

    fn lost(&self, error: reqwest::Error, url: &Url) -> SendError {
        if let Some(cause) = self.ways.barred(&error, url) {
            return SendError::Gone { cause };
        }
        SendError::Retry { after: None, cause: self.told(error) }
    }
}

#[async_trait]
impl Channel for Webhook {
    fn render(&self, notice: &Notice<'_>) -> Vec<Message> {
        body::render(notice)
    }

    fn pace(&self) -> Pace {
        Pace { timeout: Some(TIMEOUT), ..Pace::default() }
    }

    fn accepts(&self, chat: &str) -> Result<(), String> {
        address(chat).map(drop)
    }

    async fn send(&self, to: &Address, message: &Message, key: &str) -> Result<Sent, SendError> {
        let url = address(to.chat()).map_err(|cause| SendError::Refused { cause })?;
        // The spec wants the time of this try, so that old captures cannot be replayed.
        let now = Utc::now().timestamp();
        // An admin may open a private address later, so what is owed to it is kept.
        let http = self.ways.client(&url).map_err(|cause| SendError::Gone { cause })?;
        let request = http
            .post(url.clone())
            .timeout(TIMEOUT)
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", key)
            .header("webhook-timestamp", now)
            .header("webhook-signature", self.signature(key, now, &message.text))
            .body(message.text.clone());
        // The reply's body is never read: it means nothing to us, and may be endless.
        let reply = request.send().await.map_err(|error| self.lost(error, &url))?;
        verdict(&reply)
    }

    /// Sending again is harmless: the receiver knows the message by its id.
    async fn resolve(&self, _to: &Address, _message: &Message, _known: &KnownIds) -> Result<Doubt, SendError> {
        Ok(Doubt::NotDelivered)
    }

    async fn check(&self, of: &[Address]) -> Vec<Checked> {
        let mut all = Vec::with_capacity(of.len());
        for to in of {
            let (holds, told) = self.reach(to).await;
            all.push(Checked { of: Some(to.clone()), holds, told });
        }
        all
    }
}

/// The receiver's address: `http` or `https`, and no password in it, for addresses are shown.
fn address(chat: &str) -> Result<Url, String> {
    let url = Url::parse(chat).map_err(|_| phrases::webhook_address())?;
    let web = matches!(url.scheme(), "http" | "https") && url.has_host();
    let open = url.username().is_empty() && url.password().is_none();
    if web && open { Ok(url) } else { Err(phrases::webhook_address()) }
}

fn verdict(reply: &Response) -> Result<Sent, SendError> {
    let status = reply.status();
    if status.is_success() {
        return Ok(Sent::default());
    }
    let cause = phrases::webhook_status(status.as_u16());
    Err(match status.as_u16() {
        410 => SendError::Gone { cause },
        // What speaks of this message alone would be said of it again, and news behind it waits.
        400 | 413 | 415 | 422 => SendError::Refused { cause },
        // All else is a failure of the receiver, as the spec says: a firewall answers 403, a proxy
        // whose certificate ran out 401, a receiver that is being moved 404.
        _ => SendError::Retry { after: asked_to_wait(reply, status), cause },
    })
}

/// `Retry-After` of 429 and 503, in seconds or as a date (RFC 9110 §10.2.3).
fn asked_to_wait(reply: &Response, status: StatusCode) -> Option<Duration> {
    if !matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        return None;
    }
    let told = reply.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match told.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => httpdate::parse_http_date(told).ok()?.duration_since(SystemTime::now()).unwrap_or_default(),
    };
    Some(wait.min(LONGEST_WAIT))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use axum::http::HeaderMap;
    use std::sync::Mutex;

    fn webhook(secret: &str) -> Result<Webhook, String> {
        rustls::crypto::ring::default_provider().install_default().ok();
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let resolve = |given: &Given| match given {
            Given::Text(text) => Ok(Secret::new(text.clone())),
            Given::Env(_) | Given::File(_) => Err("not here".to_owned()),
        };
        let setting = Setting {
            name: "hook",
            guarded: Arc::new(crate::channel::Anywhere(http)),
            tls: &crate::tls::client_config().unwrap(),
            base: &"https://loa.example/".parse().unwrap(),
            language: crate::phrases::Language::Vi,
            secret: &resolve,
        };
        Webhook::new(&Config { secret: Given::Text(secret.into()) }, &setting)
    }

    fn hello() -> Message {
        Message { text: "{\"type\":\"x\"}".into(), covers: 0..1, ..Message::default() }
    }

    /// A receiver that gives one answer and keeps what it got.
    async fn receiver(status: u16, retry_after: Option<&'static str>) -> (Address, Arc<Mutex<Vec<(HeaderMap, String)>>>) {
        let got: Arc<Mutex<Vec<(HeaderMap, String)>>> = Arc::default();
        let kept = Arc::clone(&got);
        let app = axum::Router::new().fallback(async move |headers: HeaderMap, body: String| {
            kept.lock().unwrap().push((headers, body));
            let mut answer = axum::http::Response::builder().status(status).header("location", "/other");
            if let Some(after) = retry_after {
                answer = answer.header("retry-after", after);
            }
            answer.body(axum::body::Body::empty()).unwrap()
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let to = Address::new("hook", format!("http://{}/in", listener.local_addr().unwrap()));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        (to, got)
    }

    #[test]
    fn the_signature_is_that_of_the_standard() {
        // The example of the specification's reference libraries.
        let hook = webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = "{\"test\": 2432232314}";
        assert_eq!(hook.signature("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert!(webhook("whsec_!!!").is_err());
        assert!(webhook("bat-ky").is_ok());
    }

    #[tokio::test]
    async fn every_try_has_the_same_id_and_body() {
        let (to, got) = receiver(204, None).await;
        let hook = webhook("bat-ky").unwrap();
        for _ in 0..2 {
            assert_eq!(hook.send(&to, &hello(), "d-1").await, Ok(Sent::default()));
        }
        let got = got.lock().unwrap().clone();
        for (headers, body) in got.iter() {
            let told = |name: &str| headers[name].to_str().unwrap().to_owned();
            assert_eq!((told("webhook-id"), told("content-type")), ("d-1".into(), "application/json".into()));
            assert_eq!(told("webhook-signature"), hook.signature("d-1", told("webhook-timestamp").parse().unwrap(), body));
            assert_eq!(*body, hello().text);
        }
        assert_eq!(got.len(), 2);
        assert_eq!(hook.resolve(&to, &hello(), &KnownIds::new()).await, Ok(Doubt::NotDelivered));
    }

    fn kind(told: &Result<Sent, SendError>) -> &'static str {
        match told {
            Ok(_) => "sent",
            Err(SendError::Retry { .. }) => "retry",
            Err(SendError::Gone { .. }) => "gone",
            Err(SendError::Refused { .. }) => "refused",
            Err(SendError::Down { .. } | SendError::Ended { .. } | SendError::InDoubt { .. } | SendError::Moved { .. }) => "unexpected",
        }
    }

    #[tokio::test]
    async fn each_answer_says_what_the_outbox_does_next() {
        let hook = webhook("bat-ky").unwrap();
        let refused = [400, 413, 415, 422].map(|status| (status, "refused"));
        let retry = [301, 302, 307, 401, 402, 403, 404, 405, 408, 409, 425, 429, 500, 502, 503, 504].map(|status| (status, "retry"));
        for (status, want) in [(200, "sent"), (202, "sent"), (410, "gone")].into_iter().chain(refused).chain(retry) {
            let (to, got) = receiver(status, None).await;
            let told = hook.send(&to, &hello(), "d-1").await;
            assert_eq!(kind(&told), want, "{status}: {told:?}");
            assert_eq!(got.lock().unwrap().len(), 1, "{status}: a redirect is not followed");
        }
    }

    #[tokio::test]
    async fn a_receiver_may_ask_us_to_wait() {
        let hook = webhook("bat-ky").unwrap();
        for (status, told, want) in [
            (429, "7", Some(7)),
            (503, "120", Some(120)),
            (503, "31536000", Some(86_400)),
            (503, "Fri, 31 Dec 9999 23:59:59 GMT", Some(86_400)),
            (503, "Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            (503, "soon", None),
            (500, "7", None),
        ] {
            let (to, _) = receiver(status, Some(told)).await;
            let Err(SendError::Retry { after, .. }) = hook.send(&to, &hello(), "d-1").await else { panic!("{status} {told}") };
            assert_eq!(after.map(|d| d.as_secs()), want, "{status} {told}");
        }
    }

    #[tokio::test]
    async fn one_dead_receiver_is_not_the_whole_channel() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let to = Address::new("hook", format!("http://{}/", listener.local_addr().unwrap()));
        drop(listener);
        let told = webhook("bat-ky").unwrap().send(&to, &hello(), "d-1").await;
        assert_eq!(kind(&told), "retry", "{told:?}");
    }

    #[test]
    fn an_address_is_a_web_address_without_a_password() {
        let hook = webhook("bat-ky").unwrap();
        for (chat, good) in [
            ("https://phuong.example/nhan-tin", true),
            ("http://127.0.0.1:9000/", true),
            ("ftp://a.example/", false),
            ("https://me:pw@a.example/", false),
            ("https://", false),
            ("all", false),
        ] {
            assert_eq!(hook.accepts(chat).is_ok(), good, "{chat}");
        }
    }
}
