//! The part of a bot that people can talk to. It has no buttons, and tells nobody who decides for a
//! group: groups are named by the config.

use async_trait::async_trait;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::heard::read;
use super::refusal::verdict;
use super::{ZaloBot, sent};
use crate::channel::ear;
use crate::channel::zalo_talk::{hand_over, in_words};
use crate::channel::{Desk, Knock, Pushed, Reply, SendError, Talk};
use crate::outbox::Sent;
use crate::subscription::Address;

/// What Zalo proves itself with.
const SECRET: &str = "x-bot-api-secret-token";

#[async_trait]
impl Talk for ZaloBot {
    fn account(&self) -> String {
        format!("zalo-poll:{}", self.api.bot())
    }

    async fn listen(&self, desk: &dyn Desk, stop: &CancellationToken) {
        ear::listen(self, desk, stop).await;
    }

    fn knock(&self, headers: &HeaderMap) -> Knock {
        self.ear.knock(headers.get(SECRET))
    }

    async fn pushed(&self, headers: &HeaderMap, body: &[u8], desk: &dyn Desk) -> Pushed {
        if self.knock(headers) != Knock::Known {
            return Pushed::Stranger;
        }
        // What cannot be read today cannot be read when it is pushed again.
        let Ok(update) = serde_json::from_slice::<Value>(body) else { return Pushed::Taken };
        hand_over(desk, &self.name, read(&update, &self.name)).await
    }

    async fn manages(&self, _chat: &Address, _speaker: &str) -> Result<bool, SendError> {
        Ok(false)
    }

    async fn answer(&self, to: &Address, reply: &Reply, _key: &str) -> Result<Sent, SendError> {
        let body = json!({ "chat_id": to.chat(), "text": in_words(reply, self.language) });
        self.api.call("sendMessage", &body).await.map(|took| sent(&took)).map_err(verdict)
    }

    async fn acknowledge(&self, _query: &str, _words: &str) {}

    fn way(&self) -> &'static str {
        "zalo-bot"
    }

    fn door(&self, _payload: &str) -> Option<Url> {
        None
    }
}
