//! One browser as its `PushManager` tells of it. Its address and its secret let anybody write to
//! it, so they stay in the store; what addresses and logs show is a name that is neither.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use crate::phrases;

/// Longer addresses are none of a push service.
const LONGEST: usize = 1024;
/// Characters of a name: beyond meeting another one by chance.
const NAME: usize = 22;
/// An uncompressed point of P-256, and the secret beside it.
const KEY: usize = 65;
const SECRET: usize = 16;

/// A browser that may be written to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Browser {
    pub(super) endpoint: Url,
    pub(super) key: Vec<u8>,
    pub(super) secret: Vec<u8>,
}

/// The same as JSON, in the browser's own form.
#[derive(Serialize, Deserialize)]
struct Written {
    endpoint: String,
    keys: Keys,
}

#[derive(Serialize, Deserialize)]
struct Keys {
    p256dh: String,
    auth: String,
}

impl Browser {
    /// Reads what `PushSubscription.toJSON()` gave.
    pub(super) fn read(json: &str) -> Result<Self, String> {
        let wrong = || phrases::push_bad_browser();
        let written: Written = serde_json::from_str(json).map_err(|_| wrong())?;
        let endpoint = Url::parse(&written.endpoint).ok().filter(|url| url.as_str().len() <= LONGEST);
        let endpoint = endpoint.filter(|url| matches!(url.scheme(), "https" | "http") && url.username().is_empty()).ok_or_else(wrong)?;
        let decoded = |text: &str, length: usize| {
            let bytes = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
            bytes.filter(|bytes| bytes.len() == length).ok_or_else(wrong)
        };
        let key = decoded(&written.keys.p256dh, KEY)?;
        Ok(Self { endpoint, key, secret: decoded(&written.keys.auth, SECRET)? })
    }

    /// As it is remembered.
    pub(super) fn written(&self) -> String {
        let keys = Keys { p256dh: URL_SAFE_NO_PAD.encode(&self.key), auth: URL_SAFE_NO_PAD.encode(&self.secret) };
        serde_json::to_string(&Written { endpoint: self.endpoint.to_string(), keys }).unwrap_or_default()
    }
}

/// What a browser is called in addresses: always the same, and no way back.
pub(super) fn name(endpoint: &Url) -> String {
    text_name(endpoint.as_str())
}

/// The same of any text.
pub(super) fn text_name(text: &str) -> String {
    let mut name = URL_SAFE_NO_PAD.encode(Sha256::digest(text));
    name.truncate(NAME);
    name
}

/// Whether this can be a browser's name.
pub(super) fn is_name(chat: &str) -> bool {
    chat.len() == NAME && chat.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
