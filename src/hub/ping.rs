//! Sending a topic's content to a subscriber (WebSub §7).

use std::time::Duration;

use anyhow::Result;
use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Response, StatusCode, header};
use sha2::Sha256;
use url::Url;

use super::{Held, Hub, rest};
use crate::channel::retry_after;
use crate::phrases;
use crate::secret::Secret;
use crate::store::{Ping, Pinged};

/// A subscriber answers within this.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The content that is owed is put on the shelf by now.
const SHELVED: TimeDelta = TimeDelta::seconds(1);

impl Hub {
    /// Sends a subscriber what it is owed.
    pub(super) async fn ping(&self, ping: &Ping) {
        let held = self.held(&ping.topic).await.filter(|held| held.etag == ping.etag);
        let Some(held) = held else {
            // Newer content is on its way to the shelf, or the topic is none of ours any more.
            let later = Pinged::Later { due: (self.clock)() + SHELVED, counts: false };
            self.told(self.store.settle_ping(ping, &later).await);
            return;
        };
        let (pinged, outcome) = match self.post(ping, held).await {
            Some(answer) if answer.status().is_success() => (Pinged::Done, "sent"),
            Some(answer) if answer.status() == StatusCode::GONE => (Pinged::Ended, "ended"),
            failed => self.failed(ping, failed.as_ref()),
        };
        self.metrics.hub_pinged(outcome);
        self.told(self.store.settle_ping(ping, &pinged).await);
    }

    fn failed(&self, ping: &Ping, answer: Option<&Response>) -> (Pinged, &'static str) {
        let asked = answer.and_then(retry_after);
        let host = Url::parse(&ping.callback).ok().and_then(|url| Some(url.host_str()?.to_owned()));
        let status = answer.map(|answer| answer.status().as_u16());
        tracing::info!(topic = ping.topic, host, status, attempt = ping.attempt, "{}", phrases::log_hub_ping_failed());
        match rest::after(ping.attempt, asked) {
            Some(rest) => (Pinged::Later { due: (self.clock)() + rest, counts: true }, "failed"),
            // The hub's limits end the subscription, as §7 says.
            None => (Pinged::Ended, "given_up"),
        }
    }

    /// The head of the answer; its body is never read, for it means nothing (§7) and may be endless.
    async fn post(&self, ping: &Ping, held: Held) -> Option<Response> {
        let url = Url::parse(&ping.callback).ok()?;
        let client = self.guarded.client(&url).ok()?;
        let mut request = client
            .post(url)
            .timeout(TIMEOUT)
            .header(header::CONTENT_TYPE, held.media_type)
            .header(header::LINK, format!("<{}>; rel=\"hub\", <{}>; rel=\"self\"", self.topics.hub(), ping.topic));
        if let Some(secret) = &ping.secret {
            request = request.header("x-hub-signature", self.told(signature(secret, &held.bytes))?);
        }
        request.body(held.bytes).send().await.ok()
    }
}

/// `method=signature`, in hexadecimal digits (§7.1).
fn signature(secret: &Secret, content: &[u8]) -> Result<String> {
    let mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).map_err(|_| anyhow::anyhow!("hub.secret"))?.chain_update(content);
    let digits: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("sha256={digits}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_hmac_with_the_secret_as_the_key() {
        // RFC 4231 §4.3.
        let signed = signature(&Secret::new("Jefe"), b"what do ya want for nothing?").unwrap();
        assert_eq!(signed, "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}
