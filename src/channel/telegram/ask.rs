//! The calls of a bot that listens. Where teloxide's payloads cannot say what is needed (update
//! numbers beyond 32 bits, updates as they come), they are written here.

use serde::Serialize;
use serde_json::Value;
use teloxide::requests::Payload;
use url::Url;

use super::heard::KINDS;

/// `getUpdates`.
#[derive(Serialize)]
pub(super) struct Updates {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) offset: Option<i64>,
    pub(super) limit: u8,
    pub(super) timeout: u64,
    allowed_updates: [&'static str; 3],
}

impl Updates {
    pub(super) const fn new(offset: Option<i64>, limit: u8, timeout: u64) -> Self {
        Self { offset, limit, timeout, allowed_updates: KINDS }
    }
}

impl Payload for Updates {
    type Output = Vec<Value>;
    const NAME: &'static str = "GetUpdates";
}

/// `setWebhook`.
#[derive(Serialize)]
pub(super) struct Hook<'a> {
    pub(super) url: &'a Url,
    pub(super) secret_token: &'a str,
    allowed_updates: [&'static str; 3],
}

impl<'a> Hook<'a> {
    pub(super) const fn new(url: &'a Url, secret_token: &'a str) -> Self {
        Self { url, secret_token, allowed_updates: KINDS }
    }
}

impl Payload for Hook<'_> {
    type Output = Value;
    const NAME: &'static str = "SetWebhook";
}
