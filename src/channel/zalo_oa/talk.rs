//! The part of an Official Account that people can talk to: Zalo pushes what they write, and they
//! are answered by consultation messages.

use async_trait::async_trait;
use chrono::Utc;
use reqwest::header::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::ZaloOa;
use super::heard::{Seal, read};
use super::place::Place;
use super::refusal::verdict;
use crate::channel::zalo_talk::{hand_over, in_words};
use crate::channel::{Desk, Knock, Pushed, Reply, SendError, Talk};
use crate::outbox::Sent;
use crate::phrases;
use crate::subscription::Address;

const SIGNATURE: &str = "x-zevent-signature";
const TIMESTAMP: &str = "x-zevent-timestamp";

/// How an account hears.
#[derive(Deserialize, Debug, Clone, Copy, Default, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Listen {
    /// Zalo tells it.
    #[default]
    Webhook,
    /// Not at all.
    Off,
}

fn told<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[async_trait]
impl Talk for ZaloOa {
    fn account(&self) -> String {
        format!("zalo-oa:{}/{}", self.app_id, self.oa_id)
    }

    async fn listen(&self, _desk: &dyn Desk, stop: &CancellationToken) {
        stop.cancelled().await;
    }

    fn knock(&self, headers: &HeaderMap) -> Knock {
        if told(headers, SIGNATURE).is_some() { Knock::Unsure } else { Knock::Stranger }
    }

    async fn pushed(&self, headers: &HeaderMap, body: &[u8], desk: &dyn Desk) -> Pushed {
        let event = serde_json::from_slice::<Value>(body).ok();
        let seal = Seal { app: &self.app_id, secret: self.secret.expose() };
        if !seal.is_on(body, told(headers, SIGNATURE).unwrap_or_default(), event.as_ref(), told(headers, TIMESTAMP)) {
            return Pushed::Stranger;
        }
        hand_over(desk, &self.name, event.and_then(|event| read(&event, &self.name, &self.oa_id))).await
    }

    async fn manages(&self, _chat: &Address, _speaker: &str) -> Result<bool, SendError> {
        Ok(false)
    }

    async fn answer(&self, to: &Address, reply: &Reply, _key: &str) -> Result<Sent, SendError> {
        let Ok(Place::User(id)) = Place::parse(to.chat()) else {
            return Err(SendError::Refused { cause: phrases::zalo_oa_address() });
        };
        let body = json!({ "recipient": { "user_id": id }, "message": { "text": in_words(reply, self.language) } });
        let taken = self.api.post("v3.0/oa/message/cs", &body).await.map_err(|fault| verdict(fault, Utc::now()))?;
        let id = taken.get("message_id").and_then(Value::as_str).map(str::to_owned);
        Ok(Sent { ids: id.into_iter().collect() })
    }

    async fn acknowledge(&self, _query: &str, _words: &str) {}

    fn way(&self) -> &'static str {
        "zalo-oa"
    }

    fn door(&self, _payload: &str) -> Option<Url> {
        None
    }
}
