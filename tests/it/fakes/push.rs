//! A push service on loopback (RFC 8030). It knows one browser's private key, so it opens what it
//! is given, and verifies who sent it: refused is whatever a real push service or browser refuses.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;
use p256::PublicKey;
use p256::SecretKey;
use p256::elliptic_curve::ecdh::diffie_hellman;
use p256::elliptic_curve::sec1::ToSec1Point as _;
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::{Value, json};

use super::mishap::Mishap;
use super::platform::{Call, Reply, Rules, Seen};

/// One browser's keys; the first are those of RFC 8291, appendix A.
pub(crate) struct BrowserKeys {
    private: SecretKey,
    auth: Vec<u8>,
}

pub(crate) const RFC_PRIVATE: &str = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94";
pub(crate) const RFC_AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";
/// Where the push service takes messages for this browser; whoever knows it may write to it.
/// A browser that subscribed to another key.
pub(crate) const STRANGER: &str = "/push/v2/stranger";
pub(crate) const PATH: &str = "/push/v2/MARKED-endpoint-secret";

fn bytes(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap_or_default()
}

impl BrowserKeys {
    pub(crate) fn of_the_rfc() -> Self {
        Self { private: SecretKey::from_slice(&bytes(RFC_PRIVATE)).unwrap(), auth: bytes(RFC_AUTH) }
    }

    fn public(&self) -> Vec<u8> {
        self.private.public_key().to_sec1_point(false).as_bytes().to_vec()
    }

    /// What `PushSubscription.toJSON()` gives.
    pub(crate) fn subscription(&self, endpoint: &str) -> Value {
        let keys = json!({ "p256dh": URL_SAFE_NO_PAD.encode(self.public()), "auth": URL_SAFE_NO_PAD.encode(&self.auth) });
        json!({ "endpoint": endpoint, "expirationTime": null, "keys": keys })
    }

    /// Opens a message: RFC 8188 with one record, keys by RFC 8291.
    pub(crate) fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, String> {
        let part = |from: usize, to: usize| sealed.get(from..to).ok_or("too short");
        let (salt, size, length) = (part(0, 16)?, u32::from_be_bytes(part(16, 20)?.try_into().unwrap()), part(20, 21)?[0]);
        let end = 21 + usize::from(length);
        let (theirs, record) = (part(21, end)?, part(end, sealed.len())?);
        if sealed.len() > 4096 || record.len() > size as usize {
            return Err("longer than a record".into());
        }
        let public = PublicKey::from_sec1_bytes(theirs).map_err(|_| "no point of P-256")?;
        let shared = diffie_hellman(self.private.to_nonzero_scalar(), public.as_affine());
        let info = [b"WebPush: info\0".as_slice(), &self.public(), theirs].concat();
        let secret: [u8; 32] = derived(&self.auth, shared.raw_secret_bytes(), &info);
        let key: [u8; 16] = derived(salt, &secret, b"Content-Encoding: aes128gcm\0");
        let nonce: [u8; 12] = derived(salt, &secret, b"Content-Encoding: nonce\0");
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).unwrap());
        let mut record = record.to_vec();
        let plain = key.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record).map_err(|_| "cannot be opened")?;
        let last = plain.iter().rposition(|byte| *byte != 0).ok_or("no padding")?;
        if plain[last] != 2 { Err("not the last record".into()) } else { Ok(plain[..last].to_vec()) }
    }
}

/// HKDF with SHA-256 by hand (RFC 5869), for outputs of one block.
fn derived<const N: usize>(salt: &[u8], secret: &[u8], info: &[u8]) -> [u8; N] {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let hmac = |key: &[u8], data: &[u8]| Hmac::<sha2::Sha256>::new_from_slice(key).unwrap().chain_update(data).finalize().into_bytes();
    let block = hmac(&hmac(salt, secret), &[info, &[1]].concat());
    block[..N].try_into().unwrap()
}

pub(crate) struct PushService {
    pub(crate) keys: BrowserKeys,
}

impl Rules for PushService {
    fn carries(&self, call: &Call) -> bool {
        call.method == "POST"
    }

    fn judge(&self, call: &Call, seen: &mut Vec<Seen>) -> Result<Reply, Reply> {
        if call.target == STRANGER {
            return Err(Reply::new(403, "the VAPID credentials do not correspond to those of the subscription"));
        }
        if call.target != PATH {
            return Err(Reply::new(404, "no such browser"));
        }
        if call.method == "OPTIONS" {
            return Ok(Reply::new(405, ""));
        }
        let no = |status: u16, why: &str| Err(Reply::new(status, why));
        let (topic, ttl, urgency) = (call.header("topic"), call.header("ttl").parse::<u32>(), call.header("urgency"));
        let base64url = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        match () {
            () if call.method != "POST" => return no(405, "method"),
            () if ttl.is_err() => return no(400, "ttl"),
            () if !["very-low", "low", "normal", "high"].contains(&urgency) => return no(400, "urgency"),
            () if !(1..=32).contains(&topic.len()) || !base64url(topic) => return no(400, "topic"),
            () if call.header("content-encoding") != "aes128gcm" => return no(415, "content-encoding"),
            () if call.body.len() > 4096 => return no(413, "too large"),
            () => {}
        }
        let host = format!("http://{}", call.header("host"));
        if let Err(why) = vouched(call.header("authorization"), &host) {
            return no(403, why);
        }
        let note: Value = match self.keys.open(&call.body).map(|plain| serde_json::from_slice(&plain)) {
            Ok(Ok(note)) => note,
            other => return no(400, &format!("{other:?}")),
        };
        let text = |key: &str| note[key].as_str().unwrap_or_default().to_owned();
        if !text("url").starts_with("http") || text("tag").is_empty() {
            return no(400, "this worker wants an address and a tag");
        }
        // One that waits under the same topic, or is shown under the same tag, is replaced.
        seen.retain(|known| known.key != topic && known.id != text("tag"));
        seen.push(Seen { id: text("tag"), place: PATH.into(), key: topic.into(), title: text("title"), text: text("body") });
        Ok(Reply::new(201, "").with("location", "/message/1"))
    }

    fn spoilt(&self, mishap: Mishap) -> Option<Reply> {
        match mishap {
            Mishap::ServerError => Some(Reply::new(500, "inner error")),
            Mishap::Flood(seconds) => Some(Reply::new(429, "").with("retry-after", seconds)),
            Mishap::Reset | Mishap::LostAnswer | Mishap::HtmlPage | Mishap::BadToken | Mishap::Gone => None,
        }
    }
}

/// RFC 8292: `vapid t=…, k=…`, signed by `k` for this push service, for a day at most.
fn vouched(header: &str, audience: &str) -> Result<(), &'static str> {
    let given = header.strip_prefix("vapid ").ok_or("no vapid")?;
    let field = |name: &str| given.split(',').find_map(|part| part.trim().strip_prefix(name)).ok_or("no t or k");
    let (token, key) = (field("t=")?, bytes(field("k=")?));
    let (signed, signature) = token.rsplit_once('.').ok_or("no token")?;
    let (head, claims) = signed.split_once('.').ok_or("no token")?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &key).verify(signed.as_bytes(), &bytes(signature)).map_err(|_| "signature")?;
    let head: Value = serde_json::from_slice(&bytes(head)).map_err(|_| "head")?;
    let claims: Value = serde_json::from_slice(&bytes(claims)).map_err(|_| "claims")?;
    let left = claims["exp"].as_i64().unwrap_or_default() - Utc::now().timestamp();
    match () {
        () if head["alg"] != "ES256" => Err("alg"),
        () if claims["aud"] != audience => Err("aud"),
        () if !(1..=86_400).contains(&left) => Err("exp"),
        () if !claims["sub"].as_str().unwrap_or_default().starts_with("mailto:") => Err("sub"),
        () => Ok(()),
    }
}
